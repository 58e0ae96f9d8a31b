"""Measure the ranking on all sets of questions, and the model on its own.

    python tests/evaluation/run.py DATA --libraries FOLDER [--sets til-titles,scifact] [--json]

Prints, as Markdown: every way of answering on every set, nDCG@10 (hit@1), once for all questions
and once for those that share hardly a word with the note; how the model's similarities agree with
people's; whether the published figure for SciFact comes out; how often nothing is answered where
there is nothing. What DATA is stands in datasets.py. With --sets only the ranking is measured.
The times in the JSON are no measure of speed: two sets are answered at once, and a question is
embedded only for the first way that needs it.

With --float32 (models/build.py --precision float32 makes such a folder) the exit status is 1 when
the published figure is missed.
"""

import dataclasses
import functools
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from datasets import (
    LOW_OVERLAP,
    SCIFACT,
    THREADS,
    VAULTS,
    Data,
    QuestionSet,
    markdown_table,
    options_parser,
    say,
    share,
    working_folder,
)

from notesearch import paths
from notesearch.core import evaluation, query
from notesearch.core.access import Writer
from notesearch.core.embedder import Embedder, Encoder, Vectors
from notesearch.core.evaluation import CUTOFF, Report
from notesearch.core.fusion import Ranking
from notesearch.core.notes import Mode, Results
from notesearch.core.searcher import Searcher

PUBLISHED_NDCG = 0.6451
"""all-MiniLM-L6-v2 on SciFact: MTEB's results, huggingface.co/datasets/mteb/results."""
NDCG_TOLERANCE = 0.005
ALL = 10_000
"""More hits than a vault has notes."""
STS = {"STS-B": "stsb", "STS12": "sts12", "STS13": "sts13", "STS14": "sts14", "STS15": "sts15",
       "STS16": "sts16"}  # fmt: skip

Figures = dict[str, dict[str, Report]]
"""Way of answering -> set -> how well."""


def ways() -> dict[str, tuple[Mode, Ranking]]:
    """Return the ways of answering: each half, both, and both without each part of the ranking."""
    whole = Ranking()
    found = {f"by {mode}": (mode, whole) for mode in (Mode.WORDS, Mode.MEANING)}
    found["both"] = (Mode.BOTH, whole)
    for part in dataclasses.fields(Ranking):
        value = getattr(whole, part.name)
        if not value:
            continue
        without: dict[str, Any] = {part.name: False if isinstance(value, bool) else 0.0}
        name = f"both, without {part.name.replace('_', ' ')}"
        found[name] = (Mode.BOTH, dataclasses.replace(whole, **without))
    return found


def measure(data: Data, names: Sequence[str]) -> tuple[Figures, Figures]:
    """Answer every question of every set in every way; also return the low overlaps apart."""
    figures: Figures = {name: {} for name in ways()}
    low: Figures = {name: {} for name in ways()}
    with ProcessPoolExecutor(min(THREADS, len(names)), get_context("spawn")) as pool:
        for name, reports in zip(names, pool.map(partial(measure_set, data), names), strict=True):
            for way, found in reports.items():
                figures[way][name] = found[0]
                if len(found) > 1:
                    low[way][name] = found[1]
    return figures, low


def measure_set(data: Data, name: str) -> dict[str, list[Report]]:
    """Return how well each way answers a set, and, where there are such, its low overlaps."""
    asked, encoder = data.load(name), load_encoder()
    parts = [asked, dataclasses.replace(asked, questions=asked.low)] if asked.low else [asked]
    reports = {}
    with data.indexed(VAULTS[name], encoder) as writer:
        for way, (mode, ranking) in ways().items():
            say(f"{name}: {way}")
            search = searching(writer, encoder, mode, ranking)
            reports[way] = [report(search, part) for part in parts]
    return reports


