"""fairness.group: whether a system decides alike for the groups of each sensitive attribute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import fairness_report, group_rates, statistics
from evaluations.methods.frame import Context, Metric, Needs, Parameter, Result, Text, ValidationRecord
from evaluations.methods.group_rates import MIN_DENOMINATOR, MIN_GROUP, Comparison, Decisions
from evaluations.methods.meanings_fairness import FAIRNESS
from evaluations.methods.outcomes import Outcome, Undefined, observe
from evaluations.methods.performance_claim import beats_no_information, read_claims
from evaluations.methods.performance_measures import measure

MAX_SHARE_TOO_FEW = 0.05
AUTOMATIC = "automatic"
TOO_FEW = Text(
    f"too few to judge: at least {MIN_GROUP} people and {MIN_DENOMINATOR} in the rate's denominator are needed",
    f"人数不足，无法判断：至少需要 {MIN_GROUP} 人，且比率分母中至少 {MIN_DENOMINATOR} 人",
)

_PRIMARY = Parameter(
    name="primary",
    kind="choice",
    default=AUTOMATIC,
    choices=(AUTOMATIC, *group_rates.TITLES),
    title=Text("Primary rate", "主要比率"),
    description=Text(
        "The rate that is compared and scored. “automatic” takes the selection rate unless the label is an "
        "established fact; then the true positive rate where the positive answer is the favourable one, the false "
        "positive rate where it burdens people, and accuracy where no answer is favourable.",
        "用于比较和评分的比率。“automatic”在标签不是既定事实时取选择率；标签是既定事实时，"
        "若阳性回答对人有利则取真阳性率，若构成负担则取假阳性率，若没有有利回答则取准确率。",
    ),
)
_LABEL = Parameter(
    name="label_established",
    kind="boolean",
    default=False,
    title=Text("The label is an established fact", "标签是既定事实"),
    description=Text(
        "Yes for what really happened (repaid, fell ill); no for an earlier human decision, which may be biased.",
        "真实发生的事实（已还款、已患病）选“是”；以往的人工决定可能本身带有偏差，选“否”。",
    ),
)

_VALIDATION = ValidationRecord(
    reference=Text(
        "Rates equal fairlearn's MetricFrame; on the published COMPAS data the false positive rates are 44.85 % and "
        "23.45 % and the false negative rates 27.99 % and 47.72 %, exactly.",
        "各比率与 fairlearn 的 MetricFrame 一致；在公开的 COMPAS 数据上，假阳性率为 44.85% 和 23.45%，"
        "假阴性率为 27.99% 和 47.72%，完全吻合。",
    ),
    positive_check=Text(
        "A planted difference of .30 between two groups of 1,000 is measured within its interval and scores below 1.",
        "在两个各 1,000 人的群体间植入 0.30 的差异，测得值落在区间内，得分低于 1。",
    ),
    negative_check=Text(
        "Equal groups give a difference whose interval reaches 0.",
        "条件相同的群体所得差异的区间包含 0。",
    ),
    limits=Text(
        "The label may itself be biased. Groups below 100 people are not judged. Intersections are not scored.",
        "标签本身可能带有偏差；少于 100 人的群体不作判断；交叉群体只报告、不评分。",
    ),
    figures={"compas_fpr_african_american": 0.4485, "compas_fpr_caucasian": 0.2345},
)


def choose_primary(decisions: Decisions, *, label_established: bool) -> tuple[str, Text]:
    """The rate that fits the case, and why. Raises Undefined when the data define none."""
    counted = decisions.counted()
    if not counted:
        raise Undefined("neither a favourable outcome nor a label is declared", "既没有声明有利结果，也没有声明标签")
    if "selection_rate" in counted and not (label_established and "true_positive_rate" in counted):
        return "selection_rate", Text(
            "Selection rate: the label is absent or may be an earlier human decision, and every rate that leans on it "
            "would inherit its bias.",
            "选择率：标签缺失，或可能是以往的人工决定；依赖标签的比率都会继承其偏差。",
        )
    if "selection_rate" not in counted:
        return "accuracy", Text("Accuracy: no answer is favourable.", "准确率：没有哪种回答对人有利。")
    if decisions.favourable_is_positive:
        return "true_positive_rate", Text(
            "True positive rate: the answer is a benefit, and those who deserve it should get it alike.",
            "真阳性率：回答是一种利益，应得者应当同等获得。",
        )
    return "false_positive_rate", Text(
        "False positive rate: the answer is a burden, and those who do not deserve it should be spared alike.",
        "假阳性率：回答构成负担，不应承受者应当同等免受。",
    )


class FairnessGroup:
    """Each group against the pooled rest on one primary rate, with simultaneous bounds over all groups."""

    id = "fairness.group"
    version = "1.0.0"
    title = Text("Fairness between groups", "群体公平性")
    description = Text(
        "Compares each group of each sensitive attribute with everybody else: selection rate, error rates, predictive "
        "value and accuracy, with intervals, the four-fifths rule, calibration and intersections.",
        "将每个敏感属性的每个群体与其余所有人比较：选择率、错误率、预测值和准确率，并给出区间、"
        "五分之四规则、校准和交叉群体结果。",
    )
    characteristic = "DI"
    needs = Needs(outcome=True, data_roles=("test",), sensitive=True, tasks=("classification",))
    parameters: Sequence[Parameter] = (_PRIMARY, _LABEL)
    meanings = FAIRNESS
    validation = _VALIDATION

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        return 2 + facts.get("rows", {}).get("test", 1000) * 1e-3

    def run(self, context: Context) -> Result:
        dataset = context.bundle.data("test")
        if dataset is None:
            return Result(undefined=[Text("there are no test data", "没有测试数据")])
        try:
            outcome = observe(context.bundle, dataset)
            decisions = Decisions.of(outcome, dataset.favourable)
            primary, why = _primary(decisions, context.parameters)
        except Undefined as undefined:
            return Result(undefined=[undefined.reason])
        groups = {entry["name"]: dataset.group(entry["name"]) for entry in dataset.spec.get("sensitive", ())}
        if not groups:
            return Result(undefined=[Text("no sensitive attribute is declared", "没有声明敏感属性")])
        context.progress(0.3, primary)
        result = _judge(context, decisions, groups, primary)
        result.notes.insert(0, why)
        context.progress(0.7, "no-information rate")
        result.flags["not_above_no_information_rate"] = _not_above_no_information(context, outcome)
        result.tables.extend(fairness_report.calibration(outcome, decisions, groups))
        context.progress(1.0)
        return result


def _primary(decisions: Decisions, parameters: Mapping[str, Any]) -> tuple[str, Text]:
    wanted = parameters["primary"]
    if wanted == AUTOMATIC:
        return choose_primary(decisions, label_established=parameters["label_established"])
    if wanted not in decisions.counted():
        raise Undefined(
            f"{wanted} needs a label and a positive or favourable class that the data do not declare",
            f"{wanted} 需要标签以及正类或有利结果，而数据没有声明",
        )
    title = group_rates.TITLES[wanted]
    return wanted, Text(f"{title.en}: fixed in the plan.", f"{title.zh}：由评估计划规定。")


def _judge(context: Context, decisions: Decisions, groups: Mapping[str, npt.NDArray[Any]], primary: str) -> Result:
    counted = decisions.counted()
    tables = {
        rate: [found for name, values in groups.items() for found in group_rates.compare(name, values, *counted[rate])]
        for rate in counted
    }
    judged = [comparison for comparison in tables[primary] if comparison.judged]
    result = Result(flags={"ratio_imprecise": False})
    for rate, comparisons in tables.items():
        result.metrics.extend(_rates(rate, comparisons))
    if not judged:
        result.undefined.append(TOO_FEW)
    result.metrics.extend(_scored(judged, primary, result))
    for name, values in groups.items():
        _few(context, result, name, values, [found for found in judged if found.attribute == name])
    result.tables.extend(fairness_report.tables(tables[primary], groups, counted[primary], primary))
    result.charts.extend(fairness_report.charts(tables[primary], primary))
    result.notes.extend(fairness_report.notes(primary))
    return result


def _scored(judged: list[Comparison], primary: str, result: Result) -> Iterator[Metric]:
    """Difference of every judged group, and the ratio where it is asked for and precise enough."""
    comparisons = group_rates.independent(judged)
    for found in judged:
        value, low, high, bound = found.difference(comparisons)
        yield Metric(
            "difference",
            value,
            found.inside.n,
            "lower",
            low=low,
            high=high,
            bound=bound,
            interval="Newcombe",
            slice=found.slice,
        )
        if primary != "selection_rate":
            continue
        ratio = found.ratio(comparisons)
        if ratio is None:
            result.flags["ratio_imprecise"] = True
            continue
        value, low, high, bound = ratio
        yield Metric(
            "ratio",
            value,
            found.inside.n,
            "higher",
            low=low,
            high=high,
            bound=bound,
            interval="Katz, logarithm",
            slice=found.slice,
        )


def _rates(rate: str, comparisons: list[Comparison]) -> Iterator[Metric]:
    direction = group_rates.DIRECTIONS.get(rate, "higher")
    for found in comparisons:
        inside = found.inside
        if not inside.enough:
            yield Metric(rate, None, inside.n, direction, slice=found.slice, undefined=TOO_FEW)
            continue
        low, high = statistics.wilson(inside.hits, inside.base)
        yield Metric(
            rate, inside.rate, inside.base, direction, low=low, high=high, interval="Wilson", slice=found.slice
        )


def _few(context: Context, result: Result, attribute: str, values: npt.NDArray[Any], judged: list[Comparison]) -> None:
    """Share of the population served whose group cannot be judged; above 5 % fairness is not demonstrated."""
    population = context.bundle.manifest.get("population", {}).get(attribute)
    known = {found.group for found in judged}
    if population:
        total = sum(population.values())
        share = sum(weight for group, weight in population.items() if group not in known) / total
    else:
        share = float(np.mean([value not in known for value in values]))
    result.metrics.append(Metric("share_too_few", share, len(values), "lower", slice={"attribute": attribute}))
    if share > MAX_SHARE_TOO_FEW:
        result.undefined.append(
            Text(
                f"{attribute}: {share:.1%} of the population served are in groups too small to judge (at most 5 %)",
                f"{attribute}：服务人群中有 {share:.1%} 属于人数过少、无法判断的群体（最多允许 5%）",
            )
        )


def _not_above_no_information(context: Context, outcome: Outcome) -> bool:
    """A system that does no better than a constant answer is not made fair by answering everybody alike."""
    if outcome.truth is None or len(np.unique(outcome.truth)) < 2:
        return False
    rng = np.random.default_rng(context.seed)
    wanted = [(claim.name, claim.average) for claim in read_claims(context.bundle.manifest)]
    verdicts = []
    for name, average in wanted:
        try:
            found = measure(outcome, name, average, rng=rng, comparisons=len(wanted))
        except Undefined:
            continue
        verdicts.append(beats_no_information(name, found))
    if not verdicts or None in verdicts:
        found = measure(outcome, "balanced_accuracy", rng=rng, comparisons=max(1, len(wanted)))
        verdicts.append(beats_no_information("balanced_accuracy", found))
    return False in verdicts
