"""Everything has a name and can be reached, as Qt's accessibility interface tells it."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollBar, QWidget
from test_window import a_hit, answer

from notesearch import settings
from notesearch.core.ignore import reaches
from notesearch.core.notes import Folder, Preview, Problem, Progress, State, Strength
from notesearch.core.query import SYNTAX, parse
from notesearch.gui.error_dialog import ErrorDialog
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.keys import Act
from notesearch.gui.main_window import MainWindow
from notesearch.gui.problems_dialog import ProblemsDialog
from notesearch.gui.settings_dialog import Machine, SettingsDialog
from notesearch.gui.theme import LIGHT
from notesearch.paths import UserPaths
from notesearch.settings import Page, Settings

NAME, DESCRIPTION = QAccessible.Text.Name, QAccessible.Text.Description


@pytest.fixture
def window(qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    window = MainWindow(SYNTAX)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    return window


def nameless(root):
    """Return what is to be used, can be seen and has no name."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        used = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        used = used or isinstance(widget, QAbstractButton)
        # A part of the field around it, which has the name.
        used = used and widget.objectName() != "qt_spinbox_lineedit"
        if not widget.isVisible() or not used or isinstance(widget, QScrollBar):
            continue
        if not QAccessible.queryAccessibleInterface(widget).text(NAME).strip():
            found.append((type(widget).__name__, widget.objectName()))
    return found


def searching(window):
    window.set_folders(["/notes"])
    window.take(Progress(State.CURRENT, notes=2, passages=2, embedded=2))
    window.box.setText("tag:food dough")
    glanced = []
    window.glanced.connect(lambda *_: glanced.append(True))
    query = parse("tag:food dough")
    hits = (
        a_hit(strength=Strength.STRONG, more=2, matches=((8, 13),)),
        a_hit("Rye", path="Rye.md", words=0.0),
    )
    answer(window, *hits, clauses=query.clauses)
    hit = window.results.current()
    until = time.monotonic() + 60
    while not glanced:
        assert time.monotonic() < until
        QTest.qWait(10)
    window.take(Preview(hit.file, Path(hit.folder), hit.title, "", "dough [[Rye]]", ""))


def no_match(window):
    window.set_folders(["/notes"])
    window.box.setText("nothing")
    answer(window, weak=[a_hit(strength=Strength.WEAK)])


def reading(window):
    searching(window)
    window.take(Progress(State.READING, notes=100, unread=50, rate=9.0, seconds_left=90.0))


def on_battery(window):
    searching(window)
    window.take(Progress(State.ON_BATTERY, notes=100, passages=9, embedded=3))


def troubled(window):
    searching(window)
    window.take(Problem("", "the disk is full"))
    window.take((Problem("/notes/a.md", "cannot be read"),))
    window.offer_undo("“old” is left out.")


def away(window):
    window.set_folders(["/notes"])
    window.take(Progress(State.CURRENT, folders=(Folder("/notes", 3, available=False),)))


def finding(window):
    searching(window)
    window.act(Act.FIND)


def why(window):
    searching(window)
    window.act(Act.WHY)


def why_not(window):
    searching(window)
    window.act(Act.WHY_NOT)


def related(window):
    searching(window)
    window.act(Act.RELATED)


def first_run(window):
    window.show()


STATES = (searching, no_match, reading, on_battery, troubled, away, finding, why, why_not, related,
          first_run)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_everything_in_the_window_has_a_name(window, state):
    state(window)
    QApplication.processEvents()
    assert not nameless(window)


@pytest.mark.parametrize("page", list(Page))
def test_everything_in_the_settings_has_a_name(qtbot, tmp_path, page):
    user = UserPaths(tmp_path, tmp_path, tmp_path)
    machine = Machine([("system", "The system's program")], lambda _: "", reaches)
    dialog = SettingsDialog(Settings(("/notes",), saved=("dough",)), user, machine, None)
    qtbot.addWidget(dialog)
    dialog.show_page(page)
    dialog.show()
    assert not nameless(dialog)


def test_everything_in_the_other_dialogs_has_a_name(qtbot, tmp_path):
    for dialog in (
        ProblemsDialog([Problem("/notes/a.md", "cannot be read")], None),
        HelpDialog(SYNTAX, LIGHT, None), ErrorDialog("It broke", tmp_path / "log", None),
    ):  # fmt: skip
        qtbot.addWidget(dialog)
        dialog.show()
        assert not nameless(dialog)


def test_rows_are_read_with_place_strength_and_way_of_matching(window):
    searching(window)
    rows = QAccessible.queryAccessibleInterface(window.results.list)
    read = [rows.child(number).text(NAME) for number in range(2)]
    assert read[0].startswith("1 of 2: Bread, Strong, 50")
    assert "food › Crumb" in read[0]
    assert read[1].startswith("2 of 2: Rye, Good, 50")
    assert "meaning" in read[1]


def test_every_act_of_the_window_can_be_reached_with_tab_or_a_key(window):
    """Tab goes round, and comes by everything that takes the keys."""
    searching(window)
    window.box.setFocus()
    seen = []
    for _step in range(60):
        seen.append(QGuiApplication.focusObject())
        QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
        if QGuiApplication.focusObject() is window.box and len(seen) > 3:
            break
    assert QGuiApplication.focusObject() is window.box
    wanted = [
        widget for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]  # fmt: skip
    missing = [
        (type(widget).__name__, widget.accessibleName()) for widget in wanted if widget not in seen
    ]
    assert not missing


def test_everything_is_mirrored_for_those_who_write_from_right_to_left(qtbot, qapp):
    try:
        qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        window = MainWindow(SYNTAX)
        qtbot.addWidget(window)
        window.show()
        searching(window)
        middle = window.width() / 2
        for part, is_right in ((window.results.list, True), (window.pane, False)):
            assert (part.mapTo(window, part.rect().center()).x() > middle) is is_right
    finally:
        qapp.setLayoutDirection(QLocale().textDirection())


def test_no_label_takes_text_for_markup(window):
    searching(window)
    assert all(
        label.textFormat() is Qt.TextFormat.PlainText for label in window.findChildren(QLabel)
    )


def test_settings_have_a_label_for_each_declaration():
    assert all(one.label and one.page in Page for one in settings.DECLARED.values())
