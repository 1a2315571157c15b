"""A scikit-learn model in skops format: every type in the file must be on the list below."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from evaluations.readers.archives import open_archive, read_member
from evaluations.readers.label_text import label_text
from evaluations.readers.model import Model, batches
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout
from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

_SKLEARN = (
    "_loss|calibration|cluster|compose|cross_decomposition|decomposition|discriminant_analysis|dummy|ensemble|"
    "feature_selection|gaussian_process|impute|isotonic|kernel_approximation|kernel_ridge|linear_model|mixture|"
    "multiclass|multioutput|naive_bayes|neighbors|neural_network|pipeline|preprocessing|random_projection|"
    "semi_supervised|svm|tree|utils\\._bunch|base"
)
TRUSTED = re.compile(
    rf"(sklearn\.({_SKLEARN})(\.\w+)*\.[A-Za-z_]\w*"
    r"|numpy\.(ndarray|generic|dtype|bool_?|u?int(8|16|32|64)|float(16|32|64)|str_|random\.mtrand\.RandomState"
    r"|random\._generator\.Generator|random\._pcg64\.PCG64|random\._mt19937\.MT19937|ma\.MaskedArray)"
    r"|scipy\.sparse\._(csr|csc|coo)\.(csr|csc|coo)_(matrix|array)"
    r"|builtins\.(dict|list|tuple|set|str|int|float|bool|bytes|NoneType|slice|complex|type)"
    r"|collections\.(OrderedDict|defaultdict))"
)


def trusted_types(data: bytes, place: str) -> list[str]:
    """Types named in the file, all on the list. Raises `Refused` naming one that is not; nothing is built."""
    with open_archive(data, place) as archive:
        if "schema.json" not in archive.namelist():
            raise _not_skops(place)
        try:
            schema = json.loads(read_member(archive, "schema.json", place))
        except (ValueError, RecursionError):
            raise _not_skops(place) from None
    found = sorted(set(_types(schema)))
    for name in found:
        if not TRUSTED.fullmatch(name):
            raise Refused(
                Text(
                    en=f"The model contains the type {shortened(name)}, which is not on the list of trusted types. "
                    "Use scikit-learn estimators only, or export the model as ONNX.",
                    zh=f"模型包含类型 {shortened(name)}，不在可信类型清单中。"
                    "请仅使用 scikit-learn 估计器，或将模型导出为 ONNX。",
                ),
                f"{place}: schema.json",
            )
    return found


class SkopsModel(Model):
    """`data` is the file's bytes. Raises `Refused` for unknown types or an estimator that does not fit the task."""

    def __init__(
        self, data: bytes, entry: Mapping[str, Any], readout: Readout, preprocessing: Preprocessing, threads: int = 1
    ) -> None:
        super().__init__(entry["task"], readout, preprocessing)
        self._place, self._size = entry["file"], len(data)
        self._types = trusted_types(data, self._place)
        self._estimator = build(data, self._types, self._place)
        self._answer = self._chosen_answer()
        self._order = self._column_order()

    @property
    def gradient_refusal(self) -> Text:
        return Text(
            en="A skops model has no computation graph to differentiate. Submit the model as ONNX for white-box tests.",
            zh="skops 模型没有可求导的计算图。如需白盒测试，请以 ONNX 提交模型。",
        )

    @property
    def free_batch(self) -> bool:
        return True

    @property
    def deterministic(self) -> bool:
        return True

    def facts(self) -> dict[str, Any]:
        return {
            "estimator": type(self._estimator).__name__,
            "features": int(getattr(self._estimator, "n_features_in_", 0)),
            "types": self._types,
            "size": self._size,
        }

    def output(self, raw: np.ndarray, batch: int | None = None) -> np.ndarray:
        raw = np.asarray(raw, dtype=np.float32)
        parts = [self._predict(raw[part]) for part in batches(len(raw), raw[0].size if len(raw) else 1, batch)]
        return np.concatenate(parts) if parts else np.zeros((0, max(1, len(self.classes))), dtype=np.float32)

    def run(self, raw: np.ndarray, *, threads: int = 1, batch: int | None = None) -> np.ndarray:
        """scikit-learn predicts in one thread here; `threads` changes nothing and is accepted for symmetry."""
        return self.output(raw, batch)

    def _predict(self, raw: np.ndarray) -> np.ndarray:
        fed = self.preprocessing.feed(raw).reshape(len(raw), -1)
        try:
            answer = np.asarray(getattr(self._estimator, self._answer)(fed))
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(
                Text(
                    en=f"The model stopped with an error on {fed.shape[1]} features: {shortened(str(error), 200)}",
                    zh=f"模型在 {fed.shape[1]} 个特征上出错：{shortened(str(error), 200)}",
                ),
                self._place,
            ) from error
        columns = self.readout.columns(answer, len(raw))
        return columns[:, self._order] if self._order is not None and columns.shape[1] > 1 else columns

    def _chosen_answer(self) -> str:
        """The estimator's own function for the declared kind of output."""
        wanted = {"value": "predict", "label": "predict", "probabilities": "predict_proba"}
        name = wanted.get(self.readout.kind, "decision_function")
        if not hasattr(self._estimator, name):
            raise Refused(
                Text(
                    en=f"{type(self._estimator).__name__} has no {name}, which the declared output "
                    f"“{self.readout.kind}” needs. Declare another kind.",
                    zh=f"{type(self._estimator).__name__} 没有 {name}，而声明的输出类型“{self.readout.kind}”需要它。"
                    "请改为声明其他类型。",
                ),
                "manifest.json: model.output.kind",
            )
        return name

    def _column_order(self) -> list[int] | None:
        """Position of each declared class in the estimator's own order of classes."""
        if self.readout.kind in ("value", "label") or not hasattr(self._estimator, "classes_"):
            return None
        own = [label_text(value) for value in self._estimator.classes_]
        if sorted(own) != sorted(self.classes):
            raise Refused(
                Text(
                    en=f"The model knows the classes {', '.join(own[:10])}, "
                    f"the manifest {', '.join(self.classes[:10])}.",
                    zh=f"模型的类别为 {'、'.join(own[:10])}，清单中的类别为 {'、'.join(self.classes[:10])}。",
                ),
                "manifest.json: model.classes",
            )
        return [own.index(label) for label in self.classes]


