"""The settings dialog, driven with real clicks and keys."""

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QFont, QKeySequence, QTextCursor, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from shiboken6 import isValid

from notesearch.core.ignore import reaches
from notesearch.core.notes import Folder, Progress, Removal, State
from notesearch.desktops import Binding
from notesearch.gui import theme
from notesearch.gui.appearance import Appearance
from notesearch.gui.hotkey import Registration
from notesearch.gui.key_text import key_text
from notesearch.gui.settings_confirmation import Confirmation
from notesearch.gui.settings_dialog import Machine, SettingsDialog
from notesearch.gui.settings_folder_list import FolderList, outer_of
from notesearch.gui.settings_page import Choice, Number, Switch, estimated
from notesearch.gui.settings_patterns import PatternsEdit
from notesearch.gui.style import style_sheet
from notesearch.gui.vault_row import shown_path
from notesearch.paths import UserPaths
from notesearch.settings import DECLARED, HOTKEY, Declared, Page, Settings

LEFT = Qt.MouseButton.LeftButton
KEY = "Key that opens and closes it, from anywhere"
OPENERS = (("code", "VS Code"), ("system", "System default"))
USER = UserPaths(Path("/config"), Path("/data"), Path("/state"))
NOW = Settings(
    folders=("/notes", "/team", "/usb"), ignored=("templates/", "!keep.md"),
    saved=("tag:project", "bread -rye"),
)  # fmt: skip
FOLDERS = (Folder("/notes", 1873), Folder("/team", 1), Folder("/usb", 4, available=False))
SIGNALS = ("changed", "count_wanted", "estimate_wanted", "sizes_wanted", "history_cleared",
           "read_anyway", "rebuild_wanted", "reveal_wanted", "delete_wanted", "recording",
           "retry_wanted", "login_wanted", "login_asked")  # fmt: skip


def check_command(command):
    return "" if "{path}" in command else "there is no {path} in it"


def bind(key, *, needed=False):
    steps = "Put this line into ~/.config/sway/config."
    return Binding("Sway", steps, f"bindsym {key} exec notesearch --toggle", needed=needed)


@pytest.fixture
def parent(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def opened(parent, qtbot):
    """Open the settings as the window does; `said` takes down every signal with its values."""

    def opened(page=Page.FOLDERS, settings=NOW):
        machine = Machine(OPENERS, check_command, reaches, bind)
        dialog = SettingsDialog(settings, USER, machine, parent)
        dialog.said = []
        for name in SIGNALS:
            getattr(dialog, name).connect(
                lambda *values, name=name: dialog.said.append((name, *values))
            )
        dialog.show_progress(Progress(State.CURRENT, folders=FOLDERS))
        with qtbot.waitExposed(dialog):
            dialog.open()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        dialog.show_page(page)
        return dialog

    return opened


def changes(dialog, before=NOW):
    """Return what each change makes of the settings, as the fields that are others then."""
    return [
        {
            one.name: getattr(change(before), one.name)
            for one in dataclasses.fields(Settings)
            if getattr(change(before), one.name) != getattr(before, one.name)
        }
        for name, change, *_ in (said for said in dialog.said if said[0] == "changed")
    ]


def asked(dialog, name):
    return [said[1:] for said in dialog.said if said[0] == name]


def seen(widget, kind):
    return [one for one in widget.findChildren(kind) if one.isVisible()]


def button(widget, text) -> QPushButton:
    found = [b for b in seen(widget, QPushButton) if b.text().replace("&", "") == text]
    assert len(found) == 1, (text, [b.text() for b in seen(widget, QPushButton)])
    return found[0]


def offered(widget, text) -> bool:
    return any(b.text().replace("&", "") == text for b in seen(widget, QPushButton))


def click(qtbot, widget, text) -> None:
    qtbot.mouseClick(button(widget, text), LEFT)


def labels(widget) -> str:
    return "\n".join(label.text() for label in seen(widget, QLabel))


def named(dialog, name):
    """Return the visible control of this accessible name."""
    found = [w for w in seen(dialog, QWidget) if w.accessibleName() == name]
    assert len(found) == 1, name
    return found[0]


def names(dialog) -> QListWidget:
    return named(dialog, "Pages of the settings")


# The dialog ---------------------------------------------------------------------------------


def test_it_opens_with_the_keys_in_the_list_and_up_and_down_turn_the_pages(opened, qtbot):
    dialog = opened()
    assert names(dialog).hasFocus()
    for page in list(Page)[1:]:
        qtbot.keyClick(names(dialog), Qt.Key.Key_Down)
        assert names(dialog).currentItem().text() == page.value
        assert page.value in labels(dialog)
    qtbot.keyClick(names(dialog), Qt.Key.Key_Up)
    assert names(dialog).currentItem().text() == "Reading"
    assert asked(dialog, "changed") == []


@pytest.mark.parametrize(
    ("page", "first"),
    [(Page.FOLDERS, "Folders that are searched"), (Page.SEARCH, "A match must be"),
     (Page.QUICK_SEARCH, KEY), (Page.APPEARANCE, "Colours"), (Page.OPENING, "Enter opens with"),
     (Page.READING, "Threads"), (Page.PRIVACY, "Show in folder: The settings")],
)  # fmt: skip
def test_tab_leads_into_the_page_and_shift_tab_back(opened, qtbot, page, first):
    dialog = opened(page)
    names(dialog).setFocus()
    qtbot.keyClick(names(dialog), Qt.Key.Key_Tab)
    inside = QApplication.focusWidget()
    if page is Page.PRIVACY:
        assert inside.accessibleName().startswith("Show in folder: The index")
        qtbot.keyClick(inside, Qt.Key.Key_Tab)
        assert QApplication.focusWidget().accessibleName() == first
        return
    assert inside.accessibleName() == first
    qtbot.keyClick(inside, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert names(dialog).hasFocus()


@pytest.mark.parametrize("how", ["Escape", "Close"])
def test_it_closes_for_good_and_has_nothing_to_save(opened, qtbot, how):
    dialog = opened(Page.APPEARANCE)
    if how == "Close":
        click(qtbot, dialog, "Close")
    else:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(dialog))


def test_enter_in_a_field_closes_nothing(opened, qtbot):
    dialog = opened(Page.READING)
    threads = named(dialog, "Threads")
    threads.setFocus()
    qtbot.keyClick(threads, Qt.Key.Key_Return)
    assert dialog.isVisible()


@pytest.mark.parametrize("page", Page)
def test_whatever_takes_the_keys_has_a_name_for_those_who_cannot_see_it(opened, page):
    dialog = opened(page)
    dialog.show_progress(Progress(State.ON_BATTERY))
    dialog.show_settings(dataclasses.replace(NOW, opener="custom"))
    takers = [w for w in seen(dialog, QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(takers) > 2
    for widget in takers:
        if widget.objectName() == "qt_spinbox_lineedit":
            continue
        said = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        assert said, widget


@pytest.mark.parametrize("page", Page)
@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK])
def test_each_page_can_be_reached_in_a_small_window(opened, parent, page, scale, look):
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * scale)
    parent.setStyleSheet(style_sheet(look, font))
    dialog = opened(page)
    dialog.setFont(font)
    dialog.resize(560, 420)
    assert (dialog.width(), dialog.height()) == (560, 420)
    assert not dialog.grab().isNull()
    areas = [area for area in seen(dialog, QScrollArea) if area.widget().accessibleName()]
    assert [area.widget().accessibleName() for area in areas] == [page.value]
    for one in (*seen(areas[0], QPushButton), *seen(areas[0], Choice), *seen(areas[0], Switch)):
        areas[0].ensureWidgetVisible(one, 0, 0)
        assert not one.visibleRegion().isEmpty()


