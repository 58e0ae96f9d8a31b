"""Which module hears keys here. Each is imported only where it serves: it loads system parts."""

import os
import sys
from collections.abc import Mapping

from notesearch.gui.hotkey import Hotkey, Registration, Tell
from notesearch.translation import tr


class NoHotkey:
    """A Hotkey where no key can be heard everywhere."""

    asks_user = False

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def use(self, key: str) -> None:
        """Say that the key does not work."""
        reason = tr(
            "Here no key can be heard in other programs. The quick search opens from the window, "
            "and with the command that stands in the settings, under Quick search."
        )
        self._tell(Registration(key, works=not key, reason=reason if key else ""))

    def activate(self, window_id: int, time: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def hotkey_for(
    tell: Tell,
    qt_platform: str,
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
) -> Hotkey:
    """Return what hears keys here; qt_platform: as QGuiApplication.platformName() says.

    On Wayland that is the portal, also for a program that runs in Xwayland ("xcb"): there a grab
    hears the key only while the window of an X program has the keyboard.
    """
    if platform == "win32" and qt_platform == "windows":
        from notesearch.gui.hotkey.windows import WindowsHotkey  # noqa: PLC0415

        return WindowsHotkey(tell)
    if platform == "darwin" and qt_platform == "cocoa":
        from notesearch.gui.hotkey.macos import MacHotkey  # noqa: PLC0415

        return MacHotkey(tell)
    if platform == "linux" and _is_wayland(qt_platform, environ):
        from notesearch.gui.hotkey.portal import PortalHotkey  # noqa: PLC0415

        return PortalHotkey(tell)
    if qt_platform == "xcb" and platform not in {"win32", "darwin"}:
        from notesearch.gui.hotkey.x11 import X11Hotkey  # noqa: PLC0415

        return X11Hotkey(tell)
    return NoHotkey(tell)


def _is_wayland(qt_platform: str, environ: Mapping[str, str]) -> bool:
    session = environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland"
    return qt_platform.startswith("wayland") or (qt_platform == "xcb" and bool(session))
