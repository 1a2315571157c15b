"""One portal under chaos: its programs, what they stand on, and the engine that starts again what has ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.demo.processes import Group, answers, free_port, wait_for
from tests.chaos import inside
from tests.chaos.servers import Broker, Database, SmallDisk

PROJECT = Path(__file__).resolve().parents[2]
OWN_SETTINGS = ("DATABASE_URL", "PORTAL_", "DJANGO_", "SECRET_KEY", "PYTHONWARNINGS", "CHAOS_")
WORKERS = {"runs-1": ("runs", 1), "runs-2": ("runs", 1), "quick": ("quick", 2)}
PARTS = ("web", *WORKERS, "beat")


@dataclass
class Part:
    """A program of the portal. `group` holds its process while it is there."""

    name: str
    command: list[str]
    group: Group = field(default_factory=Group)

    @property
    def leader(self) -> int | None:
        return next((process.pid for _, process in self.group.members if process.poll() is None), None)


class Stack:
    """`kind` is "embedded" (SQLite, queue of files) or "production" (PostgreSQL and Redis)."""

    def __init__(self, folder: Path, kind: str, *, broken: bool = False) -> None:
        self.folder, self.kind = folder, kind
        folder.mkdir(parents=True)
        self.disk = SmallDisk(folder / "var")
        self.port = free_port()
        self.database = Database(folder / "postgres") if kind == "production" else None
        self.broker = Broker(folder) if kind == "production" else None
        self.environment = self._environment(broken)
        self.parts = {name: Part(name, self._command(name)) for name in PARTS}
        self.ended_by_itself: list[str] = []

    def _environment(self, broken: bool) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
        own = {
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
            "PORTAL_VAR": str(self.disk.place),
            "PORTAL_URL": f"http://localhost:{self.port}",
            "PORTAL_PLAIN_STATIC": "true",
            "PORTAL_LOG_LEVEL": "WARNING",
            "TMPDIR": str(self.disk.place / "tmp"),
            inside.FOLDER: str(self.folder),
        }
        if self.database and self.broker:
            own |= {"DATABASE_URL": self.database.url, "PORTAL_BROKER_URL": self.broker.url}
        return kept | own | ({inside.BROKEN: "fence"} if broken else {})

    def _command(self, part: str) -> list[str]:
        start = [sys.executable, "-m", "tests.chaos.inside"]
        if part == "web":
            bind = ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "6"]
            return [*start, "gunicorn", "portal.wsgi", *bind, "--timeout", "60", "--no-control-socket"]
        celery = [*start, "celery", "-A", "portal.celery"]
        if part == "beat":
            return [*celery, "beat", "-l", "WARNING", "--pidfile="]
        queue, slots = WORKERS[part]
        plain = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
        return [*celery, "worker", *plain, "-Q", queue, "-c", str(slots), "-n", f"{part}@%h"]

    # The whole

    def start(self) -> None:
        for server in (self.database, self.broker):
            if server is not None:
                server.start()
        for command in (("migrate", "--verbosity", "0"), ("standards", "load")):
            self.manage(*command)
        for part in PARTS:
            self.start_part(part)
        wait_for(lambda: answers(self.port), self.parts["web"].group, seconds=90, what="the web server")

    def manage(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")

    def stop(self) -> dict[int, str]:
        """End everything; gives what was left of it, which is ended too."""
        for part in self.parts.values():
            for _, process in part.group.members:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
        for part in reversed(self.parts.values()):
            part.group.stop(patience=15)
        for server in (self.broker, self.database):
            if server is not None:
                server.group.stop()
        time.sleep(1)
        left = self.processes()
        for number in left:
            os.kill(number, signal.SIGKILL)
        self.disk.remove()
        return left

    # One part

    def start_part(self, name: str) -> None:
        part = self.parts[name]
        log = self.folder / f"{name}.log"
        environment = self.environment | {inside.PART: name}
        part.group.start(name, part.command, log=log, env=environment, cwd=PROJECT)

    def kill(self, name: str) -> None:
        """End a part with -9 and all of its session, as when its host loses power."""
        group = self.parts[name].group
        for _, process in group.members:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        group.members.clear()

    def revive(self) -> None:
        """Start what is not there, as a container engine does; what ended by itself is noted."""
        for part in self.parts.values():
            if part.group.members and part.leader is None:
                code = part.group.members[0][1].returncode
                self.ended_by_itself.append(f"{part.name} ended with code {code}: {self.last_line(part.name)}")
                part.group.stop(patience=0.1)
            if not part.group.members:
                self.start_part(part.name)

    def empty_queue(self) -> None:
        """Lose every message."""
        if self.broker is not None:
            self.broker.flush()
            return
        for path in (self.disk.place / "queue").glob("*.msg"):
            path.unlink(missing_ok=True)

    # What runs

    def descendants(self, name: str) -> Iterator[tuple[int, str]]:
        """Number and command line of all that a part has started, its sandboxes included."""
        children: dict[int, list[int]] = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            children.setdefault(parent, []).append(int(place.name))
        waiting = list(children.get(self.parts[name].leader or 0, ()))
        while waiting:
            number = waiting.pop()
            waiting += children.get(number, ())
            yield number, _command_line(number)

    def processes(self) -> dict[int, str]:
        """What runs of this portal: its programs know its folder by their environment or command line."""
        found, mark = {}, str(self.folder).encode()
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (place / "cmdline").read_bytes() or mark in (place / "environ").read_bytes():
                    found[int(place.name)] = _command_line(int(place.name))
            except OSError:  # it has ended meanwhile, or belongs to somebody else
                continue
        return {number: command for number, command in found.items() if command and number != os.getpid()}

    def last_line(self, name: str) -> str:
        """What a part said last."""
        said = (self.folder / f"{name}.log").read_text(errors="replace").split("\n")
        return next((line.strip()[:300] for line in reversed(said) if line.strip()), "")

    def log_end(self, lines: int = 15) -> str:
        """The end of what each program said."""
        return "\n".join(
            f"== {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
            for path in sorted(self.folder.glob("*.log"))
        )


def _command_line(number: int) -> str:
    try:
        return (Path("/proc") / str(number) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def remove(folder: Path) -> None:
    """Forget a stack's files."""
    shutil.rmtree(folder, ignore_errors=True)
