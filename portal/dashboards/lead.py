"""The lead evaluator's part: applications to admit and countersign, cases to staff, plan, settle and hand on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.accounts.models import Role
from assessments.accounts.rules import interests_of, organisations_of
from assessments.applications.models import Application
from evaluations.cases.models import Assignment, Case, Finding

from .body import line_of
from .casework import Facts
from .sections import READ_AT_MOST, SHOWN, Board, Cell, Empty, Figure, Section, Task, about, due_cell, waiting_days
from .standing import courses_of, standing_of
from .way import way_of

Part, Status = Assignment.Part, Case.Status
WITH_BODY = (Application.Status.SUBMITTED, Application.Status.RETURNED, Application.Status.ADMITTED)


def board(person: Any, facts: list[Facts]) -> Board:
    """All that concerns the person as lead evaluator; `facts` are those of the cases open to them."""
    bodies = organisations_of(person, Role.LEAD_EVALUATOR)
    interests = interests_of(person)
    applications = list(
        Application.objects.visible_to(person)
        .filter(body__in=bodies, status__in=WITH_BODY)
        .exclude(organisation__in=interests)
        .select_related("organisation", "version__system", "body", "agreement")
        .order_by("submitted_at")[:READ_AT_MOST]
    )
    led = [row for row in facts if row.case.body_id in bodies]
    open_led = [row for row in led if row.case.application.organisation_id not in interests]
    tasks = [*_admissions(applications)]
    for row in open_led:
        if row.holder(Part.LEAD) is None or row.holds(person, Part.LEAD):
            tasks += [*_staffing(row), *_leading(row, person)]
    return Board(tasks, [_figures(person), _applications(applications)])


def _admissions(applications: list[Application]) -> Iterator[Task]:
    for application in applications:
        line = about(application.number, application.version, application.organisation.name)
        if application.status == Application.Status.SUBMITTED:
            url = reverse("applications:admission", args=[application.pk])
            since, due = application.submitted_at, application.due_on
            yield Task(_("An application waits for admission"), line, url, _("Check it"), since, due)
        signed_at = getattr(getattr(application, "agreement", None), "vendor_signed_at", None)
        if application.status == Application.Status.ADMITTED and signed_at:
            url = reverse("applications:agreement", args=[application.pk])
            text = _("An agreement waits for your countersignature")
            yield Task(text, line, url, _("Read and sign"), signed_at, application.due_on)


def _staffing(row: Facts) -> Iterator[Task]:
    """Parts that nobody has yet: the lead of the case gives them; while there is none, any lead of the body."""
    url = reverse("cases:assign", args=[row.case.pk])
    opened, due = row.case.opened_at, row.case.due_on
    if row.case.status == Status.PLANNING:
        if row.holder(Part.LEAD) is None:
            yield Task(_("A case needs a lead evaluator"), line_of(row.case), url, _("Assign people"), opened, due)
        if row.evaluators_missing:
            text = ngettext("%(count)d evaluator to assign", "%(count)d evaluators to assign", row.evaluators_missing)
            text %= {"count": row.evaluators_missing}
            yield Task(text, line_of(row.case), url, _("Assign people"), opened, due)
    elif row.case.status in (Status.IN_REVIEW, Status.RECOMMENDED) and row.holder(Part.REVIEWER) is None:
        yield Task(
            _("A case needs a reviewer"), line_of(row.case), url, _("Assign people"), row.case.frozen_at or opened, due
        )


def _leading(row: Facts, person: Any) -> Iterator[Task]:
    """What only the lead of the case does."""
    if not row.holds(person, Part.LEAD):
        return
    line, pk = line_of(row.case), row.case.pk
    if row.case.status == Status.PLANNING:
        waiting = row.evaluators_missing or [part for part in row.unsigned if part.part != Part.REVIEWER]
        if not waiting:
            url = reverse("cases:plan", args=[pk])
            yield Task(_("A plan is ready for your approval"), line, url, _("See the plan"), due=row.case.due_on)
    elif row.case.status == Status.EVALUATING:
        yield from _settling(row, line)


def _settling(row: Facts, line: str) -> Iterator[Task]:
    settlement, report = (reverse(f"cases:{page}", args=[row.case.pk]) for page in ("settle", "report"))
    due = row.case.due_on
    differing, tested = len(row.differing), row.runs_ended == len(row.runs) and not row.runs_to_repeat
    if differing:
        text = ngettext("Scores differ on %(count)d criterion", "Scores differ on %(count)d criteria", differing)
        yield Task(text % {"count": differing}, line, settlement, _("Settle"), due=due)
    elif row.scores_complete and tested and row.unsettled:
        text = ngettext("%(count)d criterion can be settled", "%(count)d criteria can be settled", row.unsettled)
        yield Task(text % {"count": row.unsettled}, line, settlement, _("Settle"), due=due)
    elif row.scores_complete and tested and not row.told(Finding.Status.OPEN) + row.told(Finding.Status.ANSWERED):
        text = _("All criteria are settled: check findings and report, then hand over")
        yield Task(text, line, report, _("Report"), due=due)


def _figures(person: Any) -> Section:
    counted = Case.objects.visible_to(person).values_list("status").annotate(count=Count("pk")).order_by()
    counts = dict(counted)
    board_url = reverse("cases:board")
    states = (Status.PLANNING, Status.EVALUATING, Status.IN_REVIEW, Status.RECOMMENDED, Status.DECIDED)
    counts[Status.PLANNING] = counts.get(Status.PLANNING, 0) + counts.get(Status.PLAN_APPROVED, 0)
    over = {Status.DECIDED: f"{board_url}?show=over"}
    figures = [Figure(str(state.label), counts.get(state, 0), over.get(state, board_url)) for state in states]
    return Section("states", _("Your cases by state"), figures=figures)


def _applications(applications: list[Application]) -> Section:
    rows = []
    for course in courses_of(applications[:SHOWN]):
        application, standing = course.application, standing_of(course, as_body=True)
        way = way_of(course, as_body=True)
        rows.append(
            [
                Cell(application.number, reverse("applications:application", args=[application.pk])),
                Cell(application.version, note=application.organisation.name),
                Cell(standing.word, status=standing.status, note=way.position),
                Cell(standing.who or "–"),
                Cell(standing.what or "–"),
                Cell(waiting_days(application.admitted_at or application.submitted_at)),
                due_cell(way.due),
            ]
        )
    headings = (
        _("Application"),
        _("System and applicant"),
        _("State"),
        _("Who must act"),
        _("What comes next"),
        _("Waiting"),
        _("By when"),
    )
    empty = Empty(_("No application waits"), _("Vendors name the body when they apply; what they submit appears here."))
    more = (reverse("applications:queue"), _("The whole queue"))
    return Section("applications", _("Applications before the agreement"), empty, headings, rows, more=more)
