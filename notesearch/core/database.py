"""The database of a library: its tables, opening and renewing it, transactions."""

import contextlib
import errno
import hashlib
import json
import logging
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from notesearch.core import tokens
from notesearch.core.vectors import UNFINISHED
from notesearch.translation import tr

logger = logging.getLogger(__name__)

SCHEMA = 3
DATABASE = "library.db"
NEW = "library.new.db"
INDEX = "passages.usearch"
DAMAGED = "library.damaged"
"""Left by whoever found that the database is not sound: the next writer makes it anew."""
FILES = (
    *(f"{name}{ending}" for name in (DATABASE, NEW) for ending in ("", "-wal", "-shm", "-journal")),
    INDEX, Path(INDEX).with_suffix(UNFINISHED).name, DAMAGED,
)  # fmt: skip
"""All that can be in the folder of a library."""
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
SALVAGED = 32
"""Vectors that are read at once from a damaged file; where one cannot be, so many are left."""
LENGTH_ERROR = 0.05
MAX_KEY = 100_000_000
"""No library has so many; a damaged file may say so."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
"""What the system says where a disk, or a user's share of it, is full."""
LEAST_ROOM = 64 * 1024
"""Bytes. SQLite needs half of it to read, beside the file, from which on all can be read."""

_NOTE_TEXTS = """
CREATE VIEW note_texts (id, title, headings, body) AS
    SELECT id, names,
           (SELECT coalesce(group_concat(heading, char(10)), '') FROM
            (SELECT heading FROM passages WHERE note = notes.id GROUP BY heading ORDER BY min(id)))
           || char(10) || keywords,
           (SELECT coalesce(group_concat(text, char(10)), '') FROM
            (SELECT text FROM passages WHERE note = notes.id ORDER BY id))
    FROM notes WHERE EXISTS (SELECT 1 FROM passages WHERE note = notes.id);
"""
_TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY,
    digest BLOB NOT NULL DEFAULT x'' -- of both
) STRICT, WITHOUT ROWID;
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
    problem TEXT NOT NULL,           -- '' when there is none
    young INTEGER NOT NULL DEFAULT 0,-- 1: changed just before it was read; 2: Stored.outgrown
    digest BLOB NOT NULL DEFAULT x'' -- of what was read of the note: note_contents
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
    vector BLOB NOT NULL,            -- float16, little endian
    digest BLOB NOT NULL DEFAULT x'' -- of hash and vector
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
_CONTENTS = """
CREATE VIEW note_contents (id, contents) AS
    SELECT id, CAST(json_array(path, title, names, keywords, fields,
        CAST(round(1000 * created) AS INTEGER),
        hex(hash),
        (SELECT json_group_array(json_array(heading, text, line, end_line, start, "end",
             hex(hash), wording)) FROM (SELECT * FROM passages WHERE note = notes.id ORDER BY id)),
        (SELECT json_group_array(json_array(name, value)) FROM
            (SELECT name, value FROM facets WHERE note = notes.id ORDER BY name, value))) AS BLOB)
    FROM notes;
"""
SEAL = """UPDATE notes SET digest =
    (SELECT digest_of(contents) FROM note_contents WHERE note_contents.id = notes.id)"""
"""To be done where a note is stored, and only there: a seal on damage would hide it."""


META_DIGEST = "digest_of(CAST(key || typeof(value) || value AS BLOB))"
_PUT_META = """INSERT INTO meta (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value"""
_SEAL_META = f"UPDATE meta SET digest = {META_DIGEST} WHERE key = ?"


_DROP_UNSOUND = """DELETE FROM embeddings WHERE NOT is_direction(vector) OR length(vector) !=
    (SELECT length(vector) FROM embeddings GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"""
"""Before there were digests nothing told that a vector is one."""


def _from_2(db: sqlite3.Connection) -> None:
    """Schema 3 holds a digest of what is stored of each note, and of each vector.

    And word indexes that are rebuilt do not take up notes that could not be read.
    """
    db.execute("ALTER TABLE notes ADD COLUMN young INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE notes ADD COLUMN digest BLOB NOT NULL DEFAULT x''")
    db.execute("ALTER TABLE embeddings ADD COLUMN digest BLOB NOT NULL DEFAULT x''")
    db.execute("ALTER TABLE meta ADD COLUMN digest BLOB NOT NULL DEFAULT x''")
    db.execute(f"UPDATE meta SET digest = {META_DIGEST}")
    db.execute("DROP VIEW note_texts")
    db.execute(_NOTE_TEXTS)
    db.execute(_CONTENTS)
    db.execute(SEAL)
    db.execute(_DROP_UNSOUND)
    db.execute("UPDATE embeddings SET digest = digest_of(hash, vector)")


_REFUSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
PASSING = _REFUSED | {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
}  # fmt: skip
"""Failures of SQLite that may be over in a while, and are no fault of the library."""
_MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {2: _from_2}
"""What leads from each schema to the next one, inside a transaction."""


class LibraryError(Exception):
    """The library cannot be opened or written; says why and what to do."""


class DamagedError(LibraryError):
    """What is stored is not sound; the next writer makes it anew from the notes."""


def is_passing(error: sqlite3.Error) -> bool:
    """Say whether the same may work in a while: a full disk, a locked file, an interruption."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in PASSING or code == sqlite3.SQLITE_INTERRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether an error is SQLite's word for a file that is not as it was written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def refusal(folder: Path) -> OSError | None:
    """Try to write a little in a folder; return what stands in the way. It leaves nothing there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(LEAST_ROOM))
    except OSError as error:
        return error
    return None


def is_full(folder: Path, error: sqlite3.Error | OSError) -> bool:
    """Say whether an error in a folder comes of a full disk: SQLite calls some of them otherwise.

    Making the memory that it shares with other processes, say, it speaks of an I/O error.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return getattr(refusal(folder), "errno", None) in NO_ROOM
    return code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in NO_ROOM


def in_words(error: sqlite3.Error | OSError, folder: Path) -> str:
    """Say what an error in a folder means for the library, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = getattr(error, "errno", None)
    if is_full(folder, error):
        return tr("cannot be written: the disk is full, make room")
    if code in _REFUSED or isinstance(error, PermissionError) or number == errno.EROFS:
        return tr("cannot be written: give yourself the right to write in that folder")
    return tr("cannot be opened ({error})").format(error=error)


