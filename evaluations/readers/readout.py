"""From what a model puts out to logits, probabilities, scores and labels; and a seed back to the output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluations.readers.label_text import label_texts
from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text

_TINY = 1e-12


@dataclass(frozen=True)
class Readout:
    """How the declared output is read. `kind` is one of logits, probabilities, score, label, value.

    A binary output of one column is the score of `positive` (index of a class); it is cut at `threshold`,
    in the unit of the output (default .5 for probabilities, 0 otherwise).
    """

    kind: str
    classes: tuple[str, ...]
    positive: int
    threshold: float | None = None
    lower_is_better: bool = False

    @classmethod
    def from_manifest(cls, entry: Mapping[str, Any], classes: Sequence[str]) -> Readout:
        """Reads `model.output`, `model.positive` and `model.threshold`."""
        output = entry.get("output", {})
        regression = entry["task"] == "regression"
        positive = str(entry.get("positive", classes[-1] if classes else ""))
        if classes and positive not in classes:
            raise Refused(
                Text(
                    en=f"The positive class “{positive}” is not one of the classes {', '.join(classes[:10])}.",
                    zh=f"正类“{positive}”不在类别 {'、'.join(classes[:10])} 之中。",
                ),
                "manifest.json: model.positive",
            )
        return cls(
            kind="value" if regression else output.get("kind", "logits"),
            classes=tuple(classes),
            positive=classes.index(positive) if classes else 0,
            threshold=entry.get("threshold"),
            lower_is_better=output.get("lower_is_better", False),
        )

    def columns(self, output: Any, n: int) -> np.ndarray:
        """The raw output of one run as n×C (C = classes, or 1). Raises `Refused` when it has another width."""
        if isinstance(output, list) and output and isinstance(output[0], Mapping):  # ai.onnx.ml ZipMap
            rows = [{label: row[key] for key, label in _keys(row).items()} for row in output]
            return np.asarray([[row.get(label, 0.0) for label in self.classes] for row in rows], dtype=np.float32)
        array = np.asarray(output)
        width = array.size // n if n and array.size % n == 0 else 0
        allowed = {1} if self.kind in ("value", "label") else {len(self.classes)} | ({1} if self._binary else set())
        if width not in allowed:
            raise Refused(
                Text(
                    en=f"The output has the shape {list(array.shape)} for {n} samples, which does not fit "
                    f"{len(self.classes)} classes. Name the right output and list all classes in their order.",
                    zh=f"{n} 个样本的输出形状为 {list(array.shape)}，与 {len(self.classes)} 个类别不符。"
                    "请指明正确的输出，并按顺序列出所有类别。",
                ),
                "manifest.json: model.output",
            )
        return array.reshape(n, width)

    def logits(self, output: np.ndarray) -> np.ndarray:
        """n×K (regression n×1); the largest is the label, the declared threshold included."""
        if self.kind == "value":
            return output.astype(np.float32)
        if self.kind == "label":
            return _one_hot(self.indices(output), len(self.classes))
        if self.kind != "probabilities":
            return self.from_inner(output.astype(np.float32))
        clipped = np.clip(output.astype(np.float64), _TINY, 1 - _TINY if output.shape[1] == 1 else None)
        inner = np.log(clipped) - np.log1p(-clipped) if output.shape[1] == 1 else np.log(clipped)
        return self.from_inner(inner.astype(np.float32))

    def from_inner(self, inner: np.ndarray) -> np.ndarray:
        """Logits from what stands before a closing Softmax or Sigmoid (n×K or n×1)."""
        signed = -inner if self.lower_is_better else inner
        if signed.shape[1] == 1 and self._binary:
            wide = np.zeros((len(signed), 2), dtype=np.float32)
            wide[:, self.positive] = signed[:, 0]
            signed = wide
        if self._offset:
            signed = signed.copy()
            signed[:, self.positive] += np.float32(self._offset if self.lower_is_better else -self._offset)
        return signed

    def probabilities(self, output: np.ndarray) -> np.ndarray:
        """n×K. What the model declares as probabilities, else the softmax of its logits (then uncalibrated)."""
        if self.kind == "value":
            return output.astype(np.float32)
        if self.kind != "probabilities" or self.lower_is_better:
            return softmax(self.logits(output))
        if output.shape[1] == 1:
            wide = np.empty((len(output), 2), dtype=np.float32)
            wide[:, self.positive], wide[:, 1 - self.positive] = output[:, 0], 1 - output[:, 0]
            return wide
        return output.astype(np.float32)

    def scores(self, output: np.ndarray) -> np.ndarray:
        """Probabilities where they are declared and their largest is the label, else logits."""
        if self.kind == "probabilities" and not self._offset:
            return self.probabilities(output)
        return self.logits(output)

    def labels(self, output: np.ndarray) -> np.ndarray:
        """Class indices (n, int64)."""
        return self.indices(output) if self.kind == "label" else np.argmax(self.logits(output), axis=1)

    def indices(self, output: np.ndarray) -> np.ndarray:
        """Class indices of an output of labels; numbers are indices only where no class is named by a number."""
        texts = label_texts(output.reshape(-1))
        index = {label: position for position, label in enumerate(self.classes)}
        if not any(label.lstrip("-").isdigit() for label in self.classes):
            index = {str(position): position for position in range(len(self.classes))} | index
        unknown = next((text for text in texts if text not in index), None)
        if unknown is not None:
            raise Refused(
                Text(
                    en=f"The model answered “{unknown}”, which is not one of the declared classes.",
                    zh=f"模型输出了“{unknown}”，它不在声明的类别之中。",
                ),
                "manifest.json: model.classes",
            )
        return np.asarray([index[text] for text in texts], dtype=np.int64)

    def seed_for_inner(self, seed: np.ndarray, width: int) -> np.ndarray:
        """Seed on logits (n×K) → seed on the inner tensor (n×width)."""
        if width == 1 and self._binary:
            seed = seed[:, [self.positive]]
        return np.asarray(-seed if self.lower_is_better else seed, dtype=np.float32)

    def seed_for_output(self, seed: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Seed on logits (n×K) → seed on the declared output (n×C), through the logarithm of probabilities."""
        inner = self.seed_for_inner(seed, output.shape[1])
        if self.kind != "probabilities":
            return inner
        clipped = np.clip(output.astype(np.float64), _TINY, 1 - _TINY if output.shape[1] == 1 else None)
        slope = clipped * (1 - clipped) if output.shape[1] == 1 else clipped
        return (inner / slope).astype(np.float32)

    @property
    def _binary(self) -> bool:
        return len(self.classes) == 2

    @property
    def _offset(self) -> float:
        if self.threshold is None or not self._binary:
            return 0.0
        if self.kind != "probabilities":
            return float(self.threshold)
        share = min(max(float(self.threshold), _TINY), 1 - _TINY)
        return float(np.log(share) - np.log1p(-share))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float32."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def _keys(row: Mapping[Any, float]) -> dict[Any, str]:
    return dict(zip(row, label_texts(np.asarray(list(row), dtype=object)), strict=True))


def _one_hot(indices: np.ndarray, count: int) -> np.ndarray:
    return np.asarray(np.eye(count, dtype=np.float32)[indices])
