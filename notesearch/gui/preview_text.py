"""A note's text before and after it is rendered: bounded, harmless, and places found in it."""

import dataclasses
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from notesearch.core.notes import Preview

MAX_CHARACTERS = 64_000
MAX_WORDS = 50
WINDOW = 40
"""Letters that must agree for a passage to be found."""

MAX_DRIFT = 200
"""A word of a passage is looked for so many letters around the place where it should be."""

# What follows keeps Qt from taking more than about 200 ms: its time grows with the square of most.
MAX_NESTING = 12
MAX_ITEMS = 2_000
MAX_CELLS = 1_200
MAX_RUN = 4_000
MAX_MARKUP = 6_000
PLAIN_LINE = 1_000

_MARKER = r"(?:[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))"
_DEEP = re.compile(rf"^(?:[ \t]*+(?:>|{_MARKER})){{{MAX_NESTING + 1}}}", re.MULTILINE)
_LEAD = re.compile(rf"^[ \t>]*+(?:{_MARKER}[ \t>]*+)+", re.MULTILINE)
_CELL = r"[ \t]*+:?-++:?[ \t]*+"
_RULE = re.compile(rf"^[ \t>]*+\|?{_CELL}(?:\|{_CELL})*+\|?[ \t]*+$", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n[ \t>]*+$", re.MULTILINE)
_MARKUP = re.compile(r"\*++|_++|~++|`++|\]\(|://|www\.|@")
_TARGET = re.compile(r"\]\([^()\n]*+\)")
_HIDDEN = re.compile(rf"{_TARGET.pattern}|\[\[[^\[\]|\n]{{1,300}}+\|")
"""What is not shown of a link as it was written: its target, also before the words for it."""
_LINE = re.compile(rf"(?:.{{{PLAIN_LINE // 2},{PLAIN_LINE}}}[ \t]|.{{{PLAIN_LINE}}})(?=.)")

Place = tuple[int, int]


def bounded(preview: Preview) -> Preview:
    """Return a preview cut to MAX_CHARACTERS around its passage."""
    passage = preview.passage[:MAX_CHARACTERS]
    left = MAX_CHARACTERS - len(passage)
    after = preview.after[: max(left * 3 // 4, left - len(preview.before))]
    before = preview.before[max(0, len(preview.before) - (left - len(after))) :]
    return dataclasses.replace(
        preview,
        before=before,
        passage=passage,
        after=after,
        begins_late=preview.begins_late or len(before) < len(preview.before),
        ends_early=preview.ends_early
        or len(passage) + len(after) < len(preview.passage) + len(preview.after),
    )


def is_risky(text: str) -> bool:
    """Say whether Qt might take too long to lay text out as Markdown."""
    return (
        max(map(len, text.replace("\n", " ").replace("\t", " ").split(" "))) > MAX_RUN
        or _DEEP.search(text) is not None
        or sum(len(found[0].split()) for found in _LEAD.finditer(text)) > MAX_ITEMS
        or _cells(text) > MAX_CELLS
        or sum(1 for _ in _MARKUP.finditer(text)) > MAX_MARKUP
    )


def _cells(text: str) -> int:
    """Return about how many cells the tables of a text have."""
    cells = position = 0
    while rule := _RULE.search(text, position):
        ending = _PARAGRAPH_END.search(text, rule.end())
        position = ending.end() if ending else len(text)
        if "|" in rule[0]:
            rows = 2 + text.count("\n", rule.end(), position)
            cells += rows * max(1, rule[0].strip(" \t>|").count("|") + 1)
    return cells


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, and where each of them stands."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    return "".join([text[place] for place in places]), places


def find_place(text: str, preview: Preview) -> Place:
    """Return where a passage begins and ends in a rendered text; as well as can be told."""
    shown, places = letters(text)
    before = letters(_TARGET.sub("]", preview.before))[0]
    wanted = letters(_TARGET.sub("]", preview.passage))[0]
    found = _find_begin(shown, wanted, len(before))
    if found is None:
        whole = max(1, len(preview.before) + len(preview.passage) + len(preview.after))
        begin = len(text) * len(preview.before) // whole
        return begin, min(len(text), begin + len(text) * len(preview.passage) // whole)
    last = wanted[-WINDOW:]
    end = _nearest(shown, last, found + len(wanted) - len(last))
    length = end + len(last) - found if end is not None else 0
    if not 0 < length < 2 * len(wanted):
        length = len(wanted)
    return places[found], places[min(found + length, len(places)) - 1] + 1


def _find_begin(shown: str, wanted: str, expected: int) -> int | None:
    """Find the letters of a passage, by its beginning or else by a later piece of it."""
    for skipped in range(0, len(wanted), WINDOW // 2):
        piece = wanted[skipped : skipped + WINDOW]
        found = _nearest(shown, piece, expected + skipped)
        if found is not None:
            return max(0, found - skipped)
    return None


def _nearest(text: str, piece: str, expected: int) -> int | None:
    places = (text.find(piece, expected), text.rfind(piece, 0, expected + len(piece)))
    found = [place for place in places if place >= 0]
    return min(found, key=lambda place: abs(place - expected), default=None)


def find_words(text: str, words: Sequence[str]) -> Iterator[Place]:
    """Yield where whole words stand, in any case."""
    longest_first = sorted({word.strip() for word in words} - {""}, key=len, reverse=True)
    patterns = [r"\s+".join(map(re.escape, word.split())) for word in longest_first[:MAX_WORDS]]
    if patterns:
        any_word = rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])"
        yield from (found.span() for found in re.finditer(any_word, text, re.IGNORECASE))


def find_same(text: str, place: Place, passage: str, spans: Sequence[Place]) -> list[Place]:
    """Return where words of a passage, at these places in its source, stand in a rendered text.

    Each is looked for near where it should be by the letters before it. What is not shown, as
    the target of a link, is left out.
    """
    shown, places = letters(text[place[0] : place[1]])
    wanted, origins = letters(_HIDDEN.sub(lambda found: " " * len(found[0]), passage))
    found: list[Place] = []
    drift = 0
    for start, end in sorted(spans):
        first, last = bisect_left(origins, start), bisect_left(origins, end)
        # Where words are not parted, as in Chinese, no letter stands alone.
        whole = _is_parted(origins, first) and _is_parted(origins, last)
        free = [
            at
            for at in _occurrences(shown, wanted[first:last])
            if abs(at - first - drift) <= MAX_DRIFT
            and (not found or places[at] >= found[-1][1])
            and (not whole or (_is_parted(places, at) and _is_parted(places, at + last - first)))
        ]
        if free:
            at = min(free, key=lambda at: abs(at - first - drift))
            drift = at - first
            found.append((places[at], places[at + last - first - 1] + 1))
    return [(place[0] + start, place[0] + end) for start, end in found]


def _occurrences(text: str, word: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)] if word else []


def _is_parted(places: Sequence[int], at: int) -> bool:
    """Say whether something else stands before a letter."""
    return at in {0, len(places)} or places[at] > places[at - 1] + 1


def units_before(text: str) -> Sequence[int]:
    """Return how many units of UTF-16, which Qt counts in, stand before each character."""
    if max(text, default="") <= "\uffff":
        return range(len(text) + 1)
    return [0, *accumulate(1 + (character > "\uffff") for character in text)]


def short_lines(text: str) -> str:
    """Break the lines that are too long to be laid out quickly."""
    lines = text.split("\n")
    return "\n".join(_LINE.sub("\\g<0>\n", x) if len(x) > PLAIN_LINE else x for x in lines)
