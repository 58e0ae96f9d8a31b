"""Brings the library in line with the disk, in small steps: words first, then meaning."""

import contextlib
import dataclasses
import hashlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from notesearch.core import ignore, report, textfile
from notesearch.core.difference import Difference, compare, is_available
from notesearch.core.embedder import Encoder, ModelError, Vector
from notesearch.core.housekeeping import Housekeeping, Inspected
from notesearch.core.library import Counts, Found, Library, Signature
from notesearch.core.notes import Folder, Note, Problem, Progress, State
from notesearch.core.passages import embedded_text, read
from notesearch.core.patterns import Rules
from notesearch.core.vectors import VectorIndex
from notesearch.translation import tr

logger = logging.getLogger(__name__)

READ_SECONDS = 0.03
"""One step of reading takes about so long, and at least one note: an answer waits for it."""
URGENT = 64
URGENT_SECONDS = 0.3
URGENT_TEXTS = 64
"""So many changed notes are read at once, for about so long, and so many texts of each are embedded
before everything else."""
FETCHED = 2_048
"""Texts without a vector that are fetched at once."""
MIN_NORM = 1e-6
ENOUGH_MADE, ENOUGH_SECONDS = 10, 2.0
"""What must be done before a rate is believed."""
READING = 3
"""Counts the ways in which notes were ever taken apart. A library of another one is read anew."""
YOUNG_SECONDS = 2.0
"""A file that was changed so shortly before it was read is read again at the next look: another
change within the same tick of the disk's clock would leave its times as they are."""


