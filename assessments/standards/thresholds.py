"""From the result of a test run to a proposed score: the scheme's one decision rule.

Let f be the piecewise linear function through the six threshold values of a metric, which stand for the scores
0, 1, 2, 3, 4, 5; m the estimate; b its one-sided 95 % bound in the unfavourable direction. Then

    score = floor to 0.1 of min(f(m), f(b) + 1), within 0 ... 5

and f(m) alone where the value is exact. With the bound alone, 57 % of perfectly fair systems would fail (n = 200 in a
group, rate 0.5). The conclusion is reported as ILAC-G8 names it: pass; conditional pass (the score passes, the bound
alone does not); conditional fail (the score fails, the favourable end of the interval does not); fail.
Basis: ISO/IEC 17025:2017 7.8.6, ILAC-G8:09/2019, JCGM 106:2012.

Several metrics, slices or runs under one criterion: the minimum. All arithmetic is exact (fractions of the decimal
figures in the result), so that anybody who recomputes a score gets the same tenth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from evaluations.methods.frame import Text

Conclusion = Literal["pass", "conditional_pass", "conditional_fail", "fail"]
State = Literal["scored", "not_demonstrated"]

DECIMALS = 12
PASS_TENTHS = 30


@dataclass(frozen=True)
class Part:
    """The score of one metric in one slice, before any cap. Scores are tenths."""

    metric: str
    slice: Mapping[str, str]
    value: float
    bound: float | None
    n: int
    tenths: int
    conclusion: Conclusion


@dataclass(frozen=True)
class Proposal:
    """What a run says about a criterion: a score in tenths, or why none could be shown."""

    state: State
    tenths: int | None
    conclusion: Conclusion
    lines: tuple[Text, ...]
    parts: tuple[Part, ...]


def propose(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Proposal:
    """The proposal for one result (JSON of a run) under one method's thresholds (data of the scheme).

    A required metric that is missing, undefined or of too small n, or a run that could not measure at all, gives
    "not demonstrated" with every reason.
    """
    obstacles = _obstacles(result, rule)
    if obstacles:
        return Proposal("not_demonstrated", None, "fail", tuple(obstacles), ())
    if "steps" in rule:
        tenths, lines = _by_steps(result, rule["steps"])
        parts: tuple[Part, ...] = ()
        conclusion: Conclusion = "pass" if tenths >= PASS_TENTHS else "fail"
    else:
        parts = tuple(_parts(result, rule["tables"]))
        tenths = min(part.tenths for part in parts)
        conclusion = _joint_conclusion([part.conclusion for part in parts])
        lines = [_part_line(part) for part in parts]
    for cap in rule.get("caps", ()):
        if _cap_holds(cap, result) and tenths > (limit := to_tenths(cap["at_most"])):
            tenths = limit
            lines.append(_cap_line(cap))
            # A cap is no matter of uncertainty: below the pass mark it fails without condition.
            conclusion = "fail" if tenths < PASS_TENTHS else conclusion
    return Proposal("scored", tenths, conclusion, tuple(lines), parts)


def combine(proposals: Sequence[Proposal]) -> Proposal:
    """One criterion, several runs (methods, claims, models): the minimum; one not demonstrated, none is.

    Raises ValueError when there is no run.
    """
    if not proposals:
        raise ValueError("a criterion without a run has no proposal")
    lines = tuple(line for proposal in proposals for line in proposal.lines)
    parts = tuple(part for proposal in proposals for part in proposal.parts)
    scores = [proposal.tenths for proposal in proposals if proposal.tenths is not None]
    if len(scores) < len(proposals):
        return Proposal("not_demonstrated", None, "fail", lines, parts)
    return Proposal("scored", min(scores), _joint_conclusion([p.conclusion for p in proposals]), lines, parts)


def exact(value: float) -> Fraction:
    """The decimal figure as a fraction; noise of binary arithmetic beyond twelve decimals is not part of it."""
    return Fraction(f"{value:.{DECIMALS}f}")


def to_tenths(score: float) -> int:
    """A score as it stands in a scheme (one decimal) in integer tenths."""
    return round(score * 10)


def interpolate(points: Sequence[float], value: float) -> Fraction:
    """f: the score 0 ... 5, not rounded, of a metric value under six thresholds that rise or fall strictly."""
    xs = [exact(point) for point in points]
    x = exact(value)
    if xs[0] > xs[-1]:
        xs, x = [-point for point in xs], -x
    if x <= xs[0]:
        return Fraction(0)
    for score, (left, right) in enumerate(pairwise(xs)):
        if x <= right:
            return score + (x - left) / (right - left)
    return Fraction(len(xs) - 1)


def _metrics(result: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [metric for metric in result["metrics"] if metric["name"] == name]


def _usable(metric: Mapping[str, Any]) -> bool:
    return metric["value"] is not None and math.isfinite(metric["value"]) and not metric.get("undefined")


def _required(rule: Mapping[str, Any]) -> list[tuple[str, int, bool]]:
    """(metric, minimum n, optional) of all that the rule reads."""
    everywhere = rule.get("minimum_n", 0)
    tables = [
        (table["metric"], table.get("minimum_n", everywhere), table.get("optional", False))
        for table in rule.get("tables", ())
    ]
    stepped = {test["metric"] for step in rule.get("steps", ()) for test in step["when"] if "metric" in test}
    capped = {cap["metric"] for cap in rule.get("caps", ()) if "metric" in cap}
    return tables + [(metric, everywhere, False) for metric in sorted(stepped | capped)]


def _obstacles(result: Mapping[str, Any], rule: Mapping[str, Any]) -> list[Text]:
    # A run that could not measure says why; that each of its metrics is missing would only repeat it.
    if result.get("undefined"):
        return [Text(reason["en"], reason["zh"]) for reason in result["undefined"]]
    found: list[Text] = []
    for name, minimum, optional in _required(rule):
        metrics = _metrics(result, name)
        if not metrics and not optional:
            found.append(Text(f"{name}: the run gave no value", f"{name}：测试未给出结果"))
        for metric in metrics:
            found.extend(_obstacle(metric, minimum, optional=optional))
    return found


def _obstacle(metric: Mapping[str, Any], minimum: int, *, optional: bool) -> list[Text]:
    label = _label(metric["name"], metric.get("slice", {}))
    if not _usable(metric):
        if optional:
            return []
        reason = metric.get("undefined") or {"en": "undefined", "zh": "无定义"}
        return [Text(f"{label}: {reason['en']}", f"{label}：{reason['zh']}")]
    if metric["n"] < minimum:
        return [
            Text(
                f"{label}: n = {metric['n']}, at least {minimum} needed",
                f"{label}：n = {metric['n']}，至少需要 {minimum}",
            )
        ]
    return []


def _parts(result: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [
        _part(metric, table["points"])
        for table in tables
        for metric in _metrics(result, table["metric"])
        if _usable(metric)
    ]


def _part(metric: Mapping[str, Any], points: Sequence[float]) -> Part:
    score = interpolate(points, metric["value"])
    bound = metric.get("bound")
    at_bound = score if bound is None else interpolate(points, bound)
    tenths = math.floor(10 * min(score, at_bound + 1))
    if tenths >= PASS_TENTHS:
        conclusion: Conclusion = "pass" if 10 * at_bound >= PASS_TENTHS else "conditional_pass"
    else:
        favourable = metric.get("high" if points[-1] > points[0] else "low")
        reaches = favourable is not None and 10 * interpolate(points, favourable) >= PASS_TENTHS
        conclusion = "conditional_fail" if reaches else "fail"
    return Part(metric["name"], metric.get("slice", {}), metric["value"], bound, metric["n"], tenths, conclusion)


def _joint_conclusion(conclusions: Sequence[Conclusion]) -> Conclusion:
    order: tuple[Conclusion, ...] = ("fail", "conditional_fail", "conditional_pass", "pass")
    return next(name for name in order if name in conclusions)


def _by_steps(result: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> tuple[int, list[Text]]:
    for step in steps:
        if all(_test_holds(test, result) for test in step["when"]):
            return to_tenths(step["score"]), [_step_line(step)]
    raise ValueError("the last step must hold without condition")


def _test_holds(test: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
    flags = result.get("flags", {})
    if "flag" in test:
        return bool(flags.get(test["flag"], False))
    if "unless" in test:
        return not flags.get(test["unless"], False)
    values = [exact(metric["value"]) for metric in _metrics(result, test["metric"])]
    if "at_least" in test:
        return all(value >= exact(test["at_least"]) for value in values)
    return all(value <= exact(test["at_most"]) for value in values)


def _cap_holds(cap: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
    if "metric" not in cap:
        return _test_holds(cap, result)
    limit = exact(cap["below"])
    return any(exact(metric["value"]) < limit for metric in _metrics(result, cap["metric"]))


def _label(name: str, where: Mapping[str, str]) -> str:
    inside = ", ".join(f"{key} = {value}" for key, value in where.items())
    return f"{name} ({inside})" if inside else name


def _part_line(part: Part) -> Text:
    label = _label(part.metric, part.slice)
    figures = f"{part.value:.4g}" if part.bound is None else f"{part.value:.4g}, {part.bound:.4g}"
    score = f"{part.tenths // 10}.{part.tenths % 10}"
    if part.bound is None:
        return Text(
            f"{label}: {figures} (exact, n = {part.n}) → {score}",
            f"{label}：{figures}（精确值，n = {part.n}）→ {score}",
        )
    return Text(
        f"{label}: estimate and unfavourable bound {figures} (n = {part.n}) → {score}",
        f"{label}：估计值与不利置信界 {figures}（n = {part.n}）→ {score}",
    )


def _cap_line(cap: Mapping[str, Any]) -> Text:
    because = cap["because"]
    return Text(f"at most {cap['at_most']}: {because['en']}", f"最高 {cap['at_most']} 分：{because['zh']}")


def _step_line(step: Mapping[str, Any]) -> Text:
    tests = " · ".join(_test_words(test) for test in step["when"])
    if not tests:
        return Text(f"no better step holds → {step['score']}", f"未达到任何更高档次 → {step['score']}")
    return Text(f"{tests} → {step['score']}", f"{tests} → {step['score']}")


def _test_words(test: Mapping[str, Any]) -> str:
    if "metric" not in test:
        return f"{test['flag']}" if "flag" in test else f"¬ {test['unless']}"
    return f"{test['metric']} ≥ {test['at_least']}" if "at_least" in test else f"{test['metric']} ≤ {test['at_most']}"
