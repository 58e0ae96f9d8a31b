"""Shows which key does what, what can be typed, and what the marks mean."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from notesearch import __version__
from notesearch.gui import marks
from notesearch.gui.error_dialog import EchoButton
from notesearch.gui.keys import ACTIONS, KEYS, Group, shown_keys
from notesearch.gui.reading_page import Pen, ReadingPage, Run
from notesearch.gui.row_words import Mark, mark_word
from notesearch.gui.text_line import TextLine
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import NAME_SCALE, SPACE, Theme
from notesearch.translation import tr

Rows = Sequence[tuple[str, str]]
SIZE = (46, 40)
"""Of the dialog, in heights of a line."""
SIDE_BY_SIDE = 36
"""So many heights of a line are needed for two columns."""
_SCROLLING = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_WIDTHS = (31.0, 69.0)


class HelpDialog(TextSizedDialog):
    """Tables to read, and a line that finds something in them; Esc closes it."""

    report_wanted = Signal()
    about_wanted = Signal()

    def __init__(self, syntax: Rows, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys and syntax"))
        self._syntax, self._theme = syntax, theme
        self._narrow = False
        self._page = ReadingPage(tr("What can be typed, and the keys"))
        self._page.outdated.connect(self._write)
        self._line = TextLine(tr("Find a key…"))
        self._line.setObjectName("name")
        self._line.setAccessibleName(tr("Find a key, or what can be typed"))
        self._line.textChanged.connect(self._write)
        self._lay_out()
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = self._page.theme = theme
        self._write()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _SCROLLING:
            # What the line does not want moves the page.
            QApplication.sendEvent(self._page, event)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Write keys above what they do where there is no room for two columns."""
        narrow = self.width() < SIDE_BY_SIDE * self.fontMetrics().height()
        if narrow is not self._narrow:
            self._narrow = narrow
            self._write()

    @Slot()
    def _write(self) -> None:
        pen = self._page.begin()
        wanted = self._line.text().casefold().split()
        found = False
        for title, rows in _tables(self._syntax):
            kept = [row for row in rows if all(one in " ".join(row).casefold() for one in wanted)]
            if kept:
                found = True
                self._write_table(pen, title, kept)
        if not wanted:
            self._write_legend(pen)
            pen.line((tr("notesearch {version}").format(version=__version__), pen.muted))
        elif not found:
            pen.line((tr("No key and no filter is described so."), pen.quiet))
        self._page.show_written(pen)

    @Slot()
    def _go_to_about(self) -> None:
        self.accept()
        self.about_wanted.emit()

    def _write_table(self, pen: Pen, title: str, rows: Rows) -> None:
        self._write_runs(pen, title, [((name, pen.strong), does) for name, does in rows])

    def _write_legend(self, pen: Pen) -> None:
        theme = self._theme
        self._write_runs(pen, tr("What the marks mean"), [
            ((tr("word"), marks.matched(theme)), tr("a word of your search, or a form of it")),
            ((tr("meaning"), marks.carried(theme)), tr("words that made the passage match by its "
                                                       "meaning; they are underlined too")),
            (("≈", pen.strong), tr("matches by meaning alone: no word of the search is in it")),
            ((tr("Strong, Good, Weak"), pen.strong), tr("how good a match is; the bar and the "
                                                        "number beside it say it more exactly")),
            ((mark_word(Mark.CHANGED), pen.strong), tr("the file was changed since; it is read "
                                                       "again in a moment")),
            ((mark_word(Mark.GONE), pen.strong), tr("the file is no longer where it was")),
        ])  # fmt: skip

    def _write_runs(self, pen: Pen, title: str, rows: Sequence[tuple[Run, str]]) -> None:
        pen.line((title, pen.scaled(NAME_SCALE, strong=True)))
        if not self._narrow:
            cells = [([run], [(does, pen.quiet)]) for run, does in rows]
            pen.table(cells, _WIDTHS, below=2 * SPACE)
            return
        for run, does in rows:
            pen.line(run, above=SPACE)
            pen.line((does, pen.quiet))
        pen.line(("", pen.plain))

    def _lay_out(self) -> None:
        # Then the arrow keys scroll at once.
        self._page.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QPushButton(tr("&Close"), default=True)
        close.clicked.connect(self.accept)
        report = EchoButton(tr("Copy &diagnostic report"), tr("Copied"))
        report.clicked.connect(self.report_wanted)
        about = QPushButton(tr("&About notesearch"), autoDefault=False)
        about.clicked.connect(self._go_to_about)
        what = QLabel(in_report(), textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        what.setObjectName("muted")
        what.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(report)
        buttons.addWidget(about)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._line)
        layout.addWidget(self._page, stretch=1)
        layout.addWidget(what)
        layout.addLayout(buttons)


def in_report() -> str:
    """Say what the diagnostic report holds."""
    return tr("Versions, counts and the end of the log: no text, names or paths of your notes. "
              "Read it before you send it.")  # fmt: skip


def _tables(syntax: Rows) -> Iterator[tuple[str, Rows]]:
    """Yield what there is to be known, each table with its title."""
    yield tr("What you can type"), [(tr(example), tr(finds)) for example, finds in syntax]
    listed = [KEYS[0]]
    for group in Group:
        listed += [(shown_keys(one), one.does) for one in ACTIONS if one.group is group]
        yield tr(group.value), [(tr(keys), tr(does)) for keys, does in listed]
        listed = []
