"""The icon in the tray: what it says, what can be done with it, and that it comes back."""

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import tray_host
import xserver
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from PySide6.QtWidgets import QSystemTrayIcon

from notesearch.core.notes import Problem, Progress, State
from notesearch.gui import tray as tray_module
from notesearch.gui.tray import Look, Tray, icon_of, look_of
from notesearch.paths import RESOURCES

HERE = Path(__file__).parent
PANELS = ("#f0f0f0", "#202020")
READING = Progress(State.READING, notes=4812, unread=412, rate=93.0, seconds_left=120.0)
CURRENT = Progress(State.CURRENT, notes=4812, changed_at=1.0)
PROBLEMS = (Problem("a.md", "cannot be read"),) * 3
REASON = QSystemTrayIcon.ActivationReason
TILE, ALARM = "#2f6fde", "#c9481f"


@pytest.fixture
def tray(qapp):  # noqa: ARG001  # Qt needs it
    tray = Tray()
    yield tray
    tray.close()


@pytest.fixture
def menu(tray, qtbot):
    menu = tray.make_menu()
    qtbot.addWidget(menu)
    return menu


def entries(menu) -> list[str]:
    return [
        "—" if action.isSeparator() else action.text()
        for action in menu.actions() if action.isVisible()
    ]  # fmt: skip


# What it says -------------------------------------------------------------------------------


def test_without_a_tray_it_is_not_there(tray):
    tray.take(CURRENT)
    tray.look()
    assert not tray.present
    tray.close()
    tray.close()
    assert not tray.present


def test_the_menu_says_what_is_going_on(tray, menu):
    assert entries(menu) == [
        "Quick search", "Open window", "—", "Starting…", "Pause", "—",
        "Settings…", "About notesearch", "Quit",
    ]  # fmt: skip
    tray.show_key("Ctrl+Alt+Space")
    tray.take(READING)
    assert entries(menu) == [
        "Quick search (Ctrl+Alt+Space)", "Open window", "—",
        "412 of 4,812 notes still to read · about 2 min", "Pause", "—",
        "Settings…", "About notesearch", "Quit",
    ]  # fmt: skip
    tray.show_key("")
    tray.take(PROBLEMS)
    tray.take(CURRENT)
    assert entries(menu) == [
        "Quick search", "Open window", "—", "4,812 notes · all current", "Pause", "3 problems…",
        "—", "Settings…", "About notesearch", "Quit",
    ]  # fmt: skip
    tray.take(PROBLEMS[:1])
    assert "1 problem…" in entries(menu)
    tray.take(())
    assert not [text for text in entries(menu) if "problem" in text]


def test_what_others_are_told_does_not_concern_it(tray, menu):
    before = entries(menu)
    for message in (None, "text", PROBLEMS[0], object()):
        tray.take(message)
    assert entries(menu) == before


def test_while_it_works_the_texts_change_once_a_second_but_its_end_is_said_at_once(
    tray, monkeypatch
):
    # On a busy machine a second may pass between any two lines.
    monkeypatch.setattr(tray_module, "WORKING_SECONDS", 600.0)
    tray.take(READING)
    said = tray.status.text()
    tray.take(Progress(State.READING, notes=4812, unread=411))
    assert tray.status.text() == said
    tray.take(CURRENT)
    assert tray.status.text() == "4,812 notes · all current"
    tray.take(Progress(State.CURRENT, notes=4813))
    assert tray.status.text() == "4,813 notes · all current"


@pytest.mark.parametrize("state", State)
def test_only_what_is_at_work_can_be_paused(tray, qtbot, state):
    tray.take(Progress(state, notes=9, unread=3))
    can = state in {State.READING, State.EMBEDDING, State.PAUSED}
    assert tray.pause.isEnabled() is can
    assert tray.pause.text() == ("Resume" if state is State.PAUSED else "Pause")
    if can:
        with qtbot.waitSignal(tray.pause_wanted) as wanted:
            tray.pause.trigger()
        assert wanted.args == [state is not State.PAUSED]


@pytest.mark.parametrize("name", ["quick", "window", "status", "problems", "settings", "quit"])
def test_each_entry_announces_what_is_wanted(tray, qtbot, name):
    tray.take(PROBLEMS)
    with qtbot.waitSignal(getattr(tray, f"{name}_wanted")):
        getattr(tray, name).trigger()


