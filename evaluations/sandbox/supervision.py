"""The outside of a running job: listened to, measured, and ended with its whole tree where a limit is passed."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from evaluations.sandbox import landlock, processes
from evaluations.sandbox.box import Box
from evaluations.sandbox.job import Ended, Job, Level, NotConfined, Outcome, Reservation
from evaluations.sandbox.launch import EXIT_MEMORY
from evaluations.sandbox.orders import Means
from evaluations.sandbox.workspace import collect, written

_MEASURE_EVERY = 0.1
_MEASURE_DISK_EVERY = 0.2
_ASK_EVERY = 0.5
# The warden, and bubblewrap's own two.
_OF_THE_SANDBOX = 3


class _Watch:
    """What is measured of a job while it runs."""

    def __init__(self, box: Box, job: Job, began: float) -> None:
        self.box, self.job, self.began = box, job, began
        self.peak_memory = 0
        self.ended: Ended | None = None
        self._next: dict[str, float] = {}

    def _due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True

    def reason_to_end(self) -> Ended | None:
        """Which limit is passed, if any."""
        limits = self.job.limits
        if time.monotonic() - self.began > limits.wall_seconds:
            return Ended.WALL_TIME
        if self._due("usage", _MEASURE_EVERY):
            used = processes.usage(processes.descendants(self.box.process.pid))
            self.peak_memory = max(self.peak_memory, used.memory)
            if used.memory > limits.memory:
                return Ended.MEMORY
            if used.tasks > limits.tasks + _OF_THE_SANDBOX:
                return Ended.TASKS
        if self._due("ask", _ASK_EVERY) and self.job.cancelled and self.job.cancelled():
            return Ended.CANCELLED
        if self._due("disk", _MEASURE_DISK_EVERY) and self._disk():
            return Ended.DISK
        return None

    def _disk(self) -> bool:
        limits = self.job.limits
        size, entries = written(self.box.space, limits.disk_entries)
        nameless = processes.nameless_bytes(processes.descendants(self.box.process.pid))
        return size + nameless > limits.disk or entries > limits.disk_entries


def _follow(watch: _Watch) -> None:
    """Listen and measure until the job has ended, ending it where a limit is passed."""
    box = watch.box
    try:
        while box.process.poll() is None:
            if not box.hear(0.05):
                time.sleep(0.01)
            watch.ended = watch.reason_to_end()
            if watch.ended:
                break
    finally:
        if box.process.poll() is None:
            box.end()
    deadline = time.monotonic() + 1.0
    while box.hear(0.05) and time.monotonic() < deadline:
        pass


def _why_it_ended(watch: _Watch, exit_code: int) -> Ended | None:
    if watch.ended:
        return watch.ended
    if exit_code == EXIT_MEMORY:
        return Ended.MEMORY
    # Past the soft limit the kernel sends SIGXCPU, past the hard one SIGKILL.
    used_up = watch.box.facts.get("cpu_seconds", 0.0) >= watch.job.limits.cpu_seconds
    if exit_code == 128 + signal.SIGXCPU or (exit_code == 128 + signal.SIGKILL and used_up):
        return Ended.CPU_TIME
    return None


def _reservations(means: Means, level: Level) -> tuple[Reservation, ...]:
    found = []
    if not means.own_user:
        found.append(Reservation.SHARED_USER)
    if level < Level.S3 and landlock.version() == 0:
        found.append(Reservation.NO_LANDLOCK)
    return tuple(found)


def supervise(job: Job, level: Level, means: Means, parent: Path | None = None) -> Outcome:
    """Run `job` at `level` by `means`, in a fresh sandbox with a folder beneath `parent`.

    Raises `NotConfined` when the host refuses a step, `SandboxError` for other faults of the platform.
    """
    began = time.monotonic()
    with Box(job, level, means, parent) as box:
        box.give(job)
        return conduct(box, job, began)


def conduct(box: Box, job: Job, began: float, *, warm: bool = False) -> Outcome:
    """Follow the job that `box` was given to its end. `began` is when it was asked for (monotonic clock).

    Raises `NotConfined` when the job's module was never reached.
    """
    watch = _Watch(box, job, began)
    _follow(watch)
    stderr = box.tails["stderr"].decode("utf-8", "replace")
    started = box.facts.get("started")
    if started is None and watch.ended is None:
        raise NotConfined(box.facts.get("refused") or stderr.strip()[-500:] or f"exit {box.process.returncode}")
    code = box.process.returncode
    exit_code = code if code >= 0 else 128 - code
    outputs, refused = collect(box.space, job)
    return Outcome(
        exit_code=exit_code,
        level=box.level,
        ended=_why_it_ended(watch, exit_code),
        stdout=box.tails["stdout"].decode("utf-8", "replace"),
        stderr=stderr,
        outputs=outputs,
        refused=refused,
        seconds=time.monotonic() - began,
        start_seconds=None if started is None else started - began,
        cpu_seconds=box.facts.get("cpu_seconds", 0.0),
        peak_memory=max(watch.peak_memory, box.facts.get("peak_memory", 0)),
        reservations=_reservations(box.means, box.level),
        warm=warm,
    )
