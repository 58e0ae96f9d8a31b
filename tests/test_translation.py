"""Every text that the user sees goes through one call, and a catalogue takes effect."""

import ast
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "notesearch"
FILES = sorted(
    path for path in (*PACKAGE.glob("*.py"), *(PACKAGE / "gui").rglob("*.py"))
    if path.stem != "translation"
)  # fmt: skip

SHOWING = {
    "QLabel", "QPushButton", "QToolButton", "QAction", "QCheckBox", "QRadioButton", "QGroupBox",
    "QMenu", "QDockWidget", "LinkButton", "EchoButton", "ReadingPage",
    "setText", "setTitle", "setToolTip", "setStatusTip", "setWhatsThis", "setWindowTitle",
    "setPlaceholderText", "setAccessibleName", "setAccessibleDescription", "setPlainText",
    "setInformativeText", "setLabelText", "setHeaderLabels", "setTabText", "setTabToolTip",
    "RemoteError", "InstanceError", "PermissionError",
    "addTab", "addItem", "addAction", "addMenu", "addRow", "addButton",
    "show_text", "show_error", "show_found", "say", "announce", "information", "warning",
    "critical", "question", "getExistingDirectory", "getOpenFileName", "getSaveFileName",
    "CommandError", "SettingsError", "LaunchError", "EvaluationError", "Problem",
    "usage_error", "ArgumentTypeError",
}  # fmt: skip
"""Calls whose texts are seen."""
KEYWORDS = {"text", "title", "placeholderText", "toolTip", "windowTitle", "accessibleName",
            "accessibleDescription", "statusTip", "help", "description", "epilog"}  # fmt: skip
"""Arguments that are seen, of whatever call."""
TRANSLATES = {"tr", "trn"}
LOG = {"logger", "logging"}
NAMES = {"notesearch", "Obsidian", "Logseq", "Zettlr", "Joplin", "Markdown", "&", "‹", "›"}
"""Of programs: the same in every language."""


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_log(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    return isinstance(function.value, ast.Name) and function.value.id in LOG


PARTS = {
    ast.JoinedStr: ("values",), ast.BoolOp: ("values",), ast.BinOp: ("left", "right"),
    ast.IfExp: ("body", "orelse"), ast.List: ("elts",), ast.Tuple: ("elts",),
}  # fmt: skip
"""Of an expression, which may be its value or become a part of it."""


def spoken(node: ast.expr) -> list[str]:
    """Return the literal texts with words in them that an expression may be.

    What is handed to another call is that call's affair.
    """
    match node:
        case ast.Constant(value=str(text)):
            return [text] if has_words(text) else []
        case ast.Call(func=ast.Attribute(value=ast.Constant() as text, attr="format" | "join")):
            return spoken(text)
    parts = [getattr(node, name) for name in PARTS.get(type(node), ())]
    single = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    return [text for one in single for text in spoken(one)]


def has_words(text: str) -> bool:
    """Say whether there is anything to translate: tags and names are not."""
    if text.startswith("<") and text.endswith(">"):
        return False
    return any(c.isalpha() for c in text) and text.strip() not in NAMES


def calls(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def untranslated(source: str) -> list[tuple[int, str]]:
    """Return the lines and texts that are shown as they stand in the code."""
    found = []
    for call in calls(source):
        if is_log(call.func) or name_of(call.func) in TRANSLATES:
            continue
        shown = [word.value for word in call.keywords if word.arg in KEYWORDS]
        if name_of(call.func) in SHOWING:
            shown += call.args
        found += [(call.lineno, text) for one in shown for text in spoken(one)]
    return found


def composed(source: str) -> list[tuple[int, str]]:
    """Return the lines where what is to be translated is put together: no catalogue holds that."""
    return [
        (call.lineno, ast.unparse(argument))
        for call in calls(source)
        if name_of(call.func) in TRANSLATES
        for argument in call.args[:2]
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_text_is_shown_as_it_stands_in_the_code(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


ALL = [*FILES, *sorted((PACKAGE / "core").glob("*.py"))]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_what_is_translated_stands_in_the_code_as_a_whole(path):
    assert composed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('QLabel("Hello")', ["Hello"]),
        ('QLabel(tr("Hello"))', []),
        ('label.setText(f"{count} notes")', [" notes"]),
        ('label.setText("One" if one else "Many")', ["One", "Many"]),
        ('label.setText("{n} notes".format(n=n))', ["{n} notes"]),
        ('label.setText("" if found else tr("None"))', []),
        ('label.setText(" · ".join(parts))', []),
        ('QPushButton(text="Go")', ["Go"]),
        ('box = QLineEdit(placeholderText="Name")', ["Name"]),
        ('logger.warning("It broke")', []),
        ('label.setObjectName("status")', []),
    ],
)
def test_what_is_shown_is_found(source, expected):
    assert [text for _, text in untranslated(source)] == expected


def test_what_is_composed_is_found():
    assert composed('tr(f"{count} notes"); tr("a" + name); tr("a" "b")')[1:] == [(1, "'a' + name")]
    assert len(composed('trn("{count} note", f"{count} notes", count)')) == 1


# A catalogue ------------------------------------------------------------------------------------


def compiled(messages: dict[str, str]) -> bytes:
    """Return a catalogue as gettext reads it; its parts are described in gettext's manual."""
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    pairs = [(k.encode(), v.encode()) for k, v in sorted(({"": header} | messages).items())]
    count, at = len(pairs), 7 * 4 + 2 * 8 * len(pairs)
    keys, values, data = b"", b"", b""
    for column in (0, 1):
        for pair in pairs:
            place = struct.pack("<II", len(pair[column]), at + len(data))
            keys, values = (keys + place, values) if column == 0 else (keys, values + place)
            data += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + keys + values + data


PSEUDO = {
    "Pause": "[Ṗåüšé]",
    "Settings": "[Šéttîñgš]",
    "{unread} of {notes} still to read": "[{notes}: {unread}]",
    "{count} note\0{count} notes": "[{count} ñôté]\0[{count} ñôtéš]",
    "The window": "[Thé wîñdôw]",
    "ends the program": "[éñdš]",
}
PROGRAM = """
import gettext, sys
from notesearch import translation
translation._CATALOGUE = gettext.translation("notesearch", sys.argv[1], languages=["xx"])
from PySide6.QtWidgets import QApplication, QTextEdit
application = QApplication([])
from notesearch.core.notes import Progress, State
from notesearch.gui.help_dialog import HelpDialog
from notesearch.gui.status_line import StatusLine
from notesearch.gui.theme import LIGHT
line = StatusLine()
line.resize(1000, 30)
line.show()
line.show_progress(Progress(State.READING, notes=3, unread=1), has_folders=True)
dialog = HelpDialog((), LIGHT, None)
said = [b.text() for b in line.findChildren(object) if hasattr(b, "text") and b.isVisible()]
said.append(dialog.findChild(QTextEdit).toPlainText())
sys.stdout.buffer.write("\\n".join(said).encode())
"""


def test_a_catalogue_takes_effect(tmp_path):
    catalogue = tmp_path / "xx" / "LC_MESSAGES" / "notesearch.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_bytes(compiled(PSEUDO))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode().split("\n")
    for text in ("[Ṗåüšé]", "[Šéttîñgš]", "[[3 ñôtéš]: 1]", "[Thé wîñdôw]", "[éñdš]"):
        assert text in said
