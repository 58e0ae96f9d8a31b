"""What the desktop's portal is asked for one key: org.freedesktop.portal.GlobalShortcuts.

A request is answered by a signal, so that the user can be asked meanwhile. Desktops differ in what
they do; whom each rule here is owed to stands beside it.
"""

import contextlib
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, HeaderFields, Message, Properties
from jeepney import new_method_call as method_call

from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.hotkey.bus import ANSWER_SECONDS, Bus, NoBusError
from notesearch.gui.hotkey.chord import Chord, Modifier
from notesearch.paths import APP_ID
from notesearch.translation import tr

PORTAL = "org.freedesktop.portal.Desktop"
SHORTCUT = "quick-search"
"""Desktops keep the user's choice under this name; another key under it asks for nothing anew."""
_PATH = "/org/freedesktop/portal/desktop"
_SHORTCUTS = DBusAddress(_PATH, PORTAL, "org.freedesktop.portal.GlobalShortcuts")
_REGISTRY = DBusAddress(_PATH, PORTAL, "org.freedesktop.host.portal.Registry")
_ERROR = "org.freedesktop.DBus.Error."
_NOBODY = {f"{_ERROR}{name}" for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply")}
_SPAWNING = f"{_ERROR}Spawn."
_GRANTED, _CANCELLED = 0, 1
_OLD = 1
"""Of the interface; the next version says that a key is to be bound at each start."""

_MODIFIERS = {
    Modifier.CTRL: "CTRL", Modifier.ALT: "ALT", Modifier.SHIFT: "SHIFT", Modifier.META: "LOGO",
}  # fmt: skip
_KEYS = {
    "Space": "space", "Enter": "KP_Enter", "Backspace": "BackSpace", "Esc": "Escape",
    "Ins": "Insert", "Del": "Delete", "PgUp": "Page_Up", "PgDown": "Page_Down",
    "!": "exclam", '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent",
    "&": "ampersand", "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk",
    "+": "plus", ",": "comma", "-": "minus", ".": "period", "/": "slash", ":": "colon",
    ";": "semicolon", "<": "less", "=": "equal", ">": "greater", "?": "question", "@": "at",
    "[": "bracketleft", "\\": "backslash", "]": "bracketright", "^": "asciicircum",
    "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright",
    "~": "asciitilde",
}  # fmt: skip
"""Names of xkbcommon that are not those of Qt."""


class RefusedError(Exception):
    """The portal does not give the key; says why, for the user."""

    def __init__(self, reason: str, *, by_user: bool = False) -> None:
        super().__init__(reason)
        self.by_user = by_user


class PortalLostError(Exception):
    """The portal that gave the key is there no more."""


def trigger(chord: Chord) -> str:
    """Return a chord as the XDG specification of shortcuts writes it."""
    names = [name for modifier, name in _MODIFIERS.items() if modifier in chord.modifiers]
    return "+".join((*names, _keysym(chord.key)))


def _keysym(key: str) -> str:
    if len(key) > 1 or key in _KEYS:
        return _KEYS.get(key, key)
    small = key.lower()
    return small if small.isascii() else f"U{ord(small):04X}"


class PortalSession:
    """One key on one connection. Raises what Bus raises, RefusedError and PortalLostError."""

    def __init__(self, bus: Bus, key: str, patience: float) -> None:
        self._bus = bus
        self._key = key
        self._patience = patience
        self._owner = ""
        self._session = ""
        self._registered = False
        self._successor = False

    def open(self, chord: Chord) -> Registration:
        """Ask for the key; this may take as long as the user takes to answer."""
        self._bus.watch(sender="org.freedesktop.DBus", member="NameOwnerChanged", arg0=PORTAL)
        self._bus.watch(sender=PORTAL, path_namespace=_PATH)
        self._register()
        self._owner = self._bus.call(_name_owner())[0]
        version = self._version()
        self._session = self._create()
        if version <= _OLD and (listed := self._listed()):
            # Plasma before 6.4 has bound what it knows; to bind it again opens the settings.
            return self._registration(listed)
        return self._registration(self._bind(chord))

    def close(self) -> None:
        """Let go of the key."""
        if self._session:
            # Its own name: the other one would start a portal again that has just ended.
            address = DBusAddress(self._session, self._owner, "org.freedesktop.portal.Session")
            with contextlib.suppress(NoBusError):
                self._bus.send(method_call(address, "Close"))
        self._session = ""

    def next_event(self) -> Pressed | Registration:
        """Wait for the key, or until the desktop has given it another one."""
        while True:
            # Whatever else comes is dropped.
            fields, body = self._any_of_portal()
            member = fields.get(HeaderFields.member)
            if member == "Closed" and fields[HeaderFields.path] == self._session:
                raise PortalLostError
            if member == "Activated" and body[:2] == (self._session, SHORTCUT):
                return Pressed(token=str(body[3].get("activation_token", ("s", ""))[1]))
            if member == "ShortcutsChanged" and body[0] == self._session:
                return self._registration(body[1])

    def wait_for_portal(self) -> None:
        """Wait until another portal is there than the one that was asked."""
        while not self._successor:
            message = self._bus.wait_for(_owner_changed)
            self._successor = message.body[2] not in {"", self._owner}

    def _register(self) -> None:
        """Say which program this is: who is not in a sandbox has no name there otherwise."""
        try:
            # Since 1.20, and before anything else is asked.
            self._bus.call(method_call(_REGISTRY, "Register", "sa{sv}", (APP_ID, {})))
            self._registered = True
        except DBusErrorResponse as error:
            if _is_nobody(error):
                raise RefusedError(no_portal()) from error

    def _version(self) -> int:
        try:
            version: int = self._bus.call(Properties(_SHORTCUTS).get("version"))[0][1]
        except DBusErrorResponse as error:
            raise RefusedError(_no_keys()) from error
        return version

    def _create(self) -> str:
        # Always the same: of a program without a name Plasma keeps the key under it.
        options = {"session_handle_token": ("s", "notesearch")}
        code, results = self._request("CreateSession", "", (), options, ANSWER_SECONDS)
        if code != _GRANTED:
            raise RefusedError(self._failed())
        return str(results["session_handle"][1])

    def _listed(self) -> Sequence[Any]:
        code, results = self._request("ListShortcuts", "o", (self._session,), {}, ANSWER_SECONDS)
        listed = _shortcuts(results) if code == _GRANTED else []
        return listed if any(name == SHORTCUT for name, _ in listed) else []

    def _bind(self, chord: Chord) -> Sequence[Any]:
        """Ask for the key, at each start: most desktops ask the user only the first time."""
        said = {
            "description": ("s", tr("Quick search in notes")),
            "preferred_trigger": ("s", trigger(chord)),
        }
        arguments = (self._session, [(SHORTCUT, said)], "")
        code, results = self._request("BindShortcuts", "oa(sa{sv})s", arguments, {}, self._patience)
        if code == _CANCELLED:
            raise RefusedError(_denied(), by_user=True)
        if code != _GRANTED:
            raise RefusedError(self._failed())
        # Plasma 6.4 says what it bound only when it is asked.
        return _shortcuts(results) or self._listed()

    def _request(
        self, method: str, signature: str, arguments: Sequence[Any], options: dict[str, Any],
        seconds: float,
    ) -> tuple[int, dict[str, Any]]:  # fmt: skip
        """Call a method and return what its signal says, which may come before the answer."""
        token = f"notesearch_{secrets.token_hex(8)}"
        sender = self._bus.name.removeprefix(":").replace(".", "_")
        paths = {f"{_PATH}/request/{sender}/{token}"}
        body = (*arguments, {**options, "handle_token": ("s", token)})
        try:
            call = method_call(_SHORTCUTS, method, f"{signature}a{{sv}}", body)
            paths.add(self._bus.call(call)[0])
        except DBusErrorResponse as error:
            raise RefusedError(self._failed()) from error
        try:
            response = self._wait_for(lambda message: _is_response(message, paths), seconds)
        except TimeoutError as error:
            raise RefusedError(silent(), by_user=method == "BindShortcuts") from error
        code, results = response.body
        return code, results

    def _any_of_portal(self) -> tuple[dict[HeaderFields, Any], tuple[Any, ...]]:
        message = self._wait_for(lambda _: True)
        return message.header.fields, message.body

    def _wait_for(self, wanted: Callable[[Message], bool], seconds: float | None = None) -> Message:
        """Wait for a message of the portal, unless the portal ends meanwhile."""

        def ends(message: Message) -> bool:
            return _owner_changed(message) and bool(message.body[1] == self._owner)

        def is_wanted(message: Message) -> bool:
            by_portal = message.header.fields.get(HeaderFields.sender) == self._owner
            return ends(message) or (by_portal and wanted(message))

        message = self._bus.wait_for(is_wanted, seconds)
        if ends(message):
            self._successor = bool(message.body[2])
            raise PortalLostError
        return message

    def _registration(self, shortcuts: Sequence[Any]) -> Registration:
        said = next((about for name, about in shortcuts if name == SHORTCUT), None)
        if said is None:
            # GNOME 50 names none, though the key works.
            return Registration(self._key, works=True)
        shown = str(said.get("trigger_description", ("s", ""))[1])
        # Hyprland leaves it to the user to bind a key; others let the user take it away.
        reason = "" if shown else tr(
            "The desktop has no key for notesearch. Set one for “{name}” in the settings of the "
            "desktop, under keyboard shortcuts."
        ).format(name=tr("Quick search in notes"))  # fmt: skip
        return Registration(self._key, works=bool(shown), reason=reason, shown=shown)

    def _failed(self) -> str:
        if self._registered:
            return _with_way_out(tr("The desktop gave notesearch no key."))
        return _with_way_out(
            tr("The desktop gives a key only to programs that are in its menu of programs.")
        )


def no_portal() -> str:
    """Return the reason where nobody gives out keys."""
    return _with_way_out(
        tr("The portal of the desktop (xdg-desktop-portal), which gives out keys, does not answer.")
    )


def silent() -> str:
    """Return the reason where no answer came."""
    return _with_way_out(tr("The desktop has not answered when it was asked for the key."))


def _no_keys() -> str:
    return _with_way_out(tr("This desktop gives no program a key that is heard everywhere."))


def _denied() -> str:
    return _with_way_out(
        tr("The key was declined when the desktop asked. Choose it again to be asked again.")
    )


def _with_way_out(reason: str) -> str:
    way_out = tr(
        "A key that you set in the settings of the desktop opens the quick search too: bind the "
        "command that stands in the settings of notesearch, under Quick search."
    )
    return f"{reason} {way_out}"


def _shortcuts(results: dict[str, Any]) -> Sequence[Any]:
    listed: Sequence[Any] = results.get("shortcuts", ("a(sa{sv})", []))[1]
    return listed


def _name_owner() -> Message:
    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    return method_call(bus, "GetNameOwner", "s", (PORTAL,))


def _owner_changed(message: Message) -> bool:
    fields = message.header.fields
    by_bus = fields.get(HeaderFields.sender) == "org.freedesktop.DBus"
    return bool(by_bus and fields.get(HeaderFields.member) == "NameOwnerChanged")


def _is_response(message: Message, paths: set[str]) -> bool:
    fields = message.header.fields
    return fields.get(HeaderFields.member) == "Response" and fields[HeaderFields.path] in paths


def _is_nobody(error: DBusErrorResponse) -> bool:
    return error.name in _NOBODY or error.name.startswith(_SPAWNING)
