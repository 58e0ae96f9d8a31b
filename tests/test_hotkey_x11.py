"""The global key of X11, on a real X server."""

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from xserver import (
    SECONDS,
    ended,
    environment,
    focused_window,
    need,
    wait_until,
    window_manager,
    x_server,
    x_server_process,
    xdotool,
)

from notesearch.gui.hotkey import Pressed, Registration, x11
from notesearch.gui.hotkey.x11 import X11Hotkey
from notesearch.gui.hotkey.xcb import Connection

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11 is looked at on Linux")

ROOT = Path(__file__).resolve().parents[1]
KEY, PRESSES = "Ctrl+Alt+Space", "ctrl+alt+space"
QUIET_SECONDS = 0.3
"""After which nothing is told any more; what is told comes within milliseconds."""

WINDOWS = """
    import sys
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication, QWidget

    class Window(QWidget):
        def keyPressEvent(self, event):
            print(f"{self.windowTitle()} {event.key():x}", flush=True)

    def show():
        number = int(sys.stdin.readline() or -1)
        if number < 0:
            application.quit()
        else:
            windows[number].show()
            print("shown", flush=True)

    application = QApplication([])
    windows = [Window() for _ in sys.argv[1:]]
    for window, title in zip(windows, sys.argv[1:]):
        window.setWindowTitle(title)
        window.resize(200, 100)
        print(int(window.winId()), flush=True)
    asked = QSocketNotifier(0, QSocketNotifier.Type.Read)
    asked.activated.connect(show)
    application.exec()
"""


class Hears:
    """A hotkey, and what it has told."""

    def __init__(self):
        self.told = queue.Queue()
        self.hotkey = X11Hotkey(self.told.put)

    def use(self, key):
        """Return what became of a key."""
        self.hotkey.use(key)
        registration = self.next()
        assert isinstance(registration, Registration)
        assert registration.key == key
        return registration

    def next(self):
        return self.told.get(timeout=SECONDS)

    def is_quiet(self):
        with contextlib.suppress(queue.Empty):
            return not self.told.get(timeout=QUIET_SECONDS)
        return True


@pytest.fixture
def display(monkeypatch):
    need("xdotool")
    with x_server() as display:
        monkeypatch.setenv("DISPLAY", display)
        yield display


@pytest.fixture
def hears(monkeypatch):
    """Make hotkeys, which are closed after the test."""
    # On a busy machine a window manager may take its time to show a window.
    monkeypatch.setattr(x11, "_SHOWN_SECONDS", SECONDS)
    with contextlib.ExitStack() as ending:

        def make():
            made = Hears()
            ending.callback(made.hotkey.close)
            return made

        yield make


