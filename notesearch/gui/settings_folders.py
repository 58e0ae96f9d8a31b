"""The page about which folders are searched, and what is left out of them."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton

from notesearch.core.notes import Folder, Removal
from notesearch.gui.settings_folder_list import PART, FolderList, Reaches, outer_of, state_of
from notesearch.gui.settings_page import Said, SettingsPage, beside, estimated, named
from notesearch.gui.settings_patterns import PatternsBox
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import shown_path
from notesearch.settings import Page, Settings
from notesearch.translation import tr

NEW = tr("about to be read")
NONE = tr("No folder is searched.")
REMOVING = tr(
    "Removing a folder here only takes its notes out of the search. The files stay as they are."
)


class FoldersPage(SettingsPage):
    """The folders and the patterns; nothing on disk is touched."""

    estimate_wanted = Signal(object)
    """The Path of a folder that was just added."""
    count_wanted = Signal(list)
    """Patterns: how many notes would they leave out?"""

    def __init__(self, reaches: Reaches) -> None:
        super().__init__(Page.FOLDERS)
        self._reaches = reaches
        self._reported: dict[str, Folder] = {}
        """By their real paths."""
        self._added: Path | None = None
        """What was added last."""
        self.list = FolderList()
        self.list.itemSelectionChanged.connect(self._enable)
        self.list.remove_wanted.connect(self._remove_selected)
        self._add = QPushButton(tr("&Add folder…"), autoDefault=False)
        self._add.clicked.connect(self._add_folder)
        self._remove = QPushButton(tr("&Remove"), autoDefault=False)
        self._remove.clicked.connect(self._remove_selected)
        self._notice = Said(2, REMOVING)
        self.patterns = PatternsBox()
        self.patterns.changed.connect(self.changed)
        self.patterns.count_wanted.connect(self.count_wanted)
        self._lay_out()
        self._enable()

    def show_settings(self, now: Settings) -> None:
        super().show_settings(now)
        self.list.show_paths(now.folders)
        self.patterns.show_patterns(now.ignored)
        self._describe()

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Say how the folders are now."""
        reported = {folder.path: folder for folder in folders}
        if reported != self._reported:
            self._reported = reported
            self._describe()

    def show_removal(self, removal: Removal) -> None:
        """Say what patterns leave out."""
        self.patterns.show_removal(removal)

    def show_estimate(self, path: Path, notes: int, seconds: float | None) -> None:
        """Say how long it takes to read a folder that was added."""
        if path != self._added:
            return
        text = tr("{name}: {estimate}; it can be searched meanwhile.") if notes else tr(
            "{name}: {estimate}. What is saved there later is found."
        )  # fmt: skip
        self._notice.setText(
            text.format(name=path.name or path, estimate=estimated(notes, seconds))
        )

    @Slot()
    def _add_folder(self) -> None:
        title, home = tr("Choose a folder of notes"), str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self.window(), title, home)
        if not chosen:
            return
        folder = Path(chosen).resolve()
        listed = outer_of(folder, self.list.paths(), self._reaches)
        if listed is None:
            self._take_up(folder)
            return
        self.list.select(listed)
        text = (
            tr("{folder} is searched already.") if Path(listed) == folder
            else tr("It is searched already, as part of {folder}.")
        )  # fmt: skip
        self._notice.setText(text.format(folder=shown_path(Path(listed))))

    def _take_up(self, folder: Path) -> None:
        self._added = folder
        self.list.show_paths([*self.list.paths(), str(folder)])
        self.list.select(str(folder))
        self._describe()
        self._notice.setText(tr("{name}: counting its notes…").format(name=folder.name or folder))
        self.changed.emit(lambda now: now.with_folders(folder))
        self.estimate_wanted.emit(folder)

    @Slot()
    def _remove_selected(self) -> None:
        removed = self.list.selected_paths()
        if not removed:
            return
        self.list.show_paths(path for path in self.list.paths() if path not in removed)
        self.list.select_current()
        self._describe()
        self._notice.setText(NONE if not self.list.paths() else tr(
            "{folders} is no longer searched; the files stay as they are."
        ).format(folders=", ".join(Path(path).name or path for path in removed)))  # fmt: skip

        def change(now: Settings) -> Settings:
            kept = tuple(path for path in now.folders if path not in removed)
            return dataclasses.replace(now, folders=kept)

        self.changed.emit(change)

    @Slot()
    def _enable(self) -> None:
        self._remove.setEnabled(bool(self.list.selectedItems()))

    def _describe(self) -> None:
        """Say of each folder how it is."""
        paths = self.list.paths()
        for path in paths:
            folder = self._reported.get(path) or self._reported.get(os.path.realpath(path))
            inside = outer_of(
                Path(path), [other for other in paths if other != path], self._reaches
            )
            state = state_of(folder) if folder else PART if inside else NEW
            reason = folder.unwatched if folder and folder.available else ""
            self.list.describe(path, state, reason)
        if not paths:
            self._notice.setText(NONE)
        elif self._notice.text() == NONE:
            self._notice.setText(REMOVING)

    def _lay_out(self) -> None:
        label = named(tr("&Folders that are searched"), self.list)
        self.list.setAccessibleName(tr("Folders that are searched"))
        self.list.setAccessibleDescription(REMOVING)
        self.column.addSpacing(SPACE)
        self.column.addWidget(label)
        self.column.addWidget(self.list, stretch=3)
        self.column.addLayout(beside(self._add, self._remove))
        self.column.addWidget(self._notice)
        self.column.addSpacing(SPACE)
        self.column.addWidget(named(tr("&Leave out"), self.patterns.edit))
        self.column.addWidget(self.patterns, stretch=2)