class Indexer:
    """Keeps one library in line with its folders. To be used in one thread.

    Each step is short, so that the caller can look for something more urgent between two of
    them, or stop: what a step has done is stored, and the next run goes on from there.
    """

    def __init__(
        self, library: Library, index: VectorIndex, encoder: Encoder, folders: Sequence[Path],
        *, threads: int,
    ) -> None:  # fmt: skip
        self._library = library
        self._index = index
        self._encoder = encoder
        if library.meta("reading") != READING:
            library.outgrow()
            library.set_meta(reading=READING)
        self._housekeeping = Housekeeping(library, index, encoder)
        self._threads = threads
        self.give_way: Callable[[], object] = lambda: None
        """Called many times while a note is read, which takes a second if it is long."""
        self._pool = ThreadPoolExecutor(threads, "embedding", _lower_priority)
        self.use(folders)
        self._outdated: dict[str, Found] = {}
        """By path, oldest first."""
        self._new: set[str] = set()
        """Those of them that are not in the library."""
        self._folder_problems: tuple[Problem, ...] = ()
        self._stored_folders: object = None
        self.directories: set[str] = set()
        """All folders that notes are looked for in, as far as they were looked into."""
        self._urgent: dict[bytes, str] = {}
        self._texts: dict[bytes, str] = {}
        """Texts to embed, by their hash; the last one first, the urgent ones before the others."""
        self._all_embedded = False
        """Whether it is known that there are no others: to ask takes a while."""
        self._counts: Counts | None = None
        self._rough = False
        self._reading, self._embedding = _Rate(), _Rate()
        self._settled = False

    def close(self) -> None:
        """Wait for the texts that are being embedded and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def use(self, folders: Sequence[Path], ignored: Sequence[str] = (), threads: int = 0) -> None:
        """Take other folders and other patterns of what is left out; the next scan goes by them.

        threads: that embed at the same time; 0: as many as before.
        """
        self.chosen = ignore.outermost(folders)
        self._rules = Rules(ignored)
        if threads not in {0, self._threads}:
            self._threads = threads
            self._pool.shutdown(wait=True)
            self._pool = ThreadPoolExecutor(threads, "embedding", _lower_priority)

    # Steps --------------------------------------------------------------------------------

    def scan(self) -> bool:
        """Find out what is outdated: new and changed notes to read, and those to forget.

        Returns whether there was anything, or a folder came or went. A folder that is not there
        is unavailable, which is not the same as empty: its notes stay.
        """
        difference = compare(self._library, self.chosen, self._rules)
        self._library.forget(difference.gone)
        news = self._take(difference, difference.problems)
        self._outdated = {one.path: one for one in difference.outdated}
        self._new = set(difference.new)
        self.directories = set(difference.directories)
        self._counts, self._texts, self._settled = None, {}, False
        self._reading.restart()
        self._embedding.restart()
        return news or difference.stale > 0

    def refresh(self, paths: Collection[str]) -> bool:
        """Take up what changed at these paths and below them, before everything else.

        Returns whether anything did. A great many notes are only put in front of the others.
        """
        hinted = frozenset(map(_sayable, paths))
        at = [path for path in sorted(hinted) if not _is_below(path, hinted)]
        difference = compare(self._library, self.chosen, self._rules, at)
        elsewhere = [
            one for one in self._folder_problems
            if one.path not in hinted and not _is_below(one.path, hinted)
        ]  # fmt: skip
        news = self._take(difference, (*elsewhere, *difference.problems))
        self._drop(at)
        self.directories |= difference.directories
        if not difference.outdated and not difference.gone:
            self._counts = None
            return news
        for path in (*difference.gone, *(one.path for one in difference.outdated)):
            self._outdated.pop(path, None)
            self._new.discard(path)
        self._outdated |= {one.path: one for one in difference.outdated}
        self._new |= difference.new
        until = time.monotonic() + URGENT_SECONDS
        news = news or bool(difference.gone)
        with self._library.together():
            self._library.forget(difference.gone)
            for one in difference.outdated[: -URGENT - 1 : -1]:
                del self._outdated[one.path]
                news = self._read(one) or news
                texts = self._library.unembedded_of(one.path)[URGENT_TEXTS::-1]
                self._urgent |= {key: embedded_text(*text) for key, *text in texts}
                if time.monotonic() > until:
                    break
        self._counts, self._texts, self._settled = None, {}, False
        return news or not self._outdated.keys().isdisjoint(one.path for one in difference.outdated)

    def read_some(self) -> bool:
        """Read outdated notes, newest first, and store their words; say whether there were any."""
        if not self._outdated:
            return False
        self._embedding.restart()
        until, count = time.monotonic() + READ_SECONDS, 0
        with self._library.together():
            # At least one, however late it has become: a rate is told of each step.
            while self._outdated and (not count or time.monotonic() < until):
                self.give_way()
                _, found = self._outdated.popitem()
                self._read(found)
                count += 1
        self._reading.add(count)
        self._counts, self._texts, self._settled = None, {}, False
        return True

    def embed_some(self) -> bool:
        """Embed a passage for each thread, newest notes first; say whether there were any.

        Raises ModelError when the model fails, InterruptedError when it was stopped.
        """
        batch = self._next_texts() if self.has_texts() else []
        if not batch:
            # Counted on roughly meanwhile; to count takes a while, and this is asked every time.
            if self._rough:
                self._counts, self._rough = None, False
            return False
        embedding = self._pool.map(self._encoder.embed_passage, [text for _, text in batch])
        # Twice the pace at which new ones come, so that the index catches up.
        building = self._pool.submit(self._index.build, 2 * len(batch))
        vectors = list(embedding)
        building.result()
        rows = [(one[0], _sound(vector)) for one, vector in zip(batch, vectors, strict=True)]
        for key, (_, vector) in zip(self._library.put_vectors(rows), rows, strict=True):
            self._index.add(key, vector)
        self._embedding.add(len(batch))
        if self._counts is not None:
            self._counts, self._rough = _more(self._counts, len(batch)), True
        self._settled = False
        self._housekeeping.calibrate()
        return True

    def has_texts(self) -> bool:
        """Say whether there is any text to embed."""
        if not self._urgent and not self._texts and not self._all_embedded:
            waiting = self._library.unembedded(FETCHED)[::-1]
            self._texts = {key: embedded_text(*text) for key, *text in waiting}
            self._all_embedded = not waiting
        return bool(self._urgent or self._texts)

    def _next_texts(self) -> list[tuple[bytes, str]]:
        """Take a few texts out of those that wait."""
        waiting = self._urgent or self._texts
        batch = [waiting.popitem() for _ in range(min(2 * self._threads, len(waiting)))]
        for text_hash, _ in batch:
            self._texts.pop(text_hash, None)
        return batch

    def settle(self) -> bool:
        """Do what is left when everything is read and embedded; say whether there is more."""
        if self._settled:
            return False
        if self._housekeeping.settle():
            return True
        self._settled, self._counts = True, None
        return False

    def inspect_some(self, urgent: Callable[[], bool]) -> Inspected:
        """Look whether a piece of the library is as it was stored; what was not is read again."""
        return self._after(self._housekeeping.inspect_some(urgent))

    def inspect(self, stopping: Callable[[], bool] = lambda: False) -> Inspected:
        """Look at all of the library at once; what is not as it was stored is read again."""
        return self._after(self._housekeeping.inspect(stopping))

    def _after(self, inspected: Inspected) -> Inspected:
        if inspected.found:
            self._counts, self._texts, self._all_embedded, self._settled = None, {}, False, False
        return inspected

    def save(self) -> None:
        """Write the vector index to its file, where it is large enough to have one."""
        self._library.save_index(self._index)

    def rest(self) -> None:
        """Let go of what is kept in memory for what there is to do next."""
        self._library.rest()

    # What it says -------------------------------------------------------------------------

    @property
    def written(self) -> int:
        """How many rows were ever written: while these are as many, progress() says the same."""
        return self._library.db.total_changes

    @property
    def urgent(self) -> bool:
        """Whether text of a change that was just taken up waits to be embedded."""
        return bool(self._urgent)

    def progress(self) -> Progress:
        """Say how far the library is in line with the disk."""
        unread = len(self._outdated)
        if unread:
            notes, wrong = self._library.count_notes()
            return Progress(
                State.READING, notes + len(self._new), unread,
                problems=wrong + len(self._folder_problems),
                seconds_left=self._reading.seconds(unread),
                rate=self._reading.per_second(),
            )  # fmt: skip
        counts = self._counts = self._counts or self._library.counts()
        waiting = counts.passages - counts.embedded
        return Progress(
            state=State.EMBEDDING if waiting else State.CURRENT,
            notes=counts.notes,
            passages=counts.passages,
            embedded=counts.embedded,
            problems=counts.problems + len(self._folder_problems),
            seconds_left=self._embedding.seconds(waiting),
            language=str(self._library.meta("language") or ""),
            rate=self._embedding.per_second() if waiting else 0.0,
        )

    @property
    def changed_at(self) -> float:
        """When a change on the disk was last taken up, seconds since the epoch; 0 where never."""
        kept = self._library.meta("changed_at")
        return float(kept) if isinstance(kept, int | float) else 0.0

    def keep(self, **values: str | float) -> None:
        """Store values about the library, for other processes and for the next start."""
        self._library.set_meta(**values)

    def folders(self) -> tuple[Folder, ...]:
        """Return the chosen folders and what is known of them."""
        return self._library.folders()

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that cannot be searched, or only in part, and why."""
        return self._library.problems()

    # Inside -------------------------------------------------------------------------------

    def _take(self, difference: Difference, problems: Iterable[Problem]) -> bool:
        """Store what is known of the folders; say whether that is news."""
        passed_over = tr("not a pattern; it is passed over")
        wrong = (Problem(one, passed_over) for one in self._rules.wrong)
        self._folder_problems = tuple(dict.fromkeys((*problems, *wrong)))
        known = (dict(difference.folders), difference.mounted, self._folder_problems)
        if known == self._stored_folders:
            return False
        self._library.put_folders(*known)
        self._stored_folders = known
        return True

    def _drop(self, at: Collection[str]) -> None:
        """Drop which folders there were at these paths and below, and what was to be read there."""
        places = {path for path in at if path in self.directories}
        below = tuple(path + os.sep for path in places)
        self.directories -= places
        if below:
            self.directories = {one for one in self.directories if not one.startswith(below)}
        unread = [one for one in self._outdated if one.startswith(below)] if below else []
        for path in (*at, *unread):
            self._outdated.pop(path, None)
            self._new.discard(path)

    def _leave(self, found: Found, error: textfile.UnreadableError) -> bool:
        """Store why a note was not read; say whether that is anything new."""
        stored = self._library.stored_one(found.path)
        if isinstance(error, textfile.NotTextError):
            # What it held before is gone; a file that just cannot be read may still hold it.
            self._library.forget([found.path])
        elif isinstance(error, textfile.PlaceholderError) and stored is not None and stored.hash:
            # What was read of it holds. Whether it was changed in the cloud is seen afterwards.
            found = dataclasses.replace(found, signature=stored.signature)
            self._library.touch(found, young=stored.young)
            return False
        self._library.put_problem(found, str(error))
        return True

    def _count_tokens(self, text: str) -> int:
        self.give_way()
        return self._encoder.count_tokens(text)

    def _read(self, found: Found) -> bool:
        """Read a note and store what it says; say whether that is anything new."""
        self._new.discard(found.path)
        self._all_embedded = False
        young = _is_young(found.signature)
        try:
            content = textfile.read(Path(found.path))
        except FileNotFoundError:
            # Where its folder has gone too, that is found out by the next scan.
            if is_available(self._library, found.path, found.folder):
                self._library.forget([found.path])
            return True
        except textfile.UnreadableError as error:
            return self._leave(found, error)
        stored = self._library.stored_one(found.path)
        same = stored is not None and stored.hash == content.hash
        if stored is not None and same and not (stored.problem or stored.outgrown):
            self._library.touch(found, young=young)
            return stored.signature != found.signature
        stem = Path(found.path).stem
        try:
            note = read(content.text, stem, self._count_tokens, self._encoder.passage_tokens)
        except InterruptedError:
            raise
        except Exception as error:  # noqa: BLE001  # it must not keep all others from being read
            logger.error("A note could not be taken apart\n%s", report.describe(error))
            why = tr("could not be understood ({error})").format(error=type(error).__name__)
            self._library.put_problem(found, why)
            return True
        whole = _with(note, content.problem)
        self._library.put(found, content.hash, whole, _hashes(note), young=young)
        return True


