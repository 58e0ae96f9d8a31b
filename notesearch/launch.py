"""Opens a note in the user's program."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


class LaunchError(Exception):
    """A note that could not be opened; says why and what to do."""


def open_note(path: Path) -> None:
    """Open a note in the program that the system has for its kind. Raises LaunchError."""
    if not path.exists():
        raise LaunchError(f"{path} is no longer there.")
    if sys.platform == "win32":
        os.startfile(path)
        return
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    program = shutil.which(opener)
    if program is None:
        raise LaunchError(
            f"No program is known that opens notes: {opener} is missing. "
            "Install the package xdg-utils, or open the file yourself: " + str(path)
        )
    try:
        # A list, never a shell; absolute, so that a name with a leading dash is not an option.
        subprocess.Popen(
            [program, str(path.absolute())], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise LaunchError(f"{path} could not be opened: {error}") from error
