"""The installer of the .run package and its removal, with a stand-in for the program."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the package is for Linux")

SCRIPTS = Path(__file__).resolve().parents[1] / "packaging" / "linux"
NAME = "io.github.notesearch.Notesearch"
TOOLS = (
    "awk", "cat", "chmod", "cp", "df", "dirname", "du", "env", "find", "grep", "id", "ldd", "ln",
    "ls", "mkdir", "mv", "readlink", "rm", "rmdir", "sed", "sh", "sort", "tr",
)  # fmt: skip
"""All that the scripts ask of a system, so that no package manager is found but a test's own."""
LIBRARIES = "libEGL.so.1 libegl1 libglvnd\nlibxcb-cursor.so.0 libxcb-cursor0 xcb-util-cursor\n"
PROGRAM = """#!/bin/sh
echo "$*" >>"$HOME/calls.txt"
data=$HOME/.local/share
case $1 in
    --version) echo "notesearch {version}" ;;
    --self-test) {self_test} ;;
    --quit) {quit_it} ;;
    --install-desktop-entry)
        mkdir -p "$data/applications"
        echo "TryExec=$0" >"$data/applications/{name}.desktop" ;;
    --remove-desktop-entry) rm -f "$data/applications/{name}.desktop" ;;
    --remove-data) [ "$2" = --yes ] && rm -r "$data/notesearch" ;;
esac
"""


