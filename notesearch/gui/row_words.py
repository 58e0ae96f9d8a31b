"""What a row says in words: painted, in its tool tip, and to a screen reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

from notesearch.core.notes import BREADCRUMB, Hit, Strength
from notesearch.gui.keys import Act, first_key
from notesearch.gui.row_excerpt import Span, snippet
from notesearch.translation import tr, trn

SPOKEN_CHARACTERS = 160
"""Of a title, and of a place; the passage has a bound of its own."""


class Mark(StrEnum):
    """What a row says of a note that is not on the disk as it was read."""

    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list."""

    hit: Hit
    further: bool = False
    """Whether it is another passage of the note above."""
    expanded: bool = False
    """Whether the note's other passages stand below."""
    mark: Mark | None = None
    carried: tuple[Span, ...] | None = None
    """Where the words stand that carried the meaning of the passage; None: not known yet."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row is: among the notes, or among the further passages of its note."""

    number: int
    """Counted from 1."""
    of: int


def mark_word(mark: Mark) -> str:
    """Return what a mark is called."""
    return {Mark.CHANGED: tr("Changed since read"), Mark.GONE: tr("Moved or deleted")}[mark]


def strength_word(strength: Strength) -> str:
    """Return how good a hit is, in a word."""
    return {
        Strength.STRONG: tr("Strong"), Strength.GOOD: tr("Good"), Strength.WEAK: tr("Weak"),
    }[strength]  # fmt: skip


def by_meaning(hit: Hit) -> bool:
    """Say whether a passage matches by its meaning only: no word of the query is in it."""
    return hit.strength is not None and not hit.words and not hit.matches and not hit.by_title


def score(hit: Hit) -> int:
    """Return the score as the list shows it."""
    return round(100 * hit.score)


def place(hit: Hit) -> str:
    """Return where a hit is: folders, then headings."""
    where = BREADCRUMB.join(part for part in (folders_of(hit.path), hit.heading) if part)
    where = where or hit.path
    if hit.copies:
        copies = trn("{count} more copy", "{count} more copies", len(hit.copies))
        where = tr("{place} · {copies}").format(place=where, copies=copies)
    return where if hit.available else tr("Not available now · {place}").format(place=where)


def place_of_further(hit: Hit) -> str:
    """Return where a further passage is in its note."""
    line = tr("line {number}").format(number=f"{hit.line:,}")
    return f"{hit.heading} · {line}" if hit.heading else line


def folders_of(path: str) -> str:
    """Return the folders on the way to a note."""
    return BREADCRUMB.join(PurePath(path).parent.parts)


def when(modified: float) -> str:
    """Return when a note was changed, as a row shows it: the nearer, the more precise."""
    then, now = datetime.fromtimestamp(modified), datetime.now()  # local
    days = (now.date() - then.date()).days
    if days == 0:
        return tr("Today {time}").format(time=f"{then:%H:%M}")
    return tr("Yesterday") if days == 1 else day(then, now)


def day(then: datetime, now: datetime) -> str:
    """Return a day, with its year where that is not the present one."""
    shown = tr("{day} {month}") if then.year == now.year else tr("{day} {month} {year}")
    return shown.format(day=then.day, month=f"{then:%b}", year=then.year)


def more_word(row: Row) -> str:
    """Return what shows or hides the further passages of a note; '' where there are none."""
    if not row.hit.more or row.further:
        return ""
    if row.expanded:
        return tr("– Hide")  # noqa: RUF001
    return trn("+{count} more passage", "+{count} more passages", row.hit.more)


def details(hit: Hit, mark: Mark | None = None) -> str:
    """Return what stands behind a score, and behind a mark."""
    changed = tr("Changed {when}").format(when=when(hit.modified))
    lines = [tr("{file}, line {line}").format(file=hit.file, line=hit.line), changed]
    if mark == Mark.CHANGED:
        lines.append(tr("The file was changed since; this is the note as it was read"))
    elif mark == Mark.GONE:
        lines.append(tr("The file is no longer there; this is the note as it was read"))
    if by_meaning(hit):
        lines.append(tr("≈ Matches by meaning: no word of the search is in the passage"))
    if hit.strength:
        figures = tr("Meaning {cosine}, words {words}")
        lines.append(figures.format(cosine=f"{hit.cosine:.2f}", words=f"{hit.words:.2f}"))
    if not hit.available:
        lines.append(tr("Its folder is not there now; this is the note as it was read"))
    lines += [tr("Same content: {path}").format(path=path) for path in hit.copies[:5]]
    return "\n".join(lines)


def spoken(row: Row, position: Position) -> str:
    """Return a row as a screen reader says it."""
    hit = row.hit
    text, _ = snippet(hit.passage, hit.matches)
    where = "" if row.further else _bounded(place(hit))
    mark = mark_word(row.mark) if row.mark else ""
    said = (", ".join(_head(row, position)), mark, where, text.strip())
    return ". ".join(part for part in said if part)


def described(row: Row) -> str:
    """Return what a screen reader adds to a row where it is asked for more."""
    hit = row.hit
    said = [tr("Line {number}").format(number=f"{hit.line:,}")]
    if not row.further:
        said.append(tr("Changed {when}").format(when=when(hit.modified)))
    if hit.more and not row.further:
        does = tr("{key} hides them") if row.expanded else tr("{key} shows them")
        said.append(trn("{count} more passage", "{count} more passages", hit.more))
        said.append(does.format(key=first_key(Act.PASSAGES)))
    return ". ".join(said)


def _head(row: Row, position: Position) -> Iterator[str]:
    hit = row.hit
    if row.further:
        which = tr("Passage {number} of {count} of {title}")
    else:
        which = tr("{number} of {count}: {title}")
    yield which.format(number=position.number, count=position.of, title=_bounded(hit.title))
    if row.further:
        yield _bounded(place_of_further(hit))
    if hit.strength is None:
        yield when(hit.modified)
        return
    yield strength_word(hit.strength)
    yield str(score(hit))
    if by_meaning(hit):
        yield tr("matches by meaning")


def _bounded(text: str) -> str:
    return text if len(text) <= SPOKEN_CHARACTERS else f"{text[:SPOKEN_CHARACTERS]}…"