def test_a_click_toggles_once_also_when_it_is_a_double_one(tray, monkeypatch):
    # On a busy machine more than the time of a double click may pass between any two lines.
    now = time.monotonic()
    monkeypatch.setattr(tray_module, "time", SimpleNamespace(monotonic=lambda: now))
    wanted = []
    tray.quick_wanted.connect(lambda: wanted.append("quick"))
    tray.window_wanted.connect(lambda: wanted.append("window"))
    for reason in (REASON.Trigger, REASON.DoubleClick, REASON.Trigger, REASON.Context):
        tray._activate(reason)
    assert wanted == ["quick"]
    tray._activate(REASON.MiddleClick)
    assert wanted == ["quick", "window"]
    tray._clicked_at = 0.0
    tray._activate(REASON.Trigger)
    assert wanted == ["quick", "window", "quick"]


@pytest.mark.parametrize(
    ("state", "look"),
    [
        (State.STARTING, Look.READING), (State.READING, Look.READING),
        (State.EMBEDDING, Look.READING), (State.PAUSED, Look.PAUSED),
        (State.ON_BATTERY, Look.PAUSED), (State.CURRENT, Look.CURRENT),
        (State.ELSEWHERE, Look.CURRENT), (State.FAILED, Look.PROBLEM),
    ],
)  # fmt: skip
def test_the_icon_says_what_is_going_on(state, look):
    assert look_of(state) is look


def test_files_that_cannot_be_read_are_no_alarm(tray):
    tray.take(Progress(State.CURRENT, notes=3, passages=3, embedded=3))
    tray.take((Problem("/notes/a.md", "cannot be read"),))
    assert tray._look is Look.CURRENT
    assert tray.problems.text() == "1 problem…"


def test_what_stops_everything_is_one_until_it_goes_on(tray):
    tray.take(Progress(State.EMBEDDING, notes=3, passages=9, embedded=3))
    tray.take(Problem("", "the disk is full: make room"))
    assert tray._look is Look.PROBLEM
    assert "the disk is full" in tray._tip
    tray.take(Progress(State.EMBEDDING, notes=3, passages=9, embedded=3))
    assert tray._look is Look.PROBLEM
    tray.take(Progress(State.EMBEDDING, notes=3, passages=9, embedded=4))
    assert tray._look is Look.READING
    assert "disk" not in tray._tip


# What it looks like -------------------------------------------------------------------------


def painted(look, size, panel, scale=1.0):
    """Return the icon on a panel, as light as it is, without colours."""
    side = round(size * scale)
    picture = QImage(side, side, QImage.Format.Format_RGB32)
    picture.fill(QColor(panel))
    painter = QPainter(picture)
    pixmap = icon_of(look).pixmap(QSize(size, size), scale)
    pixmap.setDevicePixelRatio(1.0)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return [
        QColor(picture.pixel(x, y)).lightness() for x in range(side) for y in range(side)
    ]  # fmt: skip


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize(("size", "scale"), [(16, 1.0), (22, 1.0), (24, 1.0), (32, 1.0), (22, 2.0)])
@pytest.mark.usefixtures("qapp")
def test_each_state_can_be_told_from_the_others_without_colours(panel, size, scale):
    icons = {look: painted(look, size, panel, scale) for look in Look}
    for one in Look:
        for other in Look:
            apart = sum(abs(a - b) > 60 for a, b in zip(icons[one], icons[other], strict=True))
            assert one is other or apart >= 0.04 * len(icons[one]), (one, other, apart)


@pytest.mark.parametrize("kind", ["", "-mask"])
@pytest.mark.usefixtures("qapp")
def test_the_magnifier_is_in_each_icon_beside_what_tells_it_from_the_others(kind):
    """A ring: across its middle there is a line, the hole, and a line."""
    for look in Look:
        picture = QImage(32, 32, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.white if kind else Qt.GlobalColor.black)
        painter = QPainter(picture)
        QIcon(str(RESOURCES / "icons" / f"tray-{look}{kind}.svg")).paint(painter, picture.rect())
        painter.end()
        x, y = (13, 13) if look is Look.CURRENT else (11, 18)
        light = [QColor(picture.pixel(x + by, y)).lightness() > 200 for by in (-7, 0, 7)]
        assert light == [True, False, True], look


