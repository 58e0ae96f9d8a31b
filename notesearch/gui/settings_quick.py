"""The page about the quick search: its key, what to do where there can be none, and the login."""

import html
from collections.abc import Callable
from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from notesearch.gui.elided_label import WrappedLabel
from notesearch.gui.hotkey import Registration
from notesearch.gui.key_recorder import KeyRecorder
from notesearch.gui.key_text import key_text
from notesearch.gui.link_button import LinkButton
from notesearch.gui.settings_page import SettingsPage, Switch, beside, heading, muted, named
from notesearch.gui.theme import SPACE
from notesearch.settings import HOTKEY, Page, Settings
from notesearch.translation import tr

KEY = tr("Key that opens and closes it, from &anywhere")
WORKS = tr("It works from anywhere.")
CALLED = tr("It works from anywhere. The system calls it {key}.")
NO_KEY = tr("No key opens it.")
REFUSED = tr("{key} cannot be used. {reason}")
KEPT = tr("{key} is kept.")
TRYING = tr("Trying again…")
BY_HAND = tr("By a command")
OTHERWISE = tr("Open it by a comman&d…")
LOGIN = tr("&Start notesearch at login")
HIDDEN = tr("It starts without its window.")
COPY, COPIED = tr("Cop&y"), tr("Copied")


class Binding(Protocol):
    """What is to be done by hand where the desktop gives programs no keys."""

    @property
    def desktop(self) -> str:
        """What it is called; '' where that is not known."""

    @property
    def steps(self) -> str:
        """Where what is to be copied goes."""

    @property
    def command(self) -> str:
        """What is to be copied."""

    @property
    def needed(self) -> bool:
        """Whether it is to be shown also where the key works."""


Bind = Callable[[str], Binding | None]
"""Returns what is to be done for a key, as Qt writes it."""


class CommandBox(QWidget):
    """What is to be done by hand: where, and the command with a button that copies it."""

    def __init__(self) -> None:
        super().__init__()
        self._title = heading(BY_HAND)
        self._steps = muted()
        self._command = QLineEdit(readOnly=True)
        self._command.setObjectName("name")
        self._command.setAccessibleName(tr("Command"))
        # A command is written from left to right, whatever the language is.
        self._command.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.copy = QPushButton(COPY, autoDefault=False)
        self.copy.clicked.connect(self._copy_command)
        row = beside()
        row.insertWidget(0, self._command, stretch=1)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._title)
        column.addWidget(self._steps)
        column.addLayout(row)

    def show_binding(self, binding: Binding) -> None:
        """Show what is to be done."""
        on = tr("By a command, on {desktop}")
        self._title.setText(on.format(desktop=binding.desktop) if binding.desktop else BY_HAND)
        self._steps.setText(binding.steps)
        self._command.setAccessibleDescription(binding.steps)
        if binding.command != self._command.text():
            self.copy.setText(COPY)
            self._command.setText(binding.command)
            self._command.setToolTip(html.escape(binding.command))
            self._command.setCursorPosition(0)

    @Slot()
    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._command.text())
        self.copy.setText(COPIED)


