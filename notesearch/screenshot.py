"""A picture of the window with the sample notes, for menus, packages and whoever wants to see."""

import os
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from notesearch.apart import folder_apart, hearing_qt, set_up
from notesearch.core.database import NO_ROOM
from notesearch.errands import ErrandError
from notesearch.qt_import import import_qt
from notesearch.translation import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

WIDTH, HEIGHT = 1200, 800
QUERY = "keep the house warm in winter"


def take(file: Path) -> None:
    """Paint the window to a file; its suffix says as what, such as .png. Raises ErrandError."""
    import_qt()
    from PySide6.QtGui import QImageWriter  # noqa: PLC0415  # Qt: only here

    kind = file.suffix[1:].lower()
    known = sorted(bytes(one.data()).decode() for one in QImageWriter.supportedImageFormats())
    if kind not in known:
        said = tr("{file} does not say what kind of picture it is to be: end it with .png, or with "
                  "one of {known}")  # fmt: skip
        raise ErrandError(said.format(file=file, known=", ".join(known)))
    # To paint takes seconds.
    if file.is_dir() or not os.access(file if os.access(file, os.F_OK) else file.parent, os.W_OK):
        raise ErrandError(
            tr("the picture cannot be written to {file}: name a file in a folder that is there and "
               "that you may write to").format(file=file)
        )  # fmt: skip
    with folder_apart() as folder, hearing_qt(folder, _say, _say):
        picture = _paint(folder, kind)
    try:
        file.write_bytes(picture)
    except OSError as error:
        if file.is_file():
            # A part of a picture is none; what is no file, such as a device, is left.
            with suppress(OSError):
                file.unlink()
        said = (
            tr("the picture cannot be written to {file}: the disk is full, make room") if
            error.errno in NO_ROOM else
            tr("the picture cannot be written to {file} ({error}): name another file")
        )  # fmt: skip
        raise ErrandError(said.format(file=file, error=error.strerror or error)) from error


def _say(text: str) -> None:
    """Hand on what Qt says."""
    if sys.stderr is not None:
        sys.stderr.write(f"notesearch: {text}\n")
        # The process may end with this.
        sys.stderr.flush()


def _paint(folder: Path, kind: str) -> bytes:
    from notesearch import stage  # noqa: PLC0415  # Qt: only here

    user = set_up(folder)
    stage.application()
    with closing(stage.Stage(user)) as shown:
        shown.window.resize(WIDTH, HEIGHT)
        shown.open()
        shown.ask(QUERY)
        shown.settle()
        return _encoded(stage.paint(shown.window), kind)


def _encoded(picture: "QImage", kind: str) -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice  # noqa: PLC0415  # Qt: only here
    from PySide6.QtGui import QImageWriter  # noqa: PLC0415

    written = QBuffer()
    written.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(written, QByteArray(kind.encode()))
    if not writer.write(picture):
        said = tr("a picture of the kind {kind} cannot be made ({error}): end the name with .png")
        raise ErrandError(said.format(kind=kind, error=writer.errorString()))
    return bytes(written.data().data())
