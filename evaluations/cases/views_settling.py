"""Settlement by the lead, and the level that follows, explained line by line."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.applications.readings import note_reading
from assessments.ledger.workflow import Conflict
from assessments.systems.models import Reading

from . import settling
from .access import case_for
from .answering import Pair, add_errors, conflict, said
from .assessing import assess_case, grades
from .forms_scoring import NOT_DEMONSTRATED, SettleForm
from .level_page import level_view
from .models import Case
from .planning import approved_plan
from .scoring_sheet import most_points
from .sheet_page import ROUTES, entries
from .what_if import what_would_change


@login_required
@require_safe
def settlement(request: HttpRequest, pk: Any) -> HttpResponse:
    """Every criterion: proposal, the evaluators' scores once all are handed in, and what was settled."""
    case = case_for(request.user, pk)
    rows = settling.rows_of(case, request.user)
    may_settle = request.user.has_perm("cases.settle_case", case) and case.status == Case.Status.EVALUATING
    agreed = [row for row in rows if row.is_ready and not row.needs_decision and not row.is_current]
    derived = grades(assess_case(case)) if rows else {}
    context = {
        "case": case,
        "rows": rows,
        "routes": ROUTES,
        "derived": derived,
        "complete": bool(rows) and rows[0].complete,
        "differing": settling.differing(rows),
        "agreed": agreed,
        "waiting": [row for row in rows if not row.is_ready],
        "settled": sum(row.is_current for row in rows),
        "may_settle": may_settle,
    }
    return render(request, "cases/settlement.html", context)


@login_required
@require_POST
def settle_agreed(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.settle_case")
    try:
        done = settling.settle_agreed(case, actor=request.user)
    except Conflict:
        return conflict(request, "cases:settle", pk)
    count = len(done)
    messages.success(
        request, ngettext("%(count)d criterion settled.", "%(count)d criteria settled.", count) % {"count": count}
    )
    return redirect("cases:settle", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, pk: Any, code: str) -> HttpResponse:
    """One criterion: what the tests propose, what each evaluator gave and why, and the lead's decision."""
    case = case_for(request.user, pk)
    row = next((row for row in settling.rows_of(case, request.user) if row.ground.code == code), None)
    if row is None:
        raise Http404
    may_settle = request.user.has_perm("cases.settle_case", case) and case.status == Case.Status.EVALUATING
    if request.method == "POST" and not may_settle:
        raise Http404
    most = most_points(case, row.ground)
    form = SettleForm(request.POST or None, row=row, most=most, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            settling.settle(
                case,
                code,
                actor=request.user,
                rationale=form.cleaned_data["rationale"],
                tested=form.tested_value(),
                examined=form.examined_value(),
                revision=form.cleaned_data["revision"],
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Conflict:
            present = _settled(case, request.user, code, most)
            return conflict(request, "cases:settle-criterion", pk, code, typed=said(form), present=present)
        else:
            messages.success(request, _("%(code)s is settled.") % {"code": code})
            return redirect("cases:settle", pk=pk)
    note_reading(request.user, Reading.Kind.EVIDENCE, case.application)
    (entry,) = entries(case, [row.ground], {}, approved_plan(case))
    context = {
        "case": case,
        "row": row,
        "entry": entry,
        "form": form,
        "may_settle": may_settle and row.is_ready and row.ground.route != "none",
        "limit": settling.highest_test_score(case, row),
    }
    return render(request, "cases/settle.html", context, status=400 if form.errors else 200)


def _settled(case: Case, person: Any, code: str, most: int) -> list[Pair]:
    """What somebody else settled meanwhile, under the names that the form has."""
    row = next(row for row in settling.rows_of(case, person) if row.ground.code == code)
    if row.settlement is None:
        return []
    present = said(SettleForm(row=row, most=most, initial=_initial(row)))
    return [*present, (_("Settled"), str(row.settlement.settled_by or ""))]


def _initial(row: settling.Row) -> dict[str, Any]:
    settled = row.settlement
    initial: dict[str, Any] = {"revision": settled.revision if settled else 0}
    if row.tested and row.tested.value is not None:
        tenths = settled.confirmed_tenths if settled and row.is_current else row.tested.value
        initial["tested"] = None if tenths is None else f"{tenths // 10}.{tenths % 10}"
        initial["tested_not_demonstrated"] = tenths is None
    if settled and row.is_current:
        initial["rationale"] = settled.rationale
        if row.ground.is_examined:
            points = settled.examined_points
            initial["examined"] = NOT_DEMONSTRATED if points is None else str(points)
    return initial


@login_required
@require_safe
def level(request: HttpRequest, pk: Any) -> HttpResponse:
    """Why this level, what is missing for the next, and (asked for apart) which single score would change it."""
    case = case_for(request.user, pk)
    shown = level_view(case)
    asked = request.GET.get("part") == "what-if" and not shown["not_assessed"]
    context = {"case": case, "level": shown, "what_if": what_would_change(case) if asked else None}
    partial = asked and request.headers.get("HX-Request")
    return render(request, "cases/_what_if.html" if partial else "cases/level.html", context)
