"""The search window: the box, the ranked list with a note beside it, and a status line."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QFileDialog, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from notesearch.core.notes import Failure, Hit, Preview, Problem, Progress, Results, State
from notesearch.gui import theme
from notesearch.gui.results_view import LIST_KEYS, ResultsView
from notesearch.gui.state_page import StatePage
from notesearch.gui.status_line import StatusLine

LIMIT = 50
REASK_MS = 1_000
"""While notes are read, the shown answer is asked for again so often."""
_PLAIN = {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}


class MainWindow(QWidget):
    """One box, one list, one line. What is to happen is announced by signals."""

    asked = Signal(str, int, bool)
    """Text, limit, and whether it was answered already and may only have changed."""
    glanced = Signal(object, str)
    """A Hit whose note is to be shown, and the text that was asked for."""
    open_requested = Signal(object)
    """A Hit."""
    note_requested = Signal(object)
    """The path of a note that another one links to."""
    link_requested = Signal(str)
    folders_chosen = Signal(list)
    folders_wanted = Signal()
    problems_wanted = Signal()
    samples_requested = Signal()
    pause_wanted = Signal(bool)
    refresh_wanted = Signal()
    activated = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("notesearch")
        self.resize(1080, 680)
        self.setMinimumSize(420, 320)
        self._results: Results | None = None
        self._progress = Progress(State.STARTING)
        self._failure = ""
        self._has_folders = False
        self._weak_shown = False
        self._open_when_ready = False
        self._reask = QTimer(self, singleShot=True, interval=REASK_MS)
        self._reask.timeout.connect(self._ask_again)
        self._build()
        self._restyle()
        self._show_state()

    # What it is told ----------------------------------------------------------------------

    def set_folders(self, folders: Sequence[str]) -> None:
        """Learn which folders are searched."""
        self._has_folders = bool(folders)
        self._show_state()
        self._ask_again()

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says."""
        match message:
            case Results():
                self._take_results(message)
            case Preview():
                self.results.take_preview(message)
            case Progress():
                self._take_progress(message)
            case Problem(reason=reason):
                self._failure = reason[:1].upper() + reason[1:]
                self._status.show_error(self._failure)
            case tuple():
                self._status.show_problems(message)
            case Failure():
                return
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
        # Until the whole answer is there, the first row is chosen unless the user went elsewhere.
        keep = again and (
            self.results.chosen or (self._results is not None and self._results.final)
        )
        self._weak_shown = self._weak_shown and again and not results.hits
        self._results = results
        self.results.show_hits(results.weak if self._weak_shown else results.hits, keep=keep)
        self._say_found()
        if results.final and self._open_when_ready:
            self._open_selected()

    def _take_progress(self, progress: Progress) -> None:
        """Note how far reading is; when there is something else to find, ask again.

        At once when a change on the disk was taken up, now and then while notes are read.
        """
        before, self._progress = self._progress, progress
        if progress.state is not State.FAILED:
            self._failure = ""
        if before.changes != progress.changes:
            self._ask_again()
            return
        grown = (before.notes, before.unread, before.embedded, before.folders) != (
            progress.notes, progress.unread, progress.embedded, progress.folders,
        )  # fmt: skip
        if grown and not self._reask.isActive():
            self._reask.start()

    # What the user does -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.box and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what no part of the window wanted: Esc leads back to the box."""
        if event.key() == Qt.Key.Key_Escape:
            self.box.setFocus()
        elif event.key() == Qt.Key.Key_F5:
            self.refresh_wanted.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_status"):
            self._restyle()
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _key(self, event: QKeyEvent) -> bool:
        """Take the keys that are not for the box; say whether this was one."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open_current()
        elif key == Qt.Key.Key_Escape:
            self.box.clear()
        elif key in LIST_KEYS and event.modifiers() in _PLAIN:
            if key == Qt.Key.Key_Down and self._no_match() and not self._weak_shown:
                self._show_weak()
            else:
                self._open_when_ready = False
                self.results.move_selection(key)
        else:
            return False
        return True

    def _open_current(self) -> None:
        """Open the selected note; of an answer that is still to come, the first one."""
        if self._answered(self.box.text()) and (self._whole() or self.results.chosen):
            self._open_selected()
        else:
            self._open_when_ready = bool(self.box.text().strip())

    def _open_selected(self) -> None:
        self._open_when_ready = False
        hit = self.results.current()
        if hit is not None:
            self.open_requested.emit(hit)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._open_when_ready = False
        self._status.show_error("")
        self._ask(text, again=False)
        self._show_state()

    @Slot()
    def _ask_again(self) -> None:
        self._ask(self.box.text(), again=self._answered(self.box.text()) and self._whole())

    def _ask(self, text: str, *, again: bool) -> None:
        if self._has_folders:
            self.asked.emit(text, LIMIT, again)

    @Slot(object)
    def _glance(self, hit: Hit) -> None:
        self.glanced.emit(hit, "" if self._results is None else self._results.query.text)

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of notes")
        if folder:
            self.folders_chosen.emit([Path(folder)])

    @Slot()
    def _show_weak(self) -> None:
        if self._results is not None and self._results.weak:
            self._weak_shown = True
            self.results.show_hits(self._results.weak, keep=False)
            self._say_found()
            self._show_state()
            self.box.setFocus()

    # What it shows ------------------------------------------------------------------------

    def _answered(self, text: str) -> bool:
        return self._results is not None and self._results.query.text == text

    def _whole(self) -> bool:
        return self._results is not None and self._results.final

    def _no_match(self) -> bool:
        return self._results is not None and not self._results.hits

    def _say_found(self) -> None:
        results = self._results
        if results is None or not results.query.text.strip():
            self._status.show_found("Recent notes" if not self.results.empty else "", None)
        else:
            shown = results.weak if self._weak_shown else results.hits
            self._status.show_found(found_text(len(shown), weak=self._weak_shown), results.took_ms)

    def _show_state(self) -> None:
        """Choose what fills the middle: the list, or a word on what to do next."""
        self._status.show_progress(self._progress, has_folders=self._has_folders)
        listed = not self.results.empty and self._has_folders
        self._pages.setCurrentWidget(self.results if listed else self._page)
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
        elif self._results is None or not self._results.query.text.strip():
            self._page.say("", "Searching…")
        else:
            weak = len(self._results.weak)
            why = why_nothing(self._results, self._progress)
            self._page.say("No close match", why, weak=weak)

    def _restyle(self) -> None:
        # The window's own palette is what its style sheet made of it.
        chosen = theme.theme_for(QGuiApplication.palette())
        self.results.restyle(chosen)
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

        self.results = ResultsView()
        self.results.opened.connect(self.open_requested)
        self.results.glanced.connect(self._glance)
        self.results.preview.note_wanted.connect(self.note_requested)
        self.results.preview.link_wanted.connect(self.link_requested)
        self._page = StatePage()
        self._page.folder_wanted.connect(self._choose_folder)
        self._page.samples_wanted.connect(self.samples_requested)
        self._page.weak_wanted.connect(self._show_weak)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._page)
        self._pages.addWidget(self.results)
        self._status = StatusLine()
        self._status.folders_wanted.connect(self.folders_wanted)
        self._status.problems_wanted.connect(self.problems_wanted)
        self._status.pause_wanted.connect(self.pause_wanted)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, 2 * theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.box)
        layout.addWidget(self._pages, stretch=1)
        layout.addWidget(self._status)
        self.setFocusProxy(self.box)
        for key in (QKeySequence.StandardKey.Quit, QKeySequence.StandardKey.Close):
            QShortcut(QKeySequence(key), self, self.close)


def found_text(count: int, *, weak: bool) -> str:
    """Say how many notes an answer has."""
    if not count:
        return ""
    more = "+" if count == LIMIT else ""
    what = "weaker match" if weak else "note"
    plural = "" if count == 1 else "es" if weak else "s"
    return f"{count}{more} {what}{plural} found" if not weak else f"{count}{more} {what}{plural}"


def why_nothing(results: Results, progress: Progress) -> str:
    """Say what an answer without a hit means."""
    if not results.query.terms:
        return "Say what to look for: at least one word besides those to leave out."
    if progress.unread or progress.state is State.STARTING:
        return "Not all notes have been read yet; more may be found in a moment."
    if progress.embedded < progress.passages:
        return "Not all notes are searched by meaning yet; more may be found in a moment."
    return "No note is close to this in meaning, and none holds enough of its words."
