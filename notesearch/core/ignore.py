"""Which files are notes, and which folders are looked into."""

import os
import stat
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from notesearch.core.library import Found, Signature
from notesearch.core.notes import ENDINGS, ONLY_IN_CLOUD, Problem, is_placeholder
from notesearch.core.patterns import EVERYTHING, IGNORE_FILE, Rules, Scope
from notesearch.translation import tr

MAX_INTEGER = 2**63 - 1

_FOLDERS = frozenset({
    "node_modules", "__pycache__", "$recycle.bin", "system volume information", "lost+found",
    # Of NAS: Synology's indexes, bins and snapshots, QNAP's, GoodSync's.
    "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "_gsdata_",
})  # fmt: skip
_LOGSEQ_FOLDERS = frozenset({"bak", "version-files"})
"""Below `logseq/`: older versions of the same notes."""
_TEMPORARY_STARTS = (".", "~$", "~syncthing~")
_STAND_IN_ENDS = (".nextcloud", ".owncloud")
_ICLOUD = ".icloud"

_JUNCTION = 0xA0000003


@dataclass(frozen=True, slots=True)
class Directory:
    """A folder that was looked into."""

    path: str


Seen = Found | Problem | Directory
"""What a walk comes by."""


# Names --------------------------------------------------------------------------------------


def is_note(name: str) -> bool:
    """Say whether a file of this name is a note.

    What editors and sync clients leave while they save ends otherwise or begins with a dot; copies
    that they keep of two versions of a note are notes.
    """
    lower = name.lower()
    return lower.endswith(ENDINGS) and not lower.startswith(_TEMPORARY_STARTS)


def stands_for(name: str) -> str:
    """Return the name of the note in whose place a file of this name lies, '' where there is none.

    Sync clients put such a file where a note is only in the cloud.
    """
    lower, meant = name.lower(), ""
    if lower.startswith(".") and lower.endswith(_ICLOUD):
        meant = name[1 : -len(_ICLOUD)]
    elif lower.endswith(_STAND_IN_ENDS):
        meant = name.rpartition(".")[0]
    return meant if is_note(meant) else ""


def _stand_ins(path: str) -> list[str]:
    """Return where a file would lie that stands for a note."""
    parent, name = os.path.split(path)
    return [path + end for end in _STAND_IN_ENDS] + [
        os.path.join(parent, f".{name}{_ICLOUD}")  # noqa: PTH118
    ]


def concerned(path: str) -> str:
    """Return where things may be otherwise when a file has changed.

    That is a whole folder where the file says what is left out of it, and a note where it stands
    for one.
    """
    parent, name = os.path.split(path)
    if name == IGNORE_FILE:
        return parent
    meant = stands_for(name)
    return os.path.join(parent, meant) if meant else path  # noqa: PTH118


