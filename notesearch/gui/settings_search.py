"""The page about the search: how close, what is remembered, and what was saved."""

import dataclasses

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QListWidget, QPushButton, QSizePolicy

from notesearch.gui.keys import Act, first_key
from notesearch.gui.settings_page import SettingsPage, beside, muted
from notesearch.gui.theme import SPACE
from notesearch.settings import Page, Settings
from notesearch.translation import tr

ROWS = 3
CLEAR = tr("&Clear history")
CLEARED = tr("Cleared")
CLEARS = tr("Turning it off clears what is kept.")


class _SavedList(QListWidget):
    """As high as a few rows."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        height = ROWS * (self.fontMetrics().height() + 2 * SPACE)
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())


class SearchPage(SettingsPage):
    """What is declared, and the searches that are kept."""

    history_cleared = Signal()
    """What was searched for is to be forgotten."""

    def __init__(self) -> None:
        super().__init__(Page.SEARCH)
        self._history = False
        self._clear = QPushButton(CLEAR, autoDefault=False)
        self._clear.clicked.connect(self._forget)
        self.column.addWidget(muted(CLEARS))
        self.column.addLayout(beside(self._clear))
        self._saved = _SavedList()
        self._saved.itemSelectionChanged.connect(self._enable)
        self._remove = QPushButton(tr("&Remove"), autoDefault=False)
        self._remove.clicked.connect(self._remove_selected)
        gone = QShortcut(QKeySequence(Qt.Key.Key_Delete), self._saved)
        gone.setContext(Qt.ShortcutContext.WidgetShortcut)
        gone.activated.connect(self._remove_selected)
        keeping = tr("{key} in the window keeps a search, to be asked again.")
        self.add(tr("&Saved searches"), self._saved,
                 keeping.format(key=first_key(Act.SAVE_SEARCH)))  # fmt: skip
        self.column.addLayout(beside(self._remove))
        self.column.addStretch()
        self._enable()

    def show_settings(self, now: Settings) -> None:
        super().show_settings(now)
        if now.history != self._history:
            self._history = now.history
            self._clear.setText(CLEAR if now.history else CLEARED)
            self._clear.setEnabled(now.history)
        if now.saved != self._listed():
            row = self._saved.currentRow()
            self._saved.clear()
            self._saved.addItems(now.saved)
            self._saved.setCurrentRow(min(row, len(now.saved) - 1))

    def decide(self, **values: object) -> None:
        super().decide(**values)
        if "history" in values:
            self._history = bool(values["history"])
            self._clear.setText(CLEAR)
            self._clear.setEnabled(self._history)
            if not self._history:
                self._forget()

    @Slot()
    def _forget(self) -> None:
        self._clear.setText(CLEARED)
        self._clear.setEnabled(False)
        self.history_cleared.emit()

    @Slot()
    def _remove_selected(self) -> None:
        row = self._saved.currentRow()
        if row < 0 or not self._saved.selectedItems():
            return
        text = self._saved.takeItem(row).text()

        def change(now: Settings) -> Settings:
            return dataclasses.replace(now, saved=tuple(one for one in now.saved if one != text))

        self.changed.emit(change)
        self._enable()

    @Slot()
    def _enable(self) -> None:
        self._remove.setEnabled(bool(self._saved.selectedItems()))

    def _listed(self) -> tuple[str, ...]:
        return tuple(self._saved.item(row).text() for row in range(self._saved.count()))
