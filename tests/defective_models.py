"""Model folders that are wrong in the ways ports of such models are known to go wrong.

Every one is made from the shipped folder: its graph is operated on, and the manifest gets the
hashes of the result, so that nothing but the vectors gives the defect away.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "all-MiniLM-L6-v2"
FILES = ("model.onnx", "tokenizer.json", "similarity.toml", "LICENSE")

# Names inside the shipped graph.
_ATTENTION_MASK_CAST = "/encoder/Cast_output_0_int32"
_POOLING_MASK = "/Unsqueeze_output_0"
_POOLED = "/Div_output_0"
_TOKENS = "token_embeddings"
_EMBEDDING = "sentence_embedding"

Surgery = Callable[[onnx.ModelProto], None]


def make(
    folder: Path,
    *,
    surgery: Surgery | None = None,
    tokenizer: Callable[[dict[str, Any]], None] | None = None,
    manifest: Iterable[tuple[str, str]] = (),
    similarity: Iterable[tuple[str, str]] = (),
) -> Path:
    """Write a complete model folder whose hashes are right.

    manifest, similarity: what to replace in these files, each of which must be there.
    """
    shutil.copytree(SHIPPED, folder)
    if surgery is not None:
        model = onnx.load(SHIPPED / "model.onnx")
        surgery(model)
        onnx.checker.check_model(model)
        onnx.save(model, folder / "model.onnx")
    if tokenizer is not None:
        path = folder / "tokenizer.json"
        values = json.loads(path.read_text(encoding="utf-8"))
        tokenizer(values)
        path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    _replace(folder / "similarity.toml", similarity)
    _replace(folder / "model.toml", manifest)
    rehash(folder)
    return folder


def rehash(folder: Path) -> None:
    """Write the hashes of a folder's files into its manifest."""
    path = folder / "model.toml"
    text = path.read_text(encoding="utf-8")
    for name in FILES:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        text = re.sub(rf'(?m)^("{re.escape(name)}" = ")[^"]*"', rf'\g<1>{digest}"', text)
    path.write_text(text, encoding="utf-8")


