"""The three attack methods on bundles whose robustness is known, from the manifest to the result document."""

import numpy as np
import pytest

from evaluations.methods import parameters, registry
from evaluations.methods.results import run_method
from evaluations.methods.robustness_pgd import masks_gradient
from evaluations.readers.bundle import load_bundle
from tests.factories.attack_bundles import (
    FEATURES,
    labels_of,
    linear_bundle,
    misleading_model,
    standing_share,
    table,
)
from tests.factories.bundles import digits_bundle

WEIGHTS = np.array([1.0, -0.8, 0.6, 0.5, -0.4, 0.3])
QUICK = {"robustness.fgsm": {}, "robustness.pgd": {"steps": 30, "restarts": 2}, "robustness.blackbox": {}}
ATTACKS = list(QUICK)


def run(method_id, bundle, folder, *, seed=1, **given):
    method = registry.get(method_id)
    checked = parameters.checked(method.parameters, {**QUICK.get(method_id, {}), "samples": 1000, **given})
    return run_method(method, bundle, checked, seed=seed, folder=folder)


def metric(document, name, **slice_):
    return next(
        item for item in document["metrics"] if item["name"] == name and slice_.items() <= item["slice"].items()
    )


@pytest.mark.parametrize("method_id", ATTACKS)
def test_linear_model_stands_as_its_closed_form_says(tmp_path, method_id):
    rows = table()
    document = run(method_id, linear_bundle(tmp_path / "b", WEIGHTS, 0.1, rows), tmp_path)
    found = metric(document, "robust_accuracy_primary")
    expected = standing_share(WEIGHTS, 0.1, rows)
    assert 0.3 < expected < 0.9
    if method_id == "robustness.blackbox":
        assert expected <= found["value"] <= expected + 0.02
    else:
        assert found["value"] == pytest.approx(expected, abs=1e-9)
    assert found["low"] < found["bound"] < found["value"] < found["high"]
    assert document["undefined"] == []
    assert document["scored"]


@pytest.mark.parametrize("method_id", ATTACKS)
def test_model_that_reads_only_what_must_not_change_keeps_everything(tmp_path, method_id):
    weights = np.array([1.0, 0, 0, 0, 0, 0])
    bundle = linear_bundle(tmp_path / "b", weights, 0.0, table(), fixed=(0,))
    document = run(method_id, bundle, tmp_path)
    assert metric(document, "robust_accuracy_primary")["value"] == 1
    assert not any(document["flags"].values())


@pytest.mark.parametrize("method_id", ATTACKS)
def test_model_at_the_boundary_falls(tmp_path, method_id):
    rows = table()
    rows -= np.outer(rows @ WEIGHTS, WEIGHTS).astype(np.float32) * 0.98 / np.float32(WEIGHTS @ WEIGHTS)
    document = run(method_id, linear_bundle(tmp_path / "b", WEIGHTS, 0.0, rows), tmp_path)
    assert metric(document, "robust_accuracy_primary")["value"] < 0.05


def test_union_is_at_most_each_member_and_the_curve_falls(tmp_path):
    bundle = load_bundle(digits_bundle(tmp_path / "digits", n_test=400))
    document = run("robustness.pgd", bundle, tmp_path)
    union = metric(document, "robust_accuracy_primary")
    members = [item["value"] for item in document["metrics"] if "attack" in item["slice"]]
    assert len(members) == 5
    assert all(union["value"] <= value for value in members)
    curve = next(chart for chart in document["charts"] if chart["kind"] == "curve")["data"]
    assert curve["x"] == pytest.approx([1 / 16, 2 / 16, 3 / 16])
    assert curve["y"] == sorted(curve["y"], reverse=True)
    assert document["images"]
    fgsm = run("robustness.fgsm", bundle, tmp_path)
    assert union["value"] <= metric(fgsm, "robust_accuracy_primary")["value"]


def test_same_seed_gives_the_same_metrics_and_pictures(tmp_path):
    bundle = load_bundle(digits_bundle(tmp_path / "digits", n_test=400))
    documents = [run("robustness.pgd", bundle, tmp_path, seed=seed, samples=200) for seed in (1, 1, 2)]
    assert documents[0]["metrics"] == documents[1]["metrics"]
    assert documents[0]["images"] == documents[1]["images"]
    assert documents[0]["samples"] != documents[2]["samples"]