@contextlib.contextmanager
def windows(display, *titles, shown):
    """Windows of another program; yields its process and their numbers. shown: how many are."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WINDOWS), *titles], env=environment(display),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process.stdin, process.stdout, ended(process):
        numbers = [int(process.stdout.readline()) for _ in titles]
        for number in range(shown):
            show(process, number)
        yield process, numbers


def show(process, number):
    print(number, file=process.stdin, flush=True)
    assert process.stdout.readline() == "shown\n"


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def nothing_is_left(files, threads):
    """Wait until there are no more of them than before: what was closed may be about to end.

    There may be fewer, where something of an earlier test ended only meanwhile.
    """
    wait_until(lambda: open_files() <= files and threading.active_count() <= threads)


def load_layout(display, *arguments):
    need("setxkbmap")
    subprocess.run(["setxkbmap", *arguments], env=environment(display), check=True, timeout=SECONDS)


def test_each_press_is_told_once_with_its_time(display, hears):
    heard = hears()
    assert heard.use(KEY) == Registration(KEY, works=True)
    times = []
    for _ in range(5):
        xdotool(display, "key", PRESSES)
        pressed = heard.next()
        assert isinstance(pressed, Pressed)
        assert pressed.token == ""
        times.append(pressed.time)
    assert times == sorted(set(times))
    assert times[0] > 0
    xdotool(display, "key", "space", "key", "ctrl+space", "key", "ctrl+alt+shift+space")
    assert heard.is_quiet()


def test_no_other_program_gets_the_key(display, hears):
    heard = hears()
    heard.use(KEY)
    with windows(display, "Other", shown=1) as (process, (window,)):
        heard.hotkey.activate(window, 0)
        wait_until(lambda: focused_window(display) == str(window))
        xdotool(display, "key", "a", "key", PRESSES, "key", "b")
        assert isinstance(heard.next(), Pressed)
        keys = []
        while not keys or keys[-1] != "Other 42":
            keys.append(process.stdout.readline().strip())
        assert keys[0] == "Other 41"
        assert "Other 20" not in keys


@pytest.mark.parametrize("locks", [["Caps_Lock"], ["Num_Lock"], ["Caps_Lock", "Num_Lock"]])
def test_locks_change_nothing(display, hears, locks):
    heard = hears()
    heard.use(KEY)
    for lock in locks:
        xdotool(display, "key", lock)
    xdotool(display, "key", PRESSES)
    assert isinstance(heard.next(), Pressed)


@pytest.mark.parametrize(("layout", "key", "presses"), [
    ("de", "Ctrl+[", "ctrl+ISO_Level3_Shift+8"),
    ("de", "Ctrl++", "ctrl+plus"),
    ("us", "Ctrl++", "ctrl+shift+equal"),
    ("us", "Ctrl+Shift+<", "ctrl+shift+comma"),
    ("ru", "Ctrl+Л", "ctrl+Cyrillic_el"),
    ("gr", "Alt+Λ", "alt+Greek_lamda"),
    ("cz", "Ctrl+Š", "ctrl+scaron"),
    ("us", "Meta+K", "super+k"),
    ("us", "Shift+F5", "shift+F5"),
    ("us", "Alt+Print", "alt+Print"),
    ("us", "Ctrl+Shift+Backtab", "ctrl+shift+Tab"),
    ("us,ru", "Ctrl+Alt+K", "ctrl+alt+k"),
])  # fmt: skip
def test_a_key_is_found_in_the_layout(display, hears, layout, key, presses):
    load_layout(display, layout)
    heard = hears()
    assert heard.use(key).works
    xdotool(display, "key", presses)
    assert isinstance(heard.next(), Pressed)


def test_the_second_layout_changes_nothing(display, hears):
    load_layout(display, "-layout", "us,ru", "-option", "grp:caps_toggle")
    heard = hears()
    heard.use("Ctrl+Alt+K")
    for _ in range(2):
        xdotool(display, "keydown", "ctrl+alt", "key", "45", "keyup", "ctrl+alt")
        assert isinstance(heard.next(), Pressed)
        xdotool(display, "key", "66")


def test_another_layout_moves_the_key(display, hears):
    load_layout(display, "us")
    heard = hears()
    heard.use("Ctrl+Z")
    load_layout(display, "de")

    def presses():
        xdotool(display, "key", "ctrl+z")
        return not heard.told.empty()

    wait_until(presses)
    assert isinstance(heard.next(), Pressed)


def test_a_key_that_no_layout_has_is_said_and_works_when_it_comes(display, hears):
    load_layout(display, "us")
    heard = hears()
    registration = heard.use("Ctrl+Ä")
    assert not registration.works
    assert "layout" in registration.reason
    load_layout(display, "de")
    assert heard.next() == Registration("Ctrl+Ä", works=True)
    load_layout(display, "us")
    assert heard.next() == registration


def test_what_another_program_has_is_refused_until_it_lets_go(display, hears):
    other, heard = hears(), hears()
    assert other.use(KEY).works
    refused = heard.use(KEY)
    assert not refused.works
    assert "Another program" in refused.reason
    xdotool(display, "key", PRESSES)
    assert isinstance(other.next(), Pressed)
    assert heard.is_quiet()
    other.hotkey.close()
    wait_until(lambda: heard.use(KEY).works)
    xdotool(display, "key", PRESSES)
    assert isinstance(heard.next(), Pressed)


@pytest.mark.parametrize("other_key", ["F9", "", "K"])
def test_another_key_frees_the_former_one(display, hears, other_key):
    heard, other = hears(), hears()
    heard.use(KEY)
    # A key to write with is none.
    assert heard.use(other_key).works == (other_key != "K")
    wait_until(lambda: other.use(KEY).works)
    xdotool(display, "key", PRESSES)
    assert isinstance(other.next(), Pressed)
    assert heard.is_quiet()


@pytest.mark.usefixtures("display")
def test_the_same_key_can_be_asked_for_again_at_once(hears):
    heard = hears()
    for _ in range(10):
        assert heard.use(KEY).works
        assert heard.use("").works


def test_a_key_that_is_held_is_pressed_once(display, hears):
    heard = hears()
    heard.use(KEY)
    xdotool(display, "keydown", PRESSES)
    # The server repeats it after 0.66 seconds.
    time.sleep(1)
    xdotool(display, "keyup", PRESSES, "key", PRESSES)
    assert isinstance(heard.next(), Pressed)
    assert isinstance(heard.next(), Pressed)
    assert heard.is_quiet()


def test_a_key_that_is_held_while_it_is_chosen_is_not_pressed(display, hears, monkeypatch):
    # On a busy machine the first repetition may come late.
    monkeypatch.setattr(x11, "_REPEAT_SECONDS", 10 * x11._REPEAT_SECONDS)
    heard = hears()
    heard.use("F9")
    xdotool(display, "keydown", PRESSES)
    assert heard.use(KEY).works
    time.sleep(0.9)
    xdotool(display, "keyup", PRESSES)
    assert heard.is_quiet()


def test_many_keys_wait_for_no_server_and_leave_nothing_behind(monkeypatch, hears):
    with x_server_process() as (server, display):
        monkeypatch.setenv("DISPLAY", display)
        heard = hears()
        heard.use(KEY)
        files, threads = open_files(), threading.active_count()
        server.send_signal(signal.SIGSTOP)
        try:
            os.waitpid(server.pid, os.WUNTRACED)
            for number in range(200):
                heard.hotkey.use(f"Ctrl+F{number % 12 + 1}")
            assert heard.told.empty()
        finally:
            server.send_signal(signal.SIGCONT)
        told = [heard.next() for _ in range(200)]
        assert all(registration.works for registration in told)
        assert [one.key for one in told] == [f"Ctrl+F{number % 12 + 1}" for number in range(200)]
        nothing_is_left(files, threads)


@pytest.mark.usefixtures("display")
def test_what_is_closed_leaves_nothing_behind():
    files, threads = open_files(), threading.active_count()
    for _ in range(20):
        heard = Hears()
        heard.hotkey.use(KEY)
        heard.hotkey.activate(1, 0)
        heard.hotkey.close()
        heard.hotkey.use(KEY)
        heard.hotkey.close()
    nothing_is_left(files, threads)


def test_nothing_is_told_after_the_end(display, hears):
    heard = hears()
    heard.use(KEY)
    heard.hotkey.close()
    heard.hotkey.use(KEY)
    xdotool(display, "key", PRESSES)
    assert heard.is_quiet()


@pytest.mark.parametrize("name", ["", ":4711", "no display"])
def test_without_a_server_the_reason_is_said(monkeypatch, hears, name):
    monkeypatch.setenv("DISPLAY", name)
    heard = hears()
    registration = heard.use(KEY)
    assert not registration.works
    assert "X server" in registration.reason
    assert heard.use("").works
    heard.hotkey.activate(1, 0)
    assert not heard.use(KEY).works


def test_without_the_library_the_reason_is_said(monkeypatch, hears):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    registration = hears().use(KEY)
    assert not registration.works
    assert "libxcb.so.1" in registration.reason


def test_a_server_that_comes_later_is_found(monkeypatch, hears):
    monkeypatch.setenv("DISPLAY", ":4711")
    heard = hears()
    assert not heard.use(KEY).works
    with x_server() as display:
        monkeypatch.setenv("DISPLAY", display)
        assert heard.use(KEY).works


def test_the_program_outlives_the_server():
    program = """
        import queue
        from notesearch.gui.hotkey.x11 import X11Hotkey

        told = queue.Queue()
        hotkey = X11Hotkey(told.put)
        hotkey.use("Ctrl+Alt+Space")
        for _ in range(2):
            print(told.get().works, flush=True)
        hotkey.activate(1, 0)
        hotkey.close()
        print("closed", flush=True)
    """
    with x_server_process() as (server, display):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], env=environment(display), cwd=ROOT,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process.stdout, ended(process):
            assert process.stdout.readline() == "True\n"
            server.kill()
            assert process.stdout.read() == "False\nclosed\n"
            assert process.wait(SECONDS) == 0


def test_the_window_manager_makes_a_window_active(display, hears):
    heard = hears()
    with (
        window_manager(display),
        windows(display, "First", "Second", shown=2) as (_, (first, second)),
    ):
        for window in (first, second, first):
            heard.hotkey.activate(window, 0)
            wait_until(lambda window=window: focused_window(display) == str(window))
        heard.use(KEY)
        xdotool(display, "key", PRESSES)
        heard.hotkey.activate(second, heard.next().time)
        wait_until(lambda: focused_window(display) == str(second))


@pytest.mark.parametrize("managed", [True, False])
def test_a_window_that_is_shown_later_has_the_keyboard_then(display, hears, managed):
    heard = hears()
    manager = window_manager(display) if managed else contextlib.nullcontext()
    with manager, windows(display, "First", "Second", shown=1) as (process, (first, second)):
        heard.hotkey.activate(first, 0)
        wait_until(lambda: focused_window(display) == str(first))
        heard.hotkey.activate(second, 0)
        assert heard.use(KEY).works
        show(process, 1)
        wait_until(lambda: focused_window(display) == str(second))


def test_a_manager_that_is_gone_is_not_waited_for(display, hears):
    heard = hears()
    with windows(display, "First", "Second", shown=2) as (_, (first, second)):
        with window_manager(display) as manager:
            heard.hotkey.activate(first, 0)
            wait_until(lambda: focused_window(display) == str(first))
            # Killed, it leaves on the root window what it supported.
            manager.kill()
        with contextlib.closing(Connection()) as looking:
            # The server finds out only when it next looks at what has closed.
            wait_until(lambda: not looking.window(looking.root).redirected)
        heard.hotkey.activate(second, 0)
        wait_until(lambda: focused_window(display) == str(second))


@pytest.mark.usefixtures("display")
def test_a_window_that_is_not_there_harms_nothing(hears):
    heard = hears()
    heard.hotkey.activate(0xFFFFFFF, 0)
    heard.hotkey.activate(0, 0)
    assert heard.use(KEY).works


def test_qt_is_not_needed():
    program = "import sys, notesearch.gui.hotkey.x11 as _; assert 'PySide6' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=SECONDS)
