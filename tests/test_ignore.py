import os
import sys
from pathlib import Path

import pytest

from notesearch.core.ignore import is_note, is_searched, look, outermost, walk
from notesearch.core.notes import Problem


def names(folder):
    return sorted(Path(one.path).relative_to(folder).as_posix() for one in walk(folder))


@pytest.mark.parametrize("name", ["a.md", "A.MD", "b.markdown", "x.y.mkd", "Ünïcode note.md"])
def test_markdown_files_are_notes(name):
    assert is_note(name)


@pytest.mark.parametrize(
    "name", ["a.txt", "md", ".md", ".hidden.md", "~$a.md", "#a.md", "a.md~", "a.md.tmp", "a.md.swp"]
)
def test_other_and_temporary_files_are_not(name):
    assert not is_note(name)


@pytest.mark.parametrize(
    ("name", "parent", "searched"),
    [(".obsidian", "", False), (".git", "", False), ("node_modules", "", False),
     ("bak", "logseq", False), ("bak", "x", True), ("logseq", "", True), ("Archive", "", True)],
)  # fmt: skip
def test_folders_of_programs_are_not_searched(name, parent, searched):
    assert is_searched(name, parent) is searched


def test_a_folder_is_walked_without_what_is_ignored(vault):
    folder = vault({
        "a.md": "a", "B.MD": "b", "sub/deep/c.markdown": "c", "pages/d.md": "d",
        ".obsidian/x.md": "", ".trash/x.md": "", "logseq/bak/x.md": "",
        "logseq/version-files/x.md": "", "node_modules/x/readme.md": "", "image.png": b"",
    })  # fmt: skip
    assert names(folder) == ["B.MD", "a.md", "pages/d.md", "sub/deep/c.markdown"]


def test_a_folder_named_like_a_note_is_a_folder(vault):
    assert names(vault({"x.md/inner.md": "a"})) == ["x.md/inner.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_never_a_note(vault):
    folder = vault({"a.md": "a"})
    os.mkfifo(folder / "pipe.md")
    assert names(folder) == ["a.md"]
    assert look(str(folder / "pipe.md"), str(folder)) is None


def test_links_do_not_lead_in_circles(vault):
    folder = vault({"sub/a.md": "a"})
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "link.md").symlink_to(folder / "sub" / "a.md")
    (folder / "dangling.md").symlink_to(folder / "nowhere.md")
    (folder / "self.md").symlink_to(folder / "self.md")
    assert names(folder) == ["link.md", "self.md", "sub/a.md"]
    (problem,) = [one for one in walk(folder) if isinstance(one, Problem)]
    assert problem.path == str(folder / "self.md")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_unicode_is_a_problem(vault):
    folder = vault({"a.md": "a"})
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text("x", encoding="utf-8")
    (problem,) = [one for one in walk(folder) if isinstance(one, Problem)]
    assert "UTF-8" in problem.reason
    problem.path.encode()


def test_a_missing_folder_is_a_problem(tmp_path):
    (problem,) = walk(tmp_path / "gone")
    assert isinstance(problem, Problem)


def test_a_vanished_note_is_none(tmp_path):
    assert look(str(tmp_path / "gone.md"), str(tmp_path)) is None


def test_folders_inside_folders_are_dropped(vault, tmp_path):
    folder = vault({"sub/a.md": "a", "subway/b.md": "b"})
    other = vault({}, "other")
    (tmp_path / "alias").symlink_to(folder)
    chosen = [folder / "sub", folder, other, folder / "sub" / "..", tmp_path / "alias"]
    assert outermost(chosen) == [folder, other]
    assert outermost([folder / "sub", folder / "subway"]) == [folder / "sub", folder / "subway"]
