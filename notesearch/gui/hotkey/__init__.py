"""Keys that are heard while another program has the keyboard.

Each platform has a module with one class that is a Hotkey. Which of them serves here, `choice.py`
knows; no module imports one that belongs to another platform.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pressed:
    """The key was pressed."""

    token: str = ""
    """What allows a window to take the keyboard: of Wayland's xdg-activation; '' elsewhere."""
    time: int = 0
    """Of the X server, in milliseconds, when it was pressed; 0 elsewhere."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of a key that was to be heard."""

    key: str
    """As it was asked for, '' where none was."""
    works: bool
    reason: str = ""
    """Why it does not, for the user, in whole sentences that say what to do."""
    shown: str = ""
    """How the system calls the key, where the system has the last word; else ''."""


Tell = Callable[[Pressed | Registration], None]
"""Called in a thread of the platform's module."""


class Hotkey(Protocol):
    """One key at a time; nothing here waits for the system."""

    asks_user: bool
    """Whether the system asks the user about each key."""

    def use(self, key: str) -> None:
        """Let go of the former key and ask for this one, as Qt writes it ("Ctrl+Alt+Space").

        '' asks for none. What became of it is told, once for each call.
        """

    def activate(self, window_id: int, time: int) -> None:
        """Give a window of this program the keyboard, where that takes more than Qt does.

        window_id: as the system knows it. time: of the press, as `Pressed` has it.
        """

    def close(self) -> None:
        """Let go of the key and of all threads; nothing is told any more."""
