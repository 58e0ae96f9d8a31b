"""Paints a row of the ranked list: title, place, two lines of the passage, score."""

from itertools import accumulate

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from notesearch.core.notes import Hit, Strength
from notesearch.gui.marks import matched
from notesearch.gui.painting import Measure, fonts, paint_line, paint_measure, paint_selected
from notesearch.gui.results_model import (
    HIT_ROLE,
    MARK_ROLE,
    Index,
    Mark,
    place,
    score,
    snippet,
    when,
)
from notesearch.gui.theme import LIGHT, SPACE, Theme

PASSAGE_LINES = 2
FILLED = 0.94
DOT = 6.0


class ResultDelegate(QStyledItemDelegate):
    """Paints hits. All rows are of one height: a long list costs no more than a short one."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        title, body = fonts(option.font)
        lines = PASSAGE_LINES * QFontMetrics(option.font).height()
        height = QFontMetrics(title).height() + QFontMetrics(body).height() + lines
        return QSize(40 * SPACE, height + 3 * SPACE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit = index.data(HIT_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            paint_selected(painter, option.rect, self.theme)
        inner = option.rect.adjusted(2 * SPACE, SPACE + 2, -2 * SPACE, -SPACE)
        self._paint_hit(painter, inner, hit, index.data(MARK_ROLE), option.font)
        painter.restore()

    def _paint_hit(
        self, painter: QPainter, rect: QRect, hit: Hit, mark: Mark | None, font: QFont
    ) -> None:
        title_font, small = fonts(font)
        top_line = QRect(rect)
        top_line.setHeight(QFontMetrics(title_font).height())
        if hit.strength is None:
            taken = self._paint_date(painter, top_line, hit, small)
        else:
            taken = self._paint_score(painter, top_line, hit, small)
        painter.setFont(title_font)
        # By value: what comes out of a model of Qt's is a plain text.
        there = hit.available and mark != Mark.GONE
        painter.setPen(self.theme.text if there else self.theme.muted)
        title = top_line.adjusted(0, 0, -taken - 2 * SPACE, 0)
        paint_line(painter, title, hit.title, Qt.TextElideMode.ElideRight)
        painter.setFont(small)
        below = rect.adjusted(0, top_line.height(), 0, 0)
        taken = self._paint_mark(painter, below, mark) + 2 * SPACE if mark else 0
        painter.setPen(self.theme.muted)
        where = below.adjusted(0, 0, -taken, 0)
        paint_line(painter, where, place(hit), Qt.TextElideMode.ElideMiddle)
        passage = below.adjusted(0, QFontMetrics(small).height() + 3, 0, 0)
        self._paint_passage(painter, passage, hit, font)

    def _paint_date(self, painter: QPainter, rect: QRect, hit: Hit, font: QFont) -> int:
        """Paint when a recent note was changed; return the width that takes."""
        painter.setFont(font)
        painter.setPen(self.theme.muted)
        text = when(hit.modified)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return QFontMetrics(font).horizontalAdvance(text)

    def _paint_score(self, painter: QPainter, rect: QRect, hit: Hit, font: QFont) -> int:
        """Paint word, bar and number at the right end; return the width they take."""
        painter.setFont(font)
        measure = Measure(str(score(hit)), "100", hit.score, hit.strength is Strength.WEAK)
        taken = paint_measure(painter, rect, measure, self.theme)
        metrics = QFontMetrics(font)
        word_width = max(metrics.horizontalAdvance(word) for word in Strength)
        painter.setPen(self.theme.muted)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect.adjusted(0, 0, -taken - SPACE, 0), middle, str(hit.strength))
        return taken + word_width + SPACE

    def _paint_mark(self, painter: QPainter, rect: QRect, mark: Mark) -> int:
        """Paint a dot and words at the right end of a line; return the width they take."""
        metrics = painter.fontMetrics()
        line = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
        width = metrics.horizontalAdvance(mark)
        painter.setPen(self.theme.warning)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, mark)
        dot = QRectF(0, 0, DOT, DOT)
        dot.moveCenter(QPointF(line.right() + 1 - width - SPACE, line.center().y() + 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.warning)
        painter.drawEllipse(dot)
        return width + SPACE + round(DOT / 2)

    def _paint_passage(self, painter: QPainter, rect: QRect, hit: Hit, font: QFont) -> None:
        text, spans = snippet(hit.passage, hit.matches)
        layout = QTextLayout(_cut(text, font, PASSAGE_LINES * rect.width()), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        # Qt counts in units of UTF-16, of which an emoji takes two.
        units = [0, *accumulate(1 + (c > "\uffff") for c in text)]
        layout.setFormats([self._match(units[start], units[end]) for start, end in spans])
        height = QFontMetrics(font).height()
        layout.beginLayout()
        for number in range(PASSAGE_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(rect.width())
            line.setPosition(QPointF(0, number * height))
        layout.endLayout()
        painter.setPen(self.theme.text)
        layout.draw(painter, QPointF(rect.topLeft()))

    def _match(self, start: int, end: int) -> QTextLayout.FormatRange:
        chosen = QTextLayout.FormatRange()
        chosen.start, chosen.length, chosen.format = start, end - start, matched(self.theme)
        return chosen


def _cut(text: str, font: QFont, width: int) -> str:
    """End a text that is longer than its lines with an ellipsis.

    Lines break between words, so that a little less than their width can be filled.
    """
    room = round(width * FILLED)
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
