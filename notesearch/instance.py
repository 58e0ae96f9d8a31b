"""The one notesearch that has a window, and how others talk to it.

A lock says who that is; a private socket of the machine carries a few words to it. The system lets
go of the lock however the process ends, so that what is left of one that was killed blocks nobody.
"""

import contextlib
import logging
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from notesearch.paths import UserPaths
from notesearch.translation import tr

if sys.platform == "win32":
    from notesearch import named_pipe as channel
else:
    from notesearch import local_socket as channel

logger = logging.getLogger(__name__)

CLAIM_SECONDS = 1.0
"""Whoever looks whether the lock is held has it for a moment: a claim waits so long for it."""
MOST_WAITING = 32
"""So many calls are kept for a window that is not there yet, or takes none."""
ANSWER_SECONDS = 5.0
"""For an answer of one that listens, however busy the machine is."""
TRY_SECONDS = 0.03
_LINE = re.compile(rb"notesearch 1 (toggle|show|quit)(?: ([!-~]+))?\n")
_OK, _REFUSED = b"ok\n", b"refused\n"


class InstanceError(Exception):
    """It cannot be found out whether another notesearch runs; says why and what to do."""


class Word(StrEnum):
    """What the one that runs can be told."""

    TOGGLE = "toggle"
    """Open the quick search, or close it."""
    SHOW = "show"
    """Bring the window to the front."""
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Call:
    """A word, and what allows the window to take the keyboard."""

    word: Word
    token: str = ""
    """Of Wayland's xdg-activation: printable ASCII without spaces; '' where there is none."""


def _line(wanted: Call) -> bytes:
    """Return a call as it is sent. A token that cannot be is left out."""
    bare = f"notesearch 1 {wanted.word}\n".encode()
    line = f"notesearch 1 {wanted.word} {wanted.token}\n".encode("utf-8", "surrogatepass")
    return line if len(line) <= channel.LONGEST and _LINE.fullmatch(line) else bare


def _call(line: bytes) -> Call | None:
    """Return what a line says; None where it says anything else."""
    found = _LINE.fullmatch(line) if len(line) <= channel.LONGEST else None
    if found is None:
        return None
    return Call(Word(found[1].decode()), (found[2] or b"").decode())


class Instance:
    """Held by the one that has the window, until it ends. Calls are kept until they are heard."""

    def __init__(self, user: UserPaths, release: Callable[[], None]) -> None:
        """Listen at once; `claim` makes one."""
        self.unreachable = ""
        """Why nobody can call, for the user; '' where everybody of this user can."""
        self._release = release
        self._waiting: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._handing: threading.Thread | None = None
        self._listener: channel.Listener | None = None
        self._closed = self._refusing = False
        try:
            self._listener = channel.Listener(user.data, self._take)
        except OSError as error:
            self.unreachable = str(error)

    @classmethod
    def claim(cls, user: UserPaths) -> Self | None:
        """Become the one with the window; None where another is.

        Raises InstanceError where the lock cannot be made, as where nothing can be written.
        """
        with _writing(user):
            release = _claimed(user)
        return None if release is None else cls(user, release)

    @classmethod
    def without_lock(cls, user: UserPaths) -> Self | None:
        """Become the one with the window where the lock cannot be made; None where another is.

        Two that start in the same moment may both become it; nothing is written there by either.
        """
        return None if _listened(user) else cls(user, lambda: None)

    def listen(self, heard: Callable[[Call], None]) -> None:
        """Hand over all calls from now on, and those that came before, in a thread of its own.

        `heard` must not wait for the thread that closes this.
        """
        if self.unreachable:
            # Not earlier: there is no log while Qt starts.
            logger.warning("notesearch --toggle will not work: %s", self.unreachable)
        self._handing = threading.Thread(
            target=self._hand_over, args=(heard,), name="handing over", daemon=True
        )
        self._handing.start()

    def refuse(self) -> None:
        """Take no more calls: this one ends, and they are for the next."""
        self._refusing = True

    def close(self) -> None:
        """Let the next one be it. Nothing is handed over any more."""
        self.hang_up()
        self._release()

    def hang_up(self) -> None:
        """Hear nothing any more. The lock goes with the process, so that its end can be seen."""
        if self._closed:
            return
        self._closed = True
        if self._listener is not None:
            self._listener.close()
        self._waiting.put(None)
        if self._handing is not None:
            self._handing.join()

    def _take(self, line: bytes) -> bytes:
        wanted = _call(line)
        full = self._waiting.qsize() >= MOST_WAITING
        if wanted is None or full or self._refusing:
            return _REFUSED
        self._waiting.put(wanted)
        return _OK

    def _hand_over(self, heard: Callable[[Call], None]) -> None:
        while (wanted := self._waiting.get()) is not None and not self._closed:
            try:
                heard(wanted)
            except Exception:
                # The next call is to be heard all the same.
                logger.exception("A call was not taken")