class Home:
    """An empty home folder, with a package beside it."""

    def __init__(self, folder):
        self.path = folder / "home of somebody"
        self.path.mkdir()
        self.package = folder / "package"
        self.program = self.path / ".local/opt/notesearch"
        self.commands = folder / "commands"
        self.commands.mkdir()
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name in TOOLS:
            (self.tools / name).symlink_to(shutil.which(name))
        self.pack("1.0")

    def pack(self, version, *, self_test="echo ok", quit_it="exit 0"):
        """Make a package as the installer finds it when it is unpacked."""
        shutil.rmtree(self.package, ignore_errors=True)
        bundle = self.package / "notesearch"
        (bundle / "_internal").mkdir(parents=True)
        (bundle / "_internal" / f"only in {version}").write_text("x")
        script = PROGRAM.format(version=version, self_test=self_test, quit_it=quit_it, name=NAME)
        executable(bundle / "notesearch", script)
        (self.package / "notesearch.1").write_text(".TH NOTESEARCH 1\n")
        (self.package / "libraries.txt").write_text(LIBRARIES)
        for name in ("install.sh", "uninstall.sh"):
            shutil.copy(SCRIPTS / name, self.package / name)

    def replace_command(self, name, script):
        """Have the scripts find another program of the system."""
        executable(self.commands / name, f"#!/bin/sh\n{script}\n")

    def run(self, script, *options, cwd=None, path="", umask=-1):
        return subprocess.run(
            ["/bin/sh", str(script), *options], cwd=cwd or self.path.parent, umask=umask,
            env={"HOME": str(self.path), "PATH": f"{path}{self.commands}:{self.tools}"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    def install(self, *options, **around):
        # Tests are run by root, too.
        return self.run(self.package / "install.sh", "--as-root", *options, **around)

    def uninstall(self, *options):
        return self.run(self.path / ".local/bin/notesearch-uninstall", *options)

    def version(self):
        done = self.run("-c", '"$HOME/.local/bin/notesearch" --version')
        return done.stdout.strip().removeprefix("notesearch ")

    def calls(self):
        file = self.path / "calls.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def files(self):
        self.calls()
        return {str(p.relative_to(self.path)) for p in self.path.rglob("*")}


def executable(file, text):
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def well(done):
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return done.stdout


def refused(done):
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_installed_files_and_what_is_said(home):
    said = well(home.install())
    assert {
        ".local/opt/notesearch/notesearch",
        ".local/opt/notesearch/_internal/only in 1.0",
        ".local/opt/notesearch/notesearch-uninstall",
        ".local/opt/notesearch/notesearch-folders",
        ".local/bin/notesearch",
        ".local/bin/notesearch-uninstall",
        ".local/share/man/man1/notesearch.1",
        f".local/share/applications/{NAME}.desktop",
    } <= home.files()
    assert home.version() == "1.0"
    page = home.path / ".local/share/man/man1/notesearch.1"
    assert page.read_text() == ".TH NOTESEARCH 1\n"
    assert f"notesearch 1.0 is installed in {home.program}" in said
    assert f"{home.path}/.local/bin is not on PATH" in said
    assert "notesearch-uninstall" in said


def test_the_program_is_checked_before_it_is_put_in_place_and_then_into_the_menu(home):
    well(home.install())
    assert home.calls() == ["--self-test", "--install-desktop-entry", "--version"]


def test_where_the_command_is_on_the_path_its_name_is_enough(home):
    said = well(home.install(path=f"{home.path}/.local/bin:"))
    assert "or with: notesearch\n" in said
    assert "PATH" not in said


def test_another_command_of_that_name_that_comes_first_is_said(home):
    home.replace_command("notesearch", "echo other")
    assert f"starts another one: {home.commands}/notesearch" in well(home.install())


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_whatever_the_umask_the_user_can_start_it_and_nobody_else_can_write(home, umask):
    well(home.install(umask=umask))
    assert home.version() == "1.0"
    for path in (home.program, *home.program.rglob("*")):
        assert path.stat().st_mode & 0o022 == 0, path
        assert path.stat().st_mode & 0o444 == 0o444, path


def test_it_can_be_started_from_its_own_folder(home):
    well(home.run("./install.sh", "--as-root", cwd=home.package))
    assert home.version() == "1.0"


def test_an_upgrade_ends_the_old_program_and_leaves_one_copy(home):
    well(home.install())
    before = home.files()
    home.pack("2.0")
    assert "has been ended; start it again" in well(home.install())
    assert home.calls()[:2] == ["--self-test", "--quit"]
    assert home.version() == "2.0"
    internal = ".local/opt/notesearch/_internal/"
    assert home.files() == before - {f"{internal}only in 1.0"} | {f"{internal}only in 2.0"}


def test_an_upgrade_of_a_program_that_does_not_run_ends_none(home):
    assert "has been ended" not in well(home.install())
    home.pack("2.0", quit_it="echo notesearch: no notesearch is running >&2")
    assert "has been ended" not in well(home.install())


def keeps_the_old_one(home):
    assert home.version() == "1.0"
    assert [p.name for p in home.program.parent.iterdir()] == ["notesearch"]


def test_a_copy_that_fails_keeps_the_old_one(home):
    well(home.install())
    home.pack("2.0")
    home.replace_command("cp", '/bin/cp "$@"; echo "cp: No space left on device" >&2; exit 1')
    said = refused(home.install())
    assert "No space left on device" in said
    assert "could not be copied" in said
    keeps_the_old_one(home)


def test_a_rename_that_fails_keeps_the_old_one(home):
    well(home.install())
    home.pack("2.0")
    home.replace_command("mv", 'case $1 in *-new) exit 1 ;; *) exec /bin/mv "$@" ;; esac')
    assert "could not be put into its place" in refused(home.install())
    keeps_the_old_one(home)


def test_a_first_installation_that_fails_leaves_nothing(home):
    home.pack("1.0", self_test="exit 3")
    refused(home.install())
    assert home.files() == set()


def test_too_little_room_is_said_before_anything_is_done(home):
    well(home.install())
    home.pack("2.0")
    home.replace_command("df", "echo Filesystem; echo /dev/x 99 96 3 97% /")
    assert "not enough room" in refused(home.install())
    keeps_the_old_one(home)


def test_a_program_that_does_not_work_here_keeps_the_old_one(home):
    well(home.install())
    home.pack("2.0", self_test="echo embedding: no such instruction; exit 3")
    said = refused(home.install())
    assert "no such instruction" in said
    assert "does not work on this system" in said
    keeps_the_old_one(home)


def test_what_qt_says_of_the_desktop_is_no_reason_to_stop(home):
    home.pack("1.0", self_test="echo 'note Qt           could not connect to display :7'")
    well(home.install())
    assert home.version() == "1.0"


def test_a_running_program_that_does_not_end_keeps_the_old_one(home):
    well(home.install())
    home.pack("2.0", quit_it="echo it is storing what it has read; exit 3")
    said = refused(home.install())
    assert "it is storing what it has read" in said
    keeps_the_old_one(home)


def test_an_installation_that_was_killed_between_its_renames_is_mended(home):
    well(home.install())
    home.program.rename(home.program.with_name(".notesearch-old"))
    home.pack("2.0", self_test="exit 3")
    refused(home.install())
    keeps_the_old_one(home)


def test_what_a_killed_installation_left_is_removed(home):
    well(home.install())
    for name in (".notesearch-new", ".notesearch-old"):
        shutil.copytree(home.program, home.program.with_name(name))
    well(home.install())
    keeps_the_old_one(home)


def somebodys(home, folder):
    """Put a folder of somebody else into the home folder; return the file in it."""
    file = home.path / ".local/opt" / folder / "thesis.md"
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    return file


@pytest.mark.parametrize("name", ["notesearch", ".notesearch-new", ".notesearch-old"])
def test_what_is_not_the_installers_is_never_taken_away(home, name):
    file = somebodys(home, name)
    before = home.files()
    said = refused(home.install())
    assert f"{file.parent} is there and is not an installation of notesearch" in said
    assert "move it away first" in said
    assert file.read_text() == "mine"
    assert home.files() == before


@pytest.mark.parametrize("name", ["notesearch", ".notesearch-old"])
def test_a_link_to_a_folder_is_never_followed(home, name):
    file = somebodys(home, "elsewhere")
    (file.parent / "notesearch-uninstall").write_text("")
    file.parent.with_name(name).symlink_to("elsewhere")
    assert "move it away first" in refused(home.install())
    assert "nothing was changed" in refused(home.install("--uninstall"))
    assert file.read_text() == "mine"
    assert file.parent.with_name(name).is_symlink()


def test_backups_that_somebody_made_of_it_survive_everything(home):
    kept = [somebodys(home, f"notesearch{ending}") for ending in (".old", ".new", ".bak")]
    well(home.install())
    well(home.install())
    well(home.uninstall())
    assert [file.read_text() for file in kept] == ["mine"] * 3
    assert not home.program.exists()


def test_a_file_that_somebody_put_into_the_program_survives(home):
    well(home.install())
    file = home.program / "thesis.md"
    file.write_text("mine")
    home.pack("2.0")
    assert f"{file} is not of notesearch" in refused(home.install())
    assert home.version() == "1.0"
    assert f"is kept: {home.program}" in well(home.uninstall())
    assert file.read_text() == "mine"
    assert not (home.program / "_internal").exists()


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install libegl1 libxcb-cursor0"),
        ("pacman", "sudo pacman -S --needed libglvnd xcb-util-cursor"),
        ("dnf", "sudo dnf install 'libEGL.so.1()(64bit)' 'libxcb-cursor.so.0()(64bit)'"),
        ("zypper", "sudo zypper install 'libEGL.so.1()(64bit)' 'libxcb-cursor.so.0()(64bit)'"),
        ("none", "On Debian the packages are called: libegl1 libxcb-cursor0"),
    ],
)
def test_missing_libraries_are_named_with_their_packages(home, manager, command):
    (home.package / "notesearch/_internal/libQt6Gui.so.6").write_text("")
    lines = ("libEGL.so.1 => not found", "libc.so.6 => /lib/libc.so.6 (0x1)",
             "libxcb-cursor.so.0 => not found", "libEGL.so.1 => not found")  # fmt: skip
    home.replace_command("ldd", "\n".join(f"printf '\\t%s\\n' '{line}'" for line in lines))
    home.replace_command(manager, "")
    said = refused(home.install())
    assert "missing: libEGL.so.1 libxcb-cursor.so.0" in said
    assert command in said
    assert home.files() == set()


