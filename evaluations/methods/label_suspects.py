"""Labels that are probably wrong, by the self-confidence of confident learning (Northcutt et al., JAIR 70:1373, 2021).

A record is a suspect when two classifiers of different kinds, each asked about records it was not fitted on, both
choose the same other class, and their mean probability of the given label is at most `DOUBT`. Two kinds must agree, as
where classes overlap a single classifier accuses many right labels. With 5 % of labels swapped at random this finds
nearly all where classes are separable, and few where they are not; there no method can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS = 5
DOUBT = 0.15
LEAST_SKILL = 0.2  # chance-corrected balanced accuracy; below, the classifiers know too little to accuse a label
OUTLYING = 5.0  # robust standard deviations of a residual
TREES = 100
WIDE, COMPONENTS = 256, 64


@dataclass(frozen=True)
class Suspects:
    """Rows under suspicion, the class suggested for each, and the skill of the weaker classifier (None: regression)."""

    rows: npt.NDArray[np.intp]
    suggested: npt.NDArray[Any]
    skill: float | None

    @property
    def judged(self) -> bool:
        return self.skill is None or self.skill >= LEAST_SKILL


def suspect_classes(inputs: npt.NDArray[Any], labels: npt.NDArray[np.intp], seed: int) -> Suspects:
    """Suspects among class labels. Classes with fewer than FOLDS records are not judged."""
    counts = np.bincount(labels)
    rows = np.flatnonzero(counts[labels] >= FOLDS)
    present, own = np.unique(labels[rows], return_inverse=True)
    if len(present) < 2:
        return Suspects(np.array([], dtype=np.intp), np.array([], dtype=np.intp), 0.0)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    skills, probabilities = [], []
    for classifier in _classifiers(inputs.shape[1], seed):
        guessed = cross_val_predict(classifier, inputs[rows], own, cv=folds, method="predict_proba")
        balanced = balanced_accuracy_score(own, guessed.argmax(axis=1))
        skills.append((balanced - 1 / len(present)) / (1 - 1 / len(present)))
        probabilities.append(guessed)
    suggested, second = (guessed.argmax(axis=1) for guessed in probabilities)
    self_confidence = np.mean(probabilities, axis=0)[np.arange(len(rows)), own]
    wrong = (suggested != own) & (suggested == second) & (self_confidence <= DOUBT)
    return Suspects(rows[wrong], present[suggested[wrong]], float(min(skills)))


def suspect_values(inputs: npt.NDArray[Any], labels: npt.NDArray[Any], seed: int) -> Suspects:
    """Suspects among numeric labels: both regressions miss by more than OUTLYING robust standard deviations."""
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    outlying = np.ones(len(labels), dtype=bool)
    for regression in (
        make_pipeline(StandardScaler(), Ridge()),
        ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=seed),
    ):
        residual = labels - cross_val_predict(regression, inputs, labels, cv=folds)
        centred = np.abs(residual - np.median(residual))
        outlying &= centred > OUTLYING * 1.4826 * max(float(np.median(centred)), 1e-12)
    rows = np.flatnonzero(outlying)
    return Suspects(rows, labels[rows], None)


def _classifiers(width: int, seed: int) -> Iterator[Any]:
    """Wide inputs are first reduced for the linear one, which would take minutes otherwise."""
    reduction = [PCA(COMPONENTS, svd_solver="randomized", random_state=seed)] if width > WIDE else []
    yield make_pipeline(StandardScaler(), *reduction, LogisticRegression(max_iter=1000))
    yield ExtraTreesClassifier(TREES, min_samples_leaf=2, random_state=seed)
