import contextlib
import os
import re
import tempfile
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from notesearch.core.library import ChosenFolder
from notesearch.core.notes import Mode, Strength
from notesearch.core.query import parse
from notesearch.core.searcher import Searcher
from notesearch.core.words import fold

FILES = {
    "Sourdough.md": "# Sourdough\n\nFlour, water, salt. Knead the dough and wait.",
    "Baking.md": "# Baking day\n\nThe sourdough loaf rises. Sourdough needs time, sourdough wins.",
    "Kitten.md": "# New kitten\n\nThe kitten sleeps on the keyboard.",
    "Garage.md": "# Garage\n\nThe automobile has new brakes.\n\n## Costs\n\nThe invoice said 43.",
    "Server.md": "# Server\n\nPatched CVE-2024-1234 on the web host yesterday evening.",
    "Security.md": "# Security news\n\nCVE 2024 list: cve cve 1234 2024 patched patched hosts.",
    "Copy/Kitten.md": "# New kitten\n\nThe kitten sleeps on the keyboard.",
    "Long.md": "# Long\n\n" + "\n\n".join(f"## Part {i}\n\nrockets fly {i}" for i in range(30)),
}  # fmt: skip


@pytest.fixture
def found(indexed, vault):
    return indexed(vault(FILES))


@pytest.fixture
def ask(found):
    def one(text, *, limit=10, mode=Mode.BOTH, typing=False):
        return found.searcher.search(parse(text, typing=typing), limit=limit, mode=mode)

    return one


def titles(hits):
    return [hit.title for hit in hits]


def test_an_exact_title_comes_first(ask):
    results = ask("sourdough")
    assert titles(results.hits)[:2] == ["Sourdough", "Baking day"]
    assert results.hits[0].score < results.hits[1].score
    assert results.hits[0].strength is Strength.STRONG
    assert titles(ask("BAKING").hits)[0] == "Baking day"


def test_an_identifier_comes_first(ask):
    results = ask("patched hosts CVE-2024-1234")
    assert titles(results.hits)[0] == "Server"
    assert titles(ask("patched hosts").hits)[0] == "Security news"


def test_a_rare_exact_word_is_always_a_hit(ask):
    results = ask("anything at all about invoice")
    assert "Garage" in titles(results.hits)
    hit = results.hits[titles(results.hits).index("Garage")]
    assert (hit.heading, hit.line) == ("Costs", 7)
    assert [hit.passage[a:b] for a, b in hit.matches] == ["invoice"]


def test_meaning_finds_what_no_word_does(ask):
    results = ask("vehicle")
    assert titles(results.hits)[0] == "Garage"
    assert results.hits[0].words == 0
    assert titles(ask("vehicle", mode=Mode.WORDS).hits) == []


def test_an_off_topic_question_gets_no_hit_but_weak_ones(ask):
    results = ask("parliamentary elections")
    assert results.hits == ()
    assert results.weak
    assert all(hit.strength is Strength.WEAK for hit in results.weak)


def test_each_note_has_one_row(ask):
    results = ask("rockets fly", limit=50)
    every = titles([*results.hits, *results.weak])
    assert len(every) == len(set(every)) == len(FILES) - 1
    assert every[0] == "Long"


def test_identical_copies_share_a_row(ask):
    (hit,) = [hit for hit in ask("kitten").hits if hit.title == "New kitten"]
    assert {hit.path, Path(hit.copies[0]).relative_to(hit.folder).as_posix()} == {
        "Kitten.md", "Copy/Kitten.md",
    }  # fmt: skip
    assert len(hit.copies) == 1
    assert hit.file.is_file()


def test_the_limit_bounds_hits_and_weak_ones(ask):
    everything = ask("sourdough kitten invoice", limit=50)
    for limit in (0, 1, 2, 3):
        results = ask("sourdough kitten invoice", limit=limit)
        assert results.hits == everything.hits[:limit]
        assert results.weak == everything.weak[:limit]


def test_each_half_can_answer_alone(ask, encoder):
    asked = len(encoder.queries)
    words = ask("sourdough", mode=Mode.WORDS)
    assert not words.semantic
    assert len(encoder.queries) == asked
    assert {hit.cosine for hit in words.hits} == {0}
    meaning = ask("sourdough", mode=Mode.MEANING)
    assert meaning.semantic
    assert {hit.words for hit in meaning.hits} == {0}
    assert [h.score for h in meaning.hits] == [h.cosine for h in meaning.hits]


