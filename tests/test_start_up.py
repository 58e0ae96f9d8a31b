"""How long the start took stands in the log, once, and nothing of what was asked."""

import logging
import subprocess
import sys
import time

import pytest
from fake_embedder import FakeEmbedder

from notesearch import app, settings, start_up
from notesearch.paths import UserPaths
from notesearch.settings import Settings


@pytest.fixture
def desktop(qtbot, tmp_path, vault):
    user = UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")
    folder = vault({"Bread.md": "# Bread\n\nLet the dough rise.\n", "Car.md": "# Car\n"})
    settings.save(user.settings, Settings().with_folders(folder))
    desktop = app.Desktop(user, FakeEmbedder)
    qtbot.addWidget(desktop.window)
    yield desktop
    desktop.stop()


def own(caplog):
    """Return what was logged here: others may log too."""
    return [
        record.getMessage() for record in caplog.records if record.name == "notesearch.start_up"
    ]


def test_the_first_paint_and_the_first_answer_are_logged_once(desktop, qtbot, caplog, monkeypatch):
    # The process of all tests may have been there for long.
    monkeypatch.setattr(start_up, "age", lambda: 0.5)
    caplog.set_level(logging.INFO, "notesearch.start_up")
    desktop.start()
    qtbot.waitUntil(lambda: len(own(caplog)) == 1)
    for query in ("bread", "car", "dough"):
        desktop.window.box.setText(query)
        qtbot.waitUntil(lambda: desktop.window.answered)
    qtbot.waitUntil(lambda: len(own(caplog)) == 2)
    painted, answered = own(caplog)
    assert painted.startswith("The window was painted ")
    assert answered.startswith("The first answer was shown ")
    assert "bread" not in caplog.text
    qtbot.waitUntil(lambda: not desktop.window.findChildren(start_up.StartUp))


def test_an_answer_that_comes_late_is_not_logged(desktop, qtbot, caplog, monkeypatch):
    monkeypatch.setattr(start_up, "LONGEST_SECONDS", 0.0)
    caplog.set_level(logging.INFO, "notesearch.start_up")
    desktop.start()
    qtbot.waitUntil(lambda: len(own(caplog)) == 1)
    qtbot.waitUntil(lambda: not desktop.window.findChildren(start_up.StartUp))
    desktop.window.box.setText("bread")
    qtbot.waitUntil(lambda: desktop.window.answered)
    qtbot.wait(50)
    assert len(own(caplog)) == 1


def test_a_start_without_a_window_is_not_measured(desktop, qtbot, caplog):
    caplog.set_level(logging.INFO, "notesearch.start_up")
    desktop.start(hidden=True)
    desktop.window.show()
    qtbot.waitExposed(desktop.window)
    assert own(caplog) == []


def test_the_age_of_a_process_counts_from_its_beginning():
    program = "from notesearch import start_up; print(start_up.age())"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert 0.0 <= float(done.stdout) <= time.monotonic() - began + 0.1
