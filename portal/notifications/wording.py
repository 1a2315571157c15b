"""The words of notifications and where they lead, found when they are shown, in the reader's language.

Permission is the fetch here too: of an object that is no longer open to the reader nothing is said but that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.applications.models import Application
from assessments.presentation.figures import is_chinese
from assessments.standards.models import Comment, Edition
from evaluations.cases.assignment import unsigned_assignments
from evaluations.cases.models import Assignment, Case
from evaluations.runs.models import Run
from evaluations.runs.views import method_title
from portal.assurance.models import SurveillanceOrder
from portal.certificates.models import Certificate, snapshot_text

from . import standards
from .models import Kind, Notification

CASE = ("application__organisation", "application__version__system")


@dataclass(frozen=True)
class Shown:
    """A notification in words. `url` is a path of the portal; empty when the object is no longer open."""

    row: Notification
    title: str
    about: str
    url: str

    @property
    def is_open(self) -> bool:
        return bool(self.url)


def shown_to(person: Any, rows: Iterable[Notification]) -> list[Shown]:
    """The rows in words, in their order, with as many queries for thirty as for one."""
    kept = list(rows)
    objects = {name: _objects(name, person, kept) for name in {row.object_type for row in kept}}
    unsigned = _unsigned(person) if "cases.case" in objects else {}
    return [_shown(row, objects[row.object_type].get(row.object_id), unsigned) for row in kept]


def _objects(object_type: str, person: Any, rows: Iterable[Notification]) -> dict[str, Any]:
    keys = {row.object_id for row in rows if row.object_type == object_type}
    return {str(found.pk): found for found in REACH[object_type](person).filter(pk__in=keys)}


def _applications(person: Any) -> QuerySet[Any]:
    return Application.objects.visible_to(person).select_related("organisation", "version__system")


def _cases(person: Any) -> QuerySet[Any]:
    """Cases open to the person, those of their own organisation, and those that wait for their statement."""
    waiting = [row.case_id for row in unsigned_assignments(person)]
    open_cases, own = Case.objects.visible_to(person), Case.objects.of_client(person)
    reach = Q(pk__in=open_cases.values("pk")) | Q(pk__in=own.values("pk")) | Q(pk__in=waiting)
    return Case.objects.filter(reach).select_related(*CASE)


def _runs(person: Any) -> QuerySet[Any]:
    return Run.objects.visible_to(person).select_related("organisation")


def _certificates(person: Any) -> QuerySet[Any]:
    return Certificate.objects.published()


def _orders(person: Any) -> QuerySet[Any]:
    return SurveillanceOrder.objects.visible_to(person).select_related("certificate")


REACH: Mapping[str, Callable[[Any], QuerySet[Any]]] = {
    "applications.application": _applications,
    "cases.case": _cases,
    "runs.run": _runs,
    "certificates.certificate": _certificates,
    "assurance.surveillanceorder": _orders,
    "standards.edition": standards.editions_open_to,
    "standards.comment": standards.comments_open_to,
}


def _unsigned(person: Any) -> dict[Any, int]:
    """{case: the assignment that waits for the person's statement}"""
    rows = Assignment.objects.filter(person=person.pk, ended_at=None, declared_at=None)
    return dict(rows.values_list("case_id", "pk"))


def _shown(row: Notification, obj: Any, unsigned: Mapping[Any, int]) -> Shown:
    title = _title(row)
    if obj is None:
        return Shown(row, title, _("This is no longer open to you."), "")
    return Shown(row, title, _about(obj), _url(row, obj, unsigned))


def _title(row: Notification) -> str:
    if row.kind == Kind.STATUS_CHANGED:
        status = Certificate.Status(row.details["to"]).label
        return _("A certificate has a new status: %(status)s") % {"status": status}
    if row.kind == Kind.ASSIGNED:
        part = Assignment.Part(row.details.get("part", Assignment.Part.LEAD)).label
        return _("You were given a part in a case: %(part)s") % {"part": part}
    if row.kind == Kind.FINDINGS_TOLD:
        count = len(row.details.get("findings", ()))
        return ngettext(
            "The evaluation has %(count)d new finding for you",
            "The evaluation has %(count)d new findings for you",
            count,
        ) % {"count": count}
    return standards.title_of(row) or str(Kind(row.kind).label)


def _about(obj: Any) -> str:
    if isinstance(obj, Application):
        parts: tuple[Any, ...] = (obj.number, obj.version, obj.organisation.name)
    elif isinstance(obj, Case):
        parts = (obj.number, obj.application.version, obj.application.organisation.name)
    elif isinstance(obj, Run):
        parts = (method_title(obj), obj.organisation.name)
    elif isinstance(obj, Edition | Comment):
        parts = standards.about(obj)
    else:
        certificate = obj.certificate if isinstance(obj, SurveillanceOrder) else obj
        parts = (certificate.number, _system_of(certificate))
    return " · ".join(str(part) for part in parts if part)


def _system_of(certificate: Certificate) -> str:
    system = certificate.snapshot.get("system", {})
    name = snapshot_text(system, "name", "zh" if is_chinese() else "en")
    return f"{name} {system.get('version', '')}".strip()


PAGES: Mapping[str, str] = {
    Kind.SUBMITTED: "applications:admission",
    Kind.WITHDRAWN: "applications:application",
    Kind.RETURNED: "applications:application",
    Kind.ADMITTED: "applications:agreement",
    Kind.DECLINED: "applications:application",
    Kind.COUNTERSIGN: "applications:agreement",
    Kind.ASSIGNED: "cases:case",
    Kind.PLAN_APPROVED: "cases:plan",
    Kind.BEGUN: "cases:client",
    Kind.RUN_FAILED: "runs:run",
    Kind.SCORES_DIFFER: "cases:settle",
    Kind.FINDINGS_TOLD: "cases:client",
    Kind.FINDING_ANSWERED: "cases:findings",
    Kind.ANSWER_RETURNED: "cases:client",
    Kind.IN_REVIEW: "cases:review",
    Kind.REWORK: "cases:case",
    Kind.DECIDED: "cases:client",
    Kind.CERTIFIED: "certificates:certificate",
    Kind.STATUS_CHANGED: "certificates:certificate",
    Kind.ORDER_MADE: "orders:order",
    Kind.ORDER_ANSWERED: "orders:order",
    Kind.ORDER_RETURNED: "orders:order",
    Kind.ORDER_ENDED: "orders:order",
    Kind.DRAFT_PUBLIC: "standards:consultation",
    Kind.COMMENT_RECEIVED: "drafts:consultation",
    Kind.COMMENT_ANSWERED: "standards:consultation",
    Kind.EDITION_PUBLISHED: "standards:edition",
    Kind.EDITION_ENDED: "standards:edition",
}


def _url(row: Notification, obj: Any, unsigned: Mapping[Any, int]) -> str:
    """Where the work is done; a case whose statement is not signed yet begins with the statement."""
    if isinstance(obj, Case) and obj.pk in unsigned:
        return reverse("cases:statement", args=[unsigned[obj.pk]])
    if isinstance(obj, Edition | Comment):
        return standards.url(row, obj)
    key = obj.number if isinstance(obj, Certificate) else obj.pk
    return reverse(PAGES[row.kind], args=[key])
