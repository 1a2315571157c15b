"""Which levels this host gives, found by really trying each once in a process's life."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from evaluations.sandbox import bubblewrap, landlock, seccomp
from evaluations.sandbox.job import Job, Level, Limits, Reservation, SandboxError
from evaluations.sandbox.orders import Means
from evaluations.sandbox.supervision import supervise


@dataclass(frozen=True)
class Ability:
    """One level on this host: `means` if it can be had, else `reason` (the host's own words)."""

    level: Level
    means: Means | None
    reason: str | None
    reservations: tuple[Reservation, ...] = ()


def _ways() -> list[Means]:
    """Ways to try, best first. As root a job gets a user of its own if the interpreter can then be read at all."""
    shared = Means(own_user=False, reads_regardless=False)
    if os.geteuid() != 0:
        return [shared]
    own = [Means(own_user=True, reads_regardless=False)]
    if landlock.version():
        own.append(Means(own_user=True, reads_regardless=True))
    return [*own, shared]


def _try(level: Level) -> Ability:
    if not seccomp.supported():
        return Ability(level, None, "no system-call filter for this processor")
    if level >= Level.S3 and bubblewrap.program() is None:
        return Ability(level, None, "bubblewrap is not installed")
    job = Job(
        module="evaluations.sandbox.probe",
        sources=("evaluations/__init__.py", "evaluations/sandbox"),
        limits=Limits(cpu_seconds=10, wall_seconds=15),
    )
    reason = ""
    for means in _ways():
        try:
            outcome = supervise(job, level, means)
        except SandboxError as error:
            reason = reason or str(error)
            continue
        if outcome.succeeded:
            return Ability(level, means, None, outcome.reservations)
        reason = reason or (outcome.stderr.strip().splitlines() or [f"exit {outcome.exit_code}"])[-1]
    return Ability(level, None, reason)


@functools.cache
def abilities() -> dict[Level, Ability]:
    """What each level needs on this host, or why it cannot be had. Tried once, about a tenth of a second each."""
    return {level: _try(level) for level in Level}


def detect_levels() -> dict[Level, str | None]:
    """For each level None if this host gives it, else the reason why not."""
    return {level: ability.reason for level, ability in abilities().items()}


def strongest() -> Level:
    """The strongest level to be had here. Raises `SandboxError` where there is none."""
    available = [level for level, reason in detect_levels().items() if reason is None]
    if not available:
        raise SandboxError("; ".join(f"{level.label}: {reason}" for level, reason in detect_levels().items()))
    return max(available)
