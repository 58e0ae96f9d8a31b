"""What may go wrong with watching: every change is found; where that takes long, it is said."""

import os
import shutil
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path, PureWindowsPath

import confined
import pytest
from test_engine import settings_for
from test_watcher import LINUX, Live, live, write

from notesearch import doctor
from notesearch.core import mounts, upkeep
from notesearch.core.indexer import Indexer
from notesearch.core.mounts import is_remote_drive
from notesearch.core.notes import Failure, State
from notesearch.core.watcher import Hints, Watcher, _Handler, watched_paths
from notesearch.paths import UserPaths

__all__ = ["live"]
ENGINE = Path(__file__).with_name("confined_engine.py")
CASE_SECONDS = 250
MANY_SECONDS = 180
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
LARGEST_QUEUE = 50_000
needs_linux = pytest.mark.skipif(not LINUX, reason="Linux only")
# Many of the tests wait for one thing after the other, on a machine that may have much else to do.
pytestmark = pytest.mark.timeout(300)


def drive(*, kind, place, number=30, options="rw,relatime shared:1"):
    """A line of mountinfo."""
    return f"{number} 22 0:{number} / {place} {options} - {kind} source rw\n"


@pytest.fixture
def mountinfo(tmp_path, monkeypatch):
    """Let there be other mounts than there are."""
    file = tmp_path / "mountinfo"
    monkeypatch.setattr(mounts, "MOUNTS", file)
    return lambda *lines: write(file, drive(kind="ext4", place="/", number=22) + "".join(lines))


def is_away(progress):
    return any(not folder.available for folder in progress.folders)


def wait_for(holds, seconds=60):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def why(mountinfo, folder, *lines, inside=()):
    mountinfo(*lines)
    return mounts.reason_of_drive(Path(folder), {folder, *inside}, mounts.mounts())


# What is watched ----------------------------------------------------------------------------


@needs_linux
def test_which_folders_have_a_watch_is_known(tmp_path):
    """Fails where another version of watchdog keeps that elsewhere: then nothing could be said."""
    folders = {tmp_path, tmp_path / "a", tmp_path / "a/b", tmp_path / "caf\udce9"}
    for folder in folders - {tmp_path}:
        folder.mkdir(parents=True, exist_ok=True)
    one = Watcher(Hints(lambda: None))
    one.watch([tmp_path])
    watch = one._watched[tmp_path].watch
    assert watched_paths(one._observer, watch) == set(map(str, folders))
    (tmp_path / "new").mkdir()
    (tmp_path / "a").rename(tmp_path / "z")
    expected = {str(tmp_path / name) for name in ("", "z", "z/b", "new", "caf\udce9")}
    wait_for(lambda: watched_paths(one._observer, watch) == expected)
    one.close()


def test_where_it_is_not_known_nothing_is_said(tmp_path, mountinfo):
    mountinfo()

    class Unlike:
        emitters = ()

    one = Watcher(Hints(lambda: None))
    one.watch([tmp_path])
    assert watched_paths(Unlike(), one._watched[tmp_path].watch) is None
    one._observer, observer = Unlike(), one._observer
    for _ in range(3):
        assert not one.check({str(tmp_path), str(tmp_path / "sub")})
    assert one.unwatched == {}
    one._observer = observer
    one.close()


@needs_linux
def test_a_folder_made_a_moment_ago_is_not_yet_said_to_be_unwatched(tmp_path, mountinfo):
    mountinfo()
    (tmp_path / "sub").mkdir()
    one = Watcher(Hints(lambda: None))
    one.watch([tmp_path])
    gone = str(tmp_path / "gone")
    (tmp_path / "later").mkdir()
    assert not one.check({str(tmp_path), str(tmp_path / "later"), gone})
    assert one.unchecked
    watch = one._watched[tmp_path].watch
    wait_for(lambda: str(tmp_path / "later") in watched_paths(one._observer, watch))
    assert not one.check({str(tmp_path), str(tmp_path / "later"), gone})
    assert one.unwatched == {}
    one.close()


