"""Slim lines around the list: what is offered or said of the query, and what is to be known."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QWidget

from notesearch.core.notes import Progress
from notesearch.gui.elided_label import ElidedLabel, WrappedLabel
from notesearch.gui.first_read import FirstRead
from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import LinkButton, as_label
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

LANGUAGE = "language"
KEY = "key"
UNDO = "undo"
SUMMARY = "summary"
FOR_GOOD = {LANGUAGE, KEY}
"""Notices that do not come again once they are put away."""
LONG_OFFER = 60
"""Letters of another spelling that are shown."""
SUMMARY_MS = 20_000
"""So long it is said what was read, where nothing was wrong with it."""
MOST_FOR_BUTTONS = 0.25
"""Of the width of a bar."""
WARNING_SIGN = "\N{WARNING SIGN}\N{VARIATION SELECTOR-15}"


class QueryLine(QWidget):
    """Offers another spelling and says what of the query could not be understood; else hidden."""

    suggestion_taken = Signal(str)
    said = Signal(str, list)
    """What say() was told."""

    def __init__(self) -> None:
        super().__init__()
        self._suggestion = ""
        self._offer = LinkButton()
        # No mnemonic: that would be a second one for the same key.
        self._offer.setToolTip(first_key(Act.SUGGESTION))
        self._offer.clicked.connect(self.take)
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
        offer = tr("Did you mean “{suggestion}”?")
        self._offer.setText(offer.format(suggestion=as_label(_short(suggestion))))
        self._offer.setVisible(bool(suggestion))
        self._complaint.show_text(f"{WARNING_SIGN}  {' '.join(complaints)}" if complaints else "")
        self.setVisible(bool(suggestion or complaints))
        self.said.emit(suggestion, list(complaints))

    @Slot()
    def take(self) -> None:
        """Take the spelling that is offered, if one is."""
        if self._suggestion:
            self.suggestion_taken.emit(self._suggestion)


def _short(text: str) -> str:
    """Return a text of which the end is seen, where most words are changed."""
    return text if len(text) <= LONG_OFFER else f"…{text[-LONG_OFFER:]}"


class _Bar(QWidget):
    """Says something in as many lines as it takes, until it is closed.

    Where the buttons would leave little room for the text, they stand below it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._said = WrappedLabel()
        self._close = LinkButton(tr("Close"))
        self._close.clicked.connect(self._put_away)
        self._text, self._buttons = QHBoxLayout(), QHBoxLayout()
        self._text.setSpacing(2 * SPACE)
        self._text.addWidget(self._said, stretch=1)
        self._buttons.setSpacing(2 * SPACE)
        self._buttons.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        self._buttons.addStretch()
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self._line.setSpacing(2 * SPACE)
        self._line.addLayout(self._text, stretch=1)
        self._line.addLayout(self._buttons)
        self.setVisible(False)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._arrange()
        return done

    def _arrange(self) -> None:
        below = self._buttons.sizeHint().width() > MOST_FOR_BUTTONS * self.width()
        direction = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        if direction is not self._line.direction():
            self._line.setDirection(direction)
            self._line.setSpacing(SPACE if below else 2 * SPACE)

    def _show(self, text: str) -> None:
        """Show a text, and have it read aloud; nothing hides the bar."""
        new = text and text != self._said.text()
        self._said.setText(text)
        self._said.setAccessibleName(text)
        self.setAccessibleName(text)
        if not text and self._close.hasFocus():
            # The box takes the keys for the window.
            self.window().setFocus()
        self.setVisible(bool(text))
        if new:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot()
    def _put_away(self) -> None:
        self._show("")


class ErrorLine(_Bar):
    """Says what did not work, all of it."""

    def __init__(self) -> None:
        super().__init__()
        sign = QLabel(WARNING_SIGN, textFormat=Qt.TextFormat.PlainText)
        sign.setObjectName("warning")
        sign.setAccessibleName(tr("Warning"))
        self._text.insertWidget(0, sign, alignment=Qt.AlignmentFlag.AlignTop)
        self._close.setAccessibleName(tr("Close this message"))

    def say(self, text: str) -> None:
        """Say what did not work, or nothing."""
        self._show(text)


class UndoLine(_Bar):
    """Says what was left out of the search, and takes it back: in the quick search."""

    put_away = Signal()
    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        undo = LinkButton(tr("&Undo"))
        undo.clicked.connect(self.undo_wanted)
        self._buttons.insertWidget(0, undo, alignment=Qt.AlignmentFlag.AlignTop)
        self._close.clicked.connect(self.put_away)

    @Slot(str)
    def say(self, text: str) -> None:
        """Say what was left out, or nothing."""
        self._show(text)


