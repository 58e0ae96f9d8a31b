import codecs
import os

import confined
import pytest

from notesearch.core import textfile
from notesearch.core.textfile import MAX_BYTES, UnreadableError, read

TEXT = "Grüße, naïve café – 日本語\nsecond line\n"


@pytest.fixture
def written(tmp_path):
    def write(data):
        (tmp_path / "note.md").write_bytes(data)
        return tmp_path / "note.md"

    return write


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 mark", "16le mark", "16be mark", "32le mark", "16le", "16be"],
)
def test_unicode_is_read_without_a_problem(written, data):
    content = read(written(data))
    assert (content.text, content.problem) == (TEXT, "")


def test_latin_1_is_read_with_a_problem(written):
    content = read(written("Grüße aus Köln".encode("latin-1")))
    assert content.text == "Grüße aus Köln"
    assert "UTF-8" in content.problem


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0" + bytes(range(256)) * 8,
        bytes(5_000),
        b"PK\x03\x04" + bytes(range(256)) * 20,
        bytes((i * 7919) % 251 for i in range(5_000)),
    ],
    ids=["png", "zeros", "zip", "noise"],
)
def test_binary_data_is_refused(written, data):
    with pytest.raises(UnreadableError, match="binary"):
        read(written(data))


def test_an_empty_file_is_empty_text(written):
    assert read(written(b"")).text == ""


def test_a_stray_zero_does_not_make_a_text_binary(written):
    content = read(written(b"one\0two " + b"three four " * 20))
    assert content.text.startswith("one\0two three")
    assert content.problem == ""


def test_a_large_file_is_cut_between_characters(written):
    content = read(written(b"x" + "é".encode() * (MAX_BYTES // 2 + 10)))
    assert content.text == "x" + "é" * (MAX_BYTES // 2 - 1)
    assert "5 MB" in content.problem


def test_a_file_of_the_largest_size_is_whole(written):
    assert read(written(b"x" * MAX_BYTES)).problem == ""


def test_the_hash_is_of_the_content(written):
    first = read(written(b"same")).hash
    assert read(written(b"same")).hash == first
    assert read(written(b"other")).hash != first


def test_a_vanished_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone.md")


def test_a_folder_is_unreadable(tmp_path):
    (tmp_path / "x.md").mkdir()
    with pytest.raises(UnreadableError, match="cannot be read"):
        read(tmp_path / "x.md")


@confined.needs_permissions
def test_a_forbidden_file_is_unreadable(written):
    path = written(b"secret")
    path.chmod(0)
    with pytest.raises(UnreadableError, match="permission"):
        read(path)


def test_a_refused_file_says_so(written, monkeypatch):
    path = written(b"secret")

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(textfile.os, "open", refuse)
    with pytest.raises(UnreadableError, match="permission"):
        read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_of_that_name_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "x.md")
    with pytest.raises(UnreadableError, match="not a file"):
        textfile.read(tmp_path / "x.md")
