"""Corruption of pictures.

Strengths of noise, blur, contrast, brightness and pixels: Hendrycks and Dietterich, ICLR 2019 (CIFAR-10-C up to
64 pixels, ImageNet-C above). Those of occlusion and shift are the scheme's own choice.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from evaluations.methods.corruption import Apply, Family
from evaluations.methods.frame import Text
from evaluations.methods.pictures import Layout

LARGE_SIDE = 64
Strengths = tuple[float, float, float, float, float]
SMALL: dict[str, Strengths] = {
    "noise": (0.04, 0.06, 0.08, 0.09, 0.10),
    "blur": (0.4, 0.6, 0.7, 0.8, 1.0),
    "contrast": (0.75, 0.5, 0.4, 0.3, 0.15),
    "brightness": (0.05, 0.1, 0.15, 0.2, 0.3),
    "pixelate": (0.95, 0.9, 0.85, 0.75, 0.65),
}
LARGE: dict[str, Strengths] = {
    "noise": (0.08, 0.12, 0.18, 0.26, 0.38),
    "blur": (1, 2, 3, 4, 6),
    "contrast": (0.4, 0.3, 0.2, 0.1, 0.05),
    "brightness": (0.1, 0.2, 0.3, 0.4, 0.5),
    "pixelate": (0.6, 0.5, 0.4, 0.3, 0.25),
}
OWN: dict[str, Strengths] = {"occlusion": (0.02, 0.04, 0.08, 0.12, 0.16), "shift": (0.02, 0.04, 0.06, 0.08, 0.1)}


def picture_families(layout: Layout, low: float, high: float, grid: float) -> list[Family]:
    """Seven families for pictures of raw values `low` … `high` in steps of `grid` (0: continuous)."""

    def raw(change: Apply) -> Apply:
        """A change of planes in 0 … 1 as a change of raw samples."""

        def apply(inputs: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
            planes = (layout.to_planes(inputs).astype(np.float64) - low) / (high - low)
            values = np.clip(change(planes, strength, rng), 0, 1) * (high - low)
            if grid > 0:
                values = np.round(values / grid) * grid
            return layout.from_planes(np.clip(values + low, low, high), inputs.shape[1:])

        return apply

    published = SMALL if layout.side <= LARGE_SIDE else LARGE
    return [
        Family("noise", Text("Gaussian noise", "高斯噪声"), "standard deviation", published["noise"], raw(_noise)),
        Family("blur", Text("Gaussian blur", "高斯模糊"), "pixels", published["blur"], raw(_blur)),
        Family("contrast", Text("Low contrast", "低对比度"), "factor", published["contrast"], raw(_contrast)),
        Family("brightness", Text("Brightness", "亮度偏移"), "added", published["brightness"], raw(_brightness)),
        Family("pixelate", Text("Coarse pixels", "像素化"), "resolution", published["pixelate"], raw(_pixelate)),
        Family("occlusion", Text("Occlusion", "遮挡"), "share of the area", OWN["occlusion"], raw(_occlusion)),
        Family("shift", Text("Shift", "平移"), "share of the side", OWN["shift"], raw(_shift)),
    ]


def _noise(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return planes + strength * rng.standard_normal(planes.shape)


def _blur(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return scipy.ndimage.gaussian_filter(planes, (0, 0, strength, strength), mode="nearest")


def _contrast(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    mean = planes.mean((2, 3), keepdims=True)
    return (planes - mean) * strength + mean


def _brightness(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return planes + strength


def _pixelate(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Area averages at `strength` times the resolution, shown at the old size."""
    rows, columns = _coarse(planes.shape[2], strength), _coarse(planes.shape[3], strength)
    return rows @ planes @ columns.T


def _coarse(length: int, strength: float) -> np.ndarray:
    """length×length: averages over cells of the coarser line, spread over the places whose centre lies in the cell."""
    cells = max(1, int(length * strength))
    edges = np.linspace(0, length, cells + 1)
    places = np.arange(length)
    overlap = np.minimum(places + 1, edges[1:, None]) - np.maximum(places, edges[:-1, None])
    averages = np.clip(overlap, 0, None) / (length / cells)
    nearest = np.minimum(((places + 0.5) * cells / length).astype(int), cells - 1)
    return averages[nearest]


def _occlusion(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """A grey square somewhere; its sides are rounded up to whole pixels."""
    n, _, height, width = planes.shape
    side = min(height, width, math.ceil(math.sqrt(strength * height * width)))
    top, left = rng.random(n) * (height - side + 1), rng.random(n) * (width - side + 1)
    rows, columns = np.arange(height) - top.astype(int)[:, None], np.arange(width) - left.astype(int)[:, None]
    hidden = ((rows >= 0) & (rows < side))[:, None, :, None] & ((columns >= 0) & (columns < side))[:, None, None, :]
    return np.where(hidden, 0.5, planes)


def _shift(planes: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Moves each picture up, down, left or right by a share of its side, linear between pixels, edges repeated."""
    ways = rng.integers(0, 4, len(planes))
    moved = planes.copy()
    for way, (axis, sign) in enumerate(((2, -1), (2, 1), (3, -1), (3, 1))):
        offset = [0.0, 0.0, 0.0, 0.0]
        offset[axis] = sign * strength * planes.shape[axis]
        rows = ways == way
        if rows.any():
            moved[rows] = scipy.ndimage.shift(planes[rows], offset, order=1, mode="nearest")
    return moved
