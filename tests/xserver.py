"""A real X server for tests, with a window manager and keys that are pressed, where they are here.

Nothing is taken from the display of whoever runs the tests: each server has a number of its own.
"""

import contextlib
import os
import shutil
import subprocess
import time

import pytest

PACKAGES = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool",
            "setxkbmap": "x11-xkb-utils", "xprop": "x11-utils"}  # fmt: skip
"""Of Debian, by their programs."""
SECONDS = 60
"""For what is to happen: a machine may stand still for some of them."""


def need(*programs):
    """Skip the test where one of the programs is missing."""
    missing = sorted({PACKAGES[program] for program in programs if shutil.which(program) is None})
    if missing:
        pytest.skip(f"this machine lacks programs (packages {' '.join(missing)})")


def environment(display, **more):
    """Return the environment of a program that is to use this display."""
    env = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    return env | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"} | more


def wait_until(happened, what="what was waited for"):
    """Wait until a function returns something true, and return that."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if found := happened():
            return found
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not happen")


@contextlib.contextmanager
def ended(process):
    """End a process with the block, whatever happens in it."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(SECONDS)


@contextlib.contextmanager
def x_server_process(size="1280x800x24"):
    """Start an X server; yields its process and its display, such as ":7"."""
    need("Xvfb")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp",
               "-noreset"]  # fmt: skip
    with os.fdopen(reading, encoding="ascii") as answer:
        try:
            process = subprocess.Popen(
                command, pass_fds=[writing], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        finally:
            os.close(writing)
        with ended(process):
            number = answer.readline().strip()
            assert number, "Xvfb has not started"
            yield process, f":{number}"


@contextlib.contextmanager
def x_server(size="1280x800x24"):
    """Start an X server; yields its display."""
    with x_server_process(size) as (_, display):
        yield display


@contextlib.contextmanager
def window_manager(display):
    """Start openbox on a display; yields its process when it manages windows."""
    need("openbox", "xprop")
    process = subprocess.Popen(
        ["openbox", "--sm-disable"], env=environment(display), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with ended(process):
        wait_until(lambda: "window id" in _root_property(display, "_NET_SUPPORTING_WM_CHECK"))
        yield process


def _root_property(display, name):
    command = ["xprop", "-root", name]
    return subprocess.run(
        command, env=environment(display), capture_output=True, text=True, timeout=SECONDS,
        check=False,
    ).stdout  # fmt: skip


def xdotool(display, *arguments):
    """Press keys, or ask about windows; returns what xdotool says."""
    need("xdotool")
    return subprocess.run(
        ["xdotool", *map(str, arguments)], env=environment(display), capture_output=True,
        text=True, timeout=SECONDS, check=True,
    ).stdout.strip()  # fmt: skip


def focused_window(display):
    """Return the number of the window that has the keyboard, as text; '' where none has."""
    with contextlib.suppress(subprocess.CalledProcessError):
        return xdotool(display, "getwindowfocus")
    return ""
