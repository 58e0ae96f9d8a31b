import math

import pytest

from notesearch.core import evaluation
from notesearch.core.evaluation import EvaluationError, Question, evaluate
from notesearch.core.notes import Hit, Query, Results, Strength

RELEVANT = {"a": 2.0, "b": 1.0, "c": 0.0}


def results(*paths, weak=(), took=1.0):
    def hits(names):
        return tuple(
            Hit(n, "/n", n, "", 1, 1, 0.5, 0.5, 0.0, Strength.GOOD, "", 0.0) for n in names
        )

    return Results(Query("q"), hits(paths), hits(weak), took_ms=took)


def test_ndcg_is_the_one_computed_by_hand():
    best = 2 + 1 / math.log2(3)
    assert evaluation.ndcg(["a", "b"], RELEVANT) == 1
    assert evaluation.ndcg(["b", "a"], RELEVANT) == pytest.approx((1 + 2 / math.log2(3)) / best)
    assert evaluation.ndcg(["x", "c", "a"], RELEVANT) == pytest.approx(2 / math.log2(4) / best)
    assert evaluation.ndcg(["x", "a"], RELEVANT, cutoff=1) == 0
    assert evaluation.ndcg(["a"], {}) == 0


def test_reciprocal_rank_counts_the_first_relevant_note():
    assert evaluation.reciprocal_rank(["x", "c", "b", "a"], RELEVANT) == pytest.approx(1 / 3)
    assert evaluation.reciprocal_rank(["x"] * 10 + ["a"], RELEVANT) == 0


def test_hit_and_recall_look_at_the_first_ones():
    assert evaluation.hit(["x", "a"], RELEVANT, 1) == 0
    assert evaluation.hit(["x", "a"], RELEVANT, 2) == 1
    assert evaluation.recall(["x", "b"], RELEVANT) == 0.5
    assert evaluation.recall(["c"], {"c": 0.0}) == 0


def test_percentiles_are_nearest_ranks():
    assert evaluation.percentile([3, 1, 2], 0.5) == 2
    assert evaluation.percentile(list(range(1, 101)), 0.95) == 95
    assert evaluation.percentile([7], 0.95) == 7


def test_a_report_is_the_mean_over_judged_queries():
    answers = {
        "one": results("a", "b", took=1), "two": results(weak=["x", "d"], took=3),
    }  # fmt: skip
    questions = [Question("1", "one"), Question("2", "two"), Question("3", "not judged")]
    report = evaluate(answers.__getitem__, questions, {"1": RELEVANT, "2": {"d": 1.0}})
    assert report.queries == 2
    assert report.ndcg_at_10 == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert report.mrr_at_10 == pytest.approx(0.75)
    assert (report.hit_at_1, report.hit_at_5, report.recall_at_10) == (0.5, 1, 1)
    assert (report.without_hits, report.median_ms, report.p95_ms) == (0.5, 2, 3)


def test_nothing_judged_is_an_error():
    with pytest.raises(EvaluationError):
        evaluate(lambda _: results(), [Question("1", "q")], {"1": {"a": 0.0}})


def test_queries_are_read(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"_id": 1, "text": "Brot"}\n\n{"_id": "b", "text": "x"}\n', encoding="utf-8")
    assert evaluation.read_queries(path) == [Question("1", "Brot"), Question("b", "x")]


def test_judgements_are_read(tmp_path):
    path = tmp_path / "qrels.tsv"
    path.write_text('query\tnote\tscore\n1\tA "b".md\t2\n1\tc.md\t0\n', encoding="utf-8")
    assert evaluation.read_judgements(path) == {"1": {'A "b".md': 2.0, "c.md": 0.0}}


@pytest.mark.parametrize("line", ["nonsense", '{"_id": 1}', "[1, 2]", "3", '"text"'])
def test_a_malformed_query_names_its_line(tmp_path, line):
    path = tmp_path / "queries.jsonl"
    path.write_text(f'{{"_id": 1, "text": "x"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(EvaluationError, match="line 2"):
        evaluation.read_queries(path)


@pytest.mark.parametrize("line", ["1\tnote.md", "1\tnote.md\thigh", "1\ta\t1\tmore", "one"])
def test_a_malformed_judgement_names_its_line(tmp_path, line):
    path = tmp_path / "qrels.tsv"
    path.write_text(f"query\tnote\tscore\n1\ta.md\t1\n{line}\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="line 3"):
        evaluation.read_judgements(path)
