"""What waits and for how long: the rows, which are the truth, and the messages in the queues, which are hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import ChannelError, OperationalError

from assessments.systems.models import Artifact
from evaluations.runs.models import Run
from portal.celery import app
from portal.certificates.models import Certificate
from portal.notifications.models import Letter
from portal.verification.models import Examination

from .models import Process

RUNS, QUICK = "runs", "quick"
QUEUES = (RUNS, QUICK)


@dataclass(frozen=True)
class Work:
    """One kind of work: the queue that brings it, what waits and since when, what is being done.

    `patience`: what waits for longer than this deserves a look.
    """

    code: str
    title: Any
    queue: str
    waiting: int
    running: int
    oldest: datetime | None
    patience: timedelta

    @property
    def age(self) -> timedelta:
        return timezone.now() - self.oldest if self.oldest else timedelta()

    @property
    def is_late(self) -> bool:
        return self.age > self.patience


def work() -> list[Work]:
    """All kinds of work, each by one query."""
    return [_runs(), _files(), _certificates(), _verifications(), _mail()]


def _counted(rows: QuerySet[Any], *, waiting: Q, since: str) -> dict[str, Any]:
    """Of rows that are not done: how many wait, since when, and how many are in hand."""
    return rows.aggregate(
        waiting=Count("pk", filter=waiting), running=Count("pk", filter=~waiting), oldest=Min(since, filter=waiting)
    )


def _runs() -> Work:
    counted = _counted(Run.objects.unfinished(), waiting=Q(status=Run.Status.QUEUED), since="requested_at")
    return Work("runs", _("Test runs"), RUNS, patience=timedelta(hours=1), **counted)


def _files() -> Work:
    state = Artifact.Inspection
    rows = Artifact.objects.filter(replaced_at=None, inspection__in=[state.AWAITING, state.RUNNING])
    counted = _counted(rows, waiting=Q(inspection=state.AWAITING), since="uploaded_at")
    return Work("files", _("Files to be read"), QUICK, patience=timedelta(minutes=5), **counted)


def _certificates() -> Work:
    rows = Certificate.objects.filter(status=Certificate.Status.PREPARING)
    counted = _counted(rows, waiting=Q(lease_until=None), since="case__decision__decided_at")
    return Work("certificates", _("Certificates to be issued"), QUICK, patience=timedelta(minutes=10), **counted)


def _verifications() -> Work:
    state = Examination.Status
    rows = Examination.objects.filter(status__in=[state.QUEUED, state.RUNNING])
    counted = _counted(rows, waiting=Q(status=state.QUEUED), since="asked_at")
    return Work("verifications", _("Files to be verified"), QUICK, patience=timedelta(minutes=2), **counted)


def _mail() -> Work:
    rows = Letter.objects.filter(status=Letter.Status.PENDING)
    counted = _counted(rows, waiting=Q(lease_until=None), since="created_at")
    return Work("mail", _("E-mail to be sent"), QUICK, patience=timedelta(minutes=15), **counted)


def messages() -> dict[str, int] | None:
    """How many messages each queue holds; None when the queue cannot be reached."""
    connection = app.connection_for_write()
    try:
        with connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return {queue: _length(connection.default_channel, queue) for queue in QUEUES}
    except (OSError, OperationalError, *connection.connection_errors):
        return None


def _length(channel: Any, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except ChannelError:  # nobody has sent anything to it yet
        return 0


def workers_by_queue(processes: Sequence[Process]) -> dict[str, int]:
    """How many workers that were heard lately take from each queue."""
    heard = [process for process in processes if process.kind == Process.Kind.WORKER and process.is_heard]
    return {queue: sum(queue in process.facts.get("queues", ()) for process in heard) for queue in QUEUES}


def letters_given_up() -> int:
    """Letters that no attempt could send; their notifications stand in the inbox all the same."""
    return Letter.objects.filter(status=Letter.Status.GIVEN_UP).count()
