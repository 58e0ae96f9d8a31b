"""The first run and the other states of the page, driven with real keys."""

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Condition, Folder, Kind, Progress, Query, Results, State
from notesearch.gui import theme
from notesearch.gui.first_run import FirstRun
from notesearch.gui.keys import Act, first_key
from notesearch.gui.state_page import Situation, StatePage
from notesearch.gui.style import style_sheet
from notesearch.gui.vault_row import count_text, shown_path
from notesearch.vaults import FOLDER, JOPLIN, LOGSEQ, OBSIDIAN, Vault, find_vaults

ONE = Vault(Path("/n/Garden"), OBSIDIAN, 1204)
TWO = Vault(Path("/n/work & play"), LOGSEQ, 1)
CURRENT = Progress(State.CURRENT, notes=3, passages=3, embedded=3)


def finding(*vaults):
    return lambda **_: iter(vaults)


def labels(page):
    return [one.text() for one in page.findChildren(QLabel) if one.isVisible()]


def texts(page):
    parts = [*page.findChildren(QLabel), *page.findChildren(QPushButton)]
    return "\n".join(one.text() for one in parts if one.isVisible())


def button(page, text):
    return next(b for b in page.findChildren(QPushButton) if text in b.text())


def checks(page):
    return page.findChildren(QCheckBox)


@pytest.fixture
def show(qtbot):
    """Show a page and give it the keys."""

    def show(page, *, width=1000, height=600):
        qtbot.addWidget(page)
        page.resize(width, height)
        page.show()
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        return page

    return show


@pytest.fixture
def first_run(show, qtbot):
    """A first run that has found these folders."""

    def first_run(*vaults):
        page = show(FirstRun(finding(*vaults)))
        qtbot.waitUntil(lambda: "Looking for notes" not in texts(page))
        return page

    return first_run


def press(qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget(), key, modifiers)


# The first run ------------------------------------------------------------------------------


def test_it_says_what_this_is_and_that_nothing_leaves_the_machine(first_run):
    page = first_run(ONE)
    assert "Search your notes by meaning and by words" in texts(page)
    assert "nothing about them leaves it" in texts(page)


def test_what_is_found_is_offered_with_its_kind_its_place_and_its_notes(first_run):
    page = first_run(ONE, TWO)
    assert [check.text() for check in checks(page)] == ["Garden", "work && play"]
    assert {"1,204 notes", "Obsidian · /n/Garden", "1 note", "Logseq · /n/work & play"} <= set(
        labels(page)
    )
    assert not any(check.isChecked() for check in checks(page))
    assert not button(page, "Search these notes").isEnabled()


def test_the_only_one_is_chosen_and_enter_is_enough(first_run, qtbot):
    page = first_run(ONE)
    assert checks(page)[0].isChecked()
    assert button(page, "Search these notes").hasFocus()
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        press(qtbot, Qt.Key.Key_Return)
    assert chosen.args == [[ONE.path]]


def test_folders_are_chosen_with_tab_and_space(first_run, qtbot):
    page = first_run(ONE, TWO)
    with qtbot.assertNotEmitted(page.folders_chosen):
        press(qtbot, Qt.Key.Key_Return)
    press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_Tab)
    press(qtbot, Qt.Key.Key_Space)
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        press(qtbot, Qt.Key.Key_Return)
    assert chosen.args == [[ONE.path, TWO.path]]
    press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_Tab)
    assert button(page, "Search these notes").hasFocus()
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        press(qtbot, Qt.Key.Key_Space)
    assert chosen.args == [[ONE.path]]
    press(qtbot, Qt.Key.Key_Tab)
    assert button(page, "Choose another folder…").hasFocus()
    press(qtbot, Qt.Key.Key_Tab)
    with qtbot.waitSignal(page.samples_wanted):
        press(qtbot, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)


