"""What fairness.group shows beside its scored metrics: four-fifths rule, calibration, intersections, charts, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import group_rates, statistics
from evaluations.methods.frame import Chart, Table, Text
from evaluations.methods.group_rates import NOT_STATED, Comparison, Decisions, Mask
from evaluations.methods.outcomes import Outcome

FOUR_FIFTHS = 0.8
MAX_ROWS = 200
_ATTRIBUTE, _GROUP, _N = Text("Attribute", "属性"), Text("Group", "群体"), Text("n", "人数")
_RATE, _RATIO = Text("Rate", "比率"), Text("Ratio", "比值")
_FROM, _TO = Text("95 % from", "95% 下限"), Text("95 % to", "95% 上限")


def tables(
    comparisons: list[Comparison], groups: Mapping[str, npt.NDArray[Any]], counted: tuple[Mask, Mask], primary: str
) -> Iterator[Table]:
    """The tables about the primary rate."""
    yield _groups(comparisons, primary)
    if primary == "selection_rate":
        yield _four_fifths(comparisons)
    if len(groups) > 1:
        yield _intersections(groups, counted, primary)


def _groups(comparisons: list[Comparison], primary: str) -> Table:
    title = group_rates.TITLES[primary]
    rows = [
        (
            found.attribute,
            found.group,
            found.inside.n,
            found.inside.base,
            found.inside.rate,
            found.rest.rate,
            found.signed if found.judged else None,
        )
        for found in comparisons
    ]
    return Table(
        "groups",
        Text(f"{title.en}: each group against the others", f"{title.zh}：各群体与其余人群比较"),
        (
            _ATTRIBUTE,
            _GROUP,
            _N,
            Text("In the denominator", "分母人数"),
            _RATE,
            Text("Rate of the others", "其余人群比率"),
            Text("Difference", "差值"),
        ),
        tuple(rows[:MAX_ROWS]),
    )


def _four_fifths(comparisons: list[Comparison]) -> Table:
    """Lowest over highest selection rate among the judged groups (29 CFR 1607.4(D))."""
    rows = []
    for attribute in dict.fromkeys(found.attribute for found in comparisons):
        judged = [found for found in comparisons if found.attribute == attribute and found.judged]
        if len(judged) < 2:
            continue
        low = min(judged, key=lambda found: found.inside.rate or 0.0)
        high = max(judged, key=lambda found: found.inside.rate or 0.0)
        ratio = (low.inside.rate or 0.0) / high.inside.rate if high.inside.rate else None
        verdict = None if ratio is None else ("≥ 0.8" if ratio >= FOUR_FIFTHS else "< 0.8")
        rows.append((attribute, low.group, low.inside.rate, high.group, high.inside.rate, ratio, verdict))
    return Table(
        "four_fifths",
        Text("Four-fifths rule", "五分之四规则"),
        (
            _ATTRIBUTE,
            Text("Lowest group", "最低群体"),
            _RATE,
            Text("Highest group", "最高群体"),
            _RATE,
            _RATIO,
            Text("Four fifths", "五分之四"),
        ),
        tuple(rows),
    )


def _intersections(groups: Mapping[str, npt.NDArray[Any]], counted: tuple[Mask, Mask], primary: str) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = []
    for first, second in combinations(groups, 2):
        stated = (groups[first] != NOT_STATED) & (groups[second] != NOT_STATED)
        joined = np.array(
            [f"{a} × {b}" if ok else NOT_STATED for a, b, ok in zip(groups[first], groups[second], stated, strict=True)]
        )
        for found in group_rates.compare(f"{first} × {second}", joined, *counted):
            inside = found.inside
            low, high = statistics.wilson(inside.hits, inside.base) if found.judged else (None, None)
            rate = inside.rate if found.judged else None
            rows.append(
                (found.attribute, found.group, inside.n, rate, low, high, found.signed if found.judged else None)
            )
    title = group_rates.TITLES[primary]
    return Table(
        "intersections",
        Text(f"{title.en} of intersections (reported, not scored)", f"交叉群体的{title.zh}（只报告，不评分）"),
        (_ATTRIBUTE, _GROUP, _N, _RATE, _FROM, _TO, Text("Difference from the others", "与其余人群的差值")),
        tuple(rows[:MAX_ROWS]),
    )


def calibration(outcome: Outcome, decisions: Decisions, groups: Mapping[str, npt.NDArray[Any]]) -> Iterator[Table]:
    """Mean predicted probability of the positive class against how often it is true, by group."""
    if outcome.probabilities is None or outcome.positive is None or decisions.actual is None:
        return
    predicted, rows = outcome.probabilities[:, outcome.positive], []
    for name, values in groups.items():
        for found in group_rates.compare(name, values, decisions.actual, np.ones_like(decisions.actual)):
            if found.inside.n < group_rates.MIN_GROUP:
                continue
            mean = float(predicted[values == found.group].mean())
            low, high = statistics.wilson(found.inside.hits, found.inside.base)
            rows.append((name, found.group, found.inside.n, mean, found.inside.rate, low, high))
    yield Table(
        "calibration",
        Text("Calibration by group", "各群体校准情况"),
        (
            _ATTRIBUTE,
            _GROUP,
            _N,
            Text("Mean predicted probability", "平均预测概率"),
            Text("Observed share", "实际占比"),
            _FROM,
            _TO,
        ),
        tuple(rows[:MAX_ROWS]),
    )


def charts(comparisons: list[Comparison], primary: str) -> Iterator[Chart]:
    """One bar chart for each attribute; groups that are not judged are marked so."""
    title = group_rates.TITLES[primary]
    for attribute in dict.fromkeys(found.attribute for found in comparisons):
        members = [found for found in comparisons if found.attribute == attribute]
        rates = [found.inside.rate for found in members if found.judged and found.inside.rate is not None]
        line = FOUR_FIFTHS * max(rates) if rates and primary == "selection_rate" else None
        yield Chart(
            "bars",
            Text(f"{title.en} by {attribute}", f"按 {attribute} 划分的{title.zh}"),
            {"attribute": attribute, "line": line, "groups": [_bar(found) for found in members]},
        )


def _bar(found: Comparison) -> dict[str, Any]:
    inside = found.inside
    low, high = statistics.wilson(inside.hits, inside.base) if inside.base else (None, None)
    return {
        "group": found.group,
        "value": inside.rate,
        "low": low,
        "high": high,
        "n": inside.n,
        "judged": found.judged,
    }


def notes(primary: str) -> Iterator[Text]:
    yield Text(
        "Each group is compared with everybody else together; the bounds hold for all groups at once. Equal rates do "
        "not show that single people are treated alike, and the label may itself be biased.",
        "每个群体与其余所有人一并比较，各界限对所有群体同时成立。比率相等并不说明个人得到同等对待，且标签本身可能带有偏差。",
    )
    if primary != "selection_rate":
        yield Text(
            "A ratio is given for the favourable outcome only; of error rates it would reward large errors everywhere.",
            "比值只针对有利结果给出；若用于错误率，各群体错误率都很高时反而会显得有利。",
        )
