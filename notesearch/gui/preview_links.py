"""The links between notes: wiki links in Markdown, and which links lead to a note."""

import dataclasses
import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PureWindowsPath
from urllib.parse import quote

from PySide6.QtCore import QUrl

from notesearch.core.notes import BREADCRUMB, ENDINGS, Preview
from notesearch.gui.preview_text import Place

SCHEME = "wiki"
MAX_LINKS = 1_000
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")

_DECODED = QUrl.ComponentFormattingOption.FullyDecoded
_WIKI = re.compile(r"(?<!\\)(!?)\[\[([^\[\]|\\\n]{1,300}+)(?:\\?\|([^\[\]\n]{0,300}+))?\]\]")
_FENCE = re.compile(r"[ \t>]*+(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?(`{3,}+|~{3,}+)(.*)")
_ITEM = re.compile(r"[ \t>]*+(?:[-+*]|\d{1,9}[.)])[ \t]")
_TICKS = re.compile(r"`++")
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def with_links(preview: Preview) -> tuple[Preview, tuple[str, ...]]:
    """Return a note with its wiki links as links of Markdown, and what they lead to.

    They are numbered, so that nothing in a name can be taken for markup.
    """
    parts = (preview.before, preview.passage, preview.after)
    text = "".join(parts)
    targets: list[str] = []
    edits: list[tuple[Place, str]] = []
    for found in _wiki_links(text):
        if len(targets) >= MAX_LINKS:
            break
        edits.append((found.span(), _as_markdown(found, len(targets))))
        targets.append(found[2].strip())
    if not edits:
        return preview, ()
    second, third = len(parts[0]), len(parts[0]) + len(parts[1])
    before, passage, after = (
        _edited(text, edits, place) for place in pairwise((0, second, third, len(text)))
    )
    return dataclasses.replace(preview, before=before, passage=passage, after=after), tuple(targets)


def wiki_target(url: QUrl, targets: Sequence[str]) -> str:
    """Return what a wiki link leads to, as with_links() has numbered it; '' for other links."""
    known = {str(number): target for number, target in enumerate(targets)}
    return known.get(url.path(), "") if url.scheme() == SCHEME else ""


def note_target(url: QUrl, preview: Preview) -> str:
    """Return the path, and heading, of the note that a relative link leads to; '' for others."""
    name, heading = url.path(_DECODED), url.fragment(_DECODED)
    if url.scheme() or url.authority() or PureWindowsPath(name).anchor or "\0" in name:
        return ""
    if not name:
        return f"#{heading}" if heading else ""
    path = os.path.normpath(preview.file.parent / name)
    inside = preview.file.is_relative_to(preview.folder) and path.startswith(
        os.path.join(os.path.normpath(preview.folder), "")  # noqa: PTH118
    )
    suffix = os.path.splitext(name)[1]  # noqa: PTH122
    if not inside or (suffix and not name.lower().endswith(ENDINGS)):
        return ""
    return f"{name}#{heading}" if heading else name


def _edited(text: str, edits: Sequence[tuple[Place, str]], place: Place) -> str:
    """Return a part of a text with the edits that are wholly in it."""
    pieces, at = [], place[0]
    for (start, end), new in edits:
        if place[0] <= start and end <= place[1]:
            pieces += [text[at:start], new]
            at = end
    return "".join([*pieces, text[at : place[1]]])


def _as_markdown(found: re.Match[str], number: int) -> str:
    embedded, target, alias = found[1], found[2].strip(), (found[3] or "").strip()
    if embedded and target.lower().endswith(PICTURES):
        return f"![{_escaped(target)}]({quote(target)})"
    shown = alias or re.sub(r"#(?=.)", BREADCRUMB, target.lstrip("#"))
    return f"[{_escaped(shown)}]({SCHEME}:{number})"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _wiki_links(text: str) -> Iterator[re.Match[str]]:
    """Yield the wiki links outside of code."""
    if "[[" not in text:
        return
    for start, end in _prose(text):
        if text.find("[[", start, end) >= 0:
            code = _code(text, start, end)
            for found in _WIKI.finditer(text, start, end):
                if not any(begin <= found.start() < stop for begin, stop in code):
                    yield found


def _prose(text: str) -> Iterator[Place]:
    """Yield where lines outside of code blocks begin and end."""
    listed, blank = False, True
    for start, end in _unfenced(text):
        line = text[start:end]
        if not line.strip():
            blank = True
            continue
        indented = line.startswith(("    ", "\t"))
        if not indented:
            listed = _ITEM.match(line) is not None or (listed and line[0] in " \t")
        # What is indented after an empty line is code, unless it belongs to a list.
        if not indented or not blank or listed:
            blank = False
            yield start, end


def _unfenced(text: str) -> Iterator[Place]:
    """Yield where lines outside of fences begin and end."""
    fence, start = "", 0
    for line in text.split("\n"):
        end = start + len(line)
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
        else:
            yield start, end
        start = end + 1


def _code(text: str, start: int, end: int) -> list[Place]:
    """Return where code is in a line: from backticks to the next that are as many."""
    ticks = [found.span() for found in _TICKS.finditer(text, start, end)]
    spans: list[Place] = []
    at = 0
    while at < len(ticks):
        long = ticks[at][1] - ticks[at][0]
        closing = (i for i in range(at + 1, len(ticks)) if ticks[i][1] - ticks[i][0] == long)
        last = next(closing, at)
        if last > at:
            spans.append((ticks[at][0], ticks[last][1]))
        at = last + 1
    return spans
