"""What a token may do: decided in one place, and every address of the interface stands behind it or is public."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient

from assessments.accounts.models import Token
from assessments.accounts.tokens import WithinScope, make_token
from assessments.systems.models import System


def views(resolver: Any, prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += views(entry, path) if isinstance(entry, URLResolver) else [(path, entry.callback)]
    return found


def test_every_address_of_the_interface_is_public_or_within_scope() -> None:
    api = [(path, view) for path, view in views(get_resolver()) if path.startswith("api/")]
    assert len(api) > 20
    for path, view in api:
        permissions = view.cls.permission_classes
        assert permissions in ([AllowAny], [WithinScope], (AllowAny,)), path


def test_a_reading_token_reads_and_changes_nothing(alice: Any) -> None:
    read, submit = (
        APIClient(headers={"Authorization": f"Bearer {make_token(alice, scope, scope=scope)}"})
        for scope in ("read", "submit")
    )
    assert read.get("/api/systems/").status_code == 200
    refused = read.post("/api/systems/", {"name_en": "Reader"})
    assert refused.status_code == 403
    assert "may only read" in refused.json()["detail"]
    assert not System.objects.exists()
    assert submit.post("/api/systems/", {"name_en": "Reader"}).status_code == 201
    assert read.get("/api/registry/").status_code == 200


def test_its_use_is_noted_and_shown(alice: Any, client: Any) -> None:
    secret = make_token(alice, "build", scope="read")
    client.force_login(alice)
    assert "never used" in client.get("/account/").content.decode()
    APIClient(headers={"Authorization": f"Bearer {secret}"}).get("/api/systems/")
    assert Token.objects.get().last_used_at is not None
    page = client.get("/account/").content.decode()
    assert "read only" in page
    assert "never used" not in page
    assert secret not in page


@pytest.mark.django_db
def test_an_unknown_token_is_nobody() -> None:
    for secret in ("tap_unknown", "", "\xff"):
        answer = APIClient(headers={"Authorization": f"Bearer {secret}"}).get("/api/systems/")
        assert answer.status_code == 401
