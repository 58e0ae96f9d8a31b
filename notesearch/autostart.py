"""Whether notesearch starts when the user logs in, by the platform's own mechanism.

This is a state of the system, not a setting: the user may change it in the desktop's own settings,
so it is read anew each time it is shown. What macOS's own list of login items says is not known
here: a program can be switched off there as well.
"""

import contextlib
import importlib
import os
import plistlib
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from notesearch import desktop_entry, programs
from notesearch.desktop_entry import reason
from notesearch.paths import APP_ID, UserPaths, write_private
from notesearch.translation import tr

OPTION = "--background"
"""Starts without a window."""
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where the Task Manager switches off what stands in the other key."""
_VALUE = "notesearch"
_GROUP = "[Desktop Entry]"


class AutostartError(Exception):
    """It cannot be changed; says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether the program starts with the session."""

    enabled: bool
    place: str
    """Where that is kept, for the user to look at."""
    stale: bool = False
    """Another command is started than this program would put there; it may be gone."""
    problem: str = ""
    """What is wrong, for the user; '' where nothing is."""


class Mechanism(Protocol):
    """What a platform starts with the session. Each method raises OSError."""

    @property
    def place(self) -> str:
        """Where it is kept, for the user."""

    def read(self) -> str | None:
        """Return the command that is started, None where none is. Raises ValueError."""

    def kept(self) -> str | None:
        """Return the command that stands there, also where the desktop has switched it off.

        '' where what stands there makes no sense, None where nothing does.
        """

    def written(self, command: list[str]) -> str:
        """Return a command as `read` does."""

    def enable(self, command: list[str]) -> None:
        """Have a command started."""

    def disable(self) -> None:
        """Have none started, also where none is."""


def command(user: UserPaths, option: str) -> list[str]:
    """Return the command that starts this program with an option, for the same user's files."""
    named = ["--data-dir", str(user.data)] if user.named else []
    return [*programs.itself(), *named, option]


def state(user: UserPaths, where: Mechanism | None = None) -> State:
    """Return whether the program starts with the session."""
    where = where or mechanism()
    try:
        found = where.read()
    except OSError as error:
        text = tr("{place} cannot be read: {reason}. See that you may read it.")
        said = text.format(place=where.place, reason=reason(error))
        return State(enabled=False, place=where.place, problem=said)
    except ValueError:
        # Whoever starts programs passes it over; switching it on writes it anew.
        found = None
    if found is None or found == where.written(command(user, OPTION)):
        return State(enabled=found is not None, place=where.place)
    text = tr("It starts another command: {command}\nSwitch it off and on again for this one.")
    said = text.format(command=found)
    return State(enabled=True, place=where.place, stale=True, problem=said)


def enable(user: UserPaths, where: Mechanism | None = None) -> None:
    """Have the program started with the session, without its window. Raises AutostartError."""
    where = where or mechanism()
    try:
        where.enable(command(user, OPTION))
    except (OSError, UnicodeError) as error:
        text = tr("{place} cannot be written: {reason}. See that you may write there.")
        raise AutostartError(text.format(place=where.place, reason=reason(error))) from error


def disable(user: UserPaths, where: Mechanism | None = None) -> None:
    """Have it not started any more. Raises AutostartError."""
    del user
    where = where or mechanism()
    try:
        where.disable()
    except OSError as error:
        text = tr("{place} cannot be removed: {reason}. Remove it yourself.")
        raise AutostartError(text.format(place=where.place, reason=reason(error))) from error


def mechanism(
    platform: str = sys.platform, environ: Mapping[str, str] = os.environ, home: Path | None = None
) -> Mechanism:
    """Return what this platform has."""
    home = home or Path.home()
    if platform == "win32":
        return RunValue(importlib.import_module("winreg"))
    if platform == "darwin":
        return LaunchAgent(home / "Library" / "LaunchAgents" / f"{APP_ID}.plist")
    config = environ.get("XDG_CONFIG_HOME", "")
    # By the specification, one that is not absolute is to be passed over.
    folder = Path(config) if config.startswith("/") else home / ".config"
    return DesktopFile(folder / "autostart" / f"{APP_ID}.desktop")


