"""Shows a note around a passage. Nothing in a note may reach beyond the note's own folder."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QUrl, Signal, Slot
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from notesearch.core.notes import Preview
from notesearch.gui.marks import Span
from notesearch.gui.preview_browser import Browser
from notesearch.gui.preview_document import render, selected
from notesearch.gui.preview_files import MAX_WIDTH
from notesearch.gui.preview_links import note_target, wiki_target, with_links
from notesearch.gui.preview_marks import Marks
from notesearch.gui.preview_target import WEB, target
from notesearch.gui.preview_text import Place, bounded
from notesearch.gui.theme import LIGHT, SPACE, Theme
from notesearch.translation import tr

_BAR_WIDTH = 3


class PreviewPane(Browser):
    """A reading pane: shows, lets select and copy, and announces what a link asks for."""

    link_wanted = Signal(str)
    """An address on the web or of mail."""
    note_wanted = Signal(object)
    """The Path of a note that is to be opened."""
    follow_wanted = Signal(object, object, str)
    """The note that a link is in, its folder, and the name or path that the link leads to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._preview: Preview | None = None
        self._document: QTextDocument | None = None
        self._place: Place | None = None
        self._marks = Marks()
        self._targets: tuple[str, ...] = ()
        """What the wiki links lead to, by their number."""
        self._sought = ""
        self._carriers: tuple[str, tuple[Span, ...]] = ("", ())
        """A passage, and the places in its source of the words that carried its meaning."""
        self._font_shown = self.font()
        self._scrolled_to = 0
        self.setObjectName("preview")
        self.anchorClicked.connect(self._clicked)
        self.restyle(LIGHT)
        self.setAccessibleName(_said(None)[0])

    def show_preview(self, preview: Preview | None) -> None:
        """Show a note, scrolled to its passage; None shows nothing."""
        self._preview = bounded(preview) if preview else None
        self._carriers = ("", ())
        self._render()
        self._scroll()
        name, description = _said(self._preview)
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        if self._sought:
            self.seek(self._sought)

    @property
    def shown(self) -> Preview | None:
        """The note that is shown, as far as it is."""
        return self._preview

    @property
    def place(self) -> tuple[int, int]:
        """Number of the match that was gone to, 0 before; and how many there are."""
        return self._marks.current + 1, len(self._marks.places)

    def seek(self, wanted: str) -> None:
        """Mark a text wherever it stands, instead of the matches; '' ends that."""
        self._sought = wanted
        self._marks.look_for(wanted, self.textCursor().selectionStart())
        self._show_current()

    def step(self, by: int) -> None:
        """Go to the next match, or the one before; round at the ends."""
        self._marks.step(by, self.textCursor().selectionStart())
        self._show_current()

    def show_carriers(self, passage: str, spans: Sequence[Span]) -> None:
        """Mark the words that carried a passage's meaning, if it is the one that is shown."""
        self._carriers = (passage, tuple(spans))
        self._mark()

    def restyle(self, theme: Theme) -> None:
        """Take on a theme."""
        self.theme = theme
        self.take_colours(theme)
        self._render_again()

    # What Qt asks --------------------------------------------------------------------------

    def where(self, url: QUrl) -> tuple[str, str]:
        return target(url, self._preview, self._targets) if self._preview else ("", "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # Qt also tells of fonts that are the same as before, and before all of this is there.
        shown = getattr(self, "_font_shown", self.font())
        if event.type() == QEvent.Type.FontChange and shown != self.font():
            self._render_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        untouched = self.verticalScrollBar().value() == self._scrolled_to
        super().resizeEvent(event)
        if untouched:
            self._scroll()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._place is None:
            return
        top, bottom = self.top_and_bottom(self._place)
        left = SPACE // 2 + 1 - self.horizontalScrollBar().value()
        top -= self.verticalScrollBar().value()
        bottom -= self.verticalScrollBar().value()
        painter = QPainter(self.viewport())
        painter.fillRect(left, top, _BAR_WIDTH, bottom - top, self.theme.accent)

    # What it does --------------------------------------------------------------------------

    @Slot(QUrl)
    def _clicked(self, url: QUrl) -> None:
        self.point_out(url)
        if url.scheme().lower() in WEB:
            self.link_wanted.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        elif self._preview is not None:
            note = wiki_target(url, self._targets) or note_target(url, self._preview)
            if note:
                self.follow_wanted.emit(self._preview.file, self._preview.folder, note)

    def _render_again(self) -> None:
        """Render the same anew, with the same part of it in sight."""
        bar = self.verticalScrollBar()
        untouched, part = bar.value() == self._scrolled_to, bar.value() / max(1, bar.maximum())
        caret = self.textCursor().position()
        self._render()
        self.setTextCursor(selected(self.document(), caret, caret))
        if self._sought:
            self._marks.look_for(self._sought, caret)
            self._mark()
        if untouched:
            self._scroll()
        else:
            bar.setValue(round(part * bar.maximum()))

    def _render(self) -> None:
        self.setExtraSelections([])
        self._target.hide()
        self._place = None
        self._font_shown = self.font()
        # Without a layout a document is filled faster, and Qt does not look for pictures
        # before their names have been replaced.
        document = QTextDocument(self)
        document.setDefaultFont(self.font())
        head, shown = 0, None
        self._targets = ()
        if self._preview is not None:
            shown, self._targets = with_links(self._preview)
            width = max(1, round(self.viewport().width() * self.devicePixelRatioF()))
            head = render(document, shown, self.theme, min(width, MAX_WIDTH))
        self.setDocument(document)
        if self._document is not None:
            self._document.deleteLater()
        self._document = document
        self._find(head, shown)
        self._mark()

    def _find(self, head: int, shown: Preview | None) -> None:
        """Find the passage and the words that matched; whoever selects by keyboard begins there."""
        text = self.document().toPlainText() if shown is not None else ""
        self._marks = Marks(text, head, shown)
        begin, end = self._marks.units_of(self._marks.passage_at)
        if shown is not None and shown.passage and (shown.before.strip() or shown.after.strip()):
            self._place = begin, end
        self.setTextCursor(selected(self.document(), begin, begin))

    def _mark(self) -> None:
        passage, spans = self._carriers
        same = self._preview is not None and self._preview.passage == passage
        self.setExtraSelections(
            self._marks.selections(self.document(), self.theme, spans if same else (), passage)
        )

    def _show_current(self) -> None:
        """Mark the match that was gone to, and bring it into sight with what is around it."""
        self._mark()
        if self._marks.current < 0:
            return
        place = self._marks.units_of(self._marks.places[self._marks.current])
        self.setTextCursor(selected(self.document(), place[0], place[0]))
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top, bottom = self.top_and_bottom(place)
        margin = min(height // 4, 8 * SPACE)
        if not bar.value() + margin <= top <= bottom <= bar.value() + height - margin:
            bar.setValue(top - height // 3)

    def _scroll(self) -> None:
        """Scroll so that the passage begins a quarter from the top, unless all of it is seen."""
        bar = self.verticalScrollBar()
        bar.setValue(0)
        if self._place is not None:
            top, bottom = self.top_and_bottom(self._place)
            height = self.viewport().height()
            bar.setValue(0 if bottom <= height else top - height // 4)
        self._scrolled_to = bar.value()


def _said(note: Preview | None) -> tuple[str, str]:
    """Return the accessible name and description of the pane."""
    if note is None:
        return tr("No note"), ""
    part = note.begins_late or note.ends_early
    said = tr("A part of the note, around line {line}") if part else tr("The whole note")
    return tr("Note: {title}").format(title=note.title), said.format(line=note.line)
