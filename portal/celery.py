"""The queue. The database row is the truth, a message is only a hint: see evaluations/runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from celery.signals import before_task_publish, setup_logging, task_prerun
from django.conf import settings

from . import file_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

file_queue.use()
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

for folder in ("data_folder_in", "control_folder"):
    if folder in settings.CELERY_BROKER_TRANSPORT_OPTIONS:
        Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS[folder])).mkdir(parents=True, exist_ok=True)


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery leaves the logging alone when somebody answers this signal; settings have set it up already."""


@before_task_publish.connect
def hand_on_request(headers: dict[str, Any], **_: Any) -> None:
    """A task that a request asked for names it in its log too."""
    request = structlog.contextvars.get_contextvars().get("request")
    if request:
        headers["portal_request"] = request


@task_prerun.connect
def bind_task(task_id: str, task: Any, args: Sequence[Any], **_: Any) -> None:
    """Each line of a task's log names the task, the id of what it works on, and the request that asked for it."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, **({"object": args[0]} if args else {}))
    request = getattr(task.request, "portal_request", None)
    if request:
        structlog.contextvars.bind_contextvars(request=request)
