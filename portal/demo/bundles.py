"""A bundle on disk, as the demo's vendor hands it in: files with their roles, and what the manifest declares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluations.readers.manifest import parse_manifest

from .systems.delivery import MANIFEST, RECORD

# What the portal itself writes into a manifest, from the files it received.
_OF_FILES = frozenset({"role", "file", "format", "sha256", "origin"})


@dataclass(frozen=True)
class Delivery:
    """A file to upload: its role among the artifacts, and where it is."""

    role: str
    path: Path


class Bundle:
    """Reads `manifest.json` of a folder. Raises Refused (bad manifest) or OSError (no such file)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = parse_manifest((folder / MANIFEST).read_bytes(), MANIFEST)

    @property
    def name(self) -> str:
        return str(self.manifest["system"]["name"])

    @property
    def version(self) -> str:
        return str(self.manifest["system"]["version"])

    @property
    def profile(self) -> dict[str, Any]:
        return dict(self.manifest.get("profile", {}))

    @property
    def schema(self) -> dict[str, Any]:
        """What is declared of model, data and claims, without what the portal reads from the files."""
        model = _declared(self.manifest.get("model", {}))
        data = {entry["role"]: _declared(entry) for entry in self.manifest.get("data", [])}
        declared: dict[str, Any] = {"model": model, "data": data}
        for name in ("claims", "population"):
            if name in self.manifest:
                declared[name] = self.manifest[name]
        return declared

    def deliveries(self, record: Path) -> list[Delivery]:
        """The files to upload. `record` is where the delivery record is written when the bundle has it only inside."""
        model = self.manifest.get("model", {})
        found = [Delivery("model", self.folder / model["file"])] if model.get("file") else []
        found += [Delivery(entry["role"], self.folder / entry["file"]) for entry in self.manifest.get("data", [])]
        if content := self.manifest.get("record"):
            found.append(Delivery("record", self._record(content, record)))
            if signature := content.get("signature"):
                found.append(Delivery("record", self.folder / signature["file"]))
        return found

    def _record(self, content: Mapping[str, Any], record: Path) -> Path:
        if (self.folder / RECORD).exists():
            return self.folder / RECORD
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return record

    def digest(self) -> str:
        """Names manifest and files together: another model under the same name is another version."""
        total = hashlib.sha256((self.folder / MANIFEST).read_bytes())
        for delivery in self.deliveries(self.folder / RECORD):
            if delivery.path.is_file():
                total.update(hashlib.sha256(delivery.path.read_bytes()).digest())
        return total.hexdigest()


def _declared(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in _OF_FILES}
