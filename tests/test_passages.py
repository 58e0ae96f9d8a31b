import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notesearch.core import frontmatter
from notesearch.core.markdown import parse, plain
from notesearch.core.passages import CONTEXT_CHARACTERS, embedded_text, read

BUDGET = 12


def count(text):
    return len(re.findall(r"[^\W_]+", text))


def passages(text, budget=BUDGET):
    return read(text, "stem", count, budget).passages


def texts(text, budget=BUDGET):
    return [passage.text for passage in passages(text, budget)]


words = st.lists(st.sampled_from(["salt", "bread", "Ofen", "é", "3.5", "x_y"]), min_size=1).map(
    " ".join
)
sentences = st.builds("{}{}".format, words, st.sampled_from([".", "!", "?", "", "。"]))
blocks = st.one_of(
    st.lists(sentences, min_size=1, max_size=5).map(" ".join),
    st.lists(sentences, min_size=1, max_size=5).map("\n".join),
    st.builds(lambda level, text: f"{'#' * level} {text}", st.integers(1, 6), words),
    st.builds("{}\n{}".format, words, st.sampled_from(["===", "---"])),
    st.lists(words, min_size=1, max_size=6).map(lambda items: "\n".join(f"- {i}" for i in items)),
    st.lists(words, min_size=1, max_size=4).map(
        lambda items: "\n".join(f"{'  ' * n}* {i}" for n, i in enumerate(items))
    ),
    st.lists(words, min_size=1, max_size=6).map(lambda rows: "```\n" + "\n\n".join(rows) + "\n```"),
    st.lists(words, min_size=1, max_size=6).map(
        lambda rows: "| a | b |\n|---|---|\n" + "\n".join(f"| {r} | x |" for r in rows)
    ),
    st.lists(words, min_size=1, max_size=4).map(lambda rows: "> " + "\n> ".join(rows)),
    words.map(lambda text: f"[{text}]: https://example.org/a"),
    words.map(lambda text: f"<div>\n{text}\n</div>"),
    st.just("---"),
    st.text(alphabet=" \n\t#*-_>`|[]()<!:=~.1aé", max_size=60),
)
headers = st.sampled_from(
    ["", "---\ntitle: T\ntags: [a]\n---\n", "key:: value\n\n", "---\nx: [\n---\n"]
)
notes = st.builds(
    lambda header, parts, end: (header + "\n\n".join(parts)).replace("\n", end),
    headers, st.lists(blocks, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip


def heading_lines(lines, skipped):
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines[skipped:]))
    return {
        line + skipped
        for token in tokens
        if token.type == "heading_open" and token.level == 0
        for line in range(*token.map)
    }


@given(notes)
@example("[a]: https://example.org\n\ntext")
@example("[a]: https://example.org")
@example("[a]: https://example.org\n\n# Heading\n\n[b]: https://example.org")
def test_no_text_is_lost(text):
    note = read(text, "stem", count, BUDGET)
    body = parse(text).text
    lines = body.split("\n")
    try:
        _, skipped = frontmatter.split(lines)
    except frontmatter.FrontMatterError:
        skipped = 0
    covered = set()
    for passage in note.passages:
        covered.update(range(passage.start, passage.end))
    said = " ".join((note.title, *(f"{p.heading} {p.text}" for p in note.passages)))
    headings = heading_lines(lines, skipped)
    offset = 0
    for number, line in enumerate(lines):
        missing = any(not c.isspace() and offset + i not in covered for i, c in enumerate(line))
        if number >= skipped and missing:
            assert number in headings, line
            assert set(re.findall(r"\w+", plain(line))) <= set(re.findall(r"\w+", said))
        offset += len(line) + 1


@given(notes)
def test_passages_say_where_they_stand(text):
    body = parse(text).text
    lines = body.split("\n")
    found = passages(text)
    assert found
    end = 0
    for passage in found:
        assert end <= passage.start <= passage.end <= len(body)
        end = passage.end
        if not passage.text or passage.text != body[passage.start : passage.end]:
            # A heading, or a title, with nothing under it.
            assert passage.line == passage.end_line
            continue
        inner = passage.text.split("\n")
        assert passage.end_line - passage.line == len(inner) - 1
        assert lines[passage.line - 1].endswith(inner[0]) or len(inner) == 1
        assert inner[0] in lines[passage.line - 1]
        assert lines[passage.end_line - 1].startswith(inner[-1]) or len(inner) == 1
        assert inner[-1] in lines[passage.end_line - 1]


