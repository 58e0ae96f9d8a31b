import os
import random
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec
from PySide6.QtGui import QImage

from notesearch.core import patterns, textfile
from notesearch.core.ignore import (
    Directory,
    concerned,
    is_note,
    is_searched,
    left_out,
    look,
    outermost,
    stands_for,
    walk,
    walk_at,
)
from notesearch.core.library import Found
from notesearch.core.notes import ONLY_IN_CLOUD, Problem, is_placeholder
from notesearch.core.patterns import EVERYTHING, IGNORE_FILE, Rules
from notesearch.gui.preview_files import Pictures


def names(folder):
    return sorted(
        Path(one.path).relative_to(folder).as_posix()
        for one in walk(folder)
        if not isinstance(one, Directory)
    )


@pytest.mark.parametrize(
    "name", ["a.md", "A.MD", "b.markdown", "x.y.mkd", "Ünïcode note.md", "#1 idea.md", "~a.md"]
)
def test_markdown_files_are_notes(name):
    assert is_note(name)


@pytest.mark.parametrize(
    "name",
    ["a.txt", "md", ".md", ".hidden.md", "._a.md", "a.md.bak",
     # Emacs, Vim, Kate, Sublime, JetBrains, GNOME, macOS, nano, Office, LibreOffice
     "#a.md#", ".#a.md", "a.md~", ".a.md.swp", "a.md.swp", "4913", ".a.md.kate-swp", "a.md.tmp",
     "a.md___jb_tmp___", ".goutputstream-ABC", "a.md.sb-1a2b3c", "a.md.save", "~$a.md",
     ".~lock.a.md#",
     # Syncthing, Nextcloud, ownCloud, OneDrive, Dropbox, rclone, Unison, Resilio, browsers
     ".syncthing.a.md.tmp", "~syncthing~a.md.tmp", "~syncthing~a.md", ".sync_1a2b.db",
     "._sync_1a2b.db", ".owncloudsync.log", ".a.md.~1a2b", "~1a2b.tmp", "a.md.x1.partial",
     ".unison.a.md.1.unison.tmp", "a.md.!sync", "a.md.crdownload", "a.md.part", "a.md.download"],
)  # fmt: skip
def test_other_and_temporary_files_are_not(name):
    assert not is_note(name)


@pytest.mark.parametrize(
    "name",
    ["a.sync-conflict-20240101-120000-ABCDEFG.md", "a (conflicted copy 2024-01-01).md",
     "a (Anna's conflicted copy 2024-01-01).md", "a (conflicted copy 2024-01-01 120000).md",
     "a-LAPTOP.md", "a-LAPTOP-2.md", "a_conf(1).md", "a (1).md", "a 2.md"],
)  # fmt: skip
def test_copies_of_two_versions_are_notes(name):
    assert is_note(name)


@pytest.mark.parametrize(
    "name",
    [".git", ".stversions", ".stfolder", ".dropbox.cache", ".Trash-1000", ".sync", ".obsidian",
     ".tmp.drivedownload", "@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot",
     "_gsdata_", "lost+found", "$RECYCLE.BIN", "System Volume Information", "node_modules"],
)  # fmt: skip
def test_folders_that_systems_and_sync_clients_leave_are_not_searched(name, vault):
    assert not is_searched(name, "")
    folder = vault({"a.md": "a", f"{name}/x.md": "", f"sub/{name}/x.md": ""})
    assert names(folder) == ["a.md"]
    assert "never looked into" in left_out(folder / name / "x.md", folder, Rules())[0]


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


# Ignore files ---------------------------------------------------------------------------------


def problems(folder, rules=EVERYTHING):
    return [(Path(one.path).relative_to(folder).as_posix(), one.reason)
            for one in walk(folder, rules) if isinstance(one, Problem)]  # fmt: skip


def notes(seen, folder):
    return sorted(Path(one.path).relative_to(folder).as_posix()
                  for one in seen if isinstance(one, Found))  # fmt: skip


def everywhere(folder):
    """All paths below a folder, and some that are not there."""
    for parent, folders, files in os.walk(folder):
        yield from (str(Path(parent, one)) for one in [*folders, *files, "no.md", "no"])


def assert_that_a_walk_at_each_path_is_the_walk(folder, rules=EVERYTHING):
    whole = list(walk(folder, rules))
    assert list(walk_at(str(folder), folder, rules)) == whole
    for path in everywhere(folder):
        below = [one for one in whole if one.path == path or one.path.startswith(path + os.sep)]
        assert list(walk_at(path, folder, rules)) == below, path


