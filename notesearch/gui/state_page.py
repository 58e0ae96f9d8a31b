"""What fills the window when there is no list: a word on what is, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.theme import SPACE

TITLE_SCALE = 1.5
TEXT_WIDTH = 60 * SPACE


class StatePage(QWidget):
    """A title, a sentence, and up to two buttons."""

    folder_wanted = Signal()
    samples_wanted = Signal()
    weak_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * TITLE_SCALE)
        self._title.setFont(font)
        self._text = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._text.setObjectName("muted")
        self._text.setMaximumWidth(TEXT_WIDTH)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._choose = QPushButton("Choose a folder…", default=True)
        self._choose.clicked.connect(self.folder_wanted)
        self._samples = QPushButton("Try the sample notes")
        self._samples.clicked.connect(self.samples_wanted)
        self._weak = QPushButton()
        self._weak.clicked.connect(self.weak_wanted)
        self._lay_out()

    def say(self, title: str, text: str, *, first_run: bool = False, weak: int = 0) -> None:
        """Say something; offer folders on the first run, and weak matches where there are any."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._choose.setVisible(first_run)
        self._samples.setVisible(first_run)
        self._weak.setVisible(bool(weak))
        self._weak.setText(f"Show {weak} weaker {'match' if weak == 1 else 'matches'}  ↓")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._choose, self._samples, self._weak):
            buttons.addWidget(button)
        buttons.addStretch()
        text = QHBoxLayout()
        text.addStretch()
        text.addWidget(self._text, stretch=4)
        text.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * SPACE)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addLayout(text)
        layout.addLayout(buttons)
        layout.addStretch(3)
