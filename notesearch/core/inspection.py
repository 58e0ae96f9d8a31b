"""Looks whether a library is as it was stored, and mends what is not.

SQLite finds damage to its own structures only where it comes by; a flipped bit inside a text or a
vector it does not find at all. So everything that is stored has a digest, and an inspection goes
through all of it: each note, each vector, the means made from them, the tables, the word indexes.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from notesearch.core import filters
from notesearch.core.database import META_DIGEST, DamagedError, is_passing, layout
from notesearch.core.library import WORD_INDEXES, Library
from notesearch.translation import tr

logger = logging.getLogger(__name__)

NOTES, VECTORS = 32, 256
"""So many are looked at in one step: some ten milliseconds."""
OPERATIONS = 5_000
"""Of SQLite's virtual machine, after which it is asked whether something more urgent waits."""


class PostponedError(Exception):
    """A check of the whole file was left off because something more urgent came."""


class Inspection:
    """One walk through a library, in steps. What it finds is mended by mend()."""

    def __init__(self, library: Library, dimension: int) -> None:
        self._library = library
        self._dimension = dimension
        self.urgent: Callable[[], bool] = lambda: False
        """Asked during the long checks; where it says so, they are left off and come again."""
        self._begin()

    def _begin(self) -> None:
        self.notes: list[int] = []
        """Ids of notes that are not as they were stored."""
        self.vectors: list[int] = []
        """Ids of embeddings that are not."""
        self.means: list[int] = []
        """Notes whose mean is not the mean of their passages."""
        self.meta: list[str] = []
        """Keys of what is kept about the library itself, whose values are not."""
        self.words: list[str] = []
        """Word indexes that do not hold the words of the notes."""
        self.broken = ""
        """What is wrong with the file itself; nothing in it can be relied on then."""
        self._steps = self._walk()
        self._whole: list[Callable[[], None]] = [self._check_structure]
        if self._library.writable:
            # FTS5 counts looking into an index as writing.
            self._whole += [partial(self._check_words, table) for table in WORD_INDEXES]
        self._failed = False

    def step(self) -> bool:
        """Look at a little more; say whether there is more to look at.

        Raises sqlite3.OperationalError where that may work in a while; it then begins anew.
        """
        if self.broken:
            return False
        if self._failed:
            self._begin()
        try:
            if next(self._steps, False):
                return True
            if self._whole:
                with self._interruptible():
                    self._whole[0]()
                self._whole.pop(0)
        except PostponedError:
            return True
        except (sqlite3.Error, ValueError, TypeError) as error:
            if isinstance(error, sqlite3.Error) and is_passing(error):
                self._failed = True
                raise
            # Whatever cannot even be read or understood is damage.
            self.broken = getattr(error, "sqlite_errorname", type(error).__name__)
            return False
        return bool(self._whole)

    def report(self) -> list[str]:
        """Say what was found, in words for the user."""
        counted = {
            tr("notes that are not as they were stored: {count}"): len(self.notes),
            tr("vectors that are not as they were stored: {count}"): len(self.vectors),
            tr("means of notes that are not as they were stored: {count}"): len(self.means),
            tr("word indexes that are not as they were stored: {count}"): len(self.words),
            tr("facts about the library that are not as they were stored: {count}"): len(self.meta),
        }
        found = [what.format(count=count)
                 for what, count in counted.items() if count]  # fmt: skip
        if self.broken:
            found.append(tr("the file itself is damaged ({error})").format(error=self.broken))
        return found

    def mend(self) -> list[int]:
        """Remove what is damaged, so that it is made again from the notes; return lost vectors.

        Raises DamagedError where that cannot be: the library is then made anew as a whole; and
        sqlite3.OperationalError where it may work in a while.
        """
        library = self._library
        if self.broken:
            raise DamagedError(self._damaged(self.broken))
        logger.warning("Damage is mended: %s", "; ".join(self.report()))
        try:
            with library.together():
                library.discard(self.notes, self.vectors)
                if self.notes or self.words:
                    library.rebuild_words()
                library.average(self.means)
                if self.meta:
                    library.discard_meta(self.meta)
        except sqlite3.DatabaseError as error:
            if is_passing(error):
                raise
            raise DamagedError(self._damaged(error)) from error
        return self.vectors

    def _damaged(self, error: object) -> str:
        told = tr("the library in {folder} is damaged ({error})")
        return told.format(folder=self._library.folder, error=error)

    def _walk(self) -> Iterator[bool]:
        """Compare everything with its digest, a block at a time."""
        db = self._library.db
        self.meta = [row[0] for row in db.execute(
            f"SELECT key FROM meta WHERE digest IS NOT {META_DIGEST}")]  # fmt: skip
        if {"schema", "model"} & {*self.meta}:
            self.broken = "schema"
        db.create_function("place_of", 2, filters.place, deterministic=True)
        for start in range(0, self._last("notes"), NOTES):
            block = (start, start + NOTES)
            self.notes += [row[0] for row in db.execute(
                "SELECT notes.id FROM notes JOIN note_contents USING (id) WHERE notes.id > ? AND "
                "notes.id <= ? AND (digest IS NOT digest_of(contents) OR "
                "place IS NOT place_of(path, folder))", block)]  # fmt: skip
            self._check_means(block)
            yield True
        for start in range(0, self._last("embeddings"), VECTORS):
            self.vectors += [row[0] for row in db.execute(
                "SELECT id FROM embeddings WHERE id > ? AND id <= ? AND (length(vector) != ? OR "
                "digest IS NOT digest_of(hash, vector) OR NOT is_direction(vector))",
                (start, start + VECTORS, 2 * self._dimension))]  # fmt: skip
            yield True

    def _last(self, table: str) -> int:
        return int(self._library.db.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0)

    def _check_means(self, block: tuple[int, int]) -> None:
        stored = self._library.db.execute(
            "SELECT notes.id, vector FROM notes LEFT JOIN means ON note = notes.id "
            "WHERE notes.id > ? AND notes.id <= ?", block,
        ).fetchall()  # fmt: skip
        self.means += [note for note, vector in stored
                       if not _is_near(self._library.mean(note), vector)]  # fmt: skip

    def _check_structure(self) -> None:
        found = [row[0] for row in self._library.db.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            self.broken = "SQLITE_CORRUPT"
            return
        if self._library.db.execute("PRAGMA foreign_key_check").fetchone():
            self.broken = "passages belong to no note"
        if layout(self._library.db) != layout(None):
            self.broken = "tables"

    def _check_words(self, table: str) -> None:
        try:
            self._library.db.execute(
                f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)"
            )
        except sqlite3.DatabaseError as error:
            if is_passing(error):
                raise
            self.words.append(table)

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        db = self._library.db
        db.set_progress_handler(self.urgent, OPERATIONS)
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise PostponedError from error
            raise
        finally:
            db.set_progress_handler(None, 0)


def _is_near(mean: npt.NDArray[np.float16] | None, stored: bytes | None) -> bool:
    """Say whether a stored mean is that of the vectors; another processor rounds otherwise."""
    if mean is None or stored is None:
        return (mean is None) == (stored is None)
    held = np.frombuffer(stored, "<f2")
    return held.shape == mean.shape and bool(np.allclose(held, mean, atol=1e-2))
