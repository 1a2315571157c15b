"""Bundles whose robustness is known beforehand: linear models on tables, and a model whose gradient misleads."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import PROFILE, dense_onnx, write_csv, write_manifest

FEATURES = 6


def table(seed=0, n=600):
    """n×6 standard normal rows as float32."""
    return np.random.default_rng(seed).normal(size=(n, FEATURES)).astype(np.float32)


def labels_of(weights, bias, rows):
    return (rows.astype(float) @ weights + bias > 0).astype(int)


def linear_bundle(folder, weights, bias, rows, *, fixed=(), model=None):
    """Two logits (0, w·x + b) on a table; features whose position is in `fixed` must not be changed."""
    folder.mkdir(parents=True, exist_ok=True)
    both = np.column_stack([np.zeros(FEATURES), weights])
    (folder / "model.onnx").write_bytes(model or dense_onnx([(both, np.array([0.0, bias]))]))
    names = [f"f{position}" for position in range(FEATURES)]
    labels = labels_of(weights, bias, rows)
    cells = [[*map(repr, row), label] for row, label in zip(rows.astype(float).tolist(), labels, strict=True)]
    write_csv(folder / "test.csv", [*names, "label"], cells)
    features = [
        {"name": name, "type": "numeric", "mutable": position not in fixed, "minimum": -100, "maximum": 100}
        for position, name in enumerate(names)
    ]
    manifest = {
        "manifest": 1,
        "system": {"name": "Linear", "version": "1"},
        "profile": {"modality": "tabular", **PROFILE},
        "model": {
            "file": "model.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "logits"},
            "classes": ["0", "1"],
            "positive": "1",
        },
        "data": [
            {"role": "test", "file": "test.csv", "format": "csv", "origin": "C", "label": "label", "features": features}
        ],
    }
    return load_bundle(write_manifest(folder, manifest))


def standing_share(weights, bias, rows, epsilon=0.2, fixed=()):
    """Share of rows that no change of ε standard deviations in each free feature can turn, in closed form."""
    radius = epsilon * rows.astype(float).std(0)
    radius[list(fixed)] = 0
    return float((np.abs(rows.astype(float) @ weights + bias) > np.abs(weights) @ radius).mean())


def misleading_model(weights):
    """Scores that rise in steps along `weights`, with a faint slope the other way: gradients point the wrong way."""
    levels = np.linspace(-3, 3, 121).astype(np.float32)
    signs = np.sign(weights).astype(np.float32)
    constants = {
        "levels": levels.reshape(1, 1, -1),
        "axes": np.array([2], dtype=np.int64),
        "middle": np.float32(len(levels) / 2),
        "signs": np.column_stack([np.zeros(FEATURES), signs]).astype(np.float32),
        "faint": np.column_stack([np.zeros(FEATURES), -1e-3 * signs]).astype(np.float32),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["input", "axes"], ["wide"]),
        helper.make_node("Greater", ["wide", "levels"], ["above"]),
        helper.make_node("Cast", ["above"], ["ones"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["ones", "axes"], ["counts"], keepdims=0),
        helper.make_node("Sub", ["counts", "middle"], ["steps"]),
        helper.make_node("MatMul", ["steps", "signs"], ["coarse"]),
        helper.make_node("MatMul", ["input", "faint"], ["slope"]),
        helper.make_node("Add", ["coarse", "slope"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "misleading",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", FEATURES])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8).SerializeToString()
