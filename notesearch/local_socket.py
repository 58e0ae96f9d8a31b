"""Short lines between processes of one user, over a socket of the machine itself: all but Windows.

One line leads to one answer. Whoever connects has a second for all of it, many may do so at the
same time, and none of them holds up another.
"""

import contextlib
import hashlib
import logging
import os
import selectors
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from notesearch.translation import tr

logger = logging.getLogger(__name__)

LONGEST = 512
"""Bytes of a line, with its end."""
SECONDS = 1.0
"""All the time that one who connects has."""
MOST = 16
"""So many may be connected at a time; the oldest makes room for one more."""
TRIES = 3
"""So often the folder of the socket is made where it is taken away at once."""
_BACKLOG = 64
_LONGEST_PATH = 103
"""What a Mac allows; Linux allows four bytes more."""
_SYSTEM = Path("/run/user")
_TEMPORARY = Path("/tmp")  # not where TMPDIR says, which two processes may be told differently

Answer = Callable[[bytes], bytes]
"""What is answered to a line; also to one that came only in part. Called in the thread."""


# Where it is --------------------------------------------------------------------------------


def places(data: Path) -> Iterator[Path]:
    """Yield where the socket for a data folder may be, the best first.

    Several, since not every process is told where the folder for such things is.
    """
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    folders = (Path(named) if named else None, _SYSTEM / str(os.getuid()))
    yield from (
        _socket(folder / "notesearch", data)
        for folder in folders
        if folder is not None and folder.is_absolute() and not _trouble(folder)
    )
    yield _socket(_TEMPORARY / f"notesearch-{os.getuid()}", data)


def _socket(folder: Path, data: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(data.resolve()), digest_size=8).hexdigest()
    return folder / f"{name}.sock"


def _trouble(folder: Path) -> str:
    """Say why a folder is not this user's alone; '' where it is."""
    try:
        # Not through a link: whoever made it could lead it elsewhere later.
        found = folder.lstat()
    except OSError as error:
        return error.strerror or str(error)
    if not stat.S_ISDIR(found.st_mode):
        return tr("it is not a folder")
    if found.st_uid != os.getuid():
        return tr("it belongs to another user")
    return tr("other users may enter it") if stat.S_IMODE(found.st_mode) & 0o077 else ""


def _usable(place: Path) -> str:
    """Make the folder of a place; say why the place cannot be used, '' where it can."""
    if len(os.fsencode(place)) > _LONGEST_PATH:
        return tr("its name is too long")
    try:
        place.parent.mkdir(mode=0o700)
        # A umask may have taken some of it.
        place.parent.chmod(0o700)
    except FileExistsError:
        pass
    except OSError as error:
        return error.strerror or str(error)
    return _trouble(place.parent)


# Who listens --------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Conversation:
    """One who has connected, and what was sent so far."""

    socket: socket.socket
    until: float
    line: bytearray = field(default_factory=bytearray)


class Listener:
    """Answers lines in a thread of its own, which rests while nobody is connected."""

    def __init__(self, data: Path, answer: Answer) -> None:
        """Take the place of whoever listened there; only one may do so, whom a lock has chosen.

        Raises OSError, which says why nobody could connect, and what to do.
        """
        self._answer = answer
        self.place, self._socket = _bound(data)
        self._conversations: list[_Conversation] = []
        self._woken, self._wake = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for readable in (self._socket, self._woken):
            self._selector.register(readable, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and leave nothing behind."""
        self._wake.send(b".")
        self._thread.join()
        for conversation in self._conversations[:]:
            self._end(conversation)
        self._selector.close()
        with contextlib.suppress(OSError):
            self.place.unlink(missing_ok=True)
        for one in (self._socket, self._woken, self._wake):
            one.close()

    def _run(self) -> None:
        while True:
            ready = [key for key, _ in self._selector.select(self._patience())]
            for key in ready:
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._socket:
                    self._admit()
                elif key.data in self._conversations:
                    # Not one that has made room for another meanwhile.
                    self._read(key.data)
            now = time.monotonic()
            for late in [one for one in self._conversations if one.until <= now]:
                self._end(late)

    def _patience(self) -> float | None:
        """Return how long nothing has to be done; None: until somebody connects."""
        if not self._conversations:
            return None
        return max(0.0, self._conversations[0].until - time.monotonic())

    def _admit(self) -> None:
        try:
            peer, _ = self._socket.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            # As when too many files are open: it would be ready again and again.
            logger.warning("Nobody can connect: %s", error)
            time.sleep(SECONDS / 10)
            return
        if not _is_ours(peer):
            peer.close()
            return
        if len(self._conversations) >= MOST:
            self._end(self._conversations[0])
        peer.settimeout(0)
        conversation = _Conversation(peer, time.monotonic() + SECONDS)
        self._conversations.append(conversation)
        self._selector.register(peer, selectors.EVENT_READ, conversation)

    def _read(self, one: _Conversation) -> None:
        try:
            received = one.socket.recv(LONGEST + 1 - len(one.line))
        except BlockingIOError:
            return
        except OSError:
            received = b""
        one.line += received
        if not received or b"\n" in received or len(one.line) > LONGEST:
            self._end(one)

    def _end(self, one: _Conversation) -> None:
        """Answer to what has come, and let go."""
        with contextlib.suppress(OSError):
            one.socket.send(self._answer(bytes(one.line)))
        self._conversations.remove(one)
        self._selector.unregister(one.socket)
        one.socket.close()


def _bound(data: Path) -> tuple[Path, socket.socket]:
    """Return the first place that can be used, and the socket there. Raises OSError."""
    for _ in range(TRIES - 1):
        # Another's `--remove-data` may take the folder away while it is empty.
        with contextlib.suppress(FileNotFoundError):
            return _bound_at(_first(data))
    return _bound_at(_first(data))


def _first(data: Path) -> Path:
    """Return the first place that can be used. Raises OSError."""
    for place in places(data):
        trouble = _usable(place)
        if not trouble:
            return place
    said = tr("the folder {folder} cannot be used: {trouble}; see that it is a folder of your "
              "own with mode 0700, or remove it")  # fmt: skip
    raise PermissionError(said.format(folder=place.parent, trouble=trouble))


def _bound_at(place: Path) -> tuple[Path, socket.socket]:
    # What is there is left of one that was killed: whoever comes here holds the lock.
    place.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(place))
        place.chmod(0o600)
        listening.listen(_BACKLOG)
        listening.settimeout(0)
    except OSError:
        listening.close()
        raise
    return place, listening


def _is_ours(peer: socket.socket) -> bool:
    """Say whether one who connects is this user. Elsewhere than on Linux the folder says so."""
    if sys.platform != "linux":
        return True
    size = struct.calcsize("3i")
    found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return bool(struct.unpack("3i", found)[1] == os.getuid())


# Who asks -----------------------------------------------------------------------------------


def ask(data: Path, line: bytes, seconds: float) -> bytes | None:
    """Send a line and return the answer; None where nobody listens, b'' where none came."""
    for place in places(data):
        if not _trouble(place.parent) and place.exists():
            with contextlib.suppress(OSError):
                return _asked(place, line, seconds)
    return None


def _asked(place: Path, line: bytes, seconds: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(seconds)
        asking.connect(str(place))
        try:
            # Who took too long to say it was answered already, unheard.
            with contextlib.suppress(BrokenPipeError):
                asking.sendall(line)
            return asking.recv(LONGEST)
        except OSError:
            # It was there, and may have heard.
            return b""
