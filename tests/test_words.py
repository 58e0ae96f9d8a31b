import contextlib
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.filters import Filters
from notesearch.core.library import Found, Library, Signature
from notesearch.core.notes import Note, Passage
from notesearch.core.query import parse
from notesearch.core.tokens import fold
from notesearch.core.words import MAX_COMPLETED, WordSearch

NASTY = [
    "C++", '"', '""', '"""', "foo-bar", "NEAR(", "NEAR(a b, 2)", "col:x", "title:x", "*", "a*",
    "\0", "a\0b", "^a", "-", "--", "-a", "- a", "{a b}: c", "a AND", "NOT", "OR", "a OR", "(", ")",
    "a + b", "'", "';--", "%", "_", "\\", "’", "日本語", "\ufffe", "é" * 500, "𞤀𞤁", '"𞤀"', "½ ²",
    "\x02 \x03", "-\"\"", '"a', 'a"b"c', "\ud800", "COVID-19", "👍🏽", "a" * 5_000,
    "tag:x", "-#a", "in:", "[a:b]", "a OR", "OR a", "a OR -b", "a OR tag:b", "C#", "getElementById",
    "日 OR 本", "Python入門", "ｶﾞ", "ข้าว", "\ue000", "\U000f0300", "\U00100000", "a_b*", "i OR İ",
]  # fmt: skip

FILES = {
    "Bread.md": "# Sourdough bread\n\nFlour, water and salt. The loaves rise overnight.",
    "Café.md": "---\naliases: [Coffee house, C++]\n---\nThe naïve waiter reads newspapers.",
    "Run.md": "# Running\n\nRunners run in running shoes; the librarian ran to the library.",
    "Codes.md": "# Codes\n\nCVE-2024-1234 and snake_case in v2.8.3 of src/main.py",
    "Common.md": "# Water\n\nwater water everywhere, salt and water",
}


@pytest.fixture
def found(indexed, vault):
    return indexed(vault(FILES))


@pytest.fixture
def words(found):
    return WordSearch(found.library)


@pytest.fixture
def titles(found):
    """Return the titles of notes."""

    def of(notes):
        sql = "SELECT title FROM notes WHERE id = ?"
        return [found.library.db.execute(sql, (note,)).fetchone()[0] for note in notes]

    return of


@pytest.fixture
def notes_of(found):
    """Return the notes that passages are of."""

    def of(passages):
        sql = "SELECT note FROM passages WHERE id = ?"
        return [found.library.db.execute(sql, (int(key),)).fetchone()[0] for key in passages]

    return of


@pytest.fixture
def allowed(found):
    """Return the notes that a query allows."""
    filters = Filters(found.library)
    return lambda text: filters.allowed(parse(text))


def every(library):
    return [row[0] for row in library.db.execute("SELECT id FROM notes")]


def ask_everything(library, words, text, *, typing=False):
    query = parse(text, typing=typing)
    terms = words.terms(query)
    allowed = Filters(library).allowed(query)
    notes = words.notes(terms, allowed, 100)
    assert all(score > 0 for score in notes.values())
    assert allowed is None or set(notes) <= allowed
    passages, scores = words.passages(terms, notes)
    assert len(passages) == len(scores)
    held = words.holding(terms, passages)
    assert set(held) == set(terms)
    shares = words.shares(terms)
    assert sum(shares.values()) == pytest.approx(1 if any(shares.values()) else 0)
    words.matches(terms, passages.tolist())
    words.beginning(query, allowed, 10)
    words.titled(query.text)
    words.completions(query.text)
    words.unknown(query)
    if query.words:
        words.named(query.words, 5)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:30])
def test_no_query_is_a_syntax_error(found, words, text):
    asked = [text, f"{text} bread", f"bread {text}", f'"{text}"', f"bread -{text}"]
    asked += [f"title:{text}", f"bread OR {text}", f"tag:x OR {text}", f"[{text}:{text}]"]
    for typed in asked:
        ask_everything(found.library, words, typed)
        ask_everything(found.library, words, typed, typing=True)


