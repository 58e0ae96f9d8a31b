"""Answers of the search as the command line prints them: lines for people, or JSON."""

import dataclasses
import os
from collections.abc import Iterator, Sequence

from notesearch.core.notes import Explanation, Hit, Related, Results, Whereabouts, Word
from notesearch.translation import tr

SHOWN = 160
"""Characters of a passage that are printed."""
CARRYING = 8
_HIT = ("path", "folder", "title", "heading", "line", "end_line", "score", "cosine", "words",
        "strength", "passage")  # fmt: skip


def printable(line: str) -> str:
    """Replace control characters: titles are somebody's text, and a terminal would obey them."""
    return "".join(c if c.isprintable() else "\ufffd" for c in line)


# In JSON ----------------------------------------------------------------------------------


def results_json(results: Results) -> dict[str, object]:
    """Return an answer as JSON can hold it."""
    return {
        "query": results.query.text,
        "took_ms": round(results.took_ms, 2),
        "semantic": results.semantic,
        "suggestion": results.suggestion,
        "complaints": list(results.query.complaints),
        "hits": [hit_json(hit) for hit in results.hits],
        "weak": [hit_json(hit) for hit in results.weak],
    }


def hit_json(hit: Hit) -> dict[str, object]:
    """Return a hit as JSON can hold it."""
    return {name: getattr(hit, name) for name in _HIT}


def whereabouts_json(where: Whereabouts) -> dict[str, object]:
    """Return where a note stands as JSON can hold it."""
    return {
        "name": where.name, "standing": str(where.standing), "reason": where.reason,
        "file": None if where.file is None else os.fspath(where.file), "rank": where.rank,
        "hit": None if where.hit is None else hit_json(where.hit),
        "others": [os.fspath(other) for other in where.others],
    }  # fmt: skip


def explanation_json(why: Explanation) -> dict[str, object]:
    """Return an explanation as JSON can hold it; words of the passage come with their text."""
    values = dataclasses.asdict(why)
    passage = why.hit.passage
    carriers = [
        {"word": passage[c.start : c.end], "start": c.start, "end": c.end, "share": c.share}
        for c in why.carriers
    ]
    return values | {"hit": hit_json(why.hit), "carriers": carriers}


def related_json(related: Related) -> dict[str, object]:
    """Return the notes near one as JSON can hold them."""
    return {
        "file": os.fspath(related.file), "title": related.title, "ready": related.ready,
        "notes": [dataclasses.asdict(one) for one in related.neighbours],
    }  # fmt: skip


# For people -------------------------------------------------------------------------------


def results_lines(results: Results) -> Iterator[str]:
    """Yield an answer in lines."""
    yield from results.query.complaints
    if results.suggestion:
        yield tr("Did you mean: {suggestion}").format(suggestion=results.suggestion)
    if not results.hits:
        yield tr("No close match.")
        if results.weak:
            yield tr("Further off:")
    for hit in results.hits or results.weak:
        yield from _hit_lines(hit)


def _hit_lines(hit: Hit) -> Iterator[str]:
    worth = f"{100 * hit.score:3.0f}  {tr(hit.strength):6}" if hit.strength else " " * 11
    yield f"{worth}  {hit.title}  ({hit.path}:{hit.line})"
    if hit.copies:
        yield f"             {_the_same(hit.copies)}"
    if hit.heading:
        yield f"             {hit.heading}"
    text = " ".join(hit.passage.split())
    yield f"             {text[:SHOWN]}{'…' if len(text) > SHOWN else ''}"


def explanation_lines(why: Explanation) -> Iterator[str]:
    """Yield in lines why a note is where it is."""
    if why.pinned:
        yield why.pinned
    yield tr("Meaning  passage {passage:.2f}, note as a whole {note:.2f}, "
             "believed from {floor:.2f}; rank {rank} by meaning alone").format(
        passage=why.passage_cosine, note=why.note_cosine, floor=why.floor,
        rank=why.meaning_rank or "-",
    )  # fmt: skip
    yield tr("Words    passage {passage:.2f}, note as a whole {note:.2f}, "
             "{share:.0%} of their weight; rank {rank} by words alone").format(
        passage=why.passage_words, note=why.note_words, share=why.share,
        rank=why.words_rank or "-",
    )  # fmt: skip
    for word in why.words:
        yield f"  {word.share:4.0%}  {word.text}: {_place(word)}"
    best = sorted(why.carriers, key=lambda carrier: -carrier.share)[:CARRYING]
    if best:
        passage = why.hit.passage
        said = ", ".join(f"{passage[c.start : c.end]} {c.share:+.3f}" for c in best)
        carried = tr("Carried by {words}; title, headings and the rest {rest:+.3f}")
        yield carried.format(words=said, rest=why.context)


def _place(word: Word) -> str:
    if word.in_passage:
        return tr("in the passage")
    return tr("elsewhere in the note") if word.in_note else tr("not in the note")


def whereabouts_lines(where: Whereabouts) -> Iterator[str]:
    """Yield in lines where a note stands."""
    if where.file is not None:
        yield os.fspath(where.file)
    yield where.reason
    if where.hit is not None:
        yield from _hit_lines(where.hit)
    if where.others:
        yield tr("Others of that name:")
        yield from (f"  {other}" for other in where.others)


def related_lines(related: Related) -> Iterator[str]:
    """Yield the notes near one in lines."""
    if not related.ready:
        yield tr("This note has not been read by meaning yet.")
    elif not related.neighbours:
        yield tr("No other note is near this one.")
    for one in related.neighbours:
        linked = f"  {tr('linked')}" if one.linked else ""
        yield f"{100 * one.cosine:3.0f}  {one.title}  ({one.path}){linked}"
        if one.copies:
            yield f"       {_the_same(one.copies)}"


def _the_same(copies: Sequence[str]) -> str:
    return tr("the same as {copies}").format(copies=", ".join(copies))
