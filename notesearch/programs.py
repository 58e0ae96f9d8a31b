"""Where programs are on this machine, found without starting any."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from notesearch.paths import APP_ID

Which = Callable[[str], str | None]
"""Where a program is; None where it is not installed."""

# Only those that hand arguments on as they are: others have a shell read them.
_TERMINALS: Mapping[str, tuple[str, ...]] = {
    "xdg-terminal-exec": (), "gnome-terminal": ("--",), "ptyxis": ("--",), "kgx": ("--",),
    "konsole": ("-e",), "kitty": (), "alacritty": ("-e",), "foot": (), "wezterm": ("start", "--"),
    "xfce4-terminal": ("-x",), "mate-terminal": ("-x",), "x-terminal-emulator": ("-e",),
    "xterm": ("-e",),
}  # fmt: skip
"""What stands between each and the program that is to run in it."""

# Terminal has a command typed in, which must be quoted, and a key in a name would still be a key.
_TYPED = (
    "on run argv", 'set typed to "exec"', "repeat with one in argv",
    'set typed to typed & " " & quoted form of (one as text)', "end repeat",
    'tell application "Terminal"', "activate", "do script typed", "end tell", "end run",
)  # fmt: skip
_FLATPAK = Path("/.flatpak-info")
_KEYS = r"[\x00-\x1f\x7f-\x9f]"


def find_program(name: str) -> str | None:
    """Return where a program is: on PATH, or in a usual place that is not on it."""
    if "/" in name or name.endswith(".app"):
        places = (folder / name for folder in _application_folders())
        return next((str(place) for place in places if os.access(place, os.X_OK)), None)
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_program_folders()))
    # A file name in the arguments of a batch file could be a command: Windows has the program too.
    # And zed in sbin is the event daemon of ZFS.
    if found is None or is_batch(found) or (name == "zed" and Path(found).parent.name == "sbin"):
        return None
    return found


def itself() -> list[str]:
    """Return the command by which others start this program: a package's own, or pip's script."""
    environment = os.environ
    if in_appimage():
        # What is inside of it is elsewhere each time.
        return [environment["APPIMAGE"]]
    if in_flatpak():
        return ["flatpak", "run", environment.get("FLATPAK_ID") or APP_ID]
    if in_snap():
        return [f"/snap/bin/{environment['SNAP_INSTANCE_NAME']}"]
    return from_inside()


def from_inside() -> list[str]:
    """Return the command by which this program starts another one of itself.

    In a Flatpak or a snap, that of others is not there.
    """
    if in_appimage():
        return [os.environ["APPIMAGE"]]
    if getattr(sys, "frozen", False):
        started = Path(sys.executable)
        if started.name == "notesearch-cli.exe":
            # The one with a console has a sister without.
            started = started.with_name("notesearch.exe")
        return [_on_path(started) or str(started)]
    if sys.platform == "win32":
        # Without a console, which would stay open beside the window.
        windowed = Path(sys.executable).with_name("pythonw.exe")
        return [str(windowed if windowed.exists() else sys.executable), "-m", "notesearch"]
    script = Path(sys.executable).parent / "notesearch"
    return [str(script)] if os.access(script, os.X_OK) else [sys.executable, "-m", "notesearch"]


def in_appimage() -> bool:
    """Say whether this program runs from an AppImage, and not only something that started it."""
    image, folder = os.environ.get("APPIMAGE"), os.environ.get("APPDIR")
    inside = folder is None or Path(sys.executable).is_relative_to(folder)
    return bool(image) and bool(getattr(sys, "frozen", False)) and inside


def in_flatpak() -> bool:
    """Say whether this program runs in a Flatpak."""
    return _FLATPAK.exists()


def in_snap() -> bool:
    """Say whether this program runs in a snap, and not only something that started it."""
    folder = os.environ.get("SNAP")
    named = bool(os.environ.get("SNAP_INSTANCE_NAME"))
    return bool(folder) and named and Path(sys.executable).is_relative_to(str(folder))


def in_sandbox() -> bool:
    """Say whether this program runs in a Flatpak or a snap, which have menus of their own."""
    return in_flatpak() or in_snap()


def _on_path(program: Path) -> str | None:
    """Return the command on PATH that is a link to a program, which an upgrade leaves where it is.

    None where there is none.
    """
    found = shutil.which("notesearch")
    with contextlib.suppress(OSError):
        if found is not None and Path(found).resolve() == program.resolve():
            # PATH may say it relative to the folder that this process was started in.
            return os.path.abspath(found)  # noqa: PTH100  # a link is to stay one
    return None


def is_batch(program: str) -> bool:
    """Say whether a program of Windows is a batch file, which a shell reads."""
    return program.lower().endswith((".bat", ".cmd"))


def handles_scheme(scheme: str) -> bool:
    """Say whether the desktop knows whom to give URLs of this kind. On Linux only."""
    home, environment = Path.home(), os.environ
    data = (environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    data.append(environment.get("XDG_DATA_HOME") or str(home / ".local/share"))
    data += str(home / ".local/share/flatpak/exports/share"), "/var/lib/flatpak/exports/share"
    folders = [Path(folder, "applications") for folder in data]
    folders.append(Path(environment.get("XDG_CONFIG_HOME") or home / ".config"))
    said = f"x-scheme-handler/{scheme}="
    files = (folder / name for folder in folders for name in ("mimeapps.list", "mimeinfo.cache"))
    return any(said in _text(file) for file in files)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _program_folders() -> tuple[str, ...]:
    """Folders of programs that a window started from a menu often does not have on its PATH."""
    home = Path.home()
    if sys.platform == "win32":
        return ()
    if sys.platform == "darwin":
        return "/opt/homebrew/bin", "/usr/local/bin", str(home / ".local/bin")
    return (
        str(home / ".local/bin"), "/snap/bin", "/var/lib/flatpak/exports/bin",
        str(home / ".local/share/flatpak/exports/bin"),
    )  # fmt: skip


def _application_folders() -> tuple[Path, ...]:
    if sys.platform == "darwin":
        return Path("/Applications"), Path.home() / "Applications"
    if sys.platform != "win32":
        return ()
    local = os.environ.get("LOCALAPPDATA")
    named = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)")]
    return tuple(Path(f) for f in (local and f"{local}/Programs", local, *named) if f)


def find_terminal(which: Which) -> tuple[tuple[str, ...], str] | None:
    """Return what stands before a program to run it in a terminal, and what that would garble."""
    if sys.platform == "darwin":
        script = which("osascript")
        lines = (part for line in _TYPED for part in ("-e", line))
        return ((script, *lines), _KEYS) if script else None
    default = which("x-terminal-emulator")
    # Behind Debian's name is often one of the others, or a wrapper around it.
    behind = Path(default).resolve().name.removesuffix(".wrapper") if default else ""
    for name in (*(behind,) * (behind in _TERMINALS), *_TERMINALS):
        if program := which(name):
            # Konsole takes $NAME for a variable of the environment.
            return (program, *_TERMINALS[name]), "[$]" if name == "konsole" else ""
    return None
