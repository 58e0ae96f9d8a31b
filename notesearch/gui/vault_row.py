"""A folder of notes that is offered: its name, what and where it is, how many notes it has."""

import os
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.link_button import as_label
from notesearch.gui.theme import SPACE
from notesearch.translation import tr, trn
from notesearch.vaults import FOLDER, Vault


class VaultRow(QWidget):
    """A check box for a folder; a click anywhere in the row reaches it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._name = path.name or str(path)
        self.check = _Check(self._name)
        self._count = QLabel(tr("counting…"), textFormat=Qt.TextFormat.PlainText)
        self._count.setObjectName("muted")
        self._where = ElidedLabel()
        self._indent = QWidget()
        self._lay_out()
        self._describe(tr("Folder"), self._count.text())

    def tell(self, vault: Vault) -> None:
        """Say what is known of the folder."""
        self._count.setText(count_text(vault))
        self._describe(tr("Folder") if vault.kind == FOLDER else vault.kind, self._count.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Otherwise the release would not come here.
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if inside and event.button() == Qt.MouseButton.LeftButton:
            self.check.setFocus()
            self.check.click()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._indent.setFixedWidth(self.check.indent())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._indent.setFixedWidth(self.check.indent())

    def _describe(self, kind: str, count: str) -> None:
        where = shown_path(self._path)
        self._where.show_text(f"{kind} · {where}")
        self.check.setAccessibleName(f"{self._name}, {kind}, {count}")
        self.check.setAccessibleDescription(where)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, SPACE)
        grid.addWidget(self.check, 0, 0, 1, 2)
        grid.addWidget(self._count, 0, 3)
        grid.addWidget(self._indent, 1, 0)
        grid.addWidget(self._where, 1, 1, 1, 3)


class _Check(QCheckBox):
    """A check box whose text is cut with an ellipsis instead of widening the window."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def indent(self) -> int:
        """Return how far from the box's outer edge its text begins."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.direction = Qt.LayoutDirection.LeftToRight
        part = QStyle.SubElement.SE_CheckBoxContents
        return self.style().subElementRect(part, option, self).left()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def _fit(self) -> None:
        room, middle = self.width() - self.indent(), Qt.TextElideMode.ElideMiddle
        self.setText(as_label(self.fontMetrics().elidedText(self._name, middle, max(0, room))))


def count_text(vault: Vault) -> str:
    """Say how many notes a folder has."""
    if vault.more:
        return trn("{count}+ note", "{count}+ notes", vault.notes)
    return trn("{count} note", "{count} notes", vault.notes) if vault.notes else tr("no notes")


def shown_path(path: Path) -> str:
    """Return a path as people write it: `~` is the home folder, except on Windows."""
    home = Path.home()
    if os.name == "posix" and path != home and path.is_relative_to(home):
        return str("~" / path.relative_to(home))
    return str(path)
