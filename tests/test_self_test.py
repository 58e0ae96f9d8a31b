"""The self-test and the picture of the window, which both are of the real program."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainterPath
from PySide6.QtWidgets import QLabel, QWidget
from test_network import networks

from notesearch import apart, native_parts, paths, screenshot, self_test, stage
from notesearch.apart import set_up
from notesearch.errands import ErrandError
from notesearch.step_report import MOST_LETTERS, Remark, Report

ROOT = Path(__file__).parents[1]
SECONDS = 300

pytestmark = pytest.mark.timeout(2 * SECONDS)


@pytest.fixture
def run(tmp_path):
    """Run the program with an empty home, and look that nothing is left anywhere."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary),
           "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
           "NOTESEARCH_DATA_DIR": str(tmp_path / "data")}  # fmt: skip

    def run(*arguments, prefix=(), program=("-m", "notesearch"), **around):
        done = subprocess.run(
            [*prefix, sys.executable, *program, *map(str, arguments)], env=env | around,
            cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert [*home.iterdir(), *temporary.iterdir()] == []
        assert not (tmp_path / "data").exists()
        return done

    return run


@pytest.fixture
def looked_on(tmp_path):
    """Return what to put before a command to have its calls about networks written to a file."""
    log = tmp_path / "calls"
    prefix = ["strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none", "-o", str(log)]
    probe = [*prefix, sys.executable, "-c", "import socket; socket.socket(socket.AF_INET6)"]
    if sys.platform == "linux" and shutil.which("strace") is not None:
        subprocess.run(probe, capture_output=True, check=False)
    seen = log.exists() and networks(log.read_text(encoding="utf-8")) == ["AF_INET6"]
    return (prefix, log) if seen else ([], None)


@pytest.fixture
def tried(qapp, tmp_path, monkeypatch):
    """Run the self-test in this process; returns whether it passed, and its lines."""
    assert qapp is not None
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # These have been tried, and take most of the time.
    monkeypatch.setattr("notesearch.native_parts.PARTS", ())

    def tried():
        around, lines = dict(os.environ), []
        passed = self_test.run(lines.append)
        assert dict(os.environ) == around
        assert not list(tmp_path.glob("notesearch-*"))
        return passed, "".join(lines).splitlines()

    return tried


def test_every_part_works_here_and_nothing_is_left_or_sent(run, looked_on):
    prefix, log = looked_on
    done = run("--self-test", prefix=prefix)
    *lines, last = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("ok   ")] == []
    assert (done.returncode, done.stderr) == (0, "")
    assert last == f"all {len(lines)} checks passed"
    for part in ("onnxruntime", "embedder", "window", "quick search", "folder", "silence"):
        assert any(line.startswith(f"ok   {part}") for line in lines)
    if log is not None:
        assert networks(log.read_text(encoding="utf-8", errors="replace")) == []


