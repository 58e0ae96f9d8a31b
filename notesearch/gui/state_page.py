"""What fills the window when there is no list: a word on what is, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QPushButton, QStackedWidget

from notesearch.core.notes import ENDINGS, Clause, Folder, Kind, Progress, Results, State
from notesearch.gui.answer import title_for
from notesearch.gui.column import Column
from notesearch.gui.first_run import Find, FirstRun
from notesearch.gui.keys import WHY_NOT, Act, first_key
from notesearch.gui.link_button import LinkButton
from notesearch.translation import tr, trn
from notesearch.vaults import find_vaults

LONG_NAME = 32
"""Letters of a name that are shown in a sentence or on a button."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides what there is to say."""

    progress: Progress
    failure: str
    """Why the program cannot go on; '' where it can."""
    has_folders: bool
    text: str
    """What stands in the box."""
    results: Results | None
    """The last answer, perhaps to something else."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the page says, and the buttons that it shows."""

    title: str
    text: str
    acts: frozenset[str] = frozenset()
    """Names of buttons."""
    first: str = ""
    """Which of them stands out."""


class StatePage(QStackedWidget):
    """The first run, or a title, a sentence, and the buttons that lead on."""

    folders_chosen = Signal(list)
    """Of Paths."""
    samples_wanted = Signal()
    weak_wanted = Signal()
    create_wanted = Signal()
    """A new note is wanted, named after what stands in the box."""
    missing_wanted = Signal()
    """The user misses a note."""
    folders_wanted = Signal()
    refresh_wanted = Signal()
    report_wanted = Signal()
    begin_wanted = Signal()
    """No folder is chosen yet, and one is to be chosen elsewhere."""

    def __init__(self, find: Find = find_vaults, *, begins: bool = True) -> None:
        """Make the page; begins: where no folder is chosen yet, it offers those that are there."""
        super().__init__()
        self._begins = begins
        self.setObjectName("page")
        self._first_run = FirstRun(find)
        self._first_run.folders_chosen.connect(self.folders_chosen)
        self._first_run.samples_wanted.connect(self.samples_wanted)
        self._column = Column(Qt.AlignmentFlag.AlignHCenter)
        self._title = self._column.add_text("title")
        self._text = self._column.add_text("muted")
        self._buttons = {
            "weak": _button(tr("Show the nearest notes  ↓"), self.weak_wanted),
            "create": _button("", self.create_wanted, first_key(Act.CREATE)),
            "refresh": _button(tr("Try again"), self.refresh_wanted, first_key(Act.REFRESH)),
            "folders": _button(tr("Folders…"), self.folders_wanted),
            "begin": _button(tr("Choose folders…"), self.begin_wanted),
            "report": _button(tr("Copy diagnostic report"), self.report_wanted),
        }
        missing = LinkButton(tr("Why isn't a note here?"))
        missing.setToolTip(WHY_NOT)
        missing.clicked.connect(self.missing_wanted)
        self._column.add_buttons(*self._buttons.values(), quiet=missing)
        self._buttons["missing"] = missing
        self.addWidget(self._column)
        self.addWidget(self._first_run)

    def tell(self, now: Situation) -> None:
        """Say what is, and what can be done."""
        if not now.failure and not now.has_folders and self._begins:
            self.setCurrentWidget(self._first_run)
            self._name(self._first_run.accessibleName(), self._first_run.accessibleDescription())
            return
        self._say(_said(now), title_for(now.text, now.results))
        begins = self.currentWidget() is self._first_run
        had_keys = begins and self._first_run.has_keys()
        self.setCurrentWidget(self._column)
        self._column.fit()
        if had_keys:
            # What was chosen is searched: the box takes the keys for the window.
            self.window().setFocus()

    def take_keys(self) -> None:
        """Give the keyboard to the button that stands out."""
        for button in self._buttons.values():
            if button.isDefault() and not button.isHidden():
                button.setFocus()

    def wanted_height(self, width: int) -> int:
        """Return how high it would have to be to show all that it says in this width."""
        return self._column.wanted_height(width)

    def _say(self, said: _Said, title: str) -> None:
        self._title.setText(said.title)
        self._title.setVisible(bool(said.title))
        self._text.setText(said.text)
        create = tr("New note “{query}”  {key}").format(
            query=_short(title), key=first_key(Act.CREATE)
        )
        self._column.label(self._buttons["create"], create)
        for name, button in self._buttons.items():
            button.setVisible(name in said.acts)
            button.setDefault(name == said.first)
        self._name(said.title, said.text)
        # The query on the button changes its width with each letter: nothing else is to move.
        self._column.stacked = "create" in said.acts

    def _name(self, title: str, text: str) -> None:
        """Tell screen readers what the page says."""
        self.setAccessibleName(title or text)
        self.setAccessibleDescription(text if title else "")


