"""Workers and the clock report themselves every few seconds: alive, on which host, doing what, with which sandbox.

Each writes its own row from a thread of the main process, so that a long run does not silence it. The connection to
the database is opened for each report and closed after it: a child that is forked later inherits none.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from celery.signals import after_task_publish, beat_init, worker_ready, worker_shutdown
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from evaluations.sandbox.job import Level
from evaluations.sandbox.levels import abilities, strongest

from . import keys
from .models import BEAT, Process

log = structlog.get_logger(__name__)
Facts = Callable[[], dict[str, Any]]
# What the clock sends every few seconds; it would only hide the work.
UNTOLD = (".sweep",)


class Heart:
    """Reports one process until it is stopped; then the row is taken away, as nobody need look for it."""

    def __init__(self, kind: Process.Kind, name: str, facts: Facts) -> None:
        self.kind, self.name, self.facts = kind, name, facts
        self.started_at = timezone.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _live(self) -> None:
        while True:
            self._at_the_database(self.report)
            if self._over.wait(BEAT.total_seconds()):
                break
        self._at_the_database(self.leave)

    def _at_the_database(self, act: Callable[[], None]) -> None:
        try:
            act()
        except DatabaseError as error:
            log.warning("heartbeat_not_written", process=self.name, error=str(error))
        finally:
            connection.close()

    def report(self) -> None:
        """Write how things stand with this process now."""
        facts = {
            "kind": self.kind,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started_at": self.started_at,
            "seen_at": timezone.now(),
            "facts": self.facts(),
        }
        if not Process.objects.filter(name=self.name).update(**facts):
            try:
                Process.objects.create(name=self.name, **facts)
            except IntegrityError:  # its double was quicker; the next report says who is there
                return

    def leave(self) -> None:
        Process.objects.filter(name=self.name, pid=os.getpid()).delete()


class WorkerFacts:
    """What a worker tells of itself. The sandbox is tried once, after the first report, as that takes a second."""

    def __init__(self, consumer: Any) -> None:
        self._known: dict[str, Any] = {
            "queues": sorted(consumer.app.amqp.queues.consume_from),
            "slots": getattr(consumer.pool, "num_processes", None),
            "minimum": settings.SANDBOX_MINIMUM,
        }
        self._reported = False

    def __call__(self) -> dict[str, Any]:
        if self._reported and "level" not in self._known:
            self._known |= sandbox_facts()
        self._reported = True
        return {**self._known, "key": keys.key_id(), "doing": doing()}


def sandbox_facts() -> dict[str, Any]:
    """The strongest level that this host gives, and why the next one cannot be had."""
    level = strongest()
    above = [abilities()[other].reason for other in Level if other > level]
    return {"level": level.label, "level_reason": (above[0] or "")[:300] if above else ""}


def doing() -> list[dict[str, str]]:
    """The tasks that the worker's children have in hand: name, the id of what they work on, since when."""
    from celery.worker import state  # noqa: PLC0415  not in a web process

    try:
        requests = list(state.active_requests)
    except RuntimeError:  # the set changed while it was read; the next report is soon
        return []
    return [
        {
            "task": request.name,
            "id": str(request.args[0])[:60] if request.args else "",
            "since": datetime.fromtimestamp(request.time_start or 0, UTC).isoformat(),
        }
        for request in requests
        if not request.name.endswith(UNTOLD)
    ]


_hearts: list[Heart] = []
_ticked: dict[str, str] = {}


def _begin(heart: Heart) -> None:
    _hearts.append(heart)
    heart.start()


@worker_ready.connect
def worker_is_ready(sender: Any, **_: Any) -> None:
    _begin(Heart(Process.Kind.WORKER, str(sender.hostname), WorkerFacts(sender)))


@beat_init.connect
def clock_is_ready(**_: Any) -> None:
    # Each thing that it sends is a tick: a clock that lives and sends nothing stands still.
    after_task_publish.connect(tick)
    _begin(Heart(Process.Kind.CLOCK, f"clock@{socket.gethostname()}", lambda: dict(_ticked)))


def tick(**_: Any) -> None:
    _ticked["ticked_at"] = timezone.now().isoformat()


@worker_shutdown.connect
def worker_leaves(**_: Any) -> None:
    while _hearts:
        _hearts.pop().stop()