def test_a_damaged_model_fails_with_what_needs_it_and_the_rest_is_tried(
    tried, tmp_path, monkeypatch
):
    damaged = tmp_path / "model"
    shutil.copytree(paths.MODEL, damaged)
    (damaged / "tokenizer.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(paths, "MODEL", damaged)
    passed, lines = tried()
    assert not passed
    failed = {line.split(":")[0]: line for line in lines if line.startswith("FAIL")}
    assert "damaged" in failed["FAIL embedder"]
    assert "Install notesearch again" in failed["FAIL embedder"]
    for name in ("library", "search", "window", "change", "quick search"):
        assert "an earlier step failed" in failed[f"FAIL {name}"]
    assert sum(line.startswith("ok ") for line in lines) == len(lines) - len(failed) - 1
    assert lines[-1] == f"{len(failed)} of {len(lines) - 1} checks failed"


def test_missing_resources_are_told(tried, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RESOURCES", tmp_path / "none")
    monkeypatch.setattr(paths, "SAMPLE_NOTES", tmp_path / "none" / "sample-notes")
    passed, lines = tried()
    assert not passed
    for name in ("library", "icons"):
        (line,) = (line for line in lines if line.startswith(f"FAIL {name}:"))
        assert "install notesearch again" in line


def test_a_window_without_a_model_says_so_and_is_closed(tried, tmp_path, monkeypatch):
    def index(checks):
        checks._user = set_up(checks._folder)
        return ""

    monkeypatch.setattr(self_test._Checks, "index", index)
    monkeypatch.setattr(paths, "MODEL", tmp_path / "none")
    passed, lines = tried()
    assert not passed
    (line,) = (line for line in lines if line.startswith("FAIL window:"))
    assert "the model cannot be read" in line
    assert any(line.startswith("ok   end") for line in lines)


def test_a_folder_for_temporary_files_that_cannot_be_used_is_told(tried, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    passed, (line, _, last) = tried()
    assert not passed
    assert line.startswith("FAIL folder:")
    assert "TMPDIR" in line
    assert last == "1 of 2 checks failed"


def log_something():
    logging.getLogger("some.library").warning("spoken")


def warn():
    warnings.warn("spoken", stacklevel=2)


def raise_in_a_thread():
    thread = threading.Thread(target=lambda: int("spoken"))
    thread.start()
    thread.join()


def said_of(speak, folder):
    """Return the lines about what is said on the way."""
    lines = []
    report = Report(lines.append)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with report.listening(), report.listening_to_qt(folder):
            speak()
            qWarning("This plugin does not support raise()")
    report.conclude()
    return lines


@pytest.mark.parametrize("speak", [log_something, warn, raise_in_a_thread])
def test_whatever_python_says_on_the_way_is_a_failure(speak, tmp_path, capfd):
    silence, last = said_of(speak, tmp_path)
    assert silence.startswith("FAIL silence: ")
    assert silence.count("spoken") == 1
    assert last == "1 of 1 checks failed\n"
    assert capfd.readouterr() == ("", "")


def test_what_qt_says_is_a_note_and_no_failure(tmp_path, capfd):
    note, silence, last = said_of(lambda: [qWarning("spo\nken")] * 2, tmp_path)
    assert note == "note Qt           spo ken\n"
    assert silence.startswith("ok   silence")
    assert last == "all 1 checks passed\n"
    assert capfd.readouterr() == ("", "")


def test_of_many_that_are_said_only_the_first_are_repeated(tmp_path):
    def speak():
        for number in range(200):
            qWarning(f"{number} {'x' * 1000}")
            logging.getLogger("some.library").warning("%s %s", number, "y" * 1000)

    *notes, silence, _ = said_of(speak, tmp_path)
    assert [line.split()[2] for line in notes] == ["0", "1", "2", "3", "4", "and"]
    assert notes[-1].endswith("and 195 more\n")
    assert max(map(len, notes)) < MOST_LETTERS + 30
    assert silence.endswith("; and 195 more\n")
    assert len(silence) < 6 * MOST_LETTERS


def test_a_step_that_fails_is_one_line_that_says_what_to_do():
    lines = []
    report = Report(lines.append)
    report.check("one", lambda: "done")
    report.check("two", lambda: {}["a\nb"])
    report.conclude()
    assert lines[0].startswith("ok   one          done, 0.")
    assert lines[1].startswith("FAIL two: KeyError: 'a\\nb'; install notesearch again")
    assert lines[-1] == "1 of 3 checks failed\n"


def test_a_blank_picture_is_none(qtbot):
    blank = QWidget()
    qtbot.addWidget(blank)
    blank.resize(200, 200)
    with pytest.raises(ErrandError, match="blank"):
        stage.paint(blank)
    text = QLabel("Flour, water and yeast", blank)
    assert text.size() == stage.paint(text).size()


def test_the_window_is_painted_to_a_file(run, tmp_path):
    file = tmp_path / "window.png"
    done = run("--screenshot", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    picture = QImage(str(file))
    assert (picture.width(), picture.height()) == (screenshot.WIDTH, screenshot.HEIGHT)
    assert len(stage.colours(picture)) > stage.COLOURS
    assert QColor(picture.pixel(2, 2)).lightness() > 200


@pytest.mark.parametrize("name", ["window", "window.doc", "window.md"])
def test_a_file_that_is_no_picture_is_refused(name, tmp_path):
    with pytest.raises(ErrandError, match=r"end it with \.png"):
        screenshot.take(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_no_picture_can_be_is_told_before_it_is_painted(tmp_path, monkeypatch):
    monkeypatch.setattr(screenshot, "_paint", None)
    (tmp_path / "folder.png").mkdir()
    for file in (tmp_path / "none" / "window.png", tmp_path / "folder.png"):
        with pytest.raises(ErrandError, match="may write to"):
            screenshot.take(file)


def test_a_picture_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    file = tmp_path / "window.png"
    monkeypatch.setattr(screenshot, "_paint", lambda *_: file.mkdir() or b"a picture")
    with pytest.raises(ErrandError, match=r"Is a directory|Permission denied"):
        screenshot.take(file)


def test_a_picture_that_cannot_be_made_is_told():
    dark = QImage(8, 8, QImage.Format.Format_RGB32)
    assert screenshot._encoded(dark, "bmp").startswith(b"BM")
    with pytest.raises(ErrandError, match=r"kind bmp .*\.png"):
        screenshot._encoded(QImage(), "bmp")


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="X and Wayland")


@linux_only
def test_without_the_screen_that_is_named_all_is_painted_without_one(run):
    done = run("--self-test", DISPLAY=":7878", LC_ALL="C")
    *lines, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in lines if not line.startswith(("ok   ", "note "))] == []
    taken, *said = (line for line in lines if line.startswith("note Qt  "))
    assert "on offscreen, since xcb" in taken
    for part in ("could not connect to display :7878", 'Detected locale "C"'):
        assert any(part in line for line in said)
    assert last.startswith("all ")


@linux_only
@pytest.mark.parametrize("errand", ["--self-test", "--screenshot"])
def test_where_qt_gives_up_that_is_told_and_nothing_is_left(errand, run, tmp_path):
    # Without the parts that have been tried, which take most of the time.
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from notesearch import native_parts, self_test\n"
        "from notesearch.cli import main\n"
        "native_parts.PARTS = ()\n"
        "self_test._Checks.embed = self_test._Checks.index = self_test._Checks.search\n"
        "sys.exit(main(sys.argv[1:]))\n", encoding="utf-8",
    )  # fmt: skip
    file = tmp_path / "window.png"
    arguments = [errand] if errand == "--self-test" else [errand, file]
    done = run(*arguments, program=[program], DISPLAY=":7878", QT_QPA_PLATFORM="xcb")
    assert done.returncode == 3
    said = done.stdout + done.stderr
    assert "Qt cannot use the platform xcb: name another one by QT_QPA_PLATFORM" in said
    assert not file.exists()


@linux_only
def test_another_users_runtime_folder_is_not_used(tmp_path, monkeypatch):
    strange = tmp_path / "runtime"
    strange.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(strange))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    with apart.folder_apart():
        assert os.environ["XDG_RUNTIME_DIR"] == str(strange)
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with apart.folder_apart() as folder:
        assert os.environ["XDG_RUNTIME_DIR"] == str(folder / "runtime")
    monkeypatch.setattr(os, "getuid", lambda: owner)
    strange.chmod(0)
    if not os.access(strange, os.X_OK):
        with apart.folder_apart() as folder:
            assert os.environ["XDG_RUNTIME_DIR"] == str(folder / "runtime")
    strange.chmod(0o700)


@linux_only
@pytest.mark.parametrize(
    ("around", "platforms"),
    [
        ({}, "offscreen"),
        ({"DISPLAY": ":1"}, "xcb;offscreen"),
        ({"DISPLAY": ":1", "WAYLAND_DISPLAY": "w"}, "wayland;xcb;offscreen"),
        ({"DISPLAY": ":1", "QT_QPA_PLATFORM": "minimal"}, "minimal"),
    ],
)
def test_the_platforms_are_asked_for_in_order_and_the_users_choice_is_kept(
    around, platforms, monkeypatch
):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    with apart.folder_apart():
        assert os.environ["QT_QPA_PLATFORM"] == platforms
    assert os.environ.get("QT_QPA_PLATFORM") == around.get("QT_QPA_PLATFORM")


def test_full_limits_of_the_system_are_a_note(tmp_path, monkeypatch):
    from watchdog.observers import Observer  # noqa: PLC0415  # its threads are known by then

    def refuse(_observer):
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(Observer, "start", refuse)
    said = native_parts.watchdog(tmp_path)
    assert isinstance(said, Remark)
    assert "fs.inotify.max_user_instances" in said
    assert "inotify instance limit reached" in said
    assert list(tmp_path.iterdir()) == []


def test_yaml_without_its_part_in_c_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.delattr("yaml.CSafeLoader")
    with pytest.raises(ErrandError, match="native part is missing"):
        native_parts.yaml(tmp_path)


def test_threads_that_do_not_end_are_named(monkeypatch):
    monkeypatch.setattr(self_test, "END_SECONDS", 0.1)
    checks, go_on = self_test._Checks(Path()), threading.Event()
    hung = threading.Thread(target=go_on.wait, name="hung engine", daemon=True)
    hung.start()
    with pytest.raises(ErrandError, match="threads go on: hung engine"):
        checks.end()
    monkeypatch.setattr(self_test, "END_SECONDS", 60.0)
    threading.Timer(0.1, go_on.set).start()
    began = time.monotonic()
    assert checks.end() == "window closed, threads ended"
    assert time.monotonic() - began < 30


def test_icons_that_cannot_be_read_are_named_and_nothing_else_is_said(qapp, tmp_path, monkeypatch):
    assert qapp is not None
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "broken.svg").write_text("<svg", encoding="utf-8")
    monkeypatch.setattr(paths, "RESOURCES", tmp_path)
    said = []
    with (
        apart.hearing_qt(tmp_path / "none", said.append, said.append),
        pytest.raises(ErrandError, match=r"cannot be painted: broken\.svg; install"),
    ):
        self_test._Checks(tmp_path).icons()
    assert len(said) < 10


