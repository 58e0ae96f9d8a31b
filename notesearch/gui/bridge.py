"""Brings what the engine's threads say to the GUI thread, and its questions to them."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from notesearch.core.engine import Engine, Message
from notesearch.core.notes import Hit
from notesearch.settings import Settings

MakeEngine = Callable[[Callable[[Message], None]], Engine]


class Bridge(QObject):
    """The only object that both sides know."""

    told = Signal(object)
    """A Message of the engine."""

    def __init__(self, make_engine: MakeEngine) -> None:
        super().__init__()
        self._engine = make_engine(self._tell)

    def start(self) -> None:
        """Start the engine's threads."""
        self._engine.start()

    @Slot()
    def stop(self) -> None:
        """End them."""
        self._engine.stop()

    @Slot(str, int, bool)
    def ask(self, text: str, limit: int, again: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Ask for an answer; it comes with `told`."""
        self._engine.search(text, limit, again=again)

    @Slot(object, str)
    def glance(self, hit: Hit, text: str) -> None:
        """Ask for the note of a hit, and why it is one; both come with `told`."""
        self._engine.preview(hit, text)

    @Slot(object)
    def relate(self, hit: Hit) -> None:
        """Ask which notes are near the note of a hit; they come with `told`."""
        self._engine.relate(hit)

    @Slot(str, str)
    def find_out(self, text: str, name: str) -> None:
        """Ask why a note is not in the answer to a text; the reason comes with `told`."""
        self._engine.find_out(text, name)

    @Slot()
    def refresh(self) -> None:
        """Compare everything with the disk."""
        self._engine.refresh()

    @Slot(bool)
    def pause(self, wanted: bool) -> None:  # noqa: FBT001  # a signal's values have no names
        """Stop reading and embedding, or go on with it."""
        if wanted:
            self._engine.pause()
        else:
            self._engine.resume()

    def apply(self, settings: Settings) -> None:
        """Go by other settings."""
        self._engine.apply(settings)

    def _tell(self, message: Message) -> None:
        """Called in the engine's threads; the signal crosses over to the GUI's."""
        self.told.emit(message)
