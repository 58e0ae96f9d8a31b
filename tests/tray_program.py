"""A program that has nothing but the icon in the tray; says what becomes of it. For tests.

    python tests/tray_program.py

Takes a command in a line: "grab FILE" stores a picture of the screen, "take STATE PROBLEMS" tells
the icon, "quit" ends.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from notesearch.core.notes import Problem, Progress, State
from notesearch.gui import tray as tray_module

GRACE_MS = 1_500
"""Unless the environment says otherwise."""


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201  # the test reads it


def main() -> None:
    application = QApplication(["notesearch"])
    application.setQuitOnLastWindowClosed(False)
    tray_module.GRACE_MS = int(os.environ.get("GRACE_MS", GRACE_MS))
    tray = tray_module.Tray()
    tray.show_key("Ctrl+Alt+Space")
    tray.take(Progress(State.CURRENT, notes=4812))
    for name in ("came", "went", "quick_wanted", "window_wanted", "status_wanted",
                 "problems_wanted", "settings_wanted", "about_wanted", "quit_wanted"):  # fmt: skip
        getattr(tray, name).connect(lambda name=name: say(name))
    tray.pause_wanted.connect(lambda wanted: say("pause_wanted", wanted))

    def obey_all() -> None:
        for line in os.read(sys.stdin.fileno(), 4096).decode().splitlines() or ["quit"]:
            obey(*line.split())

    def obey(command: str, *words: str) -> None:
        if command == "grab":
            application.primaryScreen().grabWindow(0).save(words[0])
            say("grabbed")
        elif command == "take":
            tray.take(Progress(State(words[0]), notes=4812, unread=412))
            tray.take((Problem("a.md", "is broken"),) * int(words[1]))
            say("taken")
        else:
            tray.close()
            application.quit()

    commands = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    commands.activated.connect(obey_all)
    say("ready", tray.present)
    application.exec()
    say("ended", tray.present)


if __name__ == "__main__":
    main()