class _Rate:
    """How fast notes are read or texts embedded, over the last half minute or so."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []
        self._done = 0

    def restart(self) -> None:
        self._marks = [(time.monotonic(), self._done)]

    def add(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if not self._marks or now - self._marks[-1][0] > 1:
            self._marks = [*self._marks[-30:], (now, self._done)]

    def seconds(self, left: int) -> float | None:
        """Return how long so many more will take; None before it can be told."""
        if left <= 0:
            return 0.0
        rate = self.per_second()
        return left / rate if rate else None

    def per_second(self) -> float:
        """Return how many were done in a second; 0 before it can be told."""
        if not self._marks:
            return 0.0
        since, done = self._marks[0]
        elapsed, made = time.monotonic() - since, self._done - done
        return made / elapsed if made >= ENOUGH_MADE and elapsed >= ENOUGH_SECONDS else 0.0


def _is_young(signature: Signature) -> bool:
    now = time.time()
    changed = (signature.mtime_ns, signature.ctime_ns)
    return any(abs(now - moment / 1e9) < YOUNG_SECONDS for moment in changed)


def _sayable(path: str) -> str:
    """Return a path, or where its name is not valid Unicode the folder that has a valid one."""
    while not ignore.is_unicode(path):
        path = str(Path(path).parent)
    return path


def _is_below(path: str, places: frozenset[str]) -> bool:
    return any(str(parent) in places for parent in Path(path).parents)


def _with(note: Note, problem: str) -> Note:
    """Add what was wrong with the file to what was wrong with its text."""
    said = "; ".join(part for part in (problem, note.problem) if part)
    return dataclasses.replace(note, problem=said)


def _hashes(note: Note) -> list[bytes]:
    """Hash what is embedded of each passage."""
    texts = (embedded_text(note.title, p.heading, p.text) for p in note.passages)
    return [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]


def _more(counts: Counts, embedded: int) -> Counts:
    """Count on without asking the database again; what is shared by copies comes at the end."""
    done = min(counts.embedded + embedded, counts.passages)
    return dataclasses.replace(counts, embedded=done, embeddings=counts.embeddings + embedded)


def _sound(vector: Vector) -> Vector:
    """Refuse what would poison every search: NaN sorts first, zero is near to everything."""
    if not np.isfinite(vector).all() or float(np.linalg.norm(vector)) < MIN_NORM:
        raise ModelError(tr("the model gave a vector that is not a direction"))
    return vector


def _lower_priority() -> None:
    """Let everything else on the machine go first. On Linux this concerns only the thread."""
    if hasattr(os, "setpriority") and sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
