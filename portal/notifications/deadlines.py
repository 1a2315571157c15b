"""The days that a person must keep in mind, and the calendar that carries them (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from evaluations.cases.models import Case, Finding
from portal.certificates.models import Certificate

SHOWN = 500
PAST = timedelta(days=90)  # how long a day that has gone by stays in the calendar
LINE_OCTETS = 75
OPEN = (Finding.Status.OPEN, Finding.Status.ANSWERED, Finding.Status.ACCEPTED)


@dataclass(frozen=True)
class Deadline:
    """One whole day in the calendar. `key` stays the same when the day moves, so that calendars move it too."""

    key: str
    day: date
    title: str
    url: str


def deadlines_of(person: Any) -> list[Deadline]:
    """Corrective actions, ends of validity and surveillance of the person's cases and certificates, nearest first."""
    found = [*_corrective_actions(person), *_certificates(person)]
    return sorted(found, key=lambda deadline: (deadline.day, deadline.key))


def _corrective_actions(person: Any) -> Iterator[Deadline]:
    """By when a corrective action is to be carried out: for the client, and for those to whom the case is open."""
    since = timezone.now().date() - PAST
    rows = Finding.objects.filter(
        told_at__isnull=False, due_on__gte=since, status__in=OPEN, kind=Finding.Kind.NONCONFORMITY
    )
    for cases, page in (
        (Case.objects.of_client(person), "cases:client"),
        (Case.objects.visible_to(person), "cases:findings"),
    ):
        for row in rows.filter(case__in=cases.values("pk")).select_related("case").order_by("due_on")[:SHOWN]:
            title = _("Corrective action due: %(criterion)s (%(case)s)") % {
                "criterion": row.criterion,
                "case": row.case.number,
            }
            yield Deadline(f"finding-{row.pk}", row.due_on or since, title, reverse(page, args=[row.case_id]))


def _certificates(person: Any) -> Iterator[Deadline]:
    """For holders and the issuing body's leads and reviewers, as long as the certificate is not withdrawn."""
    since = timezone.now().date() - PAST
    holders = organisations_of(person, Role.VENDOR_MEMBER)
    bodies = organisations_of(person, Role.LEAD_EVALUATOR, Role.REVIEWER)
    standing = Certificate.objects.filter(
        status__in=[Certificate.Status.IN_FORCE, Certificate.Status.SUSPENDED], valid_until__gte=since
    )
    rows = standing.filter(holder__in=holders) | standing.filter(body__in=bodies)
    for row in rows.only("number", "valid_until", "surveillance_due").order_by("valid_until")[:SHOWN]:
        url = reverse("certificates:certificate", args=[row.number])
        number = {"number": row.number}
        yield Deadline(f"validity-{row.number}", row.valid_until, _("Last day of validity: %(number)s") % number, url)
        if since <= row.surveillance_due < row.valid_until:
            title = _("Surveillance due: %(number)s") % number
            yield Deadline(f"surveillance-{row.number}", row.surveillance_due, title, url)


def as_calendar(deadlines: Iterable[Deadline]) -> str:
    """The deadlines as whole-day events of an iCalendar object, in the active language."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Trust Assessment Portal//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_('Deadlines of the Trust Assessment Portal'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    for deadline in deadlines:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{deadline.key}@{host}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{deadline.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{deadline.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(deadline.title)}",
            f"URL:{settings.SITE_URL}{deadline.url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11)."""
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return "\\n".join(text.splitlines())


def folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, no character cut in two (RFC 5545, 3.1)."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + octets
    return "\r\n".join([*pieces, piece])
