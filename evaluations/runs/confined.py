"""Where this process's jobs are run: in waiting sandboxes if it is a worker that keeps some, else in fresh ones."""

from __future__ import annotations

import structlog

from evaluations.sandbox.job import Job, Outcome
from evaluations.sandbox.pool import Pool
from evaluations.sandbox.running import run

log = structlog.get_logger(__name__)

_pools: list[Pool] = []


def run_confined(job: Job) -> Outcome:
    """Run a job to its end. Raises `SandboxError` for a fault of the platform."""
    outcome = _pools[0].run(job) if _pools else run(job)
    log.info(
        "sandbox_ended",
        module=job.module,
        level=outcome.level.label,
        exit_code=outcome.exit_code,
        ended=outcome.ended and str(outcome.ended),
        seconds=round(outcome.seconds, 3),
    )
    return outcome


def keep_waiting(*kinds: Job, number: int) -> None:
    """From now on keep `number` sandboxes waiting for jobs like each of these, in this process."""
    stop_waiting()
    if number > 0:
        _pools.append(Pool(number))
        for kind in kinds:
            _pools[0].warm(kind)


def ready() -> int:
    """How many sandboxes of this process would begin a job at once."""
    return sum(pool.ready() for pool in _pools)


def stop_waiting() -> None:
    """End the sandboxes that wait."""
    while _pools:
        _pools.pop().close()
