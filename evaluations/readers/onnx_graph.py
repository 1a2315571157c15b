"""ONNX models as untrusted bytes: the whole protobuf is walked before any runtime sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, numpy_helper

from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
MAX_TENSOR = 2**29  # elements of one tensor: 2 GB of float32, the limit of protobuf itself
MAX_INPUT = 2**26  # elements of one input sample
_LISTED = 50  # a description stays short, whatever the file holds
_FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)
_RANDOM = ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli")
_SIZED = ("ConstantOfShape", "Expand", "Tile", "RandomNormal", "RandomUniform")


def parse(data: bytes, place: str) -> onnx.ModelProto:
    """The model, checked. Raises `Refused` naming the tensor or operator at fault."""
    model = _decoded(data, place)
    _check_versions(model, place)
    _check_operators(model, place)
    for tensor in chain(weights(model), constants(model)):
        _check_tensor(tensor, place)
    _check_values(model, place)
    _check_sizes(model, place)
    return model


def nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """Every node: of the graph, of graphs in attributes at any depth, of functions and training graphs."""
    for graph in _graphs(model):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def weights(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every initialiser (sparse ones too), at any depth."""
    for graph in _graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)


def constants(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor that stands in an attribute, wherever it is."""
    for node in nodes(model):
        for attribute in node.attribute:
            yield from _attribute_tensors(attribute)
    for function in model.functions:
        for attribute in function.attribute_proto:
            yield from _attribute_tensors(attribute)


def describe(model: onnx.ModelProto, size: int) -> dict[str, Any]:
    """Facts for a person and for `fits`: versions, signature, operators, parameters, free dimensions."""
    known = {tensor.name for tensor in model.graph.initializer}
    inputs = [_signature(value) for value in model.graph.input if value.name not in known][:_LISTED]
    return {
        "opset": next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0),
        "domains": {shortened(entry.domain) or "ai.onnx": entry.version for entry in model.opset_import[:_LISTED]},
        "ir": model.ir_version,
        "producer": shortened(f"{model.producer_name} {model.producer_version}".strip()),
        "inputs": inputs,
        "outputs": [_signature(value) for value in model.graph.output[:_LISTED]],
        "operators": dict(sorted(Counter(shortened(node.op_type) for node in nodes(model)).items())[:200]),
        "parameters": sum(prod(tensor.dims) for tensor in model.graph.initializer),
        "free_dims": sorted({dim for value in inputs for dim in value["shape"] if isinstance(dim, str)}),
        "random_operators": sorted({node.op_type for node in nodes(model) if node.op_type in _RANDOM}),
        "size": size,
    }


def _decoded(data: bytes, place: str) -> onnx.ModelProto:
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError):
        model = onnx.ModelProto()
    if not model.ir_version or not model.graph.node or not _texts_are_text(model):
        raise Refused(
            Text(
                en="The file is not a whole ONNX model. Export it again and upload the .onnx file itself.",
                zh="该文件不是完整的 ONNX 模型。请重新导出，并上传 .onnx 文件本身。",
            ),
            place,
        )
    return model


def _texts_are_text(model: onnx.ModelProto) -> bool:
    """Whether every name in the model is UTF-8; the library gives bytes instead of text where one is not."""
    waiting: list[Any] = [model]
    while waiting:
        for field, value in waiting.pop().ListFields():
            values = value if field.is_repeated else [value]
            if field.message_type is not None:
                waiting.extend(values)
            elif field.type == field.TYPE_STRING and not all(isinstance(text, str) for text in values):
                return False
    return True


def _check_versions(model: onnx.ModelProto, place: str) -> None:
    newest = onnx.defs.onnx_opset_version()
    for entry in model.opset_import:
        if entry.domain in ("", "ai.onnx") and entry.version > newest:
            raise Refused(
                Text(
                    en=f"The model asks for opset {entry.version}; this portal runs opsets up to {newest}. "
                    "Export it with a lower opset.",
                    zh=f"模型要求算子集 {entry.version}；本平台最高支持 {newest}。请以较低的算子集版本导出。",
                ),
                f"{place}: opset_import",
            )


def _check_operators(model: onnx.ModelProto, place: str) -> None:
    own = {(function.domain, function.name) for function in model.functions}
    for node in nodes(model):
        if node.domain in STANDARD_DOMAINS or (node.domain, node.op_type) in own:
            continue
        operator = f"{shortened(node.domain)}::{shortened(node.op_type)}"
        raise Refused(
            Text(
                en=f"The model uses the operator {operator}, which is not part of standard ONNX (ai.onnx, ai.onnx.ml). "
                "Export it without custom operators; pre- and post-processing belong in the manifest.",
                zh=f"模型使用了非标准 ONNX（ai.onnx、ai.onnx.ml）的算子 {operator}。"
                "请导出不含自定义算子的模型；前后处理请写入清单（manifest）。",
            ),
            f"{place}: node {shortened(node.name or node.op_type)}",
        )


def _check_tensor(tensor: onnx.TensorProto, place: str) -> None:
    where = f"{place}: tensor {shortened(tensor.name or 'constant')}"
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise Refused(
            Text(
                en="The tensor's data lies in another file. Save the model as one file with all weights inside "
                "(onnx.save with save_as_external_data=False).",
                zh="该张量的数据位于另一个文件中。请将模型保存为包含全部权重的单个文件"
                "（onnx.save，save_as_external_data=False）。",
            ),
            where,
        )
    if any(dim < 0 for dim in tensor.dims) or prod(tensor.dims) > MAX_TENSOR:
        raise _too_large(tensor.dims, where)


def _check_values(model: onnx.ModelProto, place: str) -> None:
    for tensor in weights(model):
        _check_finite(tensor, place, infinity_allowed=False)
    for tensor in constants(model):  # a mask made by a Constant node may hold −inf; a weight may not
        _check_finite(tensor, place, infinity_allowed=True)


def _check_finite(tensor: onnx.TensorProto, place: str, *, infinity_allowed: bool) -> None:
    if tensor.data_type not in _FLOATS:
        return
    where = f"{place}: tensor {shortened(tensor.name or 'constant')}"
    values = _values(tensor, where)
    bad = np.isnan(values) if infinity_allowed else ~np.isfinite(values)
    if bad.any():
        raise Refused(
            Text(
                en=f"{int(bad.sum()):,} of {values.size:,} weights are NaN or infinite, so the model cannot give "
                "meaningful answers. Check the training run and export again.",
                zh=f"{values.size:,} 个权重中有 {int(bad.sum()):,} 个为 NaN 或无穷大，模型无法给出有意义的结果。"
                "请检查训练过程后重新导出。",
            ),
            where,
        )


def _values(tensor: onnx.TensorProto, where: str) -> np.ndarray:
    values = _array(tensor, where)
    return values if values.dtype.kind == "f" else values.astype(np.float32)  # bfloat16 is not numpy's own


def _array(tensor: onnx.TensorProto, where: str) -> np.ndarray:
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise Refused(
            Text(
                en="The tensor's bytes do not match its declared shape. Export the model again.",
                zh="张量的字节数与其声明的形状不符。请重新导出模型。",
            ),
            where,
        ) from error


def _check_sizes(model: onnx.ModelProto, place: str) -> None:
    for value in model.graph.input:
        shape = [dim for dim in _signature(value)["shape"][1:] if isinstance(dim, int)]
        if prod(shape) > MAX_INPUT:
            raise _too_large(shape, f"{place}: input {shortened(value.name)}")
    known = _integer_constants(model, place)
    for node in nodes(model):
        if node.op_type not in _SIZED:
            continue
        wanted = [known[name] for name in node.input if name in known]
        wanted += [list(attribute.ints) for attribute in node.attribute if attribute.name == "shape"]
        for shape in wanted:
            if prod(max(0, int(dim)) for dim in shape) > MAX_TENSOR:
                raise _too_large(shape, f"{place}: node {shortened(node.name or node.op_type)}")


def _integer_constants(model: onnx.ModelProto, place: str) -> dict[str, list[int]]:
    """Values of the small one-dimensional int64 constants: the shapes that the graph asks for."""
    found = {tensor.name: tensor for graph in _graphs(model) for tensor in graph.initializer}
    for node in nodes(model):
        if node.op_type == "Constant" and node.output:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    found[node.output[0]] = attribute.t
                elif attribute.name == "value_ints":
                    found[node.output[0]] = numpy_helper.from_array(np.array(attribute.ints, dtype=np.int64))
    small = {name: tensor for name, tensor in found.items() if len(tensor.dims) == 1 and tensor.dims[0] <= 16}
    return {
        name: [int(value) for value in _array(tensor, f"{place}: tensor {shortened(name)}")]
        for name, tensor in small.items()
        if tensor.data_type == TensorProto.INT64
    }


def _too_large(shape: Any, where: str) -> Refused:
    written = " × ".join(f"{int(dim):,}" for dim in shape)
    return Refused(
        Text(
            en=f"The shape {written} is larger than this portal runs. Reduce the model or its input.",
            zh=f"形状 {written} 超出本平台可运行的范围。请减小模型或其输入。",
        ),
        where,
    )


def _graphs(model: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    waiting = [model.graph]
    for training in model.training_info:
        waiting += [training.initialization, training.algorithm]
    for function in model.functions:
        waiting += [graph for node in function.node for graph in _inner(node)]
    while waiting:
        graph = waiting.pop()
        yield graph
        waiting += [inner for node in graph.node for inner in _inner(node)]


def _inner(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    graphs = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return graphs + [graph for attribute in node.attribute for graph in attribute.graphs]


def _attribute_tensors(attribute: onnx.AttributeProto) -> Iterator[onnx.TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    for sparse in ([attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []) + list(
        attribute.sparse_tensors
    ):
        yield from (sparse.values, sparse.indices)


def _signature(value: onnx.ValueInfoProto) -> dict[str, Any]:
    """Name, element type and shape; a free dimension is its name, or "?"."""
    kind = value.type.WhichOneof("value") or "unknown"
    tensor = value.type.tensor_type
    if kind != "tensor_type":
        return {"name": shortened(value.name), "dtype": kind.removesuffix("_type"), "shape": []}
    try:
        dtype = TensorProto.DataType.Name(tensor.elem_type).lower()
    except ValueError:
        dtype = "undefined"
    dtype = {"float": "float32", "double": "float64"}.get(dtype, dtype)
    shape = [
        dim.dim_value if dim.HasField("dim_value") else (shortened(dim.dim_param, 30) or "?")
        for dim in tensor.shape.dim
    ]
    return {"name": shortened(value.name), "dtype": dtype, "shape": shape}
