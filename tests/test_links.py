"""Links to notes that are pasted into others."""

from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest

from notesearch.core.notes import Hit
from notesearch.links import anchor, link_to, page_of


def hit(folder: Path, path="a note.md", **fields) -> Hit:
    given = {
        "title": "A title", "heading": "", "line": 1, "end_line": 1, "score": 1, "cosine": 1,
        "words": 1, "strength": None, "passage": "x", "modified": 0,
    }  # fmt: skip
    return Hit(path=path, folder=str(folder), **{**given, **fields})


def graph(folder: Path, config: str = "{}") -> Path:
    (folder / "logseq").mkdir(parents=True)
    (folder / "logseq/config.edn").write_text(config, encoding="utf-8")
    return folder


def test_elsewhere_it_is_a_markdown_link_to_the_file(tmp_path):
    note = hit(tmp_path, "sub/ä (b) #1 100%.md", title="A [b] \\ `c`\n<d>", heading="H")
    text, _, target = link_to(note).rpartition("](")
    assert text == "[A \\[b\\] \\\\ \\`c\\` \\<d>"
    assert not set(" ()#") & set(target[:-1])
    parts = urlsplit(target[:-1])
    assert (parts.scheme, Path(url2pathname(parts.path))) == ("file", note.file)


def test_in_a_vault_it_is_a_wiki_link_with_the_heading(tmp_path):
    (tmp_path / ".obsidian").mkdir()
    assert link_to(hit(tmp_path)) == "[[a note]]"
    assert link_to(hit(tmp_path, "sub/sub/b.md", heading="Outer › Inner")) == "[[b#Inner]]"
    assert link_to(hit(tmp_path, heading="Inner", by_title=True)) == "[[a note]]"


def test_a_vault_inside_the_chosen_folder_counts_and_one_around_it_does_not(tmp_path):
    vault = tmp_path / "chosen" / "vault"
    (vault / ".obsidian").mkdir(parents=True)
    assert link_to(hit(tmp_path, "chosen/vault/sub/a.md")) == "[[a]]"
    assert link_to(hit(tmp_path, "chosen/a.md")).startswith("[A title](file://")
    assert link_to(hit(vault / "sub", "a.md")).startswith("[A title](file://")


@pytest.mark.parametrize("name", ["a[1].md", "a|b.md", "C#.md", "x^2.md"])
def test_a_name_that_a_wiki_link_cannot_hold_is_linked_as_a_file(tmp_path, name):
    (tmp_path / ".obsidian").mkdir()
    assert link_to(hit(tmp_path, name, heading="H")).startswith("[A title](file://")


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("", ""),
        ("A › B › C", "#C"),
        ("What: [[this]] | that #tag ^x %%", "#What this that tag x"),
        ("###", ""),
        ("Käse & 50% [x]", "#Käse & 50% [x]"),
    ],
)
def test_a_heading_is_written_as_obsidian_writes_it(heading, expected):
    assert anchor(heading) == expected


def test_in_a_graph_it_is_the_page(tmp_path):
    graph(tmp_path)
    assert link_to(hit(tmp_path, "pages/a note.md", heading="H")) == "[[a note]]"
    assert link_to(hit(tmp_path, "pages/a___b%3Ac.md")) == "[[a/b:c]]"
    assert link_to(hit(tmp_path, "journals/2026_11_02.md")) == "[[Nov 2nd, 2026]]"


def test_a_folder_that_is_called_logseq_is_not_yet_a_graph(tmp_path):
    (tmp_path / "logseq").mkdir()
    assert link_to(hit(tmp_path)).startswith("[A title](file://")
    assert page_of(tmp_path / "a.md") == ("", "")


@pytest.mark.parametrize(
    ("config", "stem", "page"),
    [
        ("{}", "2026_11_01", "Nov 1st, 2026"),
        ("{}", "2026_11_12", "Nov 12th, 2026"),
        ("{}", "2026-11-23", "Nov 23rd, 2026"),
        ("{}", "2026_13_01", "2026_13_01"),
        ("{}", "about", "about"),
        ('{:journal/page-title-format "yyyy-MM-dd, EEEE"}', "2026_11_21", "2026-11-21, Saturday"),
        ('{:x 1\n :journal/page-title-format   "do MMMM yy"}', "2026_03_03", "3rd March 26"),
        ('{\n ;; :journal/page-title-format "yy"\n :journal/page-title-format "E d.M.yyyy"}',
         "2026_03_03", "Tue 3.3.2026"),
    ],
)  # fmt: skip
def test_a_journals_page_is_called_as_the_graph_says(tmp_path, config, stem, page):
    folder = graph(tmp_path / "my graph", config)
    assert page_of(folder / "journals" / f"{stem}.md") == ("my graph", page)


def test_a_day_that_is_no_journal_is_a_page(tmp_path):
    assert page_of(graph(tmp_path) / "pages" / "2026_11_21.md")[1] == "2026_11_21"


def test_a_graph_around_the_chosen_folder_is_found_only_where_it_is_wanted(tmp_path):
    file = graph(tmp_path) / "pages" / "a.md"
    assert page_of(file) == (tmp_path.name, "a")
    assert page_of(file, file.parent) == ("", "")


def test_links_are_read_back_as_they_were_meant(tmp_path):
    note = hit(tmp_path, "a b.md")
    assert unquote(link_to(note)) == f"[A title](file://{tmp_path.as_posix()}/a b.md)"
