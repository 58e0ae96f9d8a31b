"""One page of the settings; those that are declared for it appear by themselves."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from notesearch.gui.theme import SPACE
from notesearch.settings import DECLARED, Change, Declared, Page, Settings
from notesearch.translation import tr, trn

REST_MS = 800
"""Typing that has rested for so long is taken up."""
MINUTE, HOUR = 60, 3600
NARROW = 12 * SPACE


class Choice(QComboBox):
    """One of several values; says so when the user takes another one."""

    chosen = Signal(object)

    def __init__(self, choices: Sequence[tuple[object, str]]) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        # Qt's own for these lists does not heed the style.
        self.setItemDelegate(QStyledItemDelegate(self))
        for value, text in choices:
            self.addItem(text, value)
        self._shown = self.currentData()
        self.activated.connect(self._tell)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        # What has a long name is cut before it widens the page.
        return QSize(NARROW, super().minimumSizeHint().height())

    def show_value(self, value: object) -> None:
        """Show a value, also one that is none of the choices."""
        if self.findData(value) < 0:
            self.addItem(str(value), value)
        self.setCurrentIndex(self.findData(value))
        self._shown = value

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel scrolls the page; it would change a setting in passing.
        event.ignore()

    @Slot()
    def _tell(self) -> None:
        if self.currentData() != self._shown:
            self._shown = self.currentData()
            self.chosen.emit(self._shown)


class Switch(QCheckBox):
    """Yes or no."""

    chosen = Signal(object)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.clicked.connect(self._tell)

    def show_value(self, value: bool) -> None:  # noqa: FBT001  # as the others
        """Show a value."""
        self.setChecked(value)

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self.isChecked())


class Number(QSpinBox):
    """A whole number within bounds; a typed one counts once it is complete."""

    chosen = Signal(object)

    def __init__(self, bounds: tuple[int, int], lowest: str = "") -> None:
        """Take the bounds, and what stands in the place of the lowest number."""
        super().__init__()
        self.setRange(*bounds)
        self.setSpecialValueText(lowest)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(SPACE, 0, 0, 0)
        self.valueChanged.connect(self._tell)

    def show_value(self, value: int) -> None:
        """Show a value; what is half typed stays where it is the same."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self.value())


Control = Choice | Switch | Number


def control_for(declared: Declared, default: object) -> Control:
    """Return what a setting is chosen with."""
    if declared.choices:
        return Choice([(value, tr(text)) for value, text in declared.choices])
    if declared.bounds is not None:
        return Number(declared.bounds, tr(declared.lowest) if declared.lowest else "")
    assert isinstance(default, bool), declared
    return Switch(tr(declared.label))


class SettingsPage(QWidget):
    """What is declared for one page, in its order; pages add what is theirs alone."""

    changed = Signal(object)
    """A Change, for each thing that the user decides, at once."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName(tr(page.value))
        self._controls: dict[str, Control] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(3 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.column.setSpacing(SPACE)
        title = heading(tr(page.value))
        title.setObjectName("name")
        self.column.addWidget(title)
        default = Settings()
        for name, declared in DECLARED.items():
            if declared.page is page:
                self._controls[name] = self._declare(name, declared, getattr(default, name))

    def show_settings(self, now: Settings) -> None:
        """Show the settings in force; says nothing of it."""
        for name, control in self._controls.items():
            control.show_value(getattr(now, name))

    def add(self, label: str, control: QWidget, explanation: str = "") -> None:
        """Add something below: what it is called, itself, and what it does."""
        self.column.addSpacing(SPACE)
        if not isinstance(control, Switch):
            self.column.addWidget(named(label, control))
        control.setAccessibleName(label.replace("&", ""))
        small = isinstance(control, Control)
        self.column.addLayout(beside(control)) if small else self.column.addWidget(control)
        if explanation:
            control.setAccessibleDescription(explanation)
            self.column.addWidget(muted(explanation))

    def decide(self, **values: Any) -> None:  # noqa: ANN401  # as dataclasses.replace
        """Say that the user wants settings to have these values."""
        self.changed.emit(change_to(**values))

    def _declare(self, name: str, declared: Declared, default: object) -> Control:
        control = control_for(declared, default)
        control.chosen.connect(lambda value: self.decide(**{name: value}))
        explanation = tr(declared.explanation) if declared.explanation else ""
        self.add(tr(declared.label), control, explanation)
        return control


def change_to(**values: Any) -> Change:  # noqa: ANN401  # as dataclasses.replace
    """Return the change that gives settings these values, and leaves the others alone."""
    return lambda now: dataclasses.replace(now, **values)


def heading(text: str) -> QLabel:
    """Return a label that names a page or a part of it."""
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setObjectName("heading")
    return label


def named(text: str, control: QWidget) -> QLabel:
    """Return the label of a control; its key leads there."""
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setBuddy(control)
    return label


class Said(QLabel):
    """Explains; has room for so many lines, so that nothing moves when it says more or less."""

    def __init__(self, lines: int, text: str = "") -> None:
        super().__init__(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.setObjectName("muted")
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lines = lines

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's name
        return max(super().heightForWidth(width), self._room())

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        hint = super().minimumSizeHint()
        return QSize(hint.width(), max(hint.height(), self._room()))

    def _room(self) -> int:
        return self._lines * self.fontMetrics().lineSpacing()


def muted(text: str = "") -> QLabel:
    """Return a label that explains."""
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setObjectName("muted")
    return label


def beside(*widgets: QWidget) -> QHBoxLayout:
    """Return a row of small things, as wide as they need to be."""
    row = QHBoxLayout()
    row.setSpacing(SPACE)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch()
    return row


def estimated(notes: int, seconds: float | None) -> str:
    """Say how much there is to read, and how long that will take where it can be told."""
    count = trn("{count} note", "{count} notes", notes)
    if not notes or seconds is None:
        return count
    return tr("{notes}, {time} to read").format(notes=count, time=_lasting(seconds))


def _lasting(seconds: float) -> str:
    if seconds < MINUTE:
        return tr("less than a minute")
    if seconds < 2 * HOUR:
        return trn("about {count} min", "about {count} min", round(seconds / MINUTE))
    return trn("about {count} hour", "about {count} hours", round(seconds / HOUR))
