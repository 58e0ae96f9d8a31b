"""What the user decides: one immutable value, each setting declared once, kept in one file."""

import contextlib
import dataclasses
import errno
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from notesearch.paths import write_private
from notesearch.translation import tr

MAX_THREADS = 64
ZOOMS = (70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
"""Sizes of text, in per cent of the system's."""
# Ctrl is the command key on a Mac, whose file manager has it with Alt and the space bar.
HOTKEY = "Ctrl+Shift+Space" if sys.platform == "darwin" else "Ctrl+Alt+Space"

logger = logging.getLogger(__name__)


class SettingsError(Exception):
    """The settings cannot be written; says why and what to do."""


class Page(StrEnum):
    """Where in the settings dialog a setting stands."""

    FOLDERS = "Folders"
    SEARCH = "Search"
    QUICK_SEARCH = "Quick search"
    APPEARANCE = "Appearance"
    OPENING = "Opening notes"
    READING = "Reading"
    PRIVACY = "Privacy"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a setting is called, what it does, and which values it can have.

    All texts are in English; whoever shows them translates them.
    """

    page: Page
    label: str
    """With an ampersand before the letter that leads there with Alt."""
    explanation: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    """Values and what they are called; without choices the type of the default decides."""
    bounds: tuple[int, int] | None = None
    """Of a number, both inclusive."""
    lowest: str = ""
    """What is shown instead of the lowest number."""

    @property
    def name(self) -> str:
        """What the setting is called, without the mark of its key."""
        return self.label.replace("&", "")


def _setting(*, default: Any, declared: Declared) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(default=default, metadata={"declared": declared})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Those with a declaration stand in the dialog as it says."""

    folders: tuple[str, ...] = ()
    """Folders whose notes are searched, absolute."""
    ignored: tuple[str, ...] = ()
    """What is left out of every folder: patterns as in .gitignore, relative to the folder."""
    threads: int = _setting(default=0, declared=Declared(
        Page.READING, "&Threads", "How many passages are prepared for searching by meaning at "
        "the same time; Automatic is half of the processors.",
        bounds=(0, MAX_THREADS), lowest="Automatic",
    ))  # fmt: skip
    """Threads that embed in the background; 0: half of the processors."""
    floor: str = _setting(default="normal", declared=Declared(
        Page.SEARCH, "A &match must be", "How close in meaning a note must be to be listed. "
        "The order is the same, and exact words are always found.",
        (("strict", "Very close"), ("normal", "Close"), ("loose", "Roughly about it")),
    ))  # fmt: skip
    """How close a note must be to be a match."""
    sort: str = _setting(default="relevance", declared=Declared(
        Page.SEARCH, "Sort b&y", "",
        (("relevance", "Relevance"), ("modified", "Date"), ("name", "Name")),
    ))  # fmt: skip
    """How hits are ordered."""
    told: tuple[str, ...] = ()
    """Names of the notices that the user has seen and put away."""
    history: bool = _setting(default=True, declared=Declared(
        Page.SEARCH, "Remember &what was searched for",
        "Alt+Up brings earlier searches back. They are kept on this machine only.",
    ))  # fmt: skip
    saved: tuple[str, ...] = ()
    """Searches that are kept to be asked again."""
    appearance: str = _setting(default="system", declared=Declared(
        Page.APPEARANCE, "&Colours", "",
        (("system", "As the system has them"), ("light", "Light"), ("dark", "Dark"),
         ("contrast", "High contrast")),
    ))  # fmt: skip
    zoom: int = _setting(default=100, declared=Declared(
        Page.APPEARANCE, "&Size of text", "Also Ctrl with +, - and 0.",
        tuple((zoom, f"{zoom} %") for zoom in ZOOMS),
    ))  # fmt: skip
    opener: str = "system"
    """Which program Enter opens notes with: a preset's name, or "custom"."""
    second_opener: str = ""
    """Which one Ctrl+Enter does; '' is the first installed one that is not the other."""
    command: str = ""
    """The template of the custom program."""
    new_notes: str = ""
    """The folder that new notes are made in; '' is the first one that is searched."""
    battery: bool = _setting(default=True, declared=Declared(
        Page.READING, "&Wait on battery", "Searching by meaning is prepared only while the machine "
        "is plugged in. What you save is still taken up at once.",
    ))  # fmt: skip
    """Whether reading waits while the machine runs on battery."""
    hotkey: str = HOTKEY
    """Opens and closes the quick search from anywhere, as Qt writes keys; '' is none."""
    popup_closes: bool = _setting(default=True, declared=Declared(
        Page.QUICK_SEARCH, "&Close when another window is used",
    ))  # fmt: skip
    """Whether the quick search closes when it loses the keyboard."""
    stays_in_tray: bool = _setting(default=True, declared=Declared(
        Page.QUICK_SEARCH, "Close the window to the &tray",
        "Changes are taken up, and the quick search is there at once. Where there is no tray, "
        "closing the window ends the program.",
    ))  # fmt: skip
    """Whether closing the window leaves the program running, where there is a tray."""

    def with_folders(self, *folders: Path) -> "Settings":
        """Return settings that know these folders too."""
        added = (str(folder.resolve()) for folder in folders)
        return dataclasses.replace(self, folders=tuple(dict.fromkeys((*self.folders, *added))))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders."""
        return tuple(Path(folder) for folder in self.folders)

    @property
    def indexing_threads(self) -> int:
        """How many texts are embedded at the same time in the background."""
        return self.threads if self.threads > 0 else max(1, (os.cpu_count() or 2) // 2)


Change = Callable[[Settings], Settings]

DECLARED: dict[str, Declared] = {
    one.name: one.metadata["declared"]
    for one in dataclasses.fields(Settings) if "declared" in one.metadata
}  # fmt: skip
"""By the names of their fields, in the order that the dialog shows them in."""
FLOORS = tuple(value for value, _ in DECLARED["floor"].choices)


def load(path: Path) -> Settings:
    """Read the settings. A value that makes no sense has its default.

    A file that cannot be understood is put aside, never overwritten.

    Raises SettingsError where the file is there and cannot be read.
    """
    try:
        return peek(path)
    except FileNotFoundError:
        return Settings()
    except ValueError as error:
        logger.warning("%s", error)
    aside = path.with_suffix(".broken.json")
    logger.warning("The settings make no sense; they are put aside as %s", aside.name)
    try:
        path.replace(aside)
    except OSError as error:
        raise SettingsError(tr("the settings make no sense: {path}").format(path=path)) from error
    return Settings()


def peek(path: Path) -> Settings:
    """Read the settings and change nothing.

    Raises FileNotFoundError, ValueError where they cannot be understood, and SettingsError.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(
            tr("the settings cannot be read: {error}").format(error=error)
        ) from error
    if not isinstance(values, dict) or not isinstance(values.get("folders", []), list):
        raise ValueError("the settings are not what they should be")
    return _from(values)


def save(path: Path, settings: Settings) -> None:
    """Write the settings beside the old ones, then put them in their place.

    Raises SettingsError.
    """
    try:
        text = json.dumps(
            _unknown(path) | dataclasses.asdict(settings), indent=2, ensure_ascii=False
        )
        write_private(path, text.encode())
    except (OSError, UnicodeEncodeError) as error:
        said = tr("the settings cannot be saved in {folder}: {trouble}")
        raise SettingsError(said.format(folder=path.parent, trouble=_trouble(error))) from error


def _trouble(error: OSError | UnicodeEncodeError) -> str:
    if isinstance(error, UnicodeEncodeError):
        return tr("a name in them is not valid UTF-8")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return tr("the disk is full, make room")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return tr("give yourself the right to write in that folder")
    return error.strerror or str(error)


def _unknown(path: Path) -> dict[str, Any]:
    """Return what a later version has saved besides: it is not ours to drop."""
    known = {one.name for one in dataclasses.fields(Settings)}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (ValueError, RecursionError):
        # Somebody has edited it, and made a mistake; that is not to be lost.
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".broken.json"))
        return {}
    pairs = values.items() if isinstance(values, dict) else ()
    return {name: value for name, value in pairs if name not in known}


def _from(values: dict[str, Any]) -> Settings:
    known = {one.name: one.default for one in dataclasses.fields(Settings)}
    return Settings(**{
        name: _sensible(name, values[name], default)
        for name, default in known.items() if name in values
    })  # fmt: skip


def _sensible(name: str, value: object, default: object) -> Any:  # noqa: ANN401
    """Return a value as its setting has it, or the default where that cannot be."""
    if isinstance(default, tuple):
        texts = value if isinstance(value, list) else []
        return tuple(text for text in texts if isinstance(text, str) and text)
    declared = DECLARED.get(name)
    allowed = [choice for choice, _ in declared.choices] if declared is not None else []
    if type(value) is not type(default) or (allowed and value not in allowed):
        return default
    if declared is not None and declared.bounds is not None and isinstance(value, int):
        least, most = declared.bounds
        return value if least <= value <= most else default
    return value
