"""Demo system one: handwritten digits (8×8, grey 0–16), a small network trained to withstand noise and attack.

The data ships with scikit-learn (UCI "Optical Recognition of Handwritten Digits", test part, 1,797 samples).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from .delivery import deliver, dense_onnx

CLASSES = np.arange(10)
N_TEST = 900
EPOCHS = 40
BATCH = 64
STEP = 1.5 / 16  # the attack in training: one and a half quantisation steps, more than the test's one


def make_digits(folder: Path, key: Ed25519PrivateKey) -> Path:
    """Train, and write model, data, manifest and delivery record into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    digits = load_digits()
    train, test, y_train, y_test = train_test_split(
        digits.data, digits.target, test_size=N_TEST, random_state=0, stratify=digits.target
    )
    with threadpool_limits(1):  # small matrices: more threads would only wait for each other
        network = train_network(train / 16, y_train)
    (folder / "digits.onnx").write_bytes(dense_onnx(list(zip(network.coefs_, network.intercepts_, strict=True))))
    np.savez(folder / "digits-test.npz", X=test.astype(np.float32), y=y_test)
    np.savez(folder / "digits-training.npz", X=train.astype(np.float32), y=y_train)
    return deliver(folder, manifest(), key)


def train_network(inputs: np.ndarray, labels: np.ndarray) -> MLPClassifier:
    """Each batch is seen clean, blurred by noise, and moved by the fast gradient sign method (Madry et al. 2018)."""
    rng = np.random.default_rng(0)
    network = MLPClassifier((64,), random_state=0, learning_rate_init=2e-3, alpha=1e-4)
    network.partial_fit(inputs[:BATCH], labels[:BATCH], classes=CLASSES)
    for _ in range(EPOCHS):
        order = rng.permutation(len(inputs))
        for start in range(0, len(order), BATCH):
            x, y = inputs[order[start : start + BATCH]], labels[order[start : start + BATCH]]
            noisy = np.clip(x + rng.normal(0, 0.15, x.shape), 0, 1)
            shifted = rng.uniform(-STEP, STEP, x.shape)
            attacked = np.clip(x + STEP * np.sign(input_gradient(network, np.clip(x + shifted, 0, 1), y)), 0, 1)
            network.partial_fit(np.concatenate([x, noisy, attacked]), np.concatenate([y, y, y]))
    return network


def input_gradient(network: MLPClassifier, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Gradient of the cross-entropy with respect to the input (n × 64), through one hidden layer of ReLU."""
    hidden = x @ network.coefs_[0] + network.intercepts_[0]
    logits = np.maximum(hidden, 0) @ network.coefs_[1] + network.intercepts_[1]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(y)), y] -= 1
    return np.asarray(((shares @ network.coefs_[1].T) * (hidden > 0)) @ network.coefs_[0].T)


def manifest() -> dict[str, Any]:
    """What the fictional vendor declares; the claim leaves a margin below what its own test showed."""
    data = {"format": "npz", "origin": "C", "label": "y"}
    return {
        "manifest": 1,
        "system": {"name": "Digit reader", "version": "1.0.0"},
        "profile": {
            "modality": "image",
            "personal_data": False,
            "affects_people": False,
            "interacts_with_people": False,
            "attack_exposure": "white-box",
            "dp_claim": False,
            "federated": False,
            "endpoint": False,
            "biometric": False,
        },
        "model": {
            "file": "digits.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "logits"},
            "classes": [str(digit) for digit in CLASSES],
            "preprocessing": {"layout": "flat", "shape": [1, 8, 8], "scale": 1 / 16, "range": [0, 16], "grid": 1},
        },
        "data": [
            {"role": "test", "file": "digits-test.npz", **data},
            {"role": "training", "file": "digits-training.npz", **data},
        ],
        "claims": [{"metric": "accuracy", "value": 0.95, "minimum": 0.9}],
    }
