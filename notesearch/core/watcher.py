"""The file system's events, as hints: paths that may have changed. The disk is what counts.

Where hints cannot be relied on, because a folder has no watch or other machines change it too, the
reason is said.
"""

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from notesearch.core.ignore import concerned, is_note, is_searched, stands_for
from notesearch.core.library import below
from notesearch.core.mounts import Mount, mounts, reason_of_drive
from notesearch.core.patterns import IGNORE_FILE
from notesearch.translation import tr

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

logger = logging.getLogger(__name__)

QUIET_SECONDS = 0.5
"""A burst of events is over when there was none for so long."""
MAX_SECONDS = 3.0
"""So long does a burst that does not end keep its paths waiting."""
JOIN_SECONDS = 2.0

_LIMITS = {
    errno.ENOSPC: tr("the system's limit of watched folders (fs.inotify.max_user_watches) is "
                     "reached and should be raised"),
    errno.EMFILE: tr("the system's limit of watching programs (fs.inotify.max_user_instances) is "
                     "reached and should be raised"),
}  # fmt: skip


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
class _Identity:
    """What tells that a folder is the one on which a watch began."""

    device: int
    inode: int
    mounts: tuple[Mount, ...]
    """What is mounted inside it: no event tells that, and a watch stays with what lies below."""


@dataclass(frozen=True, slots=True)
class _Watched:
    watch: "ObservedWatch"
    identity: _Identity


class Watcher:
    """Watches folders and what is below them. Called from one thread; hints come from others."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._observer: BaseObserver | None = None
        self._threads: list[threading.Thread] = []
        """Those of watchdog's threads that all folders depend on."""
        self._watched: dict[Path, _Watched] = {}
        self._missing: set[Path] = set()
        self._mounts: tuple[Mount, ...] = ()
        self._failed: dict[Path, str] = {}
        self._partial: dict[Path, str] = {}
        self._remote: dict[Path, str] = {}
        self._without_watch: dict[Path, frozenset[str]] = {}
        """What had no watch when it was last looked; made a moment ago, it may have one soon."""
        self.unchecked = True
        """Whether check() may know better, without anything having been looked at since."""
        self._overflow = _Overflow(hints.lose)
        logging.getLogger("watchdog.observers").addHandler(self._overflow)

    @property
    def unwatched(self) -> dict[Path, str]:
        """Folders that are there, in which not every change is noticed at once, and why."""
        return self._remote | self._partial | self._failed

    def watch(self, folders: Sequence[Path]) -> bool:
        """Watch these folders, as far as they are there. To be called again every few seconds.

        Returns whether something began or ended, so that the folders are to be looked at: what
        happened while nothing watched was not noticed.
        """
        changed = self._end_broken()
        self._mounts = mounts()
        found = {folder: _identity(folder, self._mounts) for folder in folders}
        there = {folder: one for folder, one in found.items() if one is not None}
        missing = found.keys() - there.keys()
        changed = changed or missing != self._missing
        self._missing = missing
        for folder in self._watched.keys() - there.keys():
            self._forget(folder)
        for reasons in (self._failed, self._partial, self._remote):
            for folder in reasons.keys() - there.keys():
                del reasons[folder]
        for folder, identity in there.items():
            known = self._watched.get(folder)
            if known is not None and known.identity != identity:
                self._forget(folder)
                changed = True
            if folder not in self._watched:
                changed = self._begin(folder, identity) or changed
        return changed

    def check(self, directories: Collection[str]) -> bool:
        """Find out in which folders not every change is noticed, of those that are looked into.

        Returns whether that is so in one that was not known for it: there is to be looked at once.
        """
        self.unchecked, before = False, (self._remote, self._partial)
        self._remote, self._partial = {}, {}
        for folder in self._watched.keys() | self._failed.keys():
            start = below(str(folder))
            inside = {one for one in directories if one == str(folder) or one.startswith(start)}
            why = reason_of_drive(folder, inside, self._mounts)
            if why:
                self._remote[folder] = why
            if folder in self._watched:
                self._count(folder, inside)
        after = (self._remote, self._partial)
        return any(new.keys() - old.keys() for new, old in zip(after, before, strict=True))

    def try_again(self) -> None:
        """Begin anew where only a part is watched: a limit may have been raised.

        What happens meanwhile is not noticed; the folders are to be looked at afterwards.
        """
        for folder in self._partial.keys() & self._watched.keys():
            identity = self._watched[folder].identity
            self._forget(folder)
            self._begin(folder, identity)

    def _count(self, folder: Path, inside: set[str]) -> None:
        """Count the folders inside one that have no watch, now and when it was last looked."""
        observer, known = self._observer, self._watched[folder]
        watched = watched_paths(observer, known.watch) if observer is not None else None
        without = frozenset(inside - watched) if watched is not None else frozenset()
        sure = {path for path in without & self._without_watch.get(folder, frozenset())
                if Path(path).is_dir()}  # fmt: skip
        if without != sure:
            self.unchecked = True
        self._without_watch[folder] = without
        if sure:
            self._partial[folder] = tr(
                "{count} of {all} folders in it cannot be watched: {reason}; they are looked "
                "through every minute"
            ).format(count=len(sure), all=len(inside), reason=_LIMITS[errno.ENOSPC])

    def close(self) -> None:
        """Stop watching."""
        logging.getLogger("watchdog.observers").removeHandler(self._overflow)
        self._end()

    def _end(self) -> None:
        observer, self._observer = self._observer, None
        self._watched.clear()
        self._partial.clear()
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

    def _begin(self, folder: Path, identity: _Identity) -> bool:
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
            new = folder not in self._failed
            why = _LIMITS.get(error.errno or 0, error.strerror or str(error))
            unwatched = tr("it cannot be watched: {reason}; it is looked through every minute")
            self._failed[folder] = unwatched.format(reason=why)
            self.unchecked = self.unchecked or new
            if new:
                logger.warning("A folder cannot be watched: %s", error.strerror)
            return new
        self._failed.pop(folder, None)
        self.unchecked = True
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
                self._hint(concerned(path))

    def _matters(self, path: str, event: "FileSystemEvent") -> bool:
        """Say whether a note can be meant. A folder that went may be called a file (Windows)."""
        where = Path(path)
        if where == self._folder or not where.is_relative_to(self._folder):
            return False
        *parents, name = where.relative_to(self._folder).parts
        folder_like = event.is_directory or event.event_type == "deleted"
        wanted = (
            is_note(name) or name == IGNORE_FILE or bool(stands_for(name))
            or (folder_like and is_searched(name, ""))
        )  # fmt: skip
        return wanted and all(is_searched(parent, "") for parent in parents)


