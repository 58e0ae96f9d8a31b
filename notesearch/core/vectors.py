"""The nearest embeddings to a vector: exact while there are few, HNSW (usearch) beyond.

Hierarchical navigable small worlds: Malkov and Yashunin, arXiv:1603.09320.
"""

import hashlib
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from notesearch.core.embedder import Vector, Vectors

logger = logging.getLogger(__name__)

Keys = npt.NDArray[np.int64]
"""Ids of embeddings: [n]."""
Cosines = npt.NDArray[np.float32]
"""Similarities, in the order of the keys: [n]."""

EXACT_BELOW = 20_000
"""Embeddings up to which a full scan is used: exact, and faster than the query's embedding."""
CANDIDATES = 200
"""At least so many are asked of the HNSW index, and rescored exactly."""
CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH, MAX_EXPANSION_SEARCH = 256, 1_024
MAX_REMOVED = 0.3
"""Share of removed entries from which the HNSW index is built anew: it never shrinks itself."""
RECALL_QUERIES, RECALL_AT = 20, 10
SAME = 1e-3
"""Cosines that differ by no more are the same: rounding to float16 does that."""
BLOCK = 8_192
UNFINISHED = ".new"
"""Ending of an index file that is being written."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What must be true of a saved index before it may be loaded."""

    size: int
    digest: str
    """BLAKE2b of the file: damage inside a usearch file crashes the process that loads it."""
    count: int
    removed: int = 0
    """Entries in it that were removed: they take room and time until it is built anew."""


class VectorIndex:
    """Embeddings by key, searched by cosine. All methods may be called from any thread.

    Holds a matrix until the HNSW index is complete, and answers exactly from it meanwhile.
    Values are kept as float16 in both, so that both give the same similarities.
    """

    def __init__(self, dimension: int, *, exact_below: int = EXACT_BELOW) -> None:
        self._dimension = dimension
        self._exact_below = exact_below
        self._lock = threading.Lock()
        self._rows: dict[int, int] = {}
        self._keys: Keys = np.zeros(0, np.int64)
        self._matrix: Vectors = np.zeros((0, dimension), np.float32)
        self._hnsw: Any = None
        self._waiting: dict[int, None] = {}
        self._complete = False
        self._removed = 0
        self._expansion = EXPANSION_SEARCH

    def __len__(self) -> int:
        return len(self._hnsw) if self._complete else len(self._rows)

    @property
    def approximate(self) -> bool:
        """Whether searches go through the HNSW index."""
        return self._complete

    def keys(self) -> set[int]:
        """Return the keys of all embeddings."""
        with self._lock:
            return {int(key) for key in self._hnsw.keys} if self._complete else set(self._rows)

    def add(self, key: int, vector: Vector) -> None:
        """Add one embedding. Keys are positive and never reused."""
        with self._lock:
            if self._complete:
                self._hnsw.add(key, vector, threads=1)
            elif key not in self._rows:
                self._append(key, vector.astype(np.float16))
                self._waiting[key] = None

    def extend(self, keys: Keys, vectors: npt.NDArray[np.float16]) -> None:
        """Add many stored embeddings at once, before anything is searched."""
        with self._lock:
            rows = len(self._rows)
            self._reserve(rows + len(keys))
            self._keys[rows : rows + len(keys)] = keys
            self._matrix[rows : rows + len(keys)] = vectors
            self._rows.update({int(key): rows + i for i, key in enumerate(keys)})
            self._waiting.update(_shuffled(keys))

    def remove(self, key: int) -> None:
        """Forget one embedding; unknown keys are passed over."""
        with self._lock:
            if self._hnsw is not None and self._hnsw.contains(key):
                self._hnsw.remove(key)
                self._removed += 1
            self._waiting.pop(key, None)
            row = self._rows.pop(key, None)
            if row is not None:
                last = len(self._rows)
                if row != last:
                    moved = int(self._keys[last])
                    self._keys[row], self._matrix[row] = moved, self._matrix[last]
                    self._rows[moved] = row

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._drop_matrix()
            self._hnsw, self._complete, self._removed = None, False, 0

    def search(self, vector: Vector, count: int) -> tuple[Keys, Cosines]:
        """Return the keys of the nearest embeddings, best first, and their cosines."""
        with self._lock:
            if not self._complete:
                rows = len(self._rows)
                return _best(self._keys[:rows], self._matrix[:rows] @ vector, count)
            wanted = min(max(count, CANDIDATES), len(self._hnsw))
            if not wanted:
                return np.zeros(0, np.int64), np.zeros(0, np.float32)
            self._hnsw.expansion_search = max(self._expansion, wanted)
            found = np.asarray(self._hnsw.search(vector, wanted, threads=1).keys).astype(np.int64)
            return _best(found, self._hnsw_vectors(found) @ vector, count)

    def cosines(self, keys: Keys, vector: Vector) -> Cosines:
        """Return the cosine of each embedding to a vector; 0 for keys that are not there."""
        with self._lock:
            if not self._complete:
                rows = np.array([self._rows.get(int(key), -1) for key in keys], np.int64)
                found = np.zeros(len(keys), np.float32)
                known = rows >= 0
                found[known] = self._matrix[rows[known]] @ vector
                return _clamp(found)
            parts = [np.zeros(0, np.float32)]
            for start in range(0, len(keys), BLOCK):
                part = self._hnsw_vectors(keys[start : start + BLOCK]) @ vector
                parts.append(part.astype(np.float32))
            return _clamp(np.concatenate(parts))

    def best_of(self, vectors: Vectors) -> Cosines:
        """Return, for each vector [n, dimension], its best cosine over all embeddings, exactly."""
        best = np.full(len(vectors), -1.0, np.float32)
        with self._lock:
            keys = np.asarray(self._hnsw.keys) if self._complete else self._keys[: len(self._rows)]
        for start in range(0, len(keys), BLOCK):
            with self._lock:
                if self._complete:
                    block = self._hnsw_vectors(keys[start : start + BLOCK].astype(np.int64))
                else:
                    block = self._matrix[start : min(start + BLOCK, len(self._rows))]
                if len(block):
                    best = np.maximum(best, (block @ vectors.T).max(axis=0))
        return _clamp(best)

    def build(self, steps: int) -> bool:
        """Bring the HNSW index closer to completion by some embeddings.

        Returns whether there is more to do. Nothing is done for a small library.
        """
        if not self._complete and len(self._rows) > self._exact_below:
            _index_class()  # imported outside of the lock: nobody is to wait for that
        for _ in range(steps):
            with self._lock:
                if not self._build_one():
                    return False
        return True

    def _build_one(self) -> bool:
        """Add one embedding to the HNSW index; say whether there is more to do."""
        if self._complete and self._removed > MAX_REMOVED * (len(self._hnsw) + self._removed):
            self._matrix_from_hnsw()
        if self._complete or len(self._rows) <= self._exact_below:
            return False
        if self._hnsw is None:
            self._hnsw, self._removed = self._empty(), 0
        if self._waiting:
            key, _ = self._waiting.popitem()
            self._hnsw.add(key, self._matrix[self._rows[key]], threads=1)
        if not self._waiting:
            self._complete = True
            self._drop_matrix()
        return not self._complete

    def save(self, path: Path) -> IndexFile | None:
        """Write the HNSW index beside the old one, then put it in its place.

        Returns what is to be true of the file when it is loaded; None where there is no index.
        """
        with self._lock:
            if not self._complete:
                return None
            temporary = path.with_suffix(UNFINISHED)
            self._hnsw.save(str(temporary))
            count, removed = len(self._hnsw), self._removed
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
            found = _describe(temporary, count, removed)
        temporary.replace(path)
        sync_folder(path.parent)
        return found

    def load(self, path: Path, expected: IndexFile) -> bool:
        """Load a saved index if it is, to the bit, the one that was saved; say whether."""
        try:
            if not is_saved_index(path, expected):
                return False
            loaded: Any = _index_class().restore(str(path))
        except (OSError, RuntimeError, ValueError, ImportError) as error:
            logger.warning("The index file is not used: %s", error)
            return False
        if loaded is None or loaded.ndim != self._dimension or len(loaded) != expected.count:
            return False
        loaded.expansion_add = EXPANSION_ADD
        loaded.expansion_search = EXPANSION_SEARCH
        with self._lock:
            self._hnsw, self._complete, self._removed = loaded, True, expected.removed
            self._drop_matrix()
        return True

    def recall(self, queries: int = RECALL_QUERIES) -> float:
        """Return which share of the nearest ten a search finds, for some random embeddings.

        1 where every search is exact. A neighbour as near as the last of the ten counts as one.
        """
        keys = self.keys() if self._complete else set()
        if len(keys) <= RECALL_AT:
            return 1.0
        every = np.array(sorted(keys), np.int64)
        asked = np.random.default_rng().choice(every, min(queries, len(every)), replace=False)
        with self._lock:
            vectors = self._hnsw_vectors(asked)
        best = np.full((len(asked), RECALL_AT), -1.0, np.float32)
        for start in range(0, len(every), BLOCK):
            with self._lock:
                block = self._hnsw_vectors(every[start : start + BLOCK])
            both = np.concatenate([best, vectors @ block.T], axis=1)
            best = -np.partition(-both, RECALL_AT - 1, axis=1)[:, :RECALL_AT]
        near = 0
        for vector, last in zip(vectors, best.min(axis=1), strict=True):
            _, found = self.search(vector, RECALL_AT)
            near += int(np.count_nonzero(found >= last - SAME))
        return near / best.size

    def widen(self) -> bool:
        """Look at twice as many embeddings in each search; say whether that was possible."""
        if self._expansion >= MAX_EXPANSION_SEARCH:
            return False
        self._expansion *= 2
        return True

    def rebuild(self) -> None:
        """Begin to build the HNSW index anew; searches are exact meanwhile."""
        with self._lock:
            if self._complete:
                self._matrix_from_hnsw()

    def be_exact(self, up_to: int) -> None:
        """Do without an HNSW index up to so many embeddings."""
        with self._lock:
            self._exact_below = max(self._exact_below, up_to)
            if self._complete and len(self._hnsw) <= self._exact_below:
                self._matrix_from_hnsw()

    def _drop_matrix(self) -> None:
        self._rows, self._waiting = {}, {}
        self._keys = np.zeros(0, np.int64)
        self._matrix = np.zeros((0, self._dimension), np.float32)

    def _append(self, key: int, vector: npt.NDArray[np.float16]) -> None:
        rows = len(self._rows)
        self._reserve(rows + 1)
        self._keys[rows], self._matrix[rows] = key, vector
        self._rows[key] = rows

    def _reserve(self, rows: int) -> None:
        """Make room for so many rows, with some to spare: growing copies everything."""
        more = max(rows - len(self._keys), 0)
        if more:
            more = max(more, 1_024, len(self._keys) // 2)
            keys, matrix = self._keys, self._matrix
            # What is never written to takes no memory.
            self._keys = np.zeros(len(keys) + more, np.int64)
            self._matrix = np.zeros((len(keys) + more, self._dimension), np.float32)
            self._keys[: len(keys)], self._matrix[: len(keys)] = keys, matrix

    def _empty(self) -> Any:  # noqa: ANN401  # usearch has no usable types
        # The dtype is named: the library's own choice depends on the processor.
        return _index_class()(
            ndim=self._dimension, metric="cos", dtype="f16", connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD, expansion_search=EXPANSION_SEARCH,
        )  # fmt: skip

    def _matrix_from_hnsw(self) -> None:
        keys = np.asarray(self._hnsw.keys).astype(np.int64)
        self._matrix = np.zeros((len(keys), self._dimension), np.float32)
        for start in range(0, len(keys), BLOCK):
            part = slice(start, start + BLOCK)
            self._matrix[part] = self._hnsw_vectors(keys[part])
        self._keys = keys
        self._rows = {int(key): row for row, key in enumerate(keys)}
        self._waiting = _shuffled(keys)
        self._hnsw, self._complete, self._removed = None, False, 0

    def _hnsw_vectors(self, keys: Keys) -> Vectors:
        """Return the stored vectors; zeros for keys that are not there."""
        if not len(keys):
            return np.zeros((0, self._dimension), np.float32)
        known = np.asarray(self._hnsw.contains(keys.astype(np.uint64)))
        vectors = np.zeros((len(keys), self._dimension), np.float32)
        if known.any():
            vectors[known] = self._hnsw.get(keys[known].astype(np.uint64), dtype="f32")
        return vectors


def _index_class() -> Any:  # noqa: ANN401  # usearch has no usable types
    from usearch.index import Index  # noqa: PLC0415  # late: 0.4 s, and only for large libraries

    return Index


def _shuffled(keys: Keys) -> dict[int, None]:
    """Return keys in the order in which they are to be added to an HNSW index, the last one first.

    Taken as they come, notes on one topic after those on another, the graph may fall apart into
    pieces between which no search finds a way.
    """
    return dict.fromkeys(np.random.default_rng(0).permutation(keys).tolist())


def _best(keys: Keys, cosines: Cosines, count: int) -> tuple[Keys, Cosines]:
    """Pick the best, in order; ties go to the older key, so that answers never flicker."""
    if len(keys) > count:
        chosen = np.argpartition(-cosines, count - 1)[:count]
        keys, cosines = keys[chosen], cosines[chosen]
    order = np.lexsort((keys, -cosines))
    return keys[order], _clamp(cosines[order])


def _clamp(cosines: npt.NDArray[np.floating]) -> Cosines:
    """Undo what rounding to float16 does to lengths."""
    clamped: Cosines = np.clip(cosines, -1, 1).astype(np.float32)
    return clamped


def is_saved_index(path: Path, expected: IndexFile) -> bool:
    """Say whether a file is, to the bit, the index that was saved."""
    try:
        return _describe(path, expected.count, expected.removed) == expected
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Make a file's new name in a folder last through a loss of power, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _describe(path: Path, count: int, removed: int) -> IndexFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    return IndexFile(path.stat().st_size, digest, count, removed)
