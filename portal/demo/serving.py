"""The portal as one group of processes: web server, workers for both queues, and the clock that wakes the sweepers."""

from __future__ import annotations

import fcntl
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from django.conf import settings

from .processes import Group, wait_for

THREADS = 8


class AlreadyRunning(Exception):
    """Another demo works on the same folder."""


def lock(folder: Path) -> IO[str]:
    """Keep the folder for this demo as long as the file is open. Raises AlreadyRunning."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "demo.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise AlreadyRunning(str(folder)) from None
    return file


def start(group: Group, port: int) -> str:
    """Start everything and wait until the web server answers; gives the address. Raises Ended."""
    logs = settings.VAR / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    url = f"http://localhost:{port}"
    env = os.environ | {"PORTAL_URL": url, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    python = sys.executable
    web = [python, "-m", "gunicorn", "portal.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    web += ["--threads", str(THREADS), "--worker-tmp-dir", str(logs), "--graceful-timeout", "5", "--no-control-socket"]
    celery = [python, "-m", "celery", "-A", "portal.celery"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"]
    parts = {
        "web": web,
        "worker-runs": [*worker, "-Q", "runs", "-c", "2", "-n", "runs@%h"],
        "worker-quick": [*worker, "-Q", "quick", "-c", "2", "-n", "quick@%h"],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile="],
    }
    for name, command in parts.items():
        group.start(name, command, log=logs / f"{name}.log", env=env, cwd=settings.BASE_DIR)
    wait_for(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), group, seconds=60, what="the web server")
    return url


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
