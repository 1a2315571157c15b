"""Intervals and bounds that the methods share.

Every function takes plain counts or arrays and returns floats. A *bound* is one-sided at 95 %;
`comparisons` widens it after Bonferroni, so that the bounds of that many metrics hold together.
An interval is two-sided. Empty samples raise ValueError: undefined is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy

Side = Literal["lower", "upper"]
Interval = tuple[float, float]
ERROR_RATE = 0.05
JACKKNIFE_BLOCKS = 1000


def normal_quantile(comparisons: int = 1, error: float = ERROR_RATE) -> float:
    """The standard normal quantile of a one-sided bound at 1 - error/comparisons."""
    if comparisons < 1:
        raise ValueError("a bound needs at least one comparison")
    return float(scipy.stats.norm.ppf(1 - error / comparisons))


def _wilson(successes: float, n: float, z: float) -> Interval:
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("a proportion needs 0 <= successes <= n and n > 0")
    share = successes / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if successes == n else min(1.0, (middle + half) / scale)
    return low, high


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion (Wilson, JASA 22:209, 1927), without continuity correction."""
    return _wilson(successes, n, float(scipy.stats.norm.ppf((1 + confidence) / 2)))


def wilson_bound(successes: float, n: float, side: Side = "lower", comparisons: int = 1) -> float:
    """One-sided 95 % score bound of a proportion, simultaneous over `comparisons`."""
    low, high = _wilson(successes, n, normal_quantile(comparisons))
    return low if side == "lower" else high


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a proportion (Clopper and Pearson, Biometrika 26:404, 1934)."""
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError("a proportion needs 0 <= successes <= n and n > 0")
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(scipy.stats.beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes == n else float(scipy.stats.beta.ppf(1 - tail, successes + 1, n - successes))
    return low, high


def clopper_pearson_bound(successes: int, n: int, side: Side = "lower", comparisons: int = 1) -> float:
    """One-sided exact 95 % bound of a proportion, simultaneous over `comparisons`."""
    low, high = clopper_pearson(successes, n, 1 - 2 * ERROR_RATE / comparisons)
    return low if side == "lower" else high


def _newcombe(first: tuple[float, float], second: tuple[float, float], z: float) -> Interval:
    share1, share2 = first[0] / first[1], second[0] / second[1]
    low1, high1 = _wilson(*first, z)
    low2, high2 = _wilson(*second, z)
    difference = share1 - share2
    return (
        difference - sqrt((share1 - low1) ** 2 + (high2 - share2) ** 2),
        difference + sqrt((high1 - share1) ** 2 + (share2 - low2) ** 2),
    )


def newcombe_difference(
    successes1: float, n1: float, successes2: float, n2: float, confidence: float = 0.95
) -> Interval:
    """Interval of share1 - share2 of two independent samples (Newcombe, Stat. Med. 17:873, 1998, method 10)."""
    return _newcombe((successes1, n1), (successes2, n2), float(scipy.stats.norm.ppf((1 + confidence) / 2)))


def newcombe_bound(
    successes1: float, n1: float, successes2: float, n2: float, *, side: Side = "upper", comparisons: int = 1
) -> float:
    """One-sided 95 % bound of share1 - share2, simultaneous over `comparisons`."""
    low, high = _newcombe((successes1, n1), (successes2, n2), normal_quantile(comparisons))
    return low if side == "lower" else high


def log_ratio_error(successes1: float, n1: float, successes2: float, n2: float) -> float:
    """Standard error of ln(share1 / share2) (Katz et al., Biometrics 34:469, 1978). Both counts must be positive."""
    if min(successes1, successes2) <= 0 or n1 < successes1 or n2 < successes2:
        raise ValueError("a ratio of shares needs successes in both samples")
    return sqrt(1 / successes1 - 1 / n1 + 1 / successes2 - 1 / n2)


def log_ratio_interval(
    successes1: float, n1: float, successes2: float, n2: float, confidence: float = 0.95
) -> Interval:
    """Interval of share1 / share2 on the logarithmic scale (Katz et al. 1978)."""
    half = float(scipy.stats.norm.ppf((1 + confidence) / 2)) * log_ratio_error(successes1, n1, successes2, n2)
    centre = log(successes1 / n1) - log(successes2 / n2)
    return exp(centre - half), exp(centre + half)


def delong_auc(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[float, float]:
    """Area under the ROC curve and its variance; ties count one half.

    `labels` is 1 (or True) for the positive class; a higher score means more positive.
    DeLong, DeLong and Clarke-Pearson, Biometrics 44:837, 1988, by midranks (Sun and Xu, IEEE SPL 21:1389, 2014).
    """
    truth = np.asarray(labels).astype(bool)
    values = np.asarray(scores, dtype=float)
    positive, negative = values[truth], values[~truth]
    m, n = len(positive), len(negative)
    if m < 2 or n < 2:
        raise ValueError("an area under the curve needs two samples of each class")
    ranks = scipy.stats.rankdata(np.concatenate([positive, negative]))
    of_positive = (ranks[:m] - scipy.stats.rankdata(positive)) / n
    of_negative = 1 - (ranks[m:] - scipy.stats.rankdata(negative)) / m
    variance = of_positive.var(ddof=1) / m + of_negative.var(ddof=1) / n
    return float(of_positive.mean()), float(variance)


def _auc_limits(auc: float, variance: float, pairs: int, error: float) -> Interval:
    """Limits with `error` in each tail; see `auc_interval`."""
    if auc in (0.0, 1.0) or variance <= 0:
        edge = error ** (1 / max(1, pairs))
        return (edge, 1.0) if auc >= 0.5 else (0.0, 1 - edge)
    half = float(scipy.stats.norm.ppf(1 - error)) * sqrt(variance) / (auc * (1 - auc))
    centre = log(auc / (1 - auc))
    return 1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre))


def auc_interval(auc: float, variance: float, pairs: int, confidence: float = 0.95) -> Interval:
    """Interval of an AUC on the logit scale (Qin and Hotilovac, Stat. Methods Med. Res. 17:207, 2008).

    `pairs` is the size of the smaller class. When every pair is ordered the variance is 0 and says nothing:
    that many disjoint pairs are then all ordered with probability at most AUC**pairs, which gives an exact limit.
    """
    return _auc_limits(auc, variance, pairs, (1 - confidence) / 2)


def auc_bound(auc: float, variance: float, pairs: int, side: Side = "lower", comparisons: int = 1) -> float:
    """One-sided 95 % bound of an AUC, simultaneous over `comparisons`."""
    low, high = _auc_limits(auc, variance, pairs, ERROR_RATE / comparisons)
    return low if side == "lower" else high


@dataclass(frozen=True)
class Bootstrap:
    """The replicates of a statistic with the two BCa corrections: bias `shift` and `acceleration`."""

    estimate: float
    replicates: npt.NDArray[np.float64]
    shift: float
    acceleration: float

    @property
    def degenerate(self) -> bool:
        """All replicates are equal: the sample shows no variation, and no interval follows from it."""
        return bool(np.ptp(self.replicates) == 0)

    def quantile(self, level: float) -> float:
        """The BCa end point at `level`."""
        z = float(scipy.stats.norm.ppf(level))
        moved = self.shift + (self.shift + z) / (1 - self.acceleration * (self.shift + z))
        return float(np.quantile(self.replicates, scipy.stats.norm.cdf(moved)))

    def interval(self, confidence: float = 0.95) -> Interval:
        tail = (1 - confidence) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def bound(self, side: Side = "lower", comparisons: int = 1) -> float:
        """One-sided 95 % bound, simultaneous over `comparisons`."""
        tail = ERROR_RATE / comparisons
        return self.quantile(tail if side == "lower" else 1 - tail)


def bca_bootstrap(
    statistic: Callable[[npt.NDArray[np.intp]], float],
    strata: int | npt.NDArray[Any],
    *,
    rng: np.random.Generator,
    B: int = 2000,
) -> Bootstrap:
    """Bias-corrected accelerated bootstrap (Efron, JASA 82:171, 1987), resampled within strata.

    `statistic` maps an array of row indices to a number. `strata` is the number of rows (one stratum)
    or one label for each row. The acceleration is a stratified jackknife, by blocks above
    `JACKKNIFE_BLOCKS` rows (a block's skewness falls as their number does, so its value is the same).
    Replicates that are not finite are drawn again at most B times.
    """
    groups = _strata(strata)
    everything = np.sort(np.concatenate(groups))
    estimate = float(statistic(everything))
    values: list[float] = []
    for _ in range(2 * B):
        value = float(statistic(np.concatenate([group[rng.integers(0, len(group), len(group))] for group in groups])))
        if np.isfinite(value):
            values.append(value)
        if len(values) == B:
            break
    else:
        raise ValueError("the statistic is undefined on too many resamples")
    replicates = np.asarray(values)
    below = (np.count_nonzero(replicates < estimate) + np.count_nonzero(replicates == estimate) / 2) / B
    shift = float(scipy.stats.norm.ppf(min(max(below, 0.5 / B), 1 - 0.5 / B)))
    return Bootstrap(estimate, replicates, shift, _acceleration(statistic, groups, rng))


def paired_bootstrap(
    statistic: Callable[..., float],
    *measured: npt.NDArray[Any],
    rng: np.random.Generator,
    strata: npt.NDArray[Any] | None = None,
    B: int = 2000,
) -> Bootstrap:
    """BCa bootstrap of measurements on the same samples, for example clean and attacked.

    Each array of `measured` has one row for each sample; the same rows are drawn from all of them,
    so that the dependence within a sample is kept. `statistic` gets the drawn rows of each array.
    """
    return bca_bootstrap(
        lambda rows: statistic(*(array[rows] for array in measured)),
        len(measured[0]) if strata is None else strata,
        rng=rng,
        B=B,
    )


def _strata(strata: int | npt.NDArray[Any]) -> list[npt.NDArray[np.intp]]:
    labels = np.zeros(strata, dtype=int) if isinstance(strata, int) else np.asarray(strata)
    if len(labels) < 2:
        raise ValueError("a bootstrap needs at least two rows")
    _, members = np.unique(labels, return_inverse=True)
    return [np.flatnonzero(members == index) for index in range(members.max() + 1)]


def _acceleration(
    statistic: Callable[[npt.NDArray[np.intp]], float], groups: list[npt.NDArray[np.intp]], rng: np.random.Generator
) -> float:
    total = sum(len(group) for group in groups)
    size = -(-total // JACKKNIFE_BLOCKS)
    cubes = squares = 0.0
    for index, group in enumerate(groups):
        blocks = np.array_split(rng.permutation(group), -(-len(group) // size))
        if len(blocks) < 2:
            continue
        others = [other for position, other in enumerate(groups) if position != index]
        left_out = np.array([statistic(np.concatenate([np.setdiff1d(group, block), *others])) for block in blocks])
        influence = (left_out[np.isfinite(left_out)].mean() - left_out) * (len(blocks) - 1) / len(blocks)
        influence = influence[np.isfinite(influence)]
        cubes += float(np.sum(influence**3))
        squares += float(np.sum(influence**2))
    return cubes / (6 * squares**1.5) if squares > 0 else 0.0
