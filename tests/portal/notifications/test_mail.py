"""Letters through a real mail server: both languages, tried again, one digest a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.applications.models import Application
from assessments.applications.workflow import WORKFLOW
from assessments.ledger.workflow import move
from portal.notifications import mail, reading
from portal.notifications.models import Delivery, Kind, Letter, Notification, Preference
from portal.notifications.tasks import sweep
from tests.factories.people import person

from .conftest import MailServer, submitted

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def parts(message: Any) -> tuple[str, str]:
    """The plain text and the HTML of a message."""
    return message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


def test_a_letter_in_plain_text_and_html(application: Any, lead: Any, mail_server: MailServer, settings: Any) -> None:
    sweep()
    (message,) = mail_server.received
    assert mail_server.recipients == [message["To"]] == [lead.email]
    about = f"{application.number} · Digit reader 1.0.0 · Aurora Vision Ltd"
    assert message["Subject"].strip() == f"An application was submitted · {about}"
    assert message["Auto-Submitted"] == "auto-generated"
    address = f"{settings.SITE_URL}/applications/{application.pk}/admission/"
    plain, html = parts(message)
    assert "Hello Lena," in plain
    assert address in plain.split()
    assert f'href="{address}"' in html
    assert '<html lang="en">' in html
    assert Letter.objects.get().status == "sent"


def test_a_letter_in_chinese(application: Any, lead: Any, mail_server: MailServer) -> None:
    type(lead).objects.filter(pk=lead.pk).update(language="zh-hans")
    sweep()
    (message,) = mail_server.received
    plain, html = parts(message)
    assert message["Subject"].strip().startswith("收到一份新申请")
    assert "Lena，您好：" in plain
    assert "极光视觉有限公司" in plain
    assert "在平台中打开" in html
    assert '<html lang="zh-Hans">' in html
    for english in ("Hello", "Choose", "Open", "Trust Assessment"):
        assert english not in plain + html


def test_names_are_escaped_in_html_and_begin_no_header(
    application: Any, lead: Any, vendor: Any, mail_server: MailServer
) -> None:
    vendor.name_en = "<b>Evil</b>\nBcc: all@example.org"
    vendor.save()
    sweep()
    (message,) = mail_server.received
    plain, html = parts(message)
    assert message["Bcc"] is None
    assert mail_server.recipients == [lead.email]
    assert "&lt;b&gt;Evil" in html
    assert "<b>Evil" in plain


def test_nothing_is_sent_twice(application: Any, lead: Any, mail_server: MailServer) -> None:
    sweep()
    sweep()
    assert not mail.send(Letter.objects.get().pk)
    assert len(mail_server.received) == 1


def test_a_letter_that_is_being_sent_is_left_alone_until_its_lease_is_over(
    application: Any, lead: Any, mail_server: MailServer, monkeypatch: Any
) -> None:
    reading.read_ledger()
    held = mail.claim(Letter.objects.get().pk)
    assert held is not None
    assert mail.send_waiting() == 0
    now = timezone.now() + mail.LEASE + timedelta(seconds=1)
    monkeypatch.setattr("portal.notifications.mail.timezone.now", lambda: now)
    assert mail.send_waiting() == 1
    mail._postpone(held, "late")  # the first worker comes back: its word counts no more
    assert Letter.objects.get().status == "sent"


def test_a_refusal_is_tried_again_with_the_same_message_id(
    application: Any, lead: Any, mail_server: MailServer, monkeypatch: Any
) -> None:
    mail_server.refusals = 1
    sweep()
    letter = Letter.objects.get()
    assert (letter.status, letter.attempt, mail_server.received) == ("pending", 1, [])
    assert "451" in letter.trouble
    sweep()
    assert mail_server.received == []  # its time has not come
    now = timezone.now() + timedelta(minutes=1, seconds=1)
    monkeypatch.setattr("portal.notifications.mail.timezone.now", lambda: now)
    sweep()
    assert Letter.objects.get().status == "sent"
    assert mail_server.received[0]["Message-ID"] == f"<{letter.pk}@localhost>"


def test_one_refusal_does_not_hold_up_the_others(
    application: Any, lead: Any, body: Any, mail_server: MailServer
) -> None:
    person("Luna", body, "lead_evaluator")
    mail_server.refusals = 1
    sweep()
    assert sorted(Letter.objects.values_list("status", flat=True)) == ["pending", "sent"]


def test_a_server_that_is_away_is_given_up_in_the_end(application: Any, lead: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    reading.read_ledger()
    for _attempt in range(mail.MOST_ATTEMPTS):
        Letter.objects.update(lease_until=None)
        assert mail.send_waiting() == 0
    assert Letter.objects.get().status == "given_up"
    Letter.objects.update(lease_until=None)
    assert mail.send_waiting() == 0
    assert Letter.objects.get().attempt == mail.MOST_ATTEMPTS
    assert Notification.objects.get().read_at is None


def test_who_was_deactivated_or_left_gets_no_letter(application: Any, lead: Any, mailoutbox: list[Any]) -> None:
    reading.read_ledger()
    lead.memberships.all().delete()
    mail.send_waiting()
    assert (Letter.objects.get().status, mailoutbox) == ("dropped", [])
    Letter.objects.update(status="pending")
    type(lead).objects.filter(pk=lead.pk).update(is_active=False)
    mail.send_waiting()
    assert (Letter.objects.get().status, mailoutbox) == ("dropped", [])


@pytest.mark.parametrize("delivery", [Delivery.OFF, Delivery.INBOX])
def test_a_kind_that_is_turned_off_brings_no_mail(
    application: Any, lead: Any, alice: Any, mailoutbox: list[Any], delivery: str
) -> None:
    Preference.objects.create(person=lead, kind=Kind.SUBMITTED, delivery=delivery)
    move(application, WORKFLOW, "withdraw", actor=alice)
    sweep()
    assert [message.subject.split(" · ")[0] for message in mailoutbox] == ["An application was withdrawn"]


def test_one_digest_a_day_with_what_is_unread(
    version: Any, body: Any, alice: Any, lead: Any, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    Preference.objects.create(person=lead, kind=Kind.SUBMITTED, delivery=Delivery.DAILY)
    now = [NINE.replace(hour=5)]
    monkeypatch.setattr("portal.notifications.mail.timezone.now", lambda: now[0])
    first, second, third = (submitted(version, body, alice) for _ in range(3))
    reading.read_ledger()
    Application.objects.update(due_on=NINE.date())
    Application.objects.filter(pk=third.pk).update(due_on=NINE.date() - timedelta(days=2))
    Notification.objects.update(created_at=NINE - timedelta(hours=8))
    Notification.objects.filter(object_id=str(second.pk)).update(read_at=NINE)
    sweep()
    assert mailoutbox == []  # before the digest's hour
    now[0] = NINE
    sweep()
    (message,) = mailoutbox
    assert message.subject == "Your day: 2 notifications"
    told, _heading, days = message.body.partition("Days to keep in mind")
    assert [row.number in told for row in (first, second, third)] == [True, False, True]
    # All three are to be admitted by a day of this week, which holds whether somebody read of them or not.
    assert [days.count(row.number) for row in (first, second, third)] == [1, 1, 1]
    assert f"{NINE.date():%Y-%m-%d} Admission due: {first.number}" in days
    assert "(overdue) Admission due" in days
    later = submitted(version, body, alice)
    reading.read_ledger()
    Notification.objects.filter(letter=None).update(created_at=NINE)
    now[0] = NINE.replace(hour=20)
    sweep()
    assert len(mailoutbox) == 1
    now[0] = NINE + timedelta(days=1)
    sweep()
    assert [message.subject for message in mailoutbox[1:]] == ["Your day: 1 notification"]
    told = mailoutbox[1].body.partition("Days to keep in mind")[0]
    assert (later.number in told, first.number in told) == (True, False)