@pytest.fixture
def zoom(parent, qapp):
    """Change the size of text as the window does."""
    appearance = Appearance()

    def zoom(percent):
        appearance.apply(Settings(zoom=percent))
        parent.setStyleSheet(style_sheet(theme.LIGHT, qapp.font()))

    # The window has its style before anything opens over it.
    zoom(100)
    yield zoom
    appearance.apply(Settings())


def test_it_grows_with_the_text_while_it_is_open_as_far_as_the_screen_goes(opened, zoom, qtbot):
    dialog = opened(Page.SEARCH)
    saved = named(dialog, "Saved searches")
    before, rows_before = dialog.height(), saved.height()
    room = dialog.screen().availableSize()
    zoom(300)
    qtbot.waitUntil(lambda: saved.height() > 1.5 * rows_before)
    assert before < dialog.height() < room.height()
    assert dialog.width() < room.width()
    assert saved.height() >= 3 * saved.sizeHintForRow(0)
    zoom(100)
    qtbot.waitUntil(lambda: (dialog.height(), saved.height()) == (before, rows_before))


@pytest.mark.parametrize("page", Page)
def test_with_larger_text_no_page_goes_beyond_the_side_and_no_name_of_one_is_cut(
    opened, zoom, qtbot, page
):
    zoom(150)
    dialog = opened(page, dataclasses.replace(NOW, opener="custom"))
    (area,) = (one for one in seen(dialog, QScrollArea) if one.widget().accessibleName())
    qtbot.waitUntil(lambda: names(dialog).viewport().width() >= names(dialog).sizeHintForColumn(0))
    assert area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("page", Page)
def test_no_two_things_on_a_page_have_the_same_key(opened, page):
    dialog = opened(page, dataclasses.replace(NOW, opener="custom"))
    dialog.show_progress(Progress(State.ON_BATTERY))
    leading = [one for one in seen(dialog, QLabel) if one.buddy() is not None]
    texts = [one.text() for one in (*leading, *seen(dialog, QAbstractButton)) if one.text()]
    keys = [QKeySequence.mnemonic(text).toString() for text in texts if "Show in" not in text]
    assert len(texts) > 1
    assert len(set(keys)) == len(keys)
    assert "" not in keys


def test_a_room_for_what_is_said_grows_with_the_text(opened, zoom, qtbot):
    dialog = opened(Page.FOLDERS)
    (said,) = (one for one in seen(dialog, QLabel) if one.text().startswith("Removing a folder"))
    zoom(200)
    qtbot.waitUntil(lambda: said.height() >= 2 * said.fontMetrics().lineSpacing())


# Declared settings --------------------------------------------------------------------------


def other_value(name):
    declared, default = DECLARED[name], getattr(Settings(), name)
    if declared.choices:
        values = [value for value, _ in declared.choices]
        return values[values.index(default) + 1]
    return default + 1 if declared.bounds else not default


@pytest.mark.parametrize("name", DECLARED)
def test_each_declared_setting_is_changed_by_a_key_at_once_and_once(opened, qtbot, name):
    declared = DECLARED[name]
    dialog = opened(declared.page)
    control = named(dialog, declared.name)
    assert declared.explanation in labels(dialog)
    control.setFocus()
    key = {Choice: Qt.Key.Key_Down, Number: Qt.Key.Key_Up, Switch: Qt.Key.Key_Space}
    qtbot.keyClick(control, key[type(control)])
    assert changes(dialog) == [{name: other_value(name)}]


@pytest.mark.parametrize("name", DECLARED)
def test_settings_that_change_elsewhere_are_shown_and_not_said(opened, name):
    dialog = opened(DECLARED[name].page)
    value = other_value(name)
    dialog.show_settings(dataclasses.replace(NOW, **{name: value}))
    control = named(dialog, DECLARED[name].name)
    if isinstance(control, Choice):
        assert control.currentData() == value
    else:
        assert value == (control.isChecked() if isinstance(control, Switch) else control.value())
    assert asked(dialog, "changed") == []


