"""The arithmetic of local explanations: fit, fidelity, deletion and agreement."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluations.methods.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    from evaluations.readers.model import Model

Vector = npt.NDArray[np.float64]

RIDGE = 1.0  # as in the authors' implementation
RANDOM_ORDERS = 20
DELETION_STEPS = 32
FLAT = 1e-10  # variance of the logit, relative to its square, below which there is nothing to explain


def explained(model: Model, inputs: npt.NDArray[Any], label: int) -> Vector:
    """What is explained (n): the raw logit of `label`; of two classes against the other; for regression the value."""
    logits = np.asarray(model.logits(inputs), dtype=float)
    if model.task == "regression":
        return np.asarray(logits[:, 0])
    if logits.shape[1] == 2:
        return np.asarray(logits[:, label] - logits[:, 1 - label])
    return np.asarray(logits[:, label])


def weighted_ridge(described: npt.NDArray[Any], target: Vector, weights: npt.NDArray[Any]) -> tuple[Vector, float]:
    """(coefficients, intercept) of weighted least squares with the penalty RIDGE on the coefficients."""
    total = weights.sum()
    centre, level = weights @ described / total, float(weights @ target / total)
    moved = (described - centre).astype(float)
    weighed = (moved * weights[:, None]).T
    coefficients = np.linalg.solve(weighed @ moved + RIDGE * np.eye(described.shape[1]), weighed @ (target - level))
    return coefficients, level - float(centre @ coefficients)


def weighted_r2(target: Vector, fitted: Vector, weights: npt.NDArray[Any]) -> float:
    """1 - weighted residual square sum / weighted square sum about the weighted mean."""
    centre = weights @ target / weights.sum()
    return float(1 - weights @ (target - fitted) ** 2 / (weights @ (target - centre) ** 2))


def is_flat(target: Vector, weights: npt.NDArray[Any]) -> bool:
    """Whether the logit does not vary among the neighbours, so that R² is undefined."""
    centre = weights @ target / weights.sum()
    return bool(weights @ (target - centre) ** 2 / weights.sum() <= FLAT * (1 + centre**2))


def leading(coefficients: Vector, k: int) -> frozenset[int]:
    """The k elements of largest weight, by size."""
    return frozenset(int(index) for index in np.argsort(-np.abs(coefficients), kind="stable")[:k])


def mean_jaccard(sets: list[frozenset[int]]) -> float:
    """Mean over all pairs of ∣A ∩ B∣ / ∣A ∪ B∣."""
    return float(np.mean([len(first & second) / len(first | second) for first, second in combinations(sets, 2)]))


def chance_jaccard(k: int, size: int) -> float:
    """About what two random sets of k among `size` share: expected intersection over the union that goes with it."""
    shared = k * k / size
    return shared / (2 * k - shared)


def deletion_better(
    model: Model,
    around: Neighbourhood,
    instance: npt.NDArray[Any],
    label: int,
    *,
    contributions: Vector,
    rng: np.random.Generator,
) -> float:
    """1 when the order of the contributions lowers the logit faster than random orders, 0 when not, 0.5 when equal.

    Compared is the mean of the logit over the deletion steps with its median over RANDOM_ORDERS orders, so that an
    arbitrary order scores one half on average (deletion of Petsiuk, Das and Saenko, BMVC 2018).
    """
    size = around.size
    random = [rng.permutation(size) for _ in range(RANDOM_ORDERS)]
    ranks = np.argsort(np.stack([np.argsort(-contributions, kind="stable"), *random]), axis=1)
    steps = np.unique(np.linspace(1, size, min(size, DELETION_STEPS)).round().astype(int))
    removed = ranks[:, None, :] < steps[None, :, None]
    inputs = around.without(instance.reshape(-1), removed.reshape(-1, size))
    logits = explained(model, inputs.reshape(-1, *instance.shape), label)
    curve = logits.reshape(len(ranks), len(steps)).mean(axis=1)
    usual = float(np.median(curve[1:]))
    return 0.5 if np.isclose(curve[0], usual, rtol=1e-6, atol=1e-9) else float(curve[0] < usual)