def test_gradients_that_mislead_are_flagged(tmp_path):
    signs = np.array([1.0, -1, 1, 1, -1, 1])
    bundle = linear_bundle(tmp_path / "b", signs, 0.0, table(), model=misleading_model(signs))
    document = run("robustness.pgd", bundle, tmp_path)
    assert document["flags"]["gradient_masking"]
    by_square = metric(document, "robust_accuracy", attack="square")["value"]
    by_gradient = metric(document, "robust_accuracy", attack="fgsm")["value"]
    assert by_square < by_gradient - 0.1
    assert metric(document, "robust_accuracy_primary")["value"] <= by_square
    assert any("masking" in note["en"] for note in document["notes"])


def test_masking_needs_more_than_two_standard_errors():
    none = np.zeros(400, dtype=bool)
    some = none.copy()
    some[:3] = True
    assert not masks_gradient(none, none)
    assert not masks_gradient(none, some)
    some[:20] = True
    assert masks_gradient(none, some)
    assert not masks_gradient(some, none)


@pytest.mark.parametrize("method_id", ["robustness.fgsm", "robustness.pgd"])
def test_without_exact_gradient_nothing_is_estimated(tmp_path, method_id):
    from onnx import helper, load_model_from_string

    bundle = linear_bundle(tmp_path / "a", WEIGHTS, 0.0, table())
    proto = load_model_from_string((tmp_path / "a" / "model.onnx").read_bytes())
    proto.graph.node[0].input[0] = "rounded"
    proto.graph.node.insert(0, helper.make_node("Round", ["input"], ["rounded"]))
    bundle = linear_bundle(tmp_path / "b", WEIGHTS, 0.0, table(), model=proto.SerializeToString())
    document = run(method_id, bundle, tmp_path)
    assert document["metrics"] == []
    assert "Round" in document["undefined"][0]["en"]
    assert run("robustness.blackbox", bundle, tmp_path)["metrics"]


def test_operator_that_the_runtime_lacks_backwards_is_undefined_not_a_crash(tmp_path):
    """Sin exists in float64, its derivative Cos does not."""
    from onnx import TensorProto, helper, numpy_helper

    both = np.column_stack([np.zeros(FEATURES), WEIGHTS])
    nodes = [
        helper.make_node("Cast", ["input"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("Sin", ["wide"], ["wave"]),
        helper.make_node("MatMul", ["wave", "w"], ["product"]),
        helper.make_node("Cast", ["product"], ["output"], to=TensorProto.FLOAT),
    ]
    graph = helper.make_graph(
        nodes,
        "wave",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", FEATURES])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(both, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8).SerializeToString()
    document = run("robustness.fgsm", linear_bundle(tmp_path / "b", WEIGHTS, 0.0, table(), model=model), tmp_path)
    assert document["metrics"] == []
    assert "No exact gradient" in document["undefined"][0]["en"]


@pytest.mark.parametrize("method_id", ATTACKS)
def test_too_few_samples_are_shown_but_not_measured(tmp_path, method_id):
    document = run(method_id, linear_bundle(tmp_path / "b", WEIGHTS, 0.0, table(n=150)), tmp_path)
    assert "200" in document["undefined"][0]["en"]
    assert metric(document, "robust_accuracy_primary")["n"] == 150


def test_curve_over_queries_reaches_five_thousand_when_asked(tmp_path):
    bundle = linear_bundle(tmp_path / "b", WEIGHTS, 0.1, table())
    document = run("robustness.blackbox", bundle, tmp_path, queries=5000)
    budgets = [item["slice"]["queries"] for item in document["metrics"] if item["name"] == "robust_accuracy"]
    assert budgets == ["100", "500", "1000", "5000"]
    values = [item["value"] for item in document["metrics"] if item["name"] == "robust_accuracy"]
    assert values == sorted(values, reverse=True)
    assert values[2] == metric(document, "robust_accuracy_primary")["value"]


def test_factories_agree_with_the_model(tmp_path):
    rows = table()
    bundle = linear_bundle(tmp_path / "b", WEIGHTS, 0.1, rows)
    assert (bundle.model.labels(rows) == labels_of(WEIGHTS, 0.1, rows)).all()
    assert rows.shape[1] == FEATURES