def test_an_ignore_file_holds_for_its_folder_and_below(vault):
    folder = vault({
        "a.md": "", "draft.md": "", "sub/draft.md": "", "sub/b.md": "", "sub/deep/draft.md": "",
        "sub/old/c.md": "", "old/d.md": "", f"sub/{IGNORE_FILE}": "draft.md\n/old/\n",
    })  # fmt: skip
    assert names(folder) == ["a.md", "draft.md", "old/d.md", "sub/b.md"]


def test_a_deeper_file_goes_before_the_one_above_and_that_before_the_settings(vault):
    folder = vault({
        "a.md": "", "b.md": "", "c.md": "", "sub/a.md": "", "sub/b.md": "", "sub/c.md": "",
        IGNORE_FILE: "!a.md\nb.md\n", f"sub/{IGNORE_FILE}": "!b.md\n",
    })  # fmt: skip
    rules = Rules(["*.md"])
    assert notes(walk(folder, rules), folder) == ["a.md", "sub/a.md", "sub/b.md"]
    assert_that_a_walk_at_each_path_is_the_walk(folder, rules)


def test_nothing_comes_back_below_a_folder_that_is_left_out(vault):
    folder = vault({
        "out/keep.md": "", f"out/{IGNORE_FILE}": "!keep.md\n", "a.md": "", "in/keep.md": "",
        "in/b.md": "", IGNORE_FILE: "out/\n!out/keep.md\nin/**\n!in/keep.md\n",
    })  # fmt: skip
    assert names(folder) == ["a.md", "in/keep.md"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [("*\n!*/\n!keep.md\n", ["keep.md", "sub/keep.md"]),
     ("*.md\n!sub/\n", []),
     ("/*\n!/sub/\n", ["sub/a.md", "sub/keep.md"]),
     ("# a comment\n\n  \na.md   \n", ["keep.md", "sub/keep.md"]),
     ("\ufeffa.md\r\nsub/\r\n", ["keep.md"]),
     ("\\!a.md\n\\#a.md\n", ["a.md", "keep.md", "sub/a.md", "sub/keep.md"]),
     ("", ["a.md", "keep.md", "sub/a.md", "sub/keep.md"])],
)  # fmt: skip
def test_what_is_common_in_such_files_means_what_git_says(vault, lines, expected):
    files = {"a.md": "", "keep.md": "", "sub/a.md": "", "sub/keep.md": ""}
    assert names(vault(files | {IGNORE_FILE: lines})) == expected
    if lines and "\ufeff" not in lines:
        assert notes(walk(vault({IGNORE_FILE: None}), Rules(lines.split("\n"))),
                     vault({})) == expected  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"caf\xe9\na.md\n", "UTF-8"), ("a.md\n".encode("utf-16"), "UTF-8"),
     (b"a.md\n" + b"#" * patterns.MAX_IGNORE_BYTES, "larger than 64 KB"),
     (b"a.md\n" * (patterns.MAX_PATTERNS + 1), "more than 1,000 lines")],
)  # fmt: skip
def test_an_ignore_file_that_cannot_be_taken_in_is_a_problem_and_nothing_else(vault, content, said):
    folder = vault({"a.md": "", f"sub/{IGNORE_FILE}": content, "sub/a.md": "", "sub/b.md": "",
                    IGNORE_FILE: "b.md\n"})  # fmt: skip
    assert notes(walk(folder), folder) == ["a.md", "sub/a.md"]
    ((path, reason),) = problems(folder)
    assert path == f"sub/{IGNORE_FILE}"
    assert said in reason
    assert reason.endswith("nothing is left out by it")
    assert_that_a_walk_at_each_path_is_the_walk(folder)


def test_an_ignore_file_that_is_none_or_cannot_be_read_is_a_problem(vault, monkeypatch):
    folder = vault(
        {f"a/{IGNORE_FILE}/x.md": "", "a/a.md": "", f"b/{IGNORE_FILE}": "*", "b/b.md": ""}
    )
    refuse_to_open(monkeypatch, folder / "b" / IGNORE_FILE, PermissionError(13, "no"))
    assert notes(walk(folder), folder) == ["a/a.md", "b/b.md"]
    assert {path for path, _ in problems(folder)} == {f"a/{IGNORE_FILE}", f"b/{IGNORE_FILE}"}


