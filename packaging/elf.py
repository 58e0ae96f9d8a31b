"""Takes out of libraries of Linux where they were built: folders that the loader would look in.

Whoever can write to such a folder on another machine could have the program load what they like.
"""

import struct
from pathlib import Path

_MAGIC = b"\x7fELF\x02\x01"
"""64 bits, little endian: all that bundles are built for."""
_DYNAMIC_SEGMENT = 2
_END, _STRINGS, _RPATH, _RUNPATH = 0, 5, 15, 29
_LOADED_SEGMENT = 1


def is_elf(file: Path) -> bool:
    """Say whether a file is a program or a library of Linux."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def forget_folders(file: Path) -> None:
    """Remove the search paths of a library that do not begin where the library itself is."""
    content = bytearray(file.read_bytes())
    segments = _segments(content)
    start, size = next((at, n) for kind, at, _, n in segments if kind == _DYNAMIC_SEGMENT)
    entries = [struct.unpack_from("<qQ", content, start + at) for at in range(0, size, 16)]
    address = next(value for tag, value in entries if tag == _STRINGS)
    strings = next(address - there + at for kind, at, there, n in segments
                   if kind == _LOADED_SEGMENT and there <= address < there + n)  # fmt: skip
    kept = [
        (tag, value) for tag, value in entries
        if tag not in {_RPATH, _RUNPATH} or content.startswith(b"$ORIGIN", strings + value)
    ]  # fmt: skip
    if len(kept) == len(entries):
        return
    kept += [(_END, 0)] * (len(entries) - len(kept))
    content[start : start + size] = b"".join(struct.pack("<qQ", *entry) for entry in kept)
    file.write_bytes(content)


def _segments(content: bytearray) -> list[tuple[int, int, int, int]]:
    """Return kind, place in the file, address and size in the file of each segment."""
    (table,) = struct.unpack_from("<Q", content, 32)
    entry_size, count = struct.unpack_from("<HH", content, 54)
    found = []
    for number in range(count):
        kind, _, at, address, _, size, _, _ = struct.unpack_from(
            "<IIQQQQQQ", content, table + number * entry_size
        )
        found.append((kind, at, address, size))
    return found
