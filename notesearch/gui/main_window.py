"""The search window: the box, the ranked list, what to do next, and a status line."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Hit, Problem, Progress, Results, State
from notesearch.gui import theme
from notesearch.gui.result_delegate import ResultDelegate
from notesearch.gui.results_model import HIT_ROLE, ResultsModel

LIMIT = 50
REASK_MS = 1_000
MINUTE = 60
"""While notes are read, the shown answer is asked for again so often."""
_LIST_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class MainWindow(QWidget):
    """One box, one list, one line. What is to happen is announced by signals."""

    asked = Signal(str, int)
    open_requested = Signal(object)
    """A Hit."""
    folders_chosen = Signal(list)
    samples_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("notesearch")
        self.resize(860, 640)
        self._results: Results | None = None
        self._progress = Progress(State.STARTING)
        self._problems: tuple[Problem, ...] = ()
        self._failure = ""
        self._has_folders = False
        self._open_when_ready = False
        self._build()
        self._reask = QTimer(self, singleShot=True, interval=REASK_MS)
        self._reask.timeout.connect(self._ask)
        self._restyle()
        self._show_state()

    # What it is told ----------------------------------------------------------------------

    def set_folders(self, folders: Sequence[str]) -> None:
        """Learn which folders are searched."""
        self._has_folders = bool(folders)
        self._show_state()

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says."""
        if isinstance(message, Results):
            self._take_results(message)
        elif isinstance(message, Progress):
            moved = (message.notes, message.embedded) != (
                self._progress.notes, self._progress.embedded)  # fmt: skip
            self._progress = message
            if moved and self.box.text().strip() and not self._reask.isActive():
                self._reask.start()
        elif isinstance(message, Problem):
            self._failure = message.reason[:1].upper() + message.reason[1:]
        elif isinstance(message, tuple):
            self._problems = message
        self._show_state()

    def show_error(self, text: str) -> None:
        """Say in the status line what did not work."""
        self._timing.setText(text)

    # What the user does -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent) and \
                event.type() == QEvent.Type.KeyPress:  # fmt: skip
            return self._key(event)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_list"):
            self._restyle()

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open_current()
        elif key == Qt.Key.Key_Escape:
            self.box.clear()
        elif key in _LIST_KEYS and event.modifiers() in {
            Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}:  # fmt: skip
            if self._no_match() and key == Qt.Key.Key_Down:
                self._show_weak()
            else:
                self._move(Qt.Key(key))
        else:
            return False
        return True

    def _move(self, key: Qt.Key) -> None:
        rows = self._model.rowCount()
        if not rows or self._pages.currentWidget() is not self._list:
            return
        page = max(1, self._list.viewport().height() // self._list.sizeHintForRow(0))
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page,
                Qt.Key.Key_PageDown: page}[key]  # fmt: skip
        row = self._list.currentIndex().row() + step
        row = row % rows if abs(step) == 1 else min(max(row, 0), rows - 1)
        self._select(row)

    def _open_current(self) -> None:
        """Open the selected note; of an answer that is still to come, the first one."""
        if self._results is None or self._results.query.text != self.box.text():
            self._open_when_ready = bool(self.box.text().strip())
            return
        if self._pages.currentWidget() is self._list:
            self._open(self._list.currentIndex())

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        hit = index.data(HIT_ROLE)
        if isinstance(hit, Hit):
            self.open_requested.emit(hit)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._open_when_ready = False
        if not text.strip():
            self._results = None
            self._model.show(())
        self._ask()
        self._show_state()

    @Slot()
    def _ask(self) -> None:
        if self.box.text().strip() and self._has_folders:
            self.asked.emit(self.box.text(), LIMIT)

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of notes")
        if folder:
            self.folders_chosen.emit([Path(folder)])

    @Slot()
    def _show_weak(self) -> None:
        if self._results is not None and self._results.weak:
            self._model.show(self._results.weak)
            self._pages.setCurrentWidget(self._list)
            self._select(0)
            self.box.setFocus()

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

    # What it shows ------------------------------------------------------------------------

    def _take_results(self, results: Results) -> None:
        """Show an answer to what stands in the box; one to anything else comes too late."""
        if results.query.text != self.box.text() or (not results.final and not results.hits):
            return
        asked_before = self._results is not None and (
            self._results.query.text == results.query.text)  # fmt: skip
        selected = self._list.currentIndex().data(HIT_ROLE) if asked_before else None
        weak_shown = asked_before and self._no_match() and (
            self._pages.currentWidget() is self._list)  # fmt: skip
        self._results = results
        self._model.show(results.weak if weak_shown and not results.hits else results.hits)
        row = self._model.row_of(selected) if isinstance(selected, Hit) else 0
        self._select(max(row, 0))
        count = len(results.hits)
        more = "+" if count == LIMIT else ""
        self._timing.setText(f"{count}{more} {'note' if count == 1 else 'notes'} · "
                             f"{results.took_ms:.0f} ms" if results.hits else "")  # fmt: skip
        if weak_shown and not results.hits:
            self._pages.setCurrentWidget(self._list)
        elif results.hits and self._open_when_ready and results.final:
            self._open_when_ready = False
            self._open(self._model.index(0))

    def _no_match(self) -> bool:
        return self._results is not None and not self._results.hits

    def _select(self, row: int) -> None:
        if row < self._model.rowCount():
            self._list.setCurrentIndex(self._model.index(row))

    def _show_state(self) -> None:
        """Choose what fills the middle: the list, or a word on what to do next."""
        self._status.setText(status_text(self._progress) if self._has_folders else "")
        self._add.setVisible(self._has_folders)
        self._problem_button.setVisible(bool(self._problems))
        count = len(self._problems)
        self._problem_button.setText(f"{count} {'problem' if count == 1 else 'problems'}")
        weak_shown = self._no_match() and self._pages.currentWidget() is self._list
        if self._failure:
            self._say("This did not work", self._failure)
        elif not self._has_folders:
            self._say(
                "Search your notes by meaning and by words",
                "Choose a folder of Markdown notes. They are read on this machine, "
                "never changed, and nothing about them leaves it.", first_run=True,
            )  # fmt: skip
        elif not self.box.text().strip():
            self._timing.setText("")
            self._say("", "Type what the note is about, or any words in it.")
        elif self._model.rowCount() and (not self._no_match() or weak_shown):
            self._pages.setCurrentWidget(self._list)
        elif self._no_match() and self._results is not None:
            weak = len(self._results.weak)
            self._say("No close match", self._why_not(), weak=weak)
        elif self._results is None:
            self._say("", "Searching…")

    def _why_not(self) -> str:
        if self._progress.state in {State.READING, State.STARTING}:
            return "Not all notes have been read yet; more may be found in a moment."
        if self._progress.embedded < self._progress.passages:
            return "Not all notes are searched by meaning yet; more may be found in a moment."
        return "No note is close to this in meaning, and none holds enough of its words."

    def _say(self, title: str, text: str, *, first_run: bool = False, weak: int = 0) -> None:
        self._page_title.setText(title)
        self._page_title.setVisible(bool(title))
        self._page_text.setText(text)
        self._choose.setVisible(first_run)
        self._samples.setVisible(first_run)
        self._weak.setVisible(bool(weak))
        self._weak.setText(f"Show {weak} weaker {'match' if weak == 1 else 'matches'}  ↓")
        self._pages.setCurrentWidget(self._page)

    def _restyle(self) -> None:
        chosen = theme.theme_for(self.palette())
        self._delegate.theme = chosen
        sheet = theme.style_sheet(chosen)
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    # How it is built ----------------------------------------------------------------------

    def _build(self) -> None:
        self.box = QLineEdit(placeholderText="Search notes", clearButtonEnabled=True)
        self.box.setObjectName("box")
        self.box.setAccessibleName("Search notes")
        font = self.box.font()
        font.setPointSizeF(font.pointSizeF() * theme.BOX_SCALE)
        self.box.setFont(font)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._typed)

        self._model = ResultsModel()
        self._delegate = ResultDelegate()
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(self._delegate)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName("Notes found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.activated.connect(self._open)

        self._page = self._build_page()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._page)
        self._pages.addWidget(self._list)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self._pages, stretch=1)
        layout.addLayout(self._build_status())
        self.setFocusProxy(self.box)

    def _build_page(self) -> QWidget:
        page = QWidget()
        page.setObjectName("page")
        self._page_title = QLabel(textFormat=Qt.TextFormat.PlainText)
        font = self._page_title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self._page_title.setFont(font)
        self._page_text = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._page_text.setObjectName("muted")
        self._page_text.setMaximumWidth(60 * theme.SPACE)
        for label in (self._page_title, self._page_text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._choose = QPushButton("Choose a folder…", default=True)
        self._choose.clicked.connect(self._choose_folder)
        self._samples = QPushButton("Try the sample notes")
        self._samples.clicked.connect(self.samples_requested)
        self._weak = QPushButton()
        self._weak.clicked.connect(self._show_weak)
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._choose, self._samples, self._weak):
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(page)
        layout.setSpacing(2 * theme.SPACE)
        layout.addStretch(2)
        layout.addWidget(self._page_title)
        text = QHBoxLayout()
        text.addStretch()
        text.addWidget(self._page_text, stretch=4)
        text.addStretch()
        layout.addLayout(text)
        layout.addLayout(buttons)
        layout.addStretch(3)
        return page

    def _build_status(self) -> QHBoxLayout:
        self._status = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._timing = QLabel(textFormat=Qt.TextFormat.PlainText)
        for label in (self._status, self._timing):
            label.setObjectName("status")
        self._problem_button = QPushButton()
        self._problem_button.clicked.connect(self._list_problems)
        self._add = QPushButton("Add folder…")
        self._add.clicked.connect(self._choose_folder)
        for button in (self._problem_button, self._add):
            button.setObjectName("link")
        line = QHBoxLayout()
        line.setSpacing(2 * theme.SPACE)
        line.addWidget(self._status)
        line.addWidget(self._problem_button)
        line.addStretch()
        line.addWidget(self._timing)
        line.addWidget(self._add)
        return line


def status_text(progress: Progress) -> str:
    """Say in one line how far the library is."""
    notes = f"{progress.notes:,} {'note' if progress.notes == 1 else 'notes'}"
    match progress.state:
        case State.STARTING:
            return "Starting…"
        case State.FAILED:
            return "Stopped"
        case State.ELSEWHERE:
            return f"{notes} · another notesearch is reading"
        case State.READING:
            return f"{progress.unread:,} of {notes} still to read"
        case State.EMBEDDING:
            share = 100 * progress.embedded // max(progress.passages, 1)
            text = f"{notes} · {share} % searched by meaning too"
            return text + _left(progress.seconds_left)
        case State.CURRENT:
            return f"{notes} · all current" if progress.notes else "No notes in the chosen folders"


def _left(seconds: float | None) -> str:
    if not seconds:
        return ""
    if seconds < MINUTE:
        return " · less than a minute left"
    return f" · about {round(seconds / MINUTE)} min left"
