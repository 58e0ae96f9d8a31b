"""How the disk differs from the library."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

import pytest
from test_ignore import InCloud

from notesearch.core import difference
from notesearch.core.difference import compare
from notesearch.core.indexer import Indexer
from notesearch.core.library import ChosenFolder, Found, Signature
from notesearch.core.notes import ONLY_IN_CLOUD
from notesearch.core.patterns import Rules
from notesearch.core.vectors import VectorIndex

FILES = {"a.md": "apple", "sub/b.md": "banana", "sub/deep/c.md": "cherry", "subway/d.md": "date"}


def names(paths, folder):
    return sorted(os.path.relpath(p, folder) for p in paths)


@pytest.fixture
def folder(vault):
    return vault(FILES)


def outdated(found, folder):
    return names([one.path for one in found.outdated], folder)


@pytest.mark.usefixtures("nothing_is_young")
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


def test_all_folders_that_were_looked_into_are_told(library, folder, vault):
    vault({".git/x.md": "", "out/x.md": "", "empty/x.txt": "", "sub/link.md": "x"})
    (folder / "link").symlink_to(folder / "sub")
    inside = [".", "empty", "sub", "sub/deep", "subway"]
    found = compare(library, [folder], Rules(["out/"]))
    assert names(found.directories, folder) == inside
    at = [str(folder / path) for path in ("sub", "a.md", "out", "no", "subway/d.md")]
    assert names(compare(library, [folder], Rules(["out/"]), at).directories, folder) == [
        "sub", "sub/deep"
    ]  # fmt: skip


def test_the_indexer_keeps_the_folders_that_were_looked_into(
    folder, library, encoder, vault, tmp_path
):
    with contextlib.closing(
        Indexer(library, VectorIndex(encoder.dimension), encoder, [folder], threads=1)
    ) as indexer:
        indexer.scan()
        assert names(indexer.directories, folder) == [".", "sub", "sub/deep", "subway"]
        (folder / "sub/deep").rename(folder / "sub/deeper")
        vault({"new/inner/x.md": "x", "a.md": "x"})
        indexer.refresh([str(folder / path) for path in ("sub/deep", "sub/deeper", "new", "a.md")])
        after = [".", "new", "new/inner", "sub", "sub/deeper", "subway"]
        assert names(indexer.directories, folder) == after
        (folder / "sub").rename(tmp_path / "outside")
        indexer.refresh([str(folder / "sub")])
        assert names(indexer.directories, folder) == [".", "new", "new/inner", "subway"]
        folder.rename(tmp_path / "elsewhere")
        indexer.scan()
        assert indexer.directories == set()


# Hazards: what is forgotten and what is kept ----------------------------------------------------


@pytest.fixture
def indexer(folder, library, encoder):
    index = VectorIndex(encoder.dimension)
    with contextlib.closing(Indexer(library, index, encoder, [folder], threads=1)) as one:
        yield one


@pytest.fixture
def update(indexer, folder, bring_up_to_date):
    """Bring a library up to date with a folder, wholly or at some paths; return what is in it."""

    def run(*at):
        if at:
            indexer.refresh([str(folder / path) for path in at])
            while indexer.read_some() or indexer.embed_some():
                pass
        else:
            bring_up_to_date(indexer)
        return names(indexer._library.stored(), folder)

    return run


@pytest.mark.parametrize("whole", [True, False])
def test_a_note_that_becomes_a_folder_and_a_note_again(folder, vault, update, whole):
    assert update() == sorted(FILES)
    others = [path for path in FILES if path != "a.md"]
    (folder / "a.md").unlink()
    vault({"a.md/inner.md": "inner"})
    at = () if whole else ("a.md",)
    assert update(*at) == sorted([*others, "a.md/inner.md"])
    (folder / "a.md/inner.md").unlink()
    (folder / "a.md").rmdir()
    vault({"a.md": "apple"})
    assert update(*at) == sorted(FILES)


@pytest.mark.parametrize("whole", [True, False])
def test_a_folder_that_may_no_longer_be_looked_into_keeps_its_notes(
    indexer, folder, update, monkeypatch, whole
):
    update()
    scandir = os.scandir

    def refuse(path):
        if str(path) == str(folder / "sub/deep"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    at = () if whole else ("sub",)
    assert update(*at) == sorted(FILES)
    assert [(p.path, p.reason) for p in indexer.problems()] == [
        (str(folder / "sub/deep"), "the folder cannot be read: Permission denied")
    ]
    assert names(indexer.directories, folder) == [".", "sub", "subway"]
    (folder / "sub/b.md").unlink()
    assert "sub/b.md" not in update(*at)
    monkeypatch.undo()
    (folder / "sub/deep/c.md").unlink()
    assert update(*at) == ["a.md", "subway/d.md"]
    assert indexer.problems() == ()


def test_the_chosen_folder_may_not_be_looked_into(update, monkeypatch):
    update()

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert update() == sorted(FILES)


def test_links_that_lead_in_circles_neither_end_nor_change_anything(indexer, folder, update):
    update()
    (folder / "sub/up").symlink_to(folder)
    (folder / "sub/itself").symlink_to(folder / "sub/itself")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    for at in ((), ("sub/up", "sub/itself", "loop.md", "sub/up/a.md", "sub/itself/x.md")):
        assert update(*at) == sorted(FILES)
        assert str(folder / "loop.md") in {p.path for p in indexer.problems()}


def test_a_name_of_which_only_the_case_changes(folder, update):
    update()
    (folder / "a.md").rename(folder / "A.md")
    (folder / "sub").rename(folder / "Sub")
    after = ["A.md", "Sub/b.md", "Sub/deep/c.md", "subway/d.md"]
    assert update("a.md", "A.md", "sub", "Sub") == after
    assert update() == after


def test_notes_whose_names_differ_only_in_how_accents_are_written(folder, vault, update):
    vault({"caf\u00e9.md": "composed", "cafe\u0301.md": "decomposed"})
    if len(list(folder.glob("caf*.md"))) == 1:
        pytest.skip("not on this disk")
    both = sorted([*FILES, "caf\u00e9.md", "cafe\u0301.md"])
    assert update() == both
    (folder / "caf\u00e9.md").unlink()
    assert update("caf\u00e9.md") == sorted([*FILES, "cafe\u0301.md"])


def deepen(folder, levels, name):
    """Make a folder in a folder in a folder; its path may become longer than any path can be."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=at)
        inner = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    with open(os.open("deep.md", os.O_WRONLY | os.O_CREAT, dir_fd=at), "wb") as file:  # noqa: PTH123
        file.write(b"deep down")
    os.close(at)


