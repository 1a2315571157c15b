"""Sensitivity: every change that is named is real and the smallest, and none is left out."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.standards.loading import DATA
from assessments.standards.outcome import CriterionRule, CriterionState
from assessments.standards.scheme import SchemeRules
from assessments.standards.scoring import assess
from assessments.standards.sensitivity import sensitivity


def rules(name: str) -> list[CriterionRule]:
    rows = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))["criteria"]
    return [CriterionRule(row["code"], row["code"].rpartition("-")[0], row["gate"], row["weight"]) for row in rows]


def scheme(name: str) -> SchemeRules:
    return SchemeRules.from_content(yaml.safe_load((DATA / name).read_text(encoding="utf-8")))


PRE, PRE_SCHEME = rules("PRE-1.yaml"), scheme("PRE-scheme.yaml")
TAI, TAI_SCHEME = rules("TAI-0.9.yaml"), scheme("TAI-scheme.yaml")
WEIGHTS = (1, 2)

scores = st.integers(0, 50).map(lambda tenths: CriterionState("scored", tenths, "examination"))
states = st.fixed_dictionaries(
    {
        rule.code: st.one_of(
            scores,
            scores,
            scores,
            st.sampled_from([CriterionState("not_applicable"), CriterionState("not_demonstrated")]),
        )
        for rule in PRE
    }
)


def level(given_rules: list[CriterionRule], given_states: dict[str, CriterionState]) -> str | None:
    return assess(given_rules, given_states, PRE_SCHEME, "any", "ready").level


def scored(tenths: int) -> CriterionState:
    return CriterionState("scored", tenths, "examination")


@settings(max_examples=60, deadline=None)
@given(states)
def test_each_change_is_real_and_one_tenth_less_changes_nothing(found: dict[str, CriterionState]) -> None:
    result = sensitivity(PRE, found, PRE_SCHEME, "any", WEIGHTS)
    assert result.level == level(PRE, found)
    for change, step in [(c, -1) for c in result.raising] + [(c, 1) for c in result.lowering]:
        assert level(PRE, {**found, change.criterion: scored(change.needed)}) == change.level != result.level
        if change.needed not in (change.present, change.present - step):
            before = {**found, change.criterion: scored(change.needed + step)}
            assert level(PRE, before) == result.level
    for heavier in result.weights:
        others = [replace(r, weight=heavier.needed) if r.code == heavier.criterion else r for r in PRE]
        assert level(others, found) == heavier.level != result.level


@settings(max_examples=60, deadline=None)
@given(states)
def test_what_is_not_named_never_changes_the_level(found: dict[str, CriterionState]) -> None:
    result = sensitivity(PRE, found, PRE_SCHEME, "any", WEIGHTS)
    raising, lowering = {c.criterion for c in result.raising}, {c.criterion for c in result.lowering}
    for code, state in found.items():
        if state.state == "not_applicable":
            assert code not in raising | lowering | {c.criterion for c in result.weights}
            continue
        assert (level(PRE, {**found, code: scored(50)}) != result.level) == (code in raising)
        if state.state == "scored":
            assert (level(PRE, {**found, code: scored(0)}) != result.level) == (code in lowering)


@settings(max_examples=20, deadline=None)
@given(states, st.randoms(use_true_random=False))
def test_order_of_criteria_does_not_matter(found: dict[str, CriterionState], shuffler: random.Random) -> None:
    shuffled = PRE.copy()
    shuffler.shuffle(shuffled)
    assert sensitivity(shuffled, found, PRE_SCHEME, "any", WEIGHTS) == sensitivity(
        PRE, found, PRE_SCHEME, "any", WEIGHTS
    )


def test_one_failed_gate_is_the_one_score_to_raise() -> None:
    found = {rule.code: CriterionState("scored", 40) for rule in TAI} | {"RC-1": CriterionState("scored", 24)}
    result = sensitivity(TAI, found, TAI_SCHEME, "limited")
    assert result.level is None
    assert [(c.criterion, c.present, c.needed, c.level) for c in result.raising] == [("RC-1", 24, 30, "enhanced")]
    assert result.lowering == ()
    assert result.weights == ()


def test_weight_that_decides_is_named() -> None:
    found = {rule.code: scored(30) for rule in PRE} | {"PU-3": scored(10), "PU-4": scored(8)}
    # 2(2·30 + 2·30 + 10 + 8) / 6 = 46 of the 50 that are needed; 49.5 with a weight of 4, 50.6 with 5.
    result = sensitivity(PRE, found, PRE_SCHEME, "any", (1, 2, 3, 4, 5))
    assert result.level is None
    assert {(c.criterion, c.needed, c.level) for c in result.weights} == {("PU-1", 5, "ready"), ("PU-2", 5, "ready")}


def test_unknown_tier_is_an_error() -> None:
    with pytest.raises(KeyError):
        sensitivity(PRE, {}, PRE_SCHEME, "limited")
