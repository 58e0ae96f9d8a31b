"""The field that shows a key and, while it records, takes each that is pressed."""

from PySide6.QtCore import QEvent, QMargins, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from notesearch.gui.hotkey.chord import parse, written
from notesearch.gui.key_text import key_text
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

PRESS = tr("Press the key…")
NONE = tr("None")

_HELD = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Meta: Qt.KeyboardModifier.MetaModifier,
    Qt.Key.Key_Super_L: Qt.KeyboardModifier.MetaModifier,
    Qt.Key.Key_Super_R: Qt.KeyboardModifier.MetaModifier,
}
"""Modifiers by their keys. Those of locks and of the keypad are no part of a key."""
_ALL_HELD = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.MetaModifier
)  # fmt: skip
_NAMELESS = (0, Qt.Key.Key_unknown, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock)


class KeyField(QLineEdit):
    """Shows a key; while it records, no other widget and no shortcut hears any."""

    pressed = Signal(str)
    """A key with what was held, as Qt writes it; '' for none. It goes on recording."""
    released = Signal()
    """The first that was let go after a key was pressed."""
    given_up = Signal()
    """Esc was pressed, or something else has the keyboard now."""
    wanted = Signal()
    """It was clicked."""

    # For Qt, which sends events before there is anything else.
    recording = False
    _down = False

    def __init__(self) -> None:
        super().__init__(readOnly=True, placeholderText=NONE)
        self.setObjectName("name")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.updateGeometry)

    def show_key(self, key: str) -> None:
        """Show a key as the user knows it."""
        self.setText(key_text(key))

    def record(self) -> None:
        """Take every key from now on."""
        self.recording, self._down = True, False
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setPlaceholderText(PRESS)
        self.clear()
        self.grabKeyboard()

    def stop(self) -> None:
        """Take no more keys."""
        self.recording = False
        self.releaseKeyboard()
        self.setPlaceholderText(NONE)

    def sizeHint(self) -> QSize:
        # A key of which half is hidden says another one. Qt's own has room for 17 letters.
        hint, width = super().sizeHint(), self.fontMetrics().horizontalAdvance
        more = max(width(self.text()), width(PRESS)) + SPACE - 17 * width("x")
        return hint.grownBy(QMargins(0, 0, more, 0))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        # Before anything else of Qt's: Tab would lead away, and a shortcut would fire.
        if self.recording and isinstance(event, QKeyEvent):
            event.accept()
            if event.type() is QEvent.Type.KeyPress and not event.isAutoRepeat():
                self._press(event)
            elif event.type() is QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self._release(event)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.wanted.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.recording:
            self.given_up.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.recording:
            self.given_up.emit()

    def _press(self, event: QKeyEvent) -> None:
        held, key = event.modifiers() & _ALL_HELD, Qt.Key(event.key())
        nothing = held == Qt.KeyboardModifier.NoModifier
        if key in _HELD:
            self._show_held(held | _HELD[key])
        elif nothing and key == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif key not in _NAMELESS:
            self._down = True
            none = nothing and key in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}
            self.pressed.emit("" if none else _written(held, key))

    def _release(self, event: QKeyEvent) -> None:
        if self._down:
            self._down = False
            self.released.emit()
        elif (key := Qt.Key(event.key())) in _HELD:
            self._show_held(event.modifiers() & _ALL_HELD & ~_HELD[key])

    def _show_held(self, held: Qt.KeyboardModifier) -> None:
        """Show what is held so far."""
        said = key_text(held.value)
        self.setText(f"{said}…" if said else "")


def _written(held: Qt.KeyboardModifier, key: Qt.Key) -> str:
    """Return a key as Qt writes it, always in the same way."""
    text = QKeySequence(held.value | key.value).toString()
    chord = parse(text)
    return text if chord is None else written(chord)
