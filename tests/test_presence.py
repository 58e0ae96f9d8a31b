"""How the program is there while its window is not; the system's tray and key are stood in for."""

import dataclasses

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from test_desktop import live, notes, start, user, write  # noqa: F401  # fixtures

from notesearch import global_key, instance, settings
from notesearch import presence as present
from notesearch.gui.hotkey import Pressed, Registration
from notesearch.gui.problems_dialog import ProblemsDialog
from notesearch.gui.settings_dialog import SettingsDialog
from notesearch.gui.stay_dialog import StayDialog
from notesearch.instance import Call, Instance, Word
from notesearch.settings import Page, Settings

SECONDS = 30.0
"""For an answer on a busy machine."""


class Key:
    """A Hotkey that is told what the system says."""

    asks_user = False

    def __init__(self, tell):
        self.tell = tell
        self.used, self.taken, self.activated = [], set(), []
        self.closed = False

    def use(self, key):
        self.used.append(key)
        works = key not in self.taken
        self.tell(Registration(key, works=works, reason="" if works else "Another program has it."))

    def activate(self, window_id, time):
        self.activated.append((window_id, time))

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    """The keys of the programs that are started."""
    made = []

    def hotkey_for(tell, **_):
        made.append(Key(tell))
        return made[-1]

    monkeypatch.setattr(global_key, "hotkey_for", hotkey_for)
    return made


@pytest.fixture
def ended(live):  # noqa: F811
    said = []
    live.presence.ended.connect(lambda: said.append(1))
    return said


def told(user, *names):  # noqa: F811
    now = settings.load(user.settings)
    settings.save(user.settings, dataclasses.replace(now, told=names))


# Closing ------------------------------------------------------------


def test_without_a_tray_closing_the_window_ends_the_program(live, ended, qtbot):  # noqa: F811
    assert live.window.close()
    qtbot.waitUntil(lambda: ended == [1])


def test_with_a_tray_it_is_explained_once_and_the_program_stays(live, ended, qtbot, user):  # noqa: F811
    live.presence.tray.present = True
    assert not live.window.close()
    dialog = live.window.findChild(StayDialog)
    assert live.window.isVisible()
    _button(dialog, "&Stay in the tray").click()
    qtbot.waitUntil(lambda: not live.window.isVisible())
    assert settings.load(user.settings).stays_in_tray
    live.presence.show_window()
    assert live.window.close()
    assert not ended


def test_who_wants_it_ended_has_it_ended_from_then_on(live, ended, qtbot, user):  # noqa: F811
    live.presence.tray.present = True
    live.window.close()
    _button(live.window.findChild(StayDialog), "&Quit").click()
    qtbot.waitUntil(lambda: ended == [1])
    assert not settings.load(user.settings).stays_in_tray


def test_a_question_that_is_closed_decides_nothing(live, ended):  # noqa: F811
    live.presence.tray.present = True
    live.window.close()
    live.window.findChild(StayDialog).reject()
    assert live.window.isVisible()
    live.window.close()
    assert len([d for d in live.window.findChildren(StayDialog) if d.isVisible()]) == 1
    assert not ended


def test_a_tray_that_goes_takes_the_question_with_it(live):  # noqa: F811
    live.presence.tray.present = True
    live.window.close()
    dialog = live.window.findChild(StayDialog)
    live.presence.tray.present = False
    live.presence.tray.went.emit()
    assert not dialog.isVisible()
    assert live.window.isVisible()


@pytest.mark.parametrize("tray", [True, False])
def test_quit_asks_nothing(live, ended, tray):  # noqa: F811
    live.presence.tray.present = tray
    live.window.quit_wanted.emit()
    assert ended == [1]
    assert not live.window.isVisible()


def test_the_end_of_the_session_is_not_held_up_by_a_question(live):  # noqa: F811
    live.presence.tray.present = True
    live.presence.expect_end(True)  # noqa: FBT003
    assert live.window.close()
    assert live.window.findChild(StayDialog) is None


def test_one_that_goes_on_after_all_can_be_closed_to_the_tray(live):  # noqa: F811
    live.presence.tray.present = True
    live.presence.expect_end(True)  # noqa: FBT003
    live.presence.expect_end(False)  # noqa: FBT003
    assert not live.window.close()
    assert live.window.isVisible()


# Being reachable ------------------------------------------------------------


