"""Accuracy under Square, an attack that sees the model's scores only, within a budget of queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evaluations.methods.attack_report import (
    EPSILON,
    common_notes,
    curve_chart,
    primary_size,
    robust_metric,
    seconds_per_thousand_calls,
    size_slice,
    strips,
)
from evaluations.methods.attack_samples import Target, choose_target
from evaluations.methods.attacks import Outcome, square
from evaluations.methods.frame import Context, Needs, Parameter, Result, Text, ValidationRecord
from evaluations.methods.meanings_robustness import BLACKBOX

SCORED_QUERIES = 1000
BUDGETS = (100, 500, 1000, 5000)


class QueryAttack:
    """Square at 1,000 queries, and the curve on the way there."""

    id = "robustness.blackbox"
    version = "1.0"
    title = Text("Robustness to query-based attack", "基于查询的黑盒攻击鲁棒性")
    description = Text(
        "Random square-shaped changes, kept when the score of the right class falls: what somebody can do who "
        "may only put "
        "inputs to the system and read its scores. Works without gradients. Source: Andriushchenko, Croce, "
        "Flammarion and "
        "Hein, ECCV 2020.",
        "随机改动方形区域，若正确类别的得分下降则保留：模拟只能输入数据并读取得分的攻击者。无需梯度。"
        "来源：Andriushchenko、Croce、Flammarion 与 Hein，ECCV 2020。",
    )
    characteristic = "RC"
    needs = Needs(
        model=True,
        data_roles=("test",),
        label=True,
        tasks=("classification",),
        modalities=("image", "tabular", "timeseries", "audio"),
    )
    parameters = (
        Parameter(
            "samples",
            "integer",
            200,
            Text("Samples", "样本数"),
            Text(
                "How many correctly labelled test samples are attacked, drawn by class in proportion.",
                "受攻击的、原本分类正确的测试样本数，按类别比例抽取。",
            ),
            200,
            10_000,
        ),
        EPSILON,
        Parameter(
            "queries",
            "integer",
            SCORED_QUERIES,
            Text("Queries", "查询次数"),
            Text(
                "Budget for each sample. 1,000 are scored; up to 5,000 lengthen the curve.",
                "每个样本的查询预算。评分依据 1,000 次；最多 5,000 次，仅用于延长曲线。",
            ),
            SCORED_QUERIES,
            BUDGETS[-1],
        ),
        Parameter(
            "initial_share",
            "number",
            0.3,
            Text("First share of changed values", "初始改动比例"),
            Text(
                "Share of an input that the first changes cover; it halves as the budget is spent.",
                "最初的改动所覆盖的输入比例；随预算消耗逐步减半。",
            ),
            0.01,
            1,
        ),
    )
    meanings = BLACKBOX
    validation = ValidationRecord(
        reference=Text(
            "On a linear model no attack inside the box can do better than the closed form; Square never passed "
            "it and "
            "reached it within 2 points at 1,000 queries.",
            "对线性模型，邻域内任何攻击都不可能优于闭式解；Square 从未超出，且在 1,000 次查询时与其相差不到 2 "
            "个百分点。",
        ),
        positive_check=Text(
            "A linear model whose samples lie close to the boundary falls below 5 %.",
            "样本紧邻决策边界的线性模型降至 5% 以下。",
        ),
        negative_check=Text(
            "A model that ignores every feature that may be changed keeps 100 %.",
            "若模型不使用任何可变特征，则保持 100%。",
        ),
        limits=Text(
            "The figure belongs to its budget of queries: with twice as many an attacker breaks more. Attackers "
            "who see labels "
            "only are not simulated.",
            "结果取决于查询预算：预算加倍，攻破的样本会更多。未模拟只能看到类别的攻击者。",
        ),
        figures={"gap_to_closed_form": 0.02, "negative_share_standing": 1.0},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """One forward pass and one random window a query."""
        return 0.5 + 2 * int(parameters["queries"]) / 1000 * seconds_per_thousand_calls(
            facts, int(parameters["samples"])
        )

    def run(self, context: Context) -> Result:
        rng = np.random.default_rng(context.seed)
        parameters = context.parameters
        target = choose_target(context, int(parameters["samples"]), rng, gradient=False)
        if not isinstance(target, Target):
            return Result(undefined=target)
        primary = primary_size(target, parameters)
        found = square(
            target.model,
            target.labels,
            target.perturbation.box(target.inputs, primary),
            queries=int(parameters["queries"]),
            initial_share=float(parameters["initial_share"]),
            rng=rng,
            layout=target.perturbation.layout,
            progress=lambda fraction: context.progress(fraction, "queries"),
        )
        return _result(target, primary, found, int(parameters["queries"]))


def _standing(found: Outcome, queries: int) -> np.ndarray:
    return ~(found.broken & (found.queries <= queries))


def _result(target: Target, primary: float, found: Outcome, queries: int) -> Result:
    budgets = [budget for budget in BUDGETS if budget <= queries]
    curve = [
        robust_metric(
            "robust_accuracy",
            _standing(found, budget),
            size_slice(primary, queries=str(budget)),
            len(budgets),
        )
        for budget in budgets
    ]
    scored = robust_metric(
        "robust_accuracy_primary",
        _standing(found, SCORED_QUERIES),
        size_slice(primary, queries=str(SCORED_QUERIES)),
    )
    return Result(
        metrics=[scored, *curve],
        undefined=list(target.reasons),
        charts=[
            curve_chart(
                Text("Accuracy under Square, by queries", "Square 攻击下的准确率（按查询次数）"),
                Text("queries for each sample", "每个样本的查询次数"),
                budgets,
                curve,
                sign="",
                primary=SCORED_QUERIES,
                chance=target.chance,
            )
        ],
        images=strips(target, found.broken, found.inputs),
        samples={"attacked": target.index.tolist(), "broken": target.index[found.broken].tolist()},
        notes=[*common_notes(target, primary), _BUDGET_NOTE],
    )


_BUDGET_NOTE = Text(
    "The schedule of Square depends on the whole budget; figures at fewer queries are what this run had found by then.",
    "Square 的进度安排取决于总预算；较少查询次数处的数值是本次运行到该时刻为止的结果。",
)
