"""One connection to an X server, through libxcb.

libxcb and not libX11: errors come back to whoever asked, so that no handler of the whole process
is needed; and when the server goes, a call says so, where libX11 ends the process. The connection
belongs to one thread.
"""

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p
from ctypes import c_uint8 as u8
from ctypes import c_uint16 as u16
from ctypes import c_uint32 as u32
from dataclasses import dataclass
from typing import Any

from notesearch.translation import tr

_ANY_KEY, _ANY_MODIFIER, _ASYNCHRONOUS = 0, 0x8000, 1
_HEAD, _EVENT = 32, 32
"""Bytes of a reply before what varies, and of an event."""
_MAPPING_NOTIFY = 34
_SELECTED, _VIEWABLE, _POINTER_ROOT = 1 << 11, 2, 1
_SUBSTRUCTURE_NOTIFY, _REDIRECT = 1 << 19, 1 << 20
_CORE_KEYBOARD, _DETECTABLE_REPEAT, _NEW_KEYBOARD_AND_MAP, _WHOLE_MAP = 0x100, 1, 0b11, 0xFF


class _Cookie(Structure):
    _fields_ = (("sequence", c_uint),)


class _Screens(Structure):
    _fields_ = (("data", c_void_p), ("left", c_int), ("index", c_int))


_REQUESTS = {
    "xcb_change_window_attributes": (u32, u32, POINTER(u32)),
    "xcb_get_keyboard_mapping": (u8, u8),
    "xcb_get_modifier_mapping": (),
    "xcb_get_selection_owner": (u32,),
    "xcb_get_property": (u8, u32, u32, u32, u32, u32),
    "xcb_get_window_attributes": (u32,),
    "xcb_grab_key_checked": (u8, u32, u16, u8, u8, u8),
    "xcb_intern_atom": (u8, u16, c_char_p),
    "xcb_query_extension": (u16, c_char_p),
    "xcb_query_keymap": (),
    "xcb_send_event": (u8, u32, u32, c_char_p),
    "xcb_set_input_focus": (u8, u32, u32),
    "xcb_ungrab_key": (u8, u32, u16),
}
"""With the types of what follows the connection. What fails unchecked comes as an event."""
_XKB_REQUESTS = {
    "xcb_xkb_use_extension": (u16, u16),
    "xcb_xkb_per_client_flags": (u16, u32, u32, u32, u32, u32),
    "xcb_xkb_select_events": (u16, u16, u16, u16, u16, u16, c_void_p),
}
_CALLS = {
    "xcb_connect": (c_void_p, (c_char_p, POINTER(c_int))),
    "xcb_connection_has_error": (c_int, (c_void_p,)),
    "xcb_disconnect": (None, (c_void_p,)),
    "xcb_flush": (c_int, (c_void_p,)),
    "xcb_get_file_descriptor": (c_int, (c_void_p,)),
    "xcb_get_setup": (c_void_p, (c_void_p,)),
    "xcb_poll_for_event": (c_void_p, (c_void_p,)),
    "xcb_request_check": (c_void_p, (c_void_p, _Cookie)),
    "xcb_screen_next": (None, (POINTER(_Screens),)),
    "xcb_setup_roots_iterator": (_Screens, (c_void_p,)),
    "xcb_wait_for_reply": (c_void_p, (c_void_p, c_uint, POINTER(c_void_p))),
}


class NoServerError(Exception):
    """There is no X server, or it is gone; says so to the user."""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """What the keys are now, by their numbers."""

    keysyms: dict[int, tuple[int, ...]]
    """Those of the first layout without and with Shift, then of the second one, then both with
    the third level (AltGr)."""
    modifiers: tuple[tuple[int, ...], ...]
    """The keys of Shift, Lock, Control and Mod1 to Mod5."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the server knows of a window."""

    viewable: bool
    redirected: bool
    """Whether somebody else decides what becomes of the windows in it: of a root, a manager."""


