"""Removing what the program keeps for a user, and nothing else: no note, and no file of others.

A folder that the user named may hold anything besides, notes too. So files are removed by the names
that the program gives them, and folders only when they are empty.
"""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import filelock

from notesearch import autostart, desktop_entry
from notesearch.autostart import AutostartError
from notesearch.core.database import DAMAGED, DATABASE, INDEX, NEW
from notesearch.core.vectors import UNFINISHED
from notesearch.errands import ErrandError
from notesearch.paths import UserPaths
from notesearch.translation import tr, trn

MEGABYTE = 1_000_000
PATIENCE_SECONDS = 1.0
"""Whoever only looks whether a lock is held has it for a moment."""
_ENDINGS = ("", "-wal", "-shm", "-journal")
_LIBRARY = (
    *(f"{name}{ending}" for name in (DATABASE, NEW) for ending in _ENDINGS),
    INDEX, Path(INDEX).with_suffix(UNFINISHED).name, DAMAGED,
)  # fmt: skip
_YES = {"y", "yes"}


class _Removal:
    """Removes one thing after the other, and remembers what is left and why, for the user."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.left: list[str] = []
        """What was not the program's to remove."""
        self._stays: set[Path] = set()
        """What is said already, so that the folders around it need not be."""

    def file(self, path: Path) -> None:
        """Remove a file; of a link, the link."""
        try:
            target = path.resolve() if path.is_symlink() else None
            path.unlink(missing_ok=True)
        except OSError as error:
            self._fail(path, error)
            return
        if target is not None and target.exists():
            said = tr("{path} was a link; what it led to is left: {target}")
            self.failed.append(said.format(path=path, target=target))

    def folder(self, path: Path) -> None:
        """Remove a folder if it is empty."""
        try:
            found = set(path.iterdir())
            if not found and not path.is_symlink():
                path.rmdir()
                return
        except FileNotFoundError:
            return
        except OSError as error:
            self._fail(path, error)
            return
        others = len(found - self._stays)
        if others:
            self.left.append(trn(
                "{path} stays: {count} thing in it is not notesearch's",
                "{path} stays: {count} things in it are not notesearch's", others, path=path,
            ))  # fmt: skip
        elif not found:
            self.left.append(tr("{path} stays: it is a link").format(path=path))
        self._stays.add(path)

    def _fail(self, path: Path, error: OSError) -> None:
        told = tr("{path} cannot be removed: {reason}")
        self.failed.append(told.format(path=path, reason=error.strerror or error))
        self._stays.add(path)


def ask_and_remove(user: UserPaths, *, asked: bool) -> bool:
    """Remove everything that is kept for a user, after asking; say whether all of it is gone.

    Raises ErrandError where a notesearch is at work, or nobody can be asked.
    """
    removal = _Removal()
    with ExitStack() as locks:
        _shut_out(user, locks)
        files, outside = list(_files(user)), list(_outside(user))
        folders = list(_folders(user)) if files or not user.named else []
        if not (files or outside or any(map(Path.is_dir, folders))):
            _say(tr("there is nothing to remove"))
            return True
        _list(user, files, outside)
        if asked and not _confirmed():
            _say(tr("nothing was removed"))
            return False
        for file in (one for one in files if one not in _locks(user)):
            removal.file(file)
    # Windows removes no file that is held.
    for file in _locks(user) if files else ():
        removal.file(file)
    _remove_outside(user, removal)
    for folder in folders:
        removal.folder(folder)
    for said in (*removal.left, *removal.failed):
        _say(said)
    return not removal.failed


# What there is --------------------------------------------------------------------------------


def _files(user: UserPaths) -> Iterator[Path]:
    """Yield all files that the program makes and that are there; links as they are."""
    used = any(_is_there(one) for one in (*_locks(user), user.checked_models, user.libraries))
    if user.named and not used:
        # It was never the program's: what is called like a file of it is something else.
        return
    named = (
        user.settings, user.settings.with_suffix(".new"), user.settings.with_suffix(".broken.json"),
        user.window, user.history, user.history.with_suffix(".new"), user.checked_models,
    )  # fmt: skip
    yield from filter(_is_there, (*named, *_locks(user)))
    log = re.compile(re.escape(user.log_file.name) + r"(\.\d+)?")
    yield from (one for one in _inside(user.log) if log.fullmatch(one.name))
    if user.libraries.is_symlink():
        yield user.libraries
        return
    for library in _inside(user.libraries):
        if library.is_symlink():
            yield library
        else:
            yield from (library / name for name in _LIBRARY if _is_there(library / name))


