"""Said the first time that the window is closed: the program goes on in the tray, or ends."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.key_text import key_text
from notesearch.gui.settings_page import muted
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

SIZE = (30, 12)
"""In heights of a line."""


class StayDialog(TextSizedDialog):
    """Lets the user decide once; closed without a choice, nothing is decided."""

    decided = Signal(bool)
    """Whether the program stays."""

    def __init__(self, key: str, parent: QWidget) -> None:
        """Make the dialog. key: opens the quick search from anywhere; '' where none does."""
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Closing the window"))
        title = QLabel(tr("notesearch stays in the tray"), textFormat=Qt.TextFormat.PlainText)
        title.setObjectName("name")
        said = tr(
            "It goes on taking up what you change, and the icon in the tray brings it back. "
            "You can decide otherwise in the settings."
        )
        by_key = tr("{key} opens the quick search from anywhere.").format(key=key_text(key))
        stay = QPushButton(tr("&Stay in the tray"), default=True)
        end = QPushButton(tr("&Quit"), autoDefault=False)
        stay.clicked.connect(self._stay)
        end.clicked.connect(self._end)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addStretch()
        buttons.addWidget(end)
        buttons.addWidget(stay)
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(title)
        layout.addWidget(muted(said))
        if key:
            layout.addWidget(muted(by_key))
        layout.addStretch()
        layout.addLayout(buttons)
        stay.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Texts that are broken into lines have no height of their own.
        self.setMinimumHeight(self._column.totalHeightForWidth(self.width()))

    @Slot()
    def _stay(self) -> None:
        self._decide(stays=True)

    @Slot()
    def _end(self) -> None:
        self._decide(stays=False)

    def _decide(self, *, stays: bool) -> None:
        self.accept()
        self.decided.emit(stays)
