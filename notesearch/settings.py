"""What the user decides: one immutable value, each setting declared once, kept in one file."""

import dataclasses
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notesearch.paths import open_private

MAX_THREADS = 64
FLOORS = ("strict", "normal", "loose")

logger = logging.getLogger(__name__)


class SettingsError(Exception):
    """The settings cannot be written; says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    folders: tuple[str, ...] = ()
    """Folders whose notes are searched, absolute."""
    ignored: tuple[str, ...] = ()
    """What is left out of every folder: patterns as in .gitignore, relative to the folder."""
    threads: int = 0
    """Threads that embed in the background; 0: half of the processors."""
    floor: str = "normal"
    """How close a note must be to be a match: one of FLOORS."""
    told: tuple[str, ...] = ()
    """Names of the notices that the user has seen and put away."""

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
        raise SettingsError(f"the settings make no sense: {path}") from error
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
        raise SettingsError(f"the settings cannot be read: {error}") from error
    if not isinstance(values, dict) or not isinstance(values.get("folders", []), list):
        raise ValueError("the settings are not what they should be")
    return _from(values)


def save(path: Path, settings: Settings) -> None:
    """Write the settings beside the old ones, then put them in their place.

    Raises SettingsError.
    """
    temporary = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(temporary, "w", encoding="utf-8", opener=open_private) as file:
            json.dump(dataclasses.asdict(settings), file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise SettingsError(f"the settings cannot be saved: {error}") from error


def _from(values: dict[str, Any]) -> Settings:
    threads = values.get("threads")
    return Settings(
        folders=_texts(values.get("folders")),
        ignored=_texts(values.get("ignored")),
        threads=threads if isinstance(threads, int) and 0 <= threads <= MAX_THREADS else 0,
        floor=values["floor"] if values.get("floor") in FLOORS else "normal",
        told=_texts(values.get("told")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(t for t in value if isinstance(t, str)) if isinstance(value, list) else ()
