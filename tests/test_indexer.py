import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from notesearch.core import ignore, textfile
from notesearch.core import indexer as indexing
from notesearch.core.embedder import ModelError
from notesearch.core.indexer import Indexer
from notesearch.core.library import Library, Signature
from notesearch.core.notes import State
from notesearch.core.vectors import VectorIndex

FILES = {
    "Bread.md": "# Bread\n\nFlour and water.\n\n## Baking\n\nHot oven, long wait.",
    "Cats/Kitten.md": "A kitten chases the laser pointer.",
    "Cats/Vet.md": "The vaccination is due in spring.",
}


@pytest.fixture
def index(encoder):
    return VectorIndex(encoder.dimension)


@pytest.fixture
def make(library, index, encoder):
    """Make an indexer of the library for some folders."""
    made = []

    def one(*folders, **values):
        arguments = {"library": library, "index": index, "encoder": encoder} | values
        made.append(Indexer(**arguments, folders=folders, threads=2))
        return made[-1]

    yield one
    for indexer in made:
        indexer.close()


@pytest.fixture
def update(make, bring_up_to_date, encoder):
    """Bring the library up to date; returns the indexer and the texts embedded meanwhile."""

    def run(*folders, **values):
        indexer = make(*folders, **values)
        before = len(encoder.passages)
        bring_up_to_date(indexer)
        return indexer, encoder.passages[before:]

    return run


@pytest.fixture
def read_files(monkeypatch):
    """Record which files are read."""
    names = []
    original = textfile.read

    def read(path):
        names.append(path.name)
        return original(path)

    monkeypatch.setattr(textfile, "read", read)
    return names


def names(library):
    return sorted(Path(path).name for path in library.stored())


def set_time(path, seconds):
    os.utime(path, (seconds, seconds))


def keys_of(library):
    return [row[0] for row in library.db.execute("SELECT id FROM passages ORDER BY id")]


def test_the_first_run_reads_and_embeds_everything(vault, library, index, update):
    indexer, embedded = update(vault(FILES))
    assert names(library) == ["Bread.md", "Kitten.md", "Vet.md"]
    assert len(embedded) == len(index) == 4
    assert "Bread › Baking\nHot oven, long wait." in embedded
    progress = indexer.progress()
    assert (progress.state, progress.notes, progress.unread) == (State.CURRENT, 3, 0)
    assert (progress.passages, progress.embedded, progress.problems) == (4, 4, 0)
    assert progress.seconds_left == 0


def test_progress_tells_reading_from_embedding(vault, make):
    indexer = make(vault(FILES))
    indexer.scan()
    progress = indexer.progress()
    assert (progress.state, progress.notes, progress.unread) == (State.READING, 3, 3)
    while indexer.read_some():
        pass
    progress = indexer.progress()
    assert (progress.state, progress.passages, progress.embedded) == (State.EMBEDDING, 4, 0)
    indexer.embed_some()
    assert indexer.progress().embedded == 4


@pytest.mark.usefixtures("nothing_is_young")
def test_an_unchanged_folder_is_neither_read_nor_embedded(vault, update, read_files):
    folder = vault(FILES)
    update(folder)
    assert len(read_files) == 3
    assert update(folder)[1] == []
    assert len(read_files) == 3


def test_an_edit_embeds_only_the_passage_that_changed(vault, library, index, update):
    update(vault(FILES))
    folder = vault({"Bread.md": FILES["Bread.md"] + "\n\n## Eating\n\nWith butter."})
    assert update(folder)[1] == ["Bread › Eating\nWith butter."]
    vault({"Bread.md": FILES["Bread.md"].replace("water", "milk")})
    assert update(folder)[1] == ["Bread\nFlour and milk."]
    assert len(index) == library.counts().embeddings == 4


def test_a_moved_note_is_not_embedded_again(vault, library, update):
    folder = vault(FILES)
    update(folder)
    (folder / "Archive").mkdir()
    (folder / "Bread.md").rename(folder / "Archive" / "Other name.md")
    (folder / "Cats").rename(folder / "Pets")
    assert update(folder)[1] == []
    assert names(library) == ["Kitten.md", "Other name.md", "Vet.md"]


