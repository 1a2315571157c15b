"""The vendor's part: what waits for it, where each application stands, its certificates and systems."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from assessments.applications.models import Application
from assessments.presentation.figures import day
from assessments.systems.models import Artifact, System, SystemVersion
from evaluations.cases.findings import TOLD, answer_by, findings_to_answer
from portal.certificates.models import Certificate
from portal.registry.facets import standing_word

from .attested import system_of
from .sections import READ_AT_MOST, SHOWN, Board, Cell, Empty, Section, Task, about, day_cell, due_cell, grouped
from .standing import OVER, Course, courses_of, standing_of
from .way import way_of

NEAR_EXPIRY = timedelta(days=90)


def board(person: Any) -> Board:
    """All that concerns the person as a member of vendor organisations."""
    mine = organisations_of(person, Role.VENDOR_MEMBER)
    applications = (
        Application.objects.filter(organisation__in=mine)
        .select_related("version__system", "body", "agreement", "organisation")
        .order_by("-created_at")
    )
    open_ones = list(applications.exclude(status__in=OVER)[:READ_AT_MOST])
    ended = list(applications.filter(status__in=OVER)[:SHOWN])
    courses = courses_of([*open_ones, *ended])
    systems = list(_systems(mine)[: SHOWN + 1])
    return Board(
        tasks=[*_tasks(courses), *_refused_files(mine), *_findings(mine), *_near_expiry(mine)],
        sections=[_applications(courses, bool(systems)), _certificates(mine), _system_section(systems)],
        action=_first_step(systems),
    )


def _first_step(systems: list[Any]) -> tuple[str, str]:
    if any(system.version_count for system in systems):
        return reverse("applications:start"), _("Start an application")
    return reverse("systems:create"), _("Describe a system")


def _tasks(courses: list[Course]) -> Iterator[Task]:
    for course in courses:
        application = course.application
        url = reverse("applications:application", args=[application.pk])
        line = about(application.number, application.version)
        if application.status == Application.Status.DRAFT:
            yield Task(_("An application is not submitted yet"), line, url, _("Continue"), since=application.created_at)
        elif application.status == Application.Status.RETURNED:
            yield Task(
                _("An application came back for completion"),
                line,
                url,
                _("See what is missing"),
                since=application.submitted_at,
                reason=application.admission_reason,
            )
        elif standing_of(course).status == Application.Status.ADMITTED and _is_unsigned(application):
            yield Task(
                _("The agreement needs your signature"),
                line,
                reverse("applications:agreement", args=[application.pk]),
                _("Read and sign"),
                since=application.admitted_at,
                due=application.due_on,
            )


def _is_unsigned(application: Application) -> bool:
    agreement = getattr(application, "agreement", None)
    return agreement is not None and agreement.vendor_signed_at is None


def _findings(mine: list[Any]) -> Iterator[Task]:
    rows = findings_to_answer().filter(case__application__organisation__in=mine)
    rows = rows.select_related("case__application__version__system").annotate(days=F(TOLD[-1]))
    rows = rows.order_by("told_at")[:READ_AT_MOST]
    for case_id, findings in grouped(rows, "case_id").items():
        case = findings[0].case
        text = ngettext("%(count)d finding needs your answer", "%(count)d findings need your answer", len(findings))
        yield Task(
            text % {"count": len(findings)},
            about(case.application.number, case.application.version),
            reverse("cases:client", args=[case_id]),
            _("Answer them"),
            since=findings[0].told_at,
            due=min(filter(None, (answer_by(row.told_at, row.days) for row in findings)), default=None),
        )


def _refused_files(mine: list[Any]) -> Iterator[Task]:
    refused = Artifact.objects.filter(
        version__system__organisation__in=mine,
        version__status=SystemVersion.Status.DRAFT,
        organisation__in=mine,
        inspection=Artifact.Inspection.REFUSED,
        replaced_at=None,
    )
    for file in refused.select_related("version__system")[:READ_AT_MOST]:
        yield Task(
            _("The file “%(name)s” was refused") % {"name": file.filename},
            about(file.version),
            reverse("systems:version", args=[file.version_id]),
            _("See why"),
            since=file.uploaded_at,
        )


def _near_expiry(mine: list[Any]) -> Iterator[Task]:
    last = timezone.now().date() + NEAR_EXPIRY
    ending = Certificate.objects.in_force().filter(holder__in=mine, valid_until__lte=last)
    for certificate in ending.order_by("valid_until")[:READ_AT_MOST]:
        yield Task(
            _("A certificate ends on %(day)s") % {"day": day(certificate.valid_until)},
            about(certificate.number, system_of(certificate)),
            reverse("certificates:certificate", args=[certificate.number]),
            _("See the certificate"),
            due=certificate.valid_until,
        )


def _applications(courses: list[Course], has_system: bool) -> Section:
    empty = Empty(
        _("No application yet"),
        _("Describe a system and upload the files of a version; then you apply to an evaluation body.")
        if not has_system
        else _("Open a version of a system to apply for its evaluation."),
    )
    return Section(
        "applications",
        _("Where your applications stand"),
        empty,
        (_("Application"), _("System and version"), _("State"), _("Who must act"), _("What comes next"), _("By when")),
        [_row(course) for course in courses[:SHOWN]],
        more=(reverse("applications:list"), _("All applications")) if courses else None,
    )


def _row(course: Course) -> list[Cell]:
    standing, way = standing_of(course), way_of(course)
    url = reverse("applications:application", args=[course.application.pk])
    return [
        Cell(course.application.number, url),
        Cell(course.application.version),
        Cell(standing.word, status=standing.status, note=way.position),
        Cell(standing.who or "–"),
        Cell(standing.what or "–", url=_outcome_url(course)),
        due_cell(way.due),
    ]


def _outcome_url(course: Course) -> str:
    if course.certificate is not None:
        return reverse("certificates:certificate", args=[course.certificate.number])
    refused = course.case is not None and course.case.outcome == "refused"
    return reverse("cases:client", args=[course.case.pk]) if refused and course.case else ""


def _certificates(mine: list[Any]) -> Section:
    rows = Certificate.objects.published().filter(holder__in=mine).order_by("-granted_on", "-number")[:SHOWN]
    return Section(
        "certificates",
        _("Your certificates"),
        Empty(_("No certificate yet"), _("It appears here when an evaluation ended with a level being granted.")),
        (_("Number"), _("System and version"), _("Level"), _("Status"), _("Valid until"), _("Surveillance due")),
        [_certificate(row) for row in rows],
    )


def _certificate(certificate: Certificate) -> list[Cell]:
    standing = certificate.standing()
    over = standing not in ("in_force", "suspended")
    return [
        Cell(certificate.number, reverse("certificates:certificate", args=[certificate.number])),
        Cell(system_of(certificate)),
        Cell(certificate.get_level_display()),
        Cell(standing_word(standing), status=standing),
        day_cell(certificate.valid_until, near=not over),
        Cell("–") if over else day_cell(certificate.surveillance_due),
    ]


def _systems(mine: list[Any]) -> Any:
    return (
        System.objects.filter(organisation__in=mine)
        .annotate(version_count=Count("versions"), newest=Max("versions__created_at"))
        .order_by("-created_at")
    )


def _system_section(systems: list[Any]) -> Section:
    rows = [
        [
            Cell(system.name, reverse("systems:system", args=[system.pk])),
            Cell(system.version_count, number=True),
            Cell(day(system.newest)),
        ]
        for system in systems[:SHOWN]
    ]
    empty = Empty(
        _("No system yet"),
        _("Describe the AI system that you want evaluated; its versions and their files come next."),
    )
    more = (reverse("systems:list"), _("All systems")) if systems else None
    headings = (_("System"), _("Versions"), _("Newest version of"))
    return Section("systems", _("Your AI systems"), empty, headings, rows, more=more)
