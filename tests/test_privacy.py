"""What is kept is for its user alone, stays where it belongs, and no log quotes a note."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_notes import WORD

from notesearch import logs, paths
from notesearch.paths import UserPaths

ROOT = Path(__file__).resolve().parents[1]
WHOLE_PROGRAM = Path(__file__).with_name("whole_program.py")
SECONDS = 300

pytestmark = pytest.mark.timeout(2 * SECONDS)

has_modes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    return home


@pytest.fixture
def run(home, tmp_path):
    """Run a program of Python with an empty home and a umask."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "QT_QPA_PLATFORM": "offscreen",
           "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}  # fmt: skip

    def run(umask, *arguments):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)], env=env, cwd=tmp_path, umask=umask,
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


@pytest.fixture
def notes(vault):
    return vault({"One.md": f"# One\n\nA {WORD}.", "Two.md": f"# Two\n\nAnother {WORD}."})


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder):
    """Return what others may read in a folder and below, unless a folder around it is closed."""
    found = {}
    for path in sorted(folder.iterdir()):
        if mode(path) & 0o077:
            found[path.relative_to(folder).as_posix()] = oct(mode(path))
        elif path.is_dir():
            assert mode(path) == 0o700
        else:
            assert mode(path) == 0o600
    return found


# Who may read ------------------------------------------------------------------------------------


@has_modes
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_all_that_is_kept_is_for_its_user_alone_whatever_the_umask(run, home, notes, umask):
    assert run(umask, WHOLE_PROGRAM, notes, WORD) == "done\n"
    own = [home / ".config/notesearch", home / ".local/share/notesearch",
           home / ".local/state/notesearch/log"]  # fmt: skip
    kept = [path.name for folder in own for path in folder.iterdir()]
    assert {"settings.json", "window.json", "writer.lock", "libraries", "notesearch.log",
            "checked-models.txt"} <= set(kept)  # fmt: skip
    for folder in own:
        assert mode(folder) == 0o700
        assert open_to_others(folder) == {}


@has_modes
def test_what_an_earlier_version_left_open_is_closed_at_the_next_start(run, home, notes):
    run(0o022, "-m", "notesearch", "index", notes)
    folders = [home / ".config/notesearch", home / ".local/share/notesearch"]
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    run(0o022, "-m", "notesearch", "search", WORD)
    for folder in folders:
        assert mode(folder) == 0o700
        assert open_to_others(folder) == {}


@has_modes
def test_of_a_folder_that_the_user_named_only_what_is_made_in_it_is_closed(run, tmp_path, notes):
    named, new = tmp_path / "named", tmp_path / "new"
    named.mkdir()
    named.chmod(0o755)
    (named / "theirs.txt").write_text("x", encoding="utf-8")
    (named / "theirs.txt").chmod(0o644)
    for folder in (named, new):
        run(0, "-m", "notesearch", "--data-dir", folder, "index", notes)
        run(0, "-m", "notesearch", "--data-dir", folder, "search", WORD)
    assert mode(named) == 0o755
    assert open_to_others(named) == {"theirs.txt": "0o644"}
    assert mode(new) == 0o700
    assert open_to_others(new) == {}
    assert mode(named / "libraries") == 0o700


@has_modes
def test_a_disk_without_modes_is_no_hindrance(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    user = UserPaths(*[tmp_path / "data"] * 3)
    user.make()
    assert user.libraries.is_dir()


# Where things go ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../../x", "..", "/etc", "a/b", r"..\..\x", "C:x", "x\0y", "", ".", "ä b", "a\nb"]
)
def test_no_model_leads_its_library_elsewhere(tmp_path, name):
    user = UserPaths(*[tmp_path] * 3)
    for place in (user.library(name, "1"), user.library("model", name), user.library(name, name)):
        assert place.parent == user.libraries
        assert place.name not in {"", ".", ".."}
        place.mkdir(parents=True)
        place.rmdir()


def test_the_library_of_the_model_that_ships_is_where_it_was(tmp_path):
    place = UserPaths(*[tmp_path] * 3).library("all-MiniLM-L6-v2", "9fc7e69c88b9fd6b")
    assert place == tmp_path / "libraries" / "all-MiniLM-L6-v2-9fc7e69c88b9fd6b"


