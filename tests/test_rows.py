"""The ranked list by itself: what its rows say, look like and do, and that nothing moves."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QAccessible, QContextMenuEvent, QFont, QImage, QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from test_window import a_hit

from notesearch.core.notes import Carried, Carrier, Passages, Strength
from notesearch.gui import theme
from notesearch.gui.keys import Act
from notesearch.gui.results_model import HIT_ROLE, ROW_ROLE, ResultsModel
from notesearch.gui.results_view import ResultsView
from notesearch.gui.row_excerpt import excerpt, flat, title_matches
from notesearch.gui.row_lines import Paragraph, isolated, laid_out, trail
from notesearch.gui.row_list import RowList
from notesearch.gui.row_order import ordered
from notesearch.gui.row_words import by_meaning

LTR, RTL = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
DOUGH = "Let the dough rise"
HEBREW = "תנו לבצק לתפוח"


def notes(*names, **values):
    return [a_hit(name, path=f"{name}.md", **values) for name in names]


def further(hit, count=2):
    return tuple(
        replace(hit, heading=f"Part {n}", line=10 * n, passage=f"Passage {n} of it", more=0)
        for n in range(1, count + 1)
    )


def shown(model):
    """What stands in the rows: titles, and headings of further passages."""
    rows = [model.index(at).data(ROW_ROLE) for at in range(model.rowCount())]
    return [row.hit.heading if row.further else row.hit.title for row in rows]


def show(rows, hits, *, keep=False, whole=True):
    rows.show_hits(hits, keep=keep, whole=whole)


def heard(model):
    """Collect what a model announces."""
    said = []
    model.modelReset.connect(lambda: said.append("reset"))
    model.dataChanged.connect(lambda first, _: said.append(("changed", first.row())))
    model.rowsInserted.connect(lambda _, first, __: said.append(("inserted", first)))
    model.rowsRemoved.connect(lambda _, first, __: said.append(("removed", first)))
    model.rowsMoved.connect(lambda _, first, __, ___, to: said.append(("moved", first, to)))
    return said


@pytest.fixture
def rows(qtbot):
    """A list with a few notes, the first with further passages."""
    rows = RowList()
    qtbot.addWidget(rows)
    rows.resize(420, 500)
    rows.show()
    show(rows, [a_hit("A", path="A.md", more=2), *notes("B", "C")])
    return rows


# Orders and excerpts ------------------------------------------------------------------------


def test_hits_are_ordered_by_relevance_date_and_name():
    hits = [
        a_hit("note 10", path="a.md", modified=1.0), a_hit("Émile", path="b.md", modified=3.0),
        a_hit("Note 9", path="c.md", modified=2.0), a_hit("Zoo", path="d.md", modified=2.0),
        a_hit("note 9 b", path="e.md"), a_hit("note " + "9" * 5000, path="f.md"),
    ]  # fmt: skip

    def titles(sort):
        return [hit.title[:10] for hit in ordered(hits, sort)]

    assert ordered(hits, "relevance") == tuple(hits)
    assert titles("modified")[:4] == ["Émile", "Note 9", "Zoo", "note 10"]
    assert titles("name") == ["Émile", "Note 9", "note 9 b", "note 10", "note 99999", "Zoo"]


def test_an_excerpt_takes_all_kinds_of_places_along():
    passage = "**Let** the [dough](x.md) rise"
    text, (matches, others) = excerpt(passage, ((13, 18),), ((2, 5), (26, 30)))
    assert text == "Let the dough rise"
    assert [text[a:b] for a, b in (*matches, *others)] == ["dough", "Let", "rise"]


@pytest.mark.parametrize(
    ("title", "passage", "word", "expected"),
    [
        ("Dough and doughnuts", "the dough", "dough", ["Dough"]),
        ("Bread", "the dough", "dough", []),
        ("C++ and C", "about C++", "C++", ["C++"]),
        ("東京旅行", "東京に行く", "東京", ["東京"]),
    ],
)
def test_words_that_matched_are_found_in_the_title(title, passage, word, expected):
    at = passage.index(word)
    hit = a_hit(title, passage=passage, matches=((at, at + len(word)),))
    assert [title[a:b] for a, b in title_matches(hit)] == expected


def test_a_match_by_meaning_only_has_no_word_and_was_asked_for():
    assert by_meaning(a_hit(words=0.0))
    assert not by_meaning(a_hit(words=0.2))
    assert not by_meaning(a_hit(words=0.0, matches=((0, 3),)))
    assert not by_meaning(a_hit(words=0.0, strength=None))
    assert not by_meaning(a_hit(words=0.0, by_title=True))


# The model ----------------------------------------------------------------------------------


def test_further_passages_stand_below_their_note_and_go_again():
    model = ResultsModel()
    QAbstractItemModelTester(model)
    hit = a_hit("A", path="A.md", more=2)
    model.show([hit, *notes("B")])
    said = heard(model)
    model.expand(hit.file, further(hit))
    assert shown(model) == ["A", "Part 1", "Part 2", "B"]
    assert model.hits == (hit, *notes("B"))
    model.collapse(hit.file)
    assert shown(model) == ["A", "B"]
    assert "reset" not in said
    model.expand(a_hit("Unknown", path="x.md").file, further(hit))
    assert shown(model) == ["A", "B"]


def test_what_is_the_same_is_not_announced():
    model = ResultsModel()
    hits = notes("A", "B", "C")
    model.show(hits)
    said = heard(model)
    model.show(list(hits))
    model.show(list(hits), keep=True)
    assert said == []
    model.show([hits[0], replace(hits[1], score=0.9), hits[2]], keep=True)
    assert said == [("changed", 1)]


def test_an_answer_to_the_same_text_keeps_what_is_expanded_and_one_to_another_forgets_it():
    model = ResultsModel()
    hit = a_hit("A", path="A.md", more=2)
    model.show([hit])
    model.expand(hit.file, further(hit))
    model.show([*notes("B"), replace(hit, score=0.8)], keep=True)
    assert shown(model) == ["B", "A", "Part 1", "Part 2"]
    model.show([*notes("B"), replace(hit, more=0)], keep=True)
    assert shown(model) == ["B", "A"]
    model.expand(hit.file, further(hit))
    model.show([hit])
    assert shown(model) == ["A"]


NAMES = st.lists(st.sampled_from("ABCDEFG"), unique=True)


@given(before=NAMES, after=NAMES, expanded=NAMES)
def test_any_list_becomes_any_other_and_notes_keep_their_indexes(before, after, expanded):
    model = ResultsModel()
    QAbstractItemModelTester(model)
    model.show(notes(*before, more=2))
    for hit in notes(*expanded, more=2):
        model.expand(hit.file, further(hit))
    indexes = {
        name: QPersistentModelIndex(model.index(shown(model).index(name))) for name in before
    }
    model.show(notes(*after, more=2), keep=True)
    wanted = []
    for name in after:
        wanted += [name, *(["Part 1", "Part 2"] if name in before and name in expanded else [])]
    assert shown(model) == wanted
    for name, index in indexes.items():
        assert index.data() == (name if name in after else None)


def test_a_row_is_dragged_as_a_copy_of_its_file(tmp_path):
    model = ResultsModel()
    hit = replace(a_hit(path="a b/#1 ü.md"), folder=str(tmp_path))
    model.show([hit, *notes("Gone"), a_hit("Off", path="off.md", available=False)])
    model.mark(set(), {notes("Gone")[0].file})
    data = model.mimeData([model.index(0)])
    assert data.urls() == [QUrl.fromLocalFile(str(hit.file))]
    assert data.text() == str(hit.file)
    assert set(model.mimeTypes()) <= set(data.formats())
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    drags = [bool(model.index(n).flags() & Qt.ItemFlag.ItemIsDragEnabled) for n in range(3)]
    assert drags == [True, False, False]


# What a screen reader says ------------------------------------------------------------------


def test_a_screen_reader_hears_every_row(rows):
    hit = rows.rows.hits[0]
    rows.rows.expand(hit.file, further(hit))
    rows.rows.mark({hit.file}, set())
    QAccessible.setActive(True)
    try:
        read = QAccessible.queryAccessibleInterface(rows)
        assert read.text(QAccessible.Text.Name) == "Notes found"
        cells = [read.child(at) for at in range(read.childCount())]
        names = [cell.text(QAccessible.Text.Name) for cell in cells]
        more = [cell.text(QAccessible.Text.Description) for cell in cells]
        # Goes on being read with the keys in the search box.
        rows.go(Act.DOWN)
    finally:
        QAccessible.setActive(False)
    assert names[0] == f"1 of 3: A, Good, 50. Changed since read. Crumb. {DOUGH}"
    assert names[1].startswith("Passage 2 of 3 of A, Part 1 · line 10, Good, 50. Changed since")
    assert names[1].endswith(". Passage 1 of it")
    assert names[3] == f"2 of 3: B, Good, 50. Crumb. {DOUGH}"
    assert "2 more passages. Ctrl+G hides them" in more[0]
    assert more[3].startswith("Line 3. Changed")


def test_a_match_by_meaning_is_said_and_nothing_is_endless():
    model = ResultsModel()
    model.show([a_hit("T" * 5000, heading="h" * 5000, passage="p " * 5000, words=0.0)])
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Good, 50, matches by meaning." in spoken
    assert len(spoken) < 1000
    assert "≈ Matches by meaning" in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


# Choosing -----------------------------------------------------------------------------------


def place_of(rows):
    return rows.current().title, rows.visualRect(rows.currentIndex()).top()


@pytest.fixture
def long(rows):
    show(rows, notes(*(str(n) for n in range(40))))
    for _ in range(20):
        rows.go(Act.DOWN)
    return rows


def test_the_selected_note_stays_where_it_is_on_the_screen(long):
    before = place_of(long)
    hits = list(long.rows.hits)
    show(long, [*notes("new", "newer"), *hits], keep=True)
    assert place_of(long) == before
    show(long, hits[5:], keep=True)
    assert place_of(long) == before
    long.rows.expand(hits[18].file, further(hits[18]))
    show(long, [*hits[:19], replace(hits[19], more=2), *hits[20:]], keep=True)
    assert long.current() == hits[20]


def test_what_is_looked_at_stays_where_it_is_when_the_selection_is_elsewhere(long):
    long.verticalScrollBar().setValue(0)
    show(long, [*notes("new"), *long.rows.hits], keep=True)
    assert long.current().title == "20"
    assert long.indexAt(QPoint(50, 20)).data() == "0"


def test_an_answer_to_another_text_begins_at_the_top(long):
    show(long, notes("x", *(str(n) for n in range(40))))
    assert place_of(long)[0] == "x"
    assert long.verticalScrollBar().value() == 0


def test_the_selection_goes_on_when_its_note_goes(long):
    show(long, [hit for hit in long.rows.hits if hit.title != "20"], keep=True)
    assert long.current().title in {"19", "21"}
    show(long, [], keep=True)
    assert long.current() is None
    show(long, notes("a"), keep=True)
    assert long.current().title == "a"


def test_every_move(long):
    assert long.current().title == "20"
    titles = []
    for act in (Act.PAGE_UP, Act.PAGE_DOWN, Act.FIRST, Act.UP, Act.DOWN, Act.LAST, Act.OPEN):
        long.go(act)
        titles.append(long.current().title)
    assert int(titles[0]) < 19
    assert int(titles[1]) > int(titles[0]) + 1
    assert titles[2:] == ["0", "39", "0", "39", "39"]
    show(long, [])
    long.go(Act.DOWN)
    assert long.current() is None


def test_notes_are_counted_without_further_passages(rows):
    hit = rows.rows.hits[0]
    rows.rows.expand(hit.file, further(hit))
    assert [getattr(rows.nth(n), "title", None) for n in range(5)] == [None, "A", "B", "C", None]


# Expanding ----------------------------------------------------------------------------------


def wanted(rows):
    asked = []
    rows.spread_wanted.connect(asked.append)
    return asked


def test_passages_are_asked_for_shown_and_hidden(rows):
    hit, asked = rows.rows.hits[0], wanted(rows)
    rows.toggle_passages()
    assert asked == [hit]
    assert shown(rows.rows) == ["A", "B", "C"]
    rows.take(Passages("x", hit.file, further(hit)))
    assert shown(rows.rows) == ["A", "Part 1", "Part 2", "B", "C"]
    rows.go(Act.DOWN)
    assert rows.current().heading == "Part 1"
    rows.toggle_passages()
    assert shown(rows.rows) == ["A", "B", "C"]
    assert rows.current() == hit
    assert asked == [hit]


def test_passages_that_are_not_wanted_any_more_are_not_shown(rows):
    hit = rows.rows.hits[0]
    rows.take(Passages("x", hit.file, further(hit)))
    rows.toggle_passages()
    rows.toggle_passages()
    rows.take(Passages("x", hit.file, further(hit)))
    rows.toggle_passages()
    show(rows, [replace(hit, score=0.3)])
    rows.take(Passages("x", hit.file, further(hit)))
    assert shown(rows.rows) == ["A"]
    rows.go(Act.LAST)
    show(rows, notes("B"))
    asked = wanted(rows)
    rows.toggle_passages()
    assert asked == []


def test_a_renewed_answer_keeps_notes_expanded_and_asks_for_their_passages_again(rows):
    hit, asked = rows.rows.hits[0], wanted(rows)
    rows.toggle_passages()
    rows.take(Passages("x", hit.file, further(hit)))
    rows.go(Act.DOWN)
    rows.go(Act.DOWN)
    show(rows, rows.rows.hits, keep=True, whole=False)
    assert asked == [hit]
    show(rows, rows.rows.hits, keep=True)
    assert asked == [hit, hit]
    rows.take(Passages("x", hit.file, further(hit, 1)))
    assert shown(rows.rows) == ["A", "Part 1", "B", "C"]
    assert rows.current() == hit


def link(rows, row=0):
    option_rect = rows.visualRect(rows.rows.index(row))
    return next(
        QPoint(option_rect.left() + 30, y)
        for y in range(option_rect.bottom(), option_rect.top(), -1)
        if rows._is_link(rows.rows.index(row), QPoint(option_rect.left() + 30, y))
    )


def test_the_link_in_a_row_is_clicked_and_opens_nothing(rows, qtbot):
    hit, asked, opened = rows.rows.hits[0], wanted(rows), []
    rows.opened.connect(opened.append)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(rows.viewport(), left, pos=link(rows))
    qtbot.mouseDClick(rows.viewport(), left, pos=link(rows))
    assert asked == [hit]
    assert opened == []
    qtbot.mouseMove(rows.viewport(), link(rows))
    assert rows.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor


# The mouse ----------------------------------------------------------------------------------


def middle_of(rows, row):
    return rows.visualRect(rows.rows.index(row)).center()


def test_double_click_opens_and_middle_click_opens_with_the_second_program(rows, qtbot):
    opened, second = [], []
    rows.opened.connect(opened.append)
    rows.second_wanted.connect(second.append)
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(rows, 1))
    assert (opened, second) == ([], [])
    qtbot.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(rows, 1))
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.MiddleButton, pos=middle_of(rows, 2))
    assert [hit.title for hit in opened] == ["B"]
    assert [hit.title for hit in second] == ["C"]


def test_ctrl_and_a_click_leave_the_row_selected(rows, qtbot):
    ctrl = Qt.KeyboardModifier.ControlModifier
    for _ in range(2):
        qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, ctrl, middle_of(rows, 1))
    assert rows.selectionModel().isSelected(rows.rows.index(1))


def test_the_menu_is_asked_for_at_the_mouse_and_at_the_row(rows):
    asked = []
    rows.menu_wanted.connect(lambda hit, at: asked.append((hit.title, at)))
    at = middle_of(rows, 2)
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, at, rows.viewport().mapToGlobal(at))
    QApplication.sendEvent(rows.viewport(), event)
    rows.show_menu()
    assert [title for title, _ in asked] == ["C", "C"]
    assert asked[0][1] == rows.viewport().mapToGlobal(at)
    assert rows.visualRect(rows.currentIndex()).contains(rows.viewport().mapFromGlobal(asked[1][1]))


def moved(rows, at):
    there = QPointF(rows.viewport().mapToGlobal(at))
    buttons, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QMouseEvent.Type.MouseMove, QPointF(at), there, buttons, buttons, none)
    QApplication.sendEvent(rows.viewport(), event)


def test_only_a_mouse_that_moves_points_at_a_row_and_it_selects_nothing(rows):
    at = middle_of(rows, 1)
    moved(rows, at)
    assert rows.delegate.hovered.row() == 1
    assert rows.current().title == "A"
    rows.go(Act.DOWN)
    assert not rows.delegate.hovered.isValid()
    moved(rows, at)
    assert not rows.delegate.hovered.isValid()
    moved(rows, at + QPoint(3, 0))
    assert rows.delegate.hovered.row() == 1
    show(rows, notes(*(str(n) for n in range(9))))
    moved(rows, at)
    rows.verticalScrollBar().setValue(50)
    assert not rows.delegate.hovered.isValid()


# What carried the meaning -------------------------------------------------------------------


def test_what_carried_the_meaning_is_asked_for_the_rows_in_sight_once_all_rests(long, qtbot):
    asked = []
    long.carry_wanted.connect(asked.append)
    qtbot.waitUntil(lambda: len(asked) == 1)
    seen = [index.data(HIT_ROLE) for index in long._in_sight()]
    assert asked[0] == seen
    assert 2 < len(seen) < 12
    for hit in seen:
        long.take(Carried("x", hit, (), 0.5))
    long.verticalScrollBar().setValue(long.verticalScrollBar().value() + 40)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert len(asked[1]) == 1


def test_nothing_is_asked_of_an_answer_that_is_not_whole_nor_of_recent_notes(rows, qtbot):
    asked = []
    rows.carry_wanted.connect(asked.append)
    show(rows, notes("A"), whole=False)
    assert not rows._rest.isActive()
    show(rows, [*notes("B", strength=None), *notes("C", cosine=0.0)])
    qtbot.waitUntil(lambda: not rows._rest.isActive())
    assert asked == []


def test_what_carried_the_meaning_stays_with_the_same_question(rows):
    hit = rows.rows.hits[1]
    rows.take(Carried("x", hit, (Carrier(8, 13, 0.5),), 0.5))
    show(rows, [replace(hit, score=0.4)], keep=True)
    assert rows.rows.index(0).data(ROW_ROLE).carried == ((8, 13),)
    show(rows, [hit])
    assert rows.rows.index(0).data(ROW_ROLE).carried is None


# Paint --------------------------------------------------------------------------------------


def painted(qtbot, hits, colours=theme.LIGHT, **given):
    """Return a list without a selected row; given: size of text, direction, width."""
    rows = RowList()
    qtbot.addWidget(rows)
    rows.delegate.theme = colours
    rows.setStyleSheet(f"QListView {{ background: {colours.surface.name()}; border: 0 }}")
    font = QFont(rows.font())
    font.setPointSizeF(given.get("size", font.pointSizeF()))
    rows.setFont(font)
    rows.setLayoutDirection(given.get("direction", LTR))
    rows.resize(given.get("width", 480), 600)
    show(rows, hits)
    rows.clearSelection()
    return rows


def picture(rows) -> QImage:
    return rows.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def colours_of(image: QImage) -> set[str]:
    found = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    return {f"#{pixel & 0xFFFFFF:06x}" for pixel in found}


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_words_and_meaning_are_painted_in_colours_of_their_own(qtbot, colours):
    hit = a_hit("The dough", passage=DOUGH, matches=((8, 13),))
    seen = colours_of(picture(painted(qtbot, [hit], colours)))
    assert colours.match.name() in seen
    assert colours.meaning.name() not in seen
    rows = painted(qtbot, [hit], colours)
    rows.take(Carried("x", hit, (Carrier(14, 18, 0.5),), 0.5))
    assert {colours.meaning.name(), colours.underline.name()} <= colours_of(picture(rows))


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_a_match_by_meaning_has_its_sign_and_further_passages_their_link(qtbot, colours):
    words = colours_of(picture(painted(qtbot, [a_hit()], colours, size=24)))
    hit = a_hit(words=0.0, more=3, score=0.0)
    meaning = colours_of(picture(painted(qtbot, [hit], colours, size=24)))
    assert colours.underline.name() not in words
    assert colours.underline.name() in meaning
    assert colours.warning.name() not in meaning
    rows = painted(qtbot, [hit], colours, size=24)
    rows.rows.mark({hit.file}, set())
    assert colours.warning.name() in colours_of(picture(rows))


def test_the_selected_row_is_told_by_more_than_its_ground(qtbot):
    rows = painted(qtbot, notes("A", "B", score=0.0, strength=None))
    assert theme.LIGHT.accent.name() not in colours_of(picture(rows))
    rows.setCurrentIndex(rows.rows.index(1))
    seen = colours_of(picture(rows))
    assert {theme.LIGHT.accent.name(), theme.LIGHT.selected.name()} <= seen


def ink(image: QImage, colour: str, rect: QRect) -> tuple[int, int]:
    """Return how far from the left and from the right a colour begins."""
    wanted, ratio = int(colour[1:], 16), round(image.devicePixelRatio())
    width, height = ratio * rect.width(), ratio * rect.height()
    above, before = ratio * rect.top(), ratio * rect.left()
    columns = [
        x
        for x in range(width)
        if any(image.pixel(before + x, above + y) & 0xFFFFFF == wanted for y in range(height))
    ]
    return columns[0] // ratio, (width - columns[-1]) // ratio


@pytest.mark.parametrize("direction", [LTR, RTL], ids=["ltr", "rtl"])
@pytest.mark.parametrize(("passage", "rightwards"), [(DOUGH, True), (HEBREW, False)])
def test_a_passage_stands_where_its_letters_begin(qtbot, direction, passage, rightwards):
    # The first word has the colour of a match: it stands where the line begins.
    first = passage.index(" ")
    hit = a_hit("", passage=passage, matches=((0, first),))
    rows = painted(qtbot, [hit], direction=direction)
    left, right = ink(picture(rows), theme.LIGHT.match.name(), rows.visualRect(rows.rows.index(0)))
    assert (left < 40) == rightwards
    assert (right < 40) == (not rightwards)


@pytest.mark.parametrize("direction", [LTR, RTL], ids=["ltr", "rtl"])
def test_rows_are_mirrored_with_the_window(qtbot, direction):
    rows = painted(qtbot, [a_hit(score=1.0)], direction=direction)
    left, right = ink(picture(rows), theme.LIGHT.accent.name(), rows.visualRect(rows.rows.index(0)))
    assert (left > right) == (direction == LTR)


def lines_of(layout):
    units = layout.text().encode("utf-16-le", "surrogatepass")
    lines = [layout.lineAt(n) for n in range(layout.lineCount())]
    return [
        units[2 * x.textStart() : 2 * (x.textStart() + x.textLength())].decode("utf-16-le")
        for x in lines
    ]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 90,
        "生地を暖かい場所で発酵させます。" * 20,
        "🙂🍞 dough " * 40,
        f"{HEBREW} " * 30,
        "x" * 400,
    ],
)
@pytest.mark.parametrize("width", [1, 40, 256, 700])
def test_a_text_fills_its_lines_and_ends_with_an_ellipsis(qapp, text, width):
    layout = laid_out(Paragraph(text, LTR, 2), qapp.font(), width)
    lines = lines_of(layout)
    assert len(lines) <= 2
    if width >= 40:
        assert len("".join(lines)) < len(text)
        assert lines[-1].rstrip("\u200d").endswith("…")
        assert all(layout.lineAt(n).naturalTextWidth() <= width + 1 for n in range(2))
    if width == 256:
        assert layout.lineAt(0).naturalTextWidth() > 190


def test_a_short_text_is_left_whole_and_breaks_only_where_it_must(qapp):
    text = "one\u2028two\tthree\x00"
    assert len(lines_of(laid_out(Paragraph(text, LTR, 2), qapp.font(), 600))) == 1
    assert lines_of(laid_out(Paragraph("", LTR, 2), qapp.font(), 600)) == [""]
    title = laid_out(Paragraph("t" * 900, LTR), qapp.font(), 100)
    assert title.lineCount() == 1
    assert title.text().endswith("…")


def test_folders_keep_their_order_in_any_script():
    assert trail("a › b", LTR) == "a › b"
    assert isolated("Today", LTR) == "Today"
    assert trail("a › תיקייה", LTR) == "a › \u2068תיקייה\u2069"
    assert trail("a › b", RTL) == "\u2068a\u2069 › \u2068b\u2069"


@pytest.mark.parametrize("width", [120, 288, 900])
@pytest.mark.parametrize("size", [6, 9, 27])
@pytest.mark.parametrize("direction", [LTR, RTL], ids=["ltr", "rtl"])
def test_strange_rows_are_painted_in_every_room(qtbot, width, size, direction):
    hits = [
        a_hit("T" * 900, passage="p" * 9000, matches=((0, 3), (8000, 8010)), more=1200),
        a_hit("", path="b.md", heading="", passage="", copies=("/x",) * 3),
        a_hit(f"{HEBREW} 汉字 🙂\nnew line", path="c.md", score=1.0, strength=Strength.STRONG),
        a_hit("Recent", path="d.md", strength=None, available=False),
    ]
    rows = painted(qtbot, hits, size=size, direction=direction, width=width)
    rows.rows.expand(hits[0].file, further(hits[0]))
    rows.rows.mark({hits[1].file}, {hits[2].file})
    assert not picture(rows).isNull()


def test_rows_grow_with_the_font_of_the_program(qtbot):
    rows = painted(qtbot, notes("A"))
    rows.show()
    before = rows.visualRect(rows.rows.index(0)).height()
    font = rows.font()
    font.setPointSizeF(2 * font.pointSizeF())
    rows.setFont(font)
    qtbot.waitUntil(lambda: rows.visualRect(rows.rows.index(0)).height() > 1.6 * before)


def test_the_whole_list_is_made_and_painted_in_no_time(qtbot):
    hits = notes(*(str(n) for n in range(50)), passage=DOUGH * 40, matches=((8, 13),))
    rows = painted(qtbot, notes("A"))
    rows.show()
    # The time of the processor: by the clock, a busy machine may take any.
    began = time.thread_time()
    show(rows, hits)
    picture(rows)
    assert time.thread_time() - began < 1.0


# The list beside the note -------------------------------------------------------------------


def test_the_view_passes_on_what_the_list_says(qtbot):
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    hit = a_hit("A", path="A.md", more=2)
    view.show_hits([hit, *notes("B")], keep=False, whole=True)
    asked = wanted(view)
    menus, seconds, carried = [], [], []
    view.menu_wanted.connect(lambda hit, _: menus.append(hit))
    view.second_wanted.connect(seconds.append)
    view.carry_wanted.connect(carried.append)
    assert not view.chosen
    view.toggle_passages()
    view.take(Passages("x", hit.file, further(hit)))
    assert asked == [hit]
    assert view.chosen
    view.go(Act.DOWN)
    assert view.current().heading == "Part 1"
    view.show_menu()
    middle = Qt.MouseButton.MiddleButton
    qtbot.mouseClick(view.list.viewport(), middle, pos=middle_of(view.list, 0))
    assert [h.heading for h in menus] == ["Part 1"]
    assert seconds == [hit]
    assert view.nth(2).title == "B"
    qtbot.waitUntil(lambda: carried != [])
    view.take(Carried("x", hit, (), 0.1))
    assert view.list.rows.index(0).data(ROW_ROLE).carried == ()


def test_a_further_passage_is_glanced_at_and_an_answer_that_is_the_same_is_not_twice(qtbot):
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(1200, 500)
    view.show()
    glanced = []
    view.glanced.connect(glanced.append)
    hit = a_hit("A", path="A.md", more=2)
    view.show_hits([hit], keep=False)
    qtbot.waitUntil(lambda: glanced == [hit])
    view.show_hits([hit], keep=True)
    assert not view._rest.isActive()
    view.toggle_passages()
    view.take(Passages("x", hit.file, further(hit)))
    view.go(Act.DOWN)
    qtbot.waitUntil(lambda: len(glanced) == 2)
    assert glanced[1].heading == "Part 1"


def test_the_name_of_a_language_is_no_part_of_an_excerpt():
    text = "Run this:\n\n```bash\ndocker ps\n```\nThen the rest"
    assert flat(text)[0] == "Run this: docker ps Then the rest"
    assert flat("```elixir\nx = :x\n```")[0].strip() == "x = :x"
