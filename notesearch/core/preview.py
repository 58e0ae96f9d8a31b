"""A note around one of its passages, as the window shows it beside the list."""

import dataclasses
import itertools
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PureWindowsPath

from notesearch.core import frontmatter, textfile
from notesearch.core.library import Library
from notesearch.core.markdown import plain
from notesearch.core.notes import ENDINGS, Followed, Hit, Preview, Query
from notesearch.core.tokens import fold
from notesearch.core.words import WordSearch

CHARACTERS_BEFORE = 8_000
CHARACTERS_AFTER = 16_000
"""Rendering takes the window's thread some milliseconds for each thousand."""
MAX_WORDS = 100
MAX_FIELDS = 30
MAX_VALUE = 300
"""Characters of a field's value that are shown."""
MAX_DEPTH = 3

_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)
_FENCE_OR_HEADING = re.compile(r"^ {0,3}(?:(```|~~~)|#{1,6}[ \t]+(.+)$)", re.MULTILINE)


def preview(library: Library, words: WordSearch, hit: Hit, query: Query) -> Preview:
    """Return the note of a hit as it is on the disk, at most its first 5 MB.

    One that cannot be read there, as in a folder that is away, is shown as it was read last.
    """
    read = _read(hit.file)
    text = read if read is not None else _as_it_was_read(library, hit.file) or hit.passage
    fields, body = _head(text)
    start = _place(text, hit)
    if start < 0:
        # The passage has changed since; the note is shown from its beginning.
        start, end = body, body
    else:
        end = start + len(hit.passage)
    line = hit.line if read is None else text.count("\n", 0, start) + 1
    note = Preview(hit.file, Path(hit.folder), hit.title, "", "", "",
                   words=_words(library, words, hit, query), fields=fields, line=line)  # fmt: skip
    return _around(note, text, body, (start, end))


def follow(library: Library, source: Path, folder: Path, target: str) -> Followed:
    """Find the note that a link leads to, inside of the chosen folder only.

    target: the name in a wiki link, or a relative path; with a heading or ^block behind a #.
    """
    name, _, heading = target.partition("#")
    # A # may also be a part of the name.
    for one, place in ((target, ""), (name, heading)) if heading else ((target, ""),):
        path = _find(library, source, folder, one.strip().replace("\\", "/"))
        if path is not None:
            shown = preview_of(library, path, folder, place.strip())
            return Followed(source, target, shown)
    return Followed(source, target, None)


def preview_of(library: Library, path: Path, folder: Path, heading: str = "") -> Preview | None:
    """Return a note that a link leads to, with a heading of it, or a ^block, as its passage.

    From its beginning where there is no such heading; None where nothing is known of the note.
    """
    read = _read(path)
    text = read if read is not None else _as_it_was_read(library, path)
    if not text and read is None:
        return None
    fields, body = _head(text)
    start, end = _section(text, body, heading.rpartition("#")[2])
    row = library.db.execute("SELECT title FROM notes WHERE path = ?", (str(path),)).fetchone()
    title, line = row[0] if row else path.stem, text.count("\n", 0, start) + 1
    note = Preview(path, folder, title, "", "", "", fields=fields, line=line)
    return _around(note, text, body, (start, end))


def _around(note: Preview, text: str, body: int, place: tuple[int, int]) -> Preview:
    """Return what of a note's text is shown around a passage; its body begins there."""
    start, end = place
    early = start - CHARACTERS_BEFORE
    first = min(_line_start(text, early), start) if early > body else body
    last = _line_end(text, min(len(text), end + CHARACTERS_AFTER))
    return dataclasses.replace(
        note,
        before=_open_fence(text[body:first]) + text[first:start],
        passage=text[start:end],
        after=text[end:last],
        begins_late=first > body,
        ends_early=bool(text[last:].strip()),
    )


# A note's text --------------------------------------------------------------------------------


def _read(file: Path) -> str | None:
    """Return a note as it is on the disk, None where it cannot be read."""
    try:
        text = textfile.read(file).text
    except (OSError, textfile.UnreadableError, textfile.NotTextError):
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _as_it_was_read(library: Library, file: Path) -> str:
    """Return what is known of a note that is away; its passages are without its title."""
    passages = library.passages_of(os.fspath(file)).values()
    row = library.db.execute("SELECT title FROM notes WHERE path = ?", (str(file),)).fetchone()
    return "\n\n".join([f"# {row[0]}" if row else "", *passages]).strip() if passages else ""


def _head(text: str) -> tuple[tuple[tuple[str, str], ...], int]:
    """Return the fields at the top of a note, and where it begins behind them."""
    lines = text.split("\n")
    try:
        fields, skipped = frontmatter.split(lines)
    except frontmatter.FrontMatterError:
        return (), 0
    body = min(sum(len(line) + 1 for line in lines[:skipped]), len(text))
    return tuple(_said(fields)), body


