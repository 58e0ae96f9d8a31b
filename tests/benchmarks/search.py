"""Measure a library: recall of the HNSW index against a full scan, and the time of a search.

    python tests/benchmarks/search.py DATA-DIR QUERIES.jsonl [COUNT]

DATA-DIR is what `--data-dir` was given; QUERIES.jsonl has an object with `_id` and `text`
on each line.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

from notesearch import paths
from notesearch.core import evaluation, query
from notesearch.core.access import Reader, load_encoder
from notesearch.core.notes import Mode
from notesearch.core.vectors import VectorIndex

K = 10


def main(data_dir: str, queries: str, count: int) -> None:
    user = paths.user_paths(data_dir)
    encoder = load_encoder(paths.MODEL, user)
    started = time.perf_counter()
    reader = Reader(user, encoder)
    print(f"library opened, index loaded: {1000 * (time.perf_counter() - started):.0f} ms")
    questions = [one.text for one in evaluation.read_queries(Path(queries))[:count]]
    vectors = [encoder.embed_query(text) for text in questions]
    exact = VectorIndex(encoder.dimension, exact_below=10**9)
    for keys, stored in reader.library.vectors():
        exact.extend(keys, stored)
    print(f"{reader.library.counts()}, HNSW in use: {reader.index.approximate}")
    shares = []
    for vector in vectors:
        wanted, _ = exact.search(vector, K)
        found, _ = reader.index.search(vector, K)
        shares.append(np.isin(wanted, found).mean())
    print(f"recall@{K} against a full scan, {len(shares)} queries: {np.mean(shares):.4f}")
    timed("full scan", lambda i: exact.search(vectors[i], K), len(vectors))
    timed("index", lambda i: reader.index.search(vectors[i], K), len(vectors))
    encode = type(encoder).embed_passage
    timed("embedding of a query", lambda i: encode(encoder, questions[i]), len(vectors))
    for mode in Mode:
        parsed = [query.parse(text) for text in questions]
        timed(
            f"search by {mode}",
            lambda i, mode=mode, parsed=parsed: reader.searcher.search(
                parsed[i], limit=10, mode=mode
            ),
            len(parsed),
        )
    reader.close()


def timed(name, action, count):
    times = []
    for number in range(count):
        started = time.perf_counter()
        action(number)
        times.append(1000 * (time.perf_counter() - started))
    p95 = evaluation.percentile(times, 0.95)
    print(f"{name:24} median {statistics.median(times):7.2f} ms, p95 {p95:7.2f} ms")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 200)
