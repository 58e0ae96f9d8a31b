"""Compares what the native files of a bundle load with depends.txt, both ways.

    python packaging/linux/check_depends.py BUNDLE [DEPENDS]

Counted are the libraries that the ELF files name, without those that the bundle brings, and those
that the program loads by name at run time. The exit code is 1 where something is missing in the
list or too much, or where a version of glibc or libstdc++ is not the one that is needed. It needs
readelf (package binutils).
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
DEPENDS = FOLDER / "depends.txt"
SOURCES = FOLDER.parents[1] / "notesearch"

# Of which version of its package a symbol version is. Both packages are called as their upstream.
GCC = {"3.4.26": "9", "3.4.28": "10", "3.4.29": "11", "3.4.30": "12", "3.4.32": "13",
       "3.4.33": "14", "3.4.34": "15"}  # fmt: skip
PACKED_RELOCATIONS = "2.36"
"""The version of glibc that GLIBC_ABI_DT_RELR stands for."""

_LINE = re.compile(r"(?P<sonames>[^\s#?]+)(?P<optional>\??)\s+(?P<package>[^#]+?)\s+#\s*\S.*")
_LEAST = re.compile(r"\(>= ([\d.]+)\)")
_LOADED = re.compile(r"""["'](lib[\w+.-]+\.so(?:\.\d+)*)["']""")
_READ = re.compile(
    r"^File: (?P<file>.*)$|\(NEEDED\).*\[(?P<needed>.*)\]|\(SONAME\).*\[(?P<soname>.*)\]"
    r"|  File: (?P<of>\S+) |Name: (?P<symbols>(?:GLIBC|GLIBCXX)_\S+)",
    re.MULTILINE,
)


class DependsError(Exception):
    """What cannot be read; says which and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A library of the system, and the package that has it."""

    sonames: tuple[str, ...]
    package: str
    """As Debian's Depends has it: with a version, and alternatives."""
    optional: bool
    """Whether it depends on how Python was built."""

    def is_loaded(self, wanted: Container[str]) -> bool:
        """Say whether any of its libraries is among those that are wanted."""
        return any(soname in wanted for soname in self.sonames)


@dataclass(slots=True)
class Found:
    """What the files of a bundle load, and one file that does each."""

    needed: dict[str, str] = field(default_factory=dict)
    brought: set[str] = field(default_factory=set)
    glibc: tuple[int, ...] = ()
    libstdcxx: tuple[int, ...] = ()


def read(file: Path = DEPENDS) -> list[Entry]:
    """Return the entries of a list. Raises DependsError."""
    entries: list[Entry] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise DependsError(f"{file.name}:{number}: wanted: SONAME  PACKAGE  # REASON")
        sonames = tuple(found["sonames"].split(","))
        if any(entry.is_loaded(sonames) or entry.package == found["package"] for entry in entries):
            raise DependsError(f"{file.name}:{number}: a library or a package is there twice")
        entries.append(Entry(sonames, found["package"], bool(found["optional"])))
    return entries


def depends(entries: list[Entry], found: Found, by_name: dict[str, str]) -> list[str]:
    """Return what Depends of a package must name for a bundle. Raises DependsError.

    The versions are those that this bundle needs.
    """
    wanted = _wanted(found, by_name)
    if missing := _missing(entries, wanted):
        raise DependsError(f"not in {DEPENDS.name}: {', '.join(missing)}; see check_depends.py")
    least = _least(found)
    return [
        _LEAST.sub(f"(>= {least[entry.sonames[0]]})" if entry.sonames[0] in least else r"\g<0>",
                   entry.package)
        for entry in entries if entry.is_loaded(wanted)
    ]  # fmt: skip


def examine(bundle: Path) -> Found:
    """Return what the native files of a bundle load. Raises DependsError."""
    files = [path for path in sorted(bundle.rglob("*")) if _is_elf(path)]
    if not files:
        raise DependsError(f"{bundle} holds no ELF file")
    found = Found(brought={path.name for path in bundle.rglob("*")})
    # The name of a lone file is not printed.
    said = _readelf([*files, files[0]])
    place, library = "", ""
    for line in _READ.finditer(said):
        place, library = line["file"] or place, line["of"] or library
        if line["soname"]:
            found.brought.add(line["soname"])
        elif line["needed"]:
            found.needed.setdefault(line["needed"], str(Path(place).relative_to(bundle)))
        elif line["symbols"] and library not in found.brought:
            _count_version(found, line["symbols"])
    return found


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _readelf(files: list[Path]) -> str:
    program = shutil.which("readelf")
    if program is None:
        raise DependsError("readelf is missing: install the package binutils")
    done = subprocess.run(
        [program, "--dynamic", "--version-info", "--wide", *files],
        env={"LC_ALL": "C"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DependsError(f"readelf: {done.stderr.strip()}")
    return done.stdout


def _count_version(found: Found, symbols: str) -> None:
    """Remember a version of symbols if it is the highest so far."""
    kind, _, version = symbols.partition("_")
    version = PACKED_RELOCATIONS if version == "ABI_DT_RELR" else version
    if re.fullmatch(r"[\d.]+", version) is None:
        return
    numbers = tuple(int(number) for number in version.split("."))
    if kind == "GLIBC":
        found.glibc = max(found.glibc, numbers)
    else:
        found.libstdcxx = max(found.libstdcxx, numbers)


def loaded(sources: Path = SOURCES) -> dict[str, str]:
    """Return the libraries that the program loads by name, and where."""
    return {
        name: f"{path.relative_to(sources.parent)} (at run time)"
        for path in sorted(sources.rglob("*.py"))
        for name in _LOADED.findall(path.read_text(encoding="utf-8"))
    }


def problems(entries: list[Entry], found: Found, by_name: dict[str, str]) -> Iterator[str]:
    """Yield what is missing in the list, and what is too much."""
    wanted = _wanted(found, by_name)
    for soname in _missing(entries, wanted):
        yield f"missing: {soname}, for {wanted[soname]}{_owner(soname)}"
    for entry in entries:
        if not entry.optional and not entry.is_loaded(wanted):
            yield f"too much: {', '.join(entry.sonames)}: nothing in the bundle loads it"
    for soname, least in _least(found).items():
        entry = next((entry for entry in entries if soname in entry.sonames), None)
        said = _LEAST.search(entry.package) if entry else None
        if entry and (said is None or said[1] != least):
            yield f"version: {entry.package} must be (>= {least}), by the symbols that are used"


def _wanted(found: Found, by_name: dict[str, str]) -> dict[str, str]:
    """Return the libraries that the system must have, and what wants each."""
    every = {**by_name, **found.needed}
    return {soname: every[soname] for soname in sorted(every.keys() - found.brought)}


def _missing(entries: list[Entry], wanted: Iterable[str]) -> list[str]:
    return [soname for soname in wanted if not any(e.is_loaded({soname}) for e in entries)]


def _least(found: Found) -> dict[str, str]:
    """Return the versions of packages that have the symbols, by a library of each."""
    # Not every version of symbols was the last in a release: the next known one has it.
    known = (number for number in GCC if tuple(map(int, number.split("."))) >= found.libstdcxx)
    least = {}
    if found.glibc:
        least["libc.so.6"] = ".".join(map(str, found.glibc))
    if found.libstdcxx:
        least["libstdc++.so.6"] = GCC.get(next(known, ""), "newer than check_depends.py knows")
    return least


def _owner(soname: str) -> str:
    """Name the package that has a library here, where dpkg can tell."""
    program = shutil.which("dpkg")
    if program is None:
        return ""
    done = subprocess.run(
        [program, "-S", f"*/{soname}"], capture_output=True, text=True, check=False
    )
    return f" (here in {done.stdout.partition(':')[0]})" if done.stdout else ""


def main(arguments: list[str]) -> int:
    """Compare, and print what is wrong."""
    if len(arguments) not in {1, 2}:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        entries = read(Path(arguments[1]) if arguments[1:] else DEPENDS)
        found = examine(Path(arguments[0]))
    except (DependsError, OSError) as error:
        print(f"check_depends: {error}", file=sys.stderr)
        return 1
    said = list(problems(entries, found, loaded()))
    for problem in said:
        print(problem)
    if not said:
        print(f"depends.txt is complete and minimal: {len(entries)} packages")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
