"""Shows a note around a passage. Nothing in a note may reach beyond the note's own folder."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from notesearch.core.notes import ENDINGS, Preview
from notesearch.gui.marks import Span, carried, matched, overlaps
from notesearch.gui.preview_document import dress, fill, selected
from notesearch.gui.preview_files import MAX_WIDTH, Pictures, inside
from notesearch.gui.preview_target import WEB, TargetLine, target
from notesearch.gui.preview_text import (
    Place,
    bounded,
    find_place,
    find_same,
    find_words,
    units_before,
)
from notesearch.gui.theme import LIGHT, SPACE, Theme

MAX_MARKS = 250
_BAR_WIDTH = 3


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
        self._text = ""
        """What is shown, as text."""
        self._units: Sequence[int] = [0]
        """How many units of Qt's stand before each character of it."""
        self._matches: list[Place] = []
        self._passage_at: Place = (0, 0)
        self._carriers: tuple[str, tuple[Span, ...]] = ("", ())
        """A passage, and the places in its source of the words that carried its meaning."""
        self._scrolled_to = 0
        self._target = TargetLine(self)
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
        self.highlighted.connect(self._point_out)
        self.restyle(LIGHT)

    def show_preview(self, preview: Preview | None) -> None:
        """Show a note, scrolled to its passage; None shows nothing."""
        self._preview = bounded(preview) if preview else None
        self._carriers = ("", ())
        self._render()
        self._scroll()

    def show_carriers(self, passage: str, spans: Sequence[Span]) -> None:
        """Mark the words that carried a passage's meaning, if it is the one that is shown."""
        self._carriers = (passage, tuple(spans))
        self._mark()

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
            f"#target {{ background: {theme.window.name()}; color: {theme.muted.name()};"
            f" border: 1px solid {theme.line.name()}; padding: {SPACE // 4}px {SPACE // 2}px; }}"
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            # Rich text would take the colours of a dark window along.
            QGuiApplication.clipboard().setText(self.textCursor().selection().toPlainText())
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_out(QUrl())

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001, N802  # Qt's names
        moved = super().focusNextPrevChild(next)
        cursor = self.textCursor()
        link = cursor.charFormat().anchorHref() if moved and cursor.hasSelection() else ""
        self._point_out(QUrl(link))
        return moved

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point_out(QUrl())

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

    @Slot(QUrl)
    def _point_out(self, url: QUrl) -> None:
        """Say where the link leads that the mouse is over or the keyboard has come to."""
        page = self.viewport()
        mouse = page.mapFromGlobal(QCursor.pos())
        at = mouse if page.rect().contains(mouse) else self.cursorRect().center()
        said = target(url, self._preview) if self._preview is not None else ("", "")
        self._target.show_target(said, page.geometry(), at)

    @Slot(QUrl)
    def _clicked(self, url: QUrl) -> None:
        self._point_out(url)
        if url.scheme().lower() in WEB:
            self.link_wanted.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        elif self._preview is not None:
            path = inside(url, self._preview)
            if path is not None and path.name.lower().endswith(ENDINGS):
                self.note_wanted.emit(path)

    def _render(self) -> None:
        self.setExtraSelections([])
        self._target.hide()
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
        self._find()
        self._mark()

    def _find(self) -> None:
        """Find the passage and the words that matched; whoever selects by keyboard begins there."""
        self._matches = []
        if self._preview is None:
            return
        text = self._text = self.document().toPlainText()
        begin, end = self._passage_at = find_place(text, self._preview)
        near = sorted(find_words(text, self._preview.words), key=lambda span: abs(span[0] - begin))
        self._matches = near[:MAX_MARKS]
        units = self._units = units_before(text)
        if self._preview.before.strip() or self._preview.after.strip():
            self._place = units[begin], units[end]
        self.setTextCursor(selected(self.document(), units[begin], units[begin]))

    def _mark(self) -> None:
        match = matched(self.theme)
        marks = [(span, match) for span in self._matches]
        passage, spans = self._carriers
        if self._preview is not None and self._preview.passage == passage:
            same = find_same(self._text, self._passage_at, passage, spans)
            both = {span for span in same if overlaps(span, self._matches)}
            marks += [(span, carried(self.theme, matched_too=span in both)) for span in same]
        selections = []
        for (start, end), form in marks:
            selection = QTextEdit.ExtraSelection()
            selection.format = form
            selection.cursor = selected(self.document(), self._units[start], self._units[end])
            selections.append(selection)
        self.setExtraSelections(selections)

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
