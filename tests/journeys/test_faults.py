"""What breaks in the middle goes on: a killed web server, a killed worker, an emptied queue. On both stacks."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from tests.journeys.stack import Portal, eventually
from tests.journeys.submitting import digits_version, inspection
from tests.journeys.visitor import Visitor
from tests.journeys.wire import Wire

pytestmark = pytest.mark.journey

CHUNK = 1024 * 1024
OUTCOME = """
import json, sys
from assessments.ledger.services import history, verify
from evaluations.runs.models import Run
from evaluations.runs.sealing import is_seal_intact
run = Run.objects.get(pk=sys.argv[1])
print(json.dumps({"status": run.status, "attempt": run.attempt, "sealed": is_seal_intact(run), "log": run.log,
    "faults": len(list(verify())), "moves": [entry.transition for entry in history(run)]}))
"""


def table(megabytes: int) -> bytes:
    """A real CSV of about that size; always the same."""
    draw = random.Random(7)
    row = ",".join(f"{draw.random():.6f}" for _ in range(100)) + "\n"
    return (",".join(f"c{i}" for i in range(100)) + "\n" + row * (megabytes * CHUNK // len(row))).encode()


def received(portal: Portal) -> int:
    """Bytes of the upload under way that lie on the server's disk."""
    return max((path.stat().st_size for path in (portal.var / "uploads").glob("upload-*")), default=0)


def test_an_upload_by_a_program_survives_the_servers_death(fragile_portal: Portal) -> None:
    portal, content = fragile_portal, table(8)
    wire = Wire(portal, portal.token("alice@example.org"))
    version = wire.version("Upload by program")
    upload = wire.begin(version, "test", "table.csv", len(content))
    address, offset, killed = f"/api/uploads/{upload['id']}/", 0, False
    while offset < len(content):
        piece = content[offset : offset + upload["chunk"]]
        try:
            if not killed and offset + len(piece) >= 0.6 * len(content):
                killed = True
                die_in_the_middle(portal, wire, address, offset, piece)
            offset = wire.piece(address, offset, piece)["offset"]
        except (OSError, http.client.HTTPException):
            portal.start_web()
            offset = wire.call("GET", address)["offset"]
    artifact = wire.call("POST", f"{address}finish/", expected=201)
    assert killed
    assert wire.sent <= len(content) + upload["chunk"]
    assert artifact["sha256"] == hashlib.sha256(content).hexdigest()
    assert artifact["size"] == len(content)
    found = eventually(lambda: inspection(wire, version, artifact["sha256"]), seconds=60, what="the file is read")
    assert found["inspection"] == "accepted"  # type: ignore[index]


def die_in_the_middle(portal: Portal, wire: Wire, address: str, offset: int, piece: bytes) -> None:
    """Send half of a piece, then kill the server with -9: the connection breaks as it does in life."""
    half = len(piece) // 2
    connection = http.client.HTTPConnection("localhost", portal.port, timeout=60)
    connection.putrequest("PATCH", address)
    for name, value in {
        "Authorization": f"Bearer {wire.token}",
        "Upload-Offset": str(offset),
        "Content-Length": str(len(piece)),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(piece[:half])
    wire.sent += half
    eventually(lambda: received(portal) > offset, seconds=20, what="a part of the piece has arrived", pause=0.01)
    portal.kill(portal.web)
    connection.close()


def test_an_upload_in_the_browser_survives_the_servers_death(
    fragile_portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    portal, file = fragile_portal, tmp_path / "big.csv"
    file.write_bytes(table(48))
    size = file.stat().st_size
    version = Wire(portal, portal.token("alice@example.org")).version("Upload by browser")
    visitor = Visitor(browser, portal).sign_in("Alice", going_to=f"/systems/versions/{version}/upload/")
    pieces = count_pieces(visitor)
    visitor.choose("What the file is", "test data").attach("File", file)
    visitor.page.get_by_role("button", name="Send the file").click()
    eventually(lambda: received(portal) >= 0.6 * size, seconds=60, what="60 % have arrived", pause=0.001)
    portal.kill(portal.web)
    kept = received(portal)
    assert 0.6 * size <= kept < size
    visitor.page.get_by_text("The connection was lost").wait_for()
    portal.start_web()
    visitor.complaints.clear()  # the browser's own words about refused connections
    visitor.page.wait_for_url(f"**/systems/versions/{version}/**", timeout=60_000)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    visitor.sees(f"SHA-256 {digest}")
    assert sum(pieces) <= size + CHUNK
    visitor.sees("readable", seconds=60)
    visitor.close()


def count_pieces(visitor: Visitor) -> list[int]:
    """The sizes of all pieces that a connection took, whole or in part; a refused connection took nothing."""
    pieces: list[int] = []

    def took(request: Request) -> None:
        if request.method == "PATCH" and "REFUSED" not in str(request.failure):
            pieces.append(int(request.headers.get("content-length") or len(request.post_data_buffer or b"")))

    visitor.page.on("requestfinished", took)
    visitor.page.on("requestfailed", took)
    return pieces


def test_a_run_survives_its_workers_death_and_an_emptied_queue(fragile_portal: Portal, tmp_path: Path) -> None:
    portal = fragile_portal
    wire = Wire(portal, portal.token("alice@example.org"))
    version = digits_version(wire, tmp_path)
    run = wire.call(
        "POST",
        f"/api/versions/{version}/runs/",
        {"method": "robustness.pgd", "parameters": {"restarts": 20}},
        expected=201,
    )
    address = f"/api/runs/{run['id']}/"

    def is_in_the_middle() -> bool:
        now = wire.call("GET", address)
        assert now["status"] in ("queued", "running"), now
        return now["status"] == "running" and now["progress"] > 0

    eventually(is_in_the_middle, seconds=60, what="the run is in the middle", pause=0.05)
    portal.kill(portal.workers)
    portal.lose_messages()
    portal.start_workers()
    done = eventually(
        lambda: (now := wire.call("GET", address))["status"] not in ("queued", "running") and now,
        seconds=180,
        what="the run has ended",
    )
    assert done["status"] == "finished", done  # type: ignore[index]
    outcome = json.loads(portal.code(OUTCOME, run["id"]).splitlines()[-1])
    assert outcome["moves"] == ["request", "start", "start", "finish"], outcome
    assert outcome["attempt"] == 2
    assert outcome["sealed"]
    assert outcome["faults"] == 0


def test_a_stopped_portal_leaves_no_process(fragile_portal: Portal) -> None:
    running = set(fragile_portal.processes())
    assert len(running) >= 5
    for group in (fragile_portal.beat, fragile_portal.workers, fragile_portal.web):
        for _, process in group.members:
            process.send_signal(signal.SIGINT)  # what Ctrl-C sends
    eventually(lambda: not fragile_portal.processes(), seconds=30, what="all processes have ended")
