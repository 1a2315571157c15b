"""Whether a method fits an object: what it needs against the facts of the bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluations.methods.frame import Method, Misfit, Needs, Text

_ROLES: Mapping[str, Text] = {
    "test": Text("test data", "测试数据"),
    "training": Text("a training sample", "训练样本"),
    "reference": Text("reference data", "参考数据"),
    "deployment": Text("a deployment sample", "部署环境样本"),
    "nonmembers": Text("data of non-members", "非成员数据"),
    "predictions": Text("stored predictions", "已存储的预测结果"),
}
_TASKS: Mapping[str, Text] = {
    "classification": Text("classification", "分类"),
    "regression": Text("regression", "回归"),
}
_MODALITIES: Mapping[str, Text] = {
    "image": Text("images", "图像"),
    "tabular": Text("tables", "表格"),
    "text": Text("text", "文本"),
    "audio": Text("audio", "音频"),
    "timeseries": Text("time series", "时间序列"),
}
_NO_MODEL = ("", "predictions", None)


def misfits(method: Method, facts: Mapping[str, Any]) -> list[Misfit]:
    """Every reason why `method` cannot run on an object with these `Bundle.facts()`; empty when it fits."""
    return [Misfit(reason) for reason in (*_of_inputs(method.needs, facts), *_of_kind(method.needs, facts))]


def _of_inputs(needs: Needs, facts: Mapping[str, Any]) -> Iterator[Text]:
    has_model = facts.get("model") not in _NO_MODEL
    if needs.model and not has_model:
        yield Text("needs a model, and the bundle has none", "需要模型，而数据包中没有")
    if needs.outcome and not has_model and not facts.get("predictions"):
        yield Text(
            "needs a model or a column of predictions, and the bundle has neither",
            "需要模型或预测结果列，而数据包中两者皆无",
        )
    if needs.gradient and not facts.get("differentiable"):
        yield Text("needs exact gradients, which this model does not offer", "需要精确梯度，而该模型不支持")
    rows = dict(facts.get("rows", {}))
    if "test" not in rows and "predictions" in rows:
        rows["test"] = rows["predictions"]
    for role in needs.data_roles:
        if not rows.get(role):
            name = _ROLES[role]
            yield Text(f"needs {name.en}, and the bundle has none", f"需要{name.zh}，而数据包中没有")
    if needs.label and not facts.get("label"):
        yield Text("needs labelled test data", "需要带标签的测试数据")
    if needs.sensitive and not facts.get("sensitive"):
        yield Text("needs a declared sensitive attribute", "需要声明敏感属性")
    if needs.claims and not facts.get("claims"):
        yield Text("needs at least one performance claim", "需要至少一项性能声明")


def _of_kind(needs: Needs, facts: Mapping[str, Any]) -> Iterator[Text]:
    if needs.tasks and facts.get("task") not in needs.tasks:
        names = [_TASKS[task] for task in needs.tasks]
        yield Text(
            f"is made for {' or '.join(name.en for name in names)}",
            f"仅适用于{'或'.join(name.zh for name in names)}任务",
        )
    if needs.modalities and facts.get("modality") not in needs.modalities:
        names = [_MODALITIES[modality] for modality in needs.modalities]
        yield Text(
            f"is made for {' or '.join(name.en for name in names)}",
            f"仅适用于{'或'.join(name.zh for name in names)}数据",
        )
