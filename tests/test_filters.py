"""Conditions of a query, asked of libraries of real notes."""

import datetime
import os
from pathlib import Path

import pytest

from notesearch.core.filters import Filters
from notesearch.core.notes import Mode
from notesearch.core.query import parse

NOW = datetime.datetime(2024, 5, 31, 15, 30)

FILES = {
    "Home.md": "---\ntags: [Work/Café, 'p q']\nstatus: done\n---\n# Home\n\nStart here. #top",
    "Work/Plan.md": "# Plan\n\nThe plan for #work this year.\n\n- [ ] write it\n",
    "Work/2024/Report.md": "---\naliases: [Annual Summary]\nstatus: Erledigt für heute\n"
                           "authors: [Jane Doe, Wei]\n---\n# Report\n\nNumbers. #work/numbers",
    "Homework/Essay.md": "# Essay on bread\n\nBread is old. #workshop\n\n1. [x] outline\n",
    "Café Noir/Oven manual.md": "# Getting started\n\nThe oven heats bread. #tools/oven",
    "journal/2023-04-05 Tuesday.md": "# A day\n\nRain. #daily",
    "journal/2024_05_31.md": "- TODO call the bank\n- rain again\n",
    "Dated.md": "---\ncreated: 2022-01-02\nyear: 1984\nseries:\n---\n# Dated\n\nOld thoughts.",
    "2020-01-01 Both.md": "---\ndate: 2021-06-07 08:09\n---\n# Both\n\nTwo dates.",
    "Code.md": "# Code\n\nC++ and getElementById. 日本語入門\n\n```\nx = 1\n```",
}  # fmt: skip


@pytest.fixture
def found(indexed, vault):
    folder = vault(FILES)
    for file in folder.rglob("*.md"):
        os.utime(file, (moment(2024, 1, 1), moment(2024, 1, 1)))
    return indexed(folder)


@pytest.fixture
def ask(found):
    def names(text):
        filters = Filters(found.library)
        allowed = filters.allowed(parse(text, now=NOW))
        return stems(found.library, allowed)

    return names


def moment(*date):
    return datetime.datetime(*date).timestamp()


def stems(library, notes):
    every = dict(library.db.execute("SELECT id, path FROM notes"))
    return sorted(Path(every[note]).stem for note in notes)


def shown(searcher, text, **options):
    results = searcher.search(parse(text, now=NOW), limit=50, **options)
    return [hit.path for hit in (*results.hits, *results.weak)]


EVERY = sorted(Path(path).stem for path in FILES)

