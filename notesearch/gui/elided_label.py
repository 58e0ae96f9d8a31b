"""Labels that never widen the window: one is cut with an ellipsis, one is broken anywhere."""

import html
import math

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextDocument,
    QTextOption,
)
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
            self.setAccessibleName(text)
            self.fit()

    def fit(self) -> None:
        """Choose what of the text is shown."""
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._full, middle, self.width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class WrappedLabel(QLabel):
    """Shows all of a text in as many lines as it takes; what is too long for one is broken.

    A QLabel breaks lines at spaces only, and paths have none.
    """

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's name
        return math.ceil(self._laid_out(width).size().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(0, self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        context = QAbstractTextDocumentLayout.PaintContext()
        text = self.palette().color(self.foregroundRole())
        context.palette.setColor(QPalette.ColorRole.Text, text)
        document = self._laid_out(self.width())
        document.documentLayout().draw(QPainter(self), context)

    def _laid_out(self, width: int) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        document.setDefaultTextOption(option)
        document.setPlainText(self.text())
        document.setTextWidth(max(1, width))
        return document
