"""Makes the installer for Windows: OUT_FOLDER/notesearch-VERSION-x64-setup.exe.

Usage: python packaging/windows/build_installer.py BUNDLE OUT_FOLDER [--version V] [--stand-in]

BUNDLE is the frozen program, with notesearch.exe, notesearch-cli.exe and _internal. With
--stand-in it may be of any system: that shows that the script compiles, here too. Needs makensis
(NSIS 3.08 or later) on PATH, or in the folder where its installer puts it.

NOTESEARCH_SIGN_WINDOWS, where it is set, is a command that signs the file whose name is put behind
it: it is called for both programs, then for the uninstaller and for the installer. See README.md.
"""

import argparse
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import version_info

ROOT = Path(__file__).resolve().parents[2]
SIGN = "NOTESEARCH_SIGN_WINDOWS"
PROGRAMS = "notesearch.exe", "notesearch-cli.exe"


def main() -> None:
    """Make the installer and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default=_constants("__init__")["__version__"])
    parser.add_argument("--stand-in", action="store_true")
    options = parser.parse_args()
    sign = "" if options.stand_in else os.environ.get(SIGN, "")
    options.out.mkdir(parents=True, exist_ok=True)
    installer = options.out.resolve() / f"notesearch-{options.version}-x64-setup.exe"
    for name in PROGRAMS if sign else ():
        # As NSIS does with it: a line for the shell, since the command has arguments.
        subprocess.run(f'{sign} "{options.bundle.resolve() / name}"', shell=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([_python(), ROOT / "packaging" / "icons.py", folder], check=True)
        named = {
            "VERSION": options.version,
            "NUMBERS": ".".join(map(str, version_info.numbers(options.version))),
            "DIST": str(options.bundle.resolve()),
            "OUT": str(installer),
            "ICON": str(Path(folder, "notesearch.ico")),
            "SIGN": sign,
        }
        defines = _defines(named | _identity())
        switch = ["-DSTANDIN"] * options.stand_in
        script = Path(__file__).with_name("notesearch.nsi")
        subprocess.run([_makensis(), "-V2", "-WX", *defines, *switch, script], check=True)
    print(installer)


def _identity() -> dict[str, str]:
    named = _constants("identity")
    return {"PUBLISHER": named["MAINTAINER"]} | {
        name: named[name] for name in ("HOMEPAGE", "ISSUES", "RELEASES")
    }


def _constants(module: str) -> dict[str, str]:
    return runpy.run_path(str(ROOT / "notesearch" / f"{module}.py"))


def _defines(named: dict[str, str]) -> Iterator[str]:
    """Yield the options for makensis; what is empty is left out."""
    return (f"-D{name}={value}" for name, value in named.items() if value)


def _python() -> str:
    """Return a Python that has PySide6: that of packaging/bundle.py, where it was run."""
    places = (ROOT / "build" / "venv" / name for name in ("Scripts/python.exe", "bin/python"))
    return next((str(place) for place in places if place.exists()), sys.executable)


def _makensis() -> str:
    folder = Path(os.environ.get("PROGRAMFILES(X86)", ""), "NSIS")
    found = shutil.which("makensis") or shutil.which("makensis", path=str(folder))
    if found is None:
        raise SystemExit("makensis is missing: install NSIS (on Debian: apt install nsis)")
    return found


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        # What was run has said why.
        raise SystemExit(
            f"failed: {error.cmd[0] if isinstance(error.cmd, list) else SIGN}"
        ) from None
