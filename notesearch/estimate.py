"""How long it takes to read notes, from how long it took."""

from dataclasses import dataclass, replace

from notesearch.core.notes import Progress, State


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