def _replace(path: Path, changes: Iterable[tuple[str, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{path.name} has no {old!r}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def unchanged(model: onnx.ModelProto) -> None:
    """Leave the graph as it is: only saved by another hand."""
    model.producer_name = "saved again"


def padded(model: onnx.ModelProto, *, attention: bool, pooling: bool) -> None:
    """Pad every text to 128 tokens in the graph.

    attention, pooling: whether that part is given the mask; otherwise padding counts as text.
    """
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["pad/shape"], start=1, end=2),
        _constant("pad/128", [128]),
        _constant("pad/none", [0]),
        _constant("pad/three", [0, 0, 0]),
        helper.make_node("Sub", ["pad/128", "pad/shape"], ["pad/missing"]),
        helper.make_node("Max", ["pad/missing", "pad/none"], ["pad/count"]),
        helper.make_node("Concat", ["pad/three", "pad/count"], ["pad/pads"], axis=0),
        helper.make_node("Pad", ["input_ids", "pad/pads"], ["pad/ids"]),
        helper.make_node("Pad", ["attention_mask", "pad/pads"], ["pad/mask"]),
        helper.make_node("Shape", ["pad/ids"], ["pad/padded"]),
        helper.make_node(
            "ConstantOfShape",
            ["pad/padded"],
            ["pad/ones"],
            value=helper.make_tensor("one", TensorProto.INT64, [1], [1]),
        ),
    ]
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            if name == "input_ids":
                node.input[i] = "pad/ids"
            elif name == "attention_mask":
                given = {_ATTENTION_MASK_CAST: attention, _POOLING_MASK: pooling}[node.output[0]]
                node.input[i] = "pad/mask" if given else "pad/ones"
    _put_first(model, nodes)


def truncated(model: onnx.ModelProto) -> None:
    """Cut every text at 128 tokens in the graph."""
    nodes = [_constant("cut/from", [0]), _constant("cut/to", [128]), _constant("cut/axis", [1])]
    for name in ("input_ids", "attention_mask"):
        _rename_uses(model, name, f"cut/{name}")
        nodes.append(
            helper.make_node("Slice", [name, "cut/from", "cut/to", "cut/axis"], [f"cut/{name}"])
        )
    _put_first(model, nodes)


def first_token(model: onnx.ModelProto) -> None:
    """Take the vector of [CLS] instead of the mean."""
    _pool(
        model,
        _constant("cls/index", 0),
        helper.make_node("Gather", [_TOKENS, "cls/index"], [_POOLED], axis=1),
    )


def maximum(model: onnx.ModelProto) -> None:
    """Take the maximum over the tokens instead of the mean."""
    _pool(model, helper.make_node("ReduceMax", [_TOKENS], [_POOLED], axes=[1], keepdims=0))


def not_normalised(model: onnx.ModelProto) -> None:
    """Give the mean as it is."""
    _remove(model, _EMBEDDING)
    model.graph.node.append(helper.make_node("Identity", [_POOLED], [_EMBEDDING]))


def stretched(model: onnx.ModelProto) -> None:
    """Give vectors of length 1.005: too little for the pairs to show it."""
    _after(model, "Mul", 1.005)


def not_a_number(model: onnx.ModelProto) -> None:
    """Give vectors of NaN."""
    _after(model, "Mul", float("nan"))


def narrow_inputs(model: onnx.ModelProto) -> None:
    """Take int32 instead of int64. Works as well as before if it is given that."""
    nodes = []
    for value in model.graph.input:
        value.type.tensor_type.elem_type = TensorProto.INT32
        _rename_uses(model, value.name, f"wide/{value.name}")
        cast = helper.make_node("Cast", [value.name], [f"wide/{value.name}"], to=TensorProto.INT64)
        nodes.append(cast)
    _put_first(model, nodes)


def endless(model: onnx.ModelProto) -> None:
    """Go on for hours over one text."""
    counted = helper.make_node("Loop", ["slow/times", "", "slow/zero"], ["slow/sum"])
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["slow/go"], ["slow/goes"]),
            helper.make_node("Add", ["slow/so_far", "slow/zero"], ["slow/next"]),
        ],
        "slow",
        [
            helper.make_tensor_value_info("slow/i", TensorProto.INT64, []),
            helper.make_tensor_value_info("slow/go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("slow/so_far", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("slow/goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("slow/next", TensorProto.FLOAT, [1]),
        ],
    )
    counted.attribute.append(helper.make_attribute("body", body))
    _rename_output(model, _EMBEDDING, "slow/embedding")
    model.graph.node.extend(
        [
            _constant("slow/times", 1 << 40),
            _constant("slow/zero", [0.0]),
            counted,
            helper.make_node("Add", ["slow/embedding", "slow/sum"], [_EMBEDDING]),
        ]
    )


def without_special_tokens(tokenizer: dict[str, Any]) -> None:
    """Add neither [CLS] nor [SEP]."""
    tokenizer["post_processor"] = None


def as_published(tokenizer: dict[str, Any]) -> None:
    """Bake in the padding and the truncation with which the tokenizer was published."""
    tokenizer["truncation"] = {
        "direction": "Right",
        "max_length": 128,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    tokenizer["padding"] = {
        "strategy": {"Fixed": 128},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }


def _constant(name: str, value: int | list[int] | list[float]) -> onnx.NodeProto:
    values = value if isinstance(value, list) else [value]
    kind = TensorProto.FLOAT if isinstance(values[0], float) else TensorProto.INT64
    shape = [len(values)] if isinstance(value, list) else []
    tensor = helper.make_tensor(name, kind, shape, values)
    return helper.make_node("Constant", [], [name], value=tensor)


def _put_first(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *rest])


def _pool(model: onnx.ModelProto, *nodes: onnx.NodeProto) -> None:
    """Compute the pooled vector in another way."""
    at = _remove(model, _POOLED)
    for node in reversed(nodes):
        model.graph.node.insert(at, node)


def _after(model: onnx.ModelProto, operator: str, value: float) -> None:
    _rename_output(model, _EMBEDDING, "after/embedding")
    model.graph.node.extend(
        [
            _constant("after/value", [value]),
            helper.make_node(operator, ["after/embedding", "after/value"], [_EMBEDDING]),
        ]
    )


def _remove(model: onnx.ModelProto, output: str) -> int:
    (at,) = [i for i, node in enumerate(model.graph.node) if output in node.output]
    del model.graph.node[at]
    return at


def _rename_uses(model: onnx.ModelProto, old: str, new: str) -> None:
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            if name == old:
                node.input[i] = new


def _rename_output(model: onnx.ModelProto, old: str, new: str) -> None:
    (node,) = [node for node in model.graph.node if old in node.output]
    node.output[list(node.output).index(old)] = new
