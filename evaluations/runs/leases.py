"""The worker's side of a run: claim it, keep it, end it once.

Each function is one conditional UPDATE. The attempt's number is the fence: a worker that was thought dead, and comes
back after another took over, changes nothing any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

import rfc8785
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assessments.ledger.services import append

from .failures import LOST_TOO_OFTEN, Failure
from .models import Run
from .workflow import WORKFLOW

LEASE = timedelta(seconds=30)
ATTEMPTS = 3
# A platform's fault may pass: the next attempt waits a little longer each time.
RETRY_AFTER = timedelta(seconds=5)
LOG_CHARACTERS = 20_000


class Standing(Enum):
    """What a worker learns when it renews its lease."""

    HELD = "held"
    STOP = "stop"
    LOST = "lost"


def claim_run(run_id: Any) -> Run | None:
    """Claim a run by a fenced lease; None when there is nothing to do: ended, held by another, cancelled, used up."""
    now = timezone.now()
    free = Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        claimed = Run.objects.filter(free, pk=run_id, attempt__lt=ATTEMPTS, cancel_requested=False).update(
            status=WORKFLOW["start"].target,
            attempt=F("attempt") + 1,
            revision=F("revision") + 1,
            lease_until=now + LEASE,
            redispatch_after=None,
            started_at=now,
            progress=0,
            message="",
        )
        if not claimed:
            return None
        run = Run.objects.get(pk=run_id)
        append(run, "start", details={"attempt": run.attempt})
    return run


def _held(run: Run) -> QuerySet[Run]:
    """The run's row, if the caller's lease still stands."""
    return Run.objects.filter(pk=run.pk, attempt=run.attempt, status=Run.Status.RUNNING)


def renew(run: Run, progress: float, message: str) -> Standing:
    """Renew the lease and say how far the run is (`progress` 0 to 1)."""
    now = timezone.now()
    if not _held(run).update(
        lease_until=now + LEASE, progress=min(max(progress, 0.0), 1.0), message=clean(message, 200)
    ):
        return Standing.LOST
    asked_to_stop = Run.objects.values_list("cancel_requested", flat=True).get(pk=run.pk)
    return Standing.STOP if asked_to_stop else Standing.HELD


def _end(rows: QuerySet[Run], run: Run, move: str, details: Mapping[str, Any], **changes: Any) -> bool:
    """Make a move on `rows` (at most one) with its ledger entry; False when the row was no longer there to move."""
    step = WORKFLOW[move]
    with transaction.atomic():
        moved = rows.filter(status__in=step.sources).update(
            status=step.target, revision=F("revision") + 1, lease_until=None, **changes
        )
        if moved:
            append(run, move, details={"attempt": run.attempt, **details})
    return bool(moved)


def finish_run(run: Run, *, result: Mapping[str, Any], seal: str, sandbox: Mapping[str, Any], log: str) -> bool:
    """Write result, seal and state in one transaction, once; False when the lease was lost meanwhile."""
    return _end(
        _held(run),
        run,
        "finish",
        {"level": sandbox["level"], "sha256": hashlib.sha256(rfc8785.dumps(dict(result))).hexdigest()},
        result=result,
        method_version=result["version"],
        seal=seal,
        sandbox=sandbox,
        sandbox_level=sandbox["level"],
        log=clean(log, LOG_CHARACTERS),
        progress=1,
        message="",
        ended_at=timezone.now(),
    )


def fail_run(run: Run, failure: Failure, *, log: str = "", sandbox: Mapping[str, Any] | None = None) -> bool:
    """End a run without a result, or put it back in the queue when the fault may pass and attempts are left."""
    about = {"sandbox": sandbox, "sandbox_level": sandbox["level"]} if sandbox else {}
    kept = {"failure_reason": failure.reason.as_json(), "log": clean(log, LOG_CHARACTERS), **about}
    details = {"kind": str(failure.kind), "code": failure.code}
    if failure.may_pass and run.attempt < ATTEMPTS:
        again = timezone.now() + RETRY_AFTER * run.attempt
        return _end(_held(run), run, "retry", details, redispatch_after=again, progress=0, message="", **kept)
    return _end(_held(run), run, "fail", details, failure_kind=failure.kind, ended_at=timezone.now(), **kept)


def stop_run(run: Run, *, log: str = "") -> bool:
    """End a run that somebody asked to cancel while it ran."""
    return _end(_held(run), run, "stop", {}, log=clean(log, LOG_CHARACTERS), message="", ended_at=timezone.now())


def end_abandoned(run: Run) -> bool:
    """End a run whose worker is gone and which nobody may take up again: cancelled, or lost too often."""
    now = timezone.now()
    free = Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, lease_until__lt=now)
    rows = Run.objects.filter(free, pk=run.pk, attempt=run.attempt)
    if run.cancel_requested:
        return _end(rows, run, "stop", {}, ended_at=now)
    failure = LOST_TOO_OFTEN
    return _end(
        rows.filter(attempt__gte=ATTEMPTS),
        run,
        "fail",
        {"kind": str(failure.kind), "code": failure.code},
        failure_kind=failure.kind,
        failure_reason=failure.reason.as_json(),
        ended_at=now,
    )


def clean(text: str, most: int) -> str:
    """The last `most` characters of a text that foreign code wrote, without NUL, which PostgreSQL does not store."""
    return text.replace("\x00", "\ufffd")[-most:]
