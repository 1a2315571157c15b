"""performance.claim on two published MNIST networks gives the accuracies of bare ONNX Runtime."""

import gzip
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluations.methods import registry, results
from evaluations.readers.bundle import load_bundle

pytestmark = pytest.mark.reference

CASES = [
    ("mnist-net_256x2.onnx", 1 / 255, 0.9952),
    ("mnist_cntk.onnx", 1.0, 0.9936),
    ("mnist_cntk.onnx", 1 / 255, 0.9946),
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """The 5,000 pictures as NPZ: 784 pixels 0 to 255, then the label."""
    source = Path(os.environ["REFERENCE_DATA"]) / "images" / "mnist_5k.csv.gz"
    with gzip.open(source, "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",", dtype=np.float32)
    file = tmp_path_factory.mktemp("mnist") / "test.npz"
    np.savez(file, X=rows[:, :-1], y=rows[:, -1].astype(int))
    return file


@pytest.mark.parametrize(("model", "scale", "accuracy"), CASES)
def test_accuracy_equals_the_published_run(tmp_path, pictures, model, scale, accuracy):
    shutil.copy(Path(os.environ["REFERENCE_DATA"]) / "onnx" / model, tmp_path / "model.onnx")
    shutil.copy(pictures, tmp_path / "test.npz")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest(scale, accuracy)))
    method = registry.get("performance.claim")
    document = results.run_method(
        method, load_bundle(tmp_path), {"replicates": 1000}, seed=1, folder=tmp_path, threads=1
    )
    found = {metric["name"]: metric for metric in document["metrics"]}
    assert found["performance"]["value"] == accuracy
    assert found["performance"]["n"] == 5000
    assert found["claim_difference"]["value"] == 0
    assert not any(document["flags"].values())


def manifest(scale, accuracy):
    profile = {"modality": "image", "personal_data": False, "affects_people": False, "interacts_with_people": False}
    profile |= {"attack_exposure": "none", "dp_claim": False, "federated": False, "endpoint": False, "biometric": False}
    preprocessing = {"layout": "NCHW", "shape": [1, 28, 28], "scale": scale, "range": [0, 255], "grid": 1}
    return {
        "manifest": 1,
        "system": {"name": "MNIST", "version": "1"},
        "profile": profile,
        "model": {
            "file": "model.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"kind": "logits"},
            "classes": [str(digit) for digit in range(10)],
            "preprocessing": preprocessing,
        },
        "data": [{"role": "test", "file": "test.npz", "format": "npz", "origin": "B", "label": "y"}],
        "claims": [{"metric": "accuracy", "value": accuracy}],
    }