def _trouble(folder: Path, error: sqlite3.Error | OSError) -> str:
    told = tr("the library in {folder} {trouble}")
    return told.format(folder=folder, trouble=in_words(error, folder))


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
        self.is_void: Callable[[], bool] = lambda: False
        """Says that nobody waits any more for what is being asked."""
        self.mended = ""
        """What was wrong with the library when it was opened, and was put right, for the user."""
        self.full = ""
        """That the disk is full, for the user, where all can be read nevertheless."""
        path = folder / DATABASE
        try:
            if writable:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif not path.is_file():
                raise FileNotFoundError(
                    tr("there is no library in {folder} yet").format(folder=folder)
                )
            self._open(path)
        except FileNotFoundError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise LibraryError(_trouble(folder, error)) from error

    def _open(self, path: Path) -> None:
        fixed = not self.writable and not os.access(self.folder, os.W_OK) and not _has_log(path)
        try:
            self._try_to_open(path, fixed=fixed)
        except sqlite3.Error as error:
            # Whoever writes has made already what there is no room for, and then it can be used.
            if self.writable or fixed or _has_log(path) or not is_full(self.folder, error):
                raise
            self._try_to_open(path, fixed=True)
            self.full = tr("the disk is full: make room. What was read before is searched; what "
                           "has changed since is not")  # fmt: skip

    def _try_to_open(self, path: Path, *, fixed: bool) -> None:
        self.db = self._connect(path, fixed=fixed)
        try:
            self._bring_up_to_date(path)
        except (sqlite3.Error, LibraryError, OSError):
            self.close()
            raise

    def _bring_up_to_date(self, path: Path) -> None:
        """Make the tables, or those of an older schema into today's, or a damaged library anew."""
        damaged = self.condemned
        try:
            if not damaged:
                self._set_up()
                if self._is_current() or (self.writable and self._migrate()):
                    return
        except sqlite3.Error as error:
            # Even its tables cannot be read as what they should be.
            if is_passing(error):
                raise
            damaged = True
        if not self.writable:
            raise self._not_for_readers(damaged=damaged)
        self._renew(path, damaged=damaged)

    def _not_for_readers(self, *, damaged: bool) -> LibraryError:
        if damaged:
            told = tr(
                "the library in {folder} is damaged; open the window or run "
                "`notesearch doctor --repair` to make it anew from the notes"
            )
            return DamagedError(told.format(folder=self.folder))
        told = tr(
            "the library in {folder} was made by another version of notesearch; "
            "open the window or run `notesearch index` to bring it up to date"
        )
        return LibraryError(told.format(folder=self.folder))

    def condemn(self) -> None:
        """Let the next writer make the library anew: what is stored cannot be relied on."""
        (self.folder / DAMAGED).touch()

    @property
    def condemned(self) -> bool:
        """Whether the next writer will make the library anew."""
        return (self.folder / DAMAGED).exists()

    def close(self) -> None:
        """Close the connection; nothing is lost when this is not called."""
        self.db.close()

    def rest(self) -> None:
        """Let go of the pages that are kept in memory: up to 32 MB, read again when asked for."""
        # A question that comes meanwhile interrupts this too.
        with contextlib.suppress(sqlite3.OperationalError):
            self.db.execute("PRAGMA shrink_memory")

    def _go_on(self) -> None:
        """Raise what an interruption raises where nobody waits any more for what is asked.

        SQLite can be interrupted only while it works; what is done between two of its answers is
        left off here.
        """
        if self.is_void():
            raise sqlite3.OperationalError("interrupted")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[list[Any]]:
        """Return all rows of a query at once, each of which is a JSON array made in SQL.

        Python's module gives way to other threads before every single row; beside one that is
        busy, many rows would take long.
        """
        self._go_on()
        (found,) = self.db.execute(
            f"SELECT json_group_array(json(value)) FROM ({sql})", values
        ).fetchone()
        rows: list[list[Any]] = json.loads(found)
        return rows

    def columns(
        self, names: Sequence[str], sql: str, values: Sequence[object] = ()
    ) -> list[npt.NDArray[np.float64]]:
        """Return columns of numbers of a query, each as one array: for thousands of rows."""
        self._go_on()
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
            _put_meta(self.db, values)

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

    def _connect(self, path: Path, *, fixed: bool = False) -> sqlite3.Connection:
        """fixed: nothing can be written beside the file, which even reading needs (WAL)."""
        mode = "rwc" if self.writable else "ro"
        if fixed:
            mode = "ro&immutable=1"
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=10,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=256,
        )
        _add_functions(db)
        return db

    def _set_up(self) -> None:
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

    def _migrate(self) -> bool:
        """Bring the tables of an older schema to today's in place; say whether that could be."""
        try:
            found = self.meta("schema")
            if self.meta("model") != self.model or found not in _MIGRATIONS:
                return False
        except sqlite3.OperationalError:  # another program's database, or an empty one
            return False
        with self.together():
            for schema in range(int(found), SCHEMA):
                _MIGRATIONS[schema](self.db)
            self.set_meta(schema=SCHEMA)
        logger.info("The library was brought from schema %d to %d", found, SCHEMA)
        return True

    def _renew(self, path: Path, *, damaged: bool) -> None:
        """Make the tables; a library that is damaged or of another model is made anew.

        Vectors of the same model are taken along: they are most of the work. The new file is made
        beside the old one and takes its place when it is complete.
        """
        if not damaged and not self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _make(self.db, self.model, iter(()))
            return
        fresh = self.folder / NEW
        self._discard_fresh()
        try:
            with contextlib.closing(self._connect(fresh)) as db:
                vectors = _make(db, self.model, _salvaged(self.db, self.model))
        except sqlite3.Error:
            self._discard_fresh()
            raise
        if not damaged:
            # Without this what is in the log would be taken for a part of the new file.
            (busy, *_) = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                told = tr(
                    "the library in {folder} has to be made anew, and another notesearch has "
                    "it open; end that one and try again"
                )
                raise LibraryError(told.format(folder=self.folder))
        self.db.close()
        for name in (DATABASE + "-wal", DATABASE + "-shm", INDEX):
            (self.folder / name).unlink(missing_ok=True)
        fresh.replace(path)
        (self.folder / DAMAGED).unlink(missing_ok=True)
        self.db = self._connect(path)
        self._set_up()
        logger.warning("The library is made anew; %d vectors are kept", vectors)
        if damaged:
            self.mended = tr(
                "What notesearch had stored was damaged and is made anew from your notes, which "
                "have not been touched; those on disks that are not there come back with them"
            )

    def _discard_fresh(self) -> None:
        """Remove what is left of making the library anew."""
        for name in (NEW, NEW + "-wal", NEW + "-shm"):
            (self.folder / name).unlink(missing_ok=True)


