"""A connection to the session bus of D-Bus, for one thread, whose waiting can be broken off.

jeepney speaks the protocol; its own connections wait for the bus alone, and without an end for its
first answer.
"""

import contextlib
import itertools
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from jeepney import DBusErrorResponse, HeaderFields, MatchRule, Message, Parser, message_bus
from jeepney.auth import AuthenticationError
from jeepney.bus import get_bus
from jeepney.io.blocking import prep_socket

ANSWER_SECONDS = 25.0
"""As libdbus has it: a program that is to answer may have to be started first."""
_CONNECT_SECONDS = 2.0
_CHUNK = 4096


class Interrupted(Exception):  # noqa: N818  # not an error
    """Somebody wants something else of the thread that waits."""


class NoBusError(Exception):
    """There is no bus, or it has ended."""


class Bus:
    """A connection. Whatever waits here raises Interrupted as soon as `interrupt` can be read."""

    def __init__(self, interrupt: socket.socket, environ: Mapping[str, str] = os.environ) -> None:
        """Connect; raises NoBusError."""
        self._kept: deque[Message] = deque()
        self._parser = Parser()
        self._serials = itertools.count(1)
        self._interrupt = interrupt
        try:
            self._socket: socket.socket = prep_socket(
                get_bus(_address(environ)), timeout=_CONNECT_SECONDS
            )
        except (OSError, AuthenticationError, RuntimeError, ValueError) as error:
            raise NoBusError(str(error)) from error
        self._socket.settimeout(ANSWER_SECONDS)
        self._selector = selectors.DefaultSelector()
        for readable in (self._socket, interrupt):
            self._selector.register(readable, selectors.EVENT_READ)
        try:
            self.name: str = self.call(message_bus.Hello())[0]
        except BaseException as error:
            self.close()
            if isinstance(error, TimeoutError | DBusErrorResponse):
                raise NoBusError(str(error)) from error
            raise

    def close(self) -> None:
        """Disconnect. Programs that served this connection are told by the bus."""
        self._selector.close()
        self._socket.close()

    def watch(self, **of: str) -> None:
        """Have signals delivered; `arg0` is what their first argument must be."""
        first = of.pop("arg0", None)
        rule = MatchRule(type="signal", **of)
        if first is not None:
            rule.add_arg_condition(0, first)
        self.call(message_bus.AddMatch(rule))

    def call(self, message: Message) -> tuple[Any, ...]:
        """Return what a method answers; raises DBusErrorResponse, TimeoutError, NoBusError."""
        serial = self.send(message)
        answer = self.wait_for(
            lambda got: got.header.fields.get(HeaderFields.reply_serial) == serial, ANSWER_SECONDS
        )
        if HeaderFields.error_name in answer.header.fields:
            raise DBusErrorResponse(answer)
        body: tuple[Any, ...] = answer.body
        return body

    def send(self, message: Message) -> int:
        """Send a message and wait for nothing; returns its number."""
        serial = next(self._serials)
        try:
            self._socket.sendall(message.serialise(serial))
        except OSError as error:
            raise NoBusError(str(error)) from error
        return serial

    def wait_for(self, wanted: Callable[[Message], bool], seconds: float | None = None) -> Message:
        """Return the first message that is wanted; others are kept for later."""
        deadline = None if seconds is None else time.monotonic() + seconds
        for message in self._kept:
            if wanted(message):
                self._kept.remove(message)
                return message
        while not wanted(message := self._receive(deadline)):
            self._kept.append(message)
        return message

    def _receive(self, deadline: float | None) -> Message:
        while (message := self._parser.get_next_message()) is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = [key.fileobj for key, _ in self._selector.select(left)]
            if self._interrupt in ready:
                raise Interrupted
            if not ready:
                raise TimeoutError
            self._parser.add_data(self._read())
        return message

    def _read(self) -> bytes:
        data = b""
        with contextlib.suppress(OSError):
            data = self._socket.recv(_CHUNK)
        if not data:
            raise NoBusError
        return data


def _address(environ: Mapping[str, str]) -> str:
    """Return where the session bus is: what the session says, or where systemd has it."""
    said = environ.get("DBUS_SESSION_BUS_ADDRESS")
    folder = environ.get("XDG_RUNTIME_DIR")
    if not said and not folder:
        raise NoBusError
    return said or f"unix:path={folder}/bus"
