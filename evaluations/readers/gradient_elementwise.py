"""Gradient rules of operators that work value by value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import onnx

from evaluations.readers.gradient_tape import Tape, Unsupported, attributes, rule

Gradients = Sequence[str | None]
GELU_CUBIC = 0.044715
SELU_ALPHA, SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875  # the standard's defaults


@rule("Identity", "Dropout")
def _identity(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [g, *[None] * (len(node.input) - 1)]


@rule("Cast")
def _cast(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    tape.element_type(node.output[0])  # a cast to an integer is a staircase
    return [tape.op("Cast", g, to=tape.element_type(node.input[0]))]


@rule("Add", "Sum")
def _add(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.unbroadcast(g, x, node.output[0]) if tape.needed(x) else None for x in node.input]


@rule("Mean")
def _mean(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return _add(tape, node, tape.op("Div", g, tape.number(len(node.input), node.output[0])))


@rule("Sub")
def _sub(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, y = node.input
    return [
        tape.unbroadcast(g, x, node.output[0]) if tape.needed(x) else None,
        tape.unbroadcast(tape.op("Neg", g), y, node.output[0]) if tape.needed(y) else None,
    ]


@rule("Mul")
def _mul(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, y = node.input
    return [
        tape.unbroadcast(tape.op("Mul", g, other), one, node.output[0]) if tape.needed(one) else None
        for one, other in ((x, y), (y, x))
    ]


@rule("Div")
def _div(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, y = node.input
    out = node.output[0]
    by_y = None
    if tape.needed(y):
        by_y = tape.unbroadcast(tape.op("Neg", tape.op("Div", tape.op("Mul", g, out), y)), y, out)
    return [tape.unbroadcast(tape.op("Div", g, y), x, out) if tape.needed(x) else None, by_y]


@rule("Pow")
def _pow(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, power = node.input
    if tape.needed(power):
        raise Unsupported("Pow", "with a computed exponent has no gradient rule", "的指数由计算得出，没有梯度规则")
    exponent = tape.op("Cast", power, to=tape.element_type(x))
    slope = tape.op("Mul", exponent, tape.op("Pow", x, tape.op("Sub", exponent, tape.number(1, x))))
    return [tape.unbroadcast(tape.op("Mul", g, slope), x, node.output[0]), None]


@rule("Neg")
def _neg(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Neg", g)]


@rule("Abs")
def _abs(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Mul", g, tape.op("Sign", node.input[0]))]


@rule("Exp")
def _exp(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Mul", g, node.output[0])]


@rule("Log")
def _log(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Div", g, node.input[0])]


@rule("Sqrt")
def _sqrt(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Div", g, tape.op("Mul", tape.number(2, node.input[0]), node.output[0]))]


@rule("Reciprocal")
def _reciprocal(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Neg", tape.op("Mul", g, tape.op("Mul", node.output[0], node.output[0])))]


@rule("Sin")
def _sin(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Mul", g, tape.op("Cos", node.input[0]))]


@rule("Cos")
def _cos(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Neg", tape.op("Mul", g, tape.op("Sin", node.input[0])))]


@rule("Erf")
def _erf(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    bell = tape.op("Exp", tape.op("Neg", tape.op("Mul", x, x)))
    return [tape.op("Mul", g, tape.op("Mul", tape.number(2 / math.sqrt(math.pi), x), bell))]


@rule("Where")
def _where(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    condition, yes, no = node.input
    zero = tape.number(0, node.output[0])
    by_yes = tape.unbroadcast(tape.op("Where", condition, g, zero), yes, node.output[0]) if tape.needed(yes) else None
    by_no = tape.unbroadcast(tape.op("Where", condition, zero, g), no, node.output[0]) if tape.needed(no) else None
    return [None, by_yes, by_no]


@rule("Max", "Min")
def _extreme(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    """Where several inputs share the extreme value, they share the gradient."""
    masks = [tape.mask(tape.op("Equal", x, node.output[0]), node.output[0]) for x in node.input]
    shared = tape.op("Div", g, tape.op("Sum", *masks))
    return [
        tape.unbroadcast(tape.op("Mul", shared, mask), x, node.output[0]) if tape.needed(x) else None
        for x, mask in zip(node.input, masks, strict=True)
    ]


@rule("Clip")
def _clip(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    for bound, comparison in zip(node.input[1:], ("Greater", "Less"), strict=False):
        if bound:
            g = tape.op("Mul", g, tape.mask(tape.op(comparison, x, bound), x))
    return [g, *[None] * (len(node.input) - 1)]


def _step(tape: Tape, x: str, above: str, below: str, g: str) -> Gradients:
    """Slope `above` where x > 0, `below` elsewhere."""
    return [tape.op("Mul", g, tape.op("Where", tape.op("Greater", x, tape.number(0, x)), above, below))]


@rule("Relu")
def _relu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    return [tape.op("Mul", g, tape.mask(tape.op("Greater", x, tape.number(0, x)), x))]


@rule("LeakyRelu")
def _leaky_relu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    return _step(tape, x, tape.number(1, x), tape.number(attributes(node).get("alpha", 0.01), x), g)


@rule("PRelu")
def _prelu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, slope = node.input
    if tape.needed(slope):
        raise Unsupported("PRelu", "with a computed slope has no gradient rule", "的斜率由计算得出，没有梯度规则")
    return [*_step(tape, x, tape.number(1, x), slope, g), None]


@rule("ThresholdedRelu")
def _thresholded_relu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    above = tape.op("Greater", x, tape.number(attributes(node).get("alpha", 1.0), x))
    return [tape.op("Mul", g, tape.mask(above, x))]


@rule("Elu")
def _elu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    alpha = tape.number(attributes(node).get("alpha", 1.0), x)
    return _step(tape, x, tape.number(1, x), tape.op("Add", node.output[0], alpha), g)


@rule("Selu")
def _selu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, settings = node.input[0], attributes(node)
    alpha, gamma = settings.get("alpha", SELU_ALPHA), settings.get("gamma", SELU_GAMMA)
    return _step(tape, x, tape.number(gamma, x), tape.op("Add", node.output[0], tape.number(alpha * gamma, x)), g)


@rule("Sigmoid")
def _sigmoid(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    y = node.output[0]
    return [tape.op("Mul", g, tape.op("Mul", y, tape.op("Sub", tape.number(1, y), y)))]


@rule("Tanh")
def _tanh(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    y = node.output[0]
    return [tape.op("Mul", g, tape.op("Sub", tape.number(1, y), tape.op("Mul", y, y)))]


@rule("Softplus")
def _softplus(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    return [tape.op("Mul", g, tape.op("Sigmoid", node.input[0]))]


@rule("Softsign")
def _softsign(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    below = tape.op("Add", tape.number(1, x), tape.op("Abs", x))
    return [tape.op("Div", g, tape.op("Mul", below, below))]


def _between(tape: Tape, z: str, like: str) -> str:
    """1 where 0 < z < 1."""
    inside = tape.op("And", tape.op("Greater", z, tape.number(0, like)), tape.op("Less", z, tape.number(1, like)))
    return tape.mask(inside, like)


@rule("HardSigmoid")
def _hard_sigmoid(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x, settings = node.input[0], attributes(node)
    alpha = tape.number(settings.get("alpha", 0.2), x)
    z = tape.op("Add", tape.op("Mul", alpha, x), tape.number(settings.get("beta", 0.5), x))
    return [tape.op("Mul", tape.op("Mul", g, alpha), _between(tape, z, x))]


@rule("HardSwish")
def _hard_swish(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    x = node.input[0]
    sixth = tape.number(1 / 6, x)
    z = tape.op("Add", tape.op("Mul", sixth, x), tape.number(0.5, x))
    gate = tape.op("Clip", z, tape.number(0, x), tape.number(1, x))
    slope = tape.op("Add", gate, tape.op("Mul", tape.op("Mul", x, sixth), _between(tape, z, x)))
    return [tape.op("Mul", g, slope)]


@rule("Gelu")
def _gelu(tape: Tape, node: onnx.NodeProto, g: str) -> Gradients:
    slope = _gelu_tanh if attributes(node).get("approximate", "none") == "tanh" else _gelu_exact
    return [tape.op("Mul", g, slope(tape, node.input[0]))]


def _gelu_exact(tape: Tape, x: str) -> str:
    half, root = tape.number(0.5, x), tape.number(math.sqrt(0.5), x)
    below = tape.op("Mul", half, tape.op("Add", tape.number(1, x), tape.op("Erf", tape.op("Mul", x, root))))
    bell = tape.op("Exp", tape.op("Neg", tape.op("Mul", half, tape.op("Mul", x, x))))
    density = tape.op("Mul", tape.number(1 / math.sqrt(2 * math.pi), x), bell)
    return tape.op("Add", below, tape.op("Mul", x, density))


def _gelu_tanh(tape: Tape, x: str) -> str:
    one, half, root = tape.number(1, x), tape.number(0.5, x), tape.number(math.sqrt(2 / math.pi), x)
    square = tape.op("Mul", x, x)
    bent = tape.op("Mul", x, tape.op("Add", one, tape.op("Mul", tape.number(GELU_CUBIC, x), square)))
    t = tape.op("Tanh", tape.op("Mul", root, bent))
    inner = tape.op("Mul", root, tape.op("Add", one, tape.op("Mul", tape.number(3 * GELU_CUBIC, x), square)))
    curve = tape.op("Mul", tape.op("Mul", x, inner), tape.op("Sub", one, tape.op("Mul", t, t)))
    return tape.op("Mul", half, tape.op("Add", tape.op("Add", one, t), curve))
