"""What rows and pages paint alike: bars, lines of text that are cut, the selected row."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from notesearch.gui.theme import SMALL_SCALE, SPACE, Theme

BAR_WIDTH = 7 * SPACE
BAR_HEIGHT = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its bar."""

    number: str
    widest: str
    """The widest number below or above it, for which there is to be room."""
    share: float
    """Of the bar, 0 to 1."""
    quiet: bool = False
    """Whether it is not to stand out."""


def fonts(base: QFont) -> tuple[QFont, QFont]:
    """Return the fonts of titles and of what is said beside them."""
    title, small = QFont(base), QFont(base)
    title.setWeight(QFont.Weight.DemiBold)
    title.setPointSizeF(base.pointSizeF() * 1.08)
    small.setPointSizeF(base.pointSizeF() * SMALL_SCALE)
    return title, small


def paint_selected(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Paint what lies behind a selected row."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.selected)
    painter.drawRoundedRect(QRectF(rect).adjusted(4, 2, -4, -2), 6, 6)


def paint_line(painter: QPainter, rect: QRect, text: str, elide: Qt.TextElideMode) -> None:
    """Paint as much of a text as one line has room for."""
    line = QRect(rect)
    line.setHeight(painter.fontMetrics().height())
    shown = painter.fontMetrics().elidedText(text, elide, max(0, line.width()))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def paint_bar(
    painter: QPainter, within: QRectF, share: float, theme: Theme, *, quiet: bool
) -> None:
    """Paint a bar that is filled by a share, in the middle of a rectangle."""
    bar = QRectF(within.left(), within.center().y() - BAR_HEIGHT / 2, within.width(), BAR_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.track)
    painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
    bar.setWidth(max(float(BAR_HEIGHT), bar.width() * min(share, 1.0)))
    painter.setBrush(theme.muted if quiet else theme.accent)
    painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)


def paint_measure(painter: QPainter, rect: QRect, measure: Measure, theme: Theme) -> int:
    """Paint a bar and a number at the right end of a line; return the width they take."""
    width = QFontMetrics(painter.font()).horizontalAdvance(measure.widest)
    painter.setPen(theme.muted if measure.quiet else theme.text)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    painter.drawText(rect, middle, measure.number)
    left = rect.right() - width - SPACE - BAR_WIDTH
    bar = QRectF(left, rect.top() + 1, BAR_WIDTH, rect.height())
    paint_bar(painter, bar, measure.share, theme, quiet=measure.quiet)
    return width + SPACE + BAR_WIDTH
