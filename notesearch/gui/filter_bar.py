"""The line below the box: filters in force, more of them, searches that are kept, and the order."""

import re
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from notesearch.core.notes import Clause, Query
from notesearch.gui.keys import Act, first_key
from notesearch.gui.link_button import as_label
from notesearch.gui.theme import SPACE
from notesearch.settings import DECLARED
from notesearch.translation import tr

LONGEST = 32
"""Characters of a chip or of a search in the menu."""
SORTS = DECLARED["sort"].choices
_FILTERS = (
    ("Folder…", "path:"), ("Tag…", "tag:"), ("Title…", "title:"), ("File name…", "file:"), None,
    ("Changed today", "modified:today "), ("Changed in the last 7 days", "modified:7d "),
    ("Changed in the last 30 days", "modified:30d "), ("Changed in the last year", "modified:1y "),
    None, ("With a task", "has:task "), ("Without a word…", "-"), ("With a phrase…", '"'),
)  # fmt: skip
"""What the menu offers, and what it writes; None parts them."""


class FilterBar(QWidget):
    """Chips that take a filter off, and three menus."""

    rewritten = Signal(str)
    """Another text for the box."""
    asked = Signal(str)
    """A kept search that is to be asked again."""
    sort_chosen = Signal(str)
    """Relevance, modified or name."""
    keep_wanted = Signal()
    """The search in the box is to be kept, or let go if it is."""

    def __init__(self) -> None:
        super().__init__()
        self._query = Query("")
        self._text = ""
        """What stands in the box, answered or not."""
        self._saved: Sequence[str] = ()
        self._chips = _Chips()
        self._chips.removed.connect(self._remove)
        self._add = _menu_button(tr("Filter"), tr("Add a filter"), "+ ")
        self._fill_filters(self._add.menu())
        self._kept = _menu_button(tr("Saved"), tr("Saved searches"))
        self._kept.menu().aboutToShow.connect(self._fill_saved)
        self._sort = _menu_button("", tr("Sort by"))
        self._sort.setToolTip(first_key(Act.SORT))
        self._fill_sorts()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(self._add)
        line.addWidget(self._chips, stretch=1)
        line.addWidget(self._kept)
        line.addWidget(self._sort)
        self.show_sort("relevance")

    def show_text(self, text: str) -> None:
        """Learn what stands in the box."""
        self._text = text

    def show_query(self, query: Query) -> None:
        """Show the filters of a query that was answered."""
        self._query = query
        self._chips.show_filters([as_typed(clause) for clause in query.clauses])

    def show_saved(self, saved: Sequence[str]) -> None:
        """Learn which searches are kept."""
        self._saved = tuple(saved)

    def show_sort(self, sort: str) -> None:
        """Show how hits are ordered."""
        name = tr(dict(SORTS)[sort])
        self._sort.setText(tr("Sort: {order}").format(order=name) + "  ▾")
        self._sort.setAccessibleName(tr("Sorted by {order}").format(order=name))
        for action in self._orders.actions():
            action.setChecked(action.data() == sort)

    @Slot(int)
    def _remove(self, number: int) -> None:
        self.rewritten.emit(without(self._text, self._query.clauses[number]))

    def _fill_filters(self, menu: QMenu) -> None:
        for entry in _FILTERS:
            if entry is None:
                menu.addSeparator()
            else:
                label, written = entry
                menu.addAction(tr(label)).triggered.connect(partial(self._write, written))

    def _write(self, written: str) -> None:
        before = self._text.rstrip()
        self.rewritten.emit(f"{before} {written}" if before else written)

    @Slot()
    def _fill_saved(self) -> None:
        menu, text = self._kept.menu(), self._text.strip()
        menu.clear()
        let_go = text in self._saved
        keep = menu.addAction(tr("Remove this search") if let_go else tr("Save this search"))
        keep.setShortcut(first_key(Act.SAVE_SEARCH))
        keep.setEnabled(bool(text))
        keep.triggered.connect(self._keep)
        menu.addSeparator()
        if not self._saved:
            menu.addAction(tr("No search is saved yet.")).setEnabled(False)
        for one in self._saved:
            action = menu.addAction(as_label(_cut(one)))
            action.setCheckable(True)
            action.setChecked(one == text)
            action.triggered.connect(partial(self._ask, one))

    @Slot()
    def _keep(self) -> None:
        self.keep_wanted.emit()

    def _ask(self, text: str) -> None:
        self.asked.emit(text)

    def _fill_sorts(self) -> None:
        self._orders = QActionGroup(self)
        for sort, name in SORTS:
            action = QAction(tr(name), self._orders, checkable=True)
            action.setData(sort)
            action.triggered.connect(partial(self._choose_sort, sort))
            self._sort.menu().addAction(action)

    def _choose_sort(self, sort: str) -> None:
        self.sort_chosen.emit(sort)


class _Chips(QWidget):
    """A button for each filter, as many as there is room for; Delete on one takes it off too."""

    removed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._texts: list[str] = []
        self._buttons: list[_Chip] = []
        self._rest = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._rest.setObjectName("small")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(SPACE // 2)
        self._line.addWidget(self._rest)
        self._line.addStretch()

    def show_filters(self, texts: list[str]) -> None:
        """Show these filters; nothing moves where they are the same."""
        if texts == self._texts:
            return
        self._texts = texts
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [_Chip(text) for text in texts]
        for number, button in enumerate(self._buttons):
            button.clicked.connect(partial(self._announce, number))
            self._line.insertWidget(number, button)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _announce(self, number: int) -> None:
        self.removed.emit(number)

    def _fit(self) -> None:
        """Hide what there is no room for, and say how many those are."""
        left = self.width() - self._rest.fontMetrics().horizontalAdvance("+99") - SPACE
        hidden = []
        for button in self._buttons:
            left -= button.sizeHint().width() + SPACE // 2
            button.setVisible(left >= 0)
            if left < 0:
                hidden.append(button.text())
        self._rest.setText(f"+{len(hidden)}" if hidden else "")
        self._rest.setToolTip(", ".join(hidden))


class _Chip(QPushButton):
    """A filter that is in force."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{as_label(_cut(text))}  ×")  # noqa: RUF001
        self.setObjectName("chip")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Take this filter off"))
        self.setAccessibleName(tr("Filter {filter}: take it off").format(filter=text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if event.key() in keys:
            self.click()
        else:
            super().keyPressEvent(event)


def as_typed(clause: Clause) -> str:
    """Return a clause as it was typed."""
    return " OR ".join(condition.text for condition in clause)


def without(text: str, clause: Clause) -> str:
    """Return a query without one of its filters."""
    parts = (re.escape(condition.text) for condition in clause)
    # Straight quotes stand in a query for any kind of them.
    pattern = r"\s+OR\s+".join(parts).replace('"', '["“”„‟«»]')
    found = re.search(rf"(?<!\S){pattern}(?!\S)", text)
    if found is None:
        return text
    left, right = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    return f"{left} {right}".strip() + (" " if not right and left else "")


class _MenuButton(QToolButton):
    """Opens its menu, with Enter too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.showMenu()
        else:
            super().keyPressEvent(event)


def _menu_button(text: str, name: str, sign: str = "") -> QToolButton:
    button = _MenuButton()
    button.setText(f"{sign}{text}" if sign else f"{text}  ▾")
    button.setObjectName("chip")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setMenu(QMenu(button))
    return button


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST else f"{one_line[: LONGEST - 1]}…"
