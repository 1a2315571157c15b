"""Accuracy under the union of four attacks: FGSM, PGD on cross-entropy, PGD on the margin, Square."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from evaluations.methods.attack_report import (
    EPSILON,
    SAMPLES,
    common_notes,
    curve_chart,
    primary_size,
    robust_metric,
    seconds_per_thousand_calls,
    size_slice,
    strips,
)
from evaluations.methods.attack_samples import Target, choose_target
from evaluations.methods.attacks import Attackable, Outcome, Progress, fgsm, pgd, silent, square
from evaluations.methods.frame import Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.meanings_robustness import PGD
from evaluations.methods.perturbation import Box
from evaluations.methods.pictures import Layout

SQUARE_INITIAL_SHARE = 0.3
MEMBERS = {
    "fgsm": Text("FGSM", "FGSM"),
    "pgd_cross_entropy": Text("PGD on cross-entropy", "PGD（交叉熵）"),
    "pgd_margin": Text("PGD on the margin", "PGD（间隔）"),
    "square": Text("Square, scores only", "Square（仅用得分）"),
}


@dataclass
class Union:
    """What all members found together: for each sample the first input that broke it."""

    broken: np.ndarray
    inputs: np.ndarray

    def add(self, index: np.ndarray, outcome: Outcome) -> None:
        """Takes over what one member found on the samples `index`."""
        fresh = outcome.broken & ~self.broken[index]
        self.inputs[index[fresh]] = outcome.inputs[fresh]
        self.broken[index[fresh]] = True


class ProjectedGradientDescent:
    """For each sample the worst of four attacks, with exact gradients."""

    id = "robustness.pgd"
    version = "1.0"
    title = Text("Robustness to projected gradient descent", "投影梯度下降法鲁棒性")
    description = Text(
        "Searches the surroundings of each input with exact gradients from several random starts, with two "
        "losses, and by "
        "scores alone; a sample counts as broken when any of the four attacks breaks it. Sources: Madry et al., "
        "ICLR 2018; "
        "Croce and Hein, ICML 2020; Andriushchenko et al., ECCV 2020.",
        "使用精确梯度，从多个随机起点、以两种损失搜索每个输入的邻域，并另以仅用得分的方式搜索；"
        "四种攻击中任何一种成功，"
        "该样本即视为被攻破。来源：Madry 等，ICLR 2018；Croce 与 Hein，ICML 2020；Andriushchenko 等，ECCV 2020。",
    )
    characteristic = "RC"
    needs = Needs(
        model=True,
        gradient=True,
        data_roles=("test",),
        label=True,
        tasks=("classification",),
        modalities=("image", "tabular", "timeseries", "audio"),
    )
    parameters = (
        SAMPLES,
        EPSILON,
        Parameter(
            "steps",
            "integer",
            100,
            Text("Steps", "步数"),
            Text("Gradient steps of one start.", "每个起点的梯度步数。"),
            1,
            2000,
        ),
        Parameter(
            "restarts",
            "integer",
            5,
            Text("Restarts", "重启次数"),
            Text(
                "Starts for each sample and loss; samples already broken leave.",
                "每个样本、每种损失的起点数；已攻破的样本不再参与。",
            ),
            1,
            50,
        ),
        Parameter(
            "queries",
            "integer",
            1000,
            Text("Queries of Square", "Square 的查询次数"),
            Text("How often Square may put one sample to the model.", "Square 对每个样本可查询模型的次数。"),
            100,
            20_000,
        ),
    )
    meanings = PGD
    validation = ValidationRecord(
        reference=Text(
            "VNN-COMP 2021, mnistfc, network 256x2, inside each property's own box: of 18 instances that "
            "verifiers proved "
            "robust 0 break, of 12 known to be violated 11 break (three seeds alike).",
            "VNN-COMP 2021 mnistfc，网络 256x2，在每条性质自身的邻域内：验证器证明鲁棒的 18 例无一被攻破，"
            "已知违反的 12 例中攻破 11 例（三个随机种子结果相同）。",
        ),
        positive_check=Text(
            "On a linear model the share that stands equals the closed form; a planted gradient-masking model is "
            "flagged.",
            "对线性模型，仍正确的比例等于闭式解；植入的梯度掩蔽模型被标出。",
        ),
        negative_check=Text(
            "A model that ignores every feature that may be changed keeps 100 % and raises no flag.",
            "若模型不使用任何可变特征，则保持 100%，且不产生任何标记。",
        ),
        limits=Text(
            "Robustness is not proved: a stronger attack may break more. Only changes of bounded size in each "
            "value are tried, "
            "not rotations, patches or changed meaning.",
            "并未证明鲁棒性：更强的攻击可能攻破更多样本。仅尝试各值有界的改动，不含旋转、补丁或语义改变。",
        ),
        figures={"proved_broken": 0, "proved": 18, "violated_found": 11, "violated": 12},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """Passes of both losses and Square's queries; what the first start breaks does not enter the next."""
        calls = 2 * 3 * int(parameters["steps"]) * int(parameters["restarts"]) + int(parameters["queries"])
        return 1.0 + 2.5 * calls / 1000 * seconds_per_thousand_calls(facts, int(parameters["samples"]))

    def run(self, context: Context) -> Result:
        rng = np.random.default_rng(context.seed)
        target = choose_target(context, int(context.parameters["samples"]), rng, gradient=True)
        if not isinstance(target, Target):
            return Result(undefined=target)
        primary = primary_size(target, context.parameters)
        sizes = target.perturbation.sizes(primary)
        union = Union(np.zeros(target.n, dtype=bool), target.inputs.copy())
        standing: dict[float, np.ndarray] = {}
        members: dict[str, Outcome] = {}
        at_primary = union
        for position, size in enumerate(sizes):
            # Boxes are nested: what a smaller ε broke stays broken. At the primary ε each member tries every sample.
            index = np.arange(target.n) if size == primary else np.flatnonzero(~union.broken)
            found = attack_box(
                target.model,
                target.labels[index],
                target.perturbation.box(target.inputs[index], size),
                context.parameters,
                rng,
                layout=target.perturbation.layout,
                progress=_stage(context, position, len(sizes)),
            )
            for outcome in found.values():
                union.add(index, outcome)
            if size == primary:
                members, at_primary = found, Union(union.broken.copy(), union.inputs.copy())
            standing[size] = ~union.broken
        return _result(target, primary, standing, members, at_primary)


