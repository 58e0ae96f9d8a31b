import re
import time

import pytest

from notesearch.core import frontmatter
from notesearch.core.passages import read

BODY = "The body of the note."


def split(text):
    return frontmatter.split(text.split("\n"))


def note(text):
    return read(text, "stem", lambda text: len(text.split()), 40)


def everything(note):
    return "\n".join((note.title, *(f"{p.heading}\n{p.text}" for p in note.passages)))


@pytest.mark.parametrize(
    "header",
    [
        "title: a: b",
        "title: [unclosed",
        "title: {{title}}",
        "title:\tx\n\tindented: y",
        "date: 2024-13-45",
        "x: !!python/object/apply:os.system ['true']",
        "a: &a [x]\nb: [*a, *a]",
        'title: "unclosed',
        "title: @home",
        "tags: #[]\n- x\ny",
        "key: value\nno colon here\nother: x",
    ],
)
def test_a_broken_header_is_a_problem_and_stays_searchable(header):
    text = f"---\n{header}\n---\n{BODY}"
    found = note(text)
    assert found.problem.startswith("the front matter")
    for word in (*header.split(), BODY):
        assert word in everything(found)


@pytest.mark.parametrize(
    "text",
    [
        f"---\nA paragraph between two rules.\n---\n{BODY}",
        f"---\n- a\n- b\n---\n{BODY}",
        f"---\n\n{BODY}",
        f"---\ntitle: never closed\n\n{BODY}",
        f"---\n*emphasis* and &more\n---\n{BODY}",
        f" ---\ntitle: indented\n---\n{BODY}",
        f"\n---\ntitle: not at the top\n---\n{BODY}",
    ],
)
def test_what_is_not_meant_as_front_matter_is_text(text):
    found = note(text)
    assert not found.problem
    assert not found.fields
    for word in re.findall(r"\w+", text):
        assert word in everything(found)


@pytest.mark.parametrize("end", ["---", "...", "---  "])
def test_fields_are_read_and_are_no_body(end):
    fields, lines = split(f"---\ntitle: A\ntags: [x, y]\ndate: 2024-01-02\n{end}\n{BODY}")
    assert fields == {"title": "A", "tags": ["x", "y"], "date": "2024-01-02"}
    assert lines == 5


@pytest.mark.parametrize("text", ["---\n---\nbody", "---\n# only a comment\n---\nbody"])
def test_an_empty_header_is_front_matter(text):
    fields, lines = split(text)
    assert fields == {}
    assert lines == text.split("\n").index("body")


def test_a_byte_order_mark_does_not_hide_the_header():
    assert note(f"\ufeff---\ntitle: Named\n---\n{BODY}").title == "Named"


def test_a_yaml_bomb_is_refused_at_once():
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 20)]
    started = time.process_time()
    found = note("---\nl0: &l0 x\n" + "\n".join(levels) + f"\n---\n{BODY}")
    # Of the processor: a busy machine takes any time.
    assert time.process_time() - started < 2
    assert "references" in found.problem


@pytest.mark.parametrize("value", ["[" * 20_000, "{a: " * 5_000, "- " * 20_000])
def test_deep_nesting_is_a_problem(value):
    found = note(f"---\nx: {value}\n---\n{BODY}")
    assert found.problem
    assert BODY in everything(found)


@pytest.mark.parametrize(
    "value", ['"\\ud800"', "0x" + "f" * 5_000, ".nan", "1e999", "!!binary aGk=", "{[a]: b}"]
)
def test_odd_values_can_be_stored(library, value):
    found = note(f"---\ntitle: {value}\nother: {value}\n---\n{BODY}")
    from notesearch.core.library import Found, Signature  # noqa: PLC0415

    hashes = [bytes([i]) for i in range(len(found.passages))]
    library.put(Found("/n/a.md", "/n", Signature(1, 1, 1, 1)), b"h", found, hashes)
    assert BODY in everything(found)


def test_page_properties_of_an_outliner_are_fields():
    fields, lines = split("title:: My page\ntags:: a, b\n\n- first")
    assert fields == {"title": "My page", "tags": "a, b"}
    assert lines == 2
    found = note("title:: My page\ntags:: a, b\nalias:: Other\n\n- first")
    assert (found.title, found.tags, found.aliases) == ("My page", ("a", "b"), ("Other",))
    assert [(p.text, p.line) for p in found.passages] == [("- first", 5)]


def test_a_property_that_comes_again_is_text():
    found = note("Capital:: Paris\nCapital:: Rome")
    assert found.fields == {"capital": "Paris"}
    assert "Rome" in everything(found)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a, b  c", ("a", "b", "c")), (["two words", "#x"], ("two words", "x")), (None, ()),
     ([1, True, None, "a", "a"], ("1", "a")), (2024, ("2024",)), ("[[x]]", ("x",))],
)  # fmt: skip
def test_tags_come_in_many_shapes(value, expected):
    assert frontmatter.tags(value) == expected


@pytest.mark.parametrize(
    "value",
    ["!!bool maybe", '!!int ""', '!!float ""', "!!timestamp x", "[" * 900, "2024-13-45"],
)
def test_a_value_that_yaml_stumbles_over_is_a_problem_and_no_text_is_lost(value):
    note = read(f"---\ndone: {value}\n---\nbody words\n", "x", len, 500)
    assert "front matter cannot be read" in note.problem
    assert "body words" in "\n".join(passage.text for passage in note.passages)
