"""What patterns would take out of the search."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from notesearch.core.ignore import is_note, is_searched, is_unicode, outermost
from notesearch.core.notes import Removal
from notesearch.core.patterns import Rules, Scope


def removal(
    folders: Sequence[Path], patterns: Sequence[str], stopping: Callable[[], bool]
) -> Removal | None:
    """Count the notes on the disk that patterns leave out; None where it was stopped.

    Those of a folder that is not there are not counted. A disk that does not answer holds this up.
    """
    rules = Rules(patterns)
    counted: Counter[str] = Counter()
    for folder in map(str, outermost(folders)):
        judge = _Judge(folder, rules)
        for parent, below, names in os.walk(folder):
            if stopping():
                return None
            inside = os.path.basename(parent)  # noqa: PTH119
            below[:] = [name for name in below if is_searched(name, inside)]
            paths = (os.path.join(parent, name) for name in names if is_note(name))  # noqa: PTH118
            counted.update(judge.deciding(path) or "" for path in paths if is_unicode(path))
    del counted[""]
    each = (-1 if line in rules.wrong else counted[line] for line in patterns)
    return Removal(tuple(patterns), counted.total(), tuple(each))


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
