"""A file -> its text: encodings, and files that cannot be read."""

import codecs
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from notesearch.core.notes import ONLY_IN_CLOUD, is_placeholder
from notesearch.translation import tr

MAX_BYTES = 5_000_000
"""Of a larger file so much is searchable."""

_NOT_ON_DISK = ("/proc/", "/sys/")
"""What a system says about itself and what runs on it: no notes, though they look like files."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableError(Exception):
    """A file that cannot be read or holds no text; says why, in words for the user."""


class NotTextError(UnreadableError):
    """A file that holds something else than text."""


class PlaceholderError(UnreadableError):
    """A file that is only in the cloud: to read it would fetch it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    text: str
    hash: bytes
    """Of the bytes that were read."""
    problem: str
    """'' when the whole file was understood."""


def read(path: Path) -> Content:
    """Read a text file. Raises UnreadableError, and FileNotFoundError when it has vanished."""
    data = read_bytes(path, MAX_BYTES + 1)
    problem = ""
    if len(data) > MAX_BYTES:
        data = data[:MAX_BYTES]
        problem = tr("larger than {size} MB: only the beginning is searchable")
        problem = problem.format(size=MAX_BYTES // 1_000_000)
    text, encoding = decode(data)
    if not encoding:
        problem = problem or tr(
            "not valid UTF-8: read as Windows-1252, some characters may be wrong"
        )
    return Content(text, hashlib.blake2b(data, digest_size=16).digest(), problem)


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the beginning of a file. Raises as read() does."""
    try:
        if is_placeholder(path.stat()):
            raise PlaceholderError(ONLY_IN_CLOUD)
        if path.is_symlink() and os.path.realpath(path).startswith(_NOT_ON_DISK):
            raise UnreadableError(tr("cannot be read: it is a link to what is no file on a disk"))
        # Without waiting: a pipe of that name would keep the reader for ever.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableError(tr("cannot be read: it is not a file"))
            return file.read(limit)
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise UnreadableError(tr("cannot be read: permission denied")) from error
    except OSError as error:
        raise UnreadableError(
            tr("cannot be read: {error}").format(error=error.strerror or error)
        ) from error


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding; '' for the encoding where it is a guess.

    A byte order mark decides, else strict UTF-8, else Windows-1252, which reads any bytes.
    Detection by statistics is of no use: it takes short notes for Hebrew or Chinese.

    Raises UnreadableError for binary data.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    text = _utf8(data)
    # Ordinary text may hold a stray zero; read as two bytes a character it would be Chinese.
    if text is None or data.count(b"\0") * 10 > len(data):
        wide = _utf16(data) if b"\0" in data[:65_536] else None
        if wide is not None:
            return wide, "utf-16"
    guess = text if text is not None else data.decode("cp1252", "replace")
    if not _is_prose(guess):
        raise NotTextError(tr("holds binary data, not text"))
    return guess, "" if text is None else "utf-8"


def _utf16(data: bytes) -> str | None:
    """Decode text of two bytes a character that carries no mark."""
    texts = (_strict(data[: len(data) // 2 * 2], name) for name in ("utf-16-le", "utf-16-be"))
    return next((text for text in texts if text is not None and _is_prose(text)), None)


def _utf8(data: bytes) -> str | None:
    """Decode strictly; the last character may have been cut where the file was."""
    cuts = range(4) if len(data) >= MAX_BYTES else range(1)
    texts = (_strict(data[: len(data) - cut], "utf-8") for cut in cuts)
    return next((text for text in texts if text is not None), None)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_prose(text: str) -> bool:
    """Say whether a text looks like one: hardly any control or private characters."""
    sample = text[:65_536]
    strange = sum(
        (c < " " and c not in "\t\n\r\f\v") or c == "\ufffd" or "\ue000" <= c <= "\uf8ff"
        for c in sample
    )
    return strange * 20 <= len(sample) and "\0\0" not in sample
