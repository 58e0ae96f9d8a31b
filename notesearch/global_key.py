"""The key that is heard everywhere: asked for as the settings say, and what became of it shown."""

import dataclasses
import logging

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from notesearch.dialogs import Apply, Dialogs
from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.hotkey.choice import NoHotkey, hotkey_for
from notesearch.gui.key_text import key_text
from notesearch.gui.notices import Notice
from notesearch.gui.tray import Tray
from notesearch.settings import Settings
from notesearch.translation import tr

logger = logging.getLogger(__name__)


class GlobalKey(QObject):
    """Holds one key at a time. One that cannot be had does not take the place of one that works."""

    pressed = Signal(object)
    """Pressed, in the window's thread."""
    _said = Signal(object)
    """Pressed or a Registration, from the thread of the platform's module."""

    def __init__(self, dialogs: Dialogs, tray: Tray, notice: Notice, change: Apply) -> None:
        """Show in the settings, in the tray and in the window how it is.

        change: called with what is to become of the settings.
        """
        super().__init__(dialogs)
        self._dialogs, self._tray, self._notice = dialogs, tray, notice
        self._change = change
        self._wanted = self._asked_for = ""
        self.works = ""
        """The key that works, as Qt writes it; '' where none does."""
        self._former = ""
        """The one that worked last."""
        self._said.connect(self._hear)
        self.hotkey = hotkey_for(self._said.emit, qt_platform=QGuiApplication.platformName())
        dialogs.recording.connect(self._record)
        dialogs.retry_wanted.connect(self._try_again)

    def use(self, settings: Settings) -> None:
        """Ask for the key of the settings, if it is another one."""
        if settings.hotkey != self._wanted:
            self._wanted = settings.hotkey
            self._ask_for(self._wanted)

    def close(self) -> None:
        """Let go of it."""
        self.hotkey.close()

    @Slot(object)
    def _hear(self, said: Pressed | Registration) -> None:
        if isinstance(said, Pressed):
            self.pressed.emit(said)
        elif said.key == self._asked_for:
            self._show(said)
            if said.key and not said.works:
                self._fall_back(said)

    def _show(self, registration: Registration) -> None:
        """Show what became of the key, and say why it does not work, if so."""
        self.works = registration.key if registration.works else ""
        self._former = self.works or self._former
        self._dialogs.show_registration(registration)
        name = registration.shown or key_text(registration.key) if self.works else ""
        self._tray.show_key(name)
        # Where there never is such a key, it is enough that the settings say so.
        reason = "" if isinstance(self.hotkey, NoHotkey) else registration.reason
        if reason:
            logger.warning("The key %s: %s", registration.key, reason)
        said = tr("{key} does not open the quick search. {reason}").format(
            key=key_text(registration.key), reason=reason
        )
        self._notice.say_key(name, said if reason else "")

    def _fall_back(self, refused: Registration) -> None:
        """Take the key again that worked before the one that was refused."""
        kept = self._former
        # Where the system asks the user, it was the user who refused.
        if not kept or kept == refused.key or self.hotkey.asks_user:
            return
        if self._change(lambda now: dataclasses.replace(now, hotkey=kept)):
            self._dialogs.show_refused(refused, kept)

    @Slot(bool)
    def _record(self, on: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Let go of the key while another one is chosen, or it could not be chosen again."""
        self._ask_for("" if on else self._wanted)

    @Slot()
    def _try_again(self) -> None:
        self._ask_for(self._wanted)

    def _ask_for(self, key: str) -> None:
        self._asked_for = key
        self.hotkey.use(key)
