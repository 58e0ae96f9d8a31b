"""Libraries that earlier versions made, one committed for each schema, and what becomes of them."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from compare_libraries import differences, index_anew
from fake_embedder import FakeEmbedder

from notesearch.core import database
from notesearch.core.database import DATABASE, SCHEMA, LibraryError, layout
from notesearch.core.indexer import Indexer
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.vectors import VectorIndex

DATA = Path(__file__).with_name("data")
SCHEMAS = sorted(int(folder.name.partition("-")[2]) for folder in DATA.glob("schema-*"))


@pytest.fixture(params=SCHEMAS)
def old(request, tmp_path):
    """Copy notes and library of an old schema, made in /notes by a model of another name.

    Returns both.
    """
    made = DATA / f"schema-{request.param}"
    notes, library = tmp_path / "notes", tmp_path / "library"
    shutil.copytree(made / "notes", notes)
    library.mkdir()
    shutil.copyfile(made / DATABASE, library / DATABASE)
    with contextlib.closing(sqlite3.connect(library / DATABASE)) as db, db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'model'", (FakeEmbedder.identity,))
        db.execute("UPDATE notes SET path = ? || path, folder = ? || folder", (str(tmp_path),) * 2)
        db.execute("UPDATE meta SET value = replace(value, '/notes', ?) "
                   "WHERE key IN ('folders', 'folder_problems')", (str(notes),))  # fmt: skip
    return notes, library


def test_each_schema_that_leads_to_todays_has_a_library():
    assert set(SCHEMAS) == set(database._MIGRATIONS)


def test_a_library_is_brought_to_todays_schema_where_it_is(old, encoder, tmp_path):
    notes, where = old
    with contextlib.closing(Library(where, encoder.identity, writable=True)) as library:
        assert library.meta("schema") == SCHEMA
        assert library.counts().notes == 7
        assert library.counts().embedded == library.counts().passages
        inspection = Inspection(library, encoder.dimension)
        while inspection.step():
            pass
        assert inspection.report() == []
        assert layout(library.db) == layout(None)
        with contextlib.closing(Library(tmp_path / "new", "x", writable=True)) as new:
            assert layout(new.db) == layout(None)
        indexer = Indexer(library, VectorIndex(64), encoder, [notes], threads=1)
        indexer.scan()
        while indexer.read_some() or indexer.embed_some() or indexer.settle():
            pass
        indexer.close()
        assert encoder.passages == [], "what was embedded is kept"
    index_anew(tmp_path / "fresh", [notes], encoder)
    assert differences(where, tmp_path / "fresh", encoder, exact_below=100) == []


def test_a_migration_that_breaks_off_leaves_the_old_library(old, encoder, monkeypatch):
    _, where = old

    def fail(db):
        db.execute("ALTER TABLE notes ADD COLUMN half INTEGER")
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise full

    with monkeypatch.context() as patch:
        patch.setitem(database._MIGRATIONS, SCHEMA - 1, fail)
        with pytest.raises(LibraryError, match="full"):
            Library(where, encoder.identity, writable=True)
    with contextlib.closing(Library(where, encoder.identity, writable=True)) as library:
        assert library.counts().notes == 7
        assert "half" not in str(layout(library.db))


def test_a_reader_says_who_brings_it_to_todays_schema(old, encoder):
    with pytest.raises(LibraryError, match="notesearch index"):
        Library(old[1], encoder.identity, writable=False)