def test_words_answer_without_a_model(found):
    results = Searcher(found.library, found.index, None).search(parse("sourdough"), limit=9)
    assert not results.semantic
    assert titles(results.hits) == ["Sourdough", "Baking day"]


def test_words_answer_before_there_are_vectors(vault, library, encoder):
    from notesearch.core.indexer import Indexer  # noqa: PLC0415
    from notesearch.core.vectors import VectorIndex  # noqa: PLC0415

    index = VectorIndex(encoder.dimension)
    with contextlib.closing(Indexer(library, index, encoder, [vault(FILES)], threads=1)) as one:
        one.scan()
        while one.read_some():
            pass
        searcher = Searcher(library, index, encoder)
        results = searcher.search(parse("sourdough"), limit=9)
        assert not results.semantic
        assert titles(results.hits) == ["Sourdough", "Baking day"]
        one.embed_some()
        results = searcher.search(parse("sourdough"), limit=9)
        assert results.semantic
        assert titles(results.hits)[:2] == ["Sourdough", "Baking day"]


def test_the_order_does_not_depend_on_the_floor(found, ask):
    orders = []
    for floor in (0.25, 0.35, 0.45):
        found.library.set_meta(floor=floor)
        results = ask("sourdough vehicle keyboard", limit=50)
        # Scores below zero are shown as zero.
        ranked = sorted([*results.hits, *results.weak], key=lambda hit: -hit.score)
        orders.append([(hit.path, hit.score) for hit in ranked if hit.score > 0])
        for part in (results.hits, results.weak):
            paths = [hit.path for hit in part if hit.score > 0]
            assert paths == [path for path, _ in orders[-1] if path in paths]
    assert orders[0] == orders[1] == orders[2]


def test_a_higher_floor_makes_more_of_them_weak(found, ask):
    found.library.set_meta(floor=0.01)
    low = ask("vehicle", limit=50)
    found.library.set_meta(floor=0.99)
    high = ask("vehicle", limit=50)
    assert len(low.hits) > len(high.hits) == 0


def test_a_query_without_anything_to_find_finds_nothing(ask):
    for text in ("", "   ", "?!", "-sourdough", '"'):
        results = ask(text)
        assert (results.hits, results.weak) == ((), ())


def test_a_phrase_is_a_condition(ask):
    results = ask('bread "knead the dough"')
    assert titles([*results.hits, *results.weak]) == ["Sourdough"]
    results = ask('"knead dough"')
    assert (results.hits, results.weak) == ((), ())


def test_an_unfinished_word_finds_what_it_begins(ask):
    assert titles(ask("keyb", typing=True, mode=Mode.WORDS).hits) == ["New kitten"]
    assert titles(ask("keyb", mode=Mode.WORDS).hits) == []


def test_ties_are_always_in_the_same_order(indexed, vault):
    files = {f"{i}.md": f"---\nid: {i}\n---\n# Same\n\nequal words" for i in range(20)}
    found = indexed(vault(files))
    answers = [found.searcher.search(parse("equal words"), limit=20).hits for _ in range(3)]
    assert len(answers[0]) == 20
    assert len({hit.score for hit in answers[0]}) == 1
    assert answers[0] == answers[1] == answers[2]
    few = found.searcher.search(parse("equal words"), limit=5).hits
    assert few == answers[0][:5]


def test_hnsw_gives_the_answers_of_exact_search(indexed, vault):
    folder = vault({f"{i}.md": f"# T{i}\n\nalpha{i % 9} beta{i % 11} num{i}" for i in range(120)})
    exact, fast = indexed(folder), indexed(folder, exact_below=50)
    assert fast.index.approximate
    assert not exact.index.approximate
    for text in ("alpha3 beta4", "num77", 'beta2 -alpha1 "num13"', "nothing of the kind"):
        one, other = (i.searcher.search(parse(text), limit=10) for i in (exact, fast))
        assert one.hits == other.hits
        assert one.weak == other.weak


