"""What the tests share: a fake model, folders of notes, libraries made from them."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_ACCESSIBILITY", "0")

import contextlib
import gc
import itertools
import threading
import time
from typing import NamedTuple

import pytest
from fake_embedder import FakeEmbedder
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from notesearch.core.indexer import Indexer
from notesearch.core.library import Library
from notesearch.core.searcher import Searcher
from notesearch.core.vectors import VectorIndex

settings.register_profile(
    "notesearch", deadline=None, max_examples=60, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("notesearch")

PATIENCE_MS = 60_000
"""A machine that is busy with much else may stand still for seconds."""
END_SECONDS = 30.0
"""So long a thread that has done its work may take to end."""


class Indexed(NamedTuple):
    """A library of a folder of notes; the searcher has a connection of its own."""

    library: Library
    index: VectorIndex
    searcher: Searcher


# As in the program: a collection in a worker thread could destroy an object of Qt there.
gc.disable()


@pytest.fixture(autouse=True)
def _collect_objects_of_qt_in_the_main_thread(request):
    yield
    if "qtbot" in request.fixturenames:
        gc.collect()


@pytest.fixture(autouse=True, scope="module")
def _collect_what_a_module_leaves():
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = set(threading.enumerate())
    yield
    new = [t for t in threading.enumerate() if t not in before and not t.daemon]
    until = time.monotonic() + END_SECONDS
    for thread in new:
        # What it was to do may be done, and seen by the test, shortly before it ends.
        thread.join(max(0.0, until - time.monotonic()))
    left = [t.name for t in new if t.is_alive()]
    assert not left, f"threads left running: {left}"


class PatientBot(QtBot):
    """Waits at least PATIENCE_MS for what is to come: a test that passes takes no longer by that.

    Where it is no failure that nothing comes (raising=False), it waits as long as it is told.
    """

    def waitUntil(self, callback, *, timeout=PATIENCE_MS):  # noqa: N802  # the names of pytest-qt
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal, *, timeout=PATIENCE_MS, **how):  # noqa: N802
        return super().waitSignal(signal, timeout=_patiently(timeout, how), **how)

    def waitSignals(self, signals, *, timeout=PATIENCE_MS, **how):  # noqa: N802
        return super().waitSignals(signals, timeout=_patiently(timeout, how), **how)

    def waitActive(self, widget, *, timeout=PATIENCE_MS):  # noqa: N802
        return super().waitActive(widget, timeout=max(timeout, PATIENCE_MS))

    def waitExposed(self, widget, *, timeout=PATIENCE_MS):  # noqa: N802
        return super().waitExposed(widget, timeout=max(timeout, PATIENCE_MS))


def _patiently(timeout, how):
    return timeout if how.get("raising") is False else max(timeout, PATIENCE_MS)


@pytest.fixture
def qtbot(qapp, request):
    del qapp  # made before
    return PatientBot(request)


@pytest.fixture
def encoder():
    return FakeEmbedder()


@pytest.fixture
def nothing_is_young(monkeypatch):
    """Take files as they are, though tests have just written them."""
    monkeypatch.setattr("notesearch.core.indexer.YOUNG_SECONDS", 0.0)


@pytest.fixture
def vault(tmp_path):
    """Write a folder of notes: path -> text, bytes, or None to delete; returns the folder."""

    def write(files, name="notes"):
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                file.unlink()
            else:
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


@pytest.fixture
def library(tmp_path, encoder):
    with contextlib.closing(
        Library(tmp_path / "library", encoder.identity, writable=True)
    ) as library:
        yield library


@pytest.fixture(scope="session")
def bring_up_to_date():
    """Take all the steps of an indexer."""

    def run(indexer):
        indexer.scan()
        while indexer.read_some():
            pass
        while indexer.embed_some():
            pass
        while indexer.settle():
            pass

    return run


@pytest.fixture(scope="session")
def open_indexed(bring_up_to_date):
    """Index folders into a library in another folder, as a context."""

    @contextlib.contextmanager
    def opened(where, folders, encoder, *, exact_below=20_000):
        with contextlib.ExitStack() as stack:
            library = Library(where, encoder.identity, writable=True)
            stack.callback(library.close)
            index = VectorIndex(encoder.dimension, exact_below=exact_below)
            library.load_index(index)
            indexer = Indexer(library, index, encoder, folders, threads=2)
            stack.callback(indexer.close)
            bring_up_to_date(indexer)
            reader = Library(where, encoder.identity, writable=False)
            stack.callback(reader.close)
            yield Indexed(library, index, Searcher(reader, index, encoder))

    return opened


@pytest.fixture
def indexed(tmp_path, encoder, open_indexed):
    """Index a folder into a new library; returns library, index and searcher."""
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:

        def index(*folders, exact_below=20_000):
            where = tmp_path / f"indexed-{next(numbers)}"
            return stack.enter_context(
                open_indexed(where, folders, encoder, exact_below=exact_below)
            )

        yield index
