"""What the mouse does in the ranked list: points, opens, drags, asks for the menu."""

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem

from notesearch.core.notes import Hit
from notesearch.gui.result_delegate import ResultDelegate
from notesearch.gui.results_model import HIT_ROLE, Index, ResultsModel
from notesearch.gui.theme import SPACE


class RowMouse(QListView):
    """Rows that can be pointed at. Pointing selects nothing."""

    opened = Signal(object)
    """A Hit."""
    second_wanted = Signal(object)
    """A Hit that is to be opened with the second program."""
    menu_wanted = Signal(object, QPoint)
    """A Hit, and where on the screen what can be done with it is to be shown."""
    touched = Signal()
    """The user chose a row."""
    link_clicked = Signal()
    """The further passages of the selected note are to be shown, or hidden."""

    def __init__(self, of: "RowMouse | None" = None) -> None:
        """Show rows of its own, or those of another list, with the same one selected."""
        super().__init__()
        self.rows: ResultsModel = ResultsModel() if of is None else of.rows
        self.delegate: ResultDelegate = ResultDelegate() if of is None else of.delegate
        self._mouse: QPointF | None = None
        """Where the mouse was on the screen."""
        self._pressed = QPersistentModelIndex()
        self.setModel(self.rows)
        if of is not None:
            own = self.selectionModel()
            self.setSelectionModel(of.selectionModel())
            own.deleteLater()
        self.setItemDelegate(self.delegate)
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)

    def current(self) -> Hit | None:
        """Return the selected hit."""
        return hit_of(self.currentIndex())

    def show_menu(self) -> None:
        """Ask for the menu of the selected row, at the row."""
        hit = self.current()
        if hit is None:
            return
        self.scrollTo(self.currentIndex())
        rect = self.visualRect(self.currentIndex())
        start = rect.right() - 4 * SPACE if self.isRightToLeft() else rect.left() + 4 * SPACE
        at = QPoint(start, rect.center().y())
        self.menu_wanted.emit(hit, self.viewport().mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.show_menu()
        elif index.isValid():
            self.setCurrentIndex(index)
            self.menu_wanted.emit(hit_of(index), event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = QPersistentModelIndex(self.indexAt(event.position().toPoint()))
        super().mousePressEvent(event)
        if self._pressed.isValid():
            self.touched.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        if not index.isValid() or self._pressed != index:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self.second_wanted.emit(hit_of(index))
        elif event.button() == Qt.MouseButton.LeftButton and self._is_link(index, at):
            self.link_clicked.emit()
        self._pressed = QPersistentModelIndex()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        # The first click of two has done already what a link is there for.
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            super().mouseDoubleClickEvent(event)
        elif not self._is_link(index, at):
            self.opened.emit(hit_of(index))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        # Qt also says so where the list has moved and the mouse has not.
        if event.globalPosition() != self._mouse:
            self._mouse = event.globalPosition()
            self.point_at(event.position().toPoint())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QEnterEvent):
            self._mouse = event.globalPosition()
        elif event.type() == QEvent.Type.Leave:
            self.point_at(None)
        return super().viewportEvent(event)

    def selectionCommand(  # noqa: N802
        self, index: Index, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        command = super().selectionCommand(index, event)
        # Ctrl and a click would leave no row selected.
        if command & QItemSelectionModel.SelectionFlag.Deselect:
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return command

    def point_at(self, at: QPoint | None) -> None:
        """Show which row the mouse was moved to."""
        index = QModelIndex() if at is None else self.indexAt(at)
        before = self.delegate.hovered
        if before != index:
            self.delegate.hovered = QPersistentModelIndex(index)
            for row in (before.row(), index.row()):
                if row >= 0:
                    self.update(self.rows.index(row))
        on_link = at is not None and self._is_link(index, at)
        shape = Qt.CursorShape.PointingHandCursor if on_link else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def _is_link(self, index: QModelIndex, at: QPoint) -> bool:
        if not index.isValid():
            return False
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = self.visualRect(index)
        link = self.delegate.link(option, index)
        return not link.isEmpty() and link.adjusted(-SPACE, -2, SPACE, SPACE // 2).contains(at)


def hit_of(index: Index) -> Hit | None:
    """Return the hit of a row."""
    hit = index.data(HIT_ROLE)
    return hit if isinstance(hit, Hit) else None
