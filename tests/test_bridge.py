"""The bridge between the engine's threads and the window's, with a real engine behind it."""

import threading
from pathlib import Path

import filelock
import pytest
from fake_embedder import FakeEmbedder

from notesearch.core.engine import Engine
from notesearch.core.notes import Carried, Passages, Progress, Results, State
from notesearch.gui.bridge import Bridge
from notesearch.paths import UserPaths
from notesearch.settings import Settings


class Program:
    """A bridge, the settings in force, and what was told."""

    def __init__(self, user, *folders):
        self.user = user
        self.settings = Settings(folders=tuple(map(str, folders)), threads=2)
        self.messages, self.erased, self.encoders = [], [], []
        self.bridge = Bridge(self.make)
        self.bridge.told.connect(self.messages.append)
        self.bridge.erased.connect(self.begin_anew)

    def make(self, listener):
        self.encoders.append(FakeEmbedder())
        return Engine(self.user, lambda it=self.encoders[-1]: it, self.settings, listener)

    def begin_anew(self, problem):
        """Called before the new engine says anything: what is told from now on is its own."""
        self.erased.append(problem)
        self.messages.clear()

    def apply(self, settings):
        self.settings = settings
        self.bridge.apply(settings)

    def ask(self, text):
        self.bridge.ask(text, 10, again=False)

    def told(self, kind):
        return [m for m in self.messages if isinstance(m, kind)]

    def is_current(self, notes):
        last = next(iter(self.told(Progress)[::-1]), None)
        return last is not None and (last.state, last.notes) == (State.CURRENT, notes)

    def answer(self, text):
        return next((m for m in self.told(Results)[::-1] if m.query.text == text and m.final), None)


@pytest.fixture
def user(tmp_path):
    return UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")


@pytest.fixture
def notes(vault):
    filler = " ".join(f"filler{i}" for i in range(30))
    two = f"# Two\n\n## First\n\nrusk {filler}\n\n## Last\n\nrusk {filler}\n"
    return vault({"two.md": two, "broken.md": b"\x89PNG\0\0\0\x0d" + bytes(300),
                  "Old/a.md": "# A\n\nrusk\n"})  # fmt: skip


def running():
    return [t for t in threading.enumerate() if t.name in {"removing", "indexing", "searching"}]


@pytest.fixture
def program(qtbot, user, notes):
    program = Program(user, notes)
    program.bridge.start()
    qtbot.waitUntil(lambda: program.is_current(3))
    yield program
    program.bridge.stop()
    # What one has done may be known shortly before it ends.
    qtbot.waitUntil(lambda: not running())


def test_what_is_asked_is_answered(program, qtbot):
    bridge = program.bridge
    program.ask("rusk")
    qtbot.waitUntil(lambda: program.answer("rusk") is not None)
    hits = {hit.title: hit for hit in program.answer("rusk").hits}
    assert hits["Two"].more == 1
    bridge.spread(hits["Two"], "rusk")
    bridge.spread(next(hit for title, hit in hits.items() if title != "Two"), "rusk")
    bridge.carry(list(hits.values()), "rusk")
    qtbot.waitUntil(lambda: len(program.told(Carried)) == 2)
    # Each note is answered for, in the order in which they were asked about.
    assert [len(told.hits) for told in program.told(Passages)] == [1, 0]


def test_a_file_that_is_well_again_is_no_problem_after_another_try(program, qtbot, notes):
    def problems():
        return next(iter(program.told(tuple)[::-1]), ())

    broken = notes / "broken.md"
    # Problems are told after the progress.
    qtbot.waitUntil(lambda: [one.path for one in problems()] == [str(broken)])
    program.bridge.pause(wanted=True)
    qtbot.waitUntil(lambda: program.told(Progress)[-1].state is State.PAUSED)
    broken.write_text("# Well\n\nagain\n", encoding="utf-8")
    program.bridge.pause(wanted=False)
    program.bridge.retry(broken)
    qtbot.waitUntil(lambda: problems() == ())
    qtbot.waitUntil(lambda: program.is_current(3))


