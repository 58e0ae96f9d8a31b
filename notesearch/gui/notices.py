"""Slim lines around the list: what is offered or said of the query, and what is to be known."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.link_button import LinkButton, as_label
from notesearch.gui.theme import SPACE

LANGUAGE = "language"
WARNING_SIGN = "\N{WARNING SIGN}\N{VARIATION SELECTOR-15}"


class QueryLine(QWidget):
    """Offers another spelling and says what of the query could not be understood; else hidden."""

    suggestion_taken = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._suggestion = ""
        self._offer = LinkButton()
        self._offer.clicked.connect(self._take)
        self._complaint = ElidedLabel()
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._offer)
        line.addWidget(self._complaint, stretch=1)
        self.say()

    def say(self, suggestion: str = "", complaints: Sequence[str] = ()) -> None:
        """Say something of the query, or nothing."""
        self._suggestion = suggestion
        self._offer.setText(f"Did &you mean “{as_label(suggestion)}”?")
        self._offer.setVisible(bool(suggestion))
        self._complaint.show_text(f"{WARNING_SIGN}  {' '.join(complaints)}" if complaints else "")
        self.setVisible(bool(suggestion or complaints))

    @Slot()
    def _take(self) -> None:
        self.suggestion_taken.emit(self._suggestion)


class Notice(QWidget):
    """Says something once, until it is put away."""

    put_away = Signal(str)
    """What was told: LANGUAGE."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._said = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        close = LinkButton("Close")
        close.setAccessibleName("Close this notice for good")
        close.clicked.connect(self._put_away)
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._said, stretch=1)
        line.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        self._language = ""
        self._told: frozenset[str] = frozenset()
        self.setVisible(False)

    def set_told(self, names: Sequence[str]) -> None:
        """Learn what is not to be said again."""
        self._told = frozenset(names)
        self.say_language(self._language)

    def say_language(self, language: str) -> None:
        """Say that most notes are in a language that the model does not know; '' says nothing."""
        self._said.setText(
            f"Most of your notes are in {language}, which the model does not know: "
            "they are found by their words, hardly by meaning."
        )
        self._language = language
        self.setVisible(bool(language) and LANGUAGE not in self._told)

    @Slot()
    def _put_away(self) -> None:
        self.set_told((*self._told, LANGUAGE))
        self.put_away.emit(LANGUAGE)
