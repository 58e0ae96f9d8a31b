"""The orders that hits can be listed in."""

import re
import unicodedata
from collections.abc import Sequence

from notesearch.core.notes import Hit

_NUMBER = re.compile(r"(\d+)")

Key = tuple[str | tuple[int, str], ...]


def ordered(hits: Sequence[Hit], sort: str) -> tuple[Hit, ...]:
    """Return hits by "modified", newest first, by "name", or as given, which is by relevance."""
    if sort == "modified":
        return tuple(sorted(hits, key=lambda hit: (-hit.modified, hit.path)))
    if sort == "name":
        return tuple(sorted(hits, key=lambda hit: (natural(hit.title), hit.path)))
    return tuple(hits)


def natural(name: str) -> Key:
    """Return what sorts names as people do: in either case, and with 9 before 10."""
    parts = _NUMBER.split(unicodedata.normalize("NFKD", name).casefold())
    # Text and numbers take turns. Numbers are compared without being read: some are very long.
    return tuple(_number(part) if at % 2 else part for at, part in enumerate(parts))


def _number(digits: str) -> tuple[int, str]:
    plain = "".join(str(unicodedata.digit(digit)) for digit in digits).lstrip("0")
    return len(plain), plain
