"""The decision rule from metric to score, against its worked cases and against numpy's interpolation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessments.standards.loading import DATA
from assessments.standards.thresholds import combine, interpolate, propose

SCHEME = yaml.safe_load((DATA / "TAI-scheme.yaml").read_text(encoding="utf-8"))
RULES: dict[str, Any] = SCHEME["thresholds"]
TABLES = [(method, table) for method, rule in RULES.items() for table in rule.get("tables", ())]


def metric(name: str, value: float | None, n: int = 1000, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "n": n, "bound": None, "low": None, "high": None, "slice": {}} | more


def result(*metrics: dict[str, Any], flags: dict[str, bool] | None = None, undefined: Any = ()) -> dict[str, Any]:
    return {"metrics": list(metrics), "flags": flags or {}, "undefined": list(undefined)}


def table_of(*points: float, **more: Any) -> dict[str, Any]:
    return {"tables": [{"metric": "m", "points": list(points), **more}]}


RISING = table_of(0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def test_all_twelve_methods_have_thresholds_with_a_source() -> None:
    assert len(RULES) == 12
    assert all(rule["source"]["en"] and rule["source"]["zh"] for rule in RULES.values())


@pytest.mark.parametrize(("method", "table"), TABLES, ids=[f"{m}-{t['metric']}" for m, t in TABLES])
def test_each_threshold_gives_its_whole_score(method: str, table: dict[str, Any]) -> None:
    rule = {"tables": [table]}
    for score, point in enumerate(table["points"]):
        proposal = propose(result(metric(table["metric"], point)), rule)
        assert proposal.tenths == 10 * score, (method, point)


@pytest.mark.parametrize(("method", "table"), TABLES, ids=[f"{m}-{t['metric']}" for m, t in TABLES])
def test_between_thresholds_the_score_is_linear_as_numpy_has_it(method: str, table: dict[str, Any]) -> None:
    points = table["points"]
    order = np.argsort(points)
    low, high = min(points), max(points)
    for value in np.linspace(low - 0.1, high + 0.1, 97):
        expected = np.interp(value, np.array(points)[order], np.arange(6.0)[order])
        assert float(interpolate(points, float(value))) == pytest.approx(expected, abs=1e-9), method


def test_binary_noise_does_not_cost_a_tenth() -> None:
    # 0.97 - 0.98 is -0.010000000000000009 in binary arithmetic; the figures say -0.01, which is a 4.
    assert propose(result(metric("claim_difference", 0.97 - 0.98)), RULES["performance.claim"]).tenths == 40
    assert propose(result(metric("m", 0.1 + 0.7)), RISING).tenths == 30


def test_score_is_floored_never_rounded_up() -> None:
    assert propose(result(metric("m", 0.7999)), RISING).tenths == 29


@pytest.mark.parametrize(
    ("value", "bound", "high", "tenths", "conclusion"),
    [
        (0.90, 0.85, 0.95, 40, "pass"),
        (0.90, 0.70, 0.99, 30, "conditional_pass"),
        (0.90, 0.65, 0.99, 25, "conditional_fail"),
        (0.75, 0.72, 0.82, 25, "conditional_fail"),
        (0.75, 0.72, 0.78, 25, "fail"),
        (0.40, 0.30, 0.45, 0, "fail"),
    ],
)
def test_bound_lowers_by_all_but_one_point(
    value: float, bound: float, high: float, tenths: int, conclusion: str
) -> None:
    proposal = propose(result(metric("m", value, bound=bound, high=high)), RISING)
    assert (proposal.tenths, proposal.conclusion) == (tenths, conclusion)


def test_falling_table_reads_the_low_end_as_favourable() -> None:
    rule = table_of(0.25, 0.20, 0.15, 0.10, 0.05, 0.02)
    proposal = propose(result(metric("m", 0.12, bound=0.14, low=0.08, high=0.15)), rule)
    assert (proposal.tenths, proposal.conclusion) == (26, "conditional_fail")


def simulated_pass_rate(rates: tuple[float, float], rule: dict[str, Any], draws: int = 3000) -> float:
    """Two groups of 200; the ratio of favourable rates with Katz' one-sided bound."""
    rng = np.random.default_rng(20261124)
    passed = 0
    for first, second in zip(rng.binomial(200, rates[0], draws), rng.binomial(200, rates[1], draws), strict=True):
        few, many = sorted((int(first), int(second)))
        error = math.sqrt((1 - few / 200) / few + (1 - many / 200) / many)
        ratio = few / many
        proposal = propose(result(metric("ratio", ratio, bound=ratio * math.exp(-1.6449 * error))), rule)
        passed += (proposal.tenths or 0) >= 30
    return passed / draws


def test_fair_system_passes_in_94_and_a_ratio_of_three_quarters_in_15_percent() -> None:
    rule = {"tables": [RULES["fairness.group"]["tables"][1]]}
    assert simulated_pass_rate((0.5, 0.5), rule) == pytest.approx(0.94, abs=0.02)
    assert simulated_pass_rate((0.5, 0.375), rule) == pytest.approx(0.15, abs=0.03)


