"""What the gradient rules write on: backward nodes, constants, and what is known of the forward tensors.

A rule gets a forward node and the name of the gradient by its first output, and returns the names of the
gradients by each of its inputs (None: none flows there). All is ONNX (opset 18 or later), nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from evaluations.readers.text import Text

FLOATING: dict[int, type[np.floating[Any]]] = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.DOUBLE: np.float64}

Rule = Callable[["Tape", onnx.NodeProto, str], Sequence[str | None]]
RULES: dict[str, Rule] = {}


class Unsupported(Exception):
    """No exact gradient can be made; `operator` names the ONNX operator, `why` the reason (en, zh)."""

    def __init__(self, operator: str, en: str = "has no gradient rule", zh: str = "没有梯度规则") -> None:
        super().__init__(f"{operator} {en}")
        self.operator, self.en, self.zh = operator, en, zh

    @property
    def text(self) -> Text:
        """The reason as a sentence."""
        return Text(f"No exact gradient: {self.operator} {self.en}.", f"无法求得精确梯度：{self.operator} {self.zh}。")


def rule(*operators: str) -> Callable[[Rule], Rule]:
    """Registers a rule for one or more operators of the standard domain."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operators, function))
        return function

    return register


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The node's attributes as Python values; text as str."""
    values = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in values.items()}


class Tape:
    """Collects backward nodes. Tensors are named, never held."""

    def __init__(self, graph: onnx.GraphProto, reach: set[str]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.gradients: dict[str, str] = {}
        self._reach = reach
        self._count = 0
        self._types: dict[str, int] = {}
        self._shapes: dict[str, tuple[int | str | None, ...]] = {}
        self._known: dict[str, onnx.TensorProto] = {}
        for value in [*graph.value_info, *graph.input, *graph.output]:
            self._note(value)
        for tensor in graph.initializer:
            self._keep(tensor.name, tensor)
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self._keep(node.output[0], node.attribute[0].t)

    def op(self, operator: str, *inputs: str, **settings: Any) -> str:
        """Appends one node with one output and returns that output's name."""
        return self.ops(operator, *inputs, outputs=1, **settings)[0]

    def ops(self, operator: str, *inputs: str, outputs: int, **settings: Any) -> list[str]:
        """Appends one node with several outputs."""
        names = [self._name() for _ in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **settings))
        return names

    def append(self, node: onnx.NodeProto, first_input: str) -> str:
        """Appends a copy of a forward node that reads `first_input` instead of its own first input."""
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = ""
        copy.input[0] = first_input
        del copy.output[:]
        copy.output.append(self._name())
        self.nodes.append(copy)
        return copy.output[0]

    def integers(self, values: Sequence[int] | int) -> str:
        """An int64 constant."""
        return self._constant(np.asarray(values, dtype=np.int64))

    def number(self, value: float | np.ndarray, like: str) -> str:
        """A floating constant of the element type of the forward tensor `like`."""
        return self._constant(np.asarray(value, dtype=FLOATING[self.element_type(like)]))

    def mask(self, condition: str, like: str) -> str:
        """A boolean tensor as 0 and 1 in the element type of the forward tensor `like`."""
        return self.op("Cast", condition, to=self.element_type(like))

    def shape(self, name: str) -> str:
        """The run-time shape of a tensor."""
        return self.op("Shape", name)

    def needed(self, name: str) -> bool:
        """Does the gradient by this tensor lead on to the model's input?"""
        return name in self._reach

    def element_type(self, name: str) -> int:
        """The ONNX element type of a forward tensor; float32 or float64."""
        found = self._types.get(name, 0)
        if found not in FLOATING:
            raise Unsupported(
                onnx.TensorProto.DataType.Name(found) if found else "?",
                "is no number type that gradients are exact in (float32, float64)",
                "不是可精确求梯度的数值类型（float32、float64）",
            )
        return found

    def rank(self, name: str) -> int:
        """The number of axes of a forward tensor."""
        return len(self.dimensions(name))

    def dimensions(self, name: str) -> tuple[int | str | None, ...]:
        """The axes of a forward tensor as inferred: a number, a symbol, or None."""
        if name not in self._shapes:
            raise Unsupported("?", "has a tensor of unknown rank", "含有秩未知的张量")
        return self._shapes[name]

    def sizes(self, name: str, start: int = 0) -> list[int]:
        """The axes of a forward tensor from `start` on, which must be fixed."""
        found = self.dimensions(name)[start:]
        fixed = [axis for axis in found if isinstance(axis, int)]
        if len(fixed) != len(found):
            raise Unsupported("?", "has a picture of free size", "含有尺寸不固定的图像")
        return fixed

    def value(self, name: str) -> np.ndarray | None:
        """A forward tensor's value when the file holds it."""
        return numpy_helper.to_array(self._known[name]) if name in self._known else None

    def unbroadcast(self, gradient: str, target: str, result: str) -> str:
        """Sums a gradient of the shape of `result` down to the shape of the forward tensor `target`."""
        if self._same_shape(target, result):
            return gradient
        shape = self.shape(target)
        wanted, given = self.op("Shape", shape), self.shape(gradient)
        missing = self.op("Sub", self.op("Shape", given), wanted)
        padded = self.op("Concat", self.op("Expand", self.integers([1]), missing), shape, axis=0)
        differs = self.op("NonZero", self.op("Not", self.op("Equal", given, padded)))
        axes = self.op("Reshape", differs, self.integers([-1]))
        return self.op("Reshape", self.op("ReduceSum", gradient, axes, keepdims=1, noop_with_empty_axes=1), shape)

    def _same_shape(self, first: str, second: str) -> bool:
        one, two = self._shapes.get(first), self._shapes.get(second)
        return one is not None and one == two and None not in one

    def _note(self, value: onnx.ValueInfoProto) -> None:
        tensor = value.type.tensor_type
        self._types[value.name] = tensor.elem_type
        if tensor.HasField("shape"):
            self._shapes[value.name] = tuple(
                axis.dim_value if axis.HasField("dim_value") else (axis.dim_param or None) for axis in tensor.shape.dim
            )

    def _keep(self, name: str, tensor: onnx.TensorProto) -> None:
        self._known[name] = tensor
        self._types[name] = tensor.data_type
        self._shapes[name] = tuple(tensor.dims)

    def _constant(self, value: np.ndarray) -> str:
        name = self._name()
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def _name(self) -> str:
        self._count += 1
        return f"gradient/{self._count}"


def known_attributes(settings: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The attributes of those names that the node has."""
    return {name: settings[name] for name in names if name in settings}
