"""Scores of passages and notes -> one ranked list: pure functions over arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from notesearch.core.notes import Mode
from notesearch.core.vectors import Keys

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

UNKNOWN = 0.3
"""Cosine of a passage that has no vector yet: that of one with a passing likeness."""
MANY = 3
"""Notes that have a text just so from which on it is a template."""
TITLE, NAME = 2, 1
"""What can bring a note before all others."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a score is made of. The weights of its four parts add up to 1.

    score = passage_meaning * cosine of the passage + note_meaning * cosine of the note's mean
        + passage_words * BM25 of the passage / the best of this query * how decisive that is
        + note_words * BM25 of the note / the best of this query * how decisive that is

    Words are decisive as far as any passage, or note, holds the query's word weight: the best of
    matches that all hold little is no good match.

    BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009. The weights are
    measured: tests/evaluation/README.md.
    """

    passage_meaning: float = 0.50
    note_meaning: float = 0.20
    passage_words: float = 0.15
    note_words: float = 0.15
    repeated: float = 0.1
    """By so much less a passage counts whose words MANY notes have just so."""
    decisive: bool = True
    """Whether the last factor is taken."""
    pins: bool = True
    """Exact titles and names come before everything else."""


DEFAULT = Ranking()


@dataclass(frozen=True, slots=True)
class Scored:
    """A note on its way to becoming a hit, with the best of its passages."""

    note: int
    passage: int
    content: bytes
    """Hash of the note."""
    cosine: float
    best_cosine: float
    """Of all its passages."""
    note_cosine: float
    passage_words: float
    note_words: float
    share: float
    """Of the query's word weight, held by the passage that holds the most of it."""
    score: float
    pinned: int
    """TITLE for an exact one, NAME for all identifiers, else 0: before all that have less."""


@dataclass(slots=True)
class Candidates:
    """Passages of the notes that are looked at, column by column, sorted by note: [n] each."""

    passages: Keys
    notes: Keys
    cosines: Floats
    """NaN where there is no vector."""
    wordings: Keys
    """The same number for texts of the same words."""
    words: Floats
    """BM25, 0 where no word matches."""
    held: Floats
    """Share of the query's word weight that each term it holds stands for: [passages, terms]."""


class Places:
    """Where passages are in a column of them."""

    def __init__(self, passages: Keys) -> None:
        self._order = np.argsort(passages)
        self._sorted = passages[self._order]

    def __len__(self) -> int:
        return len(self._sorted)

    def of(self, passages: Keys) -> Indices:
        """Return the places of some passages, all of which are there, in their order."""
        return self._order[np.searchsorted(self._sorted, passages)]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the notes that the passages are of, by note."""

    words: Mapping[int, float]
    """BM25 of the whole note; missing where no word matches."""
    means: Mapping[int, float]
    """Cosine of the mean of its passages; missing until all of them are embedded."""
    contents: Mapping[int, bytes]
    """Hash of its content."""
    pins: Mapping[int, int]
    """TITLE or NAME; missing for most."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What the parts of a score come to."""

    notes: Keys
    """Each once, in their order: [n]."""
    starts: Indices
    """Where the passages of each begin."""
    cosines: Floats
    """Of passages, UNKNOWN where there is no vector."""
    shares: Floats
    """Of the query's word weight, held by each passage."""
    words: Floats
    """Of passages."""
    note_words: Floats
    of_passages: Floats
    """What a passage adds to the score of its note."""
    of_notes: Floats
    """What the note as a whole does."""
    most: float
    """The highest score there is."""


def fuse(found: Candidates, known: Known, ranking: Ranking, mode: Mode) -> list[Scored]:
    """Score every passage and keep the best of each note, best note first."""
    if not len(found.passages):
        return []
    weighed = _weigh(found, known, ranking, mode)
    best = [np.maximum.reduceat(one, weighed.starts) for one in (weighed.cosines, weighed.shares)]
    chosen = _argmax(weighed.of_passages, weighed.starts)
    scored = _score(found, known, weighed, chosen, best)
    # Words alone find what holds one, and not what lies beside it.
    return sorted(
        (one for one in scored
         if mode is not Mode.WORDS or one.note in known.words or one.note in known.pins), key=_rank,
    )  # fmt: skip


