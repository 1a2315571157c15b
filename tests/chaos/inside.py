"""What starts each program of a portal under chaos: `python -m tests.chaos.inside MODULE ARGUMENTS`.

The product has no switch for any of this. The launcher shortens waits, so that a lease ends within a trial; publishes
each task twice while the file `twice` is there; moves the clock's time by the seconds in the file `shift`; and, for the
proof that chaos finds what it is there to find, takes the fence away.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER, PART, BROKEN = "CHAOS_FOLDER", "CHAOS_PART", "CHAOS_BROKEN"
RUN_LEASE = timedelta(seconds=4)
# Module, name, seconds; in the portal all of them are 5 to 20 times as long.
WAITS: tuple[tuple[str, str, float], ...] = (
    ("evaluations.runs.leases", "LEASE", RUN_LEASE.total_seconds()),
    ("evaluations.runs.leases", "RETRY_AFTER", 0.5),
    ("evaluations.runs.sweeping", "REDISPATCH", 3),
    ("evaluations.runs.services", "_FIRST_HINT", 2),
    ("assessments.systems.services", "INSPECTION_LEASE", 6),
    ("evaluations.cases.printing", "LEASE", 20),
    ("evaluations.cases.printing", "PATIENCE", 3),
    ("portal.certificates.services", "LEASE", 12),
)
HEARTBEAT = {"_BEAT": 1.0, "_BEAT_WHEN_CHANGED": 0.5}


def main() -> None:
    module, sys.argv = sys.argv[1], sys.argv[1:]
    set_up()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def set_up() -> None:
    """Django, with shorter waits and what the files of the folder ask for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    shorten_waits()
    folder = Path(os.environ[FOLDER])
    publish_twice(folder / "twice")
    if os.environ.get(PART) == "beat":
        move_clock(folder / "shift")
    if os.environ.get(BROKEN):
        take_fence_away()


def shorten_waits() -> None:
    from importlib import import_module

    for module, name, seconds in WAITS:
        place = import_module(module)
        if not hasattr(place, name):
            raise AttributeError(f"{module} has no {name} to shorten")
        setattr(place, name, timedelta(seconds=seconds))
    execution = import_module("evaluations.runs.execution")
    for name, value in HEARTBEAT.items():
        setattr(execution, name, value)


def publish_twice(wanted: Path) -> None:
    """Each task is published twice under one id, as a broker does that delivers again."""
    from celery import Celery, uuid

    once = Celery.send_task

    def send_task(app: Any, name: str, *args: Any, task_id: str | None = None, **options: Any) -> Any:
        given = task_id or uuid()
        if wanted.exists():
            once(app, name, *args, task_id=given, **options)
        return once(app, name, *args, task_id=given, **options)

    Celery.send_task = send_task


def move_clock(shift: Path) -> None:
    """The clock's own time, from which it sees what is due and stamps when a message is over."""
    from celery import Celery

    right = Celery.now

    def now(app: Any) -> datetime:
        moved = timedelta(0)
        with suppress(FileNotFoundError, ValueError):
            moved = timedelta(seconds=float(shift.read_text()))
        moment: datetime = right(app) + moved
        return moment

    Celery.now = now


def take_fence_away() -> None:
    """Any worker claims a run that is not over, and whoever comes to an end writes it, whatever was written before."""
    from django.db.models import F

    from assessments.ledger.services import append
    from evaluations.runs import leases
    from evaluations.runs.models import Run

    def claim_run(run_id: Any) -> Run | None:
        if not Run.objects.filter(pk=run_id).unfinished().update(status="running", attempt=F("attempt") + 1):
            return None
        return Run.objects.get(pk=run_id)

    def end(rows: Any, run: Run, move: str, details: Mapping[str, Any], **changes: Any) -> bool:
        with leases.transaction.atomic():
            Run.objects.filter(pk=run.pk).update(status=leases.WORKFLOW[move].target, lease_until=None, **changes)
            append(run, move, details={"attempt": run.attempt, **details})
        return True

    leases.claim_run, leases._end = claim_run, end
    leases._held = lambda run: Run.objects.filter(pk=run.pk)


if __name__ == "__main__":
    main()
