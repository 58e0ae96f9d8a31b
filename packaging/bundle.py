"""Makes the frozen program: a folder that needs neither Python nor a network.

Usage: python packaging/bundle.py [--out DIR] [--venv DIR] [--only-venv]

Writes DIR/notesearch, on macOS DIR/notesearch.app instead; DIR is dist unless given. Builds in a
virtual environment with exactly what packaging/constraints.txt names, and prints a SHA-256 of the
folder as the last line: the same commit gives the same one. SOURCE_DATE_EPOCH sets the time of all
files; without it, that is the time of the commit. On macOS, MACOS_IDENTITY signs the application.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import tree
from moment import of_source as commit_time

PACKAGING = Path(__file__).resolve().parent
ROOT = PACKAGING.parent
CONSTRAINTS = PACKAGING / "constraints.txt"
MIN_PYTHON = 3, 12


class BuildError(Exception):
    """The bundle could not be built; says why."""


def main() -> int:
    """Build, check and say the digest."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / "venv", metavar="DIR")
    parser.add_argument("--only-venv", action="store_true", help="make the environment, no more")
    options = parser.parse_args()
    try:
        if options.only_venv:
            make_venv(options.venv.absolute())
            return 0
        bundle = build(options.out.absolute(), options.venv.absolute())
    except (BuildError, OSError, subprocess.CalledProcessError) as error:
        print(f"bundle.py: {error}", file=sys.stderr)
        return 1
    print(f"{bundle}: {tree.size(bundle) / 1e6:.1f} MB")
    print(tree.digest(bundle))
    return 0


def build(out: Path, venv: Path) -> Path:
    """Return the finished folder, of macOS the application."""
    python, moment = make_venv(venv), commit_time()
    work = out / "notesearch.building"
    shutil.rmtree(work, ignore_errors=True)
    (work / "made").mkdir(parents=True)
    try:
        make_files(python, work / "made")
        freeze(python, work, moment)
        # On macOS there is the folder too that the application was made of.
        name = "notesearch.app" if sys.platform == "darwin" else "notesearch"
        built = work / "dist" / name
        finish(python, built, moment)
        found = list(tree.problems(built, (ROOT, venv, work)))
        if found:
            raise BuildError("\n  ".join((f"{name} is not as it should be:", *found)))
        put(built, out / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out / name


def put(built: Path, place: Path) -> None:
    """Give a folder its place. One that is there is whole until then, and stays if it is in use."""
    before = built.with_name("before")
    try:
        if place.exists():
            place.rename(before)
        built.rename(place)
    except OSError as error:
        if before.exists():
            before.rename(place)
        raise BuildError(f"{place} cannot be replaced, is it in use? {error}") from error


def make_venv(venv: Path) -> Path:
    """Make the environment that is built in, unless it is there already; return its Python."""
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    mark = venv / "constraints.sha256"
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return python
    shutil.rmtree(venv, ignore_errors=True)
    run([find_python(), "-m", "venv", str(venv)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Nothing is built from source: that would take tools which no hash is known of.
    run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(CONSTRAINTS)])
    mark.write_text(wanted)
    return python


def find_python() -> str:
    """Return a Python that may build bundles: this one, or one that python.sh finds."""
    if sys.version_info >= MIN_PYTHON:
        return sys.executable
    if sys.platform == "win32":
        raise BuildError("bundles need Python 3.12 or later: run this with one")
    return run(["sh", str(PACKAGING / "python.sh")]).strip()


def make_files(python: Path, folder: Path) -> None:
    """Make what only programs of Windows and macOS carry in them: icon and version."""
    if sys.platform not in {"win32", "darwin"}:
        return
    run([str(python), str(PACKAGING / "icons.py"), str(folder)])
    if sys.platform == "win32":
        about = PACKAGING / "windows" / "version_info.py"
        run([str(python), str(about), str(folder / "version_info.txt")])


def freeze(python: Path, work: Path, moment: int) -> None:
    """Run PyInstaller, with nothing in the environment that could change the outcome."""
    around = os.environ | {
        "NOTESEARCH_BUILD_FILES": str(work / "made"),
        "PYINSTALLER_CONFIG_DIR": str(work / "cache"),
        "PYTHONHASHSEED": "1",
        "PYTHONNOUSERSITE": "1",
        "SOURCE_DATE_EPOCH": str(moment),
        "TZ": "UTC",
    }
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "LD_LIBRARY_PATH"):
        around.pop(name, None)
    run([str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR",
         "--distpath", str(work / "dist"), "--workpath", str(work / "work"),
         str(PACKAGING / "notesearch.spec")], around)  # fmt: skip


def finish(python: Path, bundle: Path, moment: int) -> None:
    """Make a frozen program what is given to people."""
    tree.slim(bundle)
    licences = tree.content_folder(bundle) / "licences"
    run([str(python), str(PACKAGING / "licences" / "collect.py"),
         str(tree.content_folder(bundle)), str(licences)])  # fmt: skip
    tree.link_licences(bundle)
    tree.normalise(bundle, moment)
    if bundle.suffix == ".app":
        sign(bundle)


def sign(app: Path) -> None:
    """Sign an application of macOS as it is now: what was added later would break the seal.

    From the inside out, each part by itself: codesign's --deep passes over code where it expects
    data, and gives libraries the program's entitlements too. Without an identity a signature says
    nothing of who made it; Apple's processors start no program that has none at all.
    """
    identity = os.environ.get("MACOS_IDENTITY")
    hardened = ["--timestamp", "--options", "runtime"] if identity else []
    command = ["codesign", "--force", *hardened, "--sign", identity or "-"]
    entitlements = ["--entitlements", str(PACKAGING / "macos" / "entitlements.plist")]
    run([*command, *map(str, tree.signed_parts(app))])
    run([*command, *(entitlements if identity else ()), str(app)])
    run(["codesign", "--verify", "--deep", "--strict", str(app)])


def run(command: list[str], environment: "dict[str, str] | None" = None) -> str:
    """Run a program and return what it printed. Raises CalledProcessError."""
    return subprocess.run(
        command, check=True, text=True, stdout=subprocess.PIPE, env=environment, cwd=ROOT
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
