"""What every answer carries: the request's id, also in the log and on the page of an error, and the strict policy."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.test import Client

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = [
    "/",
    "/registry/",
    "/verify/",
    "/standards/",
    "/accounts/login/",
    "/accounts/signup/",
    "/nothing-here/",
    "/api/schema/",
]


def test_request_without_an_id_gets_one(client: Any) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")
    assert len(first["X-Request-ID"]) == 32
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_sound_id_of_the_proxy_is_kept(client: Any) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space 12", "line\nbreak-123", "ä" * 10, "<script>alert(1)"])
def test_unsound_id_is_replaced(client: Any, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_log_line_has_the_id_of_its_answer(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "portal.request"):
        answer = client.get("/healthz")
    events = [record.msg for record in caplog.records if record.name == "portal.request"]
    assert len(events) == 1
    event = events[0]
    assert event["request"] == answer["X-Request-ID"]
    assert (event["method"], event["path"], event["status"]) == ("GET", "/healthz", 200)
    assert event["milliseconds"] >= 0


def test_id_of_one_request_does_not_stay_for_the_next(client: Any) -> None:
    client.get("/healthz", headers={"X-Request-ID": "first-request-1"})
    client.get("/healthz", headers={"X-Request-ID": "second-request-2"})
    assert structlog.contextvars.get_contextvars()["request"] == "second-request-2"


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
def test_every_page_has_the_strict_policy_and_an_id(client: Any, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC[:-1])
def test_no_page_has_inline_script_or_style(client: Any, path: str) -> None:
    page = client.get(path).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    for script in page.split("<script")[1:]:
        assert " src=" in script.split(">")[0]


@pytest.mark.django_db
def test_signed_in_pages_have_the_policy_too(client: Any, alice: Any) -> None:
    client.force_login(alice)
    for path in ("/dashboard/", "/systems/", "/applications/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_page_of_a_fault_names_the_request_and_keeps_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault in a view")

    monkeypatch.setattr("portal.operations.health.parts", fail)
    answer = Client(raise_request_exception=False).get("/readyz")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in page
    assert "a fault in a view" not in page
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_json_log_has_one_event_a_line_with_its_bound_ids() -> None:
    """In a process of its own: the log is set up once for each process."""
    program = (
        "import logging, structlog\n"
        "from portal.logs import configuration\n"
        "configuration(json=True, level='INFO')\n"
        "structlog.contextvars.bind_contextvars(request='r-1', run='u-2')\n"
        "structlog.get_logger('portal.x').info('stored', size=3)\n"
        "logging.getLogger('other').warning('plain %s', 'words')\n"
        "logging.getLogger('other').debug('not shown')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    structlog.get_logger('portal.x').exception('failed')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    stored, plain, failed = (json.loads(line) for line in io.StringIO(done.stderr))
    assert (stored["event"], stored["size"], stored["request"], stored["run"]) == ("stored", 3, "r-1", "u-2")
    assert (stored["level"], stored["logger"]) == ("info", "portal.x")
    assert stored["timestamp"].endswith("Z")
    assert (plain["event"], plain["level"], plain["run"]) == ("plain words", "warning", "u-2")
    assert "ZeroDivisionError" in failed["exception"]
