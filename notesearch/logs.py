"""The program's log, which only the user may read and which holds no text of notes or queries."""

import logging
import logging.handlers
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from notesearch import paths
from notesearch.core import report
from notesearch.paths import UserPaths

logger = logging.getLogger(__name__)

LOG_BYTES = 1_000_000


def begin(user: UserPaths) -> None:
    """Write the log where this user's logs are, and warnings to the terminal."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        user.make()
        handlers.append(_PrivateLog(
            user.log_file, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8"
        ))  # fmt: skip
    except OSError as error:
        logger.warning("There is no log file: %s", error.strerror or error)
    for handler in handlers:
        handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    handlers[0].setLevel(logging.WARNING)


def lines(log: Path) -> list[str]:
    """Return what a log holds; nothing where it cannot be read."""
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


class _Formatter(logging.Formatter):
    """Describes errors without their messages, which may quote a note."""

    def formatException(  # noqa: N802  # logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return report.describe(ei[1]) if ei[1] is not None else ""


class _PrivateLog(logging.handlers.RotatingFileHandler):
    """A log that only the user may read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=paths.open_private)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Say nothing: a full disk is said where it matters, and not once more at every line."""
