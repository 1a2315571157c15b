"""What the workers do for standards. Thin, and safe to receive twice."""

from __future__ import annotations

from celery import shared_task

from . import printing


@shared_task
def print_edition(print_id: str) -> None:
    """Print an edition that somebody waits for."""
    printing.print_edition(print_id)
