"""Why a hit is where it is, where a missing note stands, and which notes are near one."""

import contextlib
import itertools
import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from notesearch.core import calibration
from notesearch.core.embedder import Encoder, Vector
from notesearch.core.fusion import NAME, TITLE, Scored, without_copies
from notesearch.core.ignore import is_unicode, left_out, outermost
from notesearch.core.library import Library
from notesearch.core.markdown import plain
from notesearch.core.notes import (
    ENDINGS,
    Carried,
    Carrier,
    Clause,
    Condition,
    Explanation,
    Hit,
    Mode,
    Neighbour,
    Passages,
    Query,
    Related,
    Standing,
    Strength,
    Whereabouts,
    Word,
)
from notesearch.core.passages import context_line
from notesearch.core.patterns import Rules
from notesearch.core.query import is_phrase
from notesearch.core.searcher import Ranked, Searcher
from notesearch.core.tokens import fold
from notesearch.core.words import is_stop_word
from notesearch.translation import tr

NEAREST = 20
RELATED = 0.40
"""Cosine of two notes' means from which they are related at all."""
SPREAD = 2.0
MAX_LOOKED_AT = 100_000
"""Files whose names are compared with that of a missing note."""
MAX_OTHERS = 10
_TOO_MANY = frozenset({".git", "node_modules", "__pycache__"})

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")  # noqa: RUF001


