"""The command line. Never imports Qt, except to open the window."""

import argparse
import codecs
import contextlib
import io
import itertools
import json
import logging
import os
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from notesearch import __version__, answers, doctor, errands, measure, paths, remote, settings
from notesearch.core import evaluation, ignore, query
from notesearch.core.access import BusyError, Reader, Writer, library_folder, load_encoder
from notesearch.core.database import DamagedError, LibraryError
from notesearch.core.embedder import Encoder, ModelError
from notesearch.core.library import Library
from notesearch.core.notes import Mode, Progress, Results, Standing, State
from notesearch.core.patterns import Rules
from notesearch.core.searcher import Searcher
from notesearch.instance import InstanceError
from notesearch.qt_import import import_qt
from notesearch.translation import tr, trn

FOUND, NOTHING, USAGE, FAILURE = 0, 1, 2, 3
INTERRUPTED = 130

PROGRESS_SECONDS = 0.2
PLAIN_PROGRESS_SECONDS = 10.0
BAR = 28
MAX_COUNT = 10_000
HAND_OVER_SECONDS = 8.0
MINUTE, HOUR = 60, 3600

Answer = int
"""An exit code."""


class CommandError(Exception):
    """A command that cannot be carried out; says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. Only the answer goes to standard output."""
    _write_all_signs()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command and _flagged(options):
        parser.error(tr("flags such as --toggle and --self-test are given without a command"))
    if options.yes and options.errand != "remove-data":
        parser.error(tr("--yes is for --remove-data alone"))
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="notesearch: %(message)s", force=True
    )
    try:
        return int(options.run(options, paths.user_paths(options.data_dir)))
    except KeyboardInterrupt:
        said = tr("stopped; what was read is kept, and the next run goes on from there")
        print(f"\nnotesearch: {said}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has had enough; Python must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001  # exit code 1, Python's own, would say "no close match"
        print(f"notesearch: {_explain(error)}", file=sys.stderr)
    return FAILURE


def _write_all_signs() -> None:
    """Have signs written as escapes where an output cannot have them: a name is no reason to fail.

    A pipe of Windows has the letters of one region only, and a path may be no valid text at all.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _flagged(options: argparse.Namespace) -> bool:
    """Say whether something is asked for that stands instead of a command."""
    return bool(options.word or options.background or options.errand or options.screenshot)


_EXPLAINED = (
    CommandError, ModelError, LibraryError, BusyError, settings.SettingsError,
    evaluation.EvaluationError, InstanceError, remote.RemoteError,
    errands.ErrandError,
)  # fmt: skip


def _explain(error: Exception) -> str:
    """Say what went wrong in words; what nobody expected with its traceback."""
    if isinstance(error, _EXPLAINED):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    if isinstance(error, sqlite3.Error):
        return tr("the library cannot be used ({error}); run: notesearch doctor").format(
            error=error
        )
    if isinstance(error, UnicodeError):
        return tr("not valid UTF-8: {error}").format(error=error)
    return "".join(traceback.format_exception(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "notesearch",
        description=tr("Search folders of Markdown notes by meaning and by words."),
        epilog=tr("Exit codes: 0 found or done, 1 no close match, 2 wrong usage, 3 failure."),
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"notesearch {__version__}")
    _add_data_dir(parser, None)
    _add_flags(parser)
    parser.set_defaults(run=_open, folders=[])
    commands = parser.add_subparsers(title=tr("commands"), metavar=tr("COMMAND"), dest="command")

    command = commands.add_parser("open", help=tr("open the window (also without a command)"))
    command.add_argument(
        "folders", nargs="*", metavar=tr("FOLDER"), help=tr("searched from now on")
    )
    command.set_defaults(run=_open)

    command = commands.add_parser("index", help=tr("read folders of notes and remember them"))
    command.add_argument(
        "folders", nargs="*", metavar=tr("FOLDER"), help=tr("default: the known ones")
    )
    command.set_defaults(run=_index)

    command = commands.add_parser("search", help=tr("search the notes that were read"))
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = _syntax()
    command.add_argument(
        "query",
        nargs="*",
        metavar=tr("QUERY"),
        help=tr("what to look for, see below (put -- before a query that begins with a minus)"),
    )
    command.add_argument(
        "--stdin",
        action="store_true",
        help=tr("answer each line of standard input with a line of JSON"),
    )
    _add_count(command, tr("at most N hits, and N weak ones (10)"))
    _add_by(command)
    _add_floor(command)
    _add_json(command)
    command.set_defaults(run=_search, usage_error=command.error)

    command = commands.add_parser("explain", help=tr("say why a note is in an answer, or why not"))
    command.add_argument("query", metavar=tr("QUERY"))
    command.add_argument(
        "--note", required=True, metavar=tr("NOTE"), help=tr("a path, a title or a part")
    )
    _add_count(command, tr("how many notes the answer was to have (10)"))
    _add_floor(command)
    _add_json(command)
    command.set_defaults(run=_explain_note)

    command = commands.add_parser("related", help=tr("list the notes near one in meaning"))
    command.add_argument("note", metavar=tr("NOTE"), help=tr("a path, a title or a part of one"))
    _add_count(command, tr("at most N notes (10)"))
    _add_json(command)
    command.set_defaults(run=_related)

    command = commands.add_parser("status", help=tr("say what is in the library"))
    _add_json(command)
    command.set_defaults(run=_status)

    command = commands.add_parser("doctor", help=tr("check the program, its model and its library"))
    command.add_argument(
        "--repair", action="store_true",
        help=tr("mend the library first, by reading what is damaged from the notes again"),
    )  # fmt: skip
    _add_json(command)
    command.set_defaults(run=_doctor)

    command = commands.add_parser("evaluate", help=tr("measure the ranking, or the model"))
    command.add_argument("folder", nargs="?", metavar=tr("FOLDER"), type=Path)
    command.add_argument("--queries", type=Path, metavar="F.jsonl",
                         help=tr('a JSON object with "_id" and "text" on each line'))  # fmt: skip
    command.add_argument("--qrels", type=Path, metavar="F.tsv",
                         help=tr("query id, path and score, separated by tabs"))  # fmt: skip
    command.add_argument("--sts", type=Path, metavar="F.tsv",
                         help=tr("two sentences and a score, separated by tabs: how well the model "
                                 "agrees with people, instead of the ranking"))  # fmt: skip
    _add_by(command)
    _add_json(command)
    command.set_defaults(run=_evaluate, usage_error=command.error)
    for command in commands.choices.values():
        # Also behind the command, without undoing what was said before it.
        _add_data_dir(command, argparse.SUPPRESS)
    return parser


def _add_data_dir(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--data-dir",
        metavar=tr("DIR"),
        default=default,
        help=tr(
            "keep everything (library, settings, logs) in DIR; the variable {name} does the same"
        ).format(name=paths.DATA_DIR_VARIABLE),
    )


def _add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what is given instead of a command."""
    group = parser.add_mutually_exclusive_group()
    remote.add_words(group.add_argument)
    group.add_argument(
        "--background",
        action="store_true",
        help=tr("start without a window: as the system does when the user logs in"),
    )
    errands.add_flags(group.add_argument)
    parser.add_argument("--yes", action="store_true", help=tr("--remove-data does not ask"))


def _add_by(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--by",
        choices=[str(mode) for mode in Mode],
        default=str(Mode.BOTH),
        help=tr("which half answers (both)"),
    )


def _add_floor(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--floor",
        choices=settings.FLOORS,
        help=tr("how close a note must be to be a match (as in the settings)"),
    )


def _add_count(command: argparse.ArgumentParser, said: str) -> None:
    command.add_argument("-n", type=_count, default=10, metavar="N", help=said)


def _syntax() -> str:
    """Explain the query language as the help of a command does."""
    lines = (f"  {tr(example):18} {tr(meaning)}" for example, meaning in query.SYNTAX)
    return "\n".join((tr("what can be typed:"), *lines))


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=tr("answer in JSON"))


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= MAX_COUNT:
        raise argparse.ArgumentTypeError(tr("must be 1 to 10000"))
    return number


