"""The real watcher over real files: every way in which programs save, move and remove them."""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from test_engine import Listener, settings_for

from notesearch.core import upkeep
from notesearch.core.engine import Engine
from notesearch.core.library import Library
from notesearch.core.notes import Failure, Problem, Progress, State
from notesearch.core.patterns import IGNORE_FILE
from notesearch.core.watcher import Hints, Watcher, _Handler
from notesearch.paths import UserPaths

LINUX = sys.platform == "linux"
SECONDS = 60.0
"""For what is to happen: a machine that has much else to do may stand still for some of them."""
# Many of the tests wait for one thing after the other.
pytestmark = pytest.mark.timeout(300)


class Live:
    """An engine that watches a folder, and what it finds."""

    def __init__(self, folder: Path, data: Path):
        self.folder = folder
        self.listener = Listener()
        self.encoder = FakeEmbedder()
        user = UserPaths(data, data, data)
        self.engine = Engine(user, lambda: self.encoder, settings_for(folder), self.listener)
        self.engine.start()
        self.until(lambda p: p.state is State.CURRENT)

    def until(self, holds, timeout=SECONDS):
        return self.listener.wait_for(lambda m: isinstance(m, Progress) and holds(m), timeout)

    def found(self, text):
        """Ask, and return the paths of the notes that hold all of it, relative to the folder."""
        self.listener.messages.clear()
        self.engine.search(f'"{text}"', 50)
        answer = self.listener.wait_for(lambda m: getattr(m, "final", False), SECONDS)
        hits = answer.hits
        files = [hit.file for hit in hits] + [Path(path) for hit in hits for path in hit.copies]
        return sorted(str(file.relative_to(self.folder)) for file in files)

    def becomes(self, text, expected, timeout=SECONDS):
        """Wait until exactly these notes hold a text."""
        until = time.monotonic() + timeout
        while (found := self.found(text)) != sorted(expected):
            assert time.monotonic() < until, f"{text}: {found}, not {expected}"
            time.sleep(0.1)


@pytest.fixture
def live(tmp_path):
    started = []

    def start(files):
        folder = tmp_path / "notes"
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        started.append(Live(folder, tmp_path / "data"))
        return started[-1]

    yield start
    for one in started:
        one.engine.stop()


def write(path, text):
    path.write_text(text, encoding="utf-8")


def save_in_place(note, text, _):
    write(note, text)


def save_by_rename(note, text, _):
    """VS Code with atomic saves, Zettlr, most editors on Linux."""
    temporary = note.with_name(f".{note.name}.tmp-1234")
    write(temporary, text)
    temporary.replace(note)


def save_by_rename_from_elsewhere(note, text, tmp_path):
    """Syncthing, Nextcloud: the new file comes from outside of the folder."""
    temporary = tmp_path / "incoming"
    write(temporary, text)
    temporary.replace(note)


def save_by_backup(note, text, _):
    """Vim with backupcopy=no: the old file becomes a backup, which is then removed."""
    backup = note.with_name(note.name + "~")
    note.rename(backup)
    write(note, text)
    backup.unlink()


def save_by_delete(note, text, _):
    note.unlink()
    write(note, text)


def save_like_a_sync_client(note, text, _):
    temporary = note.with_name(f".syncthing.{note.name}.tmp")
    write(temporary, text)
    os.utime(temporary, (1_600_000_000, 1_600_000_000))
    temporary.replace(note)


def save_with_sed(note, text, _):
    subprocess.run(["sed", "-i", f"1s/.*/{text}/", str(note)], check=True)


