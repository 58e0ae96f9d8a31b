"""Texts -> unit vectors: a model folder, its manifest, its self-check and its ONNX session."""

import functools
import hashlib
import json
import threading
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from notesearch.translation import tr

Vector = npt.NDArray[np.float32]
"""One embedding: [dimension], of length 1."""
Vectors = npt.NDArray[np.float32]
"""Embeddings, a row each: [n, dimension]."""

MANIFEST = "model.toml"
SIMILARITY = "similarity.toml"
SCHEMA = 1


class ModelError(Exception):
    """A model folder that is incomplete, damaged or gives wrong vectors; says which and why."""


class Encoder(Protocol):
    """What the rest of the program needs of a model."""

    name: str
    identity: str
    """Changes whenever the vectors would."""
    dimension: int
    passage_tokens: int
    probes: tuple[str, ...]
    """Queries that have nothing to do with most people's notes."""
    languages: tuple[str, ...]
    """What the model knows, as ISO 639-1 codes."""

    def count_tokens(self, text: str) -> int:
        """Count the tokens the model makes of a text, without its special ones."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Embed what somebody asks."""
        ...

    def embed_passage(self, text: str) -> Vector:
        """Embed what is to be found."""
        ...

    def attribute(self, text: str, query: Vector) -> list[tuple[int, float]]:
        """Return what each token of a text adds to its cosine with a query: offset and share.

        Shares add up to the cosine; tokens that stand for no character have the offset -1.
        """
        ...

    def stop(self) -> None:
        """Let what is being embedded end now, with InterruptedError, and all that is asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences whose similarity is known."""

    name: str
    a: str
    b: str
    published: float
    """What a publication expected."""
    reference: float
    """What the official implementation gives in float32."""
    value: float = float("nan")
    """What this model gives."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model folder's description of itself, `model.toml`."""

    folder: Path
    name: str
    precision: str
    dimension: int
    max_tokens: int
    passage_tokens: int
    query_prefix: str
    passage_prefix: str
    languages: tuple[str, ...]
    licence: str
    inputs: Mapping[str, str]
    """Names and dtypes of what the graph takes."""
    embedding_output: str
    tokens_output: str
    sha256: Mapping[str, str]
    """Of the folder's files, by name."""

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a model folder. Raises ModelError."""
        try:
            values = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if values["schema"] != SCHEMA:
                unknown = tr("{file}: schema {schema} is not known")
                raise ModelError(unknown.format(file=folder / MANIFEST, schema=values["schema"]))
            return cls(
                folder=folder,
                name=str(values["name"]),
                precision=str(values["precision"]),
                dimension=int(values["dimension"]),
                max_tokens=int(values["max_tokens"]),
                passage_tokens=int(values["passage_tokens"]),
                query_prefix=str(values["query_prefix"]),
                passage_prefix=str(values["passage_prefix"]),
                languages=tuple(values["languages"]),
                licence=str(values["licence"]),
                inputs=dict(values["inputs"]),
                embedding_output=str(values["outputs"]["embedding"]),
                tokens_output=str(values["outputs"]["tokens"]),
                sha256=dict(values["sha256"]),
            )
        except OSError as error:
            raise ModelError(tr("the model cannot be read: {error}").format(error=error)) from error
        except (KeyError, TypeError, ValueError) as error:
            told = tr("{file} is not a model's manifest: {error!r}")
            raise ModelError(told.format(file=folder / MANIFEST, error=error)) from error

    def verify(self) -> None:
        """Compare every file with its hash. Raises ModelError naming the first that differs."""
        if missing := {"model.onnx", "tokenizer.json", SIMILARITY} - set(self.sha256):
            names = ", ".join(sorted(missing))
            told = tr("{file} has no hash of {names}")
            raise ModelError(told.format(file=self.folder / MANIFEST, names=names))
        for name, expected in self.sha256.items():
            path = self.folder / name
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise ModelError(_incomplete(error)) from error
            if found != expected:
                told = tr(
                    "{file} is damaged or has been changed (its SHA-256 is not the one in "
                    "{manifest}). Install notesearch again to replace it."
                )
                raise ModelError(told.format(file=path, manifest=MANIFEST))

    @property
    def identity(self) -> str:
        """Hash of everything that decides what passages, vectors and floor a library has."""
        decisive = [
            self.name, self.dimension, self.max_tokens, self.passage_tokens, self.query_prefix,
            self.passage_prefix, dict(self.inputs), self.embedding_output,
            self.sha256.get("model.onnx"), self.sha256.get("tokenizer.json"),
            self.sha256.get(SIMILARITY),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Reference:
    """Known answers that a sound model gives, `similarity.toml`."""

    pairs: tuple[Pair, ...]
    vectors: tuple[tuple[str, Vector], ...]
    probes: tuple[str, ...]
    pair_tolerance: float
    norm_tolerance: float
    vector_cosine: float

    @classmethod
    def read(cls, folder: Path) -> "Reference":
        """Read the known answers of a model folder. Raises ModelError."""
        path = folder / SIMILARITY
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(
                pairs=tuple(
                    Pair(p["name"], p["a"], p["b"], p["published"], p["reference"])
                    for p in values["pairs"]
                ),
                vectors=tuple(
                    (v["text"], np.asarray(v["vector"], np.float32)) for v in values["vectors"]
                ),
                probes=tuple(query for probe in values["probes"] for query in probe["queries"]),
                pair_tolerance=float(values["tolerance"]["pair"]),
                norm_tolerance=float(values["tolerance"]["norm"]),
                vector_cosine=float(values["tolerance"]["vector_cosine"]),
            )
        except OSError as error:
            raise ModelError(_incomplete(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            told = tr("{file} cannot be understood: {error!r}")
            raise ModelError(told.format(file=path, error=error)) from error


def _incomplete(error: OSError) -> str:
    return tr("the model is incomplete: {error}").format(error=error)


class Embedder:
    """A model folder, loaded. Its methods may be called from several threads at once.

    One text goes into one run: on a CPU that is faster than batches, needs no padding, can be
    stopped between two texts, and makes an int8 model's vectors independent of their neighbours.
    """

    def __init__(self, folder: Path, *, checked: Path | None = None) -> None:
        """Load and verify a model folder.

        checked: a file that remembers which models have passed their self-check.

        Raises ModelError where the folder is incomplete or damaged or the model gives vectors
        other than it should.
        """
        import onnxruntime  # noqa: PLC0415  # a third of a second: only where a model is used
        import tokenizers  # noqa: PLC0415

        self.manifest = Manifest.read(folder)
        self.manifest.verify()
        self.reference = Reference.read(folder)
        self.name = self.manifest.name
        self.identity = self.manifest.identity
        self.dimension = self.manifest.dimension
        self.passage_tokens = self.manifest.passage_tokens
        self.probes = self.reference.probes
        self.languages = self.manifest.languages
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            # Both may be baked into a tokenizer.json; padding would change every vector, and
            # tokens are counted without an end. A second one would take some megabytes.
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self._room = self._count_room()
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.enable_cpu_mem_arena = False
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise their own kinds, even bare Exception
            told = tr("the model in {folder} cannot be loaded: {error}")
            raise ModelError(told.format(folder=folder, error=error)) from error
        self._run_options = onnxruntime.RunOptions
        self._running: set[Any] = set()
        self._stopped = threading.Event()
        self.embed_query = functools.lru_cache(maxsize=256)(self._embed_query)
        self._compare_inputs()
        if checked is None or not _remembers(checked, self.identity):
            check(self.reference, self.embed_passage)
            if checked is not None:
                _remember(checked, self.identity)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text, special ones left out, however long it is.

        Raises InterruptedError when it was stopped.
        """
        if self._stopped.is_set():
            raise InterruptedError("the model was stopped")
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def embed_passage(self, text: str) -> Vector:
        """Return the unit vector [dimension] of a text, cut at `max_tokens` tokens.

        Raises ModelError when the model fails, InterruptedError after stop().
        """
        return self._embed(self.manifest.passage_prefix + text)

    def attribute(self, text: str, query: Vector) -> list[tuple[int, float]]:
        """Return what each token of a passage adds to its cosine with a query.

        The embedding is the mean of the tokens' vectors, brought to length 1, so the cosine is a
        sum over tokens. Each comes with the offset in the text at which it begins, -1 for one that
        stands for no character of it.

        Raises ModelError when the model fails, InterruptedError after stop().
        """
        prefix = self.manifest.passage_prefix
        encoding = self._encode(prefix + text)
        (tokens,) = self._run(encoding, self.manifest.tokens_output)
        length = max(float(np.linalg.norm(tokens.mean(axis=0))), 1e-9)
        shares = (tokens @ query / (len(tokens) * length)).tolist()
        return [
            (start - len(prefix) if end > start >= len(prefix) else -1, share)
            for (start, end), share in zip(encoding.offsets, shares, strict=True)
        ]

    def _embed_query(self, text: str) -> Vector:
        return self._embed(self.manifest.query_prefix + text)

    def stop(self) -> None:
        """Make runs under way, and all later ones, end at once with InterruptedError."""
        self._stopped.set()
        for options in list(self._running):
            options.terminate = True

    def pairs(self) -> tuple[Pair, ...]:
        """Embed the known pairs and return them with this model's values."""
        return _measure_pairs(self.reference, self.embed_passage)

    def _embed(self, text: str) -> Vector:
        output = self._run(self._encode(text), self.manifest.embedding_output)
        if output.shape != (1, self.dimension):
            told = tr("the model's output {name!r} has the shape {shape} instead of {expected}")
            raise ModelError(told.format(
                name=self.manifest.embedding_output, shape=output.shape,
                expected=(1, self.dimension),
            ))  # fmt: skip
        vector: Vector = np.ascontiguousarray(output[0], np.float32)
        vector.flags.writeable = False
        return vector

    def _count_room(self) -> int:
        """Return how many tokens of a text the model takes beside its special ones."""
        special = int(self._tokenizer.num_special_tokens_to_add(is_pair=False))
        room = self.manifest.max_tokens - special
        if room <= 0:
            raise ValueError(f"max_tokens = {self.manifest.max_tokens}")
        return room

    def _encode(self, text: str) -> Any:  # noqa: ANN401  # untyped
        """Take a text apart into tokens, cut so that the special ones still fit."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        encoding.truncate(self._room)
        return self._tokenizer.post_process(encoding)

    def _run(self, encoding: Any, wanted: str) -> npt.NDArray[np.float32]:  # noqa: ANN401  # untyped
        """Run the model on one text and return one of its outputs."""
        values = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask,
                  "token_type_ids": encoding.type_ids}  # fmt: skip
        feed = {
            name: np.asarray([values[name]], dtype=dtype)
            for name, dtype in self.manifest.inputs.items()
        }
        options = self._run_options()
        self._running.add(options)
        try:
            if self._stopped.is_set():
                raise InterruptedError
            output: npt.NDArray[np.float32] = self._session.run([wanted], feed, options)[0]
        except InterruptedError:
            raise
        except Exception as error:
            if self._stopped.is_set():
                raise InterruptedError from error
            told = tr("the model failed on a text: {error}")
            raise ModelError(told.format(error=error)) from error
        finally:
            self._running.discard(options)
        return output

    def _compare_inputs(self) -> None:
        """Refuse a graph that does not take what the manifest says."""
        known = {"input_ids", "attention_mask", "token_type_ids"}
        graph = {i.name: i.type.removeprefix("tensor(").rstrip(")") for i in
                 self._session.get_inputs()}  # fmt: skip
        if graph != dict(self.manifest.inputs) or not set(graph) <= known:
            told = tr("the model in {folder} takes {graph}, but its {manifest} says {inputs}")
            raise ModelError(told.format(
                folder=self.manifest.folder, graph=graph, manifest=MANIFEST,
                inputs=dict(self.manifest.inputs),
            ))  # fmt: skip
        outputs = {output.name for output in self._session.get_outputs()}
        if self.manifest.embedding_output not in outputs:
            told = tr("the model in {folder} has no output {name!r}")
            raise ModelError(
                told.format(folder=self.manifest.folder, name=self.manifest.embedding_output)
            )


def check(reference: Reference, embed: Callable[[str], Vector]) -> None:
    """Hold a model to its known answers.

    Catches the ways in which ports of sentence embedding models are known to go wrong while
    looking sound: padding counted as text, another pooling, no normalisation, early truncation.

    Raises ModelError that says what is wrong, first of all when unrelated sentences score high.
    """
    pairs = _measure_pairs(reference, embed)
    wrong = [p for p in pairs if not abs(p.value - p.reference) <= reference.pair_tolerance]
    if wrong:
        worst = max(wrong, key=lambda p: abs(p.value - p.reference))
        kind = tr("unrelated") if worst.value > worst.reference else tr("related")
        told = tr(
            "the model does not give the vectors it should: the {kind} sentences {pair.a!r} "
            "and {pair.b!r} reach a similarity of {pair.value:.2f} instead of "
            "{pair.reference:.2f} ({wrong} of {all} known pairs are off). It is not used."
        )
        raise ModelError(told.format(kind=kind, pair=worst, wrong=len(wrong), all=len(pairs)))
    for text, expected in reference.vectors:
        vector = embed(text)
        norm = float(np.linalg.norm(vector))
        if not abs(norm - 1) <= reference.norm_tolerance:
            told = tr("the model's vectors have length {length:.3f} instead of 1")
            raise ModelError(told.format(length=norm))
        cosine = float(vector @ expected / np.linalg.norm(expected))
        if not cosine >= reference.vector_cosine:
            told = tr(
                "the model does not give the vectors it should: a text of known vector is "
                "{cosine:.3f} close to it instead of {expected} or more. It is not used."
            )
            raise ModelError(told.format(cosine=cosine, expected=reference.vector_cosine))


def _measure_pairs(reference: Reference, embed: Callable[[str], Vector]) -> tuple[Pair, ...]:
    return tuple(
        Pair(p.name, p.a, p.b, p.published, p.reference, _cosine(embed(p.a), embed(p.b)))
        for p in reference.pairs
    )


def _cosine(a: Sequence[float] | Vector, b: Sequence[float] | Vector) -> float:
    """Return the plain dot product: a model that does not normalise is to be found out."""
    return float(np.dot(a, b))


def _remembers(path: Path, identity: str) -> bool:
    try:
        return identity in path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return False


def _remember(path: Path, identity: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="ascii") as file:
            file.write(identity + "\n")
    except OSError:
        # Only costs the check of half a second again at the next start.
        return
