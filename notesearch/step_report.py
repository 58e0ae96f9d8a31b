"""Steps that may fail, a line for each; and what is said on the way, which is a failure too.

Only what Qt says is none: it is about the desktop, of which there are as many as users.
"""

import contextlib
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from notesearch.apart import hearing_qt
from notesearch.core.database import LibraryError
from notesearch.core.embedder import ModelError
from notesearch.errands import ErrandError
from notesearch.settings import SettingsError
from notesearch.translation import tr

Write = Callable[[str], object]
"""Nothing is to be kept back: what follows may end the process."""

NAME_WIDTH = 13
HARMLESS = (
    # Of the offscreen platform, which has no screen to do it on.
    "This plugin does not support",
    # Of the quick search, which is not to take the keyboard from whoever types elsewhere.
    "which has Qt::WindowDoesNotAcceptFocus set",
    # Of a desktop that does not know the program's entry: it was not installed as a package.
    "Failed to register with host portal",
    # Of watchdog, where something has changed just when it was told to stop.
    "queue_events() called when the thread is inactive",
    # Of a system whose limits are reached: the step about watchdog tells it.
    "notesearch.core.watcher: A folder cannot be watched",
)
"""What is said and means nothing here."""
MOST_SAID, MOST_LETTERS = 5, 200
"""So much is repeated of what is said."""


class Remark(str):
    """What is said of a step that went well, but not in the way that is to be expected."""

    __slots__ = ()


class Report:
    """Writes the lines, counts what failed, and keeps what was said on the way."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.passed = self.failed = 0
        # Once each, in their order.
        self._heard: dict[str, None] = {}
        self._heard_of_qt: dict[str, None] = {}

    def check(self, name: str, step: Callable[[], str]) -> None:
        """Take a step, which returns what is to be said of it; whatever it raises is a failure."""
        began = time.monotonic()
        try:
            said = step()
        except Exception as error:  # noqa: BLE001  # the other steps are to be taken all the same
            self.fail(name, explain(error))
        else:
            self.passed += 1
            word = "note" if isinstance(said, Remark) else "ok"
            seconds = time.monotonic() - began
            self._line(f"{word:4} {name:{NAME_WIDTH}}{said}, {seconds:.2f} s")

    def fail(self, name: str, why: str) -> None:
        """Say that a step failed, and why."""
        self.failed += 1
        self._line(f"FAIL {name}: {' '.join(why.split())}")

    def conclude(self) -> None:
        """Say what was heard, and how many steps went well."""
        for text in _some_of(self._heard_of_qt):
            self._line(f"note {'Qt':{NAME_WIDTH}}{text}")
        if self._heard:
            self.fail(tr("silence"), "; ".join(_some_of(self._heard)))
        else:
            quiet = tr("no warnings but those of Qt") if self._heard_of_qt else tr("no warnings")
            self.check(tr("silence"), lambda: quiet)
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
    def listening_to_qt(self, folder: Path) -> Iterator[None]:
        """Hear what Qt says as well; where it ends the process, a folder is removed before."""

        def end(text: str) -> None:
            self.fail("Qt", text)
            self.conclude()

        with hearing_qt(folder, self._hear_qt, end):
            yield

    def _hear(self, text: str) -> None:
        if not _is_harmless(text):
            self._heard[text] = None

    def _hear_qt(self, text: str) -> None:
        if not _is_harmless(text):
            self._heard_of_qt[text] = None

    def _hear_warning(
        self, message: Warning | str, category: type[Warning], *_: object, **__: object
    ) -> None:
        self._hear(f"{category.__name__}: {message}")

    def _line(self, text: str) -> None:
        self._write(f"{text}\n")


def explain(error: Exception) -> str:
    """Say what went wrong; where the words are not ours, also what kind it is and what to do."""
    if isinstance(error, ErrandError | ModelError | LibraryError | SettingsError):
        return str(error)
    return tr("{kind}: {error}; install notesearch again, and if that does not help, report this "
              "line").format(kind=type(error).__name__, error=error)  # fmt: skip


def _is_harmless(text: str) -> bool:
    return any(harmless in text for harmless in HARMLESS)


def _some_of(texts: Iterable[str]) -> list[str]:
    """Return the first of some texts, each in one line that is not too long; and how many more."""
    lines = [" ".join(text.split()) for text in texts]
    some = [
        line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}..."
        for line in lines[:MOST_SAID]
    ]
    more = len(lines) - len(some)
    return [*some, *([tr("and {count} more").format(count=more)] if more else [])]


class _Hears(logging.Handler):
    """Hands on what is logged from warnings on: the program logs no text of notes."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(f"{record.name}: {record.getMessage()}")