def build(data: bytes, trusted: list[str], place: str) -> Any:
    """The estimator of types that `trusted_types` let through. Raises `Refused` when it cannot be built."""
    from skops.io import get_untrusted_types, loads  # noqa: PLC0415  (imports scikit-learn, which takes a second)

    try:
        return loads(data, trusted=[name for name in get_untrusted_types(data=data) if name in set(trusted)])
    except Exception as error:  # skops raises what the types' own constructors raise
        raise Refused(
            Text(
                en=f"The model cannot be built: {shortened(str(error), 200)}. Save it again with the current "
                "scikit-learn and skops, or export it as ONNX.",
                zh=f"无法重建模型：{shortened(str(error), 200)}。请使用当前版本的 scikit-learn 与 skops 重新保存，"
                "或导出为 ONNX。",
            ),
            place,
        ) from error


def _types(node: Any) -> Iterator[str]:
    waiting = [node]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if isinstance(entry.get("__class__"), str):
                yield f"{entry.get('__module__', '')}.{entry['__class__']}"
            content = entry.get("content")
            if entry.get("__loader__") in ("TypeNode", "FunctionNode") and isinstance(content, dict):
                yield f"{content.get('module_path', '')}.{content.get('function', '')}"
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)


def _not_skops(place: str) -> Refused:
    return Refused(
        Text(
            en="The file is not a skops model (no readable schema.json). Save it with skops.io.dump.",
            zh="该文件不是 skops 模型（没有可读的 schema.json）。请使用 skops.io.dump 保存。",
        ),
        place,
    )
