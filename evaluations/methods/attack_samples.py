"""Which samples an attack starts from: correctly labelled ones, a stratified draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluations.methods.frame import Context, Text
from evaluations.methods.perturbation import NoPerturbation, Perturbation, perturbation_for

if TYPE_CHECKING:
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model

MINIMUM = 200
TOO_FEW_TO_SHOW = 10


@dataclass(frozen=True)
class Target:
    """A model with the clean-correct samples that are attacked (positions `index` in the test data)."""

    model: Model
    index: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray
    perturbation: Perturbation
    clean_accuracy: float
    tested: int
    reasons: tuple[Text, ...]

    @property
    def n(self) -> int:
        return len(self.index)

    @property
    def chance(self) -> float:
        """What a guess among all classes would get right."""
        return 1 / max(2, len(self.model.classes))


def choose_target(context: Context, samples: int, rng: np.random.Generator, *, gradient: bool) -> Target | list[Text]:
    """The samples to attack, or the reasons why nothing can be attacked.

    `Target.reasons` says why figures of a smaller draw may be shown but not scored (fewer than 200 samples).
    """
    model, data = context.bundle.model, context.bundle.data("test")
    if model is None or data is None or not data.has_labels:
        return [Text("An attack needs the model and labelled test data.", "攻击测试需要模型和带标签的测试数据。")]
    if gradient and (refused := _gradient_refusal(model, data)) is not None:
        return [
            Text(
                f"{refused.en} An estimated gradient would understate the risk, so none was used; "
                "the query-based attack still applies.",
                f"{refused.zh} 估计的梯度会低估风险，因此未予采用；基于查询的攻击仍然适用。",
            )
        ]
    try:
        perturbation = perturbation_for(context.bundle, data)
    except NoPerturbation as nothing:
        return [nothing.reason]
    whole = np.isfinite(data.inputs.reshape(data.n, -1)).all(1)
    correct = np.flatnonzero(whole & (model.labels(data.inputs) == data.labels))
    index = stratified(correct, data.labels[correct], samples, rng)
    if len(index) < TOO_FEW_TO_SHOW:
        return [_too_few(len(correct))]
    return Target(
        model=model,
        index=index,
        inputs=data.inputs[index],
        labels=data.labels[index],
        perturbation=perturbation,
        clean_accuracy=len(correct) / data.n,
        tested=data.n,
        reasons=(_too_few(len(correct)),) if len(index) < MINIMUM else (),
    )


def _gradient_refusal(model: Model, data: Dataset) -> Text | None:
    """Why there is no exact gradient; asked by taking one, as the runtime may lack an operator that the rules need."""
    from evaluations.readers.gradient_tape import Unsupported  # noqa: PLC0415  onnx is needed by runs only

    if model.gradient_refusal is not None:
        return model.gradient_refusal
    try:
        model.gradient(data.inputs[:1], np.zeros((1, len(model.classes)), dtype=np.float32))
    except Unsupported as error:
        return error.text
    return None


def _too_few(found: int) -> Text:
    return Text(
        f"Only {found} test samples are labelled correctly without an attack; at least {MINIMUM} are needed.",
        f"未受攻击时只有 {found} 个测试样本被正确分类；至少需要 {MINIMUM} 个。",
    )


def stratified(candidates: np.ndarray, labels: np.ndarray, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """At most `wanted` of `candidates` in rising order, each class in proportion (largest remainders)."""
    if len(candidates) <= wanted:
        return np.sort(candidates)
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * wanted / len(candidates)
    quota = np.floor(shares).astype(int)
    quota[np.argsort(quota - shares, kind="stable")[: wanted - quota.sum()]] += 1
    picked = [rng.permutation(candidates[labels == label])[:count] for label, count in zip(classes, quota, strict=True)]
    return np.sort(np.concatenate(picked))
