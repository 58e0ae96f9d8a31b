"""A library against a dictionary: whatever is done, in whatever order, both hold the same."""

import contextlib
import hashlib
import itertools
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from compare_libraries import copy_library, damage
from fake_embedder import FakeEmbedder
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from notesearch.core.library import UNREAD, Found, Library, Signature
from notesearch.core.notes import Note, Passage
from notesearch.core.vectors import VectorIndex

# What fails is made smaller until it is clear, and that takes a while.
pytestmark = pytest.mark.timeout(900)

ENCODER = FakeEmbedder()
EXACT_BELOW = 1
PATHS = tuple(f"/n/{name}.md" for name in ("a", "b", "sub/a", "sub/ß", "sub b/c"))
WORDS = ("bread", "breads", "running", "run", "Café", "snake_case", "日本語", "C++", "alpha")
PLAIN = ("bread", "breads", "running", "run", "alpha")
"""Of which it can be told without FTS5 where they are: whole words, and nothing is in a tail."""

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
paths = st.sampled_from(PATHS)
times = st.integers(1, 5)


@dataclass(frozen=True)
class Stored:
    """What the model knows of one note."""

    folder: str
    time: int
    title: str = ""
    texts: tuple[str, ...] = ()
    problem: str = ""

    @property
    def signature(self):
        return Signature(self.time, self.time, 1, 1) if self.texts else UNREAD

    @property
    def hash(self):
        return content_hash(self.title, self.texts) if self.texts else b""

    def holds(self, word):
        said = " ".join((self.title, *self.texts)).lower().split()
        return bool(self.texts) and word in said


def content_hash(title, passages):
    return hashlib.blake2b(repr((title, passages)).encode(), digest_size=16).digest()


def text_hash(text):
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class BrokenError(Exception):
    """What comes in the way of a transaction."""


class LibraryMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self._work = Path(tempfile.mkdtemp(prefix="notesearch-machine-"))
        self._numbers = itertools.count()
        self._where = self._work / "library"
        self._library = self._open()
        self._index = VectorIndex(ENCODER.dimension, exact_below=EXACT_BELOW)
        self._notes = {}
        self._vectors = {}
        """What has a vector: the hash of its text and the vector's key."""
        self._last_key = 0
        self._reader = None

    def teardown(self):
        self._close()
        shutil.rmtree(self._work)

    def _open(self, *, writable=True):
        return Library(self._where, ENCODER.identity, writable=writable)

    def _close(self):
        self._library.close()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # Changes

    @rule(
        path=paths, folder=st.sampled_from(["/n", "/n/sub"]), title=texts, time=times,
        passages=st.lists(texts, min_size=1, max_size=4),
    )  # fmt: skip
    def put(self, path, folder, title, time, passages):
        inside = folder if path.startswith(f"{folder}/") else "/n"
        self._put(path, Stored(inside, time, title, tuple(passages)))

    def _put(self, path, one):
        made = tuple(
            Passage("", text, line, line, line, line + 1) for line, text in enumerate(one.texts, 1)
        )
        note = Note(one.title, passages=made)
        self._library.put(_found(path, one), one.hash, note, list(map(text_hash, one.texts)))
        self._notes[path] = one

    @rule(path=paths, other=paths)
    def put_a_copy(self, path, other):
        if self._notes.get(other, Stored("/n", 1)).texts:
            self._put(path, replace(self._notes[other], problem=""))

    @rule(path=paths, time=times, reason=st.sampled_from(["denied", "is binary"]))
    def put_problem(self, path, time, reason):
        before = self._notes.get(path, Stored("/n", time))
        self._library.put_problem(_found(path, Stored("/n", time)), reason)
        self._notes[path] = replace(before, problem=reason)

    @rule(path=paths, time=times)
    def touch(self, path, time):
        """Only what was read is touched."""
        before = self._notes.get(path)
        if before is None or not before.texts:
            return
        self._notes[path] = replace(before, time=time)
        self._library.touch(_found(path, self._notes[path]))

    @rule(gone=st.lists(paths, max_size=3))
    def forget(self, gone):
        self._library.forget(gone)
        for path in gone:
            self._notes.pop(path, None)

    @rule(limit=st.integers(1, 12))
    def embed(self, limit):
        """Give vectors to what is told to have none."""
        told = {row[0]: row[3] for row in self._library.unembedded(limit)}
        rows = [(key, ENCODER.embed_passage(text)) for key, text in told.items()]
        for (hashed, vector), key in zip(rows, self._library.put_vectors(rows), strict=True):
            assert key > self._last_key, "a key was given twice"
            self._last_key = key
            self._vectors[hashed] = key
            self._index.add(key, vector)

    @rule()
    def purge(self):
        needed = {text_hash(text) for one in self._notes.values() for text in one.texts}
        gone = {key for hashed, key in self._vectors.items() if hashed not in needed}
        assert set(self._library.purge()) == gone
        for key in gone:
            self._index.remove(key)
        self._vectors = {hashed: key for hashed, key in self._vectors.items() if key not in gone}

    # Transactions, ends and beginnings

    @rule(path=paths, other=paths, title=texts, text=texts)
    def fail_in_the_middle(self, path, other, title, text):
        notes, vectors, last = dict(self._notes), dict(self._vectors), self._last_key
        with contextlib.suppress(BrokenError), self._library.together():
            self._put(path, Stored("/n", 1, title, (text, f"{text} alpha")))
            self._library.forget([other])
            self._library.put_vectors([(text_hash(f"{text} never"), ENCODER.embed_query(text))])
            raise BrokenError
        self._notes, self._vectors, self._last_key = notes, vectors, last

    @rule(path=paths, title=texts, passages=st.lists(texts, min_size=1, max_size=4))
    def several_together(self, path, title, passages):
        with self._library.together():
            self._put(path, Stored("/n", 2, title, tuple(passages[:1])))
            self._library.forget([path])
            self._put(path, Stored("/n", 3, title, tuple(passages)))
            self.embed(3)

    @rule()
    def save_index(self):
        while self._index.build(64):
            pass
        self._library.save_index(self._index)

    @rule(gone=st.lists(paths, max_size=3), limit=st.integers(1, 12))
    def change_after_saving(self, gone, limit):
        """Open with a saved index that is older than the library: it is brought up to it."""
        self.save_index()
        self.forget(gone)
        self.purge()
        self.embed(limit)
        self.die_and_open()

    @rule()
    def close_and_open(self):
        self._close()
        self._begin()

    @rule()
    def die_and_open(self):
        """Go on with a copy of the files as they are, which is what an end without warning leaves.

        The library that is left behind is closed after that: it changes nothing of the copy.
        """
        where = self._work / f"library {next(self._numbers)}"
        copy_library(self._where, where)
        self._close()
        shutil.rmtree(self._where)
        self._where = where
        self._begin()

    @rule()
    def die_in_the_middle_and_open(self):
        where = self._work / f"library {next(self._numbers)}"
        with contextlib.suppress(BrokenError), self._library.together():
            self._library.forget(PATHS)
            self._library.db.execute("DELETE FROM embeddings")
            copy_library(self._where, where)
            raise BrokenError
        self._close()
        shutil.rmtree(self._where)
        self._where = where
        self._begin()

    def _begin(self):
        self._library = self._open()
        self._index = VectorIndex(ENCODER.dimension, exact_below=EXACT_BELOW)
        self._library.load_index(self._index)
        # A file without an entry in the library, and an entry without a file, are the same to it.
        assert self._index.keys() == set(self._vectors.values())

    @rule()
    def open_a_reader(self):
        if self._reader is None:
            self._reader = self._open(writable=False)

    @rule()
    def close_the_reader(self):
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # What is always true

    @invariant()
    def it_holds_the_notes(self):
        for library in self._libraries():
            stored = library.stored()
            assert stored.keys() == self._notes.keys()
            for path, one in self._notes.items():
                told = stored[path]
                assert told == library.stored_one(path)
                assert (told.signature, told.hash) == (one.signature, one.hash)
                assert (told.folder, told.problem) == (one.folder, bool(one.problem))
                assert tuple(library.passages_of(path).values()) == one.texts
            below = {path for path in self._notes if path.startswith("/n/sub/")}
            assert library.stored(["/n/sub"]).keys() == below
            problems = {(path, one.problem) for path, one in self._notes.items() if one.problem}
            assert {(one.path, one.reason) for one in library.problems()} == problems

    @invariant()
    def it_counts_right(self):
        passages = [text for one in self._notes.values() for text in one.texts]
        embedded = [text for text in passages if text_hash(text) in self._vectors]
        missing = {text_hash(text) for text in passages} - self._vectors.keys()
        for library in self._libraries():
            counts = library.counts()
            assert (counts.notes, counts.passages) == (len(self._notes), len(passages))
            assert (counts.embedded, counts.embeddings) == (len(embedded), len(self._vectors))
            assert {row[0] for row in library.unembedded(1_000)} == missing
        for path, one in self._notes.items():
            told = [row[0] for row in self._library.unembedded_of(path)]
            assert told == [h for h in map(text_hash, one.texts) if h in missing]

    @invariant()
    def it_holds_the_vectors_and_means(self):
        texts_of = {text_hash(t): t for one in self._notes.values() for t in one.texts}
        for library in self._libraries():
            held = {
                int(k): v
                for keys, rows in library.vectors()
                for k, v in zip(keys, rows, strict=True)
            }
            assert held.keys() == set(self._vectors.values())
            for hashed, key in self._vectors.items():
                if hashed in texts_of:
                    expected = ENCODER.embed_query(texts_of[hashed]).astype(np.float16)
                    assert (held[key] == expected).all()
            ids, means = library.means()
            paths_of = dict(library.db.execute("SELECT id, path FROM notes"))
            told = {paths_of[note]: mean for note, mean in zip(ids, means, strict=True)}
            complete = {
                path: one for path, one in self._notes.items()
                if one.texts and all(text_hash(text) in self._vectors for text in one.texts)
            }  # fmt: skip
            assert told.keys() == complete.keys()
            for path, one in complete.items():
                expected = np.mean([ENCODER.embed_query(text) for text in one.texts], axis=0)
                assert np.dot(told[path], expected / np.linalg.norm(expected)) > 0.999

    @invariant()
    def its_words_are_those_of_the_notes(self):
        for library in self._libraries():
            for word in PLAIN:
                holding = {path for path, one in self._notes.items() if one.holds(word)}
                assert _matching(library, "words", word) == holding
            stems = ({"run", "running"}, {"bread", "breads"})
            for forms in stems:
                holding = {p for p, one in self._notes.items() if any(map(one.holds, forms))}
                for word in forms:
                    assert _matching(library, "note_stems", word) == holding
                    assert _matching(library, "stems", word) == holding

    @invariant()
    def it_finds_nothing_wrong_with_itself(self):
        wrong = damage(self._library, ENCODER)
        # Saved at one moment, and removed at another: that the index is made anew is no damage.
        assert [one for one in wrong if "index file" not in one] == []

    @invariant()
    def its_index_has_its_vectors(self):
        assert self._index.keys() == set(self._vectors.values())

    def _libraries(self):
        return [self._library, *([self._reader] if self._reader is not None else [])]


def _found(path, one):
    return Found(path, one.folder, Signature(one.time, one.time, 1, 1))


def _matching(library, table, word):
    held = "passages p ON p.id = w.rowid JOIN notes n ON n.id = p.note"
    notes = "notes n ON n.id = w.rowid"
    sql = f"SELECT path FROM {table} w JOIN {held if table == 'stems' else notes} WHERE {table} "
    return {row[0] for row in library.db.execute(f"{sql} MATCH ?", (word,))}


TestLibrary = LibraryMachine.TestCase
TestLibrary.settings = settings(max_examples=45, stateful_step_count=30)
