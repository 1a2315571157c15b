"""A worker on the file queue works on when one of its processes was killed while it waited."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from celery.concurrency import get_implementation
from django.conf import settings

from portal import worker_pool

# Kills each process in turn, as one cannot see from outside which of them would hold the lock.
KILLER = """
import os, signal, time
from pathlib import Path
from portal.worker_pool import Pool
pool = Pool(2)
for _ in range(2):
    first = pool.apply_async(os.getpid).get(timeout=20)
    time.sleep(0.2)  # it waits again
    for process in (first, *(other.pid for other in pool._pool if other.pid != first)):
        os.kill(process, signal.SIGKILL)
        while Path(f"/proc/{process}").exists():
            time.sleep(0.05)
    pool.apply_async(os.getpid).get(timeout=20)
print("still at work", flush=True)
pool.terminate()
pool.join()
"""


def test_killed_while_waiting_takes_no_lock_with_it() -> None:
    command = [sys.executable, "-c", KILLER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as group:
        try:
            said, _ = group.communicate(timeout=90)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group.pid, signal.SIGKILL)
    assert said == "still at work\n"
    assert group.returncode == 0


def test_workers_have_these_processes() -> None:
    assert get_implementation(settings.CELERY_WORKER_POOL) is worker_pool.TaskPool
    assert worker_pool.TaskPool.BlockingPool is worker_pool.Pool
