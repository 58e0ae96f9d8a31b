"""The icon in the tray and its menu, wherever there is a tray that shows it."""

import dataclasses
import sys
import time
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from notesearch.core.notes import Problem, Progress, State
from notesearch.gui.progress_text import BETWEEN, WAITING, WORKING, progress_text
from notesearch.gui.tray_watch import Kind, TrayWatch
from notesearch.paths import RESOURCES
from notesearch.translation import tr, trn

GRACE_MS = 5_000
"""A panel that is started anew is back within it."""
SETTLE_MS = 200
"""A tray is announced a little before it, and Qt, are ready for icons."""
WORKING_SECONDS = 1.0
"""So often the texts change while it works."""


class Look(StrEnum):
    """What the icon says."""

    CURRENT = "current"
    READING = "reading"
    PAUSED = "paused"
    PROBLEM = "problem"


class Tray(QObject):
    """The icon, when there is a tray; announces what is wanted by it."""

    quick_wanted = Signal()
    window_wanted = Signal()
    pause_wanted = Signal(bool)
    status_wanted = Signal()
    """The details of what is going on."""
    problems_wanted = Signal()
    settings_wanted = Signal()
    about_wanted = Signal()
    quit_wanted = Signal()
    came = Signal()
    """Also some time after the start: no tray is known of before."""
    went = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.present = False
        """Whether there is a tray that shows the icon, or was a moment ago."""
        self._progress = Progress(State.STARTING)
        self._problem_count = 0
        self._failure = ""
        """Why it cannot go on, as where the disk is full; '' where it can."""
        self._said_at = self._clicked_at = 0.0
        self._look = Look.READING
        self._tip = ""
        self._shown_in: tuple[Kind, int] = Kind.NONE, 0
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._make_actions()
        self._say()
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self._show_icon)
        self._grace = QTimer(self, singleShot=True, interval=GRACE_MS)
        self._grace.timeout.connect(self._give_up)
        self._watch = TrayWatch(self)
        self._watch.changed.connect(self._follow)
        self._follow()

    def look(self) -> None:
        """Look whether there is a tray, where nobody tells; to be called once a second."""
        self._watch.look()

    def close(self) -> None:
        """Take the icon away for good."""
        self._watch.close()
        self._settling.stop()
        self._grace.stop()
        self._remove_icon()
        self.present = False

    # What it is told --------------------------------------------------------------------------

    def show_key(self, text: str) -> None:
        """Say which key opens the quick search from anywhere; '' for none."""
        self.quick.setText(
            tr("Quick search ({key})").format(key=text) if text else tr("Quick search")
        )

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says, as far as it concerns the tray."""
        if isinstance(message, Progress):
            before, self._progress = self._progress, message
            soon = not self._failure and time.monotonic() < self._said_at + WORKING_SECONDS
            if soon and message.state is before.state and message.state in WORKING:
                return
            if message.state is State.CURRENT or message.embedded > before.embedded:
                self._failure = ""
        elif isinstance(message, Problem) and not message.path:
            self._failure = message.reason
        elif type(message) is tuple:
            self._problem_count = len(message)
        else:
            return
        self._say()

    def _say(self) -> None:
        """Bring icon, tool tip and menu up to date."""
        self._said_at = time.monotonic()
        state, count = self._progress.state, self._problem_count
        # The tip stays for long: what is true for a moment only is left out.
        lasting = dataclasses.replace(self._progress, changed_at=0.0, rate=0.0)
        said = self._failure or progress_text(lasting)
        problems = trn("{count} problem", "{count} problems", count)
        self._tip = tr("notesearch: {progress}").format(
            progress=BETWEEN.join((said, problems)) if count else said
        )
        self._look = Look.PROBLEM if self._failure else look_of(state)
        self.status.setText(said)
        self.pause.setText(tr("Resume") if state is State.PAUSED else tr("Pause"))
        self.pause.setEnabled(state in WORKING | {State.PAUSED})
        self.problems.setText(trn("{count} problem…", "{count} problems…", count))
        self.problems.setVisible(bool(count))
        self._dress()

    def _dress(self) -> None:
        """Give the icon its looks, as far as they are others: each change goes to the panel."""
        if self._icon is None:
            return
        if self._icon.objectName() != self._look:
            self._icon.setObjectName(self._look)
            self._icon.setIcon(icon_of(self._look))
        if self._icon.toolTip() != self._tip:
            self._icon.setToolTip(self._tip)

    # What is wanted by it ---------------------------------------------------------------------

    def _make_actions(self) -> None:
        self.quick = self._action(self.quick_wanted)
        self.show_key("")
        self.window = self._action(self.window_wanted, tr("Open window"))
        self.status = self._action(self.status_wanted)
        self.pause = self._action(None)
        self.pause.triggered.connect(self._toggle_pause)
        self.problems = self._action(self.problems_wanted)
        self.settings = self._action(self.settings_wanted, tr("Settings…"))
        self.about = self._action(self.about_wanted, tr("About notesearch"))
        self.quit = self._action(self.quit_wanted, tr("Quit"))
        for action in (self.settings, self.about, self.quit):
            action.setMenuRole(QAction.MenuRole.NoRole)

    def _action(self, wanted: SignalInstance | None, text: str = "") -> QAction:
        action = QAction(text, self)
        if wanted is not None:
            action.triggered.connect(wanted)
        return action

    def make_menu(self) -> QMenu:
        """Return a new menu of all that can be done; it stays up to date.

        Qt makes of it what one kind of tray can show; another kind needs another one.
        """
        menu = QMenu()
        menu.setAccessibleName(tr("notesearch"))
        menu.addActions([self.quick, self.window])
        menu.addSeparator()
        menu.addActions([self.status, self.pause, self.problems])
        menu.addSeparator()
        menu.addActions([self.settings, self.about, self.quit])
        return menu

    @Slot()
    def _toggle_pause(self) -> None:
        self.pause_wanted.emit(self._progress.state is not State.PAUSED)

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if sys.platform == "darwin":
            # The click has opened the menu.
            return
        if reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            self.window_wanted.emit()
        elif reason is QSystemTrayIcon.ActivationReason.Trigger:
            # Some trays take a double click for two, and would open and close it.
            before, self._clicked_at = self._clicked_at, time.monotonic()
            if self._clicked_at - before > QApplication.doubleClickInterval() / 1000:
                self.quick_wanted.emit()

    # Where it is ------------------------------------------------------------------------------

    @Slot()
    def _follow(self) -> None:
        """Come and go with the tray."""
        tray = self._watch.tray
        if tray == self._shown_in:
            return
        self._shown_in = tray
        self._remove_icon()
        if tray[0] is not Kind.NONE:
            self._settling.start()
        else:
            self._settling.stop()
            if self.present and not self._grace.isActive():
                self._grace.start()

    @Slot()
    def _show_icon(self) -> None:
        # A new one each time: Qt decides once for each which kind of tray it is for.
        self._icon = QSystemTrayIcon(self)
        self._icon.activated.connect(self._activate)
        self._menu = self.make_menu()
        self._icon.setContextMenu(self._menu)
        self._dress()
        self._icon.show()
        self._grace.stop()
        if not self.present:
            self.present = True
            self.came.emit()

    def _remove_icon(self) -> None:
        if self._icon is None or self._menu is None:
            return
        self._icon.hide()
        self._icon.deleteLater()
        self._menu.close()
        self._menu.deleteLater()
        self._icon = self._menu = None

    @Slot()
    def _give_up(self) -> None:
        self.present = False
        self.went.emit()


def look_of(state: State) -> Look:
    """Return what the icon says. Files that cannot be read are no alarm: tip and menu have them."""
    if state is State.FAILED:
        return Look.PROBLEM
    if state in WORKING | {State.STARTING}:
        return Look.READING
    if state in WAITING:
        return Look.PAUSED
    return Look.CURRENT


def icon_of(look: Look) -> QIcon:
    """Return an icon that can be seen on light and dark panels; on macOS, one that is coloured."""
    kind = "-mask" if sys.platform == "darwin" else ""
    icon = QIcon(str(RESOURCES / "icons" / f"tray-{look}{kind}.svg"))
    icon.setIsMask(bool(kind))
    return icon
