"""Readers on real files: every one of the reference data gets what its manifest expects."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluations.readers.description import Description
from evaluations.readers.inspection import inspect
from evaluations.readers.model_onnx import OnnxModel
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout
from evaluations.readers.refusal import Refused

pytestmark = pytest.mark.reference

# Accepted, with a warning that names the cell or the member: harmless as text, and told.
REPORTED = {"csv_formula_injection.csv", "csv_script_in_header.csv"}
READ = {"csv_utf16_bom.csv"}


def folder() -> Path:
    return Path(os.environ["REFERENCE_DATA"])


def entries() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def described(path: Path) -> Description | Refused:
    try:
        return inspect(path, path.name)
    except Refused as refused:
        return refused


def test_every_bad_input_is_refused_or_reported_and_controls_are_accepted() -> None:
    seen = 0
    for entry in entries():
        expected = entry["facts"].get("expected", "")
        path = folder() / entry["name"]
        if not entry["name"].startswith("bad_inputs/") or not expected:
            continue
        seen += 1
        outcome = described(path)
        if isinstance(outcome, Refused):
            assert not expected.startswith("control"), entry["name"]
            assert outcome.place.startswith(path.name), entry["name"]
            assert outcome.reason.zh, entry["name"]
        else:
            assert expected.startswith("control") or path.name in REPORTED | READ, entry["name"]
            assert (path.name not in REPORTED) or outcome.warnings, entry["name"]
    assert seen >= 36


def test_the_corrupt_pictures_of_pngsuite_are_named_and_no_other() -> None:
    entry = next(entry for entry in entries() if entry["name"].endswith("pngsuite.zip"))
    corrupt = set(entry["facts"]["corrupt on purpose (14)"])
    found = inspect(folder() / entry["name"], "pngsuite.zip")
    assert {name.rsplit("/", 1)[-1] for name in found.facts["damaged"]} == corrupt


def test_real_models_are_described() -> None:
    found = inspect(folder() / "onnx/mnist_cntk.onnx", "mnist_cntk.onnx")
    assert found.summary.en == "ONNX, opset 8, input float32 [1,1,28,28], 10 outputs, 26 kB"
    faces = inspect(folder() / "onnx/ultraface_slim-320_simplified.onnx", "faces.onnx")
    assert [out["shape"] for out in faces.facts["outputs"]] == [[1, 4420, 2], [1, 4420, 4]]
    voice = inspect(folder() / "onnx/silero_vad_16k_op15.onnx", "voice.onnx")
    assert len(voice.facts["inputs"]) == 3
    assert "If" in voice.facts["operators"]
    with pytest.raises(Refused, match="DecodeImage"):
        inspect(folder() / "onnx/superresolution_customop_op18.onnx", "superresolution.onnx")


def mnist() -> tuple[np.ndarray, np.ndarray]:
    with gzip.open(folder() / "images/mnist_5k.csv.gz", "rt", encoding="ascii") as stream:
        rows = np.asarray([[int(cell) for cell in row] for row in csv.reader(stream)])
    return rows[:, :784].reshape(-1, 1, 28, 28).astype(np.float32), rows[:, 784]


@pytest.mark.parametrize(
    ("name", "scale", "accuracy"),
    [
        ("mnist-net_256x2.onnx", 1 / 255, 0.9952),
        ("mnist_cntk.onnx", 1.0, 0.9936),
        ("mnist_cntk.onnx", 1 / 255, 0.9946),
    ],
)
def test_models_of_one_sample_give_the_measured_accuracy_in_batches(name: str, scale: float, accuracy: float) -> None:
    pixels, labels = mnist()
    entry = {"file": name, "format": "onnx", "task": "classification", "output": {"kind": "logits"}}
    readout = Readout.from_manifest(entry, [str(digit) for digit in range(10)])
    preprocessing = Preprocessing(layout="NCHW", shape=(1, 28, 28), scale=scale, range=(0, 255), grid=1)
    model = OnnxModel((folder() / "onnx" / name).read_bytes(), entry, readout, preprocessing)
    assert float(np.mean(model.labels(pixels) == labels)) == pytest.approx(accuracy, abs=1e-9)
    assert np.allclose(model.run(pixels[:20]), model.output(pixels[:20]), rtol=0, atol=1e-3)
