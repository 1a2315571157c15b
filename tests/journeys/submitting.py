"""What a vendor's program hands in over the REST interface, and what the portal says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.factories.bundles import digits_bundle
from tests.journeys.stack import eventually
from tests.journeys.wire import Wire


def inspection(wire: Wire, version: str, digest: str) -> Any:
    """The artifact with that digest once the portal has read it, else None."""
    files = wire.call("GET", f"/api/versions/{version}/files/")["results"]
    return next((f for f in files if f["sha256"] == digest and f["inspection"] in ("accepted", "refused")), None)


def digits_version(wire: Wire, folder: Path) -> str:
    """A version with a real model and test data, declared and read."""
    bundle = digits_bundle(folder / "bundle", training=False)
    manifest = json.loads((bundle / "manifest.json").read_text())
    version = wire.version("Digits under fault")
    model = {key: value for key, value in manifest["model"].items() if key not in ("file", "format", "sha256")}
    schema = {"model": model, "data": {"test": {"label": "y"}}, "claims": manifest["claims"]}
    wire.call("PATCH", f"/api/versions/{version}/", {"profile": manifest["profile"], "schema": schema})
    for role, name in (("model", "model.onnx"), ("test", "test.npz")):
        artifact = wire.upload(version, role, name, (bundle / name).read_bytes())
        found = eventually(
            lambda digest=artifact["sha256"]: inspection(wire, version, digest), seconds=60, what=f"{name} is read"
        )
        assert found["inspection"] == "accepted", found  # type: ignore[index]
    return version
