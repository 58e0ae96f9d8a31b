"""What the searching thread is asked, and in which order it is served: the most urgent first."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from notesearch.core.notes import Hit, Results

IDLE_SECONDS = 30.0
"""When nobody has asked for anything for so long, what is kept for the next question is let go."""
REST_SECONDS = 0.3
"""Spelling, and what carried the meaning of each row, is looked at when nobody has typed for so
long."""


@dataclass(frozen=True, slots=True)
class Retire:
    """The library is to be let go of: it is made anew."""

    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Rest:
    """Nobody has asked for anything for a while."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text to be answered with at most so many notes."""

    text: str
    limit: int
    again: bool
    """What is shown answers it already: only the whole answer is of use."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A note to show, and why it is in the answer."""

    hit: Hit
    text: str


@dataclass(frozen=True, slots=True)
class Follow:
    """A link in a note that is shown."""

    source: Path
    folder: Path
    target: str


@dataclass(frozen=True, slots=True)
class Relate:
    """A note whose neighbours are wanted."""

    hit: Hit


@dataclass(frozen=True, slots=True)
class Spread:
    """A note whose further passages are wanted."""

    hit: Hit
    text: str


@dataclass(frozen=True, slots=True)
class Carry:
    """Rows of which it is to be said which words carried their meaning."""

    hits: tuple[Hit, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Miss:
    """A note that was missed."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Spell:
    """An answer to a question with words that are in no note."""

    results: Results


Aside = Glance | Follow | Spread | Miss | Relate | Spell | Carry
"""What is asked for beside an answer."""
Wanted = Retire | Question | Aside
ORDER: tuple[type[Wanted], ...] = (
    Retire, Question, Glance, Follow, Spread, Miss, Relate, Spell, Carry,
)  # fmt: skip
"""The most urgent first."""
PATIENT = frozenset({Spell, Carry})
"""Whoever goes on typing wants none of these, and they may take a while."""


Key = tuple[type[Wanted], Path | None]


def key_of(wanted: Wanted) -> Key:
    """Return what there can be only one of: a newer one takes the place of an older."""
    return type(wanted), wanted.hit.file if isinstance(wanted, Spread) else None


class Asked:
    """The newest question, note to show and so on; older ones are void."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: dict[Key, Wanted] = {}
        self._asked_at = -REST_SECONDS
        """When the last question came."""
        self._resting = self._closed = False

    def put(self, wanted: Wanted) -> None:
        with self._changed:
            self._wanted[key_of(wanted)] = wanted
            if isinstance(wanted, Question):
                self._asked_at = time.monotonic()
                self._wanted.pop((Spell, None), None)
                self._drop_old(wanted)
            self._changed.notify()

    def put_back(self, wanted: Wanted) -> None:
        """Ask for something again, unless another one is asked for."""
        with self._changed:
            self._wanted.setdefault(key_of(wanted), wanted)
            self._drop_old(self._wanted.get((Question, None)))

    def _drop_old(self, question: Wanted | None) -> None:
        """Drop what is wanted of the rows of another answer."""
        if not isinstance(question, Question):
            return
        for key, wanted in list(self._wanted.items()):
            if isinstance(wanted, Carry | Spread) and wanted.text != question.text:
                del self._wanted[key]

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def newer(self) -> bool:
        """Whether a question waits, or nobody wants to know any more."""
        return (Question, None) in self._wanted or self._closed

    def rest(self, seconds: float) -> None:
        """Wait for so long, or until something newer is asked."""
        with self._changed:
            self._changed.wait_for(lambda: self.newer, seconds)

    def get(self) -> Wanted | Rest | None:
        """Wait for something to do; a rest comes once; None when there will be nothing more."""
        with self._changed:
            seconds = None if self._resting else IDLE_SECONDS
            self._resting = not self._changed.wait_for(
                lambda: self._wanted or self._closed, seconds
            )
            if self._resting:
                return Rest()
            if self._is_patient():
                rest = self._asked_at + REST_SECONDS - time.monotonic()
                self._changed.wait_for(
                    lambda: not self._is_patient() or self._closed, max(0.0, rest)
                )
            if self._closed:
                return None
            # Of the equally urgent, the one that was asked for first.
            return self._wanted.pop(min(self._wanted, key=lambda key: ORDER.index(key[0])))

    def _is_patient(self) -> bool:
        return all(kind in PATIENT for kind, _ in self._wanted)
