"""The parts of the window and where they are; what they do together is main_window.py's."""

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from notesearch.gui.notices import Notice, QueryLine
from notesearch.gui.results_view import ResultsView
from notesearch.gui.search_box import SearchBox
from notesearch.gui.state_page import Situation, StatePage
from notesearch.gui.status_line import StatusLine
from notesearch.gui.theme import SPACE
from notesearch.gui.why_not import WhyNot


class Frame(QWidget):
    """The box, lines that come and go, the middle, and the status line."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("notesearch")
        self.resize(1080, 680)
        self.setMinimumSize(420, 320)
        self.box = SearchBox()
        self.results = ResultsView()
        self.pane = self.results.pane
        self.page = StatePage()
        self.middle = QStackedWidget()
        self.middle.addWidget(self.page)
        self.middle.addWidget(self.results)
        self.query_line = QueryLine()
        self.why_not = WhyNot()
        self.notice = Notice()
        self.status = StatusLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self.query_line)
        layout.addWidget(self.middle, stretch=1)
        layout.addWidget(self.why_not)
        layout.addWidget(self.notice)
        layout.addWidget(self.status)
        self.setFocusProxy(self.box)

    @property
    def lists(self) -> bool:
        """Whether the list is in the middle."""
        return self.middle.currentWidget() is self.results

    def arrange(self, now: Situation) -> None:
        """Choose what fills the middle: the list, or a word on what to do next."""
        self.status.show_progress(now.progress, has_folders=now.has_folders)
        listed = not self.results.empty and now.has_folders
        self.middle.setCurrentWidget(self.results if listed else self.page)
        self.page.tell(now)
