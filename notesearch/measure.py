"""What `evaluate` measures: the ranking on judged queries, or the model on rated pairs."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notesearch import settings
from notesearch.core import evaluation, query
from notesearch.core.access import Writer, library_folder
from notesearch.core.embedder import Encoder
from notesearch.core.evaluation import EvaluationError
from notesearch.core.notes import Mode
from notesearch.core.searcher import Searcher
from notesearch.paths import UserPaths
from notesearch.translation import tr

Index = Callable[[UserPaths, Path], AbstractContextManager[Writer]]
"""Opens the library there, with a folder of notes brought up to date in it."""


@dataclass(frozen=True, slots=True)
class JudgedFolder:
    """A folder of notes, with queries and which notes answer them."""

    folder: Path
    queries: Path
    judgements: Path


def ranking(
    judged: JudgedFolder, mode: Mode, user: UserPaths, encoder: Encoder, index: Index
) -> dict[str, Any]:  # fmt: skip
    """Measure how well the queries are answered: `by`, and what evaluation.Report has.

    The library is the user's if just this folder is in it, else a temporary one.

    Raises EvaluationError, ModelError, LibraryError, BusyError.
    """
    folder = judged.folder.resolve()
    if not folder.is_dir():
        raise EvaluationError(tr("{folder} is not a folder").format(folder=judged.folder))
    questions = evaluation.read_queries(judged.queries)
    judgements = evaluation.read_judgements(judged.judgements)
    with tempfile.TemporaryDirectory() as temporary:
        place = _place(folder, user, encoder, Path(temporary))
        with index(place, folder) as writer:
            searcher = Searcher(writer.library, writer.index, encoder)
            report = evaluation.evaluate(
                lambda text: searcher.search(
                    query.parse(text), limit=evaluation.CUTOFF, mode=mode
                ),
                questions, judgements,
            )  # fmt: skip
    return {"by": str(mode), **dataclasses.asdict(report)}


def similarity(path: Path, encoder: Encoder) -> dict[str, Any]:
    """Measure how well the model's cosines agree with people: `spearman`, times 100, over `pairs`.

    Raises EvaluationError, ModelError.
    """
    pairs = evaluation.read_pairs(path)
    try:
        value = evaluation.correlation(pairs, encoder.embed_passage)
    except EvaluationError as error:
        raise EvaluationError(tr("{path}: {error}").format(path=path, error=error)) from error
    return {"pairs": len(pairs), "spearman": 100 * value}


def text(values: Mapping[str, Any]) -> str:
    """Say the same in lines for people."""
    return "\n".join(
        f"{name:14} {f'{value:.4f}' if isinstance(value, float) else value}"
        for name, value in values.items()
    )


def _place(folder: Path, user: UserPaths, encoder: Encoder, temporary: Path) -> UserPaths:
    """Return where to measure: the user's library if it holds just this folder, else a new one."""
    known = settings.load(user.settings).folders
    if known == (str(folder),) and library_folder(user, encoder).is_dir():
        return user
    return UserPaths(temporary, temporary, temporary)
