"""The threads of the program: one keeps the library in line with the disk, one answers.

What the window talks to. The command line uses the same Writer and Reader without threads.
"""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from notesearch.core import report
from notesearch.core.access import BusyError, LoadEncoder, Reader, Writer, erase, library_folder
from notesearch.core.answering import Answering
from notesearch.core.database import DATABASE, DamagedError, LibraryError, is_passing
from notesearch.core.embedder import Encoder, ModelError
from notesearch.core.library import Library
from notesearch.core.notes import (
    Carried,
    Explanation,
    Failure,
    Followed,
    Hit,
    Outdated,
    Passages,
    Preview,
    Problem,
    Progress,
    Related,
    Results,
    State,
    Whereabouts,
)
from notesearch.core.power import on_battery
from notesearch.core.questions import (
    Asked,
    Carry,
    Follow,
    Glance,
    Miss,
    Question,
    Relate,
    Rest,
    Retire,
    Spread,
)
from notesearch.core.upkeep import TRY_AGAIN_SECONDS, Orders, Upkeep, with_reasons
from notesearch.core.vectors import VectorIndex
from notesearch.paths import UserPaths
from notesearch.settings import Settings
from notesearch.translation import tr

logger = logging.getLogger(__name__)

Message = (
    Results | Preview | Followed | Explanation | Related | Whereabouts | Passages | Carried
    | Outdated | Progress | tuple[Problem, ...] | Problem | Failure
)  # fmt: skip
"""What the listener is told: an answer, a note beside it, one that a link leads to, why it is
there, what is near it, where a note is that was missed, which further passages of one match, which
words carried its meaning, what patterns would leave out, which notes have changed since they were
read, how far reading is, all that cannot be searched, why the program cannot go on, or something
that nobody expected."""

RETRY_SECONDS = 2.0
WAIT_SECONDS = 0.1
"""A question waits in such steps for a library that is being opened."""
REOPEN_SECONDS = 0.5
STOP_SECONDS = 10.0
MAX_CARRIED = 12
"""Rows of a list of which it is said what carried their meaning: each takes a run of the model."""


