"""What `notesearch --toggle`, `--show` and `--quit` do: they tell the notesearch that runs.

A key is bound to the first, so that it is to be quick: nothing heavy is imported here.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from notesearch import instance, paths, programs
from notesearch.instance import Call, InstanceError, Word
from notesearch.paths import UserPaths
from notesearch.translation import tr

DONE, FAILURE, INTERRUPTED = 0, 3, 130

ANSWER_SECONDS = 5.0
"""How long one that runs may take to answer: its listening thread does nothing else."""
START_SECONDS = 20.0
QUIT_SECONDS = 15.0
LOOK_SECONDS = 0.05
NO_SCREEN = tr(
    "there is no screen to open a window on; the commands index and search work without one"
)
_TOKENS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


class RemoteError(Exception):
    """The notesearch that runs could not be told, or none could be started; says what to do."""


def main(arguments: Sequence[str]) -> int | None:
    """Do what a command line that consists of one such flag asks for; return the exit code.

    None where it is another one, or a wrong one: that is the command line's to say.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--data-dir")
    add_words(parser.add_mutually_exclusive_group().add_argument)
    try:
        options, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return None
    if others or options.word is None:
        return None
    try:
        carry_out(options.word, paths.user_paths(options.data_dir))
    except (RemoteError, InstanceError) as error:
        _say(str(error))
        return FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def add_words(add_argument: Callable[..., object]) -> None:
    """Add the flags to a group of a command line."""
    for word, does in (
        (Word.TOGGLE, tr("open the quick search, or close it; starts notesearch where needed")),
        (Word.SHOW, tr("bring the window to the front; starts notesearch where needed")),
        (Word.QUIT, tr("end the notesearch that is running")),
    ):
        add_argument(f"--{word}", dest="word", action="store_const", const=word, help=does)


def shown(user: UserPaths) -> bool:
    """Bring the window of the notesearch that runs to the front; say whether there is one."""
    return instance.call(user, Call(Word.SHOW, token()), 0)


def carry_out(word: Word, user: UserPaths) -> None:
    """Tell the notesearch that runs; start one for all words but the last.

    Raises RemoteError, and InstanceError where nothing can be written.
    """
    wanted = Call(word, token())
    until = time.monotonic() + ANSWER_SECONDS
    if instance.call(user, wanted, ANSWER_SECONDS):
        if word is Word.QUIT:
            _wait_for_the_end(user)
    elif time.monotonic() >= until:
        # Where none runs, that is known at once.
        raise _silent(user)
    elif word is Word.QUIT:
        _say(tr("no notesearch is running"))
    else:
        _start(wanted, user)


def token() -> str:
    """Return what the desktop has given this process so that a window may take the keyboard."""
    return next(filter(None, map(os.environ.get, _TOKENS)), "")


def has_screen() -> bool:
    """Say whether Qt would find a display; without one it ends the process with a signal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _say(text: str) -> None:
    # Without a console, as on Windows, there is nowhere to say it.
    if sys.stderr is not None:
        sys.stderr.write(f"notesearch: {text}\n")


def _silent(user: UserPaths) -> RemoteError:
    said = tr("notesearch is running and does not answer; use its window or its tray icon, or end "
              "its process and try again. Its log may say why: {log}")  # fmt: skip
    return RemoteError(said.format(log=user.log_file))


def _wait_for_the_end(user: UserPaths) -> None:
    until = time.monotonic() + QUIT_SECONDS
    while instance.running(user):
        if time.monotonic() > until:
            said = tr("notesearch was told to end and has not ended yet; it may be storing what it "
                      "has read. If it still runs in a minute, end its process. Its log may say "
                      "why: {log}")  # fmt: skip
            raise RemoteError(said.format(log=user.log_file))
        time.sleep(LOOK_SECONDS)


# Starting -----------------------------------------------------------------------------------


def _start(wanted: Call, user: UserPaths) -> None:
    """Start a notesearch and tell it, once it answers. Raises RemoteError, InstanceError."""
    if not has_screen():
        raise RemoteError(NO_SCREEN)
    process, done = None, None
    until = time.monotonic() + START_SECONDS
    try:
        while not instance.call(user, wanted, 0):
            # A key that is held down calls many times: one of them starts a notesearch.
            done = done or instance.starting(user)
            if done is not None and process is None and not instance.running(user):
                process = _started(user)
            _wait(process, until, user)
    finally:
        if done is not None:
            done()


def _wait(process: "subprocess.Popen[bytes] | None", until: float, user: UserPaths) -> None:
    """Wait a little for one that starts. Raises RemoteError where it ended, or takes too long."""
    code = process.poll() if process is not None else None
    # It also ends where somebody has started another meanwhile, which is to be told.
    if code is not None and not instance.running(user):
        said = tr("notesearch ended as soon as it was started (exit code {code}); to see why, "
                  "run notesearch in a terminal. Its log: {log}")  # fmt: skip
        raise RemoteError(said.format(code=code, log=user.log_file))
    if time.monotonic() > until:
        raise _silent(user)
    time.sleep(LOOK_SECONDS)


def _started(user: UserPaths) -> "subprocess.Popen[bytes]":
    """Start the program without a window, and leave it to itself. Raises RemoteError."""
    command = programs.from_inside()
    if user.named:
        command += ["--data-dir", str(user.data)]
    # The token is for one window, which is the one that is called.
    around = {name: value for name, value in os.environ.items() if name not in _TOKENS}
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            [*command, "--background"], env=around, creationflags=flags, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # Where it finds itself, and not on a disk that could not be taken out any more.
            cwd=Path(__file__).resolve().parents[1],
        )  # fmt: skip
    except (OSError, ValueError) as error:
        said = tr("notesearch could not be started ({command}): {error}")
        raise RemoteError(said.format(command=command[0], error=error)) from error
