"""A picture beside what an explanation says of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

SIDE = 128  # pixels of each of the three pictures
STRENGTH = 0.9
TINT = np.array([0.04, 0.25, 0.52])


def saliency(original: npt.NDArray[Any], heat: npt.NDArray[Any], bounds: tuple[float, float]) -> bytes:
    """PNG of three pictures: `original` (C×H×W in data units within `bounds`), and its grey tinted by `heat` (H×W)
    where it is positive, and where it is negative.

    One hue says how strong, the place says which way: so it is read in black and white and by everybody.
    """
    low, high = bounds
    grey = np.clip((original.mean(axis=0) - low) / ((high - low) or 1.0), 0, 1)
    strength = STRENGTH * heat[..., None] / max(float(np.abs(heat).max()), np.finfo(float).tiny)
    plain = np.repeat(grey[..., None], 3, axis=-1)
    # A pale ground, so that the tint shows on dark pictures too.
    ground = 0.5 + 0.5 * plain
    ways = [ground * (1 - part) + TINT * part for part in (np.maximum(strength, 0), np.maximum(-strength, 0))]
    three = np.concatenate([plain, *ways], axis=1)
    factor = SIDE / max(grey.shape)
    size = (max(2, round(three.shape[1] * factor)), max(1, round(three.shape[0] * factor)))
    enlarge = PIL.Image.Resampling.NEAREST if factor > 1 else PIL.Image.Resampling.BOX
    picture = PIL.Image.fromarray((255 * three).round().astype(np.uint8)).resize(size, enlarge)
    stream = io.BytesIO()
    picture.quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()