def refuse_to_open(monkeypatch, file, error):
    """As for an ordinary user without the right to: root may read everything."""
    opened = os.open

    def open_(path, *arguments, **named):
        if Path(os.fsdecode(path)) == file:
            raise error
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", open_)


WRONG = ["!", "\\", "[z-a]", "[[:alpha:]]", "**/a/**/b/**/c"]


def test_a_pattern_that_is_none_is_passed_over_and_told_with_its_file(vault):
    folder = vault({"a.md": "", "b.md": "", IGNORE_FILE: "\n".join([*WRONG, "b.md"])})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert notes(walk(folder), folder) == ["a.md"]
        assert Rules([*WRONG, "b.md"]).wrong == tuple(WRONG)
    told = problems(folder)
    assert [path for path, _ in told] == [IGNORE_FILE] * len(WRONG)
    assert all(f"“{one}”" in reason for one, (_, reason) in zip(WRONG, told, strict=True))


def test_no_pattern_takes_for_ever(vault):
    folder = vault({"a" * 100 + ".md": "", IGNORE_FILE: "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\n"})
    before = time.process_time()
    assert len(notes(walk(folder), folder)) == 1
    # Of the processor: a busy machine takes any time.
    assert time.process_time() - before < 10


def test_why_a_note_is_not_here_names_the_file_and_the_pattern(vault):
    folder = vault({
        "sub/a.md": "", "sub/b.md": "", "sub/old/c.md": "", "sub/keep.md": "",
        f"sub/{IGNORE_FILE}": "a.md\nold/\n!keep.md\n",
    })  # fmt: skip
    rules = Rules(["b.md", "keep.md"])
    own = str(folder / "sub" / IGNORE_FILE)
    assert left_out(folder / "sub/a.md", folder, rules) == (
        f"It is left out by the pattern “a.md” in {own}.", True
    )  # fmt: skip
    assert left_out(folder / "sub/b.md", folder, rules) == (
        "It is left out by the pattern “b.md”.", True
    )  # fmt: skip
    assert left_out(folder / "sub/old/c.md", folder, rules) == (
        f"Its folder is left out by the pattern “old/” in {own}.", True
    )  # fmt: skip
    assert left_out(folder / "sub/keep.md", folder, rules) == ("", False)


def test_what_changes_with_a_file_is_where_it_matters():
    inside = Path("x", "sub")
    assert concerned(str(inside / IGNORE_FILE)) == str(inside)
    assert concerned(str(inside / "a.md")) == str(inside / "a.md")
    for name in ("a.md.nextcloud", "a.md.owncloud", ".a.md.icloud"):
        assert concerned(str(inside / name)) == str(inside / "a.md")


PARTS = ["a", "b", "sub", "x", "*", "**", "a*", "?", "a.md", "b.md", "*.md", "x.md", "[ab]", "[!a]",
         "s?b*", "\\a"]  # fmt: skip


def a_pattern(chance):
    body = "/".join(chance.choice(PARTS) for _ in range(chance.choice([1, 1, 1, 2, 2, 3])))
    start = chance.choice(["", "", "!"]) + chance.choice(["", "", "/"])
    return start + body + chance.choice(["", "", "/", " "])


def a_tree(chance, root):
    """Make a few folders of notes, some with ignore files."""
    folders = [root]
    for _ in range(chance.randint(2, 6)):
        folders.append(chance.choice(folders) / chance.choice(["a", "b", "sub", "x", "x.md"]))
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for name in ("a.md", "b.md", "x.md"):
            if not (folder / name).exists() and chance.random() < 0.7:
                (folder / name).touch()
    for folder in chance.sample(folders, chance.choice([1, 2, 3])):
        lines = [a_pattern(chance) for _ in range(chance.randint(1, 5))]
        (folder / IGNORE_FILE).write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def trees(tmp_path):
    chance = random.Random(1)
    root = tmp_path / "trees"
    for number in range(150):
        a_tree(chance, root / f"t{number}")
    return root


def test_a_walk_at_a_path_is_that_part_of_the_walk(trees):
    rules = Rules(["x/", "!sub/x/", "b*", "!/b.md"])
    for folder in sorted(trees.iterdir()):
        assert_that_a_walk_at_each_path_is_the_walk(folder)
        assert_that_a_walk_at_each_path_is_the_walk(folder, rules)


def test_the_reason_why_not_agrees_with_the_walk(trees):
    rules = Rules(["x/", "!sub/x/", "b*", "!/b.md"])
    for folder in sorted(trees.iterdir()):
        found = set(notes(walk(folder, rules), folder))
        for file in folder.rglob("*.md"):
            if file.is_file():
                why, _ = left_out(file, folder, rules)
                assert (file.relative_to(folder).as_posix() in found) == (not why), (file, why)


