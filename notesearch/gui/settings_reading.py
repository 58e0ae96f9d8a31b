"""The page about reading: how fast, on battery, and all of it again."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton

from notesearch.core.notes import Progress, State
from notesearch.gui.settings_confirmation import Confirmation
from notesearch.gui.settings_page import SettingsPage, beside, estimated, heading, muted
from notesearch.gui.theme import SPACE
from notesearch.settings import Page
from notesearch.translation import tr

WAITING = tr("The machine runs on battery: reading waits.")
AGAIN = tr("Makes the index anew, for instance after a disk was restored. Notes stay as they are.")
ELSEWHERE = tr("Another notesearch window keeps the index now; close it to do this here.")
COUNTING = tr("Counting your notes…")


class ReadingPage(SettingsPage):
    """What is declared, and what can be done at once."""

    read_anyway = Signal()
    """Do not wait for the power supply."""
    estimate_wanted = Signal(object)
    """None: how long does it take to read everything?"""
    rebuild_wanted = Signal()
    """Read everything again; the user was asked."""

    def __init__(self) -> None:
        super().__init__(Page.READING)
        self._question: Confirmation | None = None
        anyway = QPushButton(tr("Read &now anyway"), autoDefault=False)
        anyway.clicked.connect(self.read_anyway)
        anyway.setAccessibleDescription(WAITING)
        self._waiting = [muted(WAITING), anyway]
        self._again = QPushButton(tr("Read everything &again…"), autoDefault=False)
        self._again.clicked.connect(self._ask)
        self._explained = muted(AGAIN)
        self.column.addWidget(self._waiting[0])
        self.column.addLayout(beside(anyway))
        self.column.addSpacing(2 * SPACE)
        self.column.addWidget(heading(tr("From the beginning")))
        self.column.addWidget(self._explained)
        self.column.addLayout(beside(self._again))
        self.column.addStretch()
        self.show_progress(Progress(State.STARTING))

    def show_progress(self, progress: Progress) -> None:
        """Offer what can be done now."""
        for widget in self._waiting:
            widget.setVisible(progress.state is State.ON_BATTERY)
        here = progress.state is not State.ELSEWHERE
        self._again.setEnabled(here)
        self._explained.setText(AGAIN if here else ELSEWHERE)

    def show_estimate(self, notes: int, seconds: float | None) -> None:
        """Say how long it takes to read everything, where that is the question."""
        if self._question is not None:
            self._question.say(said_of_reading(notes, seconds))

    @Slot()
    def _ask(self) -> None:
        self._question = Confirmation(
            tr("Read everything again?"), tr("&Read again"), tr("&Keep"), self.window()
        )
        self._question.say(COUNTING)
        self._question.accepted.connect(self.rebuild_wanted)
        self._question.finished.connect(self._forget)
        self._question.open()
        self.estimate_wanted.emit(None)

    @Slot()
    def _forget(self) -> None:
        self._question = None


def said_of_reading(notes: int, seconds: float | None) -> str:
    """Say what reading everything again takes."""
    text = tr("{estimate}. Until then not everything is found by meaning. Your notes stay.")
    return text.format(estimate=estimated(notes, seconds))
