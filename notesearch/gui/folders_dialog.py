"""Which folders are searched, and what is left out."""

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Folder
from notesearch.gui.theme import SPACE, theme_for

PATH_ROLE = Qt.ItemDataRole.UserRole
NOTICE_WIDTH = 44 * SPACE
UNAVAILABLE = "not available now; its notes are kept"
LOOKED_AT = "looked through every minute"
NEW = "read after saving"
PART = "part of another folder"
NONE = "No folder is searched."
REMOVING = (
    "Removing a folder here only takes its notes out of the search. The files stay as they are."
)
PATTERNS = (
    "One pattern in each line, as in a .gitignore file: templates/ is a folder, "
    "* stands for any letters, and a leading ! keeps what a line above leaves out."
)
EXAMPLES = "templates/\n*.excalidraw.md\n!keep.md"

Index = QModelIndex | QPersistentModelIndex


class FoldersDialog(QDialog):
    """The list of folders and the patterns, to be changed; nothing on disk is touched."""

    changed = Signal(list, list)
    """The folders, then the patterns, both as text; only where saving makes a difference."""

    def __init__(
        self, folders: Sequence[Folder], ignored: Sequence[str], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Folders")
        self.resize(640, 520)
        self.setMinimumSize(440, 440)
        self._known = [folder.path for folder in folders]
        """The folders in force, whatever is shown."""
        self._reported: dict[str, Folder] = {}
        self._ignored = list(ignored)
        self._list = _FolderList()
        self._list.itemSelectionChanged.connect(self._enable)
        self._list.remove_wanted.connect(self._remove_selected)
        self._add = QPushButton("&Add folder…")
        self._add.clicked.connect(self._add_folder)
        self._remove = QPushButton("&Remove")
        self._remove.clicked.connect(self._remove_selected)
        self._notice = _muted("")
        self._patterns = QPlainTextEdit("\n".join(ignored), tabChangesFocus=True)
        self._patterns.setPlaceholderText(EXAMPLES)
        self._patterns.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._lay_out()
        for path in self._known:
            self._list.append(path)
        self.show_folders(folders)
        self._enable()
        (self._list if self._list.paths() else self._add).setFocus()

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Show how the folders are now; which ones are listed is for the user to change."""
        self._reported |= {folder.path: folder for folder in folders}
        self._describe()

    @Slot()
    def _add_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder of notes")
        if not chosen:
            return
        folder = Path(chosen).resolve()
        listed = outer_of(folder, self._list.paths())
        if listed is None:
            self._list.append(str(folder))
            self._list.select(str(folder))
            self._describe()
            return
        same = Path(listed) == folder
        said = "Already searched: " if same else "Already searched as part of "
        self._notice.setText(said + self._short(listed))
        self._list.select(listed)

    @Slot()
    def _remove_selected(self) -> None:
        self._list.remove_selected()
        self._describe()

    @Slot()
    def _enable(self) -> None:
        self._remove.setEnabled(bool(self._list.selectedItems()))

    @Slot()
    def _save(self) -> None:
        patterns = [p for p in self._patterns.toPlainText().split("\n") if p.strip()]
        folders = self._list.paths()
        if (folders, patterns) != (self._known, self._ignored):
            self.changed.emit(folders, patterns)
        self.accept()

    def _describe(self) -> None:
        """Say of each folder how it is; what was said of another is over."""
        paths = self._list.paths()
        for path in paths:
            others = [other for other in paths if other != path]
            folder = self._reported.get(path)
            state = _state(folder) if folder else PART if outer_of(Path(path), others) else ""
            reason = folder.unwatched if folder and folder.available else ""
            self._list.describe(path, state or ("" if path in self._known else NEW), reason)
        self._notice.setText("" if paths else NONE)

    def _short(self, path: str) -> str:
        middle = Qt.TextElideMode.ElideMiddle
        return self._notice.fontMetrics().elidedText(path, middle, NOTICE_WIDTH)

    def _lay_out(self) -> None:
        changing = QHBoxLayout()
        changing.setSpacing(SPACE)
        changing.addWidget(self._add)
        changing.addWidget(self._remove)
        changing.addWidget(self._notice, stretch=1)
        ending = QDialogButtonBox()
        save = QPushButton("&Save")
        ending.addButton(save, QDialogButtonBox.ButtonRole.AcceptRole)
        ending.addButton(QPushButton("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        ending.accepted.connect(self._save)
        ending.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(_label("&Folders that are searched", self._list))
        layout.addWidget(self._list, stretch=3)
        layout.addLayout(changing)
        layout.addWidget(_muted(REMOVING))
        layout.addSpacing(2 * SPACE)
        layout.addWidget(_label("&Leave out", self._patterns))
        layout.addWidget(self._patterns, stretch=2)
        layout.addWidget(_muted(PATTERNS))
        layout.addSpacing(SPACE)
        layout.addWidget(ending)
        # Only now: before it is in the dialog, this would be forgotten.
        save.setDefault(True)


class _FolderList(QTreeWidget):
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
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.remove_wanted)

    def paths(self) -> list[str]:
        """Return the folders."""
        return [str(item.data(0, PATH_ROLE)) for item in self._items()]

    def append(self, path: str) -> None:
        """Add a folder at the end."""
        item = QTreeWidgetItem([path, ""])
        item.setData(0, PATH_ROLE, path)
        # A tool tip cannot be told to take markup in a name for text.
        item.setToolTip(0, f"<p>{html.escape(path)}</p>")
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addTopLevelItem(item)

    def describe(self, path: str, text: str, reason: str) -> None:
        """Say something of a folder, and in the tool tip why changes are not noticed at once."""
        item = self._item(path)
        item.setText(1, text)
        tip = f"Changes are not noticed at once: {reason}" if reason else ""
        item.setToolTip(1, f"<p>{html.escape(tip)}</p>" if tip else "")

    def select(self, path: str) -> None:
        """Select one folder."""
        self.setCurrentItem(self._item(path))

    def remove_selected(self) -> None:
        """Take out the selected folders; the next one is selected instead."""
        for item in self.selectedItems():
            self.takeTopLevelItem(self.indexOfTopLevelItem(item))
        self.setCurrentIndex(self.currentIndex())

    def _item(self, path: str) -> QTreeWidgetItem:
        return self._items()[self.paths().index(path)]

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in items if item is not None]


class _MutedDelegate(QStyledItemDelegate):
    """Writes what is said beside a folder in the muted colour."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        muted = theme_for(option.palette).muted
        option.palette.setColor(QPalette.ColorRole.Text, muted)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, muted)


def outer_of(folder: Path, listed: Iterable[str]) -> str | None:
    """Return the listed folder whose notes include those of another, None where there is none."""
    for outer in listed:
        # What lies below a hidden folder is searched only where it is chosen itself.
        if folder.is_relative_to(outer) and not any(
            part.startswith(".") for part in folder.relative_to(outer).parts
        ):
            return outer
    return None


def _state(folder: Folder) -> str:
    if not folder.available:
        return UNAVAILABLE
    notes = f"{folder.notes:,} {'note' if folder.notes == 1 else 'notes'}"
    return f"{notes}, {LOOKED_AT}" if folder.unwatched else notes


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText)
    label.setBuddy(buddy)
    return label


def _muted(text: str) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setObjectName("muted")
    return label
