"""The part of `runs` that is done in a process of the portal: asks for runs, reads from the rows how long they took."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

from assessments.accounts.models import Organisation, Person
from assessments.systems import storage
from benchmarks.measuring import alternate, one_thread, timed
from evaluations.methods import parameters, registry, results
from evaluations.readers.bundle import load_bundle
from evaluations.runs.models import Run
from evaluations.runs.services import request_run
from tests.factories.people import organisation, person

SEED, LIMIT = 7, 200
BODY, ASKS = "Benchmark Body", "bench-evaluator@example.org"


def keep_bundle(folder: str) -> None:
    """Put the files of a bundle into the store, and make somebody who may ask."""
    person("Bench-evaluator", organisation("body", BODY, "基准机构"), "evaluator")
    files = sorted(path for path in Path(folder).iterdir() if path.name != "manifest.json")
    inputs = [{"file": file.name, "sha256": storage.keep_bytes(file.read_bytes()).sha256} for file in files]
    bundle = {"manifest": json.loads((Path(folder) / "manifest.json").read_text()), "inputs": inputs}
    (settings.VAR / "benchmark.json").write_text(json.dumps(bundle))


@cache
def _common() -> dict[str, Any]:
    bundle = json.loads((settings.VAR / "benchmark.json").read_text())
    return bundle | {
        "organisation": Organisation.objects.get(name_en=BODY),
        "requested_by": Person.objects.get(email=ASKS),
    }


def ask(method: str, values: dict[str, Any]) -> Run:
    return request_run(method=method, parameters=values, seed=SEED, scope=uuid.uuid4(), **_common())


def ended(run: Run) -> Run:
    """The run when it is finished; anything else is a fault of the benchmark."""
    deadline = time.monotonic() + LIMIT
    while run.ended_at is None:
        assert time.monotonic() < deadline, f"run {run.pk} is still {run.status}"
        time.sleep(0.02)
        run.refresh_from_db()
    assert run.status == Run.Status.FINISHED, (run.status, run.failure)
    return run


def over_the_call(folder: str, method: str, values: dict[str, Any], pairs: int) -> dict[str, Any]:
    """Seconds from asking to the sealed result, and of the bare call on a bundle that is read each time, too."""
    chosen = registry.get(method)
    given = parameters.checked(chosen.parameters, values)
    started: list[float] = []

    def ours() -> float:
        began = time.time()
        run = ended(ask(method, values))
        started.append(run.sandbox["start_seconds"])
        time.sleep(3)  # the next sandbox is made ready while nobody waits
        return float(run.ended_at.timestamp() - began)

    def theirs() -> float:
        with tempfile.TemporaryDirectory() as scratch, one_thread():
            return timed(
                lambda: results.run_method(chosen, load_bundle(Path(folder)), given, seed=SEED, folder=Path(scratch))
            )

    mine, bare = alternate(ours, theirs, pairs)
    level = Run.objects.latest("ended_at").sandbox["level"]
    return {"ours": mine, "theirs": bare, "start": statistics.median(started), "level": level}


def batch(method: str, values: dict[str, Any], number: int, turn: int) -> float:
    """Seconds from the moment at which `number` runs are asked for until the last has ended."""
    with transaction.atomic():
        runs = [ask(method, values) for _ in range(number)]
    began = time.time()
    return float(max(ended(run).ended_at.timestamp() for run in runs) - began)


def until_two() -> None:
    """Wait until two workers answer."""
    deadline = time.monotonic() + 60
    while len(current_app.control.ping(timeout=1.0)) < 2:
        assert time.monotonic() < deadline, "the second worker does not answer"


def ready_result(folder: str, method: str, values: dict[str, Any]) -> str:
    """A true result of the method, kept in a file that the empty worker gives back for each run."""
    chosen = registry.get(method)
    with tempfile.TemporaryDirectory() as scratch:
        given = parameters.checked(chosen.parameters, values)
        document = results.run_method(chosen, load_bundle(Path(folder)), given, seed=SEED, folder=Path(scratch))
    place = settings.VAR / "result.json"
    place.write_text(json.dumps(document))
    return str(place)


def tasks(number: int) -> float:
    """Seconds until a worker has done `number` empty tasks, from the first message sent."""
    mark = settings.VAR / f"done-{uuid.uuid4().hex}"
    began = time.time()
    for _ in range(number - 1):
        current_app.send_task("benchmarks.nothing", args=[""], retry=False)
    current_app.send_task("benchmarks.nothing", args=[str(mark)], retry=False)
    deadline = time.monotonic() + LIMIT
    while not mark.exists():
        assert time.monotonic() < deadline, "the empty tasks were not done"
        time.sleep(0.005)
    return mark.stat().st_mtime - began


def over_tasks(method: str, values: dict[str, Any], number: int, pairs: int) -> dict[str, Any]:
    """Runs a second, and empty tasks a second."""
    ours, theirs = alternate(
        lambda: number / batch(method, values, number, 0), lambda: number / tasks(number), pairs, warm=False
    )
    return {"ours": ours, "theirs": theirs}