def test_tab_comes_by_everything_in_the_order_in_which_it_is_seen(show, qtbot):
    """Beside other parts of a window, as there."""
    first, page, last = QPushButton("first"), FirstRun(finding(ONE, TWO)), QPushButton("last")
    window = QWidget()
    layout = QVBoxLayout(window)
    for part in (first, page, last):
        layout.addWidget(part)
    show(window)
    qtbot.waitUntil(lambda: "Which notes" in texts(page))
    checks(page)[0].click()
    first.setFocus()
    expected = [
        page, *checks(page), *(button(page, t) for t in ("Search", "Choose", "Try")), last, first,
    ]  # fmt: skip
    for one in expected:
        press(qtbot, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is one
    for one in [*expected[-2::-1], first]:
        press(qtbot, Qt.Key.Key_Backtab)
        assert QApplication.focusWidget() is one


def test_a_click_anywhere_in_a_row_reaches_its_check_box(first_run, qtbot):
    page = first_run(ONE, TWO)
    where = next(one for one in page.findChildren(QLabel) if "Logseq" in one.text())
    qtbot.mouseClick(where, Qt.MouseButton.LeftButton)
    assert [check.isChecked() for check in checks(page)] == [False, True]
    qtbot.mouseClick(where, Qt.MouseButton.LeftButton)
    assert not checks(page)[1].isChecked()


def test_where_nothing_is_found_a_folder_is_chosen(first_run, qtbot, monkeypatch, tmp_path):
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    page = first_run()
    assert "No notes of Obsidian" in texts(page)
    assert not button(page, "Search these notes").isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    press(qtbot, Qt.Key.Key_Return)
    assert button(page, "Search these notes").hasFocus()
    qtbot.waitUntil(lambda: "1 note" in labels(page))
    assert any(
        one.accessibleName() == f"Folder · {shown_path(tmp_path)}"
        for one in page.findChildren(QLabel)
    )
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        press(qtbot, Qt.Key.Key_Return)
    assert chosen.args == [[tmp_path]]


def test_another_folder_is_added_to_what_was_found(first_run, qtbot, monkeypatch, tmp_path):
    page = first_run(ONE, TWO)
    for folder in (tmp_path, ONE.path, ""):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, f=folder: str(f or ""))
        qtbot.mouseClick(button(page, "Choose another folder…"), Qt.MouseButton.LeftButton)
    assert len(checks(page)) == 3
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        qtbot.mouseClick(button(page, "Search these notes"), Qt.MouseButton.LeftButton)
    assert chosen.args == [[ONE.path, tmp_path]]
    qtbot.waitUntil(lambda: "no notes" in labels(page))


def test_rows_come_as_they_are_found_and_the_window_is_not_held_up(show, qtbot):
    go_on = threading.Event()

    def find(**_):
        yield ONE
        go_on.wait(20)
        yield TWO

    page = show(FirstRun(find))
    qtbot.waitUntil(lambda: len(checks(page)) == 1)
    assert "Looking for notes on this machine…" in texts(page)
    assert not checks(page)[0].isChecked()
    go_on.set()
    qtbot.waitUntil(lambda: len(checks(page)) == 2)
    qtbot.waitUntil(lambda: "Which notes do you want to search?" in texts(page))


def test_what_the_user_has_let_go_is_not_chosen_for_them(show, qtbot):
    go_on = threading.Event()

    def find(**_):
        yield ONE
        go_on.wait(20)

    page = show(FirstRun(find))
    qtbot.waitUntil(lambda: len(checks(page)) == 1)
    for _ in range(2):
        checks(page)[0].click()
    go_on.set()
    qtbot.waitUntil(lambda: "Which notes" in texts(page))
    assert not checks(page)[0].isChecked()


