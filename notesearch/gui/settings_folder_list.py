"""The list of the chosen folders, and what is said of each."""

import html
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from notesearch.core.notes import Folder
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import shown_path
from notesearch.translation import tr, trn

ROWS = 3
SAID_SHARE = 0.6
"""Of the width, at most, is for what is said of the folders."""
PATH_ROLE = Qt.ItemDataRole.UserRole
UNAVAILABLE = tr("not available now; its notes are kept")
PART = tr("part of another folder")

Index = QModelIndex | QPersistentModelIndex


Reaches = Callable[[Path, Path], bool]
"""Whether looking through the first folder comes to the second."""


class FolderList(QTreeWidget):
    """Folders in order, and what is said of each."""

    remove_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegateForColumn(1, _MutedDelegate(self))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.remove_wanted)

    def sizeHint(self) -> QSize:
        # Qt's own is for a window full of rows; the page grows it where there is room.
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        height = ROWS * (self.fontMetrics().height() + 2 * SPACE) + SPACE
        return QSize(super().minimumSizeHint().width(), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paths(self) -> list[str]:
        """Return the folders."""
        return [str(item.data(0, PATH_ROLE)) for item in self._items()]

    def selected_paths(self) -> list[str]:
        """Return the folders that are selected."""
        return [str(item.data(0, PATH_ROLE)) for item in self.selectedItems()]

    def show_paths(self, paths: Iterable[str]) -> None:
        """List these folders; what was selected stays so."""
        wanted = list(paths)
        for path in set(self.paths()) - set(wanted):
            self.takeTopLevelItem(self.paths().index(path))
        for path in wanted:
            if path not in self.paths():
                self._append(path)

    def describe(self, path: str, text: str, reason: str) -> None:
        """Say something of a folder, and in the tool tip why changes are not noticed at once."""
        item = self._items()[self.paths().index(path)]
        item.setText(1, text)
        tip = tr("Changes are not noticed at once: {reason}").format(reason=reason)
        item.setToolTip(1, f"<p>{html.escape(tip)}</p>" if reason else "")
        self._fit()

    def select(self, path: str) -> None:
        """Select one folder."""
        self.setCurrentItem(self._items()[self.paths().index(path)])

    def select_current(self) -> None:
        """Select the folder that took the place of one that is gone."""
        self.setCurrentIndex(self.currentIndex())

    def _fit(self) -> None:
        """Give both columns what they need, but neither all of it."""
        most = self.viewport().width() * SAID_SHARE
        self.setColumnWidth(1, min(self.sizeHintForColumn(1), int(most)))

    def _append(self, path: str) -> None:
        item = QTreeWidgetItem([shown_path(Path(path)), ""])
        item.setData(0, PATH_ROLE, path)
        # A tool tip cannot be told to take markup in a name for text.
        item.setToolTip(0, f"<p>{html.escape(path)}</p>")
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addTopLevelItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in items if item is not None]


class _MutedDelegate(QStyledItemDelegate):
    """Writes what is said beside a folder in the muted colour."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
        option.palette.setColor(QPalette.ColorRole.Text, muted)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, muted)


def outer_of(folder: Path, listed: Iterable[str], reaches: Reaches) -> str | None:
    """Return the listed folder whose notes include those of another, None where there is none."""
    same = (outer for outer in listed if Path(outer) == folder or reaches(Path(outer), folder))
    return next(same, None)


def state_of(folder: Folder) -> str:
    """Say in a few words how a folder is."""
    if not folder.available:
        return UNAVAILABLE
    notes = trn("{count} note", "{count} notes", folder.notes)
    if folder.unwatched:
        return tr("{notes}, looked through every minute").format(notes=notes)
    return notes