CONDITIONS = [
    # Tags: whole segments from the first one on, case and accents aside.
    ("tag:work", ["Home", "Plan", "Report"]),
    ("tag:WORK", ["Home", "Plan", "Report"]),
    ("#work", ["Home", "Plan", "Report"]),
    ("tag:work/", ["Home", "Plan", "Report"]),
    ("tag:work/cafe", ["Home"]),
    ("#Work/CAFÉ", ["Home"]),
    ("tag:wor", []),
    ("tag:cafe", []),
    ("tag:numbers", []),
    ("tag:workshop", ["Essay"]),
    ('tag:"p q"', ["Home"]),
    ("tag:p", []),
    ("tag:top", ["Home"]),
    ("tag:work%", []),
    # Paths: from the beginning of any segment on, the chosen folder's name included.
    ("path:work", ["Plan", "Report"]),
    ("in:WORK", ["Plan", "Report"]),
    ("path:work/2024", ["Report"]),
    ("path:Work/2024/", ["Report"]),
    ("path:/work", ["Plan", "Report"]),
    ("path:work\\2024", ["Report"]),
    ("path:2024", ["2024_05_31", "Report"]),
    ("path:homew", ["Essay"]),
    ("path:ork", []),
    ('path:"cafe noir"', ["Oven manual"]),
    ("path:notes", EVERY),
    ("path:notes/home", ["Essay", "Home"]),
    ("path:wo_k", []),
    # Titles and aliases: words, of which the last may go on.
    ("title:report", ["Report"]),
    ("title:annual", ["Report"]),
    ('title:"annual summ"', ["Report"]),
    ('title:"summary annual"', []),
    ("title:ESS", ["Essay"]),
    ("title:bread", ["Essay"]),
    ("title:read", []),
    ("title:thoughts", []),
    ("title:oven", ["Oven manual"]),
    # File names: any part, with the ending and without the folder.
    ("file:report", ["Report"]),
    ("file:2024", ["2024_05_31"]),
    ("file:manual.md", ["Oven manual"]),
    ("file:VEN", ["Oven manual"]),
    ("file:work", []),
    ("file:noir", []),
    ("file:cafe", []),
    ('file:"oven m"', ["Oven manual"]),
    # Front matter.
    ("[status:done]", ["Home"]),
    ("[Status: DONE]", ["Home"]),
    ("[status:erledigt fur]", ["Report"]),
    ("[status:]", ["Home", "Report"]),
    ("[series:]", ["Dated"]),
    ("[series:x]", []),
    ("[authors:wei]", ["Report"]),
    ("[authors:jane doe]", ["Report"]),
    ("[author:wei]", []),
    ("[year:1984]", ["Dated"]),
    ("[created:2022-01-02]", ["Dated"]),
    ("[aliases:summary]", ["Report"]),
    # Tasks.
    ("has:task", ["2024_05_31", "Essay", "Plan"]),
    # Dates that the note says itself, its front matter before its file name.
    ("created:2022", ["Dated"]),
    ("created:2022-01-02", ["Dated"]),
    ("created:2022-01-03", []),
    ("created:2023-04", ["2023-04-05 Tuesday"]),
    ("created:2024-05-31", ["2024_05_31"]),
    ("created:today", ["2024_05_31"]),
    ("created:2021-06-07", ["2020-01-01 Both"]),
    ("created:2020", []),
    ("created:2021..2022", ["2020-01-01 Both", "Dated"]),
    # Words and phrases.
    ('"the oven heats"', ["Oven manual"]),
    ('"oven bread"', []),
    ('"rain"', ["2023-04-05 Tuesday", "2024_05_31"]),
    ('"C++"', ["Code"]),
    ('"日本"', ["Code"]),
    ('"本語入"', ["Code"]),
    ('"語日"', []),
    ('"getElementById"', ["Code"]),
]


@pytest.mark.parametrize(("text", "names"), CONDITIONS)
def test_a_condition_is_fulfilled_by_these_notes_and_its_opposite_by_the_others(ask, text, names):
    assert ask(text) == sorted(names)
    assert ask(f"-{text}") == sorted(set(EVERY) - set(names))


def test_without_conditions_every_note_is_allowed(found):
    filters = Filters(found.library)
    assert filters.allowed(parse("bread")) is None
    assert filters.allowed(parse("bread OR salt")) is None
    assert filters.allowed(parse("has:x")) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("tag:work OR tag:tools", ["Home", "Oven manual", "Plan", "Report"]),
        ("tag:work has:task", ["Plan"]),
        ("tag:work -has:task", ["Home", "Report"]),
        ("tag:work -path:work/2024 -title:home", ["Plan"]),
        ("tag:daily OR rain", ["2023-04-05 Tuesday", "2024_05_31"]),
        ("bank OR heats", None),
        ("bank OR heats OR tag:daily", ["2023-04-05 Tuesday", "2024_05_31", "Oven manual"]),
        ('"call the bank" OR "oven heats"', ["2024_05_31", "Oven manual"]),
        ("tag:work OR -path:notes", ["Home", "Plan", "Report"]),
        ("title:plan OR title:report path:2024", ["Report"]),
        ("tag:none OR tag:nothing", []),
        ("-bread -rain tag:work OR tag:tools/oven OR tag:daily", ["Home", "Plan", "Report"]),
    ],
)
def test_conditions_are_all_fulfilled_and_one_of_those_joined_by_or(found, text, names):
    allowed = Filters(found.library).allowed(parse(text))
    assert (None if allowed is None else stems(found.library, allowed)) == names


