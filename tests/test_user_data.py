"""Removing all that is kept for a user: with real files, and what is not the program's stays."""

import io
import json
import logging
import re
import shlex
import sys
import tempfile
from pathlib import Path

import confined
import filelock
import pytest
from fake_embedder import FakeEmbedder
from test_autostart import FakeRegistry

from notesearch import autostart, cli, desktop_entry, logs, programs, settings, user_data
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
    monkeypatch.setattr("notesearch.local_socket._SYSTEM", tmp_path / "none")
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/notesearch"])
    # Not the one of all: there empty folders go in which another may be about to make its socket.
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setattr("notesearch.local_socket._TEMPORARY", Path(short))
        yield folder


@pytest.fixture(params=["usual", "named"])
def user(request, tmp_path):
    return user_paths(str(tmp_path / "named") if request.param == "named" else None)


IDENTITY = "0123456789abcdef"


class Model(FakeEmbedder):
    """Its library is called as that of a real one."""

    identity = IDENTITY


def contents(folder: Path) -> dict[str, bytes | str | None]:
    """Return what is in a folder: of files the bytes, of links where they lead."""
    return {
        str(one.relative_to(folder)): str(one.readlink()) if one.is_symlink()
        else one.read_bytes() if one.is_file() else None
        for one in folder.rglob("*")
    }  # fmt: skip


def use(user: UserPaths, tmp_path: Path) -> Path:
    """Leave behind what the program does; return a folder of notes."""
    notes = tmp_path / "notes"
    notes.mkdir(exist_ok=True)
    (notes / "one.md").write_text("# One\n\nText.\n")
    user.make()
    with Writer(user, Model(), [notes], threads=1) as writer:
        writer.indexer.scan()
        while writer.indexer.read_some() or writer.indexer.embed_some():
            pass
    settings.save(user.settings, settings.Settings(folders=(str(notes),)))
    History(user.history).add("one")
    logs_of_three = [user.log / f"{user.log_file.name}{ending}" for ending in ("", ".1", ".2")]
    for file in logs_of_three:
        file.write_text("x")
    text = user.settings.read_text()
    user.settings.with_suffix(".new").write_text(text)
    user.settings.with_suffix(".broken.json").write_text(f"{text},")
    user.history.with_suffix(".new").write_text('["one"]')
    place = '{"window": [0, 0, 9, 9], "maximized": false, "panes": [1, 2]}'
    user.window.write_text(place)
    user.window.with_suffix(".new").write_text(place)
    user.checked_models.write_text(f"{IDENTITY}\n")
    user.dialogs.write_text("[FileDialog]\nlastVisited=file:///notes\n")
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


def project(folder: Path) -> None:
    """Fill a folder with what others have, called as the program's files are."""
    inside = folder / "libraries"
    for name in ("Foo", "Empty", "Bar-0123456789abcde", "x-0123456789ABCDEF"):
        (inside / name).mkdir(parents=True)
    texts = {
        "settings.json": '{"folders": [], "history": true, "editor.fontSize": 12}',
        "settings.new": "{", "settings.broken.json": "// of an editor", "window.json": "{}",
        "history.json": '["one", "two"]\n', "history.new": "", "notesearch.log": "of a test",
        "notesearch.log.1": "", "instance.lock": "4711", "writer.lock": "x", "starting.lock": "1",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text)
    for name in ("Foo", "Bar-0123456789abcde", "x-0123456789ABCDEF"):
        (inside / name / "library.db").write_bytes(b"SQLite format 3\0")
        (inside / name / "passages.usearch").touch()
    (folder / "empty").mkdir()
    (inside / "link").symlink_to(folder / "empty")
    (inside / "nowhere").symlink_to("/nowhere/at/all")
    (inside / "library.db").touch()


def test_a_folder_that_never_was_the_programs_is_left_as_it_is(tmp_path, capsys):
    folder = tmp_path / "other"
    project(folder)
    before = contents(tmp_path)
    assert cli.main(["--data-dir", str(folder), "--remove-data", "--yes"]) == cli.FOUND
    assert capsys.readouterr().out == "there is nothing to remove\n"
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["writer.lock", "instance.lock", "libraries", "notesearch.log", "checked-models.txt"]
)
def test_one_name_is_no_evidence(tmp_path, name):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "settings.json").write_text('{"theme": "dark"}')
    (folder / name).mkdir() if name == "libraries" else (folder / name).touch()
    before = contents(folder)
    assert user_data.ask_and_remove(user_paths(str(folder)), asked=False)
    assert contents(folder) == before


