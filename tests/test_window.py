"""The real window, driven with real keys; what the engine would say is said by the test."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QListView, QPushButton, QTextEdit

from notesearch.core.notes import (
    Condition,
    Folder,
    Hit,
    Kind,
    Problem,
    Progress,
    Query,
    Results,
    State,
    Strength,
)
from notesearch.gui import theme
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.keys import KEYS
from notesearch.gui.main_window import MainWindow
from notesearch.gui.results_model import HIT_ROLE, ResultsModel
from notesearch.gui.row_excerpt import snippet
from notesearch.gui.row_words import details, place, score
from notesearch.gui.state_page import why_nothing
from notesearch.gui.status_line import progress_text

WAIT_MS = 30_000
"""For what is to happen: a machine may stand still for some seconds."""


def a_hit(title="Bread", *, path="food/Bread.md", strength=Strength.GOOD, **values) -> Hit:
    given = {
        "folder": "/notes",
        "heading": "Crumb",
        "line": 3,
        "end_line": 4,
        "score": 0.5,
        "cosine": 0.6,
        "words": 0.2,
        "passage": "Let the dough rise",
        "modified": 0.0,
    }
    return Hit(path=path, title=title, strength=strength, **(given | values))


def a_window(qtbot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.take(Progress(State.CURRENT, notes=3, passages=3, embedded=3))
    window.show()
    return window


@pytest.fixture
def window(qtbot) -> MainWindow:
    return a_window(qtbot)


def answer(window: MainWindow, *hits: Hit, weak=(), final=True, text=None, **query) -> None:
    text = window.box.text() if text is None else text
    suggestion = query.pop("suggestion", "")
    asked = Query(text, **({"words": (text,)} | query))
    window.take(Results(asked, hits, tuple(weak), True, 8, final, suggestion))  # noqa: FBT003


def list_of(window: MainWindow) -> QListView:
    return window.findChild(QListView)


def titles(window: MainWindow) -> list[str]:
    model = list_of(window).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def selected(window: MainWindow) -> str:
    return list_of(window).currentIndex().data()


def texts(window: MainWindow) -> str:
    labels = [w for w in window.findChildren(object) if hasattr(w, "text") and w.isVisible()]
    return "\n".join(w.text() for w in labels)


def test_typing_asks_and_the_answer_is_listed_in_order(window, qtbot):
    with qtbot.waitSignal(window.asked) as asked:
        qtbot.keyClicks(window.box, "d")
    assert asked.args[0] == "d"
    answer(window, a_hit("First"), a_hit("Second", path="b.md"))
    assert titles(window) == ["First", "Second"]
    assert selected(window) == "First"
    assert list_of(window).isVisible()
    assert "3 notes · all current" in texts(window)
    assert "2 notes found · 8 ms" in texts(window)


def test_the_old_list_stays_until_the_new_answer_is_there_and_a_late_one_is_dropped(window, qtbot):
    qtbot.keyClicks(window.box, "do")
    answer(window, a_hit("Old"))
    qtbot.keyClicks(window.box, "u")
    assert titles(window) == ["Old"]
    answer(window, a_hit("Late"), text="do")
    assert titles(window) == ["Old"]
    answer(window, a_hit("New"))
    assert titles(window) == ["New"]


def test_an_empty_answer_by_words_does_not_flash_while_meaning_is_still_to_come(window, qtbot):
    qtbot.keyClicks(window.box, "do")
    answer(window, a_hit("Old"))
    qtbot.keyClicks(window.box, "u")
    answer(window, final=False)
    assert titles(window) == ["Old"]


def test_up_and_down_move_and_wrap_while_the_box_keeps_the_focus(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, *(a_hit(str(n), path=f"{n}.md") for n in range(3)))
    for key, expected in [("Down", "1"), ("Down", "2"), ("Down", "0"), ("Up", "2")]:
        qtbot.keyClick(window.box, getattr(Qt.Key, f"Key_{key}"))
        assert selected(window) == expected
    qtbot.keyClick(window.box, Qt.Key.Key_PageUp)
    assert selected(window) == "0"
    qtbot.keyClick(window.box, Qt.Key.Key_PageDown)
    assert selected(window) == "2"
    assert window.box.text() == "x"


def test_enter_opens_the_selected_note(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("First"), a_hit("Second", path="b.md"))
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.open_requested) as opened:
        qtbot.keyClick(window.box, Qt.Key.Key_Return)
    assert opened.args[0].title == "Second"


def test_enter_waits_for_the_answer_to_what_was_typed(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("Old"))
    qtbot.keyClicks(window.box, "y")
    opened = []
    window.open_requested.connect(opened.append)
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    assert opened == []
    answer(window, a_hit("New"))
    assert [hit.title for hit in opened] == ["New"]


def test_enter_opens_once_whatever_comes_after(window, qtbot):
    opened = []
    window.open_requested.connect(opened.append)
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("A", path="a.md"), a_hit("B", path="b.md"), final=False)
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    answer(window, a_hit("A", path="a.md"), a_hit("B", path="b.md"))
    assert [hit.title for hit in opened] == ["B"]


def test_enter_in_an_empty_box_opens_nothing_that_is_still_to_come(window, qtbot):
    opened = []
    window.open_requested.connect(opened.append)
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    answer(window, a_hit("Recent", strength=None))
    assert opened == []
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    assert [hit.title for hit in opened] == ["Recent"]


def test_a_failure_does_not_hide_what_is_found_and_goes_when_it_is_over(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    window.take(Progress(State.FAILED))
    window.take(Problem("", "the disk is full"))
    assert "The disk is full" in texts(window)
    answer(window, a_hit("Found"))
    assert list_of(window).isVisible()
    qtbot.keyClicks(window.box, "y")
    answer(window)
    assert "This did not work" in texts(window)
    window.take(Progress(State.CURRENT, notes=3))
    assert "No close match" in texts(window)


def test_escape_clears_and_the_recent_notes_are_asked_for(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit())
    with qtbot.waitSignal(window.asked) as asked:
        qtbot.keyClick(window.box, Qt.Key.Key_Escape)
    assert asked.args == ["", 50, False]
    assert window.box.text() == ""
    assert titles(window) == ["Bread"]
    answer(window, a_hit("Recent", strength=None))
    assert titles(window) == ["Recent"]
    assert "Recent notes" in texts(window)


def test_nothing_is_listed_before_there_are_notes(window):
    answer(window)
    assert "Type what the note is about" in texts(window)


def test_the_first_row_stays_chosen_until_the_whole_answer_is_there(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("By words", path="w.md"), final=False)
    answer(window, a_hit("Best", path="b.md"), a_hit("By words", path="w.md"))
    assert selected(window) == "Best"


def test_a_row_the_user_went_to_stays_chosen_when_the_whole_answer_comes(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("A", path="a.md"), a_hit("B", path="b.md"), final=False)
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    answer(window, a_hit("C", path="c.md"), a_hit("B", path="b.md"), a_hit("A", path="a.md"))
    assert selected(window) == "B"


def test_a_click_chooses_a_row(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("A", path="a.md"), a_hit("B", path="b.md"))
    rows = list_of(window)
    second = rows.visualRect(rows.model().index(1, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=second)
    answer(window, a_hit("C", path="c.md"), a_hit("A", path="a.md"), a_hit("B", path="b.md"))
    assert selected(window) == "B"


def test_the_selection_stays_with_its_note_when_the_same_question_is_answered_anew(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit("A", path="a.md"), a_hit("B", path="b.md"))
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    answer(window, a_hit("C", path="c.md"), a_hit("A", path="a.md"), a_hit("B", path="b.md"))
    assert selected(window) == "B"


def test_no_close_match_is_said_and_the_weak_ones_are_one_key_away(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, weak=[a_hit("Far", strength=Strength.WEAK)])
    assert "No close match" in texts(window)
    assert "Show the nearest notes" in texts(window)
    opened = []
    window.open_requested.connect(opened.append)
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    assert opened == []
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    assert list_of(window).isVisible()
    assert titles(window) == ["Far"]
    answer(window, weak=[a_hit("Far", strength=Strength.WEAK)])
    assert list_of(window).isVisible()
    qtbot.keyClick(window.box, Qt.Key.Key_Return)
    assert [hit.title for hit in opened] == ["Far"]


def test_no_close_match_while_reading_says_that_more_may_come(window, qtbot):
    window.take(Progress(State.READING, notes=10, unread=5))
    qtbot.keyClicks(window.box, "x")
    answer(window)
    assert "Not all notes have been read yet" in texts(window)


def test_more_notes_make_the_shown_question_be_asked_again(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    with qtbot.waitSignal(window.asked, timeout=WAIT_MS) as asked:
        window.take(Progress(State.READING, notes=4, unread=1))
    assert asked.args[0] == "x"


def test_the_first_run_offers_a_folder_and_the_sample_notes(qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    assert "nothing about them leaves it" in texts(window)
    buttons = {b.text(): b for b in window.findChildren(QPushButton) if b.isVisible()}
    assert "Choose a folder…" in buttons
    with qtbot.waitSignal(window.samples_requested):
        qtbot.mouseClick(buttons["Try the sample notes"], Qt.MouseButton.LeftButton)


def test_problems_are_counted_and_can_be_asked_for(window, qtbot):
    window.take((Problem("/notes/a.md", "holds binary data, not text"),))
    button = next(b for b in window.findChildren(QPushButton) if b.text() == "1 problem")
    with qtbot.waitSignal(window.problems_wanted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_reading_can_be_paused_and_resumed(window, qtbot):
    def button():
        return next(b for b in window.findChildren(QPushButton) if b.text() in {"Pause", "Resume"})

    assert not button().isVisible()
    window.take(Progress(State.READING, notes=4, unread=1))
    with qtbot.waitSignal(window.pause_wanted) as paused:
        qtbot.mouseClick(button(), Qt.MouseButton.LeftButton)
    window.take(Progress(State.PAUSED, notes=4, unread=1))
    assert "1 of 4 notes still to read · paused" in texts(window)
    with qtbot.waitSignal(window.pause_wanted) as resumed:
        qtbot.mouseClick(button(), Qt.MouseButton.LeftButton)
    assert (paused.args, resumed.args) == ([True], [False])


def test_a_change_on_the_disk_makes_the_shown_question_be_asked_again_at_once(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit())
    asked = []
    window.asked.connect(lambda *question: asked.append(question))
    window.take(Progress(State.CURRENT, notes=3, passages=3, embedded=3, changes=1))
    assert asked == [("x", 50, True)]


def test_an_error_stays_until_the_user_goes_on(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, a_hit())
    window.show_error("The note is no longer there.")
    answer(window, a_hit("Other", path="o.md"))
    assert "no longer there" in texts(window)
    qtbot.keyClicks(window.box, "y")
    assert "no longer there" not in texts(window)


def test_a_failure_of_the_program_is_shown(window):
    window.take(Problem("", "the model is damaged. Install notesearch again"))
    assert "The model is damaged" in texts(window)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(State.CURRENT, notes=1), "1 note · all current"),
        (Progress(State.READING, notes=4812, unread=412), "412 of 4,812 notes still to read"),
        (
            Progress(State.READING, notes=4812, unread=412, seconds_left=180.0),
            "412 of 4,812 notes still to read · about 3 min",
        ),
        (
            Progress(State.CURRENT, notes=2, folders=(Folder("/a", 2, available=False),)),
            "2 notes · all current · 1 folder is not available",
        ),
        (Progress(State.PAUSED, notes=2, passages=4, embedded=4), "2 notes · paused"),
        (
            Progress(State.EMBEDDING, notes=60, passages=200, embedded=50, seconds_left=180.0),
            "60 notes · 25 % searched by meaning too · about 3 min",
        ),
        (Progress(State.CURRENT), "No notes in the chosen folders"),
        (Progress(State.ELSEWHERE, notes=2), "2 notes · another notesearch is reading"),
    ],
)
def test_the_status_line_says_how_far_reading_is(progress, expected):
    assert progress_text(progress) == expected


def test_a_dark_palette_gives_the_dark_theme():
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor("#202020"))
    assert theme.theme_for(palette) is theme.DARK
    palette.setColor(QPalette.ColorRole.Window, QColor("#f0f0f0"))
    assert theme.theme_for(palette) is theme.LIGHT


def test_every_state_can_be_painted_also_with_strange_titles(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(
        window,
        a_hit("T" * 500, passage="p" * 9000, matches=((0, 3), (8000, 8010))),
        a_hit("<b>not bold</b>", path="b.md", heading="", passage=""),
        a_hit("שלום 汉字 🙂", path="c.md", score=1.0, strength=Strength.STRONG),
    )
    assert not window.grab().isNull()


# What is said of the query, and besides ------------------------------------------------------


def offer(window: MainWindow) -> QPushButton:
    return next(b for b in window.findChildren(QPushButton) if b.text().startswith("Did"))


def test_another_spelling_is_offered_and_never_applied(window, qtbot):
    qtbot.keyClicks(window.box, "braed")
    answer(window, a_hit(), final=False, suggestion="bread & oil")
    assert not offer(window).isVisible()
    answer(window, a_hit(), suggestion="bread & oil")
    assert offer(window).text() == "Did you mean “bread && oil”?"
    assert offer(window).isVisible()
    assert window.box.text() == "braed"
    with qtbot.waitSignal(window.asked) as asked:
        qtbot.mouseClick(offer(window), Qt.MouseButton.LeftButton)
    assert asked.args == ["bread & oil", 50, False]
    assert window.box.text() == "bread & oil"
    assert not offer(window).isVisible()


def test_the_offer_is_taken_with_its_key_also_where_nothing_was_found(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.box.hasFocus, timeout=WAIT_MS)
    qtbot.keyClicks(window.box, "braed")
    answer(window, suggestion="bread")
    assert "No close match" in texts(window)
    qtbot.keyClick(window.box, Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.box.text() == "bread", timeout=WAIT_MS)
    assert window.box.hasFocus()


def test_a_filter_that_makes_no_sense_is_said_until_something_else_is_typed(window, qtbot):
    qtbot.keyClicks(window.box, "modified:soon")
    answer(window, a_hit(), complaints=("“soon” is no time.", "<b>"))
    assert "“soon” is no time. <b>" in texts(window)
    qtbot.keyClicks(window.box, "x")
    assert "is no time" not in texts(window)


TAG = (Condition(Kind.TAG, "tag:x", "x"),)
NOT = (Condition(Kind.WORD, "-brake", "brake", negated=True),)
EITHER = (Condition(Kind.TAG, "#a", "a"), Condition(Kind.TAG, "#b", "b"))
PHRASE = (Condition(Kind.PHRASE, '"a b"', "a b"),)


def test_filters_alone_list_notes_newest_first(window, qtbot):
    qtbot.keyClicks(window.box, "tag:x")
    answer(
        window, a_hit(strength=None), a_hit(path="b.md", strength=None), words=(), clauses=(TAG,)
    )
    assert "2 notes, newest first" in texts(window)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"words": (), "clauses": (TAG,)}, "No note fulfils all of this: tag:x."),
        ({"words": (), "clauses": (EITHER, NOT)}, "fulfils all of this: #a OR #b -brake."),
        ({"words": (), "clauses": (NOT,)}, "something that is to be left out: -brake."),
        ({"words": ()}, "at least one word or filter."),
        ({"clauses": (TAG,)}, "No note that fulfils tag:x is close to the rest"),
        ({"phrases": ("a b",), "clauses": (PHRASE,)}, "No note is close to this in meaning"),
    ],
)
def test_why_nothing_was_found_takes_filters_into_account(query, expected):
    results = Results(Query("text", **({"words": ("text",)} | query)))
    assert expected in why_nothing(results, Progress(State.CURRENT, notes=3))


def test_a_language_that_the_model_does_not_know_is_said_once(window, qtbot):
    german = Progress(State.CURRENT, notes=3, passages=3, embedded=3, language="German")
    window.take(german)
    assert "Most of your notes are in German" in texts(window)
    close = next(b for b in window.notice.findChildren(QPushButton))
    with qtbot.waitSignal(window.notice_put_away) as told:
        qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert told.args == ["language"]
    window.take(german)
    assert "German" not in texts(window)


def test_a_notice_that_was_put_away_before_does_not_come(window):
    window.set_told(["language"])
    window.take(Progress(State.CURRENT, notes=3, language="German"))
    assert "German" not in texts(window)
    window.set_told([])
    assert "German" in texts(window)
    window.take(Progress(State.CURRENT, notes=3))
    assert "German" not in texts(window)


def test_f1_shows_the_keys_and_the_syntax_and_esc_closes_them(qtbot):
    window = MainWindow([("tag:<b>x</b>", "notes with this tag")])
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.box.hasFocus, timeout=WAIT_MS)
    qtbot.keyClick(window.box, Qt.Key.Key_F1)
    dialog = window.findChild(HelpDialog)
    qtbot.waitUntil(dialog.isVisible, timeout=WAIT_MS)
    said = dialog.findChild(QTextEdit).toPlainText()
    assert "tag:<b>x</b>" in said
    for key, does in KEYS:
        assert f"{key}\n{does}" in said
    window.restyle()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(HelpDialog) is None, timeout=WAIT_MS)


def test_f5_compares_everything_with_the_disk(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.box.hasFocus, timeout=WAIT_MS)
    with qtbot.waitSignal(window.refresh_wanted):
        qtbot.keyClick(window.box, Qt.Key.Key_F5)


# The model of the list ----------------------------------------------------------------------


def test_rows_speak_to_screen_readers():
    model = ResultsModel()
    model.show([a_hit(score=0.724)])
    index = model.index(0, 0)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "1 of 1: Bread, Good, 72. food › Crumb. Let the dough rise"
    assert index.data(HIT_ROLE).title == "Bread"
    assert "words 0.20" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_place_score_and_details_say_what_they_should():
    hit = a_hit(copies=("/notes/copy.md",))
    assert place(a_hit()) == "food › Crumb"
    assert place(a_hit(path="a.md", heading="")) == "a.md"
    assert place(a_hit(available=False)) == "Not available now · food › Crumb"
    assert place(hit) == "food › Crumb · 1 more copy"
    assert score(hit) == 50
    assert "Same content: /notes/copy.md" in details(hit)


@pytest.mark.parametrize(
    ("passage", "word", "expected"),
    [
        ("plain words", "words", "plain words"),
        ("- one\n  - two\n- [x] three", "two", "one two three"),
        ("**bold** and `code`", "code", "bold and code"),
        ("see [the site](https://example.org/x) now", "site", "see the site now"),
        ("see [[Some note|the note]] now", "note now", None),
        ("> quoted\n> text", "text", "quoted text"),
        ("a\n\n\nb   c", "c", "a b c"),
        ("| Plant | How |\n|---|:---:|\n| fern | damp |", "fern", "Plant | How fern | damp "),
        ("text\n\n| a | b |\nmore", "b", "text a | b more"),
    ],
)
def test_a_snippet_is_one_line_without_markup_and_its_spans_point_at_the_match(
    passage, word, expected
):
    at = passage.find(word)
    matches = ((at, at + len(word)),) if at >= 0 else ()
    text, spans = snippet(passage, matches)
    if expected is not None:
        assert text == expected
    assert [text[a:b] for a, b in spans] == ([word] if matches else [])


def test_a_snippet_begins_near_the_first_match():
    passage = "word " * 200 + "needle " + "word " * 200
    at = passage.index("needle")
    text, spans = snippet(passage, ((at, at + 6),))
    assert text.startswith("… word")
    assert text[slice(*spans[0])] == "needle"
    assert text.index("needle") < 80


def test_a_match_at_the_very_end_is_shown_with_what_stands_before_it():
    passage = "word " * 200 + "needle"
    text, spans = snippet(passage, ((1000, 1006),))
    assert len(text) > 120
    assert text[slice(*spans[0])] == "needle"
    text, _ = snippet("word " * 24 + "needle", ((120, 126),))
    assert text.startswith("word")
