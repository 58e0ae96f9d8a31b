"""Making notes from what was searched for."""

import errno
import io
import os
import stat
import sys
from pathlib import Path, PureWindowsPath

import confined
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.ignore import is_note
from notesearch.new_note import MAX_BYTES, NewNoteError, create_note, safe_name


def test_a_note_is_made_with_its_title(tmp_path):
    file = create_note(tmp_path, "  Über  Käse\n& 漢字 ")
    assert file == tmp_path / "Über Käse & 漢字.md"
    assert file.read_bytes() == "# Über Käse & 漢字\n\n".encode()


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_a_note_has_the_mode_of_the_users_other_files(tmp_path):
    before = os.umask(0o027)
    try:
        assert stat.S_IMODE(create_note(tmp_path, "a").stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_a_note_that_is_there_is_never_written(tmp_path):
    note = tmp_path / "a.md"
    note.write_bytes(b"mine")
    before = note.stat()
    assert create_note(tmp_path, "a") == note
    assert (note.read_bytes(), note.stat().st_mtime_ns) == (b"mine", before.st_mtime_ns)


def test_what_is_there_and_is_no_file_is_said(tmp_path):
    (tmp_path / "a.md").mkdir()
    with pytest.raises(NewNoteError, match=r"a\.md is there already and is no note\. Choose"):
        create_note(tmp_path, "a")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c", "a b c"),
        ("../../etc/passwd", "etc passwd"),
        ('what? "x" <y>: z|*', "what x y z"),
        ("...hidden", "hidden"),
        ("~$temporary", "$temporary"),
        ("ends in dots. . .", "ends in dots"),
        ("a\0b\x1bc\u2028d\ud800e", "a b c d e"),
        ("CON", "CON_"),
        ("con.notes", "con_.notes"),
        ("Lpt1 .x", "Lpt1_ .x"),
        ("com¹", "com¹_"),
        ("Convex", "Convex"),
        ("console", "console"),
        ("C# and v2.8.3", "C# and v2.8.3"),
        ("", "Untitled"),
        (" / ", "Untitled"),
        ("..", "Untitled"),
    ],
)
def test_names_are_made_safe_and_stay_near_to_the_title(tmp_path, title, name):
    assert safe_name(title) == name
    file = create_note(tmp_path, title)
    assert (file.parent, file.name) == (tmp_path, f"{name}.md")
    assert file.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("title", ["x" * 5000, "漢" * 300, "🙂" * 300, "a" + ". " * 500 + "b"])
def test_long_names_are_cut_between_characters(tmp_path, title):
    file = create_note(tmp_path, title)
    assert len(file.name.encode()) <= MAX_BYTES
    assert title.startswith(file.stem)
    assert file.read_text(encoding="utf-8") == f"# {title}\n\n"


@given(st.text())
def test_any_title_is_a_name_that_every_system_takes(title):
    name = f"{safe_name(title)}.md"
    assert is_note(name)
    assert len(name.encode()) <= MAX_BYTES
    assert not set(name) & set('<>:"/\\|?*')
    assert not any(c < " " for c in name)
    assert PureWindowsPath(name).name == name
    assert name[0] not in ". ~"
    assert name[-4] not in ". "
    if sys.version_info < (3, 13):
        assert not PureWindowsPath(name).is_reserved()


def test_a_folder_that_is_not_there_is_said_and_not_made(tmp_path):
    with pytest.raises(NewNoteError, match=r"gone is not there\. Choose another folder"):
        create_note(tmp_path / "gone", "a")
    assert not (tmp_path / "gone").exists()
    (tmp_path / "file").touch()
    with pytest.raises(NewNoteError, match=r"No note could be made in .*file: .*settings"):
        create_note(tmp_path / "file", "a")


@confined.needs_permissions
def test_a_folder_that_may_not_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(NewNoteError, match=r"Permission denied.*Choose another folder"):
            create_note(tmp_path, "a")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_leaves_no_empty_note(tmp_path, monkeypatch):
    class Full(io.StringIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(file, *_, **__):
        file.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(NewNoteError, match="No space left on device"):
        create_note(tmp_path, "a")
    assert not (tmp_path / "a.md").exists()
