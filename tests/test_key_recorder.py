"""The recorder of the key that opens the quick search, with real keys; once under an X server."""

import subprocess
import sys
from pathlib import Path

import pytest
import xserver
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
)

from notesearch.gui import key_recorder, key_uses
from notesearch.gui.hotkey import chord
from notesearch.gui.key_recorder import KeyRecorder
from notesearch.gui.key_text import key_text
from notesearch.gui.keys import ACTIONS
from notesearch.settings import HOTKEY

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NO, CTRL, ALT, SHIFT, META = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.MetaModifier,
)  # fmt: skip


@pytest.fixture
def dialog(qtbot):
    """A dialog with a recorder and a shortcut; `said` takes down what is announced."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.recorder = recorder = KeyRecorder(HOTKEY)
    column = QVBoxLayout(dialog)
    column.addWidget(recorder)
    column.addWidget(QPushButton("Other"))
    dialog.said = []
    recorder.chosen.connect(dialog.said.append)
    recorder.recording.connect(dialog.said.append)
    QShortcut(QKeySequence("Ctrl+J"), dialog).activated.connect(lambda: dialog.said.append("!"))
    recorder.show_key(HOTKEY)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def button(dialog, text):
    return next(b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text)


def offered(dialog, text):
    return any(b.isVisible() and b.text().replace("&", "") == text
               for b in dialog.findChildren(QPushButton))  # fmt: skip


def told(dialog) -> str:
    return dialog.recorder._said.text()


@pytest.fixture
def record(dialog, qtbot):
    """Begin to record as the user does, press a key, and return what was announced since."""

    def record(key=None, held=NO):
        if not dialog.recorder.field.recording:
            qtbot.mouseClick(button(dialog, "Change…"), LEFT)
            assert dialog.said.pop() is True
        assert QApplication.focusWidget() is dialog.recorder.field
        dialog.said.clear()
        if key is not None:
            qtbot.keyClick(dialog.recorder.field, key, held)
        return list(dialog.said)

    return record


def test_it_shows_the_key_and_that_there_is_none(dialog):
    field = dialog.recorder.field
    assert field.text() == key_text(HOTKEY) == "Ctrl+Alt+Space"
    assert not button(dialog, "Usual key").isEnabled()
    dialog.recorder.show_key("")
    assert (field.text(), field.placeholderText()) == ("", "None")
    assert not button(dialog, "No key").isEnabled()
    assert button(dialog, "Usual key").isEnabled()


@pytest.mark.parametrize(
    ("key", "held", "expected"),
    [
        (Key.Key_J, CTRL | ALT, "Ctrl+Alt+J"), (Key.Key_F9, NO, "F9"),
        (Key.Key_Space, META | ALT | SHIFT, "Meta+Alt+Shift+Space"),
        (Key.Key_Plus, CTRL | ALT, "Ctrl+Alt++"), (Key.Key_Up, CTRL | SHIFT, "Ctrl+Shift+Up"),
        (Key.Key_1, CTRL | ALT | Qt.KeyboardModifier.KeypadModifier, "Ctrl+Alt+1"),
        (Key.Key_Backtab, CTRL | ALT | SHIFT, "Ctrl+Alt+Shift+Tab"),
        (Key.Key_Escape, CTRL | SHIFT | ALT, "Ctrl+Alt+Shift+Esc"),
        (Key.Key_Delete, CTRL | SHIFT, "Ctrl+Shift+Del"),
    ],
)  # fmt: skip
def test_one_key_with_what_is_held_is_taken(dialog, record, key, held, expected):
    if key_uses.use_of(expected):
        assert record(key, held) == [False]
        button(dialog, "Use it anyway").click()
        assert dialog.said == [False, expected]
        return
    assert record(key, held) == [expected, False]
    assert QKeySequence(dialog.recorder.field.text()) == QKeySequence(expected)


def test_then_no_more_is_recorded(dialog, record, qtbot):
    record(Key.Key_J, CTRL | ALT)
    qtbot.keyClick(dialog.recorder.field, Key.Key_F8)
    assert dialog.said == ["Ctrl+Alt+J", False]
    assert dialog.recorder.field.text() == "Ctrl+Alt+J"


def test_it_counts_when_it_is_let_go_so_that_it_is_not_heard_at_once(dialog, record, qtbot):
    record()
    field = dialog.recorder.field
    qtbot.keyPress(field, Key.Key_J, CTRL | ALT)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        repeated = QKeyEvent(kind, Key.Key_J, CTRL | ALT, "", True)  # noqa: FBT003  # Qt's
        QApplication.sendEvent(field, repeated)
    assert (dialog.said, field.text()) == ([], "Ctrl+Alt+J")
    qtbot.keyRelease(field, Key.Key_J, CTRL | ALT)
    assert dialog.said == ["Ctrl+Alt+J", False]


def test_while_it_records_only_the_field_looks_as_if_it_had_the_keyboard(dialog, record):
    change, option = button(dialog, "Change…"), QStyleOptionButton()
    hover = QStyle.StateFlag.State_MouseOver
    change.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    change.initStyleOption(option)
    assert option.state & hover
    record()
    change.initStyleOption(option)
    assert not option.state & (hover | QStyle.StateFlag.State_HasFocus)


def test_the_field_is_as_wide_as_a_long_key(dialog, qtbot):
    field = dialog.recorder.field
    dialog.recorder.show_key("Meta+Ctrl+Alt+Shift+Backspace")
    assert field.text() == "Super+Ctrl+Alt+Shift+Backspace"
    qtbot.waitUntil(lambda: field.width() > field.fontMetrics().horizontalAdvance(field.text()))


def test_what_is_held_is_shown_meanwhile(dialog, record):
    record()
    field = dialog.recorder.field

    def send(key, held, *, down=True):
        kind = QEvent.Type.KeyPress if down else QEvent.Type.KeyRelease
        QApplication.sendEvent(field, QKeyEvent(kind, key, held))
        return field.text()

    assert (field.text(), field.placeholderText()) == ("", "Press the key…")
    # Systems differ in whether a modifier counts as held while it goes down or up.
    assert send(Key.Key_Control, NO) == "Ctrl+…"
    assert send(Key.Key_Alt, CTRL | ALT) == "Ctrl+Alt+…"
    assert send(Key.Key_Control, CTRL | ALT, down=False) == "Alt+…"
    assert send(Key.Key_Alt, NO, down=False) == ""
    for key in (Key.Key_Super_L, Key.Key_Meta):
        assert send(key, NO) == "Super+…"
        assert send(key, META, down=False) == ""
    for key in (Key.Key_CapsLock, Key.Key_AltGr, Key.Key_unknown):
        assert send(key, NO) == send(key, NO, down=False) == ""
    assert dialog.said == []


def test_while_it_records_no_shortcut_is_heard_and_tab_leads_nowhere(dialog, record, qtbot):
    qtbot.keyClick(dialog.recorder.field, Key.Key_J, CTRL)
    assert dialog.said == ["!"]
    record(Key.Key_J, CTRL)
    assert "Many programs" in told(dialog)
    assert dialog.said == [False]
    record(Key.Key_Tab)
    assert dialog.recorder.field.recording
    assert dialog.recorder.field.hasFocus()


def test_esc_leaves_it_as_it_is_and_does_not_close_the_dialog(dialog, record):
    assert record(Key.Key_Escape) == [False]
    assert dialog.isVisible()
    assert dialog.recorder.field.text() == "Ctrl+Alt+Space"


@pytest.mark.parametrize("how", [Key.Key_Backspace, Key.Key_Delete, "No key"])
def test_the_key_can_be_taken_away(dialog, record, qtbot, how):
    if how == "No key":
        qtbot.mouseClick(button(dialog, how), LEFT)
        assert dialog.said == [""]
    else:
        assert record(how) == ["", False]
    assert dialog.recorder.field.text() == ""
    assert not button(dialog, "No key").isEnabled()


def test_the_usual_key_is_one_click_away_also_while_it_records(dialog, record, qtbot):
    dialog.recorder.show_key("F9")
    record()
    qtbot.mouseClick(button(dialog, "Usual key"), LEFT)
    assert dialog.said == [HOTKEY, False]
    qtbot.mouseClick(button(dialog, "Change…"), LEFT)
    assert dialog.recorder.field.recording


def test_everything_is_done_by_keys(dialog, qtbot):
    field = dialog.recorder.field
    field.setFocus()
    qtbot.keyClick(field, Key.Key_Tab)
    change = QApplication.focusWidget()
    assert change.text() == "C&hange…"
    qtbot.keyClick(change, Key.Key_Space)
    assert field.hasFocus()
    qtbot.keyClick(field, Key.Key_F4, ALT)
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Key.Key_Tab)
        if QApplication.focusWidget().text() == "Use &it anyway":
            break
    qtbot.keyClick(QApplication.focusWidget(), Key.Key_Space)
    assert dialog.said == [True, False, "Alt+F4"]
    assert QApplication.focusWidget() is field


def test_a_click_on_the_field_records_and_one_on_cancel_does_not(dialog, qtbot):
    qtbot.mouseClick(dialog.recorder.field, LEFT)
    qtbot.mouseClick(button(dialog, "Cancel"), LEFT)
    assert dialog.said == [True, False]
    assert offered(dialog, "Change…")


def test_the_same_key_again_changes_nothing(dialog, record):
    assert record(Key.Key_Space, CTRL | ALT) == [False]
    assert dialog.recorder.field.text() == "Ctrl+Alt+Space"


@pytest.mark.parametrize("how", ["focus", "hide"])
def test_whoever_goes_elsewhere_has_given_up(dialog, record, qtbot, how):
    record()
    qtbot.keyPress(dialog.recorder.field, Key.Key_J, CTRL | ALT)
    if how == "focus":
        button(dialog, "Other").setFocus()
    else:
        dialog.recorder.hide()
    assert dialog.said == [False]
    dialog.recorder.show()
    assert dialog.recorder.field.text() == "Ctrl+Alt+Space"


@pytest.mark.parametrize(("key", "held"), [(Key.Key_E, NO), (Key.Key_E, SHIFT), (Key.Key_Up, NO)])
def test_what_cannot_be_a_key_is_refused_with_the_reason_and_another_can_be_pressed(
    dialog, record, key, held
):
    assert record(key, held) == []
    assert told(dialog) == chord.complaint(QKeySequence(held.value | key.value).toString())
    assert dialog.recorder._said.objectName() == "warning"
    assert record(Key.Key_J, CTRL | ALT) == ["Ctrl+Alt+J", False]
    assert dialog.recorder._said.objectName() == "muted"


def test_a_key_with_another_use_is_taken_only_after_a_warning(dialog, record, qtbot):
    assert record(Key.Key_F4, ALT) == [False]
    assert dialog.recorder.field.text() == "Alt+F4"
    assert told(dialog).startswith("Most desktops use it for “Close the window”. While notesearch")
    assert dialog.recorder.field.accessibleDescription() == told(dialog)
    qtbot.mouseClick(button(dialog, "Use it anyway"), LEFT)
    assert dialog.said == [False, "Alt+F4"]
    assert not offered(dialog, "Use it anyway")


@pytest.mark.parametrize("how", ["Escape", "another", "elsewhere"])
def test_a_warning_is_heeded(dialog, record, qtbot, how):
    record(Key.Key_F4, ALT)
    if how == "Escape":
        qtbot.keyClick(dialog.recorder.field, Key.Key_Escape)
        assert dialog.isVisible()
    elif how == "another":
        record(Key.Key_Escape)
    else:
        dialog.recorder.show_key("F9")
        dialog.recorder.show_key(HOTKEY)
    assert dialog.recorder.field.text() == "Ctrl+Alt+Space"
    assert not offered(dialog, "Use it anyway")
    assert "Alt+F4" not in dialog.said


def test_settings_that_come_meanwhile_do_not_disturb(dialog, record, qtbot):
    record()
    dialog.recorder.show_key(HOTKEY)
    dialog.recorder.show_status("It works", wrong=False)
    assert dialog.recorder.field.recording
    assert "Esc" in told(dialog)
    qtbot.keyClick(dialog.recorder.field, Key.Key_Escape)
    assert told(dialog) == "It works"


def test_what_happens_is_read_aloud(dialog, record, monkeypatch):
    read = []
    monkeypatch.setattr(key_recorder, "_announce", lambda _, text: read.append(text))
    record()
    record(Key.Key_E)
    record(Key.Key_J, CTRL | ALT)
    assert read[0].startswith("Press the key…")
    assert read[1].startswith("E: ")
    assert read[2:] == [dialog.recorder.field.text()] == ["Ctrl+Alt+J"]


def test_what_is_wrong_with_the_key_in_force_is_read_aloud_once(dialog, monkeypatch):
    read = []
    monkeypatch.setattr(key_recorder, "_announce", lambda _, text: read.append(text))
    for _ in range(2):
        dialog.recorder.show_status("It does not work", wrong=True)
    dialog.recorder.show_status("It works", wrong=False)
    assert read == ["It does not work"]


# How keys are written ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("", ""), ("Meta+F9", "Super+F9"), ("Ctrl+Alt+Space", "Ctrl+Alt+Space"),
        ("Meta++", "Super++"), ("Meta+Ctrl+Alt+K", "Super+Ctrl+Alt+K"), ("F9", "F9"),
        ((META | ALT).value, "Super+Alt+"), (NO.value, ""),
    ],
)  # fmt: skip
def test_a_key_is_written_as_users_know_it(key, shown):
    assert key_text(key, "Super") == shown


def test_windows_has_another_name_of_it():
    assert key_text("Meta+K", "Win") == "Win+K"


# What keys are used for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Alt+F4", "Close the window"), ("Alt+Tab", "Change windows"), ("Alt+Space", "launchers"),
        ("Ctrl+Space", "input method"), ("Ctrl+C", "Copy"), ("Ctrl+Alt+Del", "Log out"),
        ("Ctrl+Alt+T", "Terminal"), ("Ctrl+Alt+L", "Lock"), ("Ctrl+Alt+F3", "Text console"),
        ("Meta+L", "Lock"), ("Meta+K", "with Super"), ("Print", "Screenshot"), ("F1", "Help"),
        ("Alt+E", "menus"), ("Ctrl+8", "notesearch itself"), ("Ctrl+J", "Many programs"),
    ],
)  # fmt: skip
def test_what_keys_are_used_for_is_known(key, said):
    assert said in key_uses.use_of(key, "linux")


def test_each_key_of_the_window_is_known_to_be_used():
    keys = [key for action in ACTIONS for key in action.keys if chord.parse(key)]
    assert len(keys) > 50
    assert [key for key in keys if not key_uses.use_of(key, "linux")] == []


@pytest.mark.parametrize(
    ("key", "said"),
    [("Ctrl+Space", "Spotlight"), ("Ctrl+Tab", "Change programs"), ("Ctrl+Q", "Quit"),
     ("Ctrl+W", "Close"), ("Meta+Space", "input method"), ("Ctrl+Alt+Space", "Finder")],
)  # fmt: skip
def test_a_mac_has_other_keys(key, said):
    assert said in key_uses.use_of(key, "darwin")
    assert key_uses.use_of("Meta+K", "darwin") == ""


def test_what_types_a_character_on_windows_is_said():
    assert "AltGr" in key_uses.use_of("Ctrl+Alt+E", "win32")
    assert key_uses.use_of("Ctrl+Alt+E", "linux") == ""


def test_the_usual_keys_are_free():
    for platform, key in (("linux", "Ctrl+Alt+Space"), ("win32", "Ctrl+Alt+Space"),
                          ("darwin", "Ctrl+Shift+Space")):  # fmt: skip
        assert key_uses.use_of(key, platform) == chord.complaint(key) == ""


def test_keys_are_written_as_qt_writes_them():
    tables = (key_uses._BY_PROGRAMS, key_uses._BY_OTHER_PROGRAMS, key_uses._BY_DESKTOPS,
              key_uses._BY_MACOS)  # fmt: skip
    for key in (key for table in tables for key in table):
        assert QKeySequence(key).toString() == key == chord.written(chord.parse(key))


# Under an X server ------------------------------------------------------------------------------

PROGRAM = """
import sys
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout
from notesearch.gui.key_recorder import KeyRecorder
application = QApplication([])
dialog = QDialog()
recorder = KeyRecorder("Ctrl+Alt+Space")
QVBoxLayout(dialog).addWidget(recorder)
def say(*words):
    print(*words, flush=True)
