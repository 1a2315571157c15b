"""The sweeper that makes sure each published certificate is listed."""

from __future__ import annotations

from celery import shared_task

from . import indexing


@shared_task
def sweep() -> int:
    """Enter what is published but not listed yet; safe to receive any number of times."""
    return indexing.sweep()
