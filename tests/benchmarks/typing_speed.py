"""How soon a keystroke is a painted list, and how long the window's thread is ever held up.

    python tests/benchmarks/typing_speed.py DATA-DIR [--queries 30] [--interval 120]
    python tests/benchmarks/typing_speed.py DATA-DIR --reading FOLDER [--seconds 60]

Opens the real window (QT_QPA_PLATFORM=offscreen will do) on a library that was made before, as by
`notesearch --data-dir DATA-DIR index VAULT`, and types real queries letter by letter. Of each
letter from the third on it is measured how long it takes until the first list for that text is
painted, and until the last one, with meaning, is.

With --reading, in a data folder of its own: types while FOLDER is read for the first time, and says
how long the window's thread was held up.
"""

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from live import Probe, figures, rest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from notesearch import app, paths, settings
from notesearch.core.access import load_encoder
from notesearch.core.notes import State
from notesearch.gui.appearance import stop_motion

QUERIES = (
    "history of the steam engine", "bees and honey", "who discovered the source of the nile",
    "treaty of paris", "glass making in venice", "how do volcanoes form", "the life of a composer",
    "roman law", "electric telegraph", "painters of the dutch school", "siege of constantinople",
    "how is paper made", "origin of the alphabet", "diseases of the vine", "sailing by the stars",
)  # fmt: skip
FROM_LETTER = 3
IN_SIGHT = 8


class Typist(Probe):
    """Types, and notes for each text when it was typed and when its lists were painted."""

    def __init__(self, desktop):
        super().__init__(desktop)
        self.typed = {}
        self.first = {}
        self.last = {}
        self.in_sight = ()
        self.window.results.list.shown.connect(self._shown)

    def _shown(self):
        # Rows that are there already are not painted again.
        before, self.in_sight = self.in_sight, self.hits()[:IN_SIGHT]
        if before == self.in_sight:
            self._note(self.window._answer.text, final=self.window._answer.whole)

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            answer = self.window._answer
            # When this comes to be called, it is painted.
            note = partial(self._note, answer.text, final=answer.whole)
            QTimer.singleShot(0, note)
        return super().eventFilter(watched, event)

    def _note(self, text, *, final):
        # The list that stood before is painted too, when the selection moves or a tip goes.
        if text == self.window.box.text():
            self.first.setdefault(text, time.monotonic())
            if final:
                self.last.setdefault(text, time.monotonic())

    def type(self, query, interval):
        box = self.window.box
        box.clear()
        rest(300)
        for end in range(1, len(query) + 1):
            self.typed[query[:end]] = time.monotonic()
            # It may have been typed before.
            self.first.pop(query[:end], None)
            self.last.pop(query[:end], None)
            QTest.keyClicks(box, query[end - 1])
            rest(interval)
        self.wait(lambda: query in self.last, 20)


def opened(user):
    desktop = app.Desktop(user, partial(load_encoder, paths.MODEL, user))
    desktop.window.resize(1080, 680)
    desktop.start()
    return desktop


def type_queries(options):
    desktop = opened(paths.user_paths(options.data))
    typist = Typist(desktop)
    typist.wait(lambda: typist.progress.state is State.CURRENT, 600)
    typist.type(QUERIES[-1], 50)
    for times in (typist.typed, typist.first, typist.last):
        times.clear()
    # What looks whether the window's thread is held up takes its turns from it.
    typist._beat.stop()
    for query in (QUERIES * 10)[: options.queries]:
        typist.type(query, options.interval)
    print(f"{typist.progress.notes:,} notes, {typist.progress.passages:,} passages")
    letters = [text for text in typist.typed if len(text) >= FROM_LETTER]
    for name, painted in (("first list", typist.first), ("whole answer", typist.last)):
        took = [painted[text] - typist.typed[text] for text in letters if text in painted]
        figures(f"letter to painted, {name}", took)
    missed = sum(text not in typist.first for text in letters)
    print(f"letters typed on before any list was painted: {missed} of {len(letters)}")
    typist.gaps.clear()
    typist._last = time.monotonic()
    typist._beat.start()
    for query in QUERIES[:5]:
        typist.type(query, options.interval)
    say_gaps(typist)
    desktop.bridge.stop()


def type_while_reading(options):
    with tempfile.TemporaryDirectory() as data:
        user = paths.user_paths(data)
        settings.save(user.settings, settings.Settings().with_folders(Path(options.reading)))
        desktop = opened(user)
        typist = Typist(desktop)
        typist.wait(lambda: typist.progress.state is State.READING, 120)
        typist.gaps.clear()
        until = time.monotonic() + options.seconds
        for query in QUERIES * 100:
            if time.monotonic() > until or typist.progress.state is State.CURRENT:
                break
            typist.type(query, options.interval)
        done = typist.progress.notes - typist.progress.unread
        print(f"{done:,} of {typist.progress.notes:,} notes read meanwhile")
        say_gaps(typist)
        desktop.bridge.stop()


def say_gaps(typist):
    # A beat comes every 5 ms.
    held = sorted(gap - 5 for gap in typist.gaps)
    over = sum(gap > 50 for gap in held)
    high = held[round(0.999 * (len(held) - 1))]
    print(f"window's thread held up: most {held[-1]:.0f} ms, p99.9 {high:.0f} ms, "
          f"over 50 ms {over} of {len(held):,} beats")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="the data folder of a library")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--interval", type=int, default=120, help="ms between two letters")
    parser.add_argument("--reading", help="a folder to be read meanwhile")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    application = QApplication(["notesearch"])
    application.setStyle("Fusion")
    stop_motion()
    sys.setswitchinterval(app.SWITCH_SECONDS)
    if options.reading:
        type_while_reading(options)
    else:
        type_queries(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
