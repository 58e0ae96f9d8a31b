"""The whole program: a real window, a real engine, real files that change underneath."""

import errno
import json
import os
import time
from pathlib import Path

import pytest
import shiboken6
from fake_embedder import FakeEmbedder
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QFileDialog, QPlainTextEdit, QPushButton
from test_window import selected, texts, titles

from notesearch import app, launch, own_files, settings
from notesearch.core.notes import Progress, State
from notesearch.gui import theme
from notesearch.gui.error_dialog import ErrorDialog
from notesearch.gui.geometry import clamped
from notesearch.gui.problems_dialog import ProblemsDialog
from notesearch.gui.settings_dialog import SettingsDialog
from notesearch.paths import UserPaths
from notesearch.settings import Settings


@pytest.fixture
def user(tmp_path):
    return UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")


@pytest.fixture
def start(qtbot, user):
    running = []

    def start(*folders, load=FakeEmbedder):
        if folders:
            settings.save(user.settings, Settings().with_folders(*folders))
        running.append(app.Desktop(user, load))
        qtbot.addWidget(running[-1].window)
        # On a machine that is busy with much else, an answer may take longer than anybody waits.
        running[-1].window._patience.setInterval(60_000)
        running[-1].start()
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    write(folder, "Bread.md", "# Bread\n\nLet the dough rise overnight.\n")
    write(folder, "Bicycle.md", "# Bicycle\n\nOil the chain.\n")
    return folder


@pytest.fixture
def live(start, notes, qtbot):
    """The program, with two notes read."""
    desktop = start(notes)
    qtbot.waitUntil(lambda: "2 notes · all current" in texts(desktop.window))
    return desktop


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def button(window, text) -> QPushButton:
    buttons = [b for b in window.findChildren(QPushButton) if b.text() == text]
    assert buttons, text
    return buttons[0]


def is_shown(window, text) -> bool:
    return any(b.text() == text and b.isVisible() for b in window.findChildren(QPushButton))


def shown(desktop):
    return desktop.window.results.pane.preview.toPlainText()


