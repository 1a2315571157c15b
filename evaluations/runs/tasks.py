"""What the workers do. Each task takes an id, is safe to receive twice, and is found again by the sweeper."""

from __future__ import annotations

from celery import shared_task

from assessments.systems.services import claim_inspection

from . import execution, inspections, leases, sweeping


@shared_task
def execute_run(run_id: str) -> None:
    """Carry out a run, if it is there to be taken."""
    run = leases.claim_run(run_id)
    if run is not None:
        execution.execute(run)


@shared_task
def inspect_artifact(artifact_id: str) -> None:
    """Read an uploaded file in the sandbox, if it waits for that."""
    artifact = claim_inspection(artifact_id)
    if artifact is not None:
        inspections.inspect(artifact)


@shared_task
def sweep() -> None:
    """Find what no message, or no living worker, takes care of."""
    sweeping.sweep_runs()
    sweeping.sweep_inspections()