def test_what_is_stored_is_removed_and_read_anew(program, qtbot, user):
    (library,) = user.libraries.iterdir()
    (user.libraries / "another-0123456789abcdef").mkdir()
    theirs = user.libraries / "of another program" / "library.db"
    theirs.parent.mkdir()
    theirs.touch()
    program.bridge.rebuild()
    qtbot.waitUntil(lambda: program.erased == [""])
    qtbot.waitUntil(lambda: program.is_current(3))
    assert {one.name for one in user.libraries.iterdir()} == {library.name, theirs.parent.name}
    assert theirs.exists()
    first, second = program.encoders
    assert sorted(first.passages) == sorted(second.passages)
    program.bridge.rebuild()
    qtbot.waitUntil(lambda: program.erased == ["", ""])


def test_what_is_asked_meanwhile_is_answered_and_settings_hold(program, qtbot, vault):
    other = vault({"only.md": "# Only\n\nzwieback\n"}, "other")
    program.bridge.erase()
    program.bridge.erase()
    program.ask("zwieback")
    program.bridge.refresh()
    program.apply(Settings(folders=(str(other),), threads=2))
    qtbot.waitUntil(lambda: program.erased == [""])
    qtbot.waitUntil(lambda: program.is_current(1))
    qtbot.waitUntil(lambda: program.answer("zwieback") is not None)
    assert len(program.encoders) == 2


def test_the_question_on_the_screen_is_asked_again(program, qtbot):
    program.ask("rusk")
    qtbot.waitUntil(lambda: program.answer("rusk") is not None)
    program.apply(Settings(threads=2))
    program.messages.clear()
    program.bridge.erase()
    qtbot.waitUntil(lambda: program.erased == [""])
    qtbot.waitUntil(lambda: program.answer("rusk") is not None)
    assert program.answer("rusk").hits == ()


def test_the_window_is_not_held_up(program, qtbot, monkeypatch):
    going = threading.Event()
    stop = Engine.stop

    def slow(engine):
        assert going.wait(60)
        stop(engine)

    monkeypatch.setattr(Engine, "stop", slow)
    program.bridge.erase()
    program.ask("rusk")
    qtbot.wait(50)
    assert program.erased == []
    going.set()
    qtbot.waitUntil(lambda: program.erased == [""])


def test_the_program_can_end_meanwhile(program, user):
    program.bridge.erase()
    program.bridge.stop()
    assert not user.libraries.exists() or not list(user.libraries.iterdir())


@pytest.mark.usefixtures("qapp")
def test_what_ends_before_it_has_begun_does_not_begin(user, notes, monkeypatch):
    begun = []
    monkeypatch.setattr(Engine, "start", begun.append)
    program = Program(user, notes)
    program.bridge.stop()
    program.bridge.start()
    assert not begun


def test_it_is_said_when_what_is_stored_cannot_be_removed(program, qtbot, user, monkeypatch):
    erase = Engine.erase

    def beside_another(engine):
        with filelock.FileLock(user.lock):
            return erase(engine)

    monkeypatch.setattr(Engine, "erase", beside_another)
    program.bridge.erase()
    qtbot.waitUntil(lambda: bool(program.erased))
    assert program.erased == ["another notesearch is bringing the library up to date"]
    qtbot.waitUntil(lambda: program.is_current(3))


def test_a_folder_that_cannot_be_removed_is_named(program, qtbot, user, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path / "library.db"))

    monkeypatch.setattr("notesearch.core.access.remove", refuse)
    program.bridge.erase()
    qtbot.waitUntil(lambda: bool(program.erased))
    (told,) = program.erased
    assert str(next(user.libraries.iterdir()) / "library.db") in told
    assert "Permission denied" in told
    assert "try again" in told
    qtbot.waitUntil(lambda: program.is_current(3))


def test_a_folder_of_libraries_that_cannot_be_looked_into_is_named(
    program, qtbot, user, monkeypatch
):
    listed = Path.iterdir

    def refuse(path):
        if path == user.libraries:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", refuse)
        program.bridge.erase()
        qtbot.waitUntil(lambda: bool(program.erased))
    (told,) = program.erased
    assert f"{user.libraries} cannot be removed (Permission denied)" in told
    qtbot.waitUntil(lambda: program.is_current(3))


def test_only_what_is_ours_is_removed(program, qtbot, user):
    (library,) = user.libraries.iterdir()
    own = user.libraries / "my thesis" / "chapter1.tex"
    own.parent.mkdir()
    own.write_text("mine", encoding="utf-8")
    (library / "notes of mine.txt").write_text("mine", encoding="utf-8")
    program.apply(Settings(threads=2))
    program.bridge.erase()
    qtbot.waitUntil(lambda: program.erased == [""])
    assert own.exists()
    assert (library / "notes of mine.txt").exists()
