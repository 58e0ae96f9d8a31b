"""The indexing thread's work: what is on the disk is what is found."""

import contextlib
import json
import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from notesearch.core import memory, report
from notesearch.core.database import DamagedError, is_damage, is_passing
from notesearch.core.difference import compare_shown
from notesearch.core.indexer import Indexer
from notesearch.core.notes import Failure, Folder, Outdated, Problem, Progress, Results, State
from notesearch.core.power import on_battery
from notesearch.core.watcher import Hints, Watcher
from notesearch.settings import Settings
from notesearch.translation import tr

logger = logging.getLogger(__name__)

REPORT_SECONDS = 0.25
LOOK_SECONDS = 3.0
"""So often it is looked whether each folder is there and watched."""
RESCAN_SECONDS = 600.0
UNWATCHED_RESCAN_SECONDS = 60.0
"""The same where not every change in a folder is noticed at once."""
CLOCK_SECONDS = 30.0
"""By so much do the time of day and the monotonic clock, which stands still while the machine
sleeps, differ more than before when it slept, or when somebody set the time."""
SETTLE_SECONDS = 5.0
"""The library is put in order when nothing has happened for so long."""
REST_SECONDS = 30.0
"""Memory is given back when nothing has happened for so long, and then as often: what other
threads and garbage collection free meanwhile goes back too."""
SAVE_SECONDS = 300.0
"""The vector index is saved at most so often: a large one stops everything for a tenth of a
second, and a saved one that is not the newest serves too."""
POWER_SECONDS = 5.0
"""It is asked at most so often whether the machine runs on battery, and only while it matters."""
TRY_AGAIN_SECONDS = 30.0
INSPECT_REST_SECONDS = 0.02
"""The least between two steps of looking whether the library is as it was stored."""
MENDED = tr("A part of what notesearch had stored was damaged and is made again from your notes")
WAY_SECONDS = 0.5
"""So long, at most, a step waits for an answer that is being given."""


