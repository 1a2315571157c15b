"""What an object can do, told from the descriptions that the sandbox wrote when its files were uploaded.

The same keys as `evaluations.readers.bundle.Bundle.facts()`, which opens the files; the web process never does. A fact
that no description settles is left at its cautious value: a method is then not planned rather than planned in vain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.systems.models import Artifact
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.refusal import Refused

Facts = dict[str, Any]
NO_MODEL = "predictions"


def facts_of(manifest: Mapping[str, Any], artifacts: Iterable[Artifact]) -> Facts:
    """The facts of the object that `manifest` names, from its files' descriptions."""
    read = {artifact.blob_id: (artifact.description or {}).get("facts") or {} for artifact in artifacts}
    model: Mapping[str, Any] = manifest.get("model") or {}
    entries: list[Mapping[str, Any]] = list(manifest.get("data") or [])
    seen = read.get(model.get("sha256", ""), {})
    has_model = model.get("format", NO_MODEL) != NO_MODEL
    test = next((e for e in entries if e["role"] == "test"), None) or _entry(entries, "predictions")
    described = read.get(test["sha256"], {}) if test else {}
    return {
        "modality": (manifest.get("profile") or {}).get("modality"),
        "task": model.get("task", "classification"),
        "classes": len(model.get("classes") or seen.get("classes") or []),
        "rows": {entry["role"]: rows_in(read.get(entry["sha256"], {})) for entry in entries},
        "model": model.get("format", NO_MODEL),
        "model_seen": seen,
        "differentiable": has_model and _differentiable(model, seen),
        "free_batch": has_model and _free_batch(seen),
        "input_shape": _input_shape(model, test, described),
        "image": _image(manifest),
        "features": _feature_count(test, described),
        "label": any(entry.get("label") for entry in entries if entry["role"] in ("test", "predictions")),
        "predictions": bool(test and test.get("prediction")),
        "scores": has_model or bool(test and test.get("score")),
        "sensitive": sorted({given["name"] for entry in entries for given in entry.get("sensitive") or []}),
        "claims": [claim["metric"] for claim in manifest.get("claims") or []],
        "record": "record" in manifest,
    }


def profile_of(manifest: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The declared profile with the facts that are read and not declared: `differentiable` and `training_sample`."""
    return {
        **(manifest.get("profile") or {}),
        "differentiable": bool(facts["differentiable"]),
        "training_sample": bool(facts["rows"].get("training")),
    }


def rows_in(described: Mapping[str, Any]) -> int:
    """The number of records that a description of data speaks of: rows, pictures, or the length of array X."""
    for key in ("rows", "pictures"):
        if isinstance(described.get(key), int):
            return int(described[key])
    shape = _array(described, "X")
    return int(shape[0]) if shape else 0


def _entry(entries: Iterable[Mapping[str, Any]], role: str) -> Mapping[str, Any] | None:
    return next((entry for entry in entries if entry["role"] == role), None)


def _array(described: Mapping[str, Any], name: str) -> list[Any]:
    arrays = described.get("arrays")
    if not isinstance(arrays, list):
        return []
    return next((list(array.get("shape") or []) for array in arrays if array.get("name") == name), [])


def _differentiable(model: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Exact gradients need a graph that offers them and an output of scores; labels alone have none."""
    return bool(seen.get("differentiable")) and (model.get("output") or {}).get("kind") != "label"


def _free_batch(seen: Mapping[str, Any]) -> bool:
    inputs = seen.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        return seen.get("format") == "skops"
    shape = inputs[0].get("shape") or []
    return bool(shape) and not isinstance(shape[0], int)


def _input_shape(model: Mapping[str, Any], test: Mapping[str, Any] | None, described: Mapping[str, Any]) -> list[int]:
    shape = (model.get("preprocessing") or {}).get("shape")
    if shape:
        return [int(side) for side in shape]
    if described.get("shape"):
        return [int(side) for side in described["shape"]]
    array = _array(described, "X")
    if array:
        return [int(side) for side in array[1:]]
    count = _feature_count(test, described)
    return [count] if count else []


def _feature_count(test: Mapping[str, Any] | None, described: Mapping[str, Any]) -> int:
    """The declared features; else the columns that are neither label nor output nor identifier. Arrays have none."""
    if test is None:
        return 0
    if test.get("features"):
        return len(test["features"])
    columns = described.get("names")
    if not isinstance(columns, list):
        return 0
    others = {test.get("label"), test.get("prediction"), test.get("score"), *(test.get("identifiers") or [])}
    return len([name for name in columns if name not in others])


def _image(manifest: Mapping[str, Any]) -> dict[str, int] | None:
    entry = (manifest.get("model") or {}).get("preprocessing") or {}
    if (manifest.get("profile") or {}).get("modality") != "image":
        return None
    try:
        preprocessing = Preprocessing.from_manifest(entry)
    except (Refused, KeyError, TypeError, ValueError):
        return None
    shape, axis = preprocessing.shape, preprocessing.channel_axis
    if shape is None or axis is None:
        return None
    height, width = (shape[1], shape[2]) if axis == 0 else (shape[0], shape[1])
    return {"channels": shape[axis], "height": height, "width": width, "channel_axis": axis + 1}
