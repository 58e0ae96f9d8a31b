"""Shows what can be typed, and which key does what."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.error_dialog import EchoButton
from notesearch.gui.keys import KEYS
from notesearch.gui.reading_page import ReadingPage
from notesearch.gui.theme import NAME_SCALE, SPACE, Theme

Rows = Sequence[tuple[str, str]]
_WIDTHS = (29.0, 71.0)
IN_REPORT = (
    "Versions, counts and the end of the log: no text, names or paths of your notes. "
    "Read it before you send it."
)


class HelpDialog(QDialog):
    """Two tables to read; any of the usual keys closes it."""

    report_wanted = Signal()

    def __init__(self, syntax: Rows, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys and syntax")
        self.resize(760, 700)
        self._page = ReadingPage("What can be typed, and the keys")
        # Then the arrow keys scroll at once.
        self._page.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._syntax = syntax
        close = QPushButton("&Close", default=True)
        close.clicked.connect(self.accept)
        report = EchoButton("Copy &diagnostic report", "Copied")
        report.clicked.connect(self.report_wanted)
        what = QLabel(IN_REPORT, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        what.setObjectName("muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addWidget(report)
        buttons.addWidget(what, stretch=1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self._page, stretch=1)
        layout.addLayout(buttons)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._page.theme = theme
        pen = self._page.begin()
        for title, rows in (("What you can type", self._syntax), ("Keys", KEYS)):
            pen.line((title, pen.scaled(NAME_SCALE, strong=True)))
            cells = [([(example, pen.plain)], [(does, pen.quiet)]) for example, does in rows]
            pen.table(cells, _WIDTHS, below=2 * SPACE)
        self._page.show_written(pen)
