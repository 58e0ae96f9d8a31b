"""The key that the desktop's portal gives: a real bus, and a stand-in for the portal on it."""

import queue
import socket
import sys
import threading
import time

import pytest

if sys.platform != "linux":
    pytest.skip("the portal is on Linux only", allow_module_level=True)

from fake_portal import FakePortal, session_bus

from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.hotkey import bus as connecting
from notesearch.gui.hotkey.chord import parse
from notesearch.gui.hotkey.portal import PortalHotkey
from notesearch.gui.hotkey.portal_session import trigger
from notesearch.paths import APP_ID

KEY = "Ctrl+Alt+Space"
WAIT = 30


@pytest.fixture
def bus(tmp_path_factory, monkeypatch):
    # The path of a socket has to be short.
    with session_bus(tmp_path_factory.mktemp("bus")) as (address, process):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        # It answers, but on a busy machine not at once.
        monkeypatch.setattr(connecting, "_CONNECT_SECONDS", WAIT)
        yield address, process


@pytest.fixture
def portal(bus):
    """Start a portal that answers as is said; all of them end with the test."""
    started = []

    def start(**attributes):
        started.append(FakePortal(bus[0], **attributes))
        return started[-1]

    yield start
    for one in started:
        one.__exit__()


class Heard:
    """A hotkey, and what it told."""

    def __init__(self, patience=WAIT):
        self.told = queue.Queue()
        self.hotkey = PortalHotkey(self.told.put, patience)

    def use(self, key=KEY):
        self.hotkey.use(key)
        return self.next()

    def next(self):
        return self.told.get(timeout=WAIT)


@pytest.fixture
def heard():
    one = Heard()
    yield one
    one.hotkey.close()


class Silence(set):
    """What a portal does not answer, and whether it has been asked for any of it."""

    def __init__(self, members):
        super().__init__(members)
        self.kept = threading.Event()

    def __contains__(self, member):
        kept = super().__contains__(member)
        if kept:
            self.kept.set()
        return kept


def until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_granted_key_is_heard(portal, heard):
    desktop = portal()
    assert heard.use() == Registration(KEY, works=True, shown="Ctrl+Alt+Space")
    assert desktop.asked()[:4] == ["Register", "Get", "CreateSession", "BindShortcuts"]
    assert desktop.arguments("Register") == (APP_ID, {})
    session, [(name, about)], window, _ = desktop.arguments("BindShortcuts")
    assert (session, name, window) == (desktop.sessions[0], "quick-search", "")
    assert about == {
        "description": ("s", "Quick search in notes"),
        "preferred_trigger": ("s", "CTRL+ALT+space"),
    }
    desktop.press(activation_token=("s", "token-1"))
    assert heard.next() == Pressed(token="token-1")
    desktop.press()
    assert heard.next() == Pressed()


def test_the_desktop_may_give_another_key_and_change_it_later(portal, heard):
    desktop = portal(given="Meta+N")
    assert heard.use() == Registration(KEY, works=True, shown="Meta+N")
    desktop.change("Meta+M")
    assert heard.next() == Registration(KEY, works=True, shown="Meta+M")
    desktop.change("")
    gone = heard.next()
    assert not gone.works
    assert "settings of the desktop" in gone.reason


@pytest.mark.parametrize("says_what_it_bound", [True, False])
def test_a_desktop_without_a_key_for_it_is_told(portal, heard, says_what_it_bound):
    portal(given=None, says_what_it_bound=says_what_it_bound)
    registration = heard.use()
    assert not registration.works
    assert "Quick search in notes" in registration.reason


def test_a_portal_that_names_nothing_it_bound_is_asked(portal, heard):
    desktop = portal(says_what_it_bound=False)
    assert heard.use() == Registration(KEY, works=True, shown="Ctrl+Alt+Space")
    assert desktop.asked()[-1] == "ListShortcuts"


def test_a_key_that_is_listed_nowhere_is_taken_for_granted(portal, heard):
    portal(says_what_it_bound=False, codes={"ListShortcuts": 2})
    assert heard.use() == Registration(KEY, works=True)


