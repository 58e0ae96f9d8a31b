"""A label that is cut with an ellipsis instead of widening the window."""

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

LONG = 40


class ElidedLabel(QLabel):
    """Shows one line, as much of it as there is room for."""

    def __init__(self, alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setObjectName("status")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
        self._full = ""

    def show_text(self, text: str) -> None:
        """Show a text, as much of it as there is room for; all of it in the tool tip."""
        if text != self._full:
            self._full = text
            self.setToolTip(html.escape(text) if len(text) > LONG else "")
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._full, middle, self.width()))
