"""What can be said of an unexpected error, or of the program, without quoting a note."""

import errno
import os
import platform
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path
from traceback import walk_tb

from notesearch import __version__
from notesearch.core.notes import Problem, Progress
from notesearch.translation import tr

_LIBRARIES = ("PySide6_Essentials", "numpy", "onnxruntime", "tokenizers", "usearch", "watchdog")
MAX_FRAMES = 30
"""So many are named at each end of a long chain of calls."""
LOG_LINES = 50
"""So much of the log's end goes with a diagnostic report."""
LEFT_OUT = tr("(left out)")
_PACKAGE = Path(__file__).resolve().parents[1]

# What is between quotation marks, to the last one, or begins with a word that holds a slash: names
# may hold blanks, so that nothing says where such a word ends.
_PRIVATE = re.compile(r"""“.*”|".*"|(?<!\w)'.*'|[^\s(]*[\\/].*""")
_RECORD = re.compile(r"(?P<head>\d{4}-\d\d-\d\d .*? [A-Z]+ (?P<by>[\w.]+):) (?P<message>.*)")
_FRAME = re.compile(
    r"  (<[\w. ]+>|[\w./-]+):\d+ in [\w<>]+|  caused by:|  \.\.\. [\d,]+ more \.\.\."
)
_KIND = re.compile(r"\w*(Error|Exception|Interrupt|Exit|Warning|Iteration|Group)(: .*)?")


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
    return "\n".join((*_versions(), "", describe(error)))


def diagnosis(
    progress: Progress, problems: Sequence[Problem], around: Mapping[str, str], log: Iterable[str]
) -> str:
    """Return how the program is, without names, paths or text of notes, folders and queries.

    around: what the program says of itself; taken over as it is. log: lines of the log.
    """
    folders = progress.folders
    away = sum(not folder.available for folder in folders)
    changed = tr("never")
    if progress.changed_at:
        changed = f"{datetime.fromtimestamp(progress.changed_at):%Y-%m-%d %H:%M:%S}"  # local
    said = {
        tr("State"): str(progress.state),
        tr("Notes"): tr("{notes:,}, {unread:,} of them still to read").format(
            notes=progress.notes, unread=progress.unread),
        tr("Passages"): tr("{passages:,}, {embedded:,} of them embedded").format(
            passages=progress.passages, embedded=progress.embedded),
        tr("Changes"): tr("{changes:,} taken up, the last one {when}").format(
            changes=progress.changes, when=changed),
        tr("Folders"): tr("{folders:,}, {away:,} of them not available").format(
            folders=len(folders), away=away),
        tr("Problems"): f"{len(problems):,}",
        **around,
    }  # fmt: skip
    width = max(map(len, said)) + 2
    reasons = {
        tr("Folders in which changes are not noticed at once"):
            Counter(_PRIVATE.sub(LEFT_OUT, f.unwatched) for f in folders if f.unwatched),
        tr("Files that cannot be searched, or only in part"):
            Counter(_reason(problem.reason) for problem in problems),
    }  # fmt: skip
    lines = [*_versions(), "", *(f"{name:{width}}{value}" for name, value in said.items())]
    for title, counted in reasons.items():
        if counted:
            rows = (f"{number:>6,}  {reason}" for reason, number in counted.most_common())
            lines += ["", f"{title}:", *rows]
    end = [_logged(line) for line in list(log)[-LOG_LINES:]]
    title = tr("The end of the log:")
    return "\n".join([*lines, "", title, *(end or ["  " + tr("(nothing)")])])


def _versions() -> list[str]:
    versions = [f"notesearch {__version__}", f"Python {platform.python_version()}",
                f"SQLite {sqlite3.sqlite_version}"]  # fmt: skip
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return [", ".join(versions), platform.platform(), sys.platform]


def _reason(text: str) -> str:
    """Return what kind of problem this is: what follows a colon may quote a file."""
    kind, _, rest = text.partition(": ")
    kind = _PRIVATE.sub(LEFT_OUT, kind)
    known = {os.strerror(number).lower() for number in errno.errorcode}
    return f"{kind}: {rest}" if rest.lower() in known else kind


def _logged(line: str) -> str:
    """Return a line of the log without what may be a name or a path, or text of others."""
    record = _RECORD.fullmatch(line)
    if record is None:
        plain = _FRAME.fullmatch(line) or (_KIND.fullmatch(line) and not _PRIVATE.search(line))
        return line if plain else f"  {LEFT_OUT}"
    ours = record["by"].split(".")[0] == "notesearch"
    said = _PRIVATE.sub(LEFT_OUT, record["message"]) if ours else LEFT_OUT
    return f"{record['head']} {said}"


def _frames(error: BaseException) -> list[str]:
    found = []
    for frame, line in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            path = path.relative_to(_PACKAGE.parent)
        # In a frozen program all are relative.
        shown = path.name if path.is_absolute() else path.as_posix()
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
