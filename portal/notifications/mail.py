"""Letters: made of notifications, claimed by a lease, sent by whatever mail server the settings name, tried again.

A letter says what happened, to what, and where to look; reasons and findings stay behind the sign-in. The server may
accept a message just before a worker dies: the next attempt carries the same Message-ID, so that readers see one.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from .deadlines import near_deadlines
from .models import Delivery, Letter, Notification
from .wording import Shown, shown_to

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 10  # the waits double from one minute: the last attempt is made after about eight hours
BATCH = 50
DIGEST_HOUR = 6  # UTC
DIGEST_OLDEST = timedelta(days=7)


def waiting() -> QuerySet[Letter]:
    """The letters that nobody is sending now and whose time has come."""
    return Letter.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=timezone.now()), status=Letter.Status.PENDING
    ).order_by("created_at")


def send_waiting() -> int:
    """Send what waits, all by one connection; gives how many were sent."""
    keys = list(waiting().values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    connection = get_connection()
    try:
        return sum(send(key, connection) for key in keys)
    finally:
        connection.close()


def claim(key: Any) -> Letter | None:
    """Take a letter for this worker, or None when it is done or somebody else's."""
    taken = waiting().filter(pk=key).update(attempt=F("attempt") + 1, lease_until=timezone.now() + LEASE)
    return Letter.objects.select_related("person").get(pk=key) if taken else None


def send(key: Any, connection: Any = None) -> bool:
    """Send one letter; True if this call sent it. Only the holder of the newest claim writes what became of it."""
    letter = claim(key)
    if letter is None:
        return False
    message = compose(letter) if letter.person.is_active else None
    if message is None:
        _end(letter, status=Letter.Status.DROPPED)
        return False
    message.connection = connection
    try:
        message.send()
    except (SMTPException, OSError) as error:
        log.warning("letter_not_sent", letter=str(letter.pk), attempt=letter.attempt, reason=type(error).__name__)
        _postpone(letter, f"{type(error).__name__}: {error}")
        if connection is not None:
            connection.close()
        return False
    _end(letter, status=Letter.Status.SENT, sent_at=timezone.now(), trouble="")
    return True


def _end(letter: Letter, **changes: Any) -> None:
    Letter.objects.filter(pk=letter.pk, attempt=letter.attempt).update(lease_until=None, **changes)


def _postpone(letter: Letter, trouble: str) -> None:
    """Try again later, ever more rarely, and in the end no more; the inbox has it all the same."""
    if letter.attempt >= MOST_ATTEMPTS:
        _end(letter, status=Letter.Status.GIVEN_UP, trouble=trouble[:2000])
        return
    later = timezone.now() + timedelta(minutes=2 ** (letter.attempt - 1))
    Letter.objects.filter(pk=letter.pk, attempt=letter.attempt).update(lease_until=later, trouble=trouble[:2000])


def compose(letter: Letter) -> EmailMultiAlternatives | None:
    """The message in the person's language, or None when nothing of it is open to them any more."""
    language = letter.person.language if letter.person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        items = [item for item in shown_to(letter.person, letter.notifications.all()) if item.is_open]
        if not items:
            return None
        preferences = settings.SITE_URL + reverse("notifications:preferences")
        context = {
            "name": str(letter.person),
            "items": items,
            "digest": letter.digest_on is not None,
            "deadlines": near_deadlines(letter.person) if letter.digest_on else [],
            "today": timezone.now().date(),
            "site": settings.SITE_URL,
            "preferences": preferences,
            "language": "zh-Hans" if language.startswith("zh") else "en",
        }
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        message = EmailMultiAlternatives(
            subject_of(letter, items),
            render_to_string("notifications/mail/letter.txt", context),
            to=[letter.person.email],
            headers={
                "Message-ID": f"<{letter.pk}@{domain}>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{preferences}>",
            },
        )
        message.attach_alternative(render_to_string("notifications/mail/letter.html", context), "text/html")
        return message


def subject_of(letter: Letter, items: list[Shown]) -> str:
    """One line; a name that holds a line break must not begin another header."""
    if letter.digest_on is None:
        subject = f"{items[0].title} · {items[0].about}"
    else:
        count = len(items)
        subject = ngettext("Your day: %(count)d notification", "Your day: %(count)d notifications", count) % {
            "count": count
        }
    return " ".join(subject.split())


def make_digests() -> int:
    """After the digest's hour, one letter for each person with unread notifications that wait for it."""
    now = timezone.now()
    if now.hour < DIGEST_HOUR:
        return 0
    rows = Notification.objects.filter(
        delivery=Delivery.DAILY, letter=None, read_at=None, created_at__gte=now - DIGEST_OLDEST
    )
    had_one = Letter.objects.filter(digest_on=now.date()).values("person")
    people = list(rows.exclude(person__in=had_one).values_list("person", flat=True).distinct().order_by("person"))
    return sum(_make_digest(person, now.date(), rows) for person in people)


@transaction.atomic
def _make_digest(person: Any, day: Any, rows: QuerySet[Notification]) -> bool:
    letter, is_new = Letter.objects.get_or_create(person_id=person, digest_on=day)
    if is_new:
        rows.filter(person=person).update(letter=letter)
    return is_new
