import contextlib
import json
import math
import random
from functools import partial

import numpy as np
import pytest
import pytrec_eval
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from notesearch import cli, measure, paths, settings
from notesearch.core import evaluation
from notesearch.core.access import Writer
from notesearch.core.evaluation import EvaluationError, Question, RatedPair, evaluate
from notesearch.core.notes import Hit, Mode, Query, Results, Strength

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


def test_the_metrics_are_those_of_trec_eval():
    chance = random.Random(3)
    for _ in range(200):
        notes = [f"{i:02}.md" for i in range(20)]
        # Any order of the judged, and some that nobody judged.
        judged = {note: chance.choice([0, 0, 1, 2, 3]) for note in chance.sample(notes, 9)}
        ranked = chance.sample(notes, chance.randint(1, 15))
        if not any(judged.values()):
            continue
        run = {note: float(-i) for i, note in enumerate(ranked)}
        measures = {"ndcg_cut.10", "recall.10", "success.1,5"}
        found = pytrec_eval.RelevanceEvaluator({"q": judged}, measures).evaluate({"q": run})["q"]
        # Its reciprocal rank knows no cutoff.
        first_ten = {"q": {note: run[note] for note in ranked[:10]}}
        found |= pytrec_eval.RelevanceEvaluator({"q": judged}, {"recip_rank"}).evaluate(first_ten)[
            "q"
        ]
        assert found == pytest.approx(
            {
                "ndcg_cut_10": evaluation.ndcg(ranked, judged),
                "recall_10": evaluation.recall(ranked, judged),
                "success_1": evaluation.hit(ranked, judged, 1),
                "success_5": evaluation.hit(ranked, judged, 5),
                "recip_rank": evaluation.reciprocal_rank(ranked, judged),
            }
        )


@given(st.lists(st.integers(-3, 3) | st.floats(-10, 10), min_size=1))
def test_ranks_are_those_of_scipy(values):
    assert evaluation.ranks(values).tolist() == scipy.stats.rankdata(values).tolist()


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(-1, 1) | st.just(0.5)), min_size=2).filter(
        lambda pairs: all(len(set(column)) > 1 for column in zip(*pairs, strict=True))
    )
)
def test_the_correlation_is_that_of_scipy(pairs):
    a, b = zip(*pairs, strict=True)
    assert evaluation.spearman(a, b) == pytest.approx(scipy.stats.spearmanr(a, b).statistic)


def test_only_the_order_counts_for_the_correlation():
    assert evaluation.spearman([1, 2, 3], [0.1, 5, 1000]) == pytest.approx(1)
    assert evaluation.spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


@pytest.mark.parametrize("values", [[], [1], [2, 2, 2]])
def test_without_an_order_there_is_no_correlation(values):
    with pytest.raises(EvaluationError, match="differ"):
        evaluation.spearman(values, list(range(len(values))))


def test_every_sentence_is_embedded_once():
    vectors = {"a": np.array([1, 0]), "b": np.array([0, 1]), "c": np.array([0.6, 0.8])}
    embedded = []

    def embed(text):
        embedded.append(text)
        return vectors[text]

    pairs = [RatedPair("a", "a", 5), RatedPair("a", "c", 3), RatedPair("b", "a", 0)]
    assert evaluation.correlation(pairs, embed) == pytest.approx(1)
    assert sorted(embedded) == ["a", "b", "c"]


def test_rated_pairs_are_read_with_and_without_a_line_of_names(tmp_path):
    path = tmp_path / "pairs.tsv"
    rows = 'A "cat\tA kitten\t4.5\tcaptions\r\n\nOne\u2028line\tAnother\t0\n'
    expected = [RatedPair('A "cat', "A kitten", 4.5), RatedPair("One\u2028line", "Another", 0)]
    for first in ("", "sentence1\tsentence2\tscore\tsubset\n", "\ufeff"):
        path.write_text(first + rows, encoding="utf-8", newline="")
        assert evaluation.read_pairs(path) == expected


