"""The result document: complete, finite, by the schema, and the same again with the same seed."""

import json

import numpy as np
import pytest

from evaluations.methods import registry, results
from evaluations.methods.fitting import misfits
from evaluations.methods.frame import Chart, Image, Metric, Result, Table, Text
from evaluations.methods.results import ResultRefused
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import digits_bundle

T = Text("a title", "标题")
PNG = b"\x89PNG\r\n\x1a\n"


def document(**changes):
    digest = {"model.onnx": "0" * 64}
    times = {"start": "2026-01-01T00:00:00.000+00:00", "end": "2026-01-01T00:00:01.000+00:00"}
    head = {"result": 1, "method": "a.b", "version": "1", "scored": True, "parameters": {}, "seed": 1}
    return {**head, "digests": digest, "environment": {}, **times, **results.as_json(Result()), **changes}


def test_run_writes_a_complete_document_and_repeats_exactly(tmp_path):
    bundle = load_bundle(digits_folder(tmp_path))
    method = registry.get("performance.claim")
    first, second = (
        results.run_method(method, bundle, {"replicates": 1000}, seed=7, folder=tmp_path) for _ in range(2)
    )
    assert first["metrics"] == second["metrics"]
    assert first["digests"].keys() == {"manifest.json", "model.onnx", "test.npz", "training.npz"}
    assert first["scored"] is True
    assert {"python", "platform", "threads", "numpy", "onnxruntime"} <= first["environment"].keys()
    assert first["start"] <= first["end"]
    assert first["cost"]["seconds"] > 0
    results.check(json.loads(json.dumps(first)))


def test_numpy_values_become_plain():
    metric = Metric("m", np.float32(0.5), np.int64(3), "higher", low=np.float64(0.1))
    chart = Chart("heat", T, {"values": np.eye(2), "title": T})
    written = results.as_json(Result(metrics=[metric], charts=[chart], samples={"rows": [np.int64(1)]}))
    results.check(document(**written))
    assert written["charts"][0]["data"] == {
        "values": [[1.0, 0.0], [0.0, 1.0]],
        "title": {"en": "a title", "zh": "标题"},
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan")])
def test_number_that_is_not_finite_is_refused(value):
    with pytest.raises(ResultRefused, match="finite"):
        results.as_json(Result(metrics=[Metric("m", value, 3, "higher")]))


def test_metric_needs_a_value_or_a_reason():
    with pytest.raises(ResultRefused, match="either"):
        results.as_json(Result(metrics=[Metric("m", None, 3, "higher")]))
    with pytest.raises(ResultRefused, match="either"):
        results.as_json(Result(metrics=[Metric("m", 1.0, 3, "higher", undefined=T)]))


def test_ragged_table_and_wrong_picture_are_refused():
    with pytest.raises(ResultRefused, match="cells"):
        results.as_json(Result(tables=[Table("t", T, (T, T), ((1,),))]))
    with pytest.raises(ResultRefused, match="PNG"):
        results.as_json(Result(images=[Image("i", T, b"GIF89a")]))
    with pytest.raises(ResultRefused, match="PNG"):
        results.as_json(Result(images=[Image("i", T, PNG + b"0" * 64_000)]))


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "pass"},
        {"seed": -1},
        {"method": "../etc"},
        {"digests": {"a": "short"}},
        {"scored": "yes"},
        {"metrics": [{"name": "m"}]},
        {"charts": [{"kind": "pie", "title": T.as_json(), "data": {}}]},
        {"undefined": [{"en": "only English"}]},
        {"samples": {"rows": [-1]}},
    ],
)
def test_document_that_breaks_the_schema_is_refused(changes):
    results.check(document())
    with pytest.raises(ResultRefused):
        results.check(document(**changes))


def test_document_that_is_too_large_is_refused():
    row = ["x" * 500] * 10
    table = {"name": "t", "title": T.as_json(), "columns": [T.as_json()] * 10, "rows": [row] * 1000}
    with pytest.raises(ResultRefused, match="bytes"):
        results.check(document(tables=[table]))


def test_method_that_does_not_fit_says_why(tmp_path):
    facts = load_bundle(digits_folder(tmp_path)).facts()
    assert misfits(registry.get("performance.claim"), facts) == []
    reasons = [misfit.reason for misfit in misfits(registry.get("fairness.group"), facts)]
    assert [reason.en for reason in reasons] == ["needs a declared sensitive attribute"]
    nothing = {"model": "predictions", "rows": {}, "task": "regression"}
    assert len(misfits(registry.get("fairness.group"), nothing)) == 4
    assert len(misfits(registry.get("robustness.pgd"), nothing)) >= 3


def digits_folder(tmp_path):
    digits_bundle(tmp_path)
    return tmp_path
