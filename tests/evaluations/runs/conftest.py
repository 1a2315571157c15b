"""A small real bundle in the store, and a run on it."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessments.accounts.services import open_object
from assessments.systems import storage
from evaluations.runs import dispatch, services
from evaluations.runs.models import Run
from tests.factories.bundles import digits_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    digits_bundle(folder)
    return folder


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_ROOT = tmp_path / "keys"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The hints that were sent, in place of a queue."""
    hints: list[tuple[str, str]] = []

    def send(task: str, object_id: Any) -> bool:
        hints.append((task.rpartition(".")[2], str(object_id)))
        return True

    monkeypatch.setattr(dispatch, "send", send)
    return hints


def stored_inputs(bundle: Path, scratch: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Put a bundle's files into the store; the manifest and the inputs that name them."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    inputs = []
    for file in sorted(path for path in bundle.iterdir() if path.name != "manifest.json"):
        copy = scratch / f"copy-{file.name}"
        shutil.copyfile(file, copy)
        inputs.append({"file": file.name, "sha256": storage.keep(copy).sha256})
    return manifest, inputs


@pytest.fixture
def scope() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def steers(evaluator1: Any, scope: uuid.UUID, sent: Any) -> Any:
    """An evaluator with the grants that an assignment gives."""
    for object_type in ("runs.scope", "runs.steer"):
        open_object(evaluator1, object_type, scope, "assignment")
    return evaluator1


@pytest.fixture
def request_run(bundle: Path, tmp_path: Path, body: Any, steers: Any, scope: uuid.UUID) -> Callable[..., Run]:
    """Asks for a run as the room of cases does."""
    manifest, inputs = stored_inputs(bundle, tmp_path)

    def ask(method: str = "performance.claim", **more: Any) -> Run:
        values = {
            "parameters": {}, "seed": 7, "manifest": manifest, "inputs": inputs, "scope": scope,
            "organisation": body, "requested_by": steers,
        }  # fmt: skip
        return services.request_run(method=method, **{**values, **more})

    return ask
