"""How to have a key open the quick search where notesearch cannot ask for one itself.

Every desktop can run a command when a key is pressed: which desktop this is, what the command is
and where it goes.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from notesearch.autostart import command
from notesearch.paths import UserPaths
from notesearch.settings import HOTKEY
from notesearch.translation import tr

OPTION = "--toggle"
"""Opens the quick search, or closes it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What is to be done by hand."""

    desktop: str
    """What it is called; '' where that is not known."""
    steps: str
    """Where what is to be copied goes, in whole sentences."""
    command: str
    """To be copied as it is: a command, or the line for a file."""
    needed: bool
    """Programs cannot be relied on to get a key of their own in this session."""


@dataclass(frozen=True, slots=True)
class _Desktop:
    name: str
    steps: str
    line: Callable[[str, str], str] = lambda _, ran: ran
    """Makes of a key, as `keys` returns it, and a command what is to be copied."""
    modifiers: tuple[str, str, str, str] = ("Ctrl", "Alt", "Shift", "Super")
    """What Ctrl, Alt, Shift and Meta are called."""


_I3_KEYS = ("Ctrl", "Mod1", "Shift", "Mod4")
_HYPR_KEYS = ("CTRL", "ALT", "SHIFT", "SUPER")
_LINE = tr("Put this line into {file}, then have the configuration read again.")
_HYPRLAND_LUA = "hypr/hyprland.lua"
"""In the folder of configurations; from version 0.55 on in the place of hyprland.conf."""

_GNOME = _Desktop("GNOME", tr(
    "In Settings > Keyboard > View and Customize Shortcuts > Custom Shortcuts, add a shortcut "
    "with this command and set its key."
))  # fmt: skip
_KDE = _Desktop("KDE Plasma", tr(
    "In System Settings > Keyboard > Shortcuts > Add New > Command or Script, enter this command, "
    "then add a key to it."
))  # fmt: skip
_XFCE = _Desktop("Xfce", tr(
    "In Settings > Keyboard > Application Shortcuts, add this command, then press the key."
))  # fmt: skip
_CINNAMON = _Desktop("Cinnamon", tr(
    "In System Settings > Keyboard > Shortcuts > Custom Shortcuts, add a shortcut with this "
    "command and set its key."
))  # fmt: skip
_MATE = _Desktop("MATE", tr(
    "In Control Center > Keyboard Shortcuts, add a shortcut with this command and set its key."
))  # fmt: skip
_LXQT = _Desktop("LXQt", tr(
    "In LXQt Configuration > Shortcut Keys, add a shortcut with this command and set its key."
))  # fmt: skip
_SWAY = _Desktop(
    "Sway", _LINE.format(file="~/.config/sway/config"),
    lambda key, ran: f"bindsym {key} exec {ran}", _I3_KEYS,
)  # fmt: skip
_I3 = _Desktop(
    "i3", _LINE.format(file="~/.config/i3/config"),
    lambda key, ran: f"bindsym {key} exec --no-startup-id {ran}", _I3_KEYS,
)  # fmt: skip
_HYPRLAND = _Desktop(
    "Hyprland", _LINE.format(file="~/.config/hypr/hyprland.conf"),
    # In this file # begins a comment, and twice it is one sign.
    lambda key, ran: f"bind = {_split(key)}, exec, {ran.replace('#', '##')}", _HYPR_KEYS,
)  # fmt: skip
_HYPRLAND_BY_LUA = _Desktop(
    "Hyprland", _LINE.format(file=f"~/.config/{_HYPRLAND_LUA}"),
    lambda key, ran: f'hl.bind("{key.replace("+", " + ")}", hl.dsp.exec_cmd({_in_lua(ran)}))',
    _HYPR_KEYS,
)  # fmt: skip
_WINDOWS = _Desktop("Windows", tr(
    "Make a shortcut with this command as its target on the desktop, and set its key in its "
    "properties."
))  # fmt: skip
_MAC = _Desktop("macOS", tr(
    "In the Shortcuts program, make a shortcut that runs this as a shell script, and add a key to "
    "it in its details."
))  # fmt: skip
_OTHER = _Desktop("", tr(
    "In the settings of your desktop, where keys are given to commands, add this command and set "
    "its key."
))  # fmt: skip

_BY_NAME = {
    "sway": _SWAY, "hyprland": _HYPRLAND, "i3": _I3, "kde": _KDE, "xfce": _XFCE,
    "x-cinnamon": _CINNAMON, "cinnamon": _CINNAMON, "mate": _MATE, "lxqt": _LXQT, "gnome": _GNOME,
}  # fmt: skip
"""By what XDG_CURRENT_DESKTOP says of them, in small letters."""
_BY_VARIABLE = {
    "SWAYSOCK": _SWAY, "HYPRLAND_INSTANCE_SIGNATURE": _HYPRLAND, "I3SOCK": _I3,
    "KDE_FULL_SESSION": _KDE, "GNOME_DESKTOP_SESSION_ID": _GNOME,
}  # fmt: skip
"""By what else they leave in the environment."""

_X_NAMES = {
    "Space": "space", "Return": "Return", "Enter": "KP_Enter", "Esc": "Escape", "Tab": "Tab",
    "Backspace": "BackSpace", "Ins": "Insert", "Del": "Delete", "PgUp": "Page_Up",
    "PgDown": "Page_Down", "Print": "Print", "Pause": "Pause", "+": "plus", "-": "minus",
    ",": "comma", ".": "period", ";": "semicolon", ":": "colon", "/": "slash",
    "\\": "backslash", "=": "equal", "'": "apostrophe", '"': "quotedbl", "`": "grave",
    "[": "bracketleft", "]": "bracketright", "#": "numbersign", "!": "exclam", "?": "question",
    "*": "asterisk", "<": "less", ">": "greater", "|": "bar", "~": "asciitilde", "@": "at",
    "$": "dollar", "%": "percent", "&": "ampersand", "^": "asciicircum", "_": "underscore",
    "(": "parenleft", ")": "parenright", "{": "braceleft", "}": "braceright",
}  # fmt: skip
"""What X, and xkbcommon with it, calls keys, by what Qt calls them; others are called the same."""


def binding(
    user: UserPaths, key: str, environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Binding:
    """Return what is to be done in this session for a key, as Qt writes it; '' is the usual one."""
    desktop = _desktop(environ, platform)
    parts = command(user, OPTION)
    ran = subprocess.list2cmdline(parts) if platform == "win32" else _for_shell(parts)
    line = desktop.line(_key(key or HOTKEY, desktop.modifiers), ran)
    wayland = "WAYLAND_DISPLAY" in environ or environ.get("XDG_SESSION_TYPE") == "wayland"
    needed = wayland and platform not in {"win32", "darwin"}
    return Binding(desktop.name, desktop.steps, line, needed)


def _desktop(environ: Mapping[str, str], platform: str) -> _Desktop:
    if platform in {"win32", "darwin"}:
        return _WINDOWS if platform == "win32" else _MAC
    names = environ.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    found = [_BY_NAME[name] for name in names if name in _BY_NAME]
    found += [desktop for name, desktop in _BY_VARIABLE.items() if environ.get(name)]
    desktop = next(iter(found), _OTHER)
    config = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    by_lua = desktop is _HYPRLAND and Path(config, _HYPRLAND_LUA).is_file()
    return _HYPRLAND_BY_LUA if by_lua else desktop


def _for_shell(parts: list[str]) -> str:
    """Return a command for a shell; Sway would end it at a comma that is not quoted."""
    quoted = ((one, shlex.quote(one)) for one in parts)
    return " ".join(f"'{one}'" if one == safe and "," in one else safe for one, safe in quoted)


def _key(key: str, called: tuple[str, str, str, str]) -> str:
    """Return a key of Qt's as window managers call it."""
    # The last sign is part of the key also where it is the plus.
    before, plus, last = key[:-1].rpartition("+")
    last += key[-1]
    held = before.split("+") if plus else []
    names = [name for written, name in zip(("Ctrl", "Alt", "Shift", "Meta"), called, strict=True)
             if written in held]  # fmt: skip
    last = _X_NAMES.get(last, last.lower() if len(last) == 1 else last)
    return "+".join((*names, last))


def _split(key: str) -> str:
    """Return modifiers and key apart."""
    held, _, last = key.rpartition("+")
    return f"{held.replace('+', ' ')}, {last}"


def _in_lua(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
