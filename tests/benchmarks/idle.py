"""What the program takes while nobody uses it: processor, memory and wake-ups, over a minute.

    python tests/benchmarks/idle.py DATA-DIR [--seconds 60] [--shown]
    python tests/benchmarks/idle.py --notes FOLDER [--reading] [--seconds 60] [--shown]

Starts the whole program (QT_QPA_PLATFORM=offscreen will do) on a library that was made before, as
by `notesearch --data-dir DATA-DIR index VAULT`, types some queries into its window letter by
letter, hides the window (or leaves it with --shown), waits until all is quiet and measures. With
--notes, FOLDER is read into a data folder of its own first: by the command line or, with --reading,
by the program that is measured, as on somebody's first day.

Memory is what the kernel counts (`smaps_rollup`); a wake-up is one voluntary context switch. Only
for Linux.
"""

# ruff: noqa: PLC0415  # Qt comes in when the program brings it in

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from notesearch import cli, paths, settings

QUERIES = (
    "history of the steam engine", "bees and honey", "list files by size", "treaty of paris",
    "undo the last commit", "how do volcanoes form", "remove old images", "electric telegraph",
)  # fmt: skip
LETTER_MS = 80
LOOKED_AT = 20
"""So many times as long as a letter takes is looked at each answer."""
QUIET_SECONDS = 60.0
"""The program puts things in order, and gives memory back, when nobody has used it for a while."""
QUIET_CPU = 1.0
"""Percent of a core below which it is at rest, over so many seconds:"""
LOOK_SECONDS = 5.0
MAX_WAIT_SECONDS = 600.0
LIMITS = "limits: 0.5 % of a core, 250 MB (7,424 short notes) or 450 MB (10,000 long ones)"


# In the program that is measured ----------------------------------------------------------


def be_measured(data, shown):
    """Be the program, as users start it: nothing is imported that would not be."""
    threading.Thread(target=wait_for_window, args=(shown,), daemon=True).start()
    return cli.main(["--data-dir", data, "open"])


def wait_for_window(shown):
    """Let the thread of the window type, once it runs."""
    while True:
        time.sleep(0.1)
        if "notesearch.app" in sys.modules:
            from PySide6.QtCore import QTimer
            from PySide6.QtWidgets import QApplication

            application = QApplication.instance()
            if application is not None:
                QTimer.singleShot(0, application, partial(use, application, shown))
                return


def use(application, shown):
    """Type queries once everything is read; then say that the rest begins, and which threads are.

    The timer is gone before that, or it would be measured too.
    """
    from PySide6.QtCore import QTimer

    from notesearch.gui.main_window import MainWindow

    (window,) = (one for one in application.topLevelWidgets() if isinstance(one, MainWindow))
    texts = []
    for query in QUERIES:
        texts += [query[: n + 1] for n in range(len(query))] + LOOKED_AT * [query]
    timer = QTimer(window, interval=LETTER_MS)

    def go_on():
        if "all current" not in window.status._left.text():
            return
        if texts:
            window.box.setText(texts.pop(0))
            return
        timer.stop()
        timer.deleteLater()
        window.setVisible(shown)
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        print(json.dumps({"status": window.status._left.text(), "threads": names}), flush=True)

    timer.timeout.connect(go_on)
    timer.start()


# Looking on -------------------------------------------------------------------------------


def values_of(path):
    """Return the numbers of a file of lines such as `Rss:   1234 kB`."""
    with contextlib.suppress(OSError):
        lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
        return {line[0].rstrip(":"): int(line[1]) for line in lines
                if len(line) > 1 and line[1].isdigit()}  # fmt: skip
    return {}


def threads_of(process):
    """Return for each thread its name, the seconds it has worked and how often it woke up."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            worked = int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
            woken = values_of(task / "status")["voluntary_ctxt_switches"]
            name = (task / "comm").read_text(encoding="utf-8").strip()
            found[int(task.name)] = name, worked, woken
    return found


def worked(process):
    """Return the seconds that all threads, those that have ended too, have worked."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(process, seconds):
    time.sleep(seconds)
    until = time.monotonic() + MAX_WAIT_SECONDS
    while time.monotonic() < until:
        before = worked(process)
        time.sleep(LOOK_SECONDS)
        if 100 * (worked(process) - before) / LOOK_SECONDS < QUIET_CPU:
            return
    print("never quiet: measured all the same")


def measure(process, names, seconds):
    began, before, all_before = time.monotonic(), threads_of(process), worked(process)
    time.sleep(seconds)
    after, took = threads_of(process), time.monotonic() - began
    percent = 100 * (worked(process) - all_before) / took
    rows = []
    for thread, (comm, seconds_, woken) in after.items():
        _, seconds_before, woken_before = before.get(thread, ("", 0.0, 0))
        rows.append(((woken - woken_before) / took, 100 * (seconds_ - seconds_before) / took,
                     names.get(str(thread), comm)))  # fmt: skip
    print(f"processor {percent:.2f} % of a core, {sum(row[0] for row in rows):.1f} wake-ups a "
          f"second in {len(rows)} threads")  # fmt: skip
    for woken, share, name in sorted(rows, reverse=True):
        if woken >= 0.005 or share >= 0.001:
            print(f"    {name:24} {woken:6.2f} wake-ups a second  {share:6.3f} %")


def say_memory(process):
    found = values_of(Path(f"/proc/{process}/smaps_rollup"))
    own = found["Private_Clean"] + found["Private_Dirty"]
    peak = values_of(Path(f"/proc/{process}/status"))["VmHWM"]
    sizes = {"resident": found["Rss"], "proportional": found["Pss"], "own": own,
             "not of files": found["Anonymous"], "peak": peak}  # fmt: skip
    print("memory    " + ", ".join(f"{kb / 1e3:.0f} MB {name}" for name, kb in sizes.items()))


def look_on(options, data):
    command = [sys.executable, __file__, data, "--inside", *["--shown"] * options.shown]
    quiet = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "default.warning=false"}
    around = {**quiet, **os.environ}
    with subprocess.Popen(command, env=around, text=True, stdout=subprocess.PIPE) as program:
        try:
            said = json.loads(program.stdout.readline())
            wait_until_quiet(program.pid, options.quiet)
            state = "shown" if options.shown else "hidden"
            print(f"{said['status']}, window {state}, {options.seconds:.0f} s")
            say_memory(program.pid)
            measure(program.pid, said["threads"], options.seconds)
            say_memory(program.pid)
            print(LIMITS)
        finally:
            program.terminate()


def read_and_look_on(options):
    with tempfile.TemporaryDirectory() as data:
        if options.reading:
            chosen = settings.Settings().with_folders(Path(options.notes))
            settings.save(paths.user_paths(data).settings, chosen)
        else:
            command = [sys.executable, "-m", "notesearch", "--data-dir", data, "index"]
            subprocess.run([*command, options.notes], check=True, stdout=subprocess.DEVNULL)
        look_on(options, data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="?", help="the data folder of a library")
    parser.add_argument("--notes", help="a folder to be read into a data folder of its own")
    parser.add_argument("--reading", action="store_true", help="the program measured reads it")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS, help="the least before that")
    parser.add_argument("--shown", action="store_true", help="do not hide the window")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if bool(options.data) == bool(options.notes):
        parser.error("name either a data folder or a folder of notes")
    if options.inside:
        return be_measured(options.data, options.shown)
    if options.notes:
        read_and_look_on(options)
    else:
        look_on(options, options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