def save_with_vim(note, text, _):
    kept = "set swapfile directory=. backup backupdir=. backupcopy=no"
    subprocess.run(
        ["vim", "-u", "NONE", "-N", "-es", "--cmd", kept, "-c", f"%s/.*/{text}/", "-c", "wq",
         str(note)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def save_twice(note, text, _):
    """Obsidian writes on every pause in typing."""
    write(note, "half a sentence")
    write(note, text)


SAVES = [
    save_in_place, save_by_rename, save_by_rename_from_elsewhere, save_by_backup, save_by_delete,
    save_like_a_sync_client, save_twice,
    pytest.param(save_with_sed, marks=pytest.mark.skipif(not LINUX, reason="GNU sed")),
    pytest.param(save_with_vim,
                 marks=pytest.mark.skipif(not shutil.which("vim"), reason="no vim here")),
]  # fmt: skip


@pytest.fixture
def nothing_settles(monkeypatch):
    """Keep the vectors of what has gone, however long the machine stands still meanwhile."""
    monkeypatch.setattr(upkeep, "SETTLE_SECONDS", 3_600.0)


@pytest.mark.usefixtures("nothing_settles")
@pytest.mark.parametrize("save", SAVES)
def test_a_save_is_taken_up(live, tmp_path, save):
    one = live({"a.md": "the old apricot", "b.md": "the old banana"})
    save(one.folder / "a.md", "the new quince", tmp_path)
    one.becomes("new quince", ["a.md"])
    one.becomes("old apricot", [])
    assert one.found("old banana") == ["b.md"]
    assert len(one.encoder.passages) == len(set(one.encoder.passages))


def test_our_own_reading_is_no_event(live):
    one = live({f"{n}.md": f"note {n}" for n in range(20)})
    # The last thing that is said of the first reading: that what is shown may be old.
    one.until(lambda p: p.state is State.CURRENT and p.changes)
    time.sleep(1.0)
    one.listener.messages.clear()
    for path in one.folder.iterdir():
        path.read_bytes()
    time.sleep(1.5)
    assert [m for m in one.listener.messages if isinstance(m, Progress)] == []


def test_new_renamed_and_deleted_notes(live):
    one = live({"a.md": "apricot"})
    write(one.folder / "new.md", "a quince")
    one.becomes("quince", ["new.md"])
    (one.folder / "new.md").rename(one.folder / "renamed.md")
    one.becomes("quince", ["renamed.md"])
    (one.folder / "renamed.md").rename(one.folder / "renamed.txt")
    one.becomes("quince", [])
    (one.folder / "a.md").unlink()
    one.becomes("apricot", [])


@pytest.mark.usefixtures("nothing_settles")
def test_a_folder_is_renamed_moved_within_out_and_in_again(live, tmp_path):
    one = live({"sub/a.md": "apricot", "sub/deep/b.md": "apricot jam", "other/c.md": "banana"})
    (one.folder / "sub").rename(one.folder / "renamed")
    one.becomes("apricot", ["renamed/a.md", "renamed/deep/b.md"])
    (one.folder / "renamed").rename(one.folder / "other/moved")
    one.becomes("apricot", ["other/moved/a.md", "other/moved/deep/b.md"])
    (one.folder / "other/moved").rename(tmp_path / "outside")
    one.becomes("apricot", [])
    write(tmp_path / "outside/a.md", "apricot and plum")
    (tmp_path / "outside").rename(one.folder / "back")
    one.becomes("apricot", ["back/a.md", "back/deep/b.md"])
    write(one.folder / "back/deep/b.md", "medlar")
    one.becomes("medlar", ["back/deep/b.md"])
    texts = one.encoder.passages
    assert len(texts) == len(set(texts))


def test_a_folder_that_is_copied_in_and_one_that_is_removed(live, tmp_path):
    source = tmp_path / "source"
    for number in range(30):
        folder = source / f"d{number % 5}/e{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{number}.md", f"walnut number{number}")
    one = live({"a.md": "apricot"})
    shutil.copytree(source, one.folder / "copy")
    expected = sorted(str(p.relative_to(source)) for p in source.rglob("*.md"))
    one.becomes("walnut", [f"copy/{path}" for path in expected])
    shutil.rmtree(one.folder / "copy")
    one.becomes("walnut", [])


def test_a_folder_that_goes_is_unavailable_and_comes_back_by_itself(live, tmp_path):
    one = live({"a.md": "apricot", "b.md": "banana"})
    one.folder.rename(tmp_path / "elsewhere")
    one.until(lambda p: any(not folder.available for folder in p.folders))
    assert one.found("apricot") == ["a.md"]
    answer = one.listener.wait_for(lambda m: getattr(m, "final", False))
    assert not answer.hits[0].available
    write(tmp_path / "elsewhere/a.md", "quince")
    (tmp_path / "elsewhere").rename(one.folder)
    one.until(lambda p: all(folder.available for folder in p.folders))
    one.becomes("quince", ["a.md"])
    write(one.folder / "b.md", "medlar")
    one.becomes("medlar", ["b.md"])


def test_what_is_left_out_stays_out(live):
    one = live({"a.md": "apricot"})
    (one.folder / ".trash").mkdir()
    write(one.folder / ".trash/b.md", "quince")
    (one.folder / "node_modules").mkdir()
    write(one.folder / "node_modules/c.md", "quince")
    write(one.folder / ".hidden.md", "quince")
    write(one.folder / "d.txt", "quince")
    write(one.folder / "e.md", "quince")
    one.becomes("quince", ["e.md"])


def test_other_rules_take_effect_at_once_and_for_what_comes_later(live):
    one = live({"a.md": "apricot", "private/b.md": "apricot"})
    chosen = settings_for(one.folder)
    one.engine.apply(type(chosen)(folders=chosen.folders, ignored=("private/",)))
    one.becomes("apricot", ["a.md"])
    write(one.folder / "private/c.md", "quince")
    write(one.folder / "d.md", "quince")
    one.becomes("quince", ["d.md"])
    one.engine.apply(chosen)
    one.becomes("apricot", ["a.md", "private/b.md"])


def test_while_paused_nothing_is_taken_up_and_then_everything(live):
    one = live({"a.md": "apricot"})
    one.engine.pause()
    one.until(lambda p: p.state is State.PAUSED)
    write(one.folder / "b.md", "quince")
    time.sleep(1.5)
    assert one.found("quince") == []
    one.engine.resume()
    one.until(lambda p: p.state is State.CURRENT)
    one.becomes("quince", ["b.md"])


def test_after_lost_events_everything_is_looked_at(live, monkeypatch):
    one = live({"a.md": "apricot"})
    monkeypatch.setattr(_Handler, "dispatch", lambda *_: None)
    write(one.folder / "a.md", "quince")
    time.sleep(1.0)
    assert one.found("quince") == []
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
    one.becomes("quince", ["a.md"])


@pytest.mark.skipif(not LINUX, reason="the limit is Linux's")
def test_a_folder_that_cannot_be_watched_is_said(tmp_path, monkeypatch):
    from watchdog.observers.api import BaseObserver  # noqa: PLC0415

    def full(*_arguments, **_named):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", full)
    watcher = Watcher(Hints(lambda: None))
    assert watcher.watch([tmp_path])
    assert "fs.inotify.max_user_watches" in watcher.unwatched[tmp_path]
    assert not watcher.watch([tmp_path])
    watcher.close()


@pytest.mark.skipif(not LINUX, reason="other systems refuse such names and dates")
def test_names_and_dates_that_nobody_expects_do_not_end_the_thread(live):
    one = live({"a.md": "apricot"})
    (Path(os.fsdecode(os.fsencode(one.folder) + b"/caf\xe9.md"))).write_bytes(b"quince")
    one.until(lambda p: p.problems == 1)
    write(one.folder / "later.md", "a medlar")
    os.utime(one.folder / "later.md", ns=(10**19, 10**19))
    one.becomes("medlar", ["later.md"])
    assert not [m for m in one.listener.messages if isinstance(m, Failure)]


def test_a_full_disk_is_said_and_over_when_there_is_room(live, monkeypatch):
    monkeypatch.setattr(upkeep, "TRY_AGAIN_SECONDS", 0.5)
    one = live({"a.md": "apricot"})
    put, full = Library.put, threading.Event()

    def put_if_there_is_room(self, *arguments, **named):
        if full.is_set():
            # What SQLite does when the disk is full.
            self.db.execute("PRAGMA max_page_count = 1")
            self.db.execute("CREATE TABLE big AS SELECT hex(zeroblob(1000000)) AS x")
        self.db.execute("PRAGMA max_page_count = 1000000")
        put(self, *arguments, **named)

    monkeypatch.setattr(Library, "put", put_if_there_is_room)
    full.set()
    write(one.folder / "b.md", "quince")
    problem = one.listener.wait_for(lambda m: isinstance(m, Problem), SECONDS)
    assert "disk is full" in problem.reason
    assert one.found("apricot") == ["a.md"]
    full.clear()
    one.becomes("quince", ["b.md"])


def test_a_burst_is_waited_for_but_not_for_ever(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    hints = Hints(lambda: None)
    assert hints.due() is None
    hints.add("/a")
    assert hints.due() == pytest.approx(0.5)
    for _ in range(20):
        now[0] += 0.3
        hints.add("/b")
    assert hints.due() == 0.0
    assert hints.take() == (frozenset({"/a", "/b"}), False)
    assert hints.due() is None
    hints.lose()
    assert hints.due() == 0.0
    assert hints.take() == (frozenset(), True)


def test_watching_begins_anew_when_a_thread_of_it_has_died(tmp_path):
    hints = Hints(lambda: None)
    watcher = Watcher(hints)
    assert watcher.watch([tmp_path])
    assert not watcher.watch([tmp_path])
    for thread in watcher._threads:
        thread.stop()
        thread.join()
    assert watcher.watch([tmp_path])
    write(tmp_path / "a.md", "quince")
    until = time.monotonic() + SECONDS
    while hints.due() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert hints.take() == (frozenset({str(tmp_path / "a.md")}), False)
    watcher.close()


def write_in_place(file, text, _):
    write(file, text)


def write_by_rename(file, text, _):
    temporary = file.with_name(f"{file.name}.tmp")
    write(temporary, text)
    temporary.replace(file)


def write_by_rename_from_elsewhere(file, text, tmp_path):
    write(tmp_path / "incoming", text)
    (tmp_path / "incoming").replace(file)


@pytest.mark.parametrize("save", [write_in_place, write_by_rename, write_by_rename_from_elsewhere])
@pytest.mark.parametrize("where", [".", "sub"])
def test_an_ignore_file_is_in_force_at_once(live, tmp_path, save, where):
    one = live({f"{where}/a.md": "apricot", f"{where}/old/b.md": "apricot", "x/c.md": "apricot"})
    inside = "" if where == "." else f"{where}/"
    everything = [f"{inside}a.md", f"{inside}old/b.md", "x/c.md"]
    one.becomes("apricot", everything)
    file = one.folder / where / IGNORE_FILE
    save(file, "old/\n", tmp_path)
    one.becomes("apricot", [f"{inside}a.md", "x/c.md"])
    write(one.folder / where / "old/new.md", "quince")
    save(file, "a.md\n", tmp_path)
    one.becomes("apricot", [f"{inside}old/b.md", "x/c.md"])
    one.becomes("quince", [f"{inside}old/new.md"])
    file.rename(file.with_name("off"))
    one.becomes("apricot", everything)
    file.with_name("off").rename(file)
    one.becomes("apricot", [f"{inside}old/b.md", "x/c.md"])
    save(file, "[z-a]\n", tmp_path)
    one.until(lambda p: p.problems == 1)
    one.becomes("apricot", everything)
    file.unlink()
    one.until(lambda p: p.problems == 0)


def test_a_note_that_moves_to_the_cloud_and_back_is_kept_and_marked(live):
    one = live({"a.md": "apricot", "sub/b.md": "banana"})
    (one.folder / "sub/b.md").rename(one.folder / "sub/b.md.nextcloud")
    one.until(lambda p: p.problems == 1)
    assert one.found("banana") == ["sub/b.md"]
    write(one.folder / "sub/b.md", "blueberry")
    (one.folder / "sub/b.md.nextcloud").unlink()
    one.becomes("blueberry", ["sub/b.md"])
    write(one.folder / ".new.md.icloud", "")
    one.until(lambda p: p.problems == 1)
    (one.folder / ".new.md.icloud").unlink()
    one.until(lambda p: p.problems == 0)
