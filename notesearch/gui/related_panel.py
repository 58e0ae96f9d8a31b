"""Lists the notes that are near to the selected one in meaning."""

import html

from PySide6.QtCore import QAbstractListModel, QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Neighbour, Related
from notesearch.gui.painting import (
    Measure,
    fonts,
    on_baseline,
    paint_line,
    paint_measure,
    paint_selected,
    split_end,
)
from notesearch.gui.results_model import Index
from notesearch.gui.row_lines import Paragraph, paint_paragraph, trail
from notesearch.gui.row_words import folders_of
from notesearch.gui.theme import LIGHT, SPACE, Theme
from notesearch.translation import tr, trn

NEIGHBOUR_ROLE = Qt.ItemDataRole.UserRole
UNREAD = tr("This note is not read by meaning yet.")
ALONE = tr("No other note is near to this one in meaning.")


class RelatedPanel(QWidget):
    """One note's neighbours, nearest first."""

    note_wanted = Signal(object)
    """The Path of a note."""

    def __init__(self) -> None:
        super().__init__()
        self._related: Related | None = None
        self._delegate = _NeighbourDelegate()
        self._model = _NeighboursModel()
        self._said = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._said.setObjectName("muted")
        self._said.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        self._nothing = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._nothing.setObjectName("bar")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setMargin(2 * SPACE)
        self._list = QListView()
        self._set_up_list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._said)
        layout.addWidget(self._list, stretch=1)
        layout.addWidget(self._nothing, stretch=1)
        self.setFocusProxy(self._list)
        self.ready = False
        """Whether what is shown is all there is to show."""
        self.show_related(None)

    def show_related(self, related: Related | None) -> None:
        """Show a note's neighbours; None shows nothing."""
        if related is not None and related == self._related:
            return
        self._related = related
        self.ready = related is not None and related.ready
        self._model.show(() if related is None else related.neighbours)
        empty = related is not None and not related.neighbours
        for label in (self._said, self._nothing):
            label.setText("" if related is None else said_of(related))
        self._said.setHidden(empty)
        self._list.setHidden(empty)
        self._nothing.setVisible(empty)
        self._list.setCurrentIndex(self._model.index(0))
        self._list.scrollToTop()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._delegate.theme = theme
        self._list.viewport().update()

    def _set_up_list(self) -> None:
        self._list.setModel(self._model)
        self._list.setItemDelegate(self._delegate)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName(tr("Related notes"))
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.activated.connect(self._open)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        neighbour = index.data(NEIGHBOUR_ROLE)
        if isinstance(neighbour, Neighbour):
            self.note_wanted.emit(neighbour.file)


def said_of(related: Related) -> str:
    """Say what the list is, or why there is none."""
    if not related.ready:
        return UNREAD
    if not related.neighbours:
        return ALONE
    return tr("Near to “{title}” in meaning").format(title=related.title)


def where(neighbour: Neighbour) -> str:
    """Return where a neighbour is, and what is to be said of it."""
    said = [folders_of(neighbour.path) or neighbour.path]
    if neighbour.copies:
        said.append(trn("{count} more copy", "{count} more copies", len(neighbour.copies)))
    if neighbour.linked:
        said.append(tr("linked"))
    return " · ".join(said)


class _NeighboursModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self._neighbours: tuple[Neighbour, ...] = ()

    def show(self, neighbours: tuple[Neighbour, ...]) -> None:
        self.beginResetModel()
        self._neighbours = neighbours
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._neighbours)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        neighbour = self._neighbours[index.row()]
        if role == NEIGHBOUR_ROLE:
            return neighbour
        if role == Qt.ItemDataRole.DisplayRole:
            return neighbour.title
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [
                str(neighbour.file),
                *(tr("Same content: {path}").format(path=path) for path in neighbour.copies[:5]),
            ]
            # Qt takes what looks like markup for markup.
            return html.escape("\n".join(lines)).replace("\n", "<br>")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{neighbour.title}, {neighbour.cosine:.2f}. {where(neighbour)}"
        return None


class _NeighbourDelegate(QStyledItemDelegate):
    """Paints a neighbour in two lines, as the rows of the list are painted."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        height = sum(QFontMetrics(font).height() for font in fonts(option.font))
        return QSize(24 * SPACE, height + 3 * SPACE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        neighbour = index.data(NEIGHBOUR_ROLE)
        title, small = fonts(option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        # While the keys are elsewhere, it is the chosen row of the other list that Enter opens.
        if option.state & QStyle.StateFlag.State_Selected and _has_keys(option.widget):
            paint_selected(painter, option.rect, self.theme)
        inner = option.rect.adjusted(2 * SPACE, SPACE + 2, -2 * SPACE, -SPACE)
        baseline = inner.top() + QFontMetrics(title).ascent()
        painter.setFont(small)
        number = f"{neighbour.cosine:.2f}"
        line = on_baseline(inner, baseline, QFontMetrics(small))
        rest = paint_measure(painter, line, Measure(number, number, neighbour.cosine), self.theme)
        _, rest = split_end(rest, 2 * SPACE, option.direction)
        painter.setFont(title)
        painter.setPen(self.theme.text)
        first = on_baseline(rest, baseline, QFontMetrics(title))
        paint_line(painter, first, neighbour.title, Qt.TextElideMode.ElideRight)
        painter.setFont(small)
        painter.setPen(self.theme.muted)
        below = inner.adjusted(0, QFontMetrics(title).height(), 0, 0)
        middle = Qt.TextElideMode.ElideMiddle
        said = trail(where(neighbour), option.direction)
        paragraph = Paragraph(said, option.direction, elide=middle, placed=True)
        paint_paragraph(painter, below, paragraph)
        painter.restore()


def _has_keys(widget: QWidget) -> bool:
    return widget.hasFocus()
