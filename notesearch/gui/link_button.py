"""A button that looks like a link."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton


class LinkButton(QPushButton):
    """Does something small; a click on it does not take the keys away from the box."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setObjectName("link")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Qt's own buttons hear it in dialogs only.
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)


def as_label(text: str) -> str:
    """Return text so that no key is taken from an ampersand in it."""
    return text.replace("&", "&&")
