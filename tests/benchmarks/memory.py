"""How much memory reading takes: many notes in one folder, and one very large note.

    python tests/benchmarks/memory.py [--megabytes 100] [--note-megabytes 50]

Indexes a folder of so many megabytes of notes, with one note of so many more, as the program does;
a small model of the tests' stands in for the real one, with as many dimensions, since embedding
takes most of the time and always the same memory. Prints notes, passages, seconds, the memory of
the process before, at its peak and after, and how many threads and open files are left.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from fake_embedder import FakeEmbedder

from notesearch.core.access import Writer
from notesearch.paths import UserPaths

NOTE_BYTES = 6_000
WORDS = 20_000


class Model(FakeEmbedder):
    """Vectors as long as those of the model that ships."""

    dimension = 384
    passage_tokens = 140

    def embed_passage(self, text):
        return self._wide(super().embed_passage(text))

    def embed_query(self, text):
        return self._wide(super().embed_query(text))

    def _wide(self, vector):
        wide = np.tile(vector, 6).astype(np.float32)
        return wide / np.linalg.norm(wide)


def resident():
    """Return the megabytes that the process holds now, and held at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    values = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(values["VmRSS"]) / 1e3, int(values["VmHWM"]) / 1e3


def handles():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def text_of(chance, words, size):
    lines, length = [], 0
    while length < size:
        line = " ".join(chance.choices(words, k=90))
        lines += [f"## {line[:30]}", "", line, ""]
        length += len(line) + 36
    return "\n".join(lines)


def write_notes(folder, megabytes, note_megabytes):
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghiklmnoprstuvwz", k=7)) for _ in range(WORDS)]
    for number in range(megabytes * 1_000_000 // NOTE_BYTES):
        (folder / f"{number}.md").write_text(text_of(chance, words, NOTE_BYTES), encoding="utf-8")
    piece = text_of(chance, words, 1_000_000)
    with (folder / "large.md").open("w", encoding="utf-8") as file:
        for _ in range(note_megabytes):
            file.write(piece)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--note-megabytes", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        notes, data = Path(name) / "notes", Path(name) / "data"
        notes.mkdir()
        write_notes(notes, options.megabytes, options.note_megabytes)
        before, _ = resident()
        had = handles()
        began = time.monotonic()
        with Writer(UserPaths(data, data, data), Model(), [notes], threads=2) as writer:
            indexer = writer.indexer
            indexer.scan()
            while indexer.read_some():
                pass
            read, read_peak = resident()
            print(f"read: {time.monotonic() - began:.0f} s, {read:.0f} MB, peak {read_peak:.0f} MB")
            while indexer.embed_some() or indexer.settle():
                pass
            progress = indexer.progress()
            for problem in indexer.problems():
                print(f"{Path(problem.path).name}: {problem.reason}")
        after, peak = resident()
        print(f"{progress.notes:,} notes, {progress.passages:,} passages, "
              f"{time.monotonic() - began:.0f} s; before {before:.0f} MB, peak {peak:.0f} MB, "
              f"after {after:.0f} MB; threads {threading.active_count()}, files {had} -> "
              f"{handles()}")  # fmt: skip


if __name__ == "__main__":
    main()
