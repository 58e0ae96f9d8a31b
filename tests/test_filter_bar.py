"""Chips, and the menus beside them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from test_window import a_hit, answer

from notesearch.core.query import parse
from notesearch.gui.filter_bar import FilterBar, as_typed, without
from notesearch.gui.main_window import MainWindow


@pytest.fixture
def bar(qtbot):
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.resize(900, 40)
    bar.show()
    return bar


def show(bar, text):
    bar.show_text(text)
    bar.show_query(parse(text))


def chips(bar):
    return [chip for chip in bar.findChildren(QPushButton) if chip.isVisible()]


def entries(bar, name):
    button = next(b for b in bar.findChildren(QToolButton) if b.accessibleName() == name)
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions()}


def test_each_filter_has_a_chip_that_says_what_it_does(bar):
    show(bar, 'bread tag:food "old oven" -rye tag:a OR tag:b')
    assert [chip.text() for chip in chips(bar)] == [
        "tag:food  ×", '"old oven"  ×', "-rye  ×", "tag:a OR tag:b  ×",
    ]  # fmt: skip
    assert chips(bar)[0].accessibleName() == "Filter tag:food: take it off"


@pytest.mark.parametrize(
    ("text", "number", "left"),
    [
        ("bread tag:food", 0, "bread "),
        ("tag:food bread", 0, "bread"),
        ("tag:food", 0, ""),
        ("a tag:x tag:xy b", 0, "a tag:xy b"),
        ("a tag:x tag:xy b", 1, "a tag:x b"),
        ("a tag:x OR tag:y b", 0, "a b"),
        ("a “old oven” b", 0, "a b"),
        ("path:a.*b c", 0, "c"),
        ("-tag:x c", 0, "c"),
    ],
)
def test_a_filter_is_taken_off_and_the_rest_stays(text, number, left):
    assert without(text, parse(text).clauses[number]) == left


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_chip_is_pressed_by_mouse_and_by_key(bar, qtbot, key):
    for press in (
        lambda chip: qtbot.mouseClick(chip, Qt.MouseButton.LeftButton),
        lambda chip: qtbot.keyClick(chip, key),
    ):
        show(bar, "bread tag:food")
        with qtbot.waitSignal(bar.rewritten) as said:
            press(chips(bar)[0])
        assert said.args == ["bread "]
        show(bar, "bread")


def test_what_there_is_no_room_for_is_counted(bar):
    bar.resize(360, 40)
    show(bar, " ".join(f"tag:rather-a-long-one-{n}" for n in range(5)))
    assert len(chips(bar)) < 5
    assert bar._chips._rest.text() == f"+{5 - len(chips(bar))}"
    bar.resize(2_000, 40)
    assert len(chips(bar)) == 5


def test_the_menu_writes_filters_behind_what_is_there(bar, qtbot):
    show(bar, "bread")
    with qtbot.waitSignal(bar.rewritten) as said:
        entries(bar, "Add a filter")["Changed in the last 7 days"].trigger()
    assert said.args == ["bread modified:7d "]
    assert as_typed(parse(said.args[0]).clauses[0]) == "modified:7d"


def test_kept_searches_are_asked_again_and_let_go(bar, qtbot):
    show(bar, "bread")
    bar.show_saved(["tag:work", "bread"])
    assert entries(bar, "Saved searches")["bread"].isChecked()
    with qtbot.waitSignal(bar.asked) as said:
        entries(bar, "Saved searches")["tag:work"].trigger()
    assert said.args == ["tag:work"]
    with qtbot.waitSignal(bar.keep_wanted):
        entries(bar, "Saved searches")["Remove this search"].trigger()
    bar.show_saved([])
    assert not entries(bar, "Saved searches")["No search is saved yet."].isEnabled()
    assert entries(bar, "Saved searches")["Save this search"].isEnabled()


def test_the_order_is_said_and_chosen(bar, qtbot):
    with qtbot.waitSignal(bar.sort_chosen) as said:
        entries(bar, "Sorted by Relevance")["Name"].trigger()
    assert said.args == ["name"]
    bar.show_sort("name")
    assert entries(bar, "Sorted by Name")["Name"].isChecked()


def test_in_the_window_a_chip_takes_its_filter_out_of_the_box(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.box.setText("bread tag:food")
    answer(window, a_hit(), clauses=parse("bread tag:food").clauses)
    qtbot.mouseClick(chips(window.filters)[0], Qt.MouseButton.LeftButton)
    assert window.box.text() == "bread "
    assert window.box.hasFocus()


def test_what_was_typed_before_there_is_an_answer_is_kept(bar, qtbot):
    bar.show_text("budget 2024")
    with qtbot.waitSignal(bar.rewritten) as said:
        entries(bar, "Add a filter")["Tag…"].trigger()
    assert said.args == ["budget 2024 tag:"]
    show(bar, "bread tag:food")
    bar.show_text("rye bread tag:food")
    with qtbot.waitSignal(bar.rewritten) as said:
        chips(bar)[0].click()
    assert said.args == ["rye bread "]
