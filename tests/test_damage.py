"""Libraries that are not as they were stored: what is found, what is mended, what is said."""

import contextlib
import os
import random
import sqlite3
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("each try is a fork", allow_module_level=True)

import damage
from test_engine import Listener, answer_to, is_current, settings_for

from notesearch.core import housekeeping, upkeep
from notesearch.core.database import DATABASE
from notesearch.core.engine import Engine
from notesearch.core.notes import Failure, Problem


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return damage.Bench(tmp_path_factory.mktemp("bench"))


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
    content[middle : middle + 65_536] = os.urandom(65_536)
    (library / DATABASE).write_bytes(content)


def harm_all(library):
    (library / DATABASE).write_bytes(b"another program's file " * 5_000)


def db_of(library):
    return sqlite3.connect(library / DATABASE, isolation_level=None)


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
        hits = listener.wait_for(answer_to("word7"), 30).hits
        if hits and hits[0].title == "Note 7":
            engine.refresh()
            listener.wait_for(is_current, 30)
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
    listener.wait_for(says("damaged"), 30)
    becomes_found(engine, listener)
    engine.stop()
    assert bench.outcome() == "no harm"
    assert [m for m in listener.messages if isinstance(m, Failure)] == []


@pytest.mark.parametrize("harm", [harm_words, harm_tables, harm_pages])
def test_damage_that_is_done_while_it_runs_is_mended_when_it_comes_to_light(bench, start, harm):
    library = bench.copy()
    engine, listener = start(library.parents[1])
    listener.wait_for(is_current, 30)
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
