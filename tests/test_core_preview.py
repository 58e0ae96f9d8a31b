"""What is shown of a note beside the list."""

import pytest

from notesearch.core import preview as module
from notesearch.core.preview import preview
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
    assert (shown.before, shown.passage, shown.after) == ("", "the needle", "\n\nmore")


def test_line_ends_of_other_systems_do_not_move_anything(show):
    shown = show("\ufeff# T\r\n\r\nfirst\r\n\r\n## B\r\n\r\nthe needle\r\n", "needle")
    assert shown.passage == "the needle"
    assert shown.before == "# T\n\nfirst\n\n## B\n\n"


def test_a_megabyte_is_no_trouble(show):
    shown = show("# T\n\n" + "needle " * 150_000, "needle")
    assert len(shown.before + shown.passage + shown.after) < 30_000
