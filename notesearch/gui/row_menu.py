"""What can be done with a note of the list, as a menu."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from notesearch.core.notes import BREADCRUMB, Hit, Removal
from notesearch.gui.keys import BY_ACT, Act, first_key
from notesearch.gui.link_button import as_label
from notesearch.gui.row_words import folders_of
from notesearch.translation import tr, trn

_USING = (Act.OPEN, Act.OPEN_SECOND)
_COPYING = (Act.COPY_LINK, Act.COPY_PASSAGE, Act.COPY_PATH)
_ASKING = (Act.RELATED, Act.WHY)


class RowMenu(QMenu):
    """The acts on the chosen note, other programs, and leaving out."""

    act_wanted = Signal(object)
    """An Act that is to be done with the note."""
    open_wanted = Signal(str)
    """The name of the program that is to open the note."""
    exclude_wanted = Signal(bool)
    """The note is to be left out of the search; true: all of its folder."""

    def __init__(self, hit: Hit, openers: Sequence[tuple[str, str]], parent: QWidget) -> None:
        """Make the menu. openers: names and labels of the programs that are installed."""
        super().__init__(parent)
        self.setObjectName("row")
        self.setAccessibleName(tr("What can be done with {title}").format(title=hit.title))
        self._folder = folders_of(hit.path)
        self._add(_USING)
        others = self.addMenu(tr("Open with"))
        for name, label in openers:
            others.addAction(as_label(label)).triggered.connect(partial(self._open, name))
        self._add((Act.REVEAL,))
        self.addSeparator()
        self._add(_COPYING)
        self.addSeparator()
        self._add(_ASKING)
        self.addSeparator()
        self.addAction(tr("Leave this note out of the search")).triggered.connect(
            partial(self._exclude, whole=False)
        )
        self._whole: QAction | None = None
        if self._folder:
            self._whole = self.addAction(self._leaves_out(""))
            self._whole.triggered.connect(partial(self._exclude, whole=True))

    def show_removal(self, removal: Removal) -> None:
        """Say how many notes leaving the folder out takes from the search."""
        if self._whole is not None:
            count = trn("{count} note", "{count} notes", removal.notes)
            self._whole.setText(self._leaves_out(f" ({count})"))

    def _leaves_out(self, count: str) -> str:
        inner = self._folder.rpartition(BREADCRUMB)[2]
        said = tr("Leave the folder “{folder}” out").format(folder=inner)
        return as_label(f"{said}{count}")

    def _add(self, acts: Sequence[Act]) -> None:
        for act in acts:
            # Not the window's own: those act on whatever is chosen by then.
            action = self.addAction(tr(BY_ACT[act].label))
            action.setShortcut(first_key(act))
            action.setShortcutVisibleInContextMenu(True)
            action.triggered.connect(partial(self._want, act))

    def _want(self, act: Act) -> None:
        self.act_wanted.emit(act)

    def _open(self, name: str) -> None:
        self.open_wanted.emit(name)

    def _exclude(self, *, whole: bool) -> None:
        self.exclude_wanted.emit(whole)