@pytest.mark.skipif(not shutil.which("git"), reason="no git here")
def test_what_is_left_out_is_what_git_would_leave_out(trees):
    quiet = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    quiet = {
        name: value for name, value in quiet.items() if name not in {"GIT_DIR", "GIT_INDEX_FILE"}
    }
    subprocess.run(["git", "init", "-q", str(trees)], check=True, env=quiet)
    listed = subprocess.run(
        ["git", "-c", "core.ignoreCase=false", "ls-files", "-z", "--others",
         f"--exclude-per-directory={IGNORE_FILE}"],
        cwd=trees, check=True, env=quiet, capture_output=True,
    ).stdout.decode()  # fmt: skip
    expected = sorted(path for path in listed.split("\0") if path.endswith(".md"))
    assert len(expected) > 300
    assert notes(walk(trees), trees) == expected


# Files that are only in the cloud ------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [{"st_file_attributes": 0x400000 | 0x20}, {"st_file_attributes": 0x40000},
     {"st_file_attributes": 0x1000}, {"st_flags": 0x40000000}],
)  # fmt: skip
def test_a_placeholder_is_told_by_its_status(values):
    assert is_placeholder(SimpleNamespace(**values))


@pytest.mark.parametrize("values", [{}, {"st_file_attributes": 0x20}, {"st_flags": 0x40}])
def test_an_ordinary_file_is_no_placeholder(values):
    assert not is_placeholder(SimpleNamespace(**values))


class InCloud:
    """Makes files placeholders, as far as their status says; to open one is an error."""

    def __init__(self, monkeypatch):
        self.files = set()
        self._stat, self._open = os.stat, os.open
        monkeypatch.setattr(os, "stat", self.stat)
        monkeypatch.setattr(os, "open", self.open)

    def stat(self, path, *arguments, **named):
        status = self._stat(path, *arguments, **named)
        if not isinstance(path, int) and os.fsdecode(path) in self.files:
            values = {name: getattr(status, name) for name in dir(status) if name[:3] == "st_"}
            return SimpleNamespace(**values | {"st_file_attributes": 0x400000})
        return status

    def open(self, path, *arguments, **named):
        assert os.fsdecode(path) not in self.files, "a placeholder was opened"
        return self._open(path, *arguments, **named)


@pytest.fixture
def cloud(monkeypatch):
    return InCloud(monkeypatch).files


def test_a_placeholder_is_found_and_never_opened(vault, cloud):
    folder = vault({"a.md": "a", "b.md": "b"})
    cloud.add(str(folder / "a.md"))
    assert {one.path: one.placeholder for one in walk(folder) if isinstance(one, Found)} == {
        str(folder / "a.md"): True, str(folder / "b.md"): False
    }  # fmt: skip
    with pytest.raises(textfile.PlaceholderError, match="only in the cloud"):
        textfile.read(folder / "a.md")


def test_a_picture_that_is_only_in_the_cloud_is_not_shown(vault, cloud, monkeypatch, qapp):
    assert qapp
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    folder = vault({"a.md": "![](a.png)"})
    assert image.save(str(folder / "a.png"))
    pictures = Pictures(SimpleNamespace(file=folder / "a.md", folder=folder), 800)
    assert not pictures._read(folder / "a.png").isNull()
    cloud.add(str(folder / "a.png"))
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("a placeholder was opened"))
    assert pictures._read(folder / "a.png").isNull()


def test_an_ignore_file_that_is_only_in_the_cloud_is_a_problem(vault, cloud):
    folder = vault({"a.md": "a", IGNORE_FILE: "a.md"})
    cloud.add(str(folder / IGNORE_FILE))
    assert notes(walk(folder), folder) == ["a.md"]
    assert problems(folder) == [(IGNORE_FILE, f"{ONLY_IN_CLOUD}; nothing is left out by it")]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("a.md.nextcloud", "a.md"), ("A.MD.owncloud", "A.MD"), (".a.md.icloud", "a.md"),
     ("a.md", ""), ("a.txt.nextcloud", ""), (".icloud", ""), ("a.md.icloud", ""),
     (".a.png.icloud", ""), ("..a.md.icloud", ""), (".md.nextcloud", "")],
)  # fmt: skip
def test_a_file_may_stand_for_a_note(name, meant):
    assert stands_for(name) == meant
    assert not is_note(name) or not meant


