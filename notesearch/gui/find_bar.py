"""The bar in which text is sought in the note that is shown."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QWidget
from shiboken6 import isValid

from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE, Theme
from notesearch.translation import tr

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Wanted(QLineEdit):
    """Keeps its keys to itself, whatever they do in the rest of the window."""

    stepped = Signal(int)
    left = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() & ~(_SHIFT | _KEYPAD) == Qt.KeyboardModifier.NoModifier
            if plain and event.key() in {*_ENTER, Qt.Key.Key_Escape}:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.stepped.emit(-1 if event.modifiers() & _SHIFT else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class FindBar(QWidget):
    """Announces what is sought, and shows how much of it there is. Hidden until it is asked for."""

    sought = Signal(str)
    """The text; '' when nothing is sought any more."""
    stepped = Signal(int)
    """The next place is wanted (1), or the one before (-1)."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._came_from: QWidget | None = None
        self._wanted = _Wanted()
        self._wanted.setAccessibleName(tr("Find in the note"))
        self._wanted.setPlaceholderText(tr("Find in the note"))
        self._wanted.textChanged.connect(self.sought)
        self._wanted.stepped.connect(self.stepped)
        self._wanted.left.connect(self.stop)
        self._count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._count.setObjectName("muted")
        self._lay_out()
        self.hide()

    def start(self, text: str) -> None:
        """Come up and take the keys; a text takes the place of what was sought before."""
        if not self._has_keys():
            self._came_from = QApplication.focusWidget()
        before = self._wanted.text()
        self.show()
        self._wanted.setText(text or before)
        self._wanted.selectAll()
        self._wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._wanted.text() == before:
            self.sought.emit(before)

    @Slot()
    def stop(self) -> None:
        """Go away; the keys go back to where they came from."""
        if self._has_keys():
            back = self._came_from
            if back is not None and isValid(back) and back.isVisible():
                back.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.focusPreviousChild()
        self.hide()
        self.sought.emit("")

    def show_count(self, number: int, count: int, *, part: bool) -> None:
        """Say how many places there are, and which one was gone to; part: of a part of the note."""
        if not self._wanted.text().strip():
            said = ""
        elif not count:
            said = tr("None in this part") if part else tr("None")
        else:
            said = tr("{number} of {count} in this part") if part else tr("{number} of {count}")
        self._count.setText(said.format(number=f"{number:,}", count=f"{count:,}"))

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._wanted.setStyleSheet(
            f"QLineEdit {{ border: 1px solid transparent; border-radius: {SPACE // 2}px;"
            f" padding: {SPACE // 2}px; background: transparent; color: {theme.text.name()}; }}"
            f"QLineEdit:focus {{ border-color: {theme.accent.name()}; }}"
        )

    def _has_keys(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    @Slot()
    def _step_on(self) -> None:
        self.stepped.emit(1)

    @Slot()
    def _step_back(self) -> None:
        self.stepped.emit(-1)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(SPACE)
        layout.addWidget(self._wanted, stretch=1)
        layout.addWidget(self._count)
        previous, following = first_key(Act.PREVIOUS_MATCH), first_key(Act.NEXT_MATCH)
        for text, name, tip, act in (
            ("↑", tr("Previous place"), f"Shift+Enter, {previous}", self._step_back),
            ("↓", tr("Next place"), f"Enter, {following}", self._step_on),
            ("×", tr("Close the search in the note"), "Esc", self.stop),  # noqa: RUF001
        ):
            button = LinkButton(text)
            button.setAccessibleName(name)
            button.setToolTip(tip)
            button.setMinimumWidth(2 * SPACE)
            button.clicked.connect(act)
            layout.addWidget(button)
