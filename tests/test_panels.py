"""What stands beside the list and below it, in the real window, driven with real keys."""

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCharFormat
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPushButton, QTabBar, QTextEdit
from test_window import a_hit, a_window, answer, list_of, texts, titles

from notesearch.core.notes import (
    Carrier,
    Explanation,
    Neighbour,
    Preview,
    Related,
    Standing,
    Strength,
    Whereabouts,
    Word,
)
from notesearch.gui import marks, why_text
from notesearch.gui.keys import KEYS
from notesearch.gui.preview_text import find_same
from notesearch.gui.related_panel import where
from notesearch.gui.row_excerpt import flat
from notesearch.gui.side_pane import View
from notesearch.gui.theme import DARK, LIGHT

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
PASSAGE = "The [loaf](pages/loaf.md) is **heavy**: a heavy loaf of dough.\n\nDense bread.\n"


def spans(*words, text=PASSAGE):
    """Return where words stand; a number behind one says which of several."""
    found = []
    for word in words:
        letters, _, number = word.partition(" ")
        at = -1
        for _ in range(int(number or 1)):
            at = text.index(letters, at + 1)
        found.append((at, at + len(letters)))
    return tuple(found)


def a_word(text, share, *, where) -> Word:
    return Word(text, share, in_passage=where == "passage", in_note=bool(where))


def an_explanation(hit, *, text="x", **values) -> Explanation:
    given = {
        "rank": 1,
        "passage_cosine": 0.6,
        "note_cosine": 0.5,
        "passage_words": 0.4,
        "note_words": 0.3,
        "meaning_rank": 2,
        "words_rank": 3,
        "words": (a_word("dense", 0.7, where="passage"), a_word("bread", 0.3, where="note")),
        "carriers": tuple(
            Carrier(*span, share)
            for span, share in zip(spans("loaf 3", "heavy 2"), (0.3, 0.2), strict=True)
        ),
        "context": 0.1,
        "share": 0.7,
        "floor": 0.38,
        "enough_words": 0.7,
    }
    return Explanation(hit, text, **(given | values))


def a_preview(hit, **values) -> Preview:
    given = {"before": "# Bread\n\nA heavy loaf.\n\n", "after": "\nA loaf is heavy.\n"}
    return Preview(hit.file, Path(hit.folder), hit.title, passage=hit.passage, **(given | values))


HIT = a_hit("Loaf", path="food/Loaf.md", passage=PASSAGE, matches=spans("Dense"))


@pytest.fixture
def window(qtbot):
    window = a_window(qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.box.hasFocus)
    return window


@pytest.fixture
def shown(window, qtbot):
    """The window with two notes found, the first one glanced at."""
    with qtbot.waitSignal(window.glanced):
        qtbot.keyClicks(window.box, "x")
        answer(window, HIT, a_hit("Other", path="o.md"))
    return window


def press(qtbot, widget, key, modifier=CTRL):
    qtbot.keyClick(widget, key, modifier)


def why(qtbot, window):
    press(qtbot, window.box, Qt.Key.Key_I)


def why_page(window) -> QTextEdit:
    return window.pane.why.findChild(QTextEdit)


def related_list(window) -> QListView:
    return window.pane.related.findChild(QListView)


def marked(pane) -> dict[str, list[str]]:
    """Return the marked words of a preview: those underlined, and those that are not."""
    kinds = {"matched": [], "carried": []}
    for selection in pane.extraSelections():
        kind = "carried" if selection.format.fontUnderline() else "matched"
        kinds[kind].append(selection.cursor.selectedText())
    return kinds


# The words that carry the meaning -------------------------------------------------------------


def test_the_carriers_are_marked_in_the_note_beside_what_matched(shown):
    shown.take(a_preview(HIT, words=("Dense",)))
    shown.take(an_explanation(HIT))
    pane = shown.pane.preview
    assert marked(pane) == {"matched": ["Dense"], "carried": ["heavy", "loaf"]}
    places = [s.cursor.position() for s in pane.extraSelections() if s.format.fontUnderline()]
    text = pane.toPlainText()
    begin = text.index("a heavy loaf of dough")
    assert places == [begin + len("a heavy"), begin + len("a heavy loaf")]


def test_a_word_that_matched_and_carried_has_both_marks(shown):
    shown.take(a_preview(HIT, words=("Dense",)))
    shown.take(an_explanation(HIT, carriers=(Carrier(*spans("Dense")[0], 0.5),)))
    selection = shown.pane.preview.extraSelections()[-1]
    both = selection.format
    assert both.background().color() == LIGHT.match
    assert both.underlineStyle() == QTextCharFormat.UnderlineStyle.SingleUnderline
    assert both.underlineColor() == LIGHT.underline


