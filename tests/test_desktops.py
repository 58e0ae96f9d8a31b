"""What to bind a key to by hand, on each desktop; none of them was started for this."""

import shlex

import pytest

from notesearch import desktops, programs
from notesearch.desktops import binding
from notesearch.paths import UserPaths
from notesearch.settings import HOTKEY

KEY = "Ctrl+Alt+Space"
RAN = "/usr/bin/notesearch --toggle"


@pytest.fixture(autouse=True)
def _itself(monkeypatch):
    monkeypatch.setattr(programs, "itself", lambda: ["/usr/bin/notesearch"])


@pytest.fixture
def user(tmp_path):
    return UserPaths(tmp_path, tmp_path, tmp_path)


@pytest.fixture
def bind(user, tmp_path):
    def bind(desktop="", key=KEY, user=user, platform="linux", **environ):
        config = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CURRENT_DESKTOP": desktop}
        return binding(user, key, config | environ, platform)

    return bind


@pytest.mark.parametrize(
    ("said", "name", "where"),
    [
        ("GNOME", "GNOME", "View and Customize Shortcuts > Custom Shortcuts"),
        ("ubuntu:GNOME", "GNOME", "Custom Shortcuts"),
        ("Budgie:GNOME", "GNOME", "Custom Shortcuts"),
        ("KDE", "KDE Plasma", "Add New > Command or Script"),
        ("XFCE", "Xfce", "Application Shortcuts"),
        ("X-Cinnamon", "Cinnamon", "Custom Shortcuts"),
        ("MATE", "MATE", "Keyboard Shortcuts"),
        ("LXQt", "LXQt", "Shortcut Keys"),
        ("COSMIC", "", "the settings of your desktop"),
        ("", "", "the settings of your desktop"),
    ],
)
def test_desktops_with_a_dialog_are_given_the_command_alone(bind, said, name, where):
    found = bind(said)
    assert (found.desktop, found.command) == (name, RAN)
    assert where in found.steps


@pytest.mark.parametrize(
    ("said", "file", "line"),
    [
        ("sway", "~/.config/sway/config", f"bindsym Ctrl+Mod1+space exec {RAN}"),
        ("i3", "~/.config/i3/config", f"bindsym Ctrl+Mod1+space exec --no-startup-id {RAN}"),
        ("Hyprland", "~/.config/hypr/hyprland.conf", f"bind = CTRL ALT, space, exec, {RAN}"),
    ],
)
def test_desktops_with_a_file_are_given_the_line_for_it(bind, said, file, line):
    found = bind(said)
    assert found.command == line
    assert file in found.steps


def test_hyprland_is_given_lua_where_its_configuration_is_that(bind, tmp_path):
    (tmp_path / "hypr").mkdir()
    (tmp_path / "hypr/hyprland.lua").write_text("")
    found = bind("Hyprland")
    assert found.command == f'hl.bind("CTRL + ALT + space", hl.dsp.exec_cmd("{RAN}"))'
    assert "hyprland.lua" in found.steps
    assert bind("GNOME").command == RAN


@pytest.mark.parametrize(
    ("variable", "name"),
    [("SWAYSOCK", "Sway"), ("HYPRLAND_INSTANCE_SIGNATURE", "Hyprland"), ("I3SOCK", "i3"),
     ("KDE_FULL_SESSION", "KDE Plasma")],
)  # fmt: skip
def test_a_desktop_that_does_not_say_its_name_is_known_by_what_it_leaves(bind, variable, name):
    assert bind(**{variable: "/run/user/1000/x"}).desktop == name
    # A name says more: what another session has left may still be there.
    assert bind("GNOME", **{variable: "x"}).desktop == "GNOME"


@pytest.mark.parametrize(
    ("key", "sway", "hyprland"),
    [
        ("Meta+K", "Mod4+k", "SUPER, k"), ("Alt+PgUp", "Mod1+Page_Up", "ALT, Page_Up"),
        ("Ctrl++", "Ctrl+plus", "CTRL, plus"), ("Ctrl+,", "Ctrl+comma", "CTRL, comma"),
        ("F9", "F9", ", F9"), ("Meta+Ctrl+Alt+Shift+Up", "Ctrl+Mod1+Shift+Mod4+Up",
                               "CTRL ALT SHIFT SUPER, Up"),
    ],
)  # fmt: skip
def test_keys_are_called_as_window_managers_call_them(bind, key, sway, hyprland):
    assert f"bindsym {sway} exec " in bind("sway", key).command
    assert f"bind = {hyprland}, exec, " in bind("Hyprland", key).command


def test_without_a_key_the_line_has_the_usual_one(bind):
    assert bind("sway", "") == bind("sway", HOTKEY)


@pytest.mark.parametrize("name", ["it's mine", "a, b", "x,y", "100% $HOME", 'say "so"', "a#b"])
def test_a_folder_that_was_named_is_named_to_the_shell(bind, tmp_path, name):
    folder = tmp_path / name
    named = UserPaths(folder, folder, folder, named=True)
    command = bind("GNOME", user=named).command
    assert shlex.split(command) == [
        "/usr/bin/notesearch", "--data-dir", str(folder), "--toggle"
    ]  # fmt: skip
    if "," in name:
        # Else the line would end there.
        assert f"'{folder}'" in bind("sway", user=named).command
    if "#" in name:
        assert "a##b" in bind("Hyprland", user=named).command


def test_it_is_needed_where_the_session_is_one_of_wayland(bind):
    assert bind("KDE", WAYLAND_DISPLAY="wayland-0").needed
    assert bind("KDE", XDG_SESSION_TYPE="wayland").needed
    assert not bind("KDE", XDG_SESSION_TYPE="x11").needed
    assert not bind(platform="darwin", WAYLAND_DISPLAY="wayland-0").needed


def test_other_systems_have_ways_of_their_own(bind, tmp_path):
    folder = tmp_path / "My Notes"
    named = UserPaths(folder, folder, folder, named=True)
    windows = bind(platform="win32", user=named, SWAYSOCK="x")
    assert windows.command == f'/usr/bin/notesearch --data-dir "{folder}" --toggle'
    assert (windows.desktop, bind(platform="darwin").desktop) == ("Windows", "macOS")
    assert "Shortcuts program" in bind(platform="darwin").steps


def test_each_desktop_is_told_where_in_whole_sentences():
    for one in {*desktops._BY_NAME.values(), desktops._OTHER, desktops._MAC, desktops._WINDOWS}:
        assert one.steps[0].isupper()
        assert one.steps.endswith(".")
