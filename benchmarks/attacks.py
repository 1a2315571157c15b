"""Projected gradient descent over ART's at equal success, and exact gradients over torch's: one network, one thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from art.attacks.evasion import ProjectedGradientDescentPyTorch
from art.estimators.classification import PyTorchClassifier
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from benchmarks.measuring import Row, Setting, measured, one_thread
from evaluations.methods.attacks import pgd
from evaluations.methods.perturbation import Box
from evaluations.readers.gradient import GradientGraph
from evaluations.readers.sessions import open_session
from tests.factories.bundles import dense_onnx

TOPIC = "attacks"
HIDDEN, EPSILON, STEPS = (256, 256), 0.1, 40


@dataclass
class Network:
    """One network as ONNX for us; what an attack asks of a model."""

    content: bytes

    def __post_init__(self) -> None:
        self.session = open_session(self.content, threads=1)
        self.graph = GradientGraph(self.content, "output", threads=1)

    def logits(self, raw: np.ndarray) -> np.ndarray:
        return np.asarray(self.session.run(None, {"input": raw.astype(np.float32)})[0])

    def labels(self, raw: np.ndarray) -> np.ndarray:
        return self.logits(raw).argmax(1)

    def gradient(self, raw: np.ndarray, seed: np.ndarray) -> np.ndarray:
        return self.graph.vjp(raw, seed.astype(np.float32))


def rows(setting: Setting) -> Iterator[Row]:
    torch.set_num_threads(1)
    logging.getLogger("art").setLevel(logging.WARNING)
    digits = load_digits()
    inputs, labels = (digits.data / 16).astype(np.float32), digits.target
    net = MLPClassifier(HIDDEN, random_state=0, max_iter=20 if setting.quick else 60, tol=1e-3).fit(inputs, labels)
    layers = list(zip(net.coefs_, net.intercepts_, strict=True))
    ours, theirs = Network(dense_onnx(layers)), as_torch(layers)
    right = np.flatnonzero(ours.labels(inputs) == labels)[: 100 if setting.quick else 1000]
    inputs, labels = inputs[right], labels[right]
    with one_thread():
        yield gradients(setting, ours, theirs, inputs)
        yield attack(setting, ours, theirs, inputs, labels)


def as_torch(layers: list[tuple[np.ndarray, np.ndarray]]) -> Any:
    parts: list[Any] = []
    for weight, bias in layers:
        linear = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T.copy()))
            linear.bias.copy_(torch.from_numpy(bias))
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def gradients(setting: Setting, ours: Network, theirs: Any, inputs: np.ndarray) -> Row:
    seed = np.random.default_rng(0).normal(size=(len(inputs), 10)).astype(np.float32)

    def by_torch() -> np.ndarray:
        x = torch.from_numpy(inputs).requires_grad_()
        (slope,) = torch.autograd.grad(theirs(x), x, torch.from_numpy(seed))
        return np.asarray(slope)

    apart = float(np.abs(ours.gradient(inputs, seed) - by_torch()).max())
    assert apart < 1e-4, apart
    note = f"{len(inputs)} inputs, 64-{HIDDEN[0]}-{HIDDEN[1]}-10; largest difference {apart:.1e}"
    row = Row(TOPIC, "exact gradient in onnxruntime", "torch.autograd", note=note)
    return measured(row, lambda: ours.gradient(inputs, seed), by_torch, setting.pairs(51))


def attack(setting: Setting, ours: Network, theirs: Any, inputs: np.ndarray, labels: np.ndarray) -> Row:
    box = Box(inputs, np.clip(inputs - EPSILON, 0, 1), np.clip(inputs + EPSILON, 0, 1), np.zeros(64))
    classifier = PyTorchClassifier(
        theirs, torch.nn.CrossEntropyLoss(), (64,), 10, clip_values=(0, 1), device_type="cpu"
    )
    art = ProjectedGradientDescentPyTorch(
        classifier, norm=np.inf, eps=EPSILON, eps_step=2.5 * EPSILON / STEPS, max_iter=STEPS, num_random_init=1,
        batch_size=len(inputs), verbose=False,
    )  # fmt: skip
    success: dict[str, float] = {}

    def by_us() -> None:
        rng = np.random.default_rng(0)
        found = pgd(ours, labels, box, loss="cross_entropy", steps=STEPS, restarts=1, rng=rng)
        success["ours"] = float(found.broken.mean())

    def by_art() -> None:
        changed = art.generate(inputs, labels)
        success["ART"] = float((ours.labels(changed) != labels).mean())

    row = Row(TOPIC, "PGD, cross-entropy, until broken", "ART's PGD for torch, same steps")
    row = measured(row, by_us, by_art, setting.pairs(5))
    row.note = f"{len(inputs)} inputs, ε {EPSILON}, {STEPS} steps; broken: ours {success['ours']:.1%}, "
    row.note += f"ART {success['ART']:.1%}; ours stops at the first wrong answer"
    assert abs(success["ours"] - success["ART"]) < 0.02, success
    return row
