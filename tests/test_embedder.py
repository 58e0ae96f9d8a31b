"""The shipped model gives the vectors it should, and models that do not are refused."""

import functools
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import defective_models as defective
import numpy as np
import pytest

from notesearch.core import embedder as module
from notesearch.core.embedder import Embedder, Manifest, ModelError

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = defective.SHIPPED

# Of the official implementation in float32. Written down here as well, so that a slip in the
# shipped similarity.toml, which the self-check believes, is noticed.
PAIRS = {
    "medium_similarity_weather": 0.651474,
    "high_similarity_movie": 0.893904,
    "high_similarity_paraphrase_1": 0.737853,
    "very_high_similarity_identical_meaning": 0.945632,
    "medium_similarity_related": 0.291242,
    "low_similarity_weather_stadium": 0.113646,
    "low_similarity_sunny_stadium": 0.147101,
    "low_similarity_unrelated_1": 0.033788,
    "low_similarity_different_topics": -0.00054,
}
# Likewise, special tokens left out.
TOKENS = {
    "": 0,
    " ": 0,
    "a": 1,
    "hello world": 2,
    "why is the sky blue?": 6,
    "hi, how are you doing?": 7,
    "ÄÖÜ äöü ß — naïve café": 8,
    "日本語のノートを検索する": 12,
    "🚀🔥 emoji only ✅": 6,
    "[[wikilink]] #tag **bold** `code`": 17,
    "CVE-2024-1234 in openssl 3.0.2": 16,
    "UPPER lower MiXeD": 3,
    "https://example.org/a/b?c=d#e": 17,
    "word " * 1000: 1000,
}
ODD_TEXTS = {
    "empty": "",
    "spaces": " \t\n\u00a0\u3000",
    "emoji": "🚀🔥👩‍👩‍👧‍👦",
    "long": "A sentence about bread. " * 4167,
    "long word": "x" * 100_000,
    "NUL": "before\0after",
    "only NUL": "\0",
    "CJK": "日本語のノートを検索する",
    "right to left": "ملاحظات عن الخبز",
    "special tokens": "[PAD] [CLS] [SEP] [MASK]",
    "private use": "\ue000\uffff\U0010ffff",
}


@pytest.fixture(scope="module")
def shipped():
    return Embedder(SHIPPED)


@pytest.fixture
def make(tmp_path):
    """Write a model folder, see `defective_models.make`."""

    def write(name="model", **changes):
        return defective.make(tmp_path / name, **changes)

    return write


def padded(*, attention, pooling):
    return functools.partial(defective.padded, attention=attention, pooling=pooling)


@pytest.fixture
def checks(monkeypatch):
    """Count the self-checks."""
    done = []

    def count(reference, embed):
        done.append(reference)
        check(reference, embed)

    check = module.check
    monkeypatch.setattr(module, "check", count)
    return done


# --- models that give wrong vectors


