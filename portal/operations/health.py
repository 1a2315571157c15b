"""Whether the parts that the portal stands on can be used now."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from assessments.systems import storage
from portal.celery import app

from . import keys

OK, UNAVAILABLE = "ok", "unavailable"


def parts() -> dict[str, str]:
    """Database, queue, files and signing key, each "ok" or "unavailable"; asks each of them anew."""
    return {"database": _database(), "queue": _queue(), "files": _files(), "key": _key()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return UNAVAILABLE
    return OK


def _queue() -> str:
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out")
    if folder is not None:  # the filesystem transport "connects" to a folder that is not there
        return OK if _is_writable(Path(str(folder))) else UNAVAILABLE
    queue = app.connection_for_write()
    try:
        with queue:
            queue.ensure_connection(max_retries=1, timeout=2)
    except (OSError, OperationalError, *queue.connection_errors):
        return UNAVAILABLE
    return OK


def _files() -> str:
    try:
        storage.backing().try_out()
    except OSError:
        return UNAVAILABLE
    return OK


def _key() -> str:
    return OK if keys.can_sign() else UNAVAILABLE


def _is_writable(folder: Path) -> bool:
    """Whether a file can be made there; tried out, because permissions alone do not say it (read-only mounts, root)."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
