"""Start at login, with real files; the registry of Windows is one of our own making."""

import plistlib
import shlex
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from notesearch import autostart, programs
from notesearch.autostart import AutostartError, DesktopFile, LaunchAgent, RunValue, mechanism
from notesearch.paths import APP_ID, UserPaths

NAMES = ("plain", "with space", 'a "quote"', "100%", "$HOME", "back\\slash", "`tick`", "it's",
         "semi;colon", "new\nline", "Käse", "%f")  # fmt: skip
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
OURS = ["/usr/bin/notesearch", "--background"]


class FakeRegistry:
    """As much of the module winreg as there is need for; keys and values as it has them."""

    HKEY_CURRENT_USER, REG_SZ, KEY_SET_VALUE, KEY_READ = "HKCU", 1, 2, 1

    def __init__(self):
        self.keys = {}
        self.refuses = False

    class _Key(dict):
        writing = False

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def CreateKey(self, root, key):  # noqa: N802
        assert root == self.HKEY_CURRENT_USER
        opened = self.keys.setdefault(key, self._Key())
        opened.writing = True
        return opened

    def OpenKey(self, root, key, reserved=0, access=KEY_READ):  # noqa: N802
        assert (root, reserved) == (self.HKEY_CURRENT_USER, 0)
        if self.refuses:
            raise PermissionError(13, "Access is denied")
        if key not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        self.keys[key].writing = access == self.KEY_SET_VALUE
        return self.keys[key]

    def QueryValueEx(self, key, name):  # noqa: N802
        if name not in key:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return key[name], self.REG_SZ

    def SetValueEx(self, key, name, reserved, kind, value):  # noqa: N802
        assert (reserved, kind, key.writing) == (0, self.REG_SZ, True)
        key[name] = value

    def DeleteValue(self, key, name):  # noqa: N802
        assert key.writing
        if name not in key:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        del key[name]


@pytest.fixture(autouse=True)
def _itself(monkeypatch):
    monkeypatch.setattr(programs, "itself", lambda: [OURS[0]])


@pytest.fixture
def user(tmp_path):
    return UserPaths(tmp_path / "config", tmp_path / "data", tmp_path / "state")


@pytest.fixture
def registry():
    return FakeRegistry()


@pytest.fixture(params=["linux", "darwin", "win32"])
def where(request, tmp_path, registry):
    """The mechanism of each platform."""
    if request.param == "win32":
        return RunValue(registry)
    return mechanism(request.param, {"XDG_CONFIG_HOME": str(tmp_path / "config")}, tmp_path)


# All platforms --------------------------------------------------------------------------------


def test_it_is_off_until_it_is_switched_on_and_off_again(user, where):
    assert autostart.state(user, where) == autostart.State(enabled=False, place=where.place)
    autostart.enable(user, where)
    assert autostart.state(user, where) == autostart.State(enabled=True, place=where.place)
    autostart.enable(user, where)
    autostart.disable(user, where)
    assert not autostart.state(user, where).enabled
    autostart.disable(user, where)


def test_what_is_started_begins_hidden_with_the_same_folder_as_now(user, where, tmp_path):
    assert autostart.command(user, autostart.OPTION) == OURS
    named = UserPaths(tmp_path / "a b", tmp_path / "a b", tmp_path / "a b", named=True)
    autostart.enable(named, where)
    assert autostart.command(named, "--background") == [
        OURS[0], "--data-dir", str(tmp_path / "a b"), "--background"
    ]  # fmt: skip
    assert not autostart.state(named, where).problem
    # For whoever runs with the usual folder, this is another one.
    assert autostart.state(user, where).stale


def test_another_command_is_said_with_what_to_do(user, where, monkeypatch):
    autostart.enable(user, where)
    monkeypatch.setattr(programs, "itself", lambda: ["/opt/new/notesearch"])
    found = autostart.state(user, where)
    assert (found.enabled, found.stale) == (True, True)
    assert "/usr/bin/notesearch --background" in found.problem
    assert "off and on again" in found.problem
    autostart.enable(user, where)
    assert not autostart.state(user, where).stale


def test_what_is_started_is_absolute_also_where_path_is_not(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    program, command = tmp_path / "notesearch", tmp_path / "bin" / "notesearch"
    program.write_text("")
    program.chmod(0o755)
    command.symlink_to(program)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "bin")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    assert programs.from_inside() == [str(command)]


