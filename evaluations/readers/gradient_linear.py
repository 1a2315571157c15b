"""Gradient rules of matrix products, convolutions, pooling, normalisation and softmax."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from evaluations.readers.gradient_tape import Tape, Unsupported, attributes, known_attributes, rule

Gradients = Sequence[str | None]


@rule("MatMul")
def _matmul(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    first, second = node.input
    if min(tape.rank(first), tape.rank(second)) < 2:
        raise Unsupported("MatMul", "of a vector has no gradient rule", "作用于向量时没有梯度规则")
    by_first = by_second = None
    if tape.needed(first):
        by_first = _unbatch(tape, tape.op("MatMul", g, _swap_last(tape, second)), first, node)
    if tape.needed(second):
        by_second = _unbatch(tape, tape.op("MatMul", _swap_last(tape, first), g), second, node)
    return [by_first, by_second]


def _swap_last(tape: Tape, name: str) -> str:
    rank = tape.rank(name)
    return tape.op("Transpose", name, perm=[*range(rank - 2), rank - 1, rank - 2])


def _unbatch(tape: Tape, gradient: str, target: str, node: onnx.NodeProto) -> str:
    """Only leading axes can have been broadcast; equal leading axes need nothing."""
    leading = tape.dimensions(target)[:-2]
    if leading == tape.dimensions(node.output[0])[:-2] and None not in leading:
        return gradient
    return tape.unbroadcast(gradient, target, gradient)


@rule("Gemm")
def _gemm(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """Y = α·A'·B' + β·C, where ' may transpose."""
    settings = attributes(node)
    alpha, beta = settings.get("alpha", 1.0), settings.get("beta", 1.0)
    turn_a, turn_b = settings.get("transA", 0), settings.get("transB", 0)
    a, b = node.input[:2]
    gradients: list[str | None] = [None] * len(node.input)
    if tape.needed(a):
        order = (b, g) if turn_a else (g, b)
        turns = {"transA": turn_b, "transB": 1} if turn_a else {"transA": 0, "transB": 1 - turn_b}
        gradients[0] = tape.op("Gemm", *order, alpha=alpha, **turns)
    if tape.needed(b):
        order = (g, a) if turn_b else (a, g)
        turns = {"transA": 1, "transB": turn_a} if turn_b else {"transA": 1 - turn_a, "transB": 0}
        gradients[1] = tape.op("Gemm", *order, alpha=alpha, **turns)
    if len(node.input) > 2 and node.input[2] and tape.needed(node.input[2]):
        scaled = tape.op("Mul", g, tape.number(beta, node.output[0]))
        gradients[2] = tape.unbroadcast(scaled, node.input[2], node.output[0])
    return gradients


