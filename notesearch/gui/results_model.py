"""The ranked list as Qt's item views want it: notes, some with their further passages below."""

import html
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QUrl,
)

from notesearch.core.notes import Carried, Hit
from notesearch.gui.marks import carrying
from notesearch.gui.row_excerpt import Span
from notesearch.gui.row_words import (
    Mark,
    Position,
    Row,
    described,
    details,
    folders_of,
    spoken,
)

__all__ = ["HIT_ROLE", "MARK_ROLE", "ROW_ROLE", "Index", "ResultsModel", "folders_of"]

HIT_ROLE = Qt.ItemDataRole.UserRole
MARK_ROLE = Qt.ItemDataRole.UserRole + 1
ROW_ROLE = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex
Key = tuple[str | int, ...]


class ResultsModel(QAbstractListModel):
    """Rows, in order. What stays as it was is not touched, and rows keep their indexes."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._keys: list[Key] = []
        """Of the rows."""
        self._hits: tuple[Hit, ...] = ()
        self._further: dict[Key, tuple[Hit, ...]] = {}
        self._marks: Mapping[Path, Mark] = {}
        self._carried: dict[Key, tuple[Span, ...]] = {}

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The notes that are shown."""
        return self._hits

    @property
    def expanded(self) -> tuple[Hit, ...]:
        """The notes whose further passages are shown."""
        return tuple(hit for hit in self._hits if _note(hit) in self._further)

    def show(self, hits: Sequence[Hit], *, keep: bool = False) -> None:
        """Show other hits; keep: of the same question, so that what is known of them holds."""
        self._hits = tuple(hits)
        if keep:
            notes = {_note(hit) for hit in hits if hit.more}
            self._further = {note: of for note, of in self._further.items() if note in notes}
        else:
            self._further, self._carried = {}, {}
        self._renew(reset=not keep)

    def expand(self, file: Path, hits: Sequence[Hit]) -> None:
        """Show the further passages of a note below it, and no others."""
        note = next((_note(hit) for hit in self._hits if hit.file == file), None)
        if note is not None:
            self._further.pop(note, None)
            if hits:
                self._further[note] = tuple(hits)
            self._renew()

    def collapse(self, file: Path) -> None:
        """Show only the note."""
        self.expand(file, ())

    def carry(self, carried: Carried) -> None:
        """Take which words carried the meaning of a passage."""
        self._carried[_passage(carried.hit)] = carrying(carried.carriers, carried.cosine)
        self._renew()

    def mark(self, changed: Set[Path], gone: Set[Path]) -> None:
        """Mark these notes and no others; other hits of the same notes will be marked too."""
        self._marks = dict.fromkeys(changed, Mark.CHANGED) | dict.fromkeys(gone, Mark.GONE)
        self._renew()

    def note_of(self, index: Index) -> QModelIndex:
        """Return the row of the note that a row belongs to."""
        hit = index.data(HIT_ROLE)
        return self.index(self._keys.index(_note(hit))) if isinstance(hit, Hit) else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.ToolTipRole:
                # Qt takes what looks like markup for markup.
                return html.escape(details(row.hit, row.mark)).replace("\n", "<br>")
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(row, self._position(index.row()))
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return described(row)
        shown = {ROW_ROLE: row, HIT_ROLE: row.hit, MARK_ROLE: row.mark}
        return (shown | {Qt.ItemDataRole.DisplayRole: row.hit.title}).get(role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and _is_there(self._rows[index.row()]):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def supportedDragActions(self) -> Qt.DropAction:  # noqa: N802
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        return ["text/uri-list", "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        files = dict.fromkeys(str(self._rows[index.row()].hit.file) for index in indexes)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(file) for file in files])
        data.setText("\n".join(files))
        return data

    def _position(self, row: int) -> Position:
        shown = self._rows[row]
        if not shown.further:
            before = sum(not other.further for other in self._rows[:row])
            return Position(before + 1, len(self._hits))
        note = _note(shown.hit)
        # The note's own row shows its best passage.
        return Position(row - self._keys.index(note) + 1, len(self._further[note]) + 1)

    def _wanted(self) -> list[Row]:
        rows: list[Row] = []
        for note in self._hits:
            further = self._further.get(_note(note), ())
            mark = self._marks.get(note.file) if self._marks else None
            for hit in (note, *further):
                carried = self._carried.get(_passage(hit))
                below = hit is not note
                rows.append(Row(hit, below, bool(further) and not below, mark, carried))
        return rows

    def _renew(self, *, reset: bool = False) -> None:
        """Make the rows what they should be; those of notes that stay keep their indexes."""
        wanted = self._wanted()
        if wanted == self._rows:
            return
        keys = [_key(row) for row in wanted]
        if reset:
            self.beginResetModel()
            self._rows, self._keys = wanted, keys
            self.endResetModel()
            return
        self._remove_all_but(set(keys))
        for at, (row, key) in enumerate(zip(wanted, keys, strict=True)):
            self._bring(row, key, at)
            if self._rows[at] != row:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))
        while len(self._rows) > len(wanted):
            self._remove(len(wanted))

    def _remove_all_but(self, kept: Set[Key]) -> None:
        for at in reversed(range(len(self._rows))):
            if self._keys[at] not in kept:
                self._remove(at)

    def _remove(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at], self._keys[at]
        self.endRemoveRows()

    def _bring(self, row: Row, key: Key, at: int) -> None:
        """Move a row to its place, or insert it there."""
        nowhere = QModelIndex()
        try:
            found = self._keys.index(key, at)
        except ValueError:
            self.beginInsertRows(nowhere, at, at)
            self._rows.insert(at, row)
            self._keys.insert(at, key)
            self.endInsertRows()
            return
        if found > at:
            self.beginMoveRows(nowhere, found, found, nowhere, at)
            self._rows.insert(at, self._rows.pop(found))
            self._keys.insert(at, self._keys.pop(found))
            self.endMoveRows()


def _key(row: Row) -> Key:
    """Return what makes a row the same row in another answer."""
    return (*_passage(row.hit), row.hit.line) if row.further else _note(row.hit)


# Paths would be easier to read, and take longer to make than all the rest.
def _note(hit: Hit) -> Key:
    return hit.folder, hit.path


def _passage(hit: Hit) -> Key:
    return hit.folder, hit.path, hit.passage


def _is_there(row: Row) -> bool:
    return row.hit.available and row.mark != Mark.GONE
