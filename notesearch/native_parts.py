"""Tries each library that is no Python, alone, in the way that the program uses it.

Every function takes a folder that it may write to, and returns what it tried, with its version.
"""

import importlib.metadata
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from notesearch.errands import ErrandError
from notesearch.step_report import Remark
from notesearch.translation import tr

SECONDS = 60.0
"""So long may the system take to tell that a file has changed."""
GERMAN = "Das Haus ist alt, die Fenster sind undicht, und im Winter wird es hier nie richtig warm."


def numpy(_folder: Path) -> str:
    """Multiply vectors."""
    import numpy as np  # noqa: PLC0415  # each alone: what cannot be imported is one failure

    _expect(tr("vectors are multiplied wrongly"), float(np.ones(8) @ np.ones(8)), 8.0)
    return np.__version__


def onnxruntime(_folder: Path) -> str:
    """Look that it computes on the processor."""
    import onnxruntime  # noqa: PLC0415

    _expect(
        tr("it does not compute on the processor"),
        "CPUExecutionProvider" in onnxruntime.get_available_providers(), wanted=True,
    )  # fmt: skip
    return str(onnxruntime.__version__)


def tokenizers(_folder: Path) -> str:
    """Take a text apart."""
    import tokenizers  # noqa: PLC0415

    pieces = tokenizers.pre_tokenizers.BertPreTokenizer().pre_tokenize_str("warm bread")
    _expect(tr("a text is taken apart wrongly"), len(pieces), 2)
    return str(tokenizers.__version__)


def usearch(folder: Path) -> str:
    """Find a vector in an index that was saved and loaded; the two libraries work as one."""
    import numkong  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from usearch import __version__  # noqa: PLC0415
    from usearch.index import Index  # noqa: PLC0415

    file = folder / "tried.usearch"
    vectors = np.eye(4, dtype=np.float32)
    made = Index(ndim=4, metric="cos", dtype="f16")
    made.add(np.arange(4), vectors)
    made.save(str(file))
    loaded = Index(ndim=4, metric="cos", dtype="f16")
    loaded.load(str(file))
    _expect(tr("a vector is not found"), int(loaded.search(vectors[2], 1).keys[0]), 2)
    return tr("{version}, numkong {numkong}").format(
        version=__version__, numkong=getattr(numkong, "__version__", "")
    )


def sqlite(_folder: Path) -> str:
    """Find words, and parts of words, in SQLite's full text search."""
    database = sqlite3.connect(":memory:")
    try:
        for tokenizer, part in (("porter unicode61 remove_diacritics 2", "breads"),
                                ("trigram", "rea")):  # fmt: skip
            database.execute(f"CREATE VIRTUAL TABLE t USING fts5(text, tokenize='{tokenizer}')")
            database.execute("INSERT INTO t VALUES ('warm bread')")
            found = database.execute("SELECT count(*) FROM t WHERE t MATCH ?", (part,))
            _expect(tr("a word is not found"), found.fetchone(), (1,))
            database.execute("DROP TABLE t")
    except sqlite3.OperationalError as error:
        said = tr("SQLite {version} lacks FTS5 or its trigrams ({error}); use a Python with a "
                  "newer SQLite")  # fmt: skip
        raise ErrandError(said.format(version=sqlite3.sqlite_version, error=error)) from error
    finally:
        database.close()
    return tr("{version}, FTS5 with trigrams").format(version=sqlite3.sqlite_version)


def watchdog(folder: Path) -> str:
    """Wait until the system tells of a change."""
    from watchdog.events import FileSystemEvent, FileSystemEventHandler  # noqa: PLC0415
    from watchdog.observers import Observer  # noqa: PLC0415

    seen = threading.Event()

    class Handler(FileSystemEventHandler):
        def on_modified(self, event: FileSystemEvent) -> None:
            if str(event.src_path).endswith("Watched.md"):
                seen.set()

    note = folder / "Watched.md"
    note.write_text("before", encoding="utf-8")
    try:
        observer = Observer()
        observer.schedule(Handler(), str(folder))
        observer.start()
    except OSError as error:
        note.unlink()
        # The program works: it looks at the folders itself.
        return Remark(
            tr("the system does not tell of changed files, which are found later then: raise its "
               "limits (fs.inotify.max_user_instances, max_user_watches): {error}")
            .format(error=error)
        )  # fmt: skip
    try:
        note.write_text("after", encoding="utf-8")
        if not seen.wait(SECONDS):
            raise ErrandError(
                tr("the system does not tell of a changed file: raise its limits "
                   "(fs.inotify.max_user_instances), or put temporary files on a local disk")
            )  # fmt: skip
    finally:
        observer.stop()
        observer.join()
        note.unlink()
    return tr("{version}, {observer} saw a change").format(
        version=_version("watchdog"), observer=type(observer).__name__
    )


def yaml(_folder: Path) -> str:
    """Read front matter, by the library in C: Python alone would be too slow."""
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        raise _without_native_part()
    read = yaml.load("tags: [bread]", Loader=loader)  # safe as its name says
    _expect(tr("front matter is read wrongly"), read, {"tags": ["bread"]})
    return tr("{version}, {loader}").format(version=yaml.__version__, loader=loader.__name__)


def rapidfuzz(_folder: Path) -> str:
    """Compare a misspelt word; its modules of Python alone would be too slow."""
    from rapidfuzz import __version__  # noqa: PLC0415
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    _expect(tr("words are compared wrongly"), OSA.distance("bread", "braed"), 1)
    if OSA.distance.__module__.endswith("_py"):
        raise _without_native_part()
    return __version__


def psutil(_folder: Path) -> str:
    """Ask how much memory this process has."""
    import psutil  # noqa: PLC0415

    used = psutil.Process().memory_info().rss / 1e6
    return tr("{version}, {used:.0f} MB used").format(version=psutil.__version__, used=used)


def language(_folder: Path) -> str:
    """Recognise a language, by the model that py3langid brings."""
    from notesearch.core.language import Recogniser  # noqa: PLC0415

    _expect(tr("German is not recognised"), Recogniser().language_of(GERMAN), "de")
    return tr("py3langid {version}, German recognised").format(version=_version("py3langid"))


def jeepney(_folder: Path) -> str:
    """Import what speaks D-Bus."""
    import jeepney  # noqa: PLC0415
    import jeepney.io.blocking  # noqa: PLC0415, F401

    return str(jeepney.__version__)


PARTS: tuple[tuple[str, Callable[[Path], str]], ...] = (
    ("numpy", numpy), ("onnxruntime", onnxruntime), ("tokenizers", tokenizers),
    ("usearch", usearch), ("sqlite", sqlite), ("watchdog", watchdog), ("yaml", yaml),
    ("rapidfuzz", rapidfuzz), ("psutil", psutil), ("language", language),
    *((("jeepney", jeepney),) if sys.platform == "linux" else ()),
)  # fmt: skip


def _expect(otherwise: str, got: object, wanted: object) -> None:
    if got != wanted:
        said = tr("{what} ({got!r} instead of {wanted!r}): install notesearch again")
        raise ErrandError(said.format(what=otherwise, got=got, wanted=wanted))


def _without_native_part() -> ErrandError:
    return ErrandError(tr("its native part is missing: install notesearch again"))


def _version(name: str) -> str:
    """Return the version of what does not say it itself; a bundle may not know it."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return tr("bundled")
