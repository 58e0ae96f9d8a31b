"""The quick search: the window's search in a small frame of its own, over everything else.

It is another view of the same search: what is typed in one stands in the other, and both show the
same rows, of which the same one is selected. What is done here, the window does.
"""

import math
import time
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QPaintEvent,
    QScreen,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Hit
from notesearch.gui import geometry
from notesearch.gui.commands import Commands
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.gui.main_window import MainWindow
from notesearch.gui.notices import ErrorLine, QueryLine, UndoLine
from notesearch.gui.row_list import RowMirror
from notesearch.gui.search_box import SearchBox
from notesearch.gui.state_page import Situation, StatePage
from notesearch.gui.style import style_sheet
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

WIDTH = 84 * SPACE
LETTERS = 88
"""So many letters are to fit in a line, however large they are."""
LEAVE_MS = 150
"""A key that another program has grabbed takes the keyboard away for as long as it is held."""
FAILS_SECONDS = 10.0
"""A program that cannot be started is known not to be within it."""
SAME_PRESS_SECONDS = 0.3
"""A press that took the keyboard away, and so closed it, is not to open it again."""
HINT = tr("{open} opens, {clear} clears, then closes").format(
    open=first_key(Act.OPEN), clear=first_key(Act.CLEAR)
)
_THERE = frozenset({
    Act.WHY, Act.RELATED, Act.WHY_NOT, Act.READ, Act.FIND, Act.NEXT_MATCH, Act.PREVIOUS_MATCH,
    Act.BACK, Act.FORWARD, Act.SETTINGS, Act.HELP,
})  # fmt: skip
"""What there is only in the window is done there."""


