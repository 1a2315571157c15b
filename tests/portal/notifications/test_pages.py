"""The inbox, reading, and preferences: whose they are, in both languages, and how many queries they need."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluations.cases.models import Assignment, Case
from portal.notifications.models import CalendarFeed, Notification, Preference
from portal.notifications.reading import read_ledger

from .conftest import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(application: Any, lead: Any) -> Notification:
    """What the lead was told of the application."""
    read_ledger()
    return Notification.objects.get(person=lead)


def page(client: Any, person: Any, address: str = "/inbox/", language: str = "en") -> str:
    client.force_login(person)
    client.cookies["django_language"] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_inbox_says_what_happened_and_where(client: Any, told: Notification, lead: Any, application: Any) -> None:
    html = page(client, lead)
    assert "An application was submitted" in html
    assert f"{application.number} · Digit reader 1.0.0 · Aurora Vision Ltd" in html
    assert "Inbox (1)" in html
    assert "Mark all as read" in html


def test_the_inbox_in_chinese(client: Any, told: Notification, lead: Any, application: Any) -> None:
    html = page(client, lead, language="zh-hans")
    assert "收到一份新申请" in html
    assert f"{application.number} · 手写数字识别系统 1.0.0 · 极光视觉有限公司" in html
    assert "收件箱（1）" in html
    for english in ("Inbox", " unread", "Mark", "Open", "submitted"):
        assert english not in html


def test_opening_marks_as_read_and_leads_there(client: Any, told: Notification, lead: Any, application: Any) -> None:
    client.force_login(lead)
    address = f"/inbox/{told.pk}/read/"
    response = client.post(address, {"open": "1"})
    assert response["Location"] == f"/applications/{application.pk}/admission/"
    first = Notification.objects.get().read_at
    assert first is not None
    assert client.post(address)["Location"] == "/inbox/"
    assert Notification.objects.get().read_at == first
    assert "Nothing is unread" in page(client, lead, "/inbox/?show=unread")
    assert "Inbox (" not in page(client, lead)


def test_somebody_elses_notification_is_not_there(
    client: Any, told: Notification, alice: Any, other_lead: Any, application: Any
) -> None:
    address = f"/inbox/{told.pk}/read/"
    for other in (alice, other_lead):
        assert application.number not in page(client, other)
        assert client.post(address).status_code == 404
    client.post("/inbox/read/", {"newest": str(told.entry_sequence)})
    client.logout()
    assert client.post(address)["Location"].startswith("/accounts/login/")
    for private in ("/inbox/", "/inbox/preferences/"):
        assert client.get(private)["Location"].startswith("/accounts/login/")
    assert Notification.objects.get().read_at is None


def test_nothing_changes_by_looking(client: Any, told: Notification, lead: Any) -> None:
    client.force_login(lead)
    for address in (f"/inbox/{told.pk}/read/", "/inbox/read/", "/inbox/preferences/calendar/"):
        assert client.get(address).status_code in (404, 405)
    page(client, lead)
    assert Notification.objects.get().read_at is None


def test_all_that_was_shown_is_marked_as_read_and_nothing_that_came_since(
    client: Any, told: Notification, lead: Any, version: Any, body: Any, alice: Any
) -> None:
    submitted(version, body, alice)
    read_ledger()
    client.force_login(lead)
    client.post("/inbox/read/", {"newest": str(told.entry_sequence)})
    assert list(Notification.objects.filter(read_at=None)) == [Notification.objects.latest("entry_sequence")]
    for nonsense in ("", "x", "-1", "9" * 400):
        assert client.post("/inbox/read/", {"newest": nonsense}).status_code == 302


def test_an_empty_inbox_says_what_will_be_here(client: Any, alice: Any) -> None:
    assert "Nothing yet" in page(client, alice)
    assert "暂无通知" in page(client, alice, language="zh-hans")


def test_an_unsigned_part_leads_to_the_statement(client: Any, application: Any, body: Any, evaluator1: Any) -> None:
    case = Case.objects.create(number="C-2026-0001", application=application, body=body)
    row = Assignment.objects.create(case=case, person=evaluator1, part="evaluator")
    Notification.objects.create(
        person=evaluator1,
        kind="assigned",
        entry_sequence=99,
        object_type="cases.case",
        object_id=str(case.pk),
        details={"part": "evaluator"},
        happened_at=timezone.now(),
        read_at=timezone.now(),
    )
    html = page(client, evaluator1)
    assert "You were given a part in a case: evaluator" in html
    assert f'href="/cases/assignments/{row.pk}/"' in html


def test_preferences_offer_the_kinds_of_ones_roles_and_keep_what_is_chosen(client: Any, lead: Any, alice: Any) -> None:
    assert 'name="returned"' in page(client, alice, "/inbox/preferences/")
    html = page(client, lead, "/inbox/preferences/")
    assert 'name="submitted"' in html
    assert 'name="returned"' not in html
    fields = dict.fromkeys(client.get("/inbox/preferences/").context["form"].fields, "at_once")
    assert client.post("/inbox/preferences/", {**fields, "submitted": "daily"}).status_code == 302
    assert Preference.objects.get(person=lead, kind="submitted").delivery == "daily"
    assert client.post("/inbox/preferences/", {**fields, "submitted": "off"}).status_code == 302
    assert Preference.objects.get(person=lead, kind="submitted").delivery == "off"
    refused = client.post("/inbox/preferences/", {**fields, "submitted": "by pigeon"})
    assert refused.status_code == 422
    assert Preference.objects.get(person=lead, kind="submitted").delivery == "off"
    assert not Preference.objects.filter(person=alice).exists()


def test_preferences_in_chinese(client: Any, lead: Any) -> None:
    html = page(client, lead, "/inbox/preferences/", "zh-hans")
    assert "收到一份新申请" in html
    assert "收件箱，并立即发送邮件" in html
    assert "生成地址" in html


def test_making_and_stopping_the_calendar_is_ones_own_matter(client: Any, lead: Any, alice: Any) -> None:
    CalendarFeed.objects.create(person=alice)
    client.force_login(lead)
    client.post("/inbox/preferences/calendar/")
    client.post("/inbox/preferences/calendar/", {"stop": "1"})
    assert list(CalendarFeed.objects.values_list("person", flat=True)) == [alice.pk]


def test_thirty_rows_need_no_more_queries_than_one(
    client: Any, application: Any, lead: Any, version: Any, body: Any, alice: Any
) -> None:
    def row(sequence: int, obj: Any, object_type: str, kind: str) -> Notification:
        at = timezone.now() + timedelta(seconds=sequence)
        return Notification(
            person=lead,
            kind=kind,
            entry_sequence=sequence,
            object_type=object_type,
            object_id=str(obj.pk),
            happened_at=at,
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, lead)
        return len(found)

    case = Case.objects.create(number="C-2026-0001", application=application, body=body)
    row(1, application, "applications.application", "submitted").save()
    row(2, case, "cases.case", "rework").save()
    queries()
    few = queries()
    for sequence in range(3, 31, 2):
        other = submitted(version, body, alice)
        of_other = Case.objects.create(number=f"C-2026-{sequence:04d}", application=other, body=body)
        row(sequence, other, "applications.application", "submitted").save()
        row(sequence + 1, of_other, "cases.case", "rework").save()
    assert queries() == few
    assert len(client.get("/inbox/").context["items"]) == 30
