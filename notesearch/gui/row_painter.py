"""Paints one row: a note in four lines or five, or a further passage of it in three."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextCharFormat

from notesearch.core.notes import Hit, Strength
from notesearch.gui.marks import carried, matched, overlaps
from notesearch.gui.painting import (
    Direction,
    Measure,
    bar_width,
    fonts,
    on_baseline,
    paint_measure,
    paint_word,
    split_end,
    split_start,
)
from notesearch.gui.row_excerpt import Span, excerpt, title_matches
from notesearch.gui.row_lines import Look, Paragraph, isolated, paint_paragraph, trail
from notesearch.gui.row_words import (
    Mark,
    Row,
    by_meaning,
    mark_word,
    more_word,
    place,
    place_of_further,
    score,
    strength_word,
    when,
)
from notesearch.gui.theme import SPACE, Theme

PASSAGE_LINES = 2
LEADING = SPACE // 4
ABOVE, BELOW = SPACE, SPACE + SPACE // 4
SIDE = 2 * SPACE
INDENT = 2 * SPACE
UNDER_TITLE = SPACE // 4
UNDER_PLACE = SPACE // 2
BY_MEANING = "≈ "
MOST_OF_LINE = 0.4
"""What stands at the end of a line leaves out parts rather than take more of it."""


class Type:
    """The fonts of rows, and how high rows are with them."""

    def __init__(self, font: QFont, lines: int = PASSAGE_LINES) -> None:
        """Take the font of the list, and how many lines of a passage are shown."""
        self.key = font.key(), lines
        self.lines = lines
        self.body = QFont(font)
        self.title, self.small = fonts(font)
        self.of_body, self.of_title, self.of_small = map(
            QFontMetrics, (self.body, self.title, self.small)
        )
        self.word_width = max(self.of_small.horizontalAdvance(strength_word(s)) for s in Strength)
        self.passage_height = lines * self.of_body.height() + (LEADING if lines > 1 else 0)
        self.dot = self.of_small.xHeight()

    def height(self, row: Row) -> int:
        """Return the height of a row."""
        head = self.of_small.height() + UNDER_PLACE + self.passage_height
        if row.further:
            return head + ABOVE
        more = UNDER_PLACE + self.of_small.height() if more_word(row) else 0
        return ABOVE + self.of_title.height() + UNDER_TITLE + head + more + BELOW

    def link(self, rect: QRect, row: Row, direction: Direction) -> QRect:
        """Return where in a row its further passages are shown and hidden; empty: nowhere."""
        text = more_word(row)
        if not text:
            return QRect()
        line = rect.adjusted(SIDE, 0, -SIDE, -BELOW)
        line.setTop(line.bottom() + 1 - self.of_small.height())
        # With room for what measures leave off.
        width = min(self.of_small.horizontalAdvance(text) + SPACE // 2, line.width())
        return split_start(line, width, direction)[0]


@dataclass(frozen=True, slots=True)
class RowPainter:
    """Paints rows with fonts and colours, from their start to their end."""

    painter: QPainter
    theme: Theme
    type: Type

    @property
    def direction(self) -> Direction:
        """In which direction the window reads."""
        return self.painter.layoutDirection()

    def paint(self, rect: QRect, row: Row) -> None:
        """Paint a row."""
        if row.further:
            self._paint_further(rect, row)
        else:
            self._paint_note(rect, row)

    def _paint_note(self, rect: QRect, row: Row) -> None:
        inner = rect.adjusted(SIDE, ABOVE, -SIDE, -BELOW)
        self._paint_title(inner, row)
        below = inner.adjusted(0, self.type.of_title.height() + UNDER_TITLE, 0, 0)
        line = on_baseline(below, below.top() + self.type.of_small.ascent(), self.type.of_small)
        self._paint_place(line, row)
        passage = below.adjusted(0, self.type.of_small.height() + UNDER_PLACE, 0, 0)
        self._paint_passage(passage, row)
        link = self.type.link(rect, row, self.direction)
        if not link.isEmpty():
            self._use(self.type.small, self.theme.accent)
            said = isolated(more_word(row), self.direction)
            paint_paragraph(self.painter, link, Paragraph(said, self.direction, placed=True))

    def _paint_further(self, rect: QRect, row: Row) -> None:
        _, inner = split_start(rect.adjusted(SIDE, 0, -SIDE, 0), INDENT, self.direction)
        self._paint_rule(rect)
        line = inner.adjusted(0, SPACE // 2, 0, 0)
        line.setHeight(self.type.of_small.height())
        rest = self._paint_worth(line, row.hit)
        self._use(self.type.small, self.theme.muted)
        self._paint_trail(rest, place_of_further(row.hit))
        self._paint_passage(inner.adjusted(0, line.height() + SPACE, 0, 0), row)

    def _paint_title(self, inner: QRect, row: Row) -> None:
        """Paint the title, and what the note is worth; of a recent note, when it was changed."""
        hit, baseline = row.hit, inner.top() + self.type.of_title.ascent()
        small = on_baseline(inner, baseline, self.type.of_small)
        rest = self._paint_date(small, hit) if hit.strength is None else self._worth(small, hit)
        there = hit.available and row.mark != Mark.GONE
        self._use(self.type.title, self.theme.text if there else self.theme.muted)
        title = on_baseline(rest, baseline, self.type.of_title)
        looks = [(*span, matched(self.theme)) for span in title_matches(hit)]
        paint_paragraph(self.painter, title, Paragraph(hit.title, self.direction, looks=looks))

    def _worth(self, line: QRect, hit: Hit) -> QRect:
        """Paint word, bar and number, as far as there is room; return what is left of the line."""
        number = self.type.of_small.horizontalAdvance("100")
        bar = bar_width(self.type.of_small)
        if number + bar + self.type.word_width + 2 * SPACE > MOST_OF_LINE * line.width():
            return self._paint_worth(line, hit)
        quiet = hit.strength is Strength.WEAK
        self._use(self.type.small, self.theme.text)
        measure = Measure(str(score(hit)), "100", hit.score, quiet)
        rest = paint_measure(self.painter, line, measure, self.theme)
        return self._paint_strength(rest, hit, self.type.word_width)

    def _paint_worth(self, line: QRect, hit: Hit) -> QRect:
        """Paint word and number; return what is left of the line."""
        if hit.strength is None:
            return line
        quiet = hit.strength is Strength.WEAK
        self._use(self.type.small, self.theme.muted if quiet else self.theme.text)
        end, rest = self._split(line, self.type.of_small.horizontalAdvance("100"))
        paint_word(self.painter, end, str(score(hit)))
        width = self.type.of_small.horizontalAdvance(strength_word(hit.strength))
        if end.width() + width + SPACE > MOST_OF_LINE * line.width():
            return rest
        return self._paint_strength(rest, hit, width)

    def _paint_strength(self, line: QRect, hit: Hit, width: int) -> QRect:
        """Paint how good a hit is, before its bar or number; return what is left of the line."""
        if hit.strength is None:
            return line
        _, line = split_end(line, SPACE, self.direction)
        end, rest = self._split(line, width)
        self._use(self.type.small, self.theme.muted)
        paint_word(self.painter, end, strength_word(hit.strength))
        return split_end(rest, SPACE, self.direction)[1]

    def _paint_place(self, line: QRect, row: Row) -> None:
        """Paint where a hit is, and at the end of the line its mark and when it was changed."""
        rest = line
        dated = row.hit.strength is not None
        small = self.type.of_small
        mark = small.horizontalAdvance(mark_word(row.mark)) + self.type.dot if row.mark else 0
        date = small.horizontalAdvance(when(row.hit.modified)) + SPACE if dated else 0
        if date and mark + date <= MOST_OF_LINE * line.width():
            rest = self._paint_date(rest, row.hit)
        if row.mark:
            rest = self._paint_mark(rest, row.mark)
        self._use(self.type.small, self.theme.muted)
        self._paint_trail(rest, place(row.hit))

    def _paint_date(self, line: QRect, hit: Hit) -> QRect:
        self._use(self.type.small, self.theme.muted)
        text = when(hit.modified)
        end, rest = self._split(line, self.type.of_small.horizontalAdvance(text))
        paint_word(self.painter, end, text)
        return split_end(rest, 2 * SPACE, self.direction)[1]

    def _paint_mark(self, line: QRect, mark: Mark) -> QRect:
        """Paint a dot and words at the end of a line; return what is left of it."""
        self._use(self.type.small, self.theme.warning)
        text = mark_word(mark)
        end, rest = self._split(line, self.type.of_small.horizontalAdvance(text))
        paint_word(self.painter, end, text)
        _, rest = self._split(rest, SPACE // 2)
        at, rest = self._split(rest, self.type.dot)
        baseline = line.top() + self.type.of_small.ascent()
        dot = QRectF(at.left(), baseline - self.type.dot, self.type.dot, self.type.dot)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.theme.warning)
        self.painter.drawEllipse(dot)
        return self._split(rest, SPACE)[1]

    def _paint_passage(self, rect: QRect, row: Row) -> None:
        hit = row.hit
        carry, lines = row.carried or (), self.type.lines
        text, (matches, carriers) = excerpt(hit.passage, hit.matches, carry, lines=lines)
        looks = [*self._looks(matches, carriers)]
        if by_meaning(hit):
            shift = len(BY_MEANING)
            sign = QTextCharFormat()
            sign.setForeground(self.theme.underline)
            looks = [(0, 1, sign), *((a + shift, b + shift, look) for a, b, look in looks)]
            text = BY_MEANING + text
        self._use(self.type.body, self.theme.text)
        paragraph = Paragraph(text, self.direction, self.type.lines, looks, leading=LEADING)
        paint_paragraph(self.painter, rect, paragraph)

    def _looks(self, matches: tuple[Span, ...], carriers: tuple[Span, ...]) -> list[Look]:
        """Return what words look like; of those that overlap, the later look holds."""
        plain: list[Look] = [(*span, matched(self.theme)) for span in matches]
        return plain + [
            (*span, carried(self.theme, matched_too=overlaps(span, matches))) for span in carriers
        ]

    def _paint_rule(self, rect: QRect) -> None:
        """Paint the line that joins further passages to their note."""
        rule, _ = split_start(rect.adjusted(SIDE, 0, -SIDE, 0), 2, self.direction)
        self.painter.fillRect(rule, self.theme.track)

    def _paint_trail(self, line: QRect, text: str) -> None:
        middle, said = Qt.TextElideMode.ElideMiddle, trail(text, self.direction)
        paragraph = Paragraph(said, self.direction, elide=middle, placed=True)
        paint_paragraph(self.painter, line, paragraph)

    def _split(self, line: QRect, width: int) -> tuple[QRect, QRect]:
        return split_end(line, width, self.direction)

    def _use(self, font: QFont, colour: object) -> None:
        self.painter.setFont(font)
        self.painter.setPen(colour)
