"""Which files and folders are the program's: all that `--remove-data` may remove, and no more.

In the folders that the system has for this program, names tell. A folder that the user named may be
anybody's, perhaps by mistake: it counts only where something in it can be nobody else's, and in it
a file that many programs have, such as settings.json, only where its content is of this program.
"""

import dataclasses
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from notesearch.core.database import DATABASE, FILES
from notesearch.paths import IDENTITY, UserPaths, is_library
from notesearch.settings import Settings

_LARGEST = 4_000_000
"""No text file of the program has so many bytes, except the log."""
_FEWEST = 6
"""So many names of settings, and no others, are not in a file of another program."""


def used(user: UserPaths) -> bool:
    """Say whether the program has kept something in its folders, and nobody else can have."""
    if not user.named:
        return True
    return (
        bool(_text(user.checked_models) and _is_models(user.checked_models))
        or _is_settings(user.settings)
        or any(os.path.isfile(one / DATABASE) for one in _libraries(user))  # noqa: PTH113  # never raises
    )


def files(user: UserPaths) -> Iterator[Path]:
    """Yield all that are there, without the locks; links as they are."""
    for path, is_ours in _with_tests(user):
        if os.path.lexists(path) and (is_ours(path) or not user.named):
            yield path
    log = re.compile(re.escape(user.log_file.name) + r"(\.\d+)?")
    yield from (one for one in inside(user.log) if log.fullmatch(one.name))
    libraries = _libraries(user)
    if user.libraries.is_symlink():
        yield from [user.libraries] if libraries or not user.named else []
        return
    for library in libraries:
        if library.is_symlink():
            yield library
        else:
            yield from (path for name in FILES if os.path.lexists(path := library / name))


def locks(user: UserPaths) -> tuple[Path, ...]:
    """Return the lock files, also those that are not there: of the window, its start, a writer."""
    every = user.instance_lock, user.data / "starting.lock", user.lock
    return tuple(one for one in every if not user.named or _may_be_lock(one))


def folders(user: UserPaths) -> Iterator[Path]:
    """Yield the folders that the program makes, those inside of others first."""
    if not user.libraries.is_symlink():
        yield from (p for p in _libraries(user) if p.is_dir() and not p.is_symlink())
        yield user.libraries
    yield from dict.fromkeys((user.log, user.config, user.data))
    if not user.named and user.log.parent.name == user.data.name:
        # Of logs alone, on some systems.
        yield user.log.parent


def inside(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where it is not there, or may not be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _libraries(user: UserPaths) -> list[Path]:
    return [one for one in inside(user.libraries) if is_library(one)]


# What a file holds ----------------------------------------------------------------------------


def _with_tests(user: UserPaths) -> list[tuple[Path, Callable[[Path], bool]]]:
    return [
        (user.settings, _is_settings), (user.settings.with_suffix(".new"), _is_settings),
        (user.settings.with_suffix(".broken.json"), _is_settings),
        (user.window, _is_window), (user.window.with_suffix(".new"), _is_window),
        (user.history, _is_history), (user.history.with_suffix(".new"), _is_history),
        (user.checked_models, _is_models), (user.dialogs, _is_of_dialogs),
    ]  # fmt: skip


def _is_settings(path: Path) -> bool:
    """Also of a file that somebody has made a mistake in; not of one with names of others."""
    text, known = _text(path) or "", {one.name for one in dataclasses.fields(Settings)}
    values = _values(path)
    names = set(values) if isinstance(values, dict) else {n for n in known if f'"{n}"' in text}
    return names <= known and "folders" in names and len(names) >= _FEWEST


def _is_window(path: Path) -> bool:
    values = _values(path)
    return isinstance(values, dict) and set(values) == {"window", "maximized", "panes"}


def _is_history(path: Path) -> bool:
    """Texts, written as this program does."""
    values = _values(path)
    texts = isinstance(values, list) and all(isinstance(one, str) for one in values)
    return texts and bool(values) and json.dumps(values) == _text(path)


def _is_models(path: Path) -> bool:
    """Also where none has passed its check yet."""
    text = _text(path)
    return text is not None and all(re.fullmatch(IDENTITY, line) for line in text.splitlines())


def _is_of_dialogs(path: Path) -> bool:
    return (_text(path) or "").startswith("[FileDialog]\n")


def _may_be_lock(path: Path) -> bool:
    """Say whether nothing is in it, or it is not there."""
    try:
        found = path.lstat()
    except OSError:
        return not os.path.lexists(path)
    return stat.S_ISREG(found.st_mode) and not found.st_size


def _values(path: Path) -> object:
    try:
        return json.loads(_text(path) or "")
    except (ValueError, RecursionError):
        return None


def _text(path: Path) -> str | None:
    """Return what is in a file; None where it is none, or cannot be text of the program."""
    try:
        small = path.is_file() and path.stat().st_size < _LARGEST
        return path.read_text(encoding="utf-8") if small else None
    except (OSError, UnicodeError):
        return None
