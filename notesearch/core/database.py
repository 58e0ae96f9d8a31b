"""The database of a library: its tables, opening and renewing it, transactions."""

import contextlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from notesearch.core import tokens

logger = logging.getLogger(__name__)

SCHEMA = 2
DATABASE = "library.db"
NEW = "library.new.db"
INDEX = "passages.usearch"

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,       -- absolute
    folder TEXT NOT NULL,            -- the chosen folder it was found in, absolute
    title TEXT NOT NULL,
    names TEXT NOT NULL,             -- title, aliases and file name, a line each
    keywords TEXT NOT NULL,          -- tags and front matter that is not said elsewhere
    fields TEXT NOT NULL,            -- JSON: tags, links, front matter
    place TEXT NOT NULL,             -- folded: the folder's name, then the path inside it
    created REAL,                    -- seconds, where the note itself says when it was made
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL, inode INTEGER NOT NULL,
    hash BLOB NOT NULL,              -- of the file's content; empty where it could not be read
    problem TEXT NOT NULL            -- '' when there is none
) STRICT;
CREATE INDEX notes_by_time ON notes (mtime_ns);
CREATE INDEX notes_by_hash ON notes (hash);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    heading TEXT NOT NULL, text TEXT NOT NULL,
    line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    hash BLOB NOT NULL,              -- of the text that is embedded, context line included
    wording INTEGER NOT NULL         -- hash of the text's words alone: copies share it
) STRICT;
CREATE INDEX passages_by_note ON passages (note);
CREATE INDEX passages_by_hash ON passages (hash);
-- One vector for each distinct text, so that copies and moved text are embedded once.
CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL             -- float16, little endian
) STRICT;
-- The mean of a note's passages, there when all of them are embedded.
CREATE TABLE means (
    note INTEGER PRIMARY KEY REFERENCES notes (id) ON DELETE CASCADE,
    vector BLOB NOT NULL             -- of length 1; float16, little endian
) STRICT;
-- What filters ask for: tags, front matter, tasks; names and folded values.
CREATE TABLE facets (
    name TEXT NOT NULL, value TEXT NOT NULL,
    note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    PRIMARY KEY (name, value, note)
) STRICT, WITHOUT ROWID;
CREATE INDEX facets_by_note ON facets (note);
CREATE VIEW note_texts (id, title, headings, body) AS
    SELECT id, names,
           (SELECT coalesce(group_concat(heading, char(10)), '') FROM
            (SELECT heading FROM passages WHERE note = notes.id GROUP BY heading ORDER BY min(id)))
           || char(10) || keywords,
           (SELECT coalesce(group_concat(text, char(10)), '') FROM
            (SELECT text FROM passages WHERE note = notes.id ORDER BY id))
    FROM notes;
-- A tail holds what FTS5 takes for one word or for none, taken apart: tokens.py.
CREATE VIEW note_words (id, title, headings, body) AS
    SELECT id, title || tail(title), headings || tail(headings), body || tail(body)
    FROM note_texts;
CREATE VIEW passage_words (id, title, headings, body) AS
    SELECT passages.id, names || tail(names),
           heading || ' ' || keywords || tail(heading || ' ' || keywords), text || tail(text)
    FROM passages JOIN notes ON notes.id = passages.note;
