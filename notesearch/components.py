"""What the program is made of besides its own code: for About, with licences and sources."""

import platform
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from notesearch.paths import BUNDLED

_PYPI = "https://pypi.org/project/{distribution}/{version}/"
_QT = "https://download.qt.io/archive/qt/{minor}/{version}/single/"
_PYSIDE = "https://download.qt.io/official_releases/QtForPython/pyside6/PySide6-{version}-src/"
_LGPL = "LGPL-3.0-only"
_ESSENTIALS = "PySide6_Essentials"


@dataclass(frozen=True, slots=True)
class Component:
    """Something that others have made."""

    name: str
    distribution: str
    """As Python's package index calls it; '' for what is none."""
    licence: str
    """By SPDX."""
    source: str = _PYPI
    """Where it comes from, for exactly the version that is here."""
    version: str = ""
    replaceable: bool = False
    """Whether its licence wants it to be a file that the user may replace, as the LGPL does."""


COMPONENTS = (
    Component("Qt", _ESSENTIALS, _LGPL, _QT, replaceable=True),
    Component("PySide6", _ESSENTIALS, _LGPL, _PYSIDE, replaceable=True),
    Component("Shiboken", "shiboken6", _LGPL, _PYSIDE, replaceable=True),
    Component("all-MiniLM-L6-v2", "", "Apache-2.0",
              "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"),
    Component("Python", "", "PSF-2.0", "https://www.python.org/downloads/source/"),
    Component("SQLite", "", "blessing", "https://sqlite.org/download.html"),
    Component("PyInstaller's start program", "pyinstaller",
              "GPL-2.0-or-later WITH Bootloader-exception"),
    Component("filelock", "filelock", "MIT"),
    Component("Jeepney", "jeepney", "MIT"),
    Component("markdown-it-py", "markdown-it-py", "MIT"),
    Component("mdurl", "mdurl", "MIT"),
    Component("NumKong", "numkong", "Apache-2.0",
              "https://github.com/ashvardanian/NumKong/tree/v{version}"),
    Component("NumPy", "numpy", "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0"),
    Component("ONNX Runtime", "onnxruntime", "MIT",
              "https://github.com/microsoft/onnxruntime/tree/v{version}"),
    Component("pathspec", "pathspec", "MPL-2.0"),
    Component("platformdirs", "platformdirs", "MIT"),
    Component("psutil", "psutil", "BSD-3-Clause"),
    Component("py3langid", "py3langid", "BSD-3-Clause"),
    Component("PyYAML", "PyYAML", "MIT"),
    Component("RapidFuzz", "rapidfuzz", "MIT"),
    Component("Tokenizers", "tokenizers", "Apache-2.0"),
    Component("tqdm", "tqdm", "MPL-2.0 AND MIT"),
    Component("typing-extensions", "typing-extensions", "PSF-2.0"),
    Component("USearch", "usearch", "Apache-2.0",
              "https://github.com/unum-cloud/USearch/tree/v{version}"),
    Component("watchdog", "watchdog", "Apache-2.0"),
)  # fmt: skip
"""What is loaded when the program runs, the best known first."""

UNUSED = (
    Component("anyio", "anyio", "MIT"), Component("click", "click", "BSD-3-Clause"),
    Component("colorama", "colorama", "BSD-3-Clause"),
    Component("FlatBuffers", "flatbuffers", "Apache-2.0"),
    Component("fsspec", "fsspec", "BSD-3-Clause"), Component("h11", "h11", "MIT"),
    Component("hf-xet", "hf-xet", "Apache-2.0"),
    Component("httpcore2", "httpcore2", "BSD-3-Clause"),
    Component("httpx2", "httpx2", "BSD-3-Clause"),
    Component("huggingface-hub", "huggingface-hub", "Apache-2.0"),
    Component("idna", "idna", "BSD-3-Clause"),
    Component("packaging", "packaging", "Apache-2.0 OR BSD-2-Clause"),
    Component("Protocol Buffers", "protobuf", "BSD-3-Clause"),
    Component("truststore", "truststore", "MIT"),
)  # fmt: skip
"""What pip installs because something above asks for it, and the program never loads."""


def present(components: tuple[Component, ...] = COMPONENTS) -> Iterator[Component]:
    """Yield the components that are here, with their versions and where their sources are."""
    for one in components:
        version = _version(one)
        if version is None:
            continue
        source = one.source.format(
            distribution=one.distribution, version=version,
            minor=".".join(version.split(".")[:2]),
        )  # fmt: skip
        yield Component(one.name, one.distribution, one.licence, source, version, one.replaceable)


def licence_texts() -> Path | None:
    """Return the file with all licence texts, which packages bring; None where pip installed."""
    file = BUNDLED / "licences" / "THIRD-PARTY.txt"
    return file if file.is_file() else None


def _version(component: Component) -> str | None:
    """Return which version is here; '' for what has none, None where it is not here."""
    if component.distribution:
        if component.distribution == "pyinstaller" and not getattr(sys, "frozen", False):
            # It may have been installed to make packages with.
            return None
        try:
            return metadata.version(component.distribution)
        except metadata.PackageNotFoundError:
            return None
    return {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}.get(
        component.name, ""
    )
