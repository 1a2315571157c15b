"""How much of its performance a model keeps when inputs are noisy, blurred, incomplete or wrongly typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluations.methods.attack_report import seconds_per_thousand_calls
from evaluations.methods.attack_samples import stratified
from evaluations.methods.corruption import SEVERITIES, Family
from evaluations.methods.corruption_pictures import picture_families
from evaluations.methods.corruption_signals import Signals
from evaluations.methods.corruption_tables import Rows
from evaluations.methods.feature_domains import matching_features, reference_inputs
from evaluations.methods.frame import (
    Chart,
    Context,
    Image,
    Needs,
    Parameter,
    Result,
    Table,
    Text,
    ValidationRecord,
)
from evaluations.methods.meanings_robustness import CORRUPTION
from evaluations.methods.perturbation import picture_grid, picture_range
from evaluations.methods.pictures import picture_layout, strip
from evaluations.methods.retention import Skill, above_chance, above_mean, resampled_skills, retention_metric

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model

MINIMUM = 300
TOO_FEW_TO_SHOW = 30
ENOUGH_ABOVE_CHANCE = 0.2
WORST_AT_SEVERITY = 3
STRIPS = 6


@dataclass(frozen=True)
class Corrupted:
    """What came out: `skills` of the clean data and of each cell, and their bootstrap replicates.

    `retained` is families×5, `replicates` B×families×5, `clean` the skill without corruption.
    """

    families: Sequence[Family]
    clean: float
    retained: np.ndarray
    replicates: np.ndarray
    n: int


class Corruption:
    """Chance-corrected performance kept over families × five severities."""

    id = "robustness.corruption"
    version = "1.0"
    title = Text("Robustness to natural corruption", "自然扰动鲁棒性")
    description = Text(
        "Corrupts the test inputs as everyday use does (noise, blur, missing values, unit slips and the like) at "
        "five "
        "severities and measures which share of the performance above chance remains. Source: Hendrycks and "
        "Dietterich, "
        "ICLR 2019.",
        "按日常使用中的情形（噪声、模糊、缺失值、单位错误等）以五个强度扰动测试输入，"
        "测量高于随机水平的性能保留了多少。"
        "来源：Hendrycks 与 Dietterich，ICLR 2019。",
    )
    characteristic = "RC"
    needs = Needs(model=True, data_roles=("test",), label=True, modalities=("image", "tabular", "timeseries", "audio"))
    parameters = (
        Parameter(
            "samples",
            "integer",
            2000,
            Text("Samples", "样本数"),
            Text(
                "At most so many test samples are used, drawn by class in proportion.",
                "最多使用的测试样本数，按类别比例抽取。",
            ),
            300,
            20_000,
        ),
        Parameter(
            "replicates",
            "integer",
            1000,
            Text("Bootstrap replicates", "自助法重复次数"),
            Text("Resamples from which the intervals are taken.", "用于计算区间的重抽样次数。"),
            200,
            10_000,
        ),
    )
    meanings = CORRUPTION
    validation = ValidationRecord(
        reference=Text(
            "Balanced accuracy of every cell equals scikit-learn's; each corruption equals a hand-computed case.",
            "每个单元的平衡准确率与 scikit-learn 一致；每种扰动与手工计算的例子一致。",
        ),
        positive_check=Text(
            "A model that tells two close grey values apart loses under noise and brightness, the more the stronger.",
            "区分两个相近灰度值的模型在噪声和亮度偏移下性能下降，强度越大下降越多。",
        ),
        negative_check=Text(
            "A model that compares the halves of pictures whose halves differ strongly keeps 100 % in every cell; a "
            "constant model is undefined.",
            "对上下两半差异显著的图像，只比较两半的模型在每个单元保持 100%；常数模型判为无法测定。",
        ),
        limits=Text(
            "The families are examples of what may happen, not a measured frequency of it; a corruption that is "
            "not in the "
            "list may do more harm.",
            "这些扰动类别只是可能情形的示例，并非实际发生的频率；未列出的扰动可能危害更大。",
        ),
        figures={"negative_retention": 1.0},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """One forward pass a cell, the corruption itself, and the bootstrap."""
        samples = int(parameters["samples"])
        return 1.0 + seconds_per_thousand_calls(facts, samples) / 25 + samples * int(parameters["replicates"]) / 4e6

    def run(self, context: Context) -> Result:
        model, data = context.bundle.model, context.bundle.data("test")
        if model is None or data is None or not data.has_labels:
            return Result(undefined=[_NO_MODEL])
        rng = np.random.default_rng(context.seed)
        every = np.arange(data.n)
        strata = data.labels if model.task == "classification" else np.zeros(data.n, dtype=int)
        index = stratified(every, strata, int(context.parameters["samples"]), rng)
        families = families_for(context.bundle, data)
        if len(index) < TOO_FEW_TO_SHOW or not families:
            return Result(undefined=[_too_few(len(index))] if families else [_NO_FAMILY])
        chosen = data.select(index)
        answers, images = _answers(context, model, chosen, families)
        skill = _skill(model, chosen, context.bundle.data("training"))
        whole = skill(np.ones((1, chosen.n)), answers)[0]
        if not whole[0] >= ENOUGH_ABOVE_CHANCE:
            return Result(undefined=[_no_skill(float(whole[0]))])
        replicates = resampled_skills(
            skill,
            answers,
            chosen.n,
            count=int(context.parameters["replicates"]),
            rng=rng,
            progress=lambda fraction: context.progress(0.9 + 0.1 * fraction, "bootstrap"),
        )
        shape = (len(families), len(SEVERITIES))
        found = Corrupted(
            families=families,
            clean=float(whole[0]),
            retained=(whole[1:] / whole[0]).reshape(shape),
            replicates=(replicates[:, 1:] / replicates[:, :1]).reshape(-1, *shape),
            n=chosen.n,
        )
        return _result(found, index, images, model.task)


def families_for(bundle: Bundle, data: Dataset) -> list[Family]:
    """The families that fit a bundle's modality."""
    modality, shape = bundle.profile.get("modality"), data.inputs.shape[1:]
    if modality == "image":
        layout = picture_layout(bundle.preprocessing, shape)
        low, high, _ = picture_range(bundle.preprocessing, data.inputs)
        grid, _ = picture_grid(bundle.preprocessing, data.inputs)
        return picture_families(layout, low, high, grid) if layout is not None else []
    if modality == "tabular" and len(shape) == 1:
        rows = Rows(matching_features(data), reference_inputs(bundle, data)[0])
        return rows.families() if rows.number.any() else []
    if modality in ("timeseries", "audio"):
        low, high = bundle.preprocessing.range or (float(np.nanmin(data.inputs)), float(np.nanmax(data.inputs)))
        return Signals(low, high).families()
    return []