def test_any_text_can_be_asked(found, words):
    @given(st.text(max_size=60), st.booleans())
    def ask(text, typing):
        ask_everything(found.library, words, text, typing=typing)

    ask()


def test_stop_words_are_dropped_unless_they_are_all(words):
    assert words.terms(parse("what is the bread")) == ('"bread"',)
    assert words.terms(parse("to be")) == ('"to"', '"be"')


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("bread bread", ['"bread"']),
        ("bread OR salt", ['("bread" OR "salt")']),
        ("x bread OR salt y", ['"x"', '"y"', '("bread" OR "salt")']),
        ("the OR salt", ['("the" OR "salt")']),
        ('bread "the salt"', ['"bread"', '"the salt"']),
        ('the "salt"', ['"salt"']),
        ("bread tag:x -salt", ['"bread"']),
        ("tag:x OR bread", ['"bread"']),
        ("tag:x -salt", []),
    ],
)
def test_terms_are_words_choices_and_phrases(words, text, terms):
    assert words.terms(parse(text)) == tuple(terms)


def test_words_are_found_in_all_their_forms_best_first(words, titles):
    found = words.notes(words.terms(parse("run")), None, 10)
    assert titles(found) == ["Running"]
    found = words.notes(words.terms(parse("water salt")), None, 10)
    assert titles(found)[0] == "Water"
    scores = list(found.values())
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_the_limit_keeps_the_best_and_conditions_keep_all_that_is_allowed(words, allowed):
    terms = words.terms(parse("water salt"))
    everything = words.notes(terms, None, 10)
    assert list(words.notes(terms, None, 1).items()) == list(everything.items())[:1]
    assert words.notes(terms, frozenset(everything), 1) == everything
    assert list(words.notes(terms, frozenset(everything), 1)) == list(everything)
    assert words.notes(terms, allowed("-flour"), 1).items() < everything.items()
    assert words.notes((), None, 10) == words.notes(terms, frozenset(), 10) == {}


def test_passages_are_those_of_the_notes_that_hold_a_word(found, words, titles, notes_of):
    terms = words.terms(parse("water flour"))
    passages, scores = words.passages(terms, every(found.library))
    assert sorted(titles(notes_of(passages))) == ["Sourdough bread", "Water"]
    assert min(scores) > 0
    few, few_scores = words.passages(terms, notes_of(passages)[:1])
    assert few.tolist() == passages.tolist()[:1]
    assert few_scores.tolist() == scores.tolist()[:1]
    for nothing in (words.passages(terms, []), words.passages((), every(found.library))):
        assert [len(column) for column in nothing] == [0, 0]


def test_each_term_is_held_by_the_passages_with_it(found, words, titles, notes_of):
    terms = words.terms(parse("sourdough water zebra salt OR waiter"))
    passages, _ = words.passages(terms, every(found.library))
    held = {term: sorted(titles(notes_of(keys))) for term, keys in
            words.holding(terms, passages).items()}  # fmt: skip
    assert held == {
        '"sourdough"': ["Sourdough bread"], '"water"': ["Sourdough bread", "Water"],
        '"zebra"': [], '("salt" OR "waiter")': ["Café", "Sourdough bread", "Water"],
    }  # fmt: skip
    assert [len(keys) for keys in words.holding(terms, passages[:0]).values()] == [0] * 4


def test_a_share_is_the_weight_of_a_word_against_that_of_all(words):
    terms = words.terms(parse("sourdough water zebra"))
    shares = words.shares(terms)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares['"zebra"'] > shares['"sourdough"'] > shares['"water"'] > 0
    assert words.shares(('"water"',)) == {'"water"': 1}
    assert words.shares(()) == {}