def test_pictures_of_each_kind_that_notes_show_are_read(qapp, monkeypatch):
    assert qapp is not None
    kinds = stage.kinds_of_pictures()
    assert kinds == dict.fromkeys(("bmp", "gif", "jpeg", "png", "webp"), True)
    monkeypatch.setattr(stage, "kinds_of_pictures", lambda: kinds | {"jpeg": False})
    with pytest.raises(ErrandError, match="these kinds cannot be read: jpeg; install"):
        self_test._Checks(Path()).icons()


class BoxesOnly(QPainterPath):
    """What text looks like in a font that lacks the letters."""

    def addText(self, *_):  # noqa: N802  # Qt's name
        self.addRect(0, 0, 6, 10)


def test_letters_that_all_look_the_same_are_none(qapp, monkeypatch):
    assert qapp is not None
    assert stage.has_letters()
    monkeypatch.setattr(stage, "QPainterPath", BoxesOnly)
    assert not stage.has_letters()


def test_no_window_comes_up_nor_takes_the_keyboard(qapp, tmp_path):
    assert qapp is not None
    said = []
    with closing(stage.Stage(set_up(tmp_path))) as shown:
        quick = shown.desktop.presence.quick
        with apart.hearing_qt(tmp_path / "none", said.append, said.append):
            shown.window.show()
            quick.present()
            shown.until(lambda: quick.isVisible() and shown.window.isVisible(), "nothing shown")
            stage.rest(50)
        for window in (shown.window, quick):
            assert not window.windowHandle().isVisible()
        assert QGuiApplication.focusWindow() is None
    assert all("WindowDoesNotAcceptFocus" in text or "raise()" in text for text in said)
