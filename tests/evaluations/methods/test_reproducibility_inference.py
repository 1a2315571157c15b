"""reproducibility.inference: exact models pass, random and batch-dependent ones are caught."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper

from evaluations.methods.frame import Context
from evaluations.methods.reproducibility_inference import ReproducibilityInference
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import digits_bundle


def with_graph(folder, nodes, *, batch="N"):
    """The digits data with another model: input [batch, 64] to output [batch, 10]."""
    digits_bundle(folder)
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, 10])],
        [helper.make_tensor("picked", TensorProto.INT64, [10], range(20, 30))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return load_bundle(folder)


def run(bundle, **parameters):
    given = {"repeats": 2, "rows": 300} | parameters
    return ReproducibilityInference().run(Context(bundle, given, seed=5, folder=bundle.folder))


def values(result):
    return {found.name: found.value for found in result.metrics}


def test_model_without_sums_is_byte_identical(tmp_path):
    result = run(with_graph(tmp_path, [helper.make_node("Gather", ["input", "picked"], ["output"], axis=1)]))
    found = values(result)
    assert (found["byte_identical"], found["flip_rate"], found["max_relative_difference"]) == (1, 0, 0)
    assert len(result.tables[0].rows) == 6


def test_random_model_is_caught(tmp_path):
    nodes = [
        helper.make_node("Gather", ["input", "picked"], ["chosen"], axis=1),
        helper.make_node("RandomNormalLike", ["chosen"], ["noise"], scale=5.0),
        helper.make_node("Add", ["chosen", "noise"], ["output"]),
    ]
    result = run(with_graph(tmp_path, nodes))
    found = values(result)
    assert found["byte_identical"] == 0
    assert found["flip_rate"] > 0.5
    assert found["max_relative_difference"] > 0.1
    assert len(result.samples["flipped"]) == round(found["flip_rate"] * result.metrics[1].n)


def test_answer_that_depends_on_its_neighbours_is_caught(tmp_path):
    """Subtracting the batch's mean makes the answer depend on who else is asked about."""
    nodes = [
        helper.make_node("Gather", ["input", "picked"], ["chosen"], axis=1),
        helper.make_node("ReduceMean", ["chosen"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Sub", ["chosen", "mean"], ["output"]),
    ]
    found = values(run(with_graph(tmp_path, nodes)))
    assert found["byte_identical"] == 0
    assert found["max_relative_difference"] > 0.01


def test_fixed_batch_is_not_varied(tmp_path):
    nodes = [helper.make_node("Gather", ["input", "picked"], ["output"], axis=1)]
    result = run(with_graph(tmp_path, nodes, batch=1))
    assert [row[:2] for row in result.tables[0].rows] == [(1, 0), (4, 0)]
    assert values(result)["byte_identical"] == 1
    assert any("fixes its batch size" in note.en for note in result.notes)


def test_ties_are_kept_apart(tmp_path):
    """Ten equal outputs in every row: there is no answer that could flip, and 0 of 0 is not 0."""
    nodes = [
        helper.make_node("Gather", ["input", "picked"], ["chosen"], axis=1),
        helper.make_node("Sub", ["chosen", "chosen"], ["output"]),
    ]
    result = run(with_graph(tmp_path, nodes))
    flips = next(found for found in result.metrics if found.name == "flip_rate")
    assert values(result)["ties"] == 1
    assert flips.value is None
    assert "tied" in flips.undefined.en


def test_trained_network_flips_nothing(tmp_path):
    digits_bundle(tmp_path)
    result = run(load_bundle(tmp_path))
    assert values(result)["flip_rate"] == 0
    assert values(result)["max_relative_difference"] <= 1e-5


def test_training_sample_fills_up_few_test_rows(tmp_path):
    digits_bundle(tmp_path, n_test=100)
    assert run(load_bundle(tmp_path)).metrics[0].n == 300
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["data"] = manifest["data"][:1]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert "100 rows are too few" in run(load_bundle(tmp_path)).undefined[0].en


def test_rows_follow_the_seed(tmp_path):
    bundle = with_graph(tmp_path, [helper.make_node("Gather", ["input", "picked"], ["output"], axis=1)])
    first, second = run(bundle), run(bundle)
    assert first.samples == second.samples
    assert np.unique(first.samples["rows"]).size == 300


@pytest.mark.parametrize("moved", [0.0, 1e-5])
def test_difference_is_relative_to_the_range(moved):
    from evaluations.methods.reproducibility_inference import _largest

    reference = np.array([[0.0], [50.0], [100.0]], dtype=np.float64)
    assert _largest(reference + 100 * moved, reference) == pytest.approx(moved)


def test_number_that_becomes_no_number_is_the_largest_difference():
    from evaluations.methods.reproducibility_inference import _largest

    reference = np.array([[0.0], [1.0]])
    assert _largest(np.array([[0.0], [np.nan]]), reference) == 1
    assert _largest(np.array([[0.0], [np.nan]]), np.array([[0.0], [np.nan]])) == 0
