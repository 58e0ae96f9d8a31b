"""The threads, over real files, a real library and the fake model."""

import sqlite3
import threading
import time

import pytest
from fake_embedder import FakeEmbedder

from notesearch.core import memory, questions, upkeep
from notesearch.core.access import BusyError, Reader, Writer, library_folder
from notesearch.core.database import Database
from notesearch.core.embedder import ModelError
from notesearch.core.engine import Engine
from notesearch.core.notes import (
    Explanation,
    Failure,
    Outdated,
    Preview,
    Problem,
    Progress,
    Related,
    Results,
    Standing,
    State,
    Whereabouts,
)
from notesearch.paths import UserPaths
from notesearch.settings import Settings


class Listener:
    """Keeps what the engine says, and waits for a certain thing."""

    def __init__(self):
        self.messages = []
        self._came = threading.Condition()

    def __call__(self, message):
        with self._came:
            self.messages.append(message)
            self._came.notify_all()

    def wait_for(self, wanted, timeout=60.0):
        def found():
            return next((m for m in reversed(self.messages) if wanted(m)), None)

        with self._came:
            assert self._came.wait_for(lambda: found() is not None, timeout), self.messages[-5:]
            return found()

    def answers(self):
        return [m for m in self.messages if isinstance(m, Results)]


def is_current(message):
    return isinstance(message, Progress) and message.state is State.CURRENT


def answer_to(text):
    return lambda m: isinstance(m, Results) and m.query.text == text and m.final


def settings_for(*folders):
    return Settings(folders=tuple(map(str, folders)), threads=2)


@pytest.fixture
def user(tmp_path):
    return UserPaths(tmp_path / "data", tmp_path / "data", tmp_path / "data")


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(30):
        text = f"# Note {number}\n\nword{number} and a cat on the mat\n"
        (folder / f"n{number}.md").write_text(text, encoding="utf-8")
    (folder / "broken.md").write_bytes(b"\x89PNG\0\0\0\x0d" + bytes(300))
    return folder


@pytest.fixture
def started(user, notes):
    engines = []

    def start(load=FakeEmbedder, folders=(notes,)):
        listener = Listener()
        engine = Engine(user, load, settings_for(*folders), listener)
        engines.append(engine)
        engine.start()
        return engine, listener

    yield start
    for engine in engines:
        engine.stop()


def test_it_reads_everything_and_says_so(started):
    _, listener = started()
    progress = listener.wait_for(is_current)
    assert (progress.notes, progress.unread, progress.problems) == (31, 0, 1)
    assert progress.embedded == progress.passages > 0
    # They are told after the progress, and before it too, as far as they are known by then.
    problems = listener.wait_for(lambda m: isinstance(m, tuple) and len(m) > 0)
    assert [p.reason for p in problems] == ["holds binary data, not text"]


def test_it_answers_by_words_first_and_then_by_both(started):
    engine, listener = started()
    listener.wait_for(is_current)
    engine.search("word7", 5)
    final = listener.wait_for(answer_to("word7"))
    assert final.hits[0].title == "Note 7"
    assert final.semantic
    first, second = listener.answers()
    assert (first.final, first.semantic) == (False, False)
    assert first.hits[0].title == "Note 7"
    assert second is final


def test_a_newer_question_makes_older_ones_void(started):
    engine, listener = started()
    listener.wait_for(is_current)
    for number in range(200):
        engine.search(f"word{number % 30} cat", 5)
    engine.search("word3", 5)
    listener.wait_for(answer_to("word3"))
    assert listener.answers()[-1].query.text == "word3"
    assert len(listener.answers()) < 100


def test_the_last_question_is_always_answered(started):
    engine, listener = started()
    listener.wait_for(is_current)
    for number in range(60):
        engine.search(f"word{number % 30}", 3)
        engine.search(f"cat word{number % 30}", 3)
        listener.wait_for(answer_to(f"cat word{number % 30}"))


def test_a_question_asked_before_anything_is_read_is_answered(started):
    engine, listener = started()
    engine.search("cat", 5)
    listener.wait_for(answer_to("cat"))


