"""The entry in the menu of desktops on Linux and the BSDs: what it says, and putting it there.

Packages of a distribution bring theirs; whoever installed with pip, pipx, uv or the .run has one
written below their home, by `notesearch --install-desktop-entry`.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from notesearch import programs
from notesearch.errands import ErrandError
from notesearch.identity import NAME, SUMMARY
from notesearch.paths import APP_ID, RESOURCES, write_private
from notesearch.translation import tr

WINDOW_CLASS = "notesearch"
"""Of the window under X11, by which panels know whose it is."""
_ICONS = (("scalable", "notesearch.svg", f"{APP_ID}.svg"),
          ("symbolic", "notesearch-symbolic.svg", f"{APP_ID}-symbolic.svg"))  # fmt: skip
"""Folder of the icon theme, file of the program, and what the theme calls it."""
_IMAGES = (".svg", ".png")


def text(command: Sequence[str], icon: str) -> str:
    """Return the file, for a command that starts the program and an icon's name or path.

    No Version=1.5 and no SingleMainWindow, which the validator of Debian 12 refuses. And no
    MimeType of folders: where no program is named for them, the first one that has it becomes the
    one that opens them, and "show in folder" of a browser would have its folder read for good. A
    folder that is dropped on the icon is opened all the same.
    """
    started = exec_line(command)
    lines = (
        "[Desktop Entry]", "Type=Application", f"Name={NAME}",
        f"GenericName={tr('Notes search')}", f"Comment={tr(SUMMARY)}",
        # Without a folder it opens the window; one that runs already is brought to the front.
        f"Exec={started} open %F", f"TryExec={escaped(command[0])}", f"Icon={escaped(icon)}",
        "Terminal=false", "Categories=Utility;TextTools;",
        f"Keywords={tr('notes;markdown;search;find;semantic;wiki;vault;')}",
        # Else there is no token by which the window may take the keyboard.
        "StartupNotify=true", f"StartupWMClass={WINDOW_CLASS}", "Actions=quick-search;", "",
        "[Desktop Action quick-search]", f"Name={tr('Quick search')}",
        f"Exec={started} --toggle", "",
    )  # fmt: skip
    return "\n".join(lines)


def install() -> list[Path]:
    """Put the program into the user's menu; return what was written. Raises ErrandError."""
    _check_platform()
    _check_packages()
    written = []
    path = _entry()
    try:
        # The entry last: what it names is there then.
        files = [*_icons(), (path, text(programs.itself(), APP_ID).encode())]
        for path, content in files:
            write_private(path, content)
            written.append(path)
    except (OSError, UnicodeError) as error:
        told = tr("{path} cannot be written: {reason}. See that you may write there.")
        raise ErrandError(told.format(path=path, reason=reason(error))) from error
    _announce()
    return written


def remove() -> list[Path]:
    """Take out what `install` wrote; return what was removed. Raises ErrandError."""
    _check_platform()
    removed = []
    for path in installed():
        try:
            path.unlink()
        except OSError as error:
            told = tr("{path} cannot be removed: {reason}. Remove it yourself.")
            raise ErrandError(told.format(path=path, reason=reason(error))) from error
        removed.append(path)
    if removed:
        _announce()
    # Desktops leave empty folders alone; they are a trace all the same.
    for path in removed:
        _remove_empty(path.parent)
    return removed


def installed() -> list[Path]:
    """Return what `install` has written and is still there."""
    theme = icon_theme(data_home())
    files = (_entry(), *(theme / folder / "apps" / name for folder, _, name in _ICONS))
    return [file for file in files if file.is_file() or file.is_symlink()]


def icon() -> str:
    """Return what an entry says of the icon: its name where a theme has it, else its path.

    A path inside an AppImage is another one each time.
    """
    places = (icon_theme(folder) / size / "apps" / f"{APP_ID}{ending}"
              for folder in (data_home(), *_data_folders())
              for size in ("scalable", "48x48") for ending in _IMAGES)  # fmt: skip
    if programs.in_appimage() or any(place.is_file() for place in places):
        return APP_ID
    return str(RESOURCES / "icons" / "notesearch.svg")


