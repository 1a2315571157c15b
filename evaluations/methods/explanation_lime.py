"""Does a local linear explanation hold? LIME on the raw logit (Ribeiro, Singh and Guestrin, KDD 2016).

Measured for each instance: fidelity, the weighted R² of the local model on neighbours it was not fitted on; deletion,
whether taking features away in the order of the explanation lowers the logit faster than random orders do (Petsiuk,
Das and Saenko, BMVC 2018); stability, how far explanations from other seeds name the same leading features.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import statistics
from evaluations.methods.frame import Chart, Context, Image, Metric, Needs, Parameter, Result, Text, ValidationRecord
from evaluations.methods.local_surrogate import (
    chance_jaccard,
    deletion_better,
    explained,
    is_flat,
    leading,
    mean_jaccard,
    weighted_r2,
    weighted_ridge,
)
from evaluations.methods.meanings_transparency import EXPLANATION
from evaluations.methods.neighbourhood import ImageNeighbourhood, Neighbourhood, layout_of, neighbourhood_of
from evaluations.methods.saliency import saliency

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model

Vector = npt.NDArray[np.float64]

LEAST_INSTANCES = 50
MOST_FLAT = 0.2
RESAMPLES = 2_000
PICTURES = 4
SHOWN = 20


@dataclass(frozen=True)
class Explanation:
    """One instance: `fidelity` is None when the logit does not vary around it."""

    row: int
    contributions: Vector
    fidelity: float | None
    deletion_better: float
    jaccard: float


class Lime:
    """Local linear explanations: fidelity, faithfulness, stability."""

    id = "explanation.lime"
    version = "1.0.0"
    title = Text("Fidelity of local explanations (LIME)", "局部解释忠实性（LIME）")
    description = Text(
        "Explains single predictions by a linear model of their neighbourhood and measures whether that explanation "
        "follows the model, names what matters, and stays the same under another seed.",
        "用邻域内的线性模型解释单个预测，并衡量该解释是否贴合模型、是否指出了关键因素，以及更换种子后是否一致。",
    )
    characteristic = "TE"
    needs = Needs(model=True, data_roles=("test",), modalities=("tabular", "image"))
    parameters = (
        Parameter(
            "instances",
            "integer",
            100,
            Text("Instances", "实例数"),
            Text("How many records of the test data are explained.", "解释多少条测试记录。"),
            LEAST_INSTANCES,
            2000,
        ),
        Parameter(
            "neighbours",
            "integer",
            2000,
            Text("Neighbours", "邻点数"),
            Text(
                "For each instance and seed; half of them are held out.",
                "每个实例和种子的邻点数，其中一半留作检验。",
            ),
            200,
            20_000,
        ),
        Parameter(
            "seeds",
            "integer",
            5,
            Text("Seeds", "种子数"),
            Text("Explanations compared for stability.", "用于比较稳定性的解释数量。"),
            2,
            20,
        ),
        Parameter(
            "leading",
            "integer",
            5,
            Text("Leading features (k)", "主要特征数（k）"),
            Text(
                "How many leading features are compared; at most a third of all features.",
                "比较的主要特征数量，最多为全部特征的三分之一。",
            ),
            1,
            20,
        ),
        Parameter(
            "explanation_delivered",
            "boolean",
            False,
            Text("An explanation is delivered with each decision", "随每项决策提供解释"),
            Text(
                "Set when the evaluator has seen that the system delivers an explanation; otherwise the score is "
                "capped.",
                "评估员确认系统随决策提供解释时选择；否则得分受限。",
            ),
        ),
    )
    meanings = EXPLANATION
    validation = ValidationRecord(
        reference=Text(
            "scikit-learn's Ridge and r2_score with sample weights (to 1e-8); a linear model, whose coefficients "
            "must come back.",
            "scikit-learn 的加权 Ridge 与 r2_score（误差 1e-8 以内）；线性模型的系数应被还原。",
        ),
        positive_check=Text(
            "A linear logit in eight features: fidelity 1.00, stability 1.00, deletion better in every instance.",
            "由八个特征构成的线性 logit：贴合度 1.00，稳定性 1.00，所有实例的删除检验均更优。",
        ),
        negative_check=Text(
            "A logit that is a rapid wave of its inputs: fidelity below 0.05. A constant logit: undefined.",
            "logit 为输入的快速波动函数：贴合度低于 0.05。logit 为常数：未定义。",
        ),
        limits=Text(
            "Neighbours leave the data's distribution; the explanation describes the model there too. Segments of an "
            "image are a square grid.",
            "邻点会偏离数据分布，解释也包含了模型在这些区域的行为。图像的分割为方格网。",
        ),
        figures={"linear_fidelity": 1.0, "wave_fidelity_below": 0.05},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """About 3 µs a neighbour for a small model."""
        neighbours = parameters["instances"] * parameters["neighbours"] * parameters["seeds"]
        return float(1 + 3e-6 * neighbours)

    def run(self, context: Context) -> Result:
        data, model = context.bundle.data("test"), context.bundle.model
        if data is None or model is None:
            return Result(undefined=[Text("A model and test data are needed.", "需要模型和测试数据。")])
        if (context.bundle.manifest["model"].get("output") or {}).get("kind") == "label":
            return Result(undefined=[Text("The model gives only labels.", "模型只给出标签。")])
        if data.n < LEAST_INSTANCES:
            return Result(
                undefined=[
                    Text(
                        f"At least {LEAST_INSTANCES} test records are needed; there are {data.n}.",
                        f"至少需要 {LEAST_INSTANCES} 条测试记录；现有 {data.n} 条。",
                    )
                ]
            )
        rng = np.random.default_rng(context.seed)
        rows = np.sort(rng.choice(data.n, min(data.n, int(context.parameters["instances"])), replace=False))
        neighbourhood = neighbourhood_of(context.bundle, data)
        explanations = []
        for place, row in enumerate(rows):
            context.progress(place / len(rows), f"{place + 1}/{len(rows)}")
            explanations.append(_explain(model, neighbourhood, data, int(row), context))
        context.progress(1.0, "")
        return _result(explanations, neighbourhood, data, context)


def _explain(model: Model, around: Neighbourhood, data: Dataset, row: int, context: Context) -> Explanation:
    n, k = int(context.parameters["neighbours"]), _compared(around, context)
    instance = data.inputs[row].reshape(-1)
    shape = data.inputs.shape[1:]
    label = 0 if model.task == "regression" else int(model.labels(data.inputs[row : row + 1])[0])
    fits = []
    fidelity: float | None = None
    for seed in range(int(context.parameters["seeds"])):
        inputs, described, weights = around.draw(instance, n, np.random.default_rng([context.seed, row, seed]))
        target = explained(model, inputs.reshape(n, *shape), label)
        half = n // 2
        coefficients, intercept = weighted_ridge(described[:half], target[:half], weights[:half])
        fits.append(coefficients)
        if seed == 0 and not is_flat(target[half:], weights[half:]):
            fidelity = weighted_r2(target[half:], described[half:] @ coefficients + intercept, weights[half:])
    contributions = around.contributions(instance, fits[0])
    rng = np.random.default_rng([context.seed, row, len(fits)])
    better = deletion_better(model, around, instance.reshape(shape), label, contributions=contributions, rng=rng)
    stability = mean_jaccard([leading(fit, k) for fit in fits])
    return Explanation(row, contributions, fidelity, better, stability)


def _compared(around: Neighbourhood, context: Context) -> int:
    """How many leading elements are compared: of few elements any two choices would agree."""
    return max(1, min(int(context.parameters["leading"]), around.size // 3))


def _result(explanations: list[Explanation], around: Neighbourhood, data: Dataset, context: Context) -> Result:
    valid = [item for item in explanations if item.fidelity is not None]
    result = Result(
        samples={"explained": [item.row for item in explanations]},
        flags={"explanation_delivered": bool(context.parameters["explanation_delivered"])},
    )
    flat_share = 1 - len(valid) / len(explanations)
    if flat_share > MOST_FLAT:
        result.undefined.append(
            Text(
                f"Around {flat_share:.0%} of the instances the logit does not vary, so there is nothing to explain "
                "there.",
                f"在 {flat_share:.0%} 的实例周围，logit 没有变化，因此没有可解释的内容。",
            )
        )
        return result
    fidelity = np.array([item.fidelity for item in valid], dtype=float)
    better = np.array([item.deletion_better for item in valid])
    jaccard = np.array([item.jaccard for item in valid])
    rng = np.random.default_rng([context.seed, len(valid)])
    result.metrics = [
        _resampled("fidelity_r2", fidelity, np.median, rng),
        _share("deletion_better_share", better),
        _resampled("stability_jaccard", jaccard, np.mean, rng),
        Metric("without_local_variance", flat_share, len(explanations), "lower"),
    ]
    result.charts = [_importance(valid, around), _spread(fidelity)]
    if isinstance(around, ImageNeighbourhood):
        result.images = list(_pictures(valid[:PICTURES], around, data, context.bundle))
    result.notes = _notes(_compared(around, context), around)
    return result


def _resampled(name: str, values: Vector, statistic: Any, rng: np.random.Generator) -> Metric:
    """Percentile bootstrap over instances."""
    drawn = statistic(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
    low, bound, high = (float(np.quantile(drawn, level)) for level in (0.025, statistics.ERROR_RATE, 0.975))
    return Metric(name, float(statistic(values)), len(values), "higher", "", low, high, bound, "bootstrap of instances")


def _share(name: str, values: Vector) -> Metric:
    hits, n = float(values.sum()), len(values)
    low, high = statistics.wilson(hits, n)
    return Metric(name, hits / n, n, "higher", "", low, high, statistics.wilson_bound(hits, n), "Wilson")


def _importance(valid: list[Explanation], around: Neighbourhood) -> Chart:
    mean = np.mean([np.abs(item.contributions) for item in valid], axis=0)
    shares = mean / max(float(mean.sum()), np.finfo(float).tiny)
    order = np.argsort(-shares, kind="stable")[:SHOWN]
    groups = [{"group": around.names[index], "value": float(shares[index]), "n": len(valid)} for index in order]
    return Chart("bars", Text("Share in the explanations", "在解释中所占的比重"), {"groups": groups})


def _spread(fidelity: Vector) -> Chart:
    edges = np.linspace(0, 1, 21)
    counts, _ = np.histogram(np.clip(fidelity, 0, 1), edges)
    return Chart(
        "histogram",
        Text("Fidelity of the single explanations", "各个解释的贴合度"),
        {
            "edges": edges.tolist(),
            "counts": counts.tolist(),
            "axis": Text("held-out weighted R²", "留出邻点的加权 R²"),
        },
    )


def _pictures(items: list[Explanation], around: ImageNeighbourhood, data: Dataset, bundle: Bundle) -> Iterator[Image]:
    """The original, what speaks for the class, and what speaks against it."""
    layout = layout_of(bundle, data)
    if layout is None:
        return
    bounds = bundle.preprocessing.range or (float(data.inputs.min()), float(data.inputs.max()))
    for item in items:
        original = layout.to_planes(data.inputs[item.row : item.row + 1])[0]
        heat = layout.to_planes(item.contributions[around.segments][None])[0][0]
        title = Text(
            f"Record {item.row}: original, what speaks for the class, what speaks against it",
            f"记录 {item.row}：原图、支持该类别的区域、反对该类别的区域",
        )
        yield Image(f"explanation_{item.row}", title, saliency(original, heat, bounds))


def _notes(k: int, around: Neighbourhood) -> list[Text]:
    return [
        Text(
            "Fidelity says how far a linear model can stand in for the system near an instance, not that the system "
            "decides for good reasons.",
            "贴合度表示在实例附近线性模型能在多大程度上代表系统，并不表示系统的决定有充分理由。",
        ),
        Text(
            "Deletion compares with the median of 20 random orders: half of all instances would win by chance.",
            "删除检验与 20 个随机顺序的中位数比较：偶然情况下约一半实例会更优。",
        ),
        Text(
            f"Stability compares the {k} leading of {around.size} elements; random choices would share "
            f"{chance_jaccard(k, around.size):.2f}.",
            f"稳定性比较 {around.size} 个元素中最重要的 {k} 个；随机选择的重合度约为 "
            f"{chance_jaccard(k, around.size):.2f}。",
        ),
    ]
