"""A portal of a benchmark's own, on PostgreSQL and Redis when the environment names them, else on files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.measuring import Setting
from portal.demo.processes import Group
from tests.journeys.stack import PROJECT, Portal, collected_static


def portal(setting: Setting) -> Portal:
    """One portal for all topics, with its tables and standards; nothing is started but by those who need it."""
    if "portal" not in setting.shared:
        made = Portal(setting.folder / "portal", collected_static(setting.folder))
        setting.open.callback(made.stop)
        made.manage("migrate", "--verbosity", "0")
        made.manage("standards", "load")
        setting.shared["portal"] = made
    return setting.shared["portal"]


@contextmanager
def worker(portal: Portal, name: str, *, app: str = "portal.celery", **environment: str) -> Iterator[None]:
    """A worker with one process on the queue of runs."""
    group = Group()
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--pool", "prefork", "-Q", "runs", "-c", "1"]
    try:
        log, env = portal.folder / f"{name}.log", portal.environment | environment
        group.start(name, [*command, "-n", f"{name}@%h"], log=log, env=env, cwd=PROJECT)
        yield
    finally:
        group.stop(patience=20)


def inside(portal: Portal, call: str, *arguments: Any) -> Any:
    """`module.function(*arguments)` in a process of the portal; gives the JSON that it returns."""
    module, _, function = call.rpartition(".")
    code = f"import json, sys; from {module} import {function} as act; print(json.dumps(act(*json.loads(sys.argv[1]))))"
    return json.loads(portal.code(code, json.dumps(arguments)).splitlines()[-1])
