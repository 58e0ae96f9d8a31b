"""Makes the icon files of all systems from resources/icons/notesearch*.svg.

Usage: python packaging/icons.py OUT_FOLDER

Writes hicolor/ (a piece of the icon theme as packages on Linux have it), notesearch.ico and
notesearch.icns. The same drawings give the same bytes. Needs PySide6 and no screen.
"""

import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

APP_ID = "io.github.notesearch.Notesearch"
DRAWINGS = Path(__file__).resolve().parents[1] / "resources" / "icons"
SMALL_TO = 24
"""Up to so many pixels the small drawing is used, in which less is drawn."""

HICOLOR = 16, 22, 24, 32, 48, 64, 128, 256, 512
ICO = 16, 20, 24, 32, 40, 48, 64, 256
PNG_FROM = 256
"""In an ICO. What reads smaller pictures does not everywhere read PNG."""
ICNS = (
    (b"ic04", 16), (b"ic05", 32), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512),
    (b"ic11", 32), (b"ic12", 64), (b"ic13", 256), (b"ic14", 512), (b"ic10", 1024),
)  # fmt: skip
"""The types of 16 to 512 points, and in the second line of the same at double resolution."""
ARGB_TYPES = b"ic04", b"ic05"
"""As iconutil writes them: macOS does not read PNG everywhere in the types for these sizes."""
MAC_SMALL_TO = 32
"""The same points at double resolution show the same drawing."""

# How much of a drawing is in the picture, from the tile in it (x, y, side).
LARGE_TILE, SMALL_TILE = (12.0, 12.0, 104.0), (0.0, 0.0, 32.0)
AS_DRAWN = 104 / 128
"""Of the tile's side to the picture's: the margins of GNOME's grid."""
NEARLY_FULL = 0.95
"""Windows leaves room around icons itself."""
MAC_GRID = 824 / 1024
MAC_SMALL = 7 / 8
"""On Apple's grid a tile of 16 points would not end between pixels, nor be large enough."""


def main(out: Path) -> None:
    """Write all files."""
    _write_hicolor(out / "hicolor")
    (out / "notesearch.ico").write_bytes(ico([windows(size) for size in ICO]))
    (out / "notesearch.icns").write_bytes(icns(mac))


def _write_hicolor(out: Path) -> None:
    for size in HICOLOR:
        _folder(out, f"{size}x{size}").joinpath(f"{APP_ID}.png").write_bytes(png(linux(size)))
    for kind, drawing, name in (
        ("scalable", "notesearch.svg", f"{APP_ID}.svg"),
        ("symbolic", "notesearch-symbolic.svg", f"{APP_ID}-symbolic.svg"),
    ):
        shutil.copyfile(DRAWINGS / drawing, _folder(out, kind) / name)


def _folder(out: Path, kind: str) -> Path:
    folder = out / kind / "apps"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# Pictures -----------------------------------------------------------------------------------


def linux(size: int) -> QImage:
    """Paint the icon as icon themes have it."""
    return _paint(size, 1.0 if size <= SMALL_TO else AS_DRAWN, small=size <= SMALL_TO)


def windows(size: int) -> QImage:
    """Paint the icon as it is seen best in lists and in the taskbar of Windows."""
    return _paint(size, 1.0 if size <= SMALL_TO else NEARLY_FULL, small=size <= SMALL_TO)


def mac(size: int) -> QImage:
    """Paint the icon with the margins that icons have on macOS."""
    small = size <= MAC_SMALL_TO
    return _paint(size, MAC_SMALL if small else MAC_GRID, small=small)


def _paint(size: int, share: float, *, small: bool) -> QImage:
    """Paint a drawing whose tile is a share of the picture's side, in the middle of it."""
    x, y, side = SMALL_TILE if small else LARGE_TILE
    margin = (side / share - side) / 2
    drawing = QSvgRenderer(str(DRAWINGS / f"notesearch{'-small' * small}.svg"))
    if not drawing.isValid():
        raise SystemExit(f"a drawing in {DRAWINGS} is missing or no SVG")
    drawing.setViewBox(QRectF(x - margin, y - margin, side / share, side / share))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def png(image: QImage) -> bytes:
    """Return a picture as a file."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def _rows(image: QImage) -> list[bytes]:
    """Return the pixels from the top: blue, green, red, opacity."""
    flat = image.convertToFormat(QImage.Format.Format_ARGB32)
    width, data = flat.bytesPerLine(), bytes(flat.constBits())
    return [data[start : start + width] for start in range(0, len(data), width)]


# Files --------------------------------------------------------------------------------------
# Pillow writes an ICO either all in PNG or all without, and an ICNS without 16 points.


def ico(images: list[QImage]) -> bytes:
    """Return an icon file of Windows."""
    contents = [png(one) if one.width() >= PNG_FROM else _bitmap(one) for one in images]
    head, place = struct.pack("<HHH", 0, 1, len(images)), 6 + 16 * len(images)
    for image, content in zip(images, contents, strict=True):
        side = image.width() % 256  # 256 is written as 0
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(content), place)
        place += len(content)
    return head + b"".join(contents)


def _bitmap(image: QImage) -> bytes:
    """Return a picture as it stands in an ICO: from the bottom, then a mask of what is hidden."""
    side, rows = image.width(), _rows(image)[::-1]
    head = struct.pack("<IiiHHIIiiII", 40, side, 2 * side, 1, 32, 0, 0, 0, 0, 0, 0)
    mask = b""
    for row in rows:
        bits = "".join("0" if opacity else "1" for opacity in row[3::4])
        # Each row of the mask fills words of 32 bits.
        bits = bits.ljust(-(-side // 32) * 32, "0")
        mask += int(bits, 2).to_bytes(len(bits) // 8, "big")
    return head + b"".join(rows) + mask


def icns(paint: Callable[[int], QImage]) -> bytes:
    """Return an icon file of macOS."""
    content = b""
    for kind, size in ICNS:
        one = _argb(paint(size)) if kind in ARGB_TYPES else png(paint(size))
        content += kind + struct.pack(">I", 8 + len(one)) + one
    return b"icns" + struct.pack(">I", 8 + len(content)) + content


def _argb(image: QImage) -> bytes:
    """Return opacity, red, green and blue one after the other, each in runs of bytes."""
    pixels = b"".join(_rows(image))
    return b"ARGB" + b"".join(_runs(pixels[channel::4]) for channel in (3, 2, 1, 0))


def _runs(channel: bytes) -> bytes:
    """Return bytes in runs that are not compressed: a length less one, then so many bytes."""
    parts = (channel[start : start + 128] for start in range(0, len(channel), 128))
    return b"".join(bytes([len(part) - 1]) + part for part in parts)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
