"""The board and the interface list cases alike: the nearest last day first, then the longest open; or as one likes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from evaluations.cases import opening
from evaluations.cases.models import Case
from tests.factories import cases

pytestmark = pytest.mark.django_db


def test_nearest_day_first_then_longest_open_page_by_page_and_as_one_likes(monkeypatch: Any) -> None:
    who = cases.people()
    today = timezone.now().date()
    for label in ("1", "2", "3", "4"):
        cases.agreed_application(who, label=label)
    opening.open_agreed()
    numbers = sorted(Case.objects.values_list("number", flat=True))
    days = [today + timedelta(days=3), None, today - timedelta(days=1), today + timedelta(days=3)]
    for number, day, hours in zip(numbers, days, (1, 2, 3, 4), strict=True):
        Case.objects.filter(number=number).update(due_on=day, opened_at=timezone.now() + timedelta(hours=hours))
    first, second, third, fourth = numbers
    for case in Case.objects.all():
        case.assignments.all().delete()  # without a lead the leads of the body see it
    client = Client()
    client.force_login(who.lead)

    def shown(address: str) -> tuple[list[str], str]:
        text = client.get(address).content.decode()
        further = re.search(r'href="\?([^"]*page=[^"]*)"[^>]*rel="next"|rel="next"[^>]*href="\?([^"]*)"', text)
        found = (further[1] or further[2]).replace("&amp;", "&") if further else ""
        table = text[text.index("<tbody>") :]
        return re.findall(r"/cases/[0-9a-f-]{36}/\">(C-\d+-\d+)", table), found

    by_day = [third, first, fourth, second]
    assert shown("/cases/")[0] == by_day
    assert "overdue" in client.get("/cases/").content.decode()
    for sort, expected in (("oldest", numbers), ("newest", numbers[::-1]), ("due", by_day), ("nonsense", by_day)):
        assert shown(f"/cases/?sort={sort}")[0] == expected
        listed = client.get(f"/api/cases/?sort={sort}").json()["results"]
        assert [row["number"] for row in listed] == expected
    monkeypatch.setattr("assessments.presentation.listing.PAGE_SIZE", 3)
    page = client.get("/api/cases/").json()
    rest = client.get("/api/cases/", {"page": page["next"]}).json()
    assert [row["number"] for row in (*page["results"], *rest["results"])] == by_day
    assert (page["previous"], rest["next"]) == ("", "")
    again = client.get("/api/cases/", {"page": rest["previous"]}).json()
    assert [row["number"] for row in again["results"]] == by_day[:3]