class _Overflow(logging.Handler):
    """Watchdog tells of lost events in its log only."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def emit(self, record: logging.LogRecord) -> None:
        del record
        self._lost()


def watched_paths(observer: "BaseObserver", watch: "ObservedWatch") -> frozenset[str] | None:
    """Return the folders that inotify watches for one watch; None where that cannot be known.

    Where the system's limit is reached, watchdog passes over folders below the first one without
    a word, and it has no public way to ask. Other systems need one watch for a whole tree.
    """
    try:
        (emitter,) = (one for one in observer.emitters if one.watch is watch)
        # Taking a list of a dictionary's values cannot be interrupted by another thread.
        paths = list(emitter._inotify._active_callbacks_by_watch.values())  # type: ignore[attr-defined]  # noqa: SLF001
        return frozenset(map(os.fsdecode, paths))
    except (AttributeError, TypeError, ValueError):  # another system, another version
        return None


def _identity(folder: Path, mounted: Sequence[Mount]) -> _Identity | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    if not folder.is_dir():
        return None
    inside = tuple(one for one in mounted if _is_reached(one.place, folder))
    return _Identity(status.st_dev, status.st_ino, inside)


def _is_reached(place: str, folder: Path) -> bool:
    """Say whether a place is inside a folder, and none that is never looked into."""
    inside = Path(place)
    if inside == folder or not inside.is_relative_to(folder):
        return False
    return all(is_searched(name, "") for name in inside.relative_to(folder).parts)
