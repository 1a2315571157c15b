"""performance.claim: what the system reaches on the test data against what its vendor claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluations.methods.frame import (
    Chart,
    Context,
    Direction,
    Metric,
    Needs,
    Parameter,
    Result,
    Table,
    Text,
    ValidationRecord,
)
from evaluations.methods.meanings_performance import PERFORMANCE
from evaluations.methods.outcomes import Outcome, Undefined, observe
from evaluations.methods.performance_measures import AVERAGED, ERRORS, Measure, confusion, measure

MIN_ROWS = 200
MIN_PER_CLASS = 20
MAX_CHART_CLASSES = 50

_REPLICATES = Parameter(
    name="replicates",
    kind="integer",
    default=2000,
    minimum=1000,
    maximum=10000,
    title=Text("Bootstrap replicates", "自助法重抽样次数"),
    description=Text(
        "How often the test data are resampled for the intervals of F1, balanced accuracy, RMSE and MAE.",
        "为计算 F1、平衡准确率、RMSE 和 MAE 的区间而对测试数据重抽样的次数。",
    ),
)

_VALIDATION = ValidationRecord(
    reference=Text(
        "Every measure equals scikit-learn; on two published MNIST networks the accuracy equals that of bare "
        "ONNX Runtime (.9952, .9936 raw, .9946 at /255).",
        "各项指标与 scikit-learn 一致；在两个公开的 MNIST 网络上，准确率与直接使用 ONNX Runtime 的结果一致"
        "（0.9952；原始像素 0.9936；除以 255 后 0.9946）。",
    ),
    positive_check=Text(
        "A claim five points above what the system reaches gives a difference of −.05; a constant predictor is "
        "flagged as not above the no-information rate.",
        "声明比实际高五个百分点时，差值为 −0.05；常数预测器会被标记为未超过无信息率。",
    ),
    negative_check=Text(
        "A claim that the system reaches exactly gives a difference of 0 and no flag.",
        "系统恰好达到声明时，差值为 0，且不产生任何标记。",
    ),
    limits=Text(
        "The rows are taken as independent and as drawn from the population of use; a claim tuned on the test data "
        "is not detected.",
        "假定各行相互独立，且取自实际使用的总体；无法发现针对测试数据调优的声明。",
    ),
    figures={"mnist-net_256x2": 0.9952, "mnist_cntk_raw": 0.9936, "mnist_cntk_scaled": 0.9946},
)


@dataclass(frozen=True)
class Claim:
    """One line of the manifest's `claims`."""

    name: str
    value: float
    average: str | None
    minimum: float | None

    @property
    def slice(self) -> dict[str, str]:
        return {"metric": self.name} | ({"average": self.average} if self.average else {})

    @property
    def label(self) -> Text:
        name = f"{self.name} ({self.average})" if self.average else self.name
        return Text(name, name)

    @property
    def below_minimum(self) -> bool:
        """Whether the claim itself does not reach what the intended use needs (an error: whether it exceeds it)."""
        if self.minimum is None:
            return False
        return self.value > self.minimum if self.name in ERRORS else self.value < self.minimum

    def require_comparable(self) -> None:
        """Raises Undefined for a claimed error of 0: nothing can be relative to it."""
        if self.name in ERRORS and self.value <= 0:
            raise Undefined("a claimed error must be above 0", "声明的误差必须大于 0")

    def difference(self, reached: float) -> float:
        """How far `reached` lies above the claim, in points; of an error, relative to it. Negative is a shortfall."""
        return (self.value - reached) / self.value if self.name in ERRORS else reached - self.value


def read_claims(manifest: Mapping[str, Any]) -> list[Claim]:
    """The claims of a bundle. The averaging counts only where a measure has one."""
    return [
        Claim(
            name=entry["metric"],
            value=float(entry["value"]),
            average=entry.get("average") if entry["metric"] in {*AVERAGED, "auc"} else None,
            minimum=entry.get("minimum"),
        )
        for entry in manifest.get("claims", ())
    ]


