"""What is indexed: SQLite holds notes, passages, their words and their vectors.

The tables are the truth; the vector index beside them is a cache that can be made from them.
One connection writes; any number of others, in this process or another, read meanwhile (WAL).
"""

import hashlib
import json
import logging
import os
import re
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from notesearch.core import filters, frontmatter
from notesearch.core.database import INDEX, SEAL, Database
from notesearch.core.notes import Folder, Note, Passage, Problem
from notesearch.core.vectors import (
    UNFINISHED,
    IndexFile,
    Keys,
    VectorIndex,
    is_saved_index,
)
from notesearch.translation import tr

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells, without reading it, that a file is not the one that was read."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int


OUTGROWN = 2
"""What stands for that in the column `young`."""
MAX_MISSING = 2_000
"""Embeddings that are added to an index from a file; with more it is built anew meanwhile."""
DAMAGED_TEXT = tr("what was stored of it is damaged; it is read again when it is there, and until "
                  "then shown as far as it is known")  # fmt: skip
WORD_INDEXES = {
    "stems": ("passage_words", "SELECT id FROM passages WHERE note = ?"),
    "note_stems": ("note_words", "SELECT ?"),
    "words": ("note_words", "SELECT ?"),
}
"""Each with the view that it is made from, and the rows of a note in that."""
MERGE_FROM, MERGE_SHARE = 200, 0.1
"""Words are put together after so many notes were replaced, and so much of all."""
MERGE_PAGES = 500
"""So many of 4 KB are written in one step: some tens of milliseconds."""
_WORD = re.compile(r"\w+")
UNREAD = Signature(-1, -1, -1, -1)
"""Stored for a file that could not be read, so that it is tried again every time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A note as it lies on the disk."""

    path: str
    folder: str
    signature: Signature
    placeholder: bool = False
    """Whether its content is only in the cloud, and would be fetched to be read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A note as it lies in the library."""

    signature: Signature
    folder: str
    hash: bytes
    """Empty where the file could not be read."""
    problem: bool
    young: bool = False
    """Whether it had been changed so shortly before it was read that a later change may not show
    in its signature."""
    outgrown: bool = False
    """Whether notes were read otherwise then: its content is to be taken apart anew."""


@dataclass(frozen=True, slots=True)
class ChosenFolder:
    """A folder that is searched, as it was when it was last looked at."""

    there: bool
    device: int
    """Number of the disk it is on; 0 where it was never there."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in a library."""

    notes: int
    """Those that could not be read included."""
    passages: int
    embedded: int
    """Passages that have their vector."""
    embeddings: int
    """Distinct vectors."""
    problems: int


_CHECKS = {
    tr("passages belong to no note"):
        "SELECT count(*) FROM passages WHERE note NOT IN (SELECT id FROM notes)",
    tr("the stemmed word index does not have all passages"):
        "SELECT (SELECT count(*) FROM stems_docsize) != (SELECT count(*) FROM passages)",
    tr("the word index does not have all notes"):
        "SELECT (SELECT count(*) FROM words_docsize) != "
        "(SELECT count(DISTINCT note) FROM passages)",
    tr("the stemmed index of notes does not have all notes"):
        "SELECT (SELECT count(*) FROM note_stems_docsize) != "
        "(SELECT count(DISTINCT note) FROM passages)",
    # What these find does not matter; that they can be asked does.
    tr("the stemmed word index"): "SELECT count(*) < 0 FROM stems WHERE stems MATCH 'a OR e'",
    tr("the word index"): "SELECT count(*) < 0 FROM words WHERE words MATCH 'a OR e'",
}  # fmt: skip


