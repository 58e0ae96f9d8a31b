"""What is said once many notes have been read for the first time."""

from notesearch.core.notes import Progress, State
from notesearch.translation import tr, trn

MANY = 50
"""So many unread notes are a new folder, not an afternoon's work."""
MINUTE, HOUR = 60, 3600
_WORKING = {State.READING, State.EMBEDDING}


class FirstRead:
    """Follows what the engine says from the first message on."""

    def __init__(self) -> None:
        self._going_on = False
        self._read = 0
        """Notes that were to be read."""
        self._spent = 0.0
        """Seconds of work, pauses not counted."""
        self._works_since: float | None = None

    def follow(self, progress: Progress, now: float) -> str | None:
        """Return a sentence when all has been read, once; now: of a clock that only goes on."""
        if not self._going_on and _begins(progress):
            self._going_on, self._spent = True, 0.0
            self._read = 0
        self._read = max(self._read, progress.unread, progress.notes if _is_new(progress) else 0)
        if self._works_since is not None:
            self._spent += now - self._works_since
        self._works_since = now if progress.state in _WORKING else None
        if not self._going_on or progress.state is not State.CURRENT:
            return None
        self._going_on = False
        return summary(self._read, self._spent, progress.problems) if self._read else None


def _begins(progress: Progress) -> bool:
    """Say whether many notes are to be read, or the first ones of a library."""
    if progress.state not in _WORKING:
        return False
    return progress.unread >= MANY or _is_new(progress)


def _is_new(progress: Progress) -> bool:
    """Say whether nothing has been taken in yet: while notes are read, only of these is told."""
    if progress.state is State.READING:
        return 0 < progress.unread == progress.notes
    return progress.state is State.EMBEDDING and not progress.embedded


def summary(notes: int, seconds: float, problems: int) -> str:
    """Say how many notes were read, in which time and what went wrong."""
    said = [
        trn("{count} note read in {time}, by meaning too.",
            "{count} notes read in {time}, by meaning too.", notes, time=duration(seconds))
    ]  # fmt: skip
    if problems:
        said.append(trn("{count} file has a problem.", "{count} files have problems.", problems))
    return " ".join(said)


def duration(seconds: float) -> str:
    """Return a time in its two largest units."""
    whole = max(1, round(seconds))
    if whole < MINUTE:
        return tr("{seconds} s").format(seconds=whole)
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return tr("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    hours, rest = divmod(whole // MINUTE, MINUTE)
    return tr("{hours} h {minutes} min").format(hours=hours, minutes=rest)