# The log -----------------------------------------------------------------------------------------

MARKERS = {name: f"marker{name}" for name in ("text", "title", "query", "file", "tag", "key")}

_ALL_GOES_WRONG = """
import logging, sys, threading
from pathlib import Path
from fake_embedder import FakeEmbedder
from notesearch import app, logs, paths, settings
from notesearch.core import indexer
from notesearch.core.engine import Engine
from notesearch.core.notes import Failure, Progress, Results, State

class Failing(FakeEmbedder):
    def embed_query(self, text):
        if "markerquery" in text:
            raise ValueError(text)
        return super().embed_query(text)

def read(text, *rest):
    if "broken" in text:
        raise ValueError(text)
    return real(text, *rest)

real, indexer.read = indexer.read, read
user = paths.user_paths(sys.argv[1])
logs.begin(user)
logging.getLogger("notesearch").setLevel(logging.DEBUG)
said = {State: threading.Event(), Failure: threading.Event()}

def listen(message):
    if isinstance(message, Progress) and message.state is State.CURRENT:
        said[State].set()
    if isinstance(message, Failure):
        said[Failure].set()

chosen = settings.Settings().with_folders(Path(sys.argv[2]))
settings.save(user.settings, chosen)
engine = Engine(user, Failing, chosen, listen)
engine.start()
assert said[State].wait(60)
engine.search("markerquery and tag:markertag", 10)
assert said[Failure].wait(60)
engine.stop()
try:
    try:
        raise KeyError("markertext")
    except KeyError as error:
        raise ValueError("markertitle") from error
except ValueError:
    logging.getLogger("notesearch.anything").exception("it failed")
"""


def test_no_log_quotes_a_note_or_a_query_whatever_goes_wrong(tmp_path, vault, home):
    text, title = MARKERS["text"], MARKERS["title"]
    notes = vault(
        {
            f"{MARKERS['file']}.md": f"# {title}\n\n{text} #{MARKERS['tag']}",
            f"{MARKERS['file']} broken.md": f"# {title}\n\n{text} broken",
            f"{MARKERS['file']} header.md": f"---\n{MARKERS['key']}: [{text}\n---\n{text}",
            f"{MARKERS['file']} binary.md": text.encode() + bytes(range(256)) * 20,
            f"{MARKERS['file']} latin.md": f"{text} Größe".encode("latin-1"),
        }
    )
    closed = notes / f"{MARKERS['file']} closed.md"
    closed.write_text(text, encoding="utf-8")
    closed.chmod(0)
    (notes / f"{MARKERS['file']} loop.md").symlink_to(notes / f"{MARKERS['file']} loop.md")
    data = tmp_path / "data"
    env = os.environ | {"HOME": str(home), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
                        "QT_QPA_PLATFORM": "offscreen"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _ALL_GOES_WRONG, str(data), str(notes)], env=env, cwd=tmp_path,
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    log = (data / "notesearch.log").read_text(encoding="utf-8")
    for what in ("A note could not be taken apart", "ValueError", "KeyError", "it failed"):
        assert what in log
        assert what in done.stderr
    for marker in MARKERS.values():
        assert marker not in log.lower()
        assert marker not in (done.stdout + done.stderr).lower()


@pytest.fixture
def logging_restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_log_is_turned_over_with_two_that_are_older(
    tmp_path, monkeypatch, logging_restored, capfd
):
    del logging_restored
    monkeypatch.setattr(logs, "LOG_BYTES", 10_000)
    user = paths.user_paths(str(tmp_path / "data"))
    user.make()
    user.log_file.touch(mode=0o644)
    logs.begin(user)
    for number in range(1_000):
        logging.getLogger("notesearch.test").info("line %d of many, each of some length", number)
    names = ["notesearch.log", "notesearch.log.1", "notesearch.log.2"]
    written = sorted(path for path in user.log.iterdir() if path.name.startswith("notesearch.log"))
    assert [path.name for path in written] == names
    assert all(0 < path.stat().st_size <= logs.LOG_BYTES for path in written)
    assert "line 999 of many" in user.log_file.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert {mode(path) for path in written} == {0o600}
    assert "line" not in capfd.readouterr().err