def _stage(context: Context, position: int, count: int) -> Progress:
    return lambda fraction: context.progress((position + fraction) / count, f"epsilon {position + 1} of {count}")


def attack_box(
    model: Attackable,
    labels: np.ndarray,
    box: Box,
    parameters: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    layout: Layout | None = None,
    progress: Progress = silent,
) -> dict[str, Outcome]:
    """Every member of the union on any box; `parameters` are steps, restarts and queries."""
    steps, restarts = int(parameters["steps"]), int(parameters["restarts"])

    def told(position: int) -> Progress:
        return lambda fraction: progress((position + fraction) / 3)

    return {
        "fgsm": fgsm(model, labels, box),
        "pgd_cross_entropy": pgd(
            model, labels, box, loss="cross_entropy", steps=steps, restarts=restarts, rng=rng, progress=told(0)
        ),
        "pgd_margin": pgd(model, labels, box, loss="margin", steps=steps, restarts=restarts, rng=rng, progress=told(1)),
        "square": square(
            model,
            labels,
            box,
            queries=int(parameters["queries"]),
            initial_share=SQUARE_INITIAL_SHARE,
            rng=rng,
            layout=layout,
            progress=told(2),
        ),
    }


def masks_gradient(by_gradient: np.ndarray, by_scores: np.ndarray) -> bool:
    """Does the attack without gradients break more, by over two standard errors of the paired difference?

    Both arrays say for each sample whether it was broken. An attack that knows less cannot be stronger unless the
    gradient misleads (Athalye, Carlini and Wagner, ICML 2018). Standard error after McNemar.
    """
    n = len(by_gradient)
    only_scores, only_gradient = int((by_scores & ~by_gradient).sum()), int((by_gradient & ~by_scores).sum())
    lead = (only_scores - only_gradient) / n
    error = sqrt(max(only_scores + only_gradient - n * lead**2, 0)) / n
    return lead > 0 and lead > 2 * error


def _result(
    target: Target, primary: float, standing: Mapping[float, np.ndarray], members: Mapping[str, Outcome], union: Union
) -> Result:
    curve = [
        robust_metric("robust_accuracy", stand, size_slice(size), len(standing) + len(members))
        for size, stand in standing.items()
    ]
    each = [
        robust_metric(
            "robust_accuracy", ~outcome.broken, size_slice(primary, attack=name), len(standing) + len(members)
        )
        for name, outcome in members.items()
    ]
    by_gradient = members["fgsm"].broken | members["pgd_cross_entropy"].broken | members["pgd_margin"].broken
    masking = masks_gradient(by_gradient, members["square"].broken)
    notes = common_notes(target, primary)
    if masking:
        notes.append(_MASKING)
    return Result(
        metrics=[
            robust_metric("robust_accuracy_primary", ~union.broken, size_slice(primary, attack="union")),
            *curve,
            *each,
        ],
        flags={"gradient_masking": masking},
        undefined=list(target.reasons),
        tables=[_table(each)],
        charts=[
            curve_chart(
                Text("Accuracy under the union of four attacks", "四种攻击合并后的准确率"),
                target.perturbation.unit,
                list(standing),
                curve,
                primary=primary,
                clean=1.0,
                chance=target.chance,
            )
        ],
        images=strips(target, union.broken, union.inputs),
        samples={"attacked": target.index.tolist(), "broken": target.index[union.broken].tolist()},
        notes=notes,
    )


_MASKING = Text(
    "Gradient masking: the attack that sees only scores breaks significantly more than the attacks that see "
    "gradients, so "
    "the model's gradients mislead. The union counts the worst, but the true robustness may be lower still.",
    "梯度掩蔽：只看得分的攻击显著强于使用梯度的攻击，说明模型的梯度具有误导性。合并结果取最差者，"
    "但真实鲁棒性可能更低。",
)


def _table(each: list[Metric]) -> Table:
    return Table(
        "members",
        Text("Each attack alone at the primary ε", "主要 ε 下各攻击单独的结果"),
        (
            Text("Attack", "攻击"),
            Text("Still correct", "仍正确"),
            Text("Low", "下限"),
            Text("High", "上限"),
            Text("n", "n"),
        ),
        tuple((MEMBERS[metric.slice["attack"]].en, metric.value, metric.low, metric.high, metric.n) for metric in each),
    )