def test_a_new_declaration_appears_by_itself(opened, qtbot, monkeypatch):
    choices = (("relevance", "by relevance"), ("name", "by name"))
    monkeypatch.setitem(DECLARED, "sort", Declared(Page.SEARCH, "Order", "Of the list.", choices))
    dialog = opened(Page.SEARCH)
    qtbot.keyClick(named(dialog, "Order"), Qt.Key.Key_Down)
    assert changes(dialog) == [{"sort": "name"}]
    assert "Of the list." in labels(dialog)


def test_a_value_that_is_no_choice_is_shown_as_it_is(opened):
    dialog = opened(Page.OPENING)
    dialog.show_settings(dataclasses.replace(NOW, opener="ed"))
    assert named(dialog, "Enter opens with").currentText() == "ed"


def test_the_lowest_number_of_threads_is_said_in_a_word(opened):
    dialog = opened(Page.READING)
    assert named(dialog, "Threads").text() == "Automatic"
    dialog.show_settings(dataclasses.replace(NOW, threads=3))
    assert named(dialog, "Threads").text() == "3"


def test_what_is_to_be_chosen_begins_with_a_capital():
    said = [text for declared in DECLARED.values() for _, text in declared.choices]
    assert [text for text in said if text[0].islower()] == []


def test_a_typed_number_counts_once_it_is_complete(opened, qtbot):
    dialog = opened(Page.READING)
    threads = named(dialog, "Threads")
    threads.setFocus()
    threads.selectAll()
    qtbot.keyClicks(threads, "12")
    dialog.show_settings(NOW)
    assert threads.text() == "12"
    assert changes(dialog) == []
    qtbot.keyClick(threads, Qt.Key.Key_Tab)
    assert changes(dialog) == [{"threads": 12}]


@pytest.mark.parametrize(
    ("page", "name"), [(Page.SEARCH, "A match must be"), (Page.READING, "Threads")]
)
def test_the_wheel_scrolls_and_changes_nothing(opened, page, name):
    dialog = opened(page)
    control = named(dialog, name)
    control.setFocus()
    middle = QPointF(control.rect().center())
    event = QWheelEvent(
        middle, QPointF(control.mapToGlobal(control.rect().center())), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003  # Qt's signature
    )  # fmt: skip
    QApplication.sendEvent(control, event)
    assert asked(dialog, "changed") == []


# Folders ------------------------------------------------------------------------------------


