"""Query -> Results: both halves, fused, a row per note, the floor applied."""

import json
import os
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from notesearch.core import calibration
from notesearch.core.embedder import Encoder, Vector
from notesearch.core.filters import Filters
from notesearch.core.fusion import (
    DEFAULT,
    NAME,
    TITLE,
    Candidates,
    Floats,
    Indices,
    Known,
    Places,
    Ranking,
    Scored,
    fuse,
    fuse_each,
    without_copies,
)
from notesearch.core.library import Library
from notesearch.core.notes import Hit, Mode, Query, Results, Strength
from notesearch.core.query import is_phrase
from notesearch.core.suggestion import Suggester, corrected
from notesearch.core.tokens import expression
from notesearch.core.vectors import Keys, VectorIndex
from notesearch.core.words import TINY, WordSearch

DEPTH = 100
"""At least so many notes are looked at for their words, and NEAR passages for their meaning."""
QUICK_HITS, QUICK_DEPTH, QUICK_NEAR = 10, 20, 30
"""So many are shown and looked at where a whole answer follows at once: a window full."""
NEAR = 200
DEEPER = 4
LONG = 24
"""Passages of a note from which on only those near in meaning are looked at, or with a BM25 of
FAINT times the best of the query."""
FAINT = 0.05
MAX_PINNED = 5
"""A name that more notes hold points at none of them; it is a rare word like others."""
MAX_FURTHER = 20
"""Passages of a note that are listed besides its best one."""
MAX_DOUBTFUL = 1_000
"""Passages that are looked at for whether they hold more than the words of their note's title."""
KEPT_SECONDS, QUICK_SECONDS = 60.0, 0.1
"""How long suggestions may be those of an older library, where making them takes longer."""