def test_looking_ends_with_the_page_and_begins_again_with_it(show, qtbot):
    begun, ended = [], []

    def find(stopped):
        begun.append(stopped)
        yield ONE
        while not stopped():
            time.sleep(0.01)
        ended.append(stopped)

    page = show(FirstRun(find))
    qtbot.waitUntil(lambda: len(checks(page)) == 1)
    page.hide()
    qtbot.waitUntil(lambda: len(ended) == 1)
    page.show()
    qtbot.waitUntil(lambda: len(begun) == 2)
    page.stop()
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert len(checks(page)) == 1


def test_it_looks_only_once(qtbot):
    begun = []

    def find(stopped):
        begun.append(stopped)
        return iter([ONE])

    page = FirstRun(find)
    qtbot.addWidget(page)
    for _ in range(3):
        page.start()
    qtbot.waitUntil(lambda: [check.isChecked() for check in checks(page)] == [True])
    page.show()
    page.hide()
    page.show()
    assert len(begun) == 1


def test_a_failure_of_the_search_leaves_what_was_found(show, qtbot, caplog):
    def find(**_):
        yield ONE
        raise OSError("secret")

    page = show(FirstRun(find))
    qtbot.waitUntil(lambda: "Which notes" in texts(page))
    assert checks(page)[0].isChecked()
    assert "Looking for folders of notes failed" in caplog.text


def test_a_page_that_has_gone_is_told_nothing(qtbot):
    told, go_on = threading.Event(), threading.Event()

    def find(**_):
        go_on.wait(20)
        yield ONE
        told.set()

    page = FirstRun(find)
    page.start()
    page.deleteLater()
    qtbot.waitUntil(lambda: not _is_there(page))
    go_on.set()
    assert told.wait(20)


def _is_there(page):
    try:
        page.objectName()
    except RuntimeError:
        return False
    return True


def test_real_folders_are_found_and_offered(show, qtbot, tmp_path):
    for name in ("Zettel", "Work"):
        (tmp_path / "Documents" / name / ".obsidian").mkdir(parents=True)
    (tmp_path / "Documents" / "Zettel" / "a.md").write_text("text", encoding="utf-8")
    page = show(FirstRun(lambda stopped: find_vaults(tmp_path, {}, stopped=stopped)))
    qtbot.waitUntil(lambda: "Which notes" in texts(page))
    assert {check.text() for check in checks(page)} == {"Zettel", "Work"}
    assert {"1 note", "no notes"} <= set(labels(page))


def test_screen_readers_are_told_everything(first_run):
    page = first_run(ONE, TWO)
    said = [QAccessible.queryAccessibleInterface(one) for one in (page, *checks(page))]
    names = [one.text(QAccessible.Text.Name) for one in said]
    assert names[0] == "Search your notes by meaning and by words"
    assert names[1:] == ["Garden, Obsidian, 1,204 notes", "work & play, Logseq, 1 note"]
    assert said[1].text(QAccessible.Text.Description) == "/n/Garden"
    for one in page.findChildren(QPushButton):
        assert one.accessibleName()


@pytest.mark.parametrize(
    ("vault", "expected"),
    [
        (Vault(Path("/a"), FOLDER, 0), "no notes"),
        (Vault(Path("/a"), JOPLIN, 1), "1 note"),
        (Vault(Path("/a"), JOPLIN, 20_000, more=True), "20,000+ notes"),
    ],
)
def test_how_many_notes_there_are_is_said_in_words(vault, expected):
    assert count_text(vault) == expected


@pytest.mark.parametrize("path", ["notes/deep", "Documents/Notes"])
def test_the_home_folder_is_written_short(monkeypatch, tmp_path, path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert shown_path(tmp_path / path) == f"~/{path}"
    assert shown_path(tmp_path) == str(tmp_path)
    assert shown_path(Path("/elsewhere")) == "/elsewhere"


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("rtl", [False, True])
def test_nothing_is_cut_off_at_any_size(first_run, qtbot, scale, rtl):
    page = first_run(ONE, Vault(Path("/n") / ("very long name " * 9), LOGSEQ, 9, more=True))
    font = page.font()
    size = f"* {{ font-size: {font.pointSizeF() * scale}pt }}"
    page.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
    )
    page.setStyleSheet(size + style_sheet(theme.LIGHT, font).replace("QLabel#title", "#x"))
    for width in (1000, 388):
        page.resize(width, 220)
        qtbot.waitUntil(lambda w=width: page.width() == w and fits(page))


