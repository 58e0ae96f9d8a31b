import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core import words as words_module
from notesearch.core.query import parse
from notesearch.core.words import WordSearch, fold

NASTY = [
    "C++", '"', '""', '"""', "foo-bar", "NEAR(", "NEAR(a b, 2)", "col:x", "title:x", "*", "a*",
    "\0", "a\0b", "^a", "-", "--", "-a", "- a", "{a b}: c", "a AND", "NOT", "OR", "a OR", "(", ")",
    "a + b", "'", "';--", "%", "_", "\\", "’", "日本語", "\ufffe", "é" * 500, "𞤀𞤁", '"𞤀"', "½ ²",
    "\x02 \x03", "-\"\"", '"a', 'a"b"c', "\ud800", "COVID-19", "👍🏽", "a" * 5_000,
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
    def of(passages_or_notes, table="passages"):
        sql = {
            "passages": "SELECT title FROM passages JOIN notes ON notes.id = note "
                        "WHERE passages.id = ?",
            "notes": "SELECT title FROM notes WHERE id = ?",
        }[table]  # fmt: skip
        return [found.library.db.execute(sql, (k,)).fetchone()[0] for k in passages_or_notes]

    return of


def ask_everything(words, text, *, typing=False):
    query = parse(text, typing=typing)
    terms = words.terms(query)
    allowed = words.allowed(query)
    passages = words.candidates(terms, allowed)
    assert all(0 <= share <= 1.0001 for share in words.shares(terms, passages).values())
    words.matches(terms, passages)
    words.titled(query.text)
    words.completions(query.text)
    if query.words:
        words.holding(query.words)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text)[:30])
def test_no_query_is_a_syntax_error(words, text):
    for typed in (text, f"{text} bread", f"bread {text}", f'"{text}"', f"bread -{text}"):
        ask_everything(words, typed)
        ask_everything(words, typed, typing=True)


def test_any_text_can_be_asked(words):
    @given(st.text(max_size=60), st.booleans())
    def ask(text, typing):
        ask_everything(words, text, typing=typing)

    ask()


def test_stop_words_are_dropped_unless_they_are_all(words):
    assert words.terms(parse("what is the bread")) == ('"bread"',)
    assert words.terms(parse("to be")) == ('"to"', '"be"')


def test_words_are_found_in_all_their_forms_best_first(words, titles):
    found = words.candidates(words.terms(parse("run")), None)
    assert titles(found) == ["Running"]
    found = words.candidates(words.terms(parse("water salt")), None)
    assert titles(found)[0] == "Water"
    scores = list(found.values())
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_a_share_is_the_weight_of_the_words_that_are_held(words, titles):
    terms = words.terms(parse("sourdough water zebra"))
    passages = list(words.candidates(terms, None))
    shares = dict(zip(titles(passages), words.shares(terms, passages).values(), strict=True))
    assert 0 < shares["Water"] < shares["Sourdough bread"] < 1
    whole = words.terms(parse("flour water"))
    assert max(words.shares(whole, passages).values()) == pytest.approx(1)
    assert words.shares(terms, []) == {}
    assert set(words.shares((), passages).values()) == {0}


def test_a_rare_word_weighs_more_than_a_common_one(words):
    terms = [f'"{word}"' for word in ("zebra", "flour", "water")]
    weights = [weight for weight, _ in words._weigh(terms).values()]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[-1] > 0


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
    passages = list(words.candidates(terms, None))
    marked = set()
    for key, spans in words.matches(terms, passages).items():
        (text,) = found.library.db.execute(
            "SELECT text FROM passages WHERE id = ?", (key,)
        ).fetchone()
        marked |= {text[start:end] for start, end in spans}
    # The stemmer takes librarian and library for different words.
    assert marked == {"run", "running", "librarian", "naïve", "newspapers"}


def test_phrases_are_whole_words_unstemmed_without_accents(words, titles):
    def holding(phrase):
        return titles(words.allowed(parse(f'"{phrase}"')), "notes")

    assert holding("naive WAITER") == ["Café"]
    assert holding("in running shoes") == ["Running"]
    assert holding("running shoe") == []
    assert holding("in run shoes") == []
    assert holding("ater") == []


def test_exclusions_take_the_note_away(words, titles):
    assert words.allowed(parse("bread")) is None
    allowed = titles(words.allowed(parse('bread -water -"v2.8.3"')), "notes")
    assert sorted(allowed) == ["Café", "Running"]


def test_an_unfinished_word_stands_for_those_it_begins(words):
    assert set(words.completions("runn")) == {"running", "runners"}
    assert words.completions("NEWSP") == ["newspapers"]
    assert words.completions("ru") == []
    assert words.completions("naï") == ["naive"]
    (term,) = words.terms(parse("newsp", typing=True))
    assert words.candidates((term,), None)


@pytest.mark.parametrize(
    ("text", "title"),
    [("sourdough BREAD", "Sourdough bread"), ("bread", "Sourdough bread"), ("cafe", "Café"),
     ("coffee  house", "Café"), ("c++", "Café"), ("c", None), ("coffee", None), ("?", None)],
)  # fmt: skip
def test_a_note_is_known_by_title_alias_and_file_name(words, titles, text, title):
    assert titles(words.titled(text), "notes") == ([title] if title else [])


@pytest.mark.parametrize("name", ["CVE-2024-1234", "snake_case", "v2.8.3", "src/main.py"])
def test_identifiers_are_held_to_the_letter(words, titles, name):
    assert titles(words.holding([name])) == ["Codes"]
    assert words.holding([name, "zebra"]) == []


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "Z"]), max_size=40))
def test_folding_is_stable(text):
    assert fold(fold(text)) == fold(text)
    assert not re.search(r"\s\s", fold(text))


@pytest.fixture
def many(indexed, vault):
    files = {f"{n}.md": f"everywhere half{n % 2} number{n}" for n in range(40)}
    return WordSearch(indexed(vault(files)).library)


def candidates(words, text):
    return list(words.candidates(words.terms(parse(text)), None))


def test_common_words_alone_do_not_make_candidates_where_a_rare_one_is(many, monkeypatch):
    assert len(candidates(many, "half1 number7")) == 20
    monkeypatch.setattr(words_module, "COMMON", 10)
    many._asked = None
    assert len(candidates(many, "half1 number7")) == 1
    assert len(candidates(many, "half1")) == 20


def test_words_that_are_everywhere_are_found_without_being_ranked(many, monkeypatch):
    monkeypatch.setattr(words_module, "COMMON", 10)
    found = candidates(many, "everywhere")
    assert len(found) == 40
    assert found == sorted(found, reverse=True)
    query = parse('everywhere "number3"')
    allowed = many.allowed(query)
    assert list(many.candidates(many.terms(parse("everywhere")), allowed)) != found
