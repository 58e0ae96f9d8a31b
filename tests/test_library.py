import contextlib
import datetime
import logging
import sqlite3
import threading

import numpy as np
import pytest

from notesearch.core import database
from notesearch.core import library as library_module
from notesearch.core.database import DATABASE, INDEX, DamagedError, LibraryError
from notesearch.core.library import Found, Library, Signature
from notesearch.core.notes import Note, Passage
from notesearch.core.vectors import VectorIndex

DIMENSION = 64


def note(title, *texts, **values):
    passages = tuple(Passage("Part", t, i + 1, i + 1, 0, len(t)) for i, t in enumerate(texts))
    return Note(title, passages=passages, **values)


def found(path, time=1):
    return Found(path, "/n", Signature(time, time, 1, 1))


def put(library, path, title, *texts, content=b"", **values):
    one = note(title, *texts, **values)
    library.put(found(path), content or path.encode(), one, [t.encode() for t in texts])


def vector(seed):
    value = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return value / np.linalg.norm(value)


def embed(library):
    rows = [(row[0], vector(len(row[0]))) for row in library.unembedded(1_000)]
    return library.put_vectors(list(dict(rows).items()))


def check_words(library):
    for table in ("stems", "note_stems", "words"):
        library.db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")


def matching(library, word):
    sql = (
        "SELECT path FROM words JOIN notes ON notes.id = words.rowid WHERE words MATCH ? "
        "ORDER BY path"
    )
    return [row[0] for row in library.db.execute(sql, (word,))]


def reopened(library, *, model=None, writable=True):
    return contextlib.closing(Library(library.folder, model or library.model, writable=writable))


def test_a_note_is_found_by_its_words_until_it_is_replaced(library):
    put(library, "/n/a.md", "Bread", "salt and flour", "water", tags=("baking",))
    assert matching(library, "flour") == matching(library, "water") == ["/n/a.md"]
    assert matching(library, "baking") == matching(library, "bread") == ["/n/a.md"]
    put(library, "/n/a.md", "Soup", "leeks", aliases=("Potage",), fields={"author": "Colette"})
    assert matching(library, "flour") == matching(library, "bread") == []
    assert matching(library, "potage") == matching(library, "colette") == ["/n/a.md"]
    check_words(library)
    assert library.counts().passages == 1


def test_the_values_of_all_fields_are_words(library):
    fields = {"year": 1984, "authors": ["Jane Doe", "Wei"], "series": "Tide", "draft": True}
    put(library, "/n/a.md", "A", "text", fields=fields)
    for word in ("1984", "doe", "wei", "tide"):
        assert matching(library, word) == ["/n/a.md"]
    assert matching(library, "true") == []


@pytest.mark.parametrize("text", [
    "", "\0 zero \0", "\x02 \x03", "ﬁ İ ß 𝔘", "x" * 100_000, "日本語 getElementById C++ 🎉",
    "\ue000",
])  # fmt: skip
def test_the_word_indexes_agree_with_the_tables_after_any_change(library, text):
    for round_ in range(3):
        for name in "abc":
            put(library, f"/n/{name}.md", f"{name}{round_} {text}", text, f"{text} {round_}")
        library.put_problem(found("/n/b.md"), "cannot be read")
        library.touch(found("/n/c.md", 9))
        check_words(library)
    library.forget(["/n/a.md", "/n/none.md"])
    check_words(library)
    library.forget(["/n/b.md", "/n/c.md"])
    check_words(library)
    assert library.counts().passages == 0


def facets(library):
    return sorted(library.db.execute("SELECT name, value FROM facets"))


def test_what_filters_ask_for_is_stored_until_the_note_is_replaced(library):
    fields = {"Status": "Done", "authors": ["Jane", "Zoë"], "empty": None}
    put(library, "/n/a.md", "A", "- [ ] do", tags=("Work/Café",), fields=fields)
    assert facets(library) == [
        ("field:authors", "jane"), ("field:authors", "zoe"), ("field:empty", ""),
        ("field:status", "done"), ("has", "task"), ("name", "a"), ("tag", "work/cafe"),
    ]  # fmt: skip
    put(library, "/n/a.md", "A", "text", tags=("x",))
    assert facets(library) == [("name", "a"), ("tag", "x")]
    library.forget(["/n/a.md"])
    assert facets(library) == []


