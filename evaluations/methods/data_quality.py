"""Defects of the data itself: leakage, wrong labels, gaps, impossible values, contradictions (ISO/IEC 5259-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import statistics
from evaluations.methods.feature_domain import Column, Flags, feature_columns, missing, out_of_domain
from evaluations.methods.frame import Chart, Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.meanings_data import DATA_QUALITY
from evaluations.methods.row_equality import Keys, Rows, distinctive

if TYPE_CHECKING:
    from evaluations.methods.label_suspects import Suspects
    from evaluations.readers.dataset import Dataset

JUDGED_AT_MOST = 5_000  # records of one data set whose labels are judged
RECHECK = 100
ROLES = {"test": Text("test data", "测试数据"), "training": Text("training sample", "训练样本")}


def contradicted(keys: Keys, labels: npt.NDArray[Any], telling: Flags) -> Flags:
    """Which distinctive rows have an equal row with another label."""
    _, groups = np.unique(keys, return_inverse=True)
    _, classes = np.unique(labels, return_inverse=True)
    pairs = np.unique(np.column_stack([groups, classes]), axis=0)
    differing = np.bincount(pairs[:, 0], minlength=groups.max(initial=0) + 1) > 1
    return telling & differing[groups]


class DataQuality:
    """Is the data fit to test and train with?"""

    id = "data.quality"
    version = "1.0.0"
    title = Text("Data quality", "数据质量")
    description = Text(
        "Looks for test records in the training sample, labels that are probably wrong, undeclared gaps, values "
        "outside their declared domain, and equal records with different labels.",
        "检查训练样本中的测试记录、可能错误的标签、未申报的缺失、超出申报取值范围的值，以及相同记录的标签矛盾。",
    )
    characteristic = "DI"
    needs = Needs(data_roles=("test",), label=True)
    parameters = (
        Parameter(
            "labels_rechecked",
            "integer",
            0,
            Text("Labels rechecked by a person", "人工复核的标签数"),
            Text(
                "How many labels of the proposed list a person has compared with the source; from 100 on the "
                "automatic suspects are no longer capped.",
                "已由人员对照来源复核的推荐标签数；达到 100 后，自动发现的可疑标签不再限制得分。",
            ),
            0,
            1_000_000,
        ),
        Parameter(
            "suspects_confirmed",
            "number",
            1.0,
            Text("Share of suspects confirmed", "可疑标签的确认比例"),
            Text(
                "Of the suspects that were rechecked, the share that was really wrong. Counts only once 100 labels "
                "have been rechecked.",
                "已复核的可疑标签中确实错误的比例。仅在复核满 100 个标签后生效。",
            ),
            0.0,
            1.0,
        ),
    )
    meanings = DATA_QUALITY
    validation = ValidationRecord(
        reference=Text(
            "Counts planted by hand; mutual information and tree by hand-computed cases; classifiers of scikit-learn.",
            "手工植入的数量；互信息与依赖树的手算案例；scikit-learn 的分类器。",
        ),
        positive_check=Text(
            "30 of 400 test rows copied from training: 30 found. 5 % of the labels of three scikit-learn data sets "
            "swapped at random: 111 of 125 found among 117 suspects.",
            "400 行测试数据中 30 行复制自训练数据：发现 30 行。三个 scikit-learn 数据集中随机调换 5% 的标签：125 "
            "个中发现 111 个，可疑标签共 117 个。",
        ),
        negative_check=Text(
            "Independent rows of a table of three binary columns and of twenty copies of one column: no leak. The "
            "published labels of the digits, breast cancer and wine sets: 0.4 % suspects.",
            "由三个二值列组成的表以及由同一列复制二十次组成的表中的独立行：无泄漏。digits、breast cancer、wine "
            "数据集的公开标签：可疑 0.4%。",
        ),
        limits=Text(
            "Where classes overlap most wrong labels stay unseen (diabetes above the median: 4 of 22 found) and some "
            "right ones are accused (1.8 %). Near-duplicates that differ in one value are not counted as leaks.",
            "类别重叠时，多数错误标签无法发现（糖尿病高于中位数：22 个中发现 4 个），部分正确标签会被怀疑（1.8%）。"
            "仅有一个值不同的近似重复不计为泄漏。",
        ),
        figures={
            "labels_planted": 125,
            "labels_found": 111,
            "labels_accused": 117,
            "leaks_planted": 30,
            "leaks_found": 30,
        },
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """Mostly the cross-validated classifiers, about a millisecond a record."""
        rows = facts.get("rows", {})
        return float(1 + sum(1e-3 * min(rows.get(role, 0), JUDGED_AT_MOST) for role in ROLES))

    def run(self, context: Context) -> Result:
        found = {role: data for role in ROLES if (data := context.bundle.data(role)) is not None}
        if "test" not in found or not found["test"].has_labels:
            return Result(undefined=[Text("There is no test data with labels.", "没有带标签的测试数据。")])
        columns = {role: feature_columns(data) for role, data in found.items()}
        result = Result(flags={"label_suspects_unchecked": context.parameters["labels_rechecked"] < RECHECK})
        telling, keys = _equality(columns)
        result.metrics.append(_leakage(telling, keys))
        context.progress(0.3, "labels")
        labelled = {role: data for role, data in found.items() if data.has_labels}
        suspects = {role: _suspects(data, context.seed) for role, data in labelled.items()}
        result.metrics += _label_errors(labelled, suspects, context)
        context.progress(0.9, "domain")
        bounds = context.bundle.preprocessing.range  # of every raw input value, if declared
        for role, data in found.items():
            result.metrics += _content(role, columns[role], bounds)
            if role in labelled:
                result.metrics.append(_conflicts(role, data, telling[role], keys[role]))
        result.tables = [_column_table(columns, bounds), _suspect_table(found, suspects)]
        result.charts = [_chart(result.metrics)]
        result.samples = {"label_recheck": _recheck(found["test"], suspects["test"], context.seed)}
        result.notes = list(_notes(suspects))
        context.progress(1.0, "")
        return result


def _equality(columns: Mapping[str, list[Column]]) -> tuple[dict[str, Flags], dict[str, Keys]]:
    """For each role: which rows are distinctive, and a key that equal rows share."""
    shared = set.intersection(*({column.name for column in own} for own in columns.values()))
    rows = Rows.of(*([column.values for column in own if column.name in shared] for own in columns.values()))
    learned = rows.codes[-1] if len(rows.codes) > 1 else rows.codes[0]
    among = max(len(codes) for codes in rows.codes)
    telling = [distinctive(learned, codes, among) for codes in rows.codes]
    return dict(zip(columns, telling, strict=True)), dict(zip(columns, rows.keys, strict=True))


def _leakage(telling: Mapping[str, Flags], keys: Mapping[str, Keys]) -> Metric:
    n = len(keys["test"])
    if "training" not in keys:
        reason = Text(
            "There is no training sample, so leakage cannot be judged.", "没有训练样本，无法判断测试数据是否泄漏。"
        )
        return Metric("test_rows_in_training", None, n, "lower", undefined=reason)
    leaked = int(np.count_nonzero(np.isin(keys["test"], keys["training"]) & telling["test"]))
    return Metric("test_rows_in_training", leaked / n, n, "lower", interval="exact count")


def _suspects(data: Dataset, seed: int) -> Suspects:
    """Suspects of at most JUDGED_AT_MOST records of one data set, in its own row numbers."""
    from evaluations.methods import label_suspects  # noqa: PLC0415  scikit-learn takes a second that only a run needs

    seed %= 2**32
    rows = np.arange(data.n)
    if data.n > JUDGED_AT_MOST:
        rows = np.sort(np.random.default_rng(seed).choice(data.n, JUDGED_AT_MOST, replace=False))
    inputs = np.nan_to_num(data.inputs[rows].reshape(len(rows), -1).astype(float))
    labels = data.labels[rows]
    judge = label_suspects.suspect_values if labels.dtype.kind == "f" else label_suspects.suspect_classes
    found = judge(inputs, labels, seed)
    return label_suspects.Suspects(rows[found.rows], found.suggested, found.skill)


def _label_errors(found: Mapping[str, Dataset], suspects: Mapping[str, Suspects], context: Context) -> Iterator[Metric]:
    rechecked = context.parameters["labels_rechecked"] >= RECHECK
    confirmed = float(context.parameters["suspects_confirmed"]) if rechecked else 1.0
    for role, data in found.items():
        n, own, part = min(data.n, JUDGED_AT_MOST), suspects[role], {"data": role}
        if not own.judged:
            reason = Text(
                "The classifiers do not know the classes well enough to doubt a label.",
                "分类器对各类别的区分能力不足，无法质疑标签。",
            )
            yield Metric("label_error_rate", None, n, "lower", slice=part, undefined=reason)
            continue
        count = len(own.rows) * confirmed
        low, high = statistics.wilson(count, n)
        bound = statistics.wilson_bound(count, n, side="upper", comparisons=len(found))
        yield Metric("label_error_rate", count / n, n, "lower", "", low, high, bound, "Wilson", part)


def _content(role: str, columns: list[Column], bounds: tuple[float, float] | None) -> Iterator[Metric]:
    n, part = len(columns[0].values), {"data": role}
    gaps = [float(missing(column).mean()) for column in columns if not column.declared.get("missing_allowed")]
    outside = np.zeros(n, dtype=bool)
    for column in columns:
        outside |= out_of_domain(column, bounds)
    yield Metric("undeclared_missing_rate", max(gaps, default=0.0), n, "lower", interval="exact count", slice=part)
    yield Metric("out_of_domain_rate", float(outside.mean()), n, "lower", interval="exact count", slice=part)


def _conflicts(role: str, data: Dataset, telling: Flags, keys: Keys) -> Metric:
    share = float(contradicted(keys, data.labels, telling).mean())
    return Metric("conflicting_duplicate_rate", share, data.n, "lower", interval="exact count", slice={"data": role})


def _recheck(data: Dataset, suspects: Suspects, seed: int) -> list[int]:
    """Rows of the test data for a person to recheck: suspects first, filled up at random to RECHECK."""
    rng = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(data.n), suspects.rows)
    wanted = max(0, min(RECHECK - len(suspects.rows), len(others)))
    filled = np.concatenate([suspects.rows[:RECHECK], rng.choice(others, wanted, replace=False)])
    return sorted(int(row) for row in filled)


def _column_table(columns: Mapping[str, list[Column]], bounds: tuple[float, float] | None) -> Table:
    """The columns with a gap or an impossible value."""
    rows = []
    for role, own in columns.items():
        for column in own:
            gaps, outside = int(missing(column).sum()), int(out_of_domain(column, bounds).sum())
            if gaps or outside:
                rows.append((role, column.name, gaps, int(bool(column.declared.get("missing_allowed"))), outside))
    return Table(
        "columns",
        Text("Columns with gaps or values outside their domain", "存在缺失或超出取值范围的列"),
        (
            Text("Data", "数据"),
            Text("Column", "列"),
            Text("Missing", "缺失"),
            Text("Missing declared (1 = yes)", "已申报缺失（1 = 是）"),
            Text("Outside the domain", "超出范围"),
        ),
        tuple(rows[:200]),
    )


def _suspect_table(found: Mapping[str, Dataset], suspects: Mapping[str, Suspects]) -> Table:
    def named(data: Dataset, label: Any) -> str:
        return str(label) if data.labels.dtype.kind == "f" else data.label_values[int(label)]

    rows = [
        (role, int(row), named(found[role], found[role].labels[row]), named(found[role], suggested))
        for role, own in suspects.items()
        if own.judged
        for row, suggested in zip(own.rows, own.suggested, strict=True)
    ]
    return Table(
        "label_suspects",
        Text("Labels to recheck", "待复核的标签"),
        (Text("Data", "数据"), Text("Row (from 0)", "行（从 0 起）"), Text("Label", "标签"), Text("Suggested", "建议")),
        tuple(rows[:200]),
    )


def _chart(metrics: list[Metric]) -> Chart:
    groups = [
        {
            "group": f"{metric.name} {metric.slice.get('data', '')}".strip(),
            "value": metric.value,
            "low": metric.low,
            "high": metric.high,
            "n": metric.n,
        }
        for metric in metrics
        if metric.value is not None
    ]
    return Chart("bars", Text("Share of records with each defect", "各类缺陷的记录占比"), {"groups": groups})


def _notes(suspects: Mapping[str, Suspects]) -> Iterator[Text]:
    yield Text(
        "An equal row counts as leaked or contradictory only if so many columns agree that chance would give fewer "
        "than 0.01 equal rows among as many independent ones (dependence tree after Chow and Liu); in tables of few "
        "values equal rows are no defect.",
        "只有当相同的列多到在同样数量的独立记录中，偶然相同的期望少于 0.01 行时（Chow–Liu 依赖树），"
        "才计为泄漏或矛盾；取值很少的表中，相同的行不是缺陷。",
    )
    yield Text(
        "Missing values are given for the worst column, values outside the domain as the share of records with at "
        "least one.",
        "缺失率取最差的一列；超出范围以至少含一个此类值的记录占比表示。",
    )
    skills = [own.skill for own in suspects.values() if own.skill is not None]
    strength = f" ({min(skills):.2f} of 1 above chance)" if skills else ""
    strength_zh = f"（高于随机的程度为 {min(skills):.2f}，满分 1）" if skills else ""
    yield Text(
        f"Label suspects come from two classifiers{strength} and are no proof: a rare but right label looks the same. "
        "Recheck the proposed rows against their source.",
        f"可疑标签由两个分类器给出{strength_zh}，并非证据：少见但正确的标签看起来也一样。请对照来源复核推荐的行。",
    )