def test_the_first_condition_that_fails_is_told(found):
    filters = Filters(found.library)
    (plan,) = filters.allowed(parse("title:plan"))
    assert filters.failing(parse("tag:work path:work"), plan) is None
    (condition,) = filters.failing(parse("tag:work -has:task path:none"), plan)
    assert condition.text == "-has:task"
    clause = filters.failing(parse("bread OR tag:tools"), plan)
    assert [one.text for one in clause] == ["bread", "tag:tools"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("modified:2024-05-31", ["new"]),
        ("modified:today", ["new"]),
        ("modified:yesterday", ["late"]),
        ("modified:2024-05-30", ["late"]),
        ("modified:2024-05", ["late", "new"]),
        ("modified:2024", ["first", "late", "new"]),
        ("modified:2023", ["eve"]),
        ("modified:2023..2024-01", ["eve", "first"]),
        ("modified:2d", ["late", "new"]),
        ("modified:1y", ["eve", "first", "late", "new"]),
        ("before:2024", ["eve"]),
        ("before:2024-05-31", ["eve", "first", "late"]),
        ("after:2024-05-31", ["new"]),
        ("after:2024-01-01", ["first", "late", "new"]),
        ("after:2024-01-01 before:2024-05-30", ["first"]),
        ("-modified:2024", ["eve"]),
        ("modified:2024..2023", []),
    ],
)
def test_when_a_note_was_changed_is_the_time_of_its_file(indexed, vault, text, names):
    folder = vault({f"{name}.md": name for name in ("new", "late", "first", "eve")})
    for name, when in (
        ("new", moment(2024, 5, 31)), ("late", moment(2024, 5, 31) - 0.001),
        ("first", moment(2024, 1, 1)), ("eve", moment(2023, 12, 31, 23, 59, 59)),
    ):  # fmt: skip
        os.utime(folder / f"{name}.md", (when, when))
    library = indexed(folder).library
    allowed = Filters(library).allowed(parse(text, now=NOW))
    assert stems(library, allowed) == names


def test_without_a_date_in_it_a_note_was_made_when_its_file_was(indexed, vault):
    folder = vault({"a.md": "a", "2024-99-99.md": "b", "c.md": "---\ncreated: soon\n---\nc"})
    for file in folder.iterdir():
        os.utime(file, (moment(2019, 3, 3), moment(2019, 3, 3)))
    library = indexed(folder).library
    allowed = Filters(library).allowed(parse("created:2019-03-03"))
    assert stems(library, allowed) == ["2024-99-99", "a", "c"]


@pytest.mark.parametrize(
    ("text", "field"),
    [("draft: true", "[draft:true]"), ("draft: false", "[draft:false]"),
     ("score: 4.5", "[score:4.5]"), ("due: 2024-05-31", "[due:2024-05]"),
     ("list: [1, two]", "[list:1]"), ("list: [1, two]", "[list:two]"),
     ('Due Date: "next week"', "[due date:next]"), ("état: prêt", "[etat:pret]")],
)  # fmt: skip
def test_any_value_of_front_matter_can_be_asked_for(indexed, vault, text, field):
    found = indexed(vault({"a.md": f"---\n{text}\n---\nA", "b.md": "---\nx: 1\n---\nB"}))
    assert shown(found.searcher, field) == ["a.md"]


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("- [ ] open", True), ("* [x] done", True), ("+ [X] done", True), ("- [/] half", True),
        ("1. [ ] open", True), ("2) [x] done", True), ("- a\n    - [ ] inside", True),
        ("- TODO call", True), ("- DONE call", True), ("- DOING x", True), ("* LATER x", True),
        ("- TODOs are nice", False), ("TODO call", False), ("[ ] no list", False),
        ("- [a] footnote", False), ("- [ ](link)", False), ("- [x](link)", False),
        ("- item", False), ("text - [ ] inside", False),
        ("\n".join(f"- item {n}" for n in range(40)) + "\n- [ ] last", True),
        ("Text before it.\n- [ ] right below", True),
    ],
)  # fmt: skip
def test_what_counts_as_a_task(indexed, vault, text, task):
    found = indexed(vault({"a.md": f"# Title\n\n{text}\n"}))
    assert shown(found.searcher, "has:task") == ["a.md"] * task


