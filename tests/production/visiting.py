"""Clients of the rehearsed stack: a program that trusts its certificate, and visitors who ask all the time."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from scripts.lib.topology import HOST, Topology
from tests.journeys.stack import TOKEN
from tests.journeys.wire import Wire

ADDRESSES = ("/", "/registry/", "/standards/", "/healthz", "/api/registry/", "/static/css/layout.css")


def connection(stack: Topology) -> http.client.HTTPSConnection:
    """A connection to nginx that checks its certificate and name."""
    context = ssl.create_default_context(cafile=str(stack.ca))
    return http.client.HTTPSConnection(HOST, stack.port_tls, timeout=20, context=context)


def get(stack: Topology, address: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One request, its answer and content."""
    asked = connection(stack)
    try:
        asked.request("GET", address, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = asked.getresponse()
        return answer, answer.read()
    finally:
        asked.close()


class SecureWire(Wire):
    """A vendor's program that comes through nginx."""

    def __init__(self, stack: Topology, email: str) -> None:
        super().__init__(stack, stack.code(TOKEN, email).splitlines()[-1])  # type: ignore[arg-type]

    def connect(self) -> http.client.HTTPConnection:
        return connection(self.portal)  # type: ignore[arg-type]


@dataclass
class Visitors:
    """Some threads that read public pages without a pause longer than a tenth of a second, and note every failure."""

    stack: Topology
    number: int = 3
    asked: int = 0
    failures: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._read, args=(start,)) for start in range(self.number)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def during(self, act: Callable[[], Any]) -> list[str]:
        """What failed while `act` was done and until a second after it; somebody did ask meanwhile."""
        began, asked = time.monotonic(), self.asked
        act()
        time.sleep(1)
        assert self.asked > asked, "nobody asked meanwhile"
        return [what for at, what in list(self.failures) if at >= began]

    def _read(self, turn: int) -> None:
        while not self._over.wait(0.1):
            address = ADDRESSES[turn % len(ADDRESSES)]
            turn += 1
            try:
                answer, _ = get(self.stack, address)
                problem = "" if answer.status == 200 else str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                problem = repr(error)
            if problem:
                self.failures.append((time.monotonic(), f"{address}: {problem}"))
            self.asked += 1
