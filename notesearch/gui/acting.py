"""What the user does in the window: each act of keys.py, typing, and the menu of a row."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from notesearch.core.notes import Hit
from notesearch.gui.answer import LIMIT, Answer, title_for
from notesearch.gui.commands import Commands
from notesearch.gui.filter_bar import SORTS
from notesearch.gui.frame import Frame
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.history import History
from notesearch.gui.keys import Act
from notesearch.gui.row_list import RowList
from notesearch.gui.row_menu import RowMenu
from notesearch.gui.side_pane import View
from notesearch.translation import tr

_MOVING = (Act.UP, Act.DOWN, Act.PAGE_UP, Act.PAGE_DOWN, Act.FIRST, Act.LAST)
_USING = (
    Act.OPEN, Act.OPEN_SECOND, Act.COPY_LINK, Act.COPY_PASSAGE, Act.COPY_PATH, Act.REVEAL,
)  # fmt: skip
"""They are about a note of the answer to what was typed, and wait for it."""


PATIENCE_MS = 5_000
"""So long what was pressed waits for its answer."""


class Acting(Frame):
    """The window as it is used; what is to happen elsewhere it announces."""

    def __init__(self, syntax: Sequence[tuple[str, str]], history: History) -> None:
        super().__init__()
        self._syntax = syntax
        """Examples of what can be typed, and what they find."""
        self.history = history
        self._answer = Answer()
        self._has_folders = False
        self._when_answered: Callable[[], None] | None = None
        """What is to be done with the first note of the answer that is still to come."""
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self.wait_no_more)
        self._openers: Sequence[tuple[str, str]] = ()
        self._sort = SORTS[0][0]
        self.menu: RowMenu | None = None
        """The menu of a row, while it is open."""
        self._acts = self._all_acts()
        Commands(self, self.pane, self.act)

    def set_openers(self, openers: Sequence[tuple[str, str]]) -> None:
        """Learn which programs can open notes: names and labels."""
        self._openers = openers

    def act(self, act: Act, number: int = 1) -> None:
        """Do what a key or the entry of a menu stands for."""
        self.wait_no_more()
        if act is Act.NTH:
            self._when_there(partial(self._open_nth, number))
        else:
            self._acts[act]()

    def _all_acts(self) -> dict[Act, Callable[[], object]]:
        pane = self.pane
        return {
            **{act: partial(self._move, act) for act in _MOVING},
            **{act: partial(self._when_there, partial(self._use, act)) for act in _USING},
            Act.FOCUS: self._focus, Act.CLEAR: self._escape,
            Act.OLDER: self._go_back, Act.NEWER: self._go_forward,
            Act.SAVE_SEARCH: self._keep_search, Act.SUGGESTION: self.query_line.take,
            Act.PASSAGES: self.results.toggle_passages, Act.SORT: self._sort_otherwise,
            Act.CREATE: self.create_note, Act.MENU: self.results.show_menu,
            Act.WHY: partial(self._toggle, View.WHY),
            Act.RELATED: partial(self._toggle, View.RELATED), Act.WHY_NOT: self._miss,
            Act.READ: self._read, Act.FIND: self._find,
            Act.NEXT_MATCH: pane.next_match, Act.PREVIOUS_MATCH: pane.previous_match,
            Act.BACK: pane.back, Act.FORWARD: pane.forward,
            Act.NEXT_RESULT: partial(self._move, Act.DOWN),
            Act.PREVIOUS_RESULT: partial(self._move, Act.UP),
            Act.SETTINGS: self.settings_wanted.emit, Act.HELP: self.show_help,
            Act.REFRESH: self.refresh_wanted.emit,
            Act.ZOOM_IN: partial(self.zoom_wanted.emit, 1),
            Act.ZOOM_OUT: partial(self.zoom_wanted.emit, -1),
            Act.ZOOM_RESET: partial(self.zoom_wanted.emit, 0),
            Act.CLOSE: self.close, Act.QUIT: self.quit_wanted.emit,
        }  # fmt: skip

    # Searching ----------------------------------------------------------------------------

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._when_answered = None
        self.status.show_error("")
        self.query_line.say()
        self.why_not.forget()
        self.results.uncover()
        self._ask(text, again=False)
        self._show_state()

    @Slot()
    def ask_again(self) -> None:
        """Ask once more for what stands in the box: the answer may be another one now."""
        text = self.box.text()
        self._ask(text, again=self._answer.is_to(text) and self._answer.whole)

    def _ask(self, text: str, *, again: bool) -> None:
        if self._has_folders:
            self.asked.emit(text, LIMIT, again)

    @Slot(str)
    def _search_for(self, text: str) -> None:
        """Search for something that was not typed."""
        self.history.leave()
        self.box.setText(text)
        self.box.setFocus()

    def _focus(self) -> None:
        self.box.setFocus()
        self.box.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what no part of the window wanted: Esc leads back to the box."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.pane.close_find():
            self.box.setFocus()

    @Slot()
    def _escape(self) -> None:
        """Leave what lies over the list or below it, the last thing first; then clear the box."""
        if self.why_not.isVisible():
            self.why_not.stop()
        elif not self.results.uncover():
            self.clear()

    def clear(self) -> None:
        """Clear the box; what stood in it can be brought back."""
        self.remember()
        self.box.clear()

    def remember(self) -> None:
        """Remember what was searched for, where something was found."""
        self.history.add(self.box.text() if self._answer.listed else "")

    def _go_back(self) -> None:
        self.box.setText(self.history.older(self.box.text()))

    def _go_forward(self) -> None:
        self.box.setText(self.history.newer(self.box.text()))

    @Slot()
    def _keep_search(self) -> None:
        text = self.box.text().strip()
        if text:
            self.search_kept.emit(text)
        else:
            self.status.show_done(tr("Type something that is to be saved"))

    def _sort_otherwise(self) -> None:
        names = [name for name, _ in SORTS]
        self.sort_chosen.emit(names[(names.index(self._sort) + 1) % len(names)])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._when_answered = None

    # Choosing and using a note ------------------------------------------------------------

    def _move(self, act: Act) -> None:
        self.move_in(self.results.list, act)

    def move_in(self, rows: RowList, act: Act) -> None:
        """Choose another note, in the list that is looked at."""
        if act is Act.DOWN and self._answer.offers_weak:
            self.show_weak()
        else:
            self._when_answered = None
            rows.go(act)

    def _when_there(self, use: Callable[[], None]) -> None:
        """Use the chosen note; of an answer that is still to come, the first one."""
        if self._answer.is_to(self.box.text()) and (self._answer.whole or self.results.chosen):
            use()
        elif self.box.text().strip():
            self._when_answered = use
            self._patience.start()

    @Slot()
    def wait_no_more(self) -> None:
        """Whoever has gone on to something else, or has waited for long, wants nothing opened."""
        self._when_answered = None

    def _use(self, act: Act) -> None:
        hit = self.results.current()
        if hit is not None:
            self._announce(act, hit)

    def _open_nth(self, number: int) -> None:
        hit = self.results.nth(number)
        if hit is not None:
            self._announce(Act.OPEN, hit)

    @Slot(object)
    def open(self, hit: Hit) -> None:
        """Open a note of the list."""
        self._announce(Act.OPEN, hit)

    @Slot(object)
    def open_second(self, hit: Hit) -> None:
        """Open it with the second program."""
        self._announce(Act.OPEN_SECOND, hit)

    def _announce(self, act: Act, hit: Hit) -> None:
        self.wait_no_more()
        # What did not work before may work now.
        self.status.show_error("")
        self.history.add(self._answer.text)
        if act is Act.OPEN:
            self.open_requested.emit(hit)
        else:
            self.used.emit(act, hit)

    @Slot()
    def create_note(self) -> None:
        """Make a new note of what was typed."""
        self.status.show_error("")
        title = title_for(self.box.text(), self._answer.results)
        if title and self._has_folders:
            self.create_requested.emit(title)

    @Slot(object, QPoint)
    def _show_menu(self, hit: Hit, at: QPoint) -> None:
        self.show_menu(hit, at, self, self.act)

    def show_menu(self, hit: Hit, at: QPoint, over: QWidget, act: Callable[[Act], None]) -> None:
        """Show what can be done with a note.

        at: on the screen. over: the window that it comes from. act: called with what is chosen
        that is not about the note alone.
        """
        if self.menu is not None:
            # Some systems tell of the menu key twice.
            return
        menu = self.menu = RowMenu(hit, self._openers, over)
        menu.act_wanted.connect(lambda chosen: self._do_with(chosen, hit, act))
        menu.open_wanted.connect(lambda name: self.open_with_requested.emit(name, hit))
        menu.exclude_wanted.connect(lambda whole: self.exclude_requested.emit(hit, whole))
        menu.aboutToHide.connect(self._forget_menu)
        self.exclusion_wanted.emit(hit)
        menu.popup(at)

    def _do_with(self, act: Act, hit: Hit, do: Callable[[Act], None]) -> None:
        """Do what the menu of a row offers with the note of that row."""
        if act in _USING:
            self._announce(act, hit)
        else:
            current = self.results.current()
            # It may have been read anew meanwhile; another note it must not be.
            if current is not None and current.file == hit.file:
                do(act)

    @Slot()
    def _forget_menu(self) -> None:
        # Only then is the entry that was chosen done.
        if self.menu is not None:
            self.menu.deleteLater()
            self.menu = None

    # Reading ------------------------------------------------------------------------------

    def _toggle(self, view: View) -> None:
        if self.lists:
            self.results.toggle(view)
            self.box.setFocus()

    def _read(self) -> None:
        """Go into the note; where the window is too narrow for both, it covers the list."""
        if self.pane.isHidden():
            self.results.toggle(View.NOTE)
        self.pane.focus_view()

    def _find(self) -> None:
        if self.lists:
            self.results.show_view(View.NOTE)
            self.pane.find()

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
    def show_help(self) -> None:
        """Show the keys and what can be typed."""
        dialog = HelpDialog(self._syntax, self._theme, self)
        dialog.report_wanted.connect(self.report_wanted)
        dialog.about_wanted.connect(self.about_wanted)
        dialog.open()

    # What main_window.py shows of it --------------------------------------------------------

    @Slot()
    def show_weak(self) -> None:
        """List the weaker matches, where there is nothing better."""
        raise NotImplementedError

    def _show_state(self) -> None:
        raise NotImplementedError
