"""The line below the list: how far reading is, how fresh, what is wrong, what was found."""

import html
import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from notesearch.core.notes import Folder, Problem, Progress, State
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.keys import HELP
from notesearch.gui.link_button import LinkButton
from notesearch.gui.results_model import day
from notesearch.gui.theme import SPACE

JUST_NOW = 5
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BETWEEN = " · "
_AT_REST = {State.CURRENT, State.PAUSED, State.ELSEWHERE}
"""Otherwise how long reading will take is said, not when something last changed."""
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
        self._found = self._error = ""
        # A coarse timer may be early, when nothing reads otherwise yet.
        self._aging = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._aging.timeout.connect(self._say)
        self._left = _PartsLabel()
        self._right = ElidedLabel(Qt.AlignmentFlag.AlignRight)
        self._pause = self._button("Pause", self._toggle_pause)
        self._problems = self._button("", self.problems_wanted)
        self._folders = self._button("Folders…", self.folders_wanted)
        self._help = self._button("Help", self.help_wanted)
        self._help.setToolTip(HELP)
        self._help.setVisible(True)
        line = self._line = QHBoxLayout(self)
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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say()

    def hideEvent(self, event: QHideEvent) -> None:
        # Also when the window is minimised.
        super().hideEvent(event)
        self._aging.stop()

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
        took = "" if took_ms is None else f"{took_ms:.0f} ms"
        self._found = BETWEEN.join(part for part in (text, took) if part)
        self._say_found()

    def show_error(self, text: str) -> None:
        """Say what did not work, until it is called with nothing: when the user goes on."""
        self._error = text
        self._say_found()

    def _say_found(self) -> None:
        text = self._error or self._found
        # The rest of the line is for what stands on the left.
        self._right.setMaximumWidth(self._right.fontMetrics().horizontalAdvance(text) + 1)
        # At once: it would be cut to its former width otherwise.
        self._line.activate()
        self._right.show_text(text)

    @Slot()
    def _say(self) -> None:
        """Say how far and how fresh it is, and again as soon as that reads otherwise."""
        progress, now = self._progress, time.time()
        self._left.show_parts(
            progress_parts(progress, now) if self._has_folders else [],
            [f"{folder.path}: {folder.unwatched}" for folder in _unwatched(progress)],
        )
        lasts = seconds_until_older(progress.changed_at, now) if _says_age(progress) else math.inf
        seen = self.isVisible() and not self.window().isMinimized()
        if seen and self._has_folders and lasts < math.inf:
            self._aging.start(math.ceil(1000 * lasts))
        else:
            self._aging.stop()

    @Slot()
    def _toggle_pause(self) -> None:
        self.pause_wanted.emit(self._progress.state is not State.PAUSED)

    def _button(self, text: str, clicked: object) -> LinkButton:
        button = LinkButton(text)
        button.setVisible(False)
        button.clicked.connect(clicked)
        return button


class _PartsLabel(ElidedLabel):
    """Shows as many parts of a text as there is room for, the first ones first."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[str] = ()

    def show_parts(self, parts: Sequence[str], details: Sequence[str]) -> None:
        """Show a text in parts; all of it, and details in lines of their own, in the tool tip."""
        self._parts = parts
        whole = BETWEEN.join(parts)
        self.show_text(whole)
        self.setToolTip("<br>".join(html.escape(line) for line in (whole, *details)))

    def _fit(self) -> None:
        for count in range(len(self._parts), 0, -1):
            rest = ["…"] if count < len(self._parts) else []
            text = BETWEEN.join([*self._parts[:count], *rest])
            if self.fontMetrics().horizontalAdvance(text) <= self.width():
                self.setText(text)
                return
        right = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._full, right, self.width()))


def progress_text(progress: Progress, now: float = 0.0) -> str:
    """Say in one line how far and how fresh the library is."""
    return BETWEEN.join(progress_parts(progress, now))


def progress_parts(progress: Progress, now: float) -> list[str]:
    """Say how far and how fresh the library is: what matters most comes first."""
    notes = f"{progress.notes:,} {'note' if progress.notes == 1 else 'notes'}"
    current = [notes, "all current"] if progress.notes else ["No notes in the chosen folders"]
    unread = f"{progress.unread:,} of {notes} still to read"
    share = 100 * progress.embedded // max(progress.passages, 1)
    by_meaning = [notes, f"{share} % searched by meaning too"]
    embedded = progress.embedded >= progress.passages
    waiting = [unread] if progress.unread else [notes] if embedded else by_meaning
    parts = {
        State.STARTING: ["Starting…"],
        State.FAILED: ["Stopped"],
        State.ELSEWHERE: [notes, "another notesearch is reading"],
        State.READING: [unread, *_left(progress)],
        State.EMBEDDING: [*by_meaning, *_left(progress)],
        State.PAUSED: [*waiting, "paused"],
        State.ON_BATTERY: [*waiting, "waiting for the power supply"],
        State.CURRENT: current,
    }[progress.state]
    away = sum(not folder.available for folder in progress.folders)
    if away:
        parts.append(f"{away} {'folder is' if away == 1 else 'folders are'} not available")
    if _says_age(progress):
        parts.append(f"last change {ago(progress.changed_at, now)}")
    unwatched = len(_unwatched(progress))
    if unwatched:
        folders = f"{unwatched} {'folder' if unwatched == 1 else 'folders'}"
        parts.append(f"changes in {folders} are found by looking every minute")
    return parts


def ago(then: float, now: float) -> str:
    """Say how long ago a moment was; one to come, after the clock was put back, is just now."""
    age = now - then
    if age < JUST_NOW:
        return "just now"
    for below, size, unit in ((MINUTE, 1, "s"), (HOUR, MINUTE, "min"), (DAY, HOUR, "h")):
        if age < below:
            return f"{age // size:.0f} {unit} ago"
    if _days(then, now) <= 1:
        return "yesterday"
    return day(datetime.fromtimestamp(then), datetime.fromtimestamp(now))  # local


def seconds_until_older(then: float, now: float) -> float:
    """Return how long that will be true; infinity for a date."""
    age = now - then
    if age < JUST_NOW:
        return min(JUST_NOW - age, MINUTE)
    if age < DAY:
        step = 1 if age < MINUTE else MINUTE
        return step - age % step
    if _days(then, now) > 1:
        return math.inf
    midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).timestamp() - now


def _days(then: float, now: float) -> int:
    """Return how many midnights lie between two moments."""
    return (datetime.fromtimestamp(now).date() - datetime.fromtimestamp(then).date()).days


def _says_age(progress: Progress) -> bool:
    return progress.state in _AT_REST and bool(progress.notes and progress.changed_at)


def _unwatched(progress: Progress) -> list[Folder]:
    return [folder for folder in progress.folders if folder.available and folder.unwatched]


def _left(progress: Progress) -> list[str]:
    if not progress.seconds_left:
        return []
    if progress.seconds_left < MINUTE:
        return ["less than a minute"]
    return [f"about {round(progress.seconds_left / MINUTE)} min"]
