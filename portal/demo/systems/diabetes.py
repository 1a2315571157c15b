"""Demo system two: does diabetes progress above the median within a year? Tabular, about people, high risk.

The data ships with scikit-learn (Efron, Hastie, Johnstone and Tibshirani 2004, 442 patients).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from .delivery import deliver, dense_onnx, write_csv

N_TEST = 302  # of 442: enough to measure, few to learn from
NAMES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def _split() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values and labels (above the median) for training and test; the same rows each time."""
    patients = load_diabetes(scaled=False)
    above = (patients.target > np.median(patients.target)).astype(int)
    train, test, y_train, y_test = train_test_split(
        patients.data, above, test_size=N_TEST, random_state=0, stratify=above
    )
    return train, test, y_train, y_test


def draw_test(folder: Path) -> Path:
    """What the evaluation body draws itself from the public source: the patients that training did not use."""
    folder.mkdir(parents=True, exist_ok=True)
    _train, test, _y_train, y_test = _split()
    order = np.random.default_rng(1).permutation(len(test))
    return _write(folder / "drawn-by-the-body.csv", test[order], y_test[order])


def _write(path: Path, values: np.ndarray, labels: np.ndarray) -> Path:
    rows = ([*map(_plain, row), int(label)] for row, label in zip(values, labels, strict=True))
    write_csv(path, [*NAMES, "above"], rows)
    return path


def make_diabetes(folder: Path, key: Ed25519PrivateKey) -> Path:
    """Train, and write model, data, manifest and delivery record into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    train, test, y_train, y_test = _split()
    mean, std = train.mean(axis=0), train.std(axis=0)
    model = LogisticRegression(C=0.5, max_iter=500).fit((train - mean) / std, y_train)
    (folder / "diabetes.onnx").write_bytes(dense_onnx([(model.coef_.T, model.intercept_)], closing="Sigmoid"))
    _write(folder / "diabetes-test.csv", test, y_test)
    _write(folder / "diabetes-training.csv", train, y_train)
    return deliver(folder, manifest(mean, std), key)


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)


def manifest(mean: np.ndarray, std: np.ndarray) -> dict[str, Any]:
    """What the fictional vendor declares: inputs are fed as (x − mean) / std."""
    data = {
        "format": "csv",
        "origin": "C",
        "label": "above",
        "favourable": "0",
        "features": [
            {
                "name": name,
                "type": "integer" if name == "sex" else "numeric",
                "mutable": name not in ("age", "sex"),
                "missing_allowed": False,
            }
            for name in NAMES
        ],
        "sensitive": [{"name": "sex"}, {"name": "age", "cuts": [50]}],
    }
    return {
        "manifest": 1,
        "system": {"name": "Progression forecast", "version": "1.0.0"},
        "profile": {
            "modality": "tabular",
            "personal_data": True,
            "affects_people": True,
            "interacts_with_people": False,
            "attack_exposure": "query",
            "dp_claim": False,
            "federated": False,
            "endpoint": False,
            "biometric": False,
        },
        "model": {
            "file": "diabetes.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "probabilities"},
            "classes": ["0", "1"],
            "positive": "1",
            "threshold": 0.5,
            "preprocessing": {"layout": "flat", "mean": mean.tolist(), "std": std.tolist()},
        },
        "data": [
            {"role": "test", "file": "diabetes-test.csv", **data},
            {"role": "training", "file": "diabetes-training.csv", **data},
        ],
        "claims": [{"metric": "auc", "value": 0.82, "minimum": 0.75}],
        "population": {"sex": {"1": 0.5, "2": 0.5}},
    }
