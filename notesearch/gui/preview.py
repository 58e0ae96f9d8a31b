"""Shows a note around a passage. Nothing in a note may reach beyond the note's own folder."""

import dataclasses
import os
import re
import stat
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path, PureWindowsPath

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QMimeData,
    QSize,
    Qt,
    QUrl,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import (
    QBrush,
    QFontInfo,
    QImage,
    QImageIOHandler,
    QImageReader,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from notesearch.core.notes import Preview
from notesearch.gui.theme import LIGHT, SPACE, Theme

MAX_CHARACTERS = 64_000
MAX_MARKS = 250
MAX_WORDS = 50
NOTE_ENDINGS = (".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn")
"""What a link to another note ends in."""

# What follows keeps Qt from taking more than about 200 ms: its time grows with the square of most.
MAX_NESTING = 12
MAX_ITEMS = 2_000
MAX_CELLS = 1_200
MAX_RUN = 4_000
MAX_MARKUP = 6_000
MAX_BLOCKS = 4_000
MAX_BLOCK = 8_000
PLAIN_LINE = 1_000

MAX_PICTURES = 40
MAX_PICTURE_BYTES = 4_000_000
MAX_PIXELS = 24_000_000
MAX_ALL_PIXELS = 2 * MAX_PIXELS
MAX_WIDTH = 1_200
FORMATS = frozenset({b"png", b"jpeg", b"gif", b"webp", b"bmp"})

HEADINGS = (1.35, 1.2, 1.1)
LINE_HEIGHT = 130.0
WINDOW = 40
"""Letters that must agree for a passage to be found."""

_FEATURES = (
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
    | QTextDocument.MarkdownFeature.MarkdownNoHTML
)
_MARKER = r"(?:[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))"
_DEEP = re.compile(rf"^(?:[ \t]*+(?:>|{_MARKER})){{{MAX_NESTING + 1}}}", re.MULTILINE)
_LEAD = re.compile(rf"^[ \t>]*+(?:{_MARKER}[ \t>]*+)+", re.MULTILINE)
_CELL = r"[ \t]*+:?-++:?[ \t]*+"
_RULE = re.compile(rf"^[ \t>]*+\|?{_CELL}(?:\|{_CELL})*+\|?[ \t]*+$", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[ \t>]*+$", re.MULTILINE)
_MARKUP = re.compile(r"\*++|_++|~++|`++|\]\(|://|www\.|@")
_TARGET = re.compile(r"\]\([^()\n]*+\)")
_INLINE_PICTURE = re.compile(r"data:[\w/+.;=,%-]{200,}+")
_LINE = re.compile(rf"(?:.{{{PLAIN_LINE // 2},{PLAIN_LINE}}}[ \t]|.{{{PLAIN_LINE}}})(?=.)")
_BAR_WIDTH = 3

Place = tuple[int, int]


class PreviewPane(QTextBrowser):
    """A reading pane: shows, lets select and copy, and announces what a link asks for."""

    link_wanted = Signal(str)
    """An address on the web or of mail."""
    note_wanted = Signal(object)
    """The Path of a note in the same folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._preview: Preview | None = None
        self._document: QTextDocument | None = None
        self._place: Place | None = None
        self._scrolled_to = 0
        self.setObjectName("preview")
        self.setAccessibleName("Preview")
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._clicked)
        self.restyle(LIGHT)

    def show_preview(self, preview: Preview | None) -> None:
        """Show a note, scrolled to its passage; None shows nothing."""
        self._preview = bounded(preview) if preview else None
        self._render()
        self._scroll()

    def restyle(self, theme: Theme) -> None:
        """Take on a theme."""
        self.theme = theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.surface)
        palette.setColor(QPalette.ColorRole.Text, theme.text)
        palette.setColor(QPalette.ColorRole.Highlight, theme.accent)
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.surface)
        self.setPalette(palette)
        self.setStyleSheet(
            f"#preview {{ background: {theme.surface.name()}; color: {theme.text.name()};"
            f" border: 1px solid {theme.line.name()}; border-radius: {SPACE}px; }}"
        )
        bar = self.verticalScrollBar()
        reached = bar.value()
        self._render()
        bar.setValue(reached)

    # What Qt asks --------------------------------------------------------------------------

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        # Pictures are given to the document beforehand. Anything else is not for it to have.
        # None would make Qt look for a file itself.
        del kind, name
        return QByteArray()

    def doSetSource(self, *_: object) -> None:  # noqa: N802
        """Go nowhere."""

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802
        # Rich text would take the colours of a dark window along.
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def resizeEvent(self, event: QResizeEvent) -> None:
        untouched = self.verticalScrollBar().value() == self._scrolled_to
        super().resizeEvent(event)
        if untouched:
            self._scroll()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._place is None:
            return
        top, bottom = self._top_and_bottom(self._place)
        left = SPACE // 2 + 1 - self.horizontalScrollBar().value()
        top -= self.verticalScrollBar().value()
        bottom -= self.verticalScrollBar().value()
        painter = QPainter(self.viewport())
        painter.fillRect(left, top, _BAR_WIDTH, bottom - top, self.theme.accent)

    # What it does --------------------------------------------------------------------------

    def _clicked(self, url: QUrl) -> None:
        if url.scheme().lower() in {"http", "https", "mailto"}:
            self.link_wanted.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        elif self._preview is not None:
            path = inside(url, self._preview)
            if path is not None and path.name.lower().endswith(NOTE_ENDINGS):
                self.note_wanted.emit(path)

    def _render(self) -> None:
        self.setExtraSelections([])
        self._place = None
        # Without a layout a document is filled faster, and Qt does not look for pictures
        # before their names have been replaced.
        document = QTextDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDefaultFont(self.font())
        document.setDocumentMargin(2 * SPACE)
        document.setIndentWidth(3 * SPACE)
        if self._preview is not None:
            fill(document, self._preview)
            width = max(1, round(self.viewport().width() * self.devicePixelRatioF()))
            dress(document, self.theme, Pictures(self._preview, min(width, MAX_WIDTH)))
        self.setDocument(document)
        if self._document is not None:
            self._document.deleteLater()
        self._document = document
        if self._preview is not None:
            self._mark(self._preview)

    def _mark(self, preview: Preview) -> None:
        text = self.document().toPlainText()
        place = find_place(text, preview)
        units = units_before(text)
        if preview.before.strip() or preview.after.strip():
            self._place = units[place[0]], units[place[1]]
        form = QTextCharFormat()
        form.setBackground(self.theme.match)
        form.setForeground(self.theme.text)
        near = sorted(find_words(text, preview.words), key=lambda span: abs(span[0] - place[0]))
        selections = []
        for start, end in near[:MAX_MARKS]:
            selection = QTextEdit.ExtraSelection()
            selection.format = form
            selection.cursor = _selected(self.document(), units[start], units[end])
            selections.append(selection)
        self.setExtraSelections(selections)
        # Whoever selects by keyboard begins here.
        self.setTextCursor(_selected(self.document(), units[place[0]], units[place[0]]))

    def _scroll(self) -> None:
        """Scroll so that the passage begins a quarter from the top, unless all of it is seen."""
        bar = self.verticalScrollBar()
        bar.setValue(0)
        if self._place is not None:
            top, bottom = self._top_and_bottom(self._place)
            height = self.viewport().height()
            bar.setValue(0 if bottom <= height else top - height // 4)
        self._scrolled_to = bar.value()

    def _top_and_bottom(self, place: Place) -> tuple[int, int]:
        """Return where a stretch of the document begins and ends, in pixels from its top."""
        # Asking for the size makes Qt finish its layout.
        self.document().size()
        edges = []
        for position in place:
            block = self.document().findBlock(position)
            line = block.layout().lineForTextPosition(position - block.position())
            top = self.document().documentLayout().blockBoundingRect(block).top()
            edges.append((top + line.y(), top + line.y() + line.height()))
        return round(edges[0][0]), round(edges[1][1])


# Text ----------------------------------------------------------------------------------------


def bounded(preview: Preview) -> Preview:
    """Return a preview cut to MAX_CHARACTERS around its passage."""
    passage = preview.passage[:MAX_CHARACTERS]
    left = MAX_CHARACTERS - len(passage)
    after = preview.after[: max(left * 3 // 4, left - len(preview.before))]
    before = preview.before[max(0, len(preview.before) - (left - len(after))) :]
    return dataclasses.replace(
        preview,
        before=before,
        passage=passage,
        after=after,
        begins_late=preview.begins_late or len(before) < len(preview.before),
        ends_early=preview.ends_early
        or len(passage) + len(after) < len(preview.passage) + len(preview.after),
    )


def is_risky(text: str) -> bool:
    """Say whether Qt might take too long to lay text out as Markdown."""
    return (
        max(map(len, text.replace("\n", " ").replace("\t", " ").split(" "))) > MAX_RUN
        or _DEEP.search(text) is not None
        or sum(len(found[0].split()) for found in _LEAD.finditer(text)) > MAX_ITEMS
        or _cells(text) > MAX_CELLS
        or sum(1 for _ in _MARKUP.finditer(text)) > MAX_MARKUP
    )


def _cells(text: str) -> int:
    """Return about how many cells the tables of a text have."""
    cells = position = 0
    while rule := _RULE.search(text, position):
        ending = _PARAGRAPH_END.search(text, rule.end())
        position = ending.end() if ending else len(text)
        if "|" in rule[0]:
            rows = 2 + text.count("\n", rule.end(), position)
            cells += rows * max(1, rule[0].strip(" \t>|").count("|") + 1)
    return cells


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, and where each of them stands."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    return "".join([text[place] for place in places]), places


def find_place(text: str, preview: Preview) -> Place:
    """Return where a passage begins and ends in a rendered text; as well as can be told."""
    shown, places = letters(text)
    before = letters(_TARGET.sub("]", preview.before))[0]
    wanted = letters(_TARGET.sub("]", preview.passage))[0]
    found = _find_begin(shown, wanted, len(before))
    if found is None:
        whole = max(1, len(preview.before) + len(preview.passage) + len(preview.after))
        begin = len(text) * len(preview.before) // whole
        return begin, min(len(text), begin + len(text) * len(preview.passage) // whole)
    last = wanted[-WINDOW:]
    end = _nearest(shown, last, found + len(wanted) - len(last))
    length = end + len(last) - found if end is not None else 0
    if not 0 < length < 2 * len(wanted):
        length = len(wanted)
    return places[found], places[min(found + length, len(places)) - 1] + 1


def _find_begin(shown: str, wanted: str, expected: int) -> int | None:
    """Find the letters of a passage, by its beginning or else by a later piece of it."""
    for skipped in range(0, len(wanted), WINDOW // 2):
        piece = wanted[skipped : skipped + WINDOW]
        found = _nearest(shown, piece, expected + skipped)
        if found is not None:
            return max(0, found - skipped)
    return None


def _nearest(text: str, piece: str, expected: int) -> int | None:
    places = (text.find(piece, expected), text.rfind(piece, 0, expected + len(piece)))
    found = [place for place in places if place >= 0]
    return min(found, key=lambda place: abs(place - expected), default=None)


def find_words(text: str, words: Sequence[str]) -> Iterator[Place]:
    """Yield where whole words stand, in any case."""
    longest_first = sorted({word.strip() for word in words} - {""}, key=len, reverse=True)
    patterns = [r"\s+".join(map(re.escape, word.split())) for word in longest_first[:MAX_WORDS]]
    if patterns:
        any_word = rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])"
        yield from (found.span() for found in re.finditer(any_word, text, re.IGNORECASE))


def units_before(text: str) -> Sequence[int]:
    """Return how many units of UTF-16, which Qt counts in, stand before each character."""
    return [0, *accumulate(1 + (character > "\uffff") for character in text)]


# Document ------------------------------------------------------------------------------------


def fill(document: QTextDocument, preview: Preview) -> None:
    """Render a note; what would take too long stays plain text."""
    text = _INLINE_PICTURE.sub("data:,", preview.before + preview.passage + preview.after)
    if preview.begins_late:
        text = f"…\n\n{text}"
    if preview.ends_early:
        text = f"{text}\n\n…"
    plain = is_risky(text)
    if not plain:
        document.setMarkdown(text, _FEATURES)
        plain = _is_unwieldy(document)
    if plain:
        document.setPlainText(short_lines(text))


def short_lines(text: str) -> str:
    """Break the lines that are too long to be laid out quickly."""
    lines = text.split("\n")
    return "\n".join(_LINE.sub("\\g<0>\n", x) if len(x) > PLAIN_LINE else x for x in lines)


def _is_unwieldy(document: QTextDocument) -> bool:
    """Say whether what has become of a text would take too long to lay out or to paint."""
    if document.blockCount() > MAX_BLOCKS:
        return True
    block = document.begin()
    while block.isValid() and block.length() <= MAX_BLOCK:
        block = block.next()
    return block.isValid()


def dress(document: QTextDocument, theme: Theme, pictures: "Pictures") -> None:
    """Give a rendered note its looks, and its pictures."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, theme)
    cursor.select(QTextCursor.SelectionType.Document)
    lines = QTextBlockFormat()
    lines.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.mergeBlockFormat(lines)
    block = document.lastBlock()
    while block.isValid() and document.blockCount() <= MAX_BLOCKS:
        # From behind: a picture that is not shown is replaced by words.
        for fragment in reversed(_fragments(block)):
            _dress_text(cursor, block, fragment, theme, pictures)
        _dress_block(cursor, block, theme)
        block = block.previous()
    cursor.endEditBlock()


def _fragments(block: QTextBlock) -> list[QTextFragment]:
    fragments = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragments.append(iterator.fragment())
        iterator += 1
    return fragments


def _dress_block(cursor: QTextCursor, block: QTextBlock, theme: Theme) -> None:
    form = block.blockFormat()
    if form.nonBreakableLines():
        form.setNonBreakableLines(False)
        form.setBackground(theme.window)
        form.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
    elif level := form.intProperty(QTextFormat.Property.BlockQuoteLevel.value):
        form.setLeftMargin(2 * SPACE * level)
        form.setRightMargin(2 * SPACE)
    elif form.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value):
        form.setBackground(theme.line)
    elif form.headingLevel():
        form.setTopMargin(1.5 * SPACE)
        form.setBottomMargin(SPACE / 2)
    else:
        return
    cursor.setPosition(block.position())
    cursor.setBlockFormat(form)


def _dress_table(table: QTextTable, theme: Theme) -> None:
    form = table.format()
    form.setBorderStyle(QTextTableFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(QBrush(theme.line))
    form.setCellPadding(SPACE / 2)
    form.setTopMargin(SPACE)
    form.setBottomMargin(SPACE)
    table.setFormat(form)


def _dress_text(
    cursor: QTextCursor,
    block: QTextBlock,
    fragment: QTextFragment,
    theme: Theme,
    pictures: "Pictures",
) -> None:
    old = fragment.charFormat()
    start = fragment.position()
    cursor.setPosition(start)
    cursor.setPosition(start + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
    if old.isImageFormat():
        pictures.place(cursor, old.toImageFormat(), theme)
        return
    form = QTextCharFormat(old)
    # Qt shows a link's title as a tool tip, and would take it for HTML that loads pictures.
    form.clearProperty(QTextFormat.Property.TextToolTip.value)
    within = block.blockFormat()
    if form.isAnchor():
        form.setForeground(theme.accent)
    elif within.hasProperty(QTextFormat.Property.BlockQuoteLevel.value) or fragment.text() == "…":
        form.setForeground(theme.muted)
    if form.fontFixedPitch() and not within.nonBreakableLines():
        form.setBackground(theme.window)
    if level := within.headingLevel():
        scale = HEADINGS[level - 1] if level <= len(HEADINGS) else 1.0
        form.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
        form.setFontPointSize(QFontInfo(block.document().defaultFont()).pointSizeF() * scale)
    if form != old:
        cursor.setCharFormat(form)


def _selected(document: QTextDocument, start: int, end: int) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


# Files ---------------------------------------------------------------------------------------


class Pictures:
    """The pictures of one note, no more of them than can be shown at once."""

    def __init__(self, preview: Preview, width: int) -> None:
        self._preview = preview
        self._width = width
        self._loaded: dict[str, QImage] = {}
        self._pixels = 0

    def place(self, cursor: QTextCursor, form: QTextImageFormat, theme: Theme) -> None:
        """Put a picture where it is selected; without one, the words that stand for it."""
        name = form.name()
        image = self._load(name)
        if image.isNull():
            words = QTextCharFormat()
            words.setForeground(theme.muted)
            alternative = form.property(QTextFormat.Property.ImageAltText.value)
            cursor.insertText(f"[{alternative or 'picture'}]", words)
            return
        # Qt would try the file of any other name itself, and others that are called alike.
        form.setName(f":/preview/{list(self._loaded).index(name)}")
        form.clearProperty(QTextFormat.Property.TextToolTip.value)
        form.setMaximumWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        url = QUrl(f"qrc{form.name()}")
        cursor.document().addResource(QTextDocument.ResourceType.ImageResource, url, image)
        cursor.setCharFormat(form)

    def _load(self, name: str) -> QImage:
        if name not in self._loaded:
            full = len(self._loaded) >= MAX_PICTURES or self._pixels > MAX_ALL_PIXELS
            path = None if full else inside(QUrl.fromEncoded(name.encode()), self._preview)
            self._loaded[name] = self._read(path) if path else QImage()
        return self._loaded[name]

    def _read(self, path: Path) -> QImage:
        try:
            if path.stat().st_size > MAX_PICTURE_BYTES:
                return QImage()
            with path.open("rb") as file:
                data = file.read(MAX_PICTURE_BYTES)
        except OSError:
            return QImage()
        buffer = QBuffer()
        buffer.setData(data)
        # What Qt has to say about damaged files would fill the log at each note.
        handler = qInstallMessageHandler(lambda *_: None)
        try:
            return self._decode(QImageReader(buffer))
        finally:
            qInstallMessageHandler(handler)

    def _decode(self, reader: QImageReader) -> QImage:
        reader.setDecideFormatFromContent(True)
        reader.setAutoTransform(True)
        if reader.format().data() not in FORMATS:
            return QImage()
        size = reader.size()
        pixels = size.width() * size.height()
        if size.isEmpty() or pixels > MAX_PIXELS:
            return QImage()
        self._pixels += pixels
        bound = QSize(self._width, 4 * MAX_WIDTH)
        if reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90:
            bound.transpose()
        if size.width() > bound.width() or size.height() > bound.height():
            scaled = size.scaled(bound, Qt.AspectRatioMode.KeepAspectRatio)
            reader.setScaledSize(scaled.expandedTo(QSize(1, 1)))
        return reader.read()


def inside(url: QUrl, preview: Preview) -> Path | None:
    """Return the regular file in the note's folder that a relative reference means, if any.

    Nothing outside of the folder is touched, not even to see whether it is there.
    """
    name = url.path(QUrl.ComponentFormattingOption.FullyDecoded)
    # A name like that leads to another disk or machine, if only on Windows.
    if url.scheme() or url.authority() or not name or PureWindowsPath(name).anchor or "\0" in name:
        return None
    folder = os.path.normpath(preview.folder)
    for start in (preview.file.parent, preview.folder):
        path = Path(os.path.normpath(start / name))
        try:
            if not path.is_relative_to(folder):
                continue
            path = path.resolve(strict=True)
            if path.is_relative_to(preview.folder.resolve()) and stat.S_ISREG(path.stat().st_mode):
                return path
        except (OSError, RuntimeError, ValueError):
            continue
    return None
