"""The desktop program: puts the pieces together. The only module that knows them all."""

import contextlib
import dataclasses
import gc
import logging
import os
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, Signal, Slot
from PySide6.QtGui import QFileOpenEvent, QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from notesearch import __version__, logs, paths, remote, settings
from notesearch.core import report
from notesearch.core.access import LoadEncoder, load_encoder
from notesearch.core.engine import Engine
from notesearch.core.notes import Hit, Removal, State
from notesearch.core.patterns import pattern_for
from notesearch.core.query import SYNTAX
from notesearch.dialogs import Dialogs
from notesearch.gui import geometry
from notesearch.gui.appearance import Appearance, stepped, stop_motion
from notesearch.gui.bridge import Bridge
from notesearch.gui.history import History
from notesearch.gui.main_window import MainWindow
from notesearch.instance import Instance, InstanceError, Word
from notesearch.opening import Opening
from notesearch.paths import UserPaths
from notesearch.presence import Presence
from notesearch.settings import Settings, SettingsError
from notesearch.start_up import StartUp
from notesearch.translation import tr

logger = logging.getLogger(__name__)

FAILURE = 3
TICK_MS = 1_000
FULL_COLLECTION_TICKS = 60
RESCAN_SECONDS = 10.0
"""Coming back to the window compares everything with the disk, at most so often."""
SWITCH_SECONDS = 0.001
"""How soon a busy thread makes way for the window's: Python's own 5 ms add up to a stutter."""


