"""The acts of keys.py as the window's shortcuts."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from notesearch.gui.keys import ACTIONS, Act, Action, Where
from notesearch.translation import tr

Do = Callable[[Act, int], None]


class Commands(QObject):
    """One QAction for each key that is not the box's; what it does is the window's to know."""

    def __init__(self, window: QWidget, note: QWidget | None, do: Do) -> None:
        """Bind the keys: of the whole window, and of the note beside the list, if there is one.

        Those of the box it takes itself. do: called with the act, and which of its keys it was.
        """
        super().__init__(window)
        self._do = do
        of = {Where.WINDOW: window, Where.NOTE: note}
        for action in ACTIONS:
            widget = of.get(action.where)
            if widget is None:
                continue
            for number, key in enumerate(action.keys, 1):
                made = self._made(action, number, key)
                if widget is note:
                    made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                widget.addAction(made)

    def _made(self, action: Action, number: int, key: str) -> QAction:
        made = QAction(tr(action.label), self)
        made.setShortcut(QKeySequence(key))
        made.triggered.connect(partial(self._run, action.act, number))
        return made

    def _run(self, act: Act, number: int) -> None:
        self._do(act, number)
