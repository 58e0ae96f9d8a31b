"""What is done with a note outside of the window: opened, shown, copied, left out, or made."""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication

from notesearch import launch, openers
from notesearch.core.notes import Hit
from notesearch.gui.keys import Act
from notesearch.gui.main_window import MainWindow
from notesearch.launch import LaunchError
from notesearch.links import link_to
from notesearch.new_note import NewNoteError, create_note
from notesearch.openers import Opener
from notesearch.settings import Settings
from notesearch.translation import tr

logger = logging.getLogger(__name__)


class Opening(QObject):
    """Opens notes as the settings say; what does not work is said in the window.

    Programs are started in threads: a disk that does not answer holds up nothing.
    """

    _failed = Signal(object)
    """An exception, from a thread."""

    def __init__(self, window: MainWindow, current: Callable[[], Settings]) -> None:
        """Serve a window. current: returns the settings in force."""
        super().__init__(window)
        self._window = window
        self._current = current
        self.installed = openers.installed()
        self._failed.connect(self._tell)
        window.open_requested.connect(self.open)
        window.used.connect(self.use)
        window.open_with_requested.connect(self.open_with)
        window.note_requested.connect(self.open_file)
        window.link_requested.connect(self.open_link)
        window.create_requested.connect(self.create)
        window.set_openers([(one.name, one.label) for one in self.installed])

    @Slot(object)
    def open(self, hit: Hit) -> None:
        """Open a note at its match."""
        self._open_with(0, hit)

    @Slot(object, object)
    def use(self, act: Act, hit: Hit) -> None:
        """Do what else can be done with a note of the list."""
        match act:
            case Act.OPEN_SECOND:
                self._open_with(1, hit)
            case Act.REVEAL:
                self.reveal(hit.file)
            case Act.COPY_LINK:
                self._copy(link_to(hit), tr("Link copied"))
            case Act.COPY_PASSAGE:
                self._copy(hit.passage, tr("Passage copied"))
            case Act.COPY_PATH:
                self._copy(str(hit.file), tr("Path copied"))

    @Slot(str, object)
    def open_with(self, name: str, hit: Hit) -> None:
        """Open a note at its match with the program of this name."""
        opener = next((one for one in self.installed if one.name == name), None)
        if opener is not None:
            self._open_at(opener, hit)

    @Slot(object)
    def open_file(self, file: Path) -> None:
        """Open a note at its beginning."""
        settings = self._current()
        self._try(lambda: launch.open_at(
            openers.chosen(settings, openers.installed())[0], launch.Place(file)
        ))  # fmt: skip

    @Slot(object)
    def reveal(self, file: Path) -> None:
        """Show a file in the file manager."""
        self._try(lambda: launch.reveal(file))

    @Slot(str)
    def open_link(self, link: str) -> None:
        """Open an address on the web or of mail."""
        if not QDesktopServices.openUrl(QUrl(link)):
            self._window.show_error(tr("No program is known that opens {link}").format(link=link))

    @Slot(str)
    def create(self, title: str) -> None:
        """Make a note of this title, where there is none yet, and open it."""
        settings = self._current()
        folder = Path(settings.new_notes or settings.folders[0])
        try:
            file = create_note(folder, title)
        except NewNoteError as error:
            self._window.show_error(str(error))
            return
        self._window.show_done(tr("“{name}” is made").format(name=file.name))
        self.open_file(file)

    def _open_at(self, opener: Opener, hit: Hit) -> None:
        self._try(lambda: launch.open_at(opener, launch.place_of(hit)))

    def _open_with(self, which: int, hit: Hit) -> None:
        """Open a note with the first program or the second."""
        settings = self._current()
        # Programs come and go, and Emacs opens files for others only while it runs.
        self._try(lambda: launch.open_at(
            openers.chosen(settings, openers.installed())[which], launch.place_of(hit)
        ))  # fmt: skip

    def _copy(self, text: str, said: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._window.show_done(said)

    @Slot(object)
    def _tell(self, error: Exception) -> None:
        """Say what did not work; what nobody expected goes the way of all that."""
        if not isinstance(error, LaunchError):
            raise error
        self._window.show_error(str(error))

    def _try(self, launched: Callable[[], None]) -> None:
        def run() -> None:
            try:
                launched()
            except Exception as error:  # noqa: BLE001  # told in the window's thread
                # The window may be gone by then.
                with contextlib.suppress(RuntimeError):
                    self._failed.emit(error)

        threading.Thread(target=run, name="opening", daemon=True).start()
