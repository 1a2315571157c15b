"""From rows to the manifest that readers and methods understand (docs/manifest.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .models import Artifact, SystemVersion
from .services import current_artifacts

DATA_ROLES = [
    Artifact.Role.TEST,
    Artifact.Role.TRAINING,
    Artifact.Role.REFERENCE,
    Artifact.Role.DEPLOYMENT,
    Artifact.Role.NONMEMBERS,
    Artifact.Role.PREDICTIONS,
]
ORIGIN_ORDER = {Artifact.Origin.HELD: 0, Artifact.Origin.DRAWN: 1, Artifact.Origin.SUPPLIED: 2}


def chosen(artifacts: Iterable[Artifact]) -> dict[str, Artifact]:
    """One file for each role: data that the body holds or drew goes before what the vendor supplied."""
    best: dict[str, Artifact] = {}
    for artifact in artifacts:
        if artifact.inspection != Artifact.Inspection.ACCEPTED:
            continue
        held = best.get(artifact.role)
        if held is None or ORIGIN_ORDER[artifact.origin] < ORIGIN_ORDER[held.origin]:  # type: ignore[index]
            best[artifact.role] = artifact
    return best


def build_manifest(
    version: SystemVersion, artifacts: Iterable[Artifact] | None = None
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The manifest of a version and the list of its input files.

    Returns (manifest, inputs); each input is {"file": name in the manifest, "sha256": digest}. Files whose
    inspection did not end well are left out, so what a method reads was readable.
    """
    files = list(artifacts if artifacts is not None else current_artifacts(version))
    best = chosen(files)
    schema: Mapping[str, Any] = version.schema or {}
    names: dict[str, str] = {}
    manifest: dict[str, Any] = {
        "manifest": 1,
        "system": {"name": version.system.name_en, "version": version.label},
        "profile": dict(version.profile),
        "data": [],
    }
    if model := best.get(Artifact.Role.MODEL):
        manifest["model"] = {
            **(schema.get("model") or {}),
            "file": _name(names, model),
            "format": _format(model, "onnx"),
            "sha256": model.blob_id,
        }
    elif schema.get("model") and Artifact.Role.PREDICTIONS in best:
        # Predictions only: what is declared of the model says how to read its answers.
        manifest["model"] = {**schema["model"], "format": "predictions"}
    for role in DATA_ROLES:
        if data := best.get(role):
            declared = (schema.get("data") or {}).get(role) or (schema.get("data") or {}).get(Artifact.Role.TEST) or {}
            manifest["data"].append(
                {
                    **declared,
                    "role": str(role),
                    "file": _name(names, data),
                    "format": _format(data, "csv"),
                    "sha256": data.blob_id,
                    "origin": data.origin,
                }
            )
    for key in ("claims", "population"):
        if schema.get(key):
            manifest[key] = schema[key]
    records = [a for a in files if a.role == Artifact.Role.RECORD and a.inspection == Artifact.Inspection.ACCEPTED]
    for record in records:
        names.setdefault(record.filename, record.blob_id)
        content = (record.description.get("facts") or {}).get("record")
        if content:
            manifest["record"] = content
            _lay_beside(names, content, files)
    return manifest, [{"file": name, "sha256": digest} for name, digest in names.items()]


def _lay_beside(names: dict[str, str], record: Mapping[str, Any], files: Iterable[Artifact]) -> None:
    """Delivered files that the record names stay comparable, also where data of the body took their place."""
    named = {entry.get("file") for entry in record.get("artifacts", ())}
    for artifact in files:
        if artifact.filename in named and artifact.inspection == Artifact.Inspection.ACCEPTED:
            names.setdefault(artifact.filename, artifact.blob_id)


def _name(names: dict[str, str], artifact: Artifact) -> str:
    """The file's own name in the bundle, told apart from another file of the same name by its role."""
    name = artifact.filename if artifact.filename not in names else f"{artifact.role}-{artifact.filename}"
    names[name] = artifact.blob_id
    return name


def _format(artifact: Artifact, default: str) -> str:
    """The format that the inspection recognised (onnx, csv, npz, …)."""
    facts = artifact.description.get("facts") or {}
    return str(facts.get("format") or artifact.description.get("kind") or default)
