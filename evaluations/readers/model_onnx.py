"""An ONNX model as a `Model`: run in onnxruntime, differentiated by `gradient.py`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import onnx
import onnxruntime

from evaluations.readers import onnx_graph
from evaluations.readers.batching import with_free_batch
from evaluations.readers.gradient import GradientGraph, refusal
from evaluations.readers.model import Model, batches
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout, softmax
from evaluations.readers.refusal import Refused
from evaluations.readers.sessions import RUNTIME_ERRORS, open_session
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
}

_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)")
_NOT_SOUND: tuple[type[Exception], ...] = (*RUNTIME_ERRORS, Refused)


class OnnxModel(Model):
    """`data` is the file's bytes, `entry` the manifest's `model`. Raises `Refused` when it cannot be tested."""

    def __init__(
        self, data: bytes, entry: Mapping[str, Any], readout: Readout, preprocessing: Preprocessing, threads: int = 1
    ) -> None:
        super().__init__(entry["task"], readout, preprocessing)
        self._data, self._place, self._threads = data, entry["file"], threads
        self._proto = onnx_graph.parse(data, self._place)
        self._original = open_session(data, threads=threads, place=self._place)
        self._sessions: dict[int, onnxruntime.InferenceSession] = {threads: self._original}
        self._input = self._chosen_input(entry.get("input"))
        self._output_name = self._chosen_output(entry.get("output", {}).get("name"))
        self._working = self._working_model()
        self._session = open_session(self._working.SerializeToString(), threads=threads, place=self._place)
        self._inner = self._verified_inner()
        self._trailing_shape: tuple[int, ...] | None = None

    @property
    def free_batch(self) -> bool:
        return not isinstance(self._input.shape[0], int)

    @property
    def deterministic(self) -> bool:
        return not self.facts()["random_operators"]

    def facts(self) -> dict[str, Any]:
        return onnx_graph.describe(self._proto, len(self._data))

    @cached_property
    def gradient_refusal(self) -> Text | None:
        if self.readout.kind == "label":
            return Text(
                en="The model puts out labels only; without scores there is no gradient.",
                zh="模型仅输出类别，没有得分，因此没有梯度。",
            )
        return refusal(self._working, self._inner or self._output_name)

    def output(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        return self._evaluate(self._session, self._width(self._session), raw, batch, self._output_name)

    def logits(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        if self._inner is None:
            return super().logits(raw, batch)
        session = self._session
        return self.readout.from_inner(self._evaluate(session, self._width(session), raw, batch, self._inner))

    def run(self, raw: np.ndarray, *, threads: int = 1, batch: int | None = None) -> np.ndarray:
        if threads not in self._sessions:
            self._sessions[threads] = open_session(self._data, threads=threads, place=self._place)
        return self._evaluate(self._sessions[threads], self._width(self._original), raw, batch, self._output_name)

    def gradient(self, raw: np.ndarray, seed: np.ndarray) -> np.ndarray:
        if self.gradient_refusal is not None:
            return super().gradient(raw, seed)
        raw = np.asarray(raw, dtype=np.float32)
        found = np.empty_like(raw)
        width = self._width(self._session)
        for part in batches(len(raw), raw[0].size if len(raw) else 1, width):
            found[part] = self._gradient_part(raw[part], seed[part], width)
        return found

    def _gradient_part(self, raw: np.ndarray, seed: np.ndarray, width: int | None) -> np.ndarray:
        n = len(raw)
        if width is not None and n < width:
            padding = [*range(n), *[n - 1] * (width - n)]
            raw, seed = raw[padding], seed[padding]
        fed = self._fed(raw)
        if self._inner is not None:
            back = self.readout.seed_for_inner(seed, int(np.prod(self._trailing(fed), dtype=int)))
        else:
            back = self.readout.seed_for_output(seed, self.output(raw, len(raw)))
        back = back.reshape(len(raw), *self._trailing(fed))
        slope = self._gradient_graph.vjp(fed, back)
        return self.preprocessing.back(np.asarray(slope, dtype=np.float32).reshape(raw.shape))[:n]

    @cached_property
    def _gradient_graph(self) -> GradientGraph:
        return GradientGraph(self._working.SerializeToString(), self._inner or self._output_name, self._threads)

    def _trailing(self, fed: np.ndarray) -> tuple[int, ...]:
        """Shape, for one sample, of the tensor that is differentiated."""
        if self._trailing_shape is None:
            name = self._inner or self._output_name
            self._trailing_shape = np.asarray(self._run(self._session, name, fed)).shape[1:]
        return self._trailing_shape

    def _evaluate(
        self, session: onnxruntime.InferenceSession, width: int | None, raw: np.ndarray, batch: int | None, name: str
    ) -> np.ndarray:
        """The named output over all samples, n×C; a fixed batch is filled up by repeating the last sample."""
        raw = np.asarray(raw, dtype=np.float32)
        n = len(raw)
        parts = []
        for part in batches(n, raw[0].size if n else 1, width or batch):
            fed = self._fed(raw[part])
            missing = (width or len(fed)) - len(fed)
            if missing:
                fed = np.concatenate([fed, np.repeat(fed[-1:], missing, axis=0)])
            answer = self._run(session, name, fed)
            columns = self.readout.columns(answer, len(fed)) if name != self._inner else answer.reshape(len(fed), -1)
            parts.append(columns[: len(fed) - missing])
        return np.concatenate(parts) if parts else np.zeros((0, max(1, len(self.classes))), dtype=np.float32)

    def _run(self, session: onnxruntime.InferenceSession, name: str, fed: np.ndarray) -> Any:
        try:
            return session.run([name], {self._input.name: fed})[0]
        except RUNTIME_ERRORS as error:
            said = shortened(" ".join(str(error).split()), 200)
            raise Refused(
                Text(
                    en=f"The model stopped with an error on {len(fed)} samples of shape {list(fed.shape[1:])}: {said}",
                    zh=f"模型在 {len(fed)} 个形状为 {list(fed.shape[1:])} 的样本上出错：{said}",
                ),
                self._place,
            ) from None

    def _fed(self, raw: np.ndarray) -> np.ndarray:
        fed = self.preprocessing.feed(raw)
        if fed[0].size != int(np.prod(self._shape_for(raw.shape[1:]), dtype=int)):
            raise self._misfit(raw.shape[1:])
        return fed.reshape(len(fed), *self._shape_for(raw.shape[1:])).astype(self._dtype)

    @property
    def _dtype(self) -> Any:
        return _DTYPES[self._input.type]

    def _shape_for(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of one fed sample: the model's own where it is fixed, else the sample's."""
        dims = self._input.shape[1:]
        size = int(np.prod(sample, dtype=int))
        fixed = [dim for dim in dims if isinstance(dim, int)]
        if len(fixed) == len(dims):
            return tuple(fixed)
        known = int(np.prod(fixed, dtype=int))
        if len(fixed) == len(dims) - 1 and known and size % known == 0:
            return tuple(dim if isinstance(dim, int) else size // known for dim in dims)
        if len(sample) == len(dims):
            return sample
        raise self._misfit(sample)

    def _misfit(self, sample: tuple[int, ...]) -> Refused:
        return Refused(
            Text(
                en=f"A sample has the shape {list(sample)}, but the model takes {self._input.shape}. "
                "Correct the features of the data, or shape and layout in model.preprocessing.",
                zh=f"样本形状为 {list(sample)}，而模型输入为 {self._input.shape}。"
                "请更正数据特征，或 model.preprocessing 中的 shape 与 layout。",
            ),
            "manifest.json: model.preprocessing.shape",
        )

    def _chosen_input(self, name: str | None) -> onnxruntime.NodeArg:
        inputs = self._original.get_inputs()
        chosen = next((entry for entry in inputs if name in (None, entry.name)), None)
        listed = ", ".join(f"{shortened(entry.name)} {entry.type} {entry.shape}" for entry in inputs)
        if chosen is None or len(inputs) != 1 or not chosen.shape or chosen.type not in _DTYPES:
            raise Refused(
                Text(
                    en=f"Tests feed one tensor of numbers with a batch axis; this model takes: {listed}.",
                    zh=f"测试只输入一个带批次维的数值张量；该模型的输入为：{listed}。",
                ),
                "manifest.json: model.input",
            )
        return chosen

    def _chosen_output(self, name: str | None) -> str:
        names = [entry.name for entry in self._original.get_outputs()]
        if name is None:
            numeric = [entry.name for entry in self._original.get_outputs() if entry.type not in _LABELS]
            return str((names if self.readout.kind == "label" else numeric or names)[0])
        if name not in names:
            raise Refused(
                Text(
                    en=f"The model has no output “{shortened(name)}”; it has: {', '.join(names[:10])}.",
                    zh=f"模型没有名为“{shortened(name)}”的输出；其输出为：{'、'.join(names[:10])}。",
                ),
                "manifest.json: model.output.name",
            )
        return str(name)

    def _working_model(self) -> onnx.ModelProto:
        """The model that tests run: with a free batch where that is sound, and its logits put out too."""
        candidate = self._proto
        if self._input.shape[0] == 1:
            freed = with_free_batch(self._proto, self._input.name)
            if self._same_answers(freed):
                candidate = freed
        inner = _before_closing(candidate.graph, self._output_name)
        if inner is None or self.readout.kind != "probabilities":
            return candidate
        copy = onnx.ModelProto()
        copy.CopyFrom(candidate)
        if inner not in {value.name for value in copy.graph.output}:
            copy.graph.output.append(onnx.helper.make_empty_tensor_value_info(inner))
        return copy

    def _same_answers(self, freed: onnx.ModelProto) -> bool:
        try:
            session = open_session(freed.SerializeToString(), threads=self._threads, place=self._place)
            samples = self._probes(3)
            together = np.asarray(session.run([self._output_name], {self._input.name: samples})[0])
            alone = [self._original.run([self._output_name], {self._input.name: samples[[i]]})[0] for i in range(3)]
            expected = np.concatenate(alone)
        except _NOT_SOUND:  # the original is then run sample by sample
            return False
        scale = float(np.abs(expected).max()) or 1.0
        return together.shape == expected.shape and bool(np.allclose(together, expected, rtol=0, atol=1e-5 * scale))

    def _probes(self, n: int) -> np.ndarray:
        """Random fed samples, to compare two ways of running. Raises `Refused` when their shape is unknown."""
        dims = self._input.shape[1:]
        shape = self.preprocessing.shape or tuple(dims)
        if not all(isinstance(dim, int) for dim in shape):
            raise self._misfit(())
        low, high = self.range or (0.0, 1.0)
        return self._fed(np.random.default_rng(0).uniform(low, high, (n, *shape)).astype(np.float32))

    def _verified_inner(self) -> str | None:
        """Name of the tensor before a closing Softmax or Sigmoid, if its softmax or sigmoid is the output."""
        outputs = [entry.name for entry in self._session.get_outputs()]
        inner = _before_closing(self._working.graph, self._output_name)
        if self.readout.kind != "probabilities" or inner not in outputs:
            return None
        width = self._width(self._session) or 3
        try:
            answer, before = self._session.run([self._output_name, inner], {self._input.name: self._probes(width)})
        except _NOT_SOUND:
            return None
        answer, before = np.asarray(answer).reshape(width, -1), np.asarray(before).reshape(width, -1)
        again = softmax(before) if before.shape[1] > 1 else 1 / (1 + np.exp(-before))
        return inner if answer.shape == before.shape and bool(np.allclose(answer, again, atol=1e-5)) else None

    def _width(self, session: onnxruntime.InferenceSession) -> int | None:
        """The fixed batch of a session's input, or None when it is free."""
        first = next(entry for entry in session.get_inputs() if entry.name == self._input.name).shape[0]
        return first if isinstance(first, int) else None


def _before_closing(graph: onnx.GraphProto, output: str) -> str | None:
    for node in graph.node:
        if output in node.output and node.domain in ("", "ai.onnx") and node.op_type in ("Softmax", "Sigmoid"):
            return str(node.input[0])
    return None
