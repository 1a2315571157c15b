"""Corruption of table rows: what goes wrong where people type, measure and merge.

The strengths are the scheme's own choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluations.methods.corruption import Family
from evaluations.methods.feature_domains import feature_domain, is_number
from evaluations.methods.frame import Text

CELLS = (0.05, 0.1, 0.2, 0.3, 0.4)
ROWS = (0.05, 0.1, 0.15, 0.2, 0.3)


class Rows:
    """Knows the features and the reference sample (training, else test), and corrupts n×d rows."""

    def __init__(self, features: Sequence[Mapping[str, Any]], reference: np.ndarray) -> None:
        self.number = np.array([is_number(feature) for feature in features])
        self.whole = np.array([feature.get("type") == "integer" for feature in features])
        self.low, self.high = feature_domain(features, reference)
        self.spread = np.where(self.number, np.nanstd(reference, axis=0, dtype=np.float64), 0)
        self.typical = np.array([_typical(reference[:, j], number) for j, number in enumerate(self.number)])

    def families(self) -> list[Family]:
        """Six families; swapped values need two numeric features."""
        found = [
            Family("missing", Text("Missing values", "缺失值"), "share of cells", CELLS, self._missing),
            Family(
                "noise",
                Text("Measurement noise", "测量噪声"),
                "standard deviations",
                (0.05, 0.1, 0.2, 0.3, 0.5),
                self._noise,
            ),
            Family("unit_slip", Text("Unit slips", "单位错误"), "share of rows", ROWS, self._unit_slip),
            Family(
                "rounding",
                Text("Coarse rounding", "粗略取整"),
                "standard deviations",
                (0.1, 0.25, 0.5, 1, 1.5),
                self._rounding,
            ),
            Family(
                "outliers", Text("Outliers", "离群值"), "share of cells", (0.01, 0.02, 0.05, 0.1, 0.15), self._outliers
            ),
        ]
        if self.number.sum() > 1:
            found.append(Family("swapped", Text("Swapped values", "数值错位"), "share of rows", ROWS, self._swapped))
        return found

    def _missing(self, rows: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """Cells go missing and are filled with the reference median (or most frequent category)."""
        return np.where(rng.random(rows.shape) < share, self.typical, rows)

    def _noise(self, rows: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        return self._settled(rows + strength * self.spread * rng.standard_normal(rows.shape), rows)

    def _unit_slip(self, rows: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """In some rows one quantity is ten times too large or too small."""
        hit = (rng.random(len(rows)) < share)[:, None] & self._one_number(len(rows), rng)
        factor = np.where(rng.random((len(rows), 1)) < 0.5, 10.0, 0.1)
        return self._settled(np.where(hit, rows * factor, rows), rows)

    def _rounding(self, rows: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        step = np.where(self.spread > 0, strength * self.spread, 1)
        return self._settled(np.where(self.spread > 0, np.round(rows / step) * step, rows), rows)

    def _outliers(self, rows: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """Cells jump to the lowest or highest value of their domain."""
        hit = (rng.random(rows.shape) < share) & self.number
        edge = np.where(rng.random(rows.shape) < 0.5, self.low, self.high)
        return self._settled(np.where(hit, edge, rows), rows)

    def _swapped(self, rows: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """In some rows two quantities stand in each other's place."""
        numbers = np.flatnonzero(self.number)
        order = rng.random((len(rows), len(numbers))).argsort(1)
        first, second = numbers[order[:, 0]], numbers[order[:, 1]]
        hit = np.flatnonzero(rng.random(len(rows)) < share)
        changed = rows.astype(np.float64)
        changed[hit, first[hit]], changed[hit, second[hit]] = rows[hit, second[hit]], rows[hit, first[hit]]
        return self._settled(changed, rows)

    def _one_number(self, n: int, rng: np.random.Generator) -> np.ndarray:
        numbers = np.flatnonzero(self.number)
        chosen = numbers[rng.integers(0, len(numbers), n)]
        return np.arange(len(self.number)) == chosen[:, None]

    def _settled(self, changed: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Whole numbers stay whole, quantities stay in their domain, categories as they were."""
        whole = np.where(self.whole, np.round(changed), changed)
        return np.where(self.number, np.clip(whole, np.fmin(self.low, rows), np.fmax(self.high, rows)), rows)


def _typical(column: np.ndarray, number: bool) -> float:
    known = column[np.isfinite(column)]
    if not len(known):
        return 0.0
    if number:
        return float(np.median(known))
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])
