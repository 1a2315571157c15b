"""Performance measures with their intervals and with what a predictor that ignores its input would reach.

Names and averaging are scikit-learn's; ISO/IEC TS 4213 asks that averaging, threshold and uncertainty be stated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from evaluations.methods import statistics
from evaluations.methods.outcomes import Outcome, Undefined

ERRORS = ("rmse", "mae")
AVERAGED = ("f1", "precision", "recall")
AVERAGES = ("binary", "macro", "weighted")
MEASURES = ("accuracy", "balanced_accuracy", "auc", *AVERAGED, *ERRORS)

Confusion = npt.NDArray[Any]


@dataclass(frozen=True)
class Measure:
    """A measured value with two-sided interval, one-sided unfavourable `bound` and the no-information value.

    `baseline` is None when a constant predictor reaches the best value, so that the measure alone tells nothing.
    """

    value: float
    low: float
    high: float
    bound: float
    interval: str
    baseline: float | None


def measure(
    outcome: Outcome,
    name: str,
    average: str | None = None,
    *,
    rng: np.random.Generator,
    comparisons: int = 1,
    draws: int = 2000,
) -> Measure:
    """Measure `name` on `outcome`. Raises Undefined when it cannot be computed as asked.

    `average` is needed for f1, precision and recall, and for the AUC of more than two classes (macro, one against
    the rest). `comparisons` widens the bound, `draws` is the number of bootstrap replicates.
    """
    if outcome.truth is None:
        raise Undefined("the data have no label", "数据没有标签")
    if name not in MEASURES or (name in ERRORS) == outcome.classification:
        raise Undefined(f"“{name}” is not a measure of this task", f"“{name}”不适用于该任务")
    if name in ERRORS:
        return _error(outcome, name, rng, comparisons, draws)
    if name == "auc":
        return _auc(outcome, average, comparisons)
    _require_average(outcome, name, average)
    counts = confusion(outcome.truth, outcome.predicted, len(outcome.classes))
    proportion = _proportion(counts, name, average, outcome.positive)
    baseline = _baseline(counts, name, average, outcome.positive)
    if proportion is not None:
        return _wilson(*proportion, comparisons, baseline)
    statistic = partial(from_confusion, name=name, average=average, positive=outcome.positive)
    found = _resample(outcome, statistic, rng, draws)
    if found.degenerate:
        low, bound = (_pessimistic(counts, statistic, tail) for tail in (0.025, statistics.ERROR_RATE / comparisons))
        return Measure(found.estimate, low, found.estimate, bound, "Clopper–Pearson, worst class", baseline)
    label = f"BCa bootstrap, stratified, B = {draws}"
    return Measure(found.estimate, *found.interval(), found.bound("lower", comparisons), label, baseline)


def confusion(truth: npt.NDArray[Any], predicted: npt.NDArray[Any], classes: int) -> Confusion:
    """Counts by true class (rows) and predicted class (columns)."""
    flat = np.asarray(truth, dtype=np.intp) * classes + np.asarray(predicted, dtype=np.intp)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def from_confusion(counts: Confusion, name: str, average: str | None, positive: int | None) -> float:
    """The measure of a confusion matrix, as scikit-learn defines it; NaN where a binary precision is 0/0."""
    hits, actual, called = np.diag(counts).astype(float), counts.sum(axis=1), counts.sum(axis=0)
    if name == "accuracy":
        return float(hits.sum() / counts.sum())
    if name == "balanced_accuracy":
        present = actual > 0
        return float(np.mean(hits[present] / actual[present]))
    above, below = {"precision": (hits, called), "recall": (hits, actual), "f1": (2 * hits, actual + called)}[name]
    if average == "binary" and positive is not None:
        return float(above[positive] / below[positive]) if below[positive] else float("nan")
    shares = np.divide(above, below, out=np.zeros_like(hits), where=below > 0)
    return float(np.average(shares, weights=actual if average == "weighted" else None))


def _require_average(outcome: Outcome, name: str, average: str | None) -> None:
    if name not in AVERAGED:
        return
    if average not in AVERAGES:
        raise Undefined(
            f"the claim does not state how {name} is averaged: {', '.join(AVERAGES)}",
            f"声明没有说明 {name} 的平均方式：{'、'.join(AVERAGES)}",
        )
    if average == "binary" and (len(outcome.classes) != 2 or outcome.positive is None):
        raise Undefined(
            f"binary {name} needs two classes and the manifest's positive class",
            f"二分类 {name} 需要恰好两个类别，并在清单中声明正类",
        )


def _proportion(counts: Confusion, name: str, average: str | None, positive: int | None) -> tuple[float, float] | None:
    """(successes, trials) of a measure that is a plain proportion, else None."""
    if name == "accuracy" or (name == "recall" and average == "weighted"):
        return float(np.trace(counts)), float(counts.sum())
    if average == "binary" and positive is not None and name in {"precision", "recall"}:
        trials = counts[:, positive].sum() if name == "precision" else counts[positive].sum()
        if trials == 0:
            raise Undefined(f"binary {name} is 0 of 0: no row is in its denominator", f"二分类 {name} 的分母为零")
        return float(counts[positive, positive]), float(trials)
    return None


def _wilson(successes: float, trials: float, comparisons: int, baseline: float | None) -> Measure:
    low, high = statistics.wilson(successes, trials)
    bound = statistics.wilson_bound(successes, trials, "lower", comparisons)
    return Measure(successes / trials, low, high, bound, "Wilson", baseline)


def _baseline(counts: Confusion, name: str, average: str | None, positive: int | None) -> float | None:
    """The best that a predictor with one constant answer reaches on these labels."""
    actual = counts.sum(axis=1)
    reached = []
    for constant in range(len(actual)):
        table = np.zeros_like(counts)
        table[:, constant] = actual
        reached.append(from_confusion(table, name, average, positive))
    best = float(np.nanmax(reached))
    return best if best < 1 else None


def _resample(
    outcome: Outcome, statistic: Callable[[Confusion], float], rng: np.random.Generator, draws: int
) -> statistics.Bootstrap:
    truth, predicted, classes = np.asarray(outcome.truth), outcome.predicted, len(outcome.classes)
    return statistics.bca_bootstrap(
        lambda rows: statistic(confusion(truth[rows], predicted[rows], classes)), truth, rng=rng, B=draws
    )


def _pessimistic(counts: Confusion, statistic: Callable[[Confusion], float], tail: float) -> float:
    """The measure if the errors that n answers may have hidden (exact limit of 0 in n) all hit the worst class.

    A bootstrap of a sample without variation would claim certainty.
    """
    hidden = (1 - tail ** (1 / counts.sum())) * counts.sum()
    worst = statistic(counts)
    for source in range(len(counts)):
        others = [other for other in range(len(counts)) if other != source]
        target = min(others, key=lambda other: counts[other].sum())
        moved = counts.astype(float)
        share = min(hidden, moved[source, source])
        moved[source, source] -= share
        moved[source, target] += share
        worst = min(worst, statistic(moved))
    return worst


def _auc(outcome: Outcome, average: str | None, comparisons: int) -> Measure:
    if outcome.scores is None:
        raise Undefined("an AUC needs scores, and only labels are given", "AUC 需要得分，而数据只给出标签")
    classes = len(outcome.classes)
    if classes == 2 and outcome.positive is None:
        raise Undefined("an AUC needs the manifest's positive class", "AUC 需要在清单中声明正类")
    if classes > 2 and average != "macro":
        raise Undefined(
            "the AUC of more than two classes needs the averaging “macro” (one against the rest)",
            "多类别 AUC 需要声明平均方式“macro”（一对其余）",
        )
    truth = np.asarray(outcome.truth)
    pairs = int(np.bincount(truth, minlength=classes).min())
    if pairs < 2:
        raise Undefined("an AUC needs at least two rows of each class", "AUC 要求每个类别至少有两行数据")
    if classes == 2:
        auc, variance = statistics.delong_auc(truth == outcome.positive, outcome.scores[:, outcome.positive])
    else:
        auc, variance = macro_auc(truth, outcome.scores)
    low, high = statistics.auc_interval(auc, variance, pairs)
    bound = statistics.auc_bound(auc, variance, pairs, "lower", comparisons)
    return Measure(auc, low, high, bound, "DeLong, logit", 0.5)


def macro_auc(truth: npt.NDArray[Any], scores: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Mean of the one-against-rest AUCs and its variance.

    The placement values of DeLong et al. (1988) of all classes are added up sample by sample, which keeps their
    dependence; class sizes count as fixed. With two classes it is DeLong's estimate.
    """
    classes = scores.shape[1]
    pull = np.zeros(len(truth))
    areas = []
    for index in range(classes):
        own = truth == index
        ranks = scipy.stats.rankdata(scores[:, index])
        inside, outside = scipy.stats.rankdata(scores[own, index]), scipy.stats.rankdata(scores[~own, index])
        of_own, of_rest = (ranks[own] - inside) / len(outside), 1 - (ranks[~own] - outside) / len(inside)
        areas.append(of_own.mean())
        pull[own] += of_own / len(inside) / classes
        pull[~own] += of_rest / len(outside) / classes
    sizes = np.bincount(truth.astype(int), minlength=classes)
    variance = sum(size * pull[truth == index].var(ddof=1) for index, size in enumerate(sizes))
    return float(np.mean(areas)), float(variance)


def _error(outcome: Outcome, name: str, rng: np.random.Generator, comparisons: int, draws: int) -> Measure:
    truth = np.asarray(outcome.truth, dtype=float)
    residual = np.abs(truth - outcome.predicted)
    if name == "rmse":
        found = statistics.bca_bootstrap(lambda rows: _root_mean(residual[rows]), len(residual), rng=rng, B=draws)
        baseline = float(truth.std())
    else:
        found = statistics.bca_bootstrap(lambda rows: float(residual[rows].mean()), len(residual), rng=rng, B=draws)
        baseline = float(np.abs(truth - np.median(truth)).mean())
    low, high = found.interval()
    bound = found.bound("upper", comparisons)
    return Measure(found.estimate, low, high, bound, f"BCa bootstrap, B = {draws}", baseline)


def _root_mean(residual: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(residual**2)))
