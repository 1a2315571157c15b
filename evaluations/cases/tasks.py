"""What the workers do for cases. The state of the rows decides; a task that comes twice finds nothing left to do."""

from __future__ import annotations

from celery import shared_task

from . import assignment, beginning, leaving, opening, printing, progress


@shared_task
def begin(case_id: str) -> None:
    """Draw the seeds of an approved plan and ask for its runs."""
    beginning.begin_evaluation(case_id)


@shared_task
def cancel_stray(case_id: str) -> None:
    """Cancel what a revised plan or a closed case left under way."""
    progress.cancel_stray()


@shared_task
def print_report(print_id: str) -> None:
    """Print a report that somebody waits for."""
    printing.print_report(print_id)


@shared_task
def sweep() -> None:
    """Find what no message told of: agreed or withdrawn applications, interests, approved plans, repeated runs,
    reports to print."""
    opening.open_agreed()
    opening.close_withdrawn()
    assignment.close_to_the_interested()
    leaving.end_parts_of_former_members()
    beginning.begin_approved()
    progress.adopt_repeats()
    progress.cancel_stray()
    for pk in printing.overlooked().values_list("pk", flat=True)[:1]:
        printing.print_report(pk)
