"""Opens a note in the user's program, where it matches, or shows where it is."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from notesearch import links
from notesearch.core import textfile
from notesearch.core.notes import BREADCRUMB, Hit
from notesearch.openers import CUSTOM, LOGSEQ, REVEAL, Opener
from notesearch.templates import fill
from notesearch.translation import tr


class LaunchError(Exception):
    """A note that could not be opened or shown; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a note it is to be opened; without more, at its top."""

    path: Path
    line: int = 1
    column: int = 1
    """In characters, counted from 1."""
    folder: Path | None = None
    """The chosen folder that the note is in; None: the one that holds it."""
    heading: str = ""
    """The innermost one that the place is under."""
    byte: int = 1
    """The column in bytes of UTF-8, counted from 1."""


def place_of(hit: Hit) -> Place:
    """Return where a hit's first match is: in its passage, or the top where the title matches."""
    if hit.by_title:
        return Place(hit.file, folder=Path(hit.folder))
    before = hit.passage[: hit.matches[0][0]] if hit.matches else ""
    line = before.rpartition("\n")[2]
    if len(line) == len(before):
        line = _before(hit) + line
    return Place(
        path=hit.file,
        line=hit.line + before.count("\n"),
        column=len(line) + 1,
        folder=Path(hit.folder),
        heading=hit.heading.rpartition(BREADCRUMB)[2],
        byte=len(line.encode("utf-8", "replace")) + 1,
    )


def _before(hit: Hit) -> str:
    """Return what stands before a passage in its first line, as far as the file tells.

    An indent, or the sentences of a long line that are in another passage.
    """
    try:
        text = textfile.read(hit.file).text
    except (OSError, textfile.UnreadableError):
        return ""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[hit.line - 1 :]
    begins = hit.passage.partition("\n")[0]
    before, found, _ = "".join(lines[:1]).partition(begins or "\n")
    return before if found else ""


def open_at(opener: Opener, place: Place) -> None:
    """Open a note at a place in it. Raises LaunchError."""
    if opener.problem:
        raise LaunchError(opener.problem)
    if opener.name == REVEAL.name:
        reveal(place.path)
        return
    if not opener.command:
        open_note(place.path)
        return
    if not _is_there(place.path):
        raise _gone(place.path)
    values = _values(opener, place)
    command = fill(opener.command, values)
    if opener.refused and re.search(opener.refused, values["path"]):
        text = tr(
            "{path} cannot be given to {program}: a character in its name means something else to "
            "the terminal. Choose another program in the settings, or rename the note."
        )
        raise LaunchError(text.format(path=place.path, program=opener.label))
    _start(command, place.path, opener)


def _values(opener: Opener, place: Place) -> dict[str, str]:
    """Return what stands for each placeholder. Paths are absolute, so that none is an option."""
    path = place.path.absolute()
    values = {
        "path": str(path),
        "line": str(place.line),
        "column": str(place.column),
        "byte": str(place.byte),
        "folder": str((place.folder or path.parent).absolute()),
        "heading": place.heading,
        "anchor": links.anchor(place.heading),
    }
    if opener.name == LOGSEQ:
        values["graph"], values["page"] = links.page_of(path)
        if not values["page"]:
            text = tr("{path} is in no Logseq graph. Choose another program in the settings.")
            raise LaunchError(text.format(path=path))
    return values


def open_note(path: Path) -> None:
    """Open a note in the program that the system has for its kind. Raises LaunchError."""
    if not _is_there(path):
        raise _gone(path)
    if sys.platform == "win32":
        os.startfile(path)
        return
    _start([_opener(tr("No program is known that opens notes"), path), str(path.absolute())], path)


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
    opener = _opener(tr("No program is known that shows folders"), path)
    if there.is_dir():
        _start([opener, str(there)], path)
    elif sys.platform == "darwin":
        _start([opener, "-R", str(there)], path)
    else:
        _start([opener, str(there.parent)], path)


def _gone(path: Path) -> LaunchError:
    return LaunchError(tr("{path} is no longer there.").format(path=path))


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
    text = tr("{path} is no longer there, nor is any folder around it.")
    raise LaunchError(text.format(path=path))


def _opener(lack: str, path: Path) -> str:
    """Return the program that opens anything with what the system has for it."""
    name = "open" if sys.platform == "darwin" else "xdg-open"
    program = shutil.which(name)
    if program is None:
        text = tr(
            "{lack}: {name} is missing. "
            "Install the package xdg-utils, or open the file yourself: {path}"
        )
        raise LaunchError(text.format(lack=lack, name=name, path=path))
    return program


def _start(command: list[str] | str, path: Path, opener: Opener | None = None) -> None:
    """Start a program and leave it to itself; paths in it are absolute.

    A list, never a shell; absolute, so that a name with a leading dash is not an option.
    """
    try:
        if sys.platform == "win32" and opener is not None and opener.console:
            # What it reads and writes is the console that it gets.
            subprocess.Popen(command, creationflags=subprocess.CREATE_NEW_CONSOLE)
            return
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    # A zero in a command is a ValueError.
    except (OSError, ValueError) as error:
        raise LaunchError(_not_started(path, opener, error)) from error


def _not_started(path: Path, opener: Opener | None, error: Exception) -> str:
    if opener is None:
        return tr("{path} could not be opened: {error}").format(path=path, error=error)
    # What was written by hand is called as it was written.
    named = getattr(error, "filename", None) if opener.name == CUSTOM.name else None
    reason = getattr(error, "strerror", None) or error
    text = tr("{program} could not be started: {error}. Choose another program in the settings.")
    return text.format(program=named or opener.label, error=reason)
