"""scikit-learn models through skops: the same answers, and nothing that is not on the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skops.io import dumps

from evaluations.readers.bundle import load_bundle
from evaluations.readers.model_skops import trusted_types
from evaluations.readers.refusal import Refused
from evaluations.sandbox.job import Job, Level, LevelUnavailable
from evaluations.sandbox.levels import detect_levels
from evaluations.sandbox.running import run
from tests.factories.bundles import PROFILE, write_csv, write_manifest

X, Y = load_breast_cancer(return_X_y=True)
X, Y = X[:200, :6].astype(np.float32), np.array(["malignant", "benign"])[Y[:200]]


def bundle_of(folder: Path, estimator: Any, **model: Any) -> Any:
    (folder / "m.skops").write_bytes(dumps(estimator))
    write_csv(folder / "t.csv", [*"abcdef", "y"], [[*row.tolist(), label] for row, label in zip(X, Y, strict=True)])
    entry = {"file": "m.skops", "format": "skops", "task": "classification", "output": {"kind": "probabilities"}}
    data = {"role": "test", "file": "t.csv", "format": "csv", "label": "y"}
    manifest = {
        "manifest": 1,
        "system": {"name": "S", "version": "1"},
        "profile": {"modality": "tabular", **PROFILE},
        "model": entry | {"classes": ["malignant", "benign"]} | model,
        "data": [data],
    }
    return load_bundle(write_manifest(folder, manifest))


@pytest.mark.parametrize(
    "estimator",
    [HistGradientBoostingClassifier(max_iter=10), make_pipeline(StandardScaler(), LogisticRegression())],
)
def test_answers_equal_those_of_the_estimator_in_the_declared_order(tmp_path: Path, estimator: Any) -> None:
    estimator.fit(X, Y)
    bundle = bundle_of(tmp_path, estimator)
    test, model = bundle.data("test"), bundle.model
    assert np.allclose(model.probabilities(test.inputs), estimator.predict_proba(X)[:, ::-1], atol=1e-6)
    assert [bundle.classes[label] for label in model.labels(test.inputs)] == estimator.predict(X).tolist()
    assert not model.differentiable
    assert "ONNX" in model.gradient_refusal.en


def test_function_from_outside_the_list_is_refused_by_name() -> None:
    data = dumps(FunctionTransformer(np.log1p))
    with pytest.raises(Refused, match=r"numpy\.log1p"):
        trusted_types(data, "m.skops")


def test_type_of_ones_own_is_refused_and_never_imported() -> None:
    estimator = LogisticRegression().fit(X, Y)
    data = dumps(estimator).replace(b"sklearn.linear_model", b"antigravity.hostile_")
    with pytest.raises(Refused, match=r"damaged|not on the list"):
        trusted_types(data, "m.skops")


def test_classes_that_differ_from_the_manifest_are_refused(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, LogisticRegression(max_iter=2000).fit(X, Y), classes=["0", "1"])
    with pytest.raises(Refused, match="malignant"):
        _ = bundle.model


def test_wrong_number_of_features_is_an_answer_not_a_crash(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, LogisticRegression(max_iter=2000).fit(X[:, :4], Y))
    with pytest.raises(Refused, match="6 features"):
        bundle.model.labels(bundle.data("test").inputs)


@pytest.mark.parametrize("level", [Level.S1, Level.S2, Level.S3], ids=lambda level: level.label)
def test_neighbours_are_asked_at_each_level_of_the_sandbox(tmp_path: Path, level: Level) -> None:
    """scikit-learn looks up its threads at their first use, in a file that no job may read."""
    bundle_of(tmp_path, KNeighborsClassifier(3, algorithm="brute").fit(X, Y))
    claim = {"metric": "accuracy", "value": 0.5}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"claims": [claim]}))
    (tmp_path / "out").mkdir()
    job = Job(
        module="evaluations.methods",
        arguments=("run", "performance.claim", "--manifest", "input/manifest.json", "--seed", "1",
                   "--out", "output/result.json"),
        inputs=[(tmp_path / name, name) for name in ("manifest.json", "m.skops", "t.csv")],
        outputs=("result.json",),
        destination=tmp_path / "out",
    )  # fmt: skip
    if detect_levels()[level] is not None:
        with pytest.raises(LevelUnavailable, match=level.label):
            run(job, level=level)
        return
    outcome = run(job, level=level)
    assert outcome.succeeded, outcome.stderr
    assert json.loads(outcome.outputs["result.json"].read_text())["metrics"][0]["value"] is not None
