"""Features as they stand in the file against what the manifest declares: gaps and impossible values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from evaluations.readers.dataset import Dataset

Flags = npt.NDArray[np.bool_]

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "--", "缺失", "空"})


@dataclass(frozen=True)
class Column:
    """A feature: its values as they stand in the file, and what the manifest declares about it."""

    name: str
    values: npt.NDArray[Any]
    declared: Mapping[str, Any]


def feature_columns(data: Dataset) -> list[Column]:
    """The declared features; without a declaration, each element of the model's input is a column."""
    names = set(data.columns)
    declared = [feature for feature in data.features if feature["name"] in names]
    if declared:
        return [Column(feature["name"], data.column(feature["name"]), feature) for feature in declared]
    flat = data.inputs.reshape(data.n, -1)
    return [Column(f"input {index}", flat[:, index], {}) for index in range(flat.shape[1])]


def missing(column: Column) -> Flags:
    """Which values are absent: NaN, empty, or a customary sign for it that the manifest does not list as a value."""
    if column.values.dtype.kind in "fiub":
        return np.asarray(np.isnan(column.values.astype(float)))
    signs = ABSENT - {str(value).strip().lower() for value in column.declared.get("values", [])}
    return np.array([str(value).strip().lower() in signs for value in column.values], dtype=bool)


def out_of_domain(column: Column, bounds: tuple[float, float] | None) -> Flags:
    """Which present values lie outside the declared range or list, are infinite, or not whole where declared whole."""
    present = ~missing(column)
    if column.values.dtype.kind not in "fiub":
        return present & _foreign_text(column)
    values = column.values.astype(float)
    low = column.declared.get("minimum", bounds[0] if bounds else -np.inf)
    high = column.declared.get("maximum", bounds[1] if bounds else np.inf)
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high) | np.isinf(values)
        if column.declared.get("type") == "integer":
            outside |= np.isfinite(values) & (values != np.round(values))
    if column.declared.get("values"):
        outside |= _foreign_numbers(values, column.declared["values"])
    return np.asarray(present & outside)


def _foreign_text(column: Column) -> Flags:
    """Text that is not in the declared list; any text at all, where numbers are declared."""
    texts = np.array([str(value).strip() for value in column.values], dtype=str)
    if column.declared.get("values"):
        return np.asarray(~np.isin(texts, [str(value).strip() for value in column.declared["values"]]))
    if column.declared.get("type") not in ("numeric", "integer"):
        return np.zeros(len(texts), dtype=bool)
    return np.array([not _is_number(text) for text in texts], dtype=bool)


def _foreign_numbers(values: npt.NDArray[np.float64], allowed: Sequence[Any]) -> Flags:
    numbers = [float(value) for value in allowed if _is_number(str(value))]
    return ~np.isin(values, numbers)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
