"""Performance above what a know-nothing predictor reaches, and how sure we are of the share that remains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evaluations.methods.frame import Metric
from evaluations.methods.statistics import wilson_bound

REPLICATES_AT_ONCE = 250
INTERVAL = "paired percentile bootstrap over samples"

# skill(weights, answers): weights B×n, one for each sample; answers A×n, labels or values; gives B×A.
Skill = Callable[[np.ndarray, np.ndarray], np.ndarray]


def above_chance(labels: np.ndarray) -> Skill:
    """Balanced accuracy minus 1/K over the K classes that occur (a class absent from a resample is left out)."""
    classes, of = np.unique(labels, return_inverse=True)
    member = np.eye(len(classes))[of]

    def skill(weights: np.ndarray, answers: np.ndarray) -> np.ndarray:
        counts = weights @ member
        present = np.maximum(counts, 1e-12)
        shares = [(weights @ (member * (answer == labels)[:, None])) / present for answer in answers]
        occurring = (counts > 0).sum(1)
        return np.stack([share.sum(1) / occurring for share in shares], axis=1) - 1 / len(classes)

    return skill


def above_mean(values: np.ndarray, mean: float) -> Skill:
    """1 − Σ(y − ŷ)² / Σ(y − mean)²: 1 is perfect, 0 no better than the mean predictor."""
    spread = (values - mean) ** 2

    def skill(weights: np.ndarray, answers: np.ndarray) -> np.ndarray:
        errors = (answers - values) ** 2
        return 1 - (weights @ errors.T) / np.maximum(weights @ spread, 1e-300)[:, None]

    return skill


def resampled_skills(
    skill: Skill,
    answers: np.ndarray,
    n: int,
    *,
    count: int,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> np.ndarray:
    """Skills of the clean and corrupted answers on the same resampled rows, count×(cells + 1)."""
    found = []
    for start in range(0, count, REPLICATES_AT_ONCE):
        size = min(REPLICATES_AT_ONCE, count - start)
        found.append(skill(rng.multinomial(n, np.full(n, 1 / n), size).astype(np.float64), answers))
        progress((start + size) / count)
    replicates = np.concatenate(found)
    replicates[:, 0] = np.maximum(replicates[:, 0], 1e-3)  # a resample without skill would divide by zero
    return replicates


def retention_metric(
    name: str, value: float, replicates: np.ndarray, n: int, comparisons: int = 1, **slice_: str
) -> Metric:
    """A metric with the percentile interval and lower bound of its replicates."""
    low, high, bound = np.quantile(replicates, [0.025, 0.975, 0.05 / comparisons])
    if np.ptp(replicates) == 0:  # no sample changed: what n samples without a change still allow
        low, high, bound = value * wilson_bound(n, n), value, value * wilson_bound(n, n, "lower", comparisons)
    return Metric(
        name, value, n, "higher", "share", float(low), float(high), float(min(bound, value)), INTERVAL, slice_
    )