class Application(QApplication):
    """Says when the system ends the program, before all windows are asked to close."""

    ending = Signal(bool)
    """False: it goes on, since a window has refused."""
    reopened = Signal()
    """On a Mac, the icon in the Dock was clicked, or the program came to the front otherwise."""
    folders_opened = Signal(list)
    """On a Mac, a folder was dropped on the icon, or opened with the program."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationActivate and sys.platform == "darwin":
            self.reopened.emit()
        # What is opened can also be an address, which is no file; and "" would be this folder.
        if isinstance(event, QFileOpenEvent) and event.file() and Path(event.file()).is_dir():
            self.folders_opened.emit([Path(event.file())])
            return True
        if event.type() != QEvent.Type.Quit:
            return super().event(event)
        self.ending.emit(True)  # noqa: FBT003  # a signal's values have no names
        done = super().event(event)
        self.ending.emit(event.isAccepted())
        return done


class Desktop(QObject):
    """The window and the engine behind it; owns the settings in force."""

    def __init__(self, user: UserPaths, load: LoadEncoder) -> None:
        super().__init__()
        self._user = user
        self._settings = settings.load(user.settings)
        self._read_at = _changed_at(user.settings)
        self._rescanned_at = time.monotonic()
        self._left_out = ""
        """The pattern by which a note or folder was left out last, to bring it back."""
        self._counted: tuple[str, ...] = ()
        """The pattern that the menu of a row is about."""
        self._deleting = False
        self._appearance = Appearance()
        self.window = MainWindow(SYNTAX, History(user.history))
        self.bridge = Bridge(lambda listener: Engine(user, load, self._settings, listener))
        self.opening = Opening(self.window, lambda: self._settings)
        self.dialogs = Dialogs(self.window, self.bridge, self.opening, user, self._change)
        self.presence = Presence(self.window, self.dialogs, user, self._settings, self._change)
        self._connect()
        self._show_settings()
        geometry.restore(self.window, self.window.results, user.window)
        self._ticks = 0
        self._ticking = QTimer(self, interval=TICK_MS)
        self._ticking.timeout.connect(self._tick)

    def start(self, instance: Instance | None = None, *, hidden: bool = False) -> None:
        """Show the window, then start the engine: the window is there at once.

        hidden: it waits in the tray, where there is one. instance: what hears calls.
        """
        if not hidden:
            StartUp(self.window, self.bridge)
        self.presence.start(instance, hidden=hidden)
        # A collection in a worker thread could destroy an object of Qt there, which crashes.
        gc.disable()
        self._ticking.start()
        QTimer.singleShot(0, self.bridge.start)

    @Slot()
    def stop(self) -> None:
        """End everything but the windows."""
        try:
            self.presence.close()
        finally:
            # What was read is stored, whatever else fails.
            self.dialogs.counting.end()
            self.bridge.stop()

    def tell_unexpected(self, error: BaseException) -> None:
        """Log and show what nobody expected."""
        logger.critical("Unexpected\n%s", report.describe(error))
        self.dialogs.show_failure(report.full_report(error))

    def _connect(self) -> None:
        window, bridge, dialogs = self.window, self.bridge, self.dialogs
        bridge.told.connect(window.take)
        bridge.told.connect(self.presence.tray.take)
        window.asked.connect(bridge.ask)
        window.glanced.connect(bridge.glance)
        window.spread_wanted.connect(bridge.spread)
        window.carry_wanted.connect(bridge.carry)
        window.relate_wanted.connect(bridge.relate)
        window.follow_wanted.connect(bridge.follow)
        window.find_out_wanted.connect(bridge.find_out)
        window.pause_wanted.connect(bridge.pause)
        window.read_anyway.connect(bridge.read_anyway)
        window.refresh_wanted.connect(bridge.refresh)
        window.activated.connect(self._come_back)
        window.closing.connect(self._keep_geometry)
        window.folders_chosen.connect(self.add_folders)
        window.samples_requested.connect(self._add_samples)
        window.report_wanted.connect(self._copy_report)
        window.notice_put_away.connect(self._put_away)
        window.sort_chosen.connect(self._sort)
        window.search_kept.connect(self._keep_search)
        window.zoom_wanted.connect(self._zoom)
        window.exclusion_wanted.connect(self._count_folder)
        window.exclude_requested.connect(self._exclude)
        window.undo_wanted.connect(self._bring_back)
        dialogs.exclude_wanted.connect(self._exclude_file)
        dialogs.delete_wanted.connect(self._delete)
        bridge.erased.connect(self._tell_erased)
        self.dialogs.counting.removed.connect(self._tell_count)

    # What the user wants ------------------------------------------------------------------

    @Slot(list)
    def add_folders(self, folders: list[Path]) -> None:
        """Search these from now on."""
        self._change(lambda now: now.with_folders(*folders))

    @Slot()
    def _add_samples(self) -> None:
        self.add_folders([paths.SAMPLE_NOTES])

    @Slot(str)
    def _put_away(self, notice: str) -> None:
        """Remember that a notice is not to come again."""
        self._change(lambda now: dataclasses.replace(now, told=_with(now.told, notice)))

    @Slot(str)
    def _sort(self, sort: str) -> None:
        self._change(lambda now: dataclasses.replace(now, sort=sort))

    @Slot(str)
    def _keep_search(self, text: str) -> None:
        """Keep a search; let it go if it is kept."""
        gone = text in self._settings.saved

        def change(now: Settings) -> Settings:
            others = tuple(one for one in now.saved if one != text)
            return dataclasses.replace(now, saved=others if gone else (*others, text))

        if self._change(change):
            self.window.show_done(
                tr("This search is no longer saved") if gone else tr("This search is saved")
            )

    @Slot(int)
    def _zoom(self, steps: int) -> None:
        if self._change(lambda now: dataclasses.replace(now, zoom=stepped(now.zoom, steps))):
            self.window.show_done(tr("Text at {zoom} %").format(zoom=self._settings.zoom))

    # Leaving out --------------------------------------------------------------------------

    @Slot(object)
    def _count_folder(self, hit: Hit) -> None:
        pattern = pattern_for(hit.file.parent, Path(hit.folder), is_folder=True)
        self._counted = (pattern,)
        folders = [Path(hit.folder)]
        self.dialogs.counting.count_added(folders, self._settings.ignored, pattern)

    @Slot(object)
    def _tell_count(self, removal: Removal) -> None:
        """Tell the window what leaving a folder out removes; not what was asked for before."""
        if removal.patterns == self._counted:
            self.window.take(removal)

    @Slot(object, bool)
    def _exclude(self, hit: Hit, whole: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Leave a note out of the search, or its whole folder."""
        place = hit.file.parent if whole else hit.file
        self._leave_out(pattern_for(place, Path(hit.folder), is_folder=whole), place.name)

    @Slot(object)
    def _exclude_file(self, file: Path) -> None:
        for folder in self._settings.paths:
            if file.is_relative_to(folder.resolve()):
                pattern = pattern_for(file, folder.resolve(), is_folder=file.is_dir())
                self._leave_out(pattern, file.name)
                return
        self.window.show_error(tr("{path} is in none of the folders.").format(path=file))

    def _leave_out(self, pattern: str, name: str) -> None:
        known = pattern in self._settings.ignored
        done = self._change(
            lambda now: dataclasses.replace(now, ignored=_with(now.ignored, pattern))
        )
        if done and not known:
            self._left_out = pattern
            self.window.offer_undo(tr("“{name}” is left out of the search.").format(name=name))

    @Slot()
    def _bring_back(self) -> None:
        def change(now: Settings) -> Settings:
            others = tuple(one for one in now.ignored if one != self._left_out)
            return dataclasses.replace(now, ignored=others)

        if self._change(change) and self.dialogs.progress.state is State.PAUSED:
            self.window.show_done(tr("It comes back when reading goes on"))

    # What is stored -----------------------------------------------------------------------

    @Slot()
    def _delete(self) -> None:
        self._deleting = True
        self.bridge.erase()

    @Slot(str)
    def _tell_erased(self, problem: str) -> None:
        """Say how it went; this comes before the engine goes on.

        What was deleted is gone with all that says which notes there are, or it would be read anew.
        """
        deleting, self._deleting = self._deleting, False
        if problem:
            self.window.show_error(problem)
        elif not deleting:
            self.window.show_done(tr("Everything is read again"))
        elif self._change(
            lambda now: dataclasses.replace(now, folders=(), ignored=(), saved=(), new_notes="")
        ):
            self.window.forget()
            self._user.settings.with_suffix(".broken.json").unlink(missing_ok=True)
            self.window.show_done(tr("What was stored is deleted"))
        self.dialogs.tell_sizes()

    @Slot()
    def _copy_report(self) -> None:
        around = _around(self._settings) | _disk(self._user)
        log = logs.lines(self._user.log_file)
        text = report.diagnosis(self.dialogs.progress, self.dialogs.problems, around, log)
        QGuiApplication.clipboard().setText(text)

    # Settings -----------------------------------------------------------------------------

    def _change(self, change: settings.Change) -> bool:
        """Save other settings and go by them; where they cannot be saved, say so."""
        try:
            # Read again: the command line may have changed them meanwhile.
            changed = change(self._peek())
            settings.save(self._user.settings, changed)
        except SettingsError as error:
            self.window.show_error(str(error))
            # What was changed in a dialog goes back to what it was.
            self.dialogs.use(self._settings)
            return False
        self._apply(changed)
        return True

    def _peek(self) -> Settings:
        """Read the settings; while they cannot be, as when an editor writes them, keep these."""
        with contextlib.suppress(FileNotFoundError, ValueError, SettingsError):
            return settings.peek(self._user.settings)
        return self._settings

    def _apply(self, changed: Settings) -> None:
        before, self._settings = self._settings, changed
        self._read_at = _changed_at(self._user.settings)
        self.bridge.apply(changed)
        self._show_settings()
        if changed.floor != before.floor:
            self.window.ask_again()

    def _show_settings(self) -> None:
        """Let all parts go by the settings in force."""
        now, window = self._settings, self.window
        self._appearance.apply(now)
        window.set_contrast(wanted=self._appearance.contrast)
        window.set_folders(now.folders)
        window.set_told(now.told)
        window.set_saved(now.saved)
        window.set_sort(now.sort)
        window.history.keep(wanted=now.history)
        self.dialogs.use(now)
        self.presence.use(now)

    @Slot()
    def _tick(self) -> None:
        """Take up settings that another process has saved, as `notesearch index FOLDER` does.

        It also collects garbage, and lets Python look at signals, for which it has to run.
        """
        self._ticks += 1
        self.presence.look()
        gc.collect(1 if self._ticks % FULL_COLLECTION_TICKS else 2)
        if self._ticks == FULL_COLLECTION_TICKS:
            # What is there by now stays; to look through it each minute held the window up.
            gc.freeze()
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
        # One that was not shown, since the start or since it was closed, has none.
        if self.window.isVisible():
            geometry.keep(self.window, self.window.results, self._user.window)