def test_a_note_knows_where_it_is_and_when_it_was_made(library):
    def stored():
        return library.db.execute("SELECT place, created FROM notes").fetchall()

    put(library, "/n/Café/2024-05-31 Day.md", "A", "text")
    ((place, created),) = stored()
    assert place == "/n/cafe/2024-05-31 day.md"
    assert created == datetime.datetime(2024, 5, 31).timestamp()
    elsewhere = Found("/n/Café/2024-05-31 Day.md", "/n/Café", Signature(1, 1, 1, 1))
    library.put(elsewhere, b"x", note("A", "text"), [b"text"])
    assert stored() == [("/cafe/2024-05-31 day.md", created)]
    put(library, "/n/Café/2024-05-31 Day.md", "A", "text", fields={"created": "2001-02-03"})
    assert stored()[0][1] == datetime.datetime(2001, 2, 3).timestamp()


def test_a_note_has_a_mean_when_all_of_it_is_embedded(library):
    put(library, "/n/a.md", "A", "1", "22")
    put(library, "/n/b.md", "B", "333")
    library.put_vectors([(b"1", vector(1)), (b"333", vector(3))])
    ids, means = library.means()
    assert [library.db.execute("SELECT path FROM notes WHERE id = ?", (i,)).fetchone()[0]
            for i in ids] == ["/n/b.md"]  # fmt: skip
    assert means[0] == pytest.approx(vector(3), abs=1e-3)
    library.put_vectors([(b"22", vector(2))])
    ids, means = library.means()
    both = vector(1) + vector(2)
    assert len(ids) == 2
    assert means[ids.index(1)] == pytest.approx(both / np.linalg.norm(both), abs=1e-3)
    assert library.means([1])[0] == [1]
    assert library.means([])[0] == []
    put(library, "/n/a.md", "A", "4444")
    assert library.means()[0] == [2]
    put(library, "/n/a.md", "A", "22")
    assert library.means([1])[1][0] == pytest.approx(vector(2), abs=1e-3)
    library.forget(["/n/a.md", "/n/b.md"])
    assert library.means()[0] == []


def test_what_was_stored_is_told(library):
    put(library, "/n/a.md", "A", "one")
    stored = library.stored_one("/n/a.md")
    assert library.stored() == {"/n/a.md": stored}
    assert (stored.signature, stored.folder, stored.hash) == (
        Signature(1, 1, 1, 1),
        "/n",
        b"/n/a.md",
    )
    assert library.stored_one("/n/b.md") is None
    assert library.paths_of([b"/n/a.md", b"x"]) == {b"/n/a.md": ["/n/a.md"], b"x": []}


def test_an_unreadable_file_is_tried_again_and_keeps_what_was_read(library):
    library.put_problem(found("/n/new.md"), "denied")
    assert library.stored_one("/n/new.md").signature != Signature(1, 1, 1, 1)
    put(library, "/n/a.md", "A", "one")
    library.put_problem(found("/n/a.md", 2), "denied")
    assert [(p.path, p.reason) for p in library.problems()] == [
        ("/n/a.md", "denied"), ("/n/new.md", "denied"),
    ]  # fmt: skip
    assert matching(library, "one") == ["/n/a.md"]
    counts = library.counts()
    assert (counts.notes, counts.problems) == (2, 2)
    put(library, "/n/a.md", "A", "one")
    assert len(library.problems()) == 1


def test_identical_text_shares_one_vector(library):
    put(library, "/n/a.md", "A", "same", "other")
    put(library, "/n/b.md", "B", "same")
    assert len(embed(library)) == 2
    counts = library.counts()
    assert (counts.passages, counts.embedded, counts.embeddings) == (3, 3, 2)
    library.forget(["/n/a.md"])
    assert len(library.purge()) == 1
    assert library.counts().embedded == 1
    assert library.purge() == []


def test_vectors_outlive_their_text_until_purged(library):
    put(library, "/n/a.md", "A", "one")
    (key,) = embed(library)
    library.forget(["/n/a.md"])
    put(library, "/n/moved.md", "A", "one")
    assert library.unembedded(9) == []
    assert library.purge() == []
    library.forget(["/n/moved.md"])
    assert library.purge() == [key]


def test_keys_are_never_given_twice(library):
    put(library, "/n/a.md", "A", "one")
    (first,) = embed(library)
    library.forget(["/n/a.md"])
    library.purge()
    put(library, "/n/a.md", "A", "two")
    (second,) = embed(library)
    assert second > first


def test_newest_notes_are_embedded_first(library):
    for time, name in ((2, "b"), (3, "c"), (1, "a")):
        library.put(found(f"/n/{name}.md", time), b"h", note(name, name), [name.encode()])
    assert [row[1] for row in library.unembedded(2)] == ["c", "b"]


def test_vectors_come_back_as_they_were_stored(library):
    put(library, "/n/a.md", "A", "1", "22", "333")
    keys = embed(library)
    blocks = list(library.vectors(block=2))
    assert [key for block, _ in blocks for key in block.tolist()] == keys
    stored = np.concatenate([vectors for _, vectors in blocks])
    assert stored[2] == pytest.approx(vector(3), abs=1e-3)


