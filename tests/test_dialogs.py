"""The dialogs, driven with real clicks and keys."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTreeView,
    QWidget,
)
from shiboken6 import isValid

from notesearch.core.notes import Problem
from notesearch.dialogs import size_text
from notesearch.gui import error_dialog
from notesearch.gui.error_dialog import MAX_REPORTS, ErrorDialog
from notesearch.gui.problems_dialog import ProblemsDialog, printable, summary

LEFT = Qt.MouseButton.LeftButton
PROBLEMS = (
    Problem("/notes/a.md", "holds binary data, not text"),
    Problem("/notes/b\nc.md", "is larger than 10 MB"),
    Problem("/notes/d", "the folder cannot be read: Permission denied"),
)


@pytest.fixture
def parent(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def opened(parent, qtbot):
    """Open a dialog as the window does, and wait until it has the keyboard."""

    def opened(kind, *values):
        dialog = kind(*values, parent)
        with qtbot.waitExposed(dialog):
            dialog.open()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return opened


def button(dialog, text) -> QPushButton:
    found = [b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text]
    assert len(found) == 1, text
    return found[0]


def click(qtbot, dialog, text) -> None:
    qtbot.mouseClick(button(dialog, text), LEFT)


def labels(dialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def rows(view: QTreeView) -> list[tuple[str, str]]:
    model = view.model()
    return [
        (model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())
    ]


def click_row(qtbot, view: QTreeView, row: int) -> None:
    middle = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=middle)


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


# Problems -----------------------------------------------------------------------------------


@pytest.fixture
def problems(opened):
    return opened(ProblemsDialog, PROBLEMS)


def table(dialog) -> QTreeView:
    return dialog.findChild(QTreeView)


def test_problems_are_listed_and_counted(problems):
    assert rows(table(problems))[1] == ("/notes/b\ufffdc.md", "is larger than 10 MB")
    assert "3 files cannot be searched, or only in part. Everything else is." in labels(problems)
    assert summary(1).startswith("1 file cannot")
    assert summary(5000).startswith("5,000 files cannot")
    assert button(problems, "Close").isDefault()
    assert table(problems).hasFocus()


def detail(dialog) -> str:
    return dialog.findChild(QPlainTextEdit).toPlainText()


def test_all_of_what_is_selected_is_said_below(opened, qtbot):
    long = "/notes/" + "very long/" * 30 + "name.md"
    problems = opened(ProblemsDialog, [*PROBLEMS, Problem(long, "is larger than 10 MB")])
    assert detail(problems) == "/notes/a.md\nholds binary data, not text"
    qtbot.keyClick(table(problems), Qt.Key.Key_End)
    assert detail(problems) == f"{long}\nis larger than 10 MB"
    assert problems.findChild(QPlainTextEdit).isReadOnly()
    assert problems.findChild(QPlainTextEdit).horizontalScrollBar().maximum() == 0


ASKED = {
    "open_wanted": ("Open", "Ctrl+O"), "retry_wanted": ("Try again", "F5"),
    "exclude_wanted": ("Leave out…", "Del"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("how", ["button", "key", "menu"])
def test_what_can_be_done_with_a_file_is_asked_for(problems, qtbot, name, how):
    text, key = ASKED[name]
    qtbot.keyClick(table(problems), Qt.Key.Key_Down)
    action = next(a for a in table(problems).actions() if a.text().replace("&", "") == text)
    with qtbot.waitSignal(getattr(problems, name)) as wanted:
        if how == "button":
            click(qtbot, problems, text)
        elif how == "menu":
            action.trigger()
        else:
            assert action.shortcuts()[0].toString() == key
            pressed = action.shortcuts()[0][0]
            qtbot.keyClick(table(problems), pressed.key(), pressed.keyboardModifiers())
    assert wanted.args == [Path("/notes/b\nc.md")]
    assert problems.isVisible()


def test_nothing_can_be_done_with_what_is_no_file(opened, qtbot):
    problems = opened(ProblemsDialog, [Problem("", "the disk is full")])
    assert detail(problems) == "the disk is full"
    for text in ("Show in folder", "Open", "Try again", "Leave out…"):
        assert not button(problems, text).isEnabled()
    enabled = [a.text().replace("&", "") for a in table(problems).actions() if a.isEnabled()]
    assert enabled == ["Copy list", "Try all again"]
    qtbot.keyClick(table(problems), Qt.Key.Key_Delete)


@pytest.mark.parametrize("how", ["button", "key"])
def test_all_is_tried_again(problems, qtbot, how):
    with qtbot.waitSignal(problems.retry_wanted) as wanted:
        if how == "button":
            click(qtbot, problems, "Try all again")
        else:
            qtbot.keyClick(table(problems), Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert wanted.args == [None]
    assert problems.isVisible()


@pytest.mark.parametrize("how", ["button", "double click", "Return", "Enter"])
def test_a_file_is_shown_in_its_folder_and_the_dialog_stays(problems, qtbot, how):
    view = table(problems)
    click_row(qtbot, view, 1)
    with qtbot.waitSignal(problems.reveal_wanted) as wanted:
        if how == "button":
            click(qtbot, problems, "Show in folder")
        elif how == "double click":
            middle = view.visualRect(view.model().index(1, 0)).center()
            qtbot.mouseDClick(view.viewport(), LEFT, pos=middle)
        else:
            qtbot.keyClick(view, getattr(Qt.Key, f"Key_{how}"))
    assert wanted.args == [Path("/notes/b\nc.md")]
    assert problems.isVisible()


def test_enter_without_a_selection_and_a_click_beside_the_rows_show_nothing(problems, qtbot):
    shown = []
    problems.reveal_wanted.connect(shown.append)
    view = table(problems)
    below = QPoint(10, view.viewport().height() - 5)
    qtbot.mouseDClick(view.viewport(), LEFT, pos=below)
    view.clearSelection()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert shown == []


def test_the_list_is_copied_one_line_for_each(opened, qtbot, monkeypatch):
    monkeypatch.setattr(error_dialog, "ECHO_MS", 50)
    problems = opened(ProblemsDialog, PROBLEMS)
    copying = button(problems, "Copy list")
    qtbot.mouseClick(copying, LEFT)
    assert clipboard().splitlines() == [
        "/notes/a.md: holds binary data, not text",
        "/notes/b\ufffdc.md: is larger than 10 MB",
        "/notes/d: the folder cannot be read: Permission denied",
    ]
    assert copying.text() == "Copied"
    qtbot.waitUntil(lambda: copying.text() == "Copy &list")


def test_what_is_selected_stays_so_as_long_as_it_is_wrong(problems, qtbot):
    view = table(problems)
    click_row(qtbot, view, 2)
    problems.show_problems(PROBLEMS[1:])
    assert [i.row() for i in view.selectionModel().selectedRows()] == [1]
    assert button(problems, "Show in folder").isEnabled()
    problems.show_problems(PROBLEMS[:1])
    assert view.selectionModel().selectedRows() == []
    assert not button(problems, "Show in folder").isEnabled()
    assert "1 file cannot" in labels(problems)


def test_when_nothing_is_wrong_any_more_that_is_said(problems, qtbot):
    click_row(qtbot, table(problems), 0)
    problems.show_problems(())
    assert "Nothing is wrong any more." in labels(problems)
    for text in ("Show in folder", "Open", "Leave out…", "Copy list", "Try all again"):
        assert not button(problems, text).isEnabled()
    assert detail(problems) == ""
    assert button(problems, "Close").hasFocus()
    problems.show_problems(PROBLEMS)
    assert "3 files" in labels(problems)
    assert button(problems, "Try all again").isEnabled()


def test_five_thousand_problems_are_shown_at_once_and_the_place_is_kept(opened):
    many = [Problem(f"/notes/{n}.md", "holds binary data, not text") for n in range(5000)]
    # Of this thread: what else runs on the machine takes nothing from it.
    begin = time.thread_time()
    dialog = opened(ProblemsDialog, many)
    view = table(dialog)
    view.setCurrentIndex(view.model().index(10, 0))
    view.scrollTo(view.model().index(4000, 0))
    top = view.verticalScrollBar().value()
    assert top > 0
    dialog.show_problems(many[:-1])
    assert not dialog.grab().isNull()
    assert time.thread_time() - begin < 5
    assert view.currentIndex().row() == 10
    assert view.verticalScrollBar().value() == top


def test_names_that_cannot_be_shown_do_not_break_the_list(opened):
    name = "/n/a\r\n\t\x00\x1b\x7f\u2028\u202e<b>\udcff.md"
    assert printable(name) == "/n/a" + 8 * "\ufffd" + "<b>\ufffd.md"
    assert printable("/n/é 🙂 汉字.md") == "/n/é 🙂 汉字.md"
    dialog = opened(ProblemsDialog, [Problem(name, "bad\nname")])
    assert rows(table(dialog)) == [(printable(name), "bad\ufffdname")]
    tip = table(dialog).model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip
    assert not dialog.grab().isNull()


def test_close_closes_for_good(problems, qtbot):
    click(qtbot, problems, "Close")
    qtbot.waitUntil(lambda: not isValid(problems))


# The unexpected -----------------------------------------------------------------------------


def report_of(dialog) -> str:
    return dialog.findChild(QPlainTextEdit).toPlainText()


def test_the_unexpected_is_said_with_its_report_and_the_log(opened):
    dialog = opened(ErrorDialog, "ValueError\n<b>", Path("/state/notesearch.log"))
    assert "Something unexpected happened" in labels(dialog)
    assert "Your notes have not been touched." in labels(dialog)
    assert "/state/notesearch.log" in labels(dialog)
    assert report_of(dialog) == "ValueError\n<b>"
    assert dialog.findChild(QPlainTextEdit).isReadOnly()
    assert button(dialog, "Close").isDefault()
    assert button(dialog, "Close").hasFocus()


def test_without_a_log_none_is_named(opened):
    assert "Log" not in labels(opened(ErrorDialog, "ValueError", None))


def test_the_report_is_copied(opened, qtbot):
    dialog = opened(ErrorDialog, "ValueError\n  x.py:3 in f", None)
    click(qtbot, dialog, "Copy report")
    assert clipboard() == "ValueError\n  x.py:3 in f"
    assert button(dialog, "Copied").isVisible()


def test_further_failures_are_added_once_each_and_not_without_end(opened):
    dialog = opened(ErrorDialog, "Failure 0", None)
    text = dialog.findChild(QPlainTextEdit)
    for number in [0, 1, 1, *range(100)]:
        dialog.add(f"Failure {number}")
    found = [line for line in report_of(dialog).splitlines() if line.startswith("Failure")]
    assert found == [f"Failure {number}" for number in range(MAX_REPORTS)]
    assert MAX_REPORTS == 20
    assert text.verticalScrollBar().maximum() > 0
    assert text.verticalScrollBar().value() == 0


@pytest.mark.parametrize("key", ["Return", "Escape"])
def test_a_key_closes_it(opened, qtbot, key):
    dialog = opened(ErrorDialog, "ValueError", None)
    qtbot.keyClick(dialog, getattr(Qt.Key, f"Key_{key}"))
    qtbot.waitUntil(lambda: not isValid(dialog))


# Sizes --------------------------------------------------------------------------------------


def test_the_dialog_grows_with_the_text_while_it_is_open(opened, qtbot):
    dialog = opened(ProblemsDialog, PROBLEMS)
    detail = dialog.findChild(QPlainTextEdit)
    before, lines = dialog.height(), detail.height()
    font = dialog.font()
    font.setPointSizeF(2 * font.pointSizeF())
    dialog.setFont(font)
    qtbot.waitUntil(lambda: detail.height() > 1.5 * lines)
    assert before < dialog.height() <= dialog.screen().availableSize().height()


def test_a_size_is_said_as_people_say_it():
    sizes = (None, 0, 1, 1_499, 999_499, 1_000_000, 213_400_000)
    said = ["not there yet", "empty", "1 KB", "1 KB", "999 KB", "1.0 MB", "213.4 MB"]
    assert [size_text(size) for size in sizes] == said
