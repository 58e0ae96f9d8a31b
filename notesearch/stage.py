"""The real window over a folder apart, driven by keys: for the self-test and for pictures.

No other notesearch notices, nor does the desktop: it has no lock, no socket, no icon in the tray
and no key, and its windows are painted and never seen.
"""

import gc
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QEvent,
    QEventLoop,
    QIODevice,
    QObject,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QKeyEvent, QPainterPath
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from notesearch import app, paths
from notesearch.core.access import load_encoder
from notesearch.core.notes import Failure, Problem, Progress, State
from notesearch.errands import ErrandError
from notesearch.gui.preview_files import FORMATS
from notesearch.paths import UserPaths
from notesearch.translation import tr

SECONDS = 180.0
"""What has not happened by then will not."""
LOOK_MS = 10
QUIET_SECONDS = 0.5
"""The engine has nothing more to say of an answer when it was quiet for so long."""
GRID = 160
"""So many places of a picture are looked at, across and down."""
COLOURS = 12
"""A picture of text has more: the edges of its letters have many shades."""
_GIF = bytes.fromhex("47494638376101000100800000ffffff0000002c00000000010001000002024401003b")
"""One point; Qt reads this kind of picture and does not write it."""


class Stage(QObject):
    """The program with a window; close() it, whatever happens."""

    def __init__(self, user: UserPaths) -> None:
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
        self._hide()
        self.desktop.bridge.told.connect(self._hear)

    def _hide(self) -> None:
        """See to it that no window comes up, nor takes the keyboard from whoever types."""
        quick = self.desktop.presence.quick
        for window in (self.window, quick):
            window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        quick.setWindowFlag(Qt.WindowType.WindowDoesNotAcceptFocus)
        quick.presented.disconnect()

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

    def ask(self, text: str, box: QLineEdit | None = None) -> None:
        """Type a query, key by key, into an empty box and wait for the answer.

        box: another one than the window's. Raises ErrandError.
        """
        box = box or self.window.box
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
    if len(colours(picture)) < COLOURS:
        raise ErrandError(
            tr("the picture is blank: see that there are fonts (on Linux fc-list shows them) and "
               "that QT_QPA_PLATFORM names a platform that paints")
        )  # fmt: skip
    return picture


def colours(picture: QImage) -> set[int]:
    """Return the colours at places all over a picture, with their opacity."""
    if picture.isNull():
        return set()
    small = picture.scaled(GRID, GRID)
    return {small.pixel(x, y) for x in range(GRID) for y in range(GRID)}


def has_letters() -> bool:
    """Say whether there is a font that has letters: without one, all look the same."""
    shapes = []
    for letter in "ab":
        shapes.append(QPainterPath())
        shapes[-1].addText(0, 0, QGuiApplication.font(), letter)
    return shapes[0] != shapes[1]


def kinds_of_pictures() -> dict[str, bool]:
    """Return the kinds of pictures that notes may show, and whether each can be read here."""
    return {kind.decode(): not QImage.fromData(_picture(kind)).isNull() for kind in sorted(FORMATS)}


def _picture(kind: bytes) -> QByteArray:
    """Return a small picture of a kind, or nothing."""
    if kind == b"gif":
        return QByteArray(_GIF)
    written, drawn = QBuffer(), QImage(8, 8, QImage.Format.Format_RGB32)
    drawn.fill(Qt.GlobalColor.white)
    written.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(written, QByteArray(kind)).write(drawn)
    return written.data()
