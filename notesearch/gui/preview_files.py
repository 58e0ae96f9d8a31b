"""What a note may show of files: pictures in its own folder, and links to other notes."""

import os
import stat
from pathlib import Path, PureWindowsPath

from PySide6.QtCore import QBuffer, QSize, Qt, QUrl, qInstallMessageHandler
from PySide6.QtGui import (
    QImage,
    QImageIOHandler,
    QImageReader,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextImageFormat,
    QTextLength,
)

from notesearch.core.notes import Preview, is_placeholder
from notesearch.gui.theme import Theme

MAX_PICTURES = 40
MAX_PICTURE_BYTES = 4_000_000
MAX_PIXELS = 24_000_000
MAX_ALL_PIXELS = 2 * MAX_PIXELS
MAX_WIDTH = 1_200
FORMATS = frozenset({b"png", b"jpeg", b"gif", b"webp", b"bmp"})


class Pictures:
    """The pictures of one note, no more of them than can be shown at once."""

    def __init__(self, preview: Preview, width: int) -> None:
        self._preview = preview
        self._width = width
        self._loaded: dict[str, QImage] = {}
        self._pixels = 0

    def place(self, cursor: QTextCursor, form: QTextImageFormat, theme: Theme) -> None:
        """Put a picture where it is selected; without one, the words that stand for it."""
        name = form.name()
        image = self._load(name)
        if image.isNull():
            words = QTextCharFormat()
            words.setForeground(theme.muted)
            alternative = form.property(QTextFormat.Property.ImageAltText.value)
            cursor.insertText(f"[{alternative or 'picture'}]", words)
            return
        # Qt would try the file of any other name itself, and others that are called alike.
        form.setName(f":/preview/{list(self._loaded).index(name)}")
        form.clearProperty(QTextFormat.Property.TextToolTip.value)
        form.setMaximumWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        url = QUrl(f"qrc{form.name()}")
        cursor.document().addResource(QTextDocument.ResourceType.ImageResource, url, image)
        cursor.setCharFormat(form)

    def _load(self, name: str) -> QImage:
        if name not in self._loaded:
            full = len(self._loaded) >= MAX_PICTURES or self._pixels > MAX_ALL_PIXELS
            path = None if full else inside(QUrl.fromEncoded(name.encode()), self._preview)
            self._loaded[name] = self._read(path) if path else QImage()
        return self._loaded[name]

    def _read(self, path: Path) -> QImage:
        try:
            status = path.stat()
            if status.st_size > MAX_PICTURE_BYTES or is_placeholder(status):
                return QImage()
            with path.open("rb") as file:
                data = file.read(MAX_PICTURE_BYTES)
        except OSError:
            return QImage()
        buffer = QBuffer()
        buffer.setData(data)
        # What Qt has to say about damaged files would fill the log at each note.
        handler = qInstallMessageHandler(lambda *_: None)
        try:
            return self._decode(QImageReader(buffer))
        finally:
            qInstallMessageHandler(handler)

    def _decode(self, reader: QImageReader) -> QImage:
        reader.setDecideFormatFromContent(True)
        reader.setAutoTransform(True)
        if reader.format().data() not in FORMATS:
            return QImage()
        size = reader.size()
        pixels = size.width() * size.height()
        if size.isEmpty() or pixels > MAX_PIXELS:
            return QImage()
        self._pixels += pixels
        bound = QSize(self._width, 4 * MAX_WIDTH)
        if reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90:
            bound.transpose()
        if size.width() > bound.width() or size.height() > bound.height():
            scaled = size.scaled(bound, Qt.AspectRatioMode.KeepAspectRatio)
            reader.setScaledSize(scaled.expandedTo(QSize(1, 1)))
        return reader.read()


def inside(url: QUrl, preview: Preview) -> Path | None:
    """Return the regular file in the note's folder that a relative reference means, if any.

    Nothing outside of the folder is touched, not even to see whether it is there.
    """
    name = url.path(QUrl.ComponentFormattingOption.FullyDecoded)
    # A name like that leads to another disk or machine, if only on Windows.
    if url.scheme() or url.authority() or not name or PureWindowsPath(name).anchor or "\0" in name:
        return None
    folder = os.path.normpath(preview.folder)
    for start in (preview.file.parent, preview.folder):
        path = Path(os.path.normpath(start / name))
        try:
            if not path.is_relative_to(folder):
                continue
            path = path.resolve(strict=True)
            if path.is_relative_to(preview.folder.resolve()) and stat.S_ISREG(path.stat().st_mode):
                return path
        except (OSError, RuntimeError, ValueError):
            continue
    return None
