"""Query -> Results: both halves, fused, a row per note, the floor applied."""

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from notesearch.core import calibration
from notesearch.core.embedder import Encoder, Vector
from notesearch.core.library import Library
from notesearch.core.notes import Hit, Mode, Query, Results, Strength
from notesearch.core.vectors import VectorIndex
from notesearch.core.words import WordSearch

MEANING_WEIGHT = 0.7
"""Share of the cosine in a score; the word score has the rest. Measured: see ARCHITECTURE.md."""
ENOUGH_WORDS = 0.7
"""Share of the query's word weight from which a note is a match whatever its meaning."""
CANDIDATES = 200
"""Embeddings taken from the meaning half."""
ALL_WORDS = 0.999
MAX_PINNED = 50

_IDENTIFIER = re.compile(
    r"[^\W_]_[^\W_]|\w[/\\]\w|\d\.\d|\w{2}\.[^\W\d]{2}|(?=\w*\d)(?=\w*[^\W\d])\w{2}|\w-\d|\d-\w"
)


@dataclass(slots=True)
class _Scored:
    """A passage on its way to becoming a hit."""

    passage: int
    content: bytes
    """Hash of the note."""
    cosine: float
    words: float
    score: float
    pinned: int
    """2 for an exact title, 1 for all identifiers, else 0: before everything that has less."""