def fuse_each(
    found: Candidates, known: Known, ranking: Ranking, mode: Mode, which: Indices
) -> list[Scored]:
    """Score the passages at some places as if each were the best of its note, best first.

    How near one is, and what it holds, is then its own, and nothing brings it before all others.
    """
    if not len(which):
        return []
    weighed = _weigh(found, known, ranking, mode)
    own = [weighed.cosines[which], weighed.shares[which]]
    scored = _score(found, known, weighed, which, own)
    return sorted((replace(one, pinned=0) for one in scored), key=_rank)


def _weigh(found: Candidates, known: Known, ranking: Ranking, mode: Mode) -> _Weighed:
    ids, starts = np.unique(found.notes, return_index=True)
    notes: list[int] = ids.tolist()
    cosines = np.nan_to_num(found.cosines, nan=UNKNOWN)
    best = np.maximum.reduceat(cosines, starts)
    near = np.array([known.means.get(n, b) for n, b in zip(notes, best, strict=True)])
    shares = found.held.sum(axis=1)
    words = found.words / (found.words.max() or 1.0)
    note_words = np.array([known.words.get(note, 0.0) for note in notes])
    note_words /= note_words.max() or 1.0
    if ranking.decisive:
        words *= shares.max()
        note_words *= np.maximum.reduceat(found.held, starts, axis=0).sum(axis=1).max()
    of_passages = _mix(mode, ranking.passage_meaning * cosines, ranking.passage_words * words)
    alike = np.unique([known.contents[note] for note in notes], return_inverse=True)[1]
    repeated = _repeated(found.wordings, alike[np.searchsorted(ids, found.notes)])
    of_passages *= 1 - ranking.repeated * repeated
    of_notes = _mix(mode, ranking.note_meaning * near, ranking.note_words * note_words)
    most = _most(ranking, mode)
    return _Weighed(
        ids, starts, cosines, shares, words, note_words, of_passages, of_notes, most
    )  # fmt: skip


def _score(
    found: Candidates, known: Known, weighed: _Weighed, which: Indices, best: Sequence[Floats]
) -> Iterator[Scored]:
    """Yield passages as scored; best: the cosine and the share by which each is believed."""
    best_cosines, shares = best
    at = np.searchsorted(weighed.notes, found.notes[which])
    scores = (weighed.of_passages[which] + weighed.of_notes[at]) / weighed.most
    embedded = ~np.isnan(found.cosines[which])
    columns = (
        weighed.notes[at], found.passages[which], np.where(embedded, weighed.cosines[which], 0.0),
        np.where(embedded, best_cosines, 0.0), weighed.words[which], weighed.note_words[at],
        shares, scores,
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for note, passage, cosine, best_cosine, of_passage, of_note, share, score in rows:
        yield Scored(
            note, passage, known.contents[note], cosine, best_cosine, known.means.get(note, 0.0),
            of_passage, of_note, share, score, known.pins.get(note, 0),
        )  # fmt: skip


def _repeated(wordings: Keys, contents: Keys) -> npt.NDArray[np.bool_]:
    """Say which passages have words that several notes have just so, as templates do.

    contents: the same number for passages of notes with the same content, which share a row.
    """
    distinct = np.unique(np.stack([wordings, contents]), axis=1)
    wording, count = np.unique(distinct[0], return_counts=True)
    return np.isin(wordings, wording[count >= MANY])


def without_copies(scored: Sequence[Scored]) -> list[Scored]:
    """Keep the first of notes with identical content: the others share its row."""
    first: dict[bytes, Scored] = {}
    for one in scored:
        first.setdefault(one.content, one)
    return list(first.values())


def _mix(mode: Mode, meaning: Floats, words: Floats) -> Floats:
    return words if mode is Mode.WORDS else meaning if mode is Mode.MEANING else meaning + words


def _most(ranking: Ranking, mode: Mode) -> float:
    """Return the highest score that the parts can reach together."""
    meaning = ranking.passage_meaning + ranking.note_meaning
    words = ranking.passage_words + ranking.note_words
    most = {Mode.WORDS: words, Mode.MEANING: meaning, Mode.BOTH: meaning + words}[mode]
    return most or 1.0


def _argmax(values: Floats, starts: Indices) -> Indices:
    """Return where the first of the largest values of each stretch is."""
    ends = [*starts[1:].tolist(), len(values)]
    pairs = zip(starts.tolist(), ends, strict=True)
    return np.array([start + int(values[start:end].argmax()) for start, end in pairs], np.intp)


def _rank(scored: Scored) -> tuple[int, float, int]:
    """Order candidates; ties go to what was stored first, so that answers never flicker."""
    return (-scored.pinned, -scored.score, scored.passage)
