"""Long work shows itself: the status line, the summary of a first read, messages, the help."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QProgressBar, QPushButton, QTextEdit

from notesearch.core.notes import Folder, Problem, Progress, State
from notesearch.core.query import SYNTAX
from notesearch.gui.first_read import FirstRead, duration
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.keys import ACTIONS, KEYS, Group
from notesearch.gui.notices import LANGUAGE, SUMMARY, Notice
from notesearch.gui.progress_text import progress_text, share_done
from notesearch.gui.status_line import StatusLine
from notesearch.gui.theme import DARK, LIGHT

READING = Progress(State.READING, notes=4812, unread=1204, rate=93.2, seconds_left=61.0)
EMBEDDING = Progress(
    State.EMBEDDING, notes=4812, passages=200, embedded=124, rate=106.0, seconds_left=240.0
)
AWAY = (Folder("/notes", 3, available=False),)


@pytest.fixture
def line(qtbot):
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1_048, line.sizeHint().height())
    line.show()
    return line


@pytest.fixture
def sized():
    """Set the size of the application's text in per cent, for as long as the test runs."""
    usual = QApplication.font()

    def resize(percent):
        font = QApplication.font()
        font.setPointSizeF(usual.pointSizeF() * percent / 100)
        QApplication.setFont(font)

    yield resize
    QApplication.setFont(usual)


def shown(widget) -> list[str]:
    """Return the texts that can be seen, as they stand from left to right."""
    kinds = widget.findChildren(QLabel) + widget.findChildren(QPushButton)
    seen = [one for one in kinds if one.isVisible() and one.text()]
    return [one.text() for one in sorted(seen, key=lambda one: (one.y(), one.x()))]


def button(widget, text) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text() == text)


def click(qtbot, widget, text):
    qtbot.mouseClick(button(widget, text), Qt.MouseButton.LeftButton)


# How far reading is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (READING, "1,204 of 4,812 notes still to read · 93 notes/s · about 1 min"),
        (EMBEDDING,
         "4,812 notes · 62 % searched by meaning too · 106 passages/s · about 4 min"),
        (Progress(State.READING, notes=9, unread=3, rate=0.44),
         "3 of 9 notes still to read · 0.4 notes/s"),
        (Progress(State.READING, notes=9, unread=3, rate=0.01), "3 of 9 notes still to read"),
        (Progress(State.CURRENT, notes=9, rate=93.0), "9 notes · all current"),
        (Progress(State.ON_BATTERY, notes=4812, passages=200, embedded=124),
         "4,812 notes · 62 % searched by meaning too · waiting for the power supply"),
        (Progress(State.PAUSED, notes=9, unread=3, rate=93.0),
         "3 of 9 notes still to read · paused"),
    ],
)  # fmt: skip
def test_the_rate_and_the_time_left_are_said_while_it_works(progress, expected):
    assert progress_text(progress) == expected


def test_the_bar_is_there_while_something_is_left_and_says_its_value(line):
    bar = line.findChild(QProgressBar)
    line.show_progress(READING, has_folders=True)
    assert bar.isVisible()
    assert bar.value() == int(1_000 * (1 - 1204 / 4812))
    assert bar.accessibleName()
    for progress in (EMBEDDING, Progress(State.PAUSED, notes=3, unread=1)):
        line.show_progress(progress, has_folders=True)
        assert bar.isVisible()
    for progress in (Progress(State.CURRENT, notes=3), Progress(State.PAUSED, notes=3)):
        line.show_progress(progress, has_folders=True)
        assert not bar.isVisible()