def test_a_rare_word_weighs_more_than_a_common_one(words):
    terms = [f'"{word}"' for word in ("zebra", "flour", "water")]
    weights = words.weigh(terms)
    assert [holding for _, holding in weights.values()] == [0, 1, 2]
    assert [weight for weight, _ in weights.values()] == sorted(
        (weight for weight, _ in weights.values()), reverse=True
    )
    assert weights['"water"'][0] > 0


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café NAÏVE", "cafe naive"),
        ("Ελλάδα", "ελλαδα"),
        ("한국", "한국"),
        ("がくせい", "がくせい"),
    ],
)
def test_folding_takes_accents_off_letters_and_leaves_other_scripts_alone(text, folded):
    assert fold(text) == folded


def test_matches_point_at_the_words(words, found):
    terms = words.terms(parse("runs librarians NAIVE newspaper"))
    passages = words.passages(terms, every(found.library))[0].tolist()
    marked = set()
    for key, spans in words.matches(terms, passages).items():
        (text,) = found.library.db.execute(
            "SELECT text FROM passages WHERE id = ?", (key,)
        ).fetchone()
        marked |= {text[start:end] for start, end in spans}
    # The stemmer takes librarian and library for different words.
    assert marked == {"run", "running", "librarian", "naïve", "newspapers"}


def test_phrases_are_whole_words_unstemmed_without_accents(allowed, titles):
    def holding(phrase):
        return titles(allowed(f'"{phrase}"'))

    assert holding("naive WAITER") == ["Café"]
    assert holding("in running shoes") == ["Running"]
    assert holding("running shoe") == []
    assert holding("in run shoes") == []
    assert holding("ater") == []


def test_exclusions_take_the_note_away(allowed, titles):
    assert allowed("bread") is None
    assert sorted(titles(allowed('bread -water -"v2.8.3"'))) == ["Café", "Running"]


def test_an_unfinished_word_stands_for_those_it_begins(words):
    assert set(words.completions("runn")) == {"running", "runners"}
    assert words.completions("NEWSP") == ["newspapers"]
    assert words.completions("ru") == []
    assert words.completions("naï") == ["naive"]
    (term,) = words.terms(parse("newsp", typing=True))
    assert words.notes((term,), None, 10)


@pytest.mark.parametrize(
    ("typed", "word"),
    [("naï", "naive"), ("Ελλά", "ελλαδα"), ("трой", "тройка"), ("ёлк", "ёлка"), ("한국", None)],
)
def test_beginnings_in_any_script_are_completed(indexed, vault, typed, word):
    words = WordSearch(indexed(vault({"a.md": "naïve Ελλάδα тройка ёлка 한국어"})).library)
    assert not word or word in words.completions(typed)
    assert word or not words.completions(typed)
    terms = words.terms(parse(typed, typing=True))
    assert words.notes(terms, None, 10)


def test_completions_are_the_frequent_ones_and_never_in_too_many_notes(library):
    counts = {"probe": 3, "probable": 2, "probing": 1, "prose": MAX_COMPLETED}
    number = 0
    with library.together():
        for word, count in counts.items():
            for _ in range(count):
                number += 1
                put(library, f"/n/{number}.md", f"T{number}", word)
    words = WordSearch(library)
    assert words.completions("prob") == ["probe", "probable", "probing"]
    assert words.completions("pro") == ["prose"]
    assert words.completions("probes") == []


def put(library, path, title, text):
    note = Note(title, passages=(Passage("", text, 1, 1, 0, len(text)),))
    library.put(Found(path, "/n", Signature(1, 1, 1, 1)), path.encode(), note, [path.encode()])


def test_all_words_that_an_unfinished_one_begins_are_found_the_newest_notes_first(indexed, vault):
    folder = vault({f"{n}.md": f"text{n:02} and zz{n:02}" for n in range(30)})
    for n in range(30):
        os.utime(folder / f"{n}.md", (1_000 + n, 1_000 + n))
    library = indexed(folder).library
    words = WordSearch(library)
    paths = dict(library.db.execute("SELECT id, path FROM notes"))

    def begun(text, allowed=None, limit=50, *, typing=True):
        found = words.beginning(parse(text, typing=typing), allowed, limit)
        return [int(paths[note].rpartition("/")[2].removesuffix(".md")) for note in found]

    assert begun("text") == begun("and text") == list(range(29, -1, -1))
    assert begun("text", limit=3) == [29, 28, 27]
    some = [note for note, path in paths.items() if path.endswith(("/3.md", "/17.md"))]
    assert begun("text", frozenset(some)) == [17, 3]
    assert begun("text07") == [7]
    assert begun("zz") == []
    assert begun("text", typing=False) == begun("text ") == begun("-text") == []


