"""The box that the query is typed into; most keys of the window come in here."""

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence

from notesearch.gui.keys import ACTIONS, Act, Where
from notesearch.gui.text_line import TextLine
from notesearch.translation import tr

_ELSEWHERE = {False: {Where.NOTE, Where.POPUP}, True: {Where.NOTE}}
_BY_KEY: dict[bool, dict[str, tuple[Act, int]]] = {
    popup: {
        QKeySequence(key).toString(): (action.act, number)
        for action in ACTIONS
        if action.where not in elsewhere and not (popup and action.act is Act.READ)
        for number, key in enumerate(action.keys, 1)
    } for popup, elsewhere in _ELSEWHERE.items()
}  # fmt: skip
"""What each key does, in the window and in the quick search, and which of the action's it is.

In the quick search there is nothing to read: Tab leads on, as it does anywhere.
"""
_LIST_ONLY = {Act.FIRST, Act.LAST, Act.READ}
"""Where there is no list, these keys do what they do in any box."""
_TEXT_ENDS = {Qt.Key.Key_Home, Qt.Key.Key_End}


class SearchBox(TextLine):
    """Announces the keys that are not for the text."""

    acted = Signal(object, int)
    """An Act, and which of its keys it was, counted from 1."""

    def __init__(self, *, popup: bool = False) -> None:
        """Take the keys of the window, or those of the quick search."""
        super().__init__(tr("Search notes"))
        self._by_key = _BY_KEY[popup]
        self.has_list = False
        """Whether there is a list to move in."""
        self.setObjectName("box")
        self.setAccessibleName(tr("Search notes"))
        self.setAccessibleDescription(
            tr("Results follow as you type; the arrow keys choose among them, Enter opens one.")
        )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._meant(event):
                # Else the window would take it for its own, and the act be done twice.
                event.accept()
                return True
            # Before the widget moves on to the next one, as it does with Tab.
            if event.type() == QEvent.Type.KeyPress and self._act(event):
                return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # The menu key is for the chosen note; the mouse is over the text.
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.has_list:
            self.acted.emit(Act.MENU, 1)
        else:
            super().contextMenuEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = _plain(event).keyboardModifiers() == Qt.KeyboardModifier.ControlModifier
        if ctrl and event.key() in _TEXT_ENDS:
            self.setCursorPosition(len(self.text()) if event.key() == Qt.Key.Key_End else 0)
        else:
            super().keyPressEvent(event)

    def _act(self, event: QKeyEvent) -> bool:
        meant = self._meant(event)
        if meant:
            self.acted.emit(*meant)
        return bool(meant)

    def _meant(self, event: QKeyEvent) -> tuple[Act, int] | None:
        """Return what a key is for; None where it is for the text."""
        meant = self._by_key.get(QKeySequence(_plain(event)).toString())
        if meant is None or (meant[0] in _LIST_ONLY and not self.has_list):
            return None
        return None if meant[0] is Act.COPY_PASSAGE and self.hasSelectedText() else meant


def _plain(event: QKeyEvent) -> QKeyCombination:
    """Return the key that was pressed, the same on the keypad."""
    pressed = event.keyCombination()
    modifiers = pressed.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeyCombination(modifiers, pressed.key())
