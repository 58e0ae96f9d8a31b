"""The desktop program: puts the pieces together. The only module that knows them all."""

import contextlib
import dataclasses
import gc
import logging
import logging.handlers
import os
import shutil
import signal
import sys
import time
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from notesearch import __version__, launch, paths, settings
from notesearch.core import report
from notesearch.core.access import LoadEncoder, load_encoder
from notesearch.core.engine import Engine
from notesearch.core.notes import Failure, Folder, Hit, Problem, Progress, State
from notesearch.core.query import SYNTAX
from notesearch.gui import geometry
from notesearch.gui.bridge import Bridge
from notesearch.gui.error_dialog import ErrorDialog
from notesearch.gui.folders_dialog import FoldersDialog
from notesearch.gui.main_window import MainWindow
from notesearch.gui.problems_dialog import ProblemsDialog
from notesearch.paths import UserPaths
from notesearch.settings import Settings, SettingsError

logger = logging.getLogger(__name__)

FAILURE = 3
LOG_BYTES = 1_000_000
TICK_MS = 1_000
FULL_COLLECTION_TICKS = 60
RESCAN_SECONDS = 10.0
"""Coming back to the window compares everything with the disk, at most so often."""
SWITCH_SECONDS = 0.001
"""How soon a busy thread makes way for the window's: Python's own 5 ms add up to a stutter."""
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
        self._read_at = _changed_at(user.settings)
        self._rescanned_at = time.monotonic()
        self._progress = Progress(State.STARTING)
        self._problems: tuple[Problem, ...] = ()
        self._offered: tuple[str, ...] = ()
        """The folders that the dialog about them was opened with."""
        self._dialogs: dict[type, FoldersDialog | ProblemsDialog | ErrorDialog] = {}
        self.window = MainWindow(SYNTAX)
        self.bridge = Bridge(lambda listener: Engine(user, load, self._settings, listener))
        self._connect()
        self.window.set_folders(self._settings.folders)
        self.window.set_told(self._settings.told)
        geometry.restore(self.window, self.window.results, user.window)
        self._ticks = 0
        self._ticking = QTimer(self, interval=TICK_MS)
        self._ticking.timeout.connect(self._tick)

    def start(self) -> None:
        """Show the window, then start the engine: the window is there at once."""
        self.window.show()
        self.window.box.setFocus()
        # A collection in a worker thread could destroy an object of Qt there, which crashes.
        gc.disable()
        self._ticking.start()
        QTimer.singleShot(0, self.bridge.start)

    def tell_unexpected(self, error: BaseException) -> None:
        """Log and show what nobody expected."""
        logger.critical("Unexpected\n%s", report.describe(error))
        self._show_failure(report.full_report(error))

    def _connect(self) -> None:
        window, bridge = self.window, self.bridge
        bridge.told.connect(window.take)
        bridge.told.connect(self._take)
        window.asked.connect(bridge.ask)
        window.glanced.connect(bridge.glance)
        window.relate_wanted.connect(bridge.relate)
        window.find_out_wanted.connect(bridge.find_out)
        window.pause_wanted.connect(bridge.pause)
        window.refresh_wanted.connect(bridge.refresh)
        window.activated.connect(self._come_back)
        window.closing.connect(self._keep_geometry)
        window.open_requested.connect(self._open)
        window.note_requested.connect(self._open_file)
        window.link_requested.connect(self._open_link)
        window.folders_chosen.connect(self._add_folders)
        window.samples_requested.connect(self._add_samples)
        window.folders_wanted.connect(self._show_folders)
        window.problems_wanted.connect(self._show_problems)
        window.report_wanted.connect(self._copy_report)
        window.notice_put_away.connect(self._put_away)

    # What the engine says -----------------------------------------------------------------

    @Slot(object)
    def _take(self, message: object) -> None:
        """Pass on what dialogs show."""
        match message:
            case Progress(folders=folders):
                before, self._progress = self._progress, message
                dialog = self._dialogs.get(FoldersDialog)
                if isinstance(dialog, FoldersDialog) and folders != before.folders:
                    dialog.show_folders(folders)
            case tuple():
                self._problems = message
                dialog = self._dialogs.get(ProblemsDialog)
                if isinstance(dialog, ProblemsDialog):
                    dialog.show_problems(message)
            case Failure(report=text):
                self._show_failure(text)

    # What the user wants ------------------------------------------------------------------

    @Slot(object)
    def _open(self, hit: Hit) -> None:
        self._open_file(hit.file)

    @Slot(object)
    def _open_file(self, file: Path) -> None:
        try:
            launch.open_note(file)
        except launch.LaunchError as error:
            self.window.show_error(str(error))

    @Slot(str)
    def _open_link(self, link: str) -> None:
        if not QDesktopServices.openUrl(QUrl(link)):
            self.window.show_error(f"No program is known that opens {link}")

    @Slot(object)
    def _reveal(self, file: Path) -> None:
        try:
            launch.reveal(file)
        except launch.LaunchError as error:
            self.window.show_error(str(error))

    @Slot(list)
    def _add_folders(self, folders: list[Path]) -> None:
        self._change(lambda now: now.with_folders(*folders))

    @Slot()
    def _add_samples(self) -> None:
        self._add_folders([paths.SAMPLE_NOTES])

    @Slot(str)
    def _put_away(self, notice: str) -> None:
        """Remember that a notice is not to come again."""

        def change(now: Settings) -> Settings:
            return dataclasses.replace(now, told=tuple(dict.fromkeys((*now.told, notice))))

        self._change(change)

    @Slot(list, list)
    def _set_folders(self, folders: list[str], ignored: list[str]) -> None:
        removed = set(self._offered) - set(folders)

        def change(now: Settings) -> Settings:
            kept = [folder for folder in now.folders if folder not in removed]
            together = tuple(dict.fromkeys((*kept, *folders)))
            return dataclasses.replace(now, folders=together, ignored=tuple(ignored))

        self._change(change)

    @Slot()
    def _show_folders(self) -> None:
        self._offered = self._settings.folders
        known = {folder.path: folder for folder in self._progress.folders}
        folders = [
            dataclasses.replace(known.get(os.path.realpath(path), Folder(path, 0)), path=path)
            for path in self._offered
        ]
        dialog = FoldersDialog(folders, self._settings.ignored, self.window)
        dialog.changed.connect(self._set_folders)
        self._open_dialog(dialog)

    @Slot()
    def _show_problems(self) -> None:
        dialog = ProblemsDialog(self._problems, self.window)
        dialog.reveal_wanted.connect(self._reveal)
        dialog.retry_wanted.connect(self.bridge.refresh)
        self._open_dialog(dialog)

    @Slot()
    def _copy_report(self) -> None:
        around = _around(self._settings) | _disk(self._user)
        log = _lines(self._user.log_file)
        text = report.diagnosis(self._progress, self._problems, around, log)
        QGuiApplication.clipboard().setText(text)

    def _show_failure(self, text: str) -> None:
        shown = self._dialogs.get(ErrorDialog)
        if isinstance(shown, ErrorDialog):
            shown.add(text)
        else:
            self._open_dialog(ErrorDialog(text, self._user.log_file, self.window))

    def _open_dialog(self, dialog: FoldersDialog | ProblemsDialog | ErrorDialog) -> None:
        kind = type(dialog)
        self._dialogs[kind] = dialog
        dialog.finished.connect(lambda: self._dialogs.pop(kind, None))
        dialog.open()

    # Settings -----------------------------------------------------------------------------

    def _change(self, change: settings.Change) -> None:
        """Save other settings and go by them."""
        try:
            # Read again: the command line may have changed them meanwhile.
            changed = change(self._peek())
            settings.save(self._user.settings, changed)
        except SettingsError as error:
            self.window.show_error(str(error))
            return
        self._apply(changed)

    def _peek(self) -> Settings:
        """Read the settings; while they cannot be, as when an editor writes them, keep these."""
        with contextlib.suppress(FileNotFoundError, ValueError, SettingsError):
            return settings.peek(self._user.settings)
        return self._settings

    def _apply(self, changed: Settings) -> None:
        self._settings, self._read_at = changed, _changed_at(self._user.settings)
        self.bridge.apply(changed)
        self.window.set_folders(changed.folders)
        self.window.set_told(changed.told)

    @Slot()
    def _tick(self) -> None:
        """Take up settings that another process has saved, as `notesearch index FOLDER` does.

        It also collects garbage, and lets Python look at signals, for which it has to run.
        """
        self._ticks += 1
        gc.collect(1 if self._ticks % FULL_COLLECTION_TICKS else 2)
        if _changed_at(self._user.settings) == self._read_at:
            return
        now = self._peek()
        if now != self._settings:
            self._apply(now)

    @Slot()
    def _come_back(self) -> None:
        """The user was elsewhere, perhaps in an editor."""
        if time.monotonic() - self._rescanned_at >= RESCAN_SECONDS:
            self._rescanned_at = time.monotonic()
            self.bridge.refresh()

    @Slot()
    def _keep_geometry(self) -> None:
        geometry.keep(self.window, self.window.results, self._user.window)