def test_carriers_keep_their_marks_in_other_colours(shown):
    shown.take(a_preview(HIT))
    shown.take(an_explanation(HIT))
    shown.pane.restyle(DARK)
    assert marked(shown.pane.preview)["carried"] == ["heavy", "loaf"]
    colours = {s.format.background().color().name() for s in shown.pane.preview.extraSelections()}
    assert colours == {DARK.meaning.name()}


@pytest.mark.parametrize(
    "values",
    [
        {"hit": a_hit("Other", path="o.md")},
        {"hit": dataclasses.replace(HIT, passage="other text")},
        {"text": "y"},
    ],
)
def test_an_explanation_of_something_else_is_dropped(shown, qtbot, values):
    shown.take(a_preview(HIT))
    why(qtbot, shown)
    shown.take(dataclasses.replace(an_explanation(HIT), **values))
    assert marked(shown.pane.preview)["carried"] == []
    assert "Meaning" not in why_page(shown).toPlainText()


def test_the_next_note_has_no_marks_of_the_one_before(shown, qtbot):
    shown.take(a_preview(HIT))
    shown.take(an_explanation(HIT))
    with qtbot.waitSignal(shown.glanced):
        qtbot.keyClick(shown.box, Qt.Key.Key_Down)
    other = shown.results.current()
    shown.take(a_preview(other, before="", after=""))
    assert marked(shown.pane.preview)["carried"] == []
    shown.take(an_explanation(HIT))
    assert marked(shown.pane.preview)["carried"] == []


def test_a_note_that_was_changed_since_has_no_carriers(shown):
    shown.take(dataclasses.replace(a_preview(HIT), passage="", after="heavy loaf, rewritten"))
    shown.take(an_explanation(HIT))
    assert marked(shown.pane.preview)["carried"] == []


def found(text, passage, *words):
    places = find_same(text, (0, len(text)), passage, spans(*words, text=passage))
    return [(start, text[start:end]) for start, end in places]


@pytest.mark.parametrize(
    ("text", "passage", "words", "expected"),
    [
        ("a bat, a cat, a bat", "a bat, a cat, a **bat**", ["bat 2"], [(16, "bat")]),
        (
            "the site and bat",
            "[the site](http://bat/bat) and bat",
            ["bat 1", "bat 3"],
            [(13, "bat")],
        ),
        ("concat cat", "concat cat", ["cat 2"], [(7, "cat")]),
        ("concat", "a cat", ["cat"], []),
        ("don't", "don't", ["don't"], [(0, "don't")]),
        ("我喜欢面包", "我喜欢面包", ["面包"], [(3, "面包")]),
        ("🙂 dough", "🙂 *dough*", ["dough"], [(2, "dough")]),
        ("", "word", ["word"], []),
        ("word", "-- word", ["--"], []),
    ],
)
def test_words_of_a_passage_are_found_where_they_are_shown(text, passage, words, expected):
    assert found(text, passage, *words) == expected


def test_a_word_is_not_looked_for_far_from_its_place():
    assert found("a " * 400 + "dough", "dough " + "a " * 400, "dough") == []


@pytest.mark.parametrize(
    ("shares", "cosine", "count"),
    [
        ([0.3, 0.2, 0.05], 0.6, 2),
        ([0.3, 0.02, 0.01], 0.9, 1),
        ([0.05] * 20, 0.9, marks.MAX_CARRIERS),
        ([-0.1, 0.2, 0.19], 0.5, 2),
        ([-0.1, -0.2], 0.5, 0),
        ([], 0.5, 0),
    ],
)
def test_only_the_largest_shares_are_said_to_carry(shares, cosine, count):
    carriers = [Carrier(5 * n, 5 * n + 4, share) for n, share in enumerate(shares)]
    chosen = marks.carrying(carriers, cosine)
    assert len(chosen) == count
    assert list(chosen) == sorted(chosen)


# Why ------------------------------------------------------------------------------------------


