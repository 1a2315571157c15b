"""What all staff of an evaluation body see: statements to sign, the cases that are open to them, their test runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import interests_of, organisations_of
from assessments.presentation.figures import day, percent
from evaluations.cases.assignment import unsigned_assignments
from evaluations.cases.models import Assignment, Case
from evaluations.runs.models import Run
from evaluations.runs.views import method_title
from portal.assurance.models import SurveillanceOrder

from .casework import Facts, what_next
from .sections import READ_AT_MOST, SHOWN, Cell, Empty, Section, Task, about, due_cell, waiting_days

RELATED = ("application__organisation", "application__version__system", "application__scheme", "body")


def cases_of(person: Any) -> QuerySet[Case]:
    """The cases under way that are open to the person, the nearest due first."""
    return Case.objects.visible_to(person).under_way().select_related(*RELATED).order_by("due_on", "opened_at")


def line_of(case: Case) -> str:
    application = case.application
    return about(case.number, application.version, application.organisation.name)


def statements(person: Any) -> Iterator[Task]:
    """Parts that wait for the person's statement on interests; before that the case itself stays closed to them."""
    for assignment in list(unsigned_assignments(person))[:READ_AT_MOST]:
        part = Assignment.Part(assignment.part).label
        yield Task(
            _("Your statement on interests is needed (%(part)s)") % {"part": part},
            about(assignment.case.number, assignment.case.application.organisation.name),
            reverse("cases:statement", args=[assignment.pk]),
            _("Read and sign"),
            since=assignment.assigned_at,
        )


def orders(person: Any) -> Iterator[Task]:
    """Orders for surveillance that a lead or reviewer without an interest in the holder has to answer."""
    bodies = organisations_of(person, Role.LEAD_EVALUATOR, Role.REVIEWER)
    rows = SurveillanceOrder.objects.to_answer().filter(certificate__body__in=bodies)
    free = rows.exclude(certificate__holder__in=interests_of(person))
    for order in free.select_related("certificate__holder", "authority")[:READ_AT_MOST]:
        yield Task(
            _("An authority ordered surveillance: answer it"),
            about(order.certificate.number, order.certificate.holder.name, order.authority.name),
            reverse("orders:order", args=[order.pk]),
            _("Open the order"),
            since=order.made_at,
            due=order.due_on,
        )


def cases_section(facts: list[Facts]) -> Section:
    """The cases under way with what each waits for."""
    rows = [
        [
            Cell(row.case.number, reverse("cases:case", args=[row.case.pk])),
            Cell(row.case.application.version, note=row.case.application.organisation.name),
            Cell(row.case.get_status_display(), status=row.case.status),
            Cell(what_next(row)),
            Cell(day(row.case.opened_at.date())),
            due_cell(row.case.due_on),
        ]
        for row in facts[:SHOWN]
    ]
    return Section(
        "cases",
        _("Cases under way"),
        Empty(_("No case under way"), _("A case opens when both parties have signed the agreement.")),
        (_("Case"), _("System and client"), _("State"), _("What comes next"), _("Opened"), _("By when")),
        rows,
        more=(reverse("cases:board"), _("All cases")),
    )


def runs_section(person: Any) -> Section:
    """Test runs of the person's cases that are waiting or running."""
    under_way = (
        Run.objects.visible_to(person)
        .unfinished()
        .filter(purpose=Run.Purpose.EVALUATION, planned__counted=True)
        .select_related("planned__item__plan__case")
        .order_by("-status", "requested_at")
    )
    return Section(
        "runs",
        _("Test runs in progress"),
        Empty(_("No test is running")),
        (_("Test"), _("Case"), _("State"), _("Progress"), _("Requested")),
        [_run(run) for run in under_way[:SHOWN]],
    )


def _run(run: Run) -> list[Cell]:
    case = run.planned.item.plan.case  # type: ignore[attr-defined]  # the reverse of a one-to-one key
    return [
        Cell(method_title(run), reverse("runs:run", args=[run.pk])),
        Cell(case.number, reverse("cases:runs", args=[case.pk])),
        Cell(run.get_status_display(), status=run.status),
        Cell(percent(run.progress, 0) if run.status == Run.Status.RUNNING else "–", number=True),
        Cell(waiting_days(run.requested_at)),
    ]