@needs_linux
@pytest.mark.parametrize(
    ("case", "confine"),
    [
        ("too_many_folders", lambda: confined.with_few_watches(20)),
        ("nothing_can_watch", lambda: confined.with_few_watchers(0)),
        ("unplugged", confined.with_mounts),
        ("mounted_inside", confined.with_mounts),
        ("full_disk", confined.with_mounts),
        ("full_at_the_start", confined.with_mounts),
        ("read_only_data", confined.without_privileges),
        ("no_data", confined.without_privileges),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_with_limits_mounts_and_rights_of_its_own(tmp_path, case, confine):
    done = subprocess.run(
        [*confine(), sys.executable, str(ENGINE), case, str(tmp_path)], check=False, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=CASE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]


# Drives that others change ------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "vboxsf", "virtiofs", "afs", "davfs"]
)
def test_network_drives(mountinfo, kind):
    assert "network drive" in why(mountinfo, "/n/notes", drive(kind=kind, place="/n"))


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "tmpfs", "overlay", "fuseblk", "fusectl"])
def test_local_drives(mountinfo, kind):
    assert why(mountinfo, "/n/notes", drive(kind=kind, place="/n")) == ""


@pytest.mark.parametrize("kind", ["fuse.rclone", "fuse.sshfs", "fuse"])
def test_drives_of_programs(mountinfo, kind):
    assert "a program provides" in why(mountinfo, "/n/notes", drive(kind=kind, place="/n/notes"))


def test_the_nearest_and_the_latest_mount_counts(mountinfo):
    share, local = drive(kind="nfs", place="/n"), drive(kind="ext4", place="/n/notes", number=31)
    assert why(mountinfo, "/n/notes", share, local) == ""
    assert why(mountinfo, "/n/other", share, local)
    assert why(mountinfo, "/n/notes2", share, local)
    assert why(mountinfo, "/north", share, local) == ""
    assert why(mountinfo, "/n/a", share, drive(kind="ext4", place="/n", number=32)) == ""
    assert why(mountinfo, "/n/a", drive(kind="ext4", place="/n", number=32), share)


def test_a_drive_inside_counts_where_notes_are_looked_for(mountinfo):
    share = drive(kind="cifs", place="/home/me/notes/work")
    assert "a part of it" in why(mountinfo, "/home/me/notes", share, inside={share.split()[4]})
    assert why(mountinfo, "/home/me/notes", share) == ""


@pytest.mark.parametrize(
    ("written", "place"),
    [(r"/m/my\040notes", "/m/my notes"), (r"/m/a\134b", "/m/a\\b"),
     (r"/m/a\011b\012c", "/m/a\tb\nc"), (r"/m/x\134040y", r"/m/x\040y"), ("/m/größe", "/m/größe")],
)  # fmt: skip
def test_names_of_places_are_read(mountinfo, written, place):
    assert why(mountinfo, f"{place}/notes", drive(kind="nfs", place=written))


def test_what_is_not_understood_is_passed_over(mountinfo, tmp_path, monkeypatch):
    share = drive(kind="nfs", place="/n", options="rw")
    assert why(
        mountinfo, "/n/notes", "\n", "1 2 3\n", "a b c d e f g - x\n", "1 2 3 4 /n 6 -\n", share
    )
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "nowhere")
    assert mounts.mounts() == ()


@needs_linux
def test_the_mounts_of_this_machine_are_read():
    kinds = {one.place: one.kind for one in mounts.mounts()}
    assert kinds["/proc"] == "proc"
    assert "/" in kinds


@pytest.mark.parametrize(
    ("folder", "kind", "remote"),
    [(r"\\server\share\notes", 1, True), (r"\\?\UNC\server\share\notes", 4, True),
     (r"Z:\notes", 4, True), (r"C:\notes", 3, False), (r"\\?\C:\notes", 3, False)],
)  # fmt: skip
def test_drives_on_windows(folder, kind, remote):
    assert is_remote_drive(PureWindowsPath(folder), lambda _: kind) is remote


