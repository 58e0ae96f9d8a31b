"""Trays for tests: a real one on X11, and one on D-Bus of which a test knows all that it is told.

    python tests/tray_host.py [--without-host]

is a StatusNotifierWatcher on the session bus; says in a line each what it is told. Takes a command
in a line: "host" and "host gone" say that it shows icons, or no longer; "activate", "middle",
"tip", "menu" and "click TEXT" are done to the icon that was registered last, "quit" ends.
"""

import contextlib
import os
import selectors
import shutil
import subprocess
import sys

import pytest
import xserver
from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

SERVICE = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PACKAGES = {"trayer": "trayer", "dbus-daemon": "dbus"}
"""Of Debian, by their programs."""


def need(program):
    """Skip the test where the program is missing."""
    if shutil.which(program) is None:
        pytest.skip(f"this machine lacks a program (package {PACKAGES[program]})")


@contextlib.contextmanager
def x_tray(display):
    """Start a tray on an X server; yields its process."""
    need("trayer")
    process = subprocess.Popen(
        ["trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request",
         "--SetDockType", "false"],
        env=xserver.environment(display), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with xserver.ended(process):
        yield process


@contextlib.contextmanager
def session_bus():
    """Start a session bus of its own; yields its address."""
    need("dbus-daemon")
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="ascii") as answer:
        try:
            process = subprocess.Popen(
                ["dbus-daemon", "--session", "--nofork", f"--print-address={writing}"],
                pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        finally:
            os.close(writing)
        with xserver.ended(process):
            yield answer.readline().strip()


class Watcher:
    """Answers like a panel, and does with the icon what a user does."""

    def __init__(self, *, has_host):
        self._bus = open_dbus_connection()
        self._has_host = has_host
        self._item = ""
        # Without waiting for the answer: the first question may come with it.
        self._bus.send(message_bus.RequestName(SERVICE))

    def run(self):
        with selectors.DefaultSelector() as ready:
            ready.register(self._bus.sock, selectors.EVENT_READ)
            ready.register(sys.stdin, selectors.EVENT_READ)
            say("up")
            while True:
                # What has come with something else is not seen by the selector.
                self._hear()
                for key, _ in ready.select():
                    if key.fileobj is sys.stdin and not self._obey_all():
                        return

    def _hear(self):
        with contextlib.suppress(TimeoutError):
            while True:
                message = self._bus.receive(timeout=0)
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message):
        member = message.header.fields[HeaderFields.member]
        if member == "Get":
            self._bus.send(new_method_return(message, "v", (("b", self._has_host),)))
            say("asked")
        elif member == "RegisterStatusNotifierItem":
            self._item = message.header.fields[HeaderFields.sender]
            self._bus.send(new_method_return(message))
            say("registered")
        else:
            self._bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))

    def _obey_all(self):
        commands = os.read(sys.stdin.fileno(), 4096).decode().splitlines()
        return bool(commands) and all(map(self._obey, commands))

    def _obey(self, command):
        word, _, text = command.partition(" ")
        if word == "host":
            self._has_host = text != "gone"
            change = "Registered" if self._has_host else "Unregistered"
            address = DBusAddress("/StatusNotifierWatcher", interface=SERVICE)
            self._bus.send(new_signal(address, f"StatusNotifierHost{change}"))
        elif word in {"activate", "middle"}:
            method = "Activate" if word == "activate" else "SecondaryActivate"
            self._ask("/StatusNotifierItem", ITEM, method, "ii", (0, 0))
        elif word == "tip":
            reply = self._ask("/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get",
                              "ss", (ITEM, "ToolTip"))  # fmt: skip
            say("tip", reply[0][1][2])
        elif word == "menu":
            say("menu", " | ".join(entry["label"] for entry in self._entries()))
        elif word == "click":
            number = next(e["id"] for e in self._entries() if e["label"] == text)
            self._ask("/MenuBar", MENU, "Event", "isvu", (number, "clicked", ("s", ""), 0))
        return word != "quit"

    def _entries(self):
        _, (_, _, children) = self._ask("/MenuBar", MENU, "GetLayout", "iias", (0, -1, []))
        for _, (number, properties, _) in children:
            known = {name: value for name, (_, value) in properties.items()}
            if known.get("visible", True):
                label = "—" if known.get("type") == "separator" else known["label"]
                yield {"id": number, "label": label}

    def _ask(self, path, interface, method, signature, body):
        address = DBusAddress(path, self._item, interface)
        return self._bus.send_and_get_reply(
            new_method_call(address, method, signature, body), timeout=xserver.SECONDS
        ).body


def say(*words):
    print(*words, flush=True)  # noqa: T201  # the test reads it


if __name__ == "__main__":
    Watcher(has_host="--without-host" not in sys.argv).run()
