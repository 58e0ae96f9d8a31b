"""A note around one of its passages, as the window shows it beside the list."""

import os
import re
from collections.abc import Collection
from pathlib import Path

from notesearch.core import frontmatter, textfile
from notesearch.core.library import Library
from notesearch.core.notes import Hit, Preview, Query
from notesearch.core.words import WordSearch

CHARACTERS_BEFORE = 8_000
CHARACTERS_AFTER = 16_000
"""Rendering takes the window's thread some milliseconds for each thousand."""
MAX_WORDS = 100

_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


def preview(library: Library, words: WordSearch, hit: Hit, query: Query) -> Preview:
    """Return the note of a hit as it is on the disk, at most its first 5 MB.

    One that cannot be read there, as in a folder that is away, is shown as it was read last.
    """
    try:
        text = textfile.read(hit.file).text
    except (OSError, textfile.UnreadableError, textfile.NotTextError):
        text = _as_it_was_read(library, hit)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    body = _body(text)
    start = _place(text, hit)
    if start < 0:
        # The passage has changed since; the note is shown from its beginning.
        start, end = body, body
    else:
        end = start + len(hit.passage)
    early = start - CHARACTERS_BEFORE
    first = min(_line_start(text, early), start) if early > body else body
    last = _line_end(text, min(len(text), end + CHARACTERS_AFTER))
    return Preview(
        file=hit.file,
        folder=Path(hit.folder),
        title=hit.title,
        before=_open_fence(text[body:first]) + text[first:start],
        passage=text[start:end],
        after=text[end:last],
        words=_words(library, words, hit, query),
        begins_late=first > body,
        ends_early=bool(text[last:].strip()),
    )


def _as_it_was_read(library: Library, hit: Hit) -> str:
    return "\n\n".join(library.passages_of(os.fspath(hit.file)).values()) or hit.passage


def _body(text: str) -> int:
    """Return where the note begins, behind its front matter."""
    lines = text.split("\n")
    try:
        _, skipped = frontmatter.split(lines)
    except frontmatter.FrontMatterError:
        return 0
    return min(sum(len(line) + 1 for line in lines[:skipped]), len(text))


def _place(text: str, hit: Hit) -> int:
    """Return where the passage begins: on its line, or wherever it has moved to; -1 if nowhere."""
    offset = 0
    for _ in range(hit.line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            break
    near = text.find(hit.passage, offset, offset + len(hit.passage) + 2_000)
    return near if near >= 0 else text.find(hit.passage)


def _line_start(text: str, offset: int) -> int:
    """Return the beginning of the next line, or the offset itself in an endless line."""
    found = text.find("\n", offset, offset + 1_000)
    return found + 1 if found >= 0 else offset


def _line_end(text: str, offset: int) -> int:
    if offset >= len(text):
        return len(text)
    found = text.rfind("\n", max(0, offset - 1_000), offset)
    return found if found >= 0 else offset


def _open_fence(omitted: str) -> str:
    """Return the fence that a cut has left open: without it code would be read as text."""
    fences = _FENCE.findall(omitted)
    return f"{fences[-1]}\n" if len(fences) % 2 else ""


def _words(library: Library, words: WordSearch, hit: Hit, query: Query) -> tuple[str, ...]:
    """Return what matched the query anywhere in the note, as it stands there."""
    texts = library.passages_of(os.fspath(hit.file))
    found = words.matches(words.terms(query), list(texts)) if query.terms else {}
    said = {texts[key][start:end]: None for key, spans in found.items() for start, end in spans}
    said |= {hit.passage[start:end]: None for start, end in hit.matches}
    return _distinct(said)


def _distinct(words: Collection[str]) -> tuple[str, ...]:
    return tuple({word.casefold(): word for word in words if word.strip()}.values())[:MAX_WORDS]
