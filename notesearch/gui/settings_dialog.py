"""The settings: a list of pages, and the page; whatever is decided counts at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Progress, Removal
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.hotkey import Registration
from notesearch.gui.settings_folder_list import Reaches
from notesearch.gui.settings_folders import FoldersPage
from notesearch.gui.settings_opening import OpeningPage
from notesearch.gui.settings_page import SettingsPage
from notesearch.gui.settings_privacy import PrivacyPage
from notesearch.gui.settings_quick import Bind, QuickSearchPage
from notesearch.gui.settings_reading import ReadingPage
from notesearch.gui.settings_search import SearchPage
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import SPACE
from notesearch.paths import UserPaths
from notesearch.settings import Page, Settings
from notesearch.translation import tr

SIZE = (56, 46)
"""Of the dialog, in heights of a line."""
NAMES_SHARE = 0.35
"""Of the width at most: where there is no room, the names of pages are cut, not the pages."""
AT_ONCE = tr("Whatever you change counts at once.")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the dialog does not know by itself."""

    openers: Sequence[tuple[str, str]]
    """Names and labels of the programs that open notes, installed ones first."""
    check_command: Callable[[str], str]
    """Returns what is wrong with a custom command, '' where nothing is."""
    reaches: Reaches
    bind: Bind = lambda _: None
    """Returns how the user can have a key open the quick search without notesearch's doing."""


