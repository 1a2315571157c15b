"""How the results of an attack are written down: metrics with intervals, the ε curve, image strips, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluations.methods.attack_samples import Target
from evaluations.methods.frame import Chart, Image, Metric, Parameter, Text
from evaluations.methods.pictures import strip
from evaluations.methods.statistics import wilson, wilson_bound

STRIPS = 6
INTERVAL = "Wilson score, samples only"

SAMPLES = Parameter(
    "samples",
    "integer",
    500,
    Text("Samples", "样本数"),
    Text(
        "How many correctly labelled test samples are attacked, drawn by class in proportion.",
        "受攻击的、原本分类正确的测试样本数，按类别比例抽取。",
    ),
    200,
    10_000,
)
EPSILON = Parameter(
    "epsilon",
    "number",
    0,
    Text("Primary size of perturbation (ε; 0: as the scheme fixes it)", "主要扰动幅度（ε；0 为方案规定值）"),
    Text(
        "The size that is scored, in the unit that the result names. 0: the size that the scheme fixes for this "
        "kind of data.",
        "用于评分的扰动幅度，单位见结果。0 表示采用方案为此类数据规定的幅度。",
    ),
    0,
    10,
)
SIZES_NOTE = Text(
    "ε is measured in raw input values, before mean and standard deviation; each perturbed input lies on the "
    "data's grid "
    "and inside its range, and was put to the model once more after rounding.",
    "ε 以原始输入值度量（在减均值、除标准差之前）；每个扰动后的输入都落在数据的取值步长和范围内，"
    "并在取整后再次输入模型核实。",
)
BOUND_NOTE = Text(
    "Robust accuracy under attack is an upper bound: a stronger attack may break more samples. The interval "
    "covers the "
    "draw of samples, not the strength of the attack.",
    "攻击下的鲁棒准确率是上界：更强的攻击可能攻破更多样本。区间只反映抽样误差，不反映攻击强度。",
)


def primary_size(target: Target, parameters: Mapping[str, float]) -> float:
    """ε that is scored: the parameter, or the scheme's for this kind of data."""
    return float(parameters["epsilon"] or target.perturbation.primary)


def robust_metric(
    name: str, standing: np.ndarray, slice_: Mapping[str, str] | None = None, comparisons: int = 1
) -> Metric:
    """Share of the clean-correct samples that still stand, with Wilson's interval and lower bound."""
    n, count = len(standing), int(standing.sum())
    low, high = wilson(count, n)
    return Metric(
        name, count / n, n, "higher", "share", low, high, wilson_bound(count, n, "lower", comparisons), INTERVAL,
        dict(slice_ or {}),
    )  # fmt: skip


def size_slice(epsilon: float, **more: str) -> dict[str, str]:
    """The slice that names ε; its unit stands in the notes and at the curve."""
    return {"epsilon": f"{epsilon:.6g}", **more}


def curve_chart(
    title: Text, label: Text, x: Sequence[float], metrics: Sequence[Metric], *, sign: str = "ε", **marks: float
) -> Chart:
    """Robust accuracy over ε, or over queries with no `sign`, with its interval band; `marks`: chance, primary."""
    return Chart(
        "curve",
        title,
        {
            "x": [float(value) for value in x],
            "y": [metric.value for metric in metrics],
            "low": [metric.low for metric in metrics],
            "high": [metric.high for metric in metrics],
            "x_label": label.as_json(),
            "sign": sign,
            "y_label": Text("share of clean-correct samples still correct", "仍分类正确的样本比例").as_json(),
            **marks,
        },
    )


def strips(target: Target, broken: np.ndarray, inputs: np.ndarray) -> list[Image]:
    """Up to six pictures of broken samples, of as many classes as there are; none for data that is no picture."""
    layout = target.perturbation.layout
    if layout is None or not broken.any():
        return []
    hit = np.flatnonzero(broken)
    _, first = np.unique(target.labels[hit], return_index=True)
    order = [*hit[np.sort(first)], *np.delete(hit, first)][:STRIPS]
    low, high = float(target.perturbation.low.min()), float(target.perturbation.high.max())
    found = target.model.labels(inputs[order])
    images = []
    for position, row in enumerate(order):
        planes = layout.to_planes(np.stack([target.inputs[row], inputs[row]]))
        was, now = (target.model.classes[int(label)] for label in (target.labels[row], found[position]))
        images.append(
            Image(
                f"strip_{position + 1}",
                Text(
                    f"Sample {target.index[row]}: original ({was}), perturbed ({now}), difference × 10",
                    f"样本 {target.index[row]}：原图（{was}）、扰动后（{now}）、差异 × 10",
                ),
                strip(planes[0], planes[1], low, high),
            )
        )
    return images


def common_notes(target: Target, primary: float) -> list[Text]:
    """What every attack's reader must know."""
    unit = target.perturbation.unit
    return [
        Text(
            f"{target.n} of the test samples that the model labels correctly were attacked "
            f"(clean accuracy {target.clean_accuracy:.1%} of {target.tested}).",
            f"对模型原本分类正确的 {target.n} 个测试样本实施了攻击（{target.tested} 个样本的无攻击准确率为 "
            f"{target.clean_accuracy:.1%}）。",
        ),
        Text(
            f"The primary ε is {primary:.4g}; the unit of ε is: {unit.en}.",
            f"主要 ε 为 {primary:.4g}；ε 的单位：{unit.zh}。",
        ),
        SIZES_NOTE,
        BOUND_NOTE,
        *target.perturbation.notes,
    ]


def seconds_per_thousand_calls(facts: Mapping[str, Any], samples: int) -> float:
    """Rough seconds on one core for 1,000 forward passes over `samples` inputs, from the model's size."""
    seen = facts.get("model_seen") or {}
    size = float(np.prod(facts.get("input_shape") or [64]))
    slides = any("Conv" in str(operator) for operator in seen.get("operators") or [])
    per_sample = (2.5e-8 if slides else 2e-9) * size + 4e-11 * float(seen.get("parameters") or 0)
    return 1000 * (2e-4 + samples * per_sample)
