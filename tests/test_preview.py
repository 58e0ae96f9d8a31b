"""The reading pane: real widgets, real files, and notes that mean harm."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QFontInfo, QImage, QTextDocument
from PySide6.QtWidgets import QApplication

from notesearch.core.notes import Preview
from notesearch.gui import preview_files
from notesearch.gui.preview import PreviewPane
from notesearch.gui.preview_files import inside
from notesearch.gui.preview_marks import MAX_MARKS
from notesearch.gui.preview_text import (
    MAX_CHARACTERS,
    PLAIN_LINE,
    bounded,
    find_place,
    find_words,
    is_risky,
    letters,
    short_lines,
    units_before,
)
from notesearch.gui.theme import DARK, LIGHT

RED = QColor("#ff0000")
TEXT = "Some ordinary words stand in this line.\n\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "notes"
    (folder / "sub").mkdir(parents=True)
    return folder


@pytest.fixture
def pane(qtbot) -> PreviewPane:
    pane = PreviewPane()
    qtbot.addWidget(pane)
    pane.resize(480, 400)
    pane.show()
    return pane


def a_preview(passage="", *, folder=Path("/notes"), before="", after="", **values) -> Preview:
    return Preview(folder / "sub" / "Note.md", folder, "Note", before, passage, after, **values)


def red(path: Path, width=40, height=40, kind="png") -> Path:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(RED)
    assert image.save(str(path), kind)
    return path


def paints_red(pane: PreviewPane) -> bool:
    image = pane.grab().toImage()
    return any(
        image.pixelColor(x, y) == RED
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    )


def formats(pane: PreviewPane):
    return [form.toCharFormat() for form in pane.document().allFormats() if form.isCharFormat()]


def picture_names(pane: PreviewPane) -> list[str]:
    """Return the names by which Qt might look for pictures that the document still holds."""
    names, block = [], pane.document().begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            form = iterator.fragment().charFormat()
            names += [form.toImageFormat().name()] if form.isImageFormat() else []
            iterator += 1
        block = block.next()
    return names


def marked(pane: PreviewPane) -> list[str]:
    return [s.cursor.selectedText() for s in pane.extraSelections()]


def passage_rect(pane: PreviewPane, text: str):
    cursor = pane.document().find(text)
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionStart())
    return pane.cursorRect(cursor)


# What is shown -------------------------------------------------------------------------------


def test_markdown_is_rendered_without_its_markup(pane):
    pane.show_preview(
        a_preview(
            "# Title\n\n- one\n- [x] two\n\n> said\n\n```py\ncode = 1\n```\n\n"
            "| a | b |\n|---|---|\n| c | d |\n\n**bold** and `mono` and [link](x.md)\n"
        )
    )
    lines = pane.document().toPlainText().split("\n")
    for line in ("Title", "one", "two", "said", "code = 1", "a", "d", "bold and mono and link"):
        assert line in lines
    assert pane.isReadOnly()
    assert not pane.acceptDrops()
    assert not pane.document().isUndoRedoEnabled()
    assert pane.accessibleName() == "Note: Note"
    assert pane.accessibleDescription() == "The whole note"


def test_headings_are_not_much_larger_than_text(pane):
    pane.show_preview(a_preview("# Big\n\n## Less\n\n##### Small\n"))
    sizes = {f.fontPointSize() for f in formats(pane) if f.fontPointSize()}
    text = QFontInfo(pane.font()).pointSizeF()
    assert max(sizes) == pytest.approx(1.35 * text)
    assert min(sizes) == pytest.approx(text)


def test_none_clears(pane):
    pane.show_preview(a_preview("word", before="x\n\n", words=("word",)))
    pane.show_preview(None)
    assert pane.toPlainText() == ""
    assert marked(pane) == []
    pane.grab()


@pytest.mark.parametrize(("late", "early"), [(True, False), (False, True), (True, True)])
def test_what_is_left_out_is_shown_by_dots(pane, late, early):
    pane.show_preview(a_preview("middle", begins_late=late, ends_early=early))
    lines = [line for line in pane.toPlainText().split("\n") if line]
    assert lines == ["…"] * late + ["middle"] + ["…"] * early


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_theme_colours_text_links_and_marks(pane, theme):
    pane.show_preview(a_preview("word [link](a.md)\n\n> quoted", words=("word",)))
    pane.restyle(theme)
    links = {
        f.foreground().color().name() for f in formats(pane) if f.isAnchor() and f.anchorHref()
    }
    assert theme.accent.name() in links
    assert pane.extraSelections()[0].format.background().color() == theme.match
    assert pane.grab().toImage().pixelColor(200, 380) == theme.surface


def test_restyling_does_not_scroll(pane):
    pane.show_preview(a_preview("target", before=TEXT * 60, after=TEXT * 60))
    pane.verticalScrollBar().setValue(123)
    pane.restyle(DARK)
    assert pane.verticalScrollBar().value() == 123


# Where it is scrolled to ----------------------------------------------------------------------


@pytest.mark.parametrize("repeated", [TEXT, "- [a link](https://example.org/a/long/path) here\n"])
def test_a_passage_far_down_is_scrolled_to_a_quarter_from_the_top(pane, repeated):
    passage = "## Needle heading\n\nThe passage that was found, with **bold** words in it.\n\n"
    pane.show_preview(a_preview(passage, before=repeated * 150, after=TEXT * 100))
    top = passage_rect(pane, "Needle heading").top()
    assert abs(top - pane.viewport().height() // 4) < 12


def test_a_passage_that_is_seen_anyway_does_not_scroll(pane):
    pane.show_preview(a_preview("The passage.\n\n", before=TEXT, after=TEXT * 100))
    assert pane.verticalScrollBar().value() == 0


def test_of_passages_that_read_alike_the_right_one_is_scrolled_to(pane):
    block = "The same words again and again, each time the very same.\n\n"
    pane.show_preview(a_preview(block, before=block * 50, after=block * 50))
    start = pane.textCursor().block().blockNumber()
    assert start == 50


def test_the_passage_stays_in_sight_when_the_pane_gets_its_size_later(pane):
    pane.show_preview(a_preview("needle here\n\n", before=TEXT * 100, after=TEXT * 100))
    pane.resize(260, 300)
    assert 0 <= passage_rect(pane, "needle here").top() < pane.viewport().height()


def test_the_passage_is_found_in_plain_text_too(pane):
    before = "x" * 5_000 + "\n" + TEXT * 100
    pane.show_preview(a_preview("needle here\n\n", before=before, after=TEXT * 50))
    assert 0 <= passage_rect(pane, "needle here").top() < pane.viewport().height()


def place_of(text: str, passage: str, **values) -> str:
    start, end = find_place(text, a_preview(passage, **values))
    return text[start:end]


def test_a_place_is_found_by_letters_alone():
    text = "Start.\nSee the site and bold.\nEnd."
    assert place_of(text, "See [the site](http://x/y) and **bold**.", before="# Start.\n") == (
        "See the site and bold"
    )


def test_a_place_is_found_by_a_later_piece_when_its_beginning_is_not_shown():
    words = " ".join(f"word{n}" for n in range(60))
    text = f"intro\n{words}\nrest"
    found = place_of(text, f"[hidden]: http://hidden.example/reference\n\n{words}", before="intro")
    assert found.endswith("word59")


def test_without_letters_a_place_is_told_by_proportion():
    text = "-" * 400
    start, end = find_place(text, a_preview("+" * 100, before="-" * 200, after="-" * 100))
    assert (start, end) == (200, 300)
    assert find_place("", a_preview("", before="")) == (0, 0)
    assert find_place("", a_preview("words", before="")) == (0, 0)


def test_letters_know_where_they_stand():
    text = "a-ß 🙂1_"
    found, places = letters(text)
    assert found == "aß1"
    assert [text[place] for place in places] == ["a", "ß", "1"]
    assert list(units_before("a🙂b")) == [0, 1, 3, 4]


# What is marked --------------------------------------------------------------------------------


def test_words_are_marked_where_they_stand(pane):
    pane.show_preview(
        a_preview(
            "🙂🙂 Dough, and doughnut.\n\n    code_dough(dough)\n\n`dough` **DOUGH** 𝔘 dough\n",
            before="first 🙂 dough\n\n",
            words=("dough",),
        )
    )
    assert sorted(marked(pane)) == ["DOUGH", "Dough", *["dough"] * 5]


def test_words_are_whole_words():
    def found(text, *words):
        return [text[start:end] for start, end in find_words(text, words)]

    assert found("Über über überall", "über") == ["Über", "über"]
    assert found("C++ and C", "C++") == ["C++"]
    assert found("big\nred dog", "red dog", "big red") == ["big\nred"]
    assert found("a new york x", "york", "new york") == ["new york"]
    assert found("a.b (x", "", "  ") == []
    assert found("anything") == []


def test_marks_are_bounded_and_nearest_to_the_passage(pane):
    pane.show_preview(a_preview("word passage\n\n", before="word here\n\n" * 900, words=("word",)))
    selections = pane.extraSelections()
    assert len(selections) == MAX_MARKS
    near = selections[0].cursor.block().text()
    assert near == "word passage"


# What is too much ------------------------------------------------------------------------------

N = MAX_CHARACTERS - 10


def filled(piece: str, length: int = N) -> str:
    return (piece * (length // len(piece) + 1))[:length]


RISKY = {
    "quotes": ">" * N,
    "quotes with spaces": filled("> "),
    "bullets": filled("- "),
    "stars": filled("* "),
    "pluses": filled("+ "),
    "numbers": filled("1. "),
    "quoted bullets": filled("> - "),
    "many bullets": filled("- a\n"),
    "many numbers": filled("1. a\n\n"),
    "tasks": filled("- [ ] a\n"),
    "brackets": "[" * N,
    "picture brackets": filled("!["),
    "asterisks": "*" * N,
    "emphasis": filled("**a"),
    "emphasised words": filled("*a* **b** "),
    "backticks": "`" * N,
    "pipes": "|" * N,
    "ampersands": "&" * N,
    "less than": "<" * N,
    "wide table": f"{filled('|a', 20_000)}|\n{filled('|-', 20_000)}|\n{filled('|b', 20_000)}|",
    "long table": "|a|b|\n|-|-|\n" + filled("|x|y|\n"),
    "long table of one column": "|a|\n|-|\n" + filled("b\n"),
    "quoted table": "> |a|\n> |-|\n" + filled("> b\n"),
    "one word": "a" * N,
    "links": filled("[a](b) "),
    "right to left": "א" * N,
    "combining": "a" + "\u0301" * N,
    "code": "```\n" + "a" * N,
}
UNWIELDY = {
    "one line": filled("word "),
    "headings": filled("# a\n"),
    "rules": filled("---\n\n"),
    "pictures": filled("![a](b.png) "),
    "addresses": filled("http://a.bc "),
    "right to left words": filled("א abc "),
    "isolates": filled("\u2067a "),
    "tags": filled("<a "),
}
HARMLESS = {
    "indentation": "\n".join(" " * (2 * depth) + "- x" for depth in range(250)),
    "spaces": " " * N,
    "spaces and a bar": filled("-" + " " * 3_000 + "|x\n"),
    "tabs": "\t" * N,
    "line ends": "\n" * N,
    "quoted nothing": filled("> " * 10 + "\n"),
    "references": filled("[a]: b\n\n"),
    "zalgo": filled("a" + "\u0301" * 50 + "\n\n"),
}


@pytest.mark.parametrize("text", RISKY.values(), ids=RISKY)
def test_what_would_hold_qt_up_is_shown_as_plain_text(pane, text, monkeypatch):
    assert is_risky(text)
    monkeypatch.setattr(QTextDocument, "setMarkdown", None)
    pane.show_preview(a_preview(text[:500], after=text[500:], words=("a", "b")))
    pane.grab()
    assert pane.toPlainText().startswith(text[:200].rstrip("\n"))


@pytest.mark.parametrize("text", UNWIELDY.values(), ids=UNWIELDY)
def test_what_becomes_too_much_is_shown_as_plain_text(pane, text):
    pane.show_preview(a_preview(text[:500], after=text[500:], words=("a", "word")))
    pane.grab()
    assert pane.toPlainText().startswith(text[:100])


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_bad_is_rendered(pane, text):
    assert not is_risky(text)
    pane.show_preview(a_preview(text[:500], after=text[500:], words=("x",)))
    pane.grab()


def test_ordinary_notes_are_not_risky():
    table = "| a | b | c |\n|---|---|---|\n" + "| x | y | z |\n" * 200
    text = table + "\n" + "- an item with *emphasis* and a [link](x.md)\n" * 300
    assert not is_risky(text + "\n---\n\nHeading\n=======\n\n> > quoted\n" + TEXT * 500)


def test_a_picture_written_into_the_note_does_not_make_it_plain(pane):
    data = "data:image/png;base64," + "A" * 20_000
    pane.show_preview(a_preview(f"# Title\n\n![alt]({data})\n\n**bold**"))
    assert [x for x in pane.toPlainText().split("\n") if x] == ["Title", "[alt]", "bold"]


def test_hundreds_of_thousands_of_quotes_are_no_problem(pane):
    pane.show_preview(a_preview("needle", before=">" * 200_000, after=">" * 200_000))
    assert pane.document().characterCount() < 2 * MAX_CHARACTERS
    assert "needle" in pane.toPlainText().replace("\n", "")


def test_a_megabyte_is_cut_around_the_passage(pane):
    pane.show_preview(a_preview("needle\n\n", before=TEXT * 25_000, after=TEXT * 25_000))
    text = pane.toPlainText()
    assert len(text) <= MAX_CHARACTERS + 10
    assert text.startswith("…")
    assert text.rstrip().endswith("…")
    assert 0 <= passage_rect(pane, "needle").top() < pane.viewport().height()


@pytest.mark.parametrize("sizes", [(10**6, 10, 0), (0, 10**6, 5), (5, 10, 10**6), (9, 9, 9)])
def test_a_preview_is_bounded_whatever_is_long(sizes):
    before, passage, after = ("b" * sizes[0], "p" * sizes[1], "a" * sizes[2])
    cut = bounded(a_preview(passage, before=before, after=after))
    assert len(cut.before) + len(cut.passage) + len(cut.after) == min(sum(sizes), MAX_CHARACTERS)
    assert before.endswith(cut.before)
    assert after.startswith(cut.after)
    assert cut.begins_late == (len(cut.before) < len(before))
    assert cut.ends_early == (len(cut.passage + cut.after) < len(passage + after))


def test_lines_are_broken_at_spaces_and_lose_nothing():
    text = "word " * 2_000 + "x" * 5_000 + "\nshort"
    broken = short_lines(text)
    assert max(map(len, broken.split("\n"))) <= PLAIN_LINE + 1
    assert broken.replace("\n", "") == text.replace("\n", "")
    assert all(line.endswith(" ") for line in broken.split("\n")[:5])


# Pictures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "webp"])
def test_a_picture_in_the_folder_is_shown(pane, folder, kind):
    red(folder / "sub" / f"my picture.{kind}", kind="bmp" if kind == "webp" else kind)
    pane.show_preview(a_preview(f"![alt](my%20picture.{kind})", folder=folder))
    image = pane.grab().toImage().pixelColor(30, 35)
    assert image.red() > 240
    assert image.green() < 20
    assert picture_names(pane) == [":/preview/0"]


@pytest.mark.parametrize("reference", ["x.png", "../x.png", "./deep/../x.png", "<x.png>"])
def test_a_picture_is_looked_for_beside_the_note_and_in_the_folder(pane, folder, reference):
    red(folder / "x.png")
    pane.show_preview(a_preview(f"![alt]({reference}) ![alt]({reference})", folder=folder))
    assert paints_red(pane)


def test_a_large_picture_is_read_small_and_shown_no_wider_than_the_pane(pane, folder):
    red(folder / "x.png", 4_000, 1_000)
    pane.show_preview(a_preview("![alt](x.png)", folder=folder))
    url = QUrl("qrc:/preview/0")
    image = pane.document().resource(QTextDocument.ResourceType.ImageResource, url)
    assert image.width() <= pane.viewport().width()
    assert paints_red(pane)
    assert pane.horizontalScrollBar().maximum() == 0


def claiming(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk


def refused(pane: PreviewPane, folder: Path, reference: str, note="![alt](%s)") -> None:
    pane.show_preview(a_preview(note % reference, folder=folder))
    assert picture_names(pane) == []
    assert not paints_red(pane)
    assert "[alt]" in pane.toPlainText()


def test_a_picture_of_too_many_pixels_is_refused_although_its_file_is_small(pane, folder):
    side = 5_000
    image = QImage(side, side, QImage.Format.Format_Mono)
    image.setColorTable([RED.rgb()])
    image.fill(0)
    assert image.save(str(folder / "x.png"))
    assert side * side > preview_files.MAX_PIXELS
    assert (folder / "x.png").stat().st_size < preview_files.MAX_PICTURE_BYTES
    refused(pane, folder, "x.png")


def test_damaged_and_boundless_pictures_are_refused_without_a_word(pane, folder):
    good = red(folder / "good.png").read_bytes()
    jpeg = red(folder / "good.jpg", kind="jpg").read_bytes()
    files = {
        "bomb.png": claiming(60_000, 60_000),
        "cut.png": claiming(30, 30),
        "half.png": good[:50],
        "half.jpg": jpeg[:100],
        "huge.png": good + b"\0" * preview_files.MAX_PICTURE_BYTES,
        "text.png": b"just text",
        "empty.png": b"",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
        refused(pane, folder, name)


@pytest.mark.parametrize("name", ["x.svg", "x.png"])
def test_svg_is_refused_whatever_it_is_called(pane, folder, name):
    red(folder / "inner.png")
    (folder / name).write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" '
        'width="40" height="40"><rect width="40" height="40" fill="red"/>'
        '<image x:href="inner.png" width="40" height="40"/></svg>'
    )
    refused(pane, folder, name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")
def test_a_fifo_is_not_opened_by_any_name(pane, folder):
    # Whoever opens it waits for ever.
    fifo = folder / "sub" / "x.png"
    os.mkfifo(fifo)
    for reference in ("x.png", str(fifo), f"file://{fifo}", f"/{fifo}", f"//localhost{fifo}"):
        refused(pane, folder, reference)


def test_pictures_from_elsewhere_are_refused(pane, folder, tmp_path, monkeypatch):
    outside = red(tmp_path / "secret.png")
    red(tmp_path / "secret@2x.png")
    # Nor is anything looked for in the folder that the program was started from.
    monkeypatch.chdir(tmp_path)
    for reference in (
        str(outside), f"/{outside}", f"file://{outside}", outside.as_uri().upper(),
        "../../secret.png", "..%2f..%2fsecret.png", "secret.png", "%2F" + str(outside)[1:],
        "qrc:/preview/0", ":/preview/0", "https://example.org/x.png", "//example.org/share/x.png",
        r"\\example.org\share\x.png", "%5C%5Cexample.org/share/x.png", "C:/x.png", "c%3A/x.png",
        "data:image/png;base64,iVBORw0KGgo=", "", "#x", "?x", "x%00.png", ".", "..",
    ):  # fmt: skip
        refused(pane, folder, reference)


def test_a_name_that_leads_elsewhere_is_not_even_looked_at(folder, monkeypatch):
    def touched(path, *_, **__):
        raise AssertionError(path)

    monkeypatch.setattr(Path, "resolve", touched)
    monkeypatch.setattr(Path, "stat", touched)
    for name in ("//host/share/x.png", r"\\host\share\x.png", "%5C%5Chost%5Cx.png", "../../x.png",
                 "/etc/passwd", "file:///etc/passwd", "smb://host/x.png", "d:x.png"):  # fmt: skip
        assert inside(QUrl.fromEncoded(name.encode()), a_preview(folder=folder)) is None


def test_a_link_in_the_folder_that_leads_outside_is_refused(pane, folder, tmp_path):
    outside = red(tmp_path / "secret.png")
    (folder / "x.png").symlink_to(outside)
    (folder / "away").symlink_to(tmp_path)
    (folder / "loop.png").symlink_to(folder / "loop.png")
    for reference in ("x.png", "away/secret.png", "loop.png"):
        refused(pane, folder, reference)


def test_a_folder_may_itself_be_a_link(pane, folder, tmp_path):
    red(folder / "x.png")
    (tmp_path / "shortcut").symlink_to(folder)
    pane.show_preview(a_preview("![alt](x.png)", folder=tmp_path / "shortcut"))
    assert paints_red(pane)


def test_pictures_are_bounded_in_number(pane, folder):
    for number in range(preview_files.MAX_PICTURES + 5):
        red(folder / f"{number}.png", 2, 2)
    text = "\n\n".join(f"![alt]({number}.png)" for number in range(preview_files.MAX_PICTURES + 5))
    pane.show_preview(a_preview(text, folder=folder))
    assert len(picture_names(pane)) == preview_files.MAX_PICTURES
    assert pane.toPlainText().count("[alt]") == 5


def test_html_is_not_interpreted(pane, folder, tmp_path):
    outside = red(tmp_path / "secret.png")
    note = (
        f"<style>@import url('file://{outside}');</style>\n\n<img src='{outside}'>\n\n"
        f'text <img src="file://{outside}"> <script>x</script>\n\n![alt](%s)'
    )
    refused(pane, folder, "none.png", note)
    assert "<style>@import" in pane.toPlainText()


def test_the_title_of_a_link_cannot_become_a_tool_tip_that_loads_pictures(pane, folder, tmp_path):
    red(folder / "x.png")
    title = f"<img src='{red(tmp_path / 'secret.png')}'>"
    pane.show_preview(
        a_preview(f'[a](b "{title}") [**b**](c "{title}") ![d](x.png "{title}")', folder=folder)
    )
    block = pane.document().begin()
    iterator = block.begin()
    while not iterator.atEnd():
        assert iterator.fragment().charFormat().toolTip() == ""
        iterator += 1


@pytest.mark.parametrize("kind", QTextDocument.ResourceType)
def test_qt_is_given_nothing_when_it_asks(pane, tmp_path, kind):
    outside = tmp_path / "x.css"
    outside.write_text("secret")
    assert pane.loadResource(kind.value, QUrl.fromLocalFile(str(outside))) == QByteArray()
    assert pane.document().resource(kind, QUrl.fromLocalFile(str(outside))) == QByteArray()


def test_no_document_can_be_gone_to(pane, tmp_path):
    other = tmp_path / "other.md"
    other.write_text("secret")
    pane.show_preview(a_preview("shown"))
    pane.setSource(QUrl.fromLocalFile(str(other)))
    pane.reload()
    pane.home()
    pane.backward()
    assert pane.toPlainText() == "shown"


# Links -----------------------------------------------------------------------------------------


@pytest.fixture
def wanted(pane) -> list[object]:
    wanted: list[object] = []
    pane.link_wanted.connect(wanted.append)
    pane.note_wanted.connect(wanted.append)
    pane.follow_wanted.connect(lambda *link: wanted.append(link))
    return wanted


@pytest.mark.parametrize(
    "address", ["https://example.org/a%20b?c=d#e", "HTTP://example.org", "mailto:a@example.org"]
)
def test_links_to_the_web_are_announced(pane, wanted, address):
    pane.show_preview(a_preview("x"))
    pane.anchorClicked.emit(QUrl(address))
    assert [str(x).lower() for x in wanted] == [address.lower()]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Other.md", "Other.md"),
        ("../Other.md", "../Other.md"),
        ("Other%2Emd#part", "Other.md#part"),
        ("./../Other", "./../Other"),
        ("#a%20heading", "#a heading"),
        ("missing.md", "missing.md"),
    ],
)
def test_links_to_notes_are_announced(pane, folder, wanted, name, target):
    preview = a_preview("x", folder=folder)
    pane.show_preview(preview)
    pane.anchorClicked.emit(QUrl.fromEncoded(name.encode()))
    assert wanted == [(preview.file, folder, target)]
    assert pane.toPlainText() == "x"


def test_other_links_do_nothing(pane, folder, tmp_path, wanted):
    outside = tmp_path / "out.md"
    pane.show_preview(a_preview(TEXT * 100, folder=folder))
    for address in (
        outside.as_uri(), str(outside), f"/{outside}", "../../out.md", "javascript:alert(1)",
        "smb://host/x.md", "obsidian://open?x", "data:text/html,x", "//host/share/x.md",
        r"\\host\share\x.md", "%5C%5Chost%5Cx.md", "#", "", "?x", "run.sh", "c:/x.md",
        "ftp://example.org/x.md", "x%00.md", "../../notes-of-others/x.md", "wiki:0", "wiki:x",
    ):  # fmt: skip
        pane.anchorClicked.emit(QUrl.fromEncoded(address.encode()))
    assert wanted == []
    assert pane.verticalScrollBar().value() == 0
    pane.show_preview(None)
    pane.anchorClicked.emit(QUrl("run.md"))
    assert wanted == []


def test_a_link_can_be_followed_by_mouse_and_by_keyboard(pane, folder, wanted, qtbot):
    pane.show_preview(a_preview("[link](https://example.org/)", folder=folder))
    pane.setFocus()
    qtbot.keyClick(pane, Qt.Key.Key_Tab)
    qtbot.keyClick(pane, Qt.Key.Key_Return)
    assert wanted == ["https://example.org/"]
    at = pane.cursorRect(pane.document().find("link")).center() - QPoint(6, 0)
    qtbot.mouseClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert wanted == ["https://example.org/"] * 2


def test_text_is_copied_without_its_looks(pane, qtbot):
    pane.show_preview(a_preview("some **bold** words"))
    qtbot.keyClick(pane, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(pane, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QApplication.clipboard().mimeData()
    assert data.text() == "some bold words"
    assert not data.hasHtml()


def test_nothing_can_be_typed(pane, qtbot):
    pane.show_preview(a_preview("text"))
    qtbot.keyClicks(pane, "abc")
    assert pane.toPlainText() == "text"


def test_what_stands_between_underscores_is_emphasised_not_underlined(pane):
    pane.show_preview(a_preview("before _this word_ after"))
    form = pane.document().find("this word").charFormat()
    assert form.fontItalic()
    assert not form.fontUnderline()
