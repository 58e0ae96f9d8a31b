"""What the window says of how fresh it is: marks in rows, the age of the last change."""

import math
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt, QTimer
from test_window import a_hit, a_window, answer, list_of, selected, texts

from notesearch.core.notes import Folder, Outdated, Progress, State
from notesearch.gui import status_line
from notesearch.gui.results_model import MARK_ROLE
from notesearch.gui.row_words import Mark, details
from notesearch.gui.status_line import ago, progress_text, seconds_until_older

NOON = datetime(2024, 5, 15, 12).timestamp()  # local
SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86_400
A, B, C = (a_hit(name, path=f"{name}.md") for name in "ABC")
LOOKING = "are found by looking every minute"
SHARE = Folder("/mnt/<share>", 2, unwatched="Network folders do not tell of changes")


class Clock:
    """The time of day, as far as the status line knows."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(NOON)
    monkeypatch.setattr(status_line, "time", clock)
    return clock


@pytest.fixture
def window(qtbot):
    return a_window(qtbot)


@pytest.fixture
def answered(window, qtbot):
    """A window that lists three notes; the user went to the second."""
    qtbot.keyClicks(window.box, "x")
    answer(window, A, B, C)
    qtbot.keyClick(window.box, Qt.Key.Key_Down)
    return window


def outdated(window, *, changed=(), gone=(), text="x") -> None:
    window.take(Outdated(text, frozenset(h.file for h in changed), frozenset(h.file for h in gone)))


def marks(window, role=MARK_ROLE) -> list[str | None]:
    model = list_of(window).model()
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def current(changed_at=0.0, *, folders=(), state=State.CURRENT, notes=3) -> Progress:
    return Progress(
        state, notes=notes, passages=3, embedded=3, folders=folders, changed_at=changed_at
    )


def freshness(window) -> str:
    return next(line for line in texts(window).split("\n") if "notes" in line)


def waking(window) -> list[QTimer]:
    return [timer for timer in window.status.findChildren(QTimer) if timer.isActive()]


# Rows ---------------------------------------------------------------------------------------


def test_rows_are_marked_and_say_so_in_every_way(answered):
    outdated(answered, changed=[A], gone=[C])
    assert marks(answered) == [Mark.CHANGED, None, Mark.GONE]
    spoken = marks(answered, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken[0].startswith("1 of 3: A, Good, 50. Changed since read. Crumb.")
    assert spoken[1].startswith("2 of 3: B, Good, 50. Crumb.")
    assert spoken[2].startswith("3 of 3: C, Good, 50. Moved or deleted. Crumb.")
    tips = marks(answered, Qt.ItemDataRole.ToolTipRole)
    assert "The file was changed since" in tips[0]
    assert "the note as it was read" not in tips[1]
    assert "The file is no longer there" in tips[2]
    assert "no longer there" in details(C, Mark.GONE)


def test_marking_moves_nothing_and_touches_only_the_rows_that_differ(answered):
    model, told, reset = list_of(answered).model(), [], []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.modelReset.connect(lambda: reset.append(True))
    outdated(answered, changed=[A, C])
    outdated(answered, changed=[A, C])
    outdated(answered, changed=[A], gone=[C])
    outdated(answered, changed=[A])
    assert told == [(0, 0), (2, 2), (2, 2), (2, 2)]
    assert not reset
    assert selected(answered) == "B"


def test_a_long_list_stays_where_it_was_scrolled_to(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    hits = [a_hit(str(n), path=f"{n}.md") for n in range(50)]
    answer(window, *hits)
    bar = list_of(window).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    outdated(window, changed=hits)
    window.grab()
    assert bar.value() == before


def test_marks_stay_with_their_notes_until_it_is_said_otherwise(answered):
    outdated(answered, changed=[A], gone=[C])
    answer(answered, C, A)
    assert marks(answered) == [Mark.GONE, Mark.CHANGED]
    outdated(answered)
    assert marks(answered) == [None, None]


def test_marks_do_not_flicker_while_somebody_types_on(answered, qtbot):
    outdated(answered, changed=[A])
    qtbot.keyClicks(answered.box, "y")
    answer(answered, C, A, final=False)
    answer(answered, A, C)
    assert marks(answered) == [Mark.CHANGED, None]
    outdated(answered, text="xy")
    assert marks(answered) == [None, None]


def test_what_is_said_of_another_answer_is_dropped(answered, qtbot):
    outdated(answered, changed=[A], text="other")
    assert marks(answered) == [None] * 3
    qtbot.keyClicks(answered.box, "y")
    outdated(answered, changed=[A], text="xy")
    assert marks(answered) == [None] * 3
    outdated(answered, changed=[A])
    assert marks(answered) == [Mark.CHANGED, None, None]


def test_marks_are_painted_in_every_room(answered):
    outdated(answered, changed=[A, B], gone=[C])
    without = answered.results.list.grab().toImage()
    outdated(answered)
    assert answered.results.list.grab().toImage() != without
    outdated(answered, changed=[A, B], gone=[C])
    answered.resize(answered.minimumSize())
    assert not answered.grab().isNull()


# The age of the last change -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-HOUR, "just now"), (0, "just now"), (4.9, "just now"), (5, "5 s ago"),
        (59.9, "59 s ago"), (MINUTE, "1 min ago"), (HOUR - 1, "59 min ago"), (HOUR, "1 h ago"),
        (DAY - 1, "23 h ago"), (DAY, "yesterday"), (1.4 * DAY, "yesterday"),
        (1.6 * DAY, "13 May"), (365 * DAY, "16 May 2023"),
    ],
)  # fmt: skip
def test_the_older_the_less_precise(age, expected):
    # The name of the month is in the user's language.
    expected = expected.replace("May", f"{datetime.fromtimestamp(NOON):%b}")
    assert ago(NOON - age, NOON) == expected


@given(st.floats(-2 * DAY, 10 * DAY), st.floats(0, 0.999))
def test_what_is_said_stays_true_until_the_next_look(age, share):
    lasts = seconds_until_older(NOON - age, NOON)
    assert lasts > 0
    if lasts < math.inf:
        assert ago(NOON - age, NOON + share * lasts) == ago(NOON - age, NOON)


def test_it_looks_each_second_for_a_minute_then_each_minute_and_at_last_never():
    now, looks = NOON, []
    while (lasts := seconds_until_older(NOON, now)) < math.inf:
        now += lasts
        looks.append(now - NOON)
    assert looks[:3] == [5, 6, 7]
    assert sum(look <= MINUTE for look in looks) == 56
    assert sum(MINUTE < look <= HOUR for look in looks) == 59
    # After the last minute of the first day, once more: at midnight yesterday ends.
    assert [look for look in looks if look > DAY] == [1.5 * DAY]


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (current(), "3 notes · all current"),
        (current(NOON - 12), "3 notes · all current · last change 12 s ago"),
        (current(NOON, state=State.PAUSED), "3 notes · paused · last change just now"),
        (current(NOON, state=State.EMBEDDING), "3 notes · 100 % searched by meaning too"),
        (current(NOON, notes=0), "No notes in the chosen folders"),
        (
            current(NOON - 200, folders=(SHARE,)),
            f"3 notes · all current · last change 3 min ago · changes in 1 folder {LOOKING}",
        ),
        (
            current(folders=(SHARE, SHARE, Folder("/a", 1, available=False, unwatched="x"))),
            f"3 notes · all current · 1 folder is not available · changes in 2 folders {LOOKING}",
        ),
    ],
)
def test_the_status_line_says_how_fresh_it_is(progress, expected):
    assert progress_text(progress, NOON) == expected


def test_the_age_goes_on_by_itself(window, clock, qtbot):
    window.take(current(NOON - 4.99))
    assert freshness(window).endswith("last change just now")
    clock.now += 0.01
    qtbot.waitUntil(lambda: freshness(window).endswith("last change 5 s ago"))
    clock.now += 2
    qtbot.waitUntil(lambda: freshness(window).endswith("last change 7 s ago"))


@pytest.mark.usefixtures("clock")
def test_it_wakes_no_more_often_than_what_it_says_changes(window):
    for age, expected in [(0, 5 * SECOND), (10, SECOND), (90, 30 * SECOND), (5 * HOUR, MINUTE)]:
        window.take(current(NOON - age))
        assert [timer.interval() for timer in waking(window)] == [1000 * expected]
    window.take(current(NOON - 3 * DAY))
    assert freshness(window).endswith(f"last change {ago(NOON - 3 * DAY, NOON)}")
    assert waking(window) == []
    window.take(current())
    assert waking(window) == []


def test_a_clock_that_was_put_back_neither_counts_nor_hurries(window, clock):
    clock.now -= 5 * HOUR
    window.take(current(NOON))
    assert freshness(window).endswith("last change just now")
    assert [timer.interval() for timer in waking(window)] == [1000 * MINUTE]


@pytest.mark.parametrize("other", ["hide", "showMinimized"])
def test_a_window_that_is_not_seen_rests(window, clock, qtbot, other):
    window.take(current(NOON - 10))
    assert waking(window)
    getattr(window, other)()
    qtbot.waitUntil(lambda: not waking(window))
    window.take(current(NOON - 11))
    assert waking(window) == []
    clock.now += HOUR
    window.showNormal()
    qtbot.waitUntil(lambda: bool(waking(window)))
    assert freshness(window).endswith("last change 1 h ago")


@pytest.mark.usefixtures("clock")
def test_a_narrow_window_says_what_matters_most_and_the_rest_in_the_tool_tip(window, qtbot):
    qtbot.keyClicks(window.box, "x")
    answer(window, A)
    window.take(current(NOON - 12, folders=(SHARE,)))
    window.resize(window.minimumWidth(), 500)
    qtbot.waitUntil(lambda: freshness(window).endswith(" · …"))
    assert "3 notes · all current · …".startswith(freshness(window).removesuffix("…"))
    label = next(w for w in window.status.children() if "minute" in getattr(w, "toolTip", str)())
    whole, detail = label.toolTip().split("<br>")
    assert whole == progress_text(current(NOON - 12, folders=(SHARE,)), NOON)
    assert detail == f"/mnt/&lt;share&gt;: {SHARE.unwatched}"
    window.resize(1400, 500)
    qtbot.waitUntil(lambda: freshness(window) == whole)


def test_a_path_is_no_mark_of_another_note_of_the_same_name(answered):
    elsewhere = Path("/elsewhere") / A.path
    answered.take(Outdated("x", frozenset({elsewhere}), frozenset()))
    assert marks(answered) == [None] * 3
