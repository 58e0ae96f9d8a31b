"""About: what it says, by real keys, and that it opens a page only when that is asked for."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QTextEdit

from notesearch import __version__, components, identity
from notesearch.components import COMPONENTS, UNUSED
from notesearch.gui import theme
from notesearch.gui.about_dialog import AboutDialog, version_text
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.history import History
from notesearch.gui.main_window import MainWindow

ROOT = Path(__file__).parents[1]
RELEASES = "https://example.org/notesearch/releases"


@pytest.fixture
def window(qtbot):
    made = MainWindow((), History(None))
    qtbot.addWidget(made)
    made.show()
    return made


def opened(qtbot, parent=None):
    dialog = AboutDialog(theme.LIGHT, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def button(dialog, text):
    return next(one for one in dialog.findChildren(QPushButton) if text in one.text())


def told(dialog):
    return dialog.findChild(QTextEdit).toPlainText()


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required():
    """Return all distributions that the program's own need here, and those that they need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting, found = list(project["dependencies"]), set()
    while waiting:
        wanted = Requirement(waiting.pop())
        name = plain(wanted.name)
        if (wanted.marker and not wanted.marker.evaluate({"extra": ""})) or name in found:
            continue
        found.add(name)
        waiting += metadata.distribution(name).requires or ()
    return found


# What it is made of ---------------------------------------------------------------------------


def test_everything_that_is_required_is_in_the_list():
    assert required() <= {plain(one.distribution) for one in (*COMPONENTS, *UNUSED)}


def test_what_is_called_unused_is_not_loaded(tmp_path):
    names = ["anyio", "click", "colorama", "flatbuffers", "fsspec", "h11", "hf_xet", "httpcore2",
             "httpx2", "huggingface_hub", "idna", "packaging", "google.protobuf",
             "truststore"]  # fmt: skip
    assert len(names) == len(UNUSED)
    program = (
        "import sys\n"
        "from notesearch import app, paths\n"
        "from notesearch.core.access import load_encoder\n"
        "from notesearch.core.vectors import _index_class\n"
        "from notesearch.core import language, watcher\n"
        # A model that was not used before is checked: texts are embedded.
        "load_encoder(paths.MODEL, paths.user_paths(sys.argv[1]))\n"
        "_index_class()\n"
        "print([one for one in sys.argv[2:] if one in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), *names],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stderr[-1000:]


def test_each_is_there_once_with_a_licence_and_a_source_for_its_version():
    here = list(components.present())
    assert len({one.name for one in here}) == len(here)
    for one in here:
        assert one.licence
        assert one.source.startswith("https://")
        assert "{" not in one.source
    qt, pyside, shiboken = here[:3]
    version = metadata.version("PySide6_Essentials")
    minor = version.rpartition(".")[0]
    assert qt.source.endswith(f"/qt/{minor}/{version}/single/")
    assert pyside.source == shiboken.source
    assert pyside.source.endswith(f"/pyside6/PySide6-{version}-src/")
    assert all(one.replaceable and one.licence.startswith("LGPL-3.0") for one in here[:3])


def test_what_is_not_there_is_left_out(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    left = [one.name for one in components.present()]
    assert left == ["all-MiniLM-L6-v2", "Python", "SQLite"]


# The dialog -----------------------------------------------------------------------------------


def test_it_says_what_it_is_and_what_leaves_the_machine(qtbot):
    said = told(opened(qtbot))
    assert "What leaves this machine: nothing" in said
    assert "may replace by versions of your own" in said
    for one in components.present():
        assert one.name in said
        assert one.source in said


def test_it_is_reached_from_the_help_by_keys(window, qtbot):
    qtbot.keyClick(window.box, Qt.Key.Key_F1)
    dialog = window.findChild(HelpDialog)
    qtbot.waitUntil(dialog.isVisible)
    with qtbot.waitSignal(window.about_wanted):
        qtbot.keyClick(button(dialog, "About"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.findChild(HelpDialog) is None)


def test_its_page_is_read_and_copied_by_keys(qtbot):
    dialog = opened(qtbot)
    page = dialog.findChild(QTextEdit)
    assert page.accessibleName()
    for key in (Qt.Key.Key_A, Qt.Key.Key_C):
        qtbot.keyClick(page, key, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("What leaves this machine: nothing")
    dialog.restyle(theme.DARK)
    assert "What it is made of" in told(dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_in_a_narrow_window_licences_stand_below(qtbot):
    dialog = opened(qtbot)
    dialog.resize(320, 480)
    qtbot.waitUntil(lambda: dialog._narrow)
    assert f"Qt {metadata.version('PySide6_Essentials')}\nLGPL-3.0-only\nhttps" in told(dialog)


def test_versions_are_copied_for_a_report(qtbot):
    dialog = opened(qtbot)
    qtbot.keyClick(button(dialog, "Copy"), Qt.Key.Key_Space)
    text = QGuiApplication.clipboard().text()
    assert text == version_text()
    assert text.startswith(f"notesearch {__version__}\n")
    assert f"NumPy {metadata.version('numpy')}" in text


def test_no_page_is_offered_where_none_is_known(qtbot, monkeypatch):
    monkeypatch.setattr(identity, "RELEASES", "")
    dialog = opened(qtbot)
    assert not [one for one in dialog.findChildren(QPushButton) if "Newer" in one.text()]


def test_the_page_of_releases_is_opened_when_it_is_asked_for_and_not_before(qtbot, monkeypatch):
    monkeypatch.setattr(identity, "RELEASES", RELEASES)
    dialog = opened(qtbot)
    asked = []
    dialog.link_wanted.connect(asked.append)
    newer = button(dialog, "Newer")
    assert newer.toolTip() == RELEASES
    assert RELEASES in newer.accessibleDescription()
    assert newer.isVisible()
    assert asked == []
    qtbot.keyClick(newer, Qt.Key.Key_Space)
    assert asked == [RELEASES]


def test_where_pip_installed_it_says_where_the_licence_texts_are(qtbot, monkeypatch):
    monkeypatch.setattr(components, "licence_texts", lambda: None)
    dialog = opened(qtbot)
    assert button(dialog, "Licence").isHidden()
    assert "Each package that pip installed has its licence text with it." in told(dialog)


def test_a_bundle_shows_its_licence_texts_and_leads_back(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(components, "BUNDLED", tmp_path)
    file = tmp_path / "licences" / "THIRD-PARTY.txt"
    file.parent.mkdir()
    file.write_text("<b>GNU LESSER</b> GENERAL PUBLIC LICENSE\n", encoding="utf-8")
    dialog = opened(qtbot)
    assert "pip" not in told(dialog)
    turn, texts = button(dialog, "Licence"), dialog.findChild(QPlainTextEdit)
    qtbot.keyClick(turn, Qt.Key.Key_Space)
    assert texts.isVisible()
    assert texts.accessibleName()
    assert texts.toPlainText() == file.read_text(encoding="utf-8")
    assert "Back" in turn.text()
    qtbot.keyClick(turn, Qt.Key.Key_Space)
    assert not texts.isVisible()
    assert "Licence" in turn.text()


def test_licence_texts_that_cannot_be_read_are_said(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(components, "licence_texts", lambda: tmp_path / "gone.txt")
    dialog = opened(qtbot)
    qtbot.keyClick(button(dialog, "Licence"), Qt.Key.Key_Space)
    assert "gone.txt cannot be read: " in dialog.findChild(QPlainTextEdit).toPlainText()
