"""Brings what the engine's threads say to the GUI thread, and its questions to them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from notesearch.core.engine import Engine, Message

MakeEngine = Callable[[Callable[[Message], None]], Engine]


class Bridge(QObject):
    """The only object that both sides know."""

    told = Signal(object)
    """Results, Progress, a tuple of Problems, or a Problem of the program itself."""

    def __init__(self, make_engine: MakeEngine) -> None:
        super().__init__()
        self._engine = make_engine(self._tell)

    def start(self) -> None:
        """Start the engine's threads."""
        self._engine.start()

    def stop(self) -> None:
        """End them."""
        self._engine.stop()

    @Slot(str, int)
    def ask(self, text: str, limit: int) -> None:
        """Ask for an answer; it comes with `told`."""
        self._engine.search(text, limit)

    def refresh(self, folders: Sequence[Path]) -> None:
        """Search these folders from now on."""
        self._engine.refresh(folders)

    def _tell(self, message: Message) -> None:
        """Called in the engine's threads; the signal crosses over to the GUI's."""
        self.told.emit(message)
