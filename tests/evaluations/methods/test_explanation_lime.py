"""explanation.lime: scikit-learn's fit, linear models that must come back, models that no line follows."""

import base64
import io

import numpy as np
import onnx
import PIL.Image
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from evaluations.methods.local_surrogate import deletion_better, mean_jaccard, weighted_r2, weighted_ridge
from evaluations.methods.neighbourhood import MOST_SEGMENTS, ImageNeighbourhood, TableNeighbourhood, grid_segments
from evaluations.methods.pictures import Layout
from evaluations.methods.registry import get
from evaluations.methods.results import run_method
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import PROFILE, dense_onnx, digits_bundle, write_manifest

WEIGHTS = np.array([4.0, -3.0, 2.5, 2.0, -1.0, 0.5, 0.2, -0.1])


def wave(frequency):
    """Σ sin(frequency · x): rapid for a large frequency, so that no line follows it."""
    scale = numpy_helper.from_array(np.array(frequency, dtype=np.float32), "frequency")
    axes = numpy_helper.from_array(np.array([1], dtype=np.int64), "axes")
    nodes = [
        helper.make_node("Mul", ["input", "frequency"], ["turned"]),
        helper.make_node("Sin", ["turned"], ["waves"]),
        helper.make_node("ReduceSum", ["waves", "axes"], ["output"], keepdims=1),
    ]
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 8])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 1])]
    graph = helper.make_graph(nodes, "wave", inputs, outputs, [scale, axes])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8).SerializeToString()


def write(folder, model, n=120, task="classification"):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model)
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((n, 8)).astype(np.float32)
    labels = rng.standard_normal(n) if task == "regression" else rng.integers(0, 2, n)
    np.savez(folder / "test.npz", X=inputs, y=labels)
    entry = {"file": "model.onnx", "format": "onnx", "task": task}
    if task == "classification":
        entry |= {"classes": ["0", "1"], "positive": "1", "output": {"kind": "logits"}}
    data = [{"role": "test", "file": "test.npz", "format": "npz", "origin": "C", "label": "y"}]
    manifest = {"manifest": 1, "system": {"name": "Line", "version": "1"}, "model": entry, "data": data}
    return write_manifest(folder, manifest | {"profile": {"modality": "tabular", **PROFILE}})


def run(folder, seed=11, **changes):
    method = get("explanation.lime")
    parameters = {parameter.name: parameter.default for parameter in method.parameters} | changes
    document = run_method(method, load_bundle(folder), parameters, seed=seed, folder=folder)
    return document, {metric["name"]: metric for metric in document["metrics"]}


def test_fit_and_fidelity_agree_with_scikit_learn():
    rng = np.random.default_rng(1)
    described, weights = rng.standard_normal((400, 6)), rng.random(400)
    target = described @ rng.standard_normal(6) + rng.standard_normal(400) + 3
    coefficients, intercept = weighted_ridge(described, target, weights)
    reference = Ridge(alpha=1.0).fit(described, target, sample_weight=weights)
    np.testing.assert_allclose(coefficients, reference.coef_, atol=1e-8)
    assert intercept == pytest.approx(reference.intercept_, abs=1e-8)
    fitted = described @ coefficients + intercept
    assert weighted_r2(target, fitted, weights) == pytest.approx(r2_score(target, fitted, sample_weight=weights))


def test_agreement_of_leading_features():
    assert mean_jaccard([frozenset({1, 2, 3})] * 5) == 1
    assert mean_jaccard([frozenset({1, 2}), frozenset({3, 4})]) == 0
    three = [frozenset({1, 2}), frozenset({2, 3}), frozenset({1, 2})]
    assert mean_jaccard(three) == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_linear_model_comes_back(tmp_path, task):
    document, metrics = run(write(tmp_path / "b", dense_onnx([(WEIGHTS[:, None], np.array([0.3]))]), task=task))
    assert metrics["fidelity_r2"]["value"] > 0.999
    assert metrics["fidelity_r2"]["n"] == 100
    assert metrics["deletion_better_share"]["value"] > 0.97
    assert metrics["stability_jaccard"]["value"] == 1.0
    groups = document["charts"][0]["data"]["groups"]
    assert [group["group"] for group in groups[:2]] == ["input 0", "input 1"]
    assert sum(group["value"] for group in groups) == pytest.approx(1)


def test_rapid_wave_is_not_called_explained(tmp_path):
    _, metrics = run(write(tmp_path / "b", wave(40.0)))
    assert metrics["fidelity_r2"]["value"] < 0.05
    assert metrics["fidelity_r2"]["bound"] <= metrics["fidelity_r2"]["value"]
    assert metrics["stability_jaccard"]["value"] < 0.4
    assert metrics["deletion_better_share"]["value"] < 0.75


