"""Units and names of intervals as they stand in results, in words of both languages."""

from __future__ import annotations

import re

from evaluations.methods.frame import Text

_UNITS = {
    "share": Text("share", "比例"),
    "of the range": Text("of the range", "占取值范围"),
    "points": Text("points", "分值"),
    "relative": Text("relative", "相对值"),
}

_INTERVALS = {
    "Wilson score, samples only": Text("Wilson score, samples only", "Wilson 得分区间，仅含抽样误差"),
    "Wilson": Text("Wilson", "Wilson 区间"),
    "Wilson, threshold as given": Text("Wilson, threshold as given", "Wilson 区间，阈值视为给定"),
    "exact count": Text("exact count", "精确计数"),
    "bootstrap of instances": Text("bootstrap of instances", "对实例的自助法"),
    "paired percentile bootstrap over samples": Text(
        "paired percentile bootstrap over samples", "对样本的配对百分位自助法"
    ),
    "Newcombe": Text("Newcombe", "Newcombe 区间"),
    "Katz, logarithm": Text("Katz, logarithm", "Katz 对数区间"),
    "DeLong, logit": Text("DeLong, logit", "DeLong 区间（logit 尺度）"),
    "Clopper–Pearson, worst class": Text("Clopper–Pearson, worst class", "Clopper–Pearson 区间，最差类别"),
    "BCa bootstrap, stratified": Text("BCa bootstrap, stratified", "分层 BCa 自助法"),
    "BCa bootstrap": Text("BCa bootstrap", "BCa 自助法"),
}

_REPLICATES = re.compile(r"(.*), B = (\d+)")


def unit_words(unit: str) -> Text:
    """A metric's unit; a sign, or one that a method from outside chose, as it stands."""
    return _UNITS.get(unit, Text(unit, unit))


def interval_words(name: str) -> Text:
    """How an interval was made; the number of bootstrap replicates is kept."""
    found = _REPLICATES.fullmatch(name)
    if found and found[1] in _INTERVALS:
        kind, count = _INTERVALS[found[1]], found[2]
        return Text(f"{kind.en}, B = {count}", f"{kind.zh}，B = {count}")
    return _INTERVALS.get(name, Text(name, name))
