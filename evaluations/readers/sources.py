"""Where data sets come from: tables (CSV, Parquet), arrays (NPZ) and zipped pictures, seen alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluations.readers.arrays import read_npz
from evaluations.readers.dataset import Source
from evaluations.readers.images import read_pictures
from evaluations.readers.label_text import label_text, label_texts
from evaluations.readers.parquet import read_parquet
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.refusal import Refused
from evaluations.readers.table import MISSING, Table, shortened
from evaluations.readers.tabular import read_csv
from evaluations.readers.text import Text

_TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "yes": 1.0, "no": 0.0}


def open_source(data: bytes, spec: Mapping[str, Any], preprocessing: Preprocessing) -> Source:
    """The source of one manifest entry. Raises `Refused` with the place in the file."""
    origin = spec["file"]
    if spec["format"] == "npz":
        return ArraySource(read_npz(data, origin), spec, preprocessing)
    if spec["format"] == "images":
        pictures = read_pictures(data, origin)
        pixels = pictures.pixels if preprocessing.layout == "NHWC" else pictures.pixels.transpose(0, 3, 1, 2)
        return TableSource(pictures.labels, spec, preprocessing, pixels)
    table = read_csv(data, origin).table if spec["format"] == "csv" else read_parquet(data, origin)
    return TableSource(table, spec, preprocessing)


class TableSource:
    """A table; with `pixels`, the label table of a set of pictures."""

    def __init__(
        self, table: Table, spec: Mapping[str, Any], preprocessing: Preprocessing, pixels: np.ndarray | None = None
    ) -> None:
        self.origin, self.n = table.origin, table.n
        self._table, self._spec, self._preprocessing, self._pixels = table, spec, preprocessing, pixels

    @property
    def names(self) -> list[str]:
        return self._table.names

    def column(self, name: str) -> np.ndarray:
        return self._table.column(name)

    def text(self, name: str) -> np.ndarray:
        return self._table.text(name)

    def features(self) -> list[dict[str, Any]]:
        declared = self._spec.get("features")
        if declared is not None:
            return [dict(entry) for entry in declared]
        if self._pixels is not None:
            return []
        names = [name for name in self.names if name not in not_features(self._spec)]
        return [{"name": name, "type": "numeric"} for name in names]

    def inputs(self) -> np.ndarray:
        if self._pixels is not None:
            return shaped(self._pixels.astype(np.float32), self._preprocessing, self.origin)
        wanted = self.features()
        if not wanted:
            raise Refused(
                Text(en="No feature column is left or declared.", zh="没有声明或剩余的特征列。"),
                f"manifest.json: data ({self._spec['role']}).features",
            )
        columns = [self._encoded(entry) for entry in wanted]
        return shaped(np.stack(columns, axis=1).astype(np.float32), self._preprocessing, self.origin)

    def _encoded(self, entry: Mapping[str, Any]) -> np.ndarray:
        name, kind = entry["name"], entry["type"]
        if kind in ("numeric", "integer"):
            return self._table.required_numbers(name)
        if kind == "boolean":
            return self._coded(name, _TRUTH)
        if kind == "categorical" and entry.get("values"):
            return self._coded(name, {label_text(value): float(code) for code, value in enumerate(entry["values"])})
        raise Refused(
            Text(
                en=f"“{name}” is {kind}{' without values' if kind == 'categorical' else ''} and cannot be fed to a "
                "model as a number. List its values in the order of their codes, or submit encoded data.",
                zh=f"“{name}”为 {kind} 类型{'且未列出取值' if kind == 'categorical' else ''}，无法作为数值输入模型。"
                "请按编码顺序列出取值，或提交已编码的数据。",
            ),
            f"manifest.json: data ({self._spec['role']}).features ({name})",
        )

    def _coded(self, name: str, codes: Mapping[str, float]) -> np.ndarray:
        texts = label_texts(self._table.column(name))
        out = np.empty(len(texts))
        for row, text in enumerate(texts.tolist()):
            known = codes.get(text, codes.get(text.lower()))
            if known is None and text not in MISSING:
                raise Refused(
                    Text(
                        en=f"Row {row + 1} holds “{shortened(text)}”, which is not one of the declared values "
                        f"of “{name}”.",
                        zh=f"第 {row + 1} 行为“{shortened(text)}”，不在“{name}”声明的取值之中。",
                    ),
                    f"{self.origin}: row {row + 1}, column {name}",
                )
            out[row] = np.nan if known is None else known
        return out


class ArraySource:
    """Arrays of an NPZ file: X the inputs, the label array, and any others of the same length as columns."""

    def __init__(self, arrays: Mapping[str, np.ndarray], spec: Mapping[str, Any], preprocessing: Preprocessing) -> None:
        self.origin = spec["file"]
        if "X" not in arrays:
            raise Refused(
                Text(en="The file has no array X with the inputs.", zh="文件中没有存放输入的数组 X。"),
                f"{self.origin}: X",
            )
        self._inputs, self._spec, self._preprocessing = arrays["X"], spec, preprocessing
        self.n = len(self._inputs)
        self._columns = {
            name: array for name, array in arrays.items() if name != "X" and array.ndim == 1 and len(array) == self.n
        }

    @property
    def names(self) -> list[str]:
        """Arrays with one value for each sample, and the features where they are named."""
        return [*self._columns, *(name for name in self._feature_names() if name not in self._columns)]

    def column(self, name: str) -> np.ndarray:
        values = self._stored(name)
        if np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_:
            return values.astype(np.float64)
        return label_texts(values)

    def text(self, name: str) -> np.ndarray:
        return label_texts(self._stored(name))

    def features(self) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self._spec.get("features", [])]

    def inputs(self) -> np.ndarray:
        return shaped(self._inputs.astype(np.float32), self._preprocessing, self.origin)

    def _feature_names(self) -> list[str]:
        names = [entry["name"] for entry in self._spec.get("features", [])]
        return names if self._inputs.ndim == 2 and len(names) == self._inputs.shape[1] else []

    def _stored(self, name: str) -> np.ndarray:
        if name in self._columns:
            return self._columns[name]
        if name in self._feature_names():
            return np.asarray(self._inputs[:, self._feature_names().index(name)])
        raise Refused(
            Text(
                en=f"There is no array “{shortened(name)}” with one value for each of the {self.n:,} samples.",
                zh=f"没有名为“{shortened(name)}”、且每个样本（共 {self.n:,} 个）对应一个值的数组。",
            ),
            f"{self.origin}: {shortened(name)}",
        )


def not_features(spec: Mapping[str, Any]) -> set[str]:
    """Columns that a declaration uses for something else than the model's input."""
    prediction = spec.get("prediction")
    column = prediction["column"] if isinstance(prediction, Mapping) else prediction
    named = {str(name) for name in (spec.get("label"), spec.get("score"), column) if name}
    return named | set(spec.get("identifiers", [])) | set(spec.get("personal", []))


def shaped(values: np.ndarray, preprocessing: Preprocessing, origin: str) -> np.ndarray:
    """Inputs in the declared sample shape. Raises `Refused` when the number of values does not fit."""
    shape: Sequence[int] | None = preprocessing.shape
    if shape is None or values.shape[1:] == tuple(shape):
        return values
    size = int(np.prod(values.shape[1:], dtype=int))
    if size != int(np.prod(shape, dtype=int)):
        raise Refused(
            Text(
                en=f"A sample holds {size:,} values {list(values.shape[1:])}, the manifest declares {list(shape)}.",
                zh=f"每个样本有 {size:,} 个值 {list(values.shape[1:])}，而清单声明为 {list(shape)}。",
            ),
            f"{origin}: inputs",
        )
    return values.reshape(len(values), *shape)