def test_words_in_no_note_are_unknown(words):
    assert words.unknown(parse("sourdow bread")) == ("sourdow",)
    assert words.unknown(parse("runner RUNS naïve breads")) == ()
    assert words.unknown(parse("xyzzy1 the C++ x-y")) == ()
    assert words.unknown(parse("newsp", typing=True)) == ()
    assert words.unknown(parse("newsp")) == ("newsp",)
    assert words.unknown(parse('"sourdow" -bredd tag:nothing')) == ()


def test_the_vocabulary_is_all_words_unstemmed_and_in_how_many_notes_they_are(words):
    vocabulary = words.vocabulary()
    assert vocabulary["running"] == vocabulary["runners"] == 1
    assert vocabulary["water"] == 2
    assert vocabulary["cafe"] == vocabulary["naive"] == 1


@pytest.mark.parametrize(
    ("text", "title"),
    [("sourdough BREAD", "Sourdough bread"), ("bread", "Sourdough bread"), ("cafe", "Café"),
     ("coffee  house", "Café"), ("c++", "Café"), ("c", None), ("coffee", None), ("?", None),
     ("house c", None)],
)  # fmt: skip
def test_a_note_is_known_by_title_alias_and_file_name(words, titles, text, title):
    assert titles(words.titled(text)) == ([title] if title else [])


def test_a_title_is_known_however_many_others_hold_its_words(library):
    with library.together():
        for number in range(1_100):
            put(library, f"/n/{number}.md", f"Meeting {number}", "text")
        put(library, "/n/x.md", "Meeting", "text")
    (note,) = WordSearch(library).titled("meeting")
    assert library.db.execute("SELECT path FROM notes WHERE id = ?", (note,)).fetchone() == (
        "/n/x.md",
    )


@pytest.mark.parametrize("name", ["CVE-2024-1234", "snake_case", "v2.8.3", "src/main.py"])
def test_identifiers_are_held_to_the_letter(words, titles, name):
    assert titles(words.named([name], 5)) == ["Codes"]
    assert words.named([name, "zebra"], 5) == set()


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "Z"]), max_size=40))
def test_folding_is_stable(text):
    assert fold(fold(text)) == fold(text)
    assert not re.search(r"\s\s", fold(text))


def test_words_that_are_everywhere_are_found(indexed, vault):
    files = {f"{n}.md": f"everywhere half{n % 2} number{n}" for n in range(40)}
    library = indexed(vault(files)).library
    words = WordSearch(library)

    def found(text):
        query = parse(text)
        return list(words.notes(words.terms(query), Filters(library).allowed(query), 100))

    assert len(found("everywhere")) == len(found("everywhere number7")) == 40
    assert len(found("half1 number7")) == 20
    assert found("half1 number7")[0] == found("number7")[0]
    assert found('everywhere "number3"') == found("number3")


def test_what_another_connection_writes_is_found_and_weighed(indexed, vault):
    found = indexed(vault({"a.md": "apple", "b.md": "banana"}))
    with contextlib.closing(
        Library(found.library.folder, found.library.model, writable=False)
    ) as reader:
        words = WordSearch(reader)
        terms = words.terms(parse("apple"))
        assert len(words.notes(terms, None, 10)) == 1
        before = words.weigh(terms)
        put(found.library, "/n/c.md", "C", "apple pie")
        assert len(words.notes(terms, None, 10)) == 2
        assert words.weigh(terms)['"apple"'][1] == 2 == before['"apple"'][1] + 1
