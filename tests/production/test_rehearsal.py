"""The production stack does the main job through nginx, and goes on when each of its parts is restarted.

Started by scripts/production-rehearsal and as a part of scripts/test. The tests stand in the order of a day.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser

from portal.demo.systems.digits import make_digits
from scripts.lib.topology import Topology
from tests.journeys import steps
from tests.journeys.main_job import Enter, do_main_job
from tests.journeys.stack import eventually
from tests.journeys.submitting import digits_version, inspection
from tests.journeys.visitor import Visitor
from tests.production.restoring import PASSPHRASE, Installation, new_database, work_going_on
from tests.production.visiting import SecureWire, Visitors, get

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(900)]

STATE = """
import json
from assessments.ledger.services import verify
from assessments.ledger.models import Head
from evaluations.runs.models import Run
from portal.certificates.models import Certificate
print(json.dumps({"faults": len(list(verify())), "entries": Head.objects.get().sequence,
    "runs": sorted(set(Run.objects.values_list("status", flat=True))),
    "certificates": Certificate.objects.filter(status="in_force").count()}))
"""


@pytest.fixture
def enter(stack: Topology, browser: Browser) -> Iterator[Enter]:
    """Each person at a browser of their own, signed in by the form."""
    visitors: list[Visitor] = []

    def arrive(name: str) -> Visitor:
        visitor = Visitor(browser, stack, audited=False)  # type: ignore[arg-type]
        visitors.append(visitor)
        return visitor.sign_in(name) if name else visitor

    yield arrive
    for visitor in visitors:
        visitor.close()


@pytest.fixture(scope="module")
def wire(stack: Topology) -> SecureWire:
    return SecureWire(stack, "alice@example.org")


@pytest.fixture(scope="module")
def version(wire: SecureWire, tmp_path_factory: pytest.TempPathFactory) -> str:
    return digits_version(wire, tmp_path_factory.mktemp("digits"))


def test_the_main_job_is_done_through_nginx(stack: Topology, enter: Enter, tmp_path: Path) -> None:
    folder = make_digits(tmp_path / "digits", Ed25519PrivateKey.generate())
    certificate, file = do_main_job(enter, steps.Product("Digit Sorter", "数字分拣器", folder), tmp_path)
    assert file.read_bytes().startswith(b"%PDF-")
    assert f"{stack.url}/certificates/TAI-" in certificate


def work_goes_on(wire: SecureWire, version: str, mark: str) -> None:
    """A file is read in the sandbox and a test runs: web, queue, both kinds of workers and the database take part."""
    content = f"name,value\n{mark},{time.time()}\n".encode()
    digest = hashlib.sha256(content).hexdigest()
    table = wire.version(f"After {mark} {time.time()}")
    wire.upload(table, "test", "table.csv", content)
    run = wire.call("POST", f"/api/versions/{version}/runs/", {"method": "performance.claim"}, expected=201)
    over = ("finished", "failed", "cancelled")
    ended = eventually(
        lambda: (now := wire.call("GET", f"/api/runs/{run['id']}/"))["status"] in over and now,
        seconds=60,
        what=f"a test runs after {mark}",
        pause=0.3,
    )
    assert ended["status"] == "finished", ended  # type: ignore[index]
    eventually(lambda: inspection(wire, table, digest), seconds=60, what=f"a file is read after {mark}")


def test_each_part_is_restarted_while_requests_flow(stack: Topology, wire: SecureWire, version: str) -> None:
    work_goes_on(wire, version, "nothing")
    told: dict[str, list[str]] = {}
    with Visitors(stack) as visitors:
        for part in ("web-1", "web-2", "beat"):
            told[part] = visitors.during(lambda part=part: stack.restart(part))  # type: ignore[misc]
            work_goes_on(wire, version, part)
        for number in (1, 2):  # one host of workers is gone, the other does the work
            told[f"host {number}"] = visitors.during(lambda number=number: without_host(stack, number, wire, version))  # type: ignore[misc]
        told["kill web-1"] = visitors.during(lambda: come_back(stack, "web-1"))
        told["redis"] = visitors.during(lambda: stack.restart("redis"))
        work_goes_on(wire, version, "redis")
        assert {part: failures for part, failures in told.items() if failures} == {}
        for part in ("postgres", "nginx"):  # there is one of each: visitors meet an error, and only meanwhile
            visitors.during(lambda part=part: stack.restart(part))  # type: ignore[misc]
            work_goes_on(wire, version, part)
            assert visitors.during(lambda: time.sleep(1)) == []
    stack.check()


def without_host(stack: Topology, number: int, wire: SecureWire, version: str) -> None:
    workers = [f"worker-runs-{number}", f"worker-quick-{number}"]
    for worker in workers:
        stack.stop_part(worker)
    work_goes_on(wire, version, f"host {number} has gone")
    for worker in workers:
        stack.start_part(worker)
    for worker in workers:
        stack.wait_healthy(worker)


def come_back(stack: Topology, part: str) -> None:
    """What the engine does with a container that was killed."""
    stack.kill(part)
    stack.start_part(part)
    stack.wait_healthy(part)


def test_a_backup_made_while_work_goes_on_restores_on_either_stack(stack: Topology, tmp_path: Path) -> None:
    wire, file = SecureWire(stack, "alice@example.org"), tmp_path / "production.tar"
    secret = {"PORTAL_BACKUP_PASSPHRASE": PASSPHRASE}
    with work_going_on(wire) as made:
        told = stack.manage("backup", "--out", str(file), **secret)
        during = len(made)
    assert during > 2, "nobody worked while the backup was made"
    assert file.stat().st_mode & 0o777 == 0o600

    here = Installation(tmp_path / "embedded")
    done = here.manage("restore", str(file), **secret)
    assert done.returncode == 0, done.stderr
    assert "ending in" in told
    first = here.fingerprint()
    assert first["ledger"][1] in told
    assert first["ledger"][2] == 0
    assert len(first["files"]) == first["blobs"] > 5
    assert first["seals"] == [True]
    assert first["found"]

    again = here.manage("restore", str(file), **secret)
    assert again.returncode == 1
    assert "This installation is not empty" in again.stderr

    back, address = tmp_path / "embedded.tar", new_database(stack)
    assert here.manage("backup", "--out", str(back), **secret).returncode == 0
    there = Installation(tmp_path / "second", address)
    done = there.manage("restore", str(back), **secret)
    assert done.returncode == 0, done.stderr
    assert there.fingerprint() == first


def test_visitors_are_told_when_no_web_server_runs(stack: Topology) -> None:
    stack.stop_part("web-1")
    stack.stop_part("web-2")
    answer, content = get(stack, "/registry/")
    assert answer.status == 502
    assert answer.getheader("Retry-After") == "10"
    assert "The portal is being restarted" in content.decode()
    assert "平台正在重启" in content.decode()
    stack.start_part("web-1")
    stack.start_part("web-2")
    stack.wait_healthy("web-1")
    stack.wait_healthy("web-2")
    assert eventually(lambda: get(stack, "/registry/")[0].status == 200, seconds=10, what="the portal is back")


def test_nothing_was_lost_and_the_ledger_is_whole(stack: Topology) -> None:
    state: dict[str, Any] = json.loads(stack.code(STATE).splitlines()[-1])
    assert state["faults"] == 0
    assert state["entries"] > 50
    assert state["runs"] == ["finished"]
    assert state["certificates"] == 1
    assert len(stack.processes()) > len(stack.parts)
