"""Removing what the program keeps for a user, and nothing else: no note, and no file of others.

A folder that the user named may hold anything besides, notes too: own_files.py says what in it is
the program's. Folders are removed only when they are empty.
"""

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import filelock

from notesearch import autostart, desktop_entry, own_files
from notesearch.autostart import AutostartError
from notesearch.errands import ErrandError, say
from notesearch.paths import UserPaths
from notesearch.translation import tr, trn

MEGABYTE = 1_000_000
PATIENCE_SECONDS = 1.0
"""Whoever only looks whether a lock is held has it for a moment."""
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
            self.left.append(said.format(path=path, target=target))

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
    used = own_files.used(user)
    locks = own_files.locks(user) if used and user.data.is_dir() else ()
    with _alone(user, locks, removal) as unwanted:
        files, outside = list(own_files.files(user)) if used else [], list(_outside(user))
        if not (files or outside):
            say(tr("there is nothing to remove"))
        else:
            if asked:
                _see_that_one_can_be_asked()
            _list(user, files, outside, asked=asked)
            if asked and not _confirmed():
                say(tr("nothing was removed"))
                return False
        for file in files:
            removal.file(file)
        _remove_outside(user, removal, used=used)
        unwanted.update(locks)
    for folder in list(own_files.folders(user)) if used else []:
        removal.folder(folder)
    for said in (*removal.left, *removal.failed):
        say(said)
    return not removal.failed


@contextmanager
def _alone(user: UserPaths, locks: Sequence[Path], removal: _Removal) -> Iterator[set[Path]]:
    """Hold all locks of a user, so that nothing is written meanwhile. Raises ErrandError.

    Yields the lock files that are removed at the end: at first those that were made for this.
    """
    unwanted: set[Path] = set()
    with ExitStack() as held:
        for path in locks:
            lock = filelock.FileLock(path, mode=0o600, thread_local=False)
            made = not os.path.lexists(path)
            try:
                lock.acquire(timeout=PATIENCE_SECONDS)
            except filelock.Timeout as error:
                raise ErrandError(_who_holds(path, user)) from error
            except OSError:
                # Whoever may not write the file could not hold it; what comes of that is said
                # later.
                made = False
            if made:
                unwanted.add(path)
            held.callback(_let_go, lock, path, unwanted, removal)
        yield unwanted


def _who_holds(lock: Path, user: UserPaths) -> str:
    if lock.name == "writer.lock":
        return tr("another notesearch is bringing the library up to date; wait until it is done, "
                  "or end it")  # fmt: skip
    command = ["notesearch", *(("--data-dir", str(user.data)) if user.named else ()), "--quit"]
    said = tr("notesearch is running; end it first: {command}")
    return said.format(command=shlex.join(command))


def _let_go(
    lock: filelock.BaseFileLock, path: Path, unwanted: set[Path], removal: _Removal
) -> None:
    """Release a lock and remove its file, where it is unwanted."""
    if sys.platform == "win32":
        # It removes no file that is held; elsewhere the file could be another's by then.
        lock.release()
    if path in unwanted:
        removal.file(path)
    lock.release()


# In folders of the system ---------------------------------------------------------------------


def _outside(user: UserPaths) -> Iterator[tuple[str, str]]:
    """Yield what is kept in folders of the system: what it is, and where."""
    if _starts_with_login(user):
        yield tr("start at login"), autostart.mechanism().place
    if not user.named:
        # Others may use the program with a folder of theirs.
        for file in desktop_entry.installed():
            yield tr("menu"), str(file)


def _starts_with_login(user: UserPaths) -> bool:
    """Say whether the program is started with the session, and with the same folder.

    Also where the desktop has switched that off: it is a trace all the same.
    """
    where = autostart.mechanism()
    try:
        found = where.kept()
    except OSError:
        found = None
    if found is None:
        return False
    if user.named:
        return where.written(autostart.command(user, autostart.OPTION)[-3:]) in found
    # What makes no sense has a name that nobody else gives.
    return "--data-dir" not in found


def _remove_outside(user: UserPaths, removal: _Removal, *, used: bool) -> None:
    try:
        if _starts_with_login(user):
            autostart.disable(user)
        if not user.named and desktop_entry.installed():
            desktop_entry.remove()
    except (AutostartError, ErrandError) as error:
        removal.failed.append(str(error))
    if sys.platform == "win32" or not used:
        return
    from notesearch.local_socket import places  # noqa: PLC0415  # not there on Windows

    for place in places(user.data):
        # What is left of one that was killed; the folder is of those for other data as well.
        with suppress(OSError):
            if place.is_socket():
                place.unlink()
            place.parent.rmdir()


# The question ---------------------------------------------------------------------------------


def _list(
    user: UserPaths, files: Sequence[Path], outside: Sequence[tuple[str, str]], *, asked: bool
) -> None:
    """Say what is removed; asked: or would be."""
    say(
        tr("This would be removed; your notes are not touched:") if asked
        else tr("This is removed; your notes are not touched:")
    )  # fmt: skip
    # The innermost first: on some systems the log is inside of the data.
    folders = sorted({user.data, user.config, user.log}, key=lambda one: -len(one.parts))
    sizes: dict[Path, list[int]] = {}
    for file in files:
        folder = next(one for one in folders if file.is_relative_to(one))
        sizes.setdefault(folder, []).append(file.lstat().st_size)
    for folder, many in sizes.items():
        said = trn("{folder}: {count} file, {size}", "{folder}: {count} files, {size}", len(many),
                   folder=folder, size=_size_text(sum(many)))  # fmt: skip
        say(f"  {said}")
    for what, place in outside:
        said = tr("{what}: {place}").format(what=what, place=place)
        say(f"  {said}")


def _size_text(size: int) -> str:
    large = size >= MEGABYTE
    return f"{size / MEGABYTE:,.1f} MB" if large else f"{max(1, round(size / 1_000))} KB"


def _see_that_one_can_be_asked() -> None:
    """Raise ErrandError where there is no terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ErrandError(
            tr("nobody can be asked here; to remove everything without a question, add --yes")
        )


def _confirmed() -> bool:
    try:
        answer = input(tr("Remove it? [y/N] "))
    except EOFError:
        return False
    return answer.strip().casefold() in _YES | {tr("y"), tr("yes")}
