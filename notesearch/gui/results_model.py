"""The ranked list as Qt's item views want it, and the piece of a passage that a row shows."""

import html
import re
from collections.abc import Sequence, Set
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePath

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from notesearch.core.notes import BREADCRUMB, Hit

HIT_ROLE = Qt.ItemDataRole.UserRole
MARK_ROLE = Qt.ItemDataRole.UserRole + 1
SNIPPET_CHARACTERS = 420
BEFORE_MATCH = 60
FULL_ROW = 140

Index = QModelIndex | QPersistentModelIndex
Span = tuple[int, int]

_BULLET = r"(?:(?:[-*+](?:[ \t]\[[ xX]\])?|\d+[.)]|>|\#{1,6})[ \t]+)*"
_DASHES = r"[ \t]*:?-{3,}:?[ \t]*"
# The line below a table's head, and the bars at both ends of its rows; those within stay.
_TABLE = (
    rf"\n[ \t]*\|?{_DASHES}(?:\|{_DASHES})*\|?(?=\n|\Z)"
    r"|\s*\|[ \t]*(?=\n|\Z)|(?:\A|\s*\n)[ \t]*\|[ \t]*"
)
_MARKUP = re.compile(
    rf"{_TABLE}|\A{_BULLET}|\s*\n\s*{_BULLET}|\s+|\*\*|__|~~|`+"
    r"|\[\[(?:[^\[\]|\n]+\|)?|\]\]|!?\[(?=[^\[\]\n]*\]\()|\]\([^()\n]*\)"
)


class Mark(StrEnum):
    """What a row says of a note that is not on the disk as it was read."""

    CHANGED = "Changed since read"
    GONE = "Moved or deleted"


_MEANS = {
    Mark.CHANGED: "The file was changed since; this is the note as it was read",
    Mark.GONE: "The file is no longer there; this is the note as it was read",
}


class ResultsModel(QAbstractListModel):
    """Hits, in order, and which of them are not on the disk as they were read."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: tuple[Hit, ...] = ()
        self._marks: dict[Path, Mark] = {}

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What is shown."""
        return self._hits

    def show(self, hits: Sequence[Hit]) -> None:
        """Show other hits."""
        self.beginResetModel()
        self._hits = tuple(hits)
        self.endResetModel()

    def mark(self, changed: Set[Path], gone: Set[Path]) -> None:
        """Mark these notes and no others; other hits of the same notes will be marked too."""
        marks = dict.fromkeys(changed, Mark.CHANGED) | dict.fromkeys(gone, Mark.GONE)
        before, self._marks = self._marks, marks
        for row, hit in enumerate(self._hits):
            if before.get(hit.file) != marks.get(hit.file):
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, hit: Hit) -> int:
        """Return the row of the same note, -1 where it is not in the list."""
        return next((i for i, h in enumerate(self._hits) if h.file == hit.file), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        mark = self._marks.get(hit.file)
        if role == Qt.ItemDataRole.ToolTipRole:
            # Qt takes what looks like markup for markup.
            return html.escape(details(hit, mark)).replace("\n", "<br>")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text, _ = snippet(hit.passage, hit.matches)
            worth = f"{hit.strength}, {score(hit)}" if hit.strength else when(hit.modified)
            marked = f"{mark}. " if mark else ""
            return f"{hit.title}, {worth}. {marked}{place(hit)}. {text}"
        return {HIT_ROLE: hit, MARK_ROLE: mark, Qt.ItemDataRole.DisplayRole: hit.title}.get(role)


def score(hit: Hit) -> int:
    """Return the score as the list shows it."""
    return round(100 * hit.score)


def place(hit: Hit) -> str:
    """Return where a hit is: folders, then headings."""
    where = BREADCRUMB.join(part for part in (folders_of(hit.path), hit.heading) if part)
    where = where or hit.path
    copies = len(hit.copies)
    if copies:
        where += f" · {copies} more {'copy' if copies == 1 else 'copies'}"
    return where if hit.available else f"Not available now · {where}"


def folders_of(path: str) -> str:
    """Return the folders on the way to a note."""
    return BREADCRUMB.join(PurePath(path).parent.parts)


def when(modified: float) -> str:
    """Return when a note was changed, as a row shows it: the nearer, the more precise."""
    then, now = datetime.fromtimestamp(modified), datetime.now()  # local
    days = (now.date() - then.date()).days
    if days == 0:
        return f"Today {then:%H:%M}"
    return "Yesterday" if days == 1 else day(then, now)


def day(then: datetime, now: datetime) -> str:
    """Return a day, with its year where that is not the present one."""
    month = f"{then.day} {then:%b}"
    return month if then.year == now.year else f"{month} {then.year}"


def details(hit: Hit, mark: Mark | None = None) -> str:
    """Return what stands behind a score, and behind a mark."""
    lines = [f"{hit.file}, line {hit.line}", f"Changed {when(hit.modified)}"]
    if mark:
        lines.append(_MEANS[mark])
    if hit.strength:
        lines.append(f"Meaning {hit.cosine:.2f}, words {hit.words:.2f}")
    if not hit.available:
        lines.append("Its folder is not there now; this is the note as it was read")
    lines += [f"Same content: {path}" for path in hit.copies[:5]]
    return "\n".join(lines)


def snippet(passage: str, matches: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Return a passage as a row shows it: on one line, without markup, from near the first match.

    The matches come along, as start and end in the returned text.
    """
    begin = _beginning(passage, matches)
    end = begin + SNIPPET_CHARACTERS
    text, offsets = _without_markup(passage[begin:end], before="… " if begin else "")
    spans = (
        (offsets[start - begin], offsets[stop - begin])
        for start, stop in matches
        if start >= begin and stop <= begin + len(offsets) - 1
    )
    return text, tuple((start, stop) for start, stop in spans if start < stop)


def flat(passage: str, *spans: Sequence[Span]) -> tuple[str, list[tuple[Span, ...]]]:
    """Return all of a passage on one line and without markup, and places in it likewise."""
    text, offsets = _without_markup(passage)
    moved = (
        [(offsets[start], offsets[stop]) for start, stop in some if stop < len(offsets)]
        for some in spans
    )
    return text, [tuple(span for span in some if span[0] < span[1]) for some in moved]


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


def _beginning(passage: str, matches: Sequence[Span]) -> int:
    """Return where to begin so that the first match is seen: at the start where that will do."""
    if not matches or matches[0][0] < 2 * BEFORE_MATCH:
        return 0
    # A match near the end is shown with more of what stands before it, so that rows are full.
    near = min(matches[0][0] - BEFORE_MATCH, len(passage) - FULL_ROW)
    if near <= 0:
        return 0
    space = passage.find(" ", near, matches[0][0])
    return space + 1 if space >= 0 else near
