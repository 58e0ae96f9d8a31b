"""The line below the list: how far reading is, what is wrong, what the last search took."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from notesearch.core.notes import Problem, Progress, State
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.keys import HELP
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE

MINUTE = 60
ROOM_FOR_HELP = 60 * SPACE
"""In a narrower window how far reading is comes first; there is a key for the help."""


class StatusLine(QWidget):
    """How far it is on the left; what was found, problems and folders on the right."""

    pause_wanted = Signal(bool)
    problems_wanted = Signal()
    folders_wanted = Signal()
    help_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress(State.STARTING)
        self._has_folders = False
        self._took = self._found = self._error = ""
        self._left = ElidedLabel(Qt.AlignmentFlag.AlignLeft)
        self._right = ElidedLabel(Qt.AlignmentFlag.AlignRight)
        self._pause = self._button("Pause", self._toggle_pause)
        self._problems = self._button("", self.problems_wanted)
        self._folders = self._button("Folders…", self.folders_wanted)
        self._help = self._button("Help", self.help_wanted)
        self._help.setToolTip(HELP)
        self._help.setVisible(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._left, stretch=3)
        line.addWidget(self._right, stretch=2)
        line.addWidget(self._pause)
        line.addWidget(self._problems)
        line.addWidget(self._folders)
        line.addWidget(self._help)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._help.setVisible(event.size().width() >= ROOM_FOR_HELP)

    def show_progress(self, progress: Progress, *, has_folders: bool) -> None:
        """Say how far reading is; nothing before there is anything to read."""
        self._progress, self._has_folders = progress, has_folders
        paused = progress.state is State.PAUSED
        self._pause.setText("Resume" if paused else "Pause")
        working = progress.state in {State.READING, State.EMBEDDING}
        self._pause.setVisible(has_folders and (paused or working))
        self._folders.setVisible(has_folders)
        self._say()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say how many files cannot be searched, or only in part."""
        count = len(problems)
        self._problems.setText(f"{count:,} {'problem' if count == 1 else 'problems'}")
        self._problems.setVisible(bool(count))

    def show_found(self, text: str, took_ms: float | None) -> None:
        """Say what was found, and how long that took in milliseconds."""
        self._found = text
        self._right.show_text(self._error or text)
        self._took = "" if took_ms is None else f" · {took_ms:.0f} ms"
        self._say()

    def show_error(self, text: str) -> None:
        """Say what did not work, until it is called with nothing: when the user goes on."""
        self._error = text
        self._right.show_text(text or self._found)

    def _say(self) -> None:
        took = "" if self._progress.state is State.FAILED else self._took
        self._left.show_text(progress_text(self._progress) + took if self._has_folders else "")

    @Slot()
    def _toggle_pause(self) -> None:
        self.pause_wanted.emit(self._progress.state is not State.PAUSED)

    def _button(self, text: str, clicked: object) -> LinkButton:
        button = LinkButton(text)
        button.setVisible(False)
        button.clicked.connect(clicked)
        return button


def progress_text(progress: Progress) -> str:
    """Say in one line how far the library is."""
    notes = f"{progress.notes:,} {'note' if progress.notes == 1 else 'notes'}"
    current = f"{notes} · all current" if progress.notes else "No notes in the chosen folders"
    unread = f"{progress.unread:,} of {notes} still to read"
    share = 100 * progress.embedded // max(progress.passages, 1)
    by_meaning = f"{notes} · {share} % searched by meaning too"
    embedded = progress.embedded >= progress.passages
    waiting = unread if progress.unread else notes if embedded else by_meaning
    text = {
        State.STARTING: "Starting…",
        State.FAILED: "Stopped",
        State.ELSEWHERE: f"{notes} · another notesearch is reading",
        State.READING: f"{unread}{_left(progress)}",
        State.EMBEDDING: f"{by_meaning}{_left(progress)}",
        State.PAUSED: f"{waiting} · paused",
        State.CURRENT: current,
    }[progress.state]
    away = sum(not folder.available for folder in progress.folders)
    if away:
        text += f" · {away} {'folder is' if away == 1 else 'folders are'} not available"
    return text


def _left(progress: Progress) -> str:
    if not progress.seconds_left:
        return ""
    if progress.seconds_left < MINUTE:
        return " · less than a minute"
    return f" · about {round(progress.seconds_left / MINUTE)} min"
