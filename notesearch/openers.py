"""The programs that notes can be opened with: which there are, and how each is told the place."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from notesearch.programs import Which, find_program, find_terminal, handles_scheme
from notesearch.settings import Settings
from notesearch.templates import TemplateError, literal, parse_template
from notesearch.translation import tr


@dataclass(frozen=True, slots=True)
class Opener:
    """Something that notes are opened with."""

    name: str
    """As the settings keep it."""
    label: str
    command: tuple[str, ...] = ()
    """The program and its arguments, with placeholders; empty where the system decides."""
    console: bool = False
    """Whether Windows must give it a console."""
    refused: str = ""
    """A pattern of what a name must not hold, since the terminal would not take it as it is."""
    problem: str = ""
    """Why it cannot open anything, in words for the user; '' where it can."""


SYSTEM = Opener("system", tr("The system's program for notes"))
REVEAL = Opener("reveal", tr("Show in folder"))
CUSTOM = Opener("custom", tr("Another program"))
LOGSEQ = "logseq"


@dataclass(frozen=True, slots=True)
class _Preset:
    """A program that is known, wherever it is."""

    name: str
    label: str
    programs: tuple[str, ...]
    """Names on PATH, some given by Flatpak; with a slash: below a folder of applications."""
    arguments: tuple[str, ...]
    scheme: str = ""
    """Of the URLs that it opens."""
    terminal: bool = False
    """Whether it runs in a terminal."""


def _mac(application: str, program: str) -> str:
    return f"{application}.app/Contents/{program}"


_GOTO = ("--goto", "{path}:{line}:{column}")
_COLONS = ("{path}:{line}:{column}",)
# Vim counts columns in bytes.
_VIM = ("+call cursor({line},{byte})", "{path}")
_EMACS = ("+{line}:{column}", "{path}")
_CODE = "Resources/app/bin/code"

_PRESETS = (
    _Preset("code", "VS Code", ("code", "com.visualstudio.code", _mac("Visual Studio Code", _CODE),
            "Microsoft VS Code/Code.exe"), _GOTO),
    _Preset("code-insiders", "VS Code Insiders", ("code-insiders",
            _mac("Visual Studio Code - Insiders", _CODE),
            "Microsoft VS Code Insiders/Code - Insiders.exe"), _GOTO),
    _Preset("vscodium", "VSCodium", ("codium", "com.vscodium.codium",
            _mac("VSCodium", "Resources/app/bin/codium"), "VSCodium/VSCodium.exe"), _GOTO),
    _Preset("cursor", "Cursor", ("cursor", _mac("Cursor", "Resources/app/bin/cursor"),
            "cursor/Cursor.exe"), _GOTO),
    _Preset("windsurf", "Windsurf", ("windsurf", _mac("Windsurf", "Resources/app/bin/windsurf"),
            "Windsurf/Windsurf.exe"), _GOTO),
    _Preset("positron", "Positron", ("positron", _mac("Positron", _CODE),
            "Positron/Positron.exe"), _GOTO),
    _Preset("zed", "Zed", ("zeditor", "zedit", "zed", "dev.zed.Zed", _mac("Zed", "MacOS/cli"),
            "Zed/bin/zed.exe"), _COLONS),
    _Preset("sublime", "Sublime Text", ("subl", "com.sublimetext.three",
            _mac("Sublime Text", "SharedSupport/bin/subl"), "Sublime Text/subl.exe"), _COLONS),
    _Preset("obsidian", "Obsidian", ("obsidian", "md.obsidian.Obsidian", "Obsidian.app",
            "Obsidian/Obsidian.exe"), ("obsidian://open?path={path}{anchor}",), "obsidian"),
    _Preset(LOGSEQ, "Logseq", ("logseq", "com.logseq.Logseq", "Logseq.app",
            "Logseq/Logseq.exe"), ("logseq://graph/{graph}?page={page}",), "logseq"),
    _Preset("zettlr", "Zettlr", ("zettlr", "com.zettlr.Zettlr", "Zettlr.app",
            "Zettlr/Zettlr.exe"), ("{path}",)),
    _Preset("typora", "Typora", ("typora", "io.typora.Typora", "Typora.app",
            "Typora/Typora.exe"), ("{path}",)),
    _Preset("neovim", tr("Neovim in a terminal"), ("nvim", "io.neovim.nvim",
            "Neovim/bin/nvim.exe"), _VIM, terminal=True),
    _Preset("vim", tr("Vim in a terminal"), ("vim", "Vim/vim91/vim.exe", "Vim/vim90/vim.exe"),
            _VIM, terminal=True),
    _Preset("gvim", "GVim", ("gvim", "org.vim.Vim", "mvim", _mac("MacVim", "bin/mvim"),
            "Vim/vim91/gvim.exe", "Vim/vim90/gvim.exe"), _VIM),
    _Preset("emacs", "Emacs", ("emacs", "org.gnu.emacs", _mac("Emacs", "MacOS/Emacs")), _EMACS),
    _Preset("kate", "Kate", ("kate", "org.kde.kate", _mac("kate", "MacOS/kate")),
            ("--line", "{line}", "--column", "{column}", "{path}")),
    _Preset("gedit", "gedit", ("gedit", "org.gnome.gedit"), _EMACS),
)  # fmt: skip
"""In the order that they are offered in."""


def installed(
    which: Which | None = None, handles: Callable[[str], bool] | None = None
) -> tuple[Opener, ...]:
    """Return what notes can be opened with on this machine, the system's program first.

    which: where a program is; handles: whether the system knows whom to give URLs of a scheme.
    """
    return (SYSTEM, *_found(which or find_program, handles or handles_scheme))


def chosen(settings: Settings, found: tuple[Opener, ...]) -> tuple[Opener, Opener]:
    """Return what Enter opens with and what Ctrl+Enter does, of those that are installed."""
    first = _named(settings.opener, settings.command, found)
    if settings.second_opener:
        return first, _named(settings.second_opener, settings.command, found)
    return first, next((one for one in found if one.name != first.name), REVEAL)


def custom(text: str) -> Opener:
    """Return the program that a template of the user's says."""
    try:
        program, *arguments = parse_template(text)
    except TemplateError as error:
        return Opener(CUSTOM.name, CUSTOM.label, problem=str(error))
    return Opener(CUSTOM.name, CUSTOM.label, (str(Path(program).expanduser()), *arguments))


