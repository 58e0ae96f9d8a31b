"""A storm over the engine: a tree of notes changes at random while the program is hurt at random.

    python tests/soak.py --seconds 600 --seed 1

The engine runs in a child process with the fake model, the real watcher, SQLite and an HNSW index.
It is killed, its files are damaged, its disk is filled. Now and then all stops, and the library is
compared, field by field, with a fresh index of the same folders. What is done depends on the seed
alone; how far it gets depends on the time. Exit code 1: a difference, a crash or a hang.
"""

import argparse
import codecs
import contextlib
import faulthandler
import json
import logging
import math
import os
import queue
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from compare_libraries import differences, index_anew, notes_with, take_library  # noqa: E402
from fake_embedder import FakeEmbedder  # noqa: E402
from storm import WORDS, Storm, number_word  # noqa: E402

from notesearch.core import access, engine, housekeeping, textfile, upkeep  # noqa: E402
from notesearch.core.access import library_folder  # noqa: E402
from notesearch.core.database import DATABASE, INDEX  # noqa: E402
from notesearch.core.difference import compare  # noqa: E402
from notesearch.core.ignore import outermost  # noqa: E402
from notesearch.core.library import Library  # noqa: E402
from notesearch.core.notes import Failure, Problem, Progress, Results, State  # noqa: E402
from notesearch.core.vectors import VectorIndex  # noqa: E402
from notesearch.paths import UserPaths  # noqa: E402
from notesearch.settings import Settings  # noqa: E402

EXACT_BELOW = 20
ANSWER_SECONDS, CURRENT_SECONDS, STOP_SECONDS, STALE_SECONDS = 60.0, 180.0, 60.0, 90.0
"""Generous bounds: what takes longer hangs; a hit older than the last is of a note long gone."""
DISK_BYTES = 96_000_000
SAMPLE_SECONDS = 2.0
MANY_FAILURES = 10
GROWTH = 12
"""Threads, or handles, by which a child may have grown between its first and its last moments."""
ROOM_SECONDS = 60.0
"""So long after there is room again it may still be said that there was none."""
HINTS_SECONDS = 5.0
"""So long after the last change everything is known, where the watcher notices it."""
INSIDE = "NOTESEARCH_SOAK_OWN_MOUNTS"
HURRY = {
    "SETTLE_SECONDS": 0.2, "SAVE_SECONDS": 0.5, "TRY_AGAIN_SECONDS": 0.5, "LOOK_SECONDS": 1.0,
    "INSPECT_SECONDS": 1.0,
}  # fmt: skip
"""What upkeep waits for, shortened. The regular rescan stays as rare as it is."""


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# The child: the program's engine, spoken to in lines of JSON -----------------------------------


