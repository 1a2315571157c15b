"""The second factor: demanded by role, set up without script, asked at sign-in, sealed, taken by the operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from assessments.accounts import second_factor
from assessments.accounts.models import Person
from assessments.accounts.tokens import make_token
from assessments.ledger.services import history
from tests.assessments.accounts.conftest import PASSWORD, code_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demanded(settings: Any) -> None:
    settings.REQUIRE_MFA = True


@pytest.fixture
def staff(administrator: Any, lead: Any, evaluator1: Any, reviewer: Any, regulator: Any) -> list[Any]:
    return [administrator, lead, evaluator1, reviewer, regulator]


def test_who_decides_oversees_or_administers_reaches_nothing_before(staff: list[Any], sign_in: Any) -> None:
    for person in staff:
        client = sign_in(person)
        for path in ("/dashboard/", "/account/", "/cases/", "/registry/", "/admin/", "/account/tokens/"):
            assert client.get(path)["Location"] == "/accounts/2fa/", (person, path)
        assert client.post("/account/tokens/", {"token-name": "x"})["Location"] == "/accounts/2fa/"
        refused = client.get("/api/systems/")
        assert (refused.status_code, refused.json()) == (403, {"detail": "Set up a second factor first."})
        assert "Your role needs a second factor" in client.get("/accounts/2fa/").content.decode()
        assert client.post("/accounts/logout/").status_code == 302


def test_vendors_are_free_to_go_without(alice: Any, sign_in: Any) -> None:
    client = sign_in(alice)
    assert client.get("/dashboard/").status_code == 200
    assert "Your role needs" not in client.get("/accounts/2fa/").content.decode()


def test_a_superuser_needs_one_whatever_the_roles(db: None) -> None:
    assert second_factor.is_missing(Person.objects.create_superuser("root@example.org", PASSWORD, name="Root"))


def test_app_set_up_and_asked_at_the_next_sign_in(reviewer: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    client = sign_in(reviewer)
    secret = set_up_app(client)
    assert client.get("/dashboard/").status_code == 200
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/accounts/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert not re.findall(r"<li>\d{8}</li>", client.get("/accounts/2fa/recovery-codes/").content.decode())  # shown once
    assert [entry.transition for entry in history(reviewer)] == ["second_factor_added", "second_factor_added"]
    assert "authenticator app was set up" in mail.outbox[-1].subject

    fresh = Client()
    answer = fresh.post("/accounts/login/", {"login": reviewer.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert fresh.get("/dashboard/")["Location"].startswith("/accounts/login/")
    wrong = fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    answer = fresh.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer["Location"] == "/dashboard/"
    assert fresh.get("/dashboard/").status_code == 200

    with_code = Client()
    with_code.post("/accounts/login/", {"login": reviewer.email, "password": PASSWORD})
    assert with_code.post("/accounts/2fa/authenticate/", {"code": codes[3]})["Location"] == "/dashboard/"
    again = Client()
    again.post("/accounts/login/", {"login": reviewer.email, "password": PASSWORD})
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[3]}).status_code == 200  # each works once


def test_guessing_codes_is_stopped(alice: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    secret = set_up_app(sign_in(alice))
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    for _ in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    page = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert page.status_code == 200  # not even the right one
    assert client.get("/dashboard/").status_code == 302


def test_the_last_factor_stays_where_it_is_demanded(
    lead: Any, alice: Any, sign_in: Any, set_up_app: Callable[..., str]
) -> None:
    for person, left in ((lead, 2), (alice, 0)):
        client = sign_in(person)
        set_up_app(client)
        client.post("/accounts/2fa/totp/deactivate/")
        assert Authenticator.objects.filter(user=person).count() == left


def test_secrets_are_sealed_in_the_database(alice: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    secret = set_up_app(sign_in(alice))
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert second_factor.SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_a_new_factor_ends_sign_ins_without_it(lead: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    stolen, own = sign_in(lead), sign_in(lead)
    set_up_app(own)
    assert stolen.get("/dashboard/")["Location"].startswith("/accounts/login/")
    assert own.get("/dashboard/").status_code == 200


def test_tokens_work_only_with_a_factor(lead: Any, alice: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    api = {who: APIClient(headers={"Authorization": f"Bearer {make_token(who, 'x')}"}) for who in (lead, alice)}
    assert api[alice].get("/api/systems/").status_code == 200
    refused = api[lead].get("/api/systems/")
    assert refused.status_code == 401
    assert "second factor" in refused.json()["detail"]
    set_up_app(sign_in(lead))
    assert api[lead].get("/api/systems/").status_code == 200


def test_an_administrator_takes_a_lost_factor(
    administrator: Any, lead: Any, sign_in: Any, set_up_app: Callable[..., str]
) -> None:
    client, operator = sign_in(lead), sign_in(administrator)
    set_up_app(client)
    set_up_app(operator)
    operator.post(f"/people/{lead.pk}/second-factor/remove/")
    assert not second_factor.has_one(lead)
    assert client.get("/dashboard/")["Location"].startswith("/accounts/login/")
    assert sign_in(lead).get("/dashboard/")["Location"] == "/accounts/2fa/"
    assert history(lead).filter(transition="second_factor_reset", actor=administrator.pk).exists()


def test_the_administration_is_behind_the_portals_sign_in(
    alice: Any, sign_in: Any, set_up_app: Callable[..., str]
) -> None:
    """Django's own form of signing in would ask for the password alone."""
    root = Person.objects.create_superuser("root@example.org", PASSWORD, name="Root")
    root.emailaddress_set.create(email=root.email, verified=True, primary=True)
    visitor = Client()
    there = visitor.get("/admin/", follow=True)
    assert there.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")
    visitor.post("/admin/login/", {"username": root.email, "password": PASSWORD})
    assert visitor.get("/admin/").status_code == 302
    assert sign_in(alice).get("/admin/login/").status_code == 404
    client = sign_in(root)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"
    set_up_app(client)
    page = client.get("/admin/").content.decode()
    assert "ledger" in page.lower()
    assert not re.findall(r"/admin/(mfa|socialaccount|account|sessions)/", page)  # no table that holds secrets
    assert client.get("/admin/accounts/person/").status_code == 200
    assert client.get("/admin/accounts/person/add/").status_code == 403


