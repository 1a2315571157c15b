"""The production stack as processes of this machine, read from docker-compose.yml and the Dockerfile.

    with Topology(folder) as stack:
        stack.start()                      # PostgreSQL, Redis, prepare, web-1, web-2, two worker hosts, beat, nginx
        stack.kill("web-1"); stack.start_part("web-1"); stack.wait_healthy("web-1")

A part is a replica of a service: `web-1`, `worker-runs-2`, `postgres` … Each has its own host name, temporary folder
and log; parts share what the file lets them share. `url` is nginx over HTTPS, and `ca` vouches for its certificate.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from portal.demo.processes import Ended, Group, free_port, wait_for
from scripts.lib import compose, dockerfile, images, materials
from scripts.lib.compose import Service
from scripts.lib.containers import PROJECT, Container, image_places

HOST = "localhost"
MARK = "REHEARSED_PART"
# A rehearsal takes nothing from the caller's own settings.
OWN_SETTINGS = ("DATABASE_URL", "PORTAL_", "DJANGO_", "SECRET_KEY", "NGINX_", "PYTHONPATH", "PYTHONWARNINGS")


class Topology:
    """Every part of the stack. `values` are put into docker-compose.yml beside (or instead of) the rehearsal's own."""

    def __init__(self, folder: Path, values: dict[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self._ports: dict[tuple[str, int], int] = {}
        self.port_tls = self.port("nginx", 8443)
        self.url = f"https://{HOST}:{self.port_tls}"
        given = {
            "PORTAL_URL": self.url,
            "PORTAL_HOST": HOST,
            "PORTAL_EMAIL_URL": f"filemail://{self.folder}/mail",
            "PORTAL_EMAIL_FROM": "Trust Assessment Portal <portal@example.org>",
        }
        self.services = compose.read(PROJECT / "docker-compose.yml", given | (values or {}))
        self.image = dockerfile.read(PROJECT / "Dockerfile")[-1]
        self.containers = self._containers()
        self.groups: dict[str, Group] = {}

    @property
    def parts(self) -> list[str]:
        """The names of the parts that go on running, in the order of their start."""
        return [name for name, container in self.containers.items() if container.service.name != "prepare"]

    @property
    def ca(self) -> Path:
        """The certificate by which clients trust nginx."""
        return self.folder / "secrets" / "tls-certificate"

    @property
    def logs_folder(self) -> Path:
        return self.folder / "logs"

    def port(self, service: str, number: int) -> int:
        """The port of this machine that stands for that port of a service."""
        return self._ports.setdefault((service, number), free_port())

    def _containers(self) -> dict[str, Container]:
        found: dict[str, Container] = {}
        names = frozenset(self.services)
        for service in compose.in_start_order(self.services):
            for number in range(1, service.replicas + 1):
                host = f"{service.name}-{number}" if service.replicas > 1 else service.name
                found[host] = Container(service, host, self.folder / "parts" / host, self.port, names)
        return found

    # Starting and stopping the whole

    def start(self) -> None:
        """Make secrets, volumes and static files, then start each part when those before it are healthy.

        Raises Ended when a part does not come up.
        """
        self._furnish()
        waiting: list[str] = []
        for host, container in self.containers.items():
            for needed in container.service.depends_on:
                for other in [name for name in waiting if self.containers[name].service.name == needed]:
                    self.wait_healthy(other)
                    waiting.remove(other)
            if container.service.name == "prepare":
                self.run_once(host)
            else:
                self.start_part(host)
                waiting.append(host)
        for host in waiting:
            self.wait_healthy(host)

    def _furnish(self) -> None:
        volumes, secrets, image = self.folder / "volumes", self.folder / "secrets", self.folder / "image"
        # Servers that run as their own users walk through, and see no names.
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        for place in (volumes, image, self.logs_folder, self.folder / "mail"):
            place.mkdir(exist_ok=True)
        database, queue = (f"127.0.0.1:{self.port(*at)}" for at in (("postgres", 5432), ("redis", 6379)))
        materials.make(secrets, host=HOST, database=database, queue=queue)
        for container in self.containers.values():
            for source in container.service.mounts.values():
                if not source.startswith("."):
                    (volumes / source).mkdir(exist_ok=True)
            container.furnish(volumes, secrets, image_places(image) if container.service.is_built else {})
        self._build_static()

    def _build_static(self) -> None:
        """What the Dockerfile does after it has copied the project."""
        environment = self.outer_environment() | {
            "PORTAL_VAR": str(self.folder / "image" / "build"),
            "PORTAL_STATIC_ROOT": str(self.folder / "image" / "static"),
        }
        _run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], environment)

    def stop(self) -> None:
        """Stop every part, the last started first. Raises Ended when a process was left, after ending it."""
        stores = {"postgres", "redis"}
        for host in set(self.groups) - stores:
            self._ask_to_end(host)
        for host in reversed(list(self.groups)):
            self.stop_part(host)
        left = self.processes()
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        if left:
            raise Ended(f"processes of the stack were left: {left}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # One part

    def start_part(self, host: str) -> None:
        """Start a part without waiting for it."""
        container = self.containers[host]
        order = images.order(container, self.environment(host), self.image.command)
        group, log = Group(), self.log(host)
        log.touch()
        if order.user:  # nginx opens it once more, by the name /dev/stdout
            shutil.chown(log, order.user)
        group.start(host, order.command, log=log, env=self.environment(host), user=order.user, cwd=order.cwd)
        self.groups[host] = group

    def stop_part(self, host: str) -> None:
        """Ask a part to end, as the container engine does, and end it by force when its time is over."""
        if host not in self.groups:
            return
        self._ask_to_end(host)
        group = self.groups.pop(host)
        deadline = time.monotonic() + self.containers[host].service.patience
        for _, process in group.members:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        group.stop(patience=1)

    def _ask_to_end(self, host: str) -> None:
        for _, process in self.groups[host].members:
            if process.poll() is None:
                process.send_signal(images.stop_signal(self.containers[host].service))

    def kill(self, host: str, number: int = signal.SIGKILL) -> None:
        """End a part with all that it started, as a power cut would; it is not started again."""
        group = self.groups.pop(host)
        for process_id in self.processes(host):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, number)
        for _, process in group.members:
            process.wait()
        group.stop()

    def signal(self, host: str, number: int) -> None:
        """Send a signal to every process of a part (SIGSTOP and SIGCONT make it stand still and go on)."""
        for process_id in self.processes(host):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, number)

    def restart(self, host: str) -> None:
        """Stop a part, start it again and wait until it is healthy."""
        self.stop_part(host)
        self.start_part(host)
        self.wait_healthy(host)

    def run_once(self, host: str) -> None:
        """Run a service that ends by itself. Raises Ended with its last lines when it fails."""
        order = images.order(self.containers[host], self.environment(host), self.image.command)
        with self.log(host).open("ab") as log:
            done = subprocess.run(
                order.command, env=self.environment(host), cwd=order.cwd, stdout=log, stderr=log, check=False
            )
        if done.returncode:
            raise Ended(f"{host} ended with code {done.returncode}\n{self.log_end(host)}")

    # Health

    def is_healthy(self, host: str) -> bool:
        """What the health check of docker-compose.yml says, run once."""
        container = self.containers[host]
        environment = self.environment(host)
        command = [container.here(word) for word in container.service.health_test]
        command[0] = images.health_program(command[0], environment)
        done = subprocess.run(
            command, env=environment, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        return done.returncode == 0

    def wait_healthy(self, host: str, *, seconds: float = 90) -> None:
        """Wait for the health check. Raises Ended when the part ends, or the time is over."""
        try:
            wait_for(lambda: self.is_healthy(host), self.groups[host], seconds=seconds, what=host)
        except Ended as ended:
            raise Ended(f"{ended}\n{self.log_end(host)}") from None

    def check(self) -> None:
        """Raises Ended when a part that was started is gone."""
        for group in self.groups.values():
            group.check()

    def processes(self, host: str = "") -> dict[int, str]:
        """Process number → command line of what runs now, of one part or of all, but for jobs in the sandbox."""
        wanted, found = f"{MARK}={self.folder}:{host}".encode(), {}
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile, or belongs to somebody else
                marks = [line for line in (place / "environ").read_bytes().split(b"\0") if line.startswith(wanted)]
                if marks and (not host or marks[0] == wanted):
                    command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                    if command:  # one that has ended but was not collected has none
                        found[int(place.name)] = command
        return found

    # Acting inside

    @staticmethod
    def outer_environment() -> dict[str, str]:
        """The caller's environment without its own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
        return kept | {"PATH": f"{Path(sys.executable).parent}:{kept.get('PATH', '/usr/bin:/bin')}"}

    def environment(self, host: str) -> dict[str, str]:
        """The environment of a part's programs."""
        container = self.containers[host]
        image = self.image.environment if container.service.is_built else {}
        return container.environment(image, self.outer_environment()) | {MARK: f"{self.folder}:{host}"}

    def manage(self, *arguments: str, **settings: str) -> str:
        """Run `manage.py` as the service `prepare` would, with further settings; gives all that it printed."""
        return _run([sys.executable, "manage.py", *arguments], self.environment("prepare") | settings)

    def code(self, code: str, *arguments: str) -> str:
        """Run Python code inside the portal's settings; gives what it printed."""
        set_up = "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'portal.settings'; django.setup()\n"
        return _run([sys.executable, "-c", set_up + code, *arguments], self.environment("prepare"))

    def log(self, host: str) -> Path:
        return self.logs_folder / f"{host}.log"

    def log_end(self, host: str, lines: int = 25) -> str:
        """The last lines that a part wrote."""
        path = self.log(host)
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def service(self, host: str) -> Service:
        return self.containers[host].service


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[1:4]} ended with {done.returncode}\n{done.stdout}")
    return done.stdout.strip()
