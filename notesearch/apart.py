"""A folder apart from all that is the user's, for what is tried out on the sample notes."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from notesearch import paths, remote, settings
from notesearch.errands import ErrandError
from notesearch.paths import UserPaths
from notesearch.settings import Settings
from notesearch.translation import tr

_FOLDERS = {
    "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "share",
    "XDG_STATE_HOME": "state",
}  # fmt: skip
"""Where the system's libraries, such as the one for fonts, write of their own."""
_RUNTIME, _PLATFORM = "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM"
_BUS = "DBUS_SESSION_BUS_ADDRESS"
OFFSCREEN = "offscreen"
"""The platform of Qt that needs no screen."""


@contextlib.contextmanager
def folder_apart() -> Iterator[Path]:
    """Make a folder that is removed afterwards; what libraries write meanwhile goes there too.

    Where there is no screen, Qt is to paint without one from then on. Raises ErrandError.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix="notesearch-")
    except OSError as error:
        raise ErrandError(
            tr("the folder for temporary files cannot be used ({error}): make room there, or name "
               "another one by the variable TMPDIR").format(error=error)
        ) from error  # fmt: skip
    before = {name: os.environ.get(name) for name in (*_FOLDERS, _RUNTIME, _PLATFORM, _BUS)}
    try:
        with temporary as name:
            folder = Path(name).resolve()
            _lead_to(folder)
            yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def set_up(folder: Path) -> UserPaths:
    """Put the sample notes and settings that know them into a folder.

    The settings ask for nothing that belongs to the whole desktop. Raises ErrandError.
    """
    notes = notes_in(folder)
    if not any(paths.SAMPLE_NOTES.rglob("*.md")):
        raise ErrandError(
            tr("the sample notes are not in {folder}: install notesearch again").format(
                folder=paths.SAMPLE_NOTES
            )
        )
    shutil.copytree(paths.SAMPLE_NOTES, notes)
    user = paths.user_paths(str(folder / "data"))
    chosen = Settings(appearance="light", battery=False, hotkey="", stays_in_tray=False)
    settings.save(user.settings, chosen.with_folders(notes))
    return user


def notes_in(folder: Path) -> Path:
    """Return where in it the notes are."""
    return folder / "Notes"


def _lead_to(folder: Path) -> None:
    os.environ |= {variable: str(folder / name) for variable, name in _FOLDERS.items()}
    if _RUNTIME not in os.environ:
        # Qt would say so, and make a folder that stays.
        (folder / "runtime").mkdir(mode=0o700)
        os.environ[_RUNTIME] = str(folder / "runtime")
    if not (os.environ.get(_BUS) or Path(os.environ[_RUNTIME], "bus").exists()):
        # libdbus would start one, that goes on, and write down in the home where it is.
        os.environ[_BUS] = "disabled:"
    if not remote.has_screen():
        os.environ[_PLATFORM] = OFFSCREEN
