"""Asks before something is done that cannot be undone."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.settings_page import beside, heading
from notesearch.gui.theme import SPACE

WIDTH = 30
"""Of the text, in heights of a line."""


class Confirmation(QDialog):
    """A question with two clear verbs; Enter and Esc take the one that changes nothing."""

    def __init__(self, question: str, verb: str, keep: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(question)
        self._details = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        room = self.screen().availableSize().width() - 14 * SPACE
        self._details.setFixedWidth(min(WIDTH * self.fontMetrics().height(), room))
        doing, keeping = QPushButton(verb, autoDefault=False), QPushButton(keep)
        doing.clicked.connect(self.accept)
        keeping.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(heading(question))
        layout.addWidget(self._details)
        layout.addStretch()
        layout.addSpacing(SPACE)
        buttons = beside(doing)
        buttons.addWidget(keeping)
        layout.addLayout(buttons)
        # Only now: before it is in the dialog, this would be forgotten.
        keeping.setDefault(True)
        keeping.setFocus()

    @Slot(str)
    def say(self, details: str) -> None:
        """Say what will happen."""
        self._details.setText(details)
        self.setAccessibleDescription(details)
        self.adjustSize()
