"""Recompute every score and the level from results.json and the published YAML files, and from nothing else.

    python recompute.py RESULTS.json STANDARD.yaml SCHEME.yaml

It shares no code with the portal: whoever doubts a certificate can read it in ten minutes. It prints what it finds as
JSON, and says where the recorded figures differ from its own; then it exits with 1.
"""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml


def holds(predicate: dict[str, Any], profile: dict[str, Any]) -> bool | None:
    """Three-valued: None when the profile leaves it open."""
    if not predicate:
        return True
    if "fact" in predicate:
        value = profile.get(predicate["fact"])
        wanted = [predicate["is"]] if "is" in predicate else predicate["in"]
        return None if value is None else any(type(value) is type(one) and value == one for one in wanted)
    if "not" in predicate:
        inner = holds(predicate["not"], profile)
        return None if inner is None else not inner
    parts = [holds(part, profile) for part in predicate.get("all", predicate.get("any", []))]
    decisive = "any" in predicate
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def exactly(value: float) -> Fraction:
    return Fraction(f"{value:.12f}")


def mapped(points: list[float], value: float) -> Fraction:
    """The score 0 to 5 of a value on a table of six thresholds."""
    table, x = [exactly(point) for point in points], exactly(value)
    if table[0] > table[-1]:
        table, x = [-point for point in table], -x
    if x <= table[0]:
        return Fraction(0)
    for place in range(5):
        if x <= table[place + 1]:
            return place + (x - table[place]) / (table[place + 1] - table[place])
    return Fraction(5)


def test_holds(test: dict[str, Any], result: dict[str, Any]) -> bool:
    if "flag" in test:
        return bool(result["flags"].get(test["flag"]))
    if "unless" in test:
        return not result["flags"].get(test["unless"])
    values = [exactly(metric["value"]) for metric in result["metrics"] if metric["name"] == test["metric"]]
    if "below" in test:
        return any(value < exactly(test["below"]) for value in values)
    if "at_least" in test:
        return all(value >= exactly(test["at_least"]) for value in values)
    return all(value <= exactly(test["at_most"]) for value in values)


def missing(result: dict[str, Any], rule: dict[str, Any]) -> bool:
    """Whether something that the rule reads is absent, undefined or of too few samples."""
    least = rule.get("minimum_n", 0)
    needed = [(t["metric"], t.get("minimum_n", least), t.get("optional", False)) for t in rule.get("tables", [])]
    tests = [test for step in rule.get("steps", []) for test in step["when"]]
    others = {test["metric"] for test in [*tests, *rule.get("caps", [])] if "metric" in test}
    needed += [(name, least, False) for name in others]
    for name, minimum, optional in needed:
        metrics = [metric for metric in result["metrics"] if metric["name"] == name]
        if not metrics and not optional:
            return True
        for metric in metrics:
            undefined = metric["value"] is None or metric["undefined"]
            if (undefined and not optional) or (not undefined and metric["n"] < minimum):
                return True
    return bool(result["undefined"])


def score_of(result: dict[str, Any], rule: dict[str, Any]) -> int | None:
    """Tenths; None when the run demonstrates nothing."""
    if not result["scored"] or missing(result, rule):
        return None
    if "steps" in rule:
        step = next(step for step in rule["steps"] if all(test_holds(test, result) for test in step["when"]))
        tenths = round(10 * step["score"])
    else:
        found = []
        for table in rule["tables"]:
            for metric in result["metrics"]:
                if metric["name"] == table["metric"] and metric["value"] is not None and not metric["undefined"]:
                    at_value = mapped(table["points"], metric["value"])
                    at_bound = at_value if metric["bound"] is None else mapped(table["points"], metric["bound"])
                    found.append(math.floor(10 * min(at_value, at_bound + 1)))
        tenths = min(found)
    for cap in rule.get("caps", []):
        if test_holds({name: value for name, value in cap.items() if name != "at_most"}, result):
            tenths = min(tenths, round(10 * cap["at_most"]))
    return tenths


