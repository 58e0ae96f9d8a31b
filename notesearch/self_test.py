"""Tries every part of the program once, as it is installed here: `notesearch --self-test`.

All of it happens in a folder apart. Each step is one line; the first word says how it went.
"""

import platform
import sys
import threading
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from notesearch import __version__, native_parts, paths
from notesearch.apart import OFFSCREEN, folder_apart, notes_in, set_up, wanted_platform
from notesearch.core import query
from notesearch.core.access import Reader, Writer
from notesearch.core.embedder import Embedder
from notesearch.errands import ErrandError
from notesearch.paths import UserPaths
from notesearch.qt_import import import_qt
from notesearch.settings import Settings
from notesearch.step_report import Remark, Report, Write, explain
from notesearch.translation import tr, trn

if TYPE_CHECKING:
    from notesearch.stage import Stage

T = TypeVar("T")

BY_MEANING, FOUND = "my bread comes out heavy", "Sourdough.md"
PHRASE, HOLDS_IT = '"When the chain jumps under load"', "Bicycle maintenance.md"
NOWHERE = "quantum chromodynamics of the early universe"
CHANGED, NEW_WORDS = "Games shelf.md", "lantern festival by the lake"
HITS = 10
SHADES = 3
"""Nothing, a line and its edges: an icon has at least these."""
END_SECONDS = 30.0
"""So long may threads take to end."""


def run(write: Write) -> bool:
    """Write one line for each step; say whether all went well."""
    report = Report(write)
    with report.listening():
        try:
            with folder_apart() as folder:
                _check_all(report, folder)
            report.check(tr("folder"), lambda: _gone(folder))
        except (ErrandError, OSError) as error:
            report.fail(tr("folder"), str(error))
    report.conclude()
    return not report.failed


def _check_all(report: Report, folder: Path) -> None:
    """Take all steps in a folder that is empty."""
    report.check(tr("program"), _describe)
    for name, try_out in native_parts.PARTS:
        report.check(name, partial(try_out, folder))
    checks = _Checks(folder)
    report.check(tr("embedder"), checks.embed)
    report.check(tr("library"), checks.index)
    report.check(tr("search"), checks.search)
    try:
        import_qt()
    except ImportError as error:
        # Without its library there is nothing else to be tried.
        report.fail("Qt", explain(error))
        return
    with report.listening_to_qt(folder):
        for name, step in (
            ("Qt", checks.begin_qt), (tr("icons"), checks.icons), (tr("window"), checks.window),
            (tr("change"), checks.change), (tr("quick search"), checks.quick_search),
            (tr("end"), checks.end),
        ):  # fmt: skip
            report.check(name, step)


def _describe() -> str:
    return tr("notesearch {version}, Python {python}, {system}").format(
        version=__version__, python=platform.python_version(), system=platform.platform()
    )


