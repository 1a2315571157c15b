"""What the system answered on a sample, beside the truth: from its model, or from a declared column of predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy

from evaluations.methods.frame import Text

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model


class Undefined(Exception):
    """A quantity cannot be measured; `reason` says why in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.reason = Text(en, zh)
        super().__init__(en)


@dataclass(frozen=True)
class Outcome:
    """Answers on n rows. Classification: `truth` and `predicted` are indices into `classes`.

    `scores` (n×K, or None where only labels are known) ranks the samples by column, class by class: logarithms of
    softmax in double precision, so that near-certain answers do not become ties. `probabilities` (n×K) are given
    only where the model declares its output as probabilities. Regression: `truth` and `predicted` are floats and
    `classes` is empty. `truth` is None in unlabelled data. `positive` is the index of the class that AUC,
    precision, recall and F1 speak of, if the manifest names one.
    """

    truth: npt.NDArray[Any] | None
    predicted: npt.NDArray[Any]
    scores: npt.NDArray[np.float64] | None
    probabilities: npt.NDArray[np.float64] | None
    classes: tuple[str, ...]
    positive: int | None

    @property
    def n(self) -> int:
        return len(self.predicted)

    @property
    def classification(self) -> bool:
        return bool(self.classes)


def observe(bundle: Bundle, dataset: Dataset) -> Outcome:
    """Answers on `dataset`. Raises Undefined when there is neither a model nor a column of predictions."""
    classes = tuple(bundle.classes)
    positive = str(bundle.manifest.get("model", {}).get("positive", ""))
    index = classes.index(positive) if positive in classes else None
    if bundle.model is None:
        predicted, scores, probabilities = _of_columns(dataset, index)
    else:
        predicted, scores, probabilities = _of_model(bundle.model, dataset)
    return Outcome(
        truth=dataset.labels if dataset.has_labels else None,
        predicted=predicted,
        scores=scores,
        probabilities=probabilities,
        classes=classes,
        positive=index,
    )


Answers = tuple[npt.NDArray[Any], npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]


def _of_model(model: Model, dataset: Dataset) -> Answers:
    logits = np.asarray(model.logits(dataset.inputs), dtype=float)
    if model.task == "regression":
        return logits[:, 0], None, None
    predicted, kind = logits.argmax(axis=1), model.readout.kind
    probabilities = np.asarray(model.probabilities(dataset.inputs), dtype=float) if kind == "probabilities" else None
    return predicted, None if kind == "label" else scipy.special.log_softmax(logits, axis=1), probabilities


def _of_columns(dataset: Dataset, positive: int | None) -> Answers:
    if dataset.predictions is None:
        raise Undefined("there is neither a model nor a column of predictions", "既没有模型，也没有预测结果列")
    scores = None
    if dataset.scores is not None and positive is not None and len(dataset.label_values) == 2:
        scores = np.empty((dataset.n, 2))
        scores[:, positive], scores[:, 1 - positive] = dataset.scores, -dataset.scores
    return np.asarray(dataset.predictions), scores, None