@needs_linux
def test_on_a_network_drive_changes_made_elsewhere_are_found_by_looking(
    live, tmp_path, mountinfo, monkeypatch
):
    monkeypatch.setattr(upkeep, "UNWATCHED_RESCAN_SECONDS", 0.5)
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.3)
    mountinfo(drive(kind="nfs4", place=tmp_path))
    one = live({"a.md": "apricot"})
    one.until(lambda p: p.folders and "network drive" in p.folders[0].unwatched)
    monkeypatch.setattr(_Handler, "dispatch", lambda *_: None)
    write(one.folder / "a.md", "quince")
    one.becomes("quince", ["a.md"])
    user = UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")
    status = doctor.status(user, one.encoder, settings_for(one.folder))
    assert "network drive" in status["unwatched"][str(one.folder)]
    assert f"{one.folder}: it is on a network drive" in doctor.status_text(status)
    assert status["changed_at"] == pytest.approx(time.time(), abs=30)
    # In this order, as drives are mounted: no event would tell of the folder afterwards.
    (one.folder / "sub").mkdir()
    mountinfo(drive(kind="nfs4", place=one.folder / "sub"))
    one.until(lambda p: "a part of it" in p.folders[0].unwatched)
    mountinfo()
    one.until(lambda p: p.folders[0].unwatched == "")


# Clocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [3_600, -3_600, -10_000_000_000])
def test_after_sleep_and_after_the_time_was_set_everything_is_looked_at(live, monkeypatch, seconds):
    """On Linux the monotonic clock stands still while the machine sleeps."""
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.3)
    one = live({"a.md": "apricot"})
    monkeypatch.setattr(_Handler, "dispatch", lambda *_: None)
    write(one.folder / "a.md", "quince")
    time.sleep(1.0)
    assert one.found("quince") == []
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + seconds)
    one.becomes("quince", ["a.md"])
    write(one.folder / "b.md", "medlar")
    one.engine.refresh()
    one.becomes("medlar", ["b.md"])
    assert not [m for m in one.listener.messages if isinstance(m, Failure)]


def test_small_corrections_of_the_time_are_passed_over(live, monkeypatch):
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.1)
    live({"a.md": "apricot"})
    scans, scan = [], Indexer.scan
    monkeypatch.setattr(Indexer, "scan", lambda self: scans.append(1) or scan(self))
    real = time.time
    for seconds in (5, 20, 0):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: real() + seconds)
        time.sleep(0.5)
    assert scans == []


def test_notes_from_the_future_and_from_before_the_epoch(live, monkeypatch):
    """They are found, and not read again and again."""
    monkeypatch.setattr(upkeep, "RESCAN_SECONDS", 0.3)
    read, really = [], Indexer._read
    monkeypatch.setattr(
        Indexer, "_read", lambda self, found: read.append(time.monotonic()) or really(self, found)
    )
    moments = {"a.md": 4_000_000_000, "b.md": 0, "new.md": -86_400, "other.md": 10**10}
    one = live({"a.md": "apricot", "b.md": "apricot", "c.md": "apricot"})
    for text in ("quince", "medlar"):
        for name, moment in moments.items():
            write(one.folder / name, text)
            os.utime(one.folder / name, (moment, moment))
        one.becomes(text, moments)
    assert one.found("quince") == []
    wait_for(lambda: read[-1] < time.monotonic() - 1.5)


def test_when_something_was_taken_up_last_is_said_and_kept(live, tmp_path):
    before = time.time()
    one = live({"a.md": "apricot"})
    first = one.until(lambda p: p.changed_at >= before).changed_at
    write(one.folder / "a.md", "quince")
    last = one.until(lambda p: p.changed_at > first).changed_at
    assert last <= time.time()
    one.engine.stop()
    again = Live(one.folder, tmp_path / "data")
    assert again.until(lambda p: p.state is State.CURRENT).changed_at >= last
    again.engine.stop()


