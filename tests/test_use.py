"""What is done with notes in the whole program: real files, a real engine, recording programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from test_desktop import live, notes, start, user, write  # noqa: F401  # fixtures
from test_window import texts, titles

from notesearch import launch, settings
from notesearch.core.notes import State
from notesearch.gui.keys import Act
from notesearch.gui.settings_confirmation import Confirmation
from notesearch.gui.settings_dialog import SettingsDialog
from notesearch.settings import Page, Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stubs are shell scripts")


@pytest.fixture
def stubs(tmp_path, monkeypatch):
    """Programs that only write down how they were called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("xdg-open", "code", "kate"):
        program = folder / name
        said = tmp_path / f"{name}.said"
        program.write_text(
            f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{said}.new'\nmv '{said}.new' '{said}'\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    started, real = [], subprocess.Popen

    def popen(*args, **kwargs):
        started.append(real(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)

    def called(name, qtbot):
        said = tmp_path / f"{name}.said"
        qtbot.waitUntil(said.exists)
        arguments = said.read_text(encoding="utf-8").split("\0")[:-1]
        said.unlink()
        return arguments

    yield called
    for process in started:
        process.wait(60)


def find(desktop, qtbot, text, title):
    desktop.window.box.setText(text)
    qtbot.waitUntil(
        lambda: titles(desktop.window)[:1] == [title] and desktop.window.answered, timeout=60_000
    )


def ready(desktop, qtbot, count):
    qtbot.waitUntil(lambda: f"{count} · all current" in texts(desktop.window))


def press(desktop, qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(desktop.window.box, key, modifiers)


CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)  # fmt: skip


def test_enter_and_ctrl_enter_open_at_the_match(stubs, user, start, notes, qtbot):  # noqa: F811
    settings.save(user.settings, Settings(opener="code", second_opener="kate").with_folders(notes))
    desktop = start()
    ready(desktop, qtbot, "2 notes")
    find(desktop, qtbot, "overnight", "Bread")
    press(desktop, qtbot, Qt.Key.Key_Return)
    assert stubs("code", qtbot) == ["--goto", f"{notes / 'Bread.md'}:3:20"]
    press(desktop, qtbot, Qt.Key.Key_Return, CTRL)
    assert stubs("kate", qtbot)[-1] == str(notes / "Bread.md")
    assert desktop.window.history.texts == ("overnight",)


def test_another_program_is_taken_up_at_once(stubs, live, notes, qtbot):  # noqa: F811
    find(live, qtbot, "overnight", "Bread")
    press(live, qtbot, Qt.Key.Key_Return)
    assert stubs("xdg-open", qtbot) == [str(notes / "Bread.md")]
    live.dialogs.show_settings(Page.OPENING)
    dialog = live.window.findChild(SettingsDialog)
    dialog.changed.emit(lambda now: Settings(now.folders, opener="zed"))
    dialog.close()
    press(live, qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: "Zed is not found on this machine" in texts(live.window), timeout=60_000
    )


def test_links_passages_and_paths_are_copied(live, notes, qtbot):  # noqa: F811
    find(live, qtbot, "overnight", "Bread")
    clipboard = QGuiApplication.clipboard()
    press(live, qtbot, Qt.Key.Key_C, CTRL | SHIFT)
    assert clipboard.text() == str(notes / "Bread.md")
    assert "Path copied" in texts(live.window)
    press(live, qtbot, Qt.Key.Key_C, CTRL)
    assert "Let the dough rise overnight." in clipboard.text()
    press(live, qtbot, Qt.Key.Key_Return, ALT)
    assert clipboard.text() == f"[Bread]({(notes / 'Bread.md').as_uri()})"


def test_a_new_note_is_made_opened_and_found(stubs, live, notes, qtbot):  # noqa: F811
    live.window.box.setText("Plum / jam")
    press(live, qtbot, Qt.Key.Key_Return, SHIFT)
    (made,) = stubs("xdg-open", qtbot)
    assert made.startswith(str(notes))
    assert Path(made).read_text(encoding="utf-8") == "# Plum / jam\n\n"
    ready(live, qtbot, "3 notes")
    press(live, qtbot, Qt.Key.Key_Return, SHIFT)
    assert stubs("xdg-open", qtbot) == [made]
    assert len(list(notes.iterdir())) == 3


def test_a_folder_is_left_out_and_brought_back(live, notes, qtbot, user):  # noqa: F811
    write(notes, "old [1]/Rye.md", "# Rye\n\nRye bread overnight.\n")
    write(notes, "new [1]/Rye.md", "# Rye too\n\nRye bread tomorrow.\n")
    ready(live, qtbot, "4 notes")
    find(live, qtbot, "rye overnight", "Rye")
    hit = live.window.results.current()
    live.window.results.show_menu()
    qtbot.waitUntil(lambda: "(1 note)" in live.window.menu.actions()[-1].text())
    live.window.menu.close()
    live.window.exclude_requested.emit(hit, True)  # noqa: FBT003
    ready(live, qtbot, "3 notes")
    assert "“old [1]” is left out of the search." in texts(live.window)
    assert len(settings.load(user.settings).ignored) == 1
    undo = next(b for b in live.window.notice.findChildren(QPushButton) if b.text() == "&Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    ready(live, qtbot, "4 notes")
    assert not settings.load(user.settings).ignored


def test_order_searches_and_sizes_are_kept_for_the_next_start(live, start, qtbot, user):  # noqa: F811
    find(live, qtbot, "overnight", "Bread")
    live.window.act(Act.SAVE_SEARCH)
    live.window.act(Act.SORT)
    live.window.act(Act.ZOOM_IN)
    saved = settings.load(user.settings)
    assert (saved.saved, saved.sort, saved.zoom) == (("overnight",), "modified", 110)
    live.window.act(Act.SAVE_SEARCH)
    live.window.act(Act.ZOOM_RESET)
    assert settings.load(user.settings).saved == ()
    live.window.act(Act.CLOSE)
    live.bridge.stop()
    second = start()
    second.window.act(Act.OLDER)
    assert second.window.box.text() == "overnight"
    assert json.loads(user.history.read_text(encoding="utf-8")) == ["overnight"]


def test_deleting_the_index_leaves_the_notes_and_nothing_else(live, notes, qtbot, user):  # noqa: F811
    find(live, qtbot, "overnight", "Bread")
    live.window.act(Act.OPEN_SECOND)
    live.dialogs.show_settings(Page.PRIVACY)
    dialog = live.window.findChild(SettingsDialog)
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Delete the index…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    question = dialog.findChild(Confirmation)
    qtbot.waitUntil(question.isVisible)
    sure = next(b for b in question.findChildren(QPushButton) if b.text() == "&Delete")
    with qtbot.waitSignal(live.bridge.erased):
        qtbot.mouseClick(sure, Qt.MouseButton.LeftButton)
    dialog.close()
    assert settings.load(user.settings).folders == ()
    assert not user.history.exists()
    assert (notes / "Bread.md").exists()
    stored = [path for path in user.libraries.rglob("*.db") if b"overnight" in path.read_bytes()]
    assert not stored
    live.window.folders_chosen.emit([notes])
    ready(live, qtbot, "2 notes")
    find(live, qtbot, "overnight", "Bread")


def test_reading_anew_keeps_the_folders_and_finds_the_same(live, qtbot):  # noqa: F811
    with qtbot.waitSignal(live.bridge.erased):
        live.bridge.rebuild()
    ready(live, qtbot, "2 notes")
    find(live, qtbot, "overnight", "Bread")
    # A note is found by its words while it is still read by meaning.
    qtbot.waitUntil(lambda: live.dialogs.progress.state is State.CURRENT)


def test_what_nobody_expected_in_a_thread_is_shown_too(live, qtbot, monkeypatch, notes):  # noqa: F811
    """Neither a program that is started nor what is counted may fail in silence."""

    def broken(*_):
        raise KeyError("nobody expected this")

    monkeypatch.setattr(launch, "reveal", broken)
    monkeypatch.setattr("notesearch.counting.removal", broken)
    with qtbot.captureExceptions() as caught:
        live.opening.reveal(notes)
        qtbot.waitUntil(lambda: len(caught) == 1)
        live.dialogs.counting.count_removed([notes], ["*"])
        qtbot.waitUntil(lambda: len(caught) == 2)
    assert all("nobody expected this" in str(error) for _, error, _ in caught)
    monkeypatch.undo()
    with qtbot.waitSignal(live.dialogs.counting.removed) as said:
        live.dialogs.counting.count_removed([notes], ["*"])
    assert said.args[0].notes == 2