def test_ctrl_i_shows_why_and_the_note_again_while_the_box_keeps_the_keys(shown, qtbot):
    shown.take(an_explanation(HIT))
    why(qtbot, shown)
    assert shown.pane.view is View.WHY
    said = why_page(shown).toPlainText()
    assert why_page(shown).isVisible()
    for part in (
        "Loaf", "Close in meaning, and the passage holds “dense”.", "2nd by meaning", "0.60",
        "0.38", "3rd by words", "● dense", "70 %", "○ bread", "elsewhere in the note",
        "1st in the list", "50", "what carries the meaning", "a heavy loaf of dough. Dense bread.",
    ):  # fmt: skip
        assert part in said
    qtbot.keyClicks(shown.box, "y")
    assert shown.box.text() == "xy"
    why(qtbot, shown)
    assert shown.pane.view is View.NOTE
    assert shown.box.hasFocus()


def test_the_passage_in_why_has_both_kinds_of_marks(shown, qtbot):
    why(qtbot, shown)
    shown.take(an_explanation(HIT))
    document = why_page(shown).document()
    carrier = document.find("heavy loaf")
    carrier.setPosition(carrier.selectionStart() + 1)
    assert carrier.charFormat().background().color() == LIGHT.meaning
    assert carrier.charFormat().fontUnderline()
    match = document.find("Dense bread")
    match.setPosition(match.selectionStart() + 1)
    assert match.charFormat().background().color() == LIGHT.match


def test_markup_in_titles_and_passages_is_text(shown, qtbot):
    title, passage = "<b>Bold</b> & <img src=x>", "<h1>Big</h1> <script>alert()</script>"
    hit = dataclasses.replace(HIT, title=title, passage=passage, matches=())
    answer(shown, hit)
    with qtbot.waitSignal(shown.glanced):
        why(qtbot, shown)
    words = (a_word("<i>word</i>", 1.0, where="passage"),)
    shown.take(an_explanation(hit, carriers=(), words=words))
    said = why_page(shown).toPlainText()
    assert title in said
    assert passage in said
    assert "“<i>word</i>”" in said
    neighbour = Neighbour("<u>a</u>/b.md", "/notes", title, 0.5, linked=False, modified=0.0)
    shown.take(Related(hit.file, title, (neighbour,)))
    press(qtbot, shown.box, Qt.Key.Key_D)
    assert f"Near to “{title}” in meaning" in texts(shown)
    index = related_list(shown).model().index(0, 0)
    assert "&lt;u&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert not shown.grab().isNull()


def test_why_is_copied_as_plain_text(shown, qtbot):
    why(qtbot, shown)
    shown.take(an_explanation(HIT))
    page = why_page(shown)
    page.setFocus()
    press(qtbot, page, Qt.Key.Key_A)
    press(qtbot, page, Qt.Key.Key_C)
    copied = QGuiApplication.clipboard().text()
    assert "Close in meaning" in copied
    assert "\ufffc" not in copied
    assert not QGuiApplication.clipboard().mimeData().hasHtml()


def test_of_a_recent_note_why_is_said_at_once(window, qtbot):
    answer(window, a_hit("Recent", strength=None), text="")
    why(qtbot, window)
    qtbot.waitUntil(lambda: why_text.UNASKED in why_page(window).toPlainText())


def test_what_was_said_of_another_note_does_not_stay(shown, qtbot):
    why(qtbot, shown)
    shown.take(an_explanation(HIT))
    assert "Meaning" in why_page(shown).toPlainText()
    qtbot.keyClick(shown.box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "Meaning" not in why_page(shown).toPlainText())
    assert "Other" in why_page(shown).toPlainText()


def test_why_anew_of_the_same_note_keeps_the_place(shown, qtbot):
    shown.resize(1_000, 360)
    why(qtbot, shown)
    shown.take(an_explanation(HIT))
    bar = why_page(shown).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 50)
    bar.setValue(40)
    shown.take(an_explanation(HIT, rank=2))
    assert "2nd in the list" in why_page(shown).toPlainText()
    assert bar.value() == 40


def test_why_without_words_says_nothing_of_them(shown, qtbot):
    why(qtbot, shown)
    shown.take(an_explanation(HIT, words=()))
    assert "by words" not in why_page(shown).toPlainText()


