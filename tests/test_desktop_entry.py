"""The entry in the menu, with real files and the desktop's own validator where there is one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notesearch import autostart, desktop_entry, programs
from notesearch.errands import ErrandError
from notesearch.paths import APP_ID, user_paths

NAMES = ("plain", "with space", 'a "quote"', "100%", "$HOME", "back\\slash", "`tick`", "it's",
         "semi;colon", "new\nline", "Käse", "%f")  # fmt: skip

pytestmark = pytest.mark.skipif(
    sys.platform in {"win32", "darwin"}, reason="menus of Linux and the BSDs"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home, and a system where no package has installed the program."""
    data = tmp_path / "home" / ".local" / "share"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    for name in ("APPIMAGE", "APPDIR", "SNAP", "SNAP_INSTANCE_NAME", "FLATPAK_ID"):
        monkeypatch.delenv(name, raising=False)
    data.mkdir(parents=True)
    return data


def groups_of(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            values = found.setdefault(line.strip("[]"), {})
        elif line:
            name, _, value = line.partition("=")
            values[name] = value
    return found


def arguments_of(line: str) -> list[str]:
    """Take Exec apart as the specification has it: a shell's double quotes, inside of escapes."""
    unescaped = line.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
    program = ["sh", "-c", f'printf "%s\\0" {unescaped}']
    done = subprocess.run(program, capture_output=True, check=True, env={"HOME": "/wrong"})
    return [one.replace("%%", "%") for one in done.stdout.decode().split("\0")[:-1]]


def test_the_entry_opens_folders_and_has_the_quick_search():
    groups = groups_of(desktop_entry.text(["/usr/bin/notesearch"], APP_ID))
    entry = groups["Desktop Entry"]
    assert entry["Exec"] == "/usr/bin/notesearch open %F"
    assert entry["TryExec"] == "/usr/bin/notesearch"
    assert entry["Icon"] == APP_ID
    # It would become the program that opens folders where no other is named.
    assert "MimeType" not in entry
    assert (entry["Terminal"], entry["StartupNotify"]) == ("false", "true")
    # What the validator of Debian refuses.
    assert not {"Version", "SingleMainWindow"} & set(entry)
    action = groups["Desktop Action quick-search"]
    assert action == {"Name": "Quick search", "Exec": "/usr/bin/notesearch --toggle"}
    assert entry["Actions"] == "quick-search;"


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_program_is_called_it_arrives_as_one_argument(name):
    entry = groups_of(desktop_entry.text([f"/opt/{name}", "-m", "x"], APP_ID))["Desktop Entry"]
    line = entry["Exec"]
    assert line.endswith(" open %F")
    assert arguments_of(line.removesuffix(" open %F")) == [f"/opt/{name}", "-m", "x"]


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="no validator")
@pytest.mark.parametrize("command", [["notesearch"], ["/opt/a b/100% $x/notesearch", "-m", "y"],
                                     ["flatpak", "run", APP_ID]])  # fmt: skip
