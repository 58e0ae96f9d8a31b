"""What patterns would take out of the search."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from notesearch.core.ignore import is_note, is_searched, is_unicode, outermost
from notesearch.core.library import Library
from notesearch.core.notes import Removal
from notesearch.core.patterns import Rules, Scope


def removal(
    library: Library, folders: Sequence[Path], patterns: Sequence[str],
    stopping: Callable[[], bool],
) -> Removal | None:  # fmt: skip
    """Count the notes that patterns leave out, in the library or on the disk.

    Those that are left out now are on the disk alone, those of a folder that is not there in the
    library alone. None where it was stopped.
    """
    rules = Rules(patterns)
    counted: Counter[str] = Counter()
    for folder in map(str, outermost(folders)):
        judge = _Judge(folder, rules)
        paths = {row[0] for row in library.rows(
            "SELECT json_array(path) AS value FROM notes WHERE folder = ?", (folder,))}  # fmt: skip
        for path in _with_those_on_disk(paths, folder):
            if stopping():
                return None
            counted[judge.deciding(path) or ""] += 1
    del counted[""]
    each = (-1 if line in rules.wrong else counted[line] for line in patterns)
    return Removal(tuple(patterns), counted.total(), tuple(each))


def _with_those_on_disk(known: set[str], folder: str) -> Iterator[str]:
    """Yield paths of notes, and those of all other notes in a folder, whatever leaves them out."""
    yield from known
    for parent, below, names in os.walk(folder):
        inside = os.path.basename(parent)  # noqa: PTH119
        below[:] = [name for name in below if is_searched(name, inside)]
        for name in names:
            path = os.path.join(parent, name)  # noqa: PTH118
            if is_note(name) and is_unicode(path) and path not in known:
                yield path


class _Judge:
    """Finds the pattern of the settings that leaves out a note of one chosen folder."""

    def __init__(self, folder: str, rules: Rules) -> None:
        self._folder = folder
        self._rules = rules
        self._known: dict[str, tuple[Scope, str | None]] = {}
        """By folder: what holds in it, and what leaves it out."""

    def deciding(self, path: str, *, is_folder: bool = False) -> str | None:
        """Return the pattern, '' for one of an ignore file, None where nothing leaves it out."""
        scope, left_out = self._inside(os.path.dirname(path))  # noqa: PTH120
        if left_out is not None:
            return left_out
        ruling = scope.ruling(path, is_folder=is_folder)
        if ruling is None or not ruling.leaves_out:
            return None
        return "" if ruling.file else ruling.pattern

    def _inside(self, folder: str) -> tuple[Scope, str | None]:
        if folder not in self._known:
            if folder == self._folder:
                scope, left_out = self._rules.scope(folder), None
            else:
                scope, _ = self._inside(os.path.dirname(folder))  # noqa: PTH120
                left_out = self.deciding(folder, is_folder=True)
            if left_out is None:
                scope, _ = scope.enter(folder)
            self._known[folder] = scope, left_out
        return self._known[folder]
