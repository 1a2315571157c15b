"""Linear operators of the domain ai.onnx.ml, written again in operators that have gradient rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from evaluations.readers.gradient_tape import Unsupported, attributes

POST_TRANSFORMS = {"NONE": "Identity", "SOFTMAX": "Softmax", "LOGISTIC": "Sigmoid"}
TREES = {"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"}


class Lowering:
    """Collects the nodes and constants that take the place of one model's ai.onnx.ml nodes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"lowered/{self._count}"

    def constant(self, value: Sequence[float] | np.ndarray, dtype: type = np.float32) -> str:
        name = self.name()
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def op(self, operator: str, *inputs: str, to: str | None = None, **settings: Any) -> str:
        output = to or self.name()
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **settings))
        return output


def lower(model: onnx.ModelProto) -> None:
    """Replaces, in place, every ai.onnx.ml node. Raises `Unsupported` for one that is not linear."""
    lowering = Lowering()
    for node in model.graph.node:
        if node.domain in ("", "ai.onnx"):
            lowering.nodes.append(node)
        elif node.domain == "ai.onnx.ml" and node.op_type in LOWERED:
            LOWERED[node.op_type](lowering, node)
        elif node.op_type in TREES:
            raise Unsupported(node.op_type, "is piecewise constant: its gradient is zero", "是分段常数函数，梯度为零")
        else:
            raise Unsupported(node.op_type)
    del model.graph.node[:]
    model.graph.node.extend(lowering.nodes)
    model.graph.initializer.extend(lowering.initializers)


def _scaler(lowering: Lowering, node: onnx.NodeProto) -> None:
    settings = attributes(node)
    centred = lowering.op("Sub", node.input[0], lowering.constant(settings["offset"]))
    lowering.op("Mul", centred, lowering.constant(settings["scale"]), to=node.output[0])


def _affine(lowering: Lowering, x: str, rows: int, settings: dict[str, list[float]], to: str | None = None) -> str:
    """x·W + b with one output for each of `rows`; `to` names the result."""
    weights = np.asarray(settings["coefficients"], dtype=np.float32).reshape(rows, -1).T
    product = lowering.op("MatMul", x, lowering.constant(weights))
    return lowering.op("Add", product, lowering.constant(settings.get("intercepts", [0.0] * rows)), to=to)


def _linear_classifier(lowering: Lowering, node: onnx.NodeProto) -> None:
    settings = attributes(node)
    classes = settings.get("classlabels_ints") or settings.get("classlabels_strings") or []
    rows = len(settings.get("intercepts", [])) or len(classes)
    transform = settings.get("post_transform", "NONE")
    if rows < 2 or transform not in POST_TRANSFORMS:
        raise Unsupported(
            "LinearClassifier", f"with post_transform {transform} has no gradient rule", "使用该后变换时没有梯度规则"
        )
    scores = _affine(lowering, node.input[0], rows, settings)
    lowering.op(POST_TRANSFORMS[transform], scores, to=node.output[1])
    if node.output[0]:
        lowering.op("ArgMax", scores, to=node.output[0], axis=1, keepdims=0)


def _linear_regressor(lowering: Lowering, node: onnx.NodeProto) -> None:
    settings = attributes(node)
    if settings.get("post_transform", "NONE") != "NONE":
        raise Unsupported("LinearRegressor", "with a post_transform has no gradient rule", "使用后变换时没有梯度规则")
    _affine(lowering, node.input[0], settings.get("targets", 1), settings, to=node.output[0])


def _normalizer(lowering: Lowering, node: onnx.NodeProto) -> None:
    norm = attributes(node).get("norm", "MAX")
    axis = lowering.constant([1], np.int64)
    if norm == "L1":
        size = lowering.op("ReduceSum", lowering.op("Abs", node.input[0]), axis, keepdims=1)
    elif norm == "L2":
        square = lowering.op("Mul", node.input[0], node.input[0])
        size = lowering.op("Sqrt", lowering.op("ReduceSum", square, axis, keepdims=1))
    else:
        raise Unsupported("Normalizer", f"by {norm} has no gradient rule", "使用该范数时没有梯度规则")
    lowering.op("Div", node.input[0], size, to=node.output[0])


def _imputer(lowering: Lowering, node: onnx.NodeProto) -> None:
    settings = attributes(node)
    if not np.isnan(settings.get("replaced_value_float", 0.0)) or "imputed_value_floats" not in settings:
        raise Unsupported("Imputer", "of a value other than NaN is a jump", "替换的不是 NaN，函数有跳变")
    missing = lowering.op("IsNaN", node.input[0])
    fill = lowering.constant(settings["imputed_value_floats"])
    lowering.op("Where", missing, fill, node.input[0], to=node.output[0])


def _feature_vectorizer(lowering: Lowering, node: onnx.NodeProto) -> None:
    lowering.op("Concat", *node.input, to=node.output[0], axis=1)


def _array_feature_extractor(lowering: Lowering, node: onnx.NodeProto) -> None:
    flat = lowering.op("Reshape", node.input[1], lowering.constant([-1], np.int64))
    lowering.op("Gather", node.input[0], flat, to=node.output[0], axis=-1)


def _zip_map(lowering: Lowering, node: onnx.NodeProto) -> None:
    lowering.op("Identity", node.input[0], to=node.output[0])


LOWERED: dict[str, Callable[[Lowering, onnx.NodeProto], None]] = {
    "Scaler": _scaler,
    "LinearClassifier": _linear_classifier,
    "LinearRegressor": _linear_regressor,
    "Normalizer": _normalizer,
    "Imputer": _imputer,
    "FeatureVectorizer": _feature_vectorizer,
    "ArrayFeatureExtractor": _array_feature_extractor,
    "ZipMap": _zip_map,
}
