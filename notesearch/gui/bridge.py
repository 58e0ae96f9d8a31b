"""Brings what the engine's threads say to the GUI thread, and its questions to them."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from notesearch.core.engine import Engine, Message
from notesearch.core.notes import Hit
from notesearch.settings import Settings

MakeEngine = Callable[[Callable[[Message], None]], Engine]


class Bridge(QObject):
    """The only object that both sides know."""

    told = Signal(object)
    """A Message of the engine."""
    erased = Signal(str)
    """What was stored of the notes is removed, or what went wrong; then reading begins anew."""
    _removed = Signal(str)
    """The same, from the thread that removed it."""

    def __init__(self, make_engine: MakeEngine) -> None:
        super().__init__()
        self._make_engine = make_engine
        self._engine = make_engine(self._tell)
        self._question: tuple[str, int] | None = None
        self._removing: threading.Thread | None = None
        self._ended = self._paused = False
        self._removed.connect(self._begin_anew)

    def start(self) -> None:
        """Start the engine's threads, unless they were to end before they began."""
        if not self._ended:
            self._engine.start()

    @Slot()
    def stop(self) -> None:
        """End them, and what is being removed first."""
        self._ended = True
        if self._removing is not None:
            self._removing.join()
        self._engine.stop()

    @Slot(str, int, bool)
    def ask(self, text: str, limit: int, again: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Ask for an answer; it comes with `told`."""
        self._question = text, limit
        self._engine.search(text, limit, again=again)

    @Slot(object, str)
    def glance(self, hit: Hit, text: str) -> None:
        """Ask for the note of a hit, and why it is one; both come with `told`."""
        self._engine.preview(hit, text)

    @Slot(object, object, str)
    def follow(self, source: Path, folder: Path, target: str) -> None:
        """Ask for the note that a link in one leads to; it comes with `told`."""
        self._engine.follow(source, folder, target)

    @Slot(object)
    def relate(self, hit: Hit) -> None:
        """Ask which notes are near the note of a hit; they come with `told`."""
        self._engine.relate(hit)

    @Slot(str, str)
    def find_out(self, text: str, name: str) -> None:
        """Ask why a note is not in the answer to a text; the reason comes with `told`."""
        self._engine.find_out(text, name)

    @Slot(object, str)
    def spread(self, hit: Hit, text: str) -> None:
        """Ask which further passages of a hit's note match; they come with `told`."""
        self._engine.passages(hit, text)

    @Slot(list, str)
    def carry(self, hits: list[Hit], text: str) -> None:
        """Ask which words carried the meaning of some rows; it comes with `told`, row by row."""
        self._engine.carry(hits, text)

    @Slot()
    def refresh(self) -> None:
        """Compare everything with the disk."""
        self._engine.refresh()

    @Slot(object)
    def retry(self, path: Path | str) -> None:
        """Look at a file or folder again, whatever its times say; for '', at everything."""
        self._engine.retry(os.fspath(path))

    @Slot()
    def read_anyway(self) -> None:
        """Go on though the machine runs on battery."""
        self._engine.read_anyway()

    @Slot(bool)
    def pause(self, wanted: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Stop reading and embedding, or go on with it."""
        self._paused = wanted
        if wanted:
            self._engine.pause()
        else:
            self._engine.resume()

    def apply(self, settings: Settings) -> None:
        """Go by other settings."""
        self._engine.apply(settings)

    @Slot()
    def erase(self) -> None:
        """Remove all that is stored of notes; `erased` says how that went.

        What is then in the chosen folders is read anew, as for rebuild(): where nothing is to be
        stored any more, take the folders out of the settings when `erased` comes.
        """
        if self._removing is not None or self._ended:
            return
        old, self._engine = self._engine, self._make_engine(self._tell)
        if self._paused:
            self._engine.pause()
        if self._question is not None:
            self._engine.search(*self._question, again=True)
        # What is asked and applied meanwhile waits in the new engine for its start.
        self._removing = threading.Thread(target=self._remove, args=(old,), name="removing")
        self._removing.start()

    @Slot()
    def rebuild(self) -> None:
        """Read all notes anew; `erased` says when that begins."""
        self.erase()

    def _remove(self, old: Engine) -> None:
        """Called in a thread of its own: to stop may take seconds."""
        old.stop()
        self._removed.emit(old.erase())

    @Slot(str)
    def _begin_anew(self, problem: str) -> None:
        if self._ended:
            return
        self._removing = None
        # Before it begins: whoever hears it may want other settings.
        self.erased.emit(problem)
        self._engine.start()

    def _tell(self, message: Message) -> None:
        """Called in the engine's threads; the signal crosses over to the GUI's."""
        self.told.emit(message)
