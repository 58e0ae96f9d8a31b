import itertools
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from notesearch.core.suggestion import Suggester, corrected

WORDS = {
    "library": 40, "liberty": 12, "librarian": 7, "docker": 90, "docket": 2, "kubernetes": 20,
    "python": 60, "python3": 9, "python2": 4, "search": 80, "embedding": 30, "accommodate": 3,
    "house": 50, "mouse": 60, "form": 70, "from": 200, "cafe": 5, "bread": 33, "the": 500,
    "version": 25, "parliament": 6, "trees": 2, "trams": 2, "ticket": 4, "wicked": 4,
    "東京大学": 3, "привет": 5, "x" * 200: 1, "": 1, "a": 900, "deadbeef01": 1, "v2024": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def suggester():
    return Suggester(WORDS.items())


@pytest.fixture(scope="module")
def large():
    """Make a vocabulary of realistic size, of syllables."""
    syllables = ["".join(p) for p in itertools.product("bdfgklmnprst", "aeiou")]
    chance = random.Random(5)
    terms = {"".join(chance.choices(syllables, k=chance.randint(2, 6))) for _ in range(250_000)}
    return {term: chance.randint(1, 500) for term in sorted(terms)}


@pytest.mark.parametrize(("typed", "meant"), [
    ("libary", "library"), ("librray", "library"), ("ilbrary", "library"), ("ibrary", "library"),
    ("dokcer", "docker"), ("Kubernets", "kubernetes"), ("kubrnets", "kubernetes"),
    ("embeding", "embedding"), ("acomodate", "accommodate"), ("seacrh", "search"),
    ("fomr", "form"), ("xbread", "bread"), ("Pythön", None), ("pyhton3", "python3"),
    ("brear", "bread"), ("првиет", "привет"), ("Cafè", None), ("caffe", "cafe"),
])  # fmt: skip
def test_a_mistyped_word_is_put_right(suggester, typed, meant):
    assert suggester.suggest(typed) == meant


@pytest.mark.parametrize("typed", [
    "", "a", "teh", "library", "LIBRARY", "xylophone", "python4", "python33", "12345",
    "v2025", "東京小学", "x" * 199, "libary card", "libary-card", "\ud800" * 5, "\0abcd",
    "deadbeef02",
])  # fmt: skip
def test_there_is_nothing_to_suggest(suggester, typed):
    assert suggester.suggest(typed) is None


def test_short_words_may_have_one_error_and_long_ones_two(suggester):
    assert suggester.suggest("huse") == "house"
    assert suggester.suggest("huss") is None
    assert suggester.suggest("parlimant") == "parliament"
    assert suggester.suggest("perlimant") is None


def test_two_errors_are_not_in_the_first_letter(suggester):
    assert suggester.suggest("xarliment") is None


def test_fewer_errors_come_first_then_slips_then_frequency():
    assert Suggester([("breads", 1), ("brexit", 900)]).suggest("brexds") == "breads"
    assert Suggester([("form", 1), ("for", 900), ("fork", 900)]).suggest("fomr") == "form"
    assert Suggester([("letter", 1), ("latter", 900)]).suggest("leter") == "letter"
    assert Suggester([("house", 1), ("horse", 90)]).suggest("hoise") == "horse"


def test_the_first_letters_count():
    assert Suggester([("mouse", 60), ("house", 50)]).suggest("housr") == "house"
    assert Suggester([("ticket", 4), ("wicket", 4)]).suggest("tickey") == "ticket"


def test_the_order_of_the_vocabulary_does_not_matter():
    terms = [("trams", 2), ("trees", 2), ("trend", 2)]
    assert {Suggester(p).suggest("trexs") for p in itertools.permutations(terms)} == {"trees"}
    pairs = [("bald", 3), ("band", 3), ("bard", 3)]
    assert {Suggester(p).suggest("baxd") for p in itertools.permutations(pairs)} == {"bald"}


def test_an_empty_library_suggests_nothing():
    assert Suggester([]).suggest("library") is None


@given(st.data())
def test_one_error_in_a_long_word_leads_to_a_word_as_near(large, data):
    suggester = _made(large)
    word = data.draw(st.sampled_from(sorted(large)[::97]).filter(lambda word: len(word) > 5))
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    typed = data.draw(st.sampled_from([
        word[:place] + letter + word[place:],
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ]))  # fmt: skip
    found = suggester.suggest(typed)
    if typed in large:
        assert found is None
    else:
        assert found in large
        assert OSA.distance(typed, found) == 1


@given(st.text(max_size=12))
def test_any_text_can_be_asked_for(text):
    found = Suggester(WORDS.items()).suggest(text)
    assert found is None or found in WORDS


def test_in_a_large_library_every_word_of_a_kind_is_compared(large):
    suggester = _made(large)
    chance = random.Random(6)
    for word in chance.sample(sorted(word for word in large if len(word) > 5), 20):
        typed = word[:3] + "q" + word[4:]
        near = min(OSA.distance(typed, term) for term in large)
        assert OSA.distance(typed, suggester.suggest(typed)) == near


_suggesters = {}


def _made(vocabulary):
    """Make it once: hypothesis asks for it often."""
    key = id(vocabulary)
    if key not in _suggesters:
        _suggesters[key] = Suggester(vocabulary.items())
    return _suggesters[key]


@pytest.mark.parametrize(("typed", "right"), [
    ("libary", "library"),
    ("Libary opening hours", "Library opening hours"),
    ("the libary, or the libary?", "the library, or the library?"),
    ("libary: dokcer", "library: docker"),
    ("libary-dokcer (libary)", "library-docker (library)"),
    ('"libary" libary', '"libary" library'),
    ("“the libary” libary", "“the libary” library"),
    ('libary "unclosed libary', 'library "unclosed library'),
    ("-libary libary", "-libary library"),
    ('-"libary dokcer" libary', '-"libary dokcer" library'),
    ("tag:libary libary", "tag:libary library"),
    ("-tag:libary #libary libary", "-tag:libary #libary library"),
    ('title:"the libary" libary', 'title:"the libary" library'),
    ("https://libary.org/libary libary", "https://libary.org/libary library"),
    ("my_libary libary2 libarys", "my_libary libary2 libarys"),
    ("libary OR  dokcer\t", "library OR  docker\t"),
    ("Líbary libáry", "Library library"),
    ("Li\u0301bary", "Library"),
    ("", ""),
    ("a\0b -", "a\0b -"),
])  # fmt: skip
def test_corrections_leave_all_else_as_it_was_typed(typed, right):
    assert corrected(typed, {"Libary": "library", "dokcer": "docker"}) == right


@given(st.text())
def test_without_corrections_a_text_stays(text):
    assert corrected(text, {}) == text
    assert corrected(text, {"libary": "library"}).replace("ibrary", "ibary") == text.replace(
        "ibrary", "ibary"
    )


@pytest.mark.parametrize(
    "text", ["a" * 2_000, "a-" * 1_000, '"' * 2_000, "a:" * 1_000, "-" * 2_000]
)
def test_no_text_takes_long(text):
    assert corrected(text, {"libary": "library"}) == text
