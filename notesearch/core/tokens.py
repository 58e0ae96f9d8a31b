"""Words that the tokenizer of SQLite's FTS5 cannot tell apart, and the form in which words compare.

FTS5's unicode61 makes one token of a run of letters and digits. That hides the parts of CamelCase
names, any word inside a text written without spaces, "C++" behind "c", and all of a sign such as an
emoji. So each indexed text gets a tail: the same words, taken apart. The words of a query are taken
apart alike, and their parts asked for as a phrase.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

BREAK = "\ue000"
"""A token of its own between words of a tail, so that no phrase reaches across them."""
TAIL = "\n" + BREAK + " "
"""What stands between a text and its tail."""

_MARKS, _SIGNS = 0xF0000, 0x100000
"""Private use characters, which FTS5 takes for letters, stand for what it takes for gaps."""

# Scripts written without spaces, Hangul, whose particles stick to words, and full-width letters.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u2e80-\u2fdf"
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3041-\u30ff\u3105-\u312f\u3131-\u318e\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff10-\uff19\uff21-\uff3a"
    "\uff41-\uff5a\uff66-\uff9f\U00020000-\U0003ffff"
)
# Symbols of the category So that people put into notes: arrows, shapes, dingbats, emoji.
_SYMBOLS = "\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
_MARK = "\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"

# Letters whose accents FTS5 does not take off: Greek, and the Cyrillic yo.
_ACCENTED = "\u0386-\u038a\u038c\u038e-\u0390\u03aa-\u03b0\u03ca-\u03ce\u1f00-\u1fff\u0401\u0451"

_HUMP = "(?:[a-z][A-Z]|[A-Z]{2}[a-z]{2})"
_SPECIAL = re.compile(
    rf"(?P<camel>(?<![^\W_])(?=[A-Za-z0-9]*{_HUMP})[A-Za-z0-9]+(?![^\W_]))"
    r"|(?P<language>(?<![^\W_])[A-Za-z]{1,2}(?:\+\+|\#)(?![\w+#]))"
    rf"|(?P<sign>[{_SYMBOLS}])"
    # Begun only where a word begins, so that an endless one does not take endless time.
    rf"|(?P<accented>(?:(?<![^\W_])|(?=[{_ACCENTED}]))[^\W_]*[{_ACCENTED}][^\W_]*)"
    rf"|(?P<unspaced>(?:(?<![^\W_])|(?=[{_UNSPACED}]))[^\W_]*[{_UNSPACED}][\w{_MARK}]*)"
)
_ORDINARY = re.compile(r"[\x00-\x7f\u00a0-\u024f\u0402-\u0450\u0452-\u052f\u2010-\u2027]*\Z")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HINT = re.compile(rf"{_HUMP}|[A-Za-z](?:\+\+|#)")
_ONE_UNSPACED = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Part:
    """A token of a tail, and what it stands for."""

    token: str
    start: int
    end: int
    """Offsets in the text."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A word that has to be taken apart."""

    parts: tuple[Part, ...]
    whole: bool
    """Whether FTS5 knows it as one token too, as it does a CamelCase name."""


def parts(text: str) -> Iterator[Taken]:
    """Yield each word that has to be taken apart, in order."""
    if _ORDINARY.match(text) and not _HINT.search(text):
        return
    for found in _SPECIAL.finditer(text):
        start, word = found.start(), found[0]
        if found.lastgroup == "camel":
            yield Taken(tuple(Part(piece[0], start + piece.start(), start + piece.end())
                              for piece in _CAMEL.finditer(word)), whole=True)  # fmt: skip
        elif found.lastgroup == "language":
            said = word.replace("++", "plusplus").replace("#", "sharp")
            yield Taken((Part(said, start, found.end()),), whole=False)
        elif found.lastgroup == "accented":
            yield Taken((Part(fold(word), start, found.end()),), whole=True)
        elif found.lastgroup == "sign":
            token = chr(_SIGNS + (ord(word) & 0xFFFF))
            yield Taken((Part(token, start, found.end()),), whole=False)
        else:
            yield Taken(tuple(_pieces(word, start)), whole=False)


def _pieces(word: str, start: int) -> Iterator[Part]:
    """Cut a word between the characters of unspaced scripts, marks staying with their letter."""
    token, begin = "", 0
    was_unspaced = False
    for offset, character in enumerate(word):
        if unicodedata.category(character) in {"Mn", "Mc"}:
            token += chr(_MARKS + (ord(character) & 0xFFFF))
            continue
        plain = unicodedata.normalize("NFKC", character)
        unspaced = _ONE_UNSPACED.match(plain[:1]) is not None
        if token and (unspaced or was_unspaced or character == "_"):
            yield Part(token, start + begin, start + offset)
            token = ""
        if not token:
            begin = offset
        token += "" if character == "_" else plain
        was_unspaced = unspaced
    if token:
        yield Part(token, start + begin, start + len(word))


def tail(text: str) -> str:
    """Return what is indexed of a text besides itself; '' for most."""
    words = [_phrase(word) for word in parts(text)]
    return TAIL + f" {BREAK} ".join(words) if words else ""


def tail_spans(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return for each token of a text's tail its offset behind the text, and its place in it."""
    spans, offset = [], len(TAIL)
    for number, word in enumerate(parts(text)):
        offset += len(f" {BREAK} ") if number else 0
        for index, part in enumerate(word.parts):
            offset += 1 if index else 0
            spans.append((offset, part.start, part.end))
            offset += len(part.token)
    return tuple(spans)


def expression(text: str) -> str:
    """Make an FTS5 expression of a word or phrase: never syntax, whatever it holds."""
    words = list(parts(text))
    hidden = [word for word in words if not word.whole]
    if not hidden:
        alone = len(words) == 1 and text.isalnum()
        return f"({quote(text)} OR {quote(_phrase(words[0]))})" if alone else quote(text)
    rest = list(text)
    for word in hidden:
        start, end = word.parts[0].start, word.parts[-1].end
        rest[start:end] = " " * (end - start)
    apart = [quote(_phrase(word)) for word in hidden]
    apart += [quote(left) for left in "".join(rest).split() if any(map(str.isalnum, left))]
    return apart[0] if len(apart) == 1 else "(" + " AND ".join(apart) + ")"


def is_exact(text: str) -> bool:
    """Say whether expression() finds a phrase and nothing else: not so where a tail has parts."""
    return all(word.whole for word in parts(text))


def is_searchable(text: str) -> bool:
    """Say whether there is anything in a text that an index holds."""
    return any(map(str.isalnum, text)) or next(iter(parts(text)), None) is not None


def _phrase(word: Taken) -> str:
    return " ".join(part.token for part in word.parts)


def quote(text: str) -> str:
    """Make an FTS5 string of a text."""
    return '"' + text.replace('"', " ").replace("\0", " ") + '"'


def fold(text: str) -> str:
    """Bring a text to the form in which the word index compares: no case, width or accents."""
    if text.isascii():
        return " ".join(text.lower().split())
    wide = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(map(_fold_character, wide)).split())


def _fold_character(character: str) -> str:
    """Take the accents off a letter; signs of other scripts are no accents, and stay."""
    if character.isascii():
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    base, marks = decomposed[0], decomposed[1:]
    if unicodedata.combining(base) and not marks:
        return ""
    accented = unicodedata.name(base, "").startswith(("LATIN", "GREEK", "CYRILLIC"))
    return base if accented and all(map(unicodedata.combining, marks)) else character
