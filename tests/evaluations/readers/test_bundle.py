"""A whole bundle: model, data and manifest against scikit-learn and closed forms."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import accuracy_score, roc_auc_score

from evaluations.readers.bundle import load_bundle
from evaluations.readers.readout import softmax
from evaluations.readers.refusal import Refused
from tests.factories.bundles import PROFILE, dense_onnx, diabetes_bundle, digits_bundle, write_csv, write_manifest


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digits_bundle(tmp_path_factory.mktemp("digits"))


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return diabetes_bundle(tmp_path_factory.mktemp("diabetes"))


def test_digits_are_seen_in_the_declared_shape_and_recognised(digits: Path) -> None:
    bundle = load_bundle(digits)
    test, model = bundle.data("test"), bundle.model
    assert test is not None
    assert model is not None
    assert test.inputs.shape == (600, 1, 8, 8)
    assert test.inputs.dtype == np.float32
    assert test.inputs.max() == 16 == load_digits().data.max()
    assert accuracy_score(test.labels, model.labels(test.inputs)) > 0.93
    assert np.array_equal(np.argmax(model.scores(test.inputs), axis=1), model.labels(test.inputs))
    assert np.allclose(model.probabilities(test.inputs), softmax(model.logits(test.inputs)))
    assert bundle.data("deployment") is None


def test_facts_are_json_and_name_what_methods_go_by(digits: Path, diabetes: Path) -> None:
    facts = json.loads(json.dumps(load_bundle(digits).facts()))
    assert facts["rows"] == {"test": 600, "training": 1197}
    assert facts["image"] == {"channels": 1, "height": 8, "width": 8, "channel_axis": 1}
    assert facts["differentiable"]
    assert facts["free_batch"]
    assert facts["classes"] == 10
    facts = load_bundle(diabetes).facts()
    assert facts["sensitive"] == ["age", "sex"]
    assert facts["input_shape"] == [10]
    assert facts["image"] is None


def test_digests_are_of_the_bytes(digits: Path) -> None:
    found = load_bundle(digits).digests()
    assert set(found) == {"manifest.json", "model.onnx", "test.npz", "training.npz"}
    assert found["model.onnx"] == hashlib.sha256((digits / "model.onnx").read_bytes()).hexdigest()


def test_single_probability_is_read_as_two_columns(diabetes: Path) -> None:
    bundle = load_bundle(diabetes)
    test, model = bundle.data("test"), bundle.model
    assert test is not None
    assert model is not None
    scores = model.scores(test.inputs)
    assert scores.shape == (221, 2)
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-6)
    assert roc_auc_score(test.labels, scores[:, 1]) > 0.75
    assert test.favourable == 0


def test_threshold_moves_labels_but_not_probabilities(diabetes: Path, tmp_path: Path) -> None:
    plain = load_bundle(diabetes)
    manifest = plain.manifest | {"model": plain.manifest["model"] | {"threshold": 0.8}}
    strict_folder = diabetes_bundle(tmp_path / "strict")
    strict = load_bundle(write_manifest(strict_folder, manifest))
    test, model, other = plain.data("test"), strict.model, plain.model
    assert test is not None
    assert model is not None
    assert other is not None
    probability = other.probabilities(test.inputs)[:, 1]
    assert np.array_equal(model.labels(test.inputs), (probability > 0.8).astype(int))
    assert np.array_equal(model.labels(test.inputs), np.argmax(model.scores(test.inputs), axis=1))
    assert np.allclose(model.probabilities(test.inputs)[:, 1], probability)


def test_gradient_of_a_logistic_regression_is_its_coefficients(diabetes: Path) -> None:
    bundle = load_bundle(diabetes)
    test, model = bundle.data("test"), bundle.model
    assert test is not None
    assert model is not None
    seed = np.tile(np.array([[0.0, 1.0]], dtype=np.float32), (test.n, 1))
    found = model.gradient(test.inputs, seed)
    rng = np.random.default_rng(1)
    direction = rng.normal(size=(1, 10)).astype(np.float32)
    slope = (model.logits(test.inputs + direction) - model.logits(test.inputs - direction))[:, 1] / 2
    assert np.allclose(found @ direction[0], slope, rtol=2e-3, atol=1e-4)
    assert np.allclose(found, found[0])  # linear: the same everywhere


def test_saturated_softmax_still_has_a_gradient(tmp_path: Path) -> None:
    weights = np.array([[500.0, -500.0], [0.0, 0.0]])
    bundle = _two_features(tmp_path, dense_onnx([(weights, np.zeros(2))], closing="Softmax"), "probabilities")
    model = bundle.model
    assert model is not None
    found = model.gradient(np.array([[1.0, 1.0]], dtype=np.float32), np.array([[1.0, -1.0]], dtype=np.float32))
    assert found.tolist() == [[1000.0, 0.0]]


def test_lowest_score_wins_where_declared(tmp_path: Path) -> None:
    bundle = _two_features(tmp_path, dense_onnx([(np.eye(2), np.zeros(2))]), "score", lower_is_better=True)
    assert bundle.model is not None
    assert bundle.model.labels(np.array([[1.0, 2.0], [3.0, 2.0]])).tolist() == [0, 1]
    seed = np.array([[1.0, 0.0]], dtype=np.float32)
    assert bundle.model.gradient(np.array([[1.0, 2.0]]), seed).tolist() == [[-1.0, 0.0]]


@pytest.mark.parametrize("kind", ["probabilities", "label"])
def test_classifier_with_labels_and_a_map_of_probabilities(tmp_path: Path, kind: str) -> None:
    """As scikit-learn's converters export it: first the labels, then a sequence of maps."""
    nodes = [
        helper.make_node(
            "LinearClassifier",
            ["x"],
            ["label", "p"],
            domain="ai.onnx.ml",
            classlabels_ints=[0, 1],
            coefficients=[-1.0, 0.0, 1.0, 0.0],
            intercepts=[0.0, 0.0],
            post_transform="LOGISTIC",
        ),
        helper.make_node("ZipMap", ["p"], ["map"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
    ]
    pairs = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
        helper.make_value_info("map", helper.make_sequence_type_proto(pairs)),
    ]
    graph = helper.make_graph(nodes, "zip", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])], outputs)
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 2)]
    data = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    model = _two_features(tmp_path, data, kind).model
    raw = np.array([[1.0, 5.0], [-2.0, 5.0]], dtype=np.float32)
    assert model.labels(raw).tolist() == [1, 0]
    positive = 1 / (1 + np.exp(-raw[:, 0])) if kind == "probabilities" else np.array([1.0, 0.0])
    assert np.allclose(model.scores(raw)[:, 1], positive)


