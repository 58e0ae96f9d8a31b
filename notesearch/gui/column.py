"""A column of text and buttons in the middle of a page, which scrolls where it has no room."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from notesearch.gui.link_button import as_label
from notesearch.gui.theme import SPACE

TEXT_WIDTH = 60 * SPACE
LINE_LETTERS = 60
"""Lines of so many letters are read well, whatever the size of the letters."""
CHOICE_WIDTH = 42 * SPACE
"""Of buttons below each other, at least."""


class Column(QScrollArea):
    """Text, what else is added, and buttons that stand below each other where it is narrow."""

    def __init__(self, alignment: Qt.AlignmentFlag) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stacked = False
        """Whether the buttons stand below each other however wide it is."""
        self._alignment = alignment
        self._buttons: list[QPushButton] = []
        """Those in the row."""
        self._labels: dict[QPushButton, str] = {}
        content = QWidget()
        self._lines = QVBoxLayout(content)
        self._lines.setSpacing(2 * SPACE)
        self._lines.addStretch(2)
        self._button_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._button_row.setSpacing(SPACE)
        self.setWidget(content)
        # Otherwise they would be painted in the system's colour.
        for part in (content, self.viewport()):
            part.setAutoFillBackground(False)

    def add_text(self, name: str) -> QLabel:
        """Add a text that is broken into lines; name: what the style sheet knows it by."""
        label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        label.setObjectName(name)
        label.setAlignment(self._alignment | Qt.AlignmentFlag.AlignTop)
        self._lines.addWidget(label)
        return label

    def add_part(self, part: QWidget) -> None:
        """Add anything else, as wide as the column."""
        self._lines.addWidget(part)

    def add_buttons(self, *buttons: QPushButton, quiet: QPushButton) -> None:
        """Add the row of buttons, and one below it that stands back; the column ends with it."""
        self._buttons = list(buttons)
        for button in buttons:
            self._button_row.addWidget(button)
        self._lines.addLayout(self._button_row)
        self._lines.setAlignment(self._button_row, self._alignment)
        self._lines.addWidget(quiet, alignment=self._alignment)
        self._lines.addStretch(3)
        for button in (*buttons, quiet):
            self.label(button, button.text())

    def label(self, button: QPushButton, text: str) -> None:
        """Say what is on a button; fit() shows as much of it as there is room for."""
        self._labels[button] = text
        button.setAccessibleName(text)

    def fit(self) -> None:
        """Make room for the texts as they are now."""
        room = self.viewport().width() - 2 * SPACE
        width = min(room, max(TEXT_WIDTH, LINE_LETTERS * self.fontMetrics().averageCharWidth()))
        side = SPACE + (room - width) // 2
        self._lines.setContentsMargins(side, SPACE, side, SPACE)
        for button, text in self._labels.items():
            button.setMinimumWidth(0)
            _cut(button, text, width)
        shown = [button for button in self._buttons if not button.isHidden()]
        below = self.stacked or sum(b.sizeHint().width() + SPACE for b in shown) > width
        ways = QBoxLayout.Direction
        self._button_row.setDirection(ways.TopToBottom if below else ways.LeftToRight)
        for button in shown:
            button.setMinimumWidth(min(width, CHOICE_WIDTH) if self.stacked else 0)

    def wanted_height(self, width: int) -> int:
        """Return how high it would have to be to show everything in this width."""
        sides = self._lines.contentsMargins()
        room = max(width, sides.left() + sides.right() + LINE_LETTERS)
        return self._lines.totalHeightForWidth(room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keys, or else the one that stands out."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = QApplication.focusWidget()
            buttons = [focused] if isinstance(focused, QPushButton) else self._standing_out()
            for button in buttons:
                button.click()
        else:
            super().keyPressEvent(event)

    def _standing_out(self) -> list[QPushButton]:
        return [b for b in self._buttons if b.isDefault() and b.isVisible()]


def _cut(button: QPushButton, text: str, width: int) -> None:
    """Show as much of a text on a button as makes it so wide at most."""
    button.setText(as_label(text))
    over = button.sizeHint().width() - width
    if over > 0:
        metrics, middle = button.fontMetrics(), Qt.TextElideMode.ElideMiddle
        room = max(0, metrics.horizontalAdvance(text) - over)
        button.setText(as_label(metrics.elidedText(text, middle, room)))
