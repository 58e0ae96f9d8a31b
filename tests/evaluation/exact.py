"""Check what must never fail: what stands in one note alone finds that note first.

    python tests/evaluation/exact.py DATA --libraries FOLDER

For til and logseq-docs, 500 drawn of each where there are so many: titles, names such as snake_case
or v2.8.3, and quoted stretches of two to four words that occur in exactly one note, asked for as
they stand; and 1,500 beginnings, of three letters or more, of words of the library. Then, in til,
every text of DATA/fixtures/blns_queries.json, finished and while typing. Prints a line for each and
what failed; the exit status is 1 where anything did. What DATA is stands in datasets.py.
"""

import collections
import json
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from datasets import Data, options_parser, say, working_folder

from notesearch import paths
from notesearch.core import query
from notesearch.core.access import Writer
from notesearch.core.embedder import Embedder
from notesearch.core.notes import Hit, Mode
from notesearch.core.searcher import Searcher, is_identifier
from notesearch.core.tokens import fold

VAULTS = ("til", "logseq-docs")
DRAWN, BEGINNINGS = 500, 1_500
SEED = 5
MAX_MS = 200.0
EVERYTHING = 10_000
_WORD = re.compile(r"[^\W_]+")
_CANDIDATE = re.compile(r"[^\s\"`'()\[\]{}<>|,;*#-][^\s\"`'()\[\]{}<>|,;*]{2,58}[^\W_]")
_QUOTES = re.compile(r"[\"“”„«»″‟]")
_FILTER = re.compile(r"(tag|path|in|title|file|before|after|modified|created|has):", re.IGNORECASE)


class Notes:
    """The notes of a library, as texts to look for things in without any index."""

    def __init__(self, writer: Writer) -> None:
        db = writer.library.db
        self.paths: dict[int, str] = dict(
            db.execute("SELECT id, path FROM notes WHERE hash != x''")
        )
        self.titles: dict[int, str] = dict(db.execute("SELECT id, title FROM notes"))
        self.names: list[tuple[str]] = db.execute("SELECT names FROM notes").fetchall()
        self.texts: dict[int, str] = dict(db.execute(
            "SELECT id, title || char(10) || headings || char(10) || body FROM note_texts"
        ))  # fmt: skip
        self.spaced = {note: _spaced(text) for note, text in self.texts.items()}

    def holding(self, text: str) -> int:
        """Count the notes in which the words of a text stand one behind the other."""
        wanted = _spaced(text)
        return sum(wanted in one for one in self.spaced.values())


def titles(notes: Notes, _: random.Random) -> Iterator[tuple[str, int]]:
    """Yield the titles that no other note is called by, and their notes."""
    called = collections.Counter(
        name for (names,) in notes.names for name in {fold(one) for one in names.split("\n")}
    )
    for note in notes.paths:
        if called[fold(notes.titles[note])] == 1:
            yield notes.titles[note], note


def names(notes: Notes, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Yield names such as snake_case that are in one note alone."""
    where = collections.defaultdict(set)
    for note, text in notes.texts.items():
        for word in _CANDIDATE.findall(text):
            if is_identifier(word) and "://" not in word and not _FILTER.match(word):
                where[word].add(note)
    alone = sorted(word for word, found in where.items() if len(found) == 1)
    chance.shuffle(alone)
    yield from ((word, min(where[word])) for word in alone if notes.holding(word) == 1)


def phrases(notes: Notes, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Yield quoted stretches of lines that are in one note alone."""
    ids = sorted(notes.paths)
    for _ in range(100 * DRAWN):
        note, length = chance.choice(ids), chance.choice((2, 3, 4))
        line = chance.choice(notes.texts[note].split("\n"))
        words = list(_WORD.finditer(line))
        if len(words) < length:
            continue
        first = chance.randrange(len(words) - length + 1)
        phrase = line[words[first].start() : words[first + length - 1].end()]
        if not _QUOTES.search(phrase) and notes.holding(phrase) == 1:
            yield f'"{phrase}"', note


def first_are(searcher: Searcher, notes: Notes, asked: list[tuple[str, int]]) -> list[str]:
    """Return the queries whose note does not come first."""
    missed = []
    for text, note in asked:
        hits = searcher.search(query.parse(text), limit=3).hits
        if notes.paths[note] not in (_files(hits[0]) if hits else set()):
            missed.append(text)
    return missed


def beginnings(writer: Writer, searcher: Searcher, chance: random.Random) -> tuple[int, list[str]]:
    """Return how many beginnings were typed, and those that found no note with the word."""
    words = sorted(w for w in searcher.words.vocabulary() if w.isalnum() and len(w) > 3)
    chance.shuffle(words)
    missed = []
    for word in words[:BEGINNINGS]:
        typed = word[: chance.randrange(3, len(word))]
        asked = query.parse(typed, typing=True)
        found = searcher.search(asked, limit=EVERYTHING, mode=Mode.WORDS).hits
        holding = {row[0] for row in writer.library.db.execute(
            "SELECT path FROM words JOIN notes ON notes.id = words.rowid WHERE words MATCH ?",
            (f'"{word}"',))}  # fmt: skip
        if not holding & {file for hit in found for file in _files(hit)}:
            missed.append(f"{typed} ({word})")
    return min(BEGINNINGS, len(words)), missed


def slow(searcher: Searcher, texts: list[str]) -> tuple[float, list[str]]:
    """Return the longest answer to any text, in milliseconds, and the texts that take too long."""
    longest, late = 0.0, []
    for text in texts:
        for typing in (False, True):
            started = time.perf_counter()
            searcher.search(query.parse(text, typing=typing), limit=50)
            took = 1000 * (time.perf_counter() - started)
            longest = max(longest, took)
            late += [text] if took > MAX_MS else []
    return longest, late


def main() -> int:
    """Check everything."""
    options = options_parser(__doc__).parse_args()
    encoder = Embedder(paths.MODEL)
    failed = 0
    with working_folder(options.libraries) as folder:
        data = Data(options.data, folder)
        for vault in VAULTS:
            with data.indexed(vault, encoder) as writer:
                failed += _check(vault, writer, encoder, options.data)
    return int(failed > 0)


def _check(vault: str, writer: Writer, encoder: Embedder, data: Path) -> int:
    say(f"{vault}: what is in one note alone")
    searcher, notes = Searcher(writer.library, writer.index, encoder), Notes(writer)
    failed = 0
    for what in (titles, names, phrases):
        chance = random.Random(SEED)
        found = list(what(notes, chance))
        asked = chance.sample(found, min(DRAWN, len(found)))
        failed += _tell(f"{vault}: {what.__name__}", len(asked), first_are(searcher, notes, asked))
    typed, missed = beginnings(writer, searcher, random.Random(SEED))
    failed += _tell(f"{vault}: beginnings of words", typed, missed)
    if vault == VAULTS[0]:
        texts = json.loads((data / "fixtures" / "blns_queries.json").read_text(encoding="utf-8"))
        longest, late = slow(searcher, texts)
        failed += _tell(f"{vault}: texts of all kinds, {longest:.0f} ms at most", len(texts), late)
    return failed


def _tell(what: str, asked: int, failed: list[str]) -> int:
    print(f"{what}: {asked} asked, {len(failed)} failed", *failed[:10], sep="\n    ", flush=True)
    return len(failed)


def _files(hit: Hit) -> set[str]:
    return {str(hit.file), *hit.copies}


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(fold(text)))} "


if __name__ == "__main__":
    sys.exit(main())