def test_an_interest_written_down_there_leaves_an_entry(
    lead: Any, vendor: Any, sign_in: Any, set_up_app: Callable[..., str]
) -> None:
    root = Person.objects.create_superuser("root@example.org", PASSWORD, name="Root")
    root.emailaddress_set.create(email=root.email, verified=True, primary=True)
    client = sign_in(root)
    set_up_app(client)
    fields = {"person": lead.pk, "organisation": vendor.pk, "nature": "Advised it.", "since": "2026-01-01", "until": ""}
    assert client.post("/admin/accounts/interestdeclaration/add/", fields).status_code == 302
    assert history(lead).last().transition == "interest_declared"


def test_a_demo_that_asks_nobody_says_so(settings: Any) -> None:
    assert "asks nobody for a second factor" not in Client().get("/accounts/login/").content.decode()
    settings.REQUIRE_MFA = False
    assert "asks nobody for a second factor" in Client().get("/accounts/login/").content.decode()


def test_pages_in_chinese(alice: Any, sign_in: Any, set_up_app: Callable[..., str]) -> None:
    client = sign_in(alice)
    client.cookies["django_language"] = "zh-hans"
    pages = [client.get("/accounts/2fa/totp/activate/")]
    set_up_app(client)
    names = ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", "webauthn/", "webauthn/add/")
    pages += [client.get(f"/accounts/2fa/{name}") for name in names]
    visitor = Client()
    visitor.cookies["django_language"] = "zh-hans"
    visitor.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    pages += [visitor.get("/accounts/2fa/authenticate/"), visitor.post("/accounts/2fa/authenticate/", {"code": "0"})]
    for page in pages:
        assert page.status_code == 200
        text = re.sub(r"<[^>]+>", "\n", page.content.decode().partition("<main")[2].partition("</main>")[0])
        assert not re.findall(r"(?:\b[A-Za-z]{2,}\b ){2,}[A-Za-z]+", text), page.request["PATH_INFO"]
