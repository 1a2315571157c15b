"""Freeing the batch dimension of a model that was exported for one sample at a time."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

FREE = "batch"


def with_free_batch(model: onnx.ModelProto, input_name: str) -> onnx.ModelProto:
    """A copy whose first dimension is free, and whose Reshapes to [1, …] keep it.

    The copy is a proposal: whoever uses it must compare its answers with those of the original.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value in [*copy.graph.output, *(entry for entry in copy.graph.input if entry.name == input_name)]:
        dims = value.type.tensor_type.shape.dim
        if dims:
            dims[0].ClearField("dim_value")
            dims[0].dim_param = FREE
    del copy.graph.value_info[:]
    _free_reshapes(copy.graph)
    return copy


def _free_reshapes(graph: onnx.GraphProto) -> None:
    shapes = {tensor.name: tensor for tensor in graph.initializer}
    shapes.update(
        {node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant" and node.attribute}
    )
    fixed = set(shapes)
    for position, node in enumerate(graph.node):
        if all(name in fixed for name in node.input):
            fixed.update(node.output)  # computed from constants alone: it has no batch
        elif node.op_type == "Reshape" and node.input[1] in shapes:
            target = numpy_helper.to_array(shapes[node.input[1]])
            if target.size > 1 and target[0] == 1 and -1 not in target:
                name = f"{node.input[1]}_free_{position}"
                freed = np.concatenate([[-1], target[1:]]).astype(np.int64)
                graph.initializer.append(numpy_helper.from_array(freed, name))
                node.input[1] = name
