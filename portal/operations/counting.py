"""Figures of the work, counted from the ledger past a cursor: each entry once, whoever did it, on whichever host.

So the counts are right with many workers and survive their restarts, and whoever wants to know asks a small table.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from assessments.ledger.models import Entry
from evaluations.runs.models import Run
from portal.certificates.models import Certificate

from .models import Cursor, Tally

BATCH = 500
RUN, CERTIFICATE = Run._meta.label_lower, Certificate._meta.label_lower
# Upper bounds in seconds; what is longer falls into "+Inf".
RUN_BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
ISSUE_BOUNDS = (1, 2, 5, 10, 30, 60, 300, 3600)
OUTCOMES = {"finish": "finished", "cancel": "cancelled", "stop": "cancelled"}

Tallies = Counter[tuple[str, str]]


def labelled(**labels: Any) -> str:
    """Labels as the one text by which their row is found."""
    return json.dumps(labels, sort_keys=True, separators=(",", ":"))


def count_ledger() -> int:
    """Count the next entries of the ledger; gives how many. Safe to run twice at the same time."""
    cursor, _made = Cursor.objects.get_or_create(pk=1)
    # Appends lock the ledger's head until they commit, so no entry appears later below one that was seen.
    entries = list(Entry.objects.filter(sequence__gt=cursor.sequence).order_by("sequence")[:BATCH])
    if not entries:
        return 0
    counted = tallies_of(entries)
    with transaction.atomic():
        if not Cursor.objects.filter(pk=1, sequence=cursor.sequence).update(sequence=entries[-1].sequence):
            return 0  # another worker has counted this batch
        for (name, labels), value in sorted(counted.items()):
            if not Tally.objects.filter(name=name, labels=labels).update(value=F("value") + value):
                Tally.objects.create(name=name, labels=labels, value=value)
    return len(entries)


def tallies_of(entries: Sequence[Entry]) -> Tallies:
    """What these entries add to which tally."""
    counted: Tallies = Counter()
    for entry in entries:
        counted["ledger_entries", labelled(object=entry.object_type, transition=entry.transition)] += 1
    _count_runs([entry for entry in entries if entry.object_type == RUN], counted)
    _count_issues([e for e in entries if e.object_type == CERTIFICATE and e.transition == "issue"], counted)
    return counted


def _count_runs(entries: Sequence[Entry], counted: Tallies) -> None:
    keys = {entry.object_id for entry in entries}
    rows = {
        str(row["pk"]): row for row in Run.objects.filter(pk__in=keys).values("pk", "method", "started_at", "ended_at")
    }
    retried = _retried(keys) if entries else set()
    for entry in entries:
        row = rows.get(entry.object_id)
        method, details = (row["method"] if row else ""), entry.details
        if entry.transition == "start":
            # A second start without a retry before it: the worker of the first was not heard of any more.
            attempt = int(details.get("attempt", 1))
            counted["run_leases_lost", "{}"] += attempt > 1 and (entry.object_id, attempt - 1) not in retried
        elif entry.transition == "retry":
            counted["run_retries", labelled(method=method, code=_code(details))] += 1
        elif entry.transition == "fail":
            outcome = f"failed_{details.get('kind', '')}"
            counted["runs", labelled(method=method, outcome=outcome)] += 1
            counted["run_leases_lost", "{}"] += details.get("code") == "worker_lost"
        elif entry.transition in OUTCOMES:
            counted["runs", labelled(method=method, outcome=OUTCOMES[entry.transition])] += 1
            if entry.transition == "finish":
                counted["run_levels", labelled(level=str(details.get("level", "")))] += 1
                if row and row["started_at"] and row["ended_at"]:
                    seconds = (row["ended_at"] - row["started_at"]).total_seconds()
                    _observe(counted, "run_seconds", seconds, RUN_BOUNDS, method=method)


def _code(details: Mapping[str, Any]) -> str:
    return str(details.get("code", ""))[:60]


def _retried(keys: Iterable[str]) -> set[tuple[str, int]]:
    rows = Entry.objects.filter(object_type=RUN, object_id__in=keys, transition="retry")
    return {(key, int(details.get("attempt", 0))) for key, details in rows.values_list("object_id", "details")}


def _count_issues(entries: Sequence[Entry], counted: Tallies) -> None:
    """How long it took from the grant's preparation to the signed file."""
    keys = {entry.object_id for entry in entries}
    rows = Entry.objects.filter(object_type=CERTIFICATE, object_id__in=keys, transition="prepare") if keys else ()
    prepared = {row.object_id: row.recorded_at for row in rows}
    for entry in entries:
        if entry.object_id in prepared:
            seconds = (entry.recorded_at - prepared[entry.object_id]).total_seconds()
            _observe(counted, "issue_seconds", seconds, ISSUE_BOUNDS)


def _observe(counted: Tallies, name: str, seconds: float, bounds: Sequence[int], **labels: Any) -> None:
    """One observation of a histogram: its own bucket (not yet summed up), and the sum."""
    place = bisect_left(bounds, seconds)
    bound = str(bounds[place]) if place < len(bounds) else "+Inf"
    counted[name, labelled(**labels, le=bound)] += 1
    counted[f"{name}_sum", labelled(**labels)] += seconds  # type: ignore[assignment]
