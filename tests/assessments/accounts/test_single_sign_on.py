"""Single sign-on against a real provider on this computer: who is known or invited comes in, nobody else."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.core import mail
from django.test import Client

from assessments.accounts import invitations
from assessments.accounts.models import Person
from assessments.ledger.services import history
from tests.assessments.accounts.conftest import PASSWORD
from tests.assessments.accounts.provider import CLIENT, SECRET, Provider, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with serving() as served:
        settings.OIDC_ISSUER, settings.OIDC_NAME = served.issuer, "Example Login"
        about = {"server_url": served.issuer, "oauth_pkce_enabled": True}
        app = {"provider_id": "sso", "name": "Example Login", "client_id": CLIENT, "secret": SECRET, "settings": about}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield served


def as_(provider: Provider, email: str, *, verified: bool = True, name: str = "Somebody", sub: str = "") -> None:
    provider.claims = {"sub": sub or f"id of {email}", "email": email, "email_verified": verified, "name": name}


def go(client: Client, address: str = "/accounts/oidc/sso/login/") -> Any:
    """From the sign-in page to the provider and back, as a browser is led."""
    begun = client.post(address)
    parts = urlsplit(begun["Location"])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        back = connection.getresponse().headers["Location"]
    finally:
        connection.close()
    return client.get(back.removeprefix("http://testserver"))


def test_somebody_known_comes_in_and_stays_the_same_person(provider: Provider, alice: Any) -> None:
    as_(provider, "Alice@example.org", sub="a1")
    client = Client()
    page = client.get("/accounts/login/?next=/systems/").content.decode()
    assert "Sign in with Example Login" in page
    assert "/accounts/oidc/sso/login/?next=/systems/" in page
    assert "Go on to Example Login" in client.get("/accounts/oidc/sso/login/").content.decode()
    assert go(client, "/accounts/oidc/sso/login/?next=/systems/")["Location"] == "/systems/"
    assert client.get("/systems/").status_code == 200
    assert "connected with your account" in mail.outbox[-1].subject
    assert provider.refused == []
    # The identity is kept, not the address: it may change at the provider.
    as_(provider, "other@example.org", sub="a1")
    again = Client()
    go(again)
    assert again.get("/account/").context["user"] == alice
    assert Person.objects.count() == 1
    assert "Connected with your account" in again.get("/accounts/3rdparty/").content.decode()


def test_the_password_of_a_known_person_still_works(provider: Provider, alice: Any) -> None:
    as_(provider, alice.email)
    go(Client())
    answer = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer["Location"] == "/dashboard/"


def test_strangers_and_unconfirmed_addresses_stay_outside(provider: Provider, alice: Any) -> None:
    for email, verified in (("stranger@example.org", True), (alice.email, False)):
        as_(provider, email, verified=verified)
        client = Client()
        answer = go(client)
        assert "No account for this address" in answer.content.decode()
        assert client.get("/account/").status_code == 302
    assert Person.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_somebody_invited_gets_an_account_and_the_roles(provider: Provider, administrator: Any, body: Any) -> None:
    invitation, _secret = invitations.invite(body, "nora@example.org", ["reviewer"], actor=administrator)
    as_(provider, "nora@example.org", verified=False)
    assert "No account" in go(Client()).content.decode()
    as_(provider, "nora@example.org", name="Nora N.")
    client = Client()
    go(client)
    nora = Person.objects.get(email="nora@example.org")
    assert (nora.name, nora.has_usable_password()) == ("Nora N.", False)
    assert list(nora.memberships.values_list("role", flat=True)) == ["reviewer"]
    invitation.refresh_from_db()
    assert invitation.accepted_by == nora
    assert [entry.transition for entry in history(nora)] == ["joined"]
    page = client.get("/account/").content.decode()
    assert "Set a password" in page
    assert client.get("/accounts/password/set/").status_code == 200


def test_a_second_factor_is_asked_all_the_same(
    provider: Provider, lead: Any, sign_in: Any, set_up_app: Any, settings: Any
) -> None:
    settings.REQUIRE_MFA = True
    as_(provider, lead.email)
    client = Client()
    go(client)
    assert client.get("/dashboard/")["Location"] == "/accounts/2fa/"
    set_up_app(sign_in(lead))
    again = Client()
    assert go(again)["Location"] == "/accounts/2fa/authenticate/"
    assert again.get("/dashboard/")["Location"].startswith("/accounts/login/")


def test_a_closed_account_stays_closed(provider: Provider, alice: Any) -> None:
    Person.objects.update(is_active=False)
    as_(provider, alice.email)
    client = Client()
    go(client)
    assert client.get("/account/").status_code == 302


def test_a_forged_answer_is_refused(provider: Provider, alice: Any) -> None:
    as_(provider, alice.email)
    client = Client()
    client.post("/accounts/oidc/sso/login/")
    answer = client.get("/accounts/oidc/sso/login/callback/?code=guessed&state=guessed")
    assert "Single sign-on did not work" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_a_provider_in_the_database_is_none(provider: Provider, settings: Any) -> None:
    """Who can write a row must not be able to name a provider that vouches for everybody."""
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    SocialApp.objects.create(
        provider="openid_connect",
        provider_id="sso",
        name="Evil",
        client_id="x",
        settings={"server_url": provider.issuer},
    )
    assert Client().get("/accounts/oidc/sso/login/").status_code == 404


def test_without_a_provider_nothing_is_offered() -> None:
    assert "Sign in with" not in Client().get("/accounts/login/").content.decode()
    assert Client().get("/accounts/oidc/sso/login/").status_code == 404
