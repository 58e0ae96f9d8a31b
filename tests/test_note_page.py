"""Following links, and finding text, in the note beside the list; real widgets, real keys."""

import gc
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from test_engine import Listener, answer_to, is_current, settings_for

from notesearch.core.engine import Engine
from notesearch.core.notes import Followed, Hit, Preview, Strength
from notesearch.gui.keys import Act, first_key
from notesearch.gui.side_pane import SidePane, View
from notesearch.gui.theme import DARK, LIGHT
from notesearch.paths import UserPaths

SHIFT = Qt.KeyboardModifier.ShiftModifier
FOLDER = Path("/notes")
LONG = "A line of many words in it.\n\n" * 60


def a_hit(title, passage="a passage") -> Hit:
    return Hit(f"{title}.md", str(FOLDER), title, "", 1, 2, 0.9, 0.8, 0.5, Strength.GOOD, passage,
               0.0)  # fmt: skip


def a_note(title, text="See [[Other]] and [[Third]].\n", **values) -> Preview:
    return Preview(FOLDER / f"{title}.md", FOLDER, title, "", "", text, **values)


@pytest.fixture
def pane(qtbot):
    """The pane in a window with a box, showing the note of the selected hit."""
    window, pane = QWidget(), SidePane()
    box = QLineEdit()
    layout = QVBoxLayout(window)
    layout.addWidget(box)
    layout.addWidget(pane)
    pane.box = box
    pane.kept = window
    qtbot.addWidget(window)
    window.resize(480, 500)
    window.show()
    window.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    pane.restyle(LIGHT)
    pane.expect(a_hit("First"))
    pane.take(a_note("First", LONG + "See [[Other]] and [[Third]].\n", words=("words",)))
    return pane


def follow(pane, name, preview):
    shown = pane.preview.shown
    pane.preview.follow_wanted.emit(shown.file, shown.folder, name)
    pane.take(Followed(shown.file, name, preview))


def button(pane, name) -> QPushButton:
    return next(b for b in pane.findChildren(QPushButton) if b.accessibleName() == name)


def ways(pane) -> tuple[bool, bool]:
    return button(pane, "Back").isEnabled(), button(pane, "Forward").isEnabled()


def said(pane) -> list[str]:
    """Return what the labels that are seen say, in full."""
    labels = pane.findChildren(QLabel)
    return [one.accessibleName() or one.text() for one in labels if one.isVisible() and one.text()]


def title(pane) -> str:
    return pane.preview.accessibleName().removeprefix("Note: ")


# Following links -------------------------------------------------------------------------------


def test_a_link_is_followed_in_place_by_mouse_and_by_keyboard(pane, qtbot):
    wanted = []
    pane.follow_wanted.connect(lambda *link: wanted.append(link))
    pane.take(a_note("First"))
    cursor = pane.preview.document().find("Third")
    at = pane.preview.cursorRect(cursor).center() - QPoint(6, 0)
    qtbot.mouseClick(pane.preview.viewport(), Qt.MouseButton.LeftButton, pos=at)
    pane.preview.setFocus()
    cursor.setPosition(0)
    pane.preview.setTextCursor(cursor)
    qtbot.keyClick(pane.preview, Qt.Key.Key_Tab)
    qtbot.keyClick(pane.preview, Qt.Key.Key_Return)
    assert wanted == [(FOLDER / "First.md", FOLDER, name) for name in ("Third", "Other")]
    assert title(pane) == "First"
    pane.take(Followed(FOLDER / "First.md", "Other", a_note("Other")))
    assert title(pane) == "Other"
    assert pane.preview.hasFocus()


def test_back_and_forward_go_through_the_notes_where_they_were_left(pane, qtbot):
    bar = pane.preview.verticalScrollBar()
    assert not button(pane, "Back").isVisible()
    bar.setValue(321)
    follow(pane, "Other", a_note("Other", LONG))
    assert (title(pane), bar.value(), ways(pane)) == ("Other", 0, (True, False))
    bar.setValue(123)
    follow(pane, "Third", a_note("Third"))
    pane.back()
    assert (title(pane), bar.value(), ways(pane)) == ("Other", 123, (True, True))
    qtbot.mouseClick(button(pane, "Back"), Qt.MouseButton.LeftButton)
    assert (title(pane), bar.value(), ways(pane)) == ("First", 321, (False, True))
    pane.back()
    assert title(pane) == "First"
    qtbot.mouseClick(button(pane, "Forward"), Qt.MouseButton.LeftButton)
    assert (title(pane), bar.value()) == ("Other", 123)
    follow(pane, "Third", a_note("Fourth"))
    assert ways(pane) == (True, False)
    pane.forward()
    assert title(pane) == "Fourth"
    assert first_key(Act.BACK) in button(pane, "Back").toolTip()
    assert first_key(Act.FORWARD) in button(pane, "Forward").toolTip()


