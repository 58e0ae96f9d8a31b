"""What was answered last, and which part of it is listed."""

from dataclasses import dataclass, replace

from notesearch.core.notes import Hit, Results
from notesearch.translation import tr, trn

LIMIT = 50
"""So many notes are asked for."""
MOST_WEAK = 10
"""So many weak matches are shown: of a few notes, nearly all are weak matches for anything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that the window shows; none at first."""

    results: Results | None = None
    weak_listed: bool = False
    """Whether its weak matches are listed."""

    def is_to(self, text: str) -> bool:
        """Say whether it answers this text."""
        return self.results is not None and self.results.query.text == text

    @property
    def text(self) -> str:
        """What it answers."""
        return "" if self.results is None else self.results.query.text

    @property
    def whole(self) -> bool:
        """Whether nothing more is to come."""
        return self.results is not None and self.results.final

    @property
    def listed(self) -> tuple[Hit, ...]:
        """What the list shows of it."""
        if self.results is None:
            return ()
        return self.results.weak[:MOST_WEAK] if self.weak_listed else self.results.hits

    @property
    def offers_weak(self) -> bool:
        """Whether there are weak matches to be shown, and nothing better."""
        found = self.results
        return found is not None and not self.weak_listed and not found.hits and bool(found.weak)

    def followed_by(self, results: Results) -> "Answer":
        """Return the next answer; weak matches stay listed where they are all there is."""
        same = self.is_to(results.query.text)
        return Answer(results, self.weak_listed and same and not results.hits)

    def with_weak(self) -> "Answer":
        """Return this with its weak matches listed."""
        return replace(self, weak_listed=True)


def title_for(text: str, results: Results | None) -> str:
    """Return the title of a new note that is made from a search: its words, not its filters."""
    if results is not None and results.query.text == text and results.query.terms:
        text = " ".join(results.query.terms)
    return " ".join(text.split())


def found_text(answer: Answer) -> str:
    """Say how many notes are listed."""
    count = len(answer.listed)
    if answer.results is None or not count:
        return ""
    if not answer.text.strip():
        return tr("Recent notes")
    more = "+" if count == LIMIT else ""
    if answer.weak_listed:
        return trn("{count}{more} weaker match", "{count}{more} weaker matches", count, more=more)
    if answer.results.query.terms:
        return trn("{count}{more} note found", "{count}{more} notes found", count, more=more)
    return trn("{count}{more} note, newest first", "{count}{more} notes, newest first", count,
               more=more)  # fmt: skip