def test_the_bar_takes_the_colours_of_the_theme(line):
    line.show_progress(READING, has_folders=True)
    bar = line.findChild(QProgressBar)
    for theme in (LIGHT, DARK):
        line.restyle(theme)
        picture = bar.grab().toImage()
        left, right = (picture.pixelColor(x, bar.height() // 2) for x in (10, bar.width() - 6))
        assert (left.name(), right.name()) == (theme.accent.name(), theme.track.name())
    line.show_progress(Progress(State.PAUSED, notes=4, unread=1), has_folders=True)
    assert bar.grab().toImage().pixelColor(10, 2).name() == DARK.muted.name()


@pytest.mark.parametrize("progress", [READING, EMBEDDING, Progress(State.READING)])
def test_the_share_is_one_of_all(progress):
    assert 0 <= share_done(progress) <= 1


def test_on_battery_it_can_be_read_anyway(line, qtbot):
    line.show_progress(Progress(State.ON_BATTERY, notes=3, unread=2), has_folders=True)
    with qtbot.waitSignal(line.read_anyway):
        click(qtbot, line, "Read now anyway")
    assert not button(line, "Pause").isVisible()


def test_pause_and_resume(line, qtbot):
    line.show_progress(READING, has_folders=True)
    with qtbot.waitSignal(line.pause_wanted) as wanted:
        click(qtbot, line, "Pause")
    assert wanted.args == [True]
    line.show_progress(Progress(State.PAUSED, notes=3, unread=2), has_folders=True)
    with qtbot.waitSignal(line.pause_wanted) as wanted:
        click(qtbot, line, "Resume")
    assert wanted.args == [False]


def test_settings_are_there_and_the_folders_when_something_is_wrong_with_them(line, qtbot):
    line.show_progress(Progress(State.CURRENT, notes=3), has_folders=True)
    assert button(line, "Settings").toolTip() == "Ctrl+,"
    with qtbot.waitSignal(line.settings_wanted):
        click(qtbot, line, "Settings")
    assert not button(line, "Folders…").isVisible()
    for progress in (Progress(State.CURRENT), Progress(State.CURRENT, notes=3, folders=AWAY)):
        line.show_progress(progress, has_folders=True)
        with qtbot.waitSignal(line.folders_wanted):
            click(qtbot, line, "Folders…")


@pytest.mark.parametrize("percent", [100, 200, 300])
@pytest.mark.parametrize("progress", [READING, EMBEDDING])
def test_in_a_narrow_window_what_matters_most_is_whole(line, qtbot, sized, percent, progress):
    sized(percent)
    line.show_problems([Problem("a.md", "x")] * 4)
    line.show_found("50+ notes found", 8)
    line.show_progress(progress, has_folders=True)
    line.setMinimumWidth(388)
    line.resize(388, line.heightForWidth(388))
    qtbot.waitUntil(lambda: line.width() == 388)
    said = line._left
    first = "still to read" if progress is READING else "searched by meaning too"
    qtbot.waitUntil(lambda: first in said.text())
    qtbot.waitUntil(lambda: line.height() >= line.minimumSizeHint().height())
    assert said.toolTip() == progress_text(progress)
    assert said.accessibleName() == progress_text(progress)
    assert button(line, "Pause").isVisible()
    assert button(line, "4 problems").isVisible()
    for one in (button(line, "Pause"), button(line, "4 problems")):
        assert one.width() >= one.sizeHint().width()
        assert line.rect().contains(one.geometry())


def test_with_more_room_all_comes_back(line, qtbot):
    line.show_progress(EMBEDDING, has_folders=True)
    line.show_found("12 notes found", 8)
    line.resize(300, 60)
    qtbot.waitUntil(lambda: not button(line, "Help").isVisible())
    line.resize(1_048, 30)
    whole = [progress_text(EMBEDDING), "12 notes found · 8 ms", "Pause", "Settings", "Help"]
    qtbot.waitUntil(lambda: shown(line) == whole)
    assert line.findChild(QProgressBar).isVisible()


def test_the_rate_is_the_first_part_to_go(line, qtbot):
    line.show_progress(READING, has_folders=True)
    line._left.setFixedWidth(line._left.fontMetrics().horizontalAdvance(progress_text(READING)) - 5)
    expected = "1,204 of 4,812 notes still to read · about 1 min"
    qtbot.waitUntil(lambda: line._left.text() == expected)


# What did not work ----------------------------------------------------------------------------

ERROR = "It cannot be opened: /" + "a-path-without-any-space/" * 12 + "note.md. Choose another one."


def test_an_error_is_said_in_full_also_where_it_has_no_spaces(line, qtbot):
    line.setMinimumWidth(388)
    line.resize(388, 200)
    line.show_error(ERROR)
    label = next(one for one in line.findChildren(QLabel) if one.text() == ERROR)
    assert label.isVisible()
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    assert label.heightForWidth(label.width()) > 4 * label.fontMetrics().height()
    assert not label.grab().isNull()
    click(qtbot, line, "Close")
    assert not label.isVisible()


def test_an_error_goes_when_the_user_goes_on(line):
    line.show_error(ERROR)
    line.show_error("")
    assert ERROR not in shown(line)


# The summary of a first read --------------------------------------------------------------------


def follow(*messages):
    """Return what is said after each message; each is (seconds, state, values)."""
    followed = FirstRead()
    return [
        followed.follow(Progress(state, **({"notes": 100} | values)), now)
        for now, state, values in messages
    ]


DONE = {"passages": 300, "embedded": 300}


def test_a_first_read_is_summed_up_once():
    said = follow(
        (0, State.STARTING, {"notes": 0}),
        (1, State.READING, {"unread": 100}),
        (2, State.READING, {"unread": 40, "passages": 90}),
        (3, State.EMBEDDING, {"passages": 300}),
        (193, State.CURRENT, DONE | {"problems": 4}),
        (194, State.CURRENT, DONE),
    )
    summary = "100 notes read in 3 min 12 s, by meaning too. 4 files have problems."
    assert said == [None, None, None, None, summary, None]


@pytest.mark.parametrize("state", [State.PAUSED, State.ON_BATTERY])
def test_pauses_are_not_counted(state):
    said = follow(
        (0, State.READING, {"unread": 100}),
        (10, state, {"unread": 50}),
        (500, state, {"unread": 50}),
        (1_000, State.READING, {"unread": 50}),
        (1_005, State.CURRENT, DONE),
    )
    assert said[-1] == "100 notes read in 15 s, by meaning too."


def test_of_a_new_folder_only_its_notes_are_counted():
    said = follow(
        (0, State.CURRENT, DONE),
        (1, State.READING, DONE | {"notes": 180, "unread": 80}),
        (5, State.EMBEDDING, {"notes": 180, "passages": 500, "embedded": 300}),
        (9, State.CURRENT, {"notes": 180, "passages": 500, "embedded": 500, "problems": 1}),
    )
    assert said[-1] == "80 notes read in 8 s, by meaning too. 1 file has a problem."


@pytest.mark.parametrize(
    "messages",
    [
        [(0, State.CURRENT, DONE)],
        [(0, State.READING, DONE | {"unread": 3}), (1, State.CURRENT, DONE)],
        [(0, State.ELSEWHERE, {}), (1, State.CURRENT, DONE)],
        [(0, State.STARTING, {"notes": 0}), (1, State.CURRENT, {"notes": 0})],
    ],
)
def test_of_a_day_s_work_nothing_is_said(messages):
    assert not any(follow(*messages))


def test_a_small_first_library_is_summed_up_too():
    said = follow((0, State.READING, {"notes": 1, "unread": 1}),
                  (0.1, State.CURRENT, {"notes": 1, "passages": 1, "embedded": 1}))  # fmt: skip
    assert said[-1] == "1 note read in 1 s, by meaning too."


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "1 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (192, "3 min 12 s"), (3_905, "1 h 5 min")],
)
def test_a_time_is_said_in_its_two_largest_units(seconds, expected):
    assert duration(seconds) == expected


@pytest.fixture
def notice(qtbot):
    notice = Notice()
    qtbot.addWidget(notice)
    return notice


def test_the_summary_is_shown_leads_to_the_problems_and_goes(notice, qtbot):
    notice.follow(Progress(State.READING, notes=60, unread=60, language="German"), 0.0)
    assert notice.name == LANGUAGE
    done = Progress(State.CURRENT, notes=60, **DONE, problems=2, language="German")
    notice.follow(done, 7.0)
    assert notice.name == SUMMARY
    said = "60 notes read in 7 s, by meaning too. 2 files have problems."
    assert shown(notice)[0] == said
    with qtbot.waitSignal(notice.problems_wanted):
        click(qtbot, notice, "Show problems")
    with qtbot.assertNotEmitted(notice.put_away):
        click(qtbot, notice, "Close")
    assert notice.name == LANGUAGE
    assert not button(notice, "Show problems").isVisible()
    with qtbot.waitSignal(notice.put_away) as told:
        click(qtbot, notice, "Close")
    assert told.args == [LANGUAGE]
    assert not notice.isVisible()
    notice.follow(done, 8.0)
    assert not notice.isVisible()


def test_a_summary_without_problems_offers_none(notice):
    notice.say_summary("60 notes read.", problems=False)
    assert shown(notice) == ["60 notes read.", "Close"]


# The help -------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot):
    dialog = HelpDialog(SYNTAX, LIGHT, None)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def said_in(dialog) -> str:
    return dialog.findChild(QTextEdit).toPlainText()


def test_the_help_names_every_key_by_group_what_can_be_typed_and_the_marks(dialog):
    said = said_in(dialog)
    for key, does in (*KEYS, *SYNTAX):
        assert f"{key}\n{does}" in said
    places = [said.index(f"\n{group.value}\n") for group in Group]
    assert places == sorted(places)
    for part in ("≈", "Changed since read", "underlined", "notesearch "):
        assert part in said


def test_a_key_is_found_by_what_it_does(dialog, qtbot):
    field = dialog.findChild(QLineEdit)
    qtbot.keyClicks(field, "copies path")
    wanted = next(one for one in ACTIONS if one.does == "copies the path of the file")
    assert wanted.does in said_in(dialog)
    assert "larger text" not in said_in(dialog)
    field.setText("no such key at all")
    assert "No key" in said_in(dialog)
    field.clear()
    assert "larger text" in said_in(dialog)


def test_the_arrow_keys_scroll_while_the_line_has_the_keys(dialog, qtbot):
    dialog.resize(600, 300)
    bar = dialog.findChild(QTextEdit).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_PageDown)
    assert bar.value() > 0


def test_larger_text_is_larger_in_the_help_too(dialog, qtbot, sized):
    before = dialog.findChild(QTextEdit).document().defaultFont().pointSizeF()
    sized(200)
    page = dialog.findChild(QTextEdit)
    qtbot.waitUntil(lambda: page.document().defaultFont().pointSizeF() > 1.9 * before)
    found = page.document().find
    qtbot.waitUntil(lambda: found("Searching").charFormat().fontPointSize() > 1.9 * before)


def test_in_a_narrow_dialog_keys_stand_above_what_they_do(dialog, qtbot):
    tables = dialog.findChild(QTextEdit).document().rootFrame().childFrames
    assert tables()
    dialog.resize(300, 500)
    qtbot.waitUntil(lambda: not dialog.findChild(QTextEdit).document().rootFrame().childFrames())
    assert "Ctrl+Q\nends the program" in said_in(dialog)


def test_the_help_is_closed_with_esc(dialog, qtbot):
    qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Escape)
    assert not dialog.isVisible()
