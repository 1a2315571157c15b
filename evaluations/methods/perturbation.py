"""How far an attacker may move an input: ε in units of the raw input, its grid and its domain.

ε is measured before mean and standard deviation are applied. The radius is rounded down to a whole number of steps
of the data's grid and cut at the declared range, so that every perturbed input is one the system could really get.
Sizes for pictures follow Madry et al. (ICLR 2018) and RobustBench (Croce et al. 2021); for tables, time series and
audio no accepted standard exists and the sizes are the scheme's own choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluations.methods.feature_domains import (
    feature_domain,
    is_mutable_number,
    matching_features,
    reference_inputs,
)
from evaluations.methods.frame import Text
from evaluations.methods.pictures import Layout, picture_layout

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.preprocessing import Preprocessing

COLOUR = (1 / 255, 2 / 255, 4 / 255, 8 / 255)
GREY = (0.03, 0.05, 0.1, 0.2)
SPREAD = (0.05, 0.1, 0.2, 0.5)
NOISE_DECIBELS = (40.0, 30.0, 20.0)
SMALL_COLOUR_SIDE = 32
TINY_SIDE = 16
MAX_GRID_VALUES = 1024
ROUNDING = 1e-4  # of one grid step: what float32 may have lost


class NoPerturbation(Exception):
    """Nothing in the input may be changed; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True)
class Box:
    """The inputs an attack may use: for n clean inputs `origin`, n arrays of lowest and highest values.

    `grid` is the step between two permitted values (sample shape; 0: continuous), counted from the clean value.
    """

    origin: np.ndarray
    low: np.ndarray
    high: np.ndarray
    grid: np.ndarray

    def __len__(self) -> int:
        return len(self.origin)

    def rows(self, index: np.ndarray) -> Box:
        """The boxes of some of the inputs."""
        return Box(self.origin[index], self.low[index], self.high[index], self.grid)

    def snap(self, inputs: np.ndarray) -> np.ndarray:
        """The nearest permitted inputs: on the grid and inside the box."""
        step = np.where(self.grid > 0, self.grid, 1)
        whole = self.origin + np.round((inputs - self.origin) / step) * step
        return np.clip(np.where(self.grid > 0, whole, inputs), self.low, self.high).astype(np.float32)


@dataclass(frozen=True)
class Perturbation:
    """The rule of ε for one kind of data.

    `scale` is the radius for ε = 1 (sample shape; 0: must not change), `low`, `high` the domain, `grid` as in `Box`.
    With `by_signal` the radius is also multiplied by each sample's root mean square.
    """

    epsilons: tuple[float, ...]
    primary: float
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    grid: np.ndarray
    unit: Text
    notes: tuple[Text, ...] = ()
    layout: Layout | None = None
    by_signal: bool = False

    def box(self, inputs: np.ndarray, epsilon: float) -> Box:
        """The boxes of radius `epsilon` around `inputs` (n×sample shape)."""
        radius = np.broadcast_to(self.scale * epsilon, inputs.shape).astype(np.float64)
        if self.by_signal:
            axes = tuple(range(1, inputs.ndim))
            radius = radius * np.sqrt(np.mean(np.square(inputs, dtype=np.float64), axis=axes, keepdims=True))
        step = np.where(self.grid > 0, self.grid, 1)
        radius = np.where(self.grid > 0, np.floor(radius / step + ROUNDING) * step, radius)
        low = np.minimum(inputs, np.maximum(inputs - radius, self.low))
        high = np.maximum(inputs, np.minimum(inputs + radius, self.high))
        return Box(inputs, low.astype(np.float32), high.astype(np.float32), self.grid)

    def sizes(self, primary: float) -> tuple[float, ...]:
        """The ε values of the curve, the primary one among them, in rising order."""
        return tuple(sorted({*self.epsilons, primary}))


def perturbation_for(bundle: Bundle, data: Dataset) -> Perturbation:
    """The rule for a bundle's modality. Raises `NoPerturbation` when no value may be changed by numbers."""
    modality = bundle.profile.get("modality")
    if modality == "image":
        return _of_pictures(bundle, data)
    if modality == "audio":
        return _of_sound(bundle, data)
    if modality == "timeseries":
        return _of_series(bundle, data)
    if modality == "tabular":
        return _of_tables(bundle, data)
    raise NoPerturbation(
        Text(
            "Numerical perturbation has no meaning for this kind of input (text); these methods do not apply.",
            "数值扰动对此类输入（文本）没有意义，本类方法不适用。",
        )
    )


def _of_pictures(bundle: Bundle, data: Dataset) -> Perturbation:
    preprocessing = bundle.preprocessing
    shape = data.inputs.shape[1:]
    layout = picture_layout(preprocessing, shape)
    low, high, range_notes = picture_range(preprocessing, data.inputs)
    width = high - low
    grid, grid_notes = picture_grid(preprocessing, data.inputs)
    epsilons: tuple[float, ...] = GREY
    primary = GREY[2]
    if layout is not None and layout.side < TINY_SIDE:
        step = (grid or width / 255) / width
        epsilons, primary = (step, 2 * step, 3 * step), step
    elif layout is not None and layout.channels == 3:
        epsilons, primary = COLOUR, COLOUR[3] if layout.side <= SMALL_COLOUR_SIDE else COLOUR[2]
    return Perturbation(
        epsilons=epsilons,
        primary=primary,
        scale=np.full(shape, width),
        low=np.full(shape, low),
        high=np.full(shape, high),
        grid=np.full(shape, grid),
        unit=Text("share of the range of a raw value", "原始取值范围的比例"),
        notes=(*range_notes, *grid_notes),
        layout=layout,
    )


