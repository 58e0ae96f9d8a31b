"""What can be said of an unexpected error without quoting a note."""

import platform
import sqlite3
import sys
from importlib import metadata
from pathlib import Path
from traceback import walk_tb

from notesearch import __version__

_LIBRARIES = ("PySide6_Essentials", "numpy", "onnxruntime", "tokenizers", "usearch", "watchdog")
MAX_FRAMES = 30
"""So many are named at each end of a long chain of calls."""
_PACKAGE = Path(__file__).resolve().parents[1]


def describe(error: BaseException) -> str:
    """Return the kinds of an error and its causes, and where each was raised.

    Neither messages nor lines of source are quoted: a message often holds the text that it is
    about. Of an error of the operating system its own words are kept, without the file's name.
    """
    parts = []
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        parts.append("\n".join((*_frames(one), _kind(one))))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n  caused by:\n".join(parts)


def full_report(error: BaseException) -> str:
    """Return the description with the versions of everything that may matter."""
    versions = [f"notesearch {__version__}", f"Python {platform.python_version()}",
                f"SQLite {sqlite3.sqlite_version}"]  # fmt: skip
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return "\n".join((", ".join(versions), platform.platform(), sys.platform, "", describe(error)))


def _frames(error: BaseException) -> list[str]:
    found = []
    for frame, line in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        inside = path.is_relative_to(_PACKAGE)
        shown = path.relative_to(_PACKAGE.parent).as_posix() if inside else path.name
        found.append(f"  {shown}:{line} in {frame.f_code.co_name}")
    left_out = len(found) - 2 * MAX_FRAMES
    if left_out > 0:
        found[MAX_FRAMES:-MAX_FRAMES] = [f"  ... {left_out:,} more ..."]
    return found


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    code = getattr(error, "sqlite_errorname", None)
    return f"{name}: {code}" if code else name
