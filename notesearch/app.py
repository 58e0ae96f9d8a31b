"""The desktop program: puts the pieces together. The only module that knows them all."""

import logging
import logging.handlers
import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from notesearch import __version__, launch, paths, settings
from notesearch.core.engine import Engine, LoadEncoder, load_encoder
from notesearch.core.notes import Hit
from notesearch.gui.bridge import Bridge
from notesearch.gui.main_window import MainWindow
from notesearch.paths import UserPaths
from notesearch.settings import Settings, SettingsError

logger = logging.getLogger(__name__)

FAILURE = 3
LOG_BYTES = 1_000_000
SIGNAL_CHECK_MS = 500
NO_SCREEN = (
    "notesearch: there is no screen to open a window on; "
    "the commands index and search work without one\n"
)


class Desktop(QObject):
    """The window and the engine behind it; owns the settings in force."""

    def __init__(self, user: UserPaths, load: LoadEncoder) -> None:
        super().__init__()
        self._user = user
        self._settings = settings.load(user.settings)
        self.window = MainWindow()
        self.bridge = Bridge(
            lambda listener: Engine(
                user, load, _folders(self._settings), listener,
                threads=self._settings.indexing_threads,
            )
        )  # fmt: skip
        self.bridge.told.connect(self.window.take)
        self.window.asked.connect(self.bridge.ask)
        self.window.open_requested.connect(self._open)
        self.window.folders_chosen.connect(self._add_folders)
        self.window.samples_requested.connect(self._add_samples)
        self.window.set_folders(self._settings.folders)

    def start(self) -> None:
        """Show the window, then start the engine: the window is there at once."""
        self.window.show()
        self.window.box.setFocus()
        QTimer.singleShot(0, self.bridge.start)

    @Slot(object)
    def _open(self, hit: Hit) -> None:
        try:
            launch.open_note(hit.file)
        except launch.LaunchError as error:
            self.window.show_error(str(error))

    @Slot(list)
    def _add_folders(self, folders: list[Path]) -> None:
        try:
            # Read again: the command line may have added folders meanwhile.
            added = settings.load(self._user.settings).with_folders(*folders)
            settings.save(self._user.settings, added)
        except SettingsError as error:
            self.window.show_error(str(error))
            return
        self._settings = added
        self.window.set_folders(added.folders)
        self.bridge.refresh(_folders(added))

    @Slot()
    def _add_samples(self) -> None:
        self._add_folders([paths.SAMPLE_NOTES])


def run(user: UserPaths) -> int:
    """Open the window and stay until it is closed; return the exit code."""
    if not _has_screen():
        sys.stderr.write(NO_SCREEN)
        return FAILURE
    _log_to(user.log)
    sys.excepthook = _log_unexpected
    application = QApplication(["notesearch"])
    application.setApplicationName("notesearch")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(paths.APP_ID)
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(paths.RESOURCES / "icons" / "notesearch.svg")))
    desktop = Desktop(user, partial(load_encoder, paths.MODEL, user))
    application.aboutToQuit.connect(desktop.bridge.stop)
    signal.signal(signal.SIGINT, lambda *_: application.quit())
    signal.signal(signal.SIGTERM, lambda *_: application.quit())
    # Python looks at signals only when it runs; Qt's loop would keep it waiting.
    ticking = QTimer(interval=SIGNAL_CHECK_MS)
    ticking.timeout.connect(lambda: None)
    ticking.start()
    desktop.start()
    return application.exec()


def _has_screen() -> bool:
    """Say whether Qt would find a display; without one it ends the process with a signal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _folders(chosen: Settings) -> tuple[Path, ...]:
    return tuple(Path(folder) for folder in chosen.folders)


def _log_to(folder: Path) -> None:
    """Write the log where this user's logs are. It never holds text of notes or queries."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.handlers.RotatingFileHandler(
            folder / "notesearch.log", maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8"
        ))  # fmt: skip
    except OSError as error:
        logger.warning("There is no log file: %s", error)
    logging.basicConfig(
        level=logging.INFO, handlers=handlers, force=True,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )  # fmt: skip
    handlers[0].setLevel(logging.WARNING)


def _log_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    logger.critical("Unexpected", exc_info=(kind, error, trace))
