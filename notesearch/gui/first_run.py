"""The first run: what this is, that nothing leaves the machine, and which notes to search."""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.column import Column
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import VaultRow
from notesearch.translation import tr
from notesearch.vaults import Vault, find_vaults, vault_at

Find = Callable[..., Iterable[Vault]]
"""Takes `stopped`, a callable that says whether to end."""

logger = logging.getLogger(__name__)


class FirstRun(Column):
    """Offers the folders of notes that are on this machine, any other folder, and sample notes."""

    folders_chosen = Signal(list)
    """Of Paths."""
    samples_wanted = Signal()

    def __init__(self, find: Find = find_vaults) -> None:
        super().__init__(Qt.AlignmentFlag.AlignLeading)
        self._find = find
        self._searches: list[_Search] = []
        """Those that may be under way."""
        self._looked = False
        self._rows: dict[Path, VaultRow] = {}
        self._touched = False
        """Whether the user has chosen anything."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._say()
        self._found = self.add_text("muted")
        self._card = QFrame()
        self._card.setObjectName("bar")
        self._list = QVBoxLayout(self._card)
        self._list.setContentsMargins(0, SPACE, 0, SPACE)
        self._list.setSpacing(0)
        self.add_part(self._card)
        self._add_buttons()
        self._show()

    def start(self) -> None:
        """Look for folders of notes, unless that was done."""
        if self._looked or self._searches:
            return
        search = _Search(self._find, self)
        search.found.connect(self._add)
        search.ended.connect(self._end)
        self._begin(search)

    def stop(self) -> None:
        """Look no further."""
        for search in self._searches:
            search.stop()
        self._searches.clear()

    def has_keys(self) -> bool:
        """Say whether the page, or anything on it, takes the keys."""
        focused = QApplication.focusWidget()
        return focused is not None and (focused is self or self.isAncestorOf(focused))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start()
        focused = self.window().focusWidget()
        if focused is None or not focused.isVisible():
            self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.stop()

    # What is found ------------------------------------------------------------------------

    @Slot(object)
    def _add(self, vault: Vault) -> None:
        """Offer a folder, or say how many notes are in one that is offered."""
        self._row(vault.path).tell(vault)
        self._show()

    @Slot()
    def _end(self) -> None:
        """All is found: what is the only choice is chosen."""
        self._looked = True
        if len(self._rows) == 1 and not self._touched:
            for row in self._rows.values():
                row.check.setChecked(True)
        self._show()
        if self.hasFocus():
            self._lead()
        QAccessible.updateAccessibility(QAccessibleEvent(self._found, QAccessible.Event.Alert))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Whoever goes round with Tab comes by, and goes on.
        tab, back = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason
        if self._looked and event.reason() not in {tab, back}:
            self._lead()

    def _lead(self) -> None:
        """Give the keys to what is to be done next, so that it is seen where they are."""
        checks = [row.check for row in self._rows.values() if not row.check.isChecked()]
        ready = self._accept if self._accept.isEnabled() else self._choose
        (checks[0] if checks else ready).setFocus(Qt.FocusReason.TabFocusReason)

    def _row(self, path: Path) -> VaultRow:
        """Return the row of a folder; a new one comes last."""
        if path not in self._rows:
            row = self._rows[path] = VaultRow(path)
            row.check.toggled.connect(self._show)
            row.check.clicked.connect(self._touch)
            self._list.addWidget(row)
            checks: list[QWidget] = [one.check for one in self._rows.values()]
            buttons = [self._accept, self._choose, self._samples]
            for before, after in pairwise([self, *checks, *buttons]):
                QWidget.setTabOrder(before, after)
        return self._rows[path]

    # What the user does -------------------------------------------------------------------

    @Slot()
    def _touch(self) -> None:
        self._touched = True

    @Slot()
    def _choose_folder(self) -> None:
        """Offer a folder of the user's, as chosen."""
        title = tr("Choose a folder of notes")
        chosen = QFileDialog.getExistingDirectory(self.window(), title, str(Path.home()))
        if not chosen:
            return
        path, self._touched = Path(chosen), True
        known = path in self._rows
        row = self._row(path)
        row.check.setChecked(True)
        self._show()
        self._accept.setFocus()
        if not known:
            search = _Search(lambda stopped: [vault_at(path, stopped)], self)
            search.found.connect(self._add)
            self._begin(search)

    @Slot()
    def _take(self) -> None:
        chosen = [path for path, row in self._rows.items() if row.check.isChecked()]
        if chosen:
            self.folders_chosen.emit(chosen)

    # What it shows ------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        """Show what can be done now."""
        offers = bool(self._rows)
        self._found.setText(self._found_text())
        self._card.setVisible(offers)
        self._accept.setVisible(offers)
        self._accept.setEnabled(any(row.check.isChecked() for row in self._rows.values()))
        self._accept.setDefault(offers)
        choose = tr("Choose another folder…") if offers else tr("Choose a folder…")
        self.label(self._choose, choose)
        self._choose.setDefault(not offers)
        self.fit()

    def _found_text(self) -> str:
        if not self._looked:
            return tr("Looking for notes on this machine…")
        if self._rows:
            return tr("Which notes do you want to search?")
        return tr(
            "No notes of Obsidian, Logseq, Zettlr or Joplin were found in the usual places. "
            "Choose the folder that your Markdown files are in."
        )

    def _say(self) -> None:
        title, text = self.add_text("title"), self.add_text("muted")
        title.setText(tr("Search your notes by meaning and by words"))
        text.setText(
            tr(
                "Your notes are read on this machine and never changed, and nothing about them "
                "leaves it. You can search while they are still being read."
            )
        )
        self.setAccessibleName(title.text())
        self.setAccessibleDescription(text.text())

    def _add_buttons(self) -> None:
        self._accept = QPushButton(tr("Search these notes"))
        self._accept.clicked.connect(self._take)
        self._choose = QPushButton()
        self._choose.clicked.connect(self._choose_folder)
        self._samples = LinkButton(tr("Try the sample notes"))
        self._samples.setAccessibleDescription(
            tr("Searches notes that come with the program, to see what it does")
        )
        self._samples.clicked.connect(self.samples_wanted)
        self.add_buttons(self._accept, self._choose, quiet=self._samples)

    def _begin(self, search: "_Search") -> None:
        self._searches.append(search)
        search.start()


class _Search(QObject):
    """Finds folders in a thread of its own; what it finds crosses over with its signals."""

    found = Signal(object)
    """A Vault."""
    ended = Signal()

    def __init__(self, find: Find, parent: QObject) -> None:
        super().__init__(parent)
        self._find = find
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin."""
        # A disk that does not answer must not keep the program from ending.
        threading.Thread(target=self._run, name="vaults", daemon=True).start()

    def stop(self) -> None:
        """Say no more."""
        self._stopped.set()

    def _run(self) -> None:
        try:
            for vault in self._find(stopped=self._stopped.is_set):
                self._tell("found", vault)
        except Exception:
            # What was found until then is offered all the same.
            logger.exception("Looking for folders of notes failed")
        self._tell("ended")

    def _tell(self, signal: str, *values: Vault) -> None:
        # The window may have gone in between.
        with suppress(RuntimeError):
            if not self._stopped.is_set():
                getattr(self, signal).emit(*values)
