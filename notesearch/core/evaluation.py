"""Query sets, judgements and rated pairs, and the metrics over them."""

import csv
import json
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from notesearch.core.embedder import Vector
from notesearch.core.notes import Hit, Results

Judgements = Mapping[str, Mapping[str, float]]
"""Query id -> path -> relevance, 0 or more."""

CUTOFF = 10
PAIR_COLUMNS = 3


class EvaluationError(ValueError):
    """What is to be measured with cannot be used; of a file, says which line."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query of a set."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class RatedPair:
    """Two sentences and how similar people find them."""

    a: str
    b: str
    score: float
    """On any scale: only its order counts."""


@dataclass(frozen=True, slots=True)
class Report:
    """How well a set of queries was answered; means over its queries."""

    queries: int
    ndcg_at_10: float
    mrr_at_10: float
    hit_at_1: float
    hit_at_5: float
    recall_at_10: float
    without_hits: float
    """Share of queries that got no hit above the floor."""
    median_ms: float
    p95_ms: float


def read_queries(path: Path) -> list[Question]:
    """Read queries: a JSON object with `_id` and `text` on each line. Raises EvaluationError."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            questions.append(Question(str(value["_id"]), str(value["text"])))
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f'{path}, line {number}: not a query; expected {{"_id": "...", "text": "..."}}'
            ) from error
    return questions


def read_judgements(path: Path) -> Judgements:
    """Read judgements: query id, path and score, separated by tabs; a line of names may be first.

    Paths are relative to the folder that is searched. Raises EvaluationError.
    """
    judgements: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows, 1):
            if not row or (number == 1 and not _is_number(row[-1])):
                continue
            try:
                query, note, score = row
                judgements.setdefault(query, {})[note] = float(score)
            except ValueError as error:
                raise EvaluationError(
                    f"{path}, line {number}: not a judgement; expected a query's id, a path and "
                    "a score, separated by tabs"
                ) from error
    return judgements


def read_pairs(path: Path) -> list[RatedPair]:
    """Read rated pairs: two sentences and a score, separated by tabs; further columns are left out.

    A line of names may be first. Quotes are text, as in the files of the SemEval tasks.

    Raises EvaluationError.
    """
    pairs = []
    # Of the line ends only these two: a sentence may hold any of the others that Unicode has.
    lines = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        row = line.split("\t")
        if len(row) >= PAIR_COLUMNS and row[0].strip() and row[1].strip() and _is_number(row[2]):
            pairs.append(RatedPair(row[0], row[1], float(row[2])))
        elif line.strip() and not (number == 1 and len(row) >= PAIR_COLUMNS):
            raise EvaluationError(
                f"{path}, line {number}: not a rated pair; expected two sentences and a score, "
                "separated by tabs"
            )
    return pairs


def evaluate(
    search: Callable[[str], Results], questions: Sequence[Question], judgements: Judgements
) -> Report:
    """Ask every question that has a judgement; rank what is found as hits, then weak.

    Raises EvaluationError where no question is judged.
    """
    judged = [question for question in questions if any(judgements.get(question.id, {}).values())]
    if not judged:
        raise EvaluationError("no query has a judgement")
    rows: list[tuple[float, float, float, float, float]] = []
    empty, times = 0, []
    for question in judged:
        results = search(question.text)
        empty += not results.hits
        times.append(results.took_ms)
        relevant = judgements[question.id]
        ranked = [_judged_path(hit, relevant) for hit in (*results.hits, *results.weak)]
        rows.append(
            (
                ndcg(ranked, relevant),
                reciprocal_rank(ranked, relevant),
                hit(ranked, relevant, 1),
                hit(ranked, relevant, 5),
                recall(ranked, relevant),
            )
        )
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    return Report(
        queries=len(judged),
        ndcg_at_10=means[0],
        mrr_at_10=means[1],
        hit_at_1=means[2],
        hit_at_5=means[3],
        recall_at_10=means[4],
        without_hits=empty / len(judged),
        median_ms=statistics.median(times),
        p95_ms=percentile(times, 0.95),
    )


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], cutoff: int = CUTOFF) -> float:
    """Return the normalised discounted cumulative gain with linear gain, as trec_eval has it.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    gains = [relevant.get(path, 0.0) for path in ranked[:cutoff]]
    ideal = sorted(relevant.values(), reverse=True)[:cutoff]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def reciprocal_rank(
    ranked: Sequence[str], relevant: Mapping[str, float], cutoff: int = CUTOFF
) -> float:
    """Return one over the rank of the first relevant note, 0 where there is none."""
    ranks = (i for i, path in enumerate(ranked[:cutoff], 1) if relevant.get(path, 0.0) > 0)
    return 1 / next(ranks, math.inf)


def hit(ranked: Sequence[str], relevant: Mapping[str, float], cutoff: int) -> float:
    """Return 1 where a relevant note is among the first ones, else 0."""
    return float(any(relevant.get(path, 0.0) > 0 for path in ranked[:cutoff]))


def recall(ranked: Sequence[str], relevant: Mapping[str, float], cutoff: int = CUTOFF) -> float:
    """Return which share of the relevant notes is among the first ones."""
    wanted = {path for path, score in relevant.items() if score > 0}
    return len(wanted & set(ranked[:cutoff])) / len(wanted) if wanted else 0.0


def correlation(pairs: Sequence[RatedPair], embed: Callable[[str], Vector]) -> float:
    """Return Spearman's correlation, -1 to 1, of the cosines of a model with people's scores.

    embed: text to a vector of unit length. Every sentence is embedded once.

    Raises EvaluationError where the pairs, or the model's answers, have no order.
    """
    vectors = {text: embed(text) for text in {text for pair in pairs for text in (pair.a, pair.b)}}
    cosines = [float(vectors[pair.a] @ vectors[pair.b]) for pair in pairs]
    return spearman(cosines, [pair.score for pair in pairs])


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the rank correlation of two equally long sequences, -1 to 1: Pearson's of the ranks.

    Spearman, "The proof and measurement of association between two things", 1904; equal values
    share the mean of their ranks.

    Raises EvaluationError where all values of a sequence are equal, or there are none.
    """
    if len(set(a)) <= 1 or len(set(b)) <= 1:
        raise EvaluationError("a rank correlation needs values that differ")
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def ranks(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return the rank of each value, from 1, shape [n]; equal values share their mean rank."""
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: npt.NDArray[np.float64] = (ends - (counts - 1) / 2)[place]
    return shared


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _judged_path(hit: Hit, relevant: Mapping[str, float]) -> str:
    """Return the path of a hit; of identical copies, which share a row, the one that is judged."""
    paths = [hit.file, *map(Path, hit.copies)]
    folder = Path(hit.folder)
    names = [p.relative_to(folder).as_posix() for p in paths if p.is_relative_to(folder)]
    return next((name for name in names if name in relevant), names[0])


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
