"""The front matter of a note as a small table above it. Its texts stay texts."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFontInfo,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from notesearch.gui.theme import SMALL_SCALE, SPACE, Theme

MAX_FIELDS = 30
MAX_VALUE = 300


def put_fields(document: QTextDocument, fields: Sequence[tuple[str, str]], theme: Theme) -> int:
    """Put a table above a rendered note; return how many places in the document it takes."""
    if not fields:
        return 0
    first = document.firstBlock()
    form, listed = first.blockFormat(), first.textList()
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    table = cursor.insertTable(min(len(fields), MAX_FIELDS), 2, _looks())
    # What stood first has left its looks to the line before the table.
    top = QTextCursor(document)
    top.setBlockFormat(QTextBlockFormat())
    rest = table.lastCursorPosition().block().next()
    QTextCursor(rest).setBlockFormat(form)
    if listed is not None:
        listed.add(rest)
    size = QFontInfo(document.defaultFont()).pointSizeF() * SMALL_SCALE
    room = QTextTableCellFormat()
    room.setBottomPadding(SPACE / 2)
    room.setRightPadding(SPACE)
    for row, (name, value) in enumerate(fields[:MAX_FIELDS]):
        for column, text in enumerate((name, value)):
            words = QTextCharFormat()
            words.setFontPointSize(size)
            words.setForeground(theme.text if column else theme.muted)
            cell = table.cellAt(row, column)
            cell.setFormat(room)
            cell.firstCursorPosition().insertText(text[:MAX_VALUE].replace("\n", " "), words)
    cursor.endEditBlock()
    return rest.position()


def _looks() -> QTextTableFormat:
    form = QTextTableFormat()
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    form.setCellPadding(0)
    form.setCellSpacing(0)
    form.setBottomMargin(2 * SPACE)
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    form.setColumnWidthConstraints([
        QTextLength(QTextLength.Type.PercentageLength, 30),
        QTextLength(QTextLength.Type.PercentageLength, 70),
    ])  # fmt: skip
    form.setAlignment(Qt.AlignmentFlag.AlignLeading)
    return form