# Commands ---------------------------------------------------------------------------------


def _open(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    if options.word:
        remote.carry_out(options.word, user)
        return FOUND
    done = errands.carry_out(options, user)
    if done is not None:
        return done
    trouble = ""
    try:
        _remember(options.folders, user)
    except settings.SettingsError as error:
        # Started from a menu, the window alone can say it.
        trouble = tr("{error}; no folder is added").format(error=error)
        print(f"notesearch: {trouble}", file=sys.stderr)
    if not options.background and remote.shown(user):
        return FAILURE if trouble else FOUND
    import_qt()
    from notesearch import app  # noqa: PLC0415  # Qt: only here

    return app.run(user, background=options.background, trouble=trouble)


def _index(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    chosen = _remember(options.folders, user)
    if not chosen.folders:
        raise CommandError(tr("no folder is known yet; name one: notesearch index FOLDER"))
    encoder = load_encoder(paths.MODEL, user)
    try:
        opened = Writer(user, encoder, chosen.paths, threads=_all_cores())
    except BusyError:
        return _hand_over(user, encoder, chosen)
    with opened as writer:
        if writer.library.mended:
            print(f"notesearch: {writer.library.mended}", file=sys.stderr)
        writer.indexer.use(chosen.paths, chosen.ignored)
        _bring_up_to_date(writer)
        progress = writer.indexer.progress()
        for problem in writer.indexer.problems():
            print(f"{problem.path}: {problem.reason}", file=sys.stderr)
    print(
        trn("{count} note", "{count} notes", progress.notes),
        trn("{count} passage", "{count} passages", progress.passages),
        trn("{count} problem", "{count} problems", progress.problems),
        sep=", ",
    )
    return FOUND


def _hand_over(user: paths.UserPaths, encoder: Encoder, chosen: settings.Settings) -> Answer:
    """Wait until the notesearch that is running has taken up the folders. Raises CommandError."""
    wanted = {str(folder) for folder in ignore.outermost(chosen.paths)}
    until = time.monotonic() + HAND_OVER_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError, LibraryError):
            library = Library(library_folder(user, encoder), encoder.identity, writable=False)
            taken = library.meta("live") == 1 and wanted <= library.chosen().keys()
            library.close()
            if taken:
                print(tr("the notesearch that is running keeps these folders up to date"))
                return FOUND
        time.sleep(HAND_OVER_SECONDS / 50)
    raise CommandError(
        tr("another notesearch is bringing the library up to date and has not taken "
           "up the folders; they are read when it is done and the window or this "
           "command runs again")
    )  # fmt: skip


def _search(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    if bool(options.query) == options.stdin:
        options.usage_error(tr("give either a QUERY or --stdin"))
    reader = _reader(user, options.floor)
    try:
        if options.stdin:
            found = False
            for line in sys.stdin:
                results = _ask(reader.searcher, line.rstrip("\r\n"), options)
                found = found or bool(results.hits)
                print(_json(answers.results_json(results)), flush=True)
            return FOUND if found else NOTHING
        results = _ask(reader.searcher, " ".join(options.query), options)
    finally:
        reader.close()
    _show(options, answers.results_json(results), answers.results_lines(results))
    return FOUND if results.hits else NOTHING


def _explain_note(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    chosen, reader = settings.load(user.settings), _reader(user, options.floor)
    asked = query.parse(options.query)
    try:
        where = reader.explainer.find_out(
            asked, options.note, options.n, chosen.paths, Rules(chosen.ignored)
        )
        why = where.hit and reader.explainer.explain(asked, where.hit, options.n)
    finally:
        reader.close()
    values = answers.whereabouts_json(where)
    values["explanation"] = answers.explanation_json(why) if why else None
    told = answers.explanation_lines(why) if why else iter(())
    _show(options, values, itertools.chain(answers.whereabouts_lines(where), told))
    return FOUND if where.standing is Standing.SHOWN else NOTHING


def _related(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    chosen, reader = settings.load(user.settings), _reader(user)
    try:
        nothing = query.parse("")
        where = reader.explainer.find_out(
            nothing, options.note, options.n, chosen.paths, Rules(chosen.ignored)
        )
        if where.file is None or where.standing is not Standing.SHOWN:
            raise CommandError(where.reason)
        related = reader.explainer.related(where.file, options.n)
    finally:
        reader.close()
    _show(options, answers.related_json(related), answers.related_lines(related))
    return FOUND if related.neighbours else NOTHING


def _status(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    encoder = load_encoder(paths.MODEL, user)
    status = doctor.status(user, encoder, settings.load(user.settings))
    if options.json:
        print(_json(status, indent=2))
        return FOUND
    print(doctor.status_text(status))
    return FOUND


def _doctor(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    if options.repair:
        _repair(user)
    report = doctor.examine(paths.MODEL, user)
    if options.json:
        print(_json(report, indent=2))
    else:
        print(doctor.report_text(report))
    return FOUND if report["ok"] else FAILURE


def _repair(user: paths.UserPaths) -> None:
    """Mend the library and bring it up to date. Raises CommandError."""
    chosen, encoder = settings.load(user.settings), load_encoder(paths.MODEL, user)
    for _ in range(2):
        # What cannot be mended is condemned at the first try and made anew at the second.
        try:
            with Writer(user, encoder, chosen.paths, threads=_all_cores()) as writer:
                for what in doctor.repair(writer):
                    print(tr("mended: {what}").format(what=what), file=sys.stderr)
                if chosen.folders:
                    writer.indexer.use(chosen.paths, chosen.ignored)
                    _bring_up_to_date(writer)
                else:
                    # Nothing is forgotten because a file of settings was lost.
                    print(tr("no folder is known: nothing is read again; name one: "
                             "notesearch index FOLDER"), file=sys.stderr)  # fmt: skip
            return
        except BusyError as error:
            said = tr("{error}; end it first. The window looks for damage itself, "
                      "once a day, and mends what it finds")  # fmt: skip
            raise CommandError(said.format(error=error)) from error
        except DamagedError as error:
            print(tr("made anew: {error}").format(error=error), file=sys.stderr)


def _evaluate(options: argparse.Namespace, user: paths.UserPaths) -> Answer:
    files = (options.folder, options.queries, options.qrels)
    if not all(file is None if options.sts else file is not None for file in files):
        options.usage_error(tr("give either FOLDER, --queries and --qrels, or --sts alone"))
    encoder = load_encoder(paths.MODEL, user)
    if options.sts:
        values = measure.similarity(options.sts, encoder)
    else:
        judged = measure.JudgedFolder(*files)
        index = partial(_up_to_date, encoder)
        values = measure.ranking(judged, Mode(options.by), user, encoder, index)
    print(_json(values, indent=2) if options.json else measure.text(values))
    return FOUND


# What they share --------------------------------------------------------------------------


def _remember(folders: Sequence[str], user: paths.UserPaths) -> settings.Settings:
    """Add folders to the settings. Raises CommandError for what is not a folder."""
    chosen = settings.load(user.settings)
    for folder in folders:
        if not Path(folder).is_dir():
            raise CommandError(tr("{folder} is not a folder").format(folder=folder))
    added = chosen.with_folders(*(Path(folder) for folder in folders))
    if added != chosen:
        settings.save(user.settings, added)
    return added


def _reader(user: paths.UserPaths, floor: str | None = None) -> Reader:
    try:
        reader = Reader(user, load_encoder(paths.MODEL, user))
    except FileNotFoundError as error:
        said = tr("nothing has been read yet; run: notesearch index FOLDER")
        raise CommandError(said) from error
    if reader.library.full:
        print(f"notesearch: {reader.library.full}", file=sys.stderr)
    reader.searcher.strictness = floor or settings.load(user.settings).floor
    return reader


def _all_cores() -> int:
    """Return how many texts to embed at once when somebody waits for it."""
    return settings.Settings(threads=0).indexing_threads * 2


def _bring_up_to_date(writer: Writer) -> None:
    """Read and embed everything, showing how far it is."""
    indexer = writer.indexer
    indexer.scan()
    shown = _Bar()
    while indexer.read_some() or indexer.embed_some() or indexer.settle():
        shown.show(indexer.progress)
    shown.finish()


@contextlib.contextmanager
def _up_to_date(encoder: Encoder, user: paths.UserPaths, folder: Path) -> Iterator[Writer]:
    """Open the library of one folder with everything in it read and embedded."""
    with Writer(user, encoder, [folder], threads=_all_cores()) as writer:
        _bring_up_to_date(writer)
        yield writer


class _Bar:
    """Progress on standard error: a bar on a terminal, now and then a line elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._every = PROGRESS_SECONDS if self._terminal else PLAIN_PROGRESS_SECONDS
        self._last = self._started = time.monotonic()
        self._drawn = False

    def show(self, progress: Callable[[], Progress]) -> None:
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        text = _progress_text(progress(), now - self._started)
        if self._terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
            self._drawn = True
        else:
            print(text, file=sys.stderr, flush=True)

    def finish(self) -> None:
        if self._drawn:
            print(file=sys.stderr)


def _progress_text(progress: Progress, elapsed: float) -> str:
    if progress.state is State.READING:
        done, total = progress.notes - progress.unread, progress.notes
        said = tr("{done} of {total} notes read")
        left = elapsed * progress.unread / done if done else None
    else:
        done, total = progress.embedded, progress.passages
        said = tr("{done} of {total} passages understood")
        left = progress.seconds_left
    filled = BAR * done // total if total else BAR
    text = f"[{'#' * filled}{'.' * (BAR - filled)}] "
    parts = [said.format(done=f"{done:,}", total=f"{total:,}")]
    if done and elapsed > 1:
        parts.append(tr("{rate}/s").format(rate=f"{done / elapsed:,.0f}"))
    if left:
        parts.append(tr("about {time} left").format(time=_duration(left)))
    return text + ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return tr("{count} s").format(count=max(1, round(seconds)))
    if seconds < 2 * HOUR:
        return tr("{count} min").format(count=round(seconds / MINUTE))
    return tr("{count} h").format(count=f"{seconds / HOUR:.1f}")


def _show(options: argparse.Namespace, values: object, lines: Iterator[str]) -> None:
    """Print an answer as JSON, or as lines."""
    if options.json:
        print(_json(values, indent=2))
        return
    for line in lines:
        print(answers.printable(line))


def _json(values: object, indent: int | None = None) -> str:
    """Return values as JSON: UTF-8, so that an output with other signs gets ASCII alone."""
    signs = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = codecs.lookup(signs).name != "utf-8"
    return json.dumps(values, ensure_ascii=ascii_only, indent=indent)


def _ask(searcher: Searcher, text: str, options: argparse.Namespace) -> Results:
    return searcher.search(query.parse(text), limit=options.n, mode=Mode(options.by))
