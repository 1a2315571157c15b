"""A run from the queue to its sealed result, in the real sandbox, and the ways in which it can end otherwise."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import onnxruntime
import pytest
from django.db import OperationalError

from evaluations.methods import results
from evaluations.runs import confined, execution, failures, leases, sealing, tasks
from evaluations.runs.models import Run
from evaluations.sandbox.job import Ended, Level, LevelUnavailable, Outcome

Ask = Callable[..., Run]


@pytest.mark.django_db(transaction=True)
def test_run_ends_with_a_sealed_result_of_the_true_accuracy(request_run: Ask, bundle: Path) -> None:
    run = request_run()
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED, run.log
    assert run.result is not None
    accuracy = next(metric for metric in run.result["metrics"] if metric["name"] == "performance")
    assert accuracy["value"] == pytest.approx(accuracy_by_onnxruntime(bundle), abs=1e-9)
    assert run.sandbox_level in {level.label for level in Level}
    assert run.sandbox["start_seconds"] < 5
    assert run.progress == 1
    assert sealing.is_seal_intact(run)
    tasks.execute_run(str(run.pk))
    again = Run.objects.get(pk=run.pk)
    assert (again.attempt, again.result) == (1, run.result)


@pytest.mark.django_db(transaction=True)
def test_runs_of_a_warm_worker_start_within_half_a_second(request_run: Ask) -> None:
    confined.keep_waiting(execution.kind_of_job(), number=1)
    try:
        for _ in range(2):
            deadline = time.monotonic() + 60
            while not confined.ready() and time.monotonic() < deadline:
                time.sleep(0.05)  # the time in which a worker waits for the next run
            run = request_run()
            tasks.execute_run(str(run.pk))
            run.refresh_from_db()
            assert run.status == Run.Status.FINISHED, run.log
            assert run.sandbox["warm"]
            assert run.sandbox["start_seconds"] <= 0.5
            assert sealing.is_seal_intact(run)
    finally:
        confined.stop_waiting()


def accuracy_by_onnxruntime(bundle: Path) -> float:
    """The share of right labels, by the bare library on the manifest's words."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    test = next(data for data in manifest["data"] if data["role"] == "test")
    arrays = np.load(bundle / test["file"])
    how = manifest["model"]["preprocessing"]
    fed = (arrays["X"].reshape(len(arrays["X"]), -1) * how.get("scale", 1.0)).astype(np.float32)
    for name, operation in (("mean", np.subtract), ("std", np.divide)):
        fed = operation(fed, np.asarray(how.get(name, [float(name == "std")]), dtype=np.float32))
    session = onnxruntime.InferenceSession((bundle / manifest["model"]["file"]).read_bytes())
    scores = session.run(None, {session.get_inputs()[0].name: fed.astype(np.float32)})[0]
    classes = np.array(manifest["model"]["classes"])
    return float(np.mean(classes[scores.argmax(axis=1)] == arrays["y"].astype(str)))


@pytest.mark.django_db(transaction=True)
def test_refused_bundle_fails_as_the_vendors_matter_in_both_languages(request_run: Ask) -> None:
    run = request_run(manifest={"manifest": 1})
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    assert (run.status, run.failure_kind) == (Run.Status.FAILED, Run.FailureKind.VENDOR)
    assert "manifest" in run.failure_reason["en"]
    assert any("\u4e00" <= character <= "\u9fff" for character in run.failure_reason["zh"])


@pytest.mark.django_db(transaction=True)
def test_host_without_the_demanded_level_is_the_platforms_fault(
    request_run: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(job: Any) -> Outcome:
        raise LevelUnavailable("S3 is demanded, S1 is what this host gives")

    monkeypatch.setattr(execution, "run_confined", refuse)
    run = request_run()
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED
    assert "S3 is demanded" in run.log


@pytest.mark.django_db(transaction=True)
def test_cancelled_run_stops_within_seconds(request_run: Ask, evaluator1: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_BEAT_WHEN_CHANGED", 0.1)
    monkeypatch.setattr(execution, "_BEAT", 0.1)
    run = request_run("robustness.blackbox")
    claimed = leases.claim_run(run.pk)
    assert claimed is not None
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)
    execution.execute(claimed)
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert run.result is None


def outcome(tmp_path: Path, document: Any = None, **more: Any) -> Outcome:
    outputs = {}
    if document is not None:
        path = tmp_path / "result.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        outputs["result.json"] = path
    values = {
        "exit_code": 0, "level": Level.S2, "ended": None, "stdout": "", "stderr": "", "outputs": outputs, "refused": {},
        "seconds": 1.0, "start_seconds": 0.1, "cpu_seconds": 0.5, "peak_memory": 1, "reservations": (),
    }  # fmt: skip
    return Outcome(**{**values, **more})


def document(run: Run, **changes: Any) -> dict[str, Any]:
    empty = {name: [] for name in ("metrics", "undefined", "tables", "charts", "images", "notes")}
    return {
        "result": 1, "method": run.method, "version": "1.0", "scored": True, "parameters": run.parameters,
        "seed": run.seed, "digests": {}, "environment": {}, "start": "2026-11-24T00:00:00.000+00:00",
        "end": "2026-11-24T00:00:01.000+00:00", "flags": {}, "samples": {}, "cost": {}, **empty, **changes,
    }  # fmt: skip


def test_sound_document_of_this_run_is_accepted(request_run: Ask, tmp_path: Path) -> None:
    run = request_run()
    assert execution.accepted_result(run, outcome(tmp_path, document(run)))["seed"] == run.seed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"seed": 8}, "seed"),
        ({"method": "fairness.group"}, "method"),
        ({"parameters": {"x": 1}}, "parameters"),
        ({"verdict": "passed"}, "verdict"),
        ({"metrics": [{"name": "accuracy"}]}, "metrics"),
        ({"digests": {"model.onnx": "0" * 64}}, "digest"),
        ({"digests": {"smuggled.onnx": "0" * 64}}, "digest"),
        ({"environment": {"python": "3\x00"}}, "NUL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_document_that_is_not_this_runs_is_refused(
    request_run: Ask, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    run = request_run()
    with pytest.raises(results.ResultRefused, match=reason):
        execution.accepted_result(run, outcome(tmp_path, document(run, **changes)))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"seed": NaN}', "null", "[1]"], ids=lambda text: text[:12])