def test_the_header_names_the_note_that_was_followed_and_opens_it(pane, qtbot):
    assert said(pane) == []
    follow(pane, "Other", a_note("Other"))
    assert said(pane) == ["Other", "A link led here; the selected note is “First”"]
    assert pane.preview.shown.file == FOLDER / "Other.md"
    with qtbot.waitSignal(pane.preview.note_wanted) as wanted:
        qtbot.mouseClick(button(pane, "Open this note"), Qt.MouseButton.LeftButton)
    assert wanted.args == [FOLDER / "Other.md"]
    pane.back()
    assert said(pane) == ["First", "The note selected in the list"]
    assert not button(pane, "Open this note").isVisible()


def test_a_link_that_leads_nowhere_is_said_until_something_else_is_done(pane):
    follow(pane, "Nothing#x", None)
    assert said(pane) == ["There is no note called “Nothing#x” in this folder."]
    assert title(pane) == "First"
    follow(pane, "Other", a_note("Other"))
    follow(pane, "Nothing", None)
    assert said(pane) == ["Other", "There is no note called “Nothing” in this folder."]
    pane.back()
    assert said(pane) == ["First", "The note selected in the list"]


def test_a_heading_in_the_same_note_can_be_gone_back_from(pane):
    follow(pane, "#Part", a_note("First"))
    assert said(pane) == ["First", "The note selected in the list"]
    assert ways(pane) == (True, False)


def test_what_comes_too_late_or_was_not_asked_for_is_dropped(pane):
    shown = pane.preview.shown
    pane.take(Followed(shown.file, "Other", a_note("Other")))
    assert title(pane) == "First"
    pane.preview.follow_wanted.emit(shown.file, FOLDER, "Other")
    pane.preview.follow_wanted.emit(shown.file, FOLDER, "Third")
    pane.take(Followed(shown.file, "Other", a_note("Other")))
    assert title(pane) == "First"
    pane.take(Followed(shown.file, "Third", a_note("Third")))
    assert title(pane) == "Third"
    pane.preview.follow_wanted.emit(FOLDER / "Third.md", FOLDER, "Other")
    pane.back()
    pane.take(Followed(FOLDER / "Third.md", "Other", a_note("Other")))
    assert title(pane) == "First"
    pane.preview.follow_wanted.emit(shown.file, FOLDER, "Other")
    pane.expect(a_hit("Second"))
    pane.take(Followed(shown.file, "Other", a_note("Other")))
    assert title(pane) == "First"


def test_another_selection_forgets_where_one_was(pane):
    follow(pane, "Other", a_note("Other"))
    pane.expect(a_hit("Second"))
    assert said(pane) == []
    pane.back()
    pane.take(a_note("Second"))
    assert (title(pane), ways(pane)) == ("Second", (False, False))
    follow(pane, "Other", a_note("Other"))
    pane.expect(None)
    assert (title(pane), said(pane), pane.preview.shown) == ("No note", [], None)


def test_the_same_note_again_does_not_disturb_the_reader(pane):
    follow(pane, "Other", a_note("Other"))
    pane.expect(a_hit("First"))
    pane.take(a_note("First", "changed"))
    assert title(pane) == "Other"
    pane.back()
    assert pane.preview.toPlainText() == "changed"


def test_what_matched_is_marked_in_the_followed_note_too(pane):
    pane.note.show_carriers("", ())
    follow(pane, "Other", a_note("Other", "few words"))
    assert [s.cursor.selectedText() for s in pane.preview.extraSelections()] == ["words"]


# Matches and text in the note ------------------------------------------------------------------


def bar(pane) -> QLineEdit:
    return pane.note.find_bar.findChild(QLineEdit)


def test_the_next_match_is_counted_beside_the_tabs(pane):
    pane.show_view(View.WHY)
    pane.next_match()
    assert pane.view is View.NOTE
    assert said(pane) == ["1 of 60"]
    pane.previous_match()
    assert said(pane) == ["60 of 60"]
    pane.take(a_note("First", "nothing", ends_early=True))
    assert said(pane) == ["This is a part of the note"]
    pane.next_match()
    assert said(pane) == ["No match in the note · This is a part of the note"]


