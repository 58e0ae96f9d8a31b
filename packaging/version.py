"""Prints the version, which stands in notesearch/__init__.py and nowhere else, and checks it.

Usage: python packaging/version.py              print the version
       python packaging/version.py --check      check that nothing says another one
       python packaging/version.py --check-tag vX.Y.Z   check that this tag can be released
       python packaging/version.py --notes      print what the changelog says of it
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")
SEARCHED = (".github", "Makefile", "README.md", "notesearch", "packaging")
PINS = "constraints*.txt"
ADDRESS = re.compile(r"[^@\s<>]+@([^@\s<>]+\.[a-z]{2,})")
PAGE = re.compile(r"https://([^/\s]+\.[a-z]{2,})(/\S*)?")
STAND_IN = re.compile(r"(?i)example|invalid|localhost|todo|your[-_]?|placeholder|noreply")


def constants(file: Path) -> dict[str, str]:
    """Return the texts that a module assigns to names, without importing it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


def version(root: Path) -> str:
    """Return the version."""
    return constants(root / "notesearch" / "__init__.py")["__version__"]


def section(root: Path, title: str) -> tuple[str, str] | None:
    """Return what follows a title in its line of the changelog, and the text below it."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(
        rf"^## \[{re.escape(title)}\]([^\n]*)\n(.*?)(?=^## |^\[[^\]]+\]:|\Z)", text, re.M | re.S
    )
    return (found[1].strip(), found[2].strip()) if found else None


def check(root: Path) -> Iterator[str]:
    """Yield what contradicts the version, or leaves it unsaid."""
    own = version(root)
    if not VERSION.fullmatch(own):
        yield f"notesearch/__init__.py: {own!r} is not of the form 1.2.3 or 1.2.3rc1"
    if not section(root, "Unreleased") and not dated(root, own):
        yield f"CHANGELOG.md: add '## [Unreleased]', or '## [{own}] - YYYY-MM-DD'"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if "version" in project or "version" not in project.get("dynamic", ()):
        yield "pyproject.toml: take the version from notesearch/__init__.py (dynamic)"
    for file, number in repetitions(root, own):
        yield f"{file}:{number}: says {own}; ask packaging/version.py instead"
    yield from unlikely(root)


def dated(root: Path, own: str) -> bool:
    """Say whether the changelog has a section with a date for a version, and a text."""
    found = section(root, own)
    return found is not None and re.fullmatch(r"- \d{4}-\d\d-\d\d", found[0]) is not None


def repetitions(root: Path, own: str) -> Iterator[tuple[str, int]]:
    """Yield the lines, besides its own, that hold the version."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(own)}(?!\w|\.\d|-\d)")
    for file in searched(root):
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        name = file.relative_to(root).as_posix()
        for number, line in enumerate(lines, 1):
            if pattern.search(line) and name != "notesearch/__init__.py":
                yield name, number


def searched(root: Path) -> Iterator[Path]:
    """Yield the files in which no version may stand. Pins and licences are of others."""
    for name in SEARCHED:
        place = root / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            strange = file.match(PINS) or {"licences", "__pycache__", "_data"} & set(file.parts)
            if file.is_file() and not strange:
                yield file


def unlikely(root: Path) -> Iterator[str]:
    """Yield what in identity.py is neither empty nor can be real."""
    named = constants(root / "notesearch" / "identity.py")
    for name in ("EMAIL", "HOMEPAGE", "RELEASES", "ISSUES", "SCREENSHOTS"):
        value, form = named.get(name, ""), ADDRESS if name == "EMAIL" else PAGE
        if value and (not form.fullmatch(value) or STAND_IN.search(value)):
            yield f"notesearch/identity.py: {name} cannot be {value!r}; leave it empty instead"


def check_tag(root: Path, tag: str) -> Iterator[str]:
    """Yield what stands against releasing a tag."""
    own = version(root)
    if tag != f"v{own}":
        yield (f"the tag is {tag}, but notesearch/__init__.py says {own}: "
               f"tag v{own}, or change the version there")  # fmt: skip
    if not dated(root, own):
        yield f"CHANGELOG.md: give what is released its own title, '## [{own}] - YYYY-MM-DD'"
    elif not (section(root, own) or ("", ""))[1]:
        yield f"CHANGELOG.md: say below [{own}] what is new"
    named = constants(root / "notesearch" / "identity.py")
    for name in ("HOMEPAGE", "RELEASES", "EMAIL"):
        if not named.get(name):
            yield f"notesearch/identity.py: fill in {name}, which packages have to name"
    yield from check(root)


def notes(root: Path) -> str:
    """Return what the changelog says of this version, or else of what is not released yet."""
    found = section(root, version(root)) or section(root, "Unreleased")
    return found[1] if found else ""


def main() -> int:
    """Print what was asked for; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, default=ROOT, help="another source tree")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--check", action="store_true")
    chosen.add_argument("--check-tag", metavar="TAG")
    chosen.add_argument("--notes", action="store_true")
    options = parser.parse_args()
    if options.notes:
        print(notes(options.root))
    elif options.check or options.check_tag:
        tag = options.check_tag
        problems = list(check_tag(options.root, tag) if tag else check(options.root))
        for problem in problems:
            print(problem, file=sys.stderr)
        return int(bool(problems))
    else:
        print(version(options.root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
