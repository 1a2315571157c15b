"""The values that scoring takes and gives: states of criteria, standings, characteristics, the assessment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluations.methods.frame import Text

State = Literal["scored", "not_applicable", "not_demonstrated", "not_assessed"]
Origin = Literal["test", "examination", "examined"]
Grade = Literal["major", "minor", "observation"]

FULL_TENTHS = 50


@dataclass(frozen=True)
class CriterionRule:
    """What scoring needs to know of a criterion. `gate` is M, M+ or none."""

    code: str
    characteristic: str
    gate: str
    weight: int


@dataclass(frozen=True)
class CriterionState:
    """Where a criterion stands in a case. `tenths` belongs to a scored one only.

    `origin`: test (T, and T+E with its test), examination (E), examined (T or T+E for which no method fits).
    Raises ValueError on a contradiction.
    """

    state: State
    tenths: int | None = None
    origin: Origin = "test"

    def __post_init__(self) -> None:
        if (self.state == "scored") != (self.tenths is not None):
            raise ValueError("a score belongs to a scored criterion, and only to it")
        if self.tenths is not None and not 0 <= self.tenths <= FULL_TENTHS:
            raise ValueError(f"a score lies between 0 and {FULL_TENTHS} tenths, not {self.tenths}")


@dataclass(frozen=True)
class Standing:
    """A criterion of an assessment with the tenths that count (None: not assessed)."""

    rule: CriterionRule
    state: State
    origin: Origin
    tenths: int | None

    @property
    def may_pass_gate(self) -> bool:
        return self.state == "scored" and self.origin != "examined"

    def passes(self, at_least: int) -> bool:
        """Whether it passes as a gate that demands `at_least` tenths."""
        return self.may_pass_gate and self.tenths is not None and self.tenths >= at_least


@dataclass(frozen=True)
class CharacteristicScore:
    """One characteristic: `tenths` of a point on 0 ... 1000, floored; None while nothing was assessed.

    `weighted` and `weights` are Σwt and Σw over the assessed criteria: compare 2·weighted ≥ θ·weights.
    """

    code: str
    rated: bool
    tenths: int | None
    weighted: int
    weights: int
    assessed: int
    examined: int
    not_applicable: int
    not_demonstrated: int
    not_assessed: int

    def reaches(self, threshold: int) -> bool:
        """Whether a rated characteristic reaches `threshold` points of 100."""
        return self.rated and self.weights > 0 and 2 * self.weighted >= threshold * self.weights


@dataclass(frozen=True)
class Nonconformity:
    """Derived from a score, never stored apart from it."""

    criterion: str
    grade: Grade


@dataclass(frozen=True)
class Requirement:
    """One thing that a level needs, and whether it holds. `subject` is a criterion or characteristic, if it is one."""

    level: str
    kind: str
    met: bool
    text: Text
    subject: str | None = None


@dataclass(frozen=True)
class Assessment:
    """The outcome: `level` achieved and `granted` (None: below the lowest), with all that explains them."""

    level: str | None
    granted: str | None
    tier: str
    target: str
    characteristics: dict[str, CharacteristicScore]
    gates_failed: tuple[str, ...]
    gates_not_applicable: tuple[str, ...]
    nonconformities: tuple[Nonconformity, ...]
    requirements: tuple[Requirement, ...]
    reasons: tuple[Text, ...]
    missing: tuple[Text, ...]

    @property
    def open_majors(self) -> tuple[str, ...]:
        return tuple(item.criterion for item in self.nonconformities if item.grade == "major")