def test_text_is_found_as_it_is_typed_and_gone_through_by_keys(pane, qtbot):
    pane.find()
    qtbot.waitUntil(bar(pane).hasFocus)
    assert bar(pane).accessibleName() == "Find in the note"
    qtbot.keyClicks(bar(pane), "mÁny")
    assert said(pane) == ["1 of 60"]
    for key, modifier, place in (
        (Qt.Key.Key_Return, None, 2), (Qt.Key.Key_Enter, None, 3), (Qt.Key.Key_Return, SHIFT, 2),
    ):  # fmt: skip
        qtbot.keyClick(bar(pane), key, modifier or Qt.KeyboardModifier.NoModifier)
        assert said(pane) == [f"{place} of 60"]
    pane.next_match()
    assert said(pane) == ["3 of 60"]
    qtbot.mouseClick(button(pane, "Previous place"), Qt.MouseButton.LeftButton)
    assert said(pane) == ["2 of 60"]
    qtbot.mouseClick(button(pane, "Next place"), Qt.MouseButton.LeftButton)
    assert said(pane) == ["3 of 60"]
    qtbot.keyClicks(bar(pane), "zzz")
    assert said(pane) == ["None"]


def test_escape_gives_the_keys_back_to_where_they_came_from(pane, qtbot):
    for came_from in (pane.box, pane.preview):
        came_from.setFocus()
        pane.find()
        qtbot.waitUntil(bar(pane).hasFocus)
        pane.find()
        qtbot.keyClick(bar(pane), Qt.Key.Key_Escape)
        assert not bar(pane).isVisible()
        qtbot.waitUntil(came_from.hasFocus)
    marked = pane.preview.extraSelections()
    assert {s.cursor.selectedText() for s in marked} == {"words"}
    assert not pane.close_find()
    pane.find()
    assert pane.close_find()


def test_what_is_selected_is_sought(pane, qtbot):
    pane.preview.setTextCursor(pane.preview.document().find("line"))
    pane.find()
    assert bar(pane).text() == "line"
    assert bar(pane).selectedText() == "line"
    qtbot.keyClick(bar(pane), Qt.Key.Key_Escape)
    pane.preview.selectAll()
    pane.find()
    assert bar(pane).text() == "line"
    assert said(pane)[-1].endswith("of 60")


def test_the_search_goes_on_in_the_next_note_only_while_one_reads(pane, qtbot):
    pane.find()
    qtbot.keyClicks(bar(pane), "third")
    follow(pane, "Other", a_note("Other", ends_early=True))
    assert "1 of 1 in this part" in said(pane)
    pane.expect(a_hit("Second"))
    pane.take(a_note("Second", "x"))
    assert "None" in said(pane)
    pane.box.setFocus()
    pane.expect(a_hit("First"))
    assert not bar(pane).isVisible()


def test_escape_and_enter_are_the_bars_own_whatever_the_window_does_with_them(pane, qtbot):
    taken = []
    for key in ("Esc", "Return", "Shift+Return", "Enter"):
        pane.window().addAction("x", key, lambda: taken.append(1))
    pane.find()
    qtbot.keyClicks(bar(pane), "line")
    qtbot.keyClick(bar(pane), Qt.Key.Key_Return, SHIFT)
    qtbot.keyClick(bar(pane), Qt.Key.Key_Return)
    qtbot.keyClick(bar(pane), Qt.Key.Key_Escape)
    assert taken == []
    assert not bar(pane).isVisible()


def test_everything_that_takes_the_keys_has_a_name(pane):
    follow(pane, "Other", a_note("Other"))
    pane.find()
    pane.restyle(DARK)
    for widget in pane.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name), widget
    pane.grab()
    gc.collect()


@pytest.mark.parametrize(("view", "name"), [(View.NOTE, "preview"), (View.WHY, "why")])
def test_the_view_takes_the_keys(pane, qtbot, view, name):
    pane.show_view(view)
    pane.focus_view()
    wanted = getattr(pane, name)
    qtbot.waitUntil((wanted.focusProxy() or wanted).hasFocus)


# With the engine -------------------------------------------------------------------------------


def test_the_engine_finds_where_a_link_leads(tmp_path, vault):
    folder = vault({"a.md": "# A\n\nneedle [[b#Part]]\n", "sub/b.md": "# B\n\n## Part\n\nx\n"})
    user = UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")
    listener = Listener()
    engine = Engine(user, FakeEmbedder, settings_for(folder), listener)
    engine.start()
    try:
        listener.wait_for(is_current)
        engine.search("needle", 5)
        listener.wait_for(answer_to("needle"))
        engine.follow(folder / "a.md", folder, "b#Part")
        found = listener.wait_for(lambda m: isinstance(m, Followed))
        assert (found.source, found.target) == (folder / "a.md", "b#Part")
        assert (found.preview.title, found.preview.passage) == ("B", "## Part")
        engine.follow(folder / "a.md", folder, "c")
        listener.wait_for(lambda m: isinstance(m, Followed) and m.preview is None)
    finally:
        engine.stop()
