"""The quick search over the real window: what the engine would say is said by the test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel
from test_window import a_hit, answer

from notesearch.core.notes import Passages, Problem, Progress, Query, Results, State
from notesearch.gui import geometry, quick_search
from notesearch.gui.keys import ACTIONS, Act, Where
from notesearch.gui.link_button import LinkButton
from notesearch.gui.main_window import MainWindow
from notesearch.gui.quick_search import QuickSearch
from notesearch.gui.results_model import ROW_ROLE
from notesearch.gui.row_list import MOVES
from notesearch.gui.row_menu import RowMenu
from notesearch.gui.row_words import Row

NO, CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip


def a_window(qtbot) -> MainWindow:
    """Return a window that is not shown, over three notes."""
    window = MainWindow()
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.take(Progress(State.CURRENT, notes=3, passages=3, embedded=3))
    return window


@pytest.fixture
def window(qtbot) -> MainWindow:
    return a_window(qtbot)


@pytest.fixture
def quick(qtbot, window) -> QuickSearch:
    quick = QuickSearch(window)
    qtbot.addWidget(quick)
    return quick


@pytest.fixture
def shown(qtbot, quick) -> QuickSearch:
    quick.present()
    qtbot.waitUntil(lambda: quick.isActiveWindow() and quick.box.hasFocus())
    return quick


@pytest.fixture
def full(shown, window) -> QuickSearch:
    """It lists three notes found for what was typed."""
    shown.box.setText("dough")
    answer(window, *(a_hit(t, path=f"{t}.md", more=2) for t in ("Bread", "Pizza", "Pasta")))
    return shown


def press(qtbot, quick, key) -> None:
    pressed = QKeySequence(key)[0]
    qtbot.keyClick(quick.box, pressed.key(), pressed.keyboardModifiers())


def titles(quick) -> list[str]:
    model = quick.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def selected(quick) -> str:
    return quick.list.currentIndex().data()


def texts(quick) -> str:
    return "\n".join(label.text() for label in quick.findChildren(QLabel) if label.isVisible())


# One search ---------------------------------------------------------------------------------


def test_what_is_typed_in_one_stands_in_the_other(qtbot, shown, window):
    asked = []
    window.asked.connect(lambda text, *_: asked.append(text))
    qtbot.keyClicks(shown.box, "dou")
    assert window.box.text() == "dou"
    assert asked == ["d", "do", "dou"]
    window.box.setText("oil")
    assert shown.box.text() == "oil"
    assert asked[-1] == "oil"


def test_it_shows_the_windows_rows_and_the_same_one_selected(qtbot, full, window):
    assert full.list.model() is window.results.list.model()
    assert full.list.itemDelegate() is window.results.list.itemDelegate()
    assert titles(full) == ["Bread", "Pizza", "Pasta"]
    press(qtbot, full, "Down")
    assert selected(full) == "Pizza" == window.results.current().title
    window.act(Act.DOWN)
    assert selected(full) == "Pasta"


def test_its_rows_show_one_line_of_a_passage(full, window):
    window.show()
    row = full.list.currentIndex()
    lower = full.list.sizeHintForIndex(row).height()
    assert lower < window.results.list.sizeHintForIndex(row).height()


def test_a_selection_made_here_stays_when_the_answer_is_renewed(qtbot, full, window):
    press(qtbot, full, "Down")
    answer(window, *(a_hit(t, path=f"{t}.md") for t in ("Newest", "Bread", "Pizza", "Pasta")))
    assert selected(full) == "Pizza"


def test_the_note_beside_the_windows_list_is_not_fetched_while_the_window_is_away(
    qtbot, full, window
):
    glanced = []
    window.glanced.connect(lambda hit, _: glanced.append(hit.title))
    press(qtbot, full, "Down")
    qtbot.wait(400)
    assert not glanced
    window.show()
    qtbot.waitUntil(lambda: glanced == ["Pizza"])


def test_it_shows_what_the_window_shows_when_it_is_made_later(qtbot, window):
    window.box.setText("dough")
    answer(window, a_hit())
    quick = QuickSearch(window)
    qtbot.addWidget(quick)
    quick.present()
    assert quick.box.text() == "dough"
    assert titles(quick) == ["Bread"]


# Coming and going ---------------------------------------------------------------------------


def test_the_last_query_is_selected(qtbot, full):
    full.leave()
    full.present()
    assert full.box.selectedText() == "dough"
    qtbot.keyClicks(full.box, "x")
    assert full.box.text() == "x"


def test_esc_clears_then_hides(qtbot, full, window):
    press(qtbot, full, "Esc")
    assert full.isVisible()
    assert full.box.text() == window.box.text() == ""
    assert window.history.texts == ("dough",)
    press(qtbot, full, "Esc")
    assert not full.isVisible()


def test_the_same_call_closes_it(shown):
    shown.toggle()
    assert not shown.isVisible()
    shown.toggle()
    assert shown.isVisible()


def test_it_closes_when_another_window_is_used(qtbot, shown, window):
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: not shown.isVisible())


def test_it_stays_where_the_user_wants_it_to(qtbot, shown, window):
    shown.closes = False
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert shown.isVisible()
    shown.toggle()
    qtbot.waitUntil(shown.isActiveWindow)
    shown.toggle()
    assert not shown.isVisible()


def test_the_press_that_took_the_keyboard_away_does_not_open_it_again(
    qtbot, shown, window, monkeypatch
):
    window.show()
    window.activateWindow()
    with monkeypatch.context() as patch:
        # However late a busy machine comes to see that it has closed.
        patch.setattr(quick_search, "SAME_PRESS_SECONDS", 600.0)
        qtbot.waitUntil(lambda: not shown.isVisible())
        shown.toggle()
        assert not shown.isVisible()
    qtbot.wait(int(1_000 * quick_search.SAME_PRESS_SECONDS) + 50)
    shown.toggle()
    assert shown.isVisible()


def test_one_that_never_got_the_keyboard_is_closed_by_the_next_call(quick, monkeypatch):
    monkeypatch.setattr(quick, "activateWindow", lambda: None)
    monkeypatch.setattr(quick, "isActiveWindow", lambda: False)
    quick.toggle()
    quick._had_keys = False
    assert quick.isVisible()
    quick.toggle()
    assert not quick.isVisible()


@pytest.mark.parametrize(
    "key", ["Enter", "Ctrl+Enter", "Alt+Enter", "Ctrl+C", "Ctrl+Shift+C", "Ctrl+Shift+Enter",
            "Ctrl+2", "Shift+Enter"],
)  # fmt: skip
def test_it_is_gone_when_something_was_done_with_a_note(qtbot, full, window, key):
    done = []
    window.open_requested.connect(lambda hit: done.append(hit.title))
    window.used.connect(lambda _, hit: done.append(hit.title))
    window.create_requested.connect(done.append)
    press(qtbot, full, key)
    assert done == [{"Ctrl+2": "Pizza", "Shift+Enter": "dough"}.get(key, "Bread")]
    qtbot.waitUntil(lambda: not full.isVisible())


def test_enter_waits_for_the_answer_to_what_was_typed(qtbot, full, window):
    opened = []
    window.open_requested.connect(lambda hit: opened.append(hit.title))
    full.box.setText("chain")
    press(qtbot, full, "Return")
    assert full.isVisible()
    answer(window, a_hit("Bicycle"))
    assert opened == ["Bicycle"]
    qtbot.waitUntil(lambda: not full.isVisible())


def test_what_was_pressed_is_forgotten_when_it_closes(qtbot, full, window):
    opened = []
    window.open_requested.connect(lambda hit: opened.append(hit.title))
    full.box.setText("chain")
    press(qtbot, full, "Return")
    full.leave()
    answer(window, a_hit("Bicycle"))
    assert not opened


def test_it_asks_anew_when_it_comes(quick, window):
    asked = []
    window.asked.connect(lambda text, *_: asked.append(text))
    came = []
    window.activated.connect(lambda: came.append(1))
    quick.present()
    assert asked == [""]
    assert came


# Keys ---------------------------------------------------------------------------------------


def test_its_own_key_leads_to_the_window(qtbot, full):
    wanted = []
    full.window_wanted.connect(wanted.append)
    press(qtbot, full, "Ctrl+E")
    assert wanted == [None]


def test_the_window_knows_nothing_of_that_key(qtbot, window):
    window.show()
    window.box.setText("dough")
    qtbot.keyClick(window.box, Qt.Key.Key_E, CTRL)
    assert window.isVisible()


@pytest.mark.parametrize(
    ("key", "act"),
    [("Ctrl+I", Act.WHY), ("Ctrl+D", Act.RELATED), ("Ctrl+F", Act.FIND),
     ("Ctrl+,", Act.SETTINGS), ("F1", Act.HELP), ("Ctrl+Shift+I", Act.WHY_NOT)],
)  # fmt: skip
def test_what_there_is_only_in_the_window_is_done_there(qtbot, full, key, act):
    wanted = []
    full.window_wanted.connect(wanted.append)
    press(qtbot, full, key)
    assert wanted == [act]


def test_every_other_key_is_the_windows(qtbot, full, window, monkeypatch):
    did = []
    monkeypatch.setattr(window, "act", lambda act, _=1: did.append(act))
    own = {
        Act.CLEAR, Act.CLOSE, Act.TO_WINDOW, Act.FOCUS, Act.READ, Act.PASSAGES, Act.MENU,
        *MOVES, *quick_search._THERE,
    }  # fmt: skip
    expected = []
    for action in ACTIONS:
        if action.where in {Where.BOX, Where.WINDOW} and action.act not in own:
            press(qtbot, full, action.keys[0])
            expected.append(action.act)
    assert did == expected
    assert len(did) > 15


def test_moving_goes_by_pages_of_its_own(qtbot, full, window):
    hits = [a_hit(f"Note {n}", path=f"{n}.md") for n in range(40)]
    full.box.setText("n")
    answer(window, *hits)
    press(qtbot, full, "PgDown")
    row = full.list.currentIndex().row()
    assert 1 < row < 20
    press(qtbot, full, "End")
    assert selected(full) == "Note 39"
    assert (
        full.list.viewport()
        .rect()
        .contains(full.list.visualRect(full.list.currentIndex()).center())
    )
    press(qtbot, full, "PgUp")
    assert 20 < full.list.currentIndex().row() < 39


def test_further_passages_are_shown_below_their_note(qtbot, full, window):
    press(qtbot, full, "Ctrl+G")
    further = [a_hit(path="Bread.md", passage=f"passage {n}", line=n) for n in range(2)]
    window.take(Passages("dough", Path("/notes/Bread.md"), tuple(further)))
    rows = [full.list.rows.index(n).data(ROW_ROLE) for n in range(5)]
    assert all(isinstance(row, Row) for row in rows)
    assert [row.further for row in rows] == [False, True, True, False, False]


def test_the_menu_of_a_row_comes_from_here(qtbot, full, window):
    wanted = []
    full.window_wanted.connect(wanted.append)
    press(qtbot, full, "Shift+F10")
    menu = window.menu
    assert isinstance(menu, RowMenu)
    assert menu.parent() is full
    assert full.isVisible()
    why = next(action for action in menu.actions() if action.text() == "Why this result?")
    why.trigger()
    menu.close()
    assert wanted == [Act.WHY]


# States -------------------------------------------------------------------------------------


def test_without_folders_it_leads_to_the_window(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    quick = QuickSearch(window)
    qtbot.addWidget(quick)
    wanted = []
    quick.window_wanted.connect(wanted.append)
    quick.present()
    qtbot.waitUntil(quick.isActiveWindow)
    assert "No folders yet" in texts(quick)
    assert not quick.box.isVisible()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert wanted == [None]
    window.set_folders(["/notes"])
    assert quick.box.isVisible()


def test_no_match_offers_what_the_window_offers(qtbot, shown, window):
    shown.box.setText("zebra")
    answer(window, weak=[a_hit("Horse")])
    assert "No close match" in texts(shown)
    press(qtbot, shown, "Down")
    assert titles(shown) == ["Horse"]


def test_a_suggestion_and_complaints_are_shown(qtbot, shown, window):
    shown.box.setText("bred")
    answer(window, suggestion="bread")
    assert shown.query_line.isVisible()
    press(qtbot, shown, "Alt+Y")
    assert shown.box.text() == "bread"
    assert not shown.query_line.isVisible()


def test_what_was_found_and_how_far_reading_is_stands_below(qtbot, shown, window):
    shown.box.setText("dough")
    answer(window, a_hit())
    assert "1 note found" in texts(shown)
    window.take(Progress(State.READING, notes=9, unread=5))
    qtbot.waitUntil(lambda: "5 of 9 notes still to read" in texts(shown))


def test_what_fails_after_it_has_gone_brings_it_back(qtbot, full, window, monkeypatch):
    # A busy machine may take longer between the two.
    monkeypatch.setattr(quick_search, "FAILS_SECONDS", 600.0)
    press(qtbot, full, "Return")
    qtbot.waitUntil(lambda: not full.isVisible())
    window.show_error("Zed is not found on this machine.")
    qtbot.waitUntil(full.isVisible)
    assert "Zed is not found on this machine." in [
        label.text() for label in full.error.findChildren(QLabel)
    ]


def test_what_fails_beside_the_window_is_said_in_the_window(full, window):
    full.leave()
    window.show()
    window.show_error("The disk is full.")
    assert not full.isVisible()


def test_leaving_out_can_be_undone_here(full, window):
    undone = []
    window.undo_wanted.connect(lambda: undone.append(1))
    window.offer_undo("“Bread” is left out of the search.")
    assert full.undo.isVisible()
    next(b for b in full.undo.findChildren(LinkButton) if "Undo" in b.text()).click()
    assert undone == [1]
    assert not full.undo.isVisible()
    assert not window.notice.name


# Where it is --------------------------------------------------------------------------------


def test_it_grows_downwards_and_its_top_stays(shown, window):
    top = shown.pos()
    heights = []
    for count in (1, 3, 40):
        shown.box.setText(f"n{count}")
        answer(window, *(a_hit(f"Note {n}", path=f"{n}.md") for n in range(count)))
        heights.append(shown.height())
        assert shown.pos() == top
    assert heights == sorted(heights)
    assert heights[1] < heights[2]
    available = shown.screen().availableGeometry()
    assert available.contains(shown.geometry())


def test_it_shrinks_only_when_typing_has_rested(qtbot, shown, window):
    shown.box.setText("n")
    answer(window, *(a_hit(f"Note {n}", path=f"{n}.md") for n in range(5)))
    high = shown.height()
    shown.box.setText("ne")
    answer(window, a_hit())
    assert shown.height() == high
    qtbot.waitUntil(lambda: shown.height() < high)
    shown.box.setText("new")
    answer(window, *(a_hit(f"Note {n}", path=f"{n}.md") for n in range(5)))
    assert shown.height() == high


@pytest.mark.parametrize(
    "available",
    [QRect(0, 0, 1920, 1080), QRect(1920, 0, 1280, 1024), QRect(-1080, -300, 1080, 1920),
     QRect(0, 27, 1366, 700), QRect(0, 0, 640, 480)],
)  # fmt: skip
@pytest.mark.parametrize("size", [QSize(672, 120), QSize(672, 400), QSize(600, 4_000)])
def test_it_comes_to_the_upper_third_and_stays_on_the_screen(available, size):
    size = size.boundedTo(QSize(available.width(), geometry.popup_room(available)))
    place = QRect(geometry.popup_place(size, available), size)
    assert available.contains(place)
    assert place.top() - available.top() <= available.height() / 3
    assert abs(place.center().x() - available.center().x()) <= 1


TWO_SCREENS = """
import json, sys
from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QApplication
from notesearch.core.notes import Progress, State
from notesearch.gui.main_window import MainWindow
from notesearch.gui.quick_search import QuickSearch

