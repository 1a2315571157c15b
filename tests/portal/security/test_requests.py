"""Requests that an attacker would send: passwords, sessions, redirects, fields and headers that nobody asked for."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from assessments.systems.models import System, SystemVersion

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"
OWN = "/account/"


@pytest.fixture
def confirmed(alice: Any) -> Any:
    alice.set_password(PASSWORD)
    alice.save()
    EmailAddress.objects.update_or_create(user=alice, email=alice.email, defaults={"verified": True, "primary": True})
    return alice


def sign_in(client: Client, person: Any, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("account_login"), {"login": person.email, "password": password, **more})


def test_a_long_password_of_any_characters_is_kept_whole(client: Client, confirmed: Any) -> None:
    long = "  多语言 🦉 ñ\u00a0'\";-- " * 7
    assert len(long) > 100
    validate_password(long, confirmed)
    confirmed.set_password(long)
    confirmed.save()
    assert not confirmed.check_password(long[:-1])
    assert not confirmed.check_password(long.strip())
    assert sign_in(client, confirmed, long).status_code == 302
    assert client.get(OWN).status_code == 200


@pytest.mark.parametrize("password", ["password123", "qwertyuiop", "alice"])
def test_a_common_password_is_refused(confirmed: Any, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, confirmed)


def test_a_new_password_needs_the_present_one(client: Client, confirmed: Any) -> None:
    sign_in(client, confirmed)
    new = {"password1": "another long password", "password2": "another long password"}
    assert client.post(reverse("account_change_password"), {"oldpassword": "not the old one", **new}).status_code == 200
    confirmed.refresh_from_db()
    assert confirmed.check_password(PASSWORD)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **new})
    confirmed.refresh_from_db()
    assert confirmed.check_password("another long password")


def test_stored_passwords_are_salted_and_slow(alice: Any, settings: Any) -> None:
    # The tests have a quick one of their own; these are those of an installation.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    alice.set_password(PASSWORD)
    first = alice.password
    alice.set_password(PASSWORD)
    algorithm, rounds, salt, _ = first.split("$")
    assert (algorithm, len(salt) >= 22, alice.password != first) == ("pbkdf2_sha256", True, True)
    assert int(rounds) == PBKDF2PasswordHasher.iterations >= 310_000


def test_signing_in_makes_a_new_session_in_a_closed_cookie(client: Client, confirmed: Any) -> None:
    client.cookies["sessionid"] = planted = "a" * 32
    sign_in(client, confirmed)
    cookie = client.cookies["sessionid"]
    assert cookie.value != planted
    assert len(cookie.value) == 32  # of 36 characters each: 165 bits
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    client.cookies["sessionid"] = planted
    assert client.get(OWN).status_code == 302


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:/evil"]
)
def test_sign_in_leads_only_within_the_portal(client: Client, confirmed: Any, elsewhere: str) -> None:
    assert sign_in(client, confirmed, next=elsewhere)["Location"] == "/dashboard/"
    assert sign_in(Client(), confirmed, next="/systems/")["Location"] == "/systems/"


def test_more_fields_than_asked_change_nothing(client: Client, alice: Any, other_vendor: Any, charlie: Any) -> None:
    client.force_login(alice)
    chosen = "00000000-0000-4000-8000-000000000001"
    made = client.post(
        "/api/systems/",
        {
            "name_en": "Reader",
            "name_zh": "阅读器",
            "description": "Reads.",
            "sector": "other",
            "id": chosen,
            "organisation": str(other_vendor.pk),
            "organisation_id": str(other_vendor.pk),
            "is_staff": True,
        },
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    system = System.objects.get(pk=made.json()["id"])
    assert str(system.pk) != chosen
    assert system.organisation_id != other_vendor.pk
    version = client.post(
        f"/api/systems/{system.pk}/versions/",
        {"label": "1", "status": "frozen", "system": chosen, "frozen_at": "2020-01-01T00:00:00Z"},
        content_type="application/json",
    )
    assert version.status_code == 201, version.content
    row = SystemVersion.objects.get(pk=version.json()["id"])
    assert (row.status, row.system_id) == (SystemVersion.Status.DRAFT, system.pk)
    alice.refresh_from_db()
    assert not alice.is_staff


def test_a_body_of_another_type_is_refused(client: Client, alice: Any) -> None:
    client.force_login(alice)
    for kind in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        answer = client.post("/api/systems/", b"name_en=x", content_type=kind)
        assert answer.status_code == 415, kind
    assert client.post("/api/systems/", b"{", content_type="application/json").status_code == 400
    assert not System.objects.exists()


def test_answers_say_what_they_are_and_who_may_read_them(client: Client, alice: Any) -> None:
    client.force_login(alice)
    for address in ("/", "/registry/", "/registry/feed/", "/systems/", "/api/me/", "/api/registry/", "/no/such/page/"):
        answer = client.get(address, headers={"Origin": "https://evil.example"})
        kind = answer["Content-Type"]
        assert "charset=utf-8" in kind or kind == "application/json", (address, kind)
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert not [name for name in answer.headers if name.startswith("Access-Control")], address
        assert not {"Server", "X-Powered-By"} & set(answer.headers), address
        kept = answer.headers.get("Content-Disposition", "")
        assert (kept == 'attachment; filename="api.json"') == address.startswith("/api/"), address
    stranger = Client(headers={"Origin": "http://testserver"})
    assert stranger.get("/api/me/").status_code == 401
    assert isinstance(stranger.get("/").wsgi_request.user, AnonymousUser)