@given(notes)
def test_passages_keep_to_the_budget(text):
    body = parse(text).text
    for passage in passages(text):
        if passage.text == body[passage.start : passage.end]:
            assert count(plain(passage.text)) <= BUDGET or len(passage.text) == 1


@pytest.mark.parametrize(
    "whole",
    [
        "```python\na = 1\n\nb = 2\n```",
        "| a | b |\n|---|---|\n| c | d |\n| e | f |",
        "- one two\n  three four",
        "> quoted words\n> and more",
        "    indented code\n\n    goes on",
    ],
)
def test_a_block_that_fits_stays_whole(whole):
    text = f"{'word ' * 11}\n\n{whole}\n\n{'more ' * 11}"
    assert any(whole.strip() in passage for passage in texts(text))


def test_neighbours_are_packed_together():
    assert texts("one two\n\nthree four\n\nfive six") == ["one two\n\nthree four\n\nfive six"]


def test_a_long_paragraph_is_cut_between_sentences():
    found = texts("One two three four five. Six seven eight nine ten! Is this the third? Yes.")
    assert found == [
        "One two three four five. Six seven eight nine ten!",
        "Is this the third? Yes.",
    ]


def test_a_sentence_is_cut_only_when_it_is_too_long_itself():
    found = texts("Short one. " + "word " * 30 + ". Short two.")
    assert found[0].startswith("Short one.")
    assert "".join(found).replace(" ", "").count("word") == 30
    assert all(count(one) <= BUDGET for one in found)


def test_a_list_too_long_is_cut_between_its_items():
    items = [f"- item {i} has some words" for i in range(8)]
    found = texts("\n".join(items))
    assert len(found) > 1
    assert [line for passage in found for line in passage.split("\n")] == items


def test_a_heading_is_no_text_but_said_of_what_stands_under_it():
    found = passages("# Title\n\nintro\n\n## Part\n\ntext\n\n### Detail\n\nmore")
    assert [(p.heading, p.text, p.line) for p in found] == [
        ("", "intro", 3), ("Part", "text", 7), ("Part › Detail", "more", 11),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("", "stem", 1)]),
        ("\n\n  \n", [("", "stem", 1)]),
        ("# Only a title", [("", "Only a title", 1)]),
        ("---\ntitle: Named\n---\n", [("", "Named", 1)]),
        ("# A\n\n## B\n\n## C", [("B", "B", 3), ("C", "C", 5)]),
    ],
)
def test_a_note_of_headings_alone_can_be_found(text, expected):
    assert [(p.heading, p.text, p.line) for p in passages(text)] == expected


@pytest.mark.parametrize("start", ["", "\n\n", "---\ntitle: T\n---\n\n", "title:: T\n\n"])
def test_blank_lines_before_the_first_heading_are_no_passage(start):
    assert [(p.heading, p.text) for p in passages(f"{start}# T\n\ntext")] == [("", "text")]


def test_lines_count_the_front_matter_and_windows_line_ends():
    (found,) = passages("\ufeff---\r\ntitle: T\r\n---\r\n\r\nfirst\r\nsecond\r\n")
    assert (found.text, found.line, found.end_line) == ("first\nsecond", 5, 6)


def test_underlined_headings_are_headings():
    assert [p.heading for p in passages("T\n=\n\na\n\nPart\n---\n\nb")] == ["", "Part"]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50_000 + " deepword",
        "\n".join("  " * i + f"- item{i}" for i in range(200)) + "\ndeepword",
        "x " + "QUJD" * 250_000 + " deepword",
        "A" * 300_000 + " deepword",
        "no end " * 30_000 + "deepword",
        "| a " * 5_000 + "\n" + "|---" * 5_000 + "\n| deepword",
        "`" * 50_000 + " deepword",
    ],
    ids=["quotes", "lists", "base64", "one word", "one sentence", "table", "backticks"],
)
def test_hostile_text_is_read_in_bounded_time(text):
    # Of this thread: others, and other programs, may have the machine meanwhile.
    started = time.thread_time()
    found = texts(text, 140)
    assert time.thread_time() - started < 10
    assert "deepword" in found[-1]


def test_the_context_line_is_part_of_what_is_embedded():
    assert embedded_text("T", "A › B", "**x**") == "T › A › B\nx"
    assert embedded_text("T", "", "x") == "T\nx"
    assert len(embedded_text("T" * 999, "", "x")) == CONTEXT_CHARACTERS + 2
