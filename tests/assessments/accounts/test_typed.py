"""What was typed while a sign-in had ended: kept for the same person, without script, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.accounts import sign_ins
from assessments.accounts.models import Person, SignIn
from tests.assessments.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/account/"
REFERER = {"Referer": "http://testserver/account/"}


def ended(client: Client, person: Any) -> Client:
    """The same browser, after its session has ended on the server."""
    sign_ins.end(SignIn.objects.all(), person, actor=None)
    return client


def come_back(client: Client, person: Any, page: str = PAGE) -> str:
    client.post(f"/accounts/login/?next={page}", {"login": person.email, "password": PASSWORD})
    return client.get(page).content.decode()


def test_it_comes_back_to_its_page_and_is_sent_from_there(alice: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    fields = {"name": 'Alice <b>"Liddell"', "language": "en", "csrfmiddlewaretoken": "x"}
    answer = client.post("/account/", fields, headers=REFERER)
    assert answer["Location"] == "/accounts/login/?next=/account/"
    assert "What you typed is kept" in client.get(answer["Location"]).content.decode()
    page = come_back(client, alice)
    assert "Your sign-in had ended before this was sent" in page
    assert 'name="name" value="Alice &lt;b&gt;&quot;Liddell&quot;"' in page
    assert 'value="x"' not in page
    assert Person.objects.get(pk=alice.pk).name == "Alice"  # nothing was changed
    assert "had ended" not in client.get("/account/sign-ins/").content.decode()  # only where it belongs
    client.post("/account/", {"name": "Alice L.", "language": "en"})
    assert "had ended" not in client.get(PAGE).content.decode()


def test_a_form_without_a_page_of_its_own_leads_back_to_where_it_stood(alice: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    fields = {"token-name": "Build server", "token-scope": "read", "token-days": "30"}
    answer = client.post("/account/tokens/", fields, headers=REFERER)
    assert answer["Location"] == "/accounts/login/?next=/account/"
    assert 'value="Build server"' in come_back(client, alice)
    elsewhere = {"Referer": "https://elsewhere.example/account/"}
    answer = Client().post("/account/tokens/", fields, headers=elsewhere)
    assert answer["Location"] == "/accounts/login/?next=/account/tokens/"


def test_somebody_else_at_the_same_browser_sees_nothing_of_it(alice: Any, bob: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    client.post("/account/", {"name": "A secret of Alice", "language": "en"}, headers=REFERER)
    assert "A secret" not in client.get("/accounts/login/").content.decode()
    assert "A secret" not in come_back(client, bob)
    client.post("/accounts/logout/")
    assert "A secret" not in come_back(client, alice)  # gone for good


def test_it_can_be_thrown_away(alice: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    client.post("/account/", {"name": "Typed", "language": "en"}, headers=REFERER)
    come_back(client, alice)
    assert client.post("/account/typed/discard/")["Location"] == PAGE
    assert "Typed" not in client.get(PAGE).content.decode()


def test_nothing_is_kept_for_strangers(alice: Any) -> None:
    """Whoever never signed in here cannot fill the table of sessions."""
    for cookie in ("", "invented"):
        client = Client()
        if cookie:
            client.cookies["sessionid"] = cookie
        client.post("/account/", {"name": "Typed", "language": "en"})
    assert Session.objects.count() == 0


def test_passwords_and_files_are_not_kept(alice: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    file = SimpleUploadedFile("policy.txt", b"x")
    client.post("/account/", {"name": "T", "old_password": "hush", "code": "123456", "file": file}, headers=REFERER)
    page = come_back(client, alice)
    assert "hush" not in page
    assert "123456" not in page
    assert "Files are not kept" in page
    assert "Send it as it is" not in page


def test_too_much_is_not_kept(alice: Any, sign_in: Any) -> None:
    client = ended(sign_in(alice), alice)
    client.post("/account/", {"name": "x" * 300_000}, headers=REFERER)
    assert "had ended" not in come_back(client, alice)


def test_autosave_and_partial_requests_are_told(alice: Any, sign_in: Any) -> None:
    """A script that follows the redirect would take the sign-in page for success."""
    client = ended(sign_in(alice), alice)
    saving = client.post("/account/", {"name": "Saved?", "language": "en"}, headers={**REFERER, "X-Autosave": "1"})
    assert saving.status_code == 401
    partial = client.post("/account/", {"name": "Part"}, headers={**REFERER, "HX-Request": "true"})
    assert partial.status_code == 204
    assert partial["HX-Redirect"] == "/accounts/login/?next=/account/"
    assert 'value="Part"' in come_back(client, alice)
