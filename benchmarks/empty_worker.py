"""A worker whose sandbox gives back a result that was ready before, and that knows a task that does nothing."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from evaluations.sandbox.job import Job, Level, Outcome
from portal.celery import app

__all__ = ["app"]


@app.task(name="benchmarks.nothing")
def nothing(mark: str) -> None:
    """Nothing; the last one of many leaves a mark."""
    if mark:
        Path(mark).touch()


def answered_at_once(job: Job) -> Outcome:
    assert job.destination is not None
    result = job.destination / "result.json"
    shutil.copyfile(os.environ["BENCHMARK_RESULT"], result)
    return Outcome(0, Level.S1, None, "", "", {"result.json": result}, {}, 0.0, 0.0, 0.0, 0, ())


@worker_process_init.connect
def empty_the_sandbox(**_: Any) -> None:
    import_module("evaluations.runs.execution").run_confined = answered_at_once  # type: ignore[attr-defined]
