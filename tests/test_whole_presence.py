"""The program as it is started, on a real screen with a window manager, real keys and a real tray.

Each test has an X server of its own; what is missing for that is named where a test is skipped.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tray_host import x_tray
from xserver import ended, environment, need, wait_until, window_manager, x_server, xdotool

from notesearch import settings
from notesearch.paths import user_paths
from notesearch.settings import Settings

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="X11 is looked at on Linux"),
    pytest.mark.timeout(300),
]
ROOT = Path(__file__).parents[1]
QUICK, WINDOW = "Quick search", "^notesearch$"
KEY = "ctrl+alt+space"
HEARD_SECONDS = 15.0
"""A key that was pressed is heard within it, or never: to press it again may undo what it does."""


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "Bread.md").write_text("# Bread\n\nLet the dough rise overnight.\n", encoding="utf-8")
    (folder / "Bicycle.md").write_text("# Bicycle\n\nOil the chain.\n", encoding="utf-8")
    return folder


@pytest.fixture
def opened(tmp_path):
    """What the program that opens notes was called with; it only writes that down."""
    return tmp_path / "opened.txt"


@pytest.fixture
def data(tmp_path, notes, opened):
    """A data folder with settings that know the notes and the program that opens them."""
    stub = tmp_path / "editor"
    stub.write_text(f"#!/bin/sh\nprintf '%s' \"$*\" > '{opened}'\n", encoding="utf-8")
    stub.chmod(0o755)
    chosen = Settings(
        opener="custom", command=f"{stub} {{path}}:{{line}}", battery=False, told=("tray",)
    ).with_folders(notes)
    settings.save(user_paths(str(tmp_path / "data")).settings, chosen)
    return tmp_path / "data"


@pytest.fixture
def screen():
    need("Xvfb", "openbox", "xdotool", "xprop")
    with x_server() as display, window_manager(display):
        yield display


def environ(display, **more):
    around = environment(display, QT_ACCESSIBILITY="0", **more)
    return {name: value for name, value in around.items() if not name.startswith("DBUS_SESSION")}


def command(data, *arguments):
    return [sys.executable, "-m", "notesearch", "--data-dir", str(data), *arguments]


@contextlib.contextmanager
def program(data, display, *arguments):
    process = subprocess.Popen(
        command(data, *arguments), cwd=ROOT, env=environ(display), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process.stderr, ended(process):
        yield process
        process.terminate()
        said = process.stderr.read().decode()
    assert "Traceback" not in said, said


def call(data, display, word, **more):
    return subprocess.run(
        command(data, word), cwd=ROOT, env=environ(display, **more), timeout=60, check=False,
        capture_output=True, text=True,
    )  # fmt: skip


def windows(display, *wanted):
    """Return the windows that xdotool finds; one that goes meanwhile ends it with an error."""
    while True:
        found = subprocess.run(
            ["xdotool", "search", *map(str, wanted)], env=environment(display),
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        if "X Error" not in found.stderr:
            return found.stdout.split()


def visible(display, name):
    return windows(display, "--onlyvisible", "--name", name)


def in_use(display):
    """Say whether the quick search has the keyboard; the window manager names a hidden one too."""
    return active(display) == QUICK and visible(display, QUICK)


def press_until(display, key, happened):
    """Press a key until it is heard: the program may ask for it a moment after its window is up."""
    for _ in range(10):
        xdotool(display, "key", key)
        until = time.monotonic() + HEARD_SECONDS
        while time.monotonic() < until:
            if found := happened():
                return found
            time.sleep(0.02)
    raise TimeoutError(f"{key} was not heard")


def call_up(display):
    press_until(display, KEY, lambda: in_use(display))


def until_it_rests(display):
    """Wait until the program knows that its window is shown, when it asks for the keyboard.

    Keys come to it after that, and in this order.
    """
    wait_until(lambda: active(display) == "notesearch")
    call_up(display)
    xdotool(display, "key", "Escape")
    until_gone(display, QUICK)
    wait_until(lambda: active(display) == "notesearch")


def active(display):
    found = subprocess.run(
        ["xdotool", "getactivewindow", "getwindowname"], env=environment(display),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return found.stdout.strip()


def until_visible(display, name):
    wait_until(lambda: visible(display, name), f"{name} was to be seen")


def until_gone(display, name):
    wait_until(lambda: not visible(display, name), f"{name} was to go")


def until_read(data):
    """Wait until the notes are found; the command line reads the same library."""
    wait_until(
        lambda: subprocess.run(command(data, "search", "dough"), cwd=ROOT, capture_output=True,
                               check=False, timeout=60).returncode == 0,
        "the notes were to be read",
    )  # fmt: skip


def test_one_key_type_enter_gone(data, screen, notes, opened):
    with program(data, screen):
        until_visible(screen, WINDOW)
        until_read(data)
        call_up(screen)
        # The same key closes it.
        press_until(screen, KEY, lambda: not visible(screen, QUICK))
        call_up(screen)
        xdotool(screen, "type", "overnight")
        assert press_until(screen, "Return", lambda: opened.exists() and opened.read_text()) == (
            f"{notes / 'Bread.md'}:3"
        )
        until_gone(screen, QUICK)
        # The last query is selected: typing replaces it.
        call_up(screen)
        opened.unlink()
        xdotool(screen, "type", "chain")
        assert press_until(screen, "Return", lambda: opened.exists() and opened.read_text()) == (
            f"{notes / 'Bicycle.md'}:3"
        )


def test_esc_clears_then_hides_and_a_key_leads_to_the_window(data, screen):
    with program(data, screen, "--background"):
        wait_until(lambda: call(data, screen, "--toggle").returncode == 0)
        wait_until(lambda: in_use(screen))
        assert not visible(screen, WINDOW)
        xdotool(screen, "type", "dough")
        xdotool(screen, "key", "Escape")
        assert visible(screen, QUICK)
        xdotool(screen, "key", "Escape")
        until_gone(screen, QUICK)
        call_up(screen)
        xdotool(screen, "key", "ctrl+e")
        wait_until(lambda: active(screen) == "notesearch")
        until_gone(screen, QUICK)


def test_it_closes_when_another_program_is_used(data, screen):
    with program(data, screen):
        until_visible(screen, WINDOW)
        call_up(screen)
        window = visible(screen, WINDOW)[0]

        def gone():
            # It may still be about to ask for the keyboard, having heard late that it is shown.
            xdotool(screen, "windowactivate", window)
            return not visible(screen, QUICK)

        wait_until(gone)


def test_a_second_start_raises_the_window(data, screen):
    with program(data, screen) as first:
        until_visible(screen, WINDOW)
        until_it_rests(screen)
        xdotool(screen, "windowminimize", visible(screen, WINDOW)[0])
        until_gone(screen, WINDOW)
        second = subprocess.run(command(data), cwd=ROOT, env=environ(screen), timeout=60,
                                check=False, capture_output=True)  # fmt: skip
        assert second.returncode == 0
        until_visible(screen, WINDOW)
        wait_until(lambda: active(screen) == "notesearch")
        assert first.poll() is None
        assert len(visible(screen, WINDOW)) == 1


def test_the_window_comes_to_the_virtual_desktop_that_is_looked_at(data, screen):
    xdotool(screen, "set_num_desktops", 2)
    with program(data, screen):
        until_visible(screen, WINDOW)
        until_it_rests(screen)
        xdotool(screen, "set_desktop", 1)
        until_gone(screen, WINDOW)
        call_up(screen)
        xdotool(screen, "key", "ctrl+e")
        until_visible(screen, WINDOW)
        assert xdotool(screen, "get_desktop") == "1"


def test_without_a_tray_closing_the_window_ends_the_program(data, screen):
    with program(data, screen) as running:
        until_visible(screen, WINDOW)
        # It is seen before it has the keyboard.
        wait_until(lambda: active(screen) == "notesearch")
        xdotool(screen, "key", "ctrl+w")
        assert running.wait(60) == 0


def test_started_hidden_without_a_tray_it_can_be_reached(data, screen):
    with program(data, screen, "--background") as running:
        # Minimised: the taskbar has it, though it is not to be seen.
        wait_until(lambda: _iconic(screen), "a minimised window")
        assert call(data, screen, "--show").returncode == 0
        until_visible(screen, WINDOW)
        assert call(data, screen, "--quit").returncode == 0
        assert running.wait(60) == 0


def _iconic(display):
    for window in windows(display, "--name", WINDOW):
        state = subprocess.run(["xprop", "-id", window, "WM_STATE"], env=environment(display),
                               capture_output=True, text=True, check=False)  # fmt: skip
        if "Iconic" in state.stdout:
            return True
    return False


def test_with_a_tray_the_window_closes_and_the_program_stays(data, screen):
    with x_tray(screen) as panel, program(data, screen) as running:
        until_visible(screen, WINDOW)
        # The icon is a window of the program too, inside the panel's.
        wait_until(lambda: len(_windows_of(screen, running.pid)) > 1, "an icon")
        wait_until(lambda: active(screen) == "notesearch")
        xdotool(screen, "key", "ctrl+w")
        until_gone(screen, WINDOW)
        assert running.poll() is None
        call_up(screen)
        xdotool(screen, "key", "Escape")
        until_gone(screen, QUICK)
        # The panel goes, and the window is there again, where a taskbar can show it.
        panel.terminate()
        panel.wait(60)
        wait_until(lambda: _iconic(screen), "a minimised window")
        assert running.poll() is None


def _windows_of(display, pid):
    return windows(display, "--onlyvisible", "--pid", pid)


KILLS = int(os.environ.get("NOTESEARCH_KILLS", "3"))


def test_killed_and_started_again_there_is_always_one_and_it_answers(data, screen):
    """With NOTESEARCH_KILLS=20 as often as that."""
    seen = set()
    try:
        for _ in range(KILLS):
            assert call(data, screen, "--toggle").returncode == 0
            (pid,) = wait_until(lambda: _one_running(data), "one program")
            assert pid not in seen
            seen.add(pid)
            until_visible(screen, QUICK)
            assert call(data, screen, "--toggle").returncode == 0
            until_gone(screen, QUICK)
            assert wait_until(lambda: _one_running(data)) == [pid]
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not _running(data), "its end")
        assert call(data, screen, "--toggle").returncode == 0
        assert wait_until(lambda: _one_running(data))
        assert call(data, screen, "--quit").returncode == 0
        wait_until(lambda: not _running(data), "its end")
    finally:
        for pid in _running(data):
            os.kill(pid, signal.SIGKILL)


def _one_running(data):
    """Return the one process; what a library starts looks like it until it is another program."""
    found = _running(data)
    return found if len(found) == 1 else []


def _running(data):
    """Return the processes that are the program on this data folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if str(data).encode() in words and b"--background" in words and state != "Z":
                found.append(int(process.name))
    return found


def test_the_token_of_the_desktop_reaches_the_program(data, screen):
    """An identifier of the startup notification is taken, whatever it is."""
    with program(data, screen, "--background"):
        wait_until(lambda: call(data, screen, "--toggle").returncode == 0)
        until_visible(screen, QUICK)
        # A time that is none of an X server's changes nothing.
        for token in ("host_TIME99999999999", "x" * 2_000):
            call(data, screen, "--toggle", DESKTOP_STARTUP_ID=token)
            call(data, screen, "--toggle", DESKTOP_STARTUP_ID=token)
        done = call(data, screen, "--toggle", DESKTOP_STARTUP_ID="some-host_TIME12345")
        assert done.returncode == 0, done.stderr
        until_gone(screen, QUICK)
        status = json.loads(
            subprocess.run(command(data, "status", "--json"), cwd=ROOT, capture_output=True,
                           check=True).stdout
        )  # fmt: skip
        assert status
