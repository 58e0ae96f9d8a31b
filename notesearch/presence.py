"""How the program is there while its window is not: the quick search, the tray, its key, and calls.

A call is what another start of the program says to this one.
"""

import dataclasses
import logging
import os

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from notesearch import autostart
from notesearch.autostart import AutostartError
from notesearch.dialogs import Apply, Dialogs
from notesearch.global_key import GlobalKey
from notesearch.gui.hotkey import Pressed
from notesearch.gui.keys import Act
from notesearch.gui.main_window import MainWindow
from notesearch.gui.quick_search import QuickSearch
from notesearch.gui.stay_dialog import StayDialog
from notesearch.gui.tray import Tray
from notesearch.instance import Call, Instance, Word
from notesearch.paths import UserPaths
from notesearch.settings import Page, Settings

logger = logging.getLogger(__name__)

STAYS = "tray"
"""Among the notices that were told: that closing the window leaves the program in the tray."""
LATEST = 2**32 - 1
"""An X server's time has 32 bits."""
TOKEN_MS = 1_000
TRAY_MS = 10_000
"""When the user logs in, the panel may come up later than the program."""


class Presence(QObject):
    """Brings the quick search and the window up, and sees to it that one of them can be reached."""

    ended = Signal()
    """The program is to end."""
    _called = Signal(object)
    """A Call, from the thread that hears it."""

    def __init__(
        self, window: MainWindow, dialogs: Dialogs, user: UserPaths, settings: Settings,
        change: Apply,
    ) -> None:  # fmt: skip
        """Serve a window. change: called with what is to become of the settings."""
        super().__init__(window)
        self._window, self._dialogs, self._user = window, dialogs, user
        self._change = change
        self._settings = settings
        self._instance: Instance | None = None
        self._ending = False
        self._started = self._explained = False
        self._was_called = False
        """Whether the user has a way to call it up that needs no tray."""
        self.quick = QuickSearch(window)
        self.tray = Tray()
        self._called.connect(self._answer)
        self.key = GlobalKey(dialogs, self.tray, window.notice, change)
        self.key.pressed.connect(self._press)
        self._time = 0
        """Of the X server, of the press that is being answered."""
        self._connect()
        window.may_close = self._may_close

    def start(self, instance: Instance | None, *, hidden: bool) -> None:
        """Hear calls and the key; hidden: where the user can reach it, show nothing."""
        self._instance, self._started = instance, True
        if instance is not None:
            instance.listen(self._called.emit)
            if instance.unreachable:
                self._window.show_error(instance.unreachable)
                hidden = False
        if hidden:
            QTimer.singleShot(TRAY_MS, self, self._begin_hidden)
        else:
            self._window.show()
            self._window.act(Act.FOCUS)
        self.key.use(self._settings)
        # Made now, the window of the quick search is there at once when it is called.
        QTimer.singleShot(0, self.quick, self.quick.winId)

    def use(self, settings: Settings) -> None:
        """Go by other settings."""
        self._settings = settings
        self.quick.closes = settings.popup_closes
        if self._started:
            self.key.use(settings)

    def look(self) -> None:
        """See whether the tray is still there; called now and then."""
        self.tray.look()

    def close(self) -> None:
        """Let go of everything that the system gave."""
        self._ending = True
        self.key.close()
        self.tray.close()
        self.quick.hide()
        self.quick.deleteLater()

    # Coming up --------------------------------------------------------------------------------

    @Slot()
    def show_window(self) -> None:
        """Show the window, wherever it was, with the keyboard in its box."""
        window = self._window
        if self.quick.isVisible():
            self.quick.leave()
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        window.act(Act.FOCUS)
        self._give_keyboard(window)

    @Slot(object)
    def _go_to_window(self, act: Act | None) -> None:
        """Show the window, and go on there with what was begun in the quick search."""
        self.show_window()
        if act is not None:
            self._window.act(act)

    @Slot()
    def _show_settings(self, page: Page = Page.FOLDERS) -> None:
        self.show_window()
        self._dialogs.show_settings(page)

    @Slot()
    def _show_key(self) -> None:
        self._show_settings(Page.QUICK_SEARCH)

    @Slot()
    def _show_status(self) -> None:
        self._show_settings(Page.READING)

    @Slot()
    def _show_problems(self) -> None:
        self.show_window()
        self._dialogs.show_problems()

    @Slot()
    def _show_about(self) -> None:
        self.show_window()
        self._dialogs.show_about()

    @Slot()
    def _toggle(self) -> None:
        self.quick.toggle()

    @Slot(object)
    def _answer(self, call: Call) -> None:
        self._admit(call.token)
        match call.word:
            case Word.TOGGLE:
                self._was_called = True
                self.quick.toggle()
            case Word.SHOW:
                self.show_window()
            case Word.QUIT:
                self.quit()

    def _admit(self, token: str) -> None:
        """Take what lets a window have the keyboard: a token of Wayland's, or an X server's time.

        An identifier of the startup notification ends with the latter.
        """
        _, _, digits = token.rpartition("_TIME")
        time = int(digits) if digits.isdecimal() else 0
        self._time = time if time <= LATEST else 0
        if token and QGuiApplication.platformName().startswith("wayland"):
            # Qt takes it from there when it asks for the keyboard.
            os.putenv("XDG_ACTIVATION_TOKEN", token)
            # Where it has not, it is not for what is started later.
            QTimer.singleShot(TOKEN_MS, self, _forget_token)

    @Slot()
    def _presented(self) -> None:
        self._give_keyboard(self.quick)

    def _give_keyboard(self, window: QWidget) -> None:
        """Have the system give a window the keyboard, where that takes more than Qt does."""
        self.key.hotkey.activate(int(window.winId()), self._time)
        self._time = 0

    @Slot(object)
    def _press(self, pressed: Pressed) -> None:
        self._admit(pressed.token)
        self._time = pressed.time
        self.quick.toggle()

    # Starting with the session ----------------------------------------------------------------

    @Slot(bool)
    def _start_at_login(self, wanted: bool) -> None:  # noqa: FBT001
        try:
            (autostart.enable if wanted else autostart.disable)(self._user)
        except AutostartError as error:
            self._tell_login(str(error))
        else:
            self._tell_login()

    @Slot()
    def _tell_login(self, problem: str = "") -> None:
        """Say whether the program starts when the user logs in, as it is now."""
        now = autostart.state(self._user)
        self._dialogs.show_login(
            enabled=now.enabled, place=now.place, problem=problem or now.problem
        )

    # Going ------------------------------------------------------------------------------------

    @Slot(bool)
    def expect_end(self, ends: bool) -> None:  # noqa: FBT001
        """Take it that the system ends the program, or does not: no window asks meanwhile."""
        self._ending = ends

    @Slot()
    def quit(self) -> None:
        """End the program."""
        self._ending = True
        self._window.close()
        self._end()

    def _end(self) -> None:
        if self._instance is not None:
            # What is said from now on is for the next one.
            self._instance.refuse()
        self.ended.emit()

    def _may_close(self) -> bool:
        """Say whether the window may close; without it, the program stays where there is a tray."""
        if self._ending:
            return True
        if not (self.tray.present and self._settings.stays_in_tray):
            self._ending = True
            QTimer.singleShot(0, self, self._end)
            return True
        if self._explained or STAYS in self._settings.told:
            return True
        self._explain()
        return False

    def _explain(self) -> None:
        """Say, the first time, where the program will be, and let the user decide."""
        if any(one.isVisible() for one in self._window.findChildren(StayDialog)):
            return
        dialog = StayDialog(self.key.works, self._window)
        dialog.decided.connect(self._decide)
        self.tray.went.connect(dialog.reject)
        dialog.open()

    @Slot(bool)
    def _decide(self, stays: bool) -> None:  # noqa: FBT001
        def change(now: Settings) -> Settings:
            told = tuple(dict.fromkeys((*now.told, STAYS)))
            return dataclasses.replace(now, told=told, stays_in_tray=stays)

        self._change(change)
        self._explained = True
        if stays:
            self._window.close()
        else:
            self.quit()

    @Slot()
    def reopen(self) -> None:
        """Show the window, where nothing is seen of the program and the user asks for it."""
        if not (self._window.isVisible() or self.quick.isVisible() or self._ending):
            self.show_window()

    @Slot()
    def _be_reachable(self) -> None:
        """Show the window, where nothing else is to be seen of the program."""
        seen = self._window.isVisible() or self.tray.present
        if not (seen or self._ending):
            self._window.showMinimized()

    @Slot()
    def _begin_hidden(self) -> None:
        """No panel has come up since the user logged in."""
        if not self._was_called:
            self._be_reachable()

    def _connect(self) -> None:
        tray, dialogs, window = self.tray, self._dialogs, self._window
        self.quick.presented.connect(self._presented)
        self.quick.window_wanted.connect(self._go_to_window)
        window.quit_wanted.connect(self.quit)
        tray.quick_wanted.connect(self._toggle)
        tray.window_wanted.connect(self.show_window)
        tray.pause_wanted.connect(window.pause_wanted)
        tray.status_wanted.connect(self._show_status)
        tray.problems_wanted.connect(self._show_problems)
        tray.settings_wanted.connect(self._show_settings)
        tray.about_wanted.connect(self._show_about)
        tray.quit_wanted.connect(self.quit)
        tray.went.connect(self._be_reachable)
        window.notice.key_wanted.connect(self._show_key)
        dialogs.login_wanted.connect(self._start_at_login)
        dialogs.login_asked.connect(self._tell_login)


def _forget_token() -> None:
    os.unsetenv("XDG_ACTIVATION_TOKEN")
