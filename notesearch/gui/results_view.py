"""The ranked list and, beside it, what there is to see of the selected row."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

from notesearch.core.notes import (
    Carried,
    Explanation,
    Followed,
    Hit,
    Outdated,
    Passages,
    Preview,
    Related,
)
from notesearch.gui.keys import Act
from notesearch.gui.row_list import RowList
from notesearch.gui.side_pane import SidePane, View
from notesearch.gui.theme import SPACE, Theme

PREVIEW_MS = 80
"""The note beside the list follows when the selection has rested for so long."""
TYPING_MS = 200
"""The same where the selection came with an answer: somebody may be typing on."""
WIDE_ENOUGH = 84 * SPACE
"""In a narrower window there is only the list, or what is to be seen beside it in its place."""


class ResultsView(QSplitter):
    """Shows hits; a row is always selected while there are any."""

    opened = Signal(object)
    """A Hit."""
    glanced = Signal(object)
    """A Hit whose note is to be shown."""
    second_wanted = Signal(object)
    """A Hit that is to be opened with the second program."""
    menu_wanted = Signal(object, QPoint)
    """A Hit, and where on the screen what can be done with it is to be shown."""
    spread_wanted = Signal(object)
    """A Hit whose further passages are to be found; they come by `take`."""
    carry_wanted = Signal(object)
    """A list of hits; what carried their meaning is to be found out and comes by `take`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.list = RowList()
        self._model = self.list.rows
        self._chosen = False
        """Whether the user moved the selection since other words were answered."""
        self._wide = True
        self._glanced: Hit | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._glance)
        self._build()

    def show_hits(self, hits: Sequence[Hit], *, keep: bool, whole: bool = True) -> None:
        """Show an answer; keep: to the same question, so that nothing moves that need not.

        whole: nothing more is to come of this answer.
        """
        self._chosen = self._chosen and keep
        # Who has not gone anywhere is to see what is new at the top.
        self.list.show_hits(hits, keep=keep, hold=self._chosen, whole=whole)

    def take(
        self,
        message: Preview | Explanation | Related | Followed | Outdated | Passages | Carried,
    ) -> None:
        """Show what is said of the notes in the list."""
        if isinstance(message, Outdated):
            self._model.mark(message.changed, message.gone)
        elif isinstance(message, Passages | Carried):
            self.list.take(message)
        else:
            self.pane.take(message)

    def begin_anew(self) -> None:
        """Choose the first row again, where nobody sees what was chosen; a new answer may too."""
        if not self.isVisible():
            self._chosen = False
            self.list.go_to_first()

    def current(self) -> Hit | None:
        """Return the selected hit."""
        return self.list.current()

    def nth(self, number: int) -> Hit | None:
        """Return one of the notes in the list, counted from 1; further passages do not count."""
        return self.list.nth(number)

    @property
    def chosen(self) -> bool:
        """Whether the selected row is one that the user went to."""
        return self._chosen

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._model.rowCount()

    def go(self, act: Act) -> None:
        """Go a row or a page up or down, up and down going round, or to one of the ends."""
        self.list.go(act)

    def toggle_passages(self) -> None:
        """Show or hide the further passages of the selected note."""
        self.list.toggle_passages()

    def show_menu(self) -> None:
        """Ask for the menu of the selected row, at the row."""
        self.list.show_menu()

    def toggle(self, view: View) -> None:
        """Show a view of the selected note; where it is shown already, the note or the list."""
        if not self.pane.isHidden() and self.pane.view is view:
            self.uncover()
            self.pane.show_view(View.NOTE)
        else:
            self.show_view(view)

    def show_view(self, view: View) -> None:
        """Show a view of the selected note; in a narrow window, in the place of the list."""
        self.pane.show_view(view)
        self._arrange(covering=not self._wide)

    @Slot()
    def uncover(self) -> bool:
        """Show the list where something else stood in its place; say whether that was so."""
        covered = self.list.isHidden()
        if covered:
            self._arrange(covering=False)
        return covered

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self.list.delegate.theme = theme
        self.pane.restyle(theme)
        self.list.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= WIDE_ENOUGH
        if wide != self._wide:
            self._wide = wide
            self._arrange(covering=False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _arrange(self, *, covering: bool) -> None:
        self.list.setVisible(not covering)
        self.pane.setVisible(self._wide or covering)
        self.pane.set_covering(covering=covering)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Show another note beside the list, once the selection rests."""
        if self.current() == self._glanced:
            self._rest.stop()
        else:
            self._rest.start(PREVIEW_MS if self._chosen else TYPING_MS)

    @Slot()
    def _glance(self) -> None:
        hit = self.current()
        # Nor does it follow what is chosen in the quick search while the window is away.
        if not self.pane.isVisible():
            return
        self._glanced = hit
        self.pane.expect(hit)
        if hit is not None:
            self.glanced.emit(hit)

    @Slot()
    def touch(self) -> None:
        """Note that the user chose the row that is selected."""
        self._chosen = True

    def _build(self) -> None:
        for announced, passed_on in (
            (self.list.opened, self.opened), (self.list.second_wanted, self.second_wanted),
            (self.list.menu_wanted, self.menu_wanted),
            (self.list.spread_wanted, self.spread_wanted),
            (self.list.carry_wanted, self.carry_wanted),
        ):  # fmt: skip
            announced.connect(passed_on)
        self.list.touched.connect(self.touch)
        self.list.shown.connect(self._follow)
        self.pane = SidePane()
        self.pane.setMinimumWidth(28 * SPACE)
        self.pane.list_wanted.connect(self.uncover)
        self.addWidget(self.list)
        self.addWidget(self.pane)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(SPACE)
        self.setStretchFactor(0, 5)
        self.setStretchFactor(1, 4)