class Spoken:
    """An engine that takes orders from stdin and tells on stdout."""

    def __init__(self, data, folders):
        self._lock = threading.Lock()
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogateescape")
        self._progress = None
        self._asked = {}
        self.scans = self.settled = self.inspections = 0
        self._hurry()
        settings = Settings(folders=tuple(folders), threads=2)
        paths = UserPaths(data, data, data)
        self._engine = engine.Engine(paths, FakeEmbedder, settings, self._listen)

    def _hurry(self):
        """Use the HNSW index from the start, wait for less, and count what has no message."""
        for function in (access.Writer.__init__, VectorIndex.__init__):
            function.__kwdefaults__["exact_below"] = EXACT_BELOW
        for name, seconds in HURRY.items():
            holding = [module for module in (upkeep, engine, housekeeping) if hasattr(module, name)]
            assert holding, f"there is no {name} any more"
            for module in holding:
                setattr(module, name, seconds)
        # Whoever has ended it waits so long for the end, too: no thread is left to itself.
        engine.STOP_SECONDS = STOP_SECONDS
        scan, settle = upkeep.Indexer.scan, upkeep.Indexer.settle
        mend = housekeeping.Housekeeping._mend

        def counted_scan(indexer):
            found = scan(indexer)
            self.scans, self.settled = self.scans + 1, -1
            return found

        def counted_settle(indexer):
            more = settle(indexer)
            self.settled = -1 if more else self.scans
            return more

        def counted_mend(keeper, inspection):
            mended = mend(keeper, inspection)
            self.inspections += 1
            return mended

        upkeep.Indexer.scan, upkeep.Indexer.settle = counted_scan, counted_settle
        housekeeping.Housekeeping._mend = counted_mend

    def run(self):
        self._engine.start()
        for line in sys.stdin:
            order, value = json.loads(line)
            if order == "stop":
                break
            getattr(self, f"_{order}")(value)
        self._engine.stop()
        left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
        self._tell("stopped", left)

    def _ask(self, value):
        number, text = value
        self._asked[text] = number
        self._engine.search(text, 10)

    def _refresh(self, _):
        self._tell("scans", self.scans)
        self._engine.refresh()

    def _pause(self, _):
        self._engine.pause()

    def _resume(self, _):
        self._engine.resume()

    def _state(self, number):
        progress = self._progress
        system = Path("/proc/self")
        here = system.is_dir()
        memory = (system / "statm").read_text(encoding="ascii").split()[1] if here else 0
        self._tell("state", {
            "number": number, "scans": self.scans, "settled": self.settled,
            "inspections": self.inspections,
            "state": progress.state if progress else State.STARTING,
            "unread": progress.unread if progress else 0,
            "threads": len(list((system / "task").iterdir())) if here else threading.active_count(),
            "handles": len(list((system / "fd").iterdir())) if here else 0,
            "rss": int(memory) * 4_096 // 1_000_000,
        })  # fmt: skip

    def _listen(self, message):
        if isinstance(message, Progress):
            self._progress = message
            self._tell("progress", message.state)
        elif isinstance(message, Results) and message.final:
            hits = [[str(hit.file), hit.available] for hit in (*message.hits, *message.weak)]
            self._tell("answer", [self._asked.get(message.query.text, 0), hits])
        elif isinstance(message, Problem):
            self._tell("problem", message.reason)
        elif isinstance(message, Failure):
            self._tell("failure", message.report)

    def _tell(self, what, value):
        with self._lock, contextlib.suppress(BrokenPipeError):
            self._out.write(json.dumps([what, value]) + "\n")
            self._out.flush()


def be_child(data, folders):
    faulthandler.enable()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, all_threads=True)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    Spoken(data, folders).run()


class Child:
    """A running child, seen from the parent."""

    def __init__(self, data, folders, errors):
        self._errors = errors
        self._from = errors.stat().st_size if errors.exists() else 0
        with errors.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, __file__, "--child", data, *folders],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            )  # fmt: skip
        self._heard = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.killed = False
        self.state = State.STARTING
        self.samples = []
        self.started = time.monotonic()

    def _read(self):
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):  # the last line of one that was killed
                self._heard.put(json.loads(line))
        self._heard.put(["end", None])

    def order(self, what, value=None):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps([what, value]).encode() + b"\n")
            self._process.stdin.flush()

    def heard(self, seconds=0.0):
        """Yield what it said, and wait for something to be said if there is nothing yet."""
        until = time.monotonic() + seconds
        while True:
            try:
                yield self._heard.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            until = 0.0

    def kill(self):
        self.killed = True
        self._process.kill()
        self._close()

    def show_stacks(self):
        if hasattr(signal, "SIGUSR1"):
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(1.0)

    def wait(self, seconds):
        code = self._process.wait(seconds)
        self._close()
        return code

    def _close(self):
        self._process.wait()
        self._reader.join()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()

    def said_on_stderr(self):
        """Return what stderr holds besides warnings that the program gives on purpose."""
        with self._errors.open("rb") as file:
            file.seek(self._from)
            text = file.read().decode("utf-8", "replace")
        signs = ("Traceback", "Unexpected", "Fatal", "Exception in", "could not be taken apart")
        return text if any(sign in text for sign in signs) else ""


# The disturbances, and the whole ----------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What is to be done, and where."""

    seed: int
    work: Path
    seconds: float = 600
    operations: float = math.inf
    """An end besides that of the time."""
    every: int = 25
    """So many operations, on average, to each disturbance."""
    database_damage: bool = True
    disk: Path | None = None
    """A small one for the program's data, which is filled now and then."""
    keep: bool = False
    """Keep libraries that differ."""
    rest: bool = True
    """Look, before each comparison, what is not known without comparing all with the disk."""


_DISTURBANCES = {
    "kill": 6, "kill_early": 2, "index": 4, "leftovers": 1, "pause": 2, "database": 3,
    "full_disk": 2,
}  # fmt: skip


