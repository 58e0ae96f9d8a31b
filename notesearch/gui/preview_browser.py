"""A page of text that loads nothing, goes nowhere, and says where a link would lead."""

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Slot
from PySide6.QtGui import QCursor, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from notesearch.gui.preview_target import TargetLine
from notesearch.gui.preview_text import Place
from notesearch.gui.theme import SPACE, Theme


class Browser(QTextBrowser):
    """Lets select, copy, and go from link to link; what a link does is decided elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target = TargetLine(self)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAcceptDrops(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.highlighted.connect(self.point_out)

    def take_colours(self, theme: Theme) -> None:
        """Look as a theme wants it, whatever is shown."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.surface)
        palette.setColor(QPalette.ColorRole.Text, theme.text)
        palette.setColor(QPalette.ColorRole.Highlight, theme.accent)
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.surface)
        self.setPalette(palette)
        self.setStyleSheet(
            f"#preview {{ background: {theme.surface.name()}; color: {theme.text.name()};"
            f" border: 1px solid {theme.line.name()}; border-radius: {SPACE}px; }}"
            f"#preview:focus {{ border-color: {theme.accent.name()}; }}"
            f"#target {{ background: {theme.window.name()}; color: {theme.muted.name()};"
            f" border: 1px solid {theme.line.name()}; padding: {SPACE // 4}px {SPACE // 2}px; }}"
        )

    def where(self, url: QUrl) -> tuple[str, str]:
        """Return where a link leads: the part of it that decides, and the rest."""
        return url.toString(), ""

    def top_and_bottom(self, place: Place) -> tuple[int, int]:
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
        self.point_out(QUrl())

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001, N802  # Qt's names
        on_link = self.textCursor().hasSelection() and self.textCursor().charFormat().isAnchor()
        if not next and not on_link:
            # Qt would begin at the last link, and whoever has just come here wants to go back.
            return QTextEdit.focusNextPrevChild(self, False)  # noqa: FBT003  # Qt's signature
        moved = super().focusNextPrevChild(next)
        cursor = self.textCursor()
        link = cursor.charFormat().anchorHref() if moved and cursor.hasSelection() else ""
        self.point_out(QUrl(link))
        return moved

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.point_out(QUrl())

    @Slot(QUrl)
    def point_out(self, url: QUrl) -> None:
        """Say where the link leads that the mouse is over or the keyboard has come to."""
        page = self.viewport()
        mouse = page.mapFromGlobal(QCursor.pos())
        at = mouse if page.rect().contains(mouse) else self.cursorRect().center()
        self._target.show_target(self.where(url), page.geometry(), at)