CREATE VIRTUAL TABLE stems USING fts5 (
    title, headings, body, content = 'passage_words', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE note_stems USING fts5 (
    title, headings, body, content = 'note_words', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2');
-- Unstemmed: phrases, exclusions and beginnings of words are about the words themselves.
CREATE VIRTUAL TABLE words USING fts5 (
    title, headings, body, content = 'note_words', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab ('words', 'row');
INSERT INTO stems (stems, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0)');
INSERT INTO note_stems (note_stems, rank) VALUES ('rank', 'bm25(10.0, 4.0, 1.0)');
"""


class LibraryError(Exception):
    """The library cannot be opened or written; says why and what to do."""


class Database:
    """One database file, opened for reading or writing. To be used in one thread at a time."""

    def __init__(self, folder: Path, model: str, *, writable: bool) -> None:
        """Open a library, or make it where it is missing.

        model: identity of the model its vectors are from.

        Raises LibraryError, and, where only reading was asked for, FileNotFoundError.
        """
        self.folder = folder
        self.model = model
        self.writable = writable
        path = folder / DATABASE
        try:
            if writable:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif not path.is_file():
                raise FileNotFoundError(f"there is no library in {folder} yet")
            self.db = self._connect(path)
        except (sqlite3.Error, PermissionError, NotADirectoryError) as error:
            raise LibraryError(f"the library in {folder} cannot be opened: {error}") from error
        try:
            self._set_up()
            if not self._is_current():
                self._renew(path)
        except sqlite3.Error as error:
            self.close()
            raise LibraryError(
                f"the library in {folder} cannot be opened: {error}. If this goes on, delete that "
                "folder: the library is made again from the notes."
            ) from error

    def close(self) -> None:
        """Close the connection; nothing is lost when this is not called."""
        self.db.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[list[Any]]:
        """Return all rows of a query at once, each of which is a JSON array made in SQL.

        Python's module gives way to other threads before every single row; beside one that is
        busy, many rows would take long.
        """
        (found,) = self.db.execute(
            f"SELECT json_group_array(json(value)) FROM ({sql})", values
        ).fetchone()
        rows: list[list[Any]] = json.loads(found)
        return rows

    def columns(
        self, names: Sequence[str], sql: str, values: Sequence[object] = ()
    ) -> list[npt.NDArray[np.float64]]:
        """Return columns of numbers of a query, each as one array: for thousands of rows."""
        asked = ", ".join(f"coalesce(group_concat({name}), '')" for name in names)
        found = self.db.execute(f"SELECT {asked} FROM ({sql})", values).fetchone()
        return [np.fromstring(column, np.float64, sep=",") for column in found]

    def meta(self, key: str) -> str | int | float | bytes | None:
        """Return a value that is kept about the library itself."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        value: str | int | float | bytes | None = row[0] if row else None
        return value

    def set_meta(self, **values: str | float | bytes) -> None:
        """Keep values about the library itself."""
        with self.together():
            self.db.executemany(
                "INSERT INTO meta VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                values.items(),
            )

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Make the changes inside one transaction: many small ones are slow.

        It takes the write lock at once: a read that turns into a write may fail for being late.
        """
        if self.db.in_transaction:
            yield
            return
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            yield

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the library as it is now for several questions, whatever is written meanwhile."""
        if self.db.in_transaction:
            yield
            return
        try:
            self.db.execute("BEGIN")
            yield
        finally:
            # A newer question may interrupt this too; an old state must not be kept for good.
            while self.db.in_transaction:
                with contextlib.suppress(sqlite3.OperationalError):
                    self.db.rollback()

    def _connect(self, path: Path) -> sqlite3.Connection:
        mode = "rwc" if self.writable else "ro"
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=10,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=256,
        )

    def _set_up(self) -> None:
        self.db.create_function("tail", 1, tokens.tail, deterministic=True)
        self.db.execute("PRAGMA foreign_keys = ON")
        self.db.execute("PRAGMA cache_size = -32000")
        if self.writable:
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = NORMAL")

    def _is_current(self) -> bool:
        """Say whether the tables are there, of this schema, with vectors of this model."""
        (tables,) = self.db.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'meta'"
        ).fetchone()
        return bool(tables) and (self.meta("schema"), self.meta("model")) == (SCHEMA, self.model)

    def _renew(self, path: Path) -> None:
        """Make the tables; a library of another schema or model is made anew from the notes.

        Vectors of the same model are taken along: they are most of the work. The new file is made
        beside the old one and takes its place when it is complete.
        """
        if not self.writable:
            self.db.close()
            raise LibraryError(
                f"the library in {self.folder} was made by another version of notesearch; "
                "open the window or run `notesearch index` to bring it up to date"
            )
        if not self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._make(self.db, None)
            return
        logger.warning("The library is of another schema or model and is made anew")
        fresh = self.folder / NEW
        for name in (NEW, NEW + "-wal", NEW + "-shm"):
            (self.folder / name).unlink(missing_ok=True)
        with contextlib.closing(self._connect(fresh)) as db:
            self._make(db, path if self._has_vectors() else None)
        # Without this what is in the log would be taken for a part of the new file.
        (busy, *_) = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self.db.close()
        if busy:
            raise LibraryError(
                f"the library in {self.folder} has to be made anew, and another notesearch has it "
                "open; end that one and try again"
            )
        for name in (DATABASE + "-wal", DATABASE + "-shm", INDEX):
            (self.folder / name).unlink(missing_ok=True)
        fresh.replace(path)
        self.db = self._connect(path)
        self._set_up()

    def _make(self, db: sqlite3.Connection, old: Path | None) -> None:
        """Make the tables in an empty file, with the vectors of an old library."""
        db.create_function("tail", 1, tokens.tail, deterministic=True)
        db.executescript(f"BEGIN; {_TABLES} COMMIT;")
        if old is not None:
            db.execute("ATTACH ? AS old", (os.fspath(old),))
            db.execute("INSERT INTO embeddings (hash, vector) "
                       "SELECT hash, vector FROM old.embeddings ORDER BY id")  # fmt: skip
            db.execute("DETACH old")
        values = {"schema": SCHEMA, "model": self.model, "generation": int(old is not None)}
        db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())

    def _has_vectors(self) -> bool:
        """Say whether there are vectors of this model, whatever the rest is like."""
        try:
            return self.meta("model") == self.model and bool(
                self.db.execute("SELECT count(hash) + count(vector) FROM embeddings").fetchone()[0]
            )
        except sqlite3.Error:
            return False
