"""What is shown of a note beside the list, and where the links in it lead."""

import os
import shutil

import pytest

from notesearch.core import preview as module
from notesearch.core.preview import follow, preview
from notesearch.core.query import parse


@pytest.fixture
def show(indexed, vault):
    """Index one note, change it perhaps, and return the preview of the best hit for a question."""

    def run(text, question, *, then=None, away=False):
        folder = vault({"a.md": text})
        found = indexed(folder)
        hit = found.searcher.search(parse(question), limit=5).hits[0]
        if then is not None:
            vault({"a.md": then})
        if away:
            folder.rename(folder.with_name("elsewhere"))
        return preview(found.library, found.searcher.words, hit, parse(question))

    return run


LONG = "\n\n".join(f"Paragraph {n} of many ordinary words." for n in range(2_000))


def test_the_whole_of_a_short_note_is_shown_without_its_front_matter(show):
    text = "---\ntags: [x]\n---\n# Title\n\nfirst\n\n## Part\n\nthe needle here\n\n## End\n\nlast\n"
    shown = show(text, "needle")
    assert shown.before.startswith("# Title\n\nfirst\n\n## Part")
    assert shown.passage == "the needle here"
    assert shown.after == "\n\n## End\n\nlast\n"
    assert shown.words == ("needle",)
    assert not shown.begins_late
    assert not shown.ends_early


def test_of_a_long_note_only_what_is_around_the_passage(show):
    shown = show(f"{LONG}\n\nThe needle.\n\n{LONG}", "needle")
    assert "needle" in shown.passage
    assert shown.begins_late
    assert shown.ends_early
    assert shown.before.startswith("Paragraph") or shown.before.startswith("\nParagraph")
    assert len(shown.before) <= module.CHARACTERS_BEFORE
    assert len(shown.after) <= module.CHARACTERS_AFTER


def test_a_cut_inside_a_code_block_leaves_it_a_code_block(show, monkeypatch):
    monkeypatch.setattr(module, "CHARACTERS_BEFORE", 400)
    code = "\n".join(f"line {n}" for n in range(200))
    shown = show(f"# T\n\n```python\n{code}\nneedle()\n```\n\nend", "needle")
    assert shown.begins_late
    assert shown.before.startswith("```\n")


def test_words_that_matched_elsewhere_in_the_note_are_told_too(show):
    shown = show("# T\n\nThe runner runs.\n\n## B\n\nRunning shoes.\n", "running")
    assert set(shown.words) == {"runs", "Running"} | ({"runner"} & set(shown.words))


def test_a_note_that_was_changed_is_shown_as_it_is_now(show):
    shown = show("# T\n\nold needle\n", "needle", then="# New\n\nlines above\n\nold needle\n")
    assert shown.before == "# New\n\nlines above\n\n"
    assert shown.passage == "old needle"
    shown = show("# T\n\nsome needle\n", "needle", then="# New\n\nsomething else\n")
    assert (shown.before, shown.passage) == ("", "")
    assert shown.after == "# New\n\nsomething else\n"


def test_a_note_that_is_away_is_shown_as_it_was_read(show):
    shown = show("# T\n\nthe needle\n\n## B\n\nmore\n", "needle", away=True)
    assert (shown.before, shown.passage, shown.after) == ("# T\n\n", "the needle", "\n\nmore")


def test_line_ends_of_other_systems_do_not_move_anything(show):
    shown = show("\ufeff# T\r\n\r\nfirst\r\n\r\n## B\r\n\r\nthe needle\r\n", "needle")
    assert shown.passage == "the needle"
    assert shown.before == "# T\n\nfirst\n\n## B\n\n"


def test_a_megabyte_is_no_trouble(show):
    shown = show("# T\n\n" + "needle " * 150_000, "needle")
    assert len(shown.before + shown.passage + shown.after) < 30_000


# Front matter, and where the passage is --------------------------------------------------------


