"""One attempt at a run: the method in the sandbox, the lease kept meanwhile, the result checked and sealed."""

from __future__ import annotations

import base64
import json
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from assessments.systems import storage
from evaluations.methods import results
from evaluations.sandbox.job import Job, Level, Limits, Outcome

from . import failures, leases
from .confined import run_confined
from .models import Run
from .sealing import seal
from .storable import is_storable

log = structlog.get_logger(__name__)

WALL_SECONDS = 1800
MEMORY = 4 << 30
_BEAT_WHEN_CHANGED = 1.0
_BEAT = 5.0


class Heartbeat:
    """Renews the lease from a thread of its own while the run goes on, and hears whether to stop.

    Used as a context. `progress` and `message` are what the method said last.
    """

    def __init__(self, run: Run) -> None:
        self.standing = leases.Standing.HELD
        self.progress, self.message = 0.0, ""
        self._run = run
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def hear(self, line: str) -> None:
        """Take one line that the method wrote: {"fraction": 0 to 1, "message": text}; other lines are no progress."""
        try:
            said = json.loads(line)
            self.progress, self.message = float(said["fraction"]), str(said["message"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return

    def must_stop(self) -> bool:
        return self.standing is not leases.Standing.HELD

    def _beat(self) -> None:
        written, next_beat, renewed = (0.0, ""), 0.0, time.monotonic()
        try:
            while not self._done.wait(_BEAT_WHEN_CHANGED) and not self.must_stop():
                now = (self.progress, self.message)
                if now == written and time.monotonic() < next_beat:
                    continue
                try:
                    self.standing = leases.renew(self._run, *now)
                    renewed = time.monotonic()
                except DatabaseError as error:
                    log.warning("heartbeat_failed", run=str(self._run.pk), error=str(error))
                    connection.close()  # the next beat makes a new one: the server may be back by then
                    if time.monotonic() - renewed > leases.LEASE.total_seconds():
                        self.standing = leases.Standing.LOST
                written, next_beat = now, time.monotonic() + _BEAT
        finally:
            connection.close()


def execute(run: Run) -> None:
    """Carry out a claimed run to its end: finished, failed, stopped, or back in the queue."""
    belongs = {"version" if run.purpose == Run.Purpose.SELF_TEST else "case": str(run.scope)}
    structlog.contextvars.bind_contextvars(run=str(run.pk), attempt=run.attempt, **belongs)
    claimed = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="run-") as place, Heartbeat(run) as heart, ExitStack() as held:
        try:
            job = _job(run, Path(place), heart, held)
            staged = time.monotonic() - claimed
            _conclude(run, run_confined(job), heart, staged)
        except Exception as error:
            log.exception("run_not_carried_out")
            leases.fail_run(run, failures.of_platform(error), log=str(error))


def kind_of_job() -> Job:
    """What all runs have in common: all that a sandbox can be made ready with before the run is known."""
    threads = int(getattr(settings, "RUN_THREADS", 1))
    return Job(
        module="evaluations.methods",
        limits=Limits(
            cpu_seconds=WALL_SECONDS * threads, wall_seconds=WALL_SECONDS, memory=MEMORY,
            output=results.MAX_DOCUMENT_BYTES + 1_000_000,
        ),
        minimum=Level[settings.SANDBOX_MINIMUM],
        threads=threads,
        preload=("evaluations.methods.warm",),
    )  # fmt: skip


def _job(run: Run, place: Path, heart: Heartbeat, held: ExitStack) -> Job:
    """The job with its files, which `held` keeps on this computer."""
    manifest, parameters = place / "manifest.json", place / "parameters.json"
    manifest.write_text(json.dumps(run.manifest, ensure_ascii=False), encoding="utf-8")
    parameters.write_text(json.dumps(run.parameters), encoding="utf-8")
    (place / "result").mkdir()
    kind = kind_of_job()
    files = [(held.enter_context(storage.local(given["sha256"])), f"bundle/{given['file']}") for given in run.inputs]
    return replace(
        kind,
        arguments=(
            "run", run.method, "--manifest", "input/bundle/manifest.json", "--params", "input/parameters.json",
            "--seed", str(run.seed), "--threads", str(kind.threads), "--out", "output/result.json",
        ),
        inputs=[(manifest, "bundle/manifest.json"), (parameters, "parameters.json"), *files],
        outputs=("result.json",),
        destination=place / "result",
        on_line=heart.hear,
        cancelled=heart.must_stop,
    )  # fmt: skip


def _conclude(run: Run, outcome: Outcome, heart: Heartbeat, staged: float) -> None:
    connection.close_if_unusable_or_obsolete()  # the server may have been started again while the method ran
    if heart.standing is leases.Standing.LOST:
        log.warning("lease_lost")
        return
    if heart.standing is leases.Standing.STOP:
        leases.stop_run(run, log=outcome.stderr)
        return
    sandbox = about(outcome, staged)
    if not outcome.succeeded:
        failure = failures.of_outcome(outcome, progress=heart.progress)
        leases.fail_run(run, failure, log=outcome.stderr, sandbox=sandbox)
        log.info("run_failed", kind=str(failure.kind), code=failure.code)
        return
    try:
        result = accepted_result(run, outcome)
    except results.ResultRefused as refused:
        leases.fail_run(run, failures.of_broken_result(str(refused)), log=outcome.stderr, sandbox=sandbox)
        return
    finished = leases.finish_run(
        run, result=result, seal=seal(run, result, sandbox), sandbox=sandbox, log=outcome.stderr
    )
    log.info("run_finished" if finished else "lease_lost", level=sandbox["level"], seconds=sandbox["seconds"])


def about(outcome: Outcome, staged: float) -> dict[str, Any]:
    """What the worker itself saw of the sandbox; part of what is sealed.

    `start_seconds` is from the claim to the method's first line; `staged` of it passed before the sandbox was asked.
    """
    return {
        "level": outcome.level.label,
        "reservations": [str(reservation) for reservation in outcome.reservations],
        "seconds": round(outcome.seconds, 3),
        "start_seconds": None if outcome.start_seconds is None else round(staged + outcome.start_seconds, 3),
        "warm": outcome.warm,
        "cpu_seconds": round(outcome.cpu_seconds, 3),
        "peak_memory": outcome.peak_memory,
    }


def accepted_result(run: Run, outcome: Outcome) -> dict[str, Any]:
    """The result document, if it is true to the schema and belongs to this run. Raises `ResultRefused`.

    It was written by a process that opened foreign files, so nothing in it is believed before this.
    """
    if "result.json" not in outcome.outputs:
        raise results.ResultRefused(outcome.refused.get("result.json", "the method wrote none"))
    try:
        text = outcome.outputs["result.json"].read_text(encoding="utf-8")
        document: Mapping[str, Any] = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise results.ResultRefused("it is not plain JSON") from error
    results.check(document)
    if not is_storable(document):
        raise results.ResultRefused("it holds a NUL or half a character")
    expected = {"method": run.method, "parameters": run.parameters, "seed": run.seed}
    for name, value in expected.items():
        if document[name] != value:
            raise results.ResultRefused(f"its {name} is not the run’s")
    digests = {given["file"]: given["sha256"] for given in run.inputs}
    for name, digest in document["digests"].items():
        if name != "manifest.json" and digests.get(name) != digest:
            raise results.ResultRefused(f"the file {name} was read with another digest than planned")
    for image in document["images"]:
        if not _is_png(image["png"]):
            raise results.ResultRefused(f"its image {image['name']} is no PNG")
    return dict(document)


def _is_png(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except ValueError:
        return False


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
