"""Notes that mean harm cost little, show nothing from elsewhere, and are found or named."""

import ast
import os
import re
import resource
import time
from pathlib import Path

import hostile_notes
import pytest
from fake_embedder import FakeEmbedder
from hostile_notes import WORD
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QFontMetrics

from notesearch.core import query
from notesearch.core.indexer import Indexer
from notesearch.core.library import Library
from notesearch.core.notes import Mode, Preview
from notesearch.core.preview import preview
from notesearch.core.searcher import Searcher
from notesearch.core.vectors import VectorIndex
from notesearch.gui.preview import PreviewPane
from notesearch.gui.preview_target import elided, target

PACKAGE = Path(__file__).resolve().parents[1] / "notesearch"
SECONDS = 15.0
"""Of the processor. Most take less than one, on a machine of 2024."""
MEGABYTES = 500
_TOKEN = re.compile(r"[a-zA-Z0-9_]+|[^\x00-\x7f]")
EMPTY = ("nothing", "white space")
BINARY = ("100 MB of zeros", "a picture", "an archive", "a program", "noise")


class Roomy(FakeEmbedder):
    """Of passages as long as the ones of a real model, to which each letter of some is a token."""

    passage_tokens = 200

    def count_tokens(self, text):
        return len(_TOKEN.findall(text))


@pytest.fixture
def pane(qtbot):
    pane = PreviewPane()
    qtbot.addWidget(pane)
    pane.resize(480, 400)
    pane.show()
    return pane


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def read_in(tmp_path, folder):
    """Read the folder; returns the library and what searches its words."""
    encoder, index = Roomy(), VectorIndex(FakeEmbedder.dimension)
    library = Library(tmp_path / "library", encoder.identity, writable=True)
    indexer = Indexer(library, index, encoder, [folder], threads=1)

    def read_in():
        indexer.scan()
        while indexer.read_some():
            pass
        return library, Searcher(library, index, encoder)

    yield read_in
    indexer.close()
    library.close()


def found(searcher, text):
    results = searcher.search(query.parse(text), limit=5, mode=Mode.WORDS)
    return (*results.hits, *results.weak)