def test_fields_are_shown_as_short_texts(show):
    text = (
        "---\ntitle: T\ntags: [a, b c]\nmade: 2024-03-02\nat: 2024-03-02 10:00:00\ndraft: true\n"
        "empty:\nn: 1.5\nwho: {name: X, of: [1, 2]}\n"
        "many: [[1, 2], {a: b}]\ntext: |\n  two\n  lines\n"
        "---\nneedle\n"
    )
    shown = show(text, "needle")
    assert dict(shown.fields) == {
        "title": "T", "tags": "a, b c", "made": "2024-03-02", "at": "2024-03-02T10:00:00",
        "draft": "true", "empty": "", "n": "1.5", "who": "name: X, of: [1, 2]",
        "many": "[1, 2], (a: b)", "text": "two lines",
    }  # fmt: skip
    assert shown.line == text[: text.index("needle")].count("\n") + 1


def test_page_properties_are_fields_too(show):
    shown = show("tags:: [[bread]], slow\ntype:: note\n\n- needle\n", "needle")
    assert shown.fields == (("tags", "[[bread]], slow"), ("type", "note"))
    assert shown.before + shown.passage == "\n- needle"
    assert shown.line == 4


def test_fields_are_bounded(show):
    many = "".join(f"f{n}: {'x' * 400}\n" for n in range(35))
    shown = show(f"---\n{many}---\nneedle", "needle")
    assert len(shown.fields) == module.MAX_FIELDS
    assert {len(value) for _, value in shown.fields} == {module.MAX_VALUE}
    deep = "[" * 60 + "]" * 60
    shown = show(f"---\nf: {deep}\n---\nneedle", "needle")
    assert shown.fields == (("f", "[[[…]]]"),)


def test_front_matter_that_cannot_be_read_is_shown_as_it_is(show):
    shown = show("---\ntags: [x\n---\nneedle\n", "needle")
    assert shown.fields == ()
    assert "tags: [x" in shown.before + shown.passage


# Links -----------------------------------------------------------------------------------------

VAULT = {
    "Start.md": "# Start\n\nneedle\n\n## Part\n\nmore\n",
    "Other.md": "other at the top\n",
    "food/Start2.md": "x",
    "food/Bread.md": "---\naliases: [Loaf]\ntags: [a]\n---\n# Dense bread\n\n"
    "text ^first\n\n```\n## Rest\n```\n\n## The **Rest** of [[it|bread]]\n\nlast\n",
    "food/deep/Other.md": "other deep down\n",
    "food/Note.v2.md": "dots\n",
    "food/C#.md": "sharp\n",
    "food/Übung.markdown": "exercise\n",
    "pages/food___rye.md": "namespace\n",
    "pages/a%2Fb.md": "older namespace\n",
    "pages/topic.md": "title:: The Topic\n\n- namespace by title\n",
}


@pytest.fixture
def leads(indexed, vault):
    """Index some notes and return what follows a link in one of them."""
    folder = vault(VAULT)
    library = indexed(folder).library

    def run(target, source="Start.md"):
        return follow(library, folder / source, folder, target)

    run.folder, run.library = folder, library
    return run


@pytest.mark.parametrize(
    ("target", "source", "path"),
    [
        ("Other", "Start.md", "Other.md"),
        ("Other", "food/deep/Other.md", "food/deep/Other.md"),
        ("Other", "food/Bread.md", "Other.md"),
        ("deep/Other", "Start.md", "food/deep/Other.md"),
        ("food/deep/Other", "food/Bread.md", "food/deep/Other.md"),
        ("other.MD", "food/Bread.md", "Other.md"),
        ("Bread", "Start.md", "food/Bread.md"),
        ("bread.md", "Start.md", "food/Bread.md"),
        ("BREAD", "Start.md", "food/Bread.md"),
        ("food/Bread", "pages/topic.md", "food/Bread.md"),
        ("/food/Bread", "pages/topic.md", "food/Bread.md"),
        ("food\\Bread", "pages/topic.md", "food/Bread.md"),
        ("../food/./Bread.md", "pages/topic.md", "food/Bread.md"),
        ("../Start.md#part", "food/Bread.md", "Start.md"),
        ("loaf", "Start.md", "food/Bread.md"),
        ("Dense  bread", "Start.md", "food/Bread.md"),
        ("Note.v2", "Start.md", "food/Note.v2.md"),
        ("C#", "Start.md", "food/C#.md"),
        ("C#.md", "Start.md", "food/C#.md"),
        ("u\u0308bung", "Start.md", "food/Übung.markdown"),
        ("Ubung", "Start.md", "food/Übung.markdown"),
        ("food/rye", "Start.md", "pages/food___rye.md"),
        ("a/b", "Start.md", "pages/a%2Fb.md"),
        ("the topic", "Start.md", "pages/topic.md"),
        ("#Part", "Start.md", "Start.md"),
        (" Other ", "Start.md", "Other.md"),
    ],
)
def test_a_link_leads_to_a_note(leads, target, source, path):
    found = leads(target, source)
    assert (found.source, found.target) == (leads.folder / source, target)
    assert found.preview is not None
    assert found.preview.file == leads.folder / path
    assert found.preview.folder == leads.folder


