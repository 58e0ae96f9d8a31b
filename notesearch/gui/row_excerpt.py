"""The piece of a passage that a row shows, and which words stand out in it and in the title."""

import re
from collections.abc import Sequence

from notesearch.core.notes import Hit

SNIPPET_CHARACTERS = 420
BEFORE_MATCH = 30
FULL_LINE = 70
"""Letters, both for each line that is shown."""
MAX_WORDS = 24
"""So many distinct words are looked for in a title; nobody types more."""
MAX_TITLE = 300

Span = tuple[int, int]

_BULLET = r"(?:(?:[-*+](?:[ \t]\[[ xX]\])?|\d+[.)]|>|\#{1,6})[ \t]+)*"
_DASHES = r"[ \t]*:?-{3,}:?[ \t]*"
# The line below a table's head, and the bars at both ends of its rows; those within stay.
_TABLE = (
    rf"\n[ \t]*\|?{_DASHES}(?:\|{_DASHES})*\|?(?=\n|\Z)"
    r"|\s*\|[ \t]*(?=\n|\Z)|(?:\A|\s*\n)[ \t]*\|[ \t]*"
)
# With the name of the language behind it.
_FENCE = r"(?:\A|\s*\n)[ \t]*(?:`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*(?=\n|\Z)"
_MARKUP = re.compile(
    rf"{_FENCE}|{_TABLE}|\A{_BULLET}|\s*\n\s*{_BULLET}|\s+|\*\*|__|~~|`+"
    r"|\[\[(?:[^\[\]|\n]+\|)?|\]\]|!?\[(?=[^\[\]\n]*\]\()|\]\([^()\n]*\)"
)
# Thai, Lao, Burmese, Khmer, Chinese, Japanese: scripts that do not part words.
_UNPARTED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)


def excerpt(
    passage: str, matches: Sequence[Span], *others: Sequence[Span], lines: int = 2
) -> tuple[str, list[tuple[Span, ...]]]:
    """Return a passage as a row shows it: on one line, without markup, from near the first match.

    The matches, and other places, come along as start and end in the returned text.
    """
    begin = _beginning(passage, matches, lines)
    part = passage[begin : begin + SNIPPET_CHARACTERS]
    text, offsets = _without_markup(part, before="… " if begin else "")
    return text, [_moved(spans, begin, offsets) for spans in (matches, *others)]


def snippet(passage: str, matches: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Return the excerpt of a passage, and where the matches are in it."""
    text, (spans,) = excerpt(passage, matches)
    return text, spans


def flat(passage: str, *spans: Sequence[Span]) -> tuple[str, list[tuple[Span, ...]]]:
    """Return all of a passage on one line and without markup, and places in it likewise."""
    text, offsets = _without_markup(passage)
    return text, [_moved(some, 0, offsets) for some in spans]


def title_matches(hit: Hit) -> tuple[Span, ...]:
    """Return where the words that matched in the passage stand in the title too."""
    words = {hit.passage[start:end] for start, end in hit.matches}
    wanted = [_bounded(word) for word in sorted(words, key=len, reverse=True)[:MAX_WORDS] if word]
    if not wanted:
        return ()
    found = re.finditer("|".join(wanted), hit.title[:MAX_TITLE], re.IGNORECASE)
    return tuple(place.span() for place in found)


def _bounded(word: str) -> str:
    return re.escape(word) if _UNPARTED.search(word) else rf"(?<!\w){re.escape(word)}(?!\w)"


def _moved(spans: Sequence[Span], begin: int, offsets: Sequence[int]) -> tuple[Span, ...]:
    """Return places of a passage in what has become of the part that begins there."""
    moved = (
        (offsets[start - begin], offsets[stop - begin])
        for start, stop in spans
        if start >= begin and stop <= begin + len(offsets) - 1
    )
    return tuple((start, stop) for start, stop in moved if start < stop)


def _without_markup(part: str, before: str = "") -> tuple[str, list[int]]:
    """Return a text on one line, and where each character of the part is in it."""
    text = before
    offsets: list[int] = []
    last = 0
    for found in _MARKUP.finditer(part):
        start, end = found.span()
        offsets += range(len(text), len(text) + start - last)
        text += part[last:start]
        offsets += [len(text)] * (end - start)
        if found[0][:1].isspace() and text and not text.endswith(" "):
            text += " "
        last = end
    offsets += range(len(text), len(text) + len(part) - last + 1)
    return text + part[last:], offsets


def _beginning(passage: str, matches: Sequence[Span], lines: int) -> int:
    """Return where to begin so that the first match is seen: at the start where that will do."""
    before = lines * BEFORE_MATCH
    if not matches or matches[0][0] < 2 * before:
        return 0
    # A match near the end is shown with more of what stands before it, so that rows are full.
    near = min(matches[0][0] - before, len(passage) - lines * FULL_LINE)
    if near <= 0:
        return 0
    space = passage.find(" ", near, matches[0][0])
    return space + 1 if space >= 0 else near
