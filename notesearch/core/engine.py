"""The threads of the program: one keeps the library in line with the disk, one answers.

What the window talks to. The command line uses the same Writer and Reader without threads.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from notesearch.core import query as query_parser
from notesearch.core.database import LibraryError
from notesearch.core.embedder import Embedder, Encoder, ModelError
from notesearch.core.indexer import Indexer
from notesearch.core.library import Library
from notesearch.core.notes import Mode, Problem, Progress, Results, State
from notesearch.core.searcher import Searcher
from notesearch.core.vectors import EXACT_BELOW, VectorIndex
from notesearch.paths import UserPaths

logger = logging.getLogger(__name__)

Message = Results | Progress | tuple[Problem, ...] | Problem
"""What the listener is told: an answer, how far reading is, all that cannot be searched, or a
failure of the program itself."""

LoadEncoder = Callable[[], Encoder]

REPORT_SECONDS = 0.25
RETRY_SECONDS = 2.0
STOP_SECONDS = 10.0
MAX_TRIES = 5


class BusyError(Exception):
    """Another notesearch is bringing the library up to date."""


def load_encoder(model: Path, paths: UserPaths) -> Encoder:
    """Load the model that comes with the program. Raises ModelError."""
    return Embedder(model, checked=paths.checked_models)


def library_folder(paths: UserPaths, encoder: Encoder) -> Path:
    """Return where the library of a model is."""
    return paths.library(encoder.name, encoder.identity)


class Writer:
    """The one who may change the library: the lock, the library, its index and an indexer."""

    def __init__(
        self, paths: UserPaths, encoder: Encoder, folders: Sequence[Path], *, threads: int,
        exact_below: int = EXACT_BELOW,
    ) -> None:  # fmt: skip
        """Open the library for writing.

        Raises BusyError where another process has it, LibraryError where it cannot be opened.
        """
        self._lock = filelock.FileLock(paths.lock, thread_local=False)
        try:
            paths.lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise BusyError("another notesearch is bringing the library up to date") from error
        except OSError as error:
            raise LibraryError(f"the folder {paths.data} cannot be written: {error}") from error
        try:
            folder = library_folder(paths, encoder)
            self.library = Library(folder, encoder.identity, writable=True)
        except LibraryError:
            self._lock.release()
            raise
        self.index = VectorIndex(encoder.dimension, exact_below=exact_below)
        self.library.load_index(self.index)
        self.indexer = Indexer(self.library, self.index, encoder, folders, threads=threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.indexer.close()
        self.library.close()
        self._lock.release()


class Reader:
    """One who only searches: never writes, never rebuilds, and needs no lock."""

    def __init__(
        self, paths: UserPaths, encoder: Encoder, index: VectorIndex | None = None
    ) -> None:
        """Open the library for reading, with an index of one's own or one that is shared.

        Raises FileNotFoundError where there is no library yet, LibraryError.
        """
        folder = library_folder(paths, encoder)
        self.library = Library(folder, encoder.identity, writable=False)
        if index is None:
            index = VectorIndex(encoder.dimension)
            self.library.load_index(index)
        self.index = index
        self.searcher = Searcher(self.library, index, encoder)

    def close(self) -> None:
        """Close the library."""
        self.library.close()


class Engine:
    """Keeps a library current and answers, in two threads of its own.

    Every value goes to the listener, which is called in those threads.
    """

    def __init__(
        self, paths: UserPaths, load: LoadEncoder, folders: Sequence[Path],
        listener: Callable[[Message], None], *, threads: int,
    ) -> None:  # fmt: skip
        self._paths = paths
        self._load = load
        self._folders = tuple(folders)
        self._listener = listener
        self._threads = threads
        self._asked: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._opened = threading.Event()
        self._encoder: Encoder | None = None
        self._index: VectorIndex | None = None
        self._answering: Library | None = None
        self._answering_lock = threading.Lock()
        self._taken_over: object = None
        """Generation of the library whose vectors were taken over from another process."""
        self._last_problems: tuple[Problem, ...] | None = None
        self._workers = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in (("indexing", self._keep_current), ("searching", self._answer))
        ]

    def start(self) -> None:
        """Start reading and answering."""
        for worker in self._workers:
            worker.start()

    def search(self, text: str, limit: int) -> None:
        """Ask for an answer to a text. A newer question makes an older one void."""
        self._asked.put((text, limit))
        with self._answering_lock:
            if self._answering is not None:
                self._answering.db.interrupt()

    def refresh(self, folders: Sequence[Path] | None = None) -> None:
        """Look at the disk again, with other folders where they are given."""
        if folders is not None:
            self._folders = tuple(folders)
        self._wake.set()

    def stop(self) -> None:
        """End both threads; what was read and embedded is stored."""
        self._stopping.set()
        self._wake.set()
        self._asked.put(None)
        encoder = self._encoder
        if isinstance(encoder, Embedder):
            encoder.stop()
        until = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            if worker.is_alive():
                worker.join(max(0.0, until - time.monotonic()))

    def _guard(self, work: Callable[[], None]) -> None:
        """Run a thread's work; what nobody expected is logged and shown, never swallowed."""
        try:
            work()
        except InterruptedError:
            return
        except (ModelError, LibraryError, BusyError) as error:
            logger.error("%s", error)  # expected trouble, told in full
            self._fail(str(error))
        except Exception as error:
            logger.exception("A thread ended unexpectedly")
            self._fail(f"Something unexpected happened ({type(error).__name__}: {error}). "
                       "The log has the details.")  # fmt: skip

    def _fail(self, reason: str) -> None:
        self._listener(Progress(State.FAILED))
        self._listener(Problem("", reason))

    # The indexing thread ------------------------------------------------------------------

    def _keep_current(self) -> None:
        self._listener(Progress(State.STARTING))
        self._encoder = self._load()
        while not self._stopping.is_set():
            try:
                writer = Writer(self._paths, self._encoder, self._folders, threads=self._threads)
            except BusyError:
                self._watch_other(self._encoder)
                continue
            with writer:
                self._index = writer.index
                self._opened.set()
                self._work(writer)

    def _watch_other(self, encoder: Encoder) -> None:
        """While another process writes: take over what it has made, and try again later."""
        try:
            library = Library(library_folder(self._paths, encoder), encoder.identity,
                              writable=False)  # fmt: skip
        except (FileNotFoundError, LibraryError):
            # Not there yet, or just being made.
            self._wake.clear()
            self._stopping.wait(RETRY_SECONDS)
            return
        if self._index is None or library.meta("generation") != self._taken_over:
            index = VectorIndex(encoder.dimension)
            library.load_index(index)
            self._index, self._taken_over = index, library.meta("generation")
        counts = library.counts()
        library.close()
        self._opened.set()
        self._listener(Progress(State.ELSEWHERE, counts.notes, 0, counts.passages,
                                counts.embedded, counts.problems))  # fmt: skip
        self._wake.wait(RETRY_SECONDS)
        self._wake.clear()

    def _work(self, writer: Writer) -> None:
        indexer = writer.indexer
        reported = 0.0
        self._wake.set()
        while not self._stopping.is_set():
            if self._wake.is_set():
                self._wake.clear()
                indexer.use(self._folders)
                indexer.scan()
            busy = indexer.read_some() or self._embed(indexer) or indexer.settle()
            now = time.monotonic()
            if not busy or now - reported >= REPORT_SECONDS:
                progress = indexer.progress()
                self._listener(progress)
                problems = indexer.problems() if not busy or not reported else None
                if problems is not None and problems != self._last_problems:
                    self._last_problems = problems
                    self._listener(problems)
                reported = now
            if not busy:
                self._wake.wait()

    def _embed(self, indexer: Indexer) -> bool:
        busy = indexer.embed_some()
        if busy:
            indexer.calibrate()
        return busy

    # The searching thread -----------------------------------------------------------------

    def _answer(self) -> None:
        reader: Reader | None = None
        try:
            while (asked := self._newest(self._asked.get())) is not None:
                while not self._opened.wait(0.1):
                    if self._stopping.is_set():
                        return
                assert self._encoder is not None
                if reader is None or reader.index is not self._index:
                    self._retire(reader)
                    reader = Reader(self._paths, self._encoder, self._index)
                    with self._answering_lock:
                        self._answering = reader.library
                self._answer_one(reader.searcher, *asked)
        finally:
            self._retire(reader)

    def _retire(self, reader: Reader | None) -> None:
        """Close a reader, once nobody can interrupt it any more."""
        with self._answering_lock:
            self._answering = None
        if reader is not None:
            reader.close()

    def _answer_one(self, searcher: Searcher, text: str, limit: int) -> None:
        """Answer by words first, then by both; leave off as soon as something newer is asked."""
        query = query_parser.parse(text, typing=True)
        for mode in (Mode.WORDS, Mode.BOTH):
            results, tries = None, 0
            while results is None:
                if not self._asked.empty() or self._stopping.is_set():
                    return
                try:
                    results = searcher.search(query, limit=limit, mode=mode)
                except sqlite3.OperationalError as error:
                    # Where nothing newer is asked, the interruption was meant for the last one.
                    # It is not always called so: it can hit while a table is being opened.
                    tries += 1
                    if "interrupted" not in str(error) and tries > MAX_TRIES:
                        raise
            self._listener(replace(results, final=mode is Mode.BOTH))

    def _newest(self, asked: tuple[str, int] | None) -> tuple[str, int] | None:
        while asked is not None and not self._asked.empty():
            asked = self._asked.get()
        return asked