@pytest.mark.parametrize(
    "surgery",
    [
        pytest.param(padded(attention=False, pooling=True), id="no mask in attention"),
        pytest.param(padded(attention=True, pooling=False), id="no mask in pooling"),
        pytest.param(padded(attention=False, pooling=False), id="no mask at all"),
    ],
)
def test_padding_that_counts_as_text_is_refused(make, surgery):
    with pytest.raises(ModelError) as refused:
        Embedder(make(surgery=surgery))
    message = str(refused.value)
    assert "the unrelated sentences" in message
    found = re.search(r"a similarity of (\S+) instead of (\S+) ", message)
    assert float(found[1]) > 0.5
    assert float(found[2]) < 0.15
    assert "8 of 9 known pairs are off" in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"surgery": defective.first_token}, "unrelated sentences", id="CLS"),
        pytest.param({"surgery": defective.maximum}, "unrelated sentences", id="maximum"),
        pytest.param({"surgery": defective.not_normalised}, "9 of 9 known pairs", id="no norm"),
        pytest.param({"surgery": defective.stretched}, "length 1.005 instead of 1", id="stretched"),
        pytest.param({"surgery": defective.not_a_number}, "a similarity of nan", id="NaN"),
        pytest.param({"surgery": defective.truncated}, "text of known vector", id="cut in graph"),
        pytest.param(
            {"manifest": [("max_tokens = 256", "max_tokens = 128")]},
            "text of known vector",
            id="cut by manifest",
        ),
        pytest.param(
            {"tokenizer": defective.without_special_tokens}, "known pairs are off", id="no CLS, SEP"
        ),
        pytest.param({"surgery": defective.narrow_inputs}, "takes .*int32.* says .*int64", id="32"),
        pytest.param(
            {"manifest": [('= "int64"', '= "int32"')]}, "takes .*int64.* says .*int32", id="64"
        ),
        pytest.param(
            {"manifest": [('attention_mask = "int64"\n', "")]}, "takes .* says", id="an input less"
        ),
        pytest.param(
            {"manifest": [('= "sentence_embedding"', '= "nothing"')]},
            "has no output 'nothing'",
            id="no such output",
        ),
        pytest.param(
            {"manifest": [('= "sentence_embedding"', '= "token_embeddings"')]},
            r"'token_embeddings' has the shape \(1, \d+, 384\) instead of \(1, 384\)",
            id="a vector per token",
        ),
        pytest.param(
            {"manifest": [("dimension = 384", "dimension = 256")]},
            r"has the shape \(1, 384\) instead of \(1, 256\)",
            id="another dimension",
        ),
    ],
)
def test_a_defective_model_is_refused(make, changes, message):
    with pytest.raises(ModelError, match=message):
        Embedder(make(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="copied"),
        pytest.param({"surgery": defective.unchanged}, id="saved again"),
        pytest.param({"surgery": padded(attention=True, pooling=True)}, id="padded, mask given"),
        pytest.param(
            {"surgery": defective.narrow_inputs, "manifest": [('= "int64"', '= "int32"')]},
            id="int32 in graph and manifest",
        ),
    ],
)
def test_a_sound_variant_passes(make, changes):
    """It is the defects that are refused, not the hand that put them in."""
    model = Embedder(make(**changes))
    assert np.linalg.norm(model.embed_passage("bread")) == pytest.approx(1, abs=1e-3)


# --- damaged folders


@pytest.mark.parametrize("name", defective.FILES)
def test_a_flipped_byte_is_refused(make, name):
    folder = make()
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"is damaged or has been changed.*Install") as refused:
        Embedder(folder)
    assert str(folder / name) in str(refused.value)


@pytest.mark.parametrize("name", [*defective.FILES, "model.toml"])
def test_a_missing_file_is_refused(make, name):
    folder = make()
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"incomplete|cannot be read.*{name}") as refused:
        Embedder(folder)
    assert name in str(refused.value)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        Embedder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"schema = ", "not a model's manifest", id="not TOML"),
        pytest.param(b"", "not a model's manifest.*schema", id="empty"),
        pytest.param(b"\xff\xfe", "not a model's manifest", id="not UTF-8"),
        pytest.param(b"schema = 2", "schema 2 is not known", id="schema"),
        pytest.param(b"schema = 1", "not a model's manifest.*name", id="nothing in it"),
    ],
)
def test_a_broken_manifest_is_refused(make, content, message):
    folder = make()
    (folder / "model.toml").write_bytes(content)
    with pytest.raises(ModelError, match=message):
        Embedder(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dimension = 384", 'dimension = "wide"', "not a model's manifest"),
        ("dimension = 384", "", "not a model's manifest.*dimension"),
        ('languages = ["en"]', "languages = 3", "not a model's manifest"),
        ("[inputs]", "inputs = 3\n[other]", "not a model's manifest"),
        ("[outputs]", 'outputs = "x"\n[other]', "not a model's manifest"),
        ("[sha256]", "[other]", "not a model's manifest.*sha256"),
        ('"model.onnx" =', '"LICENCE" =', "has no hash of model.onnx"),
        ("max_tokens = 256", "max_tokens = -1", "cannot be loaded"),
    ],
)
def test_a_manifest_with_a_wrong_value_is_refused(make, old, new, message):
    folder = make(manifest=[(old, new)])
    with pytest.raises(ModelError, match=message):
        Embedder(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.onnx", b"not a graph", "cannot be loaded"),
        ("model.onnx", b"", "cannot be loaded"),
        ("tokenizer.json", b"{}", "cannot be loaded"),
        ("similarity.toml", b"schema = ", "cannot be understood"),
        ("similarity.toml", b"schema = 1", "cannot be understood"),
    ],
)
def test_nonsense_with_the_right_hash_is_refused(make, name, content, message):
    folder = make()
    (folder / name).write_bytes(content)
    defective.rehash(folder)
    with pytest.raises(ModelError, match=message):
        Embedder(folder)


# --- the check is remembered