def _window(tape: Tape, node: onnx.NodeProto, kernel: Sequence[int]) -> dict[str, list[int]]:
    """Strides, dilations and pads of a sliding window, `auto_pad` worked out from the fixed sizes."""
    settings = attributes(node)
    axes = len(kernel)
    strides = list(settings.get("strides", [1] * axes))
    dilations = list(settings.get("dilations", [1] * axes))
    pads = list(settings.get("pads", [0] * 2 * axes))
    rule_of_padding = settings.get("auto_pad", "NOTSET")
    if rule_of_padding == "VALID":
        pads = [0] * 2 * axes
    elif rule_of_padding in ("SAME_UPPER", "SAME_LOWER"):
        sizes, results = tape.sizes(node.input[0], 2), tape.sizes(node.output[0], 2)
        wide = [
            max(0, (results[i] - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - sizes[i]) for i in range(axes)
        ]
        small, large = [total // 2 for total in wide], [total - total // 2 for total in wide]
        pads = [*small, *large] if rule_of_padding == "SAME_UPPER" else [*large, *small]
    return {"strides": strides, "dilations": dilations, "pads": pads}


def _left_over(tape: Tape, node: onnx.NodeProto, kernel: Sequence[int], window: dict[str, list[int]]) -> list[int]:
    """Trailing rows and columns that no window reached; the transposed convolution must add them back."""
    sizes, results = tape.sizes(node.input[0], 2), tape.sizes(node.output[0], 2)
    axes = len(kernel)
    strides, dilations, pads = window["strides"], window["dilations"], window["pads"]
    return [
        sizes[i] + pads[i] + pads[i + axes] - (results[i] - 1) * strides[i] - dilations[i] * (kernel[i] - 1) - 1
        for i in range(axes)
    ]


@rule("Conv")
def _conv(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    _fixed_weights(tape, node)
    kernel = tape.sizes(node.input[1], 2)
    window: dict[str, Any] = dict(_window(tape, node, kernel))
    window["output_padding"] = _left_over(tape, node, kernel, window)
    group = attributes(node).get("group", 1)
    return [tape.op("ConvTranspose", g, node.input[1], group=group, **window), *[None] * (len(node.input) - 1)]


@rule("ConvTranspose")
def _conv_transpose(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    _fixed_weights(tape, node)
    settings = attributes(node)
    if settings.get("auto_pad", "NOTSET") != "NOTSET" or "output_shape" in settings:
        raise Unsupported(
            "ConvTranspose", "with a computed padding has no gradient rule", "的填充由计算得出，没有梯度规则"
        )
    window = known_attributes(settings, "strides", "dilations", "pads", "group")
    return [tape.op("Conv", g, node.input[1], **window), *[None] * (len(node.input) - 1)]


def _fixed_weights(tape: Tape, node: onnx.NodeProto) -> None:
    if any(tape.needed(name) for name in node.input[1:] if name):
        raise Unsupported(node.op_type, "with computed weights has no gradient rule", "的权重由计算得出，没有梯度规则")


@rule("MaxPool")
def _max_pool(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """The forward pass once more, with the position of each maximum; gradients go to those positions."""
    x = node.input[0]
    settings = attributes(node)
    settings.pop("storage_order", None)
    positions = tape.ops("MaxPool", x, outputs=2, **settings)[1]
    shape, all_in_one = tape.shape(x), tape.integers([-1])
    zeros = tape.op("Expand", tape.number(0, x), tape.op("Reshape", tape.op("Size", x), all_in_one))
    flat = tape.op("Reshape", positions, all_in_one)
    added = tape.op("ScatterElements", zeros, flat, tape.op("Reshape", g, all_in_one), axis=0, reduction="add")
    return [tape.op("Reshape", added, shape)]


@rule("AveragePool")
def _average_pool(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """Each window spreads its gradient evenly over the values it counted."""
    settings, x = attributes(node), node.input[0]
    kernel = list(settings["kernel_shape"])
    window = _window(tape, node, kernel)
    left_over = _left_over(tape, node, kernel, window)
    if any(rest < 0 for rest in left_over):
        raise Unsupported("AveragePool", "with ceil_mode has no gradient rule here", "使用 ceil_mode 时没有梯度规则")
    counts = _window_counts(tape, node, kernel, window, bool(settings.get("count_include_pad", 0)))
    channels = tape.sizes(x, 1)[0]
    ones = tape.number(np.ones((channels, 1, *kernel)), x)
    shared = tape.op("Div", g, tape.number(counts, x))
    return [tape.op("ConvTranspose", shared, ones, group=channels, output_padding=left_over, **window)]


def _window_counts(
    tape: Tape, node: onnx.NodeProto, kernel: Sequence[int], window: dict[str, list[int]], include_pads: bool
) -> np.ndarray:
    """How many values each window averages, shape of one channel of the result."""
    results = tape.sizes(node.output[0], 2)
    if include_pads:
        return np.full(results, math.prod(kernel))
    counts = np.ones(())
    for axis, (result, size) in enumerate(zip(results, tape.sizes(node.input[0], 2), strict=True)):
        starts = np.arange(result) * window["strides"][axis] - window["pads"][axis]
        reached = starts[:, None] + np.arange(kernel[axis]) * window["dilations"][axis]
        counts = np.multiply.outer(counts, ((reached >= 0) & (reached < size)).sum(1))
    return counts


@rule("GlobalAveragePool")
def _global_average_pool(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    shape = tape.shape(x)
    area = tape.op("ReduceProd", tape.op("Slice", shape, tape.integers([2]), tape.integers([99])), keepdims=0)
    return [tape.op("Expand", tape.op("Div", g, tape.op("Cast", area, to=tape.element_type(x))), shape)]


@rule("GlobalMaxPool")
def _global_max_pool(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    axes = tape.integers(list(range(2, tape.rank(x))))
    hit = tape.mask(tape.op("Equal", x, node.output[0]), x)
    return [tape.op("Mul", g, tape.op("Div", hit, tape.op("ReduceSum", hit, axes, keepdims=1)))]


@rule("BatchNormalization")
def _batch_normalization(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    settings = attributes(node)
    if settings.get("training_mode", 0):
        raise Unsupported("BatchNormalization", "in training mode depends on the batch", "处于训练模式，结果取决于批次")
    x, scale, _, _, variance = node.input
    spread = tape.op("Sqrt", tape.op("Add", variance, tape.number(settings.get("epsilon", 1e-5), x)))
    axes = [1, -1, *[1] * (tape.rank(x) - 2)]
    factor = tape.op("Reshape", tape.op("Div", scale, spread), tape.integers(axes))
    return [tape.op("Mul", g, factor), None, None, None, None]


def _normalised(tape: Tape, x: str, g: str, axes: str, epsilon: float) -> str:
    """Gradient by x of g · (x − mean) / √(variance + ε), mean and variance over `axes`."""
    centred = tape.op("Sub", x, tape.op("ReduceMean", x, axes, keepdims=1))
    variance = tape.op("ReduceMean", tape.op("Mul", centred, centred), axes, keepdims=1)
    spread = tape.op("Sqrt", tape.op("Add", variance, tape.number(epsilon, x)))
    unit = tape.op("Div", centred, spread)
    along = tape.op("Mul", unit, tape.op("ReduceMean", tape.op("Mul", g, unit), axes, keepdims=1))
    rest = tape.op("Sub", tape.op("Sub", g, tape.op("ReduceMean", g, axes, keepdims=1)), along)
    return tape.op("Div", rest, spread)


@rule("LayerNormalization")
def _layer_normalization(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    _fixed_weights(tape, node)
    x, settings = node.input[0], attributes(node)
    rank = tape.rank(x)
    axes = tape.integers(list(range(settings.get("axis", -1) % rank, rank)))
    scaled = tape.op("Mul", g, node.input[1])
    return [_normalised(tape, x, scaled, axes, settings.get("epsilon", 1e-5)), *[None] * (len(node.input) - 1)]


@rule("InstanceNormalization")
def _instance_normalization(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    _fixed_weights(tape, node)
    x = node.input[0]
    rank = tape.rank(x)
    per_channel = tape.op("Reshape", node.input[1], tape.integers([1, -1, *[1] * (rank - 2)]))
    axes = tape.integers(list(range(2, rank)))
    epsilon = attributes(node).get("epsilon", 1e-5)
    return [_normalised(tape, x, tape.op("Mul", g, per_channel), axes, epsilon), None, None]


@rule("Softmax")
def _softmax(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    y, axis = node.output[0], attributes(node).get("axis", -1)
    mean = tape.op("ReduceSum", tape.op("Mul", g, y), tape.integers([axis]), keepdims=1)
    return [tape.op("Mul", y, tape.op("Sub", g, mean))]


@rule("LogSoftmax")
def _log_softmax(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    y, axis = node.output[0], attributes(node).get("axis", -1)
    total = tape.op("ReduceSum", g, tape.integers([axis]), keepdims=1)
    return [tape.op("Sub", g, tape.op("Mul", tape.op("Exp", y), total))]