def test_an_old_portal_that_knows_the_key_is_not_made_to_open_its_settings(portal, heard):
    desktop = portal(version=("u", 1), known=["quick-search"])
    assert heard.use().works
    assert "BindShortcuts" not in desktop.asked()
    desktop.press()
    assert heard.next() == Pressed()


def test_a_new_portal_is_asked_to_bind_what_it_knows(portal, heard):
    desktop = portal(known=["quick-search"])
    assert heard.use().works
    assert "BindShortcuts" in desktop.asked()


def test_signals_of_others_are_not_presses(bus, portal, heard):
    desktop = portal()
    assert heard.use().works
    with FakePortal(bus[0], named=False) as other:
        other.sessions = desktop.sessions
        other.press(activation_token=("s", "of another program"))
        desktop.press(session=desktop.sessions[0] + "x")
        desktop.press(shortcut="other")
        desktop.press(activation_token=("s", "true"))
        assert heard.next() == Pressed(token="true")
    assert heard.told.empty()


def test_a_user_who_declines_is_told_what_to_do_and_not_asked_again(portal, heard):
    desktop = portal(codes={"BindShortcuts": 1})
    registration = heard.use()
    assert not registration.works
    assert "declined" in registration.reason
    assert "under Quick search" in registration.reason
    until(lambda: desktop.sessions[0] in desktop.closed)
    desktop.close()
    desktop = portal()
    assert heard.use().works
    # Not by itself when the portal was back, and once for the key that was chosen again.
    assert desktop.asked().count("BindShortcuts") == 1
    assert heard.told.empty()


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"has_keys": False}, "gives no program a key"),
        ({"codes": {"BindShortcuts": 2}}, "gave notesearch no key"),
        ({"codes": {"CreateSession": 2}}, "gave notesearch no key"),
        ({"codes": {"BindShortcuts": 2}, "registry": False}, "in its menu of programs"),
        (
            {
                "registers": False,
                "errors": {"CreateSession": ("org.freedesktop.portal.Error.NotAllowed",)},
            },
            "in its menu of programs",
        ),
    ],
)
def test_a_portal_that_gives_no_key_is_told_with_what_to_do(portal, heard, attributes, said):
    portal(**attributes)
    registration = heard.use()
    assert registration.key == KEY
    assert not registration.works
    assert said in registration.reason
    assert "under Quick search" in registration.reason


def test_a_registry_that_is_not_there_is_no_hindrance(portal, heard):
    portal(registry=False)
    assert heard.use().works


def test_no_portal_is_told_and_one_that_comes_later_is_asked(portal, heard):
    registration = heard.use()
    assert "xdg-desktop-portal" in registration.reason
    assert not registration.works
    portal()
    assert heard.next().works


@pytest.mark.parametrize("environ", ["none", "unused", "malformed"])
def test_no_bus_is_told(heard, monkeypatch, tmp_path, environ):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    if environ == "unused":
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if environ == "malformed":
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "nonsense")
    registration = heard.use()
    assert not registration.works
    assert "under Quick search" in registration.reason


def test_a_bus_that_says_nothing_holds_nobody_up(heard, monkeypatch, tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "bus"))
        server.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        # Whoever waited for the bus would wait so long.
        monkeypatch.setattr(connecting, "_CONNECT_SECONDS", 5.0)
        begun = time.monotonic()
        heard.hotkey.use(KEY)
        assert time.monotonic() - begun < 5
        assert not heard.next().works


def test_a_question_that_is_never_answered_is_told(portal):
    desktop = portal(codes={"BindShortcuts": None})
    heard = Heard(patience=0.2)
    registration = heard.use()
    assert "has not answered" in registration.reason
    until(lambda: desktop.sessions[0] in desktop.closed)
    heard.hotkey.close()


@pytest.mark.parametrize("silent", ["Register", "Get", "CreateSession", "BindShortcuts"])
def test_another_key_does_not_wait_for_a_portal_that_does_not_answer(portal, heard, silent):
    silence = Silence({silent})
    desktop = portal(silent=silence)
    heard.hotkey.use("Ctrl+Alt+N")
    # That it was asked is known a moment before it has decided not to answer.
    assert silence.kept.wait(WAIT)
    assert silent in desktop.asked()
    desktop.silent = set()
    heard.hotkey.use(KEY)
    before = heard.next()
    assert (before.key, before.works) == ("Ctrl+Alt+N", False)
    assert heard.next() == Registration(KEY, works=True, shown="Ctrl+Alt+Space")