def most_memory():
    """Return how much memory this process has taken at most since it was last forgotten."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_most_memory():
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return  # What other tests took may then hide what this one takes.


@pytest.mark.parametrize("name", hostile_notes.names())
def test_a_hostile_note_costs_little_and_is_found_or_named(name, folder, read_in, pane):
    file = hostile_notes.write(name, folder)
    forget_most_memory()
    before, started = most_memory(), time.process_time()
    library, searcher = read_in()
    hits = found(searcher, file.stem if name in EMPTY else WORD)
    if hits:
        shown = preview(library, searcher.words, hits[0], query.parse(WORD))
        pane.show_preview(shown)
        pane.grab()
        assert WORD in pane.toPlainText() or name in EMPTY or name.startswith("front matter")
    assert time.process_time() - started < SECONDS
    assert most_memory() - before < MEGABYTES
    problems = {problem.path: problem.reason for problem in library.problems()}
    assert (str(file) in problems) or hits
    assert bool(hits) == (name not in BINARY)
    if name in BINARY:
        assert "holds binary data" in problems[str(file)]
    if "100 MB" in name and hits:
        assert "only the beginning is searchable" in problems[str(file)]


def test_one_hostile_note_keeps_no_other_from_being_found(folder, read_in):
    for name in ("quotes", "a picture", "front matter, aliases", "surrogates", "nothing"):
        hostile_notes.write(name, folder)
    (folder / "plain.md").write_text("an ordinary walrus", encoding="utf-8")
    _, searcher = read_in()
    assert [hit.title for hit in found(searcher, "walrus")] == ["plain"]


# Links in a folder -----------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux has such files")
def test_links_to_what_is_no_file_on_a_disk_are_not_read(folder, read_in, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for number, goal in enumerate(
        ("/dev/zero", tmp_path / "pipe", tmp_path, "/proc/self/environ",
         "/proc/self/cmdline", "/sys/kernel/mm/transparent_hugepage/enabled", folder / "6.md",
         "/nowhere")
    ):  # fmt: skip
        (folder / f"{number}.md").symlink_to(goal)
    (tmp_path / "elsewhere.txt").write_text("a walrus that lies elsewhere", encoding="utf-8")
    (folder / "mine.md").symlink_to(tmp_path / "elsewhere.txt")
    (folder / "away").symlink_to(tmp_path)
    library, searcher = read_in()
    assert [hit.path for hit in found(searcher, "walrus")] == ["mine.md"]
    assert library.counts().passages == 1
    reasons = {Path(problem.path).name: problem.reason for problem in library.problems()}
    assert all("no file on a disk" in reasons[name] for name in ("3.md", "4.md", "5.md"))


# Where a link leads ----------------------------------------------------------------------------


def a_preview(text, folder):
    return Preview(folder / "Note.md", folder, "Note", "", text, "")


ADDRESSES = {
    "https://example.org/a?b#c": ("https://example.org", "/a?b#c"),
    "HTTPS://EXAMPLE.org": ("https://example.org", ""),
    "https://раураӏ.example/": ("https://xn--80aa0cbo65f.example", "/"),
    "https://bank.example@evil.example/x": ("https://bank.example@evil.example", "/x"),
    "https://a.example/\u202egpj.exe": ("https://a.example", "/%E2%80%AEgpj.exe"),
    "mailto:a@b.example?bcc=c": ("mailto:", "a@b.example?bcc=c"),
    "file:///etc/passwd": ("", "Leads nowhere: file:///etc/passwd"),
    "javascript:alert(1)": ("", "Leads nowhere: javascript:alert(1)"),
    "../out.md": ("", "Leads nowhere: ../out.md"),
    "sub/Other.md#part": ("", "sub/Other.md"),
    "": ("", ""),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_where_a_link_leads_is_its_real_address(address, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "Other.md").write_text("x", encoding="utf-8")
    assert target(QUrl(address), a_preview("x", folder)) == ADDRESSES[address]


def test_of_a_long_address_the_end_of_whose_it_is_stays(pane):
    metrics = QFontMetrics(pane.font())
    whose = "https://www.bank.example.com." + "x" * 200 + ".evil.example"
    room = metrics.horizontalAdvance("x" * 40)
    said = elided((whose, "/path" * 50), metrics, room)
    assert said.startswith("…")
    assert ".evil.example" in said
    assert "bank" not in said
    assert metrics.horizontalAdvance(said) <= room + metrics.averageCharWidth()
    assert elided(("https://a.example", "/path" * 50), metrics, room).startswith("https://a.exam")


TEXT = "[https://bank.example](https://evil.example/) and [that](mailto:<b>x</b>@y.example)"


def test_a_link_under_the_mouse_says_where_it_leads(pane, folder, qtbot):
    pane.show_preview(a_preview(TEXT, folder))
    at = pane.cursorRect(pane.document().find("bank.example")).center() - QPoint(20, 0)
    assert not pane._target.isVisible()
    qtbot.mouseMove(pane.viewport(), at)
    qtbot.waitUntil(lambda: pane._target.text() == "https://evil.example/")
    assert pane._target.isVisible()
    assert pane.rect().contains(pane._target.geometry())
    qtbot.mouseMove(pane.viewport(), QPoint(10, 300))
    qtbot.waitUntil(lambda: not pane._target.isVisible())


def test_a_link_that_the_keyboard_comes_to_says_where_it_leads(pane, folder, qtbot):
    pane.show_preview(a_preview(TEXT, folder))
    pane.activateWindow()
    pane.setFocus()
    said = []
    for _ in range(2):
        qtbot.keyClick(pane, Qt.Key.Key_Tab)
        said.append(pane._target.text())
    assert said == ["https://evil.example/", "mailto:%3Cb%3Ex%3C/b%3E@y.example"]
    assert pane._target.textFormat() == Qt.TextFormat.PlainText
    pane.show_preview(a_preview("another", folder))
    assert not pane._target.isVisible()


def test_a_link_that_is_followed_says_where_it_leads(pane, folder, qtbot):
    pane.show_preview(a_preview(TEXT, folder))
    with qtbot.waitSignal(pane.link_wanted) as wanted:
        pane.anchorClicked.emit(QUrl("https://evil.example/"))
    assert wanted.args == [pane._target.text()] == ["https://evil.example/"]


# What the program does not have -----------------------------------------------------------------

FORBIDDEN_MODULES = {
    "pickle", "marshal", "shelve", "dill", "joblib", "socket", "ssl", "http", "urllib.request",
    "requests", "ftplib", "smtplib", "xmlrpc", "socketserver", "asyncio", "PySide6.QtNetwork",
    "PySide6.QtWebEngineWidgets",
}  # fmt: skip
LOCAL = {"local_socket", "bus", "portal", "x11"}
"""Modules that talk to programs on this machine, by sockets that have no address elsewhere."""
LOCAL_NAMES = {
    "socket", "socketpair", "AF_UNIX", "SOCK_STREAM", "SOL_SOCKET", "SO_PEERCRED",
}  # fmt: skip
"""All that they may take of the module socket."""
FORBIDDEN_FUNCTIONS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_METHODS = {"system", "popen", "unsafe_load", "full_load", "load_all", "umask"}
UNSAFE_LOADERS = {"Loader", "UnsafeLoader", "FullLoader", "CLoader", "CFullLoader", "CUnsafeLoader"}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_that_is_read_is_run(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                names = {node.module, *(f"{node.module}.{name}" for name in names)}
            names |= {name.split(".")[0] for name in names}
            local = {"socket"} if path.stem in LOCAL else set()
            assert not names & (FORBIDDEN_MODULES - local), where
        elif isinstance(node, ast.Call):
            assert getattr(node.func, "id", "") not in FORBIDDEN_FUNCTIONS, where
            assert getattr(node.func, "attr", "") not in FORBIDDEN_METHODS, where
            assert not {"shell", "allow_pickle"} & {one.arg for one in node.keywords}, where
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "yaml":
            assert node.attr not in UNSAFE_LOADERS, where
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "socket":
            assert node.attr in LOCAL_NAMES, where
