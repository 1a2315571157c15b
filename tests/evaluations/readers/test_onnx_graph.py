"""Hostile and unusual ONNX models, made here with onnx.helper."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from evaluations.readers import onnx_graph
from evaluations.readers.refusal import Refused

FLOAT = TensorProto.FLOAT


def model_of(
    nodes: list[onnx.NodeProto],
    weights: list[onnx.TensorProto],
    shape: tuple[int | str, ...] = ("N", 2),
    opset: int = 15,
    domains: tuple[tuple[str, int], ...] = (),
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", FLOAT, shape)],
        [helper.make_tensor_value_info("y", FLOAT, None)],
        weights,
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(*domain) for domain in domains)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def weight(values: np.ndarray, name: str = "w") -> onnx.TensorProto:
    return numpy_helper.from_array(values.astype(np.float32), name)


def external(name: str = "w", location: str = "../secret.bin") -> onnx.TensorProto:
    tensor = TensorProto(name=name, data_type=FLOAT, dims=[2, 2], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


ADD = helper.make_node("Add", ["x", "w"], ["y"], name="add")
GOOD = model_of([ADD], [weight(np.ones(2))])


def refused(model: onnx.ModelProto | bytes) -> Refused:
    data = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(Refused) as caught:
        onnx_graph.parse(data, "m.onnx")
    assert caught.value.reason.zh
    return caught.value


def test_good_model_is_described() -> None:
    model = onnx_graph.parse(GOOD.SerializeToString(), "m.onnx")
    facts = onnx_graph.describe(model, 100)
    assert facts["opset"] == 15
    assert facts["operators"] == {"Add": 1}
    assert facts["parameters"] == 2
    assert facts["inputs"] == [{"name": "x", "dtype": "float32", "shape": ["N", 2]}]
    assert facts["free_dims"] == ["N"]


def test_external_weight_is_refused_wherever_it_stands() -> None:
    assert refused(model_of([ADD], [external()])).place == "m.onnx: tensor w"
    inside = helper.make_node("Constant", [], ["w"], value=external("c"))
    assert refused(model_of([inside, ADD], [])).place == "m.onnx: tensor c"


def test_external_weight_in_a_branch_is_refused() -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["hidden"], ["out"])],
        "branch",
        [],
        [helper.make_tensor_value_info("out", FLOAT, None)],
        [external("hidden", "/etc/hostname")],
    )
    condition = numpy_helper.from_array(np.array(True), "c")
    node = helper.make_node("If", ["c"], ["w"], then_branch=branch, else_branch=branch)
    assert refused(model_of([node, ADD], [condition])).place == "m.onnx: tensor hidden"


def test_external_weight_in_a_function_is_refused() -> None:
    body = [
        helper.make_node("Constant", [], ["c"], value=external("deep")),
        helper.make_node("Add", ["a", "c"], ["b"]),
    ]
    function = helper.make_function("own", "F", ["a"], ["b"], body, [helper.make_opsetid("", 15)])
    model = model_of([helper.make_node("F", ["x"], ["y"], domain="own")], [], domains=(("own", 1),))
    model.functions.append(function)
    assert refused(model).place == "m.onnx: tensor deep"


def test_function_of_the_model_itself_is_allowed() -> None:
    body = [helper.make_node("Relu", ["a"], ["b"])]
    function = helper.make_function("own", "F", ["a"], ["b"], body, [helper.make_opsetid("", 15)])
    model = model_of([helper.make_node("F", ["x"], ["y"], domain="own")], [], domains=(("own", 1),))
    model.functions.append(function)
    assert onnx_graph.parse(model.SerializeToString(), "m.onnx").functions


def test_custom_operator_is_refused_by_name() -> None:
    node = helper.make_node("Launch", ["x"], ["y"], name="n1", domain="com.example")
    error = refused(model_of([node], [], domains=(("com.example", 1),)))
    assert error.place == "m.onnx: node n1"
    assert "com.example::Launch" in error.reason.en


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weight_that_is_no_number_is_refused(value: float) -> None:
    assert "1 of 2" in refused(model_of([ADD], [weight(np.array([1.0, value]))])).reason.en


def test_mask_of_minus_infinity_in_a_constant_is_allowed() -> None:
    mask = helper.make_node("Constant", [], ["w"], value=weight(np.array([0.0, -np.inf]), "mask"))
    onnx_graph.parse(model_of([mask, ADD], []).SerializeToString(), "m.onnx")


def test_future_opset_is_refused() -> None:
    assert "999" in refused(model_of([ADD], [weight(np.ones(2))], opset=999)).reason.en


def test_broken_bytes_are_refused() -> None:
    for data in (b"", b"<html></html>", GOOD.SerializeToString()[:-25], b"\x00" * 64):
        assert "not a whole ONNX model" in refused(data).reason.en


def test_giant_shapes_are_refused_before_anything_is_made() -> None:
    shape = numpy_helper.from_array(np.array([200_000, 100_000], dtype=np.int64), "s")
    assert "200,000" in refused(model_of([helper.make_node("ConstantOfShape", ["s"], ["y"])], [shape])).reason.en
    assert refused(model_of([ADD], [weight(np.ones(2))], ("N", 100_000, 100_000))).place == "m.onnx: input x"
    lying = TensorProto(name="w", data_type=FLOAT, dims=[2**20, 2**20])
    assert refused(model_of([ADD], [lying])).place == "m.onnx: tensor w"


def test_tensor_shorter_than_its_shape_is_refused() -> None:
    short = TensorProto(name="w", data_type=FLOAT, dims=[1000], raw_data=b"\0\0\0\0")
    assert "do not match" in refused(model_of([ADD], [short])).reason.en
