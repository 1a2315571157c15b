"""Which single score or weight would change the level: a pure function beside `scoring.assess`.

For a score the nearest change is sought in both directions, everything else held still. The level never falls when a
score rises, so a bisection over tenths finds it. Weights are tried one by one over the range that the scheme allows;
there the level may move either way. Only scored and not demonstrated criteria are varied: what does not apply, or has
not been assessed, has no score to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from .outcome import FULL_TENTHS, CriterionRule, CriterionState
from .scheme import SchemeRules
from .scoring import assess


@dataclass(frozen=True)
class ScoreChange:
    """The score nearest to the present one (both in tenths) at which the level becomes another."""

    criterion: str
    present: int
    needed: int
    level: str | None


@dataclass(frozen=True)
class WeightChange:
    """A weight, next to the present one, at which the level becomes another."""

    criterion: str
    present: int
    needed: int
    level: str | None


Change = TypeVar("Change", ScoreChange, WeightChange)


@dataclass(frozen=True)
class Sensitivity:
    """`raising` and `lowering` scores, and weights; each sorted by the size of the change, then by code."""

    level: str | None
    raising: tuple[ScoreChange, ...]
    lowering: tuple[ScoreChange, ...]
    weights: tuple[WeightChange, ...]


@dataclass(frozen=True)
class _Case:
    """What is held still while one thing is varied."""

    rules: tuple[CriterionRule, ...]
    states: Mapping[str, CriterionState]
    scheme: SchemeRules
    tier: str

    def level(self) -> str | None:
        return assess(self.rules, self.states, self.scheme, self.tier, self.scheme.levels[-1].code).level

    def with_score(self, code: str, tenths: int) -> str | None:
        """The level if that one criterion scored `tenths`."""
        state = CriterionState("scored", tenths, self.states[code].origin)
        return replace(self, states={**self.states, code: state}).level()

    def with_weight(self, code: str, weight: int) -> str | None:
        """The level if that one criterion weighed `weight`."""
        rules = tuple(replace(rule, weight=weight) if rule.code == code else rule for rule in self.rules)
        return replace(self, rules=rules).level()


def sensitivity(
    criteria: Iterable[CriterionRule],
    states: Mapping[str, CriterionState],
    scheme: SchemeRules,
    tier: str,
    weights: Sequence[int] = (),
) -> Sensitivity:
    """What would change the level achieved. `weights` are those that the scheme allows; none: weights are not varied.

    Arguments and errors as of `scoring.assess`.
    """
    case = _Case(tuple(criteria), states, scheme, tier)
    level = case.level()
    raising: list[ScoreChange] = []
    lowering: list[ScoreChange] = []
    changed: list[WeightChange] = []
    for rule in case.rules:
        state = states.get(rule.code)
        if state is None or state.state not in ("scored", "not_demonstrated"):
            continue
        present = state.tenths or 0
        # What was not demonstrated may gain by being shown at all, even at the score 0 that it counts already.
        upward = range(present if state.tenths is None else present + 1, FULL_TENTHS + 1)
        raising += _score_changes(case, rule.code, present, upward, level)
        lowering += _score_changes(case, rule.code, present, range(present - 1, -1, -1), level)
        changed += _weight_changes(case, rule, level, weights)
    return Sensitivity(level, tuple(_nearest(raising)), tuple(_nearest(lowering)), tuple(_nearest(changed)))


def _first(candidates: range, holds: Callable[[int], bool]) -> int | None:
    """The first candidate that holds, when all after it hold too (bisection)."""
    if not candidates or not holds(candidates[-1]):
        return None
    low, high = 0, len(candidates) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(candidates[middle]) else (middle + 1, high)
    return candidates[low]


def _score_changes(case: _Case, code: str, present: int, candidates: range, level: str | None) -> list[ScoreChange]:
    needed = _first(candidates, lambda tenths: case.with_score(code, tenths) != level)
    return [] if needed is None else [ScoreChange(code, present, needed, case.with_score(code, needed))]


def _weight_changes(case: _Case, rule: CriterionRule, level: str | None, weights: Sequence[int]) -> list[WeightChange]:
    """For each direction the nearest weight that changes the level."""
    found: dict[bool, WeightChange] = {}
    for weight in sorted(set(weights) - {rule.weight}, key=lambda weight: abs(weight - rule.weight)):
        reached = case.with_weight(rule.code, weight)
        if reached != level:
            found.setdefault(weight > rule.weight, WeightChange(rule.code, rule.weight, weight, reached))
    return list(found.values())


def _nearest(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (abs(change.needed - change.present), change.criterion))
