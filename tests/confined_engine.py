"""What test_hazards.py runs where mounts and limits may be changed: `python THIS.py CASE FOLDER`.

Each case is the real engine over the real watcher, and ends with an exit code of 0 or an error.
"""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from fake_embedder import FakeEmbedder
from test_engine import Listener, settings_for
from test_watcher import SECONDS, Live, write

from notesearch.core import engine as engine_module
from notesearch.core import mounts, upkeep
from notesearch.core.engine import Engine
from notesearch.core.notes import Problem, Progress, State
from notesearch.paths import UserPaths

LIMITS = Path("/proc/sys/user")
NO_MOUNTS = Path("/dev/null")
"""What the tests' own folder is on is no matter."""


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def unmount(place):
    """What reads a note at this moment keeps its disk busy."""
    until = time.monotonic() + SECONDS
    while subprocess.run(["umount", str(place)], check=False).returncode:
        assert time.monotonic() < until
        time.sleep(0.05)


def disk(place, **notes):
    place.mkdir()
    mount("-t", "tmpfs", "none", place)
    for name, text in notes.items():
        write(place / f"{name}.md", text)
    return place


def is_away(progress):
    return any(not folder.available for folder in progress.folders)


def is_there(progress):
    return progress.folders and not is_away(progress)


def says(text):
    return lambda progress: any(text in folder.unwatched for folder in progress.folders)


def is_whole(progress):
    return progress.folders and not any(folder.unwatched for folder in progress.folders)


def unplugged(tmp):
    """The disk of the chosen folder goes, another one comes, the first one comes back."""
    first = disk(tmp / "first", a="apricot", b="banana")
    second = disk(tmp / "second")
    notes = tmp / "notes"
    notes.mkdir()
    mount("--bind", first, notes)
    one = Live(notes, tmp / "data")
    assert one.found("apricot") == ["a.md"]
    unmount(notes)
    one.until(is_away)
    assert one.found("apricot") == ["a.md"]
    mount("--bind", second, notes)
    one.engine.refresh()
    write(second / "not a note.txt", "apricot")
    time.sleep(2 * upkeep.LOOK_SECONDS)
    assert one.found("apricot") == ["a.md"]
    answer = one.listener.wait_for(lambda m: getattr(m, "final", False))
    assert not answer.hits[0].available
    unmount(notes)
    write(first / "b.md", "medlar")
    mount("--bind", first, notes)
    one.until(is_there)
    one.becomes("medlar", ["b.md"])
    write(notes / "a.md", "quince")
    one.becomes("quince", ["a.md"])
    assert len([text for text in one.encoder.passages if "apricot" in text]) == 1
    return one


def mounted_inside(tmp):
    """A disk comes inside of the folder and goes, neither is an event; its notes are kept."""
    other = disk(tmp / "other", b="banana")
    notes = tmp / "notes"
    (notes / "sub").mkdir(parents=True)
    write(notes / "a.md", "apricot")
    one = Live(notes, tmp / "data")
    mount("--bind", other, notes / "sub")
    one.becomes("banana", ["sub/b.md"])
    write(notes / "sub/b.md", "quince")
    one.becomes("quince", ["sub/b.md"])
    unmount(notes / "sub")
    one.listener.wait_for(
        lambda m: isinstance(m, tuple) and any("is not there" in p.reason for p in m), SECONDS
    )
    assert one.found("quince") == ["sub/b.md"]
    write(notes / "a.md", "medlar")
    one.becomes("medlar", ["a.md"])
    assert one.found("quince") == ["sub/b.md"]
    (notes / "sub/.keep").touch()
    one.engine.refresh()
    time.sleep(1)
    assert one.found("quince") == ["sub/b.md"]
    write(notes / "sub/c.md", "cherry")
    one.becomes("cherry", ["sub/c.md"])
    one.engine.refresh()
    one.becomes("quince", [])
    (notes / "sub/c.md").unlink()
    mount("--bind", other, notes / "sub")
    one.becomes("quince", ["sub/b.md"])
    return one


def too_many_folders(tmp):
    """With 20 watches for 51 folders every change is found, what is missing is said, and heals."""
    upkeep.UNWATCHED_RESCAN_SECONDS, mounts.MOUNTS = 2.0, NO_MOUNTS
    names = [f"d{number}/a.md" for number in range(50)]
    notes = tmp / "notes"
    for name in names:
        (notes / name).parent.mkdir(parents=True)
        write(notes / name, "apricot")
    one = Live(notes, tmp / "data")
    one.until(says("31 of 51 folders"))
    for name in names:
        write(notes / name, "banana")
    one.becomes("banana", names)
    for number in range(3):
        (notes / f"d{number}/new").mkdir()
        write(notes / f"d{number}/new/b.md", "medlar")
    one.becomes("medlar", [f"d{number}/new/b.md" for number in range(3)])
    one.until(says("34 of 54 folders"))
    (LIMITS / "max_inotify_watches").write_text("1000\n", encoding="ascii")
    one.until(is_whole)
    upkeep.UNWATCHED_RESCAN_SECONDS = 600.0
    for name in names:
        write(notes / name, "quince")
    one.becomes("quince", names)
    return one


