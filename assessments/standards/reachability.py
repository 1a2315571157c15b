"""Levels that nobody could ever be given: the best case is assessed, and what still fails is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluations.methods.frame import Text

from .documents import Document, Problem
from .outcome import FULL_TENTHS, CriterionRule, CriterionState
from .scheme import SchemeRules
from .scoring import assess


def unreachable_levels(document: Document, standard: Mapping[str, Any]) -> Iterator[Problem]:
    """With full marks in every criterion each level is reached at every tier, and no two levels ask for the same."""
    scheme = SchemeRules.from_content(document.content)
    criteria = [
        CriterionRule(item["code"], item["code"].rpartition("-")[0], item["gate"], item["weight"])
        for item in standard["criteria"]
    ]
    best = {rule.code: CriterionState("scored", FULL_TENTHS) for rule in criteria}
    seen: set[int] = set()
    for tier in scheme.tiers:
        found = assess(criteria, best, scheme, tier, scheme.levels[-1].code)
        reached = scheme.rank(found.level)
        if reached < len(scheme.levels) and reached not in seen:
            seen.add(reached)
            code = scheme.levels[reached].code
            why_en = "; ".join(text.en for text in found.missing)
            why_zh = "；".join(text.zh for text in found.missing)
            yield document.problem(
                ("levels", reached),
                Text(f"{code} can never be reached: {why_en}", f"{code} 永远无法达到：{why_zh}"),
            )
    yield from _twins(document)


def _twins(document: Document) -> Iterator[Problem]:
    levels = document.content["levels"]
    asked = [{key: value for key, value in level.items() if key not in ("code", "title")} for level in levels]
    for index in range(1, len(levels)):
        if asked[index] == asked[index - 1]:
            lower, higher = levels[index - 1]["code"], levels[index]["code"]
            yield document.problem(
                ("levels", index),
                Text(
                    f"{higher} asks for nothing more than {lower}, which can then never be the result",
                    f"{higher} 的要求与 {lower} 相同，{lower} 因而永远不会成为结果",
                ),
            )