@pytest.mark.parametrize("rewritable", [True, False])
def test_model_of_one_sample_at_a_time_gives_the_same_answers(tmp_path: Path, rewritable: bool) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(2, 2)).astype(np.float32)
    target = np.array([1, 2], dtype=np.int64)
    nodes = [
        helper.make_node("Reshape", ["x", "target"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["z" if not rewritable else "y"]),
    ]
    if not rewritable:  # a sum over the batch would change with its size, which the comparison must notice
        nodes += [
            helper.make_node("ReduceSum", ["z", "axes"], ["s"], keepdims=1),
            helper.make_node("Add", ["z", "s"], ["y"]),
        ]
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        [
            numpy_helper.from_array(weight, "w"),
            numpy_helper.from_array(target, "target"),
            numpy_helper.from_array(np.array([0], dtype=np.int64), "axes"),
        ],
    )
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8).SerializeToString()
    model = _two_features(tmp_path, data, "logits").model
    assert model is not None
    assert not model.free_batch
    raw = rng.normal(size=(7, 2)).astype(np.float32)
    expected = raw @ weight * (1 if rewritable else 2)
    assert np.allclose(model.logits(raw), expected, atol=1e-5)
    assert np.allclose(model.run(raw), expected, atol=1e-5)
    seed = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (7, 1))
    assert np.allclose(model.gradient(raw, seed), weight[:, 0] * (1 if rewritable else 2), atol=1e-5)


def test_groups_are_cut_as_declared(diabetes: Path) -> None:
    test = load_bundle(diabetes).data("test")
    assert test is not None
    age = test.column("age")
    assert set(test.group("age")) == {"<45", "45–60", "≥60"}
    assert np.array_equal(test.group("age") == "45–60", (age >= 45) & (age < 60))
    assert set(test.group("sex")) == {"1", "2"}
    with pytest.raises(Refused, match="not declared"):
        test.group("bmi")


def test_selection_keeps_rows_together(diabetes: Path) -> None:
    test = load_bundle(diabetes).data("test")
    assert test is not None
    part = test.select([5, 3]).select([1])
    assert part.n == 1
    assert part.labels[0] == test.labels[3]
    assert np.array_equal(part.inputs[0], test.inputs[3])
    assert part.group("age")[0] == test.group("age")[3]


def test_regression_values_pass_through(tmp_path: Path) -> None:
    data = load_diabetes(scaled=False)
    coefficients = np.linalg.lstsq(np.c_[data.data, np.ones(442)], data.target, rcond=None)[0]
    (tmp_path / "model.onnx").write_bytes(dense_onnx([(coefficients[:-1, None], coefficients[-1:])]))
    write_csv(tmp_path / "t.csv", [*data.feature_names, "y"], np.c_[data.data, data.target].tolist())
    bundle = load_bundle(_written(tmp_path, {"task": "regression"}, label="y"))
    test, model = bundle.data("test"), bundle.model
    assert test is not None
    assert model is not None
    assert np.allclose(test.labels, data.target)
    residual = model.scores(test.inputs)[:, 0] - data.target
    assert 1 - (residual**2).sum() / ((data.target - data.target.mean()) ** 2).sum() == pytest.approx(0.5177, abs=1e-3)
    with pytest.raises(Refused, match="values, not labels"):
        model.labels(test.inputs)