def _locks(user: UserPaths) -> tuple[Path, ...]:
    return user.instance_lock, user.data / "starting.lock", user.lock


def _folders(user: UserPaths) -> Iterator[Path]:
    """Yield the folders that the program makes, those inside of others first."""
    if not user.libraries.is_symlink():
        yield from (one for one in _inside(user.libraries) if one.is_dir())
        yield user.libraries
    yield from dict.fromkeys((user.log, user.config, user.data))
    if not user.named and user.log.parent.name == user.data.name:
        # Of logs alone, on some systems.
        yield user.log.parent


def _outside(user: UserPaths) -> Iterator[tuple[str, str]]:
    """Yield what is kept in folders of the system: what it is, and where."""
    if _starts_with_login(user):
        yield tr("start at login"), autostart.mechanism().place
    if not user.named:
        # Others may use the program with a folder of theirs.
        for file in desktop_entry.installed():
            yield tr("menu"), str(file)


def _starts_with_login(user: UserPaths) -> bool:
    """Say whether the program is started with the session, and with the same folder."""
    where = autostart.mechanism()
    try:
        found = where.read()
    except (OSError, ValueError):
        found = None
    if found is None:
        # Switched off by the desktop, or of no sense: nobody else's file has this name.
        path = getattr(where, "path", None)
        return not user.named and path is not None and _is_there(path)
    if user.named:
        return where.written(autostart.command(user, autostart.OPTION)[-3:]) in found
    return "--data-dir" not in found


def _remove_outside(user: UserPaths, removal: _Removal) -> None:
    try:
        if _starts_with_login(user):
            autostart.disable(user)
        if not user.named and desktop_entry.installed():
            desktop_entry.remove()
    except (AutostartError, ErrandError) as error:
        removal.failed.append(str(error))
    if sys.platform == "win32":
        return
    from notesearch.local_socket import places  # noqa: PLC0415  # not there on Windows

    for place in places(user.data):
        # What is left of one that was killed; the folder is of those for other data as well.
        with suppress(OSError):
            if place.is_socket():
                place.unlink()
            place.parent.rmdir()


def _inside(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where it is not there, or may not be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


# Before it ------------------------------------------------------------------------------------


def _shut_out(user: UserPaths, locks: ExitStack) -> None:
    """Take all locks that there are, so that nothing is written meanwhile. Raises ErrandError."""
    running = tr("notesearch is running; end it first: notesearch --quit")
    writing = tr("another notesearch is bringing the library up to date; wait until it is done, "
                 "or end it")  # fmt: skip
    for path, said in zip(_locks(user), (running, running, writing), strict=True):
        if not path.is_file():
            # Taking a lock would make its file.
            continue
        lock = filelock.FileLock(path, mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=PATIENCE_SECONDS)
        except filelock.Timeout as error:
            raise ErrandError(said) from error
        except OSError:
            # Whoever may not write the file could not hold it; what comes of that is said later.
            continue
        locks.callback(lock.release)


def _list(user: UserPaths, files: Sequence[Path], outside: Sequence[tuple[str, str]]) -> None:
    """Say what is removed."""
    _say(tr("This is removed; your notes are not:"))
    # The innermost first: on some systems the log is inside of the data.
    folders = sorted({user.data, user.config, user.log}, key=lambda one: -len(one.parts))
    sizes: dict[Path, list[int]] = {}
    for file in files:
        folder = next(one for one in folders if file.is_relative_to(one))
        sizes.setdefault(folder, []).append(file.lstat().st_size)
    for folder, many in sizes.items():
        said = trn("{folder}: {count} file, {size}", "{folder}: {count} files, {size}", len(many),
                   folder=folder, size=_size_text(sum(many)))  # fmt: skip
        _say(f"  {said}")
    for what, place in outside:
        said = tr("{what}: {place}").format(what=what, place=place)
        _say(f"  {said}")


def _size_text(size: int) -> str:
    large = size >= MEGABYTE
    return f"{size / MEGABYTE:,.1f} MB" if large else f"{max(1, round(size / 1_000))} KB"


def _confirmed() -> bool:
    """Ask on the terminal. Raises ErrandError where there is none."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ErrandError(
            tr("nobody can be asked here; to remove it without a question, add --yes")
        )
    try:
        answer = input(tr("Remove it? [y/N] "))
    except EOFError:
        return False
    return answer.strip().casefold() in _YES | {tr("y"), tr("yes")}


def _say(text: str) -> None:
    # Without a console, as on Windows, there is nowhere to say it.
    if sys.stdout is not None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
