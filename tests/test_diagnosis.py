"""The diagnostic report: how the program is, and nothing of what is in the notes."""

import logging
import re
import sys
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from test_window import texts, titles

from notesearch import __version__, app, logs, settings
from notesearch.core.notes import Folder, Problem, Progress, State
from notesearch.core.report import LEFT_OUT, LOG_LINES, describe, diagnosis
from notesearch.gui.help_dialog import HelpDialog
from notesearch.paths import UserPaths
from notesearch.settings import Settings

SECRET = 'Quokka\'s “secret” "plan" & more'
WORDS = ("quokka", "secret", "plan")
STAMP = "2024-05-15 12:00:00,123 WARNING notesearch.core.vectors:"


def diagnosed(*lines, problems=(), progress=None, around=None) -> str:
    return diagnosis(progress or Progress(State.CURRENT), problems, around or {}, lines)


def logged(*lines) -> list[str]:
    return diagnosed(*lines).partition("The end of the log:\n")[2].split("\n")


def value(report: str, name: str) -> str:
    return re.search(rf"^{name}  +(.*)$", report, re.M)[1]


def test_versions_come_first_and_counts_follow():
    progress = Progress(
        State.PAUSED, notes=4812, unread=3, passages=20, embedded=10, changes=7,
        folders=(Folder("/a", 1), Folder("/b", 1, available=False)),
    )  # fmt: skip
    problems = [Problem("", "is larger than 10 MB")] * 2
    report = diagnosed(problems=problems, progress=progress, around={"Floor": "strict"})
    assert report.startswith(f"notesearch {__version__}, Python 3.")
    assert value(report, "State") == "paused"
    assert value(report, "Notes") == "4,812, 3 of them still to read"
    assert value(report, "Passages") == "20, 10 of them embedded"
    assert value(report, "Changes") == "7 taken up, the last one never"
    assert value(report, "Folders") == "2, 1 of them not available"
    assert value(report, "Problems") == "2"
    assert value(report, "Floor") == "strict"
    assert report.endswith("The end of the log:\n  (nothing)")


def test_when_the_last_change_was_taken_up_is_said_as_the_log_says_it():
    report = diagnosed(progress=Progress(State.CURRENT, changed_at=1.7e9))
    assert re.search(r"the last one 2023-11-1\d \d\d:\d\d:20$", value(report, "Changes"))


def test_problems_are_counted_by_their_kind_and_without_what_they_are_about():
    problems = [
        Problem(f"/{SECRET}/a.md", "is larger than 10 MB"),
        Problem(f"/{SECRET}/b.md", "is larger than 10 MB"),
        Problem(f"/{SECRET}", "the folder cannot be read: Permission denied"),
        Problem(f"/{SECRET}/c.md", f"cannot be read: [Errno 5] {SECRET}"),
        Problem(f"/{SECRET}/d.md", f"the front matter cannot be read: what is {SECRET} (line 3)"),
        Problem(SECRET, "not a pattern; it is passed over"),
    ]
    folders = (
        Folder(
            f"/{SECRET}", 1, unwatched="it is on a network drive: what others change goes unnoticed"
        ),
        Folder("/b", 1, unwatched=f"No space left on device: /{SECRET}"),
        Folder("/c", 1, unwatched=f"nothing is told of /{SECRET}"),
    )
    report = diagnosed(problems=problems, progress=Progress(State.CURRENT, folders=folders))
    assert "     2  is larger than 10 MB\n" in report
    assert "     1  the folder cannot be read: Permission denied\n" in report
    assert "     1  cannot be read\n" in report
    assert "     1  the front matter cannot be read\n" in report
    assert "     1  it is on a network drive: what others change goes unnoticed\n" in report
    assert f"     1  No space left on device: {LEFT_OUT}\n" in report
    assert f"     1  nothing is told of {LEFT_OUT}\n" in report
    assert not any(word in report.lower() for word in WORDS)


@pytest.mark.parametrize(
    "said",
    [
        f"/home/me/{SECRET}/index",
        f"C:\\Users\\me\\{SECRET}",
        f"\\\\server\\{SECRET}",
        f"~/{SECRET}",
        f"file:///{SECRET}",
        f"notes/{SECRET}.md",
        repr(Path(f"/home/{SECRET}")),
        str(PermissionError(13, "Permission denied", f"/home/me/{SECRET}")),
        str(PermissionError(13, "Permission denied", SECRET)),
        f"“{SECRET}”",
        f'"{SECRET}"',
    ],
)
def test_nothing_that_may_be_a_path_or_a_quotation_is_taken_over_from_the_log(said):
    (line,) = logged(f"{STAMP} The index file is not used: {said}")
    assert line.startswith(f"{STAMP} The index file is not used: ")
    assert LEFT_OUT in line
    assert not any(word in line.lower() for word in (*WORDS, "home", "users", "server"))