def test_a_system_that_is_too_old_is_told(home):
    (home.package / "notesearch/_internal/libpython.so").write_text("")
    home.replace_command(
        "ldd", """echo "/x/libpython.so: /lib/libm.so.6: version \\`GLIBC_2.35' not found" >&2"""
    )
    assert "its libraries lack GLIBC_2.35" in refused(home.install())
    assert home.files() == set()


def test_root_is_refused_with_a_hint(home):
    home.replace_command("id", "echo 0")
    said = refused(home.run(home.package / "install.sh"))
    assert ".deb" in said
    assert home.files() == set()


def test_what_was_installed_in_another_way_is_left_alone(home):
    link = home.path / ".local/bin/notesearch"
    link.parent.mkdir(parents=True)
    link.write_text("of pipx")
    assert "pipx" in refused(home.install())
    assert link.read_text() == "of pipx"
    assert not home.program.exists()


def test_a_manual_page_of_another_installation_stays(home):
    page = home.path / ".local/share/man/man1/notesearch.1"
    page.parent.mkdir(parents=True)
    page.write_text("of pip")
    well(home.install())
    well(home.uninstall())
    assert page.read_text() == "of pip"


def test_an_option_that_is_not_known_does_nothing(home):
    assert "not known: --purg" in refused(home.install("--purg"))
    assert "--uninstall" in refused(home.install("--purge"))
    assert home.files() == set()


