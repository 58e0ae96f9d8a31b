"""What was searched for before comes back, and nothing else is kept of it."""

import json
import os
import stat

import pytest

from notesearch.gui.history import MOST, History


@pytest.fixture
def file(tmp_path):
    return tmp_path / "data" / "history.json"


def filled(*texts, path=None):
    history = History(path)
    for text in texts:
        history.add(text)
    return history


def test_searches_come_back_newest_first_and_the_draft_at_the_end():
    history, shown = filled("one", "two", "three"), "draft"
    for expected in ("three", "two", "one", "one"):
        shown = history.older(shown)
        assert shown == expected
    for expected in ("two", "three", "draft", "draft"):
        shown = history.newer(shown)
        assert shown == expected


def test_what_is_in_the_box_already_is_passed_over():
    assert filled("one", "two").older("two") == "one"


def test_an_empty_history_leaves_the_box_as_it_is():
    assert History().older("draft") == "draft"
    assert History().newer("draft") == "draft"


def test_typing_begins_at_the_newest_again():
    history = filled("one", "two")
    history.older("")
    history.older("two")
    history.leave()
    assert history.older("new") == "two"


def test_a_search_is_kept_once_and_nothing_empty():
    assert filled("one", "two", " one ", "", "  ").texts == ("two", "one")


def test_it_is_kept_in_a_file_that_only_the_user_may_read(file):
    filled("one", "zwölf", path=file)
    assert History(file).texts == ("one", "zwölf")
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_does_not_grow_for_ever(file):
    filled(*(str(number) for number in range(MOST + 20)), path=file)
    assert len(json.loads(file.read_text(encoding="utf-8"))) == MOST


def test_clearing_it_removes_the_file(file):
    history = filled("one", path=file)
    history.clear()
    assert not file.exists()
    assert history.texts == ()


def test_turned_off_it_forgets_all_and_keeps_nothing(file):
    history = filled("one", path=file)
    history.keep(wanted=False)
    history.add("two")
    assert not file.exists()
    assert history.older("draft") == "draft"
    history.keep(wanted=True)
    history.add("three")
    assert History(file).texts == ("three",)


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[1, null]", "\x00"])
def test_a_file_that_makes_no_sense_is_begun_anew(file, content):
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    history = History(file)
    assert history.texts == ()
    history.add("one")
    assert History(file).texts == ("one",)


def test_a_place_that_cannot_be_written_is_borne(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    history = filled("one", path=tmp_path / "data" / "history.json")
    assert history.texts == ("one",)
    history.clear()
