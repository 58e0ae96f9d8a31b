"""Uses all of the program once: every command, then the window. For tests that look on.

    python tests/whole_program.py NOTES WORD

The notes are read into the folders of this user; all of them hold the word. Ends with "done".
"""

import contextlib
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from notesearch import app, cli, launch
from notesearch.gui.keys import Act
from notesearch.gui.preview import PreviewPane
from notesearch.gui.side_pane import View
from notesearch.instance import Instance
from notesearch.settings import Page

SECONDS = 90.0
GAVE_UP = 9


def commands(notes: str, word: str) -> None:
    """Run each command; of what they print only failures matter."""
    title = next(Path(notes).glob("*.md")).stem
    for arguments in (
        ["index", notes], ["search", word, "--json"], ["search", f'"{word}" -nothing'],
        ["explain", word, "--note", title], ["related", title], ["status"], ["doctor"],
    ):  # fmt: skip
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = cli.main(arguments)
        if code not in {cli.FOUND, cli.NOTHING}:
            sys.exit(f"{arguments}: {code}\n{said.getvalue()}")
    # As it is started by a user.
    module = [sys.executable, "-m", "notesearch", "search", word]
    subprocess.run(module, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL, check=True)


def steps(desktop: app.Desktop, word: str) -> Iterator[Callable[[], bool]]:
    """Do what a user does; yields what is to be waited for in between."""
    window, pane = desktop.window, desktop.window.pane
    yield lambda: "all current" in window.status._left.text()
    yield lambda: window.results.current() is not None
    window.box.setText(word)
    yield lambda: window.results.current() is not None and word in pane.preview.toPlainText()
    for _ in window.results._model.hits:
        shown = window.results.current().file
        yield lambda shown=shown: pane.preview._preview.file == shown
        look_at(pane.preview)
        pane.show_view(View.WHY)
        yield lambda: word in pane.why._page.toPlainText()
        pane.show_view(View.RELATED)
        yield lambda: pane.related.ready
        pane.show_view(View.NOTE)
        window.results.go(Act.DOWN)
    window.problems_wanted.emit()
    window.folders_wanted.emit()
    opened = desktop.dialogs._open
    yield lambda: len(opened) == 2
    for page in Page:
        desktop.dialogs.show_settings(page)
    for dialog in list(opened.values()):
        dialog.close()
    quick = desktop.presence.quick
    for said in ("--toggle", "--show"):
        # As another start of the program does.
        subprocess.run([sys.executable, "-m", "notesearch", said], check=True)
        yield lambda said=said: quick.isVisible() == (said == "--toggle")
        quick.grab()
    window.act(Act.SAVE_SEARCH)
    window.act(Act.CLEAR)
    yield lambda: window.answered
    window.act(Act.OLDER)
    yield lambda: window.answered


def look_at(preview: PreviewPane) -> None:
    """Paint all of a note, and go through its links."""
    preview.setFocus()
    bar = preview.verticalScrollBar()
    for place in range(0, bar.maximum() + 1, max(1, preview.height() // 2)):
        bar.setValue(place)
        preview.grab()
    preview.moveCursor(QTextCursor.MoveOperation.Start)
    for _ in range(200):
        if not preview.focusNextPrevChild(True):  # noqa: FBT003  # Qt's own
            break


def drive(desktop: app.Desktop, word: str) -> None:
    """Take one step after the other, then close the window."""
    todo = steps(desktop, word)
    until = time.monotonic() + SECONDS
    waiting: list[Callable[[], bool]] = [lambda: True]

    def go_on() -> None:
        if time.monotonic() > until:
            sys.stderr.write("waited too long\n")
            QApplication.exit(GAVE_UP)
        elif waiting[0]():
            step = next(todo, None)
            if step is None:
                timer.stop()
                desktop.window.close()
            else:
                waiting[0] = step

    timer = QTimer(desktop, interval=20)
    timer.timeout.connect(go_on)
    timer.start()


def complain(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Pass on what Qt says, but that the offscreen platform cannot raise windows."""
    if not text.startswith("This plugin does not support"):
        sys.stderr.write(f"{text}\n")


def main(notes: str, word: str) -> int:
    """Use all of it; return the exit code of the window."""
    qInstallMessageHandler(complain)
    launch.open_at = launch.open_note = launch.reveal = sys.exit
    commands(notes, word)
    start = app.Desktop.start

    def start_and_drive(
        desktop: app.Desktop, instance: Instance | None, *, hidden: bool = False
    ) -> None:
        start(desktop, instance, hidden=hidden)
        drive(desktop, word)

    app.Desktop.start = start_and_drive
    code = cli.main(["open"])
    sys.stdout.write("done\n" if code == 0 else f"ended with {code}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
