"""What the workers do. Each task takes an id, is safe to receive twice, and is found again by the sweeper."""

from __future__ import annotations

from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init, worker_process_shutdown
from django.conf import settings

from assessments.systems.services import claim_inspection

from . import confined, execution, inspections, leases, sweeping


@worker_process_init.connect
def keep_sandboxes_waiting(**_: Any) -> None:
    """A worker's process keeps warm sandboxes for what comes on its queues: runs, files to inspect."""
    kinds = {"runs": execution.kind_of_job, "quick": inspections.kind_of_job}
    queues = current_app.amqp.queues.consume_from
    confined.keep_waiting(*(kinds[name]() for name in kinds if name in queues), number=settings.SANDBOX_WARM)


@worker_process_shutdown.connect
def end_waiting_sandboxes(**_: Any) -> None:
    confined.stop_waiting()


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
