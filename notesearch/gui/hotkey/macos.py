"""A global key on macOS: RegisterEventHotKey of Carbon, which needs no leave of the user's.

Run so far only against a stand-in for Carbon, never on a Mac. Everything here happens in the main
thread, whose loop, which is Qt's, delivers the key. Keys are named by where an American keyboard
has them; on others a letter may be elsewhere.
"""

import ctypes
from typing import Any

from notesearch.gui.hotkey import Pressed, Registration, Tell
from notesearch.gui.hotkey.chord import Chord, Modifier, complaint, parse
from notesearch.translation import tr

NO_ERROR = 0
HOTKEY_EXISTS = -9878
_KEYBOARD = int.from_bytes(b"keyb", "big")
_HOTKEY_PRESSED = 5
_SIGNATURE = int.from_bytes(b"nsrc", "big")
_MODIFIERS = {
    Modifier.CTRL: 0x0100, Modifier.SHIFT: 0x0200, Modifier.ALT: 0x0800, Modifier.META: 0x1000,
}  # fmt: skip
"""As Qt has it, Ctrl is Command and Meta is Control; Alt is Option."""
_CODES = {
    "A": 0x00, "S": 0x01, "D": 0x02, "F": 0x03, "H": 0x04, "G": 0x05, "Z": 0x06, "X": 0x07,
    "C": 0x08, "V": 0x09, "B": 0x0B, "Q": 0x0C, "W": 0x0D, "E": 0x0E, "R": 0x0F, "Y": 0x10,
    "T": 0x11, "1": 0x12, "2": 0x13, "3": 0x14, "4": 0x15, "6": 0x16, "5": 0x17, "=": 0x18,
    "9": 0x19, "7": 0x1A, "-": 0x1B, "8": 0x1C, "0": 0x1D, "]": 0x1E, "O": 0x1F, "U": 0x20,
    "[": 0x21, "I": 0x22, "P": 0x23, "L": 0x25, "J": 0x26, "'": 0x27, "K": 0x28, ";": 0x29,
    "\\": 0x2A, ",": 0x2B, "/": 0x2C, "N": 0x2D, "M": 0x2E, ".": 0x2F, "`": 0x32,
    "Return": 0x24, "Tab": 0x30, "Space": 0x31, "Backspace": 0x33, "Esc": 0x35, "Enter": 0x4C,
    "Ins": 0x72, "Home": 0x73, "PgUp": 0x74, "Del": 0x75, "End": 0x77, "PgDown": 0x79,
    "Left": 0x7B, "Right": 0x7C, "Down": 0x7D, "Up": 0x7E,
    "F1": 0x7A, "F2": 0x78, "F3": 0x63, "F4": 0x76, "F5": 0x60, "F6": 0x61, "F7": 0x62,
    "F8": 0x64, "F9": 0x65, "F10": 0x6D, "F11": 0x67, "F12": 0x6F, "F13": 0x69, "F14": 0x6B,
    "F15": 0x71, "F16": 0x6A, "F17": 0x40, "F18": 0x4F, "F19": 0x50, "F20": 0x5A,
}  # fmt: skip
"""kVK_ANSI_… and kVK_… of Carbon's Events.h; Ins is where Macs have Help."""

Handler = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class EventTypeSpec(ctypes.Structure):
    """Which events a handler wants."""

    _fields_ = (("event_class", ctypes.c_uint32), ("kind", ctypes.c_uint32))


class EventHotKeyID(ctypes.Structure):
    """By which a program knows its keys."""

    _fields_ = (("signature", ctypes.c_uint32), ("id", ctypes.c_uint32))


class MacHotkey:
    """A Hotkey without a thread."""

    asks_user = False

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._carbon = _carbon()
        # Whoever is called from C has to stay.
        self._handler = Handler(self._pressed)
        self._installed = ctypes.c_void_p()
        self._key = ctypes.c_void_p()
        self._closed = False

    def use(self, key: str) -> None:
        """Let go of the former key and ask for this one."""
        if self._closed:
            return
        self._release()
        reason = self._register(key) if key else ""
        self._tell(Registration(key, works=not reason, reason=reason))

    def activate(self, window_id: int, time: int) -> None:
        """Do nothing: Qt makes the program the active one."""

    def close(self) -> None:
        """Let go of the key and of the events."""
        self._closed = True
        self._release()
        if self._installed:
            self._carbon.RemoveEventHandler(self._installed)
            self._installed = ctypes.c_void_p()

    def _release(self) -> None:
        if self._key:
            self._carbon.UnregisterEventHotKey(self._key)
            self._key = ctypes.c_void_p()

    def _register(self, key: str) -> str:
        """Ask for a key; returns why it is not given, '' where it is."""
        chord, why_not = parse(key), complaint(key)
        if chord is None or why_not:
            return why_not
        if chord.key not in _CODES:
            return tr("This key is not on the keyboard. Choose another one.")
        status = self._install() or self._ask(chord)
        if status == NO_ERROR:
            return ""
        self._key = ctypes.c_void_p()
        if status == HOTKEY_EXISTS:
            return tr(
                "Another program has this key already. Choose another one, or end that program."
            )
        return tr("macOS does not give this key (error {number}). Choose another one.").format(
            number=status
        )

    def _install(self) -> int:
        """Have keys delivered, from the first one on."""
        if self._installed:
            return NO_ERROR
        wanted = EventTypeSpec(_KEYBOARD, _HOTKEY_PRESSED)
        target = self._carbon.GetApplicationEventTarget()
        status: int = self._carbon.InstallEventHandler(
            target, self._handler, 1, ctypes.byref(wanted), None, ctypes.byref(self._installed)
        )
        return status

    def _ask(self, chord: Chord) -> int:
        modifiers = sum(bit for one, bit in _MODIFIERS.items() if one in chord.modifiers)
        target = self._carbon.GetApplicationEventTarget()
        status: int = self._carbon.RegisterEventHotKey(
            _CODES[chord.key], modifiers, EventHotKeyID(_SIGNATURE, 1), target, 0,
            ctypes.byref(self._key),
        )  # fmt: skip
        return status

    def _pressed(self, _caller: int, _event: int, _data: int) -> int:
        # The program has no other key that is heard everywhere.
        if self._key and not self._closed:
            self._tell(Pressed())
        return NO_ERROR


def _carbon() -> Any:  # noqa: ANN401  # a library
    """Load Carbon, and say what its functions take and return."""
    carbon = ctypes.CDLL("/System/Library/Frameworks/Carbon.framework/Carbon")
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    out = ctypes.POINTER(ctypes.c_void_p)
    takes = {
        "InstallEventHandler": (
            pointer, Handler, ctypes.c_ulong, ctypes.POINTER(EventTypeSpec), pointer, out,
        ),
        "RemoveEventHandler": (pointer,),
        "RegisterEventHotKey": (number, number, EventHotKeyID, pointer, number, out),
        "UnregisterEventHotKey": (pointer,),
    }  # fmt: skip
    for name, types in takes.items():
        function = getattr(carbon, name)
        function.argtypes, function.restype = types, ctypes.c_int32
    carbon.GetApplicationEventTarget.argtypes = ()
    carbon.GetApplicationEventTarget.restype = pointer
    return carbon