@pytest.mark.parametrize(
    "target",
    ["Nothing", "food/Other", "food", "../Other", "..", ".", "/", "", "#", "../../etc/passwd",
     "//host/share/x", "C:/x", "x" * 5_000, "a\0b", "\ud800", "food/", "Bread/"],
)  # fmt: skip
def test_what_is_no_note_leads_nowhere_or_stays_inside(leads, target):
    found = leads(target, "Start.md").preview
    assert found is None or found.file.is_relative_to(leads.folder)
    if target in {"Nothing", "food/Other", "food", "//host/share/x", "\ud800"}:
        assert found is None


@pytest.mark.parametrize(
    ("target", "passage", "line"),
    [
        ("Bread", "", 5),
        ("Bread#Dense bread", "# Dense bread", 5),
        ("Bread#the-rest-of-bread", "## The **Rest** of [[it|bread]]", 13),
        ("Bread#Dense bread#The rest of bread", "## The **Rest** of [[it|bread]]", 13),
        ("Bread#^first", "text ^first", 7),
        ("Bread#Rest", "", 5),
        ("Bread#^second", "", 5),
        ("Bread#!", "", 5),
    ],
)
def test_a_heading_or_a_block_is_what_is_shown(leads, target, passage, line):
    shown = leads(target).preview
    assert (shown.passage, shown.line) == (passage, line)
    assert (shown.title, shown.words) == ("Dense bread", ())
    assert (shown.before + shown.passage + shown.after).startswith("# Dense bread")
    assert shown.fields == (("aliases", "Loaf"), ("tags", "a"))


def test_links_do_not_lead_outside(leads, tmp_path):
    (tmp_path / "secret.md").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.md").write_text("secret")
    (leads.folder / "away.md").symlink_to(tmp_path / "secret.md")
    (leads.folder / "linked").symlink_to(tmp_path / "elsewhere")
    (leads.folder / "Other.md").unlink()
    (leads.folder / "Other.md").symlink_to(tmp_path / "secret.md")
    for target in ("../secret", "../secret.md", "away", "linked/far", "linked/far.md", "secret",
                   str(tmp_path / "secret.md"), "food/../../secret"):  # fmt: skip
        assert leads(target).preview is None, target
    assert leads("Other").preview.file == leads.folder / "food/deep/Other.md"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")
def test_what_is_no_file_is_not_opened(leads):
    os.mkfifo(leads.folder / "pipe.md")
    (leads.folder / "dir.md").mkdir()
    assert leads("pipe").preview is None
    assert leads("dir").preview is None


def test_a_note_that_was_not_read_yet_is_followed_by_its_path(leads):
    (leads.folder / "new.md").write_text("# New\n\ntext")
    shown = leads("../new", "food/Bread.md").preview
    assert (shown.title, shown.after) == ("new", "# New\n\ntext")


def test_a_note_that_is_away_is_followed_as_it_was_read(leads):
    shutil.move(leads.folder, leads.folder.with_name("elsewhere"))
    shown = leads("Bread#The rest of bread").preview
    assert shown.file == leads.folder / "food/Bread.md"
    assert "last" in shown.after
    assert leads("Nothing").preview is None
