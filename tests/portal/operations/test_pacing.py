"""How often an address may read without a sign-in, and what an attack leaves in the figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from portal.operations import pacing, refusals, traffic

pytestmark = pytest.mark.django_db
LIMIT = 40
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def one_minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute does not end while a test counts; nothing of another test is counted."""
    settings.READING_PACE = LIMIT
    cache.clear()
    monkeypatch.setattr(pacing, "now", lambda: 1_800_000_030)
    monkeypatch.setattr(pacing, "PACE", pacing.Pace())


def statuses(client: Client, path: str, times: int, address: str = HERE, **more: Any) -> list[int]:
    return [client.get(path, REMOTE_ADDR=address, **more).status_code for _ in range(times)]


def test_who_reads_too_fast_is_told_until_when_to_wait(client: Client, vendor: Any) -> None:
    assert statuses(client, "/badge/none.svg", LIMIT) == [404] * LIMIT
    told = client.get("/registry/", REMOTE_ADDR=HERE)
    assert (told.status_code, told["Retry-After"], told["Cache-Control"]) == (429, "30", "no-store")
    assert "Reload the page in 30 seconds" in told.content.decode()
    chinese = client.get("/registry/", REMOTE_ADDR=HERE, headers={"Accept-Language": "zh-hans"})
    assert "请于 30 秒后刷新页面" in chinese.content.decode()
    program = client.get("/api/registry/", REMOTE_ADDR=HERE)
    assert (program.status_code, list(program.json())) == (429, ["detail"])
    assert client.get("/registry/", REMOTE_ADDR=ELSEWHERE).status_code == 200
    for always in ("/healthz", "/static/none.css"):
        assert client.get(always, REMOTE_ADDR=HERE).status_code != 429, always


def test_who_has_signed_in_is_not_counted_and_a_made_up_cookie_or_token_does_not_help(
    client: Client, alice: Any
) -> None:
    client.force_login(alice)
    assert 429 not in statuses(client, "/healthz", 1) + statuses(client, "/api/me/", LIMIT + 2)
    planted = Client()
    planted.cookies["sessionid"] = "a" * 32
    assert statuses(planted, "/badge/none.svg", LIMIT + 1)[-1] == 429
    bearer = {"Authorization": "Bearer x"}
    assert client.get("/registry/", REMOTE_ADDR=HERE).status_code == 200
    assert Client().get("/registry/", REMOTE_ADDR=HERE, headers=bearer).status_code == 429
    assert Client().get("/api/me/", REMOTE_ADDR=HERE, headers=bearer).status_code == 401


def test_processes_count_together_and_one_network_is_one_visitor() -> None:
    first, second = pacing.Pace(), pacing.Pace()
    within = [pace.spend("a", LIMIT) for _ in range(LIMIT) for pace in (first, second)]
    assert within.count(True) <= LIMIT + 2 * (LIMIT // pacing.TOLD)
    assert within[:LIMIT] == [True] * LIMIT
    assert not first.spend("a", LIMIT)
    assert not second.spend("a", LIMIT)
    asked = Client().get("/healthz", REMOTE_ADDR="2001:db8:1:2:3:4:5:6").wsgi_request
    assert pacing.network_of(asked) == "2001:db8:1:2::"


def test_the_next_minute_begins_anew_and_an_ordinary_visit_writes_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.READING_PACE = 600
    with django_assert_num_queries(0):
        assert 429 not in statuses(client, "/no/such/page/", 20, ELSEWHERE)
    settings.READING_PACE = 1
    assert statuses(client, "/no/such/page/", 1, ELSEWHERE) == [429]
    monkeypatch.setattr(pacing, "now", lambda: 1_800_000_060)
    assert statuses(client, "/no/such/page/", 2, ELSEWHERE) == [404, 429]


def test_what_is_refused_is_counted_by_what_it_looks_like(
    client: Client, alice: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRICS_TOKEN = "a token of the tests"
    counted: list[str] = []
    monkeypatch.setattr(traffic, "count_refusal", counted.append)
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    client.get("/api/me/")
    client.force_login(alice)
    client.get("/cases/00000000-0000-4000-8000-000000000000/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    strict.post("/systems/new/", {})
    strict.post("/api/systems/", {}, content_type="application/json")
    assert counted == ["sign_in", "token", "private", "forged", "forged"]
    assert refusals.kind_of(Client().get("/healthz").wsgi_request, 409) == "conflict"
    counted.clear()
    client.get("/registry/")
    client.get("/no/such/page/")
    assert counted == []
    settings.READING_PACE = 1
    assert statuses(Client(), "/badge/none.svg", 2, ELSEWHERE) == [404, 429]
    assert counted == ["pace"]
