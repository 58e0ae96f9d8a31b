"""A bus of its own, and on it a stand-in for the desktop's portal that gives out keys."""

import contextlib
import shutil
import subprocess
import threading
from collections import deque

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

PATH = "/org/freedesktop/portal/desktop"
NAME = "org.freedesktop.portal.Desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
# Without folders of services: nothing of the machine's is started on it.
CONFIGURATION = """
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


@contextlib.contextmanager
def session_bus(folder):
    """Start a bus; gives its address and its process."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon, of the Debian package dbus-daemon")
    file = folder / "bus.conf"
    file.write_text(CONFIGURATION.format(folder=folder))
    command = ["dbus-daemon", f"--config-file={file}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


class FakePortal:
    """Answers as its attributes say; what it was asked is in `calls`."""

    def __init__(self, address, **attributes):
        self.named = True
        self.version = ("u", 2)
        self.registry = True
        self.registers = True
        self.has_keys = True
        self.silent = set()
        self.errors = {}
        self.codes = {}
        self.known = []
        self.given = "Ctrl+Alt+Space"
        self.says_what_it_bound = True
        self.calls = deque()
        self.sessions = []
        self.closed = []
        for name, value in attributes.items():
            assert hasattr(self, name)
            setattr(self, name, value)
        self._connection = open_dbus_connection(address)
        self.name = self._connection.unique_name
        self._stopping = threading.Event()
        self._send_lock = threading.Lock()
        if self.named:
            # Takes the name, and lets others take it.
            self._connection.send_and_get_reply(message_bus.RequestName(NAME, 3), timeout=20)
        self._thread = threading.Thread(target=self._serve, name="portal")
        self._thread.start()

    def close(self):
        """Go, as in a crash."""
        self._stopping.set()
        self._thread.join(20)
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self._stopping.is_set():
            self.close()

    def asked(self):
        # Another thread adds to them.
        return [member for member, _ in tuple(self.calls)]

    def arguments(self, member):
        return next(body for asked, body in self.calls if asked == member)

    def press(self, session=None, shortcut="quick-search", **options):
        body = (session or self.sessions[-1], shortcut, 1234, options)
        self.emit(PATH, SHORTCUTS, "Activated", "osta{sv}", body)
        self.emit(PATH, SHORTCUTS, "Deactivated", "osta{sv}", body)

    def change(self, shown):
        """Say that the user has set another key."""
        self.given = shown
        body = (self.sessions[-1], self._shortcuts())
        self.emit(PATH, SHORTCUTS, "ShortcutsChanged", "oa(sa{sv})", body)

    def end_session(self):
        self.emit(self.sessions[-1], "org.freedesktop.portal.Session", "Closed", "a{sv}", ({},))

    def emit(self, path, interface, member, signature, body):
        message = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        with self._send_lock:
            self._connection.send(message)

    def _serve(self):
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                message = self._connection.receive(timeout=0.02)
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message):
        fields = message.header.fields
        member = fields[HeaderFields.member]
        self.calls.append((member, message.body))
        if member in self.silent:
            return
        if member in self.errors:
            self._send(new_error(message, *self.errors[member]))
            return
        getattr(self, f"_{member.lower()}")(message)

    def _register(self, message):
        if not self.registry:
            self._send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
        elif not self.registers:
            text = "Could not register app ID: App info not found"
            self._send(new_error(message, f"{NAME}.Error.Failed", "s", (text,)))
        else:
            self._send(new_method_return(message))

    def _get(self, message):
        if self.has_keys:
            self._send(new_method_return(message, "v", (self.version,)))
        else:
            self._send(new_error(message, "org.freedesktop.DBus.Error.InvalidArgs"))

    def _createsession(self, message):
        (options,) = message.body
        session = f"{PATH}/session/{self._sender(message)}/{options['session_handle_token'][1]}"
        self.sessions.append(session)
        self._respond(message, options, {"session_handle": ("s", session)})

    def _listshortcuts(self, message):
        results = {"shortcuts": ("a(sa{sv})", self._shortcuts() if self.known else [])}
        self._respond(message, message.body[-1], results)

    def _bindshortcuts(self, message):
        if not self.codes.get("BindShortcuts"):
            self.known.append(message.body[1][0][0])
        said = {"shortcuts": ("a(sa{sv})", self._shortcuts())} if self.says_what_it_bound else {}
        self._respond(message, message.body[-1], said)

    def _close(self, message):
        self.closed.append(message.header.fields[HeaderFields.path])

    def _shortcuts(self):
        about = {"description": ("s", "Quick search in notes")}
        if self.given is not None:
            about["trigger_description"] = ("s", self.given)
        return [("other", {}), ("quick-search", about)]

    def _respond(self, message, options, results):
        member = message.header.fields[HeaderFields.member]
        handle = f"{PATH}/request/{self._sender(message)}/{options['handle_token'][1]}"
        code = self.codes.get(member, 0)
        body = (code, {} if code else results)
        answer = new_method_return(message, "o", (handle,))
        # The signal may be there before the answer.
        if member == "ListShortcuts":
            self.emit(handle, "org.freedesktop.portal.Request", "Response", "ua{sv}", body)
            self._send(answer)
            return
        self._send(answer)
        if code is not None:
            self.emit(handle, "org.freedesktop.portal.Request", "Response", "ua{sv}", body)

    def _sender(self, message):
        return message.header.fields[HeaderFields.sender].removeprefix(":").replace(".", "_")

    def _send(self, message):
        with self._send_lock:
            self._connection.send(message)
