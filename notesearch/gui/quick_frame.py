"""The parts of the quick search and where they are: how large it is, and where on the screen.

What the user does with it is quick_search.py's.
"""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from notesearch.gui import geometry
from notesearch.gui.main_window import MainWindow
from notesearch.gui.notices import ErrorLine, QueryLine, UndoLine
from notesearch.gui.quick_footer import QuickFooter
from notesearch.gui.row_list import RowMirror
from notesearch.gui.search_box import SearchBox
from notesearch.gui.state_page import Situation, StatePage
from notesearch.gui.style import style_sheet
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

WIDTH = 84 * SPACE
LETTERS = 88
"""So many letters are to fit in a line, however large they are."""
PLACE_MS = 100
TYPING_MS = 600
"""It becomes smaller when typing has rested for so long."""


class QuickFrame(QWidget):
    """The box, the window's rows or a word on what to do, and lines that come and go."""

    def __init__(self, window: MainWindow) -> None:
        """Make the parts, for the search of a window."""
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("quick")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Quick search"))
        # Else a Mac would hide it with the program's other windows.
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self._search = window
        self.box = SearchBox(popup=True)
        self.query_line = QueryLine()
        self.list = RowMirror(window.results.list)
        self.page = StatePage(begins=False)
        self.error = ErrorLine()
        self.undo = UndoLine()
        self.middle = QStackedWidget()
        self.footer = QuickFooter()
        self._placing = QTimer(self, singleShot=True, interval=PLACE_MS)
        self._placing.timeout.connect(self._place)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._refit)
        self.box.textChanged.connect(self._typing.start)
        self._lay_out()

    @Slot(object)
    def arrange(self, now: Situation) -> None:
        """Show the list, or a word on what to do next."""
        listed = now.has_folders and not self._search.results.empty
        self.middle.setCurrentWidget(self.list if listed else self.page)
        self.box.has_list = listed
        self.footer.explain(wanted=listed)
        begins = now.has_folders and self.box.isHidden()
        self.box.setVisible(now.has_folders)
        self.page.tell(now)
        if begins:
            self.box.setFocus()
        self._refit()

    @Slot()
    def _refit(self) -> None:
        # It is made to fit when it comes, too. While somebody types, it would go up and down.
        if self.isVisible():
            self._fit(shrinks=not self._typing.isActive())

    def restyle(self) -> None:
        """Take the colours and sizes that the window has."""
        sheet = style_sheet(self._search.theme, QGuiApplication.font())
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
            self._refit()

    def _fit(self, *, shrinks: bool) -> None:
        """Be as high as what is shown, as far as the screen goes; the top stays where it is."""
        available = self.screen().availableGeometry()
        letters = LETTERS * QFontMetrics(QGuiApplication.font()).averageCharWidth()
        width = min(max(WIDTH, letters), available.width() - 4 * SPACE)
        listed = self.middle.currentWidget() is self.list
        middle = self.list.height_of_rows if listed else self.page.wanted_height(width)
        around = sum(
            _height(part, width - 2 * SPACE) + SPACE
            for part in (self.box, self.query_line, self.error, self.undo, self.footer)
            if not part.isHidden()
        )
        height = min(middle + around + 3 * SPACE, geometry.popup_room(available))
        if not shrinks:
            height = max(height, min(self.height(), geometry.popup_room(available)))
        # Of a fixed size, so that tiling window managers let it be as it is.
        if QSize(width, height) != self.size() or self.minimumSize() != self.maximumSize():
            wider = width != self.width()
            self.setFixedSize(width, height)
            if wider and self.isVisible():
                self._place()

    @Slot()
    def _place(self) -> None:
        """Go to the place on the screen; window managers may have put it elsewhere at first."""
        self.move(geometry.popup_place(self.size(), self.screen().availableGeometry()))

    def _lay_out(self) -> None:
        self.middle.addWidget(self.list)
        self.middle.addWidget(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self.query_line)
        layout.addWidget(self.middle, stretch=1)
        layout.addWidget(self.undo)
        layout.addWidget(self.error)
        layout.addWidget(self.footer)
        self.setFocusProxy(self.box)


def _height(part: QWidget, width: int) -> int:
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
