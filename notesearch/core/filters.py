"""What a query demands of a note: the facts kept for that, and the notes that fulfil it."""

import datetime
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from notesearch.core import frontmatter
from notesearch.core.database import Database
from notesearch.core.notes import Clause, Condition, Kind, Note, Query
from notesearch.core.tokens import expression, fold, is_exact, quote

_CREATED = ("created", "date", "created_at", "createdat", "date created", "creation date")
_TASK = re.compile(
    r"^[^\S\n]*(?:[-*+]|\d+[.)])[^\S\n]+"
    r"(?:\[[ xX/-]\]\s|(?:TODO|DOING|NOW|LATER|WAITING|DONE)\b)", re.MULTILINE
)  # fmt: skip
_WORD = re.compile(r"\w+")
_DAY = re.compile(r"(\d{4})[-_.](\d{2})[-_.](\d{2})(?!\d)")

_NAME = "substr(place, length(rtrim(place, replace(place, '/', ''))) + 1)"
_MADE = "coalesce(created, min(mtime_ns, ctime_ns) / 1e9)"


def facets(note: Note, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return what is asked about a note, as names and folded values.

    names: its title, aliases and file name.
    """
    found = [("name", fold(name)) for name in names]
    found += [("tag", fold(tag)) for tag in note.tags]
    for key, value in note.fields.items():
        said = value if isinstance(value, list) else [value]
        found += [("field:" + fold(key), _said(one)) for one in said or [""]]
    if any(_TASK.search(passage.text) for passage in note.passages):
        found.append(("has", "task"))
    return list(dict.fromkeys(found))


def _said(value: object) -> str:
    """Return a value of a field as it is asked for: YAML reads `draft: true` as a truth value."""
    if isinstance(value, bool):
        return str(value).lower()
    return _words(" ".join(frontmatter.names(value)))


def _words(text: str) -> str:
    """Return the words of a text alone, folded: they are compared as a whole."""
    return " ".join(_WORD.findall(fold(text)))


def place(path: str, folder: str) -> str:
    """Return where a note is, folded: the chosen folder's name, then the path inside it."""
    inside = os.path.relpath(path, folder).replace(os.sep, "/")
    return fold(f"/{Path(folder).name}/{inside}")


def created(note: Note, stem: str) -> float | None:
    """Return when a note says it was made, in seconds since the epoch, None where it does not.

    A date in its front matter counts before one that its file name begins with.
    """
    fields = {key.lower(): value for key, value in note.fields.items()}
    for said in (*(str(fields[key]) for key in _CREATED if key in fields), stem):
        try:
            return datetime.datetime.fromisoformat(said.strip()).timestamp()
        except (ValueError, OverflowError, OSError):
            day = _DAY.match(said.strip())
        try:
            if day:
                return datetime.datetime.fromisoformat("-".join(day.groups())).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
    return None


class Filters:
    """Answers from one library which notes a query allows, over one connection."""

    def __init__(self, library: Database) -> None:
        self._library = library
        self._db = library.db

    def allowed(self, query: Query) -> frozenset[int] | None:
        """Return the notes that fulfil every clause; None where there is none to fulfil."""
        if not query.clauses:
            return None
        every = frozenset(self._ids("SELECT id FROM notes WHERE hash != x''"))
        notes = every
        for clause in query.clauses:
            notes &= self._fulfilling(clause, every)
        return notes

    def failing(self, query: Query, note: int) -> Clause | None:
        """Return the first clause that a note does not fulfil."""
        every = frozenset({note})
        for clause in query.clauses:
            if note not in self._fulfilling(clause, every):
                return clause
        return None

    def _fulfilling(self, clause: Clause, every: frozenset[int]) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        for condition in clause:
            holding = frozenset(self._asked[condition.kind](self, condition))
            found |= every - holding if condition.negated else holding
        return found

    def _tagged(self, condition: Condition) -> Iterable[int]:
        tag = fold(condition.value)
        return self._ids(
            "SELECT note FROM facets WHERE name = 'tag' AND "
            "(value = ?1 OR (value > ?1 || '/' AND value < ?1 || '0'))", (tag,),
        )  # fmt: skip

    def _with_field(self, condition: Condition) -> Iterable[int]:
        return self._ids(
            "SELECT note FROM facets WHERE name = ? AND instr(' ' || value || ' ', ?)",
            ("field:" + fold(condition.key), f" {_words(condition.value)} "),
        ) if condition.value else self._ids(
            "SELECT note FROM facets WHERE name = ?", ("field:" + fold(condition.key),)
        )  # fmt: skip

    def _having(self, condition: Condition) -> Iterable[int]:
        return self._ids(
            "SELECT note FROM facets WHERE name = 'has' AND value = ?", (condition.value,)
        )

    def _at(self, condition: Condition) -> Iterable[int]:
        wanted = "/" + fold(condition.value.replace("\\", "/")).lstrip("/")
        return self._ids("SELECT id FROM notes WHERE instr(place, ?)", (wanted,))

    def _named(self, condition: Condition) -> Iterable[int]:
        return self._ids(
            f"SELECT id FROM notes WHERE instr({_NAME}, ?)", (fold(condition.value),)
        )  # fmt: skip

    def _titled(self, condition: Condition) -> Iterable[int]:
        # The last word may be unfinished, as in a path.
        if is_exact(condition.value):
            asked = f"title : {quote(condition.value)} *"
        else:
            asked = f"title : ({expression(condition.value)})"
        return self._ids("SELECT rowid AS id FROM words WHERE words MATCH ?", (asked,))

    def _modified(self, condition: Condition) -> Iterable[int]:
        return self._between("mtime_ns / 1e9", condition)

    def _created(self, condition: Condition) -> Iterable[int]:
        return self._between(_MADE, condition)

    def _between(self, moment: str, condition: Condition) -> Iterable[int]:
        return self._ids(
            f"SELECT id FROM notes WHERE {moment} >= ? AND {moment} < ?",
            (condition.since, condition.until),
        )

    def holding(self, condition: Condition) -> Iterable[int]:
        """Return the notes that hold a word or phrase, case and accents aside."""
        found = self._ids(
            "SELECT rowid AS id FROM words WHERE words MATCH ?", (expression(condition.value),)
        )
        if is_exact(condition.value):
            return found
        wanted = fold(condition.value)
        return [note for note in found if wanted in fold(self._text(note))]

    def _text(self, note: int) -> str:
        (text,) = self._db.execute(
            "SELECT title || char(10) || headings || char(10) || body FROM note_texts "
            "WHERE id = ?", (note,)).fetchone()  # fmt: skip
        return str(text)

    def _ids(self, sql: str, values: Sequence[object] = ()) -> list[int]:
        column = "note" if sql.startswith("SELECT note") else "id"
        (ids,) = self._db.execute(
            f"SELECT json_group_array({column}) FROM ({sql})", values
        ).fetchone()
        found: list[int] = json.loads(ids)
        return found

    _asked: ClassVar[dict[Kind, Callable[["Filters", Condition], Iterable[int]]]] = {
        Kind.WORD: holding, Kind.PHRASE: holding, Kind.TAG: _tagged, Kind.FIELD: _with_field,
        Kind.HAS: _having, Kind.PATH: _at, Kind.FILE: _named, Kind.TITLE: _titled,
        Kind.MODIFIED: _modified, Kind.CREATED: _created,
    }  # fmt: skip
