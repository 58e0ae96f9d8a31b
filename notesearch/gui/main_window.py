"""The search window: what it is told and what the user does, and what is shown then."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QShortcut

from notesearch.core.notes import (
    Explanation,
    Hit,
    Outdated,
    Preview,
    Problem,
    Progress,
    Related,
    Results,
    State,
    Whereabouts,
)
from notesearch.gui import keys, theme
from notesearch.gui.answer import LIMIT, Answer, found_text
from notesearch.gui.frame import Frame
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.renewal import Renewal
from notesearch.gui.side_pane import View
from notesearch.gui.state_page import Situation


class MainWindow(Frame):
    """One box, one list, one line. What is to happen is announced by signals."""

    asked = Signal(str, int, bool)
    """Text, limit, and whether it was answered already and may only have changed."""
    glanced = Signal(object, str)
    """A Hit whose note is to be shown, and the text that was asked for."""
    relate_wanted = Signal(object)
    """A Hit whose related notes are to be found."""
    find_out_wanted = Signal(str, str)
    """The text that was asked for, and the name of a note that is missed in the answer."""
    open_requested = Signal(object)
    """A Hit."""
    note_requested = Signal(object)
    """The Path of a note that is in view, but not in the list."""
    link_requested = Signal(str)
    folders_chosen = Signal(list)
    folders_wanted = Signal()
    problems_wanted = Signal()
    report_wanted = Signal()
    """The diagnostic report is to be put on the clipboard."""
    samples_requested = Signal()
    pause_wanted = Signal(bool)
    refresh_wanted = Signal()
    notice_put_away = Signal(str)
    """The name of a notice that is not to come again."""
    activated = Signal()
    closing = Signal()

    def __init__(self, syntax: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._syntax = syntax
        """Examples of what can be typed, and what they find."""
        self._answer = Answer()
        self._progress = Progress(State.STARTING)
        self._failure = ""
        self._has_folders = False
        self._open_when_ready = False
        self._renewal = Renewal(self)
        self._renewal.due.connect(self._ask_again)
        self._connect()
        self._bind_keys()
        self._restyle()
        self._show_state()

    # What it is told ----------------------------------------------------------------------

    def set_folders(self, folders: Sequence[str]) -> None:
        """Learn which folders are searched."""
        self._has_folders = bool(folders)
        self._show_state()
        self._ask_again()

    def set_told(self, names: Sequence[str]) -> None:
        """Learn which notices were put away."""
        self.notice.set_told(names)

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says."""
        match message:
            case Results():
                self._take_results(message)
            case Explanation(text=text) | Outdated(text=text) if not self._answer.is_to(text):
                return
            case Preview() | Explanation() | Related() | Outdated():
                self.results.take(message)
            case Whereabouts():
                self.why_not.take(message)
            case Progress():
                self._take_progress(message)
            case Problem(reason=reason):
                self._failure = reason[:1].upper() + reason[1:]
                self.status.show_error(self._failure)
            case tuple():
                self.status.show_problems(message)
            case _:
                return
        self._show_state()

    def show_error(self, text: str) -> None:
        """Say in the status line what did not work."""
        self.status.show_error(text)

    def _take_results(self, results: Results) -> None:
        """Take an answer to what stands in the box; one to anything else comes too late.

        An empty answer by words, with meaning still to come, does not displace what is shown.
        """
        if results.query.text != self.box.text() or (not results.final and not results.hits):
            return
        again = self._answer.is_to(results.query.text)
        # Until the whole answer is there, the first row is chosen unless the user went elsewhere.
        keep = again and (self.results.chosen or self._answer.whole)
        self._answer = self._answer.followed_by(results)
        self._list(keep=keep)
        if results.final:
            self.query_line.say(results.suggestion, results.query.complaints)
        if results.final and self._open_when_ready:
            self._open_selected()

    def _take_progress(self, progress: Progress) -> None:
        """Note how far reading is; when there is something else to find, ask again."""
        before, self._progress = self._progress, progress
        if progress.state is not State.FAILED:
            self._failure = ""
        self.notice.say_language(progress.language)
        if before.embedded != progress.embedded:
            self.pane.relate_again()
        self._renewal.follow(before, progress)

    # What the user does -------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what no part of the window wanted: Esc leads back to the box."""
        if event.key() == Qt.Key.Key_Escape:
            self.box.setFocus()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_theme"):
            self._restyle()
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    @Slot(object)
    def _move(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Down and self._answer.offers_weak:
            self._show_weak()
        else:
            self._open_when_ready = False
            self.results.move_selection(key)

    @Slot()
    def _escape(self) -> None:
        """Leave what lies over the list or below it, the last thing first; then clear the box."""
        if self.why_not.isVisible():
            self.why_not.stop()
        elif not self.results.uncover():
            self.box.clear()

    @Slot()
    def _open_current(self) -> None:
        """Open the selected note; of an answer that is still to come, the first one."""
        if self._answer.is_to(self.box.text()) and (self._answer.whole or self.results.chosen):
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
        self.status.show_error("")
        self.query_line.say()
        self.why_not.forget()
        self.results.uncover()
        self._ask(text, again=False)
        self._show_state()

    @Slot()
    def _ask_again(self) -> None:
        text = self.box.text()
        self._ask(text, again=self._answer.is_to(text) and self._answer.whole)

    def _ask(self, text: str, *, again: bool) -> None:
        if self._has_folders:
            self.asked.emit(text, LIMIT, again)

    @Slot(str)
    def _take_suggestion(self, text: str) -> None:
        self.box.setText(text)
        self.box.setFocus()

    @Slot(object)
    def _glance(self, hit: Hit) -> None:
        self.glanced.emit(hit, self._answer.text)

    def _toggle(self, view: View) -> None:
        if self.lists:
            self.results.toggle(view)
            self.box.setFocus()

    @Slot()
    def _miss(self) -> None:
        """Ask for the name of a note that is missed; where that was asked already, leave it."""
        if self.why_not.has_keys():
            self.why_not.stop()
        elif self._has_folders:
            self.why_not.start()

    @Slot(str)
    def _find_out(self, name: str) -> None:
        self.find_out_wanted.emit(self.box.text(), name)

    @Slot()
    def _help(self) -> None:
        dialog = HelpDialog(self._syntax, self._theme, self)
        dialog.report_wanted.connect(self.report_wanted)
        dialog.open()

    @Slot(object)
    def _choose(self, folder: Path) -> None:
        self.folders_chosen.emit([folder])

    @Slot()
    def _show_weak(self) -> None:
        self._answer = self._answer.with_weak()
        self._list(keep=False)
        self._show_state()
        self.box.setFocus()

    # What it shows ------------------------------------------------------------------------

    def _list(self, *, keep: bool) -> None:
        """List what was answered; keep: the selection stays with its note."""
        self.results.show_hits(self._answer.listed, keep=keep)
        results = self._answer.results
        asked = results is not None and bool(self._answer.text.strip())
        took = results.took_ms if results is not None and asked else None
        self.status.show_found(found_text(self._answer), took)

    def _show_state(self) -> None:
        self.arrange(
            Situation(
                self._progress,
                self._failure,
                self._has_folders,
                self.box.text(),
                self._answer.results,
            )
        )

    def _restyle(self) -> None:
        # The window's own palette is what its style sheet made of it.
        self._theme = theme.theme_for(QGuiApplication.palette())
        self.results.restyle(self._theme)
        for dialog in self.findChildren(HelpDialog):
            dialog.restyle(self._theme)
        sheet = theme.style_sheet(self._theme, QGuiApplication.font())
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    # How its parts are joined ----------------------------------------------------------------

    def _connect(self) -> None:
        self.box.textChanged.connect(self._typed)
        self.box.entered.connect(self._open_current)
        self.box.left.connect(self._escape)
        self.box.moved.connect(self._move)
        self.query_line.suggestion_taken.connect(self._take_suggestion)
        self.results.opened.connect(self.open_requested)
        self.results.glanced.connect(self._glance)
        self.pane.related_wanted.connect(self.relate_wanted)
        self.pane.why.missing_wanted.connect(self._miss)
        self.pane.related.note_wanted.connect(self.note_requested)
        self.pane.preview.note_wanted.connect(self.note_requested)
        self.pane.preview.link_wanted.connect(self.link_requested)
        self.page.folder_chosen.connect(self._choose)
        self.page.samples_wanted.connect(self.samples_requested)
        self.page.weak_wanted.connect(self._show_weak)
        self.page.missing_wanted.connect(self._miss)
        self.why_not.asked.connect(self._find_out)
        self.why_not.note_wanted.connect(self.note_requested)
        self.why_not.closed.connect(self.box.setFocus)
        self.notice.put_away.connect(self.notice_put_away)
        self.status.folders_wanted.connect(self.folders_wanted)
        self.status.problems_wanted.connect(self.problems_wanted)
        self.status.pause_wanted.connect(self.pause_wanted)
        self.status.help_wanted.connect(self._help)

    def _bind_keys(self) -> None:
        standard = QKeySequence.StandardKey
        bound: list[tuple[QKeySequence, Callable[[], object]]] = [
            (QKeySequence(standard.Quit), self.close),
            (QKeySequence(standard.Close), self.close),
            (QKeySequence(keys.WHY), lambda: self._toggle(View.WHY)),
            (QKeySequence(keys.RELATED), lambda: self._toggle(View.RELATED)),
            (QKeySequence(keys.WHY_NOT), self._miss),
            (QKeySequence(keys.HELP), self._help),
            (QKeySequence(keys.REFRESH), self.refresh_wanted.emit),
        ]
        for sequence, act in bound:
            QShortcut(sequence, self, act)