BOTH = (a_word("dense", 0.7, where="passage"), a_word("bread", 0.3, where="passage"))
ELSEWHERE = (a_word("dense", 1.0, where="note"),)
NOWHERE = (a_word("dense", 1.0, where=""),)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"words": BOTH}, "Close in meaning, and the passage holds “dense” and “bread”."),
        ({"words": ELSEWHERE}, "Close in meaning; elsewhere the note holds “dense”."),
        ({"words": NOWHERE}, "It holds none of your words; it is close in meaning."),
        ({"words": ()}, "It is close in meaning."),
        (
            {"words": BOTH, "passage_cosine": 0.2, "share": 1.0},
            "The passage holds “dense” and “bread”; it is not close in meaning.",
        ),
        (
            {"passage_cosine": 0.2, "share": 0.3},
            "A weak match: not close in meaning, and of your words it holds only “dense”.",
        ),
        (
            {"words": NOWHERE, "passage_cosine": 0.2},
            "A weak match: not close in meaning, and it holds none of your words.",
        ),
        ({"pinned": "its title is exactly what you typed"},
         "Its title is exactly what you typed."),
        ({"rank": 0}, why_text.UNASKED),
    ],
)  # fmt: skip
def test_the_reason_is_a_sentence(values, expected):
    assert why_text.reason(an_explanation(HIT, **values)) == expected


def test_numbers_and_lists_of_words_read_well():
    ordinals = [why_text.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112, 1003)]
    assert ordinals == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
                        "1,003rd"]  # fmt: skip
    assert why_text.quoted(["a"]) == "“a”"
    assert why_text.quoted(list("abcdef")) == "“a”, “b”, “c”, “d” and 2 more"


def test_a_passage_is_flattened_with_its_places():
    text, (places,) = flat(
        "## Head\n\n**bold** [x](y.md)", spans("bold", text="## Head\n\n**bold**")
    )
    assert text == "Head bold x"
    assert [text[slice(*place)] for place in places] == ["bold"]
    assert flat("cut", [(1, 3), (2, 9)]) == ("cut", [((1, 3),)])


def test_a_very_long_passage_is_cut_and_so_are_its_marks(shown, qtbot):
    passage = "loaf " * 4_000
    hit = dataclasses.replace(HIT, passage=passage, matches=((0, 4), (15_000, 15_004)))
    answer(shown, hit)
    with qtbot.waitSignal(shown.glanced):
        why(qtbot, shown)
    shown.take(an_explanation(hit, carriers=(Carrier(15_000, 15_004, 0.5),)))
    assert len(why_page(shown).toPlainText()) < 8_000


# Related --------------------------------------------------------------------------------------

NEIGHBOURS = (
    Neighbour("food/Dough.md", "/notes", "Dough", 0.71, linked=True, modified=0.0),
    Neighbour("Oven.md", "/notes", "Oven", 0.5, linked=False, modified=0.0, copies=("/a", "/b")),
)


def test_ctrl_d_asks_for_related_notes_only_while_they_are_shown(shown, qtbot):
    asked = []
    shown.relate_wanted.connect(asked.append)
    with qtbot.waitSignal(shown.glanced):
        qtbot.keyClick(shown.box, Qt.Key.Key_Down)
    assert asked == []
    press(qtbot, shown.box, Qt.Key.Key_D)
    assert [hit.title for hit in asked] == ["Other"]
    with qtbot.waitSignal(shown.glanced):
        qtbot.keyClick(shown.box, Qt.Key.Key_Down)
    assert [hit.title for hit in asked] == ["Other", "Loaf"]
    press(qtbot, shown.box, Qt.Key.Key_D)
    assert shown.pane.view is View.NOTE
    assert shown.box.hasFocus()


def test_related_notes_are_listed_and_opened_with_the_keys(shown, qtbot):
    press(qtbot, shown.box, Qt.Key.Key_D)
    shown.take(Related(HIT.file, "Loaf", NEIGHBOURS))
    rows = related_list(shown)
    assert [rows.model().index(n, 0).data() for n in range(2)] == ["Dough", "Oven"]
    assert [where(n) for n in NEIGHBOURS] == ["food · linked", "Oven.md · 2 more copies"]
    spoken = rows.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Dough, 0.71. food · linked"
    rows.setFocus()
    opened = []
    shown.open_requested.connect(opened.append)
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    with qtbot.waitSignal(shown.note_requested) as wanted:
        qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert wanted.args == [Path("/notes/Oven.md")]
    assert opened == []
    assert not shown.grab().isNull()
    qtbot.keyClick(rows, Qt.Key.Key_Escape)
    assert shown.box.hasFocus()
    assert shown.box.text() == "x"


def test_what_is_related_to_another_note_is_dropped(shown, qtbot):
    press(qtbot, shown.box, Qt.Key.Key_D)
    shown.take(Related(Path("/notes/o.md"), "Other", NEIGHBOURS))
    assert related_list(shown).model().rowCount() == 0


