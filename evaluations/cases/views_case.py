"""The board of cases and the overview of one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from assessments.applications.terms import today
from assessments.presentation.paging import keyset_page

from .access import RELATED, case_for
from .assignment import open_parts, unsigned_assignments
from .models import Assignment, Case
from .planning import current_plan
from .progress import tally
from .standing import next_step, steps
from .timeline import events

SORTED_BY: dict[str, str | Promise] = {
    "due": gettext_lazy("Nearest last day"),
    "oldest": gettext_lazy("Longest open"),
    "newest": gettext_lazy("Latest opened"),
    "client": gettext_lazy("Client"),
}


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The cases that the person leads, works on or reviews, and the statements that wait for their signature."""
    if not request.user.has_perm("accounts.use_body_pages"):
        raise Http404
    over = request.GET.get("show") == "over"
    visible = Case.objects.visible_to(request.user)
    under_way = visible.under_way()
    rows = visible.exclude(pk__in=under_way.values("pk")) if over else under_way
    people = Assignment.objects.filter(ended_at=None).select_related("person").order_by("part", "assigned_at")
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTED_BY else "newest" if over else "due"
    rows, order = rows.in_order(sort)
    rows = rows.select_related(*RELATED).prefetch_related(Prefetch("assignments", people, to_attr="people"))
    context = {
        "page": keyset_page(rows, order=order, cursor=request.GET.get("page", "")),
        "sort": sort,
        "sorts": list(SORTED_BY.items()),
        "over": over,
        "today": today(),
        "unsigned": list(unsigned_assignments(request.user)),
    }
    return render(request, "cases/board.html", context)


@login_required
@require_safe
def overview(request: HttpRequest, pk: str) -> HttpResponse:
    case = case_for(request.user, pk)
    plan = current_plan(case)
    application = case.application
    version = plan.version if plan is not None else application.version
    facts = [
        (_("Client"), application.organisation.name),
        (_("Application"), application.number),
        (_("Version in evaluation"), version),
        (_("Standard"), application.edition),
        (_("Scheme"), application.scheme),
        (_("Risk tier"), application.get_tier_display()),
        (_("Target level"), application.get_target_level_display()),
        (_("Round"), case.round),
    ]
    context = {
        "case": case,
        "facts": facts,
        "people": open_parts(case),
        "next": next_step(case, request.user),
        "steps": steps(case, request.user, tally(plan)),
        "events": events(case),
        "sees_version": request.user.has_perm("systems.view_version", version),
        "version": version,
    }
    return render(request, "cases/case.html", context)
