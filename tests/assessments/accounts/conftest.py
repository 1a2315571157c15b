"""Signing in as people do, and what an authenticator app does: computed by another library than the portal's."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.test import Client

PASSWORD = "a long password"


def code_of(secret: str) -> str:
    """What an app shows now for this secret (RFC 6238: SHA-1, six digits, thirty seconds)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()  # noqa: S303


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    def signed_in(person: Any, *, agent: str = "") -> Client:
        client = Client(HTTP_USER_AGENT=agent)
        answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return signed_in


@pytest.fixture
def set_up_app(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client], str]:
    """Set up an authenticator app through the pages; gives its secret. The recovery codes are left unseen.

    What waits for the end of the transaction is done at once, as the test's own transaction never ends well.
    """

    def set_up(client: Client) -> str:
        page = client.get("/accounts/2fa/totp/activate/").content.decode()
        secret = re.search(r'id="secret">([A-Z2-7]+)<', page)
        assert secret, page
        with monkeypatch.context() as patch:
            patch.setattr(transaction, "on_commit", lambda then: then())
            answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1])})
        assert answer.status_code == 302, answer.content.decode()
        return secret[1]

    return set_up
