"""The manual page, made from the argument parser, so that it says what the program does.

python packaging/linux/man.py [VERSION] > notesearch.1
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

from changelog import source_date

from notesearch import __version__, cli, identity, paths
from notesearch.core import query

DESCRIPTION = (
    (
        "finds notes in folders of Markdown files by what they are about and by the words in them, "
        "on this machine alone. Notes are read, never changed; nothing about them leaves it."
    ),
    (
        "Without a command the window opens. The same search is there for the terminal and for "
        "scripts; standard output holds the answer and nothing else."
    ),
)
EXIT_STATUS = (
    (cli.FOUND, "Found, or done. With --stdin: any line had a match."),
    (cli.NOTHING, "No close match."),
    (cli.USAGE, "Wrong usage."),
    (cli.FAILURE, "Failure; standard error says why and what to do."),
    (cli.INTERRUPTED, "Stopped with Ctrl+C. What was read is kept."),
)
ENVIRONMENT = (
    (paths.DATA_DIR_VARIABLE, "Keeps everything in this folder, as --data-dir does."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME",
     "Where the three folders below are instead."),
    ("LANGUAGE, LC_ALL, LC_MESSAGES, LANG", "The language of what is said, where it is known."),
)  # fmt: skip
FILES = (
    ("~/.config/notesearch/settings.json", "The settings, with the folders that are searched."),
    ("~/.local/share/notesearch",
     "The library, made from the notes; the searches, and where the window was."),
    ("~/.local/state/notesearch/log/notesearch.log",
     "The log. It holds no text, title, tag or name of a note, and no query."),
    ("~/.config/autostart", "Holds an entry where the settings say to start at login."),
    (".notesearchignore", "Says what is left out of its folder and below, as gitignore(5) does."),
)  # fmt: skip
EXAMPLES = (
    ("notesearch open ~/Notes", "Open the window, and search this folder from now on:"),
    ("notesearch --toggle", "Bring up the quick search, to be bound to a key of the desktop:"),
    ("notesearch index ~/Notes", "Read the notes without a window:"),
    ("notesearch search my bread comes out heavy", "Search them in the terminal:"),
    ("notesearch search --json 'tag:recipes modified:1m' | jq -r '.hits[].path'",
     "The paths of the recipes that were changed in the last month:"),
    ("notesearch explain 'slow cooker' --note Stew", "Why a note is in an answer, or why not:"),
)  # fmt: skip


def page(version: str, date: datetime) -> str:
    """Return the manual page as man(7) has it."""
    parser = cli._parser()  # noqa: SLF001
    name = identity.NAME
    body = (
        f'.TH {name.upper()} 1 "{date:%Y-%m-%d}" "{name} {_plain(version)}" "User Commands"',
        ".nh", ".ad l",
        ".SH NAME", rf"{name} \- {_plain(identity.SUMMARY[0].lower() + identity.SUMMARY[1:])}",
        ".SH SYNOPSIS", *_synopsis(parser),
        ".SH DESCRIPTION", f".B {name}", _plain(DESCRIPTION[0]), ".PP", _plain(DESCRIPTION[1]),
        ".SH OPTIONS", *_tagged(_options(parser)),
        ".SH COMMANDS", *_commands(parser),
        ".SH QUERIES", "What can be typed, here and in the window:",
        *_tagged((_bold(example), _sentence(meaning)) for example, meaning in query.SYNTAX),
        ".PP", _plain(QUERIES),
        ".SH EXIT STATUS", *_tagged((_bold(str(code)), said) for code, said in EXIT_STATUS),
        ".SH ENVIRONMENT", *_tagged((_bold(each), said) for each, said in ENVIRONMENT),
        ".SH FILES", *_tagged((_italic(each), said) for each, said in FILES),
        ".SH EXAMPLES", *_examples(),
        *_where(),
    )  # fmt: skip
    return "\n".join(body) + "\n"


QUERIES = (
    "Words alone decide the order; a quoted phrase, a filter and an exclusion decide what is found "
    "at all, before anything is ranked. What looks like a filter and cannot be understood is "
    "searched as text. Case and accents do not matter."
)


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".HP\n{_bold(parser.prog)} {' '.join(_alternatives(parser))}"
    for command in _subparsers(parser).values():
        usage = (_usage(action) for action in _own(parser, command))
        yield f".HP\n{_bold(command.prog)} {' '.join(usage)}".rstrip()


def _alternatives(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Return what can be given without a command; what excludes each other in one bracket."""
    groups = [group._group_actions for group in parser._mutually_exclusive_groups]  # noqa: SLF001
    grouped = [action for group in groups for action in group]
    for action in _actions(parser):
        if action not in grouped and not _is_commands(action):
            yield _usage(action)
    for group in groups:
        yield f"[{' | '.join(_usage(action)[1:-1] for action in group)}]"


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Describe each command, with the options that are its own."""
    said = _command_summaries(parser)
    for name, command in _subparsers(parser).items():
        yield f".SS {_plain(name)}"
        yield _plain(_sentence(said[name]))
        own = _own(parser, command)
        yield from _tagged((_name(action), _help(action)) for action in own if action.help)


def _own(
    parser: argparse.ArgumentParser, command: argparse.ArgumentParser
) -> list[argparse.Action]:
    """Return what a command takes that is not said for all of them."""
    everywhere = {option for action in _actions(parser) for option in action.option_strings}
    return [a for a in _actions(command) if everywhere.isdisjoint(a.option_strings)]


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in _actions(parser):
        if action.option_strings:
            yield _name(action), _help(action)


def _examples() -> Iterator[str]:
    for command, said in EXAMPLES:
        yield f".PP\n{_plain(said)}\n.PP\n.in +4n\n.EX\n{_plain(command)}\n.EE\n.in"


def _where() -> Iterator[str]:
    """Say where faults are reported and more is to be read, where that is known."""
    if identity.ISSUES:
        yield f".SH REPORTING BUGS\n{_plain(identity.ISSUES)}"
    yield ".SH SEE ALSO"
    places = [identity.HOMEPAGE] if identity.HOMEPAGE else []
    yield _plain(", ".join((*places, "/usr/share/doc/notesearch")))


# The parser ---------------------------------------------------------------------------------------


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a parser takes. There is no public way to ask."""
    return [a for a in parser._actions if a.help is not argparse.SUPPRESS]  # noqa: SLF001


