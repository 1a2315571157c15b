"""The fenced lease: one worker at a time, one end, whatever is delivered twice or comes back late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from assessments.ledger.services import history
from evaluations.runs import failures, leases, sweeping
from evaluations.runs.models import Run

Ask = Callable[..., Run]
RESULT = {"version": "1.0"}
SANDBOX = {"level": "S2"}


def expire(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def finish(run: Run, version: str = "1.0") -> bool:
    return leases.finish_run(run, result={"version": version}, seal="seal", sandbox=SANDBOX, log="")


def test_second_delivery_finds_nothing_to_do(request_run: Ask) -> None:
    run = request_run()
    first = leases.claim_run(run.pk)
    assert first is not None
    assert leases.claim_run(run.pk) is None
    assert finish(first)
    assert leases.claim_run(run.pk) is None
    assert not finish(first, "2.0")
    run.refresh_from_db()
    assert run.result == RESULT


def test_worker_that_comes_back_late_changes_nothing(request_run: Ask) -> None:
    run = request_run()
    late = leases.claim_run(run.pk)
    assert late is not None
    expire(run)
    second = leases.claim_run(run.pk)
    assert second is not None
    assert (late.attempt, second.attempt) == (1, 2)
    assert leases.renew(late, 0.9, "still here") is leases.Standing.LOST
    assert not finish(late, "late")
    assert not leases.fail_run(late, failures.of_broken_result("x"))
    assert finish(second)
    run.refresh_from_db()
    assert run.result == RESULT
    assert [entry.transition for entry in history(run)] == ["request", "start", "start", "finish"]


def test_renewing_moves_the_lease_and_shows_progress(request_run: Ask) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    expire(run)
    assert leases.renew(run, 7.5, "x" * 300 + "\x00") is leases.Standing.HELD
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now() + timedelta(seconds=20)
    assert run.progress == 1.0
    assert len(run.message) == 200
    assert "\x00" not in run.message


def test_fault_of_the_platform_is_tried_again_three_times(request_run: Ask) -> None:
    run = request_run()
    for attempt in (1, 2, 3):
        claimed = leases.claim_run(run.pk)
        assert claimed is not None
        assert leases.fail_run(claimed, failures.of_platform(OSError("disk full")))
        run.refresh_from_db()
        assert run.status == (Run.Status.FAILED if attempt == 3 else Run.Status.QUEUED)
    assert run.failure_kind == Run.FailureKind.PLATFORM
    assert set(run.failure_reason) == {"en", "zh"}
    assert leases.claim_run(run.pk) is None


def test_sweeper_hints_once_a_minute_at_what_nobody_does(request_run: Ask, sent: list[Any]) -> None:
    run = request_run()
    Run.objects.update(redispatch_after=None)
    assert sweeping.sweep_runs() == 1
    assert sweeping.sweep_runs() == 0
    assert sent == [("execute_run", str(run.pk))]


def test_sweeper_leaves_a_living_worker_alone_and_finds_a_dead_one(request_run: Ask, sent: list[Any]) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    assert sweeping.sweep_runs() == 0
    expire(run)
    assert sweeping.sweep_runs() == 1
    assert sent == [("execute_run", str(run.pk))]


def test_sweeper_ends_a_run_that_was_lost_too_often(request_run: Ask, sent: list[Any]) -> None:
    run = request_run()
    Run.objects.filter(pk=run.pk).update(status="running", attempt=leases.ATTEMPTS)
    expire(run)
    assert sweeping.sweep_runs() == 1
    run.refresh_from_db()
    assert (run.status, run.failure_kind) == (Run.Status.FAILED, Run.FailureKind.PLATFORM)
    assert sent == []
    assert sweeping.sweep_runs() == 0


def test_sweeper_ends_a_cancelled_run_whose_worker_is_gone(request_run: Ask, sent: list[Any]) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)
    assert sweeping.sweep_runs() == 0
    expire(run)
    assert sweeping.sweep_runs() == 1
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
