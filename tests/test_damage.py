"""Libraries that are not as they were stored: what is found, what is mended, what is said."""

import contextlib
import random
import sqlite3
import sys
import time

import numpy as np
import pytest

if sys.platform == "win32":
    pytest.skip("each try is a fork", allow_module_level=True)

import damage
from test_engine import Listener, answer_to, is_current, settings_for

from notesearch.core import housekeeping, upkeep
from notesearch.core.access import Writer
from notesearch.core.database import DATABASE
from notesearch.core.engine import Engine
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.notes import Failure, Problem, Progress, State


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return damage.Bench(tmp_path_factory.mktemp("bench"))


@pytest.mark.timeout(900)
def test_any_damage_of_either_file_is_survived(bench):
    for file, harm, outcomes in damage.run(bench, flips=25, cuts=8, seed=7):
        assert outcomes.keys() <= damage.GOOD, (file, harm, outcomes)


def harm_text(library):
    """Change a stored text behind the library's back, as a flipped bit would."""
    db_of(library).execute("UPDATE passages SET text = 'bananas' WHERE text LIKE '%word7 %'")


def harm_vector(library):
    db_of(library).execute("UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE id = 9")


def harm_mean(library):
    db_of(library).execute("UPDATE means SET vector = zeroblob(length(vector)) WHERE note = 9")


def harm_words(library):
    db_of(library).execute("DELETE FROM stems_data WHERE id > 100")


def harm_schema_number(library):
    db_of(library).execute("UPDATE meta SET value = 2 WHERE key = 'schema'")


def harm_model(library):
    db_of(library).execute("UPDATE meta SET value = CAST(x'e6616b65' AS TEXT) WHERE key = 'model'")


def harm_folders(library):
    db_of(library).execute("UPDATE meta SET value = 'z' || substr(value, 2) WHERE key = 'folders'")


def harm_floor(library):
    db_of(library).execute("UPDATE meta SET value = 0.01 WHERE key = 'floor'")


def harm_table_text(library):
    """Flip a bit in the name of a column, in the text that SQLite keeps of the tables."""
    content = (library / DATABASE).read_bytes()
    assert b"vector BLOB NOT NULL," in content
    harmed = content.replace(b"vector BLOB NOT NULL,", b"vecuor BLOB NOT NULL,")
    (library / DATABASE).write_bytes(harmed)


def harm_tables(library):
    db_of(library).execute("DROP TABLE passages")


def harm_pages(library):
    content = bytearray((library / DATABASE).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 65_536] = random.Random(5).randbytes(65_536)
    (library / DATABASE).write_bytes(content)


def harm_all(library):
    (library / DATABASE).write_bytes(b"another program's file " * 5_000)


def db_of(library):
    # The engine may be writing, in a thread that has to wait for its turn.
    return sqlite3.connect(library / DATABASE, timeout=60, isolation_level=None)


HARMS = [
    harm_text, harm_vector, harm_mean, harm_words, harm_schema_number, harm_model, harm_folders,
    harm_floor, harm_table_text, harm_tables, harm_pages, harm_all,
]  # fmt: skip


@pytest.fixture
def start(bench):
    """Start the engine on a library's data folder."""
    with contextlib.ExitStack() as stack:

        def started(data):
            listener = Listener()
            engine = Engine(
                damage.user(data), lambda: bench.encoder, settings_for(bench.notes), listener
            )
            stack.callback(engine.stop)
            engine.start()
            return engine, listener

        yield started


def says(word):
    return lambda message: isinstance(message, Problem) and word in message.reason


