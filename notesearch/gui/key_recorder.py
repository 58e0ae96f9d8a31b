"""Shows a key that is heard anywhere, and records another one."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QVBoxLayout, QWidget

from notesearch.gui.elided_label import WrappedLabel
from notesearch.gui.hotkey.chord import complaint
from notesearch.gui.key_field import NONE, PRESS, KeyField
from notesearch.gui.key_uses import use_of
from notesearch.gui.link_button import LinkButton
from notesearch.gui.settings_page import beside
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

HINT = tr("Esc leaves it as it is, Backspace takes it away.")
INSTEAD = tr("While notesearch runs, it would open the quick search instead.")
CHANGE, CANCEL = tr("C&hange…"), tr("Cancel")


class ChangeButton(QPushButton):
    """Begins, or gives up; says which."""

    def __init__(self) -> None:
        super().__init__(CHANGE, autoDefault=False)
        # A click on it does not take the keys away from the field.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def initStyleOption(self, option: QStyleOptionButton) -> None:  # noqa: N802  # Qt's name
        super().initStyleOption(option)
        # Under the mouse it looks as if it had the keyboard, which is in the field.
        if self.text() == CANCEL and not self.hasFocus():
            option.state &= ~QStyle.StateFlag.State_MouseOver


class KeyRecorder(QWidget):
    """A key, what is to be said of it, and how it is changed."""

    chosen = Signal(str)
    """The user wants this key, as Qt writes it; '' is none."""
    recording = Signal(bool)
    """Whether keys are recorded now: a key that is heard anywhere would not come here."""

    retry_wanted = Signal()
    """The key in force is to be asked for once more; `show_status` answers."""

    def __init__(self, usual: str) -> None:
        """Take the key that is offered as the usual one."""
        super().__init__()
        self._usual = usual
        self._key = ""
        """The one in force."""
        self._pressed: str | None = None
        """One that was pressed and could be taken, or is offered with a warning."""
        self._status = "", False
        self.field = KeyField()
        self._change = ChangeButton()
        self._none, self._back = LinkButton(tr("&No key")), LinkButton(tr("&Usual key"))
        self._again = LinkButton(tr("T&ry again"))
        self._anyway = QPushButton(tr("Use &it anyway"), autoDefault=False)
        self._said = WrappedLabel()
        self._connect()
        self._lay_out()
        self.show_key("")

    def show_key(self, key: str) -> None:
        """Show the key in force; what is being recorded goes on."""
        if key != self._key:
            self._key = key
            self._forget()
        if not self.field.recording and self._pressed is None:
            self.field.show_key(key)
        self._none.setEnabled(bool(key))
        self._back.setEnabled(key != self._usual)

    def show_status(self, text: str, *, wrong: bool, retry: bool = False) -> None:
        """Say how the key in force does, where nothing else is to be said; offer to try again."""
        if self._again.hasFocus() and not retry:
            self.field.setFocus()
        self._again.setVisible(retry)
        new, self._status = text != self._status[0], (text, wrong)
        if not self.field.recording and self._pressed is None:
            self._say(text, wrong=wrong)
            if new and wrong and self.isVisible():
                _announce(self.field, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self._forget()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._forget()

    @Slot()
    def _toggle(self) -> None:
        """Begin, or give up."""
        if self.field.recording:
            self._give_up()
        else:
            self._record()

    @Slot()
    def _record(self) -> None:
        if self.field.recording:
            return
        self._forget()
        self.field.record()
        self.recording.emit(self.field.recording)
        self._change.setText(CANCEL)
        self._say(HINT, wrong=False)
        _announce(self.field, f"{PRESS} {HINT}")

    @Slot(str)
    def _take(self, key: str) -> None:
        """See whether a key can be taken; it counts when it is let go, or it would be heard."""
        self.field.show_key(key)
        problem = complaint(key) if key else ""
        self._pressed = None if problem else key
        self._say(problem or HINT, wrong=bool(problem))
        if problem:
            _announce(self.field, f"{self.field.text()}: {problem}")

    @Slot()
    def _judge(self) -> None:
        """Take the key that was pressed, or say first what it is used for."""
        key = self._pressed
        if key is None:
            return
        use = use_of(key) if key != self._key else ""
        if not use:
            self._choose(key)
            return
        self._end()
        self._say(f"{use} {INSTEAD}", wrong=True)
        self._anyway.setVisible(True)
        _announce(self.field, f"{self.field.text()}: {use} {INSTEAD}")

    @Slot()
    def _choose_pressed(self) -> None:
        if self._pressed is not None:
            self.field.setFocus()
            self._choose(self._pressed)

    def _choose(self, key: str) -> None:
        """Say that the user wants a key; only then is it said that nothing is recorded any more."""
        self._pressed = None
        new, self._key = key != self._key, key
        if new:
            self._status = "", False
            self.chosen.emit(key)
        self._give_up()
        self.show_key(key)
        _announce(self.field, self.field.text() or NONE)

    @Slot()
    def _give_up(self) -> None:
        self._end()
        self._forget()

    def _end(self) -> None:
        """Record no more."""
        if self.field.recording:
            self.field.stop()
            self._change.setText(CHANGE)
            self.recording.emit(self.field.recording)

    def _forget(self) -> None:
        """Show the key in force, and nothing that was pressed."""
        self._pressed = None
        if not self.field.recording:
            self._anyway.setVisible(False)
            self.field.show_key(self._key)
            self._say(self._status[0], wrong=self._status[1])

    def _say(self, text: str, *, wrong: bool) -> None:
        self._said.setText(text)
        self._said.updateGeometry()
        self.field.setAccessibleDescription(text)
        name = "warning" if wrong else "muted"
        if self._said.objectName() != name:
            self._said.setObjectName(name)
            self._said.style().unpolish(self._said)
            self._said.style().polish(self._said)

    def _connect(self) -> None:
        self.field.wanted.connect(self._record)
        self.field.pressed.connect(self._take)
        self.field.released.connect(self._judge)
        self.field.given_up.connect(self._give_up)
        self._change.clicked.connect(self._toggle)
        self._none.clicked.connect(lambda: self._choose(""))
        self._back.clicked.connect(lambda: self._choose(self._usual))
        self._anyway.clicked.connect(self._choose_pressed)
        self._again.clicked.connect(self.retry_wanted)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(beside(self.field, self._change))
        column.addWidget(self._said)
        column.addLayout(beside(self._anyway))
        column.addLayout(beside(self._again, self._none, self._back))
        self.setFocusProxy(self.field)


def _announce(widget: QWidget, text: str) -> None:
    """Have a text read aloud."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
