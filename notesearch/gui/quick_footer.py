"""The line at the foot of the quick search: what was found, the keys, and two ways on."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

HINT = tr("{open} opens, {clear} clears, then closes").format(
    open=first_key(Act.OPEN), clear=first_key(Act.CLEAR)
)


class QuickFooter(QWidget):
    """Shows what there is room for; what was found matters most, then the way to the window."""

    wanted = Signal(object)
    """An Act."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._keys_help = False
        self._said = ElidedLabel()
        self._hint = QLabel(HINT, textFormat=Qt.TextFormat.PlainText)
        self._hint.setObjectName("status")
        self._settings = self._link(tr("Settings"), Act.SETTINGS)
        self._to_window = self._link(tr("Open in the window"), Act.TO_WINDOW)
        line = QHBoxLayout(self)
        line.setContentsMargins(SPACE, 0, SPACE, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._said, stretch=1)
        for part in (self._hint, self._settings, self._to_window):
            line.addWidget(part)

    @Slot(str)
    def say(self, text: str) -> None:
        """Say what was found or done."""
        self._text = text
        self._arrange()
        self._said.show_text(text)

    def explain(self, *, wanted: bool) -> None:
        """Say what the keys do to a list, or do not, where there is none."""
        self._keys_help = wanted
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        gap = 2 * SPACE
        room = self.width() - 2 * SPACE - self.fontMetrics().horizontalAdvance(self._text)
        room -= self._to_window.sizeHint().width() + gap + self._settings.sizeHint().width() + gap
        self._settings.setVisible(room >= 0)
        self._hint.setVisible(self._keys_help and room >= self._hint.sizeHint().width() + gap)

    def _link(self, text: str, act: Act) -> LinkButton:
        button = LinkButton(text)
        button.setToolTip(first_key(act))
        button.clicked.connect(lambda: self.wanted.emit(act))
        return button
