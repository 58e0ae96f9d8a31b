import contextlib
import itertools
import os
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from notesearch.core.fusion import Ranking
from notesearch.core.library import ChosenFolder, Found, Signature
from notesearch.core.notes import Mode, Note, Passage, Strength
from notesearch.core.query import parse
from notesearch.core.searcher import QUICK_HITS, Searcher, is_identifier
from notesearch.core.tokens import fold

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
    # Of notes of one passage, which is all that they mean.
    short = [hit for hit in (*meaning.hits, *meaning.weak) if hit.title not in {"Long", "Garage"}]
    assert short
    assert all(hit.score == pytest.approx(max(hit.cosine, 0), abs=1e-3) for hit in short)


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
    for text in ("?!", '"', "- --", '""', "tag:none", "sourdough tag:none"):
        results = ask(text)
        assert (results.hits, results.weak) == ((), ())


def test_a_query_of_exclusions_alone_lists_the_other_notes(ask):
    results = ask("-sourdough", limit=50)
    assert set(titles(results.hits)) == {
        "New kitten", "Garage", "Server", "Security news", "Long",
    }  # fmt: skip
    assert results.weak == ()


def test_a_phrase_is_a_condition(ask):
    results = ask('bread "knead the dough"')
    assert titles([*results.hits, *results.weak]) == ["Sourdough"]
    for text in ('"knead dough"', '"no such phrase"', 'sourdough "knead dough"'):
        assert ask(text).hits == ()


def test_without_a_phrase_that_is_nowhere_there_are_weak_matches_that_fulfil_the_rest(ask):
    results = ask('sourdough "knead dough" -keyboard', limit=50)
    assert results.hits == ()
    assert set(titles(results.weak)) >= {"Sourdough", "Baking day"}
    assert "New kitten" not in titles(results.weak)
    assert {hit.strength for hit in results.weak} == {Strength.WEAK}
    nothing = ask('sourdough "knead dough" tag:none', limit=50)
    assert (nothing.hits, nothing.weak) == ((), ())


def test_an_unfinished_word_finds_what_it_begins(ask):
    assert titles(ask("keyb", typing=True, mode=Mode.WORDS).hits) == ["New kitten"]
    assert titles(ask("keyb", mode=Mode.WORDS).hits) == []


def test_a_growing_word_finds_notes_with_rare_completions(indexed, vault):
    files = {f"{n}.md": f"# T{n}\n\nprogram{n:02} text" for n in range(60)}
    searcher = indexed(vault(files)).searcher
    for mode in (Mode.WORDS, Mode.BOTH):
        results = searcher.search(parse("progr", typing=True), limit=100, mode=mode)
        assert len(results.hits) + len(results.weak) == 60
        assert titles(searcher.search(parse("program37", typing=True), limit=5).hits)[0] == "T37"
    condition = searcher.search(parse('"T59" progr', typing=True), limit=100, mode=Mode.WORDS)
    assert titles((*condition.hits, *condition.weak)) == ["T59"]


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
    # Where the phrases are nowhere, what is near is offered as weak.
    shown = [*results.hits, *results.weak] if expected else results.hits
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


@pytest.mark.parametrize("mode", Mode)
def test_an_answer_survives_notes_being_read_again_meanwhile(vault, indexed, mode):
    """Between any two statements of a search a note that is found is replaced by a newer one."""
    folder = vault({f"{n}.md": f"# N{n}\n\napple pear\n\n## B\n\nplum" for n in range(5)})
    library, _, searcher = indexed(folder)
    texts = itertools.cycle(["apple pear", "plum apple", "pear"])

    def replace(_sql):
        (path, folder_) = library.db.execute("SELECT path, folder FROM notes").fetchone()
        note = Note("N", passages=tuple(Passage("", next(texts), 1, 1, 0, 9) for _ in range(3)))
        signature = Signature(1, 1, 1, 1)
        library.put(Found(path, folder_, signature), b"new", note, [b"a", b"b", b"c"])

    for text in ("apple", "apple pear plum", "apple -zebra", "in:notes pear"):
        for _ in range(3):
            searcher._db.set_trace_callback(replace)
            results = searcher.search(parse(text), limit=5, mode=mode)
            searcher._db.set_trace_callback(None)
            assert len(results.hits) + len(results.weak) >= 4