def test_a_note_for_which_another_file_stands_is_a_problem_unless_it_is_there(vault):
    folder = vault({
        "a.md.nextcloud": " ", "sub/.b.md.icloud": "plist", "c.md.owncloud": " ", "c.md": "there",
        "out/d.md.nextcloud": " ", "e.md.nextcloud/x.md": "", IGNORE_FILE: "out/\nf.md\n",
        "f.md.owncloud": " ",
    })  # fmt: skip
    assert problems(folder) == [("a.md", ONLY_IN_CLOUD), ("sub/b.md", ONLY_IN_CLOUD)]
    assert notes(walk(folder), folder) == ["c.md", "e.md.nextcloud/x.md"]
    whole = list(walk(folder))
    for path in ("a.md", "sub/b.md", "c.md", "out/d.md", "e.md", "f.md"):
        expected = [one for one in whole if one.path == str(folder / path)]
        assert list(walk_at(str(folder / path), folder)) == expected


# Disks and names ------------------------------------------------------------------------------


def test_a_name_of_which_only_the_case_changed_is_found_under_the_new_one(vault, monkeypatch):
    """As on Windows and macOS, whose disks find a file by its old name too."""
    folder = vault({"New.md": "x", "Sub/a.md": "x"})
    other = {"new.md": "New.md", "NEW.md": "New.md", "nEW.MD": "New.md", "NEW.MD": "New.md",
             "sub": "Sub", "SUB": "Sub", "sUB": "Sub"}  # fmt: skip
    real = {str(folder / name): str(folder / there) for name, there in other.items()}
    lstat = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: lstat(real.get(os.fsdecode(path), path)))
    monkeypatch.setattr(os.path, "lexists", lambda path: Path(real.get(path, path)).exists())
    for name in ("new.md", "New.md"):
        assert notes(walk_at(str(folder / name), folder), folder) == ["New.md"]
    assert notes(walk_at(str(folder / "sub"), folder), folder) == ["Sub/a.md"]


def test_names_that_differ_in_case_or_in_accents_only_are_two_notes_where_they_can_be(vault):
    files = {"a.md": "1", "A.md": "2", "caf\u00e9.md": "3", "cafe\u0301.md": "4"}
    folder = vault(files)
    if len(list(folder.iterdir())) < len(files):
        pytest.skip("not on this disk")
    assert notes(walk(folder), folder) == sorted(files)
    assert_that_a_walk_at_each_path_is_the_walk(folder)


def test_the_patterns_that_the_readme_names_leave_copies_of_two_versions_out(vault):
    folder = vault({
        "a.md": "", "a.sync-conflict-20240101-120000-ABCDEFG.md": "",
        "a (conflicted copy 2024-01-01).md": "", "a (Anna's conflicted copy 2024-01-01).md": "",
        "a-HOSTNAME.md": "",
    })  # fmt: skip
    assert len(names(folder)) == 5
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    patterns = ["*.sync-conflict-*", "*conflicted copy*", "*-HOSTNAME.md"]
    assert all(f"`{pattern}`" in readme for pattern in patterns)
    assert notes(walk(folder, Rules(patterns)), folder) == ["a.md"]


def test_many_stars_are_told_from_a_name_at_once():
    name = "a" * 250 + ".md"
    began = time.process_time()
    assert patterns.Patterns(["*a" * 20 + "b"]).ruling(name) is None
    assert patterns.Patterns(["*a?[a-b]" * 20 + "*.md"]).ruling(name) is not None
    assert time.process_time() - began < 2


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(["*", "?", "a", "b", ".", "[ab]", "\\*", "/", "**/"]),
             min_size=1, max_size=9).map("".join),
    st.text("ab.*/", min_size=1, max_size=12),
)  # fmt: skip
def test_a_pattern_means_what_pathspec_says_it_means(line, path):
    (whole,) = GitIgnoreSpec.from_lines([line]).patterns
    own, leaves_out = patterns._compile(line)
    if own is not None and not patterns._LAST_STARS.fullmatch(line):
        assert (own.fullmatch(path) is None) == (whole.regex.fullmatch(path) is None)
        assert leaves_out == bool(whole.include)


@pytest.mark.parametrize(
    ("line", "left_out", "kept"),
    [("*[!0-9]?.md", "a/xy.md", "2024/5.md"), ("**[!a]**.md", "c/cb.md", "c/a.md")],
)
def test_what_is_none_of_a_set_of_characters_is_no_slash(line, left_out, kept):
    rules = patterns.Patterns([line])
    assert rules.ruling(left_out) == (line, True)
    assert rules.ruling(kept) is None


