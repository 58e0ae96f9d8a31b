"""Asks for the name of a note that is missed, and says where it is instead."""

import html
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Hit, Standing, Whereabouts
from notesearch.gui.link_button import LinkButton, as_label
from notesearch.gui.row_excerpt import snippet
from notesearch.gui.row_words import score
from notesearch.gui.text_line import TextLine
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

MAX_OTHERS = 4
MAX_SNIPPET = 240
NAME_WIDTH = 44 * SPACE
LEAST_FOR_NAME = 14
"""Times the height of a line."""
SHOWN_PARTS = 2
"""Of a path: the folder tells notes of one name apart."""
LOOKING = tr("Looking…")


class WhyNot(QWidget):
    """A line for a name and, below it, the answer; hidden until it is wanted."""

    asked = Signal(str)
    """A note's path, title, or part of one."""
    note_wanted = Signal(object)
    """The Path of a note."""
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._asked = ""
        """What was asked and not answered or no longer of use."""
        self._file: Path | None = None
        self._line = TextLine(tr("Name a note…"))
        self._line.setObjectName("name")
        self._line.setAccessibleName(tr("Name of the note that is not in the list"))
        self._line.returnPressed.connect(self._ask)
        self._title = QLabel(tr("Why isn't a note here?"), textFormat=Qt.TextFormat.PlainText)
        self._reason, self._passage = _text(), _text()
        self._passage.setObjectName("muted")
        self._open = LinkButton(tr("Open it"))
        self._open.clicked.connect(self._open_file)
        self._others = QWidget()
        others = self._others_layout = QVBoxLayout(self._others)
        others.setContentsMargins(0, 0, 0, 0)
        others.setSpacing(SPACE // 2)
        self._lay_out()
        self.forget()
        self.setVisible(False)

    def start(self) -> None:
        """Let a name be typed."""
        self.setVisible(True)
        self._line.selectAll()
        self._line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def stop(self) -> None:
        """Go out of the way."""
        self.forget()
        self.setVisible(False)
        self.closed.emit()

    def has_keys(self) -> bool:
        """Say whether the keys go to the line."""
        return self._line.hasFocus()

    def forget(self) -> None:
        """Take back what was said: it was about another query."""
        self._asked = ""
        self._show("", "", None, ())

    def take(self, found: Whereabouts) -> None:
        """Show where the note is; the answer to an older question comes too late."""
        if not self._asked or found.name != self._asked:
            return
        self._asked = ""
        file = None if found.standing is Standing.MISSING else found.file
        self._show(found.reason, _best(found), file, found.others)
        self._line.setAccessibleDescription(found.reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The name comes first: what it is asked for can be seen in the line too.
        needed = self._title.sizeHint().width() + LEAST_FOR_NAME * self.fontMetrics().height()
        self._title.setVisible(event.size().width() >= needed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _ask(self) -> None:
        self.forget()
        name = self._line.text().strip()
        if name:
            self._asked = name
            self._show(LOOKING, "", None, ())
            self.asked.emit(name)

    @Slot()
    def _open_file(self) -> None:
        if self._file is not None:
            self.note_wanted.emit(self._file)

    def _show(self, reason: str, passage: str, file: Path | None, others: tuple[Path, ...]) -> None:
        self._file = file
        for label, text in ((self._reason, reason), (self._passage, passage)):
            label.setText(text)
            label.setVisible(bool(text))
        self._open.setVisible(file is not None)
        self._open.setToolTip("" if file is None else html.escape(str(file)))
        self._offer(others[:MAX_OTHERS])

    def _offer(self, others: tuple[Path, ...]) -> None:
        """Offer further notes of the name, to be asked about instead."""
        line = self._others_layout
        while (item := line.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if others:
            line.addWidget(_muted(tr("Others of this name:")))
        room = max(NAME_WIDTH, self.width() - 4 * SPACE)
        for path in others:
            middle = Qt.TextElideMode.ElideMiddle
            short = "/".join(path.parts[-SHOWN_PARTS:])
            button = LinkButton(as_label(self.fontMetrics().elidedText(short, middle, room)))
            button.setToolTip(html.escape(str(path)))
            button.clicked.connect(lambda _=False, path=path: self._ask_of(path))
            line.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        self._others.setVisible(bool(others))

    def _ask_of(self, path: Path) -> None:
        self._line.setText(str(path))
        self._ask()

    def _lay_out(self) -> None:
        close = LinkButton(tr("Close"))
        close.clicked.connect(self.stop)
        first = QHBoxLayout()
        first.setSpacing(2 * SPACE)
        first.addWidget(self._title)
        first.addWidget(self._line, stretch=1)
        first.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(first)
        layout.addWidget(self._reason)
        layout.addWidget(self._passage)
        layout.addWidget(self._open, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._others)


def _muted(text: str) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText)
    label.setObjectName("muted")
    return label


def _text() -> QLabel:
    label = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _best(found: Whereabouts) -> str:
    """Say where in the answer a note is, and show its best passage."""
    if found.hit is None:
        return ""
    said = tr("Rank {rank}, score {score}, line {line}: {passage}")
    rank, line = f"{found.rank:,}", f"{found.hit.line:,}"
    passage = _short(found.hit)
    return said.format(rank=rank, score=score(found.hit), line=line, passage=passage)


def _short(hit: Hit) -> str:
    text, _ = snippet(hit.passage, hit.matches)
    return text if len(text) <= MAX_SNIPPET else f"{text[:MAX_SNIPPET].rstrip()}…"
