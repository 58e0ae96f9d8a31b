"""The page about what is stored, and where."""

import html
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton

from notesearch.core.notes import Progress, State
from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.settings_confirmation import Confirmation
from notesearch.gui.settings_page import SettingsPage, beside, heading, muted
from notesearch.gui.settings_reading import ELSEWHERE
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import shown_path
from notesearch.paths import UserPaths
from notesearch.settings import Page
from notesearch.translation import tr

NOTHING = tr("What leaves this machine: nothing.")
NO_NETWORK = tr("notesearch uses no network and has no account. What it stores, only you can read.")
DELETED = tr(
    "Everything that notesearch stored about your notes{size} is deleted, and with it the search "
    "history, saved searches, and the lists of folders and of what is left out. Your notes stay as "
    "they are."
)


class PrivacyPage(SettingsPage):
    """The places, their sizes, and how to get rid of them."""

    sizes_wanted = Signal()
    """The page is seen; `show_data` answers."""
    reveal_wanted = Signal(object)
    """A Path."""
    delete_wanted = Signal()
    """Delete the index; the user was asked."""

    def __init__(self, user: UserPaths) -> None:
        super().__init__(Page.PRIVACY)
        self._data = str(user.data)
        self._sizes: dict[str, QLabel] = {}
        self._names: dict[str, str] = {}
        self.column.addSpacing(SPACE)
        self.column.addWidget(heading(NOTHING))
        self.column.addWidget(muted(NO_NETWORK))
        for name, place in (
            (tr("The index: what was read from your notes"), user.data),
            (tr("The settings"), user.settings),
            (tr("The log; it holds no text of your notes or searches"), user.log_file),
        ):
            self._add_place(name, place)
        self._delete = QPushButton(tr("&Delete the index…"), autoDefault=False)
        self._delete.clicked.connect(self._ask)
        self.column.addSpacing(3 * SPACE)
        self.column.addLayout(beside(self._delete))
        self._elsewhere = muted(ELSEWHERE)
        self._elsewhere.setVisible(False)
        self.column.addWidget(self._elsewhere)
        self.column.addStretch()

    def show_data(self, rows: Sequence[tuple[str, str]]) -> None:
        """Say how large places are: pairs of a path and a size, as text."""
        for path, size in rows:
            if path in self._sizes:
                self._sizes[path].setText(size)

    def show_progress(self, progress: Progress) -> None:
        """Offer to delete the index where this program keeps it."""
        here = progress.state is not State.ELSEWHERE
        self._delete.setEnabled(here)
        self._elsewhere.setVisible(not here)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sizes_wanted.emit()

    def _add_place(self, name: str, place: Path) -> None:
        where, size = ElidedLabel(), muted()
        where.show_text(shown_path(place))
        where.setToolTip(html.escape(str(place)))
        size.setWordWrap(False)
        self._sizes[str(place)] = size
        reveal = QPushButton(tr("Show in folder"), autoDefault=False)
        reveal.setAccessibleName(tr("Show in folder: {name}").format(name=name))
        reveal.setAccessibleDescription(str(place))
        reveal.clicked.connect(partial(self._reveal, place))
        self.column.addSpacing(2 * SPACE)
        title = QLabel(name, textFormat=size.textFormat(), wordWrap=True)
        self.column.addWidget(title)
        self.column.addWidget(where)
        self.column.addLayout(beside(reveal, size))

    def _reveal(self, place: Path) -> None:
        self.reveal_wanted.emit(place)

    @Slot()
    def _ask(self) -> None:
        size = self._sizes[self._data].text()
        question = Confirmation(tr("Delete the index?"), tr("&Delete"), tr("&Keep"), self.window())
        question.say(DELETED.format(size=f" ({size})" if size else ""))
        question.accepted.connect(self.delete_wanted)
        question.open()