def _named(name: str, command: str, found: tuple[Opener, ...]) -> Opener:
    known = {one.name: one for one in (REVEAL, *found)}
    if name in known:
        return known[name]
    if name == CUSTOM.name:
        return custom(command)
    label = next((preset.label for preset in _PRESETS if preset.name == name), name)
    missing = tr("{program} is not found on this machine. Choose another program in the settings.")
    return Opener(name, label, problem=missing.format(program=label))


def _found(which: Which, handles: Callable[[str], bool]) -> Iterator[Opener]:
    for preset in _PRESETS:
        program = next(filter(None, map(which, preset.programs)), None)
        if program is not None:
            opener = _opener(preset, program, which)
            if opener is not None:
                yield opener
        elif preset.scheme and handles(preset.scheme) and (opens := which("xdg-open")):
            yield Opener(preset.name, preset.label, (literal(opens), *preset.arguments))


def _opener(preset: _Preset, program: str, which: Which) -> Opener | None:
    """Return how a program is started; None where it needs a terminal and there is none."""
    command = (literal(program), *preset.arguments)
    if program.endswith(".app"):
        return Opener(preset.name, preset.label, ("open", "-a", *command))
    if preset.name == "emacs":
        client = which("emacsclient") if _emacs_serves() else None
        if client:
            # Where the server is gone by then, the other opens it.
            command = (literal(client), "--no-wait", "--alternate-editor=emacs", *_EMACS)
            return Opener(preset.name, preset.label, command)
    # An Emacs without windows goes by this name, behind a link that is called emacs.
    if not preset.terminal and "emacs-nox" not in Path(program).resolve().name:
        return Opener(preset.name, preset.label, command)
    if sys.platform == "win32":
        return Opener(preset.name, preset.label, command, console=True)
    terminal = find_terminal(which)
    if terminal is None:
        return None
    before, refused = terminal
    return Opener(preset.name, preset.label, (*map(literal, before), *command), refused=refused)


def _emacs_serves() -> bool:
    """Say whether an Emacs is there that opens files for others."""
    if sys.platform == "win32":
        return False
    folders = (
        Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere", "emacs"),
        Path(os.environ.get("TMPDIR") or "/tmp", f"emacs{os.getuid()}"),
    )
    return any(os.access(folder / "server", os.W_OK) for folder in folders)
