"""The ranked list: which row is selected, and which notes are expanded."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView

from notesearch.core.notes import Carried, Hit, Passages, Strength
from notesearch.gui.keys import Act
from notesearch.gui.results_model import HIT_ROLE, ROW_ROLE
from notesearch.gui.row_mouse import RowMouse, hit_of
from notesearch.gui.row_words import Row
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

CARRY_MS = 200
"""What carried the meaning is asked for when list and scrolling have rested for so long."""
MOVES = frozenset({Act.UP, Act.DOWN, Act.PAGE_UP, Act.PAGE_DOWN, Act.FIRST, Act.LAST})

Place = tuple[QPersistentModelIndex, int]
"""A row, and where its top is on the screen."""


class RowList(RowMouse):
    """Rows of which one is selected while there are any."""

    spread_wanted = Signal(object)
    """A Hit whose further passages are to be found."""
    carry_wanted = Signal(object)
    """A list of hits of which it is to be found out what carried their meaning."""
    shown = Signal()
    """What is selected may be something else."""
    renewing = Signal()
    """The rows are about to be others."""
    renewed = Signal(bool)
    """They are; true: of the same question."""

    def __init__(self, of: "RowList | None" = None) -> None:
        super().__init__(of)
        self._awaited: set[Path] = set()
        """Notes whose further passages are to be shown when they are there."""
        self._whole = False
        self._rest = QTimer(self, singleShot=True, interval=CARRY_MS)
        self._rest.timeout.connect(self._want_carriers)
        self._build()

    # What it shows ------------------------------------------------------------------------

    def show_hits(self, hits: Sequence[Hit], *, keep: bool, whole: bool, hold: bool = True) -> None:
        """Show an answer; keep: to the same question, so that nothing moves that need not.

        hold: what is in sight stays where it is, else the list stays at its top if it is there.
        """
        self._whole = whole
        self.renewing.emit()
        hold = hold or bool(self.verticalScrollBar().value())
        places = self._places() if keep and hold else []
        self.rows.show(hits, keep=keep)
        self.point_at(None)
        if not keep:
            self._awaited.clear()
        if not (keep and hold):
            self.scrollToTop()
        if self.rows.rowCount() and not (keep and self.currentIndex().isValid()):
            self.setCurrentIndex(self.rows.index(0))
        self._hold(places)
        for hit in self.rows.expanded if whole else ():
            self.spread_wanted.emit(hit)
        self._settle()
        self.renewed.emit(keep)
        self.shown.emit()

    def take(self, message: Passages | Carried) -> None:
        """Show what was asked for of a note, unless it is not wanted any more."""
        if isinstance(message, Carried):
            self.rows.carry(message)
            return
        asked = message.file in self._awaited
        if not asked and message.file not in {hit.file for hit in self.rows.expanded}:
            return
        self._awaited.discard(message.file)
        self.renewing.emit()
        places = self._places()
        self._leave(message.file, {(hit.line, hit.passage) for hit in message.hits})
        self.rows.expand(message.file, message.hits)
        self._hold(places)
        if asked:
            self._reveal(message.file)
        self._settle()
        self.renewed.emit(True)  # noqa: FBT003  # a signal's values have no names
        self.shown.emit()

    @property
    def whole(self) -> bool:
        """Whether nothing more is to come of the answer that is shown."""
        return self._whole

    def nth(self, number: int) -> Hit | None:
        """Return one of the notes, counted from 1."""
        hits = self.rows.hits
        return hits[number - 1] if 0 < number <= len(hits) else None

    # What the user does -------------------------------------------------------------------

    def go_to_first(self) -> None:
        """Select the first row, as in a new answer."""
        self.setCurrentIndex(self.rows.index(0))
        self.scrollToTop()

    def go(self, act: Act) -> None:
        """Go a row or a page up or down, up and down going round, or to one of the ends."""
        rows, row = self.rows.rowCount(), self.currentIndex().row()
        if not rows or act not in MOVES:
            return
        self.point_at(None)
        to = {
            Act.UP: (row - 1) % rows, Act.DOWN: (row + 1) % rows, Act.FIRST: 0, Act.LAST: rows - 1,
        }.get(act)  # fmt: skip
        self.touched.emit()
        self.setCurrentIndex(self._page_from(row, act) if to is None else self.rows.index(to))
        self._announce()

    @Slot()
    def toggle_passages(self) -> None:
        """Show or hide the further passages of the selected note."""
        note = self.rows.note_of(self.currentIndex())
        hit = hit_of(note)
        if hit is None or not hit.more:
            return
        self.touched.emit()
        if hit in self.rows.expanded:
            self.renewing.emit()
            self._leave(hit.file, set())
            self.rows.collapse(hit.file)
            self.renewed.emit(True)  # noqa: FBT003  # a signal's values have no names
            self.shown.emit()
        elif hit.file in self._awaited:
            self._awaited.discard(hit.file)
        else:
            self._awaited.add(hit.file)
            self.spread_wanted.emit(hit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle()

    # How it does that ---------------------------------------------------------------------

    def _page_from(self, row: int, act: Act) -> QModelIndex:
        """Return the row that is a page away, at least the next one."""
        actions = QAbstractItemView.CursorAction
        up = act is Act.PAGE_UP
        action = actions.MovePageUp if up else actions.MovePageDown
        to = self.moveCursor(action, Qt.KeyboardModifier.NoModifier).row()
        to = min(to, row - 1) if up else max(to, row + 1)
        return self.rows.index(min(max(to, 0), self.rows.rowCount() - 1))

    def _leave(self, file: Path, staying: set[tuple[int, str]]) -> None:
        """Go from a further passage that will not stay to its note."""
        index = self.currentIndex()
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row) or not row.further or row.hit.file != file:
            return
        if (row.hit.line, row.hit.passage) not in staying:
            self.setCurrentIndex(self.rows.note_of(index))

    def _reveal(self, file: Path) -> None:
        """Scroll as little as it takes to show a note and its further passages."""
        rows = range(self.rows.rowCount())
        indexes = [i for i in map(self.rows.index, rows) if i.data(HIT_ROLE).file == file]
        for index in indexes[-1:] + indexes[:1]:
            self.scrollTo(index)

    def _in_sight(self) -> list[QModelIndex]:
        bottom = self.viewport().height()
        first = self.indexAt(QPoint(self.viewport().width() // 2, 0)).row()
        indexes = map(self.rows.index, range(max(first, 0), self.rows.rowCount()))
        return list(takewhile(lambda index: self.visualRect(index).top() < bottom, indexes))

    def _places(self) -> list[Place]:
        """Return where the rows in sight are, that of the selected row first."""
        current = self.currentIndex()
        indexes = sorted(self._in_sight(), key=lambda index: index != current)
        return [(QPersistentModelIndex(i), self.visualRect(i).top()) for i in indexes]

    def _hold(self, places: Sequence[Place]) -> None:
        """Scroll so that the first of these rows that is still there is where it was."""
        for index, top in places:
            if index.isValid():
                bar = self.verticalScrollBar()
                now = self.visualRect(self.rows.index(index.row())).top()
                bar.setValue(bar.value() + now - top)
                return

    def _announce(self) -> None:
        """Have a screen reader say the selected row, though the keys are in the search box."""
        if QAccessible.isActive():
            said = self.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
            event = QAccessibleAnnouncementEvent(self, said)
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
            QAccessible.updateAccessibility(event)

    @Slot()
    def _settle(self) -> None:
        if self._whole:
            self._rest.start()
        else:
            self._rest.stop()

    @Slot()
    def _scrolled(self) -> None:
        self.point_at(None)
        self._settle()

    @Slot()
    def _want_carriers(self) -> None:
        """Ask what carried the meaning of the rows in sight, where that is not known."""
        if not self.isVisible():
            return
        rows = [index.data(ROW_ROLE) for index in self._in_sight()]
        hits = [row.hit for row in rows if row.carried is None and row.hit.cosine > 0]
        # What is far in meaning has no words that carry it.
        asked = [hit for hit in hits if hit.strength not in {None, Strength.WEAK}]
        if asked:
            self.carry_wanted.emit(asked)

    def _build(self) -> None:
        self.setAccessibleName(tr("Notes found"))
        # The keys stay in the search box.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(36 * SPACE)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.selectionModel().currentChanged.connect(self.shown)
        self.link_clicked.connect(self.toggle_passages)


class RowMirror(RowList):
    """The rows of another list, with the same one selected; scrolled on its own."""

    passage_lines = 1
    """For the delegate: there is less room."""

    def __init__(self, of: RowList) -> None:
        super().__init__(of)
        self._of = of
        self._held: list[Place] = []
        self._expanding = False
        of.renewing.connect(self._remember)
        of.renewed.connect(self._renew)

    @property
    def height_of_rows(self) -> int:
        """How high it would have to be to show all rows."""
        return sum(map(self.sizeHintForRow, range(self.rows.rowCount()))) + 2 * self.frameWidth()

    @Slot()
    def toggle_passages(self) -> None:
        """Have the other list show or hide the further passages of the selected note."""
        self._expanding = True
        self._of.toggle_passages()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Nothing was done about it while it was not seen.
        self.scrollTo(self.currentIndex())

    @Slot()
    def _remember(self) -> None:
        self._held = self._places() if self.isVisible() else []

    @Slot(bool)
    def _renew(self, keep: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        self._whole = self._of.whole
        if not self.isVisible():
            return
        if keep:
            self._hold(self._held)
        else:
            self.scrollToTop()
        self.scrollTo(self.currentIndex())
        hit = self.current()
        if self._expanding and hit is not None:
            self._reveal(hit.file)
        self._expanding = False
        self._settle()
