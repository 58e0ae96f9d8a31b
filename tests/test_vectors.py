import numpy as np
import pytest

from notesearch.core.vectors import VectorIndex

DIMENSION = 64
FEW = 500
MANY = 1_500


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def clustered(count, seed=0):
    random = np.random.default_rng(seed)
    centres = random.standard_normal((30, DIMENSION))
    chosen = centres[random.integers(0, 30, count)]
    return unit(chosen + 0.5 * random.standard_normal((count, DIMENSION)))


VECTORS = clustered(MANY)
STORED = VECTORS.astype(np.float16)
QUERIES = clustered(50, seed=1)
KEYS = np.arange(1, MANY + 1, dtype=np.int64) * 3


def brute_force(query, count, without=frozenset()):
    cosines = STORED.astype(np.float32) @ query
    order = [i for i in np.lexsort((KEYS, -cosines)) if int(KEYS[i]) not in without]
    return KEYS[order[:count]].tolist()


def build(index):
    while index.build(200):
        pass
    return index


@pytest.fixture
def exact():
    index = VectorIndex(DIMENSION)
    index.extend(KEYS, STORED)
    return index


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("index") / "passages.usearch"
    index = VectorIndex(DIMENSION, exact_below=FEW)
    index.extend(KEYS, STORED)
    return path, build(index).save(path)


@pytest.fixture
def hnsw(saved):
    index = VectorIndex(DIMENSION, exact_below=FEW)
    assert index.load(*saved)
    return index


def recall(index, without=frozenset()):
    shares = []
    for query in QUERIES:
        wanted = set(brute_force(query, 10, without))
        shares.append(len(wanted & set(index.search(query, 10)[0].tolist())) / 10)
    return np.mean(shares)


def test_few_vectors_are_searched_exactly(exact):
    assert not exact.build(100)
    assert not exact.approximate
    for query in QUERIES:
        keys, cosines = exact.search(query, 10)
        assert keys.tolist() == brute_force(query, 10)
        assert np.all(np.diff(cosines) <= 0)


def test_vectors_added_one_by_one_are_the_same(exact):
    index = VectorIndex(DIMENSION)
    for key, vector in zip(KEYS, VECTORS, strict=True):
        index.add(int(key), vector)
    for query in QUERIES[:10]:
        assert index.search(query, 20)[0].tolist() == exact.search(query, 20)[0].tolist()


def test_an_empty_index_finds_nothing():
    index = VectorIndex(DIMENSION)
    assert len(index) == 0
    assert index.search(QUERIES[0], 5)[0].size == 0
    assert index.cosines(KEYS[:2], QUERIES[0]).tolist() == [0, 0]
    assert index.best_of(QUERIES).tolist() == [-1] * len(QUERIES)


def test_many_vectors_are_searched_by_hnsw_with_high_recall(hnsw):
    assert hnsw.approximate
    assert len(hnsw) == MANY
    assert recall(hnsw) >= 0.98


def test_hnsw_gives_the_cosines_that_exact_search_gives(hnsw, exact):
    for query in QUERIES[:10]:
        assert hnsw.cosines(KEYS, query) == pytest.approx(exact.cosines(KEYS, query), abs=1e-6)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_best_of_equals_brute_force(kind, request):
    index = request.getfixturevalue(kind)
    for key in KEYS[:100]:
        index.remove(int(key))
    expected = (STORED[100:].astype(np.float32) @ QUERIES.T).max(axis=0)
    assert index.best_of(QUERIES) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", ["exact", "hnsw"])
def test_removed_keys_are_never_returned(kind, request):
    index = request.getfixturevalue(kind)
    gone = {int(key) for key in KEYS[::5]}
    for key in [*gone, 1_000_000]:
        index.remove(key)
    assert len(index) == MANY - len(gone)
    for query in QUERIES:
        assert not gone & set(index.search(query, 200)[0].tolist())
    assert not index.cosines(np.array(sorted(gone), np.int64), QUERIES[0]).any()
    assert recall(index, gone) >= 0.98


def test_an_index_of_many_removed_vectors_is_built_anew(hnsw):
    gone = {int(key) for key in KEYS[: int(MANY * 0.35)]}
    for key in gone:
        hnsw.remove(key)
    assert hnsw.build(100)
    assert not hnsw.approximate
    assert recall(hnsw, gone) == 1
    build(hnsw)
    assert hnsw.approximate
    assert len(hnsw) == MANY - len(gone)
    assert recall(hnsw, gone) >= 0.98


def test_an_index_that_has_become_small_is_exact_again(hnsw):
    gone = {int(key) for key in KEYS[: MANY - FEW]}
    for key in gone:
        hnsw.remove(key)
    build(hnsw)
    assert not hnsw.approximate
    assert recall(hnsw, gone) == 1


def test_vectors_come_and_go_while_it_is_built():
    index = VectorIndex(DIMENSION, exact_below=FEW)
    index.extend(KEYS[:-100], STORED[:-100])
    assert index.build(300)
    for key, vector in zip(KEYS[-100:], VECTORS[-100:], strict=True):
        index.add(int(key), vector)
    gone = {int(key) for key in (*KEYS[:50], *KEYS[-120:-90])}
    for key in gone:
        index.remove(key)
    assert index.search(QUERIES[0], 10)[0].tolist() == brute_force(QUERIES[0], 10, gone)
    build(index)
    assert index.approximate
    assert len(index) == MANY - len(gone)
    index.add(1_000_000, QUERIES[0])
    assert index.search(QUERIES[0], 1)[0].tolist() == [1_000_000]


def test_clear_forgets_everything(hnsw):
    hnsw.clear()
    assert len(hnsw) == 0
    assert hnsw.search(QUERIES[0], 5)[0].size == 0


def test_a_small_index_has_no_file(exact, tmp_path):
    assert exact.save(tmp_path / "passages.usearch") is None
    assert not list(tmp_path.iterdir())


def test_a_saved_index_answers_as_before(hnsw, tmp_path):
    hnsw.remove(int(KEYS[0]))
    described = hnsw.save(tmp_path / "again.usearch")
    loaded = VectorIndex(DIMENSION, exact_below=FEW)
    assert loaded.load(tmp_path / "again.usearch", described)
    assert len(loaded) == MANY - 1
    for query in QUERIES[:10]:
        assert loaded.search(query, 20)[0].tolist() == hnsw.search(query, 20)[0].tolist()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:1000] + bytes([data[1000] ^ 1]) + data[1001:],
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda _data: b"",
        lambda _data: b"something else entirely" * 100,
    ],
    ids=["bit flip", "one byte short", "half", "empty", "foreign"],
)
def test_a_damaged_file_is_refused(saved, tmp_path, damage):
    path, described = saved
    (tmp_path / "damaged").write_bytes(damage(path.read_bytes()))
    index = VectorIndex(DIMENSION, exact_below=FEW)
    assert not index.load(tmp_path / "damaged", described)
    assert not index.load(tmp_path / "missing", described)
    assert len(index) == 0


def test_a_file_of_another_dimension_is_refused(saved):
    assert not VectorIndex(DIMENSION // 2).load(*saved)


def test_ties_go_to_the_older_key():
    index = VectorIndex(DIMENSION)
    for key in (9, 4, 7):
        index.add(key, VECTORS[0])
    assert index.search(VECTORS[0], 3)[0].tolist() == [4, 7, 9]