def test_predictions_only_serve_as_a_test_set(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["who", "out", "score"], [["a", 1, 7], ["b", 0, 4], ["a", 0, 5]])
    entry = {
        "role": "predictions",
        "file": "t.csv",
        "format": "csv",
        "label": "out",
        "prediction": {"column": "score", "above": 4},
        "score": "score",
        "sensitive": [{"name": "who"}],
    }
    manifest = {
        "manifest": 1,
        "system": {"name": "S", "version": "1"},
        "profile": {"modality": "tabular", **PROFILE},
        "model": {"format": "predictions", "task": "classification", "positive": "1"},
        "data": [entry],
    }
    bundle = load_bundle(write_manifest(tmp_path, manifest))
    test = bundle.data("test")
    assert bundle.model is None
    assert bundle.classes == ["0", "1"]
    assert test is not None
    assert test.predictions is not None
    assert test.predictions.tolist() == [1, 0, 1]
    assert test.scores is not None
    assert test.scores.tolist() == [7, 4, 5]
    assert test.labels.tolist() == [1, 0, 0]
    assert test.group("who").tolist() == ["a", "b", "a"]
    facts = bundle.facts()
    assert facts["predictions"]
    assert not facts["differentiable"]
    assert facts["model"] == "predictions"


def test_unknown_label_names_its_row(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["a", "b", "y"], [[1, 2, "0"], [1, 2, "maybe"]])
    (tmp_path / "model.onnx").write_bytes(dense_onnx([(np.eye(2), np.zeros(2))]))
    bundle = load_bundle(_written(tmp_path, {"classes": ["0", "1"]}, label="y"))
    test = bundle.data("test")
    assert test is not None
    with pytest.raises(Refused) as caught:
        _ = test.labels
    assert caught.value.place == "t.csv: row 2, column y"


def test_categories_are_fed_by_their_declared_codes(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["colour", "ok", "y"], [["red", "true", 0], ["blue", "false", 1], ["", "true", 1]])
    (tmp_path / "model.onnx").write_bytes(dense_onnx([(np.eye(2), np.zeros(2))]))
    features = [
        {"name": "colour", "type": "categorical", "values": ["blue", "green", "red"]},
        {"name": "ok", "type": "boolean"},
    ]
    test = load_bundle(_written(tmp_path, {"classes": ["0", "1"]}, label="y", features=features)).data("test")
    assert test is not None
    assert np.array_equal(test.inputs, [[2, 1], [0, 0], [np.nan, 1]], equal_nan=True)


def test_model_that_does_not_fit_its_data_says_so(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["a", "b", "c", "y"], [[1, 2, 3, 0]])
    (tmp_path / "model.onnx").write_bytes(dense_onnx([(np.eye(2), np.zeros(2))]))
    bundle = load_bundle(_written(tmp_path, {"classes": ["0", "1"]}, label="y"))
    test, model = bundle.data("test"), bundle.model
    assert test is not None
    assert model is not None
    with pytest.raises(Refused, match="preprocessing"):
        model.labels(test.inputs)


def test_link_out_of_the_bundle_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    write_csv(outside, ["a", "b", "y"], [[1, 2, 0]])
    inside = tmp_path / "bundle"
    inside.mkdir()
    (inside / "t.csv").symlink_to(outside)
    (inside / "model.onnx").write_bytes(dense_onnx([(np.eye(2), np.zeros(2))]))
    with pytest.raises(Refused, match="out of the bundle"):
        load_bundle(_written(inside, {"classes": ["0", "1"]}, label="y"))


def _written(folder: Path, model: dict[str, Any], **data: Any) -> Path:
    return write_manifest(
        folder,
        {
            "manifest": 1,
            "system": {"name": "S", "version": "1"},
            "profile": {"modality": "tabular", **PROFILE},
            "model": {"file": "model.onnx", "format": "onnx", "task": "classification", **model},
            "data": [{"role": "test", "file": "t.csv", "format": "csv", **data}],
        },
    )


def _two_features(folder: Path, data: bytes, kind: str, **output: Any) -> Any:
    (folder / "model.onnx").write_bytes(data)
    write_csv(folder / "t.csv", ["a", "b", "y"], [[1, 2, 0], [3, 4, 1]])
    return load_bundle(_written(folder, {"classes": ["0", "1"], "output": {"kind": kind, **output}}, label="y"))
