"""What the workers do for verification. Thin, and safe to receive twice."""

from __future__ import annotations

from celery import shared_task

from . import services


@shared_task
def examine(examination_id: str) -> None:
    """Examine one file, if it is there to be taken."""
    examination = services.claim(examination_id)
    if examination is not None:
        services.examine(examination)


@shared_task
def sweep() -> None:
    """Send again what was lost, delete what is old."""
    services.redispatch()
    services.tidy()
