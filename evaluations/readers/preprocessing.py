"""From raw values in data units to what the model is fed, and the gradient back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text


@dataclass(frozen=True)
class Preprocessing:
    """A raw value x is fed as (x·scale − mean) / std.

    `shape` is the shape of one raw sample (without batch); `channel_axis` its axis of channels, if it is
    an image. `mean` and `std` have one number, or one for each channel (image) or feature (table).
    `range` are the lowest and highest raw value, `grid` the step between two raw values (None: continuous).
    """

    layout: str = "flat"
    shape: tuple[int, ...] | None = None
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    range: tuple[float, float] | None = None
    grid: float | None = None

    @classmethod
    def from_manifest(cls, entry: Mapping[str, Any]) -> Preprocessing:
        """Reads `model.preprocessing`; raises `Refused` when its numbers contradict each other."""
        made = cls(
            layout=entry.get("layout", "flat"),
            shape=tuple(entry["shape"]) if "shape" in entry else None,
            scale=float(entry.get("scale", 1.0)),
            mean=tuple(float(value) for value in entry.get("mean", [0.0])),
            std=tuple(float(value) for value in entry.get("std", [1.0])),
            range=(float(entry["range"][0]), float(entry["range"][1])) if "range" in entry else None,
            grid=float(entry["grid"]) if entry.get("grid") is not None else None,
        )
        made._check()
        return made

    @property
    def channel_axis(self) -> int | None:
        """Axis of channels in one sample: 0 for [C,H,W], 2 for [H,W,C]; None if a sample is not an image."""
        if self.shape is None or len(self.shape) != 3:
            return None
        return 2 if self.layout == "NHWC" else 0

    def feed(self, raw: np.ndarray) -> np.ndarray:
        """Raw samples (n×…) as float32 model values of the same shape."""
        values = np.asarray(raw, dtype=np.float32)
        if self._is_identity():
            return values
        mean, std = self._broadcast(self.mean, values.ndim), self._broadcast(self.std, values.ndim)
        return np.asarray((values * np.float32(self.scale) - mean) / std, dtype=np.float32)

    def back(self, gradient: np.ndarray) -> np.ndarray:
        """Gradient by the fed values → gradient by the raw values, same shape."""
        if self._is_identity():
            return gradient
        return (gradient * (np.float32(self.scale) / self._broadcast(self.std, gradient.ndim))).astype(np.float32)

    def _is_identity(self) -> bool:
        return self.scale == 1.0 and set(self.mean) == {0.0} and set(self.std) == {1.0}

    def _broadcast(self, numbers: tuple[float, ...], dimensions: int) -> np.ndarray:
        values = np.asarray(numbers, dtype=np.float32)
        if len(values) == 1 or dimensions == 2:
            return values
        wanted = [1] * dimensions
        wanted[1 + (self.channel_axis or 0)] = len(values)
        return values.reshape(wanted)

    def _check(self) -> None:
        if any(value == 0 for value in self.std) or self.scale == 0:
            raise Refused(
                Text(en="std and scale must not be zero.", zh="std 与 scale 不得为零。"),
                "manifest.json: model.preprocessing",
            )
        if self.range is not None and not self.range[0] < self.range[1]:
            raise Refused(
                Text(en="The lower end of range must lie below the upper end.", zh="range 的下限必须小于上限。"),
                "manifest.json: model.preprocessing.range",
            )
        axis = self.channel_axis
        allowed = {1, self.shape[axis]} if self.shape is not None and axis is not None else None
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if allowed is not None and len(numbers) not in allowed:
                raise Refused(
                    Text(
                        en=f"{name} has {len(numbers)} numbers; give one, or one for each channel.",
                        zh=f"{name} 含有 {len(numbers)} 个数；请给出一个数，或每个通道一个数。",
                    ),
                    f"manifest.json: model.preprocessing.{name}",
                )
