"""Commands with placeholders, which a place in a note is put into.

A command is split into its arguments before anything is put into it, and no shell reads it:
whatever a file is called, its name stays a part of the one argument that it was put into.
"""

import os
import re
import shlex
import string
import sys
from collections.abc import Mapping
from urllib.parse import quote

from notesearch.programs import is_batch
from notesearch.translation import tr

PLACEHOLDERS = ("path", "line", "column", "folder", "heading")
"""What a template of the user's can name; two braces stand for one that is meant as such."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class TemplateError(Exception):
    """A template that makes no sense; says why, in words for the user."""


def parse_template(text: str) -> tuple[str, ...]:
    """Split a template like a command line. Raises TemplateError, which says what is wrong."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if sys.platform == "win32":
        lexer.escape = ""
    try:
        program, *arguments = list(lexer) or [""]
    except ValueError as error:
        raise TemplateError(tr("A quotation mark is not closed.")) from error
    if not program or _names(program):
        raise TemplateError(tr("It must begin with the name of a program."))
    if is_batch(program):
        raise TemplateError(tr("Batch files cannot be given file names safely. Name the program."))
    if "path" not in [name for argument in arguments for name in _names(argument)]:
        raise TemplateError(tr("It must hold {path}, where the file's name is to stand."))
    return program, *arguments


def _names(argument: str) -> list[str]:
    """Return the placeholders in an argument."""
    try:
        parts = list(string.Formatter().parse(argument))
    except ValueError as error:
        raise TemplateError(
            tr("A brace stands alone. Write it twice where a brace is meant.")
        ) from error
    names = []
    for _, name, form, conversion in parts:
        if name is not None:
            written = f"{name}{'!' if conversion else ''}{conversion or ''}{form and ':'}{form}"
            names.append(written)
            if written not in PLACEHOLDERS:
                raise TemplateError(
                    tr("{name} is not known. There are: {names}").format(
                        name=f"{{{written}}}", names=" ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                    )
                )
    return names


def fill(command: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Put values in the place of their placeholders, once: what is in them stays as it is.

    In an argument that is a URL they are percent-encoded.
    """
    return [_filled(argument, values) for argument in command]


def _filled(argument: str, values: Mapping[str, str]) -> str:
    if not _URL.match(argument):
        return argument.format_map(values)
    place, mark, query = argument.partition("?")
    # The slashes of a path are those of the URL, as long as it has not got to its query.
    paths = {name: _encoded(value.replace(os.sep, "/"), "/:") for name, value in values.items()}
    return (
        place.format_map(paths)
        + mark
        + query.format_map({name: _encoded(value, "") for name, value in values.items()})
    )


def _encoded(value: str, safe: str) -> str:
    return quote(value.encode("utf-8", "surrogateescape"), safe=safe)


def literal(text: str) -> str:
    """Return a text that is no template as one."""
    return text.replace("{", "{{").replace("}", "}}")
