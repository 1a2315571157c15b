"""The worker's processes on the file queue: one that is killed takes no lock with it.

Celery's processes share one pipe there, and whichever waits for work holds the pipe's lock while it waits. When the
kernel or an operator kills that one, the lock is never given back: the worker looks alive and does nothing any more.
Here the lock is held only while a task that has come is read. With Redis each process has a pipe of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billiard import pool as billiard
from billiard.reduction import ForkingPickler
from celery.concurrency import prefork


class Worker(billiard.Worker):
    """One process; waits without the lock."""

    def _make_recv_method(self, conn: Any) -> Callable[[float], tuple[bool, Any]]:
        pipe, lock = conn._reader, conn._rlock  # noqa: SLF001 - the queue waits with the lock only

        def receive(timeout: float) -> tuple[bool, Any]:
            if not pipe.poll(timeout):
                return False, None
            with lock:
                if not pipe.poll(0):  # another one was quicker
                    return False, None
                payload = pipe.recv_bytes()
            return True, ForkingPickler.loads(payload)

        return receive


class Pool(billiard.Pool):
    """Processes that share one pipe."""

    Worker = Worker


class TaskPool(prefork.TaskPool):
    """Celery's pool of processes, with these where they share a pipe (`CELERY_WORKER_POOL`)."""

    BlockingPool = Pool
