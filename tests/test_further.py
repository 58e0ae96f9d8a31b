"""Further passages of a hit, what carried the meaning of rows, and matches by title alone."""

import threading
import time

import pytest
from fake_embedder import FakeEmbedder
from test_engine import Listener, answer_to, is_current, settings_for

from notesearch.core.engine import MAX_CARRIED, Engine
from notesearch.core.notes import Carried, Hit, Passages, Results
from notesearch.core.query import parse
from notesearch.core.searcher import LONG, MAX_FURTHER
from notesearch.paths import UserPaths

SECONDS = 60.0
"""Not to wait in vain for ever; a busy machine may take most of it."""
FILLER = " ".join(f"filler{i}" for i in range(30))


def section(heading, text):
    """A section that is a passage of its own for the fake model."""
    return f"## {heading}\n\n{text} {FILLER}\n\n"


def note(title, *sections):
    return f"# {title}\n\n" + "".join(section(f"Part {i}", text) for i, text in enumerate(sections))


def hits(found, text):
    return {hit.title: hit for hit in found.searcher.search(parse(text), limit=10).hits}


@pytest.fixture
def pantry(vault, indexed):
    return indexed(vault({
        "kitchen.md": note("Kitchen", "zwieback first", "nothing here", "zwieback again",
                           "zwieback at last"),
        "zwieback.md": note("Zwieback of old", "rusks", "toast", "zwieback by name"),
        "label.md": note("Marmalade jars", "shelf", "cellar"),
        "single.md": "# Single\n\nOne marzipan.\n",
        "tagged.md": "---\ntags: [gingerbread]\n---\n" + note("Tagged", "one", "two", "three"),
        "headed.md": "# Headed\n\n## Nougat\n\nsweet\n",
    }))  # fmt: skip


def test_passages_with_the_words_are_counted_besides_the_one_that_is_shown(pantry):
    assert hits(pantry, "zwieback")["Kitchen"].more == 2
    assert hits(pantry, "marzipan")["Single"].more == 0


def test_the_words_of_a_title_alone_count_for_no_passage(pantry):
    found = hits(pantry, "zwieback")["Zwieback of old"]
    assert found.more == 0 if "zwieback" in found.passage.lower() else found.more == 1
    assert hits(pantry, "marmalade")["Marmalade jars"].more == 0
    assert hits(pantry, "gingerbread")["Tagged"].more == 0


def test_where_a_great_many_would_have_to_be_looked_at_all_of_them_count(pantry, monkeypatch):
    monkeypatch.setattr("notesearch.core.searcher.MAX_DOUBTFUL", 1)
    assert hits(pantry, "marmalade")["Marmalade jars"].more > 1
    assert hits(pantry, "zwieback")["Kitchen"].more == 2


def test_passages_near_in_meaning_are_counted(vault, indexed):
    texts = ("automobile automobile", "vehicle vehicle", "weather")
    found = indexed(vault({
        "a.md": "# Trips\n\n" + "".join(f"## {i}\n\n{text} word\n\n" + FILLER + "\n\n"
                                        for i, text in enumerate(texts)),
        "b.md": "# Other\n\n" + FILLER,
    }))  # fmt: skip
    found.library.set_meta(floor=0.1)
    hit = hits(found, "car")["Trips"]
    assert (hit.matches, hit.words) == ((), 0.0)
    assert hit.more >= 1


def test_recent_notes_have_no_further_passages(pantry):
    recent = pantry.searcher.recent(parse(""), 10).hits
    assert len(recent) == 6
    assert not any(hit.more or hit.by_title for hit in recent)


def test_a_match_by_title_alone_is_said(pantry):
    assert hits(pantry, "marmalade")["Marmalade jars"].by_title
    assert hits(pantry, "marmalade jars")["Marmalade jars"].by_title
    # An exact title, whatever else the text says.
    assert hits(pantry, "kitchen")["Kitchen"].by_title
    assert not hits(pantry, "zwieback")["Kitchen"].by_title
    assert not hits(pantry, "marzipan")["Single"].by_title
    # The heading is where to open it.
    assert not hits(pantry, "nougat")["Headed"].by_title
    assert not hits(pantry, "gingerbread")["Tagged"].by_title


def test_the_ranking_is_the_same_whether_or_not_passages_are_counted(pantry):
    searcher = pantry.searcher
    for text in ("zwieback", "marmalade jars", "kitchen zwieback", '"zwieback again"'):
        query = parse(text)
        terms = searcher.words.terms(query)
        ranked = [one.passage for one in searcher.rank(query, terms, searcher.mode("both"), 10)]
        shown = searcher.search(query, limit=10)
        lines = [(hit.title, hit.line) for hit in (*shown.hits, *shown.weak)]
        by_id = dict(searcher._library.db.execute("SELECT id, line FROM passages").fetchall())
        assert sorted(line for _, line in lines) == sorted(by_id[one] for one in ranked)


# With the engine ----------------------------------------------------------------------------


class Held(FakeEmbedder):
    """Waits in each attribution until it is let go."""

    def __init__(self):
        super().__init__()
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()
        self.attributed = []

    def attribute(self, text, query):
        self.attributed.append(text)
        self.begun.set()
        assert self.go.wait(SECONDS)
        return super().attribute(text, query)


@pytest.fixture
def encoder():
    return Held()


@pytest.fixture
def live(tmp_path, vault, encoder):
    folder = vault({
        "kitchen.md": note("Kitchen", "zwieback first", "nothing here", "zwieback again",
                           "zwieback at last"),
        "long.md": note("Long", *(f"zwieback number {i}" for i in range(2 * LONG))),
        **{f"n{i}.md": f"# Note {i}\n\nzwieback in {i}\n" for i in range(20)},
    })  # fmt: skip
    listener, data = Listener(), tmp_path / "data"
    engine = Engine(UserPaths(data, data, data), lambda: encoder, settings_for(folder), listener)
    engine.start()
    listener.wait_for(is_current)
    yield engine, listener
    encoder.go.set()
    engine.stop()


