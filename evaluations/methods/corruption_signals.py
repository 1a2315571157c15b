"""Corruption of time series and sound, n×time or n×time×channels. Strengths are the scheme's own choice."""

from __future__ import annotations

import numpy as np

from evaluations.methods.corruption import Family
from evaluations.methods.frame import Text


class Signals:
    """Corrupts signals inside `low` … `high`. Noise is relative to each signal's own root mean square."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def families(self) -> list[Family]:
        """Five families."""
        return [
            Family(
                "noise",
                Text("Gaussian noise", "高斯噪声"),
                "share of the rms",
                (0.01, 0.03, 0.1, 0.2, 0.3),
                self._noise,
            ),
            Family(
                "dropout",
                Text("Lost samples", "采样丢失"),
                "share of the time",
                (0.02, 0.05, 0.1, 0.2, 0.3),
                self._dropout,
            ),
            Family("gain", Text("Lower gain", "增益降低"), "factor", (0.9, 0.75, 0.5, 0.35, 0.25), self._gain),
            Family(
                "spikes",
                Text("Spikes", "尖峰干扰"),
                "share of the time",
                (0.002, 0.005, 0.01, 0.02, 0.05),
                self._spikes,
            ),
            Family("delay", Text("Delay", "时间偏移"), "share of the time", (0.01, 0.02, 0.05, 0.1, 0.2), self._delay),
        ]

    def _noise(self, signals: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
        axes = tuple(range(1, signals.ndim))
        rms = np.sqrt(np.mean(np.square(signals, dtype=np.float64), axis=axes, keepdims=True))
        return self._settled(signals + strength * rms * rng.standard_normal(signals.shape))

    def _dropout(self, signals: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """One gap in which the last value before it is held."""
        length = signals.shape[1]
        width = max(1, round(share * length))
        start = (rng.random(len(signals)) * (length - width + 1)).astype(int)
        places = np.arange(length)
        gap = (places >= start[:, None]) & (places < start[:, None] + width)
        source = np.where(gap, np.maximum(start - 1, 0)[:, None], places)
        return self._taken(signals, source)

    def _gain(self, signals: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
        return self._settled(signals * factor)

    def _spikes(self, signals: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        hit = rng.random(signals.shape) < share
        return np.where(hit, np.where(rng.random(signals.shape) < 0.5, self.low, self.high), signals)

    def _delay(self, signals: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
        """Everything comes later; the first value is held until then."""
        length = signals.shape[1]
        source = np.maximum(np.arange(length) - max(1, round(share * length)), 0)
        return self._taken(signals, np.broadcast_to(source, signals.shape[:2]))

    def _taken(self, signals: np.ndarray, source: np.ndarray) -> np.ndarray:
        return signals[np.arange(len(signals))[:, None], source]

    def _settled(self, signals: np.ndarray) -> np.ndarray:
        return np.clip(signals, self.low, self.high)
