"""A worker killed with -9 in the middle of a run, and the queue emptied: the run finishes once, with one result.

Real parts: SQLite in a file, Celery on the filesystem queue, worker and beat as processes of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluations.sandbox import processes

PROJECT = Path(__file__).resolve().parents[3]

REQUEST = """
import json, shutil, sys, uuid
from pathlib import Path
from assessments.accounts.models import Organisation, Person
from assessments.systems import storage
from evaluations.runs.services import request_run
bundle = Path(sys.argv[1])
inputs = []
for file in sorted(bundle.iterdir()):
    if file.name != "manifest.json":
        copy = bundle.parent / ("copy-" + file.name)
        shutil.copyfile(file, copy)
        inputs.append({"file": file.name, "sha256": storage.keep(copy).sha256})
body = Organisation.objects.create(kind="body", name_en="Meridian", name_zh="子午")
person = Person.objects.create_user("erik@example.org", "a long password", name="Erik")
run = request_run(method="robustness.pgd", parameters={"restarts": 20}, seed=11, inputs=inputs, scope=uuid.uuid4(),
                  organisation=body, manifest=json.loads((bundle / "manifest.json").read_text()), requested_by=person)
print(run.pk)
"""
REPORT = """
import json
from assessments.ledger.services import history, verify
from evaluations.runs.models import Run
from evaluations.runs.sealing import is_seal_intact
run = Run.objects.get()
print(json.dumps({"status": run.status, "attempt": run.attempt, "sealed": is_seal_intact(run),
    "warm": run.sandbox["warm"], "log": run.log,
    "faults": len(list(verify())), "moves": [entry.transition for entry in history(run)]}))
"""


@pytest.fixture
def installation(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh embedded installation with its tables made."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    environment = {**kept, "PORTAL_VAR": str(tmp_path / "var"), "PYTHONPATH": str(PROJECT)}
    (tmp_path / "var").mkdir()
    python(environment, "manage.py", "migrate", "--verbosity", "0")
    return environment


def python(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def portal_code(environment: dict[str, str], code: str, *arguments: str) -> str:
    set_up = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'portal.settings'; django.setup()\n"
    return python(environment, "-c", set_up + code, *arguments).splitlines()[-1]


Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(installation: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", "-Q", "runs,quick", "-c", "2", "-B"]
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                command, env=installation, cwd=PROJECT, stdout=log, stderr=log, start_new_session=True
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def wait_for(database: Path, condition: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
    """The run's row as soon as `condition` holds."""
    deadline = time.monotonic() + seconds
    row: dict[str, Any] = {}
    while time.monotonic() < deadline:
        with sqlite3.connect(database, timeout=10) as connection:
            connection.row_factory = sqlite3.Row
            row = dict(connection.execute("SELECT status, attempt, progress, message, log FROM runs_run").fetchone())
        connection.close()
        if condition(row):
            return row
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s: {row}")


def sandboxes_of(pid: int) -> list[int]:
    """Every process of a sandbox beneath `pid`."""
    found = processes.descendants(pid)
    return [number for number in found if b"launch.py" in Path(f"/proc/{number}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    try:
        return b"launch.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_run_of_a_killed_worker_finishes_once(
    installation: dict[str, str], start_worker: Start, bundle: Path, tmp_path: Path
) -> None:
    portal_code(installation, REQUEST, str(bundle))
    database = tmp_path / "var" / "portal.sqlite3"
    first = start_worker()
    wait_for(database, lambda row: row["status"] == "running" and row["progress"] > 0, 60)
    sandboxes = sandboxes_of(first.pid)
    assert len(sandboxes) >= 5, "one runs, and each of two processes keeps two waiting"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in sandboxes) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in sandboxes if alive(pid)] == []
    queue = Path(installation["PORTAL_VAR"]) / "queue"
    shutil.rmtree(queue)
    queue.mkdir()
    start_worker()
    wait_for(database, lambda row: row["status"] not in ("queued", "running"), 150)
    report = json.loads(portal_code(installation, REPORT))
    assert report["status"] == "finished", report["log"]
    assert report["attempt"] == 2
    assert report["moves"] == ["request", "start", "start", "finish"]
    assert report["sealed"]
    assert report["warm"]
    assert report["faults"] == 0
