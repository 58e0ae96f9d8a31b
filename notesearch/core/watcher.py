"""The file system's events, as hints: paths that may have changed. The disk is what counts."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from notesearch.core.ignore import is_note, is_searched

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

logger = logging.getLogger(__name__)

QUIET_SECONDS = 0.5
"""A burst of events is over when there was none for so long."""
MAX_SECONDS = 3.0
"""So long does a burst that does not end keep its paths waiting."""
JOIN_SECONDS = 2.0


class Hints:
    """Paths that may have changed, gathered from any thread until a burst of events is over."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """wake: called, in the thread that adds, when there is something to be waited for."""
        self._wake = wake
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._first = self._last = 0.0
        self._lost = False

    def add(self, path: str) -> None:
        """Note that something may have changed at a path or below it."""
        with self._lock:
            self._last = time.monotonic()
            if not self._paths:
                self._first = self._last
            self._paths.add(path)
        self._wake()

    def lose(self) -> None:
        """Note that events were lost: anything may have changed."""
        with self._lock:
            self._lost = True
        self._wake()

    def due(self) -> float | None:
        """Return in how many seconds the burst is over; None where nothing is waiting."""
        with self._lock:
            if self._lost:
                return 0.0
            if not self._paths:
                return None
            until = min(self._last + QUIET_SECONDS, self._first + MAX_SECONDS)
            return max(0.0, until - time.monotonic())

    def take(self) -> tuple[frozenset[str], bool]:
        """Return the paths, and whether events were lost; start anew."""
        with self._lock:
            taken = frozenset(self._paths), self._lost
            self._paths, self._lost = set(), False
            return taken


@dataclass(frozen=True, slots=True)
class _Watched:
    watch: "ObservedWatch"
    identity: tuple[int, int]
    """Device and inode of the folder when the watch began."""


class Watcher:
    """Watches folders and what is below them. Called from one thread; hints come from others."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._observer: BaseObserver | None = None
        self._threads: list[threading.Thread] = []
        """Those of watchdog's threads that all folders depend on."""
        self._watched: dict[Path, _Watched] = {}
        self._missing: set[Path] = set()
        self.unwatched: dict[Path, str] = {}
        """Folders that are there but cannot be watched, and why."""
        self._overflow = _Overflow(hints.lose)
        logging.getLogger("watchdog.observers").addHandler(self._overflow)

    def watch(self, folders: Sequence[Path]) -> bool:
        """Watch these folders, as far as they are there. To be called again every few seconds.

        Returns whether something began or ended, so that the folders are to be looked at: what
        happened while nothing watched was not noticed.
        """
        changed = self._end_broken()
        self.unwatched = {f: why for f, why in self.unwatched.items() if f in folders}
        before = self._missing
        self._missing = {folder for folder in folders if _identity(folder) is None}
        changed = changed or before != self._missing
        for folder in self._watched.keys() - set(folders):
            self._forget(folder)
        for folder in folders:
            identity = _identity(folder)
            known = self._watched.get(folder)
            if known is not None and known.identity != identity:
                self._forget(folder)
                changed = True
            if identity is not None and folder not in self._watched:
                changed = self._begin(folder, identity) or changed
        return changed

    def close(self) -> None:
        """Stop watching."""
        logging.getLogger("watchdog.observers").removeHandler(self._overflow)
        self._end()

    def _end(self) -> None:
        observer, self._observer = self._observer, None
        self._watched.clear()
        if observer is not None:
            observer.stop()
            observer.join(JOIN_SECONDS)

    def _end_broken(self) -> bool:
        """End everything when one of watchdog's threads has died; say whether that was so.

        One that has, for instance because its folder was removed, says nothing more, for ever.
        """
        if self._observer is None:
            return False
        threads = [*self._threads, *self._observer.emitters]
        broken = not all(thread.is_alive() for thread in threads)
        if broken:
            logger.info("Watching had ended by itself and begins anew")
            self._end()
        return broken

    def _start(self) -> "BaseObserver":
        from watchdog.observers import Observer  # noqa: PLC0415  # late, see _begin()

        before = set(threading.enumerate())
        observer = Observer()
        observer.start()
        new = set(threading.enumerate()) - before
        self._threads = [t for t in new if type(t).__module__.startswith("watchdog")]
        return observer

    def _begin(self, folder: Path, identity: tuple[int, int]) -> bool:
        # Late: it takes a tenth of a second, and the window is to be there first.
        from watchdog import events  # noqa: PLC0415

        wanted: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent,
            events.FileDeletedEvent, events.FileClosedEvent, events.DirCreatedEvent,
            events.DirMovedEvent, events.DirDeletedEvent,
        ]  # fmt: skip
        handler = _Handler(folder, self._hints.add)
        try:
            if self._observer is None:
                self._observer = self._start()
            # Reading a note opens and closes it: without the filter that would be an event too.
            watch = self._observer.schedule(
                handler, str(folder), recursive=True, event_filter=wanted  # type: ignore[arg-type]
            )  # fmt: skip
        except OSError as error:
            new = folder not in self.unwatched
            self.unwatched[folder] = error.strerror or str(error)
            if new:
                logger.warning("A folder cannot be watched: %s", error.strerror)
            return new
        self.unwatched.pop(folder, None)
        self._watched[folder] = _Watched(watch, identity)
        return True

    def _forget(self, folder: Path) -> None:
        known = self._watched.pop(folder)
        if self._observer is None:
            return
        try:
            self._observer.unschedule(known.watch)
        except (KeyError, OSError):  # the folder went, and its watch with it
            logger.info("A watch had ended by itself")


class _Handler:
    """What watchdog calls with each event, in its own thread."""

    def __init__(self, folder: Path, hint: Callable[[str], None]) -> None:
        self._folder = folder
        self._hint = hint

    def dispatch(self, event: "FileSystemEvent") -> None:
        """Hint at where something was and where it is now; what kind of event it is is dropped."""
        for raw in (event.src_path, event.dest_path):
            path = os.fsdecode(raw)
            if path and self._matters(path, event):
                self._hint(path)

    def _matters(self, path: str, event: "FileSystemEvent") -> bool:
        """Say whether a note can be meant. A folder that went may be called a file (Windows)."""
        where = Path(path)
        if where == self._folder or not where.is_relative_to(self._folder):
            return False
        *parents, name = where.relative_to(self._folder).parts
        folder_like = event.is_directory or event.event_type == "deleted"
        wanted = is_note(name) or (folder_like and is_searched(name, ""))
        return wanted and all(is_searched(parent, "") for parent in parents)


class _Overflow(logging.Handler):
    """Watchdog tells of lost events in its log only."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def emit(self, record: logging.LogRecord) -> None:
        del record
        self._lost()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if folder.is_dir() else None
