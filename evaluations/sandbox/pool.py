"""Warm sandboxes: started ahead of the jobs, confined, their libraries imported; each runs one job and is gone.

Nothing of one job can reach the next, because no process, folder or user serves two. What an idle one may use is
bounded by the limits it will run under. It dies with the process that keeps the pool.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from evaluations.sandbox.box import Box
from evaluations.sandbox.job import Job, Level, Limits, NotConfined, Outcome, SandboxError
from evaluations.sandbox.orders import Means
from evaluations.sandbox.running import way_for
from evaluations.sandbox.supervision import conduct
from evaluations.sandbox.workspace import remove_abandoned

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shape:
    """All that a sandbox is started with; jobs of one shape can take each other's."""

    level: Level
    means: Means
    workspace: Path | None
    root: Path
    threads: int
    limits: Limits
    sources: tuple[str, ...]
    readable: tuple[Path, ...]
    preload: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


def _shape(job: Job, level: Level, means: Means, workspace: Path | None) -> Shape:
    return Shape(
        level, means, workspace, job.root, job.threads, job.limits,
        tuple(job.sources), tuple(job.readable), tuple(job.preload), tuple(sorted(job.environment.items())),
    )  # fmt: skip


class Pool:
    """Keeps `size` sandboxes waiting for each kind of job that `warm` announced. Safe to use from several threads.

    The thread that warms the pool or runs a job must live on: a sandbox dies with the thread that started it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._idle: dict[Shape, list[Box]] = {}
        self._lock = threading.Lock()
        remove_abandoned()

    def run(self, job: Job, *, level: Level | None = None, workspace: Path | None = None) -> Outcome:
        """Run `job` as `running.run` does, in a waiting sandbox if there is one that fits."""
        began = time.monotonic()
        chosen, means = way_for(job, level)
        box = self._take(_shape(job, chosen, means, workspace))
        if box is not None:
            try:
                return self._run_in(box, job, began, workspace, warm=True)
            except NotConfined as lost:
                # It was lost while it waited, before anything of the job had run: the job starts anew.
                logger.warning("a waiting sandbox was lost: %s", lost)
        return self._run_in(Box(job, chosen, means, workspace), job, began, workspace, warm=False)

    def _run_in(self, box: Box, job: Job, began: float, workspace: Path | None, *, warm: bool) -> Outcome:
        with box:
            box.give(job)
            self._fill(_shape(job, box.level, box.means, workspace), job)
            return conduct(box, job, began, warm=warm)

    def warm(self, job: Job, *, level: Level | None = None, workspace: Path | None = None) -> None:
        """Announce jobs like this one. What the host refuses is logged: the next job finds it out for itself."""
        try:
            chosen, means = way_for(job, level)
        except SandboxError as error:
            logger.warning("no sandbox can be kept waiting: %s", error)
            return
        shape = _shape(job, chosen, means, workspace)
        with self._lock:
            self._idle.setdefault(shape, [])
        self._fill(shape, job)

    def _fill(self, shape: Shape, job: Job) -> None:
        level, means, workspace = shape.level, shape.means, shape.workspace
        try:
            while self._has_room(shape):
                self._keep(shape, Box(job, level, means, workspace))
        except (SandboxError, OSError) as error:
            logger.warning("no sandbox can be kept waiting: %s", error)

    def _has_room(self, shape: Shape) -> bool:
        with self._lock:
            boxes = self._idle.get(shape)
            if boxes is None:
                return False
            gone = [box for box in boxes if not box.waits()]
            boxes[:] = [box for box in boxes if box.waits()]
            room = len(boxes) < self._size
        for box in gone:
            box.close()
        return room

    def _keep(self, shape: Shape, box: Box) -> None:
        with self._lock:
            boxes = self._idle.get(shape)
            if boxes is not None and len(boxes) < self._size:
                boxes.append(box)
                return
        box.close()

    def _take(self, shape: Shape) -> Box | None:
        with self._lock:
            boxes = self._idle.get(shape, [])
            waiting = next((box for box in boxes if box.waits()), None)
            if waiting is not None:
                boxes.remove(waiting)
            return waiting

    def waiting(self) -> list[int]:
        """The process numbers of the sandboxes that wait."""
        with self._lock:
            return [box.process.pid for boxes in self._idle.values() for box in boxes if box.waits()]

    def ready(self) -> int:
        """How many of them have imported everything and would begin a job at once."""
        with self._lock:
            return sum(box.is_ready() for boxes in self._idle.values() for box in boxes)

    def close(self) -> None:
        """End every sandbox that waits and keep none from now on; jobs that run go on."""
        with self._lock:
            gone = [box for boxes in self._idle.values() for box in boxes]
            self._idle.clear()
        for box in gone:
            box.close()
