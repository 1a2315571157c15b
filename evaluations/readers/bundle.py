"""A bundle: a folder with a manifest and the files it names, as methods see it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from evaluations.readers.dataset import Dataset
from evaluations.readers.label_text import in_order, label_texts
from evaluations.readers.manifest import MAX_BYTES, parse_manifest
from evaluations.readers.model import Model
from evaluations.readers.model_onnx import OnnxModel
from evaluations.readers.model_skops import SkopsModel
from evaluations.readers.preprocessing import Preprocessing
from evaluations.readers.readout import Readout
from evaluations.readers.refusal import Refused
from evaluations.readers.sources import open_source
from evaluations.readers.text import Text

MANIFEST = "manifest.json"
Digest = str


def load_bundle(folder: Path, *, threads: int = 1) -> Bundle:
    """The bundle in `folder`. Raises `Refused` when the manifest is wrong or a file it names is missing."""
    data = _read(folder, MANIFEST, limit=MAX_BYTES)
    return Bundle(folder, parse_manifest(data), threads)


class Bundle:
    """Model and data are read when first asked for, and kept."""

    def __init__(self, folder: Path, manifest: dict[str, Any], threads: int = 1) -> None:
        self.folder, self.manifest, self.threads = folder, manifest, threads
        self.preprocessing = Preprocessing.from_manifest(self._entry.get("preprocessing", {}))
        self._datasets: dict[str, Dataset] = {}
        for name in self.files():
            _inside(folder, name)

    @property
    def profile(self) -> Mapping[str, Any]:
        """The declared profile (modality, exposure, …)."""
        profile: Mapping[str, Any] = self.manifest["profile"]
        return profile

    @property
    def roles(self) -> list[str]:
        """Roles for which there is data, in the manifest's order."""
        return [entry["role"] for entry in self.manifest["data"]]

    @property
    def task(self) -> str:
        """classification or regression."""
        return str(self._entry.get("task", "classification"))

    @cached_property
    def classes(self) -> list[str]:
        """Labels in the order of the model's outputs; where not declared, those of the test data in order."""
        if self.task == "regression":
            return []
        declared = self._entry.get("classes")
        if declared:
            return [str(label) for label in declared]
        labelled = [entry for entry in self.manifest["data"] if entry.get("label")]
        if not labelled:
            return []
        found = open_source(_read(self.folder, labelled[0]["file"]), labelled[0], self.preprocessing)
        return in_order(set(label_texts(found.column(labelled[0]["label"])).tolist()))

    @cached_property
    def model(self) -> Model | None:
        """The model, or None for a bundle of predictions only. Raises `Refused` when it cannot be run."""
        entry = self._entry
        if entry.get("format", "predictions") == "predictions":
            return None
        data = _read(self.folder, entry["file"])
        readout = Readout.from_manifest(entry, self.classes)
        if entry["format"] == "skops":
            return SkopsModel(data, entry, readout, self.preprocessing, self.threads)
        return OnnxModel(data, entry, readout, self.preprocessing, self.threads)

    def data(self, role: str) -> Dataset | None:
        """The data set of a role, or None. Without a test set, stored predictions serve as one."""
        wanted = "predictions" if role == "test" and "test" not in self.roles else role
        spec = next((entry for entry in self.manifest["data"] if entry["role"] == wanted), None)
        if spec is None:
            return None
        if wanted not in self._datasets:
            source = open_source(_read(self.folder, spec["file"]), spec, self.preprocessing)
            self._datasets[wanted] = Dataset(spec, source, self.classes, self._positive)
        return self._datasets[wanted]

    def files(self) -> list[str]:
        """Every file that the manifest names, once each, without the manifest itself."""
        record = self.manifest.get("record", {})
        names = [self._entry.get("file"), *(entry["file"] for entry in self.manifest["data"])]
        names += [entry["file"] for entry in record.get("artifacts", [])]
        names.append(record.get("signature", {}).get("file"))
        return list(dict.fromkeys(name for name in names if name))

    def digests(self) -> dict[str, Digest]:
        """SHA-256 (hex) of the manifest and of every file it names, computed from their bytes."""
        return {
            name: hashlib.sha256(_read(self.folder, name)).hexdigest()
            for name in [MANIFEST, *self.files()]
            if (self.folder / name).is_file()
        }

    @property
    def seed_free(self) -> bool:
        """Whether the model has no random operator, so that its answers depend on its input alone."""
        return self.model is None or self.model.deterministic

    def facts(self) -> dict[str, Any]:
        """What `fits` and `cost` go by, fit for JSON: rows by role, shapes, task, and what the object can do."""
        model, test = self.model, self.data("test")
        first = test or next((self.data(role) for role in self.roles), None)
        specs = self.manifest["data"]
        return {
            "modality": self.profile["modality"],
            "task": self.task,
            "classes": len(self.classes),
            "rows": {role: self._rows(role) for role in self.roles},
            "model": self._entry.get("format", "predictions"),
            "model_seen": model.facts() if model is not None else {},
            "differentiable": model is not None and model.differentiable,
            "free_batch": model is not None and model.free_batch,
            "input_shape": self._input_shape(first, model),
            "image": self._image(),
            "features": len(first.features) if first is not None else 0,
            "label": any(entry.get("label") for entry in specs if entry["role"] in ("test", "predictions")),
            "predictions": test is not None and bool(test.spec.get("prediction")),
            "scores": model is not None or (test is not None and bool(test.spec.get("score"))),
            "sensitive": sorted({entry["name"] for spec in specs for entry in spec.get("sensitive", [])}),
            "claims": [entry["metric"] for entry in self.manifest.get("claims", [])],
            "record": "record" in self.manifest,
        }

    @property
    def _entry(self) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self.manifest.get("model", {})
        return entry

    @property
    def _positive(self) -> str | None:
        return str(self._entry["positive"]) if "positive" in self._entry else None

    def _rows(self, role: str) -> int:
        found = self.data(role)
        return found.n if found is not None else 0

    def _input_shape(self, dataset: Dataset | None, model: Model | None) -> list[int]:
        if self.preprocessing.shape is not None:
            return list(self.preprocessing.shape)
        return list(np.shape(dataset.inputs)[1:]) if dataset is not None and model is not None else []

    def _image(self) -> dict[str, int] | None:
        """Channels, height, width and the axis of channels in a batch (1 or 3), for image systems."""
        shape, axis = self.preprocessing.shape, self.preprocessing.channel_axis
        if self.profile["modality"] != "image" or shape is None or axis is None:
            return None
        height, width = (shape[1], shape[2]) if axis == 0 else (shape[0], shape[1])
        return {"channels": shape[axis], "height": height, "width": width, "channel_axis": axis + 1}


def _inside(folder: Path, name: str) -> Path:
    """The file's path, certainly inside the folder (links followed)."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Refused(
            Text(
                en="The file is a link that leads out of the bundle. Put the file itself there.",
                zh="该文件是指向清单文件夹之外的链接。请放入文件本身。",
            ),
            name,
        )
    return path


def _read(folder: Path, name: str, limit: int = 2**32) -> bytes:
    path = _inside(folder, name)
    if not path.is_file():
        raise Refused(
            Text(
                en="The file is named but not there. Add it to the bundle, or correct its name.",
                zh="清单提到了该文件，但文件不存在。请加入该文件或更正文件名。",
            ),
            name,
        )
    if path.stat().st_size > limit:
        raise Refused(
            Text(en=f"The file is larger than {limit:,} bytes.", zh=f"文件超过 {limit:,} 字节。"),
            name,
        )
    return path.read_bytes()