def _has_log(path: Path) -> bool:
    """Say whether some of what is stored is not in the file yet."""
    log = path.with_name(DATABASE + "-wal")
    return log.exists() and log.stat().st_size > 0


def remove(folder: Path) -> None:
    """Remove a library, and its folder where nothing else is in it. Raises OSError."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _add_functions(db: sqlite3.Connection) -> None:
    db.create_function("tail", 1, tokens.tail, deterministic=True)
    db.create_function("digest_of", -1, _digest, deterministic=True)
    db.create_function("is_direction", 1, _is_direction, deterministic=True)


def _is_direction(vector: bytes) -> bool:
    """Say whether a stored vector is one of length 1; NaN and zero would poison every search."""
    if len(vector) % 2:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, "<f2").astype(np.float32)))
    return abs(length - 1) < LENGTH_ERROR


def layout(db: sqlite3.Connection | None) -> dict[str, list[object]]:
    """Return tables, views and their columns; without a database, those of today's schema."""
    if db is None:
        with contextlib.closing(sqlite3.connect(":memory:")) as new:
            _add_functions(new)
            new.executescript(_NOTE_TEXTS + _TABLES + _CONTENTS)
            return layout(new)
    made = db.execute("SELECT name, type, iif(type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%', "
                      "'', sql) FROM sqlite_master ORDER BY name").fetchall()  # fmt: skip
    return {name: [sql, kind, *(db.execute(f"SELECT * FROM pragma_table_info({name!r})"))]
            for name, kind, sql in made if not name.startswith("sqlite_stat")}  # fmt: skip


def _digest(*contents: bytes) -> bytes:
    """Return what tells whether stored bytes are the ones that were written: 8 bytes."""
    return hashlib.blake2b(b"".join(contents), digest_size=8).digest()


def _make(db: sqlite3.Connection, model: str, vectors: Iterator[tuple[bytes, bytes, bytes]]) -> int:
    """Make the tables in an empty file, with vectors of an old library; return their number."""
    db.executescript(f"BEGIN; {_NOTE_TEXTS} {_TABLES} {_CONTENTS} COMMIT;")
    with db:
        db.execute("BEGIN IMMEDIATE")
        count = db.executemany(
            "INSERT OR IGNORE INTO embeddings (hash, vector, digest) VALUES (?, ?, ?)", vectors
        ).rowcount
        db.execute(_DROP_UNSOUND)
        _put_meta(db, {"schema": SCHEMA, "model": model, "generation": int(count > 0)})
    return max(count, 0)


def _put_meta(db: sqlite3.Connection, values: Mapping[str, str | float | bytes]) -> None:
    db.executemany(_PUT_META, values.items())
    db.executemany(_SEAL_META, [(key,) for key in values])


def _salvaged(db: sqlite3.Connection, model: str) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield what is sound of a library's vectors, whatever the rest is like: hash, vector, digest.

    Only those of the same model; before schema 3 there is no digest that they could be held to.
    """
    try:
        # Of a file that was cut off, SQLite reads nothing at all otherwise.
        db.execute("PRAGMA writable_schema = ON")
        known = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('model', 'schema')"))
        if known.get("model") != model:
            return
        # Not the greatest id: that is the one most likely to be cut off.
        (last,) = db.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
    except sqlite3.Error:
        return
    sealed = "digest" if known.get("schema") == SCHEMA else "digest_of(hash, vector)"
    for start in range(0, min(int(last or 0), MAX_KEY), SALVAGED):
        try:
            yield from db.execute(
                f"SELECT hash, vector, {sealed} AS sealed FROM embeddings WHERE id > ? AND id <= ? "
                "AND sealed = digest_of(hash, vector)", (start, start + SALVAGED),
            ).fetchall()  # fmt: skip
        except sqlite3.Error:
            continue
