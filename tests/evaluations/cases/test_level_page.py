"""What a level lacks is told at a glance: a few lines as they are, many folded by characteristic, none twice."""

from __future__ import annotations

from assessments.standards.outcome import Requirement
from evaluations.cases.level_page import folded
from evaluations.methods.frame import Text

OF = {f"RC-{n}": "RC Reliability" for n in range(1, 9)} | {"TE-1": "TE Transparency"}


def requirement(kind: str, subject: str) -> Requirement:
    return Requirement("basic", kind, False, Text(f"{subject} {kind}", f"{subject} {kind}"), subject)


def test_few_lines_are_listed_and_a_gate_that_is_open_is_told_once() -> None:
    lines = [requirement("assessed", "RC-1"), requirement("gate", "RC-1"), requirement("gate", "RC-2")]
    assert folded(lines, OF) == {"plain": ["RC-1 assessed", "RC-2 gate"], "folds": []}


def test_many_lines_on_criteria_are_folded_by_characteristic() -> None:
    lines = [requirement("assessed", code) for code in OF] + [requirement("rated", "RC")]
    found = folded(lines, OF)
    assert found["plain"] == ["RC rated"]
    assert [(fold["title"], len(fold["lines"])) for fold in found["folds"]] == [
        ("RC Reliability", 8),
        ("TE Transparency", 1),
    ]
