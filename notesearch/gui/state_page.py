"""What fills the window when there is no list: a word on what is, and what to do next."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from notesearch.core.notes import Clause, Kind, Progress, Results, State
from notesearch.gui.keys import WHY_NOT
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE, TITLE_SCALE

TEXT_WIDTH = 60 * SPACE
WELCOME = "Search your notes by meaning and by words"
PRIVACY = (
    "Choose a folder of Markdown notes. They are read on this machine, "
    "never changed, and nothing about them leaves it."
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides what there is to say."""

    progress: Progress
    failure: str
    """Why the program cannot go on; '' where it can."""
    has_folders: bool
    text: str
    """What stands in the box."""
    results: Results | None
    """The last answer, perhaps to something else."""


class StatePage(QWidget):
    """A title, a sentence, up to two buttons and a link."""

    folder_chosen = Signal(object)
    """A Path."""
    samples_wanted = Signal()
    weak_wanted = Signal()
    missing_wanted = Signal()
    """The user misses a note."""

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
        self._choose.clicked.connect(self._choose_folder)
        self._samples = QPushButton("Try the sample notes")
        self._samples.clicked.connect(self.samples_wanted)
        self._weak = QPushButton()
        self._weak.clicked.connect(self.weak_wanted)
        self._missing = LinkButton("Why isn't a note here?")
        self._missing.setToolTip(WHY_NOT)
        self._missing.clicked.connect(self.missing_wanted)
        self._lay_out()

    def tell(self, now: Situation) -> None:
        """Say what is, and what can be done."""
        if now.failure:
            self._say("This did not work", now.failure)
        elif not now.has_folders:
            self._say(WELCOME, PRIVACY, first_run=True)
        elif not now.text.strip():
            self._say("", "Type what the note is about, or any words in it.")
        elif now.results is None or not now.results.query.text.strip():
            self._say("", "Searching…")
        else:
            title = "No close match" if now.results.query.terms else "No such note"
            why = why_nothing(now.results, now.progress)
            self._say(title, why, weak=len(now.results.weak), missing=True)

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self.window(), "Choose a folder of notes")
        if folder:
            self.folder_chosen.emit(Path(folder))

    def _say(
        self, title: str, text: str, *, first_run: bool = False, weak: int = 0,
        missing: bool = False,
    ) -> None:  # fmt: skip
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._choose.setVisible(first_run)
        self._samples.setVisible(first_run)
        self._weak.setVisible(bool(weak))
        self._weak.setText(f"Show {weak} weaker {'match' if weak == 1 else 'matches'}  ↓")
        self._missing.setVisible(missing)

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
        layout.addWidget(self._missing, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)


def why_nothing(results: Results, progress: Progress) -> str:
    """Say what an answer without a hit means."""
    query = results.query
    if not query.terms and not query.clauses:
        return "Say what to look for: at least one word or filter."
    if progress.unread or progress.state is State.STARTING:
        return "Not all notes have been read yet; more may be found in a moment."
    filters = " ".join(as_typed(c) for c in query.clauses if not _is_wanted_phrase(c))
    if not query.terms:
        if all(condition.negated for clause in query.clauses for condition in clause):
            return f"Every note has something that is to be left out: {filters}."
        return f"No note fulfils all of this: {filters}."
    return _why_nothing_near(filters, progress)


def _why_nothing_near(filters: str, progress: Progress) -> str:
    if progress.embedded < progress.passages:
        return "Not all notes are searched by meaning yet; more may be found in a moment."
    if filters:
        return f"No note that fulfils {filters} is close to the rest in meaning or in words."
    return "No note is close to this in meaning, and none holds enough of its words."


def as_typed(clause: Clause) -> str:
    """Return a clause as it was typed."""
    return " OR ".join(condition.text for condition in clause)


def _is_wanted_phrase(clause: Clause) -> bool:
    return all(c.kind is Kind.PHRASE and not c.negated for c in clause)
