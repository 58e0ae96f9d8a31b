"""Paints the rows of the ranked list, and says how high they are."""

from PySide6.QtCore import QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from notesearch.gui.painting import paint_selected
from notesearch.gui.results_model import ROW_ROLE, Index
from notesearch.gui.row_painter import PASSAGE_LINES, SIDE, RowPainter, Type
from notesearch.gui.theme import LIGHT, SPACE, Theme

HOVERED = 0.45
"""How much of the colour of a selected row one below the mouse has."""


class ResultDelegate(QStyledItemDelegate):
    """Paints rows."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.hovered = QPersistentModelIndex()
        """The row that the mouse was moved to; Qt's own would follow what moves below it."""
        self._types: dict[int, Type] = {}
        """By the lines of a passage that a list shows."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(36 * SPACE, self._type_of(option).height(index.data(ROW_ROLE)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        if index.row() and not row.further:
            rule = QRect(option.rect.left() + SIDE, option.rect.top(), option.rect.width(), 1)
            rule.setRight(option.rect.right() - SIDE)
            painter.fillRect(rule, self.theme.line)
        if option.state & QStyle.StateFlag.State_Selected:
            paint_selected(painter, option.rect, self.theme)
        elif self.hovered == index:
            self._paint_hovered(painter, option.rect)
        RowPainter(painter, self.theme, self._type_of(option)).paint(option.rect, row)
        painter.restore()

    def link(self, option: QStyleOptionViewItem, index: Index) -> QRect:
        """Return where in a row its further passages are shown and hidden; empty: nowhere."""
        type_ = self._type_of(option)
        return type_.link(option.rect, index.data(ROW_ROLE), option.direction)

    def _paint_hovered(self, painter: QPainter, rect: QRect) -> None:
        colour = QColor(self.theme.selected)
        colour.setAlphaF(HOVERED)
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(colour)
        painter.drawRoundedRect(rect.adjusted(4, 2, -4, -2), 6, 6)

    def _type_of(self, option: QStyleOptionViewItem) -> Type:
        """Return the fonts for the present font, which zooming changes, and for the list."""
        lines = getattr(option.widget, "passage_lines", PASSAGE_LINES)
        key = option.font.key(), lines
        if self._types.get(lines) is None or self._types[lines].key != key:
            self._types[lines] = Type(option.font, lines)
        return self._types[lines]
