"""What keys are used for already, so that nobody takes one away unawares."""

import sys
from collections.abc import Mapping

from notesearch.gui.hotkey.chord import FUNCTION_KEYS, META_NAME, Chord, Modifier, parse, written
from notesearch.gui.keys import ACTIONS
from notesearch.translation import tr

_BY_PROGRAMS = {
    "Ctrl+C": tr("Copy"), "Ctrl+V": tr("Paste"), "Ctrl+X": tr("Cut"), "Ctrl+Z": tr("Undo"),
    "Ctrl+Shift+Z": tr("Redo"), "Ctrl+A": tr("Select all"), "Ctrl+S": tr("Save"),
    "Ctrl+F": tr("Find"), "Ctrl+W": tr("Close"), "Ctrl+T": tr("New tab"),
    "Ctrl+N": tr("New window"), "Ctrl+O": tr("Open"), "Ctrl+P": tr("Print"), "Ctrl+Q": tr("Quit"),
    "Ctrl+R": tr("Reload"), "Ctrl+Shift+T": tr("Reopen tab"),
}  # fmt: skip
"""Ctrl is Command on a Mac, as Qt has it."""
_BY_OTHER_PROGRAMS = {
    "Ctrl+Ins": tr("Copy"), "Shift+Ins": tr("Paste"), "Shift+Del": tr("Cut"),
    "Ctrl+Y": tr("Redo"), "Ctrl+Tab": tr("Next tab"), "Ctrl+Shift+Tab": tr("Previous tab"),
    "Ctrl+PgUp": tr("Previous tab"), "Ctrl+PgDown": tr("Next tab"),
    "Ctrl+Shift+C": tr("Copy, in terminals"), "Ctrl+Shift+V": tr("Paste without formatting"),
    "Ctrl+Shift+N": tr("Private window"), "Ctrl+Shift+U": tr("Type a character by its number"),
    "Ctrl+Space": tr("Completion, and change the input method"), "Alt+Left": tr("Back"),
    "Alt+Right": tr("Forward"), "Alt+Return": tr("Properties"), "F1": tr("Help"),
    "F2": tr("Rename"), "F3": tr("Find next"), "F5": tr("Reload"), "F10": tr("Menu"),
    "F11": tr("Full screen"), "F12": tr("Developer tools"),
}  # fmt: skip
_BY_DESKTOPS = {
    "Alt+F4": tr("Close the window"), "Alt+Tab": tr("Change windows"),
    "Alt+Shift+Tab": tr("Change windows"), "Ctrl+Alt+Tab": tr("Change windows"),
    "Alt+Esc": tr("Change windows"), "Alt+Space": tr("The window's menu, and launchers"),
    "Alt+F1": tr("Applications"), "Alt+F2": tr("Run a command"), "Ctrl+Esc": tr("Start menu"),
    "Ctrl+Shift+Esc": tr("Task manager"), "Ctrl+Alt+Del": tr("Log out"),
    "Ctrl+Alt+Backspace": tr("End the session"), "Ctrl+Alt+T": tr("Terminal"),
    "Ctrl+Alt+L": tr("Lock the screen"), "Ctrl+Alt+D": tr("Show the desktop"),
    "Ctrl+Alt+Left": tr("Other workspace"), "Ctrl+Alt+Right": tr("Other workspace"),
    "Ctrl+Alt+Up": tr("Other workspace"), "Ctrl+Alt+Down": tr("Other workspace"),
    "Print": tr("Screenshot"), "Shift+Print": tr("Screenshot"), "Alt+Print": tr("Screenshot"),
    "Ctrl+Print": tr("Screenshot"), "Meta+L": tr("Lock the screen"),
    "Meta+Space": tr("Change the input method"),
    **{f"Ctrl+Alt+{key}": tr("Text console") for key in FUNCTION_KEYS[:12]},
}  # fmt: skip
_BY_MACOS = {
    "Ctrl+Space": tr("Spotlight"), "Ctrl+Alt+Space": tr("Search in the Finder"),
    "Ctrl+Tab": tr("Change programs"), "Ctrl+Shift+Tab": tr("Change programs"),
    "Ctrl+`": tr("Change windows"), "Ctrl+H": tr("Hide"), "Ctrl+M": tr("Minimise"),
    "Ctrl+,": tr("Settings"), "Ctrl+Alt+Esc": tr("Force quit"), "Ctrl+Shift+3": tr("Screenshot"),
    "Ctrl+Shift+4": tr("Screenshot"), "Ctrl+Shift+5": tr("Screenshot"),
    "Meta+Ctrl+Q": tr("Lock the screen"), "Meta+Ctrl+F": tr("Full screen"),
    "Meta+Ctrl+Space": tr("Emoji"), "Meta+Space": tr("Change the input method"),
    "Meta+Alt+Space": tr("Change the input method"), "Meta+Up": tr("Mission Control"),
    "Meta+Down": tr("Windows of the program"), "Meta+Left": tr("Other workspace"),
    "Meta+Right": tr("Other workspace"),
}  # fmt: skip
_OWN = {key: tr(action.label).rstrip("…") for action in ACTIONS for key in action.keys}

_DESKTOPS = tr("Most desktops use it for “{use}”.")
_PROGRAMS = tr("Most programs use it for “{use}”.")
_ITSELF = tr("notesearch itself uses it for “{use}”.")
_KIND_OF_DESKTOP = tr("Keys with {meta} belong to the desktop.")
_KIND_OF_MENU = tr("Alt with a letter opens menus in many programs.")
_KIND_OF_PROGRAM = tr("Many programs have a use for such a key.")
_KIND_OF_WRITING = tr("On many keyboards such a key types a character, as with AltGr.")


def use_of(key: str, platform: str = sys.platform) -> str:
    """Return what a key, as Qt writes it, is used for, in a sentence; '' where nothing is known."""
    chord = parse(key)
    if chord is None:
        return ""
    mac = platform == "darwin"
    programs = _BY_PROGRAMS if mac else _BY_PROGRAMS | _BY_OTHER_PROGRAMS
    uses: tuple[tuple[str, Mapping[str, str]], ...] = (
        (_DESKTOPS, _BY_MACOS if mac else _BY_DESKTOPS), (_PROGRAMS, programs), (_ITSELF, _OWN),
    )  # fmt: skip
    name = written(chord)
    for sentence, table in uses:
        if name in table:
            return sentence.format(use=table[name])
    return _use_of_kind(chord, platform)


def _use_of_kind(chord: Chord, platform: str) -> str:
    """Return what keys such as this one are used for."""
    held, types = chord.modifiers, len(chord.key) == 1
    if platform != "darwin" and Modifier.META in held:
        return _KIND_OF_DESKTOP.format(meta=META_NAME)
    if platform == "win32" and types and Modifier.CTRL | Modifier.ALT in held:
        return _KIND_OF_WRITING
    if platform != "darwin" and types and held == Modifier.ALT:
        return _KIND_OF_MENU
    if types and held in {Modifier.CTRL, Modifier.CTRL | Modifier.SHIFT}:
        return _KIND_OF_PROGRAM
    return ""
