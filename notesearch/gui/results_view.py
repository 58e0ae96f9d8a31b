"""The ranked list and, beside it, what there is to see of the selected row."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QSplitter, QWidget

from notesearch.core.notes import Explanation, Hit, Outdated, Preview, Related
from notesearch.gui.result_delegate import ResultDelegate
from notesearch.gui.results_model import HIT_ROLE, ResultsModel
from notesearch.gui.side_pane import SidePane, View
from notesearch.gui.theme import SPACE, Theme

PREVIEW_MS = 80
"""The note beside the list follows when the selection has rested for so long."""
TYPING_MS = 200
"""The same where the selection came with an answer: somebody may be typing on."""
WIDE_ENOUGH = 84 * SPACE
"""In a narrower window there is only the list, or what is to be seen beside it in its place."""
_ROW_KEYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGE_KEYS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
LIST_KEYS = frozenset({*_ROW_KEYS, *_PAGE_KEYS})


class ResultsView(QSplitter):
    """Shows hits; a row is always selected while there are any."""

    opened = Signal(object)
    """A Hit."""
    glanced = Signal(object)
    """A Hit whose note is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = ResultsModel()
        self._delegate = ResultDelegate()
        self._chosen = False
        """Whether the user moved the selection since other words were answered."""
        self._wide = True
        self._glanced: Hit | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._glance)
        self._build()

    def show_hits(self, hits: Sequence[Hit], *, keep: bool) -> None:
        """Show an answer; keep: to the same question, so that the selection stays with its note."""
        if keep and tuple(hits) == self._model.hits:
            return
        before, place = self.current(), self.list.verticalScrollBar().value()
        self._model.show(hits)
        row = self._model.row_of(before) if keep and before is not None else -1
        self._chosen = self._chosen and keep
        self._select(max(row, 0))
        if row >= 0:
            self.list.verticalScrollBar().setValue(place)

    def take(self, message: Preview | Explanation | Related | Outdated) -> None:
        """Show what is said of the notes in the list."""
        if isinstance(message, Outdated):
            self._model.mark(message.changed, message.gone)
        else:
            self.pane.take(message)

    def current(self) -> Hit | None:
        """Return the selected hit."""
        hit = self.list.currentIndex().data(HIT_ROLE)
        return hit if isinstance(hit, Hit) else None

    @property
    def chosen(self) -> bool:
        """Whether the selected row is one that the user went to."""
        return self._chosen

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._model.rowCount()

    def move_selection(self, key: Qt.Key) -> None:
        """Go a row or a page up or down; up and down go round."""
        rows, row = self._model.rowCount(), self.list.currentIndex().row()
        if not rows:
            return
        self._chosen = True
        if key in _ROW_KEYS:
            self._select((row + _ROW_KEYS[key]) % rows)
        else:
            page = max(1, self.list.viewport().height() // self.list.sizeHintForRow(0))
            self._select(min(max(row + page * _PAGE_KEYS[key], 0), rows - 1))

    def toggle(self, view: View) -> None:
        """Show a view of the selected note; where it is shown already, the note or the list."""
        if not self.pane.isHidden() and self.pane.view is view:
            self.uncover()
            self.pane.show_view(View.NOTE)
        else:
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
        self._delegate.theme = theme
        self.pane.restyle(theme)
        self.list.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= WIDE_ENOUGH
        if wide != self._wide:
            self._wide = wide
            self._arrange(covering=False)

    def _arrange(self, *, covering: bool) -> None:
        self.list.setVisible(not covering)
        self.pane.setVisible(self._wide or covering)
        self.pane.set_covering(covering=covering)
        self._follow()

    def _select(self, row: int) -> None:
        if row < self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(row))

    @Slot()
    def _follow(self) -> None:
        """Show another note beside the list, once the selection rests."""
        if self.current() != self._glanced:
            self._rest.start(PREVIEW_MS if self._chosen else TYPING_MS)

    @Slot()
    def _glance(self) -> None:
        hit = self.current()
        if self.pane.isHidden():
            return
        self._glanced = hit
        self.pane.expect(hit)
        if hit is not None:
            self.glanced.emit(hit)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        hit = index.data(HIT_ROLE)
        if isinstance(hit, Hit):
            self.opened.emit(hit)

    @Slot()
    def _pressed(self) -> None:
        self._chosen = True

    def _build(self) -> None:
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Notes found")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumWidth(36 * SPACE)
        self.list.activated.connect(self._open)
        self.list.pressed.connect(self._pressed)
        self.list.selectionModel().currentChanged.connect(self._follow)
        self._model.modelReset.connect(self._follow)
        self.pane = SidePane()
        self.pane.setMinimumWidth(28 * SPACE)
        self.pane.list_wanted.connect(self.uncover)
        self.addWidget(self.list)
        self.addWidget(self.pane)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(SPACE)
        self.setStretchFactor(0, 5)
        self.setStretchFactor(1, 4)
