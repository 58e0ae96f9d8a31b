import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.markdown import parse, plain


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One\n\ntext\n\n# Two", "One"),
        ("text first\n\n# One", "One"),
        ("One\n===\ntext", "One"),
        ("## Lower\n\n# One", ""),
        ("---\ntitle: Field\n---\n# One", "Field"),
        ("# **Bold** [link](x) `code`", "Bold link code"),
        ("# ", ""),
        ("no heading", ""),
        ("```\n# code\n```", ""),
    ],
)
def test_the_title_is_a_field_or_the_first_heading(text, title):
    assert parse(text).title == title


def test_headings_nest_and_the_title_is_none_of_them():
    document = parse("# T\n\na\n\n## B\n\nb\n\n### C\n\nc\n\n## D\n\nd")
    assert [s.headings for s in document.sections] == [(), ("B",), ("B", "C"), ("D",)]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("a #tag and #nested/tag, #ünïcode.", ("tag", "nested/tag", "ünïcode")),
        ("# Heading\n#123 no, #1a yes, a#b no", ("1a",)),
        ("`#code` and\n\n```\n#fence\n```\n\n    #indented", ()),
        ("https://x.org/#anchor [a](#there)", ()),
        ("- item #one\n  - inner #two\n\n    ```\n    #not\n    ```", ("one", "two")),
    ],
)
def test_tags_stand_outside_of_code(text, tags):
    assert parse(text).tags == tags


def test_links_to_notes_are_collected_and_addresses_are_not():
    text = "[[Wiki]] [[Page#part|shown]] [x](other.md) ![i](a.png) [y](https://z) `[[no]]`"
    assert parse(text).links == ("Wiki", "Page#part", "other.md", "a.png")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold** *it* ~~gone~~ ==mark== `code`", "bold it gone mark code"),
        ("[shown](https://x.org/a_(b)) ![alt](i.png)", "shown alt"),
        ("[[Page]] [[Page|name]]", "Page name"),
        ("a<br>b <!-- hidden --> c", "a b   c"),
        ("snake_case 2*3*4 a < b > c", "snake_case 234 a < b > c"),
        ("x " + "QUJD" * 100 + " y", "x   y"),
    ],
)
def test_plain_text_keeps_the_words(text, expected):
    assert plain(text) == expected


@given(st.text(alphabet=" \n\r\t#*-_>`|[]()<!:=~.1aé\x00\u2028\ufeff", max_size=200))
def test_any_text_is_taken_apart(text):
    document = parse(text)
    assert "\r" not in document.text
    for section in document.sections:
        assert 0 <= section.start <= section.body.start <= section.body.end <= len(document.text)


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50_000,
        "> " * 50_000 + "x",
        "- " * 20_000 + "x",
        "[" * 50_000,
        "*a " * 20_000,
        "<" * 50_000,
        "<!--" * 20_000,
        "`" * 50_000,
        "|a" * 20_000 + "\n" + "|-" * 20_000,
        "[[a" * 20_000,
        "\n".join("  " * i + "- x" for i in range(200)),
        "#" * 50_000,
        "A" * 1_000_000,
        "_" * 20_000 + "a",
    ],
    ids=lambda text: f"{text[:6]!r}",
)
def test_hostile_text_takes_bounded_time(text):
    # Of this thread: others, and other programs, may have the machine meanwhile.
    started = time.thread_time()
    parse(text)
    plain(text)
    assert time.thread_time() - started < 10


def test_a_heading_that_is_nothing_but_data_is_no_title():
    assert parse(f"# {'A1b2' * 75}\n\nText.\n").title == ""
