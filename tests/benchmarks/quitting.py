"""Ends the real program at random moments of a first read, and looks what that did.

    python tests/benchmarks/quitting.py FOLDER [--times 20] [--seed 1]

Each time the program is started on the same data folder (QT_QPA_PLATFORM=offscreen will do) and
asked to quit, as by the system, after a random while. Then the library is brought up to date. Says
whether the program ever ended otherwise than asked or said anything, and whether any text was
embedded more than once: embeddings are numbered, and a number is never used again.
"""

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from notesearch import doctor, paths, settings
from notesearch.core.access import load_encoder

SECONDS = (0.2, 9.0)
PROGRAM = [sys.executable, "-m", "notesearch", "--data-dir"]


def run(data, seconds):
    """Run the program for so long; return exit code, what it said and how long quitting took."""
    process = subprocess.Popen(
        [*PROGRAM, data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    said, _ = process.communicate(timeout=60)
    return process.returncode, said, time.monotonic() - asked


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    wrong = 0
    with tempfile.TemporaryDirectory() as data:
        user = paths.user_paths(data)
        settings.save(user.settings, settings.Settings().with_folders(options.folder))
        for number in range(options.times):
            seconds = chance.uniform(*SECONDS)
            code, said, quitting = run(data, seconds)
            # Before the first second or so Python itself is still starting, and a signal ends it.
            early = code == -signal.SIGTERM and seconds < 1.0
            wrong += bool((code and not early) or said)
            print(f"{number + 1:3}: {seconds:4.1f} s, exit {code}, quit in {quitting:.2f} s "
                  f"{said.strip()[:200]}")  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "notesearch", "--data-dir", data, "index"], check=True
        )
        encoder = load_encoder(paths.MODEL, user)
        state = doctor.status(user, encoder, settings.load(user.settings))
        with sqlite3.connect(f"file:{state['library']}/library.db?mode=ro", uri=True) as db:
            (held,) = db.execute("SELECT count(*) FROM embeddings").fetchone()
            (used,) = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'embeddings'"
                                 ).fetchone()  # fmt: skip
        print(f"{state['notes']} notes, {state['passages']} passages, {state['stale']} stale")
        print(f"{held} embeddings held, {used} ever made; {wrong} ends were not as asked")


if __name__ == "__main__":
    main()
