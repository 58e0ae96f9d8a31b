"""The values that travel between the parts and threads of the program, all immutable."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from notesearch.translation import tr

ENDINGS = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn")
"""What the name of a note ends in."""

ONLY_IN_CLOUD = tr("is only in the cloud; open it there once to make it searchable")

# What systems set on a file whose content is fetched when it is read.
_RECALL = 0x1000 | 0x40000 | 0x400000
"""Windows: offline, recalled on open, recalled on data access."""
_DATALESS = 0x40000000
"""macOS."""


def is_placeholder(status: os.stat_result) -> bool:
    """Say whether to read a file would fetch its content from the cloud."""
    attributes, flags = getattr(status, "st_file_attributes", 0), getattr(status, "st_flags", 0)
    return bool(attributes & _RECALL or flags & _DATALESS)


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


class Kind(StrEnum):
    """What a condition of a query is about."""

    WORD = "word"
    PHRASE = "phrase"
    TAG = "tag"
    PATH = "path"
    TITLE = "title"
    FILE = "file"
    MODIFIED = "modified"
    CREATED = "created"
    FIELD = "field"
    HAS = "has"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must be true of a note."""

    kind: Kind
    text: str
    """As typed, for whoever asks why a note is left out."""
    value: str = ""
    key: str = ""
    """Of a field of the front matter."""
    since: float = -math.inf
    """Seconds since the epoch, inclusive; of times only."""
    until: float = math.inf
    """Exclusive."""
    negated: bool = False


Clause = tuple[Condition, ...]
"""Conditions of which one must be true."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the user typed, parsed."""

    text: str
    """As typed."""
    words: tuple[str, ...] = ()
    """Single words, as typed; at least one letter, digit or sign in each."""
    choices: tuple[tuple[str, ...], ...] = ()
    """Words among them that were joined by OR: any one counts for all of its group."""
    phrases: tuple[str, ...] = ()
    """Quoted and wanted."""
    clauses: tuple[Clause, ...] = ()
    """What a note must fulfil, all of them; phrases included."""
    complaints: tuple[str, ...] = ()
    """What looks like a filter and cannot be understood, in words for the user; it stays text."""
    unfinished: bool = False
    """The last word may still be growing: it also stands for the words it begins."""
    meaning: str = ""
    """The text to embed: everything that is asked for, without the syntax."""

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
    more: int = 0
    """How many further passages of the note match too."""
    by_title: bool = False
    """Whether it matches by its title alone: then it opens at the top."""

    @property
    def file(self) -> Path:
        """Where the note is."""
        return Path(self.folder) / self.path


@dataclass(frozen=True, slots=True)
class Passages:
    """The further passages of a note that match a query, as they stand in the note."""

    text: str
    """The query, as typed."""
    file: Path
    hits: tuple[Hit, ...]
    """One for each passage, with all else as in the note's own hit."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Which words carried the meaning of a passage in the list."""

    text: str
    """The query, as typed."""
    hit: Hit
    carriers: "tuple[Carrier, ...]"
    cosine: float
    """Of query and passage."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What patterns take out of the search, or would."""

    patterns: tuple[str, ...]
    """All of them, as they were asked about."""
    notes: int
    """How many notes of some folders all of them leave out together, as they are on the disk: what
    is left out now is counted too."""
    each: tuple[int, ...]
    """Of how many notes each pattern is the one that decides; -1 for a line that is none."""


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
    suggestion: str = ""
    """The query with words that are in no note put right; '' where there is nothing to suggest."""


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
    fields: tuple[tuple[str, str], ...] = ()
    """The front matter: names and values, as text."""
    line: int = 1
    """Where in the file the passage begins, counted from 1."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link in a note leads."""

    source: Path
    """The note that the link is in."""
    target: str
    """As it was asked for: the name in a wiki link, or a path; with a heading behind a #."""
    preview: Preview | None
    """The note there; None where there is none."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase of a query, and where it is in a note."""

    text: str
    share: float
    """Of the query's word weight, 0 to 1: rare words weigh more."""
    in_passage: bool
    in_note: bool


