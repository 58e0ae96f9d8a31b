"""What the user wants to be left out: patterns of the settings and of files in folders."""

import functools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from notesearch.core import textfile
from notesearch.core.notes import Problem
from notesearch.translation import tr

IGNORE_FILE = ".notesearchignore"
"""In any folder: what is left out of it, in the syntax of .gitignore."""
MAX_IGNORE_BYTES = 64_000
MAX_PATTERNS = 1_000
"""In one file: each note is held against all of them."""
MAX_DEPTHS = 2
"""In one pattern, places where any number of folders may be: with more, it could take for ever to
tell a path from it."""

_LAST_STARS = re.compile(r"(!?(?:.*/)?)(\*\*?)(/?)\s*")
_NESTED_SET = re.compile(r"(?<!\\)\[[^\]]*(?:\[|--|&&|~~|\|\|)")
"""Means something else in Python's expressions than in patterns."""
_ANY_FOLDERS = ("(?:.+/)?", "(?:/.+)?")
"""As pathspec writes them."""
_STAR = re.compile(r"\[\^/\]\*((?:\\.|\[(?!\^/\]\*)\^?\]?[^\]]*\]|[^()\[\]\\/])+)(?=\[\^/\]\*)")
"""A star, and what stands between it and another one: what follows is looked for once, from left to
right, as in Python's fnmatch. Tried at every place, five stars in a name would take hours."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The pattern that decides on a file or folder."""

    pattern: str
    leaves_out: bool
    file: str
    """The ignore file that it is in; '' for the settings."""

    def __str__(self) -> str:
        """Name the pattern, and where it is."""
        if not self.file:
            return tr("the pattern “{pattern}”").format(pattern=self.pattern)
        named = tr("the pattern “{pattern}” in {file}")
        return named.format(pattern=self.pattern, file=self.file)


class Patterns:
    """Lines as in .gitignore, and what they say of a path, exactly as git would."""

    def __init__(self, lines: Sequence[str], folder: str = "") -> None:
        """Take the lines that make sense; `wrong` holds the others.

        folder: what begins with its path is about this folder alone.
        """
        compiled = {line: _compile(_unbound(line, folder)) for line in lines}
        self.wrong: tuple[str, ...] = tuple(
            line for line, (expression, _) in compiled.items()
            if expression is None and line.strip() and not line.startswith("#")
        )  # fmt: skip
        self._last_first = [
            (line, expression, leaves_out)
            for line, (expression, leaves_out) in ((line, compiled[line]) for line in lines[::-1])
            if expression is not None
        ]

    def ruling(self, relative: str) -> tuple[str, bool] | None:
        """Return the last line that is about a path, and whether it leaves it out.

        relative: with a slash at the end where it is a folder. What holds for the folders that
        it is in is not asked again: nothing in one that is left out is looked at.
        """
        for line, expression, leaves_out in self._last_first:
            if expression.fullmatch(relative):
                return line, leaves_out
        return None


def _compile(line: str) -> tuple[re.Pattern[str] | None, bool]:
    """Return the expression for the paths that a line is about, and whether it leaves them out."""
    if _NESTED_SET.search(line):
        return None, False
    # pathspec takes a last ** or * to be about the folder itself too, and in another order.
    stars = _LAST_STARS.fullmatch(line)
    if stars is not None:
        line = stars[1] + ("**/" if stars[2] == "**" else "") + "?*" + stars[3]
    try:
        (pattern,) = GitIgnoreSpec.from_lines([line]).patterns
    except (ValueError, re.error):
        return None, False
    if pattern.regex is None:  # a comment
        return None, False
    source = pattern.regex.pattern
    if source.count(_ANY_FOLDERS[0]) + source.count(_ANY_FOLDERS[1]) > MAX_DEPTHS:
        return None, False
    # Neither a question mark nor a set of characters is ever a slash.
    source = re.sub(r"(?<!\\)\[\^(?!/\])", "[^/", source)
    return re.compile(_STAR.sub(r"(?>[^/]*?\1)", source)), bool(pattern.include)


