"""Lists the files and folders that cannot be searched, or only in part."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Problem
from notesearch.gui.error_dialog import EchoButton
from notesearch.gui.theme import SPACE

NOTHING = "Nothing is wrong any more."
_COLUMNS = ("File or folder", "Why")
# Control characters, line ends, marks that turn the writing direction, and halves of pairs.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

Index = QModelIndex | QPersistentModelIndex


class ProblemsDialog(QDialog):
    """What is wrong with which file, and what can be done about it."""

    reveal_wanted = Signal(object)
    """A Path."""
    retry_wanted = Signal()

    def __init__(self, problems: Sequence[Problem], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What cannot be searched")
        self.resize(720, 400)
        self.setMinimumSize(420, 240)
        self._summary = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._model = ProblemsModel()
        self._list = QTreeView()
        self._set_up_list()
        self._reveal = QPushButton("&Show in folder")
        self._reveal.clicked.connect(self._reveal_selected)
        self._copy = EchoButton("C&opy list", "Copied")
        self._copy.clicked.connect(self._copy_list)
        self._retry = EchoButton("&Try again", "Trying…")
        self._retry.clicked.connect(self.retry_wanted)
        self._close = QPushButton("&Close", default=True)
        self._close.clicked.connect(self.accept)
        self._lay_out()
        self.show_problems(problems)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong now; what was selected stays so if it is still there."""
        now = tuple(problems)
        if now == self._model.problems and self._summary.text():
            return
        path, top = self._selected(), self._list.verticalScrollBar().value()
        self._model.show(now)
        row = self._model.row_of(path)
        if row >= 0:
            self._list.setCurrentIndex(self._model.index(row, 0))
        self._list.verticalScrollBar().setValue(top)
        self._summary.setText(summary(len(now)))
        self._copy.setEnabled(bool(now))
        self._retry.setEnabled(bool(now))
        self._list.setHeaderHidden(not now)
        self._enable()
        if not now:
            self._close.setFocus()

    def _selected(self) -> str | None:
        rows = self._list.selectionModel().selectedRows()
        return self._model.problems[rows[0].row()].path if rows else None

    @Slot()
    def _enable(self) -> None:
        self._reveal.setEnabled(bool(self._selected()))

    @Slot()
    def _reveal_selected(self) -> None:
        path = self._selected()
        if path:
            self.reveal_wanted.emit(Path(path))

    @Slot()
    def _copy_list(self) -> None:
        lines = (f"{printable(p.path)}: {printable(p.reason)}" for p in self._model.problems)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _set_up_list(self) -> None:
        view = self._list
        view.setModel(self._model)
        view.setItemDelegateForColumn(1, _ReasonDelegate(view))
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        view.setRootIsDecorated(False)
        view.setUniformRowHeights(True)
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName("Files and folders that cannot be searched, or only in part")
        view.header().setSectionsMovable(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        view.header().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        view.selectionModel().selectionChanged.connect(self._enable)
        view.doubleClicked.connect(self._reveal_selected)
        # As shortcuts, because the view hands Enter on to the dialog, which would close.
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(QKeySequence(key), view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self._reveal_selected)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self._reveal, self._copy, self._retry):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._summary)
        layout.addWidget(self._list, stretch=1)
        layout.addSpacing(SPACE)
        layout.addLayout(buttons)


class ProblemsModel(QAbstractTableModel):
    """Problems, one in a row: where, and why."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: tuple[Problem, ...] = ()

    def show(self, problems: tuple[Problem, ...]) -> None:
        """Show other problems."""
        self.beginResetModel()
        self.problems = problems
        self.endResetModel()

    def row_of(self, path: str | None) -> int:
        """Return the row of a path, -1 where it is not in the list."""
        return next((i for i, p in enumerate(self.problems) if p.path == path), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        named = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _COLUMNS[section] if named else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        problem = self.problems[index.row()]
        text = printable(problem.reason if index.column() else problem.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            # A tool tip cannot be told to take markup in a name for text.
            return f"<p>{html.escape(text)}</p>"
        return text if role == Qt.ItemDataRole.DisplayRole else None


class _ReasonDelegate(QStyledItemDelegate):
    """Cuts a reason at its end, where a path is cut in its middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


def summary(count: int) -> str:
    """Say how much cannot be searched."""
    if not count:
        return NOTHING
    files = "1 file" if count == 1 else f"{count:,} files"
    return f"{files} cannot be searched, or only in part. Everything else is."


def printable(text: str) -> str:
    """Return a text on one line, without what cannot be shown."""
    return _UNSHOWABLE.sub(_REPLACEMENT, text)