def test_an_empty_folder_that_was_named_stays(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NOTESEARCH_DATA_DIR", str(tmp_path / "empty"))
    (tmp_path / "empty").mkdir()
    assert cli.main(["--remove-data", "--yes"]) == cli.FOUND
    assert "nothing to remove" in capsys.readouterr().out
    assert (tmp_path / "empty").is_dir()


def test_of_a_project_that_it_was_run_in_by_mistake_its_own_alone_goes(tmp_path, capsys):
    folder = tmp_path / "other"
    project(folder)
    before = contents(folder)
    user = user_paths(str(folder))
    user.checked_models.write_text(f"{IDENTITY}\n")
    user.dialogs.write_text("[FileDialog]\nlastVisited=file:///notes\n")
    ours = user.libraries / f"model-{IDENTITY}"
    ours.mkdir()
    for name in ("library.db", "library.db-wal", "passages.usearch"):
        (ours / name).touch()
    (user.libraries / f"linked-{IDENTITY}").symlink_to(folder / "empty")
    assert user_data.ask_and_remove(user, asked=False)
    left = contents(folder)
    # The log has the program's own name.
    assert left == {name: text for name, text in before.items() if ".log" not in name}
    assert f"{folder / 'empty'}\n" in capsys.readouterr().out


@pytest.mark.parametrize("harm", [
    {"settings": "[]"}, {"settings": '{"theme": "dark"}'}, {"settings": '{"folders": []}'},
    {"settings": "\xff"}, {"settings": "[" * 100_000}, {"window": "[1]"}, {"history": "[1, 2]"},
    {"history": '[\n"one"\n]'}, {"history": "[]"}, {"checked_models": "resnet50\n"},
])  # fmt: skip
def test_in_a_named_folder_the_content_of_a_file_tells_whose_it_is(tmp_path, harm):
    user = user_paths(str(tmp_path / "named"))
    use(user, tmp_path)
    ((name, text),) = harm.items()
    file = getattr(user, name)
    file.write_text(text, encoding="latin-1")
    assert user_data.ask_and_remove(user, asked=False)
    assert list(user.data.iterdir()) == [file]
    assert file.read_text(encoding="latin-1") == text


def test_settings_with_values_of_others_stay(tmp_path, capsys):
    user = user_paths(str(tmp_path / "named"))
    use(user, tmp_path)
    # What is kept when settings are saved over a file of another program.
    user.settings.write_text(json.dumps({"theme": "x"} | json.loads(user.settings.read_text())))
    assert user_data.ask_and_remove(user, asked=False)
    assert list(user.data.iterdir()) == [user.settings]
    assert f"{user.data} stays: 1 thing in it" in capsys.readouterr().out


@pytest.mark.parametrize("left", ["settings", "checked_models", "libraries"])
def test_one_thing_that_is_surely_the_programs_is_evidence(tmp_path, left):
    user = user_paths(str(tmp_path / "named"))
    use(user, tmp_path)
    if left != "libraries":
        (library,) = user.libraries.iterdir()
        (library / "library.db").unlink()
    for name in {"settings", "checked_models"} - {left}:
        getattr(user, name).unlink()
    assert user_data.ask_and_remove(user, asked=False)
    assert not user.data.exists()


def test_in_the_usual_folder_others_libraries_stay_too(tmp_path):
    user = user_paths()
    use(user, tmp_path)
    (user.libraries / "Foo").mkdir()
    (user.libraries / "Foo" / "library.db").touch()
    (user.libraries / "link").symlink_to(tmp_path)
    assert user_data.ask_and_remove(user, asked=False)
    assert sorted(contents(user.data)) == [
        "libraries", "libraries/Foo", "libraries/Foo/library.db", "libraries/link",
    ]  # fmt: skip


def test_links_are_not_followed(user, tmp_path, capsys):
    use(user, tmp_path)
    away = tmp_path / "away"
    away.mkdir()
    (away / "library.db").write_text("not ours to say")
    user.settings.rename(away / "dotfile.json")
    user.settings.symlink_to(away / "dotfile.json")
    (user.libraries / f"linked-{IDENTITY}").symlink_to(away)
    assert user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert sorted(one.name for one in away.iterdir()) == ["dotfile.json", "library.db"]
    assert f"what it led to is left: {away}\n" in said
    assert f"what it led to is left: {away / 'dotfile.json'}\n" in said
    assert not user.data.exists()


def test_libraries_that_are_elsewhere_by_a_link_are_left_there(user, tmp_path, capsys):
    use(user, tmp_path)
    user.libraries.rename(tmp_path / "disk")
    user.libraries.symlink_to(tmp_path / "disk")
    before = contents(tmp_path / "disk")
    assert user_data.ask_and_remove(user, asked=False)
    assert contents(tmp_path / "disk") == before
    assert f"what it led to is left: {tmp_path / 'disk'}\n" in capsys.readouterr().out
    assert not user.data.exists()


def test_where_only_things_of_others_are_left_nothing_is_asked(tmp_path, monkeypatch, capsys):
    user = user_paths()
    use(user, tmp_path)
    (user.data / "note.md").write_text("mine")
    assert user_data.ask_and_remove(user, asked=False)
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", None)
    user.config.mkdir()
    assert user_data.ask_and_remove(user, asked=True)
    assert capsys.readouterr().out == (
        "there is nothing to remove\n"
        f"{user.data} stays: 1 thing in it is not notesearch's\n"
    )  # fmt: skip
    assert contents(user.data) == {"note.md": b"mine"}
    assert not user.config.exists()


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
    (library,) = user.libraries.iterdir()
    (library / "library.damaged").unlink()
    (library / "library.damaged" / "inside").mkdir(parents=True)
    assert not user_data.ask_and_remove(user, asked=False)
    said = capsys.readouterr().out
    assert f"{library / 'library.damaged'} cannot be removed: " in said
    assert "stays" not in said
    assert sorted(contents(user.data)) == [
        "libraries", f"libraries/{library.name}", f"libraries/{library.name}/library.damaged",
        f"libraries/{library.name}/library.damaged/inside",
    ]  # fmt: skip


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
        named = f"--data-dir {shlex.quote(str(user.data))} " if user.named else ""
        command = f"notesearch {named}--quit"
        with pytest.raises(ErrandError, match=f"end it first: {re.escape(command)}$"):
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
    assert said.index("This would be removed") < said.index("Remove it? [y/N] ")
    assert ("nothing was removed" in said) is not goes
    assert user.settings.exists() is not goes


@pytest.mark.parametrize("stdin", [None, io.StringIO("y\n")])
def test_where_nobody_can_be_asked_it_is_said_what_to_add(tmp_path, monkeypatch, capsys, stdin):
    user = user_paths()
    use(user, tmp_path)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(ErrandError, match="add --yes"):
        user_data.ask_and_remove(user, asked=True)
    assert capsys.readouterr().out == ""
    assert user.settings.exists()


def test_without_a_console_it_works_all_the_same(tmp_path, monkeypatch):
    user = user_paths()
    use(user, tmp_path)
    monkeypatch.setattr(sys, "stdout", None)
    assert user_data.ask_and_remove(user, asked=False)
    assert not user.data.exists()


def test_a_path_that_the_output_has_no_letters_for_is_no_obstacle(tmp_path, monkeypatch):
    user = user_paths(str(tmp_path / "дом"))
    use(user, tmp_path)
    with io.TextIOWrapper(io.BytesIO(), encoding="cp1252", write_through=True) as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert cli.main(["--data-dir", str(user.data), "--remove-data", "--yes"]) == cli.FOUND
        assert rb"\u0434\u043e\u043c" in output.buffer.getvalue()
    assert not user.data.exists()


@pytest.mark.parametrize("answer", ["y\n", "n\n"])
def test_nobody_can_start_while_it_is_asked(user, tmp_path, monkeypatch, answer):
    use(user, tmp_path)
    # As after the command line alone, which has no window.
    user.instance_lock.unlink()
    before = contents(user.data)
    claimed = []

    class Asked(Terminal):
        def readline(self, *_):
            claimed.append(Instance.claim(user))
            return answer

    monkeypatch.setattr(sys, "stdin", Asked())
    assert user_data.ask_and_remove(user, asked=True) is (answer == "y\n")
    assert claimed == [None]
    if answer == "y\n":
        assert not user.data.exists()
    else:
        # Also the locks that were made for it are gone.
        assert contents(user.data) == before
    later = Instance.claim(user)
    assert later is not None
    later.close()


def test_a_lock_that_another_holds_leaves_no_lock_of_ours(tmp_path):
    user = user_paths()
    use(user, tmp_path)
    user.instance_lock.unlink()
    before = contents(user.data)
    with filelock.FileLock(user.lock, mode=0o600), pytest.raises(ErrandError):
        user_data.ask_and_remove(user, asked=False)
    assert contents(user.data) == before


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


def test_a_start_at_login_that_was_switched_off_goes_too(user, tmp_path, home):
    use(user, tmp_path)
    file = home / ".config" / "autostart" / f"{APP_ID}.desktop"
    file.write_text(f"{file.read_text()}Hidden=true\n")
    assert user_data.ask_and_remove(user, asked=False)
    assert not file.exists()


def test_a_start_at_login_of_no_sense_goes_with_the_usual_folder(tmp_path, home):
    usual, named = user_paths(), user_paths(str(tmp_path / "named"))
    use(usual, tmp_path)
    use(named, tmp_path)
    file = home / ".config" / "autostart" / f"{APP_ID}.desktop"
    file.write_bytes(b"\xff")
    user_data.ask_and_remove(named, asked=False)
    assert file.exists()
    user_data.ask_and_remove(usual, asked=False)
    assert not file.exists()


def test_a_start_at_login_that_the_task_manager_switched_off_goes_too(user, tmp_path, monkeypatch):
    use(user, tmp_path)
    registry = FakeRegistry()
    monkeypatch.setattr(autostart, "mechanism", lambda: autostart.RunValue(registry))
    autostart.enable(user)
    approved = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
    registry.CreateKey("HKCU", approved)["notesearch"] = bytes([3, *[0] * 11])
    assert user_data.ask_and_remove(user, asked=False)
    assert [dict(key) for key in registry.keys.values()] == [{}, {}]


def test_the_real_log_is_known(user, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    logs.begin(user)
    for handler in root.handlers:
        handler.close()
    assert user.log_file.is_file()
    user.checked_models.write_text(f"{IDENTITY}\n")
    user.dialogs.write_text("[FileDialog]\nlastVisited=file:///notes\n")
    assert user_data.ask_and_remove(user, asked=False)
    assert not user.log.exists()