class Explainer:
    """Explains the answers of one searcher. To be used in the same thread."""

    def __init__(self, library: Library, searcher: Searcher, encoder: Encoder) -> None:
        self._library = library
        self._searcher = searcher
        self._encoder = encoder

    # Why this note? -----------------------------------------------------------------------

    def explain(self, query: Query, hit: Hit, limit: int) -> Explanation | None:
        """Explain a hit; None where its note has gone or changed since, or nothing was asked.

        limit: how many notes the answer was to have.
        """
        with self._library.snapshot():
            return self._explain(query, hit, limit)

    def _explain(self, query: Query, hit: Hit, limit: int) -> Explanation | None:
        note = self._note_at(os.fspath(hit.file))
        if note is None or not query.terms:
            return None
        searcher = self._searcher
        terms = searcher.words.terms(query)
        found = self._found(query, terms, note, limit)
        if found is None:
            return None
        one, rank, _ = found
        halves = {half: self._place(query, terms, half, limit, note) for half in
                  (Mode.MEANING, Mode.WORDS)}  # fmt: skip
        carriers, context = self._carriers(query, hit) if one.cosine else ((), 0.0)
        return Explanation(
            hit=hit, text=query.text, rank=rank,
            passage_cosine=one.cosine, note_cosine=one.note_cosine,
            passage_words=one.passage_words, note_words=one.note_words,
            meaning_rank=halves[Mode.MEANING], words_rank=halves[Mode.WORDS],
            words=self._words(query, terms, one), carriers=carriers, context=context,
            share=one.share, floor=searcher.floor(),
            enough_words=calibration.enough_words(searcher.strictness), pinned=_pinned(one),
        )  # fmt: skip

    def _found(
        self, query: Query, terms: tuple[str, ...], note: int, limit: int
    ) -> tuple[Scored, int, Ranked] | None:
        """Return a note as it was scored, or its copy that stands for it, its rank, and all others.

        None where nothing finds it.
        """
        mode = self._searcher.mode(Mode.BOTH)
        ranked = self._searcher.rank_relaxed(query, terms, mode, limit, also=[note])
        rows, content = without_copies(ranked.scored), self._content(note)
        place = next((i for i, one in enumerate(rows) if one.content == content), None)
        if place is None:
            return None
        return rows[place], place + 1 if ranked.relaxed else self._position(rows, place), ranked

    def _place(
        self, query: Query, terms: tuple[str, ...], half: Mode, limit: int, note: int
    ) -> int:
        """Return the rank of a note in one half of the search, 0 where it is not found by it."""
        searcher = self._searcher
        if searcher.mode(half) is not half:
            return 0
        ranked = searcher.rank_relaxed(query, terms, half, limit, also=[note])
        content = self._content(note)
        for rank, one in enumerate(without_copies(ranked.scored), 1):
            if one.content == content:
                worth = one.best_cosine if half is Mode.MEANING else one.share or one.note_words
                return rank if worth > 0 else 0
        return 0

    def _position(self, ranked: Sequence[Scored], place: int) -> int:
        """Return where a note stands, counted from 1, weak matches behind all hits."""
        floor = self._searcher.floor()
        weak = [self._searcher.strength(one, floor) is Strength.WEAK for one in ranked]
        before = sum(weak[:place]) if weak[place] else place - sum(weak[:place])
        return 1 + before + (len(weak) - sum(weak) if weak[place] else 0)

    def _words(self, query: Query, terms: tuple[str, ...], one: Scored) -> tuple[Word, ...]:
        """Return where each of the query's words is."""
        words = self._searcher.words
        (passages,) = self._library.columns(
            ("id",), "SELECT id FROM passages WHERE note = ?", (one.note,)
        )
        shares, holding = words.shares(terms), words.holding(terms, passages.astype(np.int64))
        by_note = words.notes_holding(terms, one.note)
        return tuple(
            Word(
                typed, shares[term],
                in_passage=one.passage in holding[term],
                in_note=len(holding[term]) > 0 or term in by_note,
            )
            for term, typed in words.said(query).items()
        )  # fmt: skip

    def _carriers(self, query: Query, hit: Hit) -> tuple[tuple[Carrier, ...], float]:
        """Return what each word of a passage adds to its cosine, and what all the rest adds.

        With mean pooling a cosine is a sum over the tokens of the text, so this is exact.
        """
        context = context_line(hit.title, hit.heading)
        text = f"{context}\n{plain(hit.passage)}"
        shares = self._encoder.attribute(text, self._encoder.embed_query(query.meaning))
        carriers: list[Carrier] = []
        at, rest, offset = 0, sum(share for _, share in shares), len(context) + 1
        for found in _WORD.finditer(text, offset):
            share = sum(s for start, s in shares if found.start() <= start < found.end())
            begin = hit.passage.find(found[0], at)
            if begin < 0:
                continue
            at = begin + len(found[0])
            # What "the" and "you" add is true, and tells nobody anything.
            if share == 0.0 or is_stop_word(found[0]):
                continue
            rest -= share
            carriers.append(Carrier(begin, at, round(share, 5)))
        return tuple(carriers), round(rest, 5)

    # What else in this note? --------------------------------------------------------------

    def passages(self, query: Query, hit: Hit, limit: int) -> Passages:
        """Return the further passages of a hit's note that match; none where it has gone.

        limit: how many notes the answer was to have.
        """
        with self._library.snapshot():
            note = self._note_at(os.fspath(hit.file))
            terms = self._searcher.words.terms(query)
            found = self._found(query, terms, note, limit) if note and query.terms else None
            others = self._searcher.further(found[2], terms, found[0]) if found else ()
        return Passages(query.text, hit.file, others)

    def carried(self, query: Query, hit: Hit) -> Carried:
        """Say which words carried the meaning of a hit's passage: one run of the model."""
        carriers, _ = self._carriers(query, hit) if hit.cosine else ((), 0.0)
        return Carried(query.text, hit, carriers, hit.cosine)

    # Why not that note? -------------------------------------------------------------------

    def find_out(
        self, query: Query, name: str, limit: int, folders: Sequence[Path], rules: Rules
    ) -> Whereabouts:
        """Say why a note is not in an answer, or where in it.

        name: its path, title or alias, or part of one.
        """
        folders = outermost(folders)
        with self._library.snapshot():
            files = self._known_by(name, folders)
            if not files:
                reason = tr("There is no note by the name of “{name}”.").format(name=name)
                return Whereabouts(name, Standing.MISSING, reason)
            file, others = files[0], tuple(files[1:])
            standing, reason, hit, rank = self._stand(query, file, limit, folders, rules)
        return Whereabouts(name, standing, reason, file, rank, hit, others)

    def _known_by(self, name: str, folders: Sequence[Path]) -> list[Path]:
        """Return the files that a name may mean, the likeliest first, each once.

        Whole names count before parts of one, and the disk is only looked through for what is
        not in the library.
        """
        for ways in (
            (self._by_path(name, folders), self._by_title(name)),
            (self._by_part(name),),
            (_on_disk(name, folders),),
        ):
            found = dict.fromkeys(filter(is_unicode, itertools.chain.from_iterable(ways)))
            if found:
                return [Path(path) for path in itertools.islice(found, MAX_OTHERS + 1)]
        return []

    def _by_path(self, name: str, folders: Sequence[Path]) -> Iterator[str]:
        typed = Path(name)
        with contextlib.suppress(RuntimeError):
            typed = typed.expanduser()
        for candidate in (typed, *(folder / typed for folder in folders)):
            try:
                if candidate.is_absolute() and candidate.is_file():
                    # As in the library: folders by their real path, the file by its own name.
                    yield str(candidate.parent.resolve() / candidate.name)
            except (OSError, ValueError, RuntimeError):
                continue

    def _by_title(self, name: str) -> Iterator[str]:
        for note in sorted(self._searcher.words.titled(name)):
            yield from self._paths("id = ?", note)

    def _by_part(self, name: str) -> Iterator[str]:
        """Yield notes whose place or name has this in it."""
        wanted = fold(name)
        if any(map(str.isalnum, wanted)):
            yield from self._paths("instr(place, ?)", wanted)
            yield from self._paths(
                "id IN (SELECT note FROM facets WHERE name = 'name' AND instr(value, ?))", wanted
            )

    def _paths(self, condition: str, value: object) -> list[str]:
        sql = f"SELECT path FROM notes WHERE {condition} ORDER BY mtime_ns DESC, id"
        return [path for (path,) in self._library.db.execute(sql, (value,)).fetchall()]

    def _stand(
        self, query: Query, file: Path, limit: int, folders: Sequence[Path], rules: Rules
    ) -> tuple[Standing, str, Hit | None, int]:
        """Find out what a file is to the program, and to the query."""
        path = os.fspath(file)
        chosen = [folder for folder in outermost(folders) if file.is_relative_to(folder)]
        note = self._note_at(path)
        if note is None:
            return *_not_read(file, chosen, rules, self._problem(path)), None, 0
        if not query.text.strip():
            return Standing.SHOWN, tr("Nothing is asked for; every note is found."), None, 0
        clause = self._searcher.filters.failing(query, note)
        nowhere = clause is not None and is_phrase(clause) and not self._holds(query, clause)
        if (
            clause is not None
            and not nowhere
            and note not in self._searcher.words.titled(query.text)
        ):
            left_out = tr("It is left out by {condition}.").format(condition=_name(clause))
            return Standing.FILTERED, left_out, None, 0
        if not query.terms:
            newest = tr("It fulfils all conditions; the newest notes are first.")
            return Standing.SHOWN, newest, None, 0
        return self._rank_of(query, note, limit)

    def _holds(self, query: Query, clause: Clause) -> bool:
        """Say whether any note fulfils one clause."""
        return bool(self._searcher.filters.allowed(replace(query, clauses=(clause,))))

    def _rank_of(
        self, query: Query, note: int, limit: int
    ) -> tuple[Standing, str, Hit | None, int]:
        searcher = self._searcher
        terms = searcher.words.terms(query)
        found = self._found(query, terms, note, limit)
        if found is None:
            return Standing.FAR, tr("It holds none of the words."), None, 0
        one, rank, ranked = found
        hit, floor = searcher.hit(one, terms), searcher.floor()
        told = _merits(one)
        if ranked.relaxed:
            nowhere = _name([c[0] for c in query.clauses if is_phrase(c)])
            reason = tr(
                "No note holds {phrases}; of the weak matches it is number {rank}: {merits}."
            )
            reason = reason.format(phrases=nowhere, rank=rank, merits=told)
            return Standing.WEAK, reason, replace(hit, strength=Strength.WEAK), rank
        if searcher.strength(one, floor) is Strength.WEAK:
            enough = calibration.enough_words(searcher.strictness)
            reason = tr(
                "It is a weak match, number {rank} in all: {merits}. To be a hit it would need "
                "{enough} of the words, or a similarity of {floor}."
            ).format(rank=rank, merits=told, enough=f"{enough:.0%}", floor=f"{floor:.2f}")
            return Standing.WEAK, reason, hit, rank
        reason = tr("It is number {rank}: {merits}.")
        if rank > limit:
            reason = tr("It is number {rank}, behind the {limit} that are shown: {merits}.")
        return Standing.SHOWN, reason.format(rank=rank, limit=limit, merits=told), hit, rank

    # What is near? ------------------------------------------------------------------------

    def related(self, file: Path, limit: int = NEAREST) -> Related:
        """Return the notes nearest in meaning to one, copies of it and of each other once.

        Raises FileNotFoundError where the note is not in the library.
        """
        with self._library.snapshot():
            return self._related(file, limit)

    def _related(self, file: Path, limit: int) -> Related:
        path = os.fspath(file)
        note = self._note_at(path)
        if note is None:
            unread = tr("{path} is not among the notes that were read")
            raise FileNotFoundError(unread.format(path=path))
        ids, vectors = self._library.means()
        (title,) = self._library.db.execute(
            "SELECT title FROM notes WHERE id = ?", (note,)
        ).fetchone()
        if note not in ids:
            return Related(file, title, (), ready=False)
        cosines = vectors @ vectors[ids.index(note)]
        nearest = {ids[i]: float(cosines[i]) for i in _near(cosines, ids.index(note))}
        return Related(file, title, tuple(self._neighbours(note, nearest))[:limit])

    def _neighbours(self, note: int, cosines: dict[int, float]) -> Iterator[Neighbour]:
        """Yield what is to be told of some notes, in their order."""
        rows = self._library.rows(
            "SELECT json_array(id, path, folder, title, names, fields, mtime_ns, hex(hash)) AS "
            "value FROM notes WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([note, *cosines]),),
        )
        known = {row[0]: row[1:] for row in rows}
        own = known[note]
        copies = self._library.paths_of({bytes.fromhex(row[6]) for row in known.values()})
        seen = {own[6]}
        for key, cosine in cosines.items():
            if key not in known or known[key][6] in seen:
                continue
            path, folder, title, _, _, mtime_ns, content = row = known[key]
            seen.add(content)
            others = tuple(one for one in copies[bytes.fromhex(content)] if one != path)
            yield Neighbour(
                os.path.relpath(path, folder), folder, title, round(min(cosine, 1.0), 4),
                linked=_links(own, row) or _links(row, own), modified=mtime_ns / 1e9, copies=others,
            )  # fmt: skip

    # Inside -------------------------------------------------------------------------------

    def _note_at(self, path: str) -> int | None:
        row = self._library.db.execute(
            "SELECT id FROM notes WHERE path = ? AND hash != x''", (path,)
        ).fetchone()
        return int(row[0]) if row else None

    def _content(self, note: int) -> bytes:
        (content,) = self._library.db.execute(
            "SELECT hash FROM notes WHERE id = ?", (note,)
        ).fetchone()
        return bytes(content)

    def _problem(self, path: str) -> str:
        row = self._library.db.execute(
            "SELECT problem FROM notes WHERE path = ?", (path,)
        ).fetchone()
        return str(row[0]) if row else ""


def _on_disk(name: str, folders: Sequence[Path]) -> Iterator[str]:
    """Yield files so named that are not in the library, wherever in the folders they are."""
    wanted = fold(_without_ending(name))
    if not any(map(str.isalnum, wanted)):
        return
    left = MAX_LOOKED_AT
    for folder in folders:
        for parent, below, names in os.walk(folder):
            left -= 1 + len(names)
            if left <= 0:
                return
            below[:] = [one for one in below if one not in _TOO_MANY]
            for one in names:
                if wanted == fold(_without_ending(one)) or wanted == fold(one):
                    yield os.path.join(parent, one)  # noqa: PTH118


def _without_ending(name: str) -> str:
    """Take the ending off the name of a note; other dots are a part of a name."""
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), "")
    return name.removesuffix(name[len(name) - len(ending) :]) if ending else name


def _pinned(one: Scored) -> str:
    return {TITLE: tr("Its title is exactly what you typed."),
            NAME: tr("It holds the exact name that you typed.")}.get(one.pinned, "")  # fmt: skip


def _merits(one: Scored) -> str:
    """Say what a note has to show for itself."""
    share, cosine = f"{one.share:.0%}", f"{one.best_cosine:.2f}"
    if not one.best_cosine:
        return tr("its best passage holds {share} of what the words weigh").format(share=share)
    return tr(
        "its best passage holds {share} of what the words weigh, and reaches a similarity of "
        "{cosine}"
    ).format(share=share, cosine=cosine)


