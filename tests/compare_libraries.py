"""Whether a library is, field by field, what a fresh index of the same folders is.

What the tables hold is read through SQL that names no column, so that added ones are compared too.
"""

import contextlib
import json
import shutil
import sqlite3
from collections import Counter

import numpy as np

from notesearch.core import query as query_parser
from notesearch.core import tokens
from notesearch.core.database import DATABASE, INDEX
from notesearch.core.indexer import Indexer
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.notes import Mode
from notesearch.core.searcher import Searcher
from notesearch.core.vectors import VectorIndex

PASSED_OVER = {"id", "note", "young"}
"""Columns that differ between equal libraries: numbers of rows, and when a note was looked at."""
WORD_INDEXES = ("stems", "note_stems", "words")
EVERYTHING = 100_000
"""As many hits as there may be: no candidate is cut off, so that equal scores do no harm."""
TOLERANCE = 2e-4
RECALL_COSINE = 2e-3
SHOWN = 5
"""So many examples of each kind of difference are told."""


def index_anew(where, folders, encoder):
    """Index folders into a new library and close it."""
    index = VectorIndex(encoder.dimension)
    with contextlib.ExitStack() as stack:
        library = stack.enter_context(
            contextlib.closing(Library(where, encoder.identity, writable=True))
        )
        indexer = stack.enter_context(
            contextlib.closing(Indexer(library, index, encoder, folders, threads=2))
        )
        indexer.scan()
        while indexer.read_some() or indexer.embed_some() or indexer.settle():
            pass


def copy_library(library, where):
    """Copy a library's files as they are, its log included; return where the copy is."""
    where.mkdir(parents=True)
    for file in library.iterdir():
        if not file.name.endswith("-shm"):
            shutil.copyfile(file, where / file.name)
    return where


def take_library(library, where):
    """Copy a library that may be in use, all of one moment; return where the copy is."""
    where.mkdir(parents=True)
    with (
        contextlib.closing(_read_only(library)) as ours,
        contextlib.closing(sqlite3.connect(where / DATABASE)) as copy,
    ):
        ours.backup(copy)
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(library / INDEX, where / INDEX)
    return where


def differences(library, fresh, encoder, *, exact_below, queries=()):
    """Say how a library (a copy, closed) differs from a fresh one; nothing where it does not."""
    told = []
    with contextlib.ExitStack() as stack:
        ours, theirs = (stack.enter_context(_opened(where)) for where in (library, fresh))
        for what, look in _LOOKS.items():
            try:
                told += _differing(what, look(ours), look(theirs))
            except sqlite3.DatabaseError as error:
                told.append(f"{what}: {error}")
        told += _broken_words(ours)
    if told:
        return told
    with contextlib.ExitStack() as stack:
        ours, theirs = (
            stack.enter_context(contextlib.closing(Library(one, encoder.identity, writable=False)))
            for one in (library, fresh)
        )
        told += [f"damage: {what}" for what in damage(ours, encoder)]
        told += _differing_answers(ours, theirs, encoder, queries)
        told += _wrong_index(ours, encoder, exact_below, queries)
    return told


def damage(library, encoder):
    """Return what the library itself finds wrong."""
    inspection = Inspection(library, encoder.dimension)
    while inspection.step():
        pass
    return [*library.damage(), *inspection.report()]


def notes_with(library, word):
    """Return the paths of the notes that the word index finds."""
    with _opened(library) as db:
        sql = "SELECT path FROM words JOIN notes ON notes.id = words.rowid WHERE words MATCH ?"
        return {row[0] for row in db.execute(sql, (f'"{word}"',))}


def _read_only(library):
    return sqlite3.connect(f"{(library / DATABASE).as_uri()}?mode=ro", uri=True)


@contextlib.contextmanager
def _opened(library):
    """Open the database alone, without anything of the program that might put it right."""
    with contextlib.closing(sqlite3.connect(library / DATABASE)) as db:
        db.create_function("tail", 1, tokens.tail, deterministic=True)
        yield db


# What the tables hold, as multisets of rows ---------------------------------------------------


def _columns(db, table, alias):
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    return ", ".join(f'{alias}."{name}"' for name in names if name not in PASSED_OVER)


def _rows(db, sql):
    return Counter(db.execute(sql).fetchall())


def _notes(db):
    return _rows(db, f"SELECT {_columns(db, 'notes', 'n')} FROM notes n")


def _passages(db):
    place = "row_number() OVER (PARTITION BY p.note ORDER BY p.id)"
    return _rows(db, f"SELECT n.path, {place}, {_columns(db, 'passages', 'p')} "
                     "FROM passages p LEFT JOIN notes n ON n.id = p.note")  # fmt: skip


def _embeddings(db):
    return _rows(db, f"SELECT {_columns(db, 'embeddings', 'e')} FROM embeddings e")


def _of_notes(table):
    def look(db):
        return _rows(db, f"SELECT n.path, {_columns(db, table, 't')} "
                         f"FROM {table} t LEFT JOIN notes n ON n.id = t.note")  # fmt: skip

    return look


