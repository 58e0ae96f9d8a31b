"""Opening and showing files with real programs that note what they were told."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import confined
import pytest

from notesearch import launch
from notesearch.core import passages
from notesearch.core.notes import Hit
from notesearch.launch import LaunchError, Place, open_note, place_of, reveal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture
def started(monkeypatch):
    """Collect the programs that are started."""
    programs = []
    real = subprocess.Popen

    def popen(*args, **kwargs):
        programs.append(real(*args, **kwargs))
        return programs[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    yield programs
    for program in programs:
        program.wait(60)


@pytest.fixture
def opener(tmp_path, monkeypatch, started):
    """Put a program first on the path; returns what gives the arguments that it got."""
    programs, said = tmp_path / "programs", tmp_path / "said"
    programs.mkdir()
    for name in ("xdg-open", "open"):
        script = f'#!/bin/sh\nprintf "%s\\0" {name} "$@" > "{said}"\n'
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)

    def arguments():
        assert started.pop().wait(60) == 0
        return [os.fsdecode(a) for a in said.read_bytes().split(b"\0")[:-1]]

    return arguments


def note_at(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a b.md", "-rf.md", "$(x) 'y' \"z\".md", "line\nbreak.md"])
def test_a_file_is_shown_by_opening_the_folder_it_is_in(opener, tmp_path, name):
    note = note_at(tmp_path / "-my notes" / name)
    reveal(note)
    assert opener() == ["xdg-open", str(note.parent)]
    open_note(note)
    assert opener() == ["xdg-open", str(note)]


def test_a_folder_is_opened_itself(opener, tmp_path):
    folder = note_at(tmp_path / "a folder" / "a.md").parent
    reveal(folder)
    assert opener() == ["xdg-open", str(folder)]


def test_a_relative_name_with_a_leading_dash_is_no_option(opener, tmp_path, monkeypatch):
    note_at(tmp_path / "-a" / "-b.md")
    monkeypatch.chdir(tmp_path)
    reveal(Path("-a/-b.md"))
    assert opener() == ["xdg-open", str(tmp_path / "-a")]
    open_note(Path("-a/-b.md"))
    assert opener() == ["xdg-open", str(tmp_path / "-a" / "-b.md")]


@pytest.mark.parametrize("gone", ["b.md", "sub/b.md", "sub/sub/b.md", "a.md/b.md"])
def test_of_a_missing_file_the_nearest_folder_that_is_there_is_shown(opener, tmp_path, gone):
    notes = note_at(tmp_path / "notes" / "a.md").parent
    reveal(notes / gone)
    assert opener() == ["xdg-open", str(notes)]


@confined.needs_permissions
def test_of_a_file_in_a_locked_folder_the_folder_is_shown(opener, tmp_path):
    note = note_at(tmp_path / "locked" / "a.md")
    note.parent.chmod(0)
    try:
        reveal(note)
        assert opener() == ["xdg-open", str(note.parent)]
        with pytest.raises(LaunchError, match="no longer there"):
            open_note(note)
    finally:
        note.parent.chmod(0o755)


def test_a_file_that_cannot_be_asked_about_is_taken_for_missing(opener, tmp_path, monkeypatch):
    note = note_at(tmp_path / "locked" / "a.md")
    real = Path.exists

    def exists(path):
        if path == note:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "exists", exists)
    reveal(note)
    assert opener() == ["xdg-open", str(note.parent)]
    with pytest.raises(LaunchError, match="no longer there"):
        open_note(note)


@pytest.mark.usefixtures("opener")
def test_the_root_of_the_disk_is_not_shown_for_a_file_that_was_somewhere(started):
    with pytest.raises(LaunchError, match="no longer there, nor is any folder around it"):
        reveal(Path("/nowhere-at-all/sub/a.md"))
    assert started == []


def test_a_missing_opener_is_said(tmp_path, monkeypatch):
    note = note_at(tmp_path / "a.md")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"shows folders: xdg-open is missing.*xdg-utils.*a\.md"):
        reveal(note)


@pytest.mark.usefixtures("opener")
@pytest.mark.parametrize("do", [open_note, reveal])
def test_an_opener_that_does_not_start_is_said(tmp_path, do):
    (tmp_path / "programs" / "xdg-open").write_bytes(b"\0 no program")
    note = note_at(tmp_path / "a.md")
    with pytest.raises(LaunchError, match=r"a\.md could not be opened: .*format"):
        do(note)


def test_the_finder_selects_the_file(opener, tmp_path, monkeypatch):
    note = note_at(tmp_path / "a b.md")
    monkeypatch.setattr(launch.sys, "platform", "darwin")
    reveal(note)
    assert opener() == ["open", "-R", str(note)]
    reveal(tmp_path)
    assert opener() == ["open", str(tmp_path)]
    open_note(note)
    assert opener() == ["open", str(note)]


def test_the_explorer_gets_the_name_alone_in_quotes(tmp_path, monkeypatch):
    note = note_at(tmp_path / "a, b.md")
    commands, folders = [], []
    monkeypatch.setattr(launch.sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: commands.append(command))
    monkeypatch.setattr(os, "startfile", folders.append, raising=False)
    monkeypatch.setenv("SYSTEMROOT", "/win")
    reveal(note)
    assert commands == [f'"{Path("/win/explorer.exe")}" /select,"{note}"']
    reveal(tmp_path / "gone.md")
    open_note(note)
    assert folders == [tmp_path, note]


# Where the match is -------------------------------------------------------------------------

LONG = " ".join(f"Sentence {n} is about nothing at all, and so on." for n in range(40))
NOTE = f"""---
tags: [a]
---
# The title