def remove(folder, name):
    """Take such a tree away from its beginning on: no path to its end is short enough."""
    top, spare = folder / name, folder / "spare"
    while (top / name).exists():
        (top / name).rename(spare)
        for file in top.iterdir():
            file.unlink()
        top.rmdir()
        spare.rename(top)
    shutil.rmtree(top)


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="such paths cannot be made here")
@pytest.mark.parametrize("tree", [(1_000, "d"), (60, "d" * 100)], ids=["deep", "too deep"])
def test_a_very_deep_tree(indexer, folder, vault, update, tree):
    levels, name = tree
    deepen(folder, levels, name)
    try:
        within = len(str(folder)) + levels * (len(name) + 1) < os.pathconf(folder, "PC_PATH_MAX")
        deep = [f"{name}/" * levels + "deep.md"] if within else []
        assert update() == sorted([*FILES, *deep])
        wrong = indexer.problems()
        assert len(wrong) == (not within)
        assert all("File name too long" in one.reason for one in wrong)
        vault({f"{name}/{name}/x.md": "x"})
        here = sorted([*FILES, *deep, f"{name}/{name}/x.md"])
        assert update(name) == here
        assert update(*deep, f"{name}/{name}/x.md") == here
        too_long = f"{name}/" * 5_000 + "x.md"
        assert update(too_long) == here
    finally:
        remove(folder, name)
    assert update() == sorted(FILES)
    assert indexer.problems() == ()


def test_what_was_to_be_read_and_is_now_left_out_is_not_read(indexer, vault, update):
    vault({f"many/{number}.md": f"number {number}" for number in range(100)})
    indexer.scan()
    vault({"many/.notesearchignore": "*"})
    assert update("many") == sorted(FILES)


# Notes that are only in the cloud ---------------------------------------------------------------


@pytest.fixture
def in_cloud(monkeypatch):
    return InCloud(monkeypatch).files


def test_a_note_that_was_never_here_is_listed_and_read_when_it_comes(
    indexer, folder, update, in_cloud
):
    path = str(folder / "a.md")
    in_cloud.add(path)
    assert update() == sorted(FILES)
    assert [(p.path, p.reason) for p in indexer.problems()] == [(path, ONLY_IN_CLOUD)]
    assert indexer._library.stored_one(path).hash == b""
    assert not indexer.scan()
    assert path not in {one.path for one in compare(indexer._library, [folder]).outdated}
    in_cloud.clear()
    update("a.md")
    assert indexer.problems() == ()
    assert list(indexer._library.passages_of(path).values()) == ["apple"]


def test_a_note_that_was_read_before_it_went_keeps_what_was_read(
    indexer, folder, vault, update, in_cloud
):
    update()
    path = str(folder / "a.md")
    in_cloud.add(path)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    for at in ((), ("a.md",)):
        assert update(*at) == sorted(FILES)
        assert indexer.problems() == ()
        assert list(indexer._library.passages_of(path).values()) == ["apple"]
    in_cloud.clear()
    vault({"a.md": "quince"})
    os.utime(path, (1_700_000_000, 1_700_000_000))
    update()
    assert list(indexer._library.passages_of(path).values()) == ["quince"]


