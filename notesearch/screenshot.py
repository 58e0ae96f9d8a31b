"""A picture of the window with the sample notes, for menus, packages and whoever wants to see."""

from contextlib import closing
from pathlib import Path

from notesearch.apart import folder_apart, set_up
from notesearch.errands import ErrandError
from notesearch.qt_import import import_qt
from notesearch.translation import tr

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
    with folder_apart() as folder:
        picture = _paint(folder, kind)
    try:
        file.write_bytes(picture)
    except OSError as error:
        said = tr("the picture cannot be written to {file} ({error}): name a file in a folder that "
                  "you may write to")  # fmt: skip
        raise ErrandError(said.format(file=file, error=error.strerror or error)) from error


def _paint(folder: Path, kind: str) -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice  # noqa: PLC0415  # Qt: only here
    from PySide6.QtGui import QImageWriter  # noqa: PLC0415

    from notesearch import stage  # noqa: PLC0415  # Qt: only here

    user = set_up(folder)
    stage.application()
    written = QBuffer()
    written.open(QIODevice.OpenModeFlag.WriteOnly)
    with closing(stage.Stage(user, on_screen=False)) as shown:
        shown.window.resize(WIDTH, HEIGHT)
        shown.open()
        shown.ask(QUERY)
        shown.settle()
        QImageWriter(written, QByteArray(kind.encode())).write(stage.paint(shown.window))
    return bytes(written.data().data())
