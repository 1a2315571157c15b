"""Review and decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.ledger.workflow import Conflict
from assessments.presentation.figures import in_language
from assessments.standards.models import in_current_language

from . import reviewing
from .access import case_for
from .answering import Pair, add_errors, conflict, said
from .assessing import standard_of
from .changes import independence, since_freeze
from .forms_review import DecisionForm, ReviewForm
from .level_page import level_view
from .models import Case, Decision
from .planning import approved_plan
from .reviewing import CHECKLIST
from .views_report import note_report, report_context


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
            return conflict(request, "cases:review", pk, typed=said(form), present=_recorded(case))
        else:
            messages.success(request, _("Your review is recorded."))
            done = case.status == Case.Status.RECOMMENDED
            return redirect("cases:decide" if done else "cases:board", **({"pk": pk} if done else {}))
    note_report(request.user, case)
    context = {
        **report_context(case),
        "inside": True,
        "form": form,
        "against": reviewing.against_granting(case),
        "may_review": case.status == Case.Status.IN_REVIEW,
        "tier": _tier(case),
        "facts": _facts(case),
        "parts": independence(case),
        "changes": since_freeze(case),
        "reviews": case.reviews.select_related("reviewer").order_by("round"),
    }
    return render(request, "cases/review.html", context, status=400 if form.errors else 200)


def _recorded(case: Case) -> list[Pair]:
    """The review that was recorded meanwhile, under the names that the form has."""
    row = case.reviews.select_related("reviewer").order_by("-round").first()
    if row is None:
        return []
    ticked = [code for code, holds in row.checklist.items() if holds]
    given = {"checklist": ticked, "recommendation": row.recommendation, "reasons": row.reasons}
    return [(_("Review"), str(row.reviewer)), *said(ReviewForm(initial=given))]


def _decided(case: Case) -> list[Pair]:
    row = Decision.objects.select_related("decided_by").filter(case=case).first()
    if row is None:
        return []
    outcome = f"{row.get_outcome_display()} {row.get_level_display()}".strip()
    return [(_("Decision"), outcome), (_("Decided"), str(row.decided_by)), (_("Reasons"), row.reasons)]


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
            return conflict(request, "cases:decide", pk, typed=said(form), present=_decided(case))
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