class Library(Database):
    """One library. To be used in one thread at a time."""

    def __init__(self, folder: Path, model: str, *, writable: bool) -> None:
        """Open a library as a Database is opened. Raises the same."""
        super().__init__(folder, model, writable=writable)
        self._replaced = 0
        """Of how many notes words were taken out since the word indexes were put together."""
        self._merging: dict[str, int] = {}
        """Word indexes that are being put together, and what the next step is told."""

    # What is there ------------------------------------------------------------------------

    def stored(self, at: Iterable[str] | None = None) -> dict[str, Stored]:
        """Return all notes, readable or not, by their path; at: only these and those below them."""
        sql = ("SELECT path, folder, hash, problem != '', young, mtime_ns, ctime_ns, size, inode "
               "FROM notes")  # fmt: skip
        if at is None:
            rows = self.db.execute(sql).fetchall()
        else:
            after = chr(ord(os.sep) + 1)
            inside = ((path, below(path), below(path)[:-1] + after) for path in at)
            rows = [row for places in inside for row in self.db.execute(
                f"{sql} WHERE path = ? OR (path > ? AND path < ?)", places)]  # fmt: skip
        return {r[0]: _stored(*r[1:]) for r in rows}

    def stored_one(self, path: str) -> Stored | None:
        """Return one note, None where it is not in the library."""
        row = self.db.execute(
            "SELECT folder, hash, problem != '', young, mtime_ns, ctime_ns, size, inode "
            "FROM notes WHERE path = ?", (path,)).fetchone()  # fmt: skip
        if row is None:
            return None
        return _stored(*row)

    def folders(self) -> tuple[Folder, ...]:
        """Return the chosen folders and how many of their notes are here."""
        rows = self.db.execute("SELECT folder, count(*) FROM notes GROUP BY folder").fetchall()
        count = dict(rows)
        return tuple(
            Folder(path, count.get(path, 0), one.there) for path, one in self.chosen().items()
        )

    def chosen(self) -> dict[str, ChosenFolder]:
        """Return the folders that were searched when they were last looked at, by their path."""
        known = json.loads(str(self.meta("folders") or "{}"))
        return {path: ChosenFolder(*values) for path, values in known.items()}

    def mounted(self) -> frozenset[str]:
        """Return the folders inside of the chosen ones that were found to be on other disks."""
        return frozenset(json.loads(str(self.meta("mounted") or "[]")))

    def unavailable(self) -> frozenset[str]:
        """Return the chosen folders that were not there when they were last looked for."""
        return frozenset(path for path, one in self.chosen().items() if not one.there)

    def count_notes(self) -> tuple[int, int]:
        """Count the notes, and those among them with a problem."""
        (notes,) = self.db.execute("SELECT count(*) FROM notes").fetchone()
        (wrong,) = self.db.execute("SELECT count(*) FROM notes WHERE problem != ''").fetchone()
        return notes, wrong

    def counts(self) -> Counts:
        """Count what is in the library. With 150,000 passages this takes some 50 ms."""

        def one(sql: str) -> int:
            return int(self.db.execute(sql).fetchone()[0])

        return Counts(
            notes=one("SELECT count(*) FROM notes"),
            passages=one("SELECT count(*) FROM passages"),
            embedded=one("SELECT count(*) FROM passages JOIN embeddings USING (hash)"),
            embeddings=one("SELECT count(*) FROM embeddings"),
            problems=one("SELECT count(*) FROM notes WHERE problem != ''"),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with which folder and file."""
        folders = json.loads(str(self.meta("folder_problems") or "[]"))
        rows = self.db.execute("SELECT path, problem FROM notes WHERE problem != '' ORDER BY path")
        return tuple(Problem(path, reason) for path, reason in (*folders, *rows))

    def passages_of(self, path: str) -> dict[int, str]:
        """Return the texts of a note's passages by their id, in order."""
        rows = self.rows(
            "SELECT json_array(passages.id, text) AS value FROM passages "
            "JOIN notes ON notes.id = note WHERE path = ? ORDER BY passages.id", (path,),
        )  # fmt: skip
        return dict(rows)

    def paths_of(self, hashes: Collection[bytes]) -> dict[bytes, list[str]]:
        """Return the notes with these contents, by content."""
        found: dict[bytes, list[str]] = {one: [] for one in hashes}
        places = ", ".join("?" * len(found))
        for content, path in self.rows(
            "SELECT json_array(hex(hash), path) AS value FROM notes "
            f"WHERE hash IN ({places}) ORDER BY path", tuple(found),
        ):  # fmt: skip
            found[bytes.fromhex(content)].append(path)
        return found

    def damage(self) -> list[str]:
        """Say what is wrong with the word indexes and the index file, as far as a reader can."""
        try:
            found = [what for what, sql in _CHECKS.items() if self.db.execute(sql).fetchone()[0]]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        saved = self._index_file()
        if saved is not None and not is_saved_index(self.folder / INDEX, saved):
            found.append(tr("the index file is not the one that was saved; it will be made anew"))
        return found

    def sample(self, notes: int, characters: int) -> list[str]:
        """Return the beginnings of some notes, always of the same ones of the same library."""
        return [row[0] for row in self.db.execute(
            "SELECT substr((SELECT group_concat(text, char(10)) FROM passages WHERE note = "
            "notes.id), 1, ?) FROM notes WHERE hash != x'' ORDER BY hash LIMIT ?",
            (characters, notes))]  # fmt: skip

    def unembedded(self, limit: int) -> list[tuple[bytes, str, str, str]]:
        """Return texts without a vector, of the newest notes first: hash, title, heading, text."""
        return self.db.execute(
            "SELECT passages.hash, title, heading, text FROM notes JOIN passages "
            "ON passages.note = notes.id WHERE NOT EXISTS "
            "(SELECT 1 FROM embeddings WHERE embeddings.hash = passages.hash) "
            "ORDER BY mtime_ns DESC, passages.id LIMIT ?",
            (limit,),
        ).fetchall()

    def unembedded_of(self, path: str) -> list[tuple[bytes, str, str, str]]:
        """Return a note's texts without a vector: hash, title, heading, text."""
        return self.db.execute(
            "SELECT passages.hash, title, heading, text FROM notes JOIN passages "
            "ON passages.note = notes.id WHERE path = ? AND NOT EXISTS "
            "(SELECT 1 FROM embeddings WHERE embeddings.hash = passages.hash) "
            "ORDER BY passages.id", (path,),
        ).fetchall()  # fmt: skip

    def vectors(self, block: int = 4_096) -> Iterator[tuple[Keys, npt.NDArray[np.float16]]]:
        """Yield all stored vectors, a block at a time: keys [n] and vectors [n, dimension]."""
        cursor = self.db.execute("SELECT id, vector FROM embeddings ORDER BY id")
        while rows := cursor.fetchmany(block):
            joined = np.frombuffer(b"".join(row[1] for row in rows), "<f2")
            yield np.array([row[0] for row in rows], np.int64), joined.reshape(len(rows), -1)

    def means(
        self, notes: Collection[int] | None = None
    ) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Return notes that are embedded and the means of their passages: ids, [n, dimension]."""
        ids, joined = self.db.execute(
            "SELECT coalesce(json_group_array(note), '[]'), coalesce(group_concat(hex(vector), ''),"
            " '') FROM means WHERE ?1 IS NULL OR note IN (SELECT value FROM json_each(?1))",
            (None if notes is None else json.dumps(list(notes)),),
        ).fetchone()
        found: list[int] = json.loads(ids)
        vectors = np.frombuffer(bytes.fromhex(joined), "<f2").astype(np.float32)
        return found, vectors.reshape(len(found), -1) if found else np.zeros((0, 0), np.float32)

    # Changes ------------------------------------------------------------------------------

    def put(
        self, found: Found, content_hash: bytes, note: Note, hashes: Sequence[bytes],
        *, young: bool = False,
    ) -> None:  # fmt: skip
        """Store a note in place of what was stored of it; hashes: one for each passage.

        young: it was changed just before it was read.
        """
        stem = Path(found.path).stem
        called = tuple(dict.fromkeys((note.title, *note.aliases, stem)))
        fields = {"tags": note.tags, "links": note.links, "fields": note.fields}
        with self.together():
            self._remove_words(found.path)
            for table in ("passages", "means", "facets"):
                self.db.execute(f"DELETE FROM {table} WHERE note = "
                                "(SELECT id FROM notes WHERE path = ?)", (found.path,))  # fmt: skip
            self._put_note(
                found, title=note.title, names="\n".join(called), keywords=_keywords(note),
                fields=json.dumps(fields, ensure_ascii=False), hash=content_hash,
                problem=note.problem, created=filters.created(note, stem), young=int(young),
            )  # fmt: skip
            (key,) = self.db.execute(
                "SELECT id FROM notes WHERE path = ?", (found.path,)
            ).fetchone()
            self.db.executemany(
                'INSERT INTO passages (note, heading, text, line, end_line, start, "end", hash, '
                "wording) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(key, *pair) for pair in zip(note.passages, hashes, strict=True)],
            )
            self.db.executemany(
                "INSERT INTO facets (name, value, note) VALUES (?, ?, ?)",
                [(*facet, key) for facet in filters.facets(note, called)],
            )
            for table, (view, ids) in WORD_INDEXES.items():
                self.db.execute(
                    f"INSERT INTO {table} (rowid, title, headings, body) "
                    f"SELECT id, title, headings, body FROM {view} WHERE id IN ({ids})",
                    (key,),
                )
            self.average([key])
            self._seal(found.path)

    def put_problem(self, found: Found, reason: str) -> None:
        """Store that a file could not be read. What was read of it before stays."""
        with self.together():
            changed = self.db.execute(
                "UPDATE notes SET problem = ?, folder = ?, place = ? WHERE path = ?",
                (reason, found.folder, filters.place(found.path, found.folder), found.path),
            )
            if not changed.rowcount:
                self._put_note(
                    found, title=Path(found.path).stem, names="", keywords="", fields="{}",
                    hash=b"", problem=reason, created=None, young=0,
                )  # fmt: skip
                self._seal(found.path)

    def put_folders(
        self, chosen: Mapping[str, ChosenFolder], mounted: frozenset[str],
        problems: Iterable[Problem],
    ) -> None:  # fmt: skip
        """Store which folders are searched, which disks are in them, what was not looked into."""
        values = {path: (one.there, one.device) for path, one in chosen.items()}
        self.set_meta(
            folders=json.dumps(values),
            mounted=json.dumps(sorted(mounted)),
            folder_problems=json.dumps([(p.path, p.reason) for p in problems]),
        )

    def touch(self, found: Found, *, young: bool = False) -> None:
        """Store that a file was seen with another signature or folder, but the same content."""
        signature = found.signature
        with self.together():
            self.db.execute(
                "UPDATE notes SET folder = ?, place = ?, mtime_ns = ?, ctime_ns = ?, size = ?, "
                "inode = ?, young = ? WHERE path = ?",
                (found.folder, filters.place(found.path, found.folder), signature.mtime_ns,
                 signature.ctime_ns, signature.size, signature.inode, young, found.path),
            )  # fmt: skip

    def forget(self, paths: Iterable[str]) -> None:
        """Remove notes. Their vectors stay until purge(), in case the text turns up elsewhere."""
        with self.together():
            for path in paths:
                self._remove_words(path)
                self.db.execute("DELETE FROM notes WHERE path = ?", (path,))

    def put_vectors(self, rows: Sequence[tuple[bytes, npt.NDArray[np.float32]]]) -> list[int]:
        """Store vectors by the hash of their text and return their keys."""
        keys = []
        with self.together():
            for text_hash, vector in rows:
                cursor = self.db.execute(
                    "INSERT INTO embeddings (hash, vector, digest) "
                    "VALUES (?1, ?2, digest_of(?1, ?2))",
                    (text_hash, vector.astype("<f2").tobytes()),
                )
                keys.append(int(cursor.lastrowid or 0))
            hashes = [text_hash for text_hash, _ in rows]
            self.average([row[0] for row in self.db.execute(
                "SELECT DISTINCT note FROM passages WHERE hash IN "
                f"({', '.join('?' * len(hashes))})", hashes)])  # fmt: skip
            self._bump()
        return keys

    def average(self, notes: Iterable[int]) -> None:
        """Store the mean of a note's vectors, where all of them are there."""
        for note in notes:
            mean = self.mean(note)
            if mean is None:
                self.db.execute("DELETE FROM means WHERE note = ?", (note,))
            else:
                self.db.execute("INSERT OR REPLACE INTO means VALUES (?, ?)",
                                (note, mean.tobytes()))  # fmt: skip

    def mean(self, note: int) -> npt.NDArray[np.float16] | None:
        """Return the mean of a note's vectors, of length 1; None where one of them is missing."""
        vectors = [row[0] for row in self.db.execute(
            "SELECT vector FROM passages LEFT JOIN embeddings USING (hash) WHERE note = ?",
            (note,))]  # fmt: skip
        if not vectors or None in vectors:
            return None
        if len(lengths := {*map(len, vectors)}) > 1 or lengths.pop() % 2:
            return None
        mean = np.mean([np.frombuffer(one, "<f2") for one in vectors], axis=0, dtype=np.float32)
        mean /= max(float(np.linalg.norm(mean)), 1e-6)
        return mean.astype("<f2")

    def discard(self, notes: Sequence[int], vectors: Sequence[int]) -> None:
        """Remove damaged notes and vectors, which are then missing like any that were never read.

        A note that is not on the disk now is kept as it is, as a problem, and read again when it
        can be. The words of such notes stay in the word indexes: see rebuild_words().
        """
        with self.together():
            for note in notes:
                (path,) = self.db.execute("SELECT path FROM notes WHERE id = ?", (note,)).fetchone()
                if os.path.lexists(path):
                    self.db.execute("DELETE FROM notes WHERE id = ?", (note,))
                else:
                    self.db.execute(f"{SEAL}, place = place_of(path, folder), problem = ?, "
                                    "mtime_ns = -1 WHERE id = ?", (DAMAGED_TEXT, note))  # fmt: skip
            self.db.executemany("DELETE FROM means WHERE note IN (SELECT note FROM passages "
                                "JOIN embeddings USING (hash) WHERE embeddings.id = ?)",
                                [(one,) for one in vectors])  # fmt: skip
            self.db.executemany("DELETE FROM embeddings WHERE id = ?", [(one,) for one in vectors])
            self._bump()

    def outgrow(self) -> None:
        """Have all notes taken apart anew, though their files are as they were."""
        with self.together():
            self.db.execute("UPDATE notes SET young = ?", (OUTGROWN,))

    def discard_meta(self, keys: Iterable[str]) -> None:
        """Remove damaged values about the library itself, which are found out again."""
        with self.together():
            self.db.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in keys])
            # Another one than any index that was saved.
            self.set_meta(generation=time.time_ns(), index_generation=-1)

    def rebuild_words(self) -> None:
        """Make the word indexes anew from the notes: some ten seconds for 10,000 long notes."""
        for table in WORD_INDEXES:
            self.db.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")

    def merge_words(self) -> bool:
        """Put the word indexes together after much was replaced; say whether there is more to do.

        Until then words of the former notes are in them too, and beside many of those beginnings
        of words are found slowly: a hundred times so where all notes were read anew. A part at a
        time, as https://sqlite.org/fts5.html#the_merge_command has it.
        """
        if not self._merging:
            (notes,) = self.db.execute("SELECT count(*) FROM notes").fetchone()
            if self._replaced < max(MERGE_FROM, MERGE_SHARE * notes):
                return False
            self._replaced = 0
            # A negative number begins it.
            self._merging = dict.fromkeys(WORD_INDEXES, -MERGE_PAGES)
        table, pages = next(iter(self._merging.items()))
        before = self.db.total_changes
        self.db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))
        if self.db.total_changes - before > 1:
            self._merging[table] = MERGE_PAGES
        else:
            del self._merging[table]
        return True

    def purge(self) -> list[int]:
        """Drop vectors of text that is nowhere any more; return their keys."""
        with self.together():
            gone = [row[0] for row in self.db.execute(
                "SELECT id FROM embeddings WHERE NOT EXISTS "
                "(SELECT 1 FROM passages WHERE passages.hash = embeddings.hash)")]  # fmt: skip
            if gone:
                self.db.executemany("DELETE FROM embeddings WHERE id = ?", [(k,) for k in gone])
                self._bump()
        return gone

    # The vector index ---------------------------------------------------------------------

    def load_index(self, index: VectorIndex) -> bool:
        """Fill a vector index: from its file if that is this library's, else from the vectors.

        A file that is a little older than the library serves, and is brought up to it. Returns
        whether the file served. A crash while loading is remembered, and the file is not tried
        again: damage in it that escaped the check must not stop the program twice.
        """
        if self.writable:
            (self.folder / INDEX).with_suffix(UNFINISHED).unlink(missing_ok=True)
        saved = self._index_file()
        crashed = self.meta("index_loading") == 1
        if saved is not None and not crashed:
            if self.writable:
                self.set_meta(index_loading=1)
            loaded = index.load(self.folder / INDEX, saved)
            if self.writable:
                self.set_meta(index_loading=0)
            if loaded and self._catch_up(index):
                return True
        if saved is not None and self.writable:
            logger.warning("The saved index does not serve; it is made anew")
            self.set_meta(index_loading=0, index_generation=-1)
        for keys, vectors in self.vectors():
            index.extend(keys, vectors)
        return False

    def _catch_up(self, index: VectorIndex) -> bool:
        """Bring an index from a file up to the library; say whether that was worth the while."""
        if self.meta("index_generation") == self.meta("generation"):
            return True
        stored = {row[0] for row in self.db.execute("SELECT id FROM embeddings")}
        held = index.keys()
        missing = sorted(stored - held)
        if len(missing) > MAX_MISSING:
            index.clear()
            return False
        for key in held - stored:
            index.remove(key)
        for key in missing:
            (vector,) = self.db.execute(
                "SELECT vector FROM embeddings WHERE id = ?", (key,)
            ).fetchone()
            index.add(key, np.frombuffer(vector, "<f2").astype(np.float32))
        return True

    def save_index(self, index: VectorIndex) -> None:
        """Write the vector index to its file, where it is large enough to have one."""
        generation = self.meta("generation") or 0
        if self.meta("index_generation") == generation:
            return
        try:
            saved = index.save(self.folder / INDEX)
        except (OSError, RuntimeError) as error:
            # It is a cache: without it the next start takes longer, and that is all.
            logger.warning("The index cannot be saved: %s", type(error).__name__)
            return
        if saved is not None and isinstance(generation, int):
            self.set_meta(index_size=saved.size, index_digest=saved.digest,
                          index_count=saved.count, index_removed=saved.removed,
                          index_generation=generation)  # fmt: skip

    def _index_file(self) -> IndexFile | None:
        known = [self.meta(f"index_{key}") for key in ("size", "count", "removed", "generation")]
        size, count, removed, generation = (
            value if isinstance(value, int) else -1 for value in known
        )
        if min(size, count, generation) < 0:
            return None
        return IndexFile(size, str(self.meta("index_digest")), count, max(removed, 0))

    def _seal(self, path: str) -> None:
        """Store the digest of what is stored of a note."""
        self.db.execute(f"{SEAL} WHERE path = ?", (path,))

    def _bump(self) -> None:
        last = self.meta("generation")
        self.set_meta(generation=last + 1 if isinstance(last, int) else 1)

    def _put_note(self, found: Found, **values: str | bytes | float | None) -> None:
        signature = found.signature if values["hash"] else UNREAD
        row = {
            "path": found.path, "folder": found.folder,
            "place": filters.place(found.path, found.folder), "mtime_ns": signature.mtime_ns,
            "ctime_ns": signature.ctime_ns, "size": signature.size, "inode": signature.inode,
            **values,
        }  # fmt: skip
        updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != "path")
        self.db.execute(
            f"INSERT INTO notes ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "
            f"ON CONFLICT (path) DO UPDATE SET {updates}",
            tuple(row.values()),
        )

    def _remove_words(self, path: str) -> None:
        """Take a note's passages out of the word indexes, with the very text they were put in."""
        row = self.db.execute("SELECT id FROM notes WHERE path = ? AND EXISTS (SELECT 1 FROM "
                              "passages WHERE note = notes.id)", (path,)).fetchone()  # fmt: skip
        self._replaced += row is not None
        for table, (view, ids) in WORD_INDEXES.items() if row else ():
            self.db.execute(
                f"INSERT INTO {table} ({table}, rowid, title, headings, body) "
                f"SELECT 'delete', id, title, headings, body FROM {view} WHERE id IN ({ids})",
                row,
            )


def _row(note: int, passage: Passage, text_hash: bytes) -> tuple[object, ...]:
    return (note, passage.heading, passage.text, passage.line, passage.end_line, passage.start,
            passage.end, text_hash, wording(passage.text))  # fmt: skip


def _stored(folder: str, content: bytes, problem: int, young: int, *signature: int) -> Stored:
    outgrown = young == OUTGROWN
    known = Signature(*signature)
    return Stored(known, folder, content, bool(problem), bool(young) and not outgrown, outgrown)


def below(folder: str) -> str:
    """Return what the paths of everything inside a folder begin with; `/` is one too."""
    return folder.rstrip(os.sep) + os.sep


def wording(text: str) -> int:
    """Hash a text's words, case, marks and white space aside: 52 bits, which a float holds."""
    words = " ".join(_WORD.findall(text.lower()))
    digest = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 12


def _keywords(note: Note) -> str:
    """Return the words of tags and of other fields, so that they are found like any other."""
    said = {"title", "aliases", "alias", "tags", "tag"}
    texts = [text for key, value in note.fields.items() if key.lower() not in said
             for text in frontmatter.names(value)]  # fmt: skip
    return " ".join((*note.tags, *texts))
