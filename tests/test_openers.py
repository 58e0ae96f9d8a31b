"""Each program that notes can be opened with, by one of its name that notes what it was told."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from notesearch import openers, programs
from notesearch.launch import LaunchError, Place, open_at
from notesearch.openers import Opener, chosen, custom, installed
from notesearch.settings import Settings
from notesearch.templates import TemplateError, fill, literal, parse_template

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")

HOSTILE = (
    "; rm -rf x.md", "'single' and \"double\".md", "line\nbreak.md", "-rf.md", "$HOME.md",
    "$(touch pwned) `touch pwned`.md", "100%41 & more?x=1#top.md", "a  b\tc.md", "Käse 漢字 🙂.md",
    "{line} {path} {0} {{x}} }.md", "back\\slash\\n.md", "a:1:2.md", "~.md", "*|<>!.md", "+9.md",
)  # fmt: skip
LINE, COLUMN, BYTE = 7, 5, 6
EXPECTED = {
    "code": lambda path: ["code", "--goto", f"{path}:7:5"],
    "code-insiders": lambda path: ["code-insiders", "--goto", f"{path}:7:5"],
    "vscodium": lambda path: ["codium", "--goto", f"{path}:7:5"],
    "cursor": lambda path: ["cursor", "--goto", f"{path}:7:5"],
    "windsurf": lambda path: ["windsurf", "--goto", f"{path}:7:5"],
    "positron": lambda path: ["positron", "--goto", f"{path}:7:5"],
    "zed": lambda path: ["zeditor", f"{path}:7:5"],
    "sublime": lambda path: ["subl", f"{path}:7:5"],
    "zettlr": lambda path: ["zettlr", str(path)],
    "typora": lambda path: ["typora", str(path)],
    "neovim": lambda path: ["nvim", "+call cursor(7,6)", str(path)],
    "vim": lambda path: ["vim", "+call cursor(7,6)", str(path)],
    "gvim": lambda path: ["gvim", "+call cursor(7,6)", str(path)],
    "emacs": lambda path: ["emacs", "+7:5", str(path)],
    "kate": lambda path: ["kate", "--line", "7", "--column", "5", str(path)],
    "gedit": lambda path: ["gedit", "+7:5", str(path)],
}
URLS = ("obsidian", "logseq")
PROGRAMS = {preset.name: preset.programs[0] for preset in openers._PRESETS}
TERMINALS = {
    "xdg-terminal-exec": 0, "gnome-terminal": 1, "ptyxis": 1, "kgx": 1, "konsole": 1, "kitty": 0,
    "alacritty": 1, "foot": 0, "wezterm": 2, "xfce4-terminal": 1, "mate-terminal": 1,
    "x-terminal-emulator": 1, "xterm": 1,
}  # fmt: skip
"""How many arguments of its own each has before the program."""


class Machine:
    """A machine with no programs but those that are put on it."""

    def __init__(self, folder, started):
        self.folder = folder / "programs"
        self.notes = folder / "my notes"
        self.said = folder / "said"
        self.started = started
        self.folder.mkdir()
        self.notes.mkdir()

    def put(self, name, script=""):
        """Put a program on the path; without a script it notes its name and arguments."""
        script = script or f'printf "%s\\0" "${{0##*/}}" "$@" > "{self.said}"'
        (self.folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (self.folder / name).chmod(0o755)

    def put_terminal(self, name):
        """Put a terminal on the path that runs what it is given."""
        self.put(name, f'shift {TERMINALS[name]}\nexec "$@"')

    def note(self, name):
        """Write a note."""
        file = self.notes / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x\n" * 9, encoding="utf-8")
        return file

    def opened(self, opener, path, heading=""):
        """Open a note; returns what the program was told."""
        place = Place(path, LINE, COLUMN, self.notes, heading, BYTE)
        open_at(opener, place)
        assert self.started.pop().wait(60) == 0
        return [os.fsdecode(said) for said in self.said.read_bytes().split(b"\0")[:-1]]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    started = []
    real = subprocess.Popen

    def popen(*args, **kwargs):
        assert isinstance(args[0], list)
        assert not kwargs.get("shell")
        assert kwargs["start_new_session"]
        assert kwargs["stdin"] == kwargs["stdout"] == kwargs["stderr"] == subprocess.DEVNULL
        started.append(real(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(programs, "_program_folders", lambda: (str(tmp_path / "elsewhere"),))
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    yield Machine(tmp_path, started)
    for program in started:
        program.wait(60)


def the(name):
    """Return a program that is installed."""
    return next(opener for opener in installed() if opener.name == name)


def names(found):
    return [opener.name for opener in found]


# Presets ----------------------------------------------------------------------------------


def test_every_preset_is_tested():
    assert {*EXPECTED, *URLS} == set(PROGRAMS)
    assert set(TERMINALS) == set(programs._TERMINALS)
    assert len({preset.label for preset in openers._PRESETS}) == len(openers._PRESETS)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_preset_opens_the_file_at_the_line_whatever_it_is_called(machine, name):
    machine.put(PROGRAMS[name])
    machine.put_terminal("xterm")
    opener = the(name)
    assert names(installed()) == ["system", name]
    for hostile in HOSTILE:
        note = machine.note(f"-sub/{hostile}")
        assert machine.opened(opener, note) == EXPECTED[name](note)
    assert not list(machine.folder.parent.rglob("pwned"))


@pytest.mark.parametrize("heading", ["", "What {line} & 100% #of: it?", "漢字"])
def test_obsidian_gets_the_path_and_the_heading_as_one_value(machine, heading):
    machine.put("obsidian")
    obsidian = the("obsidian")
    for hostile in HOSTILE:
        note = machine.note(hostile)
        program, url = machine.opened(obsidian, note, heading and f"Outer › {heading}")
        assert (program, url[:21]) == ("obsidian", "obsidian://open?path=")
        assert not set("/ #&'\"$;\n") & set(url[21:])
        anchor = {"": "", "漢字": "#漢字"}.get(heading, "#What {line} & 100% of it?")
        assert parse_qs(url.partition("?")[2]) == {"path": [f"{note}{anchor}"]}


def test_logseq_gets_the_names_of_graph_and_page(machine):
    machine.put("logseq")
    (machine.notes / "logseq").mkdir()
    (machine.notes / "logseq/config.edn").write_text("{}", encoding="utf-8")
    logseq = the("logseq")
    for hostile in HOSTILE:
        note = machine.note(f"pages/{hostile}")
        program, url = machine.opened(logseq, note)
        assert program == "logseq"
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("logseq", "graph", "/my notes")
        assert not set("/ #&'\"$;\n") & set(parts.query)
        assert parse_qs(parts.query) == {"page": [unquote(note.stem)]}
    _, url = machine.opened(logseq, machine.note("journals/2026_11_21.md"))
    assert parse_qs(urlsplit(url).query) == {"page": ["Nov 21st, 2026"]}


def test_a_note_in_no_graph_is_not_given_to_logseq(machine):
    machine.put("logseq")
    with pytest.raises(LaunchError, match=r"a\.md is in no Logseq graph\. Choose another program"):
        machine.opened(the("logseq"), machine.note("a.md"))
    assert machine.started == []


@pytest.mark.parametrize("list_of", ["XDG_DATA_HOME/applications/mimeinfo.cache",
                                     "XDG_CONFIG_HOME/mimeapps.list"])  # fmt: skip
def test_a_program_that_only_its_urls_lead_to_is_opened_by_them(machine, list_of):
    handlers = machine.folder.parent / list_of
    handlers.parent.mkdir(parents=True)
    handlers.write_text("[MIME Cache]\nx-scheme-handler/obsidian=some.desktop;\n", encoding="utf-8")
    assert names(installed()) == ["system"]
    machine.put("xdg-open")
    assert names(installed()) == ["system", "obsidian"]
    said = machine.opened(the("obsidian"), note := machine.note("a b.md"))
    assert said == ["xdg-open", f"obsidian://open?path={str(note).replace('/', '%2F')}"
                    .replace(" ", "%20")]  # fmt: skip


def test_a_running_emacs_is_used_where_there_is_one(machine):
    machine.put("emacs")
    machine.put("emacsclient")
    note = machine.note("a.md")
    assert machine.opened(the("emacs"), note) == ["emacs", "+7:5", str(note)]
    server = Path(os.environ["XDG_RUNTIME_DIR"], "emacs/server")
    server.parent.mkdir(parents=True)
    server.touch()
    assert machine.opened(the("emacs"), note) == [
        "emacsclient", "--no-wait", "--alternate-editor=emacs", "+7:5", str(note)
    ]  # fmt: skip


def test_an_emacs_without_windows_runs_in_a_terminal(machine):
    machine.put("emacs-nox")
    (machine.folder / "emacs").symlink_to("emacs-nox")
    assert names(installed()) == ["system"]
    machine.put_terminal("foot")
    note = machine.note("a.md")
    assert machine.opened(the("emacs"), note) == ["emacs", "+7:5", str(note)]
    assert the("emacs").command[0] == str(machine.folder / "foot")


# Terminals --------------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("name", ["vim", "neovim"])
def test_a_terminal_hands_the_name_on_as_it_is(machine, terminal, name):
    machine.put(PROGRAMS[name])
    assert names(installed()) == ["system"]
    machine.put_terminal(terminal)
    for hostile in HOSTILE:
        note = machine.note(hostile)
        if terminal == "konsole" and "$" in hostile:
            with pytest.raises(LaunchError, match=r"means something else to the terminal\. Choose"):
                machine.opened(the(name), note)
        else:
            assert machine.opened(the(name), note) == EXPECTED[name](note)


@pytest.mark.parametrize("link", ["kitty", "gnome-terminal.wrapper"])
def test_the_terminal_of_the_users_choice_comes_first(machine, link):
    machine.put("vim")
    for name in ("konsole", "gnome-terminal", "kitty"):
        machine.put_terminal(name)
    machine.put("gnome-terminal.wrapper")
    (machine.folder / "x-terminal-emulator").symlink_to(link)
    assert the("vim").command[0] == str(machine.folder / link.removesuffix(".wrapper"))
    machine.put("xdg-terminal-exec")
    (machine.folder / "x-terminal-emulator").unlink()
    assert the("vim").command[0] == str(machine.folder / "xdg-terminal-exec")


def test_the_mac_has_each_argument_quoted_and_takes_no_keys(machine, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    machine.put("nvim")
    machine.put("osascript")
    note = machine.note("; rm -rf 'x' $HOME {line}.md")
    said = machine.opened(the("neovim"), note)
    assert said[-3:] == [str(machine.folder / "nvim"), "+call cursor(7,6)", str(note)]
    script = said[1:-3]
    assert set(script[::2]) == {"-e"}
    assert any("quoted form of" in line for line in script[1::2])
    with pytest.raises(LaunchError, match="rename the note"):
        machine.opened(the("neovim"), machine.note("clear\x15; rm x.md"))


# What is installed --------------------------------------------------------------------------


def test_a_machine_without_programs_has_the_systems(machine):
    assert installed() == (openers.SYSTEM,)
    machine.put("xdg-open")
    note = machine.note("a.md")
    assert machine.opened(openers.SYSTEM, note) == ["xdg-open", str(note)]


def test_programs_are_found_where_flatpak_and_snap_put_them(machine, tmp_path):
    machine.put("md.obsidian.Obsidian")
    machine.put("code")
    machine.folder.rename(tmp_path / "elsewhere")
    assert names(installed()) == ["system", "code", "obsidian"]


def test_the_daemon_of_zfs_is_no_editor(machine, monkeypatch, tmp_path):
    machine.put("zed")
    assert names(installed()) == ["system", "zed"]
    machine.folder.rename(tmp_path / "sbin")
    monkeypatch.setenv("PATH", str(tmp_path / "sbin"))
    assert names(installed()) == ["system"]


def test_applications_of_the_mac_are_found_and_opened(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "darwin")
    folder = tmp_path / "Applications"
    monkeypatch.setattr(programs, "_application_folders", lambda: (folder,))
    code = folder / "Visual Studio Code.app/Contents/Resources/app/bin/code"
    for place in (folder / "Zettlr.app", folder / "Obsidian.app", code.parent):
        place.mkdir(parents=True)
    code.write_bytes((machine.put("x"), machine.folder / "x")[1].read_bytes())
    code.chmod(0o755)
    machine.put("open")
    note = machine.note("-a b.md")
    assert names(installed()) == ["system", "code", "obsidian", "zettlr"]
    assert machine.opened(the("code"), note) == ["code", "--goto", f"{note}:7:5"]
    zettlr = ["open", "-a", str(folder / "Zettlr.app"), str(note)]
    assert machine.opened(the("zettlr"), note) == zettlr
    said = machine.opened(the("obsidian"), note)
    assert said[:3] == ["open", "-a", str(folder / "Obsidian.app")]
    assert said[3].startswith("obsidian://open?path=%2F")


def test_on_windows_programs_are_found_and_batch_files_are_not_used(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path / "program files"))
    monkeypatch.setattr(programs.shutil, "which", lambda name, **_: f"C:\\x\\bin\\{name}.CMD")
    for place in ("local/Programs/Microsoft VS Code/Code.exe", "program files/Vim/vim91/vim.exe"):
        program = tmp_path / place
        program.parent.mkdir(parents=True)
        program.touch(0o755)
    system, code, vim = installed()
    assert system == openers.SYSTEM
    assert code.command[0] == str(tmp_path / "local/Programs/Microsoft VS Code/Code.exe")
    assert (code.console, vim.name, vim.console) == (False, "vim", True)
    assert machine.started == []


def test_a_windows_console_is_not_taken_its_input(machine, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_CONSOLE", 16, raising=False)
    asked = []
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **named: asked.append((args, named)))
    note = machine.note("a.md")
    open_at(Opener("vim", "Vim", ("vim.exe", "{path}"), console=True), Place(note))
    assert asked == [((["vim.exe", str(note)],), {"creationflags": 16})]


# What was chosen ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), ("system", "code")),
        (Settings(opener="code"), ("code", "system")),
        (Settings(opener="code", second_opener="kate"), ("code", "kate")),
        (Settings(opener="custom", command="x {path}"), ("custom", "system")),
        (Settings(second_opener="reveal"), ("system", "reveal")),
        (Settings(second_opener="custom", command="x {path}"), ("system", "custom")),
    ],
)
def test_the_two_that_the_settings_say(machine, settings, expected):
    machine.put("code")
    machine.put("kate")
    assert tuple(names(chosen(settings, installed()))) == expected
    assert not any(opener.problem for opener in chosen(settings, installed()))


def test_where_nothing_else_is_there_the_second_shows_the_file_in_its_folder(machine):
    machine.put("xdg-open")
    first, second = chosen(Settings(), installed())
    assert names((first, second)) == ["system", "reveal"]
    note = machine.note("a.md")
    assert machine.opened(second, note) == ["xdg-open", str(machine.notes)]
    assert machine.opened(second, machine.notes / "gone.md") == ["xdg-open", str(machine.notes)]


def test_a_program_that_is_gone_is_named_and_what_to_do(machine):
    note = machine.note("a.md")
    for name, label in (("cursor", "Cursor"), ("from-later", "from-later")):
        first, second = chosen(Settings(opener=name), installed())
        assert second.name == "system"
        with pytest.raises(LaunchError, match=f"^{label} is not found .*Choose another program"):
            open_at(first, Place(note))
    machine.put("kate")
    kate = the("kate")
    (machine.folder / "kate").unlink()
    with pytest.raises(LaunchError, match=r"Kate could not be started: .*No such file.*settings"):
        open_at(kate, Place(note))
    (machine.folder / "kate").write_bytes(b"\0 no program")
    (machine.folder / "kate").chmod(0o755)
    with pytest.raises(LaunchError, match=r"Kate could not be started: .*settings"):
        open_at(kate, Place(note))


@pytest.mark.parametrize("name", ["code", "system"])
def test_a_note_that_is_gone_is_said_before_a_program_is_started(machine, name):
    machine.put("code")
    with pytest.raises(LaunchError, match=r"gone\.md is no longer there"):
        open_at(the(name), Place(machine.notes / "gone.md"))
    assert machine.started == []


# Templates ------------------------------------------------------------------------------------


def test_a_template_is_split_before_anything_is_put_into_it(machine):
    machine.put("my editor")
    beginning = "'my editor' --at={line},{column} -f \"{folder}\" '{heading}' {path}"
    opener = custom(f"{beginning} {{{{}}}} {{{{page}}}} # $HOME ;")
    for hostile in HOSTILE:
        note = machine.note(hostile)
        assert machine.opened(opener, note, "A › {path}") == [
            "my editor", "--at=7,5", "-f", str(machine.notes), "A › {path}", str(note), "{}",
            "{page}", "#", "$HOME", ";",
        ]  # fmt: skip


def test_in_a_url_what_is_put_in_is_encoded(machine):
    machine.put("xdg-open")
    opener = custom("xdg-open vscode://file{path}:{line}?of={folder}&is={heading}")
    note = machine.note("a b?#&%.md")
    folder = str(machine.notes).replace("/", "%2F").replace(" ", "%20")
    path = str(machine.notes).replace(" ", "%20") + "/a%20b%3F%23%26%25.md"
    assert machine.opened(opener, note, "x & y=1") == [
        "xdg-open", f"vscode://file{path}:7?of={folder}&is=x%20%26%20y%3D1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", "begin with the name of a program"),
        ("   ", "begin with the name of a program"),
        ("'' {path}", "begin with the name of a program"),
        ("{path} x", "begin with the name of a program"),
        ("code --goto", r"must hold \{path\}"),
        ("code {{path}}", r"must hold \{path\}"),
        ("code {path", "brace stands alone"),
        ("code path}", "brace stands alone"),
        ("code {file}:{path}", r"^\{file\} is not known.*\{path\} \{line\} \{column\}"),
        ("code {path} {}", r"^\{\} is not known"),
        ("code {path} {0}", r"^\{0\} is not known"),
        ("code {path.parent}", r"^\{path\.parent\} is not known"),
        ("code {path!r}", r"^\{path!r\} is not known"),
        ("code {path} {line:>20}", r"^\{line:>20\} is not known"),
        ("code {byte} {path}", r"^\{byte\} is not known"),
        ("code '{path}", "quotation mark is not closed"),
        ("code.CMD {path}", "Batch files cannot"),
    ],
)
def test_a_template_that_makes_no_sense_says_why(machine, template, said):
    with pytest.raises(TemplateError, match=said) as caught:
        parse_template(template)
    opener = custom(template)
    assert opener.problem == str(caught.value)
    with pytest.raises(LaunchError, match=said):
        open_at(opener, Place(machine.note("a.md")))


def test_on_windows_backslashes_are_part_of_a_path(monkeypatch):
    template = r'"C:\Program Files\x\e.exe" -f {path}'
    monkeypatch.setattr(sys, "platform", "win32")
    assert parse_template(template) == (r"C:\Program Files\x\e.exe", "-f", "{path}")
    monkeypatch.setattr(sys, "platform", "linux")
    assert parse_template(r"e\ f {path}") == ("e f", "{path}")


def test_a_program_of_the_users_may_be_in_the_home_folder(machine, monkeypatch):
    monkeypatch.setenv("HOME", str(machine.folder))
    machine.put("mine")
    assert machine.opened(custom("~/mine {path}"), note := machine.note("a.md")) == [
        "mine", str(note)
    ]  # fmt: skip


def test_a_zero_in_a_command_is_an_error_like_others(machine):
    with pytest.raises(LaunchError, match="could not be started"):
        open_at(Opener("x", "X", ("x\0y", "{path}")), Place(machine.note("a.md")))


def test_braces_in_the_name_of_a_program_are_its_own():
    assert fill((literal("/opt/{line}}/x"),), {"line": "3"}) == ["/opt/{line}}/x"]
