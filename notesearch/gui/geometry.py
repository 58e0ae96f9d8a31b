"""Where the window was, kept from one time to the next."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from notesearch.paths import write_private

logger = logging.getLogger(__name__)

FRAME = 32
"""How high a title bar may be; the system says so only when the window is shown."""
POPUP_TOP = 0.18
"""Of the height of the screen."""
POPUP_SHARE, POPUP_LEAST = 0.6, 420
"""Of the height of the screen it takes so much at most; of a small screen so many pixels."""
POPUP_GAP = 16
"""Below a window that is as high as it may be, in pixels."""

MIN_VISIBLE = 64
"""So many pixels of a window must be on a screen, both ways, for it to be left where it is."""


def restore(window: QWidget, splitter: QSplitter, path: Path) -> None:
    """Put a window where it was, as far as the screens that are there now allow."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        rect = QRect(*(int(number) for number in kept["window"]))
        sizes = [int(number) for number in kept["panes"]]
        maximized = bool(kept["maximized"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError):
        logger.warning("Where the window was cannot be read; it opens in its usual place")
        return
    screens = [screen.availableGeometry() for screen in window.screen().virtualSiblings()]
    window.setGeometry(clamped(rect, screens))
    if maximized:
        # Only when it is shown, which may be much later.
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
    if len(sizes) == splitter.count() and min(sizes) > 0:
        splitter.setSizes(sizes)


def keep(window: QWidget, splitter: QSplitter, path: Path) -> None:
    """Remember where a window is. That it cannot be written is no reason to bother anybody."""
    rect = window.normalGeometry()
    kept = {
        "window": [rect.x(), rect.y(), rect.width(), rect.height()],
        "maximized": window.isMaximized(),
        "panes": splitter.sizes(),
    }
    try:
        write_private(path, json.dumps(kept).encode())
    except OSError as error:
        logger.warning("Where the window is cannot be kept: %s", error.strerror)


def clamped(rect: QRect, screens: Sequence[QRect]) -> QRect:
    """Return a window's place so that it fits a screen; where it was, if that still shows."""
    best = max(screens, key=lambda screen: _area(screen.intersected(rect)))
    if not best.adjusted(0, FRAME, 0, 0).contains(rect) and best.height() > MIN_VISIBLE + FRAME:
        # It cannot stay as it is, and its title bar is to be on the screen too.
        best = best.adjusted(0, FRAME, 0, 0)
    shown = best.intersected(rect)
    size = rect.size().boundedTo(best.size())
    if shown.width() >= min(MIN_VISIBLE, size.width()) and shown.height() >= MIN_VISIBLE:
        left = min(max(rect.left(), best.left()), best.right() + 1 - size.width())
        top = min(max(rect.top(), best.top()), best.bottom() + 1 - size.height())
        return QRect(left, top, size.width(), size.height())
    placed = QRect(0, 0, size.width(), size.height())
    placed.moveCenter(screens[0].center())
    return placed


def popup_place(size: QSize, available: QRect) -> QPoint:
    """Return where a window that comes up is put: in the middle, its top in the upper third.

    available: of the screen that it comes to. All of it is there, if it fits.
    """
    left = available.left() + (available.width() - size.width()) // 2
    top = available.top() + int(POPUP_TOP * available.height())
    lowest = available.bottom() + 1 - size.height()
    return QPoint(max(available.left(), left), max(available.top(), min(top, lowest)))


def popup_room(available: QRect) -> int:
    """Return how high such a window may become: it grows downwards, and its top stays."""
    below = available.height() - int(POPUP_TOP * available.height()) - POPUP_GAP
    return min(below, max(POPUP_LEAST, int(POPUP_SHARE * available.height())))


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height())