def test_a_note_titled_by_its_name_is_embedded_again_when_renamed(vault, update):
    folder = vault(FILES)
    update(folder)
    (folder / "Cats" / "Vet.md").rename(folder / "Cats" / "Doctor.md")
    assert update(folder)[1] == ["Doctor\nThe vaccination is due in spring."]


def test_a_deleted_note_vanishes_with_its_vectors(vault, library, index, update):
    folder = vault(FILES)
    update(folder)
    vault({"Bread.md": None})
    update(folder)
    assert names(library) == ["Kitten.md", "Vet.md"]
    assert len(index) == library.counts().embeddings == 2


def test_a_missing_folder_keeps_its_notes_and_says_so(vault, library, update, tmp_path):
    folder = vault(FILES)
    update(folder)
    shutil.move(folder, tmp_path / "away")
    indexer, _ = update(folder)
    assert len(library.stored()) == 3
    (problem,) = indexer.problems()
    assert problem.path == str(folder)
    assert indexer.progress().notes == 3
    shutil.move(tmp_path / "away", folder)
    indexer, embedded = update(folder)
    assert indexer.problems() == ()
    assert embedded == []


def test_a_folder_no_longer_chosen_is_forgotten(vault, library, update):
    one, two = vault({"a.md": "a"}, "one"), vault({"b.md": "b"}, "two")
    update(one, two)
    update(two)
    assert names(library) == ["b.md"]


def test_a_folder_that_cannot_be_listed_keeps_its_notes(vault, library, update, monkeypatch):
    folder = vault(FILES)
    update(folder)
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "Cats":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    indexer, _ = update(folder)
    assert len(library.stored()) == 3
    assert "Permission denied" in indexer.problems()[0].reason


def test_an_unreadable_file_is_a_problem_and_the_rest_goes_on(vault, library, update):
    folder = vault({**FILES, "Image.md": b"\x89PNG\r\n" + bytes(range(256)) * 8})
    indexer, _ = update(folder)
    (problem,) = indexer.problems()
    assert problem.path == str(folder / "Image.md")
    assert library.counts().notes == 4
    vault({"Image.md": "Text after all."})
    indexer, embedded = update(folder)
    assert indexer.problems() == ()
    assert embedded == ["Image\nText after all."]


def test_a_note_that_becomes_binary_is_forgotten_until_it_is_repaired(vault, library, update):
    folder = vault(FILES)
    update(folder)
    text = FILES["Cats/Vet.md"]
    vault({"Cats/Vet.md": bytes(5_000)})
    indexer, _ = update(folder)
    assert len(indexer.problems()) == 1
    assert library.counts().passages == 3
    vault({"Cats/Vet.md": text})
    indexer, embedded = update(folder)
    assert indexer.problems() == ()
    assert len(embedded) == 1


def test_a_file_that_was_understood_in_part_is_told_but_searchable(vault, update):
    folder = vault({"a.md": "Grüße".encode("latin-1"), "b.md": "---\ntitle: a: b\n---\ntext"})
    indexer, embedded = update(folder)
    assert [Path(p.path).name for p in indexer.problems()] == ["a.md", "b.md"]
    assert "a\nGrüße" in embedded


def test_the_newest_notes_come_first(vault, make, encoder):
    folder = vault({f"{name}.md": name for name in "abcdef"})
    for name, moment in zip("abcdef", (30, 60, 10, 50, 20, 40), strict=True):
        set_time(folder / f"{name}.md", moment)
    indexer = make(folder)
    indexer.scan()
    while indexer.read_some():
        pass
    order = []
    while indexer.embed_some():
        order += sorted(encoder.passages[len(order) :])
    assert [text[0] for text in order] == sorted("bdfa") + sorted("ec")


