"""A note's text -> Note: its blocks packed into passages of a model's size."""

import re
from collections.abc import Callable, Iterator

from notesearch.core.markdown import Block, Document, gaps, parse, plain
from notesearch.core.notes import BREADCRUMB, Note, Passage

TokenCount = Callable[[str], int]
"""How many tokens a model makes of a text."""

CONTEXT_CHARACTERS = 240
"""A context line never takes more: some 60 tokens, so that passage and context fit the model."""

MAX_CHARACTERS = 16_000
"""What is longer is cut whatever it holds: each time it is halved, all of it would be counted."""

_SENTENCE_END = re.compile(r"[.!?…]['\")\]»”’*_]*\s+|[。！？]|\n\s*\n")  # noqa: RUF001
_WORD_END = re.compile(r"\s+")


def read(text: str, stem: str, count: TokenCount, budget: int) -> Note:
    """Read a note.

    stem: the file's name without its ending, the title of a note that does not name itself.
    budget: tokens that a passage may take, its context line not counted.
    """
    document = parse(text)
    title = document.title or stem
    passages = tuple(_passages(document, title, count, budget))
    return Note(
        title=title,
        aliases=document.aliases,
        tags=document.tags,
        links=document.links,
        fields=document.fields,
        passages=passages or (Passage("", title, 1, 1, 0, 0),),
        problem=document.problem,
    )


def embedded_text(title: str, heading: str, text: str) -> str:
    """Return what is embedded of a passage: the line that says where it stands, and its words.

    Measured on five sets of questions, the context line is worth three to seven points of nDCG.
    """
    return f"{context_line(title, heading)}\n{plain(text)}"


def context_line(title: str, heading: str) -> str:
    """Return the line that says where a passage stands."""
    return BREADCRUMB.join(part for part in (title, heading) if part)[:CONTEXT_CHARACTERS]


def _passages(document: Document, title: str, count: TokenCount, budget: int) -> Iterator[Passage]:
    packer = _Packer(document.text, count, budget)
    for section in document.sections:
        heading = BREADCRUMB.join(section.headings)
        empty = True
        for start, end in packer.pack(section.body):
            empty = False
            yield Passage(
                heading=heading,
                text=document.text[start:end],
                line=document.line_of(start),
                end_line=document.line_of(max(start, end - 1)),
                start=start,
                end=end,
            )
        if empty and section.leaf:
            # A heading with nothing under it is all there is to find.
            last = section.headings[-1] if section.headings else title
            line = document.line_of(section.start)
            yield Passage(heading, last, line, line, section.start, section.body.start)


class _Packer:
    """Packs blocks into ranges of characters that hold at most `budget` tokens each."""

    def __init__(self, text: str, count: TokenCount, budget: int) -> None:
        self._text = text
        self._count = count
        self._budget = budget

    def pack(self, block: Block) -> Iterator[tuple[int, int]]:
        """Join neighbours for as long as they fit."""
        start = end = used = 0
        for piece_start, piece_end, tokens in self._pieces(block):
            if used and used + tokens > self._budget:
                yield start, end
                used = 0
            if not used:
                start = piece_start
            end, used = piece_end, used + tokens
        if used:
            yield start, end

    def _pieces(self, block: Block) -> Iterator[tuple[int, int, int]]:
        """Yield the smallest ranges that need not be cut, with their tokens, in order."""
        start, end = self._trim(block.start, block.end)
        if start >= end:
            return
        if block.kind != "section":
            tokens = self._tokens(start, end)
            if tokens <= self._budget:
                yield start, end, tokens
                return
        if block.children:
            for child in gaps(block):
                yield from self._pieces(child)
        else:
            yield from self._cut(start, end, self._seams(block.kind))

    def _cut(
        self, start: int, end: int, seams: tuple[re.Pattern[str], ...]
    ) -> Iterator[tuple[int, int, int]]:
        """Cut a block without inner blocks: between sentences, else words, else anywhere."""
        if not seams:
            yield from self._halve(start, end)
            return
        offset = start
        stops = [found.end() for found in seams[0].finditer(self._text, start, end)]
        for stop in [*stops, end]:
            piece_start, piece_end = self._trim(offset, stop)
            offset = stop
            if piece_start >= piece_end:
                continue
            tokens = self._tokens(piece_start, piece_end)
            if tokens <= self._budget:
                yield piece_start, piece_end, tokens
            else:
                yield from self._cut(piece_start, piece_end, seams[1:])

    def _halve(self, start: int, end: int, guess: int = 0) -> Iterator[tuple[int, int, int]]:
        """Cut a run of words, or one endless word, in halves until they fit.

        guess: about how many tokens it has, where that is known.
        """
        start, end = self._trim(start, end)
        if start >= end:
            return
        # Where so many are expected there is no need to count them: what is cut too small is
        # joined again.
        tokens = guess if guess > self._budget else self._tokens(start, end)
        if tokens <= self._budget or end - start == 1:
            yield start, end, tokens
            return
        middle = (start + end) // 2
        space = _WORD_END.search(self._text, middle, end)
        if space is None or space.end() >= end:
            before = max(self._text.rfind(mark, start + 1, middle) for mark in (" ", "\n", "\t"))
            middle = before if before > start else middle
        else:
            middle = space.end()
        half = 0 if end - start > MAX_CHARACTERS else tokens // 2
        yield from self._halve(start, middle, half)
        yield from self._halve(middle, end, half)

    def _seams(self, kind: str) -> tuple[re.Pattern[str], ...]:
        if kind == "run":
            return ()
        if kind in {"fence", "code_block", "tr", "html_block", "table"}:
            return (re.compile(r"\n\s*\n"), re.compile(r"\n"))
        return (_SENTENCE_END, re.compile(r"\n"))

    def _tokens(self, start: int, end: int) -> int:
        """Count at least one, so that a range is never mistaken for nothing."""
        if end - start > MAX_CHARACTERS:
            return MAX_CHARACTERS
        return max(1, self._count(plain(self._text[start:end])))

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        """Leave blank lines and the white space at the end outside; keep an indent."""
        text = self._text[start:end]
        body = text.rstrip()
        if not body:
            return start, start
        indent = len(body) - len(body.lstrip())
        blank = body.rfind("\n", 0, indent) + 1
        return start + blank, start + len(body)
