"""The key on macOS, with a stand-in for Carbon."""

import ctypes

import pytest
from typed_library import TypedLibrary

from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.hotkey.macos import (
    HOTKEY_EXISTS,
    EventHotKeyID,
    EventTypeSpec,
    Handler,
    MacHotkey,
)

COMMAND, SHIFT, OPTION, CONTROL = 0x100, 0x200, 0x800, 0x1000
TARGET, INSTALLED = 0xA0, 0xB0


class Carbon:
    """Does what Carbon's events do."""

    def __init__(self):
        self.handler = None
        self.removed = []
        self.keys = {}
        self.calls = []
        self.status = 0
        self.install_status = 0

    def GetApplicationEventTarget(self):  # noqa: N802
        return TARGET

    def InstallEventHandler(self, *arguments):  # noqa: N802
        target, handler, count, kinds, data, out = arguments
        assert (target, count, data) == (TARGET, 1, None)
        assert isinstance(handler, Handler)
        assert isinstance(kinds._obj, EventTypeSpec)
        assert (kinds._obj.event_class, kinds._obj.kind) == (0x6B657962, 5)
        assert self.handler is None
        if self.install_status == 0:
            self.handler = handler
            out._obj.value = INSTALLED
        return self.install_status

    def RemoveEventHandler(self, installed):  # noqa: N802
        self.removed.append(installed.value)
        return 0

    def RegisterEventHotKey(self, *arguments):  # noqa: N802
        code, modifiers, identity, target, options, out = arguments
        assert isinstance(identity, EventHotKeyID)
        assert (target, options) == (TARGET, 0)
        self.calls.append((code, modifiers))
        if self.status == 0:
            reference = 0xC0 + len(self.calls)
            self.keys[reference] = (code, modifiers)
            out._obj.value = reference
        return self.status

    def UnregisterEventHotKey(self, key):  # noqa: N802
        del self.keys[key.value]
        return 0

    def press(self):
        assert self.handler(None, None, None) == 0


@pytest.fixture
def carbon(monkeypatch):
    carbon = Carbon()
    loaded = {"/System/Library/Frameworks/Carbon.framework/Carbon": TypedLibrary(carbon)}
    monkeypatch.setattr(ctypes, "CDLL", loaded.__getitem__)
    return carbon


@pytest.fixture
def told():
    return []


@pytest.fixture
def hotkey(carbon, told):
    one = MacHotkey(told.append)
    yield one
    one.close()
    assert not carbon.keys


def test_a_key_is_registered_and_heard(carbon, told, hotkey):
    hotkey.use("Ctrl+Shift+Space")
    assert told == [Registration("Ctrl+Shift+Space", works=True)]
    # Ctrl is Command on a Mac.
    assert carbon.calls == [(0x31, COMMAND | SHIFT)]
    carbon.press()
    assert told[1:] == [Pressed()]


@pytest.mark.parametrize(
    ("key", "code", "modifiers"),
    [
        ("Meta+N", 0x2D, CONTROL),
        ("Alt+F5", 0x60, OPTION),
        ("Ctrl+,", 0x2B, COMMAND),
        ("F20", 0x5A, 0),
        ("Ctrl+Alt+Up", 0x7E, COMMAND | OPTION),
    ],
)
def test_keys_have_their_numbers(carbon, hotkey, key, code, modifiers):
    hotkey.use(key)
    assert carbon.calls == [(code, modifiers)]


def test_the_former_key_is_let_go_of_and_the_handler_stays(carbon, told, hotkey):
    hotkey.use("Ctrl+Shift+Space")
    hotkey.use("Ctrl+Shift+N")
    assert list(carbon.keys.values()) == [(0x2D, COMMAND | SHIFT)]
    hotkey.use("")
    assert not carbon.keys
    assert told[-1] == Registration("", works=True)
    carbon.press()
    assert told[-1] == Registration("", works=True)


def test_a_key_of_another_program_is_told_and_what_to_do(carbon, told, hotkey):
    carbon.status = HOTKEY_EXISTS
    hotkey.use("Ctrl+Shift+Space")
    assert not told[0].works
    assert "Another program has this key" in told[0].reason
    assert "Choose another one" in told[0].reason
    carbon.status = 0
    hotkey.use("Ctrl+Shift+N")
    assert told[1].works


@pytest.mark.parametrize("attribute", ["status", "install_status"])
def test_another_error_is_told_with_its_number(carbon, told, hotkey, attribute):
    setattr(carbon, attribute, -9868)
    hotkey.use("Ctrl+Shift+Space")
    assert not told[0].works
    assert "-9868" in told[0].reason
    assert not carbon.keys


@pytest.mark.parametrize("key", ["Ctrl+Print", "Ctrl+F24", "Ctrl+ß", "Ctrl+Nonsense", "A"])
def test_what_is_no_key_here_is_refused(carbon, told, hotkey, key):
    hotkey.use(key)
    assert not told[0].works
    assert told[0].reason
    assert not carbon.calls


def test_closing_lets_go_of_all(carbon, told):
    hotkey = MacHotkey(told.append)
    hotkey.use("Ctrl+Shift+Space")
    hotkey.close()
    hotkey.close()
    assert not carbon.keys
    assert carbon.removed == [INSTALLED]
    carbon.press()
    hotkey.use("Ctrl+Shift+N")
    assert len(told) == 1


def test_structures_have_the_sizes_of_carbon():
    assert ctypes.sizeof(EventTypeSpec) == ctypes.sizeof(EventHotKeyID) == 8