def _is_commands(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)  # noqa: SLF001


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return next(dict(a.choices) for a in _actions(parser) if isinstance(a.choices, dict))


def _command_summaries(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return what each command is said to do."""
    action = next(a for a in _actions(parser) if _is_commands(a))
    return {each.dest: each.help or "" for each in action._get_subactions()}  # noqa: SLF001


def _value(action: argparse.Action) -> str:
    """Return what stands for the value of an action; '' where it takes none."""
    if action.nargs == 0:
        return ""
    if action.choices:
        return "|".join(_bold(str(choice)) for choice in action.choices)
    value = _italic(str(action.metavar or action.dest))
    return (
        f"[{value} ...]" if action.nargs == "*" else f"[{value}]" if action.nargs == "?" else value
    )


def _name(action: argparse.Action) -> str:
    names = ", ".join(_bold(option) for option in action.option_strings)
    return f"{names} {_value(action)}".strip()


def _usage(action: argparse.Action) -> str:
    """Return an action as the synopsis has it, in one word."""
    said = f"{_bold(action.option_strings[-1])} {_value(action)}" if action.option_strings else ""
    said = said.strip() or _value(action)
    optional = action.option_strings and not action.required
    return (f"[{said}]" if optional else said).replace(" ", r"\ ")


def _help(action: argparse.Action) -> str:
    return _sentence((action.help or "") % {"prog": "notesearch", "default": action.default})


def _sentence(said: str) -> str:
    said = said.strip()
    return said and f"{said[0].upper()}{said[1:]}{'' if said.endswith('.') else '.'}"


# The form of man(7) -------------------------------------------------------------------------------


def _tagged(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return paragraphs, each below what it is about."""
    for tag, said in entries:
        yield f".TP\n{tag}\n{_plain(said)}".rstrip()


def _bold(text: str) -> str:
    return rf"\fB{_plain(text)}\fR"


def _italic(text: str) -> str:
    return rf"\fI{_plain(text)}\fR"


def _plain(text: str) -> str:
    """Return text as it is to be read: nothing in it is a request, and a minus can be copied."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("~", r"\(ti")
    text = re.sub(r"[^\x00-\x7f]", lambda found: rf"\[u{ord(found[0]):04X}]", text)
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def main(arguments: list[str]) -> None:
    """Print the manual page."""
    version = arguments[0] if arguments else __version__
    print(page(version, source_date()), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
