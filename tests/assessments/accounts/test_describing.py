"""Names and addresses of an organisation: who was slower sees both, and nothing is overwritten."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.accounts import services
from assessments.ledger.services import history
from assessments.ledger.workflow import Conflict

pytestmark = pytest.mark.django_db


def test_of_two_who_describe_it_the_later_sees_both(vendor: Any, alice: Any, bob: Any) -> None:
    address = reverse("organisations:edit", args=[vendor.pk])
    first, second = Client(), Client()
    first.force_login(alice)
    second.force_login(bob)
    seen = {client: client.get(address).context["seen"] for client in (first, second)}
    words = {"name_en": vendor.name_en, "name_zh": vendor.name_zh, "address_zh": ""}
    sent = {**words, "address_en": "1 Harbour Road", "seen": seen[first]}
    assert first.post(address, sent).status_code == 302
    late = second.post(address, {**words, "address_en": "2 Station Square", "seen": seen[second]})
    assert late.status_code == 409
    stands, _heading, written = unescape(late.content.decode()).partition("What you had written, to copy:")
    assert ("1 Harbour Road" in stands, "2 Station Square" in written) == (True, True)
    vendor.refresh_from_db()
    assert vendor.address_en == "1 Harbour Road"
    assert [entry.transition for entry in history(vendor)].count("described") == 1
    again = second.get(address).context["seen"]
    assert second.post(address, {**words, "address_en": "2 Station Square", "seen": again}).status_code == 302
    with pytest.raises(Conflict):
        services.describe_organisation(vendor, {"name_en": "Other"}, actor=alice, seen=again)
