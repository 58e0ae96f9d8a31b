"""The word half of the search: SQLite's FTS5 with BM25, and how much of a query a text holds."""

import json
import math
import re
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from notesearch.core import tokens
from notesearch.core.database import Database
from notesearch.core.notes import Query
from notesearch.core.tokens import expression, fold, quote

Keys = npt.NDArray[np.int64]
"""Ids of passages: [n]."""
Floats = npt.NDArray[np.float64]

COMPLETIONS = 20
"""Words that an unfinished one may stand for where notes are ranked, the most frequent ones."""
MAX_COMPLETED = 2_000
"""Notes that they may be in, all together: ranking many takes long."""
MIN_PREFIX = 3
"""Letters from which an unfinished word is completed; fewer begin too many words to help."""
LARGE = 20_000
"""Passages from which on counting a word takes long enough to be remembered."""
DRIFT = 0.02
"""Share by which a large library may change before words are counted again."""
MAX_NAMED = 50
"""Notes whose text is looked at for a name."""
TINY = 1e-6
FEW = 20

_STOP_WORDS_TEXT = """
a about above after again all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further
had has have having he her here hers him his how i if in into is it its just me more most my
no nor not now of off on once only or other our ours out over own same she should so some
such than that the their theirs them then there these they this those through to too under
until up very was we were what when where which while who whom why will with would you your
yours
"""
_STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())

_OR = " OR "
_OPEN, _CLOSE = "\x02", "\x03"
_LAST_PART = re.compile(r"[^\W_]+\Z")