def fits(page):
    """Say whether nothing sticks out at the sides; layouts are done only after a while."""
    content = page.widget()
    parts = [*page.findChildren(QPushButton), *page.findChildren(QLabel), *checks(page)]
    lefts = [part.mapTo(content, QPoint(0, 0)).x() for part in parts]
    right = max(left + part.width() for left, part in zip(lefts, parts, strict=True))
    return min(lefts) >= 0 and right <= page.viewport().width() == content.width()


def test_the_box_takes_the_keys_when_folders_are_chosen(show, qtbot):
    box, page, window = QLineEdit(), StatePage(finding(ONE)), QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(box)
    layout.addWidget(page)
    window.setFocusProxy(box)
    tell(page, has_folders=False)
    show(window)
    first_run = page.findChild(FirstRun)
    qtbot.waitUntil(lambda: "Which notes" in texts(page))
    first_run.setFocus()
    page.folders_chosen.connect(lambda: tell(page))
    press(qtbot, Qt.Key.Key_Return)
    assert box.hasFocus()


# The other states ---------------------------------------------------------------------------


@pytest.fixture
def page(show):
    return show(StatePage(finding()))


def tell(page, progress=CURRENT, **values):
    given = {"failure": "", "has_folders": True, "text": "", "results": None}
    page.tell(Situation(progress, **(given | values)))


def visible_buttons(page):
    return [b.text() for b in page.findChildren(QPushButton) if b.isVisible()]


def answered(text="dough", **values):
    query = {key: values.pop(key) for key in ("words", "clauses") if key in values}
    return Results(Query(text, **({"words": (text,)} | query)), **values)


def test_without_folders_the_first_run_is_shown(page, qtbot):
    tell(page, has_folders=False)
    qtbot.waitUntil(lambda: "No notes of Obsidian" in texts(page))
    assert page.accessibleName() == "Search your notes by meaning and by words"
    tell(page)
    assert "leaves it" not in texts(page)
    first_run = page.findChild(FirstRun)
    with qtbot.waitSignal(page.folders_chosen) as chosen:
        first_run.folders_chosen.emit([ONE.path])
    assert chosen.args == [[ONE.path]]


def test_an_empty_query_says_what_can_be_typed(page):
    tell(page)
    assert "Type what the note is about" in texts(page)
    assert visible_buttons(page) == []
    assert "Type what the note is about" in page.accessibleName()


def test_while_notes_are_read_it_says_how_many_are_left(page):
    tell(page, Progress(State.READING, notes=1300, unread=1200))
    assert "Reading your notes" in texts(page)
    assert "1,200 are still to be read." in texts(page)
    tell(page, Progress(State.PAUSED, notes=3, unread=1))
    assert "Reading is paused. 1 is still to be read." in texts(page)


def test_nothing_found_while_notes_are_read_is_asked_again_by_itself(page):
    tell(page, Progress(State.READING, notes=9, unread=5), text="dough", results=answered())
    assert "Nothing found yet" in texts(page)
    assert "5 are still to be read. The search is repeated by itself" in texts(page)
    tell(page, Progress(State.EMBEDDING, notes=9, passages=9), text="x", results=answered())
    assert "No close match yet" in texts(page)


