"""The way from application to certificate: the stage that is reached, who must act, what is to be done, and by when.

One component for the page of an application, the page of a case and the rows of dashboards; the two pages below
leave a slot for it, because neither knows both the case and the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role
from assessments.applications.models import Application
from assessments.applications.terms import today
from evaluations.cases.models import Case

from .sections import days_left
from .standing import Course, courses_of, standing_of

STAGES: tuple[str | Promise, ...] = (
    pgettext_lazy("stage", "Application"),
    pgettext_lazy("stage", "Admission"),
    pgettext_lazy("stage", "Agreement"),
    pgettext_lazy("stage", "Planning"),
    pgettext_lazy("stage", "Evaluation"),
    pgettext_lazy("stage", "Review"),
    pgettext_lazy("stage", "Decision"),
    pgettext_lazy("stage", "Certificate"),
)
OF_APPLICATION = {"draft": 0, "returned": 0, "submitted": 1, "declined": 1, "admitted": 2, "agreed": 3}
OF_CASE = {"planning": 3, "plan_approved": 3, "evaluating": 4, "in_review": 5, "recommended": 6}
STOPPED = (Application.Status.DECLINED, Application.Status.WITHDRAWN)


@dataclass(frozen=True)
class Way:
    """`stage` counts from 0 and is past the last when all is done; without one the way ended before its end."""

    stage: int | None
    who: str = ""
    what: str = ""
    url: str = ""
    due: date | None = None

    @property
    def steps(self) -> list[dict[str, Any]]:
        at = -1 if self.stage is None else self.stage
        return [
            {"title": title, "state": "done" if place < at else "active" if place == at else "waiting"}
            for place, title in enumerate(STAGES)
        ]

    @property
    def position(self) -> str:
        """The present stage in words, for rows and narrow screens; empty when there is none."""
        if self.stage is None or self.stage >= len(STAGES):
            return ""
        place = {"number": self.stage + 1, "total": len(STAGES), "stage": STAGES[self.stage]}
        return _("step %(number)d of %(total)d: %(stage)s") % place

    @property
    def nearness(self) -> str:
        """How near the last day is, or by how much it is overdue, in words."""
        return days_left(self.due) if self.due else ""

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < today()


def stage_of(course: Course) -> int | None:
    """The stage of an application, seen with its case and certificate; None when it stopped on the way."""
    application, case = course.application, course.case
    if course.certificate is not None:
        return len(STAGES)
    if case is not None and case.status == Case.Status.DECIDED:
        return len(STAGES) - 1 if case.outcome == Case.Outcome.GRANTED else None
    if case is not None and application.status == Application.Status.AGREED:
        return OF_CASE.get(case.status)
    return None if application.status in STOPPED else OF_APPLICATION.get(application.status)


def due_of(course: Course) -> date | None:
    """The last day of the present step for whoever must act."""
    if course.answer_by is not None:
        return course.answer_by
    if course.case is not None and course.application.status == Application.Status.AGREED:
        return course.case.due_on
    return course.application.due_on


def way_of(course: Course, *, as_body: bool = False, outside: bool = False, url: str = "") -> Way:
    standing = standing_of(course, as_body=as_body, outside=outside)
    return Way(stage_of(course), standing.who, standing.what, url, due_of(course))


def on_application(request: HttpRequest, application: Any = None, **_context: Any) -> SafeString:
    """The way on the page of an application, in the words of its applicant, its body, or of somebody else."""
    person = request.user
    (course,) = courses_of([application])
    applicant = has_role(person, Role.VENDOR_MEMBER, application.organisation_id)
    lead = application.body_id is not None and has_role(person, Role.LEAD_EVALUATOR, application.body_id)
    url = _applicants_url(course) if applicant else _bodys_url(course) if lead else ""
    way = way_of(course, as_body=lead and not applicant, outside=not (applicant or lead), url=url)
    return render_to_string("dashboards/way.html", {"way": way}, request)


def _applicants_url(course: Course) -> str:
    application, agreement = course.application, getattr(course.application, "agreement", None)
    if application.status in (Application.Status.DRAFT, Application.Status.RETURNED):
        return reverse("applications:answers", args=[application.pk])
    if application.status == Application.Status.ADMITTED and agreement and not agreement.vendor_signed_at:
        return reverse("applications:agreement", args=[application.pk])
    if course.certificate is not None:
        return reverse("certificates:certificate", args=[course.certificate.number])
    return reverse("cases:client", args=[course.case.pk]) if course.open_findings and course.case else ""


def _bodys_url(course: Course) -> str:
    application, agreement = course.application, getattr(course.application, "agreement", None)
    if application.status == Application.Status.SUBMITTED:
        return reverse("applications:admission", args=[application.pk])
    signed = application.status == Application.Status.ADMITTED and agreement and agreement.vendor_signed_at
    return reverse("applications:agreement", args=[application.pk]) if signed else ""


def on_case(request: HttpRequest, case: Any = None, following: Any = None, **_context: Any) -> SafeString:
    """The way on the page of a case for its people; the case itself says what comes next (`following`)."""
    (course,) = courses_of([case.application])
    who = _("You") if following.is_own else following.who
    way = Way(stage_of(course), who, following.text, following.url, due_of(course))
    return render_to_string("dashboards/way.html", {"way": way}, request)


def on_client(request: HttpRequest, case: Any = None, **_context: Any) -> SafeString:
    """The way on the client's page of a case."""
    (course,) = courses_of([case.application])
    return render_to_string("dashboards/way.html", {"way": way_of(course)}, request)