class SettingsDialog(TextSizedDialog):
    """Shows settings, and says what the user decides; never saves anything itself."""

    changed = Signal(object)
    """A Change, for each thing that the user decides, at once."""
    count_wanted = Signal(list)
    """Patterns, as text; `show_removal` answers."""
    estimate_wanted = Signal(object)
    """The Path of a folder that was added, or None: everything. `show_estimate` answers."""
    sizes_wanted = Signal()
    """`show_data` answers."""
    history_cleared = Signal()
    """What was searched for is to be forgotten."""
    read_anyway = Signal()
    """Do not wait for the power supply."""
    rebuild_wanted = Signal()
    """Read everything again; the user was asked."""
    reveal_wanted = Signal(object)
    """The Path of something that the program stores."""
    delete_wanted = Signal()
    """Delete what is stored; the user was asked."""
    recording = Signal(bool)
    """Another key for the quick search is being chosen: the one in force must be let go of."""
    retry_wanted = Signal()
    """The key in force is to be asked for once more; `show_registration` answers."""
    login_wanted = Signal(bool)
    """Whether the program is to start when the user logs in; `show_login` answers."""
    login_asked = Signal()
    """Does it? `show_login` answers."""

    def __init__(
        self, settings: Settings, user: UserPaths, machine: Machine, parent: QWidget | None
    ) -> None:
        """Take the settings in force, where everything is stored, and what is known of the rest."""
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings"))
        self.setMinimumSize(560, 420)
        self._folders, self._search = FoldersPage(machine.reaches), SearchPage()
        self._quick, self._reading = QuickSearchPage(machine.bind), ReadingPage()
        self._appearance = SettingsPage(Page.APPEARANCE)
        self._appearance.column.addStretch()
        self._opening = OpeningPage(machine.openers, machine.check_command)
        self._privacy = PrivacyPage(user)
        self._pages: dict[Page, SettingsPage] = {
            Page.FOLDERS: self._folders, Page.SEARCH: self._search,
            Page.QUICK_SEARCH: self._quick, Page.APPEARANCE: self._appearance,
            Page.OPENING: self._opening, Page.READING: self._reading,
            Page.PRIVACY: self._privacy,
        }  # fmt: skip
        self._names = QListWidget()
        self._stack = QStackedWidget()
        self._connect()
        self._lay_out()
        self.show_settings(settings)
        self.show_page(Page.FOLDERS)
        self._names.setFocus()

    def show_page(self, page: Page) -> None:
        """Turn to a page."""
        self._names.setCurrentRow(list(self._pages).index(page))

    def show_settings(self, settings: Settings) -> None:
        """Show the settings in force; what is being typed stays."""
        for page in self._pages.values():
            page.show_settings(settings)

    def show_progress(self, progress: Progress) -> None:
        """Show how the folders are, and what reading waits for."""
        self._folders.show_folders(progress.folders)
        self._reading.show_progress(progress)
        self._privacy.show_progress(progress)

    def show_removal(self, removal: Removal) -> None:
        """Say what patterns leave out."""
        self._folders.show_removal(removal)

    def show_estimate(self, path: Path | None, notes: int, seconds: float | None) -> None:
        """Say how long it takes to read a folder, or everything."""
        if path is None:
            self._reading.show_estimate(notes, seconds)
        else:
            self._folders.show_estimate(path, notes, seconds)

    def show_data(self, rows: Sequence[tuple[str, str]]) -> None:
        """Say how large what is stored is: pairs of a path and a size, as text."""
        self._privacy.show_data(rows)

    def show_registration(self, registration: Registration) -> None:
        """Say what became of the key of the quick search."""
        self._quick.show_registration(registration)

    def show_refused(self, registration: Registration, kept: str) -> None:
        """Say why a key was refused, and which one is kept."""
        self._quick.show_refused(registration, kept)

    def show_login(self, *, enabled: bool, place: str, problem: str = "") -> None:
        """Show whether the program starts with the session, where it is kept, what is wrong."""
        self._quick.show_login(enabled=enabled, place=place, problem=problem)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._names.setMaximumWidth(max(14 * SPACE, int(NAMES_SHARE * self.width())))

    def done(self, result: int) -> None:
        # What was just typed counts too.
        self._folders.patterns.apply()
        self._opening.apply()
        super().done(result)

    def _connect(self) -> None:
        self._names.currentRowChanged.connect(self._stack.setCurrentIndex)
        for page in self._pages.values():
            page.changed.connect(self.changed)
        self._folders.count_wanted.connect(self.count_wanted)
        self._folders.estimate_wanted.connect(self.estimate_wanted)
        self._search.history_cleared.connect(self.history_cleared)
        self._quick.recording.connect(self.recording)
        self._quick.retry_wanted.connect(self.retry_wanted)
        self._quick.login_wanted.connect(self.login_wanted)
        self._quick.login_asked.connect(self.login_asked)
        self._reading.estimate_wanted.connect(self.estimate_wanted)
        self._reading.read_anyway.connect(self.read_anyway)
        self._reading.rebuild_wanted.connect(self.rebuild_wanted)
        self._privacy.sizes_wanted.connect(self.sizes_wanted)
        self._privacy.reveal_wanted.connect(self.reveal_wanted)
        self._privacy.delete_wanted.connect(self.delete_wanted)

    def _lay_out(self) -> None:
        self._names.setObjectName("pages")
        self._names.setAccessibleName(tr("Pages of the settings"))
        self._names.addItems([tr(page.value) for page in self._pages])
        self._names.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        self._names.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._names.setMinimumWidth(14 * SPACE)
        self._names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in self._pages.values():
            self._stack.addWidget(_scrolling(page))
        close = QPushButton(tr("Cl&ose"), autoDefault=False)
        close.clicked.connect(self.accept)
        ending = QHBoxLayout()
        ending.setContentsMargins(3 * SPACE, 0, 0, 0)
        at_once = ElidedLabel()
        at_once.show_text(AT_ONCE)
        ending.addWidget(at_once, stretch=1)
        ending.addWidget(close)
        right = QVBoxLayout()
        right.setSpacing(SPACE)
        right.addWidget(self._stack, stretch=1)
        right.addLayout(ending)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._names)
        layout.addLayout(right, stretch=1)


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setObjectName("page")
    area.setFrameShape(QFrame.Shape.NoFrame)
    # The keys go to what is in it.
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