def test_a_portal_that_ends_is_told_and_asked_anew_when_it_is_back(portal, heard):
    desktop = portal()
    assert heard.use().works
    desktop.close()
    lost = heard.next()
    assert not lost.works
    assert lost.reason
    desktop = portal(given="Meta+N")
    assert heard.next() == Registration(KEY, works=True, shown="Meta+N")
    desktop.press()
    assert heard.next() == Pressed()


def test_a_portal_that_is_replaced_is_asked_anew(portal, heard):
    desktop = portal()
    assert heard.use().works
    new = portal()  # takes the name
    assert not heard.next().works
    assert heard.next().works
    assert new.asked()[0] == "Register"
    desktop.close()
    new.press()
    assert heard.next() == Pressed()


def test_a_portal_that_ends_while_it_is_asked_is_told(portal, heard):
    desktop = portal(codes={"BindShortcuts": None})
    heard.hotkey.use(KEY)
    until(lambda: "BindShortcuts" in desktop.asked())
    desktop.close()
    assert not heard.next().works


def test_a_session_that_the_desktop_ends_is_told(portal, heard):
    desktop = portal()
    assert heard.use().works
    desktop.end_session()
    assert not heard.next().works


def test_a_bus_that_ends_is_told(bus, portal, heard):
    desktop = portal()
    assert heard.use().works
    desktop.close()
    assert not heard.next().works
    bus[1].kill()
    assert not heard.next().works


def test_another_key_closes_the_session_of_the_first(portal, heard):
    desktop = portal()
    assert heard.use("Ctrl+Alt+N").works
    assert heard.use(KEY).works
    until(lambda: desktop.closed == [desktop.sessions[0]])
    assert len(desktop.sessions) == 2
    desktop.press(session=desktop.sessions[0], activation_token=("s", "old"))
    desktop.press(activation_token=("s", "new"))
    assert heard.next() == Pressed(token="new")


def test_no_key_closes_the_session_and_closing_too(portal, heard):
    desktop = portal()
    assert heard.use().works
    assert heard.use("") == Registration("", works=True)
    until(lambda: desktop.closed == desktop.sessions)
    assert heard.use().works
    heard.hotkey.close()
    until(lambda: desktop.closed == desktop.sessions)
    heard.hotkey.use(KEY)
    heard.hotkey.close()
    assert heard.told.empty()


def test_closing_does_not_wait_for_an_answer_and_tells_nothing(portal, heard):
    desktop = portal(silent={"BindShortcuts"})
    heard.hotkey.use(KEY)
    until(lambda: "BindShortcuts" in desktop.asked())
    heard.hotkey.close()
    assert heard.told.empty()


def test_it_can_be_closed_from_what_is_told(portal):
    portal()
    told = threading.Event()

    def tell(_):
        hotkey.close()
        told.set()

    hotkey = PortalHotkey(tell)
    hotkey.use(KEY)
    assert told.wait(WAIT)
    hotkey._thread.join(WAIT)
    assert not hotkey._thread.is_alive()


def test_what_a_portal_says_wrongly_does_not_end_the_thread(portal, heard):
    portal(version=("s", "two"))
    assert not heard.use().works
    assert heard.use("") == Registration("", works=True)


def test_a_key_that_is_none_is_refused_without_asking(portal, heard):
    desktop = portal()
    registration = heard.use("Ctrl+Nonsense")
    assert not registration.works
    assert registration.reason
    assert not desktop.calls


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("Ctrl+Alt+Space", "CTRL+ALT+space"),
        ("Meta+Shift+N", "SHIFT+LOGO+n"),
        ("F12", "F12"),
        ("Ctrl+PgUp", "CTRL+Page_Up"),
        ("Alt+Enter", "ALT+KP_Enter"),
        ("Ctrl++", "CTRL+plus"),
        ("Ctrl+1", "CTRL+1"),
        ("Ctrl+Ö", "CTRL+U00F6"),
        ("Ctrl+Home", "CTRL+Home"),
    ],
)
def test_a_chord_is_written_as_the_specification_has_it(key, written):
    assert trigger(parse(key)) == written
