"""How the disk differs from the library."""

import os

import pytest

from notesearch.core import difference
from notesearch.core.difference import compare
from notesearch.core.ignore import Rules

FILES = {"a.md": "apple", "sub/b.md": "banana", "sub/deep/c.md": "cherry", "subway/d.md": "date"}


def names(paths, folder):
    return sorted(os.path.relpath(p, folder) for p in paths)


@pytest.fixture
def folder(vault):
    return vault(FILES)


def outdated(found, folder):
    return names([one.path for one in found.outdated], folder)


def test_everything_is_new_at_first_and_nothing_later(indexed, folder, library):
    first = compare(library, [folder])
    assert outdated(first, folder) == sorted(FILES)
    assert names(first.new, folder) == sorted(FILES)
    again = compare(indexed(folder).library, [folder])
    assert (again.outdated, again.gone, again.problems) == ((), (), ())


def test_only_the_paths_named_and_what_is_below_are_looked_at(indexed, folder, vault):
    library = indexed(folder).library
    vault({"a.md": "another apple", "sub/b.md": "another banana", "sub/deep/c.md": None,
           "subway/d.md": None, "sub/new.md": "new"})  # fmt: skip
    found = compare(library, [folder], at=[str(folder / "sub")])
    assert outdated(found, folder) == ["sub/b.md", "sub/new.md"]
    assert names(found.new, folder) == ["sub/new.md"]
    assert names(found.gone, folder) == ["sub/deep/c.md"]
    found = compare(library, [folder], at=[str(folder / "a.md"), str(folder / "subway/d.md")])
    assert outdated(found, folder) == ["a.md"]
    assert names(found.gone, folder) == ["subway/d.md"]


@pytest.mark.parametrize("inside", [".git/x.md", ".hidden.md", "node_modules/x.md", "x.txt", "no"])
def test_a_path_that_is_not_searched_is_nothing(library, folder, vault, inside):
    if inside != "no":
        vault({inside: "words"})
    found = compare(library, [folder], at=[str(folder / inside)])
    assert (found.outdated, found.gone, found.problems) == ((), (), ())


def test_a_path_behind_a_link_to_a_folder_is_nothing(library, folder, vault):
    other = vault({"x.md": "words"}, "other")
    (folder / "link").symlink_to(other)
    for path in ("link", "link/x.md"):
        assert compare(library, [folder], at=[str(folder / path)]).outdated == ()


def test_rules_leave_out_what_they_say(indexed, folder):
    library = indexed(folder).library
    found = compare(library, [folder], Rules(["deep/", "/a.md", "!b.md"]))
    assert names(found.gone, folder) == ["a.md", "sub/deep/c.md"]
    rules = Rules(["sub/*", "!sub/b.md"])
    assert names(compare(library, [folder], rules).gone, folder) == ["sub/deep/c.md"]
    at = [str(folder / "sub/deep/c.md"), str(folder / "sub/b.md")]
    assert names(compare(library, [folder], rules, at).gone, folder) == ["sub/deep/c.md"]


def test_a_pattern_that_is_none_is_passed_over_and_told():
    rules = Rules(["!", "sub/", "\\"])
    assert rules.wrong == ("!", "\\")
    assert rules.leave_out("/n/sub", "/n", is_folder=True)
    assert not rules.leave_out("/n/a.md", "/n")


def test_a_folder_that_is_away_is_not_empty(indexed, folder, tmp_path):
    library = indexed(folder).library
    folder.rename(tmp_path / "elsewhere")
    found = compare(library, [folder])
    assert found.gone == ()
    assert [p.reason for p in found.problems] == [difference.AWAY]
    assert not found.folders[str(folder)].there
    assert compare(library, [folder], at=[str(folder / "a.md")]).gone == ()


def test_a_folder_that_goes_while_it_is_looked_through_is_away(
    indexed, folder, tmp_path, monkeypatch
):
    library = indexed(folder).library
    walk = difference._walk

    def interrupted(*arguments):
        seen = list(walk(*arguments))
        folder.rename(tmp_path / "elsewhere")
        return seen[:1]

    monkeypatch.setattr(difference, "_walk", interrupted)
    found = compare(library, [folder])
    assert found.gone == ()
    assert not found.folders[str(folder)].there


def test_a_folder_without_notes_on_another_disk_is_a_disk_that_is_not_mounted(
    indexed, folder, tmp_path, monkeypatch
):
    library = indexed(folder).library
    folder.rename(tmp_path / "elsewhere")
    folder.mkdir()
    (folder / ".keep").touch()
    assert len(compare(library, [folder]).gone) == len(FILES)
    monkeypatch.setattr(difference, "_device", lambda _: 12345)
    found = compare(library, [folder])
    assert found.gone == ()
    assert [p.reason for p in found.problems] == [difference.AWAY]


def test_notes_of_a_folder_that_is_no_longer_searched_are_gone(indexed, folder, vault):
    other = vault({"x.md": "words"}, "other")
    library = indexed(folder, other).library
    assert names(compare(library, [folder]).gone, other) == ["x.md"]