class Orders:
    """What other threads want of the indexing thread. All methods may be called from any."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = threading.Event()
        self.wake = threading.Event()
        self.hints = Hints(self.wake.set)
        self.paused = False
        self.read_anyway = False
        """Whether to embed on battery too, until the machine was plugged in once."""
        self.nobody_asks = threading.Event()
        """Clear while an answer is being given."""
        self.nobody_asks.set()
        self.asked_at = 0.0
        """When the last question came, on the monotonic clock."""
        self.suspect: sqlite3.Error | None = None
        """An error of another thread that damage to the library may be the cause of."""
        self.shown: Results | None = None
        """The last whole answer; its notes are compared with the disk."""

    def show(self, results: Results) -> None:
        """Have the notes of an answer compared with the disk, now and as long as it is shown."""
        self.shown = results
        self.wake.set()


class Upkeep:
    """Keeps one library in line with its folders, the most urgent piece of work first.

    Changes that the watcher hinted at come before everything else, then words of outdated notes,
    then their meaning, a few passages at a time; putting things in order comes when all is quiet.
    On battery words are still read, which is cheap, and what was just changed is embedded too; the
    meaning of all else waits.
    """

    def __init__(
        self, indexer: Indexer, orders: Orders,
        tell: Callable[[Progress | Outdated | Problem | tuple[Problem, ...] | Failure], None],
        power: Callable[[], bool] = on_battery,
    ) -> None:  # fmt: skip
        """power: says whether the machine runs on battery."""
        self._indexer = indexer
        self._orders = orders
        self._tell = tell
        self._power = power
        self._on_battery = False
        self._power_at = 0.0
        self._waiting = False
        """Whether there is something to embed that waits for the machine to be plugged in."""
        indexer.give_way = partial(orders.nobody_asks.wait, WAY_SECONDS)
        self._settings: Settings | None = None
        self._paused = self._unset = False
        self._look_at = self._rescan_at = self._active_at = 0.0
        self._inspect_at = math.inf
        self._cleared: set[str] = set()
        """Errors of other threads that no damage was found for."""
        self._check_at = 0.0
        self._checked: Results | None = None
        self._told_outdated = Outdated("", frozenset(), frozenset())
        self._saved_at = time.monotonic()
        self._reported_at = self._rested_at = 0.0
        self._written = 0
        """How many rows were written when it was last said how things stand."""
        self._changes = 0
        self._news = False
        """Whether something was taken up that was not told yet."""
        self._idle_told = False
        """Whether it was said that there is nothing to do, and nothing happened since."""
        self._clocks_apart = time.time() - time.monotonic()
        self._unchecked = False
        """Whether folders were looked into of which it is not known that they are watched."""
        self._unwatched: dict[str, str] = {}
        self._told: Progress | None = None
        self._told_problems: tuple[Problem, ...] | None = None

    def run(self) -> None:
        """Go on until it is told to stop. What a step has done is stored."""
        orders = self._orders
        with contextlib.closing(Watcher(orders.hints)) as watcher:
            while not orders.stopping.is_set():
                orders.wake.clear()
                busy = self._work(watcher)
                if not busy and not orders.stopping.is_set():
                    orders.wake.wait(self._idle_seconds())
                self._indexer.give_way()

    def _work(self, watcher: Watcher) -> bool:
        """Look what there is to do and do a piece of it; say whether there may be more."""
        try:
            return self._try(watcher)
        except sqlite3.OperationalError as error:
            if not is_passing(error):
                raise
            self._wait_for_room(error)
            return True

    def _try(self, watcher: Watcher) -> bool:
        # Unless a step of an inspection comes to be taken now, the next one waits for a look.
        self._inspect_at = math.inf
        try:
            self._look(watcher)
            busy = not self._orders.paused and self._step()
            self._report(busy=busy)
            if not busy:
                self._rest()
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            if isinstance(error, sqlite3.Error) and is_passing(error):
                raise
            self._find_damage(error)
            return True
        return busy

    def _wait_for_room(self, error: sqlite3.OperationalError) -> None:
        """Say what stands in the way of writing, and wait a while."""
        logger.warning("The library cannot be written: %s", error.sqlite_errorname)
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        why = tr("The disk is full: make room") if full else tr("The library cannot be written")
        told = tr("{trouble}. It is tried again every half a minute; what was read is kept, and "
                  "searching goes on.")  # fmt: skip
        self._tell(Progress(State.FAILED))
        self._tell(Problem("", told.format(trouble=why)))
        self._told, self._idle_told, self._rescan_at = None, False, 0.0
        self._orders.stopping.wait(TRY_AGAIN_SECONDS)

    def _find_damage(self, error: Exception) -> None:
        """Look whether damage to the library explains an error, and mend it; else raise it again.

        Raises DamagedError where the library has to be made anew.
        """
        if self._indexer.inspect(self._orders.stopping.is_set).found:
            self._tell_mended()
        elif isinstance(error, sqlite3.Error) and is_damage(error):
            raise DamagedError(str(error)) from error
        else:
            raise error

    def _clear_up(self, error: sqlite3.Error) -> None:
        """Mend what an error of another thread came from; where there is no damage, tell of it."""
        told = report.describe(error)
        if told in self._cleared:
            # It was looked into, and told; to do so at each question would hold up all else.
            return
        try:
            self._find_damage(error)
        except sqlite3.Error as unexplained:
            if unexplained is not error:
                raise
            self._cleared.add(told)
            logger.error("Unexpected\n%s", told)
            self._tell(Failure(report.full_report(error)))

    def _tell_mended(self) -> None:
        # What is shown is to be asked for again, whether or not notes have to be read.
        self._rescan_at, self._news, self._idle_told = 0.0, True, False
        self._tell(Problem("", MENDED))

    # What there is to do ------------------------------------------------------------------

    def _look(self, watcher: Watcher) -> None:
        """Find out what changed: the settings, the folders, what the watcher hinted at."""
        changed = self._take_orders()
        self._check_shown()
        suspect, self._orders.suspect = self._orders.suspect, None
        if suspect is not None:
            self._clear_up(suspect)
        now = time.monotonic()
        if self._time_has_jumped():
            self._rescan_at = 0.0
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._look_after(watcher)
        if not self._paused and self._orders.hints.due() == 0.0:
            self._take_hints()
        # A pause is no time to forget notes whose new names are not read.
        wanted = not self._unset and (changed or not self._paused)
        if wanted and now >= self._rescan_at:
            every = UNWATCHED_RESCAN_SECONDS if watcher.unwatched else RESCAN_SECONDS
            self._rescan_at = now + every
            watcher.try_again()
            if self._indexer.scan():
                self._news = True
                self._indexer.keep(changed_at=time.time())
            self._unchecked, self._idle_told = True, False

    def _look_after(self, watcher: Watcher) -> None:
        """Watch the folders, and find out in which ones not every change is noticed."""
        # Watched before they are looked through: what happens meanwhile is hinted at.
        changed = watcher.watch(self._indexer.chosen)
        if self._unchecked or watcher.unchecked:
            self._unchecked = False
            changed = watcher.check(self._indexer.directories) or changed
        if changed:
            self._rescan_at = 0.0
        unwatched = {str(folder): why for folder, why in watcher.unwatched.items()}
        if unwatched != self._unwatched:
            self._unwatched, self._idle_told = unwatched, False
            self._indexer.keep(unwatched=json.dumps(unwatched))

    def _time_has_jumped(self) -> bool:
        """Say whether the machine has slept, or its time was set: watching may have suffered."""
        apart = time.time() - time.monotonic()
        jumped = abs(apart - self._clocks_apart) > CLOCK_SECONDS
        if jumped:
            logger.info("The clocks have moved apart: everything is looked through")
        self._clocks_apart = apart
        return jumped

    def _check_shown(self) -> None:
        """Say which of the notes that are shown are not on the disk as they were read."""
        shown, now = self._orders.shown, time.monotonic()
        if shown is None or (shown is self._checked and now < self._check_at):
            return
        self._checked, self._check_at = shown, now + LOOK_SECONDS
        outdated = compare_shown(shown)
        if outdated != self._told_outdated:
            self._told_outdated = outdated
            self._tell(outdated)

    def _take_orders(self) -> bool:
        """Take up a pause or its end, and other settings; say whether there are other settings."""
        if self._paused is not self._orders.paused:
            self._paused, self._idle_told = self._orders.paused, False
            self._rescan_at = 0.0
        settings = self._orders.settings
        if self._settings is settings:
            return False
        if self._settings is None:
            # Other processes need not wait for this one to end.
            self._indexer.keep(live=1)
        # No folder at the start is more likely a lost file than a wish to forget everything.
        self._unset = self._settings is None and not settings.folders
        self._settings = settings
        self._indexer.use(settings.paths, settings.ignored, settings.indexing_threads)
        self._look_at = self._rescan_at = 0.0
        return True

    def _take_hints(self) -> None:
        paths, lost = self._orders.hints.take()
        if lost:
            self._rescan_at = 0.0
            return
        self._unchecked = True
        if self._indexer.refresh(paths):
            self._indexer.keep(changed_at=time.time())
            self._active_at = time.monotonic()
            self._idle_told = False
            self._tell_changes()

    def _step(self) -> bool:
        """Do the most urgent piece of work; say whether there was any."""
        indexer = self._indexer
        urgent = indexer.urgent
        if urgent:
            busy = indexer.embed_some()
        else:
            busy = indexer.read_some() or (not self._waits_for_power() and indexer.embed_some())
            self._news = self._news or busy
        if busy:
            self._active_at = time.monotonic()
            if urgent and not indexer.urgent:
                self._tell_changes()
            return True
        return False if self._waiting else self._settle()

    def _waits_for_power(self) -> bool:
        """Say whether what is left to embed waits until the machine is plugged in."""
        wanted = self._settings is not None and self._settings.battery
        work = wanted and self._indexer.has_texts()
        if work or self._orders.read_anyway:
            self._ask_for_power()
        waiting = work and self._on_battery and not self._orders.read_anyway
        if waiting is not self._waiting:
            self._waiting, self._idle_told = waiting, False
        return waiting

    def _ask_for_power(self) -> None:
        now = time.monotonic()
        if now >= self._power_at:
            self._power_at = now + POWER_SECONDS
            self._on_battery = self._power()
        if not self._on_battery:
            self._orders.read_anyway = False

    def _settle(self) -> bool:
        """Put the library in order when nothing is going on; say whether there is more to do."""
        now = time.monotonic()
        if now < max(self._active_at, self._orders.asked_at) + SETTLE_SECONDS:
            return False
        if self._indexer.settle():
            return True
        self._inspect()
        if self._indexer.written != self._written:
            # It may have found out something, such as the language of the notes.
            self._written = self._indexer.written
            self._say(self._indexer.progress())
        if now >= self._saved_at + SAVE_SECONDS:
            self._indexer.save()
            self._saved_at = now
        return False

    def _rest(self) -> None:
        """Let go of memory when nobody has wanted anything for a while."""
        now = time.monotonic()
        since = max(self._active_at, self._orders.asked_at, self._rested_at)
        if self._inspect_at == math.inf and now >= since + REST_SECONDS:
            self._rested_at = now
            self._indexer.rest()
            memory.give_back()

    def _inspect(self) -> None:
        """Look at a piece of the library, and rest for as long as that took."""
        began = time.monotonic()
        inspected = self._indexer.inspect_some(self._is_wanted)
        rest = max(INSPECT_REST_SECONDS, time.monotonic() - began)
        self._inspect_at = time.monotonic() + rest if inspected.more else math.inf
        if inspected.found:
            self._tell_mended()

    def _is_wanted(self) -> bool:
        """Say whether something waits that is more urgent than an inspection."""
        orders = self._orders
        return orders.stopping.is_set() or orders.wake.is_set() or not orders.nobody_asks.is_set()

    def _idle_seconds(self) -> float:
        """Return how long there is nothing to do but to wait for news."""
        now = time.monotonic()
        moments = [self._look_at, self._inspect_at]
        if self._waiting:
            moments.append(self._power_at)
        if not self._orders.paused:
            due = self._orders.hints.due()
            moments.append(now + due if due is not None else self._look_at)
            moments.append(self._look_at if self._unset else self._rescan_at)
        return max(0.01, min(moments) - now)

    # What it says -------------------------------------------------------------------------

    def _tell_changes(self) -> None:
        """Say at once that what is shown may be old."""
        self._changes += 1
        self._news = False
        self._say(self._indexer.progress())

    def _report(self, *, busy: bool) -> None:
        """Say how far it is: now and then while there is work, and when that is done."""
        now = time.monotonic()
        if (busy and now - self._reported_at < REPORT_SECONDS) or (not busy and self._idle_told):
            return
        self._reported_at, self._idle_told = now, not busy
        if self._news and not busy:
            self._changes += 1
            self._news = False
        self._say(self._indexer.progress())
        if not busy or self._told_problems is None:
            problems = self._indexer.problems()
            if problems != self._told_problems:
                self._told_problems = problems
                self._tell(problems)

    def _say(self, progress: Progress) -> None:
        if self._orders.paused:
            progress = replace(progress, state=State.PAUSED, rate=0.0)
        elif self._waiting and progress.state is State.EMBEDDING:
            progress = replace(progress, state=State.ON_BATTERY, seconds_left=None, rate=0.0)
        folders = with_reasons(self._indexer.folders(), self._unwatched)
        said = replace(
            progress, changes=self._changes, folders=folders, changed_at=self._indexer.changed_at
        )
        if said != self._told:
            self._told = said
            self._tell(said)


def with_reasons(folders: tuple[Folder, ...], unwatched: Mapping[str, str]) -> tuple[Folder, ...]:
    """Add to folders why changes in them are not noticed at once."""
    return tuple(
        replace(one, unwatched=unwatched.get(one.path, "") if one.available else "")
        for one in folders
    )