def test_reading_goes_in_short_steps_newest_first(vault, make, library, monkeypatch):
    monkeypatch.setattr(indexing, "READ_SECONDS", 1e-9)
    clock = iter(range(1_000))
    monkeypatch.setattr(indexing.time, "monotonic", lambda: next(clock) * 2e-9)
    folder = vault({f"{name}.md": name for name in "abc"})
    for name, moment in zip("abc", (1, 3, 2), strict=True):
        set_time(folder / f"{name}.md", moment)
    indexer = make(folder)
    indexer.scan()
    seen = []
    while indexer.read_some():
        seen.append(names(library))
    assert seen == [["b.md"], ["b.md", "c.md"], ["a.md", "b.md", "c.md"]]


def test_a_step_reads_a_note_even_where_its_time_was_over_before_it_began(
    vault, make, library, monkeypatch
):
    monkeypatch.setattr(indexing, "READ_SECONDS", -1.0)
    indexer = make(vault({f"{name}.md": name for name in "abc"}))
    indexer.scan()
    for count in (1, 2, 3):
        assert indexer.read_some()
        assert len(names(library)) == count
    assert not indexer.read_some()


def test_a_touched_file_is_not_cut_into_passages_again(vault, library, update):
    folder = vault(FILES)
    update(folder)
    before = keys_of(library)
    set_time(folder / "Bread.md", 1_000)
    assert update(folder)[1] == []
    assert keys_of(library) == before
    assert library.stored_one(str(folder / "Bread.md")).signature.mtime_ns == 1_000 * 10**9


def test_folders_inside_folders_hold_each_note_once(vault, library, update):
    folder = vault(FILES)
    update(folder / "Cats")
    _, embedded = update(folder, folder / "Cats")
    assert names(library) == ["Bread.md", "Kitten.md", "Vet.md"]
    assert len(embedded) == 2
    assert {one.folder for one in library.stored().values()} == {str(folder)}


def test_copies_are_embedded_once(vault, index, update):
    _, embedded = update(vault({"a/Same.md": "twice", "b/Same.md": "twice"}))
    assert embedded == ["Same\ntwice"]
    assert len(index) == 1


def test_the_floor_depends_on_the_notes_alone(vault, library, update, encoder, tmp_path):
    files = {f"{i}.md": f"topic{i} word{i % 7} thing{i % 3}" for i in range(60)}
    folder = vault(files)
    for i in range(60):
        set_time(folder / f"{i}.md", 1_000 + i)
    update(folder)
    other = vault(dict(list(files.items())[:10]), "other")
    second = Library(tmp_path / "second", encoder.identity, writable=True)
    index = VectorIndex(encoder.dimension)
    try:
        update(other, library=second, index=index)
        vault({**files, "extra.md": "opera singers"}, "other")
        update(other, library=second, index=index)
        vault({"extra.md": None}, "other")
        update(other, library=second, index=index)
        assert second.meta("floor") == library.meta("floor")
        assert second.meta("floor") is not None
    finally:
        second.close()


def test_what_was_done_before_an_interruption_is_not_done_again(vault, make, update, encoder):
    folder = vault({f"{i}.md": f"note number{i}" for i in range(20)})
    indexer = make(folder)
    indexer.scan()
    indexer.read_some()
    indexer.embed_some()
    indexer.embed_some()
    update(folder)
    assert len(encoder.passages) == len(set(encoder.passages)) == 20


def test_a_folder_that_moves_between_the_steps_is_not_embedded_twice(vault, make, update, encoder):
    folder = vault(FILES)
    update(folder)
    (folder / "Cats").rename(folder / "Pets")
    make(folder).scan()
    update(folder)
    assert len(encoder.passages) == 4


def test_a_file_that_vanishes_before_it_is_read_is_passed_over(vault, make, library):
    folder = vault(FILES)
    indexer = make(folder)
    indexer.scan()
    vault({"Bread.md": None})
    while indexer.read_some():
        pass
    assert names(library) == ["Kitten.md", "Vet.md"]
    assert indexer.problems() == ()


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_vector_that_is_no_direction_is_refused(vault, make, library, encoder, value):
    encoder.embed_passage = lambda _text: np.full(encoder.dimension, value, np.float32)
    indexer = make(vault(FILES))
    indexer.scan()
    indexer.read_some()
    with pytest.raises(ModelError):
        indexer.embed_some()
    assert library.counts().embeddings == 0


