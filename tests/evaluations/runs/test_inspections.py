"""A freshly uploaded file is read in the sandbox and described back, or refused with the place."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.systems import services, storage
from assessments.systems.models import Artifact
from evaluations.runs import inspections, sweeping, tasks
from evaluations.sandbox.job import Ended, Level, Outcome, SandboxError

Upload = Callable[..., Artifact]


@pytest.fixture
def upload(vendor: Any, alice: Any, sent: Any) -> Upload:
    system = services.create_system(organisation=vendor, actor=alice, name_en="Reader", description="x", sector="other")
    version = services.create_version(system, actor=alice, label="1.0")

    def add(content: bytes, filename: str, role: str = "test") -> Artifact:
        return services.add_artifact(
            version, blob=storage.keep_bytes(content), filename=filename, role=role, origin="C", organisation=vendor,
            person=alice,
        )  # fmt: skip

    return add


@pytest.mark.django_db(transaction=True)
def test_model_is_described_with_its_shape(upload: Upload, bundle: Path) -> None:
    artifact = upload((bundle / "model.onnx").read_bytes(), "digits.onnx", "model")
    tasks.inspect_artifact(str(artifact.pk))
    artifact.refresh_from_db()
    assert artifact.inspection == Artifact.Inspection.ACCEPTED
    assert "opset 15" in artifact.description["summary"]["en"]
    assert artifact.description["summary"]["zh"]
    tasks.inspect_artifact(str(artifact.pk))
    artifact.refresh_from_db()
    assert artifact.attempt == 1


@pytest.mark.django_db(transaction=True)
def test_pickle_is_refused_and_nothing_in_it_runs(upload: Upload, tmp_path: Path) -> None:
    trace = tmp_path / "executed"

    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (trace,))

    artifact = upload(pickle.dumps(Trap()), "model.pkl", "model")
    tasks.inspect_artifact(str(artifact.pk))
    artifact.refresh_from_db()
    assert artifact.inspection == Artifact.Inspection.REFUSED
    assert "ONNX" in artifact.refusal["refused"]["en"]
    assert not trace.exists()


def outcome(**more: Any) -> Outcome:
    values = {
        "exit_code": 0, "level": Level.S2, "ended": None, "stdout": "", "stderr": "", "outputs": {}, "refused": {},
        "seconds": 1.0, "start_seconds": 0.1, "cpu_seconds": 0.5, "peak_memory": 1, "reservations": (),
    }  # fmt: skip
    return Outcome(**{**values, **more})


@pytest.mark.parametrize("ended", [Ended.WALL_TIME, Ended.CPU_TIME, Ended.MEMORY, Ended.DISK, Ended.TASKS])
def test_file_that_reaches_a_limit_is_refused(ended: Ended) -> None:
    said = inspections.answer(outcome(exit_code=137, ended=ended))
    assert set(said["refusal"]["refused"]) == {"en", "zh"}


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"exit_code": 139}, "refusal"),
        ({"exit_code": 3, "stdout": '{"refused": {"en": "a", "zh": "b"}, "place": "row 2"}'}, "refusal"),
        ({"stdout": '{"kind": "data", "summary": {"en": "a", "zh": "b"}}'}, "description"),
        ({"exit_code": 137}, "platform_fault"),
        ({"exit_code": 1, "stderr": "Traceback"}, "platform_fault"),
        ({"stdout": "not JSON"}, "platform_fault"),
        ({"stdout": "[" * 200_000}, "platform_fault"),
        ({"stdout": '{"summary": "\\u0000"}'}, "platform_fault"),
        ({"stdout": '{"summary": "\\ud800"}'}, "platform_fault"),
        ({"stdout": '{"summary": "\\\\u0000 as it is written"}'}, "description"),
    ],
    ids=[
        "crash",
        "refused",
        "described",
        "killed",
        "exception",
        "no JSON",
        "nested",
        "NUL",
        "half a character",
        "written NUL",
    ],
)
def test_what_the_reader_said_is_taken_only_in_its_form(what: dict[str, Any], kind: str) -> None:
    assert list(inspections.answer(outcome(**what))) == [kind]


def test_fault_of_the_platform_is_tried_three_times(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(job: Any) -> Outcome:
        raise SandboxError("no sandbox today")

    monkeypatch.setattr(inspections, "run_confined", refuse)
    artifact = upload(b"a,b\n1,2\n", "table.csv")
    for state in ("awaiting", "awaiting", "failed"):
        tasks.inspect_artifact(str(artifact.pk))
        artifact.refresh_from_db()
        assert artifact.inspection == state


def test_sweeper_finds_what_waits_and_ends_what_was_lost_too_often(upload: Upload, sent: list[Any]) -> None:
    artifact = upload(b"a,b\n1,2\n", "table.csv")
    assert sweeping.sweep_inspections() == 1
    assert sweeping.sweep_inspections() == 0
    assert sent == [("inspect_artifact", str(artifact.pk))]
    Artifact.objects.update(inspection="running", attempt=3, lease_until=timezone.now() - services.INSPECTION_LEASE)
    assert sweeping.sweep_inspections() == 1
    artifact.refresh_from_db()
    assert artifact.inspection == Artifact.Inspection.FAILED


def test_stored_bytes_are_what_was_uploaded(upload: Upload) -> None:
    artifact = upload(b"a,b\n1,2\n", "table.csv")
    assert artifact.blob_id == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
