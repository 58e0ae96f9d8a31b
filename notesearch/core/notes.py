"""The values that travel between the parts and threads of the program, all immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

MAX_MEANING = 2_000
"""Characters of a query that are embedded; more than any model of sentences takes."""

ENDINGS = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn")
"""What the name of a note ends in."""

BREADCRUMB = " › "  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a note short enough to be embedded as one vector."""

    heading: str
    """The headings it stands under, outermost first, joined by BREADCRUMB; without the title."""
    text: str
    """What the file holds there, markup included, line ends normalised."""
    line: int
    """First line in the file, counted from 1, front matter included."""
    end_line: int
    """Last line in the file, inclusive."""
    start: int
    """Offset of the first character in the note's text."""
    end: int
    """Offset behind the last character."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a note's text says: its fields and its passages."""

    title: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Targets of wiki links and of links to other files, as written."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Front matter, or the page properties of an outliner."""
    passages: tuple[Passage, ...] = ()
    """Never empty: a note without text has one passage that holds its title."""
    problem: str = ""
    """What could not be understood, in words for the user; '' when nothing."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the user typed, parsed."""

    text: str
    """As typed."""
    words: tuple[str, ...] = ()
    """Single words, as typed; at least one letter or digit in each."""
    phrases: tuple[str, ...] = ()
    """Quoted: a note must hold each."""
    excluded: tuple[str, ...] = ()
    """Words and phrases a note must not hold."""
    unfinished: bool = False
    """The last word may still be growing: it also stands for the words it begins."""

    @property
    def meaning(self) -> str:
        """The text to embed: everything that is asked for, without the syntax."""
        return " ".join(self.terms) if self.excluded else self.text[:MAX_MEANING]

    @property
    def terms(self) -> tuple[str, ...]:
        """Everything that is asked for by words."""
        return (*self.words, *self.phrases)


class Mode(StrEnum):
    """Which halves of the search answer."""

    WORDS = "words"
    MEANING = "meaning"
    BOTH = "both"


class Strength(StrEnum):
    """How good a hit is, in a word."""

    STRONG = "Strong"
    GOOD = "Good"
    WEAK = "Weak"


@dataclass(frozen=True, slots=True)
class Hit:
    """A note that answers a query, by its best passage."""

    path: str
    """Relative to the folder."""
    folder: str
    title: str
    heading: str
    line: int
    end_line: int
    score: float
    """What the list is ordered by; 0 to 1."""
    cosine: float
    """Of query and passage; 0 where the passage has no vector yet or meaning took no part."""
    words: float
    """Word score: BM25 over the best BM25 of the query; 0 where no word matches."""
    strength: Strength | None
    """None where nothing was asked for: one of the recent notes."""
    passage: str
    modified: float
    """Seconds since the epoch."""
    copies: tuple[str, ...] = ()
    """Absolute paths of further notes with the same content."""
    matches: tuple[tuple[int, int], ...] = ()
    """Start and end offsets, in the passage, of the words that matched."""
    available: bool = True
    """Whether its folder was there when it was last looked for."""

    @property
    def file(self) -> Path:
        """Where the note is."""
        return Path(self.folder) / self.path


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one query."""

    query: Query
    hits: tuple[Hit, ...] = ()
    weak: tuple[Hit, ...] = ()
    """What is there besides, but neither close in meaning nor in words."""
    semantic: bool = False
    """Whether meaning took part."""
    took_ms: float = 0.0
    final: bool = True
    """False for an answer by words that one with meaning will follow."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A note around one of its passages, as Markdown."""

    file: Path
    folder: Path
    """The chosen folder that the note is in."""
    title: str
    before: str
    """What stands before the passage, as far as it is shown; ends where the passage begins."""
    passage: str
    after: str
    words: tuple[str, ...] = ()
    """What matched the query, as it stands in the text, each once."""
    begins_late: bool = False
    """Whether the note has more before this."""
    ends_early: bool = False
    """Whether the note has more after this."""


class State(StrEnum):
    """What the indexing side of the program is doing."""

    STARTING = "starting"
    READING = "reading"
    EMBEDDING = "embedding"
    PAUSED = "paused"
    """Something is left to do, but the user wants it to wait."""
    CURRENT = "current"
    ELSEWHERE = "elsewhere"
    """Another notesearch keeps this library up to date."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Folder:
    """A chosen folder."""

    path: str
    notes: int
    """How many of its notes are in the library."""
    available: bool = True
    """False where it is not there: an unplugged disk, a share that is off."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the library is in line with the disk."""

    state: State
    notes: int = 0
    """Notes on disk, as far as is known."""
    unread: int = 0
    """Notes among them that are still to be read."""
    passages: int = 0
    embedded: int = 0
    """Passages that have their vector."""
    problems: int = 0
    seconds_left: float | None = None
    """None while it cannot be told."""
    changes: int = 0
    """Counts the times that changes on the disk were taken up: an answer from before is old."""
    folders: tuple[Folder, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong with a file, a folder or the program, in words for the user."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that nobody expected."""

    report: str
    """For whoever mends it: holds no text of notes or queries."""