def picture_range(preprocessing: Preprocessing, inputs: np.ndarray) -> tuple[float, float, list[Text]]:
    """Lowest and highest raw value: declared, else read from the data, which is then said in a note."""
    if preprocessing.range is not None:
        return *preprocessing.range, []
    low, high = float(inputs.min()), float(inputs.max())
    if low >= 0:
        low, high = 0.0, 1.0 if high <= 1 else 255.0 if high <= 255 else high
    return (
        low,
        high,
        [
            Text(
                f"The manifest declares no range of raw values; {low:g} to {high:g} was assumed from the data.",
                f"清单未声明原始取值范围；根据数据假定为 {low:g} 至 {high:g}。",
            )
        ],
    )


def picture_grid(preprocessing: Preprocessing, inputs: np.ndarray) -> tuple[float, list[Text]]:
    if preprocessing.grid is not None:
        return preprocessing.grid, []
    values = np.unique(inputs[:200])
    if 2 < len(values) <= MAX_GRID_VALUES:
        step = float(np.diff(values).min())
        if np.allclose((values - values[0]) / step, np.round((values - values[0]) / step), atol=0.01):
            return step, [
                Text(
                    f"The manifest declares no grid; the data moves in steps of {step:.6g}, which was used.",
                    f"清单未声明取值步长；数据以 {step:.6g} 为步长，已按此处理。",
                )
            ]
    return 0.0, []


def _of_tables(bundle: Bundle, data: Dataset) -> Perturbation:
    reference, notes = reference_inputs(bundle, data)
    features = matching_features(data)
    spread = np.nanstd(reference, axis=0, dtype=np.float64)
    movable = np.array([is_mutable_number(feature) for feature in features])
    scale = np.where(movable, spread, 0.0)
    if not (scale > 0).any():
        raise NoPerturbation(
            Text(
                "No feature is declared both numeric and mutable, so an attacker could change nothing by numbers.",
                "没有同时声明为数值型且可变的特征，攻击者无法以数值方式改变任何内容。",
            )
        )
    low, high = feature_domain(features, reference)
    fixed = int((~movable).sum())
    return Perturbation(
        epsilons=SPREAD,
        primary=SPREAD[2],
        scale=scale,
        low=low,
        high=high,
        grid=np.array([1.0 if feature.get("type") == "integer" else 0.0 for feature in features]),
        unit=_SPREAD_UNIT,
        notes=(
            *notes,
            _NO_STANDARD,
            Text(
                f"{int((scale > 0).sum())} mutable numeric features were moved; {fixed} others were left as they are.",
                f"改动了 {int((scale > 0).sum())} 个可变数值特征；其余 {fixed} 个保持不变。",
            ),
        ),
    )


def _of_series(bundle: Bundle, data: Dataset) -> Perturbation:
    reference, notes = reference_inputs(bundle, data)
    shape = reference.shape[1:]
    axes = tuple(range(reference.ndim - 1)) if reference.ndim > 2 else (0,)
    spread = np.broadcast_to(np.nanstd(reference, axis=axes, dtype=np.float64), shape)
    return Perturbation(
        epsilons=SPREAD,
        primary=SPREAD[2],
        scale=spread.copy(),
        low=np.full(shape, float(np.nanmin(reference))),
        high=np.full(shape, float(np.nanmax(reference))),
        grid=np.zeros(shape),
        unit=_SPREAD_UNIT,
        notes=(*notes, _NO_STANDARD),
    )


def _of_sound(bundle: Bundle, data: Dataset) -> Perturbation:
    shape = data.inputs.shape[1:]
    low, high = bundle.preprocessing.range or (
        float(data.inputs.min()),
        float(data.inputs.max()),
    )
    sizes = tuple(10 ** (-decibels / 20) for decibels in NOISE_DECIBELS)
    return Perturbation(
        epsilons=sizes,
        primary=sizes[1],
        scale=np.ones(shape),
        low=np.full(shape, low),
        high=np.full(shape, high),
        grid=np.zeros(shape),
        unit=Text("share of the signal's root mean square", "信号均方根的比例"),
        notes=(
            Text(
                "No value moves further than 1 %, 3.2 % or 10 % of the signal's root mean square: the "
                "signal-to-noise "
                "ratio stays at or above 40, 30 or 20 dB. No accepted standard exists for these sizes.",
                "每个采样点的改动不超过信号均方根的 1%、3.2% 或 10%，即信噪比不低于 40、30 或 20 dB。"
                "这些幅度尚无公认标准。",
            ),
        ),
        by_signal=True,
    )


_SPREAD_UNIT = Text("standard deviations of each feature", "各特征标准差的倍数")
_NO_STANDARD = Text(
    "No accepted standard exists for how far an attacker may move such data; the sizes are the scheme's own choice.",
    "对于攻击者可在多大幅度内改动此类数据，尚无公认标准；幅度由本方案自行规定。",
)
