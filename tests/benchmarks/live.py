"""How soon a change on the disk is in the window's list, and how the window feels meanwhile.

    python tests/benchmarks/live.py VAULT [--reading FOLDER] [--count 50] [--seconds 60]

Opens the real window (QT_QPA_PLATFORM=offscreen will do) on a copy of VAULT, lets another process
save, rename and delete notes, and measures until the open query's list is right. With --reading,
FOLDER is chosen first and everything is measured while it is read for the first time; then it is
also measured how soon the first answer by words comes, and, for so many seconds of typing, how long
a keystroke takes to a painted list and how long the window's thread was held up.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from notesearch import app, paths, settings
from notesearch.core.access import load_encoder
from notesearch.core.notes import Progress, Results, State

MEANING = "how do I get my dough to rise"
TEXT = """\
# {title}

Flour, water and yeast are left in a warm bowl until the loaf has doubled.

{word}
"""
TYPED = [
    "history of the steam engine", "bees and honey", "who discovered the source of the nile",
    "docker remove volumes", "treaty of paris", "git undo last commit", "glass making in venice",
    "how do volcanoes form", "list files by size", "the life of a composer",
]  # fmt: skip
STALL_MS = 100.0
SLOW_SECONDS = 2.0

OTHER_PROCESS = """
import os, sys, time
for line in sys.stdin:
    what, path, text = eval(line)
    if what == "save":
        with open(path + ".tmp", "w") as file: file.write(text)
        os.replace(path + ".tmp", path)
    elif what == "rename": os.rename(path, text)
    else: os.remove(path)
    print(time.monotonic(), flush=True)
"""


def rest(milliseconds):
    """Let the window live for a while. QTest.qWait() would keep all other threads waiting."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Probe(QObject):
    """Notes when answers come, when the list is painted and how long events had to wait."""

    def __init__(self, desktop):
        super().__init__()
        self.window = desktop.window
        self.answered = ""
        self.painted = {}
        self.gaps = []
        self.progress = Progress(State.STARTING)
        self._last = time.monotonic()
        desktop.bridge.told.connect(self._told)
        self.window.results.list.viewport().installEventFilter(self)
        self._beat = QTimer(self, interval=5)
        self._beat.timeout.connect(self._tick)
        self._beat.start()

    def _told(self, message):
        if isinstance(message, Progress):
            self.progress = message
        elif isinstance(message, Results):
            self.answered = message.query.text
            if not (message.hits or not message.final):
                self.painted.setdefault(self.answered, time.monotonic())

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and self.answered:
            QTimer.singleShot(0, partial(self._paint, self.answered))
        return super().eventFilter(watched, event)

    def _paint(self, text):
        self.painted.setdefault(text, time.monotonic())

    def _tick(self):
        now = time.monotonic()
        self.gaps.append(1000 * (now - self._last))
        self._last = now

    def hits(self):
        return self.window.results._model.hits

    def wait(self, holds, seconds=60.0):
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.window.box.text()}: {[h.path for h in self.hits()][:5]}")
            rest(2)
        return time.monotonic()


def figures(name, seconds):
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:46} n {len(ordered):4}  median {statistics.median(ordered) * 1000:7.0f} ms  "
          f"p95 {p95 * 1000:7.0f} ms  most {ordered[-1] * 1000:7.0f} ms")  # fmt: skip