def test_a_passed_check_is_remembered(tmp_path, checks):
    checked = tmp_path / "state" / "checked"
    first = Embedder(SHIPPED, checked=checked)
    assert len(checks) == 1
    assert checked.read_text(encoding="ascii").split() == [first.identity]
    Embedder(SHIPPED, checked=checked)
    assert len(checks) == 1
    Embedder(SHIPPED)
    assert len(checks) == 2


def test_a_remembered_model_is_not_measured_again(make, tmp_path, monkeypatch):
    checked, folder, measured = tmp_path / "checked", make(), []
    real = module.check
    monkeypatch.setattr(module, "check", lambda *args: (measured.append(1), real(*args)))
    for _ in range(3):
        Embedder(folder, checked=checked)
    assert len(measured) == 1
    # Other known answers are other questions.
    other = make("other", similarity=[("reference = 0.651474", "reference = 0.2")])
    with pytest.raises(ModelError, match=r"instead of 0\.20"):
        Embedder(other, checked=checked)


def test_a_changed_model_is_checked_again(make, tmp_path):
    checked = tmp_path / "checked"
    sound = Embedder(SHIPPED, checked=checked)
    for name, changes in {
        "graph": {"surgery": defective.first_token},
        "tokenizer": {"tokenizer": defective.without_special_tokens},
        "manifest": {"manifest": [("max_tokens = 256", "max_tokens = 128")]},
        "prefix": {"manifest": [('passage_prefix = ""', 'passage_prefix = "passage: "')]},
    }.items():
        folder = make(name, **changes)
        assert Manifest.read(folder).identity != sound.identity
        for _ in range(2):
            with pytest.raises(ModelError, match="known"):
                Embedder(folder, checked=checked)
    assert checked.read_text(encoding="ascii").split() == [sound.identity]
    good = Embedder(make("good", surgery=defective.unchanged), checked=checked)
    assert checked.read_text(encoding="ascii").split() == [sound.identity, good.identity]


def test_damage_is_noticed_even_where_the_check_is_remembered(make, tmp_path):
    checked = tmp_path / "checked"
    folder = make()
    Embedder(folder, checked=checked)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match="damaged"):
        Embedder(folder, checked=checked)


@pytest.mark.parametrize("kind", ["a folder", "below a file", "not text"])
def test_a_checked_file_that_cannot_be_used_is_harmless(tmp_path, checks, kind):
    path = tmp_path / "checked"
    if kind == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\x00\xfe")
    if kind == "below a file":
        path /= "checked"
    for _ in range(2):
        Embedder(SHIPPED, checked=path)
    assert len(checks) == 2


# --- what the shipped model gives


def test_the_manifest_describes_what_ships(shipped):
    manifest = Manifest.read(SHIPPED)
    manifest.verify()
    assert manifest.dimension == 384
    assert manifest.max_tokens == 256
    assert manifest.passage_tokens < manifest.max_tokens
    assert (manifest.name, manifest.licence) == ("all-MiniLM-L6-v2", "Apache-2.0")
    assert {p.name for p in SHIPPED.iterdir()} == {*defective.FILES, "model.toml"}
    assert set(manifest.sha256) == set(defective.FILES)
    assert shipped.identity == Embedder(SHIPPED).identity
    assert len(set(shipped.probes)) == len(shipped.probes) > 100


def test_the_pairs_are_near_their_references(shipped):
    pairs = shipped.pairs()
    assert {p.name: p.reference for p in pairs} == PAIRS
    for pair in pairs:
        assert pair.value == pytest.approx(PAIRS[pair.name], abs=0.04), pair.name


def test_the_known_text_gets_its_known_vector(shipped):
    ((text, expected),) = shipped.reference.vectors
    assert expected.shape == (384,)
    assert np.linalg.norm(expected) == pytest.approx(1, abs=1e-4)
    assert shipped.count_tokens(text) == 218
    assert shipped.embed_passage(text) @ expected > 0.975


@pytest.mark.parametrize("text", TOKENS, ids=lambda text: text[:12])
def test_tokens_are_counted(shipped, text):
    assert shipped.count_tokens(text) == TOKENS[text]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_texts_get_unit_vectors(shipped, text):
    for vector in (shipped.embed_passage(text), shipped.embed_query(text)):
        assert vector.shape == (384,)
        assert vector.dtype == np.float32
        assert np.isfinite(vector).all()
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_text_beyond_the_limit_is_cut(shipped):
    start = "word " * 254
    assert np.array_equal(shipped.embed_passage(start), shipped.embed_passage(start + "bread " * 9))
    assert not np.array_equal(shipped.embed_passage(start[:-5]), shipped.embed_passage(start))


