"""Flips bits in a library's files and cuts them off, and looks what becomes of it.

    python tests/damage.py [--flips 200] [--cuts 50] [--seed 1]

Of the index file: each damage must be noticed before the file is loaded, and the index be built
anew. Of the database: the program must neither crash nor hang, and after `doctor --repair` and
reading, the library must equal, field by field, a fresh one of the same notes. Each try runs in a
process of its own. Exit code 1 where one went wrong.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from compare_libraries import differences, index_anew
from fake_embedder import FakeEmbedder

from notesearch import doctor
from notesearch.core import query as query_parser
from notesearch.core.access import Reader, Writer, library_folder
from notesearch.core.database import DATABASE, INDEX, DamagedError, LibraryError
from notesearch.paths import UserPaths

NOTES = 60
EXACT_BELOW = 20
QUERIES = ("automobile engine", "word7", '"the mat"', "tag:odd cat")
SECONDS = 60
"""A try that takes longer hangs."""


def write_notes(folder):
    """Write some dozens of notes with all that a library stores of one."""
    folder.mkdir()
    chance = random.Random(0)
    words = ["".join(chance.choices("abcdefghiklmnoprstuvwz", k=7)) for _ in range(400)]
    for number in range(NOTES):
        first, second = (" ".join(chance.sample(words, 9)) for _ in "ab")
        parity = "odd" if number % 2 else "even"
        text = (
            f"---\ntags: [{parity}]\nrating: {number}\n---\n# Note {number}\n\n"
            f"word{number} and a cat on the mat, [[Note {number + 1}]] {first}\n\n## Part\n\n"
            f"The automobile number {number} has an engine of {number * 7} parts {second}.\n\n"
            "- [ ] task\n"
        )
        (folder / f"n{number}.md").write_text(text, encoding="utf-8")
    (folder / "picture.md").write_bytes(b"\x89PNG\0\0\0\x0d" + bytes(200))


class Bench:
    """A sound library with an index file, and damaged copies of it."""

    def __init__(self, where):
        self.encoder = FakeEmbedder()
        self.notes = where / "notes"
        write_notes(self.notes)
        self.fresh = where / "fresh"
        index_anew(self.fresh, [self.notes], self.encoder)
        self._sound = where / "sound"
        self._copy = where / "copy"
        with self._writer(self._sound) as writer:
            bring_up_to_date(writer.indexer)
        self.folder = library_folder(user(self._copy), self.encoder)

    def copy(self):
        """Make a copy to be damaged; return the library's folder."""
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._sound, self._copy)
        return self.folder

    def is_index_refused(self):
        """Open the copy; say whether its index file was refused and a sound one is there now."""
        with self._writer(self._copy) as writer:
            refused = not writer.index.approximate
            bring_up_to_date(writer.indexer)
        with self._writer(self._copy) as writer:
            return refused and writer.index.approximate

    def outcome(self):
        """Search, repair and read the copy; say in a word how that went."""
        told = []
        self._search(told)
        for _ in range(2):
            try:
                with self._writer(self._copy) as writer:
                    told += doctor.repair(writer)
                    bring_up_to_date(writer.indexer)
                break
            except DamagedError:
                told.append("made anew")
        else:
            return "not mended"
        found = differences(
            self.folder, self.fresh, self.encoder, exact_below=EXACT_BELOW, queries=QUERIES
        )
        if found:
            return f"different: {found[:3]}"
        anew = any("made anew" in what for what in told)
        return "made anew" if anew else "mended" if told else "no harm"

    def _search(self, told):
        """A reader may find nothing or say that the library is damaged, but no more than that."""
        try:
            reader = Reader(user(self._copy), self.encoder)
        except (LibraryError, FileNotFoundError):
            return
        with contextlib.closing(reader):
            for text in QUERIES:
                try:
                    reader.searcher.search(query_parser.parse(text), limit=10)
                except (sqlite3.Error, ValueError) as error:
                    told.append(f"a search failed ({type(error).__name__})")

    def _writer(self, data):
        return Writer(user(data), self.encoder, [self.notes], threads=1, exact_below=EXACT_BELOW)


def user(data):
    """Return where everything of a user is."""
    return UserPaths(data, data, data)


def bring_up_to_date(indexer):
    """Read and embed everything."""
    indexer.scan()
    while indexer.read_some() or indexer.embed_some() or indexer.settle():
        pass


def flip(file, chance):
    """Flip one bit of a file."""
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def cut(file, chance):
    """Cut a file off somewhere."""
    os.truncate(file, chance.randrange(file.stat().st_size))


def in_a_process(work):
    """Run in a process of its own and return the word it says, or how it ended."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        os.close(read)
        try:
            said = work()
        except BaseException:  # noqa: BLE001  # to be told, whatever it is
            said = f"failed: {traceback.format_exc()}"
        with os.fdopen(write, "w") as pipe:
            pipe.write(said)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return said if code == 0 else "hangs" if code == -signal.SIGALRM else f"crashes ({code})"


def try_index(bench, harm, chance):
    """Damage the index file of a copy; return what became of it."""
    harm(bench.copy() / INDEX, chance)
    return in_a_process(lambda: "built anew" if bench.is_index_refused() else "not noticed")


def try_database(bench, harm, chance):
    """Damage the database of a copy; return what became of it."""
    harm(bench.copy() / DATABASE, chance)
    return in_a_process(bench.outcome)


GOOD = {"built anew", "no harm", "mended", "made anew"}


def run(bench, flips, cuts, seed):
    """Try all; yield the file, the damage, and how often what became of it."""
    for file, attempt in (("index file", try_index), ("database", try_database)):
        chance = random.Random(seed)
        for harm, count in ((flip, flips), (cut, cuts)):
            yield file, harm.__name__, Counter(attempt(bench, harm, chance) for _ in range(count))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    good = total = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for file, harm, outcomes in run(bench, options.flips, options.cuts, options.seed):
            for outcome, count in outcomes.most_common():
                print(f"{file}, {harm}: {count} {outcome}")
                good += count * (outcome in GOOD)
                total += count
    print(f"damage: seed {options.seed}, {good} of {total} survived")
    return int(good != total)


if __name__ == "__main__":
    sys.exit(main())
