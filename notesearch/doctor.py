"""What the program says about itself: the state of the library, and a check of every part."""

import importlib.metadata
import json
import platform
import sqlite3
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notesearch import __version__
from notesearch.core import ignore
from notesearch.core.access import Reader, Writer, library_folder
from notesearch.core.database import LibraryError
from notesearch.core.difference import compare
from notesearch.core.embedder import Embedder, Encoder, Manifest, ModelError
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.patterns import Rules
from notesearch.paths import UserPaths
from notesearch.settings import Settings

_PARTS = ("numpy", "onnxruntime", "tokenizers", "usearch", "markdown-it-py", "PyYAML",
          "rapidfuzz", "py3langid",
          "platformdirs", "filelock", "pathspec", "watchdog", "PySide6_Essentials")  # fmt: skip


def status(user: UserPaths, encoder: Encoder, settings: Settings) -> dict[str, Any]:
    """Describe the library: how much is in it, what is missing and how old it is."""
    base: dict[str, Any] = {"folders": list(settings.folders), "library": None, "notes": 0,
                            "passages": 0, "embedded": 0, "stale": 0, "problems": [], "bytes": {},
                            "current_at": None, "changed_at": None, "unwatched": {}, "floor": None,
                            "language": ""}  # fmt: skip
    try:
        reader = Reader(user, encoder)
    except FileNotFoundError:
        return base
    library = reader.library
    counts = library.counts()
    difference = compare(
        library, ignore.outermost([Path(f) for f in settings.folders]),
        Rules(settings.ignored),
    )  # fmt: skip
    base |= {
        "library": str(library.folder),
        "notes": counts.notes,
        "passages": counts.passages,
        "embedded": counts.embedded,
        "problems": [{"path": p.path, "reason": p.reason} for p in library.problems()],
        "stale": difference.stale,
        "bytes": {f.name: f.stat().st_size for f in sorted(library.folder.iterdir())},
        "current_at": library.meta("current_at"),
        "changed_at": library.meta("changed_at"),
        "unwatched": json.loads(str(library.meta("unwatched") or "{}")),
        "floor": library.meta("floor"),
        "language": library.meta("language") or "",
    }
    reader.close()
    return base


def status_text(status: Mapping[str, Any]) -> str:
    """Say the same in lines for people."""
    if status["library"] is None:
        return "Nothing has been read yet. Start with: notesearch index FOLDER"
    waiting = status["passages"] - status["embedded"]
    current = status["current_at"]
    lines = [
        f"Folders    {', '.join(status['folders']) or 'none'}",
        f"Notes      {status['notes']:,}",
        f"Passages   {status['passages']:,}"
        + (f", {waiting:,} of them by words only so far" if waiting else ", all by meaning too"),
        f"Size       {sum(status['bytes'].values()) / 1e6:.1f} MB in {status['library']}",
        "Current    " + (f"{_ago(current)} ago" if current else "never completely"),
        f"Stale      {status['stale']:,} changed on disk since they were read",
        f"Problems   {len(status['problems'])}",
    ]
    if status["language"]:
        lines.append(f"Language   most notes are in {status['language']}, which the model does not "
                     "know: they are found by their words, hardly by meaning")  # fmt: skip
    lines += [f"  {problem['path']}: {problem['reason']}" for problem in status["problems"]]
    lines += [f"Watching   {path}: {why}" for path, why in status["unwatched"].items()]
    return "\n".join(lines)


def examine(model: Path, user: UserPaths) -> dict[str, Any]:
    """Check every part of the program; `ok` says whether all are sound."""
    report: dict[str, Any] = {
        "ok": True,
        "notesearch": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        "versions": {name: _version(name) for name in _PARTS},
        "data": str(user.data),
        "model": {"folder": str(model)},
        "pairs": [],
        "library": {},
        "errors": [],
    }
    try:
        manifest = Manifest.read(model)
        report["model"] |= {"name": manifest.name, "identity": manifest.identity,
                            "precision": manifest.precision, "licence": manifest.licence,
                            "sha256": dict(manifest.sha256)}  # fmt: skip
        encoder = Embedder(model)
    except ModelError as error:
        report["errors"].append(str(error))
    else:
        report["pairs"] = [
            {"name": p.name, "a": p.a, "b": p.b, "published": p.published,
             "reference": p.reference, "value": round(p.value, 6)}
            for p in encoder.pairs()
        ]  # fmt: skip
        report["library"] = _examine_library(user, encoder, report["errors"])
    report["ok"] = not report["errors"]
    return report


def repair(writer: Writer) -> list[str]:
    """Mend a library, which is then to be brought up to date; say what was wrong.

    Raises DamagedError where it has to be made anew.
    """
    found = [writer.library.mended] if writer.library.mended else []
    return [*found, *writer.indexer.inspect().found]


def report_text(report: Mapping[str, Any]) -> str:
    """Say the same in lines for people."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    lines = [
        f"notesearch {report['notesearch']}, Python {report['python']}, {report['system']}",
        f"SQLite {report['sqlite']}, {versions}",
        f"Data in {report['data']}",
        f"Model {report['model'].get('name', '?')} in {report['model']['folder']}",
        "Known pairs: reference, here",
        *(f"  {p['reference']:6.3f} {p['value']:6.3f}  {p['a']} / {p['b']}"
          for p in report["pairs"]),
        f"Library: {report['library'].get('state', 'not examined')}",
        *(f"ERROR: {error}" for error in report["errors"]),
        "All is well." if report["ok"] else "Something is wrong; see above.",
    ]  # fmt: skip
    return "\n".join(lines)


def _examine_library(user: UserPaths, encoder: Encoder, errors: list[str]) -> dict[str, Any]:
    folder = library_folder(user, encoder)
    try:
        library = Library(folder, encoder.identity, writable=False)
    except FileNotFoundError:
        return {"state": "none yet"}
    except LibraryError as error:
        errors.append(str(error))
        return {"state": "cannot be opened"}
    try:
        inspection = Inspection(library, encoder.dimension)
        while inspection.step():
            pass
        found = [*inspection.report(), *library.damage()]
    finally:
        library.close()
    errors += (f"the library in {folder} is damaged: {damage}" for damage in found)
    if found:
        errors.append("`notesearch doctor --repair` puts that right from the notes")
    return {"state": "damaged" if found else "sound", "folder": str(folder)}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "bundled" if getattr(sys, "frozen", False) else "missing"


def _ago(moment: float) -> str:
    seconds = max(0.0, time.time() - moment)
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
