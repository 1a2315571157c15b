"""What one person does: a visitor who reads public pages, an evaluator who works on a scoring sheet."""

from __future__ import annotations

import http.client
import random
import secrets
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

TIMEOUT = 120
# Longer than this nginx keeps no connection; a browser opens a new one, too.
KEPT_OPEN = 25
SEARCHES = ("reader", "load", "数字", "evaluation", "digit")


@dataclass
class Noted:
    """What was asked and how it was answered: seconds by kind of request, and each error with its place."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)

    def failed(self, what: str) -> None:
        with self.lock:
            self.errors.append(what)


@dataclass
class Person:
    """Somebody with a browser: one connection that is kept, cookies, a pause after each request."""

    host: str
    port: int
    context: ssl.SSLContext
    noted: Noted
    chance: random.Random
    pause: tuple[float, float]
    over: threading.Event
    names: dict[str, str]  # of the cookies "session" and "csrf", which differ between installations
    session: str = ""
    _connection: http.client.HTTPSConnection | None = None
    _used: float = 0.0

    def __post_init__(self) -> None:
        self.token = secrets.token_hex(16)
        language = self.chance.choice(("en", "zh-hans"))
        self.cookies = f"django_language={language}; {self.names['csrf']}={self.token}"
        if self.session:
            self.cookies += f"; {self.names['session']}={self.session}"

    def ask(self, kind: str, address: str, values: dict[str, Any] | None = None) -> http.client.HTTPResponse | None:
        """One request and its whole answer, noted; None when it went wrong. Then a pause."""
        began = time.monotonic()
        try:
            answer = self._exchange(address, values)
        except (OSError, http.client.HTTPException) as error:
            self.leave()
            self.noted.failed(f"{kind} {address}: {error!r}")
            answer = None
        else:
            if answer.status in (200, 204):
                self.noted.answered(kind, time.monotonic() - began)
            else:
                self.noted.failed(f"{kind} {address}: {answer.status}")
                answer = None
        self.over.wait(self.chance.uniform(*self.pause))
        return answer

    def leave(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, address: str, values: dict[str, Any] | None) -> http.client.HTTPResponse:
        if self._connection is None or time.monotonic() - self._used > KEPT_OPEN:
            self.leave()
            self._connection = http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=self.context)
        headers = {"Cookie": self.cookies, "Accept-Encoding": "gzip"}
        body = None
        if values is not None:
            body = urllib.parse.urlencode(values)
            origin = f"https://{self.host}:{self.port}"
            headers |= {"X-CSRFToken": self.token, "Origin": origin, "Referer": f"{origin}/", "X-Autosave": "1"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if values is None else "POST", address, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        self._used = time.monotonic()
        if answer.will_close:
            self.leave()
        return answer


def visit(person: Person, certificates: list[str]) -> Iterator[Callable[[], Any]]:
    """What a visitor does, endlessly: as often as people do, in an order of chance."""
    while True:
        number = person.chance.choice(certificates)
        word = urllib.parse.quote(person.chance.choice(SEARCHES))
        yield from person.chance.sample(
            [
                lambda: person.ask("first page", "/"),
                lambda: person.ask("registry", "/registry/"),
                lambda word=word: person.ask("registry search", f"/registry/?q={word}"),
                lambda number=number: person.ask("certificate", f"/certificates/{number}/"),
                lambda number=number: person.ask("certificate", f"/certificates/{number}/"),
                lambda: person.ask("standards", "/standards/"),
                lambda: person.ask("verification", "/verify/"),
                lambda: person.ask("glossary", "/help/glossary/"),
                lambda: person.ask("registry by interface", "/api/registry/"),
                lambda: person.ask("style sheet", "/static/css/layout.css"),
            ],
            10,
        )


def evaluate(person: Person, work: dict[str, Any]) -> Iterator[Callable[[], Any]]:
    """What an evaluator does, endlessly: looks where things stand, opens the sheet, scores with a reason each time."""
    case, revisions = work["case"], dict.fromkeys(work["codes"], 0)
    while True:
        yield lambda: person.ask("dashboard", "/dashboard/")
        yield lambda: person.ask("case", f"/cases/{case}/")
        yield lambda: person.ask("runs", f"/cases/{case}/runs/")
        yield lambda: person.ask("sheet, overview", f"/cases/{case}/sheet/")
        yield lambda: person.ask("sheet, criteria", f"/cases/{case}/sheet/{work['part']}/")
        for code in person.chance.sample(work["codes"], min(4, len(work["codes"]))):
            yield lambda code=code: autosave(person, case, code, revisions)
        yield lambda: person.ask("inbox", "/inbox/")


def autosave(person: Person, case: str, code: str, revisions: dict[str, int]) -> None:
    """Save a score as the page does while it is filled in; the answer tells the revision that stands now."""
    reason = f"Seen in the records at {time.time():.3f}."
    values = {"score": person.chance.choice("0123"), "rationale": reason, "revision": revisions[code]}
    answer = person.ask("sheet, autosave", f"/cases/{case}/scores/{code}/", values)
    if answer is not None:
        revisions[code] = int(answer.headers["X-Seen"])
