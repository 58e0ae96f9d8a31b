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
        return f"the pattern “{self.pattern}”" + (f" in {self.file}" if self.file else "")


class Patterns:
    """Lines as in .gitignore, and what they say of a path, exactly as git would."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Take the lines that make sense; `wrong` holds the others."""
        compiled = {line: _compile(line) for line in lines}
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


class Rules:
    """What the user wants to be left out of every folder: patterns relative to each."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Take the patterns that make sense; `wrong` holds the others."""
        self._patterns = Patterns(patterns)
        self.wrong = self._patterns.wrong

    def scope(self, folder: str) -> "Scope":
        """Return what holds in a chosen folder before its own ignore file is read."""
        return Scope(folder, self._patterns)


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
            return self, [Problem(file, f"{error}; nothing is left out by it")]
        wrong = [Problem(file, f"“{one}” is not a pattern; it is passed over")
                 for one in patterns.wrong]  # fmt: skip
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
        raise textfile.UnreadableError(f"is larger than {MAX_IGNORE_BYTES // 1_000} KB")
    try:
        lines = re.split(r"\r?\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise textfile.UnreadableError("is not valid UTF-8") from error
    if len(lines) > MAX_PATTERNS:
        raise textfile.UnreadableError(f"has more than {MAX_PATTERNS:,} lines")
    return Patterns(lines)