def test_text_that_is_no_document_is_refused(request_run: Ask, tmp_path: Path, text: str) -> None:
    with pytest.raises(results.ResultRefused):
        execution.accepted_result(request_run(), outcome(tmp_path, text))


def test_missing_result_is_refused_with_the_sandboxs_reason(request_run: Ask, tmp_path: Path) -> None:
    with pytest.raises(results.ResultRefused, match="not a plain file"):
        execution.accepted_result(request_run(), outcome(tmp_path, refused={"result.json": "not a plain file"}))


@pytest.mark.parametrize(
    ("ended", "exit_code", "progress", "kind"),
    [
        (Ended.WALL_TIME, 137, 0.5, "evaluator"),
        (Ended.CPU_TIME, 152, 0.0, "vendor"),
        (Ended.MEMORY, 121, 0.5, "vendor"),
        (Ended.DISK, 137, 0.5, "vendor"),
        (Ended.TASKS, 137, 0.5, "vendor"),
        (None, 3, 0.0, "vendor"),
        (None, 139, 0.0, "vendor"),
        (None, 4, 0.5, "platform"),
        (None, 1, 0.5, "platform"),
    ],
)
def test_failure_says_whose_matter_it_is(
    tmp_path: Path, ended: Ended | None, exit_code: int, progress: float, kind: str
) -> None:
    failure = failures.of_outcome(
        outcome(tmp_path, ended=ended, exit_code=exit_code, stderr="one\n一\n"), progress=progress
    )
    assert failure.kind == kind
    assert failure.reason.en
    assert any("\u4e00" <= character <= "\u9fff" for character in failure.reason.zh)
    assert not failure.may_pass


def test_killed_process_is_nobodys_fault_and_tried_again(tmp_path: Path) -> None:
    failure = failures.of_outcome(outcome(tmp_path, exit_code=137), progress=0.5)
    assert (failure.kind, failure.may_pass) == ("platform", True)


def test_refusal_keeps_both_languages_apart(tmp_path: Path) -> None:
    stderr = "model.onnx: too large\nmodel.onnx：文件过大\n"
    failure = failures.of_outcome(outcome(tmp_path, exit_code=3, stderr=stderr), progress=0)
    assert failure.reason.as_json() == {"en": "model.onnx: too large", "zh": "model.onnx：文件过大"}


def test_progress_lines_are_heard_and_others_are_not(request_run: Ask) -> None:
    heart = execution.Heartbeat(request_run())
    heart.hear('{"fraction": 0.25, "message": "attacking"}')
    for line in ("", "warning", "[1]", '{"fraction": "much", "message": 1}', "{" * 5000):
        heart.hear(line)
    assert (heart.progress, heart.message) == (0.25, "attacking")


def test_heart_beats_on_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that the server has closed is of no use any more; the beats after it need a new one."""
    renewed, connection = [], Mock(is_broken=True)
    connection.close = lambda: setattr(connection, "is_broken", False)

    def renew(*_: Any) -> leases.Standing:
        if connection.is_broken:
            raise OperationalError("the connection is closed")
        renewed.append(time.monotonic())
        return leases.Standing.HELD

    monkeypatch.setattr(execution, "connection", connection)
    monkeypatch.setattr(leases, "renew", renew)
    for name in ("_BEAT", "_BEAT_WHEN_CHANGED"):
        monkeypatch.setattr(execution, name, 0.01)
    with execution.Heartbeat(Run()) as heart:
        deadline = time.monotonic() + 10
        while len(renewed) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(renewed) >= 3
    assert not heart.must_stop()


def test_seal_breaks_when_anything_it_covers_changes(request_run: Ask) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    result, sandbox = document(run), {"level": "S2", "seconds": 1.5}
    seal = sealing.seal(run, result, sandbox)
    leases.finish_run(run, result=result, seal=seal, sandbox=sandbox, log="")
    run.refresh_from_db()
    assert sealing.is_seal_intact(run)
    for name, value in (
        ("result", {**result, "seed": 9}),
        ("sandbox", {"level": "S3", "seconds": 1.5}),
        ("manifest", {}),
        ("attempt", 2),
        ("inputs", []),
        ("seal", seal[:-8] + "AAAAAAA="),
        ("seal", seal.replace("ed25519", "none")),
    ):
        changed = Run.objects.get(pk=run.pk)
        setattr(changed, name, value)
        assert not sealing.is_seal_intact(changed), name


def test_seal_of_another_installation_is_not_ours(request_run: Ask, settings: Any, tmp_path: Path) -> None:
    run = request_run()
    run.result, run.sandbox = document(run), {"level": "S1"}
    run.seal = sealing.seal(run, run.result, run.sandbox)
    assert sealing.is_seal_intact(run)
    settings.KEY_ROOT = tmp_path / "other-keys"
    assert not sealing.is_seal_intact(run)


def test_sealing_key_is_private(request_run: Ask, settings: Any) -> None:
    sealing.seal(request_run(), {}, {})
    key = Path(settings.KEY_ROOT) / "result-seal.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["result-seal.pem"]