def test_a_vector_cannot_be_overwritten(shipped):
    with pytest.raises(ValueError, match="read-only"):
        shipped.embed_query("bread")[0] = 1
    assert shipped.embed_query("bread") is shipped.embed_query("bread")


def test_two_runs_agree_to_the_last_bit(shipped):
    again = Embedder(SHIPPED)
    for text in ("hello world", *ODD_TEXTS.values()):
        first = shipped.embed_passage(text)
        assert np.array_equal(first, shipped.embed_passage(text))
        assert np.array_equal(first, again.embed_passage(text))


def test_threads_do_not_disturb_each_other(shipped):
    texts = [f"Note {i}: " + "bread and networks, " * (i % 12) for i in range(50)]
    alone = np.stack([shipped.embed_passage(text) for text in texts])

    def embed(order):
        return {i: shipped.embed_passage(texts[i]) for i in order}

    orders = [np.random.default_rng(seed).permutation(50) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(embed, orders):
            assert np.array_equal(np.stack([result[i] for i in range(50)]), alone)


def test_prefixes_go_before_the_text(make, tmp_path, shipped):
    folder = make(
        manifest=[
            ('query_prefix = ""', 'query_prefix = "query: "'),
            ('passage_prefix = ""', 'passage_prefix = "passage: "'),
        ]
    )
    checked = tmp_path / "checked"
    checked.write_text(Manifest.read(folder).identity, encoding="ascii")
    model = Embedder(folder, checked=checked)
    query, passage = model.embed_query("bread"), model.embed_passage("bread")
    assert np.array_equal(query, shipped.embed_query("query: bread"))
    assert np.array_equal(passage, shipped.embed_passage("passage: bread"))


def test_padding_and_truncation_in_the_tokenizer_file_are_overridden(make, shipped):
    model = Embedder(make(tokenizer=defective.as_published))
    ((long, _),) = shipped.reference.vectors
    for text in ("hello world", "", long, *ODD_TEXTS.values()):
        assert np.array_equal(model.embed_passage(text), shipped.embed_passage(text))
        assert model.count_tokens(text) == shipped.count_tokens(text)


# --- stopping


def test_stop_ends_a_run_under_way(make, tmp_path):
    folder = make(surgery=defective.endless)
    checked = tmp_path / "checked"
    checked.write_text(Manifest.read(folder).identity, encoding="ascii")
    model = Embedder(folder, checked=checked)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(model.embed_passage, "a"), pool.submit(model.embed_query, "b")]
        try:
            time.sleep(0.5)
            assert not any(run.done() for run in runs)
        finally:
            # The runs keep the processor busy until they end; a machine that stands still does not.
            started = time.process_time()
            model.stop()
        for run in runs:
            assert isinstance(run.exception(timeout=60), InterruptedError)
    assert time.process_time() - started < 3


def test_stop_ends_a_series_and_everything_later(shipped):
    model = Embedder(SHIPPED)
    ended = []
    begun = threading.Event()

    def embed_on():
        try:
            while True:
                model.embed_passage("bread " * 200)
                begun.set()
        except InterruptedError as error:
            ended.append(error)

    thread = threading.Thread(target=embed_on, daemon=True)
    thread.start()
    assert begun.wait(60)
    model.stop()
    thread.join(60)
    assert len(ended) == 1
    for embed in (model.embed_passage, model.embed_query):
        with pytest.raises(InterruptedError):
            embed("something else")
    with pytest.raises(InterruptedError):
        model.pairs()
    with pytest.raises(InterruptedError):
        model.count_tokens("hello world")
    assert shipped.embed_passage("other models go on").shape == (384,)


# --- nothing left behind


def test_embedding_leaves_nothing_in_the_home_folder(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT)}
    script = (
        "import sys, pathlib, notesearch\n"
        "from notesearch.core.embedder import Embedder\n"
        "model = Embedder(pathlib.Path(sys.argv[1]))\n"
        "print(model.embed_passage('bread').shape)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(SHIPPED)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "(384,)\n", "")
    assert [str(p.relative_to(home)) for p in home.rglob("*")] == []


def test_importing_the_module_does_not_load_the_runtime():
    script = "import sys, notesearch.core.embedder; print('onnxruntime' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
