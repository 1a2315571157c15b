"""Files in a bucket: sent in pieces, read and tested by a worker from copies that are compared with their digests."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessments.systems import services, storage, uploads
from assessments.systems.models import Artifact
from evaluations.runs import tasks
from evaluations.runs.models import Run
from evaluations.runs.sealing import is_seal_intact
from tests.factories.object_store import ObjectStore

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def bucket(settings: Any, object_store: ObjectStore) -> None:
    settings.STORE = object_store.new_bucket("portal/")


def test_model_is_sent_read_and_tested(
    settings: Any, object_store: ObjectStore, vendor: Any, alice: Any, bundle: Path, request_run: Callable[..., Run]
) -> None:
    content = (bundle / "model.onnx").read_bytes()
    system = services.create_system(organisation=vendor, actor=alice, name_en="Reader", sector="other")
    version = services.create_version(system, actor=alice, label="1.0")
    upload = uploads.start_upload(
        version, person=alice, organisation=vendor, role="model", filename="m.onnx", size=len(content), origin="C"
    )
    half = len(content) // 2
    uploads.append_chunk(upload, 0, io.BytesIO(content[:half]))
    uploads.append_chunk(upload, half, io.BytesIO(content[half:]))
    artifact = uploads.finish_upload(upload)
    tasks.inspect_artifact(str(artifact.pk))
    artifact.refresh_from_db()
    assert artifact.inspection == Artifact.Inspection.ACCEPTED
    run = request_run()
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED, run.log
    assert is_seal_intact(run)
    assert not settings.ARTIFACT_ROOT.exists()
    assert {path.name for path in settings.COPIES_ROOT.iterdir()} == {given["sha256"] for given in run.inputs}


def test_run_on_bytes_that_changed_in_the_bucket_is_the_platforms_fault(
    settings: Any, object_store: ObjectStore, request_run: Callable[..., Run]
) -> None:
    run = request_run()
    name = storage.backing().where(run.inputs[0]["sha256"]).removeprefix(f"s3://{settings.STORE['bucket']}/")
    object_store.client.put_object(Bucket=settings.STORE["bucket"], Key=name, Body=b"other bytes")
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    # Back in the queue, as after every fault of the platform.
    assert (run.status, run.attempt, run.result) == (Run.Status.QUEUED, 1, None)
    assert "other bytes" in run.log
