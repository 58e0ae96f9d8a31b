"""The fields of a note: YAML front matter, or the page properties of an outliner."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

import yaml

from notesearch.translation import tr

MAX_LINES = 200
MAX_CHARACTERS = 16_000
"""Of front matter: what it names is kept with each passage of the note."""
MAX_BITS = 64

_PROPERTY = re.compile(r"^([A-Za-z][\w -]{0,60}):: ?(.*)$")
_FIELD = re.compile(r"[\w-]+:(\s|$)|\[(?!\[)|\{")
"""How a line of front matter may begin, and hardly ever one of prose."""
_LIST_SEPARATOR = re.compile(r"[,\s]+")


class FrontMatterError(ValueError):
    """The block at the top is meant as front matter and cannot be read; says why."""


class _NoAliases(yaml.SafeLoader):
    """Refuses anchors that are referred to: a few of them expand to gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(problem=tr("it uses references"))
        return super().compose_node(parent, index)


_FAST_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def split(lines: list[str]) -> tuple[Mapping[str, object], int]:
    """Read the fields at the top of a note.

    Returns the fields and the number of lines they take. Two rules around a paragraph are not
    front matter: what is between them must be a mapping, or empty.

    Raises FrontMatterError where a mapping was begun and cannot be read.
    """
    if not lines or lines[0].rstrip() != "---":
        return _properties(lines)
    end = next(
        (i for i in range(1, min(len(lines), MAX_LINES)) if lines[i].rstrip() in {"---", "..."}),
        0,
    )
    if not end:
        return {}, 0
    header = "\n".join(lines[1:end])
    fields = _load(header)
    if fields is None and header.strip() and not _only_comments(header):
        return {}, 0
    return fields or {}, end + 1


def names(value: object) -> tuple[str, ...]:
    """Read a field that holds one text or a list of them, such as aliases."""
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for v in values if (text := _text(v))))


def tags(value: object) -> tuple[str, ...]:
    """Read a tags field: a list, or one text with commas or spaces between the tags."""
    parts: list[str] = []
    for name in names(value):
        parts += _LIST_SEPARATOR.split(name) if isinstance(value, str) else [name]
    return tuple(dict.fromkeys(tag for part in parts if (tag := part.strip("#[], "))))


def _load(header: str) -> Mapping[str, object] | None:
    if len(header) > MAX_CHARACTERS:
        raise FrontMatterError(tr("the front matter is too long"))
    loader = _NoAliases if "&" in header and "*" in header else _FAST_LOADER
    try:
        plain = _plain(yaml.load(header, Loader=loader))  # both loaders are safe ones
    except yaml.YAMLError as error:
        if not any(_looks_like_field(line) for line in header.split("\n")):
            # Prose between two rules, which YAML may stumble over.
            return None
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or tr("it is not YAML")
        told = tr("the front matter cannot be read: {problem}")
        if mark:
            told = tr("the front matter cannot be read: {problem} (line {line})")
        raise FrontMatterError(
            told.format(problem=what, line=mark.line + 2 if mark else 0)
        ) from error
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # PyYAML lets these through for values such as 2024-13-45 or `!!bool maybe`, and for very
        # deep nesting.
        told = tr("the front matter cannot be read: {problem}")
        raise FrontMatterError(told.format(problem=error)) from error
    return plain if isinstance(plain, dict) else None


def _looks_like_field(line: str) -> bool:
    return _FIELD.match(line) is not None


def _only_comments(header: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in header.split("\n"))


def _plain(value: object) -> object:
    """Bring a YAML value to what JSON can hold."""
    if isinstance(value, dict):
        return {_storable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        # Python refuses to write out integers of thousands of digits.
        return value if value.bit_length() < MAX_BITS else hex(value)
    return _storable(str(value))


def _storable(text: str) -> str:
    """Replace halves of characters, which YAML can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _text(value: object) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _properties(lines: list[str]) -> tuple[Mapping[str, object], int]:
    """Read `property:: value` lines above everything else, as Logseq writes page properties.

    A property that comes a second time is text, such as a list of questions and answers.
    """
    fields: dict[str, object] = {}
    for number, line in enumerate(lines[:MAX_LINES]):
        found = _PROPERTY.match(line)
        name = found[1].strip().lower() if found else ""
        if found is None or name in fields:
            return fields, number
        fields[name] = found[2].strip()
    return fields, min(len(lines), MAX_LINES)
