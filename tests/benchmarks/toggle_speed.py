"""How soon the quick search is painted after it was called.

    python tests/benchmarks/toggle_speed.py DATA-DIR [--times 50]

Opens the whole program on a library that was made before, as by `notesearch --data-dir DATA-DIR
index VAULT`, calls it over its socket as another start does, and measures until the quick search
is painted, with its rows; then the same from the start of `notesearch --toggle` on.
QT_QPA_PLATFORM=offscreen will do; on a screen, the X server and the window manager have their part
in it.
"""

import argparse
import statistics
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

from live import Probe, rest
from PySide6.QtWidgets import QApplication

from notesearch import app, instance, paths
from notesearch.core.access import load_encoder
from notesearch.core.notes import State
from notesearch.gui.appearance import stop_motion
from notesearch.instance import Call, Instance, Word

QUERY = "history of the steam engine"


def figures(name, seconds):
    """Print the median, the 95th percentile and the most of some times."""
    ordered = sorted(1_000 * one for one in seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name}: median {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms, "
          f"most {ordered[-1]:.1f} ms ({len(ordered)} times)")  # fmt: skip


def wait(true, seconds=30.0):
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            sys.exit("the quick search was not painted")
        rest(1)


def in_thread(call):
    """Run something that waits for the window, which this thread has."""
    thread = threading.Thread(target=call)
    thread.start()
    wait(lambda: not thread.is_alive())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", metavar="DATA-DIR")
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    application = QApplication([])
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    stop_motion()
    user = paths.user_paths(options.data)
    held = Instance.claim(user)
    desktop = app.Desktop(user, partial(load_encoder, paths.MODEL, user))
    desktop.start(held, hidden=True)
    probe = Probe(desktop)
    probe.wait(lambda: probe.progress.state is State.CURRENT, 600)
    quick, painted = desktop.presence.quick, []
    quick.painted.connect(lambda: painted.append(time.monotonic()))
    quick.box.setText(QUERY)
    probe.wait(lambda: desktop.window.answered, 30)
    took, whole = [], []
    command = [sys.executable, "-m", "notesearch", "--data-dir", options.data, "--toggle"]
    toggle = partial(instance.call, user, Call(Word.TOGGLE), 1)
    for _ in range(options.times):
        painted.clear()
        began = time.monotonic()
        in_thread(toggle)
        wait(lambda: painted)
        took.append(painted[0] - began)
        in_thread(toggle)
        wait(lambda: not quick.isVisible())
        rest(100)
    for _ in range(min(10, options.times)):
        painted.clear()
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        wait(lambda: painted)
        whole.append(painted[0] - began)
        wait(lambda process=process: process.poll() is not None)
        in_thread(toggle)
        wait(lambda: not quick.isVisible())
        rest(100)
    print(f"{probe.progress.notes:,} notes, {len(desktop.window.results.list.rows.hits)} rows")
    figures("called to painted", took)
    figures("start of `notesearch --toggle` to painted", whole)
    desktop.stop()
    held.close()


if __name__ == "__main__":
    main()
