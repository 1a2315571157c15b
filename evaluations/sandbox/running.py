"""The door of the sandbox: run a job at the strongest level that this host gives."""

from __future__ import annotations

from pathlib import Path

from evaluations.sandbox.job import Job, Level, LevelUnavailable, Outcome, SandboxError
from evaluations.sandbox.levels import abilities, strongest
from evaluations.sandbox.orders import Means
from evaluations.sandbox.supervision import supervise


def run(job: Job, *, level: Level | None = None, workspace: Path | None = None) -> Outcome:
    """Run `job` to its end and return what came of it; blocks, and is safe to call from several threads.

    `level` asks for one level instead of the strongest; `workspace` is where the job's folder is made (default:
    the system's temporary folder, which a job's own user can reach). Raises `LevelUnavailable` when the host
    gives less than `job.minimum`, `SandboxError` for any other fault of the platform. What the job itself does
    wrong is in the outcome.
    """
    chosen, means = way_for(job, level)
    return supervise(job, chosen, means, workspace)


def way_for(job: Job, level: Level | None = None) -> tuple[Level, Means]:
    """The level for `job` on this host and how it is reached. Raises as `run` does."""
    chosen = strongest() if level is None else level
    ability = abilities()[chosen]
    if chosen < job.minimum:
        reason = abilities()[job.minimum].reason
        raise LevelUnavailable(f"{job.minimum.label} is demanded, {chosen.label} is what this host gives: {reason}")
    if ability.means is None:
        raise LevelUnavailable(f"{chosen.label} cannot be had: {ability.reason}")
    if job.outputs and job.destination is None:
        raise SandboxError("a job with outputs needs a destination")
    return chosen, ability.means