class Soak:
    """A storm, a child, what is done to it, and what is found out."""

    def __init__(self, plan):
        self._plan = plan
        self._work = work = plan.work
        self._rng = self._chance = random.Random(plan.seed)
        self._asking = random.Random(f"queries {plan.seed}")
        self.log = []
        self._storm = Storm(work, self._rng, self.log)
        self._data = plan.disk or work / "data"
        self._library = library_folder(UserPaths(*[self._data] * 3), FakeEmbedder())
        self._errors = work / "stderr.txt"
        self._child = None
        self._question = None
        self._questions = 0
        self._seen = {}
        self._quiet_until = 0.0
        """Until then it may be said that the disk is full."""
        self._hurt = False
        """Whether the database was damaged since the last comparison, which is then said too."""
        self._sampled = self._ask_at = self._began = self._until = 0.0
        self._paused = False
        self._ballast = self._data / "ballast"
        self._due = []
        """Ends of disturbances: the operation at which, and what ends them."""
        self.counted = Counter()
        self.failures = []
        self.growth = []

    # The whole

    def run(self):
        """Storm until the time is over; say whether all went well."""
        self._began = time.monotonic()
        self._until = self._began + self._plan.seconds
        for _ in range(40):
            self._storm.step()
        self._start()
        while not self._is_over() and len(self.failures) < MANY_FAILURES:
            for _ in range(self._rng.randint(60, 260)):
                self._step()
                if self._is_over():
                    break
            stop = self._rng.random() < 0.4
            self._compare(stop=stop or self._is_over())
        if self._child is not None:
            self._stop()
        return not self.failures

    def _is_over(self):
        ended = self._storm.count >= self._plan.operations
        return ended or time.monotonic() > self._until

    def _step(self):
        """Do one thing to the folders, perhaps one to the program, and hear what it says."""
        self._storm.step()
        now = time.monotonic()
        self._seen |= dict.fromkeys(map(str, self._storm.files()), now)
        for one in [one for one in self._due if one[0] <= self._storm.count]:
            self._due.remove(one)
            one[1]()
        if self._rng.random() < 1 / self._plan.every:
            self._disturb()
        # Bursts, and moments in which the watcher's hints come due.
        time.sleep(self._rng.choice([0, 0, 0, 0.005, 0.02, 0.05, 0.7 * self._rng.random()]))
        self._converse()

    def _fail(self, what):
        self.failures.append(what)
        self.log.append(f"FAILURE {what}")
        say(f"FAILURE after {self._storm.count} operations: {what}")

    # The child

    def _start(self):
        folders = [str(root) for root in self._storm.roots]
        self._child = Child(str(self._data), folders, self._errors)
        self._question = None
        self._paused = False

    def _restart(self):
        if self._child is None:
            self._start()

    def _judge_the_dead(self):
        """Look at what a child that ended has left on stderr, and how it grew."""
        said = self._child.said_on_stderr()
        if said:
            self._fail(f"stderr: {said[-3_000:]}")
        samples = self._child.samples
        if len(samples) >= 6:
            settled = [one for one in samples if one["settled"] >= 0] or samples
            self.growth.append((len(samples), settled[0], settled[-1]))
            third = len(samples) // 3
            for what in ("threads", "handles"):
                had = [sample[what] for sample in samples]
                if statistics.median(had[-third:]) > statistics.median(had[:third]) + GROWTH:
                    self._fail(f"{what} grow: {had}")
        self._child = None

    def _kill(self):
        if self._child is not None:
            self._take_up()
        if self._child is not None:
            self._child.kill()
            self._judge_the_dead()
            self.counted["kills"] += 1

    def _stop(self):
        """End the child as the program is ended."""
        self._child.order("stop")
        try:
            code = self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._hang("it does not stop")
            return
        for what, value in self._child.heard():
            if what == "stopped" and [name for name in value if name.startswith("embedding")]:
                self._fail(f"threads left after the end: {value}")
            self._hear(what, value, ended=True)
        if code:
            self._fail(f"it ended with {code}")
        self._judge_the_dead()

    def _hang(self, what):
        with contextlib.suppress(OSError):
            self._child.show_stacks()
        stacks = self._errors.read_text(encoding="utf-8", errors="replace")[-6_000:]
        self._fail(f"{what}\n{stacks}")
        self._child.kill()
        self._child = None

    def _take_up(self, seconds=0.0):
        """Hear what the child said; yield nothing."""
        child = self._child
        for what, value in child.heard(seconds):
            self._hear(what, value)
            if self._child is not child:
                return

    def _hear(self, what, value, *, ended=False):
        if what == "answer":
            self._judge_answer(*value)
        elif what == "state":
            self._child.samples.append(value)
        elif what == "failure":
            self._fail(f"unexpected: {value}")
        elif what in {"progress", "problem"}:
            self._judge_trouble(what, value)
        elif what == "end" and not ended and not self._child.killed:
            code = self._child.wait(STOP_SECONDS)
            self._fail(f"it died by itself: {code}")
            self._judge_the_dead()

    def _judge_trouble(self, what, value):
        """Take trouble for a failure, unless there is a reason for it."""
        full = time.monotonic() < self._quiet_until
        if what == "progress":
            self._child.state = value
            if value == State.FAILED and not full:
                self._fail("it gave up")
        else:
            self.log.append(f"       said: {value}")
            if not full and not self._hurt:
                self._fail(f"it said: {value}")

    # Questions

    def _converse(self):
        if self._child is None:
            return
        self._take_up()
        if self._child is None:
            return
        if time.monotonic() > self._sampled + SAMPLE_SECONDS:
            self._sampled = time.monotonic()
            self._child.order("state", 0)
        if self._question is None and time.monotonic() > self._ask_at:
            # Now and then nobody asks, so that it can put things in order.
            self._ask_at = time.monotonic() + 2 * self._asking.random() ** 8
            self._questions += 1
            text = f"{self._query()} "
            self._question = self._questions, time.monotonic()
            self._child.order("ask", [self._questions, text])
        elif self._question and time.monotonic() > self._question[1] + ANSWER_SECONDS:
            self._hang(f"no answer in {ANSWER_SECONDS} s")
            self._restart()

    def _query(self):
        rng = self._asking
        words = rng.choices(WORDS, k=rng.randint(1, 3))
        return rng.choice([
            " ".join(words), words[0], f"{words[0]} -{words[-1]}", f"tag:{words[0]}",
            number_word(rng.randint(1, 400)), f'"{words[0]} {words[-1]}"', words[0][:3],
            f"has:task {words[0]}", f"modified:>2024-01-01 {words[0]}",
        ])  # fmt: skip

    def _judge_answer(self, number, hits):
        if self._question is None or number != self._question[0]:
            return
        self._question = None
        self.counted["queries"] += 1
        if self._paused or time.monotonic() < self._quiet_until + STALE_SECONDS:
            return
        now = time.monotonic()
        for path, available in hits:
            age = now - max(self._seen.get(path, -1e9), self._child.started)
            if available and age > STALE_SECONDS:
                self._fail(f"a hit that is not there since {age:.0f} s: {path!r}")

    # Disturbances

    def _disturb(self):
        """Do something to the program; with chances of its own, so that the storm is the same
        where a disturbance is not possible."""
        self._chance = random.Random(self._rng.random())
        name = self._chance.choices(list(_DISTURBANCES), list(_DISTURBANCES.values()))[0]
        possible = {"database": self._plan.database_damage, "full_disk": self._plan.disk}
        self.log.append(f"{self._storm.count:6} * {name}")
        if possible.get(name, True):
            getattr(self, f"_by_{name}")()

    def _by_kill(self):
        # The moment is random in the program's work, of which the parent knows nothing.
        time.sleep(self._chance.random() * 0.8)
        self._kill()
        for _ in range(self._chance.choice([0, 0, 3])):
            self._storm.step()
        if self._due_is_full():
            return
        self._restart()

    def _by_kill_early(self):
        """Kill it while it opens the library, reads it and starts to watch."""
        self._kill()
        self._restart()
        time.sleep(0.3 + self._chance.random())
        self._by_kill()

    def _by_index(self):
        in_order = self._chance.random() < 0.7 and not self._paused and not self._due_is_full()
        if in_order and self._child is not None and self._await_current():
            # An end as it should be saves the index.
            self._stop()
        else:
            self._kill()
        index = self._library / INDEX
        if index.is_file():
            done = _damage(index, self._chance, ("flip", "cut", "foreign", "gone"))
            self.log.append(f"       {done}")
            self.counted["index"] += 1
        self._restart()

    def _by_database(self):
        self._kill()
        database = self._library / DATABASE
        if database.is_file():
            done = _damage(database, self._chance, ("flip", "flip", "page", "cut", "foreign"))
            self.log.append(f"       {done}")
            self.counted["database"] += 1
            self._hurt = True
        self._restart()

    def _by_leftovers(self):
        self._kill()
        for name in ("library.new.db", "library.new.db-wal", "passages.new", "settings.new"):
            wanted, noise = self._chance.random() < 0.5, self._chance.randbytes(5_000)
            if wanted and self._library.is_dir():
                with contextlib.suppress(OSError):  # the disk is full
                    (self._library / name).write_bytes(noise)
        self._restart()

    def _by_pause(self):
        if self._child is not None and not self._paused:
            self._child.order("pause")
            self._paused = True
            self._due.append((self._storm.count + self._chance.randint(5, 40), self._resume))

    def _resume(self):
        if self._child is not None:
            self._child.order("resume")
        self._paused = False

    def _by_full_disk(self):
        room = self._chance.choice([0, 0, 5_000, 60_000, 300_000])
        if self._due_is_full() or not self._data.is_dir():
            return
        self._quiet_until = time.monotonic() + 10**6
        with self._ballast.open("wb") as file, contextlib.suppress(OSError):
            left = shutil.disk_usage(self._data).free - room
            while left > 0:
                left -= file.write(bytes(min(left, 65_536)))
                file.flush()
        self._due.append((self._storm.count + self._chance.randint(10, 60), self._make_room))

    def _due_is_full(self):
        return any(end == self._make_room for _, end in self._due) or self._ballast.exists()

    def _make_room(self):
        self._ballast.unlink(missing_ok=True)
        self.counted["full disks"] += 1
        self._quiet_until = time.monotonic() + ROOM_SECONDS
        # Where it ended for lack of room, the user starts it again.
        if self._child is None:
            self._start()

    # Comparisons

    def _compare(self, *, stop):
        """Wait until all is done, and hold the library against a fresh one."""
        self._storm.calm()
        for _, end in self._due:
            end()
        self._due = []
        self._restart()
        if self._plan.rest:
            self._rest()
        if not self._await_current():
            self._restart()
            return
        self._hurt = False
        if stop:
            self._stop()
        told = self._look_for_differences(stopped=stop)
        self.counted["comparisons"] += 1
        self.counted["differences"] += len(told)
        self.log.append(f"{self._storm.count:6} compared: {len(told)} differences")
        for one in told:
            self._fail(one)
        self._restart()

    def _look_for_differences(self, *, stopped):
        where = self._work / f"comparison-{self.counted['comparisons']}"
        taken = take_library(self._library, where / "ours")
        index_anew(where / "fresh", self._storm.roots, FakeEmbedder())
        queries = [self._query() for _ in range(20)]
        told = differences(
            taken, where / "fresh", FakeEmbedder(), exact_below=EXACT_BELOW, queries=queries
        )
        told += self._misplaced_words(taken)
        if not stopped:
            # A damaged one is made anew at the next opportunity, which is the end at the latest.
            told = [one for one in told if not one.startswith("damage: the index file")]
        if not (told and self._plan.keep):
            shutil.rmtree(where)
        return told

    def _rest(self):
        """Leave it alone for a while, and count the notes that it has missed."""
        until = time.monotonic() + HINTS_SECONDS
        while self._child is not None and time.monotonic() < until:
            self._take_up(0.2)
        if self._child is None or self._child.state != State.CURRENT:
            return
        taken = take_library(self._library, self._work / "resting")
        with contextlib.closing(Library(taken, FakeEmbedder().identity, writable=False)) as library:
            difference = compare(library, outermost(self._storm.roots))
            stored = library.stored()
        held = {path: one.hash for path, one in stored.items()}
        found = [one.path for one in difference.outdated]
        changed = [path for path in found if held.get(path) != _content(path)]
        # What is written through another link to the same file is not hinted at.
        changed = [path for path in changed if not _has_links(Path(path))]
        missed = [*changed, *difference.gone]
        self.counted["missed"] += len(missed)
        self.log += [f"       known after a comparison only: {path!r}" for path in missed]
        shutil.rmtree(taken)

    def _await_current(self):
        """Have everything compared with the disk and wait until it is read, embedded, in order."""
        until = time.monotonic() + CURRENT_SECONDS
        if self._child.state == State.FAILED and time.monotonic() < self._quiet_until:
            time.sleep(2.0)
            self._take_up()
            if self._child is not None and self._child.state == State.FAILED:
                # It could not even open its library while the disk was full.
                self._stop()
                self.counted["restarts after a full disk"] += 1
        self._restart()
        while not self._is_answering():
            if time.monotonic() > until:
                self._hang("it does not begin")
                return False
        # The first may be found in the middle of a comparison that began too early; and what was
        # damaged while nothing ran comes to light when all of it has been looked over.
        well = self._refresh(until) and self._is_looked_over(until) and self._refresh(until)
        self._quiet_until = 0.0
        return well

    def _is_looked_over(self, until):
        """Wait until this child has gone through its library once."""
        while not self._last()["inspections"]:
            if not self._is_answering():
                return False
            if time.monotonic() > until:
                self._hang("it does not look whether its library is sound")
                return False
        return True

    def _refresh(self, until):
        """Have everything compared with the disk, and wait until there is nothing left to do."""
        scans = self._last()["scans"]
        self._child.order("refresh")
        while not self._is_current(scans):
            if self._child is None:
                return False
            if time.monotonic() > until:
                self._hang(f"it is not current after {CURRENT_SECONDS} s: {self._last()}")
                return False
        return True

    def _is_answering(self):
        """Say whether it tells how it is, and nothing that was asked for is still to come."""
        if self._child is None:
            self._start()
        before = len(self._child.samples)
        self._child.order("state", 0)
        self._take_up(0.2)
        return self._child is not None and len(self._child.samples) > before

    def _is_current(self, scans):
        child = self._child
        child.order("state", 0)
        time.sleep(0.1)
        self._take_up(1.0)
        if self._child is not child:
            return False
        last = self._last()
        return last["settled"] > scans and last["state"] == State.CURRENT and not last["unread"]

    def _last(self):
        return self._child.samples[-1]

    def _misplaced_words(self, library):
        """Look for words of some notes: each is found in exactly the notes that hold it."""
        reader = Library(library, FakeEmbedder().identity, writable=False)
        stored = [path for path, one in reader.stored().items() if one.hash]
        reader.close()
        told = [f"{path} is not there" for path in stored if not Path(path).is_file()]
        texts = {path: Path(path).read_bytes() for path in stored if Path(path).is_file()}
        held = {path: _words_in(data) for path, data in texts.items()}
        for path in self._asking.sample(sorted(held), min(25, len(held))):
            marks = sorted(w for w in held[path] if w.startswith("qy") and w.endswith("oq"))
            for word in marks[:1]:
                holding = {one for one, words in held.items() if word in words}
                found = notes_with(library, word)
                if found != holding:
                    told.append(f"{word} is found in {found}, and is in {holding}")
        return told

    def summary(self, skipped):
        """Return the last line."""
        c = self.counted
        hurt = c["index"] + c["database"]
        parts = [
            f"{self._storm.count:,} operations", f"{c['kills']} kills survived",
            f"{hurt} corruptions survived ({c['index']} index, {c['database']} database)",
            f"{c['full disks']} full disks", f"{c['queries']:,} queries",
            f"{c['comparisons']} comparisons: {c['differences']} differences",
            f"{len(self.failures) - c['differences']} crashes",
        ]  # fmt: skip
        if c["missed"]:
            parts[-2] += f" ({c['missed']} notes known after a rescan only)"
        if self.growth:
            # The longest life says most.
            _, first, last = max(self.growth, key=lambda one: one[0])
            grown = ", ".join(
                f"{name} {first[key]} -> {last[key]}"
                for name, key in (("threads", "threads"), ("handles", "handles"), ("RSS", "rss"))
            )
            parts[-1] += f"; {grown} MB"
        seconds = time.monotonic() - self._began
        told = f"soak: seed {self._plan.seed}, {seconds:.0f} s, " + ", ".join(parts)
        return told + "".join(f"; {one}" for one in skipped)


