"""Brings the library in line with the disk, in small steps: words first, then meaning."""

import contextlib
import dataclasses
import hashlib
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from notesearch.core import calibration, ignore, textfile
from notesearch.core.embedder import Encoder, ModelError, Vector
from notesearch.core.library import Counts, Found, Library, Stored
from notesearch.core.notes import Note, Problem, Progress, State
from notesearch.core.passages import embedded_text, read
from notesearch.core.vectors import VectorIndex

logger = logging.getLogger(__name__)

READ_SECONDS = 0.1
"""One step of reading takes about so long, and at least one note."""
FETCHED = 2_048
"""Texts without a vector that are fetched at once."""
BUILD_STEPS = 32
"""Embeddings added to the HNSW index in one step: some tens of milliseconds."""
MIN_NORM = 1e-6
ENOUGH_MADE, ENOUGH_SECONDS = 10, 2.0
"""What must be done before a rate is believed."""
RECALIBRATE_GROWTH = 1.25
"""The floor is measured anew when there are so many times the embeddings of the last time."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """How the disk differs from the library."""

    outdated: tuple[Found, ...]
    """New and changed notes, oldest first."""
    gone: tuple[str, ...]
    stale: int
    """Of the outdated and the gone, those that were read before or can be now, as far as known."""
    notes: int
    """All notes there are, those of unavailable folders included."""
    problems: tuple[Problem, ...]
    """What could not be looked into; what is known of it is kept."""


def compare(library: Library, folders: Sequence[Path]) -> Difference:
    """Compare the folders with the library. Reads no note; folders must not be nested."""
    stored = library.stored()
    problems: list[Problem] = []
    found: dict[str, Found] = {}
    for folder in folders:
        if not _is_there(folder):
            problems.append(Problem(str(folder), "the folder is not there; its notes are kept"))
            continue
        for one in ignore.walk(folder):
            if isinstance(one, Problem):
                problems.append(one)
            else:
                found[one.path] = one
    closed = tuple(problem.path + os.sep for problem in problems)
    missing = stored.keys() - found.keys()
    shut = {problem.path for problem in problems}
    kept = {path for path in missing if path in shut or path.startswith(closed)}
    outdated = [one for one in found.values() if _differs(one, stored.get(one.path))]
    unreadable = {path for path, one in stored.items() if not one.hash}
    gone = missing - kept
    return Difference(
        outdated=tuple(sorted(outdated, key=lambda one: one.signature.mtime_ns)),
        gone=tuple(sorted(gone)),
        stale=sum(one.path not in unreadable for one in outdated) + len(gone),
        notes=len(found) + len(kept),
        problems=tuple(problems),
    )


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
        self._folders = ignore.outermost(folders)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, "embedding", _lower_priority)
        self._outdated: list[Found] = []
        self._notes = 0
        self._folder_problems = 0
        self._texts: list[tuple[bytes, str]] = []
        self._counts: Counts | None = None
        self._rate = _Rate()
        self._settled = False

    def close(self) -> None:
        """Wait for the texts that are being embedded and end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def use(self, folders: Sequence[Path]) -> None:
        """Take other folders; the next scan goes by them."""
        self._folders = ignore.outermost(folders)

    # Steps --------------------------------------------------------------------------------

    def scan(self) -> None:
        """Find out what is outdated: new and changed notes to read, and those to forget.

        A folder that is not there is unavailable, which is not the same as empty: its notes stay.
        """
        difference = compare(self._library, self._folders)
        self._library.forget(difference.gone)
        self._library.put_folder_problems(difference.problems)
        self._outdated = list(difference.outdated)
        self._notes = difference.notes
        self._folder_problems = len(difference.problems)
        self._counts, self._texts, self._settled = None, [], False
        self._rate.restart()

    def read_some(self) -> bool:
        """Read outdated notes, newest first, and store their words; say whether there were any."""
        if not self._outdated:
            return False
        self._rate.restart()
        until = time.monotonic() + READ_SECONDS
        with self._library.together():
            while self._outdated and time.monotonic() < until:
                self._read(self._outdated.pop())
        self._counts, self._texts, self._settled = None, [], False
        return True

    def embed_some(self) -> bool:
        """Embed a passage for each thread, newest notes first; say whether there were any.

        Raises ModelError when the model fails, InterruptedError when it was stopped.
        """
        if not self._texts:
            self._texts = [
                (text_hash, embedded_text(title, heading, text))
                for text_hash, title, heading, text in self._library.unembedded(FETCHED)
            ][::-1]
            self._texts = list(dict(self._texts).items())
        if not self._texts:
            self._counts = None
            return False
        batch = [self._texts.pop() for _ in range(min(2 * self._threads, len(self._texts)))]
        embedding = self._pool.map(self._encoder.embed_passage, [text for _, text in batch])
        # Twice the pace at which new ones come, so that the index catches up.
        building = self._pool.submit(self._index.build, 2 * len(batch))
        vectors = list(embedding)
        building.result()
        rows = [(one[0], _sound(vector)) for one, vector in zip(batch, vectors, strict=True)]
        for key, (_, vector) in zip(self._library.put_vectors(rows), rows, strict=True):
            self._index.add(key, vector)
        self._rate.add(len(batch))
        if self._counts is not None:
            self._counts = _more(self._counts, len(batch))
        self._settled = False
        return True

    def settle(self) -> bool:
        """Do what is left when everything is read and embedded; say whether there is more."""
        if self._settled:
            return False
        if self._index.build(BUILD_STEPS):
            return True
        gone = self._library.purge()
        for key in gone:
            self._index.remove(key)
        if gone:
            # Many removals make the index be built anew, which is the next steps' work.
            return True
        self.calibrate(grown=1.0)
        self._library.save_index(self._index)
        self._library.set_meta(current_at=time.time())
        self._settled, self._counts = True, None
        return False

    def calibrate(self, grown: float = RECALIBRATE_GROWTH) -> None:
        """Measure the floor anew if the library has grown so much since the last time."""
        count, last = len(self._index), self._library.meta("floor_count")
        generation = self._library.meta("generation") or 0
        if not count or self._library.meta("floor_generation") == generation:
            return
        if isinstance(last, int) and last <= count < last * grown:
            return
        probes = self._library.meta("probes")
        if isinstance(probes, bytes):
            vectors = np.frombuffer(probes, np.float32).reshape(-1, self._encoder.dimension)
        else:
            vectors = np.stack([self._encoder.embed_query(p) for p in self._encoder.probes])
            self._library.set_meta(probes=vectors.tobytes())
        floor = calibration.floor(self._index.best_of(vectors))
        self._library.set_meta(floor=floor, floor_count=count, floor_generation=generation)

    # What it says -------------------------------------------------------------------------

    def progress(self) -> Progress:
        """Say how far the library is in line with the disk."""
        counts = self._counts = self._counts or self._library.counts()
        unread = len(self._outdated)
        waiting = counts.passages - counts.embedded
        state = State.READING if unread else State.EMBEDDING if waiting else State.CURRENT
        return Progress(
            state=state,
            notes=max(self._notes, counts.notes),
            unread=unread,
            passages=counts.passages,
            embedded=counts.embedded,
            problems=counts.problems + self._folder_problems,
            seconds_left=self._rate.seconds(waiting) if not unread else None,
        )

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that cannot be searched, or only in part, and why."""
        return self._library.problems()

    # Inside -------------------------------------------------------------------------------

    def _read(self, found: Found) -> None:
        try:
            content = textfile.read(Path(found.path))
        except FileNotFoundError:
            self._library.forget([found.path])
            return
        except textfile.NotTextError as error:
            # What it held before is gone; a file that just cannot be read may still hold it.
            self._library.forget([found.path])
            self._library.put_problem(found, str(error))
            return
        except textfile.UnreadableError as error:
            self._library.put_problem(found, str(error))
            return
        stored = self._library.stored_one(found.path)
        if stored is not None and stored.hash == content.hash and not stored.problem:
            self._library.touch(found)
            return
        stem = Path(found.path).stem
        try:
            note = read(
                content.text, stem, self._encoder.count_tokens, self._encoder.passage_tokens
            )
        except Exception as error:  # one strange note must not keep all others from being read
            logger.exception("A note could not be taken apart")
            self._library.put_problem(found, f"could not be understood ({type(error).__name__})")
            return
        self._library.put(found, content.hash, _with(note, content.problem), _hashes(note))


class _Rate:
    """How fast texts are embedded, over the last half minute or so."""

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
        if not self._marks:
            return None
        since, done = self._marks[0]
        elapsed, made = time.monotonic() - since, self._done - done
        return left * elapsed / made if made >= ENOUGH_MADE and elapsed >= ENOUGH_SECONDS else None


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


def _differs(found: Found, stored: Stored | None) -> bool:
    return stored is None or stored.signature != found.signature or stored.folder != found.folder


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
        raise ModelError("the model gave a vector that is not a direction")
    return vector


def _lower_priority() -> None:
    """Let everything else on the machine go first. On Linux this concerns only the thread."""
    if hasattr(os, "setpriority") and sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
