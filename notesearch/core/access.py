"""Who may use a library and how: one writer at a time, any number of readers."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from notesearch.core import memory
from notesearch.core.database import (
    DamagedError,
    LibraryError,
    in_words,
    is_damage,
    is_passing,
    remove,
)
from notesearch.core.embedder import Embedder, Encoder
from notesearch.core.explain import Explainer
from notesearch.core.indexer import Indexer
from notesearch.core.library import Library
from notesearch.core.searcher import Searcher
from notesearch.core.vectors import EXACT_BELOW, VectorIndex
from notesearch.paths import UserPaths, is_library, open_private
from notesearch.translation import tr

logger = logging.getLogger(__name__)

LoadEncoder = Callable[[], Encoder]


class BusyError(Exception):
    """Another notesearch is bringing the library up to date."""


def load_encoder(model: Path, paths: UserPaths) -> Encoder:
    """Load the model that comes with the program. Raises ModelError."""
    with contextlib.suppress(OSError):
        paths.make()
        # It holds no secret, but what is the program's is for its user alone.
        os.close(open_private(str(paths.checked_models), os.O_CREAT | os.O_WRONLY))
    return Embedder(model, checked=paths.checked_models)


def library_folder(paths: UserPaths, encoder: Encoder) -> Path:
    """Return where the library of a model is."""
    return paths.library(encoder.name, encoder.identity)


def erase(paths: UserPaths) -> None:
    """Remove the libraries of all models, and with them all that is stored of notes.

    Raises BusyError where another process is writing, LibraryError where something is left.
    """
    lock = _lock(paths)
    try:
        for folder in filter(is_library, sorted(paths.libraries.iterdir())):
            if folder.is_dir():
                remove(folder)
    except OSError as error:
        raise LibraryError(
            tr("{path} cannot be removed ({error}); end other programs that have it open, see that "
               "you have the right to write there, and try again"
            ).format(path=error.filename or paths.libraries, error=error.strerror or error)
        ) from error  # fmt: skip
    finally:
        lock.release()


def _lock(paths: UserPaths) -> filelock.BaseFileLock:
    """Become the one who writes. Raises BusyError, LibraryError."""
    lock = filelock.FileLock(paths.lock, mode=0o600, thread_local=False)
    try:
        paths.make()
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BusyError(tr("another notesearch is bringing the library up to date")) from error
    except OSError as error:
        unusable = tr("the folder {folder} {trouble}")
        trouble = in_words(error, paths.data)
        raise LibraryError(unusable.format(folder=paths.data, trouble=trouble)) from error
    return lock


class Writer:
    """The one who may change the library: the lock, the library, its index and an indexer."""

    def __init__(
        self, paths: UserPaths, encoder: Encoder, folders: Sequence[Path], *, threads: int,
        exact_below: int = EXACT_BELOW,
    ) -> None:  # fmt: skip
        """Open the library for writing.

        Raises BusyError where another process has it, LibraryError where it cannot be opened.
        """
        self._lock = _lock(paths)
        self.index = VectorIndex(encoder.dimension, exact_below=exact_below)
        try:
            try:
                self._open(library_folder(paths, encoder), encoder)
            except DamagedError:
                self.index.clear()
                self._open(library_folder(paths, encoder), encoder)
        except (LibraryError, OSError) as error:
            self._lock.release()
            raise LibraryError(str(error)) from error
        self.indexer = Indexer(self.library, self.index, encoder, folders, threads=threads)

    def _open(self, folder: Path, encoder: Encoder) -> None:
        """Raises DamagedError where it will be made anew the next time."""
        self.library = Library(folder, encoder.identity, writable=True)
        try:
            if self.library.meta("open"):
                # The last one did not end; perhaps the power failed.
                self.library.set_meta(inspected_at=0.0)
            self.library.set_meta(live=0, open=1)
            self.library.load_index(self.index)
        except (sqlite3.Error, ValueError) as error:
            self.library.close()
            if isinstance(error, sqlite3.Error) and is_passing(error):
                broken = tr("the library in {folder} {trouble}")
                said = broken.format(folder=folder, trouble=in_words(error, folder))
                raise LibraryError(said) from error
            self.library.condemn()
            raise DamagedError(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            self.indexer.close()
            if kind is None or issubclass(kind, InterruptedError):
                self.library.save_index(self.index)
                self.library.set_meta(live=0, open=0)
            if isinstance(error, DamagedError) or (
                isinstance(error, sqlite3.Error) and is_damage(error)
            ):
                self.library.condemn()
        except (sqlite3.Error, OSError) as failure:
            # What was read is stored; that the disk is full now, say, was told before.
            logger.warning("At the end: %s", type(failure).__name__)
        finally:
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
            try:
                self.library.load_index(index)
            except (sqlite3.Error, ValueError) as error:
                self.library.close()
                unread = tr("the library in {folder} cannot be read ({error}); run "
                            "`notesearch doctor --repair`")  # fmt: skip
                raise LibraryError(unread.format(folder=folder, error=error)) from error
        self.index = index
        self.searcher = Searcher(self.library, index, encoder)
        self.explainer = Explainer(self.library, self.searcher, encoder)

    def rest(self) -> None:
        """Let go of what is kept in memory for the next question, which takes longer then."""
        self.library.rest()
        memory.give_back()

    def close(self) -> None:
        """Close the library."""
        self.library.close()
