"""Which module hears keys, on which platform."""

import subprocess
import sys

import pytest

from notesearch.gui.hotkey import Registration, choice

WAYLAND = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}
X11 = {"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}


class Chosen:
    def __init__(self, name):
        self.name = name

    def __call__(self, tell):
        self.tell = tell
        return self


@pytest.fixture
def modules(monkeypatch):
    """Put names in the place of classes: those of other systems cannot be made here."""
    for module, name in (
        ("windows", "WindowsHotkey"), ("macos", "MacHotkey"), ("portal", "PortalHotkey"),
        ("x11", "X11Hotkey"),
    ):  # fmt: skip
        monkeypatch.setattr(f"notesearch.gui.hotkey.{module}.{name}", Chosen(name))


@pytest.mark.skipif(sys.platform != "linux", reason="the portal's library is for Linux only")
@pytest.mark.parametrize(
    ("platform", "qt_platform", "environ", "name"),
    [
        ("win32", "windows", {}, "WindowsHotkey"),
        ("darwin", "cocoa", {}, "MacHotkey"),
        ("linux", "xcb", X11, "X11Hotkey"),
        ("linux", "xcb", {"DISPLAY": ":0"}, "X11Hotkey"),
        ("freebsd14", "xcb", X11, "X11Hotkey"),
        ("linux", "wayland", WAYLAND, "PortalHotkey"),
        ("linux", "wayland-egl", {}, "PortalHotkey"),
        # Xwayland.
        ("linux", "xcb", WAYLAND, "PortalHotkey"),
        ("linux", "xcb", {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, "PortalHotkey"),
        ("linux", "xcb", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "PortalHotkey"),
    ],
)
@pytest.mark.usefixtures("modules")
def test_each_platform_has_its_module(platform, qt_platform, environ, name):
    def tell(_):
        raise AssertionError

    chosen = choice.hotkey_for(tell, qt_platform, platform=platform, environ=environ)
    assert (chosen.name, chosen.tell) == (name, tell)


@pytest.mark.parametrize(
    ("platform", "qt_platform", "environ"),
    [
        ("linux", "offscreen", WAYLAND),
        ("linux", "minimal", X11),
        ("linux", "", X11),
        ("win32", "offscreen", {}),
        ("darwin", "offscreen", {}),
        ("freebsd14", "wayland", WAYLAND),
    ],
)
def test_elsewhere_it_is_said_that_there_are_none(platform, qt_platform, environ):
    told = []
    hotkey = choice.hotkey_for(told.append, qt_platform, platform=platform, environ=environ)
    hotkey.use("Ctrl+Alt+Space")
    hotkey.use("")
    hotkey.activate(1, 0)
    hotkey.close()
    assert (told[0].key, told[0].works) == ("Ctrl+Alt+Space", False)
    assert "under Quick search" in told[0].reason
    assert told[1] == Registration("", works=True)


def test_nothing_of_a_platform_is_imported_before_it_is_chosen():
    program = (
        "import sys, notesearch.gui.hotkey.choice\n"
        "assert not {'jeepney', 'ctypes'} & set(sys.modules)\n"
        "assert not any('.hotkey.' in name and not name.endswith('choice') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