def _answers(
    context: Context, model: Model, data: Dataset, families: Sequence[Family]
) -> tuple[np.ndarray, list[Image]]:
    """The model's labels (or values) on clean inputs and on every cell, (cells + 1)×n; and pictures of severity 3."""
    ask = model.labels if model.task == "classification" else lambda raw: model.scores(raw)[:, 0]
    found = [ask(data.inputs)]
    images: list[Image] = []
    for number, family in enumerate(families):
        for severity in SEVERITIES:
            inputs = family.corrupted(data.inputs, severity, (context.seed, number))
            found.append(ask(inputs))
            if severity == WORST_AT_SEVERITY and len(images) < STRIPS:
                images += _strip(context.bundle, family, data.inputs[0], inputs[0])
            context.progress(0.9 * len(found) / (len(families) * len(SEVERITIES) + 1), f"{family.id} {severity}")
    return np.stack(found), images


def _strip(bundle: Bundle, family: Family, original: np.ndarray, corrupted: np.ndarray) -> list[Image]:
    layout = picture_layout(bundle.preprocessing, original.shape)
    if bundle.profile.get("modality") != "image" or layout is None:
        return []
    low, high, _ = picture_range(bundle.preprocessing, np.stack([original, corrupted]))
    planes = layout.to_planes(np.stack([original, corrupted]))
    title = Text(
        f"{family.title.en}, severity 3: original, corrupted, difference × 10",
        f"{family.title.zh}，强度 3：原图、扰动后、差异 × 10",
    )
    return [Image(f"severity_3_{family.id}", title, strip(planes[0], planes[1], low, high))]


def _skill(model: Model, data: Dataset, training: Dataset | None) -> Skill:
    """Performance above chance: balanced accuracy − 1/K, or 1 − squared error over that of the mean."""
    if model.task == "classification":
        return above_chance(data.labels)
    mean = float(np.mean(training.labels if training is not None and training.has_labels else data.labels))
    return above_mean(data.labels, mean)


