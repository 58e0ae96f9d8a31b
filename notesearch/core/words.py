"""The word half of the search: SQLite's FTS5 with BM25, and how much of a query a text holds."""

import json
import math
import unicodedata
from collections.abc import Collection, Mapping

from notesearch.core.database import Database
from notesearch.core.notes import Query

CANDIDATES = 1_000
"""Passages taken from the word index; of long notes many belong together."""
COMPLETIONS = 20
"""Words that an unfinished one may stand for, the most frequent ones."""
MAX_COMPLETED = 20_000
"""Passages that they may be in, all together: ranking so many takes some 50 ms."""
MIN_PREFIX = 3
"""Letters from which an unfinished word is completed; fewer begin too many words to help."""
COMMON = 20_000
"""Passages from which on a word is common: ranking that many takes some 30 ms."""
DRIFT = 0.02
"""Share by which a large library may change before words are counted again, which takes a while."""
DECISIVE = 0.5
"""Share of the query's word weight that the other words must have."""
EVERYWHERE = math.log(2)
"""Weight of a word that is in half of the passages; FTS5's BM25 counts such for nothing."""
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


class WordSearch:
    """Asks the word indexes of a library, over one connection."""

    def __init__(self, library: Database) -> None:
        self._db = library.db
        self._rows = library.rows
        self._asked: object = None
        self._found: dict[int, float] = {}
        """The last candidates: they are asked for twice, once without meaning and once with it."""
        self._weights: dict[str, tuple[float, int]] = {}
        self._weighed_at = -1
        self._every = 0

    def terms(self, query: Query) -> tuple[str, ...]:
        """Return the query's words and phrases as FTS5 expressions, stop words dropped."""
        words = list(query.words)
        last = words.pop() if query.unfinished else None
        expressions = [_quote(w) for w in words if w.lower() not in _STOP_WORDS]
        if last is not None:
            expressions += self._growing(last, alone=not expressions)
        expressions += [_quote(phrase) for phrase in query.phrases]
        if not expressions:
            expressions = [_quote(word) for word in query.words]
        return tuple(dict.fromkeys(expressions))

    def _growing(self, word: str, *, alone: bool) -> list[str]:
        """Return an expression for a word that is still being typed: it and what it begins."""
        stop = word.lower() in _STOP_WORDS
        if stop and not alone:
            return []
        completed = [w for w in self.completions(word) if w not in _STOP_WORDS]
        if not (stop and completed):
            completed.insert(0, word)
        return ["(" + _OR.join(map(_quote, completed)) + ")"]

    def completions(self, prefix: str) -> list[str]:
        """Return words of the library that begin so, the most frequent first."""
        start = fold(prefix)
        if len(start) < MIN_PREFIX or not start.isalnum():
            return []
        rows = self._db.execute(
            "SELECT term, sum(doc) OVER (ORDER BY doc DESC, term) FROM vocabulary "
            "WHERE term > ? AND term < ? ORDER BY doc DESC, term LIMIT ?",
            (start, start + "\U0010ffff", COMPLETIONS),
        ).fetchall()
        return [term for i, (term, total) in enumerate(rows) if not i or total <= MAX_COMPLETED]

    def allowed(self, query: Query) -> set[int] | None:
        """Return the notes that hold every phrase and nothing excluded; None where all do."""
        if not query.phrases and not query.excluded:
            return None
        notes: set[int] | None = None
        for phrase in query.phrases:
            holding = self._notes_with(phrase)
            notes = holding if notes is None else notes & holding
        if notes is None:
            notes = {row[0] for row in self._db.execute("SELECT id FROM notes")}
        for term in query.excluded:
            notes -= self._notes_with(term)
        return notes

    def candidates(self, terms: Collection[str], allowed: set[int] | None) -> dict[int, float]:
        """Return the best passages and their BM25, positive, best first."""
        if not terms:
            return {}
        asked = (tuple(terms), allowed, self._version())
        if asked != self._asked:
            self._asked, self._found = asked, self._candidates(terms, allowed)
        return self._found

    def _candidates(self, terms: Collection[str], allowed: set[int] | None) -> dict[int, float]:
        expression = _OR.join(terms)
        weights = self._weigh(terms).values()
        if all(weight < EVERYWHERE and held > COMMON for weight, held in weights):
            return self._newest(terms, allowed)
        rare = self._rare(terms)
        if rare:
            # Common words count where a rare one is; passages with no other need not be ranked.
            expression = f"({_OR.join(rare)}) AND ({expression})"
        sql = "SELECT json_array(stems.rowid, -stems.rank) AS value FROM stems"
        values: list[object] = [expression]
        if allowed is None:
            sql += " WHERE stems MATCH ?"
        else:
            sql += (" JOIN passages ON passages.id = stems.rowid WHERE stems MATCH ?"
                    " AND +note IN (SELECT value FROM json_each(?))")  # fmt: skip
            values.append(json.dumps(sorted(allowed)))
        rows = self._rows(sql + " ORDER BY stems.rank LIMIT ?", (*values, CANDIDATES))
        return {passage: score for passage, score in rows}  # noqa: C416  # typed

    def _newest(self, terms: Collection[str], allowed: set[int] | None) -> dict[int, float]:
        """Return passages with words that BM25 gives no weight; ranking all would take long."""
        rows = self._rows(
            "SELECT json_array(stems.rowid) AS value FROM stems "
            "JOIN passages ON passages.id = stems.rowid WHERE stems MATCH ?1 AND "
            "(?2 IS NULL OR +note IN (SELECT value FROM json_each(?2))) "
            "ORDER BY stems.rowid DESC LIMIT ?3",
            (_OR.join(terms), None if allowed is None else json.dumps(sorted(allowed)),
             CANDIDATES),
        )  # fmt: skip
        return dict.fromkeys((row[0] for row in rows), TINY)

    def _rare(self, terms: Collection[str]) -> list[str]:
        """Return the terms that decide where others are in very many passages; else none."""
        weights = self._weigh(terms)
        rare = {term: weight for term, (weight, held) in weights.items() if held <= COMMON}
        total = sum(weight for weight, _ in weights.values())
        decide = len(rare) < len(weights) and sum(rare.values()) >= DECISIVE * total
        return list(rare) if decide else []

    def shares(self, terms: Collection[str], passages: Collection[int]) -> dict[int, float]:
        """Return which share of the query's word weight each passage holds, 0 to 1.

        The weight of a word is its inverse document frequency, so that one rare word counts for
        more than two common ones.
        """
        weights = self._weigh(terms)
        total = sum(weight for weight, _ in weights.values())
        held = dict.fromkeys(passages, 0.0)
        if not total or not passages:
            return held
        keys = json.dumps(list(passages))
        for term, (weight, holding) in weights.items():
            # Reading all passages of a term is quicker than asking for each of many, the more so
            # the more words it is made of. The plus keeps SQLite from doing the latter.
            words = 1 + term.count(_OR)
            column = "+rowid" if holding < FEW * words * len(held) else "rowid"
            for (passage,) in self._rows(
                f"SELECT json_array(rowid) AS value FROM stems WHERE stems MATCH ? "
                f"AND {column} IN (SELECT value FROM json_each(?))", (term, keys),
            ):  # fmt: skip
                held[passage] += weight / total
        return held

    def matches(
        self, terms: Collection[str], passages: Collection[int]
    ) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """Return where in each passage's text the query's words stand: start and end offsets."""
        if not terms or not passages:
            return {}
        rows = self._rows(
            "SELECT json_array(rowid, highlight(stems, 2, ?, ?)) AS value FROM stems "
            # The limit keeps SQLite from moving highlight() to where it does not work.
            "WHERE stems MATCH ? AND rowid IN (SELECT value FROM json_each(?)) LIMIT -1",
            (_OPEN, _CLOSE, _OR.join(terms), json.dumps(list(passages))),
        )
        return {row[0]: _spans(row[1]) for row in rows}

    def titled(self, text: str) -> set[int]:
        """Return the notes with exactly this title, alias or file name, case and accents aside."""
        wanted = fold(text)
        if not any(c.isalnum() for c in wanted):
            return set()
        rows = self._db.execute(
            "SELECT DISTINCT notes.id, names FROM words JOIN passages ON passages.id = words.rowid "
            "JOIN notes ON notes.id = passages.note WHERE words MATCH ? LIMIT 1000",
            ("title : " + _quote(text),),
        )
        return {key for key, names in rows if wanted in {fold(name) for name in names.split("\n")}}

    def holding(self, words: Collection[str]) -> list[int]:
        """Return the passages that hold all of these words, to the letter, case aside."""
        rows = self._db.execute(
            "SELECT rowid FROM words WHERE words MATCH ?",
            (" AND ".join(_quote(word) for word in words),),
        )
        return [row[0] for row in rows]

    def _version(self) -> int:
        """Return a number that changes whenever another connection has changed the library."""
        version: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _notes_with(self, phrase: str) -> set[int]:
        rows = self._db.execute(
            "SELECT DISTINCT note FROM words JOIN passages ON passages.id = words.rowid "
            "WHERE words MATCH ?",
            (_quote(phrase),),
        )
        return {row[0] for row in rows}

    def _weigh(self, terms: Collection[str]) -> dict[str, tuple[float, int]]:
        """Return each term's weight, and in how many passages it is.

        The weight is ln(1 + (N - n + 0.5) / (n + 0.5)): Robertson's IDF, kept positive.
        """
        version = self._version()
        if version != self._weighed_at:
            self._weighed_at = version
            (every,) = self._db.execute("SELECT count(*) FROM passages").fetchone()
            if every < COMMON or abs(every - self._every) > DRIFT * every:
                self._weights, self._every = {}, every
        for term in terms:
            if term not in self._weights:
                (holding,) = self._db.execute(
                    "SELECT count(*) FROM stems WHERE stems MATCH ?", (term,)
                ).fetchone()
                weight = math.log(1 + (self._every - holding + 0.5) / (holding + 0.5))
                self._weights[term] = (max(weight, 0.0), holding)
        return {term: self._weights[term] for term in terms}


def fold(text: str) -> str:
    """Bring a text to the form in which the word index compares: no case, no accents."""
    return " ".join("".join(map(_fold_character, text.casefold())).split())


def _fold_character(character: str) -> str:
    """Take the accents off a letter; signs of other scripts are no accents, and stay."""
    decomposed = unicodedata.normalize("NFKD", character)
    base, marks = decomposed[0], decomposed[1:]
    if unicodedata.combining(base) and not marks:
        return ""
    accented = unicodedata.name(base, "").startswith(("LATIN", "GREEK", "CYRILLIC"))
    return base if accented and all(map(unicodedata.combining, marks)) else character


def _quote(text: str) -> str:
    """Make an FTS5 string of a text: never syntax, whatever it holds."""
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'


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