def too_small(outcome: Outcome) -> Text | None:
    """Why the test data are too few to judge a claim, or None."""
    if outcome.n < MIN_ROWS:
        return Text(
            f"{outcome.n} test rows are too few: at least {MIN_ROWS} are needed",
            f"测试数据只有 {outcome.n} 行，至少需要 {MIN_ROWS} 行",
        )
    if outcome.classification and outcome.truth is not None:
        counts = np.bincount(outcome.truth, minlength=len(outcome.classes))
        smallest = int(counts.argmin())
        if counts[smallest] < MIN_PER_CLASS:
            name = outcome.classes[smallest]
            return Text(
                f"class “{name}” has {counts[smallest]} test rows: at least {MIN_PER_CLASS} are needed",
                f"类别“{name}”只有 {counts[smallest]} 行测试数据，至少需要 {MIN_PER_CLASS} 行",
            )
    return None


def beats_no_information(name: str, found: Measure) -> bool | None:
    """Whether the bound lies beyond what a constant answer reaches; None where the measure cannot tell."""
    if found.baseline is None:
        return None
    return found.bound < found.baseline if name in ERRORS else found.bound > found.baseline


class PerformanceClaim:
    """Every claim of the manifest measured on the test data, with simultaneous bounds over the claims."""

    id = "performance.claim"
    version = "1.0.0"
    title = Text("Performance against the claim", "性能声明验证")
    description = Text(
        "Measures each claimed figure on the test data and reports the difference from the claim with its uncertainty, "
        "what a constant answer would reach, and whether the claim reaches the minimum stated for the intended use.",
        "在测试数据上测量每一项声明的指标，报告其与声明的差值及不确定度、常数回答所能达到的水平，"
        "以及声明是否达到预期用途规定的最低要求。",
    )
    characteristic = "RC"
    needs = Needs(outcome=True, data_roles=("test",), label=True, claims=True)
    parameters: Sequence[Parameter] = (_REPLICATES,)
    meanings = PERFORMANCE
    validation = _VALIDATION

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        rows = facts.get("rows", {}).get("test", 1000)
        return 1 + rows * 1e-3 + parameters["replicates"] * rows * 1e-7

    def run(self, context: Context) -> Result:
        claims = read_claims(context.bundle.manifest)
        if not claims:
            return Result(undefined=[Text("the manifest makes no claim", "清单没有作出任何性能声明")])
        context.progress(0.05, "answers")
        dataset = context.bundle.data("test")
        if dataset is None:
            return Result(undefined=[Text("there are no test data", "没有测试数据")])
        try:
            outcome = observe(context.bundle, dataset)
        except Undefined as undefined:
            return Result(undefined=[undefined.reason])
        reason = too_small(outcome)
        if reason is not None:
            return Result(undefined=[reason])
        return _judge(context, claims, outcome)


def _judge(context: Context, claims: list[Claim], outcome: Outcome) -> Result:
    result = Result(flags={"not_above_no_information_rate": False, "claim_below_minimum": False})
    rng = np.random.default_rng(context.seed)
    rows: list[tuple[Claim, Measure]] = []
    for index, claim in enumerate(claims):
        context.progress(0.3 + 0.6 * index / len(claims), claim.name)
        try:
            claim.require_comparable()
            found = measure(
                outcome,
                claim.name,
                claim.average,
                rng=rng,
                comparisons=len(claims),
                draws=context.parameters["replicates"],
            )
        except Undefined as undefined:
            result.metrics.append(_undefined(claim, outcome.n, undefined.reason))
            continue
        rows.append((claim, found))
        result.metrics.extend(_metrics(claim, found, outcome.n))
        result.flags["claim_below_minimum"] |= claim.below_minimum
    result.flags["not_above_no_information_rate"] = _not_above(outcome, rows, rng)
    result.tables.append(_table(rows))
    result.charts.extend(_charts(rows, outcome))
    result.notes.extend(_notes(claims, outcome))
    context.progress(1.0)
    return result