class _Checks:
    """The steps that build on each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._encoder: Embedder | None = None
        self._user: UserPaths | None = None
        self._stage: Stage | None = None
        self._threads = set(threading.enumerate())

    def embed(self) -> str:
        """Embed the pairs of sentences whose similarity is known."""
        self._encoder = Embedder(paths.MODEL)
        pairs = self._encoder.pairs()
        worst = max(abs(pair.value - pair.reference) for pair in pairs)
        return tr("{count} pairs, the worst {worst:.3f} off, {allowed} allowed").format(
            count=len(pairs), worst=worst, allowed=self._encoder.reference.pair_tolerance
        )

    def index(self) -> str:
        """Read and embed the sample notes."""
        user = set_up(self._folder)
        folders, threads = [notes_in(self._folder)], 2 * Settings().indexing_threads
        with Writer(user, _known(self._encoder), folders, threads=threads) as writer:
            indexer = writer.indexer
            indexer.scan()
            while indexer.read_some() or indexer.embed_some() or indexer.settle():
                pass
            progress = indexer.progress()
        if progress.problems or progress.embedded < progress.passages:
            raise ErrandError(
                trn("{count} sample note cannot be read: install notesearch again",
                    "{count} sample notes cannot be read: install notesearch again",
                    progress.problems)
            )  # fmt: skip
        self._user = user
        return tr("{notes} notes, {passages} passages").format(
            notes=progress.notes, passages=progress.passages
        )

    def search(self) -> str:
        """Ask for what is found by meaning, by a phrase, and for what is nowhere."""
        with closing(Reader(_known(self._user), _known(self._encoder))) as reader:
            for text, wanted in ((BY_MEANING, FOUND), (PHRASE, HOLDS_IT), (NOWHERE, "")):
                hits = reader.searcher.search(query.parse(text), limit=HITS).hits
                _compare(text, hits[0].file.name if hits else "", wanted)
        return tr("by meaning, by a phrase, and nothing where nothing is")

    def begin_qt(self) -> str:
        """Load the parts of Qt that are used, and begin to paint."""
        from PySide6 import QtCore, QtGui, QtWidgets  # noqa: PLC0415, F401

        from notesearch import stage  # noqa: PLC0415

        if sys.platform == "linux":
            from PySide6 import QtDBus  # noqa: PLC0415, F401
        stage.application()
        if not stage.has_letters():
            raise ErrandError(tr("there is no font with letters: install one, such as DejaVu"))
        return _on_platform(QtCore.qVersion(), QtGui.QGuiApplication.platformName())

    def icons(self) -> str:
        """Paint each icon, and read each kind of picture that notes may show."""
        from PySide6.QtGui import QIcon  # noqa: PLC0415

        from notesearch import stage  # noqa: PLC0415

        files = sorted((paths.RESOURCES / "icons").glob("*.svg"))
        blank = [
            file.name for file in files
            if len(stage.colours(QIcon(str(file)).pixmap(64).toImage())) < SHADES
        ]  # fmt: skip
        if blank or not files:
            said = tr("cannot be painted: {names}; install notesearch again")
            raise ErrandError(said.format(names=", ".join(blank) or paths.RESOURCES / "icons"))
        kinds = stage.kinds_of_pictures()
        if not all(kinds.values()):
            unread = ", ".join(kind for kind, is_read in kinds.items() if not is_read)
            said = tr("pictures of these kinds cannot be read: {names}; install notesearch again")
            raise ErrandError(said.format(names=unread))
        said = trn("{count} picture in SVG", "{count} pictures in SVG", len(files))
        return tr("{pictures}; notes may have {kinds}").format(
            pictures=said, kinds=", ".join(kinds)
        )

    def window(self) -> str:
        """Open the window, type a query and look at what it shows."""
        from notesearch import stage  # noqa: PLC0415

        self._stage = shown = stage.Stage(_known(self._user))
        shown.open()
        shown.ask(BY_MEANING)
        _compare(BY_MEANING, shown.first, FOUND)
        picture = stage.paint(shown.window)
        return tr("painted, {width} x {height}").format(
            width=picture.width(), height=picture.height()
        )

    def change(self) -> str:
        """Change a note while the window is there, and find what is new."""
        shown = _known(self._stage)
        note = notes_in(self._folder) / CHANGED
        note.write_text(note.read_text(encoding="utf-8") + f"\n{NEW_WORDS}\n", encoding="utf-8")
        shown.ask(NEW_WORDS)
        shown.until(lambda: shown.first == CHANGED, tr("the changed note was not found"))
        return tr("a note that was changed is found by what is new")

    def quick_search(self) -> str:
        """Call the quick search, type a query and look at it."""
        from notesearch import stage  # noqa: PLC0415

        shown = _known(self._stage)
        quick, painted = shown.desktop.presence.quick, []
        quick.painted.connect(lambda: painted.append(True))
        quick.present()
        shown.ask(BY_MEANING, quick.box)
        _compare(BY_MEANING, shown.first, FOUND)
        shown.until(lambda: bool(painted), tr("the quick search was not painted"))
        picture = stage.paint(quick)
        quick.leave()
        return tr("painted, {width} x {height}").format(
            width=picture.width(), height=picture.height()
        )

    def end(self) -> str:
        """Close what was opened, even where something failed."""
        if self._stage is not None:
            self._stage.close()
        if left := self._threads_left():
            raise ErrandError(
                tr("threads go on: {names}; report that as a fault").format(names=", ".join(left))
            )
        return tr("window closed, threads ended")

    def _threads_left(self) -> list[str]:
        """Return the names of the threads that were begun and do not end."""
        until = time.monotonic() + END_SECONDS
        # Qt's own have such a name as soon as they have said something.
        begun = [
            one for one in set(threading.enumerate()) - self._threads
            if not one.name.startswith("Dummy-")
        ]  # fmt: skip
        for one in begun:
            one.join(max(0.0, until - time.monotonic()))
        return [one.name for one in begun if one.is_alive()]


def _on_platform(version: str, name: str) -> str:
    """Say which platform Qt has taken; a remark where another one was named."""
    wanted = wanted_platform()
    if wanted not in {"", name}:
        said = tr("{version} on {name}, since {wanted} does not reach the screen that is named: "
                  "see what DISPLAY, WAYLAND_DISPLAY and QT_QPA_PLATFORM say")  # fmt: skip
        return Remark(said.format(version=version, name=name, wanted=wanted))
    said = tr("{version} on {name}")
    if name == OFFSCREEN:
        said = tr("{version} on {name}, which needs no screen")
    return said.format(version=version, name=name)


def _known(value: T | None) -> T:
    """Return what an earlier step has made. Raises ErrandError where that step failed."""
    if value is None:
        raise ErrandError(tr("not tried, since an earlier step failed"))
    return value


def _compare(text: str, found: str, wanted: str) -> None:
    if found != wanted:
        said = tr("asked for {text}, the first note is {found!r} instead of {wanted!r}: install "
                  "notesearch again")  # fmt: skip
        raise ErrandError(said.format(text=text, found=found, wanted=wanted))


def _gone(folder: Path) -> str:
    if folder.exists():
        raise ErrandError(tr("{folder} is left behind: remove it").format(folder=folder))
    return tr("nothing is left behind")