def proposed(code: str, row: dict[str, Any], results: dict[str, Any], scheme: dict[str, Any]) -> int | None:
    if row["obstacle"]:
        return None
    runs = [run for run in results["runs"] if run["counted"] and code in run["criteria"]]
    scores = [
        score_of(run["result"], scheme["thresholds"][run["method"]]) if run["status"] == "finished" else None
        for run in runs
    ]
    return None if not scores or None in scores else min(score for score in scores if score is not None)


def given(row: dict[str, Any]) -> tuple[bool, int | None]:
    """(whether the evaluators gave the same, what stands: theirs, or what the lead settled)."""
    values = {None if score["not_demonstrated"] else score["points"] for score in row["scores"]}
    return (True, values.pop()) if len(values) == 1 else (False, row["examined"])


def settled(
    row: dict[str, Any], proposal: int | None, gate: str, scheme: dict[str, Any], faults: list[str]
) -> int | None:
    """Tenths that the rules allow; None when not demonstrated."""
    halves: list[int | None] = []
    if row["route"] in ("test", "both"):
        confirmed, rules = row["confirmed"], scheme["decides"]["override"]
        upward = 0 if gate != "none" and not rules["upward_on_gates"] else rules["upward_tenths"]
        if confirmed is not None and (proposal is None or confirmed > min(50, proposal + upward)):
            faults.append(f"{row['code']}: {confirmed} confirmed, {proposal} proposed")
        if confirmed != proposal and not row["rationale"]:
            faults.append(f"{row['code']}: changed without a reason")
        halves.append(confirmed)
    if row["route"] != "test":
        equal, points = given(row)
        if not equal and not row["rationale"]:
            faults.append(f"{row['code']}: scores differ and no reason is given")
        halves.append(None if points is None else 10 * points)
    if None in halves:
        return None
    tenths = min(half for half in halves if half is not None)
    return min(tenths, round(10 * scheme["examined"]["at_most"])) if row["route"] == "examined" else tenths


