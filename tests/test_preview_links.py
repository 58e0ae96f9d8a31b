"""Wiki links, front matter and what is found in a note: what the reading pane makes of them."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from notesearch.core.notes import Preview
from notesearch.gui.preview import PreviewPane
from notesearch.gui.preview_fields import MAX_FIELDS
from notesearch.gui.preview_find import Searchable
from notesearch.gui.preview_links import MAX_LINKS, with_links
from notesearch.gui.preview_target import target
from notesearch.gui.preview_text import find_same
from notesearch.gui.theme import DARK

FOLDER = Path("/notes")


def a_preview(passage="", *, before="", after="", **values) -> Preview:
    return Preview(FOLDER / "sub" / "Note.md", FOLDER, "Note", before, passage, after, **values)


def linked(text: str) -> tuple[str, tuple[str, ...]]:
    shown, targets = with_links(a_preview(text))
    return shown.passage, targets


def words(text: str, *places: tuple[int, int]) -> list[str]:
    return [text[start:end] for start, end in places]


@pytest.fixture
def pane(qtbot) -> PreviewPane:
    pane = PreviewPane()
    qtbot.addWidget(pane)
    pane.resize(480, 400)
    pane.show()
    return pane


# Wiki links ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown", "leads"),
    [
        ("[[Note]]", "Note", "Note"),
        ("[[a/Note.md]]", "a/Note.md", "a/Note.md"),
        ("[[Note|some *words*]]", "some *words*", "Note"),
        ("[[Note#Heading]]", "Note › Heading", "Note#Heading"),
        ("[[#Heading]]", "Heading", "#Heading"),
        ("![[Note]]", "Note", "Note"),
        ("[[__init__]]", "__init__", "__init__"),
        ("[[C#|]]", "C#", "C#"),
        ("[[über & 𝔘]]", "über & 𝔘", "über & 𝔘"),
    ],
)
def test_a_wiki_link_is_shown_by_its_words(pane, text, shown, leads):
    wanted = []
    pane.follow_wanted.connect(lambda *link: wanted.append(link))
    pane.show_preview(a_preview(f"before {text} after"))
    assert pane.toPlainText().split() == f"before {shown} after".split()
    cursor = pane.document().find(shown.split()[0])
    pane.anchorClicked.emit(QUrl(cursor.charFormat().anchorHref()))
    assert wanted == [(FOLDER / "sub" / "Note.md", FOLDER, leads)]


@pytest.mark.parametrize(
    "text",
    [
        "`[[x]]`",
        "``a ` [[x]]``",
        "```\n[[x]]\n```",
        "~~~~\n```\n[[x]]\n~~~\n[[x]]\n~~~~",
        "- a\n  ```\n  [[x]]\n  ```",
        "> ```\n> [[x]]\n> ```",
        "text\n\n    [[x]]\n    [[x]]",
        r"\[[x]]",
        "[[]]",
        "[[a\nb]]",
        "[[" + "x" * 301 + "]]",
    ],
)
def test_what_is_code_or_no_link_stays_as_it_is(text):
    assert linked(text) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "- a\n    - [[x]]",
        "- a\n\n    [[x]]",
        "text\n    [[x]]",
        "`a` [[x]] `b`",
        "`[[x]]",
        "a ` [[x]] ``",
    ],
)
def test_what_only_looks_like_code_is_a_link(text):
    assert linked(text) == (text.replace("[[x]]", "[x](wiki:0)"), ("x",))


def test_in_a_table_the_bar_of_a_link_is_escaped(pane):
    pane.show_preview(a_preview("| a | b |\n|---|---|\n| [[Note\\|words]] | c |\n"))
    assert "words" in pane.toPlainText().split("\n")


def test_links_are_numbered_through_all_parts_and_never_cut():
    shown, targets = with_links(a_preview("[[b]] [[c", before="[[a]] ", after="]] [[d]]"))
    assert targets == ("a", "b", "c", "d")
    assert (shown.before, shown.passage, shown.after) == (
        "[a](wiki:0) ", "[b](wiki:1) [[c", "]] [d](wiki:3)",
    )  # fmt: skip


def test_links_are_bounded_in_number_and_in_the_time_they_take():
    _, targets = linked("[[a]] " * (MAX_LINKS + 50))
    assert len(targets) == MAX_LINKS
    started = time.process_time()
    for piece in (
        "[[",
        "[[a",
        "`[[a]]",
        "`" * 3 + "a",
        "![[",
        "[[a|",
        "    [[a]]\n\n",
        "- `` [[a]]\n",
    ):
        linked(piece * (64_000 // len(piece)))
    assert time.process_time() - started < 10


def test_the_passage_is_found_and_marked_beside_links(pane):
    passage = "The [[loaf|heavy thing]] is [[Dense bread]], a needle.\n\n"
    link = "- [[a/long/path/of/folders|x]] and [[y]]\n"
    pane.show_preview(
        a_preview(passage, before=link * 100 + "\n", after=link * 50, words=("needle",))
    )
    assert pane.textCursor().block().text() == "The heavy thing is Dense bread, a needle."
    start = passage.index("needle")
    text = pane.toPlainText()
    place = (text.index("The heavy"), text.index(", a needle.") + 11)
    assert words(text, *find_same(text, place, passage, [(start, start + 6)])) == ["needle"]


def test_where_a_link_leads_is_said():
    note = a_preview()
    assert target(QUrl("wiki:0"), note, ("Note#Part",)) == ("", "Note › Part")
    assert target(QUrl("#part"), note) == ("", "part")
    assert target(QUrl("x.md"), note) == ("", "x.md")
    assert target(QUrl("wiki:7"), note, ("Note",)) == ("", "Leads nowhere: wiki:7")


# Front matter ----------------------------------------------------------------------------------

FIELDS = (("tags", "bread, slow"), ("note", "<b>x</b> [[y]] ![p](x.png)"))


FIRST = {
    "heading": "# Title\n\nneedle",
    "list": "- needle\n- b",
    "quote": "> needle",
    "code": "```\nneedle\n```",
    "table": "|a|b|\n|-|-|\n|needle|d|",
    "plain text": "needle " * 9_000,
    "nothing": "",
}


@pytest.mark.parametrize("text", FIRST.values(), ids=FIRST)
def test_fields_stand_above_the_note_as_text(pane, text):
    pane.show_preview(a_preview(text, fields=()))
    plain = pane.toPlainText()
    pane.show_preview(a_preview(text, fields=FIELDS))
    said = ["tags", "bread, slow", "note", "<b>x</b> [[y]] ![p](x.png)"]
    lines = pane.toPlainText().split("\n")
    assert [line for line in lines[:5] if line] == said
    assert "\n".join(lines[5:]).strip() == plain.strip()
    pane.grab()


def test_what_stands_first_keeps_its_looks(pane):
    pane.show_preview(a_preview("# Title\n\ntext", fields=FIELDS))
    heading = pane.document().find("Title")
    assert heading.blockFormat().headingLevel() == 1
    pane.show_preview(a_preview("- one\n- two", fields=FIELDS))
    one, two = (pane.document().find(word).currentList() for word in ("one", "two"))
    assert one == two
    assert one.count() == 2


def test_the_passage_is_found_below_the_fields(pane):
    passage = "The bread, slow.\n\n"
    pane.show_preview(a_preview(passage, before="Start.\n\n", after="End.\n", fields=FIELDS))
    assert pane.textCursor().block().text() == "The bread, slow."


def test_fields_are_bounded_and_only_shown_at_the_beginning(pane):
    many = tuple((f"name{n}", "v" * 1_000) for n in range(500))
    pane.show_preview(a_preview("x", fields=many))
    assert pane.toPlainText().count("name") == MAX_FIELDS
    assert len(pane.toPlainText()) < 20_000
    pane.show_preview(a_preview("x", fields=many, begins_late=True))
    assert "name" not in pane.toPlainText()


# What is found in a note -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("Café cafe\u0301 CAFE", "café", ["Café", "cafe\u0301", "CAFE"]),
        ("Straße, strasse", "strasse", ["Straße", "strasse"]),
        ("a𝔘b 🙂 c", "b 🙂", ["b 🙂"]),
        ("x.y xzy", ".", ["."]),
        ("aaa", "aa", ["aa"]),
        ("two\u00a0words", "two words", ["two\u00a0words"]),
        ("汉字测试", "字测", ["字测"]),
        ("anything", "  ", []),
        ("anything", "", []),
        ("", "x", []),
        ("a\u0301b", "\u0301", []),
    ],
)
def test_text_is_found_whatever_its_case_and_accents(text, wanted, found):
    assert words(text, *Searchable(text).places(wanted)) == found


def current(pane: PreviewPane) -> str:
    strong = pane.extraSelections()[-1]
    assert strong.format.background().color() == pane.theme.accent
    return strong.cursor.selectedText()


def in_sight(pane: PreviewPane) -> bool:
    strong = pane.extraSelections()[-1]
    return pane.viewport().rect().contains(pane.cursorRect(strong.cursor))


def test_matches_are_gone_through_from_the_passage_on_and_round(pane):
    line = "Some ordinary words stand in this line.\n\n"
    pane.show_preview(
        a_preview("Passage word.\n\n", before=f"word\n\n{line * 60}", after=f"{line * 60}Word.\n",
                  words=("word",))
    )  # fmt: skip
    assert pane.place == (0, 3)
    pane.step(1)
    assert (pane.place, current(pane)) == ((2, 3), "word")
    pane.step(1)
    assert (pane.place, current(pane)) == ((3, 3), "Word")
    assert in_sight(pane)
    pane.step(1)
    assert pane.place == (1, 3)
    assert in_sight(pane)
    pane.step(-1)
    assert pane.place == (3, 3)


def test_without_matches_there_is_nowhere_to_go(pane):
    pane.show_preview(a_preview("text"))
    pane.step(1)
    assert pane.place == (0, 0)
    pane.show_preview(None)
    pane.step(-1)
    pane.seek("x")
    assert pane.place == (0, 0)


def test_what_is_sought_is_marked_instead_of_the_matches(pane):
    pane.show_preview(a_preview("One two, Two, tẃo one", words=("one",)))
    pane.seek("two")
    marked = [one.cursor.selectedText() for one in pane.extraSelections()]
    assert sorted(marked) == ["Two", "two", "two", "tẃo"]
    assert (pane.place, current(pane)) == ((1, 3), "two")
    pane.restyle(DARK)
    assert (pane.place, current(pane)) == ((1, 3), "two")
    pane.seek("")
    assert sorted(one.cursor.selectedText() for one in pane.extraSelections()) == ["One", "one"]


# The whole -------------------------------------------------------------------------------------


def test_a_larger_font_is_taken_up_at_once(pane, qtbot):
    def sizes():
        return pane.document().defaultFont().pointSizeF(), pane.document().size().height()

    pane.show_preview(a_preview("needle\n\n", before="text\n\n" * 80, after="text\n\n" * 80))
    size, height = sizes()
    font = QFont(QApplication.font())
    before = QFont(font)
    try:
        font.setPointSizeF(size * 2)
        QApplication.setFont(font)
        qtbot.waitUntil(lambda: sizes()[0] == pytest.approx(size * 2))
        assert sizes()[1] > height * 1.5
        needle = pane.document().find("needle")
        needle.setPosition(needle.selectionStart())
        assert pane.viewport().rect().contains(pane.cursorRect(needle).topLeft())
    finally:
        QApplication.setFont(before)
        qtbot.waitUntil(lambda: sizes()[0] == size)


def test_a_part_of_a_note_says_so(pane):
    pane.show_preview(a_preview("x", ends_early=True, line=70))
    assert pane.accessibleDescription() == "A part of the note, around line 70"
    pane.show_preview(None)
    assert (pane.accessibleName(), pane.accessibleDescription()) == ("No note", "")