def test_a_failed_change_leaves_nothing_behind(library):
    put(library, "/n/a.md", "A", "one")
    with pytest.raises(ValueError, match="shorter"):
        library.put(found("/n/a.md"), b"h", note("B", "two", "three"), [b"only one"])
    assert matching(library, "one") == ["/n/a.md"]
    assert matching(library, "two") == []
    check_words(library)


def test_a_reader_sees_what_the_writer_has_finished(library):
    with reopened(library, writable=False) as reader:
        put(library, "/n/a.md", "A", "one")
        assert matching(reader, "one") == ["/n/a.md"]
        with library.together():
            library.forget(["/n/a.md"])
            assert matching(reader, "one") == ["/n/a.md"]
        assert matching(reader, "one") == []


def test_a_reader_cannot_write(library):
    with reopened(library, writable=False) as reader, pytest.raises(sqlite3.OperationalError):
        reader.set_meta(x=1)


def test_a_library_is_kept_when_it_is_opened_again(library):
    put(library, "/n/a.md", "A", "one")
    with reopened(library) as again:
        assert matching(again, "one") == ["/n/a.md"]


def test_another_model_starts_the_library_anew(library):
    put(library, "/n/a.md", "A", "one")
    library.close()
    with reopened(library, model="other") as again:
        assert again.counts().notes == 0
        check_words(again)
    with pytest.raises(LibraryError, match="another version"):
        Library(library.folder, "third", writable=False)


def test_another_schema_starts_the_library_anew(library):
    put(library, "/n/a.md", "A", "one")
    library.set_meta(schema=-1)
    library.close()
    with reopened(library) as again:
        assert again.counts().notes == 0
        check_words(again)


def test_vectors_are_taken_along_into_another_schema_of_the_same_model(library):
    put(library, "/n/a.md", "A", "one", "three")
    embed(library)
    library.set_meta(schema=-1)
    library.close()
    with reopened(library) as again:
        assert again.counts().embeddings == 2
        put(again, "/n/a.md", "A", "one", "three")
        assert again.unembedded(9) == []
        assert again.means()[0] == [1]
        index = VectorIndex(DIMENSION)
        assert not again.load_index(index)
        assert len(index) == 2
        again.set_meta(schema=-1)
    with reopened(library, model="other") as again:
        assert again.counts().embeddings == 0
    assert sorted(file.name for file in library.folder.iterdir()) == [DATABASE]


def test_a_foreign_database_is_replaced(tmp_path):
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("CREATE TABLE notes (x)")
    db.close()
    with contextlib.closing(Library(tmp_path, "m", writable=True)) as library:
        assert library.counts().notes == 0


def test_a_file_that_is_no_database_is_made_anew_by_a_writer_alone(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"not a database at all " * 100)
    with pytest.raises(DamagedError, match="doctor --repair"):
        Library(tmp_path, "m", writable=False)
    with contextlib.closing(Library(tmp_path, "m", writable=True)) as library:
        assert "damaged" in library.mended
        assert library.counts().notes == 0
    with contextlib.closing(Library(tmp_path, "m", writable=True)) as library:
        assert library.mended == ""


def test_a_missing_library_is_not_made_by_a_reader(tmp_path):
    with pytest.raises(FileNotFoundError):
        Library(tmp_path / "none", "m", writable=False)
    assert not (tmp_path / "none").exists()


