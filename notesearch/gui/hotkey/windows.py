"""A global key on Windows: RegisterHotKey, which sends its message to the thread that asked.

Run so far only against a stand-in for Windows' libraries, never on Windows. A window may take the
keyboard, since Windows lets the program that received the last key do so.
"""

import ctypes
import queue
import sys
import threading
from collections.abc import Callable
from ctypes import wintypes
from dataclasses import dataclass
from typing import Any

from notesearch.gui.hotkey import Pressed, Registration, Tell
from notesearch.gui.hotkey.chord import FUNCTION_KEYS, Chord, Modifier, complaint, parse
from notesearch.translation import tr

WM_HOTKEY, WM_APP = 0x0312, 0x8000
MOD_NOREPEAT = 0x4000
ERROR_HOTKEY_ALREADY_REGISTERED = 1409
HOTKEY_ID = 1
"""Of a program's own; up to 0xBFFF."""
_MODIFIERS = {
    Modifier.ALT: 0x0001, Modifier.CTRL: 0x0002, Modifier.SHIFT: 0x0004, Modifier.META: 0x0008,
}  # fmt: skip
_F1 = 0x70
_KEYS = {
    "Backspace": 0x08, "Tab": 0x09, "Return": 0x0D, "Enter": 0x0D, "Pause": 0x13, "Esc": 0x1B,
    "Space": 0x20, "PgUp": 0x21, "PgDown": 0x22, "End": 0x23, "Home": 0x24, "Left": 0x25,
    "Up": 0x26, "Right": 0x27, "Down": 0x28, "Print": 0x2C, "Ins": 0x2D, "Del": 0x2E,
    **{name: _F1 + number for number, name in enumerate(FUNCTION_KEYS)},
}  # fmt: skip
"""Virtual keys; letters and digits are their own."""
_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class System:
    """What is used of Windows."""

    user32: Any
    kernel32: Any
    last_error: Callable[[], int]
    """Of this thread's last call."""
    error_text: Callable[[int], str]
    """What Windows says of an error."""


class WindowsHotkey:
    """A Hotkey: one thread with a queue of messages."""

    asks_user = False

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._system = _system()
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._registered = False
        self._thread_id = 0
        self._thread = threading.Thread(target=self._run, name="hotkey", daemon=True)
        self._thread.start()

    def use(self, key: str) -> None:
        """Let go of the former key and ask for this one."""
        if not self._closed.is_set():
            self._order(key)

    def activate(self, window_id: int, time: int) -> None:
        """Do nothing: the program that received the key may take the keyboard."""

    def close(self) -> None:
        """Let go of the key and end the thread."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._order(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_SECONDS)

    def _order(self, key: str | None) -> None:
        self._orders.put(key)
        # Until its number is known, the thread has not looked for orders yet.
        if self._thread_id:
            self._system.user32.PostThreadMessageW(self._thread_id, WM_APP, 0, 0)

    def _run(self) -> None:
        message = wintypes.MSG()
        # A thread has a queue of messages as soon as it looks for one.
        self._system.user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)
        self._thread_id = self._system.kernel32.GetCurrentThreadId()
        while self._obey() and self._system.user32.GetMessageW(
            ctypes.byref(message), None, 0, 0
        ) > 0:  # fmt: skip
            if message.message == WM_HOTKEY:
                self._say(Pressed())
        self._release()

    def _obey(self) -> bool:
        """Do what was ordered; False where that is to end."""
        while not self._orders.empty():
            key = self._orders.get()
            if key is None:
                return False
            self._release()
            reason = self._register(key) if key else ""
            self._say(Registration(key, works=not reason, reason=reason))
        return True

    def _release(self) -> None:
        if self._registered:
            self._system.user32.UnregisterHotKey(None, HOTKEY_ID)
        self._registered = False

    def _register(self, key: str) -> str:
        """Ask for a key; returns why it is not given, '' where it is."""
        chord, why_not = parse(key), complaint(key)
        if chord is None or why_not:
            return why_not
        virtual = self._virtual_key(chord)
        if virtual is None:
            return tr("This key is not on the keyboard. Choose another one.")
        modifiers = MOD_NOREPEAT
        for modifier, bit in _MODIFIERS.items():
            modifiers |= bit if modifier in chord.modifiers else 0
        if self._system.user32.RegisterHotKey(None, HOTKEY_ID, modifiers, virtual):
            self._registered = True
            return ""
        return self._why_not(self._system.last_error())

    def _virtual_key(self, chord: Chord) -> int | None:
        """Return the key that a chord means on the keyboard as it is now."""
        key = chord.key
        if key in _KEYS:
            return _KEYS[key]
        if key.isascii() and key.isalnum():
            return ord(key)
        if ord(key) > 0xFFFF:  # noqa: PLR2004  # Windows takes one unit of UTF-16
            return None
        # Its low byte is the key, the high one what is held to type the character.
        found: int = self._system.user32.VkKeyScanW(key)
        return None if found == -1 else found & 0xFF

    def _why_not(self, error: int) -> str:
        if error == ERROR_HOTKEY_ALREADY_REGISTERED:
            return tr(
                "Another program has this key already. Choose another one, or end that program."
            )
        return tr("Windows does not give this key: {reason} Choose another one.").format(
            reason=self._system.error_text(error).strip()
        )

    def _say(self, news: Pressed | Registration) -> None:
        if not self._closed.is_set():
            self._tell(news)


def _system() -> System:
    """Load the libraries, and say what their functions take and return."""
    if sys.platform != "win32":
        raise NotImplementedError
    user32 = ctypes.WinDLL("user32", use_last_error=True)
    kernel32 = ctypes.WinDLL("kernel32")
    word, handle, message = wintypes.UINT, wintypes.HWND, wintypes.LPMSG
    takes = {
        "RegisterHotKey": (handle, ctypes.c_int, word, word),
        "UnregisterHotKey": (handle, ctypes.c_int),
        "GetMessageW": (message, handle, word, word),
        "PeekMessageW": (message, handle, word, word, word),
        "PostThreadMessageW": (wintypes.DWORD, word, wintypes.WPARAM, wintypes.LPARAM),
        "VkKeyScanW": (wintypes.WCHAR,),
    }
    for name, types in takes.items():
        function = getattr(user32, name)
        function.argtypes, function.restype = types, wintypes.BOOL
    user32.VkKeyScanW.restype = ctypes.c_short
    kernel32.GetCurrentThreadId.restype = wintypes.DWORD
    return System(user32, kernel32, ctypes.get_last_error, ctypes.FormatError)
