"""Raw samples seen as pictures: the layout of their axes, and small image strips for the report."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

if TYPE_CHECKING:
    from evaluations.readers.preprocessing import Preprocessing

STRIP_SIDE = 96  # pixels of each picture in a strip
STRIP_GAP = 4
MAX_STRIP_BYTES = 60_000
DIFFERENCE_GAIN = 10


@dataclass(frozen=True)
class Layout:
    """How one raw sample (any shape, `channels`·`height`·`width` values) is read as a picture."""

    channels: int
    height: int
    width: int
    channels_last: bool

    @property
    def side(self) -> int:
        """The shorter side in pixels."""
        return min(self.height, self.width)

    def to_planes(self, samples: np.ndarray) -> np.ndarray:
        """n×… raw samples as n×C×H×W."""
        if self.channels_last:
            return samples.reshape(-1, self.height, self.width, self.channels).transpose(0, 3, 1, 2)
        return samples.reshape(-1, self.channels, self.height, self.width)

    def from_planes(self, planes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """n×C×H×W back to n×`shape` raw samples."""
        ordered = planes.transpose(0, 2, 3, 1) if self.channels_last else planes
        return np.ascontiguousarray(ordered).reshape(len(planes), *shape)


def picture_layout(preprocessing: Preprocessing, sample_shape: tuple[int, ...]) -> Layout | None:
    """A sample as a picture: by the declared shape, else by its own axes, else a grey square; None if none fits."""
    size = math.prod(sample_shape)
    last = preprocessing.layout == "NHWC"
    for shape in (preprocessing.shape or (), sample_shape):
        axes = shape if len(shape) == 3 else ((*shape, 1) if last else (1, *shape)) if len(shape) == 2 else None
        if axes is None or math.prod(axes) != size:
            continue
        channels, height, width = (axes[2], axes[0], axes[1]) if last else axes
        if min(height, width) > 1:
            return Layout(channels, height, width, last)
    side = math.isqrt(size)
    return Layout(1, side, side, channels_last=False) if side * side == size and side > 1 else None


def strip(original: np.ndarray, perturbed: np.ndarray, low: float, high: float) -> bytes:
    """PNG of original, perturbed and ten times their difference (grey is zero); each C×H×W in data units."""
    width = (high - low) or 1.0
    difference = 0.5 + DIFFERENCE_GAIN * (perturbed - original) / (2 * width)
    pictures = [_scaled((original - low) / width), _scaled((perturbed - low) / width), _scaled(difference)]
    height = max(picture.height for picture in pictures)
    canvas = PIL.Image.new("RGB", (sum(p.width for p in pictures) + 2 * STRIP_GAP, height), "white")
    left = 0
    for picture in pictures:
        canvas.paste(picture, (left, 0))
        left += picture.width + STRIP_GAP
    return _png(canvas)


def _scaled(planes: np.ndarray) -> PIL.Image.Image:
    """C×H×W in 0 … 1 as a picture of about `STRIP_SIDE` pixels; more than three channels are averaged."""
    planes = np.nan_to_num(np.clip(planes, 0, 1))
    if planes.shape[0] not in (1, 3):
        planes = planes.mean(0, keepdims=True)
    values = (planes.transpose(1, 2, 0) * 255).round().astype(np.uint8)
    picture = PIL.Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values).convert("RGB")
    factor = STRIP_SIDE / max(picture.size)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    enlarge = PIL.Image.Resampling.NEAREST if factor > 1 else PIL.Image.Resampling.BOX
    return picture.resize(size, enlarge)


def _png(picture: PIL.Image.Image) -> bytes:
    for colours in (None, 64, 16):
        stream = io.BytesIO()
        (picture if colours is None else picture.quantize(colours)).save(stream, "PNG", optimize=True)
        if stream.tell() <= MAX_STRIP_BYTES:
            break
    return stream.getvalue()
