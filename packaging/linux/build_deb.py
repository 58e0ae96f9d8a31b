"""Makes the Debian package of a bundle, with nothing but dpkg-deb.

    python packaging/linux/build_deb.py BUNDLE OUT_FOLDER [--version V] [--compression C]

prints the path of the package. It needs a Python that has what notesearch needs, since the manual
page comes from its argument parser, and dpkg-deb. The same bundle and commit, or SOURCE_DATE_EPOCH,
give the same bytes.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import changelog
import check_depends
import copyright_file
import man
import metainfo

from notesearch import __version__, desktop_entry, identity
from notesearch.paths import APP_ID

ROOT = changelog.ROOT
HERE = Path(__file__).resolve().parent
NAME = identity.NAME
ARCHITECTURE = "amd64"
# Without fonts for them, notes in some scripts are boxes.
RECOMMENDS = ("fonts-noto-core | fonts-dejavu-core | ttf-bitstream-vera", "fonts-noto-cjk",
              "fonts-noto-color-emoji", "xdg-utils")  # fmt: skip
COMPRESSION = {"xz": ("-Zxz", "-z6"), "zstd": ("-Zzstd", "-z19"), "none-fast": ("-Znone",)}
"""As options of dpkg-deb; the last for trying something out."""
FOLDER_MODE, FILE_MODE, PROGRAM_MODE = 0o755, 0o644, 0o755
KIB = 1024


class PackageError(Exception):
    """The package cannot be made; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a package is made of."""

    bundle: Path
    version: str
    date: datetime


def build(made: Build, out: Path, compression: str) -> Path:
    """Make the package and return where it is. Raises PackageError, OSError."""
    if not os.access(made.bundle / NAME, os.X_OK):
        raise PackageError(f"{made.bundle} is no bundle: run packaging/bundle.py first")
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"{NAME}_{made.version}_{ARCHITECTURE}.deb"
    with tempfile.TemporaryDirectory(dir=out, prefix="deb-") as scratch:
        tree = Path(scratch, NAME)
        _fill(tree, made)
        _add_control(tree, made)
        _settle(tree, made.date)
        _pack(tree, package, made.date, compression)
    return package


# What is installed ------------------------------------------------------------------------------


def _fill(tree: Path, made: Build) -> None:
    """Lay out all files as they are to be installed."""
    share = tree / "usr" / "share"
    shutil.copytree(made.bundle, tree / "usr" / "lib" / NAME, symlinks=True)
    _link(tree / "usr" / "bin" / NAME, Path("..", "lib", NAME, NAME))
    _write(share / "applications" / f"{APP_ID}.desktop", desktop_entry.text([NAME], APP_ID))
    _add_icons(share / "icons", made)
    history = changelog.CHANGELOG.read_text(encoding="utf-8")
    releases = changelog.releases(history, made.version, made.date)
    _write(share / "metainfo" / f"{APP_ID}.metainfo.xml",
           metainfo.document(releases, metainfo.Addresses()))  # fmt: skip
    _compress(share / "man" / "man1" / f"{NAME}.1.gz", man.page(made.version, made.date))
    documents = share / "doc" / NAME
    _compress(documents / "changelog.gz", changelog.debian(releases))
    _write(documents / "copyright", copyright_file.text(copyright_file.components(made.bundle)))
    _link(documents / copyright_file.TEXTS.name,
          Path("../../../lib", NAME, copyright_file.TEXTS))  # fmt: skip
    _write(share / "lintian" / "overrides" / NAME,
           (HERE / "lintian-overrides").read_text(encoding="utf-8"))  # fmt: skip


def _add_icons(folder: Path, made: Build) -> None:
    """Have the icons of all sizes drawn into the theme that others fall back to."""
    with tempfile.TemporaryDirectory() as scratch:
        _run([sys.executable, str(ROOT / "packaging" / "icons.py"), scratch], made.date)
        shutil.copytree(Path(scratch, "hicolor"), folder / "hicolor")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def _compress(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


# What dpkg is told ------------------------------------------------------------------------------


def _add_control(tree: Path, made: Build) -> None:
    """Write what describes the package. There are no scripts: triggers of Debian do their work.

    Also md5sums, by which dpkg --verify sees what was damaged.
    """
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    sums = (f"{_md5(path)}  {path.relative_to(tree)}\n" for path in files)
    text = "".join(sums)
    size = sum(_size(path) for path in tree.rglob("*"))
    depends = check_depends.depends(
        check_depends.read(), check_depends.examine(made.bundle), check_depends.loaded()
    )
    _write(tree / "DEBIAN" / "control", control(made.version, size, depends))
    _write(tree / "DEBIAN" / "md5sums", text)


def control(version: str, size: int, depends: list[str]) -> str:
    """Return the description of the package; its size, installed, is in KiB."""
    fields = {
        "Package": NAME,
        "Version": changelog.debian_version(version),
        "Section": "utils",
        "Priority": "optional",
        "Architecture": ARCHITECTURE,
        "Maintainer": changelog.maintainer(),
        "Installed-Size": str(size),
        "Depends": ", ".join(depends),
        "Recommends": ", ".join(RECOMMENDS),
        "Homepage": identity.HOMEPAGE,
        "Description": _description(),
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _description() -> str:
    """Return a line, and below it paragraphs as Debian's control files have them."""
    summary = identity.SUMMARY
    said = (*metainfo.DESCRIPTION, metainfo.PRIVATE)
    paragraphs = (
        textwrap.fill(each, 76, initial_indent=" ", subsequent_indent=" ") for each in said
    )
    return f"{summary[0].lower()}{summary[1:]}\n" + "\n .\n".join(paragraphs)


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _size(path: Path) -> int:
    """Return what dpkg counts for an entry, in KiB: all but files as one."""
    is_file = path.is_file() and not path.is_symlink()
    return -(-path.stat().st_size // KIB) if is_file else 1


# The file ---------------------------------------------------------------------------------------


def _settle(tree: Path, date: datetime) -> None:
    """Give everything the modes that Debian wants, whatever the umask, and one date."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(_mode(path, tree))
        os.utime(path, (date.timestamp(),) * 2, follow_symlinks=False)


def _mode(path: Path, tree: Path) -> int:
    if path.is_dir():
        return FOLDER_MODE
    return PROGRAM_MODE if path == tree / "usr" / "lib" / NAME / NAME else FILE_MODE


def _pack(tree: Path, package: Path, date: datetime, compression: str) -> None:
    options = ("--root-owner-group", "--uniform-compression", *COMPRESSION[compression])
    unfinished = package.with_suffix(".deb.part")
    _run(["dpkg-deb", *options, "--build", str(tree), str(unfinished)], date)
    unfinished.replace(package)


def _run(command: list[str], date: datetime) -> None:
    """Run a program, which is to take this date for today. Raises PackageError."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(date.timestamp()))}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise PackageError(f"{command[0]} is missing; on Debian: apt-get install dpkg") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise PackageError(f"{' '.join(command)} failed:\n{said}")


def main() -> int:
    """Make the package that the arguments describe."""
    parser = argparse.ArgumentParser(description="Make the Debian package of a bundle.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("out", type=Path, metavar="OUT_FOLDER")
    parser.add_argument("--version", default=__version__, help="another version, for trying out")
    parser.add_argument("--compression", choices=COMPRESSION, default="xz")
    options = parser.parse_args()
    made = Build(options.bundle, options.version, changelog.source_date())
    try:
        print(build(made, options.out, options.compression))
    except (PackageError, OSError, check_depends.DependsError) as error:
        print(f"build_deb: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
