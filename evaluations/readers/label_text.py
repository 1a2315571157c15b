"""How a label is written: the same class must read the same in CSV, Parquet, NPZ and the manifest."""

from __future__ import annotations

from typing import Any

import numpy as np


def label_text(value: Any) -> str:
    """The text of one label: `1`, `1.0` and `np.int64(1)` are all "1", `True` is "true", text is stripped."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    return "" if value is None else _as_number(str(value).strip())


def label_texts(values: np.ndarray) -> np.ndarray:
    """`label_text` of every value, as an object array of str (each distinct value is converted once)."""
    known: dict[Any, str] = {}
    out = np.empty(len(values), dtype=object)
    for index, value in enumerate(values.tolist()):
        if value not in known:
            known[value] = label_text(value)
        out[index] = known[value]
    return out


def in_order(labels: set[str]) -> list[str]:
    """Labels in numeric order when all are numbers, else in alphabetical order."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)


def _as_number(text: str) -> str:
    """ "1.0" as written by a spreadsheet is the class "1"."""
    whole, dot, rest = text.partition(".")
    return whole if dot and rest.strip("0") == "" and whole.lstrip("+-").isdigit() else text
