"""Compare ways of ranking, before one of them goes into the program.

    python tests/evaluation/variants.py DATA --libraries FOLDER [--sets til-titles,scifact]

A variant is a function of the scores that scores.py computes, and a line in VARIANTS. Prints
nDCG@10 (hit@1) of each, as Markdown. What DATA is stands in datasets.py; run.py shares its FOLDER.
"""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from datasets import (
    VAULTS,
    Data,
    QuestionSet,
    markdown_table,
    options_parser,
    say,
    share,
    working_folder,
)
from scores import Array, Scores, Texts, as_array, scores, texts_of

from notesearch import paths
from notesearch.core.embedder import Embedder, Encoder
from notesearch.core.evaluation import CUTOFF

Flags = npt.NDArray[np.bool_]
OUT = -1e9
DISCOUNTS = (1 / np.log2(np.arange(2, CUTOFF + 2))).astype(np.float32)

Variant = Callable[[Scores], Array]
"""Scores -> [questions, notes], the best note highest."""


def fused(
    weights: str, *, summed: bool = False, share_power: float = 0, words_power: float = 1
) -> Variant:
    """Return the weighted sum.

    weights: in hundredths, of cosine, note_cosine, words and note_words (summed: note_sum).
    share_power, words_power: of the best share and of BM25, to damp words that say little.
    """
    cosine, note_cosine, of_passage, of_note = (float(weight) / 100 for weight in weights.split())

    def variant(s: Scores) -> Array:
        passages = s.share.max(1, keepdims=True) ** share_power * s.words**words_power
        best = s.best(cosine * s.cosine + of_passage * passages)
        notes = (
            s.note_share.max(1, keepdims=True) ** share_power
            * (s.note_sum if summed else s.note_words) ** words_power
        )
        return as_array(best + of_note * notes + note_cosine * s.note_cosine)

    return variant


def scaled(weights: str) -> Variant:
    """Return the weighted sum with cosines scaled from each question's median to its best."""

    def variant(s: Scores) -> Array:
        middle = np.median(s.cosine, axis=1, keepdims=True)
        width = s.cosine.max(1, keepdims=True) - middle
        moved = dataclasses.replace(
            s, cosine=(s.cosine - middle) / width, note_cosine=(s.note_cosine - middle) / width
        )
        return fused(weights)(moved)

    return variant


def adapted(weights: str, how: str) -> Variant:
    """Return the weighted sum, words held by share, and the words' part changed by the question.

    how: "short" gives words less weight beyond five of them, "long" the other way round, "margin"
    less where the best cosine stands far above the hundredth.
    """

    def variant(s: Scores) -> Array:
        if how == "margin":
            hundredth = -np.partition(-s.cosine, 99, axis=1)[:, 99:100]
            factor = np.clip(1.25 - 2 * (s.cosine.max(1, keepdims=True) - hundredth), 0.5, 1.25)
        else:
            factor = np.clip((s.length / 5) ** (-0.5 if how == "short" else 0.5), 0.5, 1.25)
        moved = dataclasses.replace(
            s,
            words=s.words * factor,
            note_words=s.note_words * factor,
            note_sum=s.note_sum * factor,
        )
        return fused(weights, share_power=1)(moved)

    return variant


