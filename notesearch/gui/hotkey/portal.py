"""A global key on Wayland, where only the desktop can give one: through its portal.

The portal may ask the user, may give another key than was asked for, and has the last word; which
key it gave, it says. Run here against a stand-in for the portal, on a bus of its own.
"""

import logging
import queue
import socket
import threading

from notesearch.gui.hotkey import Pressed, Registration, Tell
from notesearch.gui.hotkey.bus import Bus, Interrupted, NoBusError
from notesearch.gui.hotkey.chord import Chord, complaint, parse
from notesearch.gui.hotkey.portal_session import (
    PortalLostError,
    PortalSession,
    RefusedError,
    no_portal,
    silent,
)
from notesearch.translation import tr

PATIENCE_SECONDS = 120.0
"""How long the user has to answer the desktop's question."""
_END_SECONDS = 5.0

logger = logging.getLogger(__name__)


class PortalHotkey:
    """A Hotkey: one thread, which has one connection to the bus for each key."""

    asks_user = True

    def __init__(self, tell: Tell, patience: float = PATIENCE_SECONDS) -> None:
        self._tell = tell
        self._patience = patience
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        # Can be read as long as there are orders, which breaks off all waiting.
        self._pending, self._ordering = socket.socketpair()
        self._closed = threading.Event()
        self._answered = False
        self._thread = threading.Thread(target=self._run, name="hotkey", daemon=True)
        self._thread.start()

    def use(self, key: str) -> None:
        """Ask for another key, or for none; told once, and again when the desktop changes it."""
        if not self._closed.is_set():
            self._order(key)

    def activate(self, window_id: int, time: int) -> None:
        """Do nothing: what a press brings along is for Qt to hand on."""

    def close(self) -> None:
        """Give the key back and end the thread."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._order(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_SECONDS)

    def _order(self, key: str | None) -> None:
        # In this order: with the last one the thread closes both ends.
        self._ordering.send(b"\0")
        self._orders.put(key)

    def _run(self) -> None:
        with self._pending, self._ordering:
            while (key := self._orders.get()) is not None:
                self._pending.recv(1)
                self._answered = False
                self._serve(key)

    def _serve(self, key: str) -> None:
        """Ask for a key and hear it, until something else is ordered."""
        chord, why_not = parse(key), complaint(key)
        if not key:
            self._say(Registration("", works=True))
        elif chord is None or why_not:
            self._fail(key, why_not)
        else:
            self._ask(key, chord)

    def _ask(self, key: str, chord: Chord) -> None:
        """Hear the key; a portal that ends and comes back is asked anew."""
        try:
            while self._hear(key, chord):
                pass
        except Interrupted:
            if not self._answered:
                self._fail(key, tr("Another key was chosen before the desktop had answered."))
        except NoBusError:
            self._fail(key, no_portal())
        except Exception as error:  # noqa: BLE001  # what a portal says may be of any kind
            logger.warning("The portal for keys failed: %s", type(error).__name__)
            self._fail(key, no_portal())

    def _hear(self, key: str, chord: Chord) -> bool:
        """Hear the key as long as the portal gives it; return when another portal is there.

        False where the user said no, and is not to be asked again.
        """
        bus = Bus(self._pending)
        session = PortalSession(bus, key, self._patience)
        try:
            self._say(session.open(chord))
            while True:
                self._say(session.next_event())
        except (RefusedError, PortalLostError, TimeoutError) as error:
            self._fail(key, _reason(error))
            session.close()
            if isinstance(error, RefusedError) and error.by_user:
                return False
            session.wait_for_portal()
            return True
        finally:
            session.close()
            bus.close()

    def _fail(self, key: str, reason: str) -> None:
        self._say(Registration(key, works=False, reason=reason))

    def _say(self, news: Pressed | Registration) -> None:
        if self._closed.is_set():
            return
        self._answered = True
        self._tell(news)


def _reason(error: Exception) -> str:
    if isinstance(error, RefusedError):
        return str(error)
    return silent() if isinstance(error, TimeoutError) else no_portal()
