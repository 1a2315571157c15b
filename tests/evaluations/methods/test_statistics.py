"""Intervals against scipy, against printed examples, and against their own promise of coverage."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from evaluations.methods import statistics


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (7, 20), (20, 20), (4976, 5000)])
def test_wilson_equals_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert statistics.wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)
    one_sided = stats.binomtest(successes, n, alternative="greater").proportion_ci(method="wilson")
    assert statistics.wilson_bound(successes, n) == pytest.approx(one_sided.low, abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 20), (7, 20), (20, 20)])
def test_clopper_pearson_equals_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(method="exact")
    assert statistics.clopper_pearson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)
    upper = stats.binomtest(successes, n, alternative="less").proportion_ci(method="exact")
    assert statistics.clopper_pearson_bound(successes, n, "upper") == pytest.approx(upper.high, abs=1e-12)


def test_newcombe_gives_the_printed_example():
    """Newcombe 1998, table II, 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    assert statistics.newcombe_difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert statistics.newcombe_bound(56, 70, 48, 80) < 0.3339


def test_log_ratio_equals_scipy():
    expected = stats.contingency.relative_risk(30, 80, 60, 120)
    interval = expected.confidence_interval()
    assert statistics.log_ratio_interval(30, 80, 60, 120) == pytest.approx((interval.low, interval.high))
    with pytest.raises(ValueError, match="successes in both"):
        statistics.log_ratio_error(0, 80, 60, 120)


def test_delong_equals_the_definition():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 90)
    scores = np.round(rng.normal(size=90) + labels, 1)  # rounded: ties occur
    auc, variance = statistics.delong_auc(labels, scores)
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    expected = wins.mean(1).var(ddof=1) / len(positive) + wins.mean(0).var(ddof=1) / len(negative)
    assert auc == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert variance == pytest.approx(expected, rel=1e-12)
    low, high = statistics.auc_interval(auc, variance, 40)
    assert low < statistics.auc_bound(auc, variance, 40) < auc < high


def test_auc_of_one_keeps_a_lower_limit():
    assert statistics.auc_interval(1.0, 0.0, 100)[0] == pytest.approx(0.025 ** (1 / 100))
    assert statistics.auc_interval(0.0, 0.0, 100)[1] == pytest.approx(1 - 0.025 ** (1 / 100))


def test_bca_equals_scipy_on_a_skewed_sample():
    sample = np.random.default_rng(1).exponential(size=80)
    ours = statistics.bca_bootstrap(lambda rows: sample[rows].mean(), 80, rng=np.random.default_rng(2), B=6000)
    theirs = stats.bootstrap((sample,), np.mean, n_resamples=6000, method="BCa", rng=np.random.default_rng(3))
    interval = theirs.confidence_interval
    assert ours.interval() == pytest.approx((interval.low, interval.high), abs=0.02)
    assert ours.bound() > ours.interval()[0]
    assert ours.bound(comparisons=5) < ours.bound()


def test_bca_covers_what_it_promises():
    """The mean of 40 exponential draws lies in a 90 % interval 90 % of the time, within sampling error."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(200):
        sample = rng.exponential(size=40)
        low, high = statistics.bca_bootstrap(lambda rows, s=sample: s[rows].mean(), 40, rng=rng, B=300).interval(0.9)
        hits += low <= 1 <= high
    assert 0.82 <= hits / 200 <= 0.96


def test_bca_resamples_within_strata():
    strata = np.repeat([0, 1], [30, 70])
    seen = []
    statistics.bca_bootstrap(
        lambda rows: seen.append(np.count_nonzero(strata[rows] == 0)) or float(rows.mean()),
        strata,
        rng=np.random.default_rng(0),
        B=50,
    )
    assert set(seen[:51]) == {30}


def test_bca_of_a_constant_is_degenerate():
    result = statistics.bca_bootstrap(lambda rows: 1.0, 30, rng=np.random.default_rng(0), B=50)
    assert result.degenerate


def test_paired_bootstrap_is_narrower_than_unpaired():
    rng = np.random.default_rng(4)
    before = rng.normal(size=200)
    after = before + rng.normal(scale=0.1, size=200)
    paired = statistics.paired_bootstrap(lambda a, b: a.mean() - b.mean(), before, after, rng=rng, B=500)
    low, high = paired.interval()
    assert high - low < 0.1 < 2 * 1.96 * np.sqrt(2 / 200)