_NONE: Mapping[int, int] = {}
_IDENTIFIER = re.compile(
    # Two words with a slash between them, such as read/write, are two words.
    r"[^\W_]_[^\W_]|\w[/\\]\w.*[/\\.]\w|(?:^|[~.])/\w|\d\.\d|\w{2}\.[^\W\d]{2}"
    # An ordinal is a word too, and of two or three signs many a thing is called.
    r"|(?!\d+(?:st|nd|rd|th)\b)(?=\w*\d)(?=\w*[^\W\d])\w{4}|\w-\d|\d-\w"
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Notes as they were ranked, and what that was made of."""

    scored: list[Scored]
    """Best first."""
    mode: Mode
    found: Candidates
    known: Known
    relaxed: bool = False
    """Whether phrases had to be left aside."""


class Searcher:
    """Answers queries from one library. To be used in one thread at a time."""

    def __init__(
        self, library: Library, index: VectorIndex, encoder: Encoder | None,
        ranking: Ranking = DEFAULT, floor: str = "normal",
    ) -> None:  # fmt: skip
        """Search a library by its words and, with an index and an encoder, by meaning.

        floor: how close a match must be: "strict", "normal" or "loose".
        """
        self._library = library
        self._db = library.db
        self._index = index
        self._encoder = encoder
        self._ranking = ranking
        self.strictness = floor
        self.words = WordSearch(library)
        self.filters = Filters(library)
        self._quick = False
        self._ranked: dict[Mode, tuple[object, Ranked]] = {}
        """The last ranking of each kind, and of what it was: whoever is shown it may ask why."""
        self._suggester: tuple[int, float, Suggester] | None = None
        """With the version of the library that it is of, and when it was made."""

    def search(
        self, query: Query, *, limit: int, mode: Mode = Mode.BOTH, weak: bool = True,
        suggest: bool = True,
    ) -> Results:  # fmt: skip
        """Answer a query with at most `limit` hits and, where they are wanted, as many weak ones.

        A query of conditions alone lists the notes that fulfil them, newest first. Without an
        encoder, or in a library without vectors, words answer alone.

        Raises sqlite3.OperationalError when it was interrupted.
        """
        started = time.perf_counter()
        if not query.terms:
            return self.recent(query, limit) if query.clauses else Results(query)
        mode = self.mode(mode)
        with self._library.snapshot():
            terms = self.words.terms(query)
            ranked = self.rank_relaxed(query, terms, mode, limit)
            hits, others = self._sort_out(ranked, terms, limit, weak=weak)
            suggestion = self.suggestion(query) if suggest else ""
        took = (time.perf_counter() - started) * 1000
        return Results(query, hits, others, mode is not Mode.WORDS, took, suggestion=suggestion)

    def glimpse(self, query: Query) -> Results:
        """Answer as soon as can be: by words, else by both, from few notes.

        A whole answer is to follow.
        """
        self._quick = True
        try:
            for mode in (Mode.WORDS, Mode.BOTH):
                found = self.search(query, limit=QUICK_HITS, mode=mode, weak=False, suggest=False)
                if found.hits:
                    break
            return found
        finally:
            self._quick = False

    def recent(self, query: Query, limit: int) -> Results:
        """Return the notes that fulfil a query's conditions, newest first, by their beginning.

        Without conditions these are the notes that were changed last.
        """
        started = time.perf_counter()
        if not query.clauses and query.text.strip():
            return Results(query)
        with self._library.snapshot():
            hits = self._newest(query, limit)
        return Results(query, hits, took_ms=(time.perf_counter() - started) * 1000)

    def _newest(self, query: Query, limit: int) -> tuple[Hit, ...]:
        allowed = self.filters.allowed(query)
        # Whoever types a title finds it first, even if it reads as a condition.
        titled = self.words.titled(query.text) if query.clauses else set()
        among = None if allowed is None else json.dumps(sorted(allowed | titled))
        rows = self._library.rows(
            "SELECT json_array(min(passages.id), notes.id, hex(notes.hash)) AS value FROM notes "
            "JOIN passages ON passages.note = notes.id WHERE notes.id IN (SELECT id FROM notes "
            "WHERE hash != x'' AND (?1 IS NULL OR +id IN (SELECT value FROM json_each(?1))) "
            "ORDER BY id IN (SELECT value FROM json_each(?2)) DESC, mtime_ns DESC, id DESC "
            "LIMIT ?3) GROUP BY notes.id ORDER BY notes.id IN (SELECT value FROM json_each(?2)) "
            "DESC, mtime_ns DESC, notes.id DESC", (among, json.dumps(list(titled)), limit),
        )  # fmt: skip
        newest = {content: passage for passage, _, content in reversed(rows)}
        chosen = [
            (Scored(note, passage, bytes.fromhex(content), 0, 0, 0, 0, 0, 0, 0, 0), None)
            for passage, note, content in rows if newest[content] == passage
        ]  # fmt: skip
        return self._hits(chosen, ())

    def rank_relaxed(
        self, query: Query, terms: tuple[str, ...], mode: Mode, limit: int,
        also: Collection[int] = (),
    ) -> Ranked:  # fmt: skip
        """Score notes as rank() does, without phrases where they have to be left aside for it.

        A phrase that is nowhere leaves nothing to find; what is near to the rest is weak.

        also: notes to score besides; the last ranking of the same query serves if it has them.
        """
        key = (query, limit, self._quick, self.words.version())
        last, ranked = self._ranked.get(mode, (None, None))
        if (
            also and ranked is not None and last == key
            and {one.note for one in ranked.scored}.issuperset(also)
        ):  # fmt: skip
            return ranked
        asked = self._as_far_as_fulfilled(query)
        ranked = self._rank(asked, terms, mode, limit, also)
        ranked = replace(ranked, relaxed=asked is not query)
        self._ranked[mode] = key, ranked
        return ranked

    def _as_far_as_fulfilled(self, query: Query) -> Query:
        """Return a query without its phrases, where no note fulfils it with them."""
        relaxed = _without_phrases(query)
        if relaxed is None or self.filters.allowed(query) or self.words.titled(query.text):
            return query
        return relaxed

    def rank(
        self, query: Query, terms: tuple[str, ...], mode: Mode, limit: int,
        also: Collection[int] = (),
    ) -> list[Scored]:  # fmt: skip
        """Score the notes that may be an answer, best first; at least `limit` of them if there are.

        Under conditions every note that fulfils them is scored, so that the order is exact.

        also: notes to score besides.
        """
        return self._rank(query, terms, mode, limit, also).scored

    def _rank(
        self, query: Query, terms: tuple[str, ...], mode: Mode, limit: int, also: Collection[int]
    ) -> Ranked:
        allowed = self.filters.allowed(query)
        terms = () if mode is Mode.MEANING else terms
        by_words = self._by_words(terms, allowed, limit)
        if also:
            by_words = self.words.notes(terms, frozenset(also), len(also)) | by_words
        begun = self._begun(query, terms, allowed, limit, by_words)
        vector, near = None, {}
        if mode is not Mode.WORDS:
            assert self._encoder is not None
            vector = self._encoder.embed_query(query.meaning)
        pins = self._pins(query, mode, allowed)
        if vector is not None and allowed is None:
            near = self._near(vector, limit)
        notes = {*by_words, *begun, *also, *pins, *(allowed or ()), *near.values()}
        beginning = self.words.begun(query, begun) if begun else np.zeros(0, np.int64)
        decisive = None if allowed is not None else {*near, *beginning.tolist()}
        found = self._gather(sorted(notes), terms, vector, decisive)
        if begun:
            by_words = dict.fromkeys(begun, TINY) | by_words
            self._hold_begun(found, query, terms, beginning)
        known = Known(by_words, self._means(vector, notes), self._contents(notes), pins)
        scored = fuse(found, known, self._ranking, mode)
        least = self._share_of_phrases(query, terms)
        if least:
            scored = [replace(one, share=max(one.share, least)) for one in scored]
        return Ranked(scored, mode, found, known)

    def _share_of_phrases(self, query: Query, terms: tuple[str, ...]) -> float:
        """Return the word weight that every note holds, since a phrase is a condition.

        It may stand across two passages, neither of which holds it.
        """
        required = {expression(c[0].value) for c in query.clauses if is_phrase(c)}
        shares = self.words.shares(terms) if required else {}
        return sum(share for term, share in shares.items() if term in required)

    # The two halves -----------------------------------------------------------------------

    def mode(self, wanted: Mode) -> Mode:
        """Return which halves can answer: words alone without an encoder or any vector."""
        return wanted if self._encoder is not None and len(self._index) else Mode.WORDS

    def _by_words(
        self, terms: tuple[str, ...], allowed: frozenset[int] | None, limit: int
    ) -> dict[int, float]:
        """Return the notes that the words find, and their BM25."""
        return self.words.notes(terms, allowed, max(QUICK_DEPTH if self._quick else DEPTH, limit))

    def _begun(
        self, query: Query, terms: tuple[str, ...], allowed: frozenset[int] | None, limit: int,
        known: Collection[int],
    ) -> list[int]:  # fmt: skip
        """Return notes with a word that the unfinished one begins, but none of the frequent ones.

        Those rank with the words; the others are there too, behind them.
        """
        depth = (
            max(QUICK_DEPTH if self._quick else DEPTH, limit) if allowed is None else len(allowed)
        )
        if len(known) >= depth or self.words.growing(query) not in terms:
            return []
        found = self.words.beginning(query, allowed, depth)
        return [note for note in found if note not in known]

    def _hold_begun(
        self, found: Candidates, query: Query, terms: tuple[str, ...], passages: Keys
    ) -> None:
        """Count the unfinished word as held where one of its rarer completions is."""
        weight = self.words.shares(terms) if len(terms) > 1 else dict.fromkeys(terms, 1.0)
        column = terms.index(self.words.growing(query))
        found.held[Places(found.passages).of(passages), column] = weight[terms[column]]

    def _near(self, vector: Vector, limit: int) -> dict[int, int]:
        """Return the nearest passages and their notes, at least `limit` of them if there are."""
        count = QUICK_NEAR if self._quick else NEAR
        while True:
            keys, _ = self._index.search(vector, count)
            rows = self._library.rows(
                "SELECT json_array(passages.id, note) AS value FROM embeddings "
                "JOIN passages USING (hash) "
                "WHERE embeddings.id IN (SELECT value FROM json_each(?))",
                (json.dumps(keys.tolist()),),
            )
            near: dict[int, int] = dict(rows)
            if len(set(near.values())) >= limit or count >= len(self._index):
                return near
            count *= DEEPER

    def _gather(
        self, notes: Sequence[int], terms: tuple[str, ...], vector: Vector | None,
        decisive: Collection[int] | None,
    ) -> Candidates:  # fmt: skip
        """Fetch what is known of the passages of some notes.

        decisive: of long notes only these, and those with words; None for all of every note.
        """
        holding, scores = self.words.passages(terms, notes)
        wanted = json.dumps(notes)
        if decisive is None:
            which, values = "note IN (SELECT value FROM json_each(?1))", [wanted]
        else:
            firsts, long = self._long(wanted)
            good = holding[scores >= FAINT * scores.max(initial=0.0)]
            chosen = {*decisive, *good.tolist(), *firsts}
            which = (
                "note IN (SELECT value FROM json_each(?1)) OR passages.id IN "
                "(SELECT value FROM json_each(?2))"
            )
            values = [json.dumps(sorted(set(notes) - long)), json.dumps(sorted(chosen))]
        columns = self._library.columns(
            ("passage", "note", "embedding", "wording"),
            "SELECT passages.id AS passage, note, coalesce(embeddings.id, 0) AS embedding, wording "
            f"FROM passages LEFT JOIN embeddings USING (hash) WHERE {which} "
            "ORDER BY note, passages.id", values,
        )  # fmt: skip
        passages, of_notes, embeddings, wordings = (column.astype(np.int64) for column in columns)
        places = Places(passages)
        fetched = np.isin(holding, passages)
        holding, scores = holding[fetched], scores[fetched]
        words = np.zeros(len(passages))
        words[places.of(holding)] = scores
        return Candidates(
            passages, of_notes, self._cosines(embeddings, vector), wordings, words,
            self._held(terms, holding, places),
        )  # fmt: skip

    def _long(self, notes: str) -> tuple[list[int], set[int]]:
        """Return the first passages of the long ones among some notes, and these."""
        rows = self._library.rows(
            "SELECT json_array(min(id), note) AS value FROM passages WHERE note IN "
            "(SELECT value FROM json_each(?)) GROUP BY note HAVING count(*) > ?", (notes, LONG),
        )  # fmt: skip
        return [row[0] for row in rows], {row[1] for row in rows}

    def _cosines(self, keys: Keys, vector: Vector | None) -> Floats:
        cosines = np.full(len(keys), np.nan)
        known = keys > 0
        if vector is not None and known.any():
            cosines[known] = self._index.cosines(keys[known], vector)
        return cosines

    def _held(self, terms: tuple[str, ...], words: Keys, places: Places) -> Floats:
        """Return which of the query's terms each passage holds, by their weight."""
        held = np.zeros((len(places), len(terms) or 1))
        if len(terms) == 1:
            # What was found by the only word there is holds all of the query.
            held[places.of(words)] = 1.0
            return held
        weights = self.words.shares(terms)
        for column, (term, holding) in enumerate(self.words.holding(terms, words).items()):
            held[places.of(holding), column] = weights[term]
        return held

    def _means(self, vector: Vector | None, notes: Collection[int]) -> dict[int, float]:
        """Return the cosines of the means of some notes' passages, where they are known."""
        if vector is None:
            return {}
        ids, vectors = self._library.means(notes)
        if not ids:
            return {}
        return dict(zip(ids, np.clip(vectors @ vector, -1, 1).tolist(), strict=True))

    def _pins(self, query: Query, mode: Mode, allowed: frozenset[int] | None) -> dict[int, int]:
        """Return the notes with exactly this title, and those with all of the identifiers."""
        if mode is Mode.MEANING or not self._ranking.pins:
            return {}
        identifiers = [word for word in query.words if is_identifier(word)]
        holding = self.words.named(identifiers, MAX_PINNED) if identifiers else set()
        pins = dict.fromkeys(holding if allowed is None else holding & allowed, NAME)
        # Whoever types a title finds it, even if a part of it reads as a condition.
        return pins | dict.fromkeys(self.words.titled(query.text), TITLE)

    def _contents(self, notes: Collection[int]) -> dict[int, bytes]:
        """Return the hashes of the notes."""
        rows = self._library.rows(
            "SELECT json_array(id, hex(hash)) AS value FROM notes "
            "WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(notes)),),
        )  # fmt: skip
        return {note: bytes.fromhex(content) for note, content in rows}

    # The floor ----------------------------------------------------------------------------

    def floor(self) -> float:
        """Return the cosine from which a match by meaning is believed in this library."""
        value = self._library.meta("floor")
        measured = float(value) if isinstance(value, float) else calibration.LOWEST
        return calibration.shifted(measured, self.strictness)

    def strength(self, one: Scored, floor: float) -> Strength:
        """Say in a word how good a match is."""
        near = one.best_cosine
        enough = one.share >= calibration.enough_words(self.strictness)
        if one.pinned == TITLE or (one.score >= calibration.STRONG and (enough or near >= floor)):
            return Strength.STRONG
        return Strength.GOOD if one.pinned or enough or near >= floor else Strength.WEAK

    def _sort_out(
        self, ranked: Ranked, terms: tuple[str, ...], limit: int, *, weak: bool
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """Part the list at the floor."""
        hits: list[tuple[Scored, Strength]] = []
        others: list[tuple[Scored, Strength]] = []
        floor = self.floor()
        for one in without_copies(ranked.scored):
            strength = Strength.WEAK if ranked.relaxed else self.strength(one, floor)
            (others if strength is Strength.WEAK else hits).append((one, strength))
        # Where there are hits nobody looks at what matched in the weak ones.
        marked = () if hits else terms
        del hits[limit:], others[limit * weak :]
        more = self._count_further(ranked, terms, [one for one, _ in (*hits, *others)])
        return self._hits(hits, terms, more), self._hits(others, marked, more)

    # Further passages ---------------------------------------------------------------------

    def further(self, ranked: Ranked, terms: tuple[str, ...], one: Scored) -> tuple[Hit, ...]:
        """Return the best of the other passages of a note that match, as they stand in it."""
        places = self._further(ranked, terms, [one])
        best = fuse_each(ranked.found, ranked.known, self._ranking, ranked.mode, places)
        chosen = sorted(best[:MAX_FURTHER], key=lambda passage: passage.passage)
        floor = self.floor()
        return self._hits([(each, self.strength(each, floor)) for each in chosen], terms)

    def _count_further(
        self, ranked: Ranked, terms: tuple[str, ...], chosen: Sequence[Scored]
    ) -> dict[int, int]:
        """Return for passages that are shown how many others of their notes match too."""
        places = self._further(ranked, terms, chosen)
        notes, counts = np.unique(ranked.found.notes[places], return_counts=True)
        count = dict(zip(notes.tolist(), counts.tolist(), strict=True))
        return {one.passage: count.get(one.note, 0) for one in chosen}

    def _further(self, ranked: Ranked, terms: tuple[str, ...], chosen: Sequence[Scored]) -> Indices:
        """Return where passages are that match too, besides those that were chosen of their notes.

        They do as notes do, by meaning or by words; but as the words of a title or a tag are held
        by every passage of a note, a word must then stand in the very text.
        """
        found = ranked.found
        near = found.cosines >= self.floor()
        shares = found.held.sum(axis=1)
        enough = shares >= calibration.enough_words(self.strictness)
        matching = (near | enough) & np.isin(found.notes, [one.note for one in chosen])
        matching &= ~np.isin(found.passages, [one.passage for one in chosen])
        places = np.flatnonzero(matching)
        doubtful = places[~near[places] & _held_by_all(found.notes, shares)[places]]
        # In so many there are words that hardly mean anything, and to look would take long.
        if not 0 < len(doubtful) <= MAX_DOUBTFUL:
            return places
        if self._quick:
            return np.setdiff1d(places, doubtful)
        in_text = self.words.inside("body", terms, found.passages[doubtful])
        return np.setdiff1d(places, doubtful[~np.isin(found.passages[doubtful], in_text)])

    def _by_title(self, unmarked: Sequence[Scored], terms: tuple[str, ...]) -> set[int]:
        """Return those passages, without a word of the query in them, that a title stands for."""
        least, floor = calibration.enough_words(self.strictness), self.floor()
        held = [one.passage for one in unmarked
                if one.passage_words and one.share >= least and one.cosine < floor]  # fmt: skip
        headed = self.words.inside("headings", terms, np.array(held, np.int64))
        return set(held) - set(headed.tolist())

    # What is shown ------------------------------------------------------------------------

    def suggestion(self, query: Query) -> str:
        """Return the query with words that are in no note put right; '' where there is no need.

        Taking up the words of a large library takes a second.
        """
        unknown = self.words.unknown(query)
        if not unknown:
            return ""
        version, now = self.words.version(), time.monotonic()
        known, made, suggester = self._suggester or (-1, -KEPT_SECONDS, None)
        if suggester is None or (known != version and now - made >= KEPT_SECONDS):
            suggester = Suggester(self.words.vocabulary().items())
            took = time.monotonic() - now
            # What is made in no time can follow every change.
            self._suggester = version, now if took > QUICK_SECONDS else -KEPT_SECONDS, suggester
        found = {word: suggester.suggest(word) for word in unknown}
        better = {word: right for word, right in found.items() if right is not None}
        return corrected(query.text, better) if better else ""

    def hit(self, one: Scored, terms: tuple[str, ...]) -> Hit:
        """Fetch what is shown of one note."""
        return self._hits([(one, self.strength(one, self.floor()))], terms)[0]

    def _hits(
        self, chosen: Sequence[tuple[Scored, Strength | None]], terms: tuple[str, ...],
        more: Mapping[int, int] = _NONE,
    ) -> tuple[Hit, ...]:  # fmt: skip
        """Fetch what is shown of the chosen passages; more: how many others match, where any do."""
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
        titled = self._by_title([one for one, _ in chosen if not matches.get(one.passage)], terms)
        return tuple(
            _hit(
                one, row, strength,
                copies=tuple(path for path in copies[one.content] if path != row[0]),
                matches=matches.get(one.passage, ()), available=row[1] not in away,
                more=more.get(one.passage, 0),
                by_title=one.pinned == TITLE or one.passage in titled,
            )
            for one, strength in chosen if (row := shown.get(one.passage)) is not None
        )  # fmt: skip


def _held_by_all(notes: Keys, shares: Floats) -> npt.NDArray[np.bool_]:
    """Say of each passage whether all of its note's, as far as known, hold a word of the query."""
    if not len(notes):
        return np.zeros(0, np.bool_)
    ids, starts = np.unique(notes, return_index=True)
    return (np.minimum.reduceat(shares, starts) > 0)[np.searchsorted(ids, notes)]


def _without_phrases(query: Query) -> Query | None:
    """Return a query without the phrases that a note must hold; None where it has none."""
    kept = tuple(clause for clause in query.clauses if not is_phrase(clause))
    return replace(query, clauses=kept) if len(kept) < len(query.clauses) else None


def _hit(scored: Scored, row: list[Any], strength: Strength | None, **values: Any) -> Hit:  # noqa: ANN401
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
        words=round(scored.passage_words, 4),
        strength=strength,
        passage=text,
        modified=mtime_ns / 1e9,
        **values,
    )


def is_identifier(word: str) -> bool:
    """Say whether a word is a name such as CVE-2024-1234, v2.8.3, snake_case or a path."""
    return _IDENTIFIER.search(word) is not None
