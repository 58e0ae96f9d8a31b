"""The time that all files of packages get, so that the same source gives the same packages.

    python packaging/moment.py

prints it in seconds since 1970: SOURCE_DATE_EPOCH, else the time of the commit.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHAT_TO_DO = "set SOURCE_DATE_EPOCH to the seconds since 1970 at which the source was last changed"


class UnknownMomentError(SystemExit):
    """Nothing says when the source was changed. A script that does not catch it ends with that."""


def of_source(root: Path = ROOT) -> int:
    """Return when the source in a folder was last changed. Raises UnknownMomentError."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        if not (told.isascii() and told.isdigit()):
            raise UnknownMomentError(f"SOURCE_DATE_EPOCH is no number of seconds: {told!r}")
        return int(told)
    # A checkout around it, of a distribution's recipe for one, has times of its own.
    if not Path(_git(root, "rev-parse", "--show-toplevel")).samefile(root):
        raise UnknownMomentError(f"{root} is no git checkout of its own: {WHAT_TO_DO}")
    return int(_git(root, "log", "-1", "--format=%ct"))


def _git(root: Path, *arguments: str) -> str:
    """Return what git says about a folder, without the end of the line."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], check=True, capture_output=True, encoding="utf-8"
        )
    except FileNotFoundError as error:
        raise UnknownMomentError(f"git is missing: install it, or {WHAT_TO_DO}") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip()
        raise UnknownMomentError(
            f"{root} is no git checkout that can be read ({said}): {WHAT_TO_DO}"
        ) from error
    return done.stdout.removesuffix("\n")


if __name__ == "__main__":
    print(of_source())