@pytest.mark.parametrize("line", ["one", "a\tb", "a\tb\thigh", "a\tb\tnan", "a\t\t3", "4\ta\tb"])
def test_a_malformed_pair_names_its_line(tmp_path, line):
    path = tmp_path / "pairs.tsv"
    path.write_text(f"sentence1\tsentence2\tscore\na\tb\t1\n{line}\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="line 3"):
        evaluation.read_pairs(path)


def test_a_first_line_of_too_few_columns_is_no_line_of_names(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="line 1"):
        evaluation.read_pairs(path)


@pytest.fixture
def rated(tmp_path):
    path = tmp_path / "pairs.tsv"
    rows = [
        ("The cat sits outside", "The kitten rests in the garden", 4),
        ("A man is playing guitar", "A man plays an instrument", 3.8),
        ("The new movie is awesome", "How do I bake bread?", 0.1),
    ]
    path.write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in rows), encoding="utf-8")
    return path


def test_evaluate_compares_the_model_with_people(tmp_path, rated, capsys):
    command = ["--data-dir", str(tmp_path / "d"), "evaluate", "--sts", str(rated)]
    assert cli.main([*command, "--json"]) == cli.FOUND
    report = json.loads(capsys.readouterr().out)
    # Of three pairs the unrelated one is last; the others may be in either order.
    assert report == {"pairs": 3, "spearman": pytest.approx(75, abs=25.1)}
    assert cli.main(command) == cli.FOUND
    assert capsys.readouterr().out.split() == [
        "pairs", "3", "spearman", f"{report['spearman']:.4f}"
    ]  # fmt: skip


def test_pairs_that_cannot_be_ranked_name_the_file(tmp_path, encoder):
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\t1\nc\td\t1\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"pairs\.tsv"):
        measure.similarity(path, encoder)


@pytest.mark.parametrize(
    "arguments",
    [[], ["notes"], ["notes", "--queries", "q"], ["--queries", "q", "--qrels", "r"],
     ["notes", "--sts", "s"], ["--sts", "s", "--qrels", "r"]],
)  # fmt: skip
def test_evaluate_wants_one_of_two_things(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--data-dir", str(tmp_path), "evaluate", *arguments])
    assert ended.value.code == cli.USAGE
    assert "either FOLDER, --queries and --qrels, or --sts" in capsys.readouterr().err


@pytest.fixture
def judged(tmp_path, vault):
    folder = vault({"cat.md": "# Cat\n\nIt purrs.", "bread.md": "# Bread\n\nSourdough."})
    queries, judgements = tmp_path / "q.jsonl", tmp_path / "q.tsv"
    queries.write_text('{"_id": "1", "text": "kitten"}\n', encoding="utf-8")
    judgements.write_text("1\tcat.md\t1\n", encoding="utf-8")
    return measure.JudgedFolder(folder, queries, judgements)


@pytest.fixture
def index(encoder, bring_up_to_date):
    """Open a library with a folder in it, and remember where it was."""
    places = []

    @contextlib.contextmanager
    def opened(user, folder):
        places.append(user)
        with Writer(user, encoder, [folder], threads=1) as writer:
            bring_up_to_date(writer.indexer)
            yield writer

    opened.places = places
    return opened


def test_a_ranking_is_measured_in_a_library_of_its_own(tmp_path, judged, encoder, index):
    user = paths.UserPaths(tmp_path, tmp_path, tmp_path)
    values = measure.ranking(judged, Mode.MEANING, user, encoder, index)
    assert (values["by"], values["queries"], values["hit_at_1"]) == ("meaning", 1, 1)
    assert index.places != [user]
    assert not index.places[0].data.exists()
    assert "hit_at_1       1.0000" in measure.text(values).split("\n")


def test_a_ranking_is_measured_in_the_library_of_just_this_folder(tmp_path, judged, encoder, index):
    user = paths.UserPaths(tmp_path, tmp_path, tmp_path)
    settings.save(user.settings, settings.Settings().with_folders(judged.folder))
    run = partial(measure.ranking, judged, Mode.BOTH, user, encoder, index)
    run()
    assert index.places != [user]  # nothing has been indexed yet
    with index(user, judged.folder):
        pass
    run()
    assert index.places[1:] == [user, user]


def test_a_folder_that_is_none_is_not_measured(tmp_path, judged, encoder, index):
    missing = measure.JudgedFolder(tmp_path / "missing", judged.queries, judged.judgements)
    with pytest.raises(EvaluationError, match="not a folder"):
        measure.ranking(
            missing, Mode.BOTH, paths.UserPaths(tmp_path, tmp_path, tmp_path), encoder, index
        )
