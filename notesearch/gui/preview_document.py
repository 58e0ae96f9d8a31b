"""A note as a document of Qt, in the colours of a theme, without what it must not have."""

import re

from PySide6.QtGui import (
    QBrush,
    QFontInfo,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextTable,
    QTextTableFormat,
)

from notesearch.core.notes import Preview
from notesearch.gui.preview_fields import put_fields
from notesearch.gui.preview_files import Pictures
from notesearch.gui.preview_text import is_risky, short_lines
from notesearch.gui.theme import SPACE, Theme

MAX_BLOCKS = 4_000
MAX_BLOCK = 8_000
"""A document of more blocks or a longer one takes Qt too long to lay out."""
HEADINGS = (1.35, 1.2, 1.1)
LINE_HEIGHT = 130.0

# Qt's GitHub dialect underlines what stands between underscores; there it is emphasised.
_UNDERLINE = 0x4000
_FEATURES = QTextDocument.MarkdownFeature(
    (
        QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        | QTextDocument.MarkdownFeature.MarkdownNoHTML
    ).value
    & ~_UNDERLINE
)
_INLINE_PICTURE = re.compile(r"data:[\w/+.;=,%-]{200,}+")


def render(document: QTextDocument, preview: Preview, theme: Theme, width: int) -> int:
    """Fill an empty document with a note; return how many places in it stand above the text.

    width: of the widest picture, in pixels.
    """
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(2 * SPACE)
    document.setIndentWidth(3 * SPACE)
    fill(document, preview)
    dress(document, theme, Pictures(preview, width))
    return 0 if preview.begins_late else put_fields(document, preview.fields, theme)


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


def _is_unwieldy(document: QTextDocument) -> bool:
    """Say whether what has become of a text would take too long to lay out or to paint."""
    if document.blockCount() > MAX_BLOCKS:
        return True
    block = document.begin()
    while block.isValid() and block.length() <= MAX_BLOCK:
        block = block.next()
    return block.isValid()


def dress(document: QTextDocument, theme: Theme, pictures: Pictures) -> None:
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
    pictures: Pictures,
) -> None:
    form = fragment.charFormat()
    start = fragment.position()
    cursor.setPosition(start)
    cursor.setPosition(start + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
    if form.isImageFormat():
        pictures.place(cursor, form.toImageFormat(), theme)
        return
    dressed = _text_format(form, block, theme, dots=fragment.text() == "…")
    if dressed != form:
        cursor.setCharFormat(dressed)


def _text_format(
    old: QTextCharFormat, block: QTextBlock, theme: Theme, *, dots: bool
) -> QTextCharFormat:
    form = QTextCharFormat(old)
    # Qt shows a link's title as a tool tip, and would take it for HTML that loads pictures.
    form.clearProperty(QTextFormat.Property.TextToolTip.value)
    within = block.blockFormat()
    if form.isAnchor():
        form.setForeground(theme.accent)
    elif dots or within.hasProperty(QTextFormat.Property.BlockQuoteLevel.value):
        form.setForeground(theme.muted)
    if form.fontFixedPitch() and not within.nonBreakableLines():
        form.setBackground(theme.window)
    if level := within.headingLevel():
        scale = HEADINGS[level - 1] if level <= len(HEADINGS) else 1.0
        form.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)
        form.setFontPointSize(QFontInfo(block.document().defaultFont()).pointSizeF() * scale)
    return form


def selected(document: QTextDocument, start: int, end: int) -> QTextCursor:
    """Return a cursor that selects a range of a document, in units of UTF-16."""
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor
