"""The key on Windows, with a stand-in for its libraries that keeps a queue of messages."""

import ctypes
import queue
import sys
import threading
from ctypes import wintypes

import pytest
from typed_library import TypedLibrary

from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.hotkey.windows import (
    ERROR_HOTKEY_ALREADY_REGISTERED,
    WM_APP,
    WM_HOTKEY,
    WindowsHotkey,
)

WAIT = 30
THREAD = 4711
ALT, CONTROL, SHIFT, WIN, NOREPEAT = 1, 2, 4, 8, 0x4000
QUIT = 0x0012


class Windows:
    """Does what user32 and kernel32 do for one thread."""

    def __init__(self):
        self.messages = None
        self.registered = {}
        self.refused = {}
        self.error = 0
        self.calls = []
        self.threads = set()
        self.typed = {"!": 0x0131, "Ö": 0x01C0}

    def load(self, name, *, use_last_error=False):
        assert name == "kernel32" or use_last_error
        return TypedLibrary(self)

    def PeekMessageW(self, message, window, first, last, remove):  # noqa: N802
        assert isinstance(message._obj, wintypes.MSG)
        assert (window, first, last, remove) == (None, 0, 0, 0)
        self.messages = queue.Queue()
        return 0

    def GetCurrentThreadId(self):  # noqa: N802
        self.threads.add(threading.current_thread())
        return THREAD

    def PostThreadMessageW(self, thread, kind, wide, long):  # noqa: N802
        assert (thread, wide, long) == (THREAD, 0, 0)
        assert self.messages is not None
        self.messages.put(kind)
        return 1

    def GetMessageW(self, message, window, first, last):  # noqa: N802
        assert (window, first, last) == (None, 0, 0)
        kind = self.messages.get(timeout=WAIT)
        message._obj.message = kind
        return 0 if kind == QUIT else 1

    def RegisterHotKey(self, window, number, modifiers, key):  # noqa: N802
        assert window is None
        self.threads.add(threading.current_thread())
        self.calls.append((modifiers, key))
        self.error = self.refused.get(key, 0)
        if self.error == 0:
            assert number not in self.registered
            self.registered[number] = (modifiers, key)
        return int(self.error == 0)

    def UnregisterHotKey(self, window, number):  # noqa: N802
        assert window is None
        self.threads.add(threading.current_thread())
        del self.registered[number]
        return 1

    def VkKeyScanW(self, character):  # noqa: N802
        return self.typed.get(character, -1)

    def press(self):
        assert self.registered
        self.messages.put(WM_HOTKEY)


class Heard:
    def __init__(self):
        self.told = queue.Queue()
        self.hotkey = WindowsHotkey(self.told.put)

    def use(self, key):
        self.hotkey.use(key)
        return self.next()

    def next(self):
        return self.told.get(timeout=WAIT)


def end(heard):
    """Close it and wait for its thread, longer than the program does."""
    heard.hotkey.close()
    heard.hotkey._thread.join(WAIT)


@pytest.fixture
def windows(monkeypatch):
    windows = Windows()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", windows.load, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: windows.error, raising=False)
    monkeypatch.setattr(ctypes, "FormatError", "Text of error {}.\r\n".format, raising=False)
    return windows


@pytest.fixture
def heard(windows):
    one = Heard()
    yield one
    end(one)
    assert not windows.registered
    assert not one.hotkey._thread.is_alive()


def test_a_key_is_registered_and_heard(windows, heard):
    assert heard.use("Ctrl+Alt+Space") == Registration("Ctrl+Alt+Space", works=True)
    assert windows.calls == [(CONTROL | ALT | NOREPEAT, 0x20)]
    windows.press()
    assert heard.next() == Pressed()
    # A message of another kind is not a press.
    windows.messages.put(WM_APP)
    windows.press()
    assert heard.next() == Pressed()
    assert heard.told.empty()


def test_all_happens_in_the_thread_that_hears(windows, heard):
    heard.use("Ctrl+Alt+Space")
    heard.use("")
    assert windows.threads == {heard.hotkey._thread}


@pytest.mark.parametrize(
    ("key", "modifiers", "virtual"),
    [
        ("Meta+N", WIN, ord("N")),
        ("Ctrl+Shift+F24", CONTROL | SHIFT, 0x87),
        ("F1", 0, 0x70),
        ("Alt+PgDown", ALT, 0x22),
        ("Ctrl+Return", CONTROL, 0x0D),
        ("Ctrl+7", CONTROL, ord("7")),
        ("Ctrl+Shift+!", CONTROL | SHIFT, 0x31),
        ("Ctrl+Ö", CONTROL, 0xC0),
    ],
)
def test_keys_have_their_numbers(windows, heard, key, modifiers, virtual):
    assert heard.use(key).works
    assert windows.calls == [(modifiers | NOREPEAT, virtual)]


def test_the_former_key_is_let_go_of(windows, heard):
    heard.use("Ctrl+Alt+Space")
    assert heard.use("Ctrl+Alt+N").works
    assert list(windows.registered.values()) == [(CONTROL | ALT | NOREPEAT, ord("N"))]
    assert heard.use("") == Registration("", works=True)
    assert not windows.registered


def test_a_key_of_another_program_is_told_and_what_to_do(windows, heard):
    windows.refused[0x20] = ERROR_HOTKEY_ALREADY_REGISTERED
    registration = heard.use("Ctrl+Alt+Space")
    assert (registration.key, registration.works) == ("Ctrl+Alt+Space", False)
    assert "Another program has this key" in registration.reason
    assert "Choose another one" in registration.reason
    assert heard.use("Ctrl+Alt+N").works


def test_another_error_is_told_in_the_words_of_windows(windows, heard):
    windows.refused[0x20] = 87
    reason = heard.use("Ctrl+Alt+Space").reason
    assert "Text of error 87. Choose another one." in reason


@pytest.mark.parametrize("key", ["Ctrl+€", "Ctrl+\U0001d504", "Ctrl+Nonsense", "A"])
def test_what_is_no_key_here_is_refused(windows, heard, key):
    registration = heard.use(key)
    assert not registration.works
    assert registration.reason
    assert not windows.calls


def test_orders_before_the_thread_is_ready_are_not_lost(windows):
    ready = threading.Event()
    begin = windows.PeekMessageW
    windows.PeekMessageW = lambda *message: (ready.wait(WAIT), begin(*message))
    heard = Heard()
    heard.hotkey.use("Ctrl+Alt+Space")
    ready.set()
    assert heard.next().works
    end(heard)


def test_nothing_is_told_after_closing(windows):
    heard = Heard()
    heard.use("Ctrl+Alt+Space")
    heard.hotkey.close()
    end(heard)
    heard.hotkey.use("Ctrl+Alt+N")
    assert heard.told.empty()
    assert not windows.registered


def test_the_message_is_as_large_as_windows_has_it():
    assert ctypes.sizeof(wintypes.MSG) >= 28
