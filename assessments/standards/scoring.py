"""From the states of all criteria to the level and its reasons: one pure function, `assess`.

What it computes (all of it data of the scheme; the figures below are those of the shipped one):

1.  *State.* Each criterion is scored, not applicable, not demonstrated or not assessed. Not applicable leaves the
    computation as if the criterion were not in the standard. Not demonstrated counts 0, fails a gate and blocks
    Enhanced. Not assessed blocks every level.
2.  *Examined.* A test criterion without a fitting method is examined by an evaluator: it counts at most 3.0 and never
    passes a gate.
3.  *Characteristic.* With scores t in integer tenths and integer weights w, X = 2·Σwt / Σw on 0 ... 100, compared in
    integers (2Σwt ≥ θΣw), shown floored to 0.1. It is rated only with at least three applicable criteria.
4.  *Nonconformities* are derived: binding gate below 3.0 → major; another criterion below 2.0 → minor; 2.0 to below
    3.0 → observation. M binds at every tier, M+ where the lowest level demands it (tier high).
5.  *Level.* Levels are nested; each needs its gates, each rated characteristic, minima of criteria, and nothing open
    that it does not allow. There is no total over characteristics: the weakest decides. Granted is the lower of the
    level achieved and the target.

Basis: ISO/IEC 17065:2012 7.4 to 7.6 (determination, review, decision), ISO/IEC 17000:2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import explanation
from .outcome import (
    Assessment,
    CharacteristicScore,
    CriterionRule,
    CriterionState,
    Nonconformity,
    Requirement,
    Standing,
    State,
)
from .requirements import check_level
from .scheme import SchemeRules


def assess(
    criteria: Iterable[CriterionRule],
    states: Mapping[str, CriterionState],
    scheme: SchemeRules,
    tier: str,
    target: str,
) -> Assessment:
    """Assess all criteria of a standard under a scheme, for one risk tier and one target level.

    `states` maps criterion codes to their states; a criterion that it does not name is not assessed. The order of
    `criteria` does not matter. Raises KeyError for an unknown tier or target, ValueError for a state of a criterion
    that the standard does not have.
    """
    rules = sorted(criteria, key=lambda rule: _natural(rule.code))
    unknown = sorted(set(states) - {rule.code for rule in rules})
    if unknown:
        raise ValueError(f"the standard has no criterion {', '.join(unknown)}")
    scheme.tiers[tier], scheme.level(target)
    standings = [_stand(rule, states.get(rule.code, CriterionState("not_assessed")), scheme) for rule in rules]
    live = [standing for standing in standings if standing.state != "not_applicable"]
    characteristics = _characteristics(standings, scheme.rated_from)
    nonconformities = tuple(found for standing in live if (found := _nonconformity(standing, scheme, tier)))
    requirements: list[Requirement] = []
    level: str | None = None
    reached = True
    for rule in scheme.levels:
        checked = check_level(rule, live, characteristics, nonconformities, tier)
        requirements.extend(checked)
        reached = reached and all(item.met for item in checked)
        level = rule.code if reached else level
    granted = level if scheme.rank(level) <= scheme.rank(target) else target
    return Assessment(
        level=level,
        granted=granted,
        tier=tier,
        target=target,
        characteristics=characteristics,
        gates_failed=tuple(s.rule.code for s in live if _fails_gate(s, scheme, tier)),
        gates_not_applicable=tuple(
            s.rule.code for s in standings if s.state == "not_applicable" and s.rule.gate != "none"
        ),
        nonconformities=nonconformities,
        requirements=tuple(requirements),
        reasons=tuple(explanation.reasons(scheme, level, granted, tier, requirements)),
        missing=tuple(explanation.missing(scheme, level, requirements)),
    )


def _stand(rule: CriterionRule, state: CriterionState, scheme: SchemeRules) -> Standing:
    tenths = state.tenths
    if state.state == "not_demonstrated":
        tenths = 0
    elif tenths is not None and state.origin == "examined":
        tenths = min(tenths, scheme.examined_at_most)
    return Standing(rule, state.state, state.origin, tenths)


def _characteristics(standings: list[Standing], rated_from: int) -> dict[str, CharacteristicScore]:
    codes = dict.fromkeys(standing.rule.characteristic for standing in standings)
    return {
        code: _characteristic(code, [s for s in standings if s.rule.characteristic == code], rated_from)
        for code in codes
    }


def _characteristic(code: str, standings: list[Standing], rated_from: int) -> CharacteristicScore:
    counted = [(s.rule.weight, s.tenths) for s in standings if s.state != "not_applicable" and s.tenths is not None]
    weights = sum(weight for weight, _ in counted)
    weighted = sum(weight * tenths for weight, tenths in counted)

    def count(state: State) -> int:
        return sum(standing.state == state for standing in standings)

    examined = sum(s.state == "scored" and s.origin == "examined" for s in standings)
    return CharacteristicScore(
        code=code,
        rated=len(standings) - count("not_applicable") >= rated_from,
        tenths=20 * weighted // weights if weights else None,
        weighted=weighted,
        weights=weights,
        assessed=count("scored") - examined,
        examined=examined,
        not_applicable=count("not_applicable"),
        not_demonstrated=count("not_demonstrated"),
        not_assessed=count("not_assessed"),
    )


def _fails_gate(standing: Standing, scheme: SchemeRules, tier: str) -> bool:
    if standing.state == "not_assessed" or not scheme.gate_binds(standing.rule.gate, tier):
        return False
    return not standing.passes(scheme.major_below)


def _nonconformity(standing: Standing, scheme: SchemeRules, tier: str) -> Nonconformity | None:
    if standing.tenths is None:
        return None
    if scheme.gate_binds(standing.rule.gate, tier) and standing.tenths < scheme.major_below:
        return Nonconformity(standing.rule.code, "major")
    if standing.tenths < scheme.minor_below:
        return Nonconformity(standing.rule.code, "minor")
    if standing.tenths < scheme.observation_below:
        return Nonconformity(standing.rule.code, "observation")
    return None


def _natural(code: str) -> tuple[str, int]:
    letters, _, number = code.rpartition("-")
    return (letters, int(number)) if number.isdigit() else (code, 0)
