"""Finding work that nobody does: not heard of, or held by a worker that is gone.

The mark `redispatch_after` keeps the queue from filling with copies of the same hint.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.systems.models import Artifact
from assessments.systems.services import INSPECTION_ATTEMPTS, record_inspection

from . import dispatch, leases
from .models import Run

REDISPATCH = timedelta(seconds=60)
AT_ONCE = 200


def _send_due(rows: QuerySet[Any], task: str) -> int:
    """Send a hint for each of `rows` that is due, marked first so that two sweepers do not both send."""
    now = timezone.now()
    due = Q(redispatch_after=None) | Q(redispatch_after__lt=now)
    sent = 0
    for pk in list(rows.filter(due).values_list("pk", flat=True)[:AT_ONCE]):
        if rows.filter(due, pk=pk).update(redispatch_after=now + REDISPATCH):
            sent += dispatch.send(task, pk)
    return sent


def sweep_runs() -> int:
    """Send hints for runs to be taken, and end those that nobody may take any more. Returns how many were touched."""
    now = timezone.now()
    free = Run.objects.filter(Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, lease_until__lt=now))
    used_up = Q(attempt__gte=leases.ATTEMPTS) | Q(cancel_requested=True)
    ended = sum(leases.end_abandoned(run) for run in free.filter(used_up)[:AT_ONCE])
    return ended + _send_due(free.exclude(used_up), dispatch.EXECUTE)


def sweep_inspections() -> int:
    """The same for files that wait to be read."""
    now = timezone.now()
    left = Artifact.objects.filter(inspection=Artifact.Inspection.RUNNING, lease_until__lt=now)
    ended = sum(
        record_inspection(artifact, artifact.attempt, platform_fault=True)
        for artifact in left.filter(attempt__gte=INSPECTION_ATTEMPTS)[:AT_ONCE]
    )
    waiting = Q(inspection=Artifact.Inspection.AWAITING) | Q(
        inspection=Artifact.Inspection.RUNNING, lease_until__lt=now, attempt__lt=INSPECTION_ATTEMPTS
    )
    return ended + _send_due(Artifact.objects.filter(waiting), dispatch.INSPECT)