def test_a_tray_that_goes_leaves_the_window_to_be_reached(live, user):  # noqa: F811
    told(user, present.STAYS)
    live._tick()
    live.presence.tray.present = True
    live.window.close()
    assert not live.window.isVisible()
    live.presence.tray.present = False
    live.presence.tray.went.emit()
    assert live.window.isVisible()
    assert live.window.isMinimized()


def test_started_hidden_it_waits_for_a_tray_then_shows_its_window(
    user, notes, qtbot, monkeypatch  # noqa: F811
):  # fmt: skip
    monkeypatch.setattr(present, "TRAY_MS", 300)
    desktop = _hidden(user, notes)
    try:
        assert not desktop.window.isVisible()
        qtbot.waitUntil(desktop.window.isMinimized)
    finally:
        _end(desktop)


def test_started_by_its_key_it_shows_no_window(user, notes, qtbot, monkeypatch):  # noqa: F811
    monkeypatch.setattr(present, "TRAY_MS", 300)
    desktop = _hidden(user, notes)
    try:
        desktop.presence._called.emit(Call(Word.TOGGLE))
        qtbot.waitUntil(desktop.presence.quick.isVisible)
        qtbot.wait(500)
        assert not desktop.window.isVisible()
    finally:
        _end(desktop)


@pytest.mark.usefixtures("qapp")
def test_a_window_that_was_maximized_stays_hidden_where_it_is_to(user, notes):  # noqa: F811
    user.window.parent.mkdir(parents=True, exist_ok=True)
    user.window.write_text('{"window": [0, 0, 900, 600], "maximized": true, "panes": [5, 4]}')
    desktop = _hidden(user, notes)
    try:
        assert not desktop.window.isVisible()
        desktop.presence.show_window()
        assert desktop.window.isMaximized()
        desktop.window.showMinimized()
        desktop.presence.show_window()
        assert desktop.window.isMaximized()
    finally:
        _end(desktop)


@pytest.mark.usefixtures("qapp")
def test_a_window_that_was_not_shown_keeps_its_place(user, notes):  # noqa: F811
    kept = '{"window": [40, 50, 900, 600], "maximized": false, "panes": [5, 4]}'
    user.window.parent.mkdir(parents=True, exist_ok=True)
    user.window.write_text(kept)
    desktop = _hidden(user, notes)
    desktop.presence.quit()
    _end(desktop)
    assert user.window.read_text() == kept


def _hidden(user, notes):  # noqa: F811
    from fake_embedder import FakeEmbedder  # noqa: PLC0415

    from notesearch import app  # noqa: PLC0415

    settings.save(user.settings, Settings().with_folders(notes))
    desktop = app.Desktop(user, FakeEmbedder)
    desktop.start(hidden=True)
    return desktop


def _end(desktop):
    # What is to begin as soon as there are events begins now: later it would, after its end.
    QApplication.processEvents()
    desktop.stop()
    desktop.window.deleteLater()


# Calls ------------------------------------------------------------


def test_calls_are_done_in_the_windows_thread(user, notes, qtbot, monkeypatch):  # noqa: F811
    monkeypatch.setattr(present, "TRAY_MS", 60_000)
    # Whoever was held up between connecting and saying a word is heard all the same.
    monkeypatch.setattr(instance.channel, "SECONDS", 2 * SECONDS, raising=False)
    held = Instance.claim(user)
    desktop = _hidden(user, notes)
    ended = []
    desktop.presence.ended.connect(lambda: ended.append(1))
    desktop.presence._instance = held
    held.listen(desktop.presence._called.emit)
    try:
        for word, done in (
            (Word.TOGGLE, desktop.presence.quick.isVisible),
            (Word.TOGGLE, lambda: not desktop.presence.quick.isVisible()),
            (Word.SHOW, desktop.window.isVisible),
            (Word.QUIT, lambda: bool(ended)),
        ):
            assert _call(user, word, qtbot, SECONDS)
            qtbot.waitUntil(done)
        # One that ends takes no more: they are for the next.
        assert not _call(user, Word.SHOW, qtbot, 0.2)
    finally:
        _end(desktop)
        held.close()


def _call(user, word, qtbot, patience):  # noqa: F811
    import threading  # noqa: PLC0415

    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(instance.call(user, Call(word), patience))
    )
    thread.start()
    qtbot.waitUntil(lambda: bool(answers))
    thread.join()
    return answers[0]


@pytest.mark.parametrize(
    ("token", "time"),
    [("host_TIME12345", 12345), ("host_TIME99999999999", 0), ("host_TIME-5", 0), ("_TIME", 0),
     ("0123-wayland", 0), ("", 0), ("x_TIME4294967295", 2**32 - 1)],
)  # fmt: skip
def test_the_time_of_a_press_goes_along(live, keys, qtbot, token, time):  # noqa: F811
    live.presence._called.emit(Call(Word.TOGGLE, token))
    quick = live.presence.quick
    qtbot.waitUntil(quick.isVisible)
    assert keys[-1].activated[-1] == (int(quick.winId()), time)


# The key ------------------------------------------------------------


@pytest.fixture
def key(keys, live, qtbot):  # noqa: F811
    qtbot.waitUntil(lambda: bool(live.presence.key.works))
    return keys[-1]


def test_the_key_opens_and_closes_the_quick_search(live, key, qtbot):  # noqa: F811
    quick = live.presence.quick
    key.tell(Pressed(time=77))
    qtbot.waitUntil(quick.isActiveWindow)
    assert key.activated[-1] == (int(quick.winId()), 77)
    key.tell(Pressed())
    qtbot.waitUntil(lambda: not quick.isVisible())


def test_another_key_is_taken_at_once_and_shown_in_the_tray(live, key, qtbot):  # noqa: F811
    live._change(lambda now: dataclasses.replace(now, hotkey="Ctrl+Alt+N"))
    assert key.used[-1] == "Ctrl+Alt+N"
    qtbot.waitUntil(lambda: "Ctrl+Alt+N" in live.presence.tray.quick.text())
    live._change(lambda now: dataclasses.replace(now, hotkey=""))
    qtbot.waitUntil(lambda: "(" not in live.presence.tray.quick.text())


def test_a_key_that_cannot_be_had_leaves_the_one_that_works(live, key, qtbot, user):  # noqa: F811
    before = live._settings.hotkey
    live.dialogs.show_settings(Page.QUICK_SEARCH)
    key.taken.add("Ctrl+Alt+N")
    live._change(lambda now: dataclasses.replace(now, hotkey="Ctrl+Alt+N"))
    qtbot.waitUntil(lambda: settings.load(user.settings).hotkey == before)
    assert key.used[-1] == before
    assert live.presence.key.works


def test_one_that_cannot_be_had_from_the_start_is_said_in_the_window(
    keys, user, notes, qtbot, monkeypatch  # noqa: F811
):  # fmt: skip
    def hotkey_for(tell, **_):
        keys.append(Key(tell))
        keys[-1].taken.add(settings.HOTKEY)
        return keys[-1]

    monkeypatch.setattr(global_key, "hotkey_for", hotkey_for)
    desktop = _hidden(user, notes)
    try:
        notice = desktop.window.notice
        qtbot.waitUntil(lambda: notice.name == "key")
        assert "Another program has it." in notice.accessibleName()
        # Once it is free, it can be had.
        keys[-1].taken.clear()
        desktop.dialogs.retry_wanted.emit()
        qtbot.waitUntil(lambda: bool(desktop.presence.key.works))
        assert not notice.name
    finally:
        _end(desktop)


def test_while_a_key_is_recorded_the_one_in_force_is_let_go(live, key):  # noqa: F811
    live.dialogs.recording.emit(True)  # noqa: FBT003
    assert key.used[-1] == ""
    live.dialogs.recording.emit(False)  # noqa: FBT003
    assert key.used[-1] == live._settings.hotkey


# The tray ------------------------------------------------------------


def test_the_menu_of_the_tray_leads_everywhere(live, ended):  # noqa: F811
    tray, window = live.presence.tray, live.window
    tray.present = True
    window.hide()
    tray.quick_wanted.emit()
    assert live.presence.quick.isVisible()
    tray.settings_wanted.emit()
    assert window.isVisible()
    assert not live.presence.quick.isVisible()
    assert window.findChild(SettingsDialog).isVisible()
    for _ in range(2):
        tray.problems_wanted.emit()
    assert len(window.findChildren(ProblemsDialog)) == 1
    tray.quit_wanted.emit()
    assert ended


def test_start_at_login_is_switched_on_and_off(live, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    live.dialogs.login_wanted.emit(True)  # noqa: FBT003
    (file,) = (tmp_path / "config/autostart").iterdir()
    assert "--background" in file.read_text()
    live.dialogs.login_wanted.emit(False)  # noqa: FBT003
    assert not file.exists()


def _button(dialog, text):
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