# Patterns of one folder ---------------------------------------------------------------------


def test_a_pattern_that_begins_with_a_folder_is_for_that_folder_only(vault):
    files = {"Journal/a.md": "", "sub/Journal/b.md": "", "c.md": ""}
    one, other = vault(files, "one"), vault(files, "other")
    rules = Rules([f"{one.as_posix()}/Journal/"])
    assert rules.wrong == ()
    assert notes(walk(one, rules), one) == ["c.md", "sub/Journal/b.md"]
    assert notes(walk(other, rules), other) == sorted(files)
    scope = rules.scope(str(one))
    ruling = scope.ruling(str(one / "Journal"), is_folder=True)
    assert ruling.pattern == f"{one.as_posix()}/Journal/"
    assert left_out(one / "Journal" / "a.md", one, rules)[1]
    assert_that_a_walk_at_each_path_is_the_walk(one, rules)


def test_such_a_pattern_may_take_back_what_another_one_leaves_out(vault):
    files = {"draft-1.md": "", "draft-2.md": "", "sub/draft-1.md": ""}
    one, other = vault(files, "one"), vault(files, "other")
    rules = Rules(["draft-*", f"!{one.as_posix()}/draft-1.md"])
    assert notes(walk(one, rules), one) == ["draft-1.md"]
    assert notes(walk(other, rules), other) == []


def test_it_has_stars_like_any_other_behind_the_folder(vault):
    folder = vault({"a/x.md": "", "a/b/x.md": "", "x.md": "", "y.md": ""})
    assert notes(walk(folder, Rules([f"{folder.as_posix()}/**/x.md"])), folder) == ["y.md"]
    assert notes(walk(folder, Rules([f"{folder.as_posix()}/a/*.md"])), folder) == [
        "a/b/x.md", "x.md", "y.md",
    ]  # fmt: skip


def test_it_is_for_the_folder_and_none_whose_name_begins_so(vault):
    one, other = vault({"a.md": ""}, "one"), vault({"a.md": ""}, "one-more")
    rules = Rules([f"{one.as_posix()}/a.md"])
    assert notes(walk(one, rules), one) == []
    assert notes(walk(other, rules), other) == ["a.md"]


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("name", ["[notes]", "a*b", "what?", "back\\slash", "!new", "# one", " x"])
def test_signs_in_the_folders_name_may_be_escaped_or_not(vault, name, escaped):
    folder = vault({"sub/a.md": "", "b.md": ""}, name)
    path = folder.as_posix()
    if escaped:
        path = "".join("\\" + sign if sign in "[]*?\\!#" else sign for sign in path)
    assert notes(walk(folder, Rules([f"{path}/sub/"])), folder) == ["b.md"]


HOSTILE = st.text(
    st.one_of(st.sampled_from("[]*?\\!# .ab\n\r\t\x85\u2028\xa0-\u05d0"), st.characters(
        exclude_characters="/\0", exclude_categories=["Cs"])), min_size=1, max_size=12,
).filter(lambda name: name not in {".", ".."})  # fmt: skip


@given(HOSTILE, HOSTILE, HOSTILE, st.booleans())
def test_a_pattern_that_is_written_for_a_path_means_that_path(base, inside, name, is_folder):
    folder = Path("/home", base)
    path = folder / inside / (name if is_folder else name + ".md")
    pattern = patterns.pattern_for(path, folder, is_folder=is_folder)
    assert len(pattern.splitlines()) == 1
    rules = Rules([pattern])
    assert rules.wrong == ()
    scope = rules.scope(str(folder))
    assert scope.leaves_out(str(path), is_folder=is_folder)
    assert not scope.leaves_out(str(folder / inside), is_folder=True)
    assert not scope.leaves_out(str(path) + "x", is_folder=is_folder)
    assert not scope.leaves_out(str(folder / "other" / inside / name), is_folder=is_folder)
    if is_folder:
        assert not scope.leaves_out(str(path))


def test_a_pattern_for_a_chosen_folder_is_about_all_of_it(vault):
    folder = vault({"a.md": "", "sub/b.md": ""})
    rules = Rules([patterns.pattern_for(folder, folder, is_folder=True)])
    assert notes(walk(folder, rules), folder) == []
    assert patterns.pattern_for(Path("/a/b"), Path("/"), is_folder=True) == "/a/b/"
