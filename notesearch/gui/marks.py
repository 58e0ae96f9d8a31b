"""How matched words and the words that carried the meaning are marked, and which those are.

The two are told apart by more than colour: what carried the meaning is underlined.
"""

from collections.abc import Sequence

from PySide6.QtGui import QTextCharFormat

from notesearch.core.notes import Carrier
from notesearch.gui.theme import Theme

MOST = 2 / 3
"""The words that together make so much of a passage's cosine are said to carry it."""
MAX_CARRIERS = 5
LEAST = 0.25
"""Of the largest share: words with less do not count."""

Span = tuple[int, int]


def carrying(carriers: Sequence[Carrier], cosine: float) -> tuple[Span, ...]:
    """Return where the words stand that carried the meaning of a passage, in order."""
    ordered = sorted((c for c in carriers if c.share > 0), key=lambda c: -c.share)
    spans: list[Span] = []
    together = 0.0
    for carrier in ordered[:MAX_CARRIERS]:
        if together >= MOST * cosine or carrier.share < LEAST * ordered[0].share:
            break
        together += carrier.share
        spans.append((carrier.start, carrier.end))
    return tuple(sorted(spans))


def matched(theme: Theme) -> QTextCharFormat:
    """Return the look of a word that matched."""
    form = QTextCharFormat()
    form.setBackground(theme.match)
    form.setForeground(theme.text)
    return form


def carried(theme: Theme, *, matched_too: bool = False) -> QTextCharFormat:
    """Return the look of a word that carried the meaning."""
    form = QTextCharFormat()
    form.setBackground(theme.match if matched_too else theme.meaning)
    form.setForeground(theme.text)
    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
    form.setUnderlineColor(theme.underline)
    return form


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Say whether a span shares a character with one of the others."""
    return any(start < span[1] and span[0] < end for start, end in others)
