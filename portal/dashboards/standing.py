"""Where an application stands, seen with its case and its certificate: who must act, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.applications.models import Application
from evaluations.cases.findings import TOLD, answer_by, findings_to_answer
from evaluations.cases.models import Case
from portal.certificates.models import Certificate
from portal.registry.facets import standing_word

OVER = (Application.Status.DECLINED, Application.Status.CONCLUDED, Application.Status.WITHDRAWN)


@dataclass(frozen=True)
class Standing:
    """A state with its word, and who does what next; `who` is empty when nobody has to act."""

    status: str
    word: str
    who: str
    what: str


@dataclass(frozen=True)
class Course:
    """An application with what became of it so far."""

    application: Application
    case: Case | None
    certificate: Certificate | None
    open_findings: int
    # The last day for answering them, the nearest of all.
    answer_by: date | None = None


def courses_of(applications: Iterable[Application]) -> list[Course]:
    """Applications with their cases, certificates and findings to answer, in three queries however many there are."""
    applications = list(applications)
    cases = {case.application_id: case for case in Case.objects.filter(application__in=applications)}
    certificates = {
        row.case_id: row for row in Certificate.objects.published().filter(case__application__in=applications)
    }
    asked: dict[Any, list[date | None]] = {}
    for pk, told_at, days in findings_to_answer().filter(case__application__in=applications).values_list(*TOLD):
        asked.setdefault(pk, []).append(answer_by(told_at, days))
    found = []
    for application in applications:
        case = cases.get(application.pk)
        certificate = certificates.get(case.pk) if case else None
        days = asked.get(case.pk, []) if case else []
        found.append(Course(application, case, certificate, len(days), min(filter(None, days), default=None)))
    return found


def standing_of(course: Course, *, as_body: bool = False, outside: bool = False) -> Standing:
    """How the course stands for its applicant, for the body that received it, or for somebody outside of both."""
    application, case = course.application, course.case
    applicant = str(application.organisation.name) if as_body or outside else _("You")
    body = _("You") if as_body and not outside else (application.body.name if application.body else "")
    if case is None or application.status != Application.Status.AGREED:
        return _before_case(course, applicant, body)
    if course.open_findings:
        what = ngettext("Answer %(count)d finding", "Answer %(count)d findings", course.open_findings)
        return _in_case(case, applicant, what % {"count": course.open_findings})
    return _in_case(case, *_acting(case, body))


def _before_case(course: Course, applicant: str, body: str) -> Standing:
    application = course.application
    agreement = getattr(application, "agreement", None)
    unsigned = agreement is None or agreement.vendor_signed_at is None
    status = application.status
    steps: Mapping[str, tuple[str, str]] = {
        "draft": (applicant, _("Complete the steps and submit")),
        "returned": (applicant, _("Complete what was asked for and submit again")),
        "submitted": (body, _("Check that it is complete, and admit it")),
        "admitted": (applicant, _("Sign the agreement")) if unsigned else (body, _("Countersign the agreement")),
        "agreed": (_("The portal"), _("Opens the case, within seconds")),
        "concluded": _concluded(course),
    }
    who, what = steps.get(status, ("", ""))
    return Standing(status, str(application.get_status_display()), who, what)


def _concluded(course: Course) -> tuple[str, str]:
    if course.certificate is not None:
        word = standing_word(course.certificate.standing())
        return "", _("Certificate %(number)s: %(status)s") % {"number": course.certificate.number, "status": word}
    if course.case is not None and course.case.outcome == Case.Outcome.GRANTED:
        return _("The portal"), _("Issues the certificate, within a minute")
    return "", _("The level was refused; the reasons are on the page of the case.")


def _acting(case: Case, body: str) -> tuple[str, str]:
    steps = {
        Case.Status.PLANNING: (body, _("Plan the tests")),
        Case.Status.PLAN_APPROVED: (_("The portal"), _("Draws the seeds and starts the tests")),
        Case.Status.EVALUATING: (body, _("Test and score")),
        Case.Status.IN_REVIEW: (body, _("Review by somebody who took no part")),
        Case.Status.RECOMMENDED: (body, _("Decide")),
    }
    return steps.get(Case.Status(case.status), ("", ""))


def _in_case(case: Case, who: str, what: str) -> Standing:
    return Standing(case.status, str(case.get_status_display()), who, what)
