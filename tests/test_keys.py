"""Every key of the help does what the help says, pressed in the real window."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from test_window import a_hit, answer, selected, titles

from notesearch.core.notes import Followed, Hit, Passages, Preview, Query, Results
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.keys import ACTIONS, BY_ACT, Act, Where
from notesearch.gui.main_window import MainWindow
from notesearch.gui.quick_search import QuickSearch
from notesearch.gui.side_pane import View

TEXT = "# Bread\n\nThe dough rests. A second dough, and a third dough. See [[Other]].\n"


@pytest.fixture
def window(qtbot):
    window = MainWindow([("bread", "notes about that")])
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.show()
    window.activateWindow()
    window.box.setFocus()
    qtbot.waitUntil(window.box.hasFocus)
    return window


@pytest.fixture
def heard(window):
    """What the window announces, by the names of its signals."""
    said = []
    for name in (
        "open_requested", "used", "create_requested", "search_kept", "sort_chosen", "zoom_wanted",
        "settings_wanted", "refresh_wanted", "quit_wanted", "closing", "spread_wanted",
        "relate_wanted", "follow_wanted",
    ):  # fmt: skip
        getattr(window, name).connect(lambda *values, name=name: said.append((name, *values)))
    return said


def hits(count=12):
    return tuple(
        a_hit(f"Note {n}", path=f"{n}.md", passage=TEXT, matches=((13, 18),)) for n in range(count)
    )


def filled(window, text="dough"):
    window.box.setText(text)
    answer(window, *hits())
    return window.results.current()


def press(window, key, *, on=None):
    combination = QKeySequence(key)[0]
    target = on or QGuiApplication.focusObject() or window.box
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def shown(window, qtbot):
    """Bring the note of the chosen row into the pane."""
    hit = window.results.current()
    qtbot.waitUntil(lambda: window.pane._hit == hit)
    preview = Preview(hit.file, Path(hit.folder), hit.title, "", TEXT, "", words=("dough",))
    window.take(preview)
    return preview


# What each act is to do: the key is pressed by each of these, with what has the keys then ---------


def focus(window, key, **_):
    filled(window)
    window.pane.preview.setFocus()
    press(window, key)
    assert window.box.hasFocus()
    assert window.box.selectedText() == "dough"


def clear(window, key, **_):
    filled(window)
    press(window, key)
    assert not window.box.text()


def older(window, key, **_):
    for text in ("first", "second"):
        window.history.add(text)
    window.box.setText("draft")
    press(window, key)
    assert window.box.text() == "second"
    press(window, key)
    assert window.box.text() == "first"
    press(window, key)
    assert window.box.text() == "first"


def newer(window, key, **_):
    older(window, BY_ACT[Act.OLDER].keys[0])
    press(window, key)
    assert window.box.text() == "second"
    press(window, key)
    assert window.box.text() == "draft"
    press(window, key)
    assert window.box.text() == "draft"


def save_search(window, key, heard, **_):
    filled(window)
    press(window, key)
    assert ("search_kept", "dough") in heard


def suggestion(window, key, **_):
    for part in (window.box, window.pane.preview):
        window.box.setText("duogh")
        found = Results(Query("duogh", words=("duogh",)), hits(), suggestion="dough")
        window.take(found)
        part.setFocus()
        press(window, key)
        assert window.box.text() == "dough"


def up(window, key, **_):
    filled(window)
    press(window, key)
    assert selected(window) == "Note 11"
    press(window, key)
    assert selected(window) == "Note 10"
    assert window.box.hasFocus()


def down(window, key, **_):
    filled(window)
    press(window, key)
    assert selected(window) == "Note 1"
    for _step in range(11):
        press(window, key)
    assert selected(window) == "Note 0"
    assert window.box.hasFocus()


def page_down(window, key, **_):
    filled(window)
    press(window, key)
    assert selected(window) not in {"Note 0", "Note 1", "Note 11"}
    for _step in range(12):
        press(window, key)
    assert selected(window) == "Note 11"


def page_up(window, key, **_):
    filled(window)
    press(window, "End")
    press(window, key)
    assert selected(window) not in {"Note 0", "Note 10", "Note 11"}
    for _step in range(12):
        press(window, key)
    assert selected(window) == "Note 0"


def first(window, key, **_):
    filled(window)
    press(window, "End")
    press(window, key)
    assert selected(window) == "Note 0"
    press(window, f"Ctrl+{key}")
    assert window.box.cursorPosition() == 0


def last(window, key, **_):
    filled(window)
    press(window, key)
    assert selected(window) == "Note 11"
    window.box.setCursorPosition(0)
    press(window, f"Ctrl+{key}")
    assert window.box.cursorPosition() == len("dough")


def nth(window, key, heard, **_):
    filled(window)
    press(window, key)
    number = int(key[-1])
    assert heard[-1][0] == "open_requested"
    assert heard[-1][1].title == f"Note {number - 1}"


def passages(window, key, heard, **_):
    window.box.setText("dough")
    more = a_hit("Bread", passage=TEXT, matches=((13, 18),), more=1)
    answer(window, more, a_hit("Other", path="Other.md"))
    press(window, key)
    assert heard[-1] == ("spread_wanted", more, "dough")
    further = a_hit("Bread", passage="More dough", heading="Second", line=9)
    window.take(Passages("dough", more.file, (further,)))
    assert window.results.list.model().rowCount() == 3
    press(window, "Down")
    assert window.results.current() == further
    press(window, "Up")
    press(window, key)
    assert window.results.list.model().rowCount() == 2


def sort(window, key, heard, **_):
    window.box.setText("dough")
    answer(window, a_hit("B", path="B.md", modified=2.0), a_hit("a", path="a.md", modified=1.0))
    for expected, order in (
        ("modified", ["B", "a"]), ("name", ["a", "B"]), ("relevance", ["B", "a"]),
    ):  # fmt: skip
        press(window, key)
        assert heard[-1] == ("sort_chosen", expected)
        window.set_sort(expected)
        assert titles(window) == order


def opens(window, key, heard, **_):
    hit = filled(window)
    press(window, key)
    assert heard[-1] == ("open_requested", hit)


def used(act):
    def check(window, key, heard, **_):
        hit = filled(window)
        press(window, key)
        assert heard[-1] == ("used", act, hit)

    return check


def copy_passage(window, key, heard, **_):
    used(Act.COPY_PASSAGE)(window, key, heard)
    window.box.selectAll()
    press(window, key)
    assert len(heard) == 1
    assert QGuiApplication.clipboard().text() == "dough"


def create(window, key, heard, **_):
    window.box.setText("  A new\tnote ")
    press(window, key)
    assert heard[-1] == ("create_requested", "A new note")


def menu(window, key, qtbot, **_):
    filled(window)
    press(window, key)
    qtbot.waitUntil(lambda: window.menu is not None and window.menu.isVisible())
    assert "Open" in {action.text() for action in window.findChild(QMenu, "row").actions()}
    window.menu.close()


def why(window, key, **_):
    filled(window)
    press(window, key)
    assert window.pane.view is View.WHY
    press(window, key)
    assert window.pane.view is View.NOTE


def related(window, key, qtbot, heard, **_):
    hit = filled(window)
    press(window, key)
    assert window.pane.view is View.RELATED
    qtbot.waitUntil(lambda: ("relate_wanted", hit) in heard)
    press(window, key)
    assert window.pane.view is View.NOTE


def why_not(window, key, **_):
    filled(window)
    press(window, key)
    assert window.why_not.has_keys()
    press(window, key)
    assert window.box.hasFocus()


def read(window, key, qtbot, **_):
    filled(window)
    shown(window, qtbot)
    press(window, key)
    assert window.pane.preview.hasFocus()
    press(window, "Shift+Tab")
    assert window.box.hasFocus()


def find(window, key, qtbot, **_):
    filled(window)
    shown(window, qtbot)
    press(window, key)
    QTest.keyClicks(QGuiApplication.focusObject(), "third")
    assert window.pane.preview.place == (1, 1)
    press(window, "Esc")
    assert window.box.hasFocus()


def current_match(window):
    return window.pane.preview.place[0]


def next_match(window, key, qtbot, **_):
    filled(window)
    shown(window, qtbot)
    seen = []
    for _step in range(4):
        press(window, key)
        seen.append(current_match(window))
    assert len(set(seen)) == 3
    assert seen[3] == seen[0]


def previous_match(window, key, qtbot, **_):
    filled(window)
    shown(window, qtbot)
    press(window, "F3")
    start = current_match(window)
    press(window, "F3")
    press(window, key)
    assert current_match(window) == start


def back(window, key, qtbot, heard, **_):
    filled(window)
    here = shown(window, qtbot)
    window.pane.preview.setFocus()
    press(window, "Tab")
    press(window, "Return")
    assert heard[-1] == ("follow_wanted", here.file, here.folder, "Other")
    there = Preview(Path("/notes/Other.md"), Path("/notes"), "Other", "", "Elsewhere.\n", "")
    window.take(Followed(here.file, "Other", there))
    assert "Elsewhere" in window.pane.preview.toPlainText()
    press(window, key)
    assert "The dough rests" in window.pane.preview.toPlainText()


def forward(window, key, qtbot, heard, **_):
    back(window, BY_ACT[Act.BACK].keys[0], qtbot, heard)
    press(window, key)
    assert "Elsewhere" in window.pane.preview.toPlainText()


def next_result(window, key, **_):
    filled(window)
    window.pane.preview.setFocus()
    press(window, key)
    assert selected(window) == "Note 1"
    assert window.pane.preview.hasFocus()


def previous_result(window, key, **_):
    filled(window)
    window.pane.preview.setFocus()
    press(window, key)
    assert selected(window) == "Note 11"


def settings(window, key, heard, **_):
    press(window, key)
    assert ("settings_wanted",) in heard


def shows_help(window, key, qtbot, **_):
    press(window, key)
    dialog = window.findChild(HelpDialog)
    qtbot.waitUntil(dialog.isVisible)
    dialog.close()


def refresh(window, key, heard, **_):
    press(window, key)
    assert ("refresh_wanted",) in heard


def zoomed(steps):
    def check(window, key, heard, **_):
        press(window, key)
        assert ("zoom_wanted", steps) in heard

    return check


def close(window, key, heard, **_):
    press(window, key)
    assert not window.isVisible()
    assert ("closing",) in heard


def to_window(window, key, qtbot, **_):
    quick, wanted = QuickSearch(window), []
    qtbot.addWidget(quick)
    quick.window_wanted.connect(wanted.append)
    press(quick, key, on=quick.box)
    assert wanted == [None]


def leave(window, key, heard, **_):
    press(window, key)
    assert ("quit_wanted",) in heard


CHECKS = {
    Act.FOCUS: focus, Act.CLEAR: clear, Act.OLDER: older, Act.NEWER: newer,
    Act.SAVE_SEARCH: save_search, Act.SUGGESTION: suggestion, Act.UP: up, Act.DOWN: down,
    Act.PAGE_UP: page_up, Act.PAGE_DOWN: page_down, Act.FIRST: first, Act.LAST: last,
    Act.NTH: nth, Act.PASSAGES: passages, Act.SORT: sort, Act.OPEN: opens,
    Act.OPEN_SECOND: used(Act.OPEN_SECOND), Act.CREATE: create,
    Act.COPY_LINK: used(Act.COPY_LINK), Act.COPY_PASSAGE: copy_passage,
    Act.COPY_PATH: used(Act.COPY_PATH), Act.REVEAL: used(Act.REVEAL), Act.MENU: menu,
    Act.WHY: why, Act.RELATED: related, Act.WHY_NOT: why_not, Act.READ: read, Act.FIND: find,
    Act.NEXT_MATCH: next_match, Act.PREVIOUS_MATCH: previous_match, Act.BACK: back,
    Act.FORWARD: forward, Act.NEXT_RESULT: next_result, Act.PREVIOUS_RESULT: previous_result,
    Act.SETTINGS: settings, Act.HELP: shows_help, Act.REFRESH: refresh,
    Act.ZOOM_IN: zoomed(1), Act.ZOOM_OUT: zoomed(-1), Act.ZOOM_RESET: zoomed(0),
    Act.CLOSE: close, Act.QUIT: leave, Act.TO_WINDOW: to_window,
}  # fmt: skip


def test_every_act_is_declared_and_checked():
    assert set(CHECKS) == set(Act) == {action.act for action in ACTIONS}


def test_no_key_does_two_things():
    for places in ({Where.BOX, Where.WINDOW, Where.POPUP}, {Where.NOTE, Where.WINDOW}):
        keys = [key for action in ACTIONS if action.where in places for key in action.keys]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("act", "key"), [(action.act, key) for action in ACTIONS for key in action.keys]
)
def test_a_key_does_what_the_help_says(act, key, window, qtbot, heard):
    CHECKS[act](window, key, qtbot=qtbot, heard=heard)


WINDOW_WIDE = [
    (action.act, action.keys[0]) for action in ACTIONS
    if action.where is Where.WINDOW and action.act in {
        Act.OPEN_SECOND, Act.COPY_LINK, Act.COPY_PATH, Act.REVEAL, Act.NTH, Act.SETTINGS,
        Act.REFRESH, Act.ZOOM_IN,
    }
]  # fmt: skip


@pytest.mark.parametrize("pressed", WINDOW_WIDE)
def test_keys_of_the_window_work_from_the_note_too(pressed, window, qtbot, heard, monkeypatch):
    """The checks press where the keys are; here they are in the note."""
    real = press

    def from_the_note(window, key, *, on=None):
        window.pane.preview.setFocus()
        real(window, key, on=on)

    monkeypatch.setitem(globals(), "press", from_the_note)
    act, key = pressed
    CHECKS[act](window, key, qtbot=qtbot, heard=heard)


@pytest.mark.parametrize("key", ["Return", "Ctrl+Return", "Ctrl+2", "Ctrl+Shift+C", "Alt+Return"])
def test_what_is_pressed_before_the_answer_is_about_the_answer(key, window, heard):
    filled(window, "old")
    window.box.setText("new")
    press(window, key)
    assert not heard
    window.take(Results(Query("new", words=("new",)), (a_hit("New"), a_hit("Newer", path="N.md"))))
    about = heard[-1][-1]
    assert isinstance(about, Hit)
    assert about.title == ("Newer" if key == "Ctrl+2" else "New")


def test_nothing_is_opened_for_those_who_have_gone_on(window, heard):
    for goes_on in (
        window._patience.timeout.emit,
        lambda: press(window, "Down"),
        lambda: press(window, "Ctrl+,"),
        lambda: window.results.opened.emit(hits()[3]),
    ):  # fmt: skip
        filled(window, "old")
        window.box.setText("new")
        press(window, "Return")
        goes_on()
        heard.clear()
        window.take(Results(Query("new", words=("new",)), (a_hit("New"),)))
        assert not heard


def test_the_menu_is_about_the_row_that_it_was_opened_for(window, heard, qtbot):
    hit = filled(window)
    press(window, "Menu")
    qtbot.waitUntil(lambda: window.menu is not None and window.menu.isVisible())
    entries = {action.text(): action for action in window.menu.actions()}
    # The list lives on below it.
    answer(window, *hits()[3:])
    entries["Open"].trigger()
    assert heard[-1] == ("open_requested", hit)
    entries["Copy path"].trigger()
    assert heard[-1] == ("used", Act.COPY_PATH, hit)
    window.menu.close()
