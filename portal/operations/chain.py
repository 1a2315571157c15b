"""Checking the ledger's chain: asked for on a page, and once a day; carried out by a worker; what it found is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone

from assessments.ledger.models import Head
from assessments.ledger.services import verify
from evaluations.runs import dispatch

from .models import ChainCheck

log = structlog.get_logger(__name__)

CHECK = "portal.operations.tasks.check_chain"
LEASE = timedelta(minutes=55)  # longer than a task may take
EVERY = timedelta(days=1)
NAMED = 100
KEPT = 100


def under_way() -> Any:
    """The check that is asked for and not yet done, or None."""
    return ChainCheck.objects.filter(ended_at=None).first()


def ask(person: Any = None) -> ChainCheck:
    """Ask for a check; when one is under way, that one is given."""
    waiting = under_way()
    if waiting is not None:
        return waiting  # type: ignore[no-any-return]
    check = ChainCheck.objects.create(asked_by=person)
    dispatch.send_on_commit(CHECK, check.pk)
    return check


def carry_out(pk: Any) -> bool:
    """Walk the chain, if nobody else does; True if this call did."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    if not ChainCheck.objects.filter(free, pk=pk, ended_at=None).update(lease_until=now + LEASE):
        return False
    # What is appended from here on may or may not be walked; up to here all is.
    entries = Head.objects.filter(pk=1).values_list("sequence", flat=True).first() or 0
    count = 0
    named: list[dict[str, Any]] = []
    for fault in verify():
        count += 1
        if len(named) < NAMED:
            named.append({"sequence": fault.sequence, "code": fault.code})
    ChainCheck.objects.filter(pk=pk, ended_at=None).update(
        ended_at=timezone.now(), lease_until=None, entries=entries, fault_count=count, faults=named
    )
    if count:
        log.error("ledger_does_not_hold", places=count, first=named[0])
    else:
        log.info("ledger_holds", entries=entries)
    return True


def sweep() -> None:
    """Ask for the day's check, carry out what no message brought to a worker, and forget the oldest."""
    if not ChainCheck.objects.filter(asked_at__gt=timezone.now() - EVERY).exists():
        ask()
        return
    waiting = ChainCheck.objects.filter(ended_at=None, asked_at__lt=timezone.now() - timedelta(seconds=20))
    for pk in list(waiting.values_list("pk", flat=True)):
        carry_out(pk)
    oldest = list(ChainCheck.objects.values_list("pk", flat=True)[KEPT:])
    if oldest:
        ChainCheck.objects.filter(pk__in=oldest).delete()
