"""onnxruntime sessions, always made from bytes that `onnx_graph.parse` has let through."""

from __future__ import annotations

import evaluations.readers  # noqa: F401  (sets ORT_DISABLE_TELEMETRY before the next import)

import onnxruntime  # isort: skip
from onnxruntime.capi import onnxruntime_pybind11_state as _states  # isort: skip

from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text

# The runtime's own classes have no ancestor below Exception; pybind adds Python's.
RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    _states.EPFail,
    _states.EngineError,
    _states.Fail,
    _states.InvalidArgument,
    _states.InvalidGraph,
    _states.InvalidProtobuf,
    _states.NoModel,
    _states.NoSuchFile,
    _states.NotImplemented,
    _states.RuntimeException,
    RuntimeError,
    TypeError,
    ValueError,
)


def open_session(model: bytes, *, threads: int = 1, place: str = "model") -> onnxruntime.InferenceSession:
    """A CPU session with `threads` threads inside an operator. Raises `Refused` when the runtime cannot load it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.use_deterministic_compute = True
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        said = _first_sentence(error)
        raise Refused(
            Text(
                en=f"ONNX Runtime {onnxruntime.__version__} cannot load this model: {said} "
                "Export it again with a released opset and standard operators.",
                zh=f"ONNX Runtime {onnxruntime.__version__} 无法加载该模型：{said} "
                "请使用已发布的算子集版本和标准算子重新导出。",
            ),
            place,
        ) from None


def _first_sentence(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:300] + ("…" if len(text) > 300 else "")