def test_no_close_match_offers_the_nearest_and_a_new_note(page, qtbot):
    tell(page, text="dough  & <b>water</b>", results=answered(weak=(ONE,)))
    create = button(page, "New note")
    assert visible_buttons(page) == [
        "Show the nearest notes  ↓",
        f"New note “dough && <b>water</b>”  {first_key(Act.CREATE)}",
        "Why isn't a note here?",
    ]
    for one, signal in [
        (button(page, "nearest"), page.weak_wanted),
        (create, page.create_wanted),
        (button(page, "Why isn't"), page.missing_wanted),
    ]:
        with qtbot.waitSignal(signal):
            one.setFocus()
            press(qtbot, Qt.Key.Key_Return)
    assert page.accessibleName() == "No close match"
    assert "close to this in meaning" in page.accessibleDescription()


def test_what_cannot_be_had_is_not_offered(page):
    tell(page, text="dough", results=answered())
    assert not button(page, "nearest").isVisible()
    tag = ((Condition(Kind.TAG, "tag:x", "x"),),)
    tell(page, text="tag:x", results=answered("tag:x", words=(), clauses=tag))
    assert "No such note" in texts(page)
    assert visible_buttons(page) == ["Why isn't a note here?"]


def test_a_long_query_does_not_move_the_buttons(page):
    tell(page, text="d", results=answered(weak=(ONE,)))
    QApplication.processEvents()
    before = button(page, "nearest").geometry()
    tell(page, text="dough " * 99, results=answered(weak=(ONE,)))
    QApplication.processEvents()
    assert "…" in button(page, "New note").text()
    assert button(page, "nearest").geometry().top() == before.top()
    assert button(page, "New note").width() < page.width() / 2


def test_folders_that_are_away_are_named_and_what_was_read_is_kept(page, qtbot):
    away = (Folder("/media/stick/Notes", 0, available=False),)
    tell(page, Progress(State.CURRENT, folders=away), text="dough", results=answered())
    assert "Your folder is not there now" in texts(page)
    assert "“Notes”" in texts(page)
    assert "kept" in texts(page)
    assert visible_buttons(page) == ["Try again", "Folders…"]
    for text, signal in (("Folders…", page.folders_wanted), ("Try again", page.refresh_wanted)):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button(page, text), Qt.MouseButton.LeftButton)


def test_notes_of_a_folder_that_is_away_are_still_searched(page):
    folders = (Folder("/media/Notes", 7, available=False), Folder("/b", 0, available=False))
    tell(page, Progress(State.CURRENT, folders=folders))
    assert "Your folders are not there now" in texts(page)
    tell(page, Progress(State.CURRENT, folders=folders), text="dough", results=answered())
    assert "No close match" in texts(page)
    tell(page, Progress(State.CURRENT, notes=1, folders=(folders[0], Folder("/c", 1))))
    assert "not there" not in texts(page)


def test_folders_without_notes_say_what_a_note_is(page, qtbot):
    tell(page, Progress(State.CURRENT, folders=(Folder("/a", 0),)))
    assert "No notes in your folder" in texts(page)
    assert ".markdown" in texts(page)
    assert "could not be read" not in texts(page)
    with qtbot.waitSignal(page.folders_wanted):
        button(page, "Folders…").setFocus()
        press(qtbot, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    tell(page, Progress(State.CURRENT, folders=(Folder("/a", 0), Folder("/b", 0)), problems=2))
    assert "No notes in your folders" in texts(page)
    assert "could not be read" in texts(page)
    tell(page, Progress(State.READING, folders=(Folder("/a", 0),)))
    assert "No notes" not in texts(page)


def test_a_failure_says_why_and_what_to_do(page, qtbot):
    tell(page, Progress(State.FAILED), failure="The disk is <b>full</b>", has_folders=False)
    assert "This did not work" in texts(page)
    assert "The disk is <b>full</b>" in texts(page)
    for text, signal in (
        ("Try again", page.refresh_wanted),
        ("Copy diagnostic report", page.report_wanted),
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button(page, text), Qt.MouseButton.LeftButton)
    assert button(page, "Try again").isDefault()
