"""Accuracy under the fast gradient sign method: the weakest white-box attack, and therefore the easiest to pass."""

from __future__ import annotations

from collections.abc import Mapping
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
from evaluations.methods.attacks import Outcome, fgsm
from evaluations.methods.frame import Context, Needs, Result, Text, ValidationRecord
from evaluations.methods.meanings_robustness import FGSM


class FastGradientSign:
    """One step along the sign of the exact gradient, over a curve of ε."""

    id = "robustness.fgsm"
    version = "1.0"
    title = Text("Robustness to the fast gradient sign method", "快速梯度符号法鲁棒性")
    description = Text(
        "Moves every value of an input by ε in the direction that raises the loss most, once, and counts how "
        "many of the "
        "correctly labelled samples stay correct. Exact gradients of the model are used. Source: Goodfellow, "
        "Shlens and "
        "Szegedy, ICLR 2015.",
        "沿使损失上升最快的方向，将输入的每个值一次性改动 ε，统计原本分类正确的样本中仍正确的比例。"
        "使用模型的精确梯度。"
        "来源：Goodfellow、Shlens 与 Szegedy，ICLR 2015。",
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
    parameters = (SAMPLES, EPSILON)
    meanings = FGSM
    validation = ValidationRecord(
        reference=Text(
            "On a logistic regression the perturbed input has a closed form, x − y·ε·sign(w); equal for all 300 "
            "samples.",
            "对逻辑回归，扰动输入有闭式解 x − y·ε·sign(w)；300 个样本全部一致。",
        ),
        positive_check=Text(
            "The share that stands equals the share of samples with |w·x + b| > ε·‖w‖₁, computed by hand.",
            "仍正确的比例等于手工计算的满足 |w·x + b| > ε·‖w‖₁ 的样本比例。",
        ),
        negative_check=Text(
            "A model that ignores every feature that may be changed keeps 100 %.",
            "若模型不使用任何可变特征，则保持 100%。",
        ),
        limits=Text(
            "One step finds far fewer errors than an iterated attack; a good figure here shows little without "
            "robustness.pgd.",
            "单步攻击发现的错误远少于迭代攻击；若没有 robustness.pgd 的结果，仅凭此项良好说明不了什么。",
        ),
        figures={"closed_form_samples": 300, "closed_form_agreement": 1.0, "negative_share_standing": 1.0},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """A few forward and backward passes."""
        return 0.5 + seconds_per_thousand_calls(facts, int(parameters["samples"])) / 50

    def run(self, context: Context) -> Result:
        rng = np.random.default_rng(context.seed)
        target = choose_target(context, int(context.parameters["samples"]), rng, gradient=True)
        if not isinstance(target, Target):
            return Result(undefined=target)
        primary = primary_size(target, context.parameters)
        sizes = target.perturbation.sizes(primary)
        outcomes: dict[float, Outcome] = {}
        for position, size in enumerate(sizes):
            outcomes[size] = fgsm(target.model, target.labels, target.perturbation.box(target.inputs, size))
            context.progress((position + 1) / len(sizes), f"epsilon {size:.4g}")
        return _result(target, primary, outcomes)


def _result(target: Target, primary: float, outcomes: Mapping[float, Outcome]) -> Result:
    curve = [
        robust_metric("robust_accuracy", ~outcome.broken, size_slice(size), len(outcomes))
        for size, outcome in outcomes.items()
    ]
    at_primary = outcomes[primary]
    return Result(
        metrics=[
            robust_metric("robust_accuracy_primary", ~at_primary.broken, size_slice(primary)),
            *curve,
        ],
        undefined=list(target.reasons),
        charts=[
            curve_chart(
                Text("Accuracy under the fast gradient sign method", "快速梯度符号法攻击下的准确率"),
                target.perturbation.unit,
                list(outcomes),
                curve,
                primary=primary,
                clean=1.0,
                chance=target.chance,
            )
        ],
        images=strips(target, at_primary.broken, at_primary.inputs),
        samples={"attacked": target.index.tolist()},
        notes=common_notes(target, primary),
    )
