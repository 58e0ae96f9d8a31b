"""Text found in a text, case and accents aside."""

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate

from notesearch.gui.preview_text import Place

_ACCENTS = re.compile("[\u0300-\u036f]")


class Searchable:
    """A text that is searched again and again."""

    def __init__(self, text: str) -> None:
        folded = {character: _fold(character) for character in set(text)}
        parts = [folded[character] for character in text]
        self._folded = "".join(parts)
        self._begins = list(accumulate(map(len, parts), initial=0))
        """Where each character begins in what it was folded to."""

    def places(self, wanted: str) -> list[Place]:
        """Return where a text stands, in order."""
        pattern = re.escape("".join(map(_fold, wanted)))
        if not wanted.strip() or not pattern:
            return []
        return [self._place(found.span()) for found in re.finditer(pattern, self._folded)]

    def _place(self, span: Place) -> Place:
        start = bisect_right(self._begins, span[0]) - 1
        end = bisect_right(self._begins, span[1]) - 1
        return start, end if self._begins[end] == span[1] else end + 1


def _fold(character: str) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", character.casefold()))
