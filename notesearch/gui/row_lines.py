"""Lays out a text in so many lines, by the direction of its own letters, cut with an ellipsis."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from notesearch.core.notes import BREADCRUMB
from notesearch.gui.preview_text import units_before

Direction = Qt.LayoutDirection
Look = tuple[int, int, QTextCharFormat]
"""Start and end of some characters, and what they look like."""

# Whatever ends a line for Qt would end it in the middle of a row.
_BREAKS = dict.fromkeys(map(ord, "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_FIRST_STRONG, _POP = "\u2068", "\u2069"
"""Characters between them are put in order by themselves."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text that is to be painted."""

    text: str
    around: Direction
    """The direction of what it stands in, where its letters have none."""
    lines: int = 1
    looks: Sequence[Look] = ()
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    """Of a single line; several are always cut at their end."""
    leading: int = 0
    """So much more than the font's own is between two lines."""
    placed: bool = False
    """Whether it stands and runs as what is around it, whatever its letters."""

    @property
    def direction(self) -> Direction:
        """In which direction it runs."""
        return self.around if self.placed else direction_of(self.text, self.around)


def direction_of(text: str, otherwise: Direction) -> Direction:
    """Return the direction of the first letter that has one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return Direction.LeftToRight
        if kind in {"R", "AL"}:
            return Direction.RightToLeft
    return otherwise


def isolated(words: str, around: Direction) -> str:
    """Return words so that they keep their order among others, whatever the letters of both."""
    rightwards = around != Direction.RightToLeft
    if rightwards and not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in words):
        return words
    return f"{_FIRST_STRONG}{words}{_POP}"


def trail(text: str, around: Direction) -> str:
    """Return folders and headings so that they follow each other in the given direction."""
    return BREADCRUMB.join(isolated(part, around) for part in text.split(BREADCRUMB))


def paint_paragraph(painter: QPainter, rect: QRect, paragraph: Paragraph) -> None:
    """Paint a text from the top of a rectangle, in the painter's font and colour."""
    laid_out(paragraph, painter.font(), rect.width()).draw(painter, QPointF(rect.topLeft()))


def laid_out(paragraph: Paragraph, font: QFont, width: int) -> QTextLayout:
    """Return a text in its lines; their baselines are evenly spaced in scripts of all heights."""
    text = paragraph.text.translate(_BREAKS)
    metrics = QFontMetrics(font)
    pitch = metrics.height() + paragraph.leading
    frame = _Frame(font, width, paragraph.lines, paragraph.direction, pitch)
    if paragraph.lines == 1:
        shown = metrics.elidedText(text, paragraph.elide, max(0, width))
    else:
        shown = _cut(text, frame)
    layout = QTextLayout(shown, font)
    if paragraph.looks:
        layout.setFormats(_formats(shown, paragraph.looks, _kept(shown, text)))
    frame.fill(layout)
    return layout


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a text is laid out in."""

    font: QFont
    width: int
    lines: int
    direction: Direction
    pitch: int

    def fill(self, layout: QTextLayout) -> None:
        """Lay out as much of a text as there are lines."""
        rightwards = self.direction != Direction.RightToLeft
        side = Qt.AlignmentFlag.AlignLeft if rightwards else Qt.AlignmentFlag.AlignRight
        option = QTextOption(side | Qt.AlignmentFlag.AlignAbsolute)
        option.setTextDirection(self.direction)
        several = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        option.setWrapMode(several if self.lines > 1 else QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        metrics = QFontMetrics(self.font)
        layout.beginLayout()
        for number in range(self.lines):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(self.width)
            # Where another font steps in, its letters stand on the same baseline.
            baseline = number * self.pitch + metrics.ascent()
            line.setPosition(QPointF(0, baseline - line.ascent()))
        layout.endLayout()


def _cut(text: str, frame: _Frame) -> str:
    """End a text that is longer than its lines with an ellipsis."""
    layout = QTextLayout(text, frame.font)
    frame.fill(layout)
    if not layout.lineCount():
        return text
    last = layout.lineAt(layout.lineCount() - 1)
    units = units_before(text)
    if last.textStart() + last.textLength() >= units[-1]:
        return text
    start = units.index(last.textStart())
    # A little narrower: what did not fit must not fit now by being rounded otherwise.
    room = max(0, frame.width - 2)
    end = QFontMetrics(frame.font).elidedText(text[start:], Qt.TextElideMode.ElideRight, room)
    return text[:start] + end


def _kept(shown: str, text: str) -> int:
    """Return how many characters of a text are shown before its ellipsis."""
    shorter = min(len(shown), len(text))
    return next((at for at in range(shorter) if shown[at] != text[at]), shorter)


def _formats(text: str, looks: Sequence[Look], kept: int) -> list[QTextLayout.FormatRange]:
    """Return the looks of a text of which so many characters are left."""
    # Qt counts in units of UTF-16, of which an emoji takes two.
    units = units_before(text)
    formats = []
    for start, end, look in looks:
        if start >= kept:
            continue
        chosen = QTextLayout.FormatRange()
        chosen.start, chosen.format = units[start], look
        chosen.length = units[min(end, kept)] - units[start]
        formats.append(chosen)
    return formats
