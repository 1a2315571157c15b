"""What every readable model offers, whatever its format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout
from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text


class Model(ABC):
    """A model that answers raw samples (n×…, data units, float32). Preprocessing happens inside."""

    def __init__(self, task: str, readout: Readout, preprocessing: Preprocessing) -> None:
        self.task = task
        self.classes = list(readout.classes)
        self.readout = readout
        self.preprocessing = preprocessing

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest raw value, as declared."""
        return self.preprocessing.range

    @property
    def grid(self) -> float | None:
        """Step between two raw values, as declared; None if continuous."""
        return self.preprocessing.grid

    @property
    def differentiable(self) -> bool:
        """Whether exact gradients can be had."""
        return self.gradient_refusal is None

    @property
    @abstractmethod
    def gradient_refusal(self) -> Text | None:
        """Why there is no exact gradient, or None."""

    @property
    @abstractmethod
    def free_batch(self) -> bool:
        """Whether the model as submitted takes any number of samples at once."""

    @property
    @abstractmethod
    def deterministic(self) -> bool:
        """Whether the model has no random operator of its own."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What can be said of the model without data, fit for JSON."""

    @abstractmethod
    def output(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        """The declared output, n×C, before it is read as logits, probabilities or labels."""

    @abstractmethod
    def run(self, raw: np.ndarray, *, threads: int = 1, batch: int | None = None) -> np.ndarray:
        """The declared output of the model exactly as submitted, n×C, for reproducibility."""

    def scores(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        """n×K whose largest column is the label (regression: n×1 values)."""
        return self.readout.scores(self.output(raw, batch))

    def probabilities(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        """n×K; softmax of the logits where the model declares no probabilities."""
        return self.readout.probabilities(self.output(raw, batch))

    def logits(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        """n×K before softmax (log-probabilities where only probabilities exist); regression n×1."""
        return self.readout.logits(self.output(raw, batch))

    def labels(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        """Class indices (n, int64). Raises `Refused` for a regression, which has none."""
        if self.task == "regression":
            raise Refused(
                Text(en="A regression model gives values, not labels.", zh="回归模型输出数值，而非类别。"),
                "manifest.json: model.task",
            )
        return self.readout.labels(self.output(raw, batch))

    def gradient(self, raw: np.ndarray, seed: np.ndarray) -> np.ndarray:
        """d⟨seed, logits⟩ / d raw (shape of raw), preprocessing included; `seed` is n×K.

        Raises `Refused` with `gradient_refusal` when there is no exact gradient.
        """
        reason = self.gradient_refusal
        raise Refused(reason or Text(en="There is no exact gradient.", zh="没有精确梯度。"), "model")


def batches(n: int, sample_size: int, batch: int | None) -> list[slice]:
    """Slices that cover n samples; without `batch`, about four million values at a time."""
    step = batch or max(1, min(4096, 2**22 // max(1, sample_size)))
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]
