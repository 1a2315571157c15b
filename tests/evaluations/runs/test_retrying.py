"""A run that failed by the portal's own fault: tried again without asking, and its page says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from evaluations.runs import execution, failures, leases
from evaluations.runs.models import Run
from evaluations.runs.retrying import told

pytestmark = pytest.mark.django_db
Ask = Callable[..., Run]


@pytest.fixture
def page(client: Client, evaluator1: Any) -> Callable[[Run], str]:
    """The run's page as its evaluator sees it; what is polled says the same."""
    client.force_login(evaluator1)

    def see(run: Run) -> str:
        text = client.get(reverse("runs:run", args=[run.pk])).content.decode()
        card = client.get(reverse("runs:progress", args=[run.pk])).content.decode()
        assert told(Run.objects.get(pk=run.pk)) in card
        return text

    return see


def test_full_disk_sends_the_run_back_into_the_queue_and_the_page_says_so(
    page: Any, request_run: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(execution, "run_confined", full)
    run = leases.claim_run(request_run().pk)
    assert run is not None
    execution.execute(run)
    run.refresh_from_db()
    assert (run.status, run.attempt, run.failure_kind) == ("queued", 1, "")
    text = page(run)
    assert "The portal could not carry out the run (OSError)." in text
    assert f"tries again by itself at {run.redispatch_after:%H:%M:%S} UTC: attempt 2 of 3. You need do nothing." in text
    with translation.override("zh-hans"):
        assert "第 2 次尝试，最多 3 次。您无需操作。" in told(run)
        assert "tries" not in told(run)


def test_next_attempt_says_which_it_is_and_a_finished_run_says_nothing_more(page: Any, request_run: Ask) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    assert "attempt" not in told(run)
    leases.fail_run(run, failures.of_platform(OSError()))
    run = leases.claim_run(run.pk)
    assert run is not None
    assert "This is attempt 2 of 3: the portal’s own fault ended the one before." in page(run)
    run.status = Run.Status.FINISHED
    assert run.failure_reason, "kept from the attempt before"
    assert told(run) == ""


def test_run_whose_worker_is_lost_says_that_another_takes_over(page: Any, request_run: Ask) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert "Another one takes over by itself; you need do nothing." in page(run)


def test_in_the_end_it_is_no_finding_about_the_object(page: Any, request_run: Ask) -> None:
    run: Any = request_run()
    for _ in range(leases.ATTEMPTS):
        run = leases.claim_run(run.pk)
        leases.fail_run(run, failures.of_platform(OSError()))
    text = page(run)
    assert "It was tried 3 times." in text
    assert "This is no finding about the object." in text
    assert "A matter of: the portal." in text


def test_failure_that_is_the_objects_matter_is_not_excused(page: Any, request_run: Ask) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    refused = failures.Failure(Run.FailureKind.VENDOR, "refused", failures.LOST_TOO_OFTEN.reason)
    leases.fail_run(run, refused)
    text = page(run)
    assert "no finding about the object" not in text
    assert "tried" not in text