def test_related_notes_that_are_the_same_again_leave_the_row_that_was_chosen(shown, qtbot):
    press(qtbot, shown.box, Qt.Key.Key_D)
    shown.take(Related(HIT.file, "Loaf", NEIGHBOURS))
    rows = related_list(shown)
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    shown.take(Related(HIT.file, "Loaf", NEIGHBOURS))
    assert rows.currentIndex().row() == 1


@pytest.mark.parametrize(
    ("ready", "expected"),
    [(False, "not read by meaning yet"), (True, "No other note is near")],
)
def test_without_related_notes_it_is_said_why(shown, qtbot, ready, expected):
    press(qtbot, shown.box, Qt.Key.Key_D)
    shown.take(Related(HIT.file, "Loaf", (), ready=ready))
    assert expected in texts(shown)


def test_related_notes_are_asked_for_again_when_the_note_has_been_read(shown, qtbot):
    press(qtbot, shown.box, Qt.Key.Key_D)
    shown.take(Related(HIT.file, "Loaf", (), ready=False))
    with qtbot.waitSignal(shown.relate_wanted):
        shown.take(dataclasses.replace(shown._progress, embedded=2))
    shown.take(Related(HIT.file, "Loaf", NEIGHBOURS))
    with qtbot.assertNotEmitted(shown.relate_wanted):
        shown.take(dataclasses.replace(shown._progress, embedded=3))


# The views ------------------------------------------------------------------------------------


def test_the_views_can_be_clicked_and_reached_with_tab(shown, qtbot):
    tabs = shown.findChild(QTabBar)
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
    assert shown.pane.view is View.WHY
    assert shown.box.hasFocus()
    for _step in range(12):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if tabs.hasFocus():
            break
    assert tabs.hasFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    assert shown.pane.view is View.RELATED
    shown.box.setFocus()
    qtbot.keyClick(shown.box, Qt.Key.Key_Tab)
    assert related_list(shown).hasFocus()
    qtbot.keyClick(related_list(shown), Qt.Key.Key_Escape)
    assert shown.box.hasFocus()


@pytest.fixture
def narrow(shown, qtbot):
    shown.resize(480, 600)
    qtbot.waitUntil(lambda: not shown.pane.isVisible())
    return shown


def test_in_a_narrow_window_why_takes_the_place_of_the_list(narrow, qtbot):
    why(qtbot, narrow)
    assert why_page(narrow).isVisible()
    assert not list_of(narrow).isVisible()
    qtbot.keyClick(narrow.box, Qt.Key.Key_Down)
    assert narrow.results.current().title == "Other"
    why(qtbot, narrow)
    assert list_of(narrow).isVisible()
    assert not narrow.pane.isVisible()


def test_in_a_narrow_window_esc_leads_back_to_the_list_before_it_clears(narrow, qtbot):
    why(qtbot, narrow)
    qtbot.keyClick(narrow.box, Qt.Key.Key_Escape)
    assert list_of(narrow).isVisible()
    assert narrow.box.text() == "x"
    qtbot.keyClick(narrow.box, Qt.Key.Key_Escape)
    assert narrow.box.text() == ""


def test_in_a_narrow_window_typing_and_a_click_lead_back_to_the_list(narrow, qtbot):
    why(qtbot, narrow)
    qtbot.keyClicks(narrow.box, "y")
    assert list_of(narrow).isVisible()
    why(qtbot, narrow)
    back = next(b for b in narrow.findChildren(QPushButton) if b.text() == "‹ List")
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert list_of(narrow).isVisible()
    narrow.resize(1_000, 600)
    qtbot.waitUntil(narrow.pane.isVisible)
    assert not back.isVisible()


def test_without_a_list_the_keys_of_the_views_do_nothing(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window)
    why(qtbot, window)
    assert window.pane.view is View.NOTE


# Why a note is not here -----------------------------------------------------------------------


def miss(qtbot, window) -> QLineEdit:
    press(qtbot, window.box, Qt.Key.Key_I, CTRL | SHIFT)
    return window.why_not.findChild(QLineEdit)


def whereabouts(name="gluten", **values) -> Whereabouts:
    given = {"standing": Standing.WEAK, "reason": "It is among the weak matches."}
    return Whereabouts(name, **(given | values))


