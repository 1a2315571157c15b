"""Small real bundles, trained in a second from data that ships with scikit-learn."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

PROFILE = {
    "personal_data": False,
    "affects_people": False,
    "interacts_with_people": False,
    "attack_exposure": "query",
    "dp_claim": False,
    "federated": False,
    "endpoint": False,
    "biometric": False,
}


def dense_onnx(layers: Sequence[tuple[np.ndarray, np.ndarray]], closing: str | None = None) -> bytes:
    """Gemm layers with Relu between them; `closing` is an operator after the last (Softmax, Sigmoid) or none."""
    nodes, weights, name = [], [], "input"
    for index, (weight, bias) in enumerate(layers):
        weights += [
            numpy_helper.from_array(weight.astype(np.float32), f"w{index}"),
            numpy_helper.from_array(bias.astype(np.float32), f"b{index}"),
        ]
        last = index == len(layers) - 1
        out = f"z{index}" if not last or closing else "output"
        nodes.append(helper.make_node("Gemm", [name, f"w{index}", f"b{index}"], [out], name=f"dense{index}"))
        name = out
        if not last:
            nodes.append(helper.make_node("Relu", [name], [f"a{index}"]))
            name = f"a{index}"
    if closing:
        nodes.append(helper.make_node(closing, [name], ["output"]))
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", layers[0][0].shape[0]])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", layers[-1][0].shape[1]])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def digits_bundle(
    folder: Path,
    *,
    hidden: int = 32,
    seed: int = 0,
    n_test: int = 600,
    training: bool = True,
    changes: dict[str, Any] | None = None,
) -> Path:
    """Handwritten digits (8×8, grey 0–16): an MLP as ONNX with logits, NPZ data. `changes` overlay the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    digits = load_digits()
    train, test, y_train, y_test = train_test_split(
        digits.data, digits.target, test_size=n_test, random_state=seed, stratify=digits.target
    )
    net = MLPClassifier((hidden,), random_state=seed, max_iter=200, early_stopping=False, tol=1e-3)
    net.fit(train / 16, y_train)
    (folder / "model.onnx").write_bytes(dense_onnx(list(zip(net.coefs_, net.intercepts_, strict=True))))
    np.savez(folder / "test.npz", X=test.astype(np.float32), y=y_test)
    data = [{"role": "test", "file": "test.npz", "format": "npz", "origin": "C", "label": "y"}]
    if training:
        np.savez(folder / "training.npz", X=train.astype(np.float32), y=y_train)
        data.append({"role": "training", "file": "training.npz", "format": "npz", "origin": "C", "label": "y"})
    manifest = {
        "manifest": 1,
        "system": {"name": "Digits", "version": "1.0.0"},
        "profile": {"modality": "image", **PROFILE},
        "model": {
            "file": "model.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "logits"},
            "classes": [str(digit) for digit in range(10)],
            "preprocessing": {"layout": "flat", "shape": [1, 8, 8], "scale": 1 / 16, "range": [0, 16], "grid": 1},
        },
        "data": data,
        "claims": [{"metric": "accuracy", "value": 0.95, "minimum": 0.9}],
    }
    return write_manifest(folder, manifest | (changes or {}))


def diabetes_bundle(folder: Path, *, seed: int = 0, n_test: int = 221, changes: dict[str, Any] | None = None) -> Path:
    """Diabetes progression above the median: a logistic regression as ONNX (one probability), CSV with sex and age."""
    folder.mkdir(parents=True, exist_ok=True)
    diabetes = load_diabetes(scaled=False)
    target = (diabetes.target > np.median(diabetes.target)).astype(int)
    train, test, y_train, y_test = train_test_split(
        diabetes.data, target, test_size=n_test, random_state=seed, stratify=target
    )
    mean, std = train.mean(axis=0), train.std(axis=0)
    model = LogisticRegression(max_iter=500).fit((train - mean) / std, y_train)
    (folder / "model.onnx").write_bytes(dense_onnx([(model.coef_.T, model.intercept_)], closing="Sigmoid"))
    names = list(diabetes.feature_names)
    for role, values, labels in (("test", test, y_test), ("training", train, y_train)):
        write_csv(folder / f"{role}.csv", [*names, "above"], np.column_stack([values, labels]).tolist())
    features = [
        {"name": name, "type": "integer" if name == "sex" else "numeric", "mutable": name not in ("age", "sex")}
        for name in names
    ]
    entry = {
        "format": "csv",
        "origin": "C",
        "label": "above",
        "favourable": "0",
        "features": features,
        "sensitive": [{"name": "sex"}, {"name": "age", "cuts": [45, 60]}],
    }
    manifest = {
        "manifest": 1,
        "system": {"name": "Diabetes progression", "version": "1.0.0"},
        "profile": {"modality": "tabular", **PROFILE, "personal_data": True, "affects_people": True},
        "model": {
            "file": "model.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "probabilities"},
            "classes": ["0", "1"],
            "positive": "1",
            "threshold": 0.5,
            "preprocessing": {"layout": "flat", "mean": mean.tolist(), "std": std.tolist()},
        },
        "data": [{"role": role, "file": f"{role}.csv", **entry} for role in ("test", "training")],
        "claims": [{"metric": "auc", "value": 0.8, "minimum": 0.7}],
    }
    return write_manifest(folder, manifest | (changes or {}))


def write_manifest(folder: Path, manifest: dict[str, Any]) -> Path:
    """Writes manifest.json and gives the folder back."""
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A plain UTF-8 CSV file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
