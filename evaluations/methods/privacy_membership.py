"""Membership inference by the loss-threshold attack (Yeom et al., CSF 2018; Carlini et al., IEEE S&P 2022).

A model that overfits has a smaller loss on the records it was trained on; an attacker who sees the loss can then tell
them apart. Attack score: the logit-scaled confidence log(p / (1 - p)) of the true class, which orders the records as
the cross-entropy does but does not saturate; for regression the negative squared error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy

from evaluations.methods import statistics
from evaluations.methods.frame import Chart, Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.meanings_privacy import MEMBERSHIP

if TYPE_CHECKING:
    from evaluations.methods.two_sample import Comparison
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model

Vector = npt.NDArray[np.float64]

MINIMUM = 500
ENOUGH_FOR_ONE_PERCENT = 1_000
ENOUGH_FOR_ONE_PER_MILLE = 10_000
BINS = 40
FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def attack_scores(model: Model, data: Dataset) -> Vector:
    """One score for each record, higher for "member": log(p/(1-p)) of the true class, or minus the squared error."""
    if model.task == "regression":
        return np.asarray(-((model.scores(data.inputs)[:, 0].astype(float) - data.labels.astype(float)) ** 2))
    logits = np.asarray(model.logits(data.inputs), dtype=float)
    if logits.ndim == 1 or logits.shape[1] == 1:
        logits = np.column_stack([np.zeros(len(logits)), logits.reshape(-1)])
    rows = np.arange(len(logits))
    truth = data.labels.astype(int)
    others = logits.copy()
    others[rows, truth] = -np.inf
    return np.asarray(logits[rows, truth] - scipy.special.logsumexp(others, axis=1), dtype=float)


def true_positive_rate(members: Vector, non_members: Vector, false_positive_rate: float) -> float:
    """Share of members found while at most that share of non-members is accused; ties count as broken at random."""
    allowed = int(np.floor(false_positive_rate * len(non_members) + 1e-9))
    threshold = np.sort(non_members)[::-1][min(allowed, len(non_members) - 1)]
    accused = int(np.count_nonzero(non_members > threshold))
    tied = int(np.count_nonzero(non_members == threshold))
    return float(np.mean(members > threshold) + (allowed - accused) / tied * np.mean(members == threshold))


class Membership:
    """Can somebody who sees the model's answers tell whose records it was trained on?"""

    id = "privacy.membership"
    version = "1.0.0"
    title = Text("Membership inference", "成员推断")
    description = Text(
        "Attacks by the loss threshold: the training sample are the members, the non-members (or the test data) are "
        "the others. Reports how well the attack tells them apart, on the whole and at 1 % false accusations.",
        "采用损失阈值攻击：训练样本为成员，非成员数据（或测试数据）为非成员。报告攻击区分二者的总体能力，"
        "以及在误指率为 1% 时的能力。",
    )
    characteristic = "DP"
    needs = Needs(model=True, data_roles=("training",), label=True, tasks=("classification", "regression"))
    parameters = (
        Parameter(
            "records",
            "integer",
            20_000,
            Text("Most records of each set", "每组最多记录数"),
            Text("A larger set is sampled without replacement by the seed.", "数据更多时，按种子进行不放回抽样。"),
            MINIMUM,
            1_000_000,
        ),
    )
    meanings = MEMBERSHIP
    validation = ValidationRecord(
        reference=Text(
            "scikit-learn's ROC curve (AUC and TPR agree to 1e-12); two normal losses a distance d apart, where AUC "
            "= Φ(d/√2) and TPR at 1 % = Φ(d − 2.326).",
            "scikit-learn 的 ROC 曲线（AUC 与 TPR 相差不超过 1e-12）；两组相距 d 的正态损失，其 AUC = Φ(d/√2)，1% "
            "处的 TPR = Φ(d − 2.326)。",
        ),
        positive_check=Text(
            "A network that has learnt 500 records of pure noise by heart: AUC 0.82, identity accuracy 0.74.",
            "一个死记硬背 500 条纯噪声记录的网络：AUC 为 0.82，identity accuracy 为 0.74。",
        ),
        negative_check=Text(
            "Members and non-members drawn from one population that the model never saw: the 95 % interval holds 0.5 "
            "in 188 of 200 repetitions; the two-sample test refuses 0 of 40.",
            "成员与非成员取自模型未见过的同一总体：200 次重复中 188 次 95% 区间包含 0.5；双样本检验 40 次中误拒 0 次。",
        ),
        limits=Text(
            "The weakest attack of its kind: shadow-model attacks (LiRA) find more. A low value is no proof of "
            "privacy.",
            "这是同类中最弱的攻击；影子模型攻击（LiRA）能发现更多。数值低并不证明隐私安全。",
        ),
        figures={"interval_holds": 188, "repetitions": 200, "memorised_auc": 0.82},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """Two passes of the model over each set, and the two-sample test on some thousand records."""
        return float(1 + 1e-4 * sum(facts.get("rows", {}).values()))

    def run(self, context: Context) -> Result:
        from evaluations.methods.two_sample import (  # noqa: PLC0415  scikit-learn takes a second that only a run needs
            compare_sets,
        )

        model = context.bundle.model
        pair = _sets(context)
        if isinstance(pair, Text) or model is None:
            return Result(undefined=[pair if isinstance(pair, Text) else Text("There is no model.", "没有模型。")])
        members, others = pair
        if (context.bundle.manifest["model"].get("output") or {}).get("kind") == "label":
            return Result(undefined=[Text("The model gives labels without a score.", "模型只给出标签，不给出得分。")])
        comparison = compare_sets(members, others, context.seed)
        context.progress(0.6, "attack")
        member_scores, other_scores = attack_scores(model, members), attack_scores(model, others)
        if not (np.isfinite(member_scores).all() and np.isfinite(other_scores).all()):
            reason = Text("The model's loss is not finite on some records.", "模型在部分记录上的损失不是有限值。")
            return Result(undefined=[reason])
        result = Result(
            flags={"loss_attack_only": True, "few_non_members": others.n < ENOUGH_FOR_ONE_PERCENT},
            charts=_charts(member_scores, other_scores),
            tables=[_curve(member_scores, other_scores)],
            notes=_notes(others, comparison),
        )
        result.metrics = _attack_metrics(member_scores, other_scores)
        result.metrics += [Metric("non_members", float(others.n), others.n, "higher")]
        result.metrics += _identity(model, members, others)
        result.undefined = _mismatch(result.metrics[0], comparison)
        context.progress(1.0, "")
        return result


def _sets(context: Context) -> tuple[Dataset, Dataset] | Text:
    """Members and non-members, sampled; or why there are none."""
    members = context.bundle.data("training")
    others = _non_members(context.bundle)
    if members is None or others is None or not (members.has_labels and others.has_labels):
        return Text(
            "A labelled training sample and labelled non-members (or test data) are needed.",
            "需要带标签的训练样本，以及带标签的非成员数据（或测试数据）。",
        )
    if min(members.n, others.n) < MINIMUM:
        return Text(
            f"At least {MINIMUM} members and {MINIMUM} non-members are needed; there are {members.n} and {others.n}.",
            f"至少需要 {MINIMUM} 条成员记录和 {MINIMUM} 条非成员记录；现有 {members.n} 条和 {others.n} 条。",
        )
    rng = np.random.default_rng(context.seed)
    most = int(context.parameters["records"])
    chosen = [
        data if data.n <= most else data.select(np.sort(rng.choice(data.n, most, replace=False)))
        for data in (members, others)
    ]
    return chosen[0], chosen[1]


def _non_members(bundle: Bundle) -> Dataset | None:
    return bundle.data("nonmembers") or bundle.data("test")


def _attack_metrics(members: Vector, others: Vector) -> list[Metric]:
    truth = np.concatenate([np.ones(len(members)), np.zeros(len(others))])
    auc, variance = statistics.delong_auc(truth, np.concatenate([members, others]))
    pairs = min(len(members), len(others))
    low, high = statistics.auc_interval(auc, variance, pairs)
    bound = statistics.auc_bound(auc, variance, pairs, side="upper")
    smaller = min(len(members), len(others))
    metrics = [Metric("auc", auc, smaller, "lower", "", low, high, bound, "DeLong, logit")]
    metrics.append(_rate("tpr_at_fpr_1_percent", members, others, 0.01))
    if len(others) >= ENOUGH_FOR_ONE_PER_MILLE:
        metrics.append(_rate("tpr_at_fpr_0_1_percent", members, others, 0.001))
    return metrics


def _rate(name: str, members: Vector, others: Vector, false_positive_rate: float) -> Metric:
    """The rate with its Wilson interval, the threshold taken as given."""
    rate = true_positive_rate(members, others, false_positive_rate)
    hits, n = rate * len(members), len(members)
    low, high = statistics.wilson(hits, n)
    bound = statistics.wilson_bound(hits, n, side="upper")
    return Metric(name, rate, n, "lower", "", low, high, bound, "Wilson, threshold as given")


def _identity(model: Model, members: Dataset, others: Dataset) -> list[Metric]:
    """What the simplest attacker gets, who calls every rightly classified record a member (Yeom et al., theorem 2)."""
    if model.task == "regression":
        return []
    shares = [float(np.mean(model.labels(data.inputs) == data.labels)) for data in (members, others)]
    return [Metric("identity_accuracy", 0.5 + (shares[0] - shares[1]) / 2, min(members.n, others.n), "lower")]


def _mismatch(auc: Metric, comparison: Comparison) -> list[Text]:
    reasons = []
    if auc.high is not None and auc.high < 0.5:
        reasons.append(
            Text(
                f"The training sample has the larger loss (AUC {auc.value:.3f}, upper limit {auc.high:.3f}): the sets "
                "are not from one distribution, or the training sample was not used for training.",
                f"训练样本的损失反而更大（AUC {auc.value:.3f}，上限 {auc.high:.3f}）：两组数据并非同一分布，"
                "或训练样本未用于训练。",
            )
        )
    if comparison.differs:
        reasons.append(
            Text(
                f"The two sets can be told apart without the model ({comparison.name}, AUC {comparison.auc:.3f}): a "
                "difference in loss would not show membership.",
                f"不借助模型就能区分两组数据（{comparison.name}，AUC {comparison.auc:.3f}）："
                "损失的差异不能说明成员关系。",
            )
        )
    return reasons


def _charts(members: Vector, others: Vector) -> list[Chart]:
    """The scores of both sets over the same bins; the far tails are counted in the outermost ones."""
    low, high = np.quantile(np.concatenate([members, others]), [0.005, 0.995])
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    return [
        Chart(
            "histogram",
            Text(f"Attack score of {name.en}", f"{name.zh}的攻击得分"),
            {
                "edges": edges.tolist(),
                "counts": np.histogram(np.clip(scores, edges[0], edges[-1]), edges)[0].tolist(),
                "axis": Text("log-odds of the true class", "真实类别的对数几率"),
            },
        )
        for name, scores in ((Text("members", "成员"), members), (Text("non-members", "非成员"), others))
    ]


def _curve(members: Vector, others: Vector) -> Table:
    rates = [rate for rate in FALSE_POSITIVE_RATES if rate * len(others) >= 1]
    return Table(
        "roc",
        Text("Members found against non-members accused", "检出的成员与误指的非成员"),
        (Text("False positive rate", "误指率"), Text("True positive rate", "检出率")),
        tuple((rate, round(true_positive_rate(members, others, rate), 6)) for rate in rates),
    )


def _notes(others: Dataset, comparison: Comparison) -> list[Text]:
    notes = [
        Text(
            "AUC 0.5 is chance. The rate at 1 % false accusations matters more: a few people can be exposed while "
            "the average looks harmless.",
            "AUC 为 0.5 即等于随机。误指率 1% 处的检出率更重要：平均看似无害时，少数人仍可能暴露。",
        ),
        Text(
            "Only the loss-threshold attack was run; stronger attacks find more, so the value is a lower limit of "
            "the risk.",
            "仅进行了损失阈值攻击；更强的攻击能发现更多，因此该数值只是风险的下限。",
        ),
        Text(
            f"Two-sample test on inputs and labels: {comparison.name}, AUC {comparison.auc:.3f}, lower limit "
            f"{comparison.low:.3f}.",
            f"对输入和标签的双样本检验：{comparison.name}，AUC {comparison.auc:.3f}，下限 {comparison.low:.3f}。",
        ),
    ]
    if others.n < ENOUGH_FOR_ONE_PERCENT:
        notes.append(
            Text(
                f"With {others.n} non-members the rate at 1 % rests on fewer than ten records.",
                f"非成员只有 {others.n} 条，1% 处的检出率所依据的记录不足十条。",
            )
        )
    return notes