def test_a_large_library_is_searched_by_hnsw_and_serves_again(vault, library, encoder, update):
    folder = vault({f"{i}.md": f"alpha{i} beta{i * 7} gamma{i * 13}" for i in range(300)})
    index = VectorIndex(encoder.dimension, exact_below=200)
    update(folder, index=index)[0].save()
    assert index.approximate
    again = VectorIndex(encoder.dimension, exact_below=200)
    assert library.load_index(again)
    vault({f"{i}.md": None for i in range(150)})
    _, embedded = update(folder, index=again)
    assert embedded == []
    assert len(again) == 150
    assert not again.approximate
    vector = encoder.embed_query("alpha200 beta1400 gamma2600")
    assert again.search(vector, 1)[1][0] > 0.8


def test_one_note_that_cannot_be_taken_apart_does_not_stop_the_others(
    vault, library, update, monkeypatch
):
    real = indexing.read

    def read(text, stem, *args):
        if stem == "Odd":
            raise ZeroDivisionError
        return real(text, stem, *args)

    monkeypatch.setattr(indexing, "read", read)
    folder = vault({**FILES, "Odd.md": "x"})
    indexer, _ = update(folder)
    (problem,) = indexer.problems()
    assert problem.reason == "could not be understood (ZeroDivisionError)"
    assert library.counts().notes == 4


def test_a_hidden_folder_that_was_chosen_itself_is_read(vault, library, update):
    folder = vault({"a.md": "apple", ".private/b.md": "pear"})
    update(folder, folder / ".private")
    assert library.counts().notes == 2


# Changes that were hinted at -----------------------------------------------------------------


def test_a_hinted_change_is_read_at_once_and_embedded_before_all_others(vault, make, library):
    folder = vault({f"{n}.md": f"number{n}" for n in range(10)})
    indexer = make(folder)
    indexer.scan()
    vault({"3.md": "the three"})
    assert indexer.refresh({str(folder / "3.md")})
    assert names(library) == ["3.md"]
    assert indexer.urgent
    assert indexer.progress().unread == 9
    assert indexer.progress().notes == 10
    assert indexer.embed_some()
    assert not indexer.urgent
    assert library.counts().embedded == 1
    while indexer.read_some() or indexer.embed_some():
        pass
    assert indexer.progress().state is State.CURRENT
    assert indexer.progress().notes == 10


def test_a_change_within_the_same_tick_of_the_clock_is_found(vault, library, update, monkeypatch):
    folder = vault({"a.md": "# A\n\nfirst\n"})
    tick = time.time_ns()
    monkeypatch.setattr(
        ignore, "signature", lambda status: Signature(tick, tick, status.st_size, 1)
    )
    monkeypatch.setattr(indexing, "YOUNG_SECONDS", 60.0)
    update(folder)
    (folder / "a.md").write_text("# A\n\nlater\n", encoding="utf-8")
    update(folder)
    assert [*library.passages_of(str(folder / "a.md")).values()] == ["later"]


@pytest.mark.usefixtures("nothing_is_young")
def test_a_hint_at_nothing_new_is_no_change(vault, update):
    folder = vault(FILES)
    indexer, _ = update(folder)
    assert not indexer.refresh({str(folder / "Bread.md"), str(folder / "Cats"), "/elsewhere/x.md"})
    os.utime(folder / "Bread.md", (1, 1))
    assert indexer.refresh({str(folder / "Bread.md")})
    assert not indexer.urgent


def test_a_great_many_hinted_changes_wait_like_others_but_in_front(vault, make, library):
    folder = vault({f"{n:03}.md": f"number{n}" for n in range(200)})
    indexer = make(folder)
    indexer.scan()
    assert indexer.refresh({str(folder)})
    assert len(names(library)) == indexing.URGENT
    assert indexer.progress().unread == 200 - indexing.URGENT
    while indexer.embed_some() or indexer.read_some():
        pass
    assert library.counts().embedded == 200


