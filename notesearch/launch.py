"""Opens a note in the user's program, or shows where it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


class LaunchError(Exception):
    """A note that could not be opened or shown; says why and what to do."""


def open_note(path: Path) -> None:
    """Open a note in the program that the system has for its kind. Raises LaunchError."""
    if not _is_there(path):
        raise LaunchError(f"{path} is no longer there.")
    if sys.platform == "win32":
        os.startfile(path)
        return
    _start([_opener("opens notes", path), str(path.absolute())], path)


def reveal(path: Path) -> None:
    """Show a file in the system's file browser. Raises LaunchError.

    Of a file that is gone, the nearest folder around it that is still there is shown.
    """
    there = _nearest(path.absolute())
    if sys.platform == "win32":
        if there.is_dir():
            os.startfile(there)
            return
        # One string: Explorer wants the name alone in quotes, or a comma in it ends it. Names
        # cannot hold quotes there, and no shell reads this.
        explorer = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "explorer.exe"
        _start(f'"{explorer}" /select,"{there}"', path)
        return
    opener = _opener("shows folders", path)
    if there.is_dir():
        _start([opener, str(there)], path)
    elif sys.platform == "darwin":
        _start([opener, "-R", str(there)], path)
    else:
        _start([opener, str(there.parent)], path)


def _is_there(path: Path) -> bool:
    """Say whether a file is there; one in a folder that may not be looked into is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _nearest(path: Path) -> Path:
    """Return the path, or what is left of it: the nearest folder above that is there."""
    for there in (path, *path.parents):
        # The root is always there, and says nothing about where the file was.
        if _is_there(there) and (there == path or there != Path(there.anchor)):
            return there
    raise LaunchError(f"{path} is no longer there, nor is any folder around it.")


def _opener(task: str, path: Path) -> str:
    """Return the program that opens anything with what the system has for it."""
    name = "open" if sys.platform == "darwin" else "xdg-open"
    program = shutil.which(name)
    if program is None:
        raise LaunchError(
            f"No program is known that {task}: {name} is missing. "
            f"Install the package xdg-utils, or open the file yourself: {path}"
        )
    return program


def _start(command: list[str] | str, path: Path) -> None:
    """Start a program and leave it to itself; paths in it are absolute.

    A list, never a shell; absolute, so that a name with a leading dash is not an option.
    """
    try:
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise LaunchError(f"{path} could not be opened: {error}") from error
