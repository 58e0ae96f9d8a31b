"""The search window: the box, the ranked list, what to do next, and a status line."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QLineEdit,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Hit, Problem, Progress, Results, State
from notesearch.gui import theme
from notesearch.gui.result_delegate import ResultDelegate
from notesearch.gui.results_model import HIT_ROLE, ResultsModel
from notesearch.gui.state_page import StatePage
from notesearch.gui.status_line import StatusLine

LIMIT = 50
REASK_MS = 1_000
"""While notes are read, the shown answer is asked for again so often."""
_ROW_KEYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGE_KEYS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_PLAIN = {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}


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
        self.setMinimumSize(420, 320)
        self._results: Results | None = None
        self._progress = Progress(State.STARTING)
        self._failure = ""
        self._has_folders = False
        self._weak_shown = False
        self._open_when_ready = False
        self._reask = QTimer(self, singleShot=True, interval=REASK_MS)
        self._reask.timeout.connect(self._ask)
        self._build()
        self._restyle()
        self._show_state()

    # What it is told ----------------------------------------------------------------------

    def set_folders(self, folders: Sequence[str]) -> None:
        """Learn which folders are searched."""
        self._has_folders = bool(folders)
        self._show_state()
        self._ask()

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says."""
        match message:
            case Results():
                self._take_results(message)
            case Progress():
                self._take_progress(message)
            case Problem(reason=reason):
                self._failure = reason[:1].upper() + reason[1:]
            case tuple():
                self._status.show_problems(message)
        self._show_state()

    def show_error(self, text: str) -> None:
        """Say in the status line what did not work."""
        self._status.show_error(text)

    def _take_results(self, results: Results) -> None:
        """Take an answer to what stands in the box; one to anything else comes too late.

        An empty answer by words, with meaning still to come, does not displace what is shown.
        """
        if results.query.text != self.box.text() or (not results.final and not results.hits):
            return
        again = self._answered(results.query.text)
        selected = self._list.currentIndex().data(HIT_ROLE) if again else None
        self._weak_shown = self._weak_shown and again and not results.hits
        self._results = results
        self._model.show(results.weak if self._weak_shown else results.hits)
        row = self._model.row_of(selected) if isinstance(selected, Hit) else 0
        self._select(max(row, 0))
        self._status.show_results(results, LIMIT, weak=self._weak_shown)
        if results.final and self._open_when_ready:
            self._open_when_ready = False
            self._open(self._list.currentIndex())

    def _take_progress(self, progress: Progress) -> None:
        """Note how far reading is; when there is more to find, ask again."""
        before, self._progress = self._progress, progress
        grown = (before.notes, before.unread, before.embedded) != (
            progress.notes,
            progress.unread,
            progress.embedded,
        )
        if grown and not self._reask.isActive():
            self._reask.start()

    # What the user does -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_list"):
            self._restyle()

    def _key(self, event: QKeyEvent) -> bool:
        """Take the keys that are not for the box; say whether this was one."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open_current()
        elif key == Qt.Key.Key_Escape:
            self.box.clear()
        elif key in _ROW_KEYS | _PAGE_KEYS and event.modifiers() in _PLAIN:
            self._move(key)
        else:
            return False
        return True

    def _move(self, key: Qt.Key) -> None:
        rows = self._model.rowCount()
        if key == Qt.Key.Key_Down and self._no_match() and not self._weak_shown:
            self._show_weak()
        elif rows and key in _ROW_KEYS:
            self._select((self._list.currentIndex().row() + _ROW_KEYS[key]) % rows)
        elif rows:
            page = max(1, self._list.viewport().height() // self._list.sizeHintForRow(0))
            row = self._list.currentIndex().row() + page * _PAGE_KEYS[key]
            self._select(min(max(row, 0), rows - 1))

    def _open_current(self) -> None:
        """Open the selected note; of an answer that is still to come, the first one."""
        if self._answered(self.box.text()):
            self._open(self._list.currentIndex())
        else:
            self._open_when_ready = bool(self.box.text().strip())

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
            self._status.show_results(None, LIMIT)
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
            self._weak_shown = True
            self._model.show(self._results.weak)
            self._status.show_results(self._results, LIMIT, weak=True)
            self._select(0)
            self._show_state()
            self.box.setFocus()

    # What it shows ------------------------------------------------------------------------

    def _answered(self, text: str) -> bool:
        return self._results is not None and self._results.query.text == text

    def _no_match(self) -> bool:
        return self._results is not None and not self._results.hits

    def _select(self, row: int) -> None:
        if row < self._model.rowCount():
            self._list.setCurrentIndex(self._model.index(row))

    def _show_state(self) -> None:
        """Choose what fills the middle: the list, or a word on what to do next."""
        self._status.show_progress(self._progress, has_folders=self._has_folders)
        listed = self._model.rowCount() and self._has_folders and not self._failure
        self._pages.setCurrentWidget(self._list if listed else self._page)
        if self._failure:
            self._page.say("This did not work", self._failure)
        elif not self._has_folders:
            self._page.say(
                "Search your notes by meaning and by words",
                "Choose a folder of Markdown notes. They are read on this machine, "
                "never changed, and nothing about them leaves it.",
                first_run=True,
            )
        elif not self.box.text().strip():
            self._page.say("", "Type what the note is about, or any words in it.")
        elif self._results is None:
            self._page.say("", "Searching…")
        else:
            weak = len(self._results.weak)
            why = why_nothing(self._results, self._progress)
            self._page.say("No close match", why, weak=weak)

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

        self._page = StatePage()
        self._page.folder_wanted.connect(self._choose_folder)
        self._page.samples_wanted.connect(self.samples_requested)
        self._page.weak_wanted.connect(self._show_weak)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._page)
        self._pages.addWidget(self._list)
        self._status = StatusLine()
        self._status.folder_wanted.connect(self._choose_folder)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self._pages, stretch=1)
        layout.addWidget(self._status)
        self.setFocusProxy(self.box)


def why_nothing(results: Results, progress: Progress) -> str:
    """Say what an answer without a hit means."""
    if not results.query.terms:
        return "Say what to look for: at least one word besides those to leave out."
    if progress.state in {State.READING, State.STARTING}:
        return "Not all notes have been read yet; more may be found in a moment."
    if progress.embedded < progress.passages:
        return "Not all notes are searched by meaning yet; more may be found in a moment."
    return "No note is close to this in meaning, and none holds enough of its words."
