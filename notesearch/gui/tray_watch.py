"""Whether there is a tray that shows icons, told when that changes.

Qt's own answer does not do on Linux: asked before the panel is there, it may stay as it was, it
counts a D-Bus service that shows nothing, and somebody would have to ask all the time.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from notesearch.gui import tray_selection

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusPendingCallWatcher

TRAY_SELECTION = "_NET_SYSTEM_TRAY_S"
SERVICE = "org.kde.StatusNotifierWatcher"
_PATH = "/StatusNotifierWatcher"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_NOT_THERE = ("NameHasNoOwner", "ServiceUnknown", "Disconnected")


class Kind(StrEnum):
    """Which tray shows an icon that is made now."""

    NONE = ""
    DBUS = "D-Bus"
    X11 = "X11"
    SYSTEM = "system"
    """That of Windows or macOS."""


class TrayWatch(QObject):
    """Knows which tray there is; nothing on platforms without any, such as the tests'."""

    changed = Signal()
    """Perhaps: look at `tray`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        platform = QGuiApplication.platformName()
        self._asks_qt = platform in {"windows", "cocoa"}
        self._available = False
        self._selection = tray_selection.watch(TRAY_SELECTION, self) if platform == "xcb" else None
        self._bus = BusWatch(self) if platform == "xcb" or platform.startswith("wayland") else None
        for watch in (self._selection, self._bus):
            if watch is not None:
                watch.changed.connect(self.changed)
        self.look()

    @property
    def tray(self) -> tuple[Kind, int]:
        """Which tray there is; of several one after the other, a number tells them apart."""
        if self._asks_qt:
            return (Kind.SYSTEM if self._available else Kind.NONE), 0
        if self._bus is not None and self._bus.is_there:
            # Qt prefers it, whether it shows anything or not.
            return (Kind.DBUS if self._bus.shows else Kind.NONE), self._bus.number
        owner = self._selection.owner if self._selection is not None else 0
        return (Kind.X11 if owner else Kind.NONE), owner

    def look(self) -> None:
        """Look whether there is one, where nobody tells; to be called now and then."""
        if self._asks_qt and QSystemTrayIcon.isSystemTrayAvailable() is not self._available:
            self._available = not self._available
            self.changed.emit()

    def close(self) -> None:
        """Watch no longer."""
        self.blockSignals(True)  # noqa: FBT003  # Qt's
        if self._selection is not None:
            self._selection.close()
        if self._bus is not None:
            self._bus.close()


class BusWatch(QObject):
    """Knows whether there is a StatusNotifierWatcher, and whether a host shows what it is told."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_there = self.shows = False
        self.number = 0
        """Of the services that were there; each knows nothing of what a former one was told."""
        self._closed = False
        self._answer: QDBusPendingCallWatcher | None = None
        if _has_bus():
            self._watch()

    def close(self) -> None:
        """Heed no answer any more."""
        self._closed = True

    def _watch(self) -> None:
        # Linux alone needs it.
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher  # noqa: PLC0415

        self._connection = QDBusConnection.sessionBus()
        if not self._connection.isConnected():
            return
        self._owners = QDBusServiceWatcher(
            SERVICE, self._connection,
            QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange, self,
        )  # fmt: skip
        self._owners.serviceOwnerChanged.connect(self._follow)
        ask: Any = SLOT("ask()")  # PySide declares it as bytes, and takes text alone.
        for signal in ("StatusNotifierHostRegistered", "StatusNotifierHostUnregistered"):
            self._connection.connect(SERVICE, _PATH, SERVICE, signal, self, ask)
        self.ask()

    @Slot(str, str, str)
    def _follow(self, _service: str, _before: str, now: str) -> None:
        self.number += 1
        if now:
            self.ask()
        else:
            self._know(is_there=False, shows=False)

    @Slot()
    def ask(self) -> None:
        """Ask the service whether it has a host, without waiting for the answer."""
        from PySide6.QtDBus import QDBusMessage, QDBusPendingCallWatcher  # noqa: PLC0415

        question = QDBusMessage.createMethodCall(SERVICE, _PATH, _PROPERTIES, "Get")
        # Only a panel makes sense of it: none is to be started for this.
        question.setAutoStartService(False)
        question.setArguments([SERVICE, "IsStatusNotifierHostRegistered"])
        if self._answer is not None:
            self._answer.deleteLater()
        self._answer = QDBusPendingCallWatcher(self._connection.asyncCall(question), self)
        self._answer.finished.connect(self._take)

    @Slot()
    def _take(self) -> None:
        """Take the newest answer; a service that does not know the question shows what it has."""
        answer = self._answer
        if self._closed or answer is None or not answer.isFinished():
            return
        if answer.isError():
            there = not answer.error().name().endswith(_NOT_THERE)
            self._know(is_there=there, shows=there)
        else:
            (value,) = answer.reply().arguments()
            self._know(is_there=True, shows=bool(value.variant()))

    def _know(self, *, is_there: bool, shows: bool) -> None:
        self.is_there, self.shows = is_there, shows
        if not self._closed:
            self.changed.emit()


def _has_bus() -> bool:
    """Say whether there is a session bus: libdbus would start one where there is none."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (
        bool(runtime) and (Path(runtime) / "bus").exists()
    )
