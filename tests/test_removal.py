"""How many notes patterns leave out, before they do and after."""

import time

import pytest
from fake_embedder import FakeEmbedder
from test_engine import Listener, answer_to, is_current, settings_for

from notesearch.core.engine import Engine
from notesearch.core.ignore import Directory, walk
from notesearch.core.notes import Removal
from notesearch.core.patterns import IGNORE_FILE, Rules, pattern_for
from notesearch.core.removal import removal
from notesearch.paths import UserPaths


def never():
    return False


@pytest.fixture
def notes(vault):
    return vault({
        "a.md": "a", "b.md": "b", "draft-1.md": "d", "image.png": b"x",
        "Journal/2024.md": "j", "Journal/2025.md": "j", "Journal/draft-2.md": "j",
        "Kept/x.md": "x", "Kept/draft-3.md": "x", f"Kept/{IGNORE_FILE}": "!draft-*\n",
        "Gone/y.md": "y", f"Gone/{IGNORE_FILE}": "*.md\n",
        "node_modules/z.md": "never looked into",
    })  # fmt: skip


def counted(library, folders, *patterns):
    told = removal(library, folders, patterns, never)
    assert told.patterns == patterns
    return told.notes, told.each


def test_each_note_is_counted_for_the_pattern_that_decides(library, notes):
    assert counted(library, [notes], "Journal/", "draft-*") == (4, (3, 1))
    assert counted(library, [notes], "draft-*", "Journal/") == (4, (1, 3))
    assert counted(library, [notes], "Journal/*", "!2024.md", "nothing") == (2, (2, 0, 0))
    # Of Gone, the folder's own file decides.
    assert counted(library, [notes], "*.md") == (7, (7,))
    # Nothing is looked at in a folder that is left out.
    assert counted(library, [notes], "*") == (9, (9,))


def test_a_line_that_is_no_pattern_is_told(library, notes):
    told = counted(library, [notes], "# comment", "", "***[", "[a[b]", "Journal/")
    assert told == (3, (0, 0, -1, -1, 3))


def test_what_is_counted_is_what_a_walk_leaves_out(library, notes):
    everything = sum(not isinstance(one, Directory) for one in walk(notes))
    for patterns in (["Journal/"], ["*.md", "!a.md"], ["draft-*"], ["/a.md", "Kept"], ["x.md"]):
        left = sum(not isinstance(one, Directory) for one in walk(notes, Rules(patterns)))
        assert counted(library, [notes], *patterns)[0] == everything - left


def test_a_pattern_of_one_folder_counts_there(library, notes, vault):
    other = vault({"Journal/a.md": "a", "Journal/b.md": "b"}, "other")
    folders = [notes, other]
    assert counted(library, folders, "Journal/") == (5, (5,))
    mine = pattern_for(other / "Journal", other, is_folder=True)
    assert counted(library, folders, mine) == (2, (2,))


def test_notes_of_a_folder_that_is_away_are_counted_from_the_library(notes, indexed, tmp_path):
    found = indexed(notes)
    notes.rename(tmp_path / "elsewhere")
    assert counted(found.searcher._library, [notes], "Journal/") == (3, (3,))


def test_it_can_be_broken_off(library, notes):
    assert removal(library, [notes], ["*"], lambda: True) is None


def test_many_notes_and_patterns_take_no_time(library, tmp_path):
    for i in range(100):
        folder = tmp_path / "many" / f"f{i}"
        folder.mkdir(parents=True)
        for j in range(30):
            (folder / f"n{j}.md").touch()
    patterns = [f"f{i}/n*{i}.md" for i in range(20)]
    began = time.monotonic()
    notes, _ = counted(library, [tmp_path / "many"], *patterns)
    assert time.monotonic() - began < 10
    assert notes > 0


# With the engine ----------------------------------------------------------------------------


def test_the_engine_counts_what_is_left_out_now_too(tmp_path, notes):
    listener, data = Listener(), tmp_path / "data"
    engine = Engine(UserPaths(data, data, data), FakeEmbedder, settings_for(notes), listener)
    engine.start()
    try:
        listener.wait_for(is_current)
        engine.count_removed(["Journal/"])
        assert listener.wait_for(lambda m: isinstance(m, Removal)).each == (3,)
        listener.messages.clear()
        settings = settings_for(notes)
        engine.apply(type(settings)(folders=settings.folders, ignored=("Journal/",), threads=2))
        listener.wait_for(lambda m: is_current(m) and m.notes == 5)
        engine.count_removed(["Journal/", "a.md"])
        assert listener.wait_for(lambda m: isinstance(m, Removal)).each == (3, 1)
    finally:
        engine.stop()


def test_a_question_is_answered_before_a_count(tmp_path, notes):
    listener, data = Listener(), tmp_path / "data"
    engine = Engine(UserPaths(data, data, data), FakeEmbedder, settings_for(notes), listener)
    engine.start()
    try:
        listener.wait_for(is_current)
        for number in range(20):
            engine.count_removed([f"{number}", "Journal/"])
            engine.search(f"j{number}", 5)
        listener.wait_for(answer_to("j19"))
        told = listener.wait_for(lambda m: isinstance(m, Removal) and m.patterns[0] == "19")
        assert told.notes == 3
    finally:
        engine.stop()


def test_the_path_of_the_folder_itself_is_about_all_of_it(library, notes):
    assert counted(library, [notes], pattern_for(notes, notes, is_folder=True))[0] == 9
    assert counted(library, [notes], str(notes))[0] == 9
    assert counted(library, [notes], str(notes) + "-old/")[0] == 0
