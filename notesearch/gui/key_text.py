"""How a key that is heard anywhere is written for the user."""

from PySide6.QtGui import QKeySequence

from notesearch.gui.hotkey.chord import META_NAME

_QT_NAME = "Meta+"
"""What Qt writes where it has no sign for the key; it writes it first."""


def key_text(key: str | int, meta: str = META_NAME) -> str:
    """Return a key as the user knows it; '' stays that.

    key: as Qt writes it, or its number, which can be of modifiers alone.
    """
    native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{meta}+{native.removeprefix(_QT_NAME)}" if native.startswith(_QT_NAME) else native