def ask(engine, listener, text, limit=30):
    engine.search(text, limit)
    return {hit.title: hit for hit in listener.wait_for(answer_to(text)).hits}


def test_further_passages_come_as_they_stand_in_the_note(live):
    engine, listener = live
    hit = ask(engine, listener, "zwieback")["Kitchen"]
    engine.passages(hit, "zwieback")
    told = listener.wait_for(lambda m: isinstance(m, Passages))
    assert (told.text, told.file) == ("zwieback", hit.file)
    assert len(told.hits) == hit.more == 2
    lines = [one.line for one in told.hits]
    assert lines == sorted(lines)
    assert hit.line not in lines
    for one in told.hits:
        assert (one.path, one.title, one.modified) == (hit.path, hit.title, hit.modified)
        assert one.passage != hit.passage
        start, end = one.matches[0]
        assert one.passage[start:end] == "zwieback"
        assert one.heading.startswith("Part ")
        assert (one.more, one.by_title) == (0, False)
        assert 0 < one.score <= hit.score
        assert one.strength is not None


def test_of_a_long_note_the_best_are_listed(live):
    engine, listener = live
    hit = ask(engine, listener, "zwieback")["Long"]
    assert hit.more == 2 * LONG - 1
    engine.passages(hit, "zwieback")
    told = listener.wait_for(lambda m: isinstance(m, Passages))
    assert len(told.hits) == MAX_FURTHER
    assert [one.line for one in told.hits] == sorted(one.line for one in told.hits)


def test_a_note_that_has_gone_has_no_further_passages(live):
    engine, listener = live
    hit = ask(engine, listener, "zwieback")["Kitchen"]
    gone = Hit(**{name: getattr(hit, name) for name in hit.__slots__} | {"path": "gone.md"})
    engine.passages(gone, "zwieback")
    assert listener.wait_for(lambda m: isinstance(m, Passages)).hits == ()


def test_it_is_said_of_each_row_which_words_carried_its_meaning(live):
    engine, listener = live
    hits = list(ask(engine, listener, "rusk zwieback").values())
    near = [hit for hit in hits if hit.cosine > 0]
    assert len(near) > MAX_CARRIED
    engine.carry(hits, "rusk zwieback")
    listener.wait_for(lambda m: isinstance(m, Carried) and m.hit == near[MAX_CARRIED - 1])
    told = [m for m in listener.messages if isinstance(m, Carried)]
    assert [one.hit for one in told] == near[:MAX_CARRIED]
    for one in told:
        assert (one.text, one.cosine) == ("rusk zwieback", one.hit.cosine)
        best = max(one.carriers, key=lambda carrier: carrier.share)
        assert one.hit.passage[best.start : best.end] == "zwieback"


def test_other_questions_are_served_between_two_rows(live, encoder):
    engine, listener = live
    hits = list(ask(engine, listener, "zwieback").values())
    encoder.go.clear()
    engine.carry(hits, "zwieback")
    assert encoder.begun.wait(SECONDS)
    engine.passages(hits[0], "zwieback")
    engine.relate(hits[0])
    encoder.go.set()
    listener.wait_for(lambda m: isinstance(m, Carried) and m.hit == hits[MAX_CARRIED - 1])
    kinds = [type(m).__name__ for m in listener.messages]
    assert kinds.index("Passages") < kinds.index("Related")
    assert kinds.count("Carried") == MAX_CARRIED
    # After the row that was being looked at, before all others.
    assert kinds[: kinds.index("Related")].count("Carried") == 1


def test_another_question_makes_the_rows_of_the_last_one_void(live, encoder):
    engine, listener = live
    hits = list(ask(engine, listener, "zwieback").values())
    encoder.go.clear()
    engine.carry(hits, "zwieback")
    assert encoder.begun.wait(SECONDS)
    engine.search("filler1", 5)
    encoder.go.set()
    listener.wait_for(answer_to("filler1"))
    engine.carry(hits[:2], "filler1")
    listener.wait_for(lambda m: isinstance(m, Carried) and m.hit == hits[1])
    told = [m.text for m in listener.messages if isinstance(m, Carried)]
    assert told == ["zwieback", "filler1", "filler1"]


def test_a_newer_list_takes_the_place_of_an_older_one(live, encoder):
    engine, listener = live
    hits = list(ask(engine, listener, "zwieback").values())
    encoder.go.clear()
    engine.carry(hits, "zwieback")
    assert encoder.begun.wait(SECONDS)
    engine.carry(hits[3:5], "zwieback")
    encoder.go.set()
    listener.wait_for(lambda m: isinstance(m, Carried) and m.hit == hits[4])
    told = [m.hit for m in listener.messages if isinstance(m, Carried)]
    assert told == [hits[0], hits[3], hits[4]]


def test_rows_without_meaning_take_no_run_of_the_model(live, encoder):
    engine, listener = live
    engine.search("zwieback", 5)
    words = listener.wait_for(lambda m: isinstance(m, Results) and not m.semantic)
    listener.wait_for(answer_to("zwieback"))
    engine.carry(words.hits, "zwieback")
    until = time.monotonic() + SECONDS
    while engine._asked._wanted and time.monotonic() < until:
        time.sleep(0.01)
    engine.search("filler2", 5)
    listener.wait_for(answer_to("filler2"))
    assert encoder.attributed == []
    assert not any(isinstance(m, Carried) for m in listener.messages)