class Engine:
    """Keeps a library current and answers, in two threads of its own.

    Every value goes to the listener, which is called in those threads.
    """

    def __init__(
        self, paths: UserPaths, load: LoadEncoder, settings: Settings,
        listener: Callable[[Message], None], *, power: Callable[[], bool] = on_battery,
    ) -> None:  # fmt: skip
        """power: says whether the machine runs on battery."""
        self._paths = paths
        self._load = load
        self._listener = listener
        self._power = power
        self._orders = Orders(settings)
        self._asked = Asked()
        self._answers = Answering(
            self._asked, self._orders, listener, self._suspect, self._tell_unexpected
        )
        self._closed = ""
        """Why the library cannot be opened for searching, as it was told."""
        self._opened = threading.Event()
        self._encoder: Encoder | None = None
        self._index: VectorIndex | None = None
        self._answering: Library | None = None
        self._answering_lock = threading.Lock()
        self._taken_over: object = None
        """File and generation of the library whose vectors another process has made."""
        self._workers = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in (("indexing", self._keep_current), ("searching", self._answer))
        ]

    def start(self) -> None:
        """Start reading and answering."""
        for worker in self._workers:
            worker.start()

    def search(self, text: str, limit: int, *, again: bool = False) -> None:
        """Ask for an answer to a text; for none, the recent notes. Older questions become void.

        again: what is shown answers this text already, so that only the whole answer is of use.
        """
        self._orders.asked_at = time.monotonic()
        self._asked.put(Question(text, limit, again))
        with self._answering_lock:
            if self._answering is not None:
                self._answering.db.interrupt()

    def preview(self, hit: Hit, text: str) -> None:
        """Ask for the note of a hit, with what matches a text in it, and why it does."""
        self._asked.put(Glance(hit, text))

    def follow(self, source: Path, folder: Path, target: str) -> None:
        """Ask for the note that a link leads to; it comes as Followed."""
        self._asked.put(Follow(source, folder, target))

    def relate(self, hit: Hit) -> None:
        """Ask which notes are near the note of a hit."""
        self._asked.put(Relate(hit))

    def find_out(self, text: str, name: str) -> None:
        """Ask why a note, by its path, title or part of it, is not in the answer to a text."""
        self._asked.put(Miss(text, name))

    def passages(self, hit: Hit, text: str) -> None:
        """Ask which further passages of the note of a hit match a text."""
        self._asked.put(Spread(hit, text))

    def carry(self, hits: Sequence[Hit], text: str) -> None:
        """Ask which words carried the meaning of each of some rows, in their order.

        They are told one by one, when nothing else is asked; a newer list takes the place of this.
        """
        near = tuple(hit for hit in hits if hit.cosine > 0)
        self._asked.put(Carry(near[:MAX_CARRIED], text))

    def apply(self, settings: Settings) -> None:
        """Go by other settings from now on."""
        self._orders.settings = settings
        self._orders.wake.set()

    def refresh(self) -> None:
        """Compare everything with the disk."""
        self._orders.hints.lose()

    def retry(self, path: str) -> None:
        """Look at a file or folder again, whatever its times say; without a path, at everything."""
        if path:
            self._orders.hints.add(path)
        else:
            self._orders.hints.lose()

    def read_anyway(self) -> None:
        """Go on though the machine runs on battery, until it was plugged in once."""
        self._orders.read_anyway = True
        self._orders.wake.set()

    def pause(self) -> None:
        """Stop reading and embedding; what changes is taken up later."""
        self._orders.paused = True
        self._orders.wake.set()

    def resume(self) -> None:
        """Go on with it."""
        self._orders.paused = False
        self._orders.wake.set()

    def stop(self) -> None:
        """End both threads; what was read and embedded is stored."""
        self._orders.stopping.set()
        self._orders.wake.set()
        self._asked.close()
        if self._encoder is not None:
            self._encoder.stop()
        with self._answering_lock:
            if self._answering is not None:
                self._answering.db.interrupt()
        until = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            if worker.is_alive():
                worker.join(max(0.0, until - time.monotonic()))

    def erase(self) -> str:
        """Remove all that is stored of notes, after stop(); return what went wrong, or ''."""
        try:
            erase(self._paths)
        except (BusyError, LibraryError) as error:
            return str(error)
        return ""

    def _guard(self, work: Callable[[], None]) -> None:
        """Run a thread's work; what nobody expected is logged and shown, never swallowed."""
        try:
            work()
        except InterruptedError:
            return
        except (ModelError, LibraryError, BusyError) as error:
            logger.error("%s", error)  # expected trouble, told in full
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  # a thread must not end in silence
            self._tell_unexpected(error)
            self._fail(tr("Something unexpected happened. Your notes have not been touched; "
                          "start notesearch again to go on."))  # fmt: skip

    def _fail(self, reason: str) -> None:
        self._listener(Progress(State.FAILED))
        self._listener(Problem("", reason))

    def _tell_unexpected(self, error: Exception) -> None:
        logger.error("Unexpected\n%s", report.describe(error))
        self._listener(Failure(report.full_report(error)))

    # The indexing thread ------------------------------------------------------------------

    def _keep_current(self) -> None:
        self._listener(Progress(State.STARTING))
        self._encoder = self._load()
        while not self._orders.stopping.is_set():
            settings = self._orders.settings
            try:
                writer = Writer(self._paths, self._encoder, settings.paths,
                                threads=settings.indexing_threads)  # fmt: skip
            except BusyError:
                self._watch_other(self._encoder, State.ELSEWHERE)
                self._orders.stopping.wait(RETRY_SECONDS)
                continue
            except LibraryError as error:
                # A full disk, a folder that may not be written: what was read can be searched.
                logger.warning("%s", error)
                self._watch_other(self._encoder, State.FAILED)
                again = tr("{error}. It is tried again every half a minute").format(error=error)
                self._listener(Problem("", again))
                self._orders.stopping.wait(TRY_AGAIN_SECONDS)
                continue
            self._index_with(writer)

    def _index_with(self, writer: Writer) -> None:
        """Keep the library current until the program ends or the library turns out damaged."""
        if writer.library.mended:
            self._listener(Problem("", writer.library.mended))
        try:
            with writer:
                self._index = writer.index
                self._opened.set()
                Upkeep(writer.indexer, self._orders, self._listener, self._power).run()
        except DamagedError as error:
            logger.error("%s", error)
            self._listener(Progress(State.STARTING))
            # Its file is about to be replaced, which an open one cannot be everywhere.
            self._opened.clear()
            retire = Retire()
            self._asked.put(retire)
            searching = self._workers[1]
            while searching.is_alive() and not retire.done.wait(WAIT_SECONDS):
                if self._orders.stopping.is_set():
                    return
            if not writer.library.condemned:
                # It would be opened again as it is.
                why = tr(
                    "{error}, and it cannot be made anew: see that there is room, and the right to "
                    "write"
                ).format(error=error)
                self._listener(Problem("", why))
                self._orders.stopping.wait(TRY_AGAIN_SECONDS)

    def _watch_other(self, encoder: Encoder, state: State) -> None:
        """Take over what another process, or an earlier one, has made, and say how far that is."""
        suspect, self._orders.suspect = self._orders.suspect, None
        folder = library_folder(self._paths, encoder)
        if suspect is not None:
            logger.error("An answer failed: %s", report.describe(suspect))
            unread = tr("What is stored in {folder} cannot be read. "
                        "`notesearch doctor --repair` puts that right")  # fmt: skip
            self._listener(Problem("", unread.format(folder=folder)))
        try:
            library = Library(folder, encoder.identity, writable=False)
        except (FileNotFoundError, LibraryError) as error:
            # Not there yet, or just being made.
            self._listener(Progress(state))
            if isinstance(error, DamagedError):
                self._listener(Problem("", str(error)))
            return
        try:
            self._take_over(library, encoder, state)
        except (sqlite3.Error, OSError, ValueError) as error:
            logger.warning("The library cannot be read: %s", type(error).__name__)
            self._listener(Progress(state))
        finally:
            library.close()

    def _take_over(self, library: Library, encoder: Encoder, state: State) -> None:
        # Another file, too, where the other process has made the library anew.
        made = ((library.folder / DATABASE).stat().st_ino, library.meta("generation"))
        if self._index is None or made != self._taken_over:
            index = VectorIndex(encoder.dimension)
            library.load_index(index)
            self._index, self._taken_over = index, made
        counts, problems = library.counts(), library.problems()
        unwatched = json.loads(str(library.meta("unwatched") or "{}"))
        folders = with_reasons(library.folders(), unwatched)
        changed_at = library.meta("changed_at")
        self._opened.set()
        self._listener(Progress(
            state, counts.notes, 0, counts.passages, counts.embedded, len(problems),
            folders=folders, changed_at=changed_at if isinstance(changed_at, float) else 0.0,
        ))  # fmt: skip
        self._listener(problems)

    # The searching thread -----------------------------------------------------------------

    def _answer(self) -> None:
        reader: Reader | None = None
        try:
            while (asked := self._asked.get()) is not None:
                if isinstance(asked, Retire | Rest):
                    reader = self._let_go(reader, asked)
                    continue
                if not self._opened.wait(WAIT_SECONDS):
                    self._asked.put_back(asked)
                    continue
                if reader is None or reader.index is not self._index:
                    self._retire(reader)
                    reader = self._open_reader()
                if reader is not None:
                    self._answers.serve(reader, asked)
                elif not self._orders.stopping.wait(REOPEN_SECONDS):
                    self._asked.put_back(asked)
        finally:
            self._retire(reader)

    def _let_go(self, reader: Reader | None, asked: Retire | Rest) -> Reader | None:
        """Close the library, or let go of what is kept of it in memory."""
        if isinstance(asked, Retire):
            self._retire(reader)
            asked.done.set()
            return None
        if reader is not None:
            reader.rest()
        return reader

    def _open_reader(self) -> Reader | None:
        """Open the library for searching; None where it is not sound or just being made anew."""
        assert self._encoder is not None
        try:
            reader = Reader(self._paths, self._encoder, self._index)
        except (FileNotFoundError, LibraryError) as error:
            if str(error) != self._closed:
                self._closed = str(error)
                logger.warning("%s", error)
                self._listener(Problem("", str(error)))
            cause = error.__cause__
            if isinstance(cause, sqlite3.Error) and not is_passing(cause):
                self._suspect(cause)
            return None
        self._closed = ""
        with self._answering_lock:
            self._answering = reader.library
        return reader

    def _suspect(self, error: sqlite3.Error) -> None:
        """Let the indexing thread look whether the library is sound; if so, the error is told."""
        self._orders.suspect = error
        self._orders.wake.set()

    def _retire(self, reader: Reader | None) -> None:
        """Close a reader, once nobody can interrupt it any more."""
        with self._answering_lock:
            self._answering = None
        if reader is not None:
            reader.close()