@pytest.mark.parametrize(
    "text", ["apple", "apple pear", "apple -zebra", "in:notes pear", "in:notes"]
)
def test_an_answer_survives_a_note_being_forgotten_meanwhile(vault, indexed, text):
    """Before each statement of a search in turn a note that is found goes away."""
    folder = vault({f"{n:02}.md": f"# N{n}\n\napple pear" for n in range(60)})
    library, _, searcher = indexed(folder)
    paths = sorted(library.stored())
    for moment in range(30):
        statements = itertools.count()

        def forget(sql, moment=moment, statements=statements):
            # What FTS5 asks for itself belongs to one statement.
            if "'main'." not in sql and next(statements) == moment:
                library.forget([paths.pop()])

        searcher._db.set_trace_callback(forget)
        results = searcher.search(parse(text), limit=100)
        searcher._db.set_trace_callback(None)
        assert len(results.hits) + len(results.weak) >= len(paths)


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
        frozenset(),
        (),
    )
    hits = found.searcher.search(parse("apple"), limit=5).hits
    assert {hit.path: hit.available for hit in hits} == {"a.md": True, "b.md": False}


# What comes first -------------------------------------------------------------------------

NEARER = {
    "target.md": "---\ntitle: Red Bridge\naliases: [Old Crossing]\n---\n"
                 "Nothing but snow and ice, with XY-1234 on the sign, said the tall man.",
    "near1.md": "# Bridges\n\nred bridge red bridge bridge old crossing crossing 1234 xy tall",
    "near2.md": "# Crossings\n\nold crossing red bridge man tall sign 1234 1234 xy",
    **{f"other{n}.md": f"# Other {n}\n\nred old crossing bridge {n}" for n in range(20)},
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["red bridge", "Red  BRIDGE", "old crossing", "target", "XY-1234", "sign XY-1234 old crossing",
     '"said the tall man"', 'bridge "with XY-1234 on"'],
)  # fmt: skip
def test_what_is_named_comes_before_what_is_closer_in_meaning(indexed, vault, text):
    searcher = indexed(vault(NEARER)).searcher
    results = searcher.search(parse(text), limit=50)
    assert results.hits[0].path == "target.md"
    named = fold(text) in {"red bridge", "old crossing", "target"}
    assert results.hits[0].strength is Strength.STRONG or not named
    if '"' not in text:
        shown = (*results.hits, *results.weak)
        assert max(hit.cosine for hit in shown[1:]) > results.hits[0].cosine


def test_a_title_comes_before_an_identifier_that_others_hold(indexed, vault):
    files = {"a.md": "# v2.8.3\n\nshort", "b.md": "# Other\n\nv2.8.3 v2.8.3 v2.8.3 v2.8.3"}
    searcher = indexed(vault(files)).searcher
    assert titles(searcher.search(parse("v2.8.3"), limit=5).hits) == ["v2.8.3", "Other"]


@pytest.mark.parametrize(
    ("word", "identifier"),
    [("CVE-2024-1234", True), ("v2.8.3", True), ("snake_case", True), ("src/main.py", True),
     ("~/notes", True), ("/etc/hosts", True), ("main.py", True), ("COVID-19", True),
     ("IPv4", True), ("mp3", False), ("4th", False),
     ("read/write", False), ("well-known", False), ("2024", False),
     ("word.", False), ("e.g.", False), ("bread", False), ("C++", False), ("10", False)],
)  # fmt: skip
def test_what_counts_as_a_name(word, identifier):
    assert is_identifier(word) is identifier


