"""A page to read, select and copy that is written piece by piece, so that nothing is markup."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPyTextObject,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextEdit

from notesearch.gui.painting import bar_height, paint_bar
from notesearch.gui.theme import LIGHT, SMALL_SCALE, SPACE, Theme

LINE_HEIGHT = 125.0
_FIGURES = 2
_BAR = QTextFormat.ObjectTypes.UserObject.value + 1
_SHARE, _MARK, _OF_WIDTH = (QTextFormat.Property.UserProperty.value + n for n in range(1, 4))
_OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"

Run = tuple[str, QTextCharFormat]
Cell = Sequence[Run]


class ReadingPage(QTextEdit):
    """Shows what a Pen writes; copies as plain text."""

    outdated = Signal()
    """What was written is in another font than the one that is to be read now."""
    # For Qt, which says that the font changed before there is anything written.
    _document: QTextDocument | None = None

    def __init__(self, name: str) -> None:
        super().__init__(readOnly=True, tabChangesFocus=True)
        self.theme: Theme = LIGHT
        self._bars = _Bars()
        self.setAcceptDrops(False)
        self.setObjectName("reading")
        self.setAccessibleName(name)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def begin(self) -> "Pen":
        """Take a clean sheet."""
        self._bars.theme = self.theme
        document = QTextDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDefaultFont(self.font())
        document.setDocumentMargin(2 * SPACE)
        return Pen(document, self.theme)

    def show_written(self, pen: "Pen") -> None:
        """Show what was written."""
        # Not before: without a layout a document is filled faster.
        pen.document.documentLayout().registerHandler(_BAR, self._bars)
        self.setDocument(pen.document)
        if self._document is not None:
            self._document.deleteLater()
        self._document = pen.document

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._document is not None:
            self.outdated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            # Rich text would take the colours of a dark window along.
            text = self.textCursor().selection().toPlainText()
            QGuiApplication.clipboard().setText(text.replace(_OBJECT, ""))
        else:
            super().keyPressEvent(event)


class Pen:
    """Writes lines and tables into a document, in the looks of a theme."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        self.document = document
        self._theme = theme
        self._cursor = QTextCursor(document)
        self._clean = True
        """Whether the line that the cursor is in is still empty."""

    @property
    def plain(self) -> QTextCharFormat:
        """The look of text."""
        form = QTextCharFormat()
        form.setForeground(self._theme.text)
        return form

    @property
    def muted(self) -> QTextCharFormat:
        """The look of what is said beside it."""
        form = self.scaled(SMALL_SCALE)
        form.setForeground(self._theme.muted)
        return form

    @property
    def quiet(self) -> QTextCharFormat:
        """The look of text that is not to stand out."""
        form = self.plain
        form.setForeground(self._theme.muted)
        return form

    @property
    def strong(self) -> QTextCharFormat:
        """The look of what a part is about."""
        form = self.plain
        form.setFontWeight(QFont.Weight.DemiBold)
        return form

    def scaled(self, scale: float, *, strong: bool = False) -> QTextCharFormat:
        """Return the look of larger or smaller text."""
        form = self.strong if strong else self.plain
        form.setFontPointSize(self.document.defaultFont().pointSizeF() * scale)
        return form

    def bar(self, share: float, *, of_width: float, mark: float = 0.0) -> Run:
        """Return a bar that is filled by a share, so wide of the page, with a mark on it."""
        form = self.plain
        form.setObjectType(_BAR)
        form.setProperty(_SHARE, min(max(share, 0.0), 1.0))
        form.setProperty(_MARK, mark)
        form.setProperty(_OF_WIDTH, of_width)
        return _OBJECT, form

    def line(self, *runs: Run, above: float = 0.0) -> None:
        """Write a paragraph, with so much room above it."""
        form = QTextBlockFormat()
        form.setTopMargin(above)
        form.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if self._clean:
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form)
        self._write(self._cursor, runs)
        self._clean = False

    def table(
        self, rows: Sequence[Sequence[Cell]], widths: Sequence[float], *, below: float = SPACE / 2
    ) -> None:
        """Write rows of cells below the last line, so wide in percent; figures stand at the right.

        A third column is one of figures.
        """
        if not rows:
            return
        table = self._cursor.insertTable(len(rows), len(widths), _table_format(widths, below))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                cursor = table.cellAt(number, column).firstCursorPosition()
                if column == _FIGURES:
                    form = QTextBlockFormat()
                    form.setAlignment(Qt.AlignmentFlag.AlignRight)
                    cursor.setBlockFormat(form)
                self._write(cursor, cell)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self._clean = True

    def _write(self, cursor: QTextCursor, runs: Cell) -> None:
        for text, form in runs:
            cursor.insertText(text, form)


def _table_format(widths: Sequence[float], below: float) -> QTextTableFormat:
    form = QTextTableFormat()
    form.setBorder(0)
    form.setCellSpacing(0)
    form.setCellPadding(SPACE / 4)
    form.setLeftMargin(-SPACE / 4)
    form.setTopMargin(SPACE / 4)
    # Room above the block that follows a table is not kept by Qt.
    form.setBottomMargin(below)
    whole = QTextLength.Type.PercentageLength
    form.setWidth(QTextLength(whole, 100))
    form.setColumnWidthConstraints([QTextLength(whole, width) for width in widths])
    return form


class _Bars(QPyTextObject):
    """Draws the bars in a line of text."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT

    def intrinsicSize(  # noqa: N802  # Qt's name
        self, doc: QTextDocument, posInDocument: int, format: QTextFormat  # noqa: A002, N803
    ) -> QSizeF:  # fmt: skip
        del posInDocument
        width = (doc.textWidth() - 2 * doc.documentMargin()) * format.doubleProperty(_OF_WIDTH)
        metrics = QFontMetricsF(doc.defaultFont())
        # As high as a letter, so that the line is as high as those beside it.
        return QSizeF(max(4.0 * SPACE, width - SPACE), metrics.ascent())

    def drawObject(  # noqa: N802  # Qt's name
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        posInDocument: int,  # noqa: N803
        format: QTextFormat,  # noqa: A002
    ) -> None:
        del posInDocument
        bar = QRectF(rect)
        bar.setTop(bar.bottom() - QFontMetricsF(doc.defaultFont()).xHeight())
        share, mark = format.doubleProperty(_SHARE), format.doubleProperty(_MARK)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(doc.defaultFont())
        paint_bar(painter, bar, share, self.theme, quiet=share < mark)
        if mark:
            left = bar.left() + bar.width() * mark - 1
            height = bar_height(painter.fontMetrics())
            top = bar.center().y() - height
            painter.fillRect(QRectF(left, top, 2, 2 * height), self.theme.text)
        painter.restore()
