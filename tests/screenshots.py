"""Pictures of every state of the window, made from the sample notes.

    python tests/screenshots.py [FOLDER] [--only NAME ...] [--scale 1 2] [--theme light dark]

Opens the real program on the sample notes, with the model that ships, brings it into each state and
paints that to FOLDER/NAME-THEME[@2x].png. Without a screen: QT_QPA_PLATFORM=offscreen.
What cannot be had at will, such as an unplugged disk, is told to the window as the engine tells it.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from notesearch import app, paths, settings
from notesearch.core.access import load_encoder
from notesearch.core.notes import Folder, Problem, Progress, State
from notesearch.gui.appearance import stop_motion
from notesearch.gui.tray import Look, icon_of
from notesearch.settings import Page, Settings

FOLDER = Path(__file__).parents[1] / "resources" / "screenshots"
QUERY = "my bread comes out heavy"
MINUTES = 120.0
FULL = (
    "The disk is full: make room. It is tried again every half a minute; what was read is kept, "
    "and searching goes on."
)
WIDE, NARROW = (1080, 680), (440, 640)


class Studio:
    """The program, and what brings it into a state."""

    def __init__(self, data, theme, *, folders=True):
        user = paths.user_paths(str(data))
        chosen = Settings(appearance=theme, battery=False, saved=("tag:work", QUERY))
        if folders:
            chosen = chosen.with_folders(paths.SAMPLE_NOTES)
        settings.save(user.settings, chosen)
        self.desktop = app.Desktop(user, partial(load_encoder, paths.MODEL, user))
        self.window = self.desktop.window
        self.window.resize(*WIDE)
        self.progress = Progress(State.STARTING)
        self.desktop.bridge.told.connect(self._told)
        self.desktop.start()
        if folders:
            self.until(lambda: self.progress.state is State.CURRENT and self.progress.notes)
            # What was read is said once; it is no part of the other states.
            self.window.notice._put_away()

    def _told(self, message):
        if isinstance(message, Progress):
            self.progress = message

    def until(self, true):
        end = time.monotonic() + MINUTES
        while not true():
            if time.monotonic() > end:
                raise TimeoutError("the state was not reached")
            rest(20)

    def type(self, text):
        self.window.box.setText(text)
        self.until(lambda: self.window.answered)
        rest(900)

    def press(self, key):
        pressed = QKeySequence(key)[0]
        target = QGuiApplication.focusObject() or self.window.box
        QTest.keyClick(target, pressed.key(), pressed.keyboardModifiers())
        rest(500)

    def say(self, **values):
        """Tell the window how far reading is, as the engine would."""
        self.window.take(replace(self.progress, **values))
        rest(50)

    def dialog(self):
        rest(400)
        return next(d for d in self.window.findChildren(QDialog) if d.isVisible())

    def close(self):
        self.window.close()
        self.desktop.stop()


def rest(milliseconds):
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


# The states: each returns what is to be painted --------------------------------------------


def recent(studio):
    studio.type("")
    return studio.window


def results(studio):
    studio.type(QUERY)
    return studio.window


def narrow(studio):
    studio.window.resize(*NARROW)
    studio.type(QUERY)
    return studio.window


def filters(studio):
    studio.type("path:work modified:9y tag:meeting OR tag:decision plan")
    return studio.window


def passages(studio):
    studio.type("garden in spring")
    studio.press("Ctrl+G")
    return studio.window


def why(studio):
    studio.type(QUERY)
    studio.press("Ctrl+I")
    return studio.window


def related(studio):
    studio.type(QUERY)
    studio.press("Ctrl+D")
    return studio.window


def find(studio):
    studio.type(QUERY)
    studio.press("Ctrl+F")
    QTest.keyClicks(QGuiApplication.focusObject(), "dough")
    rest(200)
    return studio.window


def why_not(studio):
    studio.type(QUERY)
    studio.press("Ctrl+Shift+I")
    QTest.keyClicks(QGuiApplication.focusObject(), "Games shelf")
    studio.press("Return")
    rest(400)
    return studio.window


def menu(studio):
    studio.type(QUERY)
    studio.press("Menu")
    rest(300)
    return _with_popup(studio.window, studio.window.menu)


def no_match(studio):
    studio.type("quantum chromodynamics of the early universe")
    return studio.window


def weak(studio):
    no_match(studio)
    studio.press("Down")
    return studio.window


def nothing(studio):
    studio.type("tag:nosuchtag")
    return studio.window


def complaint(studio):
    studio.type("modified:yesteryear sourdough recipie")
    return studio.window


def reading(studio):
    studio.type(QUERY)
    studio.say(state=State.READING, notes=4812, unread=3608, rate=93.0, seconds_left=39.0)
    return studio.window


def embedding(studio):
    studio.type(QUERY)
    studio.say(state=State.EMBEDDING, notes=4812, passages=38_000, embedded=23_560, rate=106.0,
               seconds_left=136.0)  # fmt: skip
    return studio.window


def battery(studio):
    studio.type(QUERY)
    studio.say(state=State.ON_BATTERY, notes=4812, passages=38_000, embedded=23_560)
    return studio.window


def paused(studio):
    studio.type(QUERY)
    studio.say(state=State.PAUSED, notes=4812, unread=3608)
    return studio.window


def unavailable(studio):
    studio.type(QUERY)
    away = Folder("/media/stick/Notes", 1204, available=False)
    studio.say(folders=(*studio.progress.folders, away))
    return studio.window


def error(studio):
    studio.type(QUERY)
    studio.window.take(Problem("", FULL))
    return studio.window


def failed(studio):
    studio.window.box.setText("anything")
    studio.say(state=State.FAILED)
    studio.window.take(Problem("", "the model is damaged: install notesearch again"))
    rest(100)
    return studio.window


PROBLEMS = (
    Problem("/home/me/Notes/Scans/Receipt 2019.md",
            "is neither UTF-8 nor UTF-16; save it as UTF-8 to make it searchable"),
    Problem("/home/me/Notes/Locked.md", "cannot be read: Permission denied"),
    Problem("/home/me/Notes/Cloud/Plan.md", "is only in the cloud; open it there once to make it "
                                            "searchable"),
)  # fmt: skip


def problems(studio):
    studio.desktop.dialogs.take(PROBLEMS)
    studio.desktop.dialogs.show_problems()
    return studio.dialog()


def page(name):
    def shown(studio):
        studio.desktop.dialogs.show_settings(name)
        return studio.dialog()

    return shown


def keys(studio):
    studio.press("F1")
    return studio.dialog()


def about(studio):
    studio.desktop.dialogs.show_about()
    return studio.dialog()


def first_run(studio):
    rest(1_500)
    return studio.window


def quick(text):
    def shown(studio):
        studio.type(text)
        studio.desktop.presence.quick.present()
        rest(600)
        return studio.desktop.presence.quick

    return shown


def quick_reading(studio):
    shown = quick(QUERY)(studio)
    studio.say(state=State.READING, notes=4812, unread=3608, rate=93.0, seconds_left=39.0)
    return shown


def quick_error(studio):
    shown = quick(QUERY)(studio)
    studio.window.show_error(FULL)
    rest(50)
    return shown


def quick_first_run(studio):
    studio.desktop.presence.quick.present()
    rest(200)
    return studio.desktop.presence.quick


def stay(studio):
    studio.desktop.presence._explain()
    return studio.dialog()


def tray(studio):
    """The icons on a light and a dark panel, in the sizes of panels, and the menu."""
    studio.say(state=State.READING, notes=4812, unread=3608)
    tray = studio.desktop.presence.tray
    tray.take(PROBLEMS)
    tray.show_key("Ctrl+Alt+Space")
    menu = tray.make_menu()
    menu.setStyleSheet(studio.window.styleSheet())
    menu.popup(QPoint(0, 0))
    rest(100)
    picture = QPixmap(QSize(300, menu.height() + 120))
    picture.fill(Qt.GlobalColor.gray)
    painter = QPainter(picture)
    for row, panel in enumerate(("#f0f0f0", "#202020")):
        painter.fillRect(10, 10 + 50 * row, 280, 40, panel)
        for place, (look, size) in enumerate(product(Look, (16, 22))):
            icon = icon_of(look).pixmap(QSize(size, size), 1)
            painter.drawPixmap(20 + 34 * place, 18 + 50 * row, icon)
    painter.drawPixmap(10, 112, menu.grab())
    painter.end()
    menu.close()
    return picture


def home_with_vaults(home):
    """Make a home with what notes programs leave in one."""
    for folder, mark, count in (
        ("Documents/Second brain", ".obsidian/app.json", 214), ("Graph", "logseq/config.edn", 88),
        ("Documents/Joplin export", "_resources/picture.png", 31),
    ):  # fmt: skip
        for number in range(count):
            note = home / folder / f"Note {number}.md"
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text("# A note\n", encoding="utf-8")
        marker = home / folder / mark
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text("{}", encoding="utf-8")


STATES = {
    "results": results, "recent": recent, "narrow": narrow, "filters": filters,
    "passages": passages, "why": why, "related": related, "find": find, "why-not": why_not,
    "menu": menu, "no-match": no_match, "weak": weak, "nothing": nothing, "complaint": complaint,
    "reading": reading, "embedding": embedding, "battery": battery, "paused": paused,
    "unavailable": unavailable, "error": error, "failed": failed, "problems": problems,
    "quick-results": quick("things to repair"), "quick-recent": quick(""),
    "quick-no-match": quick("quantum chromodynamics of the early universe"),
    "quick-suggestion": quick("sourdoug"), "quick-reading": quick_reading,
    "quick-error": quick_error, "stay": stay, "tray": tray,
    "keys": keys, "about": about, **{f"settings-{name.name.lower()}": page(name) for name in Page},
}  # fmt: skip
WITHOUT_FOLDERS = {"first-run": first_run, "quick-first-run": quick_first_run}


def _with_popup(window, popup):
    """Return a picture of a window with a menu over it, as the screen would show it."""
    picture = window.grab()
    painter = QPainter(picture)
    painter.drawPixmap(window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0))), popup.grab())
    painter.end()
    return picture


def paint(shown, file):
    picture = shown if isinstance(shown, QPixmap) else shown.grab()
    if not picture.save(str(file)):
        raise OSError(f"{file} cannot be written")
    print(file)


def take_pictures(folder, names, theme, scale):
    """Paint the states in this process, each in a program of its own."""
    application = QApplication(["notesearch"])
    application.setStyle("Fusion")
    stop_motion()
    suffix = f"-{theme}" + (f"@{scale}x" if scale > 1 else "")
    with tempfile.TemporaryDirectory() as data:
        os.environ["HOME"] = str(Path(data, "home"))
        home_with_vaults(Path(data, "home"))
        for name in names:
            state = STATES.get(name) or WITHOUT_FOLDERS[name]
            where = Path(data, "fresh" if name in WITHOUT_FOLDERS else "read")
            studio = Studio(where, theme, folders=name in STATES)
            try:
                paint(state(studio), folder / f"{name}{suffix}.png")
            finally:
                studio.close()
                with contextlib.suppress(RuntimeError):
                    studio.window.deleteLater()
                rest(10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = [*STATES, *WITHOUT_FOLDERS]
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", nargs="*", choices=every, default=every)
    parser.add_argument("--scale", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--theme", nargs="*", default=["light", "dark"])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if len(options.scale) == len(options.theme) == 1:
        take_pictures(options.folder, options.only, options.theme[0], options.scale[0])
        return 0
    # The scale of a screen cannot be changed while a program runs.
    for scale in options.scale:
        for theme in options.theme:
            around = {**os.environ, "QT_SCALE_FACTOR": str(scale)}
            around.setdefault("QT_QPA_PLATFORM", "offscreen")
            command = [sys.executable, __file__, str(options.folder), "--only", *options.only,
                       "--scale", str(scale), "--theme", theme]  # fmt: skip
            subprocess.run(command, env=around, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
