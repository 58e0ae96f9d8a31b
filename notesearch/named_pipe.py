"""Short lines between processes of one user, over a named pipe: Windows' part of `instance.py`.

Not run on Windows by the tests, which run it over a socket of Linux: multiprocessing has one
interface for both. Others may not write to a pipe unless they are told so: Windows' own rule.
Only bytes are sent, never objects, which whoever reads them would have to trust.
"""

import contextlib
import getpass
import hashlib
import threading
from collections.abc import Callable
from multiprocessing import connection
from pathlib import Path

LONGEST = 512
SECONDS = 1.0
"""How long one who connects may take to send a line, while others wait."""
PAUSE_SECONDS = 0.05

Answer = Callable[[bytes], bytes]
"""What is answered to a line. Called in the thread."""


def address(data: Path) -> str:
    """Return the name of the pipe for a user and a data folder."""
    named = f"{getpass.getuser()}\n{data.resolve()}".encode("utf-8", "surrogatepass")
    return rf"\\.\pipe\notesearch-{hashlib.blake2b(named, digest_size=8).hexdigest()}"


class Listener:
    """Answers lines in a thread of its own, one after the other."""

    def __init__(self, data: Path, answer: Answer) -> None:
        """Raises OSError where the pipe cannot be made."""
        self.place = address(data)
        self._answer = answer
        self._listener = connection.Listener(self.place)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and leave nothing behind."""
        self._closing.set()
        # Nothing else ends the wait for one who connects.
        with contextlib.suppress(OSError):
            connection.Client(self.place).close()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with self._listener.accept() as peer:
                    if peer.poll(SECONDS):
                        peer.send_bytes(self._answer(peer.recv_bytes(LONGEST)))
            except (OSError, EOFError):
                # Somebody has gone in the middle; or nobody can connect, which may last.
                self._closing.wait(PAUSE_SECONDS)


def ask(data: Path, line: bytes, seconds: float) -> bytes | None:
    """Send a line and return the answer; None where nobody listens, b'' where none came."""
    try:
        pipe = connection.Client(address(data))
    except OSError:
        return None
    with contextlib.suppress(OSError, EOFError), pipe:
        pipe.send_bytes(line)
        if pipe.poll(seconds):
            return pipe.recv_bytes(LONGEST)
    return b""