def _name(clause: Sequence[Condition]) -> str:
    return " OR ".join(condition.text for condition in clause)


def _not_read(
    file: Path, chosen: Sequence[Path], rules: Rules, problem: str
) -> tuple[Standing, str]:
    """Say why a file that lies on the disk is not in the library."""
    if not file.exists():
        return Standing.MISSING, tr("It is not there any more.")
    if not chosen:
        return Standing.OUTSIDE, tr("It is in none of the folders that are searched.")
    why, ignored = left_out(file, chosen[0], rules)
    if why:
        return (Standing.IGNORED if ignored else Standing.NO_NOTE), why
    if problem:
        return Standing.FAILED, tr("It could not be read: {problem}.").format(problem=problem)
    return Standing.UNREAD, tr("It has not been read yet.")


def _near(cosines: Vector, itself: int) -> list[int]:
    """Return the places of the cosines that stand out, largest first."""
    median = float(np.median(cosines))
    deviation = 1.4826 * float(np.median(np.abs(cosines - median)))
    least = max(RELATED, median + SPREAD * deviation) if len(cosines) >= NEAREST else RELATED
    order = np.argsort(-cosines, kind="stable").tolist()
    # A few more than are shown, since copies share a row.
    return [i for i in order[: 5 * NEAREST] if i != itself and cosines[i] >= least]


def _links(source: Sequence[str], target: Sequence[str]) -> bool:
    """Say whether one of two rows of _neighbours() links to the other."""
    path, folder, _, names = target[:4]
    inside = Path(os.path.relpath(path, folder)).with_suffix("").as_posix()
    called = {fold(name) for name in names.split("\n")}
    places: Collection[str] = {fold(inside), *called}
    for link in json.loads(source[4]).get("links", []):
        aimed = fold(unquote(link.split("#", 1)[0]).removesuffix(".md"))
        if aimed and (aimed in places or fold(inside).endswith("/" + aimed.lstrip("./"))):
            return True
    return False