class WordSearch:
    """Asks the word indexes of a library, over one connection."""

    def __init__(self, library: Database) -> None:
        self._db = library.db
        self._rows, self._columns = library.rows, library.columns
        self._asked: object = None
        self._found: dict[int, float] = {}
        """The last notes: they are asked for twice, once without meaning and once with it."""
        self._grown = ("", -1, "")
        """The last unfinished word, with the version of the library, and its expression."""
        self._weights: dict[str, tuple[float, int]] = {}
        self._weighed_at = -1
        self._every = 0

    # What is asked for --------------------------------------------------------------------

    def terms(self, query: Query) -> tuple[str, ...]:
        """Return the query's words and phrases as FTS5 expressions, stop words dropped.

        Words that were joined by OR are one expression.
        """
        return tuple(self.said(query))

    def said(self, query: Query) -> dict[str, str]:
        """Return the terms of a query, each with what was typed."""
        joined = {word for choice in query.choices for word in choice}
        words = [word for word in query.words if word not in joined]
        if _is_growing(query):
            words.pop()
        said = {expression(word): word for word in words if not is_stop_word(word)}
        for choice in query.choices:
            said["(" + _OR.join(map(expression, choice)) + ")"] = _OR.join(choice)
        said |= {expression(phrase): f'"{phrase}"' for phrase in query.phrases}
        growing = self.growing(query)
        if growing and not (said and is_stop_word(query.words[-1])):
            said.setdefault(growing, query.words[-1])
        return said or {expression(word): word for word in query.words}

    def growing(self, query: Query) -> str:
        """Return an expression for a word that is still being typed: it and what it begins."""
        if not _is_growing(query):
            return ""
        word, version = query.words[-1], self.version()
        if self._grown[:2] != (word, version):
            self._grown = word, version, self._grow(word)
        return self._grown[2]

    def _grow(self, word: str) -> str:
        last = _LAST_PART.search(word)
        if last is None or not tokens.is_exact(word):
            return expression(word)
        stop = is_stop_word(word)
        head = word[: last.start()]
        completed = [quote(head + end) for end in self.completions(last[0])
                     if head or end not in _STOP_WORDS]  # fmt: skip
        if not (stop and completed):
            completed.insert(0, expression(word))
        return "(" + _OR.join(completed) + ")"

    def completions(self, prefix: str) -> list[str]:
        """Return words of the library that begin so, the most frequent first."""
        start = fold(prefix)
        if len(start) < MIN_PREFIX or not start.isalnum():
            return []
        # FTS5 leaves some accents on, which fold() takes off.
        rows = self._db.execute(
            "SELECT term, sum(doc) OVER (ORDER BY doc DESC, term) FROM "
            "(SELECT term, doc FROM vocabulary WHERE term > ?1 AND term < ?1 || ?3 UNION "
            "SELECT term, doc FROM vocabulary WHERE term > ?2 AND term < ?2 || ?3) "
            "ORDER BY doc DESC, term LIMIT ?4",
            (start, prefix.casefold(), "\U0010ffff", COMPLETIONS),
        ).fetchall()
        return [term for i, (term, total) in enumerate(rows) if not i or total <= MAX_COMPLETED]

    def unknown(self, query: Query) -> tuple[str, ...]:
        """Return the words of a query that are in no note, the unfinished one if it begins none."""
        return tuple(
            word for word in query.words
            if word.isalpha() and not is_stop_word(word) and not self._holds(word)
            and not (query.unfinished and word == query.words[-1] and self._begins(word))
        )  # fmt: skip

    def vocabulary(self) -> dict[str, int]:
        """Return all words of the library, folded, and in how many notes each is."""
        (found,) = self._db.execute(
            "SELECT json_group_object(term, doc) FROM vocabulary"
        ).fetchone()
        words: dict[str, int] = json.loads(found)
        return words

    # What is found ------------------------------------------------------------------------

    def notes(
        self, terms: Collection[str], allowed: Collection[int] | None, limit: int
    ) -> dict[int, float]:
        """Return the notes with the best BM25, counted over the whole note; positive, best first.

        limit: so many at most; not where `allowed` names the notes to look at.
        """
        if not terms:
            return {}
        asked = (tuple(terms), allowed, limit, self.version())
        if asked != self._asked:
            sql = (
                "SELECT json_array(rowid, -rank) AS value FROM note_stems WHERE note_stems MATCH ?"
            )
            values: list[object] = [_OR.join(terms)]
            if allowed is None:
                sql += " ORDER BY rank LIMIT ?"
                values.append(limit)
            else:
                sql += " AND +rowid IN (SELECT value FROM json_each(?))"
                values.append(json.dumps(sorted(allowed)))
            self._asked, self._found = asked, dict(self._rows(sql, values))
        return self._found

    def beginning(self, query: Query, allowed: Collection[int] | None, limit: int) -> list[int]:
        """Return notes with a word that the unfinished one begins, the newest first.

        All completions are looked at here, not only the frequent ones.
        """
        if not _is_growing(query) or len(fold(query.words[-1])) < MIN_PREFIX:
            return []
        rows = self._rows(
            "SELECT json_array(id) AS value FROM words JOIN notes ON notes.id = words.rowid "
            "WHERE words MATCH ?1 AND (?2 IS NULL OR +id IN (SELECT value FROM json_each(?2))) "
            "ORDER BY mtime_ns DESC, id DESC LIMIT ?3",
            (quote(query.words[-1]) + " *",
             None if allowed is None else json.dumps(sorted(allowed)), limit),
        )  # fmt: skip
        return [row[0] for row in rows]

    def begun(self, query: Query, notes: Collection[int]) -> Keys:
        """Return a passage of each of these notes in which the unfinished word begins one.

        The first where it cannot be told, as for a word that only a title has.
        """
        (found,) = self._columns(
            ("best",), "SELECT coalesce(min(CASE WHEN instr(lower(text), ?) THEN id END), min(id)) "
            "AS best FROM passages WHERE note IN (SELECT value FROM json_each(?)) GROUP BY note",
            (query.words[-1].lower(), json.dumps(list(notes))),
        )  # fmt: skip
        return found.astype(np.int64)

    def passages(self, terms: Collection[str], notes: Collection[int]) -> tuple[Keys, Floats]:
        """Return the passages of these notes that hold a word, and their BM25, positive."""
        if not terms or not notes:
            return np.zeros(0, np.int64), np.zeros(0)
        keys, scores = self._columns(
            ("rowid", "score"),
            "SELECT rowid, -rank AS score FROM stems WHERE stems MATCH ? AND +rowid IN "
            "(SELECT id FROM passages WHERE note IN (SELECT value FROM json_each(?)))",
            (_OR.join(terms), json.dumps(list(notes))),
        )
        return keys.astype(np.int64), scores

    def holding(self, terms: Collection[str], passages: Keys) -> dict[str, Keys]:
        """Return for each term which of these passages hold it."""
        keys = json.dumps(passages.tolist())
        held = {}
        for term, (_, holding) in self.weigh(terms).items():
            # Reading all passages of a term is quicker than asking for each of many, the more so
            # the more words it is made of. The plus keeps SQLite from doing the latter.
            words = 1 + term.count(_OR)
            column = "+rowid" if holding < FEW * words * len(passages) else "rowid"
            (found,) = self._columns(
                ("rowid",), "SELECT rowid FROM stems WHERE stems MATCH ? "
                f"AND {column} IN (SELECT value FROM json_each(?))", (term, keys),
            ) if len(passages) else (np.zeros(0),)  # fmt: skip
            held[term] = found.astype(np.int64)
        return held

    def inside(self, column: str, terms: Collection[str], passages: Keys) -> Keys:
        """Return which of these passages hold a term in one column: title, headings or body."""
        if not terms or not len(passages):
            return np.zeros(0, np.int64)
        holding = sum(count for _, count in self.weigh(terms).values())
        words = sum(1 + term.count(_OR) for term in terms)
        # As in holding().
        rowid = "+rowid" if holding < FEW * words * len(passages) else "rowid"
        (found,) = self._columns(
            ("rowid",), "SELECT rowid FROM stems WHERE stems MATCH ? "
            f"AND {rowid} IN (SELECT value FROM json_each(?))",
            (f"{column} : ({_OR.join(terms)})", json.dumps(passages.tolist())),
        )  # fmt: skip
        return found.astype(np.int64)

    def notes_holding(self, terms: Collection[str], note: int) -> frozenset[str]:
        """Return which of the terms a note holds anywhere, phrases across passages included."""
        return frozenset(
            term for term in terms
            if self._db.execute("SELECT 1 FROM note_stems WHERE note_stems MATCH ? AND rowid = ?",
                                (term, note)).fetchone()
        )  # fmt: skip

    def shares(self, terms: Collection[str]) -> dict[str, float]:
        """Return which share of the query's word weight each term has; they add up to 1.

        The weight of a word is its inverse document frequency, so that one rare word counts for
        more than two common ones.
        """
        weights = {term: weight for term, (weight, _) in self.weigh(terms).items()}
        total = sum(weights.values())
        return {term: weight / total if total else 0.0 for term, weight in weights.items()}

    def matches(
        self, terms: Collection[str], passages: Collection[int]
    ) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """Return where in each passage's text the query's words stand: start and end offsets."""
        if not terms or not passages:
            return {}
        rows = self._rows(
            "SELECT json_array(rowid, highlight(stems, 2, ?, ?), (SELECT text FROM passages WHERE "
            "passages.id = stems.rowid)) AS value FROM stems "
            # The limit keeps SQLite from moving highlight() to where it does not work.
            "WHERE stems MATCH ? AND rowid IN (SELECT value FROM json_each(?)) LIMIT -1",
            (_OPEN, _CLOSE, _OR.join(terms), json.dumps(list(passages))),
        )
        return {row[0]: _in_text(_spans(row[1]), row[2]) for row in rows}

    def titled(self, text: str) -> set[int]:
        """Return the notes with exactly this title, alias or file name, case and accents aside."""
        wanted = fold(text)
        if not tokens.is_searchable(wanted):
            return set()
        rows = self._rows(
            "SELECT json_array(note) AS value FROM facets WHERE name = 'name' AND value = ?",
            (wanted,),
        )
        return {row[0] for row in rows}

    def named(self, words: Collection[str], most: int) -> set[int]:
        """Return the notes that hold all of these names, case aside; none if more than `most` do.

        Those that hold them to the letter, if any do: snake_case is not the two words.
        """
        rows = self._rows(
            "SELECT json_array(rowid) AS value FROM words WHERE words MATCH ? LIMIT ?",
            (" AND ".join(expression(word) for word in words), MAX_NAMED + 1),
        )
        found = {row[0] for row in rows}
        if len(found) > MAX_NAMED:
            return set()
        literally = set(found)
        for word in words:
            rows = self._rows(
                "SELECT json_array(id) AS value FROM note_texts WHERE id IN "
                "(SELECT value FROM json_each(?)) "
                "AND instr(lower(title || char(10) || headings || char(10) || body), lower(?))",
                (json.dumps(sorted(literally)), word),
            )
            literally = {row[0] for row in rows}
        chosen = literally or found
        return chosen if len(chosen) <= most else set()

    def version(self) -> int:
        """Return a number that changes whenever another connection has changed the library."""
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        return version

    def weigh(self, terms: Collection[str]) -> dict[str, tuple[float, int]]:
        """Return each term's weight, and in how many passages it is.

        The weight is ln(1 + (N - n + 0.5) / (n + 0.5)): Robertson's IDF, kept positive.
        """
        version = self.version()
        if version != self._weighed_at:
            (every,) = self._db.execute("SELECT count(*) FROM passages").fetchone()
            if every < LARGE or abs(every - self._every) > DRIFT * every:
                self._weights, self._every = {}, every
            # Only now: to count can be interrupted, and then it is still to be done.
            self._weighed_at = version
        for term in terms:
            if term not in self._weights:
                (holding,) = self._db.execute(
                    "SELECT count(*) FROM stems WHERE stems MATCH ?", (term,)
                ).fetchone()
                weight = math.log(1 + (self._every - holding + 0.5) / (holding + 0.5))
                self._weights[term] = (max(weight, 0.0), holding)
        return {term: self._weights[term] for term in terms}

    def _holds(self, word: str) -> bool:
        """Say whether any note has a word, in whatever form."""
        return self._db.execute(
            "SELECT 1 FROM note_stems WHERE note_stems MATCH ? LIMIT 1", (expression(word),)
        ).fetchone() is not None  # fmt: skip

    def _begins(self, word: str) -> bool:
        return self._db.execute(
            "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (quote(word) + " *",)
        ).fetchone() is not None  # fmt: skip