VARIANTS: Mapping[str, Variant] = {
    "meaning": lambda s: s.best(s.cosine),
    "words of passages": lambda s: s.best(s.words),
    "words of notes": lambda s: s.note_words,
    "best passage of each word": lambda s: s.note_sum,
    **{weights: fused(weights) for weights in (
        "70 0 30 0", "75 0 25 0", "80 0 20 0", "70 0 15 15", "75 0 12.5 12.5", "70 0 0 30",
        "60 10 15 15", "65 10 25 0", "80 20 0 0", "55 20 12.5 12.5", "55 25 10 10", "60 20 10 10",
        "65 20 7.5 7.5", "60 25 7.5 7.5",
    )},
    **{f"{weights}, summed": fused(weights, summed=True) for weights in (
        "70 0 15 15", "75 0 12.5 12.5", "70 0 0 30", "60 10 15 15", "55 20 12.5 12.5",
    )},
    **{f"{weights}, share^{power}": fused(weights, share_power=power) for weights, power in (
        ("55 20 12.5 12.5", 1), ("55 20 12.5 12.5", 2), ("50 20 15 15", 1), ("50 20 15 15", 2),
    )},
    **{f"50 20 15 15, share^1, {how}": adapted("50 20 15 15", how)
       for how in ("short", "long", "margin")},
    **{f"55 20 12.5 12.5, words^{power}": fused("55 20 12.5 12.5", words_power=power)
       for power in (0.5, 1.5, 2)},
    **{f"{weights}, scaled": scaled(weights) for weights in (
        "55 20 12.5 12.5", "65 20 7.5 7.5", "60 10 15 15", "50 20 15 15", "45 20 17.5 17.5",
    )},
}  # fmt: skip


def relevance(texts: Texts, asked: QuestionSet, vault: Path) -> Array:
    """Return the judgements: [questions, notes]; of copies, the first has the best of theirs."""
    found = np.zeros((len(asked.questions), len(texts.notes)), np.float32)
    for row, question in zip(found, asked.questions, strict=True):
        for path, score in asked.judgements[question.id].items():
            if (i := texts.places.get(str(vault / path))) is not None:
                row[texts.original[i]] = max(row[texts.original[i]], score)
    return found


def metrics(ranked: Array, relevant: Array, ideal: Array, copies: Flags) -> tuple[float, float]:
    """Return the means of nDCG@10 and hit@1 over the questions.

    ideal: the best gain that is possible, discounted: [questions]; copies: notes to be left out.
    """
    ranked = np.where(copies, OUT, ranked)
    top = np.argpartition(-ranked, CUTOFF, axis=1)[:, :CUTOFF]
    order = np.argsort(-np.take_along_axis(ranked, top, 1), axis=1, kind="stable")
    gains = np.take_along_axis(relevant, np.take_along_axis(top, order, 1), 1)
    ndcg = (gains * DISCOUNTS).sum(1) / ideal
    return float(ndcg.mean()), float((gains[:, 0] > 0).mean())


def ideals(asked: QuestionSet) -> Array:
    """Return the discounted gain of the perfect answer to each question: [questions]."""
    gains = [sorted(asked.judgements[q.id].values())[: -CUTOFF - 1 : -1] for q in asked.questions]
    return np.array([np.dot(some, DISCOUNTS[: len(some)]) for some in gains], np.float32)


def compare(data: Data, name: str, encoder: Encoder) -> dict[str, tuple[float, float]]:
    """Return nDCG@10 and hit@1 of every variant on one set."""
    asked, vault = data.load(name), data.vault(VAULTS[name]).resolve()
    with data.indexed(VAULTS[name], encoder) as writer:
        say(f"{name}: scoring")
        texts = texts_of(writer.library.db)
        known = scores(writer, texts, asked, encoder)
    relevant, ideal = relevance(texts, asked, vault), ideals(asked)
    copies = texts.original != np.arange(len(texts.notes))
    say(f"{name}: {len(VARIANTS)} variants")
    return {
        variant: metrics(rank(known), relevant, ideal, copies) for variant, rank in VARIANTS.items()
    }


def main() -> int:
    options = options_parser(__doc__ or "").parse_args()
    names = options.sets or list(VAULTS)
    encoder = Embedder(paths.MODEL)
    with working_folder(options.libraries) as made:
        found = {name: compare(Data(options.data, made), name, encoder) for name in names}
    rows = []
    for variant in VARIANTS:
        pairs = [found[name][variant] for name in names]
        pairs.append((float(np.mean([n for n, _ in pairs])), float(np.mean([h for _, h in pairs]))))
        rows.append([variant, *(f"{share(ndcg)} ({share(hit)})" for ndcg, hit in pairs)])
    print(markdown_table(["nDCG@10 (hit@1)", *names, "mean"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