class Connection:
    """All of it raises NoServerError."""

    def __init__(self) -> None:
        self._xcb = _library("libxcb.so.1", _REQUESTS)
        for name, (result, arguments) in _CALLS.items():
            call = getattr(self._xcb, name)
            call.restype, call.argtypes = result, arguments
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (c_void_p,)
        screen = c_int()
        self._open: int | None = self._xcb.xcb_connect(None, byref(screen))
        try:
            self.check()
            self._roots = self._find_roots()
            self.screen, self.root = screen.value, self._roots[screen.value]
            self._xkb_event = self._use_xkb()
        except NoServerError:
            self.close()
            raise

    def close(self) -> None:
        """Close it, and with it let go of all keys."""
        if self._open is not None:
            self._xcb.xcb_disconnect(self._open)
            self._open = None

    def check(self) -> None:
        """Raise NoServerError where the server cannot be reached any more."""
        if self._open is None or self._xcb.xcb_connection_has_error(self._open):
            raise NoServerError(
                tr(
                    "The X server cannot be reached (DISPLAY={display}). "
                    "Start notesearch in a graphical session."
                ).format(display=os.environ.get("DISPLAY", ""))
            )

    def fileno(self) -> int:
        """Return what can be read when the server says something."""
        return int(self._xcb.xcb_get_file_descriptor(self._open))

    def events(self) -> Iterator[bytes]:
        """Return what the server has said, also while one was dealt with.

        Whatever asks or sends may have taken events in: look here before waiting for more.
        """
        while event := self._xcb.xcb_poll_for_event(self._open):
            yield self._taken(event, _EVENT)
        self.check()

    def is_of_keyboard(self, event: bytes) -> bool:
        """Return whether an event says that the keys are others now."""
        return event[0] & 0x7F in {_MAPPING_NOTIFY, self._xkb_event}

    def keyboard(self) -> Keyboard:
        """Return what the keys are now."""
        lowest, highest = ctypes.string_at(self._xcb.xcb_get_setup(self._open), 36)[34:36]
        reply = self._ask("get_keyboard_mapping", lowest, highest - lowest + 1)
        row = struct.Struct(f"={reply[1]}I")
        rows = row.iter_unpack(reply[_HEAD:]) if row.size else ()
        modifiers = self._ask("get_modifier_mapping")
        each, keys = modifiers[1], modifiers[_HEAD:]
        return Keyboard(
            dict(zip(range(lowest, highest + 1), rows, strict=False)),
            tuple(tuple(keys[each * number : each * (number + 1)]) for number in range(8)),
        )

    def grab(self, keys: Iterable[tuple[int, int]]) -> bool:
        """Ask for keys, each with its modifiers; return whether all are ours now, else none is."""
        arguments = (_ASYNCHRONOUS, _ASYNCHRONOUS)
        cookies = [
            self._xcb.xcb_grab_key_checked(self._open, 1, root, modifiers, key, *arguments)
            for key, modifiers in keys for root in self._roots
        ]  # fmt: skip
        errors = [self._xcb.xcb_request_check(self._open, cookie) for cookie in cookies]
        for error in filter(None, errors):
            self._free(error)
        self.check()
        if any(errors):
            self.ungrab()
        return not any(errors)

    def ungrab(self) -> None:
        """Let go of all keys."""
        for root in self._roots:
            self._xcb.xcb_ungrab_key(self._open, _ANY_KEY, root, _ANY_MODIFIER)
        self._xcb.xcb_flush(self._open)

    def is_down(self, key: int) -> bool:
        """Return whether a key is being held."""
        down = self._ask("query_keymap")[8:]
        return bool(down[key // 8] & 1 << key % 8)

    def atom(self, name: str) -> int:
        """Return the number of a name."""
        return _number(self._ask("intern_atom", 0, len(name), name.encode("ascii")), 8)

    def numbers_of(self, window: int, name: str) -> tuple[int, ...]:
        """Return the numbers, of atoms or others, that a property of a window holds."""
        reply = self._ask("get_property", 0, window, self.atom(name), 0, 0, 4096)
        return struct.unpack_from(f"={_number(reply, 16)}I", reply, _HEAD) if reply else ()

    def owner(self, selection: str) -> int:
        """Return the window that holds a selection; 0 for none."""
        return _number(self._ask("get_selection_owner", self.atom(selection)), 8)

    def window(self, window: int) -> Window:
        """Return what is known of a window; of one that is not there, nothing."""
        reply = self._ask("get_window_attributes", window)
        if not reply:
            return Window(viewable=False, redirected=False)
        return Window(
            viewable=reply[26] == _VIEWABLE, redirected=bool(_number(reply, 32) & _REDIRECT)
        )

    def select(self, window: int, events: int) -> None:
        """Be told of these events of a window."""
        self._xcb.xcb_change_window_attributes(self._open, window, _SELECTED, byref(u32(events)))

    def send_to_manager(self, message: bytes) -> None:
        """Send an event to whoever manages the windows."""
        events = _REDIRECT | _SUBSTRUCTURE_NOTIFY
        self._xcb.xcb_send_event(self._open, 0, self.root, events, message)
        self._xcb.xcb_flush(self._open)

    def focus(self, window: int, time: int) -> None:
        """Give the keyboard to a window."""
        self._xcb.xcb_set_input_focus(self._open, _POINTER_ROOT, window, time)
        self._xcb.xcb_flush(self._open)

    def _find_roots(self) -> tuple[int, ...]:
        screens = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._open))
        roots = []
        while screens.left:
            roots.append(_number(ctypes.string_at(screens.data, 4), 0))
            self._xcb.xcb_screen_next(byref(screens))
        return tuple(roots)

    def _use_xkb(self) -> int:
        """Have a held key pressed once, and be told of other keyboards; return how events say so.

        0 where the server has no such extension: a held key is then many.
        """
        name = b"XKEYBOARD"
        extension = self._ask("query_extension", len(name), name)
        try:
            xkb = _library("libxcb-xkb.so.1", _XKB_REQUESTS)
        except NoServerError:
            return 0
        if not extension[8]:
            return 0
        for request, arguments in (
            (xkb.xcb_xkb_use_extension, (1, 0)),
            (xkb.xcb_xkb_per_client_flags,
             (_CORE_KEYBOARD, _DETECTABLE_REPEAT, _DETECTABLE_REPEAT, 0, 0, 0)),
        ):  # fmt: skip
            self._reply(request(self._open, *arguments))
        xkb.xcb_xkb_select_events(
            self._open, _CORE_KEYBOARD, _NEW_KEYBOARD_AND_MAP, 0, _NEW_KEYBOARD_AND_MAP,
            _WHOLE_MAP, _WHOLE_MAP, None,
        )  # fmt: skip
        return extension[10]

    def _ask(self, request: str, *arguments: int | bytes) -> bytes:
        return self._reply(getattr(self._xcb, f"xcb_{request}")(self._open, *arguments))

    def _reply(self, cookie: _Cookie) -> bytes:
        """Wait for what is answered; b"" where the server finds an error."""
        error = c_void_p()
        reply = self._xcb.xcb_wait_for_reply(self._open, cookie.sequence, byref(error))
        self._free(error)
        if not reply:
            self.check()
            return b""
        head = ctypes.string_at(reply, _HEAD)
        return self._taken(reply, _HEAD + 4 * _number(head, 4))

    def _taken(self, pointer: int, size: int) -> bytes:
        content = ctypes.string_at(pointer, size)
        self._free(pointer)
        return content


def _library(name: str, requests: dict[str, tuple[Any, ...]]) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise NoServerError(
            tr("The library {library} is missing. Install it with the system's packages.").format(
                library=name
            )
        ) from error
    for request, arguments in requests.items():
        call = getattr(library, request)
        call.restype, call.argtypes = _Cookie, (c_void_p, *arguments)
    return library


def _number(content: bytes, place: int) -> int:
    return int(struct.unpack_from("=I", content, place)[0])