@pytest.mark.parametrize(
    "text", ["sourdough vehicle keyboard", "patched hosts", "rockets fly", "salt -zebra", "kitten"]
)
def test_what_is_believed_does_not_change_the_order(found, encoder, text):
    orders, counts = [], []
    for floor in ("strict", "normal", "loose"):
        searcher = Searcher(found.searcher._library, found.index, encoder, floor=floor)
        results = searcher.search(parse(text), limit=50)
        shown = sorted([*results.hits, *results.weak], key=lambda hit: -hit.score)
        orders.append([(hit.path, hit.score) for hit in shown if hit.score > 0])
        for part in (results.hits, results.weak):
            paths = [hit.path for hit in part if hit.score > 0]
            assert paths == [path for path, _ in orders[-1] if path in paths]
        counts.append(len(results.hits))
    assert orders[0] == orders[1] == orders[2]
    assert counts == sorted(counts)


@pytest.fixture
def scored(found, encoder):
    """Rank with other weights than usual."""

    def ranked(**parts):
        searcher = Searcher(found.searcher._library, found.index, encoder, Ranking(**parts))
        query = parse("the sourdough loaf and an automobile")
        return searcher.rank(query, searcher.words.terms(query), Mode.BOTH, 50)

    return ranked


WEIGHTS = ["passage_meaning", "note_meaning", "passage_words", "note_words"]


def test_a_score_without_any_part_is_nothing(scored):
    found = scored(**dict.fromkeys(WEIGHTS, 0.0), pins=False)
    assert {one.score for one in found} == {0}


@pytest.mark.parametrize(
    ("weight", "part"),
    [("passage_meaning", "best_cosine"), ("note_meaning", "note_cosine"),
     ("passage_words", "passage_words"), ("note_words", "note_words")],
)  # fmt: skip
def test_a_score_of_one_part_is_that_part(scored, weight, part):
    found = scored(**dict.fromkeys(WEIGHTS, 0.0) | {weight: 0.2})
    assert found
    assert [one.score for one in found] == pytest.approx([getattr(one, part) for one in found])


@pytest.mark.parametrize("decisive", [True, False])
def test_a_score_is_the_sum_of_its_parts(scored, decisive):
    for one in scored(decisive=decisive):
        assert one.score == pytest.approx(
            0.5 * one.cosine + 0.2 * one.note_cosine
            + 0.15 * one.passage_words + 0.15 * one.note_words
        )  # fmt: skip


def test_words_are_as_decisive_as_the_best_passage_and_note_hold_of_them(scored):
    undecided = scored(decisive=False)
    assert max(one.passage_words for one in undecided) == pytest.approx(1)
    assert max(one.note_words for one in undecided) == pytest.approx(1)
    # No note holds "automobile" and the others.
    best = max(one.share for one in undecided)
    assert 0 < best < 0.99
    assert max(one.passage_words for one in scored()) == pytest.approx(best)
    assert max(one.note_words for one in scored()) == pytest.approx(best)


def test_without_pins_a_title_is_a_text_like_any_other(found, encoder):
    def pinned(*, pins):
        searcher = Searcher(found.searcher._library, found.index, encoder, Ranking(pins=pins))
        query = parse("sourdough")
        return [one.pinned for one in searcher.rank(query, ('"sourdough"',), Mode.BOTH, 50)]

    assert sorted(pinned(pins=True), reverse=True) == pinned(pins=True) != pinned(pins=False)
    assert set(pinned(pins=False)) == {0}


def test_a_note_that_is_partly_embedded_is_found(indexed, vault):
    folder = vault({
        "part.md": "# Part\n\nflour\n\n## B\n\nautomobile brakes\n\n## C\n\nxylophone music",
        "whole.md": "# Whole\n\nsomething else",
    })  # fmt: skip
    found = indexed(folder)
    db = found.library.db
    rows = db.execute("SELECT embeddings.id FROM embeddings JOIN passages USING (hash) WHERE "
                      "text NOT LIKE '%brakes%' AND text NOT LIKE 'something%'")  # fmt: skip
    for (key,) in rows.fetchall():
        db.execute("DELETE FROM embeddings WHERE id = ?", (key,))
        found.index.remove(key)
    db.execute("DELETE FROM means WHERE note = (SELECT id FROM notes WHERE title = 'Part')")
    search = found.searcher.search
    # By a word where there is no vector, by meaning where there is one, and under a condition.
    for text in ("xylophone", "vehicle", "vehicle -else", "flour in:notes", "brakes"):
        hit = search(parse(text), limit=5).hits[0]
        assert hit.path == "part.md"
        assert (hit.cosine > 0) == ("automobile" in hit.passage)