def test_other_folders_and_changed_files_are_taken_up_by_a_refresh(started, tmp_path, notes):
    engine, listener = started()
    listener.wait_for(is_current)
    (notes / "n0.md").write_text("# Zero\n\nzebra\n", encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "giraffe.md").write_text("giraffe", encoding="utf-8")
    engine.apply(settings_for(notes, other))
    listener.wait_for(lambda m: is_current(m) and m.notes == 32)
    engine.search("giraffe", 5)
    assert listener.wait_for(answer_to("giraffe")).hits[0].title == "giraffe"
    engine.search("zebra", 5)
    assert listener.wait_for(answer_to("zebra")).hits[0].title == "Zero"
    engine.apply(settings_for(other))
    listener.wait_for(lambda m: is_current(m) and m.notes == 1)


def test_a_model_that_cannot_be_used_is_said(started):
    def refuse():
        raise ModelError("the model is damaged")

    _, listener = started(refuse)
    assert listener.wait_for(lambda m: isinstance(m, Problem)).reason == "the model is damaged"


def test_what_nobody_expected_is_logged_and_said(started, caplog):
    def explode():
        raise ZeroDivisionError("surprise")

    _, listener = started(explode)
    assert "unexpected" in listener.wait_for(lambda m: isinstance(m, Problem)).reason
    report = listener.wait_for(lambda m: isinstance(m, Failure)).report
    assert "ZeroDivisionError" in report
    assert "in explode" in report
    assert "surprise" not in report + caplog.text


class SlowEmbedder(FakeEmbedder):
    def embed_passage(self, text):
        time.sleep(0.02)
        return super().embed_passage(text)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3])
def test_stopped_at_any_moment_it_goes_on_where_it_was_and_embeds_nothing_twice(user, notes, delay):
    encoder, listener = SlowEmbedder(), Listener()
    engine = Engine(user, lambda: encoder, settings_for(notes), listener)
    engine.start()
    time.sleep(delay)
    engine.stop()
    # The first may have come to an end already; it is the second that is waited for.
    listener.messages.clear()
    engine = Engine(user, lambda: encoder, settings_for(notes), listener)
    engine.start()
    listener.wait_for(is_current)
    engine.stop()
    assert len(encoder.passages) == len(set(encoder.passages))


def test_search_goes_on_while_passages_are_embedded(started):
    engine, listener = started(SlowEmbedder)
    listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.EMBEDDING)
    engine.search("word5", 5)
    assert listener.wait_for(answer_to("word5")).hits[0].title == "Note 5"


def test_only_one_writes_and_the_other_says_so_and_still_answers(started, user, notes):
    encoder = FakeEmbedder()
    with Writer(user, encoder, [notes], threads=1) as writer:
        indexer = writer.indexer
        indexer.scan()
        while indexer.read_some() or indexer.embed_some() or indexer.settle():
            pass
        with pytest.raises(BusyError):
            Writer(user, encoder, [notes], threads=1)
        engine, listener = started()
        listener.wait_for(lambda m: isinstance(m, Progress) and m.state is State.ELSEWHERE)
        engine.search("word9", 5)
        assert listener.wait_for(answer_to("word9")).hits[0].title == "Note 9"
    listener.wait_for(is_current)


def test_at_rest_both_threads_let_go_of_memory_and_then_answer_as_before(started, monkeypatch):
    rested, let_go = [], Database.rest

    def rest(library):
        let_go(library)
        rested.append("writer" if library.writable else "reader")

    given_back = threading.Event()
    monkeypatch.setattr(Database, "rest", rest)
    monkeypatch.setattr(memory, "give_back", given_back.set)
    monkeypatch.setattr(upkeep, "REST_SECONDS", 0.2)
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(questions, "IDLE_SECONDS", 0.5)
    engine, listener = started()
    listener.wait_for(is_current)
    engine.search("cat word7", 10)
    before = listener.wait_for(answer_to("cat word7"))
    until = time.monotonic() + 60
    while not {"writer", "reader"} <= set(rested):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert given_back.wait(60)
    listener.messages.clear()
    engine.search("cat word7", 10)
    assert listener.wait_for(answer_to("cat word7")).hits == before.hits


