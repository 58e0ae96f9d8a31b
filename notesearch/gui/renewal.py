"""Decides when the shown answer may be out of date, so that it is asked for again."""

from PySide6.QtCore import QObject, QTimer, Signal

from notesearch.core.notes import Progress

REASK_MS = 1_000
"""While notes are read, the shown answer is asked for again so often."""


class Renewal(QObject):
    """Compares how far reading is with how far it was."""

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rest = QTimer(self, singleShot=True, interval=REASK_MS)
        self._rest.timeout.connect(self.due)

    def follow(self, before: Progress, now: Progress) -> None:
        """Ask at once when a change on the disk was taken up, now and then while notes are read."""
        if before.changes != now.changes:
            self.due.emit()
            return
        grown = (before.notes, before.unread, before.embedded, before.folders) != (
            now.notes, now.unread, now.embedded, now.folders,
        )  # fmt: skip
        if grown and not self._rest.isActive():
            self._rest.start()