def is_unicode(path: str) -> bool:
    """Say whether a path can be stored and shown: names of files need not be valid Unicode."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_searched(name: str, parent: str) -> bool:
    """Say whether a folder of this name, in a folder of that name, may hold notes."""
    lower = name.lower()
    return (
        not lower.startswith(".")
        and lower not in _FOLDERS
        and not (parent.lower() == "logseq" and lower in _LOGSEQ_FOLDERS)
    )


def outermost(folders: Sequence[Path]) -> list[Path]:
    """Drop folders that lie inside another one: each note is held once."""
    # Unlike Path.resolve(), this does not mind links that lead in circles.
    absolute = list(dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders))
    return [f for f in absolute if not any(reaches(outer, f) for outer in absolute)]


def reaches(outer: Path, folder: Path) -> bool:
    """Say whether a walk through one folder comes to another one; both are real paths."""
    if outer == folder or not folder.is_relative_to(outer):
        return False
    parts = [outer.name, *folder.relative_to(outer).parts]
    return all(is_searched(name, parent) for parent, name in pairwise(parts))


# The disk -----------------------------------------------------------------------------------


def left_out(file: Path, folder: Path, rules: Rules) -> tuple[str, bool]:
    """Say why a file below a chosen folder is no note, and whether a rule is the reason.

    '' where nothing stands against it.
    """
    scope, _ = rules.scope(str(folder)).enter(str(folder))
    for parent in [p for p in reversed(file.parents) if p != folder and p.is_relative_to(folder)]:
        if not is_searched(parent.name, parent.parent.name):
            never = tr("Folders such as “{name}” are never looked into.")
            return never.format(name=parent.name), True
        if _is_link(parent.lstat()):
            link = tr("The folder “{name}” is a link, and links are not followed.")
            return link.format(name=parent.name), True
        ruling = scope.ruling(str(parent), is_folder=True)
        if ruling is not None and ruling.leaves_out:
            return tr("Its folder is left out by {ruling}.").format(ruling=ruling), True
        scope, _ = scope.enter(str(parent))
    ruling = scope.ruling(str(file))
    if ruling is not None and ruling.leaves_out:
        return tr("It is left out by {ruling}.").format(ruling=ruling), True
    if not is_note(file.name):
        other = tr("Its name does not end in {endings}, or is that of a temporary file.")
        return other.format(endings=", ".join(ENDINGS)), False
    return ("", False) if file.is_file() else (tr("It is no file."), False)


def walk(folder: Path, rules: Rules = EVERYTHING) -> Iterator[Seen]:
    """Yield the notes in a folder and below, each folder, and what could not be looked into.

    Links to folders are not followed: they may lead in circles.
    """
    return _walk(str(folder), str(folder), rules.scope(str(folder)))


def _walk(start: str, folder: str, scope: Scope) -> Iterator[Seen]:
    """Walk through a part of a chosen folder; scope: what holds where the part is."""
    waiting = [(start, scope)]
    while waiting:
        current, above = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            shut = tr("the folder cannot be read: {error}")
            yield Problem(current, shut.format(error=error.strerror or error))
            continue
        yield Directory(current)
        names = {entry.name for entry in entries}
        within, problems = above.enter(current) if IGNORE_FILE in names else (above, [])
        yield from problems
        for entry in entries:
            found = _look(entry, folder, within, names)
            if isinstance(found, Directory):
                waiting.append((found.path, within))
            elif found is not None:
                yield found


def _look(
    entry: os.DirEntry[str], folder: str, scope: Scope, names: Collection[str]
) -> Seen | None:
    """Return a note, a problem, a folder to look into, or nothing."""
    if not is_unicode(entry.name):
        shown = os.fsencode(entry.path).decode("utf-8", "replace")
        return Problem(shown, tr("the name is not valid UTF-8; rename it to make it searchable"))
    try:
        if entry.is_dir(follow_symlinks=False):
            # Windows' other kind of link to a folder; to ask costs nothing there.
            link = os.name == "nt" and _is_link(entry.stat(follow_symlinks=False))
            return Directory(entry.path) if not link and _is_entered(entry.path, scope) else None
        meant = stands_for(entry.name)
        if meant and meant not in names and entry.is_file():
            path = entry.path[: -len(entry.name)] + meant
            return None if scope.leaves_out(path) else Problem(path, ONLY_IN_CLOUD)
        if not is_note(entry.name) or scope.leaves_out(entry.path):
            return None
        return look(entry.path, folder)
    except OSError as error:
        return _unreadable(entry.path, error)


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, tr("cannot be read: {error}").format(error=error.strerror or error))


def walk_at(path: str, folder: Path, rules: Rules = EVERYTHING) -> Iterator[Seen]:
    """Yield what walk() yields at one path inside the folder: a note, a subtree, or nothing."""
    if path == str(folder):
        yield from walk(folder, rules)
        return
    try:
        scope = _reach(path, folder, rules)
        if scope is not None:
            # A name of which only the case was changed is found by the old one too, on some disks.
            yield from _walk_from(_spelling(path), folder, scope)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield _unreadable(path, error)


def _reach(path: str, folder: Path, rules: Rules) -> Scope | None:
    """Return what holds where a path is, None where a walk would not come there. Raises OSError."""
    scope, current = rules.scope(str(folder)), folder
    for name in Path(path).relative_to(folder).parts[:-1]:
        scope, _ = scope.enter(str(current))
        current /= name
        if _is_link(current.lstat()) or not _is_entered(str(current), scope):
            return None
    return scope.enter(str(current))[0]


def is_reached(path: str, folder: Path, rules: Rules) -> bool:
    """Say whether a walk looks into a folder inside a chosen one, or would if it were there."""
    try:
        scope = _reach(path, folder, rules)
    except OSError:
        return True
    return scope is not None and _is_entered(path, scope)


def _walk_from(path: str, folder: Path, scope: Scope) -> Iterator[Seen]:
    """Yield what is at a path and below; scope: what holds in the folder that it is in."""
    name = Path(path).name
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        note = is_note(name) and not scope.leaves_out(path)
        if note and any(map(os.path.isfile, _stand_ins(path))):
            yield Problem(path, ONLY_IN_CLOUD)
        return
    if stat.S_ISDIR(status.st_mode):
        if not _is_link(status) and _is_entered(path, scope):
            yield from _walk(path, str(folder), scope)
    elif name == IGNORE_FILE:
        yield from scope.enter(str(Path(path).parent))[1]
    elif is_note(name) and not scope.leaves_out(path):
        found = look(path, str(folder))
        if found is not None:
            yield found


def _spelling(path: str) -> str:
    """Return a path with its last name as it is on the disk.

    Disks that take no notice of case, or of how accents are put together, find a file by names
    that it does not have.
    """
    parent, name = os.path.split(path)
    other = name.swapcase()
    both = (path, os.path.join(parent, other))  # noqa: PTH118
    if other == name or not all(map(os.path.lexists, both)):
        return path
    names = os.listdir(parent)  # noqa: PTH208
    if name in names:
        return path
    there = (os.path.join(parent, one) for one in names if _fold(one) == _fold(name))  # noqa: PTH118
    return next(there, path)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_entered(path: str, scope: Scope) -> bool:
    """Say whether a folder is looked into; scope: what holds in the folder that it is in."""
    parent, name = os.path.split(path)
    searched = is_searched(name, os.path.basename(parent))  # noqa: PTH119
    return searched and not scope.leaves_out(path, is_folder=True)


def _is_link(status: os.stat_result) -> bool:
    """Say whether a folder is a link to another, or Windows' other kind of that, a junction."""
    junction = getattr(status, "st_reparse_tag", 0) == _JUNCTION
    return stat.S_ISLNK(status.st_mode) or junction


def look(path: str, folder: str) -> Found | None:
    """Return a note as it lies on the disk now, None where there is none. Raises OSError."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(path, folder, signature(status), placeholder=is_placeholder(status))


def signature(status: os.stat_result) -> Signature:
    """Return what tells that a file has not changed. SQLite's integers have 63 bits and a sign."""
    values = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return Signature(*(max(-MAX_INTEGER, min(value, MAX_INTEGER)) for value in values))