def test_a_condition_on_notes_without_vectors_is_no_error(indexed, vault):
    found = indexed(vault({"a.md": "# A\n\nflour", "b.md": "# B\n\nbread"}))
    db = found.library.db
    (key,) = db.execute("SELECT embeddings.id FROM embeddings JOIN passages USING (hash) "
                        "WHERE text = 'flour'").fetchone()  # fmt: skip
    db.execute("DELETE FROM embeddings WHERE id = ?", (key,))
    db.execute("DELETE FROM means WHERE note = (SELECT id FROM notes WHERE title = 'A')")
    found.index.remove(key)
    for mode in Mode:
        results = found.searcher.search(parse("flour title:a"), limit=5, mode=mode)
        assert titles((*results.hits, *results.weak)) == ["A"]


# Did you mean -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("sourdogh", "sourdough"),
        ("Sourdogh bread kyeboard", "Sourdough bread keyboard"),
        ("sourdogh -salt tag:none OR in:notes", "sourdough -salt tag:none OR in:notes"),
        ('"sourdogh" knead', ""),
        ("sourdough keyboard", ""),
        ("sourdoughs", ""),
        ("-sourdogh salt", ""),
        ("xylophone", ""),
        ("in:sourdogh salt", ""),
        ("CVE-2024-1235", ""),
        ("", ""),
    ],
)
def test_a_misspelt_word_is_put_right(ask, text, suggestion):
    for mode in Mode:
        assert ask(text, mode=mode).suggestion == suggestion


def test_a_word_that_is_still_growing_is_not_misspelt(ask):
    assert ask("sourdo", typing=True).suggestion == ""
    assert ask("sourdogh", typing=True).suggestion == "sourdough"
    assert ask("keybord sourdo", typing=True).suggestion == "keyboard sourdo"


def test_a_suggestion_changes_nothing_about_the_answer(ask, found):
    results = ask("salt keybord", limit=50)
    assert results.suggestion == "salt keyboard"
    query = parse("salt keybord")
    terms = found.searcher.words.terms(query)
    ranked = found.searcher.rank(query, terms, Mode.BOTH, 50)
    hits = [found.searcher.hit(one, terms) for one in ranked]
    shown = {hit.path: hit for hit in (*results.hits, *results.weak)}
    assert all(shown[hit.path].score == hit.score for hit in hits if hit.path in shown)
    assert next(hit.path for hit in hits if hit.path in shown) == "Sourdough.md"
    again = ask("salt keybord", limit=50)
    assert (again.hits, again.weak) == (results.hits, results.weak)


def test_a_suggestion_knows_the_words_of_now(indexed, vault, encoder, bring_up_to_date):
    from notesearch.core.indexer import Indexer  # noqa: PLC0415

    folder = vault({"a.md": "library"})
    found = indexed(folder)
    assert found.searcher.search(parse("xylophnoe"), limit=5).suggestion == ""
    assert found.searcher.search(parse("libary"), limit=5).suggestion == "library"
    vault({"a.md": "xylophone"})
    with contextlib.closing(
        Indexer(found.library, found.index, encoder, [folder], threads=1)
    ) as indexer:
        bring_up_to_date(indexer)
    assert found.searcher.search(parse("xylophnoe"), limit=5).suggestion == "xylophone"
    assert found.searcher.search(parse("libary"), limit=5).suggestion == ""


