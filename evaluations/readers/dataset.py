"""One declared data set: inputs, labels, groups and stored predictions, read when first asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from evaluations.readers.label_text import label_text, label_texts
from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text


class Source(Protocol):
    """Where a data set's columns come from: a table, arrays or pictures."""

    origin: str
    n: int

    @property
    def names(self) -> list[str]: ...

    def column(self, name: str) -> np.ndarray: ...

    def text(self, name: str) -> np.ndarray: ...

    def inputs(self) -> np.ndarray: ...

    def features(self) -> list[dict[str, Any]]: ...


class Dataset:
    """`spec` is the manifest's entry, `classes` the labels in the order of the model's outputs."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        source: Source,
        classes: Sequence[str],
        positive: str | None,
        rows: np.ndarray | None = None,
    ) -> None:
        self.spec = dict(spec)
        self.label_values = list(classes)
        self._source, self._positive, self._rows = source, positive, rows

    @property
    def n(self) -> int:
        """Number of samples."""
        return self._source.n if self._rows is None else len(self._rows)

    @property
    def columns(self) -> list[str]:
        """Names of all columns, declared or not."""
        return self._source.names

    @property
    def features(self) -> list[dict[str, Any]]:
        """The features in the order of the inputs, as declared or (name and type only) as found."""
        return self._source.features()

    @cached_property
    def inputs(self) -> np.ndarray:
        """Raw model inputs in data units (n×…, float32); images in the declared shape, missing = NaN."""
        return self._picked(self._source.inputs())

    @property
    def has_labels(self) -> bool:
        return bool(self.spec.get("label"))

    @cached_property
    def labels(self) -> np.ndarray:
        """Class indices (n, int64), or the values (n, float64) of a regression."""
        name = self.spec.get("label")
        if not name:
            raise Refused(
                Text(en="No label column is declared for this data set.", zh="该数据集未声明标签列。"),
                f"manifest.json: data ({self.spec['role']}).label",
            )
        if not self.label_values:
            return np.asarray(self.column(name), dtype=np.float64)
        return self._indices(name)

    @property
    def favourable(self) -> int | None:
        """Index of the favourable outcome: `favourable`, else the model's positive class; None if not declared."""
        wanted = self.spec.get("favourable", self._positive)
        return self.label_values.index(str(wanted)) if wanted is not None and str(wanted) in self.label_values else None

    def column(self, name: str) -> np.ndarray:
        """One column: float64 (missing = NaN) when all its cells are numbers, else object array of str."""
        return self._picked(self._source.column(name))

    def text(self, name: str) -> np.ndarray:
        """One column exactly as written (object array of str), for what numbers would lose: zeros in front, digits."""
        return self._picked(self._source.text(name))

    def group(self, attribute: str) -> np.ndarray:
        """Group of each sample for a sensitive attribute (object array of str); numeric cuts as declared."""
        entry = next((entry for entry in self.spec.get("sensitive", []) if entry["name"] == attribute), None)
        if entry is None:
            raise Refused(
                Text(
                    en=f"“{shortened(attribute)}” is not declared as a sensitive attribute.",
                    zh=f"“{shortened(attribute)}”未声明为敏感属性。",
                ),
                f"manifest.json: data ({self.spec['role']}).sensitive",
            )
        values = self.column(attribute)
        if entry.get("cuts"):
            return _cut(np.asarray(values, dtype=np.float64), entry["cuts"])
        texts = label_texts(values)
        texts[(texts == "") | (texts == "nan")] = "missing"
        return texts

    @cached_property
    def predictions(self) -> np.ndarray | None:
        """The stored predictions: class indices (n, int64) or regression values; None if not declared."""
        declared = self.spec.get("prediction")
        if declared is None:
            return None
        if isinstance(declared, Mapping):
            return self._indices_above(str(declared["column"]), float(declared["above"]))
        if not self.label_values:
            return np.asarray(self.column(declared), dtype=np.float64)
        return self._indices(declared)

    @cached_property
    def scores(self) -> np.ndarray | None:
        """The stored score of each sample (n, float64), higher for the positive class; None if not declared."""
        name = self.spec.get("score")
        return None if name is None else np.asarray(self.column(name), dtype=np.float64)

    def select(self, indices: np.ndarray | Sequence[int]) -> Dataset:
        """The samples at `indices` (positions in this data set), in that order."""
        wanted = np.asarray(indices, dtype=np.int64)
        return Dataset(
            self.spec,
            self._source,
            self.label_values,
            self._positive,
            wanted if self._rows is None else self._rows[wanted],
        )

    def _picked(self, values: np.ndarray) -> np.ndarray:
        return values if self._rows is None else values[self._rows]

    def _indices(self, name: str) -> np.ndarray:
        position = {label: index for index, label in enumerate(self.label_values)}
        texts = label_texts(self.column(name))
        for row, text in enumerate(texts.tolist(), 1):
            if text not in position:
                raise Refused(
                    Text(
                        en=f"Row {row} has the label “{shortened(text)}”, which is not one of the declared classes "
                        f"{', '.join(self.label_values[:12])}.",
                        zh=f"第 {row} 行的标签“{shortened(text)}”不在声明的类别之中："
                        f"{'、'.join(self.label_values[:12])}。",
                    ),
                    f"{self._source.origin}: row {row}, column {name}",
                )
        return np.asarray([position[text] for text in texts], dtype=np.int64)

    def _indices_above(self, name: str, limit: float) -> np.ndarray:
        if len(self.label_values) != 2:
            raise Refused(
                Text(
                    en="A prediction cut out of a score (above) needs exactly two classes.",
                    zh="由得分阈值（above）得出的预测只适用于两个类别。",
                ),
                f"manifest.json: data ({self.spec['role']}).prediction",
            )
        positive = self.label_values.index(self._positive) if self._positive in self.label_values else 1
        above = np.asarray(self.column(name), dtype=np.float64) > limit
        return np.where(above, positive, 1 - positive).astype(np.int64)


def _cut(values: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Intervals closed below: <45, 45–60, ≥60."""
    written = [label_text(float(cut)) for cut in cuts]
    names = [f"<{written[0]}"]
    names += [f"{low}–{high}" for low, high in pairwise(written)]
    names.append(f"≥{written[-1]}")
    groups: np.ndarray = np.asarray(names, dtype=object)[np.digitize(values, list(cuts))]
    groups[np.isnan(values)] = "missing"
    return groups