def load_encoder() -> Embedder:
    """Load the shipped model."""
    encoder = Embedder(paths.MODEL)
    # Every way asks the same questions, and a set has more of them than the model remembers.
    encoder.embed_query = functools.cache(encoder.embed_query)
    return encoder


def searching(
    writer: Writer, encoder: Encoder, mode: Mode, ranking: Ranking, limit: int = CUTOFF
) -> Callable[[str], Results]:
    """Return a search that remembers its answers: some questions are asked for two tables."""
    searcher = Searcher(writer.library, writer.index, encoder, ranking=ranking)
    return functools.cache(
        lambda text: searcher.search(query.parse(text), limit=limit, mode=mode)
    )  # fmt: skip


def report(search: Callable[[str], Results], asked: QuestionSet) -> Report:
    return evaluation.evaluate(search, asked.questions, asked.judgements)


def spearman(data: Data, encoder: Encoder) -> dict[str, float]:
    """Return Spearman's correlation times 100 with people's scores, set by set, and the mean."""
    found = {}
    for name, stem in STS.items():
        say(f"similarity: {name}")
        pairs = evaluation.read_pairs(data.source / "sts" / f"{stem}-test.tsv")
        found[name] = 100 * evaluation.correlation(pairs, encoder.embed_passage)
    return found | {"mean": statistics.fmean(found.values())}


def scifact_ndcg(data: Data, encoder: Encoder) -> float:
    """Return nDCG@10 as MTEB measures it: a vector for each abstract, exact cosine, no words."""
    keys = [f"{key}.md" for key, _, _ in data.abstracts()]
    vectors = abstract_vectors(data, encoder)
    asked = data.load(SCIFACT)
    values = []
    for question in asked.questions:
        best = np.argsort(-(vectors @ encoder.embed_query(question.text)), kind="stable")[:CUTOFF]
        ranked = [keys[i] for i in best]
        values.append(evaluation.ndcg(ranked, asked.judgements[question.id]))
    return statistics.fmean(values)


def abstract_vectors(data: Data, encoder: Encoder) -> Vectors:
    """Return SciFact's abstracts, embedded as one text each, [n, dimension]; they are kept."""
    kept = data.made / "vectors" / f"{SCIFACT}-{encoder.identity}.npy"
    if kept.is_file():
        vectors: Vectors = np.load(kept)
        return vectors
    say(f"SciFact: embedding each abstract as one text ({kept.stem})")
    texts = [f"{title} {text}" for _, title, text in data.abstracts()]
    with ThreadPoolExecutor(THREADS) as pool:
        vectors = np.stack(list(pool.map(encoder.embed_passage, texts)))
    kept.parent.mkdir(exist_ok=True)
    np.save(kept, vectors)
    return vectors


def unanswered(data: Data, encoder: Encoder) -> dict[str, float]:
    """Return how often nothing is answered where nothing is, and what that costs where it is."""
    foreign, own = data.load("tldr-desc-en"), data.load("feedbackqa-pages")
    say("questions without an answer")
    with data.indexed("feedbackqa-pages", encoder) as writer:
        search = searching(writer, encoder, Mode.BOTH, Ranking())
        search_all = searching(writer, encoder, Mode.BOTH, Ranking(), limit=ALL)
        folder = data.vault("feedbackqa-pages").resolve()
        found = {
            "tldr-desc-en in feedbackqa-pages: no hit": without_hits(search, foreign),
            "feedbackqa-pages in feedbackqa-pages: the right note is a hit": statistics.fmean(
                is_hit(search_all(question.text), folder, own.judgements[question.id])
                for question in own.questions
            ),
        }
    with data.indexed("til", encoder) as writer:
        search = searching(writer, encoder, Mode.BOTH, Ranking())
        found["feedbackqa-pages in til: no hit"] = without_hits(search, own)
    return found


def without_hits(search: Callable[[str], Results], asked: QuestionSet) -> float:
    return statistics.fmean(not search(question.text).hits for question in asked.questions)