def contrast(one, other):
    def light(colour):
        parts = [getattr(QColor(colour), f"{part}F")() for part in ("red", "green", "blue")]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", Look)
def test_icons_stand_out_on_light_and_dark_panels_and_have_a_variant_without_colours(look):
    drawn = (RESOURCES / "icons" / f"tray-{look}.svg").read_text(encoding="utf-8")
    tile = ALARM if look is Look.PROBLEM else TILE
    assert f'fill="{tile}"' in drawn
    assert all(contrast(tile, other) >= 3.0 for other in (*PANELS, "#ffffff"))
    assert (RESOURCES / "icons" / f"tray-{look}-mask.svg").is_file()


# Real trays ---------------------------------------------------------------------------------


class Program:
    """A program that is told something in lines, and says something in lines."""

    def __init__(self, script, environment, *arguments):
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / script), *arguments], env=environment, text=True,
            encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def tell(self, command):
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def wait_for(self, line, times=1):
        self._wait(lambda: self.lines.count(line) >= times, line)

    def wait_for_line_with(self, text):
        return self._wait(lambda: next((line for line in self.lines if text in line), None), text)

    def _wait(self, happened, what):
        try:
            return xserver.wait_until(happened)
        except TimeoutError:
            pytest.fail(f"{what!r} was not said, but {self.lines}")

    def end(self):
        self.tell("quit")
        code = self.process.wait(xserver.SECONDS)
        self.finish_reading()
        return code

    def finish_reading(self):
        self._reading.join()


@contextlib.contextmanager
def started(script, environment, *arguments):
    program = Program(script, environment, *arguments)
    with program.process:
        with xserver.ended(program.process):
            yield program
        # Before the pipe is closed, which would be an error in the thread.
        program.finish_reading()


@pytest.fixture
def display():
    with xserver.x_server("800x600x24") as display:
        yield display


