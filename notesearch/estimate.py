"""How long it takes to read notes, from how long it took."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from notesearch.core import ignore
from notesearch.core.library import Found
from notesearch.core.notes import Progress, State
from notesearch.core.patterns import Rules

MOST = 100_000
"""Notes of a folder that are counted."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast this machine reads; until that is known, what a slow one does."""

    notes: float = 90.0
    """Read in a second."""
    passages: float = 60.0
    """Embedded in a second."""
    passages_of_note: float = 8.0

    def after(self, progress: Progress) -> "Speed":
        """Return what is known after the engine has said how far it is."""
        speed = self
        if progress.rate and progress.state is State.READING:
            speed = replace(speed, notes=progress.rate)
        if progress.rate and progress.state is State.EMBEDDING:
            speed = replace(speed, passages=progress.rate)
        read = progress.notes - progress.unread
        if read and progress.passages:
            speed = replace(speed, passages_of_note=progress.passages / read)
        return speed

    def seconds(self, notes: int) -> float:
        """Return how long it takes to read and embed so many notes."""
        return notes / self.notes + notes * self.passages_of_note / self.passages


def count_notes(folder: Path, patterns: tuple[str, ...], is_off: Callable[[], bool]) -> int:
    """Count the notes in a folder, at most MOST of them; -1 where it was called off."""
    count = 0
    for seen in ignore.walk(folder, Rules(patterns)):
        if is_off():
            return -1
        count += isinstance(seen, Found)
        if count >= MOST:
            break
    return count
