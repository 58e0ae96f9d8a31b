"""What is left out of the search: patterns, and how many notes each of them takes out."""

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from notesearch.core.notes import Removal
from notesearch.gui.settings_page import REST_MS, Said, muted
from notesearch.gui.theme import SPACE
from notesearch.settings import Settings
from notesearch.translation import tr, trn

COUNT_MS = 150
"""The effect is counted before it is applied."""
LINES = 5
EXAMPLES = "templates/\n*.excalidraw.md\n!keep.md"
HELP = tr(
    "One pattern in each line, as in a .gitignore file: templates/ is a folder, "
    "* stands for any letters, and a leading ! keeps what a line above leaves out. "
    "A pattern that begins with the full path of a folder holds in that folder only."
)
COUNTING = tr("Counting…")
WRONG = -1
"""In the place of a count: the line is not a pattern."""


class PatternsEdit(QPlainTextEdit):
    """Lines of patterns."""

    left = Signal()
    """Something else has the keys now."""

    def __init__(self) -> None:
        super().__init__(tabChangesFocus=True)
        self.setPlaceholderText(EXAMPLES)
        self.setObjectName("fixed")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def sizeHint(self) -> QSize:
        # Qt's own is for a window full of text; the page grows it where there is room.
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        height = LINES * self.fontMetrics().lineSpacing() + 3 * SPACE
        return QSize(super().minimumSizeHint().width(), height)

    def patterns(self) -> tuple[str, ...]:
        """Return the lines that are not empty."""
        return tuple(line for line in self._lines() if line.strip())

    def current(self) -> int | None:
        """Return which of the patterns the cursor is in, None in an empty line."""
        lines = self._lines()
        number = self.textCursor().blockNumber()
        return sum(bool(line.strip()) for line in lines[:number]) if lines[number].strip() else None

    def _lines(self) -> list[str]:
        # As plain text, spaces that do not break would become ordinary ones.
        return self.document().toRawText().split("\N{PARAGRAPH SEPARATOR}")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class PatternsBox(QWidget):
    """The patterns with what they do said below, as they are typed; applied when typing rests."""

    changed = Signal(object)
    count_wanted = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[str, ...] = ()
        """The patterns in force."""
        self._left_out: int | None = None
        """How many notes those leave out."""
        self._removal: Removal | None = None
        self._asked: tuple[str, ...] | None = None
        self.edit = PatternsEdit()
        self.edit.setAccessibleName(tr("Leave out"))
        self.edit.setAccessibleDescription(HELP)
        self._all, self._line = Said(1), Said(1)
        self._counting = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._counting.timeout.connect(self._ask)
        self._resting = QTimer(self, singleShot=True, interval=REST_MS)
        self._resting.timeout.connect(self.apply)
        self.edit.textChanged.connect(self._begin)
        self.edit.cursorPositionChanged.connect(self._say)
        self.edit.left.connect(self.apply)
        self._lay_out()

    def show_patterns(self, patterns: Sequence[str]) -> None:
        """Show the patterns in force; what the user has typed meanwhile stays."""
        before, self._known = self._known, tuple(patterns)
        if self._known in (before, self.edit.patterns()) or self.edit.patterns() != before:
            return
        self.edit.setPlainText("\n".join(self._known))
        self._resting.stop()

    def show_removal(self, removal: Removal) -> None:
        """Say what patterns leave out; an answer about others than these is passed over."""
        if removal.patterns == self.edit.patterns():
            self._removal = removal
            self._say()
        if removal.patterns == self._known:
            # Only now: typing may have rested before these were counted.
            self._left_out = removal.notes

    @Slot()
    def apply(self) -> None:
        """Take up what was typed; says nothing where that changes nothing."""
        self._resting.stop()
        base, patterns = self._known, self.edit.patterns()
        if patterns == base:
            return
        self._known = patterns
        if self._removal is not None and self._removal.patterns == patterns:
            self._left_out = self._removal.notes

        def change(now: Settings) -> Settings:
            # Patterns that came from elsewhere meanwhile stay.
            added = tuple(one for one in now.ignored if one not in {*base, *patterns})
            return dataclasses.replace(now, ignored=patterns + added)

        self.changed.emit(change)

    @Slot()
    def _begin(self) -> None:
        """The text is another one."""
        if self.edit.patterns() != self._asked:
            self._counting.start()
        self._resting.start()

    @Slot()
    def _ask(self) -> None:
        patterns = self.edit.patterns()
        if patterns == self._asked:
            return
        self._asked, self._removal = patterns, None
        self._say()
        self.count_wanted.emit(list(patterns))

    @Slot()
    def _say(self) -> None:
        patterns, removal = self.edit.patterns(), self._removal
        if removal is None:
            _show(self._all, COUNTING if patterns else "")
            _show(self._line, "")
            return
        if removal.patterns != patterns:
            return
        _show(self._all, self._said_of_all(removal))
        current = self.edit.current()
        count = None if current is None or current >= len(removal.each) else removal.each[current]
        said = (
            "" if count is None or patterns[current or 0].startswith("#") else said_of_line(count)
        )
        _show(self._line, said, wrong=count == WRONG)

    def _said_of_all(self, removal: Removal) -> str:
        """Say what all patterns do, and what comes back by those that are gone."""
        if self._left_out is not None and removal.notes < self._left_out:
            back = trn("{count} note comes back", "{count} notes come back",
                       self._left_out - removal.notes)  # fmt: skip
            return tr("{total} {back}: read again in the background.").format(
                total=said_of_all(removal), back=back
            )
        return said_of_all(removal)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.edit, stretch=1)
        layout.addWidget(self._all)
        layout.addWidget(self._line)
        layout.addWidget(muted(HELP))


def said_of_all(removal: Removal) -> str:
    """Say what patterns leave out together, and which of them is none."""
    if not removal.patterns:
        return tr("Nothing is left out.")
    wrong = [
        pattern
        for pattern, count in zip(removal.patterns, removal.each, strict=False)
        if count == WRONG
    ]
    said = (
        trn("These patterns leave out {count} note.", "These patterns leave out {count} notes.",
            removal.notes)
        if removal.notes else tr("These patterns leave out nothing.")
    )  # fmt: skip
    if wrong:
        said += " " + tr("“{line}” is not a pattern and is passed over.").format(line=wrong[0])
    return said


def said_of_line(count: int) -> str:
    """Say what the line does that the cursor is in."""
    if count == WRONG:
        return tr("This line is not a pattern; it is passed over.")
    if not count:
        return tr("This line leaves out nothing.")
    return trn("This line leaves out {count} note.", "This line leaves out {count} notes.", count)


def _show(label: QLabel, text: str, *, wrong: bool = False) -> None:
    """Say something; what is wrong has the colour of warnings."""
    name = "warning" if wrong else "muted"
    label.setText(text)
    if label.objectName() != name:
        label.setObjectName(name)
        label.style().unpolish(label)
        label.style().polish(label)
