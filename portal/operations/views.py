"""Whether the portal lives, and whether it is ready to work."""

from __future__ import annotations

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.celery import app


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database, the queue and the file store can be used; 503 with the part that cannot."""
    parts = {"database": _database(), "queue": _queue(), "files": _files()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", **parts}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unavailable"
    return "ok"


def _queue() -> str:
    try:
        with app.connection_for_write() as queue:
            queue.ensure_connection(max_retries=1, timeout=2)
    except (OSError, app.connection_for_write().connection_errors):
        return "unavailable"
    return "ok"


def _files() -> str:
    root = settings.ARTIFACT_ROOT
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return "unavailable"
    return "ok" if os.access(root, os.W_OK) else "unavailable"
