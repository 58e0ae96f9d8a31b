"""How the disk differs from the library."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from notesearch.core.ignore import Directory, Seen, is_reached, walk, walk_at
from notesearch.core.library import ChosenFolder, Found, Library, Stored, below
from notesearch.core.notes import Outdated, Problem, Results
from notesearch.core.patterns import EVERYTHING, Rules
from notesearch.translation import tr

SAME_TIME = 1e-5
"""Seconds; a time stamp loses so much as a floating point number, and no disk is as precise."""
AWAY = tr("the folder is not there, or not on the disk it was on; its notes are kept")


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
    directories: frozenset[str]
    """All folders that were looked into, the chosen ones among them."""
    mounted: frozenset[str]
    """Folders among them that were on another disk than the one they stand in."""


def compare(
    library: Library, folders: Sequence[Path], rules: Rules = EVERYTHING,
    at: Sequence[str] | None = None,
) -> Difference:  # fmt: skip
    """Compare folders that are not nested with the library. Reads no note.

    at: only these paths and what is below them.
    """
    known = library.chosen()
    before = _look_for(folders, known)
    there = [folder for folder in folders if before[str(folder)].there]
    seen = list(_walk(there, rules, at))
    found = {one.path: one for one in seen if isinstance(one, Found)}
    # One that went meanwhile has shown only a part of what is in it.
    chosen = _judge(_look_for(folders, known), before, known, found, whole=at is None)
    problems = [one for one in seen if isinstance(one, Problem)]
    problems += [Problem(path, AWAY) for path, one in chosen.items() if not one.there]
    directories = frozenset(one.path for one in seen if isinstance(one, Directory))
    disks = library.mounted()
    if at is None:
        # One that was chosen itself, and was not there, before the folder around it was.
        disks |= {one for one, last in known.items() if one not in chosen and not last.there}
        held = _held(disks, problems, directories, found)
        disks = _wanted(held, directories, folders, rules) | _mounted(directories - chosen.keys())
    problems += [Problem(path, AWAY) for path in sorted(disks - _mounted(disks))]
    stored = library.stored(at)
    gone = _gone(stored.keys() - found.keys(), problems)
    # A file that is hinted at is read even if nothing tells that it changed: on Windows, and on
    # some disks, an edit that keeps size and time of change leaves no trace.
    hinted = frozenset(at or ())
    outdated = [one for one in found.values()
                if one.path in hinted or _differs(one, stored.get(one.path))]  # fmt: skip
    unreadable = {path for path, one in stored.items() if not one.hash}
    # Those are looked at again only to be sure.
    sure = {one.path for one in outdated if one.path in stored
            and stored[one.path].signature == one.signature}  # fmt: skip
    return Difference(
        outdated=tuple(sorted(outdated, key=lambda one: one.signature.mtime_ns)),
        gone=tuple(sorted(gone)),
        new=frozenset(one.path for one in outdated if one.path not in stored),
        stale=sum(one.path not in unreadable | sure for one in outdated) + len(gone),
        problems=tuple(problems),
        folders=chosen,
        directories=directories,
        mounted=disks,
    )


def _walk(folders: Sequence[Path], rules: Rules, at: Sequence[str] | None) -> Iterator[Seen]:
    for folder in folders:
        if at is None:
            yield from walk(folder, rules)
            continue
        for path in at:
            if Path(path).is_relative_to(folder):
                yield from walk_at(path, folder, rules)


def compare_shown(results: Results) -> Outdated:
    """Find the notes of an answer that have changed, or gone, since they were read."""
    changed, gone = set(), set()
    for hit in (*results.hits, *results.weak):
        try:
            modified = hit.file.stat().st_mtime
        except FileNotFoundError:
            gone |= {hit.file} if hit.available else set()
        except OSError:
            continue
        else:
            if abs(modified - hit.modified) > SAME_TIME:
                changed.add(hit.file)
    return Outdated(results.query.text, frozenset(changed), frozenset(gone))


def is_available(library: Library, path: str, folder: str) -> bool:
    """Say whether a note's disk is there, the one on which its folder was looked through."""
    if any(path.startswith(below(one)) and not _is_mounted(one) for one in library.mounted()):
        return False
    known = library.chosen().get(folder)
    device = _device(Path(folder))
    return device is not None and (known is None or known.device in {0, device})


def _look_for(
    folders: Sequence[Path], known: Mapping[str, ChosenFolder]
) -> dict[str, ChosenFolder]:
    chosen = {}
    for path in map(str, folders):
        device = _device(Path(path))
        last = known[path].device if path in known else 0
        chosen[path] = ChosenFolder(there=device is not None, device=device or last)
    return chosen


def _judge(
    chosen: Mapping[str, ChosenFolder], before: Mapping[str, ChosenFolder],
    known: Mapping[str, ChosenFolder], found: Mapping[str, Found], *, whole: bool,
) -> dict[str, ChosenFolder]:  # fmt: skip
    """Return the chosen folders with those unavailable whose notes must not count as deleted.

    That is one that went or changed while it was looked through, and one that is on another disk
    than before and holds no note, as a place does where a disk is not mounted.
    """
    holding = {one.folder for one in found.values()}
    judged = {}
    for path, one in chosen.items():
        last = known[path].device if path in known else 0
        moved = last not in {0, one.device}
        if one != before[path] or (moved and not (whole and path in holding)):
            judged[path] = ChosenFolder(there=False, device=last)
        else:
            judged[path] = one
    return judged


def _gone(missing: Iterable[str], problems: Sequence[Problem]) -> set[str]:
    """Return the notes that are deleted: what cannot be looked at is not known to be."""
    shut = {problem.path for problem in problems}
    closed = tuple(below(path) for path in shut)
    return {path for path in missing if path not in shut and not path.startswith(closed)}


def _held(
    known: Iterable[str], problems: Sequence[Problem], directories: frozenset[str],
    found: Mapping[str, Found],
) -> set[str]:  # fmt: skip
    """Return where inside of the chosen folders a disk is, or was and no note is now.

    The notes on a disk that was taken away are not deleted. known: where disks were before.
    """
    closed = tuple(below(problem.path) for problem in problems)
    # A place of which the folder that it is in went, or was renamed, is none any more.
    reached = (one for one in known
               if str(Path(one).parent) in directories or one.startswith(closed))  # fmt: skip
    return {
        one for one in reached
        if _is_mounted(one) or not any(path.startswith(below(one)) for path in found)
    }  # fmt: skip


def _wanted(
    disks: Iterable[str], directories: frozenset[str], folders: Sequence[Path], rules: Rules
) -> frozenset[str]:
    """Return those that a walk comes by, or would if they were there: not what is left out."""
    return frozenset(
        one for one in disks
        if one in directories
        or any(is_reached(one, folder, rules) for folder in folders
               if Path(one).is_relative_to(folder))
    )  # fmt: skip


def _mounted(places: Iterable[str]) -> frozenset[str]:
    return frozenset(one for one in places if _is_mounted(one))


def _is_mounted(path: str) -> bool:
    try:
        return Path(path).stat().st_dev != Path(path).parent.stat().st_dev
    except OSError:
        return False


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev if folder.is_dir() else None
    except OSError:
        return None


def _differs(found: Found, stored: Stored | None) -> bool:
    if stored is None or stored.folder != found.folder:
        return True
    # While it is only in the cloud, what was read of it, or that it was not read, stays so.
    changed = stored.signature != found.signature or stored.young or stored.outgrown
    return changed and not found.placeholder