def test_a_note_that_goes_between_looking_and_reading_is_not_fetched(indexer, folder, in_cloud):
    indexer.scan()
    in_cloud.add(str(folder / "a.md"))
    while indexer.read_some():
        pass
    assert [p.reason for p in indexer.problems()] == [ONLY_IN_CLOUD]


@pytest.mark.parametrize(
    "case",
    list(itertools.product(["a.md.nextcloud", "a.md.owncloud", ".a.md.icloud"], [(), ("a.md",)])),
)
def test_a_note_in_whose_place_another_file_lies(indexer, folder, vault, update, case):
    name, at = case
    path = str(folder / "a.md")
    vault({"a.md": None, name: " "})
    others = [one for one in sorted(FILES) if one != "a.md"]
    assert update() == others
    assert [(p.path, p.reason) for p in indexer.problems()] == [(path, ONLY_IN_CLOUD)]
    vault({"a.md": "apple", name: None})
    assert update(*at) == sorted(FILES)
    assert indexer.problems() == ()
    vault({"a.md": None, name: " "})
    assert update(*at) == sorted(FILES)
    assert [(p.path, p.reason) for p in indexer.problems()] == [(path, ONLY_IN_CLOUD)]
    assert list(indexer._library.passages_of(path).values()) == ["apple"]
    vault({name: None})
    assert update(*at) == others
    assert indexer.problems() == ()


# Disks inside of a folder -------------------------------------------------------------------


@pytest.fixture
def disk(indexed, folder, monkeypatch):
    """A library of a folder of which one folder inside is on another disk, which then goes."""
    place = folder / "disk"
    place.mkdir()
    (place / "a.md").write_text("on the disk", encoding="utf-8")
    mounted = {str(place)}
    monkeypatch.setattr(difference, "_is_mounted", lambda path: path in mounted)
    library = indexed(folder).library
    assert library.mounted() == {str(place)}
    (place / "a.md").unlink()
    mounted.clear()
    return library, place


def test_notes_of_a_disk_inside_a_folder_stay_when_it_goes(disk, folder):
    library, place = disk
    (place / ".nomount").touch()
    found = compare(library, [folder])
    assert (found.gone, found.mounted) == ((), {str(place)})
    assert [problem.path for problem in found.problems] == [str(place)]
    place.joinpath(".nomount").unlink()
    place.rmdir()
    assert compare(library, [folder]).gone == ()
    assert compare(library, [folder], at=[str(place)]).gone == ()


def test_they_go_when_something_else_is_there_or_the_place_is_none_any_more(disk, folder):
    library, place = disk
    gone = (str(place / "a.md"),)
    (place / "b.md").write_text("another", encoding="utf-8")
    assert compare(library, [folder]).gone == gone
    (place / "b.md").unlink()
    assert compare(library, [folder], Rules(["/disk/"])).gone == gone
    place.rmdir()
    assert compare(library, [folder], Rules(["/disk/"])).gone == gone


def test_they_go_with_the_folder_that_the_disk_was_in(indexed, vault, monkeypatch):
    folder = vault({"in/disk/a.md": "on the disk", "b.md": "elsewhere"})
    mounted = {str(folder / "in/disk")}
    monkeypatch.setattr(difference, "_is_mounted", lambda path: path in mounted)
    library = indexed(folder).library
    (folder / "in").rename(folder / "renamed")
    mounted |= {str(folder / "renamed/disk")}
    mounted.remove(str(folder / "in/disk"))
    found = compare(library, [folder])
    assert found.gone == (str(folder / "in/disk/a.md"),)
    assert found.mounted == {str(folder / "renamed/disk")}


def test_a_disk_that_was_chosen_itself_and_is_away_is_kept_in_the_folder_around_it(
    indexed, vault, folder
):
    disk = vault({"disk/a.md": "on the disk"}) / "disk"
    library = indexed(disk).library
    chosen = {str(disk): ChosenFolder(there=False, device=7)}
    library.put_folders(chosen, frozenset(), ())
    (disk / "a.md").unlink()
    found = compare(library, [folder])
    assert (found.gone, found.mounted) == ((), {str(disk)})


def test_what_is_in_a_root_is_inside_of_it(library, monkeypatch):
    paths = ("/a.md", "/sub/b.md")
    for path in paths:
        library.put_problem(Found(path, "/", Signature(1, 1, 1, 1)), "cannot be read")
    assert library.stored(["/"]).keys() == set(paths)
    monkeypatch.setattr(difference, "_device", lambda _: None)
    assert compare(library, [Path("/")]).gone == ()
