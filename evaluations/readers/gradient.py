"""Exact gradients of an ONNX model by its input, without a training framework.

Reverse-mode differentiation (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3) done on the graph:
backward nodes are appended to the forward nodes, and onnxruntime runs both. An operator without a rule makes the
whole model refuse: an estimated gradient would understate the risk (Athalye, Carlini and Wagner, ICML 2018).
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, shape_inference, version_converter

from evaluations.readers import gradient_elementwise, gradient_layout, gradient_linear
from evaluations.readers.gradient_ml import lower
from evaluations.readers.gradient_tape import FLOATING, RULES, Tape, Unsupported
from evaluations.readers.refusal import Refused
from evaluations.readers.sessions import open_session
from evaluations.readers.text import Text

__all__ = ["GradientGraph", "Unsupported", "refusal"]

RULE_MODULES = (gradient_elementwise, gradient_layout, gradient_linear)  # importing them fills RULES
OPSET = 18  # the first in which every reduction takes its axes as an input
IR_VERSION = 4  # the first in which a constant need not be an input, which the converter insists on below
SEED = "gradient/seed"
# Results that do not change with small changes of the input, where ignoring them is exact.
STRUCTURAL = {
    "Shape", "Size", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual",
    "Not", "And", "Or", "Xor", "IsNaN", "IsInf",
}  # fmt: skip
TOLERANCE = 1e-3


class GradientGraph:
    """A model with its backward pass: `vjp` gives d⟨seed, output⟩ / d input.

    Name the tensor before a closing softmax or sigmoid as the output where there is one: after it, a saturated
    model shows no gradient. Raises `Unsupported` when no exact gradient can be made.
    """

    def __init__(self, model_bytes: bytes, output_name: str, threads: int = 1) -> None:
        forward = _prepared(onnx.load_model_from_string(model_bytes), output_name)
        source = _model_input(forward)
        self.input_name = source.name
        axes = source.type.tensor_type.shape.dim
        self._one_by_one = bool(axes) and axes[0].HasField("dim_value") and axes[0].dim_value == 1
        self._dtype = FLOATING[source.type.tensor_type.elem_type]
        self._unchecked: bytes | None = model_bytes
        self._output_name = output_name
        self._threads = threads
        try:
            self._session = open_session(_with_backward(forward).SerializeToString(), threads=threads)
        except Refused as error:
            raise Unsupported("ONNX", error.reason.en, error.reason.zh) from None

    def vjp(self, x: np.ndarray, seed: np.ndarray) -> np.ndarray:
        """Gradient of ⟨seed, output⟩ by the fed input; `x` as fed (n×…), `seed` shaped as the output (n×…)."""
        return self.run(x, seed)[1]

    def run(self, x: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The output and the gradient, in one pass."""
        pairs = [self._both(part, share) for part, share in zip(self._parts(x), self._parts(seed), strict=True)]
        return np.concatenate([value for value, _ in pairs]), np.concatenate([slope for _, slope in pairs])

    def _both(self, x: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = self._session.run(None, {self.input_name: x, SEED: seed})
        if self._unchecked is not None:
            self._check(self._unchecked, x, value)
            self._unchecked = None
        return value, slope.reshape(x.shape)

    def _parts(self, values: np.ndarray) -> list[np.ndarray]:
        values = np.ascontiguousarray(values, dtype=self._dtype)
        return [values[i : i + 1] for i in range(len(values))] if self._one_by_one else [values]

    def _check(self, model: bytes, x: np.ndarray, value: np.ndarray) -> None:
        """Conversion to a newer opset must not have changed the function: compare on the first input met."""
        session = open_session(_with_output(model, self._output_name), threads=self._threads)
        expected = session.run([self._output_name], {self.input_name: x})[0]
        scale = float(np.abs(expected).max(initial=0)) or 1.0
        if expected.shape != value.shape or not np.allclose(value, expected, rtol=0, atol=TOLERANCE * scale):
            raise Unsupported("ONNX", "changes its results with the opset", "转换算子集版本后结果发生变化")


def refusal(model: bytes | onnx.ModelProto, output_name: str | None = None) -> Text | None:
    """Why no exact gradient of this model can be made, or None when it can; the first output by default."""
    parsed = onnx.load_model_from_string(model) if isinstance(model, bytes) else model
    try:
        name = output_name or _first_floating_output(parsed)
        _with_backward(_prepared(parsed, name))
    except Unsupported as error:
        return error.text
    return None


def _prepared(model: onnx.ModelProto, output_name: str) -> onnx.ModelProto:
    """A copy with one output, in standard operators of a recent opset, shapes inferred."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    _prune(copy, output_name)
    lower(copy)
    elem_type = _model_input(copy).type.tensor_type.elem_type
    if elem_type not in FLOATING:
        raise Unsupported("Input", "is not float32 or float64", "不是 float32 或 float64")
    copy.graph.output.append(helper.make_tensor_value_info(output_name, elem_type, None))
    version = next((item.version for item in copy.opset_import if item.domain in ("", "ai.onnx")), OPSET)
    copy.ir_version = max(copy.ir_version, IR_VERSION)
    source = onnx.ValueInfoProto()
    source.CopyFrom(_model_input(copy))
    del copy.graph.input[:]
    copy.graph.input.append(source)  # constants that were inputs too could not be folded
    del copy.opset_import[:]
    copy.opset_import.append(helper.make_opsetid("", version))
    try:
        if version < OPSET:
            copy = version_converter.convert_version(copy, OPSET)
        return shape_inference.infer_shapes(copy, data_prop=True)
    except Exception as error:  # noqa: BLE001 - converter and inference raise many unrelated classes
        raise Unsupported(
            "ONNX",
            f"of opset {version} cannot be converted: {' '.join(str(error).split())[:200]}",
            "算子集版本无法转换",
        ) from None


def _prune(model: onnx.ModelProto, output_name: str) -> None:
    """Leaves only the nodes that lead to one output."""
    wanted, kept = {output_name}, []
    for node in reversed(model.graph.node):
        if any(name in wanted for name in node.output):
            kept.append(node)
            wanted.update(_reads(node))
    if not kept:
        raise Unsupported("Output", f"{output_name} is not computed", f"{output_name} 不是计算结果")
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))
    del model.graph.output[:]


def _reads(node: onnx.NodeProto) -> set[str]:
    """The names a node reads, those its branches capture included."""
    names = set(node.input)
    for item in node.attribute:
        for graph in [item.g, *item.graphs]:
            for inner in graph.node:
                names |= _reads(inner)
    return names - {""}


def _with_output(model_bytes: bytes, name: str) -> bytes:
    """The model with the named tensor among its outputs."""
    model = onnx.load_model_from_string(model_bytes)
    if all(output.name != name for output in model.graph.output):
        model.graph.output.append(helper.make_empty_tensor_value_info(name))
    return model.SerializeToString()  # type: ignore[no-any-return]


def _with_backward(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its backward nodes; outputs: output, gradient; a second input: the seed."""
    graph = model.graph
    source, output = _model_input(model).name, graph.output[0]
    tape = Tape(graph, _reach(graph, source))
    tape.gradients[output.name] = SEED
    for node in reversed(list(graph.node)):
        _go_back(tape, node)
    if source not in tape.gradients or output.name == source:
        raise Unsupported("Output", "does not depend on the input", "与输入无关")
    elem_type = tape.element_type(source)
    gradient = helper.make_tensor_value_info(tape.gradients[source], elem_type, None)
    graph.output.append(gradient)
    graph.input.append(helper.make_tensor_value_info(SEED, elem_type, None))
    graph.node.extend(tape.nodes)
    graph.initializer.extend(tape.initializers)
    return model


def _go_back(tape: Tape, node: onnx.NodeProto) -> None:
    """Adds what one forward node passes back to its inputs."""
    arrived = [name for name in node.output if name in tape.gradients]
    needed = [name for name in _reads(node) if tape.needed(name)]
    if not arrived or not needed or node.op_type in STRUCTURAL:
        return
    if node.op_type not in RULES or (arrived != [node.output[0]] and node.op_type != "Split"):
        raise Unsupported(node.op_type)
    try:
        parts = RULES[node.op_type](tape, node, tape.gradients.get(node.output[0], ""))
    except Unsupported as error:
        raise Unsupported(node.op_type if error.operator == "?" else error.operator, error.en, error.zh) from None
    for name, part in zip(node.input, parts, strict=True):
        if name not in needed:
            continue
        if part is None:
            raise Unsupported(node.op_type, "jumps with the input at one of its arguments", "的某个参数随输入跳变")
        tape.gradients[name] = tape.op("Add", tape.gradients[name], part) if name in tape.gradients else part


def _reach(graph: onnx.GraphProto, source: str) -> set[str]:
    """The tensors that change with the input."""
    reach = {source}
    for node in graph.node:
        if node.op_type not in STRUCTURAL and _reads(node) & reach:
            reach.update(name for name in node.output if name)
    return reach


def _model_input(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [item for item in model.graph.input if item.name not in constants]
    if len(inputs) != 1:
        raise Unsupported("Input", "is not a single tensor", "不是单一张量")
    return inputs[0]


def _first_floating_output(model: onnx.ModelProto) -> str:
    for item in model.graph.output:
        if item.type.tensor_type.elem_type in FLOATING:
            return str(item.name)
    raise Unsupported("Output", "is not a number", "不是数值")
