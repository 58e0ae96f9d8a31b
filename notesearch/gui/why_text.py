"""Why a note is where it is in an answer, in words."""

from collections.abc import Sequence

from notesearch.core.notes import Explanation, Word
from notesearch.translation import tr, trn

MAX_NAMED = 4
UNASKED = tr("Nothing was asked for in words: the notes that were changed last come first.")


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
        return tr("Close in meaning, and the passage holds {words}.").format(words=quoted(held))
    if elsewhere:
        said = tr("Close in meaning; elsewhere the note holds {words}.")
        return said.format(words=quoted(elsewhere))
    if why.words:
        return tr("It holds none of your words; it is close in meaning.")
    return tr("It is close in meaning.")


def _of_a_far_one(why: Explanation, held: Sequence[str]) -> str:
    if held and why.share >= why.enough_words:
        said = tr("The passage holds {words}; it is not close in meaning.")
    elif held:
        said = tr("A weak match: not close in meaning, and of your words it holds only {words}.")
    else:
        said = tr("A weak match: not close in meaning, and it holds none of your words.")
    return said.format(words=quoted(held) if held else "")


def quoted(words: Sequence[str]) -> str:
    """Name words, some of many."""
    named = [tr("“{word}”").format(word=word) for word in words[:MAX_NAMED]]
    if len(words) > MAX_NAMED:
        others = len(words) - MAX_NAMED
        named.append(trn("{count} more", "{count} more", others))
    *first, last = named
    return tr("{first} and {last}").format(first=", ".join(first), last=last) if first else last


def where(word: Word) -> str:
    """Say where a word of the query is."""
    if word.in_passage:
        return tr("in the passage")
    return tr("elsewhere in the note") if word.in_note else tr("nowhere in the note")


def percent(share: float) -> str:
    """Return a share of one in percent."""
    return tr("{share} %").format(share=f"{100 * share:.0f}")


def ordinal(number: int) -> str:
    """Return a number as in a row: 1st, 2nd, 3rd."""
    ends = {1: tr("{number}st"), 2: tr("{number}nd"), 3: tr("{number}rd")}
    teens = number // 10 % 10 == 1
    written = tr("{number}th") if teens else ends.get(number % 10, tr("{number}th"))
    return written.format(number=f"{number:,}")


def as_sentence(text: str) -> str:
    """Return a reason with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
