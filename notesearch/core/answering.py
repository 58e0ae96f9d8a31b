"""The searching thread's work: questions to answers, and what is asked beside them."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from notesearch.core import query as query_parser
from notesearch.core.access import Reader
from notesearch.core.notes import (
    Carried,
    Explanation,
    Followed,
    Hit,
    Passages,
    Preview,
    Query,
    Related,
    Results,
    Whereabouts,
)
from notesearch.core.patterns import Rules
from notesearch.core.preview import follow, preview
from notesearch.core.questions import (
    Aside,
    Asked,
    Carry,
    Follow,
    Glance,
    Miss,
    Question,
    Relate,
    Spell,
    Spread,
)
from notesearch.core.searcher import Searcher
from notesearch.core.upkeep import Orders

_T = TypeVar("_T")

MAX_TRIES = 5
PAINT_SECONDS = 0.012
"""So long the window has Python for itself to paint the first answer in."""

Answer = Results | Preview | Followed | Explanation | Related | Whereabouts | Passages | Carried
"""What it tells."""


class Answering:
    """Answers, one question after the other; leaves off as soon as something newer is asked."""

    def __init__(
        self, asked: Asked, orders: Orders, tell: Callable[[Answer], None],
        suspect: Callable[[sqlite3.Error], None], unexpected: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        """Serve what is asked.

        suspect: told of an error of SQLite, which damage may be the cause of; unexpected: of any
        other one.
        """
        self._asked = asked
        self._orders = orders
        self._tell = tell
        self._suspect = suspect
        self._tell_unexpected = unexpected
        self._limit = 0
        """How many notes the last answer was to have."""
        self._suggested = ("", "")
        """The last query whose spelling was looked at, and what was suggested."""

    def serve(self, reader: Reader, asked: Question | Aside) -> None:
        """Answer; one question that fails must not make all later ones go unanswered."""
        self._orders.nobody_asks.clear()
        reader.library.is_void = self._is_void
        try:
            if isinstance(asked, Question):
                self._answer_one(reader.searcher, asked)
            elif not self._attend(reader, asked) and not self._orders.stopping.is_set():
                self._asked.put_back(asked)
        except InterruptedError:
            raise
        except sqlite3.Error as error:
            # Where that is damage, it is mended, and what is shown is asked for again.
            self._suspect(error)
        except Exception as error:  # noqa: BLE001  # told, and the next question may do better
            self._tell_unexpected(error)
        finally:
            self._orders.nobody_asks.set()

    def _is_void(self) -> bool:
        return self._asked.newer

    def _answer_one(self, searcher: Searcher, asked: Question) -> None:
        """Answer by words first, then by both; leave off as soon as something newer is asked."""
        query = query_parser.parse(asked.text, typing=True)
        searcher.strictness = self._orders.settings.floor
        self._limit = asked.limit
        if not query.terms:
            recent = self._patiently(lambda: searcher.recent(query, asked.limit))
            if recent is not None:
                self._tell(recent)
                self._orders.show(recent)
            return
        if not asked.again and not self._glimpse(searcher, query):
            return
        results = self._patiently(partial(searcher.search, query, limit=asked.limit, suggest=False))
        if results is None:
            return
        text, suggestion = self._suggested
        results = replace(results, suggestion=suggestion if text == asked.text else "")
        self._tell(results)
        self._asked.put(Spell(results))
        self._orders.show(results)

    def _glimpse(self, searcher: Searcher, query: Query) -> bool:
        """Answer by words alone; say whether the whole answer is wanted yet."""
        results = self._patiently(partial(searcher.glimpse, query))
        if results is None:
            return False
        self._tell(replace(results, final=False))
        self._asked.rest(PAINT_SECONDS)
        return True

    def _attend(self, reader: Reader, asked: Aside) -> bool:
        """Tell about a note, or a spelling; say whether it was done before a question came."""
        if isinstance(asked, Glance):
            return self._show(reader, asked)
        if isinstance(asked, Spell):
            return self._spell(reader.searcher, asked.results)
        if isinstance(asked, Carry):
            return self._carry(reader, asked)
        told = self._patiently(partial(self._look_up, reader, asked))
        if told is not None:
            self._tell(told)
        return told is not None

    def _look_up(
        self, reader: Reader, asked: Follow | Spread | Miss | Relate
    ) -> Followed | Passages | Whereabouts | Related | None:
        match asked:
            case Follow():
                return follow(reader.library, asked.source, asked.folder, asked.target)
            case Spread():
                query = query_parser.parse(asked.text, typing=True)
                return reader.explainer.passages(query, asked.hit, self._limit)
            case Miss():
                return self._find_out(reader, asked)
            case Relate():
                return self._related(reader, asked.hit)

    def _carry(self, reader: Reader, asked: Carry) -> bool:
        """Say of one row what carried its meaning; the others come when nothing else is asked."""
        if asked.hits:
            query = query_parser.parse(asked.text, typing=True)
            self._tell(reader.explainer.carried(query, asked.hits[0]))
        if asked.hits[1:]:
            self._asked.put_back(replace(asked, hits=asked.hits[1:]))
        return True

    def _show(self, reader: Reader, asked: Glance) -> bool:
        """Show a note, then say why it is there."""
        query = query_parser.parse(asked.text, typing=True)
        words = reader.searcher.words
        shown = self._patiently(lambda: preview(reader.library, words, asked.hit, query))
        if shown is None:
            return False
        self._tell(shown)
        if asked.hit.strength is None:
            return True
        limit = self._limit
        why = self._patiently(lambda: (reader.explainer.explain(query, asked.hit, limit),))
        if why is not None and why[0] is not None:
            self._tell(why[0])
        return why is not None

    def _spell(self, searcher: Searcher, results: Results) -> bool:
        """Answer once more, with what may have been meant."""
        suggestion = self._patiently(lambda: searcher.suggestion(results.query))
        if suggestion is not None:
            self._suggested = results.query.text, suggestion
            if suggestion != results.suggestion:
                self._tell(replace(results, suggestion=suggestion))
        return True

    def _related(self, reader: Reader, hit: Hit) -> Related:
        try:
            return reader.explainer.related(hit.file)
        except FileNotFoundError:
            # It has gone since; the list is about to say so.
            return Related(hit.file, hit.title, (), ready=False)

    def _find_out(self, reader: Reader, asked: Miss) -> Whereabouts:
        settings = self._orders.settings
        query = query_parser.parse(asked.text, typing=True)
        return reader.explainer.find_out(
            query, asked.name, self._limit, settings.paths, Rules(settings.ignored)
        )

    def _patiently(self, ask: Callable[[], _T]) -> _T | None:
        """Ask the library until it answers; None when something newer is asked meanwhile."""
        tries = 0
        while not self._asked.newer:
            try:
                return ask()
            except sqlite3.OperationalError as error:
                # Where nothing newer is asked, the interruption was meant for the last one.
                # It is not always called so: it can hit while a table is being opened.
                tries += 1
                if "interrupted" not in str(error) and tries > MAX_TRIES:
                    raise
        return None
