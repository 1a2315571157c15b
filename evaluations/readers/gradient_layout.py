"""Gradient rules of operators that move values about or add them up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx

from evaluations.readers.gradient_tape import Tape, Unsupported, attributes, rule

Gradients = Sequence[str | None]


def _first_only(node: onnx.NodeProto, g: str) -> Gradients:
    return [g, *[None] * (len(node.input) - 1)]


@rule("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def _reshape(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return _first_only(node, tape.op("Reshape", g, tape.shape(node.input[0])))


@rule("Transpose")
def _transpose(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    order = attributes(node).get("perm") or list(reversed(range(tape.rank(node.input[0]))))
    return [tape.op("Transpose", g, perm=[int(axis) for axis in np.argsort(order)])]


@rule("Concat")
def _concat(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    axis = attributes(node)["axis"]
    lengths = [tape.op("Gather", tape.shape(x), tape.integers([axis])) for x in node.input]
    return tape.ops("Split", g, tape.op("Concat", *lengths, axis=0), outputs=len(node.input), axis=axis)


@rule("Split")
def _split(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """All outputs are joined again; one that does not lead to the result brings zeros."""
    parts = [tape.gradients.get(y) or tape.op("Mul", y, tape.number(0, node.input[0])) for y in node.output]
    return _first_only(node, tape.op("Concat", *parts, axis=attributes(node).get("axis", 0)))


@rule("Slice", "Gather", "GatherElements", "GatherND", "Expand", "Tile")
def _pick(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """The operator picks values; the same operator on their positions says whose gradient each one is."""
    x = node.input[0]
    shape, size, all_in_one = tape.shape(x), tape.op("Size", x), tape.integers([-1])
    positions = tape.op("Reshape", tape.op("Range", tape.integers(0), size, tape.integers(1)), shape)
    picked = tape.op("Reshape", tape.append(node, positions), all_in_one)
    zeros = tape.op("Expand", tape.number(0, x), tape.op("Reshape", size, all_in_one))
    added = tape.op("ScatterElements", zeros, picked, tape.op("Reshape", g, all_in_one), axis=0, reduction="add")
    return _first_only(node, tape.op("Reshape", added, shape))


@rule("Pad")
def _pad(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    if attributes(node).get("mode", "constant") != "constant":
        return _pick(tape, node, g)
    x = node.input[0]
    axes = [node.input[3]] if len(node.input) > 3 and node.input[3] else []
    return _first_only(node, tape.op("Pad", g, tape.op("Neg", node.input[1]), tape.number(0, x), *axes))


def _axes(tape: Tape, node: onnx.NodeProto) -> str | None:
    """The axes a reduction works on; None when it works on none."""
    if len(node.input) > 1 and node.input[1]:
        known = tape.value(node.input[1])
        if known is None:
            raise Unsupported(node.op_type, "with computed axes has no gradient rule", "的轴由计算得出，没有梯度规则")
        if known.size:
            return tape.integers(known.tolist())
    if attributes(node).get("noop_with_empty_axes", 0):
        return None
    return tape.integers(list(range(tape.rank(node.input[0]))))


def _widen(tape: Tape, node: onnx.NodeProto, name: str, axes: str) -> str:
    """A reduced tensor with its axes kept as length one."""
    return name if attributes(node).get("keepdims", 1) else tape.op("Unsqueeze", name, axes)


@rule("ReduceSum", "ReduceMean")
def _reduce_linear(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, axes = node.input[0], _axes(tape, node)
    if axes is None:
        return _first_only(node, g)
    spread = tape.op("Expand", _widen(tape, node, g, axes), tape.shape(x))
    if node.op_type == "ReduceMean":
        count = tape.op("ReduceProd", tape.op("Gather", tape.shape(x), axes), keepdims=0)
        spread = tape.op("Div", spread, tape.op("Cast", count, to=tape.element_type(x)))
    return _first_only(node, spread)


@rule("ReduceMax", "ReduceMin")
def _reduce_extreme(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """Equal extremes share the gradient."""
    x, axes = node.input[0], _axes(tape, node)
    if axes is None:
        return _first_only(node, g)
    hit = tape.mask(tape.op("Equal", x, _widen(tape, node, node.output[0], axes)), x)
    share = tape.op("Div", hit, tape.op("ReduceSum", hit, axes, keepdims=1))
    return _first_only(node, tape.op("Mul", share, _widen(tape, node, g, axes)))


@rule("ReduceL2")
def _reduce_l2(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, axes = node.input[0], _axes(tape, node)
    if axes is None:
        return _first_only(node, tape.op("Mul", g, tape.op("Sign", x)))
    direction = tape.op("Div", x, _widen(tape, node, node.output[0], axes))
    return _first_only(node, tape.op("Mul", direction, _widen(tape, node, g, axes)))


@rule("ReduceLogSumExp")
def _reduce_log_sum_exp(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, axes = node.input[0], _axes(tape, node)
    if axes is None:
        return _first_only(node, g)
    share = tape.op("Exp", tape.op("Sub", x, _widen(tape, node, node.output[0], axes)))
    return _first_only(node, tape.op("Mul", share, _widen(tape, node, g, axes)))