def is_hit(results: Results, folder: Path, relevant: Mapping[str, float]) -> bool:
    """Say whether a relevant note, or a copy of it, is among the hits."""
    wanted = {folder / path for path, score in relevant.items() if score > 0}
    return any(not wanted.isdisjoint({hit.file, *map(Path, hit.copies)}) for hit in results.hits)


def model_figures(data: Data, encoder: Encoder, float32: Path | None) -> dict[str, Any]:
    """Return what the ranking has no part in: similarities of sentences, the published figure."""
    ndcg = {"published": PUBLISHED_NDCG, "shipped": scifact_ndcg(data, encoder)}
    if float32 is not None:
        ndcg["float32"] = scifact_ndcg(data, Embedder(float32))
    return {"spearman": spearman(data, encoder), "scifact_ndcg_at_10": ndcg}


def ranking_table(figures: Figures, low: Figures) -> str:
    """Set the ways as rows and the sets as columns, all questions first."""
    names = list(next(iter(figures.values())))
    rows = [[way, *cells(found, names)] for way, found in figures.items()]
    if any(low.values()):
        rows.append([f"*overlap below {LOW_OVERLAP}: questions*",
                     *(str(r[n].queries) if n in r else "" for n in names
                       for r in [low["both"]])])  # fmt: skip
        rows += [[way, *cells(found, names)] for way, found in low.items()]
    return markdown_table(["nDCG@10 (hit@1)", *names], rows)


def cells(found: Mapping[str, Report], names: Sequence[str]) -> list[str]:
    return [
        f"{share(found[name].ndcg_at_10)} ({share(found[name].hit_at_1)})" if name in found else ""
        for name in names
    ]


def model_tables(figures: Mapping[str, Any]) -> str:
    """Set the figures of model_figures() and unanswered()."""
    similar, ndcg = figures["spearman"], figures["scifact_ndcg_at_10"]
    published = ndcg["published"]
    compared = [
        [name, share(value), "" if name == "published" else f"{value - published:+.4f}"]
        for name, value in ndcg.items()
    ]
    if "float32" in ndcg:
        compared.append(["shipped - float32", "", f"{ndcg['shipped'] - ndcg['float32']:+.4f}"])
    return "\n\n".join((
        markdown_table(["Spearman x 100", *similar], [["shipped", *(f"{v:.2f}" for v in
                                                                   similar.values())]]),
        markdown_table(["SciFact, a vector for each abstract", "nDCG@10", "difference"], compared),
        markdown_table(["questions in a vault", "share"],
                       [[name, share(value)] for name, value in figures["unanswered"].items()]),
    ))  # fmt: skip


def as_json(figures: Figures) -> dict[str, Any]:
    return {
        way: {name: dataclasses.asdict(report) for name, report in found.items()}
        for way, found in figures.items()
    }


def main() -> int:
    parser = options_parser(__doc__ or "")
    parser.add_argument("--float32", type=Path, metavar="MODEL_FOLDER",
                        help="a float32 model, to be held to the published figure")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print all metrics as JSON")
    options = parser.parse_args()
    model: dict[str, Any] = {}
    with working_folder(options.libraries) as made:
        data = Data(options.data, made)
        figures, low = measure(data, options.sets or list(VAULTS))
        if not options.sets:
            encoder = load_encoder()
            model = model_figures(data, encoder, options.float32)
            model["unanswered"] = unanswered(data, encoder)
    if options.json:
        values = {"ranking": as_json(figures), "low_overlap": as_json(low), **model}
        print(json.dumps(values, indent=2))
    else:
        print(ranking_table(figures, low))
        print(f"\n{model_tables(model)}" if model else "", end="\n" if model else "")
    missed = abs(model.get("scifact_ndcg_at_10", {}).get("float32", PUBLISHED_NDCG)
                 - PUBLISHED_NDCG) > NDCG_TOLERANCE  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
