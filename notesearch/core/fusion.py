"""Scores of passages and notes -> one ranked list: pure functions over arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from notesearch.core.notes import Mode
from notesearch.core.vectors import Keys

Floats = npt.NDArray[np.float64]

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

    def of(self, passages: Keys) -> npt.NDArray[np.intp]:
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


def fuse(found: Candidates, known: Known, ranking: Ranking, mode: Mode) -> list[Scored]:
    """Score every passage and keep the best of each note, best note first."""
    if not len(found.passages):
        return []
    ids, starts = np.unique(found.notes, return_index=True)
    notes: list[int] = ids.tolist()
    cosines = np.nan_to_num(found.cosines, nan=UNKNOWN)
    best = np.maximum.reduceat(cosines, starts)
    near = np.array([known.means.get(n, b) for n, b in zip(notes, best, strict=True)])
    shares = np.maximum.reduceat(found.held.sum(axis=1), starts)
    words = found.words / (found.words.max() or 1.0)
    of_notes = np.array([known.words.get(note, 0.0) for note in notes])
    of_notes /= of_notes.max() or 1.0
    if ranking.decisive:
        words *= shares.max()
        of_notes *= np.maximum.reduceat(found.held, starts, axis=0).sum(axis=1).max()
    of_passages = _mix(mode, ranking.passage_meaning * cosines, ranking.passage_words * words)
    alike = np.unique([known.contents[note] for note in notes], return_inverse=True)[1]
    repeated = _repeated(found.wordings, alike[np.searchsorted(ids, found.notes)])
    of_passages *= 1 - ranking.repeated * repeated
    chosen = _argmax(of_passages, starts)
    scores = of_passages[chosen]
    scores += _mix(mode, ranking.note_meaning * near, ranking.note_words * of_notes)
    scores /= _most(ranking, mode)
    embedded = ~np.isnan(found.cosines[chosen])
    columns = (
        found.passages[chosen], np.where(embedded, cosines[chosen], 0.0),
        np.where(embedded, best, 0.0), words[chosen], of_notes, shares, scores,
    )  # fmt: skip
    rows = zip(notes, *(column.tolist() for column in columns), strict=True)
    scored = (
        Scored(
            note, passage, known.contents[note], cosine, best_cosine, known.means.get(note, 0.0),
            of_passage, of_note, share, score, known.pins.get(note, 0),
        )
        for note, passage, cosine, best_cosine, of_passage, of_note, share, score in rows
        # Words alone find what holds one, and not what lies beside it.
        if mode is not Mode.WORDS or note in known.words or note in known.pins
    )  # fmt: skip
    return sorted(scored, key=_rank)


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


def _argmax(values: Floats, starts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return where the first of the largest values of each stretch is."""
    ends = [*starts[1:].tolist(), len(values)]
    pairs = zip(starts.tolist(), ends, strict=True)
    return np.array([start + int(values[start:end].argmax()) for start, end in pairs], np.intp)


def _rank(scored: Scored) -> tuple[int, float, int]:
    """Order candidates; ties go to what was stored first, so that answers never flicker."""
    return (-scored.pinned, -scored.score, scored.passage)