def recompute(results: dict[str, Any], standard: dict[str, Any], scheme: dict[str, Any]) -> dict[str, Any]:
    """{"level", "criteria": {code: {"state", "proposed", "settled"}}, "characteristics": {code: tenths}, "faults"}."""
    faults: list[str] = []
    rows = {row["code"]: row for row in results["criteria"]}
    criteria: dict[str, dict[str, Any]] = {}
    for criterion in standard["criteria"]:
        code, row = criterion["code"], rows[criterion["code"]]
        if holds(criterion.get("applies_when", {}), results["plan"]["profile"]) is False:
            criteria[code] = {"state": "not_applicable", "proposed": None, "settled": None}
            continue
        proposal = proposed(code, row, results, scheme) if row["route"] in ("test", "both") else None
        tenths = settled(row, proposal, criterion["gate"], scheme, faults)
        state = "not_demonstrated" if tenths is None else "scored"
        criteria[code] = {"state": state, "proposed": proposal, "settled": tenths}
    faults += compared(rows, criteria)
    scores = characteristics(standard, criteria, scheme)
    standings = standings_of(standard, rows, criteria, scheme, results["tier"])
    level = None
    for rule in scheme["levels"]:
        if not reached(rule, standings, scores, results["tier"]):
            break
        level = rule["code"]
    shown = {code: 20 * total // weights if rated else None for code, (total, weights, rated) in scores.items()}
    return {"level": level, "criteria": criteria, "characteristics": shown, "faults": faults}


def compared(rows: dict[str, Any], criteria: dict[str, dict[str, Any]]) -> list[str]:
    names = ("state", "proposed", "settled")
    return [
        f"{code}: {name} is recorded as {rows[code][name]}, recomputed as {own[name]}"
        for code, own in criteria.items()
        for name in names
        if rows[code][name] != own[name]
    ]


def characteristics(
    standard: dict[str, Any], criteria: dict[str, dict[str, Any]], scheme: dict[str, Any]
) -> dict[str, tuple[int, int, bool]]:
    """{characteristic: (Σ weight × tenths, Σ weight, rated)} over what applies; not demonstrated counts 0."""
    found: dict[str, tuple[int, int, bool]] = {}
    for code in dict.fromkeys(criterion["code"].rpartition("-")[0] for criterion in standard["criteria"]):
        inside = [
            (criterion["weight"], criteria[criterion["code"]]["settled"] or 0)
            for criterion in standard["criteria"]
            if criterion["code"].rpartition("-")[0] == code and criteria[criterion["code"]]["state"] != "not_applicable"
        ]
        total, weights = sum(weight * tenths for weight, tenths in inside), sum(weight for weight, _ in inside)
        found[code] = (total, weights, len(inside) >= scheme["rating"]["applicable_at_least"])
    return found


def reached(rule: dict[str, Any], standings: list[dict[str, Any]], scores: dict[str, Any], tier: str) -> bool:
    """Whether one level's own requirements hold; those of the levels below were checked before."""
    return all(fits(rule, standing, tier) for standing in standings) and all(
        rates(rule["characteristics"], code, *scores.get(code, (0, 0, False)))
        for code in {*scores, *rule["characteristics"]["rated"], *rule["characteristics"]["named"]}
    )


def fits(rule: dict[str, Any], standing: dict[str, Any], tier: str) -> bool:
    """Whether one criterion that applies is good enough for a level."""
    gates = [g for g in rule["gates"] if g["gate"] == standing["gate"] and tier in g.get("tiers", [tier])]
    return (
        all(standing["may_pass"] and standing["tenths"] >= 10 * gate["at_least"] for gate in gates)
        and standing["tenths"] >= 10 * rule.get("criteria_at_least", 0)
        and (standing["may_pass"] or standing["examined"] or rule["not_demonstrated_allowed"])
        and (standing["grade"] is None or standing["grade"] in rule["open_allowed"])
    )


def rates(needs: dict[str, Any], code: str, total: int, weights: int, rated: bool) -> bool:
    """Whether one characteristic is good enough for a level."""
    if not rated:
        return code not in needs["rated"] and code not in needs["named"]
    return 2 * total >= needs["named"].get(code, needs["each"]) * weights


def standings_of(
    standard: dict[str, Any], rows: dict[str, Any], criteria: dict[str, Any], scheme: dict[str, Any], tier: str
) -> list[dict[str, Any]]:
    """What levels look at, for each criterion that applies."""
    binding = [gate["gate"] for gate in scheme["levels"][0]["gates"] if tier in gate.get("tiers", [tier])]
    found = []
    for criterion in standard["criteria"]:
        own = criteria[criterion["code"]]
        if own["state"] == "not_applicable":
            continue
        tenths, scored = own["settled"] or 0, own["state"] == "scored"
        examined = scored and rows[criterion["code"]]["route"] == "examined"
        found.append(
            {
                "gate": criterion["gate"],
                "tenths": tenths,
                "examined": examined,
                "may_pass": scored and not examined,
                "grade": graded(tenths, criterion["gate"] in binding, scheme["nonconformities"]),
            }
        )
    return found


def graded(tenths: int, is_binding_gate: bool, grades: dict[str, Any]) -> str | None:
    if is_binding_gate and tenths < 10 * grades["major"]["gate_below"]:
        return "major"
    if tenths < 10 * grades["minor"]["criterion_below"]:
        return "minor"
    return "observation" if tenths < 10 * grades["observation"]["criterion_below"] else None


def main(results: str, standard: str, scheme: str) -> int:
    found = recompute(
        json.loads(Path(results).read_text(encoding="utf-8")),
        yaml.safe_load(Path(standard).read_text(encoding="utf-8")),
        yaml.safe_load(Path(scheme).read_text(encoding="utf-8")),
    )
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
