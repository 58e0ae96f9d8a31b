"""How many notes patterns leave out, before they do and after."""

import time

import pytest
from PySide6.QtCore import QObject

from notesearch.core.ignore import Directory, walk
from notesearch.core.patterns import IGNORE_FILE, Rules, pattern_for
from notesearch.core.removal import removal
from notesearch.counting import Counting


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


def counted(folders, *patterns):
    told = removal(folders, patterns, never)
    assert told.patterns == patterns
    return told.notes, told.each


def test_each_note_is_counted_for_the_pattern_that_decides(notes):
    assert counted([notes], "Journal/", "draft-*") == (4, (3, 1))
    assert counted([notes], "draft-*", "Journal/") == (4, (1, 3))
    assert counted([notes], "Journal/*", "!2024.md", "nothing") == (2, (2, 0, 0))
    # Of Gone, the folder's own file decides.
    assert counted([notes], "*.md") == (7, (7,))
    # Nothing is looked at in a folder that is left out.
    assert counted([notes], "*") == (9, (9,))


def test_a_line_that_is_no_pattern_is_told(notes):
    told = counted([notes], "# comment", "", "***[", "[a[b]", "Journal/")
    assert told == (3, (0, 0, -1, -1, 3))


def test_what_is_counted_is_what_a_walk_leaves_out(notes):
    everything = sum(not isinstance(one, Directory) for one in walk(notes))
    for patterns in (["Journal/"], ["*.md", "!a.md"], ["draft-*"], ["/a.md", "Kept"], ["x.md"]):
        left = sum(not isinstance(one, Directory) for one in walk(notes, Rules(patterns)))
        assert counted([notes], *patterns)[0] == everything - left


def test_a_pattern_of_one_folder_counts_there(notes, vault):
    other = vault({"Journal/a.md": "a", "Journal/b.md": "b"}, "other")
    folders = [notes, other]
    assert counted(folders, "Journal/") == (5, (5,))
    mine = pattern_for(other / "Journal", other, is_folder=True)
    assert counted(folders, mine) == (2, (2,))


def test_a_folder_that_is_away_counts_nothing(notes, tmp_path):
    notes.rename(tmp_path / "elsewhere")
    assert counted([notes], "Journal/") == (0, (0,))


def test_it_can_be_broken_off(notes):
    assert removal([notes], ["*"], lambda: True) is None


def test_many_notes_and_patterns_take_no_time(tmp_path):
    for i in range(100):
        folder = tmp_path / "many" / f"f{i}"
        folder.mkdir(parents=True)
        for j in range(30):
            (folder / f"n{j}.md").touch()
    patterns = [f"f{i}/n*{i}.md" for i in range(20)]
    # The time of the processor: by the clock, a busy machine may take any.
    began = time.thread_time()
    notes, _ = counted([tmp_path / "many"], *patterns)
    assert time.thread_time() - began < 10
    assert notes > 0


def test_the_path_of_the_folder_itself_is_about_all_of_it(notes):
    assert counted([notes], pattern_for(notes, notes, is_folder=True))[0] == 9
    assert counted([notes], str(notes))[0] == 9
    assert counted([notes], str(notes) + "-old/")[0] == 0


def test_it_is_broken_off_among_folders_without_notes(tmp_path):
    for number in range(50):
        (tmp_path / "empty" / str(number)).mkdir(parents=True)
    asked = []
    assert removal([tmp_path], ["*"], lambda: asked.append(1) or len(asked) > 3) is None
    assert len(asked) == 4


# In its thread --------------------------------------------------------------------------------


@pytest.fixture
def counting(qtbot):
    del qtbot
    owner = QObject()
    made = Counting(owner)
    made.told = []
    made.removed.connect(made.told.append)
    yield made
    made.end()
    made._worker and made._worker.join(60)


def test_what_is_left_out_now_is_counted_too_and_only_the_newest_is_told(counting, notes, qtbot):
    for number in range(20):
        counting.count_removed([notes], [f"{number}", "Journal/"])
    qtbot.waitUntil(
        lambda: bool(counting.told) and counting.told[-1].patterns[0] == "19", timeout=60_000
    )
    assert counting.told[-1].notes == 3


def test_the_notes_of_a_folder_are_counted_beside(counting, notes, qtbot):
    with qtbot.waitSignal(counting.counted) as said:
        counting.count_removed([notes], ["Journal/"])
        counting.count_notes(notes, ["Journal/"])
    assert said.args == [notes, 5]
    assert counting.told[-1].notes == 3