def becomes_found(engine, listener):
    """Wait until the note is found again, and everything is read and embedded."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        listener.messages.clear()
        engine.search("word7", 5)
        hits = listener.wait_for(answer_to("word7")).hits
        if hits and hits[0].title == "Note 7":
            engine.refresh()
            listener.wait_for(is_current)
            return
        time.sleep(0.1)
    raise AssertionError("the note is not found again")


@pytest.mark.parametrize("harm", HARMS)
def test_damage_that_was_done_while_nothing_ran_is_mended_in_idle_time(
    bench, start, harm, monkeypatch
):
    monkeypatch.setattr(upkeep, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(housekeeping, "INSPECT_SECONDS", 0.0)
    library = bench.copy()
    harm(library)
    engine, listener = start(library.parents[1])
    listener.wait_for(says("damaged"))
    becomes_found(engine, listener)
    engine.stop()
    assert bench.outcome() == "no harm"
    assert [m for m in listener.messages if isinstance(m, Failure)] == []


@pytest.mark.parametrize("harm", [harm_words, harm_tables, harm_pages])
def test_damage_that_is_done_while_it_runs_is_mended_when_it_comes_to_light(bench, start, harm):
    library = bench.copy()
    engine, listener = start(library.parents[1])
    listener.wait_for(is_current)
    with contextlib.closing(db_of(library)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harm(library)
    until = time.monotonic() + 60
    while not any(says("damaged")(message) for message in listener.messages):
        assert time.monotonic() < until
        engine.search(f'"{random.random()}" OR word7', 5)
        # What is in the cache of a connection is sound; reading elsewhere is not.
        engine.refresh()
        time.sleep(0.2)
    becomes_found(engine, listener)
    engine.stop()
    assert bench.outcome() == "no harm"


def test_what_is_sound_is_left_alone(bench):
    bench.copy()
    assert bench.outcome() == "no harm"


@pytest.fixture
def library(bench):
    folder = bench.copy()
    with contextlib.closing(Library(folder, bench.encoder.identity, writable=True)) as library:
        yield library


def inspected(library):
    return go_through(Inspection(library, damage.FakeEmbedder.dimension))


def go_through(inspection):
    while inspection.step():
        pass
    return inspection


class Failing:
    """A connection of which some statements fail."""

    def __init__(self, db, statement, code):
        self._db, self._statement, self._code = db, statement, code

    def execute(self, sql, *values):
        if self._statement in sql:
            error = sqlite3.OperationalError("injected")
            error.sqlite_errorcode, error.sqlite_errorname = self._code, "SQLITE_TEST"
            raise error
        return self._db.execute(sql, *values)

    def __getattr__(self, name):
        return getattr(self._db, name)

    def __enter__(self):
        return self._db.__enter__()

    def __exit__(self, *raised):
        return self._db.__exit__(*raised)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL])
@pytest.mark.parametrize("statement", ["PRAGMA integrity_check", "integrity-check", "FROM meta"])
def test_what_may_be_over_in_a_while_condemns_nothing(library, statement, code):
    inspection = Inspection(library, damage.FakeEmbedder.dimension)
    db, library.db = library.db, Failing(library.db, statement, code)
    with pytest.raises(sqlite3.OperationalError, match="injected"):
        go_through(inspection)
    library.db = db
    assert go_through(inspection).report() == []


def test_a_disk_that_is_full_while_damage_is_mended_condemns_nothing(library):
    library.db.execute("UPDATE passages SET text = 'x' WHERE id = 5")
    inspection = inspected(library)
    db, library.db = library.db, Failing(library.db, "DELETE FROM notes", sqlite3.SQLITE_FULL)
    with pytest.raises(sqlite3.OperationalError, match="injected"):
        inspection.mend()
    library.db = db
    found = inspected(library)
    assert (len(found.notes), len(found.words), found.broken) == (1, 3, "")


@pytest.mark.parametrize(
    "vector", [b"", bytes(128), np.full(64, np.nan, "<f2").tobytes(), b"x" * 99]
)
def test_a_vector_that_is_none_is_found_even_if_it_was_stored_so(library, vector):
    harm = "UPDATE embeddings SET vector = ?1, digest = digest_of(hash, ?1) WHERE id = 3"
    library.db.execute(harm, (vector,))
    inspection = inspected(library)
    assert inspection.vectors == [3]
    inspection.mend()
    assert inspected(library).report() == []


def test_a_damaged_note_that_is_not_there_now_is_kept_and_told(library):
    (path,) = library.db.execute("SELECT path FROM notes WHERE title = 'Note 7'").fetchone()
    harm = "UPDATE notes SET title = 'Note X', path = path || '.away' WHERE path = ?"
    library.db.execute(harm, (path,))
    assert inspected(library).mend() == []
    assert inspected(library).report() == []
    stored = library.stored_one(f"{path}.away")
    assert stored.problem
    assert stored.signature.mtime_ns == -1, "read again as soon as it is there"


def test_after_a_clean_end_nothing_is_looked_over_but_after_any_other_all_is(bench):
    data = bench.copy().parents[1]

    def due():
        with Writer(damage.user(data), bench.encoder, [bench.notes], threads=1) as writer:
            return writer.indexer._housekeeping._is_inspection_due()

    with Writer(damage.user(data), bench.encoder, [bench.notes], threads=1) as writer:
        writer.indexer.inspect()
    assert not due()
    with (
        contextlib.suppress(RuntimeError),
        Writer(damage.user(data), bench.encoder, [bench.notes], threads=1),
    ):
        raise RuntimeError
    assert due()


def test_damage_that_a_window_meets_while_another_writes_is_told(bench, start):
    library = bench.copy()
    with Writer(damage.user(library.parents[1]), bench.encoder, [bench.notes], threads=1):
        harm_words(library)
        engine, listener = start(library.parents[1])
        listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.ELSEWHERE)
        engine.search("word7 cat", 5)
        listener.wait_for(says("doctor --repair"))
        engine.stop()