def test_the_validator_has_nothing_to_say(tmp_path, command):
    file = tmp_path / f"{APP_ID}.desktop"
    file.write_text(desktop_entry.text(command, APP_ID), encoding="utf-8")
    done = subprocess.run(
        ["desktop-file-validate", file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_installed_is_removed_to_the_last_folder(home, monkeypatch):
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/notesearch"])
    written = desktop_entry.install()
    assert written == sorted(written, key=lambda one: one.suffix != ".svg")
    entry = home / "applications" / f"{APP_ID}.desktop"
    assert entry in written
    assert "Exec=/opt/notesearch open %F" in entry.read_text(encoding="utf-8")
    assert home / "icons/hicolor/scalable/apps" / f"{APP_ID}.svg" in written
    assert all(one.is_file() for one in written)
    assert desktop_entry.install() == written
    assert sorted(desktop_entry.remove()) == sorted(written)
    assert list(home.iterdir()) == []
    assert desktop_entry.remove() == []


def test_what_others_have_put_beside_it_stays(home):
    others = [home / "applications" / "other.desktop",
              home / "icons/hicolor/scalable/apps/other.svg"]  # fmt: skip
    for other in others:
        other.parent.mkdir(parents=True)
        other.write_text("[Desktop Entry]\nType=Application\nName=x\nExec=x\nMimeType=text/x;\n")
    desktop_entry.install()
    desktop_entry.remove()
    kept = [one for one in home.rglob("*") if one.is_file()]
    assert sorted(kept) == sorted(others)


def test_the_entry_of_a_package_is_not_hidden(tmp_path, home):
    packaged = tmp_path / "system" / "applications" / f"{APP_ID}.desktop"
    packaged.parent.mkdir(parents=True)
    packaged.write_text("")
    with pytest.raises(ErrandError, match=r"in the menu already.*Remove the package first"):
        desktop_entry.install()
    assert list(home.iterdir()) == []


def test_a_sandbox_has_an_entry_of_its_own(tmp_path, home, monkeypatch):
    info = tmp_path / ".flatpak-info"
    info.write_text("")
    monkeypatch.setattr(programs, "_FLATPAK", info)
    with pytest.raises(ErrandError, match="put notesearch into the menu themselves"):
        desktop_entry.install()
    assert list(home.iterdir()) == []


def test_a_folder_that_is_not_absolute_is_passed_over(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert desktop_entry.data_home() == Path.home() / ".local" / "share"


def test_where_nothing_can_be_written_it_is_said(home):
    (home / "applications").write_text("")
    with pytest.raises(ErrandError, match=r"\.desktop cannot be written: .*See that you may"):
        desktop_entry.install()
    desktop_entry.remove()
    assert [one.name for one in home.iterdir()] == ["applications"]


def test_a_program_whose_name_is_no_text_is_said(home, monkeypatch):
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/caf\udce9"])
    with pytest.raises(ErrandError, match="not valid UTF-8"):
        desktop_entry.install()
    assert not (home / "applications").exists()


def test_an_entry_that_cannot_be_removed_is_said(home):
    desktop_entry.install()
    # As root, a folder that may not be written would be no obstacle.
    folder = home / "applications"
    desktop_entry._announce()
    entry = folder / f"{APP_ID}.desktop"
    entry.unlink()
    entry.mkdir()
    assert entry not in desktop_entry.remove()
    assert entry.is_dir()


@pytest.mark.parametrize(("platform", "said"), [("win32", "pin notesearch"), ("darwin", "Launch")])
def test_other_platforms_are_told_what_to_do(monkeypatch, platform, said):
    monkeypatch.setattr(desktop_entry.sys, "platform", platform)
    for errand in (desktop_entry.install, desktop_entry.remove):
        with pytest.raises(ErrandError, match=said):
            errand()


# Which command it is --------------------------------------------------------------------------


@pytest.fixture
def frozen(tmp_path, monkeypatch):
    """The program of a bundle."""
    program = tmp_path / "lib" / "notesearch"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return program


def test_a_bundle_is_started_by_what_is_on_the_path_where_that_is_it(tmp_path, frozen):
    assert programs.itself() == [str(frozen)]
    command = tmp_path / "bin" / "notesearch"
    command.symlink_to(frozen)
    assert programs.itself() == [str(command)]
    command.unlink()
    shutil.copy(frozen, command)
    assert programs.itself() == [str(frozen)]


def test_an_appimage_is_started_by_its_file(tmp_path, frozen, monkeypatch):
    monkeypatch.setenv("APPIMAGE", "/home/me/notesearch.AppImage")
    monkeypatch.setenv("APPDIR", str(tmp_path))
    assert programs.itself() == programs.from_inside() == ["/home/me/notesearch.AppImage"]
    assert desktop_entry.icon() == APP_ID
    # Of something else, that has started this one.
    monkeypatch.setenv("APPDIR", "/tmp/.mount_other")
    assert programs.itself() == [str(frozen)]
    monkeypatch.setenv("APPDIR", str(tmp_path))
    monkeypatch.delattr(sys, "frozen")
    assert programs.itself() != ["/home/me/notesearch.AppImage"]


def test_a_sandbox_is_started_from_outside_otherwise_than_from_inside(
    tmp_path, frozen, monkeypatch
):
    monkeypatch.setattr(programs, "_FLATPAK", tmp_path)
    assert programs.itself() == ["flatpak", "run", APP_ID]
    assert programs.from_inside() == [str(frozen)]
    monkeypatch.setattr(programs, "_FLATPAK", tmp_path / "none")
    monkeypatch.setenv("SNAP", str(tmp_path))
    monkeypatch.setenv("SNAP_INSTANCE_NAME", "notesearch")
    assert programs.itself() == ["/snap/bin/notesearch"]
    assert programs.from_inside() == [str(frozen)]
    monkeypatch.setenv("SNAP", "/snap/other/1")
    assert programs.itself() == [str(frozen)]


def test_the_icon_is_named_where_a_theme_has_it():
    assert Path(desktop_entry.icon()).is_file()
    desktop_entry.install()
    assert desktop_entry.icon() == APP_ID


# Starting with the session --------------------------------------------------------------------


def test_a_start_at_login_is_passed_over_when_the_program_is_gone(home, monkeypatch):
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/a b/notesearch"])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home.parent / "config"))
    desktop_entry.install()
    user = user_paths()
    autostart.enable(user)
    file = Path(autostart.state(user).place)
    entry = groups_of(file.read_text(encoding="utf-8"))["Desktop Entry"]
    assert entry["TryExec"] == "/opt/a b/notesearch"
    assert entry["Exec"] == '"/opt/a b/notesearch" --background'
    assert entry["Icon"] == APP_ID
    assert not autostart.state(user).stale
