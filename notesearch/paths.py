"""Where things are: the files that come with the program, and those it keeps for the user."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

APP_ID = "io.github.notesearch.Notesearch"
_NAME = "notesearch"
DATA_DIR_VARIABLE = "NOTESEARCH_DATA_DIR"

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

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.json"

    @property
    def window(self) -> Path:
        """Where the window was last."""
        return self.data / "window.json"

    @property
    def log_file(self) -> Path:
        """The log. It never holds text of notes or queries."""
        return self.log / "notesearch.log"

    @property
    def lock(self) -> Path:
        """Held by whoever brings the library in line with the notes."""
        return self.data / "writer.lock"

    @property
    def checked_models(self) -> Path:
        """Which models have passed their self-check."""
        return self.data / "checked-models.txt"

    def library(self, model_name: str, identity: str) -> Path:
        """The library of one model: vectors of two models cannot be compared."""
        return self.data / "libraries" / f"{model_name}-{identity}"


def user_paths(data_dir: str | None = None) -> UserPaths:
    """Return the places for this user; a folder given here or in the environment moves all."""
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        folder = Path(chosen).expanduser().absolute()
        return UserPaths(folder, folder, folder)
    dirs = platformdirs.PlatformDirs(_NAME, appauthor=False)
    return UserPaths(dirs.user_config_path, dirs.user_data_path, dirs.user_log_path)
