"""What is said above a note: that a link led to it, or led nowhere; and the ways back and on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from notesearch.gui.elided_label import ElidedLabel
from notesearch.gui.keys import BY_ACT, Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.gui.theme import SPACE, Theme
from notesearch.translation import tr

_SELECTED = tr("The note selected in the list")


class NoteHeader(QWidget):
    """Names the note that a link led to. Hidden while there is nothing to say."""

    open_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        arrows = "→←" if self.isRightToLeft() else "←→"
        self.back = _way(arrows[0], Act.BACK)
        self.forward = _way(arrows[1], Act.FORWARD)
        self._title = ElidedLabel()
        self._title.setObjectName("followed")
        self._title.setStyleSheet("font-weight: 600;")
        self._open = LinkButton(tr("Open"))
        self._open.setAccessibleName(tr("Open this note"))
        self._open.setToolTip(tr("Opens this note, which is not the one selected in the list"))
        self._open.clicked.connect(self.open_wanted)
        self._said = ElidedLabel()
        self._lay_out()
        self.hide()

    def show_selected(self, title: str, *, forward: bool, complaint: str) -> None:
        """Say nothing of the selected note, unless there is a way on or a link led nowhere."""
        self._show(title if forward else "", complaint or _SELECTED)
        self._enable(back=False, forward=forward)
        self._open.hide()
        self.setVisible(forward or bool(complaint))

    def show_followed(self, title: str, selected: str, *, forward: bool, complaint: str) -> None:
        """Name the note that is shown; selected: the title of the selected one, if another."""
        led = tr("A link led here; the selected note is “{title}”").format(title=selected)
        self._show(title, complaint or (led if selected else _SELECTED))
        self._enable(back=True, forward=forward)
        self._open.show()
        self.show()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        # An arrow has no other way to look as if it led nowhere.
        self.setStyleSheet(f"QPushButton#link:disabled {{ color: {theme.track.name()}; }}")

    def _show(self, title: str, said: str) -> None:
        for part in (self.back, self.forward, self._title):
            part.setVisible(bool(title))
        self._title.show_text(title)
        self._said.show_text(said)

    def _enable(self, *, back: bool, forward: bool) -> None:
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self.back)
        first.addWidget(self.forward)
        first.addWidget(self._title, stretch=1)
        first.addWidget(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE // 2, 0, SPACE // 2, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(first)
        layout.addWidget(self._said)


def _way(arrow: str, act: Act) -> LinkButton:
    label = tr(BY_ACT[act].label)
    button = LinkButton(arrow)
    button.setAccessibleName(label)
    button.setToolTip(f"{label} ({first_key(act)})")
    button.setMinimumWidth(2 * SPACE)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    return button
