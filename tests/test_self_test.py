"""The self-test and the picture of the window, which both are of the real program."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QWidget
from test_network import networks

from notesearch import paths, screenshot, self_test, stage
from notesearch.apart import set_up
from notesearch.errands import ErrandError
from notesearch.step_report import Report

ROOT = Path(__file__).parents[1]
SECONDS = 100


@pytest.fixture
def run(tmp_path):
    """Run the program with an empty home, and look that nothing is left anywhere."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary),
           "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
           "NOTESEARCH_DATA_DIR": str(tmp_path / "data")}  # fmt: skip

    def run(*arguments, prefix=()):
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "notesearch", *map(str, arguments)], env=env,
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


def qt_warns():
    qWarning("spoken")


@pytest.mark.parametrize("speak", [log_something, warn, raise_in_a_thread, qt_warns])
def test_whatever_is_said_on_the_way_is_a_failure(speak, capfd):
    lines = []
    report = Report(lines.append)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with report.listening(), report.listening_to_qt():
            speak()
            qWarning("This plugin does not support raise()")
    report.conclude()
    assert lines[0].startswith("FAIL silence: ")
    assert lines[0].count("spoken") == 1
    assert lines[1:] == ["1 of 1 checks failed\n"]
    assert capfd.readouterr() == ("", "")


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


def test_a_picture_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(screenshot, "_paint", lambda *_: b"a picture")
    with pytest.raises(ErrandError, match=r"No such file or directory.*may write"):
        screenshot.take(tmp_path / "none" / "window.png")
