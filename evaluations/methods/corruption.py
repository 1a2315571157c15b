"""Families of natural corruption, five severities each: what the world does to an input without meaning harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluations.methods.frame import Text

SEVERITIES = (1, 2, 3, 4, 5)
Apply = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Family:
    """One kind of corruption. `strengths` are those of severities 1 to 5 in `unit`.

    `apply(inputs, strength, rng)` takes n raw inputs and gives back n raw inputs, on the data's grid and in its range.
    """

    id: str
    title: Text
    unit: str
    strengths: tuple[float, float, float, float, float]
    apply: Apply

    def corrupted(self, inputs: np.ndarray, severity: int, seed: tuple[int, ...]) -> np.ndarray:
        """The inputs at one severity. The same seed at every severity gives the same draw, only stronger."""
        changed = self.apply(inputs, self.strengths[severity - 1], np.random.default_rng(seed))
        return np.ascontiguousarray(changed, dtype=np.float32)