def test_help_is_not_mistaken_for_an_installation(home):
    assert "--uninstall" in well(home.install("--help"))
    assert home.files() == set()


def test_uninstalling_leaves_nothing(home):
    well(home.install())
    home.calls()
    said = well(home.uninstall())
    assert "notesearch is removed" in said
    assert home.calls() == ["--version", "--quit", "--remove-desktop-entry"]
    assert home.files() == set()


def test_the_package_uninstalls_too(home):
    well(home.install())
    well(home.install("--uninstall"))
    assert home.files() == set()


def with_data(home):
    library = home.path / ".local/share/notesearch/library.db"
    library.parent.mkdir(parents=True)
    library.write_text("x")
    return library


def test_uninstalling_keeps_the_data_and_says_where_they_are(home):
    well(home.install())
    library = with_data(home)
    assert str(library.parent) in well(home.uninstall())
    assert library.is_file()
    assert home.files() == {str(p.relative_to(home.path)) for p in (library, *library.parents[:3])}


def test_purging_asks_the_program_to_remove_the_data(home):
    well(home.install())
    with_data(home)
    home.calls()
    well(home.uninstall("--purge"))
    assert "--remove-data --yes" in home.calls()
    assert home.files() == set()


def test_the_start_at_login_goes_where_it_starts_this_program(home):
    well(home.install())
    autostart = home.path / f".config/autostart/{NAME}.desktop"
    autostart.parent.mkdir(parents=True)
    autostart.write_text(f"[Desktop Entry]\nTryExec={home.path}/.local/bin/notesearch\n")
    well(home.uninstall())
    assert home.files() == set()


def test_the_start_at_login_of_another_program_stays(home):
    well(home.install())
    autostart = home.path / f".config/autostart/{NAME}.desktop"
    autostart.parent.mkdir(parents=True)
    autostart.write_text("[Desktop Entry]\nTryExec=/usr/bin/notesearch\n")
    well(home.uninstall())
    assert autostart.is_file()


def icons(home):
    """Put the icons into the theme, which are the same for every installation."""
    theme = home.path / ".local/share/icons/hicolor"
    files = theme / f"scalable/apps/{NAME}.svg", theme / f"symbolic/apps/{NAME}-symbolic.svg"
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("<svg/>")
    return files


