"""What else an attacker tries: expensive patterns, deep and huge values, foreign hosts, frames, forged forms."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client, RequestFactory

from assessments.systems.models import System

pytestmark = pytest.mark.django_db
PUBLIC = ("/", "/registry/", "/registry/?q=a", "/standards/", "/verify/", "/help/", "/accounts/login/")
UNLOOKED = (
    *("X-Forwarded-Host", "X-Forwarded-Scheme", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL"),
    *("X-Host", "Forwarded", "Origin", "Via"),
)
MARK = "planted-by-somebody"
SYSTEM = {"name_en": "Reader", "name_zh": "阅读器", "sector": "other"}


# Patterns that meet only our own texts, or only in the sandbox, whose seconds are counted from outside.
BOUNDED = ("portal.help.markdown", "portal.catalogues", "evaluations.readers", "evaluations.methods")
LONG = 50_000
PUMPS = ("a", "A", "0", "-", "_", ".", " ", "\t", "/", "@", ":", "中", "{{ ", "a-", "a/", "a,", "((", "<x>", "é")


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each pattern that stands in a module of the web process, by its place."""
    for package in ("assessments", "evaluations", "portal"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" in module.name or ".management" in module.name or module.name.startswith(BOUNDED):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


def seconds(pattern: re.Pattern[str], text: str) -> float:
    began = time.process_time()
    sum(1 for _ in pattern.finditer(text))
    pattern.match(text)
    pattern.fullmatch(text)
    return time.process_time() - began


def test_no_pattern_on_input_takes_more_than_its_length() -> None:
    """A pattern that tries again for each place would take 10⁹ steps, far more than the second that is given."""
    found = dict(patterns())
    assert len(found) >= 10
    slow = {
        (place, pump): taken
        for place, pattern in found.items()
        for pump in PUMPS
        if (taken := seconds(pattern, pump * (LONG // len(pump)) + "\x01")) > 1
    }
    assert slow == {}


def test_a_pattern_that_explodes_would_be_found() -> None:
    assert seconds(re.compile(r"\s+$"), " " * 20_000 + "\x01") > 10 * seconds(re.compile(r"\s+"), " " * 20_000)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"name_en": ' + b"[" * 60 + b"]" * 60 + b"}",
        b'{"name_en": "Reader", "sector": "other", "description": "a\\u0000b"}',
        b'{"name_en": "Reader", "sector": "other", "description": "\\ud800"}',
        b'{"name_en": "Reader", "more": {"x": 1e999}}',
        b'{"name_en": "Reader", "more": [-1e999]}',
        b'{"name_en": "Reader", "more": NaN}',
        b'{"name_en": "Reader", "more": 90071992547409920}',
        b'{"name_en": "Reader", "more": ' + b"9" * 5000 + b"}",
        b'{"name_en": "' + b"x" * 100_000 + b'", "sector": "other"}',
        b"\xff\xfe",
        gzip.compress(json.dumps(SYSTEM).encode()),
    ],
    ids=lambda body: repr(body[:50]),
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_deep_huge_and_broken_json_is_refused(client: Client, alice: Any, body: bytes, language: str) -> None:
    client.force_login(alice)
    packed = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
    answer = client.post(
        "/api/systems/", body, content_type="application/json", headers={"Accept-Language": language, **packed}
    )
    assert answer.status_code == 400, answer.content[:300]
    assert answer.json()
    assert not System.objects.exists()


@pytest.mark.parametrize(
    "value", ["9" * 5000, "-1", "1e999", "0x10", "\0", "%00", "٣", "../../etc/passwd", "a" * 5000, "{{7*7}}", "null"]
)
def test_odd_values_in_addresses_are_answered(client: Client, vendor: Any, value: str) -> None:
    for path in ("/registry/", "/standards/", "/search/", "/api/registry/", "/help/", "/registry/compare/"):
        for name in ("q", "page", "after", "sort", "year", "status", "c"):
            assert client.get(path, {name: value}).status_code in (200, 302, 400, 404), (path, name)


@pytest.mark.parametrize("day", ["0000-00-00", "9999-12-31", "99999-01-01", "-1-01-01", "2026-02-30", "١", "1e9"])
def test_odd_days_are_a_matter_of_the_form(client: Client, alice: Any, day: str) -> None:
    client.force_login(alice)
    answer = client.post("/account/tokens/", {"token-name": "x", "token-scope": "read", "token-expires_on": day})
    assert answer.status_code in (200, 302, 400, 422)


def test_paths_lead_nowhere_else(client: Client) -> None:
    for path in (
        "/static/..%2f..%2fmanage.py",
        "/static/../manage.py",
        "/help/..%2f..%2fsettings/",
        "/badge/..%2fx.svg",
    ):
        assert client.get(path).status_code in (404, 301, 302), path


def test_another_host_is_refused_and_reaches_no_mail(client: Client, alice: Any) -> None:
    assert client.get("/", headers={"Host": f"{MARK}.example"}).status_code == 400
    client.post(
        "/accounts/password/reset/",
        {"email": alice.email},
        headers={"X-Forwarded-Host": f"{MARK}.example", "Forwarded": f"host={MARK}.example"},
    )
    assert mail.outbox
    assert MARK not in "".join(str(letter.message()) for letter in mail.outbox)


@pytest.mark.parametrize("path", PUBLIC)
def test_what_a_cache_does_not_look_at_changes_nothing(client: Client, vendor: Any, path: str) -> None:
    answer = client.get(path, headers=dict.fromkeys(UNLOOKED, MARK))
    assert answer.status_code == 200
    assert MARK not in answer.content.decode()
    assert not [name for name, value in answer.headers.items() if MARK in value]
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer.headers.get("Vary", "").split(",")}
    # A language that does not exist is none, and stands nowhere.
    client.cookies["django_language"] = MARK
    assert MARK not in client.get(path, headers={"Accept-Language": MARK}).content.decode()


def test_no_answer_may_stand_in_a_frame(client: Client, alice: Any) -> None:
    client.force_login(alice)
    for path in (*PUBLIC, "/systems/", "/account/", "/api/me/", "/registry/feed.atom", "/nothing/here/"):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "true", "HX-Current-URL": "http://testserver/systems/new/"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Autosave": "1"},
        {"Origin": "https://evil.example", "X-CSRFToken": "a" * 64},
        {"Referer": "https://evil.example/"},
    ],
)
def test_a_form_of_another_site_does_nothing(alice: Any, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/systems/new/", SYSTEM, headers=headers).status_code == 403
    for kind in ("application/json", "text/plain"):
        answer = client.post("/api/systems/", json.dumps(SYSTEM), content_type=kind, headers=headers)
        assert answer.status_code in (403, 415), kind
    assert not System.objects.exists()


def test_more_form_fields_than_asked_change_nothing(client: Client, alice: Any, vendor: Any, other_vendor: Any) -> None:
    client.force_login(alice)
    more = {"organisation": str(other_vendor.pk), "organisation_id": str(other_vendor.pk), "status": "frozen"}
    more |= {"is_staff": "on", "is_superuser": "on", "role": "administrator", "kind": "operator", "level": "leading"}
    assert client.post("/systems/new/", SYSTEM | more).status_code == 302
    assert System.objects.get().organisation_id == vendor.pk
    client.post("/account/", {"name": "Alice", "language": "en"} | more)
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    vendor.refresh_from_db()
    assert vendor.kind == "vendor"
    assert [membership.role for membership in alice.memberships.all()] == ["vendor_member"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_switch_of_languages_leads_only_within_the_portal(client: Client, elsewhere: str) -> None:
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": elsewhere}, headers={"Referer": elsewhere})
    assert "evil" not in answer["Location"]
    assert answer["Location"].startswith("/")


def test_a_repeated_parameter_is_read_once(client: Client, alice: Any, vendor: Any) -> None:
    """The last one counts, in forms as in addresses, and query and form never mix."""
    client.force_login(alice)
    body = "name_en=First&name_en=Second&name_zh=%E4%BA%8C&sector=other"
    kind = "application/x-www-form-urlencoded"
    assert client.post("/systems/new/?name_en=Query", body, content_type=kind).status_code == 302
    assert System.objects.get().name_en == "Second"
    assert RequestFactory().get("/registry/?q=a&q=b").GET["q"] == "b"
