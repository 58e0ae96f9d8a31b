"""What becomes of the finished folder of a bundle: it is made equal everywhere, and checked."""

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import elf

PROGRAMS = {"notesearch", "notesearch.exe", "notesearch-cli.exe"}
MAX_BYTES = 240_000_000
"""What the folder may take; a library that came in unnoticed takes more."""
NEEDED = (
    "models/all-MiniLM-L6-v2/model.onnx", "models/all-MiniLM-L6-v2/tokenizer.json",
    "resources/icons/notesearch.svg", "resources/sample-notes/Welcome.md",
    "licences/THIRD-PARTY.txt", "licences/components.json", "py3langid/data/model.npz.xz",
)  # fmt: skip
UNWANTED = ("libssl", "libcrypto", "_ssl.", "_hashlib.", "QtNetwork", "Qt6Network", "Qt6Qml",
            "libgtk", "huggingface_hub", "hf_xet")  # fmt: skip
"""Parts of names: what could speak to a network, and what came in from a machine before."""
STRIPPED = ("numkong/*.so", "usearch/*.so", "tokenizers/*.so", "yaml/*.so", "libpython*.so*",
            "python3*/lib-dynload/*.so")  # fmt: skip
"""Libraries with symbols for debuggers. Never all of them: numpy's would not load any more."""


def content_folder(tree: Path) -> Path:
    """Return the folder in a bundle that libraries and data are in, or links to them."""
    contents = tree / "Contents"
    return contents / "Resources" if contents.is_dir() else tree / "_internal"


def link_licences(tree: Path) -> None:
    """In an application of macOS, show the program the licences, as PyInstaller does with data."""
    frameworks = tree / "Contents" / "Frameworks"
    if frameworks.is_dir():
        (frameworks / "licences").symlink_to("../Resources/licences")


def signed_parts(app: Path) -> list[Path]:
    """Return what is signed in an application of macOS besides itself; what holds others is last.

    Of a framework that is the folder of its version, which has the library and what describes it.
    """
    frameworks = {
        folder for folder in app.rglob("*.framework/Versions/*")
        if folder.is_dir() and not folder.is_symlink()
    }  # fmt: skip
    own = app / "Contents" / "MacOS" / "notesearch"
    libraries = {
        file for file in _files(app)
        if _is_macho(file) and file != own and file.parent not in frameworks
    }  # fmt: skip
    return [*sorted(libraries), *sorted(frameworks, key=lambda one: (-len(one.parts), one))]


def _is_macho(file: Path) -> bool:
    """Say whether a file is a program or a library of macOS, for one processor or for several."""
    with file.open("rb") as opened:
        return opened.read(4) in {b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"}


def slim(tree: Path) -> None:
    """On Linux, take out what only debuggers read, and where things were built."""
    if sys.platform != "linux":
        return
    inside = content_folder(tree)
    libraries = sorted({file for pattern in STRIPPED for file in inside.glob(pattern)})
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)
    for library in libraries:
        elf.forget_folders(library)


def normalise(tree: Path, moment: int) -> None:
    """Give every file the mode and the time that it has in every build."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.name in PROGRAMS else 0o644)
        if path.is_symlink() and os.utime not in os.supports_follow_symlinks:
            continue
        os.utime(path, (moment, moment), follow_symlinks=not path.is_symlink())


def digest(tree: Path) -> str:
    """Return a SHA-256 over names, modes and contents; the same for the same tree anywhere."""
    whole = hashlib.sha256()
    paths = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*")}
    for name, path in sorted(paths.items()):
        mode = "link" if path.is_symlink() else f"{path.stat().st_mode & 0o777:o}"
        if path.is_symlink():
            content = hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        whole.update(f"{mode} {content} {name}\n".encode())
    return whole.hexdigest()


def size(tree: Path) -> int:
    """Return how many bytes the files take."""
    return sum(path.stat().st_size for path in _files(tree))


def problems(tree: Path, folders: Sequence[Path]) -> Iterator[str]:
    """Yield what is wrong with a bundle; `folders` are those that nothing in it may name."""
    inside = content_folder(tree)
    if size(tree) > MAX_BYTES:
        yield f"it takes {size(tree) / 1e6:.0f} MB, more than {MAX_BYTES / 1e6:.0f}"
    yield from (f"{name} is missing" for name in NEEDED if not (inside / name).is_file())
    for path in sorted(tree.rglob("*")):
        if any(part in path.name for part in UNWANTED):
            yield f"{path.relative_to(tree)} does not belong into it"
    for file in sorted(_files(tree)):
        content = _readable(file)
        named = (str(folder) for folder in folders if os.fsencode(folder) in content)
        yield from (f"{file.relative_to(tree)} names the folder {folder}" for folder in named)
    if sys.platform == "linux":
        yield from _loader_problems(tree, inside)


def _loader_problems(tree: Path, inside: Path) -> Iterator[str]:
    """Yield libraries that are not found, and copies of the system's."""
    for file in inside.glob("*.so*"):
        if not file.is_symlink() and not file.name.startswith("libpython"):
            yield f"{file.relative_to(tree)} was taken from the system"
    for file in filter(elf.is_elf, sorted(_files(tree))):
        said = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        missing = (line.split()[0] for line in said.splitlines() if "not found" in line)
        yield from (f"{file.relative_to(tree)} needs {name}, which is missing" for name in missing)


def _files(tree: Path) -> Iterator[Path]:
    return (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())


def _readable(file: Path) -> bytes:
    """Return the content of a file, of an archive with what is packed in it."""
    if file.suffix != ".zip":
        return file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
