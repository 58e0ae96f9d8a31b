"""The text of a note -> its title, tags, links and blocks, with their places in the file."""

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from notesearch.core import frontmatter
from notesearch.core.notes import BREADCRUMB

# Deeper nesting than the preset's 20: ten levels of bullets are not rare in an outliner.
MAX_NESTING = 60
MAX_HEADING = 500
"""A longer heading is a paragraph: headings are kept with each passage below them."""
MAX_HEADINGS = 10_000
"""More count only where the parser can still be used."""
MAX_TAGS = 4_000
"""So many characters of tags at most: they are kept with each passage too."""
MAX_WORK = 300_000
"""Lines, each times the quotes inside quotes: what takes the parser a second or two."""

_FENCES = {"fence", "code_block"}
_TAG = re.compile(r"(?<![\w/#&;:.])(?<!\]\()#([\w/-]*[^\W\d][\w/-]*)")
_WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(
    r"!?\[((?:[^\[\]\n]++|\[[^\[\]\n]*+\])*+)\]"
    r"\(([^()\s]*+(?:\([^()\s]*+\))?+)[^()\n]*+\)"
)
_CODE = re.compile(r"`[^`\n]*`")
# Bounded throughout: a line of nothing but marks must not take minutes.
_MARKS = re.compile(r"(\*{1,3}|_{1,3}|~~|==|(?<!`)`{1,9}+)(?=\S)((?:(?!\1).){1,300}+)(?<=\S)\1")
_BLOB = re.compile(r"(?<![A-Za-z0-9+/=_-])(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/=_-]{200,}")
_TAGS_OF_HTML = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|<!--(?:(?!<!--).){0,2000}?-->", re.DOTALL)
_QUOTES = re.compile(r"^[ \t\d.)*+-]*+>[ \t\d.)*+>-]*+", re.MULTILINE)
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")


