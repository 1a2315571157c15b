"""A scheme's rules as frozen values, read from its content (JSON). No Django, no scoring: only what the rules are.

Scores are integer tenths (30 = 3.0), characteristic minima whole points of 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluations.methods.frame import Text

from .thresholds import to_tenths


@dataclass(frozen=True)
class GateRule:
    """Every applicable gate of this kind must reach `at_least` (at these tiers; empty: at every tier)."""

    gate: str
    at_least: int
    tiers: tuple[str, ...] = ()

    def binds(self, gate: str, tier: str) -> bool:
        return gate == self.gate and (not self.tiers or tier in self.tiers)


@dataclass(frozen=True)
class LevelRule:
    """What a level needs beyond all levels below it."""

    code: str
    title: Text
    gates: tuple[GateRule, ...]
    each: int
    named: Mapping[str, int]
    rated: tuple[str, ...]
    criteria_at_least: int
    open_allowed: frozenset[str]
    not_demonstrated_allowed: bool


@dataclass(frozen=True)
class Tier:
    code: str
    title: Text
    validity_months: int
    surveillance_months: int


@dataclass(frozen=True)
class SchemeRules:
    """All that scoring and attestation read from a scheme. `levels` rise from the lowest."""

    code: str
    edition: str
    attestation: str
    number_format: str
    levels: tuple[LevelRule, ...]
    tiers: Mapping[str, Tier]
    below_lowest: Text
    rated_from: int
    examined_at_most: int
    major_below: int
    minor_below: int
    observation_below: int
    thresholds: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> SchemeRules:
        """Read checked content (see `loading`); raises KeyError on content that was not checked."""
        grades = content["nonconformities"]
        return cls(
            code=content["code"],
            edition=content["edition"],
            attestation=content["attestation"],
            number_format=content["number_format"],
            levels=tuple(_level(level) for level in content["levels"]),
            tiers={tier["code"]: _tier(tier) for tier in content["tiers"]},
            below_lowest=_text(content["words"]["below_lowest"]),
            rated_from=content["rating"]["applicable_at_least"],
            examined_at_most=to_tenths(content["examined"]["at_most"]),
            major_below=to_tenths(grades["major"]["gate_below"]),
            minor_below=to_tenths(grades["minor"]["criterion_below"]),
            observation_below=to_tenths(grades["observation"]["criterion_below"]),
            thresholds=content["thresholds"],
        )

    def level(self, code: str) -> LevelRule:
        """The level of that code; raises KeyError when the scheme has none."""
        for level in self.levels:
            if level.code == code:
                return level
        raise KeyError(code)

    def rank(self, code: str | None) -> int:
        """0 for no level, 1 for the lowest, and so on."""
        return 0 if code is None else 1 + [level.code for level in self.levels].index(code)

    def gate_binds(self, gate: str, tier: str) -> bool:
        """Whether a gate must be passed at this tier already for the lowest level."""
        return any(rule.binds(gate, tier) for rule in self.levels[0].gates)

    def level_title(self, code: str | None, tier: str) -> Text:
        """The level's name with its tier, as on a certificate: "Enhanced (limited risk)"."""
        if code is None:
            return self.below_lowest
        title, risk = self.level(code).title, self.tiers[tier].title
        return Text(f"{title.en} ({risk.en})", f"{title.zh}（{risk.zh}）")


def _text(value: Mapping[str, str]) -> Text:
    return Text(value["en"], value["zh"])


def _level(level: Mapping[str, Any]) -> LevelRule:
    characteristics = level["characteristics"]
    return LevelRule(
        code=level["code"],
        title=_text(level["title"]),
        gates=tuple(
            GateRule(rule["gate"], to_tenths(rule["at_least"]), tuple(rule.get("tiers", ()))) for rule in level["gates"]
        ),
        each=characteristics["each"],
        named=characteristics.get("named", {}),
        rated=tuple(characteristics["rated"]),
        criteria_at_least=to_tenths(level.get("criteria_at_least", 0)),
        open_allowed=frozenset(level["open_allowed"]),
        not_demonstrated_allowed=level["not_demonstrated_allowed"],
    )


def _tier(tier: Mapping[str, Any]) -> Tier:
    return Tier(tier["code"], _text(tier["title"]), tier["validity_months"], tier["surveillance_months"])
