"""The page about which programs open notes, and where new ones are made."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.settings_page import REST_MS, Choice, SettingsPage, beside, muted, named
from notesearch.gui.theme import SPACE
from notesearch.gui.vault_row import shown_path
from notesearch.settings import Page, Settings
from notesearch.translation import tr

CUSTOM = "custom"
AUTOMATIC = ""
PLACEHOLDERS = tr(
    "{path} stands for the file, {line} and {column} for the place in it, {folder} for the folder "
    "that is searched, {heading} for the heading it is under. The program is started "
    "directly, without a shell."
)
EXAMPLE = "code --goto {path}:{line}:{column}"
FIRST = tr("The first folder that is searched")
Pairs = Sequence[tuple[str, str]]


class OpeningPage(SettingsPage):
    """Programs, a command of one's own, and the folder for new notes."""

    def __init__(self, openers: Pairs, check_command: Callable[[str], str]) -> None:
        """Take the programs, those that are installed first, and what says why a command fails."""
        super().__init__(Page.OPENING)
        self._check = check_command
        self._known = Settings()
        programs = [*openers, (CUSTOM, tr("Custom command…"))]
        self._first = Choice(programs)
        self._second = Choice([(AUTOMATIC, tr("Automatic")), *programs])
        self._command = QLineEdit()
        self._wrong = muted()
        self._explained = muted(PLACEHOLDERS)
        self._label = named(tr("Custom &command"), self._command)
        self._folder = ElidedLabel()
        self._choose = QPushButton(tr("C&hoose…"), autoDefault=False)
        self._usual = QPushButton(tr("&Use the first folder"), autoDefault=False)
        self._resting = QTimer(self, singleShot=True, interval=REST_MS)
        self._connect()
        self._lay_out()

    def show_settings(self, now: Settings) -> None:
        super().show_settings(now)
        self._known = now
        self._first.show_value(now.opener)
        self._second.show_value(now.second_opener)
        if not self._resting.isActive() and not self._wrong.text():
            self._show_command(now.command)
        self._folder.show_text(shown_path(Path(now.new_notes)) if now.new_notes else FIRST)
        self._folder.setToolTip(html.escape(now.new_notes))
        self._usual.setEnabled(bool(now.new_notes))
        self._show_custom()

    @Slot()
    def apply(self) -> None:
        """Take up a command that was typed, if it can be one."""
        self._resting.stop()
        command = self._command.text().strip()
        if command != self._known.command and not self._check(command):
            self.decide(command=command)

    def _connect(self) -> None:
        self._first.chosen.connect(lambda value: self._open_with(opener=value))
        self._second.chosen.connect(lambda value: self._open_with(second_opener=value))
        self._command.textEdited.connect(self._judge)
        self._command.editingFinished.connect(self.apply)
        self._resting.timeout.connect(self.apply)
        self._choose.clicked.connect(self._choose_folder)
        self._usual.clicked.connect(lambda: self.decide(new_notes=""))

    def _open_with(self, **values: str) -> None:
        self._show_custom()
        if CUSTOM in values.values():
            self._command.setFocus()
        self.decide(**values)

    @Slot()
    def _judge(self) -> None:
        """Say at once what is wrong with a command."""
        self._wrong.setText(self._check(self._command.text().strip()))
        self._wrong.setVisible(bool(self._wrong.text()))
        self._resting.start()

    @Slot()
    def _choose_folder(self) -> None:
        begin = self._known.new_notes or next(iter(self._known.folders), "")
        chosen = QFileDialog.getExistingDirectory(
            self.window(), tr("Choose the folder for new notes"), begin
        )
        if chosen:
            self.decide(new_notes=str(Path(chosen).resolve()))

    def _show_command(self, command: str) -> None:
        if command != self._command.text():
            self._command.setText(command)

    def _show_custom(self) -> None:
        """Show the command only where it is used."""
        used = CUSTOM in {self._first.currentData(), self._second.currentData()}
        for widget in (self._label, self._command, self._explained):
            widget.setVisible(used)
        self._wrong.setVisible(used and bool(self._wrong.text()))

    def _lay_out(self) -> None:
        self.add(tr("&Enter opens with"), self._first)
        self.add(tr("C&trl+Enter opens with"), self._second, tr(
            "Automatic is the first program that is installed and is not the other one."
        ))  # fmt: skip
        self._command.setPlaceholderText(EXAMPLE)
        self._command.setObjectName("name")
        self._command.setAccessibleName(tr("Custom command"))
        self._command.setAccessibleDescription(PLACEHOLDERS)
        self._wrong.setObjectName("warning")
        self.column.addSpacing(SPACE)
        for widget in (self._label, self._command, self._wrong, self._explained):
            self.column.addWidget(widget)
        self.column.addSpacing(SPACE)
        self.column.addWidget(named(tr("&New notes go to"), self._choose))
        self.column.addWidget(self._folder)
        self.column.addLayout(beside(self._choose, self._usual))
        self.column.addStretch()
        self._choose.setAccessibleDescription(tr("The folder that new notes are made in"))