def rows(dialog):
    view = dialog.findChild(FolderList)
    items = [view.topLevelItem(row) for row in range(view.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def select_row(qtbot, dialog, row) -> None:
    view = dialog.findChild(FolderList)
    middle = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=middle)


def choose(monkeypatch, folder) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_folders_are_listed_with_what_is_known_of_them(opened):
    dialog = opened()
    assert rows(dialog) == [
        ("/notes", "1,873 notes"),
        ("/team", "1 note"),
        ("/usb", "not available now; its notes are kept"),
    ]
    assert "The files stay as they are." in labels(dialog)
    assert not button(dialog, "Remove").isEnabled()


def test_folders_at_home_are_shown_as_people_write_them(opened):
    inside = str(Path.home() / "Documents" / "Notes")
    dialog = opened(settings=dataclasses.replace(NOW, folders=(inside,), new_notes=inside))
    shown = shown_path(Path(inside))
    assert [name for name, _ in rows(dialog)] == [shown]
    assert inside in dialog.findChild(FolderList).topLevelItem(0).toolTip(0)
    dialog.show_page(Page.OPENING)
    (label,) = (one for one in seen(dialog, QLabel) if one.text() == shown)
    assert label.toolTip() == inside


def test_folders_whose_changes_are_not_noticed_at_once_say_so_and_why(opened):
    dialog = opened()
    told = Folder("/team", 2, unwatched="it is on a <network> drive")
    dialog.show_progress(Progress(State.CURRENT, folders=(told,)))
    assert rows(dialog)[1] == ("/team", "2 notes, looked through every minute")
    tip = dialog.findChild(FolderList).topLevelItem(1).toolTip(1)
    assert tip == "<p>Changes are not noticed at once: it is on a &lt;network&gt; drive</p>"
    dialog.show_progress(Progress(State.CURRENT, folders=(Folder("/team", 2),)))
    assert dialog.findChild(FolderList).topLevelItem(1).toolTip(1) == ""


@pytest.mark.parametrize("how", ["Remove", "Delete", "Backspace"])
def test_a_folder_is_removed_at_once_and_its_files_are_said_to_stay(opened, qtbot, how):
    dialog = opened()
    select_row(qtbot, dialog, 1)
    if how == "Remove":
        click(qtbot, dialog, how)
    else:
        qtbot.keyClick(dialog.findChild(FolderList), getattr(Qt.Key, f"Key_{how}"))
    assert changes(dialog) == [{"folders": ("/notes", "/usb")}]
    assert [path for path, _ in rows(dialog)] == ["/notes", "/usb"]
    assert "team is no longer searched; the files stay as they are." in labels(dialog)
    elsewhere = dataclasses.replace(NOW, folders=("/notes", "/team", "/more"))
    assert asked(dialog, "changed")[0][0](elsewhere).folders == ("/notes", "/more")


def test_delete_removes_one_folder_after_the_other(opened, qtbot):
    dialog = opened()
    view = dialog.findChild(FolderList)
    view.setFocus()
    view.clearSelection()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert len(rows(dialog)) == 3
    select_row(qtbot, dialog, 0)
    for left in (2, 1, 0):
        qtbot.keyClick(view, Qt.Key.Key_Delete)
        assert len(rows(dialog)) == left
    assert len(changes(dialog)) == 3
    assert not button(dialog, "Remove").isEnabled()
    assert "No folder is searched." in labels(dialog)


def test_a_folder_is_added_at_once_and_it_is_said_how_long_reading_takes(
    opened, qtbot, monkeypatch, tmp_path
):
    dialog = opened()
    choose(monkeypatch, tmp_path)
    click(qtbot, dialog, "Add folder…")
    assert rows(dialog)[-1] == (str(tmp_path), "about to be read")
    assert changes(dialog) == [{"folders": (*NOW.folders, str(tmp_path))}]
    assert asked(dialog, "estimate_wanted") == [(tmp_path,)]
    assert "counting its notes…" in labels(dialog)
    dialog.show_estimate(Path("/elsewhere"), 5, 5.0)
    assert "counting its notes…" in labels(dialog)
    dialog.show_estimate(tmp_path, 1240, 245.0)
    said = f"{tmp_path.name}: 1,240 notes, about 4 min to read; it can be searched meanwhile."
    assert said in labels(dialog)
    dialog.show_settings(dataclasses.replace(NOW, folders=(*NOW.folders, str(tmp_path))))
    dialog.show_progress(Progress(State.READING, folders=(Folder(str(tmp_path), 3),)))
    assert rows(dialog)[-1] == (str(tmp_path), "3 notes")
    assert said in labels(dialog)
    dialog.show_estimate(tmp_path, 0, 0.0)
    assert f"{tmp_path.name}: 0 notes. What is saved there later is found." in labels(dialog)


def test_how_long_reading_takes_is_said_roughly():
    assert estimated(1, None) == "1 note"
    assert estimated(2, 3.0) == "2 notes, less than a minute to read"
    assert estimated(2000, 600.0) == "2,000 notes, about 10 min to read"
    assert estimated(200_000, 20_000.0) == "200,000 notes, about 6 hours to read"


def test_a_folder_twice_or_inside_another_is_said_and_not_added(
    opened, qtbot, monkeypatch, tmp_path
):
    dialog = opened()
    (tmp_path / "sub" / ".hidden").mkdir(parents=True)
    for chosen, count, said in [
        (tmp_path, 4, "counting"),
        (tmp_path, 4, f"{tmp_path} is searched already."),
        (tmp_path / "sub", 4, f"It is searched already, as part of {tmp_path}."),
        ("", 4, "It is searched already, as part of"),
        (tmp_path / "sub" / ".hidden", 5, "counting"),
    ]:
        choose(monkeypatch, chosen)
        click(qtbot, dialog, "Add folder…")
        assert len(rows(dialog)) == count
        assert said in labels(dialog)
    assert len(changes(dialog)) == 2


def test_a_folder_around_another_is_added_and_the_inner_one_is_said_to_be_part(
    opened, qtbot, monkeypatch, tmp_path
):
    inner = tmp_path / "sub"
    inner.mkdir()
    dialog = opened(settings=Settings())
    for folder in (inner, tmp_path):
        choose(monkeypatch, folder)
        click(qtbot, dialog, "Add folder…")
    assert rows(dialog) == [
        (str(inner), "part of another folder"),
        (str(tmp_path), "about to be read"),
    ]


def test_folders_that_are_chosen_elsewhere_appear_and_the_selection_stays(opened, qtbot):
    dialog = opened()
    select_row(qtbot, dialog, 2)
    dialog.show_settings(dataclasses.replace(NOW, folders=("/notes", "/usb", "/more")))
    assert [path for path, _ in rows(dialog)] == ["/notes", "/usb", "/more"]
    assert dialog.findChild(FolderList).selected_paths() == ["/usb"]
    assert asked(dialog, "changed") == []


def test_markup_in_a_path_is_text(opened):
    dialog = opened(settings=Settings(folders=("/notes/<b>x</b>",)))
    item = dialog.findChild(FolderList).topLevelItem(0)
    assert item.toolTip(0) == "<p>/notes/&lt;b&gt;x&lt;/b&gt;</p>"


def test_a_folder_below_a_hidden_one_is_no_part_of_what_is_around_it():
    assert outer_of(Path("/notes/a/b"), ["/other", "/notes"], reaches) == "/notes"
    assert outer_of(Path("/notes"), ["/notes"], reaches) == "/notes"
    assert outer_of(Path("/notes/.a/b"), ["/notes"], reaches) is None
    assert outer_of(Path("/notes 2"), ["/notes"], reaches) is None


# Patterns -----------------------------------------------------------------------------------


def edit_of(dialog) -> PatternsEdit:
    return dialog.findChild(PatternsEdit)


def answer(dialog, qtbot, notes, *each):
    """Wait until a count is asked for, and answer as the engine would."""
    patterns = edit_of(dialog).patterns()
    qtbot.waitUntil(lambda: asked(dialog, "count_wanted")[-1:] == [(list(patterns),)])
    dialog.show_removal(Removal(patterns, notes, each))


def type_line(dialog, qtbot, text) -> None:
    edit = edit_of(dialog)
    edit.setFocus()
    edit.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.keyClicks(edit, text)


def test_what_patterns_leave_out_is_said_before_they_are_applied(opened, qtbot):
    dialog = opened()
    assert edit_of(dialog).toPlainText() == "templates/\n!keep.md"
    answer(dialog, qtbot, 202, 202, 0)
    assert "These patterns leave out 202 notes." in labels(dialog)
    assert "This line leaves out 202 notes." in labels(dialog)
    type_line(dialog, qtbot, "Daily/")
    qtbot.waitUntil(lambda: "Counting…" in labels(dialog))
    dialog.show_removal(Removal(("another/",), 9, (9,)))
    assert "Counting…" in labels(dialog)
    answer(dialog, qtbot, 214, 202, 0, 12)
    assert "These patterns leave out 214 notes." in labels(dialog)
    assert "This line leaves out 12 notes." in labels(dialog)
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Up)
    assert "This line leaves out nothing." in labels(dialog)
    qtbot.waitUntil(lambda: bool(changes(dialog)))
    assert changes(dialog) == [{"ignored": ("templates/", "!keep.md", "Daily/")}]


