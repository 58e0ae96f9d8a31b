"""What rows and pages paint alike: bars, lines of text that are cut, the selected row.

Rows are laid out from their start to their end: where the window reads from right to left, the
start is on the right. A text of its own has the direction of its letters.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from notesearch.gui.row_lines import Paragraph, direction_of, paint_paragraph
from notesearch.gui.theme import SMALL_SCALE, SPACE, Theme

BAR_HEIGHT = 4
"""At least."""
_BAR_WIDTH, _BAR_SHARE = 4.5, 0.3
"""Of the height of a line: how wide a bar is, and how high."""
TITLE_WEIGHT = QFont.Weight.DemiBold
_TITLE_SCALE = 1.08
_EDGE = 3

Direction = Qt.LayoutDirection


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
    title = _scaled(base, _TITLE_SCALE)
    title.setWeight(TITLE_WEIGHT)
    return title, _scaled(base, SMALL_SCALE)


def _scaled(base: QFont, scale: float) -> QFont:
    font = QFont(base)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * scale)
    else:
        font.setPixelSize(round(base.pixelSize() * scale))
    return font


def split_end(rect: QRect, width: int, direction: Direction) -> tuple[QRect, QRect]:
    """Return so much of the end of a line, and what is left of it."""
    end, rest = QRect(rect), QRect(rect)
    if direction == Direction.RightToLeft:
        end.setWidth(width)
        rest.setLeft(end.right() + 1)
    else:
        rest.setWidth(rect.width() - width)
        end.setLeft(rest.right() + 1)
    return end, rest


def split_start(rect: QRect, width: int, direction: Direction) -> tuple[QRect, QRect]:
    """Return so much of the start of a line, and what is left of it."""
    rest, start = split_end(rect, rect.width() - width, direction)
    return start, rest


def on_baseline(rect: QRect, baseline: int, metrics: QFontMetrics) -> QRect:
    """Return where a line of a font is whose letters stand on a baseline."""
    return QRect(rect.left(), baseline - metrics.ascent(), rect.width(), metrics.height())


def paint_selected(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Paint what lies behind a selected row, and its edge, which is seen in any colours."""
    inner = rect.adjusted(4, 2, -4, -2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.selected)
    painter.drawRoundedRect(QRectF(inner), 6, 6)
    height = inner.adjusted(0, SPACE, 0, -SPACE)
    edge, _ = split_start(height, _EDGE, painter.layoutDirection())
    painter.setBrush(theme.accent)
    painter.drawRoundedRect(QRectF(edge), _EDGE / 2, _EDGE / 2)


def paint_word(painter: QPainter, rect: QRect, text: str) -> None:
    """Paint a few words at the end of a line that is as high as the painter's font."""
    around = painter.layoutDirection()
    from_right = around != Direction.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if from_right else Qt.AlignmentFlag.AlignLeft
    painter.setLayoutDirection(direction_of(text, around))
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignAbsolute | Qt.TextFlag.TextSingleLine, text)
    painter.setLayoutDirection(around)


def paint_line(painter: QPainter, rect: QRect, text: str, elide: Qt.TextElideMode) -> None:
    """Paint as much of a text as one line has room for, in the direction of its letters."""
    paint_paragraph(painter, rect, Paragraph(text, painter.layoutDirection(), elide=elide))


def bar_width(metrics: QFontMetrics) -> int:
    """Return how wide a bar in a line of a font is."""
    return round(_BAR_WIDTH * metrics.height())


def bar_height(metrics: QFontMetrics) -> int:
    """Return how high a bar in a line of a font is."""
    return max(BAR_HEIGHT, round(_BAR_SHARE * metrics.height()))


def paint_bar(
    painter: QPainter, within: QRectF, share: float, theme: Theme, *, quiet: bool
) -> None:
    """Paint a bar that is filled by a share, in the middle of a rectangle; as fits the font."""
    height = min(float(bar_height(painter.fontMetrics())), within.height())
    bar = QRectF(within.left(), within.center().y() - height / 2, within.width(), height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.track)
    painter.drawRoundedRect(bar, height / 2, height / 2)
    filled = max(height, bar.width() * min(share, 1.0))
    if painter.layoutDirection() == Direction.RightToLeft:
        bar.setLeft(bar.right() - filled)
    else:
        bar.setWidth(filled)
    painter.setBrush(theme.muted if quiet else theme.accent)
    painter.drawRoundedRect(bar, height / 2, height / 2)


def paint_measure(painter: QPainter, rect: QRect, measure: Measure, theme: Theme) -> QRect:
    """Paint a bar and a number at the end of a line; return what is left of the line."""
    metrics, direction = QFontMetrics(painter.font()), painter.layoutDirection()
    end, rest = split_end(rect, metrics.horizontalAdvance(measure.widest), direction)
    painter.setPen(theme.muted if measure.quiet else theme.text)
    paint_word(painter, end, measure.number)
    _, rest = split_end(rest, SPACE, direction)
    bar, rest = split_end(rest, bar_width(metrics), direction)
    # In the middle of the digits, which stand on the baseline.
    middle = rect.top() + metrics.ascent() - metrics.capHeight() / 2
    height = bar_height(metrics)
    within = QRectF(bar.left(), middle - height, bar.width(), 2 * height)
    paint_bar(painter, within, measure.share, theme, quiet=measure.quiet)
    return rest
