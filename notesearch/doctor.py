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
from notesearch.core.database import LibraryError, in_words, refusal
from notesearch.core.difference import compare
from notesearch.core.embedder import Embedder, Encoder, Manifest, ModelError
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.patterns import Rules
from notesearch.paths import UserPaths
from notesearch.settings import Settings
from notesearch.translation import tr, trn

_PARTS = ("numpy", "onnxruntime", "tokenizers", "usearch", "numkong", "markdown-it-py", "PyYAML",
          "rapidfuzz", "py3langid", "platformdirs", "filelock", "pathspec", "psutil", "watchdog",
          "PySide6_Essentials", *(("jeepney",) if sys.platform == "linux" else ()))  # fmt: skip

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def status(user: UserPaths, encoder: Encoder, settings: Settings) -> dict[str, Any]:
    """Describe the library: how much is in it, what is missing and how old it is."""
    base: dict[str, Any] = {"folders": list(settings.folders), "library": None, "notes": 0,
                            "passages": 0, "embedded": 0, "stale": 0, "problems": [], "bytes": {},
                            "current_at": None, "changed_at": None, "unwatched": {}, "floor": None,
                            "language": "", "full": ""}  # fmt: skip
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
        "full": library.full,
    }
    reader.close()
    return base


def status_text(status: Mapping[str, Any]) -> str:
    """Say the same in lines for people."""
    if status["library"] is None:
        return tr("Nothing has been read yet. Start with: notesearch index FOLDER")
    waiting = status["passages"] - status["embedded"]
    current = status["current_at"]
    passages = (
        tr("{passages:,}, {waiting:,} of them by words only so far") if waiting
        else tr("{passages:,}, all by meaning too")
    )  # fmt: skip
    size = tr("{size:.1f} MB in {folder}").format(
        size=sum(status["bytes"].values()) / 1e6, folder=status["library"]
    )
    language = tr("most notes are in {language}, which the model does not know: "
                  "they are found by their words, hardly by meaning")  # fmt: skip
    rows = [
        (tr("Folders"), ", ".join(status["folders"]) or tr("none")),
        (tr("Notes"), f"{status['notes']:,}"),
        (tr("Passages"), passages.format(passages=status["passages"], waiting=waiting)),
        (tr("Size"), size),
        (tr("Current"), _ago(current) if current else tr("never completely")),
        (tr("Stale"), tr("{count:,} changed on disk since they were read").format(
            count=status["stale"])),
        (tr("Problems"), str(len(status["problems"]))),
    ]  # fmt: skip
    if status["language"]:
        rows.append((tr("Language"), language.format(language=tr(status["language"]))))
    if status["full"]:
        rows.append((tr("Disk"), status["full"]))
    lines = [f"{name:10} {said}" for name, said in rows]
    lines += [f"  {problem['path']}: {problem['reason']}" for problem in status["problems"]]
    lines += [f"{tr('Watching'):10} {path}: {why}" for path, why in status["unwatched"].items()]
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
    refused = refusal(user.data) if user.data.is_dir() else None
    if refused is not None:
        unusable = tr("the folder {folder} {trouble}")
        trouble = in_words(refused, user.data)
        report["errors"].append(unusable.format(folder=user.data, trouble=trouble))
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
    model, state = report["model"], report["library"].get("state")
    lines = [
        f"notesearch {report['notesearch']}, Python {report['python']}, {report['system']}",
        f"SQLite {report['sqlite']}, {versions}",
        tr("Data in {folder}").format(folder=report["data"]),
        tr("Model {name} in {folder}").format(name=model.get("name", "?"), folder=model["folder"]),
        tr("Known pairs: reference, here"),
        *(f"  {p['reference']:6.3f} {p['value']:6.3f}  {p['a']} / {p['b']}"
          for p in report["pairs"]),
        tr("Library: {state}").format(state=tr(state or "not examined")),
        *(tr("ERROR: {error}").format(error=error) for error in report["errors"]),
        tr("All is well.") if report["ok"] else tr("Something is wrong; see above."),
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
    said = tr("the library in {folder} is damaged: {damage}")
    errors += (said.format(folder=folder, damage=damage) for damage in found)
    if found:
        errors.append(tr("`notesearch doctor --repair` puts that right from the notes"))
    return {"state": "damaged" if found else "sound", "folder": str(folder)}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "bundled" if getattr(sys, "frozen", False) else "missing"


def _ago(moment: float) -> str:
    seconds = max(0.0, time.time() - moment)
    if seconds >= 2 * DAY:
        return trn("{count} day ago", "{count} days ago", round(seconds / DAY))
    if seconds >= 2 * HOUR:
        return trn("{count} hour ago", "{count} hours ago", round(seconds / HOUR))
    if seconds >= 2 * MINUTE:
        return trn("{count} minute ago", "{count} minutes ago", round(seconds / MINUTE))
    return trn("{count} second ago", "{count} seconds ago", round(seconds))
