"""Folders of notes that are on this machine, to be offered at the first run.

Programs for notes keep lists of their folders; what no list names is looked for in the usual
places. Names are looked at, and the programs' lists; no note is read, and nothing is fetched.
"""

import itertools
import json
import os
import re
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notesearch.core.ignore import is_note, is_searched, is_unicode, outermost, walk
from notesearch.core.library import Found
from notesearch.core.notes import is_placeholder

OBSIDIAN, LOGSEQ, ZETTLR, JOPLIN, FOLDER = "Obsidian", "Logseq", "Zettlr", "Joplin", "folder"
COUNT_SECONDS = 2.0
"""How long the notes of one folder are counted at most."""
LOOK_SECONDS = 4.0
LOOK_ENTRIES = 40_000
FOLDER_ENTRIES = 4_000
"""How many entries of one folder are looked at."""
DEPTH = 3
LIST_BYTES = 4_000_000
"""A larger file is no list of folders."""

_PLACES = (
    "Documents", "Desktop", "Dropbox", "Nextcloud", "OneDrive", "Notes",
    "Library/Mobile Documents/iCloud~md~obsidian/Documents",
)  # fmt: skip
_SYSTEM = {"darwin": ("Applications", "Library"), "win32": ("AppData",), "linux": ("snap",)}
"""Folders in the home folder that are the programs' own."""
_GRAPH = re.compile(r"logseq_local_(.+)\.transit")
_JOPLIN_NOTE = re.compile(r"[0-9a-f]{32}\.md")
RAW_NOTES = 2
"""How many files named like Joplin's own make a folder an export."""
NOTEBOOKS = 20
"""How many folders of an export are looked into for a note."""
_JUNCTION = 0xA0000003
"""Windows' other kind of link to a folder."""

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder of notes."""

    path: Path
    kind: str
    """The program that it belongs to, or FOLDER."""
    notes: int
    more: bool = False
    """Whether there may be more notes: counting them all would have taken too long."""


def find_vaults(
    home: Path | None = None,
    env: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    stopped: Stopped = lambda: False,
) -> Iterator[Vault]:
    """Yield the folders of notes on this machine, each once; of nested ones the outermost.

    Those on other disks come last, since a disk that does not answer holds up the rest.
    """
    try:
        # As the folders' own paths are compared with it.
        start = Path(os.path.realpath(home or Path.home()))
    except RuntimeError:
        return
    listed = list(_listed(start, env, platform))
    near = [one for one in listed if Path(one[0]).is_relative_to(start)]
    known: dict[Path, str] = {}
    for candidates in (itertools.chain(near, _look(start, platform, stopped)), listed):
        kinds = known | _folders(candidates, start, stopped)
        for path in outermost(list(kinds)):
            if path not in known and not stopped():
                yield vault_at(path, stopped, kinds[path])
        known = kinds


def vault_at(path: Path, stopped: Stopped = lambda: False, kind: str = FOLDER) -> Vault:
    """Return what is known of a folder; kind: what it is where nothing in it says so."""
    kind = _kind(str(path), _entries(str(path))) or kind
    until = time.monotonic() + COUNT_SECONDS
    notes = 0
    for seen in walk(path):
        notes += isinstance(seen, Found)
        if stopped() or time.monotonic() > until:
            return Vault(path, kind, notes, more=True)
    return Vault(path, kind, notes)


Candidate = tuple[str, str]
"""A path, and the program that it belongs to."""


def _folders(
    candidates: Iterator[Candidate] | list[Candidate], home: Path, stopped: Stopped
) -> dict[Path, str]:
    """Return the candidates that are there, and the first kind that each was said to be.

    The home folder and what it lies in are no candidates: they would take in all others.
    """
    kinds: dict[Path, str] = {}
    for path, kind in candidates:
        if stopped():
            break
        if is_unicode(path) and _is_folder(path):
            real = Path(os.path.realpath(path))
            if not home.is_relative_to(real):
                kinds.setdefault(real, kind)
    return kinds


# The programs' own lists --------------------------------------------------------------------


def _listed(home: Path, env: Mapping[str, str], platform: str) -> Iterator[Candidate]:
    """Yield what the lists name, there or not."""
    for folder in _settings_folders("obsidian", "md.obsidian.Obsidian", home, env, platform):
        vaults = _items(_read_json(folder / "obsidian.json").get("vaults"))
        paths = [vault.get("path") for vault in vaults if isinstance(vault, dict)]
        yield from ((path, OBSIDIAN) for path in _only_paths(paths))
    yield from ((path, LOGSEQ) for path in _only_paths(_graphs(home / ".logseq" / "graphs")))
    for folder in _settings_folders("Zettlr", "com.zettlr.Zettlr", home, env, platform):
        values = _read_json(folder / "config.json")
        # Newer versions sort their settings into groups.
        for group in [values, *(v for v in values.values() if isinstance(v, dict))]:
            paths = _items(group.get("openPaths")) + _items(group.get("openWorkspaces"))
            yield from ((path, ZETTLR) for path in _only_paths(paths))


def _settings_folders(
    name: str, flatpak: str, home: Path, env: Mapping[str, str], platform: str
) -> list[Path]:
    """Return where a program may keep its settings."""
    if platform == "win32":
        return [Path(env.get("APPDATA") or home / "AppData" / "Roaming") / name]
    if platform == "darwin":
        return [home / "Library" / "Application Support" / name]
    return [
        Path(env.get("XDG_CONFIG_HOME") or home / ".config") / name,
        home / ".var" / "app" / flatpak / "config" / name,
        home / "snap" / name.lower() / "current" / ".config" / name,
    ]


def _graphs(folder: Path) -> list[object]:
    """Return the folders that Logseq's caches are named after."""
    found = (_GRAPH.fullmatch(entry.name) for entry in _entries(str(folder)))
    return [one[1].replace("+3A+", ":").replace("++", "/") for one in found if one]


