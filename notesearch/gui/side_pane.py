"""What stands beside the list: the selected note, why it is there, and what is related to it."""

from enum import IntEnum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from notesearch.core.notes import Explanation, Hit, Preview, Related
from notesearch.gui.keys import RELATED, WHY
from notesearch.gui.link_button import LinkButton
from notesearch.gui.marks import carrying
from notesearch.gui.preview import PreviewPane
from notesearch.gui.related_panel import RelatedPanel
from notesearch.gui.theme import SPACE, Theme
from notesearch.gui.why_panel import WhyPanel


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

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self.preview = PreviewPane()
        self.why = WhyPanel()
        self.related = RelatedPanel()
        self._views = QStackedWidget()
        self._tabs = QTabBar()
        for name, key, view in (
            ("Note", "", self.preview), ("Why", WHY, self.why), ("Related", RELATED, self.related),
        ):  # fmt: skip
            self._tabs.setTabToolTip(self._tabs.addTab(name), key)
            self._views.addWidget(view)
        self._back = LinkButton("‹ List")  # noqa: RUF001
        self._back.setAccessibleName("Back to the list")
        self._back.clicked.connect(self.list_wanted)
        self._lay_out()
        self.set_covering(covering=False)

    @property
    def view(self) -> View:
        """What is shown."""
        return View(self._tabs.currentIndex())

    def show_view(self, view: View) -> None:
        """Show something else of the note."""
        self._tabs.setCurrentIndex(view)

    def set_covering(self, *, covering: bool) -> None:
        """Learn whether the list is hidden behind this: then there is a way back to it."""
        self._back.setVisible(covering)

    def expect(self, hit: Hit | None) -> None:
        """Learn which note is selected now."""
        self._hit = hit
        self.why.expect(hit)
        if hit is None:
            self.preview.show_preview(None)
        if hit is None or self.view is not View.RELATED:
            self.related.show_related(None)
        self._relate()

    def take(self, message: Preview | Explanation | Related) -> None:
        """Show what was asked of the selected note; what is about another one comes too late."""
        hit = self._hit
        match message:
            case _ if hit is None:
                return
            case Preview(file=file) if file == hit.file:
                self.preview.show_preview(message)
            case Related(file=file) if file == hit.file:
                self.related.show_related(message)
            case Explanation(hit=other) if (other.file, other.passage) == (hit.file, hit.passage):
                self.why.show_why(message)
                spans = carrying(message.carriers, message.passage_cosine)
                self.preview.show_carriers(other.passage, spans)

    def relate_again(self) -> None:
        """Ask for what is related to the note where not all was there to be shown."""
        if not self.related.ready:
            self._relate()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        for view in (self.preview, self.why, self.related):
            view.restyle(theme)

    @Slot()
    def _relate(self) -> None:
        if self._hit is not None and self.view is View.RELATED:
            self.related_wanted.emit(self._hit)

    @Slot(int)
    def _turn(self, number: int) -> None:
        self._views.setCurrentIndex(number)
        self.relate_again()

    def _lay_out(self) -> None:
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.setAccessibleName("Views of the chosen note")
        self._tabs.currentChanged.connect(self._turn)
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self._back)
        first.addWidget(self._tabs)
        first.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(first)
        layout.addWidget(self._views, stretch=1)
