"""What this room puts into pages of the rooms below: the way from an application or a run to its case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.accounts.rules import is_body_staff

from .models import Case, PlannedRun
from .standing import address


def shows_board(request: HttpRequest) -> bool:
    """Whether the header leads this person to the board of cases."""
    return bool(is_body_staff(request.user))


def case_of_application(request: HttpRequest, application: Any = None, **_context: Any) -> SafeString | None:
    """On an application's page: its case, for those who may see it, and the findings for its client."""
    case = Case.objects.filter(application=application).select_related("application", "body").first()
    if case is None:
        return None
    if request.user.has_perm("cases.view_case", case):
        url = reverse("cases:case", args=[case.pk])
        return format_html('<p><a href="{}">{}</a></p>', url, _("Case %(number)s") % {"number": case.number})
    url = address("client", case.pk)
    if url and request.user.has_perm("cases.view_as_client", case):
        report = report_address(request.user, case)
        more = format_html(' · <a href="{}">{}</a>', report, _("Evaluation report")) if report else ""
        return format_html('<p><a href="{}">{}</a>{}</p>', url, _("Follow the evaluation"), more)
    return None


def report_address(person: Any, case: Case) -> str:
    """Where the person reads the report of a decided case; empty for all who may not."""
    decided = case.status == Case.Status.DECIDED and case.frozen_report
    sees = person.has_perm("cases.view_as_client", case) or person.has_perm("cases.view_case", case)
    return address("report", case.pk) if decided and sees else ""


def case_of_run(request: HttpRequest, run: Any = None, **_context: Any) -> list[SafeString]:
    """On a run's page: the way back to the case and its board of runs."""
    planned = PlannedRun.objects.filter(run=run).select_related("item__plan__case").first()
    if planned is None:
        return []
    case = planned.item.plan.case
    places = [
        (reverse("cases:case", args=[case.pk]), case.number),
        (reverse("cases:runs", args=[case.pk]), _("Test runs")),
    ]
    return [format_html('<li><a href="{}">{}</a></li>', url, label) for url, label in places]