def call(user: UserPaths, wanted: Call, patience: float) -> bool:
    """Tell the one that runs; say whether it has taken the call.

    One that is starting and does not answer yet, or has too much to do, is waited for as long as
    the patience (in seconds) lasts.
    """
    until = time.monotonic() + patience
    line = _line(wanted)
    while True:
        left = until - time.monotonic()
        answer = channel.ask(user.data, line, max(ANSWER_SECONDS, left))
        # Without an answer it may have heard: to say this word twice may undo it.
        if answer == _OK or (answer == b"" and wanted.word is Word.TOGGLE):
            return answer == _OK
        if left <= 0 or not running(user):
            return False
        time.sleep(TRY_SECONDS)


def running(user: UserPaths) -> bool:
    """Say whether a notesearch with a window runs. Makes nothing and disturbs nobody.

    Where somebody else looks at the same moment, it may seem to run: look again.
    """
    try:
        # Taking a lock would make its file.
        if not user.instance_lock.exists():
            return _listened(user)
        release = _lock(user.instance_lock)
        if release is not None:
            release()
        return release is None and user.instance_lock.exists()
    except OSError:
        # Whoever may not write the file could not hold it, and does without.
        return _listened(user)


def _listened(user: UserPaths) -> bool:
    """Say whether somebody listens, with the lock or without it."""
    return channel.ask(user.data, b"\n", ANSWER_SECONDS) is not None


def starting(user: UserPaths) -> Callable[[], None] | None:
    """Become the one who starts a notesearch; returns what ends that, None where another does.

    Raises InstanceError as `claim` does.
    """
    with _writing(user):
        return _lock(user.data / "starting.lock")


@contextlib.contextmanager
def _writing(user: UserPaths) -> Iterator[None]:
    """Make the folders that are written to. Raises InstanceError where that fails."""
    try:
        user.make()
        yield
    except OSError as error:
        said = tr("the folder {folder} cannot be written ({error}); see that the disk has room "
                  "and that the folder is yours, or name another with --data-dir")  # fmt: skip
        trouble = error.strerror or str(error)
        raise InstanceError(said.format(folder=user.data, error=trouble)) from error


def _claimed(user: UserPaths) -> Callable[[], None] | None:
    """Take the lock for good; None where another has it. Raises OSError."""
    until = time.monotonic() + CLAIM_SECONDS
    while (release := _lock(user.instance_lock)) is None:
        # Whoever has it for good listens, and refuses a line that says nothing.
        if channel.ask(user.data, b"\n", ANSWER_SECONDS) or time.monotonic() > until:
            return None
        time.sleep(TRY_SECONDS)
    return release


def _lock(path: Path) -> Callable[[], None] | None:
    """Take a lock and return what lets go of it; None where another has it. Raises OSError."""
    import filelock  # noqa: PLC0415  # not needed to call one that runs, which is to be quick

    lock = filelock.FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return None
    return lock.release