class Changes:
    """Lets another process change notes, and waits until the list says so."""

    def __init__(self, probe, vault):
        self.probe, self.vault = probe, vault
        self.other = subprocess.Popen([sys.executable, "-c", OTHER_PROCESS], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip

    def do(self, *what):
        print(repr(tuple(map(str, what))), file=self.other.stdin, flush=True)
        return float(self.other.stdout.readline())

    def measure(self, count, by_meaning):
        taken = {"saved": [], "renamed": [], "deleted": []}
        for number in range(count):
            for name, seconds in self.one(f"zqx{'wm'[by_meaning]}{number}", by_meaning):
                taken[name].append(seconds)
        for name, seconds in taken.items():
            figures(f"{name}, by {'meaning' if by_meaning else 'words'}", seconds)

    def one(self, word, by_meaning):
        """Save, rename and delete one note; yield how long each took to be seen."""
        box, probe = self.probe.window.box, self.probe
        note, moved = self.vault / f"live {word}.md", self.vault / f"moved {word}.md"
        box.setText(MEANING if by_meaning else word)
        probe.wait(lambda: probe.answered == box.text())
        rest(50)

        def listed(file):
            return any(h.file == file and (h.cosine > 0 or not by_meaning) for h in probe.hits())

        text = TEXT.format(title=f"Loaf {word}", word="" if by_meaning else word)
        for name, what, right in (
            ("saved", ("save", note, text), lambda: listed(note)),
            ("renamed", ("rename", note, moved), lambda: listed(moved) and not listed(note)),
            ("deleted", ("delete", moved, ""), lambda: not listed(moved)),
        ):
            done = self.do(*what)
            took = probe.wait(right) - done
            if took > SLOW_SECONDS:
                print(f"{name} {word} took {took:.1f} s; {len(probe.hits())} rows, "
                      f"{probe.progress}"[:400])  # fmt: skip
            yield name, took
            rest(150)

    def close(self):
        self.other.stdin.close()
        self.other.wait()


def type_queries(probe, seconds):
    box, waits, late = probe.window.box, [], 0
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        box.clear()
        rest(200)
        for letter in TYPED[number % len(TYPED)]:
            probe.painted.clear()
            began = time.monotonic()
            QTest.keyClicks(box, letter)
            text = box.text()
            try:
                done = probe.wait(lambda text=text: text in probe.painted, 1.0)
                waits.append(done - began)
            except TimeoutError:
                late += 1
            rest(max(0, round(1000 * (began + 0.12 - time.monotonic()))))
        number += 1
    figures("keystroke to painted list", waits)
    print(f"not painted within a second: {late}")


def stalls(probe, name):
    gaps = sorted(probe.gaps)
    over = sum(gap > STALL_MS for gap in gaps)
    print(f"{name:46} longest {gaps[-1]:.0f} ms, p99.9 {gaps[int(0.999 * len(gaps))]:.0f} ms, "
          f"over {STALL_MS:.0f} ms: {over} of {len(gaps):,}")  # fmt: skip
    probe.gaps.clear()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vault", type=Path)
    parser.add_argument("--reading", type=Path)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    application = QApplication([])
    application.setStyle("Fusion")
    sys.setswitchinterval(app.SWITCH_SECONDS)
    with tempfile.TemporaryDirectory() as temporary:
        vault = Path(temporary) / "vault"
        shutil.copytree(options.vault, vault)
        user = paths.user_paths(str(Path(temporary) / "data"))
        settings.save(user.settings, settings.Settings().with_folders(vault))
        desktop = app.Desktop(user, partial(load_encoder, paths.MODEL, user))
        probe = Probe(desktop)
        desktop.start()
        probe.wait(lambda: probe.progress.state is State.CURRENT, 900)
        stalls(probe, "window's thread while the vault was read")
        changes = Changes(probe, vault)
        if options.reading:
            began = time.monotonic()
            desktop.window.box.setText("history of the war")
            desktop.window.folders_chosen.emit([options.reading.resolve()])
            folder = str(options.reading.resolve())
            first = probe.wait(lambda: any(h.folder == folder for h in probe.hits()), 300)
            print(f"first answer from the new folder after {first - began:.1f} s")
            type_queries(probe, options.seconds)
            print(f"meanwhile {probe.progress.state}, {probe.progress.unread:,} notes unread")
            stalls(probe, "window's thread while typing")
        changes.measure(options.count, by_meaning=False)
        print(f"meanwhile {probe.progress.state}, {probe.progress.unread:,} notes unread")
        changes.measure(options.count, by_meaning=True)
        print(f"meanwhile {probe.progress.state}, {probe.progress.embedded:,} of "
              f"{probe.progress.passages:,} passages embedded")  # fmt: skip
        if options.reading and probe.progress.state is State.EMBEDDING:
            type_queries(probe, options.seconds)
        stalls(probe, "window's thread during the changes")
        changes.close()
        began = time.monotonic()
        desktop.bridge.stop()
        print(f"stopped in {time.monotonic() - began:.2f} s")
        desktop.window.close()


if __name__ == "__main__":
    main()
