"""The line below the list: how far reading is, how fresh, what is wrong, what was found."""

import math
import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from notesearch.core.notes import Problem, Progress, State
from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.gui.notices import ErrorLine
from notesearch.gui.progress_text import (
    BETWEEN,
    WAITING,
    WORKING,
    ago,
    folder_lines,
    progress_parts,
    progress_text,
    rate_text,
    says_age,
    seconds_until_older,
    share_done,
    wants_folders,
)
from notesearch.gui.status_parts import LEAD, PartsLabel, ReadingBar
from notesearch.gui.theme import SPACE, Theme
from notesearch.translation import tr, trn

__all__ = ["StatusLine", "ago", "progress_text", "seconds_until_older"]

GAP = 2 * SPACE
DONE_MS = 3_000
"""So long it is said what was done."""


class StatusLine(QWidget):
    """How far it is on the left; what was found, problems and settings on the right.

    In a narrow window, or with large text, what matters least is left out, then it takes two rows.
    """

    pause_wanted = Signal(bool)
    read_anyway = Signal()
    """What waits for the power supply is to be read now."""
    problems_wanted = Signal()
    folders_wanted = Signal()
    settings_wanted = Signal()
    help_wanted = Signal()
    said = Signal(str)
    """In a few words, what was found or done, and how far reading is where it goes on."""
    error_said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress(State.STARTING)
        self._has_folders = False
        # A coarse timer may be early, when nothing reads otherwise yet.
        self._aging = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._aging.timeout.connect(self._say)
        self._done = QTimer(self, singleShot=True, interval=DONE_MS)
        self._done.timeout.connect(self._say_found)
        self._found_text = ""
        self._counted = False
        """Whether that is more than how long it took."""
        self._error = ErrorLine()
        self._bar = ReadingBar()
        self._left = PartsLabel()
        self._found = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._found.setObjectName("status")
        self._pause = _button(tr("Pause"), self._toggle_pause)
        self._anyway = _button(tr("Read now anyway"), self.read_anyway)
        self._problems = _button("", self.problems_wanted)
        self._folders = _button(tr("Folders…"), self.folders_wanted)
        self._settings = _button(tr("Settings"), self.settings_wanted, first_key(Act.SETTINGS))
        self._help = _button(tr("Help"), self.help_wanted, first_key(Act.HELP))
        self._wanted: set[QWidget] = {self._settings, self._help}
        """What is to be seen where there is room for it."""
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            # Other fonts, other texts: something needs more room, or less.
            self._arrange()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say()

    def hideEvent(self, event: QHideEvent) -> None:
        # Also when the window is minimised.
        super().hideEvent(event)
        self._aging.stop()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._bar.restyle(theme)

    def show_progress(self, progress: Progress, *, has_folders: bool) -> None:
        """Say how far reading is; nothing before there is anything to read."""
        self._progress, self._has_folders = progress, has_folders
        state = progress.state
        self._pause.setText(tr("Resume") if state is State.PAUSED else tr("Pause"))
        self._want(self._pause, has_folders and state in WORKING | {State.PAUSED})
        self._want(self._anyway, has_folders and state is State.ON_BATTERY)
        self._want(self._folders, has_folders and wants_folders(progress))
        self._want(
            self._bar, has_folders and state in WORKING | WAITING and share_done(progress) < 1
        )
        self._bar.show_share(share_done(progress), quiet=state in WAITING)
        self._say()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say how many files cannot be searched, or only in part."""
        self._problems.setText(trn("{count} problem", "{count} problems", len(problems)))
        self._want(self._problems, bool(problems))
        self._arrange()

    def show_found(self, text: str, took_ms: float | None) -> None:
        """Say what was found, and how long that took in milliseconds."""
        took = "" if took_ms is None else tr("{count} ms").format(count=f"{took_ms:.0f}")
        self._found_text = BETWEEN.join(part for part in (text, took) if part)
        self._counted = bool(text)
        if not self._done.isActive():
            self._say_found()

    def show_done(self, text: str) -> None:
        """Say for a moment what was done, in the place of what was found."""
        self._found.setText(text)
        self._want(self._found, wanted=True)
        self._arrange()
        QAccessible.updateAccessibility(QAccessibleEvent(self._found, QAccessible.Event.Alert))
        self._done.start()
        self._say_briefly()

    @Slot()
    def _say_found(self) -> None:
        self._done.stop()
        self._found.setText(self._found_text)
        self._want(self._found, bool(self._found_text))
        self._arrange()
        self._say_briefly()

    def _say_briefly(self) -> None:
        state = self._progress.state
        going_on = self._has_folders and state not in {State.CURRENT, State.ELSEWHERE}
        parts = progress_parts(self._progress, 0)[:LEAD] if going_on else []
        found = self._found.text() if self._counted or self._done.isActive() else ""
        self.said.emit(BETWEEN.join(part for part in (found, *parts) if part))

    def show_error(self, text: str) -> None:
        """Say what did not work, until it is called with nothing: when the user goes on."""
        self._error.say(text)
        self.error_said.emit(text)

    @Slot()
    def _say(self) -> None:
        """Say how far and how fresh it is, and again as soon as that reads otherwise."""
        progress, now = self._progress, time.time()
        self._left.show_parts(
            progress_parts(progress, now) if self._has_folders else [],
            folder_lines(progress), rate_text(progress),
        )  # fmt: skip
        self._arrange()
        self._say_briefly()
        lasts = seconds_until_older(progress.changed_at, now) if says_age(progress) else math.inf
        seen = self.isVisible() and not self.window().isMinimized()
        if seen and self._has_folders and lasts < math.inf:
            self._aging.start(math.ceil(1000 * lasts))
        else:
            self._aging.stop()

    @Slot()
    def _toggle_pause(self) -> None:
        self.pause_wanted.emit(self._progress.state is not State.PAUSED)

    # What there is room for -------------------------------------------------------------------

    def _want(self, part: QWidget, wanted: bool) -> None:  # noqa: FBT001  # as setVisible
        (self._wanted.add if wanted else self._wanted.discard)(part)

    def _arrange(self) -> None:
        """Show what there is room for, what matters most first."""
        lead, *others = self._left.widths()
        room = self.contentsRect().width()
        acts = [self._pause, self._anyway, self._problems, self._folders]
        wanted = sum(_width(act) for act in acts if act in self._wanted)
        # Where what matters most and what can be done about it need more, they have a row each.
        stacked = lead + wanted > room
        if stacked is not self._left.wordWrap():
            self._stack(stacked)
        rest = [self._settings, self._help, self._found, self._bar]
        order: list[QWidget | int] = (
            [*acts, self._settings, self._help] if stacked
            else [*acts, self._settings, self._found, *others, self._help, self._bar]
        )  # fmt: skip
        shown = self._fitting(room if stacked else room - lead, order)
        for part in (*acts, *rest):
            part.setVisible(part in shown)
        # At once: the text would be cut to its former width otherwise.
        self._line.activate()
        self._left.fit()

    def _stack(self, stacked: bool) -> None:  # noqa: FBT001
        """Set the text and what can be done below each other, or side by side."""
        direction = QBoxLayout.Direction
        self._line.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        self._line.setSpacing(SPACE // 2 if stacked else GAP)
        self._left.setWordWrap(stacked)

    def _fitting(self, room: int, order: Sequence[QWidget | int]) -> set[QWidget]:
        """Return those parts that fit into the room, up to the first that does not.

        A number is room for something else.
        """
        shown: set[QWidget] = set()
        for one in order:
            if isinstance(one, QWidget) and one not in self._wanted:
                continue
            room -= one if isinstance(one, int) else _width(one)
            if room < 0:
                break
            if isinstance(one, QWidget):
                shown.add(one)
        return shown

    def _lay_out(self) -> None:
        said = QHBoxLayout()
        said.setSpacing(GAP)
        said.addWidget(self._bar)
        said.addWidget(self._left, stretch=1)
        said.addWidget(self._found)
        acts = QHBoxLayout()
        acts.setSpacing(GAP)
        for button in (self._pause, self._anyway, self._problems, self._folders):
            acts.addWidget(button)
        acts.addWidget(self._settings)
        acts.addWidget(self._help)
        acts.addStretch()
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(GAP)
        self._line.addLayout(said, stretch=1)
        self._line.addLayout(acts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._error)
        layout.addLayout(self._line)


def _button(text: str, clicked: object, tip: str = "") -> LinkButton:
    button = LinkButton(text)
    button.setToolTip(tip)
    button.setVisible(False)
    button.clicked.connect(clicked)
    return button


def _width(part: QWidget) -> int:
    """Return what a part takes, with the gap before it."""
    return part.sizeHint().width() + GAP
