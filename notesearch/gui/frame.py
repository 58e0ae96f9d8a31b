"""The parts of the window and where they are, and all that it announces.

What the user does with them is acting.py's, what is shown in them main_window.py's.
"""

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QToolButton, QVBoxLayout, QWidget

from notesearch.gui import theme
from notesearch.gui.filter_bar import FilterBar
from notesearch.gui.link_button import LinkButton
from notesearch.gui.notices import Notice, QueryLine
from notesearch.gui.results_view import ResultsView
from notesearch.gui.search_box import SearchBox
from notesearch.gui.state_page import Situation, StatePage
from notesearch.gui.status_line import StatusLine
from notesearch.gui.style import style_sheet
from notesearch.gui.theme import SPACE
from notesearch.gui.why_not import WhyNot

WIDTH, HEIGHT = 1080, 680
LEAST = QSize(420, 320)


class Frame(QWidget):
    """The box, its filters, lines that come and go, the middle, and the status line."""

    asked = Signal(str, int, bool)
    """Text, limit, and whether it was answered already and may only have changed."""
    glanced = Signal(object, str)
    """A Hit whose note is to be shown, and the text that was asked for."""
    spread_wanted = Signal(object, str)
    """A Hit whose further passages are wanted, and the text."""
    carry_wanted = Signal(list, str)
    """Hits in sight of which it is to be found what carried their meaning, and the text."""
    relate_wanted = Signal(object)
    """A Hit whose related notes are to be found."""
    follow_wanted = Signal(object, object, str)
    """The Paths of a note and its chosen folder, and where a link in it leads."""
    find_out_wanted = Signal(str, str)
    """The text that was asked for, and the name of a note that is missed in the answer."""
    open_requested = Signal(object)
    """A Hit that is to be opened at its match."""
    used = Signal(object, object)
    """An Act other than that, and the Hit that it is about."""
    open_with_requested = Signal(str, object)
    """The name of a program, and a Hit."""
    note_requested = Signal(object)
    """The Path of a note that is in view, but not in the list."""
    link_requested = Signal(str)
    create_requested = Signal(str)
    """A new note is wanted, with this title."""
    exclude_requested = Signal(object, bool)
    """A Hit whose note, or whose folder, is to be left out."""
    exclusion_wanted = Signal(object)
    """A Hit: of its folder it is to be counted what leaving it out would remove."""
    folders_chosen = Signal(list)
    folders_wanted = Signal()
    problems_wanted = Signal()
    settings_wanted = Signal()
    report_wanted = Signal()
    """The diagnostic report is to be put on the clipboard."""
    about_wanted = Signal()
    samples_requested = Signal()
    pause_wanted = Signal(bool)
    read_anyway = Signal()
    """Reading is to go on though the machine runs on battery."""
    refresh_wanted = Signal()
    sort_chosen = Signal(str)
    search_kept = Signal(str)
    """A search that is to be kept, or to be let go if it is."""
    zoom_wanted = Signal(int)
    """By so many steps; 0: the usual size."""
    notice_put_away = Signal(str)
    """The name of a notice that is not to come again."""
    undo_wanted = Signal()
    """What was left out last is to be searched again."""
    activated = Signal()
    situated = Signal(object)
    """A Situation, which decides what is shown."""
    restyled = Signal()
    closing = Signal()
    quit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("notesearch")
        self.resize(WIDTH, HEIGHT)
        self._contrast = False
        self.situation: Situation | None = None
        """What decided last what is shown."""
        self._theme = theme.LIGHT
        self.box = SearchBox()
        self.filters = FilterBar()
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
        layout.addWidget(self.filters)
        layout.addWidget(self.query_line)
        layout.addWidget(self.middle, stretch=1)
        layout.addWidget(self.why_not)
        layout.addWidget(self.notice)
        layout.addWidget(self.status)
        self.setFocusProxy(self.box)
        self._set_tab_order()
        self.restyle()

    def _set_tab_order(self) -> None:
        """Let Tab lead from the box into the note, then to what is below, at last to what is above.

        Else what stands between the box and the note could not be reached: it would be passed over.
        """
        self.setTabOrder(self.box, self.pane.preview)
        last: QWidget = self.status.findChildren(LinkButton)[-1]
        for part in (*self.filters.findChildren(QToolButton), self.pane.tabs):
            self.setTabOrder(last, part)
            last = part

    @property
    def theme(self) -> theme.Theme:
        """The colours that are in force."""
        return self._theme

    @property
    def lists(self) -> bool:
        """Whether the list is in the middle."""
        return self.middle.currentWidget() is self.results

    def arrange(self, now: Situation) -> None:
        """Choose what fills the middle: the list, or a word on what to do next."""
        self.status.show_progress(now.progress, has_folders=now.has_folders)
        listed = not self.results.empty and now.has_folders
        self.middle.setCurrentWidget(self.results if listed else self.page)
        self.box.has_list = listed
        self.box.setVisible(now.has_folders)
        self.filters.setVisible(now.has_folders)
        self.page.tell(now)
        self.situation = now
        self.situated.emit(now)

    def set_contrast(self, *, wanted: bool) -> None:
        """Take the colours of high contrast, or leave them."""
        self._contrast = wanted
        self.restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = {QEvent.Type.PaletteChange, QEvent.Type.FontChange}
        if event.type() in changes and hasattr(self, "status"):
            self.restyle()
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def _least(self) -> QSize:
        """Return how small the window may be: the larger its text, the less small."""
        usual = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        now = QGuiApplication.font()
        scale = max(1.0, QFontInfo(now).pointSizeF() / QFontInfo(usual).pointSizeF())
        return (LEAST * scale).boundedTo(self.screen().availableSize())

    def restyle(self) -> None:
        """Take the colours and sizes that the system, or the user, has chosen now."""
        # The window's own palette is what its style sheet made of it.
        self._theme = theme.theme_for(QGuiApplication.palette(), contrast=self._contrast)
        self.results.restyle(self._theme)
        self.status.restyle(self._theme)
        sheet = style_sheet(self._theme, QGuiApplication.font())
        if sheet != self.styleSheet():
            self.setMinimumSize(self._least())
            self.setStyleSheet(sheet)
            self.restyled.emit()