def test_copies_share_the_row_of_the_best_of_them(indexed, vault):
    template = "- "
    folder = vault({"wanted.md": template, "z.md": template, "other.md": "wanted is a word here"})
    found = indexed(folder).searcher.search(parse("wanted"), limit=5)
    assert found.hits[0].path == "wanted.md"
    assert [copy.endswith("z.md") for copy in found.hits[0].copies] == [True]


def test_a_template_gives_way_to_a_note_that_says_it_itself(indexed, vault, encoder):
    days = {f"day{n}.md": f"# Day {n}\n\nGratitude today: thankful?\n" for n in range(6)}
    own = {"own.md": "# Own\n\nGratitude today: thankful? Indeed.\n"}
    library, index, _ = indexed(vault(days | own))

    def first(repeated):
        searcher = Searcher(library, index, encoder, Ranking(repeated=repeated, decisive=False))
        return searcher.search(parse("gratitude today thankful"), limit=3).hits[0].path

    assert first(0.0).startswith("day")
    assert first(Ranking().repeated) == "own.md"


def test_text_of_two_notes_is_no_template(indexed, vault, encoder):
    library, index, _ = indexed(
        vault({"a.md": "# A\n\nsame words\n", "b.md": "# B\n\nsame words\n"})
    )
    scores = [
        [hit.score for hit in Searcher(library, index, encoder, Ranking(repeated=repeated))
         .search(parse("same words"), limit=3).hits]
        for repeated in (0.0, 0.5)
    ]  # fmt: skip
    assert scores[0] == scores[1]


def test_copies_of_a_note_make_no_template_of_it(indexed, vault, encoder):
    files = {f"{n}.md": "---\ntitle: T\n---\nsame words\n" for n in range(4)}
    library, index, _ = indexed(vault(files | {"b.md": "# B\n\nother words\n"}))
    scores = [
        [hit.score for hit in Searcher(library, index, encoder, Ranking(repeated=repeated))
         .search(parse("same words"), limit=3).hits]
        for repeated in (0.0, 0.5)
    ]  # fmt: skip
    assert scores[0] == scores[1]


def test_an_interruption_at_any_moment_leaves_nothing_behind(vault, indexed, encoder):
    """What is half counted when something newer is asked must not decide later answers."""
    found = indexed(vault({
        f"{n}.md": f"# Note {n}\n\nThe dough rises, number {n}. {'Oil the chain. ' * (n % 3)}"
        for n in range(40)
    }))  # fmt: skip
    library, terms = found.searcher._library, ['"dough"', '"chain"']
    expected = found.searcher.words.weigh(terms)
    interrupted = 0
    for moment in range(1, 200):
        words = Searcher(library, found.index, encoder).words
        steps = itertools.count(1)
        library.db.set_progress_handler(lambda at=moment, steps=steps: next(steps) == at, 1)
        try:
            words.weigh(terms)
        except sqlite3.OperationalError:
            interrupted += 1
        library.db.set_progress_handler(None, 0)
        assert words.weigh(terms) == expected
    assert interrupted > 10


def test_a_glimpse_is_by_words_else_by_meaning_and_changes_no_later_answer(vault, indexed):
    searcher = indexed(vault({
        **{f"{n}.md": f"# Note {n}\n\nThe dough rises, number {n}." for n in range(40)},
        "Kitten.md": "# Kitten\n\nThe kitten sleeps.",
    })).searcher  # fmt: skip
    query = parse("dough", typing=True)
    whole = searcher.search(query, limit=50)
    glimpse = searcher.glimpse(query)
    assert 0 < len(glimpse.hits) <= QUICK_HITS < len(whole.hits)
    assert not glimpse.semantic
    assert not glimpse.weak
    assert {hit.path for hit in glimpse.hits} <= {hit.path for hit in whole.hits}
    assert searcher.search(query, limit=50).hits == whole.hits
    # No note has the word; the model knows that another one is near.
    by_meaning = searcher.glimpse(parse("feline"))
    assert by_meaning.semantic
    assert [hit.title for hit in by_meaning.hits] == ["Kitten"]
