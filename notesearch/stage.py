"""The real window over a folder apart, driven by keys: for the self-test and for pictures.

No other notesearch notices, nor does the desktop: it has no lock, no socket, no icon in the tray
and no key.
"""

import gc
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from notesearch import app, paths
from notesearch.core.access import load_encoder
from notesearch.core.notes import Failure, Problem, Progress, State
from notesearch.errands import ErrandError
from notesearch.paths import UserPaths
from notesearch.translation import tr

SECONDS = 60.0
"""What has not happened by then will not."""
LOOK_MS = 10
QUIET_SECONDS = 0.5
"""The engine has nothing more to say of an answer when it was quiet for so long."""
GRID = 160
"""So many places of a picture are looked at, across and down."""
COLOURS = 12
"""A picture of text has more: the edges of its letters have many shades."""


class Stage(QObject):
    """The program with a window; close() it, whatever happens."""

    def __init__(self, user: UserPaths, *, on_screen: bool = True) -> None:
        """Make it. on_screen: False for a window that is painted and never seen."""
        super().__init__()
        self._collects = gc.isenabled()
        self.progress = Progress(State.STARTING)
        self.trouble = ""
        """What the engine said that went wrong."""
        self._heard_at = 0.0
        self.desktop = app.Desktop(user, partial(load_encoder, paths.MODEL, user))
        self.window = self.desktop.window
        # Before it has noticed any tray.
        self.desktop.presence.tray.close()
        if not on_screen:
            self.window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.desktop.bridge.told.connect(self._hear)

    def open(self) -> None:
        """Show the window, and wait until it has read all notes. Raises ErrandError."""
        self.desktop.start()
        self.until(
            lambda: self.progress.state is State.CURRENT and self.progress.notes > 0,
            tr("the notes were not read"),
        )

    def close(self) -> None:
        """End it; nothing is left but the application."""
        self.desktop.stop()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if self._collects:
            gc.enable()

    def ask(self, text: str) -> None:
        """Type a query, key by key, into the empty box and wait for the answer.

        Raises ErrandError.
        """
        box = self.window.box
        box.clear()
        for letter in text:
            key = Qt.Key(ord(letter.upper()))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
                QCoreApplication.sendEvent(box, event)
        if box.text() != text:
            raise ErrandError(tr("keys that are pressed do not reach the box"))
        self.until(lambda: self.window.answered, tr("no answer came"))

    @property
    def first(self) -> str:
        """The file of the row that is selected, the first one where nobody has moved; or ''."""
        hit = self.window.results.current()
        return hit.file.name if hit is not None else ""

    def settle(self) -> None:
        """Wait until the note is shown beside the list, with all marks. Raises ErrandError."""
        self.until(
            lambda: time.monotonic() - self._heard_at > QUIET_SECONDS,
            tr("the window did not come to rest"),
        )

    def until(self, true: Callable[[], bool], otherwise: str) -> None:
        """Let the window live until something is so. Raises ErrandError, saying what was not."""
        end = time.monotonic() + SECONDS
        while not true():
            if self.trouble:
                raise ErrandError(self.trouble)
            if time.monotonic() > end:
                late = tr(
                    "{what} within {seconds} seconds: try again when the machine is less busy"
                )
                raise ErrandError(late.format(what=otherwise, seconds=round(SECONDS)))
            rest(LOOK_MS)

    @Slot(object)
    def _hear(self, message: object) -> None:
        if isinstance(message, Progress):
            self.progress = message
            return
        self._heard_at = time.monotonic()
        if isinstance(message, Problem) and not message.path:
            self.trouble = message.reason
        elif isinstance(message, Failure):
            self.trouble = tr("something unexpected happened in a thread")


def application() -> QApplication:
    """Return the one of this process; the first time it is made."""
    found = QApplication.instance()
    return found if isinstance(found, QApplication) else app.make_application()


def rest(milliseconds: int) -> None:
    """Let the windows live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def paint(widget: QWidget) -> QImage:
    """Return a picture of a widget. Raises ErrandError where nothing is to be seen in it."""
    picture = widget.grab().toImage()
    if picture.isNull() or len(colours(picture)) < COLOURS:
        raise ErrandError(
            tr("the picture is blank: see that there are fonts (on Linux fc-list shows them) and "
               "that QT_QPA_PLATFORM names a platform that paints")
        )  # fmt: skip
    return picture


def colours(picture: QImage) -> set[int]:
    """Return the colours at places all over a picture, with their opacity."""
    small = picture.scaled(GRID, GRID)
    return {small.pixel(x, y) for x in range(GRID) for y in range(GRID)}
