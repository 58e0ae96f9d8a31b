"""What disks folders are on, and which of them others change without a word."""

import os
import re
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from notesearch.translation import tr

MOUNTS = Path("/proc/self/mountinfo")
"""What Linux says of the file systems that are mounted."""
_NETWORK = frozenset({
    "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "fhgfs", "gfs", "gfs2",
    "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2",
    "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
"""File systems that others change too, without Linux hearing of it."""
_DRIVE_REMOTE = 4
"""What Windows calls a drive of another machine."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system that is mounted somewhere."""

    number: int
    place: str
    kind: str


def mounts() -> tuple[Mount, ...]:
    """Return what is mounted on Linux, in the order in which it covers what was there before."""
    try:
        content = MOUNTS.read_bytes()
    except OSError:
        return ()
    return tuple(one for one in map(_mount, content.splitlines()) if one is not None)


def _mount(line: bytes) -> Mount | None:
    """Take a line of mountinfo apart: number, ..., place, options, ..., `-`, kind, ..."""
    fields = line.split(b" ")
    try:
        kind = fields[fields.index(b"-", 6) + 1]
        # Spaces, line ends and backslashes in names are written as three octal digits.
        place = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8) & 255]), fields[4])
        return Mount(int(fields[0]), os.fsdecode(place), os.fsdecode(kind))
    except (ValueError, IndexError):
        return None


def reason_of_drive(folder: Path, inside: Collection[str], mounted: Sequence[Mount]) -> str:
    """Say why changes on a folder's drive may go unnoticed; '' where nothing is known of that.

    inside: the folders below it that are looked into, of which some may be drives.
    """
    if sys.platform == "win32":
        from ctypes import windll  # noqa: PLC0415  # it is on Windows only

        remote = is_remote_drive(folder, windll.kernel32.GetDriveTypeW)
        return _on_drive(tr("a network drive")) if remote else ""
    around = [one for one in mounted if folder.is_relative_to(one.place)]
    # Of two at the same place the later one covers the other.
    own = max(reversed(around), key=lambda one: len(one.place), default=None)
    if own is not None and (drive := _drive(own.kind)):
        return _on_drive(drive)
    at = {one.place: one for one in mounted if one.place in inside}
    drives = [drive for one in at.values() if (drive := _drive(one.kind))]
    told = tr(
        "a part of it is on {drive}: changes made elsewhere are found by looking every minute"
    )
    return told.format(drive=drives[0]) if drives else ""


def _on_drive(drive: str) -> str:
    told = tr("it is on {drive}: changes made elsewhere are found by looking every minute")
    return told.format(drive=drive)


def _drive(kind: str) -> str:
    """Return in words what a file system is that may change unnoticed; '' for all others."""
    if kind in _NETWORK:
        return tr("a network drive")
    # `fuseblk` is a local disk, of NTFS for instance.
    return tr("a drive that a program provides") if kind.partition(".")[0] == "fuse" else ""


def is_remote_drive(folder: Path, drive_type: Callable[[str], int]) -> bool:
    """Say whether a folder on Windows is on another machine."""
    path = PureWindowsPath(folder)
    plain = path.drive.startswith("\\\\") and not path.drive.startswith(("\\\\?\\", "\\\\.\\"))
    return plain or drive_type(path.anchor) == _DRIVE_REMOTE
