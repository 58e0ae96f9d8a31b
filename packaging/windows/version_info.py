"""Writes what Windows shows of the program's files: the text of a version resource.

Usage: python packaging/windows/version_info.py    prints it
PyInstaller takes a file of it: EXE(..., version=FILE). It can read that on Windows only.
"""

import re
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, UNICODE = 0x0409, 1200

_TEXT = """\
VSVersionInfo(
  ffi=FixedFileInfo(
    filevers={numbers}, prodvers={numbers}, mask=0x3F, flags={flags}, OS=0x40004, fileType=0x1,
    subtype=0x0, date=(0, 0)
  ),
  kids=[
    StringFileInfo([
      StringTable({table!r}, [
{strings}
      ])
    ]),
    VarFileInfo([VarStruct('Translation', {translation})])
  ]
)
"""
PRERELEASE = 0x2


def numbers(version: str) -> tuple[int, int, int, int]:
    """Return a version as Windows has it; what makes 1.2.3rc1 none yet is left out."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        raise SystemExit(f"the version {version!r} is not of the form 1.2.3 or 1.2.3rc1")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch, 0


def text(root: Path = ROOT) -> str:
    """Return the text for the version that the source tree has."""
    version = str(runpy.run_path(str(root / "notesearch" / "__init__.py"))["__version__"])
    named = runpy.run_path(str(root / "notesearch" / "identity.py"))
    said = {
        "CompanyName": named["MAINTAINER"],
        "FileDescription": named["NAME"],
        "FileVersion": version,
        "InternalName": named["NAME"],
        "LegalCopyright": f"{named['LICENCE']} licence" if named["LICENCE"] else "",
        "ProductName": named["NAME"],
        "ProductVersion": version,
        "Comments": named["SUMMARY"],
    }
    strings = ",\n".join(
        f"        StringStruct({name!r}, {value!r})" for name, value in said.items() if value
    )
    return _TEXT.format(
        numbers=numbers(version),
        flags=PRERELEASE if re.search(r"[a-z]", version) else 0,
        table=f"{ENGLISH:04X}{UNICODE:04X}",
        strings=strings,
        translation=[ENGLISH, UNICODE],
    )


if __name__ == "__main__":
    sys.stdout.write(text())
