"""Neighbours of one input for a local explanation, with the simple description that the explanation is made of.

Table: numeric features move by a normal step of one standard deviation, the others are drawn anew from the data;
described by the standardised step, or 1 where the value is the instance's own. Image: segments are replaced by the
data's mean image; described by 1 for each segment that is kept. Widths and kernel as in the authors' implementation of
LIME (Ribeiro, Singh and Guestrin, KDD 2016): exp(-D²/w²)^½, w = 0.75·√d with Euclidean D for tables, 0.25 with cosine D
for images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from evaluations.methods.pictures import Layout, picture_layout

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset

Values = npt.NDArray[np.float32]

TABLE_WIDTH = 0.75
IMAGE_WIDTH = 0.25
MOST_SEGMENTS = 64


class Neighbourhood(Protocol):
    """`size` elements that an explanation gives weights to."""

    size: int
    names: list[str]

    def draw(self, instance: Values, n: int, rng: np.random.Generator) -> tuple[Values, Values, Values]:
        """(inputs n×features, descriptions n×size, kernel weights n)."""

    def without(self, instance: Values, removed: npt.NDArray[np.bool_]) -> Values:
        """The instance with elements taken away (`removed`: m×size), m×features."""

    def contributions(self, instance: Values, coefficients: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What each element adds to the output, against the element taken away (size)."""


@dataclass
class TableNeighbourhood:
    """`data` is n×d in data units; `discrete` says which columns have values rather than sizes."""

    data: Values
    discrete: npt.NDArray[np.bool_]
    whole: npt.NDArray[np.bool_]
    low: npt.NDArray[Any]
    high: npt.NDArray[Any]
    names: list[str]

    def __post_init__(self) -> None:
        self.size = self.data.shape[1]
        deviation = self.data.std(axis=0)
        self.scale = np.where(deviation > 0, deviation, 1.0).astype(np.float32)
        usual = self.data.mean(axis=0)
        for column in np.flatnonzero(self.discrete):
            values, counts = np.unique(self.data[:, column], return_counts=True)
            usual[column] = values[counts.argmax()]
        self.usual = usual.astype(np.float32)

    def draw(self, instance: Values, n: int, rng: np.random.Generator) -> tuple[Values, Values, Values]:
        steps = rng.standard_normal((n, self.size), dtype=np.float32)
        inputs = instance + steps * self.scale
        inputs = np.clip(np.where(self.whole, np.round(inputs), inputs), self.low, self.high)
        for column in np.flatnonzero(self.discrete):
            inputs[:, column] = self.data[rng.integers(0, len(self.data), n), column]
        inputs = inputs.astype(np.float32)
        same = (inputs == instance).astype(np.float32)
        described = np.where(self.discrete, same, (inputs - instance) / self.scale)
        distance2 = np.where(self.discrete, 1 - same, described**2).sum(axis=1)
        weights = np.exp(-distance2 / (2 * TABLE_WIDTH**2 * self.size))
        return inputs, described.astype(np.float32), weights.astype(np.float32)

    def without(self, instance: Values, removed: npt.NDArray[np.bool_]) -> Values:
        return np.where(removed, self.usual, instance).astype(np.float32)

    def contributions(self, instance: Values, coefficients: npt.NDArray[Any]) -> npt.NDArray[Any]:
        step = np.where(self.discrete, (instance != self.usual).astype(float), (instance - self.usual) / self.scale)
        return np.asarray(coefficients * step)


@dataclass
class ImageNeighbourhood:
    """`mean` is the mean image, flattened; `segments` gives the segment of each element of an input."""

    mean: Values
    segments: npt.NDArray[np.intp]

    def __post_init__(self) -> None:
        self.size = int(self.segments.max()) + 1
        self.names = [f"segment {index}" for index in range(self.size)]

    def draw(self, instance: Values, n: int, rng: np.random.Generator) -> tuple[Values, Values, Values]:
        kept = rng.random((n, self.size), dtype=np.float32) < 0.5
        kept[0] = True
        similarity = np.sqrt(kept.mean(axis=1))  # cosine of a 0/1 vector with the vector of ones
        weights = np.exp(-((1 - similarity) ** 2) / (2 * IMAGE_WIDTH**2))
        return self.without(instance, ~kept), kept.astype(np.float32), weights.astype(np.float32)

    def without(self, instance: Values, removed: npt.NDArray[np.bool_]) -> Values:
        return np.where(removed[:, self.segments], self.mean, instance).astype(np.float32)

    def contributions(self, instance: Values, coefficients: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(coefficients)


def grid_segments(layout: Layout) -> npt.NDArray[np.intp]:
    """Square segments, at most MOST_SEGMENTS, the same for all channels; one number for each element of an input."""
    edge = 1 if layout.height * layout.width <= MOST_SEGMENTS // 4 else 2
    while -(-layout.height // edge) * -(-layout.width // edge) > MOST_SEGMENTS:
        edge += 1
    across = -(-layout.width // edge)
    plane = (np.arange(layout.height) // edge)[:, None] * across + (np.arange(layout.width) // edge)[None, :]
    planes = np.broadcast_to(plane, (1, layout.channels, layout.height, layout.width))
    return layout.from_planes(planes, (plane.size * layout.channels,)).reshape(-1).astype(np.intp)


def neighbourhood_of(bundle: Bundle, data: Dataset) -> Neighbourhood:
    """The neighbourhood that fits the bundle: segments for pictures, features otherwise."""
    flat = data.inputs.reshape(data.n, -1)
    layout = layout_of(bundle, data)
    if layout is not None:
        return ImageNeighbourhood(flat.mean(axis=0, dtype=np.float32), grid_segments(layout))
    declared = data.features if len(data.features) == flat.shape[1] else [{} for _ in range(flat.shape[1])]
    kinds = [feature.get("type", "numeric") for feature in declared]
    two_valued = np.array([len(np.unique(flat[:, column])) <= 2 for column in range(flat.shape[1])])
    return TableNeighbourhood(
        data=flat,
        discrete=np.array([kind in ("categorical", "boolean") for kind in kinds]) | two_valued,
        whole=np.array([kind == "integer" for kind in kinds]),
        low=np.array([feature.get("minimum", -np.inf) for feature in declared], dtype=float),
        high=np.array([feature.get("maximum", np.inf) for feature in declared], dtype=float),
        names=[feature.get("name", f"input {index}") for index, feature in enumerate(declared)],
    )


def layout_of(bundle: Bundle, data: Dataset) -> Layout | None:
    """How a sample is read as a picture, or None when the system does not take pictures."""
    if bundle.profile.get("modality") != "image":
        return None
    return picture_layout(bundle.preprocessing, data.inputs.shape[1:])