@dataclass(slots=True)
class Block:
    """A block of Markdown as a range of characters, with the blocks inside it."""

    kind: str
    start: int
    end: int
    children: list["Block"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks that stand directly under one heading."""

    headings: tuple[str, ...]
    """The headings above, outermost first; empty before the first heading."""
    start: int
    """Where the heading itself begins."""
    body: Block
    """Everything up to the next heading."""
    leaf: bool
    """It has a heading, and no deeper one follows under it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A note's text, taken apart."""

    text: str
    """With line ends normalised to a line feed."""
    title: str
    """'' where the text does not name itself."""
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    links: tuple[str, ...]
    fields: Mapping[str, object]
    sections: tuple[Section, ...]
    problem: str
    line_starts: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """Line that holds a character, counted from 1."""
        return bisect.bisect_right(self.line_starts, offset)


def parse(text: str) -> Document:
    """Take a note's text apart. Never fails: what is not understood stays text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    problem = ""
    try:
        fields, skipped = frontmatter.split(lines)
    except frontmatter.FrontMatterError as error:
        fields, skipped, problem = {}, 0, str(error)
    starts = _line_starts(lines)
    take_apart = _coarse_blocks if _is_laborious(text, lines) else _blocks
    blocks, headings = take_apart(lines, skipped, starts)
    title = _title(fields, headings)
    return Document(
        text=text,
        title=title,
        aliases=frontmatter.names(fields.get("aliases") or fields.get("alias")),
        tags=_tags(text, blocks, fields),
        links=_links(text, blocks),
        fields=fields,
        sections=tuple(_sections(blocks, headings, title, starts[skipped], len(text))),
        problem=problem,
        line_starts=starts,
    )


def plain(text: str) -> str:
    """Strip the markup of Markdown that is noise to a reader and to a model, keep all words.

    Link targets, emphasis marks, HTML tags and embedded binary data go.
    """
    text = _WIKI_LINK.sub(lambda found: found[2] or found[1].replace("#", BREADCRUMB), text)
    text = _LINK.sub(r"\1", text)
    text = _BLOB.sub(" ", text)
    text = _TAGS_OF_HTML.sub(" ", text)
    return _MARKS.sub(r"\2", text)


def _line_starts(lines: list[str]) -> tuple[int, ...]:
    starts, offset = [], 0
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    starts.append(offset)
    return tuple(starts)


def _parser() -> MarkdownIt:
    """Make a parser of blocks: inline markup costs three quarters of the time and is not needed."""
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    parser.disable(["inline", "text_join"])
    return parser


_PARSER = _parser()


def _blocks(
    lines: list[str], skipped: int, starts: tuple[int, ...]
) -> tuple[list[Block], dict[int, tuple[int, str]]]:
    """Return the outermost blocks, and level and text of the headings by their start."""
    top: list[Block] = []
    stack: list[Block] = []
    headings: dict[int, tuple[int, str]] = {}
    for token in _PARSER.parse("\n".join(lines[skipped:])):
        if token.nesting < 0:
            stack.pop()
        elif token.type == "inline":
            if stack and stack[-1].kind == "heading" and len(stack) == 1:
                level, _ = headings.pop(stack[-1].start)
                if len(token.content) > MAX_HEADING:
                    stack[-1].kind = "paragraph"
                else:
                    headings[stack[-1].start] = (level, plain(token.content))
        else:
            parent = stack[-1] if stack else None
            block = _block(token, skipped, starts, parent)
            (parent.children if parent else top).append(block)
            if block.kind == "heading" and parent is None:
                headings[block.start] = (int(token.tag[1]), "")
            if token.nesting > 0:
                stack.append(block)
    return top, headings


def _is_laborious(text: str, lines: list[str]) -> bool:
    """Say whether the parser would take long, as it looks at a line once for each quote around."""
    deepest = max((found[0].count(">") for found in _QUOTES.finditer(text)), default=0)
    return len(lines) * (3 + min(deepest, MAX_NESTING)) > MAX_WORK


def _coarse_blocks(
    lines: list[str], skipped: int, starts: tuple[int, ...]
) -> tuple[list[Block], dict[int, tuple[int, str]]]:
    """Return what _blocks() does, as headings and runs of lines alone."""
    blocks: list[Block] = []
    headings: dict[int, tuple[int, str]] = {}
    inside = False
    for number, line in enumerate(lines[skipped:], skipped):
        start, end = starts[number], starts[number] + len(line)
        heading = _HEADING.match(line)
        if heading and len(line) <= MAX_HEADING and len(headings) < MAX_HEADINGS:
            text = line[heading.end() :].strip().rstrip("#").rstrip()
            headings[start] = (len(heading[1]), plain(text))
            blocks.append(Block("heading", start, end))
            inside = False
        elif not line.strip():
            inside = False
        elif inside:
            blocks[-1].end = end
        else:
            blocks.append(Block("run", start, end))
            inside = True
    return blocks, headings


def _block(token: Token, skipped: int, starts: tuple[int, ...], parent: Block | None) -> Block:
    kind = token.type.removesuffix("_open")
    if token.map is None:
        start, end = (parent.start, parent.end) if parent else (0, 0)
    else:
        start, end = starts[token.map[0] + skipped], starts[token.map[1] + skipped] - 1
    return Block(kind, start, end)


def _sections(
    blocks: list[Block], headings: Mapping[int, tuple[int, str]], title: str, begin: int, end: int
) -> Iterator[Section]:
    """Group the outermost blocks by the heading they stand under.

    begin, end: the body. It holds more than blocks: the parser passes over link definitions.
    """
    path: list[tuple[int, str]] = []
    inside: list[Block] = []
    start = content = begin
    for block in [*blocks, Block("heading", end, end)]:
        if block.kind != "heading":
            inside.append(block)
            continue
        level, text = headings.get(block.start, (0, ""))
        if path or block.start > begin:
            body = Block("section", min(content, block.start), block.start, inside)
            leaf = bool(path) and level <= path[-1][0]
            yield Section(_crumbs(path, title), start, body, leaf)
        while path and path[-1][0] >= level:
            path.pop()
        path.append((level, text))
        inside, start, content = [], block.start, block.end


def _crumbs(path: list[tuple[int, str]], title: str) -> tuple[str, ...]:
    """Name the headings above; the note's own title is no heading of its own."""
    texts = [text for _, text in path if text]
    return tuple(texts[1:] if texts and texts[0] == title else texts)


def _title(fields: Mapping[str, object], headings: Mapping[int, tuple[int, str]]) -> str:
    """Return the title that the text gives itself: a field, else a first heading of level 1."""
    named = frontmatter.names(fields.get("title"))
    if named:
        return named[0]
    first = next(iter(headings.values()), (0, ""))
    # Of one that is nothing but data, such as a picture in letters, nothing is left.
    return first[1].strip() if first[0] == 1 else ""


def _prose(text: str, blocks: list[Block]) -> Iterator[str]:
    """Yield the text outside of code."""
    for block in blocks:
        if block.kind in _FENCES:
            continue
        if any(child.kind in _FENCES for child in block.children) or (
            block.children and block.kind in {"bullet_list", "ordered_list", "list_item"}
        ):
            yield from _prose(text, block.children)
        else:
            yield text[block.start : block.end]


def _tags(text: str, blocks: list[Block], fields: Mapping[str, object]) -> tuple[str, ...]:
    found = list(frontmatter.tags(fields.get("tags") or fields.get("tag") or ""))
    if "#" in text:
        for prose in _prose(text, blocks):
            found += (tag.rstrip("/-") for tag in _TAG.findall(_CODE.sub(" ", prose)))
    kept: dict[str, None] = {}
    room = MAX_TAGS
    for tag in dict.fromkeys(found):
        if tag and len(tag) < room:
            kept[tag] = None
            room -= len(tag) + 1
    return tuple(kept)


def _links(text: str, blocks: list[Block]) -> tuple[str, ...]:
    found: list[str] = []
    if "](" in text or "[[" in text:
        for prose in _prose(text, blocks):
            clean = _CODE.sub(" ", prose)
            found += (target.strip() for target, _ in _WIKI_LINK.findall(clean))
            found += (target for _, target in _LINK.findall(clean) if "://" not in target)
    return tuple(dict.fromkeys(target for target in found if target))


def gaps(block: Block) -> Iterator[Block]:
    """Yield a block's children and, so that nothing is lost, what stands between them."""
    offset = block.start
    for child, following in pairwise([*block.children, Block("end", block.end, block.end)]):
        if child.start > offset:
            yield Block("paragraph", offset, child.start)
        # A child never overlaps the next: a lazy continuation can make the ranges touch.
        child.end = min(max(child.end, child.start), max(following.start, child.start))
        yield child
        offset = child.end
    if offset < block.end:
        yield Block("paragraph", offset, block.end)
