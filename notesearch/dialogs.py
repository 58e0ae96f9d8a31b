"""The dialogs over the window: which are open, and what they are told."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog

from notesearch import desktops, openers
from notesearch.core import ignore
from notesearch.core.notes import Failure, Problem, Progress, Removal, State
from notesearch.counting import Counting
from notesearch.estimate import Speed
from notesearch.gui.about_dialog import AboutDialog
from notesearch.gui.bridge import Bridge
from notesearch.gui.error_dialog import ErrorDialog
from notesearch.gui.hotkey import Registration
from notesearch.gui.main_window import MainWindow
from notesearch.gui.problems_dialog import ProblemsDialog
from notesearch.gui.settings_dialog import Machine, SettingsDialog
from notesearch.opening import Opening
from notesearch.paths import UserPaths
from notesearch.settings import Page, Settings
from notesearch.translation import tr

MEGABYTE = 1_000_000

Apply = Callable[[Callable[[Settings], Settings]], bool]


class Dialogs(QObject):
    """Opens them, one of each kind, and keeps them true."""

    exclude_wanted = Signal(object)
    """The Path of a file that is to be left out."""
    delete_wanted = Signal()
    recording = Signal(bool)
    """Whether another key for the quick search is being pressed."""
    retry_wanted = Signal()
    """Its key is to be asked for once more."""
    login_wanted = Signal(bool)
    """Whether the program is to start when the user logs in."""
    login_asked = Signal()
    """Does it? `show_login` answers."""

    def __init__(
        self, window: MainWindow, bridge: Bridge, opening: Opening, user: UserPaths, change: Apply
    ) -> None:
        """Serve a window. change: called with what is to become of the settings."""
        super().__init__(window)
        self._window, self._bridge, self._opening = window, bridge, opening
        self._user = user
        self._change = change
        self._settings = Settings()
        self._progress = Progress(State.STARTING)
        self.problems: tuple[Problem, ...] = ()
        self._speed = Speed()
        self._registration: Registration | None = None
        self._open: dict[type, QDialog] = {}
        self.counting = counting = Counting(self)
        counting.counted.connect(self._tell_estimate)
        counting.removed.connect(self.take)
        bridge.told.connect(self.take)
        window.settings_wanted.connect(self.show_settings)
        window.folders_wanted.connect(self.show_settings)
        window.problems_wanted.connect(self.show_problems)
        window.about_wanted.connect(self.show_about)

    @property
    def progress(self) -> Progress:
        """How far reading is."""
        return self._progress

    def use(self, settings: Settings) -> None:
        """Learn which settings are in force."""
        self._settings = settings
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_settings(settings)

    @Slot(object)
    def take(self, message: object) -> None:
        """Pass on what the engine says."""
        settings, problems = self._open.get(SettingsDialog), self._open.get(ProblemsDialog)
        match message:
            case Progress():
                self._progress, self._speed = message, self._speed.after(message)
                if isinstance(settings, SettingsDialog):
                    settings.show_progress(message)
            case Removal() if isinstance(settings, SettingsDialog):
                settings.show_removal(message)
            case tuple():
                self.problems = message
                if isinstance(problems, ProblemsDialog):
                    problems.show_problems(message)
            case Failure(report=text):
                self.show_failure(text)

    @Slot()
    def show_settings(self, page: Page = Page.FOLDERS) -> None:
        """Open the settings, or turn to a page of them."""
        dialog = self._open.get(SettingsDialog)
        if not isinstance(dialog, SettingsDialog):
            dialog = self._made()
            self._show(dialog)
        dialog.show_page(page)

    @Slot()
    def show_problems(self) -> None:
        """List what cannot be searched."""
        if ProblemsDialog in self._open:
            return
        dialog = ProblemsDialog(self.problems, self._window)
        dialog.reveal_wanted.connect(self._opening.reveal)
        dialog.open_wanted.connect(self._opening.open_file)
        dialog.retry_wanted.connect(self._try_again)
        dialog.exclude_wanted.connect(self.exclude_wanted)
        self._show(dialog)

    @Slot()
    def show_about(self) -> None:
        """Say what the program is."""
        if AboutDialog in self._open:
            return
        dialog = AboutDialog(self._window.theme, self._window)
        dialog.link_wanted.connect(self._opening.open_link)
        self._show(dialog)

    def show_registration(self, registration: Registration) -> None:
        """Say in the settings what became of the key of the quick search."""
        self._registration = registration
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_registration(registration)

    def show_refused(self, registration: Registration, kept: str) -> None:
        """Say in the settings why a key was refused, and which one is kept."""
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_refused(registration, kept)

    def show_login(self, *, enabled: bool, place: str, problem: str) -> None:
        """Say in the settings whether the program starts when the user logs in."""
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_login(enabled=enabled, place=place, problem=problem)

    def show_failure(self, text: str) -> None:
        """Show what nobody expected."""
        shown = self._open.get(ErrorDialog)
        if isinstance(shown, ErrorDialog):
            shown.add(text)
        else:
            self._show(ErrorDialog(text, self._user.log_file, self._window))

    def _made(self) -> SettingsDialog:
        programs = [(one.name, one.label) for one in self._opening.installed]
        machine = Machine(
            programs, lambda text: openers.custom(text).problem, ignore.reaches,
            partial(desktops.binding, self._user),
        )  # fmt: skip
        dialog = SettingsDialog(self._settings, self._user, machine, self._window)
        bridge, history = self._bridge, self._window.history
        dialog.changed.connect(self._decide)
        dialog.count_wanted.connect(self._count_removed)
        dialog.estimate_wanted.connect(self._estimate)
        dialog.sizes_wanted.connect(self.tell_sizes)
        dialog.history_cleared.connect(history.clear)
        dialog.read_anyway.connect(bridge.read_anyway)
        dialog.rebuild_wanted.connect(bridge.rebuild)
        dialog.reveal_wanted.connect(self._opening.reveal)
        dialog.delete_wanted.connect(self.delete_wanted)
        dialog.recording.connect(self.recording)
        dialog.retry_wanted.connect(self.retry_wanted)
        dialog.login_wanted.connect(self.login_wanted)
        dialog.login_asked.connect(self.login_asked)
        dialog.show_progress(self._progress)
        if self._registration is not None:
            dialog.show_registration(self._registration)
        return dialog

    def _show(self, dialog: QDialog) -> None:
        kind = type(dialog)
        self._open[kind] = dialog
        # Else it would have the system's colours, whatever was chosen.
        dialog.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)
        dialog.finished.connect(lambda: self._open.pop(kind, None))
        dialog.open()

    @Slot(object)
    def _decide(self, change: Callable[[Settings], Settings]) -> None:
        self._change(change)

    @Slot(object)
    def _try_again(self, file: Path | None) -> None:
        if file is None:
            self._bridge.refresh()
        else:
            self._bridge.retry(file)

    @Slot(list)
    def _count_removed(self, patterns: list[str]) -> None:
        self.counting.count_removed(self._settings.paths, patterns)

    @Slot(object)
    def _estimate(self, folder: Path | None) -> None:
        """Find out how long reading takes, of a folder or of everything."""
        if folder is None:
            self._tell_estimate(None, self._progress.notes)
        else:
            self.counting.count_notes(folder, self._settings.ignored)

    @Slot(object, int)
    def _tell_estimate(self, folder: Path | None, notes: int) -> None:
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_estimate(folder, notes, self._speed.seconds(notes))

    @Slot()
    def tell_sizes(self) -> None:
        """Say in the settings how large is what is stored, where they are open."""
        dialog = self._open.get(SettingsDialog)
        if isinstance(dialog, SettingsDialog):
            dialog.show_data(sizes(self._user))


def sizes(user: UserPaths) -> list[tuple[str, str]]:
    """Return what is stored and how large that is: paths and sizes, as text."""
    # A folder that the user named may hold anything besides.
    index = [(str(user.data), size_text(_size(user.libraries)))]
    return index + [(str(one), size_text(_size(one))) for one in (user.settings, user.log_file)]


def size_text(size: int | None) -> str:
    """Return a size as people say it; None: of what is not there."""
    if not size:
        return tr("not there yet") if size is None else tr("empty")
    large = size >= MEGABYTE
    return f"{size / MEGABYTE:,.1f} MB" if large else f"{max(1, round(size / 1_000))} KB"


def _size(place: Path) -> int | None:
    if not place.exists():
        return None
    files = place.rglob("*") if place.is_dir() else [place]
    total = 0
    for file in files:
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total