@dataclass(frozen=True, slots=True)
class DesktopFile:
    """A file of XDG's autostart folder: what desktops on Linux and the BSDs have."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> str | None:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        values = _entry(text)
        # The ways of GNOME, Xfce and others to switch off a file that they do not remove.
        off = values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false"
        return None if off else values.get("Exec") or None

    def kept(self) -> str | None:
        try:
            return _entry(self.path.read_text(encoding="utf-8")).get("Exec", "")
        except (OSError, ValueError):
            return "" if os.path.lexists(self.path) else None

    def written(self, command: list[str]) -> str:
        return desktop_entry.exec_line(command)

    def enable(self, command: list[str]) -> None:
        lines = (
            _GROUP, "Type=Application", "Name=notesearch",
            f"Comment={tr('Search your notes')}", f"Exec={self.written(command)}",
            # Where the program was removed, a file in a home may be left: it is passed over then.
            f"TryExec={desktop_entry.escaped(command[0])}",
            f"Icon={desktop_entry.escaped(desktop_entry.icon())}", "Terminal=false",
            "X-GNOME-Autostart-enabled=true", "",
        )  # fmt: skip
        write_private(self.path, "\n".join(lines).encode())

    def disable(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LaunchAgent:
    """A property list of launchd, which macOS reads when the user logs in."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> str | None:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            values = plistlib.loads(content)
        except Exception as error:  # the parser of XML raises kinds of its own
            raise ValueError("not a property list") from error
        if not isinstance(values, dict) or values.get("Disabled") or not values.get("RunAtLoad"):
            return None
        arguments = values.get("ProgramArguments")
        return self.written([str(one) for one in arguments or ()]) or None

    def kept(self) -> str | None:
        try:
            values = plistlib.loads(self.path.read_bytes())
            return self.written([str(one) for one in values["ProgramArguments"]])
        except Exception:  # noqa: BLE001  # as above; and what is not where it should be
            return "" if os.path.lexists(self.path) else None

    def written(self, command: list[str]) -> str:
        return shlex.join(command)

    def enable(self, command: list[str]) -> None:
        values = {"Label": APP_ID, "ProgramArguments": command, "RunAtLoad": True,
                  # Else it is slowed down as something that nobody waits for.
                  "ProcessType": "Interactive"}  # fmt: skip
        write_private(self.path, plistlib.dumps(values))

    def disable(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class RunValue:
    """A value of the user's Run key in the registry of Windows."""

    winreg: Any
    """The module of that name, which is there on Windows only."""

    @property
    def place(self) -> str:
        return rf"HKEY_CURRENT_USER\{_RUN}\{_VALUE}"

    def read(self) -> str | None:
        command, approved = self._value(_RUN), self._value(_APPROVED)
        # An odd first byte: switched off in the Task Manager.
        off = isinstance(approved, bytes) and bool(approved[:1]) and approved[0] % 2 == 1
        return command if isinstance(command, str) and command and not off else None

    def kept(self) -> str | None:
        command, approved = self._value(_RUN), self._value(_APPROVED)
        if command is None and approved is None:
            return None
        return command if isinstance(command, str) else ""

    def written(self, command: list[str]) -> str:
        return subprocess.list2cmdline(command)

    def enable(self, command: list[str]) -> None:
        registry = self.winreg
        with registry.CreateKey(registry.HKEY_CURRENT_USER, _RUN) as key:
            registry.SetValueEx(key, _VALUE, 0, registry.REG_SZ, self.written(command))
        self._remove(_APPROVED)

    def disable(self) -> None:
        self._remove(_RUN)
        self._remove(_APPROVED)

    def _value(self, key: str) -> object:
        registry = self.winreg
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, key) as opened:
                return registry.QueryValueEx(opened, _VALUE)[0]
        except FileNotFoundError:
            return None

    def _remove(self, key: str) -> None:
        registry, writing = self.winreg, self.winreg.KEY_SET_VALUE
        with (
            contextlib.suppress(FileNotFoundError),
            registry.OpenKey(registry.HKEY_CURRENT_USER, key, 0, writing) as opened,
        ):
            registry.DeleteValue(opened, _VALUE)


def _entry(text: str) -> dict[str, str]:
    """Return what stands in the group of a desktop file that counts."""
    lines = text.split("\n")
    if _GROUP not in lines:
        return {}
    values = {}
    for line in lines[lines.index(_GROUP) + 1 :]:
        if line.startswith("["):
            break
        name, _, value = line.partition("=")
        values[name.strip()] = value.strip()
    return values
