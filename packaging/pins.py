"""Checks that the pins are complete, hashed, and what pyproject.toml asks for.

Usage: python packaging/pins.py

constraints.txt is for building, constraints-dev.txt for developing; `make constraints` makes both.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}
FILES = {
    "constraints.txt": ("packaging",),
    "constraints-dev.txt": ("dev",),
}


class Pin(NamedTuple):
    """One version of one distribution, and for which systems."""

    requirement: Requirement
    hashed: bool

    @property
    def name(self) -> str:
        """The name, as all spellings of it are written."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The version; empty if it is not pinned to one."""
        found = re.fullmatch(r"==([^*]+)", str(self.requirement.specifier))
        return found[1] if found else ""


def read(file: Path) -> Iterator[Pin]:
    """Yield the pins of a file as uv and pip-tools write it."""
    joined = file.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if bare and not bare.startswith("-"):
            yield Pin(Requirement(bare.split("--hash")[0].strip()), "--hash=sha256:" in bare)


def wanted(root: Path, extras: tuple[str, ...]) -> list[Requirement]:
    """Return what pyproject.toml asks for."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = [one for extra in extras for one in project["optional-dependencies"][extra]]
    return [Requirement(one) for one in (*project["dependencies"], *more)]


def problems(root: Path, file: str) -> Iterator[str]:
    """Yield what is wrong with a file of pins."""
    path = root / "packaging" / file
    if not path.is_file():
        yield f"packaging/{file} is missing: run make constraints"
        return
    pins = list(read(path))
    for pin in pins:
        if not pin.version or not pin.hashed:
            yield f"packaging/{file}: {pin.requirement} is not pinned to one version with its hash"
    said = {
        said
        for python in PYTHONS
        for system in SYSTEMS
        for one in wanted(root, FILES[file])
        if (said := _unmet(one, pins, python, system))
    }
    yield from (f"packaging/{file}: {one}: run make constraints" for one in sorted(said))


def _unmet(one: Requirement, pins: list[Pin], python: str, system: str) -> str:
    """Say which pin a dependency lacks on a system, or that it has another one."""
    there = {
        "python_version": python, "python_full_version": f"{python}.9", "sys_platform": system,
        "platform_system": SYSTEMS[system], "platform_python_implementation": "CPython",
        "implementation_name": "cpython", "os_name": "nt" if system == "win32" else "posix",
        "platform_machine": {"darwin": "arm64", "win32": "AMD64"}.get(system, "x86_64"),
    }  # fmt: skip
    if one.marker and not one.marker.evaluate(there):
        return ""
    name = canonicalize_name(one.name)
    pinned = [
        pin for pin in pins if pin.name == name
        and (not pin.requirement.marker or pin.requirement.marker.evaluate(there))
    ]  # fmt: skip
    if len(pinned) == 1 and one.specifier.contains(pinned[0].version):
        return ""
    found = ", ".join(pin.version for pin in pinned) or "nothing"
    return f"{one.name}{one.specifier} for Python {python} on {SYSTEMS[system]} has {found}"


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    said = [problem for file in FILES for problem in problems(ROOT, file)]
    for problem in said:
        print(problem, file=sys.stderr)
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
