"""One key with its modifiers, apart from how any platform calls them."""

import sys
from dataclasses import dataclass
from enum import Flag, auto

from notesearch.translation import tr


class Modifier(Flag):
    """What is held with the key. Of a Mac, CTRL is Command and META is Control, as Qt has it."""

    CTRL = auto()
    ALT = auto()
    SHIFT = auto()
    META = auto()


@dataclass(frozen=True, slots=True)
class Chord:
    """A key that is to be heard anywhere."""

    modifiers: Modifier
    key: str
    """One of NAMED, or the character that the key types, as a capital."""


META_NAME = tr("Win") if sys.platform == "win32" else tr("Super")
"""What the users of this system call META; a Mac has a sign for it."""
FUNCTION_KEYS = tuple(f"F{number}" for number in range(1, 25))
NAMED = (
    "Space", "Tab", "Return", "Enter", "Backspace", "Esc", "Ins", "Del", "Home", "End", "PgUp",
    "PgDown", "Left", "Right", "Up", "Down", "Print", "Pause", *FUNCTION_KEYS,
)  # fmt: skip
"""Keys that type no character, and the space bar, as Qt writes them; Enter is the keypad's."""
_ALONE = {*FUNCTION_KEYS, "Print", "Pause"}
"""Keys that nobody writes or edits with."""
_WRITTEN = {
    "Meta": Modifier.META, "Ctrl": Modifier.CTRL, "Alt": Modifier.ALT, "Shift": Modifier.SHIFT,
}  # fmt: skip
"""In the order that Qt writes them in."""


def parse(text: str) -> Chord | None:
    """Return the chord of Qt's portable text, None where it is not one key of those above."""
    names, key = _taken_apart(text)
    if any(name not in _WRITTEN for name in names):
        return None
    modifiers = Modifier(0)
    for name in names:
        modifiers |= _WRITTEN[name]
    if key == "Backtab":  # Qt's name of Tab where Shift is held
        return Chord(modifiers | Modifier.SHIFT, "Tab")
    if key in NAMED:
        return Chord(modifiers, key)
    return Chord(modifiers, _capital(key)) if len(key) == 1 and _types(key) else None


def written(chord: Chord) -> str:
    """Return Qt's portable text of a chord."""
    names = [name for name, modifier in _WRITTEN.items() if modifier in chord.modifiers]
    return "+".join((*names, chord.key))


def complaint(text: str) -> str:
    """Return why this cannot be a key that is heard anywhere; '' where it can."""
    chord = parse(text)
    if chord is None:
        *names, last = text.split("+")
        if all(name in _WRITTEN for name in names) and last in {"", *_WRITTEN}:
            return tr("Modifiers alone are not enough. Press another key with them.")
        return tr(
            "This key cannot be used everywhere. Take a letter, a digit or F1 to F24, with {keys}."
        ).format(keys=_needed())
    if chord.modifiers & ~Modifier.SHIFT or chord.key in _ALONE:
        return ""
    return tr("You could no longer type this key in other programs. Hold {keys} with it.").format(
        keys=_needed()
    )


def _taken_apart(text: str) -> tuple[list[str], str]:
    """Return the names of the modifiers, and the key, which may be the plus sign itself."""
    if text == "+":
        return [], "+"
    if text.endswith("++"):
        return text[:-2].split("+"), "+"
    *names, key = text.split("+")
    return names, key


def _types(key: str) -> bool:
    return key.isprintable() and not key.isspace()


def _capital(key: str) -> str:
    capital = key.upper()
    return capital if len(capital) == 1 else key


def _needed() -> str:
    if sys.platform == "darwin":
        return tr("Command, Option or Control")
    return tr("Ctrl, Alt or {meta}").format(meta=META_NAME)