# What an entry is made of ---------------------------------------------------------------------


def exec_line(command: Sequence[str]) -> str:
    """Return a command as the value of Exec."""
    return escaped(" ".join(_quoted(one) for one in command))


def escaped(value: str) -> str:
    """Return a value as every text in such a file is written."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace("\r", r"\r")


def _quoted(argument: str) -> str:
    """Return an argument of Exec as the Desktop Entry Specification has it."""
    argument = argument.replace("%", "%%")
    if argument and not set(argument) & set(" \t\n\r\"'\\><~|&;$*?#()`"):
        return argument
    for sign in '\\"`$':
        argument = argument.replace(sign, f"\\{sign}")
    return f'"{argument}"'


def reason(error: Exception) -> str:
    """Return why a file cannot be written, without the path, which is said already."""
    if isinstance(error, UnicodeError):
        return tr("the name of a file in the command is not valid UTF-8")
    return getattr(error, "strerror", None) or str(error)


# Where it is ----------------------------------------------------------------------------------


def data_home() -> Path:
    """Return the user's folder of data for all programs, where menus and icons are."""
    named = os.environ.get("XDG_DATA_HOME", "")
    # By the specification, one that is not absolute is to be passed over.
    return Path(named) if named.startswith("/") else Path.home() / ".local" / "share"


def icon_theme(data: Path) -> Path:
    """Return the theme that all others fall back to, in a folder of data."""
    return data / "icons" / "hicolor"


def _icons() -> list[tuple[Path, bytes]]:
    """Return the icons that the program has, and where each belongs. Raises OSError."""
    theme, ours = icon_theme(data_home()), RESOURCES / "icons"
    return [(theme / folder / "apps" / name, (ours / source).read_bytes())
            for folder, source, name in _ICONS if (ours / source).is_file()]  # fmt: skip


def _entry() -> Path:
    return data_home() / "applications" / f"{APP_ID}.desktop"


def _data_folders() -> list[Path]:
    named = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [Path(folder) for folder in named.split(":") if folder.startswith("/")]


def _check_platform() -> None:
    """Raises ErrandError where menus are not made of such files."""
    if sys.platform == "win32":
        raise ErrandError(tr(
            "Windows has no such entries: pin notesearch to Start from its icon in the task bar, "
            "or use the installer, which makes one"
        ))  # fmt: skip
    if sys.platform == "darwin":
        raise ErrandError(tr(
            "macOS has no such entries: notesearch.app in the folder Applications is in Launchpad "
            "and in Spotlight"
        ))  # fmt: skip


def _check_packages() -> None:
    """Raises ErrandError where a package has put the program into the menu already."""
    places = (folder / "applications" / f"{APP_ID}.desktop" for folder in _data_folders())
    # The user's own folder may be among them.
    found = next((place for place in places if place != _entry() and place.is_file()), None)
    if found is not None:
        told = tr("notesearch is in the menu already, by {path}, which a package has installed; "
                  "an entry of your own would hide that one. Remove the package first")  # fmt: skip
        raise ErrandError(told.format(path=found))
    if programs.in_sandbox():
        raise ErrandError(tr("Flatpak and snap put notesearch into the menu themselves"))


def _announce() -> None:
    """Tell desktops that look only at the time of a theme's folder."""
    # A summary of icons that is older is passed over.
    with contextlib.suppress(OSError):
        os.utime(icon_theme(data_home()))


def _remove_empty(folder: Path) -> None:
    """Remove a folder below the user's data, and those around it, as far as they are empty."""
    home = data_home()
    with contextlib.suppress(OSError):
        while folder != home and folder.is_relative_to(home):
            folder.rmdir()
            folder = folder.parent
