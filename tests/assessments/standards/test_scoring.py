"""The level: the rules and counter-examples of the scheme, then the properties that hold for every input."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.standards.loading import DATA
from assessments.standards.outcome import Assessment, CriterionRule, CriterionState
from assessments.standards.scheme import SchemeRules
from assessments.standards.scoring import assess

SCHEME = SchemeRules.from_content(yaml.safe_load((DATA / "TAI-scheme.yaml").read_text(encoding="utf-8")))
CRITERIA = [
    CriterionRule(row["code"], row["code"].rpartition("-")[0], row["gate"], row["weight"])
    for row in yaml.safe_load((DATA / "TAI-0.9.yaml").read_text(encoding="utf-8"))["criteria"]
]
CODES = [rule.code for rule in CRITERIA]
GATES = [rule.code for rule in CRITERIA if rule.gate == "M"]
HIGH_GATES = [rule.code for rule in CRITERIA if rule.gate == "M+"]
N_A = CriterionState("not_applicable")
NOT_SHOWN = CriterionState("not_demonstrated")


def scored(tenths: int, origin: str = "test") -> CriterionState:
    return CriterionState("scored", tenths, origin)  # type: ignore[arg-type]


def outcome(
    default: int = 40, tier: str = "limited", target: str = "excellent", **changes: CriterionState
) -> Assessment:
    states = dict.fromkeys(CODES, scored(default)) | {code.replace("_", "-"): state for code, state in changes.items()}
    return assess(CRITERIA, states, SCHEME, tier, target)


@pytest.mark.parametrize(
    ("tenths", "level"), [(50, "excellent"), (45, "excellent"), (44, "enhanced"), (38, "enhanced"), (37, "basic"),
                          (30, "basic"), (29, None), (0, None)],
)  # fmt: skip
def test_equal_scores_give_the_level_of_the_thresholds(tenths: int, level: str | None) -> None:
    assert outcome(tenths).level == level


def test_weights_of_tenths_do_not_lose_the_level_to_binary_arithmetic() -> None:
    # 0.1, 0.2 and 0.3 as weights give 59.999... in floating point; integers give exactly 60.0.
    criteria = [CriterionRule(f"RC-{i}", "RC", "none", i) for i in (1, 2, 3)]
    found = assess(criteria, {rule.code: scored(30) for rule in criteria}, SCHEME, "limited", "basic")
    assert found.characteristics["RC"].tenths == 600
    assert found.characteristics["RC"].reaches(60)
    assert not found.characteristics["RC"].reaches(61)


def test_shown_score_is_floored_and_the_comparison_is_exact() -> None:
    criteria = [CriterionRule(f"RC-{i}", "RC", "none", 1) for i in (1, 2, 3)]
    states = {"RC-1": scored(30), "RC-2": scored(30), "RC-3": scored(29)}
    score = assess(criteria, states, SCHEME, "limited", "basic").characteristics["RC"]
    assert score.tenths == 593  # 59.33...
    assert not score.reaches(60)


def test_withholding_a_test_never_pays() -> None:
    # RC-3 to RC-6 at 2 and twelve criteria at 4 give 70; "not applicable" would give 80, withholding gives 60.
    criteria = [CriterionRule(f"RC-{i}", "RC", "none", 1) for i in range(1, 17)]

    def score(attacked: CriterionState) -> int | None:
        states = {rule.code: attacked if 3 <= int(rule.code[3:]) <= 6 else scored(40) for rule in criteria}
        return assess(criteria, states, SCHEME, "limited", "basic").characteristics["RC"].tenths

    assert score(scored(20)) == 700
    assert score(N_A) == 800
    assert score(NOT_SHOWN) == 600


@pytest.mark.parametrize("gate", GATES)
def test_failed_gate_bars_every_level_whatever_the_rest(gate: str) -> None:
    found = outcome(50, **{gate: scored(29)})
    assert found.level is None
    assert found.gates_failed == (gate,)
    assert found.open_majors == (gate,)
    assert any(gate in line.en for line in found.reasons)


def test_gate_that_is_not_applicable_passes_and_is_named() -> None:
    found = outcome(40, DP_9=N_A)
    assert found.level == "enhanced"
    assert found.gates_not_applicable == ("DP-9",)


@pytest.mark.parametrize("gate", HIGH_GATES)
def test_high_risk_gate_binds_at_high_risk_and_for_enhanced(gate: str) -> None:
    assert outcome(40, tier="high", **{gate: scored(29)}).level is None
    limited = outcome(40, tier="limited", **{gate: scored(29)})
    assert limited.level == "basic"
    assert limited.gates_failed == ()
    assert [(n.criterion, n.grade) for n in limited.nonconformities] == [(gate, "observation")]


def test_examined_criterion_counts_at_most_three_and_passes_no_gate() -> None:
    found = outcome(50, RC_2=scored(50, "examined"))
    assert found.characteristics["RC"].examined == 1
    assert found.characteristics["RC"].tenths == outcome(50, RC_2=scored(30)).characteristics["RC"].tenths
    assert outcome(50, RC_1=scored(30, "examined")).level is None
    assert outcome(50, RC_7=scored(30, "examined")).level == "basic"
    assert outcome(50, tier="high", RC_7=scored(30, "examined")).level is None


def test_examination_of_an_examined_kind_passes_a_gate() -> None:
    assert outcome(40, GM_6=scored(30, "examination")).level == "enhanced"


def test_not_demonstrated_counts_zero_and_blocks_enhanced() -> None:
    found = outcome(50, RC_2=NOT_SHOWN)
    assert found.level == "basic"
    assert found.characteristics["RC"].not_demonstrated == 1
    assert ("RC-2", "minor") in [(n.criterion, n.grade) for n in found.nonconformities]
    assert any("not demonstrated" in line.en for line in found.missing)
    assert outcome(50, RC_1=NOT_SHOWN).level is None


def test_not_assessed_blocks_every_level_and_is_not_a_zero() -> None:
    found = outcome(50, RC_2=CriterionState("not_assessed"))
    assert found.level is None
    assert found.characteristics["RC"].tenths == 1000
    assert [line.en for line in found.reasons] == ["Basic level not reached.", "RC-2 has not been assessed yet"]


def test_criterion_below_two_bars_enhanced_and_below_three_bars_excellent() -> None:
    assert outcome(50, RC_2=scored(19)).level == "basic"
    assert outcome(50, RC_2=scored(20)).level == "enhanced"
    assert outcome(50, RC_2=scored(29)).level == "enhanced"
    assert outcome(50, RC_2=scored(30)).level == "excellent"


def test_excellent_needs_gates_of_four() -> None:
    assert outcome(50, RC_1=scored(39)).level == "enhanced"


def without(characteristic: str, keep: int) -> dict[str, CriterionState]:
    codes = [code for code in CODES if code.startswith(characteristic)]
    return dict.fromkeys(codes[keep:], N_A)


def test_characteristic_with_two_criteria_is_not_rated() -> None:
    found = outcome(50, **without("DP", 2))
    assert not found.characteristics["DP"].rated
    assert found.level == "enhanced"
    assert outcome(50, **without("DP", 3)).level == "excellent"
    assert outcome(50, **without("RC", 2)).level is None


def test_unrated_characteristic_does_not_count_against_the_minimum() -> None:
    codes = [code for code in CODES if code.startswith("DI")]
    changes = dict.fromkeys(codes[2:], N_A) | dict.fromkeys(codes[:2], scored(20))
    changes |= {code: scored(30) for code in codes[:2] if code in GATES}
    assert outcome(40, **changes).level in ("basic", "enhanced")


def test_management_needs_sixty_then_seventy_five() -> None:
    gm = [code for code in CODES if code.startswith("GM")]
    assert outcome(50, **dict.fromkeys(gm, scored(30))).level == "enhanced"
    low = {code: scored(30 if code in GATES else 21) for code in gm}
    assert outcome(50, **low).level is None


def test_granted_is_the_lower_of_target_and_achieved() -> None:
    found = outcome(50, target="basic")
    assert (found.level, found.granted) == ("excellent", "basic")
    assert "no more was applied for" in found.reasons[-1].en
    assert outcome(30, target="excellent").granted == "basic"
    assert outcome(20, target="basic").granted is None


def test_explanation_says_why_and_what_is_missing_for_the_next() -> None:
    found = outcome(40, RC_2=scored(15))
    assert found.reasons[0].en == "Level achieved: Basic (limited risk)."
    assert found.reasons[0].zh == "达到等级：基础级（有限风险）。"
    assert [line.en for line in found.missing] == ["RC-2 scores 1.5, every criterion needs 2.0"]
    assert outcome(50).missing == ()
    assert SCHEME.level_title(None, "high").zh == "未达到基础级"


def test_state_of_a_criterion_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="XX-1"):
        assess(CRITERIA, {"XX-1": scored(30)}, SCHEME, "limited", "basic")
    with pytest.raises(KeyError):
        outcome(40, tier="unacceptable")
    with pytest.raises(ValueError, match="between 0 and 50"):
        scored(51)
    with pytest.raises(ValueError, match="belongs to a scored"):
        CriterionState("not_applicable", 30)


STATE = st.one_of(
    st.builds(scored, st.integers(0, 50), st.sampled_from(["test", "examination", "examined"])),
    st.builds(scored, st.integers(30, 50)),
    st.sampled_from([N_A, NOT_SHOWN, CriterionState("not_assessed")]),
)
MOSTLY_GOOD = st.fixed_dictionaries({code: st.one_of(st.builds(scored, st.integers(28, 50)), STATE) for code in CODES})
FEW_BAD = st.builds(
    lambda base, changes: dict.fromkeys(CODES, scored(base)) | changes,
    st.integers(28, 50),
    st.dictionaries(st.sampled_from(CODES), STATE, max_size=4),
)
STATES = st.one_of(FEW_BAD, MOSTLY_GOOD)
TIERS = st.sampled_from(["minimal", "limited", "high"])
PROPERTY = settings(max_examples=80, deadline=None)


@PROPERTY
@given(states=STATES, tier=TIERS, code=st.sampled_from(CODES), gain=st.integers(1, 50))
def test_better_score_never_lowers_the_level(
    states: dict[str, CriterionState], tier: str, code: str, gain: int
) -> None:
    state = states[code]
    if state.state == "not_demonstrated":
        better = scored(gain)
    elif state.tenths is not None:
        better = replace(state, tenths=min(50, state.tenths + gain))
    else:
        return
    before = assess(CRITERIA, states, SCHEME, tier, "excellent")
    after = assess(CRITERIA, states | {code: better}, SCHEME, tier, "excellent")
    assert SCHEME.rank(after.level) >= SCHEME.rank(before.level)


@PROPERTY
@given(states=STATES, tier=TIERS, seed=st.integers())
def test_order_does_not_matter_and_the_same_input_gives_the_same_output(
    states: dict[str, CriterionState], tier: str, seed: int
) -> None:
    shuffled = random.Random(seed).sample(CRITERIA, len(CRITERIA))
    again = dict(random.Random(seed).sample(list(states.items()), len(states)))
    assert assess(shuffled, again, SCHEME, tier, "excellent") == assess(CRITERIA, states, SCHEME, tier, "excellent")


@PROPERTY
@given(states=STATES, tier=TIERS)
def test_not_applicable_is_as_if_absent(states: dict[str, CriterionState], tier: str) -> None:
    present = {code for code, state in states.items() if state.state != "not_applicable"}
    full = assess(CRITERIA, states, SCHEME, tier, "excellent")
    less = assess(
        [rule for rule in CRITERIA if rule.code in present],
        {code: state for code, state in states.items() if code in present},
        SCHEME, tier, "excellent",
    )  # fmt: skip
    assert (full.level, full.nonconformities, full.gates_failed) == (
        less.level, less.nonconformities, less.gates_failed,
    )  # fmt: skip
    for code, score in less.characteristics.items():
        assert (score.tenths, score.rated) == (full.characteristics[code].tenths, full.characteristics[code].rated)


@PROPERTY
@given(states=STATES, tier=TIERS, gate=st.sampled_from(GATES), tenths=st.integers(0, 29))
def test_gates_are_absolute(states: dict[str, CriterionState], tier: str, gate: str, tenths: int) -> None:
    assert assess(CRITERIA, states | {gate: scored(tenths)}, SCHEME, tier, "excellent").level is None


@PROPERTY
@given(states=STATES, tier=TIERS)
def test_levels_are_nested(states: dict[str, CriterionState], tier: str) -> None:
    found = assess(CRITERIA, states, SCHEME, tier, "excellent")
    held = {
        level.code: all(item.met for item in found.requirements if item.level == level.code) for level in SCHEME.levels
    }
    assert held["basic"] or not held["enhanced"]
    assert held["enhanced"] or not held["excellent"]
    assert bool(found.missing) == (found.level != "excellent")


@PROPERTY
@given(states=STATES)
def test_higher_tier_never_makes_it_easier(states: dict[str, CriterionState]) -> None:
    limited = assess(CRITERIA, states, SCHEME, "limited", "excellent")
    high = assess(CRITERIA, states, SCHEME, "high", "excellent")
    assert SCHEME.rank(high.level) <= SCHEME.rank(limited.level)