def _read_json(file: Path) -> dict[str, Any]:
    """Return what a file says; nothing where it cannot be understood."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or is_placeholder(status):
            return {}
        with file.open("rb") as stream:
            values = json.loads(stream.read(LIST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _items(values: object) -> list[Any]:
    """Return what a list or a table holds."""
    if isinstance(values, dict):
        return list(values.values())
    return values if isinstance(values, list) else []


def _only_paths(values: Sequence[object]) -> list[str]:
    return [v for v in values if isinstance(v, str) and os.path.isabs(v)]  # noqa: PTH117


# The usual places ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Bounds:
    """How much is looked at in all."""

    stopped: Stopped
    entries: int = LOOK_ENTRIES
    until: float = field(default_factory=lambda: time.monotonic() + LOOK_SECONDS)

    @property
    def reached(self) -> bool:
        return self.entries <= 0 or self.stopped() or time.monotonic() > self.until


def _look(home: Path, platform: str, stopped: Stopped) -> Iterator[Candidate]:
    """Yield the folders that look like a program's, those near the usual places first."""
    disk, bounds = _disk(str(home)), _Bounds(stopped)
    seen = {str(home / name) for name in _SYSTEM.get(platform, ())}
    waiting = deque((str(home / place), 0) for place in (*_PLACES, ""))
    while waiting and not bounds.reached:
        folder, depth = waiting.popleft()
        if folder in seen or disk is None or _disk(folder) != disk:
            continue
        seen.add(folder)
        entries = _entries(folder)
        bounds.entries -= len(entries)
        kind = _kind(folder, entries)
        if kind and folder != str(home):
            yield folder, kind
        elif depth < DEPTH:
            waiting.extend((entry.path, depth + 1) for entry in entries if _is_entered(entry))


def _disk(folder: str) -> int | None:
    """Return which disk a folder is on; None for a link, and where looking would fetch names."""
    try:
        status = os.lstat(folder)
    except OSError:
        return None
    link = getattr(status, "st_reparse_tag", 0) == _JUNCTION
    there = stat.S_ISDIR(status.st_mode) and not link and not is_placeholder(status)
    return status.st_dev if there else None


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(itertools.islice(entries, FOLDER_ENTRIES))
    except OSError:
        return []


def _is_entered(entry: os.DirEntry[str]) -> bool:
    try:
        folder = entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
    return folder and is_searched(entry.name, "") and is_unicode(entry.name)


def _kind(folder: str, entries: list[os.DirEntry[str]]) -> str:
    """Say by what is in a folder which program it belongs to; '' where nothing tells."""
    place = Path(folder)
    if _is_folder(place / ".obsidian"):
        return OBSIDIAN
    if _mode(place / "logseq" / "config.edn") == stat.S_IFREG:
        return LOGSEQ
    return JOPLIN if _is_export(place, entries) else ""


def _is_folder(path: str | Path) -> bool:
    return _mode(path) == stat.S_IFDIR


def _mode(path: str | Path) -> int:
    """Return what a path leads to; 0 where nothing is there, or nobody may look."""
    try:
        return stat.S_IFMT(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return 0


def _is_export(folder: Path, entries: list[os.DirEntry[str]]) -> bool:
    """Say whether Joplin exported its notes into a folder, as Markdown or as they are."""
    if _is_folder(folder / "resources"):
        raw = sum(bool(_JOPLIN_NOTE.fullmatch(entry.name)) for entry in entries)
        if raw >= RAW_NOTES:
            return True
    if not _is_folder(folder / "_resources"):
        return False
    # Its notes are in folders named after notebooks, or loose.
    notebooks = itertools.islice(filter(_is_entered, entries), NOTEBOOKS)
    names = [entry.name for entry in entries]
    names += [entry.name for notebook in notebooks for entry in _entries(notebook.path)]
    return any(map(is_note, names))