def test_each_platform_has_its_own_place(tmp_path, monkeypatch):
    monkeypatch.setattr(autostart.importlib, "import_module", lambda name: name)
    assert mechanism("win32") == RunValue("winreg")
    assert mechanism("darwin", {}, tmp_path) == LaunchAgent(
        tmp_path / "Library/LaunchAgents" / f"{APP_ID}.plist"
    )
    usual = tmp_path / ".config/autostart" / f"{APP_ID}.desktop"
    for named in ({}, {"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "not/absolute"}):
        assert mechanism("linux", named, tmp_path) == DesktopFile(usual)
    assert mechanism("freebsd14", {}, tmp_path) == DesktopFile(usual)
    moved = mechanism("linux", {"XDG_CONFIG_HOME": "/elsewhere"}, tmp_path)
    assert PurePosixPath(moved.place).parent == PurePosixPath("/elsewhere/autostart")


def test_what_stands_there_is_known_also_where_it_is_switched_off(user, where, registry):
    assert where.kept() is None
    autostart.enable(user, where)
    assert where.kept() == where.written(OURS)
    if isinstance(where, RunValue):
        registry.CreateKey("HKCU", APPROVED)["notesearch"] = b"\3"
    elif isinstance(where, LaunchAgent):
        values = plistlib.loads(where.path.read_bytes())
        where.path.write_bytes(plistlib.dumps(values | {"Disabled": True}))
    else:
        where.path.write_text(f"{where.path.read_text()}Hidden=true\n")
    assert where.read() is None
    assert where.kept() == where.written(OURS)
    autostart.disable(user, where)
    assert where.kept() is None


def test_what_makes_no_sense_stands_there_all_the_same(user, where, registry):
    autostart.enable(user, where)
    if isinstance(where, RunValue):
        # The other value is gone.
        registry.keys = {APPROVED: registry.keys.popitem()[1]}
        registry.keys[APPROVED]["notesearch"] = b"\3"
    else:
        where.path.write_bytes(b"\xff")
    assert where.kept() == ""
    autostart.disable(user, where)
    assert where.kept() is None


# The file of XDG ------------------------------------------------------------------------------


@pytest.fixture
def desktop_file(tmp_path):
    return DesktopFile(tmp_path / "autostart" / f"{APP_ID}.desktop")


def values_of(file: Path) -> dict[str, str]:
    first, *lines = file.read_text(encoding="utf-8").splitlines()
    assert first == "[Desktop Entry]"
    return dict(line.split("=", 1) for line in lines)


def arguments_of(line: str) -> list[str]:
    """Take Exec apart as the specification has it: a shell's double quotes, inside of escapes."""
    unescaped = line.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
    program = ["sh", "-c", f'printf "%s\\0" {unescaped}']
    done = subprocess.run(program, capture_output=True, check=True, env={"HOME": "/wrong"})
    return [one.replace("%%", "%") for one in done.stdout.decode().split("\0")[:-1]]


def test_the_file_is_what_desktops_take(user, desktop_file):
    autostart.enable(user, desktop_file)
    values = values_of(desktop_file.path)
    assert values["Type"] == "Application"
    assert values["Name"] == "notesearch"
    assert values["Exec"] == "/usr/bin/notesearch --background"
    assert Path(values["Icon"]).is_file()
    assert {"Comment", "X-GNOME-Autostart-enabled"} < set(values)
    # What the validator of Debian refuses.
    assert not {"Version", "SingleMainWindow"} & set(values)
    assert list(desktop_file.path.parent.iterdir()) == [desktop_file.path]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_folder_is_called_it_arrives_as_one_argument(tmp_path, desktop_file, name):
    folder = tmp_path / name
    autostart.enable(UserPaths(folder, folder, folder, named=True), desktop_file)
    line = values_of(desktop_file.path)["Exec"]
    assert "%" not in line.replace("%%", "")
    assert arguments_of(line) == [OURS[0], "--data-dir", str(folder), "--background"]


@pytest.mark.parametrize("how", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_a_file_that_the_desktop_switched_off_counts_as_off(user, desktop_file, how):
    autostart.enable(user, desktop_file)
    text = desktop_file.path.read_text(encoding="utf-8")
    text = text.replace("X-GNOME-Autostart-enabled=true\n", "")
    desktop_file.path.write_text(f"{text}{how}\n", encoding="utf-8")
    assert not autostart.state(user, desktop_file).enabled
    autostart.enable(user, desktop_file)
    assert autostart.state(user, desktop_file).enabled


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Exec=/usr/bin/notesearch --background\n",
                                     b"[Desktop Entry]\nExec=\n"])  # fmt: skip
def test_a_file_that_makes_no_sense_starts_nothing_and_is_written_anew(user, desktop_file, content):
    desktop_file.path.parent.mkdir()
    desktop_file.path.write_bytes(content)
    assert not autostart.state(user, desktop_file).enabled
    autostart.enable(user, desktop_file)
    assert autostart.state(user, desktop_file).enabled


def test_only_the_group_that_counts_is_read(user, desktop_file):
    autostart.enable(user, desktop_file)
    with desktop_file.path.open("a", encoding="utf-8") as file:
        file.write("\n[Desktop Action x]\nHidden=true\nExec=other\n")
    assert autostart.state(user, desktop_file).enabled
    assert not autostart.state(user, desktop_file).stale


def test_where_nothing_can_be_written_it_is_said_why_and_nothing_is_left(user, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    inside = DesktopFile(blocked / "autostart" / "x.desktop")
    with pytest.raises(AutostartError, match=r"x\.desktop cannot be written: Not a directory\. "):
        autostart.enable(user, inside)
    assert "cannot be read: Not a directory. See" in autostart.state(user, inside).problem
    folder = DesktopFile(tmp_path / "folder.desktop")
    folder.path.mkdir()
    with pytest.raises(AutostartError, match="cannot be written: Is a directory"):
        autostart.enable(user, folder)
    with pytest.raises(AutostartError, match="cannot be removed"):
        autostart.disable(user, folder)
    assert sorted(tmp_path.iterdir()) == [blocked, folder.path]


def test_a_name_that_is_no_text_is_said(tmp_path, desktop_file):
    folder = tmp_path / "caf\udce9"
    with pytest.raises(AutostartError, match="not valid UTF-8"):
        autostart.enable(UserPaths(folder, folder, folder, named=True), desktop_file)
    assert not autostart.state(UserPaths(folder, folder, folder), desktop_file).enabled


# macOS: what launchd makes of the file was not tried ------------------------------------------


@pytest.fixture
def agent(tmp_path):
    return LaunchAgent(tmp_path / "LaunchAgents" / f"{APP_ID}.plist")


def test_the_list_is_what_launchd_reads(user, agent, tmp_path):
    folder = tmp_path / "100% & <b>"
    autostart.enable(UserPaths(folder, folder, folder, named=True), agent)
    values = plistlib.loads(agent.path.read_bytes())
    assert values == {
        "Label": APP_ID, "RunAtLoad": True, "ProcessType": "Interactive",
        "ProgramArguments": [OURS[0], "--data-dir", str(folder), "--background"],
    }  # fmt: skip
    assert "off and on" in autostart.state(user, agent).problem


@pytest.mark.parametrize(
    "values", [{"Disabled": True}, {"RunAtLoad": False}, {"ProgramArguments": []}]
)
def test_a_list_that_starts_nothing_counts_as_off(user, agent, values):
    autostart.enable(user, agent)
    now = plistlib.loads(agent.path.read_bytes())
    agent.path.write_bytes(plistlib.dumps(now | values))
    assert not autostart.state(user, agent).enabled


@pytest.mark.parametrize("content", [b"", b"<plist", b"<plist><array/></plist>", b"bplist00"])
def test_a_list_that_makes_no_sense_starts_nothing(user, agent, content):
    agent.path.parent.mkdir()
    agent.path.write_bytes(content)
    assert not autostart.state(user, agent).enabled


def test_another_command_is_shown_as_it_would_be_typed(agent):
    assert agent.written(["/a b/notesearch", "-x"]) == shlex.join(["/a b/notesearch", "-x"])


# Windows: the real registry was not tried -----------------------------------------------------


def test_the_value_is_a_command_line_of_windows(registry, tmp_path):
    folder = tmp_path / "My Notes"
    autostart.enable(UserPaths(folder, folder, folder, named=True), RunValue(registry))
    run = registry.keys[r"Software\Microsoft\Windows\CurrentVersion\Run"]
    assert run == {"notesearch": f'{OURS[0]} --data-dir "{folder}" --background'}


@pytest.mark.parametrize(("first", "enabled"), [(2, True), (6, True), (3, False), (7, False)])
def test_what_the_task_manager_switched_off_counts_as_off(user, registry, first, enabled):
    where = RunValue(registry)
    autostart.enable(user, where)
    registry.CreateKey(registry.HKEY_CURRENT_USER, APPROVED)["notesearch"] = bytes(
        [first, *[0] * 11]
    )
    assert autostart.state(user, where).enabled is enabled
    autostart.enable(user, where)
    assert autostart.state(user, where).enabled
    assert "notesearch" not in registry.keys[APPROVED]


def test_a_registry_that_refuses_is_said(user, registry):
    registry.refuses = True
    where = RunValue(registry)
    assert "cannot be read: Access is denied" in autostart.state(user, where).problem
    with pytest.raises(
        AutostartError, match=r"Run\\notesearch cannot be removed: Access is denied"
    ):
        autostart.disable(user, where)
