"""Rates of a decision by group: what is counted, in whom, and how a group compares with all others.

Every rate has the group as its denominator, never the whole population.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import statistics
from evaluations.methods.frame import Direction, Text
from evaluations.methods.outcomes import Outcome

MIN_GROUP = 100
MIN_DENOMINATOR = 30
MAX_RATIO_ERROR = 0.10
NOT_STATED = "missing"  # as the reader writes an empty cell of a sensitive attribute

Mask = npt.NDArray[np.bool_]

TITLES: Mapping[str, Text] = {
    "selection_rate": Text("Selection rate (favourable outcome)", "选择率（有利结果）"),
    "true_positive_rate": Text("True positive rate", "真阳性率"),
    "false_positive_rate": Text("False positive rate", "假阳性率"),
    "false_negative_rate": Text("False negative rate", "假阴性率"),
    "positive_predictive_value": Text("Positive predictive value", "阳性预测值"),
    "accuracy": Text("Accuracy", "准确率"),
}
DIRECTIONS: Mapping[str, Direction] = {"false_positive_rate": "lower", "false_negative_rate": "lower"}


@dataclass(frozen=True)
class Counts:
    """`hits` of `base` in whom the rate is defined, in a group of `n`."""

    hits: int
    base: int
    n: int

    @property
    def rate(self) -> float | None:
        return self.hits / self.base if self.base else None

    @property
    def enough(self) -> bool:
        """Whether there are enough people to say anything (100, and 30 in the denominator)."""
        return self.n >= MIN_GROUP and self.base >= MIN_DENOMINATOR


@dataclass(frozen=True)
class Comparison:
    """One group of one attribute against the pooled rest."""

    attribute: str
    group: str
    inside: Counts
    rest: Counts

    @property
    def judged(self) -> bool:
        return self.inside.enough and self.rest.base >= MIN_DENOMINATOR

    @property
    def slice(self) -> dict[str, str]:
        return {"attribute": self.attribute, "group": self.group}

    @property
    def signed(self) -> float:
        """Rate of the group minus rate of the rest."""
        return self.inside.hits / self.inside.base - self.rest.hits / self.rest.base

    def difference(self, comparisons: int) -> tuple[float, float, float, float]:
        """(value, low, high, upper bound) of the absolute difference, by Newcombe's method."""
        four = (self.inside.hits, self.inside.base, self.rest.hits, self.rest.base)
        low, high = statistics.newcombe_difference(*four)
        lowest = statistics.newcombe_bound(*four, side="lower", comparisons=comparisons)
        highest = statistics.newcombe_bound(*four, side="upper", comparisons=comparisons)
        nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return abs(self.signed), nearest, max(abs(low), abs(high)), max(abs(lowest), abs(highest))

    def ratio(self, comparisons: int) -> tuple[float, float, float, float] | None:
        """(value, low, high, lower bound) of the lower rate over the higher, or None where it is too imprecise."""
        if not self.inside.hits or not self.rest.hits:
            return None
        four = (self.inside.hits, self.inside.base, self.rest.hits, self.rest.base)
        error = statistics.log_ratio_error(*four)
        if error > MAX_RATIO_ERROR:
            return None
        low, high = (log(end) for end in statistics.log_ratio_interval(*four))
        distance = abs(log(four[0] / four[1]) - log(four[2] / four[3]))
        half = (high - low) / 2
        bound = exp(-distance - statistics.normal_quantile(comparisons) * error)
        return exp(-distance), exp(-distance - half), min(1.0, exp(half - distance)), bound


@dataclass(frozen=True)
class Decisions:
    """The outcome as masks: `favoured` got the favourable outcome, `called` and `actual` are of the positive class.

    Where only one of favourable outcome and positive class is declared, it serves for both.
    """

    favoured: Mask | None
    called: Mask | None
    actual: Mask | None
    correct: Mask | None

    @classmethod
    def of(cls, outcome: Outcome, favourable: int | None) -> Decisions:
        """`favourable` is the index of the class that is good for the person, if one is declared."""
        good = outcome.positive if favourable is None else favourable
        positive = good if outcome.positive is None else outcome.positive
        labelled = outcome.truth is not None
        return cls(
            favoured=None if good is None else outcome.predicted == good,
            called=None if positive is None else outcome.predicted == positive,
            actual=None if positive is None or not labelled else np.asarray(outcome.truth) == positive,
            correct=np.asarray(outcome.truth) == outcome.predicted if labelled else None,
        )

    @property
    def favourable_is_positive(self) -> bool:
        """Whether the answer that error rates speak of is the one that is good for the person."""
        return self.favoured is not None and self.called is not None and bool(np.all(self.favoured == self.called))

    def counted(self) -> dict[str, tuple[Mask, Mask]]:
        """(hit, in the denominator) by row, for every rate that these data define."""
        found: dict[str, tuple[Mask, Mask]] = {}
        if self.favoured is not None:
            found["selection_rate"] = (self.favoured, np.ones_like(self.favoured))
        if self.called is not None and self.actual is not None:
            found["true_positive_rate"] = (self.called, self.actual)
            found["false_positive_rate"] = (self.called, ~self.actual)
            found["false_negative_rate"] = (~self.called, self.actual)
            found["positive_predictive_value"] = (self.actual, self.called)
        if self.correct is not None:
            found["accuracy"] = (self.correct, np.ones_like(self.correct))
        return found


def compare(attribute: str, groups: npt.NDArray[Any], hit: Mask, base: Mask) -> list[Comparison]:
    """Every stated group of an attribute against the pooled others; rows that state no group are left out."""
    stated = groups != NOT_STATED
    return [
        Comparison(
            attribute,
            str(group),
            _count(groups == group, hit, base),
            _count(stated & (groups != group), hit, base),
        )
        for group in np.unique(groups[stated].astype(str))
    ]


def independent(comparisons: list[Comparison]) -> int:
    """How many comparisons the bounds must hold for: the two groups of one attribute mirror each other."""
    by_attribute: dict[str, int] = {}
    for comparison in comparisons:
        by_attribute[comparison.attribute] = by_attribute.get(comparison.attribute, 0) + 1
    return max(1, sum(1 if count == 2 else count for count in by_attribute.values()))


def _count(members: Mask, hit: Mask, base: Mask) -> Counts:
    return Counts(int(np.sum(members & base & hit)), int(np.sum(members & base)), int(np.sum(members)))
