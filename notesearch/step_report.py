"""Steps that may fail, a line for each; and all that is said on the way, which is a failure too."""

import contextlib
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator

from notesearch.core.database import LibraryError
from notesearch.core.embedder import ModelError
from notesearch.errands import ErrandError
from notesearch.settings import SettingsError
from notesearch.translation import tr

Write = Callable[[str], object]

NAME_WIDTH = 13
HARMLESS = (
    # Of the offscreen platform, which has no screen to do it on.
    "This plugin does not support",
    # Of a desktop that does not know the program's entry: it was not installed as a package.
    "Failed to register with host portal",
    # Of watchdog, where something has changed just when it was told to stop.
    "queue_events() called when the thread is inactive",
)
"""What is said and means nothing here."""


class Report:
    """Writes the lines, counts what failed, and keeps what was said on the way."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.passed = self.failed = 0
        self._heard: list[str] = []

    def check(self, name: str, step: Callable[[], str]) -> None:
        """Take a step, which returns what is to be said of it; whatever it raises is a failure."""
        began = time.monotonic()
        try:
            said = step()
        except Exception as error:  # noqa: BLE001  # the other steps are to be taken all the same
            self.fail(name, explain(error))
        else:
            self.passed += 1
            self._line(f"ok   {name:{NAME_WIDTH}}{said}, {time.monotonic() - began:.2f} s")

    def fail(self, name: str, why: str) -> None:
        """Say that a step failed, and why."""
        self.failed += 1
        self._line(f"FAIL {name}: {' '.join(why.split())}")

    def conclude(self) -> None:
        """Say what was heard, and how many steps went well."""
        if self._heard:
            self.fail(tr("silence"), "; ".join(dict.fromkeys(self._heard)))
        else:
            self.check(tr("silence"), lambda: tr("no warnings"))
        every = self.passed + self.failed
        if self.failed:
            self._line(tr("{failed} of {every} checks failed").format(
                failed=self.failed, every=every))  # fmt: skip
        else:
            self._line(tr("all {every} checks passed").format(every=every))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear warnings and what nobody caught meanwhile, instead of the terminal."""
        root, hears = logging.getLogger(), _Hears(self._hear)
        before, hooks = root.handlers[:], (sys.excepthook, threading.excepthook)
        root.handlers[:] = [hears]
        sys.excepthook = lambda _kind, error, _trace: self._hear(repr(error))
        threading.excepthook = lambda caught: self._hear(repr(caught.exc_value))
        try:
            with warnings.catch_warnings():
                warnings.showwarning = self._hear_warning
                yield
        finally:
            root.handlers[:] = before
            sys.excepthook, threading.excepthook = hooks

    @contextlib.contextmanager
    def listening_to_qt(self) -> Iterator[None]:
        """Hear what Qt says as well."""
        from PySide6.QtCore import QtMsgType, qInstallMessageHandler  # noqa: PLC0415  # Qt, late

        warns = {QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg}

        def take(kind: QtMsgType, _context: object, text: str) -> None:
            if kind is QtMsgType.QtFatalMsg:
                # The process ends now, and this is all that is known.
                self.fail("Qt", text)
            elif kind in warns:
                self._hear(f"Qt: {text}")

        before = qInstallMessageHandler(take)
        try:
            yield
        finally:
            qInstallMessageHandler(before)

    def _hear(self, text: str) -> None:
        if not any(harmless in text for harmless in HARMLESS):
            self._heard.append(text)

    def _hear_warning(
        self, message: Warning | str, category: type[Warning], *_: object, **__: object
    ) -> None:
        self._hear(f"{category.__name__}: {message}")

    def _line(self, text: str) -> None:
        self._write(f"{text}\n")
        # What follows may end the process, and nothing is to be lost.
        if sys.stdout is not None:
            sys.stdout.flush()


def explain(error: Exception) -> str:
    """Say what went wrong; where the words are not ours, also what kind it is and what to do."""
    if isinstance(error, ErrandError | ModelError | LibraryError | SettingsError):
        return str(error)
    return tr("{kind}: {error}; install notesearch again, and if that does not help, report this "
              "line").format(kind=type(error).__name__, error=error)  # fmt: skip


class _Hears(logging.Handler):
    """Hands on what is logged from warnings on: the program logs no text of notes."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(f"{record.name}: {record.getMessage()}")
