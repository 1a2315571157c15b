"""Exact gradients, operator by operator, against central differences of the model itself in double precision."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from evaluations.readers.gradient import GradientGraph, Unsupported, refusal

STEP = 1e-6


def model(nodes, shape, *, constants=None, elem_type=TensorProto.DOUBLE, opset=18, batch="N", domains=()):
    """A graph from `x` to `y`; `nodes` are (operator, inputs, output or outputs, attributes)."""
    dtype = np.float64 if elem_type == TensorProto.DOUBLE else np.float32
    weights = []
    for name, value in (constants or {}).items():
        array = np.asarray(value)
        weights.append(numpy_helper.from_array(array if array.dtype.kind in "ib" else array.astype(dtype), name))
    made = []
    for operator, inputs, outputs, settings in nodes:
        made.append(helper.make_node(operator, inputs, [outputs] if isinstance(outputs, str) else outputs, **settings))
    graph = helper.make_graph(
        made,
        "one",
        [helper.make_tensor_value_info("x", elem_type, [batch, *shape])],
        [helper.make_tensor_value_info("y", elem_type, None)],
        weights,
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(name, 3) for name in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def largest_error(data, x, *, step=STEP):
    """Largest relative error of the gradient in 12 random directions."""
    rng = np.random.default_rng(0)
    graph = GradientGraph(data, "y")
    width = graph.run(x, np.zeros_like(run(data, x)))[0]
    seed = rng.normal(size=width.shape)
    slope = graph.vjp(x, seed).astype(float)
    worst = 0.0
    for _ in range(12):
        direction = rng.normal(size=x.shape)
        ends = [(run(data, (x + sign * step * direction).astype(x.dtype)) * seed).sum() for sign in (1.0, -1.0)]
        measured = (ends[0] - ends[1]) / (2 * step)
        worst = max(worst, abs(measured - (slope * direction).sum()) / (1e-3 + abs(measured)))
    return worst


def run(data, x):
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": x})[0].astype(float)


RNG = np.random.default_rng(3)
A = RNG.normal(size=(6, 4))
V = RNG.normal(size=6)
POSITIVE = RNG.uniform(0.5, 2, size=6)


def one(operator, *, constants=None, inputs=("x",), **settings):
    return [(operator, list(inputs), "y", settings)], constants or {}


ELEMENTWISE = {
    "add": one("Add", constants={"c": V}, inputs=("x", "c")),
    "add_twice": one("Add", inputs=("x", "x")),
    "sub_second": one("Sub", constants={"c": V}, inputs=("c", "x")),
    "mul": one("Mul", constants={"c": V}, inputs=("x", "c")),
    "mul_self": one("Mul", inputs=("x", "x")),
    "div": one("Div", constants={"c": POSITIVE}, inputs=("x", "c")),
    "div_second": one("Div", constants={"c": V}, inputs=("c", "x")),
    "pow": one("Pow", constants={"c": 2.5}, inputs=("x", "c")),
    "sum": one("Sum", constants={"c": V}, inputs=("x", "c", "x")),
    "max": one("Max", constants={"c": POSITIVE}, inputs=("x", "c")),
    "min": one("Min", constants={"c": POSITIVE}, inputs=("x", "c")),
    "neg": one("Neg"),
    "abs": one("Abs"),
    "exp": one("Exp"),
    "log": one("Log"),
    "sqrt": one("Sqrt"),
    "reciprocal": one("Reciprocal"),
    "clip": one("Clip", constants={"lo": np.float64(0.7), "hi": np.float64(1.4)}, inputs=("x", "lo", "hi")),
    "identity": one("Identity"),
    "where": (
        [("Greater", ["x", "c"], "t", {}), ("Mul", ["x", "x"], "s", {}), ("Where", ["t", "s", "x"], "y", {})],
        {"c": POSITIVE},
    ),
}
ONLY_IN_FLOAT32 = {
    "erf": one("Erf"),
    "cos": one("Cos"),
    "sin": one("Sin"),
    "mean": one("Mean", constants={"c": V}, inputs=("x", "c", "x")),
    "relu": one("Relu"),
    "leaky_relu": one("LeakyRelu", alpha=0.2),
    "prelu": one("PRelu", constants={"c": POSITIVE}, inputs=("x", "c")),
    "thresholded_relu": one("ThresholdedRelu", alpha=0.5),
    "elu": one("Elu", alpha=1.3),
    "selu": one("Selu"),
    "sigmoid": one("Sigmoid"),
    "tanh": one("Tanh"),
    "softplus": one("Softplus"),
    "softsign": one("Softsign"),
    "hard_sigmoid": one("HardSigmoid", alpha=0.3, beta=0.4),
    "hard_swish": one("HardSwish"),
}
MATRICES = {
    "matmul": one("MatMul", constants={"w": A}, inputs=("x", "w")),
    "matmul_self": (
        [("Transpose", ["x"], "t", {"perm": [1, 0]}), ("MatMul", ["x", "t"], "y", {})],
        {},
    ),
    "gemm": one("Gemm", constants={"w": A, "b": RNG.normal(size=4)}, inputs=("x", "w", "b"), alpha=0.5, beta=2.0),
    "gemm_trans_b": one("Gemm", constants={"w": A.T.copy()}, inputs=("x", "w"), transB=1),
    "gemm_trans_a": one("Gemm", constants={"w": RNG.normal(size=(3, 4))}, inputs=("x", "w"), transA=1, alpha=1.5),
    "gemm_trans_both": one("Gemm", constants={"w": RNG.normal(size=(4, 3))}, inputs=("x", "w"), transA=1, transB=1),
    "gemm_second": one("Gemm", constants={"w": RNG.normal(size=(5, 3))}, inputs=("w", "x"), alpha=0.7),
    "gemm_second_trans": one("Gemm", constants={"w": RNG.normal(size=(6, 5))}, inputs=("w", "x"), transA=1, transB=1),
    "gemm_bias": one(
        "Gemm", constants={"p": RNG.normal(size=(3, 5)), "w": RNG.normal(size=(5, 6))}, inputs=("p", "w", "x"), beta=3.0
    ),
    "softmax": one("Softmax", axis=1),
    "log_softmax": one("LogSoftmax", axis=-1),
    "reduce_sum": one("ReduceSum", constants={"axes": np.array([1])}, inputs=("x", "axes"), keepdims=0),
    "reduce_mean": one("ReduceMean", constants={"axes": np.array([1])}, inputs=("x", "axes")),
    "reduce_all": ([("ReduceMean", ["x"], "m", {"keepdims": 0}), ("Mul", ["x", "m"], "y", {})], {}),
    "reduce_max": one("ReduceMax", constants={"axes": np.array([1])}, inputs=("x", "axes")),
    "reduce_min": one("ReduceMin", constants={"axes": np.array([1])}, inputs=("x", "axes"), keepdims=0),
    "reduce_l2": one("ReduceL2", constants={"axes": np.array([1])}, inputs=("x", "axes")),
    "reduce_log_sum_exp": one("ReduceLogSumExp", constants={"axes": np.array([1])}, inputs=("x", "axes")),
    "broadcast_column": (
        [("ReduceSum", ["x", "axes"], "s", {"keepdims": 1}), ("Mul", ["s", "x"], "y", {})],
        {"axes": np.array([1])},
    ),
}
LAYOUT = {
    "reshape": one("Reshape", constants={"s": np.array([-1, 2])}, inputs=("x", "s")),
    "flatten": one("Flatten"),
    "transpose": one("Transpose"),
    "concat": one("Concat", constants={"c": RNG.normal(size=(3, 2))}, inputs=("x", "c", "x"), axis=1),
    "split": (
        [("Split", ["x", "parts"], ["a", "b", "c"], {"axis": 1}), ("Mul", ["a", "c"], "y", {})],
        {"parts": np.array([2, 2, 2])},
    ),
    "slice": one(
        "Slice",
        constants={"s": np.array([1]), "e": np.array([6]), "a": np.array([1]), "t": np.array([2])},
        inputs=("x", "s", "e", "a", "t"),
    ),
    "gather_twice": one("Gather", constants={"i": np.array([0, 3, 3])}, inputs=("x", "i"), axis=1),
    "expand": (
        [("Unsqueeze", ["x", "axes"], "u", {}), ("Expand", ["u", "s"], "y", {})],
        {"axes": np.array([1]), "s": np.array([1, 4, 1])},
    ),
    "tile": one("Tile", constants={"r": np.array([1, 3])}, inputs=("x", "r")),
    "pad": one("Pad", constants={"p": np.array([0, 1, 0, 2])}, inputs=("x", "p")),
    "squeeze": (
        [("Unsqueeze", ["x", "axes"], "u", {}), ("Squeeze", ["u", "axes"], "v", {}), ("Mul", ["v", "v"], "y", {})],
        {"axes": np.array([2])},
    ),
}


@pytest.mark.parametrize("name", [*ELEMENTWISE, *MATRICES, *LAYOUT])
def test_gradient_in_double_precision(name):
    nodes, constants = (ELEMENTWISE | MATRICES | LAYOUT)[name]
    x = np.random.default_rng(5).uniform(0.3, 2, size=(3, 6))
    assert largest_error(model(nodes, (6,), constants=constants), x) < 1e-5


@pytest.mark.parametrize("name", ONLY_IN_FLOAT32)
def test_gradient_of_operators_that_the_runtime_has_in_float32_only(name):
    nodes, constants = ONLY_IN_FLOAT32[name]
    x = np.array([[-3.1, -1.2, -0.4, 0.3, 0.8, 2.6]] * 2, dtype=np.float32)
    data = model(nodes, (6,), constants=constants, elem_type=TensorProto.FLOAT)
    assert largest_error(data, x, step=1e-2) < 2e-2


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gradient_of_gelu(approximate):
    x = np.array([[-2.0, -0.5, 0.1, 1.5]], dtype=np.float32)
    nodes, _ = one("Gelu", approximate=approximate)
    assert largest_error(model(nodes, (4,), elem_type=TensorProto.FLOAT, opset=20), x, step=1e-2) < 1e-2


W = RNG.normal(size=(4, 3, 3, 3)) * 0.3
PICTURES = {
    "conv": one("Conv", constants={"w": W, "b": np.ones(4)}, inputs=("x", "w", "b"), pads=[1, 0, 1, 2]),
    "conv_stride": one("Conv", constants={"w": W}, inputs=("x", "w"), strides=[2, 3]),
    "conv_dilated": one("Conv", constants={"w": W}, inputs=("x", "w"), dilations=[2, 2]),
    "conv_same_upper": one("Conv", constants={"w": W}, inputs=("x", "w"), auto_pad="SAME_UPPER", strides=[2, 2]),
    "conv_same_lower": one("Conv", constants={"w": W[:, :, :2, :2].copy()}, inputs=("x", "w"), auto_pad="SAME_LOWER"),
    "conv_group": one("Conv", constants={"w": W[:3, :1].copy()}, inputs=("x", "w"), group=3),
    "conv_transpose": one(
        "ConvTranspose", constants={"w": W[:3].copy()}, inputs=("x", "w"), strides=[2, 2], output_padding=[1, 0]
    ),
    "max_pool": one("MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
    "max_pool_overlap": one("MaxPool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]),
    "average_pool": one("AveragePool", kernel_shape=[2, 2], strides=[2, 2]),
    "average_pool_pads": one("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "average_pool_count": one(
        "AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "global_average_pool": one("GlobalAveragePool"),
    "global_max_pool": one("GlobalMaxPool"),
    "batch_normalization": one(
        "BatchNormalization",
        constants={"s": [1.0, 2.0, 0.5], "b": [0.0, 1.0, 2.0], "m": [0.1, 0.2, 0.3], "v": [1.0, 0.5, 2.0]},
        inputs=("x", "s", "b", "m", "v"),
    ),
    "instance_normalization": one(
        "InstanceNormalization", constants={"s": [1.0, 2.0, 0.5], "b": [0.0, 1.0, 2.0]}, inputs=("x", "s", "b")
    ),
    "layer_normalization": one(
        "LayerNormalization", constants={"s": POSITIVE[:6], "b": V}, inputs=("x", "s", "b"), axis=-1
    ),
    "pad_reflect": one("Pad", constants={"p": np.array([0, 0, 1, 2, 0, 0, 2, 1])}, inputs=("x", "p"), mode="reflect"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_gradient_of_picture_operators(name):
    nodes, constants = PICTURES[name]
    x = np.random.default_rng(2).permutation(2 * 3 * 7 * 6).reshape(2, 3, 7, 6).astype(np.float32) / 40
    data = model(nodes, (3, 7, 6), constants=constants, elem_type=TensorProto.FLOAT)
    assert largest_error(data, x, step=2e-3) < 2e-2


def test_gradient_of_a_network_has_its_closed_form():
    """d⟨s, W₂ᵀ relu(W₁ᵀx + b)⟩/dx = W₁ (1[h > 0] ∘ W₂ s)."""
    rng = np.random.default_rng(0)
    first, bias, second = rng.normal(size=(8, 16)), rng.normal(size=16), rng.normal(size=(16, 3))
    nodes = [
        ("Gemm", ["x", "w", "b"], "h", {}),
        ("Relu", ["h"], "a", {}),
        ("MatMul", ["a", "v"], "y", {}),
    ]
    data = model(nodes, (8,), constants={"w": first, "b": bias, "v": second})
    x, seed = rng.normal(size=(20, 8)), rng.normal(size=(20, 3))
    expected = ((x @ first + bias > 0) * (seed @ second.T)) @ first.T
    assert GradientGraph(data, "y").vjp(x, seed) == pytest.approx(expected, abs=1e-12)


def test_old_opset_with_fixed_batch_is_converted_and_run_one_by_one():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(6, 4)).astype(np.float32)
    nodes = [
        ("Unsqueeze", ["x"], "u", {"axes": [0]}),
        ("Squeeze", ["u"], "s", {"axes": [0]}),
        ("MatMul", ["s", "w"], "y", {}),
    ]
    data = model(nodes, (6,), constants={"w": weights}, elem_type=TensorProto.FLOAT, opset=8, batch=1)
    x, seed = rng.normal(size=(5, 6)).astype(np.float32), rng.normal(size=(5, 4))
    assert GradientGraph(data, "y").vjp(x, seed) == pytest.approx(seed @ weights.T, abs=1e-5)


@pytest.mark.parametrize("transform", ["NONE", "SOFTMAX", "LOGISTIC"])
def test_linear_operators_of_scikit_learn_are_lowered(transform):
    rng = np.random.default_rng(4)
    scaler = helper.make_node(
        "Scaler", ["x"], ["s"], domain="ai.onnx.ml", offset=[0.1, 0.2, 0.3], scale=[2.0, 1.0, 0.5]
    )
    classifier = helper.make_node(
        "LinearClassifier", ["s"], ["label", "p"], domain="ai.onnx.ml", classlabels_ints=[0, 1, 2],
        coefficients=rng.normal(size=9).tolist(), intercepts=[0.1, -0.2, 0.3], post_transform=transform,
    )  # fmt: skip
    normalizer = helper.make_node("Normalizer", ["p"], ["y"], domain="ai.onnx.ml", norm="L1")
    graph = helper.make_graph(
        [scaler, classifier, normalizer],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3]),
        ],
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    data = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    x = rng.normal(size=(1, 3)).astype(np.float32)
    if transform == "NONE":  # the normalizer divides by a sum of absolute values that may be small
        x = np.array([[3.0, -2.0, 1.0]], dtype=np.float32)
    assert refusal(data) is None
    assert largest_error(data, x, step=3e-3) < 2e-2


@pytest.mark.parametrize(
    ("nodes", "constants", "operator"),
    [
        ([("Round", ["x"], "y", {})], {}, "Round"),
        ([("Cast", ["x"], "i", {"to": TensorProto.INT64}), ("Gather", ["w", "i"], "y", {})], {"w": V}, "Gather"),
        ([("CumSum", ["x", "a"], "y", {})], {"a": np.array(1)}, "CumSum"),
        ([("Pow", ["c", "x"], "y", {})], {"c": POSITIVE}, "Pow"),
        ([("Identity", ["c"], "y", {})], {"c": V}, "Output"),
    ],
)
def test_what_has_no_exact_gradient_is_refused_by_name(nodes, constants, operator):
    data = model(nodes, (6,), constants=constants)
    text = refusal(data)
    assert text is not None
    assert operator in text.en
    assert operator in text.zh
    with pytest.raises(Unsupported):
        GradientGraph(data, "y")


def test_trees_are_refused():
    node = helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_values=[0.5, 0.0, 0.0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
        target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0, 2.0],
    )  # fmt: skip
    graph = helper.make_graph(
        [node],
        "tree",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1])],
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8
    )
    text = refusal(made)
    assert text is not None
    assert "TreeEnsembleRegressor" in text.en


def test_only_the_path_to_the_named_output_matters():
    """A label computed beside the scores has no gradient, and needs none."""
    nodes = [("MatMul", ["x", "w"], "y", {}), ("ArgMax", ["y"], "label", {"axis": 1})]
    data = model(nodes, (6,), constants={"w": A})
    proto = onnx.load_model_from_string(data)
    proto.graph.output.append(helper.make_tensor_value_info("label", TensorProto.INT64, None))
    assert refusal(proto.SerializeToString(), "y") is None
