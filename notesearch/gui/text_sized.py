"""Dialogs that are as large as their text asks for, and no larger than the screen."""

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtWidgets import QDialog, QWidget

from notesearch.gui.geometry import clamped
from notesearch.gui.theme import SPACE

_AROUND = 8 * SPACE
"""Of the screen, for the frame and what is behind."""


class TextSizedDialog(QDialog):
    """Has its size in heights of a line, also when these change while it is open."""

    # For Qt, which says that the font changed before there is a size.
    _lines: tuple[int, int] | None = None
    _sized_for = 0

    def __init__(self, lines: tuple[int, int], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._lines is not None:
            self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().height()
        if self._lines is None or line == self._sized_for:
            return
        self._sized_for = line
        screen = self.screen().availableGeometry()
        room = screen.size() - QSize(_AROUND, _AROUND)
        size = QSize(self._lines[0] * line, self._lines[1] * line).boundedTo(room)
        if self.isVisible():
            self.setGeometry(clamped(QRect(self.geometry().topLeft(), size), [screen]))
        else:
            self.resize(size)