def _unbound(line: str, folder: str) -> str:
    """Return a line that begins with a folder's path as one that is anchored in that folder.

    Signs that stand for others in patterns may be escaped in that path, or be as they are.
    """
    path = folder.replace(os.sep, "/").rstrip("/")
    found = path and _begins_with(path).fullmatch(line)
    if not found:
        return line
    # The folder's own path is about all that is in it.
    return found[1] + (found[2] if found[2].rstrip() not in {"", "/"} else "/**")


@functools.lru_cache(maxsize=64)
def _begins_with(path: str) -> re.Pattern[str]:
    # As pattern_for() writes them.
    signs = (
        rf"\\?{re.escape(sign)}" if sign.isprintable() else rf"(?:{re.escape(sign)}|\?)"
        for sign in path
    )
    return re.compile(f"(!?){''.join(signs)}((?:/.*)?)", re.DOTALL)


def pattern_for(path: Path, folder: Path, *, is_folder: bool) -> str:
    """Return a pattern that leaves out one note or folder of a chosen folder, and no other."""
    whole = "/".join((folder.as_posix().rstrip("/"), *path.relative_to(folder).parts))
    # What no line can hold is written as any one sign.
    plain = "".join(sign if sign.isprintable() else "\n" for sign in whole)
    return re.sub(r"[\\*?\[]", r"\\\g<0>", plain).replace("\n", "?") + "/" * is_folder


class Rules:
    """What the user wants to be left out: patterns relative to every folder, or to one of them."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Take the patterns that make sense; `wrong` holds the others."""
        self.lines = tuple(patterns)
        self._patterns = Patterns(patterns)
        self._of_folder: dict[str, Patterns] = {}
        self.wrong = self._patterns.wrong

    def scope(self, folder: str) -> "Scope":
        """Return what holds in a chosen folder before its own ignore file is read."""
        if folder not in self._of_folder:
            bound = any(_unbound(line, folder) != line for line in self.lines)
            self._of_folder[folder] = Patterns(self.lines, folder) if bound else self._patterns
        return Scope(folder, self._of_folder[folder])


EVERYTHING = Rules()


@dataclass(frozen=True, slots=True)
class Scope:
    """The patterns that hold in a folder: those of its ignore file, then those from above."""

    folder: str
    patterns: Patterns
    file: str = ""
    above: "Scope | None" = None

    def enter(self, folder: str) -> tuple["Scope", list[Problem]]:
        """Return what holds in a folder below, and what is wrong with its ignore file."""
        file = os.path.join(folder, IGNORE_FILE)  # noqa: PTH118
        try:
            patterns = _patterns_of(textfile.read_bytes(Path(file), MAX_IGNORE_BYTES + 1))
        except FileNotFoundError:
            return self, []
        except textfile.UnreadableError as error:
            unread = tr("{error}; nothing is left out by it").format(error=error)
            return self, [Problem(file, unread)]
        passed_over = tr("“{pattern}” is not a pattern; it is passed over")
        wrong = [Problem(file, passed_over.format(pattern=one)) for one in patterns.wrong]
        return Scope(folder, patterns, file, self), wrong

    def ruling(self, path: str, *, is_folder: bool = False) -> Ruling | None:
        """Return the pattern that decides on a path: the nearest file's, there the last one."""
        scope: Scope | None = self
        while scope is not None:
            relative = path[len(scope.folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
            found = scope.patterns.ruling(relative + "/" if is_folder else relative)
            if found is not None:
                return Ruling(*found, scope.file)
            scope = scope.above
        return None

    def leaves_out(self, path: str, *, is_folder: bool = False) -> bool:
        """Say whether a path in the folder or below is left out."""
        ruling = self.ruling(path, is_folder=is_folder)
        return ruling is not None and ruling.leaves_out


@functools.lru_cache(maxsize=64)
def _patterns_of(data: bytes) -> Patterns:
    """Take an ignore file apart. Raises UnreadableError."""
    if len(data) > MAX_IGNORE_BYTES:
        too_large = tr("is larger than {size} KB").format(size=MAX_IGNORE_BYTES // 1_000)
        raise textfile.UnreadableError(too_large)
    try:
        lines = re.split(r"\r?\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise textfile.UnreadableError(tr("is not valid UTF-8")) from error
    if len(lines) > MAX_PATTERNS:
        too_many = tr("has more than {lines} lines").format(lines=f"{MAX_PATTERNS:,}")
        raise textfile.UnreadableError(too_many)
    return Patterns(lines)