@dataclass(frozen=True, slots=True)
class Carrier:
    """A word of a passage, and what it adds to the cosine of query and passage."""

    start: int
    end: int
    """Offsets in the passage."""
    share: float
    """Its part of the cosine; those of all words, context line and marks add up to it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is."""

    hit: Hit
    text: str
    """The query, as typed."""
    rank: int
    """Counted from 1, weak matches behind the others; 0 where nothing was asked for by text."""
    passage_cosine: float
    note_cosine: float
    """Of the query and the mean of the note's passages."""
    passage_words: float
    """BM25 of the passage over the best of this query, as far as words decide; 0 to 1."""
    note_words: float
    """The same of the note as a whole."""
    meaning_rank: int
    """Rank of the note by meaning alone, counted from 1; 0 where meaning did not find it."""
    words_rank: int
    """The same by words alone."""
    words: tuple[Word, ...]
    carriers: tuple[Carrier, ...]
    context: float
    """What all else adds to its cosine: title, headings, stop words and marks."""
    share: float
    """Which share of the query's word weight the note's passage holds."""
    floor: float
    """The cosine from which a match by meaning is believed."""
    enough_words: float
    """The share of the word weight from which a match by words is."""
    pinned: str = ""
    """Why it comes before everything else: an exact title, a name; '' where it does not."""


class Standing(StrEnum):
    """Where a note is, seen from an answer."""

    SHOWN = "shown"
    WEAK = "weak"
    """Below the floor: among the weak matches."""
    FILTERED = "filtered"
    """Left out by a condition of the query."""
    FAR = "far"
    """Nothing in it answers the query: neither near in meaning nor with any of its words."""
    UNREAD = "unread"
    FAILED = "failed"
    """It could not be read."""
    IGNORED = "ignored"
    """A rule leaves it out."""
    OUTSIDE = "outside"
    """In none of the chosen folders."""
    NO_NOTE = "no note"
    """There is such a file, but it is no Markdown."""
    MISSING = "missing"
    """There is no such note."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Why a note is not in an answer, or where in it."""

    name: str
    """As it was asked for."""
    standing: Standing
    reason: str
    """A sentence for the user."""
    file: Path | None = None
    rank: int = 0
    """Counted from 1 over hits and weak ones; 0 where it has none."""
    hit: Hit | None = None
    """Its best passage, where it has a rank."""
    others: tuple[Path, ...] = ()
    """Further notes that go by this name."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A note that is near another one in meaning."""

    path: str
    """Relative to the folder."""
    folder: str
    title: str
    cosine: float
    """Of the means of the two notes' passages."""
    linked: bool
    """One of the two links to the other."""
    modified: float
    copies: tuple[str, ...] = ()
    """Absolute paths of further notes with the same content."""

    @property
    def file(self) -> Path:
        """Where the note is."""
        return Path(self.folder) / self.path


@dataclass(frozen=True, slots=True)
class Related:
    """The notes that are near one in meaning, nearest first."""

    file: Path
    title: str
    neighbours: tuple[Neighbour, ...]
    ready: bool = True
    """False where the note has not been embedded yet."""


class State(StrEnum):
    """What the indexing side of the program is doing."""

    STARTING = "starting"
    READING = "reading"
    EMBEDDING = "embedding"
    PAUSED = "paused"
    """Something is left to do, but the user wants it to wait."""
    ON_BATTERY = "on battery"
    """Something is left to do, but waits until the machine is plugged in."""
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
    unwatched: str = ""
    """Why changes in it, or in a part of it, are not noticed at once; '' where they are."""


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
    language: str = ""
    """Name of the language that most notes are in, where the model does not know it; else ''."""
    changed_at: float = 0.0
    """When a change on the disk was last taken up, seconds since the epoch; 0 where never."""
    rate: float = 0.0
    """Notes read in a second, or passages embedded, whichever is going on; 0 where unknown."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """Which notes of an answer are not on the disk as they were read."""

    text: str
    """What was asked for."""
    changed: frozenset[Path]
    gone: frozenset[Path]


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
