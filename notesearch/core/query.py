"""What the user typed -> Query: words, phrases and conditions. Parses; asks no library.

    query     = clause*
    clause    = term ("OR" term)*
    term      = ["-"] (phrase | filter | word)
    filter    = name ":" (word | phrase) | "#" tag | "[" key ":" value "]"

Words alone are wishes: they decide the order, not what is found. A phrase, a filter and everything
that is excluded are conditions, which a note must fulfil.
"""

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from notesearch.core.notes import Clause, Condition, Kind, Query
from notesearch.core.tokens import is_searchable
from notesearch.translation import tr

MAX_CHARACTERS = 2_000
"""Longer queries are cut: a page pasted by accident must not stall the search."""
MAX_TERMS = 200
"""As many words and conditions count; FTS5 refuses expressions of some thousand."""

SYNTAX = (
    ("bread too dense", "notes about that, and notes with these words"),
    ('"shutter speed"', "only notes with this phrase, whatever case and accents"),
    ("-brake", 'no notes with this word; -"a phrase" and any filter with a minus too'),
    ("tag:a/b or #a/b", "notes with this tag or one below it"),
    ("path:work or in:work", "notes in folders so named, or whose path goes on so from there"),
    ("title:oven", "notes with these words in a title, an alias or the file name"),
    ("file:2024", "notes whose file name holds this"),
    ("modified:7d", "notes changed in the last 7 days; also d, w, m, y for days to years"),
    ("created:2024-05", "notes made then; a year, month, day, today, yesterday, or 2023..2024"),
    ("after:2024-05-31", "notes changed on this day or later"),
    ("before:2024", "notes changed before it began"),
    ("[status:done]", "notes with these words in a field of the front matter; [status:] with any"),
    ("has:task", "notes with a task"),
    ("a OR b", "either counts; notes need fulfil only one of two filters"),
)
"""Examples of what can be typed, and what they find; shown wherever the program explains itself.

In English; whoever shows them translates them."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_TERM = re.compile(
    r'(?P<minus>(?<!\S)-(?!-))?(?:"(?P<phrase>[^"]*)"'
    r'|(?P<name>(?:tag|path|in|title|file|before|after|modified|created|has)):'
    r'(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]*))'
    r"|\[(?P<key>[^\W\d_][\w -]{0,60}):(?P<field>[^\[\]\n]*)\](?!\()"
    r"|(?:(?<!\S)|(?<=(?<!\S)-))\#(?P<tag>[\w/-]*[^\W\d][\w/-]*)(?!\S)"
    r'|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)  # fmt: skip
_PERIOD = re.compile(r"(\d{1,4})([dwmy])", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_KINDS = {"tag": Kind.TAG, "path": Kind.PATH, "in": Kind.PATH, "title": Kind.TITLE,
          "file": Kind.FILE}  # fmt: skip
_HAVING = ("task",)


@dataclass(slots=True)
class _Term:
    """A piece of a query."""

    text: str
    end: int
    words: str = ""
    """What of it is asked for by words and meaning."""
    condition: Condition | None = None
    """What a note must fulfil; None for a plain word."""
    complaint: str = ""


def parse(text: str, *, typing: bool = False, now: datetime.datetime | None = None) -> Query:
    """Parse a query. Never fails: what is not syntax is a word.

    A quote that is not closed yet, and a minus with nothing behind it, are passed over. A filter
    that makes no sense stays text, and the query's complaints say so.

    typing: the user may still be in the middle of the last word.
    now: what times such as "7d" count from, in local time.
    """
    # What comes from a command line may hold bytes that are no text.
    text = text.encode("utf-8", "replace").decode()
    straight = text[:MAX_CHARACTERS].translate(_QUOTES)
    groups = list(_groups(straight, now or datetime.datetime.now()))
    terms = [term for group in groups for term in group]
    soft = [group for group in groups if all(term.condition is None for term in group)]
    clauses = tuple(_clause(group) for group in groups if group not in soft)
    plain = all(map(is_phrase, clauses)) and len(soft) + len(clauses) == len(terms)
    asked = [term for term in terms if term.words]
    return Query(
        text,
        words=tuple(term.words for term in asked if term.condition is None),
        choices=tuple(tuple(term.words for term in group) for group in soft if len(group) > 1),
        phrases=tuple(term.words for term in asked if term.condition is not None),
        clauses=clauses,
        complaints=tuple(dict.fromkeys(term.complaint for term in terms if term.complaint)),
        unfinished=typing and _is_growing(straight, terms),
        meaning=text[:MAX_CHARACTERS] if plain else " ".join(term.words for term in asked),
    )


def _groups(text: str, now: datetime.datetime) -> Iterator[list[_Term]]:
    """Yield the terms, those joined by OR together."""
    group: list[_Term] = []
    joined = False
    for found in list(_TERM.finditer(text))[:MAX_TERMS]:
        if found["word"] == "OR" and group and not found["minus"]:
            joined = True
            continue
        term = _term(found, now)
        if term is None:
            continue
        if group and not joined:
            yield group
            group = []
        group.append(term)
        joined = False
    if group:
        yield group


def _term(found: re.Match[str], now: datetime.datetime) -> _Term | None:
    """Make a term of what was found; None where there is nothing in it to look for."""
    negated, text, end = bool(found["minus"]), found[0], found.end()
    if found["word"] is None and found["phrase"] is None:
        made = _filter(found, now)
        if isinstance(made, str):
            return _Term(text, end, text if is_searchable(text) else "", None, made)
        return _Term(text, end, "", replace(made, text=text, negated=negated))
    quoted = found["word"] is None
    words = " ".join(found["phrase"].split()) if quoted else found["word"]
    if not is_searchable(words):
        return None
    kind = Kind.PHRASE if quoted else Kind.WORD
    condition = Condition(kind, text, words, negated=negated) if quoted or negated else None
    return _Term(text, end, "" if negated else words, condition)


def _filter(found: re.Match[str], now: datetime.datetime) -> Condition | str:
    """Make a condition of a filter, or say what is wrong with it."""
    if found["tag"] is not None:
        return Condition(Kind.TAG, "", found["tag"].strip("/"))
    if found["key"] is not None:
        return Condition(Kind.FIELD, "", found["field"].strip(), key=found["key"].strip())
    name = found["name"].lower()
    value = (found["value"] if found["quoted"] is None else found["quoted"]).strip()
    if name == "has":
        known, wanted = value.lower() in _HAVING, tr("there is only has:task")
        condition = Condition(Kind.HAS, "", value.lower()) if known else None
    elif name in _KINDS:
        known = is_searchable(value) and not value.startswith("//")
        wanted = tr("{name}: needs something to look for").format(name=name)
        value = value.lstrip("#").strip("/") if name == "tag" else value
        condition = Condition(_KINDS[name], "", value) if known else None
    else:
        span = None if ".." in value and name in {"before", "after"} else _span(value, now)
        wanted = tr("{name}: needs a time such as 2024, 2024-05, 2024-05-31, today or 7d")
        wanted = wanted.format(name=name)
        condition = _timed(name, *span) if span else None
    complaint = tr("“{filter}” is searched as text: {reason}.")
    return condition or complaint.format(filter=found[0], reason=wanted)


def _timed(name: str, since: float, until: float) -> Condition:
    """Make a condition of a stretch of time."""
    if name == "before":
        return Condition(Kind.MODIFIED, "", until=since)
    if name == "after":
        return Condition(Kind.MODIFIED, "", since=since)
    kind = Kind.CREATED if name == "created" else Kind.MODIFIED
    return Condition(kind, "", since=since, until=until)


def _span(text: str, now: datetime.datetime) -> tuple[float, float] | None:
    """Read a stretch of time: where it begins, and where it has ended, in seconds."""
    if ".." not in text:
        return _one_span(text, now)
    first, last = (_one_span(part, now) for part in text.split("..", 1))
    if first is None or last is None:
        return None
    # A period reaches until now, but as the end of a range it says when that was.
    return first[0], last[0] if last[1] == math.inf else last[1]


def _one_span(text: str, now: datetime.datetime) -> tuple[float, float] | None:
    midnight = datetime.datetime.combine(now.date(), datetime.time())
    period, date = _PERIOD.fullmatch(text), _DATE.fullmatch(text)
    try:
        if text.lower() in {"today", "yesterday"}:
            begin = midnight - datetime.timedelta(days=text.lower() == "yesterday")
            return begin.timestamp(), (begin + datetime.timedelta(days=1)).timestamp()
        if period:
            days = int(period[1]) * _DAYS[period[2].lower()]
            return (now - datetime.timedelta(days=days)).timestamp(), math.inf
        if date:
            return _calendar(*(int(part) if part else 0 for part in date.groups()))
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _calendar(year: int, month: int, day: int) -> tuple[float, float]:
    """Return where a year, month or day begins and has ended; 0 for what is not said."""
    begin = datetime.datetime(year, month or 1, day or 1)  # local
    if day:
        end = begin + datetime.timedelta(days=1)
    elif month:
        end = begin.replace(year=year + month // 12, month=month % 12 + 1)
    else:
        end = begin.replace(year=year + 1)
    return begin.timestamp(), end.timestamp()


def _clause(group: list[_Term]) -> Clause:
    """Turn terms joined by OR into conditions; a plain word among them must then be there."""
    return tuple(term.condition or Condition(Kind.WORD, term.text, term.words) for term in group)


def is_phrase(clause: Clause) -> bool:
    """Say whether a clause is a phrase that a note must hold."""
    return len(clause) == 1 and clause[0].kind is Kind.PHRASE and not clause[0].negated


def _is_growing(text: str, terms: list[_Term]) -> bool:
    """Say whether the text ends in a plain word, with no space behind it."""
    last = terms[-1] if terms else None
    return last is not None and last.end == len(text) and last.condition is None
