"""What stands beside the list: the selected note, why it is there, and what is related to it."""

from enum import IntEnum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from notesearch.core.notes import Explanation, Followed, Hit, Preview, Related, Strength
from notesearch.gui.keys import RELATED, WHY
from notesearch.gui.link_button import LinkButton
from notesearch.gui.marks import carrying
from notesearch.gui.note_page import NotePage
from notesearch.gui.related_panel import RelatedPanel
from notesearch.gui.theme import SPACE, Theme
from notesearch.gui.why_panel import WhyPanel
from notesearch.translation import tr


class View(IntEnum):
    """What is shown of a note."""

    NOTE = 0
    WHY = 1
    RELATED = 2


class SidePane(QWidget):
    """Three views of one note; what comes for another one is dropped."""

    related_wanted = Signal(object)
    """A Hit whose related notes are to be found."""
    list_wanted = Signal()
    follow_wanted = Signal(object, object, str)
    """The note that a link is in, its folder, and the name or path that the link leads to."""

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self.note = NotePage()
        self.note.follow_wanted.connect(self.follow_wanted)
        self.preview = self.note.preview
        self.why = WhyPanel()
        self.related = RelatedPanel()
        self._views = QStackedWidget()
        self.tabs = QTabBar()
        for name, key, view in (
            (tr("Note"), "", self.note), (tr("Why"), WHY, self.why),
            (tr("Related"), RELATED, self.related),
        ):  # fmt: skip
            self.tabs.setTabToolTip(self.tabs.addTab(name), key)
            self._views.addWidget(view)
        self._back = LinkButton(tr("‹ List"))  # noqa: RUF001
        self._back.setAccessibleName(tr("Back to the list"))
        self._back.clicked.connect(self.list_wanted)
        self._lay_out()
        self.set_covering(covering=False)

    @property
    def view(self) -> View:
        """What is shown."""
        return View(self.tabs.currentIndex())

    def show_view(self, view: View) -> None:
        """Show something else of the note."""
        self.tabs.setCurrentIndex(view)

    def set_covering(self, *, covering: bool) -> None:
        """Learn whether the list is hidden behind this: then there is a way back to it."""
        self._back.setVisible(covering)

    def expect(self, hit: Hit | None) -> None:
        """Learn which note is selected now."""
        if _is_other(hit, self._hit):
            self.note.forget()
        self._hit = hit
        self.why.expect(hit)
        if hit is None:
            self.note.show_note(None)
        if hit is None or self.view is not View.RELATED:
            self.related.show_related(None)
        self._relate()

    def take(self, message: Preview | Followed | Explanation | Related) -> None:
        """Show what was asked of the selected note; what is about another one comes too late."""
        hit = self._hit
        match message:
            case _ if hit is None:
                return
            case Preview(file=file) if file == hit.file:
                self.note.show_note(message)
            case Followed():
                self.note.take(message)
            case Related(file=file) if file == hit.file:
                self.related.show_related(message)
            case Explanation(hit=other) if (other.file, other.passage) == (hit.file, hit.passage):
                self.why.show_why(message)
                spans = carrying(message.carriers, message.passage_cosine)
                # What is far in meaning has no words that carry it.
                spans = () if other.strength is Strength.WEAK else spans
                self.note.show_carriers(other.passage, spans)

    def focus_view(self) -> None:
        """Give the keys to what is shown."""
        views: tuple[QWidget, ...] = (self.preview, self.why, self.related)
        views[self.view].setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def back(self) -> None:
        """Go back to the note that a link was followed from."""
        self._to_note()
        self.note.back()

    @Slot()
    def forward(self) -> None:
        """Go to the note again that was gone back from."""
        self._to_note()
        self.note.forward()

    @Slot()
    def find(self) -> None:  # type: ignore[override]  # Qt's finds widgets by a number
        """Search in the note."""
        self._to_note()
        self.note.start_finding()

    def close_find(self) -> bool:
        """End the search in the note; say whether there was one."""
        found = not self.note.find_bar.isHidden()
        if found:
            self.note.find_bar.stop()
        return found

    @Slot()
    def next_match(self) -> None:
        """Go to the next match in the note, or the next place of what is sought in it."""
        self._to_note()
        self.note.step(1)

    @Slot()
    def previous_match(self) -> None:
        """Go to the one before."""
        self._to_note()
        self.note.step(-1)

    def _to_note(self) -> None:
        if self.view is not View.NOTE:
            self.show_view(View.NOTE)

    def relate_again(self) -> None:
        """Ask for what is related to the note where not all was there to be shown."""
        if not self.related.ready:
            self._relate()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        for view in (self.note, self.why, self.related):
            view.restyle(theme)

    @Slot()
    def _relate(self) -> None:
        if self._hit is not None and self.view is View.RELATED:
            self.related_wanted.emit(self._hit)

    @Slot(int)
    def _turn(self, number: int) -> None:
        self._views.setCurrentIndex(number)
        self.note.said.setVisible(number == View.NOTE)
        self.relate_again()

    def _lay_out(self) -> None:
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName(tr("Views of the chosen note"))
        self.tabs.currentChanged.connect(self._turn)
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self._back)
        first.addWidget(self.tabs)
        first.addWidget(self.note.said, stretch=1)
        first.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(first)
        layout.addWidget(self._views, stretch=1)


def _is_other(hit: Hit | None, before: Hit | None) -> bool:
    """Say whether another note, or another passage, is selected than before."""
    if hit is None or before is None:
        return True
    return (hit.file, hit.passage) != (before.file, before.passage)