def test_a_missed_note_is_asked_for_and_enter_opens_nothing(shown, qtbot):
    opened = []
    shown.open_requested.connect(opened.append)
    line = miss(qtbot, shown)
    assert line.hasFocus()
    qtbot.keyClicks(line, " gluten ")
    with qtbot.waitSignal(shown.find_out_wanted) as wanted:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert wanted.args == ["x", "gluten"]
    assert "Looking…" in texts(shown)
    hit = a_hit("Gluten", score=0.36, line=7, strength=Strength.WEAK, passage="**Gluten** forms")
    shown.take(whereabouts(rank=37, hit=hit, file=Path("/notes/Gluten.md")))
    assert "It is among the weak matches." in texts(shown)
    assert "Rank 37, score 36, line 7: Gluten forms" in texts(shown)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert opened == []
    assert titles(shown) == ["Loaf", "Other"]


def test_the_note_that_was_found_can_be_opened_and_others_of_the_name_asked_for(shown, qtbot):
    line = miss(qtbot, shown)
    qtbot.keyClicks(line, "gluten\r")
    others = (Path("/notes/a & b/Gluten.md"),)
    shown.take(whereabouts(file=Path("/notes/Gluten.md"), others=others))
    buttons = {b.text(): b for b in shown.why_not.findChildren(QPushButton) if b.isVisible()}
    with qtbot.waitSignal(shown.note_requested) as wanted:
        qtbot.mouseClick(buttons["Open it"], Qt.MouseButton.LeftButton)
    assert wanted.args == [Path("/notes/Gluten.md")]
    with qtbot.waitSignal(shown.find_out_wanted) as asked:
        qtbot.mouseClick(buttons["a && b/Gluten.md"], Qt.MouseButton.LeftButton)
    assert asked.args == ["x", "/notes/a & b/Gluten.md"]
    assert line.text() == "/notes/a & b/Gluten.md"


def test_a_note_that_is_gone_is_not_offered_to_be_opened(shown, qtbot):
    qtbot.keyClicks(miss(qtbot, shown), "gluten\r")
    gone = {"standing": Standing.MISSING, "reason": "It is not there any more."}
    shown.take(whereabouts(file=Path("/notes/Gluten.md"), **gone))
    assert "It is not there any more." in texts(shown)
    assert "Open it" not in texts(shown)


def test_answers_that_come_too_late_are_dropped(shown, qtbot):
    line = miss(qtbot, shown)
    qtbot.keyClicks(line, "gluten\r")
    shown.take(whereabouts("older"))
    assert "weak matches" not in texts(shown)
    shown.box.setText("y")
    shown.take(whereabouts())
    assert "weak matches" not in texts(shown)
    assert line.text() == "gluten"


def test_an_answer_goes_when_something_else_is_typed(shown, qtbot):
    qtbot.keyClicks(miss(qtbot, shown), "gluten\r")
    shown.take(whereabouts())
    qtbot.keyClicks(shown.box, "y")
    assert "weak matches" not in texts(shown)


def test_esc_closes_the_line_first_and_then_clears_the_box(shown, qtbot):
    line = miss(qtbot, shown)
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible()
    assert shown.box.hasFocus()
    miss(qtbot, shown)
    shown.box.setFocus()
    qtbot.keyClick(shown.box, Qt.Key.Key_Escape)
    assert not line.isVisible()
    assert shown.box.text() == "x"
    qtbot.keyClick(shown.box, Qt.Key.Key_Escape)
    assert shown.box.text() == ""


def test_the_key_closes_the_line_too_and_nothing_is_asked_without_a_name(shown, qtbot):
    line = miss(qtbot, shown)
    with qtbot.assertNotEmitted(shown.find_out_wanted):
        qtbot.keyClicks(line, "  \r")
    press(qtbot, line, Qt.Key.Key_I, CTRL | SHIFT)
    assert not line.isVisible()


def test_a_missed_note_can_be_asked_for_where_nothing_is_listed(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window)
    link = next(b for b in window.page.findChildren(QPushButton) if "here?" in b.text())
    assert link.isVisible()
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    line = window.why_not.findChild(QLineEdit)
    with qtbot.waitSignal(window.find_out_wanted):
        qtbot.keyClicks(line, "bread\r")
    window.take(whereabouts("bread", reason="<b>It</b> is in no folder."))
    assert "<b>It</b> is in no folder." in texts(window)


def test_why_leads_to_the_line_too(shown, qtbot):
    why(qtbot, shown)
    link = next(b for b in shown.pane.why.findChildren(QPushButton))
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert shown.why_not.findChild(QLineEdit).hasFocus()


# Help -----------------------------------------------------------------------------------------


def test_every_key_is_said_once():
    assert len({key for key, _ in KEYS}) == len(KEYS)
    assert all(does and not does.endswith(".") for _, does in KEYS)
