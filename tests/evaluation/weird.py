"""Read notes that other programs stumble over, and say of each how it is found.

    python tests/evaluation/weird.py DATA [--all]

The files of DATA/vaults/weird.tar.xz and those of tests/hostile_notes.py are read with the model
that ships, as `notesearch index` reads them. Each must be found by a word of its own, or by its
name where it holds none, or be named as a problem with the reason; those that are found in part are
both. Prints how many are, and what is wrong with how many; with --all a line for each file. The
exit status is 1 where a file is neither, or where all took longer than a minute.
"""

import argparse
import collections
import functools
import sys
import tarfile
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hostile_notes

from notesearch import paths
from notesearch.core import query
from notesearch.core.access import Writer, load_encoder
from notesearch.core.ignore import is_note
from notesearch.core.notes import Mode
from notesearch.core.searcher import Searcher
from notesearch.core.textfile import NotTextError, read
from notesearch.paths import UserPaths

MAX_SECONDS = 60.0
ENOUGH = 10_000
TRIES, LOOKED_AT = 5, 20_000
REPEATED = 10_000
"""Instead of the many times that tests/test_hostile.py has: here it is about finding, not time."""
LENGTHS = range(4, 21)


def main() -> int:
    """Do what the module says; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--all", action="store_true", help="a line for each file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "notes"
        folder.mkdir()
        unpack(options.data / "vaults" / "weird.tar.xz", folder)
        (folder / "hostile").mkdir()
        hostile_notes.MANY, hostile_notes.MEGABYTE = REPEATED, 20 * REPEATED
        for name in hostile_notes.names():
            hostile_notes.write(name, folder / "hostile")
        started = time.monotonic()
        found, problems = read_in(folder, Path(temporary) / "data")
        seconds = time.monotonic() - started
        files = [
            path for path in sorted(folder.rglob("*")) if path.is_file() and is_note(path.name)
        ]
        return tell(files, found, problems, seconds, every=options.all)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack without what would lie outside of the folder, or is no file."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def read_in(folder: Path, data: Path) -> tuple[set[Path], dict[Path, str]]:
    """Read the folder; return the files that are found, and what is wrong with others."""
    user = UserPaths(data, data, data)
    encoder = load_encoder(paths.MODEL, user)
    with Writer(user, encoder, [folder], threads=1) as writer:
        indexer = writer.indexer
        indexer.scan()
        started = time.monotonic()
        while indexer.read_some():
            pass
        print(f"read in {time.monotonic() - started:.0f} seconds")
        searcher = Searcher(writer.library, writer.index, encoder)
        problems = {Path(problem.path): problem.reason for problem in indexer.problems()}
        files = [Path(path) for path in writer.library.stored()]
        finds = functools.cache(partial(files_with, searcher))
        found = {file for file in files if any(file in finds(word) for word in words(file))}
    return found, problems


def words(file: Path) -> Iterator[str]:
    """Yield words to look for a file by: some of its text, or its name where it holds none."""
    try:
        text = read(file).text
    except (OSError, NotTextError):
        return
    # In some scripts marks are parts of words.
    parted = (
        c if c.isalpha() or unicodedata.category(c).startswith("M") else " "
        for c in text[:LOOKED_AT]
    )
    distinct = {word for word in "".join(parted).split() if len(word) in LENGTHS}
    # The longest are in few other files, so that their answers are short.
    yield from sorted(distinct, key=len, reverse=True)[:TRIES] or [f'file:"{file.stem}"']


def files_with(searcher: Searcher, word: str) -> frozenset[Path]:
    """Return the files that a word leads to, copies included."""
    results = searcher.search(query.parse(word), limit=ENOUGH, mode=Mode.WORDS)
    hits = (*results.hits, *results.weak)
    return frozenset(path for hit in hits for path in (hit.file, *map(Path, hit.copies)))


def tell(
    files: list[Path], found: set[Path], problems: dict[Path, str], seconds: float, *, every: bool
) -> int:
    """Print what was found; return the exit status."""
    counts: collections.Counter[str] = collections.Counter()
    lost = []
    for file in files:
        reason = problems.get(file, "")
        kind = "found" if file in found else "not found"
        counts[f"{kind}, {reason.split('(line')[0].strip()}" if reason else kind] += 1
        if file not in found and not reason:
            lost.append(file)
        if every:
            print(f"{kind:9}  {'/'.join(file.parts[-2:])}  {reason}")
    for kind, count in counts.most_common():
        print(f"{count:4}  {kind}")
    for file in lost:
        print(f"LOST  {file.name}")
    print(f"{len(files)} files, {len(lost)} neither found nor named; {seconds:.0f} seconds")
    return int(bool(lost) or seconds > MAX_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
