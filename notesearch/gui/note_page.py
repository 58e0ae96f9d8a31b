"""The selected note, those that its links lead to, and the search in them."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from notesearch.core.notes import Followed, Preview
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.find_bar import FindBar
from notesearch.gui.marks import Span
from notesearch.gui.note_header import NoteHeader
from notesearch.gui.preview import PreviewPane
from notesearch.gui.theme import SPACE, Theme
from notesearch.translation import tr


@dataclasses.dataclass(slots=True)
class _Visit:
    """A note that was seen, and how far it was scrolled when it was left."""

    preview: Preview
    scrolled: int | None = None


class NotePage(QWidget):
    """Goes from note to note by links, back and forward."""

    follow_wanted = Signal(object, object, str)
    """The note that a link is in, its folder, and what the link leads to."""

    def __init__(self) -> None:
        super().__init__()
        self._visits: list[_Visit] = []
        """The selected note and those that were followed from it."""
        self._at = 0
        self._awaited = ""
        """Where the link leads that was followed last."""
        self._complaint = ""
        self._carriers: tuple[str, tuple[Span, ...]] = ("", ())
        self._asked_for_match = False
        self.preview = PreviewPane()
        self.header = NoteHeader()
        self.find_bar = FindBar()
        self.said = ElidedLabel(Qt.AlignmentFlag.AlignTrailing)
        """Where in the note one is; to be laid out by whoever has room for it."""
        self._connect()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.header)
        layout.addWidget(self.preview, stretch=1)
        layout.addWidget(self.find_bar)

    def show_note(self, preview: Preview | None) -> None:
        """Show the selected note, unless one that its links led to is being read."""
        if preview is not None and self._at and self._visits[0].preview.file == preview.file:
            self._visits[0].preview = preview
            return
        self.forget()
        self._visits = [_Visit(preview)] if preview is not None else []
        self._show(preview)

    def show_carriers(self, passage: str, spans: Sequence[Span]) -> None:
        """Mark the words of the selected note that carried its meaning."""
        self._carriers = passage, tuple(spans)
        if not self._at:
            self.preview.show_carriers(passage, spans)

    def forget(self) -> None:
        """Learn that another note is selected: from what is shown there is no way back."""
        self._visits, self._at = [], 0
        self._awaited = self._complaint = ""
        self._carriers = ("", ())
        focused = QApplication.focusWidget()
        if not self.find_bar.isHidden() and not (focused and self.isAncestorOf(focused)):
            self.find_bar.stop()
        self._say()

    def take(self, followed: Followed) -> None:
        """Show where a link led, if it is the last one that was followed in what is shown."""
        shown = self.preview.shown
        if shown is None or (followed.source, followed.target) != (shown.file, self._awaited):
            return
        self._awaited = ""
        if followed.preview is None:
            name = followed.target
            nowhere = tr("There is no note called “{name}” in this folder.")
            self._complaint = nowhere.format(name=name)
            self._say()
            return
        self._leave()
        del self._visits[self._at + 1 :]
        words = self._visits[0].preview.words
        self._visits.append(_Visit(dataclasses.replace(followed.preview, words=words)))
        self._visit(self._at + 1)

    @Slot()
    def back(self) -> None:
        """Go back to the note that a link was followed from."""
        self._go(self._at - 1)

    @Slot()
    def forward(self) -> None:
        """Go to the note again that was gone back from."""
        self._go(self._at + 1)

    def start_finding(self) -> None:
        """Search in the note; for what is selected in it, if anything is."""
        selected = self.preview.textCursor().selection().toPlainText()
        self.find_bar.start("" if "\n" in selected else selected)

    @Slot(int)
    def step(self, by: int) -> None:
        """Go to the next place of what is sought, or the next match; or to the one before."""
        self.preview.step(by)
        self._asked_for_match = True
        self._say()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        for part in (self.preview, self.header, self.find_bar):
            part.restyle(theme)

    def _go(self, at: int) -> None:
        if 0 <= at < len(self._visits):
            self._leave()
            self._visit(at)

    def _leave(self) -> None:
        self._visits[self._at].scrolled = self.preview.verticalScrollBar().value()

    def _visit(self, at: int) -> None:
        self._at = at
        self._awaited = self._complaint = ""
        visit = self._visits[at]
        self._show(visit.preview)
        if not at:
            self.preview.show_carriers(*self._carriers)
        if visit.scrolled is not None:
            self.preview.verticalScrollBar().setValue(visit.scrolled)

    def _show(self, preview: Preview | None) -> None:
        self._asked_for_match = False
        self.preview.show_preview(preview)
        self._say()

    @Slot(object, object, str)
    def _follow(self, source: Path, folder: Path, target: str) -> None:
        self._awaited = target
        self._complaint = ""
        self._say()
        self.follow_wanted.emit(source, folder, target)

    @Slot(str)
    def _seek(self, text: str) -> None:
        self._asked_for_match = False
        self.preview.seek(text)
        self._say()

    @Slot()
    def _open(self) -> None:
        if self.preview.shown is not None:
            self.preview.note_wanted.emit(self.preview.shown.file)

    def _say(self) -> None:
        """Say where in the notes, and in the note, one is."""
        shown = self.preview.shown
        seen = [visit.preview for visit in self._visits]
        forward, complaint = self._at + 1 < len(seen), self._complaint
        if self._at:
            # A heading in the selected note is also where a link may lead.
            other = seen[0].title if seen[self._at].file != seen[0].file else ""
            self.header.show_followed(
                seen[self._at].title, other, forward=forward, complaint=complaint
            )
        else:
            title = seen[0].title if seen else ""
            self.header.show_selected(title, forward=forward, complaint=complaint)
        part = shown is not None and (shown.begins_late or shown.ends_early)
        number, count = self.preview.place
        self.find_bar.show_count(number, count, part=part)
        said = [tr("This is a part of the note")] if part else []
        if self._asked_for_match and self.find_bar.isHidden():
            place = tr("{number} of {count}").format(number=f"{number:,}", count=f"{count:,}")
            said = [place if count else tr("No match in the note"), *said]
        self.said.show_text(" · ".join(said))

    def _connect(self) -> None:
        self.preview.follow_wanted.connect(self._follow)
        self.header.open_wanted.connect(self._open)
        self.find_bar.sought.connect(self._seek)
        self.find_bar.stepped.connect(self.step)
        self.header.back.clicked.connect(self.back)
        self.header.forward.clicked.connect(self.forward)
