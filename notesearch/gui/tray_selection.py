"""Whether a window of an X server holds a selection, told when that changes.

A tray on X11 is a window that owns `_NET_SYSTEM_TRAY_S0`. Qt follows that too but does not tell,
and has been seen to take a tray for there that had gone. A connection of its own is told by the
server, so that nothing has to look again and again. libxcb, unlike libX11, does not end the
process when the server goes.
"""

import contextlib
import ctypes

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

_ANY_CHANGE = 7
"""Another owner; its window was destroyed; its program ended."""
_FIXES = (1, 0)
"""The first version has what is asked for."""


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Reply(ctypes.Structure):
    """What both questions are answered with."""

    _fields_ = (
        ("kind", ctypes.c_uint8), ("pad", ctypes.c_uint8), ("sequence", ctypes.c_uint16),
        ("length", ctypes.c_uint32), ("value", ctypes.c_uint32),
    )  # fmt: skip


class _Screens(ctypes.Structure):
    """An iterator; the first field of a screen is its root window."""

    _fields_ = (
        ("screen", ctypes.POINTER(ctypes.c_uint32)),
        ("left", ctypes.c_int),
        ("index", ctypes.c_int),
    )


class Selection(QObject):
    """A selection of the X server that the program shows its windows on."""

    changed = Signal()

    def __init__(self, name: str, parent: QObject) -> None:
        """Watch a selection; its name goes on with the number of the screen.

        :raises OSError: there is no libxcb, or no server.
        """
        super().__init__(parent)
        self._xcb, fixes = _libraries()
        number = ctypes.c_int()
        self._server = self._xcb.xcb_connect(None, ctypes.byref(number))
        if self._xcb.xcb_connection_has_error(self._server):
            self._disconnect()
            message = "no connection to the X server"
            raise OSError(message)
        self._free = ctypes.CDLL(None).free
        self._free.argtypes, self._free.restype = [ctypes.c_void_p], None
        self._atom = self._intern(f"{name}{number.value}".encode())
        self._select(fixes)
        self.owner = self._find_owner()
        """Window that holds it; 0 for none."""
        file = self._xcb.xcb_get_file_descriptor(self._server)
        self._heard = QSocketNotifier(file, QSocketNotifier.Type.Read, self)
        self._heard.activated.connect(self._hear)

    def close(self) -> None:
        """Watch it no longer."""
        self._heard.setEnabled(False)
        self._disconnect()

    @Slot()
    def _hear(self) -> None:
        if self._server is None:
            return
        owner = self._find_owner()
        if self._xcb.xcb_connection_has_error(self._server):
            # It stays readable for ever.
            self._heard.setEnabled(False)
        if owner != self.owner:
            self.owner = owner
            self.changed.emit()

    def _find_owner(self) -> int:
        """Ask until nothing has happened meanwhile: what came with an answer is not heard again."""
        self._forget_events()
        owner = self._ask_owner()
        while self._forget_events():
            owner = self._ask_owner()
        return owner

    def _forget_events(self) -> bool:
        """Take up all events; say whether there were any."""
        event = first = self._xcb.xcb_poll_for_event(self._server)
        while event:
            self._free(event)
            event = self._xcb.xcb_poll_for_event(self._server)
        return bool(first)

    def _ask_owner(self) -> int:
        asked = self._xcb.xcb_get_selection_owner(self._server, self._atom)
        return self._value(self._xcb.xcb_get_selection_owner_reply(self._server, asked, None))

    def _intern(self, name: bytes) -> int:
        asked = self._xcb.xcb_intern_atom(self._server, 0, len(name), name)
        return self._value(self._xcb.xcb_intern_atom_reply(self._server, asked, None))

    def _value(self, reply: "ctypes._Pointer[_Reply]") -> int:
        if not reply:
            return 0
        value = int(reply.contents.value)
        self._free(reply)
        return value

    def _select(self, fixes: ctypes.CDLL) -> None:
        """Ask to be told of changes."""
        asked = fixes.xcb_xfixes_query_version(self._server, *_FIXES)
        self._free(fixes.xcb_xfixes_query_version_reply(self._server, asked, None))
        setup = self._xcb.xcb_get_setup(self._server)
        root = self._xcb.xcb_setup_roots_iterator(setup).screen[0]
        fixes.xcb_xfixes_select_selection_input(self._server, root, self._atom, _ANY_CHANGE)
        self._xcb.xcb_flush(self._server)

    def _disconnect(self) -> None:
        if self._server is not None:
            self._xcb.xcb_disconnect(self._server)
            self._server = None


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """Return libxcb and its library for XFixes, both of which Qt links too."""
    xcb, fixes = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL("libxcb-xfixes.so.0")
    pointer, number, word = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint16
    answer = ctypes.POINTER(_Reply)
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_intern_atom.argtypes = [pointer, ctypes.c_uint8, word, ctypes.c_char_p]
    xcb.xcb_get_selection_owner.argtypes = [pointer, number]
    fixes.xcb_xfixes_query_version.argtypes = [pointer, number, number]
    fixes.xcb_xfixes_select_selection_input.argtypes = [pointer, number, number, number]
    for function in (
        xcb.xcb_disconnect, xcb.xcb_connection_has_error, xcb.xcb_get_file_descriptor,
        xcb.xcb_poll_for_event, xcb.xcb_get_setup, xcb.xcb_setup_roots_iterator, xcb.xcb_flush,
    ):  # fmt: skip
        function.argtypes = [pointer]
    for library, name in (
        (xcb, "intern_atom"), (xcb, "get_selection_owner"), (fixes, "xfixes_query_version"),
    ):  # fmt: skip
        reply = getattr(library, f"xcb_{name}_reply")
        reply.argtypes, reply.restype = [pointer, _Cookie, pointer], answer
        getattr(library, f"xcb_{name}").restype = _Cookie
    xcb.xcb_connect.restype = xcb.xcb_poll_for_event.restype = xcb.xcb_get_setup.restype = pointer
    xcb.xcb_setup_roots_iterator.restype = _Screens
    xcb.xcb_disconnect.restype = None
    fixes.xcb_xfixes_select_selection_input.restype = _Cookie
    return xcb, fixes


def watch(name: str, parent: QObject) -> Selection | None:
    """Watch a selection; None where that cannot be done."""
    with contextlib.suppress(OSError):
        return Selection(name, parent)
    return None