class QuickSearchPage(SettingsPage):
    """The key first, then what is declared, then whether the program starts with the session."""

    recording = Signal(bool)
    """Whether a key is recorded now: that one must not be heard anywhere meanwhile."""
    retry_wanted = Signal()
    """The key in force is to be asked for once more; `show_registration` answers."""
    login_wanted = Signal(bool)
    """Whether to start with the session; `show_login` answers."""
    login_asked = Signal()
    """The page is looked at; `show_login` answers."""

    def __init__(self, bind: Bind) -> None:
        """Take what says how to have a key by hand."""
        super().__init__(Page.QUICK_SEARCH)
        self._bind = bind
        self._key: str | None = None
        self._registration: Registration | None = None
        self._refused: tuple[Registration, str] | None = None
        """What became of the key that was chosen last, and the one that is kept instead."""
        self._binding: Binding | None = None
        self._needs_command = False
        """Whether the user asked for it, or the key could not be had."""
        self.recorder = KeyRecorder(HOTKEY)
        self._otherwise = LinkButton(OTHERWISE)
        self._by_hand = CommandBox()
        self._login = Switch(LOGIN)
        self._place, self._problem = WrappedLabel(), WrappedLabel()
        self._connect()
        self._lay_out()
        self.show_login(enabled=False, place="", problem="")

    def show_settings(self, now: Settings) -> None:
        super().show_settings(now)
        self.recorder.show_key(now.hotkey)
        if now.hotkey != self._key:
            if self._refused is not None and now.hotkey != self._refused[1]:
                self._refused = None
            self._key = now.hotkey
            self.show_binding(self._bind(now.hotkey))
            self._show_status()

    def show_registration(self, registration: Registration) -> None:
        """Say what became of the key; what is said of another one is passed over."""
        self._registration = registration
        # While a key is recorded there is none; that says nothing.
        if registration.key and registration.key == self._key:
            self._needs_command = not registration.works
        self._show_status()

    def show_refused(self, registration: Registration, kept: str) -> None:
        """Say why a key was refused, and which one is kept, until the user goes on."""
        self._refused = registration, kept
        self._show_status()

    def show_binding(self, binding: Binding | None) -> None:
        """Show what can be done by hand; None: nothing."""
        self._binding = binding
        if binding is not None:
            self._by_hand.show_binding(binding)
        self._fold()

    def show_login(self, *, enabled: bool, place: str, problem: str) -> None:
        """Show whether the program starts with the session, where it is kept, and what is wrong."""
        self._login.show_value(enabled)
        self._place.setText(tr("It is kept in {place}").format(place=place) if enabled else "")
        self._problem.setText(problem)
        for label in (self._place, self._problem):
            label.setVisible(bool(label.text()))
        said = (HIDDEN, self._place.text(), problem)
        self._login.setAccessibleDescription(" ".join(text for text in said if text))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.login_asked.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._refused = None
            self._show_status()

    def event(self, event: QEvent) -> bool:
        # The user may come back from the desktop's own settings.
        if event.type() is QEvent.Type.WindowActivate:
            self.login_asked.emit()
        return super().event(event)

    def _show_status(self) -> None:
        """Say how the key does."""
        known = self._registration
        if known is None or known.key != self._key:
            known = None
        fails = known is not None and bool(known.key) and not known.works
        if self._refused is not None:
            self.recorder.show_status(_refusal(*self._refused), wrong=True, retry=fails)
        elif not self._key:
            self.recorder.show_status(NO_KEY, wrong=False)
        else:
            self.recorder.show_status(_status(known), wrong=fails, retry=fails)
        self._fold()

    def _fold(self) -> None:
        """Show the command where it is needed or wanted; else only that there is one."""
        binding = self._binding
        wanted = binding is not None and (binding.needed or self._needs_command)
        self._by_hand.setVisible(wanted)
        self._otherwise.setVisible(binding is not None and not wanted)

    @Slot()
    def _unfold(self) -> None:
        self._needs_command = True
        self._fold()
        self._by_hand.copy.setFocus()

    @Slot()
    def _retry(self) -> None:
        self._refused = None
        self.recorder.show_status(TRYING, wrong=False, retry=True)
        self.retry_wanted.emit()

    @Slot(str)
    def _choose(self, key: str) -> None:
        self._key, self._refused = key, None
        self.show_binding(self._bind(key))
        self._show_status()
        self.decide(hotkey=key)

    def _connect(self) -> None:
        self.recorder.chosen.connect(self._choose)
        self.recorder.recording.connect(self.recording)
        self.recorder.retry_wanted.connect(self._retry)
        self._otherwise.clicked.connect(self._unfold)
        self._login.clicked.connect(self.login_wanted)

    def _lay_out(self) -> None:
        label = named(KEY, self.recorder.field)
        self.recorder.field.setAccessibleName(KEY.replace("&", ""))
        first = QVBoxLayout()
        first.setContentsMargins(0, SPACE, 0, 0)
        first.setSpacing(SPACE)
        first.addWidget(label)
        first.addWidget(self.recorder)
        first.addLayout(beside(self._otherwise))
        first.addWidget(self._by_hand)
        # Below the page's name, above what is declared.
        self.column.insertLayout(1, first)
        self.add(LOGIN, self._login, HIDDEN)
        self._place.setObjectName("muted")
        self._problem.setObjectName("warning")
        self.column.addWidget(self._place)
        self.column.addWidget(self._problem)
        self.column.addStretch()
        # Tab goes as the page reads; what is declared was there before.
        for before, after in pairwise((self._by_hand.copy, *self._controls.values())):
            QWidget.setTabOrder(before, after)


def _status(known: Registration | None) -> str:
    """Say how a key does, as far as that is known."""
    if known is None or not known.works:
        return "" if known is None else known.reason
    other = known.shown and known.shown != key_text(known.key)
    return CALLED.format(key=known.shown) if other else WORKS


def _refusal(refused: Registration, kept: str) -> str:
    said = REFUSED.format(key=key_text(refused.key), reason=refused.reason)
    return f"{said} {KEPT.format(key=key_text(kept))}" if kept else said
