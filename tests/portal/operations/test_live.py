"""Real processes: several web processes count together, a fault is found in the log by its number, workers report."""

from __future__ import annotations

import http.client
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from portal.demo.processes import Group, answers, free_port, wait_for
from tests.journeys.stack import PROJECT, Portal, eventually

TOKEN = "a token of the tests"
SESSION = """
import sys
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from tests.factories.people import organisation, person
who = person("Adam", organisation("operator", "Portal Operations", "平台运营部"), "administrator")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(who.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[1]
session[HASH_SESSION_KEY] = who.get_session_auth_hash()
session.save()
print(session.session_key)
"""


class Web:
    """A web server of two processes beside a portal: JSON in its log, metrics switched on, a key that is not there."""

    def __init__(self, portal: Portal, folder: Path) -> None:
        self.port, self.log, self.counts = free_port(), folder / "web.log", folder / "counts"
        self.group = Group()
        self.environment = portal.environment | {
            "PORTAL_METRICS_TOKEN": TOKEN,
            "PORTAL_METRICS_FOLDER": str(self.counts),
            "PORTAL_JSON_LOGS": "true",
            "PORTAL_SIGNING_PKCS12": str(folder / "missing.p12"),
        }
        command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", "2", "--no-control-socket", "--timeout", "120"]
        self.group.start("web", command, log=self.log, env=self.environment, cwd=PROJECT)
        wait_for(lambda: answers(self.port), self.group, seconds=60, what="the second web server")

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def web(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    served = Web(portal, tmp_path_factory.mktemp("web"))
    yield served
    served.group.stop()


@pytest.mark.journey
def test_several_web_processes_count_together(web: Web) -> None:
    def counted() -> float:
        status, _headers, text = web.ask("/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        samples = {
            (sample.labels.get("route"), sample.labels.get("status")): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "portal_http_requests_total"
        }
        return samples.get(("operations:healthz", "200"), 0.0)

    before, asked = counted(), 0
    while len(list(web.counts.glob("counter_*.db"))) < 2:  # until each of the two has answered
        asked += 1
        assert web.ask("/healthz")[0] == 200
        assert asked < 2000
    assert counted() - before == asked
    assert web.ask("/metrics")[0] == 404


@pytest.mark.journey
def test_number_on_the_page_of_a_fault_is_in_the_log_with_the_reason(web: Web) -> None:
    status, headers, page = web.ask("/certificates/trust-root.pem")
    assert status == 500
    number = headers["x-request-id"]
    assert f"<code>{number}</code>" in page
    lines = [line for line in web.lines() if line.get("request") == number]
    (fault,) = [line for line in lines if line["level"] == "error"]
    assert "KeysError" in fault["exception"]
    assert {line["event"] for line in lines} >= {"request"}
    assert web.ask("/readyz")[0] == 503
    assert json.loads(web.ask("/readyz")[2])["key"] == "unavailable"


@pytest.mark.journey
def test_workers_report_themselves_and_a_check_is_carried_out(portal: Portal, web: Web) -> None:
    cookie = {"Cookie": f"sessionid={portal.code(SESSION).splitlines()[-1]}"}

    def page(name: str) -> str:
        status, _headers, text = web.ask(f"/operations/{name}", **cookie)
        assert status == 200, text
        return text

    def all_heard() -> str:
        text = page("work/")
        return text if text.count("S1") + text.count("S2") + text.count("S3") >= 3 and "last sent" in text else ""

    work = str(eventually(all_heard, seconds=60, what="both workers with their sandbox, and the clock", pause=0.5))
    assert "runs@" in work
    assert "quick@" in work
    # The day's own check comes first; while it is under way no other can be asked for.
    eventually(lambda: "Check the whole chain" in page("audit/"), seconds=60, what="the day's check", pause=0.5)
    form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page("audit/"))
    assert form
    status, headers, _text = web.ask(
        "/operations/audit/check/", "POST", f"csrfmiddlewaretoken={form[1]}",
        **{"Cookie": f"{cookie['Cookie']}; csrftoken={form[1]}", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert status == 302

    def told() -> list[str]:
        lines = (portal.folder / "quick.log").read_text().splitlines()
        return [line for line in lines if headers["x-request-id"] in line and "ledger_holds" in line]

    # The request's id is in the worker's log too, with the task and what it worked on.
    (line,) = eventually(told, seconds=60, what="the check of the chain")  # type: ignore[misc]
    assert "task=portal.operations.tasks.check_chain" in line
    assert re.search(r"object=\d+", line)
    assert "Whole up to entry" in page("audit/")
