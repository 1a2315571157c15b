"""Telling the workers that there is work. A message is only a hint: the sweeper finds what was not heard."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

EXECUTE = "evaluations.runs.tasks.execute_run"
INSPECT = "evaluations.runs.tasks.inspect_artifact"


def send(task: str, object_id: Any) -> bool:
    """Send a task with one id; False, and a line in the log, when the queue cannot be reached."""
    try:
        current_app.send_task(task, args=[str(object_id)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("queue_unreachable", task=task, object_id=str(object_id), error=str(error))
        return False
    return True


def send_on_commit(task: str, object_id: Any) -> None:
    """Send it when the transaction that made the row has been written."""
    transaction.on_commit(partial(send, task, object_id))