application = QApplication([])
window = MainWindow()
window.set_folders(["/notes"])
window.take(Progress(State.CURRENT, notes=3, passages=3, embedded=3))
quick = QuickSearch(window)
said = []
for at in json.loads(sys.argv[1]):
    QCursor.setPos(QPoint(*at))
    quick.present()
    application.processEvents()
    said.append([list(quick.geometry().getRect()), quick.screen().name()])
    quick.leave()
print(json.dumps(said))
"""


@pytest.mark.parametrize("ratio", [1, 2])
def test_it_comes_to_the_screen_with_the_cursor(tmp_path, ratio):
    """Two screens side by side, the right one larger and lower; at 100 % and 200 %."""
    screens = [
        {"name": "left", "x": 0, "y": 0, "width": 1280, "height": 800, "dpr": ratio,
         "logicalDpi": 96, "logicalBaseDpi": 96},
        {"name": "right", "x": 1280, "y": 200, "width": 1920, "height": 1080, "dpr": ratio,
         "logicalDpi": 96, "logicalBaseDpi": 96},
    ]  # fmt: skip
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}), encoding="utf-8")
    points = [[100, 100], [2_000, 900], [1_279, 799]]
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS, json.dumps(points)], timeout=120, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
        cwd=Path(__file__).parents[1], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    places = [(QRect(*rect), screen) for rect, screen in json.loads(done.stdout)]
    assert [screen for _, screen in places] == ["left", "right", "left"]
    for (rect, name), (x, y) in zip(places, points, strict=True):
        screen = QRect(0, 0, 1280, 800) if name == "left" else QRect(1280, 200, 1920, 1080)
        assert screen.contains(x, y)
        assert screen.contains(rect)
        assert rect.top() - screen.top() <= screen.height() / 3
        assert abs(rect.center().x() - screen.center().x()) <= 1


def test_all_of_it_has_the_windows_colours(shown, window):
    before = shown.styleSheet()
    window.set_contrast(wanted=True)
    assert shown.styleSheet() != before
    assert shown.styleSheet() == window.styleSheet()


def test_it_is_closed_with_all_other_windows(shown):
    event = QEvent(QEvent.Type.Close)
    assert shown.close()
    assert not shown.isVisible()
    del event


def test_results_to_other_words_are_not_shown(shown, window):
    shown.box.setText("new")
    window.take(Results(Query("old", words=("old",)), (a_hit(),), (), True, 3, True, ""))  # noqa: FBT003
    assert titles(shown) == []


# What was wrong once ------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["window", "quick"])
def test_one_can_type_in_the_middle_and_undo(qtbot, shown, window, of):
    box = {"window": window, "quick": shown}[of].box
    qtbot.keyClicks(box, "hello world")
    box.setCursorPosition(3)
    qtbot.keyClicks(box, "xyz")
    assert box.text() == "helxyzlo world"
    assert box.cursorPosition() == 6
    assert box.isUndoAvailable()


def test_an_error_that_has_nothing_to_do_with_it_does_not_bring_it_up(qtbot, quick, window):
    window.take(Problem("", "the disk is full"))
    window.show_error("The settings cannot be saved.")
    qtbot.wait(quick_search.BACK_MS + 100)
    assert not quick.isVisible()


def test_what_fails_at_once_is_said_without_its_going(qtbot, full, window):
    window.create_requested.connect(lambda _: window.show_error("The folder is full."))
    went = []
    full.undo.put_away.connect(went.append)
    press(qtbot, full, "Shift+Enter")
    qtbot.wait(quick_search.GO_MS + 100)
    assert full.isVisible()
    assert full.error.isVisible()


def test_another_key_takes_back_an_enter_that_waits(qtbot, full, window):
    opened = []
    window.open_requested.connect(lambda hit: opened.append(hit.title))
    full.box.setText("chain")
    press(qtbot, full, "Return")
    press(qtbot, full, "PgDown")
    answer(window, a_hit("Bicycle"))
    assert not opened


def test_so_does_another_window(qtbot, full, window):
    opened = []
    window.open_requested.connect(lambda hit: opened.append(hit.title))
    full.closes = False
    full.box.setText("chain")
    press(qtbot, full, "Return")
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: not full.isActiveWindow())
    answer(window, a_hit("Bicycle"))
    assert not opened


def test_the_menu_of_a_row_goes_with_it(qtbot, full, window):
    press(qtbot, full, "Shift+F10")
    menu = window.menu
    assert menu.isVisible()
    full.toggle()
    full.leave()
    assert window.menu is None or not menu.isVisible()


def test_esc_ends_it_from_anywhere_in_it(qtbot, window):
    bare = MainWindow()
    qtbot.addWidget(bare)
    quick = QuickSearch(bare)
    qtbot.addWidget(quick)
    quick.present()
    qtbot.waitUntil(quick.isActiveWindow)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not quick.isVisible()
    del window


def test_tab_leads_through_its_parts(qtbot, full):
    press(qtbot, full, "Tab")
    qtbot.waitUntil(lambda: not full.box.hasFocus())
    assert full.isVisible()
    assert full.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert full.box.hasFocus()


def test_it_comes_with_the_first_row_chosen(qtbot, full, window):
    press(qtbot, full, "Down")
    full.leave()
    full.present()
    assert selected(full) == "Bread"
    assert not window.results.chosen


def test_hidden_it_lays_nothing_out(quick, window, monkeypatch):
    did = []
    monkeypatch.setattr(quick, "_fit", lambda **_: did.append(1))
    window.box.setText("dough")
    answer(window, a_hit())
    window.take(Progress(State.READING, notes=9, unread=5))
    assert not did


def test_with_larger_text_it_stays_on_the_screen(qtbot, full, qapp):
    before = qapp.font()
    try:
        larger = qapp.font()
        larger.setPointSizeF(2.5 * before.pointSizeF())
        qapp.setFont(larger)
        available = full.screen().availableGeometry()
        qtbot.waitUntil(lambda: available.contains(full.geometry()))
        assert abs(full.geometry().center().x() - available.center().x()) <= 1
    finally:
        qapp.setFont(before)