recorder.chosen.connect(lambda key: say("chosen", key))
recorder.recording.connect(lambda on: say("recording", on))
recorder.field.pressed.connect(lambda key: say("pressed", key))
dialog.finished.connect(lambda: say("closed"))
dialog.setWindowTitle("recorder")
dialog.show()
# A window that is not seen yet gets no keyboard.
QTest.qWaitForWindowActive(dialog, 60_000)
recorder._record()
application.exec()
"""


@pytest.fixture
def driven():
    """The recorder under a window manager, recording: yields its display and what it says."""
    with xserver.x_server() as display, xserver.window_manager(display):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[1], text=True,
            stdout=subprocess.PIPE, env=xserver.environment(display),
        )  # fmt: skip
        with xserver.ended(process), process.stdout:
            assert process.stdout.readline() == "recording True\n"
            xserver.xdotool(display, "search", "--sync", "--onlyvisible", "--name", "^recorder$")
            xserver.wait_until(lambda: "recorder" in focused(display), "the keyboard")
            yield display, process.stdout


def focused(display) -> str:
    done = subprocess.run(
        ["xdotool", "getwindowfocus", "getwindowname"], env=xserver.environment(display),
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(
    ("pressed", "key"),
    [("alt+F4", "Alt+F4"), ("alt+Tab", "Alt+Tab"), ("super+e", "Meta+E"),
     ("ctrl+shift+1", "Ctrl+Shift+!")],
)  # fmt: skip
def test_keys_of_the_window_manager_come_here_while_it_records(driven, pressed, key):
    display, said = driven
    xserver.xdotool(display, "key", pressed)
    assert said.readline() == f"pressed {key}\n"
    assert said.readline() == "recording False\n"
