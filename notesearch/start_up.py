"""Writes into the log how long the start took: until the window, and until an answer, was seen."""

import logging
import os
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from notesearch.core.notes import Results
from notesearch.gui.bridge import Bridge

logger = logging.getLogger(__name__)

_STARTED = 19
"""Which field after the name in /proc/self/stat has the start, in ticks since the boot."""
LONGEST_SECONDS = 60.0
"""An answer that comes later tells when the user came to it, and not how long the start took."""


class StartUp(QObject):
    """Looks at two paints of a window: the first, and that of the first answer to what is typed."""

    def __init__(self, window: QWidget, bridge: Bridge) -> None:
        """Begin to look; nothing is left to be done once both are known, or it is too late."""
        super().__init__(window)
        self._window, self._bridge = window, bridge
        self._answered = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Paint, QEvent.Type.UpdateRequest}:
            self._window.removeEventFilter(self)
            # It is about to be painted; this comes after that.
            QTimer.singleShot(0, self, self._tell)
        return super().eventFilter(watched, event)

    @Slot()
    def _tell(self) -> None:
        try:
            seconds = age()
        except (OSError, psutil.Error):
            # Without /proc the system does not tell.
            return
        what = "The first answer was shown" if self._answered else "The window was painted"
        logger.info("%s %.0f ms after the process began", what, 1000 * seconds)
        if self._answered:
            self.deleteLater()
        else:
            self._bridge.told.connect(self._hear)
            left = max(0.0, LONGEST_SECONDS - seconds)
            QTimer.singleShot(round(1000 * left), self, self.deleteLater)

    @Slot(object)
    def _hear(self, message: object) -> None:
        # What was told before it is no more still comes.
        if isinstance(message, Results) and message.query.text and not self._answered:
            self._answered = True
            self._window.installEventFilter(self)


def age() -> float:
    """Return for how many seconds this process has been there."""
    if sys.platform == "linux":
        # psutil adds the time of the boot, which Linux tells in whole seconds.
        stat = Path("/proc/self/stat").read_bytes()
        ticks = int(stat.rpartition(b")")[2].split()[_STARTED])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - psutil.Process().create_time()
