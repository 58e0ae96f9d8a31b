"""A global key on X11: a grab on a connection of its own, which one thread has.

No Xlib: its error handlers belong to the whole process, and it ends the process when the server
goes (see xcb.py).
"""

import logging
import queue
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from notesearch.gui.hotkey import Pressed, Registration, Tell
from notesearch.gui.hotkey.chord import Chord, complaint, parse
from notesearch.gui.hotkey.keysyms import grabs
from notesearch.gui.hotkey.xcb import Connection, NoServerError
from notesearch.translation import tr

logger = logging.getLogger(__name__)

_PRESS, _RELEASE, _MAP_NOTIFY, _CLIENT_MESSAGE = 2, 3, 19, 33
_STRUCTURE_EVENTS, _NO_EVENTS = 1 << 17, 0
_PAGER = 2
"""Who asks for a window to be active: one who acts for the user, and is not refused."""
_ACTIVE = "_NET_ACTIVE_WINDOW"
_ON_ALL_DESKTOPS = 2**32 - 1
_SHOWN_SECONDS = 3.0
"""A window that is to be active may be shown only after it was asked for."""
_REPEAT_SECONDS = 1.0
"""A key that is held when it is registered, as in a recorder, repeats within this time."""
_END_SECONDS = 2.0


class X11Hotkey:
    """A Hotkey: does what is ordered in a thread of its own."""

    asks_user = False

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._key = ""
        self._reason = ""
        self._session: _Session | None = None
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._pending, self._ordering = socket.socketpair()
        self._pending.settimeout(0)
        self._ordering.settimeout(0)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hotkey", daemon=True)
        self._thread.start()

    def use(self, key: str) -> None:
        """Take another key, or none; told once, and again when a change of the layout matters."""
        self._order(lambda: self._take(key))

    def activate(self, window_id: int, time: int) -> None:
        """Give a window the keyboard as soon as it is shown; time: when the user wanted it."""
        self._order(lambda: self._activate(window_id, time))

    def close(self) -> None:
        """Let go of the key and end the thread."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_SECONDS)

    def _order(self, order: Callable[[], None]) -> None:
        if not self._closed.is_set():
            self._orders.put(order)
            self._wake()

    def _wake(self) -> None:
        # When its buffer is full, it can be read already; the thread closes it when it ends.
        with suppress(OSError):
            self._ordering.send(b"\0")

    def _run(self) -> None:
        with self._pending, self._ordering:
            while not self._closed.is_set():
                try:
                    self._work()
                except NoServerError as error:
                    self._lose(str(error))
                except Exception:
                    # The key is lost; whoever orders something next begins anew.
                    logger.exception("The key from anywhere")
                    self._lose(tr("The key was lost by an error, of which the log says more."))
            self._disconnect()

    def _work(self) -> None:
        """Do what was ordered, tell what has happened, and wait for more of it."""
        while not self._orders.empty():
            self._orders.get()()
        if self._session is not None:
            for pressed in self._session.presses():
                self._say(pressed)
            if self._session.chord is not None and self._session.reason != self._reason:
                self._register(self._session.reason)
        self._wait()

    def _wait(self) -> None:
        """Sleep until something is ordered or the server says something."""
        waiting = select.poll()
        waiting.register(self._pending, select.POLLIN)
        if self._session is not None:
            waiting.register(self._session.connection, select.POLLIN)
        waiting.poll()
        with suppress(BlockingIOError):
            self._pending.recv(4096)

    def _take(self, key: str) -> None:
        self._key = key
        why_not = complaint(key) if key else ""
        chord = None if why_not else parse(key)
        if chord is None:
            if self._session is not None:
                self._session.let_go()
            self._register(why_not)
        else:
            self._session = self._session or _Session()
            self._session.use(chord)
            self._register(self._session.reason)

    def _activate(self, window: int, time_wanted: int) -> None:
        if self._session is None:
            with suppress(NoServerError):
                self._session = _Session()
        if self._session is not None:
            self._session.activate(window, time_wanted)

    def _lose(self, reason: str) -> None:
        self._disconnect()
        if self._key:
            self._register(reason)

    def _disconnect(self) -> None:
        if self._session is not None:
            self._session.connection.close()
            self._session = None

    def _register(self, reason: str) -> None:
        self._reason = reason
        self._say(Registration(self._key, works=not reason, reason=reason))

    def _say(self, news: Pressed | Registration) -> None:
        if not self._closed.is_set():
            self._tell(news)


class _Session:
    """What is wanted of one server. All of it raises NoServerError."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.chord: Chord | None = None
        self.reason = ""
        """Why it is not heard."""
        self._grabs: frozenset[tuple[int, int]] = frozenset()
        self._held = False
        self._deaf_until = 0.0
        self._to_be_active: tuple[int, int, float] | None = None
        """A window, the time when the user wanted it, and until when it can be shown."""

    def use(self, chord: Chord) -> None:
        """Let go of the former key and take this one."""
        self.chord = chord
        self._grab(grabs(chord, self.connection.keyboard()))

    def let_go(self) -> None:
        """Let go of the key."""
        self.chord, self._grabs = None, frozenset()
        self.connection.ungrab()

    def presses(self) -> list[Pressed]:
        """Do what the server's events ask for; return when the key was pressed."""
        pressed = []
        for event in self.connection.events():
            if self._is_press(event):
                pressed.append(Pressed(time=_number(event, 4)))
            elif event[0] == _MAP_NOTIFY:
                self._is_shown(_number(event, 8))
            elif self.connection.is_of_keyboard(event) and self.chord is not None:
                wanted = grabs(self.chord, self.connection.keyboard())
                if wanted != self._grabs:
                    self._grab(wanted)
        return pressed

    def activate(self, window: int, time_wanted: int) -> None:
        """Give a window the keyboard, now or when it is shown."""
        self._to_be_active = (window, time_wanted, time.monotonic() + _SHOWN_SECONDS)
        self.connection.select(window, _STRUCTURE_EVENTS)
        if self._is_managed():
            self._bring_here(window)
        if self.connection.window(window).viewable:
            self._is_shown(window)

    def _grab(self, wanted: frozenset[tuple[int, int]]) -> None:
        self.connection.ungrab()
        self._grabs, self._held, self._deaf_until, self.reason = wanted, False, 0.0, ""
        if not wanted:
            self.reason = tr("The keyboard's present layout has no such key. Choose another key.")
        elif not self.connection.grab(wanted):
            self.reason = tr(
                "Another program already uses this key. Choose another key, or free it there."
            )
        elif any(self.connection.is_down(key) for key in self._keys()):
            self._deaf_until = time.monotonic() + _REPEAT_SECONDS

    def _keys(self) -> set[int]:
        return {key for key, _ in self._grabs}

    def _is_press(self, event: bytes) -> bool:
        """Return whether an event is a press of the key, and not one of a key that is held."""
        kind, key = event[:2]
        if kind not in {_PRESS, _RELEASE} or key not in self._keys():
            return False
        again = self._held or time.monotonic() < self._deaf_until
        self._held = kind == _PRESS
        return self._held and not again

    def _is_shown(self, window: int) -> None:
        if self._to_be_active is None or self._to_be_active[0] != window:
            return
        _, time_wanted, until = self._to_be_active
        self._to_be_active = None
        self.connection.select(window, _NO_EVENTS)
        if time.monotonic() > until:
            return
        if self._is_managed():
            self.connection.send_to_manager(_message(
                window, self.connection.atom(_ACTIVE), _PAGER, time_wanted, 0, 0, 0
            ))  # fmt: skip
        else:
            self.connection.focus(window, time_wanted)

    def _bring_here(self, window: int) -> None:
        """Have a window come from another virtual desktop to the one that is looked at."""
        root = self.connection.root
        here = self.connection.numbers_of(root, "_NET_CURRENT_DESKTOP")
        there = self.connection.numbers_of(window, "_NET_WM_DESKTOP")
        if here and there and there[0] not in {here[0], _ON_ALL_DESKTOPS}:
            kind = self.connection.atom("_NET_WM_DESKTOP")
            self.connection.send_to_manager(_message(window, kind, here[0], _PAGER, 0, 0, 0))

    def _is_managed(self) -> bool:
        """Return whether there is a window manager that takes such messages."""
        root = self.connection.root
        # What a manager supported stays there when it is gone.
        redirected = self.connection.window(root).redirected
        supported = self.connection.numbers_of(root, "_NET_SUPPORTED")
        return redirected and self.connection.atom(_ACTIVE) in supported


def _message(window: int, kind: int, *content: int) -> bytes:
    return struct.pack("=BBHII5I", _CLIENT_MESSAGE, 32, 0, window, kind, *content)


def _number(event: bytes, place: int) -> int:
    return int(struct.unpack_from("=I", event, place)[0])
