"""The search window: what it is told, and what is shown then."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QCloseEvent

from notesearch.core.notes import (
    Carried,
    Explanation,
    Followed,
    Hit,
    Outdated,
    Passages,
    Preview,
    Problem,
    Progress,
    Related,
    Removal,
    Results,
    State,
    Whereabouts,
)
from notesearch.gui.about_dialog import AboutDialog
from notesearch.gui.acting import Acting
from notesearch.gui.answer import Answer, found_text
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.history import History
from notesearch.gui.renewal import Renewal
from notesearch.gui.row_order import ordered
from notesearch.gui.state_page import Situation


class MainWindow(Acting):
    """One box, one list, one line. What is to happen is announced by signals."""

    def __init__(
        self, syntax: Sequence[tuple[str, str]] = (), history: History | None = None
    ) -> None:
        """Make the window. Without a history, searches are remembered until it is closed."""
        super().__init__(syntax, history or History())
        self._progress = Progress(State.STARTING)
        self._failure = ""
        self._folders: tuple[str, ...] = ()
        self.may_close: Callable[[], bool] = lambda: True
        """Asked before the window closes."""
        self._renewal = Renewal(self)
        self._renewal.due.connect(self.ask_again)
        self._handlers = self._all_handlers()
        self._connect()
        self._show_state()

    def _all_handlers(self) -> dict[type, Callable[[Any], None]]:
        """Return what takes each kind of message."""
        beside: tuple[type, ...] = (Explanation, Outdated, Passages, Carried)
        return {
            Results: self._take_results,
            **dict.fromkeys((Preview, Followed, Related), self.results.take),
            **dict.fromkeys(beside, self._take_beside),
            Whereabouts: self.why_not.take,
            Removal: self._take_removal,
            Progress: self._take_progress,
            Problem: self._take_problem,
            tuple: self.status.show_problems,
        }

    # What it is told ----------------------------------------------------------------------

    def set_folders(self, folders: Sequence[str]) -> None:
        """Learn which folders are searched."""
        if tuple(folders) != self._folders:
            self._folders = tuple(folders)
            self._has_folders = bool(folders)
            self._show_state()
            self.ask_again()

    @property
    def answered(self) -> bool:
        """Whether what is shown is the whole answer to what stands in the box."""
        return self._answer.is_to(self.box.text()) and self._answer.whole

    def set_told(self, names: Sequence[str]) -> None:
        """Learn which notices were put away."""
        self.notice.set_told(names)

    def set_saved(self, searches: Sequence[str]) -> None:
        """Learn which searches are kept."""
        self.filters.show_saved(searches)

    def set_sort(self, sort: str) -> None:
        """Order hits by relevance, by when they were modified, or by name."""
        if sort != self._sort:
            self._sort = sort
            self.filters.show_sort(sort)
            self._list(keep=True)

    @Slot(object)
    def take(self, message: object) -> None:
        """Show what the engine says."""
        handle = self._handlers.get(type(message))
        if handle is not None:
            handle(message)
            self._show_state()

    def forget(self) -> None:
        """Forget what was searched for and found."""
        self._answer = Answer()
        self._list(keep=False)
        self.box.clear()
        self.history.clear()
        self.notice.forget()

    def show_error(self, text: str) -> None:
        """Say in the status line what did not work."""
        self.status.show_error(text)

    def show_done(self, text: str) -> None:
        """Say in the status line what was done."""
        self.status.show_done(text)

    def offer_undo(self, text: str) -> None:
        """Say what was left out, and offer to bring it back."""
        self.notice.offer_undo(text)

    def _take_results(self, results: Results) -> None:
        """Take an answer to what stands in the box; one to anything else comes too late.

        An empty answer by words, with meaning still to come, does not displace what is shown.
        """
        if results.query.text != self.box.text():
            return
        self.filters.show_query(results.query)
        if not results.final and not results.hits:
            return
        again = self._answer.is_to(results.query.text)
        # Until the whole answer is there, the first row is chosen unless the user went elsewhere.
        keep = again and (self.results.chosen or self._answer.whole)
        self._answer = self._answer.followed_by(results)
        self._list(keep=keep)
        if results.final:
            self.query_line.say(results.suggestion, results.query.complaints)
        if results.final and self._when_answered is not None:
            use, self._when_answered = self._when_answered, None
            use()

    def _take_beside(self, message: Explanation | Outdated | Passages | Carried) -> None:
        """Take what is of use only beside the answer that it is about."""
        if self._answer.is_to(message.text):
            self.results.take(message)

    def _take_removal(self, removal: Removal) -> None:
        if self.menu is not None:
            self.menu.show_removal(removal)

    def _take_problem(self, problem: Problem) -> None:
        self._failure = problem.reason[:1].upper() + problem.reason[1:]
        self.status.show_error(self._failure)

    def _take_progress(self, progress: Progress) -> None:
        """Note how far reading is; when there is something else to find, ask again."""
        before, self._progress = self._progress, progress
        if progress.state is not State.FAILED:
            self._failure = ""
        self.notice.follow(progress, time.monotonic())
        if before.embedded != progress.embedded:
            self.pane.relate_again()
        self._renewal.follow(before, progress)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.remember()
        self.closing.emit()
        super().closeEvent(event)

    # What it shows ------------------------------------------------------------------------

    @Slot()
    def show_weak(self) -> None:
        self._answer = self._answer.with_weak()
        self._list(keep=False)
        self._show_state()
        self.box.setFocus()

    def _list(self, *, keep: bool) -> None:
        """List what was answered; keep: the selection stays with its note."""
        answer = self._answer
        hits = ordered(answer.listed, self._sort)
        self.results.show_hits(hits, keep=keep, whole=answer.whole)
        asked = answer.results is not None and bool(answer.text.strip())
        took = answer.results.took_ms if answer.results is not None and asked else None
        self.status.show_found(found_text(answer), took)

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

    def restyle(self) -> None:
        """Take other colours and sizes."""
        super().restyle()
        for dialog in self.findChildren(HelpDialog):
            dialog.restyle(self._theme)
        for about in self.findChildren(AboutDialog):
            about.restyle(self._theme)

    # How its parts are joined ----------------------------------------------------------------

    def _connect(self) -> None:
        box, filters, results, pane, page, status = (
            self.box, self.filters, self.results, self.pane, self.page, self.status,
        )  # fmt: skip
        box.textChanged.connect(filters.show_text)
        box.textChanged.connect(self._typed)
        box.textEdited.connect(self.history.leave)
        box.acted.connect(self.act)
        filters.rewritten.connect(self._search_for)
        filters.asked.connect(self._search_for)
        filters.keep_wanted.connect(self._keep_search)
        filters.sort_chosen.connect(self.sort_chosen)
        self.query_line.suggestion_taken.connect(self._search_for)
        results.opened.connect(self.open)
        results.second_wanted.connect(self.open_second)
        results.menu_wanted.connect(self._show_menu)
        results.glanced.connect(self._glance)
        results.spread_wanted.connect(self._spread)
        results.carry_wanted.connect(self._carry)
        pane.related_wanted.connect(self.relate_wanted)
        pane.follow_wanted.connect(self.follow_wanted)
        pane.why.missing_wanted.connect(self._miss)
        pane.related.note_wanted.connect(self.note_requested)
        pane.preview.note_wanted.connect(self.note_requested)
        pane.preview.link_wanted.connect(self.link_requested)
        page.folders_chosen.connect(self.folders_chosen)
        page.samples_wanted.connect(self.samples_requested)
        page.weak_wanted.connect(self.show_weak)
        page.missing_wanted.connect(self._miss)
        page.create_wanted.connect(self.create_note)
        page.folders_wanted.connect(self.folders_wanted)
        page.refresh_wanted.connect(self.refresh_wanted)
        page.report_wanted.connect(self.report_wanted)
        self.why_not.asked.connect(self._find_out)
        self.why_not.note_wanted.connect(self.note_requested)
        self.why_not.closed.connect(box.setFocus)
        self.notice.put_away.connect(self.notice_put_away)
        self.notice.problems_wanted.connect(self.problems_wanted)
        self.notice.undo_wanted.connect(self.undo_wanted)
        status.folders_wanted.connect(self.folders_wanted)
        status.problems_wanted.connect(self.problems_wanted)
        status.pause_wanted.connect(self.pause_wanted)
        status.settings_wanted.connect(self.settings_wanted)
        status.read_anyway.connect(self.read_anyway)
        status.help_wanted.connect(self.show_help)

    @Slot(object)
    def _glance(self, hit: Hit) -> None:
        self.glanced.emit(hit, self._answer.text)

    @Slot(object)
    def _spread(self, hit: Hit) -> None:
        self.spread_wanted.emit(hit, self._answer.text)

    @Slot(object)
    def _carry(self, hits: list[Hit]) -> None:
        self.carry_wanted.emit(hits, self._answer.text)