def test_a_line_that_is_no_pattern_is_named(opened, qtbot):
    dialog = opened()
    type_line(dialog, qtbot, "[b")
    answer(dialog, qtbot, 1, 1, 0, -1)
    assert "These patterns leave out 1 note. “[b” is not a pattern" in labels(dialog)
    assert "This line is not a pattern; it is passed over." in labels(dialog)
    assert [one.objectName() for one in seen(dialog, QLabel) if "This line" in one.text()] == [
        "warning"
    ]
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Up)
    assert "This line leaves out nothing." in labels(dialog)


def test_a_comment_and_an_empty_line_leave_out_nothing_worth_saying(opened, qtbot):
    dialog = opened(settings=Settings(ignored=("# drafts", "Drafts/")))
    answer(dialog, qtbot, 3, 0, 3)
    assert "These patterns leave out 3 notes." in labels(dialog)
    assert "This line" not in labels(dialog)
    type_line(dialog, qtbot, "")
    assert "This line" not in labels(dialog)


def test_what_comes_back_is_said_also_where_counting_takes_longer_than_typing_rests(opened, qtbot):
    dialog = opened(settings=Settings(ignored=("a/", "b/")))
    answer(dialog, qtbot, 100, 60, 40)
    edit_of(dialog).setPlainText("a/")
    qtbot.waitUntil(lambda: changes(dialog, Settings(ignored=("a/", "b/"))) != [])
    answer(dialog, qtbot, 60, 60)
    assert "40 notes come back" in labels(dialog)


def test_a_pattern_that_goes_brings_notes_back_and_that_is_said(opened, qtbot):
    dialog = opened(settings=Settings(ignored=("a/", "b/")))
    answer(dialog, qtbot, 100, 60, 40)
    # At once: on a busy machine typing may have rested before this comes to answer.
    dialog.count_wanted.connect(
        lambda patterns: dialog.show_removal(Removal(tuple(patterns), *after[tuple(patterns)]))
    )
    after = {("a/",): (60, (60,)), (): (0, ())}
    edit_of(dialog).setFocus()
    edit_of(dialog).moveCursor(QTextCursor.MoveOperation.End)
    for _ in "b/":
        qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: asked(dialog, "count_wanted")[-1:] == [(["a/"],)])
    back = "These patterns leave out 60 notes. 40 notes come back: read again in the background."
    assert back in labels(dialog)
    qtbot.waitUntil(lambda: changes(dialog, Settings(ignored=("a/", "b/"))) != [])
    assert back in labels(dialog)
    edit_of(dialog).setPlainText("")
    qtbot.waitUntil(lambda: asked(dialog, "count_wanted")[-1:] == [([],)])
    assert "Nothing is left out. 60 notes come back" in labels(dialog)


@pytest.mark.parametrize("how", ["Tab", "Escape", "rest"])
def test_patterns_are_applied_when_the_field_is_left_and_when_typing_rests(opened, qtbot, how):
    dialog = opened()
    type_line(dialog, qtbot, "*.tmp.md")
    if how == "rest":
        qtbot.waitUntil(lambda: bool(changes(dialog)))
    else:
        qtbot.keyClick(edit_of(dialog), getattr(Qt.Key, f"Key_{how}"))
    assert changes(dialog) == [{"ignored": ("templates/", "!keep.md", "*.tmp.md")}]


def test_what_changes_no_pattern_is_not_said(opened, qtbot):
    dialog = opened()
    type_line(dialog, qtbot, "   ")
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Return)
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Tab)
    assert changes(dialog) == []


def test_patterns_from_elsewhere_are_shown_but_not_over_what_is_being_typed(opened, qtbot):
    dialog = opened()
    elsewhere = dataclasses.replace(NOW, ignored=(*NOW.ignored, "Old/"))
    dialog.show_settings(elsewhere)
    assert edit_of(dialog).patterns() == elsewhere.ignored
    type_line(dialog, qtbot, "half a patt")
    dialog.show_settings(dataclasses.replace(NOW, ignored=(*elsewhere.ignored, "New/")))
    assert edit_of(dialog).patterns() == (*elsewhere.ignored, "half a patt")
    assert asked(dialog, "changed") == []


def test_patterns_that_another_process_adds_meanwhile_stay(opened, qtbot):
    dialog = opened()
    type_line(dialog, qtbot, "mine/")
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Tab)
    (change,) = asked(dialog, "changed")[0]
    theirs = dataclasses.replace(NOW, ignored=(*NOW.ignored, "theirs/"))
    assert change(theirs).ignored == ("templates/", "!keep.md", "mine/", "theirs/")


def test_delete_in_the_patterns_removes_no_folder(opened, qtbot):
    dialog = opened()
    select_row(qtbot, dialog, 0)
    edit_of(dialog).setFocus()
    qtbot.keyClick(edit_of(dialog), Qt.Key.Key_Delete)
    assert edit_of(dialog).toPlainText().startswith("emplates/")
    assert len(rows(dialog)) == 3


# Search -------------------------------------------------------------------------------------


def test_the_history_is_cleared_once(opened, qtbot):
    dialog = opened(Page.SEARCH)
    click(qtbot, dialog, "Clear history")
    assert asked(dialog, "history_cleared") == [()]
    assert not button(dialog, "Cleared").isEnabled()
    dialog.show_settings(dataclasses.replace(NOW, zoom=150))
    assert not button(dialog, "Cleared").isEnabled()


def test_turning_the_history_off_clears_it_and_says_so(opened, qtbot):
    dialog = opened(Page.SEARCH)
    assert "Turning it off clears what is kept." in labels(dialog)
    keeping = named(dialog, "Remember what was searched for")
    keeping.setFocus()
    qtbot.keyClick(keeping, Qt.Key.Key_Space)
    assert changes(dialog) == [{"history": False}]
    assert asked(dialog, "history_cleared") == [()]
    assert not button(dialog, "Cleared").isEnabled()
    qtbot.keyClick(keeping, Qt.Key.Key_Space)
    assert asked(dialog, "history_cleared") == [()]
    assert button(dialog, "Clear history").isEnabled()


