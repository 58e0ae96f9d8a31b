"""The quick search: the window's search in a small frame of its own, over everything else.

It is another view of the same search: what is typed in one stands in the other, and both show the
same rows, of which the same one is selected. What is done here, the window does.
"""

import math
import time
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPaintEvent,
    QScreen,
)
from PySide6.QtWidgets import (
    QApplication,
)

from notesearch.core.notes import Hit
from notesearch.gui.commands import Commands
from notesearch.gui.keys import Act
from notesearch.gui.main_window import MainWindow
from notesearch.gui.quick_frame import QuickFrame
from notesearch.gui.row_list import MOVES

GO_MS = 80
"""What fails at once, as a program that is not there, is known by then."""
BACK_MS = 300
"""Before it comes back the system has to have noticed that it went."""
LEAVE_MS = 150
"""A key that another program has grabbed takes the keyboard away for as long as it is held."""
FAILS_SECONDS = 10.0
"""A program that cannot be started is known not to be within it."""
SAME_PRESS_SECONDS = 0.3
"""A press that took the keyboard away, and so closed it, is not to open it again."""
_THERE = frozenset({
    Act.WHY, Act.RELATED, Act.WHY_NOT, Act.FIND, Act.NEXT_MATCH, Act.PREVIOUS_MATCH,
    Act.BACK, Act.FORWARD, Act.SETTINGS, Act.HELP,
})  # fmt: skip
"""What there is only in the window is done there."""


class QuickSearch(QuickFrame):
    """Made once, and shown again and again; it closes by itself when a note was chosen."""

    window_wanted = Signal(object)
    """The window is to be shown, and this Act done in it; None: only shown."""
    presented = Signal()
    """It was shown, and is to have the keyboard."""
    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.closes = True
        """Whether it closes when another window is used."""
        self._left_at = 0.0
        self._used_at = -math.inf
        """When something was done with a note from here."""
        self._leaving = QTimer(self, singleShot=True, interval=LEAVE_MS)
        self._leaving.timeout.connect(self._leave_for_another)
        self._going = QTimer(self, singleShot=True, interval=GO_MS)
        self._going.timeout.connect(self._go)
        self._had_keys = False
        """Whether it had the keyboard since it was shown."""
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
            self._search.results.begin_anew()
        if not self.isVisible() or self.screen() is not _screen():
            self.setScreen(_screen())
            self._fit(shrinks=True)
            self._place()
            self._placing.start()
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
        if QApplication.activePopupWidget() is not None:
            # A menu of its own; where that leaves to is seen later.
            self._leaving.start()
        elif not self.isActiveWindow():
            self.leave()
            self._left_at = time.monotonic()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # To hide takes the keyboard away too; only another window's doing so counts.
        for timer in (self._leaving, self._going, self._placing):
            timer.stop()
        self._had_keys, self._left_at = False, 0.0
        self.list.point_at(None)
        menu = self._search.menu
        if menu is not None and menu.parent() is self:
            menu.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        # The system has closed it, by a key of its own or with all other windows.
        self._search.wait_no_more()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what no part of it wanted: Esc leads back to the box, or ends it."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.box.isHidden():
            self.leave()
        else:
            self.box.setFocus()

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
            case _ if act in MOVES:
                self._search.move_in(self.list, act)
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
        if self.isVisible():
            self._going.start()

    @Slot()
    def _go(self) -> None:
        """Go, where what was done has not failed meanwhile."""
        if self.error.isHidden():
            self.leave()

    @Slot(str)
    def _say_error(self, text: str) -> None:
        self.error.say(text)
        # Of all that can fail, only what was tried from here may take the keyboard.
        tried = time.monotonic() - self._used_at < FAILS_SECONDS
        if text and tried and not (self.isVisible() or self._search.isVisible()):
            QTimer.singleShot(BACK_MS, self, self.present)
        self._refit()

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
        search.status.said.connect(self.footer.say)
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
        self.footer.wanted.connect(self.act)
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


def _screen() -> QScreen:
    """Return the screen with the cursor."""
    return QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
