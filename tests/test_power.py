"""On battery meaning waits, words and what was just saved do not."""

import time
from types import SimpleNamespace

import psutil
import pytest
from fake_embedder import FakeEmbedder
from test_engine import Listener, answer_to, settings_for

from notesearch.core import indexer, power, upkeep
from notesearch.core.engine import Engine
from notesearch.core.notes import Progress, State
from notesearch.paths import UserPaths


class Machine:
    """Says where it has its power from, and counts how often it is asked."""

    def __init__(self):
        self.on_battery = True
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return self.on_battery


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def notes(vault):
    return vault({f"n{i}.md": f"# Note {i}\n\nword{i} and bread\n" for i in range(20)})


@pytest.fixture
def started(tmp_path, notes, machine, monkeypatch):
    monkeypatch.setattr(upkeep, "POWER_SECONDS", 0.0)
    engines = []

    def start(**settings):
        listener, encoder, data = Listener(), FakeEmbedder(), tmp_path / "data"
        changed = settings_for(notes)
        changed = type(changed)(folders=changed.folders, threads=2, **settings)
        user = UserPaths(data, data, data)
        engine = Engine(user, lambda: encoder, changed, listener, power=machine)
        engines.append(engine)
        engine.start()
        return engine, listener, encoder

    yield start
    for engine in engines:
        engine.stop()


def in_state(state):
    return lambda m: isinstance(m, Progress) and m.state is state


def test_words_are_read_and_meaning_waits(started):
    engine, listener, encoder = started()
    told = listener.wait_for(in_state(State.ON_BATTERY))
    assert (told.notes, told.unread, told.passages, told.embedded) == (20, 0, 20, 0)
    assert (told.seconds_left, told.rate) == (None, 0.0)
    assert encoder.passages == []
    engine.search("word7", 5)
    found = listener.wait_for(answer_to("word7"))
    assert (found.hits[0].title, found.semantic) == ("Note 7", False)


def test_plugged_in_it_goes_on(started, machine):
    _, listener, encoder = started()
    listener.wait_for(in_state(State.ON_BATTERY))
    machine.on_battery = False
    listener.wait_for(in_state(State.CURRENT))
    assert len(encoder.passages) == 20


def test_what_was_just_saved_is_embedded_all_the_same(started, notes, tmp_path):
    _, listener, encoder = started()
    listener.wait_for(in_state(State.ON_BATTERY))
    # It comes there whole: what is written bit by bit may be read, and embedded, half.
    new = tmp_path / "new.md"
    new.write_text("# New\n\nzebra\n", encoding="utf-8")
    new.rename(notes / "new.md")
    told = listener.wait_for(lambda m: isinstance(m, Progress) and m.embedded == 1)
    assert len(encoder.passages) == 1
    assert "zebra" in encoder.passages[0]
    assert told.state is State.ON_BATTERY


def test_read_anyway_holds_until_the_machine_was_plugged_in(started, machine, notes, vault):
    engine, listener, encoder = started()
    listener.wait_for(in_state(State.ON_BATTERY))
    engine.read_anyway()
    listener.wait_for(in_state(State.CURRENT))
    assert len(encoder.passages) == 20
    # Still on battery: more of the same goes on too.
    first = vault({"one.md": "# One\n\ngiraffe\n"}, "first")
    engine.apply(settings_for(notes, first))
    listener.wait_for(lambda m: in_state(State.CURRENT)(m) and m.notes == 21)
    machine.on_battery = False
    engine.refresh()
    until = time.monotonic() + 60
    while engine._orders.read_anyway:
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
    machine.on_battery = True
    second = vault({"two.md": "# Two\n\ngiraffe two\n"}, "second")
    engine.apply(settings_for(notes, first, second))
    listener.wait_for(lambda m: in_state(State.ON_BATTERY)(m) and m.notes == 22)


def test_without_the_setting_nothing_waits_and_nobody_asks(started, machine):
    _, listener, _ = started(battery=False)
    listener.wait_for(in_state(State.CURRENT))
    assert machine.asked == 0
    assert not any(in_state(State.ON_BATTERY)(m) for m in listener.messages)


def test_turned_off_while_it_waits_the_setting_lets_it_go_on(started, notes):
    engine, listener, _ = started()
    listener.wait_for(in_state(State.ON_BATTERY))
    changed = settings_for(notes)
    engine.apply(type(changed)(folders=changed.folders, threads=2, battery=False))
    listener.wait_for(in_state(State.CURRENT))


def test_without_work_nobody_asks(started, machine):
    machine.on_battery = False
    engine, listener, _ = started()
    listener.wait_for(in_state(State.CURRENT))
    asked = machine.asked
    engine.refresh()
    engine.search("bread", 5)
    listener.wait_for(answer_to("bread"))
    assert machine.asked == asked


def test_a_pause_is_said_before_the_battery(started):
    engine, listener, _ = started()
    listener.wait_for(in_state(State.ON_BATTERY))
    engine.pause()
    listener.wait_for(in_state(State.PAUSED))
    listener.messages.clear()
    engine.resume()
    listener.wait_for(in_state(State.ON_BATTERY))


@pytest.mark.parametrize(
    ("says", "expected"),
    [(None, False), (SimpleNamespace(power_plugged=True), False),
     (SimpleNamespace(power_plugged=None), False), (SimpleNamespace(power_plugged=False), True)],
)  # fmt: skip
def test_only_a_battery_that_is_in_use_counts(monkeypatch, says, expected):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: says, raising=False)
    assert power.on_battery() is expected


@pytest.mark.parametrize("error", [OSError, ValueError, AttributeError, RuntimeError])
def test_a_battery_that_cannot_be_asked_is_none(monkeypatch, error):
    def refuse():
        raise error("no")

    monkeypatch.setattr(psutil, "sensors_battery", refuse, raising=False)
    assert power.on_battery() is False


# How fast it goes ---------------------------------------------------------------------------


def test_a_rate_is_told_once_it_can_be_believed(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(indexer.time, "monotonic", lambda: now[0])
    rate = indexer._Rate()
    assert (rate.per_second(), rate.seconds(10)) == (0.0, None)
    rate.restart()
    for _ in range(4):
        now[0] += 1.0
        rate.add(5)
    assert rate.per_second() == 5.0
    assert rate.seconds(50) == 10.0
    assert rate.seconds(0) == 0.0
    rate.restart()
    assert rate.per_second() == 0.0


def test_the_rate_is_that_of_what_is_going_on(library, vault, encoder, monkeypatch):
    monkeypatch.setattr(indexer, "ENOUGH_MADE", 1)
    monkeypatch.setattr(indexer, "ENOUGH_SECONDS", 0.0)
    monkeypatch.setattr(indexer, "READ_SECONDS", 0.001)
    folder = vault({f"n{i}.md": f"# Note {i}\n\nword{i}\n" for i in range(100)})
    one = indexer.Indexer(library, indexer.VectorIndex(64), encoder, [folder], threads=1)
    try:
        one.scan()
        told = one.progress()
        while not told.rate:
            # On a busy machine the time of a step may be over before it has read a note.
            assert one.read_some()
            told = one.progress()
        assert told.state is State.READING
        assert told.rate > 0
        while one.read_some():
            pass
        one.embed_some()
        told = one.progress()
        assert told.state is State.EMBEDDING
        assert told.rate > 0
        while one.embed_some():
            pass
        assert (one.progress().state, one.progress().rate) == (State.CURRENT, 0.0)
    finally:
        one.close()