def _said(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in itertools.islice(fields.items(), MAX_FIELDS):
        yield _short(name), _short(_as_text(value))


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def _as_text(value: object, depth: int = 0) -> str:
    """Return a field's value in a line."""
    if depth > MAX_DEPTH:
        return "…"
    # More would not be shown anyway.
    if isinstance(value, list):
        text = ", ".join(_as_text(one, depth + 1) for one in value[:MAX_VALUE])
        return f"[{text}]" if depth else text
    if isinstance(value, dict):
        pairs = itertools.islice(value.items(), MAX_VALUE)
        text = ", ".join(f"{name}: {_as_text(one, depth + 1)}" for name, one in pairs)
        return f"({text})" if depth else text
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else " ".join(str(value).split())


def _place(text: str, hit: Hit) -> int:
    """Return where the passage begins: on its line, or wherever it has moved to; -1 if nowhere."""
    offset = 0
    for _ in range(hit.line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            break
    near = text.find(hit.passage, offset, offset + len(hit.passage) + 2_000)
    return near if near >= 0 else text.find(hit.passage)


def _section(text: str, body: int, wanted: str) -> tuple[int, int]:
    """Return the line of a heading or a ^block; the note's beginning where there is none."""
    start = _block(text, wanted) if wanted.startswith("^") else _heading(text, body, wanted)
    if start < body:
        return body, body
    end = text.find("\n", start)
    return start, end if end >= 0 else len(text)


def _block(text: str, wanted: str) -> int:
    found = re.search(rf"(?:^|[ \t]){re.escape(wanted)}[ \t]*$", text, re.MULTILINE)
    return text.rfind("\n", 0, found.end()) + 1 if found else -1


def _heading(text: str, body: int, wanted: str) -> int:
    """Find a heading by its letters, as `My heading`, `my-heading` and `**My** heading` are one."""
    letters = _letters(wanted)
    fence = ""
    for found in _FENCE_OR_HEADING.finditer(text, body):
        if found[1]:
            fence = "" if found[1] == fence else fence or found[1]
        elif letters and not fence and _letters(plain(found[2])) == letters:
            return found.start()
    return -1


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def _line_start(text: str, offset: int) -> int:
    """Return the beginning of the next line, or the offset itself in an endless line."""
    found = text.find("\n", offset, offset + 1_000)
    return found + 1 if found >= 0 else offset


def _line_end(text: str, offset: int) -> int:
    if offset >= len(text):
        return len(text)
    found = text.rfind("\n", max(0, offset - 1_000), offset)
    return found if found >= 0 else offset


def _open_fence(omitted: str) -> str:
    """Return the fence that a cut has left open: without it code would be read as text."""
    fences = _FENCE.findall(omitted)
    return f"{fences[-1]}\n" if len(fences) % 2 else ""


def _words(library: Library, words: WordSearch, hit: Hit, query: Query) -> tuple[str, ...]:
    """Return what matched the query anywhere in the note, as it stands there."""
    texts = library.passages_of(os.fspath(hit.file))
    found = words.matches(words.terms(query), list(texts)) if query.terms else {}
    said = {texts[key][start:end]: None for key, spans in found.items() for start, end in spans}
    said |= {hit.passage[start:end]: None for start, end in hit.matches}
    return _distinct(said)


def _distinct(words: Collection[str]) -> tuple[str, ...]:
    return tuple({word.casefold(): word for word in words if word.strip()}.values())[:MAX_WORDS]


# Where a link leads ---------------------------------------------------------------------------


def _find(library: Library, source: Path, folder: Path, name: str) -> Path | None:
    """Return the note of a name: by its path from the note, or the folder; else by its name."""
    if not name:
        return source
    endings = ("",) if name.lower().endswith(ENDINGS) else ENDINGS
    # On Windows an absolute name may lead to another disk or machine.
    starts = () if PureWindowsPath(name).anchor or "\0" in name else (source.parent, folder)
    for start, ending in itertools.product(starts, endings):
        path = Path(os.path.normpath(start / (name + ending)))
        if _is_inside(path, folder):
            return path
    named = _by_name(library, folder, name)
    return next((p for p in named if _is_inside(p, folder) or not os.path.lexists(p)), None)


def _is_inside(path: Path, folder: Path) -> bool:
    """Say whether a file is a plain one inside of a folder; nothing outside is touched."""
    try:
        real = path.resolve(strict=True) if path.is_relative_to(os.path.normpath(folder)) else None
        return (
            real is not None
            and real.is_relative_to(folder.resolve())
            and stat.S_ISREG(real.stat().st_mode)
        )
    except (OSError, RuntimeError, ValueError):
        return False


def _by_name(library: Library, folder: Path, name: str) -> Iterator[Path]:
    """Yield the notes that a name may mean, wherever in the folder, the likeliest first.

    Of the same file name before those of the same title or alias, and the shortest paths first.
    """
    parts = [part for part in _without_ending(name).split("/") if part.strip(".")]
    if not parts:
        return
    whole = "/".join(parts)
    ending = "/" + _same(whole)
    for path in _called(library, folder, parts[-1]):
        inside = path.relative_to(folder).as_posix()
        if _same("/" + _without_ending(inside)).endswith(ending):
            yield path
    # Outliners write the namespaces of a page into the name of its file.
    for called in (whole.replace("/", "___"), whole.replace("/", "%2F"), whole, name):
        yield from _called(library, folder, called)


def _called(library: Library, folder: Path, name: str) -> list[Path]:
    """Return the notes with a file name, title or alias, case and accents aside."""
    wanted = fold(name).encode("utf-8", "replace").decode()
    rows = library.db.execute(
        "SELECT path FROM notes WHERE folder = ? AND id IN "
        "(SELECT note FROM facets WHERE name = 'name' AND value = ?)", (str(folder), wanted),
    ).fetchall()  # fmt: skip
    return [Path(path) for path in sorted(
        (row[0] for row in rows), key=lambda path: (path.count(os.sep), len(path), path)
    )]  # fmt: skip


def _without_ending(name: str) -> str:
    """Take the ending off the name of a note; other dots are a part of a name."""
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)]


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