def _words_in(data):
    wide = data[:2] == codecs.BOM_UTF16_LE
    text = data[: textfile.MAX_BYTES].decode("utf-16" if wide else "utf-8", "replace")
    return set(re.findall(r"\w+", text))


def _content(path):
    """Return the hash of what a file holds; empty, as it is stored, where that is no text."""
    try:
        return textfile.read(Path(path)).hash
    except (OSError, textfile.UnreadableError):
        return b""


def _has_links(path):
    return path.is_symlink() or path.stat().st_nlink > 1


def _damage(path, rng, kinds):
    """Damage a file, which need not always be as long; returns what was done."""
    kind, place, bit, noise = (rng.random() for _ in range(4))
    name = kinds[int(kind * len(kinds))]
    size = path.stat().st_size
    at = int(place * size)
    if name == "gone":
        path.unlink()
    elif name == "cut":
        os.truncate(path, at)
    else:
        length = {"flip": 1, "page": 4_096, "foreign": size}[name]
        with path.open("rb+") as file:
            file.seek(at if name == "flip" else at // 4_096 * 4_096 if name == "page" else 0)
            before = file.read(length)
            file.seek(-len(before), os.SEEK_CUR)
            flipped = bytes([b ^ (1 << int(bit * 8)) for b in before])
            foreign = random.Random(noise).randbytes(len(before))
            file.write(flipped if name == "flip" else foreign)
    return f"{name} at {at} of {size}"


def survives_database_damage(work):
    """Say whether a library that is garbage is made anew, instead of refused."""
    folder = work / "garbage"
    encoder = FakeEmbedder()
    Library(folder, encoder.identity, writable=True).close()
    (folder / DATABASE).write_bytes(random.Random(1).randbytes(20_000))
    try:
        Library(folder, encoder.identity, writable=True).close()
    except Exception:  # noqa: BLE001  # whatever it is, it is not survived
        return False
    return True


def in_own_mounts(arguments):
    """Start again where a small disk can be mounted, if that is allowed; else return."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount"]
    if INSIDE in os.environ or not shutil.which("unshare"):
        return
    probe = 'd=$(mktemp -d); mount -t tmpfs tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s'
    if subprocess.run([*prefix, "sh", "-c", probe], capture_output=True, check=False).returncode:
        return
    os.environ[INSIDE] = "1"
    os.execvp(prefix[0], [*prefix, "--", sys.executable, __file__, *arguments])


def mounted_disk(work):
    """Mount a small disk, where this process may; None where not."""
    if INSIDE not in os.environ:
        return None
    disk = work / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    subprocess.run(command, check=True)
    return disk


def main(arguments):
    if arguments[:1] == ["--child"]:
        be_child(Path(arguments[1]), arguments[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--operations", type=float, default=math.inf, help="an end besides")
    parser.add_argument("--every", type=int, default=25, help="operations to each disturbance")
    parser.add_argument("--log", type=Path, help="where to write all that was done")
    parser.add_argument("--keep", action="store_true", help="keep what differs, and the folders")
    parser.add_argument("--no-database-damage", action="store_true")
    parser.add_argument("--no-full-disk", action="store_true")
    parser.add_argument("--no-rest", action="store_true", help="do not count what hints missed")
    chosen = parser.parse_args(arguments)
    if not chosen.no_full_disk:
        in_own_mounts(arguments)
    seed = random.randrange(10**6) if chosen.seed is None else chosen.seed
    say(f"soak: seed {seed}")
    # Links in the way to the folders would make their paths differ from those that are stored.
    work = Path(tempfile.mkdtemp(prefix=f"notesearch-soak-{seed}-")).resolve()
    skipped = []
    disk = None if chosen.no_full_disk else mounted_disk(work)
    if disk is None:
        why = "not wanted" if chosen.no_full_disk else "mounting is not permitted here"
        skipped.append(f"full disks were not tried: {why}")
    hurt = not chosen.no_database_damage and survives_database_damage(work)
    if not hurt:
        why = "not wanted" if chosen.no_database_damage else "it is not made anew here"
        skipped.append(f"the database was not damaged: {why}")
    soak = Soak(Plan(
        seed, work, chosen.seconds, chosen.operations, chosen.every, database_damage=hurt,
        disk=disk, keep=chosen.keep, rest=not chosen.no_rest,
    ))  # fmt: skip
    well = False
    try:
        well = soak.run()
    finally:
        if chosen.log or not well:
            log = chosen.log or Path(tempfile.gettempdir()) / f"notesearch-soak-{seed}.log"
            log.write_text("\n".join(soak.log) + "\n", encoding="utf-8")
            say(f"soak: what was done is in {log}")
        if disk is not None:
            subprocess.run(["umount", "--lazy", str(disk)], check=False)
        if chosen.keep and not well:
            say(f"soak: kept in {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    say(soak.summary(skipped))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