def test_lines_of_others_and_lines_without_a_beginning_are_left_out():
    assert logged(
        f"{STAMP} A folder cannot be watched: No space left on device",
        f"{SECRET} is what a name with a line end in it goes on with",
        f"2024-05-15 12:00:00,123 ERROR other.library: {SECRET}",
        f"ValueError: /{SECRET}",
    ) == [
        f"{STAMP} A folder cannot be watched: No space left on device",
        f"  {LEFT_OUT}",
        f"2024-05-15 12:00:00,123 ERROR other.library: {LEFT_OUT}",
        f"  {LEFT_OUT}",
    ]


def test_where_an_error_came_from_is_kept(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    try:
        try:
            settings.save(blocked / "x", Settings())
        except settings.SettingsError as error:
            raise ValueError(SECRET) from error
    except ValueError as error:
        lines = describe(error).split("\n")
    assert len(lines) > 4
    lines += ["  <frozen importlib._bootstrap>:7 in <listcomp>", "  ... 1,200 more ..."]
    assert logged(f"{STAMP} Unexpected", *lines) == [f"{STAMP} Unexpected", *lines]


def test_only_the_end_of_the_log_is_taken():
    lines = [f"{STAMP} number {number}" for number in range(2 * LOG_LINES)]
    assert logged(*lines) == lines[-LOG_LINES:]


def test_the_help_offers_it_and_it_holds_nothing_of_the_notes(qtbot, tmp_path):
    user = UserPaths(*[tmp_path / "data"] * 3)
    notes = tmp_path / "Quokka notes"
    notes.mkdir()
    (notes / "Secret plan.md").write_text("# The plan\n\nA quokka rests.\n", encoding="utf-8")
    (notes / "Quokka.md").write_bytes(bytes(range(256)) * 20)
    (notes / "Fields.md").write_text("---\nplan: [quokka\n---\nsecret\n", encoding="utf-8")
    settings.save(user.settings, Settings(ignored=("secret/",)).with_folders(notes))
    formatter = logs._Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        raise OSError(13, "Permission denied", str(notes))
    except OSError as error:
        record = logging.LogRecord(
            "notesearch.app", logging.ERROR, "", 1, "It broke: %s", (error,), sys.exc_info()
        )
    user.log.mkdir(exist_ok=True)
    user.log_file.write_text(formatter.format(record) + "\n", encoding="utf-8")
    desktop = app.Desktop(user, FakeEmbedder)
    window = desktop.window
    qtbot.addWidget(window)
    desktop.start()
    try:
        qtbot.waitUntil(lambda: "all current" in texts(window))
        qtbot.keyClicks(window.box, "quokka secret plan")
        qtbot.waitUntil(lambda: window.answered and "The plan" in titles(window)
                        # They are told after the progress.
                        and len(desktop.dialogs.problems) == 2)  # fmt: skip
        window.activateWindow()
        qtbot.keyClick(window.box, Qt.Key.Key_F1)
        dialog = window.findChild(HelpDialog)
        qtbot.waitUntil(dialog.isVisible)
        said = "\n".join(label.text() for label in dialog.findChildren(QLabel))
        assert "no text, names or paths of your notes" in said
        assert "Read it before you send it" in said
        copy = next(b for b in dialog.findChildren(QPushButton) if "diagnostic" in b.text())
        qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
        assert copy.text() == "Copied"
        report = QGuiApplication.clipboard().text()
    finally:
        desktop.bridge.stop()
    assert value(report, "State") == "current"
    assert value(report, "Problems") == "2"
    assert value(report, "Qt platform") == QGuiApplication.platformName()
    assert " at 100%" in value(report, "Screens")
    assert value(report, "Left out") == "1 pattern"
    assert value(report, "Floor") == "normal"
    assert re.fullmatch(r"\d+ of \d+", value(report, "Threads"))
    assert re.fullmatch(r"[\d.,]+ MB", value(report, "library.db"))
    assert re.fullmatch(r"[\d.,]+ MB", value(report, "Free disk space"))
    assert "     1  holds binary data, not text\n" in report
    assert "\nPermissionError: Permission denied\n" in report + "\n"
    assert "It broke: [Errno 13] Permission denied: " + LEFT_OUT in report
    assert not any(word in report.lower() for word in WORDS)
    assert str(tmp_path) not in report
