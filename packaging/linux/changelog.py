"""What CHANGELOG.md says, as the package's changelog and its AppStream metainfo need it.

    python packaging/linux/changelog.py [VERSION]

prints the former.
"""

import datetime
import re
import sys
import textwrap
from dataclasses import dataclass, replace
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.append(str(ROOT / "packaging"))

import moment  # noqa: E402

from notesearch import __version__, identity  # noqa: E402

CHANGELOG = ROOT / "CHANGELOG.md"
NO_ADDRESS = "nobody@notesearch.invalid"
"""Debian wants an address; `.invalid` is reserved for those that lead nowhere (RFC 2606)."""
WIDTH = 78

_HEADING = re.compile(r"## \[(?P<name>[^\]]+)\](?: - (?P<date>\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True)
class Release:
    """A version, when it came out, and what is new in it."""

    version: str
    date: datetime.datetime
    changes: tuple[str, ...]


def source_date() -> datetime.datetime:
    """Return when the source was last changed. Raises moment.UnknownMomentError, which says why."""
    return datetime.datetime.fromtimestamp(moment.of_source(), datetime.UTC)


def releases(text: str, version: str, built: datetime.datetime) -> list[Release]:
    """Return the releases of a changelog, newest first, beginning with the one that is built.

    That is the section of this name, or else the newest, whatever it is called so far.
    """
    found = [section for section in _sections(text, built) if section.changes]
    for place, section in enumerate(found):
        if section.version == version:
            return found[place:]
    newest = found[0].changes if found else ()
    return [Release(version, built, newest), *found[1:]]


def _sections(text: str, built: datetime.datetime) -> list[Release]:
    pieces = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return [
        Release(heading["name"], _day(heading["date"]) or built, _items(piece))
        for piece in pieces
        if (heading := _HEADING.match(piece))
    ]


def _day(said: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(said).replace(tzinfo=datetime.UTC) if said else None


def _items(section: str) -> tuple[str, ...]:
    """Return the items of all lists in a section, each in one line."""
    items = re.findall(r"^- (.*(?:\n  .*)*)", section, re.MULTILINE)
    return tuple(re.sub(r"\s+", " ", item).strip() for item in items)


def debian_version(version: str) -> str:
    """Return a version as Debian sorts it: 1.0~rc1 comes before 1.0."""
    return re.sub(r"(?<=\d)(a|b|rc|\.dev)(?=\d)", r"~\1", version).replace("~.", "~")


def maintainer() -> str:
    """Return who looks after the package, in the form of an address."""
    return f"{identity.MAINTAINER} <{identity.EMAIL or NO_ADDRESS}>"


def debian(said: list[Release]) -> str:
    """Return the changelog of a Debian package."""
    return "\n".join(_entry(replace(r, version=debian_version(r.version))) for r in said)


def _entry(release: Release) -> str:
    items = release.changes or ("New version.",)
    wrapped = (
        textwrap.fill(item, WIDTH, initial_indent="  * ", subsequent_indent="    ",
                      break_long_words=False, break_on_hyphens=False)
        for item in items
    )  # fmt: skip
    lines = "\n".join(wrapped)
    return (
        f"{identity.NAME} ({release.version}) stable; urgency=medium\n\n{lines}\n\n"
        f" -- {maintainer()}  {format_datetime(release.date)}\n"
    )


def main(arguments: list[str]) -> None:
    """Print the changelog of the Debian package."""
    version = arguments[0] if arguments else __version__
    print(debian(releases(CHANGELOG.read_text(encoding="utf-8"), version, source_date())), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
