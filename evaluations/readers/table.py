"""A table in memory: named columns of text or numbers, compact (Arrow), with the place of every cell known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text

MISSING = ("", "NA", "N/A", "na", "n/a", "NaN", "nan", "NULL", "null", "None", "?")
_DECIMAL_COMMA = r"^\s*[+-]?\d+,\d+\s*$"


class Table:
    """Columns by name. `origin` is the file's name, used in the place of a refusal."""

    def __init__(self, columns: dict[str, pa.ChunkedArray], origin: str) -> None:
        self._columns = columns
        self._numbers: dict[str, np.ndarray | None] = {}
        self.origin = origin
        self.n = len(next(iter(columns.values()))) if columns else 0

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def text(self, name: str) -> np.ndarray:
        """The cells as they stand (n, object array of str; a missing value of a typed column is "")."""
        column = self._stored(name)
        if not pa.types.is_string(column.type):
            column = _written(column)
        return np.asarray(pc.fill_null(column, "").to_pylist(), dtype=object)

    def numbers(self, name: str) -> np.ndarray | None:
        """The column as float64 (n, missing = NaN), or None when some cell is no number."""
        if name not in self._numbers:
            self._numbers[name] = _as_numbers(self._stored(name))
        return self._numbers[name]

    def column(self, name: str) -> np.ndarray:
        """float64 when every cell is a number or missing (and one is a number), else text."""
        numbers = self.numbers(name)
        return self.text(name) if numbers is None or np.isnan(numbers).all() else numbers

    def required_numbers(self, name: str) -> np.ndarray:
        """As `numbers`, but raises `Refused` naming the first cell that is no number."""
        numbers = self.numbers(name)
        if numbers is not None:
            return numbers
        row, cell = self.first_text(name)
        raise Refused(
            Text(
                en=f"Column “{name}” must hold numbers, but row {row} holds “{cell}”. Correct the cell, "
                "or declare the column as categorical with its values.",
                zh=f"列“{name}”应为数值，但第 {row} 行为“{cell}”。请更正该单元格，或将该列声明为类别型并列出取值。",
            ),
            f"{self.origin}: row {row}, column {name}",
        )

    def first_text(self, name: str) -> tuple[int, str]:
        """Row (1 = first row below the header) and shortened text of the first cell that is no number."""
        for index, cell in enumerate(self.text(name).tolist()):
            if cell.strip() not in MISSING and not _is_number(cell):
                return index + 1, shortened(cell)
        return 0, ""

    def _stored(self, name: str) -> pa.ChunkedArray:
        if name not in self._columns:
            known = ", ".join(shortened(other, 30) for other in self.names[:12])
            raise Refused(
                Text(
                    en=f"There is no column “{shortened(name)}”. The file has: {known}.",
                    zh=f"没有名为“{shortened(name)}”的列。该文件包含：{known}。",
                ),
                f"{self.origin}: header",
            )
        return self._columns[name]


def shortened(text: str, limit: int = 60) -> str:
    """A cell fit for a sentence: control characters shown as spaces, cut at `limit` characters."""
    clean = "".join(character if character.isprintable() else " " for character in text[: limit + 1])
    return clean if len(clean) <= limit else clean[:limit] + "…"


def _written(column: pa.ChunkedArray) -> Any:
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        written = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(written, pa.string())])


def _as_numbers(column: pa.ChunkedArray) -> np.ndarray | None:
    if pa.types.is_string(column.type):
        return _numbers_from_text(column)
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        return None
    floats = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(pc.fill_null(floats, float("nan")).to_numpy(), dtype=np.float64)


def _numbers_from_text(column: pa.ChunkedArray) -> np.ndarray | None:
    trimmed = pc.utf8_trim_whitespace(column)
    absent = pc.is_in(trimmed, value_set=pa.array(MISSING))
    kept = pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)
    if _all_decimal_commas(kept):
        kept = pc.replace_substring(kept, ",", ".")
    try:
        floats = pc.cast(kept, pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(pc.fill_null(floats, float("nan")).to_numpy(), dtype=np.float64)


def _all_decimal_commas(column: pa.ChunkedArray) -> bool:
    """True when cells are like 1,5 (or whole numbers) and at least one has the comma: Excel in many countries."""
    commas = pc.match_substring(column, ",")
    if not pc.any(commas).as_py():
        return False
    return bool(pc.all(pc.match_substring_regex(pc.filter(column, commas), _DECIMAL_COMMA)).as_py())


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell
