"""Models described: what they take, what they give, and whether tests can look inside."""

from __future__ import annotations

from typing import Any

from evaluations.readers import onnx_graph
from evaluations.readers.description import Description, counted, one_line, size_text
from evaluations.readers.gradient import refusal
from evaluations.readers.model_skops import build, trusted_types
from evaluations.readers.sessions import open_session
from evaluations.readers.table import shortened
from evaluations.readers.text import Text


def describe_onnx(data: bytes, filename: str) -> Description:
    """Parses, checks and loads the model. Raises `Refused` when it cannot be run here."""
    model = onnx_graph.parse(data, filename)
    open_session(data, place=filename)
    facts = onnx_graph.describe(model, len(data))
    refused = refusal(data)
    facts["differentiable"] = refused is None
    taken = [f"{entry['dtype']} {shape_text(entry['shape'])}" for entry in facts["inputs"]]
    given_en, given_zh = _outputs(facts["outputs"])
    summary = one_line(
        [f"ONNX, opset {facts['opset']}", f"input {'; '.join(taken) or 'none'}", given_en, size_text(len(data))],
        [f"ONNX，算子集 {facts['opset']}", f"输入 {'；'.join(taken) or '无'}", given_zh, size_text(len(data))],
    )
    return Description("onnx", summary, facts, tuple(_warnings(facts, refused)))


def describe_skops(data: bytes, filename: str) -> Description:
    """Lists the types in the file against the allow-list and builds the estimator."""
    types = trusted_types(data, filename)
    estimator = build(data, types, filename)
    name, features = type(estimator).__name__, int(getattr(estimator, "n_features_in_", 0))
    classes = [shortened(str(label), 40) for label in list(getattr(estimator, "classes_", []))[:100]]
    summary = one_line(
        [f"skops, {name}", counted(features, "feature"), f"{len(classes)} classes", size_text(len(data))],
        [f"skops，{name}", f"{features} 个特征", f"{len(classes)} 个类别", size_text(len(data))],
    )
    facts = {"estimator": name, "features": features, "classes": classes, "types": types}
    warning = Text(
        en="A skops model cannot be differentiated: attacks will use scores only. ONNX allows more.",
        zh="skops 模型无法求导：攻击测试只能使用得分。提交 ONNX 可进行更多测试。",
    )
    return Description("skops", summary, {**facts, "size": len(data), "differentiable": False}, (warning,))


def shape_text(shape: list[Any]) -> str:
    """[N,1,28,28]; a free first dimension is N whatever the exporter called it."""
    written = [shortened(str(dim), 30) for dim in shape]
    if shape and not isinstance(shape[0], int):
        written[0] = "N"
    return f"[{','.join(written)}]"


def _outputs(outputs: list[dict[str, Any]]) -> tuple[str, str]:
    shape = outputs[0]["shape"] if outputs else []
    if len(outputs) == 1 and len(shape) == 2 and isinstance(shape[1], int):
        count = shape[1]
        return counted(count, "output"), f"{count} 个输出"
    if len(outputs) == 1:
        single = f"{outputs[0]['dtype']} {shape_text(shape)}"
        return f"output {single}", f"输出 {single}"
    written = "; ".join(f"{shortened(out['name'], 40)} {out['dtype']} {shape_text(out['shape'])}" for out in outputs)
    return f"outputs {written}", f"输出 {written}"


def _warnings(facts: dict[str, Any], refused: Text | None) -> list[Text]:
    found = []
    first = facts["inputs"][0]["shape"] if facts["inputs"] else []
    if len(facts["inputs"]) != 1:
        found.append(
            Text(
                en=f"The model takes {len(facts['inputs'])} inputs; the built-in tests feed models with one.",
                zh=f"模型有 {len(facts['inputs'])} 个输入；内置测试只支持单输入模型。",
            )
        )
    elif first and isinstance(first[0], int):
        found.append(
            Text(
                en=f"The batch size is fixed to {first[0]}, which makes tests slower. "
                "Export with a free batch dimension.",
                zh=f"批大小固定为 {first[0]}，会使测试变慢。建议导出时保留可变批次维。",
            )
        )
    if facts["random_operators"]:
        named = ", ".join(facts["random_operators"])
        found.append(
            Text(
                en=f"The model draws random numbers itself ({named}), so its answers cannot be reproduced exactly.",
                zh=f"模型自身生成随机数（{named}），其结果无法精确复现。",
            )
        )
    return found + ([refused] if refused is not None else [])
