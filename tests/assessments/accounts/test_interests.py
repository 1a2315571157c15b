"""Standing declarations of interest on one's own page: on record at once, ended by a date, never taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.accounts.models import InterestDeclaration
from assessments.accounts.rules import has_interest_in
from assessments.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_an_evaluator_declares_an_interest_and_ends_it(
    client: Client, evaluator1: Any, evaluator2: Any, vendor: Any, alice: Any
) -> None:
    where = reverse("accounts:interests")
    client.force_login(evaluator1)
    assert "None is on record" in client.get(where).content.decode()
    wrong = {"vendor": "No such vendor", "nature": "Advised it.", "since": "2026-01-01"}
    assert client.post(where, wrong).status_code == 422
    right = {**wrong, "vendor": vendor.name_en.upper()}
    assert client.post(where, {**right, "since": "2999-01-01"}).status_code == 422
    assert client.post(where, {**right, "until": "2025-01-01"}).status_code == 422
    assert not has_interest_in(evaluator1, vendor.pk)
    assert client.post(where, {**right, "vendor": vendor.name_zh}).status_code == 302
    assert has_interest_in(evaluator1, vendor.pk)
    row = InterestDeclaration.objects.get()
    assert "Advised it." in client.get(where).content.decode()

    client.force_login(evaluator2)
    assert client.post(reverse("accounts:interest-end", args=[row.pk])).status_code == 404
    client.force_login(alice)
    assert client.get(where).status_code == 404
    client.force_login(evaluator1)
    client.post(reverse("accounts:interest-end", args=[row.pk]))
    row.refresh_from_db()
    assert row.until == timezone.now().date()
    assert has_interest_in(evaluator1, vendor.pk)  # for two years more
    told = Entry.objects.filter(object_id=str(evaluator1.pk)).values_list("transition", flat=True)
    assert list(told) == ["interest_declared", "interest_changed"]