def _result(found: Corrupted, index: np.ndarray, images: list[Image], task: str) -> Result:
    n, families = found.n, found.families
    at_three = found.retained[:, WORST_AT_SEVERITY - 1]
    worst = int(at_three.argmin())
    of_worst = found.replicates[:, :, WORST_AT_SEVERITY - 1]
    worst_metric = retention_metric(
        "worst_family_retention_severity_3", float(at_three[worst]), of_worst.min(1), n, 1, family=families[worst].id
    )
    each = [
        retention_metric(
            "family_retention",
            float(found.retained[row].mean()),
            found.replicates[:, row].mean(1),
            n,
            len(families),
            family=family.id,
        )
        for row, family in enumerate(families)
    ]
    return Result(
        metrics=[
            retention_metric("retention", float(found.retained.mean()), found.replicates.mean((1, 2)), n),
            worst_metric,
            *each,
        ],
        undefined=[_too_few(n)] if n < MINIMUM else [],
        tables=[_strengths(families)],
        charts=[_grid(found)],
        images=images,
        samples={"used": index.tolist()},
        notes=_notes(found, families[worst], task),
    )


def _grid(found: Corrupted) -> Chart:
    return Chart(
        "grid",
        Text("Share of the performance above chance that remains", "高于随机水平的性能保留比例"),
        {
            "rows": [family.id for family in found.families],
            "row_titles": [family.title.as_json() for family in found.families],
            "columns": [str(severity) for severity in SEVERITIES],
            "values": found.retained.round(4),
        },
    )


def _strengths(families: Sequence[Family]) -> Table:
    return Table(
        "strengths",
        Text("Strength of each severity", "各强度的参数"),
        (
            Text("Family", "类别"),
            Text("Family (Chinese)", "类别（中文）"),
            Text("Unit", "单位"),
            *(Text(str(severity), str(severity)) for severity in SEVERITIES),
        ),
        tuple((family.title.en, family.title.zh, family.unit, *family.strengths) for family in families),
    )


def _notes(found: Corrupted, worst: Family, task: str) -> list[Text]:
    measure = (
        ("balanced accuracy minus that of guessing", "平衡准确率减去随机猜测水平")
        if task == "classification"
        else ("one minus the squared error over that of the mean predictor", "1 减去相对于均值预测器的平方误差")
    )
    return [
        Text(
            f"Measured as {measure[0]}: {found.clean:.3f} without corruption, on {found.n} samples.",
            f"度量为{measure[1]}：无扰动时为 {found.clean:.3f}，样本数 {found.n}。",
        ),
        Text(
            f"At severity 3 the worst family is: {worst.title.en}. A mean hides such a family; the scheme caps "
            "the score by it.",
            f"强度 3 下最差的类别：{worst.title.zh}。均值会掩盖这一类别；方案据此限制得分上限。",
        ),
        Text(
            "Corrupted inputs are rounded to the data's grid and cut at its range before they reach the model.",
            "扰动后的输入在送入模型前按数据的取值步长取整，并限制在其范围内。",
        ),
        Text(
            "The strengths of noise, blur, contrast, brightness and pixels in pictures are published; all others "
            "are the "
            "scheme's own choice.",
            "图像噪声、模糊、对比度、亮度和像素化的强度取自公开文献；其余由本方案自行规定。",
        ),
    ]


_NO_MODEL = Text("Corruption needs the model and labelled test data.", "扰动测试需要模型和带标签的测试数据。")
_NO_FAMILY = Text(
    "No family of corruption fits this data: no picture, no numeric feature and no signal was recognised.",
    "没有适用于此数据的扰动类别：未识别出图像、数值特征或信号。",
)


def _too_few(n: int) -> Text:
    return Text(
        f"Only {n} test samples; at least {MINIMUM} are needed.", f"只有 {n} 个测试样本；至少需要 {MINIMUM} 个。"
    )


def _no_skill(skill: float) -> Text:
    return Text(
        f"Without corruption the model is only {skill:.3f} above chance; below {ENOUGH_ABOVE_CHANCE} there is "
        "too little "
        "to lose (a constant model would keep everything).",
        f"无扰动时模型仅比随机水平高 {skill:.3f}；低于 {ENOUGH_ABOVE_CHANCE} 时可损失的性能过少（常数模型会“保留”"
        "全部性能）。",
    )
