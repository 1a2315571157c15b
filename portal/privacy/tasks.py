"""What the clock does once a day; safe to do twice."""

from __future__ import annotations

from celery import shared_task

from . import retention


@shared_task
def retain() -> None:
    """Delete what is past its period."""
    retention.run()
