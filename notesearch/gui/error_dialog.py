"""Says that something unexpected happened, with a report that can be sent to whoever mends it."""

import html
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import shown_path
from notesearch.translation import tr

MAX_REPORTS = 20
ECHO_MS = 2_000
SIZE = (46, 30)
"""Of the dialog, in heights of a line."""
BETWEEN = "\n\n" + 40 * "-" + "\n\n"
TITLE = tr("Something unexpected happened")
TEXT = tr(
    "Your notes have not been touched. If this happens again, restart notesearch; "
    "the report below helps to mend it and holds no text of your notes."
)


class EchoButton(QPushButton):
    """A button that says for a moment that it did what is not seen elsewhere."""

    def __init__(self, text: str, echo: str) -> None:
        super().__init__(text)
        self._text, self._echo = text, echo
        self._back = QTimer(self, singleShot=True, interval=ECHO_MS)
        self._back.timeout.connect(self._restore)
        self.clicked.connect(self._say)

    @Slot()
    def _say(self) -> None:
        # The buttons beside it stay where they are.
        self.setMinimumWidth(self.width())
        self.setText(self._echo)
        self._back.start()

    @Slot()
    def _restore(self) -> None:
        self.setText(self._text)


class ErrorDialog(TextSizedDialog):
    """One or more reports, to be read and copied."""

    def __init__(self, report: str, log: Path | None, parent: QWidget | None) -> None:
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(TITLE)
        self._reports = [report]
        self._shown = QPlainTextEdit(report, readOnly=True, tabChangesFocus=True)
        self._shown.setAccessibleName(tr("Report"))
        self._shown.setObjectName("fixed")
        self._copy = EchoButton(tr("C&opy report"), tr("Copied"))
        self._copy.clicked.connect(self._copy_report)
        self._close = QPushButton(tr("&Close"), default=True)
        self._close.clicked.connect(self.accept)
        self._lay_out(log)
        self._close.setFocus()

    def add(self, report: str) -> None:
        """Add what happened meanwhile; what is shown already, or too much, is not repeated."""
        if report in self._reports or len(self._reports) == MAX_REPORTS:
            return
        # By a cursor of its own: whoever reads is not carried off to the end.
        end = QTextCursor(self._shown.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.insertText(BETWEEN + report)
        self._reports.append(report)

    @Slot()
    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._shown.toPlainText())

    def _lay_out(self, log: Path | None) -> None:
        title = QLabel(TITLE, textFormat=Qt.TextFormat.PlainText)
        title.setObjectName("title")
        text = QLabel(TEXT, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self._copy)
        buttons.addStretch()
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(title)
        layout.addWidget(text)
        layout.addSpacing(SPACE)
        layout.addWidget(self._shown, stretch=1)
        if log is not None:
            layout.addWidget(_log_line(log))
        layout.addSpacing(SPACE)
        layout.addLayout(buttons)


def _log_line(log: Path) -> ElidedLabel:
    line = ElidedLabel()
    line.show_text(tr("Log: {path}").format(path=shown_path(log)))
    line.setToolTip(f"<p>{html.escape(str(log))}</p>")
    return line
