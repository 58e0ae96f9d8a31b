"""Says what the program is, under which terms, and that nothing leaves the machine."""

import platform
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot, qVersion
from PySide6.QtGui import QGuiApplication, QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from notesearch import __version__, components, identity
from notesearch.components import UNUSED, Component
from notesearch.gui.error_dialog import EchoButton
from notesearch.gui.reading_page import Pen, ReadingPage
from notesearch.gui.text_sized import TextSizedDialog
from notesearch.gui.theme import NAME_SCALE, SPACE, Theme
from notesearch.paths import RESOURCES
from notesearch.translation import tr

SIZE = (42, 36)
"""Of the dialog, in heights of a line."""
SIDE_BY_SIDE = 32
"""So many heights of a line are needed for two columns."""
ICON_LINES = 3
_WIDTHS = (36.0, 64.0)


class AboutDialog(TextSizedDialog):
    """A page to read and copy; Esc closes it. It asks nobody whether there is a newer version."""

    link_wanted = Signal(str)
    """An address that is to be opened in the browser."""

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(SIZE, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About notesearch"))
        self._theme = theme
        self._narrow = False
        self._texts = components.licence_texts()
        self._parts = list(components.present())
        self._unused = list(components.present(UNUSED))
        self._page = ReadingPage(tr("What notesearch is and what it is made of"))
        self._page.outdated.connect(self._write)
        self._licences = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._licences.setAccessibleName(tr("Licence texts"))
        self._licences.setObjectName("fixed")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._page)
        self._pages.addWidget(self._licences)
        self._icon = QLabel()
        self._close = QPushButton(tr("&Close"), default=True)
        self._close.clicked.connect(self.accept)
        self._lay_out()
        self.restyle(theme)
        self._close.setFocus()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = self._page.theme = theme
        self._write()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Write licences below what they are of where there is no room for two columns."""
        narrow = self.width() < SIDE_BY_SIDE * self.fontMetrics().height()
        if narrow is not self._narrow:
            self._narrow = narrow
            self._write()

    # What is written --------------------------------------------------------------------------

    @Slot()
    def _write(self) -> None:
        size = ICON_LINES * self.fontMetrics().height()
        icon = QIcon(str(RESOURCES / "icons" / "notesearch.svg"))
        self._icon.setPixmap(icon.pixmap(size, size))
        pen = self._page.begin()
        _write_promise(pen)
        _write_replaceable(pen, [one for one in self._parts if one.replaceable])
        self._write_parts(pen, tr("What it is made of"), self._parts)
        if self._unused:
            self._write_parts(pen, tr("Installed with these, and never loaded"), self._unused)
        if self._texts is None:
            pen.line((tr("Each package that pip installed has its licence text with it."),
                      pen.muted), above=SPACE)  # fmt: skip
        self._page.show_written(pen)

    def _write_parts(self, pen: Pen, title: str, parts: list[Component]) -> None:
        pen.line((title, pen.scaled(NAME_SCALE, strong=True)), above=2 * SPACE)
        rows = [((_called(one), pen.strong), one) for one in parts]
        if not self._narrow:
            pen.table(
                [([name], [(one.licence, pen.plain), (f"\n{one.source}", pen.muted)])
                 for name, one in rows], _WIDTHS,
            )  # fmt: skip
            return
        for name, one in rows:
            pen.line(name, above=SPACE)
            pen.line((one.licence, pen.plain))
            pen.line((one.source, pen.muted))

    # What can be done -------------------------------------------------------------------------

    @Slot()
    def _show_licences(self) -> None:
        """Turn to the licence texts, or back."""
        there = self._pages.currentWidget() is self._licences
        if not there and self._texts is not None and not self._licences.toPlainText():
            self._licences.setPlainText(_content(self._texts))
        page = self._page if there else self._licences
        self._pages.setCurrentWidget(page)
        self._turn.setText(tr("&Licence texts") if there else tr("&Back"))
        page.setFocus()

    @Slot()
    def _copy_versions(self) -> None:
        QGuiApplication.clipboard().setText(version_text())

    @Slot()
    def _open_releases(self) -> None:
        self.link_wanted.emit(identity.RELEASES)

    # Where it is ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(self._head())
        layout.addSpacing(SPACE)
        layout.addWidget(self._pages, stretch=1)
        layout.addSpacing(SPACE)
        layout.addLayout(self._buttons())

    def _head(self) -> QHBoxLayout:
        name = QLabel(
            tr("notesearch {version}").format(version=__version__),
            textFormat=Qt.TextFormat.PlainText,
        )
        name.setObjectName("title")
        said = QLabel(tr(identity.SUMMARY), textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        terms = tr("Free software under the {licence} licence, by {maintainer}.").format(
            licence=identity.LICENCE, maintainer=identity.MAINTAINER
        )
        under = QLabel(terms, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        under.setObjectName("muted")
        lines = QVBoxLayout()
        lines.setSpacing(SPACE // 2)
        for line in (name, said, under):
            lines.addWidget(line)
        if identity.RELEASES:
            lines.addSpacing(SPACE // 2)
            lines.addWidget(self._newer(), alignment=Qt.AlignmentFlag.AlignLeft)
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        head.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        head.addLayout(lines, stretch=1)
        return head

    def _newer(self) -> QPushButton:
        newer = QPushButton(tr("&Newer versions…"), autoDefault=False)
        newer.setToolTip(identity.RELEASES)
        said = tr("opens {address} in your browser").format(address=identity.RELEASES)
        newer.setAccessibleDescription(said)
        newer.clicked.connect(self._open_releases)
        return newer

    def _buttons(self) -> QHBoxLayout:
        copy = EchoButton(tr("Copy &versions"), tr("Copied"))
        copy.setToolTip(tr("For a report: which versions of what run here"))
        copy.clicked.connect(self._copy_versions)
        self._turn = QPushButton(tr("&Licence texts"), autoDefault=False)
        self._turn.clicked.connect(self._show_licences)
        self._turn.setVisible(self._texts is not None)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (copy, self._turn):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self._close)
        return buttons


def version_text() -> str:
    """Return which versions of what run here, a line each."""
    parts = [f"{one.name} {one.version}" for one in components.present() if one.version]
    shown = f"Qt {qVersion()} on {QGuiApplication.platformName()}"
    lines = [f"notesearch {__version__}", platform.platform(), shown, *parts]
    return "\n".join(lines)


def _called(component: Component) -> str:
    return f"{component.name} {component.version}".strip()


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        said = tr("{path} cannot be read: {reason}")
        return said.format(path=file, reason=error.strerror or error)


def _write_promise(pen: Pen) -> None:
    pen.line((tr("What leaves this machine: nothing"), pen.scaled(NAME_SCALE, strong=True)))
    pen.line((tr(
        "notesearch connects to no network, not even to look for a newer version. What it reads "
        "of your notes stays in its folder on this machine."
    ), pen.plain), above=SPACE / 2)  # fmt: skip
    pen.line((tr(
        "A link in a note that you click is opened by your browser, and a note by the program that "
        "you have chosen for it; what those do is up to them."
    ), pen.plain), above=SPACE / 2)  # fmt: skip


def _write_replaceable(pen: Pen, parts: list[Component]) -> None:
    if not parts:
        return
    pen.line((tr("Under the LGPL"), pen.scaled(NAME_SCALE, strong=True)), above=2 * SPACE)
    names = ", ".join(_called(one) for one in parts)
    pen.line((tr(
        "{names} are used as they were published, under the GNU Lesser General Public License, "
        "version 3. They are separate files beside the program, which you may replace by "
        "versions of your own. Their source text, for exactly these versions:"
    ).format(names=names), pen.plain), above=SPACE / 2)  # fmt: skip
    for source in dict.fromkeys(one.source for one in parts):
        pen.line((source, pen.plain), above=SPACE / 2)
