"""Says which files a bundle has, and what each of them is of.

licences/collect.py has written into the bundle which parts it is made of, and their files.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import tree

Part = dict[str, Any]
COMPONENTS = Path(__file__).resolve().parent / "licences" / "components.toml"
OUTSIDE = tree.PROGRAMS | {"Info.plist", "PkgInfo", "CodeResources"}
"""What there is beside the folder of libraries, or beside both on macOS."""


def folder(bundle: Path) -> Path:
    """Return where a bundle has its licences."""
    return tree.content_folder(bundle) / "licences"


def parts(bundle: Path) -> list[Part]:
    """Return what a bundle is made of."""
    listed: list[Part] = json.loads((folder(bundle) / "components.json").read_text("utf-8"))
    return listed


def files(bundle: Path) -> dict[str, Path]:
    """Return all files of a bundle by name: without the folder that libraries and data are in."""
    inside = tree.content_folder(bundle)
    # On macOS libraries have a folder of their own, and links lead from each to the other.
    folders = (inside, inside.parent / "Frameworks", bundle)
    found: dict[str, Path] = {}
    for file in sorted(bundle.rglob("*")):
        if file.is_file() and not file.is_symlink():
            above = next(one for one in folders if file.is_relative_to(one))
            found[file.relative_to(above).as_posix()] = file
    return found


def unclaimed(bundle: Path) -> list[str]:
    """Return the files that are of no part: notesearch's own, or not known at all."""
    claimed = {name for part in parts(bundle) for name in part.get("files", ())}
    return sorted(files(bundle).keys() - claimed)


def unknown(bundle: Path) -> list[str]:
    """Return the files that are neither of a part nor notesearch's own."""
    own = tuple(tomllib.loads(COMPONENTS.read_text("utf-8"))["own"])
    return [name for name in unclaimed(bundle)
            if not name.startswith(own) and Path(name).name not in OUTSIDE]  # fmt: skip