def run(user: UserPaths) -> int:
    """Open the window and stay until it is closed; return the exit code."""
    if not _has_screen():
        sys.stderr.write(NO_SCREEN)
        return FAILURE
    _log_to(user)
    sys.setswitchinterval(SWITCH_SECONDS)
    application = QApplication(["notesearch"])
    application.setApplicationName("notesearch")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(paths.APP_ID)
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(paths.RESOURCES / "icons" / "notesearch.svg")))
    desktop = Desktop(user, partial(load_encoder, paths.MODEL, user))
    sys.excepthook = partial(_tell_unexpected, desktop)
    application.aboutToQuit.connect(desktop.bridge.stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python calls this between any two of its steps, in the middle of whatever it does.
        signal.signal(number, lambda *_: QTimer.singleShot(0, application.quit))
    desktop.start()
    return application.exec()


def _has_screen() -> bool:
    """Say whether Qt would find a display; without one it ends the process with a signal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _around(now: Settings) -> dict[str, str]:
    """Return what a diagnostic report says of the settings and the screen."""
    screens = (
        f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    )
    return {
        "Left out": f"{len(now.ignored)} {'pattern' if len(now.ignored) == 1 else 'patterns'}",
        "Floor": now.floor,
        "Threads": f"{now.indexing_threads} of {os.cpu_count()}",
        "Qt platform": QGuiApplication.platformName(),
        "Screens": ", ".join(screens),
    }


def _disk(user: UserPaths) -> dict[str, str]:
    """Return how much room there is on the disk, and how large the files of the libraries are."""
    sizes: dict[str, list[float]] = {}
    with contextlib.suppress(OSError):
        sizes["Free disk space"] = [shutil.disk_usage(user.data).free]
        for file in sorted(user.data.glob("libraries/*/*")):
            sizes.setdefault(file.name, []).append(file.stat().st_size)
    return {
        name: " and ".join(f"{size / 1e6:,.1f} MB" for size in many) for name, many in sizes.items()
    }


def _lines(log: Path) -> list[str]:
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


class _LogFormatter(logging.Formatter):
    """Describes errors without their messages, which may quote a note."""

    def formatException(  # noqa: N802  # logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return report.describe(ei[1]) if ei[1] is not None else ""


class _PrivateLog(logging.handlers.RotatingFileHandler):
    """A log that only the user may read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=paths.open_private)


def _log_to(user: UserPaths) -> None:
    """Write the log where this user's logs are. It never holds text of notes or queries."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        user.make()
        handlers.append(_PrivateLog(
            user.log_file, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8"
        ))  # fmt: skip
    except OSError as error:
        logger.warning("There is no log file: %s", error)
    for handler in handlers:
        handler.setFormatter(_LogFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    handlers[0].setLevel(logging.WARNING)


def _tell_unexpected(
    desktop: Desktop, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    desktop.tell_unexpected(error.with_traceback(trace))
