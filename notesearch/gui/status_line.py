"""The line below the list: how far reading is, what is wrong, what the last search took."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Problem, Progress, Results, State
from notesearch.gui.theme import SPACE

MINUTE = 60
LONG = 40


class _ElidedLabel(QLabel):
    """A label that is cut with an ellipsis instead of widening the window."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._full = ""

    def show_text(self, text: str) -> None:
        """Show a text, as much of it as there is room for; all of it in the tool tip."""
        self._full = text
        self.setToolTip(text if len(text) > LONG else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._full, middle, self.width()))


class StatusLine(QWidget):
    """Words on the left, the last search and a way to add folders on the right."""

    folder_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._problems: tuple[Problem, ...] = ()
        self._progress = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._search = _ElidedLabel()
        for label in (self._progress, self._search):
            label.setObjectName("status")
        self._problem_button = QPushButton()
        self._problem_button.setVisible(False)
        self._problem_button.clicked.connect(self._list_problems)
        self._add = QPushButton("Add folder…")
        self._add.clicked.connect(self.folder_wanted)
        for button in (self._problem_button, self._add):
            button.setObjectName("link")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._progress)
        line.addWidget(self._problem_button)
        line.addWidget(self._search, stretch=1)
        line.addWidget(self._add)

    def show_progress(self, progress: Progress, *, has_folders: bool) -> None:
        """Say how far reading is; nothing before there is anything to read."""
        self._progress.setText(progress_text(progress) if has_folders else "")
        self._add.setVisible(has_folders)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say how many files cannot be searched, or only in part."""
        self._problems = tuple(problems)
        count = len(self._problems)
        self._problem_button.setText(f"{count:,} {'problem' if count == 1 else 'problems'}")
        self._problem_button.setVisible(bool(count))

    def show_results(self, results: Results | None, limit: int, *, weak: bool = False) -> None:
        """Say how many notes were found, and in what time."""
        shown = () if results is None else results.weak if weak else results.hits
        if results is None or not shown:
            self._search.show_text("")
            return
        count = len(shown)
        more = "+" if count == limit else ""
        what = "weaker match" if weak else "note"
        plural = "" if count == 1 else "es" if weak else "s"
        self._search.show_text(f"{count}{more} {what}{plural} · {results.took_ms:.0f} ms")

    def show_error(self, text: str) -> None:
        """Say what did not work, until the next search."""
        self._search.show_text(text)

    @Slot()
    def _list_problems(self) -> None:
        dialog = QDialog(self)
        dialog.setWindowTitle("What cannot be searched, or only in part")
        dialog.resize(640, 320)
        text = QPlainTextEdit("\n".join(f"{p.path}\n    {p.reason}" for p in self._problems))
        text.setReadOnly(True)
        close = QPushButton("Close", default=True)
        close.clicked.connect(dialog.accept)
        layout = QVBoxLayout(dialog)
        layout.addWidget(text)
        layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def progress_text(progress: Progress) -> str:
    """Say in one line how far the library is."""
    notes = f"{progress.notes:,} {'note' if progress.notes == 1 else 'notes'}"
    share = 100 * progress.embedded // max(progress.passages, 1)
    current = f"{notes} · all current" if progress.notes else "No notes in the chosen folders"
    return {
        State.STARTING: "Starting…",
        State.FAILED: "Stopped",
        State.ELSEWHERE: f"{notes} · another notesearch is reading",
        State.READING: f"{progress.unread:,} of {notes} still to read",
        State.EMBEDDING: f"{notes} · {share} % searched by meaning too{_left(progress)}",
        State.CURRENT: current,
    }[progress.state]


def _left(progress: Progress) -> str:
    if not progress.seconds_left:
        return ""
    if progress.seconds_left < MINUTE:
        return " · less than a minute left"
    return f" · about {round(progress.seconds_left / MINUTE)} min left"
