"""The days that a person must keep in mind, and the calendar that carries them (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import interests_of, organisations_of
from assessments.applications.models import Application
from evaluations.cases.findings import TOLD, answer_by, findings_to_answer
from evaluations.cases.models import Case, Finding
from portal.assurance.models import SurveillanceOrder
from portal.certificates.models import Certificate

SHOWN = 500
NEAR = timedelta(days=7)
UNDONE = ("application-", "case-", "answers-")  # deadlines that are gone as soon as the step is taken
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
    """Steps, answers to findings, corrective actions, ends of validity, surveillance and its orders that concern the
    person, nearest first."""
    found = [*_steps(person), *_answers(person), *_corrective_actions(person), *_certificates(person), *_orders(person)]
    return sorted(found, key=lambda deadline: (deadline.day, deadline.key))


def near_deadlines(person: Any) -> list[Deadline]:
    """What a digest reminds of: the days of the coming week, and steps that are overdue because nobody took them."""
    today = timezone.now().date()
    return [
        deadline
        for deadline in deadlines_of(person)
        if today <= deadline.day <= today + NEAR or (deadline.day < today and deadline.key.startswith(UNDONE))
    ]


def _steps(person: Any) -> Iterator[Deadline]:
    """By when the present step is to be done: a signature of the applicant, the work of a body's people."""
    since = timezone.now().date() - PAST
    leads, mine = organisations_of(person, Role.LEAD_EVALUATOR), organisations_of(person, Role.VENDOR_MEMBER)
    unsigned = Q(status=Application.Status.ADMITTED, agreement__vendor_signed_at=None)
    of_body = (
        Application.objects.filter(body__in=leads).exclude(organisation__in=interests_of(person)).exclude(unsigned)
    )
    of_vendor = Application.objects.filter(unsigned, organisation__in=mine)
    for applications in (of_body, of_vendor):
        for row in applications.filter(due_on__gte=since).order_by("due_on")[:SHOWN]:
            is_new = row.status == Application.Status.SUBMITTED
            title = _("Admission due: %(number)s") if is_new else _("Signature of the agreement due: %(number)s")
            url = reverse("applications:application", args=[row.pk])
            yield Deadline(f"application-{row.pk}", row.due_on or since, title % {"number": row.number}, url)
    for case in Case.objects.visible_to(person).under_way().filter(due_on__gte=since).order_by("due_on")[:SHOWN]:
        title = _("%(case)s: due (%(state)s)") % {"case": case.number, "state": case.get_status_display()}
        yield Deadline(f"case-{case.pk}", case.due_on or since, title, reverse("cases:case", args=[case.pk]))


def _answers(person: Any) -> Iterator[Deadline]:
    """By when the client answers the nonconformities that it was told, one day for each case."""
    nearest: dict[Any, tuple[date, str]] = {}
    rows = findings_to_answer().filter(case__in=Case.objects.of_client(person).values("pk")).order_by("told_at")
    for case, told_at, days, number in rows.values_list(*TOLD, "case__number")[:SHOWN]:
        day = answer_by(told_at, days)
        if day is not None:
            nearest[case] = min(nearest.get(case, (date.max, "")), (day, number))
    for case, (day, number) in nearest.items():
        title = _("Answers to findings due: %(case)s") % {"case": number}
        yield Deadline(f"answers-{case}", day, title, reverse("cases:client", args=[case]))


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


def _orders(person: Any) -> Iterator[Deadline]:
    """By when an order for surveillance is to be answered: for all who see it."""
    rows = SurveillanceOrder.objects.visible_to(person).to_answer().select_related("certificate")
    for row in rows.filter(due_on__gte=timezone.now().date() - PAST)[:SHOWN]:
        title = _("Answer to an order for surveillance due: %(number)s") % {"number": row.certificate.number}
        yield Deadline(f"order-{row.pk}", row.due_on, title, reverse("orders:order", args=[row.pk]))


def as_calendar(deadlines: Iterable[Deadline]) -> str:
    """The deadlines as whole-day events of an iCalendar object, in the active language."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    stamp = f"{timezone.now():%Y%m%dT%H%M%SZ}"
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
