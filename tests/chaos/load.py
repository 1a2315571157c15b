"""The people and programs who use a portal under chaos: `python -m tests.chaos.load`, in that portal's settings.

Threads keep uploads, self-tests (both over HTTP) and whole cases (by the services behind the pages) under way. What the
portal acknowledged goes to the journal. Orders come line by line: go, rest, end, counts, unfinished, check, totals.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import threading
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from tests.chaos import inside
from tests.chaos.pace import Pace
from tests.journeys.wire import Wire

PIECE = 16 * 1024
FILES_OF_A_VERSION = 20
SELF_TESTS_UNDER_WAY = 3
METHODS = ("performance.claim", "data.quality", "privacy.pii", "traceability.provenance")


class Uploads:
    """A vendor's program that sends file after file in small pieces and goes on where the portal says it stopped."""

    def __init__(self, pace: Pace, wire: Wire, draw: random.Random) -> None:
        self.pace, self.wire, self.draw = pace, wire, draw
        self.version, self.sent = "", 0

    def next(self) -> None:
        if self.sent % FILES_OF_A_VERSION == 0:
            name = f"Uploads {self.draw.getrandbits(48):x}"
            self.version = self.pace.until_done("describe a system", lambda: self.wire.version(name + _more()))
        self.sent += 1
        rows = self.draw.randrange(200, 4000)
        content = "a,b,c\n" + "".join(f"{self.draw.random():.6f},{n},{n % 7}\n" for n in range(rows))
        self.send(content.encode())
        self.pace.breathe(self.draw.uniform(0.5, 2.0))

    def send(self, content: bytes) -> None:
        begun = self.pace.until_done(
            "begin an upload", lambda: self.wire.begin(self.version, "evidence", f"{self.sent}.csv", len(content))
        )
        address, known = f"/api/uploads/{begun['id']}/", 0
        artifact = None
        while artifact is None:
            known = self._send_pieces(address, known, content)
            artifact = self._finish(address)
        digest = hashlib.sha256(content).hexdigest()
        if artifact["sha256"] != digest:
            self.pace.note("bytes changed", upload=begun["id"], sent=digest, kept=artifact["sha256"])
        self.pace.note("upload", id=begun["id"], artifact=artifact["id"], sha256=digest, size=len(content))

    def _send_pieces(self, address: str, known: int, content: bytes) -> int:
        while known < len(content):
            self.pace.breathe()
            try:
                said = self.wire.piece(address, known, content[known : known + PIECE])["offset"]
                self.pace.counts["pieces"] += 1
            except (OSError, HTTPException, ValueError, KeyError):
                self.pace.breathe(0.25)
                said = self.pace.until_done("ask for the offset", lambda: self.wire.call("GET", address))["offset"]
            if said < known:
                self.pace.note("bytes lost", upload=address, acknowledged=known, kept=said)
            known = said
        return known

    def _finish(self, address: str) -> Any:
        """The artifact; None when the portal asks for bytes again that it had acknowledged."""

        def finish() -> Any:
            state = self.wire.call("GET", address)
            if state["offset"] < state["size"]:
                self.pace.note("bytes lost", upload=address, acknowledged=state["size"], kept=state["offset"])
                return None
            return self.wire.call("POST", f"{address}finish/", expected=201)

        return self.pace.until_done("finish an upload", finish)


class SelfTests:
    """A vendor's program that asks for self-tests, and now and then cancels one."""

    def __init__(self, pace: Pace, wire: Wire, draw: random.Random, version: str) -> None:
        self.pace, self.wire, self.draw, self.version = pace, wire, draw, version

    def next(self) -> None:
        self.pace.breathe(self.draw.uniform(0.1, 0.6))
        if self._under_way() >= SELF_TESTS_UNDER_WAY:
            return
        asked = {"method": self.draw.choice(METHODS)}
        address = f"/api/versions/{self.version}/runs/"
        try:
            run = self.wire.call("POST", address, asked, expected=201)
        except (OSError, HTTPException, AssertionError, ValueError):
            self.pace.counts["refused"] += 1
            return
        self.pace.note("run", id=run["id"])
        if self.draw.random() < 0.1:
            self.pace.breathe(self.draw.uniform(0, 0.8))
            try:
                self.wire.call("POST", f"/api/runs/{run['id']}/cancel/")
                self.pace.counts["cancelled"] += 1
            except (OSError, HTTPException, AssertionError, ValueError):
                self.pace.counts["refused"] += 1

    def _under_way(self) -> int:
        from evaluations.runs.models import Run

        return int(
            self.pace.until_done(
                "count self-tests", lambda: Run.objects.unfinished().filter(scope=self.version).count()
            )
        )


def _more() -> str:
    """A name that was asked for may have been taken although no answer came."""
    return f" {os.urandom(3).hex()}"


def keep_on(next_one: Callable[[], None], pace: Pace) -> None:
    """One thread of the load, until the load ends."""
    pace.breathe()
    while not pace.is_ending:
        pace.breathe()
        try:
            next_one()
        except Exception as error:  # noqa: BLE001 - what does not go on is told by the journal and the counts
            pace.counts["given up"] += 1
            pace.last_refusal = f"{type(error).__name__}: {error}"[:600]
            pace.breathe(0.5)
    pace.ended()


def begin(seed: int, cases: int) -> Pace:
    """Found the people, describe a first system, and start the threads; they rest until they are told to go."""
    from assessments.accounts.tokens import make_token
    from tests.chaos.cases import Cases

    pace = Pace(Path(os.environ[inside.FOLDER]) / "journal.jsonl", cases + 2)
    work = Cases(pace, Path(os.environ[inside.FOLDER]) / "bundle")
    port = urlsplit(os.environ["PORTAL_URL"]).port
    wire = Wire(SimpleNamespace(port=port), make_token(work.vendor, "load"))  # type: ignore[arg-type]
    acts: list[Callable[[], None]] = [
        Uploads(pace, wire, random.Random(f"{seed} uploads")).next,
        SelfTests(pace, wire, random.Random(f"{seed} runs"), work.first_version()).next,
        *[work.next] * cases,
    ]
    for act in acts:
        threading.Thread(target=keep_on, args=(act, pace), daemon=True).start()
    return pace


def orders(pace: Pace) -> dict[str, Callable[[], Any]]:
    """What each order does; what it returns is the answer."""
    from tests.chaos import invariants

    def check() -> dict[str, Any]:
        violations, swept = invariants.check(pace.acknowledged())
        return {"violations": violations, "swept": swept}

    return {
        "go": pace.go,
        "rest": pace.rest,
        "end": pace.end,
        "counts": lambda: {**pace.counts, "last refusal": pace.last_refusal},
        "unfinished": invariants.unfinished,
        "check": check,
        "totals": invariants.totals,
    }


def main() -> None:
    seed, cases = int(sys.argv[1]), int(sys.argv[2])
    inside.set_up()
    pace = begin(seed, cases)
    known = orders(pace)
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    for line in sys.stdin:
        try:
            said = {"answer": known[line.strip()]()}
        except Exception as error:  # noqa: BLE001 - the one who asks decides what it means
            from django.db import connections

            said = {"error": f"{type(error).__name__}: {error}"}
            connections.close_all()
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
