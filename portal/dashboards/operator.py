"""The administrator's part, in short: health, what waits in the queue, people and organisations. No case content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.accounts.models import Organisation, Person, Role
from portal.certificates.models import Certificate
from portal.operations import overview, queues

from .sections import Board, Cell, Empty, Figure, Section, Task, waiting_days


def board(person: Any) -> Board:
    """The state of the portal itself."""
    action = (reverse("operations:overview"), _("How things stand"))
    troubled = list(Certificate.objects.filter(status=Certificate.Status.PREPARING).exclude(trouble="")[:10])
    tasks = [_stuck(certificate) for certificate in troubled]
    work = queues.work()
    return Board(tasks, [_health(work), _queue(work), _people(person), _organisations()], action)


def _stuck(certificate: Certificate) -> Task:
    return Task(
        _("A certificate cannot be issued"),
        certificate.number,
        "",
        "",
        reason=certificate.trouble,
    )


def _health(work: Sequence[queues.Work]) -> Section:
    rows = [
        [Cell(part.title, part.url), Cell(part.word, status=part.state, tone=part.state), Cell(part.text)]
        for part in overview.parts(work)
    ]
    more = (reverse("operations:overview"), _("What to do"))
    return Section("health", _("Health"), headings=(_("Part"), _("State"), _("How it stands")), rows=rows, more=more)


def _queue(work: Sequence[queues.Work]) -> Section:
    headings = (_("Work"), _("Waiting"), _("Running"), _("Oldest waits"))
    rows = [
        [
            Cell(line.title),
            Cell(line.waiting, number=True),
            Cell(line.running, number=True),
            Cell(waiting_days(line.oldest) or "–"),
        ]
        for line in work
    ]
    more = (reverse("operations:work"), _("Work and workers"))
    return Section("queue", _("Queue"), headings=headings, rows=rows, more=more)


def _people(reader: Any) -> Section:
    words = dict(Role.choices)
    people = Person.objects.filter(is_active=True)
    counted = people.values_list("memberships__role").annotate(count=Count("pk", distinct=True)).order_by()
    counts = {role: count for role, count in counted if role}
    figures = [Figure(_("people who may sign in"), people.count())]
    figures += [Figure(str(word), counts[role]) for role, word in words.items() if counts.get(role)]
    more = (reverse("admin:index"), _("Open the administration")) if reader.is_staff else None
    return Section("people", _("People by role"), figures=figures, more=more)


def _organisations() -> Section:
    organisations = Organisation.objects.annotate(people=Count("memberships__person", distinct=True))
    rows = [
        [Cell(row.name), Cell(row.get_kind_display()), Cell(row.people, number=True)]
        for row in organisations.order_by("-created_at")[:10]
    ]
    empty = Empty(_("No organisation yet"))
    headings = (_("Organisation"), pgettext("of an organisation", "Kind"), _("People"))
    return Section("organisations", _("Newest organisations"), empty, headings, rows)
