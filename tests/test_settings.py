"""Settings, places and the launching of notes."""

import subprocess
from pathlib import Path

import confined
import pytest

from notesearch import launch, paths, settings
from notesearch.settings import Settings


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "sub" / "settings.json"
    chosen = Settings(threads=3, floor="strict", told=("language",))
    chosen = chosen.with_folders(tmp_path, tmp_path / "sub", tmp_path)
    settings.save(path, chosen)
    assert settings.load(path) == chosen
    assert chosen.folders == (str(tmp_path), str(tmp_path / "sub"))
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_without_a_file_there_are_defaults(tmp_path):
    assert settings.load(tmp_path / "settings.json") == Settings()
    assert Settings().indexing_threads >= 1


@pytest.mark.parametrize("text", ["", "{", "\0", '{"folders":'])
def test_a_broken_file_is_put_aside_and_not_overwritten(tmp_path, text, caplog):
    path = tmp_path / "settings.json"
    path.write_text(text, encoding="utf-8")
    assert settings.load(path) == Settings()
    assert (tmp_path / "settings.broken.json").read_text(encoding="utf-8") == text
    assert "put aside" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "3",
        '{"folders": 3, "threads": "x"}',
        '{"folders": [1, null], "threads": -1}',
        '{"floor": ["loose"], "told": 3}',
    ],
)
def test_values_that_make_no_sense_have_their_defaults(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text(text, encoding="utf-8")
    assert settings.load(path) == Settings()


def test_settings_that_cannot_be_saved_say_why(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(settings.SettingsError, match="cannot be saved"):
        settings.save(blocked / "settings.json", Settings())


@confined.needs_permissions
def test_settings_in_a_folder_of_others_say_what_to_do(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(settings.SettingsError, match=f"in {closed}: give yourself the right"):
        settings.save(closed / "settings.json", Settings())


def test_nothing_is_left_of_settings_that_cannot_be_saved(tmp_path):
    path = tmp_path / "settings.json"
    path.mkdir()
    with pytest.raises(settings.SettingsError, match="cannot be saved"):
        settings.save(path, Settings())
    assert list(tmp_path.iterdir()) == [path]


def test_a_data_dir_moves_everything(tmp_path, monkeypatch):
    for user in (paths.user_paths(str(tmp_path)),):
        places = [user.settings, user.lock, user.log, user.library("m", "1")]
        assert all(place.is_relative_to(tmp_path) for place in places)
    monkeypatch.setenv(paths.DATA_DIR_VARIABLE, str(tmp_path))
    assert paths.user_paths() == paths.user_paths(str(tmp_path))
    monkeypatch.delenv(paths.DATA_DIR_VARIABLE)
    assert not paths.user_paths().data.is_relative_to(tmp_path)


def test_the_bundled_files_are_there():
    assert (paths.MODEL / "model.toml").is_file()
    assert len(list(paths.SAMPLE_NOTES.rglob("*.md"))) == 26


def test_a_note_is_opened_by_the_systems_program_with_its_path_as_one_argument(
    tmp_path, monkeypatch
):
    recorder, said = tmp_path / "xdg-open", tmp_path / "said"
    recorder.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" > "{said}.new"\n'
                        f'mv "{said}.new" "{said}"\n', encoding="utf-8")  # fmt: skip
    recorder.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    started = []
    real = subprocess.Popen

    def popen(*args, **kwargs):
        started.append(real(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    note = tmp_path / "-rf; rm 'x' \"$HOME\".md"
    note.write_text("x", encoding="utf-8")
    launch.open_note(note)
    started[0].wait(60)
    assert said.read_text(encoding="utf-8").splitlines() == ["1", str(note)]


def test_a_missing_note_or_opener_is_said(tmp_path, monkeypatch):
    with pytest.raises(launch.LaunchError, match="no longer there"):
        launch.open_note(tmp_path / "gone.md")
    note = Path(tmp_path / "a.md")
    note.write_text("x", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(launch.LaunchError, match="xdg-utils"):
        launch.open_note(note)
