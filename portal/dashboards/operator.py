"""The administrator's part: health, what waits in the queue, people and organisations. No case content."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.accounts.models import Organisation, Person, Role
from assessments.systems.models import Artifact
from evaluations.runs.models import Run
from portal.certificates.models import Certificate
from portal.operations import health
from portal.verification.models import Examination

from .sections import Board, Cell, Empty, Figure, Section, Task, waiting_days

PARTS = {
    "database": gettext_lazy("Database"),
    "queue": gettext_lazy("Queue"),
    "files": gettext_lazy("File store"),
}


def board(person: Any) -> Board:
    """The state of the portal itself."""
    action = (reverse("admin:index"), _("Open the administration")) if person.is_staff else None
    troubled = list(Certificate.objects.filter(status=Certificate.Status.PREPARING).exclude(trouble="")[:10])
    tasks = [_stuck(certificate) for certificate in troubled]
    return Board(tasks, [_health(), _queue(), _people(), _organisations()], action)


def _stuck(certificate: Certificate) -> Task:
    return Task(
        _("A certificate cannot be issued"),
        certificate.number,
        "",
        "",
        reason=certificate.trouble,
    )


def _health() -> Section:
    works, fails = Cell(_("works"), status="passed"), Cell(_("cannot be used"), status="failed")
    states = health.parts()
    rows = [[Cell(title), works if states[part] == health.OK else fails] for part, title in PARTS.items()]
    return Section("health", _("Health"), headings=(_("Part"), _("State")), rows=rows)


def _queue() -> Section:
    inspection = Artifact.objects.filter(replaced_at=None)
    examination, preparing = Examination.objects, Certificate.objects.filter(status=Certificate.Status.PREPARING)
    lines: list[tuple[Any, QuerySet[Any], QuerySet[Any], str]] = [
        (_("Test runs"), Run.objects.filter(status="queued"), Run.objects.filter(status="running"), "requested_at"),
        (
            _("Files to be read"),
            inspection.filter(inspection=Artifact.Inspection.AWAITING),
            inspection.filter(inspection=Artifact.Inspection.RUNNING),
            "uploaded_at",
        ),
        (
            _("Certificates to be issued"),
            preparing.filter(lease_until=None),
            preparing.exclude(lease_until=None),
            "case__decision__decided_at",
        ),
        (
            _("Files to be verified"),
            examination.filter(status=Examination.Status.QUEUED),
            examination.filter(status=Examination.Status.RUNNING),
            "asked_at",
        ),
    ]
    headings = (_("Work"), _("Waiting"), _("Running"), _("Oldest waits"))
    return Section("queue", _("Queue"), headings=headings, rows=[_line(*line) for line in lines])


def _line(title: Any, waiting: QuerySet[Any], running: QuerySet[Any], since: str) -> list[Cell]:
    found = waiting.aggregate(count=Count("pk"), oldest=Min(since))
    return [
        Cell(title),
        Cell(found["count"], number=True),
        Cell(running.count(), number=True),
        Cell(waiting_days(found["oldest"]) or "–"),
    ]


def _people() -> Section:
    words = dict(Role.choices)
    people = Person.objects.filter(is_active=True)
    counted = people.values_list("memberships__role").annotate(count=Count("pk", distinct=True)).order_by()
    counts = {role: count for role, count in counted if role}
    figures = [Figure(_("people who may sign in"), people.count())]
    figures += [Figure(str(word), counts[role]) for role, word in words.items() if counts.get(role)]
    return Section("people", _("People by role"), figures=figures)


def _organisations() -> Section:
    organisations = Organisation.objects.annotate(people=Count("memberships__person", distinct=True))
    rows = [
        [Cell(row.name), Cell(row.get_kind_display()), Cell(row.people, number=True)]
        for row in organisations.order_by("-created_at")[:10]
    ]
    empty = Empty(_("No organisation yet"))
    headings = (_("Organisation"), _("Kind"), _("People"))
    return Section("organisations", _("Newest organisations"), empty, headings, rows)