def run(user: UserPaths, *, background: bool = False, trouble: str = "") -> int:
    """Open the window and stay until the program is ended; return the exit code.

    Where one runs already, its window is brought to the front instead. background: without a
    window, as the system starts it when the user logs in. trouble: what the window is to say.
    """
    if not remote.has_screen():
        sys.stderr.write(f"notesearch: {remote.NO_SCREEN}\n")
        return FAILURE
    try:
        instance = Instance.claim(user)
    except InstanceError as error:
        # The window says what else cannot be done there.
        logger.warning("%s", error)
        instance, background = Instance.without_lock(user), False
    if instance is None:
        if not background:
            remote.carry_out(Word.SHOW, user)
        return 0
    try:
        return _run(user, instance, hidden=background, trouble=trouble)
    finally:
        instance.hang_up()


def _run(user: UserPaths, instance: Instance, *, hidden: bool, trouble: str) -> int:
    logs.begin(user)
    sys.setswitchinterval(SWITCH_SECONDS)
    application = make_application()
    keep_dialogs(user)
    desktop = Desktop(user, partial(load_encoder, paths.MODEL, user))
    sys.excepthook = partial(_tell_unexpected, desktop)
    application.aboutToQuit.connect(desktop.stop)
    application.ending.connect(desktop.presence.expect_end)
    application.reopened.connect(desktop.presence.reopen)
    application.folders_opened.connect(desktop.add_folders)
    # Its quit() would ask each window whether it may be closed.
    desktop.presence.ended.connect(application.exit)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python calls this between any two of its steps, in the middle of whatever it does.
        signal.signal(number, lambda *_: QTimer.singleShot(0, desktop.presence.quit))
    desktop.start(instance, hidden=hidden and not trouble)
    if trouble:
        desktop.window.show_error(trouble)
    return application.exec()


def keep_dialogs(user: UserPaths) -> None:
    """Have Qt's dialog for files keep the names of folders in this program's own place.

    They would stand in a file that all programs of Qt share, and be left there.
    """
    native, scope = QSettings.Format.NativeFormat, QSettings.Scope.UserScope
    QSettings.setPath(native, scope, str(user.dialogs.parent))


def make_application() -> Application:
    """Make what every window needs before it, once in a process."""
    application = Application(["notesearch"])
    application.setApplicationName("notesearch")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(paths.APP_ID)
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    stop_motion()
    application.setWindowIcon(_window_icon())
    return application


def _window_icon() -> QIcon:
    """Return the program's icon, with the plainer drawing where the other would be a blot."""
    icon = QIcon()
    for name, sizes in (("notesearch-small", (16, 20, 24)), ("notesearch", (32, 48, 64, 128))):
        drawn = QIcon(str(paths.RESOURCES / "icons" / f"{name}.svg"))
        for size in sizes:
            icon.addPixmap(drawn.pixmap(size))
    return icon


def _with(texts: tuple[str, ...], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*texts, text)))


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


def _tell_unexpected(
    desktop: Desktop, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        desktop.presence.quit()
        return
    desktop.tell_unexpected(error.with_traceback(trace))