class QuickSearch(QWidget):
    """Made once, and shown again and again; it closes by itself when a note was chosen."""

    window_wanted = Signal(object)
    """The window is to be shown, and this Act done in it; None: only shown."""
    presented = Signal()
    """It was shown, and is to have the keyboard."""
    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("quick")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("Quick search"))
        # Else a Mac would hide it with the program's other windows.
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self._search = window
        self.closes = True
        """Whether it closes when another window is used."""
        self._left_at = 0.0
        self._used_at = -math.inf
        """When something was done with a note from here."""
        self._leaving = QTimer(self, singleShot=True, interval=LEAVE_MS)
        self._leaving.timeout.connect(self._leave_for_another)
        self._had_keys = False
        """Whether it had the keyboard since it was shown."""
        self.box = SearchBox(popup=True)
        self.query_line = QueryLine()
        self.list = RowMirror(window.results.list)
        self.page = StatePage(begins=False)
        self.error = ErrorLine()
        self.undo = UndoLine()
        self.middle = QStackedWidget()
        self._said, self._said_width = ElidedLabel(), 0
        self._hint = QLabel(HINT, textFormat=Qt.TextFormat.PlainText)
        self._hint.setObjectName("status")
        self._settings = _link(tr("Settings"), Act.SETTINGS)
        self._to_window = _link(tr("Open in the window"), Act.TO_WINDOW)
        self._lay_out()
        self._connect()
        Commands(self, None, self.act)
        self.restyle()
        if window.situation is not None:
            self.arrange(window.situation)
        self._show_text(window.box.text())

    # Coming and going ---------------------------------------------------------------------

    def toggle(self) -> None:
        """Come; where it is already, go."""
        going = self._leaving.isActive() or not self._had_keys
        if self.isVisible() and (self.isActiveWindow() or going):
            self.leave()
        elif self.isVisible() or time.monotonic() - self._left_at > SAME_PRESS_SECONDS:
            self.present()

    def present(self) -> None:
        """Come to the screen with the cursor, with what was typed last selected."""
        if not self.isVisible():
            self.setScreen(_screen())
            self._fit(shrinks=True)
            self._place()
        self.show()
        self.raise_()
        self.activateWindow()
        self._focus()
        self.presented.emit()
        self._search.activated.emit()
        self._search.ask_again()

    @Slot()
    def leave(self) -> None:
        """Go, until it is called again."""
        self._search.wait_no_more()
        self._search.remember()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = {QEvent.Type.PaletteChange, QEvent.Type.FontChange}
        if event.type() in changes and hasattr(self, "error"):
            self.restyle()
        if event.type() != QEvent.Type.ActivationChange or not self.isVisible():
            return
        if self.isActiveWindow():
            self._had_keys = True
            self._leaving.stop()
        elif self._had_keys:
            # Else it is said late of the time before it was shown.
            self._search.wait_no_more()
            if self.closes:
                self._leaving.start()

    @Slot()
    def _leave_for_another(self) -> None:
        if not self.isActiveWindow() and QApplication.activePopupWidget() is None:
            self.leave()
            self._left_at = time.monotonic()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # To hide takes the keyboard away too; only another window's doing so counts.
        self._leaving.stop()
        self._had_keys, self._left_at = False, 0.0
        self.list.point_at(None)

    def closeEvent(self, event: QCloseEvent) -> None:
        # The system has closed it, by a key of its own or with all other windows.
        self._search.wait_no_more()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    # What is done in it -------------------------------------------------------------------

    def act(self, act: Act, number: int = 1) -> None:
        """Do what a key stands for."""
        self._search.wait_no_more()
        match act:
            case Act.CLEAR if self.box.text():
                self._search.clear()
            case Act.CLEAR | Act.CLOSE:
                self.leave()
            case Act.TO_WINDOW:
                self.window_wanted.emit(None)
            case Act.FOCUS:
                self._focus()
            case Act.PAGE_UP | Act.PAGE_DOWN:
                self.list.go(act)
            case _ if act in _THERE:
                self.window_wanted.emit(act)
            case _:
                do = {Act.PASSAGES: self.list.toggle_passages, Act.MENU: self.list.show_menu}
                do.get(act, partial(self._search.act, act, number))()

    def _focus(self) -> None:
        if self.box.isHidden():
            self.page.take_keys()
        self.box.setFocus()
        self.box.selectAll()

    # To set a text that is there already would move the cursor, and forget what can be undone.

    @Slot(str)
    def _pass_on(self, text: str) -> None:
        if text != self._search.box.text():
            self._search.box.setText(text)

    @Slot(str)
    def _show_text(self, text: str) -> None:
        if text != self.box.text():
            self.box.setText(text)

    @Slot(object, QPoint)
    def _show_menu(self, hit: Hit, at: QPoint) -> None:
        self._search.show_menu(hit, at, self, self.act)

    @Slot()
    def _done(self) -> None:
        """A note was opened, shown, copied or made; what failed at once is said here."""
        self._used_at = time.monotonic()
        if self.isVisible() and self.error.isHidden():
            self.leave()

    # What it shows ------------------------------------------------------------------------

    @Slot(object)
    def arrange(self, now: Situation) -> None:
        """Show the list, or a word on what to do next."""
        listed = now.has_folders and not self._search.results.empty
        self.middle.setCurrentWidget(self.list if listed else self.page)
        self.box.has_list = listed
        begins = now.has_folders and self.box.isHidden()
        self.box.setVisible(now.has_folders)
        self.page.tell(now)
        if begins:
            self.box.setFocus()
        whole = now.results is not None and now.results.final and now.results.query.text == now.text
        # While somebody types, it would go up and down with each letter.
        self._fit(shrinks=whole or not listed)

    @Slot(str)
    def _say_error(self, text: str) -> None:
        self.error.say(text)
        # Of all that can fail, only what was tried from here may take the keyboard.
        tried = time.monotonic() - self._used_at < FAILS_SECONDS
        if text and tried and not (self.isVisible() or self._search.isVisible()):
            self.present()
        self._fit(shrinks=True)

    @Slot()
    def _refit(self) -> None:
        self._fit(shrinks=True)

    def restyle(self) -> None:
        """Take the colours and sizes that the window has."""
        sheet = style_sheet(self._search.theme, QGuiApplication.font())
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
            self._fit(shrinks=True)

    def _fit(self, *, shrinks: bool) -> None:
        """Be as high as what is shown, as far as the screen goes; the top stays where it is."""
        available = self.screen().availableGeometry()
        letters = LETTERS * QFontMetrics(QGuiApplication.font()).averageCharWidth()
        width = min(max(WIDTH, letters), available.width() - 4 * SPACE)
        self._fit_hint(width)
        listed = self.middle.currentWidget() is self.list
        middle = self.list.height_of_rows if listed else self.page.wanted_height(width)
        around = sum(
            _height(part, width - 2 * SPACE) + SPACE
            for part in (self.box, self.query_line, self.error, self.undo, self._to_window)
            if not part.isHidden()
        )
        height = min(middle + around + 3 * SPACE, geometry.popup_room(available))
        if not shrinks:
            height = max(height, min(self.height(), geometry.popup_room(available)))
        # Of a fixed size, so that tiling window managers let it be as it is.
        if QSize(width, height) != self.size() or self.minimumSize() != self.maximumSize():
            self.setFixedSize(width, height)

    def _fit_hint(self, width: int) -> None:
        """Show the keys where there is room for them beside what was found."""
        parts = (self._hint, self._settings, self._to_window)
        needed = self._said_width + sum(part.sizeHint().width() for part in parts)
        self._hint.setVisible(needed + 10 * SPACE <= width)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._said_width = self.fontMetrics().horizontalAdvance(text)
        self._fit_hint(self.width())
        self._said.show_text(text)

    def _place(self) -> None:
        self.move(geometry.popup_place(self.size(), self.screen().availableGeometry()))

    def _lay_out(self) -> None:
        self.middle.addWidget(self.list)
        self.middle.addWidget(self.page)
        footer = QHBoxLayout()
        footer.setContentsMargins(SPACE, 0, SPACE, 0)
        footer.setSpacing(2 * SPACE)
        footer.addWidget(self._said, stretch=1)
        footer.addWidget(self._hint)
        footer.addWidget(self._settings)
        footer.addWidget(self._to_window)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self.query_line)
        layout.addWidget(self.middle, stretch=1)
        layout.addWidget(self.undo)
        layout.addWidget(self.error)
        layout.addLayout(footer)
        self.setFocusProxy(self.box)

    def _connect(self) -> None:
        search, results = self._search, self._search.results
        self.box.textChanged.connect(self._pass_on)
        self.box.textEdited.connect(search.history.leave)
        self.box.acted.connect(self.act)
        search.box.textChanged.connect(self._show_text)
        search.situated.connect(self.arrange)
        search.restyled.connect(self.restyle)
        search.query_line.said.connect(self.query_line.say)
        search.query_line.said.connect(self._refit)
        self.query_line.suggestion_taken.connect(search.query_line.suggestion_taken)
        search.status.said.connect(self._say)
        search.status.error_said.connect(self._say_error)
        search.notice.undo_offered.connect(self.undo.say)
        search.notice.undo_offered.connect(self._refit)
        self.undo.undo_wanted.connect(search.notice.take_back)
        self.undo.put_away.connect(search.notice.withdraw_undo)
        self.list.opened.connect(search.open)
        self.list.second_wanted.connect(search.open_second)
        self.list.menu_wanted.connect(self._show_menu)
        self.list.touched.connect(results.touch)
        self.list.carry_wanted.connect(results.carry_wanted)
        self._to_window.clicked.connect(partial(self.act, Act.TO_WINDOW))
        self._settings.clicked.connect(partial(self.act, Act.SETTINGS))
        self._connect_page()
        for done in (
            search.open_requested, search.used, search.open_with_requested,
            search.note_requested, search.create_requested,
        ):  # fmt: skip
            done.connect(self._done)

    def _connect_page(self) -> None:
        page, search = self.page, self._search
        page.weak_wanted.connect(search.show_weak)
        page.create_wanted.connect(search.create_note)
        page.refresh_wanted.connect(search.refresh_wanted)
        page.report_wanted.connect(search.report_wanted)
        for wanted, act in ((page.missing_wanted, Act.WHY_NOT), (page.folders_wanted, Act.SETTINGS),
                            (page.begin_wanted, None)):  # fmt: skip
            wanted.connect(lambda act=act: self.window_wanted.emit(act))


def _link(text: str, act: Act) -> LinkButton:
    button = LinkButton(text)
    button.setToolTip(first_key(act))
    return button


def _height(part: QWidget, width: int) -> int:
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()


def _screen() -> QScreen:
    """Return the screen with the cursor."""
    return QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
