"""What the clock does for the file store; each is safe to do twice."""

from __future__ import annotations

from celery import shared_task

from . import storekeeping

CHECK_SECONDS = 20.0


@shared_task
def sweep_store() -> None:
    """Give up stale uploads and remove what nothing names."""
    storekeeping.sweep()


@shared_task
def check_store() -> None:
    """Read some of the stored files again; over time, all of them."""
    for _ in storekeeping.verify(seconds=CHECK_SECONDS):
        pass