def _words_of(table):
    """Every occurrence of every word in an index, with the note and its place there."""
    documents = (
        "SELECT p.id AS doc, n.path || char(10) || "
        "row_number() OVER (PARTITION BY p.note ORDER BY p.id) AS name "
        "FROM passages p JOIN notes n ON n.id = p.note"
        if table == "stems"
        else "SELECT id AS doc, path AS name FROM notes"
    )

    def look(db):
        db.execute(f"CREATE VIRTUAL TABLE temp.in_{table} USING fts5vocab(main, {table}, instance)")
        return _rows(db, f"SELECT term, coalesce(name, 'row ' || v.doc), col, offset FROM "
                         f"in_{table} v LEFT JOIN ({documents}) d ON d.doc = v.doc")  # fmt: skip

    return look


def _folders(db):
    held = dict(db.execute("SELECT key, value FROM meta").fetchall())
    folders = json.loads(held.get("folders", "{}"))
    problems = json.loads(held.get("folder_problems", "[]"))
    return Counter([(path, str(one)) for path, one in folders.items()]
                   + [("problem", *one) for one in problems])  # fmt: skip


def _floor(db):
    held = dict(db.execute("SELECT key, value FROM meta").fetchall())
    floor = held.get("floor")
    return Counter([(held.get("floor_count"), None if floor is None else round(floor, 3))])


_LOOKS = {
    "notes": _notes, "passages": _passages, "embeddings": _embeddings, "means": _of_notes("means"),
    "facets": _of_notes("facets"), **{name: _words_of(name) for name in WORD_INDEXES},
    "folders": _folders, "floor": _floor,
}  # fmt: skip


def _differing(what, ours, theirs):
    told = []
    for side, rows in (("only here", ours - theirs), ("only in the fresh one", theirs - ours)):
        if rows:
            first = sorted(map(_shortly, rows))[:SHOWN]
            told.append(f"{what}: {rows.total()} {side}: " + "; ".join(first))
    return told


def _shortly(row):
    text = repr(tuple(v.hex()[:16] if isinstance(v, bytes) else v for v in row))
    return text if len(text) < 400 else f"{text[:400]}…"


def _broken_words(db):
    told = []
    for table in WORD_INDEXES:
        try:
            db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            told.append(f"{table}: {error}")
    told += [f"database: {row[0]}" for row in db.execute("PRAGMA integrity_check(5)")
             if row[0] != "ok"]  # fmt: skip
    told += [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check").fetchmany(5)]
    return told


# What is found --------------------------------------------------------------------------------


def _differing_answers(ours, theirs, encoder, queries):
    searchers = []
    for library in (ours, theirs):
        index = VectorIndex(encoder.dimension)
        for keys, vectors in library.vectors():
            index.extend(keys, vectors)
        searchers.append(Searcher(library, index, encoder))
    told = []
    for text in queries:
        for mode in (Mode.WORDS, Mode.BOTH):
            query = query_parser.parse(text, typing=True)
            answers = [
                s.search(query, limit=EVERYTHING, mode=mode, suggest=False) for s in searchers
            ]
            told += [f"answer to {text!r} ({mode}): {what}" for what in _differing_hits(*answers)]
    return told


def _differing_hits(ours, theirs):
    """Compare two answers. Copies share a row, and which of them leads may depend on history."""
    for kind in ("hits", "weak"):
        one, other = (_scores(getattr(results, kind)) for results in (ours, theirs))
        for notes in one.keys() ^ other.keys():
            yield f"{kind}: {sorted(notes)} in one of them only"
        for notes in one.keys() & other.keys():
            (score, *rest), (expected, *others) = one[notes], other[notes]
            if abs(score - expected) > TOLERANCE or rest != others:
                yield f"{kind}: {sorted(notes)}: {one[notes]}, not {other[notes]}"


def _scores(hits):
    return {frozenset((str(hit.file), *hit.copies)): (hit.score, hit.strength) for hit in hits}


def _wrong_index(library, encoder, exact_below, queries):
    """Compare the index as the program would load it with the vectors in the tables."""
    index, exact = (VectorIndex(encoder.dimension, exact_below=n) for n in (exact_below, 10**9))
    library.load_index(index)
    for keys, vectors in library.vectors():
        exact.extend(keys, vectors)
    if index.keys() != exact.keys():
        only, missing = index.keys() - exact.keys(), exact.keys() - index.keys()
        return [f"index: {len(only)} keys too many, {len(missing)} missing"]
    told = []
    for keys, vectors in library.vectors():
        for key, vector in zip(keys, vectors.astype(np.float32), strict=True):
            (cosine,) = index.cosines(np.array([key]), vector / np.linalg.norm(vector))
            if cosine < 1 - RECALL_COSINE:
                told.append(f"index: the vector of {key} has a cosine of {cosine} with its own")
    worse = 0
    for text in queries:
        vector = encoder.embed_query(text)
        found, best = index.search(vector, 10)[1], exact.search(vector, 10)[1]
        worse += len(found) != len(best) or bool((found < best - RECALL_COSINE).any())
    if worse * 5 > len(queries):
        told.append(f"index: {worse} of {len(queries)} queries do not find the nearest")
    return told
