"""The box that the query is typed into; most keys of the window come in here."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from notesearch.gui.results_view import LIST_KEYS
from notesearch.gui.theme import BOX_SCALE

_PLAIN = {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}


class SearchBox(QLineEdit):
    """Announces the keys that are not for the text."""

    entered = Signal()
    left = Signal()
    """By Esc."""
    moved = Signal(object)
    """One of LIST_KEYS."""

    def __init__(self) -> None:
        super().__init__(placeholderText="Search notes", clearButtonEnabled=True)
        self.setObjectName("box")
        self.setAccessibleName("Search notes")
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * BOX_SCALE)
        self.setFont(font)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in LIST_KEYS and event.modifiers() in _PLAIN:
            self.moved.emit(key)
        else:
            super().keyPressEvent(event)
