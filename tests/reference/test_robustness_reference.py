"""PGD against what formal verifiers proved (VNN-COMP 2021, mnistfc), and gradients of two published networks."""

import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from evaluations.methods.perturbation import Box
from evaluations.methods.robustness_pgd import attack_box
from evaluations.readers.gradient import GradientGraph
from evaluations.readers.model_onnx import OnnxModel
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout

pytestmark = pytest.mark.reference

NETWORK = "mnist-net_256x2.onnx"
BOUND = re.compile(r"\(assert \((<=|>=) X_(\d+) ([-+.\deE]+)\)\)")


@pytest.fixture(scope="module")
def onnx_folder():
    return Path(os.environ["REFERENCE_DATA"]) / "onnx"


@pytest.fixture(scope="module")
def network(onnx_folder):
    classes = [str(digit) for digit in range(10)]
    entry = {"file": NETWORK, "task": "classification"}
    readout = Readout.from_manifest(entry, classes)
    preprocessing = Preprocessing(shape=(784, 1), range=(0.0, 1.0))
    return OnnxModel((onnx_folder / NETWORK).read_bytes(), entry, readout, preprocessing)


@pytest.fixture(scope="module")
def properties(onnx_folder):
    """Truth, label and box of the 30 properties of the smallest network."""
    truth = json.loads((onnx_folder / "mnistfc_verified_truth.json").read_text())
    names = [name.split("|")[1] for name in truth if name.startswith(NETWORK)]
    low, high = np.zeros((2, len(names), 784), dtype=np.float32)
    with zipfile.ZipFile(onnx_folder / "mnistfc_vnnlib_30props.zip") as archive:
        for row, name in enumerate(names):
            for side, pixel, value in BOUND.findall(archive.read(name).decode()):
                (high if side == "<=" else low)[row, int(pixel)] = np.float32(value)
    facts = [truth[f"{NETWORK}|{name}"] for name in names]
    labels = np.array([fact["label"] for fact in facts])
    shape = (len(names), 784, 1)
    box = Box(((low + high) / 2).reshape(shape), low.reshape(shape), high.reshape(shape), np.zeros((784, 1)))
    return np.array([fact["truth"] for fact in facts]), labels, box


def test_union_breaks_nothing_that_was_proved_and_finds_what_is_violated(network, properties):
    truth, labels, box = properties
    parameters = {"steps": 100, "restarts": 5, "queries": 1000}
    members = attack_box(network, labels, box, parameters, np.random.default_rng(0))
    broken = np.any([outcome.broken for outcome in members.values()], axis=0)
    assert (truth == "holds").sum() == 18
    assert (truth == "violated").sum() == 12
    assert broken[truth == "holds"].sum() == 0
    assert broken[truth == "violated"].sum() >= 10
    for outcome in members.values():
        assert (outcome.inputs >= box.low).all()
        assert (outcome.inputs <= box.high).all()
        assert (network.labels(outcome.inputs)[outcome.broken] != labels[outcome.broken]).all()


@pytest.mark.parametrize(("name", "reach"), [(NETWORK, 1.0), ("mnist_cntk.onnx", 255.0)])
def test_gradient_equals_central_differences(onnx_folder, properties, name, reach):
    """On the median of many directions: single ones may straddle a kink of Relu or of max pooling."""
    data = (onnx_folder / name).read_bytes()
    graph = GradientGraph(data, onnx.load_model_from_string(data).graph.output[0].name)
    rng = np.random.default_rng(1)
    shape = (1, 784, 1) if name == NETWORK else (1, 1, 28, 28)
    # Noise all over keeps the pooled values of the convolutional network apart.
    noise = rng.random(shape) * (0.02 if name == NETWORK else 1.0)
    x = ((properties[2].origin[:1].reshape(shape) + noise) * reach).astype(np.float32)
    seed = rng.normal(size=(1, 10)).astype(np.float32)
    slope = graph.vjp(x, seed).astype(float)
    h = 1e-4 * reach
    exact, measured = [], []
    for _ in range(40):
        direction = rng.normal(size=shape)
        ends = [graph.run((x + sign * h * direction).astype(np.float32), seed)[0].astype(float) for sign in (1, -1)]
        measured.append(float(((ends[0] - ends[1]) * seed).sum() / (2 * h)))
        exact.append(float((slope * direction).sum()))
    assert np.std(exact) > 0
    assert np.median(np.abs(np.array(measured) - exact)) < 0.02 * np.std(exact)
    assert np.corrcoef(measured, exact)[0, 1] > 0.99


def test_old_convolutional_network_is_attacked_by_exact_gradients_over_whole_batches(onnx_folder):
    """mnist_cntk: opset 8, one sample at a time, SAME_UPPER; its freed copy must still have its gradient."""
    classes = [str(digit) for digit in range(10)]
    entry = {"file": "mnist_cntk.onnx", "task": "classification"}
    readout = Readout.from_manifest(entry, classes)
    preprocessing = Preprocessing(layout="NCHW", shape=(1, 28, 28), scale=1 / 255, range=(0.0, 255.0), grid=1.0)
    model = OnnxModel((onnx_folder / "mnist_cntk.onnx").read_bytes(), entry, readout, preprocessing)
    assert model.gradient_refusal is None
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 255, (4, 1, 28, 28)).astype(np.float32)
    seed = rng.normal(size=(4, 10)).astype(np.float32)
    together = model.gradient(x, seed)
    alone = np.concatenate([model.gradient(x[[row]], seed[[row]]) for row in range(4)])
    assert together == pytest.approx(alone, rel=1e-3, abs=1e-6)
    assert np.abs(together).max() > 0