def test_slow_wave_lies_between(tmp_path):
    _, metrics = run(write(tmp_path / "b", wave(1.0)))
    assert 0.5 < metrics["fidelity_r2"]["value"] < 0.98


def test_constant_logit_is_undefined(tmp_path):
    document, metrics = run(write(tmp_path / "b", dense_onnx([(np.zeros((8, 1)), np.array([0.3]))])))
    assert metrics == {}
    assert "does not vary" in document["undefined"][0]["en"]


def test_arbitrary_explanation_wins_half_of_the_deletions(tmp_path):
    """Whatever order, half wins: the comparison has no bias of its own."""
    bundle = load_bundle(write(tmp_path / "b", dense_onnx([(WEIGHTS[:, None], np.array([0.3]))])))
    inputs = bundle.data("test").inputs
    infinite = np.full(8, np.inf)
    no = np.zeros(8, dtype=bool)
    around = TableNeighbourhood(inputs, no, no, -infinite, infinite, [str(index) for index in range(8)])
    rng = np.random.default_rng(2)
    arbitrary = rng.standard_normal((400, 8))
    wins = [
        deletion_better(bundle.model, around, inputs[row % 120], 1, contributions=order, rng=rng)
        for row, order in enumerate(arbitrary)
    ]
    assert 0.42 < np.mean(wins) < 0.58


def test_neighbours_keep_to_what_the_manifest_declares():
    rng = np.random.default_rng(3)
    data = np.column_stack([rng.normal(50, 10, 300), rng.integers(0, 3, 300), rng.integers(0, 90, 300)])
    discrete, whole = np.array([False, True, False]), np.array([False, False, True])
    low, high = np.array([40.0, -np.inf, 0.0]), np.array([60.0, np.inf, 90.0])
    around = TableNeighbourhood(data.astype(np.float32), discrete, whole, low, high, ["a", "b", "c"])
    inputs, described, weights = around.draw(around.data[0], 2000, rng)
    assert inputs[:, 0].min() >= 40
    assert inputs[:, 0].max() <= 60
    assert set(np.unique(inputs[:, 1])) == {0, 1, 2}
    np.testing.assert_array_equal(inputs[:, 2], np.round(inputs[:, 2]))
    np.testing.assert_array_equal(described[:, 1], inputs[:, 1] == around.data[0, 1])
    distance2 = described[:, 0] ** 2 + described[:, 2] ** 2 + (1 - described[:, 1])
    np.testing.assert_allclose(weights, np.sqrt(np.exp(-distance2 / (0.75**2 * 3))), rtol=1e-4)


@pytest.mark.parametrize(
    "layout", [Layout(1, 8, 8, False), Layout(3, 28, 20, False), Layout(3, 32, 32, True), Layout(1, 3, 3, False)]
)
def test_segments_cover_the_picture_alike_in_all_channels(layout):
    segments = grid_segments(layout)
    planes = layout.to_planes(segments[None])[0]
    assert np.all(planes == planes[0])
    assert 4 <= segments.max() + 1 <= MOST_SEGMENTS
    assert set(segments) == set(range(segments.max() + 1))


def test_removed_segments_show_the_mean_image():
    around = ImageNeighbourhood(np.full(64, 5.0, dtype=np.float32), grid_segments(Layout(1, 8, 8, False)))
    instance = np.arange(64, dtype=np.float32)
    removed = np.zeros((1, around.size), dtype=bool)
    removed[0, 0] = True
    changed = around.without(instance, removed)[0].reshape(8, 8)
    assert np.all(changed[:2, :2] == 5)
    np.testing.assert_array_equal(np.delete(changed.reshape(-1), [0, 1, 8, 9]), np.delete(instance, [0, 1, 8, 9]))


def test_digits_are_explained_with_pictures_and_the_same_again(tmp_path):
    folder = digits_bundle(tmp_path / "digits")
    document, metrics = run(folder, instances=50, neighbours=400, seeds=3)
    assert metrics["fidelity_r2"]["value"] > 0.8
    assert metrics["deletion_better_share"]["value"] > 0.9
    pictures = [PIL.Image.open(io.BytesIO(base64.b64decode(image["png"]))) for image in document["images"]]
    assert [picture.size for picture in pictures] == [(384, 128)] * 4
    assert document["flags"] == {"explanation_delivered": False}
    again, _ = run(folder, instances=50, neighbours=400, seeds=3)
    assert again["metrics"] == document["metrics"]
    other, _ = run(folder, seed=12, instances=50, neighbours=400, seeds=3)
    assert other["samples"] != document["samples"]


def test_too_few_records_are_undefined(tmp_path):
    document, _ = run(write(tmp_path / "b", dense_onnx([(WEIGHTS[:, None], np.array([0.3]))]), n=49))
    assert "49" in document["undefined"][0]["en"]


def test_wave_model_is_sound():
    onnx.checker.check_model(onnx.load_from_string(wave(2.0)))
