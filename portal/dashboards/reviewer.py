"""The reviewer's part: cases to review and decide, and the certificates of the body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from evaluations.cases.models import Assignment, Case
from portal.certificates.models import Certificate

from .attested import certificate_section
from .body import line_of
from .casework import Facts
from .sections import Board, Empty, Task


def board(person: Any, facts: list[Facts]) -> Board:
    """What waits for the person as reviewer, and which certificates their body keeps true."""
    tasks = [task for row in facts if row.holds(person, Assignment.Part.REVIEWER) for task in _tasks(row)]
    bodies = organisations_of(person, Role.REVIEWER)
    certificates = Certificate.objects.published().filter(body__in=bodies, status__in=["in_force", "suspended"])
    section = certificate_section(
        person,
        certificates.order_by("surveillance_due", "number"),
        anchor="certificates",
        title=_("Certificates of your body"),
        empty=Empty(_("No certificate is in force"), _("Certificates that your body issued appear here.")),
        text=_("Whoever finds that a requirement is no longer fulfilled suspends or withdraws, with a public reason."),
    )
    return Board(tasks, [section])


def _tasks(row: Facts) -> Iterator[Task]:
    since = row.case.frozen_at
    if row.case.status == Case.Status.IN_REVIEW:
        url = reverse("cases:review", args=[row.case.pk])
        yield Task(_("A case waits for your review"), line_of(row.case), url, _("Review"), since, row.case.due_on)
    elif row.case.status == Case.Status.RECOMMENDED:
        url = reverse("cases:decide", args=[row.case.pk])
        yield Task(_("A case waits for your decision"), line_of(row.case), url, _("Decide"), since, row.case.due_on)
