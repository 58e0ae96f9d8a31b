"""The acts of keys.py as the window's shortcuts and as what menus show."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from notesearch.gui.keys import ACTIONS, Act, Action, Where
from notesearch.translation import tr

Do = Callable[[Act, int], None]


class Commands(QObject):
    """One QAction for each act; what it does is the window's to know."""

    def __init__(self, window: QWidget, note: QWidget, do: Do) -> None:
        """Bind the keys: of the whole window, and of the note beside the list.

        Those of the box it takes itself. do: called with the act, and which of its keys it was.
        """
        super().__init__(window)
        self._do = do
        self._actions: dict[Act, QAction] = {}
        for action in ACTIONS:
            made = self._actions[action.act] = self._made(action)
            if action.where is Where.WINDOW:
                window.addAction(made)
            elif action.where is Where.NOTE:
                made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                note.addAction(made)
            for number, key in enumerate(action.keys[1:], 2):
                if action.where is Where.WINDOW and action.act is Act.NTH:
                    window.addAction(self._one_of(action, number, key))

    def action(self, act: Act) -> QAction:
        """Return an act as a menu shows it, with its keys."""
        return self._actions[act]

    def _made(self, action: Action) -> QAction:
        keys = action.keys[:1] if action.act is Act.NTH else action.keys
        made = QAction(tr(action.label), self)
        made.setShortcuts([QKeySequence(key) for key in keys])
        made.setShortcutVisibleInContextMenu(True)
        made.triggered.connect(partial(self._run, action.act, 1))
        return made

    def _one_of(self, action: Action, number: int, key: str) -> QAction:
        made = QAction(tr(action.label), self)
        made.setShortcut(QKeySequence(key))
        made.triggered.connect(partial(self._run, action.act, number))
        return made

    def _run(self, act: Act, number: int) -> None:
        self._do(act, number)
