"""The dialogs, driven with real clicks and keys."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTreeView,
    QTreeWidget,
    QWidget,
)
from shiboken6 import isValid

from notesearch.core.notes import Folder, Problem
from notesearch.gui import error_dialog
from notesearch.gui.error_dialog import MAX_REPORTS, ErrorDialog
from notesearch.gui.folders_dialog import FoldersDialog, outer_of
from notesearch.gui.problems_dialog import ProblemsDialog, printable, summary

LEFT = Qt.MouseButton.LeftButton
FOLDERS = (Folder("/notes", 1873), Folder("/team", 1), Folder("/usb", 4, available=False))
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


# Folders ------------------------------------------------------------------------------------


@pytest.fixture
def folders(opened):
    dialog = opened(FoldersDialog, FOLDERS, ["templates/"])
    dialog.said = said = []
    dialog.changed.connect(lambda *values: said.append(values))
    return dialog


def listed(dialog) -> QTreeWidget:
    return dialog.findChild(QTreeWidget)


def patterns(dialog) -> QPlainTextEdit:
    return dialog.findChild(QPlainTextEdit)


def choose(monkeypatch, folder) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_folders_are_listed_with_what_is_known_of_them(folders):
    assert rows(listed(folders)) == [
        ("/notes", "1,873 notes"),
        ("/team", "1 note"),
        ("/usb", "not available now; its notes are kept"),
    ]
    assert patterns(folders).toPlainText() == "templates/"
    assert "The files stay as they are." in labels(folders)
    assert listed(folders).hasFocus()
    assert button(folders, "Save").isDefault()


def test_folders_whose_changes_are_not_noticed_at_once_say_so_and_why(folders):
    view = listed(folders)
    told = Folder("/team", 2, unwatched="it is on a <network> drive")
    folders.show_folders([told])
    assert rows(view)[1] == ("/team", "2 notes, looked through every minute")
    tip = view.topLevelItem(1).toolTip(1)
    assert tip == ("<p>Changes are not noticed at once: it is on a &lt;network&gt; drive</p>")
    folders.show_folders([Folder("/team", 2)])
    assert rows(view)[1] == ("/team", "2 notes")
    assert view.topLevelItem(1).toolTip(1) == ""


def test_saving_what_was_not_changed_says_nothing(folders, qtbot):
    said = folders.said
    click(qtbot, folders, "Save")
    assert said == []
    qtbot.waitUntil(lambda: not isValid(folders))


def test_a_removed_folder_and_other_patterns_are_announced_once_on_save(folders, qtbot):
    said = folders.said
    assert not button(folders, "Remove").isEnabled()
    click_row(qtbot, listed(folders), 1)
    click(qtbot, folders, "Remove")
    patterns(folders).setFocus()
    qtbot.keyClick(patterns(folders), Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    for text in ("", "  ", "!keep me.md"):
        qtbot.keyClick(patterns(folders), Qt.Key.Key_Return)
        qtbot.keyClicks(patterns(folders), text)
    assert said == []
    click(qtbot, folders, "Save")
    assert said == [(["/notes", "/usb"], ["templates/", "!keep me.md"])]


def test_enter_saves(folders, qtbot):
    click_row(qtbot, listed(folders), 0)
    qtbot.keyClick(listed(folders), Qt.Key.Key_Delete)
    qtbot.keyClick(listed(folders), Qt.Key.Key_Return)
    assert folders.said == [(["/team", "/usb"], ["templates/"])]


@pytest.mark.parametrize("how", ["Cancel", "Escape"])
def test_what_is_not_saved_is_not_announced(folders, qtbot, how):
    said = folders.said
    click_row(qtbot, listed(folders), 0)
    click(qtbot, folders, "Remove")
    if how == "Cancel":
        click(qtbot, folders, "Cancel")
    else:
        qtbot.keyClick(folders, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(folders))
    assert said == []


def test_delete_removes_one_folder_after_the_other(folders, qtbot):
    qtbot.keyClick(listed(folders), Qt.Key.Key_Delete)
    assert len(rows(listed(folders))) == 3
    click_row(qtbot, listed(folders), 0)
    for left in (2, 1, 0):
        qtbot.keyClick(listed(folders), Qt.Key.Key_Delete)
        assert len(rows(listed(folders))) == left
    assert not button(folders, "Remove").isEnabled()
    assert "No folder is searched." in labels(folders)


def test_delete_in_the_patterns_removes_no_folder(folders, qtbot):
    click_row(qtbot, listed(folders), 0)
    patterns(folders).setFocus()
    qtbot.keyClick(patterns(folders), Qt.Key.Key_Delete)
    assert patterns(folders).toPlainText() == "emplates/"
    assert len(rows(listed(folders))) == 3


def test_an_added_folder_is_selected_and_announced_on_save(folders, qtbot, monkeypatch, tmp_path):
    said = folders.said
    choose(monkeypatch, tmp_path)
    click(qtbot, folders, "Add folder…")
    assert rows(listed(folders))[-1] == (str(tmp_path), "read after saving")
    assert listed(folders).currentIndex().row() == 3
    click(qtbot, folders, "Save")
    assert said == [(["/notes", "/team", "/usb", str(tmp_path)], ["templates/"])]


def test_a_folder_twice_or_inside_another_is_said_and_not_added(
    folders, qtbot, monkeypatch, tmp_path
):
    (tmp_path / "sub" / ".hidden").mkdir(parents=True)
    for chosen, count, said in [
        (tmp_path, 4, ""),
        (tmp_path, 4, "Already searched: "),
        (tmp_path / "sub", 4, "Already searched as part of "),
        ("", 4, "Already searched as part of "),
        (tmp_path / "sub" / ".hidden", 5, ""),
    ]:
        choose(monkeypatch, chosen)
        click(qtbot, folders, "Add folder…")
        assert len(rows(listed(folders))) == count
        assert said in labels(folders)
        assert bool(said) == ("Already searched" in labels(folders))


def test_a_folder_around_another_is_added_and_the_inner_one_is_said_to_be_part(
    opened, qtbot, monkeypatch, tmp_path
):
    inner = tmp_path / "sub"
    inner.mkdir()
    dialog = opened(FoldersDialog, [], [])
    assert button(dialog, "Add folder…").hasFocus()
    for folder in (inner, tmp_path):
        choose(monkeypatch, folder)
        click(qtbot, dialog, "Add folder…")
    assert rows(listed(dialog)) == [
        (str(inner), "part of another folder"),
        (str(tmp_path), "read after saving"),
    ]


def test_news_of_the_folders_leave_what_the_user_did(folders, qtbot, monkeypatch, tmp_path):
    said = folders.said
    click_row(qtbot, listed(folders), 1)
    click(qtbot, folders, "Remove")
    choose(monkeypatch, tmp_path)
    click(qtbot, folders, "Add folder…")
    click_row(qtbot, listed(folders), 0)
    patterns(folders).setPlainText("half a patt")
    folders.show_folders([Folder("/notes", 1900), Folder("/team", 2), Folder("/usb", 5)])
    assert rows(listed(folders)) == [
        ("/notes", "1,900 notes"),
        ("/usb", "5 notes"),
        (str(tmp_path), "read after saving"),
    ]
    assert [i.text(0) for i in listed(folders).selectedItems()] == ["/notes"]
    assert patterns(folders).toPlainText() == "half a patt"
    folders.show_folders([])
    assert len(rows(listed(folders))) == 3
    assert said == []


def test_a_folder_that_is_only_reported_does_not_appear(folders, qtbot):
    said = folders.said
    before = rows(listed(folders))
    folders.show_folders([*FOLDERS, Folder("/removed/before", 7)])
    assert rows(listed(folders)) == before
    qtbot.mouseClick(button(folders, "Save"), Qt.MouseButton.LeftButton)
    assert said == []


def test_tab_leads_through_everything(folders, qtbot):
    click_row(qtbot, listed(folders), 0)
    order = [listed(folders), button(folders, "Add folder…"), button(folders, "Remove"),
             patterns(folders), button(folders, "Save"), button(folders, "Cancel")]  # fmt: skip
    for here, there in zip(order, [*order[1:], order[0]], strict=True):
        assert here.hasFocus()
        qtbot.keyClick(here, Qt.Key.Key_Tab)
        assert there.hasFocus()


def test_markup_in_a_path_is_text(opened):
    dialog = opened(FoldersDialog, [Folder("/notes/<b>x</b>", 1)], [])
    assert listed(dialog).topLevelItem(0).toolTip(0) == "<p>/notes/&lt;b&gt;x&lt;/b&gt;</p>"


def test_a_folder_below_a_hidden_one_is_no_part_of_what_is_around_it():
    assert outer_of(Path("/notes/a/b"), ["/other", "/notes"]) == "/notes"
    assert outer_of(Path("/notes"), ["/notes"]) == "/notes"
    assert outer_of(Path("/notes/.a/b"), ["/notes"]) is None
    assert outer_of(Path("/notes 2"), ["/notes"]) is None


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
    assert not button(problems, "Show in folder").isEnabled()
    assert button(problems, "Close").isDefault()


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
    qtbot.waitUntil(lambda: copying.text() == "C&opy list")


def test_trying_again_is_asked_for(problems, qtbot):
    with qtbot.waitSignal(problems.retry_wanted):
        click(qtbot, problems, "Try again")
    assert problems.isVisible()


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
    for text in ("Show in folder", "Copy list", "Try again"):
        assert not button(problems, text).isEnabled()
    assert button(problems, "Close").hasFocus()
    problems.show_problems(PROBLEMS)
    assert "3 files" in labels(problems)
    assert button(problems, "Try again").isEnabled()


def test_five_thousand_problems_are_shown_at_once_and_the_place_is_kept(opened):
    many = [Problem(f"/notes/{n}.md", "holds binary data, not text") for n in range(5000)]
    begin = time.perf_counter()
    dialog = opened(ProblemsDialog, many)
    view = table(dialog)
    view.setCurrentIndex(view.model().index(10, 0))
    view.scrollTo(view.model().index(4000, 0))
    top = view.verticalScrollBar().value()
    assert top > 0
    dialog.show_problems(many[:-1])
    assert not dialog.grab().isNull()
    assert time.perf_counter() - begin < 5
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
