import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.query import MAX_CHARACTERS, parse


@pytest.mark.parametrize(
    ("text", "words", "phrases", "excluded"),
    [
        ("bread and salt", ("bread", "and", "salt"), (), ()),
        ('"sea salt" bread', ("bread",), ("sea salt",), ()),
        ('bread -rye -"white flour"', ("bread",), (), ("rye", "white flour")),
        ("“sea salt”", (), ("sea salt",), ()),
        ('"not closed', ("not", "closed"), (), ()),
        ("well-known C++ a - b", ("well-known", "C++", "a", "b"), (), ()),
        ('- -- "" "?!" ++ _', (), (), ()),
        ("CVE-2024-1234 v2.8.3 snake_case", ("CVE-2024-1234", "v2.8.3", "snake_case"), (), ()),
        ('"two   spaces"', (), ("two spaces",), ()),
        ("", (), (), ()),
    ],
)
def test_a_query_is_parsed(text, words, phrases, excluded):
    query = parse(text)
    assert (query.words, query.phrases, query.excluded) == (words, phrases, excluded)
    assert query.text == text


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [("brea", True), ("brea ", False), ("salt brea", True), ("salt -brea", False),
     ('"brea', True), ('"bread"', False), ('salt "bread"', False), ("", False), ("salt ?", False)],
)  # fmt: skip
def test_the_last_word_is_unfinished_while_it_is_typed(text, unfinished):
    assert parse(text, typing=True).unfinished is unfinished
    assert not parse(text).unfinished


def test_a_pasted_page_is_cut():
    text = "word " * 10_000
    query = parse(text)
    assert query.text == text
    assert len(query.words) == MAX_CHARACTERS / 5
    assert len(query.meaning) == MAX_CHARACTERS


@given(st.text(), st.booleans())
def test_any_text_is_a_query(text, typing):
    query = parse(text, typing=typing)
    for term in (*query.words, *query.phrases, *query.excluded):
        assert any(c.isalnum() for c in term)
    assert not query.unfinished or query.words


def test_what_is_not_unicode_can_still_be_asked():
    query = parse("caf\udce9 bread")
    assert "bread" in query.words
    query.text.encode()
    assert all(word.encode() for word in query.words)
