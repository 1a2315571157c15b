"""What the features of a table may hold: quantities or categories, mutable or not, lowest and highest value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluations.methods.frame import Text

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset


def reference_inputs(bundle: Bundle, data: Dataset) -> tuple[np.ndarray, list[Text]]:
    """The inputs that standard deviations are taken from: the training sample, else the test data."""
    training = bundle.data("training")
    if training is not None and training.n > 1:
        return training.inputs, []
    return data.inputs, [
        Text(
            "There is no training sample: standard deviations and domains were taken from the test data.",
            "没有训练样本：标准差和取值域取自测试数据。",
        )
    ]


def matching_features(data: Dataset) -> Sequence[Mapping[str, Any]]:
    """The declared features, one for each column of the inputs; undeclared columns are plain numbers."""
    width = int(np.prod(data.inputs.shape[1:]))
    features = list(data.features or [])
    return features if len(features) == width else [{"type": "numeric"}] * width


def is_number(feature: Mapping[str, Any]) -> bool:
    """Is the feature a quantity?"""
    return feature.get("type", "numeric") in ("numeric", "integer")


def is_mutable_number(feature: Mapping[str, Any]) -> bool:
    """Is the feature a quantity that a person could change? Undeclared mutability counts as mutable."""
    return is_number(feature) and feature.get("mutable", True) is not False


def feature_domain(features: Sequence[Mapping[str, Any]], reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of each feature: declared, else as seen in the reference data."""
    seen_low, seen_high = np.nanmin(reference, axis=0), np.nanmax(reference, axis=0)
    low = [_declared(feature, "minimum", seen) for feature, seen in zip(features, seen_low, strict=True)]
    high = [_declared(feature, "maximum", seen) for feature, seen in zip(features, seen_high, strict=True)]
    return np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)


def _declared(feature: Mapping[str, Any], name: str, seen: float) -> float:
    value = feature.get(name)
    return float(seen if value is None else value)
