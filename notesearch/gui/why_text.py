"""Why a note is where it is in an answer, in words."""

from collections.abc import Sequence

from notesearch.core.notes import Explanation, Word

MAX_NAMED = 4
UNASKED = "Nothing was asked for in words: the notes that were changed last come first."


def reason(why: Explanation) -> str:
    """Say in a sentence why a note is where it is."""
    if why.pinned:
        return as_sentence(why.pinned)
    if not why.rank:
        return UNASKED
    held = [word.text for word in why.words if word.in_passage]
    near = why.passage_cosine >= why.floor
    return _of_a_near_one(why, held) if near else _of_a_far_one(why, held)


def _of_a_near_one(why: Explanation, held: Sequence[str]) -> str:
    elsewhere = [word.text for word in why.words if word.in_note and not word.in_passage]
    if held:
        return f"Close in meaning, and the passage holds {quoted(held)}."
    if elsewhere:
        return f"Close in meaning; elsewhere the note holds {quoted(elsewhere)}."
    if why.words:
        return "It holds none of your words; it is close in meaning."
    return "It is close in meaning."


def _of_a_far_one(why: Explanation, held: Sequence[str]) -> str:
    if held and why.share >= why.enough_words:
        return f"The passage holds {quoted(held)}; it is not close in meaning."
    holds = f"of your words it holds only {quoted(held)}" if held else "it holds none of your words"
    return f"A weak match: not close in meaning, and {holds}."


def quoted(words: Sequence[str]) -> str:
    """Name words, some of many."""
    named = [f"“{word}”" for word in words[:MAX_NAMED]]
    if len(words) > MAX_NAMED:
        named.append(f"{len(words) - MAX_NAMED} more")
    *first, last = named
    return f"{', '.join(first)} and {last}" if first else last


def where(word: Word) -> str:
    """Say where a word of the query is."""
    if word.in_passage:
        return "in the passage"
    return "elsewhere in the note" if word.in_note else "nowhere in the note"


def percent(share: float) -> str:
    """Return a share of one in percent."""
    return f"{100 * share:.0f} %"


def ordinal(number: int) -> str:
    """Return a number as in a row: 1st, 2nd, 3rd."""
    teens = number // 10 % 10 == 1
    return f"{number:,}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def as_sentence(text: str) -> str:
    """Return a reason with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
