"""Counts notes on the disk in a thread of its own: a disk that does not answer holds up nothing."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from notesearch.core import ignore
from notesearch.core.library import Found
from notesearch.core.notes import Removal
from notesearch.core.patterns import Rules
from notesearch.core.removal import removal

MOST = 100_000
"""Notes of a folder that are counted."""


class Counting(QObject):
    """Takes the newest order of each kind; the thread ends with the program."""

    counted = Signal(object, int)
    """A folder, and how many notes are in it."""
    removed = Signal(object)
    """A Removal."""
    _failed = Signal(object)
    """An exception, from the thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._failed.connect(self._tell)
        self._changed = threading.Condition()
        self._folder: tuple[Path, tuple[str, ...]] | None = None
        self._patterns: tuple[Sequence[Path], Sequence[str], str] | None = None
        self._worker: threading.Thread | None = None
        self._ended = False

    def count_notes(self, folder: Path, patterns: Sequence[str]) -> None:
        """Count the notes in a folder that patterns leave in."""
        with self._changed:
            self._folder = folder, tuple(patterns)
            self._wake()

    def count_removed(self, folders: Sequence[Path], patterns: Sequence[str]) -> None:
        """Count the notes in some folders that patterns leave out."""
        with self._changed:
            self._patterns = folders, patterns, ""
            self._wake()

    def count_added(self, folders: Sequence[Path], patterns: Sequence[str], added: str) -> None:
        """Count what one more pattern leaves out; it is told as a Removal of that alone."""
        with self._changed:
            self._patterns = folders, patterns, added
            self._wake()

    def end(self) -> None:
        """Stop counting for good."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _wake(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="counting", daemon=True)
            self._worker.start()
        self._changed.notify()

    def _work(self) -> None:
        while self._wait():
            try:
                self._count()
            except Exception as error:  # noqa: BLE001  # told in the window's thread
                self._say(self._failed, error)

    def _say(self, signal: SignalInstance, *values: object) -> None:
        # The program may have ended while a disk had still not answered.
        with contextlib.suppress(RuntimeError):
            signal.emit(*values)

    @Slot(object)
    def _tell(self, error: Exception) -> None:
        """What nobody expected goes the way of all that."""
        raise error

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._folder or self._patterns or self._ended)
            return not self._ended

    def _count(self) -> None:
        with self._changed:
            patterns, self._patterns = self._patterns, None
            folder = None if patterns else self._folder
            if folder is not None:
                self._folder = None
        if patterns is not None:
            told = self._removal(*patterns)
            if told is not None:
                self._say(self.removed, told)
        elif folder is not None:
            notes = count_notes(*folder, self._is_over)
            if notes >= 0:
                self._say(self.counted, folder[0], notes)

    def _removal(
        self, folders: Sequence[Path], patterns: Sequence[str], added: str
    ) -> Removal | None:
        told = removal(folders, patterns, self._is_newer)
        if told is None or not added:
            return told
        more = removal(folders, (*patterns, added), self._is_newer)
        count = more.notes - told.notes if more is not None else 0
        return Removal((added,), count, (count,)) if more is not None else None

    def _is_newer(self) -> bool:
        return self._patterns is not None or self._ended

    def _is_over(self) -> bool:
        return self._folder is not None or self._ended


def count_notes(folder: Path, patterns: Sequence[str], is_over: Callable[[], bool]) -> int:
    """Count the notes in a folder, at most MOST of them; -1 where it was called off."""
    count = 0
    for seen in ignore.walk(folder, Rules(patterns)):
        if is_over():
            return -1
        count += isinstance(seen, Found)
        if count >= MOST:
            break
    return count
