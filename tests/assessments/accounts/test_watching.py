"""What somebody who watches over sign-ins learns, and a code of the app that works once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation

from tests.assessments.accounts.conftest import PASSWORD, code_of

pytestmark = pytest.mark.django_db
CODE = "/accounts/2fa/authenticate/"


def told(caplog: pytest.LogCaptureFixture, event: str) -> list[Any]:
    return [r.msg for r in caplog.records if isinstance(r.msg, dict) and r.msg.get("event") == event]


@pytest.fixture
def half_signed_in(alice: Any) -> Callable[[], Client]:
    def begin() -> Client:
        client = Client()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        return client

    return begin


def test_a_failed_sign_in_is_an_event_of_its_own(alice: Any, sign_in: Any, caplog: pytest.LogCaptureFixture) -> None:
    for login in (alice.email, "nobody@example.org"):
        Client().post("/accounts/login/", {"login": login, "password": "not the right one"})
    sign_in(alice)
    failed = told(caplog, "sign_in_failed")
    assert [event["person"] for event in failed] == [str(alice.pk), None]
    assert {event["level"] for event in failed} == {"warning"}
    assert [event["person"] for event in told(caplog, "signed_in")] == [str(alice.pk)]
    words = "".join(str(record.msg) for record in caplog.records)
    assert "not the right one" not in words
    assert "@example.org" not in words


def test_a_wrong_code_is_an_event_too(
    sign_in: Any, set_up_app: Any, half_signed_in: Any, alice: Any, caplog: pytest.LogCaptureFixture
) -> None:
    set_up_app(sign_in(alice))
    half_signed_in().post(CODE, {"code": "000000"})
    assert [event["person"] for event in told(caplog, "second_factor_failed")] == [str(alice.pk)]


def test_a_code_works_once_as_long_as_it_lives(
    sign_in: Any,
    set_up_app: Any,
    half_signed_in: Any,
    alice: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = set_up_app(sign_in(alice))
    code, began, day = code_of(secret), time.time(), timezone.now()
    assert half_signed_in().post(CODE, {"code": code})["Location"] == "/dashboard/"
    mail.outbox.clear()
    # Half a minute later allauth alone would take it again: its period is over and the tolerance is not.
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: began + 31)
    monkeypatch.setattr(timezone, "now", lambda: day + timezone.timedelta(seconds=31))
    second = half_signed_in()
    assert second.post(CODE, {"code": f" {code} "}).status_code == 200
    assert second.get("/dashboard/").status_code == 302
    assert [event["person"] for event in told(caplog, "second_factor_reused")] == [str(alice.pk)]
    assert ["used a second time" in letter.subject for letter in mail.outbox] == [True]


def test_a_refusal_names_who_asked_in_the_log(alice: Any, sign_in: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = sign_in(alice)
    with caplog.at_level(logging.INFO, "portal.request"):
        client.get("/cases/00000000-0000-4000-8000-000000000000/")
        Client().get("/registry/")
    seen = [(event["status"], event.get("person")) for event in told(caplog, "request")]
    assert seen[-2:] == [(404, str(alice.pk)), (200, None)]


@pytest.mark.parametrize(("length", "fits"), [(11, False), (12, True), (128, True), (129, False)])
def test_the_length_of_a_password(length: int, fits: bool) -> None:
    password = ("正确的马 battery staple " * 9)[:length]
    if fits:
        validate_password(password)
        return
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert any(str(number) in " ".join(refused.value.messages) for number in (12, 128))


def test_pages_of_the_signed_in_stay_in_no_cache(alice: Any, sign_in: Any) -> None:
    client = sign_in(alice)
    for path in ("/systems/", "/applications/", "/dashboard/", "/account/", "/registry/", "/accounts/password/change/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert {"private", "no-store"} <= set(answer["Cache-Control"].replace(",", " ").split()), path
    assert "no-store" not in Client().get("/registry/").headers.get("Cache-Control", "")