# Lost events --------------------------------------------------------------------------------


@needs_linux
def test_when_the_queue_of_events_runs_over_nothing_is_missed(live, monkeypatch, caplog):
    from watchdog.observers.inotify_c import InotifyFD  # noqa: PLC0415

    size = int(QUEUE.read_text(encoding="ascii"))
    if size > LARGEST_QUEUE:
        pytest.skip(f"this machine's queue holds {size} events")
    one = live({"a.md": "apricot", "b.md": "banana"})
    go_on, read = threading.Event(), InotifyFD.read_events
    monkeypatch.setattr(InotifyFD, "read_events", lambda self: go_on.wait(60) and read(self))
    try:
        for number in range(size // 2):
            file = one.folder / f"{number % 7}.txt"
            file.touch()
            file.unlink()
        (one.folder / "new/deep").mkdir(parents=True)
        write(one.folder / "new/deep/c.md", "quince")
        write(one.folder / "a.md", "medlar")
        (one.folder / "b.md").unlink()
        assert one.found("quince") == []
    finally:
        go_on.set()
    one.becomes("quince", ["new/deep/c.md"])
    one.becomes("medlar", ["a.md"])
    one.becomes("banana", [])
    assert "Inotify queue overflowed" in caplog.text
    write(one.folder / "new/deep/c.md", "walnut")
    one.becomes("walnut", ["new/deep/c.md"])


# The chosen folder, and folders in it -------------------------------------------------------


def test_the_folder_is_deleted_and_made_again_with_other_notes(live):
    one = live({"a.md": "apricot", "sub/b.md": "banana"})
    shutil.rmtree(one.folder)
    one.until(is_away)
    assert one.found("apricot") in (["a.md"], [])
    one.folder.mkdir()
    write(one.folder / "c.md", "quince")
    one.becomes("quince", ["c.md"])
    one.becomes("apricot", [])
    one.becomes("banana", [])
    write(one.folder / "c.md", "medlar")
    one.becomes("medlar", ["c.md"])


def test_what_happens_in_a_folder_that_was_moved_away_is_no_matter(live, tmp_path):
    """Its watches live on and tell of its old place."""
    one = live({"sub/a.md": "apricot", "sub/deep/b.md": "banana"})
    away = tmp_path / "away"
    (one.folder / "sub").rename(away)
    one.becomes("apricot", [])
    write(away / "a.md", "medlar")
    write(away / "deep/c.md", "medlar")
    time.sleep(1.0)
    assert one.found("medlar") == []
    (one.folder / "sub/deep").mkdir(parents=True)
    write(one.folder / "sub/a.md", "quince")
    one.becomes("quince", ["sub/a.md"])
    write(away / "a.md", "walnut")
    (away / "deep/b.md").unlink()
    write(one.folder / "sub/deep/b.md", "walnut")
    one.becomes("walnut", ["sub/deep/b.md"])
    shutil.rmtree(away)
    write(one.folder / "sub/deep/b.md", "hazelnut")
    one.becomes("hazelnut", ["sub/deep/b.md"])
    assert one.found("quince") == ["sub/a.md"]


# How programs save --------------------------------------------------------------------------


def vim(note, text):
    """A swap file, a try whether files can be made, and a backup."""
    swap, probe = note.with_name(f".{note.name}.swp"), note.with_name("4913")
    write(swap, "swap")
    probe.touch()
    probe.unlink()
    backup = note.rename(note.with_name(note.name + "~"))
    write(note, text)
    backup.unlink()
    swap.unlink()


def emacs(note, text):
    """A lock that is a link to nowhere, an automatic save, and a backup that stays."""
    lock, saved = note.with_name(f".#{note.name}"), note.with_name(f"#{note.name}#")
    lock.symlink_to("somebody@somewhere.1234:1700000000")
    write(saved, text)
    note.rename(note.with_name(note.name + "~"))
    write(note, text)
    saved.unlink()
    lock.unlink()


def vs_code(note, text):
    """In place, in two pieces."""
    with note.open("w", encoding="utf-8") as file:
        file.write(text[:3])
        file.flush()
        file.write(text[3:])


def gedit(note, text):
    """As all of GNOME's programs, with a backup that stays."""
    temporary = note.with_name(".goutputstream-X1Y2Z3")
    write(temporary, text)
    note.with_name(note.name + "~").hardlink_to(note)
    temporary.replace(note)


def kate(note, text):
    """As all of Qt's programs."""
    temporary = note.with_name(note.name + ".Ab12Cd")
    write(temporary, text)
    temporary.replace(note)


def nano(note, text):
    lock = note.with_name(f".{note.name}.swp")
    write(lock, "nano")
    shutil.copy2(note, note.with_name(note.name + "~"))
    write(note, text)
    lock.unlink()


def sed(note, text):
    temporary = note.with_name("sedXk3v9Q")
    write(temporary, text)
    temporary.replace(note)


def textedit(note, text):
    """In a folder of its own, beside the note."""
    folder = note.with_name(f"{note.name}.sb-1a2b3c4d-AbCdEf")
    folder.mkdir()
    write(folder / note.name, text)
    (folder / note.name).replace(note)
    folder.rmdir()


def syncthing(note, text):
    temporary = note.with_name(f".syncthing.{note.name}.tmp")
    write(temporary, text)
    os.utime(temporary, (1_600_000_000, 1_600_000_000))
    temporary.replace(note)


def syncthing_on_windows(note, text):
    temporary = note.with_name(f"~syncthing~{note.name}.tmp")
    write(temporary, text)
    temporary.replace(note)


def nextcloud(note, text):
    temporary = note.with_name(f".{note.name}.~5f3a2b1c")
    write(temporary, text)
    temporary.replace(note)


def dropbox(note, text):
    cache = note.with_name(".dropbox.cache")
    cache.mkdir(exist_ok=True)
    write(cache / note.name, text)
    (cache / note.name).replace(note)


def onedrive(note, text):
    """As Windows replaces files: the old one steps aside."""
    write(note.with_name("~" + note.name + ".tmp"), text)
    aside = note.rename(note.with_name(f"{note.stem}~RF1a2b3c.TMP"))
    note.with_name("~" + note.name + ".tmp").rename(note)
    aside.unlink()


def git(note, text):
    note.unlink()
    write(note, text)


PROGRAMS = (
    vim, emacs, vs_code, gedit, kate, nano, sed, textedit, syncthing, syncthing_on_windows,
    nextcloud, dropbox, onedrive, git,
)  # fmt: skip


@needs_linux
def test_the_saves_of_many_programs(live):
    one = live({f"{save.__name__}.md": f"{save.__name__} apricot" for save in PROGRAMS})
    for fruit in ("quince", "medlar"):
        for save in PROGRAMS:
            note = one.folder / f"{save.__name__}.md"
            note.with_name(note.name + "~").unlink(missing_ok=True)
            save(note, f"{save.__name__} {fruit}")
        one.becomes(fruit, [f"{save.__name__}.md" for save in PROGRAMS])
        one.becomes("apricot", [])
    one.becomes("quince", [])
    counted = one.listener.wait_for(lambda m: getattr(m, "final", False))
    assert len(counted.hits) == 0


def test_both_sides_of_a_conflict_are_notes(live):
    one = live({"a.md": "apricot"})
    names = [
        "a.sync-conflict-20240131-120000-ABCDEFG.md", "a (conflicted copy 2024-01-31 120000).md",
        "a (somebody's conflicted copy 2024-01-31).md", "a-somewhere.md",
    ]  # fmt: skip
    for name in names:
        write(one.folder / name, f"quince {name}")
    one.becomes("quince", names)
    assert one.found("apricot") == ["a.md"]


@needs_linux
def test_links_in_circles(live):
    one = live({"sub/a.md": "apricot"})
    (one.folder / "here").symlink_to(".")
    (one.folder / "sub/up").symlink_to("..")
    (one.folder / "sub/all").symlink_to(one.folder)
    (one.folder / "x.md").symlink_to("y.md")
    (one.folder / "y.md").symlink_to("x.md")
    write(one.folder / "here/sub/up/sub/b.md", "quince")
    one.becomes("quince", ["sub/b.md"])
    assert one.found("apricot") == ["sub/a.md"]
    assert not [m for m in one.listener.messages if isinstance(m, Failure)]


@needs_linux
def test_names_that_differ_in_case_or_normal_form_only(live):
    composed, taken_apart = (unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD"))
    one = live({"a.md": "apricot", composed: "banana"})
    (one.folder / "a.md").rename(one.folder / "A.md")
    one.becomes("apricot", ["A.md"])
    (one.folder / composed).rename(one.folder / taken_apart)
    one.becomes("banana", [taken_apart])
    write(one.folder / taken_apart, "quince")
    write(one.folder / composed, "medlar")
    one.becomes("quince", [taken_apart])
    one.becomes("medlar", [composed])
    (one.folder / taken_apart).replace(one.folder / composed)
    one.becomes("quince", [composed])
    one.becomes("medlar", [])
    texts = one.encoder.passages
    assert len([text for text in texts if text.endswith("apricot")]) <= 2


def test_a_change_that_keeps_time_and_size(live):
    one = live({"a.md": "apricot", "b.md": "apricot"})
    for name, save in (("a.md", write), ("b.md", git)):
        note = one.folder / name
        before = note.stat()
        save(note, "quinces")
        os.utime(note, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = note.stat()
        assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    one.becomes("quinces", ["a.md", "b.md"])
    one.becomes("apricot", [])


# Very many ----------------------------------------------------------------------------------


@needs_linux
@pytest.mark.timeout(3 * MANY_SECONDS)
def test_thousands_of_notes_at_once(live, tmp_path):
    source = tmp_path / "source"
    for number in range(3_000):
        folder = source / f"d{number % 40}"
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{number}.md", f"walnut {number % 300}")
    one = live({"a.md": "apricot"})
    subprocess.run(["cp", "-r", source, one.folder / "copy"], check=True)
    one.until(lambda p: p.state is State.CURRENT and p.notes == 3_001, MANY_SECONDS)
    archive = tmp_path / "notes.tar"
    subprocess.run(["tar", "-cf", archive, "-C", source, "."], check=True)
    (one.folder / "tar").mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", one.folder / "tar"], check=True)
    one.until(lambda p: p.state is State.CURRENT and p.notes == 6_001, MANY_SECONDS)
    shutil.rmtree(one.folder / "copy")
    one.until(lambda p: p.state is State.CURRENT and p.notes == 3_001, MANY_SECONDS)
    assert one.found("apricot") == ["a.md"]


def test_many_renames_at_once(live):
    names = [f"n{number}.md" for number in range(10)]
    one = live({name: f"apricot {name}" for name in names} | {"sub/b.md": "banana"})
    for turn in range(60):
        for name in names:
            old = one.folder / (f"{turn - 1}-{name}" if turn else name)
            old.rename(one.folder / f"{turn}-{name}")
        old = one.folder / (f"sub{turn - 1}" if turn else "sub")
        old.rename(one.folder / f"sub{turn}")
    one.becomes("apricot", [f"59-{name}" for name in names])
    one.becomes("banana", ["sub59/b.md"])
    write(one.folder / "sub59/b.md", "quince")
    one.becomes("quince", ["sub59/b.md"])