def test_a_rest_comes_once_until_something_is_asked(monkeypatch):
    monkeypatch.setattr(questions, "IDLE_SECONDS", 0.01)
    asked = questions.Asked()
    assert isinstance(asked.get(), questions.Rest)
    later = threading.Timer(0.2, asked.put, [questions.Question("cat", 10, again=False)])
    later.start()
    assert asked.get() == questions.Question("cat", 10, again=False)
    later.join()
    assert isinstance(asked.get(), questions.Rest)
    asked.close()
    assert asked.get() is None


def test_a_reader_never_writes(user, notes):
    encoder = FakeEmbedder()
    with pytest.raises(FileNotFoundError):
        Reader(user, encoder)
    with Writer(user, encoder, [notes], threads=1):
        pass
    reader = Reader(user, encoder)
    with pytest.raises(sqlite3.OperationalError):
        reader.library.set_meta(x=1)
    reader.close()
    assert library_folder(user, encoder).is_dir()


def test_a_note_is_shown_and_then_explained(started):
    engine, listener = started()
    listener.wait_for(is_current)
    engine.search("cat", 10)
    hit = listener.wait_for(answer_to("cat")).hits[0]
    engine.preview(hit, "cat")
    why = listener.wait_for(lambda m: isinstance(m, Explanation))
    assert why.hit == hit
    kinds = [type(m) for m in listener.messages if isinstance(m, Preview | Explanation)]
    assert kinds == [Preview, Explanation]


def test_related_notes_and_a_missing_one_are_asked_for(started):
    engine, listener = started()
    listener.wait_for(is_current)
    engine.search("cat", 10)
    hit = listener.wait_for(answer_to("cat")).hits[0]
    engine.relate(hit)
    assert listener.wait_for(lambda m: isinstance(m, Related)).file == hit.file
    engine.find_out("cat", "nowhere at all")
    where = listener.wait_for(lambda m: isinstance(m, Whereabouts))
    assert where.standing is Standing.MISSING


def test_a_spelling_is_offered_after_the_answer_and_kept_when_it_is_asked_again(started, notes):
    (notes / "garden.md").write_text("The gardener sows.", encoding="utf-8")
    engine, listener = started()
    listener.wait_for(is_current)
    engine.search("gardner ", 10)
    listener.wait_for(lambda m: isinstance(m, Results) and m.suggestion)
    # By now it may have come: it is the first whole answer that is without it.
    assert next(filter(answer_to("gardner "), listener.messages)).suggestion == ""
    listener.messages.clear()
    engine.search("gardner ", 10, again=True)
    assert listener.wait_for(answer_to("gardner ")).suggestion.strip() == "gardener"


def test_a_language_that_the_model_does_not_know_is_told_in_the_same_session(
    started, notes, monkeypatch
):
    monkeypatch.setattr("notesearch.core.upkeep.SETTLE_SECONDS", 0.1)
    for number in range(60):
        text = f"Die Katze schläft auf dem Sofa, und draußen regnet es den Tag {number}."
        (notes / f"katze{number}.md").write_text(text, encoding="utf-8")
    _, listener = started()
    listener.wait_for(lambda m: isinstance(m, Progress) and m.language == "German")


def test_rows_that_are_not_as_on_the_disk_are_told_while_reading_is_paused(started, notes):
    engine, listener = started()
    listener.wait_for(is_current)
    engine.pause()
    engine.search("word7", 30)
    listener.wait_for(lambda m: isinstance(m, Outdated) and m.text == "word7")
    (notes / "n7.md").write_text("something else", encoding="utf-8")
    (notes / "n8.md").unlink()
    told = listener.wait_for(lambda m: isinstance(m, Outdated) and m.changed and m.gone)
    assert (told.text, told.changed, told.gone) == (
        "word7", frozenset([notes / "n7.md"]), frozenset([notes / "n8.md"]),
    )  # fmt: skip
    engine.resume()
    listener.wait_for(is_current)
    engine.search("word7", 30)
    listener.wait_for(lambda m: isinstance(m, Outdated) and not m.changed and not m.gone)
