"""Whether a window of an X server holds a selection, told when that changes.

A tray on X11 is a window that owns `_NET_SYSTEM_TRAY_S0`. Qt follows that too but does not tell,
and has been seen to take a tray for there that had gone. Whoever takes such a selection says so to
the root window (ICCCM, 2.8), and one that goes is destroyed: a connection of its own is told of
both by the server, so that nothing has to look again and again.
"""

import contextlib

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

from notesearch.gui.hotkey.xcb import Connection, NoServerError

_STRUCTURE_EVENTS = 1 << 17
"""Of a window: that it is destroyed; of the root: messages to all, as from a new owner."""


class Selection(QObject):
    """A selection of the X server that the program shows its windows on."""

    changed = Signal()

    def __init__(self, name: str, parent: QObject) -> None:
        """Watch a selection; its name goes on with the number of the screen.

        Raises NoServerError.
        """
        super().__init__(parent)
        self._connection = Connection()
        self._name = f"{name}{self._connection.screen}"
        self._connection.select(self._connection.root, _STRUCTURE_EVENTS)
        self.owner = self._find_owner()
        """Window that holds it; 0 for none."""
        self._heard = QSocketNotifier(
            self._connection.fileno(), QSocketNotifier.Type.Read, self
        )  # fmt: skip
        self._heard.activated.connect(self._hear)

    def close(self) -> None:
        """Watch it no longer."""
        self._heard.setEnabled(False)
        self._connection.close()

    @Slot()
    def _hear(self) -> None:
        try:
            owner = self._find_owner()
        except NoServerError:
            # It stays readable for ever.
            self._heard.setEnabled(False)
            owner = 0
        if owner != self.owner:
            self.owner = owner
            self.changed.emit()

    def _find_owner(self) -> int:
        """Ask until nothing has happened meanwhile: what came with an answer is not heard again."""
        connection, owner = self._connection, 0
        heard = True
        while heard:
            owner = connection.owner(self._name)
            if owner:
                connection.select(owner, _STRUCTURE_EVENTS)
                # It may have gone before that was asked for.
                owner = connection.owner(self._name)
            heard = bool(list(connection.events()))
        return owner


def watch(name: str, parent: QObject) -> Selection | None:
    """Watch a selection; None where that cannot be done."""
    with contextlib.suppress(NoServerError):
        return Selection(name, parent)
    return None
