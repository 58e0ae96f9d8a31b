"""What is done once, by a flag, instead of opening the window."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from notesearch.paths import UserPaths
from notesearch.translation import tr

DONE, FAILURE = 0, 3


class ErrandError(Exception):
    """An errand that could not be done; says why and what to do."""


def add_flags(add_argument: Callable[..., object]) -> None:
    """Add the flags to a group of a command line."""
    for name, does in (
        ("--self-test", tr("check that every part of the program works here, and say so")),
        ("--install-desktop-entry", tr("put notesearch into the menu of the desktop")),
        ("--remove-desktop-entry", tr("take it out of the menu again")),
        ("--remove-data", tr("remove everything that notesearch keeps for you: library, settings, "
                             "log, the start at login; never a note")),
    ):  # fmt: skip
        add_argument(name, dest="errand", action="store_const", const=name[2:], help=does)
    add_argument("--screenshot", metavar=tr("FILE"), type=Path,
                 help=tr("paint the window, with the sample notes, into a picture"))  # fmt: skip


def carry_out(options: argparse.Namespace, user: UserPaths) -> int | None:
    """Do what a flag asks for and return the exit code; None where none was given.

    Raises ErrandError.
    """
    if options.screenshot is not None:
        from notesearch import screenshot  # noqa: PLC0415  # Qt, and seldom

        screenshot.take(options.screenshot)
        return DONE
    match options.errand:
        case "self-test":
            from notesearch import self_test  # noqa: PLC0415  # Qt, and seldom

            return DONE if self_test.run(_write) else FAILURE
        case "install-desktop-entry":
            from notesearch import desktop_entry  # noqa: PLC0415  # seldom

            return _list(desktop_entry.install())
        case "remove-desktop-entry":
            from notesearch import desktop_entry  # noqa: PLC0415  # seldom

            return _list(desktop_entry.remove())
        case "remove-data":
            from notesearch import user_data  # noqa: PLC0415  # seldom

            return DONE if user_data.ask_and_remove(user, asked=not options.yes) else FAILURE
    return None


def _list(paths: list[Path]) -> int:
    """Say which files were written or removed, one on a line."""
    for path in paths:
        say(str(path))
    return DONE


def say(text: str) -> None:
    """Write a line to standard output."""
    _write(f"{text}\n")


def _write(text: str) -> None:
    # Without a console, as on Windows, there is nowhere to say it.
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
