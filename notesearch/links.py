"""Links to notes, as the programs that the notes are written in understand them."""

import datetime
import os
import re
from pathlib import Path
from urllib.parse import unquote

from notesearch.core.notes import BREADCRUMB, Hit

_VAULT, _GRAPH = ".obsidian", "logseq/config.edn"
_JOURNAL = re.compile(r"(\d{4})[_-](\d{2})[_-](\d{2})")
_JOURNAL_FORMAT = re.compile(r'^[^;\n]*:journal/page-title-format\s+"([^"\n]+)"', re.MULTILINE)
_LOGSEQ_FORMAT = "MMM do, yyyy"
_DATE_PART = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|do|dd|d|EEEE|EEE|E")
_NOT_IN_WIKI = re.compile(r"[\[\]|#^]")
# What Obsidian leaves out of a heading when it makes a link to it.
_NOT_IN_HEADING = re.compile(r"([:#|^\\\s]|%%|\[\[|\]\])+")
_BRACKETS = re.compile(r"([\\\[\]`<])")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def link_to(hit: Hit) -> str:
    """Return a link to the place of a hit, to be pasted into another note.

    A wiki link in an Obsidian vault or Logseq graph, else one of Markdown to the file.
    """
    file, folder = hit.file, Path(hit.folder)
    name, heading = file.stem, "" if hit.by_title else anchor(hit.heading)
    if _above(file, _GRAPH, folder):
        # A link of Logseq leads to a page, or to a block that has a number.
        name, heading = page_of(file, folder)[1], ""
    elif not _above(file, _VAULT, folder):
        name = ""
    if name and not _NOT_IN_WIKI.search(name):
        return f"[[{name}{heading}]]"
    title = _BRACKETS.sub(r"\\\1", " ".join(hit.title.split()))
    return f"[{title}]({file.absolute().as_uri()})"


def anchor(heading: str) -> str:
    """Return what leads to the innermost heading of a passage in a link of Obsidian's; or ''."""
    inner = _NOT_IN_HEADING.sub(" ", heading.rpartition(BREADCRUMB)[2]).strip()
    return f"#{inner}" if inner else ""


def page_of(file: Path, within: Path | None = None) -> tuple[str, str]:
    """Return the names of a note's Logseq graph and page; both are '' outside of any graph.

    within: the folder above which no graph is looked for.
    """
    graph = _above(file, _GRAPH, within)
    if graph is None:
        return "", ""
    day = _JOURNAL.fullmatch(file.stem)
    if day and file.parent.name == "journals":
        try:
            date = datetime.date(*map(int, day.groups()))
        except ValueError:
            return graph.name, file.stem
        return graph.name, _journal_name(date, graph / _GRAPH)
    return graph.name, unquote(file.stem.replace("___", "/"))


def _above(file: Path, mark: str, within: Path | None) -> Path | None:
    """Return the nearest folder around a file that has such an entry."""
    for folder in file.parents:
        if os.access(folder / mark, os.F_OK):
            return folder
        if folder == within:
            break
    return None


def _journal_name(date: datetime.date, config: Path) -> str:
    """Return what a graph calls the page of a day: in English, whatever the system speaks."""
    try:
        said = _JOURNAL_FORMAT.search(config.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        said = None
    month, day = _MONTHS[date.month - 1], _DAYS[date.weekday()]
    ends = {1: "st", 2: "nd", 3: "rd"}
    nth = "th" if date.day in {11, 12, 13} else ends.get(date.day % 10, "th")
    parts = {
        "yyyy": f"{date.year:04}", "yy": f"{date.year % 100:02}",
        "MMMM": month, "MMM": month[:3], "MM": f"{date.month:02}", "M": str(date.month),
        "do": f"{date.day}{nth}", "dd": f"{date.day:02}", "d": str(date.day),
        "EEEE": day, "EEE": day[:3], "E": day[:3],
    }  # fmt: skip
    return _DATE_PART.sub(lambda found: parts[found[0]], said[1] if said else _LOGSEQ_FORMAT)