def test_the_same_text_in_the_queue_and_in_a_hinted_note_is_embedded_once(vault, make, encoder):
    folder = vault({"a.md": "# Same\n\ntext", "b.md": "# Other\n\nwords"})
    indexer = make(folder)
    indexer.scan()
    while indexer.read_some():
        pass
    indexer._threads = 0
    indexer._texts = {}
    assert not indexer.embed_some()
    indexer._threads = 1
    vault({"c.md": "# Same\n\ntext"})
    assert indexer.refresh({str(folder / "c.md")})
    while indexer.embed_some():
        pass
    assert len(encoder.passages) == len(set(encoder.passages)) == 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Katze schläft auf dem Sofa, und draußen regnet es schon den ganzen Tag.", "German"),
        ("The cat sleeps on the sofa, and outside it has been raining all day long.", ""),
    ],
)
def test_a_library_in_a_language_that_the_model_does_not_know_is_told_so(
    vault, update, library, text, language
):
    indexer, _ = update(vault({f"{number}.md": f"{text} {number}\n" for number in range(25)}))
    assert library.meta("language") == language
    assert indexer.progress().language == language


def test_of_a_few_notes_no_language_is_said(vault, update, library):
    update(vault({"a.md": "Die Katze schläft auf dem Sofa, und draußen regnet es."}))
    assert not library.meta("language")


@pytest.fixture
def large(encoder):
    return VectorIndex(encoder.dimension, exact_below=5)


def write_many(vault):
    return vault({f"{n}.md": f"# Note {n}\n\nword{n} alone" for n in range(12)})


def test_an_index_that_finds_too_little_is_searched_more_widely(vault, update, large, monkeypatch):
    recalls = iter([0.5, 0.9, 0.97])
    monkeypatch.setattr(VectorIndex, "recall", lambda _: next(recalls))
    indexer, texts = update(write_many(vault), index=large)
    assert (large.approximate, len(texts)) == (True, 12)
    assert next(recalls, None) is None
    indexer.scan()
    while indexer.settle():
        pass
    assert large.approximate, "it is not measured again"


def test_an_index_that_nothing_helps_is_done_without_until_the_library_has_grown(
    vault, update, library, large, monkeypatch
):
    monkeypatch.setattr(VectorIndex, "recall", lambda _: 0.5)
    rebuilt = []
    monkeypatch.setattr(VectorIndex, "rebuild", lambda index: rebuilt.append(len(index)))
    folder = write_many(vault)
    update(folder, index=large)
    assert rebuilt == [12]
    assert not large.approximate
    assert len(large) == 12
    again = VectorIndex(64, exact_below=5)
    library.load_index(again)
    update(folder, index=again)
    assert not again.approximate
    assert rebuilt == [12]
    vault({f"more {n}.md": f"# More {n}\n\nother{n} alone" for n in range(8)})
    update(folder, index=again)
    assert rebuilt == [12, 20]


def test_recall_is_the_share_of_near_neighbours_that_are_found(monkeypatch):
    vectors = np.random.default_rng(1).standard_normal((400, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = VectorIndex(16, exact_below=100)
    assert index.recall() == 1.0
    index.extend(np.arange(1, 401), vectors.astype(np.float16))
    while index.build(100):
        pass
    assert index.recall() > 0.95
    search = index.search
    # As if of the ten nearest three were never found.
    monkeypatch.setattr(index, "search", lambda vector, count: search(vector, count - 3))
    assert index.recall() == pytest.approx(0.7, abs=0.02)


@pytest.mark.usefixtures("nothing_is_young")
def test_a_library_of_an_earlier_way_of_reading_is_read_anew_and_keeps_its_vectors(
    vault, library, update, read_files
):
    folder = vault(FILES)
    update(folder)
    library.db.execute("UPDATE passages SET line = 99")
    library.set_meta(reading=indexing.READING - 1)
    del read_files[:]
    assert update(folder)[1] == []
    assert sorted(read_files) == ["Bread.md", "Kitten.md", "Vet.md"]
    assert not library.db.execute("SELECT * FROM passages WHERE line = 99").fetchall()
    assert update(folder)[1] == []
    assert len(read_files) == len(FILES)