def _button(text: str, signal: SignalInstance, key: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(key)
    button.clicked.connect(signal)
    return button


def _said(now: Situation) -> _Said:
    """Return what there is to say beside the first run."""
    if now.failure:
        return _failed(now.failure)
    if not now.has_folders:
        text = tr("Choose in the window which folders of notes are searched.")
        return _Said(tr("No folders yet"), text, frozenset({"begin"}), "begin")
    about_folders = _about_folders(now)
    if about_folders is not None:
        return about_folders
    if not now.text.strip():
        return _prompt(now.progress)
    if now.results is None or not now.results.query.text.strip():
        return _Said("", tr("Searching…"))
    return _nothing(now.results, now.progress)


def _failed(failure: str) -> _Said:
    advice = tr(
        "Try again, or start the program anew. If that does not help, a diagnostic report says "
        "more about it; it holds no text of your notes."
    )
    acts = frozenset({"refresh", "report"})
    return _Said(tr("This did not work"), f"{failure}\n\n{advice}", acts, "refresh")


def _about_folders(now: Situation) -> _Said | None:
    """Say that nothing can be found in the folders as they are; None where something can."""
    folders, progress = now.progress.folders, now.progress
    known = sum(folder.notes for folder in folders)
    if folders and not any(folder.available for folder in folders):
        # What was read before is still searched.
        return None if known and now.text.strip() else _away(folders)
    empty = not known and not progress.notes and progress.state is State.CURRENT
    return _empty(progress) if folders and empty else None


def _away(folders: Sequence[Folder]) -> _Said:
    count = len(folders)
    names = ", ".join(f"“{_short(Path(folder.path).name)}”" for folder in folders)
    title = trn("Your folder is not there now", "Your folders are not there now", count)
    text = tr(
        "Connect the disk or the share with {names}. What was read is kept and still found, and "
        "changes are taken up as soon as the notes are back. If they have moved, choose the new "
        "place."
    )
    return _Said(title, text.format(names=names), frozenset({"refresh", "folders"}), "refresh")


def _empty(progress: Progress) -> _Said:
    count = len(progress.folders)
    text = tr("Notes are Markdown files: their names end in {endings}.").format(
        endings=", ".join(ENDINGS)
    )
    if progress.problems:
        text += " " + tr("Some could not be read; the line at the bottom leads to the reasons.")
    text += " " + tr("Add the folder that yours are in, or see what is left out.")
    title = trn("No notes in your folder", "No notes in your folders", count)
    return _Said(title, text, frozenset({"folders"}), "folders")


def _prompt(progress: Progress) -> _Said:
    """Say what to type."""
    if progress.unread:
        found = tr("Type what a note is about: those that have been read are found already.")
        return _Said(tr("Reading your notes"), f"{_left_text(progress)} {found}")
    return _Said("", tr("Type what the note is about, or any words in it."))


def _nothing(results: Results, progress: Progress) -> _Said:
    """Say that nothing was found, and what may help."""
    query, acts = results.query, {"missing"}
    if results.weak:
        acts.add("weak")
    if query.terms:
        acts.add("create")
    if _is_unread(progress):
        title = tr("Nothing found yet")
    elif not query.terms:
        title = tr("No such note")
    else:
        title = tr("No close match yet") if _is_unfinished(progress) else tr("No close match")
    return _Said(title, why_nothing(results, progress), frozenset(acts))


def why_nothing(results: Results, progress: Progress) -> str:
    """Say what an answer without a hit means."""
    query = results.query
    if not query.terms and not query.clauses:
        return tr("Say what to look for: at least one word or filter.")
    if _is_unread(progress):
        again = tr("The search is repeated by itself as they are read.")
        return f"{tr('Not all notes have been read yet.')} {_left_text(progress)} {again}"
    filters = " ".join(as_typed(c) for c in query.clauses if not _is_wanted_phrase(c))
    if not query.terms:
        if all(condition.negated for clause in query.clauses for condition in clause):
            every = tr("Every note has something that is to be left out: {filters}.")
            return every.format(filters=filters)
        return tr("No note fulfils all of this: {filters}.").format(filters=filters)
    return _why_nothing_near(filters, progress)


def _why_nothing_near(filters: str, progress: Progress) -> str:
    if _is_unfinished(progress):
        return tr("Not all notes are searched by meaning yet; more may be found in a moment.")
    if filters:
        none = tr("No note that fulfils {filters} is close to the rest in meaning or in words.")
        return none.format(filters=filters)
    return tr("No note is close to this in meaning, and none holds enough of its words.")


def _is_unread(progress: Progress) -> bool:
    return bool(progress.unread) or progress.state is State.STARTING


def _is_unfinished(progress: Progress) -> bool:
    return progress.embedded < progress.passages


def _left_text(progress: Progress) -> str:
    """Say how many notes are still to be read; '' where that is not known yet."""
    if not progress.unread:
        return ""
    left = trn("{count} is still to be read.", "{count} are still to be read.", progress.unread)
    paused = tr("Reading is paused.") if progress.state is State.PAUSED else ""
    return f"{paused} {left}".strip()


def as_typed(clause: Clause) -> str:
    """Return a clause as it was typed."""
    return " OR ".join(condition.text for condition in clause)


def _is_wanted_phrase(clause: Clause) -> bool:
    return all(c.kind is Kind.PHRASE and not c.negated for c in clause)


def _short(text: str) -> str:
    """Return a text cut in the middle, where it is long."""
    half = LONG_NAME // 2
    return text if len(text) <= LONG_NAME else f"{text[: half - 1]}…{text[-half:]}"