class Searcher:
    """Answers queries from one library. To be used in one thread at a time."""

    def __init__(self, library: Library, index: VectorIndex, encoder: Encoder | None) -> None:
        self._library = library
        self._db = library.db
        self._index = index
        self._encoder = encoder
        self.words = WordSearch(library)

    def search(
        self, query: Query, *, limit: int, mode: Mode = Mode.BOTH, weak: bool = True
    ) -> Results:
        """Answer a query with at most `limit` hits and, where they are wanted, as many weak ones.

        Without an encoder, or in a library without vectors, words answer alone.

        Raises sqlite3.OperationalError when it was interrupted.
        """
        started = time.perf_counter()
        semantic = mode is not Mode.WORDS and self._encoder is not None and len(self._index) > 0
        terms = self.words.terms(query)
        allowed = self.words.allowed(query)
        asked = bool(query.terms) and (allowed is None or bool(allowed))
        scored: list[_Scored] = []
        if asked:
            words = {} if mode is Mode.MEANING else self.words.candidates(terms, allowed)
            cosines = self._cosines(query, words, allowed) if semantic else {}
            scored = self._fuse(query, words, cosines, mode if semantic else Mode.WORDS)
        hits, others = self._sort_out(scored, terms, limit, weak=weak)
        took = (time.perf_counter() - started) * 1000
        return Results(query, hits, others, semantic, took)

    def recent(self, query: Query, limit: int) -> Results:
        """Return the notes that were changed last, newest first, by their first passage."""
        started = time.perf_counter()
        rows = self._db.execute(
            "SELECT min(passages.id), notes.hash FROM notes JOIN passages ON passages.note = "
            "notes.id WHERE notes.id IN (SELECT id FROM notes WHERE hash != x'' "
            "ORDER BY mtime_ns DESC, id DESC LIMIT ?) "
            "GROUP BY notes.id ORDER BY mtime_ns DESC, notes.id DESC", (limit,),
        ).fetchall()  # fmt: skip
        newest = {content: passage for passage, content in reversed(rows)}
        chosen = [
            (_Scored(passage, content, 0.0, 0.0, 0.0, 0), None)
            for passage, content in rows if newest[content] == passage
        ]  # fmt: skip
        hits = self._hits(chosen, ())
        return Results(query, hits, took_ms=(time.perf_counter() - started) * 1000)

    def _cosines(
        self, query: Query, words: dict[int, float], allowed: set[int] | None
    ) -> dict[int, float]:
        """Return the cosines of the nearest passages and of those found by words."""
        assert self._encoder is not None
        vector = self._encoder.embed_query(query.meaning)
        if allowed is None:
            keys, found = self._index.search(vector, CANDIDATES)
        else:
            # Filters come first: the answer is exact among what they allow.
            rows = self._library.rows(
                "SELECT DISTINCT json_array(embeddings.id) AS value FROM passages "
                "JOIN embeddings USING (hash) "
                "WHERE note IN (SELECT value FROM json_each(?))", (json.dumps(sorted(allowed)),),
            )  # fmt: skip
            keys = np.array([row[0] for row in rows], np.int64)
            found = self._index.cosines(keys, vector)
            best = np.argsort(-found, kind="stable")[:CANDIDATES]
            keys, found = keys[best], found[best]
        near = dict(zip(keys.tolist(), found.tolist(), strict=True))
        return self._passages_of(near, words, vector, allowed)

    def _passages_of(
        self, near: dict[int, float], words: dict[int, float], vector: Vector,
        allowed: set[int] | None,
    ) -> dict[int, float]:  # fmt: skip
        """Map embeddings to the passages that have them; add the passages found by words."""
        rows = self._library.rows(
            "SELECT json_array(passages.id, note, embeddings.id) AS value FROM embeddings "
            "JOIN passages USING (hash) WHERE embeddings.id IN (SELECT value FROM json_each(?)) "
            "UNION SELECT json_array(passages.id, note, embeddings.id) FROM passages "
            "JOIN embeddings USING (hash) WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(near)), json.dumps(list(words))),
        )
        further = sorted({row[2] for row in rows} - near.keys())
        values = self._index.cosines(np.array(further, np.int64), vector).tolist()
        known = near | dict(zip(further, values, strict=True))
        return {row[0]: known[row[2]] for row in rows if allowed is None or row[1] in allowed}

    def _fuse(
        self, query: Query, words: dict[int, float], cosines: dict[int, float], mode: Mode
    ) -> list[_Scored]:
        """Score every candidate passage and keep the best of each note, best note first."""
        best_words = max(words.values(), default=0.0) or 1.0
        notes = self._notes_of([*words.keys(), *(cosines.keys() - words.keys())])
        pins, titled = ({}, set()) if mode is Mode.MEANING else self._pins(query)
        floor = self.floor()
        best: dict[int, _Scored] = {}
        for passage, note, content in notes:
            word_score = words.get(passage, 0.0) / best_words
            cosine = cosines.get(passage)
            score = _score(mode, floor if cosine is None else cosine, word_score)
            pinned = 2 if note in titled else pins.get(passage, 0)
            candidate = _Scored(passage, content, cosine or 0.0, word_score, score, pinned)
            if note not in best or _rank(candidate) < _rank(best[note]):
                best[note] = candidate
        return sorted(best.values(), key=_rank)

    def _notes_of(self, passages: list[int]) -> list[tuple[int, int, bytes]]:
        """Return passages with their note and the hash of its content."""
        rows = self._library.rows(
            "SELECT json_array(passages.id, note, hex(notes.hash)) AS value FROM passages "
            "JOIN notes ON notes.id = note "
            "WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps(passages),),
        )
        return [(passage, note, bytes.fromhex(content)) for passage, note, content in rows]

    def _pins(self, query: Query) -> tuple[dict[int, int], set[int]]:
        """Return the passages with all of the query's identifiers, and the notes so titled."""
        identifiers = [word for word in query.words if _is_identifier(word)]
        holding = self.words.holding(identifiers) if identifiers else []
        # What is everywhere, such as COVID-19 in notes about it, points at nothing.
        pins = {} if len(holding) > MAX_PINNED else dict.fromkeys(holding, 1)
        return pins, self.words.titled(query.text)

    def floor(self) -> float:
        """Return the cosine from which a match by meaning is believed in this library."""
        value = self._library.meta("floor")
        return float(value) if isinstance(value, float) else calibration.LOWEST

    def _sort_out(
        self, scored: list[_Scored], terms: tuple[str, ...], limit: int, *, weak: bool
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """Part the list at the floor."""
        hits: list[tuple[_Scored, Strength]] = []
        others: list[tuple[_Scored, Strength]] = []
        seen: set[bytes] = set()
        floor = self.floor()
        # What was found by the only word there is holds all of the query.
        shares = {one.passage: 1.0 for one in scored if one.words > 0 and len(terms) == 1}
        shares |= self.words.shares(terms, [o.passage for o in scored if o.passage not in shares])
        for one in scored:
            if one.content not in seen:
                seen.add(one.content)
                strength = _strength(one, shares[one.passage], floor)
                (others if strength is Strength.WEAK else hits).append((one, strength))
        # Where there are hits nobody looks at what matched in the weak ones.
        marked = () if hits else terms
        return self._hits(hits[:limit], terms), self._hits(others[: limit * weak], marked)

    def _hits(
        self, chosen: Sequence[tuple[_Scored, Strength | None]], terms: tuple[str, ...]
    ) -> tuple[Hit, ...]:
        """Fetch what is shown of the chosen passages."""
        passages = [one.passage for one, _ in chosen]
        matches = self.words.matches(terms, passages)
        copies = self._library.paths_of({one.content for one, _ in chosen})
        rows = self._library.rows(
            "SELECT json_array(passages.id, path, folder, title, heading, line, end_line, text, "
            "mtime_ns) AS value FROM passages JOIN notes ON notes.id = note "
            "WHERE passages.id IN (SELECT value FROM json_each(?))", (json.dumps(passages),),
        )  # fmt: skip
        shown = {row[0]: row[1:] for row in rows}
        away = self._library.unavailable()
        return tuple(
            _hit(
                one, row, strength,
                copies=tuple(path for path in copies[one.content] if path != row[0]),
                matches=matches.get(one.passage, ()), available=row[1] not in away,
            )
            for one, strength in chosen if (row := shown.get(one.passage)) is not None
        )  # fmt: skip


def _score(mode: Mode, cosine: float, words: float) -> float:
    """Fuse the halves; a passage that has no vector yet comes with the floor for its cosine."""
    weight = {Mode.WORDS: 0.0, Mode.MEANING: 1.0, Mode.BOTH: MEANING_WEIGHT}[mode]
    return weight * cosine + (1 - weight) * words


def _rank(scored: _Scored) -> tuple[int, float, int]:
    """Order candidates; ties go to what was stored first, so that answers never flicker."""
    return (-scored.pinned, -scored.score, scored.passage)


def _strength(scored: _Scored, share: float, floor: float) -> Strength:
    if scored.pinned or share >= ALL_WORDS or scored.cosine >= calibration.strong(floor):
        return Strength.STRONG
    if share >= ENOUGH_WORDS or scored.cosine >= floor:
        return Strength.GOOD
    return Strength.WEAK


def _hit(scored: _Scored, row: list[Any], strength: Strength | None, **values: Any) -> Hit:  # noqa: ANN401
    """Make a hit of a row of _hits(); values: the fields that are not in it."""
    path, folder, title, heading, line, end_line, text, mtime_ns = row
    return Hit(
        path=os.path.relpath(path, folder),
        folder=folder,
        title=title,
        heading=heading,
        line=line,
        end_line=end_line,
        score=round(min(max(scored.score, 0.0), 1.0), 4),
        cosine=round(scored.cosine, 4),
        words=round(scored.words, 4),
        strength=strength,
        passage=text,
        modified=mtime_ns / 1e9,
        **values,
    )


def _is_identifier(word: str) -> bool:
    """Say whether a word is a name such as CVE-2024-1234, v2.8.3, snake_case or a path."""
    return _IDENTIFIER.search(word) is not None