def test_a_library_cannot_be_where_a_file_is(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(LibraryError):
        Library(tmp_path / "file" / "library", "m", writable=True)


class TestVectorIndexFile:
    COUNT = 600

    @pytest.fixture
    def filled(self, library):
        put(library, "/n/a.md", "A", *("x" * i for i in range(1, self.COUNT + 1)))
        embed(library)
        return library

    def index(self, library):
        index = VectorIndex(DIMENSION, exact_below=500)
        from_file = library.load_index(index)
        while index.build(200):
            pass
        return index, from_file

    def test_it_serves_the_next_time(self, filled):
        index, from_file = self.index(filled)
        assert not from_file
        filled.save_index(index)
        again, from_file = self.index(filled)
        assert from_file
        assert len(again) == self.COUNT
        assert again.search(vector(7), 1)[0] == index.search(vector(7), 1)[0]

    def test_an_older_one_serves_and_has_the_vectors_that_came_since(self, filled):
        filled.save_index(self.index(filled)[0])
        put(filled, "/n/b.md", "B", "y" * 2_000)
        (key,) = embed(filled)
        index, from_file = self.index(filled)
        assert from_file
        assert index.search(vector(2_000), 1)[0].tolist() == [key]

    def test_an_older_one_serves_without_the_vectors_that_went_since(self, filled):
        filled.save_index(self.index(filled)[0])
        put(filled, "/n/a.md", "A", *("x" * i for i in range(1, self.COUNT)))
        (gone,) = filled.purge()
        index, from_file = self.index(filled)
        assert from_file
        assert len(index) == self.COUNT - 1
        assert not index.keys() & {gone}

    def test_one_that_lacks_too_much_does_not_serve(self, filled, monkeypatch):
        monkeypatch.setattr(library_module, "MAX_MISSING", 2)
        filled.save_index(self.index(filled)[0])
        put(filled, "/n/b.md", "B", *("y" * i for i in range(2_000, 2_003)))
        embed(filled)
        index, from_file = self.index(filled)
        assert not from_file
        assert len(index) == self.COUNT + 3

    def test_it_does_not_serve_when_it_is_damaged(self, filled, caplog):
        filled.save_index(self.index(filled)[0])
        file = filled.folder / INDEX
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 4
        file.write_bytes(data)
        assert not self.index(filled)[1]
        file.unlink()
        with caplog.at_level(logging.WARNING):
            index, from_file = self.index(filled)
        assert not from_file
        assert len(index) == self.COUNT

    def test_it_is_not_tried_again_after_a_crash(self, filled):
        filled.save_index(self.index(filled)[0])
        filled.set_meta(index_loading=1)
        index, from_file = self.index(filled)
        assert not from_file
        assert len(index) == self.COUNT
        filled.save_index(index)
        assert self.index(filled)[1]

    def test_a_reader_uses_it_too(self, filled):
        filled.save_index(self.index(filled)[0])
        with reopened(filled, writable=False) as reader:
            assert self.index(reader)[1]


def make_old(folder, vectors):
    """Turn a library into one of schema 1, as far as what is taken along of it goes."""
    with contextlib.closing(Library(folder, "model", writable=True)) as library:
        library.put_vectors([(bytes([n]) * 16, np.eye(4, dtype=np.float32)[0])
                             for n in range(vectors)])  # fmt: skip
        library.set_meta(schema=1)


def test_a_library_of_an_older_schema_keeps_its_vectors(tmp_path):
    make_old(tmp_path, 5)
    with contextlib.closing(Library(tmp_path, "model", writable=True)) as library:
        assert library.counts().embeddings == 5
        assert library.counts().notes == 0
    assert sorted(f.name for f in tmp_path.iterdir()) == ["library.db"]


def test_an_upgrade_that_breaks_off_loses_no_vector(tmp_path, monkeypatch):
    make_old(tmp_path, 5)

    def fail(*_):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(database, "_make", fail)
        with pytest.raises(LibraryError):
            Library(tmp_path, "model", writable=True)
    with contextlib.closing(Library(tmp_path, "model", writable=True)) as library:
        assert library.counts().embeddings == 5


def test_vectors_of_another_model_are_left_behind(tmp_path):
    make_old(tmp_path, 5)
    with contextlib.closing(Library(tmp_path, "other", writable=True)) as library:
        assert library.counts().embeddings == 0


def test_an_interrupt_at_any_moment_leaves_no_old_state_behind(library):
    reader = Library(library.folder, library.model, writable=False)
    done = threading.Event()

    def interrupt():
        while not done.is_set():
            reader.db.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        for _ in range(300):
            with contextlib.suppress(sqlite3.OperationalError), reader.snapshot():
                reader.db.execute("SELECT count(*) FROM notes").fetchone()
            assert not reader.db.in_transaction
    finally:
        done.set()
        thread.join()
        reader.close()


def pieces(library, table):
    return library.db.execute(f"SELECT count(DISTINCT segid) FROM {table}_idx").fetchone()[0]


def test_words_are_put_together_after_much_was_replaced(library, monkeypatch):
    monkeypatch.setattr(library_module, "MERGE_FROM", 20)
    monkeypatch.setattr(library_module, "MERGE_PAGES", 1)
    for again in range(2):
        assert not library.merge_words()
        for number in range(30):
            put(library, f"/n/{number}.md", f"Note {number}", f"{'flour ' * 50}{again} {number}")
    assert pieces(library, "stems") > 1
    steps = 0
    while library.merge_words():
        steps += 1
    assert steps >= len(library_module.WORD_INDEXES)
    assert [pieces(library, table) for table in library_module.WORD_INDEXES] == [1, 1, 1]
    check_words(library)
    assert len(matching(library, "flour")) == 30
    # A few that are replaced are left to SQLite.
    put(library, "/n/0.md", "Note", "water")
    assert not library.merge_words()
