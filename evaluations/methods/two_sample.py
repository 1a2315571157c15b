"""Whether two data sets can be told apart without the model under test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evaluations.methods import statistics

if TYPE_CHECKING:
    from evaluations.readers.dataset import Dataset

MISMATCH_LEVEL = 0.01  # one-sided error of "the two sets can be told apart"
MISMATCH_AUC = 0.55  # and by how much: at large n every difference is significant
COMPARED = 2_000  # records of each set for the two-sample test


@dataclass(frozen=True)
class Comparison:
    """How well a classifier tells members from non-members by inputs and labels alone."""

    name: str
    auc: float
    low: float

    @property
    def differs(self) -> bool:
        return self.low > 0.5 and self.auc >= MISMATCH_AUC


def compare_sets(members: Dataset, others: Dataset, seed: int) -> Comparison:
    """Classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017), the better of logistic regression and 5 neighbours.

    Cross-validated; `low` is the lower 99 % DeLong limit, Bonferroni over the two classifiers.
    """
    rng = np.random.default_rng(seed)
    inputs = np.concatenate([_described(data, rng) for data in (members, others)])
    sides = np.concatenate([np.ones(min(members.n, COMPARED)), np.zeros(min(others.n, COMPARED))]).astype(int)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed % 2**32)
    found = []
    for name, classifier in (
        ("logistic regression", LogisticRegression(max_iter=200, C=0.1)),
        ("5 nearest neighbours", KNeighborsClassifier(5)),
    ):
        pipeline = make_pipeline(StandardScaler(), classifier)
        guessed = cross_val_predict(pipeline, inputs, sides, cv=folds, method="predict_proba")[:, 1]
        auc, variance = statistics.delong_auc(sides, guessed)
        smaller = int(min(sides.sum(), len(sides) - sides.sum()))
        low, _ = statistics.auc_interval(auc, variance, smaller, 1 - MISMATCH_LEVEL)
        found.append(Comparison(name, auc, low))
    return max(found, key=lambda comparison: (comparison.differs, comparison.auc))


def _described(data: Dataset, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Inputs and label of at most COMPARED records as numbers: sets may also differ in their classes."""
    rows = np.sort(rng.choice(data.n, min(data.n, COMPARED), replace=False))
    inputs = np.nan_to_num(data.inputs[rows].reshape(len(rows), -1).astype(np.float32))
    labels = data.labels[rows]
    if labels.dtype.kind == "f":
        return np.column_stack([inputs, labels])
    return np.column_stack([inputs, np.eye(max(2, len(data.label_values)), dtype=np.float32)[labels.astype(int)]])
