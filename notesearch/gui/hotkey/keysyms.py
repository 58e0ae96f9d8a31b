"""Which keys of an X server's keyboard a chord is."""

import contextlib
import ctypes
import itertools

from notesearch.gui.hotkey.chord import FUNCTION_KEYS, Chord, Modifier
from notesearch.gui.hotkey.xcb import Keyboard

_SHIFT, _LOCK, _CONTROL = 1, 2, 4
_NAMED = {
    "Space": 0x20, "Tab": 0xFF09, "Return": 0xFF0D, "Enter": 0xFF8D, "Backspace": 0xFF08,
    "Esc": 0xFF1B, "Ins": 0xFF63, "Del": 0xFFFF, "Home": 0xFF50, "End": 0xFF57, "PgUp": 0xFF55,
    "PgDown": 0xFF56, "Left": 0xFF51, "Right": 0xFF53, "Up": 0xFF52, "Down": 0xFF54,
    "Print": 0xFF61, "Pause": 0xFF13,
    **{key: 0xFFBE + number for number, key in enumerate(FUNCTION_KEYS)},
}  # fmt: skip
_UNICODE, _LATIN_1 = 0x1000000, 0x100
_NUM_LOCK, _SCROLL_LOCK, _LEVEL_3 = {0xFF7F}, {0xFF14}, {0xFE03}
_ALT, _META = {0xFFE9, 0xFFEA}, {0xFFEB, 0xFFEC}
_LEVEL_3_COLUMN = 4
_MOD_1, _MOD_4, _MOD_5 = 1 << 3, 1 << 6, 1 << 7


def grabs(chord: Chord, keyboard: Keyboard) -> frozenset[tuple[int, int]]:
    """Return the numbers of keys and the modifiers that are this chord, whatever is locked.

    Nothing where no key of the keyboard is this one.
    """
    held = _held(chord, keyboard)
    locks = {_LOCK, _mask(keyboard, _NUM_LOCK), _mask(keyboard, _SCROLL_LOCK)} - {0}
    each = [(0, lock) for lock in locks]
    return frozenset(
        (key, modifiers | held | sum(locked))
        for key, modifiers in _places(chord, keyboard)
        for locked in itertools.product(*each)
        if not sum(locked) & (modifiers | held)
    )


def _places(chord: Chord, keyboard: Keyboard) -> list[tuple[int, int]]:
    """Return the keys that type it, with what they need for it, in the first column that has any.

    The first layout comes before the second one, and what needs nothing more before the rest.
    """
    wanted = _keysyms(chord.key)
    width = max(map(len, keyboard.keysyms.values()), default=0)
    shifted = Modifier.SHIFT in chord.modifiers
    for column in sorted(
        range(width), key=lambda at: (at >= _LEVEL_3_COLUMN, at % 2 != shifted, at)
    ):
        needed = _SHIFT * (column % 2)
        if column >= _LEVEL_3_COLUMN:
            needed |= _mask(keyboard, _LEVEL_3) or _MOD_5
        found = [key for key, row in keyboard.keysyms.items() if row[column] in wanted]
        if found:
            return [(key, needed) for key in found]
    return []


def _held(chord: Chord, keyboard: Keyboard) -> int:
    masks = {
        Modifier.CTRL: _CONTROL, Modifier.SHIFT: _SHIFT,
        Modifier.ALT: _mask(keyboard, _ALT) or _MOD_1,
        Modifier.META: _mask(keyboard, _META) or _MOD_4,
    }  # fmt: skip
    return sum(masks[modifier] for modifier in chord.modifiers)


def _mask(keyboard: Keyboard, keysyms: set[int]) -> int:
    """Return the modifier that keys of these keysyms are; 0 where they are none."""
    for number, keys in enumerate(keyboard.modifiers):
        if any(keysyms & {*keyboard.keysyms.get(key, ())} for key in keys):
            return 1 << number
    return 0


def _keysyms(key: str) -> set[int]:
    if key in _NAMED:
        return {_NAMED[key]}
    return {keysym for character in (key.lower(), key) for keysym in _of_character(character)}


def _of_character(character: str) -> set[int]:
    code = ord(character)
    if code < _LATIN_1:
        return {code}
    keysyms = {_UNICODE + code}
    # Letters of Greek, Cyrillic and others have an older keysym too.
    with contextlib.suppress(OSError, AttributeError):
        keysyms.add(ctypes.CDLL("libxkbcommon.so.0").xkb_utf32_to_keysym(code))
    return keysyms
