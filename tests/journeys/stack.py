"""A real portal for a test: web server, workers and beat as processes, on files or on PostgreSQL and Redis.

`DATABASE_URL` and `PORTAL_BROKER_URL` in the environment choose the production-like stack: each portal gets a fresh
database on that server and a Redis database of its own. Without them it is the embedded one: SQLite and files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from portal.demo.processes import Group, answers, free_port, wait_for

PROJECT = Path(__file__).resolve().parents[2]
# A portal of the tests takes nothing from the caller's own settings but where the servers are.
OWN_SETTINGS = ("DATABASE_URL", "PORTAL_", "DJANGO_", "SECRET_KEY", "PYTHONWARNINGS")
PASSWORD = "a long password"

PEOPLE = """
import json, sys
from tests.factories.people import organisation, person
for kind, name_en, name_zh, people in json.loads(sys.argv[1]):
    made = organisation(kind, name_en, name_zh)
    for name, role in people:
        person(name, made, role)
"""
PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("standards", "load")
"""
TOKEN = """
import sys
from assessments.accounts.models import Person
from assessments.accounts.tokens import make_token
print(make_token(Person.objects.get(email=sys.argv[1]), "journey"))
"""


def collected_static(folder: Path) -> Path:
    """The pages' files, collected and named by their digest as in production; once for all portals of a session."""
    environment = _clean_environment() | {
        "PORTAL_VAR": str(folder / "var"),
        "PORTAL_STATIC_ROOT": str(folder / "static"),
    }
    _run(environment, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    return folder / "static"


class Portal:
    """One portal: `start()` serves it at `url`; `stop()` ends every process, and says so when one is left."""

    def __init__(self, folder: Path, static: Path, *, pool: int = 2) -> None:
        self.folder, self.static, self.pool = folder, static, pool
        self.var = folder / "var"
        self.var.mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.web, self.workers, self.beat = Group(), Group(), Group()
        self.database, self.redis = _own_database(), _own_redis()
        self.environment = _clean_environment() | {
            "PORTAL_VAR": str(self.var),
            "PORTAL_STATIC_ROOT": str(static),
            "PORTAL_URL": self.url,
            "PYTHONUNBUFFERED": "1",
        }
        if self.database:
            self.environment["DATABASE_URL"] = self.database
        if self.redis:
            self.environment["PORTAL_BROKER_URL"] = self.redis

    @property
    def is_embedded(self) -> bool:
        return self.database is None

    def prepare(self) -> None:
        """Tables and the shipped standards; of files, the first portal's are copied for the others of a session."""
        kept, own = self.static.parent / "prepared.sqlite3", self.var / "portal.sqlite3"
        if self.is_embedded and kept.exists():
            shutil.copy(kept, own)
            return
        self.code(PREPARE)
        if self.is_embedded:
            with contextlib.closing(sqlite3.connect(own)) as connection:
                connection.execute("VACUUM INTO ?", [str(kept)])

    def start(self) -> None:
        self.prepare()
        self.start_web()
        self.start_workers()
        self._start(self.beat, "beat", "celery", "-A", "portal.celery", "beat", "--pidfile=")

    def start_web(self) -> None:
        options = [
            "--bind",
            f"127.0.0.1:{self.port}",
            "--worker-class",
            "gthread",
            "--threads",
            "6",
            "--timeout",
            "120",
            "--no-control-socket",
        ]
        self._start(self.web, "web", "gunicorn", "portal.wsgi", *options)
        wait_for(lambda: answers(self.port), self.web, seconds=60, what="the web server")

    def start_workers(self) -> None:
        worker = ["celery", "-A", "portal.celery", "worker", "--pool", "prefork"]
        self._start(self.workers, "runs", *worker, "-Q", "runs", "-n", "runs@%h", "-c", str(self.pool))
        self._start(self.workers, "quick", *worker, "-Q", "quick", "-n", "quick@%h", "-c", str(self.pool))

    def kill(self, group: Group) -> None:
        """End a group with -9, with all that it started, as a power cut would."""
        for _, process in group.members:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        group.members.clear()
        while group is self.web and answers(self.port):  # the server's children hold its door a moment longer
            time.sleep(0.01)

    def lose_messages(self) -> None:
        """Empty the queue, as when Redis is flushed."""
        if self.redis:
            with redis.Redis.from_url(self.redis) as client:
                client.flushdb()
        else:
            shutil.rmtree(self.var / "queue")
            (self.var / "queue").mkdir()

    def check(self) -> None:
        """Raises when one of the processes has ended by itself."""
        for group in (self.web, self.workers, self.beat):
            group.check()

    def stop(self) -> None:
        for group in (self.beat, self.workers, self.web):
            group.stop(patience=20)
        left = self.processes()
        for number in left:
            os.kill(number, signal.SIGKILL)
        _drop_database(self.database)
        if self.redis:
            with redis.Redis.from_url(self.redis) as client:
                client.flushdb()
        assert not left, f"processes of the portal were left: {left}"

    def processes(self) -> dict[int, str]:
        """What still runs of this portal: its programs know its folder by environment or by command line."""
        found, mark = {}, str(self.var).encode()
        for place in Path("/proc").glob("[0-9]*"):
            try:
                command = (place / "cmdline").read_bytes()
                if command and (mark in command or mark in (place / "environ").read_bytes()):
                    found[int(place.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:  # it has ended meanwhile, or belongs to somebody else
                continue
        return found

    def manage(self, *arguments: str) -> str:
        return _run(self.environment, "manage.py", *arguments)

    def code(self, code: str, *arguments: str) -> str:
        """Run Python code inside the portal's settings; gives what it printed."""
        set_up = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'portal.settings'; django.setup()\n"
        return _run(self.environment, "-c", set_up + code, *arguments)

    def token(self, email: str) -> str:
        """A token of that person for the REST interface."""
        return self.code(TOKEN, email).splitlines()[-1]

    def logs(self, lines: int = 40) -> str:
        """The end of what each process said, for the report of a failed test."""
        return "\n".join(
            f"== {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
            for path in sorted(self.folder.glob("*.log"))
        )

    def _start(self, group: Group, name: str, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        group.start(name, command, log=self.folder / f"{name}.log", env=self.environment, cwd=PROJECT)


def eventually(condition: object, *, seconds: float, what: str, pause: float = 0.1) -> object:
    """The first true value that `condition()` gives; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()  # type: ignore[operator]
        if value:
            return value
        assert time.monotonic() < deadline, f"after {seconds:.0f} s not yet: {what}"
        time.sleep(pause)


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
    return kept | {"PYTHONPATH": str(PROJECT)}


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments[0:3]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def _own_database() -> str | None:
    """A fresh database on the server that DATABASE_URL names."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        return None
    name = f"journey_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _drop_database(address: str | None) -> None:
    if address:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{urlsplit(address).path[1:]}" WITH (FORCE)')


def _own_redis() -> str | None:
    """One of the databases 1 to 15 of the Redis that PORTAL_BROKER_URL names, in turn; 0 counts the turns."""
    server = os.environ.get("PORTAL_BROKER_URL", "")
    if not server.startswith("redis"):
        return None
    with redis.Redis.from_url(server) as client:
        turn = int(client.incr("journeys:turn"))  # type: ignore[arg-type]
    return urlsplit(server)._replace(path=f"/{1 + turn % 15}").geturl()
