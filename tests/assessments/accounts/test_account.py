"""The account page, tokens, sign-up, and the mail of a development portal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from assessments.accounts.models import Membership, Organisation, Person, Token
from assessments.accounts.tokens import make_token
from assessments.ledger.services import history

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def client_of() -> Any:
    def signed_in(person: Any) -> Client:
        client = Client()
        client.force_login(person, backend=BACKEND)
        return client

    return signed_in


def test_account_is_ones_own(alice: Any, client_of: Any) -> None:
    assert Client().get("/account/")["Location"].startswith("/accounts/login/")
    page = client_of(alice).get("/account/").content.decode()
    assert "Aurora Vision Ltd" in page
    assert "vendor member" in page


def test_language_is_saved_and_followed(alice: Any, client_of: Any) -> None:
    client = client_of(alice)
    answer = client.post("/account/", {"name": "Alice", "language": "zh-hans"})
    assert answer.cookies["django_language"].value == "zh-hans"
    assert Person.objects.get(pk=alice.pk).language == "zh-hans"
    assert 'lang="zh-Hans"' in client.get("/account/").content.decode()
    assert client.post("/account/", {"name": "", "language": "xx"}).status_code == 422


def test_token_is_shown_once_works_and_is_revoked(alice: Any, bob: Any, client_of: Any) -> None:
    client = client_of(alice)
    client.post("/account/tokens/", {"token-name": "build", "token-scope": "submit", "token-days": "30"})
    shown = re.search(r"tap_[\w-]+", client.get("/account/").content.decode())
    assert shown
    assert shown[0] not in client.get("/account/").content.decode()
    assert not Token.objects.filter(digest__contains=shown[0]).exists()
    api = APIClient(headers={"Authorization": f"Bearer {shown[0]}"})
    assert api.get("/api/systems/").status_code == 200
    token = Token.objects.get()
    assert client_of(bob).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert client.get(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert api.get("/api/systems/").status_code == 401
    assert [entry.transition for entry in history(alice)] == ["token_made", "token_revoked"]


def test_expired_token_is_refused(alice: Any) -> None:
    secret = make_token(alice, "old")
    Token.objects.update(expires_at="2020-01-01T00:00Z")
    assert APIClient(headers={"Authorization": f"Bearer {secret}"}).get("/api/systems/").status_code == 401


def test_a_vendor_signs_up_confirms_and_signs_in(db: None) -> None:
    client = Client()
    form = {
        "name": "Nora", "organisation_en": "Nimbus Ltd", "organisation_zh": "", "email": "nora@example.org",
        "password1": "a long password", "password2": "a long password",
    }  # fmt: skip
    assert client.post("/accounts/signup/", form)["Location"] == "/accounts/confirm-email/"
    assert "Look into your mail" in client.get("/accounts/confirm-email/").content.decode()
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link
    assert mail.outbox[0].subject == "Confirm your e-mail address"
    assert client.get(link[1]).status_code == 200
    client.post(link[1])
    signed_in = client.post("/accounts/login/", {"login": "nora@example.org", "password": "a long password"})
    assert signed_in["Location"] == "/dashboard/"
    membership = Membership.objects.get(person__email="nora@example.org")
    assert (membership.role, membership.organisation.kind) == ("vendor_member", Organisation.Kind.VENDOR)


def test_sign_in_before_confirming_sends_the_message_again(db: None) -> None:
    person = Person.objects.create_user("late@example.org", "a long password", name="Late")
    answer = Client().post("/accounts/login/", {"login": person.email, "password": "a long password"}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    assert len(mail.outbox) == 1


def test_password_is_reset_by_mail(alice: Any) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    assert page.status_code == 200
    new = {"password1": "another long one", "password2": "another long one"}
    assert client.post(page.redirect_chain[-1][0], new).status_code == 302
    assert Person.objects.get(pk=alice.pk).check_password("another long one")
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert "no account" in str(mail.outbox[-1].body)


@pytest.mark.parametrize("page", ["login", "signup", "password/reset", "password/reset/done", "confirm-email"])
def test_pages_of_signing_in_are_reached_in_both_languages(db: None, page: str) -> None:
    client = Client()
    assert client.get(f"/accounts/{page}/").status_code == 200
    client.cookies["django_language"] = "zh-hans"
    shown = client.get(f"/accounts/{page}/").content.decode().partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<[^>]+>", "\n", shown)
    assert not re.findall(r"(?:\b[A-Za-z]{2,}\b ){2,}[A-Za-z]+", text)


def test_account_page_in_chinese(alice: Any, client_of: Any) -> None:
    client = client_of(alice)
    client.cookies["django_language"] = "zh-hans"
    for page in ("/account/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"):
        shown = client.get(page).content.decode().partition("<main")[2].partition("</main>")[0]
        text = re.sub(r"<[^>]+>", "\n", shown)
        assert not re.findall(r"(?:\b[A-Za-z]{2,}\b ){2,}[A-Za-z]+", text), page


def test_mail_page_is_for_development_on_the_same_computer(db: None, settings: Any, tmp_path: Path) -> None:
    assert Client().get("/account/mail/").status_code == 404  # mail is sent by another backend
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    for number in (1, 2):
        mail.send_mail(
            f"Letter {number} 第{number}封", f"Open http://localhost/x{number}", "a@b.cd", ["nora@example.org"]
        )
    page = Client().get("/account/mail/").content.decode()
    assert "Letter 1 第1封" in page
    assert 'href="http://localhost/x2"' in page
    assert Client().get("/account/mail/", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert Client().get("/account/mail/", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    settings.EMBEDDED = False
    assert Client().get("/account/mail/").status_code == 404
