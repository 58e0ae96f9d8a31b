"""Says where a link leads before it is followed, as the text of a link may say anything."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget

from notesearch.core.notes import BREADCRUMB, Preview
from notesearch.gui.preview_files import inside
from notesearch.gui.preview_links import note_target, wiki_target
from notesearch.gui.theme import SPACE
from notesearch.translation import tr

WEB = frozenset({"http", "https", "mailto"})
_ENCODED = QUrl.ComponentFormattingOption.FullyEncoded
_WITHOUT_REST = (
    QUrl.UrlFormattingOption.RemovePath
    | QUrl.UrlFormattingOption.RemoveQuery
    | QUrl.UrlFormattingOption.RemoveFragment
)


class TargetLine(QLabel):
    """A line over the foot of a page; over its head where the foot is what is pointed at."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, textFormat=Qt.TextFormat.PlainText)
        self.setObjectName("target")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_target(self, text: tuple[str, str], page: QRect, at: QPoint) -> None:
        """Show where a link leads that is at a point of the page; hide where it is no link."""
        self.setVisible(any(text))
        room = page.width() - 2 * SPACE
        self.setText(elided(text, self.fontMetrics(), room))
        self.adjustSize()
        foot = page.height() - self.height()
        top = 0 if at.y() > foot - self.height() else foot
        self.move(page.topLeft() + QPoint(0, top))


def target(url: QUrl, preview: Preview, targets: Sequence[str] = ()) -> tuple[str, str]:
    """Return the address that a link leads to: whose it is, and what there; or a note's path.

    targets: what the wiki links of the note lead to.

    A name in another script stands as it is asked for, in ASCII: many letters look alike.
    """
    if url.isEmpty():
        return "", ""
    if url.scheme().lower() in WEB:
        whole, whose = url.toString(_ENCODED), url.toString(_ENCODED | _WITHOUT_REST)
        return whose, whole.removeprefix(whose)
    path = inside(url, preview)
    if path is not None:
        return "", path.relative_to(preview.folder.resolve()).as_posix()
    note = wiki_target(url, targets) or note_target(url, preview)
    if note:
        return "", note.replace("#", BREADCRUMB).removeprefix(BREADCRUMB)
    return "", tr("Leads nowhere: {address}").format(address=url.toString(_ENCODED))


def elided(text: tuple[str, str], metrics: QFontMetrics, room: int) -> str:
    """Cut an address to a width so that the end of whose it is stays: that is what decides."""
    whose = metrics.elidedText(text[0], Qt.TextElideMode.ElideLeft, room)
    left = max(0, room - metrics.horizontalAdvance(whose))
    return whose + metrics.elidedText(text[1], Qt.TextElideMode.ElideRight, left)