def nothing_can_watch(tmp):
    """Where nothing can be watched every change is found by looking, until it can."""
    upkeep.UNWATCHED_RESCAN_SECONDS, mounts.MOUNTS = 1.0, NO_MOUNTS
    notes = tmp / "notes"
    notes.mkdir()
    write(notes / "a.md", "apricot")
    one = Live(notes, tmp / "data")
    one.until(says("fs.inotify.max_user_instances"))
    write(notes / "a.md", "banana")
    one.becomes("banana", ["a.md"])
    (LIMITS / "max_inotify_instances").write_text("100\n", encoding="ascii")
    one.until(is_whole)
    return one


def readable(tmp):
    """Make notes and a library of them, and end."""
    notes = tmp / "notes"
    notes.mkdir()
    write(notes / "a.md", "apricot")
    Live(notes, tmp / "data").engine.stop()
    return notes


def start(notes, data):
    """Start an engine that may never be current; return it and its listener."""
    listener = Listener()
    user = UserPaths(data, data, data)
    engine = Engine(user, FakeEmbedder, settings_for(notes), listener)
    engine.start()
    return engine, listener


def hits(engine, listener, text):
    listener.messages.clear()
    engine.search(text, 5)
    answer = listener.wait_for(lambda m: getattr(m, "final", False), SECONDS)
    return [hit.path for hit in answer.hits]


def says_problem(word):
    return lambda message: isinstance(message, Problem) and word in message.reason


def read_only_data(tmp):
    """Where nothing may be written, what was read is searched, and it is said why."""
    notes = readable(tmp)
    write(notes / "b.md", "banana")
    kept = [tmp / "data", *(tmp / "data").rglob("*")]
    for path in kept:
        path.chmod(0o400 if path.is_file() else 0o500)
    engine, listener = start(notes, tmp / "data")
    listener.wait_for(says_problem("cannot be written"), SECONDS)
    assert hits(engine, listener, "apricot") == ["a.md"]
    for path in kept:
        path.chmod(0o700)
    listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.CURRENT, SECONDS)
    assert hits(engine, listener, "banana") == ["b.md"]
    return engine


def no_data(tmp):
    """Where no library can be made either, that is said, and it goes on when it can be."""
    notes = tmp / "notes"
    notes.mkdir()
    write(notes / "a.md", "apricot")
    (tmp / "closed").mkdir(mode=0o500)
    engine, listener = start(notes, tmp / "closed" / "data")
    listener.wait_for(says_problem("cannot be written"), SECONDS)
    (tmp / "closed").chmod(0o700)
    listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.CURRENT, SECONDS)
    assert hits(engine, listener, "apricot") == ["a.md"]
    return engine


def small_disk(place):
    """Mount one of 12 MB; return a file in it that is in the way, and what makes it fill all."""
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=12m", "none", place)
    ballast = place / "ballast"

    def fill():
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while file.write(bytes(4096)) == 4096:
                pass

    return ballast, fill


def full_at_the_start(tmp):
    """A disk that has filled up since the last time: what was read is searched, and it is said."""
    ballast, fill = small_disk(tmp / "data")
    notes = readable(tmp)
    write(notes / "b.md", "banana")
    fill()
    engine, listener = start(notes, tmp / "data")
    listener.wait_for(says_problem("disk is full"), SECONDS)
    assert hits(engine, listener, "apricot") == ["a.md"]
    assert hits(engine, listener, "banana") == []
    ballast.unlink()
    listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.CURRENT, SECONDS)
    assert hits(engine, listener, "banana") == ["b.md"]
    return engine


def full_disk(tmp):
    """A disk that is full at the start, and one that fills up: said, and nothing is lost."""
    notes = tmp / "notes"
    notes.mkdir()
    write(notes / "a.md", "apricot")
    small = tmp / "small"
    ballast, fill = small_disk(small)
    fill()
    engine, listener = start(notes, small / "data")
    listener.wait_for(says_problem("tried again"), SECONDS)
    ballast.unlink()
    listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.CURRENT, SECONDS)
    assert hits(engine, listener, "apricot") == ["a.md"]
    fill()
    listener.messages.clear()
    for number in range(40):
        write(notes / f"{number}.md", f"banana {number} " * 500)
    listener.wait_for(says_problem("disk is full"), SECONDS)
    assert hits(engine, listener, "apricot") == ["a.md"]
    # What comes as soon as there is room is not to be forgotten.
    listener.messages.clear()
    ballast.unlink()
    listener.wait_for(
        lambda m: isinstance(m, Progress) and m.state is State.CURRENT and m.notes == 41, SECONDS
    )
    assert len(hits(engine, listener, "banana")) == 5
    return engine


CASES = {
    case.__name__: case
    for case in (unplugged, mounted_inside, too_many_folders, nothing_can_watch,
                 read_only_data, no_data, full_disk, full_at_the_start)
}  # fmt: skip

if __name__ == "__main__":
    upkeep.LOOK_SECONDS = 0.5
    upkeep.TRY_AGAIN_SECONDS = engine_module.TRY_AGAIN_SECONDS = 1.0
    ended = CASES[sys.argv[1]](Path(sys.argv[2]))
    getattr(ended, "engine", ended).stop()
