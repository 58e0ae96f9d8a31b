"""Removing all that is kept for a user: with real files, and what is not the program's stays."""

import io
import logging
import sys
from pathlib import Path

import confined
import filelock
import pytest
from fake_embedder import FakeEmbedder

from notesearch import autostart, desktop_entry, logs, programs, settings, user_data
from notesearch.core.access import Writer
from notesearch.errands import ErrandError
from notesearch.gui.history import History
from notesearch.instance import Instance
from notesearch.paths import APP_ID, UserPaths, user_paths

pytestmark = pytest.mark.skipif(
    sys.platform in {"win32", "darwin"}, reason="with the folders of Linux"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    monkeypatch.delenv("NOTESEARCH_DATA_DIR", raising=False)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/notesearch"])
    return folder


@pytest.fixture(params=["usual", "named"])
def user(request, tmp_path):
    return user_paths(str(tmp_path / "named") if request.param == "named" else None)


def use(user: UserPaths, tmp_path: Path) -> Path:
    """Leave behind what the program does; return a folder of notes."""
    notes = tmp_path / "notes"
    notes.mkdir(exist_ok=True)
    (notes / "one.md").write_text("# One\n\nText.\n")
    user.make()
    with Writer(user, FakeEmbedder(), [notes], threads=1) as writer:
        writer.indexer.scan()
        while writer.indexer.read_some() or writer.indexer.embed_some():
            pass
    settings.save(user.settings, settings.Settings(folders=(str(notes),)))
    History(user.history).add("one")
    logs_of_three = [user.log / f"{user.log_file.name}{ending}" for ending in ("", ".1", ".2")]
    beside = [user.settings.with_suffix(".broken.json"), user.settings.with_suffix(".new")]
    beside += user.history.with_suffix(".new"), user.window, user.checked_models
    for file in (*beside, *logs_of_three):
        file.write_text("x")
    (library,) = user.libraries.iterdir()
    for name in ("library.db-wal", "library.new.db", "passages.new", "library.damaged"):
        (library / name).touch()
    claimed = Instance.claim(user)
    assert claimed is not None
    claimed.close()
    autostart.enable(user)
    desktop_entry.install()
    return notes


def everything(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


def test_all_is_gone_and_the_notes_are_not(user, home, tmp_path, capsys):
    notes = use(user, tmp_path)
    assert user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert str(user.data) in said
    assert "your notes are not" in said
    assert (notes / "one.md").is_file()
    assert not (tmp_path / "named").exists()
    if user.named:
        # The menu is not of this folder alone.
        assert desktop_entry.remove()
    left = {one for one in everything(home) if (home / one).is_file()}
    assert left == set()
    for folder in (user.data, user.config, user.log, home / ".local/state/notesearch"):
        assert not folder.exists()
    assert everything(tmp_path / "run") == []
    assert not autostart.state(user).enabled


def test_a_second_time_there_is_nothing_to_do(user, tmp_path, capsys):
    use(user, tmp_path)
    user_data.ask_and_remove(user, asked=False)
    capsys.readouterr()
    desktop_entry.remove()
    assert user_data.ask_and_remove(user, asked=True)
    assert capsys.readouterr().out == "there is nothing to remove\n"


def test_a_note_in_the_named_folder_survives(tmp_path, capsys):
    user = user_paths(str(tmp_path / "named"))
    use(user, tmp_path)
    kept = {
        user.data / "note.md": "mine", user.data / "notesearch.log.md": "mine too",
        user.libraries / "deep" / "note.md": "this as well", user.data / "sub" / "history.json": "",
    }  # fmt: skip
    (library,) = (one for one in user.libraries.iterdir() if one.name != "deep")
    kept[library / "note.md"] = "even here"
    for file, text in kept.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert {f for f in user.data.rglob("*") if f.is_file()} == set(kept)
    assert all(file.read_text() == text for file, text in kept.items())
    assert f"{library} stays: 1 thing in it is not notesearch's" in said
    assert f"{user.data} stays: 3 things" in said


def test_files_that_are_only_called_so_are_left_where_it_never_was(tmp_path, capsys):
    folder = tmp_path / "other"
    folder.mkdir()
    for name in ("settings.json", "history.json", "window.json", "notesearch.log"):
        (folder / name).write_text("of another program")
    assert user_data.ask_and_remove(user_paths(str(folder)), asked=True)
    assert "nothing to remove" in capsys.readouterr().out
    assert len(list(folder.iterdir())) == 4


def test_links_are_not_followed(user, tmp_path, capsys):
    use(user, tmp_path)
    away = tmp_path / "away"
    away.mkdir()
    (away / "library.db").write_text("not ours to say")
    (away / "dotfile.json").write_text("kept")
    user.settings.unlink()
    user.settings.symlink_to(away / "dotfile.json")
    (user.libraries / "linked").symlink_to(away)
    assert not user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert sorted(one.name for one in away.iterdir()) == ["dotfile.json", "library.db"]
    assert f"what it led to is left: {away}\n" in said
    assert not user.data.exists()


def test_of_a_data_folder_that_is_a_link_what_is_ours_goes(tmp_path, capsys):
    user = user_paths()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "note.md").write_text("mine")
    user.data.parent.mkdir(parents=True)
    user.data.symlink_to(elsewhere)
    use(user, tmp_path)
    assert user_data.ask_and_remove(user, asked=False)
    assert [one.name for one in elsewhere.iterdir()] == ["note.md"]
    assert user.data.is_symlink()
    assert "stays" in capsys.readouterr().out
    (elsewhere / "note.md").unlink()
    assert user_data.ask_and_remove(user, asked=False)
    assert elsewhere.is_dir()


def test_what_cannot_be_removed_is_named_and_the_rest_goes(user, tmp_path, capsys):
    use(user, tmp_path)
    # Also for root, to whom a mode is no obstacle.
    user.history.unlink()
    (user.history / "inside").mkdir(parents=True)
    assert not user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert f"{user.history} cannot be removed: " in said
    assert "stays" not in said
    assert not any(one.exists() for one in (user.libraries, user.settings, user.window))


@confined.needs_permissions
def test_a_folder_without_rights_is_named(tmp_path, capsys):
    user = user_paths()
    use(user, tmp_path)
    (library,) = user.libraries.iterdir()
    library.chmod(0o500)
    try:
        assert not user_data.ask_and_remove(user, asked=False)
    finally:
        library.chmod(0o700)
    assert f"{library / 'library.db'} cannot be removed: Permission denied" in (
        capsys.readouterr().out
    )


def test_while_one_runs_nothing_is_touched(user, tmp_path):
    use(user, tmp_path)
    before = everything(tmp_path)
    running = Instance.claim(user)
    assert running is not None
    try:
        with pytest.raises(ErrandError, match="end it first: notesearch --quit"):
            user_data.ask_and_remove(user, asked=False)
    finally:
        running.close()
    assert everything(tmp_path) == before


def test_while_folders_are_read_nothing_is_touched(user, tmp_path):
    use(user, tmp_path)
    before = everything(user.data)
    with (
        filelock.FileLock(user.lock, mode=0o600),
        pytest.raises(ErrandError, match="another notesearch is bringing the library up to date"),
    ):
        user_data.ask_and_remove(user, asked=False)
    assert everything(user.data) == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "goes"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_on_a_terminal_it_is_asked(tmp_path, monkeypatch, capsys, answer, goes):
    user = user_paths()
    use(user, tmp_path)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert user_data.ask_and_remove(user, asked=True) is goes
    said = capsys.readouterr().out
    assert "Remove it? [y/N] " in said
    assert ("nothing was removed" in said) is not goes
    assert user.settings.exists() is not goes


@pytest.mark.parametrize("stdin", [None, io.StringIO("y\n")])
def test_where_nobody_can_be_asked_it_is_said_what_to_add(tmp_path, monkeypatch, stdin):
    user = user_paths()
    use(user, tmp_path)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(ErrandError, match="add --yes"):
        user_data.ask_and_remove(user, asked=True)
    assert user.settings.exists()


def test_without_a_console_it_works_all_the_same(tmp_path, monkeypatch):
    user = user_paths()
    use(user, tmp_path)
    monkeypatch.setattr(sys, "stdout", None)
    assert user_data.ask_and_remove(user, asked=False)
    assert not user.data.exists()


def test_the_start_of_another_folder_at_login_stays(tmp_path, home):
    usual, named = user_paths(), user_paths(str(tmp_path / "named"))
    use(usual, tmp_path)
    use(named, tmp_path)
    file = home / ".config" / "autostart" / f"{APP_ID}.desktop"
    user_data.ask_and_remove(usual, asked=False)
    assert file.is_file()
    autostart.enable(usual)
    user_data.ask_and_remove(named, asked=False)
    assert file.is_file()
    user_data.ask_and_remove(usual, asked=False)
    assert not file.exists()


def test_a_start_at_login_that_was_switched_off_goes_too(tmp_path, home):
    user = user_paths()
    use(user, tmp_path)
    file = home / ".config" / "autostart" / f"{APP_ID}.desktop"
    file.write_text("[Desktop Entry]\nHidden=true\nExec=x\n")
    assert user_data.ask_and_remove(user, asked=False)
    assert not file.exists()


def test_the_real_log_is_known(user, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    logs.begin(user)
    for handler in root.handlers:
        handler.close()
    assert user.log_file.is_file()
    user.checked_models.touch()
    assert user_data.ask_and_remove(user, asked=False)
    assert not user.log.exists()
