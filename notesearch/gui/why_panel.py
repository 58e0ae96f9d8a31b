"""Says why the selected note is where it is: a sentence, the figures behind it, the passage."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent, QTextCharFormat
from PySide6.QtWidgets import QVBoxLayout, QWidget

from notesearch.core.notes import Explanation, Hit, Word
from notesearch.gui import marks, why_text
from notesearch.gui.keys import WHY_NOT
from notesearch.gui.link_button import LinkButton
from notesearch.gui.reading_page import Cell, Pen, ReadingPage, Run
from notesearch.gui.row_excerpt import flat
from notesearch.gui.row_words import place, score, strength_word
from notesearch.gui.theme import NAME_SCALE, SPACE, Theme
from notesearch.translation import tr

MAX_PASSAGE = 6_000
MADE_OF = tr("It is made of meaning and words, of this passage and of the whole note.")
PATIENCE_MS = 500
"""What is said of another note goes when nothing has come for so long."""
_FIGURES = (30.0, 54.0, 16.0)


class WhyPanel(QWidget):
    """One explanation, or none yet."""

    missing_wanted = Signal()
    """The user misses a note."""

    def __init__(self) -> None:
        super().__init__()
        self._hit: Hit | None = None
        self._why: Explanation | None = None
        self._written: Path | None = None
        """The note that the page is about."""
        self._due = False
        """Whether the page is still to be written."""
        self._page = ReadingPage(tr("Why this note is here"))
        self._page.outdated.connect(self._write)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._write)
        missing = LinkButton(tr("Why isn't another note here?"))
        missing.setToolTip(WHY_NOT)
        missing.clicked.connect(self.missing_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self._page, stretch=1)
        layout.addWidget(missing, alignment=Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self._page)

    def expect(self, hit: Hit | None) -> None:
        """Learn which note is selected now; why it is here follows, or never."""
        self._hit, self._why = hit, None
        if hit is None or hit.strength is None:
            self._write()
        else:
            self._patience.start()

    def show_why(self, why: Explanation) -> None:
        """Show why a note is here."""
        self._hit, self._why = why.hit, why
        self._write()

    def restyle(self, theme: Theme) -> None:
        """Take other colours."""
        self._page.theme = theme
        if not self._patience.isActive():
            self._write()

    def showEvent(self, event: QShowEvent) -> None:
        if self._due:
            self._write()
        super().showEvent(event)

    @Slot()
    def _write(self) -> None:
        """Write the page, or note that this is to be done before it is seen."""
        self._patience.stop()
        self._due = not self.isVisible()
        if self._due:
            return
        hit, bar = self._hit, self._page.verticalScrollBar()
        # What is said anew of the same note must not carry its reader off.
        reached = bar.value() if hit is not None and hit.file == self._written else 0
        self._written = None if hit is None else hit.file
        pen = self._page.begin()
        if hit is not None:
            pen.line((hit.title, pen.scaled(NAME_SCALE, strong=True)))
            pen.line((place(hit), pen.muted))
            if self._why is not None and self._why.rank:
                _write_why(pen, self._why, self._page.theme)
            elif hit.strength is None:
                pen.line((why_text.UNASKED, pen.plain), above=SPACE)
        self._page.show_written(pen)
        bar.setValue(reached)


def _write_why(pen: Pen, why: Explanation, theme: Theme) -> None:
    pen.line((why_text.reason(why), pen.plain), above=SPACE)
    found = tr("{rank} by meaning") if why.meaning_rank else tr("not found by meaning")
    _write_head(pen, tr("Meaning"), found, why.meaning_rank)
    rows = [(tr("This passage"), why.passage_cosine), (tr("Whole note"), why.note_cosine)]
    pen.table([_figure(pen, name, value, floor=why.floor) for name, value in rows], _FIGURES)
    pen.line((_of_the_floor(why), pen.muted))
    if why.words:
        _write_words(pen, why)
    _write_head(pen, tr("Score"), tr("{rank} in the list"), why.rank)
    number = str(score(why.hit))
    strength = strength_word(why.hit.strength) if why.hit.strength else ""
    pen.table([_row(pen, strength, why.hit.score, number)], _FIGURES)
    pen.line((MADE_OF, pen.muted))
    _write_passage(pen, why, theme)


def _write_words(pen: Pen, why: Explanation) -> None:
    found = tr("{rank} by words") if why.words_rank else tr("not found by words")
    _write_head(pen, tr("Words"), found, why.words_rank)
    rows = [(tr("This passage"), why.passage_words), (tr("Whole note"), why.note_words)]
    pen.table([_figure(pen, name, value) for name, value in rows], _FIGURES)
    pen.line((tr("Which of your words it holds, and what each weighs"), pen.muted))
    pen.table([_word(pen, word) for word in why.words], _FIGURES)
    pen.line((_of_the_weight(why), pen.muted))


def _of_the_floor(why: Explanation) -> str:
    mark = tr("The mark is at {floor}: a match by meaning reaches it.")
    said = [mark.format(floor=f"{why.floor:.2f}")]
    if round(why.context, 2) > 0:
        context = tr("Title, headings and small words give {share} of the passage's.")
        said.append(context.format(share=f"{why.context:.2f}"))
    return " ".join(said)


def _of_the_weight(why: Explanation) -> str:
    share, enough = why_text.percent(why.share), why_text.percent(why.enough_words)
    said = tr("The passage holds {share} of the weight; {enough} make a match.")
    return said.format(share=share, enough=enough)


def _write_head(pen: Pen, name: str, placed: str, rank: int) -> None:
    placed = placed.format(rank=why_text.ordinal(rank))
    pen.line((name, pen.strong), (f"  {placed}", pen.muted), above=2 * SPACE)


def _figure(pen: Pen, name: str, value: float, *, floor: float = 0.0) -> tuple[Cell, ...]:
    return _row(pen, name, value, f"{value:.2f}", mark=floor)


def _row(
    pen: Pen, name: str, share: float, number: str, *, mark: float = 0.0
) -> tuple[Cell, ...]:  # fmt: skip
    bar = pen.bar(share, of_width=_FIGURES[1] / 100, mark=mark)
    return [(name, pen.plain)], [bar], [(number, pen.plain)]


def _word(pen: Pen, word: Word) -> tuple[Cell, ...]:
    sign = "●" if word.in_passage else "○" if word.in_note else "–"  # noqa: RUF001
    look = pen.plain if word.in_note else pen.quiet
    return (
        [(f"{sign} {word.text}", look)],
        [(why_text.where(word), pen.quiet)],
        [(why_text.percent(word.share), look)],
    )


def _write_passage(pen: Pen, why: Explanation, theme: Theme) -> None:
    """Write the passage with both kinds of marks, and what they mean."""
    carriers = marks.carrying(why.carriers, why.passage_cosine)
    text, (matches, carriers) = flat(why.hit.passage[:MAX_PASSAGE], why.hit.matches, carriers)
    line = tr("line {number}").format(number=f"{why.hit.line:,}")
    pen.line((tr("Passage"), pen.strong), (f"  {line}", pen.muted), above=2 * SPACE)
    legend: list[Run] = []
    if matches:
        legend += [(tr("your words"), marks.matched(theme)), ("   ", pen.plain)]
    if carriers:
        legend.append((tr("what carries the meaning"), marks.carried(theme)))
    if legend:
        pen.line(*legend, above=SPACE / 4)
    looks = {
        (False, False): pen.plain,
        (True, False): marks.matched(theme),
        (False, True): marks.carried(theme),
        (True, True): marks.carried(theme, matched_too=True),
    }
    pen.line(*_runs(text, matches, carriers, looks), above=SPACE / 2)


def _runs(
    text: str,
    matches: Sequence[marks.Span],
    carriers: Sequence[marks.Span],
    looks: dict[tuple[bool, bool], QTextCharFormat],
) -> Iterator[Run]:
    """Yield the pieces of a text that look alike."""
    edges = {0, len(text), *(edge for span in (*matches, *carriers) for edge in span)}
    for span in pairwise(sorted(edges)):
        kind = marks.overlaps(span, matches), marks.overlaps(span, carriers)
        yield text[slice(*span)], looks[kind]