@pytest.mark.parametrize("starts", [True, False])
def test_the_entry_and_the_icons_of_another_installation_stay(home, starts):
    well(home.install())
    if not starts:
        (home.program / "notesearch").unlink()
    entry = home.path / f".local/share/applications/{NAME}.desktop"
    text = f"[Desktop Entry]\nTryExec={home.path}/venv/bin/notesearch\n"
    entry.write_text(text)
    pictures = icons(home)
    well(home.uninstall())
    assert entry.read_text() == text
    assert all(picture.is_file() for picture in pictures)
    assert not home.program.exists()


@pytest.mark.parametrize("command", ["program", "link", "another link"])
def test_the_entry_and_the_icons_go_however_it_starts_the_program(home, command):
    well(home.install())
    (home.program / "notesearch").unlink()
    link = home.path / "a link"
    link.symlink_to(home.program / "notesearch")
    entry = home.path / f".local/share/applications/{NAME}.desktop"
    started = {"program": home.program / "notesearch", "another link": link,
               "link": home.path / ".local/bin/notesearch"}[command]  # fmt: skip
    entry.write_text(f"[Desktop Entry]\nExec=x\nTryExec={started}\nActions=a;\n")
    icons(home)
    well(home.uninstall())
    link.unlink()
    assert home.files() == set()


def test_folders_that_were_there_before_stay(home):
    """Debian puts ~/.local/bin on PATH at the login if it is there, empty or not."""
    before = {".local", ".local/bin", ".config", ".config/autostart", ".cache", ".local/share",
              ".local/share/applications"}  # fmt: skip
    for folder in before:
        (home.path / folder).mkdir(parents=True, exist_ok=True)
    home.pack("1.0", self_test="exit 3")
    refused(home.install())
    assert home.files() == before
    home.pack("1.0")
    well(home.install())
    well(home.install())
    well(home.uninstall())
    assert home.files() == before


def test_folders_that_the_program_made_go_when_they_are_empty(home):
    well(home.install())
    for folder in (".config/autostart", ".cache", ".local/state"):
        (home.path / folder).mkdir(parents=True)
    (home.path / ".cache/other").write_text("x")
    well(home.uninstall())
    assert home.files() == {".cache", ".cache/other"}


def test_a_folder_of_the_specification_that_is_not_absolute_is_passed_over(home):
    file = home.path.parent / f"data/applications/{NAME}.desktop"
    file.parent.mkdir(parents=True)
    file.write_text("")
    well(home.install())
    shell = 'XDG_DATA_HOME=data exec sh "$HOME/.local/bin/notesearch-uninstall"'
    well(home.run("-c", shell))
    assert file.is_file()
    assert home.files() == set()


def test_a_running_program_that_does_not_end_is_not_removed(home):
    home.pack("1.0", quit_it="echo it is storing what it has read; exit 3")
    well(home.install())
    assert "it is storing" in refused(home.uninstall("--purge"))
    assert home.version() == "1.0"


def test_a_program_that_does_not_start_any_more_can_be_removed(home):
    well(home.install())
    (home.program / "notesearch").unlink()
    assert "cannot remove your data" in refused(home.uninstall("--purge"))
    well(home.uninstall())
    assert home.files() == set()


def test_an_installation_that_was_killed_between_its_renames_can_be_removed(home):
    well(home.install())
    home.program.rename(home.program.with_name(".notesearch-old"))
    well(home.install("--uninstall"))
    assert home.files() == set()


def test_where_nothing_is_installed_nothing_is_removed(home):
    assert "there is no notesearch" in refused(home.install("--uninstall"))
    other = home.path / ".local/opt/notesearch/mine"
    other.parent.mkdir(parents=True)
    other.write_text("x")
    assert "not an installation" in refused(home.install("--uninstall"))
    assert other.is_file()


def test_an_empty_home_folder_stays(home):
    well(home.install())
    home.calls()
    well(home.uninstall())
    assert home.path.is_dir()
