"""Lists the files and folders that cannot be searched, or only in part."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    SignalInstance,
    Slot,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QTextOption
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Problem
from notesearch.gui.error_dialog import EchoButton
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import SPACE
from notesearch.translation import tr, trn

NOTHING = tr("Nothing is wrong any more.")
SIZE = (54, 34)
"""Of the dialog, in heights of a line."""
DETAIL_LINES = 3
_COLUMNS = (tr("File or folder"), tr("Why"))
# Control characters, line ends, marks that turn the writing direction, and halves of pairs.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

Index = QModelIndex | QPersistentModelIndex


class ProblemsDialog(TextSizedDialog):
    """What is wrong with which file, and what can be done about it."""

    reveal_wanted = Signal(object)
    """A Path, as in all of these."""
    open_wanted = Signal(object)
    retry_wanted = Signal(object)
    """None: all of them."""
    exclude_wanted = Signal(object)

    def __init__(self, problems: Sequence[Problem], parent: QWidget | None) -> None:
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What cannot be searched"))
        self.setMinimumSize(440, 320)
        self._summary = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._model = ProblemsModel()
        self._list = QTreeView()
        self._set_up_list()
        self._detail = _Detail()
        self._reveal = QPushButton(tr("&Show in folder"))
        self._open = QPushButton(tr("&Open"))
        self._retry = EchoButton(tr("&Try again"), tr("Trying…"))
        self._exclude = QPushButton(tr("&Leave out…"))
        self._copy = EchoButton(tr("Copy &list"), tr("Copied"))
        self._retry_all = EchoButton(tr("Try &all again"), tr("Trying…"))
        self._close = QPushButton(tr("&Close"))
        self._actions: dict[QPushButton, QAction] = {}
        """The same in the list's menu, with their keys."""
        self._set_up_detail()
        self._connect()
        self._lay_out()
        self.show_problems(problems)
        self._list.setCurrentIndex(self._model.index(0, 0))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong now; what was selected stays so if it is still there."""
        now = tuple(problems)
        if now == self._model.problems and self._summary.text():
            return
        selected, top = self._selected(), self._list.verticalScrollBar().value()
        self._model.show(now)
        row = self._model.row_of(selected.path if selected else None)
        if row >= 0:
            self._list.setCurrentIndex(self._model.index(row, 0))
        self._list.verticalScrollBar().setValue(top)
        self._summary.setText(summary(len(now)))
        for button in (self._copy, self._retry_all):
            self._allow(button, allowed=bool(now))
        self._list.setHeaderHidden(not now)
        self._show_selected()
        if not now:
            self._close.setFocus()

    def _selected(self) -> Problem | None:
        rows = self._list.selectionModel().selectedRows()
        return self._model.problems[rows[0].row()] if rows else None

    @Slot()
    def _show_selected(self) -> None:
        """Say all of what is selected, which the list may have to cut."""
        selected = self._selected()
        lines = [printable(selected.path), printable(selected.reason)] if selected else []
        said = "\n".join(filter(None, lines))
        if said != self._detail.toPlainText():
            self._detail.setPlainText(said)
        for button in (self._reveal, self._open, self._retry, self._exclude):
            self._allow(button, allowed=bool(selected and selected.path))

    def _allow(self, button: QPushButton, *, allowed: bool) -> None:
        button.setEnabled(allowed)
        self._actions[button].setEnabled(allowed)

    @Slot()
    def _reveal_selected(self) -> None:
        self._ask(self.reveal_wanted)

    @Slot()
    def _open_selected(self) -> None:
        self._ask(self.open_wanted)

    @Slot()
    def _retry_selected(self) -> None:
        self._ask(self.retry_wanted)

    @Slot()
    def _exclude_selected(self) -> None:
        self._ask(self.exclude_wanted)

    def _ask(self, wanted: SignalInstance) -> None:
        selected = self._selected()
        if selected and selected.path:
            wanted.emit(Path(selected.path))

    @Slot()
    def _ask_for_all(self) -> None:
        self.retry_wanted.emit(None)

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
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.setAccessibleName(tr("Files and folders that cannot be searched, or only in part"))
        view.header().setSectionsMovable(False)
        view.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        view.header().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )

    def _set_up_detail(self) -> None:
        self._detail.setAccessibleName(tr("The selected file, and why it cannot be searched"))
        self._detail.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def _connect(self) -> None:
        """Say what each button does, and offer the same by keys and in the list's menu."""
        self._list.selectionModel().selectionChanged.connect(self._show_selected)
        self._list.doubleClicked.connect(self._reveal_selected)
        for button, slot, keys in (
            # As shortcuts, because the view hands Enter on to the dialog, which would close.
            (self._reveal, self._reveal_selected, ["Return", "Enter"]),
            (self._open, self._open_selected, ["Ctrl+O"]),
            (self._retry, self._retry_selected, ["F5"]),
            (self._exclude, self._exclude_selected, ["Del"]),
            (self._copy, self._copy_list, ["Ctrl+Shift+C"]),
            (self._retry_all, self._ask_for_all, ["Shift+F5"]),
        ):
            button.clicked.connect(slot)
            action = QAction(button.text(), self._list)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(button.click)
            self._list.addAction(action)
            self._actions[button] = action
        self._close.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._summary)
        layout.addWidget(self._list, stretch=1)
        layout.addWidget(self._detail)
        layout.addLayout(_row(self._reveal, self._open, self._retry, self._exclude))
        layout.addSpacing(2 * SPACE)
        ending = _row(self._copy, self._retry_all)
        ending.addWidget(self._close)
        layout.addLayout(ending)
        # Only now: before it is in the dialog, this would be forgotten.
        self._close.setDefault(True)


class _Detail(QPlainTextEdit):
    """As high as a few lines."""

    def __init__(self) -> None:
        super().__init__(readOnly=True, tabChangesFocus=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        height = DETAIL_LINES * self.fontMetrics().lineSpacing() + 3 * SPACE
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())


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


def _row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE)
    for button in buttons:
        row.addWidget(button)
    row.addStretch()
    return row


def summary(count: int) -> str:
    """Say how much cannot be searched."""
    if not count:
        return NOTHING
    return trn(
        "{count} file cannot be searched, or only in part. Everything else is.",
        "{count} files cannot be searched, or only in part. Everything else is.", count,
    )  # fmt: skip


def printable(text: str) -> str:
    """Return a text on one line, without what cannot be shown."""
    return _UNSHOWABLE.sub(_REPLACEMENT, text)
