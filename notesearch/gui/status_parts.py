"""What the status line is made of: a text that gives way by parts, and the bar beside it."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.painting import bar_height, paint_bar
from notesearch.gui.progress_text import BETWEEN
from notesearch.gui.theme import LIGHT, SPACE, Theme
from notesearch.translation import tr

MORE = "…"
LEAD = 2
"""So many parts say what matters most."""
READING_BAR_WIDTH = 10 * SPACE
WHOLE = 1_000
"""Steps of the bar: finer than it can be drawn."""


class PartsLabel(ElidedLabel):
    """Shows as many parts of a text as there is room for, the first ones first."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Sequence[str] = ()
        self._least = ""

    def show_parts(self, parts: Sequence[str], details: Sequence[str], least: str = "") -> None:
        """Show a text in parts; all of it, and details in lines of their own, in the tool tip.

        The part that matters least is the first to go.
        """
        self._parts, self._least = parts, least
        whole = BETWEEN.join(parts)
        self.show_text(whole)
        self.setAccessibleName(whole)
        lines = [line for line in (whole, *details) if line]
        self.setToolTip("<br>".join(html.escape(line) for line in lines))

    def widths(self) -> list[int]:
        """Return what the lead takes, then each further part in the order of its weight."""
        advance = self.fontMetrics().horizontalAdvance
        kept = self._kept()
        lead = kept[:LEAD] if len(kept) <= LEAD else [*kept[:LEAD], MORE]
        return [
            advance(BETWEEN.join(lead)) + 1,
            *(advance(BETWEEN + part) for part in kept[LEAD:]),
            *([advance(BETWEEN + self._least)] if self._least else []),
        ]

    def fit(self) -> None:
        advance = self.fontMetrics().horizontalAdvance
        for text in self._choices():
            if advance(text) <= self.width():
                self.setText(text)
                return
        if self.wordWrap():
            self.setText(BETWEEN.join(self._kept()[:LEAD]))
        else:
            right = Qt.TextElideMode.ElideRight
            self.setText(self.fontMetrics().elidedText(self._full, right, self.width()))

    def _kept(self) -> list[str]:
        return [part for part in self._parts if part != self._least]

    def _choices(self) -> list[str]:
        """Return what may be shown, the fullest first."""
        kept = self._kept()
        fewest = LEAD if self.wordWrap() else 1
        fewer = range(len(kept) - 1, fewest - 1, -1)
        shorter = [BETWEEN.join([*kept[:count], MORE]) for count in fewer]
        return [self._full, BETWEEN.join(kept), *shorter]


class ReadingBar(QProgressBar):
    """A slim bar, as in the rows; screen readers are told its value."""

    def __init__(self) -> None:
        super().__init__(textVisible=False, maximum=WHOLE)
        self._theme: Theme = LIGHT
        self._quiet = False
        self._fit()
        self.setAccessibleName(tr("How far reading is"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.setFixedSize(READING_BAR_WIDTH, bar_height(self.fontMetrics()))

    def show_share(self, share: float, *, quiet: bool) -> None:
        """Show how much is done, 0 to 1; quiet: it does not go on at present."""
        self._quiet = quiet
        self.setValue(int(WHOLE * min(max(share, 0.0), 1.0)))
        self.update()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        share = self.value() / WHOLE
        paint_bar(painter, QRectF(self.rect()), share, self._theme, quiet=self._quiet)
