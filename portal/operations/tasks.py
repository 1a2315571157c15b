"""What the workers do for operation. Thin, and safe to receive twice."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from . import chain, counting
from .models import Process

# A worker that was killed is missed for a day; then it is taken for gone on purpose.
FORGET_AFTER = timedelta(days=1)


@shared_task
def check_chain(check_id: str) -> None:
    """Walk the ledger, if that is still to be done."""
    chain.carry_out(check_id)


@shared_task
def sweep() -> None:
    """Count what the ledger has new, ask for the day's check of it, and forget who is long gone."""
    while counting.count_ledger():
        pass
    Process.objects.filter(seen_at__lt=timezone.now() - FORGET_AFTER).delete()
    chain.sweep()