class Notice(_Bar):
    """Says one of several things once, until it is put away: the newest that is to be known."""

    put_away = Signal(str)
    """What was told and is not to come again: LANGUAGE or KEY."""
    problems_wanted = Signal()
    undo_wanted = Signal()
    """What was left out of the search is to come back."""
    key_wanted = Signal()
    """Another key for the quick search is to be chosen."""
    undo_offered = Signal(str)
    """What was left out, in words; '' where that is not offered any more."""

    def __init__(self) -> None:
        super().__init__()
        self._problems = LinkButton(tr("Show problems"))
        self._problems.clicked.connect(self.problems_wanted)
        self._undo = LinkButton(tr("&Undo"))
        self._undo.clicked.connect(self.take_back)
        self._key = LinkButton(tr("Settings…"))
        self._key.clicked.connect(self.key_wanted)
        buttons = self._problems, self._undo, self._key
        for place, button in enumerate(buttons):
            self._buttons.insertWidget(place, button, alignment=Qt.AlignmentFlag.AlignTop)
        for button, following in pairwise((*buttons, self._close)):
            QWidget.setTabOrder(button, following)
        self._first_read = FirstRead()
        self._passing = QTimer(self, singleShot=True, interval=SUMMARY_MS)
        self._passing.timeout.connect(self._pass)
        self._texts: dict[str, str] = {}
        self._key_name = ""
        self._passes = False
        """Whether what was said of the first read goes by itself."""
        self._told: frozenset[str] = frozenset()
        self._has_problems = False
        self._choose()

    def _arrange(self) -> None:
        super()._arrange()
        both = self._problems.sizeHint().width() + self._close.sizeHint().width() + 2 * SPACE
        # The status line leads to them too.
        room = both <= self.width() - 4 * SPACE
        self._problems.setVisible(room and self._has_problems and self.name == SUMMARY)
        self._undo.setVisible(self.name == UNDO)
        self._key.setVisible(self.name == KEY)

    @property
    def name(self) -> str:
        """What is said: UNDO, SUMMARY, LANGUAGE or KEY; '' where nothing is."""
        names = (UNDO, SUMMARY, LANGUAGE, KEY)
        return next((n for n in names if self._texts.get(n) and n not in self._told), "")

    def set_told(self, names: Sequence[str]) -> None:
        """Learn what is not to be said again."""
        self._told = frozenset(names)
        self._choose()

    def follow(self, progress: Progress, now: float) -> None:
        """Say what is to be known of what the engine says; now: of a clock that only goes on."""
        summary = self._first_read.follow(progress, now)
        if summary:
            self.say_summary(summary, problems=bool(progress.problems))
        self.say_language(progress.language)

    def say_language(self, language: str) -> None:
        """Say that most notes are in a language that the model does not know; '' says nothing."""
        text = tr("Most of your notes are in {language}, which the model does not know: "
                  "they are found by their words, hardly by meaning.")  # fmt: skip
        self._texts[LANGUAGE] = text.format(language=tr(language)) if language else ""
        self._choose()

    def say_key(self, name: str, problem: str) -> None:
        """Learn which key opens the quick search, '' for none; say why one does not, if so."""
        self._key_name = name
        self._texts[KEY] = problem
        self._choose()

    def say_summary(self, text: str, *, problems: bool) -> None:
        """Say what was read; problems: there is something to be shown of it."""
        said = tr("{key} searches from any program.").format(key=self._key_name)
        self._texts[SUMMARY] = f"{text} {said}" if self._key_name else text
        self._has_problems = problems
        self._choose()
        self._passes = not problems
        if self._passes and self.isVisible():
            self._passing.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # It was said while the window was away.
        if self._passes and self.name == SUMMARY and not self._passing.isActive():
            self._passing.start()

    @Slot()
    def _pass(self) -> None:
        """What was said of the first read has been seen, or is of no use any more."""
        self._texts.pop(SUMMARY, None)
        self._choose()

    def forget(self) -> None:
        """Say no more of notes that are not searched any more."""
        self.withdraw_undo()
        self._texts.clear()
        self._choose()

    def offer_undo(self, text: str) -> None:
        """Say what was left out of the search, until it is closed or taken back."""
        self._texts[UNDO] = text
        self._choose()
        self.undo_offered.emit(text)

    @Slot()
    def take_back(self) -> None:
        """Have what was left out come back."""
        self.withdraw_undo()
        self.undo_wanted.emit()

    @Slot()
    def withdraw_undo(self) -> None:
        """Offer that no more."""
        if self._texts.pop(UNDO, ""):
            self._choose()
            self.undo_offered.emit("")

    def _choose(self) -> None:
        name = self.name
        for_good = tr("Close this notice for good")
        self._close.setAccessibleName(for_good if name in FOR_GOOD else tr("Close this notice"))
        self._show(self._texts.get(name, ""))
        self._arrange()

    @Slot()
    def _put_away(self) -> None:
        name = self.name
        if name == UNDO:
            self.withdraw_undo()
            return
        self._texts.pop(name, None)
        if name in FOR_GOOD:
            self._told |= {name}
            self.put_away.emit(name)
        self._choose()
