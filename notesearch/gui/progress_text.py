"""How far reading is, and how fresh the library, in words."""

import math
from datetime import datetime, timedelta

from notesearch.core.notes import Folder, Progress, State
from notesearch.gui.row_words import day
from notesearch.translation import tr, trn

JUST_NOW = 5
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BETWEEN = " · "
WORKING = {State.READING, State.EMBEDDING}
WAITING = {State.PAUSED, State.ON_BATTERY}
_AT_REST = {State.CURRENT, State.PAUSED, State.ELSEWHERE}
"""Otherwise how long reading will take is said, not when something last changed."""
SLOW = 10
"""A rate below is said with a decimal."""


def progress_text(progress: Progress, now: float = 0.0) -> str:
    """Say in one line how far and how fresh the library is."""
    return BETWEEN.join(progress_parts(progress, now))


def progress_parts(progress: Progress, now: float) -> list[str]:
    """Say how far and how fresh the library is: what matters most comes first."""
    parts = _of_the_state(progress)
    away = sum(not folder.available for folder in progress.folders)
    if away:
        parts.append(
            trn("{count} folder is not available", "{count} folders are not available", away)
        )
    if says_age(progress):
        parts.append(tr("last change {ago}").format(ago=ago(progress.changed_at, now)))
    unwatched = len(_unwatched(progress))
    if unwatched:
        parts.append(trn("changes in {count} folder are found by looking every minute",
                         "changes in {count} folders are found by looking every minute",
                         unwatched))  # fmt: skip
    return parts


def _of_the_state(progress: Progress) -> list[str]:
    notes = trn("{count} note", "{count} notes", progress.notes)
    none = [tr("No notes in the chosen folders")]
    unread = tr("{unread} of {notes} still to read").format(
        unread=f"{progress.unread:,}", notes=notes
    )
    share = 100 * progress.embedded // max(progress.passages, 1)
    by_meaning = [notes, tr("{share} % searched by meaning too").format(share=share)]
    embedded = progress.embedded >= progress.passages
    waiting = [unread] if progress.unread else [notes] if embedded else by_meaning
    going_on = [part for part in (rate_text(progress), time_left(progress)) if part]
    return {
        State.STARTING: [tr("Starting…")],
        State.FAILED: [tr("Stopped")],
        State.ELSEWHERE: [notes, tr("another notesearch is reading")],
        State.READING: [unread, *going_on],
        State.EMBEDDING: [*by_meaning, *going_on],
        State.PAUSED: [*waiting, tr("paused")],
        State.ON_BATTERY: [*waiting, tr("waiting for the power supply")],
        State.CURRENT: [notes, tr("all current")] if progress.notes else none,
    }[progress.state]


def rate_text(progress: Progress) -> str:
    """Say how fast it goes on; '' where that is not known."""
    rate = f"{progress.rate:,.0f}" if progress.rate >= SLOW else f"{progress.rate:.1f}"
    if progress.state not in WORKING or not float(rate.replace(",", "")):
        return ""
    reading = progress.state is State.READING
    return (tr("{rate} notes/s") if reading else tr("{rate} passages/s")).format(rate=rate)


def time_left(progress: Progress) -> str:
    """Say how long it will take; '' where that is not known."""
    if not progress.seconds_left:
        return ""
    if progress.seconds_left < MINUTE:
        return tr("less than a minute")
    return tr("about {count} min").format(count=round(progress.seconds_left / MINUTE))


def share_done(progress: Progress) -> float:
    """Return how much of what goes on, or waits, is done; 0 to 1."""
    if progress.unread:
        return 1 - progress.unread / max(progress.notes, progress.unread)
    return progress.embedded / progress.passages if progress.passages else 1.0


def ago(then: float, now: float) -> str:
    """Say how long ago a moment was; one to come, after the clock was put back, is just now."""
    age = now - then
    if age < JUST_NOW:
        return tr("just now")
    if age < MINUTE:
        return tr("{count} s ago").format(count=f"{age // 1:.0f}")
    if age < HOUR:
        return tr("{count} min ago").format(count=f"{age // MINUTE:.0f}")
    if age < DAY:
        return tr("{count} h ago").format(count=f"{age // HOUR:.0f}")
    if _days(then, now) <= 1:
        return tr("yesterday")
    return day(datetime.fromtimestamp(then), datetime.fromtimestamp(now))  # local


def seconds_until_older(then: float, now: float) -> float:
    """Return how long that will be true; infinity for a date."""
    age = now - then
    if age < JUST_NOW:
        return min(JUST_NOW - age, MINUTE)
    if age < DAY:
        step = 1 if age < MINUTE else MINUTE
        return step - age % step
    if _days(then, now) > 1:
        return math.inf
    midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).timestamp() - now


def _days(then: float, now: float) -> int:
    """Return how many midnights lie between two moments."""
    return (datetime.fromtimestamp(now).date() - datetime.fromtimestamp(then).date()).days


def says_age(progress: Progress) -> bool:
    """Say whether the age of the last change is said."""
    return progress.state in _AT_REST and bool(progress.notes and progress.changed_at)


def folder_lines(progress: Progress) -> list[str]:
    """Say in a line each what is to be known of folders: which are away, which are not watched."""
    away = [
        tr("{folder}: not available").format(folder=folder.path)
        for folder in progress.folders if not folder.available
    ]  # fmt: skip
    return [*away, *(f"{folder.path}: {folder.unwatched}" for folder in _unwatched(progress))]


def wants_folders(progress: Progress) -> bool:
    """Say whether the folders are to be looked at: one is away, or none holds a note."""
    away = any(not folder.available for folder in progress.folders)
    return away or (progress.state is State.CURRENT and not progress.notes)


def _unwatched(progress: Progress) -> list[Folder]:
    return [folder for folder in progress.folders if folder.available and folder.unwatched]
