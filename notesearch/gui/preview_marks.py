"""What is marked in a note: matches, what is sought in it, and the one of them that was gone to."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtGui import QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QTextEdit

from notesearch.core.notes import Preview
from notesearch.gui.marks import Span, carried, matched, overlaps
from notesearch.gui.preview_document import selected
from notesearch.gui.preview_find import Searchable
from notesearch.gui.preview_text import Place, find_place, find_same, find_words, units_before
from notesearch.gui.theme import Theme

MAX_MARKS = 250
"""Of matches, and of what is sought; those that are nearest to what is being read."""


class Marks:
    """The places in one rendered text that are marked."""

    def __init__(self, text: str = "", head: int = 0, preview: Preview | None = None) -> None:
        """Find the passage and the words that matched.

        head: how many units of the text stand above the note itself.
        """
        self.text = text
        self.units: Sequence[int] = units_before(text)
        """How many units of Qt's stand before each character."""
        self.passage_at: Place = (0, 0)
        self.current = -1
        """Number of the place that was gone to, counted from 0; -1 before."""
        self._matches: list[Place] = []
        self._sought: list[Place] | None = None
        self._searchable: Searchable | None = None
        if preview is not None:
            above = bisect_left(self.units, head)
            start, end = find_place(text[above:], preview)
            self.passage_at = above + start, above + end
            self._matches = list(find_words(text, preview.words))

    @property
    def places(self) -> list[Place]:
        """What can be gone through: what is sought, or else the matches."""
        return self._matches if self._sought is None else self._sought

    def look_for(self, wanted: str, unit: int) -> None:
        """Find a text, and go to the first place behind one in the document; '' ends that."""
        self.current, self._sought = -1, None
        if wanted:
            if self._searchable is None:
                self._searchable = Searchable(self.text)
            self._sought = self._searchable.places(wanted)
            self.step(1, unit)

    def step(self, by: int, unit: int) -> None:
        """Go on to the next place, or the one before; from a place in the document at first."""
        places = self.places
        if not places:
            self.current = -1
        elif self.current >= 0:
            self.current = (self.current + by) % len(places)
        else:
            at = bisect_left(places, (bisect_left(self.units, unit), 0))
            self.current = (at if by > 0 else at - 1) % len(places)

    def units_of(self, place: Place) -> Place:
        """Return a place in Qt's units."""
        return self.units[place[0]], self.units[place[1]]

    def selections(
        self, document: QTextDocument, theme: Theme, carriers: Sequence[Span], passage: str
    ) -> list[QTextEdit.ExtraSelection]:
        """Return all marks, the one that was gone to over the others.

        carriers: places in the source of the passage of the words that carried its meaning.
        """
        match = matched(theme)
        nearest = self._nearest()
        marks = [(span, match) for span in nearest]
        if self._sought is None:
            same = find_same(self.text, self.passage_at, passage, carriers) if carriers else []
            both = {span for span in same if overlaps(span, nearest)}
            marks += [(span, carried(theme, matched_too=span in both)) for span in same]
        if self.current >= 0:
            marks.append((self.places[self.current], _gone_to(theme)))
        return [self._selection(document, *mark) for mark in marks]

    def _nearest(self) -> list[Place]:
        at = self.places[self.current] if self.current >= 0 else self.passage_at
        return sorted(self.places, key=lambda span: abs(span[0] - at[0]))[:MAX_MARKS]

    def _selection(
        self, document: QTextDocument, place: Place, form: QTextCharFormat
    ) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        selection.format = form
        selection.cursor = selected(document, *self.units_of(place))
        return selection


def _gone_to(theme: Theme) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setBackground(theme.accent)
    form.setForeground(theme.surface)
    return form
