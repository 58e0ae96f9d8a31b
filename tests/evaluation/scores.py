"""What a ranking can go by, computed for every question and every passage or note of a set.

From a library's texts and vectors alone, and with nothing left out for speed: word indexes of its
own, one of passages and one of whole notes, stand in memory.
"""

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from datasets import QuestionSet

from notesearch.core import query
from notesearch.core.access import Writer
from notesearch.core.embedder import Encoder, Vectors
from notesearch.core.words import WordSearch

Array = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Found = Mapping[str, tuple[Indices, Array]]
"""Word -> the rows that hold it, each once, and their BM25."""

NONE = 1e-9
"""In place of a maximum that is 0, to divide by."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The passages of a library, in the order of their notes, and the notes."""

    note_of: Indices
    """Index of each passage's note, rising: [passages]."""
    vectors: Vectors
    passages: Sequence[tuple[str, str, str]]
    """Names of the note, headings and keywords, text."""
    notes: Sequence[tuple[str, str, str]]
    """The same of whole notes, every heading once."""
    places: Mapping[str, int]
    """Path of a note, absolute -> index."""
    original: Indices
    """Index of the first note with the same content: [notes]."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What a ranking can go by: [questions, passages] or [questions, notes], BM25 best = 1."""

    first: Indices
    """Index of each note's first passage: [notes]."""
    cosine: Array
    words: Array
    share: Array
    """Of the question's word weight, in a passage."""
    note_cosine: Array
    """With the mean of the note's vectors."""
    note_words: Array
    """Of the note as one text."""
    note_sum: Array
    """Of each word in the passage that is best for it, summed."""
    note_share: Array
    length: Array
    """How many words of a question count: [questions, 1]."""

    def best(self, passages: Array) -> Array:
        """Return the best of each note's passages: [questions, notes]."""
        return as_array(np.maximum.reduceat(passages, self.first, axis=1))


def as_array(values: npt.NDArray[np.floating[Any]]) -> Array:
    return values.astype(np.float32, copy=False)


def texts_of(db: sqlite3.Connection) -> Texts:
    """Read a library's passages that have a vector."""
    rows = db.execute(
        "SELECT notes.id, path, names, keywords, notes.hash, heading, text, vector FROM passages "
        "JOIN notes ON notes.id = note JOIN embeddings ON embeddings.hash = passages.hash "
        "ORDER BY notes.id, passages.id"
    ).fetchall()
    indices = {key: i for i, key in enumerate(dict.fromkeys(row[0] for row in rows))}
    bodies: list[list[str]] = [[] for _ in indices]
    headings: list[dict[str, None]] = [{} for _ in indices]
    for row in rows:
        bodies[indices[row[0]]].append(row[6])
        headings[indices[row[0]]][row[5]] = None
    heads = list({row[0]: row for row in rows}.values())
    first: dict[bytes, int] = {}
    return Texts(
        note_of=np.array([indices[row[0]] for row in rows]),
        vectors=np.stack([np.frombuffer(row[7], "<f2").astype(np.float32) for row in rows]),
        passages=[(row[2], f"{row[5]} {row[3]}", row[6]) for row in rows],
        notes=[
            (row[2], f"{' '.join(headings[i])} {row[3]}", "\n".join(bodies[i]))
            for i, row in enumerate(heads)
        ],
        places={row[1]: i for i, row in enumerate(heads)},
        original=np.array([first.setdefault(row[4], i) for i, row in enumerate(heads)]),
    )


def find(rows: Iterable[tuple[str, str, str]], terms: Iterable[str]) -> Found:
    """Look each word up among texts of title, headings and body, weighted as in the program."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE texts USING fts5 (title, headings, body, "
               "tokenize = 'porter unicode61 remove_diacritics 2')")  # fmt: skip
    db.execute("INSERT INTO texts (texts, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0)')")
    db.executemany("INSERT INTO texts (rowid, title, headings, body) VALUES (?, ?, ?, ?)",
                   ((i, *row) for i, row in enumerate(rows)))  # fmt: skip
    found = {}
    for term in terms:
        pairs = db.execute("SELECT rowid, -rank FROM texts WHERE texts MATCH ?", (term,)).fetchall()
        found[term] = (np.array([i for i, _ in pairs], np.int64),
                       np.array([score for _, score in pairs], np.float32))  # fmt: skip
    db.close()
    return found


def scores(writer: Writer, texts: Texts, asked: QuestionSet, encoder: Encoder) -> Scores:
    """Compute everything that the variants are made of."""
    queries = [query.parse(question.text) for question in asked.questions]
    search = WordSearch(writer.library)
    terms = [search.terms(parsed) for parsed in queries]
    every = sorted({term for some in terms for term in some})
    vectors = np.stack([encoder.embed_query(parsed.meaning) for parsed in queries])
    passages, notes = find(texts.passages, every), find(texts.notes, every)
    means = np.zeros((len(texts.notes), encoder.dimension), np.float32)
    np.add.at(means, texts.note_of, texts.vectors)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), NONE)
    best = {term: best_of_notes(found, texts.note_of) for term, found in passages.items()}
    # Inverse document frequency, as the program has it.
    weights = {term: math.log(1 + (len(texts.passages) - len(i) + 0.5) / (len(i) + 0.5))
               for term, (i, _) in passages.items()}  # fmt: skip
    total = np.array([[sum(weights[term] for term in some)] for some in terms], np.float32)
    total = np.maximum(total, NONE)
    return Scores(
        first=np.flatnonzero(np.diff(texts.note_of, prepend=-1)),
        cosine=vectors @ texts.vectors.T,
        words=to_best(total_of(terms, passages, len(texts.passages))),
        share=total_of(terms, passages, len(texts.passages), weights) / total,
        note_cosine=vectors @ means.T,
        note_words=to_best(total_of(terms, notes, len(texts.notes))),
        note_sum=to_best(total_of(terms, best, len(texts.notes))),
        note_share=total_of(terms, best, len(texts.notes), weights) / total,
        length=np.array([[max(1, len(some))] for some in terms], np.float32),
    )


def best_of_notes(found: tuple[Indices, Array], note_of: Indices) -> tuple[Indices, Array]:
    """Return the notes that hold a word, and the BM25 of the best passage of each."""
    notes, place = np.unique(note_of[found[0]], return_inverse=True)
    best = np.zeros(len(notes), np.float32)
    np.maximum.at(best, place, found[1])
    return notes, best


def total_of(
    terms: Sequence[Iterable[str]], found: Found, width: int,
    weights: Mapping[str, float] | None = None,
) -> Array:  # fmt: skip
    """Sum BM25, or other weights, of the words of each question: [questions, width]."""
    total = np.zeros((len(terms), width), np.float32)
    for row, some in zip(total, terms, strict=True):
        for term in some:
            indices, values = found[term]
            row[indices] += values if weights is None else weights[term]
    return total


def to_best(values: Array) -> Array:
    """Scale each question's values so that its best is 1."""
    return as_array(values / np.maximum(values.max(1, keepdims=True), NONE))