VOCABULARY = ["salt", "Säle", "sale", "running", "run", "c3po", "snow"]
texts = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8)
phrases = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=2)


def holds(words, phrase):
    words, phrase = [fold(w) for w in words], [fold(w) for w in phrase]
    return any(words[i : i + len(phrase)] == phrase for i in range(len(words)))


@settings(max_examples=30)
@given(
    notes=st.lists(texts, min_size=1, max_size=6),
    wanted=st.lists(phrases, min_size=1, max_size=2),
    unwanted=st.lists(phrases, max_size=2),
)
def test_phrases_and_exclusions_equal_brute_force(open_indexed, notes, wanted, unwanted):
    quoted = [f'"{" ".join(p)}"' for p in wanted] + [f'-"{" ".join(p)}"' for p in unwanted]
    expected = {
        f"note{i}.md"
        for i, words in enumerate(notes)
        if all(holds(words, p) for p in wanted) and not any(holds(words, p) for p in unwanted)
    }
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / "notes"
        folder.mkdir()
        for i, words in enumerate(notes):
            (folder / f"note{i}.md").write_text(" ".join(words), encoding="utf-8")
        with open_indexed(Path(where) / "library", [folder], FakeEmbedder()) as found:
            results = found.searcher.search(parse(" ".join(quoted)), limit=50)
    shown = [*results.hits, *results.weak]
    paths = [Path(p).name for hit in shown for p in (hit.path, *hit.copies)]
    assert sorted(paths) == sorted(expected)
    assert all(0 <= value <= 1 for hit in shown for value in (hit.score, hit.words))
    for hit in shown:
        for start, end in hit.matches:
            assert re.fullmatch(r"\w+( \w+)*", hit.passage[start:end])


def test_words_are_weighed_at_one_moment_while_somebody_else_writes(vault, indexed):
    """Another connection commits between any two statements of a search."""
    folder = vault({f"{n}.md": f"apple pear plum word{n}" for n in range(30)})
    library, _, searcher = indexed(folder)
    for number in range(50):
        library.set_meta(tick=number)
        searcher._db.set_trace_callback(lambda _sql: library.set_meta(tick=-1))
        results = searcher.search(parse("apple pear plum"), limit=5)
        searcher._db.set_trace_callback(None)
        assert len(results.hits) == 5


def test_the_recent_notes_come_newest_first_copies_once(indexed, vault):
    folder = vault({"a.md": "# A\n\none\n\n## B\n\ntwo", "b.md": "b", "c.md": "c", "d.md": "c"})
    for seconds, name in enumerate(("c.md", "a.md", "d.md", "b.md")):
        os.utime(folder / name, (1_000 + seconds, 1_000 + seconds))
    searcher = indexed(folder).searcher
    recent = searcher.recent(parse(""), 10)
    assert [hit.path for hit in recent.hits] == ["b.md", "d.md", "a.md"]
    assert [hit.strength for hit in recent.hits] == [None] * 3
    assert recent.hits[2].passage == "one"
    assert [hit.path for hit in searcher.recent(parse(""), 1).hits] == ["b.md"]


def test_a_match_by_meaning_is_found_below_any_number_of_weak_matches_by_words(indexed, vault):
    # The fake model does not see words of two letters.
    files = {f"{n}.md": f"# N{n}\n\nthe journal of day {n}, zq zq" for n in range(600)}
    files["car.md"] = "# Other\n\nvehicle"
    searcher = indexed(vault(files)).searcher
    results = searcher.search(parse("automobile zq unknownword"), limit=10)
    assert [hit.path for hit in results.hits] == ["car.md"]
    assert len(results.weak) == 10


def test_notes_of_a_folder_that_is_away_are_found_and_marked(indexed, vault):
    here, away = vault({"a.md": "apple"}), vault({"b.md": "apple pie"}, "away")
    found = indexed(here, away)
    away.rename(away.with_name("elsewhere"))
    found.library.put_folders(
        {
            str(here): ChosenFolder(there=True, device=1),
            str(away): ChosenFolder(there=False, device=1),
        },
        (),
    )
    hits = found.searcher.search(parse("apple"), limit=5).hits
    assert {hit.path: hit.available for hit in hits} == {"a.md": True, "b.md": False}
