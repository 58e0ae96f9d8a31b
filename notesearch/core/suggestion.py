"""Did you mean: words that are in no note, put right by the words that are."""

import bisect
import itertools
import math
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from notesearch.core.tokens import fold

MIN_LETTERS = 4
"""Letters from which a word is put right; shorter ones are all near each other."""
TWO_ERRORS = 6
"""Letters from which a word may have two errors."""
MAX_CHARACTERS = 30
"""Longer terms are left out: they are data, not words."""
SHARED = 0.5
"""What a right letter at the beginning counts, against the logarithm of the term's frequency.

Measured on made-up typos: frequency alone and beginnings alone are both worse.
"""

_QUOTES = '"“”„‟«»″'
# What stands in the query apart from plain words: phrases, exclusions, tags and filters.
_PARTS = re.compile(
    rf"(?P<kept>(?<!\S)-?(?:[^\s{_QUOTES}]+:)?[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]"
    rf"|(?<!\S)[-#]\S+|(?<!\S)[^\s{_QUOTES}]*\w:[^\s{_QUOTES}]+)"
    r"|(?<!\w)(?P<word>(?:[^\W_][\u0300-\u036f]*)+)(?!\w)"
)


class _Bucket(NamedTuple):
    """Terms in their order, and in how many passages or notes each is."""

    terms: list[str]
    counts: "array[int]"


class Suggester:
    """Knows the words of a library, and which of them a mistyped one is likely meant to be.

    Never changes once it is made; any thread may ask it.
    """

    def __init__(self, vocabulary: Iterable[tuple[str, int]]) -> None:
        """Take in the terms of the word index, folded as `tokens.fold` does, and their counts."""
        self._buckets: dict[tuple[str, int, bool], _Bucket] = {}
        for term, count in sorted(vocabulary):
            if MIN_LETTERS - 1 <= len(term) <= MAX_CHARACTERS:
                key = (term[0], len(term), term.isalpha())
                bucket = self._buckets.get(key)
                if bucket is None:
                    bucket = self._buckets[key] = _Bucket([], array("Q"))
                bucket.terms.append(term)
                bucket.counts.append(count)
        self._initials = sorted({initial for initial, _, _ in self._buckets})

    def suggest(self, word: str) -> str | None:
        """Return the term that a word most likely stands for, folded; None where there is none.

        One error may be anywhere. Of two, in words of six letters or more, none may be the first
        letter: hardly anybody gets that wrong, and much of what is typed is near to something.
        Digits are never changed: another version is another thing.
        """
        folded = fold(word)
        letters = sum(map(str.isalpha, folded))
        if letters < MIN_LETTERS or not _is_spelt(folded) or self._count(folded):
            return None
        errors = 1 if letters < TWO_ERRORS else 2
        found = itertools.chain(self._near(folded, errors), self._with_other_initial(folded))
        digits = _digits(folded)
        ranked = [
            (distance, not _is_slip(folded, term), -_likelihood(folded, term, count), term)
            for term, distance, count in found
            if _digits(term) == digits
        ]
        return min(ranked)[-1] if ranked else None

    def _near(self, word: str, errors: int) -> Iterator[tuple[str, int, int]]:
        """Yield terms with the same first letter, their distance and count."""
        from rapidfuzz import process  # noqa: PLC0415  # late: few queries hold a mistyped word
        from rapidfuzz.distance import OSA  # noqa: PLC0415

        for length in range(len(word) - errors, len(word) + errors + 1):
            bucket = self._buckets.get((word[0], length, word.isalpha()))
            if bucket is not None:
                for term, distance, place in process.extract_iter(
                    word, bucket.terms, scorer=OSA.distance, score_cutoff=errors
                ):
                    yield term, distance, bucket.counts[place]

    def _with_other_initial(self, word: str) -> Iterator[tuple[str, int, int]]:
        """Yield what one error in the first letter has made the word of.

        So few words are possible that looking each up is far quicker than comparing all terms.
        """
        possible = {word[1:], word[1] + word[0] + word[2:]}
        for initial in self._initials:
            possible |= {initial + word, initial + word[1:]}
        for term in possible:
            if term[0] != word[0] and (count := self._count(term)):
                yield term, 1, count

    def _count(self, term: str) -> int:
        """Return in how many passages or notes a term is."""
        bucket = self._buckets.get((term[0], len(term), term.isalpha()))
        if bucket is None:
            return 0
        place = bisect.bisect_left(bucket.terms, term)
        if place == len(bucket.terms) or bucket.terms[place] != term:
            return 0
        return bucket.counts[place]


def corrected(text: str, replacements: Mapping[str, str]) -> str:
    """Put corrections (word as typed -> term) into the text of a query.

    Only whole plain words are replaced, case and accents aside, and keep their capital. All else
    stays as it was typed: phrases, exclusions, filters such as `tag:x`, addresses, identifiers.
    """
    terms = {fold(word): term for word, term in replacements.items()}

    def replaced(found: re.Match[str]) -> str:
        word = found["word"]
        term = terms.get(fold(word)) if word else None
        if term is None:
            return found[0]
        return term[0].upper() + term[1:] if found[0][0].isupper() else term

    return _PARTS.sub(replaced, text)


def _is_spelt(word: str) -> bool:
    """Say whether a word is one that letters spell; signs for syllables or words have no typos."""
    wide = any(unicodedata.east_asian_width(character) in "WF" for character in word)
    return word.isalnum() and len(word) <= MAX_CHARACTERS and not wide


def _digits(word: str) -> str:
    return "" if word.isalpha() else "".join(filter(str.isdigit, word))


def _is_slip(word: str, term: str) -> bool:
    """Say whether they differ by the order of letters or by doubled ones: the usual errors."""
    return sorted(word) == sorted(term) or _undoubled(word) == _undoubled(term)


def _undoubled(word: str) -> list[str]:
    return [letter for letter, _ in itertools.groupby(word)]


def _likelihood(word: str, term: str, count: int) -> float:
    """Weigh how frequent a term is against how many first letters are right."""
    pairs = zip(word, term, strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return math.log(max(count, 1)) + SHARED * shared
