"""Where things are: the files that come with the program, and those it keeps for the user."""

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_ID = "io.github.notesearch.Notesearch"
_NAME = "notesearch"
DATA_DIR_VARIABLE = "NOTESEARCH_DATA_DIR"

IDENTITY = r"[0-9a-f]{16}"
"""Of a model."""
_LIBRARY = re.compile(rf"[\w.-]+-{IDENTITY}")

_PACKAGE = Path(__file__).resolve().parent
# Installed, the folders are data of the package; in the source tree and in a frozen bundle they
# stand beside it.
BUNDLED = _PACKAGE / "_data" if (_PACKAGE / "_data").is_dir() else _PACKAGE.parent

MODEL = BUNDLED / "models" / "all-MiniLM-L6-v2"
RESOURCES = BUNDLED / "resources"
SAMPLE_NOTES = RESOURCES / "sample-notes"


@dataclass(frozen=True, slots=True)
class UserPaths:
    """Everything the program keeps for one user."""

    config: Path
    data: Path
    log: Path
    named: bool = False
    """Whether the user named the folder: where it was there before, who may enter it is theirs."""

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.json"

    @property
    def window(self) -> Path:
        """Where the window was last."""
        return self.data / "window.json"

    @property
    def history(self) -> Path:
        """What was searched for."""
        return self.data / "history.json"

    @property
    def dialogs(self) -> Path:
        """Where Qt's dialog for files keeps which folders were looked into; the name is Qt's."""
        return self.config / "QtProject.conf"

    @property
    def log_file(self) -> Path:
        """The log. It never holds text of notes or queries."""
        return self.log / "notesearch.log"

    @property
    def lock(self) -> Path:
        """Held by whoever brings the library in line with the notes."""
        return self.data / "writer.lock"

    @property
    def instance_lock(self) -> Path:
        """Held by the one notesearch that has a window."""
        return self.data / "instance.lock"

    @property
    def checked_models(self) -> Path:
        """Which models have passed their self-check."""
        return self.data / "checked-models.txt"

    def library(self, model_name: str, identity: str) -> Path:
        """The library of one model: vectors of two models cannot be compared."""
        # Whatever a model calls itself, its library is not elsewhere.
        return self.libraries / re.sub(r"[^\w.-]", "_", f"{model_name}-{identity}")

    @property
    def libraries(self) -> Path:
        """The libraries of all models."""
        return self.data / "libraries"

    def make(self) -> None:
        """Make the folders, and see to it that only the user may read what is in them.

        Also what an earlier version left open to others. Raises OSError.
        """
        for folder in (self.config, self.data, self.log):
            if not (self.named and folder.is_dir()):
                make_private(folder)
        make_private(self.libraries)
        for file in (
            self.settings, self.settings.with_suffix(".broken.json"), self.window, self.lock,
            self.instance_lock, self.history, self.checked_models, self.dialogs,
            *self.log.glob(f"{self.log_file.name}*"),
        ):  # fmt: skip
            if file.is_file():
                _close_to_others(file, 0o600)


def is_library(folder: Path) -> bool:
    """Say whether a folder is called as those are that `UserPaths.library` returns.

    Other things may be beside them, where the user named the folder for all.
    """
    return bool(_LIBRARY.fullmatch(folder.name))


def user_paths(data_dir: str | None = None) -> UserPaths:
    """Return the places for this user; a folder given here or in the environment moves all."""
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        folder = Path(chosen).expanduser().absolute()
        return UserPaths(folder, folder, folder, named=True)
    dirs = platformdirs.PlatformDirs(_NAME, appauthor=False)
    return UserPaths(dirs.user_config_path, dirs.user_data_path, dirs.user_log_path)


def make_private(folder: Path) -> None:
    """Make a folder that only the user may enter, whatever the umask; also if it is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _close_to_others(folder, 0o700)


def open_private(path: str, flags: int) -> int:
    """Open a file that only the user may read, whatever the umask: an opener for open()."""
    descriptor = os.open(path, flags, 0o600)
    # One that was there keeps its mode otherwise.
    _close_to_others(Path(path), 0o600)
    return descriptor


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only the user may read beside an old one, then put it in its place.

    Until then it has the suffix .new, and whatever goes wrong the old one stays as it was.
    Raises OSError.
    """
    temporary = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with open(temporary, "wb", opener=open_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _close_to_others(place: Path, mode: int) -> None:
    """Let only the user read. Windows does so by other means than a mode."""
    # Disks without modes refuse, and so does what belongs to somebody else.
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            place.chmod(mode)