First line, käse 🙂 needle.
Second line with a needle.

## Outer

### Inner

- item
    - indented needle
      goes on, needle

{LONG} A needle at last. {LONG}

\tneedle in code
"""


def hits_of(folder: Path, text: str) -> list[Hit]:
    """Write a note; return a hit for each passage with the word, its matches marked."""
    (folder / "a.md").write_bytes(text.encode())
    note = passages.read(text, "a", lambda part: len(part.split()), 60)
    return [
        Hit(
            path="a.md", folder=str(folder), title=note.title, heading=passage.heading,
            line=passage.line, end_line=passage.end_line, score=1, cosine=1, words=1,
            strength=None, passage=passage.text, modified=0,
            matches=tuple(match.span() for match in re.finditer("needle", passage.text)),
        )
        for passage in note.passages
    ]  # fmt: skip


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_hit_opens_where_its_first_match_is(tmp_path, ends, mark):
    hits = [hit for hit in hits_of(tmp_path, mark + NOTE.replace("\n", ends)) if hit.matches]
    lines = NOTE.split("\n")
    assert len(hits) > 2
    seen = set()
    for hit in hits:
        place = place_of(hit)
        line = lines[place.line - 1]
        assert line[place.column - 1 :].startswith("needle")
        assert line.encode()[place.byte - 1 :].startswith(b"needle")
        assert place.heading == ("Inner" if place.line > 9 else "")
        seen.add((place.line, place.column))
    # After other characters, indented, and in a line whose beginning is in another passage.
    assert {(6, 20), (14, 16)} <= seen
    assert any(column > len(LONG) for _, column in seen)


def test_a_hit_without_matches_opens_where_its_passage_begins(tmp_path):
    for hit in hits_of(tmp_path, NOTE):
        place = place_of(dataclasses.replace(hit, matches=()))
        assert place.line == hit.line
        assert NOTE.split("\n")[place.line - 1][place.column - 1 :].startswith(
            hit.passage.split("\n")[0]
        )


def test_a_match_by_title_opens_at_the_top(tmp_path):
    hit = dataclasses.replace(hits_of(tmp_path, NOTE)[-1], by_title=True)
    assert place_of(hit) == Place(tmp_path / "a.md", 1, 1, tmp_path)


def test_a_place_is_told_without_the_file_too(tmp_path):
    hit = next(hit for hit in hits_of(tmp_path, NOTE) if hit.matches)
    before = place_of(hit)
    (tmp_path / "a.md").write_text("other\n", encoding="utf-8")
    assert place_of(hit) == before
    (tmp_path / "a.md").unlink()
    assert place_of(hit) == before
    assert place_of(dataclasses.replace(hit, passage="", matches=())).line == hit.line
