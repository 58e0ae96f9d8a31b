"""A folder apart from all that is the user's, for what is tried out on the sample notes."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from notesearch import paths, settings
from notesearch.errands import FAILURE, ErrandError
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
_SCREENS = {"WAYLAND_DISPLAY": "wayland", "DISPLAY": "xcb"}
"""What names a screen, and Qt's platform for it, in the order in which Qt tries them."""


@contextlib.contextmanager
def folder_apart() -> Iterator[Path]:
    """Make a folder that is removed afterwards; what libraries write meanwhile goes there too.

    Where no screen can be reached, Qt is to paint without one from then on. Raises ErrandError.
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


@contextlib.contextmanager
def hearing_qt(
    folder: Path, hear: Callable[[str], object], end: Callable[[str], object]
) -> Iterator[None]:
    """Hear what Qt warns of; where it gives up, hear that, and the process ends without a trace.

    folder: removed then.
    """
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler  # noqa: PLC0415  # Qt, late

    warns = {QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg}

    def take(kind: QtMsgType, _context: object, text: str) -> None:
        if kind is QtMsgType.QtFatalMsg:
            shutil.rmtree(folder, ignore_errors=True)
            end(_advised(text))
            # Qt would leave a dump of the memory.
            os._exit(FAILURE)
        elif kind in warns:
            hear(text)

    before = qInstallMessageHandler(take)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def wanted_platform() -> str:
    """Return the platform of Qt that is asked for first, '' where it is the system's own."""
    return os.environ.get(_PLATFORM, "").partition(";")[0].partition(":")[0]


def notes_in(folder: Path) -> Path:
    """Return where in it the notes are."""
    return folder / "Notes"


def _lead_to(folder: Path) -> None:
    os.environ |= {variable: str(folder / name) for variable, name in _FOLDERS.items()}
    if not _is_ours(os.environ.get(_RUNTIME, "")):
        # Qt would say so, and make a folder that stays. After `su` it is another user's.
        (folder / "runtime").mkdir(mode=0o700)
        os.environ[_RUNTIME] = str(folder / "runtime")
    if not (os.environ.get(_BUS) or Path(os.environ[_RUNTIME], "bus").exists()):
        # libdbus would start one, that goes on, and write down in the home where it is.
        os.environ[_BUS] = "disabled:"
    if sys.platform not in {"win32", "darwin"} and not os.environ.get(_PLATFORM):
        # A screen that is named may be gone, and Qt then takes the next one.
        named = [platform for name, platform in _SCREENS.items() if os.environ.get(name)]
        os.environ[_PLATFORM] = ";".join((*named, OFFSCREEN))


def _is_ours(runtime: str) -> bool:
    """Say whether a folder can be used as the user's for what runs."""
    if not os.access(runtime, os.W_OK | os.X_OK):
        return False
    return sys.platform == "win32" or Path(runtime).stat().st_uid == os.getuid()


def _advised(text: str) -> str:
    """Return what Qt says when it gives up, and what to do where the user chose the platform."""
    said, asked_for = " ".join(text.split()), os.environ.get(_PLATFORM, OFFSCREEN)
    if "platform plugin" not in said or OFFSCREEN in asked_for:
        return said
    advice = tr("Qt cannot use the platform {name}: name another one by QT_QPA_PLATFORM, such as "
                "offscreen, or unset that ({said})")  # fmt: skip
    return advice.format(name=asked_for, said=said)