def test_minimum_over_slices_and_tables_counts() -> None:
    proposal = propose(
        result(
            metric("difference", 0.02, slice={"attribute": "sex"}),
            metric("difference", 0.10, slice={"attribute": "age"}),
            metric("ratio", 0.95),
        ),
        RULES["fairness.group"],
    )
    assert proposal.tenths == 30
    assert len(proposal.parts) == 3


def test_optional_metric_may_be_absent_and_the_flag_says_the_consequence() -> None:
    rule = RULES["fairness.group"]
    assert propose(result(metric("difference", 0.02)), rule).tenths == 50
    assert propose(result(metric("difference", 0.02), flags={"ratio_imprecise": True}), rule).tenths == 30


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (result(), "no value"),
        (result(metric("m", None, undefined={"en": "one class only", "zh": "只有一个类别"})), "one class only"),
        (result(metric("m", float("nan"))), "undefined"),
        (result(metric("m", 0.9, n=199)), "at least 200"),
        (result(metric("m", 0.9), undefined=[{"en": "no labels", "zh": "没有标签"}]), "no labels"),
    ],
)
def test_undefined_or_too_few_is_not_demonstrated_with_the_reason(bad: dict[str, Any], word: str) -> None:
    proposal = propose(bad, table_of(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, minimum_n=200))
    assert (proposal.state, proposal.tenths) == ("not_demonstrated", None)
    assert word in proposal.lines[0].en
    assert proposal.lines[0].zh


@pytest.mark.parametrize(("worst", "tenths"), [(0.49, 29), (0.50, 39), (0.69, 39), (0.70, 49), (0.80, 50)])
def test_worst_corruption_family_caps_the_mean(worst: float, tenths: int) -> None:
    found = result(metric("retention", 0.99), metric("worst_family_retention_severity_3", worst))
    proposal = propose(found, RULES["robustness.corruption"])
    assert proposal.tenths == tenths
    assert proposal.conclusion == ("fail" if tenths < 30 else "pass")


def test_metric_that_a_cap_reads_may_not_be_missing() -> None:
    assert propose(result(metric("retention", 0.99)), RULES["robustness.corruption"]).state == "not_demonstrated"


def test_explanation_scores_at_most_three_where_none_is_delivered() -> None:
    measured = [metric(name, 1.0) for name in ("fidelity_r2", "deletion_better_share", "stability_jaccard")]
    rule = RULES["explanation.lime"]
    assert propose(result(*measured), rule).tenths == 30
    assert propose(result(*measured, flags={"explanation_delivered": True}), rule).tenths == 50


@pytest.mark.parametrize(
    ("identical", "flips", "difference", "tenths"),
    [
        (1, 0, 0, 50),
        (0, 0, 1e-6, 40),
        (0, 0, 1.1e-6, 30),
        (0, 0, 1e-4, 30),
        (0, 0, 2e-4, 20),
        (0, 0.001, 0.5, 20),
        (0, 0.01, 0.5, 10),
        (0, 0.02, 0.5, 0),
    ],
)
def test_reproducibility_steps(identical: float, flips: float, difference: float, tenths: int) -> None:
    found = result(
        metric("byte_identical", identical),
        metric("flip_rate", flips),
        metric("max_relative_difference", difference),
    )
    assert propose(found, RULES["reproducibility.inference"]).tenths == tenths


@pytest.mark.parametrize(
    ("share", "valid", "flags", "tenths"),
    [
        (1.0, 1.0, {"unsigned": False}, 50),
        (1.0, 0.0, {"unsigned": True}, 30),
        (1.0, 0.0, {"unsigned": False, "signature_invalid": True}, 0),
        (0.5, 1.0, {"unsigned": False}, 0),
    ],
)
def test_provenance_steps(share: float, valid: float, flags: dict[str, bool], tenths: int) -> None:
    found = result(metric("digests_match", share, n=2), metric("signature_valid", valid, n=1), flags=flags)
    assert propose(found, RULES["traceability.provenance"]).tenths == tenths


def test_several_runs_of_one_criterion_give_the_minimum() -> None:
    good = propose(result(metric("m", 0.95)), RISING)
    poor = propose(result(metric("m", 0.85)), RISING)
    none = propose(result(), RISING)
    assert combine([good, poor]).tenths == 35
    assert combine([good, none]).state == "not_demonstrated"
    with pytest.raises(ValueError, match="without a run"):
        combine([])


@given(
    value=st.floats(-1, 2),
    bound=st.floats(-1, 2),
    better=st.floats(0, 1),
)
def test_better_metric_never_lowers_the_score(value: float, bound: float, better: float) -> None:
    before = propose(result(metric("m", value, bound=bound)), RISING).tenths
    after = propose(result(metric("m", value + better, bound=bound + better)), RISING).tenths
    assert before is not None
    assert after is not None
    assert 0 <= before <= after <= 50