def _is_growing(query: Query) -> bool:
    """Say whether the last word is unfinished, and on its own."""
    return query.unfinished and not any(query.words[-1] in choice for choice in query.choices)


def is_stop_word(word: str) -> bool:
    """Say whether a word is so common in English that it says nothing."""
    return word.lower() in _STOP_WORDS


def _in_text(spans: tuple[tuple[int, int], ...], text: str) -> tuple[tuple[int, int], ...]:
    """Bring matches in a text and its tail to where they are in the text."""
    inside = [span for span in spans if span[1] <= len(text)]
    behind = [span for span in spans if span[1] > len(text)]
    if behind:
        for offset, start, end in tokens.tail_spans(text):
            at = len(text) + offset
            if any(first <= at < last for first, last in behind):
                inside.append((start, end))
    return tuple(_merged(sorted(inside)))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what overlaps or touches, as the characters of a run do."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _spans(marked: str) -> tuple[tuple[int, int], ...]:
    """Read the marks that highlight() put into a text."""
    spans, offset, start = [], 0, -1
    for part in _split(marked):
        if part == _OPEN:
            start = offset
        elif part == _CLOSE:
            if start >= 0:
                spans.append((start, offset))
            start = -1
        else:
            offset += len(part)
    return tuple(spans)


def _split(marked: str) -> list[str]:
    return marked.replace(_OPEN, f"\0{_OPEN}\0").replace(_CLOSE, f"\0{_CLOSE}\0").split("\0")