def test_filters_alone_list_notes_newest_first(found, vault):
    folder = vault({})
    for seconds, name in enumerate(("Work/Plan.md", "Home.md", "Work/2024/Report.md")):
        os.utime(folder / name, (2_000 - seconds, 2_000 - seconds))
    # What is listed is what was read.
    for path in ("Work/Plan.md", "Home.md", "Work/2024/Report.md"):
        time = (folder / path).stat().st_mtime_ns
        found.library.db.execute(
            "UPDATE notes SET mtime_ns = ? WHERE path = ?", (time, str(folder / path))
        )
    results = found.searcher.search(parse("tag:work"), limit=10)
    assert [hit.path for hit in results.hits] == ["Work/Plan.md", "Home.md", "Work/2024/Report.md"]
    assert {hit.strength for hit in results.hits} == {None}
    assert {hit.score for hit in results.hits} == {0}
    assert results.weak == ()
    assert not results.semantic
    assert results.hits[0].passage.startswith("The plan")
    few = found.searcher.search(parse("tag:work"), limit=2)
    assert few.hits == results.hits[:2]
    assert found.searcher.search(parse("tag:none"), limit=10).hits == ()


@pytest.mark.parametrize("mode", Mode)
def test_no_mode_shows_a_note_that_does_not_fulfil_a_condition(found, mode):
    assert set(shown(found.searcher, "bread oven tag:tools", mode=mode)) == {
        "Café Noir/Oven manual.md"
    }
    assert "Homework/Essay.md" not in shown(found.searcher, "bread -outline", mode=mode)


@pytest.mark.parametrize("text", ["CVE-2024-1234", "see CVE-2024-1234", "snake_case v2.8.3"])
@pytest.mark.parametrize("condition", ["-web", "tag:a", "-path:out", '"database"'])
def test_a_name_does_not_bring_back_what_a_condition_leaves_out(indexed, vault, text, condition):
    body = "CVE-2024-1234 and snake_case in v2.8.3"
    files = {"in.md": f"the database: {body} #a", "out.md": f"the web: {body}"}
    found = indexed(vault(files))
    assert shown(found.searcher, f"{text} {condition}") == ["in.md"]


@pytest.mark.parametrize(
    "title", ["tar -x", "tag:foo", "in:out", "-x", "has:task", "[a:b]", "before:2024", "#1 OR #a"]
)
def test_an_exact_title_is_found_even_if_it_reads_as_a_filter(indexed, vault, title):
    files = {
        "a.md": f'---\ntitle: "{title}"\n---\nHow it is done, with x.',
        "b.md": "# Other\n\nHow x is done, too.",
    }
    found = indexed(vault(files))
    assert shown(found.searcher, title)[:1] == ["a.md"]


def test_a_note_that_is_moved_is_found_where_it_is_now(indexed, vault, encoder, bring_up_to_date):
    from notesearch.core.indexer import Indexer  # noqa: PLC0415

    folder = vault({"old/a.md": "# A\n\napple", "old/b.md": "# B\n\nbanana"})
    found = indexed(folder)
    (folder / "new").mkdir()
    (folder / "old" / "a.md").rename(folder / "new" / "a.md")
    indexer = Indexer(found.library, found.index, encoder, [folder], threads=1)
    bring_up_to_date(indexer)
    indexer.close()
    assert shown(found.searcher, "path:new") == ["new/a.md"]
    assert shown(found.searcher, "path:old") == ["old/b.md"]


def test_another_chosen_folder_gives_its_notes_another_path(
    indexed, vault, encoder, bring_up_to_date
):
    from notesearch.core.indexer import Indexer  # noqa: PLC0415

    folder = vault({"inside/a.md": "# A\n\napple"}, "outside")
    found = indexed(folder / "inside")
    assert shown(found.searcher, "path:outside") == []
    indexer = Indexer(found.library, found.index, encoder, [folder], threads=1)
    bring_up_to_date(indexer)
    indexer.close()
    assert shown(found.searcher, "path:outside/inside") == ["inside/a.md"]


def test_a_note_that_was_changed_has_the_facts_of_now(indexed, vault, encoder, bring_up_to_date):
    from notesearch.core.indexer import Indexer  # noqa: PLC0415

    folder = vault({"a.md": "---\nstatus: open\n---\n- [ ] do #old"})
    found = indexed(folder)
    vault({"a.md": "---\nstatus: done\ncreated: 2001-02-03\n---\nDone. #new"})
    indexer = Indexer(found.library, found.index, encoder, [folder], threads=1)
    bring_up_to_date(indexer)
    indexer.close()
    for text in ("tag:old", "has:task", "[status:open]"):
        assert shown(found.searcher, text) == []
    for text in ("tag:new", "-has:task", "[status:done]", "created:2001"):
        assert shown(found.searcher, text) == ["a.md"]
