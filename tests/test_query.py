"""What the user types, taken apart."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.notes import Kind
from notesearch.core.query import MAX_CHARACTERS, MAX_TERMS, SYNTAX, parse
from notesearch.core.tokens import is_searchable

NOW = datetime.datetime(2024, 5, 31, 15, 30)


def conditions(query):
    """Return the clauses in short: "-" if negated, the kind, the key if any, the value."""
    return [
        [
            "-" * one.negated + one.kind + (f"[{one.key}]" if one.key else "") + f" {one.value}"
            for one in clause
        ]
        for clause in query.clauses
    ]


def span(text):
    """Return the stretch of time that a query of one filter asks for, in local time."""
    ((condition,),) = parse(text, now=NOW).clauses
    return tuple(
        None if math.isinf(moment) else datetime.datetime.fromtimestamp(moment)
        for moment in (condition.since, condition.until)
    )


def at(*date):
    return datetime.datetime(*date)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bread and salt", "bread and salt"),
        ("well-known C++ a - b", "well-known C++ a b"),
        ("CVE-2024-1234 v2.8.3 snake_case", "CVE-2024-1234 v2.8.3 snake_case"),
        ("--flag -- bread --", "--flag bread"),
        ("C# C 🎉 日本語", "C# C 🎉 日本語"),
        ("#1 #2024 ##a #a#b (#a)", "#1 #2024 ##a #a#b (#a)"),
        ("https://example.org/a?b=c#d at 10:30", "https://example.org/a?b=c#d at 10:30"),
        ("https://tag:x note:tag:x mytag:x", "https://tag:x note:tag:x mytag:x"),
        ("bread: [link](target) [a:b](c) [[wiki:x]]", "bread: [link](target) [a:b](c) [[wiki:x]]"),
        ("[10:30] x[a:b]", "[10:30] x[a:b]"),
        ("it's 'quoted'", "it's 'quoted'"),
        ("a or b AND NOT c", "a or b AND NOT c"),
        ('"not closed', "not closed"),
        ('bread "', "bread"),
        ("bread OR", "bread"),
        ("OR bread", "OR bread"),
        ('- -- "" "?!" -"?!" -?! ++ _ -', ""),
        ("", ""),
        ("  \n\t ", ""),
    ],
)
def test_words_are_words(text, words):
    query = parse(text)
    assert query.words == tuple(words.split())
    assert (query.phrases, query.clauses, query.choices) == ((), (), ())
    assert query.complaints == ()
    assert query.text == text


@pytest.mark.parametrize(
    ("text", "words", "phrases"),
    [
        ('"sea salt" bread', "bread", ["sea salt"]),
        ("“sea salt” „Meersalz“ «sel de mer» ‟x″", "", ["sea salt", "Meersalz", "sel de mer", "x"]),
        ('"two   spaces"', "", ["two spaces"]),
        ('"one"', "", ["one"]),
        ('"a" "not closed', "not closed", ["a"]),
        ('a"b c"d', "a d", ["b c"]),
        ('"tag:x -y #z"', "", ["tag:x -y #z"]),
        ('"🎉"', "", ["🎉"]),
    ],
)
def test_phrases_are_wanted_and_a_condition(text, words, phrases):
    query = parse(text)
    assert query.words == tuple(words.split())
    assert query.phrases == tuple(phrases)
    assert conditions(query) == [[f"phrase {phrase}"] for phrase in phrases]
    assert query.terms == (*query.words, *query.phrases)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("-rye", ["-word rye"]),
        ("-well-known", ["-word well-known"]),
        ("-C++ -🎉", ["-word C++", "-word 🎉"]),
        ('-"white flour"', ["-phrase white flour"]),
        ("-“white flour”", ["-phrase white flour"]),
        ("-OR", ["-word OR"]),
        ("tag:a/b", ["tag a/b"]),
        ("TAG:Work", ["tag Work"]),
        ('tag:"p q"', ["tag p q"]),
        ("tag:“p q”", ["tag p q"]),
        ("tag:#a", ["tag a"]),
        ("tag:/a/", ["tag a"]),
        ("-tag:a", ["-tag a"]),
        ('-tag:"p q"', ["-tag p q"]),
        ("#a/b", ["tag a/b"]),
        ("#日本", ["tag 日本"]),
        ("#a/", ["tag a"]),
        ("#2024a", ["tag 2024a"]),
        ("-#a", ["-tag a"]),
        ("-#a/b", ["-tag a/b"]),
        ("path:work", ["path work"]),
        ("in:work/2024", ["path work/2024"]),
        ('in:"my dir"', ["path my dir"]),
        ("-path:work", ["-path work"]),
        ("title:oven", ["title oven"]),
        ('title:"a b"', ["title a b"]),
        ("-title:a", ["-title a"]),
        ("file:2024", ["file 2024"]),
        ("file:a.md", ["file a.md"]),
        ("-file:a", ["-file a"]),
        ("has:task", ["has task"]),
        ("has:TASK", ["has task"]),
        ("-has:task", ["-has task"]),
        ("[status:done]", ["field[status] done"]),
        ("[status:]", ["field[status] "]),
        ("[due date: next week]", ["field[due date] next week"]),
        ("-[status:done]", ["-field[status] done"]),
        ("[a:b] (c)", ["field[a] b"]),
        ("-modified:2024", ["-modified "]),
        ("-created:2024", ["-created "]),
        ("tag:a path:b -c", ["tag a", "path b", "-word c"]),
    ],
)
def test_filters_are_conditions_and_no_words(text, clauses):
    query = parse(text)
    assert conditions(query) == [[clause] for clause in clauses]
    assert query.phrases == ()
    assert query.words == (("(c)",) if text.endswith("(c)") else ())
    assert query.complaints == ()


def test_conditions_say_what_was_typed():
    query = parse('-rye “a  b” -TAG:"p q" [s: x] OR #a/')
    typed = [[one.text for one in clause] for clause in query.clauses]
    assert typed == [["-rye"], ['"a  b"'], ['-TAG:"p q"'], ["[s: x]", "#a/"]]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("modified:2024", at(2024, 1, 1), at(2025, 1, 1)),
        ("modified:2024-05", at(2024, 5, 1), at(2024, 6, 1)),
        ("modified:2024-12", at(2024, 12, 1), at(2025, 1, 1)),
        ("modified:2024-5", at(2024, 5, 1), at(2024, 6, 1)),
        ("modified:2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("modified:2024-12-31", at(2024, 12, 31), at(2025, 1, 1)),
        ("modified:today", at(2024, 5, 31), at(2024, 6, 1)),
        ("modified:YESTERDAY", at(2024, 5, 30), at(2024, 5, 31)),
        ("modified:7d", at(2024, 5, 24, 15, 30), None),
        ("modified:2w", at(2024, 5, 17, 15, 30), None),
        ("modified:3M", at(2024, 3, 2, 15, 30), None),
        ("modified:1y", at(2023, 6, 1, 15, 30), None),
        ("modified:2023..2024", at(2023, 1, 1), at(2025, 1, 1)),
        ("modified:2023-11..2024-02-03", at(2023, 11, 1), at(2024, 2, 4)),
        ("modified:2024-05-01..today", at(2024, 5, 1), at(2024, 6, 1)),
        ("modified:7d..yesterday", at(2024, 5, 24, 15, 30), at(2024, 5, 31)),
        ('modified:"2024"', at(2024, 1, 1), at(2025, 1, 1)),
        ("created:2024", at(2024, 1, 1), at(2025, 1, 1)),
        ("created:7d", at(2024, 5, 24, 15, 30), None),
        ("before:2024", None, at(2024, 1, 1)),
        ("before:2024-05-31", None, at(2024, 5, 31)),
        ("before:today", None, at(2024, 5, 31)),
        ("before:7d", None, at(2024, 5, 24, 15, 30)),
        ("after:2024", at(2024, 1, 1), None),
        ("after:2024-05-31", at(2024, 5, 31), None),
        ("after:yesterday", at(2024, 5, 30), None),
    ],
)
def test_times_are_stretches_of_local_time(text, since, until):
    assert span(text) == (since, until)
    kind = Kind.CREATED if text.startswith("created") else Kind.MODIFIED
    assert parse(text).clauses[0][0].kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "created:2024-13", "modified:2024-02-30", "modified:2023-02-29", "modified:0000",
        "after:soon", "before:", "modified:2024-1-1-1", "modified:12345", "modified:9999y",
        "created:10000y", "modified:7x", "modified:2023..soon", "modified:..", "modified:2024/05",
        "has:x", "has:", "has:tasks", "tag:", "tag:/", "tag:?", "path:", "path:/", "in:", "title:",
        "file:", 'tag:""', 'title:"?!"',
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_text_and_complained_of(text):
    query = parse(f"bread {text} salt", now=NOW)
    assert query.words == ("bread", text, "salt")
    assert query.clauses == ()
    assert query.meaning == f"bread {text} salt"
    (complaint,) = query.complaints
    assert text in complaint
    assert parse(f"{text} {text}").complaints == query.complaints


def test_a_negated_filter_that_makes_no_sense_is_complained_of():
    query = parse("bread -has:x", now=NOW)
    assert query.clauses == ()
    assert len(query.complaints) == 1


@pytest.mark.parametrize(
    ("text", "words", "choices", "clauses"),
    [
        ("a OR b", "a b", [["a", "b"]], []),
        ("a OR b OR c d", "a b c d", [["a", "b", "c"]], []),
        ("x a OR b c OR d", "x a b c d", [["a", "b"], ["c", "d"]], []),
        ("a OR OR b", "a b", [["a", "b"]], []),
        ("a OR ?! OR b", "a b", [["a", "b"]], []),
        ("a OR\tb", "a b", [["a", "b"]], []),
        ("OR a OR", "OR a", [], []),
        ("tag:x OR tag:y", "", [], [["tag x", "tag y"]]),
        ("tag:x OR -tag:y", "", [], [["tag x", "-tag y"]]),
        ("-#x OR -#y", "", [], [["-tag x", "-tag y"]]),
        ("tag:x OR path:y z", "z", [], [["tag x", "path y"]]),
        ("tag:x OR tag:y path:z OR has:task", "", [], [["tag x", "tag y"], ["path z", "has task"]]),
        ("a OR tag:x", "a", [], [["word a", "tag x"]]),
        ("tag:x OR a b", "a b", [], [["tag x", "word a"]]),
        ("a OR -b", "a", [], [["word a", "-word b"]]),
        ('a OR "b c"', "a", [], [["word a", "phrase b c"]]),
        ('"a" OR "b c"', "", [], [["phrase a", "phrase b c"]]),
        ("a -OR b", "a b", [], [["-word OR"]]),
        ('a "OR" b', "a b", [], [["phrase OR"]]),
        ("a OR tag:", "a tag:", [["a", "tag:"]], []),
    ],
)
def test_or_joins_what_stands_beside_it(text, words, choices, clauses):
    query = parse(text)
    assert query.words == tuple(words.split())
    assert query.choices == tuple(map(tuple, choices))
    assert conditions(query) == clauses


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("how does bread rise?", "how does bread rise?"),
        ('how "so"?', 'how "so"?'),
        ("“how so”", "“how so”"),
        ("  two  spaces ", "  two  spaces "),
        ("cat -dog", "cat"),
        ('cat -"hot dog" mouse', "cat mouse"),
        ("bread tag:baking", "bread"),
        ('tag:baking "sea salt" bread', "sea salt bread"),
        ("bread in:work has:task [a:b] #c after:2024 OR before:2020", "bread"),
        ("bread OR butter", "bread butter"),
        ('"sea salt" OR pepper', "sea salt pepper"),
        ("bread has:x", "bread has:x"),
        ("bread has:x tag:y", "bread has:x"),
        ("tag:a", ""),
        ("-dog", ""),
        ("", ""),
    ],
)
def test_the_meaning_is_the_text_without_the_syntax(text, meaning):
    assert parse(text, now=NOW).meaning == meaning


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [("brea", True), ("brea ", False), ("salt brea", True), ("salt -brea", False),
     ('"brea', True), ('"bread"', False), ('salt "bread"', False), ("", False), ("salt ?", False),
     ("tag:brea", False), ("tag:x brea", True), ("brea tag:x", False), ("#brea", False),
     ("[a:b]", False), ("[a:b", True), ("a OR brea", True), ("tag:x OR brea", True),
     ("brea OR", False), ("has:tas", True), ("日本", True), ("-", False)],
)  # fmt: skip
def test_the_last_word_is_unfinished_while_it_is_typed(text, unfinished):
    assert parse(text, typing=True).unfinished is unfinished
    assert not parse(text).unfinished


def test_every_example_of_the_syntax_is_understood():
    for example, _ in SYNTAX:
        query = parse(example, now=NOW)
        assert query.complaints == ()
        assert query.clauses or query.words


def test_a_pasted_page_is_cut():
    text = "word " * 10_000
    query = parse(text)
    assert query.text == text
    assert 0 < len(query.words) <= min(MAX_TERMS, MAX_CHARACTERS / 5)
    assert len(query.meaning) == MAX_CHARACTERS


syntax = st.lists(
    st.sampled_from(
        ["OR", "-", "--", '"', "“", "tag:", "#", "#a", "in:", "path:x", "created:", "2024", "..",
         "7d", "has:task", "has:", "[a:b]", "[", "]", "(", ":", "bread", "C#", "🎉", "日本", " ",
         "  ", "\n", "\ud800", "\0"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), syntax), st.booleans())
def test_any_text_is_a_query(text, typing):
    query = parse(text, typing=typing)
    assert all(map(is_searchable, query.terms))
    assert {word for choice in query.choices for word in choice} <= set(query.words)
    assert all(len(choice) > 1 for choice in query.choices)
    assert all(query.clauses)
    assert not query.unfinished or (typing and query.words)
    for condition in (one for clause in query.clauses for one in clause):
        assert condition.text
        if condition.kind in {Kind.MODIFIED, Kind.CREATED}:
            assert not math.isnan(condition.since)
        elif condition.kind is not Kind.FIELD:
            assert is_searchable(condition.value)
    assert parse(query.text, typing=typing).terms == query.terms


@given(st.one_of(st.text(), syntax))
def test_what_is_asked_for_by_words_can_be_asked_for_again(text):
    """A word of a query is one word when it is asked for alone, unless it begins a filter."""
    for word in parse(text).words:
        again = parse(word)
        assert again.words or again.clauses


def test_what_is_not_unicode_can_still_be_asked():
    query = parse("caf\udce9 bread")
    assert "bread" in query.words
    query.text.encode()
    assert all(word.encode() for word in query.words)