@pytest.mark.parametrize("how", ["Remove", "Delete"])
def test_a_saved_search_is_let_go(opened, qtbot, how):
    dialog = opened(Page.SEARCH)
    saved = named(dialog, "Saved searches")
    assert not button(dialog, "Remove").isEnabled()
    saved.setFocus()
    saved.setCurrentRow(0)
    if how == "Remove":
        click(qtbot, dialog, "Remove")
    else:
        qtbot.keyClick(saved, Qt.Key.Key_Delete)
    assert changes(dialog) == [{"saved": ("bread -rye",)}]
    assert [saved.item(row).text() for row in range(saved.count())] == ["bread -rye"]
    dialog.show_settings(dataclasses.replace(NOW, saved=("new",)))
    assert [saved.item(row).text() for row in range(saved.count())] == ["new"]


# Quick search -------------------------------------------------------------------------------


def press(qtbot, dialog, key, held) -> None:
    """Have another key recorded, and press it."""
    click(qtbot, dialog, "Change…")
    qtbot.keyClick(named(dialog, KEY), key, held)


def command_shown(dialog) -> bool:
    return any(field.accessibleName() == "Command" for field in seen(dialog, QLineEdit))


def test_another_key_is_recorded_and_counts_at_once(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    assert named(dialog, KEY).text() == HOTKEY
    dialog.show_registration(Registration(HOTKEY, works=True))
    assert "It works from anywhere." in labels(dialog)
    press(qtbot, dialog, Qt.Key.Key_F9, Qt.KeyboardModifier.MetaModifier)
    assert "belong to the desktop" in labels(dialog)
    click(qtbot, dialog, "Use it anyway")
    assert changes(dialog) == [{"hotkey": "Meta+F9"}]
    assert asked(dialog, "recording") == [(True,), (False,)]
    assert named(dialog, KEY).text() == key_text("Meta+F9") == "Super+F9"
    assert "It works" not in labels(dialog)
    dialog.show_settings(dataclasses.replace(NOW, hotkey="Meta+F9"))
    dialog.show_registration(Registration("Meta+F9", works=True))
    assert "It works from anywhere." in labels(dialog)


def test_tab_goes_through_the_page_as_it_reads(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    dialog.show_registration(Registration(HOTKEY, works=False, reason="No."))
    gone = []
    named(dialog, KEY).setFocus()
    while (at := QApplication.focusWidget().accessibleName() or
           QApplication.focusWidget().text()) not in gone:  # fmt: skip
        gone.append(at)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert [one.replace("&", "") for one in gone][:9] == [
        KEY, "Change…", "Try again", "No key", "Command", "Copy", DECLARED["popup_closes"].name,
        DECLARED["stays_in_tray"].name,
        "Start notesearch at login",
    ]  # fmt: skip


def test_a_key_that_does_not_work_says_why_and_what_can_be_done(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    assert not command_shown(dialog)
    dialog.show_registration(Registration("F7", works=False, reason="Another one."))
    assert "Another one." not in labels(dialog)
    dialog.show_registration(Registration(HOTKEY, works=False, reason="Some program has it."))
    (said,) = (one for one in seen(dialog, QLabel) if one.text() == "Some program has it.")
    assert said.objectName() == "warning"
    assert "By a command, on Sway" in labels(dialog)
    assert "Put this line into ~/.config/sway/config." in labels(dialog)
    command = named(dialog, "Command")
    assert command.text() == "bindsym Ctrl+Alt+Space exec notesearch --toggle"
    assert command.isReadOnly()
    click(qtbot, dialog, "Copy")
    assert QApplication.clipboard().text() == command.text()
    assert button(dialog, "Copied")
    dialog.show_settings(dataclasses.replace(NOW, hotkey="F9"))
    assert named(dialog, "Command").text() == "bindsym F9 exec notesearch --toggle"


def test_a_key_that_does_not_work_is_asked_for_again(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    named(dialog, KEY).setFocus()
    dialog.show_registration(Registration(HOTKEY, works=False, reason="Some program has it."))
    button(dialog, "Try again").setFocus()
    qtbot.keyClick(button(dialog, "Try again"), Qt.Key.Key_Space)
    assert asked(dialog, "retry_wanted") == [()]
    assert "Some program has it." not in labels(dialog)
    assert "Trying again…" in labels(dialog)
    assert button(dialog, "Try again").hasFocus()
    dialog.show_registration(Registration(HOTKEY, works=False, reason="Some program has it."))
    assert "Some program has it." in labels(dialog)
    dialog.show_registration(Registration(HOTKEY, works=True))
    assert "It works from anywhere." in labels(dialog)
    assert not offered(dialog, "Try again")
    assert named(dialog, KEY).hasFocus()


REFUSED = Registration("Meta+F9", works=False, reason="Some program has it.")
SAID = "Super+F9 cannot be used. Some program has it. Ctrl+Alt+Space is kept."


@pytest.fixture
def refused(opened, qtbot):
    """A key was chosen that could not be had, and the settings went back to the former one."""
    dialog = opened(Page.QUICK_SEARCH)
    press(qtbot, dialog, Qt.Key.Key_F9, Qt.KeyboardModifier.MetaModifier)
    click(qtbot, dialog, "Use it anyway")
    dialog.show_settings(dataclasses.replace(NOW, hotkey="Meta+F9"))
    dialog.show_registration(REFUSED)
    dialog.show_refused(REFUSED, HOTKEY)
    dialog.show_settings(NOW)
    return dialog


def test_of_a_refused_key_it_is_said_why_and_that_the_former_one_is_kept(refused):
    assert named(refused, KEY).text() == key_text(HOTKEY)
    (said,) = (one for one in seen(refused, QLabel) if one.text() == SAID)
    assert said.objectName() == "warning"
    refused.show_registration(Registration(HOTKEY, works=True))
    assert SAID in labels(refused)
    assert not offered(refused, "Try again")
    assert not command_shown(refused)


def test_the_former_key_may_have_come_back_before(opened):
    dialog = opened(Page.QUICK_SEARCH)
    dialog.show_registration(Registration(HOTKEY, works=True))
    dialog.show_refused(REFUSED, HOTKEY)
    assert SAID in labels(dialog)
    dialog.show_refused(REFUSED, "")
    assert "Some program has it." in labels(dialog)
    assert "kept" not in labels(dialog)


@pytest.mark.parametrize("how", ["another", "page", "elsewhere", "closed"])
def test_that_is_said_until_the_user_goes_on(refused, qtbot, how):
    refused.show_registration(Registration(HOTKEY, works=True))
    if how == "another":
        press(qtbot, refused, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    elif how == "page":
        refused.show_page(Page.SEARCH)
        refused.show_page(Page.QUICK_SEARCH)
        assert "It works from anywhere." in labels(refused)
    elif how == "elsewhere":
        refused.show_settings(dataclasses.replace(NOW, hotkey="F7"))
    else:
        refused.hide()
        refused.show()
    assert SAID not in labels(refused)


def test_what_the_system_calls_the_key_is_said_where_it_is_another_name(opened):
    dialog = opened(Page.QUICK_SEARCH)
    dialog.show_registration(Registration(HOTKEY, works=True, shown="Press Super+Space"))
    assert "It works from anywhere. The system calls it Press Super+Space." in labels(dialog)
    dialog.show_registration(Registration(HOTKEY, works=True, shown=named(dialog, KEY).text()))
    assert "The system calls it" not in labels(dialog)


def test_the_command_is_behind_a_link_where_the_key_works(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    dialog.show_registration(Registration(HOTKEY, works=True))
    assert not command_shown(dialog)
    click(qtbot, dialog, "Open it by a command…")
    assert command_shown(dialog)
    assert QApplication.focusWidget() is button(dialog, "Copy")


def test_the_command_is_always_shown_where_programs_get_no_keys(parent):
    machine = Machine(OPENERS, check_command, reaches, lambda key: bind(key, needed=True))
    dialog = SettingsDialog(NOW, USER, machine, parent)
    dialog.open()
    dialog.show_page(Page.QUICK_SEARCH)
    dialog.show_registration(Registration(HOTKEY, works=True))
    assert command_shown(dialog)
    dialog.close()


def test_without_a_key_that_is_said(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    click(qtbot, dialog, "No key")
    assert changes(dialog) == [{"hotkey": ""}]
    assert "No key opens it." in labels(dialog)
    assert named(dialog, KEY).text() == ""


def test_closing_the_dialog_while_a_key_is_recorded_ends_that(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    click(qtbot, dialog, "Change…")
    said = dialog.said
    click(qtbot, dialog, "Close")
    assert [values for name, *values in said if name == "recording"] == [[True], [False]]


def test_start_at_login_is_asked_for_and_shown_with_its_place(opened, qtbot):
    dialog = opened(Page.QUICK_SEARCH)
    assert asked(dialog, "login_asked")
    login = named(dialog, "Start notesearch at login")
    assert not login.isChecked()
    qtbot.mouseClick(login, LEFT, pos=QPoint(12, login.height() // 2))
    assert asked(dialog, "login_wanted") == [(True,)]
    dialog.show_login(enabled=True, place="/home/me/.config/autostart/x.desktop")
    assert login.isChecked()
    assert "It is kept in /home/me/.config/autostart/x.desktop" in labels(dialog)
    assert "x.desktop" in login.accessibleDescription()
    dialog.show_login(enabled=False, place="/x", problem="/x cannot be written: it is full.")
    assert not login.isChecked()
    assert "It is kept in" not in labels(dialog)
    (said,) = (one for one in seen(dialog, QLabel) if "it is full" in one.text())
    assert said.objectName() == "warning"
    assert changes(dialog) == []
    # The desktop's own settings may have been used meanwhile.
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    dialog.said.clear()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: asked(dialog, "login_asked") == [()])
    dialog.show_page(Page.SEARCH)
    dialog.show_page(Page.QUICK_SEARCH)
    assert asked(dialog, "login_asked") == [(), ()]


# Opening notes ------------------------------------------------------------------------------


def test_programs_are_offered_in_the_order_they_were_given_in(opened, qtbot):
    dialog = opened(Page.OPENING)
    first, second = (named(dialog, f"{key} opens with") for key in ("Enter", "Ctrl+Enter"))
    programs = ["VS Code", "System default", "Custom command…"]
    assert [first.itemText(row) for row in range(first.count())] == programs
    assert [second.itemText(row) for row in range(second.count())] == ["Automatic", *programs]
    assert (first.currentText(), second.currentText()) == ("System default", "Automatic")
    qtbot.keyClick(first, Qt.Key.Key_Up)
    qtbot.keyClick(second, Qt.Key.Key_Down)
    assert changes(dialog) == [{"opener": "code"}, {"second_opener": "code"}]


def command_of(dialog) -> QLineEdit:
    return named(dialog, "Custom command")


def test_a_custom_command_is_judged_at_once_and_saved_only_if_it_is_one(opened, qtbot):
    dialog = opened(Page.OPENING)
    assert "{heading}" not in labels(dialog)
    qtbot.keyClick(named(dialog, "Enter opens with"), Qt.Key.Key_Down)
    assert "{heading} for the heading" in labels(dialog)
    command = command_of(dialog)
    assert command.hasFocus()
    qtbot.keyClicks(command, "ed +{line}")
    assert "there is no {path} in it" in labels(dialog)
    qtbot.keyClick(command, Qt.Key.Key_Return)
    dialog.show_settings(dataclasses.replace(NOW, opener="custom"))
    assert command.text() == "ed +{line}"
    assert changes(dialog) == [{"opener": "custom"}]
    qtbot.keyClicks(command, " {path}")
    assert "there is no" not in labels(dialog)
    qtbot.keyClick(command, Qt.Key.Key_Return)
    assert changes(dialog)[1:] == [{"command": "ed +{line} {path}"}]
    assert dialog.isVisible()


def test_a_command_is_taken_up_when_typing_rests_and_when_the_dialog_closes(opened, qtbot):
    dialog = opened(Page.OPENING, dataclasses.replace(NOW, opener="custom", command="ed {path}"))
    command = command_of(dialog)
    command.setFocus()
    qtbot.keyClicks(command, "!")
    qtbot.waitUntil(lambda: changes(dialog) == [{"command": "ed {path}!"}])
    qtbot.keyClicks(command, "!")
    qtbot.keyClick(command, Qt.Key.Key_Escape)
    assert changes(dialog)[-1] == {"command": "ed {path}!!"}


def test_the_folder_for_new_notes_is_chosen_and_given_back(opened, qtbot, monkeypatch, tmp_path):
    dialog = opened(Page.OPENING)
    assert "The first folder that is searched" in labels(dialog)
    assert not button(dialog, "Use the first folder").isEnabled()
    choose(monkeypatch, "")
    click(qtbot, dialog, "Choose…")
    assert changes(dialog) == []
    choose(monkeypatch, tmp_path)
    click(qtbot, dialog, "Choose…")
    assert changes(dialog) == [{"new_notes": str(tmp_path)}]
    now = dataclasses.replace(NOW, new_notes="/inbox")
    dialog.show_settings(now)
    assert "/inbox" in labels(dialog)
    click(qtbot, dialog, "Use the first folder")
    assert changes(dialog, now)[-1] == {"new_notes": ""}


# Reading ------------------------------------------------------------------------------------


def test_on_battery_reading_can_be_wanted_anyway(opened, qtbot):
    dialog = opened(Page.READING)
    assert "runs on battery" not in labels(dialog)
    dialog.show_progress(Progress(State.ON_BATTERY))
    assert "runs on battery" in labels(dialog)
    click(qtbot, dialog, "Read now anyway")
    assert asked(dialog, "read_anyway") == [()]
    dialog.show_progress(Progress(State.EMBEDDING))
    assert "runs on battery" not in labels(dialog)


def question_of(dialog, qtbot) -> Confirmation:
    qtbot.waitUntil(lambda: any(one.isVisible() for one in dialog.findChildren(Confirmation)))
    return dialog.findChild(Confirmation)


@pytest.mark.parametrize(
    ("how", "count"), [("Read again", 1), ("Keep", 0), ("Escape", 0), ("Return", 0)]
)
def test_reading_everything_again_is_asked_about_with_an_estimate(opened, qtbot, how, count):
    dialog = opened(Page.READING)
    click(qtbot, dialog, "Read everything again…")
    assert asked(dialog, "estimate_wanted") == [(None,)]
    question = question_of(dialog, qtbot)
    assert "Counting your notes…" in labels(question)
    dialog.show_estimate(None, 12_400, 2_400.0)
    assert "12,400 notes, about 40 min to read." in labels(question)
    assert asked(dialog, "rebuild_wanted") == []
    if how in {"Read again", "Keep"}:
        click(qtbot, question, how)
    else:
        qtbot.keyClick(question, getattr(Qt.Key, f"Key_{how}"))
    qtbot.waitUntil(lambda: not isValid(question))
    assert asked(dialog, "rebuild_wanted") == [()] * count
    dialog.show_estimate(None, 1, 1.0)


def test_what_another_process_keeps_is_not_read_again_here(opened):
    dialog = opened(Page.READING)
    dialog.show_progress(Progress(State.ELSEWHERE))
    assert not button(dialog, "Read everything again…").isEnabled()
    assert "Another notesearch window keeps the index now" in labels(dialog)


# Privacy ------------------------------------------------------------------------------------

SIZES = [("/data", "213.4 MB"), ("/config/settings.json", "1 KB"), ("/somewhere", "5 KB")]


def test_it_is_said_what_is_stored_where_and_that_nothing_leaves_the_machine(opened, qtbot):
    dialog = opened()
    assert asked(dialog, "sizes_wanted") == []
    dialog.show_page(Page.PRIVACY)
    assert asked(dialog, "sizes_wanted") == [()]
    assert "What leaves this machine: nothing." in labels(dialog)
    dialog.show_data(SIZES)
    for text in ("/data", "213.4 MB", "/config/settings.json", "1 KB", "/state/notesearch.log"):
        assert text in labels(dialog)
    assert "5 KB" not in labels(dialog)
    qtbot.keyClick(named(dialog, "Show in folder: The settings"), Qt.Key.Key_Space)
    assert asked(dialog, "reveal_wanted") == [(Path("/config/settings.json"),)]


@pytest.mark.parametrize(
    ("how", "count"), [("Delete", 1), ("Keep", 0), ("Escape", 0), ("Return", 0)]
)
def test_deleting_the_index_is_asked_about(opened, qtbot, how, count):
    dialog = opened(Page.PRIVACY)
    dialog.show_data(SIZES)
    click(qtbot, dialog, "Delete the index…")
    question = question_of(dialog, qtbot)
    for text in ("(213.4 MB)", "search history", "lists of folders", "Your notes stay as they are"):
        assert text in labels(question)
    assert button(question, "Keep").isDefault()
    if how in {"Delete", "Keep"}:
        click(qtbot, question, how)
    else:
        qtbot.keyClick(question, getattr(Qt.Key, f"Key_{how}"))
    qtbot.waitUntil(lambda: not isValid(question))
    assert asked(dialog, "delete_wanted") == [()] * count
    assert dialog.isVisible()


def test_nothing_is_said_by_merely_looking_at_every_page(opened, qtbot):
    dialog = opened()
    for page in Page:
        dialog.show_page(page)
        qtbot.wait(1)
    dialog.show_settings(NOW)
    assert {said[0] for said in dialog.said} <= {"count_wanted", "sizes_wanted", "login_asked"}
    assert len(seen(dialog, QPlainTextEdit)) == 0
