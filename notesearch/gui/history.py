"""What was searched for before, and the way back to it."""

import contextlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from notesearch.paths import open_private

logger = logging.getLogger(__name__)

MOST = 200


class History:
    """Searches, the newest last; kept in a file that only the user may read, where there is one.

    That it cannot be read or written is logged; nobody need be bothered with it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept = True
        self._texts: list[str] = _read(path) if path is not None else []
        self._at: int | None = None
        """Which one is in the box; None while it is something new."""
        self._draft = ""
        """What was in the box before it was gone back."""

    @property
    def texts(self) -> Sequence[str]:
        """All of them, the newest last."""
        return tuple(self._texts)

    def keep(self, *, wanted: bool) -> None:
        """Remember searches from now on, or forget all and remember none."""
        self._kept = wanted
        if not wanted:
            self.clear()

    def add(self, text: str) -> None:
        """Remember a search that was of use."""
        text = text.strip()
        self._at = None
        if not text or not self._kept or self._texts[-1:] == [text]:
            return
        self._texts = [*(one for one in self._texts if one != text), text][-MOST:]
        self._write()

    def clear(self) -> None:
        """Forget all."""
        self._texts, self._at = [], None
        if self._path is not None:
            try:
                self._path.unlink(missing_ok=True)
                self._path.with_suffix(".new").unlink(missing_ok=True)
            except OSError as error:
                logger.warning("The search history cannot be deleted: %s", error.strerror)

    def older(self, text: str) -> str:
        """Return the search before the one that is in the box; the same where there is none."""
        if self._at is None:
            self._draft, self._at = text, len(self._texts)
            if self._texts[-1:] == [text.strip()]:
                self._at -= 1
        if self._at == 0:
            return text
        self._at -= 1
        return self._texts[self._at]

    def newer(self, text: str) -> str:
        """Return the search after it, at last what was in the box before."""
        if self._at is None:
            return text
        self._at += 1
        if self._at < len(self._texts):
            return self._texts[self._at]
        self._at = None
        return self._draft

    def leave(self) -> None:
        """Something else was typed: the way back begins at the newest again."""
        self._at = None

    def _write(self) -> None:
        if self._path is None:
            return
        temporary = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(temporary, "w", encoding="ascii", opener=open_private) as file:
                json.dump(self._texts, file)
            temporary.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            logger.warning("The search history cannot be kept: %s", error.strerror)


def _read(path: Path) -> list[str]:
    try:
        texts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        logger.warning("The search history cannot be read; it begins anew")
        return []
    known = texts if isinstance(texts, list) else []
    return [text for text in known if isinstance(text, str)][-MOST:]
