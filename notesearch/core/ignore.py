"""Which files are notes, and which folders are looked into."""

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pathspec import GitIgnoreSpec

from notesearch.core.library import Found, Signature
from notesearch.core.notes import ENDINGS, Problem

MAX_INTEGER = 2**63 - 1

_FOLDERS = frozenset({"node_modules", "__pycache__", "$recycle.bin", "system volume information"})
_LOGSEQ_FOLDERS = frozenset({"bak", "version-files"})
"""Below `logseq/`: older versions of the same notes."""
_TEMPORARY_STARTS = (".", "~$", "~syncthing~", "#")
_TEMPORARY_ENDS = ("~", ".tmp", ".swp", ".part", ".crdownload")


class Rules:
    """What the user wants to be left out: patterns as in .gitignore, relative to each folder."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Take the patterns that make sense; `wrong` holds the others."""
        self.wrong: tuple[str, ...] = tuple(p for p in patterns if not _is_pattern(p))
        self._sound = [pattern for pattern in patterns if pattern not in self.wrong]
        self._spec = GitIgnoreSpec.from_lines(self._sound) if self._sound else None

    def leave_out(self, path: str, folder: str, *, is_folder: bool = False) -> bool:
        """Say whether a file or folder below a chosen folder is left out."""
        if self._spec is None:
            return False
        relative = os.path.relpath(path, folder).replace(os.sep, "/")
        return self._spec.match_file(relative + "/" if is_folder else relative)

    def pattern_for(self, relative: str) -> str:
        """Return the pattern that decides on a path below a folder, '' where none does."""
        index = self._spec.check_file(relative).index if self._spec else None
        return "" if index is None else self._sound[index]


EVERYTHING = Rules()


def is_note(name: str) -> bool:
    """Say whether a file of this name is a note."""
    lower = name.lower()
    return (
        lower.endswith(ENDINGS)
        and not lower.startswith(_TEMPORARY_STARTS)
        and not lower.endswith(_TEMPORARY_ENDS)
    )


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


def left_out(file: Path, folder: Path, rules: Rules) -> tuple[str, bool]:
    """Say why a file below a chosen folder is no note, and whether a rule is the reason.

    '' where nothing stands against it.
    """
    for parent in [p for p in reversed(file.parents) if p != folder and p.is_relative_to(folder)]:
        if not is_searched(parent.name, parent.parent.name):
            return f"Folders such as “{parent.name}” are never looked into.", True
        if parent.is_symlink():
            return f"The folder “{parent.name}” is a link, and links are not followed.", True
        if rules.leave_out(str(parent), str(folder), is_folder=True):
            return f"Its folder is left out by the pattern {_ruling(rules, parent, folder)}.", True
    if rules.leave_out(str(file), str(folder)):
        return f"It is left out by the pattern {_ruling(rules, file, folder)}.", True
    if not is_note(file.name):
        return (
            f"Its name does not end in {', '.join(ENDINGS)}, or is that of a temporary file.",
            False,
        )
    return ("", False) if file.is_file() else ("It is no file.", False)


def _ruling(rules: Rules, path: Path, folder: Path) -> str:
    """Return the pattern that leaves a path out."""
    relative = path.relative_to(folder).as_posix() + ("/" if path.is_dir() else "")
    return f"“{rules.pattern_for(relative)}”"


def outermost(folders: Sequence[Path]) -> list[Path]:
    """Drop folders that lie inside another one: each note is held once."""
    # Unlike Path.resolve(), this does not mind links that lead in circles.
    absolute = list(dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders))
    return [f for f in absolute if not any(_reaches(outer, f) for outer in absolute)]


def _reaches(outer: Path, folder: Path) -> bool:
    """Say whether a walk through one folder comes to the other."""
    if outer == folder or not folder.is_relative_to(outer):
        return False
    parts = [outer.name, *folder.relative_to(outer).parts]
    return all(is_searched(name, parent) for parent, name in pairwise(parts))


def walk(folder: Path, rules: Rules = EVERYTHING, below: str = "") -> Iterator[Found | Problem]:
    """Yield the notes in a folder and below, and what could not be looked into.

    below: a folder inside it, the only one to be looked into.
    Links to folders are not followed: they may lead in circles.
    """
    waiting = [below or str(folder)]
    while waiting:
        current = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            yield Problem(current, f"the folder cannot be read: {error.strerror or error}")
            continue
        for entry in entries:
            found = _look(entry, str(folder), current, rules)
            if isinstance(found, str):
                waiting.append(found)
            elif found is not None:
                yield found


def walk_at(path: str, folder: Path, rules: Rules = EVERYTHING) -> Iterator[Found | Problem]:
    """Yield what walk() yields at one path inside the folder: a note, a subtree, or nothing."""
    try:
        if not _is_reached(path, folder, rules):
            return
        if stat.S_ISDIR(os.lstat(path).st_mode):
            yield from walk(folder, rules, path)
        elif is_note(Path(path).name) and not rules.leave_out(path, str(folder)):
            found = look(path, str(folder))
            if found is not None:
                yield found
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield Problem(path, f"cannot be read: {error.strerror or error}")


def _is_reached(path: str, folder: Path, rules: Rules) -> bool:
    """Say whether a walk through the folder would come by a path, if it is there."""
    if path == str(folder):
        return True
    inside = Path(path)
    parents = [p for p in inside.parents if p != folder and p.is_relative_to(folder)]
    if Path(path).is_dir():
        parents.insert(0, inside)
    return all(
        is_searched(parent.name, parent.parent.name)
        and not parent.is_symlink()
        and not rules.leave_out(str(parent), str(folder), is_folder=True)
        for parent in parents
    )


def look(path: str, folder: str) -> Found | None:
    """Return a note as it lies on the disk now, None where there is none. Raises OSError."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(path, folder, signature(status))


def signature(status: os.stat_result) -> Signature:
    """Return what tells that a file has not changed. SQLite's integers have 63 bits and a sign."""
    values = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return Signature(*(max(-MAX_INTEGER, min(value, MAX_INTEGER)) for value in values))


def _look(
    entry: os.DirEntry[str], folder: str, parent: str, rules: Rules
) -> Found | Problem | str | None:
    """Return a note, a problem, a folder to look into, or nothing."""
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(entry.path).decode("utf-8", "replace")
        return Problem(shown, "the name is not valid UTF-8; rename it to make it searchable")
    try:
        if entry.is_dir(follow_symlinks=False):
            searched = is_searched(entry.name, Path(parent).name)
            left_out = not searched or rules.leave_out(entry.path, folder, is_folder=True)
            return None if left_out else entry.path
        if not is_note(entry.name) or rules.leave_out(entry.path, folder):
            return None
        return look(entry.path, folder)
    except OSError as error:
        return Problem(entry.path, f"cannot be read: {error.strerror or error}")


def _is_pattern(text: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([text])
    except ValueError:
        return False
    return True
