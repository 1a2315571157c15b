"""In a real browser: a security key (Chromium's virtual one), and typed words that come back."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from assessments.accounts import sign_ins
from assessments.accounts.models import Person, SignIn
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    portal: Any = SimpleNamespace(url=live_server.url.replace("127.0.0.1", "localhost"), check=lambda: None)
    found = Visitor(browser, portal, script=getattr(request, "param", True))
    yield found
    found.close()


def virtual_key(visitor: Visitor) -> None:
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**key, "automaticPresenceSimulation": True}})


def test_a_security_key_is_added_and_opens_the_next_sign_in(visitor: Visitor, lead: Any, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    virtual_key(visitor)
    visitor.sign_in("Lena").sees("Your role needs a second factor")
    visitor.follow("Add a security key").fill("Name of the key", "Blue key").press("Add the key")
    visitor.sees("Each of these codes signs you in once").follow("I have kept them: go on")
    expect(visitor.page).to_have_url(f"{visitor.portal.url}/dashboard/")
    visitor.visit("/accounts/2fa/").sees("Blue key", "10 codes are left")
    visitor.visit("/accounts/logout/").press("Sign out")
    visitor.sign_in("Lena").sees("One more step").press("Use the security key")
    expect(visitor.page).to_have_url(f"{visitor.portal.url}/dashboard/")
    visitor.visit("/account/sign-ins/").sees("this browser")


def test_a_key_that_does_not_answer_is_said(visitor: Visitor, alice: Any) -> None:
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")  # without any key
    visitor.sign_in("Alice").visit("/accounts/2fa/webauthn/add/")
    visitor.page.evaluate(
        "() => { navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    visitor.page.get_by_role("button", name="Add the key").click()
    visitor.sees("The key did not answer, or you stopped it.")


@pytest.mark.parametrize("visitor", [True, False], indirect=True, ids=["script", "no script"])
def test_words_typed_after_a_sign_in_ended_come_back(visitor: Visitor, alice: Any) -> None:
    visitor.sign_in("Alice").visit("/account/").fill("Name", "Alice Pleasance Liddell")
    sign_ins.end(SignIn.objects.all(), alice, actor=None)
    visitor.press("Save").sees("What you typed is kept")
    visitor.fill("Email", alice.email).fill("Password", "a long password")
    visitor.press("Sign in", inside=visitor.page.get_by_role("main"))
    visitor.sees("Your sign-in had ended before this was sent")
    assert Person.objects.get(pk=alice.pk).name == "Alice"
    if visitor.script:
        expect(visitor.page.get_by_label("Name", exact=True)).to_have_value("Alice Pleasance Liddell")
        visitor.sees("What you typed is back in the form").sees_not("Send it as it is").press("Save")
    else:
        visitor.sees("Nothing was changed.").press("Send it as it is")
    visitor.sees("Saved.").sees_not("had ended")
    assert Person.objects.get(pk=alice.pk).name == "Alice Pleasance Liddell"
