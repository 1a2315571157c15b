"""Report, hand-over, review and decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict
from assessments.presentation.figures import in_language
from assessments.standards.models import in_current_language

from . import reporting, reviewing
from .access import case_for
from .answering import add_errors, conflict, say
from .assessing import assess_case, grades, standard_of
from .assignment import open_parts
from .forms_review import DecisionForm, ReviewForm
from .level_page import level_view
from .models import Case
from .planning import approved_plan
from .progress import planned_runs
from .report import report_json
from .reviewing import CHECKLIST
from .settling import rows_of
from .sheet_page import ROUTES
from .views_findings import finding_views

SHOWN_TO_REVIEW = (Case.Status.IN_REVIEW, Case.Status.RECOMMENDED, Case.Status.DECIDED)


def report_context(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the report page shows; the same for its preview and for the review."""
    return {
        "case": case,
        "plan": approved_plan(case),
        "runs": planned_runs(case),
        "rows": rows_of(case, request.user),
        "routes": ROUTES,
        "derived": grades(assess_case(case)),
        "findings": finding_views(case, case.findings.all()),
        "people": case.assignments.select_related("person").order_by("assigned_at", "pk"),
        "level": level_view(case),
        "frozen": case.frozen_report if case.status in SHOWN_TO_REVIEW else None,
    }


@login_required
@require_safe
def report(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report as it stands; after the hand-over, as it was frozen."""
    case = case_for(request.user, pk)
    if approved_plan(case) is None:
        raise Http404
    may_lead = request.user.has_perm("cases.lead_case", case) and case.status == Case.Status.EVALUATING
    context = {
        **report_context(request, case),
        "hindrances": reporting.hindrances(case, request.user) if may_lead else [],
        "may_hand_over": may_lead,
        "reviews": case.reviews.select_related("reviewer").order_by("round"),
    }
    return render(request, "cases/report.html", context)


@login_required
@require_safe
def report_file(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report as JSON: frozen after the hand-over, before that as it stands."""
    case = case_for(request.user, pk)
    if approved_plan(case) is None:
        raise Http404
    frozen = case.frozen_report if case.status in SHOWN_TO_REVIEW else None
    document = frozen["report"] if frozen else report_json(case)
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{case.number}-report.json"'
    return response


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.lead_case")
    try:
        reporting.hand_to_review(case, actor=request.user)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:report", pk)
    else:
        messages.success(request, _("Results and report are frozen; the case is with the reviewer."))
    return redirect("cases:report", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: Any) -> HttpResponse:
    """The reviewer's page: independence, checklist, every score with what it rests on, recommendation."""
    case = case_for(request.user, pk, "cases.review_case")
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            reviewing.record_review(
                case,
                actor=request.user,
                checklist=form.ticked(),
                recommendation=given["recommendation"],
                reasons=given["reasons"],
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Conflict:
            return conflict(request, "cases:review", pk, **{_("Reasons"): given["reasons"]})
        else:
            messages.success(request, _("Your review is recorded."))
            done = case.status == Case.Status.RECOMMENDED
            return redirect("cases:decide" if done else "cases:board", **({"pk": pk} if done else {}))
    context = {
        **report_context(request, case),
        "form": form,
        "against": reviewing.against_granting(case),
        "may_review": case.status == Case.Status.IN_REVIEW,
        "tier": _tier(case),
        "facts": _facts(case),
        "parts": open_parts(case),
        "reviews": case.reviews.select_related("reviewer").order_by("round"),
    }
    return render(request, "cases/review.html", context, status=400 if form.errors else 200)


def _tier(case: Case) -> dict[str, Any]:
    rules = standard_of(case)[1].rules
    application = case.application
    return {
        "title": in_language(rules.tiers[application.tier].title),
        "path": application.tier_path,
        "reason": application.admission_reason,
    }


def _facts(case: Case) -> list[tuple[str, str]]:
    """The frozen profile in words."""
    plan, edition = approved_plan(case), case.application.edition
    if plan is None or edition is None:
        return []
    said = []
    for fact in edition.content.get("facts", []):
        value = plan.profile.get(fact["name"])
        if value is None:
            word = _("not stated")
        elif isinstance(value, bool):
            word = _("yes") if value else _("no")
        else:
            titles = fact.get("titles", {})
            word = in_current_language(titles[str(value)]) if str(value) in titles else str(value)
        said.append((in_current_language(fact["title"]), word))
    return said


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: Any) -> HttpResponse:
    """Grant or refuse, with reasons, after the review."""
    case = case_for(request.user, pk, "cases.decide_case")
    rules = standard_of(case)[1].rules
    open_for_decision = case.status == Case.Status.RECOMMENDED
    levels = reviewing.grantable_levels(case) if open_for_decision else []
    choices = [(code, in_language(rules.level_title(code, case.application.tier))) for code in reversed(levels)]
    form = DecisionForm(request.POST or None, levels=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            reviewing.decide(
                case,
                actor=request.user,
                outcome=given["outcome"],
                level=given.get("level", ""),
                reasons=given["reasons"],
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Conflict:
            return conflict(request, "cases:decide", pk, **{_("Reasons"): given["reasons"]})
        else:
            messages.success(request, _("The decision is made. The application is concluded."))
            return redirect("cases:decide", pk=pk)
    reviews = list(case.reviews.select_related("reviewer").order_by("round"))
    last = reviews[-1] if reviews else None
    context = {
        "case": case,
        "form": form,
        "may_decide": open_for_decision,
        "review": last,
        "review_list": reviews,
        "ticked": [(CHECKLIST[code], holds) for code, holds in last.checklist.items()] if last else [],
        "decision": getattr(case, "decision", None),
        "level": level_view(case),
        "against": reviewing.against_granting(case) if open_for_decision else [],
    }
    return render(request, "cases/decide.html", context, status=400 if form.errors else 200)
