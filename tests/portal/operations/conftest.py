"""The ledger as the audit trail shows it, and workers that have reported themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from assessments.ledger.models import Entry
from assessments.ledger.services import append
from portal.operations.models import Process

Write = Callable[..., Entry]


@pytest.fixture
def write(db: None) -> Write:
    """Writes one entry of the ledger in a transaction of its own."""

    def written(about: Any, transition: str, **more: Any) -> Entry:
        with transaction.atomic():
            return append(about, transition, **more)

    return written


@pytest.fixture
def heard(db: None) -> Callable[..., Process]:
    """A worker or clock that reported itself so many seconds ago."""

    def reported(name: str, *, ago: float = 1, kind: str = "worker", **facts: Any) -> Process:
        seen = timezone.now() - timedelta(seconds=ago)
        return Process.objects.create(
            kind=kind, name=name, host="host-1", pid=7, started_at=seen, seen_at=seen, facts=facts
        )

    return reported
