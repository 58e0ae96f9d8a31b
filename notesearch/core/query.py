"""What the user typed -> Query: words, phrases and exclusions."""

import re

from notesearch.core.notes import Query

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_MEANINGFUL = re.compile(r"[^\W_]")

MAX_CHARACTERS = 2_000
"""Longer queries are cut: a page pasted by accident must not stall the search."""


def parse(text: str, *, typing: bool = False) -> Query:
    """Parse a query. Never fails: what is not syntax is a word.

    `"a phrase"` must occur, `-word` and `-"a phrase"` must not. A quote that is not closed yet,
    and a minus with nothing behind it, are passed over.

    typing: the user may still be in the middle of the last word.
    """
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    # What comes from a command line may hold bytes that are no text.
    text = text.encode("utf-8", "replace").decode()
    straight = text[:MAX_CHARACTERS].translate(_QUOTES)
    for found in _TERM.finditer(straight):
        quoted = found["phrase"] is not None
        term = " ".join((found["phrase"] if quoted else found["word"]).split())
        if not _MEANINGFUL.search(term):
            continue
        chosen = excluded if found["minus"] else phrases if quoted else words
        chosen.append(term)
    unfinished = typing and bool(words) and _is_growing(straight, words[-1])
    return Query(text, tuple(words), tuple(phrases), tuple(excluded), unfinished)


def _is_growing(text: str, last_word: str) -> bool:
    """Say whether the text ends in this word, and not in an exclusion or behind a space."""
    return text.endswith(last_word) and not text.rsplit(maxsplit=1)[-1].startswith("-")
