"""Asking for a run, cancelling it, running it again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assessments.ledger.services import history, verify
from assessments.ledger.workflow import Conflict
from evaluations.runs import dispatch, failures, leases, services
from evaluations.runs.models import Run
from evaluations.runs.workflow import WORKFLOW

Ask = Callable[..., Run]


def test_requested_run_waits_with_all_its_parameters_and_a_hint(
    request_run: Ask, sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = request_run("robustness.fgsm")
    assert run.status == Run.Status.QUEUED
    assert run.parameters
    assert run.method_version
    assert sent == [("execute_run", str(run.pk))]
    assert [entry.transition for entry in history(run)] == ["request"]
    assert list(verify()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "no.such_method"},
        {"parameters": {"no_such_parameter": 1}},
        {"seed": -1},
        {"seed": 2**53},
        {"inputs": [{"file": "model.onnx", "sha256": "0" * 64}]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_request_that_cannot_be_carried_out_is_refused(request_run: Ask, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        request_run(**wrong)
    assert not Run.objects.exists()


def test_run_stays_when_the_queue_cannot_be_reached(
    settings: Any, request_run: Ask, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    class Unreachable:
        def send_task(self, *args: Any, **options: Any) -> None:
            raise ConnectionRefusedError

    monkeypatch.undo()
    monkeypatch.setattr(dispatch, "current_app", Unreachable())
    with django_capture_on_commit_callbacks(execute=True):
        run = request_run()
    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED


def test_waiting_run_is_cancelled_at_once(request_run: Ask, evaluator1: Any) -> None:
    run = request_run()
    services.cancel_run(run, actor=evaluator1, reason="planned twice")
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert leases.claim_run(run.pk) is None


def test_running_run_is_asked_to_stop_once(request_run: Ask, evaluator1: Any) -> None:
    claimed = leases.claim_run(request_run().pk)
    assert claimed is not None
    services.cancel_run(claimed, actor=evaluator1)
    assert claimed.status == Run.Status.RUNNING
    assert leases.renew(claimed, 0.5, "half") is leases.Standing.STOP
    with pytest.raises(Conflict):
        services.cancel_run(claimed, actor=evaluator1)
    assert leases.stop_run(claimed)
    claimed.refresh_from_db()
    assert claimed.status == Run.Status.CANCELLED


def test_run_again_keeps_the_attempt_before(request_run: Ask, evaluator1: Any) -> None:
    run = request_run()
    with pytest.raises(Conflict):
        services.rerun_with_reason(run, actor=evaluator1, reason="too early")
    services.cancel_run(run, actor=evaluator1)
    again = services.rerun_with_reason(run, actor=evaluator1, reason="cancelled by mistake")
    assert (again.supersedes, again.seed, again.inputs, again.parameters) == (run, run.seed, run.inputs, run.parameters)
    assert again.reason == "cancelled by mistake"
    with pytest.raises(Conflict):
        services.rerun_with_reason(run, actor=evaluator1, reason="twice")
    assert Run.objects.count() == 2


def test_run_again_needs_a_reason(request_run: Ask, evaluator1: Any) -> None:
    run = request_run()
    services.cancel_run(run, actor=evaluator1)
    with pytest.raises(ValidationError):
        services.rerun_with_reason(run, actor=evaluator1, reason="  ")


@pytest.mark.parametrize(
    "who", ["alice", "charlie", "evaluator2", "reviewer", "other_lead", "regulator", "administrator"]
)
def test_who_was_not_assigned_neither_sees_nor_steers(request: Any, request_run: Ask, who: str) -> None:
    person = request.getfixturevalue(who)
    run = request_run()
    assert not Run.objects.visible_to(person).exists()
    with pytest.raises(PermissionDenied):
        services.cancel_run(run, actor=person)
    with pytest.raises(PermissionDenied):
        services.rerun_with_reason(run, actor=person, reason="because")


STATES = list(Run.Status)


@pytest.mark.parametrize(("state", "name"), list(itertools.product(STATES, WORKFLOW)), ids=str)
def test_each_move_leads_only_from_its_sources(request_run: Ask, evaluator1: Any, state: str, name: str) -> None:
    """Over all pairs of state and move, by the functions that make them."""
    run = request_run()
    Run.objects.filter(pk=run.pk).update(status=state, attempt=1, result={} if state == "finished" else None)
    run.refresh_from_db()
    moved = _try(name, run, evaluator1)
    run.refresh_from_db()
    if state in WORKFLOW[name].sources and not (name in ("fail", "stop") and state == Run.Status.QUEUED):
        assert moved
        assert run.status == WORKFLOW[name].target
    else:
        assert not moved
        assert run.status == state


def _try(name: str, run: Run, actor: Any) -> bool:
    ways: dict[str, Callable[[], bool]] = {
        "start": lambda: _start_when_free(run),
        "finish": lambda: leases.finish_run(run, result={"version": "1"}, seal="x", sandbox={"level": "S1"}, log=""),
        "retry": lambda: leases.fail_run(run, failures.of_platform(OSError())),
        "fail": lambda: leases.fail_run(run, failures.of_broken_result("x")),
        "stop": lambda: leases.stop_run(run),
        "cancel": lambda: _cancel(run, actor),
    }
    return ways[name]()


def _start_when_free(run: Run) -> bool:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return leases.claim_run(run.pk) is not None


def _cancel(run: Run, actor: Any) -> bool:
    """Whether it was cancelled at once; a running one is only asked to stop."""
    try:
        services.cancel_run(run, actor=actor)
    except Conflict:
        return False
    return run.status == Run.Status.CANCELLED


def test_self_test_waits_until_data_was_read(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model without data would only fail, and be told as its vendor's fault."""
    only_model = ({"manifest": 1, "data": [], "model": {}}, [{"file": "m.onnx", "sha256": "0" * 64}])
    monkeypatch.setattr(services, "build_manifest", lambda version: only_model)
    with pytest.raises(ValidationError, match="nothing to test yet"):
        services.request_self_test(Mock(), method="performance.claim", actor=alice)
