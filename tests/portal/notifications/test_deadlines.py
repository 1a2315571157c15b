"""The calendar of deadlines: whose days, in what form, and who can read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluations.cases.models import Finding
from portal.notifications.deadlines import Deadline, as_calendar, deadlines_of, folded
from portal.notifications.models import CalendarFeed

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_force(certificate: Any) -> Any:
    type(certificate).objects.filter(pk=certificate.pk).update(status="in_force", pdf_sha256="0" * 64)
    certificate.refresh_from_db()
    return certificate


@pytest.fixture
def finding(certificate: Any) -> Finding:
    return Finding.objects.create(
        case=certificate.case,
        criterion="RC-10",
        kind="nonconformity",
        status="accepted",
        text="A secret text.",
        told_at=timezone.now(),
        due_on=timezone.now().date() + timedelta(days=20),
    )


def unfolded(content: str) -> list[str]:
    """Content lines as a calendar program reads them (RFC 5545, 3.1)."""
    assert content.endswith("\r\n")
    assert "\n" not in content.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
    return content.replace("\r\n ", "").split("\r\n")


def keys(person: Any) -> list[str]:
    return [deadline.key for deadline in deadlines_of(person)]


def test_each_sees_the_days_that_concern_them(
    in_force: Any,
    finding: Finding,
    alice: Any,
    charlie: Any,
    lead: Any,
    reviewer: Any,
    evaluator1: Any,
    other_lead: Any,
) -> None:
    number = in_force.number
    all_of_it = [f"finding-{finding.pk}", f"surveillance-{number}", f"validity-{number}"]
    assert keys(alice) == all_of_it
    assert keys(lead) == all_of_it  # nobody leads the case, so it is open to each lead of the body
    assert keys(reviewer) == all_of_it[1:]
    assert keys(charlie) == keys(evaluator1) == keys(other_lead) == []


def test_what_is_over_is_left_out(in_force: Any, finding: Finding, alice: Any) -> None:
    Finding.objects.update(status="closed")
    type(in_force).objects.update(status="withdrawn")
    assert keys(alice) == []


@pytest.mark.parametrize(("language", "title"), [("en", "Last day of validity"), ("zh-hans", "有效期最后一天")])
def test_a_calendar_program_reads_it_without_signing_in(
    client: Any, in_force: Any, finding: Finding, alice: Any, settings: Any, language: str, title: str
) -> None:
    type(alice).objects.filter(pk=alice.pk).update(language=language)
    feed = CalendarFeed.objects.create(person=alice)
    response = client.get(reverse("notifications:deadlines", args=[feed.token]))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(response.content.decode())
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 3
    assert f"DTSTART;VALUE=DATE:{in_force.valid_until:%Y%m%d}" in lines
    assert f"DTEND;VALUE=DATE:{finding.due_on + timedelta(days=1):%Y%m%d}" in lines
    assert f"URL:{settings.SITE_URL}/certificates/{in_force.number}/" in lines
    assert any(line.startswith(f"SUMMARY:{title}") for line in lines)
    assert "secret" not in response.content.decode()


def test_only_the_present_address_works(client: Any, alice: Any) -> None:
    feed = CalendarFeed.objects.create(person=alice)
    address = reverse("notifications:deadlines", args=[feed.token])
    assert client.get(address).status_code == 200
    for wrong in (feed.pk.hex, f"{feed.token}x", f"{feed.pk.hex}.", "x", "0" * 300):
        assert client.get(reverse("notifications:deadlines", args=[wrong])).status_code == 404
    client.force_login(alice)
    client.post(reverse("notifications:calendar"))
    assert client.get(address).status_code == 404
    renewed = CalendarFeed.objects.get().token
    assert reverse("notifications:deadlines", args=[renewed]) in client.get("/inbox/preferences/").content.decode()
    type(alice).objects.update(is_active=False)
    assert client.get(reverse("notifications:deadlines", args=[renewed])).status_code == 404
    type(alice).objects.update(is_active=True)
    assert client.get(reverse("notifications:deadlines", args=[renewed])).status_code == 200
    client.force_login(alice)
    client.post(reverse("notifications:calendar"), {"stop": "1"})
    assert not CalendarFeed.objects.exists()
    assert client.get(reverse("notifications:deadlines", args=[renewed])).status_code == 404


def test_texts_are_escaped_and_long_lines_folded_between_characters() -> None:
    day = timezone.now().date()
    long = "监督到期；" * 20
    lines = unfolded(as_calendar([Deadline("a", day, f"One, two; back\\slash\nthree {long}", "/x/")]))
    assert f"SUMMARY:One\\, two\\; back\\\\slash\\nthree {long}" in lines
    assert folded("x" * 75) == "x" * 75
    assert folded("x" * 76) == "x" * 75 + "\r\n x"
