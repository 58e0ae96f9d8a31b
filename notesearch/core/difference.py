"""How the disk differs from the library."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from notesearch.core.ignore import EVERYTHING, Rules, walk, walk_at
from notesearch.core.library import ChosenFolder, Found, Library, Stored
from notesearch.core.notes import Problem

GONE = "the folder is not there; its notes are kept"
EMPTY = "the folder is empty and not on the disk it was on; its notes are kept"


@dataclass(frozen=True, slots=True)
class Difference:
    """What there is to do."""

    outdated: tuple[Found, ...]
    """New and changed notes, oldest first."""
    gone: tuple[str, ...]
    new: frozenset[str]
    """Paths of the outdated that are not in the library."""
    stale: int
    """Of the outdated and the gone, those that were read before or can be now, as far as known."""
    problems: tuple[Problem, ...]
    """What could not be looked into; what is known of it is kept."""
    folders: Mapping[str, ChosenFolder]
    """The chosen folders as they are now."""


def compare(
    library: Library, folders: Sequence[Path], rules: Rules = EVERYTHING,
    at: Sequence[str] | None = None,
) -> Difference:  # fmt: skip
    """Compare folders that are not nested with the library. Reads no note.

    at: only these paths and what is below them.
    """
    chosen, problems = _look_for(library, folders)
    there = [folder for folder in folders if chosen[str(folder)].there]
    seen = list(_walk(there, rules, at))
    found = {one.path: one for one in seen if isinstance(one, Found)}
    problems += [one for one in seen if isinstance(one, Problem)]
    stored = library.stored(at)
    # What cannot be looked at is not known to be gone.
    closed = tuple(problem.path + os.sep for problem in problems)
    shut = {problem.path for problem in problems}
    missing = stored.keys() - found.keys() - shut
    gone = {path for path in missing if not path.startswith(closed)}
    outdated = [one for one in found.values() if _differs(one, stored.get(one.path))]
    unreadable = {path for path, one in stored.items() if not one.hash}
    return Difference(
        outdated=tuple(sorted(outdated, key=lambda one: one.signature.mtime_ns)),
        gone=tuple(sorted(gone)),
        new=frozenset(one.path for one in outdated if one.path not in stored),
        stale=sum(one.path not in unreadable for one in outdated) + len(gone),
        problems=tuple(problems),
        folders=chosen,
    )


def _walk(
    folders: Sequence[Path], rules: Rules, at: Sequence[str] | None
) -> Iterator[Found | Problem]:
    for folder in folders:
        if at is None:
            yield from walk(folder, rules)
            continue
        for path in at:
            if Path(path).is_relative_to(folder):
                yield from walk_at(path, folder, rules)


def _look_for(
    library: Library, folders: Sequence[Path]
) -> tuple[dict[str, ChosenFolder], list[Problem]]:
    """Look which folders are there. One that is not is unavailable, which is not empty."""
    known = library.chosen()
    chosen, problems = {}, []
    for folder in folders:
        before = known.get(str(folder))
        device = _device(folder)
        if device is None:
            problems.append(Problem(str(folder), GONE))
        elif before is not None and before.device not in {0, device} and _is_empty(folder):
            problems.append(Problem(str(folder), EMPTY))
        else:
            chosen[str(folder)] = ChosenFolder(there=True, device=device)
            continue
        chosen[str(folder)] = ChosenFolder(there=False, device=before.device if before else 0)
    return chosen, problems


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev if folder.is_dir() else None
    except OSError:
        return None


def _is_empty(folder: Path) -> bool:
    try:
        return next(folder.iterdir(), None) is None
    except OSError:
        return False


def _differs(found: Found, stored: Stored | None) -> bool:
    return stored is None or stored.signature != found.signature or stored.folder != found.folder