def test_from_first_run_to_an_opened_note(start, qtbot, notes, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    desktop = start()
    opened = []
    monkeypatch.setattr(launch, "open_note", opened.append)
    desktop.window.folders_chosen.emit([notes])
    qtbot.waitUntil(lambda: "2 notes · all current" in texts(desktop.window))
    qtbot.keyClicks(desktop.window.box, "dough")
    qtbot.waitUntil(lambda: titles(desktop.window)[:1] == ["Bread"])
    qtbot.keyClick(desktop.window.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [notes / "Bread.md"]


def test_enter_right_after_typing_opens_what_was_typed(live, qtbot, notes, monkeypatch):
    opened = []
    monkeypatch.setattr(launch, "open_note", opened.append)
    qtbot.keyClicks(live.window.box, "chain")
    qtbot.keyClick(live.window.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [notes / "Bicycle.md"]


def test_recent_notes_are_shown_for_an_empty_box_newest_first(live, qtbot, notes, monkeypatch):
    qtbot.waitUntil(lambda: len(titles(live.window)) == 2)
    write(notes, "Newest.md", "just written")
    qtbot.waitUntil(lambda: titles(live.window)[:1] == ["Newest"])
    opened = []
    monkeypatch.setattr(launch, "open_note", opened.append)
    while selected(live.window) != "Newest":
        qtbot.keyClick(live.window.box, Qt.Key.Key_Up)
    qtbot.keyClick(live.window.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened == [notes / "Newest.md"])


def test_what_other_programs_do_to_notes_is_seen_in_the_open_list(live, qtbot, notes):
    window = live.window
    qtbot.keyClicks(window.box, "dough")
    qtbot.waitUntil(lambda: titles(window) == ["Bread"])
    write(notes, "Pizza.md", "# Pizza\n\nStretch the dough.\n")
    qtbot.waitUntil(lambda: sorted(titles(window)) == ["Bread", "Pizza"])
    assert selected(window) == "Bread"
    (notes / "Pizza.md").rename(notes / "Flatbread.md")
    qtbot.wait(1_500)
    both = {"Bread.md", "Flatbread.md"}
    qtbot.waitUntil(lambda: {hit.file.name for hit in window.results._model.hits} == both)
    assert sorted(titles(window)) == ["Bread", "Pizza"]
    (notes / "Bread.md").unlink()
    qtbot.waitUntil(lambda: titles(window) == ["Pizza"])
    write(notes, "Flatbread.md", "# Focaccia\n\nStretch the dough.\n")
    qtbot.waitUntil(lambda: titles(window) == ["Focaccia"])


def test_the_preview_follows_the_selection_and_the_file(live, qtbot, notes):
    window = live.window
    qtbot.keyClicks(window.box, "the")
    # The recent notes are two as well.
    qtbot.waitUntil(lambda: window.answered and len(titles(window)) == 2)
    qtbot.waitUntil(lambda: selected(window) in shown(live))
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: selected(window) in shown(live))
    qtbot.keyClick(window.box, Qt.Key.Key_Home)
    file = notes / f"{selected(window)}.md"
    write(notes, file.name, f"# {file.stem}\n\nthe new words\n")
    qtbot.waitUntil(lambda: "the new words" in shown(live))


def test_escape_leads_from_the_preview_back_to_the_box(live, qtbot):
    window = live.window
    window.activateWindow()
    qtbot.waitUntil(window.box.hasFocus)
    window.results.pane.preview.setFocus()
    qtbot.keyClick(window.results.pane.preview, Qt.Key.Key_Escape)
    assert window.box.hasFocus()


def test_a_narrow_window_has_only_the_list(live, qtbot):
    qtbot.keyClicks(live.window.box, "dough")
    qtbot.waitUntil(lambda: titles(live.window) == ["Bread"])
    assert live.window.results.pane.preview.isVisible()
    live.window.resize(500, 500)
    qtbot.waitUntil(lambda: not live.window.results.pane.preview.isVisible())
    live.window.resize(1_000, 600)
    qtbot.waitUntil(live.window.results.pane.preview.isVisible)


def test_a_folder_that_goes_is_marked_and_its_notes_stay(live, qtbot, notes, tmp_path):
    window = live.window
    qtbot.keyClicks(window.box, "dough")
    qtbot.waitUntil(lambda: titles(window) == ["Bread"])
    notes.rename(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: "1 folder is not available" in texts(window))
    qtbot.waitUntil(lambda: not window.results.current().available)
    assert titles(window) == ["Bread"]
    qtbot.waitUntil(lambda: "Let the dough rise" in shown(live))
    (tmp_path / "elsewhere").rename(notes)
    qtbot.waitUntil(lambda: "not available" not in texts(window))
    qtbot.waitUntil(lambda: window.results.current().available)


def test_a_note_that_vanished_is_said_in_the_status_line(live, qtbot, notes):
    qtbot.keyClicks(live.window.box, "dough")
    qtbot.waitUntil(lambda: live.window.answered and titles(live.window) == ["Bread"])
    (notes / "Bread.md").unlink()
    qtbot.keyClick(live.window.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "is no longer there" in texts(live.window))


def test_folders_are_removed_and_left_out_in_their_dialog(live, qtbot, notes, tmp_path, user):
    other = tmp_path / "other"
    write(other, "Giraffe.md", "giraffe")
    live.window.folders_chosen.emit([other])
    qtbot.waitUntil(lambda: "3 notes · all current" in texts(live.window))
    qtbot.mouseClick(button(live.window, "Settings"), Qt.MouseButton.LeftButton)
    dialog = live.window.findChild(SettingsDialog)
    qtbot.waitUntil(dialog.isVisible)
    dialog._folders.list.select(str(other))
    qtbot.mouseClick(button(dialog._folders, "&Remove"), Qt.MouseButton.LeftButton)
    dialog.findChild(QPlainTextEdit).setPlainText("Bicycle.md\n")
    qtbot.waitUntil(lambda: "leaves out 1 note" in texts(dialog))
    qtbot.waitUntil(lambda: "1 note · all current" in texts(live.window))
    dialog.close()
    assert settings.load(user.settings) == Settings((str(notes),), ("Bicycle.md",))
    assert (other / "Giraffe.md").exists()


def test_a_folder_that_the_command_line_adds_is_taken_up(live, qtbot, tmp_path, user):
    other = tmp_path / "other"
    write(other, "Giraffe.md", "giraffe")
    settings.save(user.settings, settings.load(user.settings).with_folders(other))
    qtbot.waitUntil(lambda: "3 notes · all current" in texts(live.window))


@pytest.mark.parametrize("content", ["", '{"folders": ["/no', None])
def test_settings_that_cannot_be_read_for_a_moment_change_nothing(live, qtbot, user, content):
    before = user.settings.read_bytes()
    if content is None:
        user.settings.unlink()
    else:
        user.settings.write_text(content, encoding="utf-8")
    qtbot.wait(1_500)
    assert "2 notes · all current" in texts(live.window)
    assert not user.settings.with_suffix(".broken.json").exists()
    user.settings.write_bytes(before)
    qtbot.wait(1_200)
    assert "2 notes · all current" in texts(live.window)


def test_a_start_without_settings_forgets_nothing(start, qtbot, user, notes):
    first = start(notes)
    qtbot.waitUntil(lambda: "all current" in texts(first.window))
    first.bridge.stop()
    user.settings.write_text("{", encoding="utf-8")
    second = start()
    qtbot.wait(1_000)
    assert "nothing about them leaves it" in texts(second.window)
    second.window.folders_chosen.emit([notes])
    qtbot.waitUntil(lambda: "2 notes · all current" in texts(second.window))
    encoder = second.bridge._engine._encoder
    assert encoder.passages == []


def test_problems_are_listed_and_go_when_they_are_mended(live, qtbot, notes):
    (notes / "image.md").write_bytes(b"\x89PNG\0\0\0\x0d" + bytes(300))
    qtbot.waitUntil(lambda: is_shown(live.window, "1 problem"))
    qtbot.mouseClick(button(live.window, "1 problem"), Qt.MouseButton.LeftButton)
    dialog = live.window.findChild(ProblemsDialog)
    qtbot.waitUntil(dialog.isVisible)
    write(notes, "image.md", "words now")
    qtbot.waitUntil(lambda: "Nothing is wrong any more" in texts(dialog))
    dialog.close()


def test_pausing_holds_reading_until_it_is_resumed(live, qtbot, notes):
    live.window.status._toggle_pause()
    qtbot.waitUntil(lambda: "paused" in texts(live.window))
    write(notes, "Giraffe.md", "giraffe")
    qtbot.wait(1_200)
    assert "3 notes" not in texts(live.window)
    qtbot.mouseClick(button(live.window, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "3 notes · all current" in texts(live.window))


def test_the_unexpected_is_shown_without_the_text_it_was_about(live, qtbot, caplog):
    live.tell_unexpected(ValueError("a secret sentence"))
    dialog = live.window.findChild(ErrorDialog)
    qtbot.waitUntil(dialog.isVisible)
    live.tell_unexpected(KeyError("another secret"))
    report = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "ValueError" in report
    assert "KeyError" in report
    assert "secret" not in report + caplog.text
    assert len(live.window.findChildren(ErrorDialog)) == 1
    dialog.close()


def test_a_notice_that_is_put_away_is_remembered(start, user, notes):
    desktop = start(notes)
    said = Progress(State.CURRENT, notes=2, language="German")
    desktop.window.take(said)
    assert "Most of your notes are in German" in texts(desktop.window)
    desktop.window.notice.put_away.emit("language")
    assert settings.load(user.settings).told == ("language",)
    desktop.window.take(said)
    assert "German" not in texts(desktop.window)
    again = start()
    again.window.take(said)
    assert "German" not in texts(again.window)


class Explosive(FakeEmbedder):
    def embed_query(self, text):
        if "boom" in text:
            raise ZeroDivisionError(text)
        return super().embed_query(text)


def test_one_question_that_fails_is_told_and_the_next_is_answered(start, qtbot, notes):
    desktop = start(notes, load=Explosive)
    qtbot.waitUntil(lambda: "all current" in texts(desktop.window))
    desktop.window.box.setText("boom")
    qtbot.waitUntil(lambda: desktop.window.findChild(ErrorDialog) is not None)
    dialog = desktop.window.findChild(ErrorDialog)
    assert "boom" not in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.close()
    desktop.window.box.setText("dough")
    qtbot.waitUntil(lambda: titles(desktop.window) == ["Bread"])


def test_the_window_is_shown_before_anything_is_loaded(start, qtbot):
    loaded = []

    def load():
        loaded.append(time.monotonic())
        return FakeEmbedder()

    running = start(load=load)
    assert running.window.isVisible()
    assert loaded == []
    qtbot.waitUntil(lambda: bool(loaded))


def test_the_window_follows_the_system_from_light_to_dark_while_it_is_open(live, qtbot):
    application = QApplication.instance()
    before = application.palette()
    dark = QPalette(QColor("#303134"), QColor("#202124"))
    try:
        application.setPalette(dark)
        qtbot.waitUntil(lambda: theme.DARK.window.name() in live.window.styleSheet())
        assert live.window.results.pane.preview.theme is theme.DARK
    finally:
        application.setPalette(before)
    qtbot.waitUntil(lambda: theme.LIGHT.window.name() in live.window.styleSheet())


# Where the window was -----------------------------------------------------------------------


def test_the_window_opens_where_it_was_closed(start, user):
    first = start()
    first.window.setGeometry(40, 50, 700, 500)
    first.window.close()
    kept = json.loads(user.window.read_text(encoding="utf-8"))
    assert kept["window"] == [40, 50, 700, 500]
    second = start()
    assert second.window.geometry() == QRect(40, 50, 700, 500)


def test_where_the_window_was_stays_known_on_a_full_disk(start, user, monkeypatch):
    def is_full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    first = start()
    first.window.close()
    kept = user.window.read_bytes()
    second = start()
    second.window.setGeometry(40, 50, 700, 500)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", is_full)
        second.window.close()
    assert user.window.read_bytes() == kept
    assert not user.window.with_suffix(".new").exists()


@pytest.mark.parametrize("kept", ["", "[]", '{"window": [1, 2]}', '{"window": "x", "panes": 3}'])
def test_what_was_kept_and_makes_no_sense_is_passed_over(start, user, kept):
    user.window.parent.mkdir(parents=True)
    user.window.write_text(kept, encoding="utf-8")
    assert start().window.isVisible()


SCREEN, SECOND = QRect(0, 0, 1920, 1080), QRect(1920, 0, 1280, 1024)


@pytest.mark.parametrize(
    ("was", "screens", "expected"),
    [
        (QRect(100, 100, 800, 600), [SCREEN], QRect(100, 100, 800, 600)),
        (QRect(2000, 100, 800, 600), [SCREEN, SECOND], QRect(2000, 100, 800, 600)),
        (QRect(2000, 100, 800, 600), [SCREEN], QRect(560, 240, 800, 600)),
        (QRect(1500, 900, 800, 600), [SCREEN], QRect(1120, 480, 800, 600)),
        # With room for a title bar.
        (QRect(-300, -20, 800, 600), [SCREEN], QRect(0, 32, 800, 600)),
        (QRect(0, 0, 4000, 3000), [SCREEN], QRect(0, 32, 1920, 1048)),
        (QRect(-5000, 0, 800, 600), [SECOND, SCREEN], QRect(2160, 212, 800, 600)),
    ],
)
def test_a_window_is_put_on_a_screen_that_is_there(was, screens, expected):
    assert clamped(was, screens) == expected


def test_which_folders_were_looked_into_is_kept_with_the_programs_own_files(qtbot, user):
    user.make()
    app.keep_dialogs(user)
    # Qt's own, as where the desktop has none.
    dialog = QFileDialog(options=QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.show()
    dialog.accept()
    # It writes when it goes.
    shiboken6.delete(dialog)
    qtbot.waitUntil(user.dialogs.is_file)
    assert own_files._is_of_dialogs(user.dialogs)
    assert user.dialogs in own_files.files(user)
