"""A picture beside what an explanation says of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

SIDE = 128  # pixels of each of the two pictures
STRENGTH = 0.8


def saliency(original: npt.NDArray[Any], heat: npt.NDArray[Any], bounds: tuple[float, float]) -> bytes:
    """PNG of `original` (C×H×W in data units within `bounds`) and, beside it, its grey tinted by `heat` (H×W).

    Red stands for positive heat, blue for negative; the strongest value has the full tint.
    """
    low, high = bounds
    grey = np.clip((original.mean(axis=0) - low) / ((high - low) or 1.0), 0, 1)
    strength = STRENGTH * np.abs(heat) / max(float(np.abs(heat).max()), np.finfo(float).tiny)
    tint = np.where(heat[..., None] > 0, np.array([0.84, 0.19, 0.15]), np.array([0.13, 0.4, 0.67]))
    tinted = grey[..., None] * (1 - strength[..., None]) + tint * strength[..., None]
    pair = np.concatenate([np.repeat(grey[..., None], 3, axis=-1), tinted], axis=1)
    factor = SIDE / max(grey.shape)
    size = (max(2, round(pair.shape[1] * factor)), max(1, round(pair.shape[0] * factor)))
    enlarge = PIL.Image.Resampling.NEAREST if factor > 1 else PIL.Image.Resampling.BOX
    picture = PIL.Image.fromarray((255 * pair).round().astype(np.uint8)).resize(size, enlarge)
    stream = io.BytesIO()
    picture.quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()