@pytest.fixture
def environment_of(tmp_path):
    """Return the environment of a program on a display; the bus in it is not there."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    bus = f"unix:path={tmp_path / 'none'}"
    return lambda display: xserver.environment(
        display, XDG_RUNTIME_DIR=str(runtime), DBUS_SESSION_BUS_ADDRESS=bus
    )


@pytest.fixture
def environment(environment_of, display):
    return environment_of(display)


@pytest.fixture
def with_bus(environment):
    with tray_host.session_bus() as address:
        yield environment | {"DBUS_SESSION_BUS_ADDRESS": address}


def sees(program, tmp_path, colour):
    """Return whether the icon can be seen on the screen, by the colour of its tile."""
    file = tmp_path / "screen.png"
    file.unlink(missing_ok=True)
    before = program.lines.count("grabbed")
    program.tell(f"grab {file}")
    program.wait_for("grabbed", before + 1)
    screen = QImage(str(file))
    wanted = QColor(colour).rgb()
    found = sum(
        screen.pixel(x, y) == wanted
        for x in range(0, screen.width(), 2) for y in range(0, screen.height(), 2)
    )  # fmt: skip
    return found > 20


def place_of_icon(program, tmp_path):
    """Return where the icon begins, once it stays there: a tray moves what it has just got."""
    places = []

    def rests():
        if not sees(program, tmp_path, TILE):
            places.clear()
            return False
        screen = QImage(str(tmp_path / "screen.png"))
        places.append(next(
            (x, y) for x in range(screen.width()) for y in range(screen.height())
            if screen.pixel(x, y) == QColor(TILE).rgb()
        ))  # fmt: skip
        return len(places) > 2 and len(set(places[-3:])) == 1

    xserver.wait_until(rests, "the icon in its place")
    return places[-1]


def test_a_tray_of_x11_that_comes_late_goes_and_comes_back_shows_the_icon(
    display, environment, tmp_path
):
    tray_host.need("trayer")
    with started("tray_program.py", environment) as program:
        program.wait_for("ready False")
        with tray_host.x_tray(display):
            program.wait_for("came")
            xserver.wait_until(lambda: sees(program, tmp_path, TILE), "the icon")
            program.tell("take failed 0")
            xserver.wait_until(lambda: sees(program, tmp_path, ALARM), "the icon of a problem")
        program.wait_for("went")
        assert not sees(program, tmp_path, ALARM)
        with tray_host.x_tray(display):
            program.wait_for("came", 2)
            xserver.wait_until(lambda: sees(program, tmp_path, ALARM), "the icon again")
            assert program.end() == 0
    assert program.lines[-1] == "ended False"
    assert not [line for line in program.lines if "qt." in line or "Error" in line]


def test_a_tray_that_was_there_before_is_found_and_a_click_is_heard(display, environment, tmp_path):
    xserver.need("xdotool")
    with tray_host.x_tray(display), started("tray_program.py", environment) as program:
        program.wait_for("came")
        x, y = place_of_icon(program, tmp_path)
        xserver.xdotool(display, "mousemove", x + 4, y + 4, "click", 1)
        program.wait_for("quick_wanted")
        xserver.xdotool(display, "click", 2)
        program.wait_for("window_wanted")
        assert program.end() == 0


def test_a_tray_that_is_started_anew_at_once_has_not_gone(display, environment, tmp_path):
    tray_host.need("trayer")
    with started("tray_program.py", environment | {"GRACE_MS": "60000"}) as program:
        with tray_host.x_tray(display):
            program.wait_for("came")
            xserver.wait_until(lambda: sees(program, tmp_path, TILE), "the icon")
        with tray_host.x_tray(display):
            xserver.wait_until(lambda: sees(program, tmp_path, TILE), "the icon again")
        assert program.end() == 0
        assert program.lines.count("came") == 1
        assert "went" not in program.lines


def test_a_panel_on_the_bus_that_comes_late_is_told_and_can_do_everything(with_bus):
    with started("tray_program.py", with_bus) as program:
        program.wait_for("ready False")
        with started("tray_host.py", with_bus) as panel:
            panel.wait_for("registered")
            program.wait_for("came")
            panel.tell("activate")
            program.wait_for("quick_wanted")
            panel.tell("middle")
            program.wait_for("window_wanted")
            program.tell("take reading 3")
            program.wait_for("taken")
            panel.tell("menu")
            assert panel.wait_for_line_with("menu ") == (
                "menu Quick search (Ctrl+Alt+Space) | Open window | — | "
                "412 of 4,812 notes still to read | Pause | 3 problems… | — | "
                "Settings… | About notesearch | Quit"
            )
            panel.tell("tip")
            assert panel.wait_for_line_with("tip ") == (
                "tip notesearch: 412 of 4,812 notes still to read · 3 problems"
            )
            for text, heard in (
                ("3 problems…", "problems_wanted"), ("Pause", "pause_wanted True"),
                ("Settings…", "settings_wanted"),
                ("About notesearch", "about_wanted"), ("Quit", "quit_wanted"),
            ):  # fmt: skip
                panel.tell(f"click {text}")
                program.wait_for(heard)
            assert panel.end() == 0
        program.wait_for("went")
        with started("tray_host.py", with_bus) as panel:
            panel.wait_for("registered")
            program.wait_for("came", 2)
            panel.tell("activate")
            program.wait_for("quick_wanted", 2)
        assert program.end() == 0


def test_a_service_that_shows_nothing_is_no_tray(with_bus):
    with (
        started("tray_host.py", with_bus, "--without-host") as panel,
        started("tray_program.py", with_bus) as program,
    ):
        panel.wait_for("up")
        panel.wait_for("asked")
        assert "came" not in program.lines
        panel.tell("host")
        program.wait_for("came")
        panel.wait_for("registered")
        panel.tell("host gone")
        program.wait_for("went")
        assert program.end() == 0


def test_from_a_tray_of_x11_the_icon_moves_to_a_panel_on_the_bus_and_back(
    display, with_bus, tmp_path
):
    tray_host.need("trayer")
    with tray_host.x_tray(display), started("tray_program.py", with_bus) as program:
        xserver.wait_until(lambda: sees(program, tmp_path, TILE), "the icon")
        with started("tray_host.py", with_bus) as panel:
            panel.wait_for("registered")
            xserver.wait_until(lambda: not sees(program, tmp_path, TILE), "no second icon")
        xserver.wait_until(lambda: sees(program, tmp_path, TILE), "the icon again")
        assert program.end() == 0


def test_it_ends_orderly_with_the_x_server(environment_of):
    with (
        xserver.x_server_process("800x600x24") as (server, display),
        started("tray_program.py", environment_of(display)) as program,
    ):
        program.wait_for("ready False")
        server.terminate()
        assert program.process.wait(xserver.SECONDS) == 0
        program.wait_for("ended False")