def _not_above(outcome: Outcome, rows: list[tuple[Claim, Measure]], rng: np.random.Generator) -> bool:
    """A claim that a constant answer would meet (recall alone) is judged by balanced accuracy instead."""
    verdicts = [beats_no_information(claim.name, found) for claim, found in rows]
    if rows and None in verdicts:
        substitute = measure(outcome, "balanced_accuracy", rng=rng, comparisons=len(rows))
        verdicts.append(beats_no_information("balanced_accuracy", substitute))
    return False in verdicts


def _undefined(claim: Claim, n: int, reason: Text) -> Metric:
    return Metric("claim_difference", None, n, "higher", slice=claim.slice, undefined=reason)


def _metrics(claim: Claim, found: Measure, n: int) -> Iterator[Metric]:
    low, high = sorted((claim.difference(found.low), claim.difference(found.high)))
    yield Metric(
        "claim_difference",
        claim.difference(found.value),
        n,
        "higher",
        unit="relative" if claim.name in ERRORS else "points",
        low=low,
        high=high,
        bound=claim.difference(found.bound),
        interval=found.interval,
        slice=claim.slice,
    )
    direction: Direction = "lower" if claim.name in ERRORS else "higher"
    yield Metric(
        "performance",
        found.value,
        n,
        direction,
        low=found.low,
        high=found.high,
        bound=found.bound,
        interval=found.interval,
        slice=claim.slice,
    )
    if found.baseline is not None:
        yield Metric("no_information_rate", found.baseline, n, "higher", slice=claim.slice)


def _table(rows: list[tuple[Claim, Measure]]) -> Table:
    return Table(
        "claims",
        Text("Claims", "性能声明"),
        (
            Text("Measure", "指标"),
            Text("Claimed", "声明值"),
            Text("Measured", "实测值"),
            Text("95 % from", "95% 下限"),
            Text("95 % to", "95% 上限"),
            Text("Constant answer", "常数回答"),
            Text("Minimum for the use", "用途最低要求"),
        ),
        tuple(
            (claim.label.en, claim.value, found.value, found.low, found.high, found.baseline, claim.minimum)
            for claim, found in rows
        ),
    )


def _charts(rows: list[tuple[Claim, Measure]], outcome: Outcome) -> Iterator[Chart]:
    for claim, found in rows:
        yield Chart(
            "ruler",
            Text(f"{claim.label.en} against the claim", f"{claim.label.zh}与声明的差值"),
            {
                "metric": "claim_difference",
                "slice": claim.slice,
                "value": claim.difference(found.value),
                "low": min(claim.difference(found.low), claim.difference(found.high)),
                "high": max(claim.difference(found.low), claim.difference(found.high)),
                "n": outcome.n,
            },
        )
    if outcome.truth is not None and 2 <= len(outcome.classes) <= MAX_CHART_CLASSES:
        yield Chart(
            "heat",
            Text("Confusion matrix", "混淆矩阵"),
            {
                "rows": list(outcome.classes),
                "columns": list(outcome.classes),
                "row_title": Text("True class", "真实类别"),
                "column_title": Text("Predicted class", "预测类别"),
                "values": confusion(outcome.truth, outcome.predicted, len(outcome.classes)),
            },
        )


def _notes(claims: list[Claim], outcome: Outcome) -> Iterator[Text]:
    yield Text(
        f"Measured on {outcome.n} rows. The interval covers sampling only: not labels that are wrong, nor use on "
        "other people or places than those the data stand for.",
        f"在 {outcome.n} 行数据上测得。区间只反映抽样误差，不包括标签错误，也不涉及数据所代表范围之外的人群和场所。",
    )
    if any(claim.minimum is None for claim in claims):
        yield Text(
            "At least one claim states no minimum for the intended use; whether the claim is high enough is for the "
            "evaluator to say.",
            "至少有一项声明未给出预期用途的最低要求；声明是否足够高，由评估员判断。",
        )
